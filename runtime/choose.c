// choose.c: where choices come from: a generator in each P, or, when seeded, one for each kind.
//
// The seeded streams have no lock: only one M runs then (seeded.c).
#include "runtime/choose.h"

#include "runtime/sched_impl.h"

__extension__ typedef unsigned __int128 u128;

static u64 streams[CHOOSE_KIND_COUNT];
static Decide decider;

// A counter that is scrambled: every start gives a good sequence.
static u64 next_scrambled(u64 *state)
{
    u64 x = *state += 0x9E3779B97F4A7C15ull;
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9ull;
    x = (x ^ x >> 27) * 0x94D049BB133111EBull;
    return x ^ x >> 31;
}

// Shifts and a multiplication: as good as needed, and faster.
static u64 next_of_p(u64 *state)
{
    u64 x = *state;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    *state = x;
    return x * 0x2545F4914F6CDD1Dull;
}

static u64 below(u64 random, u64 n)
{
    return n == 0 ? random : (u64)((u128)random * n >> 64);
}

static COLD u64 choose_seeded(ChoiceKind kind, u64 n)
{
    if (n == 1)
        return 0;
    if (decider && n > 0) {
        u64 decided = decider(kind, n);
        check(decided < n);
        return decided;
    }
    return below(next_scrambled(&streams[kind]), n);
}

u64 choose(P *p, ChoiceKind kind, u64 n)
{
    if (unlikely(sched.options.seeded))
        return choose_seeded(kind, n);
    return below(next_of_p(&impl(p)->rand), n);
}

void choose_by(Decide decide)
{
    decider = decide;
}

void choose_init(void)
{
    u64 state = sched.options.seed;
    for (int i = 0; i < CHOOSE_KIND_COUNT; i++)
        streams[i] = next_scrambled(&state);
}
