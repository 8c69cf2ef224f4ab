// vet_code.c: single statements and expressions that cannot be meant: code that is never reached,
// results thrown away, conditions that are always true, changes that are lost.
#include "types/vet_impl.h"

// ---- Never reached ----------------------------------------------------------------------

static bool is_endless(const Node *n)
{
    if (n->kind == NODE_SELECT)
        return n->block.stmts.len == 0;
    return n->kind == NODE_FOR && !n->fors.cond && !vet_leaves(n->fors.body);
}

static void check_unreachable(Vet *v, const NodeList *list)
{
    for (int i = 0; i + 1 < list->len; i++) {
        const Node *n = list->data[i], *next = list->data[i + 1];
        bool is_exit = n->kind == NODE_EXPR_STMT && !vet_is_builtin(n->unary.x, BUILTIN_PANIC);
        if (is_exit || (!vet_terminates(n) && !is_endless(n)))
            continue;
        // What ends a function that must return something, or where a jump may go.
        if (next->kind == NODE_LABELED || next->kind == NODE_EMPTY || next->kind == NODE_RETURN ||
            next->kind == NODE_BRANCH || next->kind == NODE_FUNC_DECL)
            return;
        if (next->kind == NODE_EXPR_STMT && vet_is_builtin(next->unary.x, BUILTIN_PANIC))
            return; // "cannot happen"
        Diag *d = vet_warn(v, DIAG_UNREACHABLE, next, "unreachable code");
        diag_other(d, n->pos, "nothing comes after this");
        return;
    }
}

// ---- Assignments ------------------------------------------------------------------------

static bool has_call(Node *n, void *arg)
{
    bool *found = arg;
    *found |= n->kind == NODE_CALL || (n->kind == NODE_UNARY && n->op == TOKEN_ARROW);
    return !*found;
}

static bool is_pure(Node *n)
{
    bool found = false;
    vet_walk(n, has_call, &found);
    return !found;
}

static void check_self_assignment(Vet *v, Node *n)
{
    if (n->op != TOKEN_ASSIGN || n->assign.lhs.len != n->assign.rhs.len)
        return;
    for (int i = 0; i < n->assign.lhs.len; i++) {
        Node *to = n->assign.lhs.data[i], *from = n->assign.rhs.data[i];
        const Type *t = from->type ? type_under(from->type) : NULL;
        if (to->kind != from->kind || !is_pure(to) || !t ||
            strcmp(vet_text(v, to), vet_text(v, from)) != 0)
            continue;
        if (to->kind == NODE_IDENT && to->obj != from->obj)
            continue;
        // A map's element: m[k] = m[k] makes one where there was none.
        if (to->kind == NODE_INDEX && to->index.x->type &&
            type_under(to->index.x->type)->kind == TYPE_MAP)
            continue;
        const char *text = vet_text(v, to);
        Diag *d = vet_warn(v, DIAG_SELF_ASSIGNMENT, n, "self-assignment of %s to %s", text, text);
        if (to->kind == NODE_IDENT && to->obj && to->obj->is_param)
            diag_hint(v->diags, d, "was a field meant, as in x.%s = %s?", text, text);
    }
}

// x = atomic.AddInt64(&x, 1): the assignment is not atomic.
static void check_atomic(Vet *v, Node *n)
{
    if (n->assign.lhs.len != 1 || n->assign.rhs.len != 1 || n->op != TOKEN_ASSIGN)
        return;
    Node *call = node_unparen(n->assign.rhs.data[0]);
    const Object *f = call->kind == NODE_CALL ? vet_callee(call) : NULL;
    if (!f || !f->pkg || strcmp(f->pkg->path, "sync/atomic") != 0 || f->recv_named ||
        strncmp(f->name->text, "Add", 3) != 0 || call->call.args.len == 0)
        return;
    Node *address = node_unparen(call->call.args.data[0]);
    if (address->kind != NODE_UNARY || address->op != TOKEN_AND ||
        strcmp(vet_text(v, address->unary.x), vet_text(v, n->assign.lhs.data[0])) != 0)
        return;
    Diag *d = vet_warn(v, DIAG_ATOMIC_ASSIGNMENT, n, "direct assignment to atomic value");
    diag_reason(v->diags, d, "the addition is atomic, but storing its result again is not");
    diag_hint(v->diags, d, "the call alone does it: %s", vet_text(v, call));
}

// ---- Results that nobody takes ----------------------------------------------------------

static bool is_worthless(const Object *f)
{
    static const struct {
        const char *pkg, *names;
    } pure[] = {
        {"fmt", " Sprint Sprintf Sprintln Errorf "},
        {"errors", " New Is Unwrap "},
        {"strings",
         " Contains Count Fields HasPrefix HasSuffix Index Join LastIndex Map Replace "
         "ReplaceAll Split Title ToLower ToTitle ToUpper Trim TrimFunc TrimLeft TrimPrefix "
         "TrimRight TrimSpace TrimSuffix "},
        {"strconv", " Itoa Quote "},
        {"sort", " Reverse IsSorted SearchInts "},
        {"math", " Abs Ceil Cos Exp Floor Log Max Min Mod Pow Sin Sqrt Tan "},
        {"context", " WithCancel WithTimeout WithDeadline WithValue "},
        {"bytes", " ToUpper ToLower TrimSpace Replace ReplaceAll Contains Equal "},
    };
    if (!f || !f->pkg || f->recv_named)
        return false;
    char name[64];
    snprintf(name, sizeof name, " %s ", f->name->text);
    for (int i = 0; i < countof(pure); i++)
        if (strcmp(f->pkg->path, pure[i].pkg) == 0 && strstr(pure[i].names, name))
            return true;
    return false;
}

static void check_unused_result(Vet *v, Node *stmt)
{
    const Node *call = node_unparen(stmt->unary.x);
    const Object *f = call->kind == NODE_CALL ? vet_callee(call) : NULL;
    if (!is_worthless(f))
        return;
    const char *name = vet_text(v, call->call.fun);
    Diag *d = vet_warn(v, DIAG_UNUSED_RESULT, call, "result of %s call not used", name);
    if (strcmp(f->pkg->path, "strings") == 0 || strcmp(f->pkg->path, "bytes") == 0)
        diag_reason(v->diags, d, "%s gives a new value and leaves its argument as it is", name);
    else if (strcmp(f->pkg->path, "fmt") == 0)
        diag_reason(v->diags, d, "%s prints nothing: it gives the text as its result", name);
    if (call->call.args.len > 0 && vet_var(call->call.args.data[0]) &&
        strcmp(f->pkg->path, "strings") == 0)
        diag_hint(v->diags, d, "%s = %s", vet_text(v, call->call.args.data[0]), vet_text(v, call));
}

// ctx, _ := context.WithCancel(…): the context can never be ended.
static void check_lost_cancel(Vet *v, Node *n)
{
    if (n->assign.lhs.len != 2 || n->assign.rhs.len != 1)
        return;
    const Node *call = node_unparen(n->assign.rhs.data[0]);
    if (call->kind != NODE_CALL || !(vet_calls(call, "context", NULL, "WithCancel") ||
                                     vet_calls(call, "context", NULL, "WithTimeout") ||
                                     vet_calls(call, "context", NULL, "WithDeadline")))
        return;
    Node *cancel = node_unparen(n->assign.lhs.data[1]);
    if (cancel->kind != NODE_IDENT || strcmp(cancel->ident.name->text, "_") != 0)
        return;
    const Object *f = vet_callee(call);
    Diag *d =
        vet_warn(v, DIAG_LOST_CANCEL, cancel,
                 "the cancel function returned by context.%s should be called, not discarded, "
                 "to avoid a context leak",
                 f->name->text);
    diag_hint(v->diags, d, "ctx, cancel := …, and then defer cancel()");
}

// defer fmt.Println(time.Since(start)): measured now, not at the end.
static void check_deferred_argument(Vet *v, Node *defer)
{
    const Node *call = defer->unary.x;
    for (int i = 0; i < call->call.args.len; i++) {
        const Node *arg = node_unparen(call->call.args.data[i]);
        if (arg->kind != NODE_CALL || !vet_calls(arg, "time", NULL, "Since"))
            continue;
        Diag *d = vet_warn(v, DIAG_DEFERRED_ARGUMENT, arg, "call to time.Since is not deferred");
        diag_reason(v->diags, d,
                    "the arguments of a deferred call are computed at the defer statement");
        diag_hint(v->diags, d, "defer func() { %s }()", vet_text(v, call));
    }
}

// ---- Conditions -------------------------------------------------------------------------

static void collect_operands(Node *n, TokenKind op, NodeList *out)
{
    n = node_unparen(n);
    if (n->kind == NODE_BINARY && n->op == op) {
        collect_operands(n->binary.x, op, out);
        collect_operands(n->binary.y, op, out);
    } else {
        vec_push(out, n);
    }
}

// x != 1 || x != 2 is always true, x == 1 && x == 2 never.
static bool excludes(Vet *v, Node *a, Node *b, TokenKind op)
{
    TokenKind relation = op == TOKEN_LOR ? TOKEN_NEQ : TOKEN_EQL;
    if (a->kind != NODE_BINARY || b->kind != NODE_BINARY || a->op != relation || b->op != relation)
        return false;
    const Node *x = a->binary.y, *y = b->binary.y;
    return x->cval && y->cval && type_identical(x->type, y->type) && is_pure(a->binary.x) &&
           strcmp(vet_text(v, a->binary.x), vet_text(v, b->binary.x)) == 0 &&
           const_compare(x->cval, y->cval) != 0;
}

static bool is_comparable_const(const Node *n)
{
    return !n->cval || const_kind(n->cval) != CONST_COMPLEX;
}

static void check_condition(Vet *v, Node *n)
{
    const Node *outer = vet_parent(v, n);
    if ((n->op != TOKEN_LOR && n->op != TOKEN_LAND) ||
        (outer && outer->kind == NODE_BINARY && outer->op == n->op))
        return;
    NodeList parts = {0};
    collect_operands(n, n->op, &parts);
    for (int i = 0; i < parts.len && parts.len < 50; i++)
        for (int k = 0; k < i; k++) {
            Node *a = parts.data[k], *b = parts.data[i];
            if (is_pure(a) && strcmp(vet_text(v, a), vet_text(v, b)) == 0 && !a->cval) {
                vet_warn(v, DIAG_CONDITION, b, "redundant %s: %s %s %s",
                         n->op == TOKEN_LOR ? "or" : "and", vet_text(v, a), token_spelling(n->op),
                         vet_text(v, b));
            } else if (is_comparable_const(a) && excludes(v, a, b, n->op)) {
                bool is_or = n->op == TOKEN_LOR;
                Diag *d =
                    vet_warn(v, DIAG_CONDITION, n, "suspect %s: %s %s %s", is_or ? "or" : "and",
                             vet_text(v, a), token_spelling(n->op), vet_text(v, b));
                diag_reason(v->diags, d,
                            is_or ? "one of the two always holds, so this is always true"
                                  : "the two never hold together, so this is always false");
                diag_hint(v->diags, d, "%s was meant?", is_or ? "&&" : "||");
            }
        }
    vec_free(&parts);
}

static void check_comparison(Vet *v, Node *n)
{
    if (n->op != TOKEN_EQL && n->op != TOKEN_NEQ)
        return;
    for (int side = 0; side < 2; side++) {
        const Node *f = node_unparen(side ? n->binary.y : n->binary.x);
        const Node *nil = node_unparen(side ? n->binary.x : n->binary.y);
        const Object *obj = f->kind == NODE_IDENT || f->kind == NODE_SELECTOR ? f->obj : NULL;
        if (nil->mode != MODE_NIL || !obj || obj->kind != OBJECT_FUNC)
            continue;
        Diag *d =
            vet_warn(v, DIAG_CONDITION, n, "comparison of function %s %s nil is always %s",
                     obj->name->text, token_spelling(n->op), n->op == TOKEN_EQL ? "false" : "true");
        diag_hint(v->diags, d, "was its result meant: %s() %s nil?", vet_text(v, f),
                  token_spelling(n->op));
    }
}

// ---- Shifts and conversions -------------------------------------------------------------

static int bits_of(const Type *t)
{
    switch (type_under((Type *)t)->kind) {
    case TYPE_INT8:
    case TYPE_UINT8: return 8;
    case TYPE_INT16:
    case TYPE_UINT16: return 16;
    case TYPE_INT32:
    case TYPE_UINT32: return 32;
    case TYPE_INT:
    case TYPE_UINT:
    case TYPE_INT64:
    case TYPE_UINT64:
    case TYPE_UINTPTR: return 64;
    default: return 0;
    }
}

static void check_shift(Vet *v, Node *at, const Node *x, const Node *count, TokenKind op)
{
    i64 n;
    int bits = x->type ? bits_of(x->type) : 0;
    if (x->cval || !count->cval || !const_fits_i64(count->cval, &n) || bits == 0 || n < bits ||
        (op != TOKEN_SHL && op != TOKEN_SHR))
        return;
    vet_warn(v, DIAG_WIDE_SHIFT, at, "%s (%d bits) too small for shift of %lld", vet_text(v, x),
             bits, (long long)n);
}

static void check_int_to_string(Vet *v, Node *call)
{
    if (!(call->flag & NODEFLAG_CONVERSION) || call->call.args.len != 1 || !call->type ||
        type_under(call->type)->kind != TYPE_STRING)
        return;
    const Node *x = call->call.args.data[0];
    if (!x->type || x->cval || !type_is_integer(x->type))
        return;
    TypeKind kind = type_under(x->type)->kind;
    if (kind == TYPE_INT32 || kind == TYPE_UINT8)
        return; // rune and byte: characters
    Diag *d = vet_warn(v, DIAG_INT_TO_STRING, call,
                       "conversion from %s to string yields a string of one rune, not a string of "
                       "digits",
                       vet_type_text(v, x->type));
    diag_hint(v->diags, d, "strconv.Itoa(%s) gives the digits; string(rune(%s)) the character",
              vet_text(v, x), vet_text(v, x));
}

// ---- Changes that are lost --------------------------------------------------------------

// A struct variable whose fields are set and that nothing ever reads after that.
static void check_lost_change(Vet *v, Object *obj, const char *what, const char *hint)
{
    if (!obj || !obj->type || type_under(obj->type)->kind != TYPE_STRUCT || obj->captured)
        return;
    VetObject *known = vet_object(v, obj);
    Node *change = NULL;
    for (int i = 0; i < known->uses.len; i++) {
        Node *use = known->uses.data[i], *p = vet_parent(v, use);
        if (vet_is_declaration(use) || (change && vet_is_inside(v, use, change)))
            continue;
        bool is_target = false;
        Node *target = use;
        while (p && p->kind == NODE_SELECTOR && p->selector.x == target && p->type &&
               type_under(target->type)->kind == TYPE_STRUCT) {
            target = p;
            p = vet_parent(v, p);
        }
        if (p && p->kind == NODE_INC_DEC)
            is_target = target != use;
        else if (p && p->kind == NODE_ASSIGN && target != use)
            for (int k = 0; k < p->assign.lhs.len; k++)
                is_target |= p->assign.lhs.data[k] == target;
        if (is_target && !vet_loop(v, use) == !vet_loop(v, change ? change : use))
            change = p;
        else if (change || vet_loop(v, use) != NULL)
            return; // read after the change, or perhaps in the next round
    }
    if (!change)
        return;
    Diag *d =
        vet_warn(v, DIAG_LOST_CHANGE, change, "this change is lost: %s is a copy", obj->name->text);
    diag_reason(v->diags, d, "%s", what);
    diag_hint(v->diags, d, "%s", hint);
    diag_other(d, obj->pos, "the copy is made here");
}

static void check_range_copy(Vet *v, Node *loop)
{
    Node *value = loop->range.value;
    if (!value || !loop->range.define || value->kind != NODE_IDENT || !value->obj)
        return;
    Object *obj = value->obj;
    if (type_under(obj->type)->kind != TYPE_STRUCT || obj->addr_taken || obj->captured)
        return;
    VetObject *known = vet_object(v, obj);
    Node *change = NULL;
    for (int i = 0; i < known->uses.len; i++) {
        Node *use = known->uses.data[i], *p = vet_parent(v, use);
        if (vet_is_declaration(use))
            continue;
        bool is_target = false;
        if (p && p->kind == NODE_SELECTOR) {
            Node *stmt = vet_parent(v, p);
            is_target = stmt && stmt->kind == NODE_INC_DEC;
            for (int k = 0; stmt && stmt->kind == NODE_ASSIGN && k < stmt->assign.lhs.len; k++)
                is_target |= stmt->assign.lhs.data[k] == p;
            if (is_target)
                change = stmt;
        }
        if (!is_target && change && !vet_is_inside(v, use, change))
            return; // read later
    }
    if (!change)
        return;
    const char *x = vet_text(v, loop->range.x);
    Diag *d =
        vet_warn(v, DIAG_LOST_CHANGE, change, "this change is lost: %s is a copy", obj->name->text);
    diag_reason(v->diags, d, "range copies each element; changing the copy leaves %s as it is", x);
    diag_hint(v->diags, d, "change the element itself: for i := range %s { %s[i].… = … }", x, x);
}

static void check_value_receiver(Vet *v, const VetFunc *f)
{
    if (!f->node || f->node->kind != NODE_FUNC_DECL || !f->node->func.recv || !f->node->func.info ||
        f->node->func.info->params.len == 0)
        return;
    Object *self = f->node->func.info->params.data[0];
    if (self->addr_taken)
        return;
    check_lost_change(v, self, "the method works on a copy of its receiver, which is thrown away",
                      arena_printf(v->arena, "func (%s *%s) %s(…) works on the original",
                                   self->name->text, vet_type_text(v, self->type),
                                   f->node->func.name->ident.name->text));
}

// ---- All of them ------------------------------------------------------------------------

static bool check_node(Node *n, void *arg)
{
    Vet *v = arg;
    switch (n->kind) {
    case NODE_BLOCK: check_unreachable(v, &n->block.stmts); break;
    case NODE_CASE: check_unreachable(v, &n->clause.body); break;
    case NODE_ASSIGN:
        check_self_assignment(v, n);
        check_atomic(v, n);
        check_lost_cancel(v, n);
        if (n->op == TOKEN_SHL_ASSIGN || n->op == TOKEN_SHR_ASSIGN)
            check_shift(v, n, n->assign.lhs.data[0], n->assign.rhs.data[0],
                        n->op == TOKEN_SHL_ASSIGN ? TOKEN_SHL : TOKEN_SHR);
        break;
    case NODE_EXPR_STMT: check_unused_result(v, n); break;
    case NODE_DEFER: check_deferred_argument(v, n); break;
    case NODE_BINARY:
        check_condition(v, n);
        check_comparison(v, n);
        check_shift(v, n, n->binary.x, n->binary.y, n->op);
        break;
    case NODE_CALL: check_int_to_string(v, n); break;
    case NODE_RANGE: check_range_copy(v, n); break;
    default: break;
    }
    return true;
}

void vet_code(Vet *v)
{
    for (int i = 0; i < v->pkg->files.len; i++) {
        const File *file = v->pkg->files.data[i];
        for (int k = 0; k < file->decls.len; k++)
            vet_walk(file->decls.data[k], check_node, v);
        check_unreachable(v, (const NodeList *)&file->stmts);
        for (int k = 0; k < file->stmts.len; k++)
            vet_walk(file->stmts.data[k], check_node, v);
    }
    for (int i = 0; i < v->funcs.len; i++)
        check_value_receiver(v, &v->funcs.data[i]);
}
