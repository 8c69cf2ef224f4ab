// step.c: the main thread as the only M, which runs the G that a driver names.
//
// The G gives way before its next visible operation (sched_point); then there is no next one,
// since seeded_next leaves that to the driver, and the runner returns. A stop is served at once:
// nobody else runs.
#include "runtime/step.h"

#include "runtime/sched_impl.h"

static M driver;

void step_begin(void)
{
    check(sched.options.seeded);
    PImpl *p = sched.all_p[0];
    driver.p = p;
    p->m = &driver;
    current_m = &driver;
    seeded_drive();
    // relaxed: there are no other threads.
    atomic_fetch_and_explicit(&sched.stopping, ~(u32)STOP_BOOT, memory_order_relaxed);
}

static int by_id(const void *a, const void *b)
{
    u64 x = (*(const G *const *)a)->id, y = (*(const G *const *)b)->id;
    return x < y ? -1 : x > y;
}

u32 step_runnable(const G **out, u32 room)
{
    G *const *list;
    u32 n = seeded_pool(driver.p, &list);
    for (u32 i = 0; i < n && i < room; i++)
        out[i] = list[i];
    qsort(out, n < room ? n : room, sizeof *out, by_id);
    return n;
}

Pending step_pending(const G *g)
{
    Pending pending = {.op = VISIBLE_NONE};
    if (g->at_point && sched.runner.pending)
        sched.runner.pending(g, &pending);
    return pending;
}

// True: the process is to end.
static bool serve_stop(void)
{
    atomic_store_explicit(&sched.world_stopped, true, memory_order_relaxed);
    bool ends = stop_serve();
    atomic_store_explicit(&sched.world_stopped, false, memory_order_relaxed);
    atomic_store_explicit(&driver.p->hot.request, 0, memory_order_relaxed);
    return ends;
}

StepEnd step_one(const G *chosen, i64 instructions)
{
    P *p = &driver.p->hot;
    G *const *list;
    seeded_pool(driver.p, &list);
    seeded_take(p, chosen, instructions);
    G *g = p->g;
    for (;;) {
        RunResult result = sched.runner.run(p, g);
        check(result != RUN_LOST_P);
        if (stop_wanted() && serve_stop())
            return STEP_EXIT_CODE;
        if (!p->g)
            break;
        if (result == RUN_YIELDED) {
            sched_yield_g(p, g);
            break;
        }
    }
    switch (g_state(g)) {
    case G_PARKED: return STEP_WAITS;
    case G_RUNNABLE: return p->fuel < 0 ? STEP_LONG : STEPPED;
    default: return STEP_ENDED;
    }
}

bool step_clock(void)
{
    return seeded_jump(driver.p);
}
