// vet_circle.c: goroutines that wait for each other in a circle, each at an operation whose other
// half comes only after the operation at which another one waits.
//
// For every function that uses unbuffered channels, one operation is taken for the place where it
// gets stuck: at first its first one. The assumption holds if everything that could complete the
// operation stands, in functions with such a place, behind that place; so none of them can be the
// first to go on. Where it does not hold, the function's next operation is tried; taking one
// assumption back can only make others fail, so this ends, and what is left is true.
//
// Only channels of which every use is known count, and an operation on a parameter only if every
// call of its function is known to give such a channel.
#include "types/vet_impl.h"

typedef struct Stop { // an operation that may be where its function gets stuck
    Node *func;       // NULL: a script's statements
    Node *at;
    ChanOp op;
    bool failed;
} Stop;

typedef struct Circle {
    Vet *v;
    Vec(Chan) chans;
    Vec(Stop) stops; // in the order of the text
} Circle;

// ---- Which channels and operations there are ----------------------------------------------

static void add_channel(Circle *c, const Chan *ch)
{
    if (ch->known && ch->capacity == 0 && ch->uses.len > 0)
        vec_push_in(c->v->arena, &c->chans, *ch);
}

static bool collect_channels(Node *n, void *arg)
{
    Circle *c = arg;
    if (n->kind == NODE_IDENT && vet_is_declaration(n) && n->obj->kind == OBJECT_VAR &&
        n->obj->type && type_under(n->obj->type)->kind == TYPE_CHAN) {
        Chan ch = vet_study_channel(c->v, n->obj, n);
        add_channel(c, &ch);
    }
    if (n->kind == NODE_STRUCT_TYPE && n->type && n->type->kind == TYPE_STRUCT)
        for (int i = 0; i < n->type->fields.len; i++) {
            const TypeField *field = &n->type->fields.data[i];
            if (field->embedded || type_under(field->type)->kind != TYPE_CHAN)
                continue;
            Chan ch = vet_study_field(c->v, n->type, field);
            add_channel(c, &ch);
        }
    return true;
}

static bool has_goto(Node *n, void *arg)
{
    bool *found = arg;
    *found |= n->kind == NODE_BRANCH && n->op == TOKEN_GOTO;
    return !*found;
}

// How many channels the operation can be on, as far as its function is called; -1: not known.
static int channel_count(Vet *v, const Node *at)
{
    Node *x = at->kind == NODE_SEND    ? at->binary.x
              : at->kind == NODE_RANGE ? at->range.x
                                       : at->unary.x;
    const Object *obj = vet_var(x);
    if (!obj)
        return 1; // a field
    for (Node *f = vet_function(v, at); f; f = vet_function(v, vet_parent(v, f))) {
        const FuncInfo *info = f->func.info;
        bool is_param = false;
        for (int i = 0; info && i < info->params.len; i++)
            is_param |= info->params.data[i] == obj;
        if (!is_param)
            continue;
        if (f->kind == NODE_FUNC_LIT) {
            const Node *call = vet_parent(v, f);
            return call && call->kind == NODE_CALL && call->call.fun == f ? 1 : -1;
        }
        if (f->func.recv || !f->obj)
            return -1;
        int calls = 0;
        const VetObject *known = vet_object(v, f->obj);
        for (int i = 0; i < known->uses.len; i++)
            calls += !vet_is_declaration(known->uses.data[i]);
        return calls;
    }
    return 1;
}

static int by_text(const void *left, const void *right)
{
    const Stop *a = left, *b = right;
    return (a->at->pos > b->at->pos) - (a->at->pos < b->at->pos);
}

static void collect_stops(Circle *c)
{
    Vet *v = c->v;
    for (int i = 0; i < c->chans.len; i++)
        for (int k = 0; k < c->chans.data[i].uses.len; k++) {
            const ChanUse *use = &c->chans.data[i].uses.data[k];
            if (use->op == CHAN_CLOSE || use->select || use->deferred)
                continue;
            int entries = 0;
            bool met = false;
            for (int n = 0; n < c->stops.len; n++)
                met |= c->stops.data[n].at == use->at;
            for (int n = 0; n < c->chans.len; n++)
                for (int m = 0; m < c->chans.data[n].uses.len; m++)
                    entries += c->chans.data[n].uses.data[m].at == use->at;
            Node *func = vet_function(v, use->at);
            bool jumps = false;
            if (func)
                vet_walk(func->func.body, has_goto, &jumps);
            if (!met && !jumps && entries == channel_count(v, use->at))
                vec_push_in(v->arena, &c->stops,
                            ((Stop){.func = func, .at = use->at, .op = use->op}));
        }
    if (c->stops.len > 1)
        qsort(c->stops.data, (size_t)c->stops.len, sizeof(Stop), by_text);
}

// ---- Who gets stuck -----------------------------------------------------------------------

// Where the function of n is taken to get stuck; NULL: nowhere.
static const Stop *stop_before(const Circle *c, const Node *n)
{
    const Node *func = vet_function(c->v, n);
    for (int i = 0; i < c->stops.len; i++)
        if (c->stops.data[i].func == func && !c->stops.data[i].failed)
            return &c->stops.data[i];
    return NULL;
}

// Whether n, in the same function, comes only after the operation.
static bool comes_after(const Circle *c, const Stop *place, const Node *n)
{
    const Vet *v = c->v;
    if (place->op == CHAN_RANGE && vet_is_inside(v, n, place->at->range.body))
        return true;
    for (const Node *stmt = vet_statement(v, place->at); stmt;) {
        int index;
        const NodeList *list = vet_siblings(v, stmt, &index);
        for (int i = index + 1; list && i < list->len; i++)
            if (vet_is_inside(v, n, list->data[i]))
                return true;
        const Node *block = vet_parent(v, stmt), *outer = block ? vet_parent(v, block) : NULL;
        stmt =
            block && block->kind == NODE_BLOCK && outer && outer->kind == NODE_BLOCK ? block : NULL;
    }
    return false;
}

static bool completes(const ChanUse *use, ChanOp op)
{
    return op == CHAN_SEND ? use->op == CHAN_RECV || use->op == CHAN_RANGE
                           : use->op == CHAN_SEND || use->op == CHAN_CLOSE;
}

// Whether the assumption about this place holds. *next: a place that its other half stands behind.
static bool is_stuck(const Circle *c, const Stop *place, const Stop **next)
{
    *next = NULL;
    for (int i = 0; i < c->chans.len; i++) {
        const Chan *ch = &c->chans.data[i];
        bool mine = false;
        for (int k = 0; k < ch->uses.len; k++)
            mine |= ch->uses.data[k].at == place->at;
        for (int k = 0; mine && k < ch->uses.len; k++) {
            const ChanUse *use = &ch->uses.data[k];
            if (!completes(use, place->op))
                continue;
            const Stop *before = use->deferred ? NULL : stop_before(c, use->at);
            if (!before || before->at == use->at || !comes_after(c, before, use->at))
                return false;
            if (!*next || *next == place)
                *next = before;
        }
    }
    return true;
}

static void take_back(Circle *c)
{
    for (bool again = true; again;) {
        again = false;
        for (int i = 0; i < c->stops.len; i++) {
            Stop *place = &c->stops.data[i];
            const Stop *next;
            if (place->failed || stop_before(c, place->at) != place || is_stuck(c, place, &next))
                continue;
            place->failed = again = true;
        }
    }
}

// ---- Reports ------------------------------------------------------------------------------

static const char *stop_text(Vet *v, const Stop *p)
{
    return p->op == CHAN_RANGE ? arena_printf(v->arena, "range %s", vet_text(v, p->at->range.x))
                               : vet_text(v, p->at);
}

static void report(Circle *c, const Stop *first, const Stop *second, int length)
{
    Vet *v = c->v;
    Node mark = *first->at;
    if (first->op == CHAN_RANGE) {
        mark.pos = first->at->range.x->pos;
        mark.end = first->at->range.x->end;
    }
    Diag *d = vet_warn(v, DIAG_WAIT_CIRCLE, &mark, "%s waits for ever", stop_text(v, first));
    diag_reason(
        v->diags, d,
        "its other half stands behind %s at line %d, which waits%s for what stands behind %s",
        stop_text(v, second), vet_line(second->at), length == 2 ? "" : ", through others,",
        stop_text(v, first));
    diag_other(d, second->at->pos, "the other one waits here");
    if (first->op == CHAN_SEND && second->op == CHAN_SEND)
        diag_hint(v->diags, d,
                  "let one of them receive first, or give one of the channels a buffer");
    else
        diag_hint(v->diags, d, "let one of them do its other half first");
}

void vet_circles(Vet *v)
{
    Circle c = {.v = v};
    vet_walk_package(v, collect_channels, &c);
    enum { MAX_USES = 1000 }; // the checks compare all with all
    int uses = 0;
    for (int i = 0; i < c.chans.len; i++)
        uses += c.chans.data[i].uses.len;
    if (uses > MAX_USES)
        return;
    collect_stops(&c);
    take_back(&c);
    for (int i = 0; i < c.stops.len; i++) {
        const Stop *start = &c.stops.data[i], *next, *at = start, *second = NULL;
        int length = 0;
        if (stop_before(&c, start->at) != start)
            continue;
        do {
            if (!is_stuck(&c, at, &next) || !next)
                break;
            if (!second)
                second = next;
            at = next;
            length++;
        } while (at != start && length <= c.stops.len);
        // One alone: vet_chan.c tells of those, unless several channels meet in one function.
        if (at != start || length < 2)
            continue;
        report(&c, start, second, length);
        return; // others may follow from it
    }
}
