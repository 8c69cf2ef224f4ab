// vec_test.c: growable arrays, on malloc and in an arena.
#include "base/vec.h"

#include <criterion/criterion.h>

TestSuite(vec, .timeout = 20);

Test(vec, push_keeps_what_is_there)
{
    Vec(int) v = {0};
    for (int i = 0; i < 10000; i++)
        vec_push(&v, i * 3);
    cr_assert_eq(v.len, 10000);
    for (int i = 0; i < v.len; i++)
        cr_assert_eq(v.data[i], i * 3);
    cr_assert_eq(vec_last(&v), 29997);
    cr_assert_eq(vec_pop(&v), 29997);
    cr_assert_eq(v.len, 9999);
    vec_free(&v);
    cr_assert_null(v.data);
    cr_assert_eq(v.len, 0);
    cr_assert_eq(v.cap, 0);
}

Test(vec, elements_may_be_structs)
{
    typedef struct {
        char text[24];
        int number;
    } Item;
    Vec(Item) v = {0};
    for (int i = 0; i < 100; i++)
        vec_push(&v, ((Item){"item", i}));
    cr_assert_eq(v.data[99].number, 99);
    cr_assert_str_eq(v.data[50].text, "item");
    vec_free(&v);
}

Test(vec, push_in_takes_memory_from_the_arena)
{
    Arena *arena = arena_create();
    Vec(u64) v = {0};
    for (u64 i = 0; i < 1000; i++)
        vec_push_in(arena, &v, i << 32);
    for (int i = 0; i < v.len; i++)
        cr_assert_eq(v.data[i], (u64)i << 32);
    cr_assert_geq(arena_bytes(arena), 1000 * sizeof(u64));
    arena_free(arena);
}
