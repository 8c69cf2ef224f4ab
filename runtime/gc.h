// gc.h: memory of programs: allocation, pacing, roots, the stop of all Ps.
//
// libgc never collects by itself and never sends a signal: it collects only when the scheduler
// has stopped every P (gc.c; Note [Stop protocol], sched.c). The main thread does it; it is the
// only thread that libgc knows. At a safepoint no live heap pointer may exist only in C locals,
// thread-local variables or malloc memory. Between safepoints natives may hold what they like:
// an allocation only requests a stop, it never waits for one.
#ifndef CSP_RUNTIME_GC_H
#define CSP_RUNTIME_GC_H

#include "base/base.h"
#include "runtime/g.h"

typedef enum GcKind {
    GC_SCAN,    // may hold pointers; zeroed
    GC_PTRFREE, // never scanned; zeroed all the same
    GC_KIND_COUNT,
} GcKind;

// Zeroed memory, 16-byte aligned. Never NULL for bytes <= GC_ALWAYS (over the limit it asks for
// a collection; when that does not help the program ends with "out of memory"). Larger requests
// may return NULL: the caller must give up its instruction or native with the "no memory" result
// (NATIVE_NOMEM), after which the scheduler collects and it is tried once more.
// size 0 gives a fixed address.
enum { GC_ALWAYS = 256 << 10, GC_SMALL_MAX = 1024 };
void *gc_alloc(P *p, GcKind kind, size_t bytes); // p.h replaces it by an inline fast path
void *gc_alloc_slow(P *p, GcKind kind, size_t bytes);

// The object that p points into, and its size; NULL: none. global: it is the range of
// gc_root_extend.
void *gc_object_of(const void *p, u64 *size, bool *global);

// Memory of the runtime that holds program pointers: scanned, never collected. malloc'd tables
// may not hold such pointers.
void *gc_root_alloc(size_t bytes); // dies when there is none
void gc_root_free(void *p);
// Address space that is scanned as far as `used` says (image globals): reserved, zero on demand.
void *gc_root_reserve(size_t bytes);
void gc_root_extend(void *base, size_t used);

// A G with its first stack: one collector object of g_bytes; and a grown stack, an object of its
// own whose first two words are the collector's too (gc_link, gc_live).
G *gc_alloc_g(P *p, size_t g_bytes);
typedef struct GcStack {
    u64 gc_link;
    u64 gc_live; // bytes from the start of this object that are live
    Slot slots[];
} GcStack;
GcStack *gc_alloc_stack(P *p, size_t bytes); // bytes with the header; NULL when there is no memory

typedef struct GcStats {
    u64 collections, heap_bytes, live_bytes, limit_bytes, since_last_bytes;
    i64 pause_total_ns, pause_max_ns, stop_total_ns, stop_max_ns, stop_last_ns;
    u64 leaked; // goroutines that nothing could wake and that have been reclaimed
} GcStats;
// Calls visit for each object that can be reached from these words, found conservatively, as the
// collector does; not through goroutines. visit says whether to go on into the object; *budget is
// the number of objects that may be looked at, and goes down to 0. World stopped, main thread.
// gc_can_walk: false without the collector; then nothing is visited.
typedef bool (*GcVisit)(const void *object, void *arg);
bool gc_can_walk(void);
void gc_walk(const Slot *words, u64 count, GcVisit visit, void *arg, u64 *budget);
void gc_walk_roots(GcVisit visit, void *arg, u64 *budget); // from the globals
void gc_stats(GcStats *out);
// One line for "out of memory": what the limit is and how to raise it.
const char *gc_limit_text(void);
// Signals that the collector has sent to threads; must stay 0.
u64 gc_suspend_events(void);

void gc_collect_now(
    P *p); // runtime.GC(): asks for a stop; done when the caller passes its next safepoint
void gc_set_percent(int percent); // GOGC; -1: off
void gc_set_limit(u64 bytes);     // hard limit; 0: 75 % of the machine's or cgroup's memory

#endif
