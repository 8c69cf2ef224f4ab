// call.c: calls off the hot path, and the one unwinder for defer, panic, recover and Goexit.
//
// A deferred call runs above the frame that it belongs to (returning normally) or above the frame
// that raised the panic, with three words below its base:
//
//     base[-3]  where the frame below goes on: its RUNDEFER, or the place of the panic
//     base[-2]  that frame's base, as an offset in the stack
//     base[-1]  the link: the DEFNEXT stub
//
// When it returns, DEFNEXT asks: has the newest panic made this call (Panic.call)? Then the panic
// was recovered, and the frame that deferred goes on at its recover_pc; or the unwinder takes the
// next record. Otherwise the frame's RUNDEFER is done again and finds its next record.
//
// A panic raised while another one runs a deferred call stands before it in the list. When it is
// recovered in a frame below that call, the older panic has been cut off and goes away with it; a
// Goexit cut off so goes on instead.
//
// Everything hangs off the fiber by collector pointers, offsets instead of stack addresses. Nothing
// here waits or holds locks.
#include "vm/call.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/debug.h"
#include "vm/vm_impl.h"

enum {
    DEFER_WORDS = 3,
    MOVE_SLOTS = 4096, // CSPDEBUG=stackmove moves stacks up to this size
};

// [0] is what a return reads the window's distance from.
static const Ins gexit_words[] = {{OP_NOP, 0, 0, 0}, {OP_GEXIT, 0, 0, 0}};
static const Ins defnext_words[] = {{OP_NOP, 0, 0, 0}, {OP_DEFNEXT, 0, 0, 0}};
const Ins *const vm_gexit = gexit_words + 1, *const vm_defnext = defnext_words + 1;

// Frame slots of the function that contains pc.
static u32 call_frame_slots(const Ins *pc)
{
    const Code *c = image_code_at(vm.image, pc, NULL);
    return c ? c->frame_slots : 2; // the start stub of vm.c
}

static void save(Fiber *f, const Ins *pc, Slot *base)
{
    fiber_save(f, pc, base, base + call_frame_slots(pc));
}

static u64 offset_of(const Fiber *f, const Slot *base)
{
    return (u64)(base - f->stack);
}

// ---- The end of the process -----------------------------------------------------------------

// f has said why, and is saved.
static int end_process(Fiber *f, bool others)
{
    sched_exit_failed(&f->g, others);
    return STEP_LEAVE + RUN_STOP;
}

static void put_running(const Fiber *f, const Ins *pc, const Slot *base, Buf *out)
{
    if (sched_traces() == TRACES_NONE)
        return;
    buf_printf(out, "\ngoroutine %llu [running]:\n", (unsigned long long)f->g.id);
    backtrace_frames(f, pc + 1, base, out);
}

static int throw_text(P *p, const Ins *pc, Slot *base, const char *before, const char *text)
{
    Fiber *f = fiber_current(p);
    Buf out = {0};
    buf_printf(&out, "%sfatal error: %s\n", before, text);
    put_running(f, pc, base, &out);
    save(f, pc, base);
    vm_write_stderr(out.data, out.len);
    buf_free(&out);
    return end_process(f, true);
}

int call_throw(P *p, const Ins *pc, Slot *base, const char *fmt, ...)
{
    char text[512];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    return throw_text(p, pc, base, "", text);
}

static int throw_overflow(P *p, const Ins *pc, Slot *base)
{
    char before[80];
    snprintf(before, sizeof before, "runtime: goroutine stack exceeds %llu-byte limit\n",
             (unsigned long long)fiber_max_stack());
    return throw_text(p, pc, base, before, "stack overflow");
}

int call_nomem(P *p, const Ins *pc, Slot *base)
{
    Fiber *f = fiber_current(p);
    FiberExtra *x = fiber_extra(p, f);
    GcStats stats;
    gc_stats(&stats);
    if (x->nomem_at == pc && stats.collections <= x->nomem_collections + 2)
        return call_throw(p, pc, base, "out of memory\n%s", gc_limit_text());
    x->nomem_at = pc;
    x->nomem_collections = stats.collections;
    save(f, pc, base);
    gc_collect_now(p);
    return STEP_LEAVE + RUN_STOP;
}

// ---- Safepoints and entering functions ------------------------------------------------------

static int call_goexit(P *p, const Ins *pc, Slot *base);

// The fiber is saved as it should go on. What does whoever poisoned the limit want?
static int requests(P *p, Fiber *f)
{
    switch (sched_request(p)) {
    case REQUEST_YIELD: return STEP_LEAVE + RUN_YIELDED;
    case REQUEST_STOP: return STEP_LEAVE + RUN_STOP;
    default: break;
    }
    p_set_limit(p, f->limit);
    return STEP_GO_ON;
}

int call_enter_slow(P *p, const Ins *call, Slot *base, Slot *nb, const Ins *t, const Ins *ret)
{
    Fiber *f = fiber_current(p);
    u32 frame = t[-1].a;
    if (nb + frame > f->limit || (DEBUG(stackmove) && f->limit - f->stack < MOVE_SLOTS)) {
        u64 at = offset_of(f, nb), from = offset_of(f, base);
        f->base = base;
        switch (fiber_grow(p, f, nb, frame)) {
        case FIBER_NOMEM: return call_nomem(p, call, f->base);
        case FIBER_OVERFLOW: return throw_overflow(p, call, base);
        case FIBER_GROWN: break;
        }
        base = f->stack + from;
        nb = f->stack + at;
        if (p_limit(p) != NULL)
            p_set_limit(p, f->limit);
    }
    nb[-1] = ptr_slot(ret);
    fiber_save(f, t, nb, nb + frame);
    return p_limit(p) == f->limit ? STEP_GO_ON : requests(p, f);
}

int call_safepoint(P *p, const Ins *pc, Slot *base)
{
    Fiber *f = fiber_current(p);
    save(f, pc, base);
    return requests(p, f);
}

int call_slice_over(P *p, const Ins *pc, Slot *base)
{
    Fiber *f = fiber_current(p);
    save(f, pc, base);
    sched_yield_g(p, &f->g);
    return STEP_SWITCH;
}

int call_point(P *p, const Ins *pc, Slot *base)
{
    Fiber *f = fiber_current(p);
    save(f, pc, base);
    sched_point(p, &f->g);
    return STEP_SWITCH;
}

int call_woken(P *p, Fiber *f)
{
    if (f->g.wake == WAKE_CLOSED) {
        f->g.wake = WAKE_PLAIN;
        f->g.select_won = 0;
        // the operation is the instruction before; its last word is good enough for the place
        return call_panic_plain(p, f->pc - 1, f->base, "send on closed channel");
    }
    if (f->g.wake == WAKE_STOPPED) {
        f->g.wake = WAKE_PLAIN;
        return call_goexit(p, f->pc, f->base);
    }
    return STEP_GO_ON;
}

// ---- go -------------------------------------------------------------------------------------

// A fiber that will call a function. NULL: no memory (for a very large frame).
static Fiber *new_fiber(P *p, const Ins *entry, const Ins *at)
{
    Fiber *f = fiber_new(p);
    u32 frame = entry[-1].a;
    f->base = f->stack + 1;
    if (f->base + frame > f->limit && fiber_grow(p, f, f->base, frame) != FIBER_GROWN)
        return NULL;
    f->base[-1] = ptr_slot(vm_gexit);
    fiber_save(f, entry, f->base, f->base + frame);
    f->g.created_at = at;
    return f;
}

static Fiber *new_closure_fiber(P *p, const Closure *c, const Slot *args, u32 n, const Ins *at)
{
    Fiber *f = new_fiber(p, vm.entries[c->func_id], at);
    if (!f)
        return NULL;
    if (n)
        memcpy(f->base, args, n * sizeof(Slot));
    if (f->pc[-1].a > n)
        f->base[n] = ptr_slot(c);
    return f;
}

int call_go(P *p, const Ins *pc, Slot *base)
{
    Fiber *f;
    if (pc->op == OP_GO) {
        const Ins *t = vm.entries[ins_u32(*pc)];
        f = new_fiber(p, t, pc);
        if (f)
            memcpy(f->base, base + pc->a, t[-1].b * sizeof(Slot));
    } else {
        const Closure *c = slot_ptr(base[pc->b]);
        if (!c)
            return call_throw(p, pc, base, "go of nil func value");
        f = new_closure_fiber(p, c, base + pc->a, pc->c, pc);
    }
    if (!f)
        return call_nomem(p, pc, base);
    sched_spawn(p, &f->g);
    return STEP_NEXT;
}

G *vm_new_g(P *p, u32 func_id, const Slot *args, int n)
{
    Fiber *f = new_fiber(p, vm.entries[func_id], NULL);
    if (!f)
        die("out of memory");
    memcpy(f->base, args, (size_t)n * sizeof(Slot));
    return &f->g;
}

bool vm_go_closure(P *p, Slot closure)
{
    const Closure *c = slot_ptr(closure);
    if (!c)
        return false;
    Fiber *f = new_closure_fiber(p, c, NULL, 0, NULL);
    if (!f)
        die("out of memory");
    sched_spawn(p, &f->g);
    return true;
}

// The fiber's last act.
static int finish(P *p, Fiber *f, VmEnd how)
{
    void (*done)(G *, VmEnd) = f->extra ? f->extra->done : NULL;
    sched_exit_g(p, &f->g);
    if (done)
        done(&f->g, how);
    fiber_free(p, f);
    return STEP_SWITCH;
}

static int finish_goexit(P *p, Fiber *f)
{
    f->g.by_goexit = 1;
    return finish(p, f, VM_END_GOEXIT);
}

int call_gexit(P *p)
{
    return finish(p, fiber_current(p), VM_END_RETURNED);
}

void vm_watch_g(P *p, G *g, void (*done)(G *g, VmEnd how))
{
    fiber_extra(p, fiber_of(g))->done = done;
}

// ---- defer ----------------------------------------------------------------------------------

int call_defer(P *p, const Ins *pc, Slot *base)
{
    Fiber *f = fiber_current(p);
    Defer *d;
    if (pc->op == OP_DEFER) {
        u32 func = ins_u32(*pc), n = vm.entries[func][-1].b;
        d = gc_alloc(p, GC_SCAN, sizeof *d + n * sizeof(Slot));
        if (unlikely(!d))
            return call_nomem(p, pc, base);
        d->func_id = func;
        d->arg_slots = n;
        memcpy(d->args, base + pc->a, n * sizeof(Slot));
    } else {
        const Closure *c = slot_ptr(base[pc->b]);
        u32 n = pc->c;
        d = gc_alloc(p, GC_SCAN, sizeof *d + (n + 1) * sizeof(Slot));
        if (unlikely(!d))
            return call_nomem(p, pc, base);
        d->arg_slots = n + 1;
        d->func_id = c ? c->func_id : 0;
        memcpy(d->args, base + pc->a, n * sizeof(Slot));
        d->args[n] = ptr_slot(c);
    }
    d->at = pc;
    d->frame = offset_of(f, base);
    d->next = f->defers;
    f->defers = d;
    return STEP_NEXT;
}

// Calls func above slot `top` (an offset); the frame below goes on at `resume`, `frame`.
// Returns the new base's offset, or 0 when the process is ending.
static u64 push_call(P *p, Fiber *f, u64 func, const Slot *args, u32 n, u64 top, const Ins *resume,
                     u64 frame)
{
    const Ins *t = vm.entries[func];
    u32 slots = t[-1].a > n ? t[-1].a : n;
    u64 at = top + DEFER_WORDS;
    if (f->stack + at + slots > f->limit) {
        switch (fiber_grow(p, f, f->stack + at, slots)) {
        case FIBER_NOMEM:
            call_throw(p, resume, f->stack + frame, "out of memory\n%s", gc_limit_text());
            return 0;
        case FIBER_OVERFLOW: throw_overflow(p, resume, f->stack + frame); return 0;
        case FIBER_GROWN: break;
        }
    }
    Slot *nb = f->stack + at;
    nb[-3] = ptr_slot(resume);
    nb[-2] = frame;
    nb[-1] = ptr_slot(vm_defnext);
    memcpy(nb, args, n * sizeof(Slot));
    fiber_save(f, t, nb, nb + slots);
    if (p_limit(p) != NULL)
        p_set_limit(p, f->limit);
    return at;
}

int call_rundefer(P *p, const Ins *pc, Slot *base)
{
    Fiber *f = fiber_current(p);
    Defer *d = f->defers;
    u64 frame = offset_of(f, base);
    if (!d || d->frame != frame)
        return STEP_NEXT;
    f->defers = d->next;
    if (!d->func_id)
        return call_panic_nil(p, pc, base);
    f->base = base;
    if (!push_call(p, f, d->func_id, d->args, d->arg_slots, frame + pc->a, pc, frame))
        return STEP_LEAVE + RUN_STOP;
    return STEP_GO_ON;
}

// ---- panic ----------------------------------------------------------------------------------

static int uncaught(P *p, Fiber *f);

// Runs the next deferred call on behalf of the newest panic or Goexit.
static int unwind(P *p, Fiber *f)
{
    Panic *pn = f->extra->panics;
    Defer *d = f->defers;
    if (!d)
        return pn->goexit ? finish_goexit(p, f) : uncaught(p, f);
    f->defers = d->next;
    pn->defer = d;
    f->base = f->stack + pn->frame;
    u64 top = pn->frame + call_frame_slots(pn->at);
    pn->call = top + DEFER_WORDS;
    if (!d->func_id)
        return call_panic_nil(p, pn->at, f->base);
    pn->call = push_call(p, f, d->func_id, d->args, d->arg_slots, top, pn->at, pn->frame);
    return pn->call ? STEP_GO_ON : STEP_LEAVE + RUN_STOP;
}

static int raise(P *p, const Ins *pc, Slot *base, RType *type, Slot word, bool goexit)
{
    Fiber *f = fiber_current(p);
    FiberExtra *x = fiber_extra(p, f);
    Panic *pn = gc_alloc(p, GC_SCAN, sizeof *pn);
    pn->older = x->panics;
    pn->type = type;
    pn->word = word;
    pn->at = pc;
    pn->frame = offset_of(f, base);
    pn->goexit = goexit;
    x->panics = pn;
    save(f, pc, base);
    return unwind(p, f);
}

int call_panic(P *p, const Ins *pc, Slot *base, RType *type, Slot word)
{
    if (!type && !vm_options.nil_panics) {
        type = vm.panic_nil_error;
        word = ptr_slot(gc_alloc(p, GC_PTRFREE, 16));
    }
    return raise(p, pc, base, type, word, false);
}

static int call_goexit(P *p, const Ins *pc, Slot *base)
{
    return raise(p, pc, base, NULL, 0, true);
}

int call_panic_pending(P *p, const Ins *pc, Slot *base)
{
    FiberExtra *x = fiber_extra(p, fiber_current(p));
    RType *t = x->pending_type;
    Slot word = x->pending_word;
    x->pending_type = NULL;
    x->pending_word = 0;
    return raise(p, pc, base, t, word, false);
}

// In the compiler's wrapper of a value method for pointers, "*main.T.M", Go names the method.
static bool panic_in_wrapper(P *p, const Ins *pc)
{
    const Code *c = image_code_at(vm.image, pc, NULL);
    if (!c || !(c->flags & CODE_WRAPPER) || c->name[0] != '*')
        return false;
    const char *name = c->name + 1, *method = strrchr(name, '.'), *type = method;
    if (!method)
        return false;
    while (type > name && type[-1] != '.')
        type--;
    vm_panic_plain(p, "value method %s called using nil *%.*s pointer", name, (int)(method - type),
                   type);
    return true;
}

int call_panic_nil(P *p, const Ins *pc, Slot *base)
{
    if (panic_in_wrapper(p, pc))
        return call_panic_pending(p, pc, base);
    vm_panic_runtime(p, "invalid memory address or nil pointer dereference");
    return call_panic_pending(p, pc, base);
}

int call_panic_divide(P *p, const Ins *pc, Slot *base)
{
    vm_panic_runtime(p, "integer divide by zero");
    return call_panic_pending(p, pc, base);
}

int call_panic_shift(P *p, const Ins *pc, Slot *base)
{
    vm_panic_runtime(p, "negative shift amount");
    return call_panic_pending(p, pc, base);
}

int call_panic_index(P *p, const Ins *pc, Slot *base, i64 index, u64 len)
{
    u32 at;
    const Code *c = image_code_at(vm.image, pc, &at);
    if (index < 0 && !(c && code_is_unsigned_at(c, at)))
        vm_panic_bounds(p, "index out of range [%lld]", (long long)index);
    else
        vm_panic_bounds(p, "index out of range [%llu] with length %llu", (unsigned long long)index,
                        (unsigned long long)len);
    return call_panic_pending(p, pc, base);
}

int call_panic_plain(P *p, const Ins *pc, Slot *base, const char *text)
{
    vm_panic_plain(p, "%s", text);
    return call_panic_pending(p, pc, base);
}

// ---- recover --------------------------------------------------------------------------------

void call_recover(P *p, const Ins *pc, Slot *base, Slot out[2])
{
    Fiber *f = fiber_current(p);
    Panic *pn = f->extra ? f->extra->panics : NULL;
    out[0] = out[1] = 0;
    if (!pn || pn->recovered || pn->goexit || !pn->call)
        return;
    const Code *own = image_code_at(vm.image, pc, NULL);
    if (own && (own->flags & CODE_WRAPPER))
        return; // defer recover(): nobody whom the deferred call has called
    // Called directly by the deferred call; wrappers that the compiler made do not count.
    while (offset_of(f, base) != pn->call) {
        const Ins *link = slot_ptr(base[-1]);
        if (link == vm_gexit || link == vm_defnext)
            return;
        const Code *caller = image_code_at(vm.image, link - 1, NULL);
        if (!caller || !(caller->flags & CODE_WRAPPER))
            return;
        base -= link[-1].a;
    }
    pn->recovered = true;
    out[0] = ptr_slot(pn->type);
    out[1] = pn->word;
}

// The newest panic was recovered by the deferred call that has just returned.
static int go_on_recovered(P *p, Fiber *f)
{
    FiberExtra *x = f->extra;
    Defer *d = x->panics->defer;
    x->panics = x->panics->older;
    while (x->panics && x->panics->call > d->frame) {
        if (x->panics->goexit)
            return unwind(p, f);
        x->panics = x->panics->older;
    }
    const Code *c = image_code_at(vm.image, d->at, NULL);
    Slot *base = f->stack + d->frame;
    fiber_save(f, c->ins + c->recover_pc, base, base + c->frame_slots);
    return STEP_GO_ON;
}

static int printed(P *p, Fiber *f, const Slot *base);

int call_defnext(P *p, Slot *base)
{
    Fiber *f = fiber_current(p);
    u64 at = offset_of(f, base);
    FiberExtra *x = f->extra;
    if (x && x->print_base && x->print_base == at)
        return printed(p, f, base);
    Panic *pn = x ? x->panics : NULL;
    if (pn && pn->call == at) {
        pn->call = 0;
        return pn->recovered ? go_on_recovered(p, f) : unwind(p, f);
    }
    f->pc = slot_ptr(base[-3]);
    f->base = f->stack + base[-2];
    return STEP_GO_ON;
}

// ---- A panic that nobody recovers -----------------------------------------------------------

// The method Error or String of a panic's value, called before the value is printed.
static const RMethod *text_method(const RType *t)
{
    u32 names[] = {vm.name_error, vm.name_string};
    for (int i = 0; t && i < countof(names); i++) {
        const RMethod *m = rtype_method(t, names[i]);
        if (m && m->func_id && m->type && !m->type->param_count && m->type->result_count == 1 &&
            m->type->params[0]->kind == RK_STRING)
            return m;
    }
    return NULL;
}

static int printed(P *p, Fiber *f, const Slot *base)
{
    FiberExtra *x = f->extra;
    x->printing->text = base[0] ? slot_ptr(base[0]) : ""; // an empty string may be nowhere
    x->printing->text_len = base[1];
    x->printing = NULL;
    x->print_base = 0;
    return uncaught(p, f);
}

static void put_panics(const Panic *pn, Buf *out)
{
    if (pn->older) {
        put_panics(pn->older, out);
        if (!pn->older->goexit)
            buf_putc(out, '\t');
    }
    if (pn->goexit)
        return;
    buf_puts(out, "panic: ");
    if (pn->text)
        buf_append(out, pn->text, pn->text_len);
    else if (pn->type == vm.error_string || pn->type == vm.bounds_error ||
             pn->type == vm.plain_error) {
        // only without package runtime, whose methods would have been called
        const Slot *s = slot_ptr(pn->word);
        buf_puts(out, pn->type == vm.plain_error ? "" : "runtime error: ");
        buf_append(out, slot_ptr(s[0]), s[1]);
    } else
        print_panic_value(pn->type, pn->word, out);
    buf_puts(out, pn->recovered ? " [recovered]\n" : "\n");
}

static bool is_nil_dereference(const Panic *pn)
{
    static const char text[] = "invalid memory address or nil pointer dereference";
    for (; pn && pn->type != vm.error_string; pn = pn->older)
        ;
    if (!pn)
        return false;
    const Slot *s = slot_ptr(pn->word);
    return s[1] == sizeof text - 1 && !memcmp(slot_ptr(s[0]), text, s[1]);
}

static int uncaught(P *p, Fiber *f)
{
    FiberExtra *x = f->extra;
    Panic *newest = x->panics;
    if (x->printing) {
        // Error or String has panicked itself
        Buf text = {0};
        buf_puts(&text, "panic while printing panic value");
        if (newest->type && newest->type->kind == RK_STRING) {
            const Slot *s = slot_ptr(newest->word);
            buf_puts(&text, ": ");
            buf_append(&text, slot_ptr(s[0]), s[1]);
        } else if (newest->type) {
            buf_printf(&text, ": type %s", newest->type->name);
        }
        int step = call_throw(p, newest->at, f->stack + newest->frame, "%s", text.data);
        buf_free(&text);
        return step;
    }
    f->base = f->stack + newest->frame;
    for (Panic *pn = newest; pn; pn = pn->older) {
        const RMethod *m = pn->goexit || pn->returned_text ? NULL : text_method(pn->type);
        if (!m)
            continue;
        pn->returned_text = true;
        u64 top = newest->frame + call_frame_slots(newest->at);
        x->printing = pn;
        x->print_base = push_call(p, f, m->func_id, &pn->word, 1, top, newest->at, newest->frame);
        return x->print_base ? STEP_GO_ON : STEP_LEAVE + RUN_STOP;
    }
    Buf out = {0};
    put_panics(newest, &out);
    if (is_nil_dereference(newest))
        buf_puts(&out, "[signal SIGSEGV: segmentation violation]\n");
    if (newest->type == vm.plain_error)
        backtrace_misuse(newest->at, f->stack + newest->frame, &out);
    put_running(f, newest->at, f->stack + newest->frame, &out);
    vm_write_stderr(out.data, out.len);
    buf_free(&out);
    if (x->done)
        return finish(p, f, VM_END_PANICKED);
    save(f, newest->at, f->stack + newest->frame);
    return end_process(f, false);
}

// ---- Natives --------------------------------------------------------------------------------

int call_native_status(P *p, const Ins *pc, Slot *base, NativeStatus status)
{
    switch (status) {
    case NATIVE_OK: break;
    case NATIVE_PANIC: return call_panic_pending(p, pc, base);
    case NATIVE_PARKED: return STEP_SWITCH;
    case NATIVE_YIELD: return STEP_LEAVE + RUN_YIELDED;
    case NATIVE_EXIT: return call_goexit(p, pc, base);
    case NATIVE_NOMEM: return call_nomem(p, pc, base);
    case NATIVE_STOP: return STEP_LEAVE + RUN_STOP;
    }
    return STEP_NEXT;
}

int call_native_blocking(P **pp, Slot *base, NativeFn fn)
{
    P *p = *pp;
    Fiber *f = fiber_current(p);
    sched_enter_blocking(p);
    NativeStatus status = fn(p, base);
    p = sched_exit_blocking(&f->g);
    check(status == NATIVE_OK); // it may not allocate, so it cannot panic
    if (!p)
        return STEP_LEAVE + RUN_LOST_P;
    *pp = p;
    p_set_limit(p, f->limit);
    return unlikely(f->g.wake) ? call_woken(p, f) : STEP_GO_ON;
}
