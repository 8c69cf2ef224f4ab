// blocking_stress.c: calls that wait in the kernel hand their P over; others go on meanwhile; stops
// and collections happen while some are out; all come back.
#include <time.h>

#include "tests/stress/tasks.h"

static void short_call(Task *t)
{
    (void)t;
    sched_procs();
}

static void sleep_us(Task *t)
{
    struct timespec time = {0, (long)(t->v[4] % 300) * 1000};
    nanosleep(&time, NULL);
}

// v0 done, v1 i, v2 rounds, v3 object, v4 random
static Step blocker(P *p, Task *t)
{
    BEGIN(t);
    for (t->v[1] = 0; t->v[1] < t->v[2]; t->v[1]++) {
        u64 *object = gc_alloc(p, GC_SCAN, 64);
        object[7] = t->v[1];
        t->v[3] = ptr_slot(object);
        t->v[4] = choose(p, CHOOSE_RAND, 0);
        if (t->v[4] % 3 == 0)
            BLOCK(t, sleep_us);
        else
            BLOCK(t, short_call);
        REQUIRE(((u64 *)slot_ptr(t->v[3]))[7] == t->v[1]);
        if (t->v[4] % 50 == 1)
            gc_collect_now(p);
        SAFEPOINT(t);
    }
    PARK(t, chan_send(p, CHAN(t, 0), &t->v[1]));
    END(t);
}

// Runs while others block. v0 done, v1 i, v2 rounds
static Step worker(P *p, Task *t)
{
    BEGIN(t);
    for (t->v[1] = 0; t->v[1] < t->v[2] * 20; t->v[1]++) {
        t->v[3] = ptr_slot(gc_alloc(p, GC_SCAN, 32));
        PARK_ALWAYS(t, sched_yield_g(p, &t->g));
    }
    PARK(t, chan_send(p, CHAN(t, 0), &t->v[1]));
    END(t);
}

// Blocks for a second while holding the only P: sysmon must give it to the others.
static void long_call(Task *t)
{
    (void)t;
    struct timespec time = {0, 50000000};
    nanosleep(&time, NULL);
}

static Step long_blocker(P *p, Task *t)
{
    BEGIN(t);
    BLOCK(t, long_call);
    PARK(t, chan_send(p, CHAN(t, 0), &t->v[1]));
    END(t);
}

static Step start(P *p, Task *t)
{
    static const struct {
        TaskFn fn;
        int count;
        u64 rounds;
    } parts[] = {{blocker, 12, 150}, {worker, 4, 100}, {long_blocker, 3, 1}};
    BEGIN(t);
    t->v[0] = ptr_slot(chan_make(p, 1, true, 0, NULL));
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
    REQUIRE(sched_goroutine_count() >= 1);
    END(t);
}

int main(void)
{
    return task_main(start);
}
