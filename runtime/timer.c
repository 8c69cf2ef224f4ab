// timer.c: timers, in a heap per P.
//
// A timer belongs to the heap of the P that armed it first, for ever (Timer.p), except a sleep's,
// which moves with its G. So whoever stops or resets it knows which lock to take, and no timer is
// ever in two heaps. Heaps of Ps that GOMAXPROCS has put to rest are looked at like the others.
//
//               timer_start             due                  fire returned
//   TIMER_IDLE ────────────► TIMER_ARMED ────► TIMER_FIRING ────────────────► TIMER_IDLE
//        ▲                      │    ▲              │ periodic, not stopped       meanwhile
//        └──────────────────────┘    └──────────────┘
//              timer_stop
//
// `fire` is called outside the heap's lock, so that it may take channel locks. timer_stop and
// timer_reset wait while the timer is firing (a leaf that does not park): when they return, the
// effect of the last fire is complete, so a stale value can be taken out of the channel.
//
// Locks: TimerHeap.lock. Under it the heap's array may grow: an allocation of the collector, which
// takes no lock of ours.
// Who keeps a timer alive: the heap's array, a root, while it is armed.
#include "runtime/timer.h"

#include <sched.h>
#include <time.h>

#include "runtime/sched_impl.h"

enum { TIMER_IDLE, TIMER_ARMED, TIMER_FIRING };

static i64 clock_ns(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (i64)t.tv_sec * 1000000000 + t.tv_nsec;
}

i64 timer_real_now(void)
{
    // From 1, so that the numbers are small: they never look like addresses to the collector.
    static _Atomic i64 start;
    i64 now = clock_ns(CLOCK_MONOTONIC);
    i64 zero = atomic_load_explicit(&start, memory_order_relaxed);
    if (unlikely(zero == 0)) {
        // First call: the main thread, before there are others.
        zero = now - 1;
        atomic_store_explicit(&start, zero, memory_order_relaxed);
    }
    return now - zero;
}

i64 timer_now(void)
{
    return unlikely(sched.options.seeded) ? seeded_now() : timer_real_now();
}

i64 timer_wall_now(void)
{
    const i64 seeded_start = 1257894000000000000;
    if (unlikely(sched.options.seeded))
        return seeded_start + seeded_now() - 1;
    return clock_ns(CLOCK_REALTIME);
}

// ---- The heap (binary, by time, then by order of arming) ---------------------------------------

void timer_heap_init(TimerHeap *h)
{
    atomic_store_explicit(&h->next, I64_MAX, memory_order_relaxed);
}

static bool before(const HeapEntry *a, const HeapEntry *b)
{
    return a->when != b->when ? a->when < b->when : a->sequence < b->sequence;
}

static void place(TimerHeap *h, u32 i, HeapEntry e)
{
    h->entries[i] = e;
    e.timer->heap_index = i;
}

static void sift_up(TimerHeap *h, u32 i, HeapEntry e)
{
    while (i > 0 && before(&e, &h->entries[(i - 1) / 2])) {
        place(h, i, h->entries[(i - 1) / 2]);
        i = (i - 1) / 2;
    }
    place(h, i, e);
}

static void sift_down(TimerHeap *h, u32 i, HeapEntry e)
{
    for (;;) {
        u32 child = 2 * i + 1;
        if (child >= h->count)
            break;
        if (child + 1 < h->count && before(&h->entries[child + 1], &h->entries[child]))
            child++;
        if (!before(&h->entries[child], &e))
            break;
        place(h, i, h->entries[child]);
        i = child;
    }
    place(h, i, e);
}

static void publish_next(TimerHeap *h)
{
    // relaxed: a hint for others; who must not miss it takes a lock afterwards (m_park) or comes
    // again (sysmon, find_work).
    atomic_store_explicit(&h->next, h->count ? h->entries[0].when : I64_MAX, memory_order_relaxed);
}

static void heap_add(TimerHeap *h, Timer *t)
{
    if (h->count == h->cap) {
        u32 cap = h->cap ? h->cap * 2 : 16;
        HeapEntry *entries = gc_root_alloc(cap * sizeof *entries);
        if (h->count)
            memcpy(entries, h->entries, h->count * sizeof *entries);
        if (h->entries)
            gc_root_free(h->entries);
        h->entries = entries;
        h->cap = cap;
    }
    t->sequence = h->sequence++;
    sift_up(h, h->count++, (HeapEntry){t->when, t->sequence, t});
    publish_next(h);
    atomic_fetch_add_explicit(&sched.timers_armed, 1, memory_order_relaxed);
}

static void heap_remove(TimerHeap *h, u32 i)
{
    HeapEntry last = h->entries[--h->count];
    // The vacated entry must not keep a timer alive.
    h->entries[h->count] = (HeapEntry){0};
    if (i < h->count) {
        if (i > 0 && before(&last, &h->entries[(i - 1) / 2]))
            sift_up(h, i, last);
        else
            sift_down(h, i, last);
    }
    publish_next(h);
}

static void disarmed(void)
{
    // release: pairs with the acquire in deadlock_now_locked: what fire has made runnable is
    // visible before the timer is gone.
    atomic_fetch_sub_explicit(&sched.timers_armed, 1, memory_order_release);
}

// ---- Arming and stopping -----------------------------------------------------------------------

static TimerHeap *home(P *p, Timer *t)
{
    P *none = NULL;
    // relaxed: the first to arm decides; after that it is constant, and the heap's lock orders
    // the rest.
    atomic_compare_exchange_strong_explicit(&t->p, &none, p, memory_order_relaxed,
                                            memory_order_relaxed);
    return &impl(atomic_load_explicit(&t->p, memory_order_relaxed))->timers;
}

static u32 timer_state(Timer *t)
{
    return atomic_load_explicit(&t->state, memory_order_relaxed); // under the heap's lock
}

static void set_state(Timer *t, u32 state)
{
    atomic_store_explicit(&t->state, state, memory_order_relaxed); // under the heap's lock
}

// Takes the lock; the timer is not firing. It has a home.
static TimerHeap *lock_settled(P *p, Timer *t)
{
    TimerHeap *h = home(p, t);
    mutex_lock(&h->lock, RANK_TIMER);
    // fire takes some hundred ns; its thread may have been descheduled, then we let it run.
    while (timer_state(t) == TIMER_FIRING) {
        mutex_unlock(&h->lock, RANK_TIMER);
        sched_yield();
        mutex_lock(&h->lock, RANK_TIMER);
    }
    return h;
}

static void arm(TimerHeap *h, Timer *t, i64 when, i64 period)
{
    t->when = when > 0 ? when : 1;
    t->period = period;
    set_state(t, TIMER_ARMED);
    heap_add(h, t);
}

// The P itself, or the M that parks with it, sees the timer in time when it has nothing else to
// do; while it computes, sysmon must not oversleep.
static void tell_sysmon(P *p, i64 when)
{
    if (p_has_work(impl(p)) || p->g)
        sysmon_kick(when + 100000);
}

void timer_start(P *p, Timer *t, i64 when, i64 period)
{
    timer_reset(p, t, when, period);
}

bool timer_reset(P *p, Timer *t, i64 when, i64 period)
{
    TimerHeap *h = lock_settled(p, t);
    bool was_armed = timer_state(t) == TIMER_ARMED;
    if (was_armed) {
        heap_remove(h, t->heap_index);
        disarmed();
    }
    arm(h, t, when, period);
    mutex_unlock(&h->lock, RANK_TIMER);
    tell_sysmon(p, when);
    return was_armed;
}

bool timer_stop(P *p, Timer *t)
{
    if (!atomic_load_explicit(&t->p, memory_order_relaxed))
        return false; // never armed
    TimerHeap *h = lock_settled(p, t);
    bool was_armed = timer_state(t) == TIMER_ARMED;
    if (was_armed) {
        heap_remove(h, t->heap_index);
        set_state(t, TIMER_IDLE);
        disarmed();
    }
    mutex_unlock(&h->lock, RANK_TIMER);
    return was_armed;
}

// ---- Firing ------------------------------------------------------------------------------------

bool timers_run(P *p, PImpl *owner, i64 now)
{
    TimerHeap *h = &owner->timers;
    bool any = false;
    if (timer_heap_next(owner) > now)
        return false;
    mutex_lock(&h->lock, RANK_TIMER);
    while (h->count > 0 && h->entries[0].when <= now) {
        Timer *t = h->entries[0].timer;
        check(timer_state(t) == TIMER_ARMED);
        any = true;
        heap_remove(h, 0);
        i64 period = t->period;
        // A one-shot timer is done with before it fires: the G that it wakes may use it again, or
        // end, while we are still here. So only a periodic one is looked at afterwards, and a
        // sleep's says by its missing home that nobody but its G touches it.
        bool is_sleep = !atomic_load_explicit(&t->p, memory_order_relaxed);
        set_state(t, is_sleep ? TIMER_IDLE : TIMER_FIRING);
        mutex_unlock(&h->lock, RANK_TIMER);
        delay_point();
        t->fire(p, t, now);
        mutex_lock(&h->lock, RANK_TIMER);
        if (!is_sleep) {
            set_state(t, TIMER_IDLE);
            if (period > 0) {
                // The next time of the grid that is not over; what was missed is dropped.
                i64 when = t->when + period * (1 + (now - t->when) / period);
                arm(h, t, when, period);
            }
        }
        disarmed();
    }
    mutex_unlock(&h->lock, RANK_TIMER);
    return any;
}

bool timers_run_all(P *p)
{
    if (atomic_load_explicit(&sched.timers_armed, memory_order_relaxed) == 0)
        return false;
    bool any = false;
    i64 now = timer_now();
    u32 made = atomic_load_explicit(&sched.p_made, memory_order_acquire); // pairs with p_create
    for (u32 i = 0; i < made; i++)
        any |= timers_run(p, sched.all_p[(p->id + i) % made], now);
    return any;
}

bool timer_unqueue(Timer *t)
{
    u32 made = atomic_load_explicit(&sched.p_made, memory_order_acquire); // pairs with p_create
    for (u32 i = 0; i < made; i++) {
        TimerHeap *h = &sched.all_p[i]->timers;
        if (t->heap_index < h->count && h->entries[t->heap_index].timer == t) {
            heap_remove(h, t->heap_index);
            set_state(t, TIMER_IDLE);
            t->arg = NULL;
            disarmed();
            return true;
        }
    }
    return false;
}

void timers_forget(const void *arg)
{
    u32 made = atomic_load_explicit(&sched.p_made, memory_order_acquire); // pairs with p_create
    for (u32 i = 0; i < made; i++) {
        TimerHeap *h = &sched.all_p[i]->timers;
        for (u32 k = 0; k < h->count;) {
            Timer *t = h->entries[k].timer;
            if (t->arg != arg) {
                k++;
                continue;
            }
            heap_remove(h, k); // another is in its place now
            set_state(t, TIMER_IDLE);
            disarmed();
        }
    }
}

i64 timers_next(void)
{
    i64 next = I64_MAX;
    u32 made = atomic_load_explicit(&sched.p_made, memory_order_acquire); // pairs with p_create
    for (u32 i = 0; i < made; i++) {
        i64 when = timer_heap_next(sched.all_p[i]);
        if (when < next)
            next = when;
    }
    return next;
}

// ---- Sleep -------------------------------------------------------------------------------------

static void wake_sleeper(P *p, Timer *t, i64 now)
{
    (void)now;
    G *g = t->arg;
    t->arg = NULL;
    sched_ready(p, g);
}

void timer_sleep(P *p, i64 ns)
{
    G *g = p->g;
    if (ns <= 0) {
        sched_yield_g(p, g);
        return;
    }
    Timer *t = g->timer;
    if (!t)
        t = g->timer = gc_alloc(p, GC_SCAN, sizeof *t);
    t->arg = g;
    t->fire = wake_sleeper;
    i64 now = timer_now();
    i64 when = ns < I64_MAX - now ? now + ns : I64_MAX - 1;
    // Parked first: from the moment it is armed, the timer may fire on another P. Nobody else can
    // stop it, so it has no home and moves from heap to heap with its G.
    sched_park(p, WAIT_SLEEP);
    TimerHeap *h = &impl(p)->timers;
    mutex_lock(&h->lock, RANK_TIMER);
    arm(h, t, when, 0);
    mutex_unlock(&h->lock, RANK_TIMER);
    tell_sysmon(p, when);
}
