// vet_goroutine.c: goroutines and what they share without order: variables, the end of main, the
// variable of a loop; and loops that never rest.
#include "types/vet_impl.h"

// ---- Shared variables -------------------------------------------------------------------

// A statement of a goroutine that changes a variable of the function that starts it.
typedef struct Race {
    Vet *v;
    Node *literal;
    Node *found;
    Object *var;
    bool ordered; // by a lock or a channel
} Race;

static bool is_outside_var(const Race *r, const Object *obj)
{
    return obj && obj->kind == OBJECT_VAR && !obj->is_field &&
           !(obj->pos >= r->literal->pos && obj->pos < r->literal->end);
}

// The map of m[k] on the left of an assignment, if it is a variable.
static Object *map_of(Node *target)
{
    target = node_unparen(target);
    bool is_map = target->kind == NODE_INDEX && target->index.x->type &&
                  type_under(target->index.x->type)->kind == TYPE_MAP;
    return is_map ? vet_var(target->index.x) : NULL;
}

static bool search_write(Node *n, void *arg)
{
    Race *r = arg;
    if (r->ordered || r->found || n->kind == NODE_FUNC_LIT)
        return false;
    switch (n->kind) {
    case NODE_SEND:
    case NODE_SELECT:
    case NODE_IF: // perhaps only one goroutine gets there
    case NODE_SWITCH: r->ordered = true; return false;
    case NODE_UNARY:
        if (n->op == TOKEN_ARROW)
            r->ordered = true;
        break;
    case NODE_CALL:
        if (vet_calls(n, "sync", "WaitGroup", "Done"))
            break;
        if (vet_waits(r->v, n))
            r->ordered = !vet_calls(n, "time", NULL, "Sleep");
        break;
    case NODE_DEFER: return false;
    case NODE_INC_DEC: {
        Object *map = map_of(n->unary.x), *var = map ? map : vet_var(n->unary.x);
        if (is_outside_var(r, var)) {
            r->var = var;
            r->found = n;
        }
        break;
    }
    case NODE_ASSIGN:
        for (int i = 0; i < n->assign.lhs.len && n->op != TOKEN_DEFINE; i++) {
            Object *map = map_of(n->assign.lhs.data[i]);
            Object *var = map ? map : vet_var(n->assign.lhs.data[i]);
            bool reads = n->op != TOKEN_ASSIGN || map;
            // n = n + 1, xs = append(xs, …)
            if (!reads && n->assign.rhs.len == 1 && is_outside_var(r, var)) {
                const VetObject *known = vet_object(r->v, var);
                for (int k = 0; k < known->uses.len; k++)
                    reads |= vet_is_inside(r->v, known->uses.data[k], n->assign.rhs.data[0]);
            }
            if (reads && is_outside_var(r, var)) {
                r->var = var;
                r->found = n;
            }
        }
        break;
    default: break;
    }
    return !r->found && !r->ordered;
}

static void check_shared_write(Vet *v, Node *go)
{
    Node *literal = node_unparen(go->unary.x->call.fun);
    Node *loop = vet_loop(v, go);
    if (literal->kind != NODE_FUNC_LIT || !loop)
        return;
    Node *body = loop->kind == NODE_FOR ? loop->fors.body : loop->range.body;
    // A loop that waits in each round may let one goroutine run at a time.
    if (vet_trip_count(loop) == 1 || vet_trip_count(loop) == 0 || vet_waits(v, body))
        return;
    Race r = {.v = v, .literal = literal};
    vet_walk(literal->func.body, search_write, &r);
    if (!r.found || (r.var->pos >= loop->pos && r.var->pos < loop->end))
        return;
    const char *name = r.var->name->text, *text = vet_text(v, r.found);
    Diag *d = vet_warn(v, DIAG_DATA_RACE, r.found,
                       "data race: several goroutines change %s at once", name);
    Node *changed = r.found->kind == NODE_ASSIGN ? r.found->assign.lhs.data[0] : r.found->unary.x;
    if (type_under(r.var->type)->kind == TYPE_MAP && vet_var(changed) != r.var)
        diag_reason(v->diags, d,
                    "a map cannot be changed by two goroutines at a time: the program ends with "
                    "concurrent map writes, if one is lucky");
    else
        diag_reason(
            v->diags, d,
            "%s reads %s, computes and writes it back, and nothing orders the goroutines: two "
            "can read the same value, and one change is lost",
            text, name);
    diag_hint(v->diags, d,
              "hold a sync.Mutex around it, or send the values on a channel and let one goroutine "
              "collect them");
    diag_other(d, go->pos, "the goroutines are started here");
}

static bool search_use(Node *n, void *arg)
{
    Race *r = arg;
    if (n->kind == NODE_FUNC_LIT || r->ordered)
        return false;
    if (n->kind == NODE_IDENT && n->obj == r->var)
        r->found = n;
    return !r->found;
}

static bool search_plain_write(Node *n, void *arg)
{
    Race *r = arg;
    if (r->found || r->ordered)
        return false;
    if (n->kind == NODE_FUNC_LIT || n->kind == NODE_DEFER)
        return false;
    if (n->kind == NODE_ASSIGN && n->op != TOKEN_DEFINE) {
        Object *var = vet_var(n->assign.lhs.data[0]);
        if (is_outside_var(r, var)) {
            r->var = var;
            r->found = n;
        }
    }
    if (n->kind == NODE_INC_DEC && is_outside_var(r, vet_var(n->unary.x))) {
        r->var = vet_var(n->unary.x);
        r->found = n;
    }
    return !r->found;
}

// go func() { x = f() }() and then x, with nothing that waits in between.
static void check_unwaited_result(Vet *v, Node *go)
{
    Node *literal = node_unparen(go->unary.x->call.fun);
    int index;
    NodeList *list = vet_siblings(v, go, &index);
    if (literal->kind != NODE_FUNC_LIT || !list)
        return;
    Race write = {.v = v, .literal = literal};
    const NodeList *body = &literal->func.body->block.stmts;
    for (int i = 0; i < body->len && !write.found; i++)
        vet_walk(body->data[i], search_plain_write, &write);
    if (!write.found)
        return;
    for (int i = index + 1; i < list->len && !vet_waits(v, list->data[i]); i++) {
        Race use = {.v = v, .literal = literal, .var = write.var};
        vet_walk(list->data[i], search_use, &use);
        if (!use.found)
            continue;
        const char *name = write.var->name->text;
        Diag *d = vet_warn(v, DIAG_DATA_RACE, use.found,
                           "data race: %s is used while a goroutine may be changing it", name);
        diag_reason(v->diags, d, "nothing between the go statement and this line waits for it");
        diag_hint(v->diags, d,
                  "let the goroutine send its result on a channel, and receive it here");
        diag_other(d, write.found->pos, "changed here by the goroutine");
        return;
    }
}

// ---- main ends first --------------------------------------------------------------------

static bool search_first_go(Node *n, void *arg)
{
    Node **first = arg;
    if (n->kind == NODE_GO && !*first)
        *first = n;
    return !*first && n->kind != NODE_FUNC_LIT;
}

static bool is_empty_goroutine(Node *go)
{
    const Node *body = vet_callee_body(go->unary.x);
    return body && body->func.body->block.stmts.len == 0;
}

static void check_main_ends(Vet *v)
{
    if (!v->main)
        return;
    NodeList *body = v->main->body;
    Node *go = NULL;
    int i = 0;
    for (; i < body->len && !go; i++)
        vet_walk(body->data[i], search_first_go, &go);
    if (!go || is_empty_goroutine(go))
        return;
    for (int k = 0; k < body->len; k++) {
        if (k < i - 1 && body->data[k]->kind != NODE_DEFER)
            continue;
        if (vet_waits(v, body->data[k]))
            return;
    }
    for (int k = 0; k < v->funcs.len; k++)
        if (v->funcs.data[k].node && v->funcs.data[k].node->kind == NODE_FUNC_DECL &&
            !v->funcs.data[k].obj && vet_waits(v, v->funcs.data[k].node->func.body))
            return;
    Diag *d =
        vet_warn(v, DIAG_MAIN_ENDS_FIRST, go, "the program may end before this goroutine has run");
    diag_reason(v->diags, d,
                "%s waits for nothing after this line, and when it is done the program "
                "ends, whatever the goroutines do",
                v->main->node ? "main" : "the script");
    diag_hint(v->diags, d, "wait for it: receive on a channel, or use a sync.WaitGroup");
}

// ---- Busy loops -------------------------------------------------------------------------

// Whether the body of a select's clause does nothing but go on with the loop. A break without a
// label does that, too: it leaves the select only. *broke: there is one.
static bool is_idle(const NodeList *body, bool *broke)
{
    *broke = false;
    for (int i = 0; i < body->len; i++) {
        const Node *n = body->data[i];
        bool leaves_select = n->kind == NODE_BRANCH && n->op == TOKEN_BREAK && !n->branch.label;
        if (n->kind != NODE_EMPTY && !leaves_select &&
            !(n->kind == NODE_BRANCH && n->op == TOKEN_CONTINUE))
            return false;
        *broke |= leaves_select;
    }
    return true;
}

static void check_busy_loop(Vet *v, Node *loop)
{
    const NodeList *body = &loop->fors.body->block.stmts;
    if (loop->fors.init || loop->fors.post)
        return;
    // for cond {} or for {}: only the empty one is certain.
    if (body->len == 0 && !loop->fors.cond) {
        Diag *d =
            vet_warn(v, DIAG_BUSY_LOOP, loop, "this loop does nothing for ever, at full speed");
        diag_hint(v->diags, d, "to wait for ever without using the processor: select {}");
        return;
    }
    if (body->len != 1 || body->data[0]->kind != NODE_SELECT)
        return;
    const NodeList *clauses = &body->data[0]->block.stmts;
    for (int i = 0; i < clauses->len; i++) {
        Node *clause = clauses->data[i];
        bool broke;
        if (!clause->clause.is_default || !is_idle(&clause->clause.body, &broke) ||
            clauses->len == 1)
            continue;
        Node mark = {.pos = clause->pos, .end = clause->pos + 7};
        Diag *d = vet_warn(v, DIAG_BUSY_LOOP, &mark,
                           "this loop never rests: it runs default again "
                           "and again while nothing is ready");
        diag_reason(v->diags, d, "with default a select does not wait");
        diag_hint(v->diags, d,
                  broke ? "break leaves the select only; return, or a break with the label of the "
                          "loop, leaves the loop"
                        : "leave default out, and select waits until a case is ready");
    }
}

// ---- One variable for each loop ----------------------------------------------------------

typedef struct Capture {
    Node *literal, *found;
} Capture;

static bool search_capture(Node *n, void *arg)
{
    Capture *c = arg;
    if (n->kind == NODE_IDENT && n->obj && n->obj->kind == OBJECT_VAR && n->obj->loop_var &&
        n->obj->pos < c->literal->pos)
        c->found = n;
    return !c->found;
}

static void check_loop_capture(Vet *v, Node *stmt)
{
    Node *literal = node_unparen(stmt->unary.x->call.fun);
    int index;
    NodeList *list = vet_siblings(v, stmt, &index);
    Node *loop = vet_loop(v, stmt);
    if (literal->kind != NODE_FUNC_LIT || !list || !loop)
        return;
    for (int i = index + 1; stmt->kind == NODE_GO && i < list->len; i++)
        if (vet_waits(v, list->data[i]))
            return;
    Capture c = {literal, NULL};
    vet_walk(literal->func.body, search_capture, &c);
    if (!c.found)
        return;
    const char *name = c.found->obj->name->text;
    Diag *d =
        vet_warn(v, DIAG_LOOP_VARIABLE, c.found, "loop variable %s captured by func literal", name);
    diag_reason(v->diags, d,
                "with --loopvar=shared all rounds share one %s, and %s sees what it is "
                "then",
                name, stmt->kind == NODE_GO ? "the goroutine" : "the deferred call");
    diag_hint(v->diags, d, "give it as an argument: func(%s %s) { … }(%s)", name,
              vet_type_text(v, c.found->obj->type), name);
    diag_other(d, c.found->obj->pos, "declared here");
}

// ---- All of them ------------------------------------------------------------------------

static bool check_node(Node *n, void *arg)
{
    Vet *v = arg;
    if (n->kind == NODE_FOR) {
        check_busy_loop(v, n);
    } else if (n->kind == NODE_GO) {
        check_shared_write(v, n);
        check_unwaited_result(v, n);
    }
    if (v->options.loopvar_shared && (n->kind == NODE_GO || n->kind == NODE_DEFER))
        check_loop_capture(v, n);
    return true;
}

void vet_goroutines(Vet *v)
{
    vet_walk_package(v, check_node, v);
    check_main_ends(v);
}
