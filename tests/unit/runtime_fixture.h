// runtime_fixture.h: a P without threads: the test itself plays the M, on the main thread.
#ifndef CSP_TESTS_UNIT_RUNTIME_FIXTURE_H
#define CSP_TESTS_UNIT_RUNTIME_FIXTURE_H

#include <criterion/criterion.h>

#include "tests/stress/tasks.h"

static inline P *boot(void)
{
    RuntimeOptions options = {.procs = 1};
    runtime_init(&options, &task_runner);
    return runtime_boot_p();
}

// A new goroutine, now running on p.
static inline Task *enter(P *p)
{
    Task *t = task_new(p, NULL);
    task_go(p, t);
    G *g = sched_next(p);
    cr_assert_eq(g, &t->g);
    return t;
}

// t goes on where it parked: it must be the next one.
static inline void resume(P *p, Task *t)
{
    cr_assert_eq(sched_next(p), &t->g);
}

#endif
