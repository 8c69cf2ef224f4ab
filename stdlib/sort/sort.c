// sort.c: natives of package sort: slices of basic types at once, and what works on slices of any
// type.
#include "stdlib/tables.h"
#include "vm/object.h"

static NativeStatus sort_slice_len(P *p, Slot *args)
{
    (void)p;
    Value v = vm_value(args);
    args[0] = v.type && v.type->kind == RK_SLICE ? vm_value_len(v) : (Slot)-1;
    return NATIVE_OK;
}

// func swapElements(x any, i, j int)
static NativeStatus sort_swap(P *p, Slot *args)
{
    const RType *t = slot_ptr(args[0]);
    i64 i = (i64)args[2], j = (i64)args[3], len = (i64)vm_value_len(vm_value(args));
    if (i < 0 || i >= len || j < 0 || j >= len)
        return vm_panic_string(p, "reflect: slice index out of range");
    Slot scratch;
    char *data;
    memcpy(&data, vm_value_mem(vm_value(args), &scratch), sizeof data);
    u64 size = t->elem->size;
    char *a = data + (u64)i * size, *b = data + (u64)j * size;
    if (size == 8) {
        u64 word;
        memcpy(&word, a, 8);
        memcpy(a, b, 8);
        memcpy(b, &word, 8);
        return NATIVE_OK;
    }
    char part[64];
    for (u64 done = 0; done < size; done += sizeof part) {
        u64 n = size - done < sizeof part ? size - done : sizeof part;
        memcpy(part, a + done, n);
        memmove(a + done, b + done, n);
        memcpy(b + done, part, n);
    }
    return NATIVE_OK;
}

static int compare_ints(const void *a, const void *b)
{
    i64 x = *(const i64 *)a, y = *(const i64 *)b;
    return (x > y) - (x < y);
}

static int compare_floats(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    if (x != x || y != y)
        return (y != y) - (x != x);
    return (x > y) - (x < y);
}

static int compare_strings(const void *a, const void *b)
{
    Str x = vm_str(a), y = vm_str(b);
    size_t n = x.len < y.len ? x.len : y.len;
    int order = n ? memcmp(x.data, y.data, n) : 0;
    return order ? order : (x.len > y.len) - (x.len < y.len);
}

// The collector may not run while qsort holds elements in memory of its own, and it does not: a
// native has no safepoint.
static NativeStatus sort_ints(P *p, Slot *args)
{
    (void)p;
    if (args[1] > 1)
        qsort(slot_ptr(args[0]), args[1], 8, compare_ints);
    return NATIVE_OK;
}

static NativeStatus sort_floats(P *p, Slot *args)
{
    (void)p;
    if (args[1] > 1)
        qsort(slot_ptr(args[0]), args[1], 8, compare_floats);
    return NATIVE_OK;
}

static NativeStatus sort_strings(P *p, Slot *args)
{
    (void)p;
    if (args[1] > 1)
        qsort(slot_ptr(args[0]), args[1], 16, compare_strings);
    return NATIVE_OK;
}

static const Native natives[] = {
    {"sliceLen", sort_slice_len, 0}, {"swapElements", sort_swap, 0}, {"Ints", sort_ints, 0},
    {"Float64s", sort_floats, 0},    {"Strings", sort_strings, 0},
};
const NativeTable sort_natives = {"sort", natives, countof(natives)};
