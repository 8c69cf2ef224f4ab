// sha1.c: the native of package crypto/sha1.
#include "stdlib/tables.h"
#include "vm/object.h"

enum { BLOCK_BYTES = 64 };

static u32 rotate(u32 x, int n)
{
    return x << n | x >> (32 - n);
}

static u32 big_endian(const u8 *p)
{
    return (u32)p[0] << 24 | (u32)p[1] << 16 | (u32)p[2] << 8 | p[3];
}

static void take_block(u32 *state, const u8 *data)
{
    u32 w[80];
    for (int i = 0; i < 16; i++)
        w[i] = big_endian(data + 4 * i);
    for (int i = 16; i < 80; i++)
        w[i] = rotate(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
    u32 a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];
    for (int i = 0; i < 80; i++) {
        u32 f;
        switch (i / 20) {
        case 0: f = ((b & c) | (~b & d)) + 0x5a827999; break;
        case 1: f = (b ^ c ^ d) + 0x6ed9eba1; break;
        case 2: f = ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc; break;
        default: f = (b ^ c ^ d) + 0xca62c1d6; break;
        }
        f += rotate(a, 5) + e + w[i];
        e = d;
        d = c;
        c = rotate(b, 30);
        b = a;
        a = f;
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
    state[4] += e;
}

// func blocks(state []uint32, p []byte)
static NativeStatus sha1_blocks(P *p, Slot *args)
{
    (void)p;
    const u8 *data = slot_ptr(args[3]);
    for (u64 i = 0; i < args[4]; i += BLOCK_BYTES)
        take_block(slot_ptr(args[0]), data + i);
    return NATIVE_OK;
}

static const Native natives[] = {
    {"blocks", sha1_blocks, 0},
};
const NativeTable sha1_natives = {"crypto/sha1", natives, countof(natives)};
