// vet_sync.c: what package sync offers: wait groups; locks that are taken twice, left locked, taken
// in opposite orders or copied.
#include "types/vet_impl.h"

// ---- Wait groups ------------------------------------------------------------------------

typedef struct GroupUse {
    Node *call;
    Node *func; // literal or declaration around it
    i64 amount; // of Add; -1 of Done
} GroupUse;

typedef struct Group {
    Node *name; // declaration
    bool known;
    Vec(GroupUse) adds, dones, waits;
} Group;

static bool is_wait_group(const Type *t)
{
    if (t && t->kind == TYPE_POINTER)
        t = t->elem;
    return t && t->kind == TYPE_NAMED && t->obj && t->obj->pkg &&
           strcmp(t->obj->pkg->path, "sync") == 0 && strcmp(t->obj->name->text, "WaitGroup") == 0;
}

static void collect_group(Vet *v, Group *g, Object *obj, int depth)
{
    VetObject *known = vet_object(v, obj);
    for (int i = 0; i < known->uses.len && g->known; i++) {
        Node *use = known->uses.data[i], *p = vet_parent(v, use);
        if (vet_is_declaration(use))
            continue;
        Node *call = p ? vet_parent(v, p) : NULL;
        if (p && p->kind == NODE_SELECTOR && call && call->kind == NODE_CALL &&
            call->call.fun == p) {
            GroupUse u = {call, vet_function(v, call), 0};
            if (vet_calls(call, "sync", "WaitGroup", "Add")) {
                const Node *n = call->call.args.data[0];
                if (!n->cval || !const_fits_i64(n->cval, &u.amount))
                    u.amount = -1;
                vec_push_in(v->arena, &g->adds, u);
            } else if (vet_calls(call, "sync", "WaitGroup", "Done")) {
                vec_push_in(v->arena, &g->dones, u);
            } else if (vet_calls(call, "sync", "WaitGroup", "Wait")) {
                vec_push_in(v->arena, &g->waits, u);
            } else {
                g->known = false;
            }
            continue;
        }
        // &wg or a pointer as an argument.
        Node *arg = use;
        if (p && p->kind == NODE_UNARY && p->op == TOKEN_AND) {
            arg = p;
            p = vet_parent(v, p);
        }
        int index = 0;
        while (p && p->kind == NODE_CALL && index < p->call.args.len &&
               p->call.args.data[index] != arg)
            index++;
        Object *param =
            p && p->kind == NODE_CALL && index < p->call.args.len ? vet_param(p, index) : NULL;
        if (!param || depth > 5 || !is_wait_group(param->type) || param->type->kind != TYPE_POINTER)
            g->known = false;
        else
            collect_group(v, g, param, depth + 1);
    }
}

// How often `n` runs for one run of the declaration; -1: not known. Goroutine literals are gone
// through, if and switch are not.
static i64 times(Vet *v, Node *n, const Node *decl)
{
    i64 count = 1;
    Node *home = vet_parent(v, vet_statement(v, (Node *)decl));
    const Node *child = n;
    for (Node *p = vet_parent(v, n); p != home; child = p, p = vet_parent(v, p)) {
        if (!p || p->kind == NODE_IF || p->kind == NODE_CASE || p->kind == NODE_FUNC_DECL ||
            p->kind == NODE_SELECT)
            return -1;
        if (p->kind == NODE_FUNC_LIT && !vet_is_goroutine(v, p))
            return -1;
        if (p->kind == NODE_FUNC_LIT && vet_leaves(p->func.body)) {
            const Node *around = vet_parent(v, n);
            if (!around || around->kind != NODE_DEFER)
                return -1;
        }
        if (p->kind == NODE_FOR || (p->kind == NODE_RANGE && child == p->range.body)) {
            i64 trips = vet_trip_count(p);
            if (trips < 0 || (count *= trips) > 1000000)
                return -1;
        }
    }
    return count;
}

static void check_group_count(Vet *v, const Group *g, const char *name)
{
    if (!g->known || g->waits.len == 0 || g->adds.len == 0)
        return;
    if (g->dones.len == 0) {
        for (int i = 0; i < g->adds.len; i++)
            if (g->adds.data[i].amount < 0)
                return; // counted down by Add(-1)
        Diag *d = vet_warn(v, DIAG_WAITGROUP_COUNT, g->waits.data[0].call,
                           "%s waits for ever: nobody calls %s.Done",
                           vet_text(v, g->waits.data[0].call), name);
        diag_hint(v->diags, d,
                  "each goroutine that was counted says so when it ends: defer %s.Done()", name);
        diag_other(d, g->adds.data[0].call->pos, "counted here");
        return;
    }
    i64 added = 0, done = 0;
    for (int i = 0; i < g->adds.len; i++) {
        i64 n = times(v, g->adds.data[i].call, g->name);
        if (n < 0 || g->adds.data[i].amount < 0)
            return;
        added += n * g->adds.data[i].amount;
    }
    for (int i = 0; i < g->dones.len; i++) {
        i64 n = times(v, g->dones.data[i].call, g->name);
        if (n < 0)
            return;
        done += n;
    }
    if (added == done)
        return;
    Diag *d = vet_warn(v, DIAG_WAITGROUP_COUNT, g->waits.data[0].call,
                       added > done ? "%s waits for ever" : "%s: the counter becomes negative",
                       vet_text(v, g->waits.data[0].call));
    diag_reason(v->diags, d, "%s.Add counts %lld in all, and %s.Done is called %lld %s", name,
                (long long)added, name, (long long)done, done == 1 ? "time" : "times");
    diag_hint(v->diags, d, "one Add(1) for each goroutine, beside its go statement");
    diag_other(d, g->adds.data[0].call->pos, "counted here");
}

typedef struct Scan {
    Pos after;
    bool found;
} Scan;

static bool scan_go(Node *n, void *arg)
{
    Scan *s = arg;
    if (n->kind == NODE_GO && n->pos > s->after)
        s->found = true;
    return !s->found;
}

// wg.Add in the goroutine that is to be waited for.
static void check_add_inside(Vet *v, const Group *g, const char *name)
{
    for (int i = 0; i < g->adds.len; i++) {
        Node *add = g->adds.data[i].call, *func = g->adds.data[i].func;
        if (!func || vet_is_inside(v, g->name, func))
            continue;
        bool is_goroutine = func->kind == NODE_FUNC_LIT && vet_is_goroutine(v, func);
        if (func->kind == NODE_FUNC_DECL && func->obj) {
            VetObject *known = vet_object(v, func->obj);
            for (int k = 0; k < known->uses.len; k++) {
                const Node *call = vet_parent(v, known->uses.data[k]);
                const Node *around = call && call->kind == NODE_CALL ? vet_parent(v, call) : NULL;
                is_goroutine |= around && around->kind == NODE_GO;
            }
        }
        bool waits_outside = false, counted_outside = false;
        for (int k = 0; k < g->waits.len; k++)
            waits_outside |= g->waits.data[k].func != func;
        for (int k = 0; k < g->adds.len; k++)
            counted_outside |= g->adds.data[k].func != func;
        Scan s = {add->pos, false};
        vet_walk(func->func.body, scan_go, &s);
        if (!is_goroutine || !waits_outside || counted_outside || s.found)
            continue;
        Diag *d = vet_warn(v, DIAG_ADD_IN_GOROUTINE, add, "%s can come too late", vet_text(v, add));
        diag_reason(v->diags, d,
                    "%s may find the counter at 0 and return before this goroutine has begun",
                    vet_text(v, g->waits.data[0].call));
        diag_hint(v->diags, d, "call %s before the go statement", vet_text(v, add));
        diag_other(d, g->waits.data[0].call->pos, arena_printf(v->arena, "%s waits here", name));
    }
}

typedef struct ReturnSearch {
    Pos before;
    Node *found;
} ReturnSearch;

static bool search_return(Node *n, void *arg)
{
    ReturnSearch *s = arg;
    if (n->kind == NODE_RETURN && n->pos < s->before && !s->found)
        s->found = n;
    return n->kind != NODE_FUNC_LIT && !s->found;
}

// A goroutine that calls wg.Done in its last lines only, and returns before that.
static void check_done_left_out(Vet *v, const Group *g, const char *name)
{
    if (!g->known || g->waits.len == 0)
        return;
    for (int i = 0; i < g->dones.len; i++) {
        Node *done = g->dones.data[i].call, *func = g->dones.data[i].func;
        int in_func = 0;
        for (int k = 0; k < g->dones.len; k++)
            in_func += g->dones.data[k].func == func;
        const Node *statement = vet_parent(v, done);
        if (!func || func->kind != NODE_FUNC_LIT || !vet_is_goroutine(v, func) || in_func != 1 ||
            !statement || statement->kind != NODE_EXPR_STMT ||
            vet_parent(v, statement) != func->func.body)
            continue;
        ReturnSearch s = {.before = done->pos};
        vet_walk(func->func.body, search_return, &s);
        if (!s.found)
            continue;
        Diag *d =
            vet_warn(v, DIAG_WAITGROUP_COUNT, s.found, "this return leaves out %s.Done()", name);
        diag_reason(v->diags, d, "%s then waits for ever", vet_text(v, g->waits.data[0].call));
        diag_hint(v->diags, d, "defer %s.Done() at the beginning is called on every way out", name);
        diag_other(d, done->pos, "called here");
    }
}

static void check_group(Vet *v, Object *obj, Node *name)
{
    if (obj->is_param || obj->is_field || !is_wait_group(obj->type) ||
        obj->type->kind == TYPE_POINTER)
        return;
    Group g = {.name = name, .known = true};
    collect_group(v, &g, obj, 0);
    check_add_inside(v, &g, obj->name->text);
    check_done_left_out(v, &g, obj->name->text);
    if (!obj->is_global || v->pkg->is_script)
        check_group_count(v, &g, obj->name->text);
}

typedef struct DoneSearch {
    Pos after;
    Object *group;
    bool deferred;
} DoneSearch;

static bool search_group_done(Node *n, void *arg)
{
    DoneSearch *s = arg;
    if (n->kind == NODE_DEFER)
        s->deferred = true;
    if (n->kind == NODE_CALL && vet_calls(n, "sync", "WaitGroup", "Done") && vet_receiver(n) &&
        (n->pos > s->after || s->deferred))
        s->group = vet_root(vet_receiver(n));
    return !s->group;
}

Object *vet_done_after(Node *literal, const Node *at)
{
    const NodeList *body = &literal->func.body->block.stmts;
    DoneSearch s = {at->pos, NULL, false};
    for (int i = 0; i < body->len && !s.group; i++) {
        s.deferred = false;
        vet_walk(body->data[i], search_group_done, &s);
    }
    return s.group;
}

// ---- Locks ------------------------------------------------------------------------------

typedef enum LockOp { LOCK_NONE, LOCK_LOCK, LOCK_RLOCK, LOCK_UNLOCK } LockOp;

static LockOp lock_op(const Node *call, Node **lock)
{
    static const struct {
        const char *type, *name;
        LockOp op;
    } ops[] = {
        {"Mutex", "Lock", LOCK_LOCK},       {"RWMutex", "Lock", LOCK_LOCK},
        {"RWMutex", "RLock", LOCK_RLOCK},   {"Mutex", "Unlock", LOCK_UNLOCK},
        {"RWMutex", "Unlock", LOCK_UNLOCK}, {"RWMutex", "RUnlock", LOCK_UNLOCK},
    };
    if (call->kind != NODE_CALL)
        return LOCK_NONE;
    for (int i = 0; i < countof(ops); i++)
        if (vet_calls(call, "sync", ops[i].type, ops[i].name)) {
            *lock = vet_receiver(call);
            return *lock && vet_root(*lock) ? ops[i].op : LOCK_NONE;
        }
    return LOCK_NONE;
}

// The call of a statement that is nothing but one.
static Node *call_of(const Node *stmt)
{
    if (stmt->kind != NODE_EXPR_STMT)
        return NULL;
    Node *call = node_unparen(stmt->unary.x);
    return call->kind == NODE_CALL ? call : NULL;
}

typedef struct Locking {
    Vet *v;
    Node *lock; // what it locks
    LockOp op;
    bool stop;
    Node *found;      // the call that waits for ever
    Node *found_lock; // in a method of the same receiver: its Lock
} Locking;

// The Lock at the beginning of a method, of a place that is `field…` behind its receiver.
static Node *method_locks(Vet *v, Node *call, const Locking *l)
{
    Node *body = vet_callee_body(call), *recv = vet_receiver(call);
    if (!body || body->kind != NODE_FUNC_DECL || !body->func.recv || !recv || !body->func.info ||
        body->func.info->params.len == 0)
        return NULL;
    // The lock is recv.path here, and receiver.path in the method.
    const char *lock = vet_text(v, l->lock), *here = vet_text(v, recv);
    size_t len = strlen(here);
    if (vet_root(recv) != vet_root(l->lock) || strncmp(lock, here, len) != 0 ||
        (lock[len] != '.' && lock[len] != '\0'))
        return NULL;
    const Object *self = body->func.info->params.data[0];
    if (type_under(self->type)->kind != TYPE_POINTER)
        return NULL;
    const char *there = arena_printf(v->arena, "%s%s", self->name->text, lock + len);
    const NodeList *stmts = &body->func.body->block.stmts;
    for (int i = 0; i < stmts->len; i++) {
        Node *inner = call_of(stmts->data[i]), *place = NULL;
        LockOp op = inner ? lock_op(inner, &place) : LOCK_NONE;
        if (op == LOCK_NONE) {
            if (stmts->data[i]->kind != NODE_DEFER && stmts->data[i]->kind != NODE_ASSIGN)
                return NULL;
            continue;
        }
        bool clashes = op == LOCK_LOCK || (op == LOCK_RLOCK && l->op == LOCK_LOCK);
        return clashes && vet_root(place) == self && strcmp(vet_text(v, place), there) == 0 ? inner
                                                                                            : NULL;
    }
    return NULL;
}

static bool search_relock(Node *n, void *arg)
{
    Locking *l = arg;
    if (l->stop || l->found || n->kind == NODE_FUNC_LIT || n->kind == NODE_GO ||
        n->kind == NODE_DEFER)
        return false;
    Node *lock = NULL;
    LockOp op = lock_op(n, &lock);
    if (op != LOCK_NONE && vet_same_place(l->v, lock, l->lock)) {
        if (op == LOCK_UNLOCK)
            l->stop = true;
        else if (op == LOCK_LOCK || l->op == LOCK_LOCK)
            l->found = n;
    } else if (n->kind == NODE_CALL && (l->found_lock = method_locks(l->v, n, l)) != NULL) {
        l->found = n;
    } else if (n->kind == NODE_ASSIGN) {
        for (int i = 0; i < n->assign.lhs.len; i++)
            l->stop |= vet_var(n->assign.lhs.data[i]) == vet_root(l->lock);
    }
    return !l->found && !l->stop;
}

static bool search_unlock(Node *n, void *arg)
{
    Locking *l = arg;
    Node *lock = NULL;
    if (lock_op(n, &lock) == LOCK_UNLOCK && vet_same_place(l->v, lock, l->lock))
        l->stop = true;
    return !l->stop;
}

// The same goroutine locks again what it holds.
static void check_double_lock(Vet *v, Node *stmt)
{
    Node *call = call_of(stmt), *lock = NULL;
    LockOp op = call ? lock_op(call, &lock) : LOCK_NONE;
    int index;
    NodeList *list = op == LOCK_LOCK || op == LOCK_RLOCK ? vet_siblings(v, stmt, &index) : NULL;
    if (!list)
        return;
    Locking l = {.v = v, .lock = lock, .op = op};
    for (int i = index + 1; i < list->len && !l.stop && !l.found; i++) {
        vet_walk(list->data[i], search_relock, &l);
        // A branch that unlocks and goes away: after it the lock is still held; but who knows.
        if (!l.found && list->data[i]->kind != NODE_DEFER) {
            Locking u = l;
            vet_walk(list->data[i], search_unlock, &u);
            l.stop |= u.stop;
        }
        if (vet_terminates(list->data[i]))
            break;
    }
    if (!l.found)
        return;
    const char *name = vet_text(v, lock);
    Diag *d = vet_warn(v, DIAG_DOUBLE_LOCK, l.found, "%s waits for ever: this goroutine holds %s",
                       vet_text(v, l.found), name);
    if (l.found_lock)
        diag_reason(v->diags, d,
                    "line %d locks it again, and a mutex cannot be locked twice, not "
                    "even by its holder",
                    vet_line(l.found_lock));
    else
        diag_reason(v->diags, d, "a mutex cannot be locked twice, not even by its holder");
    if (l.found_lock)
        diag_hint(v->diags, d,
                  "unlock before the call, or put what both need into a function that "
                  "does not lock");
    else
        diag_hint(v->diags, d, "perhaps the line above should be %s.Unlock()", name);
    diag_other(d, call->pos, "locked here");
}

// for { mu.Lock(); defer mu.Unlock() … }: the unlock comes when the function ends.
static void check_deferred_unlock(Vet *v, Node *defer)
{
    Node *call = defer->unary.x, *lock = NULL;
    Node *loop = vet_loop(v, defer);
    int index;
    NodeList *list = vet_siblings(v, defer, &index);
    if (!loop || !list || lock_op(call, &lock) != LOCK_UNLOCK || index == 0 ||
        vet_parent(v, vet_parent(v, defer)) != loop)
        return;
    Node *before = call_of(list->data[index - 1]), *locked = NULL;
    if (!before || lock_op(before, &locked) != LOCK_LOCK || !vet_same_place(v, lock, locked) ||
        vet_leaves(loop->kind == NODE_FOR ? loop->fors.body : loop->range.body))
        return;
    Object *root = vet_root(lock);
    if (root && (root->loop_var || root->pos > loop->pos) && root->pos < loop->end)
        return; // another lock in each round
    Diag *d = vet_warn(v, DIAG_DOUBLE_LOCK, before, "%s waits for ever in the second round",
                       vet_text(v, before));
    diag_reason(v->diags, d, "deferred calls run when the function ends, not when the round does");
    diag_hint(v->diags, d, "call %s at the end of the loop's body, or make the body a function",
              vet_text(v, call));
    diag_other(d, defer->pos, "unlocked here, too late");
}

// ---- A lock that a return leaves locked ---------------------------------------------------

typedef enum Held { HELD_NO, HELD_YES, HELD_UNKNOWN } Held;

typedef struct Path {
    Vet *v;
    Node *lock;
    Node *held_by; // the Lock call
    Node *leak;    // a return that leaves it locked
} Path;

static Held follow_list(Path *p, NodeList *list, Held held);

static Held join(Held a, Held b)
{
    return a == b ? a : HELD_UNKNOWN;
}

static bool ends(const NodeList *list)
{
    return list->len > 0 && vet_terminates(list->data[list->len - 1]);
}

static Held follow_stmt(Path *p, Node *n, Held held);

static Held follow_clauses(Path *p, NodeList *clauses, Held held, bool may_skip)
{
    Held out = HELD_NO;
    bool any = false;
    for (int i = 0; i < clauses->len; i++) {
        Node *clause = clauses->data[i];
        may_skip &= !clause->clause.is_default;
        Held h = follow_list(p, &clause->clause.body, held);
        if (ends(&clause->clause.body) && vec_last(&clause->clause.body)->kind != NODE_BRANCH)
            continue;
        out = any ? join(out, h) : h;
        any = true;
    }
    if (may_skip)
        out = any ? join(out, held) : held;
    return any || may_skip ? out : HELD_UNKNOWN;
}

static Held follow_stmt(Path *p, Node *n, Held held)
{
    Node *lock = NULL;
    switch (n->kind) {
    case NODE_EXPR_STMT: {
        Node *call = call_of(n);
        LockOp op = call ? lock_op(call, &lock) : LOCK_NONE;
        if (op == LOCK_NONE || !vet_same_place(p->v, lock, p->lock))
            return held;
        if (op == LOCK_UNLOCK)
            return HELD_NO;
        p->held_by = call;
        return HELD_YES;
    }
    case NODE_DEFER: {
        Locking l = {.v = p->v, .lock = p->lock};
        vet_walk(n, search_unlock, &l);
        return l.stop ? HELD_UNKNOWN : held;
    }
    case NODE_RETURN:
        if (held == HELD_YES && !p->leak)
            p->leak = n;
        return held;
    case NODE_BLOCK: return follow_list(p, &n->block.stmts, held);
    case NODE_IF: {
        Held then = follow_list(p, &n->ifs.then->block.stmts, held);
        bool then_ends = ends(&n->ifs.then->block.stmts);
        Held other = n->ifs.otherwise ? follow_stmt(p, n->ifs.otherwise, held) : held;
        bool other_ends = n->ifs.otherwise && n->ifs.otherwise->kind == NODE_BLOCK &&
                          ends(&n->ifs.otherwise->block.stmts);
        if (then_ends)
            return other;
        return other_ends ? then : join(then, other);
    }
    case NODE_SWITCH:
    case NODE_TYPE_SWITCH: return follow_clauses(p, &n->switchs.body->block.stmts, held, true);
    case NODE_SELECT: return follow_clauses(p, &n->block.stmts, held, false);
    case NODE_FOR:
    case NODE_RANGE: {
        Node *body = n->kind == NODE_FOR ? n->fors.body : n->range.body;
        // A break may come with the lock in another state.
        Held after = follow_list(p, &body->block.stmts, held);
        return after == held && !vet_leaves(body) ? held : HELD_UNKNOWN;
    }
    case NODE_LABELED:
    case NODE_BRANCH: return HELD_UNKNOWN;
    default: return held;
    }
}

static Held follow_list(Path *p, NodeList *list, Held held)
{
    for (int i = 0; i < list->len; i++)
        held = follow_stmt(p, list->data[i], held);
    return held;
}

static void check_unlocked_on_return(Vet *v, const VetFunc *f)
{
    for (int i = 0; i < f->body->len; i++) {
        Node *call = call_of(f->body->data[i]), *lock = NULL;
        LockOp op = call ? lock_op(call, &lock) : LOCK_NONE;
        if (op != LOCK_LOCK && op != LOCK_RLOCK)
            continue;
        Locking l = {.v = v, .lock = lock};
        for (int k = i + 1; k < f->body->len; k++)
            vet_walk(f->body->data[k], search_unlock, &l);
        if (!l.stop)
            continue; // who locks for his caller does so on every path
        Path p = {.v = v, .lock = lock};
        follow_list(&p, f->body, HELD_NO);
        if (!p.leak)
            continue;
        const char *name = vet_text(v, lock);
        Diag *d = vet_warn(v, DIAG_LOCK_NOT_RELEASED, p.leak, "this return leaves %s locked", name);
        diag_reason(v->diags, d, "whoever locks it next waits for ever");
        diag_hint(v->diags, d, "defer %s.%s() right after locking unlocks on every path", name,
                  op == LOCK_RLOCK ? "RUnlock" : "Unlock");
        diag_other(d, (p.held_by ? p.held_by : call)->pos, "locked here");
        return;
    }
}

// ---- Two locks in opposite order --------------------------------------------------------

typedef struct LockPair {
    Node *first, *second; // the Lock calls
    Node *func;
    bool third; // another lock is held as well: it may keep the two apart
} LockPair;

typedef struct Order {
    Vet *v;
    Vec(LockPair) pairs;
} Order;

// A variable that all see, or that literals of one function share: not a parameter, whose value
// differs from call to call.
static bool is_one_lock(Node *lock)
{
    const Object *root = vet_root(lock);
    return root && !root->is_param && !root->reassigned && !root->loop_var;
}

static void order_list(Order *o, NodeList *list, Node *func, NodeList *held)
{
    int before = held->len;
    for (int i = 0; i < list->len; i++) {
        Node *n = list->data[i], *lock = NULL;
        Node *call = call_of(n);
        LockOp op = call ? lock_op(call, &lock) : LOCK_NONE;
        if (op == LOCK_LOCK && is_one_lock(lock)) {
            for (int k = 0; k < held->len; k++)
                vec_push_in(o->v->arena, &o->pairs,
                            ((LockPair){held->data[k], call, func, held->len > 1}));
            vec_push(held, call);
        } else if (op == LOCK_UNLOCK) {
            for (int k = held->len - 1; k >= 0; k--)
                if (vet_same_place(o->v, vet_receiver(held->data[k]), lock)) {
                    for (int m = k; m + 1 < held->len; m++)
                        held->data[m] = held->data[m + 1];
                    held->len--;
                    break;
                }
        } else if (n->kind == NODE_BLOCK) {
            order_list(o, &n->block.stmts, func, held);
        } else if (n->kind == NODE_FOR || n->kind == NODE_RANGE) {
            Node *body = n->kind == NODE_FOR ? n->fors.body : n->range.body;
            order_list(o, &body->block.stmts, func, held);
        } else if (n->kind == NODE_IF) {
            order_list(o, &n->ifs.then->block.stmts, func, held);
        }
    }
    if (held->len > before)
        held->len = before;
}

static void check_lock_order(Vet *v)
{
    Order o = {.v = v};
    for (int i = 0; i < v->funcs.len; i++) {
        NodeList held = {0};
        order_list(&o, v->funcs.data[i].body, v->funcs.data[i].node, &held);
        vec_free(&held);
    }
    for (int i = 0; i < o.pairs.len && o.pairs.len < 2000; i++)
        for (int k = 0; k < i; k++) {
            const LockPair *a = &o.pairs.data[k], *b = &o.pairs.data[i];
            if (a->func == b->func || a->third || b->third ||
                !vet_same_place(v, vet_receiver(a->first), vet_receiver(b->second)) ||
                !vet_same_place(v, vet_receiver(a->second), vet_receiver(b->first)))
                continue;
            const char *x = vet_text(v, vet_receiver(b->first));
            const char *y = vet_text(v, vet_receiver(b->second));
            Diag *d = vet_warn(v, DIAG_LOCK_ORDER, b->second,
                               "%s is locked after %s here, and before it at line %d", y, x,
                               vet_line(a->first));
            diag_reason(v->diags, d,
                        "two goroutines that each hold one and want the other wait for ever");
            diag_hint(v->diags, d, "lock them in the same order everywhere: %s, then %s", y, x);
            diag_other(d, a->second->pos,
                       arena_printf(v->arena, "%s is locked here while %s is held", x, y));
            return;
        }
}

// ---- Locks that are copied --------------------------------------------------------------

// What is inside of t that must not be copied, or NULL.
static const Type *lock_inside(const Type *t, int depth)
{
    if (!t || depth > 20)
        return NULL;
    if (t->kind == TYPE_NAMED && t->obj && t->obj->pkg) {
        const char *path = t->obj->pkg->path, *name = t->obj->name->text;
        static const char *const locks[] = {"Mutex", "RWMutex", "WaitGroup", "Once",
                                            "Cond",  "Pool",    "Map"};
        for (int i = 0; strcmp(path, "sync") == 0 && i < countof(locks); i++)
            if (strcmp(name, locks[i]) == 0)
                return t;
        if (strcmp(path, "sync/atomic") == 0 && type_under((Type *)t)->kind == TYPE_STRUCT)
            return t;
    }
    const Type *u = type_under((Type *)t);
    if (u->kind == TYPE_ARRAY)
        return lock_inside(u->elem, depth + 1);
    if (u->kind != TYPE_STRUCT)
        return NULL;
    for (int i = 0; i < u->fields.len; i++) {
        const Type *lock = lock_inside(u->fields.data[i].type, depth + 1);
        if (lock)
            return lock;
    }
    return NULL;
}

static const char *inside_text(Vet *v, const Type *t, const Type *lock)
{
    return t == lock ? vet_type_text(v, t)
                     : arena_printf(v->arena, "%s contains %s", vet_type_text(v, t),
                                    vet_type_text(v, lock));
}

// An expression that copies a lock that is already somewhere; a literal or a call's result is new.
static const Type *copies_lock(Node *x)
{
    x = node_unparen(x);
    if (x->mode == MODE_TYPE || x->kind == NODE_COMPOSITE || x->kind == NODE_CALL ||
        x->kind == NODE_FUNC_LIT)
        return NULL;
    return lock_inside(x->type, 0);
}

static void report_copy(Vet *v, const Node *at, const char *how, const Type *t, const Type *lock)
{
    Diag *d =
        vet_warn(v, DIAG_COPIED_LOCK, at, "%s copies lock value: %s", how, inside_text(v, t, lock));
    diag_reason(v->diags, d, "the copy is another lock, so the two do not keep each other out");
    diag_hint(v->diags, d, "use a pointer, *%s", vet_type_text(v, t));
}

static void check_copies(Vet *v, Node *n)
{
    const Type *lock;
    switch (n->kind) {
    case NODE_ASSIGN:
        for (int i = 0; i < n->assign.rhs.len && n->assign.lhs.len == n->assign.rhs.len; i++) {
            const Node *to = node_unparen(n->assign.lhs.data[i]);
            if (to->kind == NODE_IDENT && strcmp(to->ident.name->text, "_") == 0)
                continue;
            if ((lock = copies_lock(n->assign.rhs.data[i])) != NULL)
                report_copy(v, n->assign.rhs.data[i],
                            arena_printf(v->arena, "assignment to %s", vet_text(v, to)),
                            n->assign.rhs.data[i]->type, lock);
        }
        break;
    case NODE_VALUE_SPEC:
        for (int i = 0; i < n->value.values.len && n->value.names.len == n->value.values.len; i++)
            if ((lock = copies_lock(n->value.values.data[i])) != NULL)
                report_copy(v, n->value.values.data[i],
                            arena_printf(v->arena, "variable declaration of %s",
                                         vet_text(v, n->value.names.data[i])),
                            n->value.values.data[i]->type, lock);
        break;
    case NODE_RANGE: {
        Node *value = n->range.value;
        if (value && n->range.define && value->obj && (lock = lock_inside(value->obj->type, 0)))
            report_copy(v, value, arena_printf(v->arena, "range var %s", vet_text(v, value)),
                        value->obj->type, lock);
        break;
    }
    case NODE_CALL:
        if (n->flag & NODEFLAG_BUILTIN)
            break;
        for (int i = 0; i < n->call.args.len; i++)
            if ((lock = copies_lock(n->call.args.data[i])) != NULL)
                report_copy(v, n->call.args.data[i],
                            arena_printf(v->arena, "call of %s", vet_text(v, n->call.fun)),
                            n->call.args.data[i]->type, lock);
        break;
    case NODE_RETURN:
        for (int i = 0; i < n->list.list.len; i++)
            if ((lock = copies_lock(n->list.list.data[i])) != NULL)
                report_copy(v, n->list.list.data[i], "return", n->list.list.data[i]->type, lock);
        break;
    default: break;
    }
}

// Receivers and parameters by value.
static void check_lock_params(Vet *v, const VetFunc *f)
{
    const FuncInfo *info = f->node ? f->node->func.info : NULL;
    for (int i = 0; info && i < info->params.len; i++) {
        const Object *p = info->params.data[i];
        const Type *lock = lock_inside(p->type, 0);
        if (!lock || p->pos == POS_NONE)
            continue;
        bool is_recv = i == 0 && f->node->kind == NODE_FUNC_DECL && f->node->func.recv;
        const char *name =
            f->node->kind == NODE_FUNC_DECL ? vet_text(v, f->node->func.name) : "function literal";
        Node mark = {.pos = p->pos, .end = p->pos + p->name->len};
        Diag *d = vet_warn(v, DIAG_COPIED_LOCK, &mark, "%s passes lock by value: %s", name,
                           inside_text(v, p->type, lock));
        diag_reason(v->diags, d,
                    "%s works on a copy of %s: what it locks and changes there is "
                    "thrown away",
                    name, p->name->text);
        if (is_recv)
            diag_hint(v->diags, d, "func (%s *%s) %s(…)", p->name->text, vet_type_text(v, p->type),
                      name);
        else
            diag_hint(v->diags, d, "%s *%s, and give it the address, &…", p->name->text,
                      vet_type_text(v, p->type));
    }
}

// ---- All of them ------------------------------------------------------------------------

static bool check_node(Node *n, void *arg)
{
    Vet *v = arg;
    check_copies(v, n);
    switch (n->kind) {
    case NODE_IDENT:
        if (vet_is_declaration(n) && n->obj->kind == OBJECT_VAR)
            check_group(v, n->obj, n);
        break;
    case NODE_EXPR_STMT: check_double_lock(v, n); break;
    case NODE_DEFER: check_deferred_unlock(v, n); break;
    default: break;
    }
    return true;
}

void vet_sync(Vet *v)
{
    vet_walk_package(v, check_node, v);
    for (int i = 0; i < v->funcs.len; i++) {
        check_unlocked_on_return(v, &v->funcs.data[i]);
        check_lock_params(v, &v->funcs.data[i]);
    }
    check_lock_order(v);
}
