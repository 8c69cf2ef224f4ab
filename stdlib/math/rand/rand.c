// rand.c: natives of package math/rand: the generator with Go's numbers, and tables.
//
// The generator is s[n] = s[n-607] + s[n-273] modulo 2^64. Go mixes into every seed a table that is
// the state after 7.8e12 steps from a known start. Here it is computed, once, when the first seed
// is given: a step is a multiplication by x modulo x^607 - x^334 - 1, so the state after N steps
// follows from x^N, which takes 43 squarings.
#include <math.h>

#include "runtime/choose.h"
#include "runtime/lock.h"
#include "stdlib/tables.h"
#include "vm/object.h"

enum { LENGTH = 607, TAP = 273 };

// Go's memory layout of rngSource in rand.csp.
typedef struct Source {
    i64 tap, feed;
    u64 vec[LENGTH];
} Source;

static Mutex table_lock;
static bool table_ready;  // guarded by table_lock
static u64 table[LENGTH]; // written once, before table_ready

// The next number of a small generator that spreads seeds: x * 48271 modulo 2^31 - 1.
static u64 spread(u64 *x)
{
    *x = *x * 48271 % 2147483647;
    return *x;
}

static u64 seed_start(i64 seed)
{
    seed %= 2147483647;
    if (seed < 0)
        seed += 2147483647;
    u64 x = seed == 0 ? 89482311 : (u64)seed;
    for (int i = 0; i < 20; i++)
        spread(&x);
    return x;
}

static u64 seed_word(u64 *x, int shift)
{
    u64 u = spread(x) << 2 * shift;
    u ^= spread(x) << shift;
    return u ^ spread(x);
}

// p = p^2 modulo x^607 - x^334 - 1; room: 2 * LENGTH words.
static void square(u64 *p, u64 *room)
{
    memset(room, 0, 2 * LENGTH * sizeof *room);
    for (int i = 0; i < LENGTH; i++)
        for (int k = 0; k < LENGTH; k++)
            room[i + k] += p[i] * p[k];
    for (int i = 2 * LENGTH - 2; i >= LENGTH; i--) {
        room[i - LENGTH] += room[i];
        room[i - TAP] += room[i];
    }
    memcpy(p, room, LENGTH * sizeof *p);
}

static void times_x(u64 *p)
{
    u64 top = p[LENGTH - 1];
    memmove(p + 1, p, (LENGTH - 1) * sizeof *p);
    p[0] = top;
    p[LENGTH - TAP] += top;
}

// Number n of the sequence stands at this place of the state.
static int place_of(i64 n)
{
    i64 at = (LENGTH - TAP - 1 - n) % LENGTH;
    return (int)(at < 0 ? at + LENGTH : at);
}

static void make_table(void)
{
    static const u64 STEPS = 7800000000000;
    static u64 power[LENGTH], room[2 * LENGTH], start[2 * LENGTH];
    u64 x = seed_start(1), vec[LENGTH];
    for (int i = 0; i < LENGTH; i++)
        vec[i] = seed_word(&x, 10);
    for (int i = 0; i < LENGTH; i++)
        start[i] = vec[place_of(i - LENGTH)];
    for (int i = LENGTH; i < 2 * LENGTH; i++)
        start[i] = start[i - LENGTH] + start[i - TAP];
    power[0] = 1;
    for (int bit = 42; bit >= 0; bit--) {
        square(power, room);
        if (STEPS >> bit & 1)
            times_x(power);
    }
    for (int i = 0; i < LENGTH; i++) {
        u64 word = 0;
        for (int k = 0; k < LENGTH; k++)
            word += power[k] * start[i + k];
        table[place_of((i64)(STEPS % LENGTH) + i - LENGTH)] = word;
    }
}

// func (rng *rngSource) Seed(seed int64)
static NativeStatus source_seed(P *p, Slot *args)
{
    (void)p;
    mutex_lock(&table_lock, RANK_STDOUT);
    if (!table_ready) {
        make_table();
        table_ready = true;
    }
    mutex_unlock(&table_lock, RANK_STDOUT);
    Source *s = slot_ptr(args[0]);
    s->tap = 0;
    s->feed = LENGTH - TAP;
    u64 x = seed_start((i64)args[1]);
    for (int i = 0; i < LENGTH; i++)
        s->vec[i] = seed_word(&x, 20) ^ table[i];
    return NATIVE_OK;
}

static u64 source_next(Source *s)
{
    if (--s->tap < 0)
        s->tap += LENGTH;
    if (--s->feed < 0)
        s->feed += LENGTH;
    // The fields are the program's memory: a race may have left anything there.
    u64 feed = (u64)s->feed % LENGTH, tap = (u64)s->tap % LENGTH;
    return s->vec[feed] += s->vec[tap];
}

static NativeStatus source_uint64(P *p, Slot *args)
{
    (void)p;
    args[0] = source_next(slot_ptr(args[0]));
    return NATIVE_OK;
}

static NativeStatus source_int63(P *p, Slot *args)
{
    (void)p;
    args[0] = source_next(slot_ptr(args[0])) & INT64_MAX;
    return NATIVE_OK;
}

static NativeStatus rand_fast(P *p, Slot *args)
{
    args[0] = choose(p, CHOOSE_RAND, 0) >> 1;
    return NATIVE_OK;
}

// func fastN(n uint64) int64
static NativeStatus rand_fast_n(P *p, Slot *args)
{
    args[0] = choose(p, CHOOSE_RAND, args[0]);
    return NATIVE_OK;
}

// ---- The ziggurat method of Marsaglia and Tsang -----------------------------------------------

typedef struct Strip {
    u32 k;
    float w, f;
} Strip;

static Mutex strips_lock;
static Strip norm_strips[128], exp_strips[256]; // guarded by strips_lock; constant when made

static void make_norm_strips(void)
{
    const double m = 2147483648.0, v = 9.91256303526217e-3;
    double d = 3.442619855899, t = d, q = v / exp(-.5 * d * d);
    norm_strips[0] = (Strip){(u32)(d / q * m), (float)(q / m), 1};
    norm_strips[127].w = (float)(d / m);
    norm_strips[127].f = (float)exp(-.5 * d * d);
    for (int i = 126; i >= 1; i--) {
        d = sqrt(-2 * log(v / d + exp(-.5 * d * d)));
        norm_strips[i + 1].k = (u32)(d / t * m);
        t = d;
        norm_strips[i].f = (float)exp(-.5 * d * d);
        norm_strips[i].w = (float)(d / m);
    }
}

static void make_exp_strips(void)
{
    const double m = 4294967296.0, v = 3.949659822581572e-3;
    double d = 7.69711747013104972, t = d, q = v / exp(-d);
    exp_strips[0] = (Strip){(u32)(d / q * m), (float)(q / m), 1};
    exp_strips[255].w = (float)(d / m);
    exp_strips[255].f = (float)exp(-d);
    for (int i = 254; i >= 1; i--) {
        d = -log(v / d + exp(-d));
        exp_strips[i + 1].k = (u32)(d / t * m);
        t = d;
        exp_strips[i].f = (float)exp(-d);
        exp_strips[i].w = (float)(d / m);
    }
}

static NativeStatus give_strip(Slot *args, Strip *strips, u64 count, void (*make)(void))
{
    mutex_lock(&strips_lock, RANK_STDOUT);
    if (strips[0].f == 0)
        make();
    Strip s = strips[args[0] % count];
    mutex_unlock(&strips_lock, RANK_STDOUT);
    args[0] = s.k;
    args[1] = f32_slot(s.w);
    args[2] = f32_slot(s.f);
    return NATIVE_OK;
}

static NativeStatus rand_norm_strip(P *p, Slot *args)
{
    (void)p;
    return give_strip(args, norm_strips, countof(norm_strips), make_norm_strips);
}

static NativeStatus rand_exp_strip(P *p, Slot *args)
{
    (void)p;
    return give_strip(args, exp_strips, countof(exp_strips), make_exp_strips);
}

static const Native natives[] = {
    {"(*rngSource).Seed", source_seed, 0},
    {"(*rngSource).Uint64", source_uint64, 0},
    {"(*rngSource).Int63", source_int63, 0},
    {"fast", rand_fast, 0},
    {"fastN", rand_fast_n, 0},
    {"normStrip", rand_norm_strip, 0},
    {"expStrip", rand_exp_strip, 0},
};
const NativeTable rand_natives = {"math/rand", natives, countof(natives)};
