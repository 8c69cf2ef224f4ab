// timer.h: timers, in a heap per P.
#ifndef CSP_RUNTIME_TIMER_H
#define CSP_RUNTIME_TIMER_H

#include "runtime/g.h"

// The program's clock in nanoseconds, monotonic. With --seed it is made up: it goes on with the
// instructions, and jumps when all goroutines wait.
i64 timer_now(void);
// Since 1970. With --seed programs start on 10 November 2009, 23:00 UTC.
i64 timer_wall_now(void);
// The machine's own monotonic clock, whatever programs are told.
i64 timer_real_now(void);

// A timer as a program holds it. Allocated by its owner in scanned collector memory; while it is
// armed the heap keeps it alive. Fields belong to timer.c.
struct Timer {
    i64 when;   // runtime clock
    i64 period; // 0: once
    // Called by the M that finds it due, on a P, outside the timer lock; must not park. May send
    // without waiting, ready a G or spawn one.
    void (*fire)(P *p, Timer *t, i64 now);
    void *arg; // a Channel, a G, a closure; kept alive while armed
    Slot arg2;
    _Atomic u32 state;
    u32 heap_index;
    P *_Atomic p; // whose heap; set when first armed
    u64 sequence; // order among equals
};

// Arms a timer that is not armed. when <= now fires soon.
void timer_start(P *p, Timer *t, i64 when, i64 period);
// True if it was armed and now is not, and will not fire again. False: it was not armed, or has
// fired, and then the call of `fire` has returned. Not to be called from `fire` on itself.
bool timer_stop(P *p, Timer *t);
// As stop and start in one; true if it had been armed.
bool timer_reset(P *p, Timer *t, i64 when, i64 period);

// Parks the current G (registers saved) for ns; ns <= 0 yields. CHAN_PARKED-like: run another G.
void timer_sleep(P *p, i64 ns);

#endif
