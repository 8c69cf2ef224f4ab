// select.h: select over channels.
#ifndef CSP_RUNTIME_SELECT_H
#define CSP_RUNTIME_SELECT_H

#include "runtime/chan.h"

enum { SELECT_SEND = 0, SELECT_RECV = 1 };

// One case, exactly as the compiler lays it out in the frame: 8 slots.
typedef struct SelectCase {
    Channel *ch;   // NULL: never ready
    u64 desc;      // SELECT_SEND or SELECT_RECV | (frame slot of the element << 8)
    Waiter waiter; // the runtime's
} SelectCase;
_Static_assert(sizeof(SelectCase) == 64, "eight slots");

// base: the frame that desc's slots refer to. Writes result[0] = the case chosen, or -1 for
// default, and result[1] = ok of a receive: now, or before the G is made runnable again.
// Ready cases are chosen at random, uniformly. CHAN_CLOSED: a chosen send found its channel
// closed (panic; result[0] is written); after a park the same arrives as G.wake == WAKE_CLOSED.
//
// CHAN_PARKED: the waiters lie in `cases`, which stay in place while the G is parked. Whoever
// takes the G from a run queue (sched_next, the scheduler) unlinks the losing waiters before the
// G goes on, so that the VM has nothing to do after a park but to look at G.wake.
ChanResult select_go(P *p, SelectCase *cases, u32 count, bool has_default, Slot *base,
                     Slot *result);

// Unlinks what select_go has queued and select_won has lost. Called by the scheduler only.
void select_finish(G *g);

#endif
