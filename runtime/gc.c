// gc.c: memory of programs, on Boehm's collector.
//
// Note [Collector]
//
// libgc is told to collect by nobody but gc_collect_stopped, which the main thread calls when the
// world is stopped (Note [Stop protocol], stop.c). At all other times it is disabled: it only
// hands out memory and lets the heap grow. The main thread is the only thread it knows, so it has
// nobody to send a signal to; every signal that it would send is counted (gc_suspend_events).
//
// Free lists. Each P takes whole lists of small objects from libgc (GC_generic_malloc_many) and
// hands them out without a lock. The objects behind a list's head look like garbage to a
// collection, so every head is forgotten at every stop; what remained is swept back.
//
// Kinds. GC_PTRFREE is libgc's. GC_SCAN is a kind of our own: libgc's normal one does not scan an
// object's last word, because GC_malloc always allocates a byte more than it was asked for, and
// GC_generic_malloc_many does not. A third kind has the length of what is live in each object's
// second word (gc_live): Gs with their first stack, and grown stacks. Free objects of it have 0
// there, and 0 bytes are scanned.
//
// Pacing, as Go's: a stop is asked for when what was allocated since the last one is the given
// percentage of what was in use then, and at least 4 MiB; and when the limit is reached.
//
// Out of memory. gc_alloc of at most GC_ALWAYS bytes must not fail, and cannot wait for a
// collection. Over the limit it asks for one and goes on; when libgc has nothing left, a reserve
// is given up for what the Ps need until they reach a safepoint. If a collection does not bring
// the heap below the limit, or the reserve is used up before one begins, the program ends.
//
// Mark stack. libgc begins with 4096 entries. Markers that share work fill them in step with the
// number of objects, not with the depth of what is marked; when there is no room, libgc drops what
// does not fit, looks at the whole heap again with one thread, and has twice as many the next time:
// the first collections of a million goroutines took three times as long as the later ones (310 to
// 540 ms of processor time instead of 142). So the stack is made big enough at the start:
// grow_mark_stack.
//
// Leaks. The table of all Gs (sched.c) is hidden from the collector. When marking is over, a G that
// is not marked can be reached by nobody who could wake it: it is taken out of the table, and its
// memory is swept with the rest. No finalizers.
#include "runtime/gc.h"

#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "runtime/sched_impl.h"

enum {
    MIN_SINCE = 4 << 20, // no collection before so much has been allocated
    MAX_MARKERS = 4,
    TIGHT_COLLECTIONS = 8, // in a row that free next to nothing below the limit
};

static struct {
    int percent;
    u64 limit;
    GcStats stats;    // main thread
    u64 in_use_after; // after the last collection
    u32 tight;
    _Atomic bool wanted;     // a stop has been asked for
    _Atomic bool over_limit; // because of the limit
    _Atomic u64 suspend_events;
    _Atomic u64 stress_count;
    u64 leaked;            // by the collection that runs
    const void *root_base; // the globals
    size_t root_bytes;
    _Atomic(void *) reserve;
    u64 reserve_bytes;
    _Atomic u64 not_allocated; // of what libgc counts since the last collection: the reserve
} gc;

// What gc_root_extend has been told: written before programs run, or by the prompt.
static struct {
    void *base;
    size_t used;
} extended;

static u64 zero_sized[2]; // what every object of 0 bytes is

static char limit_text[160];

const char *gc_limit_text(void)
{
    return limit_text;
}

static void write_limit_text(void)
{
    bool small = gc.limit < 1 << 20;
    snprintf(limit_text, sizeof limit_text,
             "csp: the heap is limited to %llu %s; GOMEMLIMIT=SIZE or --memory SIZE, as in 2GiB, "
             "changes that",
             (unsigned long long)(small ? gc.limit : gc.limit >> 20), small ? "bytes" : "MiB");
}

// world_stopped: the goroutines that were allocating can be shown.
static COLD _Noreturn void end_out_of_memory(bool world_stopped)
{
    char text[256];
    int len = snprintf(text, sizeof text, "fatal error: out of memory\n%s\n", limit_text);
    if (sched.runner.exit_hook)
        sched.runner.exit_hook(2);
    if (write(STDERR_FILENO, text, (size_t)len) >= 0 && world_stopped)
        sched_print_active();
    _exit(2);
}

void gc_out_of_memory(void)
{
    end_out_of_memory(false);
}

#if !CSP_GC_NONE

#define GC_NO_THREAD_REDIRECTS
#define GC_THREADS
#include <gc/gc.h>
#include <gc/gc_inline.h>
#include <gc/gc_mark.h>

static int kind_of_g, kind_of_scan;

static u64 in_use(void)
{
    // relaxed: only whether there is one.
    void *reserve = atomic_load_explicit(&gc.reserve, memory_order_relaxed);
    u64 held = reserve ? gc.reserve_bytes : 0;
    u64 used = GC_get_heap_size() - GC_get_free_bytes();
    return used > held ? used - held : 0;
}

static u64 since_last(void)
{
    u64 since = GC_get_bytes_since_gc();
    u64 held = atomic_load_explicit(&gc.not_allocated, memory_order_relaxed);
    return since > held ? since - held : 0;
}

static COLD void want_collection(P *p)
{
    // relaxed: one request is enough, two do no harm.
    if (!atomic_exchange_explicit(&gc.wanted, true, memory_order_relaxed))
        stop_request(p, STOP_COLLECT);
}

// Called when memory was taken from libgc.
static void pace(P *p)
{
    u64 since = since_last();
    u64 used = in_use();
    if (used > gc.limit) {
        atomic_store_explicit(&gc.over_limit, true, memory_order_relaxed);
        want_collection(p);
    } else if (since >= MIN_SINCE && gc.percent >= 0 &&
               since * (u64)(100 + gc.percent) >= used * (u64)gc.percent) {
        want_collection(p);
    }
}

// libgc has nothing left. True: the reserve has been given back to it.
static COLD bool use_reserve(P *p)
{
    // acq_rel: one thread gets it; the block's memory goes with it.
    void *block = atomic_exchange_explicit(&gc.reserve, NULL, memory_order_acq_rel);
    atomic_store_explicit(&gc.over_limit, true, memory_order_relaxed);
    want_collection(p);
    if (block)
        GC_free(block);
    return block != NULL;
}

static COLD void *emergency(P *p, size_t bytes, int kind)
{
    for (;;) {
        bool freed = use_reserve(p);
        void *object = GC_generic_malloc(bytes, kind);
        if (object)
            return object;
        if (!freed)
            gc_out_of_memory();
    }
}

static void reserve_fill(void)
{
    // Never touched, so it costs address space only.
    if (atomic_load_explicit(&gc.reserve, memory_order_relaxed))
        return;
    void *block = GC_malloc_atomic_uncollectable(gc.reserve_bytes);
    // release: pairs with the exchanges that take it.
    atomic_store_explicit(&gc.reserve, block, memory_order_release);
    if (block)
        atomic_fetch_add_explicit(&gc.not_allocated, gc.reserve_bytes, memory_order_relaxed);
}

static int libgc_kind(GcKind kind)
{
    return kind == GC_PTRFREE ? GC_I_PTRFREE : kind_of_scan;
}

static void stress(P *p)
{
    // relaxed: a counter.
    u64 n = atomic_fetch_add_explicit(&gc.stress_count, 1, memory_order_relaxed);
    if (n % (u64)DEBUG(gcstress) == 0)
        want_collection(p);
}

// A list of objects of `bytes` (a multiple of 16), at least one, all zeroed behind their link.
static void *take_list(P *p, int kind, size_t bytes)
{
    void *list = NULL;
    GC_generic_malloc_many(bytes, kind, &list);
    if (unlikely(!list)) {
        list = emergency(p, bytes, kind);
        *(void **)list = NULL;
    }
    if (kind == GC_I_PTRFREE) {
        // libgc clears the others itself.
        for (char *o = list; o; o = *(void **)o)
            memset(o + sizeof(void *), 0, bytes - sizeof(void *));
    }
    pace(p);
    return list;
}

static void *pop(void **head)
{
    void *object = *head;
    *head = *(void **)object;
    *(void **)object = NULL;
    return object;
}

COLD void *gc_alloc_slow(P *p, GcKind kind, size_t bytes)
{
    if (bytes == 0)
        return zero_sized;
    if (unlikely(DEBUG(gcstress)))
        stress(p);
    if (bytes <= GC_SMALL_MAX) {
        size_t granules = (bytes + 15) / 16;
        void **head = &p->free_lists[kind][granules];
        void *list = take_list(p, libgc_kind(kind), granules * 16);
        if (unlikely(DEBUG(gcstress))) {
            // One at a time, so that every allocation comes by here; the rest is swept back.
            *(void **)list = NULL;
            return list;
        }
        *head = list;
        return pop(head);
    }
    if (bytes > GC_ALWAYS) {
        // The caller can wait for a collection, so the limit is kept exactly.
        u64 used = in_use();
        if (bytes > gc.limit || used > gc.limit - bytes) {
            atomic_store_explicit(&gc.over_limit, used > gc.limit, memory_order_relaxed);
            return NULL;
        }
    }
    void *object = GC_generic_malloc(bytes, libgc_kind(kind));
    if (unlikely(!object)) {
        if (bytes > GC_ALWAYS)
            return NULL;
        object = emergency(p, bytes, libgc_kind(kind));
    }
    if (kind == GC_PTRFREE)
        memset(object, 0, bytes);
    pace(p);
    return object;
}

G *gc_alloc_g(P *hp, size_t g_bytes)
{
    PImpl *p = impl(hp);
    check(g_bytes <= GC_SMALL_MAX && g_bytes % 16 == 0);
    void **head = &p->g_lists[g_bytes / 16];
    if (unlikely(DEBUG(gcstress))) {
        stress(hp);
        void *g = take_list(hp, kind_of_g, g_bytes);
        *(void **)g = NULL;
        return g;
    }
    if (unlikely(!*head))
        *head = take_list(hp, kind_of_g, g_bytes);
    return pop(head);
}

GcStack *gc_alloc_stack(P *p, size_t bytes)
{
    if (unlikely(DEBUG(gcstress)))
        stress(p);
    if (bytes > GC_ALWAYS) {
        u64 used = in_use();
        if (bytes > gc.limit || used > gc.limit - bytes)
            return NULL;
    }
    GcStack *stack = GC_generic_malloc(bytes, kind_of_g);
    if (!stack && bytes <= GC_ALWAYS)
        stack = emergency(p, bytes, kind_of_g);
    if (stack)
        pace(p);
    return stack;
}

void gc_drop_lists(PImpl *p)
{
    memset(p->hot.free_lists, 0, sizeof p->hot.free_lists);
    memset(p->g_lists, 0, sizeof p->g_lists);
}

void *gc_root_alloc(size_t bytes)
{
    void *block = GC_malloc_uncollectable(bytes + 1);
    if (!block) {
        // The reserve first: runtime tables are small.
        void *reserve = atomic_exchange_explicit(&gc.reserve, NULL, memory_order_acq_rel);
        if (reserve)
            GC_free(reserve);
        block = GC_malloc_uncollectable(bytes + 1);
        if (!block)
            gc_out_of_memory();
    }
    return block;
}

void gc_root_free(void *block)
{
    GC_free(block);
}

static void *heap_object_of(const void *p, u64 *size)
{
    void *base = GC_base((void *)(uintptr_t)p);
    *size = base ? GC_size(base) : 0;
    return base;
}

void gc_root_extend(void *base, size_t used)
{
    extended.base = base;
    extended.used = used;
    // With the same base again: libgc moves the end of the range.
    if (used > 0)
        GC_add_roots(base, (char *)base + used);
    gc.root_base = base;
    gc.root_bytes = used;
}

// ---- Walking, for reports ----------------------------------------------------------------------

typedef struct Walk {
    void **pending; // objects found and not looked into
    size_t pending_len, pending_cap;
    void **seen;               // open hash of objects
    size_t seen_len, seen_cap; // seen_cap: power of two
    GcVisit visit;
    void *arg;
    u64 *budget;
} Walk;

static bool walk_seen(Walk *w, void *object)
{
    if (2 * (w->seen_len + 1) > w->seen_cap) {
        void **old = w->seen;
        size_t old_cap = w->seen_cap;
        w->seen_cap = old_cap ? old_cap * 2 : 256;
        w->seen = xcalloc(w->seen_cap, sizeof *w->seen);
        w->seen_len = 0;
        for (size_t i = 0; i < old_cap; i++)
            if (old[i])
                walk_seen(w, old[i]);
        free(old);
    }
    size_t i = ((u64)(uintptr_t)object >> 4) * 0x9e3779b97f4a7c15u & (w->seen_cap - 1);
    while (w->seen[i] && w->seen[i] != object)
        i = (i + 1) & (w->seen_cap - 1);
    if (w->seen[i])
        return true;
    w->seen[i] = object;
    w->seen_len++;
    return false;
}

static void walk_words(Walk *w, const Slot *words, u64 count)
{
    for (u64 i = 0; i<count && * w->budget> 0; i++) {
        void *object = GC_base((void *)(uintptr_t)words[i]);
        if (!object || walk_seen(w, object))
            continue;
        --*w->budget;
        size_t bytes;
        int kind = GC_get_kind_and_size(object, &bytes);
        if (kind == kind_of_g || !w->visit(object, w->arg) || kind == 0) // 0: pointer-free
            continue;
        if (w->pending_len == w->pending_cap) {
            w->pending_cap = w->pending_cap ? w->pending_cap * 2 : 256;
            w->pending = xrealloc(w->pending, w->pending_cap * sizeof *w->pending);
        }
        w->pending[w->pending_len++] = object;
    }
}

bool gc_can_walk(void)
{
    return true;
}

void gc_walk(const Slot *words, u64 count, GcVisit visit, void *arg, u64 *budget)
{
    Walk w = {.visit = visit, .arg = arg, .budget = budget};
    walk_words(&w, words, count);
    while (w.pending_len > 0 && *budget > 0) {
        void *object = w.pending[--w.pending_len];
        walk_words(&w, object, GC_size(object) / sizeof(Slot));
    }
    free(w.pending);
    free(w.seen);
}

void gc_walk_roots(GcVisit visit, void *arg, u64 *budget)
{
    gc_walk(gc.root_base, gc.root_bytes / sizeof(Slot), visit, arg, budget);
}

// ---- Collecting --------------------------------------------------------------------------------

static void mark_end(G *g, void *arg)
{
    (void)arg;
    if (GC_is_marked(g))
        return;
    if (g_state(g) != G_PARKED)
        fatal("goroutine %llu (state %d) has no root", (unsigned long long)g->id, g_state(g));
    if (!g->is_system)
        gc.leaked++;
    allgs_drop(g);
    atomic_store_explicit(&g->state, G_DEAD, memory_order_relaxed); // world stopped
}

static void GC_CALLBACK on_collection_event(GC_EventType event)
{
    if (event == GC_EVENT_START &&
        !atomic_load_explicit(&sched.world_stopped, memory_order_relaxed))
        fatal("a collection began while goroutines ran");
    if (event == GC_EVENT_MARK_END)
        allgs_each(mark_end, NULL);
}

static void GC_CALLBACK on_thread_event(GC_EventType event, void *thread)
{
    (void)thread;
    if (event != GC_EVENT_THREAD_SUSPENDED)
        return;
    atomic_fetch_add_explicit(&gc.suspend_events, 1, memory_order_relaxed);
#if CSP_DEBUG
    fatal("the collector suspends a thread");
#endif
}

static void GC_CALLBACK on_warning(char *text, GC_word arg)
{
    if (DEBUG(gc))
        fprintf(stderr, text, arg);
}

static void judge_limit(u64 before)
{
    u64 after = in_use();
    bool over = atomic_exchange_explicit(&gc.over_limit, false, memory_order_relaxed);
    reserve_fill();
    if (after > gc.limit)
        end_out_of_memory(true);
    // Just below the limit and hardly anything freed, again and again: the program would do
    // nothing but collect.
    bool hardly = over && before - after < gc.limit / 64;
    gc.tight = hardly ? gc.tight + 1 : 0;
    if (gc.tight >= TIGHT_COLLECTIONS ||
        (over && !atomic_load_explicit(&gc.reserve, memory_order_relaxed)))
        end_out_of_memory(true);
}

void gc_collect_stopped(void)
{
    i64 start = timer_real_now();
    u64 before = in_use(), heap = GC_get_heap_size();
    u32 made = atomic_load_explicit(&sched.p_made, memory_order_relaxed);
    for (u32 i = 0; i < made; i++) {
        gc_drop_lists(sched.all_p[i]);
        runq_clear_dead_slots(sched.all_p[i]);
    }
    if (sched.options.leaks != LEAKS_IGNORED)
        leaks_keep_all();
    gc.leaked = 0;
    atomic_store_explicit(&gc.wanted, false, memory_order_relaxed); // world stopped
    GC_enable();
    GC_gcollect();
    GC_disable();
    atomic_store_explicit(&gc.not_allocated, 0, memory_order_relaxed); // world stopped
    i64 took = timer_real_now() - start;
    GcStats *s = &gc.stats;
    s->collections++;
    s->leaked += gc.leaked;
    s->pause_total_ns += took;
    if (took > s->pause_max_ns)
        s->pause_max_ns = took;
    gc.in_use_after = in_use();
    if (DEBUG(gc))
        fprintf(stderr,
                "GC %llu @%.3fs: %.1f of %.1f MiB in use, %.1f before; stopped in %.0f us, "
                "collected in %.0f us; %llu goroutines leaked\n",
                (unsigned long long)s->collections, (double)start / 1e9,
                (double)gc.in_use_after / (1 << 20), (double)heap / (1 << 20),
                (double)before / (1 << 20), (double)s->stop_last_ns / 1e3, (double)took / 1e3,
                (unsigned long long)gc.leaked);
    judge_limit(before);
}

// ---- The size of the mark stack ----------------------------------------------------------------
//
// libgc has no call for it, but doubles it whenever a mark procedure says that it was too small.
// So one that does nothing else says so some times. Before markers exist: with them libgc listens
// to them only. It takes 80 us; memory that is never used is never touched.

enum {
    MARK_STACK_DOUBLINGS = 6,     // 262,144 entries, 4 MiB: ten million goroutines
    BELOW_MARK_STACK = 256 << 10, // libgc takes back 512 entries of 16 bytes at an overflow
};

static struct Growth {
    void *objects[MARK_STACK_DOUBLINGS]; // an overflow needs something that is not yet marked
    u32 next;
    char *stack_end; // malloc; a mark stack that is full
} * growth;          // of a kind of its own; read by libgc as a root

static struct GC_ms_entry *say_too_small(GC_word *object, struct GC_ms_entry *top,
                                         struct GC_ms_entry *limit, GC_word env)
{
    (void)limit, (void)env;
    struct Growth *g = (struct Growth *)object;
    if (g == growth && g->next < MARK_STACK_DOUBLINGS) {
        struct GC_ms_entry *full = (struct GC_ms_entry *)g->stack_end;
        GC_mark_and_push(g->objects[g->next++], full, full, NULL);
    }
    return top;
}

static void grow_mark_stack(void)
{
    char *stack = xcalloc(1, 2 * BELOW_MARK_STACK);
    u32 kind = GC_new_kind(GC_new_free_list(), GC_MAKE_PROC(GC_new_proc(say_too_small), 0), 0, 1);
    growth = GC_generic_malloc(sizeof *growth, (int)kind);
    if (growth) {
        growth->stack_end = stack + BELOW_MARK_STACK;
        for (u32 i = 0; i < MARK_STACK_DOUBLINGS; i++)
            growth->objects[i] = GC_generic_malloc(16, kind_of_scan);
        GC_gcollect();
        growth = NULL;
    }
    free(stack);
}

static void start_collector(void)
{
    u32 markers = sched.cpus < MAX_MARKERS ? sched.cpus : MAX_MARKERS;
    GC_set_markers_count(markers);
    GC_set_warn_proc(on_warning);
    GC_INIT();
    // The whole object, its last word as well.
    kind_of_scan = (int)GC_new_kind(GC_new_free_list(), GC_DS_LENGTH, 1, 1);
    grow_mark_stack();
    GC_allow_register_threads();
    GC_disable();
    GC_set_warn_proc(on_warning);
    kind_of_g = (int)GC_new_kind(GC_new_free_list(), GC_DS_PER_OBJECT | offsetof(G, gc_live), 0, 1);
    GC_set_on_collection_event(on_collection_event);
    GC_set_on_thread_event(on_thread_event);
}

static void apply_limit(u64 machine)
{
    // What libgc may map beyond the limit: free blocks that are too small for a large object, the
    // reserve, runtime tables. As far as the machine has it.
    u64 slack = gc.limit / 5 > 32 << 20 ? gc.limit / 5 : 32 << 20;
    u64 least = gc.limit + 2 * gc.reserve_bytes + (4 << 20);
    u64 most = gc.limit + slack;
    if (most > machine / 10 * 9)
        most = machine / 10 * 9;
    GC_set_max_heap_size(most > least ? most : least);
}

#else // CSP_GC_NONE: every object is calloc'd and never freed, for the address sanitizer

static u64 in_use_none;

static void *none_alloc(size_t bytes)
{
    void *object = calloc(1, bytes);
    if (!object && bytes <= GC_ALWAYS)
        gc_out_of_memory();
    return object;
}

static u64 in_use(void)
{
    return in_use_none;
}

COLD void *gc_alloc_slow(P *p, GcKind kind, size_t bytes)
{
    (void)kind;
    if (DEBUG(gcstress) && atomic_fetch_add_explicit(&gc.stress_count, 1, memory_order_relaxed) %
                                   (u64)DEBUG(gcstress) ==
                               0)
        stop_request(p, STOP_COLLECT);
    return bytes == 0 ? zero_sized : bytes > gc.limit ? NULL : none_alloc(bytes);
}

G *gc_alloc_g(P *p, size_t g_bytes)
{
    (void)p;
    return none_alloc(g_bytes);
}

GcStack *gc_alloc_stack(P *p, size_t bytes)
{
    (void)p;
    return none_alloc(bytes);
}

void gc_drop_lists(PImpl *p)
{
    (void)p;
}

void *gc_root_alloc(size_t bytes)
{
    void *block = calloc(1, bytes);
    if (!block)
        gc_out_of_memory();
    return block;
}

void gc_root_free(void *block)
{
    free(block);
}

void gc_root_extend(void *base, size_t used)
{
    extended.base = base;
    extended.used = used;
}

static void *heap_object_of(const void *p, u64 *size)
{
    (void)p;
    *size = 0;
    return NULL; // each address is an object of its own
}

bool gc_can_walk(void)
{
    return false;
}

void gc_walk(const Slot *words, u64 count, GcVisit visit, void *arg, u64 *budget)
{
    (void)words, (void)count, (void)visit, (void)arg, (void)budget;
}

void gc_walk_roots(GcVisit visit, void *arg, u64 *budget)
{
    (void)visit, (void)arg, (void)budget;
}

void gc_collect_stopped(void)
{
    gc.stats.collections++;
}

static u64 since_last(void)
{
    return 0;
}

static void want_collection(P *p)
{
    stop_request(p, STOP_COLLECT);
}

static void reserve_fill(void) {}
static void start_collector(void) {}
static void apply_limit(u64 machine)
{
    (void)machine;
}

#endif

#undef gc_alloc
void *gc_alloc(P *p, GcKind kind, size_t bytes)
{
    return gc_alloc_fast(p, kind, bytes);
}

void *gc_object_of(const void *p, u64 *size, bool *global)
{
    *global = (uintptr_t)p - (uintptr_t)extended.base < extended.used;
    if (*global) {
        *size = extended.used;
        return extended.base;
    }
    return heap_object_of(p, size);
}

void *gc_root_reserve(size_t bytes)
{
    void *base = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (base == MAP_FAILED)
        die("cannot reserve %zu bytes of address space: is there a limit (ulimit -v)?", bytes);
    return base;
}

void gc_collect_now(P *p)
{
    want_collection(p);
    // Asked for before by somebody else: this P must stop at its next safepoint all the same.
    p_request(impl(p), P_REQUEST_STOP);
}

u64 gc_suspend_events(void)
{
    return atomic_load_explicit(&gc.suspend_events, memory_order_relaxed);
}

void gc_note_stop(i64 ns)
{
    gc.stats.stop_last_ns = ns;
    gc.stats.stop_total_ns += ns;
    if (ns > gc.stats.stop_max_ns)
        gc.stats.stop_max_ns = ns;
}

void gc_stats(GcStats *out)
{
    *out = gc.stats;
    out->heap_bytes = in_use();
    out->live_bytes = gc.in_use_after;
    out->limit_bytes = gc.limit;
    out->since_last_bytes = since_last();
}

// ---- Limits ------------------------------------------------------------------------------------

static u64 smaller(u64 a, u64 b)
{
    return a < b ? a : b;
}

// A file that holds one number; UINT64_MAX for none, "max", or what cannot be read.
static u64 read_number(const char *path)
{
    FILE *f = fopen(path, "r");
    unsigned long long n;
    if (!f)
        return UINT64_MAX;
    if (fscanf(f, "%llu", &n) != 1)
        n = UINT64_MAX;
    fclose(f);
    return n;
}

// The smallest limit of a control group and those above it.
static u64 cgroup_limit(const char *root, char *group, const char *file)
{
    u64 limit = UINT64_MAX;
    for (;;) {
        char path[4400];
        snprintf(path, sizeof path, "%s%s/%s", root, group, file);
        limit = smaller(limit, read_number(path));
        char *slash = strrchr(group, '/');
        if (!slash)
            return limit;
        *slash = '\0';
    }
}

static u64 machine_memory(void)
{
    u64 memory = (u64)sysconf(_SC_PHYS_PAGES) * (u64)sysconf(_SC_PAGESIZE);
    FILE *f = fopen("/proc/self/cgroup", "r");
    if (f) {
        // "0::/path" (v2) or "4:memory:/path" (v1)
        char line[4200];
        while (fgets(line, sizeof line, f)) {
            line[strcspn(line, "\n")] = '\0';
            char *controllers = strchr(line, ':');
            char *group = controllers ? strchr(controllers + 1, ':') : NULL;
            if (!group)
                continue;
            *group++ = '\0';
            controllers++;
            if (strcmp(group, "/") == 0)
                *group = '\0';
            if (*controllers == '\0')
                memory = smaller(memory, cgroup_limit("/sys/fs/cgroup", group, "memory.max"));
            else if (strstr(controllers, "memory"))
                memory = smaller(
                    memory, cgroup_limit("/sys/fs/cgroup/memory", group, "memory.limit_in_bytes"));
        }
        fclose(f);
    }
    // Inside a container the group's own path may not be visible.
    memory = smaller(memory, read_number("/sys/fs/cgroup/memory.max"));
    memory = smaller(memory, read_number("/sys/fs/cgroup/memory/memory.limit_in_bytes"));
    static const int resources[] = {RLIMIT_AS, RLIMIT_DATA};
    for (int i = 0; i < countof(resources); i++) {
        struct rlimit r;
        if (getrlimit(resources[i], &r) == 0 && r.rlim_cur != RLIM_INFINITY)
            memory = smaller(memory, r.rlim_cur);
    }
    return memory;
}

void gc_set_percent(int percent)
{
    gc.percent = percent < 0 ? -1 : percent;
}

void gc_set_limit(u64 bytes)
{
    u64 machine = machine_memory();
    gc.limit = bytes ? bytes : machine / 4 * 3;
    if (gc.limit > (u64)1 << 46)
        gc.limit = (u64)1 << 46;
    gc.reserve_bytes = smaller(8 << 20, gc.limit / 4);
    if (gc.reserve_bytes < 1 << 20)
        gc.reserve_bytes = 1 << 20;
    write_limit_text();
    apply_limit(machine);
    reserve_fill();
}

void gc_init(void)
{
    start_collector();
    gc_set_percent(sched.options.gc_percent);
    gc_set_limit(sched.options.memory_limit);
}
