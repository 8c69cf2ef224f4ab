// check_builtin.c: calls of the predeclared functions, each with rules of its own.
#include "types/check_impl.h"

static const struct {
    u8 min, max; // arguments; max 255: any number
} counts[BUILTIN_COUNT] = {
    [BUILTIN_APPEND] = {1, 255},  [BUILTIN_CAP] = {1, 1},     [BUILTIN_CLEAR] = {1, 1},
    [BUILTIN_CLOSE] = {1, 1},     [BUILTIN_COMPLEX] = {2, 2}, [BUILTIN_COPY] = {2, 2},
    [BUILTIN_DELETE] = {2, 2},    [BUILTIN_IMAG] = {1, 1},    [BUILTIN_LEN] = {1, 1},
    [BUILTIN_MAKE] = {1, 255},    [BUILTIN_MAX] = {1, 255},   [BUILTIN_MIN] = {1, 255},
    [BUILTIN_NEW] = {1, 1},       [BUILTIN_PANIC] = {1, 1},   [BUILTIN_PRINT] = {0, 255},
    [BUILTIN_PRINTLN] = {0, 255}, [BUILTIN_REAL] = {1, 1},    [BUILTIN_RECOVER] = {0, 0},
};

static void no_value(Node *n)
{
    n->mode = MODE_NOVALUE;
    n->type = type_predeclared[TYPE_INVALID];
}

static Type *basic(TypeKind kind)
{
    return type_predeclared[kind];
}

// ---- Slices and maps --------------------------------------------------------------------

static bool is_byte_slice(const Type *t)
{
    const Type *u = t->underlying ? t->underlying : t;
    return u->kind == TYPE_SLICE && u->elem->kind == TYPE_UINT8;
}

// The arguments' types, whether they come from one call or each from its own.
static Type *arg_type(NodeList *args, bool spread, int i)
{
    return spread ? args->data[0]->type->results.data[i] : args->data[i]->type;
}

static void append_count(Checker *c, Node *n, Type *t, int count)
{
    Type *want[2] = {t, t};
    Node *at = count > 2 ? n->call.args.data[2] : n;
    check_error_at(c, at, DIAG_ARGUMENT_COUNT,
                   "%s arguments in call to append\n\thave %s\n\twant %s",
                   count > 2 ? "too many" : "not enough", types_summary(c, &n->call.args, false),
                   type_list_summary(c, want, 2, true));
    for (int i = 1; i < count; i++)
        settle_type(c, n->call.args.data[i]);
}

static void check_append(Checker *c, Node *n, int count, bool spread)
{
    NodeList *args = &n->call.args;
    Node *first = args->data[0];
    Type *t = arg_type(args, spread, 0);
    if (type_under(t)->kind != TYPE_SLICE) {
        if (is_type_invalid(t))
            return;
        Diag *d = check_error_at(c, first, DIAG_BUILTIN_ARGUMENT,
                                 "first argument to append must be a slice; have %s",
                                 first->mode == MODE_NIL ? "untyped nil" : operand_text(c, first));
        if (type_under(t)->kind == TYPE_ARRAY)
            diag_hint(c->diags, d, "arrays have a fixed length; use a slice");
        return;
    }
    Type *elem = type_under(t)->elem;
    Node *outer = c->callee;
    c->callee = n->call.fun;
    if (n->call.ellipsis) {
        if (count == 2 && is_byte_slice(t) && type_is_string(arg_type(args, spread, 1)))
            use_default_type(c, args->data[1]);
        else if (count != 2)
            append_count(c, n, t, count);
        else
            check_assignment(c, args->data[1], make_slice(c, elem), context_argument);
    } else {
        for (int i = 1; i < count; i++) {
            if (spread)
                check_assign_type(c, first, arg_type(args, spread, i), elem, context_argument);
            else
                check_assignment(c, args->data[i], elem, context_argument);
        }
    }
    c->callee = outer;
    set_value(n, t);
}

static void check_len_cap(Checker *c, Node *n, BuiltinId id)
{
    Node *x = n->call.args.data[0];
    Type *u = type_under(x->type);
    if (u->kind == TYPE_POINTER && type_under(u->elem)->kind == TYPE_ARRAY)
        u = type_under(u->elem);
    bool fine = u->kind == TYPE_ARRAY || u->kind == TYPE_SLICE || u->kind == TYPE_CHAN;
    if (id == BUILTIN_LEN)
        fine = fine || u->kind == TYPE_MAP || type_is_string(x->type);
    if (!fine) {
        Diag *d = check_error_at(c, x, DIAG_BUILTIN_ARGUMENT, "invalid argument: %s for %s",
                                 operand_text(c, x), id == BUILTIN_LEN ? "len" : "cap");
        if (u->kind == TYPE_POINTER)
            diag_hint(c->diags, d, "follow the pointer: len(*%s)", expr_text(c, x));
        return;
    }
    if (type_is_string(x->type) && x->mode == MODE_CONST) {
        n->mode = MODE_CONST;
        n->cval = const_int64(c->arena, (i64)const_str(x->cval).len);
    } else if (u->kind == TYPE_ARRAY && !c->has_call) {
        n->mode = MODE_CONST;
        n->cval = const_uint64(c->arena, u->len);
    } else {
        n->mode = MODE_VALUE;
    }
    use_default_type(c, x);
    n->type = basic(TYPE_INT);
}

static void check_copy(Checker *c, Node *n)
{
    Node *x = n->call.args.data[0], *y = n->call.args.data[1];
    Type *dst = type_under(x->type), *src = type_under(y->type);
    bool text = type_is_string(y->type);
    if (dst->kind != TYPE_SLICE || (src->kind != TYPE_SLICE && !text)) {
        check_error_at(c, x, DIAG_BUILTIN_ARGUMENT,
                       "invalid argument: copy expects slice arguments; found %s and %s",
                       operand_text(c, x), operand_text(c, y));
        return;
    }
    Type *from = text ? type_byte : src->elem;
    if (!type_identical(dst->elem, from)) {
        check_error_at(
            c, x, DIAG_BUILTIN_ARGUMENT,
            "invalid argument: arguments to copy %s and %s have different element types %s and %s",
            operand_text(c, x), operand_text(c, y), type_text(c, dst->elem), type_text(c, from));
        return;
    }
    use_default_type(c, y);
    set_value(n, basic(TYPE_INT));
}

static void check_delete(Checker *c, Node *n)
{
    Node *x = n->call.args.data[0], *key = n->call.args.data[1];
    if (type_under(x->type)->kind != TYPE_MAP) {
        check_error_at(c, x, DIAG_BUILTIN_ARGUMENT, "invalid argument: %s is not a map",
                       operand_text(c, x));
        settle_type(c, key);
        return;
    }
    Node *outer = c->callee;
    c->callee = n->call.fun;
    check_assignment(c, key, type_under(x->type)->key, "argument to delete");
    c->callee = outer;
    no_value(n);
}

static void check_clear(Checker *c, Node *n)
{
    Node *x = n->call.args.data[0];
    TypeKind kind = type_under(x->type)->kind;
    if (kind != TYPE_MAP && kind != TYPE_SLICE) {
        check_error_at(
            c, x, DIAG_BUILTIN_ARGUMENT,
            "invalid argument: clear %s: argument must be (or constrained by) map or slice",
            operand_text(c, x));
        return;
    }
    no_value(n);
}

static void check_close(Checker *c, Node *n)
{
    Node *x = n->call.args.data[0];
    Type *u = type_under(x->type);
    if (u->kind != TYPE_CHAN) {
        check_error_at(c, x, DIAG_BUILTIN_ARGUMENT,
                       "invalid operation: cannot close non-channel %s", operand_text(c, x));
        return;
    }
    if (u->chan_dir == DIR_RECEIVE) {
        Diag *d = check_error_at(c, x, DIAG_CHANNEL_DIRECTION,
                                 "invalid operation: cannot close receive-only channel %s",
                                 operand_text(c, x));
        diag_hint(c->diags, d, "the side that sends closes the channel");
        return;
    }
    no_value(n);
}

// ---- make and new -----------------------------------------------------------------------

static void check_make(Checker *c, Node *n)
{
    NodeList *args = &n->call.args;
    Node *first = args->data[0];
    Type *t = check_type(c, first);
    Type *u = type_under(t);
    for (int i = 1; i < args->len; i++)
        check_expr(c, args->data[i]);
    if (is_type_invalid(t)) {
        for (int i = 1; i < args->len; i++)
            settle_type(c, args->data[i]);
        return;
    }
    int min = 1;
    switch (u->kind) {
    case TYPE_SLICE: min = 2; break;
    case TYPE_MAP:
    case TYPE_CHAN: break;
    default: {
        Diag *d =
            check_error_at(c, first, DIAG_BUILTIN_ARGUMENT,
                           "invalid argument: cannot make %s; type must be slice, map, or channel",
                           expr_text(c, first));
        if (u->kind == TYPE_STRUCT || u->kind == TYPE_ARRAY)
            diag_hint(c->diags, d, "write %s{}, or new(%s) for a pointer", expr_text(c, first),
                      expr_text(c, first));
        return;
    }
    }
    if (args->len < min || args->len > min + 1) {
        check_error_at(c, n, DIAG_ARGUMENT_COUNT,
                       "invalid operation: %s expects %d or %d arguments; found %d",
                       expr_text(c, n), min, min + 1, args->len);
        return;
    }
    i64 sizes[2] = {-1, -1};
    for (int i = 1; i < args->len; i++) {
        Node *x = args->data[i];
        if (check_integer_operand(c, x, "index", false) && x->mode == MODE_CONST)
            const_fits_i64(x->cval, &sizes[i - 1]);
    }
    if (args->len == 3 && sizes[0] >= 0 && sizes[1] >= 0 && sizes[0] > sizes[1])
        check_error_at(c, args->data[1], DIAG_BUILTIN_ARGUMENT,
                       "invalid argument: length and capacity swapped");
    set_value(n, t);
}

// ---- Numbers ----------------------------------------------------------------------------

static void check_min_max(Checker *c, Node *n, BuiltinId id)
{
    NodeList *args = &n->call.args;
    TokenKind op = id == BUILTIN_MIN ? TOKEN_LSS : TOKEN_GTR;
    for (int i = 0; i < args->len; i++) {
        if (type_ordered(args->data[i]->type) && args->data[i]->mode != MODE_NIL)
            continue;
        check_error_at(c, args->data[i], DIAG_BUILTIN_ARGUMENT,
                       "invalid argument: %s cannot be ordered", operand_text(c, args->data[i]));
        return;
    }
    // The common type: that of the typed operands, or the largest untyped kind.
    Type *t = args->data[0]->type;
    bool all_const = true;
    for (int i = 0; i < args->len; i++) {
        Type *other = args->data[i]->type;
        all_const &= args->data[i]->mode == MODE_CONST;
        if (type_is_untyped(t) ? !type_is_untyped(other) || other->kind > t->kind : false)
            t = other;
    }
    for (int i = 0; i < args->len; i++) {
        Node *x = args->data[i];
        if (type_is_untyped(x->type)) {
            Type *out;
            struct Const *value;
            if (type_is_string(x->type) != type_is_string(t) ||
                implicit_type(c, x, t, &out, &value) == FIT_NO) {
                check_error_at(
                    c, x, DIAG_MISMATCHED_TYPES,
                    "invalid argument: mismatched types %s (previous argument) and %s (type of %s)",
                    type_text(c, t), type_text(c, x->type), expr_text(c, x));
                return;
            }
            if (!convert_untyped(c, x, t))
                return;
        } else if (!type_identical(x->type, t)) {
            check_error_at(
                c, x, DIAG_MISMATCHED_TYPES,
                "invalid argument: mismatched types %s (previous argument) and %s (type of %s)",
                type_text(c, t), type_text(c, x->type), expr_text(c, x));
            return;
        }
    }
    n->type = t;
    if (!all_const) {
        for (int i = 0; i < args->len; i++)
            use_default_type(c, args->data[i]);
        n->type = type_default(t);
        n->mode = MODE_VALUE;
        return;
    }
    n->mode = MODE_CONST;
    n->cval = args->data[0]->cval;
    for (int i = 1; i < args->len; i++) {
        if (const_relation(op, args->data[i]->cval, n->cval))
            n->cval = args->data[i]->cval;
    }
}

static bool is_const_real(Checker *c, const Node *x)
{
    return x->mode == MODE_CONST && type_is_numeric(x->type) &&
           const_to_float(c->arena, x->cval) != NULL;
}

static void check_complex(Checker *c, Node *n)
{
    Node *x = n->call.args.data[0], *y = n->call.args.data[1];
    bool x_untyped = type_is_untyped(x->type), y_untyped = type_is_untyped(y->type);
    if (x_untyped && !y_untyped) {
        if (!convert_untyped(c, x, y->type))
            return;
    } else if (!x_untyped && y_untyped) {
        if (!convert_untyped(c, y, x->type))
            return;
    } else if (x_untyped && !(is_const_real(c, x) && is_const_real(c, y))) {
        if (!convert_untyped(c, x, basic(TYPE_FLOAT64)) ||
            !convert_untyped(c, y, basic(TYPE_FLOAT64)))
            return;
    }
    if (!type_is_untyped(x->type) && !type_identical(x->type, y->type)) {
        check_error_at(c, x, DIAG_MISMATCHED_TYPES,
                       "invalid operation: %s (mismatched types %s and %s)", expr_text(c, n),
                       type_text(c, x->type), type_text(c, y->type));
        return;
    }
    Type *t = basic(TYPE_UNTYPED_COMPLEX);
    if (!type_is_untyped(x->type)) {
        TypeKind kind = type_under(x->type)->kind;
        if (kind != TYPE_FLOAT32 && kind != TYPE_FLOAT64) {
            check_error_at(c, x, DIAG_BUILTIN_ARGUMENT,
                           "invalid argument: arguments have type %s, expected floating-point",
                           type_text(c, x->type));
            return;
        }
        t = basic(kind == TYPE_FLOAT32 ? TYPE_COMPLEX64 : TYPE_COMPLEX128);
    }
    n->type = t;
    if (x->mode == MODE_CONST && y->mode == MODE_CONST) {
        n->mode = MODE_CONST;
        n->cval = const_make_complex(c->arena, const_to_float(c->arena, x->cval),
                                     const_to_float(c->arena, y->cval));
    } else {
        n->mode = MODE_VALUE;
    }
}

static void check_real_imag(Checker *c, Node *n, BuiltinId id)
{
    Node *x = n->call.args.data[0];
    if (type_is_untyped(x->type)) {
        if (x->mode == MODE_CONST && type_is_numeric(x->type)) {
            x->type = basic(TYPE_UNTYPED_COMPLEX);
            x->cval = const_of_kind(c, x->cval, x->type);
        } else if (!convert_untyped(c, x, basic(TYPE_COMPLEX128))) {
            return;
        }
    }
    if (!type_is_complex(x->type)) {
        check_error_at(c, x, DIAG_BUILTIN_ARGUMENT,
                       "invalid argument: argument has type %s, expected complex type",
                       type_text(c, x->type));
        return;
    }
    TypeKind kind = type_under(x->type)->kind;
    n->type = basic(kind == TYPE_COMPLEX64    ? TYPE_FLOAT32
                    : kind == TYPE_COMPLEX128 ? TYPE_FLOAT64
                                              : TYPE_UNTYPED_FLOAT);
    n->mode = MODE_VALUE;
    if (x->mode == MODE_CONST) {
        n->mode = MODE_CONST;
        n->cval = id == BUILTIN_REAL ? const_real(x->cval) : const_imag(c->arena, x->cval);
        n->cval = const_to_float(c->arena, n->cval);
    }
}

// ---- All --------------------------------------------------------------------------------

// The runtime prints what fits a few words.
static void check_printable(Checker *c, Node *x, BuiltinId id)
{
    const char *name = id == BUILTIN_PRINT ? "print" : "println";
    if (!check_assignment(c, x, NULL, arena_printf(c->arena, "argument to %s", name)))
        return;
    TypeKind kind = type_under(x->type)->kind;
    if (kind != TYPE_STRUCT && kind != TYPE_ARRAY)
        return;
    Diag *d = check_error_at(c, x, DIAG_BUILTIN_ARGUMENT, "illegal types for operand: print\n\t%s",
                             type_text(c, x->type));
    diag_hint(c->diags, d, "fmt.Println prints values of every type");
}

// Arguments are operands here, checked before the rule of each builtin.
static bool check_builtin_arguments(Checker *c, Node *n, int *count, bool *spread)
{
    NodeList *args = &n->call.args;
    *count = check_expr_list(c, args, spread);
    for (int i = 0; i < args->len; i++) {
        if (!is_invalid(args->data[i]) && !is_type_invalid(args->data[i]->type))
            continue;
        for (int k = 0; k < args->len; k++)
            settle_type(c, args->data[k]);
        return false;
    }
    return true;
}

static bool check_count(Checker *c, Node *n, BuiltinId id, int count)
{
    bool few = count < counts[id].min;
    if (!few && (counts[id].max == 255 || count <= counts[id].max))
        return true;
    for (int i = 0; i < n->call.args.len; i++) {
        if (!is_invalid(n->call.args.data[i]))
            settle_type(c, n->call.args.data[i]);
    }
    check_error_at(c, n, DIAG_ARGUMENT_COUNT,
                   "invalid operation: %s arguments for %s (expected %d, found %d)",
                   few ? "not enough" : "too many", expr_text(c, n), counts[id].min, count);
    return false;
}

void check_builtin(Checker *c, Node *n, BuiltinId id)
{
    NodeList *args = &n->call.args;
    Object *builtin = node_unparen(n->call.fun)->obj;
    if (n->call.ellipsis && id != BUILTIN_APPEND) {
        check_error_at(c, n, DIAG_VARIADIC,
                       "invalid operation: invalid use of ... with built-in %s",
                       builtin->name->text);
        check_use_list(c, args);
        return;
    }
    if (id == BUILTIN_MAKE || id == BUILTIN_NEW) {
        c->has_call = true;
        if (!check_count(c, n, id, args->len))
            return;
        if (id == BUILTIN_MAKE) {
            check_make(c, n);
            return;
        }
        Type *t = check_type(c, args->data[0]);
        if (!is_type_invalid(t))
            set_value(n, make_pointer(c, t));
        return;
    }
    // len and cap of an array are constant if nothing in it has to run.
    bool had_call = c->has_call, spread;
    int count;
    c->has_call = false;
    bool fine = check_builtin_arguments(c, n, &count, &spread);
    if (fine && spread)
        n->flag |= NODEFLAG_SPREAD;
    if (!fine || !check_count(c, n, id, count)) {
        c->has_call |= had_call;
        return;
    }
    // copy(f()): the rules see one operand for each value.
    NodeList given = *args;
    if (spread && id != BUILTIN_APPEND) {
        args->data = arena_array(c->arena, Node *, count);
        args->len = args->cap = count;
        for (int i = 0; i < count; i++) {
            args->data[i] =
                node_new(c->arena, given.data[0]->kind, given.data[0]->pos, given.data[0]->end);
            *args->data[i] = *given.data[0];
            set_value(args->data[i], given.data[0]->type->results.data[i]);
        }
    }
    switch (id) {
    case BUILTIN_APPEND: check_append(c, n, count, spread); break;
    case BUILTIN_CAP:
    case BUILTIN_LEN: check_len_cap(c, n, id); break;
    case BUILTIN_CLEAR: check_clear(c, n); break;
    case BUILTIN_CLOSE: check_close(c, n); break;
    case BUILTIN_COMPLEX: check_complex(c, n); break;
    case BUILTIN_COPY: check_copy(c, n); break;
    case BUILTIN_DELETE: check_delete(c, n); break;
    case BUILTIN_REAL:
    case BUILTIN_IMAG: check_real_imag(c, n, id); break;
    case BUILTIN_MIN:
    case BUILTIN_MAX: check_min_max(c, n, id); break;
    case BUILTIN_PANIC:
        if (check_assignment(c, args->data[0], type_empty_interface, "argument to panic"))
            no_value(n);
        break;
    case BUILTIN_PRINT:
    case BUILTIN_PRINTLN:
        for (int i = 0; i < args->len; i++)
            check_printable(c, args->data[i], id);
        no_value(n);
        break;
    case BUILTIN_RECOVER: set_value(n, type_empty_interface); break;
    default: break;
    }
    *args = given;
    c->has_call = had_call || n->mode != MODE_CONST;
}
