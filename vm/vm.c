// vm.c: loading units into the machine, starting and ending it.
//
// Preparing a unit rewrites operands that only the machine reads, after the verifier has seen them
// as the compiler wrote them (operand names as in opcode.def):
//   SEND, RECV c; RUNDEFER, NATIVE a: slots of the frame, so that parking needs no look-up
//   RECV2 c: element slots | slots of the frame in eights << 3;  SELECT word 1: | frame slots << 32
//   CALLI word 1: method name | cache << 20;  word 2: as an instruction whose a is the window
#include "vm/vm.h"

#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/debug.h"
#include "runtime/step.h"
#include "vm/ops.h"
#include "vm/vm_impl.h"

Vm vm;
VmOptions vm_options;

static const NativeTable *const *native_tables;
static int native_table_count;
static u32 bound_natives, seen_types;

// For images without package runtime.
static RType plain_string = {.kind = RK_STRING,
                             .flags = RTYPE_COMPARABLE | RTYPE_NAMED,
                             .align = 8,
                             .slots = 2,
                             .size = 16,
                             .name = "string"};
static RType own_error_string, own_bounds_error, own_plain_error, own_type_assertion_error,
    own_panic_nil_error;

static void make_own_types(void)
{
    own_error_string = own_bounds_error = own_plain_error = plain_string;
    own_error_string.name = "runtime.errorString";
    own_error_string.pkg = own_bounds_error.pkg = own_plain_error.pkg = "runtime";
    own_bounds_error.name = "runtime.boundsError";
    own_plain_error.name = "runtime.plainError";
    static RType text;
    static RField field = {.name = "msg", .type = &plain_string};
    text = plain_string;
    text.kind = RK_STRUCT;
    text.field_count = 1;
    text.fields = &field;
    RType pointer = {.kind = RK_POINTER,
                     .flags = RTYPE_COMPARABLE | RTYPE_MEMEQ | RTYPE_DIRECT,
                     .align = 8,
                     .slots = 1,
                     .size = 8,
                     .elem = &text};
    own_type_assertion_error = own_panic_nil_error = pointer;
    own_type_assertion_error.name = "*runtime.TypeAssertionError";
    own_panic_nil_error.name = "*runtime.PanicNilError";
}

void vm_init(Image *image, const NativeTable *const *tables, int table_count)
{
    make_own_types();
    ops_init();
    native_tables = tables;
    native_table_count = table_count;
    void *natives = mmap(NULL, IMAGE_MAX_NATIVES * sizeof(BoundNative), PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (natives == MAP_FAILED)
        die("cannot reserve address space for natives");
    image->globals = gc_root_reserve(IMAGE_GLOBAL_BYTES);
    vm = (Vm){
        .entries = image->entries,
        .strings = image->strings,
        .types = image->types,
        .statics = image->statics,
        .globals = image->globals,
        .natives = natives,
        .image = image,
        .counted = sched_seeded() || DEBUG(instr),
        .name_error = image_method_name(image, "Error"),
        .name_string = image_method_name(image, "String"),
        .string_type = &plain_string,
        .error_string = &own_error_string,
        .bounds_error = &own_bounds_error,
        .plain_error = &own_plain_error,
        .type_assertion_error = &own_type_assertion_error,
        .panic_nil_error = &own_panic_nil_error,
        .flush = vm.flush,
        .flush_soon = vm.flush_soon,
    };
    bound_natives = seen_types = 1;
}

// ---- Loading --------------------------------------------------------------------------------

static const Native *find_native(const char *qualified)
{
    for (int i = 0; i < native_table_count; i++) {
        const NativeTable *t = native_tables[i];
        size_t n = strlen(t->package);
        if (strncmp(qualified, t->package, n) != 0 || qualified[n] != '.')
            continue;
        for (int k = 0; k < t->count; k++)
            if (!strcmp(t->list[k].name, qualified + n + 1))
                return &t->list[k];
    }
    return NULL;
}

// False and a text that names what is missing.
static bool vm_bind_natives(Buf *why)
{
    int missing = 0;
    u32 i = bound_natives;
    for (; i < vm.image->native_count; i++) {
        const char *name = vm.image->natives[i];
        const Native *n = find_native(name);
        if (n) {
            vm.natives[i] = (BoundNative){n->fn, n->flags};
        } else {
            buf_printf(why, "%s%s", missing++ ? ", " : "no C function is bound to ", name);
        }
    }
    if (missing)
        return false;
    bound_natives = i;
    return true;
}

static void find_types(void)
{
    const struct {
        const char *name;
        RType **at;
    } wanted[] = {
        {"string", &vm.string_type},
        {"runtime.errorString", &vm.error_string},
        {"runtime.boundsError", &vm.bounds_error},
        {"runtime.plainError", &vm.plain_error},
        {"*runtime.TypeAssertionError", &vm.type_assertion_error},
        {"*runtime.PanicNilError", &vm.panic_nil_error},
    };
    for (; seen_types < vm.image->type_count; seen_types++) {
        RType *t = vm.image->types[seen_types];
        for (int i = 0; t && t->name && i < countof(wanted); i++)
            if (!strcmp(t->name, wanted[i].name))
                *wanted[i].at = t;
    }
}

static void prepare(Code *c)
{
    u32 frame = c->frame_slots;
    for (u32 pc = 1; pc < c->ins_count; pc += 1 + opcode_info[c->ins[pc].op].words) {
        Ins *at = &c->ins[pc];
        switch (at->op) {
        case OP_SEND:
        case OP_RECV: at->c = (u16)frame; break;
        case OP_RUNDEFER:
        case OP_NATIVE: at->a = (u16)frame; break;
        case OP_RECV2: at->c = (u16)(at->c | (frame + 7) / 8 << 3); break;
        case OP_SELECT: at[1] = word_ins(ins_word(at + 1) | (u64)frame << 32); break;
        case OP_CALLI: at[2] = ins_abc(OP_NOP, at->a, 0, 0); break;
        default: break;
        }
    }
}

bool vm_load_unit(Buf *why)
{
    if (!vm_bind_natives(why))
        return false;
    find_types();
    gc_root_extend(vm.globals, align_up(vm.image->global_bytes, 16));
    // A function may have been set again, or come after others with greater numbers: each knows
    // whether it has been prepared.
    for (u32 i = 1; i < vm.image->func_count; i++) {
        Code *c = vm.image->codes[i];
        if (!c || (c->flags & CODE_PREPARED))
            continue;
        if (!verify_code(vm.image, c, why))
            return false;
    }
    for (u32 i = 1; i < vm.image->func_count; i++) {
        Code *c = vm.image->codes[i];
        if (!c || (c->flags & CODE_PREPARED))
            continue;
        prepare(c);
        c->flags |= CODE_PREPARED;
    }
    return true;
}

// ---- Start and end --------------------------------------------------------------------------

G *vm_new_main_g(P *p, u32 init_func, u32 main_func)
{
    // Not part of the image, so no trace shows it. It lives as long as the process.
    Ins *start = xcalloc(5, sizeof *start);
    u32 n = 0;
    start[n++] = ins_abc(OP_FUNC, 2, 0, 0);
    if (init_func)
        start[n++] = ins_a32(OP_CALL, 1, init_func);
    if (main_func)
        start[n++] = ins_a32(OP_CALL, 1, main_func);
    start[n] = ins_abc(OP_RET, 0, 0, 0);
    Fiber *f = fiber_new(p);
    f->base = f->stack + 1;
    f->base[-1] = ptr_slot(vm_gexit);
    fiber_save(f, start + 1, f->base, f->base + 2);
    return &f->g;
}

void vm_set_flush(void (*flush)(void), void (*flush_soon)(void))
{
    vm.flush = flush;
    vm.flush_soon = flush_soon;
}

static void vm_flush(void)
{
    if (vm.flush)
        vm.flush();
}

static void flush_soon(void)
{
    if (vm.flush_soon)
        vm.flush_soon();
}

void vm_write_stderr(const char *text, size_t len)
{
    vm_flush();
    while (len) {
        ssize_t n = write(STDERR_FILENO, text, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EPIPE)
            die_of_sigpipe();
        if (n <= 0)
            return;
        text += n;
        len -= (size_t)n;
    }
}

static RunResult run(P *p, G *g)
{
    return vm.counted ? interp_run_counted(p, g) : interp_run(p, g);
}

static void exit_hook(int code)
{
    (void)code;
    vm_flush();
}

static const char *place(const void *pc, Buf *out)
{
    return vm_place(pc, out) ? out->data : NULL;
}

// Its frames, and what its deferred calls hold.
static bool words(const G *g, u32 part, const Slot **words, u64 *count)
{
    const Fiber *f = (const Fiber *)g;
    if (part == 0) {
        u64 live = f->home->gc_live, header = (u64)((char *)f->stack - (char *)f->home);
        *words = f->stack;
        *count = live > header ? (live - header) / sizeof(Slot) : 0;
        return true;
    }
    const Defer *d = f->defers;
    for (u32 i = 1; d && i < part; i++)
        d = d->next;
    if (!d)
        return false;
    *words = d->args;
    *count = d->arg_slots + 1; // with the closure
    return true;
}

// The operation of a native is noted with it; its object is the receiver or first argument.
static void pending(const G *g, Pending *out)
{
    const Fiber *f = fiber_of((G *)(uintptr_t)g);
    const Ins *pc = f->pc;
    const Slot *base = f->base;
    out->at = pc;
    switch (pc->op) {
    case OP_SEND: *out = (Pending){VISIBLE_SEND, slot_ptr(base[pc->a]), pc}; break;
    case OP_RECV:
    case OP_RECV2: *out = (Pending){VISIBLE_RECV, slot_ptr(base[pc->b]), pc}; break;
    case OP_CLOSE: *out = (Pending){VISIBLE_CLOSE, slot_ptr(base[pc->a]), pc}; break;
    case OP_CHLEN: *out = (Pending){VISIBLE_LEN, slot_ptr(base[pc->b]), pc}; break;
    case OP_SELECT: *out = (Pending){VISIBLE_SELECT, NULL, pc}; break;
    case OP_PRINT: *out = (Pending){VISIBLE_OUTPUT, NULL, pc}; break;
    case OP_NATIVE: {
        VisibleOp op = (VisibleOp)(vm.natives[ins_u32(*pc)].flags >> NATIVE_OP_SHIFT);
        bool has_object = op >= VISIBLE_LOCK && op <= VISIBLE_ATOMIC_UPDATE;
        // The place is the call's: before the link of the native's own frame.
        const Ins *link = slot_ptr(base[-1]);
        *out = (Pending){op, has_object ? slot_ptr(base[0]) : NULL, link - 1};
        break;
    }
    default: break;
    }
}

const GRunner vm_runner = {
    .run = run,
    .pending = pending,
    .describe = backtrace_describe,
    .exit_hook = exit_hook,
    .place = place,
    .channel = backtrace_channel,
    .operand = backtrace_operand,
    .words = words,
    .idle_hook = vm_flush,
    .tick_hook = flush_soon,
};
