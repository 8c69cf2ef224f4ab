// chan_test.c: channels, one operation at a time.
#include "runtime/chan_inline.h"

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
    cr_assert_eq(chan_close(p, ch, NULL), CHAN_DONE);
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
    cr_assert_eq(chan_close(p, ch, NULL), CHAN_DONE);
    cr_assert_eq(chan_close(p, ch, NULL), CHAN_CLOSED);
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
    chan_close(p, ch, NULL);
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

// ---- The inline operations of the interpreter --------------------------------------------------

Test(chan_inline, a_receiver_that_waits_gets_the_element_and_runs_next)
{
    P *p = boot();
    Channel *ch = chan_make(p, 1, true, 0, NULL);
    for (int round = 0; round < 3; round++) {
        Task *r = enter(p);
        cr_assert_eq(chan_recv_inline(p, &r->g, ch, &r->v[0], &r->v[1]), CHAN_PARKED);
        cr_assert_null(p->g);
        Task *s = enter(p);
        s->v[0] = 42;
        cr_assert(chan_send_now(p, ch, &s->v[0]));
        cr_assert_eq(r->v[0], 42);
        cr_assert_eq(r->v[1], 1);
        cr_assert_not(chan_send_now(p, ch, &s->v[0]), "nobody waits any more");
        sched_exit_g(p, &s->g);
        cr_assert_eq(p_next(p), &r->g);
        sched_exit_g(p, &r->g);
    }
}

Test(chan_inline, buffer_is_first_in_first_out_until_it_is_full_or_empty)
{
    P *p = boot();
    Task *t = enter(p);
    Channel *ch = chan_make(p, 1, true, 3, NULL);
    for (Slot i = 0; i < 20; i++) {
        Slot in[3] = {i, i * 7, i * 9}, out = 99, ok = 0;
        for (int k = 0; k < 3; k++)
            cr_assert(chan_send_now(p, ch, &in[k]));
        cr_assert_not(chan_send_now(p, ch, in));
        for (int k = 0; k < 3; k++, ok = 0) {
            cr_assert_eq(chan_recv_inline(p, &t->g, ch, &out, &ok), CHAN_DONE);
            cr_assert_eq(out, in[k]);
            cr_assert_eq(ok, 1);
        }
        cr_assert_eq(ch->buffer[i % 3], 0, "nothing stays behind");
    }
    cr_assert_eq(chan_recv_inline(p, &t->g, ch, &t->v[0], NULL), CHAN_PARKED);
}

Test(chan_inline, what_is_not_simple_is_left_to_the_functions)
{
    P *p = boot();
    Task *t = enter(p);
    Slot out = 7, ok = 7;
    cr_assert_not(chan_send_now(p, NULL, &out));
    Channel *wide = chan_make(p, 2, true, 1, NULL);
    cr_assert_not(chan_send_now(p, wide, t->v), "two slots");
    Channel *ch = chan_make(p, 1, true, 1, NULL);
    chan_close(p, ch, NULL);
    cr_assert_not(chan_send_now(p, ch, &out), "closed");
    cr_assert_eq(chan_recv_inline(p, &t->g, ch, &out, &ok), CHAN_DONE);
    cr_assert_eq(out, 0);
    cr_assert_eq(ok, 0);
}

Test(chan_inline, a_sender_that_waits_keeps_its_place)
{
    P *p = boot();
    Channel *ch = chan_make(p, 1, true, 1, NULL);
    Slot first = 1, out;
    cr_assert(chan_send_now(p, ch, &first));
    Task *s = enter(p);
    s->v[0] = 2;
    cr_assert_eq(chan_send(p, ch, &s->v[0]), CHAN_PARKED);
    Task *r = enter(p);
    for (Slot i = 1; i <= 2; i++) {
        cr_assert_eq(chan_recv_inline(p, &r->g, ch, &out, NULL), CHAN_DONE);
        cr_assert_eq(out, i);
    }
}

Test(chan_inline, a_queue_keeps_its_order_whoever_leaves_it)
{
    static const char *const orders[] = {"012", "021", "102", "120", "201", "210"};
    for (int o = 0; o < countof(orders); o++) {
        WaitQueue q = {0};
        Waiter w[3] = {0};
        for (int i = 0; i < 3; i++)
            queue_append(&q, &w[i]);
        bool gone[3] = {false};
        for (int k = 0; k < 3; k++) {
            int leaves = orders[o][k] - '0';
            queue_unlink(&q, &w[leaves]);
            gone[leaves] = true;
            const Waiter *at = queue_first(&q), *last = NULL;
            for (int i = 0; i < 3; i++) {
                if (gone[i])
                    continue;
                cr_assert_eq(at, &w[i], "%s", orders[o]);
                last = at;
                at = at->next;
            }
            cr_assert_null(at);
            cr_assert(!last || queue_first(&q)->prev == last);
        }
        queue_append(&q, &w[1]); // it is whole again
        cr_assert_eq(queue_first(&q), &w[1]);
        queue_shift(&q, &w[1]);
        cr_assert_null(queue_first(&q));
    }
}
