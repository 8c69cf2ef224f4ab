// arena_test.c: arenas hand out zeroed, aligned memory that stays where it is.
#include "base/arena.h"

#include <criterion/criterion.h>

TestSuite(arena, .timeout = 20);

Test(arena, memory_is_zeroed_and_aligned)
{
    Arena *arena = arena_create();
    for (size_t size = 1; size < 3000; size += 37) {
        char *p = arena_alloc(arena, size);
        cr_assert_eq((uintptr_t)p % 16, 0);
        for (size_t i = 0; i < size; i++)
            cr_assert_eq(p[i], 0);
        memset(p, 0xFF, size);
    }
    arena_free(arena);
}

Test(arena, allocations_do_not_overlap)
{
    enum { COUNT = 5000 };
    Arena *arena = arena_create();
    u32 *all[COUNT];
    for (u32 i = 0; i < COUNT; i++) {
        all[i] = arena_array(arena, u32, 1 + i % 40);
        for (u32 j = 0; j < 1 + i % 40; j++)
            all[i][j] = i;
    }
    for (u32 i = 0; i < COUNT; i++) {
        for (u32 j = 0; j < 1 + i % 40; j++)
            cr_assert_eq(all[i][j], i);
    }
    arena_free(arena);
}

Test(arena, a_big_allocation_leaves_the_block_in_use)
{
    Arena *arena = arena_create();
    char *small = arena_alloc(arena, 16);
    char *big = arena_alloc(arena, 10 << 20);
    memset(big, 1, 10 << 20);
    char *next = arena_alloc(arena, 16);
    cr_assert_eq(small[0], 0);
    cr_assert_eq(next[0], 0);
    cr_assert_eq(arena_bytes(arena), (10u << 20) + 32);
    arena_free(arena);
}

Test(arena, a_first_big_allocation_works)
{
    Arena *arena = arena_create();
    memset(arena_alloc(arena, 1 << 20), 1, 1 << 20);
    cr_assert_eq(*(char *)arena_alloc(arena, 1), 0);
    arena_free(arena);
}

Test(arena, texts_end_with_zero)
{
    Arena *arena = arena_create();
    cr_assert_str_eq(arena_strndup(arena, "channel", 4), "chan");
    cr_assert_str_eq(arena_strndup(arena, NULL, 0), "");
    cr_assert_str_eq(arena_printf(arena, "%s %d", "chan", 7), "chan 7");
    arena_free(arena);
}

Test(arena, free_takes_null)
{
    arena_free(NULL);
}
