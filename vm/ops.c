// ops.c: the longer instructions: making things, slices, strings, interfaces, maps.
//
// Not here: channels and calls (interp.c, call.c), the tables of maps (map.c).
#include "vm/ops.h"

#include <math.h>
#include <stdio.h>

#include "base/debug.h"
#include "vm/map.h"
#include "vm/vm_impl.h"

enum { MAX_ALLOC_BITS = 47 };
#define MAX_ALLOC ((u64)1 << MAX_ALLOC_BITS)

#define WORD(n) ins_word(pc + (n))
#define TYPE(n) vm.types[WORD(n)]

// An allocation that clears the mark of an earlier failure when it succeeds.
static void *alloc(P *p, GcKind kind, u64 bytes)
{
    void *mem = gc_alloc(p, kind, bytes);
    if (unlikely(bytes > GC_ALWAYS) && mem) {
        Fiber *f = fiber_current(p);
        if (f->extra)
            f->extra->nomem_at = NULL;
    }
    return mem;
}

static int panic_runtime(P *p, const Ins *pc, Slot *base)
{
    return call_panic_pending(p, pc, base);
}

// ---- Comparing ------------------------------------------------------------------------------

static COLD int uncomparable(P *p, const Ins *pc, Slot *base, const RType *bad)
{
    if (bad)
        vm_panic_runtime(p, "comparing uncomparable type %s", bad->name);
    else
        vm_panic_runtime(p, "comparing values that nest too deeply");
    return panic_runtime(p, pc, base);
}

int op_eqiface(P *p, const Ins *pc, Slot *base)
{
    const Slot *b = base + pc->b, *c = base + pc->c;
    const RType *bad;
    int r = vm_equal_iface(slot_ptr(b[0]), b[1], slot_ptr(c[0]), c[1], &bad);
    if (r < 0)
        return uncomparable(p, pc, base, bad);
    base[pc->a] = (Slot)r;
    return STEP_NEXT;
}

int op_eqmem(P *p, const Ins *pc, Slot *base)
{
    const RType *bad;
    const void *b = slot_ptr(base[pc->b]), *c = slot_ptr(base[pc->c]);
    if (!b || !c)
        return call_panic_nil(p, pc, base);
    int r = vm_equal_mem(TYPE(1), b, c, &bad);
    if (r < 0)
        return uncomparable(p, pc, base, bad);
    base[pc->a] = (Slot)r;
    return STEP_NEXT;
}

int op_compare_strings(const Slot *a, const Slot *b)
{
    u64 n = a[1] < b[1] ? a[1] : b[1];
    int c = n ? memcmp(slot_ptr(a[0]), slot_ptr(b[0]), n) : 0;
    return c ? c : (a[1] > b[1]) - (a[1] < b[1]);
}

// ---- Slicing --------------------------------------------------------------------------------

// What stands around the numbers of "slice bounds out of range [x:y]"; negative: behind x, when it
// is negative and stands alone.
typedef struct BoundsText {
    const char *before, *between, *after, *negative;
} BoundsText;

// One of the three numbers is wrong.
static COLD int bounds(P *p, const Ins *pc, Slot *base, bool is_unsigned, u64 x, u64 y,
                       BoundsText text)
{
    if ((i64)x < 0 && !is_unsigned)
        vm_panic_bounds(p, "slice bounds out of range [%s%lld%s", text.before, (long long)x,
                        text.negative);
    else
        vm_panic_bounds(p, "slice bounds out of range [%s%llu%s%llu%s", text.before,
                        (unsigned long long)x, text.between, (unsigned long long)y, text.after);
    return panic_runtime(p, pc, base);
}

// Bits 32 and up of the instruction's word 1.
enum { HI_GIVEN = 1, MAX_GIVEN = 2, LO_UNSIGNED = 4, HI_UNSIGNED = 8, MAX_UNSIGNED = 16 };

typedef struct Range {
    u64 lo, hi, max;
    u64 given; // HI_GIVEN | …
} Range;

// Checks lo:hi:max as Go does and completes what is not given. of_cap: the limit is a capacity.
// Inline, so that *r stays in registers: a loop that slices twice takes 13 ns a round, not 21.
static inline __attribute__((always_inline)) int
check_bounds(P *p, const Ins *pc, Slot *base, Range *r, u64 len, u64 cap, bool of_cap)
{
    const char *limit = of_cap ? "] with capacity " : "] with length ";
    bool lo_unsigned = r->given & LO_UNSIGNED, hi_unsigned = r->given & HI_UNSIGNED;
    if (r->given & MAX_GIVEN) {
        if (r->max > cap)
            return bounds(p, pc, base, r->given & MAX_UNSIGNED, r->max, cap,
                          (BoundsText){"::", limit, "", "]"});
        if (r->hi > r->max)
            return bounds(p, pc, base, hi_unsigned, r->hi, r->max,
                          (BoundsText){":", ":", "]", ":]"});
        if (r->lo > r->hi)
            return bounds(p, pc, base, lo_unsigned, r->lo, r->hi,
                          (BoundsText){"", ":", ":]", "::]"});
        return STEP_NEXT;
    }
    r->max = cap;
    if (!(r->given & HI_GIVEN))
        r->hi = len;
    else if (r->hi > cap)
        return bounds(p, pc, base, hi_unsigned, r->hi, cap, (BoundsText){":", limit, "", "]"});
    if (r->lo > r->hi)
        return bounds(p, pc, base, lo_unsigned, r->lo, r->hi, (BoundsText){"", ":", "]", ":]"});
    return STEP_NEXT;
}

static void put_slice(Slot *out, Slot data, Range r, u64 elem_bytes)
{
    // A pointer to the end would keep the next object alive, or be none at all.
    out[0] = r.max > r.lo ? data + r.lo * elem_bytes : data;
    out[1] = r.hi - r.lo;
    out[2] = r.max - r.lo;
}

int op_slice(P *p, const Ins *pc, Slot *base)
{
    const Slot *s = base + pc->b, *c = base + pc->c;
    Range r = {c[0], c[1], c[2], WORD(1) >> 32};
    int step = check_bounds(p, pc, base, &r, s[1], s[2], true);
    if (step == STEP_NEXT)
        put_slice(base + pc->a, s[0], r, (u32)WORD(1));
    return step;
}

int op_slicea(P *p, const Ins *pc, Slot *base)
{
    Slot data = base[pc->b];
    const Slot *c = base + pc->c;
    if (!data)
        return call_panic_nil(p, pc, base);
    Range r = {c[0], c[1], c[2], WORD(1) >> 32};
    int step = check_bounds(p, pc, base, &r, WORD(2), WORD(2), false);
    if (step == STEP_NEXT)
        put_slice(base + pc->a, data, r, (u32)WORD(1));
    return step;
}

int op_slices(P *p, const Ins *pc, Slot *base)
{
    const Slot *s = base + pc->b, *c = base + pc->c;
    Range r = {c[0], c[1], 0, WORD(1) >> 32 & ~(u64)MAX_GIVEN};
    int step = check_bounds(p, pc, base, &r, s[1], s[1], false);
    if (step == STEP_NEXT) {
        Slot data = s[0];
        base[pc->a] = r.hi > r.lo ? data + r.lo : data;
        base[pc->a + 1] = r.hi - r.lo;
    }
    return step;
}

int op_sl2arr(P *p, const Ins *pc, Slot *base)
{
    const Slot *s = base + pc->b;
    u64 len = WORD(1);
    if (s[1] < len) {
        vm_panic_bounds(
            p,
            "cannot convert slice with length %llu to array or pointer to array with length %llu",
            (unsigned long long)s[1], (unsigned long long)len);
        return panic_runtime(p, pc, base);
    }
    base[pc->a] = s[0];
    return STEP_NEXT;
}

// ---- Making ---------------------------------------------------------------------------------

int op_new(P *p, const Ins *pc, Slot *base)
{
    const RType *t = vm.types[ins_u32(*pc)];
    void *mem = alloc(p, vm_gc_kind(t), t->size);
    if (!mem)
        return call_nomem(p, pc, base);
    base[pc->a] = ptr_slot(mem);
    return STEP_NEXT;
}

// How many elements a slice may have.
static u64 elem_limit(const RType *t)
{
    return t->size ? MAX_ALLOC / t->size : (u64)INT64_MAX;
}

int op_mkslice(P *p, const Ins *pc, Slot *base)
{
    const RType *t = TYPE(1);
    u64 len = base[pc->b], cap = base[pc->c], limit = elem_limit(t);
    if (len > limit || cap > limit || len > cap) {
        vm_panic_runtime(p, len > limit ? "makeslice: len out of range"
                                        : "makeslice: cap out of range");
        return panic_runtime(p, pc, base);
    }
    void *mem = alloc(p, vm_gc_kind(t), cap * t->size);
    if (!mem)
        return call_nomem(p, pc, base);
    base[pc->a] = ptr_slot(mem);
    base[pc->a + 1] = len;
    base[pc->a + 2] = cap;
    return STEP_NEXT;
}

int op_mkmap(P *p, const Ins *pc, Slot *base)
{
    Map *m = map_new(p, TYPE(1), (i64)base[pc->b]);
    if (!m)
        return call_nomem(p, pc, base);
    base[pc->a] = ptr_slot(m);
    return STEP_NEXT;
}

int op_mkchan(P *p, const Ins *pc, Slot *base)
{
    const RType *elem = TYPE(1)->elem;
    u64 cap = base[pc->b];
    if (cap > MAX_ALLOC / (elem->size ? elem->size : 1) || (i64)cap < 0)
        return call_panic_plain(p, pc, base, "makechan: size out of range");
    bool ptrfree = rtype_is(elem, RTYPE_PTRFREE) && !rtype_is(elem, RTYPE_AGGREGATE);
    Channel *ch = chan_make(p, elem->slots, ptrfree, cap, pc);
    if (!ch)
        return call_nomem(p, pc, base);
    base[pc->a] = ptr_slot(ch);
    return STEP_NEXT;
}

int op_mkclos(P *p, const Ins *pc, Slot *base)
{
    u32 n = pc->b;
    Closure *c = gc_alloc(p, GC_SCAN, sizeof *c + n * sizeof(Slot));
    if (!c)
        return call_nomem(p, pc, base);
    c->func_id = WORD(1);
    memcpy(c->captures, base + pc->c, n * sizeof(Slot));
    base[pc->a] = ptr_slot(c);
    return STEP_NEXT;
}

int op_clone(P *p, const Ins *pc, Slot *base)
{
    const RType *t = TYPE(1);
    const void *from = slot_ptr(base[pc->b]);
    if (!from)
        return call_panic_nil(p, pc, base);
    void *mem = alloc(p, vm_gc_kind(t), t->size);
    if (!mem)
        return call_nomem(p, pc, base);
    memcpy(mem, from, t->size);
    base[pc->a] = ptr_slot(mem);
    return STEP_NEXT;
}

// ---- Interfaces -----------------------------------------------------------------------------

int op_mkiface(P *p, const Ins *pc, Slot *base)
{
    RType *t = TYPE(1);
    Slot word;
    if (!vm_box(p, t, base + pc->b, pc->c, &word))
        return call_nomem(p, pc, base);
    base[pc->a] = ptr_slot(t);
    base[pc->a + 1] = word;
    return STEP_NEXT;
}

static bool holds(const RType *have, const RType *want)
{
    if (!have)
        return false;
    return want->kind == RK_INTERFACE ? vm_implements(have, want) : have == want;
}

int op_typeis(P *p, const Ins *pc, Slot *base)
{
    (void)p;
    const RType *have = slot_ptr(base[pc->b]);
    u64 id = WORD(1);
    base[pc->a] = id ? holds(have, vm.types[id]) : !have;
    return STEP_NEXT;
}

static COLD int assert_failed(P *p, const Ins *pc, Slot *base, const RType *have, const RType *want,
                              const RType *stated)
{
    Buf text = {0};
    buf_puts(&text, "interface conversion: ");
    if (want->kind == RK_INTERFACE) {
        const RMethod *missing = NULL;
        if (!have) {
            buf_printf(&text, "interface is nil, not %s", want->name);
        } else {
            rtype_implements(have, want, &missing, NULL);
            buf_printf(&text, "%s is not %s: missing method %s", have->name, want->name,
                       missing ? missing->name : "?");
        }
    } else {
        buf_printf(&text, "%s is %s, not %s", stated->name, have ? have->name : "nil", want->name);
        if (have && !strcmp(have->name, want->name))
            buf_puts(&text, have->pkg && want->pkg && strcmp(have->pkg, want->pkg)
                                ? " (types from different packages)"
                                : " (types from different scopes)");
    }
    RType *t;
    Slot word;
    vm_error_value(p, vm.type_assertion_error, text.data, text.len, &t, &word);
    buf_free(&text);
    return call_panic(p, pc, base, t, word);
}

static int assert_type(P *p, const Ins *pc, Slot *base, bool comma_ok)
{
    u64 ids = WORD(1);
    RType *want = vm.types[(u32)ids], *have = slot_ptr(base[pc->b]);
    Slot word = base[pc->b + 1], *out = base + pc->a;
    u32 n = want->slots;
    bool ok = holds(have, want);
    if (!ok && !comma_ok)
        return assert_failed(p, pc, base, have, want, vm.types[ids >> 32]);
    if (!ok && rtype_is(want, RTYPE_AGGREGATE) && n) {
        void *mem = alloc(p, vm_gc_kind(want), want->size);
        if (!mem)
            return call_nomem(p, pc, base);
        out[0] = ptr_slot(mem);
    } else if (!ok) {
        memset(out, 0, n * sizeof(Slot));
    } else if (want->kind == RK_INTERFACE) {
        out[0] = ptr_slot(have);
        out[1] = word;
    } else if (!vm_unbox(p, want, word, true, out)) {
        return call_nomem(p, pc, base);
    }
    if (comma_ok)
        out[n] = ok;
    return STEP_NEXT;
}

int op_assert(P *p, const Ins *pc, Slot *base)
{
    return assert_type(p, pc, base, false);
}

int op_assert2(P *p, const Ins *pc, Slot *base)
{
    return assert_type(p, pc, base, true);
}

u32 op_find_method(const Ins *pc, const RType *t)
{
    // Another P may be writing what it has found.
    u64 word = __atomic_load_n((const u64 *)(const void *)(pc + 1), __ATOMIC_RELAXED);
    u64 name = word & (((u64)1 << CACHE_NAME_BITS) - 1);
    const RMethod *m = rtype_method(t, (u32)name);
    check(m && m->func_id);
    word = name | (u64)t->id << CACHE_NAME_BITS |
           (u64)m->func_id << (CACHE_NAME_BITS + CACHE_TYPE_BITS);
    __atomic_store_n((u64 *)(uintptr_t)(pc + 1), word, __ATOMIC_RELAXED);
    return m->func_id;
}

// ---- Maps -----------------------------------------------------------------------------------

static COLD int map_failed(P *p, const Ins *pc, Slot *base, MapResult r, bool writing)
{
    if (r == MAP_NOMEM)
        return call_nomem(p, pc, base);
    if (r == MAP_FATAL)
        return call_throw(p, pc, base, "%s", map_error_text(writing, pc->op == OP_MAPNEXT));
    return panic_runtime(p, pc, base);
}

static int mapget(P *p, const Ins *pc, Slot *base, bool comma_ok)
{
    RType *mt = TYPE(1), *elem = mt->elem;
    void *value = NULL;
    MapResult r = map_get(p, mt, slot_ptr(base[pc->b]), base + pc->c, &value);
    Slot *out = base + pc->a;
    if (unlikely(r > MAP_ABSENT))
        return map_failed(p, pc, base, r, false);
    if (rtype_is(elem, RTYPE_AGGREGATE) && elem->slots) {
        void *mem = alloc(p, vm_gc_kind(elem), elem->size);
        if (!mem)
            return call_nomem(p, pc, base);
        if (value)
            memcpy(mem, value, elem->size);
        out[0] = ptr_slot(mem);
    } else if (value) {
        rtype_load(elem, value, out);
    } else {
        memset(out, 0, elem->slots * sizeof(Slot));
    }
    if (comma_ok)
        out[elem->slots] = r == MAP_FOUND;
    return STEP_NEXT;
}

int op_mapget(P *p, const Ins *pc, Slot *base)
{
    return mapget(p, pc, base, false);
}

int op_mapget2(P *p, const Ins *pc, Slot *base)
{
    return mapget(p, pc, base, true);
}

int op_mapset(P *p, const Ins *pc, Slot *base)
{
    MapResult r = map_set(p, TYPE(1), slot_ptr(base[pc->a]), base + pc->b, base + pc->c);
    return likely(r == MAP_FOUND) ? STEP_NEXT : map_failed(p, pc, base, r, true);
}

int op_mapdel(P *p, const Ins *pc, Slot *base)
{
    MapResult r = map_delete(p, TYPE(1), slot_ptr(base[pc->a]), base + pc->b);
    return r <= MAP_ABSENT ? STEP_NEXT : map_failed(p, pc, base, r, true);
}

int op_mapclear(P *p, const Ins *pc, Slot *base)
{
    MapResult r = map_clear(slot_ptr(base[pc->a]));
    return r <= MAP_ABSENT ? STEP_NEXT : map_failed(p, pc, base, r, true);
}

int op_mapiter(P *p, const Ins *pc, Slot *base)
{
    MapIter *it = gc_alloc(p, GC_SCAN, sizeof *it);
    map_iter_init(p, it, TYPE(1), slot_ptr(base[pc->b]));
    base[pc->a] = ptr_slot(it);
    return STEP_NEXT;
}

int op_mapnext(P *p, const Ins *pc, Slot *base)
{
    MapIter *it = slot_ptr(base[pc->a]);
    u64 word = WORD(1);
    const void *parts[2];
    MapResult r;
    if (!map_iter_next(it, &parts[0], &parts[1], &r)) {
        if (r == MAP_FATAL)
            return map_failed(p, pc, base, r, false);
        base[pc->a + 1] = 0;
        return STEP_NEXT;
    }
    const u16 slots[2] = {pc->b, pc->c};
    RType *types[2] = {it->type->key, it->type->elem};
    for (int i = 0; i < 2; i++) {
        if (!(word >> (32 + i) & 1))
            continue;
        if (rtype_is(types[i], RTYPE_AGGREGATE) && types[i]->slots) {
            // no collection can come between, so to give up halfway is not needed
            void *mem = alloc(p, vm_gc_kind(types[i]), types[i]->size);
            if (!mem)
                return call_throw(p, pc, base, "out of memory\n%s", gc_limit_text());
            memcpy(mem, parts[i], types[i]->size);
            base[slots[i]] = ptr_slot(mem);
        } else {
            rtype_load(types[i], parts[i], base + slots[i]);
        }
    }
    base[pc->a + 1] = 1;
    return STEP_NEXT;
}

// ---- Strings --------------------------------------------------------------------------------

// Strings of one byte are not allocated.
static char one_byte[256];

void ops_init(void)
{
    for (int i = 0; i < countof(one_byte); i++)
        one_byte[i] = (char)i;
}

int op_concat(P *p, const Ins *pc, Slot *base)
{
    const Slot *s = base + pc->b;
    u32 n = pc->c, full = 0;
    u64 len = 0;
    for (u32 i = 0; i < n; i++) {
        len += s[2 * i + 1];
        if (s[2 * i + 1])
            full = i;
    }
    Slot data;
    if (len == (n ? s[2 * full + 1] : 0)) {
        data = n ? s[2 * full] : 0; // the only one that is not empty
    } else {
        char *mem = alloc(p, GC_PTRFREE, len);
        if (!mem)
            return call_nomem(p, pc, base);
        data = ptr_slot(mem);
        for (u32 i = 0; i < n; i++) {
            if (s[2 * i + 1])
                memcpy(mem, slot_ptr(s[2 * i]), s[2 * i + 1]);
            mem += s[2 * i + 1];
        }
    }
    base[pc->a] = data;
    base[pc->a + 1] = len;
    return STEP_NEXT;
}

u32 op_next_rune(const Slot *s, Slot *offset)
{
    int width;
    u32 rune = utf8_decode((const char *)slot_ptr(s[0]) + *offset, s[1] - *offset, &width);
    *offset += (Slot)width;
    return rune;
}

int op_str2b(P *p, const Ins *pc, Slot *base)
{
    const Slot *s = base + pc->b;
    u64 len = s[1], cap = vm_round_size(len);
    char *mem = alloc(p, GC_PTRFREE, cap);
    if (!mem)
        return call_nomem(p, pc, base);
    if (len)
        memcpy(mem, slot_ptr(s[0]), len);
    base[pc->a] = ptr_slot(mem);
    base[pc->a + 1] = len;
    base[pc->a + 2] = cap;
    return STEP_NEXT;
}

int op_b2str(P *p, const Ins *pc, Slot *base)
{
    const Slot *s = base + pc->b;
    u64 len = s[1];
    const char *from = slot_ptr(s[0]);
    if (len == 1) {
        base[pc->a] = ptr_slot(&one_byte[(u8)from[0]]);
    } else {
        char *mem = len ? alloc(p, GC_PTRFREE, len) : NULL;
        if (!mem && len)
            return call_nomem(p, pc, base);
        if (len)
            memcpy(mem, from, len);
        base[pc->a] = ptr_slot(mem);
    }
    base[pc->a + 1] = len;
    return STEP_NEXT;
}

int op_str2r(P *p, const Ins *pc, Slot *base)
{
    const Slot *s = base + pc->b;
    u64 n = 0;
    for (Slot at = 0; at < s[1]; n++)
        op_next_rune(s, &at);
    u64 bytes = vm_round_size(n * 4);
    i32 *mem = alloc(p, GC_PTRFREE, bytes);
    if (!mem)
        return call_nomem(p, pc, base);
    u64 i = 0;
    for (Slot at = 0; at < s[1];)
        mem[i++] = (i32)op_next_rune(s, &at);
    base[pc->a] = ptr_slot(mem);
    base[pc->a + 1] = n;
    base[pc->a + 2] = bytes / 4;
    return STEP_NEXT;
}

int op_r2str(P *p, const Ins *pc, Slot *base)
{
    const Slot *s = base + pc->b;
    const i32 *runes = slot_ptr(s[0]);
    u64 n = s[1], len = 0;
    char text[4];
    for (u64 i = 0; i < n; i++)
        len += (u64)utf8_encode((u32)runes[i], text);
    char *mem = len ? alloc(p, GC_PTRFREE, len) : NULL;
    if (!mem && len)
        return call_nomem(p, pc, base);
    u64 at = 0;
    for (u64 i = 0; i < n && at < len; i++) {
        int width = utf8_encode((u32)runes[i], text);
        if (at + (u64)width > len)
            break; // somebody else is writing
        memcpy(mem + at, text, (size_t)width);
        at += (u64)width;
    }
    base[pc->a] = ptr_slot(mem);
    base[pc->a + 1] = len;
    return STEP_NEXT;
}

int op_rune2s(P *p, const Ins *pc, Slot *base)
{
    Slot rune = base[pc->b];
    if (rune < 0x80) {
        base[pc->a] = ptr_slot(&one_byte[rune]);
        base[pc->a + 1] = 1;
        return STEP_NEXT;
    }
    char text[4];
    int n = utf8_encode(rune > 0x10ffff ? RUNE_ERROR : (u32)rune, text);
    vm_string_new(p, text, (size_t)n, base + pc->a);
    return STEP_NEXT;
}

// ---- Complex numbers ----

// For a part of a number with an infinity in it: which parts are infinite, and the signs.
static double infinite_only(double x)
{
    return copysign(isinf(x) ? 1 : 0, x);
}

int op_divc(P *p, const Ins *pc, Slot *base)
{
    (void)p;
    double a = slot_f64(base[pc->b]), b = slot_f64(base[pc->b + 1]);
    double c = slot_f64(base[pc->c]), d = slot_f64(base[pc->c + 1]);
    double re, im;
    // Scaled by the larger part of the divisor, so that nothing overflows on the way.
    if (fabs(c) >= fabs(d)) {
        double q = d / c, n = c + d * q;
        re = (a + b * q) / n;
        im = (b - a * q) / n;
    } else {
        double q = c / d, n = d + c * q;
        re = (a * q + b) / n;
        im = (b * q - a) / n;
    }
    if (isnan(re) && isnan(im)) { // where the true result is infinite, or zero
        double scale = -1;
        if (c == 0 && d == 0 && !(isnan(a) && isnan(b))) {
            re = copysign(INFINITY, c) * a;
            im = copysign(INFINITY, c) * b;
        } else if ((isinf(a) || isinf(b)) && isfinite(c) && isfinite(d)) {
            a = infinite_only(a);
            b = infinite_only(b);
            scale = INFINITY;
        } else if ((isinf(c) || isinf(d)) && isfinite(a) && isfinite(b)) {
            c = infinite_only(c);
            d = infinite_only(d);
            scale = 0;
        }
        if (scale >= 0) {
            re = scale * (a * c + b * d);
            im = scale * (b * c - a * d);
        }
    }
    base[pc->a] = f64_slot(re);
    base[pc->a + 1] = f64_slot(im);
    return STEP_NEXT;
}

// ---- append ---------------------------------------------------------------------------------

// A slice like s with room for n more elements of t; out[1] is the old length plus n.
static int grow(P *p, const Ins *pc, Slot *base, const RType *t, const Slot *s, u64 n, Slot out[3])
{
    u64 len = s[1] + n;
    out[0] = s[0];
    out[1] = len;
    out[2] = s[2];
    if (len <= s[2] && len >= n)
        return STEP_NEXT;
    u64 limit = elem_limit(t);
    u64 cap = len > limit || len < n ? len : vm_grow_cap(t->size, s[2], len);
    if (len < n || cap > limit) {
        vm_panic_runtime(p, "growslice: cap out of range");
        return panic_runtime(p, pc, base);
    }
    void *mem = alloc(p, vm_gc_kind(t), cap * t->size);
    if (!mem)
        return call_nomem(p, pc, base);
    if (s[1])
        memcpy(mem, slot_ptr(s[0]), s[1] * t->size);
    out[0] = ptr_slot(mem);
    out[2] = cap;
    return STEP_NEXT;
}

int op_append(P *p, const Ins *pc, Slot *base)
{
    u64 word = WORD(1), n = word >> 32;
    const RType *t = vm.types[(u32)word];
    const Slot *s = base + pc->b;
    Slot out[3];
    u64 at = s[1];
    int step = grow(p, pc, base, t, s, n, out);
    if (unlikely(step != STEP_NEXT))
        return step;
    const Slot *v = base + pc->c;
    for (u64 i = 0; i < n; i++, v += t->slots)
        rtype_store(t, (char *)slot_ptr(out[0]) + (at + i) * t->size, v);
    memcpy(base + pc->a, out, sizeof out);
    return STEP_NEXT;
}

static int append_bytes(P *p, const Ins *pc, Slot *base, const RType *t, const void *from, u64 n)
{
    const Slot *s = base + pc->b;
    Slot out[3];
    u64 at = s[1];
    if (!n) {
        memmove(base + pc->a, s, sizeof out);
        return STEP_NEXT;
    }
    int step = grow(p, pc, base, t, s, n, out);
    if (unlikely(step != STEP_NEXT))
        return step;
    memmove((char *)slot_ptr(out[0]) + at * t->size, from, n * t->size);
    memcpy(base + pc->a, out, sizeof out);
    return STEP_NEXT;
}

int op_appends(P *p, const Ins *pc, Slot *base)
{
    const Slot *c = base + pc->c;
    return append_bytes(p, pc, base, TYPE(1), slot_ptr(c[0]), c[1]);
}

int op_appstr(P *p, const Ins *pc, Slot *base)
{
    static const RType byte = {.kind = RK_UINT8, .flags = RTYPE_PTRFREE, .size = 1, .slots = 1};
    const Slot *c = base + pc->c;
    return append_bytes(p, pc, base, &byte, slot_ptr(c[0]), c[1]);
}

// ---- print ----------------------------------------------------------------------------------

int op_print(P *p, const Ins *pc, Slot *base)
{
    (void)p;
    Buf out = {0};
    print_values(base + pc->a, &vm.strings[WORD(1)], &out);
    vm_write_stderr(out.data, out.len);
    buf_free(&out);
    return STEP_NEXT;
}
