// debug.c: natives of package runtime/debug.
#include "runtime/gc.h"
#include "stdlib/tables.h"
#include "vm/fiber.h"

static NativeStatus debug_set_percent(P *p, Slot *args)
{
    (void)p;
    i64 percent = (i64)args[0];
    gc_set_percent(percent < 0 ? -1 : percent > 1000000 ? 1000000 : (int)percent);
    return NATIVE_OK;
}

static NativeStatus debug_set_limit(P *p, Slot *args)
{
    (void)p;
    gc_set_limit(args[0]);
    return NATIVE_OK;
}

static NativeStatus debug_set_max_stack(P *p, Slot *args)
{
    (void)p;
    i64 bytes = (i64)args[0];
    args[0] = fiber_set_max_stack(bytes < 0 ? 0 : (u64)bytes);
    return NATIVE_OK;
}

static const Native natives[] = {
    {"SetMaxStack", debug_set_max_stack, 0},
    {"setPercent", debug_set_percent, 0},
    {"setLimit", debug_set_limit, 0},
};
const NativeTable debug_natives = {"runtime/debug", natives, countof(natives)};
