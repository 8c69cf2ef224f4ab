// call.h: everything about calls that is not a tight op body: entering a function when the stack
// is too small or somebody asks for the P, go, defer, panic, recover, Goexit, running natives.
//
// The interpreter saves its registers in the fiber (fiber_save), calls one of these, and does what
// the Step says. One unwinder serves panic, recover and Goexit; deferred calls are ordinary calls
// of the machine whose link is the DEFNEXT stub, so no C recursion happens on behalf of a
// goroutine.
#ifndef CSP_VM_CALL_H
#define CSP_VM_CALL_H

#include "vm/fiber.h"
#include "vm/object.h"

typedef enum Step {
    STEP_NEXT = -1, // done: the next instruction (only from functions that carry out one)
    STEP_GO_ON,     // take pc and base from the fiber again
    STEP_SWITCH,    // the fiber is parked: run the P's next one
    STEP_LEAVE,     // + a RunResult: leave the loop with it
} Step;

// A deferred call. Hangs off the fiber; `frame` is an offset because stacks move.
struct Defer {
    Defer *next;
    const Ins *at; // the DEFER instruction
    u64 frame;     // of the function that deferred: base - stack
    u64 func_id;   // 0: args[arg_slots] is a nil closure
    u32 arg_slots; // with the closure
    Slot args[];
};

struct Panic {
    Panic *older;
    RType *type;
    Slot word;
    const char *text; // what Error or String gave; NULL if not asked
    u64 text_len;
    const Ins *at; // where it was raised; its frame:
    u64 frame;
    u64 call;     // offset of the base of the deferred call that runs now
    Defer *defer; // that call
    bool recovered, goexit, returned_text;
};

// Enters the function with entry t at base nb (arguments are in place, below nb's link is the
// caller) when p's limit refused it: grows the stack, looks at requests.
int call_enter_slow(P *p, const Ins *call, Slot *base, Slot *nb, const Ins *t, const Ins *ret);
// A taken jump found the limit poisoned. pc: where to go on.
int call_safepoint(P *p, const Ins *pc, Slot *base);
// The counting loop, before pc: the slice is over; an operation that others can see is to come.
int call_slice_over(P *p, const Ins *pc, Slot *base);
int call_point(P *p, const Ins *pc, Slot *base);
// A fiber was switched in with something to do first.
int call_woken(P *p, Fiber *f);

// Raise a panic at instruction pc. The values are runtime errors with Go's texts.
int call_panic(P *p, const Ins *pc, Slot *base, RType *type, Slot word);
int call_panic_pending(P *p, const Ins *pc, Slot *base); // what vm_panic_… stored
int call_panic_nil(P *p, const Ins *pc, Slot *base);
int call_panic_divide(P *p, const Ins *pc, Slot *base);
int call_panic_shift(P *p, const Ins *pc, Slot *base);
int call_panic_index(P *p, const Ins *pc, Slot *base, i64 index, u64 len);
int call_panic_plain(P *p, const Ins *pc, Slot *base, const char *text);
// "fatal error: TEXT", the trace, exit code 2.
int call_throw(P *p, const Ins *pc, Slot *base, const char *fmt, ...) PRINTF_LIKE(4, 5);
// An allocation failed: collect and do instruction pc again; the second time the program ends.
int call_nomem(P *p, const Ins *pc, Slot *base);

int call_go(P *p, const Ins *pc, Slot *base);
int call_gexit(P *p);
int call_defer(P *p, const Ins *pc, Slot *base);
int call_rundefer(P *p, const Ins *pc, Slot *base);
int call_defnext(P *p, Slot *base);
void call_recover(P *p, const Ins *pc, Slot *base, Slot out[2]);
int call_native_status(P *p, const Ins *pc, Slot *base, NativeStatus status);
int call_native_blocking(P **p, Slot *base, NativeFn fn);

#endif
