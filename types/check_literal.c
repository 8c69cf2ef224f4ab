// check_literal.c: composite literals, and the set of constants that finds duplicate keys, indices
// and cases.
#include "types/check_impl.h"

static Type *invalid_type(void)
{
    return type_predeclared[TYPE_INVALID];
}

// ---- Sets of constants ------------------------------------------------------------------

static u64 const_hash(const struct Const *v)
{
    u64 h = 0xcbf29ce484222325u;
    i64 i;
    switch (const_kind(v)) {
    case CONST_BOOL: return const_is_true(v);
    case CONST_STRING: {
        Str s = const_str(v);
        for (size_t k = 0; k < s.len; k++)
            h = (h ^ (u8)s.data[k]) * 0x100000001b3u;
        return h;
    }
    default:
        if (const_fits_i64(v, &i)) {
            h ^= (u64)i;
        } else {
            double d = const_to_f64(v);
            memcpy(&h, &d, sizeof h);
        }
        h *= 0x9E3779B97F4A7C15u;
        return h ^ h >> 29;
    }
}

static bool same_kind(const struct Const *a, const struct Const *b)
{
    ConstKind x = const_kind(a), y = const_kind(b);
    return x == y || (x >= CONST_INT && y >= CONST_INT);
}

static void set_grow(ConstSet *set)
{
    ConstSet bigger = {.size = set->size ? set->size * 2 : 16};
    bigger.entries = xcalloc((size_t)bigger.size, sizeof *bigger.entries);
    for (int i = 0; i < set->size; i++) {
        if (set->entries[i].node)
            const_set_add(&bigger, set->entries[i].value, set->entries[i].type,
                          set->entries[i].node);
    }
    free(set->entries);
    *set = bigger;
}

Node *const_set_add(ConstSet *set, const struct Const *value, Type *type, Node *node)
{
    if (set->count * 2 >= set->size)
        set_grow(set);
    for (u64 h = const_hash(value);; h++) {
        u64 at = h & (u64)(set->size - 1);
        if (!set->entries[at].node) {
            set->entries[at].value = value;
            set->entries[at].type = type;
            set->entries[at].node = node;
            set->count++;
            return NULL;
        }
        if (same_kind(set->entries[at].value, value) &&
            const_compare(set->entries[at].value, value) == 0 &&
            type_identical(set->entries[at].type, type))
            return set->entries[at].node;
    }
}

void const_set_free(ConstSet *set)
{
    free(set->entries);
}

// ---- Structs ----------------------------------------------------------------------------

static int find_field(Checker *c, const Type *u, Name name)
{
    for (int i = 0; i < u->fields.len; i++) {
        const TypeField *f = &u->fields.data[i];
        if (f->name == name && strcmp(name->text, "_") != 0 &&
            (f->pkg == c->env.pkg || name_is_exported(name)))
            return i;
    }
    return -1;
}

static void unknown_field(Checker *c, Node *key, Type *t)
{
    Name name = key->ident.name;
    Type *u = type_under(t);
    Diag *d = check_error_at(c, key, DIAG_UNKNOWN_FIELD,
                             "unknown field '%s' in struct literal of type %s", name->text,
                             type_text(c, t));
    Name best = NULL;
    int distance = name->len <= 3 ? 2 : 3;
    for (int i = 0; i < u->fields.len; i++) {
        Name other = u->fields.data[i].name;
        int e = strcasecmp(name->text, other->text) == 0
                    ? 0
                    : edit_distance(name->text, name->len, other->text, other->len, 2);
        if (e < distance && e < (int)other->len) {
            best = other;
            distance = e;
        }
    }
    Selection sel = type_select(c->arena, t, name, c->env.pkg);
    if (best)
        hint_name(c, d, best);
    else if (sel.kind == SELECT_FIELD && sel.path.len > 1)
        diag_hint(c->diags, d, "%s belongs to the embedded %s: write %s: %s{%s: …}", name->text,
                  u->fields.data[sel.path.data[0]].name->text,
                  u->fields.data[sel.path.data[0]].name->text,
                  type_text(c, u->fields.data[sel.path.data[0]].type), name->text);
    if (t->kind == TYPE_NAMED && t->obj->pos)
        diag_other(d, t->obj->pos, arena_printf(c->arena, "%s declared here", t->obj->name->text));
}

static void struct_by_name(Checker *c, Node *n, Type *t)
{
    Type *u = type_under(t);
    bool *seen = arena_array(c->arena, bool, u->fields.len ? u->fields.len : 1);
    for (int i = 0; i < n->composite.elems.len; i++) {
        Node *e = n->composite.elems.data[i];
        if (e->kind != NODE_KEY_VALUE) {
            check_error_at(c, e, DIAG_STRUCT_LITERAL,
                           "mixture of field:value and value elements in struct literal");
            check_use(c, e);
            continue;
        }
        Node *key = e->kv.key;
        if (key->kind != NODE_IDENT) {
            if (key->kind != NODE_BAD)
                check_error_at(c, key, DIAG_STRUCT_LITERAL,
                               "invalid field name %s in struct literal", expr_text(c, key));
            check_use(c, e->kv.value);
            continue;
        }
        int index = find_field(c, u, key->ident.name);
        if (index < 0) {
            unknown_field(c, key, t);
            check_use(c, e->kv.value);
            continue;
        }
        TypeField *f = &u->fields.data[index];
        check_expr(c, e->kv.value);
        check_assignment(c, e->kv.value, f->type, "struct literal");
        if (seen[index])
            check_error_at(c, e, DIAG_DUPLICATE_KEY, "duplicate field name %s in struct literal",
                           key->ident.name->text);
        seen[index] = true;
    }
}

static void struct_by_place(Checker *c, Node *n, Type *t)
{
    Type *u = type_under(t);
    int count = n->composite.elems.len;
    for (int i = 0; i < count; i++) {
        Node *e = n->composite.elems.data[i];
        if (e->kind == NODE_KEY_VALUE) {
            check_error_at(c, e, DIAG_STRUCT_LITERAL,
                           "mixture of field:value and value elements in struct literal");
            check_use(c, e->kv.value);
            continue;
        }
        if (i >= u->fields.len) {
            check_expr(c, e);
            if (i == u->fields.len && !is_invalid(e))
                check_error_at(c, e, DIAG_STRUCT_LITERAL, "too many values in %s{…}",
                               type_text(c, t));
            continue;
        }
        TypeField *f = &u->fields.data[i];
        if (e->kind == NODE_CALL && !f->embedded) { // as if the field were named here
            e->call.given_to = f->pos;
            e->call.given_to_end = f->pos + (Pos)strlen(f->name->text);
        }
        check_expr(c, e);
        if (!name_is_exported(f->name) && f->pkg != c->env.pkg)
            check_error_at(c, e, DIAG_NOT_EXPORTED,
                           "implicit assignment to unexported field %s in %s literal",
                           f->name->text, type_text(c, t));
        check_assignment(c, e, f->type, "struct literal");
    }
    if (count < u->fields.len) {
        Pos at = n->composite.rbrace;
        Diag *d = check_error(c, at, at + 1, DIAG_STRUCT_LITERAL, "too few values in %s{…}",
                              type_text(c, t));
        diag_hint(c->diags, d, "give all %d values in order, or name the fields", u->fields.len);
    }
}

// ---- Arrays, slices, maps ---------------------------------------------------------------

// Returns the length that the elements need. length -1: any.
static i64 indexed_elements(Checker *c, Node *n, Type *elem, i64 length)
{
    i64 index = 0, max = 0;
    ConstSet seen = {0};
    bool keyed = false;
    for (int i = 0; i < n->composite.elems.len && !keyed; i++)
        keyed = n->composite.elems.data[i]->kind == NODE_KEY_VALUE;
    for (int i = 0; i < n->composite.elems.len; i++) {
        Node *e = n->composite.elems.data[i], *value = e;
        bool valid = true;
        if (e->kind == NODE_KEY_VALUE) {
            value = e->kv.value;
            i64 at = check_index(c, e->kv.key, length);
            if (at == -1)
                check_error_at(c, e->kv.key, DIAG_INDEX, "index %s must be integer constant",
                               expr_text(c, e->kv.key));
            valid = at >= 0;
            if (valid)
                index = at;
        } else if (length >= 0 && index >= length) {
            check_error_at(c, e, DIAG_INDEX_OUT_OF_RANGE, "index %lld is out of bounds (>= %lld)",
                           (long long)index, (long long)length);
            valid = false;
        }
        if (valid && keyed) {
            const struct Const *v = const_int64(c->arena, index);
            Node *before = const_set_add(&seen, v, type_predeclared[TYPE_INT], e);
            if (before) {
                Diag *d = check_error_at(c, e, DIAG_DUPLICATE_KEY,
                                         "duplicate index %lld in array or slice literal",
                                         (long long)index);
                diag_other(d, before->pos, "other element with that index");
            }
        }
        if (index < INT64_MAX) // else it is too large anyway
            index++;
        if (index > max)
            max = index;
        check_expr_hint(c, value, elem);
        check_assignment(c, value, elem, "array or slice literal");
    }
    const_set_free(&seen);
    return max;
}

// A literal with so many elements must fit into memory.
static void check_literal_size(Checker *c, Node *n, Type *elem, i64 length)
{
    enum { CERTAINLY_FITS = 1 << 16 };
    if (length < CERTAINLY_FITS)
        return;
    Type *array = type_new(c->arena, TYPE_ARRAY);
    array->elem = elem;
    array->len = (u64)length;
    u64 size;
    u32 align;
    if (!is_type_invalid(elem) && !type_size(array, &size, &align))
        check_error_at(c, n, DIAG_TYPE_TOO_LARGE, "type %s larger than address space",
                       type_text(c, array));
}

static void map_elements(Checker *c, Node *n, Type *u)
{
    ConstSet seen = {0};
    for (int i = 0; i < n->composite.elems.len; i++) {
        Node *e = n->composite.elems.data[i];
        if (e->kind != NODE_KEY_VALUE) {
            if (e->kind != NODE_BAD)
                check_error_at(c, e, DIAG_MAP_LITERAL, "missing key in map literal");
            check_use(c, e);
            continue;
        }
        Node *key = e->kv.key;
        check_expr_hint(c, key, u->key);
        bool fine = check_assignment(c, key, u->key, "map literal");
        if (fine && key->mode == MODE_CONST) {
            Node *before = const_set_add(&seen, key->cval, key->type, key);
            if (before) {
                Diag *d =
                    check_error_at(c, key, DIAG_DUPLICATE_KEY, "duplicate key %s in map literal",
                                   const_text(c, key->cval));
                diag_other(d, before->pos, "first given here");
            }
        }
        check_expr_hint(c, e->kv.value, u->elem);
        check_assignment(c, e->kv.value, u->elem, "map literal");
    }
    const_set_free(&seen);
}

// ---- All --------------------------------------------------------------------------------

static void use_elements(Checker *c, Node *n)
{
    for (int i = 0; i < n->composite.elems.len; i++) {
        Node *e = n->composite.elems.data[i];
        Node *value = e->kind == NODE_KEY_VALUE ? e->kv.value : e;
        if (value->kind == NODE_COMPOSITE && !value->composite.type)
            use_elements(c, value);
        else
            check_use(c, value);
    }
}

void check_composite(Checker *c, Node *n, Type *hint)
{
    Type *t, *base;
    Node *type = n->composite.type;
    Type *open_array = NULL; // [...]T
    if (type && type->kind == NODE_ARRAY_TYPE && type->array.len &&
        type->array.len->kind == NODE_ELLIPSIS && !type->array.len->unary.x) {
        open_array = type_new(c->arena, TYPE_ARRAY);
        open_array->elem = check_type(c, type->array.elem);
        type->mode = MODE_TYPE;
        type->type = base = t = open_array;
    } else if (type) {
        base = t = check_type(c, type);
    } else if (hint) {
        base = t = hint;
        if (type_under(t)->kind == TYPE_POINTER)
            base = type_under(t)->elem;
    } else {
        check_error_at(c, n, DIAG_LITERAL_TYPE, "missing type in composite literal");
        use_elements(c, n);
        return;
    }
    Type *u = type_under(base);
    switch (u->kind) {
    case TYPE_STRUCT:
        if (n->composite.elems.len == 0)
            break;
        if (n->composite.elems.data[0]->kind == NODE_KEY_VALUE)
            struct_by_name(c, n, base);
        else
            struct_by_place(c, n, base);
        break;
    case TYPE_ARRAY: {
        i64 length = indexed_elements(c, n, u->elem, open_array ? -1 : (i64)u->len);
        if (open_array) {
            open_array->len = (u64)length;
            check_literal_size(c, n, u->elem, length);
        }
        break;
    }
    case TYPE_SLICE: check_literal_size(c, n, u->elem, indexed_elements(c, n, u->elem, -1)); break;
    case TYPE_MAP: map_elements(c, n, u); break;
    default:
        use_elements(c, n);
        if (!is_type_invalid(u))
            check_error_at(c, type ? type : n, DIAG_LITERAL_TYPE,
                           "invalid composite literal type %s", type_text(c, t));
        return;
    }
    if (open_array && is_type_invalid(open_array->elem))
        t = invalid_type();
    set_value(n, t);
    if (is_type_invalid(t))
        set_invalid(n);
}
