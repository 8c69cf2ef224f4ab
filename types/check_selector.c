// check_selector.c: x.name: names of packages, fields, methods, method expressions.
#include "types/check_impl.h"

static bool is_blank(Name name)
{
    return name->len == 1 && name->text[0] == '_';
}

// ---- Packages ---------------------------------------------------------------------------

static bool is_exported_object(Object *obj)
{
    return name_is_exported(obj->name);
}

static void select_in_package(Checker *c, Node *n, Package *pkg)
{
    Node *sel = n->selector.sel;
    Name name = sel->ident.name;
    Object *obj = scope_lookup(pkg->scope, name);
    if (!obj) {
        Diag *d =
            check_error_at(c, sel, DIAG_UNDEFINED, "undefined: %s.%s", pkg->name->text, name->text);
        Name other = suggest(c, pkg->scope, name, is_exported_object);
        if (other)
            diag_hint(c->diags, d, "did you mean %s.%s?", pkg->name->text, other->text);
        else
            diag_hint(c->diags, d, "csp's package %s does not have it", pkg->path);
        return;
    }
    if (!name_is_exported(name)) {
        Diag *d = check_error_at(c, sel, DIAG_NOT_EXPORTED, "%s not exported by package %s",
                                 name->text, pkg->name->text);
        Name other = suggest(c, pkg->scope, name, is_exported_object);
        if (other)
            diag_hint(c->diags, d, "did you mean %s.%s?", pkg->name->text, other->text);
        return;
    }
    n->flag |= NODEFLAG_QUALIFIED;
    n->obj = sel->obj = obj;
    obj->used = true;
    if (is_type_invalid(obj->type))
        return;
    switch (obj->kind) {
    case OBJECT_CONST:
        n->mode = MODE_CONST;
        n->cval = obj->cval;
        break;
    case OBJECT_TYPE: n->mode = MODE_TYPE; break;
    case OBJECT_VAR: n->mode = MODE_VAR; break;
    default: n->mode = MODE_VALUE; break;
    }
    n->type = obj->type;
}

// ---- What is not there ------------------------------------------------------------------

typedef struct Nearest {
    Name wanted, best;
    int distance;
    bool is_hidden; // it is there, but private to another package
} Nearest;

static void consider(Nearest *near, Name name)
{
    int max = near->wanted->len <= 3 ? 1 : near->wanted->len <= 7 ? 2 : 3;
    int d = edit_distance(near->wanted->text, near->wanted->len, name->text, name->len, max);
    if (strcasecmp(near->wanted->text, name->text) == 0)
        d = 0;
    if (d <= max && d < near->distance && d < (int)name->len) {
        near->best = name;
        near->distance = d;
    }
}

static void consider_if_seen(Nearest *near, const Package *from, const Package *of, Name name)
{
    if (name == near->wanted && of != from)
        near->is_hidden = true;
    else if (name_is_exported(name) || of == from)
        consider(near, name);
}

// Fields and methods of t, with those one level of embedding down.
static void consider_members(Nearest *near, const Package *from, Type *t, int levels)
{
    if (t->kind == TYPE_POINTER)
        t = t->elem;
    if (t->kind == TYPE_NAMED) {
        for (int i = 0; i < t->own_methods.len; i++)
            consider_if_seen(near, from, t->own_methods.data[i]->pkg, t->own_methods.data[i]->name);
    }
    Type *u = type_under(t);
    for (int i = 0; u->kind == TYPE_INTERFACE && i < u->methods.len; i++)
        consider_if_seen(near, from, u->methods.data[i].pkg, u->methods.data[i].name);
    for (int i = 0; u->kind == TYPE_STRUCT && i < u->fields.len; i++) {
        consider_if_seen(near, from, u->fields.data[i].pkg, u->fields.data[i].name);
        if (u->fields.data[i].embedded && levels > 0)
            consider_members(near, from, u->fields.data[i].type, levels - 1);
    }
}

static bool is_pointer_to(const Type *t, TypeKind kind)
{
    const Type *u = t->underlying ? t->underlying : t;
    return u->kind == TYPE_POINTER && type_under(u->elem)->kind == kind;
}

// Something that t embeds could not be made out: it may have had the name.
static bool embeds_invalid(const Type *t, int levels)
{
    if (t->kind == TYPE_POINTER)
        t = t->elem;
    if (is_type_invalid(t))
        return true;
    const Type *u = type_under((Type *)t);
    for (int i = 0; levels > 0 && u->kind == TYPE_STRUCT && i < u->fields.len; i++) {
        if (u->fields.data[i].embedded && embeds_invalid(u->fields.data[i].type, levels - 1))
            return true;
    }
    return false;
}

// What other languages write as a method of strings, lists, maps and numbers.
static bool hint_for_builtin_type(Checker *c, Diag *d, const Node *x, Name name)
{
    enum { STRINGS = 1, LISTS = 2, MAPS = 4, CHANS = 8, ANY = 15 };
    static const struct {
        const char *names;
        unsigned types;
        const char *hint; // @ stands for x
    } known[] = {
        {" len length size count Len Length Size ", ANY, "len is a function: len(@)"},
        {" append push add push_back Append Push Add ", LISTS,
         "append is a function: @ = append(@, value)"},
        {" extend concat ", LISTS, "append is a function: @ = append(@, more...)"},
        {" pop Pop ", LISTS, "@ = @[:len(@)-1] takes away the last element"},
        {" sort Sort ", LISTS, "package sort has functions for it: sort.Ints(@)"},
        {" join Join ", LISTS, "strings.Join(@, \", \")"},
        {" map filter forEach reduce each ", LISTS, "write a loop: for i, x := range @ { … }"},
        {" contains includes indexOf index find has ", LISTS,
         "write a loop: for _, x := range @ { … }"},
        {" keys Keys ", MAPS, "for key := range @ goes through the keys"},
        {" values Values ", MAPS, "for _, value := range @ goes through the values"},
        {" items entries forEach ", MAPS, "for key, value := range @ goes through all"},
        {" has contains containsKey has_key get Get ", MAPS, "value, found := @[key]"},
        {" remove delete Delete Remove ", MAPS, "delete is a function: delete(@, key)"},
        {" put set Set insert ", MAPS, "@[key] = value"},
        {" clear ", MAPS | LISTS, "clear(@)"},
        {" close Close ", CHANS, "close is a function: close(@)"},
        {" send Send put push ", CHANS, "a send is written @ <- value"},
        {" recv receive Receive get pop ", CHANS, "a receive is written <-@"},
        {" upper toUpperCase toUpper ToUpper ", STRINGS, "strings.ToUpper(@)"},
        {" lower toLowerCase toLower ToLower ", STRINGS, "strings.ToLower(@)"},
        {" split Split ", STRINGS, "strings.Split(@, \",\")"},
        {" strip trim Trim TrimSpace ", STRINGS, "strings.TrimSpace(@)"},
        {" replace Replace ", STRINGS, "strings.ReplaceAll(@, old, new)"},
        {" contains includes find indexOf index ", STRINGS,
         "strings.Contains(@, part), strings.Index(@, part)"},
        {" startswith startsWith HasPrefix ", STRINGS, "strings.HasPrefix(@, begin)"},
        {" endswith endsWith HasSuffix ", STRINGS, "strings.HasSuffix(@, end)"},
        {" repeat Repeat ", STRINGS, "strings.Repeat(@, n)"},
        {" format ", STRINGS, "fmt.Sprintf(@, …)"},
        {" substring substr slice charAt ", STRINGS, "@[from:to] is a part, in bytes"},
        {" toString String str ", ANY, "fmt.Sprint(@)"},
    };
    unsigned type = 0;
    switch (type_under(x->type)->kind) {
    case TYPE_STRING:
    case TYPE_UNTYPED_STRING: type = STRINGS; break;
    case TYPE_SLICE:
    case TYPE_ARRAY: type = LISTS; break;
    case TYPE_MAP: type = MAPS; break;
    case TYPE_CHAN: type = CHANS; break;
    default: return false;
    }
    const char *wanted = arena_printf(c->arena, " %s ", name->text);
    for (int i = 0; i < countof(known); i++) {
        if (!(known[i].types & type) || !strstr(known[i].names, wanted))
            continue;
        Buf text = {0};
        for (const char *s = known[i].hint; *s; s++)
            if (*s == '@')
                buf_puts(&text, expr_text(c, x));
            else
                buf_putc(&text, *s);
        diag_hint(c->diags, d, "%s", text.data);
        buf_free(&text);
        return true;
    }
    if (type == STRINGS)
        diag_hint(c->diags, d, "package strings has functions for it: strings.ToUpper(%s)",
                  expr_text(c, x));
    else if (x->type->kind != TYPE_NAMED)
        diag_hint(c->diags, d, "only types that are declared with a name have methods");
    return true;
}

static void not_found(Checker *c, Node *n)
{
    if (embeds_invalid(n->selector.x->type, 5))
        return;
    Node *x = n->selector.x, *sel = n->selector.sel;
    Name name = sel->ident.name;
    Buf why = {0};
    if (is_pointer_to(x->type, TYPE_INTERFACE)) {
        buf_printf(&why, "type %s is pointer to interface, not interface", type_text(c, x->type));
    } else {
        buf_printf(&why, "type %s has no %s %s", type_text(c, x->type),
                   x->mode == MODE_TYPE ? "method" : "field or method", name->text);
    }
    Nearest near = {.wanted = name, .distance = 100};
    consider_members(&near, c->env.pkg, x->type, 2);
    if (near.best && near.best != name && near.distance == 0 && x->mode != MODE_TYPE &&
        near.best->len == name->len &&
        memcmp(near.best->text + 1, name->text + 1, name->len - 1) == 0)
        buf_printf(&why, ", but does have %s", near.best->text);
    Diag *d = check_error_at(c, sel, DIAG_NO_FIELD_OR_METHOD, "%s.%s undefined (%s)",
                             expr_text(c, x), name->text, why.data);
    if (near.is_hidden)
        diag_reason(c->diags, d,
                    "there is one, but a name with a small letter is private to its "
                    "package");
    if (near.best && near.best != name) // through more than one pointer it has the name itself
        hint_name(c, d, near.best);
    else if (x->mode != MODE_TYPE && hint_for_builtin_type(c, d, x, name))
        ;
    else if (is_pointer_to(x->type, TYPE_POINTER))
        diag_hint(c->diags, d, "it is a pointer to a pointer: follow one with *");
    else if (is_pointer_to(x->type, TYPE_INTERFACE))
        diag_hint(c->diags, d, "an interface holds a pointer already; use the interface itself");
    Type *t = x->type->kind == TYPE_POINTER ? x->type->elem : x->type;
    if (t->kind == TYPE_NAMED && t->obj->pos != POS_NONE)
        diag_other(d, t->obj->pos, arena_printf(c->arena, "%s declared here", t->obj->name->text));
    buf_free(&why);
}

// ---- Methods ----------------------------------------------------------------------------

static void use_method(Checker *c, Node *n, Object *method)
{
    if (method->state != 2 || !method->type)
        resolve_object(c, method);
    n->obj = n->selector.sel->obj = method;
    add_dependency(c, method);
}

static void method_expression(Checker *c, Node *n, Selection *sel)
{
    Type *t = n->selector.x->type;
    Type *method = sel->type;
    if (sel->kind == SELECT_METHOD) {
        use_method(c, n, sel->method);
        method = sel->method->type;
    }
    if (method->kind != TYPE_FUNC)
        return;
    Type *f = type_new(c->arena, TYPE_FUNC);
    f->variadic = method->variadic;
    vec_push_in(c->arena, &f->params, t);
    vec_push_in(c->arena, &f->names, (Name)NULL);
    for (int i = 0; i < method->params.len; i++)
        vec_push_in(c->arena, &f->params, method->params.data[i]);
    for (int i = 0; i < method->names.len; i++)
        vec_push_in(c->arena, &f->names, method->names.data[i]);
    f->results.data = method->results.data;
    f->results.len = f->results.cap = method->results.len;
    n->flag |= NODEFLAG_METHOD_EXPR;
    set_value(n, f);
}

static void method_value(Checker *c, Node *n, Selection *sel)
{
    Node *x = n->selector.x;
    Type *type = sel->type;
    if (sel->kind == SELECT_METHOD) {
        use_method(c, n, sel->method);
        type = sel->method->type;
        if (sel->method->recv_pointer && !sel->through_pointer)
            mark_addressed(x);
    }
    if (type->kind != TYPE_FUNC)
        return;
    n->flag |= NODEFLAG_METHOD_VALUE;
    set_value(n, type);
}

// ---- All --------------------------------------------------------------------------------

static bool needs_pointer(const Node *x, const Selection *sel)
{
    return sel->kind == SELECT_METHOD && sel->method->recv_pointer && !sel->through_pointer &&
           !(x->mode == MODE_VAR);
}

void check_selector(Checker *c, Node *n)
{
    Node *x = n->selector.x, *sel = n->selector.sel;
    if (sel->kind != NODE_IDENT)
        return;
    if (is_blank(sel->ident.name)) {
        check_use(c, x);
        check_error_at(c, sel, DIAG_BLANK_NAME, "cannot refer to blank field or method");
        return;
    }
    if (x->kind == NODE_IDENT) {
        Name name = x->ident.name;
        Object *obj = is_blank(name) ? NULL : scope_find(c->env.scope, name, POS_NONE);
        if (!obj && !is_blank(name))
            obj = lookup_name(c, x, true);
        if (!obj && !is_blank(name)) {
            set_invalid(x);
            return;
        }
        if (obj && obj->kind == OBJECT_PACKAGE) {
            obj->used = true;
            x->obj = obj;
            x->mode = MODE_PACKAGE;
            x->type = type_predeclared[TYPE_INVALID];
            if (obj->imported)
                select_in_package(c, n, obj->imported);
            return;
        }
    }
    check_expr_or_type(c, x);
    if (is_invalid(x) || is_type_invalid(x->type))
        return;
    if (x->mode == MODE_NIL) {
        check_error_at(c, sel, DIAG_NO_FIELD_OR_METHOD,
                       "%s.%s undefined (type untyped nil has no field or method %s)",
                       expr_text(c, x), sel->ident.name->text, sel->ident.name->text);
        return;
    }
    if (x->mode != MODE_TYPE)
        use_default_type(c, x);
    Type *base = x->type->kind == TYPE_POINTER ? x->type->elem : x->type;
    if (is_type_invalid(base))
        return;
    Selection found = type_select(c->arena, x->type, sel->ident.name, c->env.pkg);
    switch (found.kind) {
    case SELECT_AMBIGUOUS:
        check_error_at(c, sel, DIAG_AMBIGUOUS, "ambiguous selector %s.%s", expr_text(c, x),
                       sel->ident.name->text);
        return;
    case SELECT_FIELD:
        if (x->mode == MODE_TYPE) {
            not_found(c, n);
            return;
        }
        n->mode = found.through_pointer || is_addressable(x) ? MODE_VAR : MODE_VALUE;
        n->type = found.type;
        if (is_type_invalid(found.type))
            set_invalid(n);
        return;
    case SELECT_METHOD:
    case SELECT_IFACE_METHOD:
        if (needs_pointer(x, &found)) {
            Diag *d =
                check_error_at(c, sel, DIAG_POINTER_RECEIVER, "cannot call pointer method %s on %s",
                               sel->ident.name->text, type_text(c, x->type));
            if (x->mode == MODE_TYPE)
                diag_hint(c->diags, d, "write (*%s).%s", type_text(c, x->type),
                          sel->ident.name->text);
            else
                diag_hint(c->diags, d,
                          "put the value into a variable: a pointer receiver needs its address");
            return;
        }
        if (x->mode == MODE_TYPE)
            method_expression(c, n, &found);
        else
            method_value(c, n, &found);
        return;
    default: not_found(c, n);
    }
}
