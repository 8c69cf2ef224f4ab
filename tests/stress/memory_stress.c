// memory_stress.c: a program that needs more than its limit ends with "out of memory" and code 2,
// one that stays below it does not; never by a signal.
#include <sys/resource.h>

#include "tests/stress/child.h"

#if !CSP_GC_NONE

enum { LIMIT = 24 << 20 };

// v0 list, v1 bytes so far, v2 bytes wanted, v3 scratch
static Step keep(P *p, Task *t, u64 bytes, size_t each)
{
    BEGIN(t);
    t->v[2] = bytes;
    while (t->v[1] < t->v[2]) {
        Slot *o = gc_alloc(p, GC_SCAN, each);
        o[0] = t->v[0];
        t->v[0] = ptr_slot(o);
        t->v[1] += each;
        SAFEPOINT(t);
    }
    END(t);
}

static Step keep_small(P *p, Task *t)
{
    return keep(p, t, 4 * LIMIT, 48);
}

static Step keep_middle(P *p, Task *t)
{
    return keep(p, t, 4 * LIMIT, 100000);
}

static Step keep_half(P *p, Task *t)
{
    return keep(p, t, LIMIT / 2, 64);
}

// Without a safepoint: the reserve, then the end.
static Step keep_in_native(P *p, Task *t)
{
    BEGIN(t);
    for (u64 n = 0; n < 40 * (u64)LIMIT; n += 256) {
        Slot *o = gc_alloc(p, GC_SCAN, 256);
        o[0] = t->v[0];
        t->v[0] = ptr_slot(o);
    }
    END(t);
}

// Garbage only: ten times the limit, little of it alive at a time.
static Step garbage(P *p, Task *t)
{
    BEGIN(t);
    for (t->v[1] = 0; t->v[1] < 10 * (u64)LIMIT; t->v[1] += 1000) {
        t->v[t->v[1] / 1000 % 8 + 4] = ptr_slot(gc_alloc(p, GC_SCAN, 1000));
        SAFEPOINT(t);
    }
    END(t);
}

// Large objects: refused, a collection, then there is room. v3: tries
static Step large(P *p, Task *t)
{
    BEGIN(t);
    for (t->v[1] = 0; t->v[1] < 100; t->v[1]++) {
        t->v[0] = 0;
        for (t->v[3] = 0; t->v[3] < 2; t->v[3]++) {
            t->v[0] = ptr_slot(gc_alloc(p, GC_PTRFREE, LIMIT / 3));
            if (t->v[0])
                break;
            gc_collect_now(p);
            SAFEPOINT(t);
        }
        REQUIRE(t->v[0] != 0);
        memset(slot_ptr(t->v[0]), 1, LIMIT / 3);
    }
    END(t);
}

static Step waits(P *p, Task *t)
{
    BEGIN(t);
    PARK(t, chan_recv(p, CHAN(t, 0), &t->v[1], NULL));
    END(t);
}

static Step goroutines(P *p, Task *t)
{
    BEGIN(t);
    t->v[0] = ptr_slot(chan_make(p, 1, true, 0, NULL));
    for (t->v[1] = 0; t->v[1] < 4 * LIMIT / sizeof(Task); t->v[1]++) {
        Task *other = task_new(p, waits);
        other->v[0] = t->v[0];
        task_go(p, other);
        SAFEPOINT(t);
    }
    PARK(t, chan_recv(p, CHAN(t, 0), &t->v[2], NULL));
    END(t);
}

static void limited(void)
{
    setenv("GOMEMLIMIT", "24MiB", 1);
}

static void half_collected(void)
{
    limited();
    setenv("GOGC", "1000", 1);
}

static void never_collected(void)
{
    limited();
    setenv("GOGC", "off", 1);
}

static void little_address_space(void)
{
#if !defined(__SANITIZE_THREAD__) && !defined(__SANITIZE_ADDRESS__)
    // The runtime takes its limit from it; threads and libraries need their part.
    struct rlimit r = {300 << 20, 300 << 20};
    setrlimit(RLIMIT_AS, &r);
    // A limit that is too high: memory ends before it is reached.
    setenv("GOMEMLIMIT", "4GiB", 1);
#else
    limited();
#endif
}

static Step keep_much(P *p, Task *t)
{
    return keep(p, t, 40 * (u64)LIMIT, 64);
}

#define OOM "fatal error: out of memory\ncsp: the heap is limited to "

int main(void)
{
    // Millions of objects, and a collection for every few of them: for hours.
    const char *switches = getenv("CSPDEBUG");
    if (switches && strstr(switches, "gcstress"))
        return 0;
    bool ok = true;
    ok &= child_run(keep_small, limited, 2, OOM "24 MiB;");
    ok &= child_run(keep_small, half_collected, 2, OOM "24 MiB;");
    ok &= child_run(keep_middle, limited, 2, OOM "24 MiB;");
    ok &= child_run(keep_half, limited, 0, "");
    ok &= child_run(keep_half, never_collected, 0, "");
    ok &= child_run(keep_in_native, limited, 2, OOM);
    ok &= child_run(garbage, limited, 0, "");
    ok &= child_run(garbage, never_collected, 0, "");
    ok &= child_run(large, limited, 0, "");
    ok &= child_run(goroutines, limited, 2, OOM);
    ok &= child_run(keep_much, little_address_space, 2, OOM);
    return ok ? 0 : 1;
}

#else // nothing is limited without the collector

int main(void)
{
    return 0;
}

#endif
