// os.c: natives of package os. Each gives an error number of the kernel, 0 for none; the language
// makes errors of them. What may wait is NATIVE_BLOCKS and touches no memory but its arguments'.
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/lock.h"
#include "runtime/sched.h"
#include "stdlib/os/program.h"
#include "stdlib/os/stdout.h"
#include "stdlib/tables.h"
#include "vm/object.h"
#include "vm/vm.h"

// ---- The program's arguments and end ------------------------------------------------------------

static int program_argc;
static char **program_argv;

void os_set_args(int argc, char **argv)
{
    program_argc = argc;
    program_argv = argv;
}

// func runtimeArgs() []string
static NativeStatus os_args(P *p, Slot *args)
{
    if (!vm_strings_new(p, (size_t)program_argc, args))
        return NATIVE_NOMEM;
    Slot *list = slot_ptr(args[0]);
    for (int i = 0; i < program_argc; i++)
        if (!vm_string_new(p, program_argv[i], strlen(program_argv[i]), list + 2 * i))
            return NATIVE_NOMEM;
    return NATIVE_OK;
}

// func Exit(code int)
static NativeStatus os_exit(P *p, Slot *args)
{
    (void)p;
    sched_exit_process((int)((u64)args[0] & 0xff));
    return NATIVE_YIELD; // the stop that was asked for comes before anything else runs
}

static NativeStatus os_getpid(P *p, Slot *args)
{
    (void)p;
    args[0] = (Slot)getpid();
    return NATIVE_OK;
}

// ---- Environment --------------------------------------------------------------------------------

static Mutex environment_lock;

// A zero-terminated copy; free it.
static char *c_string(const Slot *s)
{
    Str text = vm_str(s);
    char *copy = xmalloc(text.len + 1);
    memcpy(copy, text.data, text.len);
    copy[text.len] = 0;
    return copy;
}

// func lookup(key string) (value string, found bool)
static NativeStatus os_lookup(P *p, Slot *args)
{
    char *key = c_string(args);
    mutex_lock(&environment_lock, RANK_STDOUT);
    const char *value = getenv(key);
    char *copy = value ? xstrdup(value) : NULL;
    mutex_unlock(&environment_lock, RANK_STDOUT);
    free(key);
    args[0] = args[1] = 0;
    bool good = copy == NULL || vm_string_new(p, copy, strlen(copy), args);
    args[2] = copy != NULL;
    free(copy);
    return good ? NATIVE_OK : NATIVE_NOMEM;
}

// func set(key, value string, remove bool) int
static NativeStatus os_set(P *p, Slot *args)
{
    (void)p;
    char *key = c_string(args), *value = c_string(args + 2);
    mutex_lock(&environment_lock, RANK_STDOUT);
    int result = args[4] ? unsetenv(key) : setenv(key, value, 1);
    args[0] = result == 0 ? 0 : (Slot)errno;
    mutex_unlock(&environment_lock, RANK_STDOUT);
    free(key);
    free(value);
    return NATIVE_OK;
}

// func Environ() []string
static NativeStatus os_environ(P *p, Slot *args)
{
    // Collector memory is not to be asked for under a lock, so the list is copied first.
    mutex_lock(&environment_lock, RANK_STDOUT);
    size_t n = 0;
    while (environ[n])
        n++;
    char **copy = xcalloc(n + 1, sizeof *copy);
    for (size_t i = 0; i < n; i++)
        copy[i] = xstrdup(environ[i]);
    mutex_unlock(&environment_lock, RANK_STDOUT);
    bool good = vm_strings_new(p, n, args);
    Slot *list = good ? slot_ptr(args[0]) : NULL;
    for (size_t i = 0; i < n; i++) {
        good = good && vm_string_new(p, copy[i], strlen(copy[i]), list + 2 * i);
        free(copy[i]);
    }
    free(copy);
    return good ? NATIVE_OK : NATIVE_NOMEM;
}

// ---- Files --------------------------------------------------------------------------------------

// func open(name string, flags, mode int) (fd int, errno int)
static NativeStatus os_open(P *p, Slot *args)
{
    (void)p;
    char name[PATH_MAX];
    Str text = vm_str(args);
    if (text.len >= sizeof name || memchr(text.data, 0, text.len)) {
        args[0] = (Slot)-1;
        args[1] = text.len >= sizeof name ? ENAMETOOLONG : EINVAL;
        return NATIVE_OK;
    }
    memcpy(name, text.data, text.len);
    name[text.len] = 0;
    int fd;
    do
        fd = open(name, (int)args[2] | O_CLOEXEC, (mode_t)args[3]);
    while (fd < 0 && errno == EINTR);
    args[0] = (Slot)(i64)fd;
    args[1] = fd < 0 ? (Slot)errno : 0;
    return NATIVE_OK;
}

// func read(fd int, b []byte) (n int, errno int)
static NativeStatus os_read(P *p, Slot *args)
{
    (void)p;
    int fd = (int)args[0];
    if (fd == STDIN_FILENO)
        stdout_flush();
    ssize_t n;
    for (;;) {
        n = read(fd, slot_ptr(args[1]), args[2]);
        if (n >= 0)
            break;
        if (errno == EAGAIN) {
            struct pollfd ready = {.fd = fd, .events = POLLIN};
            poll(&ready, 1, -1);
        } else if (errno != EINTR) {
            break;
        }
    }
    args[0] = n < 0 ? 0 : (Slot)n;
    args[1] = n < 0 ? (Slot)errno : 0;
    return NATIVE_OK;
}

// func write(fd int, b []byte) (n int, errno int); the first two words of a string are the same.
static NativeStatus os_write(P *p, Slot *args)
{
    (void)p;
    int fd = (int)args[0];
    const char *data = slot_ptr(args[1]);
    size_t len = args[2], done = 0;
    if (fd == STDERR_FILENO)
        stdout_flush();
    int error = 0;
    while (done < len) {
        ssize_t n = write(fd, data + done, len - done);
        if (n >= 0) {
            done += (size_t)n;
        } else if (errno == EAGAIN) {
            struct pollfd ready = {.fd = fd, .events = POLLOUT};
            poll(&ready, 1, -1);
        } else if (errno != EINTR) {
            error = errno;
            break;
        }
    }
    if (error == EPIPE && fd == STDERR_FILENO)
        die_of_sigpipe();
    args[0] = done;
    args[1] = (Slot)error;
    return NATIVE_OK;
}

// func appendOut(s string) (full bool)
static NativeStatus os_append_out(P *p, Slot *args)
{
    (void)p;
    args[0] = stdout_append(slot_ptr(args[0]), args[1]);
    return NATIVE_OK;
}

// func flushOut()
static NativeStatus os_flush_out(P *p, Slot *args)
{
    (void)p, (void)args;
    stdout_flush();
    return NATIVE_OK;
}

// func closeFile(fd int) int
static NativeStatus os_close(P *p, Slot *args)
{
    (void)p;
    if (args[0] == STDOUT_FILENO)
        stdout_flush();
    args[0] = close((int)args[0]) == 0 ? 0 : (Slot)errno;
    return NATIVE_OK;
}

// func seek(fd int, offset int64, whence int) (at int64, errno int)
static NativeStatus os_seek(P *p, Slot *args)
{
    (void)p;
    off_t at = lseek((int)args[0], (off_t)args[1], (int)args[2]);
    args[0] = (Slot)at;
    args[1] = at < 0 ? (Slot)errno : 0;
    return NATIVE_OK;
}

enum { PATH_REMOVE, PATH_MKDIR, PATH_RMDIR };

// func pathOp(op int, name string, mode int) int
static NativeStatus os_path_op(P *p, Slot *args)
{
    (void)p;
    char *name = c_string(args + 1);
    int result = -1;
    switch (args[0]) {
    case PATH_REMOVE: result = unlink(name); break;
    case PATH_MKDIR: result = mkdir(name, (mode_t)args[3]); break;
    case PATH_RMDIR: result = rmdir(name); break;
    }
    args[0] = result == 0 ? 0 : (Slot)errno;
    free(name);
    return NATIVE_OK;
}

// func errorText(errno int) string
static NativeStatus os_error_text(P *p, Slot *args)
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

static const Native natives[] = {
    {"runtimeArgs", os_args, 0},
    {"Exit", os_exit, 0},
    {"Getpid", os_getpid, 0},
    {"lookup", os_lookup, 0},
    {"set", os_set, 0},
    {"Environ", os_environ, 0},
    {"open", os_open, NATIVE_BLOCKS},
    {"read", os_read, NATIVE_BLOCKS},
    {"write", os_write, NATIVE_BLOCKS},
    {"writeString", os_write, NATIVE_BLOCKS},
    {"appendOut", os_append_out, 0},
    {"flushOut", os_flush_out, NATIVE_BLOCKS},
    {"closeFile", os_close, NATIVE_BLOCKS},
    {"seek", os_seek, 0},
    {"pathOp", os_path_op, 0},
    {"errorText", os_error_text, 0},
};
const NativeTable os_natives = {"os", natives, countof(natives)};
