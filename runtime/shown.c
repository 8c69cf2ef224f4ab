// shown.c: the addresses that programs get to see.
//
// With --seed they are made up. Each object gets a place in a made-up address space when its
// address is first shown; addresses inside it keep their distance. The table is a root, so that the
// object lives on and its real address is never another one's.
//
// Only one M runs when seeded, so there is no lock.
#include "runtime/sched_impl.h"

// Package variables, the rest of what is not on the heap, the heap.
enum { FIRST_GLOBAL = 0x500000, FIRST_STATIC = 0x8000000, STATIC_STEP = 64 };

typedef struct Shown {
    const void *base; // NULL: free
    u64 address;
} Shown;

static struct {
    Shown *list; // gc_root_alloc; open addressing
    u64 count, cap;
    u64 next_heap, next_static;
} shown = {.next_heap = 0xc000010000, .next_static = FIRST_STATIC};

static Shown *place_of(const void *base)
{
    u64 i = (u64)(uintptr_t)base / 16 * 0x9E3779B97F4A7C15ull >> 32;
    while (shown.list[i & (shown.cap - 1)].base && shown.list[i & (shown.cap - 1)].base != base)
        i++;
    return &shown.list[i & (shown.cap - 1)];
}

static void make_room(void)
{
    if (shown.count < shown.cap / 2)
        return;
    Shown *old = shown.list;
    u64 n = shown.cap;
    shown.cap = n ? n * 2 : 64;
    shown.list = gc_root_alloc(shown.cap * sizeof *shown.list);
    for (u64 i = 0; i < n; i++) {
        if (old[i].base)
            *place_of(old[i].base) = old[i];
    }
    if (old)
        gc_root_free(old);
}

u64 sched_shown_address(u64 address)
{
    if (!sched.options.seeded || address == 0)
        return address;
    u64 size;
    bool global;
    const void *base = gc_object_of((const void *)(uintptr_t)address, &size, &global);
    if (global)
        return FIRST_GLOBAL + (address - (u64)(uintptr_t)base);
    u64 *next = base ? &shown.next_heap : &shown.next_static;
    u64 step = base ? align_up(size, 16) : STATIC_STEP;
    if (!base)
        base = (const void *)(uintptr_t)address;
    make_room();
    Shown *s = place_of(base);
    if (!s->base) {
        *s = (Shown){base, *next};
        *next += step;
        shown.count++;
    }
    return s->address + (address - (u64)(uintptr_t)base);
}
