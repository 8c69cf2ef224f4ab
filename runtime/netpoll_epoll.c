// netpoll_epoll.c: the kernel's side of netpoll.c: one epoll set, edge-triggered.
//
// The set is made with the first descriptor; programs without a network never have one. An eventfd
// in it (handle 0) ends a wait from outside; it is level-triggered and emptied only by the one
// who waits, so that a look without waiting cannot swallow it.
#include <errno.h>
#include <limits.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "runtime/netpoll_impl.h"

static Mutex making;      // RANK_POLL_TABLE
static _Atomic int set;   // the epoll descriptor + 1; 0: not made
static int break_fd = -1; // written before `set`

static int make_set(void)
{
    int fd = epoll_create1(EPOLL_CLOEXEC);
    if (fd < 0)
        return errno;
    break_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    struct epoll_event event = {.events = EPOLLIN};
    if (break_fd < 0 || epoll_ctl(fd, EPOLL_CTL_ADD, break_fd, &event) != 0) {
        int error = errno;
        if (break_fd >= 0)
            close(break_fd);
        close(fd);
        return error;
    }
    // release: pairs with the acquire in set_fd: break_fd is written.
    atomic_store_explicit(&set, fd + 1, memory_order_release);
    return 0;
}

static int set_fd(void)
{
    return atomic_load_explicit(&set, memory_order_acquire) - 1; // pairs with make_set
}

int poller_add(int fd, PollHandle h)
{
    int error = 0;
    if (set_fd() < 0) {
        mutex_lock(&making, RANK_POLL_TABLE);
        if (set_fd() < 0)
            error = make_set();
        mutex_unlock(&making, RANK_POLL_TABLE);
        if (error)
            return error;
    }
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.u64 = h};
    return epoll_ctl(set_fd(), EPOLL_CTL_ADD, fd, &event) == 0 ? 0 : errno;
}

void poller_remove(int fd)
{
    struct epoll_event unused = {0};
    epoll_ctl(set_fd(), EPOLL_CTL_DEL, fd, &unused);
}

// Nanoseconds where the kernel has them, else milliseconds, rounded up lest a timer be early.
static int wait_in_kernel(struct epoll_event *events, i64 timeout_ns)
{
    static _Atomic bool no_pwait2;
    if (timeout_ns > 0 && !atomic_load_explicit(&no_pwait2, memory_order_relaxed)) {
        struct timespec t = {(time_t)(timeout_ns / 1000000000), (long)(timeout_ns % 1000000000)};
        int n = epoll_pwait2(set_fd(), events, POLL_EVENTS_MAX, &t, NULL);
        if (n >= 0 || (errno != ENOSYS && errno != EPERM))
            return n;
        atomic_store_explicit(&no_pwait2, true, memory_order_relaxed);
    }
    i64 ms = timeout_ns <= 0 ? timeout_ns : (timeout_ns + 999999) / 1000000;
    return epoll_wait(set_fd(), events, POLL_EVENTS_MAX, ms < INT_MAX ? (int)ms : INT_MAX);
}

void poller_wait(PollEvents *out, i64 timeout_ns)
{
    struct epoll_event events[POLL_EVENTS_MAX];
    out->count = 0;
    if (set_fd() < 0)
        return;
    int n = wait_in_kernel(events, timeout_ns);
    delay_point();
    for (int i = 0; i < n; i++) {
        u32 e = events[i].events;
        if (events[i].data.u64 == 0) {
            u64 count;
            if (timeout_ns != 0 && read(break_fd, &count, sizeof count) < 0 && errno != EAGAIN)
                fatal("eventfd: %s", strerror(errno));
            continue;
        }
        bool both = e & (EPOLLHUP | EPOLLERR);
        out->list[out->count++] = (PollEvent){
            events[i].data.u64,
            {both || (e & (EPOLLIN | EPOLLRDHUP)), both || (e & EPOLLOUT)},
        };
    }
}

void poller_break(void)
{
    u64 one = 1;
    if (set_fd() < 0)
        return;
    while (write(break_fd, &one, sizeof one) < 0 && errno == EINTR) {
    }
}
