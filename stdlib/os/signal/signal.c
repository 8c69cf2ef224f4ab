// signal.c: natives of package os/signal.
#include "runtime/signals.h"
#include "stdlib/tables.h"
#include "vm/object.h"

static NativeStatus signal_known(P *p, Slot *args)
{
    (void)p;
    args[0] = signals_known();
    return NATIVE_OK;
}

// func set(taken, ignored uint64)
static NativeStatus signal_set(P *p, Slot *args)
{
    (void)p;
    signals_set(args[0], args[1]);
    return NATIVE_OK;
}

// func descriptor() int
static NativeStatus signal_descriptor(P *p, Slot *args)
{
    (void)p;
    args[0] = (Slot)(i64)signals_descriptor();
    return NATIVE_OK;
}

// func told() uint64
static NativeStatus signal_told(P *p, Slot *args)
{
    (void)p;
    args[0] = signals_told();
    return NATIVE_OK;
}

static const Native natives[] = {
    {"known", signal_known, 0},
    {"set", signal_set, 0},
    {"descriptor", signal_descriptor, 0},
    {"told", signal_told, 0},
};
const NativeTable signal_natives = {"os/signal", natives, countof(natives)};
