// timer_test.c: the timer heap, with a clock of the test's own.
#include "runtime/timer.h"

#include "runtime/sched_impl.h"
#include "tests/unit/runtime_fixture.h"

TestSuite(timer, .timeout = 20);

static i64 fired[4000];
static int fired_count;

static void note_time(P *p, Timer *t, i64 now)
{
    (void)p, (void)now;
    fired[fired_count++] = (i64)t->arg2;
}

static Timer *make(P *p, i64 when)
{
    Timer *t = gc_alloc(p, GC_SCAN, sizeof *t);
    t->fire = note_time;
    t->arg2 = (Slot)when;
    return t;
}

Test(timer, fire_in_order_of_time_then_of_arming)
{
    P *p = boot();
    i64 far = timer_now() + 1000000000000;
    u64 random = 1;
    for (int i = 0; i < 1000; i++) {
        random = random * 6364136223846793005u + 1442695040888963407u;
        i64 when = (i64)(random >> 40) % 500;
        Timer *t = make(p, when * 1000 + i);
        timer_start(p, t, far + when, 0);
    }
    cr_assert_not(timers_run(p, impl(p), far - 1));
    cr_assert_eq(timers_next() >= far, 1);
    cr_assert(timers_run(p, impl(p), far + 500));
    cr_assert_eq(fired_count, 1000);
    for (int i = 1; i < 1000; i++)
        cr_assert_lt(fired[i - 1], fired[i]);
    cr_assert_eq(timers_next(), I64_MAX);
    cr_assert_eq(atomic_load(&sched.timers_armed), 0);
}

Test(timer, stop_and_reset_say_whether_it_was_armed)
{
    P *p = boot();
    i64 far = timer_now() + 1000000000000;
    Timer *t[100];
    for (int i = 0; i < 100; i++) {
        t[i] = make(p, i);
        cr_assert_not(timer_stop(p, t[i]));
        timer_start(p, t[i], far + i, 0);
    }
    for (int i = 0; i < 100; i += 2) {
        cr_assert(timer_stop(p, t[i]));
        cr_assert_not(timer_stop(p, t[i]));
    }
    cr_assert(timer_reset(p, t[99], far - 5, 0));
    cr_assert_not(timer_reset(p, t[0], far - 9, 0));
    timers_run(p, impl(p), far + 100);
    cr_assert_eq(fired_count, 51);
    cr_assert_eq(fired[0], 0);
    cr_assert_eq(fired[1], 99);
    for (int i = 2; i < 51; i++)
        cr_assert_eq(fired[i], 2 * i - 3);
    cr_assert_not(timer_stop(p, t[1]));
}

Test(timer, a_periodic_one_keeps_its_grid_and_drops_what_was_missed)
{
    P *p = boot();
    i64 far = timer_now() + 1000000000000;
    Timer *t = make(p, 1);
    timer_start(p, t, far, 10);
    timers_run(p, impl(p), far);
    cr_assert_eq(fired_count, 1);
    cr_assert_eq(timers_next(), far + 10);
    timers_run(p, impl(p), far + 35);
    cr_assert_eq(fired_count, 2);
    cr_assert_eq(timers_next(), far + 40);
    cr_assert(timer_stop(p, t));
    cr_assert_eq(atomic_load(&sched.timers_armed), 0);
}

Test(timer, a_sleep_wakes_its_goroutine)
{
    P *p = boot();
    Task *t = enter(p);
    timer_sleep(p, 1000);
    cr_assert_null(p->g);
    cr_assert_eq(t->g.wait_reason, WAIT_SLEEP);
    cr_assert_null(sched_next(p));
    timers_run(p, impl(p), timer_now() + 2000);
    resume(p, t);
    timer_sleep(p, 0);
    resume(p, t);
}
