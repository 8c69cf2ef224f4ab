// tasks.h: goroutines written in C, for the stress programs and unit tests of the scheduler.
//
// A task is a function that is called again and again; it goes on at the place where it stopped
// last (a switch over t->pc), and keeps what it needs in t->v[], where the collector sees it.
//
//     static Step ping(P *p, Task *t)
//     {
//         BEGIN(t);
//         for (t->v[1] = 0; t->v[1] < 1000; t->v[1]++) {
//             PARK(t, chan_send(p, CHAN(t, 0), &t->v[1]));
//             SAFEPOINT(t);
//         }
//         END(t);
//     }
//
// The runner follows the same contract as the virtual machine: see runtime/g.h.
#ifndef CSP_TESTS_STRESS_TASKS_H
#define CSP_TESTS_STRESS_TASKS_H

#include <stdio.h>
#include <unistd.h>

#include "base/debug.h"
#include "runtime/chan.h"
#include "runtime/choose.h"
#include "runtime/gc.h"
#include "runtime/p.h"
#include "runtime/runtime.h"
#include "runtime/sched.h"
#include "runtime/select.h"
#include "runtime/sync.h"
#include "runtime/timer.h"

typedef enum Step { STEP_GO, STEP_PARKED, STEP_EXIT, STEP_BLOCK } Step;
typedef struct Task Task;
typedef Step (*TaskFn)(P *p, Task *t);

enum { TASK_VARS = 24 };

struct Task {
    G g;
    TaskFn fn;
    void (*block)(Task *t); // STEP_BLOCK: called without a P
    u64 pc;
    Slot result[2]; // select's
    _Alignas(16) Slot v[TASK_VARS];
};
_Static_assert(sizeof(Task) % 16 == 0 && sizeof(Task) <= GC_SMALL_MAX, "a G object");

// clang-format off
#define BEGIN(t) switch ((t)->pc) { case 0:
#define END(t)   default: break; } (void)p; return STEP_EXIT
// After a send, t->g.wake == WAKE_CLOSED says that the channel was closed, parked or not.
#define PARK(t, call)                                                                              \
    do {                                                                                           \
        (t)->pc = __LINE__;                                                                        \
        int result_ = (int)(call);                                                                 \
        if (result_ == CHAN_PARKED) return STEP_PARKED;                                            \
        if (result_ == CHAN_CLOSED) (t)->g.wake = WAKE_CLOSED;                                     \
        __attribute__((fallthrough));                                                              \
        case __LINE__:;                                                                            \
    } while (0)
// The same for an operation that always parks or yields.
#define PARK_ALWAYS(t, call)                                                                       \
    do { (t)->pc = __LINE__; call; return STEP_PARKED; case __LINE__:; } while (0)
#define SAFEPOINT(t)                                                                               \
    do { (t)->pc = __LINE__; return STEP_GO; case __LINE__:; } while (0)
#define BLOCK(t, fn)                                                                               \
    do { (t)->pc = __LINE__; (t)->block = fn; return STEP_BLOCK; case __LINE__:; } while (0)
// clang-format on

#define CHAN(t, i) ((Channel *)slot_ptr((t)->v[i]))

static inline void require_at(bool ok, const char *text, const char *file, int line)
{
    if (!ok)
        fatal("%s:%d: %s", file, line, text);
}
#define REQUIRE(x) require_at((x), #x, __FILE__, __LINE__)

static Slot task_limit[1]; // a limit that is not the poison

static inline RunResult task_run(P *p, G *g)
{
    (void)g;
    p_set_limit(p, task_limit);
    for (;;) {
        Task *t = (Task *)p->g;
        if (p_limit(p) == NULL) {
            switch (sched_request(p)) {
            case REQUEST_STOP: return RUN_STOP;
            case REQUEST_YIELD:
                sched_yield_g(p, &t->g);
                if (!sched_next(p))
                    return RUN_PARKED;
                p_set_limit(p, task_limit);
                continue;
            case REQUEST_NONE: p_set_limit(p, task_limit); break;
            }
        }
        switch (t->fn(p, t)) {
        case STEP_GO: continue;
        case STEP_EXIT: sched_exit_g(p, &t->g); break;
        case STEP_BLOCK: {
            void (*block)(Task *) = t->block;
            sched_enter_blocking(p);
            block(t);
            p = sched_exit_blocking(&t->g);
            if (!p)
                return RUN_LOST_P;
            p_set_limit(p, task_limit);
            continue;
        }
        case STEP_PARKED: break;
        }
        if (!sched_next(p))
            return RUN_PARKED;
        p_set_limit(p, task_limit);
    }
}

static inline void task_describe(const G *g, Buf *out)
{
    buf_printf(out, "task at %llu\n", (unsigned long long)((const Task *)g)->pc);
}

static inline Task *task_new(P *p, TaskFn fn)
{
    Task *t = (Task *)gc_alloc_g(p, sizeof(Task));
    t->fn = fn;
    t->g.gc_live = sizeof(Task);
    return t;
}

static inline void task_go(P *p, Task *t)
{
    sched_spawn(p, &t->g);
}

static inline void exit_hook_none(int code)
{
    (void)code;
}

static const GRunner task_runner = {
    .run = task_run,
    .describe = task_describe,
    .exit_hook = exit_hook_none,
};

// Runs main_fn as the main goroutine; the process's exit code.
static inline int task_main(TaskFn main_fn)
{
    alarm(100); // a hang is a failure
    if (!debug_parse(getenv("CSPDEBUG")))
        return 2;
    RuntimeOptions options = {0};
    runtime_init(&options, &task_runner);
    P *p = runtime_boot_p();
    Task *t = task_new(p, main_fn);
    runtime_set_main(&t->g);
    task_go(p, t);
    int code = runtime_run();
    if (gc_suspend_events() != 0)
        fatal("the collector has sent %llu signals", (unsigned long long)gc_suspend_events());
    return code;
}

// How many rounds: STRESS_SCALE in the environment, in percent.
static inline u64 scaled(u64 n)
{
    const char *text = getenv("STRESS_SCALE");
    u64 percent = text ? strtoull(text, NULL, 10) : 100;
    // Every slow switch makes a round dearer by about as much.
    if (DEBUG(gcstress) || DEBUG(delay))
        percent = percent * 5 / 100;
    n = n * percent / 100;
    return n ? n : 1;
}

#endif
