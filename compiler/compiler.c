// compiler.c: from a unit's start to all code that it can reach.
//
// Functions are compiled from a work list: naming a function, a literal or a method gives it an
// id at once and puts its body on the list. A function's code never waits for another's, so
// literals are compiled after the function around them; where their captured variables stand is
// the closure's business (compile_expr.c, closure_to; compile_stmt.c, func_prologue).
//
// A unit's start function runs: memory for big globals, package variables and init functions of
// packages not yet initialised, the script's statements, main.
#include "compiler/compile_impl.h"

#include <stdio.h>

#include "types/scope.h"

enum { BIG_GLOBAL = 4096 };

// ---- Tables by interned text ----

void **table_at(Table *t, Name key)
{
    if (t->count * 2 >= t->cap) {
        Table bigger = {NULL, 0, t->cap ? t->cap * 2 : 64};
        bigger.entries = xcalloc(bigger.cap, sizeof *bigger.entries);
        for (u32 i = 0; i < t->cap; i++)
            if (t->entries[i].key)
                *table_at(&bigger, t->entries[i].key) = t->entries[i].value;
        free(t->entries);
        *t = bigger;
    }
    u32 i = key->hash & (t->cap - 1);
    while (t->entries[i].key && t->entries[i].key != key)
        i = (i + 1) & (t->cap - 1);
    if (!t->entries[i].key) {
        t->entries[i].key = key;
        t->count++;
    }
    return &t->entries[i].value;
}

// ---- Ids ----

static u32 reserve(Compiler *c)
{
    u32 id = image_reserve_func(c->image);
    if (id == 0 && !c->failed) {
        diag_error(c->diags, DIAG_TOO_LARGE, POS_NONE, POS_NONE, "too many functions");
        c->failed = true;
    }
    return id;
}

// "main.f", "main.T.M", "main.(*T).M", as Go prints them.
const char *func_name(Compiler *c, Object *fn)
{
    const char *pkg = fn->pkg ? fn->pkg->path : "";
    const char *name = fn->name->text;
    if (!fn->recv_named)
        return arena_printf(c->arena, "%s.%s", pkg, name);
    const char *type = fn->recv_named->obj->name->text;
    return arena_printf(c->arena, fn->recv_pointer ? "%s.(*%s).%s" : "%s.%s.%s", pkg, type, name);
}

static bool same_function(const Object *a, const Object *b)
{
    return type_identical(a->type, b->type) && a->recv_named == b->recv_named &&
           a->recv_pointer == b->recv_pointer;
}

u32 func_id_of(Compiler *c, Object *fn)
{
    // The checker may have given it the id of the function that it replaces; `extra` says that its
    // code has been asked for.
    if (fn->extra)
        return fn->func_id;
    fn->extra = fn;
    const char *name = func_name(c, fn);
    bool is_init = !fn->recv_named && strcmp(fn->name->text, "init") == 0;
    // The prompt may declare a function again: callers that know the old one's id see the new one.
    Object *old = NULL;
    if (!is_init) {
        void **at = table_at(&c->functions, name_from(name));
        old = *at;
        *at = fn;
    }
    if (!fn->func_id)
        fn->func_id = old && same_function(old, fn) ? old->func_id : reserve(c);
    Work work = {.kind = WORK_DECL,
                 .func_id = fn->func_id,
                 .name = name,
                 .pkg = fn->pkg,
                 .fn = fn,
                 .info = fn->decl ? fn->decl->func.info : NULL};
    vec_push(&c->work, work);
    return fn->func_id;
}

u32 literal_id(Compiler *c, Func *outer, FuncInfo *info)
{
    // The node's object is free for the compiler: a literal has none.
    Object *mark = info->obj;
    if (!mark) {
        mark = info->obj = arena_new(c->arena, Object);
        mark->kind = OBJECT_FUNC;
        mark->func_id = reserve(c);
        bool nested = outer->info && outer->info->node && outer->info->node->kind == NODE_FUNC_LIT;
        const char *base = !outer->info && outer->pkg ? outer->pkg->path : outer->name;
        Work work = {
            .kind = WORK_LITERAL, .func_id = mark->func_id, .pkg = outer->pkg, .info = info};
        char *text = arena_alloc(c->arena, strlen(base) + 32);
        if (!outer->info)
            snprintf(text, strlen(base) + 32, "%s.glob..func%d", base, info->index);
        else
            snprintf(text, strlen(base) + 32, nested ? "%s.%d" : "%s.func%d", base, info->index);
        work.name = text;
        vec_push(&c->work, work);
    }
    return mark->func_id;
}

u32 wrapper_id(Compiler *c, const char *key, Work work)
{
    void **at = table_at(&c->wrappers, name_from(key));
    if (!*at) {
        work.func_id = reserve(c);
        *at = (void *)(uintptr_t)work.func_id;
        vec_push(&c->work, work);
    }
    return (u32)(uintptr_t)*at;
}

GlobalVar *global_of(Compiler *c, Object *var)
{
    if (var->extra)
        return var->extra;
    GlobalVar *g = var->extra = arena_new(c->arena, GlobalVar);
    u64 size = 0;
    u32 align = 8;
    type_size(var->type, &size, &align);
    g->indirect = size > BIG_GLOBAL;
    g->offset =
        g->indirect ? image_add_global(c->image, 8, 8) : image_add_global(c->image, size, align);
    if (g->offset == 0 && c->image->global_bytes == 0 && size > 0) {
        diag_error(c->diags, DIAG_TOO_LARGE, var->pos, var->pos,
                   "package variables take too much memory");
        c->failed = true;
    }
    if (g->indirect)
        vec_push(&c->new_big_globals, var);
    return g;
}

u64 const_box(Compiler *c, Str text)
{
    void **at = table_at(&c->boxes, name_intern(text.data ? text.data : "", text.len));
    if (!*at) {
        ConstBox *box = arena_new(c->arena, ConstBox);
        box->string = image_add_string(c->image, text.data, text.len);
        box->offset = image_add_global(c->image, 16, 8);
        *at = box;
        vec_push(&c->new_boxes, *box);
    }
    return ((ConstBox *)*at)->offset;
}

// ---- One function ----

static Func func_new(Compiler *c, const Work *w)
{
    Func f = {.c = c, .info = w->info, .pkg = w->pkg, .name = w->name, .id = w->func_id};
    return f;
}

static void compile_native(Func *f, Object *fn)
{
    f->flags |= CODE_NATIVE;
    f->top = f->param_slots > f->result_slots ? f->param_slots : f->result_slots;
    func_start(f);
    emit_u32(f, OP_NATIVE, 0, image_add_native(f->c->image, func_name(f->c, fn)));
    emit(f, OP_RET, 0, 0, 0);
}

static void compile_body(Func *f, const Work *w)
{
    FuncInfo *info = w->info;
    Node *node = info->node;
    Type *sig = type_under(info->type);
    Type *receiver = NULL;
    f->decl_pos = f->pos = node->pos;
    f->param_slots = sig_param_slots(sig);
    f->result_slots = sig_result_slots(sig);
    if (w->kind == WORK_DECL && w->fn && w->fn->recv_named) {
        receiver = receiver_type(f->c, w->fn);
        f->param_slots += type_slots(receiver);
    }
    f->type = rtype_func(f->c, sig, receiver);
    if (!node->func.body) {
        compile_native(f, w->fn);
        return;
    }
    if (info->has_defer)
        f->flags |= CODE_HAS_DEFER;
    if (w->kind == WORK_LITERAL && info->captures.len > 0)
        f->flags |= CODE_CLOSURE;
    func_start(f);
    func_prologue(f);
    stmts(f, &node->func.body->block.stmts);
    f->pos = node->func.body->block.rbrace ? node->func.body->block.rbrace : f->pos;
    func_end(f);
}

static void compile_wrapper(Func *f, const Work *w)
{
    f->flags |= CODE_WRAPPER;
    if (w->kind == WORK_BUILTIN) {
        // A recover() in a wrapper gives nil: nobody called it that was deferred itself.
        for (int i = 0; i < w->call->call.args.len; i++) {
            Type *t = builtin_param(w->call, i);
            f->param_slots += t ? type_slots(t) : 0;
        }
        f->top = f->param_slots;
        f->decl_pos = f->pos = w->call->pos;
        func_start(f);
        builtin_body(f, w->call);
        if (falls_through(f))
            emit(f, OP_RET, 0, 0, 0);
        return;
    }
    Type *sig = type_under(w->sel.type);
    int args = sig_param_slots(sig);
    int r = w->kind == WORK_IFACE_METHOD  ? 1
            : w->kind == WORK_METHOD_EXPR ? type_slots(w->receiver)
                                          : 0;
    f->param_slots = r + args;
    f->result_slots = sig_result_slots(sig);
    f->top = f->param_slots;
    if (w->sel.method)
        f->decl_pos = f->pos = w->sel.method->pos;
    Loc p;
    if (w->kind == WORK_BOUND) {
        f->flags |= CODE_CLOSURE;
        func_start(f);
        int closure = temp(f, 1);
        int n = type_slots(w->receiver), at = temp(f, n);
        for (int i = 0; i < n; i++)
            emit(f, OP_LDF64, at + i, closure, 8 + 8 * i);
        p = type_is_aggregate(w->receiver) ? loc_mem(w->receiver, at, 0, true)
                                           : loc_slot(w->receiver, at);
    } else {
        func_start(f);
        bool in_slots = w->kind == WORK_METHOD_EXPR
                            ? !type_is_aggregate(w->receiver)
                            : rtype_is(rtype_of(f->c, w->receiver), RTYPE_DIRECT);
        p = in_slots ? loc_slot(w->receiver, 0) : loc_mem(w->receiver, 0, 0, true);
    }
    call_selected(f, p, &w->sel, r, args, f->result_slots, true);
}

static void compile_work(Compiler *c, const Work *w)
{
    for (int try = 0; try < 2; try++) {
        Func f = func_new(c, w);
        f.long_jumps = try == 1;
        if (w->kind == WORK_DECL || w->kind == WORK_LITERAL)
            compile_body(&f, w);
        else
            compile_wrapper(&f, w);
        Code *code = func_finish(&f);
        if (code) {
            image_set_func(c->image, code);
        } else if (f.too_large || try == 1) {
            diag_error(c->diags, DIAG_TOO_LARGE, f.decl_pos, f.decl_pos, "function %s is too large",
                       w->name);
            c->failed = true;
            func_free(&f);
            return;
        }
        func_free(&f);
        if (code)
            return;
    }
}

// ---- Units ----

// A function made here: package initialisation, the start.
static void finish_made(Func *f)
{
    if (falls_through(f))
        emit(f, OP_RET, 0, 0, 0);
    Code *code = func_finish(f);
    if (code) {
        image_set_func(f->c->image, code);
    } else {
        diag_error(f->c->diags, DIAG_TOO_LARGE, f->decl_pos, f->decl_pos,
                   "initialisation of %s is too large", f->name);
        f->c->failed = true;
    }
    func_free(f);
}

static void call_plain(Func *f, u32 id)
{
    int mark = f->top;
    temp(f, 1);
    need_slots(f, f->top + 1);
    emit_u32(f, OP_CALL, f->top, id);
    f->top = mark;
}

static PackageState *package_state(Compiler *c, Package *pkg)
{
    for (int i = 0; i < c->packages.len; i++)
        if (c->packages.data[i].pkg == pkg)
            return &c->packages.data[i];
    PackageState s = {pkg, 0, 0};
    vec_push(&c->packages, s);
    return &vec_last(&c->packages);
}

enum { SPECS_AT_ONCE = 64 };

// Variables of a package that are not initialised yet, some at a time (a table with thousands of
// entries would make one function too large).
static void init_vars(Compiler *c, Func *start, Package *pkg)
{
    PackageState *state = package_state(c, pkg);
    while (state->specs_done < pkg->init_specs.len) {
        int end = state->specs_done + SPECS_AT_ONCE;
        if (end > pkg->init_specs.len)
            end = pkg->init_specs.len;
        int begin = state->specs_done;
        state->specs_done = end;
        u32 id = reserve(c);
        for (int try = 0; try < 2; try++) {
            Func f = {.c = c, .pkg = pkg, .id = id, .flags = CODE_TOPLEVEL, .long_jumps = try == 1};
            f.name = arena_printf(c->arena, "%s.init", pkg->path);
            func_start(&f);
            for (int i = begin; i < end; i++) {
                Node *spec = pkg->init_specs.data[i];
                f.pos = spec->pos;
                if (!f.decl_pos)
                    f.decl_pos = spec->pos;
                int mark = f.top;
                var_decl(&f, spec);
                f.top = mark;
            }
            emit(&f, OP_RET, 0, 0, 0);
            Code *code = func_finish(&f);
            bool too_large = f.too_large;
            func_free(&f);
            if (code) {
                image_set_func(c->image, code);
                break;
            }
            if (too_large || try == 1) {
                diag_error(c->diags, DIAG_TOO_LARGE, f.decl_pos, f.decl_pos,
                           "initialisation of %s is too large", pkg->path);
                c->failed = true;
                break;
            }
        }
        call_plain(start, id);
        state = package_state(c, pkg);
    }
}

static void init_functions(Compiler *c, Func *start, Package *pkg)
{
    int seen = 0;
    for (int i = 0; i < pkg->funcs.len; i++) {
        Object *fn = pkg->funcs.data[i];
        if (fn->recv_named || fn->recv || strcmp(fn->name->text, "init") != 0)
            continue;
        PackageState *state = package_state(c, pkg);
        if (seen++ < state->inits_done)
            continue;
        u32 id = func_id_of(c, fn);
        vec_last(&c->work).name =
            arena_printf(c->arena, "%s.init.%d", pkg->path, state->inits_done);
        state->inits_done++;
        call_plain(start, id);
    }
}

static Object *package_object(Package *pkg, const char *name)
{
    return scope_lookup(pkg->scope, name_from(name));
}

// The machine raises these without any code that names them.
static void use_runtime_types(Compiler *c, Package *runtime)
{
    static const struct {
        const char *name;
        bool pointer;
    } wanted[] = {{"errorString", false},
                  {"boundsError", false},
                  {"plainError", false},
                  {"TypeAssertionError", true},
                  {"PanicNilError", true}};
    for (int i = 0; i < countof(wanted); i++) {
        Object *obj = package_object(runtime, wanted[i].name);
        if (!obj || obj->kind != OBJECT_TYPE)
            continue;
        Type *t = obj->type;
        if (wanted[i].pointer) {
            t = type_new(c->arena, TYPE_POINTER);
            t->elem = obj->type;
        }
        rtype_use(c, t);
    }
    rtype_use(c, type_predeclared[TYPE_STRING]);
    rtype_use(c, type_error);
}

typedef struct MainCall {
    Object *main;
    bool found;
} MainCall;

static void find_main_call(Node *n, void *arg)
{
    MainCall *m = arg;
    if (n->kind == NODE_CALL && unparen(n->call.fun)->kind == NODE_IDENT &&
        unparen(n->call.fun)->obj == m->main)
        m->found = true;
    if (n->kind != NODE_FUNC_DECL)
        node_children(n, find_main_call, arg);
}

// func main, when the unit is to call it.
static Object *main_to_call(Compiler *c, Package *pkg, FuncInfo *toplevel)
{
    if (!pkg || c->options.repl)
        return NULL;
    Object *fn = package_object(pkg, "main");
    if (!fn || fn->kind != OBJECT_FUNC)
        return NULL;
    if (!toplevel || !toplevel->node || !toplevel->node->func.body)
        return fn;
    MainCall search = {fn, false};
    NodeList *body = &toplevel->node->func.body->block.stmts;
    for (int i = 0; i < body->len; i++)
        find_main_call(body->data[i], &search);
    return search.found ? NULL : fn;
}

// The prompt: functions that stand for older ones of the same name are compiled although nothing
// in this unit names them.
static void redefined_functions(Compiler *c, Package *pkg)
{
    for (int i = 0; i < pkg->funcs.len; i++) {
        Object *fn = pkg->funcs.data[i];
        if (fn->extra || !fn->type || (!fn->recv_named && fn->recv) ||
            strcmp(fn->name->text, "init") == 0)
            continue;
        if (*table_at(&c->functions, name_from(func_name(c, fn))))
            func_id_of(c, fn);
    }
}

static void drain(Compiler *c)
{
    for (int i = 0; i < c->work.len && !c->failed; i++) {
        Work w = c->work.data[i]; // the list may move
        compile_work(c, &w);
    }
    c->work.len = 0;
}

Compiler *compiler_create(Arena *arena, Image *image, DiagList *diags,
                          const CompileOptions *options)
{
    Compiler *c = arena_new(arena, Compiler);
    c->arena = arena;
    c->image = image;
    c->diags = diags;
    c->options = *options;
    return c;
}

u64 compiler_last_value(const Compiler *c)
{
    return c->last_value;
}

u32 compile_unit(Compiler *c, Package **packages, int count, FuncInfo *toplevel, Node *last)
{
    int errors_before = c->diags->error_count;
    c->last = last;
    c->last_value_set = false;
    c->failed = false;
    c->work.len = 0;
    c->new_big_globals.len = 0;
    c->new_boxes.len = 0;

    Func start = {.c = c, .id = reserve(c), .flags = CODE_TOPLEVEL | CODE_WRAPPER};
    start.name = "main.start";
    func_start(&start);
    u32 globals_id = reserve(c);
    call_plain(&start, globals_id);

    Package *main_package = NULL;
    for (int i = 0; i < count; i++) {
        Package *pkg = packages[i];
        if (pkg->is_main)
            main_package = pkg;
        if (strcmp(pkg->path, "runtime") == 0)
            use_runtime_types(c, pkg);
        if (pkg->is_main && c->options.repl)
            redefined_functions(c, pkg);
        init_vars(c, &start, pkg);
        init_functions(c, &start, pkg);
    }
    if (c->options.repl)
        rtypes_refresh(c);
    Object *main_fn = main_to_call(c, main_package, toplevel);
    if (toplevel) {
        Work work = {
            .kind = WORK_DECL, .func_id = reserve(c), .pkg = main_package, .info = toplevel};
        work.name = main_fn ? "main.script" : "main.main";
        vec_push(&c->work, work);
        call_plain(&start, work.func_id);
    }
    if (main_fn)
        call_plain(&start, func_id_of(c, main_fn));
    drain(c);

    // Only now it is known what must be there first.
    Func globals = {.c = c, .id = globals_id, .flags = CODE_TOPLEVEL | CODE_WRAPPER};
    globals.name = "main.globals";
    func_start(&globals);
    for (int i = 0; i < c->new_big_globals.len; i++) {
        Object *var = c->new_big_globals.data[i];
        int t = temp(&globals, 1);
        emit_u32(&globals, OP_NEW, t, type_id(c, var->type));
        emit_u32(&globals, OP_STG, t, ((GlobalVar *)var->extra)->offset);
        globals.top = t;
    }
    for (int i = 0; i < c->new_boxes.len; i++) {
        int t = temp(&globals, 2);
        emit_u32(&globals, OP_LDSTR, t, c->new_boxes.data[i].string);
        emit_u32(&globals, OP_STG, t, c->new_boxes.data[i].offset);
        emit_u32(&globals, OP_STG, t + 1, c->new_boxes.data[i].offset + 8);
        globals.top = t;
    }
    finish_made(&globals);
    u32 id = start.id;
    finish_made(&start);
    if (c->failed || c->diags->error_count > errors_before)
        return 0;
    c->image->init_func = id;
    return id;
}
