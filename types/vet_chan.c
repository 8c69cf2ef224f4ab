// vet_chan.c: channels on which somebody waits for ever, or that are used after their end.
//
// Most checks need to know everybody who uses a channel. That is so for a variable that gets its
// channel from make where it is declared, and is used for nothing but sending, receiving, ranging
// and closing, or as an argument to functions of this package whose parameter is used in the
// same way. Of every other channel nothing is said.
#include "types/vet_impl.h"

// ---- Who uses a channel -----------------------------------------------------------------

typedef struct Route { // how the declaring function gets to a use
    Node *anchor;
    bool concurrent, deferred, returned;
    int depth;
} Route;

static void collect_uses(Vet *v, Chan *ch, Object *obj, const Route *route);

// The place in the function that declares obj from which `n` is reached; what lies between.
static Route route_to(Vet *v, Object *obj, Node *n, const Route *outer)
{
    Route r = *outer;
    Node *anchor = n;
    const Node *home = obj->func ? obj->func->node : NULL;
    for (Node *p = vet_parent(v, n); p && p != home; p = vet_parent(v, p)) {
        if (p->kind == NODE_FUNC_DECL && !home)
            r.concurrent = true; // a package variable: anybody may come here
        if (p->kind != NODE_FUNC_LIT)
            continue;
        anchor = p;
        const Node *call = vet_parent(v, p);
        const Node *around = call ? vet_parent(v, call) : NULL;
        bool is_called = call && call->kind == NODE_CALL && call->call.fun == p;
        if (is_called && around && around->kind == NODE_DEFER)
            r.deferred = true;
        else if (!is_called || !around || around->kind == NODE_GO)
            r.concurrent = true; // or a function value, which anybody may call
    }
    if (!r.anchor)
        r.anchor = anchor;
    return r;
}

static void add_use(Vet *v, Chan *ch, ChanOp op, Node *at, const Route *r, bool direct)
{
    ChanUse use = {op, at, r->anchor, NULL, r->concurrent, r->deferred, false, r->returned, direct};
    Node *stmt = vet_parent(v, at);
    if (stmt && (stmt->kind == NODE_ASSIGN || stmt->kind == NODE_VALUE_SPEC))
        use.two_values =
            (stmt->kind == NODE_ASSIGN ? stmt->assign.lhs.len : stmt->value.names.len) == 2;
    if (op == CHAN_SEND)
        stmt = at;
    Node *clause = stmt ? vet_parent(v, stmt) : NULL;
    if (clause && clause->kind == NODE_CASE && clause->clause.comm == stmt)
        for (use.select = vet_parent(v, clause); use.select && use.select->kind != NODE_SELECT;)
            use.select = vet_parent(v, use.select);
    const Node *around = vet_parent(v, at);
    use.deferred |= around && around->kind == NODE_DEFER;
    vec_push_in(v->arena, &ch->uses, use);
    ch->count[op]++;
    // The checks compare uses with each other.
    enum { MAX_USES = 300 };
    if (ch->uses.len > MAX_USES)
        ch->known = false;
}

static void follow_call(Vet *v, Chan *ch, Node *call, Node *arg, Route r)
{
    int index = 0;
    while (index < call->call.args.len && call->call.args.data[index] != arg)
        index++;
    Object *param = index < call->call.args.len ? vet_param(call, index) : NULL;
    if (!param || r.depth > 6 || param->reassigned || param->addr_taken) {
        ch->known = false;
        return;
    }
    Node *around = vet_parent(v, call);
    r.concurrent |= around && around->kind == NODE_GO;
    r.deferred |= around && around->kind == NODE_DEFER;
    r.depth++;
    collect_uses(v, ch, param, &r);
}

static void classify_place(Vet *v, Chan *ch, Node *child, Node *p, const Route *r, bool direct);

// The function gives the channel to whoever calls it: what do they do with it?
static void follow_return(Vet *v, Chan *ch, Node *stmt, Route r)
{
    Node *func = vet_function(v, stmt);
    if (!func || func->kind != NODE_FUNC_DECL || !func->obj || r.depth > 6 ||
        stmt->list.list.len != 1) {
        ch->known = false;
        return;
    }
    r.concurrent = r.returned = true;
    r.depth++;
    VetObject *known = vet_object(v, func->obj);
    for (int i = 0; i < known->uses.len && ch->known; i++) {
        Node *use = known->uses.data[i], *call = vet_parent(v, use);
        if (vet_is_declaration(use))
            continue;
        if (call && call->kind == NODE_SELECTOR)
            call = vet_parent(v, call);
        Node *p = call && call->kind == NODE_CALL ? vet_parent(v, call) : NULL;
        Node *name = NULL;
        if (p && p->kind == NODE_ASSIGN && p->op == TOKEN_DEFINE && p->assign.lhs.len == 1)
            name = p->assign.lhs.data[0];
        else if (p && p->kind == NODE_VALUE_SPEC && p->value.names.len == 1)
            name = p->value.names.data[0];
        if (!p || vet_root(use) || call->call.fun == NULL)
            ch->known = false;
        else if (name && name->obj && vet_is_declaration(name) && !name->obj->reassigned &&
                 !name->obj->addr_taken)
            collect_uses(v, ch, name->obj, &r);
        else if (name || p->kind == NODE_GO || p->kind == NODE_DEFER)
            ch->known = false;
        else
            classify_place(v, ch, call, p, &r, false);
    }
}

static void classify_use(Vet *v, Chan *ch, Object *obj, Node *ident, const Route *route)
{
    Node *child = ident, *p = vet_parent(v, ident);
    while (p && p->kind == NODE_PAREN) {
        child = p;
        p = vet_parent(v, p);
    }
    Route r = route_to(v, obj, ident, route);
    bool direct = route->depth == 0 && vet_function(v, ident) == vet_function(v, ch->name);
    classify_place(v, ch, child, p, &r, direct);
}

// child is the channel, p what it is part of.
static void classify_place(Vet *v, Chan *ch, Node *child, Node *p, const Route *r, bool direct)
{
    if (p && p->kind == NODE_SEND && p->binary.x == child)
        add_use(v, ch, CHAN_SEND, p, r, direct);
    else if (p && p->kind == NODE_UNARY && p->op == TOKEN_ARROW)
        add_use(v, ch, CHAN_RECV, p, r, direct);
    else if (p && p->kind == NODE_RANGE && p->range.x == child)
        add_use(v, ch, CHAN_RANGE, p, r, direct);
    else if (p && vet_is_builtin(p, BUILTIN_CLOSE))
        add_use(v, ch, CHAN_CLOSE, p, r, direct);
    else if (p && p->kind == NODE_CALL && !(p->flag & (NODEFLAG_BUILTIN | NODEFLAG_CONVERSION)) &&
             p->call.fun != child)
        follow_call(v, ch, p, child, *r);
    else if (p && p->kind == NODE_RETURN)
        follow_return(v, ch, p, *r);
    else if (p && p->kind == NODE_EXPR_STMT)
        ; // the result of a call that nobody takes
    else if (!p || !(vet_is_builtin(p, BUILTIN_LEN) || vet_is_builtin(p, BUILTIN_CAP)))
        ch->known = false;
}

static void collect_uses(Vet *v, Chan *ch, Object *obj, const Route *route)
{
    VetObject *known = vet_object(v, obj);
    for (int i = 0; i < known->uses.len && ch->known; i++)
        if (!vet_is_declaration(known->uses.data[i]))
            classify_use(v, ch, obj, known->uses.data[i], route);
}

// The make(chan T, n) that the variable is declared with, or NULL.
static Node *made_with(const Vet *v, const Node *name)
{
    const Node *p = vet_parent(v, name);
    const NodeList *names, *values;
    if (p && p->kind == NODE_ASSIGN && p->op == TOKEN_DEFINE) {
        names = &p->assign.lhs;
        values = &p->assign.rhs;
    } else if (p && p->kind == NODE_VALUE_SPEC) {
        names = &p->value.names;
        values = &p->value.values;
    } else {
        return NULL;
    }
    if (names->len != values->len)
        return NULL;
    for (int i = 0; i < names->len; i++)
        if (names->data[i] == name) {
            Node *value = node_unparen(values->data[i]);
            return vet_is_builtin(value, BUILTIN_MAKE) ? value : NULL;
        }
    return NULL;
}

// make(chan T) without a buffer.
static bool makes_unbuffered(Node *value)
{
    value = node_unparen(value);
    i64 size = 0;
    return vet_is_builtin(value, BUILTIN_MAKE) &&
           (value->call.args.len < 2 ||
            (value->call.args.data[1]->cval &&
             const_fits_i64(value->call.args.data[1]->cval, &size) && size == 0));
}

typedef struct FieldSearch {
    Vet *v;
    Chan *ch;
    Type *holder; // the struct
    const TypeField *field;
} FieldSearch;

static bool find_field_use(Node *n, void *arg)
{
    FieldSearch *s = arg;
    Vet *v = s->v;
    Chan *ch = s->ch;
    if (n->kind == NODE_COMPOSITE && n->type && type_under(n->type) == s->holder) {
        for (int i = 0; i < n->composite.elems.len; i++) {
            Node *e = n->composite.elems.data[i];
            bool named = e->kind == NODE_KEY_VALUE;
            if (named ? e->kv.key->kind == NODE_IDENT && e->kv.key->ident.name == s->field->name
                      : &s->holder->fields.data[i] == s->field)
                ch->known = ch->known && makes_unbuffered(named ? e->kv.value : e);
        }
        return true;
    }
    if (n->kind != NODE_SELECTOR || n->selector.sel->ident.name != s->field->name ||
        !n->selector.x->type || n->flag & NODEFLAG_QUALIFIED)
        return true;
    Selection sel = type_select(v->arena, n->selector.x->type, s->field->name, v->pkg);
    if (sel.kind != SELECT_FIELD || !sel.holder || type_under(sel.holder) != s->holder)
        return true;
    Node *p = vet_parent(v, n);
    if (p && p->kind == NODE_ASSIGN && p->op == TOKEN_ASSIGN &&
        p->assign.lhs.len == p->assign.rhs.len) {
        for (int i = 0; i < p->assign.lhs.len; i++)
            if (p->assign.lhs.data[i] == n) {
                ch->known = ch->known && makes_unbuffered(p->assign.rhs.data[i]);
                return true;
            }
    }
    classify_place(v, ch, n, p, &(Route){.anchor = n}, false);
    return true;
}

static bool has_goto(Node *n, void *arg)
{
    bool *found = arg;
    *found |= n->kind == NODE_BRANCH && n->op == TOKEN_GOTO;
    return !*found;
}

Chan vet_study_channel(Vet *v, Object *obj, Node *name)
{
    Chan ch = {.obj = obj,
               .name = name,
               .label = obj->name->text,
               .declared = name->pos,
               .known = true,
               .capacity = -1};
    Node *make = made_with(v, name);
    if (!make || obj->reassigned || obj->addr_taken) {
        ch.known = false;
        return ch;
    }
    const NodeList *args = &make->call.args;
    if (args->len < 2)
        ch.capacity = 0;
    else if (args->data[1]->cval && !const_fits_i64(args->data[1]->cval, &ch.capacity))
        ch.capacity = -1;
    collect_uses(v, &ch, obj, &(Route){0});
    return ch;
}

// A field of type chan: all values of the struct together, so ch.uses are those of every one of
// them.
Chan vet_study_field(Vet *v, Type *holder, const TypeField *field)
{
    Chan ch = {.label = field->name->text, .declared = field->pos, .known = true, .capacity = 0};
    FieldSearch search = {v, &ch, holder, field};
    vet_walk_package(v, find_field_use, &search);
    return ch;
}

// ---- Nobody comes -----------------------------------------------------------------------

static bool is_blocking(const ChanUse *use)
{
    return use->op != CHAN_CLOSE && !use->select;
}

// Somebody can meet the operation `use`: a use of the other side, not by the same goroutine, that
// is under way before the declaring function gets to `use`.
static bool has_partner(Vet *v, const Chan *ch, const ChanUse *use)
{
    for (int i = 0; i < ch->uses.len; i++) {
        const ChanUse *other = &ch->uses.data[i];
        bool other_side = use->op == CHAN_SEND ? other->op == CHAN_RECV || other->op == CHAN_RANGE
                                               : other->op == CHAN_SEND || other->op == CHAN_CLOSE;
        if (!other_side || other == use || !other->concurrent)
            continue;
        if (other->anchor->pos < use->anchor->pos)
            return true;
        // Later in the text, and in the same loop: perhaps an earlier round.
        Node *loop = vet_loop(v, use->anchor);
        if (loop && vet_is_inside(v, other->anchor, loop) && !vet_is_inside(v, ch->name, loop))
            return true;
    }
    return false;
}

static const char *op_text(Vet *v, const ChanUse *use)
{
    return use->op == CHAN_RANGE ? arena_printf(v->arena, "range %s", vet_text(v, use->at->range.x))
                                 : vet_text(v, use->at);
}

static void mark_of(const ChanUse *use, Node *out)
{
    *out = *use->at;
    if (use->op == CHAN_RANGE) {
        out->pos = use->at->range.x->pos;
        out->end = use->at->range.x->end;
    }
}

// An operation of the declaring goroutine on an unbuffered channel that only it uses so far.
static bool check_blocks_itself(Vet *v, Chan *ch)
{
    if (ch->capacity != 0)
        return false;
    for (int i = 0; i < ch->uses.len; i++) {
        ChanUse *use = &ch->uses.data[i];
        if (use->concurrent || use->deferred || !is_blocking(use) || has_partner(v, ch, use))
            continue;
        // After a close a receive is answered at once.
        bool closed_before = false;
        for (int k = 0; k < ch->uses.len; k++)
            closed_before |= ch->uses.data[k].op == CHAN_CLOSE && !ch->uses.data[k].deferred &&
                             ch->uses.data[k].anchor->pos <= use->anchor->pos;
        if (closed_before)
            continue;
        Node mark;
        mark_of(use, &mark);
        const char *name = ch->obj->name->text;
        bool is_send = use->op == CHAN_SEND;
        Diag *d = vet_warn(v, DIAG_BLOCKS_ITSELF, &mark, "%s waits for ever", op_text(v, use));
        const ChanUse *other = NULL;
        for (int k = 0; k < ch->uses.len && !other; k++)
            if (ch->uses.data[k].op == (is_send ? CHAN_RECV : CHAN_SEND) ||
                (is_send && ch->uses.data[k].op == CHAN_RANGE))
                other = &ch->uses.data[k];
        const char *wanted = is_send ? "receives from" : "sends to";
        const char *what = is_send ? "send" : "receive";
        if (!other)
            diag_reason(
                v->diags, d,
                "%s is unbuffered, so a %s waits until another goroutine %s it; nobody does", name,
                what, wanted);
        else if (other->concurrent)
            diag_reason(v->diags, d,
                        "%s is unbuffered, so a %s waits until another goroutine %s it; the one "
                        "that could is started only at line %d",
                        name, what, wanted, vet_line(other->anchor));
        else
            diag_reason(v->diags, d,
                        "%s is unbuffered, so a %s waits until another goroutine %s it; the %s at "
                        "line %d is in this same goroutine, after it",
                        name, what, wanted, is_send ? "receive" : "send", vet_line(other->at));
        if (is_send)
            diag_hint(v->diags, d,
                      "send in a goroutine, go func() { %s }(), or give the channel a buffer: "
                      "make(chan %s, 1)",
                      vet_text(v, use->at), vet_type_text(v, type_under(ch->obj->type)->elem));
        else
            diag_hint(v->diags, d, "start the goroutine that sends before this line");
        diag_other(d, ch->name->pos,
                   arena_printf(v->arena, "%s is made here, without a buffer", name));
        return true;
    }
    return false;
}

// Sends to a channel that nobody receives from, or the other way round.
static bool check_no_partner(Vet *v, Chan *ch)
{
    int sends = ch->count[CHAN_SEND], takes = ch->count[CHAN_RECV] + ch->count[CHAN_RANGE];
    bool nobody_receives = sends > 0 && takes == 0 && ch->capacity == 0;
    bool nobody_sends = takes > 0 && sends == 0 && ch->count[CHAN_CLOSE] == 0;
    if (!nobody_receives && !nobody_sends)
        return false;
    // A close by somebody else ends the wait of a sender, with a panic.
    for (int i = 0; i < ch->uses.len; i++)
        for (int k = 0; k < ch->uses.len; k++)
            if (ch->uses.data[i].op == CHAN_SEND && ch->uses.data[k].op == CHAN_CLOSE &&
                vet_function(v, ch->uses.data[i].at) != vet_function(v, ch->uses.data[k].at))
                return false;
    for (int i = 0; i < ch->uses.len; i++) {
        ChanUse *use = &ch->uses.data[i];
        if (!is_blocking(use))
            continue;
        // A goroutine that only waits for the program's end is meant to.
        if (nobody_sends && use->concurrent)
            continue;
        Node mark;
        mark_of(use, &mark);
        Diag *d = vet_warn(v, DIAG_NO_PARTNER, &mark, "%s waits for ever", op_text(v, use));
        diag_reason(v->diags, d,
                    nobody_receives ? "nobody receives from %s" : "nobody sends to %s or closes it",
                    ch->label);
        diag_other(
            d, ch->declared,
            arena_printf(v->arena, "%s is %s here", ch->label, ch->obj ? "made" : "declared"));
        return true;
    }
    return false;
}

// More sends in a row than the buffer holds, before anybody could receive.
static bool check_buffer_full(Vet *v, Chan *ch)
{
    if (ch->capacity <= 0)
        return false;
    i64 sent = 0;
    for (int i = 0; i < ch->uses.len; i++) {
        ChanUse *use = &ch->uses.data[i];
        Node *block = use->direct ? vet_parent(v, use->at) : NULL;
        if (use->op != CHAN_SEND || !use->direct || use->select ||
            block != vet_parent(v, vet_statement(v, ch->name)))
            return false;
        if (++sent <= ch->capacity)
            continue;
        if (has_partner(v, ch, use))
            return false;
        Diag *d =
            vet_warn(v, DIAG_BLOCKS_ITSELF, use->at, "%s waits for ever", vet_text(v, use->at));
        diag_reason(v->diags, d,
                    "the buffer of %s has room for %lld, this is send number %lld, and no other "
                    "goroutine is there to receive",
                    ch->obj->name->text, (long long)ch->capacity, (long long)sent);
        diag_other(d, ch->name->pos, "its buffer is made here");
        return true;
    }
    return false;
}

// wg.Wait(), and only after it the receive without which the goroutines cannot come to their Done.
static bool check_wait_before_receive(Vet *v, Chan *ch)
{
    if (ch->capacity != 0 || ch->count[CHAN_SEND] == 0)
        return false;
    Node *send = NULL, *first = NULL;
    for (int i = 0; i < ch->uses.len; i++) {
        ChanUse *use = &ch->uses.data[i];
        if (use->op == CHAN_CLOSE)
            continue;
        if (use->select || (use->op == CHAN_SEND) != use->concurrent ||
            (use->op != CHAN_SEND && !use->direct))
            return false;
        if (use->op == CHAN_SEND)
            send = use->at;
        else if (!first)
            first = use->at;
    }
    // The goroutine that sends says Done only after that.
    Node *literal = send ? vet_function(v, send) : NULL;
    if (!first || !literal || literal->kind != NODE_FUNC_LIT || !vet_is_goroutine(v, literal))
        return false;
    Object *group = vet_done_after(literal, send);
    int index = 0;
    NodeList *list = group ? vet_siblings(v, vet_statement(v, ch->name), &index) : NULL;
    for (int i = index + 1; list && i < list->len; i++) {
        Node *stmt = list->data[i];
        if (stmt->pos <= first->pos && first->pos < stmt->end)
            return false;
        Node *call = stmt->kind == NODE_EXPR_STMT ? node_unparen(stmt->unary.x) : NULL;
        if (!call || call->kind != NODE_CALL || !vet_calls(call, "sync", "WaitGroup", "Wait") ||
            vet_root(vet_receiver(call)) != group)
            continue;
        Diag *d =
            vet_warn(v, DIAG_WAIT_BEFORE_RECEIVE, call, "%s waits for ever", vet_text(v, call));
        diag_reason(v->diags, d,
                    "the goroutines wait to send on %s before they are done, and the receive is at "
                    "line %d, after this",
                    ch->obj->name->text, vet_line(first));
        diag_hint(v->diags, d,
                  "wait and close in a goroutine of its own, go func() { %s; close(%s) }(), and "
                  "receive here",
                  vet_text(v, call), ch->obj->name->text);
        diag_other(d, send->pos, "sent here");
        return true;
    }
    return false;
}

// ---- Nobody closes ----------------------------------------------------------------------

// Whether the function runs in the main goroutine only: main, or called from such functions.
static bool runs_in_main(Vet *v, Node *func, int depth)
{
    if (v->main && func == v->main->node)
        return true;
    if (!func || func->kind != NODE_FUNC_DECL || !func->obj || depth > 6)
        return false;
    VetObject *known = vet_object(v, func->obj);
    int calls = 0;
    for (int i = 0; i < known->uses.len; i++) {
        Node *use = known->uses.data[i], *p = vet_parent(v, use);
        if (vet_is_declaration(use))
            continue;
        if (p && p->kind == NODE_SELECTOR)
            p = vet_parent(v, p);
        Node *around = p ? vet_parent(v, p) : NULL;
        if (!p || p->kind != NODE_CALL || !around || around->kind == NODE_GO ||
            !runs_in_main(v, vet_function(v, p), depth + 1))
            return false;
        calls++;
    }
    return calls > 0;
}

typedef struct Search {
    bool found;
} Search;

static bool search_done(Node *n, void *arg)
{
    Search *s = arg;
    if (n->kind == NODE_SEND ||
        (n->kind == NODE_CALL &&
         (vet_is_builtin(n, BUILTIN_CLOSE) || vet_calls(n, "sync", "WaitGroup", "Done"))))
        s->found = true;
    return !s->found;
}

static bool search_deferred_done(Node *n, void *arg)
{
    if (n->kind == NODE_DEFER)
        vet_walk(n, search_done, arg);
    return n->kind != NODE_DEFER && n->kind != NODE_FUNC_LIT;
}

// Whether somebody is told when the goroutine of this loop gets past it.
static bool is_waited_for(Vet *v, Node *loop)
{
    Node *func = vet_function(v, loop);
    if (!func || func->kind != NODE_FUNC_LIT || !vet_is_goroutine(v, func))
        return false;
    Search s = {false};
    int index;
    NodeList *list = vet_siblings(v, loop, &index);
    for (int i = index + 1; list && i < list->len; i++)
        vet_walk(list->data[i], search_done, &s);
    vet_walk(func->func.body, search_deferred_done, &s);
    return s.found;
}

static bool check_never_closed(Vet *v, Chan *ch)
{
    if (ch->count[CHAN_CLOSE] > 0 || ch->count[CHAN_RANGE] == 0)
        return false;
    for (int i = 0; i < ch->uses.len; i++) {
        ChanUse *use = &ch->uses.data[i];
        if (use->op != CHAN_RANGE || vet_leaves(use->at->range.body))
            continue;
        Node *func = vet_function(v, use->at);
        bool in_main = (!use->concurrent || use->returned) && runs_in_main(v, func, 0);
        if (!in_main && !is_waited_for(v, use->at))
            continue;
        Node *x = use->at->range.x;
        Diag *d = vet_warn(v, DIAG_NEVER_CLOSED, x, "this loop never ends: nobody closes %s",
                           vet_text(v, x));
        const Node *send = NULL;
        for (int k = 0; k < ch->uses.len && !send; k++)
            if (ch->uses.data[k].op == CHAN_SEND)
                send = ch->uses.data[k].at;
        diag_reason(v->diags, d,
                    "range takes values until the channel is closed; after the last one it waits "
                    "for ever");
        if (send) {
            diag_hint(v->diags, d,
                      "whoever sends closes the channel when there is no more: close(%s)",
                      vet_text(v, send->binary.x));
            diag_other(d, send->pos, "the values are sent here");
        }
        return true;
    }
    return false;
}

// ---- Somebody stays behind --------------------------------------------------------------

static bool other_cases(const Node *select)
{
    return select->block.stmts.len > 1;
}

static bool is_conditional(const Vet *v, const Node *n)
{
    for (const Node *p = vet_parent(v, n); p && p->kind != NODE_FUNC_LIT; p = vet_parent(v, p))
        if (p->kind == NODE_IF || p->kind == NODE_CASE)
            return true;
    return false;
}

// A goroutine sends one answer, and the only receive may give up waiting: or takes only one of
// many.
static bool check_left_behind(Vet *v, Chan *ch)
{
    Node *func = vet_function(v, ch->name);
    if (ch->capacity != 0 || !func || (v->main && func == v->main->node) ||
        ch->count[CHAN_RECV] != 1 || ch->count[CHAN_RANGE] > 0 || ch->count[CHAN_SEND] == 0)
        return false;
    const ChanUse *recv = NULL, *send = NULL;
    for (int i = 0; i < ch->uses.len; i++) {
        const ChanUse *use = &ch->uses.data[i];
        if (use->op == CHAN_RECV)
            recv = use;
        if (use->op == CHAN_SEND) {
            if (!use->concurrent || use->select || is_conditional(v, use->at))
                return false;
            send = use;
        }
    }
    if (!recv->direct || vet_in_loop_since(v, recv->at, ch->name))
        return false;
    bool gives_up = recv->select && other_cases(recv->select);
    bool one_of_many = !recv->select && vet_in_loop_since(v, send->anchor, ch->name);
    if (!gives_up && !one_of_many)
        return false;
    Diag *d = vet_warn(v, DIAG_GOROUTINE_LEFT, send->at,
                       "%s can wait for ever: this goroutine stays behind", vet_text(v, send->at));
    if (gives_up)
        diag_reason(v->diags, d,
                    "when the select at line %d takes another case, nobody receives from %s any "
                    "more",
                    vet_line(recv->select), ch->obj->name->text);
    else
        diag_reason(v->diags, d,
                    "the goroutines all send, but line %d receives only once, and nobody receives "
                    "from %s after that",
                    vet_line(recv->at), ch->obj->name->text);
    const char *elem = vet_type_text(v, type_under(ch->obj->type)->elem);
    diag_hint(v->diags, d, "with a buffer the late send can finish: make(chan %s, %s)", elem,
              gives_up ? "1" : "number of goroutines");
    diag_other(d, ch->name->pos, "made here, without a buffer");
    return true;
}

// ---- After the end ----------------------------------------------------------------------

static i64 times_since(Vet *v, Node *n, const Node *decl)
{
    i64 times = 1;
    const Node *child = n;
    for (Node *p = vet_parent(v, n); p && p != vet_parent(v, vet_statement(v, (Node *)decl));
         child = p, p = vet_parent(v, p)) {
        if (p->kind == NODE_FOR || p->kind == NODE_RANGE) {
            if (p->kind == NODE_RANGE && child != p->range.body)
                continue;
            i64 trips = vet_trip_count(p);
            if (trips < 0 || (times *= trips) > 1000000)
                return -1;
        } else if (p->kind == NODE_IF || p->kind == NODE_CASE || p->kind == NODE_FUNC_LIT) {
            return -1;
        }
    }
    return times;
}

// One goroutine sends N values, closes, and takes more than N.
static bool check_zero_after_close(Vet *v, Chan *ch)
{
    if (ch->count[CHAN_CLOSE] != 1 || ch->count[CHAN_RANGE] > 0)
        return false;
    i64 sent = 0, taken = 0;
    for (int i = 0; i < ch->uses.len; i++) {
        const ChanUse *use = &ch->uses.data[i];
        if (!use->direct || use->select || use->deferred || use->concurrent)
            return false;
        if (use->two_values)
            return false; // here is somebody who knows
        if (use->op == CHAN_CLOSE)
            continue;
        i64 times = times_since(v, use->at, ch->name);
        if (times < 0)
            return false;
        if (use->op == CHAN_SEND) {
            sent += times;
            continue;
        }
        taken += times;
        if (taken <= sent)
            continue;
        Diag *d = vet_warn(v, DIAG_ZERO_AFTER_CLOSE, use->at,
                           "%s gives zero values that nobody sent", vet_text(v, use->at));
        diag_reason(v->diags, d,
                    "%lld %s sent before the channel is closed, and %lld received; a closed, empty "
                    "channel gives the zero value at once",
                    (long long)sent, sent == 1 ? "value is" : "values are", (long long)taken);
        diag_hint(v->diags, d, "ask whether there was a value, v, ok := %s, or range over %s",
                  vet_text(v, use->at), ch->obj->name->text);
        return true;
    }
    return false;
}

// for { v := <-ch … }: never notices that ch is closed.
static bool check_endless_receive(Vet *v, Chan *ch)
{
    if (ch->count[CHAN_CLOSE] == 0)
        return false;
    for (int i = 0; i < ch->uses.len; i++) {
        const ChanUse *use = &ch->uses.data[i];
        if (use->op != CHAN_RECV || use->two_values)
            continue;
        Node *loop = vet_loop(v, use->at);
        if (!loop || loop->kind != NODE_FOR || loop->fors.cond || vet_leaves(loop->fors.body))
            continue;
        Node *stmt = vet_parent(v, use->at);
        bool value_used = stmt && stmt->kind != NODE_EXPR_STMT;
        if (!value_used && !use->select)
            continue;
        Diag *d =
            vet_warn(v, DIAG_ZERO_AFTER_CLOSE, use->at, "%s goes on for ever once %s is closed",
                     vet_text(v, use->at), ch->obj->name->text);
        diag_reason(v->diags, d,
                    "a closed, empty channel gives the zero value at once, again and again");
        if (use->select)
            diag_hint(v->diags, d, "case v, ok := %s: and leave when ok is false",
                      vet_text(v, use->at));
        else
            diag_hint(v->diags, d, "for v := range %s { … } ends when the channel is closed",
                      ch->obj->name->text);
        return true;
    }
    return false;
}

// A receive that would give the values of the statement `n`, or a wait that lets others run.
static bool assigns(Node *n, const Object *obj)
{
    if (n->kind == NODE_ASSIGN)
        for (int i = 0; i < n->assign.lhs.len; i++)
            if (vet_var(n->assign.lhs.data[i]) == obj)
                return true;
    return false;
}

typedef struct After {
    Vet *v;
    Node *close; // the channel's expression in close(…)
    bool stop;   // it is another channel from here on
    Node *found;
    ChanOp op;
} After;

static bool search_after(Node *n, void *arg)
{
    After *a = arg;
    if (a->stop || a->found || n->kind == NODE_FUNC_LIT || n->kind == NODE_DEFER ||
        n->kind == NODE_GO)
        return false;
    if (assigns(n, vet_root(a->close))) {
        a->stop = true;
        return false;
    }
    if (n->kind == NODE_SEND && vet_same_place(a->v, n->binary.x, a->close)) {
        a->found = n;
        a->op = CHAN_SEND;
    } else if (vet_is_builtin(n, BUILTIN_CLOSE) &&
               vet_same_place(a->v, n->call.args.data[0], a->close)) {
        a->found = n;
        a->op = CHAN_CLOSE;
    }
    return !a->found;
}

static void report_after(Vet *v, Node *close, Node *found, ChanOp op)
{
    const char *name = vet_text(v, close->call.args.data[0]);
    Diag *d;
    if (op == CHAN_SEND) {
        d = vet_warn(v, DIAG_SEND_AFTER_CLOSE, found, "%s panics: %s is already closed",
                     vet_text(v, found), name);
        diag_reason(v->diags, d,
                    "close says that no more values come, so it follows the last send");
    } else {
        d = vet_warn(v, DIAG_CLOSED_TWICE, found, "%s panics: %s is already closed",
                     vet_text(v, found), name);
        diag_reason(v->diags, d,
                    "a channel is closed once, by the one who knows that no more comes");
    }
    diag_other(d, close->pos, "closed here");
}

static bool is_deferred(const Vet *v, const Node *call)
{
    const Node *p = vet_parent(v, call);
    return p && p->kind == NODE_DEFER;
}

// What follows close(ch) in its list, and in the lists around it in the same function.
static void check_after_close(Vet *v, Node *close)
{
    After a = {v, close->call.args.data[0], false, NULL, CHAN_SEND};
    if (!vet_root(a.close))
        return;
    bool deferred = is_deferred(v, close);
    Node *stmt = vet_statement(v, close);
    for (;;) {
        int index;
        NodeList *list = stmt ? vet_siblings(v, stmt, &index) : NULL;
        if (!list)
            return;
        for (int i = index + 1; i < list->len; i++) {
            // A deferred close runs last: only another close is wrong then.
            if (!deferred || list->data[i]->kind == NODE_EXPR_STMT)
                vet_walk(list->data[i], search_after, &a);
            if (a.stop || (a.found && deferred && a.op != CHAN_CLOSE))
                return;
            if (a.found) {
                if (deferred)
                    report_after(v, a.found, close, CHAN_CLOSE);
                else
                    report_after(v, close, a.found, a.op);
                return;
            }
            if (vet_terminates(list->data[i]))
                return;
        }
        Node *parent = vet_parent(v, stmt);
        // Out of a plain block only: what follows an if or a loop may be another case.
        if (!parent || parent->kind != NODE_BLOCK || !vet_parent(v, parent) ||
            vet_parent(v, parent)->kind != NODE_BLOCK)
            return;
        stmt = parent;
    }
}

// A close that is run by every round of a loop outside of which the channel is declared.
static void check_close_in_loop(Vet *v, Node *close)
{
    Node *arg = close->call.args.data[0];
    Object *obj = vet_var(arg);
    Node *name = NULL;
    for (int i = 0; obj && !obj->is_param && i < vet_object(v, obj)->uses.len && !name; i++)
        if (vet_is_declaration(vet_object(v, obj)->uses.data[i]))
            name = vet_object(v, obj)->uses.data[i];
    if (!name || obj->reassigned || !vet_in_loop_since(v, close, name))
        return;
    // Only where each round gets there: up to the loop through nothing but blocks, goroutines and
    // statements that always run.
    const Node *child = close;
    for (Node *p = vet_parent(v, close); p; child = p, p = vet_parent(v, p)) {
        int index;
        NodeList *list = vet_siblings(v, child, &index);
        for (int i = 0; list && i < list->len; i++)
            if (vet_leaves(list->data[i]))
                return;
        if (p->kind == NODE_FOR || p->kind == NODE_RANGE) {
            if (vet_trip_count(p) == 1 || vet_trip_count(p) == 0)
                return;
            break;
        }
        if (p->kind == NODE_IF || p->kind == NODE_CASE ||
            (p->kind == NODE_FUNC_LIT && !vet_is_goroutine(v, p)))
            return;
    }
    Diag *d = vet_warn(v, DIAG_CLOSED_TWICE, close,
                       "%s is run more than once, and the second time "
                       "panics",
                       vet_text(v, close));
    diag_reason(v->diags, d, "every round of the loop closes the same channel");
    diag_hint(v->diags, d,
              "close it once, after all rounds: with goroutines, wg.Wait() and then %s",
              vet_text(v, close));
    diag_other(d, name->pos, "made here, outside of the loop");
}

typedef struct Sender {
    Vet *v;
    Node *chan;
    Node *send;
} Sender;

static bool search_send(Node *n, void *arg)
{
    Sender *s = arg;
    if (n->kind == NODE_SEND && vet_same_place(s->v, n->binary.x, s->chan))
        s->send = n;
    return !s->send;
}

static bool search_sending_goroutine(Node *n, void *arg)
{
    Sender *s = arg;
    if (n->kind == NODE_GO && node_unparen(n->unary.x->call.fun)->kind == NODE_FUNC_LIT)
        vet_walk(node_unparen(n->unary.x->call.fun)->func.body, search_send, s);
    return !s->send && n->kind != NODE_GO && n->kind != NODE_FUNC_LIT;
}

// Goroutines that send are started, and the channel is closed at once.
static void check_close_too_early(Vet *v, Node *close)
{
    int index;
    Node *stmt = vet_statement(v, close);
    NodeList *list = stmt ? vet_siblings(v, stmt, &index) : NULL;
    if (!list || is_deferred(v, close) || stmt->kind != NODE_EXPR_STMT)
        return;
    for (int i = index - 1; i >= 0 && !vet_waits(v, list->data[i]); i--) {
        Sender s = {v, close->call.args.data[0], NULL};
        vet_walk(list->data[i], search_sending_goroutine, &s);
        if (!s.send)
            continue;
        Diag *d = vet_warn(v, DIAG_SEND_AFTER_CLOSE, close,
                           "%s comes before the goroutines have sent", vet_text(v, close));
        diag_reason(v->diags, d,
                    "nothing between their start and this line waits for them; a send on a closed "
                    "channel panics");
        diag_hint(v->diags, d, "wait for them first, with a sync.WaitGroup: wg.Wait() and then %s",
                  vet_text(v, close));
        diag_other(d, s.send->pos, "sent here");
        return;
    }
}

// ---- A channel that was never made ------------------------------------------------------

static void check_nil_channel(Vet *v, Object *obj, Node *name)
{
    const Node *spec = vet_parent(v, name);
    if (!spec || spec->kind != NODE_VALUE_SPEC || spec->value.values.len > 0 || obj->reassigned ||
        obj->addr_taken || obj->is_param || obj->is_result)
        return;
    VetObject *known = vet_object(v, obj);
    for (int i = 0; i < known->uses.len; i++) {
        Node *use = known->uses.data[i], *p = vet_parent(v, use);
        if (!p || use == name)
            continue;
        const char *what = NULL;
        if (p->kind == NODE_SEND && p->binary.x == use)
            what = "waits for ever";
        else if (p->kind == NODE_UNARY && p->op == TOKEN_ARROW)
            what = "waits for ever";
        else if (p->kind == NODE_RANGE && p->range.x == use)
            what = "waits for ever";
        else if (vet_is_builtin(p, BUILTIN_CLOSE))
            what = "panics";
        const Node *around = vet_parent(v, p);
        for (int up = 0; up < 2 && around; up++) { // in a select, nil switches a case off
            if (around->kind == NODE_CASE)
                what = NULL;
            around = vet_parent(v, around);
        }
        if (!what)
            continue;
        Diag *d =
            vet_warn(v, DIAG_NIL_CHANNEL, p->kind == NODE_RANGE ? use : p, "%s %s: %s is nil",
                     p->kind == NODE_RANGE ? arena_printf(v->arena, "range %s", vet_text(v, use))
                                           : vet_text(v, p),
                     what, obj->name->text);
        diag_reason(v->diags, d, "it is declared without a value and never gets a channel");
        diag_hint(v->diags, d, "make one: %s = make(%s)", obj->name->text,
                  vet_type_text(v, obj->type));
        diag_other(d, name->pos, "declared here");
        return;
    }
}

// ---- All of them ------------------------------------------------------------------------

static bool check_node(Node *n, void *arg)
{
    Vet *v = arg;
    if (vet_is_builtin(n, BUILTIN_CLOSE) && n->call.args.len == 1) {
        check_after_close(v, n);
        check_close_in_loop(v, n);
        check_close_too_early(v, n);
    }
    if (n->kind == NODE_STRUCT_TYPE && n->type && n->type->kind == TYPE_STRUCT)
        for (int i = 0; i < n->type->fields.len; i++) {
            const TypeField *field = &n->type->fields.data[i];
            if (field->embedded || type_under(field->type)->kind != TYPE_CHAN)
                continue;
            // (A receive where nobody sends may be meant to wait for the program's end.)
            Chan ch = vet_study_field(v, n->type, field);
            if (ch.known && ch.count[CHAN_SEND] > 0)
                check_no_partner(v, &ch);
        }
    if (n->kind == NODE_IDENT && vet_is_declaration(n) && n->obj->kind == OBJECT_VAR &&
        n->obj->type && type_under(n->obj->type)->kind == TYPE_CHAN) {
        Object *obj = n->obj;
        check_nil_channel(v, obj, n);
        Chan ch = vet_study_channel(v, obj, n);
        bool jumps = false;
        Node *func = vet_function(v, n);
        if (func)
            vet_walk(func->func.body, has_goto, &jumps);
        if (!ch.known || jumps)
            return true;
        if (check_wait_before_receive(v, &ch) || check_blocks_itself(v, &ch) ||
            check_no_partner(v, &ch) || check_buffer_full(v, &ch))
            return true;
        if (check_never_closed(v, &ch) || check_left_behind(v, &ch))
            return true;
        if (!check_zero_after_close(v, &ch))
            check_endless_receive(v, &ch);
    }
    return true;
}

void vet_channels(Vet *v)
{
    vet_walk_package(v, check_node, v);
}
