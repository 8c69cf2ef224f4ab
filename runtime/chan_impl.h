// chan_impl.h: the inside of a channel, for chan.c, select.c and reports.
#ifndef CSP_RUNTIME_CHAN_IMPL_H
#define CSP_RUNTIME_CHAN_IMPL_H

#include <stdatomic.h>

#include "runtime/chan.h"
#include "runtime/lock.h"

// A doubly linked queue. first is read without the lock by select's first look.
typedef struct WaitQueue {
    Waiter *_Atomic first;
    Waiter *last;
} WaitQueue;

struct Channel {
    SpinLock lock;
    u32 elem_slots; // constant
    // under lock; atomic because select looks at them without (relaxed)
    _Atomic u64 count; // elements in the buffer
    _Atomic u32 closed;
    u32 unused;
    u64 capacity;          // constant
    u64 read_at, write_at; // elements; under lock
    WaitQueue receivers, senders;
    Slot *buffer;        // constant; behind this struct, or an object of its own
    _Atomic u64 id;      // 0 until somebody asks
    const void *made_at; // constant
};

static inline u64 chan_count(const Channel *ch)
{
    // relaxed: under lock, or a hint.
    return atomic_load_explicit(&((Channel *)ch)->count, memory_order_relaxed);
}

static inline bool chan_closed(const Channel *ch)
{
    return atomic_load_explicit(&((Channel *)ch)->closed, memory_order_relaxed) != 0;
}

static inline Waiter *queue_first(const WaitQueue *q)
{
    return atomic_load_explicit(&((WaitQueue *)q)->first, memory_order_relaxed);
}

static inline void chan_copy(const Channel *ch, Slot *to, const Slot *from)
{
    if (likely(ch->elem_slots == 1))
        *to = *from;
    else if (ch->elem_slots > 0)
        memcpy(to, from, ch->elem_slots * sizeof(Slot));
}

static inline void queue_set_first(WaitQueue *q, Waiter *w)
{
    // relaxed: under lock; select's unlocked look wants a hint only.
    atomic_store_explicit(&q->first, w, memory_order_relaxed);
}

// All queue operations under the channel's lock.
static inline void queue_append(WaitQueue *q, Waiter *w)
{
    w->next = NULL;
    w->prev = q->last;
    if (q->last)
        q->last->next = w;
    else
        queue_set_first(q, w);
    q->last = w;
}

static inline void queue_unlink(WaitQueue *q, Waiter *w)
{
    if (w->prev)
        w->prev->next = w->next;
    else
        queue_set_first(q, w->next);
    if (w->next)
        w->next->prev = w->prev;
    else
        q->last = w->prev;
    // No stale pointers: they would keep dead goroutines.
    w->next = w->prev = NULL;
    w->object = NULL; // says "not queued"
}

typedef enum ChanTry {
    TRY_WAIT, // it would have to wait
    TRY_DONE,
    TRY_CLOSED, // send only
} ChanTry;

// Does the operation now if it can. *woken: a G to make ready after the lock is released, or NULL.
ChanTry chan_send_locked(Channel *ch, const Slot *elem, G **woken);
ChanTry chan_recv_locked(Channel *ch, Slot *out, Slot *ok, G **woken);

#endif
