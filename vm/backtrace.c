// backtrace.c: frames as text, from link words and the tables of functions.
//
// A program counter given here stands behind the place to show (as a return address does), so that
// the word before it belongs to the instruction that called, parked or panicked.
//
// Between a deferred call that a panic has made and the place of that panic there is a frame of the
// panic itself, as in Go. It has no code; its program counter is vm_defnext.
#include <stdio.h>
#include <string.h>

#include "runtime/select.h"
#include "vm/vm_impl.h"

typedef struct Walk {
    const Fiber *f;
    const Ins *pc;
    const Slot *base;
    bool by_panic; // a panic called the function that the walk has just left
} Walk;

// Where the frame below a deferred call goes on says who made that call: a return (its RUNDEFER,
// which panics itself when the deferred function is nil), Goexit, or else a panic.
static bool is_panic_place(const Fiber *f, const Ins *pc, u64 frame)
{
    if (pc->op == OP_RUNDEFER) {
        const Panic *pn = f->extra ? f->extra->panics : NULL;
        while (pn && (pn->at != pc || pn->frame != frame))
            pn = pn->older;
        return pn != NULL;
    }
    const Code *c = image_code_at(vm.image, pc, NULL);
    return c && strcmp(c->name, "runtime.Goexit") != 0;
}

// To the caller's frame. False: that was the goroutine's first function.
static bool walk_out(Walk *w)
{
    const Ins *link = slot_ptr(w->base[-1]);
    w->by_panic = false;
    if (link == vm_gexit)
        return false;
    if (link == vm_defnext) {
        w->pc = (const Ins *)slot_ptr(w->base[-3]) + 1;
        w->by_panic = is_panic_place(w->f, w->pc - 1, w->base[-2]);
        w->base = w->f->stack + w->base[-2];
        return true;
    }
    w->pc = link;
    w->base -= link[-1].a;
    return true;
}

static const Code *code_before(const Ins *pc, Pos *pos)
{
    u32 index;
    const Code *c = image_code_at(vm.image, pc - 1, &index);
    if (c && pos)
        *pos = code_pos_at(c, index);
    return c;
}

static bool is_shown(const Code *c)
{
    return c && !(c->flags & CODE_WRAPPER);
}

// A //line comment may say that the name is not known; then this is what Go calls it.
static const char *file_name(PlaceName at)
{
    return *at.file ? at.file : "??";
}

static void put_place(Pos pos, Buf *out)
{
    PlaceName at = source_name_of(pos);
    if (at.file)
        buf_printf(out, "\t%s:%d\n", file_name(at), at.line);
    else
        buf_puts(out, "\t?\n");
}

// Is this one of the frames that are shown? In the place of the others it says how many they are.
static bool shows_frame(u64 n, u64 count, Buf *out)
{
    enum { SHOWN_AT_EACH_END = 50 };
    if (n < SHOWN_AT_EACH_END || count - n <= SHOWN_AT_EACH_END)
        return true;
    if (n == SHOWN_AT_EACH_END)
        buf_printf(out, "...%llu frames elided...\n",
                   (unsigned long long)(count - 2 * SHOWN_AT_EACH_END));
    return false;
}

void backtrace_frames(const Fiber *f, const Ins *pc, const Slot *base, Buf *out)
{
    u64 count = 0, n = 0;
    for (Walk w = {.f = f, .pc = pc, .base = base};;) {
        count += w.by_panic + is_shown(code_before(w.pc, NULL));
        if (!walk_out(&w))
            break;
    }
    for (Walk w = {.f = f, .pc = pc, .base = base};;) {
        Pos pos = POS_NONE;
        const Code *c = code_before(w.pc, &pos);
        if (w.by_panic && shows_frame(n++, count, out))
            buf_puts(out, "panic(...)\n\tin the runtime\n");
        if (is_shown(c) && shows_frame(n++, count, out)) {
            buf_printf(out, "%s(%s)\n", c->name, c->param_slots ? "..." : "");
            put_place(pos, out);
        }
        if (!walk_out(&w))
            break;
    }
    if (f->g.created_at) {
        Pos pos = POS_NONE;
        const Code *c = code_before((const Ins *)f->g.created_at + 1, &pos);
        if (c) {
            buf_printf(out, "created by %s\n", c->name);
            put_place(pos, out);
        }
    }
}

void backtrace_describe(const G *g, Buf *out)
{
    const Fiber *f = (const Fiber *)g;
    const Ins *pc = f->pc;
    u32 index;
    const Code *c = image_code_at(vm.image, pc, &index);
    if (c && index <= 1) // not begun, or at a function's entry
        pc++;
    backtrace_frames(f, pc, f->base, out);
}

bool vm_place(const void *pc, Buf *out)
{
    u32 index;
    const Code *c = pc ? image_code_at(vm.image, pc, &index) : NULL;
    PlaceName at = source_name_of(c ? code_pos_at(c, index) : POS_NONE);
    if (!at.file)
        return false;
    buf_printf(out, "%s:%d", file_name(at), at.line);
    return true;
}

// The source text of a name, if it is short enough to read.
static void put_name(const CodeName *name, Buf *out)
{
    enum { NAME_BYTES = 40 };
    const SourceFile *file = source_file_of(name->pos);
    if (!file || name->end <= name->pos || name->end - name->pos > NAME_BYTES)
        return;
    const char *text = file->text + (name->pos - file->base);
    u32 len = name->end - name->pos;
    bool made_here = len > 5 && memcmp(text, "make(", 5) == 0; // its type is said anyway
    if (!made_here && !memchr(text, '\n', len))
        buf_append(out, text, len);
}

// Does it stand behind the word range?
static bool is_ranged_over(const CodeName *name)
{
    const SourceFile *file = source_file_of(name->pos);
    u32 at = file ? name->pos - file->base : 0;
    while (at > 0 && (file->text[at - 1] == ' ' || file->text[at - 1] == '\t'))
        at--;
    return at >= 5 && memcmp(file->text + at - 5, "range", 5) == 0;
}

// The package of a function of the standard library.
static void put_package(const char *func, Buf *out)
{
    const char *slash = strrchr(func, '/');
    const char *dot = strchr(slash ? slash : func, '.');
    size_t len = dot ? (size_t)(dot - func) : 0;
    if (len > 0 && !(len == 4 && memcmp(func, "main", 4) == 0))
        buf_append(out, func, len);
}

void backtrace_channel(const void *made_at, Buf *name, Buf *type, Buf *package)
{
    const Ins *pc = made_at;
    u32 index;
    const Code *c = image_code_at(vm.image, pc, &index);
    if (!c || pc->op != OP_MKCHAN)
        return;
    put_package(c->name, package);
    const CodeName *given_to = code_name_at(c, index, 0);
    if (given_to && package->len == 0)
        put_name(given_to, name);
    u64 type_id;
    memcpy(&type_id, pc + 1, sizeof type_id);
    buf_puts(type, vm.types[type_id]->name);
}

void backtrace_misuse(const Ins *pc, const Slot *base, Buf *out)
{
    u32 index;
    const Code *c = image_code_at(vm.image, pc, &index);
    const CodeName *name = c ? code_name_at(c, index, 0) : NULL;
    if (!name)
        return;
    const Ins *ins = &c->ins[name->pc];
    Buf operand = {0};
    if (ins->op == OP_SEND || ins->op == OP_CLOSE) {
        put_name(name, &operand);
        sched_describe_misuse(out, slot_ptr(base[ins->a]), &operand);
    } else if (ins->op == OP_SELECT) {
        const SelectCase *cases = (const SelectCase *)&base[ins->b];
        const void *at;
        u32 i = 0;
        while (i < ins->c && (!cases[i].ch || (cases[i].desc & 1) != SELECT_SEND ||
                              !chan_closed_by(cases[i].ch, &at)))
            i++;
        if (i < ins->c) {
            put_name(name + i, &operand);
            sched_describe_misuse(out, cases[i].ch, &operand);
        }
    }
    buf_free(&operand);
}

bool backtrace_operand(const G *g, u32 which, Buf *out)
{
    u32 index;
    const Code *c = image_code_at(vm.image, ((const Fiber *)g)->pc - 1, &index);
    const CodeName *operand = c ? code_name_at(c, index, which) : NULL;
    // A method of package sync: what its caller calls it on. A Cond and a WaitGroup wait one call
    // further in.
    const Fiber *f = (const Fiber *)g;
    Walk w = {.f = f, .pc = f->pc, .base = f->base};
    bool further = g->wait_reason == WAIT_COND || g->wait_reason == WAIT_WAITGROUP;
    int calls = g->wait_reason == WAIT_ONCE ? 3 : further ? 2 : g->wait_reason >= WAIT_MUTEX;
    for (; !operand && calls > 0 && walk_out(&w); calls--) {
        c = image_code_at(vm.image, w.pc - 1, &index);
        operand = c ? code_name_at(c, index, 0) : NULL;
    }
    if (!operand)
        return false;
    put_name(operand, out);
    return is_ranged_over(operand);
}

// Goes to the frame `skip` calls above the function that called the running native's. by_panic: the
// frame meant is the panic's, which comes before it.
static bool walk_to_caller(Walk *w, int skip)
{
    for (int n = -1;;) { // the native's own function comes first
        if (w->by_panic && n++ == skip)
            return true;
        w->by_panic = false;
        if (is_shown(code_before(w->pc, NULL)) && n++ == skip)
            return true;
        if (!walk_out(w))
            return false;
    }
}

const void *vm_caller(P *p, int skip)
{
    const Fiber *f = fiber_current(p);
    Walk w = {.f = f, .pc = f->pc, .base = f->base};
    if (skip < 0 || !walk_to_caller(&w, skip))
        return NULL;
    return w.by_panic ? vm_defnext : w.pc;
}

bool vm_caller_place(const void *pc, const char **func, const char **file, int *line)
{
    Pos pos = POS_NONE;
    if (pc == vm_defnext) {
        *func = "runtime.gopanic";
        *file = "runtime/panic.go";
        *line = 0;
        return true;
    }
    const Code *c = pc ? code_before(pc, &pos) : NULL;
    if (!c)
        return false;
    PlaceName at = source_name_of(pos);
    *func = c->name;
    *file = at.file ? file_name(at) : "?";
    *line = at.line;
    return true;
}

void vm_stack(P *p, int skip, Buf *out)
{
    const Fiber *f = fiber_current(p);
    Walk w = {.f = f, .pc = f->pc, .base = f->base};
    buf_printf(out, "goroutine %llu [running]:\n", (unsigned long long)f->g.id);
    if (walk_to_caller(&w, skip))
        backtrace_frames(f, w.pc, w.base, out);
}
