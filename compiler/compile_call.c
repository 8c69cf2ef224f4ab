// compile_call.c: calls, method values and expressions, go and defer.
//
// Arguments are computed straight into the callee's window: slot a - 1 is left for the link word,
// arguments stand from a on, results come back there. What decides the callee (a function value,
// an interface) stands behind the arguments until the call.
//
//     ... locals, temporaries | link | receiver, arguments | function value | temporaries of
//     arguments
//                                     a                      (its own slot if it is a local)
#include "compiler/compile_impl.h"

typedef struct Callee {
    enum { CALLEE_STATIC, CALLEE_CLOSURE, CALLEE_IFACE } kind;
    u32 id;        // STATIC: function; IFACE: method name
    int slot;      // CLOSURE: function value; IFACE: interface
    int arg_slots; // with the receiver
    int result_slots;
    const Object *method; // STATIC: NULL if it is a function
} Callee;

static int call_at(Func *f, Node *e);

int sig_param_slots(Type *sig)
{
    int n = 0;
    for (int i = 0; i < sig->params.len; i++)
        n += type_slots(sig->params.data[i]);
    return n;
}

int sig_result_slots(Type *sig)
{
    int n = 0;
    for (int i = 0; i < sig->results.len; i++)
        n += type_slots(sig->results.data[i]);
    return n;
}

bool is_plain_call(const Func *f, Node *e)
{
    return e->kind == NODE_CALL && !(e->flag & (NODEFLAG_CONVERSION | NODEFLAG_BUILTIN)) &&
           hoisted_slot(f, e) < 0;
}

Selection select_of(Func *f, Node *selector)
{
    return type_select(f->c->arena, selector->selector.x->type, selector->selector.sel->ident.name,
                       f->pkg);
}

// ---- Arguments ----

static bool converts(Type *from, Type *to)
{
    return is_iface(to) && !is_iface(from);
}

// The values that stand at `from` (of type t each, one after another) as a slice.
static void pack_nodes(Func *f, Node **args, int count, Type *elem, int dst)
{
    int mark = f->top;
    if (count == 0) {
        zero(f, dst, 3);
        return;
    }
    u64 size = type_bytes(elem);
    emit_u32(f, OP_NEW, dst, rtype_array(f->c, elem, (u64)count)->id);
    for (int i = 0; i < count; i++) {
        int m = f->top;
        int v = expr_as(f, args[i], elem);
        mem_store(f, elem, dst, (u64)i * size, v);
        f->top = m;
    }
    load_int(f, dst + 1, count);
    load_int(f, dst + 2, count);
    f->top = mark;
}

// f(g()): the results of g stand at src.
static void spread_args(Func *f, Type *tuple, int src, Type *sig, int at)
{
    int fixed = sig->params.len - (sig->variadic ? 1 : 0);
    for (int i = 0; i < fixed; i++) {
        Type *from = tuple->results.data[i], *to = sig->params.data[i];
        own_slots(f, from, src, true, to, at);
        src += type_slots(from);
        at += type_slots(to);
    }
    if (!sig->variadic)
        return;
    int count = tuple->results.len - fixed;
    if (count <= 0) {
        zero(f, at, 3);
        return;
    }
    Type *elem = type_under(sig->params.data[fixed])->elem;
    u64 size = type_bytes(elem);
    int p = temp(f, 1);
    emit_u32(f, OP_NEW, p, rtype_array(f->c, elem, (u64)count)->id);
    for (int i = 0; i < count; i++) {
        Type *from = tuple->results.data[fixed + i];
        int mark = f->top;
        int v = src;
        if (converts(from, elem)) {
            v = temp(f, 2);
            own_slots(f, from, src, true, elem, v);
        }
        mem_store(f, elem, p, (u64)i * size, v);
        f->top = mark;
        src += type_slots(from);
    }
    move(f, at, p, 1);
    load_int(f, at + 1, count);
    load_int(f, at + 2, count);
}

// alone: nothing stands in the window yet and the link's slot is free, so that a call that is the
// first argument can have the same window.
static void args_to(Func *f, Node *e, Type *sig, int at, bool alone)
{
    NodeList *args = &e->call.args;
    int mark = f->top;
    if (args->len == 1 && type_under(args->data[0]->type)->kind == TYPE_TUPLE) {
        Type *tuple = type_under(args->data[0]->type);
        bool same = !sig->variadic;
        for (int i = 0; same && i < tuple->results.len; i++)
            same = !converts(tuple->results.data[i], sig->params.data[i]);
        Node *inner = unparen(args->data[0]);
        if (same && alone && is_plain_call(f, inner) && !call_needs_order(f, inner)) {
            f->top = at;
            call_at(f, inner);
        } else {
            int src = expr(f, inner);
            spread_args(f, tuple, src, sig, at);
        }
        f->top = mark;
        return;
    }
    bool packs = sig->variadic && e->call.ellipsis == POS_NONE;
    int fixed = sig->params.len - (packs ? 1 : 0);
    for (int i = 0; i < fixed; i++) {
        Node *arg = unparen(args->data[i]);
        Type *t = sig->params.data[i];
        if (i == 0 && alone && is_plain_call(f, arg) && !converts(arg->type, t) && !arg->cval &&
            !call_needs_order(f, arg)) {
            f->top = at;
            call_at(f, arg);
            f->top = mark;
        } else {
            own_to(f, arg, t, at);
        }
        at += type_slots(t);
    }
    if (packs)
        pack_nodes(f, args->data + fixed, args->len - fixed,
                   type_under(sig->params.data[fixed])->elem, at);
    f->top = mark;
}

// ---- Receivers ----

Type *receiver_type(Compiler *c, Object *method)
{
    if (!method->recv_pointer)
        return method->recv_named;
    Type *t = type_new(c->arena, TYPE_POINTER);
    t->elem = method->recv_named;
    return t;
}

static bool is_pointer(Type *t)
{
    return type_under(t)->kind == TYPE_POINTER;
}

static int receiver_slots(Object *method)
{
    return method->recv_pointer ? 1 : type_slots(method->recv_named);
}

// The receiver that a method wants, of what stands at p (the end of the selection's path).
static void receiver_load(Func *f, Loc p, Object *method, int dst)
{
    int mark = f->top;
    if (method->recv_pointer) {
        if (is_pointer(p.type))
            loc_load(f, &p, dst);
        else
            loc_address(f, &p, dst);
    } else {
        if (is_pointer(p.type))
            p = loc_deref(f, p);
        if (type_is_aggregate(p.type) && !p.fresh) {
            int s = loc_operand(f, &p);
            emit_w(f, OP_CLONE, dst, s, 0, type_id(f->c, p.type));
        } else {
            loc_load(f, &p, dst);
        }
    }
    f->top = mark;
}

// ---- Calls ----

static bool called_method(Func *f, Node *fun, Selection *sel)
{
    if (fun->kind != NODE_SELECTOR || (fun->flag & (NODEFLAG_QUALIFIED | NODEFLAG_METHOD_EXPR)))
        return false;
    *sel = select_of(f, fun);
    return sel->kind == SELECT_METHOD || sel->kind == SELECT_IFACE_METHOD;
}

// What stands before the dot of a method, at the end of the selection's path.
static Loc receiver_place(Func *f, Node *fun, const Selection *sel)
{
    Pos saved = f->pos;
    f->pos = place_of(fun);
    Loc p = loc_walk(f, loc_of(f, fun->selector.x), sel->path.data, sel->path.len);
    f->pos = saved;
    return p;
}

static u32 method_expr_id(Func *f, Node *e);
static void bound_to(Func *f, Loc p, const Selection *sel, int dst);

// Evaluates callee and arguments; the window begins at a == f->top. deferred: for go and defer,
// which know functions and closures only.
static Callee prepare(Func *f, Node *e, int a, bool deferred)
{
    Node *fun = unparen(e->call.fun);
    Type *sig = type_under(fun->type);
    Selection sel = {0};
    Callee c = {.kind = CALLEE_STATIC,
                .arg_slots = sig_param_slots(sig),
                .result_slots = sig_result_slots(sig)};
    int at = a;
    bool alone = !deferred;
    if (called_method(f, fun, &sel)) {
        sig = type_under(sel.type);
        c.arg_slots = sig_param_slots(sig);
        c.result_slots = sig_result_slots(sig);
        alone = false;
        if (sel.kind == SELECT_METHOD) {
            int r = receiver_slots(sel.method);
            c.id = func_id_of(f->c, sel.method);
            c.method = sel.method;
            c.arg_slots += r;
            temp(f, c.arg_slots);
            int mark = f->top;
            Pos saved = f->pos;
            f->pos = place_of(fun);
            receiver_load(f, receiver_place(f, fun, &sel), sel.method, a);
            f->pos = saved;
            f->top = mark;
            at += r;
        } else if (deferred) {
            c.kind = CALLEE_CLOSURE;
            temp(f, c.arg_slots);
            c.slot = temp(f, 1);
            int mark = f->top;
            bound_to(f, receiver_place(f, fun, &sel), &sel, c.slot);
            f->top = mark;
        } else {
            c.kind = CALLEE_IFACE;
            c.id = method_name_id(f->c, sel.iface_method->name, sel.iface_method->pkg);
            c.arg_slots += 1;
            temp(f, c.arg_slots);
            if (sel.path.len == 0) {
                c.slot = expr(f, fun->selector.x);
            } else {
                Loc p = receiver_place(f, fun, &sel);
                c.slot = loc_operand(f, &p);
            }
            at += 1;
        }
    } else {
        temp(f, c.arg_slots);
        if (fun->kind == NODE_FUNC_LIT && fun->func.info->captures.len == 0) {
            c.id = literal_id(f->c, f, fun->func.info);
        } else if (fun->obj && fun->obj->kind == OBJECT_FUNC &&
                   (fun->kind == NODE_IDENT || (fun->flag & NODEFLAG_QUALIFIED))) {
            c.id = func_id_of(f->c, fun->obj);
        } else if (fun->kind == NODE_SELECTOR && (fun->flag & NODEFLAG_METHOD_EXPR)) {
            c.id = method_expr_id(f, fun);
        } else {
            c.kind = CALLEE_CLOSURE;
            c.slot = expr(f, fun);
            alone = false;
        }
    }
    args_to(f, e, sig, at, alone);
    return c;
}

// May the call wait on what package sync has? Then reports name the operand.
static bool is_lock_method(const Func *f, const Object *method)
{
    return strcmp(method->pkg->path, "sync") == 0 && f->pkg != method->pkg;
}

// The window begins at f->top, whose slot below is free for the link. Results are left there.
static int call_at(Func *f, Node *e)
{
    int a = f->top;
    Pos saved = f->pos;
    f->pos = place_of(e);
    Callee c = prepare(f, e, a, false);
    int reach = c.arg_slots + 1 > c.result_slots ? c.arg_slots + 1 : c.result_slots;
    need_slots(f, a + reach);
    if (c.method && is_lock_method(f, c.method)) {
        Node *lock = unparen(e->call.fun)->selector.x;
        mark_name(f, lock->pos, lock->end);
    }
    switch (c.kind) {
    case CALLEE_STATIC: emit_u32(f, OP_CALL, a, c.id); break;
    case CALLEE_CLOSURE: emit(f, OP_CALLC, a, c.slot, c.arg_slots); break;
    case CALLEE_IFACE:
        emit_w(f, OP_CALLI, a, c.slot, c.arg_slots, c.id);
        emit_word(f, 0);
        break;
    }
    f->pos = saved;
    f->top = a + c.result_slots;
    return a;
}

int call(Func *f, Node *e)
{
    order_call(f, e);
    temp(f, 1); // the link
    return call_at(f, e);
}

void call_selected(Func *f, Loc p, const Selection *sel, int args, int arg_slots, int result_slots,
                   bool give_back)
{
    p = loc_walk(f, p, sel->path.data, sel->path.len);
    int iface = 0, r = 1;
    if (sel->kind == SELECT_IFACE_METHOD)
        iface = loc_operand(f, &p);
    else
        r = receiver_slots(sel->method);
    temp(f, 1);
    int a = temp(f, r + arg_slots);
    int reach = r + arg_slots + 1 > result_slots ? r + arg_slots + 1 : result_slots;
    need_slots(f, a + reach);
    if (sel->kind == SELECT_IFACE_METHOD) {
        move(f, a + 1, args, arg_slots);
        emit_w(f, OP_CALLI, a, iface, 1 + arg_slots,
               method_name_id(f->c, sel->iface_method->name, sel->iface_method->pkg));
        emit_word(f, 0);
    } else {
        receiver_load(f, p, sel->method, a);
        move(f, a + r, args, arg_slots);
        emit_u32(f, OP_CALL, a, func_id_of(f->c, sel->method));
    }
    if (give_back)
        emit(f, OP_RETN, a, result_slots, 0);
}

// ---- Methods as values ----

// A closure that has evaluated the receiver.
static void bound_to(Func *f, Loc p, const Selection *sel, int dst)
{
    Compiler *c = f->c;
    int mark = f->top;
    Work work = {.kind = WORK_BOUND, .pkg = f->pkg};
    work.sel = *sel;
    work.sel.path.len = 0;
    work.sel.path.data = NULL;
    int captured, slots;
    char *key;
    if (sel->kind == SELECT_IFACE_METHOD) {
        captured = loc_operand(f, &p);
        slots = 2;
        emit(f, OP_NILCHK, captured, 0, 0);
        work.receiver = p.type;
        u32 name = method_name_id(c, sel->iface_method->name, sel->iface_method->pkg);
        key = arena_printf(c->arena, "bound iface %u %u", name, type_id(c, sel->type));
        work.name = arena_printf(c->arena, "%s.%s-fm", rtype_of(c, p.type)->name,
                                 sel->iface_method->name->text);
    } else {
        slots = receiver_slots(sel->method);
        captured = temp(f, slots);
        receiver_load(f, p, sel->method, captured);
        work.receiver = receiver_type(c, sel->method);
        key = arena_printf(c->arena, "bound %u", func_id_of(c, sel->method));
        work.name = arena_printf(c->arena, "%s-fm", func_name(c, sel->method));
    }
    emit_w(f, OP_MKCLOS, dst, slots, captured, wrapper_id(c, key, work));
    f->top = mark;
}

void method_value_to(Func *f, Node *e, int dst)
{
    int mark = f->top;
    Selection sel = select_of(f, e);
    bound_to(f, receiver_place(f, e, &sel), &sel, dst);
    f->top = mark;
}

// "*main.T.M" only for a value method that T itself declares: the machine takes it from the name
// that a nil pointer gets Go's longer words (vm/call.c).
static char *wrapper_name(Compiler *c, Type *t, const Selection *sel, Name method)
{
    bool promoted = is_pointer(t) && (sel->path.len > 0 || sel->kind != SELECT_METHOD);
    return arena_printf(c->arena, promoted ? "(%s).%s" : "%s.%s", rtype_of(c, t)->name,
                        method->text);
}

static u32 method_expr_id(Func *f, Node *e)
{
    Compiler *c = f->c;
    Type *t = e->selector.x->type;
    Selection sel = select_of(f, e);
    if (sel.kind == SELECT_METHOD && sel.path.len == 0 && sel.method->recv_pointer == is_pointer(t))
        return func_id_of(c, sel.method);
    Name name = e->selector.sel->ident.name;
    char *key =
        arena_printf(c->arena, "expr %u %u", type_id(c, t), method_name_id(c, name, f->pkg));
    Work work = {.kind = WORK_METHOD_EXPR, .pkg = f->pkg, .receiver = t, .sel = sel};
    work.name = wrapper_name(c, t, &sel, name);
    return wrapper_id(c, key, work);
}

void method_expr_to(Func *f, Node *e, int dst)
{
    emit_u32(f, OP_LDFUNC, dst, method_expr_id(f, e));
}

u32 method_word_func(Compiler *c, Type *t, const MethodEntry *m)
{
    const Selection *sel = &m->sel;
    bool direct = rtype_is(rtype_of(c, t), RTYPE_DIRECT);
    if (sel->kind == SELECT_METHOD && sel->path.len == 0 && direct &&
        sel->method->recv_pointer == is_pointer(t))
        return func_id_of(c, sel->method);
    char *key =
        arena_printf(c->arena, "word %u %u", type_id(c, t), method_name_id(c, m->name, m->pkg));
    Work work = {.kind = WORK_IFACE_METHOD, .receiver = t, .sel = *sel};
    work.name = wrapper_name(c, t, sel, m->name);
    return wrapper_id(c, key, work);
}

// ---- go and defer ----

void go_or_defer(Func *f, Node *s)
{
    Node *e = unparen(s->unary.x);
    bool is_go = s->kind == NODE_GO;
    int mark = f->top;
    Callee c = {.kind = CALLEE_STATIC};
    if (e->flag & NODEFLAG_BUILTIN)
        e = builtin_spread(f, e);
    order_call(f, e);
    int a = f->top;
    if (e->flag & NODEFLAG_BUILTIN) {
        // A function of its own that does it; the arguments are evaluated here.
        for (int i = 0; i < e->call.args.len; i++) {
            Node *arg = e->call.args.data[i];
            Type *t = builtin_param(e, i);
            if (!t)
                continue;
            int at = temp(f, type_slots(t));
            own_to(f, arg, t, at);
        }
        char *key = arena_printf(f->c->arena, "builtin %p", (void *)e);
        Work work = {.kind = WORK_BUILTIN, .pkg = f->pkg, .call = e};
        work.name =
            arena_printf(f->c->arena, "%s.%s", f->name, unparen(e->call.fun)->obj->name->text);
        c.id = wrapper_id(f->c, key, work);
    } else if (is_plain_call(f, e)) {
        Pos saved = f->pos;
        f->pos = place_of(e);
        c = prepare(f, e, a, true);
        f->pos = saved;
    } else {
        expr_discard(f, e);
        return;
    }
    need_slots(f, a + c.arg_slots + 1);
    if (c.kind == CALLEE_STATIC)
        emit_u32(f, is_go ? OP_GO : OP_DEFER, a, c.id);
    else
        emit(f, is_go ? OP_GOC : OP_DEFERC, a, c.slot, c.arg_slots);
    f->top = mark;
}
