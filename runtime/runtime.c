// runtime.c: start and end of the runtime; options; the main thread.
//
// The main thread is never an M. It starts the collector (and is the only thread that the
// collector knows), the first M and sysmon, and then waits on two descriptors: an eventfd, by
// which anybody asks for a stop (stop.c), and a signalfd. All other threads block all signals.
#include "runtime/runtime.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "runtime/sched_impl.h"

static int signal_fd = -1;

// ---- Options -----------------------------------------------------------------------------------

bool runtime_parse_size(const char *text, u64 *out)
{
    static const struct {
        const char *name;
        int shift;
    } units[] = {{"", 0},     {"B", 0},  {"KiB", 10}, {"MiB", 20}, {"GiB", 30},
                 {"TiB", 40}, {"K", 10}, {"M", 20},   {"G", 30},   {"T", 40}};
    if (strcmp(text, "off") == 0) {
        *out = UINT64_MAX;
        return true;
    }
    u64 n = 0;
    const char *s = text;
    for (; *s >= '0' && *s <= '9'; s++) {
        if (n > (UINT64_MAX - 9) / 10)
            return false;
        n = n * 10 + (u64)(*s - '0');
    }
    if (s == text)
        return false;
    for (int i = 0; i < countof(units); i++) {
        if (strcmp(s, units[i].name) == 0) {
            if (n > UINT64_MAX >> units[i].shift)
                return false;
            *out = n << units[i].shift;
            return true;
        }
    }
    return false;
}

// A number from the environment; fallback if it is not there or not one.
static int env_int(const char *name, int fallback)
{
    const char *text = getenv(name);
    if (!text || !*text)
        return fallback;
    char *end;
    errno = 0;
    long n = strtol(text, &end, 10);
    return *end || errno || n < INT32_MIN || n > INT32_MAX ? fallback : (int)n;
}

static Traces traces_wanted(void)
{
    static const struct {
        const char *name;
        Traces traces;
    } levels[] = {{"none", TRACES_NONE},  {"0", TRACES_NONE}, {"all", TRACES_ALL},
                  {"1", TRACES_ALL},      {"2", TRACES_ALL},  {"system", TRACES_ALL},
                  {"crash", TRACES_CRASH}};
    const char *text = getenv("GOTRACEBACK");
    for (int i = 0; text && i < countof(levels); i++)
        if (strcmp(text, levels[i].name) == 0)
            return levels[i].traces;
    return TRACES_ONE;
}

static void complete_options(RuntimeOptions *o)
{
    if (o->procs <= 0)
        o->procs = env_int("GOMAXPROCS", 0);
    if (o->procs <= 0)
        o->procs = (int)sched.cpus;
    if (o->procs > MAX_PROCS)
        o->procs = MAX_PROCS;
    if (o->seeded)
        o->procs = 1;
    if (o->gc_percent == 0) {
        const char *gogc = getenv("GOGC");
        o->gc_percent = gogc && strcmp(gogc, "off") == 0 ? -1 : env_int("GOGC", 100);
    }
    if (o->memory_limit == 0) {
        const char *text = getenv("GOMEMLIMIT");
        if (text && *text && !runtime_parse_size(text, &o->memory_limit))
            die("GOMEMLIMIT=%s is not a size, like 512MiB", text);
    }
}

// ---- Start -------------------------------------------------------------------------------------

void runtime_init(const RuntimeOptions *options, const GRunner *runner)
{
    sched.main_thread = pthread_self();
    sched.options = *options;
    sched.runner = *runner;
    timer_real_now();
    sched_init();
    complete_options(&sched.options);
    sched.traces = traces_wanted();
    sched.wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (sched.wake_fd < 0)
        die("cannot make an event descriptor: %s", strerror(errno));
    signal_fd = signals_start();
    gc_init();
    fatal_hook = sched_print_state;
    for (int i = 0; i < sched.options.procs; i++)
        p_create((u32)i);
    mutex_lock(&sched.lock, RANK_SCHED);
    for (u32 i = (u32)sched.options.procs; i-- > 1;)
        idle_p_put_locked(sched.all_p[i]);
    mutex_unlock(&sched.lock, RANK_SCHED);
    // The first one is the main thread's until runtime_run.
    atomic_store_explicit(&sched.all_p[0]->status, P_RUNNING, memory_order_relaxed);
    atomic_store_explicit(&sched.procs, (u32)sched.options.procs, memory_order_relaxed);
}

P *runtime_boot_p(void)
{
    return &sched.all_p[0]->hot;
}

void runtime_set_main(G *g)
{
    atomic_store_explicit(&sched.main_g, g, memory_order_relaxed);
}

// ---- The main thread ---------------------------------------------------------------------------

static void wait_for_request(int timeout_ms)
{
    struct pollfd fds[] = {{sched.wake_fd, POLLIN, 0}, {signal_fd, POLLIN, 0}};
    while (poll(fds, 2, timeout_ms) < 0) {
        if (errno != EINTR)
            fatal("poll: %s", strerror(errno));
    }
    u64 count;
    if (fds[0].revents && read(sched.wake_fd, &count, sizeof count) < 0 && errno != EAGAIN)
        fatal("eventfd: %s", strerror(errno));
    if (fds[1].revents)
        signals_serve();
}

int runtime_run(void)
{
    pthread_t thread;
    // What was asked for until now is served at the first stop.
    mutex_lock(&sched.lock, RANK_SCHED);
    u32 asked = atomic_fetch_and_explicit(&sched.stopping, ~(u32)STOP_BOOT, memory_order_relaxed);
    mutex_unlock(&sched.lock, RANK_SCHED);
    // Before others, which might be the last that the kernel allows.
    if (!thread_start(&thread, sysmon_main, NULL, 256 << 10))
        die("cannot start a thread: %s; is there a limit (ulimit -u)?", strerror(errno));
    p_hand_to_m(sched.all_p[0], false);
    if (asked == STOP_BOOT)
        wake_p_if_idle();
    for (;;) {
        if (!stop_wanted()) {
            int timeout_ms = leaks_wait_ms();
            wait_for_request(timeout_ms);
            if (timeout_ms >= 0)
                // Nobody has to be woken. seq_cst: as stop_request.
                atomic_fetch_or_explicit(&sched.stopping, STOP_LEAKS, memory_order_seq_cst);
            continue;
        }
        i64 start = timer_real_now();
        stop_world();
        gc_note_stop(timer_real_now() - start);
        if (stop_serve())
            break;
        start_world();
    }
    // acquire: pairs with the release where it was set.
    int code = atomic_load_explicit(&sched.exit_code, memory_order_acquire);
    if (sched.runner.exit_hook)
        sched.runner.exit_hook(code);
    stop_show_failure();
    leaks_report();
    return code;
}
