// atomic_ops.h: sequentially consistent operations on words of a program's memory, for package
// sync/atomic and others outside this folder. The language's memory model asks for that order.
#ifndef CSP_RUNTIME_ATOMIC_OPS_H
#define CSP_RUNTIME_ATOMIC_OPS_H

#include "runtime/atomic.h"

#define ATOMIC_OPS(type, suffix)                                                                   \
    static inline type atomic_get_##suffix(const type *at)                                         \
    {                                                                                              \
        return atomic_load_explicit((const _Atomic type *)at, memory_order_seq_cst);               \
    }                                                                                              \
    static inline void atomic_set_##suffix(type *at, type value)                                   \
    {                                                                                              \
        atomic_store_explicit((_Atomic type *)at, value, memory_order_seq_cst);                    \
    }                                                                                              \
    static inline type atomic_swap_##suffix(type *at, type value)                                  \
    {                                                                                              \
        return atomic_exchange_explicit((_Atomic type *)at, value, memory_order_seq_cst);          \
    }                                                                                              \
    static inline type atomic_plus_##suffix(type *at, type delta) /* gives the new value */        \
    {                                                                                              \
        return atomic_fetch_add_explicit((_Atomic type *)at, delta, memory_order_seq_cst) + delta; \
    }                                                                                              \
    static inline type atomic_mask_##suffix(type *at, type mask) /* and; gives the old value */    \
    {                                                                                              \
        return atomic_fetch_and_explicit((_Atomic type *)at, mask, memory_order_seq_cst);          \
    }                                                                                              \
    static inline type atomic_unite_##suffix(type *at, type mask) /* or; gives the old value */    \
    {                                                                                              \
        return atomic_fetch_or_explicit((_Atomic type *)at, mask, memory_order_seq_cst);           \
    }                                                                                              \
    static inline bool atomic_cas_##suffix(type *at, type old, type value)                         \
    {                                                                                              \
        return atomic_compare_exchange_strong_explicit(                                            \
            (_Atomic type *)at, &old, value, memory_order_seq_cst, memory_order_seq_cst);          \
    }

ATOMIC_OPS(u32, u32)
ATOMIC_OPS(u64, u64)
#undef ATOMIC_OPS

#endif
