// blocking.c: leaving and re-entering scheduled code around a call that may wait in the kernel.
//
// Note [Blocking calls]
//
// enter: the G is saved (pc, base, gc_live), goes from the P to M.blocking_g, where the collector
// finds it, and the P becomes P_BLOCKING. From then on anybody may take the P by one CAS: sysmon
// (retake), the stopping main thread, or the M itself when it comes back; also another M that
// had this P before, which is then simply a retake. Whoever wins owns it; the P's own data are
// handed over by the release and acquire of that CAS.
//
// exit: CAS the old P back; else, under lock, wait for the end of a stop if there is one, and take
// an idle P; else the G goes to the global queue and the M parks. Under the same lock nobody can
// have gone idle unseen: a P that goes idle looks at the global queue first.
//
// Sched.blocking counts Gs between enter and exit. It goes down only after the G runs or is
// queued, so the deadlock check never sees a moment without the G.
#include "runtime/sched_impl.h"

void sched_enter_blocking(P *hp)
{
    PImpl *p = impl(hp);
    M *m = p->m;
    G *g = hp->g;
    lock_rank_check_none();
    g_set_state(g, G_RUNNING, G_BLOCKING);
    m->blocking_g = g;
    m->blocking_p = p;
    hp->g = NULL;
    m->p = NULL;
    // The prompt's own loop waits for what others do: it does not count.
    if (!g->is_system)
        atomic_fetch_add_explicit(&sched.blocking, 1, memory_order_relaxed);
    atomic_store_explicit(&p->blocking_tick,
                          atomic_load_explicit(&p->blocking_tick, memory_order_relaxed) + 1,
                          memory_order_relaxed);
    // Work of its own waits: sysmon has to look soon.
    bool work = p_has_work(p);
    // release: pairs with the acquire CASes that take the P.
    atomic_store_explicit(&p->status, P_BLOCKING, memory_order_release);
    delay_point();
    if (work)
        sysmon_kick(timer_now() + 200000);
}

P *sched_exit_blocking(G *g)
{
    M *m = current_m;
    PImpl *p = m->blocking_p;
    check(m->blocking_g == g);
    delay_point();
    u32 status = P_BLOCKING;
    // acquire: pairs with the release in sched_enter_blocking (ours, or another M's).
    if (!atomic_compare_exchange_strong_explicit(&p->status, &status, P_RUNNING,
                                                 memory_order_acquire, memory_order_relaxed)) {
        mutex_lock(&sched.lock, RANK_SCHED);
        stop_wait_locked();
        p = idle_p_get_locked();
        if (!p) {
            g_set_state(g, G_BLOCKING, G_RUNNABLE);
            global_put_locked(g);
            m->blocking_g = NULL;
            // release: pairs with the acquire in deadlock_now_locked: the G is queued.
            if (!g->is_system)
                atomic_fetch_sub_explicit(&sched.blocking, 1, memory_order_release);
            mutex_unlock(&sched.lock, RANK_SCHED);
            return NULL;
        }
        p->m = m;
        mutex_unlock(&sched.lock, RANK_SCHED);
    }
    p->m = m;
    m->p = p;
    m->blocking_g = NULL;
    p->hot.g = g;
    g_set_state(g, G_BLOCKING, G_RUNNING);
    // release: pairs with the acquire in deadlock_now_locked: the P is no longer idle.
    if (!g->is_system)
        atomic_fetch_sub_explicit(&sched.blocking, 1, memory_order_release);
    return &p->hot;
}
