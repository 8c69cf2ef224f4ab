// chan.c: channels.
//
// A Channel is a ring buffer of elements, a queue of waiting senders and a queue of waiting
// receivers. An element is n slots; this file moves slots and never looks inside.
//
// Invariants, whenever ch->lock is free (selects that were won elsewhere and not yet unlinked do
// not count as waiting):
//   - a receiver waits  =>  count == 0
//   - a sender waits    =>  count == capacity
//   - closed            =>  nobody waits
//
// Locks: ch->lock, a spin lock. It ranks above Sched.lock (lockrank.def), so waking a G while
// holding it would be allowed; but Gs are made ready after it is released, to keep the section
// short. select holds several channel locks, taken in address order.
//
// Who keeps a waiting G alive: the channel's queue points to the Waiter, which lies in the G's
// object or in its grown stack, and Waiter.g points to the G. So a G that waits on a channel that
// nobody has any more is garbage, together with the channel.
//
// Not here: select (select.c); what "send on closed channel" means to a program (vm/).
#include "runtime/chan_impl.h"

#include <stdio.h>

#include "base/debug.h"
#include "runtime/sched_impl.h"

// Smaller buffers share the channel's object, if that costs no scanning.
enum { INLINE_BUFFER_BYTES = 128 };

Channel *chan_make(P *p, u32 elem_slots, bool elem_ptrfree, u64 capacity, const void *made_at)
{
    u64 elem_bytes = (u64)elem_slots * sizeof(Slot);
    if (elem_bytes > 0 && capacity > ((u64)1 << 46) / elem_bytes)
        return NULL;
    u64 bytes = capacity * elem_bytes;
    bool together = bytes <= INLINE_BUFFER_BYTES;
    Slot *buffer = NULL;
    if (!together) {
        buffer = gc_alloc(p, elem_ptrfree ? GC_PTRFREE : GC_SCAN, bytes);
        if (!buffer)
            return NULL;
    }
    Channel *ch = gc_alloc(p, GC_SCAN, sizeof *ch + (together ? bytes : 0));
    ch->elem_slots = elem_slots;
    ch->inlined = elem_slots == 1 && !DEBUG(chan);
    ch->capacity = capacity;
    // Without a buffer it is not used, and must not point behind the channel: there is another
    // object.
    ch->buffer = !together ? buffer : bytes > 0 ? (Slot *)(ch + 1) : (Slot *)ch;
    ch->made_at = made_at;
    return ch;
}

// ---- Queues ------------------------------------------------------------------------------------

// A select is claimed by whoever takes one of its waiters first.
static bool claim(Waiter *w)
{
    u32 waiting = 0;
    // relaxed: everything that the claim gives access to was written under this channel's lock,
    // before w was queued, and we hold that lock.
    return atomic_compare_exchange_strong_explicit(&w->g->select_won, &waiting, 1,
                                                   memory_order_relaxed, memory_order_relaxed);
}

// The first waiter that is not a select won elsewhere, claimed and taken out; NULL if none.
// Selects that were won elsewhere are thrown out on the way.
static inline Waiter *queue_take(WaitQueue *q)
{
    Waiter *w;
    while ((w = queue_first(q)) != NULL) {
        queue_unlink(q, w);
        if (!w->is_select || claim(w))
            return w;
    }
    return NULL;
}

// Tells a receiver that it has got its element, or that there is none.
static G *receiver_done(Waiter *w, bool ok)
{
    G *g = w->g;
    if (w->is_select)
        g->recv_ok[-1] = w->index; // result[0]
    if (g->recv_ok)
        *g->recv_ok = ok;
    return g;
}

static G *sender_done(Waiter *w, bool sent)
{
    G *g = w->g;
    if (w->is_select)
        g->recv_ok[-1] = w->index; // result[0]
    g->wake = sent ? WAKE_PLAIN : WAKE_CLOSED;
    return g;
}

// ---- The operations, under lock ----------------------------------------------------------------

static inline void copy_elem(const Channel *ch, Slot *to, const Slot *from)
{
    if (likely(ch->elem_slots == 1))
        *to = *from;
    else if (ch->elem_slots > 0)
        memcpy(to, from, ch->elem_slots * sizeof(Slot));
}

static inline __attribute__((always_inline)) ChanTry send_locked(Channel *ch, const Slot *elem,
                                                                 G **woken)
{
    *woken = NULL;
    if (unlikely(chan_closed(ch)))
        return TRY_CLOSED;
    Waiter *w = queue_take(&ch->receivers);
    if (w) {
        // Into the receiver's slot, past the buffer, which is empty. Before it is made runnable.
        if (w->elem)
            copy_elem(ch, w->elem, elem);
        *woken = receiver_done(w, true);
        return TRY_DONE;
    }
    u64 count = chan_count(ch);
    if (count == ch->capacity)
        return TRY_WAIT;
    copy_elem(ch, ch->buffer + ch->write_at * ch->elem_slots, elem);
    ch->write_at = chan_next_place(ch, ch->write_at);
    chan_set_count(ch, count + 1);
    return TRY_DONE;
}

static inline __attribute__((always_inline)) ChanTry recv_locked(Channel *ch, Slot *out, Slot *ok,
                                                                 G **woken)
{
    *woken = NULL;
    u64 count = chan_count(ch);
    if (count > 0) {
        Slot *slots = ch->buffer + ch->read_at * ch->elem_slots;
        if (out)
            copy_elem(ch, out, slots);
        // A waiting sender's element takes the freed place, which is the end of the ring as well.
        Waiter *w = queue_take(&ch->senders);
        ch->read_at = chan_next_place(ch, ch->read_at);
        if (w) {
            copy_elem(ch, slots, w->elem);
            ch->write_at = ch->read_at;
            *woken = sender_done(w, true);
        } else {
            // A received pointer must not stay alive in the buffer.
            memset(slots, 0, ch->elem_slots * sizeof(Slot));
            chan_set_count(ch, count - 1);
        }
        if (ok)
            *ok = 1;
        return TRY_DONE;
    }
    Waiter *w = queue_take(&ch->senders);
    if (w) {
        if (out)
            copy_elem(ch, out, w->elem);
        *woken = sender_done(w, true);
        if (ok)
            *ok = 1;
        return TRY_DONE;
    }
    if (!chan_closed(ch))
        return TRY_WAIT;
    if (out)
        memset(out, 0, ch->elem_slots * sizeof(Slot));
    if (ok)
        *ok = 0;
    return TRY_DONE;
}

ChanTry chan_send_locked(Channel *ch, const Slot *elem, G **woken)
{
    return send_locked(ch, elem, woken);
}

ChanTry chan_recv_locked(Channel *ch, Slot *out, Slot *ok, G **woken)
{
    return recv_locked(ch, out, ok, woken);
}

// ---- The operations ----------------------------------------------------------------------------

static COLD void print_event(P *p, const char *what, Channel *ch)
{
    fprintf(stderr, "CHAN P%u G%llu %s #%llu: %llu of %llu\n", p->id,
            p->g ? (unsigned long long)p->g->id : 0, what, (unsigned long long)chan_id(ch),
            (unsigned long long)chan_count(ch), (unsigned long long)ch->capacity);
}

#define EVENT(p, what, ch)                                                                         \
    do {                                                                                           \
        if (unlikely(DEBUG(chan)))                                                                 \
            print_event((p), (what), (ch));                                                        \
    } while (0)

ChanResult chan_send(P *p, Channel *ch, const Slot *elem)
{
    if (unlikely(!ch)) {
        // Nobody can wake it; garbage, unless it is main.
        sched_park(p, WAIT_CHAN_SEND_NIL);
        return CHAN_PARKED;
    }
    EVENT(p, "send", ch);
    spin_lock(&ch->lock, RANK_CHAN);
    G *woken;
    ChanTry tried = send_locked(ch, elem, &woken);
    if (tried == TRY_WAIT) {
        chan_wait(p, p->g, ch, &ch->senders, (Slot *)elem, WAIT_CHAN_SEND);
        spin_unlock(&ch->lock, RANK_CHAN);
        return CHAN_PARKED;
    }
    spin_unlock(&ch->lock, RANK_CHAN);
    if (woken)
        p_ready(p, woken);
    return tried == TRY_CLOSED ? CHAN_CLOSED : CHAN_DONE;
}

ChanResult chan_recv_held(P *p, Channel *ch, Slot *out, Slot *ok)
{
    G *woken;
    if (recv_locked(ch, out, ok, &woken) == TRY_WAIT) {
        p->g->recv_ok = ok;
        chan_wait(p, p->g, ch, &ch->receivers, out, WAIT_CHAN_RECV);
        spin_unlock(&ch->lock, RANK_CHAN);
        return CHAN_PARKED;
    }
    spin_unlock(&ch->lock, RANK_CHAN);
    if (woken)
        p_ready(p, woken);
    return CHAN_DONE;
}

ChanResult chan_recv(P *p, Channel *ch, Slot *out, Slot *ok)
{
    if (unlikely(!ch)) {
        sched_park(p, WAIT_CHAN_RECV_NIL);
        return CHAN_PARKED;
    }
    EVENT(p, "recv", ch);
    spin_lock(&ch->lock, RANK_CHAN);
    return chan_recv_held(p, ch, out, ok);
}

bool chan_try_send(P *p, Channel *ch, const Slot *elem)
{
    EVENT(p, "try_send", ch);
    spin_lock(&ch->lock, RANK_CHAN);
    G *woken;
    ChanTry tried = send_locked(ch, elem, &woken);
    spin_unlock(&ch->lock, RANK_CHAN);
    if (woken)
        sched_ready(p, woken);
    return tried == TRY_DONE;
}

void chan_unqueue(G *g, bool sends)
{
    Channel *ch = g->waiter.object;
    spin_lock(&ch->lock, RANK_CHAN);
    queue_unlink(sends ? &ch->senders : &ch->receivers, &g->waiter);
    spin_unlock(&ch->lock, RANK_CHAN);
}

ChanResult chan_close(P *p, Channel *ch, const void *at)
{
    EVENT(p, "close", ch);
    spin_lock(&ch->lock, RANK_CHAN);
    if (chan_closed(ch)) {
        spin_unlock(&ch->lock, RANK_CHAN);
        return CHAN_CLOSED;
    }
    u32 by = p->g && (u32)p->g->id ? (u32)p->g->id : ~0u;
    atomic_store_explicit(&ch->closed, by, memory_order_relaxed); // as count
    ch->closed_at = at;
    // Both queues are detached under the lock; the Gs, linked by G.next, are made ready after it.
    G *first = NULL, **last = &first;
    Waiter *w;
    while ((w = queue_take(&ch->receivers)) != NULL) {
        if (w->elem)
            memset(w->elem, 0, ch->elem_slots * sizeof(Slot));
        G *g = receiver_done(w, false);
        *last = g;
        last = &g->next;
    }
    while ((w = queue_take(&ch->senders)) != NULL) {
        G *g = sender_done(w, false);
        *last = g;
        last = &g->next;
    }
    *last = NULL;
    spin_unlock(&ch->lock, RANK_CHAN);
    while (first) {
        G *g = first;
        first = g->next;
        g->next = NULL;
        sched_ready(p, g);
    }
    return CHAN_DONE;
}

u64 chan_closed_by(const Channel *ch, const void **at)
{
    *at = ch->closed_at;
    return atomic_load_explicit(&((Channel *)ch)->closed, memory_order_relaxed);
}

u64 chan_len(Channel *ch)
{
    return ch ? chan_count(ch) : 0;
}

u64 chan_cap(Channel *ch)
{
    return ch ? ch->capacity : 0;
}

u64 chan_id(const Channel *ch)
{
    static _Atomic u64 last_id;
    _Atomic u64 *id = &((Channel *)ch)->id;
    // Given on first use, so that reports count from 1 and making a channel costs nothing.
    // relaxed: numbers only.
    u64 n = atomic_load_explicit(id, memory_order_relaxed);
    if (n == 0) {
        u64 mine = atomic_fetch_add_explicit(&last_id, 1, memory_order_relaxed) + 1;
        if (atomic_compare_exchange_strong_explicit(id, &n, mine, memory_order_relaxed,
                                                    memory_order_relaxed))
            n = mine;
    }
    return n;
}

const void *chan_made_at(const Channel *ch)
{
    return ch->made_at;
}
