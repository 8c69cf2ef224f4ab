// lock.h: the two locks of the runtime, with ranks.
//
// SpinLock: 4 bytes, for channels and wait queues, whose sections are about 20 instructions and
// never block. Mutex: 4 bytes, sleeps on a futex, for the rest. Every lock operation names the
// rank of the lock (lockrank.def); debug builds stop at the first lock taken in the wrong order.
#ifndef CSP_RUNTIME_LOCK_H
#define CSP_RUNTIME_LOCK_H

#include "runtime/atomic.h"

typedef enum LockRank {
#define LOCK(rank, name, same_rank, guards) RANK_##rank,
#include "runtime/lockrank.def"
#undef LOCK
    LOCK_RANK_COUNT
} LockRank;

typedef struct SpinLock {
    _Atomic u32 word; // 0 free, 1 held
} SpinLock;

typedef struct Mutex {
    _Atomic u32 word; // 0 free, 1 held, 2 held and somebody may sleep
} Mutex;

#if CSP_DEBUG
void lock_rank_enter(LockRank rank, const void *lock); // before waiting for it
void lock_rank_leave(LockRank rank, const void *lock);
void lock_rank_check_none(void); // no lock may be held here
#else
static inline void lock_rank_enter(LockRank rank, const void *lock)
{
    (void)rank, (void)lock;
}
static inline void lock_rank_leave(LockRank rank, const void *lock)
{
    (void)rank, (void)lock;
}
static inline void lock_rank_check_none(void) {}
#endif

static inline void cpu_relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

void spin_lock_slow(SpinLock *l);

static inline void spin_lock(SpinLock *l, LockRank rank)
{
    lock_rank_enter(rank, l);
    // acquire: pairs with the release in spin_unlock.
    if (unlikely(atomic_exchange_explicit(&l->word, 1, memory_order_acquire) != 0))
        spin_lock_slow(l);
}

static inline void spin_unlock(SpinLock *l, LockRank rank)
{
    // release: pairs with the acquire in spin_lock; what the section wrote is visible to the next.
    atomic_store_explicit(&l->word, 0, memory_order_release);
    delay_point();
    lock_rank_leave(rank, l);
}

void mutex_lock(Mutex *m, LockRank rank);
void mutex_unlock(Mutex *m, LockRank rank);

// Never waits. False: somebody holds it.
static inline bool mutex_trylock(Mutex *m, LockRank rank)
{
    u32 free_word = 0;
    // acquire: pairs with the release in mutex_unlock.
    if (!atomic_compare_exchange_strong_explicit(&m->word, &free_word, 1, memory_order_acquire,
                                                 memory_order_relaxed))
        return false;
    lock_rank_enter(rank, m);
    return true;
}

#endif
