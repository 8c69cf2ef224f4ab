// compile_stmt.c: statements, and the beginning and end of functions.
//
// A function that defers, or has named results, keeps its results in variables. A return then
// stores them, runs the deferred calls, and loads the variables again, because deferred calls may
// have changed them. The epilogue does the same where the body ends, and when a panic was
// recovered.
//
// Not here: loops (compile_loop.c), switch and select (compile_switch.c).
#include "compiler/compile_impl.h"

// ---- Scopes ----

int scope_enter(Func *f, int *top)
{
    *top = f->top;
    return f->live.len;
}

void scope_leave(Func *f, int live_mark, int top)
{
    vars_close(f, live_mark);
    f->top = top;
}

void stmts(Func *f, const NodeList *list)
{
    int top, live = scope_enter(f, &top);
    for (int i = 0; i < list->len; i++)
        stmt(f, list->data[i]);
    scope_leave(f, live, top);
}

// ---- Functions ----

static bool has_defer(const Func *f)
{
    return f->flags & CODE_HAS_DEFER;
}

// Parameters stand in the first slots; boxed ones move to a cell.
void func_prologue(Func *f)
{
    FuncInfo *info = f->info;
    int at = 0;
    for (int i = 0; i < info->params.len; i++) {
        info->params.data[i]->slot = at;
        at += type_slots(info->params.data[i]->type);
    }
    check(at == f->param_slots);
    f->top = at;
    need_slots(f, at);
    if (f->flags & CODE_CLOSURE) {
        int closure = temp(f, 1);
        i64 offset = 8;
        for (int i = 0; i < info->captures.len; i++) {
            Object *var = info->captures.data[i];
            int n = var_is_boxed(f, var) ? 1 : type_slots(var->type);
            int slot = temp(f, n);
            for (int k = 0; k < n;) {
                int m = n - k >= 3 ? 3 : n - k;
                Opcode op = m == 3 ? OP_LDF3 : m == 2 ? OP_LDF2 : OP_LDF64;
                emit(f, op, slot + k, closure, offset + 8 * k);
                k += m;
            }
            offset += 8 * n;
            var_bind(f, var, slot);
        }
        if (offset > 0xffff)
            f->too_large = true;
    }
    for (int i = 0; i < info->params.len; i++) {
        Object *var = info->params.data[i];
        int slot = (int)var->slot;
        if (var_is_boxed(f, var)) {
            int box = temp(f, 1);
            emit_u32(f, OP_NEW, box, type_id(f->c, var->type));
            mem_store(f, var->type, box, 0, slot);
            slot = box;
        }
        var_bind(f, var, slot);
    }
    f->results_kept = info->results.len > 0 && (info->named_results || has_defer(f));
    if (f->results_kept) {
        f->result_base = f->top;
        for (int i = 0; i < info->results.len; i++) {
            Object *var = info->results.data[i];
            if (!var_in_slots(f, var))
                f->result_base = -1;
            var_make(f, var);
        }
    }
    if (has_defer(f))
        f->epilogue = label_new(f);
}

static void return_kept(Func *f)
{
    FuncInfo *info = f->info;
    if (f->result_slots == 0) {
        emit(f, OP_RET, 0, 0, 0);
        return;
    }
    int base = f->result_base;
    int mark = f->top;
    if (base < 0) {
        base = temp(f, f->result_slots);
        int at = base;
        for (int i = 0; i < info->results.len; i++) {
            Object *var = info->results.data[i];
            Loc p = loc_var(f, var);
            if (type_is_aggregate(var->type) && (var->captured || var->addr_taken)) {
                int s = loc_operand(f, &p);
                emit_w(f, OP_CLONE, at, s, 0, type_id(f->c, var->type));
            } else {
                loc_load(f, &p, at);
            }
            at += type_slots(var->type);
        }
    }
    if (f->result_slots == 1)
        emit(f, OP_RET1, base, 0, 0);
    else
        emit(f, OP_RETN, base, f->result_slots, 0);
    f->top = mark;
}

// Control leaves the function; result variables are up to date.
static void leave(Func *f)
{
    if (has_defer(f)) // here, not in the epilogue: a trace shows the line of the return
        emit(f, OP_RUNDEFER, 0, 0, 0);
    return_kept(f);
}

static void return_slots(Func *f, int base)
{
    if (f->result_slots == 0)
        emit(f, OP_RET, 0, 0, 0);
    else if (f->result_slots == 1)
        emit(f, OP_RET1, base, 0, 0);
    else
        emit(f, OP_RETN, base, f->result_slots, 0);
}

// A local array or struct that nobody else can reach is given away instead of copied.
static bool dies_here(Func *f, Node *e)
{
    e = unparen(e);
    if (e->kind != NODE_IDENT || !e->obj || e->obj->kind != OBJECT_VAR || e->cval)
        return false;
    Object *var = e->obj;
    return !var->is_global && !var->captured && !var->addr_taken && var->func == f->info &&
           !has_defer(f);
}

// The value of a result in slots that may be given to the caller.
static int result_value(Func *f, Node *e, Type *t)
{
    if (type_is_aggregate(t) && !is_iface(t) && (expr_is_fresh(e) || dies_here(f, e)))
        return expr(f, e);
    if (type_is_aggregate(t))
        return expr_owned(f, e, t);
    return expr_as(f, e, t);
}

static void return_tuple(Func *f, Node *e, Type *sig, bool store)
{
    Type *tuple = type_under(e->type);
    int src = expr(f, e);
    bool same = true;
    for (int i = 0; i < sig->results.len; i++)
        if (is_iface(sig->results.data[i]) && !is_iface(tuple->results.data[i]))
            same = false;
    int base = src;
    if (!same) {
        base = temp(f, f->result_slots);
        int from = src, to = base;
        for (int i = 0; i < sig->results.len; i++) {
            own_slots(f, tuple->results.data[i], from, true, sig->results.data[i], to);
            from += type_slots(tuple->results.data[i]);
            to += type_slots(sig->results.data[i]);
        }
    }
    if (!store) {
        return_slots(f, base);
        return;
    }
    for (int i = 0; i < sig->results.len; i++) {
        Loc p = loc_var(f, f->info->results.data[i]);
        loc_store(f, &p, base);
        base += type_slots(sig->results.data[i]);
    }
    leave(f);
}

static void return_stmt(Func *f, Node *s)
{
    NodeList *list = &s->list.list;
    Type *sig = f->info->type;
    bool store = has_defer(f) && f->results_kept;
    for (int i = 0; f->results_kept && i < f->info->results.len; i++)
        store = store || f->info->results.data[i]->captured || f->info->results.data[i]->addr_taken;
    if (list->len == 0 || sig->results.len == 0) {
        leave(f);
        return;
    }
    order_list(f, list);
    int n = sig->results.len;
    if (n > 1 && list->len == 1) {
        return_tuple(f, unparen(list->data[0]), sig, store);
        return;
    }
    if (n == 1) {
        Node *e = list->data[0];
        Type *t = sig->results.data[0];
        if (!store) {
            return_slots(f, result_value(f, e, t));
            return;
        }
        Object *var = f->info->results.data[0];
        if (var_in_slots(f, var) && (expr_writes_last(e) || !expr_mentions(e, var))) {
            own_to(f, e, t, (int)var->slot);
        } else {
            int v = expr_as(f, e, t);
            Loc p = loc_var(f, var);
            loc_store(f, &p, v);
        }
        leave(f);
        return;
    }
    int base = temp(f, f->result_slots), at = base;
    for (int i = 0; i < n; i++) {
        Node *e = list->data[i];
        Type *t = sig->results.data[i];
        if (!store && type_is_aggregate(t) && dies_here(f, e))
            expr_to(f, e, at);
        else
            own_to(f, e, t, at);
        at += type_slots(t);
    }
    if (!store) {
        return_slots(f, base);
        return;
    }
    for (int i = 0; i < n; i++) {
        Loc p = loc_var(f, f->info->results.data[i]);
        loc_store(f, &p, base);
        base += type_slots(sig->results.data[i]);
    }
    leave(f);
}

void func_end(Func *f)
{
    bool open = falls_through(f);
    if (has_defer(f)) {
        label_set(f, f->epilogue);
        emit(f, OP_RUNDEFER, 0, 0, 0);
        return_kept(f);
    } else if (open && (f->results_kept || f->result_slots == 0)) {
        return_kept(f);
    } else if (open) {
        // Not reached: the checker has seen a terminating statement.
        int base = temp(f, f->result_slots);
        zero(f, base, f->result_slots);
        return_slots(f, base);
    }
}

// ---- Jumps by name ----

static int goto_label(Func *f, Name name)
{
    for (int i = 0; i < f->gotos.len; i++)
        if (f->gotos.data[i].name == name)
            return f->gotos.data[i].label;
    GotoLabel g = {name, label_new(f)};
    vec_push(&f->gotos, g);
    return g.label;
}

static void branch_stmt(Func *f, Node *s)
{
    Name label = s->branch.label ? s->branch.label->ident.name : NULL;
    if (s->op == TOKEN_GOTO) {
        jump(f, goto_label(f, label));
        return;
    }
    for (Flow *flow = f->flow; flow; flow = flow->outer) {
        if (label && flow->label != label)
            continue;
        int target = s->op == TOKEN_BREAK      ? flow->on_break
                     : s->op == TOKEN_CONTINUE ? flow->on_continue
                                               : flow->next_body;
        if (target >= 0) {
            jump(f, target);
            return;
        }
    }
}

// ---- Statements ----

static void if_stmt(Func *f, Node *s)
{
    int top, live = scope_enter(f, &top);
    if (s->ifs.init)
        stmt(f, s->ifs.init);
    int otherwise = label_new(f);
    cond(f, s->ifs.cond, otherwise, false);
    stmt(f, s->ifs.then);
    if (s->ifs.otherwise) {
        int end = label_new(f);
        jump(f, end);
        label_set(f, otherwise);
        stmt(f, s->ifs.otherwise);
        label_set(f, end);
    } else {
        label_set(f, otherwise);
    }
    scope_leave(f, live, top);
}

static void send_stmt(Func *f, Node *s)
{
    int mark = f->top;
    Node *operands[] = {s->binary.x, s->binary.y};
    order_operands(f, operands, 2);
    int ch = expr(f, s->binary.x);
    Type *elem = type_under(s->binary.x->type)->elem;
    int v =
        type_is_aggregate(elem) ? expr_owned(f, s->binary.y, elem) : expr_as(f, s->binary.y, elem);
    mark_name(f, s->binary.x->pos, s->binary.x->end);
    emit(f, OP_SEND, ch, v, 0);
    f->top = mark;
}

// REPL: the value of an entry's last expression is kept as an interface in a global.
static void keep_last(Func *f, Node *e)
{
    Compiler *c = f->c;
    e = unparen(e);
    if (!e->type || type_under(e->type)->kind == TYPE_TUPLE || e->mode == MODE_NOVALUE) {
        expr_discard(f, e);
        return;
    }
    int mark = f->top;
    int v = temp(f, 2);
    if (type_is_aggregate(e->type) || !is_iface(e->type))
        own_to(f, e, type_empty_interface, v);
    else
        expr_to(f, e, v);
    c->last_value = image_add_global(c->image, 16, 8);
    c->last_value_set = true;
    emit_u32(f, OP_STG, v, c->last_value);
    emit_u32(f, OP_STG, v + 1, c->last_value + 8);
    f->top = mark;
}

static void decl_stmt(Func *f, Node *decl)
{
    if (decl->kind != NODE_GEN_DECL || decl->op != TOKEN_VAR)
        return;
    for (int i = 0; i < decl->gen.specs.len; i++)
        var_decl(f, decl->gen.specs.data[i]);
}

void stmt(Func *f, Node *s)
{
    f->pos = place_of(s);
    f->hoisted.len = 0;
    switch (s->kind) {
    case NODE_EMPTY: break;
    case NODE_EXPR_STMT:
        if (s == f->c->last)
            keep_last(f, s->unary.x);
        else
            expr_discard(f, s->unary.x);
        break;
    case NODE_SEND: send_stmt(f, s); break;
    case NODE_INC_DEC: incdec_stmt(f, s); break;
    case NODE_ASSIGN: assign_stmt(f, s); break;
    case NODE_GO:
    case NODE_DEFER: go_or_defer(f, s); break;
    case NODE_RETURN: {
        int mark = f->top;
        return_stmt(f, s);
        f->top = mark;
        break;
    }
    case NODE_BRANCH: branch_stmt(f, s); break;
    case NODE_BLOCK: stmts(f, &s->block.stmts); break;
    case NODE_IF: if_stmt(f, s); break;
    case NODE_SWITCH: switch_stmt(f, s); break;
    case NODE_TYPE_SWITCH: type_switch_stmt(f, s); break;
    case NODE_SELECT: select_stmt(f, s); break;
    case NODE_FOR: loop_stmt(f, s); break;
    case NODE_RANGE: range_stmt(f, s); break;
    case NODE_LABELED: {
        Name name = s->labeled.label->ident.name;
        label_set(f, goto_label(f, name));
        f->pending_label = name;
        stmt(f, s->labeled.stmt);
        f->pending_label = NULL;
        break;
    }
    case NODE_DECL_STMT: decl_stmt(f, s->unary.x); break;
    case NODE_GEN_DECL: decl_stmt(f, s); break;
    case NODE_FUNC_DECL: break;
    default: fatal("compiler: no statement %s", node_kind_name(s->kind));
    }
}
