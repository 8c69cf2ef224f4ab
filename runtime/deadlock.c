// deadlock.c: "all goroutines are asleep": detection; the state of every G, M and P for fatal().
// What the report says about goroutines and channels: report.c.
//
// Note [Deadlock]
//
// A G becomes runnable only through somebody who runs: a G on a P, a timer fired by an M with a P,
// an M that comes back from a blocking call or brings events of descriptors, or the main thread.
// So when
//   - every P is idle (which changes only under lock, and the lock is held),
//   - no timer is armed (the count goes down only after what the timer woke is queued),
//   - no G is in a blocking call (the count goes down only after the G runs or is queued),
//   - no G waits for a descriptor (likewise),
//   - no M spins (one that does will look at all queues and come by here itself),
//   - and no queue holds a G,
// nothing can ever happen again, and the state is stable. The M that goes to sleep last finds
// that, under lock (m_park), and asks the main thread, which looks again when the world stands
// still.
//
// Each of these ends by the hand of an M that parks afterwards and looks then, but three: a spinner
// for whom no P or no thread was found, a stop, and a P that sysmon takes from the prompt's own
// blocking wait, which is not counted. So who ends those looks as well (deadlock_look).
// idle_p_count goes up before the parking M looks at `spinning`, and `spinning` goes down before
// idle_p_count is looked at, all seq_cst: one of the two sees the other.
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "runtime/sched_impl.h"

static bool nothing_left(void)
{
    if (sched.deadlock_told || atomic_load_explicit(&sched.main_returned, memory_order_relaxed))
        return false;
    // acquire: pair with the releases where these counts go down; what was queued before is seen.
    if (atomic_load_explicit(&sched.blocking, memory_order_acquire) != 0 ||
        atomic_load_explicit(&sched.poll_waiters, memory_order_acquire) != 0 ||
        atomic_load_explicit(&sched.timers_armed, memory_order_acquire) != 0 ||
        // seq_cst: deadlock_look.
        atomic_load_explicit(&sched.spinning, memory_order_seq_cst) != 0 || sched.runq_first)
        return false;
    u32 procs = atomic_load_explicit(&sched.procs, memory_order_relaxed);
    if (atomic_load_explicit(&sched.idle_p_count, memory_order_relaxed) != procs)
        return false;
    u32 made = atomic_load_explicit(&sched.p_made, memory_order_acquire); // pairs with p_create
    for (u32 i = 0; i < made; i++) {
        PImpl *p = sched.all_p[i];
        if (p_has_work(p) || (p_status(p) != P_IDLE && p_status(p) != P_DEAD))
            return false;
    }
    return true;
}

bool deadlock_now_locked(void)
{
    return !stop_wanted() && nothing_left();
}

void deadlock_look(void)
{
    // seq_cst: pairs with idle_p_put_locked; see above.
    if (atomic_load_explicit(&sched.idle_p_count, memory_order_seq_cst) !=
        atomic_load_explicit(&sched.procs, memory_order_relaxed))
        return;
    mutex_lock(&sched.lock, RANK_SCHED);
    bool now = deadlock_now_locked();
    mutex_unlock(&sched.lock, RANK_SCHED);
    if (now)
        stop_request(NULL, STOP_DEADLOCK);
}

// ---- Reports -----------------------------------------------------------------------------------

static void write_stderr(const Buf *b)
{
    for (size_t done = 0; done < b->len;) {
        ssize_t n = write(STDERR_FILENO, b->data + done, b->len - done);
        if (n < 0 && errno != EINTR)
            return;
        if (n > 0)
            done += (size_t)n;
    }
}

void sched_print_active(void)
{
    Buf out = {0};
    sched_describe_active(&out);
    write_stderr(&out);
}

void deadlock_report(void)
{
    mutex_lock(&sched.lock, RANK_SCHED);
    bool certain = nothing_left();
    mutex_unlock(&sched.lock, RANK_SCHED);
    if (!certain)
        return;
    sched.deadlock_told = true; // world stopped
    if (sched.options.on_deadlock && sched.options.on_deadlock())
        return;
    if (sched.runner.exit_hook)
        sched.runner.exit_hook(2);
    Buf out = {0};
    if (allgs_count() == 0 && atomic_load_explicit(&sched.main_goexited, memory_order_relaxed)) {
        buf_puts(&out, "fatal error: no goroutines (main called runtime.Goexit) - deadlock!\n");
    } else {
        buf_puts(&out, "fatal error: all goroutines are asleep - deadlock!\n\n");
        report_waiting(&out);
        if (sched.traces != TRACES_NONE)
            sched_describe_all(&out, NULL);
    }
    write_stderr(&out);
    _exit(2);
}

// For fatal_hook: no locks, the state may be anything.
void sched_print_state(void)
{
    static const char *const names[] = {"idle", "running", "blocking", "stopped", "taken", "dead"};
    fprintf(stderr, "  stopping=%x idle_p=%u spinning=%u blocking=%u threads=%u runqueue=%u\n",
            atomic_load_explicit(&sched.stopping, memory_order_relaxed),
            atomic_load_explicit(&sched.idle_p_count, memory_order_relaxed),
            atomic_load_explicit(&sched.spinning, memory_order_relaxed),
            atomic_load_explicit(&sched.blocking, memory_order_relaxed), sched.m_count,
            atomic_load_explicit(&sched.runq_count, memory_order_relaxed));
    u32 made = atomic_load_explicit(&sched.p_made, memory_order_acquire); // pairs with p_create
    for (u32 i = 0; i < made; i++) {
        PImpl *p = sched.all_p[i];
        fprintf(stderr, "  P%u %s m=%d g=%llu runnext=%llu ring=%u request=%x%s\n", i,
                names[p_status(p)], p->m ? (int)p->m->id : -1,
                p->hot.g ? (unsigned long long)p->hot.g->id : 0,
                p_runnext(&p->hot) ? (unsigned long long)p_runnext(&p->hot)->id : 0, runq_len(p),
                atomic_load_explicit(&p->hot.request, memory_order_relaxed),
                current_m && p->m == current_m ? " (here)" : "");
    }
    for (M *m = sched.all_m; m; m = m->next_all)
        fprintf(stderr, "  M%u p=%d %s%s blocking=%llu\n", m->id, m->p ? (int)m->p->hot.id : -1,
                m->idle ? "idle " : "", m->spinning ? "spinning " : "",
                m->blocking_g ? (unsigned long long)m->blocking_g->id : 0);
}
