// check_type.c: type expressions.
//
// A named type may be met while it is still being declared. Its underlying type is therefore set
// as soon as the outermost piece of syntax is seen (check_type_def), and whatever needs finished
// types (map keys, embedded interfaces, receivers) is delayed until no type expression is open.
#include "types/check_impl.h"

static void delay(Checker *c, void (*run)(Checker *, Node *, Type *), Node *n, Type *t)
{
    vec_push(&c->delayed, ((Delayed){run, n, t, c->env}));
}

void run_delayed(Checker *c)
{
    if (c->type_depth > 0)
        return;
    if (c->named.len > 0)
        check_recursive_types(c);
    for (int i = 0; i < c->delayed.len; i++) {
        Delayed d = c->delayed.data[i];
        Env env = c->env;
        c->env = d.env;
        d.run(c, d.node, d.type);
        c->env = env;
    }
    c->delayed.len = 0;
}

Type *make_pointer(Checker *c, Type *elem)
{
    Type *t = type_new(c->arena, TYPE_POINTER);
    t->elem = elem;
    return t;
}

Type *make_slice(Checker *c, Type *elem)
{
    Type *t = type_new(c->arena, TYPE_SLICE);
    t->elem = elem;
    return t;
}

void unsupported_generics(Checker *c, Node *at)
{
    if (c->generics_seen)
        return; // once is enough
    c->generics_seen = true;
    Diag *d =
        check_error_at(c, at, DIAG_TYPE_PARAMETERS, "type parameters are not supported yet by csp");
    diag_hint(c->diags, d, "write the function or type for the types that it is used with");
}

// T[N] or T[U] where T takes no type arguments.
void not_generic(Checker *c, Node *n, Type *t)
{
    if (c->generics_seen)
        return; // T may be one of those
    Node *arg = n->index.indices.data[0];
    Diag *d = check_error_at(c, n, DIAG_NOT_A_TYPE, "%s is not a generic type", type_text(c, t));
    if (arg->kind == NODE_BASIC_LIT || arg->kind == NODE_BAD)
        diag_hint(c->diags, d, "the length stands first: [%s]%s",
                  arg->kind == NODE_BAD ? "" : expr_text(c, arg), type_text(c, t));
}

static Type *invalid_type(void)
{
    return type_predeclared[TYPE_INVALID];
}

// A new type, known to the declaration before its parts are looked at.
static Type *begin_type(Checker *c, TypeKind kind, Type *def)
{
    Type *t = type_new(c->arena, kind);
    if (def)
        def->underlying = t;
    return t;
}

// ---- Arrays, maps, channels -------------------------------------------------------------

// -1 after an error.
static i64 check_array_length(Checker *c, Node *n)
{
    Node *bare = node_unparen(n);
    if (bare->kind == NODE_IDENT) {
        Object *obj = lookup_name(c, bare, false);
        if (!obj)
            return -1;
        if (obj->kind != OBJECT_CONST) {
            obj->used = true;
            Diag *d = check_error_at(c, n, DIAG_ARRAY_LENGTH, "invalid array length %s",
                                     bare->ident.name->text);
            if (obj->kind == OBJECT_VAR)
                diag_hint(
                    c->diags, d,
                    "the length of an array is a constant; use make for a length that is computed");
            return -1;
        }
    }
    check_expr(c, n);
    if (is_invalid(n))
        return -1;
    if (n->mode != MODE_CONST) {
        Diag *d = check_error_at(c, n, DIAG_ARRAY_LENGTH, "array length %s must be constant",
                                 operand_text(c, n));
        diag_hint(c->diags, d, "use make for a length that is computed");
        return -1;
    }
    if (type_is_untyped(n->type) || type_is_integer(n->type)) {
        struct Const *v = const_kind(n->cval) == CONST_BOOL || const_kind(n->cval) == CONST_STRING
                              ? NULL
                              : const_to_int(c->arena, n->cval);
        i64 len;
        if (v) {
            if (const_fits_i64(v, &len)) {
                if (len >= 0) {
                    convert_untyped(c, n, type_predeclared[TYPE_INT]);
                    return len;
                }
                check_error_at(c, n, DIAG_ARRAY_LENGTH, "invalid array length %s",
                               operand_text(c, n));
                return -1;
            }
        }
    }
    check_error_at(c, n, DIAG_ARRAY_LENGTH, "array length %s must be integer", operand_text(c, n));
    return -1;
}

static void check_size(Checker *c, Node *n, Type *t)
{
    u64 size;
    u32 align;
    if (!type_size(t, &size, &align)) {
        check_error_at(c, n, DIAG_TYPE_TOO_LARGE, "type %s larger than address space",
                       type_text(c, t));
    }
}

static Type *array_type(Checker *c, Node *n, Type *def)
{
    if (!n->array.len) {
        Type *t = begin_type(c, TYPE_SLICE, def);
        t->elem = check_type(c, n->array.elem);
        return t;
    }
    if (n->array.len->kind == NODE_ELLIPSIS) {
        check_error_at(c, n->array.len, DIAG_ARRAY_LENGTH,
                       "invalid use of [...] array (outside a composite literal)");
        check_type(c, n->array.elem);
        return invalid_type();
    }
    Type *t = begin_type(c, TYPE_ARRAY, def);
    i64 len = check_array_length(c, n->array.len);
    t->elem = check_type(c, n->array.elem);
    if (len < 0) {
        if (def)
            def->underlying = invalid_type();
        return invalid_type();
    }
    t->len = (u64)len;
    delay(c, check_size, n, t);
    return t;
}

static void check_map_key(Checker *c, Node *n, Type *t)
{
    if (type_comparable(t->key) || is_type_invalid(t->key))
        return;
    Diag *d = check_error_at(c, n->map.key, DIAG_MAP_KEY, "invalid map key type %s",
                             type_text(c, t->key));
    diag_hint(c->diags, d, "keys are compared with ==, which %s values do not have",
              type_kind_word(t->key) ? type_kind_word(t->key) : "these");
}

static Type *map_type(Checker *c, Node *n, Type *def)
{
    Type *t = begin_type(c, TYPE_MAP, def);
    t->key = invalid_type();
    t->elem = invalid_type();
    t->key = check_type(c, n->map.key);
    t->elem = check_type(c, n->map.value);
    delay(c, check_map_key, n, t);
    return t;
}

// As in Go; a value is copied for each who waits.
static void check_chan_elem(Checker *c, Node *n, Type *t)
{
    enum { MAX_ELEM_BYTES = 1 << 16 };
    u64 size;
    u32 align;
    if (is_type_invalid(t->elem) || !type_size(t->elem, &size, &align) || size < MAX_ELEM_BYTES)
        return;
    Diag *d = check_error_at(c, n, DIAG_TYPE_TOO_LARGE, "channel element type too large (>64kB)");
    diag_hint(c->diags, d, "send a pointer or a slice: chan *%s", type_text(c, t->elem));
}

// ---- Structs ----------------------------------------------------------------------------

static Node *base_name(Node *n)
{
    for (;;) {
        switch (n->kind) {
        case NODE_PAREN:
        case NODE_STAR: n = n->unary.x; break;
        case NODE_SELECTOR: return n->selector.sel;
        case NODE_INDEX: n = n->index.x; break;
        default: return n->kind == NODE_IDENT ? n : NULL;
        }
    }
}

static void check_embedded(Checker *c, Node *n, Type *t)
{
    Type *base = t->kind == TYPE_POINTER ? t->elem : t;
    Type *u = type_under(base);
    if (is_type_invalid(base))
        return;
    if (u->kind == TYPE_POINTER)
        check_error_at(c, n, DIAG_EMBEDDED_TYPE, "embedded field type cannot be a pointer");
    else if (t->kind == TYPE_POINTER && u->kind == TYPE_INTERFACE)
        check_error_at(c, n, DIAG_EMBEDDED_TYPE,
                       "embedded field type cannot be a pointer to an interface");
}

static void add_field(Checker *c, Type *t, TypeField field, Node *name_node)
{
    if (field.name->text[0] != '_' || field.name->len != 1) {
        for (int i = 0; i < t->fields.len; i++) {
            if (t->fields.data[i].name != field.name)
                continue;
            Diag *d =
                check_error_at(c, name_node, DIAG_REDECLARED, "%s redeclared", field.name->text);
            diag_other(d, t->fields.data[i].pos,
                       arena_printf(c->arena, "other declaration of %s", field.name->text));
            return;
        }
    }
    vec_push_in(c->arena, &t->fields, field);
}

// Fields in large structs: a linear look for duplicates is quadratic, but a struct has few.
static bool is_type_before_name(Checker *c, const Node *field)
{
    const Node *type = field->field.ftype;
    if (field->field.names.len != 1 || type->kind != NODE_IDENT ||
        field->field.names.data[0]->kind != NODE_IDENT)
        return false;
    const Object *first = scope_lookup(scope_universe(), field->field.names.data[0]->ident.name);
    return first && first->kind == OBJECT_TYPE &&
           !scope_find(c->env.scope, type->ident.name, POS_NONE);
}

static Type *struct_type(Checker *c, Node *n, Type *def)
{
    Type *t = begin_type(c, TYPE_STRUCT, def);
    for (int i = 0; i < n->fields.list.len; i++) {
        Node *f = n->fields.list.data[i];
        if (f->kind != NODE_FIELD)
            continue;
        if (is_type_before_name(c, f)) {
            // int x: goes on as if it were x int.
            Node *name = f->field.ftype, *type = f->field.names.data[0];
            diag_hint(c->diags, check_undefined(c, name), "the type follows the name: %s %s",
                      name->ident.name->text, type->ident.name->text);
            f->field.names.data[0] = name;
            f->field.ftype = type;
        }
        Type *type = check_type(c, f->field.ftype);
        TypeField field = {.type = type, .pkg = c->env.pkg, .embedded = f->field.embedded};
        if (f->field.tag && f->field.tag->kind == NODE_BASIC_LIT) {
            struct Const *tag = const_from_literal(c->arena, TOKEN_STRING, f->field.tag->lit.text);
            if (tag)
                field.tag = const_str(tag);
        }
        if (f->field.embedded) {
            Node *name = base_name(f->field.ftype);
            if (!name || f->field.ftype->kind == NODE_PAREN) {
                if (!is_type_invalid(type))
                    check_error_at(c, f->field.ftype, DIAG_EMBEDDED_TYPE,
                                   "invalid embedded field type %s", expr_text(c, f->field.ftype));
                continue;
            }
            field.name = name->ident.name;
            field.pos = name->pos;
            add_field(c, t, field, name);
            delay(c, check_embedded, f->field.ftype, type);
            continue;
        }
        for (int k = 0; k < f->field.names.len; k++) {
            Node *name = f->field.names.data[k];
            if (name->kind != NODE_IDENT)
                continue;
            field.name = name->ident.name;
            field.pos = name->pos;
            add_field(c, t, field, name);
        }
    }
    delay(c, check_size, n, t);
    return t;
}

// ---- Interfaces -------------------------------------------------------------------------

static int compare_methods(const void *left, const void *right)
{
    const TypeMethod *a = left, *b = right;
    int order = strcmp(a->name->text, b->name->text);
    if (order == 0 && a->pkg && b->pkg)
        order = strcmp(a->pkg->path, b->pkg->path);
    return order;
}

static TypeMethod *find_own(Type *t, const TypeMethod *m)
{
    for (int i = 0; i < t->methods.len; i++) {
        TypeMethod *own = &t->methods.data[i];
        if (own->name == m->name && (own->pkg == m->pkg || name_is_exported(m->name)))
            return own;
    }
    return NULL;
}

static void complete_interface(Checker *c, Type *t)
{
    if (t->complete)
        return;
    t->complete = true;
    for (int i = 0; i < t->embedded.len; i++) {
        Node *at = t->embedded_nodes.data[i];
        Type *u = type_under(t->embedded.data[i]);
        if (is_type_invalid(u))
            continue;
        if (u->kind != TYPE_INTERFACE) {
            unsupported_generics(c, at);
            continue;
        }
        complete_interface(c, u);
        for (int k = 0; k < u->methods.len; k++) {
            TypeMethod m = u->methods.data[k];
            TypeMethod *own = find_own(t, &m);
            if (own && type_identical(own->type, m.type))
                continue;
            if (own) {
                Diag *d =
                    check_error_at(c, at, DIAG_REDECLARED, "duplicate method %s", m.name->text);
                diag_other(d, own->pos,
                           arena_printf(c->arena, "other declaration of %s", m.name->text));
                continue;
            }
            vec_push_in(c->arena, &t->methods, m);
        }
    }
    if (t->methods.len > 1)
        qsort(t->methods.data, (size_t)t->methods.len, sizeof *t->methods.data, compare_methods);
}

static void complete_delayed(Checker *c, Node *n, Type *t)
{
    (void)n;
    complete_interface(c, t);
}

static Type *interface_type(Checker *c, Node *n, Type *def)
{
    if (n->fields.list.len == 0) {
        if (def)
            def->underlying = type_empty_interface;
        return type_empty_interface;
    }
    Type *t = begin_type(c, TYPE_INTERFACE, def);
    for (int i = 0; i < n->fields.list.len; i++) {
        Node *f = n->fields.list.data[i];
        if (f->kind != NODE_FIELD)
            continue;
        if (f->field.names.len == 0) {
            Node *e = f->field.ftype;
            if (e->kind == NODE_BINARY || e->kind == NODE_UNARY) {
                unsupported_generics(c, e);
                continue;
            }
            vec_push_in(c->arena, &t->embedded, check_type(c, e));
            vec_push_in(c->arena, &t->embedded_nodes, e);
            continue;
        }
        Node *name = f->field.names.data[0];
        Type *type = check_type(c, f->field.ftype);
        if (name->kind != NODE_IDENT || type->kind != TYPE_FUNC)
            continue;
        if (name->ident.name->len == 1 && name->ident.name->text[0] == '_') {
            check_error_at(c, name, DIAG_BLANK_NAME, "methods must have a unique non-blank name");
            continue;
        }
        TypeMethod m = {name->ident.name, type, c->env.pkg, name->pos};
        TypeMethod *own = find_own(t, &m);
        if (own) {
            Diag *d = check_error_at(c, name, DIAG_REDECLARED, "duplicate method %s", m.name->text);
            diag_other(d, own->pos,
                       arena_printf(c->arena, "other declaration of %s", m.name->text));
            continue;
        }
        vec_push_in(c->arena, &t->methods, m);
    }
    delay(c, complete_delayed, n, t);
    return t;
}

// ---- Functions --------------------------------------------------------------------------

static void add_params(Checker *c, Type *t, NodeList *list, bool results)
{
    for (int i = 0; i < list->len; i++) {
        Node *f = list->data[i];
        if (f->kind != NODE_FIELD || !f->field.ftype)
            continue;
        Node *ftype = f->field.ftype;
        Type *type;
        if (ftype->kind == NODE_ELLIPSIS) {
            bool last = i == list->len - 1 && f->field.names.len <= 1;
            if (results || !last)
                check_error_at(c, ftype, DIAG_VARIADIC,
                               "can only use ... with final parameter in list");
            else
                t->variadic = true;
            type = ftype->unary.x ? check_type(c, ftype->unary.x) : invalid_type();
            if (t->variadic)
                type = make_slice(c, type);
            ftype->mode = MODE_TYPE;
            ftype->type = type;
        } else if (!results && is_type_before_name(c, f)) {
            // func f(int a): goes on as if it were a int.
            Node *name = ftype;
            ftype = f->field.names.data[0];
            Diag *d = check_undefined(c, name);
            diag_hint(c->diags, d, "the type follows the name: %s %s", name->ident.name->text,
                      ftype->ident.name->text);
            f->field.names.data[0] = name;
            f->field.ftype = ftype;
            type = check_type(c, ftype);
        } else if (f->field.names.len == 0 && !results && ftype->kind == NODE_IDENT &&
                   !scope_find(c->env.scope, ftype->ident.name, POS_NONE)) {
            Diag *d = check_undefined(c, ftype);
            if (strcmp(ftype->ident.name->text, "void") == 0)
                diag_hint(c->diags, d, "a function without parameters has () behind its name");
            else if (!d->hint && !name_is_exported(ftype->ident.name))
                diag_hint(c->diags, d, "a parameter has a name and a type: %s int",
                          ftype->ident.name->text);
            type = invalid_type();
            vec_push_in(c->arena, &f->field.names, ftype); // goes on as if it were its name
        } else {
            type = check_type(c, ftype);
        }
        int count = f->field.names.len ? f->field.names.len : 1;
        for (int k = 0; k < count; k++) {
            Name name = NULL;
            if (k < f->field.names.len && f->field.names.data[k]->kind == NODE_IDENT)
                name = f->field.names.data[k]->ident.name;
            if (results)
                vec_push_in(c->arena, &t->results, type);
            else
                vec_push_in(c->arena, &t->params, type);
            vec_push_in(c->arena, &t->names, name);
        }
    }
}

typedef struct SeenNames {
    Checker *c;
    Vec(Node *) names;
} SeenNames;

static void see_names(SeenNames *seen, NodeList *list)
{
    for (int i = 0; i < list->len; i++) {
        Node *f = list->data[i];
        for (int k = 0; f->kind == NODE_FIELD && k < f->field.names.len; k++) {
            Node *name = f->field.names.data[k];
            if (name->kind != NODE_IDENT || strcmp(name->ident.name->text, "_") == 0)
                continue;
            for (int m = 0; m < seen->names.len; m++) {
                Node *before = seen->names.data[m];
                if (before->ident.name != name->ident.name)
                    continue;
                Diag *d = check_error_at(seen->c, name, DIAG_REDECLARED,
                                         "%s redeclared in this block", name->ident.name->text);
                diag_other(d, before->pos,
                           arena_printf(seen->c->arena, "other declaration of %s",
                                        name->ident.name->text));
                break;
            }
            vec_push(&seen->names, name);
        }
    }
}

// Types of functions that have no body to declare the names in.
static void check_param_names(Checker *c, Node *sig)
{
    SeenNames seen = {.c = c};
    see_names(&seen, &sig->functype.params);
    see_names(&seen, &sig->functype.results);
    vec_free(&seen.names);
}

static Type *func_type(Checker *c, Node *n, Type *def)
{
    Type *t = begin_type(c, TYPE_FUNC, def);
    if (n->functype.type_params.len > 0) {
        unsupported_generics(c, n->functype.type_params.data[0]);
        return invalid_type();
    }
    add_params(c, t, &n->functype.params, false);
    add_params(c, t, &n->functype.results, true);
    check_param_names(c, n);
    return t;
}

Type *check_signature(Checker *c, Node *sig)
{
    if (!sig->type)
        check_type(c, sig);
    return sig->type;
}

// ---- All --------------------------------------------------------------------------------

static Type *operand_type(Checker *c, Node *n)
{
    if (n->kind == NODE_IDENT) {
        Object *obj = scope_find(c->env.scope, n->ident.name, POS_NONE);
        if (obj && obj->kind != OBJECT_TYPE && obj->state == 1) { // func f(x f), var v v
            check_error_at(c, n, DIAG_NOT_A_TYPE, "%s is not a type", obj->name->text);
            return invalid_type();
        }
    }
    check_raw(c, n, NULL);
    switch (n->mode) {
    case MODE_TYPE: return n->type;
    case MODE_INVALID: return invalid_type();
    case MODE_NOVALUE:
        check_error_at(c, n, DIAG_NOT_A_TYPE, "%s used as type", operand_text(c, n));
        return invalid_type();
    case MODE_NIL:
        check_error_at(c, n, DIAG_NOT_A_TYPE, "nil is not a type");
        return invalid_type();
    default: {
        Diag *d = check_error_at(c, n, DIAG_NOT_A_TYPE, "%s is not a type", operand_text(c, n));
        if (n->kind == NODE_IDENT && n->obj && n->obj->pos)
            diag_other(d, n->obj->pos, "declared here");
        return invalid_type();
    }
    }
}

static Type *type_of(Checker *c, Node *n, Type *def)
{
    switch (n->kind) {
    case NODE_BAD: return invalid_type();
    case NODE_PAREN: return check_type_def(c, n->unary.x, def);
    case NODE_STAR: {
        Type *t = begin_type(c, TYPE_POINTER, def);
        t->elem = invalid_type();
        t->elem = check_type(c, n->unary.x);
        return t->elem->kind == TYPE_INVALID ? invalid_type() : t;
    }
    case NODE_ARRAY_TYPE: return array_type(c, n, def);
    case NODE_STRUCT_TYPE: return struct_type(c, n, def);
    case NODE_FUNC_TYPE: return func_type(c, n, def);
    case NODE_INTERFACE_TYPE: return interface_type(c, n, def);
    case NODE_MAP_TYPE: return map_type(c, n, def);
    case NODE_CHAN_TYPE: {
        Type *t = begin_type(c, TYPE_CHAN, def);
        t->chan_dir = n->chan.dir;
        t->elem = invalid_type();
        t->elem = check_type(c, n->chan.elem);
        delay(c, check_chan_elem, n, t);
        return t;
    }
    default: return operand_type(c, n);
    }
}

Type *check_type_def(Checker *c, Node *n, Type *def)
{
    if (!check_depth(c, n)) {
        set_invalid(n);
        return invalid_type();
    }
    c->type_depth++;
    Type *t = type_of(c, n, def);
    c->type_depth--;
    n->mode = MODE_TYPE;
    n->type = t;
    if (c->type_depth == 0 && (c->delayed.len > 0 || c->named.len > 0))
        run_delayed(c);
    return t;
}

Type *check_type(Checker *c, Node *n)
{
    return check_type_def(c, n, NULL);
}
