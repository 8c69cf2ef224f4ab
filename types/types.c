// types.c: what a type is: identity, assignability, selection, method sets, layout, printing.
//
// Everything here works on finished types: interfaces are complete, methods have their types. A
// method or named type that is still being resolved (only inside declarations of types) counts as
// TYPE_INVALID: silent.
//
// Not here: untyped operands (check_expr.c); how types come from syntax (check_type.c).
#include "types/types.h"

#include <ctype.h>
#include <utf8proc.h>

enum { MAX_SIZE_LOG2 = 47 };

static const struct {
    const char *name;
    u8 size, align;
} basics[TYPE_UNTYPED_NIL + 1] = {
    [TYPE_INVALID] = {"invalid type", 8, 8},
    [TYPE_BOOL] = {"bool", 1, 1},
    [TYPE_INT] = {"int", 8, 8},
    [TYPE_INT8] = {"int8", 1, 1},
    [TYPE_INT16] = {"int16", 2, 2},
    [TYPE_INT32] = {"int32", 4, 4},
    [TYPE_INT64] = {"int64", 8, 8},
    [TYPE_UINT] = {"uint", 8, 8},
    [TYPE_UINT8] = {"uint8", 1, 1},
    [TYPE_UINT16] = {"uint16", 2, 2},
    [TYPE_UINT32] = {"uint32", 4, 4},
    [TYPE_UINT64] = {"uint64", 8, 8},
    [TYPE_UINTPTR] = {"uintptr", 8, 8},
    [TYPE_FLOAT32] = {"float32", 4, 4},
    [TYPE_FLOAT64] = {"float64", 8, 8},
    [TYPE_COMPLEX64] = {"complex64", 8, 4},
    [TYPE_COMPLEX128] = {"complex128", 16, 8},
    [TYPE_STRING] = {"string", 16, 8},
    [TYPE_UNTYPED_BOOL] = {"untyped bool", 1, 1},
    [TYPE_UNTYPED_INT] = {"untyped int", 8, 8},
    [TYPE_UNTYPED_RUNE] = {"untyped rune", 4, 4},
    [TYPE_UNTYPED_FLOAT] = {"untyped float", 8, 8},
    [TYPE_UNTYPED_COMPLEX] = {"untyped complex", 16, 8},
    [TYPE_UNTYPED_STRING] = {"untyped string", 16, 8},
    [TYPE_UNTYPED_NIL] = {"untyped nil", 8, 8},
};

Type *type_new(Arena *arena, TypeKind kind)
{
    Type *t = arena_new(arena, Type);
    t->kind = kind;
    return t;
}

bool name_is_exported(Name name)
{
    u8 first = (u8)name->text[0];
    if (first < 0x80)
        return isupper(first) != 0;
    int width;
    u32 rune = utf8_decode(name->text, name->len, &width);
    return utf8proc_category((utf8proc_int32_t)rune) == UTF8PROC_CATEGORY_LU;
}

// ---- Kinds ------------------------------------------------------------------------------

static const Type *under(const Type *t)
{
    return t->underlying ? t->underlying : t;
}

static bool kind_between(const Type *t, TypeKind low, TypeKind high)
{
    TypeKind kind = under(t)->kind;
    return kind >= low && kind <= high;
}

bool type_is_untyped(const Type *t)
{
    return t->kind >= TYPE_UNTYPED_BOOL && t->kind <= TYPE_UNTYPED_NIL;
}

bool type_is_integer(const Type *t)
{
    return kind_between(t, TYPE_INT, TYPE_UINTPTR) ||
           kind_between(t, TYPE_UNTYPED_INT, TYPE_UNTYPED_RUNE);
}

bool type_is_unsigned(const Type *t)
{
    return kind_between(t, TYPE_UINT, TYPE_UINTPTR);
}

bool type_is_float(const Type *t)
{
    return kind_between(t, TYPE_FLOAT32, TYPE_FLOAT64) || t->kind == TYPE_UNTYPED_FLOAT;
}

bool type_is_complex(const Type *t)
{
    return kind_between(t, TYPE_COMPLEX64, TYPE_COMPLEX128) || t->kind == TYPE_UNTYPED_COMPLEX;
}

bool type_is_numeric(const Type *t)
{
    return kind_between(t, TYPE_INT, TYPE_COMPLEX128) ||
           kind_between(t, TYPE_UNTYPED_INT, TYPE_UNTYPED_COMPLEX);
}

bool type_is_string(const Type *t)
{
    return under(t)->kind == TYPE_STRING || t->kind == TYPE_UNTYPED_STRING;
}

bool type_is_boolean(const Type *t)
{
    return under(t)->kind == TYPE_BOOL || t->kind == TYPE_UNTYPED_BOOL;
}

bool type_is_interface(const Type *t)
{
    return under(t)->kind == TYPE_INTERFACE;
}

bool type_ordered(const Type *t)
{
    return type_is_string(t) || (type_is_numeric(t) && !type_is_complex(t)) ||
           under(t)->kind == TYPE_INVALID;
}

bool type_has_name(const Type *t)
{
    return t->kind == TYPE_NAMED || t->kind <= TYPE_UNTYPED_NIL;
}

bool type_has_nil(const Type *t)
{
    switch (under(t)->kind) {
    case TYPE_INVALID:
    case TYPE_UNTYPED_NIL:
    case TYPE_SLICE:
    case TYPE_POINTER:
    case TYPE_FUNC:
    case TYPE_INTERFACE:
    case TYPE_MAP:
    case TYPE_CHAN: return true;
    default: return false;
    }
}

Type *type_default(Type *t)
{
    switch (t->kind) {
    case TYPE_UNTYPED_BOOL: return type_predeclared[TYPE_BOOL];
    case TYPE_UNTYPED_INT: return type_predeclared[TYPE_INT];
    case TYPE_UNTYPED_RUNE: return type_rune;
    case TYPE_UNTYPED_FLOAT: return type_predeclared[TYPE_FLOAT64];
    case TYPE_UNTYPED_COMPLEX: return type_predeclared[TYPE_COMPLEX128];
    case TYPE_UNTYPED_STRING: return type_predeclared[TYPE_STRING];
    default: return t;
    }
}

// A struct that was found comparable in this search is not looked into again: types of types of
// types may share their parts, and there would be 2^n paths to them.
static bool comparable(const Type *t, u32 search)
{
    Type *u = (Type *)under(t); // for the mark only
    switch (u->kind) {
    case TYPE_SLICE:
    case TYPE_MAP:
    case TYPE_FUNC:
    case TYPE_UNTYPED_NIL:
    case TYPE_TUPLE: return false;
    case TYPE_ARRAY: return comparable(u->elem, search);
    case TYPE_STRUCT:
        if (u->compared == search)
            return true;
        u->compared = search;
        for (int i = 0; i < u->fields.len; i++) {
            if (!comparable(u->fields.data[i].type, search))
                return false;
        }
        return true;
    default: return true;
    }
}

bool type_comparable(const Type *t)
{
    static u32 search;
    return comparable(t, ++search);
}

const char *type_kind_word(const Type *t)
{
    const Type *u = under(t);
    switch (u->kind) {
    case TYPE_ARRAY: return "array";
    case TYPE_SLICE: return "slice";
    case TYPE_STRUCT: return "struct";
    case TYPE_POINTER: return "pointer";
    case TYPE_FUNC: return "func";
    case TYPE_INTERFACE: return "interface";
    case TYPE_MAP: return "map";
    case TYPE_CHAN: return "chan";
    default: return NULL;
    }
}

void type_incomparable_cause(const Type *t, const Package *from, Buf *out)
{
    const Type *u = under(t);
    switch (u->kind) {
    case TYPE_SLICE:
    case TYPE_FUNC:
    case TYPE_MAP: buf_printf(out, "%s can only be compared to nil", type_kind_word(t)); break;
    case TYPE_STRUCT:
        for (int i = 0; i < u->fields.len; i++) {
            if (type_comparable(u->fields.data[i].type))
                continue;
            buf_puts(out, "struct containing ");
            type_print(u->fields.data[i].type, from, out);
            buf_puts(out, " cannot be compared");
            return;
        }
        break;
    case TYPE_ARRAY:
        type_print(t, from, out);
        buf_puts(out, " cannot be compared");
        break;
    default: break;
    }
}

// ---- Identity ---------------------------------------------------------------------------

// Pairs of interfaces that are being compared further out: an interface can contain itself
// through the signature of a method.
typedef struct Pair {
    const Type *a, *b;
    const struct Pair *outer;
} Pair;

static bool identical(const Type *a, const Type *b, bool tags, const Pair *outer);

static bool identical_interfaces(const Type *a, const Type *b, bool tags, const Pair *outer)
{
    if (a->methods.len != b->methods.len)
        return false;
    for (const Pair *p = outer; p; p = p->outer) {
        if ((p->a == a && p->b == b) || (p->a == b && p->b == a))
            return true;
    }
    Pair here = {a, b, outer};
    for (int i = 0; i < a->methods.len; i++) {
        const TypeMethod *m = &a->methods.data[i], *n = &b->methods.data[i];
        if (m->name != n->name || (!name_is_exported(m->name) && m->pkg != n->pkg) ||
            !identical(m->type, n->type, tags, &here))
            return false;
    }
    return true;
}

static bool identical_structs(const Type *a, const Type *b, bool tags, const Pair *outer)
{
    if (a->fields.len != b->fields.len)
        return false;
    for (int i = 0; i < a->fields.len; i++) {
        const TypeField *f = &a->fields.data[i], *g = &b->fields.data[i];
        if (f->name != g->name || f->embedded != g->embedded ||
            (!name_is_exported(f->name) && f->pkg != g->pkg) || (tags && !str_eq(f->tag, g->tag)) ||
            !identical(f->type, g->type, tags, outer))
            return false;
    }
    return true;
}

static bool identical_functions(const Type *a, const Type *b, bool tags, const Pair *outer)
{
    if (a->variadic != b->variadic || a->params.len != b->params.len ||
        a->results.len != b->results.len)
        return false;
    for (int i = 0; i < a->params.len; i++) {
        if (!identical(a->params.data[i], b->params.data[i], tags, outer))
            return false;
    }
    for (int i = 0; i < a->results.len; i++) {
        if (!identical(a->results.data[i], b->results.data[i], tags, outer))
            return false;
    }
    return true;
}

static bool identical(const Type *a, const Type *b, bool tags, const Pair *outer)
{
    while (a != b) {
        if (a->kind == TYPE_INVALID || b->kind == TYPE_INVALID)
            return true; // told already
        if (a->kind != b->kind)
            return false;
        switch (a->kind) {
        case TYPE_NAMED: return false;
        case TYPE_ARRAY:
            if (a->len != b->len)
                return false;
            break;
        case TYPE_SLICE:
        case TYPE_POINTER: break;
        case TYPE_CHAN:
            if (a->chan_dir != b->chan_dir)
                return false;
            break;
        case TYPE_MAP:
            if (!identical(a->key, b->key, tags, outer))
                return false;
            break;
        case TYPE_STRUCT: return identical_structs(a, b, tags, outer);
        case TYPE_FUNC:
        case TYPE_TUPLE: return identical_functions(a, b, tags, outer);
        case TYPE_INTERFACE: return identical_interfaces(a, b, tags, outer);
        default: return true; // basic
        }
        a = a->elem;
        b = b->elem;
    }
    return true;
}

bool type_identical(const Type *a, const Type *b)
{
    return identical(a, b, true, NULL);
}

bool type_identical_ignoring_tags(const Type *a, const Type *b)
{
    return identical(a, b, false, NULL);
}

// ---- Assigning and converting -----------------------------------------------------------

bool type_assignable(const Type *from, const Type *to)
{
    if (type_identical(from, to))
        return true;
    const Type *v = under(from), *t = under(to);
    bool one_unnamed = !type_has_name(from) || !type_has_name(to);
    if (one_unnamed && type_identical(v, t))
        return true;
    if (t->kind == TYPE_INTERFACE)
        return type_implements((Type *)from, (Type *)to, NULL, NULL, NULL);
    if (v->kind == TYPE_CHAN && t->kind == TYPE_CHAN && v->chan_dir == DIR_BOTH)
        return one_unnamed && type_identical(v->elem, t->elem);
    return false;
}

static bool is_bytes_or_runes(const Type *t)
{
    if (under(t)->kind != TYPE_SLICE)
        return false;
    TypeKind elem = under(under(t)->elem)->kind;
    return elem == TYPE_UINT8 || elem == TYPE_INT32;
}

bool type_convertible(const Type *from, const Type *to)
{
    if (type_assignable(from, to))
        return true;
    const Type *v = under(from), *t = under(to);
    if (type_identical_ignoring_tags(v, t))
        return true;
    if (from->kind == TYPE_POINTER && to->kind == TYPE_POINTER &&
        type_identical_ignoring_tags(under(from->elem), under(to->elem)))
        return true;
    bool v_number = type_is_integer(v) || type_is_float(v);
    bool t_number = type_is_integer(t) || type_is_float(t);
    if ((v_number && t_number) || (type_is_complex(v) && type_is_complex(t)))
        return true;
    if (type_is_string(t) && (type_is_integer(v) || is_bytes_or_runes(v)))
        return true;
    if (type_is_string(v) && is_bytes_or_runes(t))
        return true;
    if (v->kind != TYPE_SLICE)
        return false;
    const Type *array = t->kind == TYPE_POINTER ? under(t->elem) : t;
    return array->kind == TYPE_ARRAY && type_identical(v->elem, array->elem);
}

// ---- Selection --------------------------------------------------------------------------

static bool same_name(Name name, const Package *pkg, Name wanted, const Package *from)
{
    return name == wanted && (pkg == from || name_is_exported(name));
}

static Object *find_method(const Type *named, Name name, const Package *from)
{
    for (int i = 0; i < named->own_methods.len; i++) {
        Object *m = named->own_methods.data[i];
        if (same_name(m->name, m->pkg, name, from))
            return m;
    }
    return NULL;
}

static TypeMethod *find_interface_method(const Type *iface, Name name, const Package *from)
{
    for (int i = 0; i < iface->methods.len; i++) {
        TypeMethod *m = &iface->methods.data[i];
        if (same_name(m->name, m->pkg, name, from))
            return m;
    }
    return NULL;
}

// A type embedded at the depth that is being searched.
typedef struct Embedded {
    Type *type;
    int parent, index; // where it was found: entry of the queue, field number; parent -1: the start
    bool indirect;
    bool several; // more than once at this depth: whatever it has is ambiguous
} Embedded;

typedef struct Search {
    Vec(Embedded) queue; // all depths, one after the other
    int found_at;        // entry
    int found_field;     // or -1
} Search;

static void find_here(Search *s, int at, Name name, Package *from, Selection *out)
{
    Embedded *e = &s->queue.data[at];
    Object *method = e->type->kind == TYPE_NAMED ? find_method(e->type, name, from) : NULL;
    Type *u = type_under(e->type);
    int field = -1;
    TypeMethod *iface_method = NULL;
    if (!method && u->kind == TYPE_STRUCT) {
        for (int i = 0; i < u->fields.len && field < 0; i++) {
            if (same_name(u->fields.data[i].name, u->fields.data[i].pkg, name, from))
                field = i;
        }
    } else if (!method && u->kind == TYPE_INTERFACE) {
        iface_method = find_interface_method(u, name, from);
    }
    if (!method && field < 0 && !iface_method)
        return;
    if (out->kind != SELECT_NONE || e->several) {
        out->kind = SELECT_AMBIGUOUS;
        return;
    }
    s->found_at = at;
    s->found_field = field;
    out->through_pointer = e->indirect;
    if (method) {
        out->kind = SELECT_METHOD;
        out->method = method;
        out->type = method->type;
        out->holder = e->type;
    } else if (field >= 0) {
        out->kind = SELECT_FIELD;
        out->type = u->fields.data[field].type;
        out->holder = e->type;
    } else {
        out->kind = SELECT_IFACE_METHOD;
        out->iface_method = iface_method;
        out->type = iface_method->type;
        out->holder = e->type;
    }
}

// Adds what entry `at` embeds, for the next depth; a named type that was met before (at a lesser
// depth) hides it, one that was met at the same depth becomes ambiguous.
static void add_embedded(Search *s, int at, int next_depth)
{
    Type *u = type_under(s->queue.data[at].type);
    if (u->kind != TYPE_STRUCT)
        return;
    for (int i = 0; i < u->fields.len; i++) {
        if (!u->fields.data[i].embedded)
            continue;
        Type *t = u->fields.data[i].type;
        bool pointer = t->kind == TYPE_POINTER;
        if (pointer)
            t = t->elem;
        if (t->kind == TYPE_INVALID)
            continue;
        Embedded *parent = &s->queue.data[at];
        Embedded e = {t, at, i, parent->indirect || pointer, parent->several};
        bool known = false;
        for (int k = 0; k < s->queue.len && !known; k++) {
            Embedded *other = &s->queue.data[k];
            if (other->type != t && !(k >= next_depth && type_identical(other->type, t)))
                continue;
            known = true;
            if (k >= next_depth)
                other->several = true;
        }
        if (!known)
            vec_push(&s->queue, e);
    }
}

static void build_path(Arena *arena, const Search *s, Selection *out)
{
    int depth = s->found_field >= 0 ? 1 : 0;
    for (int k = s->found_at; s->queue.data[k].parent >= 0; k = s->queue.data[k].parent)
        depth++;
    out->path.data = arena_array(arena, int, depth);
    out->path.len = out->path.cap = depth;
    if (s->found_field >= 0)
        out->path.data[--depth] = s->found_field;
    for (int k = s->found_at; s->queue.data[k].parent >= 0; k = s->queue.data[k].parent)
        out->path.data[--depth] = s->queue.data[k].index;
}

Selection type_select(Arena *arena, Type *t, Name name, Package *from)
{
    Selection out = {0};
    bool pointer = false;
    if (t->kind == TYPE_NAMED && type_under(t)->kind == TYPE_POINTER) {
        // A named pointer type has no methods, but its fields are those of the struct.
        Selection sel = type_select(arena, type_under(t), name, from);
        if (sel.kind == SELECT_FIELD || sel.kind == SELECT_AMBIGUOUS)
            return sel;
        return out;
    }
    if (t->kind == TYPE_POINTER) {
        pointer = true;
        t = t->elem;
        if (type_is_interface(t))
            return out;
    }
    Search s = {.found_at = -1, .found_field = -1};
    vec_push(&s.queue, ((Embedded){t, -1, -1, pointer, false}));
    for (int from_entry = 0, to = 1; from_entry < to; from_entry = to, to = s.queue.len) {
        for (int i = from_entry; i < to; i++)
            find_here(&s, i, name, from, &out);
        if (out.kind != SELECT_NONE)
            break;
        for (int i = from_entry; i < to; i++)
            add_embedded(&s, i, to);
    }
    if (out.kind != SELECT_NONE && out.kind != SELECT_AMBIGUOUS)
        build_path(arena, &s, &out);
    vec_free(&s.queue);
    return out;
}

// ---- Method sets ------------------------------------------------------------------------

static void add_candidate(Arena *arena, MethodSet *set, Name name, Package *pkg)
{
    for (int i = 0; i < set->len; i++) {
        if (same_name(set->data[i].name, set->data[i].pkg, name, pkg))
            return;
    }
    MethodEntry entry = {.name = name, .pkg = pkg};
    vec_push_in(arena, set, entry);
}

static int compare_entries(const void *left, const void *right)
{
    const MethodEntry *a = left, *b = right;
    int order = strcmp(a->name->text, b->name->text);
    if (order == 0 && a->pkg && b->pkg)
        order = strcmp(a->pkg->path, b->pkg->path);
    return order;
}

// Names of all methods of t and of what it embeds, at any depth.
static void collect_candidates(Arena *arena, Type *t, MethodSet *set)
{
    Search s = {0};
    vec_push(&s.queue, ((Embedded){t, -1, -1, false, false}));
    for (int i = 0; i < s.queue.len; i++) {
        Type *type = s.queue.data[i].type;
        if (type->kind == TYPE_NAMED) {
            for (int k = 0; k < type->own_methods.len; k++)
                add_candidate(arena, set, type->own_methods.data[k]->name,
                              type->own_methods.data[k]->pkg);
        }
        Type *u = type_under(type);
        if (u->kind == TYPE_INTERFACE) {
            for (int k = 0; k < u->methods.len; k++)
                add_candidate(arena, set, u->methods.data[k].name, u->methods.data[k].pkg);
        }
        add_embedded(&s, i, s.queue.len);
    }
    vec_free(&s.queue);
}

void type_method_set(Arena *arena, Type *t, MethodSet *out)
{
    out->len = 0;
    if (t->kind == TYPE_NAMED && type_under(t)->kind == TYPE_POINTER)
        return;
    Type *base = t->kind == TYPE_POINTER ? t->elem : t;
    if (t->kind == TYPE_POINTER && type_is_interface(base))
        return;
    MethodSet candidates = {0};
    collect_candidates(arena, base, &candidates);
    for (int i = 0; i < candidates.len; i++) {
        MethodEntry *entry = &candidates.data[i];
        entry->sel = type_select(arena, t, entry->name, entry->pkg);
        bool callable = entry->sel.kind == SELECT_IFACE_METHOD ||
                        (entry->sel.kind == SELECT_METHOD &&
                         (!entry->sel.method->recv_pointer || entry->sel.through_pointer));
        if (callable)
            vec_push_in(arena, out, *entry);
    }
    if (out->len > 1)
        qsort(out->data, (size_t)out->len, sizeof *out->data, compare_entries);
}

// ---- Implementing interfaces ------------------------------------------------------------

static bool is_pointer_to_interface(const Type *t)
{
    return under(t)->kind == TYPE_POINTER && type_is_interface(under(t)->elem);
}

static void print_method(Name name, const Type *type, const Package *from, Buf *out)
{
    buf_puts(out, name->text);
    type_print_signature(type, from, out);
}

static void explain_pair(Name have_name, const Type *have, const TypeMethod *want,
                         const Package *from, Buf *why)
{
    buf_puts(why, "\n\t\thave ");
    print_method(have_name, have, from, why);
    buf_puts(why, "\n\t\twant ");
    print_method(want->name, want->type, from, why);
}

// A method of t that differs from the wanted name in capitals only.
static Object *find_folded(Arena *arena, Type *t, Name name)
{
    Type *base = t->kind == TYPE_POINTER ? t->elem : t;
    MethodSet set = {0};
    collect_candidates(arena, base, &set);
    for (int i = 0; i < set.len; i++) {
        if (strcasecmp(set.data[i].name->text, name->text) != 0)
            continue;
        Selection sel = type_select(arena, t, set.data[i].name, set.data[i].pkg);
        if (sel.kind == SELECT_METHOD)
            return sel.method;
    }
    return NULL;
}

static void explain_missing(Arena *arena, Type *t, Type *iface, const TypeMethod *m,
                            const Package *from, Buf *why)
{
    if (!type_is_interface(t) && t->kind != TYPE_POINTER) {
        Type *pointer = type_new(arena, TYPE_POINTER);
        pointer->elem = t;
        Selection sel = type_select(arena, pointer, m->name, m->pkg);
        if (sel.kind == SELECT_METHOD && sel.type && type_identical(sel.type, m->type)) {
            buf_printf(why, "(%s method has pointer receiver)", m->name->text);
            return;
        }
        if (sel.kind == SELECT_METHOD && sel.type) {
            buf_printf(why, "(wrong type for %s method)", m->name->text);
            explain_pair(m->name, sel.type, m, from, why);
            return;
        }
    }
    if (is_pointer_to_interface(t) || is_pointer_to_interface(iface)) {
        buf_puts(why, "(type ");
        type_print(is_pointer_to_interface(t) ? t : iface, from, why);
        buf_puts(why, " is pointer to interface, not interface)");
        return;
    }
    buf_printf(why, "(missing %s method)", m->name->text);
    Object *other = type_is_interface(t) ? NULL : find_folded(arena, t, m->name);
    if (other && other->type)
        explain_pair(other->name, other->type, m, from, why);
}

// A signature with a part that has been reported differs from nothing.
static bool has_invalid(const Type *f)
{
    for (int i = 0; i < f->params.len; i++) {
        if (f->params.data[i]->kind == TYPE_INVALID)
            return true;
    }
    for (int i = 0; i < f->results.len; i++) {
        if (f->results.data[i]->kind == TYPE_INVALID)
            return true;
    }
    return false;
}

static bool implements(Type *t, Type *iface, const Package *from, Name *missing, Buf *why)
{
    Type *want = type_under(iface), *u = type_under(t);
    if (want->methods.len == 0 || u->kind == TYPE_INVALID)
        return true;
    Arena *scratch = NULL;
    const TypeMethod *bad = NULL;
    const Type *have = NULL;
    if (u->kind == TYPE_INTERFACE) {
        for (int i = 0; i < want->methods.len && !bad; i++) {
            TypeMethod *m = &want->methods.data[i];
            TypeMethod *other = find_interface_method(u, m->name, m->pkg);
            if (other && type_identical(other->type, m->type))
                continue;
            bad = m;
            have = other ? other->type : NULL;
        }
    } else {
        scratch = arena_create();
        for (int i = 0; i < want->methods.len && !bad; i++) {
            TypeMethod *m = &want->methods.data[i];
            Selection sel = type_select(scratch, t, m->name, m->pkg);
            bool found =
                sel.kind == SELECT_IFACE_METHOD ||
                (sel.kind == SELECT_METHOD && (!sel.method->recv_pointer || sel.through_pointer));
            if (found && (!sel.type || type_identical(sel.type, m->type) || has_invalid(sel.type) ||
                          has_invalid(m->type)))
                continue;
            bad = m;
            have = found ? sel.type : NULL;
        }
    }
    if (bad && missing)
        *missing = bad->name;
    if (bad && why) {
        if (have) {
            buf_printf(why, "(wrong type for %s method)", bad->name->text);
            explain_pair(bad->name, have, bad, from, why);
        } else {
            if (!scratch)
                scratch = arena_create();
            explain_missing(scratch, t, iface, bad, from, why);
        }
    }
    arena_free(scratch);
    return bad == NULL;
}

bool type_implements(Type *t, Type *iface, const Package *from, Name *missing, Buf *why)
{
    return implements(t, iface, from, missing, why);
}

bool type_assertable(Type *iface, Type *t, const Package *from, Buf *why)
{
    return type_is_interface(t) || implements(t, iface, from, NULL, why);
}

// ---- Layout -----------------------------------------------------------------------------

static bool struct_size(Type *u, u64 *size, u32 *align)
{
    u64 offset = 0, last = 1;
    u32 widest = 1;
    for (int i = 0; i < u->fields.len; i++) {
        u64 field_size;
        u32 field_align;
        type_size(u->fields.data[i].type, &field_size, &field_align);
        offset = align_up(offset, field_align);
        u->fields.data[i].offset = offset;
        offset += field_size;
        last = field_size;
        if (field_align > widest)
            widest = field_align;
        if (offset >= (u64)1 << MAX_SIZE_LOG2)
            return false;
    }
    // A pointer to a last field of no size must not point past the object.
    if (last == 0 && offset > 0)
        offset++;
    *align = widest;
    *size = align_up(offset, widest);
    return true;
}

static bool compute_size(Type *u, u64 *size, u32 *align)
{
    *size = *align = 8;
    switch (u->kind) {
    case TYPE_ARRAY:
        type_size(u->elem, size, align);
        if (*size > 0 && u->len > (((u64)1 << MAX_SIZE_LOG2) - 1) / *size)
            return false;
        *size *= u->len;
        return true;
    case TYPE_STRUCT: return struct_size(u, size, align);
    case TYPE_SLICE: *size = 24; return true;
    case TYPE_INTERFACE: *size = 16; return true;
    default:
        if (u->kind <= TYPE_UNTYPED_NIL) {
            *size = basics[u->kind].size;
            *align = basics[u->kind].align;
        }
        return true;
    }
}

bool type_size(Type *t, u64 *size, u32 *align)
{
    Type *u = type_under(t);
    if (!u->sized) {
        enum { MARK_SIZING = 0x80 };
        if (u->mark & MARK_SIZING) // an invalid recursive type, told already
            return *size = 8, *align = 8, true;
        u->mark |= MARK_SIZING;
        bool fits = compute_size(u, &u->size, &u->align);
        u->mark &= (u8)~MARK_SIZING;
        if (!fits) // what contains it goes on with some size, so that one type is told
            u->too_large = true, u->size = u->align = 8;
        u->sized = true;
    }
    *size = u->size;
    *align = u->align;
    return !u->too_large;
}

// ---- Printing ---------------------------------------------------------------------------

static void print_list(const Type *t, bool results, const Package *from, Buf *out)
{
    int count = results ? t->results.len : t->params.len;
    int first_name = results ? t->params.len : 0;
    buf_putc(out, '(');
    for (int i = 0; i < count; i++) {
        if (i > 0)
            buf_puts(out, ", ");
        Name name = first_name + i < t->names.len ? t->names.data[first_name + i] : NULL;
        if (name)
            buf_printf(out, "%s ", name->text);
        const Type *type = results ? t->results.data[i] : t->params.data[i];
        if (!results && t->variadic && i == count - 1) {
            buf_puts(out, "...");
            type = type->elem ? type->elem : type;
        }
        type_print(type, from, out);
    }
    buf_putc(out, ')');
}

void type_print_signature(const Type *t, const Package *from, Buf *out)
{
    print_list(t, false, from, out);
    if (t->results.len == 0)
        return;
    buf_putc(out, ' ');
    bool named = t->params.len < t->names.len && t->names.data[t->params.len];
    if (t->results.len == 1 && !named)
        type_print(t->results.data[0], from, out);
    else
        print_list(t, true, from, out);
}

static void print_struct(const Type *t, const Package *from, Buf *out)
{
    buf_puts(out, "struct{");
    for (int i = 0; i < t->fields.len; i++) {
        const TypeField *f = &t->fields.data[i];
        if (i > 0)
            buf_puts(out, "; ");
        if (!f->embedded)
            buf_printf(out, "%s ", f->name->text);
        type_print(f->type, from, out);
        if (f->tag.len > 0) {
            buf_puts(out, " \"");
            for (size_t k = 0; k < f->tag.len; k++) {
                if (f->tag.data[k] == '"' || f->tag.data[k] == '\\')
                    buf_putc(out, '\\');
                buf_putc(out, f->tag.data[k]);
            }
            buf_putc(out, '"');
        }
    }
    buf_putc(out, '}');
}

static void print_interface(const Type *t, const Package *from, Buf *out)
{
    if (t == type_any) {
        buf_puts(out, "any");
        return;
    }
    buf_puts(out, "interface{");
    bool first = true;
    for (int i = 0; i < t->methods.len; i++) {
        if (!first)
            buf_puts(out, "; ");
        first = false;
        print_method(t->methods.data[i].name, t->methods.data[i].type, from, out);
    }
    buf_putc(out, '}');
}

void type_print(const Type *t, const Package *from, Buf *out)
{
    switch (t->kind) {
    case TYPE_NAMED:
        if (t->obj->pkg && t->obj->pkg != from)
            buf_printf(out, "%s.", t->obj->pkg->name->text);
        buf_puts(out, t->obj->name->text);
        break;
    case TYPE_ARRAY:
        buf_printf(out, "[%llu]", (unsigned long long)t->len);
        type_print(t->elem, from, out);
        break;
    case TYPE_SLICE:
        buf_puts(out, "[]");
        type_print(t->elem, from, out);
        break;
    case TYPE_POINTER:
        buf_putc(out, '*');
        type_print(t->elem, from, out);
        break;
    case TYPE_MAP:
        buf_puts(out, "map[");
        type_print(t->key, from, out);
        buf_putc(out, ']');
        type_print(t->elem, from, out);
        break;
    case TYPE_CHAN: {
        bool paren = t->chan_dir == DIR_BOTH && t->elem->kind == TYPE_CHAN &&
                     t->elem->chan_dir == DIR_RECEIVE;
        buf_puts(out, chan_dir_text(t->chan_dir));
        if (paren)
            buf_putc(out, '(');
        type_print(t->elem, from, out);
        if (paren)
            buf_putc(out, ')');
        break;
    }
    case TYPE_FUNC:
        buf_puts(out, "func");
        type_print_signature(t, from, out);
        break;
    case TYPE_TUPLE: print_list(t, true, from, out); break;
    case TYPE_STRUCT: print_struct(t, from, out); break;
    case TYPE_INTERFACE: print_interface(t, from, out); break;
    default:
        buf_puts(out, t == type_byte ? "byte" : t == type_rune ? "rune" : basics[t->kind].name);
        break;
    }
}

const char *type_string(Arena *arena, const Type *t, const Package *from)
{
    Buf b = {0};
    type_print(t, from, &b);
    const char *s = arena_strndup(arena, b.data, b.len);
    buf_free(&b);
    return s;
}
