// bits.c: natives of package math/bits: what processors have instructions for.
#include "stdlib/tables.h"
#include "vm/object.h"

static NativeStatus leading_zeros(P *p, Slot *args)
{
    (void)p;
    args[0] = args[0] ? (Slot)__builtin_clzll(args[0]) : 64;
    return NATIVE_OK;
}

static NativeStatus trailing_zeros(P *p, Slot *args)
{
    (void)p;
    args[0] = args[0] ? (Slot)__builtin_ctzll(args[0]) : 64;
    return NATIVE_OK;
}

static NativeStatus ones_count(P *p, Slot *args)
{
    (void)p;
    args[0] = (Slot)__builtin_popcountll(args[0]);
    return NATIVE_OK;
}

static NativeStatus reverse(P *p, Slot *args)
{
    (void)p;
    u64 x = __builtin_bswap64(args[0]);
    x = (x >> 4 & 0x0f0f0f0f0f0f0f0f) | (x & 0x0f0f0f0f0f0f0f0f) << 4;
    x = (x >> 2 & 0x3333333333333333) | (x & 0x3333333333333333) << 2;
    x = (x >> 1 & 0x5555555555555555) | (x & 0x5555555555555555) << 1;
    args[0] = x;
    return NATIVE_OK;
}

static NativeStatus reverse_bytes(P *p, Slot *args)
{
    (void)p;
    args[0] = __builtin_bswap64(args[0]);
    return NATIVE_OK;
}

__extension__ typedef unsigned __int128 u128;

static NativeStatus multiply(P *p, Slot *args)
{
    (void)p;
    u128 product = (u128)args[0] * args[1];
    args[0] = (u64)(product >> 64);
    args[1] = (u64)product;
    return NATIVE_OK;
}

// y > hi
static NativeStatus divide(P *p, Slot *args)
{
    (void)p;
    u128 n = (u128)args[0] << 64 | args[1];
    u64 y = args[2];
    args[0] = (u64)(n / y);
    args[1] = (u64)(n % y);
    return NATIVE_OK;
}

static const Native natives[] = {
    {"LeadingZeros64", leading_zeros, 0},
    {"TrailingZeros64", trailing_zeros, 0},
    {"OnesCount64", ones_count, 0},
    {"Reverse64", reverse, 0},
    {"ReverseBytes64", reverse_bytes, 0},
    {"Mul64", multiply, 0},
    {"div", divide, 0},
};
const NativeTable bits_natives = {"math/bits", natives, countof(natives)};
