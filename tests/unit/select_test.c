// select_test.c: select, one operation at a time.
#include "runtime/select.h"

#include "tests/unit/runtime_fixture.h"

TestSuite(select, .timeout = 20);

static SelectCase *cases(Task *t)
{
    return (SelectCase *)&t->v[8];
}

static void set(Task *t, int i, Channel *ch, int direction, int slot)
{
    cases(t)[i] = (SelectCase){.ch = ch, .desc = (u64)direction | (u64)slot << 8};
}

static ChanResult go(P *p, Task *t, bool has_default)
{
    return select_go(p, cases(t), 2, has_default, t->v, t->result);
}

Test(select, takes_what_is_ready)
{
    P *p = boot();
    Task *t = enter(p);
    Channel *a = chan_make(p, 1, true, 1, NULL), *b = chan_make(p, 1, true, 1, NULL);
    Slot v = 3;
    chan_try_send(p, b, &v);
    set(t, 0, a, SELECT_RECV, 0);
    set(t, 1, b, SELECT_RECV, 0);
    cr_assert_eq(go(p, t, false), CHAN_DONE);
    cr_assert_eq(t->result[0], 1);
    cr_assert_eq(t->result[1], 1);
    cr_assert_eq(t->v[0], 3);
    cr_assert_eq(go(p, t, true), CHAN_DONE);
    cr_assert_eq(t->result[0], (Slot)-1);
}

Test(select, losing_waiters_are_unlinked_before_it_goes_on)
{
    P *p = boot();
    Task *t = enter(p);
    Channel *a = chan_make(p, 1, true, 0, NULL), *b = chan_make(p, 1, true, 0, NULL);
    set(t, 0, a, SELECT_RECV, 0);
    set(t, 1, b, SELECT_SEND, 1);
    cr_assert_eq(go(p, t, false), CHAN_PARKED);
    Slot v = 8;
    cr_assert(chan_try_send(p, a, &v));
    cr_assert_not(chan_try_send(p, a, &v), "it is taken once");
    resume(p, t);
    cr_assert_eq(t->result[0], 0);
    cr_assert_eq(t->result[1], 1);
    cr_assert_eq(t->v[0], 8);
    cr_assert_eq(atomic_load(&t->g.select_won), 0);
    Task *r = (sched_yield_g(p, &t->g), task_new(p, NULL));
    task_go(p, r);
    cr_assert_eq(sched_next(p), &r->g);
    cr_assert_eq(chan_recv(p, b, &r->v[0], NULL), CHAN_PARKED, "the losing send is gone");
}

Test(select, two_that_were_won_elsewhere_do_not_meet)
{
    P *p = boot();
    Channel *a = chan_make(p, 1, true, 0, NULL), *b = chan_make(p, 1, true, 0, NULL);
    Task *t = enter(p);
    set(t, 0, a, SELECT_RECV, 0);
    set(t, 1, b, SELECT_RECV, 0);
    cr_assert_eq(go(p, t, false), CHAN_PARKED);
    Task *s = enter(p);
    Slot v = 1;
    cr_assert(chan_try_send(p, a, &v));
    // t is claimed but has not run: a send on b must not find it.
    cr_assert_eq(chan_send(p, b, &s->v[0]), CHAN_PARKED);
}

Test(select, does_not_meet_itself)
{
    P *p = boot();
    Task *t = enter(p);
    Channel *a = chan_make(p, 1, true, 0, NULL);
    set(t, 0, a, SELECT_RECV, 0);
    set(t, 1, a, SELECT_SEND, 1);
    cr_assert_eq(go(p, t, true), CHAN_DONE);
    cr_assert_eq(t->result[0], (Slot)-1);
    cr_assert_eq(go(p, t, false), CHAN_PARKED);
}

Test(select, nil_channels_are_never_ready)
{
    P *p = boot();
    Task *t = enter(p);
    set(t, 0, NULL, SELECT_RECV, 0);
    set(t, 1, NULL, SELECT_SEND, 1);
    cr_assert_eq(go(p, t, true), CHAN_DONE);
    cr_assert_eq(t->result[0], (Slot)-1);
    cr_assert_eq(go(p, t, false), CHAN_PARKED);
    cr_assert_eq(t->g.wait_reason, WAIT_SELECT);
    t = enter(p);
    cr_assert_eq(select_go(p, NULL, 0, false, t->v, t->result), CHAN_PARKED);
    cr_assert_eq(t->g.wait_reason, WAIT_SELECT_EMPTY);
}

Test(select, each_ready_case_has_the_same_chance)
{
    P *p = boot();
    Task *t = enter(p);
    // Three channels of which one is never ready: a choice by a random start would favour the one
    // behind it.
    SelectCase *c = gc_alloc(p, GC_SCAN, 4 * sizeof *c);
    Channel *closed = chan_make(p, 1, true, 0, NULL);
    chan_close(p, closed, NULL);
    int count[4] = {0};
    for (int i = 0; i < 30000; i++) {
        for (int k = 0; k < 4; k++)
            c[k] = (SelectCase){.ch = k == 1 ? NULL : closed, .desc = SELECT_RECV};
        cr_assert_eq(select_go(p, c, 4, false, t->v, t->result), CHAN_DONE);
        count[t->result[0]]++;
    }
    cr_assert_eq(count[1], 0);
    for (int k = 0; k < 4; k++) {
        if (k != 1)
            cr_assert(count[k] > 9500 && count[k] < 10500, "case %d: %d", k, count[k]);
    }
}
