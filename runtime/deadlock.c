// deadlock.c: "all goroutines are asleep": detection and report; the state of every G, M and P as
// text, for traces and for fatal().
//
// Note [Deadlock]
//
// A G becomes runnable only through somebody who runs: a G on a P, a timer fired by an M with a P,
// an M that comes back from a blocking call, or the main thread. So when
//   - every P is idle (which changes only under lock, and the lock is held),
//   - no timer is armed (the count goes down only after what the timer woke is queued),
//   - no G is in a blocking call (the count goes down only after the G runs or is queued),
//   - no M spins (one that does will look at all queues and come by here itself),
//   - and no queue holds a G,
// nothing can ever happen again, and the state is stable. The M that goes to sleep last finds
// that, under lock (m_park), and asks the main thread, which looks again when the world stands
// still.
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "runtime/chan_impl.h"
#include "runtime/sched_impl.h"
#include "runtime/select.h"
#include "runtime/timer.h"

static bool nothing_left(void)
{
    if (sched.deadlock_told)
        return false;
    // acquire: pair with the releases where these counts go down; what was queued before is seen.
    if (atomic_load_explicit(&sched.blocking, memory_order_acquire) != 0 ||
        atomic_load_explicit(&sched.timers_armed, memory_order_acquire) != 0 ||
        atomic_load_explicit(&sched.spinning, memory_order_acquire) != 0 || sched.runq_first)
        return false;
    u32 procs = atomic_load_explicit(&sched.procs, memory_order_relaxed);
    if (atomic_load_explicit(&sched.idle_p_count, memory_order_relaxed) != procs)
        return false;
    u32 made = atomic_load_explicit(&sched.p_made, memory_order_acquire); // pairs with p_create
    for (u32 i = 0; i < made; i++) {
        PImpl *p = sched.all_p[i];
        if (p_has_work(p) || (p_status(p) != P_IDLE && p_status(p) != P_DEAD))
            return false;
    }
    return true;
}

bool deadlock_now_locked(void)
{
    return !stop_wanted() && nothing_left();
}

// ---- Text --------------------------------------------------------------------------------------

const char *wait_reason_text(int reason)
{
    static const char *const texts[] = {
        [WAIT_NONE] = "waiting",
        [WAIT_CHAN_SEND] = "chan send",
        [WAIT_CHAN_RECV] = "chan receive",
        [WAIT_CHAN_SEND_NIL] = "chan send (nil chan)",
        [WAIT_CHAN_RECV_NIL] = "chan receive (nil chan)",
        [WAIT_SELECT] = "select",
        [WAIT_SELECT_EMPTY] = "select (no cases)",
        [WAIT_SLEEP] = "sleep",
        [WAIT_MUTEX] = "semacquire",
        [WAIT_RWMUTEX_R] = "semacquire",
        [WAIT_RWMUTEX_W] = "semacquire",
        [WAIT_WAITGROUP] = "semacquire",
        [WAIT_COND] = "sync.Cond.Wait",
        [WAIT_IO] = "IO wait",
        [WAIT_OTHER] = "waiting",
    };
    return reason >= 0 && reason < countof(texts) ? texts[reason] : "waiting";
}

static const char *state_text(const G *g)
{
    switch (g_state(g)) {
    case G_RUNNABLE: return "runnable";
    case G_RUNNING: return "running";
    case G_BLOCKING: return "syscall";
    case G_PARKED: return wait_reason_text(g->wait_reason);
    case G_IDLE:
    case G_DEAD: break;
    }
    return "dead";
}

static void append_place(Buf *out, const char *before, const void *pc)
{
    Buf place = {0};
    if (pc && sched.runner.place && sched.runner.place(pc, &place) && place.len > 0) {
        buf_puts(out, before);
        buf_append(out, place.data, place.len);
    }
    buf_free(&place);
}

static void append_channel(Buf *out, const char *what, const Channel *ch)
{
    buf_printf(out, "\t%s channel #%llu", what, (unsigned long long)chan_id(ch));
    if (chan_cap((Channel *)ch) > 0)
        buf_printf(out, " (%llu of %llu)", (unsigned long long)chan_len((Channel *)ch),
                   (unsigned long long)chan_cap((Channel *)ch));
    append_place(out, ", made at ", chan_made_at(ch));
    buf_putc(out, '\n');
}

// csp's own lines: what exactly it waits for.
static void append_wait(Buf *out, const G *g)
{
    if (g_state(g) != G_PARKED)
        return;
    const Waiter *w = &g->waiter;
    switch (g->wait_reason) {
    case WAIT_CHAN_SEND:
        if (w->object)
            append_channel(out, "waits to send on", w->object);
        break;
    case WAIT_CHAN_RECV:
        if (w->object)
            append_channel(out, "waits to receive from", w->object);
        break;
    case WAIT_SELECT: {
        const SelectCase *cases = (const SelectCase *)w->elem;
        for (u32 i = 0; i < w->index; i++) {
            if (cases[i].ch)
                append_channel(out,
                               (cases[i].desc & 1) == SELECT_SEND ? "waits to send on"
                                                                  : "waits to receive from",
                               cases[i].ch);
        }
        break;
    }
    case WAIT_MUTEX: buf_puts(out, "\twaits to lock a sync.Mutex\n"); break;
    case WAIT_RWMUTEX_R: buf_puts(out, "\twaits to lock a sync.RWMutex for reading\n"); break;
    case WAIT_RWMUTEX_W: buf_puts(out, "\twaits to lock a sync.RWMutex\n"); break;
    case WAIT_WAITGROUP: buf_puts(out, "\twaits for a sync.WaitGroup\n"); break;
    default: break;
    }
    if (g->created_by) {
        buf_printf(out, "\tstarted by goroutine %llu", (unsigned long long)g->created_by);
        append_place(out, " at ", g->created_at);
        buf_putc(out, '\n');
    }
}

static void describe_one(const G *g, Buf *out)
{
    const i64 ns_per_minute = 60000000000;
    buf_printf(out, "goroutine %llu [%s", (unsigned long long)g->id, state_text(g));
    i64 minutes = g->parked_since_ns > 0 && g_state(g) == G_PARKED
                      ? (timer_now() - g->parked_since_ns) / ns_per_minute
                      : 0;
    if (minutes >= 1)
        buf_printf(out, ", %lld minutes", (long long)minutes);
    buf_puts(out, "]:\n");
    if (sched.runner.describe)
        sched.runner.describe(g, out);
    append_wait(out, g);
}

typedef struct GList {
    G **list; // malloc: valid only while the world is stopped
    u64 len, cap;
} GList;

static void collect_one(G *g, void *arg)
{
    GList *all = arg;
    if (g->is_system)
        return;
    if (all->len == all->cap) {
        all->cap = all->cap ? all->cap * 2 : 64;
        all->list = xrealloc(all->list, all->cap * sizeof *all->list);
    }
    all->list[all->len++] = g;
}

static int by_id(const void *a, const void *b)
{
    u64 x = (*(G *const *)a)->id, y = (*(G *const *)b)->id;
    return x < y ? -1 : x > y;
}

// A report is for reading: of very many goroutines the oldest are shown, and of the rest how many
// wait for what.
enum { SHOWN_GOROUTINES = 100 };

static void count_rest(Buf *out, G **list, u64 count)
{
    struct {
        const char *state;
        u64 count;
    } groups[32] = {0};
    for (u64 i = 0; i < count; i++) {
        const char *state = state_text(list[i]);
        int k = 0;
        while (k < countof(groups) - 1 && groups[k].state && groups[k].state != state)
            k++;
        groups[k].state = state;
        groups[k].count++;
    }
    buf_printf(out, "...%llu more goroutines: ", (unsigned long long)count);
    for (int k = 0; k < countof(groups) && groups[k].state; k++)
        buf_printf(out, "%s%llu [%s]", k ? ", " : "", (unsigned long long)groups[k].count,
                   groups[k].state);
    buf_puts(out, "...\n");
}

void sched_describe_all(Buf *out, const G *first)
{
    GList all = {0};
    allgs_each(collect_one, &all);
    if (all.len > 0)
        qsort(all.list, all.len, sizeof *all.list, by_id);
    u64 rest = 0;
    for (u64 i = 0; i < all.len; i++)
        if (all.list[i] != first)
            all.list[rest++] = all.list[i];
    all.len = rest;
    if (first) {
        describe_one(first, out);
        if (all.len > 0)
            buf_putc(out, '\n');
    }
    for (u64 i = 0; i < all.len; i++) {
        if (i == SHOWN_GOROUTINES && all.len > SHOWN_GOROUTINES + 1) {
            count_rest(out, all.list + i, all.len - i);
            break;
        }
        describe_one(all.list[i], out);
        if (i + 1 < all.len)
            buf_putc(out, '\n');
    }
    free(all.list);
}

// ---- Reports -----------------------------------------------------------------------------------

static void write_stderr(const Buf *b)
{
    for (size_t done = 0; done < b->len;) {
        ssize_t n = write(STDERR_FILENO, b->data + done, b->len - done);
        if (n < 0 && errno != EINTR)
            return;
        if (n > 0)
            done += (size_t)n;
    }
}

void deadlock_report(void)
{
    mutex_lock(&sched.lock, RANK_SCHED);
    bool certain = nothing_left();
    mutex_unlock(&sched.lock, RANK_SCHED);
    if (!certain)
        return;
    sched.deadlock_told = true; // world stopped
    if (sched.options.on_deadlock && sched.options.on_deadlock())
        return;
    if (sched.runner.exit_hook)
        sched.runner.exit_hook(2);
    Buf out = {0};
    if (allgs_count() == 0 && atomic_load_explicit(&sched.main_goexited, memory_order_relaxed)) {
        buf_puts(&out, "fatal error: no goroutines (main called runtime.Goexit) - deadlock!\n");
    } else {
        buf_puts(&out, "fatal error: all goroutines are asleep - deadlock!\n\n");
        sched_describe_all(&out, NULL);
    }
    write_stderr(&out);
    _exit(2);
}

// For fatal_hook: no locks, the state may be anything.
void sched_print_state(void)
{
    static const char *const names[] = {"idle", "running", "blocking", "stopped", "taken", "dead"};
    fprintf(stderr, "  stopping=%x idle_p=%u spinning=%u blocking=%u threads=%u runqueue=%u\n",
            atomic_load_explicit(&sched.stopping, memory_order_relaxed),
            atomic_load_explicit(&sched.idle_p_count, memory_order_relaxed),
            atomic_load_explicit(&sched.spinning, memory_order_relaxed),
            atomic_load_explicit(&sched.blocking, memory_order_relaxed), sched.m_count,
            atomic_load_explicit(&sched.runq_count, memory_order_relaxed));
    u32 made = atomic_load_explicit(&sched.p_made, memory_order_acquire); // pairs with p_create
    for (u32 i = 0; i < made; i++) {
        PImpl *p = sched.all_p[i];
        fprintf(stderr, "  P%u %s m=%d g=%llu runnext=%llu ring=%u request=%x%s\n", i,
                names[p_status(p)], p->m ? (int)p->m->id : -1,
                p->hot.g ? (unsigned long long)p->hot.g->id : 0,
                p_runnext(&p->hot) ? (unsigned long long)p_runnext(&p->hot)->id : 0, runq_len(p),
                atomic_load_explicit(&p->hot.request, memory_order_relaxed),
                current_m && p->m == current_m ? " (here)" : "");
    }
    for (M *m = sched.all_m; m; m = m->next_all)
        fprintf(stderr, "  M%u p=%d %s%s blocking=%llu\n", m->id, m->p ? (int)m->p->hot.id : -1,
                m->idle ? "idle " : "", m->spinning ? "spinning " : "",
                m->blocking_g ? (unsigned long long)m->blocking_g->id : 0);
}
