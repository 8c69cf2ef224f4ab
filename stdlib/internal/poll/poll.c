// poll.c: natives of package poll: system calls on descriptors.
//
// Those on a descriptor that does not block hold their P, try once, and when there is nothing to be
// had park the goroutine until there is: then they say AGAIN, and the language tries once more.
// Those whose name ends with Blocking may wait in the kernel and give their P away.
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "runtime/netpoll.h"
#include "runtime/timer.h"
#include "stdlib/internal/stdio/stdio.h"
#include "stdlib/tables.h"
#include "vm/object.h"

// Besides the kernel's error numbers; poll.csp has the same.
enum { CLOSED = -1, TIMED_OUT = -2, AGAIN = -3 };

static Slot code_of(PollResult r)
{
    switch (r) {
    case POLL_CLOSED: return (Slot)CLOSED;
    case POLL_TIMEOUT: return (Slot)TIMED_OUT;
    case POLL_READY:
    case POLL_PARKED: break;
    }
    return (Slot)AGAIN;
}

static Slot int_slot(i64 n)
{
    return (Slot)n;
}

// After EAGAIN: *code is written before the goroutine can go on.
static NativeStatus wait_for(P *p, PollHandle h, PollDirection dir, Slot *code)
{
    *code = (Slot)AGAIN;
    PollResult r = netpoll_wait(p, h, dir);
    if (r == POLL_PARKED)
        return NATIVE_PARKED;
    *code = code_of(r);
    return NATIVE_OK;
}

// func open(fd int, wait bool) (handle uint64, errno int)
static NativeStatus poll_open(P *p, Slot *args)
{
    (void)p;
    PollHandle h;
    args[1] = int_slot(netpoll_open((int)args[0], args[1] != 0, &h));
    args[0] = h;
    return NATIVE_OK;
}

// func closeHandle(handle uint64) (errno int)
static NativeStatus poll_close(P *p, Slot *args)
{
    int error;
    PollResult r = netpoll_close(p, args[0], &error);
    args[0] = r == POLL_CLOSED ? (Slot)CLOSED : int_slot(error);
    return NATIVE_OK;
}

// func setDeadline(handle uint64, write bool, left int64) (errno int): left in ns; 0: none
static NativeStatus poll_set_deadline(P *p, Slot *args)
{
    i64 left = (i64)args[2], now = timer_now();
    i64 when = left == 0 ? 0 : left < 0 ? 1 : left < INT64_MAX - now ? now + left : INT64_MAX - 1;
    if (!netpoll_can_wait(args[0])) {
        int fd;
        PollResult r = netpoll_begin(args[0], POLL_NEITHER, &fd);
        if (r == POLL_READY)
            netpoll_end(args[0]);
        args[0] = r == POLL_READY ? ENOTSUP : (Slot)CLOSED;
        return NATIVE_OK;
    }
    PollResult r = netpoll_set_deadline(p, args[0], args[1] ? POLL_WRITE : POLL_READ, when);
    args[0] = r == POLL_CLOSED ? (Slot)CLOSED : 0;
    return NATIVE_OK;
}

// ---- Reading and writing ------------------------------------------------------------------------

typedef ssize_t (*Transfer)(int fd, void *data, size_t len);

static ssize_t transfer_write(int fd, void *data, size_t len)
{
    return write(fd, data, len);
}

// (handle, data, len, …) → (n, errno)
static NativeStatus transfer(P *p, Slot *args, PollDirection dir, Transfer fn)
{
    int fd;
    PollHandle h = args[0];
    PollResult r = netpoll_begin(h, dir, &fd);
    if (r != POLL_READY) {
        args[0] = 0;
        args[1] = code_of(r);
        return NATIVE_OK;
    }
    ssize_t n;
    do
        n = fn(fd, slot_ptr(args[1]), args[2]);
    while (n < 0 && errno == EINTR);
    args[0] = n < 0 ? 0 : (Slot)n;
    if (n < 0 && errno == EAGAIN)
        return wait_for(p, h, dir, &args[1]);
    args[1] = n < 0 ? (Slot)errno : 0;
    netpoll_end(h);
    return NATIVE_OK;
}

// func read(handle uint64, b []byte) (n int, errno int)
static NativeStatus poll_read(P *p, Slot *args)
{
    return transfer(p, args, POLL_READ, read);
}

// func write(handle uint64, b []byte) (n int, errno int); the first two words of a string are
// the same.
static NativeStatus poll_write(P *p, Slot *args)
{
    return transfer(p, args, POLL_WRITE, transfer_write);
}

// The same without a P, in as many calls as it takes to write all.
static void transfer_blocking(Slot *args, PollDirection dir)
{
    int fd, error;
    PollHandle h = args[0];
    PollResult r = netpoll_begin(h, dir, &fd);
    if (r != POLL_READY) {
        args[0] = 0;
        args[1] = code_of(r);
        return;
    }
    void *data = slot_ptr(args[1]);
    size_t n = dir == POLL_READ ? stdio_read_fd(fd, data, args[2], &error)
                                : stdio_write_fd(fd, data, args[2], &error);
    args[0] = n;
    args[1] = int_slot(error);
    netpoll_end(h);
}

static NativeStatus poll_read_blocking(P *p, Slot *args)
{
    (void)p;
    transfer_blocking(args, POLL_READ);
    return NATIVE_OK;
}

static NativeStatus poll_write_blocking(P *p, Slot *args)
{
    (void)p;
    transfer_blocking(args, POLL_WRITE);
    return NATIVE_OK;
}

// ---- Sockets ------------------------------------------------------------------------------------

typedef union Address {
    struct sockaddr head;
    struct sockaddr_storage any;
    struct sockaddr_un un;
} Address;

static NativeStatus give_address(P *p, const Address *a, socklen_t len, Slot *out)
{
    if (len > sizeof *a)
        len = sizeof *a;
    return vm_string_new(p, (const char *)a, len, out) ? NATIVE_OK : NATIVE_NOMEM;
}

// func accept(handle uint64) (fd int, address string, errno int)
static NativeStatus poll_accept(P *p, Slot *args)
{
    int fd;
    PollHandle h = args[0];
    PollResult r = netpoll_begin(h, POLL_READ, &fd);
    args[0] = (Slot)-1;
    args[1] = args[2] = 0;
    if (r != POLL_READY) {
        args[3] = code_of(r);
        return NATIVE_OK;
    }
    Address a;
    socklen_t len = sizeof a;
    int made;
    // A connection that was given up before we came to it is none.
    do
        made = accept4(fd, &a.head, &len, SOCK_CLOEXEC | SOCK_NONBLOCK);
    while (made < 0 && (errno == EINTR || errno == ECONNABORTED));
    if (made < 0 && errno == EAGAIN)
        return wait_for(p, h, POLL_READ, &args[3]);
    int error = made < 0 ? errno : 0;
    netpoll_end(h);
    args[0] = int_slot(made);
    args[3] = int_slot(error);
    return made < 0 ? NATIVE_OK : give_address(p, &a, len, &args[1]);
}

// func receive(handle uint64, b []byte) (n int, address string, errno int)
static NativeStatus poll_receive(P *p, Slot *args)
{
    int fd;
    PollHandle h = args[0];
    void *data = slot_ptr(args[1]);
    size_t size = args[2];
    PollResult r = netpoll_begin(h, POLL_READ, &fd);
    args[0] = args[1] = args[2] = 0;
    if (r != POLL_READY) {
        args[3] = code_of(r);
        return NATIVE_OK;
    }
    Address a;
    socklen_t len = sizeof a;
    ssize_t n;
    do
        n = recvfrom(fd, data, size, 0, &a.head, &len);
    while (n < 0 && errno == EINTR);
    if (n < 0 && errno == EAGAIN)
        return wait_for(p, h, POLL_READ, &args[3]);
    int error = n < 0 ? errno : 0;
    netpoll_end(h);
    args[0] = n < 0 ? 0 : (Slot)n;
    args[3] = int_slot(error);
    return n < 0 ? NATIVE_OK : give_address(p, &a, len, &args[1]);
}

// func send(handle uint64, b []byte, address string) (n int, errno int)
static NativeStatus poll_send(P *p, Slot *args)
{
    int fd;
    PollHandle h = args[0];
    PollResult r = netpoll_begin(h, POLL_WRITE, &fd);
    if (r != POLL_READY) {
        args[0] = 0;
        args[1] = code_of(r);
        return NATIVE_OK;
    }
    ssize_t n;
    do
        n = sendto(fd, slot_ptr(args[1]), args[2], 0, args[5] ? slot_ptr(args[4]) : NULL,
                   (socklen_t)args[5]);
    while (n < 0 && errno == EINTR);
    args[0] = n < 0 ? 0 : (Slot)n;
    if (n < 0 && errno == EAGAIN)
        return wait_for(p, h, POLL_WRITE, &args[1]);
    args[1] = n < 0 ? (Slot)errno : 0;
    netpoll_end(h);
    return NATIVE_OK;
}

// func connect(handle uint64, address string) (errno int): AGAIN after it has been waited for
static NativeStatus poll_connect(P *p, Slot *args)
{
    int fd;
    PollHandle h = args[0];
    PollResult r = netpoll_begin(h, POLL_WRITE, &fd);
    if (r != POLL_READY) {
        args[0] = code_of(r);
        return NATIVE_OK;
    }
    int error = connect(fd, slot_ptr(args[1]), (socklen_t)args[2]) == 0 ? 0 : errno;
    if (error == EINPROGRESS || error == EINTR || error == EALREADY)
        return wait_for(p, h, POLL_WRITE, &args[0]);
    args[0] = int_slot(error);
    netpoll_end(h);
    return NATIVE_OK;
}

// func connected(handle uint64) (errno int): how a connect that was waited for has ended; AGAIN
// after waiting for what has not ended yet
static NativeStatus poll_connected(P *p, Slot *args)
{
    int fd;
    PollHandle h = args[0];
    PollResult r = netpoll_begin(h, POLL_WRITE, &fd);
    if (r != POLL_READY) {
        args[0] = code_of(r);
        return NATIVE_OK;
    }
    int error = 0;
    socklen_t len = sizeof error;
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0)
        error = errno;
    if (error == 0) {
        Address peer;
        len = sizeof peer;
        if (getpeername(fd, &peer.head, &len) != 0)
            return wait_for(p, h, POLL_WRITE, &args[0]);
    }
    args[0] = int_slot(error == EISCONN ? 0 : error);
    netpoll_end(h);
    return NATIVE_OK;
}

enum { OP_SHUTDOWN, OP_LISTEN, OP_BIND, OP_OPTION, OP_BLOCKING, OP_NUMBER };

// func control(handle uint64, op, a, b, c int, address string) (result, errno int)
static NativeStatus poll_control(P *p, Slot *args)
{
    (void)p;
    int fd;
    PollHandle h = args[0];
    PollResult r = netpoll_begin(h, POLL_NEITHER, &fd);
    if (r != POLL_READY) {
        args[0] = (Slot)-1;
        args[1] = code_of(r);
        return NATIVE_OK;
    }
    int result = 0, value = (int)args[4];
    switch (args[1]) {
    case OP_SHUTDOWN: result = shutdown(fd, (int)args[2]); break;
    case OP_LISTEN: result = listen(fd, (int)args[2]); break;
    case OP_BIND: result = bind(fd, slot_ptr(args[5]), (socklen_t)args[6]); break;
    case OP_OPTION:
        result = setsockopt(fd, (int)args[2], (int)args[3], &value, sizeof value);
        break;
    case OP_BLOCKING: {
        int flags = fcntl(fd, F_GETFL);
        result =
            flags < 0 ? -1 : fcntl(fd, F_SETFL, args[2] ? flags & ~O_NONBLOCK : flags | O_NONBLOCK);
        break;
    }
    case OP_NUMBER: result = fd; break;
    }
    int error = result < 0 ? errno : 0;
    netpoll_end(h);
    args[0] = int_slot(result);
    args[1] = int_slot(error);
    return NATIVE_OK;
}

// func name(handle uint64, peer bool) (address string, errno int)
static NativeStatus poll_name(P *p, Slot *args)
{
    int fd;
    PollHandle h = args[0];
    bool peer = args[1];
    args[0] = args[1] = 0;
    PollResult r = netpoll_begin(h, POLL_NEITHER, &fd);
    if (r != POLL_READY) {
        args[2] = code_of(r);
        return NATIVE_OK;
    }
    Address a;
    socklen_t len = sizeof a;
    int result = peer ? getpeername(fd, &a.head, &len) : getsockname(fd, &a.head, &len);
    int error = result < 0 ? errno : 0;
    netpoll_end(h);
    args[2] = int_slot(error);
    return result < 0 ? NATIVE_OK : give_address(p, &a, len, args);
}

// func Socket(family, kind, protocol int) (fd, errno int)
static NativeStatus poll_socket(P *p, Slot *args)
{
    (void)p;
    int fd = socket((int)args[0], (int)args[1] | SOCK_CLOEXEC | SOCK_NONBLOCK, (int)args[2]);
    args[1] = fd < 0 ? (Slot)errno : 0;
    args[0] = int_slot(fd);
    return NATIVE_OK;
}

// func Pipe() (r, w, errno int)
static NativeStatus poll_pipe(P *p, Slot *args)
{
    (void)p;
    int fd[2] = {-1, -1};
    args[2] = pipe2(fd, O_CLOEXEC | O_NONBLOCK) == 0 ? 0 : (Slot)errno;
    args[0] = int_slot(fd[0]);
    args[1] = int_slot(fd[1]);
    return NATIVE_OK;
}

// func CloseNumber(fd int)
static NativeStatus poll_close_number(P *p, Slot *args)
{
    (void)p;
    close((int)args[0]);
    return NATIVE_OK;
}

// func IsNonblock(fd int) bool
static NativeStatus poll_is_nonblock(P *p, Slot *args)
{
    (void)p;
    int flags = fcntl((int)args[0], F_GETFL);
    args[0] = flags >= 0 && (flags & O_NONBLOCK);
    return NATIVE_OK;
}

static const Native natives[] = {
    {"open", poll_open, 0},
    {"closeHandle", poll_close, 0},
    {"setDeadline", poll_set_deadline, 0},
    {"read", poll_read, 0},
    {"write", poll_write, 0},
    {"writeString", poll_write, 0},
    {"readBlocking", poll_read_blocking, NATIVE_BLOCKS},
    {"writeBlocking", poll_write_blocking, NATIVE_BLOCKS},
    {"writeStringBlocking", poll_write_blocking, NATIVE_BLOCKS},
    {"accept", poll_accept, 0},
    {"receive", poll_receive, 0},
    {"send", poll_send, 0},
    {"connect", poll_connect, 0},
    {"connected", poll_connected, 0},
    {"control", poll_control, 0},
    {"name", poll_name, 0},
    {"Socket", poll_socket, 0},
    {"Pipe", poll_pipe, 0},
    {"CloseNumber", poll_close_number, 0},
    {"IsNonblock", poll_is_nonblock, 0},
};
const NativeTable poll_natives = {"internal/poll", natives, countof(natives)};
