// seeded.c: --seed: one P, one M at a time, and nothing that the machine decides.
//
// A run is a function of program, input and seed:
//   - Who goes on is drawn from all runnable Gs (the pool), at each scheduling point: when a G
//     parks, yields or ends, before each visible operation (step.h), and when its slice is over.
//     Up to a point new ones gather where they always do, runnext, ring and global queue; at the
//     point they move to the pool.
//   - A slice is a number of instructions, counted by the interpreter in P.fuel. Most are short, so
//     that others come between any two instructions; some are long.
//   - The clock counts instructions. When nothing can run it jumps to the next timer; if somebody
//     waits for a descriptor, after as much of the world's time. What comes through descriptors,
//     and when, is input.
//   - A stop of the world (for the collector, at moments that may differ from run to run) chooses
//     nothing and takes no time: the G that ran goes on with what is left of its slice.
//   - A blocking call keeps its P: nobody retakes it (sysmon.c), so others wait as long as it does.
//   - No goroutine is reclaimed as leaked, since when that happens depends on the collector.
//
// Nothing here has a lock: what touches it runs on the P, or with the world stopped.
#include "runtime/netpoll_impl.h"
#include "runtime/sched_impl.h"

enum {
    INSTRUCTION_NS = 10,
    SLICE_MAX_LOG2 = 10, // the longest slice has less than 2^10 instructions
};

static struct {
    G **pool; // runnable Gs; gc_root_alloc
    u32 len, cap;
    G **kept; // all Gs, by their entry in the hidden table; gc_root_alloc
    u32 kept_cap;
    i64 now;     // the clock when the slice began
    i64 slice;   // how long the slice was to be
    bool waited; // for descriptors, until the next timer: the clock may jump
    bool driven; // step.c says who runs, and when the clock moves
} seeded;

// ---- The clock ---------------------------------------------------------------------------------

i64 seeded_now(void)
{
    if (seeded.driven)
        return seeded.now + 1;
    return seeded.now + (seeded.slice - sched.all_p[0]->hot.fuel) * INSTRUCTION_NS + 1;
}

// The slice ends here.
static void settle(P *hp)
{
    if (!seeded.driven)
        seeded.now += (seeded.slice - hp->fuel) * INSTRUCTION_NS;
    seeded.slice = hp->fuel = 0;
    atomic_store_explicit(&sched_coarse_now, seeded.now + 1, memory_order_relaxed);
}

static void begin_slice(P *hp)
{
    u64 shortest = (u64)1 << choose(hp, CHOOSE_SLICE, SLICE_MAX_LOG2);
    seeded.slice = hp->fuel = (i64)(shortest + choose(hp, CHOOSE_SLICE, shortest));
}

// ---- The pool ----------------------------------------------------------------------------------

static G **grown(G **list, u32 len, u32 *cap, u32 wanted)
{
    u32 n = *cap ? *cap : 64;
    while (n < wanted)
        n *= 2;
    G **bigger = gc_root_alloc(n * sizeof *bigger);
    if (len)
        memcpy(bigger, list, len * sizeof *bigger);
    if (list)
        gc_root_free(list);
    *cap = n;
    return bigger;
}

static void pool_add(G *g)
{
    if (seeded.len == seeded.cap)
        seeded.pool = grown(seeded.pool, seeded.len, &seeded.cap, seeded.len + 1);
    seeded.pool[seeded.len++] = g;
}

static G *pool_take(u32 i)
{
    G *g = seeded.pool[i];
    seeded.pool[i] = seeded.pool[--seeded.len];
    seeded.pool[seeded.len] = NULL; // else it would be kept alive
    return g;
}

static void gather(PImpl *p)
{
    G *g;
    while ((g = runq_get(p)) != NULL)
        pool_add(g);
    if ((g = p_runnext(&p->hot)) != NULL) {
        p_set_runnext(&p->hot, NULL);
        pool_add(g);
    }
    if (atomic_load_explicit(&sched.runq_count, memory_order_relaxed) == 0)
        return;
    mutex_lock(&sched.lock, RANK_SCHED);
    while ((g = global_pop_locked()) != NULL)
        pool_add(g);
    mutex_unlock(&sched.lock, RANK_SCHED);
}

void seeded_waited(void)
{
    seeded.waited = true;
}

// To the next timer. False: there is none.
bool seeded_jump(PImpl *p)
{
    i64 next = timer_heap_next(p);
    if (next == I64_MAX)
        return false;
    if (next > seeded_now())
        seeded.now = next - 1;
    timers_run(&p->hot, p, seeded_now());
    return true;
}

// Fills the pool; moves the clock on if that helps. False: nothing can run, or a stop is wanted.
static bool fill(PImpl *p)
{
    settle(&p->hot);
    for (;;) {
        if (stop_wanted())
            return false;
        if (timer_heap_next(p) <= seeded_now())
            timers_run(&p->hot, p, seeded_now());
        gather(p);
        if (seeded.len > 0)
            return true;
        // The world has a clock of its own: what it has to say comes first, and while somebody
        // waits for it the time to the next timer is waited for as well, without the P (m_park).
        if (netpoll_wanted() && !seeded.waited) {
            if (netpoll_look(p, false))
                continue;
            return false;
        }
        seeded.waited = false;
        // After main nobody waits for those who sleep (leaks.c).
        if (atomic_load_explicit(&sched.main_returned, memory_order_relaxed) || !seeded_jump(p))
            return false;
    }
}

static G *go_on(P *hp, G *g)
{
    if (!seeded.driven)
        begin_slice(hp);
    hp->point = g->at_point ? POINT_PASS : POINT_STOP;
    g->at_point = 0;
    return p_take(hp, g);
}

G *seeded_next(P *hp)
{
    if (seeded.driven || !fill(impl(hp)))
        return NULL;
    return go_on(hp, pool_take((u32)choose(hp, CHOOSE_NEXT, seeded.len)));
}

// ---- For a driver ------------------------------------------------------------------------------

void seeded_drive(void)
{
    seeded.driven = true;
}

u32 seeded_pool(PImpl *p, G *const **list)
{
    gather(p);
    *list = seeded.pool;
    return seeded.len;
}

void seeded_take(P *hp, const G *g, i64 instructions)
{
    u32 i = 0;
    while (i < seeded.len && seeded.pool[i] != g)
        i++;
    check(i < seeded.len);
    go_on(hp, pool_take(i));
    seeded.slice = hp->fuel = instructions;
}

// ---- Roots -------------------------------------------------------------------------------------

void seeded_keep(u32 slot, G *g)
{
    if (slot >= seeded.kept_cap)
        seeded.kept = grown(seeded.kept, seeded.kept_cap, &seeded.kept_cap, slot + 1);
    seeded.kept[slot] = g;
}
