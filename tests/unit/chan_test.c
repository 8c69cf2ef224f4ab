// chan_test.c: channels, one operation at a time.
#include "runtime/chan.h"

#include "tests/unit/runtime_fixture.h"

TestSuite(chan, .timeout = 20);

Test(chan, buffer_is_first_in_first_out)
{
    P *p = boot();
    enter(p);
    Channel *ch = chan_make(p, 2, true, 3, NULL);
    cr_assert_eq(chan_cap(ch), 3);
    Slot ok;
    for (Slot i = 0; i < 20; i++) {
        Slot in[2] = {i, i * 7}, out[2] = {0};
        cr_assert_eq(chan_send(p, ch, in), CHAN_DONE);
        cr_assert_eq(chan_len(ch), 1);
        cr_assert_eq(chan_recv(p, ch, out, &ok), CHAN_DONE);
        cr_assert_eq(out[0], i);
        cr_assert_eq(out[1], i * 7);
        cr_assert_eq(ok, 1);
    }
}

Test(chan, a_receiver_that_waits_gets_the_element_before_it_runs)
{
    P *p = boot();
    Channel *ch = chan_make(p, 1, true, 0, NULL);
    Task *r = enter(p);
    cr_assert_eq(chan_recv(p, ch, &r->v[0], &r->v[1]), CHAN_PARKED);
    cr_assert_null(p->g);
    cr_assert_eq(r->g.wait_reason, WAIT_CHAN_RECV);
    Task *s = enter(p);
    s->v[0] = 42;
    cr_assert_eq(chan_send(p, ch, &s->v[0]), CHAN_DONE);
    cr_assert_eq(r->v[0], 42);
    cr_assert_eq(r->v[1], 1);
    sched_exit_g(p, &s->g);
    resume(p, r);
}

Test(chan, a_sender_that_waits_keeps_its_place)
{
    P *p = boot();
    Channel *ch = chan_make(p, 1, true, 1, NULL);
    Task *s[3];
    for (Slot i = 0; i < 3; i++) {
        s[i] = enter(p);
        s[i]->v[0] = i;
        cr_assert_eq(chan_send(p, ch, &s[i]->v[0]), i == 0 ? CHAN_DONE : CHAN_PARKED);
        if (i == 0)
            sched_exit_g(p, &s[i]->g);
    }
    Task *r = enter(p);
    for (Slot i = 0; i < 3; i++) {
        cr_assert_eq(chan_recv(p, ch, &r->v[0], NULL), CHAN_DONE);
        cr_assert_eq(r->v[0], i);
    }
    cr_assert_eq(chan_recv(p, ch, &r->v[0], NULL), CHAN_PARKED);
}

Test(chan, close_wakes_every_receiver)
{
    P *p = boot();
    Channel *ch = chan_make(p, 1, true, 0, NULL);
    Task *r[5];
    for (int i = 0; i < 5; i++) {
        r[i] = enter(p);
        r[i]->v[0] = r[i]->v[1] = 9;
        cr_assert_eq(chan_recv(p, ch, &r[i]->v[0], &r[i]->v[1]), CHAN_PARKED);
    }
    enter(p);
    cr_assert_eq(chan_close(p, ch), CHAN_DONE);
    sched_exit_g(p, p->g);
    for (int i = 0; i < 5; i++) {
        cr_assert_eq(r[i]->v[0], 0);
        cr_assert_eq(r[i]->v[1], 0);
        cr_assert_not_null(sched_next(p));
        sched_exit_g(p, p->g);
    }
}

Test(chan, close_makes_waiting_senders_panic)
{
    P *p = boot();
    Channel *ch = chan_make(p, 1, true, 0, NULL);
    Task *s = enter(p);
    cr_assert_eq(chan_send(p, ch, &s->v[0]), CHAN_PARKED);
    enter(p);
    cr_assert_eq(chan_close(p, ch), CHAN_DONE);
    cr_assert_eq(chan_close(p, ch), CHAN_CLOSED);
    cr_assert_eq(chan_send(p, ch, &s->v[0]), CHAN_CLOSED);
    sched_exit_g(p, p->g);
    resume(p, s);
    cr_assert_eq(s->g.wake, WAKE_CLOSED);
}

Test(chan, a_closed_buffer_is_emptied_first)
{
    P *p = boot();
    Task *t = enter(p);
    Channel *ch = chan_make(p, 1, true, 2, NULL);
    t->v[0] = 5;
    chan_send(p, ch, &t->v[0]);
    chan_close(p, ch);
    t->v[0] = 0;
    cr_assert_eq(chan_recv(p, ch, &t->v[0], &t->v[1]), CHAN_DONE);
    cr_assert_eq(t->v[0], 5);
    cr_assert_eq(t->v[1], 1);
    cr_assert_eq(chan_recv(p, ch, &t->v[0], &t->v[1]), CHAN_DONE);
    cr_assert_eq(t->v[0], 0);
    cr_assert_eq(t->v[1], 0);
}

Test(chan, a_nil_channel_parks_for_ever)
{
    P *p = boot();
    Task *t = enter(p);
    cr_assert_eq(chan_send(p, NULL, &t->v[0]), CHAN_PARKED);
    cr_assert_eq(t->g.wait_reason, WAIT_CHAN_SEND_NIL);
    cr_assert_str_eq(wait_reason_text(t->g.wait_reason), "chan send (nil chan)");
    cr_assert_null(sched_next(p));
    cr_assert_eq(chan_len(NULL), 0);
    cr_assert_eq(chan_cap(NULL), 0);
}

Test(chan, elements_of_no_slots_count)
{
    P *p = boot();
    Task *t = enter(p);
    Channel *ch = chan_make(p, 0, true, 1000000, NULL);
    for (int i = 0; i < 100; i++)
        cr_assert_eq(chan_send(p, ch, t->v), CHAN_DONE);
    cr_assert_eq(chan_len(ch), 100);
    for (int i = 0; i < 100; i++)
        cr_assert_eq(chan_recv(p, ch, NULL, &t->v[1]), CHAN_DONE);
    cr_assert_eq(t->v[1], 1);
}

Test(chan, a_buffer_that_cannot_be_is_refused)
{
    P *p = boot();
    enter(p);
    cr_assert_null(chan_make(p, 1, true, UINT64_MAX / 16, NULL));
    cr_assert_null(chan_make(p, 4, true, UINT64_MAX, NULL));
}

Test(chan, try_send_never_parks)
{
    P *p = boot();
    Channel *ch = chan_make(p, 1, true, 1, NULL);
    Slot v = 1;
    cr_assert(chan_try_send(p, ch, &v));
    cr_assert_not(chan_try_send(p, ch, &v));
}
