// fiber.h: a goroutine as the VM sees it: a G followed by the interpreter's registers and a first
// small stack, all in one collector object.
//
// The stack is contiguous and grows by copying into a GcStack object of twice the size. Nothing
// points into it, except the wait records and element pointers of a parked fiber, and a parked
// fiber's stack does not move.
//
//   ... caller's slots | link | callee's slots 0, 1, ... (arguments first, results come back here)
//                               ▲ base
//
// The link word, base[-1], is the return address. The word before a return address carries in its
// field `a` by how many slots the caller's base lies below: it is the call instruction itself, or
// the last literal word of CALLI, which vm_load_unit prepares for that. So a return is
// `pc = base[-1]; base -= pc[-1].a`. The bottom link points to GEXIT.
#ifndef CSP_VM_FIBER_H
#define CSP_VM_FIBER_H

#include "bytecode/image.h"
#include "runtime/p.h"
#include "vm/vm.h"

enum {
    FIBER_BYTES = 384,
    FIBER_MAX_STACK_BYTES = 1000000000, // Go's limit on 64 bits; debug.SetMaxStack lowers it
};

typedef struct Defer Defer;
typedef struct Panic Panic;

// What is seldom used; made on the first defer that panics, watch, and so on.
typedef struct FiberExtra {
    Panic *panics;       // newest first
    RType *pending_type; // a native's panic value, until the interpreter raises it
    Slot pending_word;
    const Ins *nomem_at;   // the instruction that found no memory and waits for a collection
    u64 nomem_collections; // how many there had been then
    u64 print_base;        // offset of the Error or String call made for an uncaught panic; 0: none
    Panic *printing;       // the panic whose value that call prints
    void (*done)(G *g, VmEnd how);
} FiberExtra;

typedef struct Fiber {
    G g;           // first: a G * is a Fiber *
    const Ins *pc; // where to go on; written at every place where the fiber may leave a P
    Slot *base;
    Slot *limit;   // end of the stack
    Slot *stack;   // its first slot
    GcStack *home; // the object that holds the stack: grown, or this one (they begin alike)
    Defer *defers; // newest first
    FiberExtra *extra;
    Slot first[];
} Fiber;

// fiber_save writes either through Fiber.home.
_Static_assert(offsetof(G, gc_live) == offsetof(GcStack, gc_live), "a G begins as a GcStack");

enum { FIBER_FIRST_SLOTS = (FIBER_BYTES - sizeof(Fiber)) / sizeof(Slot) };

static inline Fiber *fiber_of(G *g)
{
    return (Fiber *)g;
}
static inline Fiber *fiber_current(P *p)
{
    return (Fiber *)p->g;
}

// Registers to memory, so that the collector, other threads and traces see the fiber; `top` is the
// first slot that is not live.
static inline void fiber_save(Fiber *f, const Ins *pc, Slot *base, const Slot *top)
{
    f->pc = pc;
    f->base = base;
    f->home->gc_live = (u64)((const char *)top - (const char *)f->home);
}

Fiber *fiber_new(P *p);
// The dead fiber may be used again for the next go statement of this P.
void fiber_free(P *p, Fiber *f);
// Room for `slots` from `at` (in the stack) on. Moves the stack; f->base is adjusted, the caller's
// own pointers are not. FIBER_OVERFLOW: Go's limit is passed.
typedef enum FiberGrow { FIBER_GROWN, FIBER_NOMEM, FIBER_OVERFLOW } FiberGrow;
FiberGrow fiber_grow(P *p, Fiber *f, const Slot *at, u64 slots);
// The limit of one stack in bytes; more than FIBER_MAX_STACK_BYTES is the same as that. Setting it
// gives the old one, and concerns growth from then on.
u64 fiber_max_stack(void);
u64 fiber_set_max_stack(u64 bytes);
FiberExtra *fiber_extra(P *p, Fiber *f);

#endif
