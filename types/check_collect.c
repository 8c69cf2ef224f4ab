// check_collect.c: what a file declares at package level, before any of it is looked at: imports,
// constants, types, variables, functions; a script's top-level := counts as well.
#include "types/check_impl.h"

#include <ctype.h>

static bool is_blank(Name name)
{
    return name->len == 1 && name->text[0] == '_';
}

static bool name_is(Name name, const char *text)
{
    return strcmp(name->text, text) == 0;
}

// ---- Imports ----------------------------------------------------------------------------

const char *standard_path(Checker *c, const char *name)
{
    return c->options.package_path ? c->options.package_path(name) : NULL;
}

static Object *new_package_object(Checker *c, Name name, Pos pos, Package *imported)
{
    Object *obj = new_object(c, OBJECT_PACKAGE, name, pos, type_predeclared[TYPE_INVALID]);
    obj->imported = imported;
    obj->is_global = true;
    obj->func = NULL;
    return obj;
}

// The prompt: a new declaration stands for the older one.
static void replace_object(Checker *c, Scope *scope, Object *obj)
{
    Replaced r = {.scope = scope, .before = scope_lookup(scope, obj->name), .now = obj};
    vec_push(&c->replaced, r);
    scope_replace(scope, obj);
}

static void add_import(Checker *c, Package *pkg, Package *imported)
{
    for (int i = 0; i < pkg->imports.len; i++) {
        if (pkg->imports.data[i] == imported)
            return;
    }
    vec_push_in(c->arena, &pkg->imports, imported);
}

Object *auto_import(Checker *c, Name name)
{
    Package *pkg = c->env.pkg;
    if (!pkg || !pkg->is_script)
        return NULL;
    const char *path = standard_path(c, name->text);
    Package *imported = path ? load_package(c, path) : NULL;
    if (!imported)
        return NULL;
    Object *obj = new_package_object(c, name, POS_NONE, imported);
    obj->used = true;
    add_import(c, pkg, imported);
    if (c->options.repl)
        replace_object(c, pkg->scope, obj);
    else
        scope_insert(c->env.file->scope, obj);
    return obj;
}

// NULL: the path is fine.
static const char *path_fault(Checker *c, Str path)
{
    if (path.len == 0)
        return "empty string";
    for (size_t i = 0; i < path.len;) {
        int width;
        u32 rune = utf8_decode(path.data + i, path.len - i, &width);
        if (rune <= 0x20 || rune == 0x7F || rune == RUNE_ERROR ||
            (rune < 0x80 && strchr("!\"#$%&'()*,:;<=>?[\\]^`{|}", (int)rune))) {
            char text[4];
            if (rune < 0x20 || rune == 0x7F)
                return arena_printf(c->arena, "invalid character U+%04X", (unsigned)rune);
            return arena_printf(c->arena, "invalid character U+%04X '%.*s'", (unsigned)rune,
                                utf8_encode(rune, text), text);
        }
        i += (size_t)width;
    }
    return NULL;
}

// The path without doubled or trailing slashes.
static const char *clean_path(Checker *c, const char *path)
{
    char *out = arena_strndup(c->arena, path, strlen(path));
    size_t len = 0;
    for (const char *p = path; *p; p++) {
        if (*p != '/' || (p[1] != '/' && p[1] != '\0'))
            out[len++] = *p;
    }
    out[len] = '\0';
    return out;
}

static const struct {
    const char *path, *why;
} left_out[] = {
    {"C", "cgo (import \"C\") is left out of csp"},
    {"unsafe", "package unsafe is left out of csp: nothing in a program can break its memory"},
    {"reflect", "package reflect is left out of csp"},
    {"plugin", "package plugin is left out of csp"},
};

static Package *import_package(Checker *c, Node *spec, const char *path)
{
    for (int i = 0; i < countof(left_out); i++) {
        if (strcmp(left_out[i].path, path) == 0) {
            check_error_at(c, spec->import.path_node, DIAG_LEFT_OUT, "%s", left_out[i].why);
            return NULL;
        }
    }
    for (int i = 0; i < c->loading.len; i++) {
        if (strcmp(c->loading.data[i]->path, path) == 0) {
            check_error_at(c, spec->import.path_node, DIAG_IMPORT, "import cycle not allowed");
            return NULL;
        }
    }
    if (strncmp(path, "internal/", 9) == 0 && c->loading.len == 0 && !c->options.repl) {
        check_error_at(c, spec->import.path_node, DIAG_IMPORT,
                       "use of internal package %s not allowed", path);
        return NULL;
    }
    Package *imported = load_package(c, path);
    if (imported)
        return imported;
    if (path[0] == '/') {
        check_error_at(c, spec->import.path_node, DIAG_IMPORT,
                       "could not import %s (import path cannot be absolute path)", path);
        return NULL;
    }
    Diag *d =
        check_error_at(c, spec->import.path_node, DIAG_IMPORT, "package %s is not in std", path);
    const char *last = strrchr(path, '/');
    const char *known = standard_path(c, last ? last + 1 : path);
    if (strchr(path, '.'))
        diag_hint(c->diags, d, "csp has the standard packages only, no modules");
    else if (known && strcmp(known, path) != 0)
        diag_hint(c->diags, d, "did you mean \"%s\"?", known);
    else
        diag_hint(c->diags, d,
                  "csp has a part of Go's standard library; this package is not in it");
    return NULL;
}

typedef struct DotImport {
    Scope *into;   // of the file
    Object *clash; // the first by name of what the file has already
} DotImport;

static void import_dot(Object *obj, void *arg)
{
    DotImport *d = arg;
    if (!name_is_exported(obj->name) || obj->kind == OBJECT_PACKAGE)
        return;
    Object *before = scope_lookup(d->into, obj->name);
    if (!before) {
        Scope *scope = obj->scope;
        scope_replace(d->into, obj);
        obj->scope = scope;
    } else if (!d->clash || strcmp(before->name->text, d->clash->name->text) < 0) {
        d->clash = before;
    }
}

static Name last_element(const char *path)
{
    const char *slash = strrchr(path, '/');
    return name_from(slash ? slash + 1 : path);
}

static void report_redeclared(Checker *c, Node *spec, Object *before)
{
    const char *name = before->name->text;
    Diag *d = check_error_at(c, spec, DIAG_REDECLARED, "%s redeclared in this block", name);
    diag_other(d, before->pos, arena_printf(c->arena, "other declaration of %s", name));
}

void collect_imports(Checker *c, Package *pkg, File *file)
{
    for (int i = 0; i < file->imports.len; i++) {
        Node *spec = file->imports.data[i];
        if (spec->kind != NODE_IMPORT_SPEC || !spec->import.path_node)
            continue;
        const char *fault = path_fault(c, spec->import.path);
        if (fault) {
            check_error_at(c, spec->import.path_node, DIAG_IMPORT, "invalid import path (%s)",
                           fault);
            continue;
        }
        const char *path = arena_strndup(c->arena, spec->import.path.data, spec->import.path.len);
        const char *clean = clean_path(c, path);
        if (strcmp(path, clean) != 0) {
            check_error_at(c, spec->import.path_node, DIAG_IMPORT,
                           "non-canonical import path \"%s\" (should be \"%s\")", path, clean);
            continue;
        }
        Package *imported = import_package(c, spec, path);
        if (imported)
            add_import(c, pkg, imported);
        Node *alias = spec->import.name;
        Name name = alias && alias->kind == NODE_IDENT ? alias->ident.name
                    : imported                         ? imported->name
                                                       : last_element(path);
        if (is_blank(name))
            continue;
        if (name_is(name, ".")) {
            DotImport d = {.into = file->scope};
            if (imported)
                scope_each(imported->scope, import_dot, &d);
            Object *dot = new_package_object(c, name, alias->pos, imported);
            dot->decl = spec;
            dot->file = file;
            dot->used = imported == NULL || d.clash;
            vec_push(&c->imports, dot);
            if (d.clash && !c->options.repl)
                report_redeclared(c, spec, d.clash);
            continue;
        }
        if (name_is(name, "init")) {
            check_error_at(c, spec, DIAG_IMPORT,
                           "cannot import package as init - init must be a func");
            continue;
        }
        Object *obj = new_package_object(c, name, alias ? alias->pos : spec->pos, imported);
        obj->decl = spec;
        obj->file = file;
        obj->used = imported == NULL;
        spec->obj = obj;
        if (c->options.repl) {
            replace_object(c, pkg->scope, obj);
            continue;
        }
        Object *before = scope_insert(file->scope, obj);
        if (before) {
            report_redeclared(c, spec, before);
            obj->used = true;
        }
        vec_push(&c->imports, obj);
    }
}

void report_unused_imports(Checker *c, Package *pkg)
{
    if (c->options.repl && pkg->is_main)
        return;
    for (int i = 0; i < c->imports.len; i++) {
        Object *obj = c->imports.data[i];
        if (obj->used || c->generics_seen)
            continue;
        Node *spec = obj->decl;
        const char *path = obj->imported->path;
        Buf text = {0};
        buf_printf(&text, "imported and not used: \"%s\"", path);
        if (obj->name != obj->imported->name && !name_is(obj->name, "."))
            buf_printf(&text, " as %s", obj->name->text);
        if (pkg->is_script)
            check_warning_at(c, spec->pos, spec->end, DIAG_UNUSED_IMPORT, "%s", text.data);
        else
            check_error_at(c, spec, DIAG_UNUSED_IMPORT, "%s", text.data);
        buf_free(&text);
    }
}

// ---- Objects ----------------------------------------------------------------------------

static Object *new_global(Checker *c, Package *pkg, File *file, ObjectKind kind, Node *name,
                          Node *decl)
{
    Object *obj = new_object(c, kind, name->ident.name, name->pos, NULL);
    obj->decl = decl;
    obj->file = file;
    obj->is_global = true;
    obj->state = 0;
    obj->func = NULL;
    obj->order = c->objects.len;
    obj->stamp = c->stamp;
    obj->pkg = pkg;
    obj->scope = pkg->scope;
    name->obj = obj;
    vec_push(&c->objects, obj);
    return obj;
}

static void declare_global(Checker *c, Package *pkg, Object *obj)
{
    if (is_blank(obj->name))
        return;
    if (c->options.repl && pkg->is_main) {
        Object *before = scope_lookup(pkg->scope, obj->name);
        if (!before || before->stamp != c->stamp || !before->is_global ||
            before->kind == OBJECT_PACKAGE) {
            if (before && before->kind == OBJECT_FUNC && obj->kind == OBJECT_FUNC)
                obj->func_id = before->func_id; // taken back if the types differ
            replace_object(c, pkg->scope, obj);
            return;
        }
        redeclared(c, obj, before);
        return;
    }
    Object *before = scope_insert(pkg->scope, obj);
    if (before)
        redeclared(c, obj, before);
}

static void collect_values(Checker *c, Package *pkg, File *file, Node *gen, Node *spec,
                           FuncInfo *top)
{
    bool constant = gen->op == TOKEN_CONST;
    for (int i = 0; i < spec->value.names.len; i++) {
        Node *name = spec->value.names.data[i];
        if (name->kind != NODE_IDENT)
            continue;
        Name text = name->ident.name;
        Object *obj = new_global(c, pkg, file, constant ? OBJECT_CONST : OBJECT_VAR, name, spec);
        obj->func = constant ? NULL : top;
        if (name_is(text, "init") || (name_is(text, "main") && pkg->is_main)) {
            check_error_at(c, name, DIAG_RESERVED_NAME, "cannot declare %s - must be func",
                           text->text);
            continue;
        }
        declare_global(c, pkg, obj);
    }
}

static void collect_gen(Checker *c, Package *pkg, File *file, Node *gen, FuncInfo *top)
{
    for (int i = 0; i < gen->gen.specs.len; i++) {
        Node *spec = gen->gen.specs.data[i];
        if (spec->kind == NODE_VALUE_SPEC) {
            collect_values(c, pkg, file, gen, spec, top);
        } else if (spec->kind == NODE_TYPE_SPEC && spec->typespec.name &&
                   spec->typespec.name->kind == NODE_IDENT) {
            Node *name = spec->typespec.name;
            Object *obj = new_global(c, pkg, file, OBJECT_TYPE, name, spec);
            if (spec->typespec.type_params.len > 0) {
                unsupported_generics(c, spec->typespec.type_params.data[0]);
                obj->type = type_predeclared[TYPE_INVALID];
                obj->state = 2;
            }
            if (name_is(name->ident.name, "init") ||
                (name_is(name->ident.name, "main") && pkg->is_main)) {
                check_error_at(c, name, DIAG_RESERVED_NAME, "cannot declare %s - must be func",
                               name->ident.name->text);
                continue;
            }
            declare_global(c, pkg, obj);
        }
    }
}

// Type parameters of a function, or of its receiver.
static Node *generic_part(Node *decl)
{
    if (decl->func.sig->functype.type_params.len > 0)
        return decl->func.sig->functype.type_params.data[0];
    Node *recv = decl->func.recv ? decl->func.recv->field.ftype : NULL;
    recv = recv ? node_unparen(recv) : NULL;
    if (recv && recv->kind == NODE_STAR)
        recv = node_unparen(recv->unary.x);
    return recv && recv->kind == NODE_INDEX ? recv : NULL;
}

static void collect_func(Checker *c, Package *pkg, File *file, Node *decl)
{
    Node *name = decl->func.name;
    if (!name || name->kind != NODE_IDENT)
        return;
    Node *generic = generic_part(decl);
    if (generic) {
        unsupported_generics(c, generic);
        Object *obj = new_global(c, pkg, file, OBJECT_FUNC, name, decl);
        obj->type = type_predeclared[TYPE_INVALID];
        obj->state = 2;
        if (!decl->func.recv)
            declare_global(c, pkg, obj);
        return;
    }
    Object *obj = new_global(c, pkg, file, OBJECT_FUNC, name, decl);
    decl->obj = obj;
    obj->recv = decl->func.recv;
    vec_push_in(c->arena, &pkg->funcs, obj);
    if (obj->recv)
        return;
    Name text = name->ident.name;
    bool special = name_is(text, "init") || (name_is(text, "main") && pkg->is_main);
    if (special &&
        (decl->func.sig->functype.params.len > 0 || decl->func.sig->functype.results.len > 0))
        check_error_at(c, name, DIAG_RESERVED_NAME,
                       "func %s must have no arguments and no return values", text->text);
    if (!name_is(text, "init"))
        declare_global(c, pkg, obj);
}

static void collect_define(Checker *c, Package *pkg, File *file, Node *n)
{
    for (int i = 0; i < n->assign.lhs.len; i++) {
        Node *name = n->assign.lhs.data[i];
        if (name->kind != NODE_IDENT || is_blank(name->ident.name))
            continue;
        Object *before = scope_lookup(pkg->scope, name->ident.name);
        if (before && before->is_global && before->stamp == c->stamp &&
            (before->kind == OBJECT_VAR || !c->options.repl))
            continue; // assigned to, if it is a variable
        Object *obj = new_global(c, pkg, file, OBJECT_VAR, name, n);
        obj->func = c->toplevel;
        declare_global(c, pkg, obj);
    }
}

void collect_declarations(Checker *c, Package *pkg, File *file)
{
    NodeList *list = file->is_script ? &file->stmts : &file->decls;
    for (int i = 0; i < list->len; i++) {
        Node *n = list->data[i];
        switch (n->kind) {
        case NODE_GEN_DECL: collect_gen(c, pkg, file, n, NULL); break;
        case NODE_DECL_STMT: collect_gen(c, pkg, file, n->unary.x, c->toplevel); break;
        case NODE_FUNC_DECL: collect_func(c, pkg, file, n); break;
        case NODE_ASSIGN:
            if (n->op == TOKEN_DEFINE)
                collect_define(c, pkg, file, n);
            break;
        default: break;
        }
    }
}

typedef struct Clashes {
    Checker *c;
    Package *pkg;
    Object *import; // with a dot
} Clashes;

static void report_clash(Clashes *w, Name name, const char *how)
{
    Object *other = scope_lookup(w->pkg->scope, name);
    if (!other)
        return;
    const Package *p = w->import->imported;
    const char *which = p ? arena_printf(w->c->arena, " %s (\"%s\")", p->name->text, p->path) : "";
    Diag *d = check_error(w->c, other->pos, other->pos + name->len, DIAG_REDECLARED,
                          "%s already declared through %s of package%s", name->text, how, which);
    diag_other(d, w->import->pos, "imported here");
}

static void visit_dot_imported(Object *obj, void *arg)
{
    if (name_is_exported(obj->name) && obj->kind != OBJECT_PACKAGE)
        report_clash(arg, obj->name, "dot-import");
}

// A name that a file imports is none of the package's, whichever file declares that one.
void report_import_clashes(Checker *c, Package *pkg)
{
    if (c->options.repl && pkg->is_main)
        return;
    for (int i = 0; i < c->imports.len; i++) {
        Clashes w = {c, pkg, c->imports.data[i]};
        if (!name_is(w.import->name, "."))
            report_clash(&w, w.import->name, "import");
        else if (w.import->imported)
            scope_each(w.import->imported->scope, visit_dot_imported, &w);
    }
}

// ---- Methods ----------------------------------------------------------------------------

static void add_method(Checker *c, Type *named, Object *method)
{
    for (int i = 0; i < named->own_methods.len; i++) {
        Object *before = named->own_methods.data[i];
        if (before->name != method->name)
            continue;
        if (c->options.repl && before->stamp != c->stamp) {
            method->func_id = before->func_id;
            Replaced r = {.before = before, .now = method, .method_of = named};
            vec_push(&c->replaced, r);
            named->own_methods.data[i] = method;
            return;
        }
        Diag *d = check_error(c, method->pos, method->pos + method->name->len, DIAG_REDECLARED,
                              "%s.%s redeclared in this block", named->obj->name->text,
                              method->name->text);
        diag_other(d, before->pos,
                   arena_printf(c->arena, "other declaration of %s", method->name->text));
        return;
    }
    if (c->options.repl) {
        Replaced r = {.now = method, .method_of = named};
        vec_push(&c->replaced, r);
    }
    vec_push_in(c->arena, &named->own_methods, method);
}

static void check_field_clash(Checker *c, Type *named)
{
    Type *u = type_under(named);
    if (u->kind != TYPE_STRUCT)
        return;
    for (int i = 0; i < named->own_methods.len; i++) {
        Object *m = named->own_methods.data[i];
        for (int k = 0; k < u->fields.len; k++) {
            if (u->fields.data[k].name != m->name || m->stamp != c->stamp)
                continue;
            Diag *d = check_error(c, m->pos, m->pos + m->name->len, DIAG_REDECLARED,
                                  "field and method with the same name %s", m->name->text);
            diag_other(d, u->fields.data[k].pos,
                       arena_printf(c->arena, "other declaration of %s", m->name->text));
        }
    }
}

// The named type that a receiver names, or NULL after an error.
static Type *receiver_base(Checker *c, Object *method, Package *pkg)
{
    Node *field = method->recv;
    Node *ftype = field->field.ftype;
    Node *bare = ftype ? node_unparen(ftype) : NULL;
    if (bare && bare->kind == NODE_STAR)
        bare = node_unparen(bare->unary.x);
    if (!bare || bare->kind == NODE_BAD)
        return NULL;
    Type *t = check_type(c, ftype);
    if (is_type_invalid(t))
        return NULL;
    Type *base = t->kind == TYPE_POINTER ? t->elem : t;
    if (is_type_invalid(base))
        return NULL;
    if (base->kind != TYPE_NAMED) {
        if (base->kind <= TYPE_STRING)
            check_error_at(c, ftype, DIAG_RECEIVER,
                           "cannot define new methods on non-local type %s", type_text(c, base));
        else
            check_error_at(c, ftype, DIAG_RECEIVER, "invalid receiver type %s", type_text(c, t));
        // Who meant the type below all pointers is not told as well that it lacks the method.
        while (base->kind == TYPE_POINTER)
            base = base->elem;
        method->recv_pointer = true;
        return base->kind == TYPE_NAMED && base->obj->pkg == pkg ? base : NULL;
    }
    if (base->obj->pkg != pkg) {
        Diag *d =
            check_error_at(c, ftype, DIAG_RECEIVER,
                           "cannot define new methods on non-local type %s", type_text(c, base));
        diag_hint(c->diags, d, "declare a type of your own: type My %s", type_text(c, base));
        return NULL;
    }
    TypeKind kind = type_under(base)->kind;
    if (kind == TYPE_POINTER || kind == TYPE_INTERFACE) {
        check_error_at(c, ftype, DIAG_RECEIVER,
                       "invalid receiver type %s (pointer or interface type)", type_text(c, base));
        return NULL;
    }
    method->recv_pointer = t->kind == TYPE_POINTER;
    return base;
}

void attach_methods(Checker *c, Package *pkg, int first)
{
    for (int i = first; i < pkg->funcs.len; i++) {
        Object *method = pkg->funcs.data[i];
        if (!method->recv)
            continue;
        Env env = c->env;
        c->env = (Env){.pkg = pkg, .file = method->file, .scope = method->file->scope};
        method->recv_named = receiver_base(c, method, pkg);
        if (method->recv_named && !is_blank(method->name))
            add_method(c, method->recv_named, method);
        c->env = env;
    }
    for (int i = 0; i < c->objects.len; i++) {
        Object *obj = c->objects.data[i];
        if (obj->kind == OBJECT_TYPE && obj->type && obj->type->kind == TYPE_NAMED &&
            obj->type->obj == obj)
            check_field_clash(c, obj->type);
    }
}
