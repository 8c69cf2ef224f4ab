// stdio.c: natives of package internal/stdio: reading and writing descriptors. What may wait is
// NATIVE_BLOCKS and touches no memory but its arguments'.
#include "stdlib/internal/stdio/stdio.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "runtime/step.h"
#include "stdlib/internal/stdio/stdout.h"
#include "stdlib/tables.h"
#include "vm/object.h"

size_t stdio_read_fd(int fd, void *data, size_t len, int *error)
{
    if (fd == STDIN_FILENO)
        stdout_flush();
    for (;;) {
        ssize_t n = read(fd, data, len);
        *error = n < 0 ? errno : 0;
        if (n >= 0)
            return (size_t)n;
        // Somebody else made it one that does not block, and may need it so.
        if (errno == EAGAIN) {
            struct pollfd ready = {.fd = fd, .events = POLLIN};
            poll(&ready, 1, -1);
        } else if (errno != EINTR) {
            return 0;
        }
    }
}

size_t stdio_write_fd(int fd, const void *data, size_t len, int *error)
{
    size_t done = 0;
    if (fd == STDERR_FILENO)
        stdout_flush();
    *error = 0;
    do {
        ssize_t n = write(fd, (const char *)data + done, len - done);
        if (n >= 0) {
            done += (size_t)n;
        } else if (errno == EAGAIN) {
            struct pollfd ready = {.fd = fd, .events = POLLOUT};
            poll(&ready, 1, -1);
        } else if (errno != EINTR) {
            *error = errno;
            break;
        }
    } while (done < len);
    if (*error == EPIPE && fd == STDERR_FILENO)
        die_of_sigpipe();
    return done;
}

// func Read(fd int, b []byte) (n int, errno int)
static NativeStatus stdio_read(P *p, Slot *args)
{
    (void)p;
    int error;
    args[0] = stdio_read_fd((int)args[0], slot_ptr(args[1]), args[2], &error);
    args[1] = (Slot)error;
    return NATIVE_OK;
}

// func Write(fd int, b []byte) (n int, errno int); the first two words of a string are the same.
static NativeStatus stdio_write(P *p, Slot *args)
{
    (void)p;
    int error;
    args[0] = stdio_write_fd((int)args[0], slot_ptr(args[1]), args[2], &error);
    args[1] = (Slot)error;
    return NATIVE_OK;
}

// func AppendOut(s string) (full bool)
static NativeStatus stdio_append_out(P *p, Slot *args)
{
    (void)p;
    args[0] = stdout_append(slot_ptr(args[0]), args[1]);
    return NATIVE_OK;
}

// func FlushOut()
static NativeStatus stdio_flush_out(P *p, Slot *args)
{
    (void)p, (void)args;
    stdout_flush();
    return NATIVE_OK;
}

static const Native natives[] = {
    {"Read", stdio_read, NATIVE_BLOCKS},
    {"Write", stdio_write, NATIVE_BLOCKS | NATIVE_OP(VISIBLE_OUTPUT)},
    {"WriteString", stdio_write, NATIVE_BLOCKS | NATIVE_OP(VISIBLE_OUTPUT)},
    {"AppendOut", stdio_append_out, NATIVE_OP(VISIBLE_OUTPUT)},
    {"FlushOut", stdio_flush_out, NATIVE_BLOCKS | NATIVE_OP(VISIBLE_OUTPUT)},
};
const NativeTable stdio_natives = {"internal/stdio", natives, countof(natives)};
