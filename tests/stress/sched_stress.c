// sched_stress.c: storms of goroutines, trees of them, yields, preemption of those that compute,
// changes of GOMAXPROCS meanwhile; each runs exactly once, and time slices end.
#include "tests/stress/tasks.h"

static _Atomic u64 leaves;

// A tree: v0 done, v1 depth
static Step tree(P *p, Task *t)
{
    BEGIN(t);
    if (t->v[1] == 0) {
        atomic_fetch_add_explicit(&leaves, 1, memory_order_relaxed);
        PARK(t, chan_send(p, CHAN(t, 0), &t->v[1]));
        return STEP_EXIT;
    }
    t->v[2] = ptr_slot(chan_make(p, 1, true, t->v[1] % 2, NULL));
    for (int i = 0; i < 2; i++) {
        Task *c = task_new(p, tree);
        c->v[0] = t->v[2];
        c->v[1] = t->v[1] - 1;
        task_go(p, c);
    }
    SAFEPOINT(t);
    PARK(t, chan_recv(p, CHAN(t, 2), &t->v[3], NULL));
    PARK(t, chan_recv(p, CHAN(t, 2), &t->v[3], NULL));
    PARK(t, chan_send(p, CHAN(t, 0), &t->v[1]));
    END(t);
}

// Computes without ever giving way by itself until the other one has set the flag.
// v0 done, v1 flag (object), v2 mine
static Step computes(P *p, Task *t)
{
    BEGIN(t);
    atomic_store_explicit((_Atomic u64 *)slot_ptr(t->v[1]) + t->v[2], 1, memory_order_relaxed);
    while (!atomic_load_explicit((_Atomic u64 *)slot_ptr(t->v[1]) + (1 - t->v[2]),
                                 memory_order_relaxed))
        SAFEPOINT(t);
    PARK(t, chan_send(p, CHAN(t, 0), &t->v[1]));
    END(t);
}

static Step yields(P *p, Task *t)
{
    BEGIN(t);
    for (t->v[1] = 0; t->v[1] < t->v[2]; t->v[1]++) {
        if (t->v[1] % 3)
            PARK_ALWAYS(t, sched_yield_g(p, &t->g));
        else
            PARK_ALWAYS(t, timer_sleep(p, 0));
    }
    PARK(t, chan_send(p, CHAN(t, 0), &t->v[1]));
    END(t);
}

// v0 done, v1 i
static Step procs(P *p, Task *t)
{
    BEGIN(t);
    t->v[3] = (Slot)sched_procs();
    for (t->v[1] = 0; t->v[1] < 40; t->v[1]++) {
        int n = 1 + (int)(choose(p, CHOOSE_RAND, 0) % 9);
        sched_set_procs(p, n);
        t->v[4] = (Slot)n;
        SAFEPOINT(t);
        REQUIRE(sched_procs() == (int)t->v[4]);
        PARK_ALWAYS(t, timer_sleep(p, (i64)(choose(p, CHOOSE_RAND, 0) % 300000)));
    }
    sched_set_procs(p, (int)t->v[3]);
    SAFEPOINT(t);
    PARK(t, chan_send(p, CHAN(t, 0), &t->v[1]));
    END(t);
}

static Step nothing(P *p, Task *t)
{
    (void)p, (void)t;
    return STEP_EXIT;
}

static Step start(P *p, Task *t)
{
    BEGIN(t);
    t->v[0] = ptr_slot(chan_make(p, 1, true, 0, NULL));
    Task *s = task_new(p, tree);
    s->v[0] = t->v[0];
    s->v[1] = DEBUG(gcstress) || DEBUG(delay) ? 8 : 14;
    t->v[4] = (Slot)1 << s->v[1];
    task_go(p, s);
    // v5: two flags. On one P the first must be preempted for the second to run.
    t->v[5] = ptr_slot(gc_alloc(p, GC_PTRFREE, 16));
    for (u64 i = 0; i < 2; i++) {
        s = task_new(p, computes);
        s->v[0] = t->v[0];
        s->v[1] = t->v[5];
        s->v[2] = i;
        task_go(p, s);
    }
    for (int i = 0; i < 5; i++) {
        s = task_new(p, yields);
        s->v[0] = t->v[0];
        s->v[2] = scaled(2000);
        task_go(p, s);
    }
    s = task_new(p, procs);
    s->v[0] = t->v[0];
    task_go(p, s);
    for (t->v[1] = 0; t->v[1] < 1 + 2 + 5 + 1; t->v[1]++)
        PARK(t, chan_recv(p, CHAN(t, 0), &t->v[2], NULL));
    REQUIRE(atomic_load_explicit(&leaves, memory_order_relaxed) == t->v[4]);
    for (t->v[1] = 0; t->v[1] < scaled(20000); t->v[1]++) {
        task_go(p, task_new(p, nothing));
        if (t->v[1] % 700 == 0)
            PARK_ALWAYS(t, sched_yield_g(p, &t->g));
        SAFEPOINT(t);
    }
    while (sched_goroutine_count() > 1)
        PARK_ALWAYS(t, timer_sleep(p, 50000));
    END(t);
}

int main(void)
{
    return task_main(start);
}
