// stop.c: the stop of all Ps, and what the main thread does while they stand.
//
// Note [Stop protocol]
//
// Reasons to stop are bits of Sched.stopping (STOP_…). Anybody sets them and wakes the main
// thread, which is never an M. While any bit is set, no P leaves P_IDLE or P_TAKEN. The main
// thread goes over all Ps under lock, again and again, until none is P_RUNNING:
//   - P_IDLE, P_DEAD: nothing to do; nobody can start them.
//   - P_BLOCKING: taken by CAS (P_TAKEN). Its G waits in the kernel and has been saved; when it
//     comes back, its CAS to P_RUNNING fails and it waits for the end of the stop, under lock.
//   - P_RUNNING: request and poison, repeated in each round, because a switch stores the new
//     fiber's limit over the poison. The M comes to stop_here: it sets P_STOPPED under lock and
//     sleeps on the futex Sched.epoch.
// The states themselves say who has stopped; no counter can go wrong when a second stop begins
// before all have woken from the first: such an M is P_RUNNING again and stops anew.
//
// What an M must have done before it sets P_STOPPED (the VM's part of the contract):
//   - RUN_STOP was returned with p->g set and its gc_live written (fiber_save), or without a G;
//   - nothing that a program may still need is held by C locals of the M.
// The G stays in P.g; after the stop it goes to the tail of the ring. So when the world is stopped,
// each live G is in P.g, a ring or runnext (P structs are roots), in the global queue or in
// M.blocking_g (Sched and Ms are roots), or reachable from what it waits for.
//
// Start: statuses go back to P_RUNNING under lock, then the bits are cleared, then epoch counts up
// and all sleepers wake. The lock orders everything that the main thread did in between before
// everything that an M does next.
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "runtime/netpoll_impl.h"
#include "runtime/sched_impl.h"

void stop_request(P *p, u32 reasons)
{
    // seq_cst: a total order with exit_code; the main thread reads it after its eventfd.
    atomic_fetch_or_explicit(&sched.stopping, reasons, memory_order_seq_cst);
    if (p)
        p_request(impl(p), P_REQUEST_STOP);
    delay_point();
    u64 one = 1;
    while (write(sched.wake_fd, &one, sizeof one) < 0 && errno == EINTR) {
    }
}

void stop_wait_locked(void)
{
    while (stop_wanted()) {
        u32 epoch = atomic_load_explicit(&sched.epoch, memory_order_relaxed); // under lock
        mutex_unlock(&sched.lock, RANK_SCHED);
        // The epoch counts up after the bits are cleared under lock, so if that has happened by
        // now the wait returns at once.
        futex_wait(&sched.epoch, epoch, -1);
        mutex_lock(&sched.lock, RANK_SCHED);
    }
}

void stop_here(M *m)
{
    PImpl *p = m->p;
    lock_rank_check_none();
    check(!m->spinning);
    mutex_lock(&sched.lock, RANK_SCHED);
    if (p_status(p) == P_RUNNING && stop_wanted()) {
        atomic_store_explicit(&p->status, P_STOPPED, memory_order_relaxed); // under lock
        atomic_store_explicit(&p->hot.request, 0, memory_order_relaxed);
        mutex_unlock(&sched.lock, RANK_SCHED);
        delay_point();
        note_wake(&sched.stop_note);
        mutex_lock(&sched.lock, RANK_SCHED);
        // Woken late, it may see the next stop with its P already P_RUNNING: then it is asked
        // again, and the caller's loop comes back here.
        while (p_status(p) == P_STOPPED) {
            u32 epoch = atomic_load_explicit(&sched.epoch, memory_order_relaxed); // under lock
            mutex_unlock(&sched.lock, RANK_SCHED);
            futex_wait(&sched.epoch, epoch, -1);
            mutex_lock(&sched.lock, RANK_SCHED);
        }
    }
    if (p_status(p) == P_DEAD) {
        p->m = NULL;
        m->p = NULL;
    }
    mutex_unlock(&sched.lock, RANK_SCHED);
}

// ---- Main thread -------------------------------------------------------------------------------

// One round; how many still run.
static u32 stop_round_locked(void)
{
    u32 running = 0;
    u32 made = atomic_load_explicit(&sched.p_made, memory_order_relaxed); // written by this thread
    for (u32 i = 0; i < made; i++) {
        PImpl *p = sched.all_p[i];
        u32 status = p_status(p);
        if (status == P_BLOCKING) {
            // acquire: pairs with the release in sched_enter_blocking. Fails when the M is back.
            if (atomic_compare_exchange_strong_explicit(
                    &p->status, &status, P_TAKEN, memory_order_acquire, memory_order_relaxed)) {
                p->m = NULL;
                continue;
            }
        }
        if (status == P_RUNNING) {
            running++;
            p_request(p, P_REQUEST_STOP);
        }
    }
    return running;
}

void stop_world(void)
{
    i64 start = timer_real_now();
    // A P that computes sees the poison within a microsecond; one inside a long native later.
    i64 wait = 20000;
    for (;;) {
        mutex_lock(&sched.lock, RANK_SCHED);
        u32 running = stop_round_locked();
        mutex_unlock(&sched.lock, RANK_SCHED);
        if (running == 0)
            break;
        // At an end nobody waits for ever for a native that does not come back.
        if (atomic_load_explicit(&sched.exit_code, memory_order_acquire) >= 0 &&
            timer_real_now() - start > 1000000000)
            break;
        note_sleep(&sched.stop_note, wait);
        if (timer_real_now() - start > 10000000)
            wait = 500000;
    }
    atomic_store_explicit(&sched.world_stopped, true, memory_order_relaxed);
}

static void set_procs_locked(u32 n)
{
    u32 made = atomic_load_explicit(&sched.p_made, memory_order_relaxed);
    // The list of idle ones is built anew.
    sched.idle_p = NULL;
    atomic_store_explicit(&sched.idle_p_count, 0, memory_order_relaxed);
    for (u32 i = made; i-- > 0;) {
        PImpl *p = sched.all_p[i];
        if (i >= n) {
            // Its timers stay where they are: everybody looks at all heaps.
            for (G *g; (g = runq_get(p)) != NULL;)
                global_put_locked(g);
            G *next = p_runnext(&p->hot);
            if (next)
                global_put_locked(next);
            p_set_runnext(&p->hot, NULL);
            if (p->hot.g) {
                g_set_state(p->hot.g, G_RUNNING, G_RUNNABLE);
                global_put_locked(p->hot.g);
                p->hot.g = NULL;
            }
            atomic_store_explicit(&p->status, P_DEAD, memory_order_relaxed);
        } else if (p_status(p) == P_IDLE || p_status(p) == P_DEAD) {
            // One that died while its M slept, and is wanted again at the same stop, had none.
            if (p->m)
                atomic_store_explicit(&p->status, P_STOPPED, memory_order_relaxed);
            else
                idle_p_put_locked(p);
        }
    }
    // relaxed: read by others after the stop, which orders it.
    atomic_store_explicit(&sched.procs, n, memory_order_relaxed);
}

static void serve_procs(void)
{
    mutex_lock(&sched.lock, RANK_SCHED);
    u32 n = sched.procs_wanted;
    sched.procs_wanted = 0;
    mutex_unlock(&sched.lock, RANK_SCHED);
    if (n == 0)
        return;
    for (u32 i = atomic_load_explicit(&sched.p_made, memory_order_relaxed); i < n; i++)
        p_create(i);
    mutex_lock(&sched.lock, RANK_SCHED);
    set_procs_locked(n);
    mutex_unlock(&sched.lock, RANK_SCHED);
}

static void print_all(int fd, Buf *out)
{
    for (size_t done = 0; done < out->len;) {
        ssize_t n = write(fd, out->data + done, out->len - done);
        if (n < 0 && errno != EINTR)
            break;
        if (n > 0)
            done += (size_t)n;
    }
}

static void serve_traces(void)
{
    if (sched.runner.exit_hook)
        sched.runner.exit_hook(2);
    Buf out = {0};
    buf_puts(&out, "SIGQUIT: quit\n\n");
    sched_describe_all(&out, NULL);
    print_all(STDERR_FILENO, &out);
    buf_free(&out);
    _exit(2);
}

// ---- Stopping one goroutine ---------------------------------------------------------------------

// Takes a parked G out of what it waits for. False: it waits for a lock, whose state counts it; it
// stays there.
static bool unqueue(G *g)
{
    switch (g->wait_reason) {
    case WAIT_CHAN_SEND_NIL:
    case WAIT_CHAN_RECV_NIL:
    case WAIT_SELECT_EMPTY: return true; // in no queue
    case WAIT_CHAN_SEND:
    case WAIT_CHAN_RECV: chan_unqueue(g, g->wait_reason == WAIT_CHAN_SEND); return true;
    case WAIT_SELECT:
        // Won by nobody, so that nobody else wins it: p_take unlinks it.
        atomic_store_explicit(&g->select_won, 1, memory_order_relaxed);
        return true;
    case WAIT_SLEEP: return timer_unqueue(g->timer);
    case WAIT_IO: return netpoll_unqueue(g);
    default: return false;
    }
}

// Timers whose ticks only g would have received keep a later deadlock from being seen.
static void stop_timer_of(Buf *out, const G *g, u32 which, const char *what, const Channel *ch)
{
    (void)out, (void)which, (void)what;
    if (!report_reaches(ch, g))
        timers_forget(ch);
}

// It unwinds when it goes on: nothing lies between, since it stands at a safepoint, waits, or is in
// the kernel.
static void stop_goroutine(G *g, void *arg)
{
    (void)arg;
    if (g->id != sched.g_to_stop)
        return;
    g->wake = WAKE_STOPPED; // who is in the kernel comes back through a lock or CAS
    if (g_state(g) == G_PARKED) {
        report_each_channel(NULL, g, stop_timer_of);
        if (unqueue(g))
            sched_ready(NULL, g);
    }
}

void sched_stop_goroutine(u64 id)
{
    mutex_lock(&sched.lock, RANK_SCHED);
    sched.g_to_stop = id;
    mutex_unlock(&sched.lock, RANK_SCHED);
    stop_request(NULL, STOP_GOROUTINE);
}

bool stop_serve(void)
{
    for (;;) {
        // acquire: pairs with stop_request; what the asking thread wrote before is visible.
        u32 reasons = atomic_load_explicit(&sched.stopping, memory_order_acquire);
        if (reasons & STOP_EXIT)
            return true;
        if (reasons == 0)
            return false;
        if (reasons & STOP_TRACES)
            serve_traces();
        if (reasons & STOP_PROCS)
            serve_procs();
        if (reasons & STOP_COLLECT)
            gc_collect_stopped();
        if (reasons & STOP_GOROUTINE)
            allgs_each(stop_goroutine, NULL);
        if (reasons & STOP_DEADLOCK)
            deadlock_report();
        if ((reasons & STOP_LEAKS) && leaks_look())
            return true;
        mutex_lock(&sched.lock, RANK_SCHED);
        u32 left =
            atomic_fetch_and_explicit(&sched.stopping, ~reasons, memory_order_relaxed) & ~reasons;
        mutex_unlock(&sched.lock, RANK_SCHED);
        if (left == 0)
            return false;
    }
}

// Bits that come in from here on are found by the main loop: it looks again.
void start_world(void)
{
    PImpl *with_work[MAX_PROCS];
    u32 count = 0;
    atomic_store_explicit(&sched.world_stopped, false, memory_order_relaxed);
    mutex_lock(&sched.lock, RANK_SCHED);
    u32 made = atomic_load_explicit(&sched.p_made, memory_order_relaxed);
    for (u32 i = made; i-- > 0;) {
        PImpl *p = sched.all_p[i];
        // What was asked of the P concerned the time before; the poison goes with the next switch.
        atomic_store_explicit(&p->hot.request, 0, memory_order_relaxed);
        if (p_status(p) == P_STOPPED) {
            atomic_store_explicit(&p->status, P_RUNNING, memory_order_relaxed);
        } else if (p_status(p) == P_TAKEN) {
            if (p_has_work(p)) {
                atomic_store_explicit(&p->status, P_RUNNING, memory_order_relaxed);
                with_work[count++] = p;
            } else {
                idle_p_put_locked(p);
            }
        }
    }
    // relaxed: the futex and the lock order it for those who wait.
    atomic_fetch_add_explicit(&sched.epoch, 1, memory_order_relaxed);
    mutex_unlock(&sched.lock, RANK_SCHED);
    futex_wake(&sched.epoch, INT32_MAX);
    for (u32 i = 0; i < count; i++)
        p_hand_to_m(with_work[i], false);
    // Work that was published while nobody could be woken.
    bool surplus = atomic_load_explicit(&sched.runq_count, memory_order_relaxed) != 0;
    for (u32 i = 0; i < made && !surplus; i++)
        surplus = runq_len(sched.all_p[i]) > 0;
    if (surplus)
        wake_p_if_idle();
    else
        deadlock_look(); // who parked while a stop was wanted could not say
}

COLD _Noreturn void exit_at_once(int code)
{
    if (sched.runner.exit_hook)
        sched.runner.exit_hook(code);
    _exit(code);
}

Traces sched_traces(void)
{
    return sched.traces;
}

// The first one decides. release: pairs with the acquire in the main loop.
static bool decide_exit(int code)
{
    i32 none = -1;
    return atomic_compare_exchange_strong_explicit(&sched.exit_code, &none, code,
                                                   memory_order_release, memory_order_relaxed);
}

void sched_exit_failed(G *g, bool others)
{
    if (decide_exit(2)) {
        bool show = (others && sched.traces != TRACES_NONE) || sched.traces >= TRACES_ALL;
        // relaxed: the stop that is asked for next publishes them
        atomic_store_explicit(&sched.failed, g, memory_order_relaxed);
        atomic_store_explicit(&sched.show_others, show, memory_order_relaxed);
    }
    sched_exit_process(2);
}

static bool all_stand(void)
{
    bool stand = true;
    mutex_lock(&sched.lock, RANK_SCHED);
    u32 made = atomic_load_explicit(&sched.p_made, memory_order_relaxed);
    for (u32 i = 0; i < made; i++)
        stand = stand && p_status(sched.all_p[i]) != P_RUNNING;
    mutex_unlock(&sched.lock, RANK_SCHED);
    return stand;
}

void stop_show_failure(void)
{
    G *failed = atomic_load_explicit(&sched.failed, memory_order_relaxed);
    if (atomic_load_explicit(&sched.show_others, memory_order_relaxed) && all_stand()) {
        Buf out = {0};
        sched_describe_all(&out, failed);
        if (out.len > 0) {
            print_all(STDERR_FILENO, &(Buf){.data = "\n", .len = 1});
            print_all(STDERR_FILENO, &out);
        }
        buf_free(&out);
    }
    if (failed && sched.traces == TRACES_CRASH) {
        signal(SIGABRT, SIG_DFL);
        abort();
    }
}

void sched_exit_process(int code)
{
    decide_exit(code);
    M *m = current_m;
    stop_request(m && m->p ? &m->p->hot : NULL, STOP_EXIT);
    if (m)
        return;
    if (pthread_equal(pthread_self(), sched.main_thread)) {
        stop_world();
        exit_at_once(atomic_load_explicit(&sched.exit_code, memory_order_relaxed));
    }
    for (;;)
        pause();
}
