// sort.c: natives of package sort: slices of basic types at once, and what works on slices of any
// type. Elements are in memory of malloc meanwhile; there is no safepoint in a native, so the
// collector does not miss them.
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
    {"sliceLen", sort_slice_len, 0}, {"permute", sort_permute, 0}, {"Ints", sort_ints, 0},
    {"Float64s", sort_floats, 0},    {"Strings", sort_strings, 0},
};
const NativeTable sort_natives = {"sort", natives, countof(natives)};
