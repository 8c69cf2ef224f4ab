// signals.c: the signals of the process, as the main thread reads them from a signalfd, and what
// becomes of each: it ends the process, shows all stacks, is told to the program, or nothing.
//
// All threads block all signals (thread_start); the main thread blocks those in `known`, so that
// they stay pending until it reads them.
//
// A signal is not lost between the two: its bit is set before the counter of told_fd goes up, and
// taken after the counter has been read.
#include "runtime/signals.h"

#include <errno.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "runtime/sched_impl.h"

enum { EXIT_SIGNAL = 128 };

static const int known[] = {SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM, SIGTERM};

static int signal_fd = -1;         // made before the first goroutine runs
static int told_fd = -1;           // made before anything is taken
static u64 ignored_at_start;       // by who started us: nohup, a shell's background jobs
static _Atomic u64 taken, ignored; // written by signals_set, read by the main thread
static _Atomic u64 told;           // not yet given out by signals_told

static u64 bit(int number)
{
    return 1ull << number;
}

u64 signals_known(void)
{
    u64 mask = 0;
    for (int i = 0; i < countof(known); i++)
        mask |= bit(known[i]);
    return mask;
}

int signals_start(void)
{
    sigset_t set;
    sigemptyset(&set);
    for (int i = 0; i < countof(known); i++) {
        sigaddset(&set, known[i]);
        struct sigaction action;
        if (sigaction(known[i], NULL, &action) == 0 && action.sa_handler == SIG_IGN)
            ignored_at_start |= bit(known[i]);
    }
    // A write to a closed pipe is an error that the writer sees.
    signal(SIGPIPE, SIG_IGN);
    if (pthread_sigmask(SIG_BLOCK, &set, NULL) != 0)
        die("cannot block signals");
    // Those that are ignored, too: a blocked signal is never dropped, and serve() passes over it.
    signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (signal_fd < 0)
        die("cannot make a signal descriptor: %s", strerror(errno));
    return signal_fd;
}

static void serve(u32 number)
{
    if (number == SIGINT && sched.options.interactive && sched.options.on_interrupt) {
        sched.options.on_interrupt();
        return;
    }
    // acquire: pair with the releases in signals_set.
    if (atomic_load_explicit(&taken, memory_order_acquire) & bit((int)number)) {
        atomic_fetch_or_explicit(&told, bit((int)number), memory_order_release);
        u64 one = 1;
        if (write(told_fd, &one, sizeof one) < 0 && errno != EAGAIN)
            fatal("eventfd: %s", strerror(errno));
        return;
    }
    if ((atomic_load_explicit(&ignored, memory_order_acquire) | ignored_at_start) &
        bit((int)number))
        return;
    if (number == SIGQUIT) {
        stop_request(NULL, STOP_TRACES);
        return;
    }
    i32 none = -1;
    // release: pairs with the acquire in runtime_run.
    atomic_compare_exchange_strong_explicit(&sched.exit_code, &none, (i32)(EXIT_SIGNAL + number),
                                            memory_order_release, memory_order_relaxed);
    stop_request(NULL, STOP_EXIT);
}

void signals_serve(void)
{
    struct signalfd_siginfo info;
    while (read(signal_fd, &info, sizeof info) == sizeof info)
        serve(info.ssi_signo);
}

void signals_set(u64 to_take, u64 to_ignore)
{
    if (to_take && told_fd < 0) {
        told_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        if (told_fd < 0)
            die("cannot make an event descriptor: %s", strerror(errno));
    }
    atomic_store_explicit(&taken, to_take, memory_order_release);
    atomic_store_explicit(&ignored, to_ignore, memory_order_release);
}

int signals_descriptor(void)
{
    return told_fd;
}

u64 signals_told(void)
{
    // acquire: pairs with the release in serve.
    return atomic_exchange_explicit(&told, 0, memory_order_acquire);
}
