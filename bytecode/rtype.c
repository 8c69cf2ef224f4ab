// rtype.c: moving values between frames and memory by their descriptors; method lookup.
#include "bytecode/rtype.h"

#define LOAD(T)  (*(const T *)mem)
#define STORE(T) (*(T *)mem = (T)in[0])

void rtype_load(const RType *t, const void *mem, Slot *out)
{
    if (!t->slots)
        return;
    if (rtype_is(t, RTYPE_AGGREGATE)) {
        out[0] = ptr_slot(mem);
        return;
    }
    switch ((RKind)t->kind) {
    case RK_BOOL:
    case RK_UINT8: out[0] = LOAD(u8); break;
    case RK_INT8: out[0] = (Slot)(i64)LOAD(i8); break;
    case RK_INT16: out[0] = (Slot)(i64)LOAD(i16); break;
    case RK_UINT16: out[0] = LOAD(u16); break;
    case RK_INT32: out[0] = (Slot)(i64)LOAD(i32); break;
    case RK_UINT32:
    case RK_FLOAT32: out[0] = LOAD(u32); break;
    case RK_INT:
    case RK_INT64:
    case RK_UINT:
    case RK_UINT64:
    case RK_UINTPTR:
    case RK_FLOAT64:
    case RK_CHAN:
    case RK_FUNC:
    case RK_MAP:
    case RK_POINTER: out[0] = LOAD(u64); break;
    case RK_COMPLEX64:
        out[0] = ((const u32 *)mem)[0];
        out[1] = ((const u32 *)mem)[1];
        break;
    case RK_COMPLEX128:
    case RK_STRING:
    case RK_INTERFACE: memcpy(out, mem, 16); break;
    case RK_SLICE: memcpy(out, mem, 24); break;
    case RK_STRUCT:
        for (u32 i = 0; i < t->field_count; i++) {
            const RField *f = &t->fields[i];
            if (!f->type->slots)
                continue;
            rtype_load(f->type, (const char *)mem + f->offset, out);
            out += f->type->slots;
        }
        break;
    case RK_ARRAY: // only of size 0: others are aggregates
    case RK_INVALID: break;
    }
}

void rtype_store(const RType *t, void *mem, const Slot *in)
{
    if (!t->slots)
        return;
    if (rtype_is(t, RTYPE_AGGREGATE)) {
        memmove(mem, slot_ptr(in[0]), t->size);
        return;
    }
    switch ((RKind)t->kind) {
    case RK_BOOL:
    case RK_INT8:
    case RK_UINT8: STORE(u8); break;
    case RK_INT16:
    case RK_UINT16: STORE(u16); break;
    case RK_INT32:
    case RK_UINT32:
    case RK_FLOAT32: STORE(u32); break;
    case RK_INT:
    case RK_INT64:
    case RK_UINT:
    case RK_UINT64:
    case RK_UINTPTR:
    case RK_FLOAT64:
    case RK_CHAN:
    case RK_FUNC:
    case RK_MAP:
    case RK_POINTER: STORE(u64); break;
    case RK_COMPLEX64:
        ((u32 *)mem)[0] = (u32)in[0];
        ((u32 *)mem)[1] = (u32)in[1];
        break;
    case RK_COMPLEX128:
    case RK_STRING:
    case RK_INTERFACE: memcpy(mem, in, 16); break;
    case RK_SLICE: memcpy(mem, in, 24); break;
    case RK_STRUCT:
        for (u32 i = 0; i < t->field_count; i++) {
            const RField *f = &t->fields[i];
            if (!f->type->slots)
                continue;
            rtype_store(f->type, (char *)mem + f->offset, in);
            in += f->type->slots;
        }
        break;
    case RK_ARRAY:
    case RK_INVALID: break;
    }
}

#undef LOAD
#undef STORE

const RMethod *rtype_method(const RType *t, u32 name_id)
{
    u32 low = 0, high = t->method_count;
    while (low < high) {
        u32 mid = low + (high - low) / 2;
        if (t->methods[mid].name_id == name_id)
            return &t->methods[mid];
        if (t->methods[mid].name_id < name_id)
            low = mid + 1;
        else
            high = mid;
    }
    return NULL;
}

bool rtype_implements(const RType *t, const RType *iface, const RMethod **missing, bool *wrong_type)
{
    // Of several that are missing, the first by name is told, as Go does.
    const RMethod *first = NULL;
    bool first_wrong = false;
    for (u32 i = 0; i < iface->method_count; i++) {
        const RMethod *want = &iface->methods[i];
        const RMethod *have = rtype_method(t, want->name_id);
        if (have && have->type == want->type)
            continue;
        if (!first || strcmp(want->name, first->name) < 0) {
            first = want;
            first_wrong = have != NULL;
        }
    }
    if (missing)
        *missing = first;
    if (wrong_type)
        *wrong_type = first_wrong;
    return !first;
}
