// check_assign.c: where a value goes to a variable: assignments, declarations with values,
// arguments and results share these rules.
#include "types/check_impl.h"

const char context_argument[] = "argument";

static Type *invalid_type(void)
{
    return type_predeclared[TYPE_INVALID];
}

static bool is_blank_node(const Node *n)
{
    return n->kind == NODE_IDENT && n->ident.name->len == 1 && n->ident.name->text[0] == '_';
}

// ---- One value --------------------------------------------------------------------------

static const char *context_text(Checker *c, const char *context)
{
    if (context != context_argument || !c->callee)
        return context;
    return arena_printf(c->arena, "argument to %s", expr_text(c, c->callee));
}

static void hint_conversion(Checker *c, Diag *d, const char *expr, Type *from, Type *to)
{
    if (type_is_numeric(from) && type_is_numeric(to) && !type_is_complex(from) &&
        !type_is_complex(to))
        diag_hint(c->diags, d, "convert it: %s(%s)", type_text(c, to), expr);
    else if (type_identical(type_under(from), type_under(to)) && type_has_name(from) &&
             type_has_name(to))
        diag_hint(c->diags, d, "they are different types; convert it: %s(%s)", type_text(c, to),
                  expr);
    else if (type_is_string(to) && type_is_integer(from))
        diag_hint(c->diags, d, "strconv.Itoa(%s) or fmt.Sprint(%s) makes a string of a number",
                  expr, expr);
    else if (type_is_integer(to) && type_is_string(from))
        diag_hint(c->diags, d, "strconv.Atoi(%s) reads a number from a string", expr);
    else if (from->kind == TYPE_POINTER && type_identical(from->elem, to))
        diag_hint(c->diags, d, "follow the pointer: *%s", expr);
    else if (to->kind == TYPE_POINTER && type_identical(to->elem, from))
        diag_hint(c->diags, d, "take the address: &%s", expr);
}

// How the method would be declared that an interface wants.
static void hint_method(Checker *c, Diag *d, Type *from, Type *iface, Name missing)
{
    const Type *base = from->kind == TYPE_POINTER ? from->elem : from;
    const Type *u = type_under(iface);
    if (base->kind != TYPE_NAMED || !base->obj || base->obj->pkg != c->env.pkg)
        return;
    for (int i = 0; i < u->methods.len; i++) {
        if (u->methods.data[i].name != missing)
            continue;
        Buf text = {0};
        type_print_signature(u->methods.data[i].type, c->env.pkg, &text);
        diag_hint(c->diags, d, "it would be declared as func (x %s) %s%s { … }", type_text(c, from),
                  missing->text, text.data ? text.data : "()");
        buf_free(&text);
        return;
    }
}

static void not_assignable(Checker *c, Node *at, const char *operand, Type *from, Type *t,
                           const char *context)
{
    Buf why = {0};
    Name missing = NULL;
    const Type *pointee = type_under(t)->kind == TYPE_POINTER ? type_under(t)->elem : NULL;
    if (pointee && type_is_interface(pointee)) {
        buf_printf(&why,
                   ": %s does not implement %s (type %s is pointer to interface, not interface)",
                   type_text(c, from), type_text(c, t), type_text(c, t));
    } else if (type_is_interface(t)) {
        buf_printf(&why, ": %s does not implement %s ", type_text(c, from), type_text(c, t));
        type_implements(from, t, c->env.pkg, &missing, &why);
    } else if (type_is_interface(from) && !type_is_interface(t) &&
               type_assertable(from, t, c->env.pkg, NULL)) {
        buf_puts(&why, ": need type assertion");
    }
    bool lacks_method = type_is_interface(t) || (pointee && type_is_interface(pointee));
    Diag *d = check_error_at(c, at, lacks_method ? DIAG_MISSING_METHOD : DIAG_NOT_ASSIGNABLE,
                             "cannot use %s as type %s in %s%s", operand, type_text(c, t),
                             context_text(c, context), why.data ? why.data : "");
    const char *expr = expr_text(c, at);
    if (why.len > 0 && strstr(why.data, "need type assertion"))
        diag_hint(c->diags, d, "%s.(%s)", expr, type_text(c, t));
    else if (why.len > 0 && strstr(why.data, "has pointer receiver"))
        diag_hint(c->diags, d, "the method belongs to *%s: give &%s", type_text(c, from), expr);
    else if (t == type_error && from->kind == TYPE_STRING)
        diag_hint(c->diags, d, "errors.New(%s) makes an error of a text", expr);
    else if (missing && strstr(why.data, "(missing"))
        hint_method(c, d, from, t, missing);
    else if (why.len == 0)
        hint_conversion(c, d, expr, from, t);
    buf_free(&why);
}

// A literal of another type than the one that is wanted.
static void hint_literal(Checker *c, Diag *d, Node *x, Type *t, const char *context)
{
    bool text = type_is_string(x->type);
    if (text && type_is_numeric(t)) {
        const char *digits = const_str(x->cval).data;
        if (const_str(x->cval).len > 0 && digits[strspn(digits, "0123456789")] == '\0')
            diag_hint(c->diags, d, "without the quotes it is a number: %s", digits);
        else if (strcmp(context, "assignment") == 0)
            diag_hint(c->diags, d, "a variable keeps its type, here %s; a string needs another one",
                      type_text(c, t));
    } else if (type_is_numeric(x->type) && type_is_string(t)) {
        diag_hint(c->diags, d, "a string stands between double quotes: \"%s\"", expr_text(c, x));
    } else if (type_is_boolean(t)) {
        diag_hint(c->diags, d, "a %s is true or false", type_text(c, t));
    }
}

static void does_not_fit(Checker *c, Node *x, Type *t, Fit fit, const char *context)
{
    static const char *const notes[] = {[FIT_OK] = "",
                                        [FIT_NO] = "",
                                        [FIT_TRUNCATED] = " (truncated)",
                                        [FIT_OVERFLOW] = " (overflows)"};
    Diag *d = check_error_at(c, x,
                             fit == FIT_TRUNCATED  ? DIAG_CONSTANT_TRUNCATED
                             : fit == FIT_OVERFLOW ? DIAG_CONSTANT_OVERFLOW
                                                   : DIAG_NOT_ASSIGNABLE,
                             "cannot use %s as %s value in %s%s", operand_text(c, x),
                             type_text(c, t), context_text(c, context), notes[fit]);
    if (x->mode == MODE_NIL)
        diag_hint(c->diags, d,
                  "nil is for pointers, slices, maps, channels, functions and interfaces");
    else if (type_is_string(t) && x->type->kind == TYPE_UNTYPED_RUNE)
        diag_hint(c->diags, d, "a string is written with double quotes");
    else if (type_is_integer(t) && fit == FIT_TRUNCATED)
        diag_hint(c->diags, d, "an integer has no fraction; %s must be a float64 to hold it",
                  "the variable");
    else if (x->mode == MODE_CONST && fit == FIT_NO)
        hint_literal(c, d, x, t, context);
}

bool check_assignment(Checker *c, Node *x, Type *t, const char *context)
{
    if (is_invalid(x))
        return false;
    if (!single_value(c, x))
        return false;
    if (x->mode == MODE_TYPE || x->mode == MODE_BUILTIN || x->mode == MODE_NOVALUE) {
        check_error_at(c, x, DIAG_NOT_ASSIGNABLE, "cannot assign %s to %s in %s",
                       operand_text(c, x), t ? type_text(c, t) : "_", context_text(c, context));
        set_invalid(x);
        return false;
    }
    if (t && is_type_invalid(t)) {
        settle_type(c, x);
        return true;
    }
    if (type_is_untyped(x->type)) {
        if (x->mode == MODE_NIL && !t) {
            Diag *d = check_error_at(c, x, DIAG_UNTYPED_NIL, "use of untyped nil in %s",
                                     context_text(c, context));
            diag_hint(c->diags, d, "nil has no type of its own; declare the variable with one");
            set_invalid(x);
            return false;
        }
        Type *target = t;
        if (x->mode != MODE_NIL && (!t || type_is_interface(t)))
            target = type_default(x->type);
        Type *out;
        struct Const *value;
        Fit fit = implicit_type(c, x, target, &out, &value);
        if (fit != FIT_OK) {
            does_not_fit(c, x, target, fit, context);
            set_invalid(x);
            return false;
        }
        finalize(c, x, out);
        if (is_invalid(x))
            return false;
    }
    if (!t || type_assignable(x->type, t))
        return true;
    not_assignable(c, x, operand_text(c, x), x->type, t, context);
    set_invalid(x);
    return false;
}

bool check_assign_type(Checker *c, Node *at, Type *from, Type *t, const char *context)
{
    if (!t || is_type_invalid(t) || is_type_invalid(from) || type_assignable(from, t))
        return true;
    const char *operand =
        arena_printf(c->arena, "%s (value of type %s)", expr_text(c, at), type_text(c, from));
    not_assignable(c, at, operand, from, t, context);
    return false;
}

// ---- Several values ---------------------------------------------------------------------

// "1 variable", "3 values".
static const char *measure(Checker *c, int count, const char *unit)
{
    return arena_printf(c->arena, "%d %s%s", count, unit, count == 1 ? "" : "s");
}

static void count_mismatch(Checker *c, Node *at, int vars, NodeList *values, int count)
{
    Node *first = values->data[0], *bare = node_unparen(first);
    Diag *d;
    if (values->len == 1 && bare->kind == NODE_CALL)
        d = check_error_at(
            c, at, DIAG_ASSIGNMENT_MISMATCH, "assignment mismatch: %s but %s returns %s",
            measure(c, vars, "variable"), expr_text(c, bare->call.fun), measure(c, count, "value"));
    else
        d = check_error_at(c, at, DIAG_ASSIGNMENT_MISMATCH, "assignment mismatch: %s but %s",
                           measure(c, vars, "variable"), measure(c, count, "value"));
    if (values->len == 1 && bare->kind == NODE_CALL && count > vars)
        diag_hint(c->diags, d, "take the values that are not needed with _");
    else if (bare->kind != NODE_CALL && vars == 1)
        diag_hint(c->diags, d,
                  "there are no tuples; several values of one type make a slice, "
                  "[]int{1, 2}");
    else if (bare->kind != NODE_CALL && count == 1)
        diag_hint(c->diags, d, "each variable takes a value of its own: x, y := 1, 1");
}

static bool is_tuple(const Node *x)
{
    return !is_invalid(x) && x->type->kind == TYPE_TUPLE;
}

static void set_comma_ok(Checker *c, Node *x, Type *ok_type)
{
    Type *tuple = type_new(c->arena, TYPE_TUPLE);
    vec_push_in(c->arena, &tuple->results, x->type);
    vec_push_in(c->arena, &tuple->results, ok_type);
    for (;; x = x->unary.x) {
        x->type = tuple;
        x->mode = MODE_VALUE;
        x->flag |= NODEFLAG_COMMAOK;
        if (x->kind != NODE_PAREN)
            return;
    }
}

// The type of a comma-ok form's second value for a variable of type t (NULL: a new one).
static Type *ok_type_for(Checker *c, Node *at, Type *t, const char *context)
{
    Type *plain = type_predeclared[TYPE_BOOL];
    if (!t || is_type_invalid(t))
        return plain;
    if (type_is_boolean(t))
        return t;
    check_assign_type(c, at, plain, t, context);
    return plain;
}

static void fail_vars(Object **vars, int count)
{
    for (int i = 0; i < count; i++) {
        if (!vars[i]->type)
            vars[i]->type = invalid_type();
        vars[i]->used = true;
    }
}

static void init_var(Checker *c, Object *var, Node *x, const char *context)
{
    Type *t = var->type;
    if (is_invalid(x) || (t && is_type_invalid(t))) {
        fail_vars(&var, 1);
        if (!is_invalid(x))
            settle_type(c, x);
        return;
    }
    if (!check_assignment(c, x, t, context)) {
        fail_vars(&var, 1);
        return;
    }
    if (!t)
        var->type = x->type;
}

static void init_from_tuple(Checker *c, Object **vars, int count, Node *call, const char *context)
{
    for (int i = 0; i < count; i++) {
        Type *from = call->type->results.data[i];
        if (!vars[i]->type)
            vars[i]->type = from;
        else if (!check_assign_type(c, call, from, vars[i]->type, context))
            vars[i]->used = true;
    }
}

void check_init_vars(Checker *c, Object **vars, int count, NodeList *values, const char *context)
{
    if (values->len == count) {
        for (int i = 0; i < count; i++) {
            check_multi(c, values->data[i]);
            if (count == 1 && is_tuple(values->data[0])) {
                fail_vars(vars, count);
                count_mismatch(c, values->data[0], 1, values, values->data[0]->type->results.len);
                return;
            }
            single_value(c, values->data[i]);
            init_var(c, vars[i], values->data[i], context);
        }
        return;
    }
    if (values->len != 1) {
        int before = c->diags->error_count;
        check_use_list(c, values);
        fail_vars(vars, count);
        if (c->diags->error_count == before)
            count_mismatch(c, values->data[0], count, values, values->len);
        return;
    }
    Node *x = values->data[0];
    check_multi(c, x);
    if (is_invalid(x)) {
        fail_vars(vars, count);
        return;
    }
    if (x->type->kind == TYPE_TUPLE && x->type->results.len == count) {
        init_from_tuple(c, vars, count, x, context);
        return;
    }
    if (count == 2 && is_comma_ok(x)) {
        Type *ok = ok_type_for(c, x, vars[1]->type, context);
        if (!vars[0]->type)
            vars[0]->type = x->type;
        else
            check_assign_type(c, x, x->type, vars[0]->type, context);
        if (!vars[1]->type)
            vars[1]->type = ok;
        set_comma_ok(c, x, ok);
        return;
    }
    fail_vars(vars, count);
    count_mismatch(c, x, count, values, x->type->kind == TYPE_TUPLE ? x->type->results.len : 1);
}

// ---- Left sides -------------------------------------------------------------------------

static void not_a_variable(Checker *c, Node *lhs)
{
    Node *bare = node_unparen(lhs);
    Diag *d;
    if (bare->kind == NODE_SELECTOR && node_unparen(bare->selector.x)->mode == MODE_MAPINDEX) {
        d = check_error_at(c, lhs, DIAG_NOT_A_VARIABLE, "cannot assign to struct field %s in map",
                           expr_text(c, bare));
        diag_hint(c->diags, d, "copy the element to a variable, change it, and store it back");
        return;
    }
    d = check_error_at(c, lhs, DIAG_NOT_A_VARIABLE, "cannot assign to %s", operand_text(c, lhs));
    if (bare->kind == NODE_INDEX && bare->index.x->type && type_is_string(bare->index.x->type))
        diag_hint(c->diags, d, "strings cannot be changed; work on a []byte or []rune");
    else if (lhs->mode == MODE_CONST && lhs->obj && lhs->obj->pos)
        diag_other(d, lhs->obj->pos, "declared as a constant here");
}

Type *check_assign_target(Checker *c, Node *lhs)
{
    Node *bare = node_unparen(lhs);
    if (is_blank_node(bare)) {
        bare->obj = NULL;
        bare->flag = 0;
        set_invalid(bare);
        return NULL;
    }
    Object *obj = NULL;
    bool used = false;
    if (bare->kind == NODE_IDENT) {
        obj = scope_find(c->env.scope, bare->ident.name, POS_NONE);
        if (!obj && !standard_path(c, bare->ident.name->text)) {
            Diag *d = check_undefined(c, bare);
            if (!d->hint)
                diag_hint(c->diags, d, "a new variable is made with %s := …",
                          bare->ident.name->text);
            // Who left out the colon uses the variable in what follows.
            if (c->env.pkg && c->env.pkg->is_script) {
                Object *meant =
                    new_object(c, OBJECT_VAR, bare->ident.name, bare->pos, invalid_type());
                meant->used = true;
                declare(c, c->env.scope, meant);
            }
            set_invalid(bare);
            return invalid_type();
        }
        if (obj && (obj->kind != OBJECT_VAR || obj->is_global))
            obj = NULL;
        if (obj)
            used = obj->used;
    }
    check_expr(c, lhs);
    if (obj)
        obj->used = used;
    if (is_invalid(lhs))
        return invalid_type();
    if (lhs->mode == MODE_VAR) {
        mark_reassigned(lhs);
        return lhs->type;
    }
    if (lhs->mode == MODE_MAPINDEX)
        return lhs->type;
    not_a_variable(c, lhs);
    return invalid_type();
}

// ---- Assignments ------------------------------------------------------------------------

// After an error: the variables on the left are not called unused as well.
static void forgive(Checker *c, NodeList *lhs)
{
    for (int i = 0; i < lhs->len; i++) {
        Node *bare = node_unparen(lhs->data[i]);
        Object *obj =
            bare->kind == NODE_IDENT ? scope_find(c->env.scope, bare->ident.name, POS_NONE) : NULL;
        if (obj)
            obj->used = true;
    }
}

static void assign_pair(Checker *c, Node *lhs, Node *rhs, bool alone)
{
    Type *t = check_assign_target(c, lhs);
    check_multi(c, rhs);
    if (alone && is_tuple(rhs)) {
        count_mismatch(c, lhs, 1, &(NodeList){&rhs, 1, 1}, rhs->type->results.len);
        return;
    }
    single_value(c, rhs);
    if (t && is_type_invalid(t)) {
        settle_type(c, rhs);
        return;
    }
    if (!check_assignment(c, rhs, t, "assignment"))
        forgive(c, &(NodeList){&lhs, 1, 1});
    if (!t && !is_invalid(rhs)) {
        Node *bare = node_unparen(lhs);
        bare->mode = MODE_VAR;
        bare->type = rhs->type;
    }
}

static void assign_op(Checker *c, Node *n)
{
    static const TokenKind operators[] = {
        [TOKEN_ADD_ASSIGN] = TOKEN_ADD,         [TOKEN_SUB_ASSIGN] = TOKEN_SUB,
        [TOKEN_MUL_ASSIGN] = TOKEN_MUL,         [TOKEN_QUO_ASSIGN] = TOKEN_QUO,
        [TOKEN_REM_ASSIGN] = TOKEN_REM,         [TOKEN_AND_ASSIGN] = TOKEN_AND,
        [TOKEN_OR_ASSIGN] = TOKEN_OR,           [TOKEN_XOR_ASSIGN] = TOKEN_XOR,
        [TOKEN_SHL_ASSIGN] = TOKEN_SHL,         [TOKEN_SHR_ASSIGN] = TOKEN_SHR,
        [TOKEN_AND_NOT_ASSIGN] = TOKEN_AND_NOT,
    };
    if (n->assign.lhs.len != 1 || n->assign.rhs.len != 1) {
        check_error_at(c, n, DIAG_ASSIGNMENT_MISMATCH,
                       "assignment operation %s requires single-valued expressions",
                       token_spelling(n->op));
        check_use_list(c, &n->assign.lhs);
        check_use_list(c, &n->assign.rhs);
        return;
    }
    Node *lhs = n->assign.lhs.data[0], *rhs = n->assign.rhs.data[0];
    check_expr(c, lhs);
    check_expr(c, rhs);
    if (is_invalid(lhs) || is_invalid(rhs))
        return;
    if (lhs->mode != MODE_VAR && lhs->mode != MODE_MAPINDEX) {
        not_a_variable(c, lhs);
        return;
    }
    mark_reassigned(lhs);
    check_binary(c, n, lhs, rhs, operators[n->op], n->mark);
}

static void assign_several(Checker *c, Node *n)
{
    NodeList *lhs = &n->assign.lhs, *rhs = &n->assign.rhs;
    Type **targets = arena_array(c->arena, Type *, lhs->len);
    for (int i = 0; i < lhs->len; i++)
        targets[i] = check_assign_target(c, lhs->data[i]);
    if (rhs->len != 1) {
        int before = c->diags->error_count;
        check_use_list(c, rhs);
        forgive(c, lhs);
        if (c->diags->error_count == before)
            count_mismatch(c, lhs->data[0], lhs->len, rhs, rhs->len);
        return;
    }
    Node *x = rhs->data[0];
    check_multi(c, x);
    if (is_invalid(x)) {
        forgive(c, lhs);
        return;
    }
    if (x->type->kind == TYPE_TUPLE && x->type->results.len == lhs->len) {
        for (int i = 0; i < lhs->len; i++)
            check_assign_type(c, x, x->type->results.data[i], targets[i], "assignment");
        return;
    }
    if (lhs->len == 2 && is_comma_ok(x)) {
        check_assign_type(c, x, x->type, targets[0], "assignment");
        set_comma_ok(c, x, ok_type_for(c, x, targets[1], "assignment"));
        return;
    }
    forgive(c, lhs);
    count_mismatch(c, lhs->data[0], lhs->len, rhs,
                   x->type->kind == TYPE_TUPLE ? x->type->results.len : 1);
}

void check_assign_stmt(Checker *c, Node *n)
{
    if (n->op == TOKEN_DEFINE) {
        check_define(c, n, false);
        return;
    }
    if (n->op != TOKEN_ASSIGN) {
        assign_op(c, n);
        return;
    }
    if (n->assign.lhs.len == n->assign.rhs.len) {
        for (int i = 0; i < n->assign.lhs.len; i++)
            assign_pair(c, n->assign.lhs.data[i], n->assign.rhs.data[i], n->assign.lhs.len == 1);
        return;
    }
    assign_several(c, n);
}

// ---- := ---------------------------------------------------------------------------------

// The variable that a name on the left of := stands for; *is_new says whether it is declared by it.
static Object *define_target(Checker *c, Node *n, Node *name, bool global, bool *is_new)
{
    *is_new = false;
    if (global && name->obj && name->obj->decl == n) {
        *is_new = true;
        return name->obj;
    }
    Object *before = is_blank_node(name) ? NULL
                     : global            ? scope_lookup(c->env.pkg->scope, name->ident.name)
                                         : scope_lookup(c->env.scope, name->ident.name);
    if (before && before->kind == OBJECT_VAR) {
        name->obj = before;
        if (before->state != 2)
            resolve_object(c, before);
        before->reassigned = true;
        return before;
    }
    if (before) {
        check_error_at(c, name, DIAG_NOT_A_VARIABLE, "cannot assign to %s", name->ident.name->text);
        return NULL;
    }
    *is_new = !is_blank_node(name);
    Object *obj = new_local(c, name->ident.name, name->pos, NULL);
    obj->decl = n;
    name->obj = obj;
    return obj;
}

static bool is_repeated(NodeList *lhs, int index)
{
    Node *name = lhs->data[index];
    for (int i = 0; i < index; i++) {
        if (lhs->data[i]->kind == NODE_IDENT && lhs->data[i]->ident.name == name->ident.name)
            return !is_blank_node(name);
    }
    return false;
}

void check_define(Checker *c, Node *n, bool global)
{
    if (global && n->mode == MODE_NOVALUE)
        return; // done when one of its variables was first needed
    if (global)
        n->mode = MODE_NOVALUE;
    NodeList *lhs = &n->assign.lhs;
    Object **vars = arena_array(c->arena, Object *, lhs->len);
    bool *fresh = arena_array(c->arena, bool, lhs->len);
    bool any_new = false, any_bad = false;
    for (int i = 0; i < lhs->len; i++) {
        Node *name = lhs->data[i];
        if (name->kind == NODE_IDENT && is_repeated(lhs, i)) {
            check_error_at(c, name, DIAG_REDECLARED,
                           "%s repeated on left side of :=", name->ident.name->text);
            any_bad = true;
        } else if (name->kind == NODE_IDENT) {
            vars[i] = define_target(c, n, name, global, &fresh[i]);
            any_bad |= vars[i] == NULL;
            any_new |= fresh[i];
        } else {
            if (name->kind != NODE_BAD) {
                check_use(c, name);
                Diag *d = check_error_at(c, name, DIAG_NON_NAME,
                                         "non-name %s on left side of :=", expr_text(c, name));
                diag_hint(c->diags, d, "= assigns to what exists; := only declares names");
            }
            any_bad = true;
        }
        if (!vars[i]) {
            vars[i] = new_object(c, OBJECT_VAR, name_from("_"), name->pos, NULL);
            vars[i]->decl = n;
        }
        if (global && fresh[i] && vars[i]->state == 0)
            vars[i]->state = 1;
    }
    check_init_vars(c, vars, lhs->len, &n->assign.rhs, "assignment");
    for (int i = 0; i < lhs->len; i++) {
        Node *name = lhs->data[i];
        Object *obj = vars[i];
        if (!obj->type)
            obj->type = invalid_type();
        if (name->kind == NODE_IDENT) {
            name->mode = MODE_VAR;
            name->type = obj->type;
        }
        if (fresh[i] && !global)
            declare(c, c->env.scope, obj);
        if (fresh[i])
            obj->state = 2;
        if (any_bad)
            obj->used = true;
    }
    if (!any_new && !any_bad) {
        Diag *d = check_error(c, n->mark, n->mark + 2, DIAG_NO_NEW_VARIABLES,
                              "no new variables on left side of :=");
        diag_hint(c->diags, d, "use = to assign to a variable that exists");
    }
}
