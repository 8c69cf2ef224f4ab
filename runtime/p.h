// p.h: the hot words of a P and the inline operations that the VM may use. The rest of P, M and
// Sched is private to this folder (sched_impl.h).
//
// P.limit is the one word of all asynchronous requests: the VM compares it at calls and taken
// back edges; 0 (the poison) makes every comparison fail, so the VM goes to its slow path and
// asks sched_request. Whoever poisons repeats it while it waits, because a switch stores the new
// fiber's limit over it.
#ifndef CSP_RUNTIME_P_H
#define CSP_RUNTIME_P_H

#include <stdatomic.h>

#include "runtime/chan.h"
#include "runtime/g.h"
#include "runtime/gc.h"
#include "runtime/sched.h"

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
    uintptr_t limit_mask; // constant: all ones; 0 keeps the poison (CSPDEBUG=preempt)
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

// For the loop that counts (--seed): the next one by sched_next, or drawn from all when seeded.
G *sched_next_counted(P *p);

// The next G of this P's own queue (runnext, ring; every 61st time the global queue), in state
// G_RUNNING and stored in p->g, or NULL: return to the scheduler.
G *sched_next(P *p);

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
