// map_test.c: maps: Go's rules for keys and for ranging while the map changes.
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>

#include "runtime/runtime.h"
#include "tests/unit/types_by_hand.h"
#include "vm/map.h"
#include "vm/vm.h"

static P *p;
static RType ints, strings, floats, anys, arrays, bytes;

static void start(void)
{
    RuntimeOptions options = {.procs = 1, .gc_percent = -1, .seeded = true, .seed = 1};
    runtime_init(&options, &vm_runner);
    vm_init(image_create(), NULL, 0);
    p = runtime_boot_p();
    G *g = vm_new_main_g(p, 0, 0); // panics need somebody who panics
    p->g = g;
    ints = map_of(&int_type, &int_type, "map[int]int");
    strings = map_of(&string_type, &int_type, "map[string]int");
    floats = map_of(&float64_type, &int_type, "map[float64]int");
    anys = map_of(&any_type, &int_type, "map[interface {}]int");
    arrays = map_of(&array_type, &mixed_type, "map[[3]int32]main.Mixed");
    bytes = map_of(&uint8_type, &bool_type, "map[uint8]bool");
}

TestSuite(map, .init = start, .timeout = 20);

static void put(Map *m, i64 k, i64 v)
{
    Slot key = (Slot)k, value = (Slot)v;
    cr_assert_eq(map_set(p, &ints, m, &key, &value), MAP_FOUND);
}

static i64 get(Map *m, i64 k)
{
    Slot key = (Slot)k;
    void *value;
    return map_get(p, &ints, m, &key, &value) == MAP_FOUND ? *(i64 *)value : -1;
}

Test(map, keeps_what_is_put_through_growth_and_deletion)
{
    Map *m = map_new(p, &ints, 0);
    for (i64 i = 0; i < 10000; i++)
        put(m, i * 7, i);
    cr_assert_eq(map_len(m), 10000);
    for (i64 i = 0; i < 10000; i += 2) {
        Slot key = (Slot)(i * 7);
        cr_assert_eq(map_delete(p, &ints, m, &key), MAP_FOUND);
    }
    cr_assert_eq(map_len(m), 5000);
    for (i64 i = 0; i < 10000; i++)
        cr_assert_eq(get(m, i * 7), i % 2 ? i : -1);
    for (i64 i = 0; i < 100000; i++) { // a queue: tombstones must go away
        put(m, -i - 1, i);
        Slot key = (Slot)(-i - 1);
        map_delete(p, &ints, m, &key);
    }
    cr_assert_eq(map_len(m), 5000);
    cr_assert_eq(get(m, 7), 1);
}

Test(map, strings_are_compared_by_content)
{
    Map *m = map_new(p, &strings, 100);
    char text[16];
    for (int i = 0; i < 1000; i++) {
        snprintf(text, sizeof text, "key%d", i);
        Slot key[2], value = (Slot)i;
        vm_string_new(p, text, strlen(text), key);
        map_set(p, &strings, m, key, &value);
    }
    Slot key[2] = {ptr_slot("key77"), 5};
    void *value;
    cr_assert_eq(map_get(p, &strings, m, key, &value), MAP_FOUND);
    cr_assert_eq(*(i64 *)value, 77);
    key[1] = 4;
    cr_assert_eq(map_get(p, &strings, m, key, &value), MAP_FOUND);
    cr_assert_eq(*(i64 *)value, 7);
}

Test(map, nan_is_never_found_and_zeros_are_one)
{
    Map *m = map_new(p, &floats, 0);
    Slot key = f64_slot(NAN), value = 1;
    for (int i = 0; i < 20; i++)
        map_set(p, &floats, m, &key, &value);
    cr_assert_eq(map_len(m), 20);
    void *at;
    cr_assert_eq(map_get(p, &floats, m, &key, &at), MAP_ABSENT);
    Slot zero = f64_slot(0.0), minus = f64_slot(-0.0);
    map_set(p, &floats, m, &zero, &value);
    cr_assert_eq(map_get(p, &floats, m, &minus, &at), MAP_FOUND);
    int n = 0;
    MapIter it;
    const void *k, *v;
    map_iter_init(p, &it, &floats, m);
    for (int i = 0; map_iter_next(&it, &k, &v, NULL); n++, i++)
        if (i == 3) { // the table is replaced on the way: each NaN still comes once
            Slot more = f64_slot(5), x = 1;
            for (int j = 0; j < 100; j++, more = f64_slot(5 + j))
                map_set(p, &floats, m, &more, &x);
        }
    cr_assert_geq(n, 21);
    map_clear(m);
    cr_assert_eq(map_len(m), 0);
}

Test(map, unhashable_keys_panic)
{
    Map *m = map_new(p, &anys, 0);
    Slot slice[3] = {0}, key[2] = {ptr_slot(&ints_type), ptr_slot(slice)}, value = 1;
    void *at;
    cr_assert_eq(map_set(p, &anys, m, key, &value), MAP_PANIC);
    cr_assert_eq(map_get(p, &anys, m, key, &at), MAP_PANIC);
    cr_assert_eq(map_get(p, &anys, NULL, key, &at), MAP_PANIC);
    cr_assert_eq(map_set(p, &ints, NULL, key, &value), MAP_PANIC, "nil map");
    Slot one[2] = {ptr_slot(&int_type), 1}, other[2] = {ptr_slot(&int32_type), 1};
    map_set(p, &anys, m, one, &value);
    cr_assert_eq(map_get(p, &anys, m, other, &at), MAP_ABSENT, "another dynamic type");
    cr_assert_eq(map_get(p, &anys, m, one, &at), MAP_FOUND);
}

Test(map, aggregates_and_small_keys)
{
    Map *m = map_new(p, &arrays, 0);
    for (i32 i = 0; i < 50; i++) {
        i32 key[3] = {i, 0, -i};
        Slot k = ptr_slot(key), value[4] = {1, f64_slot(i), ptr_slot("x"), 1};
        map_set(p, &arrays, m, &k, value);
    }
    i32 key[3] = {42, 0, -42};
    Slot k = ptr_slot(key), out[4];
    void *at;
    cr_assert_eq(map_get(p, &arrays, m, &k, &at), MAP_FOUND);
    rtype_load(&mixed_type, at, out);
    cr_assert_eq(slot_f64(out[1]), 42);
    Map *b = map_new(p, &bytes, 0);
    for (Slot i = 0; i < 256; i++) {
        Slot yes = 1;
        map_set(p, &bytes, b, &i, &yes);
    }
    cr_assert_eq(map_len(b), 256);
}

Test(map, ranging_gives_each_entry_once)
{
    Map *m = map_new(p, &ints, 0);
    for (i64 i = 0; i < 1000; i++)
        put(m, i, i);
    static int seen[1000];
    MapIter it;
    const void *k, *v;
    map_iter_init(p, &it, &ints, m);
    while (map_iter_next(&it, &k, &v, NULL))
        seen[*(const i64 *)k]++;
    for (int i = 0; i < 1000; i++)
        cr_assert_eq(seen[i], 1);
}

Test(map, ranging_while_growing_and_deleting)
{
    for (int round = 0; round < 50; round++) {
        Map *m = map_new(p, &ints, 0);
        i64 n = 5 + round;
        for (i64 i = 0; i < n; i++)
            put(m, i, i);
        int seen[5000] = {0};
        bool deleted[5000] = {0};
        i64 next = n;
        MapIter it;
        const void *k, *v;
        map_iter_init(p, &it, &ints, m);
        while (map_iter_next(&it, &k, &v, NULL)) {
            i64 key = *(const i64 *)k;
            cr_assert_not(deleted[key], "a deleted entry came");
            cr_assert_eq(*(const i64 *)v, key);
            seen[key]++;
            // delete one that may be still to come, add two
            Slot gone = (Slot)((key + 3) % n);
            if (map_delete(p, &ints, m, &gone) == MAP_FOUND)
                deleted[gone] = true;
            for (int i = 0; i < 2 && next < 4990; i++, next++)
                put(m, next, next);
        }
        for (i64 i = 0; i < 5000; i++)
            cr_assert_leq(seen[i], 1);
        for (i64 i = 0; i < n; i++)
            cr_assert(seen[i] || deleted[i], "an entry was lost");
    }
}

Test(map, delete_all_while_ranging_is_not_quadratic)
{
    Map *m = map_new(p, &ints, 0);
    for (i64 i = 0; i < 20000; i++)
        put(m, i, i);
    while (map_len(m)) {
        MapIter it;
        const void *k, *v;
        map_iter_init(p, &it, &ints, m);
        cr_assert(map_iter_next(&it, &k, &v, NULL));
        Slot key = *(const Slot *)k;
        map_delete(p, &ints, m, &key);
    }
}
