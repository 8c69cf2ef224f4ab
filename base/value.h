// value.h: the machine slot that the VM computes with and channels carry.
//
// A slot is an untagged 64-bit word; its static type says what it holds. Integers are kept
// sign- or zero-extended, a float32 as its 32 bits zero-extended, bool as 0 or 1, pointers as
// they are. The runtime moves slots and never looks inside.
#ifndef CSP_BASE_VALUE_H
#define CSP_BASE_VALUE_H

#include "base/base.h"

typedef u64 Slot;

static inline double slot_f64(Slot s)
{
    double d;
    memcpy(&d, &s, 8);
    return d;
}

static inline Slot f64_slot(double d)
{
    Slot s;
    memcpy(&s, &d, 8);
    return s;
}

static inline float slot_f32(Slot s)
{
    u32 w = (u32)s;
    float f;
    memcpy(&f, &w, 4);
    return f;
}

static inline Slot f32_slot(float f)
{
    u32 w;
    memcpy(&w, &f, 4);
    return w;
}

static inline void *slot_ptr(Slot s)
{
    return (void *)(uintptr_t)s;
}
static inline Slot ptr_slot(const void *p)
{
    return (Slot)(uintptr_t)p;
}

#endif
