// select.c: select over channels.
//
// First a look without locks: if exactly what looks ready is picked at random, the ready case
// costs one lock. If that finds nothing, all channels are locked in address order, looked at
// again, and if there is still nothing the G is queued on every channel before any lock is
// released; so nobody can fire it while it is still being queued.
//
// Whoever takes a waiter of this select out of a queue claims the whole select by one CAS on
// G.select_won (queue_take, chan.c). The waiters that lost stay where they are until the G is
// taken from its run queue: select_finish unlinks them before the G goes on (until then their
// memory, the G's frame, does not move), or somebody else threw them out before.
//
// Fairness: among the cases that are ready at the same moment each is chosen with the same
// probability.
//
// A default must be taken only if at one moment no case was ready; with one channel the unlocked
// look is such a moment, with several it is not, so then the locks decide.
#include "runtime/select.h"

#include "runtime/chan_impl.h"
#include "runtime/choose.h"
#include "runtime/p.h"
#include "runtime/sched.h"

static bool is_send(const SelectCase *c)
{
    return (c->desc & 1) == SELECT_SEND;
}

static Slot *elem_of(const SelectCase *c, Slot *base)
{
    return base + (c->desc >> 8);
}

// Might the case be done at once? A hint without the lock; with it, the truth but for waiting
// selects that were won elsewhere.
static bool looks_ready(const SelectCase *c)
{
    const Channel *ch = c->ch;
    if (!ch)
        return false;
    if (is_send(c))
        return chan_closed(ch) || queue_first(&ch->receivers) || chan_count(ch) < ch->capacity;
    return chan_count(ch) > 0 || queue_first(&ch->senders) || chan_closed(ch);
}

// A random one of the cases that look ready, or count. Without the locks they may change between
// the two rounds: then it is the last one that looked ready.
static u32 draw(P *p, const SelectCase *cases, u32 count)
{
    u32 chosen = count, ready = 0;
    for (u32 i = 0; i < count; i++) {
        if (looks_ready(&cases[i]) && ready++ == 0)
            chosen = i;
    }
    if (ready <= 1)
        return chosen;
    u64 left = choose(p, CHOOSE_SELECT, ready);
    for (u32 i = chosen; i < count; i++) {
        if (!looks_ready(&cases[i]))
            continue;
        chosen = i;
        if (left-- == 0)
            break;
    }
    return chosen;
}

// Does case i if it can; TRY_WAIT if others were faster. The channel's lock is held.
static ChanTry try_locked(SelectCase *cases, u32 i, Slot *base, Slot *result, G **woken)
{
    SelectCase *c = &cases[i];
    Slot *elem = elem_of(c, base);
    ChanTry tried = is_send(c) ? chan_send_locked(c->ch, elem, woken)
                               : chan_recv_locked(c->ch, elem, &result[1], woken);
    if (tried != TRY_WAIT)
        result[0] = i;
    return tried;
}

// ---- Locking several channels ------------------------------------------------------------------

enum { ORDER_ON_STACK = 64 };

// order: the case numbers sorted by channel address; cases without a channel first.
static void sift_down(const SelectCase *cases, u32 *order, u32 at, u32 count)
{
    for (;;) {
        u32 child = 2 * at + 1;
        if (child >= count)
            return;
        if (child + 1 < count &&
            (uintptr_t)cases[order[child]].ch < (uintptr_t)cases[order[child + 1]].ch)
            child++;
        if ((uintptr_t)cases[order[at]].ch >= (uintptr_t)cases[order[child]].ch)
            return;
        u32 t = order[at];
        order[at] = order[child];
        order[child] = t;
        at = child;
    }
}

static void sort_order(const SelectCase *cases, u32 *order, u32 count)
{
    if (count <= 16) {
        for (u32 i = 0; i < count; i++) {
            u32 j = i;
            for (; j > 0 && (uintptr_t)cases[order[j - 1]].ch > (uintptr_t)cases[i].ch; j--)
                order[j] = order[j - 1];
            order[j] = i;
        }
        return;
    }
    for (u32 i = 0; i < count; i++)
        order[i] = i;
    for (u32 i = count / 2; i-- > 0;)
        sift_down(cases, order, i, count);
    for (u32 end = count - 1; end > 0; end--) {
        u32 t = order[0];
        order[0] = order[end];
        order[end] = t;
        sift_down(cases, order, 0, end);
    }
}

// The same channel may be in several cases: it is locked once.
static void lock_all(const SelectCase *cases, const u32 *order, u32 count)
{
    const Channel *last = NULL;
    for (u32 i = 0; i < count; i++) {
        Channel *ch = cases[order[i]].ch;
        if (ch != last)
            spin_lock(&ch->lock, RANK_CHAN);
        last = ch;
    }
}

static void unlock_all(const SelectCase *cases, const u32 *order, u32 count)
{
    for (u32 i = count; i-- > 0;) {
        Channel *ch = cases[order[i]].ch;
        if (ch && (i == 0 || cases[order[i - 1]].ch != ch))
            spin_unlock(&ch->lock, RANK_CHAN);
    }
}

// ---- The operation -----------------------------------------------------------------------------

// All locks are held. Queues the G everywhere and parks it.
static void enqueue(P *p, SelectCase *cases, u32 count, Slot *base, Slot *result)
{
    G *g = p->g;
    atomic_store_explicit(&g->select_won, 0, memory_order_relaxed); // under the locks
    g->recv_ok = &result[1];
    g->waiter.elem = (Slot *)cases;
    g->waiter.index = count;
    g->waiter.object = NULL;
    for (u32 i = 0; i < count; i++) {
        SelectCase *c = &cases[i];
        Waiter *w = &c->waiter;
        w->object = NULL;
        w->next = w->prev = NULL;
        if (!c->ch)
            continue;
        w->g = g;
        w->elem = elem_of(c, base);
        w->object = c->ch;
        w->index = i;
        w->is_select = 1;
        queue_append(is_send(c) ? &c->ch->senders : &c->ch->receivers, w);
    }
    sched_park(p, WAIT_SELECT);
}

ChanResult select_go(P *p, SelectCase *cases, u32 count, bool has_default, Slot *base, Slot *result)
{
    G *woken;
    result[1] = 0;
    // First look, without locks.
    u32 i;
    while ((i = draw(p, cases, count)) < count) {
        Channel *ch = cases[i].ch;
        spin_lock(&ch->lock, RANK_CHAN);
        ChanTry tried = try_locked(cases, i, base, result, &woken);
        spin_unlock(&ch->lock, RANK_CHAN);
        if (woken)
            sched_ready(p, woken);
        if (tried != TRY_WAIT)
            return tried == TRY_CLOSED ? CHAN_CLOSED : CHAN_DONE;
        // Others were faster, or waiting selects had been won elsewhere and are thrown out now;
        // what looked ready does so no more.
    }
    u32 channels = 0;
    for (i = 0; i < count; i++)
        channels += cases[i].ch != NULL;
    if (has_default && channels <= 1) {
        result[0] = (Slot)-1;
        return CHAN_DONE;
    }
    if (channels == 0) {
        // Nobody can wake it; garbage, unless it is main.
        p->g->waiter.elem = (Slot *)cases;
        p->g->waiter.index = 0;
        sched_park(p, count == 0 ? WAIT_SELECT_EMPTY : WAIT_SELECT);
        return CHAN_PARKED;
    }

    u32 on_stack[ORDER_ON_STACK];
    u32 *order = count <= ORDER_ON_STACK ? on_stack : xmalloc(count * sizeof *order);
    ChanResult answer = CHAN_DONE;
    sort_order(cases, order, count);
    lock_all(cases, order, count);
    while ((i = draw(p, cases, count)) < count) {
        ChanTry tried = try_locked(cases, i, base, result, &woken);
        if (tried == TRY_WAIT)
            continue;
        unlock_all(cases, order, count);
        if (woken)
            sched_ready(p, woken);
        answer = tried == TRY_CLOSED ? CHAN_CLOSED : CHAN_DONE;
        goto done;
    }
    if (has_default) {
        result[0] = (Slot)-1;
    } else {
        enqueue(p, cases, count, base, result);
        answer = CHAN_PARKED;
    }
    // After this the frame that `cases` lies in belongs to whoever runs the G; unlock_all reads
    // it. So the channels are noted before the first is released.
    if (answer == CHAN_PARKED) {
        Channel *noted_on_stack[ORDER_ON_STACK];
        Channel **noted = count <= ORDER_ON_STACK ? noted_on_stack : xmalloc(count * sizeof *noted);
        u32 n = 0;
        for (i = 0; i < count; i++) {
            Channel *ch = cases[order[i]].ch;
            if (ch && (n == 0 || noted[n - 1] != ch))
                noted[n++] = ch;
        }
        while (n > 0)
            spin_unlock(&noted[--n]->lock, RANK_CHAN);
        if (noted != noted_on_stack)
            free(noted);
    } else {
        unlock_all(cases, order, count);
    }
done:
    if (order != on_stack)
        free(order);
    return answer;
}

void select_finish(G *g)
{
    SelectCase *cases = (SelectCase *)g->waiter.elem;
    u32 count = g->waiter.index;
    for (u32 i = 0; i < count; i++) {
        SelectCase *c = &cases[i];
        if (!c->ch)
            continue;
        spin_lock(&c->ch->lock, RANK_CHAN);
        // Unless somebody has thrown it out, or it is the one that won.
        if (c->waiter.object)
            queue_unlink(is_send(c) ? &c->ch->senders : &c->ch->receivers, &c->waiter);
        spin_unlock(&c->ch->lock, RANK_CHAN);
        c->waiter.g = NULL;
        c->waiter.elem = NULL;
    }
    g->waiter.elem = NULL;
    // Only now: while it is 1 nobody can claim what is still queued.
    atomic_store_explicit(&g->select_won, 0, memory_order_relaxed);
}
