// sort.c: natives of package sort: slices of basic types at once, and what works on slices of any
// type. Elements are in memory of malloc meanwhile; there is no safepoint in a native, so the
// collector does not miss them.
#include <math.h>

#include "stdlib/tables.h"
#include "vm/object.h"

static NativeStatus sort_slice_len(P *p, Slot *args)
{
    (void)p;
    Value v = vm_value(args);
    args[0] = v.type && v.type->kind == RK_SLICE ? vm_value_len(v) : (Slot)-1;
    return NATIVE_OK;
}

// func permute(x any, p []int)
static NativeStatus sort_permute(P *p, Slot *args)
{
    const RType *t = slot_ptr(args[0]);
    Value v = vm_value(args);
    u64 n = vm_value_len(v), size = t->elem->size;
    const u64 *order = slot_ptr(args[2]);
    if (args[3] != n)
        return vm_panic_string(p, "sort: slice changed its length");
    if (n == 0 || size == 0)
        return NATIVE_OK;
    Slot scratch, word;
    memcpy(&word, vm_value_mem(v, &scratch), sizeof word);
    char *data = slot_ptr(word), *copy = xmalloc(n * size);
    memcpy(copy, data, n * size);
    for (u64 i = 0; i < n; i++)
        memcpy(data + i * size, copy + order[i] * size, size);
    free(copy);
    return NATIVE_OK;
}

// func swap(x any, i, j int)
static NativeStatus sort_swap(P *p, Slot *args)
{
    Value v = vm_value(args);
    u64 i = args[2], j = args[3];
    Slot scratch, slice[2];
    memcpy(slice, vm_value_mem(v, &scratch), sizeof slice);
    if (i >= slice[1] || j >= slice[1])
        return vm_panic_string(p, "sort: index out of range");
    size_t size = v.type->elem->size;
    char *x = (char *)slot_ptr(slice[0]) + i * size, *y = (char *)slot_ptr(slice[0]) + j * size;
    char kept[64];
    for (size_t n; size > 0; size -= n, x += n, y += n) {
        n = size < sizeof kept ? size : sizeof kept;
        memcpy(kept, x, n);
        memcpy(x, y, n);
        memcpy(y, kept, n);
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

static NativeStatus sort_ints(P *p, Slot *args)
{
    (void)p;
    if (args[1] > 1)
        qsort(slot_ptr(args[0]), args[1], 8, compare_ints);
    return NATIVE_OK;
}

// func sortFloats(x []float64) bool
static NativeStatus sort_floats(P *p, Slot *args)
{
    (void)p;
    const double *data = slot_ptr(args[0]);
    u64 n = args[1];
    for (u64 i = 0; i < n; i++)
        if (data[i] == 0 && signbit(data[i])) {
            args[0] = 0;
            return NATIVE_OK;
        }
    if (n > 1)
        qsort(slot_ptr(args[0]), n, 8, compare_floats);
    args[0] = 1;
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
    {"sliceLen", sort_slice_len, 0}, {"permute", sort_permute, 0},   {"swap", sort_swap, 0},
    {"Ints", sort_ints, 0},          {"sortFloats", sort_floats, 0}, {"Strings", sort_strings, 0},
};
const NativeTable sort_natives = {"sort", natives, countof(natives)};
