// sync.c: parking locks for package sync.
//
// Each lock is a word of state, changed by CAS while nobody waits, and a queue, made when
// somebody waits for the first time. The queue has a spin lock; the bit WAITERS of the state is
// set and cleared under it, so who sees the bit goes through the queue.
//
// The queue belongs to the address of its lock: a copy of the lock carries the same pointer,
// finds another owner in it and makes a queue of its own. The owner's address is hidden, so that
// a queue does not keep a lock alive; the lock keeps the queue, and the queue its waiters. So a
// G that waits on a lock that nobody has any more is garbage.
//
// Locks: SyncQueue.lock, RANK_SYNC. Gs are made ready after it is released.
#include "runtime/sync.h"

#include "runtime/choose.h"
#include "runtime/lock.h"
#include "runtime/p.h"
#include "runtime/sched.h"

typedef struct SyncQueue {
    SpinLock lock;
    u32 unused;
    u64 owner; // ~address of the lock; constant
    // under lock
    Waiter *first, *last;
    u64 next_ticket, next_signal; // Cond only
} SyncQueue;

enum { IS_READER, IS_WRITER }; // Waiter.index in an RWMutex

static SyncQueue *queue_of(P *p, void *_Atomic *word, const void *owner)
{
    u64 hidden = ~(u64)(uintptr_t)owner;
    // acquire: pairs with the release below; the queue's owner is written.
    void *q = atomic_load_explicit(word, memory_order_acquire);
    while (!q || ((SyncQueue *)q)->owner != hidden) {
        SyncQueue *mine = gc_alloc(p, GC_SCAN, sizeof *mine);
        mine->owner = hidden;
        // release: pairs with the acquires here.
        if (atomic_compare_exchange_strong_explicit(word, &q, mine, memory_order_release,
                                                    memory_order_acquire))
            return mine;
    }
    return q;
}

// at: for whoever hands it the lock.
static void wait_here(P *p, SyncQueue *q, void *object, u32 index, int reason, const void *at)
{
    Waiter *w = &p->g->waiter;
    w->elem = (Slot *)at; // a program counter, not in its stack
    w->object = object;
    w->index = index;
    w->next = NULL;
    w->prev = q->last;
    if (q->last)
        q->last->next = w;
    else
        q->first = w;
    q->last = w;
    sched_park(p, reason);
}

static G *unlink_waiter(SyncQueue *q, Waiter *w)
{
    if (w->prev)
        w->prev->next = w->next;
    else
        q->first = w->next;
    if (w->next)
        w->next->prev = w->prev;
    else
        q->last = w->prev;
    w->next = w->prev = NULL;
    w->object = NULL;
    return w->g;
}

enum { SEEDED_LOOKS = 8 }; // how far back in a queue a seeded run takes somebody from

// The waiter whose turn it is: the first. Go promises no order, so seeded runs try others.
static Waiter *next_waiter(P *p, SyncQueue *q)
{
    Waiter *w = q->first;
    if (unlikely(sched_seeded()) && w && w->next) {
        u64 n = 0;
        for (Waiter *each = w; each && n < SEEDED_LOOKS; each = each->next)
            n++;
        for (u64 i = choose(p, CHOOSE_LOCK, n); i > 0; i--)
            w = w->next;
    }
    return w;
}

// Gs to be made ready after the lock is released, in order, linked by G.next.
typedef struct Woken {
    G *first, **last;
} Woken;

static void woken_add(Woken *list, G *g)
{
    g->next = NULL;
    *list->last = g;
    list->last = &g->next;
}

static void woken_ready(P *p, Woken *list)
{
    while (list->first) {
        G *g = list->first;
        list->first = g->next;
        g->next = NULL;
        sched_ready(p, g);
    }
}

static SyncResult misuse(const char **why, const char *text)
{
    *why = text;
    return SYNC_MISUSE;
}

// ---- Mutex -------------------------------------------------------------------------------------

enum { MUTEX_LOCKED = 1, MUTEX_WAITERS = 2 };

// relaxed: read when the world stands still.
static void set_holder(SyncHolder *holder, const G *g, const void *at)
{
    atomic_store_explicit(&holder->id, g->id, memory_order_relaxed);
    atomic_store_explicit(&holder->at, at, memory_order_relaxed);
}

bool sync_mutex_trylock(P *p, SyncMutex *m, const void *at)
{
    u32 state = atomic_load_explicit(&m->state, memory_order_relaxed);
    // acquire: pairs with the release in unlock.
    if ((state & MUTEX_LOCKED) ||
        !atomic_compare_exchange_strong_explicit(&m->state, &state, state | MUTEX_LOCKED,
                                                 memory_order_acquire, memory_order_relaxed))
        return false;
    set_holder(&m->holder, p->g, at);
    return true;
}

static SyncResult lock_mutex(P *p, SyncMutex *m, int reason, const void *at)
{
    if (likely(sync_mutex_trylock(p, m, at)))
        return SYNC_DONE;
    SyncQueue *q = queue_of(p, &m->queue, m);
    spin_lock(&q->lock, RANK_SYNC);
    u32 state = atomic_load_explicit(&m->state, memory_order_relaxed);
    for (;;) {
        u32 next = state & MUTEX_LOCKED ? state | MUTEX_WAITERS : state | MUTEX_LOCKED;
        // acquire: pairs with the release in unlock. With WAITERS set, unlock comes to the queue.
        if (!atomic_compare_exchange_weak_explicit(&m->state, &state, next, memory_order_acquire,
                                                   memory_order_relaxed))
            continue;
        if (state & MUTEX_LOCKED)
            break;
        spin_unlock(&q->lock, RANK_SYNC);
        set_holder(&m->holder, p->g, at);
        return SYNC_DONE;
    }
    wait_here(p, q, m, 0, reason, at);
    spin_unlock(&q->lock, RANK_SYNC);
    return SYNC_PARKED;
}

SyncResult sync_mutex_lock(P *p, SyncMutex *m, const void *at)
{
    return lock_mutex(p, m, WAIT_MUTEX, at);
}

SyncResult sync_once_lock(P *p, SyncMutex *m, const void *at)
{
    return lock_mutex(p, m, WAIT_ONCE, at);
}

SyncResult sync_mutex_unlock(P *p, SyncMutex *m, const char **why)
{
    u32 state = atomic_load_explicit(&m->state, memory_order_relaxed);
    while (!(state & MUTEX_WAITERS)) {
        if (!(state & MUTEX_LOCKED))
            return misuse(why, "sync: unlock of unlocked mutex");
        // release: pairs with the acquires in lock and trylock.
        if (atomic_compare_exchange_weak_explicit(&m->state, &state, 0, memory_order_release,
                                                  memory_order_relaxed))
            return SYNC_DONE;
    }
    // Handed over to the first waiter: the mutex stays locked. (A copied mutex may say WAITERS and
    // have none.) What the critical section wrote goes with the run queue to the next.
    SyncQueue *q = queue_of(p, &m->queue, m);
    spin_lock(&q->lock, RANK_SYNC);
    Waiter *w = next_waiter(p, q);
    G *g = w ? unlink_waiter(q, w) : NULL;
    u32 next = (g ? MUTEX_LOCKED : 0) | (q->first ? MUTEX_WAITERS : 0);
    if (g)
        set_holder(&m->holder, g, g->waiter.elem);
    // release: as above. Nobody else changes it: it is locked, and WAITERS is under the lock.
    atomic_store_explicit(&m->state, next, memory_order_release);
    spin_unlock(&q->lock, RANK_SYNC);
    if (g)
        sched_ready(p, g);
    return SYNC_DONE;
}

// ---- RWMutex -----------------------------------------------------------------------------------
//
// state: number of readers, and two bits above. Readers come in only while both bits are clear, so
// a waiting writer holds back new readers; waiters go in in their order, neighbouring readers
// together.

#define RW_WRITER  ((i64)1 << 40)
#define RW_WAITERS ((i64)1 << 41)
#define RW_READERS (RW_WRITER - 1)

static bool rw_try(P *p, SyncRWMutex *m, i64 forbidden, i64 add, const void *at)
{
    i64 state = atomic_load_explicit(&m->state, memory_order_relaxed);
    while (!(state & forbidden)) {
        // acquire: pairs with the releases in the unlocks.
        if (atomic_compare_exchange_weak_explicit(&m->state, &state, state + add,
                                                  memory_order_acquire, memory_order_relaxed)) {
            set_holder(&m->holder, p->g, at);
            return true;
        }
    }
    return false;
}

#define RW_FORBIDS_READER (RW_WRITER | RW_WAITERS)
#define RW_FORBIDS_WRITER (RW_WRITER | RW_WAITERS | RW_READERS)

bool sync_rw_tryrlock(P *p, SyncRWMutex *m, const void *at)
{
    return rw_try(p, m, RW_FORBIDS_READER, 1, at);
}

bool sync_rw_trylock(P *p, SyncRWMutex *m, const void *at)
{
    return rw_try(p, m, RW_FORBIDS_WRITER, RW_WRITER, at);
}

// relaxed: for reports, the world stands still.
u64 sync_rw_readers(const SyncRWMutex *m)
{
    i64 state = atomic_load_explicit(&((SyncRWMutex *)m)->state, memory_order_relaxed);
    return (u64)(state & RW_READERS);
}

bool sync_rw_writer(const SyncRWMutex *m)
{
    return atomic_load_explicit(&((SyncRWMutex *)m)->state, memory_order_relaxed) & RW_WRITER;
}

// Lets in whoever may come in now. Queue's lock held.
static void rw_grant(SyncRWMutex *m, SyncQueue *q, Woken *woken)
{
    while (q->first) {
        i64 state = atomic_load_explicit(&m->state, memory_order_relaxed);
        bool writer = q->first->index == IS_WRITER;
        if (state & (writer ? RW_WRITER | RW_READERS : RW_WRITER))
            return; // its unlock comes to the queue, since WAITERS is set
        // acquire: pairs with the releases in the unlocks. Concurrently only readers leave.
        if (atomic_compare_exchange_strong_explicit(&m->state, &state,
                                                    state + (writer ? RW_WRITER : 1),
                                                    memory_order_acquire, memory_order_relaxed)) {
            set_holder(&m->holder, q->first->g, q->first->elem);
            woken_add(woken, unlink_waiter(q, q->first));
        }
    }
    // relaxed: lets the fast paths in again; they order themselves.
    atomic_fetch_and_explicit(&m->state, ~RW_WAITERS, memory_order_relaxed);
}

static SyncResult rw_lock_slow(P *p, SyncRWMutex *m, u32 index, i64 forbidden, i64 add, int reason,
                               const void *at)
{
    SyncQueue *q = queue_of(p, &m->queue, m);
    spin_lock(&q->lock, RANK_SYNC);
    i64 state = atomic_load_explicit(&m->state, memory_order_relaxed);
    for (;;) {
        bool enters = !(state & forbidden);
        // acquire: pairs with the releases in the unlocks.
        if (!atomic_compare_exchange_weak_explicit(&m->state, &state,
                                                   enters ? state + add : state | RW_WAITERS,
                                                   memory_order_acquire, memory_order_relaxed))
            continue;
        if (enters) {
            set_holder(&m->holder, p->g, at);
            spin_unlock(&q->lock, RANK_SYNC);
            return SYNC_DONE;
        }
        break;
    }
    // A copied lock may say WAITERS and be free otherwise: then we are the first in the queue and
    // come in at once.
    bool free = !(state & (RW_WRITER | RW_READERS)) && !q->first;
    if (free) {
        atomic_fetch_add_explicit(&m->state, add - RW_WAITERS, memory_order_acquire); // as above
        set_holder(&m->holder, p->g, at);
        spin_unlock(&q->lock, RANK_SYNC);
        return SYNC_DONE;
    }
    wait_here(p, q, m, index, reason, at);
    spin_unlock(&q->lock, RANK_SYNC);
    return SYNC_PARKED;
}

SyncResult sync_rw_rlock(P *p, SyncRWMutex *m, const void *at)
{
    if (sync_rw_tryrlock(p, m, at))
        return SYNC_DONE;
    return rw_lock_slow(p, m, IS_READER, RW_FORBIDS_READER, 1, WAIT_RWMUTEX_R, at);
}

SyncResult sync_rw_lock(P *p, SyncRWMutex *m, const void *at)
{
    if (sync_rw_trylock(p, m, at))
        return SYNC_DONE;
    return rw_lock_slow(p, m, IS_WRITER, RW_FORBIDS_WRITER, RW_WRITER, WAIT_RWMUTEX_W, at);
}

static void rw_wake(P *p, SyncRWMutex *m)
{
    Woken woken = {.last = &woken.first};
    SyncQueue *q = queue_of(p, &m->queue, m);
    spin_lock(&q->lock, RANK_SYNC);
    rw_grant(m, q, &woken);
    spin_unlock(&q->lock, RANK_SYNC);
    woken_ready(p, &woken);
}

SyncResult sync_rw_runlock(P *p, SyncRWMutex *m, const char **why)
{
    i64 state = atomic_load_explicit(&m->state, memory_order_relaxed);
    do {
        if ((state & RW_READERS) == 0)
            return misuse(why, "sync: RUnlock of unlocked RWMutex");
        // release: pairs with the acquires of writers.
    } while (!atomic_compare_exchange_weak_explicit(&m->state, &state, state - 1,
                                                    memory_order_release, memory_order_relaxed));
    if ((state & RW_WAITERS) && (state & RW_READERS) == 1)
        rw_wake(p, m);
    return SYNC_DONE;
}

SyncResult sync_rw_unlock(P *p, SyncRWMutex *m, const char **why)
{
    i64 state = atomic_load_explicit(&m->state, memory_order_relaxed);
    do {
        if (!(state & RW_WRITER))
            return misuse(why, "sync: Unlock of unlocked RWMutex");
        // release: pairs with the acquires of readers and writers.
    } while (!atomic_compare_exchange_weak_explicit(&m->state, &state, state & ~RW_WRITER,
                                                    memory_order_release, memory_order_relaxed));
    if (state & RW_WAITERS)
        rw_wake(p, m);
    return SYNC_DONE;
}

// ---- WaitGroup ---------------------------------------------------------------------------------
//
// state: counter * 2 + 1 if somebody waits. The step to 0 with the bit set is made under the
// queue's lock together with taking all waiters, so nobody who waits for the next round is woken.

SyncResult sync_wg_add(P *p, SyncWaitGroup *wg, i64 delta, const char **why)
{
    i64 state = atomic_load_explicit(&wg->state, memory_order_relaxed);
    for (;;) {
        i64 count = (state >> 1) + delta;
        if (count < 0)
            return misuse(why, "sync: negative WaitGroup counter");
        if (count == 0 && (state & 1)) {
            Woken woken = {.last = &woken.first};
            SyncQueue *q = queue_of(p, &wg->queue, wg);
            spin_lock(&q->lock, RANK_SYNC);
            // acq_rel: pairs with itself: the last one sees what the others did before Done, and
            // the run queue carries it to the waiters.
            bool done = atomic_compare_exchange_strong_explicit(
                &wg->state, &state, 0, memory_order_acq_rel, memory_order_relaxed);
            if (done) {
                while (q->first)
                    woken_add(&woken, unlink_waiter(q, q->first));
            }
            spin_unlock(&q->lock, RANK_SYNC);
            woken_ready(p, &woken);
            if (done)
                return SYNC_DONE;
            continue;
        }
        // acq_rel: as above; and for a Wait that finds 0.
        if (atomic_compare_exchange_weak_explicit(&wg->state, &state, count * 2 | (state & 1),
                                                  memory_order_acq_rel, memory_order_relaxed))
            return SYNC_DONE;
    }
}

i64 sync_wg_counter(const SyncWaitGroup *wg)
{
    // relaxed: for reports, the world stands still.
    return atomic_load_explicit(&((SyncWaitGroup *)wg)->state, memory_order_relaxed) >> 1;
}

SyncResult sync_wg_wait(P *p, SyncWaitGroup *wg)
{
    // acquire: pairs with the step to 0.
    if (atomic_load_explicit(&wg->state, memory_order_acquire) >> 1 == 0)
        return SYNC_DONE;
    SyncQueue *q = queue_of(p, &wg->queue, wg);
    spin_lock(&q->lock, RANK_SYNC);
    i64 state = atomic_load_explicit(&wg->state, memory_order_acquire);
    do {
        if (state >> 1 == 0) {
            spin_unlock(&q->lock, RANK_SYNC);
            return SYNC_DONE;
        }
        // acquire: it may be 0 now; pairs with the step to 0.
    } while (!atomic_compare_exchange_weak_explicit(&wg->state, &state, state | 1,
                                                    memory_order_acquire, memory_order_acquire));
    wait_here(p, q, wg, 0, WAIT_WAITGROUP, NULL);
    spin_unlock(&q->lock, RANK_SYNC);
    return SYNC_PARKED;
}

bool sync_wg_idle(SyncWaitGroup *wg)
{
    return atomic_load_explicit(&wg->state, memory_order_relaxed) == 0;
}

// ---- Cond --------------------------------------------------------------------------------------
//
// Tickets are numbered; signals as well. A waiter whose ticket is below next_signal has been
// signalled, perhaps before it queued itself.

u64 sync_cond_ticket(P *p, SyncCond *c)
{
    SyncQueue *q = queue_of(p, &c->queue, c);
    spin_lock(&q->lock, RANK_SYNC);
    u64 ticket = q->next_ticket++;
    spin_unlock(&q->lock, RANK_SYNC);
    return ticket;
}

SyncResult sync_cond_wait(P *p, SyncCond *c, u64 ticket)
{
    SyncQueue *q = queue_of(p, &c->queue, c);
    spin_lock(&q->lock, RANK_SYNC);
    bool signalled = ticket < q->next_signal;
    if (!signalled)
        wait_here(p, q, c, (u32)ticket, WAIT_COND, NULL);
    spin_unlock(&q->lock, RANK_SYNC);
    return signalled ? SYNC_DONE : SYNC_PARKED;
}

bool sync_cond_is_own(SyncCond *c)
{
    u64 hidden = ~(u64)(uintptr_t)c, none = 0;
    // relaxed: a number that never changes once it is there.
    return atomic_load_explicit(&c->owner, memory_order_relaxed) == hidden ||
           atomic_compare_exchange_strong_explicit(&c->owner, &none, hidden, memory_order_relaxed,
                                                   memory_order_relaxed) ||
           none == hidden;
}

void sync_cond_signal(P *p, SyncCond *c)
{
    if (!atomic_load_explicit(&c->queue, memory_order_relaxed))
        return; // nobody has ever waited
    SyncQueue *q = queue_of(p, &c->queue, c);
    G *g = NULL;
    spin_lock(&q->lock, RANK_SYNC);
    if (q->next_signal != q->next_ticket) {
        u32 ticket = (u32)q->next_signal++;
        // Near the front, since tickets and queueing go in nearly the same order. Not there yet:
        // it will see next_signal.
        for (Waiter *w = q->first; w; w = w->next) {
            if (w->index == ticket) {
                g = unlink_waiter(q, w);
                break;
            }
        }
    }
    spin_unlock(&q->lock, RANK_SYNC);
    if (g)
        sched_ready(p, g);
}

void sync_cond_broadcast(P *p, SyncCond *c)
{
    if (!atomic_load_explicit(&c->queue, memory_order_relaxed))
        return; // nobody has ever waited
    SyncQueue *q = queue_of(p, &c->queue, c);
    Woken woken = {.last = &woken.first};
    spin_lock(&q->lock, RANK_SYNC);
    q->next_signal = q->next_ticket;
    while (q->first)
        woken_add(&woken, unlink_waiter(q, q->first));
    spin_unlock(&q->lock, RANK_SYNC);
    woken_ready(p, &woken);
}
