// runtime.h: start and end of the runtime; options.
#ifndef CSP_RUNTIME_RUNTIME_H
#define CSP_RUNTIME_RUNTIME_H

#include "runtime/g.h"

// What becomes of goroutines that still wait when main returns.
typedef enum LeakPolicy { LEAKS_IGNORED, LEAKS_TOLD, LEAKS_ARE_ERRORS } LeakPolicy;
enum { EXIT_LEAKS = 67 };

typedef struct RuntimeOptions {
    int procs;        // 0: GOMAXPROCS from the environment, else the number of processors
    int gc_percent;   // 0: GOGC from the environment, else 100; -1: off
    u64 memory_limit; // 0: GOMEMLIMIT, else 75 % of the machine's or cgroup's memory
    bool seeded;      // --seed
    u64 seed;
    // All goroutines are asleep: NULL prints Go's report and ends with code 2. The REPL's version
    // returns true when it has dealt with it.
    bool (*on_deadlock)(void);
    LeakPolicy leaks; // other than LEAKS_IGNORED: the collector keeps what nobody can wake
    bool interactive; // Ctrl-C goes to on_interrupt instead of ending with 130
    void (*on_interrupt)(void);
} RuntimeOptions;

// Prepares memory, Ps and the clock. Called once by the main thread, before anything is allocated.
void runtime_init(const RuntimeOptions *options, const GRunner *runner);
// A P that may be used by the main thread to allocate and spawn before runtime_run. Valid until
// then.
P *runtime_boot_p(void);
// Spawns no G itself: starts the Ms, and serves as collecting and signal thread until
// sched_exit_process. Returns the exit code.
int runtime_run(void);
// The G whose end ends the process (with code 0).
void runtime_set_main(G *g);
// Text like "64MiB", "1GiB", "1000000", or shorter "64M"; "off" gives the largest number. False if
// it is none.
bool runtime_parse_size(const char *text, u64 *out);

#endif
