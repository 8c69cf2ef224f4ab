// gc_stress.c: objects keep their contents over collections, memory comes zeroed, the heap stays
// in proportion to what lives; goroutines that nothing can wake are reclaimed, all others are not.
#include "tests/stress/tasks.h"

// ---- Lists of objects of all sizes and both kinds
// ------------------------------------------------

typedef struct Node {
    struct Node *next;
    u64 *data; // pointer-free: words filled with seed + i
    u64 words, seed;
} Node;

// v0 done, v1 i, v2 rounds, v3 list, v4 length
static void push_node(P *p, Task *t, u64 random)
{
    Node *n = gc_alloc(p, GC_SCAN, sizeof *n + random % 200);
    for (u64 i = 0; i < (sizeof *n + random % 200) / 8; i++)
        REQUIRE(((u64 *)n)[i] == 0);
    t->v[5] = ptr_slot(n);
    n->words = 1 + (random >> 8) % (random % 100 == 0 ? 20000 : 150);
    n->seed = random;
    n->data = gc_alloc(p, GC_PTRFREE, n->words * 8);
    for (u64 i = 0; i < n->words; i++) {
        REQUIRE(n->data[i] == 0);
        n->data[i] = n->seed + i;
    }
    n->next = slot_ptr(t->v[3]);
    t->v[3] = ptr_slot(n);
}

static void check_list(Task *t)
{
    for (Node *n = slot_ptr(t->v[3]); n; n = n->next) {
        for (u64 i = 0; i < n->words; i++)
            REQUIRE(n->data[i] == n->seed + i);
    }
}

static Step list_maker(P *p, Task *t)
{
    BEGIN(t);
    for (t->v[1] = 0; t->v[1] < t->v[2]; t->v[1]++) {
        push_node(p, t, choose(p, CHOOSE_RAND, 0));
        SAFEPOINT(t);
        if (t->v[1] % 100 == 99) {
            check_list(t);
            if (t->v[1] % 300 == 299)
                t->v[3] = 0;
            PARK_ALWAYS(t, sched_yield_g(p, &t->g));
        }
    }
    check_list(t);
    PARK(t, chan_send(p, CHAN(t, 0), &t->v[1]));
    END(t);
}

#if !CSP_GC_NONE

// ---- Leaks
// ---------------------------------------------------------------------------------------

// v0 channel it waits on, v1 value, v8.. cases; v2 says how it waits
static Step waits_for_ever(P *p, Task *t)
{
    BEGIN(t);
    if (t->v[2] % 3 == 0) {
        PARK(t, chan_recv(p, CHAN(t, 0), &t->v[1], NULL));
    } else if (t->v[2] % 3 == 1) {
        PARK(t, chan_send(p, CHAN(t, 0), &t->v[1]));
    } else {
        ((SelectCase *)&t->v[8])[0] = (SelectCase){.ch = CHAN(t, 0), .desc = SELECT_RECV | 1 << 8};
        ((SelectCase *)&t->v[8])[1] = (SelectCase){.ch = CHAN(t, 7), .desc = SELECT_RECV | 1 << 8};
        PARK(t, select_go(p, (SelectCase *)&t->v[8], 2, false, t->v, t->result));
    }
    // Woken: tell.
    t->v[1] = 1;
    if (t->v[3])
        PARK(t, chan_send(p, CHAN(t, 3), &t->v[1]));
    REQUIRE(t->v[3] != 0);
    END(t);
}

// Waits on a channel that only the next one in a chain can reach; the first one's is kept.
// v0 own channel, v4 the next one's channel, v3 done
static Step chain_link(P *p, Task *t)
{
    BEGIN(t);
    PARK(t, chan_recv(p, CHAN(t, 0), &t->v[1], NULL));
    if (t->v[4])
        PARK(t, chan_send(p, CHAN(t, 4), &t->v[1]));
    else
        PARK(t, chan_send(p, CHAN(t, 3), &t->v[1]));
    END(t);
}

// v0 done, v1 i, v2 how many, v3 kept channels (object), v4 answer channel, v5 count before, v6 sum
static Step leaks(P *p, Task *t)
{
    BEGIN(t);
    t->v[3] = ptr_slot(gc_alloc(p, GC_SCAN, 100 * 8));
    t->v[4] = ptr_slot(chan_make(p, 1, true, 0, NULL));
    for (t->v[1] = 0; t->v[1] < t->v[2]; t->v[1]++) {
        Task *w = task_new(p, waits_for_ever);
        t->v[5] = ptr_slot(chan_make(p, 1, true, 0, NULL));
        w->v[0] = t->v[5];
        w->v[2] = t->v[1];
        // Now and then one that can still be woken.
        if (t->v[1] % (t->v[2] / 100) == 0) {
            w->v[2] = 0; // receives
            w->v[3] = t->v[4];
            ((Slot *)slot_ptr(t->v[3]))[t->v[1] / (t->v[2] / 100) % 100] = t->v[5];
        }
        task_go(p, w);
        if (t->v[1] % 64 == 0)
            PARK_ALWAYS(t, sched_yield_g(p, &t->g));
        SAFEPOINT(t);
    }
    t->v[5] = 0;
    // A chain that hangs on one kept channel: v7.
    t->v[7] = 0;
    for (t->v[1] = 0; t->v[1] < 100; t->v[1]++) {
        Task *w = task_new(p, chain_link);
        w->v[0] = ptr_slot(chan_make(p, 1, true, 0, NULL));
        w->v[4] = t->v[7];
        w->v[3] = t->v[4];
        t->v[7] = w->v[0];
        task_go(p, w);
    }
    // Till all of them wait.
    for (t->v[1] = 0; t->v[1] < 200; t->v[1]++)
        PARK_ALWAYS(t, timer_sleep(p, 100000));
    gc_collect_now(p);
    SAFEPOINT(t);
    PARK_ALWAYS(t, sched_yield_g(p, &t->g));
    // This one, main, those that were kept, and the chain. Conservative marking may keep a few
    // more.
    REQUIRE(sched_goroutine_count() >= 2 + 100 + 100);
    REQUIRE(sched_goroutine_count() <= 2 + 100 + 100 + 20);
    for (t->v[1] = 0; t->v[1] < 100; t->v[1]++) {
        PARK(t, chan_send(p, slot_ptr(((Slot *)slot_ptr(t->v[3]))[t->v[1]]), &t->v[1]));
        PARK(t, chan_recv(p, CHAN(t, 4), &t->v[6], NULL));
        REQUIRE(t->v[6] == 1);
    }
    t->v[6] = 77;
    PARK(t, chan_send(p, CHAN(t, 7), &t->v[6]));
    PARK(t, chan_recv(p, CHAN(t, 4), &t->v[5], NULL));
    REQUIRE(t->v[5] == 77);
    PARK(t, chan_send(p, CHAN(t, 0), &t->v[1]));
    END(t);
}

#endif

static Step start(P *p, Task *t)
{
    BEGIN(t);
    t->v[0] = ptr_slot(chan_make(p, 1, true, 0, NULL));
    for (int i = 0; i < 4; i++) {
        Task *s = task_new(p, list_maker);
        s->v[0] = t->v[0];
        s->v[2] = scaled(10000);
        task_go(p, s);
    }
    for (t->v[1] = 0; t->v[1] < 4; t->v[1]++)
        PARK(t, chan_recv(p, CHAN(t, 0), &t->v[2], NULL));
#if !CSP_GC_NONE
    gc_collect_now(p);
    SAFEPOINT(t);
    GcStats stats;
    gc_stats(&stats);
    REQUIRE(stats.collections > 0 && stats.heap_bytes < 64 << 20);
    Task *l = task_new(p, leaks);
    l->v[0] = t->v[0];
    l->v[2] = scaled(100000) < 1000 ? 1000 : scaled(100000);
    task_go(p, l);
    PARK(t, chan_recv(p, CHAN(t, 0), &t->v[2], NULL));
#endif
    END(t);
}

int main(void)
{
    return task_main(start);
}
