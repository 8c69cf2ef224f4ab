// sched.h: spawn, ready, park, yield, blocking calls. What waits (channels, locks, timers) and
// the VM use this; the loop that finds work is private (sched.c).
#ifndef CSP_RUNTIME_SCHED_H
#define CSP_RUNTIME_SCHED_H

#include "runtime/g.h"

// Makes a new G runnable: it becomes p's runnext. The caller has set state G_IDLE, is_system,
// created_at, the stack and gc_live; id, created_by (p->g's id) and the entry in the table of
// all Gs are made here.
void sched_spawn(P *p, G *g);

// Makes a parked G runnable. Called with or without an object's lock held. The G becomes p's
// runnext; a displaced one goes to the ring, which may wake an idle P.
// Without a P (p NULL: main thread, sysmon) it goes to the global queue.
void sched_ready(P *p, G *g);

// Puts the current G to the tail of p's queue (yield, preemption).
void sched_yield_g(P *p, G *g);

// As yield, by a G of the counting loop that has come to a visible operation.
void sched_point(P *p, G *g);

// Parks p->g for `reason`. The caller has queued it (or holds the object's lock and releases it
// right after); registers are saved. Then run another G.
void sched_park(P *p, int reason);

// The current G is finished: removes it from the tables. The VM may reuse its memory. The end of
// the main G (runtime_set_main) ends the process with code 0, unless G.by_goexit is set.
void sched_exit_g(P *p, G *g);

// Around a call that may wait in the kernel (registers saved, p->g set). Between the two the P may
// be taken by another M; nothing may be allocated. exit returns the P to go on with (perhaps
// another one), or NULL: the G has been queued, the M must return RUN_LOST_P at once.
void sched_enter_blocking(P *p);
P *sched_exit_blocking(G *g);

// Requests that poison p->limit; looked at by the VM on its slow path. True when the G must leave
// run() with RUN_STOP (stop of all Ps) or RUN_YIELDED (time slice over, preempt).
// On REQUEST_NONE the VM stores its fiber's limit again. On REQUEST_YIELD it may also switch by
// itself: sched_yield_g, then sched_next. The check may be repeated at the same instruction.
typedef enum Request { REQUEST_NONE, REQUEST_YIELD, REQUEST_STOP } Request;
Request sched_request(P *p);

u64 sched_goroutine_count(void); // user goroutines that are not dead
// With --seed the machine seems to have SEEDED_PROCS processors, and setting their number is
// remembered only.
enum { SEEDED_PROCS = 4 };
int sched_procs(void);
int sched_set_procs(P *p, int n); // runtime.GOMAXPROCS(n): takes effect at a stop; returns the old

// Ends the process from any thread: all Ps stop, exit_hook runs, exit code. Does not return for a
// thread that is not an M; an M's caller must return RUN_STOP.
void sched_exit_process(int code);

// What GOTRACEBACK asks for when a program fails: none, single (or nothing), all or system, crash;
// 0, 1 and 2 are none, all and system.
typedef enum Traces { TRACES_NONE, TRACES_ONE, TRACES_ALL, TRACES_CRASH } Traces;
Traces sched_traces(void);
// sched_exit_process(2) for g, which has said why, and showed its stack. others: when the Ps stand,
// all other goroutines are shown. With TRACES_CRASH the process aborts in the end.
void sched_exit_failed(G *g, bool others);

// Asks a goroutine to unwind (as by Goexit): at once if it runs or waits for a channel, a timer or
// a descriptor, else when it runs again. A timer that nothing but its wait could see is stopped.
// For the prompt, from any thread.
void sched_stop_goroutine(u64 id);

// Prints every goroutine (not system ones) as Go's traces do: "goroutine N [reason]:" and its
// stack. but: left out. The world must be stopped or about to end.
void sched_describe_all(Buf *out, const G *but);
// Lines about a channel that was closed or sent on against the rules: where it was made and closed.
// operand: what the program calls it. The world need not stand still.
void sched_describe_misuse(Buf *out, const struct Channel *ch, const Buf *operand);

// What exactly a goroutine waits for, a line each; nothing if it does not. World stopped.
void sched_describe_wait(Buf *out, u64 id);

// Whether less than `bytes` are left of this thread's C stack (never, outside of Ms). For what
// follows a program's values, which may nest as deeply as memory goes.
bool sched_stack_low(size_t bytes);

bool sched_seeded(void); // --seed is given
// The address that print and fmt show. With --seed it is made up: numbers in the order in which
// objects are first shown, so that it is the same in each run; such an object is kept for ever.
u64 sched_shown_address(u64 address);

#endif
