// object.c: strings, slices, boxes, equality and hash by descriptor, looking into values.
//
// Not here: maps (map.c), ops on slices and strings (ops.c), how values print (print.c).
#include "vm/object.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "vm/vm_impl.h"

// ---- Strings and slices ---------------------------------------------------------------------

char *vm_string_alloc(P *p, size_t len)
{
    return gc_alloc(p, GC_PTRFREE, len);
}

bool vm_string_new(P *p, const char *s, size_t len, Slot out[2])
{
    char *data = NULL;
    if (len) {
        data = gc_alloc(p, GC_PTRFREE, len);
        if (!data)
            return false;
        memcpy(data, s, len);
    }
    out[0] = ptr_slot(data);
    out[1] = len;
    return true;
}

void vm_string_static(const char *s, Slot out[2])
{
    out[0] = ptr_slot(s);
    out[1] = strlen(s);
}

bool vm_bytes_new(P *p, size_t len, size_t cap, Slot out[3])
{
    if (cap < len)
        cap = len;
    void *data = gc_alloc(p, GC_PTRFREE, cap);
    if (!data)
        return false;
    out[0] = ptr_slot(data);
    out[1] = len;
    out[2] = cap;
    return true;
}

bool vm_strings_new(P *p, size_t n, Slot out[3])
{
    void *data = gc_alloc(p, GC_SCAN, n * 16);
    if (!data)
        return false;
    out[0] = ptr_slot(data);
    out[1] = out[2] = n;
    return true;
}

// Sizes that Go's allocator rounds a small request up to; visible through cap.
static const u16 go_size_classes[] = {
    8,     16,    24,    32,    48,    64,    80,    96,    112,   128,   144,   160,
    176,   192,   208,   224,   240,   256,   288,   320,   352,   384,   416,   448,
    480,   512,   576,   640,   704,   768,   896,   1024,  1152,  1280,  1408,  1536,
    1792,  2048,  2304,  2688,  3072,  3200,  3456,  4096,  4864,  5376,  6144,  6528,
    6784,  6912,  8192,  9472,  9728,  10240, 10880, 12288, 13568, 14336, 16384, 18432,
    19072, 20480, 21760, 24576, 27264, 28672, 32768,
};

u64 vm_round_size(u64 bytes)
{
    if (bytes > 32768)
        return bytes > ((u64)1 << 62) ? bytes : align_up(bytes, 8192);
    int low = 0, high = countof(go_size_classes) - 1;
    while (low < high) {
        int mid = (low + high) / 2;
        if (go_size_classes[mid] < bytes)
            low = mid + 1;
        else
            high = mid;
    }
    return bytes ? go_size_classes[low] : 0;
}

u64 vm_grow_cap(u64 elem_size, u64 old_cap, u64 need)
{
    enum { THRESHOLD = 256 };
    u64 cap = old_cap;
    if (need > old_cap * 2) {
        cap = need;
    } else if (old_cap < THRESHOLD) {
        cap = old_cap * 2;
    } else {
        while (cap < need)
            cap += (cap + 3 * THRESHOLD) / 4;
    }
    if (!elem_size)
        return need;
    return vm_round_size(cap * elem_size) / elem_size;
}

// ---- Panics of natives ----------------------------------------------------------------------

void vm_error_value(P *p, RType *type, const char *text, size_t len, RType **out_type,
                    Slot *out_word)
{
    Slot *box = gc_alloc(p, GC_SCAN, 16); // a string, or a struct whose one field is a string
    vm_string_new(p, text, len, box);
    *out_type = type;
    *out_word = ptr_slot(box);
}

NativeStatus vm_panic_value(P *p, RType *type, Slot word)
{
    FiberExtra *x = fiber_extra(p, fiber_current(p));
    x->pending_type = type;
    x->pending_word = word;
    return NATIVE_PANIC;
}

static NativeStatus panic_text(P *p, RType *type, const char *fmt, va_list args)
{
    char text[512];
    int n = vsnprintf(text, sizeof text, fmt, args);
    RType *t;
    Slot word;
    vm_error_value(p, type, text, n < (int)sizeof text ? (size_t)n : sizeof text - 1, &t, &word);
    return vm_panic_value(p, t, word);
}

NativeStatus vm_panic_runtime(P *p, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    NativeStatus s = panic_text(p, vm.error_string, fmt, args);
    va_end(args);
    return s;
}

NativeStatus vm_panic_bounds(P *p, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    NativeStatus s = panic_text(p, vm.bounds_error, fmt, args);
    va_end(args);
    return s;
}

NativeStatus vm_panic_plain(P *p, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    NativeStatus s = panic_text(p, vm.plain_error, fmt, args);
    va_end(args);
    return s;
}

NativeStatus vm_panic_string(P *p, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    NativeStatus s = panic_text(p, vm.string_type, fmt, args);
    va_end(args);
    return s;
}

NativeStatus vm_fatal_error(P *p, const char *fmt, ...)
{
    char text[512];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    Fiber *f = fiber_current(p); // saved before every native
    call_throw(p, f->pc, f->base, "%s", text);
    return NATIVE_STOP;
}

// ---- Equality and hash ----------------------------------------------------------------------

// The scalar type that the one slot of a direct type holds: named structs of one field are peeled.
static const RType *direct_scalar(const RType *t)
{
    while (t->kind == RK_STRUCT || t->kind == RK_ARRAY) {
        const RType *inner = NULL;
        if (t->kind == RK_ARRAY)
            inner = t->elem;
        for (u32 i = 0; t->kind == RK_STRUCT && i < t->field_count; i++)
            if (t->fields[i].type->slots)
                inner = t->fields[i].type;
        if (!inner)
            break;
        t = inner;
    }
    return t;
}

// Values nest without end through interfaces only; types do not. Hashing stops long before
// comparing does, so that a key that has a hash can be compared with others.
enum { LEFT_TO_COMPARE = 128 << 10, LEFT_TO_HASH = 768 << 10 };

int vm_equal_iface(const RType *ta, Slot a, const RType *tb, Slot b, const RType **bad)
{
    if (ta != tb)
        return 0;
    if (!ta)
        return 1;
    if (!rtype_is(ta, RTYPE_COMPARABLE)) {
        *bad = ta;
        return -1;
    }
    if (rtype_is(ta, RTYPE_DIRECT)) {
        const RType *s = direct_scalar(ta);
        if (s->kind == RK_FLOAT64)
            return slot_f64(a) == slot_f64(b);
        if (s->kind == RK_FLOAT32)
            return slot_f32(a) == slot_f32(b);
        return a == b;
    }
    return vm_equal_mem(ta, slot_ptr(a), slot_ptr(b), bad);
}

int vm_equal_mem(const RType *t, const void *a, const void *b, const RType **bad)
{
    if (!rtype_is(t, RTYPE_COMPARABLE)) {
        *bad = t;
        return -1;
    }
    if (rtype_is(t, RTYPE_MEMEQ))
        return memcmp(a, b, t->size) == 0;
    switch ((RKind)t->kind) {
    case RK_FLOAT32: return *(const float *)a == *(const float *)b;
    case RK_FLOAT64: return *(const double *)a == *(const double *)b;
    case RK_COMPLEX64: {
        const float *x = a, *y = b;
        return x[0] == y[0] && x[1] == y[1];
    }
    case RK_COMPLEX128: {
        const double *x = a, *y = b;
        return x[0] == y[0] && x[1] == y[1];
    }
    case RK_STRING: {
        const Slot *x = a, *y = b;
        return x[1] == y[1] && (x[0] == y[0] || !memcmp(slot_ptr(x[0]), slot_ptr(y[0]), x[1]));
    }
    case RK_INTERFACE: {
        const Slot *x = a, *y = b;
        if (sched_stack_low(LEFT_TO_COMPARE)) {
            *bad = NULL;
            return -1;
        }
        return vm_equal_iface(slot_ptr(x[0]), x[1], slot_ptr(y[0]), y[1], bad);
    }
    case RK_STRUCT:
        for (u32 i = 0; i < t->field_count; i++) {
            const RField *f = &t->fields[i];
            if (f->name && !strcmp(f->name, "_"))
                continue;
            int r = vm_equal_mem(f->type, (const char *)a + f->offset, (const char *)b + f->offset,
                                 bad);
            if (r != 1)
                return r;
        }
        return 1;
    case RK_ARRAY:
        for (u64 i = 0; i < t->len; i++) {
            int r = vm_equal_mem(t->elem, (const char *)a + i * t->elem->size,
                                 (const char *)b + i * t->elem->size, bad);
            if (r != 1)
                return r;
        }
        return 1;
    default: return memcmp(a, b, t->size) == 0;
    }
}

static u64 mix(u64 x, u64 seed)
{
    unsigned __int128 m = (unsigned __int128)(x ^ seed) * 0x9e3779b97f4a7c15u;
    return (u64)m ^ (u64)(m >> 64);
}

static u64 hash_float(double d, u64 seed)
{
    if (d == 0)
        return mix(0, seed);
    if (d != d) { // every NaN is a key of its own
        static u64 count;
        return mix(__atomic_fetch_add(&count, 1, __ATOMIC_RELAXED), ~seed);
    }
    return mix(f64_slot(d), seed);
}

u64 vm_hash_string(const char *s, size_t len, u64 seed)
{
    return XXH3_64bits_withSeed(s, len, seed);
}

u64 vm_hash_word(const RType *t, Slot word, u64 seed)
{
    const RType *s = direct_scalar(t);
    if (s->kind == RK_FLOAT64)
        return hash_float(slot_f64(word), seed);
    if (s->kind == RK_FLOAT32)
        return hash_float(slot_f32(word), seed);
    return mix(word, seed);
}

bool vm_hash_mem(const RType *t, const void *mem, u64 seed, u64 *hash, const RType **bad)
{
    if (!rtype_is(t, RTYPE_COMPARABLE)) {
        *bad = t;
        return false;
    }
    if (rtype_is(t, RTYPE_MEMEQ)) {
        *hash = XXH3_64bits_withSeed(mem, t->size, seed);
        return true;
    }
    switch ((RKind)t->kind) {
    case RK_FLOAT32: *hash = hash_float(*(const float *)mem, seed); return true;
    case RK_FLOAT64: *hash = hash_float(*(const double *)mem, seed); return true;
    case RK_COMPLEX64: {
        const float *x = mem;
        *hash = hash_float(x[1], hash_float(x[0], seed));
        return true;
    }
    case RK_COMPLEX128: {
        const double *x = mem;
        *hash = hash_float(x[1], hash_float(x[0], seed));
        return true;
    }
    case RK_STRING: {
        const Slot *s = mem;
        *hash = vm_hash_string(slot_ptr(s[0]), s[1], seed);
        return true;
    }
    case RK_INTERFACE: {
        const Slot *s = mem;
        const RType *inner = slot_ptr(s[0]);
        if (!inner) {
            *hash = mix(0, seed);
            return true;
        }
        if (!rtype_is(inner, RTYPE_COMPARABLE)) {
            *bad = inner;
            return false;
        }
        if (sched_stack_low(LEFT_TO_HASH)) {
            *bad = NULL;
            return false;
        }
        seed = mix(inner->id, seed);
        if (rtype_is(inner, RTYPE_DIRECT)) {
            *hash = vm_hash_word(inner, s[1], seed);
            return true;
        }
        return vm_hash_mem(inner, slot_ptr(s[1]), seed, hash, bad);
    }
    case RK_STRUCT:
        *hash = seed;
        for (u32 i = 0; i < t->field_count; i++) {
            const RField *f = &t->fields[i];
            if (f->name && !strcmp(f->name, "_"))
                continue;
            if (!vm_hash_mem(f->type, (const char *)mem + f->offset, *hash, hash, bad))
                return false;
        }
        return true;
    case RK_ARRAY:
        *hash = seed;
        for (u64 i = 0; i < t->len; i++)
            if (!vm_hash_mem(t->elem, (const char *)mem + i * t->elem->size, *hash, hash, bad))
                return false;
        return true;
    default: *hash = XXH3_64bits_withSeed(mem, t->size, seed); return true;
    }
}

// ---- Interfaces -----------------------------------------------------------------------------

bool vm_box(P *p, RType *t, const Slot *slots, bool keep, Slot *word)
{
    if (rtype_is(t, RTYPE_DIRECT) || (keep && rtype_is(t, RTYPE_AGGREGATE) && t->slots)) {
        *word = slots[0];
        return true;
    }
    void *box = gc_alloc(p, vm_gc_kind(t), t->size);
    if (!box)
        return false;
    rtype_store(t, box, slots);
    *word = ptr_slot(box);
    return true;
}

bool vm_unbox(P *p, RType *t, Slot word, bool copy, Slot *out)
{
    if (rtype_is(t, RTYPE_DIRECT)) {
        out[0] = word;
        return true;
    }
    if (copy && rtype_is(t, RTYPE_AGGREGATE) && t->slots) {
        void *mem = gc_alloc(p, vm_gc_kind(t), t->size);
        if (!mem)
            return false;
        memcpy(mem, slot_ptr(word), t->size);
        out[0] = ptr_slot(mem);
        return true;
    }
    rtype_load(t, slot_ptr(word), out);
    return true;
}

bool vm_implements(const RType *t, const RType *iface)
{
    if (!iface->method_count)
        return true;
    // One word for each pair of numbers: type | interface << 24 | known << 48 | answer << 49. A
    // torn entry is impossible and a lost one is found again.
    enum { CACHE = 1024 };
    static u64 cache[CACHE];
    u64 key = (u64)t->id | (u64)iface->id << 24 | (u64)1 << 48;
    u64 *at = &cache[mix(key, 1) % CACHE];
    u64 have = __atomic_load_n(at, __ATOMIC_RELAXED);
    if ((have & (((u64)1 << 49) - 1)) == key && t->id)
        return have >> 49;
    bool yes = rtype_implements(t, iface, NULL, NULL);
    __atomic_store_n(at, key | (u64)yes << 49, __ATOMIC_RELAXED);
    return yes;
}

// ---- Looking into values --------------------------------------------------------------------

Value vm_value_at(RType *t, const void *mem)
{
    Value v = {t, ptr_slot(mem)};
    if (rtype_is(t, RTYPE_DIRECT))
        rtype_load(t, mem, &v.word);
    return v;
}

const void *vm_value_mem(Value v, Slot *scratch)
{
    if (!rtype_is(v.type, RTYPE_DIRECT))
        return slot_ptr(v.word);
    *scratch = 0;
    rtype_store(v.type, scratch, &v.word);
    return scratch;
}

// The three kinds whose memory begins with (data, length).
static const Slot *value_words(Value v)
{
    return slot_ptr(v.word);
}

u64 vm_value_len(Value v)
{
    switch ((RKind)v.type->kind) {
    case RK_ARRAY: return v.type->len;
    case RK_SLICE:
    case RK_STRING: return value_words(v)[1];
    case RK_MAP: return v.word ? *(u64 *)slot_ptr(v.word) : 0; // Map begins with its count
    case RK_CHAN: return chan_len(slot_ptr(v.word));
    default: return 0;
    }
}

static RType uint8_type = {
    .kind = RK_UINT8,
    .flags = RTYPE_PTRFREE | RTYPE_COMPARABLE | RTYPE_MEMEQ | RTYPE_NAMED | RTYPE_DIRECT,
    .align = 1,
    .slots = 1,
    .size = 1,
    .name = "uint8",
};

Value vm_value_elem(Value v, u64 i)
{
    if (v.type->kind == RK_STRING)
        return (Value){&uint8_type, (u8)((const char *)slot_ptr(value_words(v)[0]))[i]};
    if (v.type->kind == RK_SLICE)
        return vm_value_at(v.type->elem,
                           (const char *)slot_ptr(value_words(v)[0]) + i * v.type->elem->size);
    Slot scratch;
    const char *mem = vm_value_mem(v, &scratch);
    return vm_value_at(v.type->elem, mem + i * v.type->elem->size);
}

Value vm_value_field(Value v, u32 i)
{
    const RField *f = &v.type->fields[i];
    if (rtype_is(v.type, RTYPE_DIRECT)) // its one slot belongs to the one field that has a size
        return (Value){f->type, v.word};
    return vm_value_at(f->type, (const char *)slot_ptr(v.word) + f->offset);
}

Value vm_value_deref(Value v)
{
    return v.word ? vm_value_at(v.type->elem, slot_ptr(v.word)) : (Value){NULL, 0};
}

Value vm_value_inner(Value v)
{
    if (!v.type || v.type->kind != RK_INTERFACE)
        return v;
    return vm_value(slot_ptr(v.word));
}

bool vm_value_is_nil(Value v)
{
    switch ((RKind)v.type->kind) {
    case RK_CHAN:
    case RK_FUNC:
    case RK_MAP:
    case RK_POINTER: return !v.word;
    case RK_SLICE:
    case RK_INTERFACE: return !value_words(v)[0];
    default: return false;
    }
}

i64 vm_value_int(Value v)
{
    return (i64)v.word;
}

u64 vm_value_uint(Value v)
{
    return v.type->kind == RK_SLICE ? value_words(v)[0] : v.word;
}

double vm_value_float(Value v)
{
    return v.type->kind == RK_FLOAT32 ? (double)slot_f32(v.word) : slot_f64(v.word);
}

void vm_value_complex(Value v, double out[2])
{
    if (v.type->kind == RK_COMPLEX64) {
        const float *x = slot_ptr(v.word);
        out[0] = x[0];
        out[1] = x[1];
    } else {
        memcpy(out, slot_ptr(v.word), 16);
    }
}

Str vm_value_string(Value v)
{
    return (Str){slot_ptr(value_words(v)[0]), value_words(v)[1]};
}

static int compare_floats(double a, double b)
{
    if (a != a || b != b)
        return (b != b) - (a != a); // NaN first
    return (a > b) - (a < b);
}

int vm_value_compare(Value a, Value b)
{
    a = vm_value_inner(a);
    b = vm_value_inner(b);
    if (!a.type || !b.type)
        return (a.type != NULL) - (b.type != NULL);
    if (a.type != b.type)
        return a.type->id < b.type->id ? -1 : 1;
    if (sched_stack_low(LEFT_TO_COMPARE))
        return 0; // in any order, then
    switch ((RKind)a.type->kind) {
    case RK_BOOL:
    case RK_INT:
    case RK_INT8:
    case RK_INT16:
    case RK_INT32:
    case RK_INT64: return ((i64)a.word > (i64)b.word) - ((i64)a.word < (i64)b.word);
    case RK_FLOAT32:
    case RK_FLOAT64: return compare_floats(vm_value_float(a), vm_value_float(b));
    case RK_COMPLEX64:
    case RK_COMPLEX128: {
        double x[2], y[2];
        vm_value_complex(a, x);
        vm_value_complex(b, y);
        int c = compare_floats(x[0], y[0]);
        return c ? c : compare_floats(x[1], y[1]);
    }
    case RK_STRING: {
        Str x = vm_value_string(a), y = vm_value_string(b);
        size_t n = x.len < y.len ? x.len : y.len;
        int c = n ? memcmp(x.data, y.data, n) : 0;
        return c ? c : (x.len > y.len) - (x.len < y.len);
    }
    case RK_STRUCT:
        for (u32 i = 0; i < a.type->field_count; i++) {
            int c = vm_value_compare(vm_value_field(a, i), vm_value_field(b, i));
            if (c)
                return c;
        }
        return 0;
    case RK_ARRAY:
        for (u64 i = 0; i < a.type->len; i++) {
            int c = vm_value_compare(vm_value_elem(a, i), vm_value_elem(b, i));
            if (c)
                return c;
        }
        return 0;
    case RK_POINTER:
    case RK_CHAN: {
        u64 x = sched_shown_address(a.word), y = sched_shown_address(b.word);
        return (x > y) - (x < y);
    }
    default: return (a.word > b.word) - (a.word < b.word);
    }
}
