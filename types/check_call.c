// check_call.c: calls of functions and methods, and conversions. Builtins: check_builtin.c.
#include "types/check_impl.h"

// ---- Lists of operands ------------------------------------------------------------------

int check_expr_list(Checker *c, NodeList *list, bool *spread)
{
    *spread = false;
    if (list->len != 1) {
        for (int i = 0; i < list->len; i++)
            check_expr(c, list->data[i]);
        return list->len;
    }
    Node *x = list->data[0];
    check_multi(c, x);
    if (!is_invalid(x) && x->type->kind == TYPE_TUPLE) {
        *spread = true;
        return x->type->results.len;
    }
    return 1;
}

static void summarize(Checker *c, const Type *t, Buf *out)
{
    if (!type_is_untyped(t)) {
        type_print(t, c->env.pkg, out);
    } else if (type_is_numeric(t)) {
        buf_puts(out, "number");
    } else {
        Buf name = {0};
        type_print(t, c->env.pkg, &name);
        buf_puts(out, name.data + strlen("untyped "));
        buf_free(&name);
    }
}

const char *type_list_summary(Checker *c, Type **types, int count, bool variadic)
{
    Buf b = {0};
    buf_putc(&b, '(');
    for (int i = 0; i < count; i++) {
        if (i > 0)
            buf_puts(&b, ", ");
        if (variadic && i == count - 1) {
            buf_puts(&b, "...");
            summarize(c, types[i]->elem ? types[i]->elem : types[i], &b);
        } else {
            summarize(c, types[i], &b);
        }
    }
    buf_putc(&b, ')');
    const char *s = arena_strndup(c->arena, b.data, b.len);
    buf_free(&b);
    return s;
}

const char *types_summary(Checker *c, NodeList *operands, bool spread)
{
    if (spread) {
        Type *tuple = operands->data[0]->type;
        return type_list_summary(c, tuple->results.data, tuple->results.len, false);
    }
    Type **types = arena_array(c->arena, Type *, operands->len ? operands->len : 1);
    for (int i = 0; i < operands->len; i++)
        types[i] = operands->data[i]->type;
    return type_list_summary(c, types, operands->len, false);
}

// ---- Conversions ------------------------------------------------------------------------

// A constant of a basic type converted to a basic type.
static bool convert_constant(Checker *c, Node *x, Type *t, struct Const **out)
{
    Type *u = type_under(t);
    if (const_represent(c, x->cval, x->type, u, out) == FIT_OK)
        return true;
    if (!type_is_integer(x->type) || !type_is_string(u))
        return false;
    u64 rune;
    char bytes[4];
    if (!const_fits_u64(x->cval, &rune) || rune > 0x10FFFF)
        rune = RUNE_ERROR;
    *out = const_string(c->arena, bytes, (size_t)utf8_encode((u32)rune, bytes));
    return true;
}

static bool convertible(Checker *c, Node *x, Type *t)
{
    if (x->mode == MODE_NIL)
        return type_has_nil(t);
    Type *from = type_is_untyped(x->type) ? type_default(x->type) : x->type;
    if (type_is_untyped(x->type) && x->mode != MODE_CONST) {
        // A comparison or shift, which takes the type of the conversion.
        Type *out;
        struct Const *value;
        if (implicit_type(c, x, t, &out, &value) == FIT_OK)
            return true;
    }
    return type_convertible(from, t);
}

static void not_convertible(Checker *c, Node *x, Type *t)
{
    Buf why = {0};
    if (type_is_interface(t) && x->mode != MODE_NIL && !type_is_untyped(x->type)) {
        buf_printf(&why, ": %s does not implement %s ", type_text(c, x->type), type_text(c, t));
        type_implements(x->type, t, c->env.pkg, NULL, &why);
    }
    Diag *d = check_error_at(c, x, DIAG_CONVERSION, "cannot convert %s to type %s%s",
                             operand_text(c, x), type_text(c, t), why.data ? why.data : "");
    if (type_is_string(x->type) && type_is_integer(t))
        diag_hint(c->diags, d, "strconv.Atoi(%s) reads a number from a string", expr_text(c, x));
    else if (type_is_string(t) && type_is_float(x->type))
        diag_hint(c->diags, d, "fmt.Sprint(%s) makes a string of a number", expr_text(c, x));
    else if (type_is_boolean(t) && type_is_numeric(x->type))
        diag_hint(c->diags, d, "compare: %s != 0", expr_text(c, x));
    else if (type_is_boolean(x->type) && type_is_numeric(t))
        diag_hint(c->diags, d, "n := 0; if %s { n = 1 }", expr_text(c, x));
    else if (type_is_interface(x->type))
        diag_hint(c->diags, d, "what an interface holds is taken out with %s.(%s)", expr_text(c, x),
                  type_text(c, t));
    else if (x->mode == MODE_CONST && type_is_integer(t) && type_is_numeric(x->type))
        diag_hint(c->diags, d, "a constant must keep its value when it is converted");
    buf_free(&why);
}

static void check_conversion(Checker *c, Node *n, Node *x, Type *t)
{
    if (is_invalid(x) || is_type_invalid(t) || is_type_invalid(x->type))
        return;
    bool to_basic = type_under(t)->kind <= TYPE_STRING;
    if (x->mode == MODE_CONST && to_basic) {
        struct Const *value;
        if (!convert_constant(c, x, t, &value)) {
            not_convertible(c, x, t);
            return;
        }
        n->mode = MODE_CONST;
        n->type = t;
        n->cval = value;
        if (type_is_untyped(x->type)) {
            x->type = type_is_string(t) && type_is_numeric(x->type) ? type_default(x->type) : t;
            if (x->type == t)
                x->cval = value;
        }
        return;
    }
    if (!convertible(c, x, t)) {
        not_convertible(c, x, t);
        return;
    }
    if (type_is_untyped(x->type)) {
        if (x->mode == MODE_NIL)
            finalize(c, x, t);
        else if (type_is_interface(t) || (x->mode == MODE_CONST && !to_basic))
            use_default_type(c, x);
        else
            finalize(c, x, t);
        if (is_invalid(x))
            return;
    }
    set_value(n, t);
}

static void check_conversion_call(Checker *c, Node *n, Type *t)
{
    NodeList *args = &n->call.args;
    n->flag |= NODEFLAG_CONVERSION;
    if (args->len == 0) {
        Diag *d = check_error(c, n->call.rparen, n->call.rparen + 1, DIAG_ARGUMENT_COUNT,
                              "missing argument in conversion to %s", type_text(c, t));
        if (type_under(t)->kind == TYPE_STRUCT)
            diag_hint(c->diags, d, "a struct is made with braces: %s{}", type_text(c, t));
        return;
    }
    if (args->len > 1) {
        check_use_list(c, args);
        Diag *d = check_error_at(c, args->data[args->len - 1], DIAG_ARGUMENT_COUNT,
                                 "too many arguments in conversion to %s", type_text(c, t));
        if (type_under(t)->kind == TYPE_STRUCT)
            diag_hint(c->diags, d, "a struct is made with braces: %s{…}", type_text(c, t));
        return;
    }
    if (n->call.ellipsis) {
        check_use_list(c, args);
        check_error_at(c, args->data[0], DIAG_VARIADIC, "invalid use of ... in conversion to %s",
                       type_text(c, t));
        return;
    }
    Node *x = args->data[0];
    check_expr_hint(c, x, NULL);
    check_conversion(c, n, x, t);
}

// ---- Functions --------------------------------------------------------------------------

static bool any_invalid(NodeList *list)
{
    for (int i = 0; i < list->len; i++) {
        if (is_invalid(list->data[i]))
            return true;
    }
    return false;
}

static void default_arguments(Checker *c, NodeList *args)
{
    for (int i = 0; i < args->len; i++)
        settle_type(c, args->data[i]);
}

static void wrong_argument_count(Checker *c, Node *n, Type *f, int count, bool spread)
{
    NodeList *args = &n->call.args;
    bool too_many = count > f->params.len;
    Pos pos = n->call.rparen, end = pos + 1;
    if (too_many) {
        Node *at = spread ? args->data[0] : args->data[f->params.len];
        pos = at->pos;
        end = at->end;
    }
    Diag *d = check_error(c, pos, end, DIAG_ARGUMENT_COUNT,
                          "%s arguments in call to %s\n\thave %s\n\twant %s",
                          too_many ? "too many" : "not enough", expr_text(c, n->call.fun),
                          types_summary(c, args, spread),
                          type_list_summary(c, f->params.data, f->params.len, f->variadic));
    Node *bare = node_unparen(n->call.fun);
    if (bare->obj && bare->obj->pos && !(bare->obj->pkg && bare->obj->pkg->is_std))
        diag_other(d, bare->obj->pos, "declared here");
    default_arguments(c, args);
}

static Type *param_type(const Type *f, int index, bool ellipsis)
{
    int last = f->params.len - 1;
    if (f->variadic && index >= last && !ellipsis)
        return f->params.data[last]->elem ? f->params.data[last]->elem : f->params.data[last];
    return f->params.data[index];
}

static void check_arguments(Checker *c, Node *n, Type *f)
{
    NodeList *args = &n->call.args;
    bool spread, ellipsis = n->call.ellipsis != POS_NONE;
    int count = check_expr_list(c, args, &spread);
    if (spread)
        n->flag |= NODEFLAG_SPREAD;
    if (any_invalid(args)) {
        default_arguments(c, args);
        return;
    }
    if (ellipsis && spread) {
        check_error_at(c, n, DIAG_VARIADIC, "cannot use ... with %d-valued %s", count,
                       expr_text(c, args->data[0]));
        return;
    }
    if (ellipsis && !f->variadic) {
        check_error_at(c, args->data[args->len - 1], DIAG_VARIADIC,
                       "cannot use ... in call to non-variadic %s", expr_text(c, n->call.fun));
        default_arguments(c, args);
        return;
    }
    bool fits = f->variadic && !ellipsis ? count >= f->params.len - 1 : count == f->params.len;
    if (!fits) {
        wrong_argument_count(c, n, f, count, spread);
        return;
    }
    Node *outer = c->callee;
    c->callee = n->call.fun;
    for (int i = 0; i < count; i++) {
        Type *t = param_type(f, i, ellipsis);
        if (spread)
            check_assign_type(c, args->data[0], args->data[0]->type->results.data[i], t,
                              context_argument);
        else
            check_assignment(c, args->data[i], t, context_argument);
    }
    c->callee = outer;
}

void check_call(Checker *c, Node *n)
{
    Node *fun = n->call.fun;
    check_raw(c, fun, NULL);
    if (fun->mode == MODE_NOVALUE)
        check_error_at(c, fun, DIAG_NO_VALUE, "%s used as value or type", operand_text(c, fun));
    if (fun->mode == MODE_NOVALUE || is_invalid(fun) || fun->mode == MODE_NIL) {
        if (fun->mode == MODE_NIL)
            check_error_at(c, fun, DIAG_NOT_A_FUNCTION,
                           "invalid operation: cannot call non-function nil");
        check_use_list(c, &n->call.args);
        set_invalid(n);
        return;
    }
    if (fun->mode == MODE_TYPE) {
        check_conversion_call(c, n, fun->type);
        return;
    }
    if (fun->mode == MODE_BUILTIN) {
        n->flag |= NODEFLAG_BUILTIN;
        check_builtin(c, n, fun->obj->builtin);
        return;
    }
    if (!single_value(c, fun)) {
        check_use_list(c, &n->call.args);
        return;
    }
    Type *f = type_under(fun->type);
    if (f->kind != TYPE_FUNC) {
        check_use_list(c, &n->call.args);
        if (!is_type_invalid(f)) {
            Diag *d = check_error_at(c, fun, DIAG_NOT_A_FUNCTION,
                                     "invalid operation: cannot call non-function %s",
                                     operand_text(c, fun));
            if (fun->obj && fun->obj->pos)
                diag_other(d, fun->obj->pos, "declared here");
        }
        return;
    }
    for (Node *p = fun;; p = p->unary.x) {
        p->flag &= (u8)~NODEFLAG_METHOD_VALUE;
        if (p->kind != NODE_PAREN)
            break;
    }
    check_arguments(c, n, f);
    c->has_call = true;
    if (f->results.len == 0) {
        n->mode = MODE_NOVALUE;
        n->type = type_predeclared[TYPE_INVALID];
    } else if (f->results.len == 1) {
        set_value(n, f->results.data[0]);
        if (is_type_invalid(n->type))
            set_invalid(n);
    } else {
        Type *tuple = type_new(c->arena, TYPE_TUPLE);
        tuple->results.data = f->results.data;
        tuple->results.len = tuple->results.cap = f->results.len;
        set_value(n, tuple);
    }
}
