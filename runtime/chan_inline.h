// chan_inline.h: the inside of a channel, and the ordinary send and receive as inline functions.
//
// A program that talks over channels does little else, so the interpreter takes these: a round trip
// between two goroutines costs 17 ns with them and 34 ns through the functions of chan.h
// (tests/bench/pingpong). They do what chan.c does, in the cases that are short: elements of one
// slot, no select on the other side. The rest is chan_send_held and chan_recv_held, with the lock
// taken already. The invariants, and the order of things, are those of chan.c.
#ifndef CSP_RUNTIME_CHAN_INLINE_H
#define CSP_RUNTIME_CHAN_INLINE_H

#include "runtime/atomic.h"
#include "runtime/chan.h"
#include "runtime/lock.h"
#include "runtime/p.h"

// A doubly linked queue; the first one's prev is the last. first is read without the lock by
// select's first look.
typedef struct WaitQueue {
    Waiter *_Atomic first;
} WaitQueue;

struct Channel {
    SpinLock lock;
    u32 elem_slots; // constant
    // under lock; atomic because select looks at them without (relaxed)
    _Atomic u64 count;     // elements in the buffer
    _Atomic u32 closed;    // id of the G that closed it, cut to 32 bits
    u32 inlined;           // constant: one slot each, and nobody wants to see it (CSPDEBUG=chan)
    u64 capacity;          // constant
    u64 read_at, write_at; // elements; under lock
    WaitQueue receivers, senders;
    Slot *buffer;        // constant; behind this struct, or an object of its own
    _Atomic u64 id;      // 0 until somebody asks
    const void *made_at; // constant
    const void *closed_at;
};

static inline u64 chan_count(const Channel *ch)
{
    // relaxed: under lock, or a hint.
    return atomic_load_explicit(&((Channel *)ch)->count, memory_order_relaxed);
}

static inline void chan_set_count(Channel *ch, u64 count)
{
    // relaxed: under lock; others want a hint only.
    atomic_store_explicit(&ch->count, count, memory_order_relaxed);
}

static inline bool chan_closed(const Channel *ch)
{
    return atomic_load_explicit(&((Channel *)ch)->closed, memory_order_relaxed) != 0;
}

static inline u64 chan_next_place(const Channel *ch, u64 at)
{
    return at + 1 == ch->capacity ? 0 : at + 1;
}

// ---- Queues: all under the channel's lock ------------------------------------------------------

static inline Waiter *queue_first(const WaitQueue *q)
{
    return atomic_load_explicit(&((WaitQueue *)q)->first, memory_order_relaxed);
}

static inline void queue_set_first(WaitQueue *q, Waiter *w)
{
    // relaxed: under lock; select's unlocked look wants a hint only.
    atomic_store_explicit(&q->first, w, memory_order_relaxed);
}

static inline void queue_append(WaitQueue *q, Waiter *w)
{
    Waiter *first = queue_first(q);
    w->next = NULL;
    if (likely(!first)) {
        w->prev = w;
        queue_set_first(q, w);
    } else {
        w->prev = first->prev;
        first->prev->next = w;
        first->prev = w;
    }
}

// Takes out the first one. No stale pointers: they would keep dead goroutines.
static inline void queue_shift(WaitQueue *q, Waiter *w)
{
    Waiter *next = w->next;
    queue_set_first(q, next);
    if (unlikely(next != NULL)) {
        next->prev = w->prev;
        w->next = w->prev = NULL;
    }
    w->object = NULL; // says "not queued"
}

static inline void queue_unlink(WaitQueue *q, Waiter *w)
{
    Waiter *first = queue_first(q);
    if (w == first) {
        queue_shift(q, w);
        return;
    }
    w->prev->next = w->next;
    (w->next ? w->next : first)->prev = w->prev;
    w->next = w->prev = NULL;
    w->object = NULL;
}

// ---- The operations ----------------------------------------------------------------------------

// The G of a waiter that is not a select's: it lies in the G.
static inline G *waiter_g(Waiter *w)
{
    return (G *)(void *)((char *)w - offsetof(G, waiter));
}

// The current G, g, waits in q. Before the lock is released; after that nobody here touches it.
static inline void chan_wait(P *p, G *g, Channel *ch, WaitQueue *q, Slot *elem, int reason)
{
    Waiter *w = &g->waiter;
    w->elem = elem;
    w->object = ch;
    queue_append(q, w);
    p_park(p, g, reason);
}

// As chan_recv, with the lock held; it is released.
ChanResult chan_recv_held(P *p, Channel *ch, Slot *out, Slot *ok);

// Sends if that is simple: to a receiver that waits, or into a buffer that has room and nobody
// looks at. False: nothing has been done, chan_send knows why.
static inline __attribute__((always_inline)) bool chan_send_now(P *p, Channel *ch, const Slot *elem)
{
    // A look without the lock, which is taken for nothing if it was wrong.
    if (unlikely(!ch || !ch->inlined) ||
        (!queue_first(&ch->receivers) && chan_count(ch) >= ch->capacity))
        return false;
    spin_lock(&ch->lock, RANK_CHAN);
    Waiter *w = queue_first(&ch->receivers);
    u64 count = chan_count(ch);
    bool done = true;
    if (w && !w->is_select) {
        queue_shift(&ch->receivers, w);
        G *g = waiter_g(w);
        if (w->elem)
            *w->elem = *elem;
        if (g->recv_ok)
            *g->recv_ok = 1;
        spin_unlock(&ch->lock, RANK_CHAN);
        p_ready(p, g);
        return true;
    }
    if (!w && count < ch->capacity && !chan_closed(ch)) {
        u64 at = ch->write_at;
        ch->buffer[at] = *elem;
        ch->write_at = chan_next_place(ch, at);
        chan_set_count(ch, count + 1);
    } else {
        done = false;
    }
    spin_unlock(&ch->lock, RANK_CHAN);
    return done;
}

// chan_recv; g is p->g, out is not NULL.
static inline __attribute__((always_inline)) ChanResult chan_recv_inline(P *p, G *g, Channel *ch,
                                                                         Slot *out, Slot *ok)
{
    if (unlikely(!ch || !ch->inlined))
        return chan_recv(p, ch, out, ok);
    spin_lock(&ch->lock, RANK_CHAN);
    u64 count = chan_count(ch);
    if (queue_first(&ch->senders) || (count == 0 && chan_closed(ch)))
        return chan_recv_held(p, ch, out, ok);
    if (count == 0) {
        g->recv_ok = ok;
        chan_wait(p, g, ch, &ch->receivers, out, WAIT_CHAN_RECV);
        spin_unlock(&ch->lock, RANK_CHAN);
        return CHAN_PARKED;
    }
    u64 at = ch->read_at;
    *out = ch->buffer[at];
    ch->buffer[at] = 0; // a received pointer must not stay alive there
    ch->read_at = chan_next_place(ch, at);
    chan_set_count(ch, count - 1);
    spin_unlock(&ch->lock, RANK_CHAN);
    if (ok)
        *ok = 1;
    return CHAN_DONE;
}

#endif
