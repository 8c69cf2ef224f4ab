// net_stress.c: goroutines that wait for descriptors, under stops, deadlines and closes.
//   - talkers: numbers go to and fro over a socket pair, each arrives once and in order;
//   - deadline races: a reader with a short deadline against a writer that comes about then: either
//     the byte is read or the time is over, and the byte is there afterwards;
//   - close races: a reader, an event and a close at once: the reader ends;
//   - all the while objects are allocated and collections asked for.
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>

#include "runtime/netpoll.h"
#include "tests/stress/tasks.h"

// What a native does for a read or write of one word: how it went, and the word in t->v[23]. The
// result in *out is written before the G can go on.
enum { AGAIN, MOVED, OVER, GONE };

static bool transfer(P *p, Task *t, PollHandle h, PollDirection dir, Slot *out)
{
    int fd;
    PollResult r = netpoll_begin(h, dir, &fd);
    if (r == POLL_READY) {
        ssize_t n = dir == POLL_READ ? read(fd, &t->v[23], sizeof(Slot))
                                     : write(fd, &t->v[23], sizeof(Slot));
        if (n == (ssize_t)sizeof(Slot)) {
            netpoll_end(h);
            *out = MOVED;
            return true;
        }
        REQUIRE(n <= 0);
        if (n == 0 || errno == EPIPE || errno == ECONNRESET) {
            netpoll_end(h);
            *out = GONE;
            return true;
        }
        REQUIRE(errno == EAGAIN);
        *out = AGAIN;
        r = netpoll_wait(p, h, dir);
        if (r == POLL_PARKED)
            return false;
        if (r == POLL_READY)
            return true;
    }
    *out = r == POLL_TIMEOUT ? OVER : GONE;
    return true;
}

// clang-format off
#define TRANSFER(t, h, dir, out)                                                                   \
    do {                                                                                           \
        (t)->pc = __LINE__;                                                                        \
        if (!transfer(p, t, h, dir, &(t)->v[out])) return STEP_PARKED;                             \
        __attribute__((fallthrough));                                                              \
        case __LINE__:;                                                                            \
    } while ((t)->v[out] == AGAIN)
// clang-format on

static void pair(PollHandle out[2])
{
    int fds[2];
    REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) == 0);
    for (int i = 0; i < 2; i++)
        REQUIRE(netpoll_open(fds[i], true, &out[i]) == 0);
}

// ---- Talkers: v0 done, v1 i, v2 rounds, v3 handle, v4 speaks first, v5 object, v6 how it went

static Step talker(P *p, Task *t)
{
    BEGIN(t);
    for (t->v[1] = 0; t->v[1] < t->v[2]; t->v[1]++) {
        u64 *object = gc_alloc(p, GC_SCAN, 64);
        object[5] = t->v[1];
        t->v[5] = ptr_slot(object);
        if (t->v[4]) {
            t->v[23] = t->v[1];
            TRANSFER(t, t->v[3], POLL_WRITE, 6);
            REQUIRE(t->v[6] == MOVED);
        }
        TRANSFER(t, t->v[3], POLL_READ, 6);
        REQUIRE(t->v[6] == MOVED && t->v[23] == t->v[1]);
        if (!t->v[4]) {
            TRANSFER(t, t->v[3], POLL_WRITE, 6);
            REQUIRE(t->v[6] == MOVED);
        }
        REQUIRE(((u64 *)slot_ptr(t->v[5]))[5] == t->v[1]);
        if (choose(p, CHOOSE_RAND, 0) % 200 == 0)
            gc_collect_now(p);
        SAFEPOINT(t);
    }
    int error;
    netpoll_close(p, t->v[3], &error);
    REQUIRE(error == 0);
    PARK(t, chan_send(p, CHAN(t, 0), &t->v[1]));
    END(t);
}

// ---- Deadline races: v0 done, v1 i, v2 rounds, v3, v4 handles, v5 how it went, v6 left

static Step late_writer(P *p, Task *t)
{
    BEGIN(t);
    PARK_ALWAYS(t, timer_sleep(p, (i64)(choose(p, CHOOSE_RAND, 0) % 60000)));
    t->v[23] = 4711;
    TRANSFER(t, t->v[4], POLL_WRITE, 5);
    REQUIRE(t->v[5] == MOVED);
    END(t);
}

static Step in_time(P *p, Task *t)
{
    BEGIN(t);
    {
        PollHandle h[2];
        pair(h);
        t->v[3] = h[0];
        t->v[4] = h[1];
    }
    for (t->v[1] = 0; t->v[1] < t->v[2]; t->v[1]++) {
        Task *writer = task_new(p, late_writer);
        writer->v[4] = t->v[4];
        task_go(p, writer);
        netpoll_set_deadline(p, t->v[3], POLL_READ, timer_now() + 30000);
        TRANSFER(t, t->v[3], POLL_READ, 5);
        REQUIRE(t->v[5] == MOVED || t->v[5] == OVER);
        if (t->v[5] == OVER) {
            netpoll_set_deadline(p, t->v[3], POLL_READ, 0);
            TRANSFER(t, t->v[3], POLL_READ, 5);
            REQUIRE(t->v[5] == MOVED);
        }
        REQUIRE(t->v[23] == 4711);
        SAFEPOINT(t);
    }
    PARK(t, chan_send(p, CHAN(t, 0), &t->v[1]));
    END(t);
}

// ---- Close races: v0 done, v1 i, v2 rounds, v3, v4 handles, v5 how it went, v7 channel

static Step closer(P *p, Task *t)
{
    BEGIN(t);
    if (choose(p, CHOOSE_RAND, 0) % 2)
        PARK_ALWAYS(t, timer_sleep(p, (i64)(choose(p, CHOOSE_RAND, 0) % 20000)));
    int error;
    netpoll_close(p, t->v[3], &error);
    REQUIRE(error == 0);
    END(t);
}

static Step reader(P *p, Task *t)
{
    BEGIN(t);
    do {
        TRANSFER(t, t->v[3], POLL_READ, 5);
        REQUIRE(t->v[5] == MOVED || t->v[5] == GONE);
    } while (t->v[5] == MOVED);
    PARK(t, chan_send(p, CHAN(t, 7), &t->v[1]));
    END(t);
}

static Step closing(P *p, Task *t)
{
    static const TaskFn parts[] = {reader, closer};
    BEGIN(t);
    t->v[7] = ptr_slot(chan_make(p, 1, true, 0, NULL));
    for (t->v[1] = 0; t->v[1] < t->v[2]; t->v[1]++) {
        PollHandle h[2];
        pair(h);
        t->v[3] = h[0];
        t->v[4] = h[1];
        for (int i = 0; i < countof(parts); i++) {
            Task *s = task_new(p, parts[i]);
            s->v[3] = t->v[3];
            s->v[7] = t->v[7];
            task_go(p, s);
        }
        t->v[23] = 1;
        TRANSFER(t, t->v[4], POLL_WRITE, 5);
        REQUIRE(t->v[5] == MOVED || t->v[5] == GONE);
        netpoll_set_deadline(p, t->v[3], POLL_READ, timer_now() + 1000000000000);
        PARK(t, chan_recv(p, CHAN(t, 7), &t->v[6], NULL));
        int error;
        REQUIRE(netpoll_close(p, t->v[4], &error) == POLL_READY);
        SAFEPOINT(t);
    }
    PARK(t, chan_send(p, CHAN(t, 0), &t->v[1]));
    END(t);
}

// Keeps a P busy: what the kernel has must be fetched all the same. v1 goes on
static Step computer(P *p, Task *t)
{
    BEGIN(t);
    for (t->v[1] = 0; t->v[1] < t->v[2] * 1000; t->v[1]++)
        SAFEPOINT(t);
    PARK(t, chan_send(p, CHAN(t, 0), &t->v[1]));
    END(t);
}

static Step start(P *p, Task *t)
{
    static const struct {
        TaskFn fn;
        int count;
        u64 rounds;
    } parts[] = {{in_time, 4, 200}, {closing, 4, 200}, {computer, 2, 500}};
    BEGIN(t);
    t->v[0] = ptr_slot(chan_make(p, 1, true, 0, NULL));
    for (int i = 0; i < 16; i += 2) {
        PollHandle h[2];
        pair(h);
        for (int j = 0; j < 2; j++, t->v[1]++) {
            Task *s = task_new(p, talker);
            s->v[0] = t->v[0];
            s->v[2] = scaled(500);
            s->v[3] = h[j];
            s->v[4] = (Slot)j;
            task_go(p, s);
        }
    }
    for (int i = 0; i < countof(parts); i++) {
        for (int j = 0; j < parts[i].count; j++, t->v[1]++) {
            Task *s = task_new(p, parts[i].fn);
            s->v[0] = t->v[0];
            s->v[2] = scaled(parts[i].rounds);
            task_go(p, s);
        }
    }
    for (t->v[2] = 0; t->v[2] < t->v[1]; t->v[2]++)
        PARK(t, chan_recv(p, CHAN(t, 0), &t->v[3], NULL));
    END(t);
}

int main(void)
{
    return task_main(start);
}
