// timer_stress.c: sleeps end in time and never early; timers fire once; stop, reset and fire race;
// a timer that was stopped never fires; tickers drop what nobody takes.
#include "tests/stress/tasks.h"

// ---- Sleepers: v0 done, v1 i, v2 rounds, v3 started at, v4 how long -----------------------------

static Step sleeper(P *p, Task *t)
{
    BEGIN(t);
    for (t->v[1] = 0; t->v[1] < t->v[2]; t->v[1]++) {
        t->v[3] = (Slot)timer_now();
        t->v[4] = choose(p, CHOOSE_RAND, 0) % 2000000;
        PARK_ALWAYS(t, timer_sleep(p, (i64)t->v[4]));
        REQUIRE(timer_now() - (i64)t->v[3] >= (i64)t->v[4]);
    }
    PARK(t, chan_send(p, CHAN(t, 0), &t->v[1]));
    END(t);
}

// ---- Timers with a channel: arg is the channel, arg2 counts
// --------------------------------------

static void fire_channel(P *p, Timer *t, i64 now)
{
    Slot value = (Slot)now;
    t->arg2++;
    chan_try_send(p, t->arg, &value);
}

// v0 done, v1 i, v2 rounds, v3 timer, v4 channel, v5 value, v6 ok, v7 time asked for
static Step after(P *p, Task *t)
{
    BEGIN(t);
    for (t->v[1] = 0; t->v[1] < t->v[2]; t->v[1]++) {
        Timer *timer = gc_alloc(p, GC_SCAN, sizeof *timer);
        t->v[3] = ptr_slot(timer);
        t->v[4] = ptr_slot(chan_make(p, 1, true, 1, NULL));
        timer->fire = fire_channel;
        timer->arg = CHAN(t, 4);
        t->v[7] = (Slot)timer_now() + choose(p, CHOOSE_RAND, 0) % 1000000;
        timer_start(p, timer, (i64)t->v[7], 0);
        PARK(t, chan_recv(p, CHAN(t, 4), &t->v[5], &t->v[6]));
        REQUIRE((i64)t->v[5] >= (i64)t->v[7] && timer_now() >= (i64)t->v[7]);
        REQUIRE(!timer_stop(p, slot_ptr(t->v[3])));
        REQUIRE(((Timer *)slot_ptr(t->v[3]))->arg2 == 1);
    }
    PARK(t, chan_send(p, CHAN(t, 0), &t->v[1]));
    END(t);
}

// Stop and reset against fire. When stop says true, nothing is or will be in the channel; when it
// says false, exactly one value is there at once.
// v0 done, v1 i, v2 rounds, v3 timer, v4 channel, v5 value, v6 expected, v7 was armed
static Step stop_race(P *p, Task *t)
{
    BEGIN(t);
    Timer *made = gc_alloc(p, GC_SCAN, sizeof *made);
    t->v[3] = ptr_slot(made);
    t->v[4] = ptr_slot(chan_make(p, 1, true, 1, NULL));
    made->fire = fire_channel;
    made->arg = CHAN(t, 4);
    for (t->v[1] = 0; t->v[1] < t->v[2]; t->v[1]++) {
        timer_start(p, slot_ptr(t->v[3]), timer_now() + (i64)(choose(p, CHOOSE_RAND, 0) % 30000),
                    0);
        if (choose(p, CHOOSE_RAND, 0) % 2)
            PARK_ALWAYS(t, timer_sleep(p, (i64)(choose(p, CHOOSE_RAND, 0) % 30000)));
        else
            PARK_ALWAYS(t, sched_yield_g(p, &t->g));
        if (choose(p, CHOOSE_RAND, 0) % 4 == 0) {
            t->v[7] = timer_reset(p, slot_ptr(t->v[3]), timer_now() + 3600000000000, 0);
            REQUIRE(timer_stop(p, slot_ptr(t->v[3])));
        } else {
            t->v[7] = timer_stop(p, slot_ptr(t->v[3]));
            REQUIRE(!timer_stop(p, slot_ptr(t->v[3])));
        }
        REQUIRE(chan_len(CHAN(t, 4)) == (t->v[7] ? 0 : 1));
        if (!t->v[7])
            PARK(t, chan_recv(p, CHAN(t, 4), &t->v[5], NULL));
    }
    PARK(t, chan_send(p, CHAN(t, 0), &t->v[1]));
    END(t);
}

// Two goroutines reset and stop the same timer. v0 done, v1 i, v2 rounds, v3 timer
static Step share(P *p, Task *t)
{
    BEGIN(t);
    for (t->v[1] = 0; t->v[1] < t->v[2]; t->v[1]++) {
        if (choose(p, CHOOSE_RAND, 0) % 2)
            timer_reset(p, slot_ptr(t->v[3]),
                        timer_now() + (i64)(choose(p, CHOOSE_RAND, 0) % 20000), 0);
        else
            timer_stop(p, slot_ptr(t->v[3]));
        SAFEPOINT(t);
        PARK_ALWAYS(t, sched_yield_g(p, &t->g));
    }
    timer_stop(p, slot_ptr(t->v[3]));
    PARK(t, chan_send(p, CHAN(t, 0), &t->v[1]));
    END(t);
}

// v0 done, v1 i, v2 rounds, v3 timer, v4 channel, v5 value, v6 last
static Step ticks(P *p, Task *t)
{
    BEGIN(t);
    Timer *made = gc_alloc(p, GC_SCAN, sizeof *made);
    t->v[3] = ptr_slot(made);
    t->v[4] = ptr_slot(chan_make(p, 1, true, 1, NULL));
    made->fire = fire_channel;
    made->arg = CHAN(t, 4);
    timer_start(p, made, timer_now() + 100000, 100000);
    for (t->v[1] = 0; t->v[1] < t->v[2]; t->v[1]++) {
        PARK(t, chan_recv(p, CHAN(t, 4), &t->v[5], NULL));
        REQUIRE(t->v[5] > t->v[6]);
        t->v[6] = t->v[5];
    }
    REQUIRE(timer_stop(p, slot_ptr(t->v[3])));
    PARK(t, chan_send(p, CHAN(t, 0), &t->v[1]));
    END(t);
}

// Keeps a P busy without switching, so that timers must be seen to by others. v0 done
static Step busy(P *p, Task *t)
{
    BEGIN(t);
    t->v[1] = (Slot)timer_now() + 50000000;
    while (timer_now() < (i64)t->v[1])
        SAFEPOINT(t);
    PARK(t, chan_send(p, CHAN(t, 0), &t->v[1]));
    END(t);
}

static Step start(P *p, Task *t)
{
    static const struct {
        TaskFn fn;
        int count;
        u64 rounds;
    } parts[] = {
        {sleeper, 50, 40}, {after, 10, 50}, {stop_race, 4, 500}, {ticks, 2, 100}, {busy, 2, 1}};
    BEGIN(t);
    t->v[0] = ptr_slot(chan_make(p, 1, true, 0, NULL));
    for (int i = 0; i < countof(parts); i++) {
        for (int j = 0; j < parts[i].count; j++, t->v[1]++) {
            Task *s = task_new(p, parts[i].fn);
            s->v[0] = t->v[0];
            s->v[2] = scaled(parts[i].rounds);
            task_go(p, s);
        }
    }
    Timer *shared = gc_alloc(p, GC_SCAN, sizeof *shared);
    shared->fire = fire_channel;
    shared->arg = chan_make(p, 1, true, 1, NULL);
    for (int i = 0; i < 4; i++, t->v[1]++) {
        Task *s = task_new(p, share);
        s->v[0] = t->v[0];
        s->v[2] = scaled(2000);
        s->v[3] = ptr_slot(shared);
        task_go(p, s);
    }
    for (t->v[2] = 0; t->v[2] < t->v[1]; t->v[2]++)
        PARK(t, chan_recv(p, CHAN(t, 0), &t->v[3], NULL));
    END(t);
}

int main(void)
{
    return task_main(start);
}
