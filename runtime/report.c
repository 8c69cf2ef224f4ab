// report.c: goroutines and what they wait for, as text: for traces, and for the report of a
// deadlock, which also says who else could use a channel that somebody waits on, and who has locked
// what somebody wants to lock.
//
// Everything here needs a stopped world. Names and places come from the runner, by program
// counter: where a channel was made, and the instruction at which a goroutine waits.
//
// Who could use a channel, a WaitGroup or a Cond is found as the collector finds what is alive,
// from the words of each goroutine: so a number that looks like an address may show a goroutine too
// many, and "no other goroutine has it" is certain.
#include "runtime/chan.h"
#include "runtime/gc.h"
#include "runtime/sched_impl.h"
#include "runtime/select.h"
#include "runtime/sync.h"
#include "runtime/timer.h"

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
        [WAIT_ONCE] = "semacquire",
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

// "left, channel #2 (chan bool, 0 of 1), made at f.csp:3": the name is what it was given to where
// it was made. before: what has been said already, the same name is not said twice.
static void append_channel_name(Buf *out, const Channel *ch, const Buf *before)
{
    Buf name = {0}, type = {0}, package = {0};
    if (sched.runner.channel && chan_made_at(ch))
        sched.runner.channel(chan_made_at(ch), &name, &type, &package);
    if (before && before->len > 0)
        buf_printf(out, "%.*s, ", (int)before->len, before->data);
    bool said = before && name.len > 0 && before->len >= name.len &&
                memcmp(before->data + before->len - name.len, name.data, name.len) == 0;
    if (name.len > 0 && !said) // "w.jobs" says "jobs"
        buf_printf(out, "%s%.*s, ", before && before->len > 0 ? "which is " : "", (int)name.len,
                   name.data);
    buf_printf(out, "channel #%llu", (unsigned long long)chan_id(ch));
    u64 cap = chan_cap((Channel *)ch);
    if (type.len > 0)
        buf_printf(out, " (%.*s", (int)type.len, type.data);
    if (cap > 0)
        buf_printf(out, "%s%llu of %llu", type.len > 0 ? ", " : " (",
                   (unsigned long long)chan_len((Channel *)ch), (unsigned long long)cap);
    if (type.len > 0 || cap > 0)
        buf_putc(out, ')');
    if (package.len > 0)
        buf_printf(out, ", made by package %.*s", (int)package.len, package.data);
    else
        append_place(out, ", made at ", chan_made_at(ch));
    buf_free(&name);
    buf_free(&type);
    buf_free(&package);
}

void sched_describe_misuse(Buf *out, const Channel *ch, const Buf *operand)
{
    buf_puts(out, "csp: ");
    if (!ch) {
        if (operand->len == 0)
            buf_puts(out, "the channel");
        buf_append(out, operand->data, operand->len);
        buf_puts(out, " is nil: it was declared, but not made with make\n");
        return;
    }
    append_channel_name(out, ch, operand);
    const void *at;
    u64 by = chan_closed_by(ch, &at);
    buf_printf(out, ", was closed by goroutine %llu", (unsigned long long)by);
    append_place(out, " at ", at);
    buf_putc(out, '\n');
}

// The channel that g waits on as the program calls it there: "w.jobs", or nothing. True: a loop.
static bool append_operand(Buf *out, const G *g, u32 which)
{
    return sched.runner.operand && sched.runner.operand(g, which, out);
}

static void append_channel_wait(Buf *out, const G *g, u32 which, const char *what,
                                const Channel *ch)
{
    Buf operand = {0};
    append_operand(&operand, g, which);
    buf_printf(out, "\t%s ", what);
    append_channel_name(out, ch, &operand);
    buf_putc(out, '\n');
    buf_free(&operand);
}

static void append_nil_wait(Buf *out, const G *g, const char *what)
{
    buf_printf(out, "\t%s ", what);
    size_t at = out->len;
    append_operand(out, g, 0);
    bool element = out->len > at && out->data[out->len - 1] == ']';
    buf_puts(out, out->len > at ? ", which is nil" : "a nil channel");
    buf_puts(out, element ? ": no channel was put there\n"
                          : ": it was declared, but not made with make\n");
}

static const char to_send[] = "waits to send on", to_receive[] = "waits to receive from";

void report_each_channel(Buf *out, const G *g, ChannelWait fn)
{
    const Waiter *w = &g->waiter;
    if (g_state(g) != G_PARKED)
        return;
    if ((g->wait_reason == WAIT_CHAN_SEND || g->wait_reason == WAIT_CHAN_RECV) && w->object)
        fn(out, g, 0, g->wait_reason == WAIT_CHAN_SEND ? to_send : to_receive, w->object);
    if (g->wait_reason == WAIT_SELECT) {
        const SelectCase *cases = (const SelectCase *)w->elem;
        for (u32 i = 0; i < w->index; i++)
            if (cases[i].ch)
                fn(out, g, i, (cases[i].desc & 1) == SELECT_SEND ? to_send : to_receive,
                   cases[i].ch);
    }
}

// "waits to lock s.mu, a sync.Mutex"
static void append_lock(Buf *out, const G *g, const char *what, const char *kind)
{
    buf_printf(out, "\t%s ", what);
    size_t at = out->len;
    append_operand(out, g, 0);
    if (out->len > at)
        buf_puts(out, ", ");
    buf_puts(out, kind);
}

static u64 sought_id;
static bool sought_found;

static void seek(G *g, void *arg)
{
    (void)arg;
    sought_found |= g->id == sought_id;
}

static bool lives(u64 id)
{
    sought_id = id;
    sought_found = false;
    allgs_each(seek, NULL);
    return sought_found;
}

static u64 holder_id(const SyncHolder *h)
{
    return atomic_load_explicit(&((SyncHolder *)h)->id, memory_order_relaxed);
}

static void append_holder_place(Buf *out, const SyncHolder *h)
{
    append_place(out, " at ", atomic_load_explicit(&((SyncHolder *)h)->at, memory_order_relaxed));
}

// h: who has locked what g waits for.
static void append_holder(Buf *out, const G *g, const SyncHolder *h)
{
    u64 id = holder_id(h);
    if (id == g->id) {
        buf_puts(out, " that it has locked itself");
        append_holder_place(out, h);
    } else if (lives(id)) {
        buf_printf(out, " that goroutine %llu has locked", (unsigned long long)id);
        append_holder_place(out, h);
    } else {
        buf_printf(out, " that goroutine %llu had locked", (unsigned long long)id);
        append_holder_place(out, h);
        buf_puts(out, " and not unlocked when it ended");
    }
    buf_putc(out, '\n');
}

// Readers are counted, not known: who came last may have left again.
static void append_rw_holder(Buf *out, const G *g, const SyncRWMutex *m)
{
    u64 readers = sync_rw_readers(m), id = holder_id(&m->holder);
    if (readers == 0 && sync_rw_writer(m)) {
        append_holder(out, g, &m->holder);
        return;
    }
    buf_printf(out, " that %llu reader%s locked", (unsigned long long)readers,
               readers == 1 ? " has" : "s have");
    if (id == g->id)
        buf_puts(out, ", the last of all this goroutine itself");
    else
        buf_printf(out, ", the last of all goroutine %llu", (unsigned long long)id);
    append_holder_place(out, &m->holder);
    buf_puts(out, g->wait_reason == WAIT_RWMUTEX_R
                      ? "; a Lock waits already, and holds back new readers\n"
                      : "\n");
}

// csp's own lines: what exactly it waits for.
static void append_what(Buf *out, const G *g)
{
    report_each_channel(out, g, append_channel_wait);
    switch (g->wait_reason) {
    case WAIT_CHAN_SEND_NIL: append_nil_wait(out, g, to_send); break;
    case WAIT_CHAN_RECV_NIL: append_nil_wait(out, g, to_receive); break;
    case WAIT_SELECT_EMPTY: buf_puts(out, "\twaits for ever: a select without cases\n"); break;
    case WAIT_MUTEX:
        append_lock(out, g, "waits to lock", "a sync.Mutex");
        append_holder(out, g, &((const SyncMutex *)g->waiter.object)->holder);
        break;
    case WAIT_ONCE: {
        u64 id = holder_id(&((const SyncMutex *)g->waiter.object)->holder);
        append_lock(out, g, "waits in Do of", "a sync.Once: its function is being run by ");
        if (id == g->id)
            buf_puts(out, "this goroutine itself, and calls Do again\n");
        else
            buf_printf(out, "goroutine %llu\n", (unsigned long long)id);
        break;
    }
    case WAIT_RWMUTEX_R:
        append_lock(out, g, "waits to lock for reading", "a sync.RWMutex");
        append_rw_holder(out, g, g->waiter.object);
        break;
    case WAIT_RWMUTEX_W:
        append_lock(out, g, "waits to lock", "a sync.RWMutex");
        append_rw_holder(out, g, g->waiter.object);
        break;
    case WAIT_WAITGROUP:
        append_lock(out, g, "waits for", "a sync.WaitGroup");
        buf_printf(out, " whose counter is %lld\n", (long long)sync_wg_counter(g->waiter.object));
        break;
    case WAIT_COND:
        append_lock(out, g, "waits for a Signal or Broadcast of", "a sync.Cond");
        buf_putc(out, '\n');
        break;
    default: break;
    }
}

static void append_wait(Buf *out, const G *g)
{
    if (g_state(g) != G_PARKED)
        return;
    append_what(out, g);
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

typedef struct Sought {
    Buf *out;
    u64 id;
} Sought;

static void describe_sought(G *g, void *arg)
{
    Sought *sought = arg;
    if (g->id == sought->id && g_state(g) == G_PARKED)
        append_what(sought->out, g);
}

void sched_describe_wait(Buf *out, u64 id)
{
    Sought sought = {out, id};
    allgs_each(describe_sought, &sought);
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

// "2 [running], 1 [sleep]"
static void append_states(Buf *out, G **list, u64 count)
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
    for (int k = 0; k < countof(groups) && groups[k].state; k++)
        buf_printf(out, "%s%llu [%s]", k ? ", " : "", (unsigned long long)groups[k].count,
                   groups[k].state);
}

static void describe_list(Buf *out, G **list, u64 count)
{
    for (u64 i = 0; i < count; i++) {
        if (i == SHOWN_GOROUTINES && count > SHOWN_GOROUTINES + 1) {
            buf_printf(out, "...%llu more goroutines: ", (unsigned long long)(count - i));
            append_states(out, list + i, count - i);
            buf_puts(out, "...\n");
            break;
        }
        describe_one(list[i], out);
        if (i + 1 < count)
            buf_putc(out, '\n');
    }
}

void sched_describe_all(Buf *out, const G *but)
{
    GList all = {0};
    allgs_each(collect_one, &all);
    if (all.len > 0)
        qsort(all.list, all.len, sizeof *all.list, by_id);
    u64 rest = 0;
    for (u64 i = 0; i < all.len; i++)
        if (all.list[i] != but)
            all.list[rest++] = all.list[i];
    all.len = rest;
    describe_list(out, all.list, all.len);
    free(all.list);
}

// Those for which `wanted` holds, by id.
static GList some_goroutines(bool (*wanted)(const G *g))
{
    GList all = {0};
    allgs_each(collect_one, &all);
    u64 count = 0;
    for (u64 i = 0; i < all.len; i++)
        if (wanted(all.list[i]))
            all.list[count++] = all.list[i];
    all.len = count;
    if (count > 0)
        qsort(all.list, count, sizeof *all.list, by_id);
    return all;
}

u64 report_goroutines(Buf *out, bool (*wanted)(const G *g))
{
    GList some = some_goroutines(wanted);
    describe_list(out, some.list, some.len);
    free(some.list);
    return some.len;
}

u64 report_count(Buf *out, bool (*wanted)(const G *g))
{
    GList some = some_goroutines(wanted);
    append_states(out, some.list, some.len);
    free(some.list);
    return some.len;
}

enum { SHOWN_ACTIVE = 8 };

typedef struct Active {
    G *list[SHOWN_ACTIVE];
    u64 count;
} Active;

static void collect_active(G *g, void *arg)
{
    Active *active = arg;
    if (g->is_system || (g_state(g) != G_RUNNABLE && g_state(g) != G_RUNNING))
        return;
    if (active->count++ < SHOWN_ACTIVE)
        active->list[active->count - 1] = g;
}

void sched_describe_active(Buf *out)
{
    Active active = {0};
    allgs_each(collect_active, &active);
    for (u64 i = 0; i < active.count && i < SHOWN_ACTIVE; i++) {
        buf_putc(out, '\n');
        describe_one(active.list[i], out);
    }
    if (active.count > SHOWN_ACTIVE)
        buf_printf(out, "\n...%llu more goroutines run or could run...\n",
                   (unsigned long long)(active.count - SHOWN_ACTIVE));
}

// ---- Who can reach an object -------------------------------------------------------------------

enum { REACH_OBJECTS = 1000000 };

typedef struct Reach {
    const void *object;
    const G *except;
    bool found;
    u64 budget;
} Reach;

static bool reach_object(const void *object, void *arg)
{
    Reach *reach = arg;
    reach->found |= object == reach->object;
    return !reach->found;
}

static void reach_from(G *g, void *arg)
{
    Reach *reach = arg;
    const Slot *words;
    u64 count;
    if (g == reach->except || reach->found || !sched.runner.words)
        return;
    for (u32 part = 0; sched.runner.words(g, part, &words, &count); part++)
        gc_walk(words, count, reach_object, reach, &reach->budget);
}

bool report_reaches(const void *object, const G *g)
{
    Reach reach = {object, g, false, REACH_OBJECTS};
    if (!gc_can_walk())
        return true;
    gc_walk_roots(reach_object, &reach, &reach.budget);
    allgs_each(reach_from, &reach);
    return reach.found || reach.budget == 0;
}

// ---- Why nothing can go on ---------------------------------------------------------------------

// A few channels and a few goroutines are a story; hundreds are not.
enum { STORY_GOROUTINES = 200, STORY_CHANNELS = 12, STORY_LOCKS = 12, STORY_OBJECTS = 200000 };

typedef struct Story {
    GList all;
    const Channel *channels[STORY_CHANNELS];
    u32 count;
    const void *locks[STORY_LOCKS];   // of all kinds
    const void *lock_in[STORY_LOCKS]; // the object that it lies in; NULL: none
    u32 lock_count;
    bool too_many;
    u32 *reach; // by goroutine: bit i: it can reach channels[i]; after these: lock_in[i]
    u64 budget; // objects that may still be looked at
    u32 current;
} Story;

static Story *story; // for the visitors; world stopped

static void story_channel(Buf *out, const G *g, u32 which, const char *what, const Channel *ch)
{
    (void)out, (void)g, (void)which, (void)what;
    for (u32 i = 0; i < story->count; i++)
        if (story->channels[i] == ch)
            return;
    if (story->count == STORY_CHANNELS)
        story->too_many = true;
    else
        story->channels[story->count++] = ch;
}

static bool story_object(const void *object, void *arg)
{
    (void)arg;
    for (u32 i = 0; i < story->count; i++)
        if (object == story->channels[i])
            story->reach[story->current] |= 1u << i;
    for (u32 i = 0; i < story->lock_count; i++)
        if (object == story->lock_in[i])
            story->reach[story->current] |= 1u << (STORY_CHANNELS + i);
    return true;
}

static bool waits_for_lock(const G *g)
{
    return g_state(g) == G_PARKED && g->wait_reason >= WAIT_MUTEX && g->wait_reason <= WAIT_ONCE &&
           g->waiter.object;
}

static void story_lock(const G *g)
{
    if (!waits_for_lock(g))
        return;
    for (u32 i = 0; i < story->lock_count; i++)
        if (story->locks[i] == g->waiter.object)
            return;
    if (story->lock_count == STORY_LOCKS) {
        story->too_many = true;
        return;
    }
    u64 size;
    bool global;
    const void *object = gc_object_of(g->waiter.object, &size, &global);
    story->lock_in[story->lock_count] = global ? NULL : object;
    story->locks[story->lock_count++] = g->waiter.object;
}

// What a goroutine does with one channel.
typedef struct Wait {
    const Channel *ch;
    const char *what; // NULL: it does not wait on it
    u32 which;        // the case of a select
    bool loop;
} Wait;
static Wait wait;

static void find_wait(Buf *out, const G *g, u32 which, const char *what, const Channel *ch)
{
    (void)out;
    if (ch != wait.ch || wait.what)
        return;
    Buf operand = {0};
    wait.what = what;
    wait.which = which;
    wait.loop = append_operand(&operand, g, which);
    buf_free(&operand);
}

static Wait wait_of(const G *g, const Channel *ch)
{
    wait = (Wait){.ch = ch};
    report_each_channel(NULL, g, find_wait);
    return wait;
}

static void append_goroutines(Buf *out, const u64 *ids, u32 count)
{
    enum { NAMED = 6 };
    buf_puts(out, count == 1 ? "goroutine " : "goroutines ");
    for (u32 i = 0; i < count && i < NAMED; i++)
        buf_printf(out, "%s%llu",
                   i == 0           ? ""
                   : i + 1 == count ? " and "
                                    : ", ",
                   (unsigned long long)ids[i]);
    if (count > NAMED)
        buf_printf(out, " and %u more", count - NAMED);
}

static u32 tell_waiters(Buf *out, const Channel *ch, const char *what, const char *plural, u64 *ids)
{
    u32 count = 0;
    bool loop = false;
    for (u64 n = 0; n < story->all.len; n++) {
        Wait w = wait_of(story->all.list[n], ch);
        if (w.what != what)
            continue;
        ids[count++] = story->all.list[n]->id;
        loop |= w.loop;
    }
    if (count == 0)
        return 0;
    buf_puts(out, "      ");
    append_goroutines(out, ids, count);
    buf_printf(out, " %s it%s\n", count == 1 ? what : plural,
               loop ? ": a loop over a channel ends only when it is closed" : "");
    return count;
}

// What the standard library has made is called as by the first who waits for it: "ctx.Done()".
static void append_story_name(Buf *out, const Channel *ch)
{
    Buf name = {0}, type = {0}, package = {0}, operand = {0};
    if (sched.runner.channel && chan_made_at(ch))
        sched.runner.channel(chan_made_at(ch), &name, &type, &package);
    for (u64 n = 0; n < story->all.len && package.len > 0 && operand.len == 0; n++) {
        Wait w = wait_of(story->all.list[n], ch);
        if (w.what)
            append_operand(&operand, story->all.list[n], w.which);
    }
    append_channel_name(out, ch, &operand);
    buf_free(&name);
    buf_free(&type);
    buf_free(&package);
    buf_free(&operand);
}

static void tell_channel(Buf *out, u32 i, u64 *ids)
{
    const Channel *ch = story->channels[i];
    buf_puts(out, "  ");
    append_story_name(out, ch);
    buf_putc(out, '\n');
    u32 senders = tell_waiters(out, ch, to_send, "wait to send on", ids);
    tell_waiters(out, ch, to_receive, "wait to receive from", ids);
    if (gc_can_walk() && story->budget > 0) {
        u32 count = 0;
        for (u64 n = 0; n < story->all.len; n++)
            if ((story->reach[n] & 1u << i) && !wait_of(story->all.list[n], ch).what)
                ids[count++] = story->all.list[n]->id;
        buf_puts(out, "      ");
        if (count > 0) {
            append_goroutines(out, ids, count);
            buf_puts(out, count == 1 ? " has it, too, but waits for something else\n"
                                     : " have it, too, but wait for something else\n");
        } else if (story->reach[story->all.len] & 1u << i) {
            buf_puts(out, "no other goroutine uses it; a package variable holds it\n");
        } else {
            buf_puts(out, "no other goroutine has it\n");
        }
    }
    if (senders > 0 && story->all.len == 1)
        buf_puts(out, chan_cap((Channel *)ch) == 0
                          ? "      hint: a send waits until somebody receives; start the receiver "
                            "with go before it, or give the channel a buffer\n"
                          : "      hint: the buffer is full, and a send waits until somebody "
                            "receives\n");
}

// Who has locked what g waits for, if one goroutine has; NULL: nobody that lives.
static G *holder_of(const G *g)
{
    const SyncHolder *h = NULL;
    if (waits_for_lock(g) && (g->wait_reason == WAIT_MUTEX || g->wait_reason == WAIT_ONCE))
        h = &((const SyncMutex *)g->waiter.object)->holder;
    else if (waits_for_lock(g) && sync_rw_writer(g->waiter.object) &&
             (g->wait_reason == WAIT_RWMUTEX_R || g->wait_reason == WAIT_RWMUTEX_W))
        h = &((const SyncRWMutex *)g->waiter.object)->holder;
    for (u64 n = 0; h && n < story->all.len; n++)
        if (story->all.list[n]->id == holder_id(h))
            return story->all.list[n];
    return NULL;
}

// Goroutines each of which has locked what the one before it waits for. Told once, from the oldest.
static void tell_circle(Buf *out, const G *first, u64 *ids)
{
    u32 count = 0;
    const G *g = first;
    do {
        ids[count++] = g->id;
        g = holder_of(g);
    } while (g && g->id > first->id && count < story->all.len);
    if (g != first || count < 2)
        return;
    buf_puts(out, "  ");
    append_goroutines(out, ids, count);
    buf_puts(out, " wait for one another in a circle: each has locked what another one wants\n"
                  "      hint: lock them in the same order everywhere\n");
}

static void tell_mutex(Buf *out, const SyncHolder *h)
{
    buf_printf(out, ", which goroutine %llu locked", (unsigned long long)holder_id(h));
    append_holder_place(out, h);
    buf_puts(out, lives(holder_id(h)) ? "\n" : " and had not unlocked when it ended\n");
}

static void tell_lock(Buf *out, u32 i, u64 *ids)
{
    static const char *const kinds[] = {"a sync.Mutex",     "a sync.RWMutex", "a sync.RWMutex",
                                        "a sync.WaitGroup", "a sync.Cond",    "a sync.Once"};
    const void *lock = story->locks[i];
    const G *first = NULL;
    u32 count = 0;
    for (u64 n = 0; n < story->all.len; n++) {
        const G *g = story->all.list[n];
        if (!waits_for_lock(g) || g->waiter.object != lock)
            continue;
        first = first ? first : g;
        ids[count++] = g->id;
    }
    buf_puts(out, "  ");
    size_t at = out->len;
    append_operand(out, first, 0);
    buf_printf(out, "%s%s", out->len > at ? ", " : "", kinds[first->wait_reason - WAIT_MUTEX]);
    switch (first->wait_reason) {
    case WAIT_MUTEX: tell_mutex(out, &((const SyncMutex *)lock)->holder); break;
    case WAIT_RWMUTEX_R:
    case WAIT_RWMUTEX_W:
        if (sync_rw_writer(lock)) {
            tell_mutex(out, &((const SyncRWMutex *)lock)->holder);
        } else {
            u64 readers = sync_rw_readers(lock);
            buf_printf(out, ", which %llu reader%s locked\n", (unsigned long long)readers,
                       readers == 1 ? " has" : "s have");
        }
        break;
    case WAIT_WAITGROUP:
        buf_printf(out, " whose counter is %lld\n", (long long)sync_wg_counter(lock));
        break;
    default: buf_putc(out, '\n'); break;
    }
    buf_puts(out, "      ");
    append_goroutines(out, ids, count);
    buf_puts(out, count == 1 ? " waits for it\n" : " wait for it\n");
    if (holder_of(first) == first)
        buf_puts(out, first->wait_reason == WAIT_ONCE
                          ? "      hint: the function of a Once must not call Do of the same Once\n"
                          : "      hint: a lock cannot be locked twice, not even by its holder\n");
    bool known = story->lock_in[i] && gc_can_walk() && story->budget > 0;
    if (!known || (first->wait_reason != WAIT_WAITGROUP && first->wait_reason != WAIT_COND))
        return;
    count = 0;
    for (u64 n = 0; n < story->all.len; n++) {
        const G *g = story->all.list[n];
        if ((story->reach[n] & 1u << (STORY_CHANNELS + i)) &&
            !(waits_for_lock(g) && g->waiter.object == lock))
            ids[count++] = g->id;
    }
    if (count > 0) {
        buf_puts(out, "      ");
        append_goroutines(out, ids, count);
        buf_puts(out, count == 1 ? " has it, too, but waits for something else\n"
                                 : " have it, too, but wait for something else\n");
    } else if (!(story->reach[story->all.len] & 1u << (STORY_CHANNELS + i))) {
        buf_puts(out, first->wait_reason == WAIT_WAITGROUP
                          ? "      no other goroutine has it, so nobody is left to call Done\n"
                          : "      no other goroutine has it, so nobody is left to call Signal\n");
    }
}

void report_waiting(Buf *out)
{
    Story s = {.budget = STORY_OBJECTS};
    story = &s;
    allgs_each(collect_one, &s.all);
    if (s.all.len == 0 || s.all.len > STORY_GOROUTINES) {
        free(s.all.list);
        return;
    }
    qsort(s.all.list, s.all.len, sizeof *s.all.list, by_id);
    for (u64 n = 0; n < s.all.len; n++) {
        report_each_channel(out, s.all.list[n], story_channel);
        story_lock(s.all.list[n]);
    }
    if (s.count + s.lock_count > 0 && !s.too_many) {
        s.reach = xcalloc(s.all.len + 1, sizeof *s.reach);
        u64 *ids = xcalloc(s.all.len, sizeof *ids);
        for (u64 n = 0; n < s.all.len && sched.runner.words; n++) {
            s.current = (u32)n;
            const Slot *words;
            u64 count;
            for (u32 part = 0; sched.runner.words(s.all.list[n], part, &words, &count); part++)
                gc_walk(words, count, story_object, NULL, &s.budget);
        }
        s.current = (u32)s.all.len;
        gc_walk_roots(story_object, NULL, &s.budget);
        buf_puts(out, s.all.len == 1
                          ? "csp: the only goroutine waits, and nothing is left to wake it.\n"
                          : "csp: every goroutine waits, and nothing is left to wake one of "
                            "them.\n");
        for (u32 i = 0; i < s.count; i++)
            tell_channel(out, i, ids);
        for (u32 i = 0; i < s.lock_count; i++)
            tell_lock(out, i, ids);
        for (u64 n = 0; n < s.all.len; n++)
            tell_circle(out, s.all.list[n], ids);
        buf_puts(out, "  more: csp explain deadlock\n\n");
        free(ids);
        free(s.reach);
    }
    free(s.all.list);
    story = NULL;
}
