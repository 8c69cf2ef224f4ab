// check_decl.c: declarations: package-level ones on demand and in any order, local ones in place.
//
// A package-level object is resolved when something first needs its type (resolve_object). The
// objects being resolved form a path; meeting one of them again is a circle, which is fine
// between types that have a declaration of their own to go through, and an error otherwise.
// Circles among variables are left to the order of initialisation (check_init.c), which knows the
// bodies of functions as well.
#include "types/check_impl.h"

static bool is_blank(Name name)
{
    return name->len == 1 && name->text[0] == '_';
}

static Type *invalid_type(void)
{
    return type_predeclared[TYPE_INVALID];
}

// ---- Objects ----------------------------------------------------------------------------

Object *new_object(Checker *c, ObjectKind kind, Name name, Pos pos, Type *type)
{
    Object *obj = arena_new(c->arena, Object);
    obj->kind = kind;
    obj->name = name;
    obj->pos = pos;
    obj->type = type;
    obj->pkg = c->env.pkg;
    obj->func = c->env.func;
    obj->state = 2;
    return obj;
}

Object *new_local(Checker *c, Name name, Pos pos, Type *type)
{
    Object *obj = new_object(c, OBJECT_VAR, name, pos, type);
    vec_push(&c->locals, obj);
    return obj;
}

void redeclared(Checker *c, Object *obj, Object *before)
{
    Pos end = obj->pos + obj->name->len;
    Diag *d = check_error(c, obj->pos, end, DIAG_REDECLARED, "%s redeclared in this block",
                          obj->name->text);
    if (before->pos != POS_NONE)
        diag_other(d, before->pos,
                   arena_printf(c->arena, "other declaration of %s", obj->name->text));
    if (obj->kind == OBJECT_FUNC && strcmp(obj->name->text, "main") == 0 &&
        source_place(obj->pos).file != source_place(before->pos).file)
        diag_hint(c->diags, d, "if these files are programs of their own, name one of them");
    obj->used = true;
}

void declare(Checker *c, Scope *scope, Object *obj)
{
    if (is_blank(obj->name))
        return;
    Object *before = scope_insert(scope, obj);
    if (before)
        redeclared(c, obj, before);
}

// ---- Circles ----------------------------------------------------------------------------

static void report_circle(Checker *c, Object **circle, int count, DiagKind kind, const char *title)
{
    int first = 0;
    for (int i = 1; i < count; i++) {
        if (circle[i]->pos < circle[first]->pos)
            first = i;
    }
    Object *obj = circle[first];
    Buf text = {0};
    buf_printf(&text, "%s %s", title, obj->name->text);
    char where[512];
    for (int i = 0; i < count; i++) {
        Object *station = circle[(first + i) % count];
        buf_printf(&text, "\n\t%s: %s refers to", source_format(station->pos, where, sizeof where),
                   station->name->text);
    }
    buf_printf(&text, "\n\t%s: %s", source_format(obj->pos, where, sizeof where), obj->name->text);
    Diag *d = check_error(c, obj->pos, obj->pos + obj->name->len, kind, "%s", text.data);
    if (obj->kind == OBJECT_TYPE)
        diag_hint(c->diags, d,
                  "a value cannot contain itself; a pointer, slice or map can refer to it");
    buf_free(&text);
}

// obj is on the path already.
static void meet_again(Checker *c, Object *obj)
{
    int start = c->path.len - 1;
    while (start > 0 && c->path.data[start] != obj)
        start--;
    int values = 0, constants = 0, definitions = 0, count = c->path.len - start;
    for (int i = start; i < c->path.len; i++) {
        Object *station = c->path.data[i];
        if (station->kind == OBJECT_CONST || station->kind == OBJECT_VAR)
            values++;
        if (station->kind == OBJECT_CONST)
            constants++;
        if (station->kind == OBJECT_TYPE && station->type && station->type->kind == TYPE_NAMED &&
            station->type->obj == station)
            definitions++;
    }
    bool fine = values == count ? constants == 0 : values == 0 && definitions > 0;
    if (values == 0 && obj->kind == OBJECT_FUNC)
        fine = true;
    if (!fine) {
        if (values == count)
            report_circle(c, &c->path.data[start], count, DIAG_INITIALIZATION_LOOP,
                          "initialization loop for");
        else if (obj->kind == OBJECT_TYPE)
            report_circle(c, &c->path.data[start], count, DIAG_RECURSIVE_TYPE,
                          "invalid recursive type");
        else
            report_circle(c, &c->path.data[start], count, DIAG_RECURSIVE_TYPE,
                          "illegal cycle in declaration of");
        for (int i = start; i < c->path.len; i++) {
            Object *station = c->path.data[i];
            if (station->kind == OBJECT_TYPE && station->type && station->type->kind == TYPE_NAMED)
                station->type->underlying = invalid_type();
            else
                station->type = invalid_type();
        }
    }
    if (!obj->type)
        obj->type = invalid_type();
}

// Types that contain themselves without going through a pointer.

enum { WHITE, GREY, BLACK };

static bool find_recursion(Checker *c, Type *t)
{
    switch (t->kind) {
    case TYPE_ARRAY: return find_recursion(c, t->elem);
    case TYPE_STRUCT:
        for (int i = 0; i < t->fields.len; i++) {
            if (!find_recursion(c, t->fields.data[i].type))
                return false;
        }
        return true;
    case TYPE_INTERFACE:
        for (int i = 0; i < t->embedded.len; i++) {
            if (!find_recursion(c, t->embedded.data[i]))
                return false;
        }
        return true;
    case TYPE_NAMED: break;
    default: return true;
    }
    if (t->mark == BLACK || !t->underlying)
        return true;
    if (t->mark == GREY) {
        int start = c->path.len - 1;
        while (c->path.data[start] != t->obj)
            start--;
        int count = c->path.len - start;
        report_circle(c, &c->path.data[start], count, DIAG_RECURSIVE_TYPE,
                      "invalid recursive type");
        for (int i = start; i < c->path.len; i++)
            c->path.data[i]->type->underlying = invalid_type();
        return false;
    }
    t->mark = GREY;
    vec_push(&c->path, t->obj);
    bool fine = find_recursion(c, t->underlying);
    (void)vec_pop(&c->path);
    t->mark = BLACK;
    return fine;
}

void check_recursive_types(Checker *c)
{
    for (int i = 0; i < c->named.len; i++)
        find_recursion(c, c->named.data[i]);
    c->named.len = 0;
}

// ---- Constants and variables ------------------------------------------------------------

static int name_index(const Node *spec, const Object *obj)
{
    for (int i = 0; i < spec->value.names.len; i++) {
        if (spec->value.names.data[i]->obj == obj)
            return i;
    }
    return -1;
}

// One constant of a spec; the environment's iota and place are set.
static void const_value(Checker *c, Object *obj, Node *spec, int index)
{
    Env env = c->env;
    c->env.iota = const_int64(c->arena, spec->value.iota);
    if (spec->value.repeated)
        c->env.repeated_name = spec->value.names.data[index];
    Type *type = NULL;
    obj->cval = NULL;
    if (spec->value.vtype) {
        type = check_type(c, spec->value.vtype);
        if (type_under(type)->kind > TYPE_STRING && !is_type_invalid(type)) {
            check_error_at(c, spec->value.vtype, DIAG_CONSTANT_TYPE, "invalid constant type %s",
                           type_text(c, type));
            type = invalid_type();
        }
    }
    obj->type = type; // known already if the value refers to itself
    Node *value = index < spec->value.values.len ? spec->value.values.data[index] : NULL;
    if (!value) {
        obj->type = invalid_type();
        c->env = env;
        return;
    }
    check_expr(c, value);
    bool type_fails = type && is_type_invalid(type);
    if (!is_invalid(value) && value->mode != MODE_CONST && !type_fails) {
        Diag *d = check_error_at(c, value, DIAG_NOT_CONSTANT, "%s is not constant",
                                 operand_text(c, value));
        diag_hint(c->diags, d, "use var: a constant's value must be known before the program runs");
        set_invalid(value);
    }
    if (!is_invalid(value) && type)
        check_assignment(c, value, type, "constant declaration");
    if (is_invalid(value) || (obj->type && is_type_invalid(obj->type))) {
        obj->type = invalid_type();
    } else {
        obj->type = type ? type : value->type;
        obj->cval = value->cval;
        Node *name = spec->value.names.data[index];
        name->mode = MODE_CONST;
        name->type = obj->type;
        name->cval = obj->cval;
    }
    c->env = env;
}

bool check_value_count(Checker *c, Node *spec, bool constant)
{
    int names = spec->value.names.len, values = spec->value.values.len;
    if (!constant)
        return true;
    if (names < values) {
        if (spec->value.repeated)
            check_error_at(c, spec->value.names.data[0], DIAG_ASSIGNMENT_MISMATCH,
                           "extra init expr for %s", spec->value.names.data[0]->ident.name->text);
        else
            check_error_at(c, spec->value.values.data[names], DIAG_ASSIGNMENT_MISMATCH,
                           "extra init expr %s", expr_text(c, spec->value.values.data[names]));
        return false;
    }
    if (names > values) {
        Node *name = spec->value.names.data[values];
        check_error_at(c, name, DIAG_ASSIGNMENT_MISMATCH, "missing init expr for %s",
                       name->kind == NODE_IDENT ? name->ident.name->text : "_");
        return false;
    }
    return true;
}

static void resolve_var(Checker *c, Object *obj)
{
    Node *spec = obj->decl;
    if (spec->kind == NODE_ASSIGN) { // a script's top-level x := 1
        check_define(c, spec, true);
        return;
    }
    int index = name_index(spec, obj);
    Type *type = spec->value.vtype
                     ? (spec->value.vtype->mode == MODE_TYPE ? spec->value.vtype->type
                                                             : check_type(c, spec->value.vtype))
                     : NULL;
    obj->type = type;
    int names = spec->value.names.len, values = spec->value.values.len;
    if (values == 0)
        return;
    if (values == names) {
        check_init_vars(c, &obj, 1, &(NodeList){&spec->value.values.data[index], 1, 1},
                        "variable declaration");
        return;
    }
    // One call for all, or a mismatch: done once, for all names.
    if (spec->mode == MODE_NOVALUE)
        return;
    spec->mode = MODE_NOVALUE;
    Object **vars = arena_array(c->arena, Object *, names);
    for (int i = 0; i < names; i++) {
        vars[i] = spec->value.names.data[i]->obj;
        if (vars[i]->state == 0)
            vars[i]->state = 2;
        if (type)
            vars[i]->type = type;
        if (i > 0)
            vec_push_in(c->arena, &vars[i]->deps, vars[0]); // which has the value
    }
    Object *decl = c->env.decl;
    if (decl == obj && vars[0] != obj && obj->is_global)
        c->env.decl = vars[0];
    check_init_vars(c, vars, names, &spec->value.values, "variable declaration");
    c->env.decl = decl;
}

// ---- Types ------------------------------------------------------------------------------

static void resolve_type(Checker *c, Object *obj)
{
    Node *spec = obj->decl;
    if (spec->typespec.type_params.len > 0) {
        unsupported_generics(c, spec->typespec.type_params.data[0]);
        obj->type = invalid_type();
        return;
    }
    if (spec->typespec.alias) {
        obj->type = NULL;
        Type *t = check_type(c, spec->typespec.def);
        if (!obj->type)
            obj->type = t;
        return;
    }
    Type *named = type_new(c->arena, TYPE_NAMED);
    named->obj = obj;
    obj->type = named;
    c->type_depth++;
    Type *t = check_type_def(c, spec->typespec.def, named);
    c->type_depth--;
    if (!named->underlying || named->underlying->kind != TYPE_INVALID) {
        if (t->kind == TYPE_NAMED && !t->underlying) {
            // Only names, round in a circle.
            int start = c->path.len - 1;
            while (start > 0 && c->path.data[start] != t->obj)
                start--;
            report_circle(c, &c->path.data[start], c->path.len - start, DIAG_RECURSIVE_TYPE,
                          "invalid recursive type");
            for (int i = start; i < c->path.len; i++) {
                if (c->path.data[i]->type && c->path.data[i]->type->kind == TYPE_NAMED)
                    c->path.data[i]->type->underlying = invalid_type();
            }
        } else {
            named->underlying = type_under(t);
        }
    }
    named->complete = true;
    vec_push(&c->named, named);
    if (c->type_depth == 0)
        run_delayed(c);
}

// ---- Functions --------------------------------------------------------------------------

static void resolve_func(Checker *c, Object *obj)
{
    Node *decl = obj->decl;
    Type *t = check_signature(c, decl->func.sig);
    obj->type = t;
    if (!decl->func.info && t->kind == TYPE_FUNC) {
        FuncInfo *info = new_func_info(c, decl, t);
        info->obj = obj;
    }
}

void resolve_object(Checker *c, Object *obj)
{
    if (obj->state == 2)
        return;
    if (obj->state == 1) {
        meet_again(c, obj);
        return;
    }
    obj->state = 1;
    Env env = c->env;
    if (obj->is_global) {
        FuncInfo *func = obj->func;
        c->env = (Env){.pkg = obj->pkg, .file = obj->file, .func = func, .decl = obj};
        c->env.scope = obj->file->scope;
        c->env.at_top = func != NULL;
    }
    vec_push(&c->path, obj);
    switch (obj->kind) {
    case OBJECT_CONST: const_value(c, obj, obj->decl, name_index(obj->decl, obj)); break;
    case OBJECT_VAR: resolve_var(c, obj); break;
    case OBJECT_TYPE: resolve_type(c, obj); break;
    case OBJECT_FUNC: resolve_func(c, obj); break;
    default: break;
    }
    (void)vec_pop(&c->path);
    if (!obj->type)
        obj->type = invalid_type();
    obj->state = 2;
    c->env = env;
}

// ---- Bodies -----------------------------------------------------------------------------

FuncInfo *new_func_info(Checker *c, Node *node, Type *type)
{
    FuncInfo *info = arena_new(c->arena, FuncInfo);
    info->node = node;
    info->type = type;
    node->func.info = info;
    vec_push_in(c->arena, &c->env.pkg->func_infos, info);
    return info;
}

// One Object for each parameter; those without a name or called "_" are not declared.
// receiver: NULL for functions.
static void declare_fields(Checker *c, FuncInfo *info, Scope *scope, Node *receiver, NodeList *list,
                           bool results)
{
    for (int i = 0; i < list->len; i++) {
        Node *f = list->data[i];
        if (f->kind != NODE_FIELD || !f->field.ftype)
            continue;
        Type *type = f->field.ftype->type ? f->field.ftype->type : invalid_type();
        int count = f->field.names.len ? f->field.names.len : 1;
        for (int k = 0; k < count; k++) {
            Node *name = k < f->field.names.len ? f->field.names.data[k] : NULL;
            bool named = name && name->kind == NODE_IDENT;
            Object *obj = new_object(c, OBJECT_VAR, named ? name->ident.name : name_from("_"),
                                     named ? name->pos : f->pos, type);
            obj->decl = f;
            obj->func = info;
            obj->is_param = !results;
            obj->is_result = results;
            obj->used = true;
            if (named) {
                name->obj = obj;
                name->mode = MODE_VAR;
                name->type = type;
                // Twice the same among parameters and results: the signature's check has told.
                Object *before = is_blank(obj->name) ? NULL : scope_insert(scope, obj);
                if (before && receiver && before->decl == receiver)
                    redeclared(c, obj, before);
                if (results)
                    info->named_results = true;
            }
            if (results)
                vec_push_in(c->arena, &info->results, obj);
            else
                vec_push_in(c->arena, &info->params, obj);
        }
    }
}

static void declare_params(Checker *c, FuncInfo *info, Scope *scope, Node *recv, Node *sig)
{
    if (recv)
        declare_fields(c, info, scope, recv, &(NodeList){&recv, 1, 1}, false);
    declare_fields(c, info, scope, recv, &sig->functype.params, false);
    declare_fields(c, info, scope, recv, &sig->functype.results, true);
}

// Whether a string of the function has {name} in it.
static bool stands_in_text(const Object *obj, const FuncInfo *func)
{
    const SourceFile *file = source_file_of(obj->pos);
    const Node *n = func->node;
    char text[64];
    int len = snprintf(text, sizeof text, "{%s}", obj->name->text);
    return file && len < (int)sizeof text && n->end > obj->pos &&
           memmem(file->text + (obj->pos - file->base), n->end - obj->pos, text, (size_t)len);
}

void report_unused_locals(Checker *c, int from, FuncInfo *func)
{
    int kept = from;
    for (int i = from; i < c->locals.len; i++) {
        Object *obj = c->locals.data[i];
        if (obj->func != func) {
            c->locals.data[kept++] = obj;
            continue;
        }
        if (obj->used || is_blank(obj->name) || c->options.repl || obj->pkg->is_std)
            continue;
        Pos end = obj->pos + obj->name->len;
        if (obj->pkg->is_script) {
            check_warning_at(c, obj->pos, end, DIAG_UNUSED_VARIABLE, "declared and not used: %s",
                             obj->name->text);
            continue;
        }
        Diag *d = check_error(c, obj->pos, end, DIAG_UNUSED_VARIABLE, "declared and not used: %s",
                              obj->name->text);
        if (obj->loop_var)
            diag_hint(c->diags, d, "a value that is not wanted is called _");
        else if (obj->reassigned)
            diag_hint(c->diags, d, "%s is assigned, but its value is never read", obj->name->text);
        else if (obj->type == type_error)
            diag_hint(c->diags, d, "an error is looked at: if %s != nil { … }; or it is called _",
                      obj->name->text);
        else if (stands_in_text(obj, func))
            diag_hint(c->diags, d, "a string takes no variables in: fmt.Sprintf(\"… %%v …\", %s)",
                      obj->name->text);
    }
    c->locals.len = kept;
}

static void check_missing_return(Checker *c, FuncInfo *info, Node *body)
{
    if (info->type->results.len == 0 || is_terminating_list(&body->block.stmts))
        return;
    Pos brace = body->block.rbrace ? body->block.rbrace : body->end - 1;
    Diag *d = check_error(c, brace, brace + 1, DIAG_MISSING_RETURN, "missing return");
    diag_hint(c->diags, d, "every path to the end of a function with a result needs a return");
}

void check_func_body(Checker *c, FuncInfo *info, Node *body)
{
    Env env = c->env;
    c->env.func = info;
    c->env.at_top = false;
    c->env.iota = NULL;
    c->env.repeated_name = NULL;
    int locals = c->locals.len;
    Scope *scope = scope_new(c->arena, c->env.scope);
    info->node->func.scope = scope;
    declare_params(c, info, scope, info->node->func.recv, info->node->func.sig);
    if (body && body->kind == NODE_BLOCK) {
        c->env.scope = scope;
        body->block.scope = scope;
        int depth = c->type_depth;
        c->type_depth = 0;
        check_stmts(c, &body->block.stmts, 0);
        c->type_depth = depth;
        check_branches(c, &body->block.stmts);
        check_missing_return(c, info, body);
    }
    report_unused_locals(c, locals, info);
    c->env = env;
}

void check_func_decl(Checker *c, Object *obj)
{
    Node *decl = obj->decl;
    FuncInfo *info = decl->func.info;
    if (!info || !obj->file)
        return;
    Env env = c->env;
    c->env = (Env){.pkg = obj->pkg, .file = obj->file, .scope = obj->file->scope, .decl = obj};
    check_func_body(c, info, decl->func.body);
    c->env = env;
}

// ---- Local declarations -----------------------------------------------------------------

static void local_consts(Checker *c, Node *spec)
{
    check_value_count(c, spec, true);
    int count = spec->value.names.len;
    Object **objects = arena_array(c->arena, Object *, count);
    for (int i = 0; i < count; i++) {
        Node *name = spec->value.names.data[i];
        if (name->kind != NODE_IDENT)
            continue;
        objects[i] = new_object(c, OBJECT_CONST, name->ident.name, name->pos, NULL);
        objects[i]->decl = spec;
        name->obj = objects[i];
        const_value(c, objects[i], spec, i);
    }
    for (int i = 0; i < count; i++) {
        if (objects[i])
            declare(c, c->env.scope, objects[i]);
    }
}

static void local_vars(Checker *c, Node *spec)
{
    int count = spec->value.names.len, kept = 0;
    Type *type = spec->value.vtype ? check_type(c, spec->value.vtype) : NULL;
    Object **objects = arena_array(c->arena, Object *, count);
    for (int i = 0; i < count; i++) {
        Node *name = spec->value.names.data[i];
        if (name->kind != NODE_IDENT)
            continue;
        Object *obj = new_local(c, name->ident.name, name->pos, type);
        obj->decl = spec;
        name->obj = obj;
        objects[kept++] = obj;
    }
    if (spec->value.values.len > 0)
        check_init_vars(c, objects, kept, &spec->value.values, "variable declaration");
    for (int i = 0; i < count; i++) {
        Node *name = spec->value.names.data[i];
        Object *obj = name->obj;
        if (name->kind != NODE_IDENT || !obj)
            continue;
        if (!obj->type)
            obj->type = invalid_type();
        name->mode = MODE_VAR;
        name->type = obj->type;
        declare(c, c->env.scope, obj);
    }
}

static void local_type(Checker *c, Node *spec)
{
    Node *name = spec->typespec.name;
    if (!name || name->kind != NODE_IDENT)
        return;
    Object *obj = new_object(c, OBJECT_TYPE, name->ident.name, name->pos, NULL);
    obj->decl = spec;
    obj->state = 0;
    name->obj = obj;
    declare(c, c->env.scope, obj);
    resolve_object(c, obj);
}

void check_local_decl(Checker *c, Node *gen)
{
    for (int i = 0; i < gen->gen.specs.len; i++) {
        Node *spec = gen->gen.specs.data[i];
        if (spec->kind == NODE_VALUE_SPEC && gen->op == TOKEN_CONST)
            local_consts(c, spec);
        else if (spec->kind == NODE_VALUE_SPEC)
            local_vars(c, spec);
        else if (spec->kind == NODE_TYPE_SPEC)
            local_type(c, spec);
    }
}
