// g.h: a goroutine as the scheduler sees it, and the contract with whatever a G executes.
// Read this file first; then chan.c, then sched.c.
//
//               sched_spawn            sched_next / M           finish
//   G_IDLE ──────────────► G_RUNNABLE ───────────────► G_RUNNING ─────► G_DEAD
//                              ▲  ▲                      │   │  ▲
//                              │  └──── yield, preempt ──┘   │  │ sched_exit_blocking
//                  sched_ready │                        park │  ▼
//                              └──────── G_PARKED ◄──────────┘ G_BLOCKING (in a system call)
//
// Who keeps a G alive: a run queue, a P that runs it, a timer, netpoll, a blocking call, or what
// it waits for. There is no list of all Gs with plain pointers (gc.h: hidden table), so a
// goroutine that nothing can wake is garbage, and that is how leaks are found.
#ifndef CSP_RUNTIME_G_H
#define CSP_RUNTIME_G_H

#include "base/str.h"
#include "base/value.h"
#include "runtime/atomic.h"

typedef struct P P;
typedef struct G G;
typedef struct Channel Channel;
typedef struct Timer Timer;
typedef struct Pending Pending;

typedef enum GState { G_IDLE, G_RUNNABLE, G_RUNNING, G_PARKED, G_BLOCKING, G_DEAD } GState;

// Why a G is parked. The text (wait_reason_text) is Go's where Go has one.
typedef enum WaitReason {
    WAIT_NONE,
    WAIT_CHAN_SEND,
    WAIT_CHAN_RECV,
    WAIT_CHAN_SEND_NIL,
    WAIT_CHAN_RECV_NIL,
    WAIT_SELECT,
    WAIT_SELECT_EMPTY,
    WAIT_SLEEP,
    WAIT_MUTEX, // "semacquire"
    WAIT_RWMUTEX_R,
    WAIT_RWMUTEX_W,
    WAIT_WAITGROUP,
    WAIT_COND, // "sync.Cond.Wait"
    WAIT_ONCE, // "semacquire"
    WAIT_IO,
    WAIT_OTHER,
} WaitReason;

// One G waiting on one channel or lock. 48 bytes; the compiler reserves 6 slots for each select
// case, so this size is part of the instruction set. Lives in the G (single operations) or in
// the waiting fiber's own frame (select): a parked fiber's stack does not move.
// Owned by the object's lock while queued, else by the G.
typedef struct Waiter {
    struct Waiter *next, *prev;
    G *g;
    Slot *elem;   // what to send, or where to receive; in g's stack
    void *object; // Channel or lock
    u32 index;    // select: number of the case
    u32 is_select;
} Waiter;
_Static_assert(sizeof(Waiter) == 48, "six slots of a select case");

// What the VM must do before it goes on with a G that was woken; 0 in the common case.
enum {
    WAKE_PLAIN,
    WAKE_CLOSED, // a send found its channel closed: panic
    WAKE_STOPPED // the prompt wants it to unwind, as by Goexit (sched_stop_goroutine)
};

struct G {
    u64 gc_link;            // word 0 and 1 belong to the collector (gc.c)
    u64 gc_live;            // bytes of this object that are live, stack included
    G *next;                // run queue or free list link
    u64 id;                 // from 1
    _Atomic u32 state;      // GState; changed through g_set_state only
    _Atomic u32 select_won; // select: 0 waiting, 1 some case has been claimed; the scheduler
                            // clears it when the G goes on (select_finish)
    u8 wake;                // WAKE_…, written by the waker, taken by the VM
    u8 wait_reason;
    u8 is_system;      // the runtime's or the prompt's own: not counted, not reported
    u8 by_goexit;      // set before sched_exit_g: ended by Goexit (matters for main only)
    u8 preempt_passes; // CSPDEBUG=preempt: sched_request
    u8 at_point;       // seeded: stopped before a visible operation (sched_point)
    u8 unused[2];
    Slot *recv_ok; // where a parked receive's ok goes, or NULL; select: &result[1]
    // for single operations, its own g always set; select: elem, index are its cases and their
    // count
    Waiter waiter;
    Timer *timer;           // its sleep, made on first use
    u64 created_by;         // id of the creator; written by sched_spawn
    const void *created_at; // program counter of the go statement; the runner names it
    i64 parked_since_ns;    // runtime clock, coarse; 0 if never
    u32 allgs_slot;         // index in the hidden table; written by sched_spawn
    u32 unused2;
};

typedef enum RunResult {
    RUN_YIELDED, // the G wants to go to the tail of the queue (the scheduler puts it there)
    RUN_PARKED,  // the G is queued somewhere or already gone on: do not look at it
    RUN_EXITED,  // the G is finished; its memory may be reused
    RUN_STOP,    // a stop is pending; p->g, if set, goes to the tail after it
    RUN_LOST_P,  // came back from a blocking call without a P; the G has been queued
} RunResult;

// What the scheduler needs from whatever a G executes. The VM provides one; the scheduler's unit
// tests provide another. `run` may leave and enter Gs of the same P by itself with sched_next.
// Whenever a G leaves run(), and before every call that may park it, its gc_live (or that of its
// grown stack) says what the collector must see. Optional members may be NULL.
typedef struct GRunner {
    RunResult (*run)(P *p, G *g);
    // Its stack in Go's format, with the "created by" lines, for reports. The line "goroutine N
    // [reason]:" is the runtime's.
    void (*describe)(const G *g, Buf *out);
    void (*exit_hook)(int code); // flush output; called once before the process ends
    const char *(*place)(const void *pc, Buf *out); // appends "file.csp:12"; NULL: not known
    // Optional, for reports. The channel made at a program counter: the name of what it was given
    // to (nothing if there is none) and its type; package: of the standard library, if that made
    // it.
    void (*channel)(const void *made_at, Buf *name, Buf *type, Buf *package);
    // Optional. Appends what the program calls the channel or lock that a parked G waits on;
    // which: the case of a select. Nothing if it is not known. True: it is a loop over the channel.
    bool (*operand)(const G *g, u32 which, Buf *out);
    // Optional. The words through which a G reaches its objects, in parts from 0; false: no such.
    bool (*words)(const G *g, u32 part, const Slot **words, u64 *count);
    // Optional. The visible operation before which g stands (step.h).
    void (*pending)(const G *g, Pending *out);
    // Optional. Prepares the runner's own words of a new P (P.env); main thread, world stopped.
    void (*p_init)(P *p);
    // Optional. All Ps have become idle: flush buffered output. Called by a thread without a P,
    // without locks; must not touch program objects.
    void (*idle_hook)(void);
    // Optional. The same every 10 ms by sysmon: must not wait.
    void (*tick_hook)(void);
} GRunner;

const char *wait_reason_text(int reason);

#endif
