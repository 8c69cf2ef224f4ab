// sha256.c: the native of package crypto/sha256.
#include "stdlib/tables.h"
#include "vm/object.h"

enum { BLOCK_BYTES = 64, ROUNDS = 64 };

// The first bits of the cube roots of the primes.
// clang-format off
static const u32 addends[ROUNDS] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1,
    0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3,
    0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
    0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
    0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
    0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
    0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
    0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
    0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};
// clang-format on

static u32 rotate(u32 x, int n)
{
    return x >> n | x << (32 - n);
}

static u32 big_endian(const u8 *p)
{
    return (u32)p[0] << 24 | (u32)p[1] << 16 | (u32)p[2] << 8 | p[3];
}

static void take_block(u32 *state, const u8 *data)
{
    u32 w[ROUNDS], s[8];
    for (int i = 0; i < 16; i++)
        w[i] = big_endian(data + (int)sizeof w[0] * i);
    for (int i = 16; i < ROUNDS; i++) {
        u32 x = w[i - 15], y = w[i - 2];
        w[i] = w[i - 16] + (rotate(x, 7) ^ rotate(x, 18) ^ x >> 3) + w[i - 7] +
               (rotate(y, 17) ^ rotate(y, 19) ^ y >> 10);
    }
    memcpy(s, state, sizeof s);
    for (int i = 0; i < ROUNDS; i++) {
        u32 a = s[0], e = s[4];
        u32 t1 = s[7] + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) +
                 ((e & s[5]) ^ (~e & s[6])) + addends[i] + w[i];
        u32 t2 = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) +
                 ((a & s[1]) ^ (a & s[2]) ^ (s[1] & s[2]));
        memmove(s + 1, s, 7 * sizeof s[0]);
        s[4] += t1;
        s[0] = t1 + t2;
    }
    for (int i = 0; i < 8; i++)
        state[i] += s[i];
}

// func blocks(state []uint32, p []byte)
static NativeStatus sha256_blocks(P *p, Slot *args)
{
    (void)p;
    const u8 *data = slot_ptr(args[3]);
    for (u64 i = 0; i < args[4]; i += BLOCK_BYTES)
        take_block(slot_ptr(args[0]), data + i);
    return NATIVE_OK;
}

static const Native natives[] = {
    {"blocks", sha256_blocks, 0},
};
const NativeTable sha256_natives = {"crypto/sha256", natives, countof(natives)};
