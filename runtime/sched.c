// sched.c: spawn, ready, park, yield; the loop in which an M finds work; idle Ms and Ps; the
// hidden table of all Gs.
//
// Where a runnable G can be: in a P's runnext, in a P's ring (runq.c), in the global queue
// (Sched.runq_first, under lock). Nowhere else.
//
// Not here: the stop of all Ps (stop.c), blocking calls (blocking.c), the watchdog (sysmon.c).
//
// Note [Park protocol]
//
// A G must not be run by a second M before the first has finished saving it. So:
//   1. the interpreter writes pc, base and gc_live into the fiber, then calls the operation;
//   2. the operation queues a Waiter under the object's lock and calls sched_park, which takes
//      the G off the P and sets G_PARKED, before it releases that lock;
//   3. after the lock is released neither the operation nor the interpreter touches the G. The
//      interpreter asks sched_next for another G of this P, or returns RUN_PARKED.
// Between 2 and 3 another M may already be running the G: it took the waiter under the same lock,
// so it sees everything that was written before. What it gives to the G (element, ok, wake,
// select's result) it writes before sched_ready; the run queue's release and acquire, or
// Sched.lock, carry that to whoever runs the G.
// For a sleep the object is the timer heap: sched_park comes before timer_start.
//
// Note [Idle]
//
// Who publishes work does so first and then looks for sleepers; who goes to sleep first says so
// and then looks for work. All four are seq_cst, so at least one of the two sees the other:
//
//   runq_put / global_put_locked            find_work
//     tail (or runq_count) = …  seq_cst       idle_p_count += 1     seq_cst
//   wake_p_if_idle                            spinning -= 1         seq_cst
//     idle_p_count?             seq_cst     work_anywhere
//     spinning?                 seq_cst       tail? runq_count?     seq_cst
//
// A submitter that sees a spinning M wakes nobody: that M has yet to look at all queues after its
// `spinning -= 1`, whether it found work or not (m_found_work, find_work). At most one M spins.
// runnext is not published: its P is running and takes it next; if it does not come to that
// within some 20 us while a P is idle, sysmon asks for it. A ring that nobody was woken for is
// still drained by its own P, so what is at stake here is parallelism, not progress; progress
// when a P leaves for a blocking call is sysmon's retake.
#include "runtime/sched.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "runtime/netpoll_impl.h"
#include "runtime/sched_impl.h"
#include "runtime/select.h"

Sched sched;
_Atomic i64 sched_coarse_now;
_Thread_local M *current_m;

bool sched_seeded(void)
{
    return sched.options.seeded;
}

// ---- The hidden table of all Gs ----------------------------------------------------------------
//
// Entry i holds ~address of a G that is not dead, so that the collector does not see it, or, when
// free, the number of the next free entry. Each P keeps some free entries. Entry 0 is not used.

enum {
    ALLGS_CHUNK = 4096,
    ALLGS_CHUNKS = 1 << 16,
    SLOT_BATCH = 32,
};

static struct {
    Mutex lock;
    u64 **chunks; // malloc: the collector must not look
    u32 made;     // entries ever made; under lock
    u32 free;     // shared free list; under lock
    u64 dropped;  // leaked user Gs; world stopped
    // Not by batches for each P: what main starts is 2, 3, 4 whatever thread main is on, so that
    // reports can be compared from run to run.
    _Alignas(64) _Atomic u64 next_id;
} allgs;

static u64 *slot_at(u32 slot)
{
    return &allgs.chunks[slot / ALLGS_CHUNK][slot % ALLGS_CHUNK];
}

static COLD void slots_refill(PImpl *p)
{
    mutex_lock(&allgs.lock, RANK_ALLGS);
    for (int i = 0; i < SLOT_BATCH; i++) {
        u32 slot = allgs.free;
        if (slot) {
            allgs.free = (u32)*slot_at(slot);
        } else {
            slot = allgs.made++;
            u32 chunk = slot / ALLGS_CHUNK;
            if (chunk >= ALLGS_CHUNKS)
                die("too many goroutines");
            // A leaf lock, and malloc takes none of ours.
            if (!allgs.chunks[chunk])
                allgs.chunks[chunk] = xcalloc(ALLGS_CHUNK, sizeof(u64));
        }
        *slot_at(slot) = p->slot_free;
        p->slot_free = slot;
        p->slot_free_count++;
    }
    mutex_unlock(&allgs.lock, RANK_ALLGS);
}

static COLD void slots_return(PImpl *p)
{
    mutex_lock(&allgs.lock, RANK_ALLGS);
    for (int i = 0; i < SLOT_BATCH; i++) {
        u32 slot = p->slot_free;
        p->slot_free = (u32)*slot_at(slot);
        p->slot_free_count--;
        *slot_at(slot) = allgs.free;
        allgs.free = slot;
    }
    mutex_unlock(&allgs.lock, RANK_ALLGS);
}

static void allgs_add(PImpl *p, G *g)
{
    if (unlikely(p->slot_free == 0))
        slots_refill(p);
    u32 slot = p->slot_free;
    u64 *entry = slot_at(slot);
    p->slot_free = (u32)*entry;
    p->slot_free_count--;
    *entry = ~(u64)(uintptr_t)g;
    g->allgs_slot = slot;
    if (unlikely(sched.options.seeded))
        seeded_keep(slot, g);
}

static void allgs_remove(PImpl *p, G *g)
{
    u32 slot = g->allgs_slot;
    u64 *entry = slot_at(slot);
    check(*entry == ~(u64)(uintptr_t)g);
    if (unlikely(sched.options.seeded))
        seeded_keep(slot, NULL);
    *entry = p->slot_free;
    p->slot_free = slot;
    if (unlikely(++p->slot_free_count > 2 * SLOT_BATCH))
        slots_return(p);
}

void allgs_each(void (*fn)(G *g, void *arg), void *arg)
{
    for (u32 i = 1; i < allgs.made; i++) {
        u64 entry = *slot_at(i);
        // Free entries are small numbers; the complement of an address has its top bit set.
        if (entry >> 63)
            fn((G *)(uintptr_t)~entry, arg);
    }
}

// World stopped, so the shared list needs no lock; and this runs inside a collection.
void allgs_drop(G *g)
{
    u32 slot = g->allgs_slot;
    if (!g->is_system)
        allgs.dropped++;
    *slot_at(slot) = allgs.free;
    allgs.free = slot;
}

u64 allgs_count(void)
{
    i64 n = 0;
    // acquire: pairs with the release in p_create.
    u32 made = atomic_load_explicit(&sched.p_made, memory_order_acquire);
    for (u32 i = 0; i < made; i++)
        n += atomic_load_explicit(&sched.all_p[i]->live_count, memory_order_relaxed);
    n -= (i64)allgs.dropped;
    return n > 0 ? (u64)n : 0;
}

u64 sched_goroutine_count(void)
{
    return allgs_count();
}

static void count_live(PImpl *p, const G *g, int delta)
{
    // relaxed: a statistic; written by the owner only.
    if (!g->is_system)
        atomic_store_explicit(&p->live_count,
                              atomic_load_explicit(&p->live_count, memory_order_relaxed) + delta,
                              memory_order_relaxed);
}

// ---- Making runnable ---------------------------------------------------------------------------

COLD _Noreturn void g_bad_state(const G *g, GState from, GState to)
{
    static const char *const names[] = {"idle",   "runnable", "running",
                                        "parked", "blocking", "dead"};
    fatal("goroutine %llu is %s, but was to go from %s to %s", (unsigned long long)g->id,
          names[g_state(g)], names[from], names[to]);
}

void global_put_locked(G *g)
{
    g->next = NULL;
    if (sched.runq_last)
        sched.runq_last->next = g;
    else
        sched.runq_first = g;
    sched.runq_last = g;
    // seq_cst: first half of "publish work, then look for sleepers"; Note [Idle].
    atomic_fetch_add_explicit(&sched.runq_count, 1, memory_order_seq_cst);
}

G *global_pop_locked(void)
{
    G *g = sched.runq_first;
    if (!g)
        return NULL;
    sched.runq_first = g->next;
    if (!sched.runq_first)
        sched.runq_last = NULL;
    g->next = NULL; // else a dead G would be kept alive by the next one
    atomic_fetch_sub_explicit(&sched.runq_count, 1, memory_order_relaxed);
    return g;
}

// One; more go to p's ring.
static G *global_get_locked(PImpl *p)
{
    u32 procs = atomic_load_explicit(&sched.procs, memory_order_relaxed);
    u32 n = atomic_load_explicit(&sched.runq_count, memory_order_relaxed) / procs + 1;
    if (n > sched.runq_cap / 2 + 1)
        n = sched.runq_cap / 2 + 1;
    G *first = global_pop_locked();
    // Only into a ring that has room for all: an overflow would come back here.
    if (first && runq_len(p) + n <= sched.runq_cap) {
        for (u32 i = 1; i < n; i++) {
            G *g = global_pop_locked();
            if (!g)
                break;
            runq_put(p, g);
        }
    }
    return first;
}

void p_put_surplus(P *p, G *g)
{
    runq_put(impl(p), g);
    wake_p_if_idle();
}

// Moves runnext to the ring's tail.
static void p_give_runnext(PImpl *p)
{
    G *g = p_runnext(&p->hot);
    if (g) {
        p_set_runnext(&p->hot, NULL);
        p_put_surplus(&p->hot, g);
    }
}

void sched_spawn(P *hp, G *g)
{
    PImpl *p = impl(hp);
    // relaxed: only uniqueness matters.
    g->id = atomic_fetch_add_explicit(&allgs.next_id, 1, memory_order_relaxed);
    g->created_by = hp->g ? hp->g->id : 0;
    g->waiter.g = g;
    allgs_add(p, g);
    count_live(p, g, 1);
    g_set_state(g, G_IDLE, G_RUNNABLE);
    p_make_next(hp, g);
}

void sched_ready(P *p, G *g)
{
    if (likely(p != NULL)) {
        p_ready(p, g);
        return;
    }
    g_set_state(g, G_PARKED, G_RUNNABLE);
    mutex_lock(&sched.lock, RANK_SCHED);
    global_put_locked(g);
    mutex_unlock(&sched.lock, RANK_SCHED);
    wake_p_if_idle();
}

void sched_yield_g(P *hp, G *g)
{
    PImpl *p = impl(hp);
    hp->g = NULL;
    g_set_state(g, G_RUNNING, G_RUNNABLE);
    runq_put(p, g);
    // The P itself goes on with one of them at once; more than that is surplus.
    if (runq_len(p) > 1 || p_runnext(hp))
        wake_p_if_idle();
}

// One that has used up its time slice goes to the global queue: in its own ring it would stay with
// this P for ever, and three that compute beside one P would get less than one beside another.
static void preempted(PImpl *p, G *g)
{
    p->hot.g = NULL;
    g_set_state(g, G_RUNNING, G_RUNNABLE);
    mutex_lock(&sched.lock, RANK_SCHED);
    global_put_locked(g);
    mutex_unlock(&sched.lock, RANK_SCHED);
    wake_p_if_idle();
}

void sched_park(P *p, int reason)
{
    p_park(p, p->g, reason);
}

void sched_exit_g(P *hp, G *g)
{
    PImpl *p = impl(hp);
    hp->g = NULL;
    g_set_state(g, G_RUNNING, G_DEAD);
    allgs_remove(p, g);
    count_live(p, g, -1);
    // relaxed: compared only.
    if (unlikely(g == atomic_load_explicit(&sched.main_g, memory_order_relaxed))) {
        if (!g->by_goexit && sched.options.leaks != LEAKS_IGNORED) {
            atomic_store_explicit(&sched.main_returned, true, memory_order_relaxed);
            atomic_store_explicit(&sched.main_g, NULL, memory_order_relaxed);
            stop_request(hp, STOP_LEAKS);
        } else if (!g->by_goexit) {
            sched_exit_process(0);
        } else {
            atomic_store_explicit(&sched.main_goexited, true, memory_order_relaxed);
            atomic_store_explicit(&sched.main_g, NULL, memory_order_relaxed);
        }
    }
}

// ---- Taking the next one -----------------------------------------------------------------------

static G *global_take(PImpl *p)
{
    if (atomic_load_explicit(&sched.runq_count, memory_order_relaxed) == 0)
        return NULL;
    mutex_lock(&sched.lock, RANK_SCHED);
    G *g = stop_wanted() ? NULL : global_get_locked(p);
    mutex_unlock(&sched.lock, RANK_SCHED);
    return g;
}

// Requests other than a stop, between two Gs or at a safepoint. Returns the bits that were set.
static u32 take_requests(P *hp)
{
    // relaxed: who asks repeats it until it is done; see p.h.
    u32 bits = atomic_exchange_explicit(&hp->request, 0, memory_order_relaxed);
    if (bits & P_REQUEST_TIMERS)
        timers_run_all(hp);
    if (bits & P_REQUEST_RUNNEXT)
        p_give_runnext(impl(hp));
    return bits;
}

enum { POLL_SLICE_NS = 1000000 };

// What computes leaves nobody idle to ask the kernel.
static void look_at_slice_end(PImpl *p)
{
    if (netpoll_wanted() && netpoll_neglected(timer_real_now(), POLL_SLICE_NS))
        netpoll_look(p, false);
}

// The time slice of a chain of runnext hand-overs is over: the ring and the global queue first.
static COLD G *next_after_request(P *hp)
{
    if (stop_wanted())
        return NULL;
    if (take_requests(hp) & P_REQUEST_YIELD) {
        p_give_runnext(impl(hp));
        look_at_slice_end(impl(hp));
        return global_take(impl(hp));
    }
    return NULL;
}

G *sched_next(P *hp)
{
    PImpl *p = impl(hp);
    count_up(&hp->switches);
    if (unlikely(atomic_load_explicit(&hp->request, memory_order_relaxed))) {
        G *g = next_after_request(hp);
        if (g)
            return p_take(hp, g);
        if (stop_wanted())
            return NULL;
    }
    G *g = p_runnext(hp);
    if (g) {
        // Inherits the rest of the time slice: tick stays.
        p_set_runnext(hp, NULL);
        return p_take(hp, g);
    }
    count_up(&hp->tick);
    if (unlikely(atomic_load_explicit(&hp->tick, memory_order_relaxed) % GLOBAL_QUEUE_TICK == 0)) {
        if (timer_heap_next(p) != I64_MAX)
            timers_run(hp, p, timer_now());
        g = global_take(p);
        if (g)
            return p_take(hp, g);
        // A timer may have made one runnext; it need not wait for the ring.
    }
    g = runq_get(p);
    if (!g && (g = p_runnext(hp)) != NULL)
        p_set_runnext(hp, NULL);
    return g ? p_take(hp, g) : NULL;
}

G *sched_next_counted(P *hp)
{
    return sched.options.seeded ? seeded_next(hp) : sched_next(hp);
}

void sched_point(P *p, G *g)
{
    g->at_point = 1;
    sched_yield_g(p, g);
}

Request sched_request(P *hp)
{
    lock_rank_check_none();
    if (stop_wanted())
        return REQUEST_STOP;
    u32 bits = take_requests(hp);
    if (unlikely(DEBUG(preempt))) {
        // Every second time, lest a check that is repeated after the switch never passes.
        G *g = hp->g;
        g->preempt_passes ^= 1;
        return g->preempt_passes ? REQUEST_YIELD : REQUEST_NONE;
    }
    if (!(bits & P_REQUEST_YIELD))
        return REQUEST_NONE;
    PImpl *p = impl(hp);
    look_at_slice_end(p);
    // This P's share of the global queue comes before the G that has had its slice: the ring may
    // hold nothing else for a long time.
    G *g = runq_len(p) < sched.runq_cap ? global_take(p) : NULL;
    if (g)
        runq_put(p, g);
    if (p_has_work(p) || atomic_load_explicit(&sched.runq_count, memory_order_relaxed) != 0) {
        p->slice_over = true;
        return REQUEST_YIELD;
    }
    // Nobody waits: it has another time slice, and sysmon sees that it was asked.
    count_up(&hp->tick);
    return REQUEST_NONE;
}

void p_request(PImpl *p, u32 bits)
{
    // relaxed: repeated by who asks until it is seen; p.h.
    atomic_fetch_or_explicit(&p->hot.request, bits, memory_order_relaxed);
    delay_point();
    atomic_store_explicit(&p->hot.limit, NULL, memory_order_relaxed);
}

// ---- Idle Ps and Ms ----------------------------------------------------------------------------

void idle_p_put_locked(PImpl *p)
{
    p->m = NULL;
    p->next_idle = sched.idle_p;
    sched.idle_p = p;
    atomic_store_explicit(&p->status, P_IDLE, memory_order_relaxed);
    // seq_cst: first half of "publish idle, then look for work"; Note [Idle].
    atomic_fetch_add_explicit(&sched.idle_p_count, 1, memory_order_seq_cst);
}

PImpl *idle_p_get_locked(void)
{
    PImpl *p = sched.idle_p;
    if (!p)
        return NULL;
    sched.idle_p = p->next_idle;
    p->next_idle = NULL;
    sched.deadlock_told = false;
    atomic_store_explicit(&p->status, P_RUNNING, memory_order_relaxed);
    atomic_fetch_sub_explicit(&sched.idle_p_count, 1, memory_order_relaxed);
    if (sched.sysmon_parked) {
        sched.sysmon_parked = false;
        note_wake(&sched.sysmon_note);
    }
    return p;
}

static void idle_m_put_locked(M *m)
{
    m->idle = true;
    m->prev_idle = NULL;
    m->next_idle = sched.idle_m;
    if (sched.idle_m)
        sched.idle_m->prev_idle = m;
    sched.idle_m = m;
    sched.idle_m_count++;
}

static void idle_m_remove_locked(M *m)
{
    if (m->prev_idle)
        m->prev_idle->next_idle = m->next_idle;
    else
        sched.idle_m = m->next_idle;
    if (m->next_idle)
        m->next_idle->prev_idle = m->prev_idle;
    m->idle = false;
    m->next_idle = m->prev_idle = NULL;
    sched.idle_m_count--;
}

static void spinning_end(M *m)
{
    m->spinning = false;
    // seq_cst: pairs with wake_p_if_idle; Note [Idle]. All queues are looked at after this.
    u32 before = atomic_fetch_sub_explicit(&sched.spinning, 1, memory_order_seq_cst);
    check(before == 1);
}

static bool spinning_try(void)
{
    u32 none = 0;
    // seq_cst: keeps its place in the order of Note [Idle].
    return atomic_compare_exchange_strong_explicit(&sched.spinning, &none, 1, memory_order_seq_cst,
                                                   memory_order_relaxed);
}

// Is there anything runnable that an idle P could have?
static bool work_anywhere(void)
{
    // seq_cst: second half of "publish idle, then look for work"; Note [Idle].
    if (atomic_load_explicit(&sched.runq_count, memory_order_seq_cst) != 0)
        return true;
    u32 made = atomic_load_explicit(&sched.p_made, memory_order_acquire); // pairs with p_create
    for (u32 i = 0; i < made; i++) {
        if (runq_len(sched.all_p[i]) > 0)
            return true;
    }
    if (atomic_load_explicit(&sched.timers_armed, memory_order_relaxed) == 0)
        return false;
    i64 next = timers_next();
    return next != I64_MAX && next <= timer_now();
}

// As spinning_end, by somebody else, for an M that was not found. Whoever parked last meanwhile has
// seen a spinner and left it to him to say that nothing is left (Note [Deadlock], deadlock.c).
static void spinner_never_was(void)
{
    atomic_fetch_sub_explicit(&sched.spinning, 1, memory_order_seq_cst);
    deadlock_look();
}

void wake_p(void)
{
    if (!spinning_try())
        return;
    mutex_lock(&sched.lock, RANK_SCHED);
    PImpl *p = stop_wanted() ? NULL : idle_p_get_locked();
    mutex_unlock(&sched.lock, RANK_SCHED);
    if (p)
        p_hand_to_m(p, true);
    else
        spinner_never_was();
}

enum { M_STACK_BYTES = 1 << 20 };

static M *m_create(PImpl *p, bool spinning, u32 id)
{
    M *m = gc_root_alloc(sizeof *m);
    m->id = id;
    m->p = p;
    m->spinning = spinning;
    p->m = m;
    if (!thread_start(&m->thread, m_main, m, M_STACK_BYTES)) {
        gc_root_free(m);
        return NULL;
    }
    mutex_lock(&sched.lock, RANK_SCHED);
    m->next_all = sched.all_m;
    sched.all_m = m;
    mutex_unlock(&sched.lock, RANK_SCHED);
    return m;
}

enum { REFUSED_TOO_LONG_NS = 1000000000 };

static COLD _Noreturn void die_without_thread(int error, u32 count)
{
    if (sched.runner.exit_hook)
        sched.runner.exit_hook(2);
    if (count == 0)
        die("cannot start a thread: %s; is there a limit (ulimit -u)?", strerror(error));
    die("cannot start a thread: %s (%s); is there a limit (ulimit -u)?", strerror(error),
        count == 1 ? "there is 1, and it waits in the system"
                   : "all that there are wait in the system");
}

void p_hand_to_m(PImpl *p, bool spinning)
{
    mutex_lock(&sched.lock, RANK_SCHED);
    M *m = sched.idle_m;
    if (m) {
        idle_m_remove_locked(m);
        m->spinning = spinning;
        m->next_p = p;
        p->m = m;
        mutex_unlock(&sched.lock, RANK_SCHED);
        note_wake(&m->note);
        return;
    }
    bool allowed = sched.m_count < MAX_MS;
    u32 id = sched.m_count;
    if (allowed)
        sched.m_count++;
    mutex_unlock(&sched.lock, RANK_SCHED);
    if (allowed && m_create(p, spinning, id))
        return;

    // No thread to be had. Others will find what this P has (work_anywhere); sysmon tries again.
    // But there may be no others: when all of them wait in the system, there is work, and no thread
    // comes for a second, that may be so for ever.
    int error = allowed ? errno : EAGAIN;
    mutex_lock(&sched.lock, RANK_SCHED);
    if (allowed)
        sched.m_count--;
    sched.m_refused++;
    u32 count = sched.m_count;
    i64 now = timer_now();
    if (atomic_load_explicit(&sched.blocking, memory_order_relaxed) < count)
        sched.refused_since = 0;
    else if (sched.refused_since == 0)
        sched.refused_since = now;
    bool none =
        count == 0 || (sched.refused_since != 0 && now - sched.refused_since > REFUSED_TOO_LONG_NS);
    G *next = p_runnext(&p->hot);
    p_set_runnext(&p->hot, NULL);
    if (next)
        global_put_locked(next);
    idle_p_put_locked(p);
    mutex_unlock(&sched.lock, RANK_SCHED);
    if (spinning)
        spinner_never_was();
    // The one in the kernel's poller is in no list, but could do it.
    if (atomic_load_explicit(&sched.poller, memory_order_relaxed))
        poller_break();
    if (none)
        die_without_thread(error, count);
}

// ---- The loop of an M --------------------------------------------------------------------------

// One round over all other Ps, from a random place: half of a ring, or timers that are due.
static G *steal_once(PImpl *p)
{
    u32 made = atomic_load_explicit(&sched.p_made, memory_order_acquire); // pairs with p_create
    u32 start = (u32)choose(&p->hot, CHOOSE_STEAL, made);
    bool timers = atomic_load_explicit(&sched.timers_armed, memory_order_relaxed) != 0;
    i64 now = timers ? timer_now() : 0;
    for (u32 i = 0; i < made; i++) {
        PImpl *victim = sched.all_p[(start + i) % made];
        if (timers && timer_heap_next(victim) <= now && timers_run(&p->hot, victim, now)) {
            G *g = p_runnext(&p->hot);
            if (g) {
                p_set_runnext(&p->hot, NULL);
                return g;
            }
            if ((g = runq_get(p)) != NULL)
                return g;
        }
        if (victim == p || runq_len(victim) == 0)
            continue;
        G *g = runq_steal(p, victim);
        if (g)
            return g;
    }
    return NULL;
}

// After work was found: the spinner must look once more before it leaves that role, and wakes
// the next one if there is more than it can do: a chain, not a herd.
static void m_found_work(M *m)
{
    if (m->spinning) {
        spinning_end(m);
        if (work_anywhere())
            wake_p_if_idle();
    } else if (runq_len(m->p) > 0) {
        wake_p_if_idle();
    }
}

static G *take_found(M *m, PImpl *p, G *g)
{
    p_take(&p->hot, g);
    m_found_work(m);
    return g;
}

// Takes p from m and puts it with the idle ones; false if there was a reason not to.
static bool release_p(M *m, PImpl *p, G **found)
{
    mutex_lock(&sched.lock, RANK_SCHED);
    if (stop_wanted()) {
        mutex_unlock(&sched.lock, RANK_SCHED);
        return false;
    }
    *found = global_get_locked(p);
    if (*found) {
        mutex_unlock(&sched.lock, RANK_SCHED);
        return false;
    }
    check(!p_has_work(p) && !p->hot.g);
    m->p = NULL;
    idle_p_put_locked(p);
    mutex_unlock(&sched.lock, RANK_SCHED);
    return true;
}

// About 5 to 10 us in all: as long as a futex wake takes to arrive.
enum { SPIN_ROUNDS = 40, SPIN_PAUSES = 8 };

// The same when seeded: there is nobody to steal from or to wait for.
static COLD G *find_work_seeded(M *m)
{
    if (m->spinning)
        spinning_end(m);
    for (;;) {
        PImpl *p = m->p;
        G *g = seeded_next(&p->hot);
        if (g)
            return g;
        if (stop_wanted()) {
            stop_here(m);
            continue;
        }
        if (release_p(m, p, &g))
            return NULL;
        if (g)
            runq_put(p, g);
    }
}

// The next G for m, in the order in which work is looked for; NULL: m has no P any more.
static G *find_work(M *m)
{
    if (unlikely(sched.options.seeded))
        return find_work_seeded(m);
    for (;;) {
        PImpl *p = m->p;
        if (stop_wanted() || p_status(p) == P_DEAD) {
            if (m->spinning)
                spinning_end(m);
            stop_here(m);
            if (!m->p)
                return NULL;
            continue;
        }
        // What is due comes before what is queued, else a busy ring would delay it for ever.
        if (timer_heap_next(p) != I64_MAX)
            timers_run(&p->hot, p, timer_now());
        G *g = sched_next(&p->hot);
        if (g) {
            if (m->spinning)
                m_found_work(m);
            return g;
        }
        if (stop_wanted())
            continue;
        g = global_take(p);
        if (g)
            return take_found(m, p, g);
        // Unless somebody waits there anyway (relaxed: a hint).
        if (netpoll_wanted() && !atomic_load_explicit(&sched.poller, memory_order_relaxed) &&
            netpoll_look(p, true) && (g = sched_next(&p->hot)) != NULL) {
            m_found_work(m);
            return g;
        }
        // Looking at others is worth while for everybody once; going on looking for one M only,
        // and not at all if nobody else can run meanwhile.
        if (!m->spinning && spinning_try())
            m->spinning = true;
        u32 procs = atomic_load_explicit(&sched.procs, memory_order_relaxed);
        int rounds = m->spinning && sched.cpus > 1 && procs > 1 ? SPIN_ROUNDS : 1;
        for (int i = 0; i < rounds && !g && !stop_wanted(); i++) {
            g = steal_once(p);
            if (g || atomic_load_explicit(&sched.runq_count, memory_order_relaxed) != 0)
                break;
            for (int pause = 0; pause < SPIN_PAUSES; pause++)
                cpu_relax();
        }
        if (g)
            return take_found(m, p, g);
        if (!release_p(m, p, &g)) {
            if (g)
                return take_found(m, p, g);
            continue;
        }
        if (m->spinning)
            spinning_end(m);
        delay_point();
        // What was published before we were seen to be idle: Note [Idle].
        if (!work_anywhere())
            return NULL;
        mutex_lock(&sched.lock, RANK_SCHED);
        p = stop_wanted() ? NULL : idle_p_get_locked();
        if (p) {
            p->m = m;
            m->p = p;
        }
        mutex_unlock(&sched.lock, RANK_SCHED);
        if (!p)
            return NULL;
    }
}

// An M that sleeps on its note has woken (lock held): takes what was handed over, or an idle P for
// timers that are due. False: go on sleeping; *no_timers: not for a timer.
static bool m_woken_locked(M *m, bool *no_timers)
{
    if (m->next_p)
        return true;
    if (stop_wanted()) {
        // Not in the list meanwhile: who is handed a P must come for it at once.
        idle_m_remove_locked(m);
        stop_wait_locked();
        idle_m_put_locked(m);
    }
    // Seeded, the clock belongs to whoever has the P.
    if (sched.options.seeded || timers_next() > timer_now())
        return false;
    PImpl *p = idle_p_get_locked();
    if (p) {
        idle_m_remove_locked(m);
        m->next_p = p;
        p->m = m;
        return true;
    }
    // Every P runs, so each looks after its own timers, and sysmon after all. Whoever
    // releases a P next comes by here and sees the timers again.
    *no_timers = true;
    return false;
}

// The same for the one that waited for descriptors: it is in no list, nobody has handed it a P.
static bool poller_back_locked(M *m, const PollEvents *events)
{
    stop_wait_locked();
    bool timer_due = sched.options.seeded && events->count == 0 && timers_next() != I64_MAX;
    bool work = events->count > 0 || (sched.options.seeded ? timer_due : work_anywhere());
    PImpl *p = work ? idle_p_get_locked() : NULL;
    if (p) {
        if (timer_due)
            seeded_waited();
        m->next_p = p;
        p->m = m;
        return true;
    }
    netpoll_deliver_locked(events);
    idle_m_put_locked(m);
    return false;
}

// Without a P: sleeps until somebody hands one over, or until the next timer is due and there is
// an idle P to run it on. Who wakes it: p_hand_to_m, under lock, and m is in the list of idle Ms
// before the lock is released, so nothing falls between the check and the sleep.
//
// One such M sleeps in the kernel's poller instead, if some G waits for a descriptor and some P is
// idle (Note [Netpoll], netpoll.c). It is in no list: a P that is handed over goes to another M.
//
// Timers: whenever a P is idle, some idle M sleeps no longer than until the earliest timer
// (sleeper), or sysmon is awake and looks after them.
static void m_park(M *m)
{
    bool told_idle = false, no_timers = false, polls;
    PollEvents events;
    mutex_lock(&sched.lock, RANK_SCHED);
    idle_m_put_locked(m);
    do {
        u32 procs = atomic_load_explicit(&sched.procs, memory_order_relaxed);
        bool all_idle = sched.idle_p &&
                        atomic_load_explicit(&sched.idle_p_count, memory_order_relaxed) == procs;
        if (all_idle && deadlock_now_locked())
            stop_request(NULL, STOP_DEADLOCK);
        events.count = 0;
        // relaxed: written under lock.
        polls = sched.idle_p && netpoll_wanted() &&
                !atomic_load_explicit(&sched.poller, memory_order_relaxed);
        if (polls) {
            atomic_store_explicit(&sched.poller, m, memory_order_relaxed);
            idle_m_remove_locked(m);
        }
        i64 timeout = -1;
        i64 next = no_timers ? I64_MAX : timers_next();
        // Seeded, the clock stands while all are idle: only the poller's M moves it on.
        if (unlikely(sched.options.seeded) ? polls && next != I64_MAX
                                           : next < sched.sleeper_until) {
            sched.sleeper = m;
            sched.sleeper_until = next;
            i64 now = timer_now();
            timeout = next > now ? next - now : 0;
        }
        mutex_unlock(&sched.lock, RANK_SCHED);
        if (all_idle && !told_idle && sched.runner.idle_hook) {
            told_idle = true;
            sched.runner.idle_hook();
        }
        if (polls)
            netpoll_sleep(&events, timeout);
        else
            note_sleep(&m->note, timeout);
        mutex_lock(&sched.lock, RANK_SCHED);
        if (sched.sleeper == m) {
            sched.sleeper = NULL;
            sched.sleeper_until = I64_MAX;
        }
        if (polls)
            atomic_store_explicit(&sched.poller, NULL, memory_order_relaxed);
    } while (polls ? !poller_back_locked(m, &events) : !m_woken_locked(m, &no_timers));
    m->p = m->next_p;
    m->next_p = NULL;
    mutex_unlock(&sched.lock, RANK_SCHED);
    netpoll_deliver(m->p, &events, true);
}

static _Thread_local uintptr_t stack_end; // of an M's thread

bool sched_stack_low(size_t bytes)
{
    return (uintptr_t)__builtin_frame_address(0) < stack_end + bytes;
}

void *m_main(void *arg)
{
    M *m = arg;
    current_m = m;
    stack_end = (uintptr_t)__builtin_frame_address(0) - M_STACK_BYTES + (16 << 10);
    for (;;) {
        lock_rank_check_none();
        if (!m->p) {
            m_park(m);
            continue;
        }
        // Seeded, the G that a stop interrupted goes on as if nothing had been.
        G *g = m->p->hot.g ? m->p->hot.g : find_work(m);
        if (!g)
            continue;
        RunResult result = sched.runner.run(&m->p->hot, g);
        // A blocking call may have come back with another P, or with none.
        PImpl *p = m->p;
        check((result == RUN_LOST_P) == (p == NULL));
        if (!p || !p->hot.g)
            continue;
        check(result == RUN_YIELDED || result == RUN_STOP);
        // The G that a stop was asked for by (runtime.GC) stays on the P until the stop is over:
        // in the ring another P might still take it and run it on.
        if (result == RUN_STOP) {
            stop_here(m);
            if (unlikely(sched.options.seeded))
                continue;
        }
        // The P may have died, and lost the G to the global queue, even if it lives again.
        if (!m->p || !p->hot.g)
            continue;
        if (result == RUN_YIELDED && p->slice_over)
            preempted(p, p->hot.g);
        else
            sched_yield_g(&p->hot, p->hot.g);
        p->slice_over = false;
    }
}

// ---- Start -------------------------------------------------------------------------------------

PImpl *p_create(u32 id)
{
    // Never freed, so the unaligned start need not be kept.
    char *raw = gc_root_alloc(sizeof(PImpl) + CACHE_LINE);
    PImpl *p = (PImpl *)align_up((uintptr_t)raw, CACHE_LINE);
    p->hot.id = id;
    p->hot.limit_mask = DEBUG(preempt) || DEBUG(stackmove) ? 0 : UINTPTR_MAX;
    p->hot.fuel = sched.options.seeded ? 0 : I64_MAX;
    // Not used when seeded.
    u64 start = sched.options.seeded ? 1 : (u64)timer_wall_now();
    p->rand = (start ^ (u64)id << 32) * 0x9E3779B97F4A7C15ull | 1;
    timer_heap_init(&p->timers);
    atomic_store_explicit(&p->status, P_DEAD, memory_order_relaxed);
    sched.all_p[id] = p;
    // release: pairs with the acquire loads of p_made.
    atomic_store_explicit(&sched.p_made, id + 1, memory_order_release);
    if (sched.runner.p_init)
        sched.runner.p_init(&p->hot);
    return p;
}

void sched_init(void)
{
    sched.cpus = (u32)sysconf(_SC_NPROCESSORS_ONLN);
    sched.procs_shown = SEEDED_PROCS;
    choose_init();
    sched.runq_cap = RUNQ_CAP;
    if (DEBUG(runq) > 0 && DEBUG(runq) < RUNQ_CAP)
        sched.runq_cap = (u32)DEBUG(runq);
    sched.sleeper_until = I64_MAX;
    atomic_store_explicit(&sched.exit_code, -1, memory_order_relaxed);
    atomic_store_explicit(&sched.stopping, STOP_BOOT, memory_order_relaxed);
    allgs.chunks = xcalloc(ALLGS_CHUNKS, sizeof *allgs.chunks);
    allgs.made = 1;
    allgs.chunks[0] = xcalloc(ALLGS_CHUNK, sizeof(u64));
    atomic_store_explicit(&allgs.next_id, 1, memory_order_relaxed);
}

int sched_procs(void)
{
    if (sched.options.seeded)
        return (int)sched.procs_shown;
    return (int)atomic_load_explicit(&sched.procs, memory_order_relaxed);
}

int sched_set_procs(P *p, int n)
{
    int old = sched_procs();
    if (n < 1 || n == old)
        return old;
    if (sched.options.seeded) {
        sched.procs_shown = (u32)n;
        return old;
    }
    mutex_lock(&sched.lock, RANK_SCHED);
    sched.procs_wanted = n < MAX_PROCS ? (u32)n : MAX_PROCS;
    mutex_unlock(&sched.lock, RANK_SCHED);
    stop_request(p, STOP_PROCS);
    return old;
}
