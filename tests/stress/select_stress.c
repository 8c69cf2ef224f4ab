// select_stress.c: selects that face each other, the same channel in several cases, nil channels,
// defaults, close, fairness, many cases; nothing is lost, doubled or delivered to the wrong case.
#include "tests/stress/tasks.h"

// v[8..] holds cases, 8 slots each: at most two. More cases: in an object of their own.

static void set_case(SelectCase *c, Channel *ch, int direction, int slot)
{
    c->ch = ch;
    c->desc = (u64)direction | (u64)slot << 8;
}

static SelectCase *cases_of(Task *t)
{
    return (SelectCase *)&t->v[8];
}

// ---- Two kinds of partners on two channels, both selecting: v0 a, v1 b, v2 rounds, v3 i, v4 out,
// v5 in, v6 sent or received so far, v7 done ------------------------------------------------------

static Step both_ways(P *p, Task *t)
{
    BEGIN(t);
    for (t->v[3] = 0; t->v[3] < t->v[2]; t->v[3]++) {
        t->v[4] = t->v[3];
        set_case(&cases_of(t)[0], CHAN(t, 0), SELECT_SEND, 4);
        set_case(&cases_of(t)[1], CHAN(t, 1), SELECT_RECV, 5);
        PARK(t, select_go(p, cases_of(t), 2, false, t->v, t->result));
        REQUIRE(t->result[0] <= 1);
        if (t->result[0] == 0)
            t->v[6]++;
        else
            REQUIRE(t->result[1] == 1);
        SAFEPOINT(t);
    }
    PARK(t, chan_send(p, CHAN(t, 7), &t->v[6]));
    END(t);
}

// v0, v1 a, b; v2 rounds; v3 i; v4 value; v5 done; v6 sum: an even number of partners, half with
// a and b exchanged, so every send meets a receive.
static Step facing(P *p, Task *t)
{
    BEGIN(t);
    t->v[0] = ptr_slot(chan_make(p, 1, true, 0, NULL));
    t->v[1] = ptr_slot(chan_make(p, 1, true, 0, NULL));
    t->v[7] = ptr_slot(chan_make(p, 1, true, 8, NULL));
    for (int i = 0; i < 8; i++) {
        Task *s = task_new(p, both_ways);
        s->v[0] = t->v[i % 2];
        s->v[1] = t->v[1 - i % 2];
        s->v[2] = t->v[2];
        s->v[7] = t->v[7];
        task_go(p, s);
    }
    // One that both sends and receives on the same channel evens out what is left over at the end.
    for (t->v[3] = 0; t->v[3] < 8;) {
        set_case(&cases_of(t)[0], CHAN(t, 7), SELECT_RECV, 4);
        set_case(&cases_of(t)[1], NULL, SELECT_RECV, 6);
        PARK(t, select_go(p, cases_of(t), 2, t->v[3] > 0, t->v, t->result));
        if (t->result[0] == 0) {
            t->v[3]++;
        } else {
            // Somebody may be left without a partner: be one, if there is one.
            REQUIRE(t->result[0] == (Slot)-1);
            set_case(&cases_of(t)[0], CHAN(t, 0), SELECT_RECV, 4);
            set_case(&cases_of(t)[1], CHAN(t, 1), SELECT_RECV, 4);
            PARK(t, select_go(p, cases_of(t), 2, true, t->v, t->result));
            PARK_ALWAYS(t, sched_yield_g(p, &t->g));
        }
    }
    PARK(t, chan_send(p, CHAN(t, 5), &t->v[4]));
    END(t);
}

// ---- Many cases: senders on N channels, one selects over all, each channel twice, with nil ones
// between. v0 object with cases, v1 object with channels, v2 per channel, v3 i, v4 in, v5 done,
// v6 sum, v7 left -------------------------------------------------------------------------------

enum { MANY = 40 };

static Step send_some(P *p, Task *t)
{
    BEGIN(t);
    for (t->v[3] = 1; t->v[3] <= t->v[2]; t->v[3]++) {
        PARK(t, chan_send(p, CHAN(t, 0), &t->v[3]));
        SAFEPOINT(t);
    }
    chan_close(p, CHAN(t, 0), NULL);
    END(t);
}

static Step many_cases(P *p, Task *t)
{
    BEGIN(t);
    t->v[0] = ptr_slot(gc_alloc(p, GC_SCAN, sizeof(SelectCase) * (2 * MANY + 2)));
    t->v[1] = ptr_slot(gc_alloc(p, GC_SCAN, sizeof(Slot) * MANY));
    for (int i = 0; i < MANY; i++) {
        Channel *ch = chan_make(p, 1, true, (u64)i % 3, NULL);
        ((Slot *)slot_ptr(t->v[1]))[i] = ptr_slot(ch);
        Task *s = task_new(p, send_some);
        s->v[0] = ptr_slot(ch);
        s->v[2] = t->v[2];
        task_go(p, s);
    }
    t->v[7] = MANY;
    while (t->v[7] > 0) {
        for (int i = 0; i < 2 * MANY + 2; i++) {
            Slot ch = i < 2 * MANY ? ((Slot *)slot_ptr(t->v[1]))[i % MANY] : 0;
            set_case((SelectCase *)slot_ptr(t->v[0]) + i, slot_ptr(ch), SELECT_RECV, 4);
        }
        PARK(t, select_go(p, slot_ptr(t->v[0]), 2 * MANY + 2, false, t->v, t->result));
        REQUIRE(t->result[0] < 2 * MANY);
        if (t->result[1]) {
            t->v[6] += t->v[4];
        } else {
            // Closed: no more of it.
            ((Slot *)slot_ptr(t->v[1]))[t->result[0] % MANY] = 0;
            t->v[7]--;
        }
        SAFEPOINT(t);
    }
    REQUIRE(t->v[6] == MANY * (t->v[2] * (t->v[2] + 1) / 2));
    PARK(t, chan_send(p, CHAN(t, 5), &t->v[4]));
    END(t);
}

// ---- Alone: itself cannot meet itself; default; closed; fairness --------------------------------
// v0, v1 channels; v2 rounds; v3 i; v4 in; v5 done; v6 times case 0

static Step alone(P *p, Task *t)
{
    BEGIN(t);
    t->v[0] = ptr_slot(chan_make(p, 1, true, 0, NULL));
    t->v[1] = ptr_slot(chan_make(p, 1, true, 1, NULL));
    // Send and receive on the same channel do not meet.
    set_case(&cases_of(t)[0], CHAN(t, 0), SELECT_SEND, 4);
    set_case(&cases_of(t)[1], CHAN(t, 0), SELECT_RECV, 4);
    PARK(t, select_go(p, cases_of(t), 2, true, t->v, t->result));
    REQUIRE(t->result[0] == (Slot)-1);
    // With a buffer they do, one after the other.
    for (t->v[3] = 0; t->v[3] < 10; t->v[3]++) {
        t->v[4] = t->v[3];
        set_case(&cases_of(t)[0], CHAN(t, 1), SELECT_SEND, 4);
        set_case(&cases_of(t)[1], CHAN(t, 1), SELECT_RECV, 4);
        PARK(t, select_go(p, cases_of(t), 2, false, t->v, t->result));
        REQUIRE(t->result[0] == t->v[3] % 2);
    }
    // Two that are always ready: each about half the time.
    chan_close(p, CHAN(t, 0), NULL);
    chan_close(p, CHAN(t, 1), NULL);
    for (t->v[3] = 0; t->v[3] < 10000; t->v[3]++) {
        t->v[4] = 1;
        set_case(&cases_of(t)[0], CHAN(t, 0), SELECT_RECV, 4);
        set_case(&cases_of(t)[1], CHAN(t, 1), SELECT_RECV, 4);
        PARK(t, select_go(p, cases_of(t), 2, false, t->v, t->result));
        REQUIRE(t->result[1] == 0 && t->v[4] == 0);
        t->v[6] += t->result[0] == 0;
    }
    REQUIRE(t->v[6] > 4500 && t->v[6] < 5500);
    // A send on a closed channel is chosen too, and says so.
    set_case(&cases_of(t)[0], NULL, SELECT_RECV, 4);
    set_case(&cases_of(t)[1], CHAN(t, 1), SELECT_SEND, 4);
    t->g.wake = WAKE_PLAIN;
    PARK(t, select_go(p, cases_of(t), 2, false, t->v, t->result));
    REQUIRE(t->g.wake == WAKE_CLOSED && t->result[0] == 1);
    t->g.wake = WAKE_PLAIN;
    PARK(t, chan_send(p, CHAN(t, 5), &t->v[4]));
    END(t);
}

// ---- Close against waiting selects: v0, v1 channels; v2 wait for; v5 done
// ------------------------

static Step wait_select(P *p, Task *t)
{
    BEGIN(t);
    t->v[4] = 9;
    set_case(&cases_of(t)[0], CHAN(t, 0), t->v[2] % 2 ? SELECT_RECV : SELECT_SEND, 4);
    set_case(&cases_of(t)[1], CHAN(t, 1), SELECT_RECV, 4);
    t->g.wake = WAKE_PLAIN;
    PARK(t, select_go(p, cases_of(t), 2, false, t->v, t->result));
    if (t->result[0] == 0 && t->v[2] % 2 == 0) {
        REQUIRE(t->g.wake == WAKE_CLOSED);
        t->g.wake = WAKE_PLAIN;
    } else {
        REQUIRE(t->result[1] == 0 && t->v[4] == 0);
    }
    PARK(t, chan_send(p, CHAN(t, 5), &t->v[4]));
    END(t);
}

static Step close_one(P *p, Task *t)
{
    BEGIN(t);
    SAFEPOINT(t);
    chan_close(p, CHAN(t, 0), NULL);
    END(t);
}

// v0, v1 channels; v2 rounds; v3 i; v4 in; v5 done; v6 answers; v7 j
static Step closing(P *p, Task *t)
{
    BEGIN(t);
    t->v[6] = ptr_slot(chan_make(p, 1, true, 0, NULL));
    for (t->v[3] = 0; t->v[3] < t->v[2]; t->v[3]++) {
        t->v[0] = ptr_slot(chan_make(p, 1, true, 0, NULL));
        t->v[1] = ptr_slot(chan_make(p, 1, true, 0, NULL));
        for (int i = 0; i < 6; i++) {
            Task *w = task_new(p, wait_select);
            w->v[0] = t->v[0];
            w->v[1] = t->v[1];
            // All send or all receive on channel 0, else they would meet each other.
            w->v[2] = t->v[3];
            w->v[5] = t->v[6];
            task_go(p, w);
        }
        for (int i = 0; i < 2; i++) {
            Task *c = task_new(p, close_one);
            c->v[0] = t->v[i];
            task_go(p, c);
        }
        for (t->v[7] = 0; t->v[7] < 6; t->v[7]++)
            PARK(t, chan_recv(p, CHAN(t, 6), &t->v[4], NULL));
    }
    PARK(t, chan_send(p, CHAN(t, 5), &t->v[4]));
    END(t);
}

static Step start(P *p, Task *t)
{
    static const struct {
        TaskFn fn;
        u64 rounds;
    } parts[] = {{facing, 3000}, {facing, 500},  {many_cases, 100},
                 {alone, 1},     {closing, 300}, {closing, 300}};
    BEGIN(t);
    t->v[0] = ptr_slot(chan_make(p, 1, true, 0, NULL));
    for (int i = 0; i < countof(parts); i++) {
        Task *s = task_new(p, parts[i].fn);
        s->v[2] = scaled(parts[i].rounds);
        s->v[5] = t->v[0];
        task_go(p, s);
    }
    for (t->v[1] = 0; t->v[1] < countof(parts); t->v[1]++)
        PARK(t, chan_recv(p, CHAN(t, 0), &t->v[2], NULL));
    END(t);
}

int main(void)
{
    return task_main(start);
}
