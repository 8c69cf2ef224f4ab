// crc32.c: the native of package hash/crc32.
#include "stdlib/tables.h"
#include "vm/object.h"

// func update(crc uint32, table []uint32, p []byte) uint32
static NativeStatus crc32_update(P *p, Slot *args)
{
    (void)p;
    u32 crc = ~(u32)args[0];
    const u32 *table = slot_ptr(args[1]);
    const u8 *data = slot_ptr(args[4]);
    for (u64 i = 0; i < args[5]; i++)
        crc = table[(u8)crc ^ data[i]] ^ crc >> 8;
    args[0] = (u32)~crc;
    return NATIVE_OK;
}

static const Native natives[] = {
    {"update", crc32_update, 0},
};
const NativeTable crc32_natives = {"hash/crc32", natives, countof(natives)};
