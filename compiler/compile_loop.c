// compile_loop.c: for in all its forms.
//
// Loops have their test at the bottom, so that an iteration takes one jump. A counting loop over
// an unboxed int ends in FORLOOP, which adds, compares and jumps; its limit is a slot that is read
// each time, so a limit that the body changes is seen.
//
// Variables of a loop are new in each iteration. Only boxed ones can tell: they get a new cell
// before the post statement (for clauses) or when they are set (range).
#include "compiler/compile_impl.h"

#include "types/const.h"

static void flow_enter(Func *f, Flow *flow, int on_break, int on_continue)
{
    *flow = (Flow){f->flow, f->pending_label, on_break, on_continue, -1};
    f->pending_label = NULL;
    f->flow = flow;
}

static void flow_leave(Func *f)
{
    f->flow = f->flow->outer;
}

static bool fits16(i64 v)
{
    return v == (i16)v;
}

// ---- for init; cond; post ----

static bool is_counter(Func *f, Node *e)
{
    e = unparen(e);
    return e->kind == NODE_IDENT && e->obj && e->obj->kind == OBJECT_VAR && !e->cval &&
           num_class(e->type) == NUM_I64 && var_in_slots(f, e->obj);
}

// The slot of a limit that can be read without an instruction, or -1.
static int limit_slot(Func *f, Node *e)
{
    e = unparen(e);
    if (e->cval || num_class(e->type) != NUM_I64)
        return -1;
    if (is_counter(f, e))
        return (int)e->obj->slot;
    if (e->kind != NODE_CALL || !(e->flag & NODEFLAG_BUILTIN) ||
        unparen(e->call.fun)->obj->builtin != BUILTIN_LEN)
        return -1;
    Node *x = unparen(e->call.args.data[0]);
    TypeKind kind = type_under(x->type)->kind;
    if (x->kind == NODE_IDENT && x->obj && x->obj->kind == OBJECT_VAR && !x->cval &&
        (kind == TYPE_SLICE || kind == TYPE_STRING) && var_in_slots(f, x->obj))
        return (int)x->obj->slot + 1;
    return -1;
}

// i++ with i < n: one instruction for both. False if they do not have that form.
static bool fused_loop(Func *f, Node *test, Node *post, int body)
{
    if (!test || !post || post->kind != NODE_INC_DEC || post->op != TOKEN_INC)
        return false;
    test = unparen(test);
    if (test->kind != NODE_BINARY || (test->op != TOKEN_LSS && test->op != TOKEN_LEQ) ||
        test->cval || !is_counter(f, post->unary.x) || !is_counter(f, test->binary.x))
        return false;
    Object *var = unparen(post->unary.x)->obj;
    if (unparen(test->binary.x)->obj != var)
        return false;
    f->pos = place_of(test);
    i64 imm;
    if (const_imm(test->binary.y, &imm)) {
        imm += test->op == TOKEN_LEQ;
        int kept = const_slot(f, (u64)imm);
        if (fits16(imm))
            jump_cmp(f, OP_FORLOOPI, (int)var->slot, imm, body);
        else if (kept >= 0)
            jump_cmp(f, OP_FORLOOP, (int)var->slot, kept, body);
        else
            return false;
        return true;
    }
    int limit = limit_slot(f, test->binary.y);
    if (limit < 0 || test->op != TOKEN_LSS)
        return false;
    jump_cmp(f, OP_FORLOOP, (int)var->slot, limit, body);
    return true;
}

// The variables that need a new cell in each iteration.
static void renew_vars(Func *f, Node *init)
{
    if (!init || init->kind != NODE_ASSIGN || init->op != TOKEN_DEFINE ||
        f->c->options.loopvar_shared)
        return;
    for (int i = 0; i < init->assign.lhs.len; i++) {
        Object *var = defined_object(init->assign.lhs.data[i]);
        if (!var || var->is_global || !(var->captured || var->addr_taken))
            continue;
        int mark = f->top, slot = (int)var->slot;
        u32 type = type_id(f->c, var->type);
        if (type_is_aggregate(var->type)) {
            emit_w(f, OP_CLONE, slot, slot, 0, type);
        } else if (var_is_boxed(f, var)) {
            int n = type_slots(var->type);
            int v = temp(f, n);
            mem_load(f, var->type, slot, 0, true, v);
            emit_u32(f, OP_NEW, slot, type);
            mem_store(f, var->type, slot, 0, v);
        }
        f->top = mark;
    }
}

void loop_stmt(Func *f, Node *s)
{
    int top, live = scope_enter(f, &top);
    Name label = f->pending_label;
    f->pending_label = NULL;
    if (s->fors.init)
        stmt(f, s->fors.init);
    f->pending_label = label;
    int body = label_new(f), next = label_new(f), test = label_new(f), end = label_new(f);
    Flow flow;
    flow_enter(f, &flow, end, next);
    consts_enter(f, s);
    Node *c = s->fors.cond;
    bool twice = c && !expr_has_call(f, c);
    if (twice)
        cond(f, c, end, false);
    else if (c)
        jump(f, test);
    label_set(f, body);
    stmt(f, s->fors.body);
    label_set(f, next);
    renew_vars(f, s->fors.init);
    if (!twice || !fused_loop(f, c, s->fors.post, body)) {
        if (s->fors.post)
            stmt(f, s->fors.post);
        if (c) {
            if (!twice)
                label_set(f, test);
            f->pos = place_of(c);
            cond(f, c, body, true);
        } else {
            jump(f, body);
        }
    }
    if (f->labels.data[test] < 0)
        label_set(f, test);
    label_set(f, end);
    consts_leave(f);
    flow_leave(f);
    scope_leave(f, live, top);
}

// ---- range ----

typedef struct Range {
    Node *s;
    Node *key, *value; // NULL when not wanted
    bool define;
    int body, next, end;
    Loc value_at; // where `k, v = range` stores v; its operands are read before k is stored
    bool value_ready;
} Range;

static bool is_blank(Node *n)
{
    return n->kind == NODE_IDENT && strcmp(n->ident.name->text, "_") == 0;
}

// A variable that must exist before the loop because all iterations share it, or because its
// memory can be used again.
static bool made_before(Func *f, Object *var)
{
    if (type_is_aggregate(var->type))
        return !(var->captured || var->addr_taken) || f->c->options.loopvar_shared;
    return var_is_boxed(f, var) && f->c->options.loopvar_shared;
}

static void make_before(Func *f, Range *r, Node *n)
{
    if (!n || !r->define)
        return;
    Object *var = defined_object(n);
    if (var && !var->is_global && made_before(f, var))
        var_make(f, var);
}

// Before key and value are set.
static void begin_iteration(Func *f, Range *r)
{
    if (r->define || !r->key || !r->value)
        return;
    r->value_at = loc_of(f, r->value);
    if (r->value_at.kind != LOC_SLOT)
        loc_pin(f, &r->value_at);
    r->value_ready = true;
}

// Sets key or value to what stands in src. transient: src is written anew before each iteration,
// so an unboxed variable may be that slot itself.
static void set_var(Func *f, Range *r, Node *n, Type *from, int src, bool fresh, bool transient)
{
    if (!n)
        return;
    if (!r->define) {
        int mark = f->top;
        Loc p = n == r->value && r->value_ready ? r->value_at : loc_of(f, n);
        int v = src;
        if (is_iface(p.type) && !is_iface(from)) {
            v = temp(f, 2);
            own_slots(f, from, src, fresh, p.type, v);
        }
        loc_store(f, &p, v);
        f->top = mark;
        return;
    }
    Object *var = defined_object(n);
    if (!var->is_global && made_before(f, var)) {
        Loc p = loc_var(f, var);
        loc_store(f, &p, src);
    } else if (transient && var_in_slots(f, var)) {
        var_bind(f, var, src);
    } else {
        var_define_slots(f, var, from, src, fresh);
    }
}

// A place's value for the iteration: straight into an unboxed variable.
static void set_from_place(Func *f, Range *r, Node *n, const Loc *p)
{
    if (!n)
        return;
    Object *var = r->define ? defined_object(n) : NULL;
    if (var && var_in_slots(f, var)) {
        int slot = temp(f, type_slots(var->type));
        loc_load(f, p, slot);
        var_bind(f, var, slot);
        return;
    }
    int v = temp(f, type_slots(p->type));
    loc_load(f, p, v);
    set_var(f, r, n, p->type, v, false, false);
}

static void range_body(Func *f, Range *r)
{
    stmt(f, r->s->range.body);
    label_set(f, r->next);
    f->pos = r->s->pos;
}

// The key of a counting loop: the counter itself when nobody can change or keep it.
static void set_counter(Func *f, Range *r, Type *t, int counter)
{
    if (!r->key)
        return;
    Object *var = r->define ? defined_object(r->key) : NULL;
    if (var && var_in_slots(f, var) && !var->reassigned)
        var_bind(f, var, counter);
    else
        set_var(f, r, r->key, t, counter, true, false);
}

// 0 … limit - 1; value (may be NULL) is what stands at each counter.
static void count_loop(Func *f, Range *r, Type *key_type, int limit, i64 constant, Loc *value)
{
    int counter = temp(f, 1);
    bool imm = limit < 0 && fits16(constant);
    if (limit < 0 && !imm) {
        limit = temp(f, 1);
        load_int(f, limit, constant);
    }
    load_int(f, counter, 0);
    if (limit >= 0)
        jump_cmp(f, OP_JLEI, limit, 0, r->end);
    else if (constant <= 0)
        jump(f, r->end);
    label_set(f, r->body);
    begin_iteration(f, r);
    set_counter(f, r, key_type, counter);
    if (value) {
        value->index = counter;
        set_from_place(f, r, r->value, value);
    }
    range_body(f, r);
    if (imm)
        jump_cmp(f, OP_FORLOOPI, counter, constant, r->body);
    else
        jump_cmp(f, OP_FORLOOP, counter, limit, r->body);
}

static void range_int(Func *f, Range *r, Node *x)
{
    Type *t = x->type;
    Object *var = r->key && r->define ? defined_object(r->key) : NULL;
    if (var)
        t = var->type;
    i64 constant;
    if (const_imm(x, &constant)) {
        count_loop(f, r, t, -1, constant, NULL);
        return;
    }
    int limit = temp(f, 1);
    expr_to(f, x, limit);
    count_loop(f, r, t, limit, 0, NULL);
}

static void range_slice(Func *f, Range *r, Node *x)
{
    int header;
    if (x->kind == NODE_IDENT && x->obj && x->obj->kind == OBJECT_VAR && !x->obj->reassigned &&
        var_in_slots(f, x->obj)) {
        header = (int)x->obj->slot;
    } else {
        header = temp(f, 3);
        expr_to(f, x, header);
    }
    Loc p = {.kind = LOC_ELEM, .type = type_under(x->type)->elem, .slot = header};
    count_loop(f, r, type_predeclared[TYPE_INT], header + 1, 0, r->value ? &p : NULL);
}

static void range_array(Func *f, Range *r, Node *x)
{
    Type *u = type_under(x->type);
    bool pointer = u->kind == TYPE_POINTER;
    Type *a = pointer ? type_under(u->elem) : u;
    if (!r->value) {
        if (expr_has_call(f, x))
            expr_discard(f, x);
        count_loop(f, r, type_predeclared[TYPE_INT], -1, (i64)a->len, NULL);
        return;
    }
    int p = temp(f, 1);
    bool steady = x->kind == NODE_IDENT && x->obj && x->obj->kind == OBJECT_VAR &&
                  !x->obj->is_global && !x->obj->reassigned && !x->obj->captured &&
                  !x->obj->addr_taken;
    if (pointer || expr_is_fresh(x) || steady)
        expr_to(f, x, p);
    else
        own_to(f, x, x->type, p); // the loop sees the array as it is now
    Loc elem = {.kind = LOC_AELEM, .type = a->elem, .slot = p, .len = a->len, .known = true};
    count_loop(f, r, type_predeclared[TYPE_INT], -1, (i64)a->len, &elem);
}

static void range_string(Func *f, Range *r, Node *x)
{
    int string = temp(f, 2), state = temp(f, 3);
    expr_to(f, x, string);
    load_int(f, state, 0);
    label_set(f, r->body);
    jump_cmp(f, OP_STRNEXT, state, string, r->end);
    begin_iteration(f, r);
    set_var(f, r, r->key, type_predeclared[TYPE_INT], state + 1, true, true);
    set_var(f, r, r->value, type_rune, state + 2, true, true);
    range_body(f, r);
    jump(f, r->body);
}

static void range_map(Func *f, Range *r, Node *x)
{
    Type *u = type_under(x->type);
    int iter = temp(f, 2);
    int key = r->key ? temp(f, type_slots(u->key)) : 0;
    int value = r->value ? temp(f, type_slots(u->elem)) : 0;
    int mark = f->top;
    int m = expr(f, x);
    emit_w(f, OP_MAPITER, iter, m, 0, type_id(f->c, x->type));
    f->top = mark;
    jump(f, r->next);
    label_set(f, r->body);
    begin_iteration(f, r);
    set_var(f, r, r->key, u->key, key, true, true);
    set_var(f, r, r->value, u->elem, value, true, true);
    range_body(f, r);
    u64 wanted = (r->key ? 1ull << 32 : 0) | (r->value ? 1ull << 33 : 0);
    emit_w(f, OP_MAPNEXT, iter, key, value, type_id(f->c, x->type) | wanted);
    jump_if(f, iter + 1, r->body, true);
}

static void range_chan(Func *f, Range *r, Node *x)
{
    Type *elem = type_under(x->type)->elem;
    int n = type_slots(elem);
    int ch = temp(f, 1), value = temp(f, n + 1);
    expr_to(f, x, ch);
    jump(f, r->next);
    label_set(f, r->body);
    begin_iteration(f, r);
    set_var(f, r, r->key, elem, value, true, true);
    range_body(f, r);
    mark_name(f, x->pos, x->end);
    emit(f, OP_RECV2, value, ch, n);
    jump_if(f, value + n, r->body, true);
}

void range_stmt(Func *f, Node *s)
{
    int top, live = scope_enter(f, &top);
    Range r = {.s = s, .key = s->range.key, .value = s->range.value, .define = s->range.define};
    if (r.key)
        r.key = unparen(r.key);
    if (r.value)
        r.value = unparen(r.value);
    if (r.key && is_blank(r.key))
        r.key = NULL;
    if (r.value && is_blank(r.value))
        r.value = NULL;
    r.body = label_new(f);
    r.next = label_new(f);
    r.end = label_new(f);
    Flow flow;
    flow_enter(f, &flow, r.end, r.next);
    Node *x = unparen(s->range.x);
    consts_enter(f, s);
    make_before(f, &r, r.key);
    make_before(f, &r, r.value);
    Type *u = type_under(x->type);
    switch (u->kind) {
    case TYPE_SLICE: range_slice(f, &r, x); break;
    case TYPE_ARRAY:
    case TYPE_POINTER: range_array(f, &r, x); break;
    case TYPE_STRING:
    case TYPE_UNTYPED_STRING: range_string(f, &r, x); break;
    case TYPE_MAP: range_map(f, &r, x); break;
    case TYPE_CHAN: range_chan(f, &r, x); break;
    case TYPE_FUNC:
        diag_error(f->c->diags, DIAG_TOO_LARGE, x->pos, x->end,
                   "cannot range over a function: csp does not have "
                   "iterator functions yet");
        label_set(f, r.body);
        label_set(f, r.next);
        break;
    default: range_int(f, &r, x);
    }
    label_set(f, r.end);
    consts_leave(f);
    flow_leave(f);
    scope_leave(f, live, top);
}
