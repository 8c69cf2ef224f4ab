// syscall.c: natives of package syscall: the kernel's words, who the process is, kill.
#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include "stdlib/tables.h"
#include "vm/object.h"

// func errorText(errno int) string
static NativeStatus syscall_error_text(P *p, Slot *args)
{
    char text[128];
    const char *s = strerror_r((int)args[0], text, sizeof text);
    if (!vm_string_new(p, s, strlen(s), args))
        return NATIVE_NOMEM;
    char *first = slot_ptr(args[0]);
    if (args[1] > 1 && first[0] >= 'A' && first[0] <= 'Z' && first[1] >= 'a')
        first[0] = (char)(first[0] + 32);
    return NATIVE_OK;
}

// func kill(pid, signal int) int
static NativeStatus syscall_kill(P *p, Slot *args)
{
    (void)p;
    args[0] = kill((pid_t)args[0], (int)args[1]) == 0 ? 0 : (Slot)errno;
    return NATIVE_OK;
}

#define NUMBER(name)                                                                               \
    static NativeStatus syscall_##name(P *p, Slot *args)                                           \
    {                                                                                              \
        (void)p;                                                                                   \
        args[0] = (Slot)name();                                                                    \
        return NATIVE_OK;                                                                          \
    }
NUMBER(getpid)
NUMBER(getppid)
NUMBER(getuid)
NUMBER(geteuid)
NUMBER(getgid)
NUMBER(getegid)
#undef NUMBER

// func rlimit(resource int, set bool, cur, max uint64) (nowCur, nowMax uint64, errno int)
static NativeStatus syscall_rlimit(P *p, Slot *args)
{
    (void)p;
    struct rlimit limit = {(rlim_t)args[2], (rlim_t)args[3]};
    int result = args[1] ? setrlimit((__rlimit_resource_t)args[0], &limit)
                         : getrlimit((__rlimit_resource_t)args[0], &limit);
    args[0] = limit.rlim_cur;
    args[1] = limit.rlim_max;
    args[2] = result == 0 ? 0 : (Slot)errno;
    return NATIVE_OK;
}

static const Native natives[] = {
    {"rlimit", syscall_rlimit, 0},   {"errorText", syscall_error_text, 0},
    {"kill", syscall_kill, 0},       {"Getpid", syscall_getpid, 0},
    {"Getppid", syscall_getppid, 0}, {"Getuid", syscall_getuid, 0},
    {"Geteuid", syscall_geteuid, 0}, {"Getgid", syscall_getgid, 0},
    {"Getegid", syscall_getegid, 0},
};
const NativeTable syscall_natives = {"syscall", natives, countof(natives)};
