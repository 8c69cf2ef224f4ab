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

struct P {
    // owner writes the running fiber's limit; anyone may store 0 (relaxed; see above)
    Slot *_Atomic limit;
    G *g;       // owner M: what runs now
    G *runnext; // owner and thieves: through the inline functions below only
    void *env[4]; // the runner's own words (the VM keeps table addresses here); set at creation
    void *free_lists[GC_KIND_COUNT][GC_SMALL_MAX / 16 + 1]; // owner; dropped at every stop
    struct PPrivate *priv;
};

static inline Slot *p_limit(P *p)
{
    return atomic_load_explicit(&p->limit, memory_order_relaxed);
}
static inline void p_set_limit(P *p, Slot *limit)
{
    atomic_store_explicit(&p->limit, limit, memory_order_relaxed);
}

// The next G of this P's own queue (runnext, ring; every 61st time the global queue), in state
// G_RUNNING and stored in p->g, or NULL: return to the scheduler.
G *sched_next(P *p);

#endif
