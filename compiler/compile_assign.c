// compile_assign.c: variables and assignments.
//
// A single assignment evaluates its right side first when the left side calls nothing: that is
// what Go's compiler does, and a panic on the left (nil, index) then comes after the effects of
// the right. Several assignments at once have two phases: operands on the left and values on the
// right, in order, then the stores from left to right.
#include "compiler/compile_impl.h"

// ---- New variables ----

static bool is_blank(Node *n)
{
    n = unparen(n);
    return n->kind == NODE_IDENT && strcmp(n->ident.name->text, "_") == 0;
}

Object *defined_object(Node *ident)
{
    return !ident || is_blank(ident) ? NULL : ident->obj;
}

bool var_in_slots(const Func *f, const Object *var)
{
    return !var->is_global && !var_is_boxed(f, var) && !type_is_aggregate(var->type);
}

void var_bind(Func *f, Object *var, int slot)
{
    var->slot = slot;
    var_open(f, var->name ? var->name->text : "", rtype_of(f->c, var->type), slot,
             var_is_boxed(f, var));
}

// Takes the variable's slots; they are not initialised yet.
static int var_new(Func *f, Object *var)
{
    int n = var_is_boxed(f, var) ? 1 : type_slots(var->type);
    int slot = temp(f, n);
    var_bind(f, var, slot);
    return slot;
}

void var_make(Func *f, Object *var)
{
    if (var->is_global)
        return; // its memory is zero
    int slot = var_new(f, var);
    if (var_is_boxed(f, var) || type_is_aggregate(var->type))
        emit_u32(f, OP_NEW, slot, type_id(f->c, var->type));
    else
        zero(f, slot, type_slots(var->type));
}

void var_define_slots(Func *f, Object *var, Type *from, int src, bool fresh)
{
    if (var->is_global) {
        int mark = f->top;
        int v = src;
        if (is_iface(var->type) && !is_iface(from)) {
            v = temp(f, 2);
            own_slots(f, from, src, fresh, var->type, v);
        }
        Loc p = loc_var(f, var);
        loc_store(f, &p, v);
        f->top = mark;
    } else if (var_is_boxed(f, var)) {
        int slot = temp(f, 1);
        int mark = f->top;
        int v = src;
        if (is_iface(var->type) && !is_iface(from)) {
            v = temp(f, 2);
            own_slots(f, from, src, fresh, var->type, v);
        }
        emit_u32(f, OP_NEW, slot, type_id(f->c, var->type));
        mem_store(f, var->type, slot, 0, v);
        f->top = mark;
        var_bind(f, var, slot);
    } else {
        int slot = temp(f, type_slots(var->type));
        own_slots(f, from, src, fresh, var->type, slot);
        var_bind(f, var, slot);
    }
}

static void global_define(Func *f, Object *var, Node *e)
{
    int mark = f->top;
    int v = expr_as(f, e, var->type);
    Loc p = loc_var(f, var);
    loc_store(f, &p, v);
    f->top = mark;
}

// Declares var with the value e; NULL: zero.
static void var_define(Func *f, Object *var, Node *e)
{
    if (!var) {
        expr_discard(f, e);
        return;
    }
    if (!e) {
        var_make(f, var);
        return;
    }
    if (var->is_global) {
        global_define(f, var, e);
        return;
    }
    if (var_is_boxed(f, var)) {
        int slot = temp(f, 1);
        int mark = f->top;
        int v = expr_as(f, e, var->type);
        emit_u32(f, OP_NEW, slot, type_id(f->c, var->type));
        mem_store(f, var->type, slot, 0, v);
        f->top = mark;
        var_bind(f, var, slot);
        return;
    }
    Node *x = unparen(e);
    if (is_plain_call(f, x) && !(is_iface(var->type) && !is_iface(x->type))) {
        var_bind(f, var, call(f, x)); // the variable lives where the result came
        return;
    }
    int slot = temp(f, type_slots(var->type));
    own_to(f, e, var->type, slot);
    var_bind(f, var, slot);
}

// ---- Several values at once ----

static bool is_new_here(Node *ident)
{
    Object *var = defined_object(ident);
    return var && var->pos == ident->pos;
}

static bool is_slot_var(Func *f, Node *e)
{
    e = unparen(e);
    return e->kind == NODE_IDENT && !is_blank(e) && e->obj && e->obj->kind == OBJECT_VAR &&
           var_in_slots(f, e->obj);
}

// The places on the left. A store to a local may not change the operands of a later place.
static Loc *places_of(Func *f, NodeList *lhs, bool define)
{
    Loc *places = arena_array(f->c->arena, Loc, lhs->len + 1);
    bool pin = false;
    for (int i = 0; i < lhs->len; i++)
        pin = pin || (lhs->len > 1 && is_slot_var(f, lhs->data[i]));
    for (int i = 0; i < lhs->len; i++) {
        if (define && is_new_here(lhs->data[i]))
            continue;
        places[i] = loc_of(f, lhs->data[i]);
        if (pin && places[i].kind != LOC_SLOT)
            loc_pin(f, &places[i]);
    }
    return places;
}

// Values of the types `types` stand one after another at src and belong to nobody else.
static void distribute(Func *f, NodeList *lhs, Loc *places, bool define, Type **types, int src)
{
    for (int i = 0; i < lhs->len; i++) {
        Type *from = types[i];
        Node *to = lhs->data[i];
        if (!is_blank(to)) {
            if (define && is_new_here(to)) {
                Object *var = to->obj;
                if (!var->is_global && !var_is_boxed(f, var) &&
                    !(is_iface(var->type) && !is_iface(from)))
                    var_bind(f, var, src);
                else
                    var_define_slots(f, var, from, src, true);
            } else {
                int mark = f->top;
                int v = src;
                if (is_iface(places[i].type) && !is_iface(from)) {
                    v = temp(f, 2);
                    own_slots(f, from, src, true, places[i].type, v);
                }
                loc_store(f, &places[i], v);
                f->top = mark;
            }
        }
        src += type_slots(from);
    }
}

// lhs = rhs where rhs gives all values: a call, or a form with ok.
static void assign_from_one(Func *f, NodeList *lhs, Node *rhs, bool define)
{
    rhs = unparen(rhs);
    Loc *places = places_of(f, lhs, define);
    if (is_plain_call(f, rhs)) {
        Type *tuple = type_under(rhs->type);
        int src = call(f, rhs);
        distribute(f, lhs, places, define, tuple->results.data, src);
        return;
    }
    Type *types[2] = {commaok_type(rhs), type_predeclared[TYPE_BOOL]};
    int src = temp(f, type_slots(types[0]) + 1);
    commaok_to(f, rhs, src);
    distribute(f, lhs, places, define, types, src);
}

static void define_stmt(Func *f, Node *s)
{
    NodeList *lhs = &s->assign.lhs, *rhs = &s->assign.rhs;
    if (rhs->len == 1 && lhs->len > 1) {
        assign_from_one(f, lhs, rhs->data[0], true);
        return;
    }
    order_list(f, rhs);
    // Existing variables get their values after all have been computed.
    int *waiting = arena_array(f->c->arena, int, lhs->len + 1);
    for (int i = 0; i < lhs->len; i++) {
        Node *to = lhs->data[i];
        waiting[i] = -1;
        bool hold = lhs->len > 1 && defined_object(to) &&
                    (!is_new_here(to) || defined_object(to)->is_global);
        if (hold)
            waiting[i] = expr_owned(f, rhs->data[i], to->obj->type);
        else
            var_define(f, defined_object(to), rhs->data[i]);
    }
    for (int i = 0; i < lhs->len; i++) {
        if (waiting[i] < 0)
            continue;
        Loc p = loc_of(f, lhs->data[i]);
        loc_store(f, &p, waiting[i]);
    }
}

// The variable of which e may be a part; NULL: e begins with something else.
static Object *assigned_var(Node *e)
{
    e = unparen(e);
    while (e->kind == NODE_SELECTOR || e->kind == NODE_INDEX)
        e = unparen(e->kind == NODE_SELECTOR ? e->selector.x : e->index.x);
    return e->kind == NODE_IDENT ? e->obj : NULL;
}

// a, b = x, y
static void parallel_assign(Func *f, NodeList *lhs, NodeList *rhs)
{
    int n = lhs->len, mark = f->top;
    Node **operands = arena_array(f->c->arena, Node *, 2 * n);
    for (int i = 0; i < n; i++) {
        if (unparen(lhs->data[i])->kind != NODE_IDENT)
            operands[i] = lhs->data[i];
        operands[n + i] = rhs->data[i];
    }
    order_operands(f, operands, 2 * n);
    Loc *places = places_of(f, lhs, false);
    int *values = arena_array(f->c->arena, int, n);
    for (int i = 0; i < n; i++) {
        Node *to = lhs->data[i], *from = unparen(rhs->data[i]);
        if (is_blank(to)) {
            Type *t = from->type;
            values[i] = temp(f, type_slots(t));
            expr_to(f, from, values[i]);
            continue;
        }
        Type *t = to->type;
        bool converts = is_iface(t) && !is_iface(from->type);
        bool steady = !converts && is_slot_var(f, from) && !from->cval && !is_nil(from);
        bool last = i == n - 1 && is_slot_var(f, to);
        for (int k = 0; k < n; k++) {
            Object *other = assigned_var(lhs->data[k]);
            if (steady && other == from->obj)
                steady = false; // it is assigned here
            if (last && k != i && other == unparen(to)->obj)
                last = false;
        }
        if (steady) {
            values[i] = (int)from->obj->slot;
        } else if (last && (expr_writes_last(from) || !expr_mentions(from, unparen(to)->obj))) {
            values[i] = (int)unparen(to)->obj->slot;
            own_to(f, from, t, values[i]);
        } else {
            values[i] = expr_owned(f, from, t);
        }
    }
    for (int i = 0; i < n; i++)
        loc_store(f, &places[i], values[i]);
    f->top = mark;
}

// ---- One assignment ----

// x = x + b*c and x -= b*c in float64, as one instruction; x of that type is in a slot.
static bool mul_add(Func *f, TokenKind op, Type *t, int slot, Node *e)
{
    e = unparen(e);
    if (num_class(t) != NUM_F64 || (op != TOKEN_ADD && op != TOKEN_SUB) || e->kind != NODE_BINARY ||
        e->op != TOKEN_MUL || e->cval)
        return false;
    int mark = f->top;
    int b = expr(f, e->binary.x), c = expr(f, e->binary.y);
    emit(f, op == TOKEN_ADD ? OP_MULADDF : OP_MULSUBF, slot, b, c);
    f->top = mark;
    return true;
}

static void assign_slot_var(Func *f, Object *var, Node *rhs)
{
    Node *x = unparen(rhs);
    int mark = f->top;
    if (x->kind == NODE_BINARY && !x->cval && unparen(x->binary.x)->kind == NODE_IDENT &&
        unparen(x->binary.x)->obj == var &&
        mul_add(f, x->op, var->type, (int)var->slot, x->binary.y))
        return;
    if (expr_writes_last(rhs) || !expr_mentions(rhs, var)) {
        own_to(f, rhs, var->type, (int)var->slot);
    } else {
        int v = expr_owned(f, rhs, var->type);
        move(f, (int)var->slot, v, type_slots(var->type));
    }
    f->top = mark;
}

static void assign_one(Func *f, Node *lhs, Node *rhs)
{
    lhs = unparen(lhs);
    int mark = f->top;
    if (is_blank(lhs)) {
        expr_discard(f, rhs);
    } else if (is_slot_var(f, lhs)) {
        assign_slot_var(f, lhs->obj, rhs);
    } else {
        if (expr_has_call(f, lhs)) {
            hoist_calls(f, lhs);
            hoist_calls(f, rhs);
        }
        int v = expr_as(f, rhs, lhs->type);
        Loc p = loc_of(f, lhs);
        loc_store(f, &p, v);
    }
    f->top = mark;
}

static void op_apply(Func *f, TokenKind op, Type *t, int x, Node *y, int dst)
{
    if (op == TOKEN_SHL || op == TOKEN_SHR)
        shift(f, op, t, x, y, dst);
    else
        arith(f, op, t, x, y, 0, dst);
}

static void op_assign(Func *f, Node *lhs, TokenKind op, Node *rhs)
{
    lhs = unparen(lhs);
    int mark = f->top;
    if (is_slot_var(f, lhs)) {
        Object *var = lhs->obj;
        if (!mul_add(f, op, var->type, (int)var->slot, rhs))
            op_apply(f, op, var->type, (int)var->slot, rhs, (int)var->slot);
        f->top = mark;
        return;
    }
    // As by Go's compiler: calls, then what they may have changed.
    hoist_calls(f, lhs);
    hoist_calls(f, rhs);
    Loc p = loc_of(f, lhs);
    int v = temp(f, type_slots(p.type));
    loc_load(f, &p, v);
    if (!mul_add(f, op, p.type, v, rhs))
        op_apply(f, op, p.type, v, rhs, v);
    loc_store(f, &p, v);
    f->top = mark;
}

void incdec_stmt(Func *f, Node *s)
{
    Node *x = unparen(s->unary.x);
    int mark = f->top;
    Loc p = loc_of(f, x);
    if (p.kind == LOC_SLOT) {
        add_one(f, p.type, p.slot, s->op == TOKEN_INC, p.slot);
    } else {
        int v = temp(f, type_slots(p.type));
        loc_load(f, &p, v);
        add_one(f, p.type, v, s->op == TOKEN_INC, v);
        loc_store(f, &p, v);
    }
    f->top = mark;
}

void assign_stmt(Func *f, Node *s)
{
    NodeList *lhs = &s->assign.lhs, *rhs = &s->assign.rhs;
    if (s->op == TOKEN_DEFINE) {
        define_stmt(f, s);
        return;
    }
    int mark = f->top;
    if (s->op != TOKEN_ASSIGN)
        op_assign(f, lhs->data[0], assign_op(s->op), rhs->data[0]);
    else if (lhs->len == 1)
        assign_one(f, lhs->data[0], rhs->data[0]);
    else if (rhs->len == 1)
        assign_from_one(f, lhs, rhs->data[0], false);
    else
        parallel_assign(f, lhs, rhs);
    f->top = mark;
}

void var_decl(Func *f, Node *spec)
{
    NodeList *names = &spec->value.names, *values = &spec->value.values;
    if (values->len == 1 && names->len > 1) {
        assign_from_one(f, names, values->data[0], true);
        return;
    }
    order_list(f, values);
    for (int i = 0; i < names->len; i++) {
        Object *var = defined_object(names->data[i]);
        if (i < values->len)
            var_define(f, var, values->data[i]);
        else if (var)
            var_make(f, var);
    }
}
