// types_by_hand.h: run-time types for tests of the back half alone.
#ifndef CSP_TESTS_UNIT_TYPES_BY_HAND_H
#define CSP_TESTS_UNIT_TYPES_BY_HAND_H

#include "bytecode/rtype.h"

enum {
    SCALAR = RTYPE_PTRFREE | RTYPE_COMPARABLE | RTYPE_MEMEQ | RTYPE_DIRECT,
    FLOATING = RTYPE_PTRFREE | RTYPE_COMPARABLE | RTYPE_DIRECT,
    REFERENCE = RTYPE_COMPARABLE | RTYPE_MEMEQ | RTYPE_DIRECT,
};

#define SCALAR_TYPE(var, k, text, bytes, fl)                                                       \
    static RType var __attribute__((unused)) = {                                                   \
        .kind = k, .flags = fl, .align = bytes, .slots = 1, .size = bytes, .name = text}

SCALAR_TYPE(int_type, RK_INT, "int", 8, SCALAR);
SCALAR_TYPE(int32_type, RK_INT32, "int32", 4, SCALAR);
SCALAR_TYPE(uint8_type, RK_UINT8, "uint8", 1, SCALAR);
SCALAR_TYPE(bool_type, RK_BOOL, "bool", 1, SCALAR);
SCALAR_TYPE(float64_type, RK_FLOAT64, "float64", 8, FLOATING);
SCALAR_TYPE(float32_type, RK_FLOAT32, "float32", 4, FLOATING);

static RType string_type __attribute__((unused)) = {.kind = RK_STRING,
                                                    .flags = RTYPE_COMPARABLE,
                                                    .align = 8,
                                                    .slots = 2,
                                                    .size = 16,
                                                    .name = "string"};
static RType any_type __attribute__((unused)) = {.kind = RK_INTERFACE,
                                                 .flags = RTYPE_COMPARABLE,
                                                 .align = 8,
                                                 .slots = 2,
                                                 .size = 16,
                                                 .name = "interface {}"};
static RType ints_type __attribute__((unused)) = {
    .kind = RK_SLICE, .align = 8, .slots = 3, .size = 24, .name = "[]int", .elem = &int_type};
static RType chan_type __attribute__((unused)) = {.kind = RK_CHAN,
                                                  .flags = REFERENCE,
                                                  .align = 8,
                                                  .slots = 1,
                                                  .size = 8,
                                                  .name = "chan int",
                                                  .elem = &int_type};

// struct { a int8; b float64; c string }: padding, a float, a string; flattened
static RField mixed_fields[] __attribute__((unused)) = {
    {.name = "a", .type = &uint8_type, .offset = 0},
    {.name = "b", .type = &float64_type, .offset = 8},
    {.name = "c", .type = &string_type, .offset = 16},
};
static RType mixed_type __attribute__((unused)) = {.kind = RK_STRUCT,
                                                   .flags = RTYPE_COMPARABLE | RTYPE_NAMED,
                                                   .align = 8,
                                                   .slots = 4,
                                                   .size = 32,
                                                   .name = "main.Mixed",
                                                   .field_count = 3,
                                                   .fields = mixed_fields};
// [3]int32: an aggregate
static RType array_type __attribute__((unused)) = {.kind = RK_ARRAY,
                                                   .flags = RTYPE_PTRFREE | RTYPE_COMPARABLE |
                                                            RTYPE_MEMEQ | RTYPE_AGGREGATE,
                                                   .align = 4,
                                                   .slots = 1,
                                                   .size = 12,
                                                   .name = "[3]int32",
                                                   .elem = &int32_type,
                                                   .len = 3};

static inline RType map_of(RType *key, RType *elem, const char *name)
{
    return (RType){.kind = RK_MAP,
                   .flags = RTYPE_DIRECT,
                   .align = 8,
                   .slots = 1,
                   .size = 8,
                   .name = name,
                   .key = key,
                   .elem = elem};
}

#endif
