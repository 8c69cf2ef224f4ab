// atomic.h: C11 atomics for this folder, and the random delays that widen the windows of races.
//
// The one place that includes <stdatomic.h>. In debug builds and under the thread sanitizer each
// read-modify-write, and each load and store that orders anything, is a delay point first
// (CSPDEBUG=delay=N). So every step of a protocol may come late, and nobody can forget to say so.
// Relaxed loads and stores are none: they are hints, or a lock orders them. Where one is a step of
// its own (P.limit's poison), and around system calls, delay_point() stands there by name.
//
// In release builds nothing of this is left: the test alone costs 10 % of a ping-pong.
#ifndef CSP_RUNTIME_ATOMIC_H
#define CSP_RUNTIME_ATOMIC_H

#include <stdatomic.h>

#include "base/base.h"
#include "base/debug.h"

#ifndef CSP_DEBUG
#define CSP_DEBUG 0
#endif

#if CSP_DEBUG || defined(__SANITIZE_THREAD__)

void delay_random(void);
static inline void delay_point(void)
{
    if (unlikely(DEBUG(delay)))
        delay_random();
}

static inline void delay_ordered(memory_order order)
{
    if (order != memory_order_relaxed)
        delay_point();
}

// What <stdatomic.h> makes these macros of has another name in each compiler.
#ifdef __clang__
#define ATOMIC_LOAD     __c11_atomic_load
#define ATOMIC_STORE    __c11_atomic_store
#define ATOMIC_EXCHANGE __c11_atomic_exchange
#define ATOMIC_CAS(weak, at, old, value, yes, no)                                                  \
    (weak ? __c11_atomic_compare_exchange_weak(at, old, value, yes, no)                            \
          : __c11_atomic_compare_exchange_strong(at, old, value, yes, no))
#define ATOMIC_FETCH(op) __c11_atomic_fetch_##op
#else
#define ATOMIC_LOAD     __atomic_load_n
#define ATOMIC_STORE    __atomic_store_n
#define ATOMIC_EXCHANGE __atomic_exchange_n
#define ATOMIC_CAS(weak, at, old, value, yes, no)                                                  \
    __atomic_compare_exchange_n(at, old, value, weak, yes, no)
#define ATOMIC_FETCH(op) __atomic_fetch_##op
#endif

#undef atomic_load_explicit
#define atomic_load_explicit(at, order) (delay_ordered(order), ATOMIC_LOAD(at, order))
#undef atomic_store_explicit
#define atomic_store_explicit(at, value, order)                                                    \
    (delay_ordered(order), ATOMIC_STORE(at, value, order))
#undef atomic_exchange_explicit
#define atomic_exchange_explicit(at, value, order)                                                 \
    (delay_point(), ATOMIC_EXCHANGE(at, value, order))
#undef atomic_compare_exchange_strong_explicit
#define atomic_compare_exchange_strong_explicit(at, old, value, yes, no)                           \
    (delay_point(), ATOMIC_CAS(0, at, old, value, yes, no))
#undef atomic_compare_exchange_weak_explicit
#define atomic_compare_exchange_weak_explicit(at, old, value, yes, no)                             \
    (delay_point(), ATOMIC_CAS(1, at, old, value, yes, no))
#undef atomic_fetch_add_explicit
#define atomic_fetch_add_explicit(at, value, order)                                                \
    (delay_point(), ATOMIC_FETCH(add)(at, value, order))
#undef atomic_fetch_sub_explicit
#define atomic_fetch_sub_explicit(at, value, order)                                                \
    (delay_point(), ATOMIC_FETCH(sub)(at, value, order))
#undef atomic_fetch_or_explicit
#define atomic_fetch_or_explicit(at, value, order)                                                 \
    (delay_point(), ATOMIC_FETCH(or)(at, value, order))
#undef atomic_fetch_and_explicit
#define atomic_fetch_and_explicit(at, value, order)                                                \
    (delay_point(), ATOMIC_FETCH(and)(at, value, order))

#else

static inline void delay_point(void) {}

#endif

#endif
