// rtype_test.c: values between frames and memory, methods, equality and hash by descriptor.
#include <criterion/criterion.h>

#include "runtime/runtime.h"
#include "tests/unit/types_by_hand.h"
#include "vm/object.h"
#include "vm/vm.h"

TestSuite(rtype, .timeout = 10);

Test(rtype, scalars_stay_extended)
{
    Slot s = 0;
    i32 minus = -5;
    rtype_load(&int32_type, &minus, &s);
    cr_assert_eq((i64)s, -5);
    u8 byte = 0xff;
    rtype_load(&uint8_type, &byte, &s);
    cr_assert_eq(s, 255);
    char mem[8];
    memset(mem, 0x55, sizeof mem);
    Slot in = 0x1234;
    rtype_store(&uint8_type, mem, &in);
    cr_assert_eq((u8)mem[0], 0x34);
    cr_assert_eq(mem[1], 0x55, "one byte only");
}

Test(rtype, flat_structs_keep_gos_layout)
{
    Slot in[4] = {7, f64_slot(1.5), ptr_slot("abc"), 3}, out[4];
    char mem[32] = {0};
    rtype_store(&mixed_type, mem, in);
    cr_assert_eq(mem[0], 7);
    double d;
    memcpy(&d, mem + 8, 8);
    cr_assert_eq(d, 1.5);
    rtype_load(&mixed_type, mem, out);
    cr_assert_arr_eq(in, out, sizeof in);
}

Test(rtype, aggregates_are_their_memory)
{
    i32 from[3] = {1, 2, 3}, to[3] = {0};
    Slot s;
    rtype_load(&array_type, from, &s);
    cr_assert_eq(slot_ptr(s), from);
    rtype_store(&array_type, to, &s);
    cr_assert_arr_eq(from, to, sizeof from);
}

Test(rtype, implements_compares_names_and_types)
{
    RType f1 = {.kind = RK_FUNC}, f2 = {.kind = RK_FUNC};
    RMethod has[] = {{2, "A", &f1, 1}, {5, "B", &f1, 2}};
    RMethod wants[] = {{2, "A", &f1, 0}, {5, "B", &f2, 0}, {9, "C", &f1, 0}};
    RType t = {.kind = RK_STRUCT, .method_count = 2, .methods = has};
    RType iface = {.kind = RK_INTERFACE, .method_count = 1, .methods = wants};
    const RMethod *missing;
    bool wrong;
    cr_assert(rtype_implements(&t, &iface, &missing, &wrong));
    iface.method_count = 3;
    cr_assert_not(rtype_implements(&t, &iface, &missing, &wrong));
    cr_assert_str_eq(missing->name, "B");
    cr_assert(wrong);
    cr_assert_null(rtype_method(&t, 9));
    cr_assert_eq(rtype_method(&t, 5)->func_id, 2);
}

Test(rtype, equality_looks_at_values_not_at_padding)
{
    char a[32], b[32];
    memset(a, 1, sizeof a);
    memset(b, 2, sizeof b);
    char one[] = "abc", two[] = "abc";
    Slot va[4] = {7, f64_slot(0.0), ptr_slot(one), 3},
         vb[4] = {7, f64_slot(-0.0), ptr_slot(two), 3};
    rtype_store(&mixed_type, a, va);
    rtype_store(&mixed_type, b, vb);
    const RType *bad;
    cr_assert_eq(vm_equal_mem(&mixed_type, a, b, &bad), 1);
    u64 ha, hb;
    cr_assert(vm_hash_mem(&mixed_type, a, 3, &ha, &bad));
    cr_assert(vm_hash_mem(&mixed_type, b, 3, &hb, &bad));
    cr_assert_eq(ha, hb);
    vb[1] = va[1] = f64_slot(__builtin_nan(""));
    rtype_store(&mixed_type, a, va);
    rtype_store(&mixed_type, b, vb);
    cr_assert_eq(vm_equal_mem(&mixed_type, a, b, &bad), 0);
}

Test(rtype, interfaces_compare_by_dynamic_type)
{
    const RType *bad = NULL;
    cr_assert_eq(vm_equal_iface(&int_type, 1, &int32_type, 1, &bad), 0);
    cr_assert_eq(vm_equal_iface(&int_type, 1, &int_type, 1, &bad), 1);
    cr_assert_eq(vm_equal_iface(NULL, 0, NULL, 0, &bad), 1);
    Slot slice[3] = {0};
    cr_assert_eq(vm_equal_iface(&ints_type, ptr_slot(slice), &ints_type, ptr_slot(slice), &bad),
                 -1);
    cr_assert_str_eq(bad->name, "[]int");
}

Test(rtype, values_are_walked_without_copies)
{
    char mem[32] = {0};
    Slot in[4] = {7, f64_slot(2.5), ptr_slot("abc"), 3};
    rtype_store(&mixed_type, mem, in);
    Value v = vm_value_at(&mixed_type, mem);
    cr_assert_eq(vm_value_uint(vm_value_field(v, 0)), 7);
    cr_assert_eq(vm_value_float(vm_value_field(v, 1)), 2.5);
    Str s = vm_value_string(vm_value_field(v, 2));
    cr_assert(str_eq(s, STR("abc")));
    Slot elems[2] = {4, 5}, slice[3] = {ptr_slot(elems), 2, 2};
    Value sv = vm_value_at(&ints_type, slice);
    cr_assert_eq(vm_value_len(sv), 2);
    cr_assert_eq(vm_value_int(vm_value_elem(sv, 1)), 5);
}

Test(rtype, append_grows_as_in_go)
{
    cr_assert_eq(vm_grow_cap(8, 0, 1), 1);
    cr_assert_eq(vm_grow_cap(8, 1, 2), 2);
    cr_assert_eq(vm_grow_cap(8, 2, 3), 4);
    cr_assert_eq(vm_grow_cap(8, 3, 4), 6);
    cr_assert_eq(vm_grow_cap(8, 0, 5), 6);
    cr_assert_eq(vm_grow_cap(1, 0, 9), 16);
    cr_assert_eq(vm_grow_cap(8, 256, 257), 512);
    cr_assert_eq(vm_grow_cap(8, 512, 513), 848);
    cr_assert_eq(vm_grow_cap(0, 3, 4), 4);
}
