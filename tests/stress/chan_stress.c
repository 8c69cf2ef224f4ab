// chan_stress.c: ping-pong, producers and consumers, a ring, close against receivers: every element
// arrives once, in order from each sender.
#include "tests/stress/tasks.h"

// ---- Ping-pong: v0, v1 channels; v2 rounds; v3 i; v4 the value received; v5 ok
// -------------------

static Step pong(P *p, Task *t)
{
    BEGIN(t);
    for (;;) {
        PARK(t, chan_recv(p, CHAN(t, 0), &t->v[4], &t->v[5]));
        if (!t->v[5])
            break;
        t->v[4]++;
        PARK(t, chan_send(p, CHAN(t, 1), &t->v[4]));
        SAFEPOINT(t);
    }
    chan_close(p, CHAN(t, 1), NULL);
    END(t);
}

static Step ping(P *p, Task *t)
{
    BEGIN(t);
    for (t->v[3] = 0; t->v[3] < t->v[2]; t->v[3]++) {
        PARK(t, chan_send(p, CHAN(t, 0), &t->v[3]));
        PARK(t, chan_recv(p, CHAN(t, 1), &t->v[4], &t->v[5]));
        REQUIRE(t->v[5] == 1 && t->v[4] == t->v[3] + 1);
    }
    chan_close(p, CHAN(t, 0), NULL);
    PARK(t, chan_recv(p, CHAN(t, 1), &t->v[4], &t->v[5]));
    REQUIRE(t->v[5] == 0 && t->v[4] == 0);
    t->v[4] = 1;
    PARK(t, chan_send(p, CHAN(t, 6), &t->v[4])); // done
    END(t);
}

static void start_ping_pong(P *p, Channel *done, u64 rounds, u64 capacity)
{
    Task *a = task_new(p, ping), *b = task_new(p, pong);
    a->v[0] = b->v[0] = ptr_slot(chan_make(p, 1, true, capacity, NULL));
    a->v[1] = b->v[1] = ptr_slot(chan_make(p, 1, true, capacity, NULL));
    a->v[2] = rounds;
    a->v[6] = ptr_slot(done);
    task_go(p, a);
    task_go(p, b);
}

// ---- Producers and consumers: elements of three slots {producer, number, check} ----------------
// v0 data; v1 done; v2 count; v3 i; v4 my number; v8..10 element; v11 ok; v12.. last seen of each

enum { PRODUCERS = 8 };

static Step producer(P *p, Task *t)
{
    BEGIN(t);
    for (t->v[3] = 0; t->v[3] < t->v[2]; t->v[3]++) {
        t->v[8] = t->v[4];
        t->v[9] = t->v[3];
        t->v[10] = t->v[4] * 1000003 ^ t->v[3];
        PARK(t, chan_send(p, CHAN(t, 0), &t->v[8]));
        SAFEPOINT(t);
    }
    PARK(t, chan_send(p, CHAN(t, 1), &t->v[4]));
    END(t);
}

static Step consumer(P *p, Task *t)
{
    BEGIN(t);
    for (int i = 0; i < PRODUCERS; i++)
        t->v[12 + i] = (Slot)-1;
    t->v[3] = 0;
    for (;;) {
        PARK(t, chan_recv(p, CHAN(t, 0), &t->v[8], &t->v[11]));
        if (!t->v[11])
            break;
        REQUIRE(t->v[8] < PRODUCERS && t->v[10] == (t->v[8] * 1000003 ^ t->v[9]));
        // Whatever one consumer gets from one producer comes in order.
        REQUIRE((i64)t->v[9] > (i64)t->v[12 + t->v[8]]);
        t->v[12 + t->v[8]] = t->v[9];
        t->v[3]++;
        SAFEPOINT(t);
    }
    REQUIRE(t->v[8] == 0 && t->v[9] == 0 && t->v[10] == 0);
    PARK(t, chan_send(p, CHAN(t, 2), &t->v[3]));
    END(t);
}

// v0 data; v1 producers done; v2 consumers done; v3 i; v4 got; v5 sum; v6 capacity; v7 items; v9
// out
static Step fan(P *p, Task *t)
{
    BEGIN(t);
    t->v[0] = ptr_slot(chan_make(p, 3, true, t->v[6], NULL));
    t->v[1] = ptr_slot(chan_make(p, 1, true, 0, NULL));
    t->v[2] = ptr_slot(chan_make(p, 1, true, 0, NULL));
    for (int i = 0; i < PRODUCERS; i++) {
        Task *a = task_new(p, producer);
        a->v[0] = t->v[0];
        a->v[1] = t->v[1];
        a->v[2] = t->v[7];
        a->v[4] = (Slot)i;
        task_go(p, a);
    }
    for (int i = 0; i < 4; i++) {
        Task *c = task_new(p, consumer);
        c->v[0] = t->v[0];
        c->v[2] = t->v[2];
        task_go(p, c);
    }
    for (t->v[3] = 0; t->v[3] < PRODUCERS; t->v[3]++)
        PARK(t, chan_recv(p, CHAN(t, 1), &t->v[4], NULL));
    REQUIRE(chan_close(p, CHAN(t, 0), NULL) == CHAN_DONE);
    REQUIRE(chan_close(p, CHAN(t, 0), NULL) == CHAN_CLOSED);
    for (t->v[3] = 0; t->v[3] < 4; t->v[3]++) {
        PARK(t, chan_recv(p, CHAN(t, 2), &t->v[4], NULL));
        t->v[5] += t->v[4];
    }
    REQUIRE(t->v[5] == t->v[7] * PRODUCERS);
    PARK(t, chan_send(p, CHAN(t, 9), &t->v[5]));
    END(t);
}

// ---- Ring: a token goes round; v0 in, v1 out, v2 token ------------------------------------------

static Step ring_node(P *p, Task *t)
{
    BEGIN(t);
    for (;;) {
        PARK(t, chan_recv(p, CHAN(t, 0), &t->v[2], NULL));
        if (t->v[2] == 0)
            break;
        t->v[2]--;
        SAFEPOINT(t);
        PARK(t, chan_send(p, CHAN(t, 1), &t->v[2]));
    }
    PARK(t, chan_send(p, CHAN(t, 3), &t->v[2]));
    END(t);
}

static void start_ring(P *p, Channel *done, u64 nodes, u64 hops)
{
    Channel *first = chan_make(p, 1, true, 1, NULL), *in = first;
    for (u64 i = 0; i < nodes; i++) {
        Channel *out = i + 1 == nodes ? first : chan_make(p, 1, true, 0, NULL);
        Task *n = task_new(p, ring_node);
        n->v[0] = ptr_slot(in);
        n->v[1] = ptr_slot(out);
        n->v[3] = ptr_slot(done);
        task_go(p, n);
        in = out;
    }
    Slot token = hops;
    REQUIRE(chan_try_send(p, first, &token));
}

// ---- Close wakes everybody: v0 channel, v1 done, v2 value, v3 ok
// ---------------------------------

static Step wait_close(P *p, Task *t)
{
    BEGIN(t);
    t->v[2] = 7;
    PARK(t, chan_recv(p, CHAN(t, 0), &t->v[2], &t->v[3]));
    REQUIRE(t->v[2] == 0 && t->v[3] == 0);
    PARK(t, chan_send(p, CHAN(t, 1), &t->v[2]));
    END(t);
}

static Step send_into_close(P *p, Task *t)
{
    BEGIN(t);
    PARK(t, chan_send(p, CHAN(t, 0), &t->v[2]));
    REQUIRE(t->g.wake == WAKE_CLOSED);
    t->g.wake = WAKE_PLAIN;
    PARK(t, chan_send(p, CHAN(t, 1), &t->v[2]));
    END(t);
}

// v0 receivers' channel; v1 senders' channel; v2 done; v3 i; v4 value; v5 out; v6 round; v7 rounds
static Step closing(P *p, Task *t)
{
    BEGIN(t);
    for (t->v[6] = 0; t->v[6] < t->v[7]; t->v[6]++) {
        t->v[0] = ptr_slot(chan_make(p, 1, true, 0, NULL));
        t->v[1] = ptr_slot(chan_make(p, 1, true, 0, NULL));
        for (int i = 0; i < 10; i++) {
            Task *r = task_new(p, i % 2 ? wait_close : send_into_close);
            r->v[0] = t->v[i % 2];
            r->v[1] = t->v[2];
            task_go(p, r);
        }
        if (t->v[6] % 2)
            PARK_ALWAYS(t, sched_yield_g(p, &t->g));
        chan_close(p, CHAN(t, 0), NULL);
        chan_close(p, CHAN(t, 1), NULL);
        for (t->v[3] = 0; t->v[3] < 10; t->v[3]++)
            PARK(t, chan_recv(p, CHAN(t, 2), &t->v[4], NULL));
    }
    PARK(t, chan_send(p, CHAN(t, 5), &t->v[4]));
    END(t);
}

// ---- Main: v0 done; v1 started; v2 i; v3 value --------------------------------------------------

static Step start(P *p, Task *t)
{
    BEGIN(t);
    t->v[0] = ptr_slot(chan_make(p, 1, true, 0, NULL));
    for (u64 capacity = 0; capacity < 3; capacity++, t->v[1]++)
        start_ping_pong(p, CHAN(t, 0), scaled(20000), capacity);
    static const u64 capacities[] = {0, 1, 7, 128};
    for (int i = 0; i < countof(capacities); i++, t->v[1]++) {
        Task *f = task_new(p, fan);
        f->v[6] = capacities[i];
        f->v[7] = scaled(2000);
        f->v[9] = t->v[0];
        task_go(p, f);
    }
    start_ring(p, CHAN(t, 0), 50, scaled(20000));
    t->v[1]++;
    Task *c = task_new(p, closing);
    c->v[2] = ptr_slot(chan_make(p, 1, true, 0, NULL));
    c->v[5] = t->v[0];
    c->v[7] = scaled(200);
    task_go(p, c);
    t->v[1]++;
    for (t->v[2] = 0; t->v[2] < t->v[1]; t->v[2]++)
        PARK(t, chan_recv(p, CHAN(t, 0), &t->v[3], NULL));
    END(t);
}

int main(void)
{
    return task_main(start);
}
