// native.h: how a function in C is bound to its body-less declaration in a package's .csp.
//
// Natives are leaves: they never call back into the language and build no typed objects other
// than strings, byte slices and scalars. Arguments arrive in args[0…] in frame form, results are
// written to args[0…]. A native may hold C pointers to heap objects until it returns.
#ifndef CSP_BYTECODE_NATIVE_H
#define CSP_BYTECODE_NATIVE_H

#include "base/value.h"

struct P;

typedef enum NativeStatus {
    NATIVE_OK,
    NATIVE_PANIC,  // vm_native_panic() has stored the value
    NATIVE_PARKED, // the goroutine is queued somewhere; results are (or will be) in place
    NATIVE_YIELD,  // go to the tail of the run queue, then go on
    NATIVE_EXIT,   // runtime.Goexit: unwind this goroutine
    NATIVE_NOMEM,  // a big allocation failed: collect, run this native again, then give up
    NATIVE_STOP,   // the process ends (sched_exit_process was called): leave the loop
} NativeStatus;

typedef NativeStatus (*NativeFn)(struct P *p, Slot *args);

// flags: NATIVE_BLOCKS, and what others see of it as NATIVE_OP(one of VisibleOp, runtime/step.h).
#define NATIVE_OP_SHIFT 8
#define NATIVE_OP(op)   ((u32)(op) << NATIVE_OP_SHIFT)
enum {
    NATIVE_BLOCKS = 1, // may wait in the kernel: the P is handed over around the call. Such a
                       // native must not allocate or touch P between entry and exit.
};

typedef struct Native {
    const char *name; // as declared: "Sleep", "(*Mutex).Lock" for a method
    NativeFn fn;
    u32 flags;
} Native;

typedef struct NativeTable {
    const char *package; // import path
    const Native *list;
    int count;
} NativeTable;

#endif
