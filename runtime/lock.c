// lock.c: the slow halves of the locks, and the checking of their order in debug builds.
#include "runtime/lock.h"

#include <sched.h>
#include <time.h>

#include "runtime/note.h"

// The holder may have been descheduled: after about 200 rounds (some microseconds) let it run.
enum { SPINS_BEFORE_YIELD = 200 };

COLD void spin_lock_slow(SpinLock *l)
{
    for (u32 spins = 0;;) {
        // relaxed: only a hint that trying is worth while.
        if (atomic_load_explicit(&l->word, memory_order_relaxed) == 0 &&
            // acquire: pairs with the release in spin_unlock.
            atomic_exchange_explicit(&l->word, 1, memory_order_acquire) == 0)
            return;
        if (++spins < SPINS_BEFORE_YIELD)
            cpu_relax();
        else
            sched_yield();
    }
}

static COLD void mutex_lock_slow(Mutex *m)
{
    for (u32 spins = 0; spins < 50; spins++) {
        u32 expected = 0;
        // acquire: pairs with the release in mutex_unlock.
        if (atomic_compare_exchange_weak_explicit(&m->word, &expected, 1, memory_order_acquire,
                                                  memory_order_relaxed))
            return;
        cpu_relax();
    }
    // From here on the word is 2 when we get it, since others may sleep as well: one needless
    // wake-up at the end of the section at most.
    // acquire: pairs with the release in mutex_unlock.
    while (atomic_exchange_explicit(&m->word, 2, memory_order_acquire) != 0)
        futex_wait(&m->word, 2, -1);
}

void mutex_lock(Mutex *m, LockRank rank)
{
    lock_rank_enter(rank, m);
    u32 expected = 0;
    // acquire: pairs with the release in mutex_unlock.
    if (!atomic_compare_exchange_strong_explicit(&m->word, &expected, 1, memory_order_acquire,
                                                 memory_order_relaxed))
        mutex_lock_slow(m);
}

void mutex_unlock(Mutex *m, LockRank rank)
{
    // release: pairs with the acquires in mutex_lock. Who sleeps had stored 2 before; so either we
    // see it, or its futex_wait sees that the word is no longer 2.
    if (atomic_exchange_explicit(&m->word, 0, memory_order_release) == 2)
        futex_wake(&m->word, 1);
    delay_point();
    lock_rank_leave(rank, m);
}

#if CSP_DEBUG || defined(__SANITIZE_THREAD__)
enum { SELDOM = 32 };

COLD void delay_random(void)
{
    static _Thread_local u64 state;
    if (state == 0)
        state = (u64)(uintptr_t)&state | 1;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    // Mostly nothing, now and then long enough that another thread gets past us.
    if (state % SELDOM != 0)
        return;
    struct timespec t = {0, (long)(state / SELDOM % (u64)(DEBUG(delay) + 1)) * 1000};
    nanosleep(&t, NULL);
}
#endif

#if CSP_DEBUG

typedef enum SameRank { NEVER, ADDRESS } SameRank;

static const struct {
    const char *name;
    SameRank same_rank;
} ranks[] = {
#define LOCK(rank, name, same_rank, guards) {name, same_rank},
#include "runtime/lockrank.def"
#undef LOCK
};

typedef struct Held {
    LockRank rank;
    const void *lock;
} Held;

// What this thread holds, oldest first. A select may hold any number of channels.
static _Thread_local struct {
    Held *list;
    int len, cap;
} held;

void lock_rank_enter(LockRank rank, const void *lock)
{
    if (held.len > 0) {
        Held last = held.list[held.len - 1];
        bool ok = last.rank < rank || (last.rank == rank && ranks[rank].same_rank == ADDRESS &&
                                       (uintptr_t)last.lock < (uintptr_t)lock);
        if (!ok)
            fatal("lock order: %s %p wanted while %s %p is held", ranks[rank].name, lock,
                  ranks[last.rank].name, last.lock);
    }
    if (held.len == held.cap) {
        held.cap = held.cap ? held.cap * 2 : 8;
        held.list = xrealloc(held.list, (size_t)held.cap * sizeof *held.list);
    }
    held.list[held.len++] = (Held){rank, lock};
}

void lock_rank_leave(LockRank rank, const void *lock)
{
    for (int i = held.len - 1; i >= 0; i--) {
        if (held.list[i].lock == lock) {
            memmove(&held.list[i], &held.list[i + 1],
                    (size_t)(held.len - i - 1) * sizeof *held.list);
            held.len--;
            return;
        }
    }
    fatal("lock order: %s %p released, but not held", ranks[rank].name, lock);
}

void lock_rank_check_none(void)
{
    if (held.len > 0)
        fatal("lock %s %p is held where none may be", ranks[held.list[0].rank].name,
              held.list[0].lock);
}

#endif
