// compile_order.c: which operands are evaluated first.
//
// The language orders calls and receives from left to right, and leaves open when a variable is
// read. Go's compiler carries out the calls of an expression first and reads variables, elements
// and pointers after them, and programs have come to depend on it: in `f(x, g())` f sees what g
// did to x. So where an operand that reads memory stands before a call, the calls are evaluated
// into temporaries first; expr() then finds their values there. (Locals in slots need none of
// this: no call can change them.)
//
// && and || whose operands call something count as calls, since their right side may not run.
#include "compiler/compile_impl.h"

static bool is_pure_builtin(Node *call)
{
    if (!(call->flag & NODEFLAG_BUILTIN))
        return false;
    switch (unparen(call->call.fun)->obj->builtin) {
    case BUILTIN_LEN:
    case BUILTIN_CAP:
    case BUILTIN_MIN:
    case BUILTIN_MAX:
    case BUILTIN_REAL:
    case BUILTIN_IMAG:
    case BUILTIN_COMPLEX:
    case BUILTIN_MAKE:
    case BUILTIN_NEW: return true;
    default: return false;
    }
}

int hoisted_slot(const Func *f, const Node *e)
{
    for (int i = f->hoisted.len - 1; i >= 0; i--)
        if (f->hoisted.data[i].node == e)
            return f->hoisted.data[i].slot;
    return -1;
}

// ---- What is in an expression ----

typedef struct Scan {
    const Func *f;
    bool calls;  // a call that has not been evaluated yet
    bool read;   // memory has been read so far
    bool needed; // and a call came after it
} Scan;

static bool is_call(Node *n)
{
    if (n->kind == NODE_CALL)
        return !(n->flag & NODEFLAG_CONVERSION) && !is_pure_builtin(n);
    return n->kind == NODE_UNARY && n->op == TOKEN_ARROW;
}

static bool is_logic(Node *n)
{
    return n->kind == NODE_BINARY && (n->op == TOKEN_LAND || n->op == TOKEN_LOR);
}

static void find_calls(Node *n, void *arg)
{
    Scan *s = arg;
    if (s->calls || n->cval || n->kind == NODE_FUNC_LIT || hoisted_slot(s->f, n) >= 0)
        return;
    if (is_call(n))
        s->calls = true;
    else
        node_children(n, find_calls, arg);
}

bool expr_has_call(const Func *f, Node *e)
{
    Scan s = {.f = f};
    find_calls(e, &s);
    return s.calls;
}

static bool counts_as_call(const Func *f, Node *n)
{
    return is_call(n) || (is_logic(n) && expr_has_call(f, n));
}

// Whether evaluating n itself (not its operands) reads what a call may change, or may panic.
static bool reads_memory(const Func *f, Node *n)
{
    switch (n->kind) {
    case NODE_IDENT: {
        Object *var = n->obj;
        if (!var || var->kind != OBJECT_VAR)
            return false;
        return var->is_global || var_is_boxed(f, var) ||
               (type_is_aggregate(var->type) && (var->captured || var->addr_taken));
    }
    case NODE_SELECTOR:
        if (n->flag & NODEFLAG_QUALIFIED)
            return n->obj->kind == OBJECT_VAR;
        return n->selector.x->type && type_under(n->selector.x->type)->kind == TYPE_POINTER;
    case NODE_STAR:
    case NODE_INDEX:
    case NODE_SLICE:
    case NODE_ASSERT: return true;
    case NODE_BINARY:
        return (n->op == TOKEN_QUO || n->op == TOKEN_REM) && num_is_int(num_class(n->type)) &&
               !unparen(n->binary.y)->cval;
    default: return false;
    }
}

static void scan(Node *n, void *arg)
{
    Scan *s = arg;
    if (s->needed || n->cval || n->mode == MODE_TYPE || n->kind == NODE_FUNC_LIT ||
        hoisted_slot(s->f, n) >= 0)
        return;
    if (counts_as_call(s->f, n)) {
        s->needed = s->read;
        return;
    }
    bool before = s->read;
    node_children(n, scan, arg);
    if (n->kind == NODE_CALL && is_pure_builtin(n))
        s->read = before; // len(x) and the like are evaluated in their turn
    else
        s->read = s->read || reads_memory(s->f, n);
}

// ---- Evaluating the calls first ----

static void hoist_child(Node *n, void *arg)
{
    hoist_calls(arg, n);
}

void hoist_calls(Func *f, Node *e)
{
    e = unparen(e);
    if (e->cval || e->mode == MODE_TYPE || e->kind == NODE_FUNC_LIT || hoisted_slot(f, e) >= 0)
        return;
    if (!counts_as_call(f, e) && !(e->kind == NODE_CALL && is_pure_builtin(e))) {
        node_children(e, hoist_child, f);
        return;
    }
    Hoisted h = {e, 0};
    if (is_plain_call(f, e)) {
        h.slot = call(f, e);
    } else {
        h.slot = temp(f, type_slots(e->type));
        expr_to(f, e, h.slot);
    }
    vec_push(&f->hoisted, h);
}

// Whether Go's compiler copies a value of this type in its turn when it is to be put into an
// interface: all but plain words, strings and slices.
static bool boxed_in_turn(Type *t)
{
    Type *u = type_under(t);
    while (u->kind == TYPE_STRUCT && u->fields.len == 1)
        u = type_under(u->fields.data[0].type);
    switch (u->kind) {
    case TYPE_INTERFACE:
    case TYPE_STRING:
    case TYPE_SLICE: return false;
    case TYPE_BOOL:
    case TYPE_INT8:
    case TYPE_UINT8:
    case TYPE_COMPLEX64:
    case TYPE_COMPLEX128: return true;
    default: return !type_is_numeric(u);
    }
}

// in_turn[i]: the operand is copied in its turn (NULL: none is).
static bool needs_order(const Func *f, Node **operands, const bool *in_turn, int count)
{
    Scan s = {.f = f};
    for (int i = 0; i < count && !s.needed; i++) {
        if (!operands[i])
            continue;
        if (in_turn && in_turn[i])
            s.needed = s.read && expr_has_call(f, operands[i]);
        else
            scan(operands[i], &s);
    }
    return s.needed;
}

static void order_in_turn(Func *f, Node **operands, const bool *in_turn, int count)
{
    if (!needs_order(f, operands, in_turn, count))
        return;
    for (int i = 0; i < count; i++) {
        Node *e = operands[i];
        if (!e)
            continue;
        if (in_turn && in_turn[i]) {
            Hoisted h = {unparen(e), temp(f, type_slots(e->type))};
            own_to(f, e, e->type, h.slot);
            vec_push(&f->hoisted, h);
        } else {
            hoist_calls(f, e);
        }
    }
}

void order_operands(Func *f, Node **operands, int count)
{
    order_in_turn(f, operands, NULL, count);
}

void order_list(Func *f, const NodeList *list)
{
    order_operands(f, list->data, list->len);
}

// The operands of a call: what decides the callee, then the arguments.
typedef struct Operands {
    int count;
    Node **list;
    bool *in_turn;
} Operands;

// What decides the callee: the function, or what its method is called on. One that calls something
// itself is evaluated in its turn as a whole, unless only its address is wanted.
static Node *callee_operand(Func *f, Node *fun, bool *in_turn)
{
    Node *e = fun;
    bool address = false;
    if (fun->kind == NODE_SELECTOR && !(fun->flag & (NODEFLAG_QUALIFIED | NODEFLAG_METHOD_EXPR))) {
        Selection sel = select_of(f, fun);
        if (sel.kind == SELECT_METHOD || sel.kind == SELECT_IFACE_METHOD)
            e = fun->selector.x;
        address = sel.kind == SELECT_METHOD && sel.method->recv_pointer &&
                  type_under(e->type)->kind != TYPE_POINTER;
    }
    *in_turn = !address && expr_has_call(f, e);
    return e;
}

static Operands call_operands(Func *f, Node *e)
{
    Node *fun = unparen(e->call.fun);
    int args = e->call.args.len;
    Operands o = {0, arena_array(f->c->arena, Node *, args + 1),
                  arena_array(f->c->arena, bool, args + 1)};
    bool builtin = e->flag & NODEFLAG_BUILTIN;
    if (!builtin) {
        o.list[0] = callee_operand(f, fun, &o.in_turn[0]);
        o.count = 1;
    }
    Type *sig = builtin ? NULL : type_under(fun->type);
    for (int i = 0; i < args; i++) {
        Node *arg = e->call.args.data[i];
        Type *t = NULL;
        if (sig && sig->variadic && i >= sig->params.len - 1)
            t = e->call.ellipsis ? NULL : type_under(vec_last(&sig->params))->elem;
        else if (sig && i < sig->params.len)
            t = sig->params.data[i];
        o.in_turn[o.count] = t && is_iface(t) && !arg->cval && !is_nil(arg) &&
                             type_under(arg->type)->kind != TYPE_TUPLE && boxed_in_turn(arg->type);
        o.list[o.count++] = arg;
    }
    return o;
}

void order_call(Func *f, Node *e)
{
    Operands o = call_operands(f, e);
    order_in_turn(f, o.list, o.in_turn, o.count);
}

bool call_needs_order(Func *f, Node *e)
{
    Operands o = call_operands(f, e);
    return needs_order(f, o.list, o.in_turn, o.count);
}
