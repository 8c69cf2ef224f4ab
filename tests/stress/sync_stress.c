// sync_stress.c: the parking locks of package sync keep what they promise: mutual exclusion,
// writers against readers, WaitGroup rounds, no lost signal.
#include "tests/stress/tasks.h"

// The data that the locks guard, plain: the thread sanitizer sees what they fail to order.
typedef struct Shared {
    SyncMutex mutex;
    SyncRWMutex rw;
    SyncWaitGroup wg;
    SyncCond cond;
    SyncMutex cond_mutex;
    u64 counter, pair_a, pair_b, ready, taken;
} Shared;

#define SHARED(t) ((Shared *)slot_ptr((t)->v[0]))

static const char *why;

// v0 shared, v1 i, v2 rounds
static Step locker(P *p, Task *t)
{
    BEGIN(t);
    for (t->v[1] = 0; t->v[1] < t->v[2]; t->v[1]++) {
        if (t->v[1] % 8 != 0 || !sync_mutex_trylock(p, &SHARED(t)->mutex, NULL))
            PARK(t, sync_mutex_lock(p, &SHARED(t)->mutex, NULL));
        t->v[3] = ++SHARED(t)->counter;
        SAFEPOINT(t);
        if (t->v[1] % 16 == 0)
            PARK_ALWAYS(t, sched_yield_g(p, &t->g));
        REQUIRE(SHARED(t)->counter == t->v[3]);
        REQUIRE(sync_mutex_unlock(p, &SHARED(t)->mutex, &why) == SYNC_DONE);
    }
    REQUIRE(sync_wg_add(p, &SHARED(t)->wg, -1, &why) == SYNC_DONE);
    END(t);
}

static Step reader(P *p, Task *t)
{
    BEGIN(t);
    for (t->v[1] = 0; t->v[1] < t->v[2]; t->v[1]++) {
        if (t->v[1] % 8 != 0 || !sync_rw_tryrlock(p, &SHARED(t)->rw, NULL))
            PARK(t, sync_rw_rlock(p, &SHARED(t)->rw, NULL));
        t->v[3] = SHARED(t)->pair_a;
        SAFEPOINT(t);
        REQUIRE(SHARED(t)->pair_b == t->v[3] && SHARED(t)->pair_a == t->v[3]);
        REQUIRE(sync_rw_runlock(p, &SHARED(t)->rw, &why) == SYNC_DONE);
    }
    REQUIRE(sync_wg_add(p, &SHARED(t)->wg, -1, &why) == SYNC_DONE);
    END(t);
}

static Step writer(P *p, Task *t)
{
    BEGIN(t);
    for (t->v[1] = 0; t->v[1] < t->v[2]; t->v[1]++) {
        if (t->v[1] % 8 != 0 || !sync_rw_trylock(p, &SHARED(t)->rw, NULL))
            PARK(t, sync_rw_lock(p, &SHARED(t)->rw, NULL));
        SHARED(t)->pair_a++;
        SAFEPOINT(t);
        SHARED(t)->pair_b++;
        REQUIRE(sync_rw_unlock(p, &SHARED(t)->rw, &why) == SYNC_DONE);
    }
    REQUIRE(sync_wg_add(p, &SHARED(t)->wg, -1, &why) == SYNC_DONE);
    END(t);
}

// Takes what is announced through the Cond. v3 ticket
static Step cond_taker(P *p, Task *t)
{
    BEGIN(t);
    for (t->v[1] = 0; t->v[1] < t->v[2]; t->v[1]++) {
        PARK(t, sync_mutex_lock(p, &SHARED(t)->cond_mutex, NULL));
        while (SHARED(t)->ready == 0) {
            t->v[3] = sync_cond_ticket(p, &SHARED(t)->cond);
            sync_mutex_unlock(p, &SHARED(t)->cond_mutex, &why);
            SAFEPOINT(t);
            PARK(t, sync_cond_wait(p, &SHARED(t)->cond, t->v[3]));
            PARK(t, sync_mutex_lock(p, &SHARED(t)->cond_mutex, NULL));
        }
        SHARED(t)->ready--;
        SHARED(t)->taken++;
        sync_mutex_unlock(p, &SHARED(t)->cond_mutex, &why);
    }
    REQUIRE(sync_wg_add(p, &SHARED(t)->wg, -1, &why) == SYNC_DONE);
    END(t);
}

static Step cond_giver(P *p, Task *t)
{
    BEGIN(t);
    for (t->v[1] = 0; t->v[1] < t->v[2]; t->v[1]++) {
        PARK(t, sync_mutex_lock(p, &SHARED(t)->cond_mutex, NULL));
        SHARED(t)->ready++;
        sync_mutex_unlock(p, &SHARED(t)->cond_mutex, &why);
        if (t->v[1] % 10 == 0)
            sync_cond_broadcast(p, &SHARED(t)->cond);
        else
            sync_cond_signal(p, &SHARED(t)->cond);
        SAFEPOINT(t);
    }
    REQUIRE(sync_wg_add(p, &SHARED(t)->wg, -1, &why) == SYNC_DONE);
    END(t);
}

static void misuse(P *p)
{
    Shared *s = gc_alloc(p, GC_SCAN, sizeof *s);
    REQUIRE(sync_mutex_unlock(p, &s->mutex, &why) == SYNC_MISUSE);
    REQUIRE(sync_rw_unlock(p, &s->rw, &why) == SYNC_MISUSE);
    REQUIRE(sync_rw_runlock(p, &s->rw, &why) == SYNC_MISUSE);
    REQUIRE(sync_wg_add(p, &s->wg, -1, &why) == SYNC_MISUSE);
    REQUIRE(sync_mutex_lock(p, &s->mutex, NULL) == SYNC_DONE &&
            !sync_mutex_trylock(p, &s->mutex, NULL));
    REQUIRE(sync_rw_rlock(p, &s->rw, NULL) == SYNC_DONE && !sync_rw_trylock(p, &s->rw, NULL));
    REQUIRE(sync_rw_tryrlock(p, &s->rw, NULL));
    // A copy of a locked mutex is locked, and has no waiters.
    Shared *copy = gc_alloc(p, GC_SCAN, sizeof *copy);
    memcpy((void *)copy, (void *)s, sizeof *s);
    REQUIRE(!sync_mutex_trylock(p, &copy->mutex, NULL));
    REQUIRE(sync_mutex_unlock(p, &copy->mutex, &why) == SYNC_DONE);
    REQUIRE(sync_mutex_trylock(p, &copy->mutex, NULL));
}

// Rounds of a WaitGroup that is used again at once. v0 shared, v1 i, v2 rounds
static Step one_done(P *p, Task *t)
{
    BEGIN(t);
    SAFEPOINT(t);
    ((u64 *)slot_ptr(t->v[1]))[t->v[2]] = 1;
    sync_wg_add(p, &SHARED(t)->wg, -1, &why);
    END(t);
}

static Step start(P *p, Task *t)
{
    static const struct {
        TaskFn fn;
        int count;
        u64 rounds;
    } parts[] = {{locker, 8, 2000},
                 {reader, 8, 1000},
                 {writer, 3, 500},
                 {cond_taker, 5, 1000},
                 {cond_giver, 5, 1000}};
    BEGIN(t);
    misuse(p);
    t->v[0] = ptr_slot(gc_alloc(p, GC_SCAN, sizeof(Shared)));
    for (int i = 0; i < countof(parts); i++) {
        for (int j = 0; j < parts[i].count; j++) {
            Task *s = task_new(p, parts[i].fn);
            s->v[0] = t->v[0];
            s->v[2] = scaled(parts[i].rounds);
            sync_wg_add(p, &SHARED(t)->wg, 1, &why);
            task_go(p, s);
        }
    }
    PARK(t, sync_wg_wait(p, &SHARED(t)->wg));
    REQUIRE(SHARED(t)->counter == 8 * scaled(2000));
    REQUIRE(SHARED(t)->pair_a == 3 * scaled(500) && SHARED(t)->pair_b == SHARED(t)->pair_a);
    REQUIRE(SHARED(t)->taken == 5 * scaled(1000) && SHARED(t)->ready == 0);

    t->v[3] = ptr_slot(gc_alloc(p, GC_PTRFREE, 10 * sizeof(u64)));
    for (t->v[1] = 0; t->v[1] < scaled(500); t->v[1]++) {
        memset(slot_ptr(t->v[3]), 0, 10 * sizeof(u64));
        sync_wg_add(p, &SHARED(t)->wg, 10, &why);
        for (u64 i = 0; i < 10; i++) {
            Task *s = task_new(p, one_done);
            s->v[0] = t->v[0];
            s->v[1] = t->v[3];
            s->v[2] = i;
            task_go(p, s);
        }
        PARK(t, sync_wg_wait(p, &SHARED(t)->wg));
        for (int i = 0; i < 10; i++)
            REQUIRE(((u64 *)slot_ptr(t->v[3]))[i] == 1);
    }
    END(t);
}

int main(void)
{
    return task_main(start);
}
