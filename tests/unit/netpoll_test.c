// netpoll_test.c: descriptors and who waits for them, the test playing the M.
#include "runtime/netpoll.h"

#include <errno.h>
#include <fcntl.h>

#include "runtime/netpoll_impl.h"
#include "tests/unit/runtime_fixture.h"

TestSuite(netpoll, .timeout = 20);

static int fds[2];

static PollHandle open_read_end(void)
{
    PollHandle h;
    cr_assert_eq(pipe2(fds, O_NONBLOCK | O_CLOEXEC), 0);
    cr_assert_eq(netpoll_open(fds[0], true, &h), 0);
    return h;
}

// As a native does it: parked, or what the wait said.
static PollResult try_read(P *p, PollHandle h)
{
    int fd;
    char byte;
    PollResult r = netpoll_begin(h, POLL_READ, &fd);
    if (r != POLL_READY)
        return r;
    if (read(fd, &byte, 1) < 0 && errno == EAGAIN)
        return netpoll_wait(p, h, POLL_READ);
    netpoll_end(h);
    return POLL_READY;
}

Test(netpoll, an_event_wakes_who_waits)
{
    P *p = boot();
    PollHandle h = open_read_end();
    Task *t = enter(p);
    cr_assert_eq(try_read(p, h), POLL_PARKED);
    cr_assert_null(p->g);
    cr_assert(netpoll_wanted());
    cr_assert_eq(write(fds[1], "x", 1), 1);
    cr_assert(netpoll_look(impl(p), true));
    resume(p, t);
    cr_assert_not(netpoll_wanted());
    cr_assert_eq(try_read(p, h), POLL_READY);
}

Test(netpoll, an_event_between_the_call_and_the_wait_is_not_lost)
{
    P *p = boot();
    PollHandle h = open_read_end();
    enter(p);
    int fd;
    char byte;
    cr_assert_eq(netpoll_begin(h, POLL_READ, &fd), POLL_READY);
    cr_assert_eq(read(fd, &byte, 1), -1);
    cr_assert_eq(write(fds[1], "x", 1), 1);
    netpoll_look(impl(p), true);
    cr_assert_eq(netpoll_wait(p, h, POLL_READ), POLL_READY);
    cr_assert_not_null(p->g);
}

Test(netpoll, events_without_a_p_go_to_the_global_queue)
{
    P *p = boot();
    atomic_store(&sched.stopping, 0);
    PollHandle h = open_read_end();
    Task *t = enter(p);
    cr_assert_eq(try_read(p, h), POLL_PARKED);
    cr_assert_eq(write(fds[1], "x", 1), 1);
    cr_assert(netpoll_look_without_p());
    cr_assert_eq(atomic_load(&sched.runq_count), 1);
    cr_assert_eq(sched.runq_first, &t->g);
}

Test(netpoll, nothing_is_delivered_while_a_stop_is_wanted)
{
    P *p = boot(); // STOP_BOOT is
    PollHandle h = open_read_end();
    enter(p);
    cr_assert_eq(try_read(p, h), POLL_PARKED);
    cr_assert_eq(write(fds[1], "x", 1), 1);
    cr_assert_not(netpoll_look_without_p());
    cr_assert(netpoll_wanted());
}

Test(netpoll, a_close_wakes_and_later_uses_are_refused)
{
    P *p = boot();
    PollHandle h = open_read_end();
    Task *t = enter(p);
    cr_assert_eq(try_read(p, h), POLL_PARKED);
    int error;
    cr_assert_eq(netpoll_close(p, h, &error), POLL_READY);
    cr_assert_eq(error, 0);
    resume(p, t);
    cr_assert_eq(try_read(p, h), POLL_CLOSED);
    cr_assert_eq(netpoll_close(p, h, &error), POLL_CLOSED);
    cr_assert_eq(fcntl(fds[0], F_GETFD), -1);
}

Test(netpoll, a_descriptor_is_closed_when_its_last_user_leaves)
{
    P *p = boot();
    PollHandle h = open_read_end();
    int fd, error;
    cr_assert_eq(netpoll_begin(h, POLL_READ, &fd), POLL_READY);
    cr_assert_eq(netpoll_close(p, h, &error), POLL_READY);
    cr_assert_neq(fcntl(fd, F_GETFD), -1);
    cr_assert_eq(netpoll_begin(h, POLL_NEITHER, &fd), POLL_CLOSED);
    netpoll_end(h);
    cr_assert_eq(fcntl(fds[0], F_GETFD), -1);
}

Test(netpoll, a_handle_does_not_reach_the_next_descriptor_in_its_place)
{
    P *p = boot();
    PollHandle first = open_read_end(), second;
    int error, fd;
    netpoll_close(p, first, &error);
    cr_assert_eq(netpoll_open(fds[1], true, &second), 0);
    cr_assert_eq((u32)first, (u32)second); // the same place
    cr_assert_neq(first, second);
    cr_assert_eq(netpoll_begin(first, POLL_READ, &fd), POLL_CLOSED);
    // An event that is late is dropped.
    PollEvents late = {.list = {{first, {true, true}}}, .count = 1};
    enter(p);
    cr_assert_eq(netpoll_begin(second, POLL_READ, &fd), POLL_READY);
    netpoll_deliver(impl(p), &late, true);
    cr_assert_eq(netpoll_wait(p, second, POLL_READ), POLL_PARKED);
}

Test(netpoll, deadlines_wake_and_are_taken_back)
{
    P *p = boot();
    PollHandle h = open_read_end();
    Task *t = enter(p);
    i64 far = timer_now() + 1000000000000;
    netpoll_set_deadline(p, h, POLL_READ, far);
    cr_assert_eq(try_read(p, h), POLL_PARKED);
    timers_run(p, impl(p), far - 1);
    cr_assert_null(sched_next(p));
    timers_run(p, impl(p), far);
    resume(p, t);
    cr_assert_eq(try_read(p, h), POLL_TIMEOUT);
    netpoll_set_deadline(p, h, POLL_READ, 0);
    cr_assert_eq(try_read(p, h), POLL_PARKED);
    // One that has passed already wakes at once; the other direction has its own.
    p->g = NULL;
    netpoll_set_deadline(p, h, POLL_WRITE, 1);
    cr_assert_null(sched_next(p));
    netpoll_set_deadline(p, h, POLL_READ, 1);
    resume(p, t);
    cr_assert_eq(timers_next(), I64_MAX);
    // A timer that fires late for a deadline that has been moved does nothing.
    netpoll_set_deadline(p, h, POLL_READ, far);
    netpoll_set_deadline(p, h, POLL_READ, far + 100);
    cr_assert_eq(timers_next(), far + 100);
    int error;
    netpoll_close(p, h, &error);
    cr_assert_eq(timers_next(), I64_MAX);
}

Test(netpoll, a_regular_file_cannot_be_waited_for)
{
    boot();
    char name[] = "/tmp/csp_netpoll_XXXXXX";
    int fd = mkstemp(name);
    unlink(name);
    PollHandle h;
    cr_assert_eq(netpoll_open(fd, true, &h), EPERM);
    cr_assert_eq(h, 0);
    cr_assert_eq(netpoll_open(fd, false, &h), 0);
    cr_assert_not(netpoll_can_wait(h));
    cr_assert_eq(netpoll_begin(h, POLL_READ, &fd), POLL_READY);
}

Test(netpoll, who_waits_for_a_descriptor_is_no_deadlock)
{
    P *p = boot();
    PollHandle h = open_read_end();
    enter(p);
    cr_assert_eq(try_read(p, h), POLL_PARKED);
    mutex_lock(&sched.lock, RANK_SCHED);
    atomic_store(&sched.stopping, 0);
    idle_p_put_locked(impl(p));
    cr_assert_not(deadlock_now_locked());
    atomic_store(&sched.poll_waiters, 0);
    cr_assert(deadlock_now_locked());
    mutex_unlock(&sched.lock, RANK_SCHED);
}
