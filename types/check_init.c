// check_init.c: the order in which package variables are initialised, and circles in it.
//
// The rule of the language: again and again, the earliest variable in source order is initialised
// that does not refer, directly or through functions, to one that is not initialised yet. A unit
// is what is initialised together: one variable with its value, or all names of one call.
#include "types/check_impl.h"

typedef struct Unit {
    Object *first;
    Node *spec;     // NULL: no value
    Vec(int) users; // units that wait for this one
    int waiting_for;
    bool done;
    Vec(int) needs;
} Unit;

typedef struct Order {
    Checker *c;
    Vec(Unit) units;
    int *unit_of;       // by Object.order; -1
    Vec(int) ready;     // a heap
    Vec(Object *) path; // a way round a circle; and what find_needs has still to look at
} Order;

// ---- Units ------------------------------------------------------------------------------

static Node *single_spec(Checker *c, Node *spec, int index)
{
    if (spec->value.names.len == 1)
        return spec;
    Node *n = node_new(c->arena, NODE_VALUE_SPEC, spec->pos, spec->end);
    n->op = spec->op;
    n->value.vtype = spec->value.vtype;
    vec_push_in(c->arena, &n->value.names, spec->value.names.data[index]);
    vec_push_in(c->arena, &n->value.values, spec->value.values.data[index]);
    return n;
}

static void add_unit(Order *o, Object *first, Node *spec)
{
    o->unit_of[first->order] = o->units.len;
    Unit u = {.first = first, .spec = spec};
    vec_push(&o->units, u);
}

static void make_units(Order *o)
{
    Checker *c = o->c;
    for (int i = 0; i < c->objects.len; i++) {
        Object *obj = c->objects.data[i];
        if (obj->kind != OBJECT_VAR || obj->decl->kind != NODE_VALUE_SPEC)
            continue;
        Node *spec = obj->decl;
        int names = spec->value.names.len, values = spec->value.values.len, index = 0;
        while (spec->value.names.data[index]->obj != obj)
            index++;
        if (values == names)
            add_unit(o, obj, single_spec(c, spec, index));
        else if (values == 0)
            add_unit(o, obj, NULL);
        else if (index == 0)
            add_unit(o, obj, spec);
        else if (spec->value.names.data[0]->obj)
            o->unit_of[obj->order] = o->unit_of[spec->value.names.data[0]->obj->order];
    }
}

// ---- Dependencies -----------------------------------------------------------------------

// Functions can call each other in a chain of any length, so what is still to be looked at is in a
// list and not on the stack.
static void find_needs(Order *o, Object *from, int unit, u32 stamp)
{
    o->path.len = 0;
    vec_push(&o->path, from);
    for (int next = 0; next < o->path.len; next++) {
        Object *obj = o->path.data[next];
        for (int i = 0; i < obj->deps.len; i++) {
            Object *dep = obj->deps.data[i];
            if (dep->stamp == stamp)
                continue;
            dep->stamp = stamp;
            if (dep->kind == OBJECT_VAR) {
                int other = dep->order < o->c->objects.len ? o->unit_of[dep->order] : -1;
                if (other >= 0)
                    vec_push(&o->units.data[unit].needs, other);
            } else if (dep->kind == OBJECT_FUNC) {
                vec_push(&o->path, dep);
            }
        }
    }
}

static void connect(Order *o)
{
    for (int i = 0; i < o->units.len; i++) {
        Unit *u = &o->units.data[i];
        find_needs(o, u->first, i, ++o->c->stamp);
        // Several names for one unit can be met: count each unit once.
        for (int k = 0; k < u->needs.len; k++) {
            bool repeated = false;
            for (int m = 0; m < k && !repeated; m++)
                repeated = u->needs.data[m] == u->needs.data[k];
            if (repeated)
                continue;
            u->waiting_for++;
            vec_push(&o->units.data[u->needs.data[k]].users, i);
        }
    }
}

// ---- Circles ----------------------------------------------------------------------------

// Whether obj can be reached from itself; the shortest way is left in o->path, last station first.
static bool find_way(Order *o, Object *obj, u32 stamp)
{
    typedef struct Station {
        Object *obj;
        int from;
    } Station;
    Vec(Station) seen = {0};
    vec_push(&seen, ((Station){obj, -1}));
    bool found = false;
    for (int next = 0; next < seen.len && !found; next++) {
        Object *at = seen.data[next].obj;
        for (int i = 0; i < at->deps.len && !found; i++) {
            Object *dep = at->deps.data[i];
            found = dep == obj;
            if (dep->stamp == stamp || (dep->kind != OBJECT_VAR && dep->kind != OBJECT_FUNC))
                continue;
            dep->stamp = stamp;
            vec_push(&seen, ((Station){dep, next}));
        }
        for (int k = next; found && k >= 0; k = seen.data[k].from)
            vec_push(&o->path, seen.data[k].obj);
    }
    vec_free(&seen);
    return found;
}

static void report_loop(Order *o, Object *obj)
{
    Checker *c = o->c;
    Buf text = {0};
    char where[512];
    buf_printf(&text, "initialization loop for %s", obj->name->text);
    for (int i = o->path.len - 1; i >= 0; i--) {
        Object *station = o->path.data[i];
        buf_printf(&text, "\n\t%s: %s refers to", source_format(station->pos, where, sizeof where),
                   station->name->text);
    }
    buf_printf(&text, "\n\t%s: %s", source_format(obj->pos, where, sizeof where), obj->name->text);
    Diag *d = check_error(c, obj->pos, obj->pos + obj->name->len, DIAG_INITIALIZATION_LOOP, "%s",
                          text.data);
    diag_hint(c->diags, d, "its value is needed to compute its value; set it in func init instead");
    buf_free(&text);
}

// ---- Order ------------------------------------------------------------------------------

static void push_ready(Order *o, int unit)
{
    vec_push(&o->ready, unit);
    int *heap = o->ready.data;
    for (int i = o->ready.len - 1; i > 0 && heap[(i - 1) / 2] > heap[i]; i = (i - 1) / 2) {
        int swap = heap[i];
        heap[i] = heap[(i - 1) / 2];
        heap[(i - 1) / 2] = swap;
    }
}

static int pop_ready(Order *o)
{
    int *heap = o->ready.data, first = heap[0];
    heap[0] = heap[--o->ready.len];
    for (int i = 0;;) {
        int least = i, left = 2 * i + 1, right = left + 1;
        if (left < o->ready.len && heap[left] < heap[least])
            least = left;
        if (right < o->ready.len && heap[right] < heap[least])
            least = right;
        if (least == i)
            return first;
        int swap = heap[i];
        heap[i] = heap[least];
        heap[least] = swap;
        i = least;
    }
}

static void emit(Order *o, Package *pkg, int index)
{
    Unit *u = &o->units.data[index];
    u->done = true;
    if (u->spec)
        vec_push_in(o->c->arena, &pkg->init_specs, u->spec);
    for (int i = 0; i < u->users.len; i++) {
        Unit *user = &o->units.data[u->users.data[i]];
        if (--user->waiting_for == 0 && !user->done)
            push_ready(o, u->users.data[i]);
    }
}

void order_initialisation(Checker *c, Package *pkg)
{
    Order o = {.c = c};
    o.unit_of = xmalloc(sizeof(int) * (size_t)(c->objects.len + 1));
    for (int i = 0; i < c->objects.len; i++)
        o.unit_of[i] = -1;
    make_units(&o);
    connect(&o);
    for (int i = 0; i < o.units.len; i++) {
        if (o.units.data[i].waiting_for == 0)
            push_ready(&o, i);
    }
    for (int left = o.units.len, next = 0; left > 0; left--) {
        if (o.ready.len > 0) {
            emit(&o, pkg, pop_ready(&o));
            continue;
        }
        // Nothing is ready: a circle. The first unit that is in one breaks it.
        for (next = 0; next < o.units.len; next++) {
            Unit *u = &o.units.data[next];
            o.path.len = 0;
            if (!u->done && find_way(&o, u->first, ++c->stamp))
                break;
        }
        if (next == o.units.len)
            break;
        report_loop(&o, o.units.data[next].first);
        emit(&o, pkg, next);
    }
    for (int i = 0; i < o.units.len; i++) {
        vec_free(&o.units.data[i].users);
        vec_free(&o.units.data[i].needs);
    }
    vec_free(&o.units);
    vec_free(&o.ready);
    vec_free(&o.path);
    free(o.unit_of);
}
