// step.h: driving goroutines by hand, one visible operation at a time.
//
// Visible is what other goroutines can notice: channels, locks, atomics, the clock, output. A step
// of a G carries out the visible operation that it has come to, and then what follows up to the
// next one, before which it stops. A driver calls this instead of runtime_run, on the main thread,
// with RuntimeOptions.seeded set; choose_by (choose.h) gives it the other choices. The clock moves
// by step_clock only.
#ifndef CSP_RUNTIME_STEP_H
#define CSP_RUNTIME_STEP_H

#include "runtime/g.h"

typedef enum VisibleOp {
    VISIBLE_NONE, // a new G that has not run, one that was woken or was stopped in between
    VISIBLE_SEND,
    VISIBLE_RECV,
    VISIBLE_CLOSE,
    VISIBLE_LEN,
    VISIBLE_SELECT,
    VISIBLE_LOCK, // Mutex, or RWMutex for writing
    VISIBLE_TRYLOCK,
    VISIBLE_UNLOCK,
    VISIBLE_RLOCK,
    VISIBLE_TRYRLOCK,
    VISIBLE_RUNLOCK,
    VISIBLE_GROUP_ADD, // Done as well
    VISIBLE_GROUP_WAIT,
    VISIBLE_COND_TICKET, // begins a Wait
    VISIBLE_COND_WAIT,
    VISIBLE_COND_SIGNAL,
    VISIBLE_COND_BROADCAST,
    VISIBLE_ATOMIC_LOAD,
    VISIBLE_ATOMIC_STORE,
    VISIBLE_ATOMIC_UPDATE, // Add, Swap, CompareAndSwap
    VISIBLE_SLEEP,
    VISIBLE_TIMER, // starts, stops, resets one
    VISIBLE_YIELD,
    VISIBLE_COUNT_G, // runtime.NumGoroutine
    VISIBLE_OUTPUT,
} VisibleOp;

struct Pending {
    VisibleOp op;
    const void *object; // the channel, lock or word; NULL for a select and where there is none
    const void *at;     // program counter; GRunner.place names it
};

// The calling thread becomes the one that runs Gs.
void step_begin(void);
// Gs that can go on, in the order of their ids; how many there are, of which at most `room` are
// stored. The list holds until the next step.
u32 step_runnable(const G **out, u32 room);
// What g, which is runnable, will do next.
Pending step_pending(const G *g);

typedef enum StepEnd {
    STEPPED,        // stands before the next visible operation, or has yielded
    STEP_WAITS,     // parked
    STEP_ENDED,     // the goroutine is finished
    STEP_LONG,      // has used up its instructions before it came to one
    STEP_EXIT_CODE, // the process is to end: main has returned, panic, os.Exit
} StepEnd;
// One step of g, of at most so many instructions.
StepEnd step_one(const G *g, i64 instructions);

// Moves the clock to the next timer and fires what is due. False: no timer is armed.
bool step_clock(void);

#endif
