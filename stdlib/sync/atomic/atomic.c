// atomic.c: natives of package sync/atomic. A function and the method of the same meaning share a
// native: the word is the first thing in its struct.
#include "runtime/atomic_ops.h"

#include "runtime/step.h"
#include "stdlib/tables.h"
#include "vm/object.h"

static NativeStatus nil_pointer(P *p)
{
    return vm_panic_runtime(p, "invalid memory address or nil pointer dereference");
}

// A result stands in its slot sign- or zero-extended by `extend`.
#define WORD_NATIVES(name, word, extend)                                                           \
    static NativeStatus name##_add(P *p, Slot *args)                                               \
    {                                                                                              \
        if (args[0] == 0)                                                                          \
            return nil_pointer(p);                                                                 \
        args[0] = (Slot)(extend)atomic_plus_##word(slot_ptr(args[0]), (word)args[1]);              \
        return NATIVE_OK;                                                                          \
    }                                                                                              \
    static NativeStatus name##_load(P *p, Slot *args)                                              \
    {                                                                                              \
        if (args[0] == 0)                                                                          \
            return nil_pointer(p);                                                                 \
        args[0] = (Slot)(extend)atomic_get_##word(slot_ptr(args[0]));                              \
        return NATIVE_OK;                                                                          \
    }                                                                                              \
    static NativeStatus name##_store(P *p, Slot *args)                                             \
    {                                                                                              \
        if (args[0] == 0)                                                                          \
            return nil_pointer(p);                                                                 \
        atomic_set_##word(slot_ptr(args[0]), (word)args[1]);                                       \
        return NATIVE_OK;                                                                          \
    }                                                                                              \
    static NativeStatus name##_swap(P *p, Slot *args)                                              \
    {                                                                                              \
        if (args[0] == 0)                                                                          \
            return nil_pointer(p);                                                                 \
        args[0] = (Slot)(extend)atomic_swap_##word(slot_ptr(args[0]), (word)args[1]);              \
        return NATIVE_OK;                                                                          \
    }                                                                                              \
    static NativeStatus name##_cas(P *p, Slot *args)                                               \
    {                                                                                              \
        if (args[0] == 0)                                                                          \
            return nil_pointer(p);                                                                 \
        args[0] = atomic_cas_##word(slot_ptr(args[0]), (word)args[1], (word)args[2]);              \
        return NATIVE_OK;                                                                          \
    }

WORD_NATIVES(signed32, u32, i32)
WORD_NATIVES(unsigned32, u32, u32)
WORD_NATIVES(word64, u64, u64)
#undef WORD_NATIVES

// func load(v *Value) *any
static NativeStatus value_load(P *p, Slot *args)
{
    return word64_load(p, args);
}

// func cas(v *Value, old, new *any) bool
static NativeStatus value_cas(P *p, Slot *args)
{
    return word64_cas(p, args);
}

// func sameType(a, b any) bool
static NativeStatus value_same_type(P *p, Slot *args)
{
    (void)p;
    args[0] = args[0] == args[2];
    return NATIVE_OK;
}

enum {
    LOADS = NATIVE_OP(VISIBLE_ATOMIC_LOAD),
    STORES = NATIVE_OP(VISIBLE_ATOMIC_STORE),
    UPDATES = NATIVE_OP(VISIBLE_ATOMIC_UPDATE),
};

#define NATIVES_OF(type, name)                                                                     \
    {"Add" type, name##_add, UPDATES}, {"Load" type, name##_load, LOADS},                          \
        {"Store" type, name##_store, STORES}, {"Swap" type, name##_swap, UPDATES},                 \
        {"CompareAndSwap" type, name##_cas, UPDATES}, {"(*" type ").Add", name##_add, UPDATES},    \
        {"(*" type ").Load", name##_load, LOADS}, {"(*" type ").Store", name##_store, STORES},     \
        {"(*" type ").Swap", name##_swap, UPDATES},                                                \
    {                                                                                              \
        "(*" type ").CompareAndSwap", name##_cas, UPDATES                                          \
    }

static const Native natives[] = {
    NATIVES_OF("Int32", signed32),    NATIVES_OF("Int64", word64),
    NATIVES_OF("Uint32", unsigned32), NATIVES_OF("Uint64", word64),
    NATIVES_OF("Uintptr", word64),    {"load", value_load, LOADS},
    {"cas", value_cas, UPDATES},      {"sameType", value_same_type, 0},
};
const NativeTable atomic_natives = {"sync/atomic", natives, countof(natives)};
