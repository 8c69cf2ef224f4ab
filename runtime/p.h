// p.h: the hot words of a P and the inline operations that the VM may use. The rest of P, M and
// Sched is private to this folder (sched_impl.h).
//
// P.limit is the one word of all asynchronous requests: the VM compares it at calls and taken
// back edges; 0 (the poison) makes every comparison fail, so the VM goes to its slow path and
// asks sched_request. Whoever poisons repeats it while it waits, because a switch stores the new
// fiber's limit over it.
#ifndef CSP_RUNTIME_P_H
#define CSP_RUNTIME_P_H

#include "runtime/atomic.h"
#include "runtime/chan.h"
#include "runtime/g.h"
#include "runtime/gc.h"
#include "runtime/lock.h"
#include "runtime/sched.h"
#include "runtime/select.h"

// Bits of P.request. Set by anybody (before the poison), cleared by the owner.
enum {
    P_REQUEST_STOP = 1,    // all Ps stop
    P_REQUEST_YIELD = 2,   // the time slice is over
    P_REQUEST_RUNNEXT = 4, // another P is idle: give up runnext
    P_REQUEST_TIMERS = 8,  // a timer is overdue
};

// What the counting loop does when it comes to a visible operation (step.h).
enum {
    POINT_NONE, // goes on: not seeded
    POINT_PASS, // goes on; it has been here before. The next time it stops
    POINT_STOP, // stops before the operation: sched_point
};

struct P {
    // owner writes the running fiber's limit; anyone may store 0 (relaxed; see above)
    Slot *_Atomic limit;
    uintptr_t limit_mask; // constant: all ones; 0 keeps the poison (CSPDEBUG=preempt, stackmove)
    _Atomic u32 request;
    _Atomic u32 switches; // owner writes, sysmon reads: calls of sched_next
    _Atomic u32 tick;     // owner writes, sysmon reads: time slices begun
    u32 id;               // constant
    G *g;                 // owner M: what runs now
    G *_Atomic runnext;   // owner; sysmon only looks whether there is one
    void *env[4];         // the runner's own words; set in GRunner.p_init
    i64 fuel;             // the counting loop's: instructions left of the slice
    u32 point;            // the counting loop's: POINT_…
    void *free_lists[GC_KIND_COUNT][GC_SMALL_MAX / 16 + 1]; // owner; dropped at every stop
};

static inline Slot *p_limit(P *p)
{
    return atomic_load_explicit(&p->limit, memory_order_relaxed);
}
static inline void p_set_limit(P *p, Slot *limit)
{
    atomic_store_explicit(&p->limit, (Slot *)((uintptr_t)limit & p->limit_mask),
                          memory_order_relaxed);
}

// ---- States of a G -----------------------------------------------------------------------------

_Noreturn void g_bad_state(const G *g, GState from, GState to);
// The only way to change a G's state. relaxed: a G is handed over by a lock or a run queue, and
// those order its fields.
static inline void g_set_state(G *g, GState from, GState to)
{
    if (unlikely(atomic_load_explicit(&g->state, memory_order_relaxed) != from))
        g_bad_state(g, from, to);
    atomic_store_explicit(&g->state, to, memory_order_relaxed);
    delay_point();
}

static inline GState g_state(const G *g)
{
    return (GState)atomic_load_explicit(&((G *)g)->state, memory_order_relaxed);
}

// The same where it is a tenth of a channel operation's time (tests/bench/pingpong: 18 and 21 ns):
// only the builds for testing check it.
static inline void g_move_state(G *g, GState from, GState to)
{
#if CSP_DEBUG || defined(__SANITIZE_THREAD__)
    g_set_state(g, from, to);
#else
    (void)from;
    atomic_store_explicit(&g->state, to, memory_order_relaxed);
#endif
}

// ---- Park, ready, switch -----------------------------------------------------------------------
//
// The bodies of sched_park, sched_ready and the ordinary case of sched_next. Inline they take 60
// instructions less of a channel round trip (tests/bench/pingpong).

extern _Atomic i64 sched_coarse_now; // sysmon's clock; --seed has its own

static inline G *p_runnext(P *p)
{
    return atomic_load_explicit(&p->runnext, memory_order_relaxed);
}
static inline void p_set_runnext(P *p, G *g)
{
    atomic_store_explicit(&p->runnext, g, memory_order_relaxed);
}

// g is p->g.
static inline void p_park(P *p, G *g, int reason)
{
    g->wait_reason = (u8)reason;
    g->parked_since_ns = atomic_load_explicit(&sched_coarse_now, memory_order_relaxed);
    p->g = NULL;
    g_move_state(g, G_RUNNING, G_PARKED);
}

// To the ring's tail, for what the P has more than it can do itself: somebody idle may have it.
void p_put_surplus(P *p, G *g);

static inline void p_make_next(P *p, G *g)
{
    G *displaced = p_runnext(p);
    p_set_runnext(p, g);
    if (unlikely(displaced != NULL))
        p_put_surplus(p, displaced);
}

static inline void p_ready(P *p, G *g)
{
    g_move_state(g, G_PARKED, G_RUNNABLE);
    p_make_next(p, g);
}

// g (runnable) runs on p now.
static inline G *p_take(P *p, G *g)
{
    g_move_state(g, G_RUNNABLE, G_RUNNING);
    p->g = g;
    // relaxed: written by the waker before the G was made runnable.
    if (unlikely(atomic_load_explicit(&g->select_won, memory_order_relaxed)))
        select_finish(g);
    return g;
}

static inline void count_up(_Atomic u32 *counter)
{
    // relaxed, not a read-modify-write: one writer; sysmon reads.
    atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + 1,
                          memory_order_relaxed);
}

// For the loop that counts (--seed): the next one by sched_next, or drawn from all when seeded.
G *sched_next_counted(P *p);

// The next G of this P's own queue (runnext, ring; every 61st time the global queue), in state
// G_RUNNING and stored in p->g, or NULL: return to the scheduler.
G *sched_next(P *p);

// The same; what was just made ready is taken without a call.
static inline G *p_next(P *p)
{
    G *g = p_runnext(p);
    if (unlikely(!g || atomic_load_explicit(&p->request, memory_order_relaxed)))
        return sched_next(p);
    count_up(&p->switches);
    p_set_runnext(p, NULL);
    return p_take(p, g);
}

// ---- Allocation --------------------------------------------------------------------------------

static inline void *gc_alloc_fast(P *p, GcKind kind, size_t bytes)
{
    if (likely(bytes <= GC_SMALL_MAX)) {
        void **head = &p->free_lists[kind][(bytes + 15) / 16];
        void *object = *head;
        if (likely(object != NULL)) {
            void *next = *(void **)object;
            *head = next;
            __builtin_prefetch(next, 1);
            *(void **)object = NULL;
            return object;
        }
    }
    return gc_alloc_slow(p, kind, bytes);
}
#define gc_alloc gc_alloc_fast

#endif
