// leaks.c: goroutines that still wait when main returns (--leaks).
//
// When main returns, others may be about to end: it has closed a channel, and who waits for it is
// runnable. So they go on until none can run, at most for a second of processor time (not of the
// clock: the machine may be busy); the main thread looks, with the world stopped, after 1 ms, 2 ms,
// and so on. What waits for a channel, a lock or the like then is
// a leak. What computes, sleeps, or waits for the world outside is not, and is told apart: main did
// not wait for it. With --seed the clock does not jump any more, so that it comes to an end.
//
// Until then the collector keeps what nobody can wake, so that it is there to be told.
//
// All of this is the main thread's.
#include <stdio.h>
#include <time.h>

#include "runtime/sched_impl.h"

enum { LONGEST_NS = 1000000000, LONGEST_WAIT_MS = 100 };

static struct {
    i64 first_look; // processor time used until then
    int wait_ms;
    Buf text;
    G **kept; // gc_root_alloc
    u64 count, cap;
} leaks = {.wait_ms = 1};

static bool can_run(const G *g)
{
    return g_state(g) == G_RUNNABLE || g_state(g) == G_RUNNING;
}

static bool is_leak(const G *g)
{
    return g_state(g) == G_PARKED && g->wait_reason != WAIT_SLEEP && g->wait_reason != WAIT_IO;
}

static bool is_at_work(const G *g)
{
    return !is_leak(g);
}

static void write_report(u64 *count)
{
    Buf *out = &leaks.text, list = {0}, kinds = {0};
    *count = report_goroutines(&list, is_leak);
    u64 at_work = report_count(&kinds, is_at_work);
    if (*count > 0)
        buf_printf(out, "csp: main has returned, and %llu goroutine%s still wait%s:\n\n%.*s",
                   (unsigned long long)*count, *count == 1 ? "" : "s", *count == 1 ? "s" : "",
                   (int)list.len, list.data);
    if (at_work > 0)
        buf_printf(out, "%scsp: main did not wait for %llu goroutine%s still at work: %.*s\n",
                   *count > 0 ? "\n" : "", (unsigned long long)at_work, at_work == 1 ? "" : "s",
                   (int)kinds.len, kinds.data);
    if (*count > 0)
        buf_puts(out, "\nmore: csp explain goroutine-left\n");
    buf_free(&list);
    buf_free(&kinds);
}

static i64 processor_time(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (i64)t.tv_sec * 1000000000 + t.tv_nsec;
}

bool leaks_look(void)
{
    i64 now = processor_time();
    if (leaks.first_look == 0)
        leaks.first_look = now;
    Buf unused = {0};
    bool quiet = report_count(&unused, can_run) == 0;
    buf_free(&unused);
    if (!quiet && now - leaks.first_look < LONGEST_NS)
        return false;
    u64 count;
    write_report(&count);
    i32 none = -1, code = count > 0 && sched.options.leaks == LEAKS_ARE_ERRORS ? EXIT_LEAKS : 0;
    // The first one decides. release: pairs with the acquire in runtime_run.
    atomic_compare_exchange_strong_explicit(&sched.exit_code, &none, code, memory_order_release,
                                            memory_order_relaxed);
    return true;
}

int leaks_wait_ms(void)
{
    if (!atomic_load_explicit(&sched.main_returned, memory_order_relaxed))
        return -1;
    int wait = leaks.wait_ms;
    if (leaks.wait_ms < LONGEST_WAIT_MS)
        leaks.wait_ms *= 2;
    return wait;
}

void leaks_report(void)
{
    for (size_t done = 0; done < leaks.text.len;) {
        size_t n = fwrite(leaks.text.data + done, 1, leaks.text.len - done, stderr);
        if (n == 0)
            break;
        done += n;
    }
}

static void keep(G *g, void *arg)
{
    (void)arg;
    if (leaks.count == leaks.cap) {
        u64 cap = leaks.cap ? leaks.cap * 2 : 256;
        G **list = gc_root_alloc(cap * sizeof *list);
        if (leaks.kept) {
            memcpy(list, leaks.kept, leaks.count * sizeof *list);
            gc_root_free(leaks.kept);
        }
        leaks.kept = list;
        leaks.cap = cap;
    }
    leaks.kept[leaks.count++] = g;
}

void leaks_keep_all(void)
{
    if (leaks.kept)
        memset(leaks.kept, 0, leaks.count * sizeof *leaks.kept);
    leaks.count = 0;
    allgs_each(keep, NULL);
}
