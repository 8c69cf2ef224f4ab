// note.c: futexes and notes.
#include "runtime/note.h"

#include <errno.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

void futex_wait(_Atomic u32 *word, u32 value, i64 timeout_ns)
{
    delay_point();
    struct timespec t, *limit = NULL;
    if (timeout_ns >= 0) {
        t.tv_sec = (time_t)(timeout_ns / 1000000000);
        t.tv_nsec = (long)(timeout_ns % 1000000000);
        limit = &t;
    }
    if (syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, limit, NULL, 0) != 0 &&
        errno != EAGAIN && errno != EINTR && errno != ETIMEDOUT)
        fatal("futex wait: %s", strerror(errno));
}

void futex_wake(_Atomic u32 *word, int count)
{
    delay_point();
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, count, NULL, NULL, 0);
}

//            note_wake            note_sleep returns true
//   CLEAR ─────────────► WOKEN ───────────────────────► CLEAR
//     │ note_sleep           ▲
//     └────────► SLEEPING ───┘ note_wake, with a futex wake
//     ◄──────────────┘ time-out
enum { NOTE_CLEAR, NOTE_WOKEN, NOTE_SLEEPING };

bool note_sleep(Note *n, i64 timeout_ns)
{
    struct timespec start;
    if (timeout_ns >= 0)
        clock_gettime(CLOCK_MONOTONIC, &start);
    i64 left = timeout_ns;
    for (;;) {
        u32 state = NOTE_CLEAR;
        // acquire: pairs with the release in note_wake.
        if (!atomic_compare_exchange_strong_explicit(&n->word, &state, NOTE_SLEEPING,
                                                     memory_order_acquire, memory_order_acquire) &&
            state == NOTE_WOKEN) {
            atomic_store_explicit(&n->word, NOTE_CLEAR, memory_order_relaxed);
            return true;
        }
        if (timeout_ns < 0 || left > 0)
            futex_wait(&n->word, NOTE_SLEEPING, left);
        // acquire: pairs with the release in note_wake.
        if (atomic_load_explicit(&n->word, memory_order_acquire) == NOTE_WOKEN) {
            atomic_store_explicit(&n->word, NOTE_CLEAR, memory_order_relaxed);
            return true;
        }
        if (timeout_ns < 0)
            continue;
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        left = timeout_ns -
               ((i64)(now.tv_sec - start.tv_sec) * 1000000000 + (now.tv_nsec - start.tv_nsec));
        if (left > 0)
            continue;
        state = NOTE_SLEEPING;
        // acquire: pairs with the release in note_wake, which may have come in between.
        if (atomic_compare_exchange_strong_explicit(&n->word, &state, NOTE_CLEAR,
                                                    memory_order_acquire, memory_order_acquire))
            return false;
        atomic_store_explicit(&n->word, NOTE_CLEAR, memory_order_relaxed);
        return true;
    }
}

void note_wake(Note *n)
{
    // release: pairs with the acquires in note_sleep.
    if (atomic_exchange_explicit(&n->word, NOTE_WOKEN, memory_order_release) == NOTE_SLEEPING)
        futex_wake(&n->word, 1);
}
