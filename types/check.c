// check.c: the checker's entry points, packages, and the order in which things are checked.
//
// A package is checked in this order: imports (whose packages are checked first), what its files
// declare, types, methods, functions' signatures, constants and variables, bodies, and a script's
// top-level statements. Within each step declarations are resolved on demand (check_decl.c).
//
// The standard library's packages are read from their embedded source when first imported.
#include "types/check_impl.h"

#include <sys/resource.h>

#include "parser/parser.h"

enum { STACK_RESERVE = 512 << 10, STACK_DEFAULT = 8 << 20, STACK_MAX = 256 << 20 };

Checker *check_session(Arena *arena, DiagList *diags, const CheckOptions *options)
{
    Checker *c = arena_new(arena, Checker);
    c->arena = arena;
    c->diags = diags;
    c->options = *options;
    scope_universe();
    return c;
}

// How deep recursion may go: what the system gives the stack, less a reserve.
static void measure_stack(Checker *c)
{
    struct rlimit limit;
    size_t bytes = STACK_DEFAULT;
    if (getrlimit(RLIMIT_STACK, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY)
        bytes = limit.rlim_cur < STACK_MAX ? limit.rlim_cur : STACK_MAX;
    char here;
    size_t room = bytes > 2 * STACK_RESERVE ? bytes - STACK_RESERVE : bytes / 2;
    c->stack_limit = (char *)((uintptr_t)&here - room);
}

// ---- One package ------------------------------------------------------------------------

static void resolve_kind(Checker *c, ObjectKind kind)
{
    for (int i = 0; i < c->objects.len; i++) {
        Object *obj = c->objects.data[i];
        if (obj->kind == kind && obj->state != 2)
            resolve_object(c, obj);
    }
}

// Aliases come after the types that they may be part of.
static void resolve_types(Checker *c)
{
    for (int i = 0; i < c->objects.len; i++) {
        Object *obj = c->objects.data[i];
        if (obj->kind == OBJECT_TYPE && obj->state != 2 && !obj->decl->typespec.alias)
            resolve_object(c, obj);
    }
    resolve_kind(c, OBJECT_TYPE);
}

// Specs whose numbers of names and values differ are told about once, not by name.
static void check_constant_counts(Checker *c)
{
    Node *last = NULL;
    for (int i = 0; i < c->objects.len; i++) {
        Object *obj = c->objects.data[i];
        if (obj->kind == OBJECT_CONST && obj->decl != last)
            check_value_count(c, last = obj->decl, true);
    }
}

// The functions that statements of the top level belong to.
static FuncInfo *make_toplevel(Checker *c, Package *pkg, File **files, int count)
{
    Node *body = node_new(c->arena, NODE_BLOCK, POS_NONE, POS_NONE);
    Node *decl = node_new(c->arena, NODE_FUNC_DECL, POS_NONE, POS_NONE);
    Node *sig = node_new(c->arena, NODE_FUNC_TYPE, POS_NONE, POS_NONE);
    for (int i = 0; i < count; i++) {
        NodeList *stmts = &files[i]->stmts;
        for (int k = 0; k < stmts->len; k++) {
            if (stmts->data[k]->kind != NODE_FUNC_DECL)
                vec_push_in(c->arena, &body->block.stmts, stmts->data[k]);
        }
        body->end = body->block.rbrace = source_pos(files[i]->source, files[i]->source->len);
    }
    if (body->block.stmts.len > 0)
        body->pos = body->block.stmts.data[0]->pos;
    decl->pos = sig->pos = body->pos;
    decl->end = body->end;
    decl->func.sig = sig;
    decl->func.body = body;
    sig->type = type_new(c->arena, TYPE_FUNC);
    sig->mode = MODE_TYPE;
    FuncInfo *info = arena_new(c->arena, FuncInfo);
    info->node = decl;
    info->type = sig->type;
    decl->func.info = info;
    vec_push_in(c->arena, &pkg->func_infos, info);
    return info;
}

// REPL: a last expression statement with a value shows it.
static Node *shown_statement(Checker *c, NodeList *stmts)
{
    int i = stmts->len - 1;
    while (i >= 0 && stmts->data[i]->kind == NODE_EMPTY)
        i--;
    return c->options.repl && i >= 0 && stmts->data[i]->kind == NODE_EXPR_STMT ? stmts->data[i]
                                                                               : NULL;
}

static bool check_shown(Checker *c, Node *stmt)
{
    Node *x = stmt->unary.x;
    check_raw(c, x, NULL);
    if (x->mode == MODE_NOVALUE || x->mode == MODE_INVALID)
        return false;
    if (x->mode == MODE_BUILTIN || x->mode == MODE_TYPE) {
        check_error_at(c, x, DIAG_NOT_AN_EXPRESSION,
                       x->mode == MODE_TYPE ? "%s is not an expression" : "%s must be called",
                       operand_text(c, x));
        return false;
    }
    if (x->type->kind == TYPE_TUPLE)
        return false;
    return check_assignment(c, x, NULL, "expression");
}

static Node *check_toplevel(Checker *c, Package *pkg, File *file)
{
    NodeList *stmts = &c->toplevel->node->func.body->block.stmts;
    c->env =
        (Env){.pkg = pkg, .file = file, .scope = file->scope, .func = c->toplevel, .at_top = true};
    c->toplevel->node->func.scope = c->toplevel->node->func.body->block.scope = file->scope;
    Node *shown = shown_statement(c, stmts), *last = NULL;
    int locals = c->locals.len;
    for (int i = 0; i < stmts->len; i++) {
        Node *n = stmts->data[i];
        if (n != shown)
            check_stmt(c, n, 0);
        else if (check_shown(c, n))
            last = n;
    }
    check_branches(c, stmts);
    report_unused_locals(c, locals, c->toplevel);
    return last;
}

static void begin_file(Checker *c, Package *pkg, File *file)
{
    file->scope = scope_new(c->arena, pkg->scope);
    c->env = (Env){.pkg = pkg, .file = file, .scope = file->scope};
}

// Told only when nothing else is wrong: what is missing is rarely the mistake.
static void report_missing_bodies(Checker *c, Package *pkg, int first)
{
    if (pkg->is_std || c->diags->error_count > 0)
        return;
    for (int i = first; i < pkg->funcs.len; i++) {
        Node *decl = pkg->funcs.data[i]->decl;
        if (decl->func.body)
            continue;
        Diag *d = check_error_at(c, decl->func.name, DIAG_MISSING_BODY, "missing function body");
        diag_hint(c->diags, d, "functions without a body belong to the standard packages");
    }
}

static void check_files(Checker *c, Package *pkg, File **files, int count, Node **last)
{
    int first_func = pkg->funcs.len;
    for (int i = 0; i < count; i++) {
        begin_file(c, pkg, files[i]);
        collect_imports(c, pkg, files[i]);
    }
    for (int i = 0; i < count; i++) {
        c->env = (Env){.pkg = pkg, .file = files[i], .scope = files[i]->scope};
        collect_declarations(c, pkg, files[i]);
    }
    report_import_clashes(c, pkg);
    resolve_types(c);
    attach_methods(c, pkg, first_func);
    resolve_kind(c, OBJECT_FUNC);
    check_constant_counts(c);
    resolve_kind(c, OBJECT_CONST);
    if (!c->toplevel)
        resolve_kind(c, OBJECT_VAR);
    // A script's statements give the types of its variables in order; functions may need them.
    if (c->toplevel) {
        Node *shown = check_toplevel(c, pkg, files[count - 1]);
        if (last)
            *last = shown;
        resolve_kind(c, OBJECT_VAR);
    }
    for (int i = first_func; i < pkg->funcs.len; i++)
        check_func_decl(c, pkg->funcs.data[i]);
    c->env = (Env){.pkg = pkg, .file = files[count - 1], .scope = files[count - 1]->scope};
    report_missing_bodies(c, pkg, first_func);
    if (!c->toplevel)
        order_initialisation(c, pkg);
    report_unused_imports(c, pkg);
}

// ---- Standard packages ------------------------------------------------------------------

typedef struct Loading {
    Checker *c;
    Package *pkg;
} Loading;

static void add_source(void *arg, const char *name, const char *text, size_t len)
{
    Loading *l = arg;
    const char *full = arena_printf(l->c->arena, "%s/%s", l->pkg->path, name);
    SourceFile *source = source_add(full, text, len);
    if (!source)
        return;
    ParseOptions options = {0};
    File *file = parse_file(l->c->arena, l->c->diags, source, &options, NULL);
    vec_push_in(l->c->arena, &l->pkg->files, file);
}

// What belongs to the package being checked, empty.
static void reset_unit(Checker *c)
{
    memset(&c->env, 0, sizeof c->env);
    memset(&c->objects, 0, sizeof c->objects);
    memset(&c->imports, 0, sizeof c->imports);
    memset(&c->delayed, 0, sizeof c->delayed);
    memset(&c->path, 0, sizeof c->path);
    memset(&c->locals, 0, sizeof c->locals);
    memset(&c->spine, 0, sizeof c->spine);
    memset(&c->named, 0, sizeof c->named);
    memset(&c->replaced, 0, sizeof c->replaced);
    c->type_depth = 0;
    c->generics_seen = c->depth_reported = c->has_call = false;
    c->toplevel = NULL;
    c->callee = NULL;
    c->stamp++;
}

static void free_unit(Checker *c)
{
    vec_free(&c->objects);
    vec_free(&c->imports);
    vec_free(&c->delayed);
    vec_free(&c->path);
    vec_free(&c->locals);
    vec_free(&c->spine);
    vec_free(&c->named);
    vec_free(&c->replaced);
}

static Package *find_loaded(Checker *c, const char *path)
{
    for (int i = 0; i < c->packages.len; i++) {
        if (strcmp(c->packages.data[i]->path, path) == 0)
            return c->packages.data[i];
    }
    return NULL;
}

static Package *new_package(Checker *c, const char *path, const char *name)
{
    Package *pkg = arena_new(c->arena, Package);
    pkg->path = arena_strndup(c->arena, path, strlen(path));
    pkg->name = name_from(name);
    pkg->scope = scope_new(c->arena, scope_universe());
    return pkg;
}

Package *load_package(Checker *c, const char *path)
{
    Package *pkg = find_loaded(c, path);
    if (pkg || !c->options.find_package)
        return pkg;
    const char *slash = strrchr(path, '/');
    pkg = new_package(c, path, slash ? slash + 1 : path);
    pkg->is_std = true;
    Loading loading = {c, pkg};
    int errors = c->diags->error_count;
    if (!c->options.find_package(path, add_source, &loading) || pkg->files.len == 0)
        return NULL;
    if (pkg->files.data[0]->package_name && pkg->files.data[0]->package_name->kind == NODE_IDENT)
        pkg->name = pkg->files.data[0]->package_name->ident.name;

    // The state of the package that imports it is put aside.
    Checker outer = *c;
    reset_unit(c);
    c->options.repl = false;
    vec_push(&c->loading, pkg);
    if (c->diags->error_count == errors)
        check_files(c, pkg, pkg->files.data, pkg->files.len, NULL);
    (void)vec_pop(&c->loading);
    pkg->checked = true;
    vec_push(&c->packages, pkg);
    free_unit(c);
    outer.packages = c->packages;
    outer.loading = c->loading;
    outer.stamp = c->stamp;
    *c = outer;
    return pkg;
}

Package *check_load(Checker *c, const char *path)
{
    measure_stack(c);
    return load_package(c, path);
}

int check_packages(Checker *c, Package ***out)
{
    int count = c->packages.len + (c->main ? 1 : 0);
    Package **list = arena_array(c->arena, Package *, count ? count : 1);
    for (int i = 0; i < c->packages.len; i++)
        list[i] = c->packages.data[i];
    if (c->main)
        list[count - 1] = c->main;
    *out = list;
    return count;
}

// ---- Programs and scripts ---------------------------------------------------------------

static void begin_unit(Checker *c)
{
    measure_stack(c);
    free_unit(c);
    reset_unit(c);
    if (!c->main) {
        c->main = new_package(c, "main", "main");
        c->main->is_main = true;
    }
}

static void check_package_clause(Checker *c, File *file)
{
    Node *name = file->package_name;
    if (!name || name->kind != NODE_IDENT || strcmp(name->ident.name->text, "main") == 0)
        return;
    if (strcmp(name->ident.name->text, "_") == 0) {
        check_error_at(c, name, DIAG_PACKAGE_NAME, "invalid package name _");
        return;
    }
    Diag *d = check_error_at(c, name, DIAG_PACKAGE_NAME, "package %s; expected package main",
                             name->ident.name->text);
    diag_hint(c->diags, d, "a program that can be run is package main");
}

static void require_main(Checker *c, File *file)
{
    Object *main = scope_lookup(c->main->scope, name_from("main"));
    if (main && main->kind == OBJECT_FUNC)
        return;
    Node *at = file->package_name;
    if (!main && at && c->diags->error_count == 0) {
        Diag *d =
            check_error_at(c, at, DIAG_NO_MAIN, "function main is undeclared in the main package");
        diag_hint(
            c->diags, d,
            "a program begins in func main(); without the package clause the file is a script");
    }
}

Package *check_program(Checker *c, File **files, int count, FuncInfo **toplevel)
{
    begin_unit(c);
    *toplevel = NULL;
    if (count == 0)
        return NULL;
    Package *pkg = c->main;
    for (int i = 0; i < count; i++) {
        pkg->is_script |= files[i]->is_script;
        vec_push_in(c->arena, &pkg->files, files[i]);
    }
    if (pkg->is_script)
        c->toplevel = *toplevel = make_toplevel(c, pkg, files, count);
    for (int i = 0; i < count; i++)
        check_package_clause(c, files[i]);
    check_files(c, pkg, files, count, NULL);
    if (!pkg->is_script)
        require_main(c, files[0]);
    pkg->checked = true;
    return pkg;
}

// ---- REPL -------------------------------------------------------------------------------

static void take_back(Checker *c)
{
    for (int i = c->replaced.len - 1; i >= 0; i--) {
        Replaced *r = &c->replaced.data[i];
        if (r->method_of) {
            Type *t = r->method_of;
            for (int k = t->own_methods.len - 1; k >= 0; k--) {
                if (t->own_methods.data[k] != r->now)
                    continue;
                if (r->before)
                    t->own_methods.data[k] = r->before;
                else
                    t->own_methods.data[k] = vec_pop(&t->own_methods);
                break;
            }
        } else if (r->before) {
            scope_replace(r->scope, r->before);
        } else {
            scope_remove(r->scope, r->now);
        }
    }
}

// A function that is defined again with its old type keeps its id, so that callers see it.
static void keep_function_ids(Checker *c)
{
    for (int i = 0; i < c->replaced.len; i++) {
        Replaced *r = &c->replaced.data[i];
        if (r->now->kind != OBJECT_FUNC)
            continue;
        bool same = r->before && r->before->kind == OBJECT_FUNC && r->before->type &&
                    r->now->type && type_identical(r->before->type, r->now->type) &&
                    r->before->recv_pointer == r->now->recv_pointer;
        r->now->func_id = same ? r->before->func_id : 0;
    }
}

Package *check_entry(Checker *c, File *file, FuncInfo **toplevel, Node **last)
{
    begin_unit(c);
    Package *pkg = c->main;
    pkg->is_script = true;
    int errors = c->diags->error_count, funcs = pkg->funcs.len;
    file->is_script = true;
    vec_push_in(c->arena, &pkg->files, file);
    *last = NULL;
    c->toplevel = *toplevel = make_toplevel(c, pkg, &file, 1);
    check_files(c, pkg, &file, 1, last);
    if (c->diags->error_count > errors) {
        take_back(c);
        pkg->funcs.len = funcs;
        pkg->files.len--;
        *last = NULL;
    } else {
        keep_function_ids(c);
    }
    pkg->checked = true;
    return pkg;
}
