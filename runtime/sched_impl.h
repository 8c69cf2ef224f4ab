// sched_impl.h: M, the private part of P, and Sched: what the files of this folder share.
//
// Who may touch a field stands above each group. "Under lock" means Sched.lock.
#ifndef CSP_RUNTIME_SCHED_IMPL_H
#define CSP_RUNTIME_SCHED_IMPL_H

#include <pthread.h>

#include "runtime/atomic.h"
#include "runtime/choose.h"
#include "runtime/gc.h"
#include "runtime/lock.h"
#include "runtime/note.h"
#include "runtime/p.h"
#include "runtime/runtime.h"
#include "runtime/sched.h"
#include "runtime/select.h"
#include "runtime/timer.h"

enum {
    MAX_PROCS = 256,
    MAX_MS = 10000, // Go's limit
    RUNQ_CAP = 256, // CSPDEBUG=runq lowers what is used of it
    CACHE_LINE = 64,
    GLOBAL_QUEUE_TICK = 61, // Go's number: how often the global queue comes first
};

#define I64_MAX INT64_MAX

typedef struct M M;
typedef struct PImpl PImpl;

//                 p_start (under lock)          sched_enter_blocking
//   P_IDLE ◄─────────────────────────► P_RUNNING ──────────────────► P_BLOCKING
//     ▲ ▲                                │  ▲  ▲  sched_exit_blocking (CAS)  │ │
//     │ │                       stop_here│  │  └─────────────────────────────┘ │
//     │ │                                ▼  │start_world                        │
//     │ │              P_DEAD ◄─── P_STOPPED│      sysmon retake (CAS, under lock)
//     │ └────────────────────────────────────────────────────────────────────────┤
//     │ start_world                                     stop_world (CAS)         │
//     └──────────────────────────── P_TAKEN ◄────────────────────────────────────┘
//
// P_STOPPED keeps its M, which sleeps on Sched.epoch; P_TAKEN has none. P_DEAD: more than
// GOMAXPROCS wants.
typedef enum PStatus {
    P_IDLE,
    P_RUNNING,
    P_BLOCKING,
    P_STOPPED,
    P_TAKEN,
    P_DEAD,
} PStatus;

typedef struct HeapEntry {
    i64 when;
    u64 sequence;
    Timer *timer;
} HeapEntry;

typedef struct TimerHeap {
    Mutex lock;
    // under it
    HeapEntry *entries; // gc_root_alloc
    u32 count, cap;
    u64 sequence;
    // written under it, read by anybody: the first timer's time, I64_MAX for none
    _Atomic i64 next;
} TimerHeap;

struct PImpl {
    P hot; // first: a P * is a PImpl *

    // out of IDLE, and into it: under lock; the rest as drawn above
    _Atomic u32 status;
    // under lock
    PImpl *next_idle;
    M *m; // who runs it; NULL when P_IDLE, P_TAKEN or P_DEAD

    // owner M
    u64 rand;
    bool slice_over;                      // what runs gives way because sysmon has asked
    u32 slot_free, slot_free_count;       // free entries of the hidden table (see allgs in sched.c)
    void *g_lists[GC_SMALL_MAX / 16 + 1]; // free lists of the kind for Gs; dropped at every stop
    // owner writes, anybody reads
    _Atomic i64 live_count; // user Gs spawned minus ended here; may be negative

    // sysmon only
    u32 seen_tick, seen_switches, seen_blocking;
    i64 seen_tick_at, seen_switches_at, seen_blocking_at;

    TimerHeap timers;

    // owner writes tail; owner and thieves move head (see runq.c)
    _Alignas(CACHE_LINE) _Atomic u32 runq_head;
    _Alignas(CACHE_LINE) _Atomic u32 runq_tail;
    _Atomic u32 blocking_tick; // owner writes, sysmon reads: counts entries into blocking calls
    G *_Atomic runq[RUNQ_CAP];
};

struct M {
    // the M itself
    PImpl *p;          // NULL: none (or out in a blocking call)
    bool spinning;     // counted in Sched.spinning
    PImpl *blocking_p; // the P it had when it went into a blocking call
    G *blocking_g;     // that G; the collector finds it here
    Note note;

    // under lock
    PImpl *next_p; // handed over by who wakes it
    bool idle;     // in the list of idle Ms
    M *next_idle, *prev_idle;
    M *next_all;
    u32 id; // constant
    pthread_t thread;
};

// Why the world is to stop; bits of Sched.stopping.
enum {
    STOP_EXIT = 1,
    STOP_COLLECT = 2,
    STOP_PROCS = 4,
    STOP_TRACES = 8, // SIGQUIT
    STOP_DEADLOCK = 16,
    STOP_BOOT = 32,      // until runtime_run; nothing may run yet
    STOP_GOROUTINE = 64, // Sched.g_to_stop
    STOP_LEAKS = 128,    // main has returned: who still waits?
};

typedef struct Sched {
    // constant after runtime_init
    GRunner runner;
    RuntimeOptions options;
    u32 cpus, runq_cap;
    pthread_t main_thread;

    Mutex lock;
    // under lock
    G *runq_first, *runq_last; // linked by G.next
    PImpl *idle_p;
    M *idle_m, *all_m;
    u32 idle_m_count, m_count, m_refused;
    i64 refused_since; // since when threads are refused and all there are wait in blocking calls;
                       // 0: not
    u32 procs_wanted;
    u32 procs_shown; // seeded: what GOMAXPROCS says
    M *sleeper;      // the idle M that sleeps until the next timer
    i64 sleeper_until;
    bool sysmon_parked;
    bool deadlock_told; // the prompt knows; until some P leaves the idle ones
    u64 g_to_stop;      // id, for STOP_GOROUTINE

    // written under lock, read by anybody
    M *_Atomic poller; // the M without a P that waits in the kernel for descriptors; in no list
    _Atomic u32 runq_count;
    _Atomic u32 idle_p_count;
    _Atomic u32 p_made; // entries of all_p
    _Atomic u32 procs;  // of those, how many may run
    PImpl *all_p[MAX_PROCS];

    // anybody
    _Atomic u32 spinning;     // Ms that look for work; at most 1
    _Atomic u32 blocking;     // Gs in blocking calls
    _Atomic u32 poll_waiters; // Gs that wait for descriptors
    _Atomic u64 timers_armed;
    _Atomic u32 stopping;  // bits STOP_…; cleared by the main thread, under lock
    _Atomic u32 epoch;     // futex: counts the ends of stops
    _Atomic i32 exit_code; // -1: not ending
    // Who ends the process by an error, written by who has set exit_code. Another thread may ask
    // for the end meanwhile: then the main thread may come too early to see them.
    G *_Atomic failed;
    _Atomic bool show_others;
    Traces traces; // written at the start
    _Atomic bool world_stopped;
    Note stop_note; // wakes the main thread while it waits for Ps
    Note sysmon_note;
    _Atomic i64 sysmon_until; // sleeps at most until; 0: awake
    int wake_fd;              // eventfd that the main thread polls

    // the main G: a root, so that it can be reported (docs/runtime.md, Leaks)
    G *_Atomic main_g;
    _Atomic bool main_goexited;
    _Atomic bool main_returned; // and the others may go on for a while: leaks.c
} Sched;

extern Sched sched;
extern _Thread_local M *current_m;

static inline PImpl *impl(P *p)
{
    return (PImpl *)p;
}

static inline PStatus p_status(PImpl *p)
{
    return (PStatus)atomic_load_explicit(&p->status, memory_order_relaxed);
}

static inline bool stop_wanted(void)
{
    // relaxed: whoever acts on it looks again under lock.
    return atomic_load_explicit(&sched.stopping, memory_order_relaxed) != 0;
}

// runq.c ----------------------------------------------------------------------------------------
// Puts g (runnable) at the tail; half of a full ring goes to the global queue. Owner.
void runq_put(PImpl *p, G *g);
// The head, or NULL. Owner.
G *runq_get(PImpl *p);
// Half of the victim's ring (at least one G) to p's; returns one of them, or NULL. p's is empty.
G *runq_steal(PImpl *p, PImpl *victim);
u32 runq_len(PImpl *p);               // anybody; a moment's truth
void runq_clear_dead_slots(PImpl *p); // world stopped

static inline bool p_has_work(PImpl *p)
{
    return runq_len(p) > 0 || p_runnext(&p->hot) != NULL;
}

// sched.c ---------------------------------------------------------------------------------------
void sched_init(void);
PImpl *p_create(u32 id);
void global_put_locked(G *g);
G *global_pop_locked(void);
// Gives p (P_RUNNING set here) to an idle or new M. lock not held. The P goes idle when there is
// no thread to be had.
void p_hand_to_m(PImpl *p, bool spinning);
// If there is an idle P and nobody looks for work: starts one that does.
void wake_p(void);
static inline void wake_p_if_idle(void)
{
    // seq_cst both: the second half of "publish work, then look for sleepers"; Note [Idle].
    if (atomic_load_explicit(&sched.idle_p_count, memory_order_seq_cst) != 0 &&
        atomic_load_explicit(&sched.spinning, memory_order_seq_cst) == 0)
        wake_p();
}
void idle_p_put_locked(PImpl *p);
PImpl *idle_p_get_locked(void);
// Asks the owner of a running P for something: bits P_REQUEST_….
void p_request(PImpl *p, u32 bits);
void *m_main(void *arg);
void allgs_each(void (*fn)(G *g, void *arg), void *arg); // world stopped
void allgs_drop(G *g);                                   // world stopped; a leaked G
u64 allgs_count(void);
void sysmon_kick(i64 until); // wakes sysmon if it would sleep beyond `until`

// choose.c
void choose_init(void);

// seeded.c: --seed -------------------------------------------------------------------------------
i64 seeded_now(void);                       // the clock, from 1
G *seeded_next(P *p);                       // as sched_next
void seeded_keep(u32 slot, G *g);           // g, or NULL, has this entry in the hidden table
void seeded_waited(void);                   // no descriptor was ready until the next timer
void seeded_drive(void);                    // from now on step.c decides
u32 seeded_pool(PImpl *p, G *const **list); // all runnable Gs
// Takes g from the pool to run on p.
void seeded_take(P *p, const G *g, i64 instructions);
bool seeded_jump(PImpl *p); // the clock goes to the next timer, which fires; false: there is none

// stop.c ----------------------------------------------------------------------------------------
// Asks the main thread to stop all Ps for these reasons; does not wait. p: the caller's, or NULL.
void stop_request(P *p, u32 reasons);
void stop_here(M *m);        // m has a P; returns when the world runs again
void stop_wait_locked(void); // without a P: waits for the end of a stop; releases and takes lock
// Main thread.
void stop_world(void);
// Deals with everything that is wanted, the world being stopped. True: the process is to end.
bool stop_serve(void);
// At the end: the other goroutines, when they are wanted; GOTRACEBACK=crash does not return.
void stop_show_failure(void);
void start_world(void);
_Noreturn void exit_at_once(int code); // exit_hook and _exit

// timer.c ---------------------------------------------------------------------------------------
void timer_heap_init(TimerHeap *h);
// Fires what is due in owner's heap, on p. True if anything was.
bool timers_run(P *p, PImpl *owner, i64 now);
bool timers_run_all(P *p); // all heaps
// For stop.c, world stopped: takes a sleep's timer out of its heap (false: it is in none); takes
// out all that have this for their arg.
bool timer_unqueue(Timer *t);
void timers_forget(const void *arg);
// The earliest time over all heaps, I64_MAX for none.
i64 timers_next(void);
static inline i64 timer_heap_next(PImpl *p)
{
    return atomic_load_explicit(&p->timers.next, memory_order_relaxed);
}

// sysmon.c
void *sysmon_main(void *arg);
bool thread_start(pthread_t *out, void *(*fn)(void *), void *arg, size_t stack_bytes);

// leaks.c; all for the main thread
// Main has returned, the world is stopped. True: the process is to end.
bool leaks_look(void);
int leaks_wait_ms(void);   // how long the others go on before the next look; -1: no look is wanted
void leaks_report(void);   // to standard error, after the output
void leaks_keep_all(void); // before a collection: what nobody can wake is kept

// signals.c; both are for the main thread
int signals_start(void); // blocks the signals; a descriptor that is readable when there are some
void signals_serve(void);

// deadlock.c
// Is nothing left that could make a G runnable? lock held.
bool deadlock_now_locked(void);
// For who is no M that parks, when it has taken back what kept others from seeing a deadlock.
void deadlock_look(void);
// report.c, all for when the world is stopped.
// Calls fn for each channel that a parked G waits on; which: the case of a select.
typedef void (*ChannelWait)(Buf *out, const G *g, u32 which, const char *what, const Channel *ch);
void report_each_channel(Buf *out, const G *g, ChannelWait fn);
// Whether globals or a goroutine other than g can reach an object. True if that is not known.
bool report_reaches(const void *object, const G *g);
// The goroutines (not system ones) for which `wanted` holds, as sched_describe_all; how many.
u64 report_goroutines(Buf *out, bool (*wanted)(const G *g));
// "2 [running], 1 [sleep]" of those for which `wanted` holds; how many.
u64 report_count(Buf *out, bool (*wanted)(const G *g));
// Who waits on which channel, and who else could use it; nothing if that would be long.
void report_waiting(Buf *out);
void deadlock_report(void);   // main thread, world stopped; returns if the prompt has dealt with it
void sched_print_state(void); // for fatal_hook

// gc.c
void gc_init(void);
void gc_collect_stopped(void); // main thread, world stopped
void gc_drop_lists(PImpl *p);
void gc_note_stop(i64 ns);
_Noreturn void gc_out_of_memory(void);
// Writes to standard error where some of the goroutines are that run or could. World stopped.
void sched_print_active(void);
void sched_describe_active(Buf *out); // the same as text

#endif
