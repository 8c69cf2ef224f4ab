// compile_switch.c: switch, type switch and select: a chain of tests that jumps to bodies.
#include "compiler/compile_impl.h"

#include "types/const.h"

static void flow_enter(Func *f, Flow *flow, int on_break)
{
    *flow = (Flow){f->flow, f->pending_label, on_break, -1, -1};
    f->pending_label = NULL;
    f->flow = flow;
}

// Bodies in order, each with its label; fallthrough goes to the next.
static void bodies(Func *f, Flow *flow, NodeList *clauses, const int *labels)
{
    for (int i = 0; i < clauses->len; i++) {
        Node *clause = clauses->data[i];
        label_set(f, labels[i]);
        flow->next_body = i + 1 < clauses->len ? labels[i + 1] : -1;
        stmts(f, &clause->clause.body);
        jump(f, flow->on_break);
    }
}

static int *new_labels(Func *f, int count)
{
    int *labels = arena_array(f->c->arena, int, count + 1);
    for (int i = 0; i < count; i++)
        labels[i] = label_new(f);
    return labels;
}

void switch_stmt(Func *f, Node *s)
{
    int top, live = scope_enter(f, &top);
    Name label = f->pending_label;
    f->pending_label = NULL;
    if (s->switchs.init)
        stmt(f, s->switchs.init);
    f->pending_label = label;
    Node *tag = s->switchs.tag ? unparen(s->switchs.tag) : NULL;
    if (tag && !tag->cval) {
        int v = expr_owned(f, tag, tag->type);
        tag = slot_node(f, tag->type, v, tag->pos);
    }
    NodeList *clauses = &s->switchs.body->block.stmts;
    int end = label_new(f);
    int *labels = new_labels(f, clauses->len);
    Flow flow;
    flow_enter(f, &flow, end);
    int otherwise = end;
    for (int i = 0; i < clauses->len; i++) {
        Node *clause = clauses->data[i];
        if (clause->clause.is_default)
            otherwise = labels[i];
        for (int k = 0; k < clause->clause.exprs.len; k++) {
            Node *e = clause->clause.exprs.data[k];
            f->pos = e->pos;
            if (tag)
                compare_jump(f, TOKEN_EQL, tag, e, labels[i], true);
            else
                cond(f, e, labels[i], true);
        }
    }
    jump(f, otherwise);
    bodies(f, &flow, clauses, labels);
    label_set(f, end);
    f->flow = flow.outer;
    scope_leave(f, live, top);
}

// ---- Type switch ----

// The clause's variable: x itself, or what is in it when the clause names one concrete type.
static void clause_variable(Func *f, Node *clause, Type *x_type, int x)
{
    Object *var = clause->clause.implicit;
    if (!var)
        return;
    Type *t = var->type;
    if (is_iface(t)) {
        if (var_in_slots(f, var) && !var->reassigned)
            var_bind(f, var, x);
        else
            var_define_slots(f, var, x_type, x, true);
        return;
    }
    if (rtype_is(rtype_of(f->c, t), RTYPE_DIRECT)) {
        var_define_slots(f, var, t, x + 1, true);
        return;
    }
    int v = temp(f, type_slots(t));
    emit_w(f, OP_ASSERT, v, x, 0, type_id(f->c, t) | (u64)type_id(f->c, x_type) << 32);
    if (!var_is_boxed(f, var))
        var_bind(f, var, v);
    else
        var_define_slots(f, var, t, v, true);
}

void type_switch_stmt(Func *f, Node *s)
{
    int top, live = scope_enter(f, &top);
    Name label = f->pending_label;
    f->pending_label = NULL;
    if (s->switchs.init)
        stmt(f, s->switchs.init);
    f->pending_label = label;
    Node *operand = unparen(s->switchs.tag)->assert.x;
    Type *x_type = operand->type;
    int x = temp(f, 2);
    expr_to(f, operand, x);
    NodeList *clauses = &s->switchs.body->block.stmts;
    int end = label_new(f);
    int *labels = new_labels(f, clauses->len);
    Flow flow;
    flow_enter(f, &flow, end);
    int otherwise = end;
    int test = temp(f, 1);
    for (int i = 0; i < clauses->len; i++) {
        Node *clause = clauses->data[i];
        if (clause->clause.is_default)
            otherwise = labels[i];
        for (int k = 0; k < clause->clause.exprs.len; k++) {
            Node *e = clause->clause.exprs.data[k];
            f->pos = e->pos;
            if (is_nil(e)) {
                jump_cmp(f, OP_JEQI, x, 0, labels[i]);
                continue;
            }
            emit_w(f, OP_TYPEIS, test, x, 0, type_id(f->c, e->type));
            jump_if(f, test, labels[i], true);
        }
    }
    jump(f, otherwise);
    for (int i = 0; i < clauses->len; i++) {
        Node *clause = clauses->data[i];
        int clause_top, clause_live = scope_enter(f, &clause_top);
        label_set(f, labels[i]);
        f->pos = clause->pos;
        clause_variable(f, clause, x_type, x);
        stmts(f, &clause->clause.body);
        scope_leave(f, clause_live, clause_top);
        jump(f, end);
    }
    label_set(f, end);
    f->flow = flow.outer;
    scope_leave(f, live, top);
}

// ---- Select ----

enum { CASE_SLOTS = 8, CASE_SEND = 0, CASE_RECV = 1 };

// The receive of `<-ch`, `x = <-ch`, `x, ok := <-ch`.
static Node *receive_of(Node *comm)
{
    Node *e = comm->kind == NODE_ASSIGN ? comm->assign.rhs.data[0] : comm->unary.x;
    return unparen(e);
}

typedef struct SelectVars {
    int elem; // where a received value arrives
    Type *type;
} SelectVars;

// The assignment of a receive case; ok stands in its slot.
static void receive_assign(Func *f, Node *comm, Type *type, int elem, int ok)
{
    if (comm->kind != NODE_ASSIGN)
        return;
    NodeList *lhs = &comm->assign.lhs;
    bool define = comm->op == TOKEN_DEFINE;
    for (int i = 0; i < lhs->len; i++) {
        Node *n = unparen(lhs->data[i]);
        Type *from = i == 0 ? type : type_predeclared[TYPE_BOOL];
        int src = i == 0 ? elem : ok;
        if (n->kind == NODE_IDENT && strcmp(n->ident.name->text, "_") == 0)
            continue;
        if (define) {
            Object *var = n->obj;
            if (!var->is_global && !var_is_boxed(f, var) &&
                !(is_iface(var->type) && !is_iface(from)))
                var_bind(f, var, src);
            else
                var_define_slots(f, var, from, src, true);
            continue;
        }
        int mark = f->top;
        Loc p = loc_of(f, n);
        int v = src;
        if (is_iface(p.type) && !is_iface(from)) {
            v = temp(f, 2);
            own_slots(f, from, src, true, p.type, v);
        }
        loc_store(f, &p, v);
        f->top = mark;
    }
}

void select_stmt(Func *f, Node *s)
{
    int top, live = scope_enter(f, &top);
    NodeList *clauses = &s->block.stmts;
    int count = 0;
    Node *otherwise = NULL, *only = NULL;
    for (int i = 0; i < clauses->len; i++) {
        if (clauses->data[i]->clause.comm) {
            count++;
            only = clauses->data[i]->clause.comm;
        } else {
            otherwise = clauses->data[i];
        }
    }
    int chosen = temp(f, 2);
    int block = temp(f, count * CASE_SLOTS);
    SelectVars *vars = arena_array(f->c->arena, SelectVars, clauses->len + 1);
    // Channels and values are evaluated for every case, in order.
    int at = block;
    for (int i = 0; i < clauses->len; i++) {
        Node *comm = clauses->data[i]->clause.comm;
        if (!comm)
            continue;
        f->pos = place_of(comm);
        int direction = CASE_RECV;
        if (comm->kind == NODE_SEND) {
            direction = CASE_SEND;
            expr_to(f, comm->binary.x, at);
            vars[i].type = type_under(comm->binary.x->type)->elem;
            vars[i].elem = temp(f, type_slots(vars[i].type));
            own_to(f, comm->binary.y, vars[i].type, vars[i].elem);
        } else {
            Node *receive = receive_of(comm);
            expr_to(f, receive->unary.x, at);
            vars[i].type = type_under(receive->unary.x->type)->elem;
            vars[i].elem = temp(f, type_slots(vars[i].type));
        }
        load_int(f, at + 1, direction | vars[i].elem << 8);
        at += CASE_SLOTS;
    }
    f->pos = count == 1 ? place_of(only) : s->pos;
    for (int i = 0; i < clauses->len; i++) {
        Node *comm = clauses->data[i]->clause.comm;
        if (!comm)
            continue;
        Node *ch = comm->kind == NODE_SEND ? comm->binary.x : receive_of(comm)->unary.x;
        mark_name(f, ch->pos, ch->end);
    }
    emit_w(f, OP_SELECT, chosen, block, count, otherwise ? 1 : 0);

    int end = label_new(f);
    int *labels = new_labels(f, clauses->len);
    Flow flow;
    flow_enter(f, &flow, end);
    int number = 0, last = -1;
    for (int i = 0; i < clauses->len; i++) {
        if (!clauses->data[i]->clause.comm)
            continue;
        if (number == count - 1 && !otherwise)
            last = i; // what is left over
        else
            jump_cmp(f, OP_JEQI, chosen, number, labels[i]);
        number++;
    }
    for (int i = 0; i < clauses->len; i++)
        if (clauses->data[i] == otherwise)
            last = i;
    if (last >= 0)
        jump(f, labels[last]);
    for (int i = 0; i < clauses->len; i++) {
        Node *clause = clauses->data[i];
        int clause_top, clause_live = scope_enter(f, &clause_top);
        label_set(f, labels[i]);
        f->pos = clause->pos;
        bool receives = clause->clause.comm && clause->clause.comm->kind != NODE_SEND;
        if (receives && type_is_aggregate(vars[i].type)) // a closed channel gives 0
            emit_u32(f, OP_FRESH, vars[i].elem, type_id(f->c, vars[i].type));
        if (receives)
            receive_assign(f, clause->clause.comm, vars[i].type, vars[i].elem, chosen + 1);
        stmts(f, &clause->clause.body);
        scope_leave(f, clause_live, clause_top);
        jump(f, end);
    }
    label_set(f, end);
    f->flow = flow.outer;
    scope_leave(f, live, top);
}
