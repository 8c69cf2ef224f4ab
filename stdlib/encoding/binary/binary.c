// binary.c: the natives of package encoding/binary: values of any fixed size to bytes and back.
//
// A value is looked at in its memory, in Go's layout; what is written has no padding.
#include "stdlib/tables.h"
#include "vm/object.h"

// How many bytes a value of that type is, -1 if that is not fixed.
static i64 fixed_size(const RType *t)
{
    switch ((RKind)t->kind) {
    case RK_BOOL:
    case RK_INT8:
    case RK_INT16:
    case RK_INT32:
    case RK_INT64:
    case RK_UINT8:
    case RK_UINT16:
    case RK_UINT32:
    case RK_UINT64:
    case RK_FLOAT32:
    case RK_FLOAT64:
    case RK_COMPLEX64:
    case RK_COMPLEX128: return (i64)t->size;
    case RK_ARRAY: {
        i64 n = fixed_size(t->elem);
        return n < 0 ? -1 : n * (i64)t->len;
    }
    case RK_STRUCT: {
        i64 sum = 0;
        for (u32 i = 0; i < t->field_count; i++) {
            i64 n = fixed_size(t->fields[i].type);
            if (n < 0)
                return -1;
            sum += n;
        }
        return sum;
    }
    default: return -1;
    }
}

// What data means: count values of one type from mem on. A pointer is what it points to.
typedef struct Place {
    const RType *type;
    u8 *mem;
    u64 count;
    Slot scratch;
} Place;

// False if data has no fixed size. to_read: data must be a pointer or a slice.
static bool place_of(const Slot *data, bool to_read, Place *place)
{
    Value v = vm_value(data);
    bool pointer = v.type && v.type->kind == RK_POINTER && v.word;
    const RType *t = pointer ? v.type->elem : v.type;
    if (!t || (to_read && !pointer && t->kind != RK_SLICE))
        return false;
    u8 *mem = pointer ? slot_ptr(v.word) : (u8 *)vm_value_mem(v, &place->scratch);
    bool slice = t->kind == RK_SLICE; // its memory begins with data, length
    place->type = slice ? t->elem : t;
    place->mem = slice ? slot_ptr(((Slot *)mem)[0]) : mem;
    place->count = slice ? ((Slot *)mem)[1] : 1;
    return fixed_size(place->type) >= 0;
}

typedef struct Transfer {
    u8 *bytes; // the next of them
    bool big, to_read;
    const char *refused; // the kind of a field that may not be set
} Transfer;

static void transfer_number(Transfer *t, u8 *mem, u64 size)
{
    for (u64 i = 0; i < size; i++) {
        u8 *byte = &t->bytes[t->big ? size - 1 - i : i];
        if (t->to_read)
            mem[i] = *byte;
        else
            *byte = mem[i];
    }
    t->bytes += size;
}

static const char *setter_of(const RType *t)
{
    switch ((RKind)t->kind) {
    case RK_BOOL: return "SetBool";
    case RK_FLOAT32:
    case RK_FLOAT64: return "SetFloat";
    case RK_COMPLEX64:
    case RK_COMPLEX128: return "SetComplex";
    case RK_UINT8:
    case RK_UINT16:
    case RK_UINT32:
    case RK_UINT64: return "SetUint";
    default: return "SetInt";
    }
}

static void transfer(Transfer *t, const RType *type, u8 *mem, bool settable)
{
    switch ((RKind)type->kind) {
    case RK_ARRAY:
        for (u64 i = 0; i < type->len && !t->refused; i++)
            transfer(t, type->elem, mem + i * type->elem->size, settable);
        return;
    case RK_STRUCT:
        for (u32 i = 0; i < type->field_count && !t->refused; i++) {
            const RField *f = &type->fields[i];
            if (strcmp(f->name, "_") == 0) {
                u64 size = (u64)fixed_size(f->type);
                if (!t->to_read)
                    memset(t->bytes, 0, size);
                t->bytes += size;
            } else {
                transfer(t, f->type, mem + f->offset, settable && f->exported);
            }
        }
        return;
    default: break;
    }
    if (t->to_read && !settable) {
        t->refused = setter_of(type);
    } else if (type->kind == RK_BOOL) {
        if (t->to_read)
            *mem = *t->bytes != 0;
        else
            *t->bytes = *mem;
        t->bytes++;
    } else if (type->kind == RK_COMPLEX64 || type->kind == RK_COMPLEX128) {
        transfer_number(t, mem, type->size / 2);
        transfer_number(t, mem + type->size / 2, type->size / 2);
    } else {
        transfer_number(t, mem, type->size);
    }
}

// func size(data any, toRead bool) int
static NativeStatus binary_size(P *p, Slot *args)
{
    (void)p;
    Place place;
    i64 n = -1;
    if (place_of(args, args[2] != 0, &place))
        n = fixed_size(place.type) * (i64)place.count;
    args[0] = (Slot)n;
    return NATIVE_OK;
}

// func transfer(data any, b []byte, big, toRead bool)
static NativeStatus binary_transfer(P *p, Slot *args)
{
    Place place;
    Transfer t = {.bytes = slot_ptr(args[2]), .big = args[5] != 0, .to_read = args[6] != 0};
    if (!place_of(args, t.to_read, &place) || args[3] < (u64)fixed_size(place.type) * place.count)
        return NATIVE_OK;
    for (u64 i = 0; i < place.count && !t.refused; i++)
        transfer(&t, place.type, place.mem + i * place.type->size, true);
    if (t.refused)
        return vm_panic_string(
            p, "reflect: reflect.Value.%s using value obtained using unexported field", t.refused);
    return NATIVE_OK;
}

// func typeName(data any) string
static NativeStatus binary_typeName(P *p, Slot *args)
{
    (void)p;
    const RType *t = slot_ptr(args[0]);
    vm_string_static(t ? t->name : "<nil>", args);
    return NATIVE_OK;
}

static const Native natives[] = {
    {"size", binary_size, 0},
    {"transfer", binary_transfer, 0},
    {"typeName", binary_typeName, 0},
};
const NativeTable binary_natives = {"encoding/binary", natives, countof(natives)};
