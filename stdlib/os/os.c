// os.c: natives of package os. Each gives an error number of the kernel, 0 for none; the language
// makes errors of them. What may wait is NATIVE_BLOCKS and touches no memory but its arguments'.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/lock.h"
#include "runtime/sched.h"
#include "stdlib/os/program.h"
#include "stdlib/internal/stdio/stdout.h"
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

// ---- Environment --------------------------------------------------------------------------------

static Mutex environment_lock;

// A zero-terminated copy; free it.
static char *c_string(const Slot *s)
{
    Str text = vm_str(s);
    char *copy = xmalloc(text.len + 1);
    if (text.len)
        memcpy(copy, text.data, text.len);
    copy[text.len] = 0;
    return copy;
}

// A copy of a path; free it. NULL, with errno set: no file can have it.
static char *path_string(const Slot *s)
{
    Str text = vm_str(s);
    if (text.len && memchr(text.data, 0, text.len)) {
        errno = EINVAL;
        return NULL;
    }
    return c_string(s);
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

// func seek(fd int, offset int64, whence int) (at int64, errno int)
static NativeStatus os_seek(P *p, Slot *args)
{
    (void)p;
    off_t at = lseek((int)args[0], (off_t)args[1], (int)args[2]);
    args[0] = (Slot)at;
    args[1] = at < 0 ? (Slot)errno : 0;
    return NATIVE_OK;
}

// func readAt(fd int, b []byte, at int64) (n int, errno int)
static NativeStatus os_read_at(P *p, Slot *args)
{
    (void)p;
    ssize_t n;
    do
        n = pread((int)args[0], slot_ptr(args[1]), args[2], (off_t)args[4]);
    while (n < 0 && errno == EINTR);
    args[0] = n < 0 ? 0 : (Slot)n;
    args[1] = n < 0 ? (Slot)errno : 0;
    return NATIVE_OK;
}

// func writeAt(fd int, b []byte, at int64) (n int, errno int)
static NativeStatus os_write_at(P *p, Slot *args)
{
    (void)p;
    ssize_t n;
    do
        n = pwrite((int)args[0], slot_ptr(args[1]), args[2], (off_t)args[4]);
    while (n < 0 && errno == EINTR);
    args[0] = n < 0 ? 0 : (Slot)n;
    args[1] = n < 0 ? (Slot)errno : 0;
    return NATIVE_OK;
}

static Slot errno_unless(bool good)
{
    return good ? 0 : (Slot)errno;
}

// func truncate(fd int, size int64) int
static NativeStatus os_truncate(P *p, Slot *args)
{
    (void)p;
    args[0] = errno_unless(ftruncate((int)args[0], (off_t)args[1]) == 0);
    return NATIVE_OK;
}

// func syncFile(fd int) int; what cannot be synchronized, as a terminal, is no error
static NativeStatus os_sync(P *p, Slot *args)
{
    (void)p;
    bool is_standard = args[0] <= STDERR_FILENO;
    args[0] = errno_unless(fsync((int)args[0]) == 0);
    if (is_standard && args[0] == EINVAL)
        args[0] = 0;
    return NATIVE_OK;
}

// ---- What the system knows of a file ------------------------------------------------------------

static void put_stat(Slot *args, bool good, const struct stat *st)
{
    args[6] = errno_unless(good);
    args[0] = st->st_mode;
    args[1] = (Slot)st->st_size;
    args[2] = (Slot)st->st_mtim.tv_sec;
    args[3] = (Slot)st->st_mtim.tv_nsec;
    args[4] = st->st_dev;
    args[5] = st->st_ino;
}

// func stat(name string, follow bool) (mode uint32, size, sec, nsec int64, dev, ino uint64, errno
// int)
static NativeStatus os_stat(P *p, Slot *args)
{
    (void)p;
    struct stat st = {0};
    char *name = path_string(args);
    bool good = name && (args[2] ? stat(name, &st) : lstat(name, &st)) == 0;
    put_stat(args, good, &st);
    free(name);
    return NATIVE_OK;
}

// func fstat(fd int) (mode uint32, size, sec, nsec int64, dev, ino uint64, errno int)
static NativeStatus os_fstat(P *p, Slot *args)
{
    (void)p;
    struct stat st = {0};
    bool good = fstat((int)args[0], &st) == 0;
    put_stat(args, good, &st);
    return NATIVE_OK;
}

static char kind_letter(int type)
{
    switch (type) {
    case DT_DIR: return 'd';
    case DT_LNK: return 'l';
    case DT_FIFO: return 'p';
    case DT_SOCK: return 's';
    case DT_CHR: return 'c';
    case DT_BLK: return 'b';
    case DT_UNKNOWN: return '?';
    }
    return '-';
}

// func listDir(fd int) (list []byte, errno int)
static NativeStatus os_list_dir(P *p, Slot *args)
{
    int copy = fcntl((int)args[0], F_DUPFD_CLOEXEC, 0);
    DIR *dir = copy >= 0 ? fdopendir(copy) : NULL;
    if (!dir) {
        args[3] = (Slot)errno;
        args[0] = args[1] = args[2] = 0;
        if (copy >= 0)
            close(copy);
        return NATIVE_OK;
    }
    rewinddir(dir); // the descriptor's place is that of the one it was copied from
    Buf list = {0};
    struct dirent *e;
    errno = 0;
    while ((e = readdir(dir))) {
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0) {
            buf_putc(&list, kind_letter(e->d_type));
            buf_append(&list, e->d_name, strlen(e->d_name) + 1);
        }
    }
    Slot error = (Slot)errno;
    closedir(dir);
    bool good = vm_bytes_new(p, list.len, 0, args);
    if (good && list.len)
        memcpy(slot_ptr(args[0]), list.data, list.len);
    if (good)
        args[3] = error;
    buf_free(&list);
    return good ? NATIVE_OK : NATIVE_NOMEM;
}

// ---- Operations on paths ------------------------------------------------------------------------

enum { PATH_REMOVE, PATH_MKDIR, PATH_RMDIR, PATH_CHMOD, PATH_CHDIR };

// func pathOp(op int, name string, mode int) int
static NativeStatus os_path_op(P *p, Slot *args)
{
    (void)p;
    char *name = path_string(args + 1);
    int result = -1;
    if (name) {
        switch (args[0]) {
        case PATH_REMOVE: result = unlink(name); break;
        case PATH_MKDIR: result = mkdir(name, (mode_t)args[3]); break;
        case PATH_RMDIR: result = rmdir(name); break;
        case PATH_CHMOD: result = chmod(name, (mode_t)args[3]); break;
        case PATH_CHDIR: result = chdir(name); break;
        }
    }
    args[0] = errno_unless(result == 0);
    free(name);
    return NATIVE_OK;
}

enum { PATHS_RENAME, PATHS_LINK, PATHS_SYMLINK };

// func twoPathOp(op int, old, new string) int
static NativeStatus os_two_path_op(P *p, Slot *args)
{
    (void)p;
    char *from = path_string(args + 1), *to = path_string(args + 3);
    int result = -1;
    if (from && to) {
        switch (args[0]) {
        case PATHS_RENAME: result = rename(from, to); break;
        case PATHS_LINK: result = link(from, to); break;
        case PATHS_SYMLINK: result = symlink(from, to); break;
        }
    }
    args[0] = errno_unless(result == 0);
    free(from);
    free(to);
    return NATIVE_OK;
}

// A string and an error number as results.
static NativeStatus give_text(P *p, Slot *args, const char *text, size_t len, Slot error)
{
    if (!vm_string_new(p, text, error ? 0 : len, args))
        return NATIVE_NOMEM;
    args[2] = error;
    return NATIVE_OK;
}

// func readlink(name string) (target string, errno int)
static NativeStatus os_readlink(P *p, Slot *args)
{
    char text[PATH_MAX];
    char *name = path_string(args);
    ssize_t n = name ? readlink(name, text, sizeof text) : -1;
    Slot error = errno_unless(n >= 0);
    free(name);
    return give_text(p, args, text, n < 0 ? 0 : (size_t)n, error);
}

// func executable() (name string, errno int)
static NativeStatus os_executable(P *p, Slot *args)
{
    char text[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", text, sizeof text);
    return give_text(p, args, text, n < 0 ? 0 : (size_t)n, errno_unless(n >= 0));
}

// func getwd() (dir string, errno int)
static NativeStatus os_getwd(P *p, Slot *args)
{
    char text[PATH_MAX] = "";
    bool good = getcwd(text, sizeof text) != NULL;
    return give_text(p, args, text, strlen(text), errno_unless(good));
}

// func hostname() (name string, errno int)
static NativeStatus os_hostname(P *p, Slot *args)
{
    char text[HOST_NAME_MAX + 1] = "";
    bool good = gethostname(text, sizeof text - 1) == 0;
    return give_text(p, args, text, strlen(text), errno_unless(good));
}

// func chown(name string, uid, gid int, follow bool) int
static NativeStatus os_chown(P *p, Slot *args)
{
    (void)p;
    char *name = path_string(args);
    int flags = args[4] ? 0 : AT_SYMLINK_NOFOLLOW;
    bool good = name && fchownat(AT_FDCWD, name, (uid_t)args[2], (gid_t)args[3], flags) == 0;
    args[0] = errno_unless(good);
    free(name);
    return NATIVE_OK;
}

// func chtimes(name string, asec, ansec, msec, mnsec int64) int
static NativeStatus os_chtimes(P *p, Slot *args)
{
    (void)p;
    char *name = path_string(args);
    struct timespec times[2] = {{(time_t)args[2], (long)args[3]}, {(time_t)args[4], (long)args[5]}};
    args[0] = errno_unless(name && utimensat(AT_FDCWD, name, times, 0) == 0);
    free(name);
    return NATIVE_OK;
}

// func truncatePath(name string, size int64) int
static NativeStatus os_truncate_path(P *p, Slot *args)
{
    (void)p;
    char *name = path_string(args);
    args[0] = errno_unless(name && truncate(name, (off_t)args[2]) == 0);
    free(name);
    return NATIVE_OK;
}

// func fchmod(fd, mode int) int
static NativeStatus os_fchmod(P *p, Slot *args)
{
    (void)p;
    args[0] = errno_unless(fchmod((int)args[0], (mode_t)args[1]) == 0);
    return NATIVE_OK;
}

// func fchdir(fd int) int
static NativeStatus os_fchdir(P *p, Slot *args)
{
    (void)p;
    args[0] = errno_unless(fchdir((int)args[0]) == 0);
    return NATIVE_OK;
}

// func random() uint32
static NativeStatus os_random(P *p, Slot *args)
{
    (void)p;
    u32 n = 0;
    if (getrandom(&n, sizeof n, 0) != sizeof n)
        n = (u32)getpid();
    args[0] = n;
    return NATIVE_OK;
}

static const Native natives[] = {
    {"runtimeArgs", os_args, 0},
    {"Exit", os_exit, 0},
    {"lookup", os_lookup, 0},
    {"set", os_set, 0},
    {"Environ", os_environ, 0},
    {"open", os_open, NATIVE_BLOCKS},
    {"seek", os_seek, 0},
    {"pathOp", os_path_op, 0},
    {"readAt", os_read_at, NATIVE_BLOCKS},
    {"writeAt", os_write_at, NATIVE_BLOCKS},
    {"truncate", os_truncate, 0},
    {"syncFile", os_sync, NATIVE_BLOCKS},
    {"stat", os_stat, 0},
    {"fstat", os_fstat, 0},
    {"listDir", os_list_dir, 0},
    {"twoPathOp", os_two_path_op, 0},
    {"readlink", os_readlink, 0},
    {"executable", os_executable, 0},
    {"getwd", os_getwd, 0},
    {"hostname", os_hostname, 0},
    {"chown", os_chown, 0},
    {"chtimes", os_chtimes, 0},
    {"truncatePath", os_truncate_path, 0},
    {"fchmod", os_fchmod, 0},
    {"fchdir", os_fchdir, 0},
    {"random", os_random, 0},
};
const NativeTable os_natives = {"os", natives, countof(natives)};
