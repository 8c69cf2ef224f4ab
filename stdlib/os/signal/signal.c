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

// func wait() uint64
static NativeStatus signal_wait(P *p, Slot *args)
{
    (void)p;
    args[0] = signals_wait();
    return NATIVE_OK;
}

static const Native natives[] = {
    {"known", signal_known, 0},
    {"set", signal_set, 0},
    {"wait", signal_wait, NATIVE_BLOCKS},
};
const NativeTable signal_natives = {"os/signal", natives, countof(natives)};
