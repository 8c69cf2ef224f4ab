// deadlock_stress.c: "all goroutines are asleep" is reported when it is true, soon, with exit code
// 2, and never while a timer, a blocking call or a stop may still wake somebody.
#include <time.h>

#include "tests/stress/child.h"

static void sleep_short(Task *t)
{
    struct timespec time = {0, (long)(t->v[6] % 50) * 1000};
    nanosleep(&time, NULL);
}

static Step wake_later(P *p, Task *t)
{
    BEGIN(t);
    if (t->v[6] % 3 == 0)
        BLOCK(t, sleep_short);
    else if (t->v[6] % 3 == 1)
        PARK_ALWAYS(t, timer_sleep(p, (i64)(t->v[6] % 50000)));
    else
        gc_collect_now(p);
    SAFEPOINT(t);
    PARK(t, chan_send(p, CHAN(t, 0), &t->v[1]));
    END(t);
}

// Again and again only one thing is left that can wake anybody. Ends with 0.
static Step never(P *p, Task *t)
{
    BEGIN(t);
    t->v[0] = ptr_slot(chan_make(p, 1, true, 0, NULL));
    for (t->v[2] = 0; t->v[2] < scaled(300); t->v[2]++) {
        Task *w = task_new(p, wake_later);
        w->v[0] = t->v[0];
        w->v[6] = choose(p, CHOOSE_RAND, 0) >> 8;
        task_go(p, w);
        PARK(t, chan_recv(p, CHAN(t, 0), &t->v[1], NULL));
    }
    END(t);
}

static Step plain(P *p, Task *t)
{
    BEGIN(t);
    t->v[0] = ptr_slot(chan_make(p, 1, true, 0, NULL));
    PARK(t, chan_recv(p, CHAN(t, 0), &t->v[1], NULL));
    END(t);
}

static Step after_timer(P *p, Task *t)
{
    BEGIN(t);
    PARK_ALWAYS(t, timer_sleep(p, 2000000));
    PARK(t, chan_recv(p, NULL, &t->v[1], NULL));
    END(t);
}

static Step after_blocking(P *p, Task *t)
{
    BEGIN(t);
    t->v[6] = 49;
    BLOCK(t, sleep_short);
    PARK(t, select_go(p, NULL, 0, false, t->v, t->result));
    END(t);
}

static Step wait_and_end(P *p, Task *t)
{
    BEGIN(t);
    PARK_ALWAYS(t, timer_sleep(p, 1000000));
    END(t);
}

static Step goexit(P *p, Task *t)
{
    BEGIN(t);
    task_go(p, task_new(p, wait_and_end));
    t->g.by_goexit = 1;
    END(t);
}

static Step mutex_twice(P *p, Task *t)
{
    BEGIN(t);
    t->v[0] = ptr_slot(gc_alloc(p, GC_SCAN, sizeof(SyncMutex)));
    Task *other = task_new(p, plain);
    task_go(p, other);
    PARK(t, sync_mutex_lock(p, slot_ptr(t->v[0]), NULL));
    PARK(t, sync_mutex_lock(p, slot_ptr(t->v[0]), NULL));
    END(t);
}

#define ASLEEP "fatal error: all goroutines are asleep - deadlock!\n…\ngoroutine 1 ["

static const struct {
    TaskFn fn;
    int code;
    const char *text; // what standard error begins with
    int times;
} cases[] = {
    {never, 0, "", 3},
    {plain, 2, ASLEEP "chan receive]:", 5},
    {after_timer, 2, ASLEEP "chan receive (nil chan)]:", 5},
    {after_blocking, 2, ASLEEP "select (no cases)]:", 5},
    {goexit, 2, "fatal error: no goroutines (main called runtime.Goexit) - deadlock!\n", 5},
    {mutex_twice, 2, ASLEEP "semacquire]:", 5},
};

int main(void)
{
    bool ok = true;
    for (int i = 0; i < countof(cases); i++) {
        for (int j = 0; j < cases[i].times; j++)
            ok &= child_run(cases[i].fn, NULL, cases[i].code, cases[i].text);
    }
    return ok ? 0 : 1;
}
