// chan.h: channels. An element is a number of slots; a channel moves slots and never looks inside.
#ifndef CSP_RUNTIME_CHAN_H
#define CSP_RUNTIME_CHAN_H

#include "runtime/g.h"

typedef enum ChanResult {
    CHAN_DONE,
    CHAN_PARKED, // the current G is queued; the caller had saved its registers before the call,
                 // must not touch the G again and must run another one
    CHAN_CLOSED, // send: panic "send on closed channel"; close: "close of closed channel"
} ChanResult;

// NULL when the buffer is too large to get (caller: "no memory", collect, again).
Channel *chan_make(P *p, u32 elem_slots, bool elem_ptrfree, u64 capacity, const void *made_at);

// All take the current G from p->g. ch may be NULL (parks for ever), except chan_close.
// elem: elem_slots words in the caller's frame (they stay valid while it is parked).
ChanResult chan_send(P *p, Channel *ch, const Slot *elem);
// out and ok (may be NULL) are written now, or by the waker before the G is made runnable.
// After a park there is nothing left to do for the receiver.
ChanResult chan_recv(P *p, Channel *ch, Slot *out, Slot *ok);
// Takes a parked G out of the queue of its channel, in which it must be; it stays parked.
void chan_unqueue(G *g, bool sends);
// CHAN_DONE or CHAN_CLOSED. at: where, for reports.
ChanResult chan_close(P *p, Channel *ch, const void *at);
u64 chan_len(Channel *ch); // 0 for NULL
u64 chan_cap(Channel *ch);
u64 chan_id(const Channel *ch); // a small number for reports, from 1
const void *chan_made_at(const Channel *ch);
u64 chan_closed_by(const Channel *ch, const void **at); // id of the G, cut to 32 bits; 0: open

// Sends without ever parking; for timers and the runtime. False: it would have had to wait.
bool chan_try_send(P *p, Channel *ch, const Slot *elem);

#endif
