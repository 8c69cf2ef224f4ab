// sysmon.c: the watchdog, a thread without a P.
//
// In each round it
//   - takes Ps from blocking calls that last longer than a round (20 us at least), if they have
//     work or nobody else would run it;
//   - asks for preemption when a time slice is older than 10 ms;
//   - asks a P whose runnext has not moved since the last round to give it up, if a P is idle;
//   - sees to timers that are overdue because every P is busy;
//   - wakes an M when there is work, an idle P, and nobody who looks (a thread was refused);
//   - asks the kernel for descriptors that are ready, if nobody has for 10 ms; or wakes an M that
//     will wait there, if a P is idle;
//   - keeps the coarse clock, flushes output every 10 ms, prints CSPDEBUG=sched lines.
//
// Rounds are 20 us apart while there is something to do, otherwise further and further apart, up
// to 10 ms (1 ms while a P is idle and another one runs). When all Ps are idle it sleeps until one
// is taken (idle_p_get_locked), or until a timer that no idle M sleeps for (all Ms may be in the
// kernel), unless no thread is left to do so. It never touches a G.
#include <errno.h>
#include <signal.h>
#include <stdio.h>

#include "runtime/netpoll_impl.h"

enum {
    ROUND_NS = 20000,
    REPEAT_NS = 100000,
    ROUND_IDLE_P_MAX_NS = 1000000,
    ROUND_MAX_NS = 10000000,
    QUIET_ROUNDS = 50,    // before rounds get longer
    ALL_IDLE_ROUNDS = 10, // of a millisecond, before it sleeps for good
    SLICE_NS = 10000000,
    STUCK_RUNNEXT_NS = 20000,
    TIMER_LATE_NS = 50000,
    HOOK_NS = 10000000,
    POLL_IDLE_NS = 200000,
    POLL_BUSY_NS = 10000000,
};

// CSPDEBUG=threads, CSPDEBUG=refuse.
static bool refused(void)
{
    enum { ALWAYS = 2 }; // this thread and an M: without them nothing begins
    static _Atomic i64 asked;
    i64 n = atomic_fetch_add_explicit(&asked, 1, memory_order_relaxed) + 1;
    return (DEBUG(threads) && n > DEBUG(threads)) ||
           (DEBUG(refuse) && n > ALWAYS && (n - ALWAYS) % DEBUG(refuse) == 0);
}

bool thread_start(pthread_t *out, void *(*fn)(void *), void *arg, size_t stack_bytes)
{
    // All signals but those that a fault of our own raises belong to the main thread.
    sigset_t block, old;
    sigfillset(&block);
    static const int own[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS, SIGPROF};
    for (int i = 0; i < countof(own); i++)
        sigdelset(&block, own[i]);
    pthread_sigmask(SIG_SETMASK, &block, &old);
    pthread_attr_t attr;
    pthread_attr_init(&attr);
    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attr, stack_bytes);
    int error = unlikely(refused()) ? EAGAIN : pthread_create(out, &attr, fn, arg);
    pthread_attr_destroy(&attr);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    errno = error;
    return error == 0;
}

void sysmon_kick(i64 until)
{
    // relaxed: at worst a round comes later than wished, by 10 ms at most.
    if (atomic_load_explicit(&sched.sysmon_until, memory_order_relaxed) > until)
        note_wake(&sched.sysmon_note);
}

// A P whose M is out in the kernel. True if it was taken.
static bool retake(PImpl *p, i64 now)
{
    u32 tick = atomic_load_explicit(&p->blocking_tick, memory_order_relaxed);
    if (p->seen_blocking != tick) {
        p->seen_blocking = tick;
        p->seen_blocking_at = now;
        return false;
    }
    if (now - p->seen_blocking_at < ROUND_NS)
        return false;
    bool others = atomic_load_explicit(&sched.idle_p_count, memory_order_relaxed) > 0 ||
                  atomic_load_explicit(&sched.spinning, memory_order_relaxed) > 0;
    bool global = atomic_load_explicit(&sched.runq_count, memory_order_relaxed) > 0;
    // Without work the P may wait for its M, which gets it back for one CAS; but not for ever,
    // since its timers count and the deadlock check and the idle hook want Ps idle.
    if (!p_has_work(p) && !(global && !others) && now - p->seen_blocking_at < SLICE_NS)
        return false;
    bool taken = false, work = false;
    mutex_lock(&sched.lock, RANK_SCHED);
    u32 status = P_BLOCKING;
    // acquire: pairs with the release in sched_enter_blocking.
    if (!stop_wanted() &&
        atomic_compare_exchange_strong_explicit(&p->status, &status, P_RUNNING,
                                                memory_order_acquire, memory_order_relaxed)) {
        taken = true;
        work = p_has_work(p) || sched.runq_first;
        if (work)
            p->m = NULL;
        else
            idle_p_put_locked(p);
    }
    mutex_unlock(&sched.lock, RANK_SCHED);
    if (work)
        p_hand_to_m(p, false);
    else if (taken)
        deadlock_look(); // the prompt's own wait is no reason to go on waiting
    return taken;
}

// A P that runs. True if something was asked of it.
static bool watch_running(PImpl *p, i64 now, bool idle_ps)
{
    bool asked = false;
    u32 tick = atomic_load_explicit(&p->hot.tick, memory_order_relaxed);
    u32 switches = atomic_load_explicit(&p->hot.switches, memory_order_relaxed);
    if (tick != p->seen_tick) {
        p->seen_tick = tick;
        p->seen_tick_at = now;
    } else if (now - p->seen_tick_at >= SLICE_NS) {
        // In every round until the tick moves: the poison may be overwritten.
        p_request(p, P_REQUEST_YIELD);
        asked = true;
    }
    if (switches != p->seen_switches) {
        p->seen_switches = switches;
        p->seen_switches_at = now;
    } else if (idle_ps && p_runnext(&p->hot) && now - p->seen_switches_at >= STUCK_RUNNEXT_NS) {
        p_request(p, P_REQUEST_RUNNEXT);
        asked = true;
    }
    return asked;
}

static bool watch_timers(i64 now)
{
    if (atomic_load_explicit(&sched.timers_armed, memory_order_relaxed) == 0)
        return false;
    i64 next = timers_next();
    if (next > now - TIMER_LATE_NS)
        return false;
    if (atomic_load_explicit(&sched.idle_p_count, memory_order_relaxed) > 0) {
        if (atomic_load_explicit(&sched.spinning, memory_order_relaxed) == 0)
            wake_p();
        return true;
    }
    // All run: any of them will do.
    u32 made = atomic_load_explicit(&sched.p_made, memory_order_acquire); // pairs with p_create
    for (u32 i = 0; i < made; i++) {
        if (p_status(sched.all_p[i]) == P_RUNNING)
            p_request(sched.all_p[i], P_REQUEST_TIMERS);
    }
    return true;
}

static bool work_queued(void)
{
    u32 made = atomic_load_explicit(&sched.p_made, memory_order_acquire); // pairs with p_create
    bool work = atomic_load_explicit(&sched.runq_count, memory_order_relaxed) != 0;
    for (u32 i = 0; i < made && !work; i++)
        work = runq_len(sched.all_p[i]) > 0;
    return work;
}

// An idle P, work that nobody looks for: wakes and threads are refused now and then.
static void watch_queues(void)
{
    if (atomic_load_explicit(&sched.idle_p_count, memory_order_relaxed) == 0 ||
        atomic_load_explicit(&sched.spinning, memory_order_relaxed) != 0)
        return;
    if (work_queued())
        wake_p();
}

static void watch_network(i64 now)
{
    if (!netpoll_wanted() || atomic_load_explicit(&sched.poller, memory_order_relaxed))
        return;
    // No P is idle, or the one that was woken below has not come: there was no thread for it.
    if (netpoll_neglected(now, POLL_BUSY_NS)) {
        netpoll_look_without_p();
    } else if (atomic_load_explicit(&sched.idle_p_count, memory_order_relaxed) > 0) {
        // It looks, finds nothing, and becomes the poller when it parks.
        if (netpoll_neglected(now, POLL_IDLE_NS) &&
            atomic_load_explicit(&sched.spinning, memory_order_relaxed) == 0)
            wake_p();
    }
}

static void print_sched_line(i64 now)
{
    char line[512];
    mutex_lock(&sched.lock, RANK_SCHED);
    int len = snprintf(
        line, sizeof line,
        "SCHED %lldms: procs=%u idleprocs=%u threads=%u idlethreads=%u spinning=%u "
        "blocking=%u goroutines=%llu timers=%llu runqueue=%u [",
        (long long)(now / 1000000), atomic_load_explicit(&sched.procs, memory_order_relaxed),
        atomic_load_explicit(&sched.idle_p_count, memory_order_relaxed), sched.m_count,
        sched.idle_m_count, atomic_load_explicit(&sched.spinning, memory_order_relaxed),
        atomic_load_explicit(&sched.blocking, memory_order_relaxed),
        (unsigned long long)allgs_count(),
        (unsigned long long)atomic_load_explicit(&sched.timers_armed, memory_order_relaxed),
        atomic_load_explicit(&sched.runq_count, memory_order_relaxed));
    mutex_unlock(&sched.lock, RANK_SCHED);
    u32 made = atomic_load_explicit(&sched.p_made, memory_order_acquire); // pairs with p_create
    for (u32 i = 0; i < made && len < (int)sizeof line - 8; i++)
        len += snprintf(line + len, sizeof line - (size_t)len, i ? " %u" : "%u",
                        runq_len(sched.all_p[i]) + (p_runnext(&sched.all_p[i]->hot) != NULL));
    fprintf(stderr, "%s]\n", line);
}

// All Ps are idle; lock held. For how long nothing needs sysmon: -1 until a P is taken. `next` is
// the earliest timer.
static i64 sleep_when_idle_locked(i64 now, i64 next)
{
    i64 sleep = DEBUG(sched) ? DEBUG(sched) * 1000000 : I64_MAX;
    // Threads were refused, and all there are wait in blocking calls, or the one that parked has
    // not seen what was queued meanwhile: nobody looks.
    if (sched.m_refused > 0 && (sched.idle_m_count == 0 || work_queued()))
        sleep = ROUND_MAX_NS;
    // Idle Ms look after the timers (m_park), if there are some. The last one may have gone into
    // the kernel with its P, which then became idle without it.
    if (next < sched.sleeper_until) {
        i64 late = next + TIMER_LATE_NS - now;
        i64 wait = late > ROUND_NS ? late : ROUND_IDLE_P_MAX_NS; // overdue: there is no thread
        if (wait < sleep)
            sleep = wait;
    }
    return sleep < I64_MAX ? sleep : -1;
}

// Seeded: what the machine's clock says must not reach the program; its output goes out.
static _Noreturn void watch_seeded(void)
{
    for (;;) {
        note_sleep(&sched.sysmon_note, HOOK_NS);
        if (sched.runner.tick_hook)
            sched.runner.tick_hook();
    }
}

void *sysmon_main(void *arg)
{
    (void)arg;
    if (sched.options.seeded)
        watch_seeded();
    u32 quiet = 0, all_idle_rounds = 0;
    bool pending = false;
    i64 delay = ROUND_NS, last_hook = 0, last_line = 0;
    for (;;) {
        i64 now = timer_real_now();
        // What was asked for must perhaps be asked for again.
        i64 sleep = pending && delay > REPEAT_NS ? REPEAT_NS : delay;
        mutex_lock(&sched.lock, RANK_SCHED);
        u32 idle = atomic_load_explicit(&sched.idle_p_count, memory_order_relaxed);
        bool all_idle = idle == atomic_load_explicit(&sched.procs, memory_order_relaxed);
        // The next timer that a busy P might miss, and that no idle M waits for.
        i64 next = timers_next();
        if (next < (idle > 0 ? sched.sleeper_until : I64_MAX) && next + TIMER_LATE_NS - now < sleep)
            sleep = next + TIMER_LATE_NS - now > ROUND_NS ? next + TIMER_LATE_NS - now : ROUND_NS;
        // Not at once: who answers a question every millisecond need not wake it each time.
        all_idle_rounds = all_idle ? all_idle_rounds + 1 : 0;
        all_idle = all_idle_rounds > ALL_IDLE_ROUNDS;
        if (all_idle_rounds > 0)
            sleep = ROUND_IDLE_P_MAX_NS;
        if (all_idle) {
            sched.sysmon_parked = true;
            sleep = sleep_when_idle_locked(now, next);
        }
        mutex_unlock(&sched.lock, RANK_SCHED);

        atomic_store_explicit(&sched.sysmon_until, sleep < 0 ? I64_MAX : now + sleep,
                              memory_order_relaxed);
        bool kicked = note_sleep(&sched.sysmon_note, sleep);
        atomic_store_explicit(&sched.sysmon_until, 0, memory_order_relaxed);
        if (all_idle) {
            mutex_lock(&sched.lock, RANK_SCHED);
            sched.sysmon_parked = false;
            mutex_unlock(&sched.lock, RANK_SCHED);
        }
        now = timer_real_now();
        atomic_store_explicit(&sched_coarse_now, now, memory_order_relaxed);

        bool busy = kicked;
        pending = false;
        u32 made = atomic_load_explicit(&sched.p_made, memory_order_acquire); // with p_create
        bool idle_ps = atomic_load_explicit(&sched.idle_p_count, memory_order_relaxed) > 0;
        for (u32 i = 0; i < made; i++) {
            PImpl *p = sched.all_p[i];
            PStatus status = p_status(p);
            if (status == P_BLOCKING)
                busy |= retake(p, now);
            else if (status == P_RUNNING)
                pending |= watch_running(p, now, idle_ps);
        }
        pending |= watch_timers(now);
        watch_queues();
        watch_network(now);
        if (now - last_hook >= HOOK_NS) {
            last_hook = now;
            if (sched.runner.tick_hook)
                sched.runner.tick_hook();
        }
        if (DEBUG(sched) && now - last_line >= DEBUG(sched) * 1000000) {
            last_line = now;
            print_sched_line(now);
        }
        quiet = busy ? 0 : quiet + 1;
        if (quiet < QUIET_ROUNDS)
            delay = ROUND_NS;
        else
            delay *= 2;
        i64 longest = idle_ps ? ROUND_IDLE_P_MAX_NS : ROUND_MAX_NS;
        if (delay > longest)
            delay = longest;
    }
    return NULL;
}
