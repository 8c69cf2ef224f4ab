// bytes.c: the native of package bytes.
#include "stdlib/tables.h"

// func view(b []byte) string: the first two words of b
static NativeStatus bytes_view(struct P *p, Slot *args)
{
    (void)p;
    if (args[1] == 0)
        args[0] = 0;
    return NATIVE_OK;
}

static const Native natives[] = {
    {"view", bytes_view, 0},
};
const NativeTable bytes_natives = {"bytes", natives, countof(natives)};
