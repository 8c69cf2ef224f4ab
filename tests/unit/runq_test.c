// runq_test.c: the local ring: order, overflow into the global queue, stealing half.
#include "runtime/sched_impl.h"

#include "tests/unit/runtime_fixture.h"

TestSuite(runq, .timeout = 20);

static G *make_g(P *p)
{
    return &task_new(p, NULL)->g;
}

Test(runq, is_first_in_first_out)
{
    PImpl *p = impl(boot());
    cr_assert_null(runq_get(p));
    G *g[RUNQ_CAP];
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < RUNQ_CAP; i++)
            runq_put(p, g[i] = make_g(&p->hot));
        cr_assert_eq(runq_len(p), RUNQ_CAP);
        for (int i = 0; i < RUNQ_CAP; i++)
            cr_assert_eq(runq_get(p), g[i]);
        cr_assert_null(runq_get(p));
    }
    cr_assert_eq(atomic_load(&sched.runq_count), 0);
}

Test(runq, overflow_sends_the_older_half_to_the_global_queue)
{
    PImpl *p = impl(boot());
    G *g[RUNQ_CAP + 1];
    for (int i = 0; i <= RUNQ_CAP; i++)
        runq_put(p, g[i] = make_g(&p->hot));
    cr_assert_eq(runq_len(p), RUNQ_CAP / 2);
    cr_assert_eq(atomic_load(&sched.runq_count), RUNQ_CAP / 2 + 1);
    cr_assert_eq(runq_get(p), g[RUNQ_CAP / 2]);
    cr_assert_eq(sched.runq_first, g[0]);
    cr_assert_eq(sched.runq_last, g[RUNQ_CAP], "the new one goes with them");
}

Test(runq, capacity_can_be_lowered)
{
    debug_switches.runq = 2;
    PImpl *p = impl(boot());
    for (int i = 0; i < 3; i++)
        runq_put(p, make_g(&p->hot));
    cr_assert_eq(runq_len(p), 1);
    cr_assert_eq(atomic_load(&sched.runq_count), 2);
}

Test(runq, a_thief_takes_half_and_at_least_one)
{
    PImpl *victim = impl(boot()), *thief = p_create(1);
    cr_assert_null(runq_steal(thief, victim));
    G *g[9];
    for (int i = 0; i < 9; i++)
        runq_put(victim, g[i] = make_g(&victim->hot));
    cr_assert_eq(runq_steal(thief, victim), g[4], "the last of the five is run at once");
    cr_assert_eq(runq_len(thief), 4);
    cr_assert_eq(runq_len(victim), 4);
    for (int i = 0; i < 4; i++)
        cr_assert_eq(runq_get(thief), g[i]);
    for (int i = 5; i < 8; i++)
        cr_assert_eq(runq_get(victim), g[i]);
    cr_assert_eq(runq_steal(thief, victim), g[8]);
    cr_assert_null(runq_get(victim));
}

Test(runq, dead_slots_are_cleared_for_the_collector)
{
    PImpl *victim = impl(boot()), *thief = p_create(1);
    for (int i = 0; i < 10; i++)
        runq_put(victim, make_g(&victim->hot));
    runq_steal(thief, victim);
    runq_clear_dead_slots(victim);
    u32 left = 0;
    for (int i = 0; i < RUNQ_CAP; i++)
        left += atomic_load(&victim->runq[i]) != NULL;
    cr_assert_eq(left, 5);
}

Test(sched, the_newest_is_next_and_displaces)
{
    P *p = boot();
    Task *a = task_new(p, NULL), *b = task_new(p, NULL), *c = task_new(p, NULL);
    task_go(p, a);
    task_go(p, b);
    task_go(p, c);
    cr_assert_eq(sched_next(p), &c->g);
    sched_yield_g(p, &c->g);
    cr_assert_eq(sched_next(p), &a->g);
    sched_exit_g(p, &a->g);
    cr_assert_eq(sched_next(p), &b->g);
    sched_exit_g(p, &b->g);
    cr_assert_eq(sched_next(p), &c->g);
    cr_assert_eq(sched_goroutine_count(), 1);
    sched_exit_g(p, &c->g);
    cr_assert_null(sched_next(p));
    cr_assert_eq(sched_goroutine_count(), 0);
}

Test(sched, the_global_queue_gets_its_turn)
{
    P *p = boot();
    atomic_store(&sched.stopping, 0);
    Task *global = task_new(p, NULL), *local = task_new(p, NULL);
    task_go(p, global);
    G *g = sched_next(p);
    g_set_state(g, G_RUNNING, G_PARKED);
    p->g = NULL;
    sched_ready(NULL, g);
    task_go(p, local);
    int turns = 0;
    for (G *next; (next = sched_next(p)) == &local->g; turns++)
        sched_yield_g(p, next);
    cr_assert_eq(p->g, &global->g);
    cr_assert_leq(turns, GLOBAL_QUEUE_TICK + 1);
}

Test(sched, ids_count_from_1_and_name_the_creator)
{
    P *p = boot();
    Task *a = enter(p);
    Task *b = task_new(p, NULL);
    task_go(p, b);
    cr_assert_eq(a->g.id, 1);
    cr_assert_eq(a->g.created_by, 0);
    cr_assert_eq(b->g.id, 2);
    cr_assert_eq(b->g.created_by, 1);
}

Test(sched, a_preempted_chain_of_hand_overs_lets_the_ring_run)
{
    P *p = boot();
    Task *a = task_new(p, NULL), *b = task_new(p, NULL), *c = task_new(p, NULL);
    task_go(p, a);
    task_go(p, b);
    task_go(p, c);
    p_request(impl(p), P_REQUEST_YIELD);
    cr_assert_null(p_limit(p));
    atomic_store(&sched.stopping, 0);
    cr_assert_eq(sched_next(p), &a->g, "runnext has gone to the tail");
}
