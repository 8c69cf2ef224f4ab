// check_const.c: what constants and untyped operands become.
//
// An untyped operand keeps its untyped type until the context gives it one: convert_untyped and
// finalize walk down to the operands that share its fate, so that no untyped type is left when a
// declaration has been checked. The operands of a constant expression are never computed at run
// time and are left alone.
#include "types/check_impl.h"

enum { MAX_UNTYPED_INT_BITS = 512 };

static int width_of(const Type *t)
{
    switch (type_under((Type *)t)->kind) {
    case TYPE_INT8:
    case TYPE_UINT8: return 8;
    case TYPE_INT16:
    case TYPE_UINT16: return 16;
    case TYPE_INT32:
    case TYPE_UINT32: return 32;
    default: return 64;
    }
}

static bool int_fits(const struct Const *v, const Type *t)
{
    int bits = width_of(t);
    if (type_is_unsigned(t)) {
        u64 u;
        return const_fits_u64(v, &u) && (bits == 64 || u >> bits == 0);
    }
    i64 i;
    return const_fits_i64(v, &i) &&
           (bits == 64 || (i >= -((i64)1 << (bits - 1)) && i < (i64)1 << (bits - 1)));
}

// The value in the form that an untyped kind has.
struct Const *const_of_kind(Checker *c, struct Const *v, Type *untyped)
{
    switch (untyped->kind) {
    case TYPE_UNTYPED_INT:
    case TYPE_UNTYPED_RUNE: return const_to_int(c->arena, v);
    case TYPE_UNTYPED_FLOAT: return const_to_float(c->arena, v);
    case TYPE_UNTYPED_COMPLEX:
        return const_kind(v) == CONST_COMPLEX
                   ? v
                   : const_make_complex(c->arena, v, const_int64(c->arena, 0));
    default: return v;
    }
}

static Fit represent_number(Checker *c, const struct Const *v, Type *u, struct Const **out)
{
    Arena *arena = c->arena;
    if (type_is_integer(u)) {
        struct Const *i = const_to_int(arena, v);
        if (!i)
            return FIT_TRUNCATED;
        *out = i;
        return type_is_untyped(u) || int_fits(i, u) ? FIT_OK : FIT_OVERFLOW;
    }
    if (type_is_float(u)) {
        struct Const *f = const_to_float(arena, v);
        if (!f)
            return FIT_TRUNCATED;
        *out = type_is_untyped(u) ? f : const_round(arena, f, u->kind == TYPE_FLOAT32 ? 32 : 64);
        return *out ? FIT_OK : FIT_OVERFLOW;
    }
    struct Const *z = const_of_kind(c, (struct Const *)v, type_predeclared[TYPE_UNTYPED_COMPLEX]);
    *out = type_is_untyped(u) ? z : const_round(arena, z, u->kind == TYPE_COMPLEX64 ? 32 : 64);
    return *out ? FIT_OK : FIT_OVERFLOW;
}

Fit const_represent(Checker *c, const struct Const *v, Type *from, Type *t, struct Const **out)
{
    Type *u = type_under(t);
    *out = (struct Const *)v;
    ConstKind kind = const_kind(v);
    if (type_is_numeric(u)) {
        if (kind == CONST_BOOL || kind == CONST_STRING)
            return FIT_NO;
        Fit fit = represent_number(c, v, u, out);
        if (fit == FIT_OK)
            return FIT_OK;
        if (!type_is_numeric(from))
            return FIT_NO;
        return !type_is_integer(from) && type_is_integer(u) ? FIT_TRUNCATED : FIT_OVERFLOW;
    }
    if (type_is_string(u))
        return kind == CONST_STRING ? FIT_OK : FIT_NO;
    if (type_is_boolean(u))
        return kind == CONST_BOOL ? FIT_OK : FIT_NO;
    return FIT_NO;
}

Fit implicit_type(Checker *c, Node *x, Type *t, Type **out, struct Const **value)
{
    *out = x->type;
    *value = x->cval;
    if (is_invalid(x) || !type_is_untyped(x->type) || is_type_invalid(t))
        return FIT_OK;
    Type *u = type_under(t);
    if (type_is_untyped(t)) {
        if (type_is_numeric(x->type) && type_is_numeric(t)) {
            if (x->type->kind < t->kind) {
                *out = t;
                if (x->cval)
                    *value = const_of_kind(c, x->cval, t);
            }
            return FIT_OK;
        }
        return x->type->kind == t->kind ? FIT_OK : FIT_NO;
    }
    if (x->mode == MODE_NIL) {
        *out = t;
        return type_has_nil(t) ? FIT_OK : FIT_NO;
    }
    *out = t;
    if (u->kind == TYPE_INTERFACE) {
        if (u->methods.len > 0)
            return FIT_NO;
        *out = type_default(x->type);
        u = *out;
    }
    if (u->kind > TYPE_STRING)
        return FIT_NO;
    if (x->mode == MODE_CONST)
        return const_represent(c, x->cval, x->type, u, value);
    if (x->type->kind == TYPE_UNTYPED_BOOL)
        return type_is_boolean(u) ? FIT_OK : FIT_NO;
    return type_is_numeric(u) ? FIT_OK : FIT_NO;
}

static void report_misfit(Checker *c, Node *x, Type *t, Fit fit)
{
    const char *operand = operand_text(c, x), *type = type_text(c, t);
    if (fit == FIT_TRUNCATED) {
        Diag *d =
            check_error_at(c, x, DIAG_CONSTANT_TRUNCATED, "%s truncated to %s", operand, type);
        diag_hint(c->diags, d, "an integer has no fraction; float64(…) makes a float64 of it");
    } else if (fit == FIT_OVERFLOW)
        check_error_at(c, x, DIAG_CONSTANT_OVERFLOW, "%s overflows %s", operand, type);
    else
        check_error_at(c, x, DIAG_MISMATCHED_TYPES, "cannot convert %s to %s", operand, type);
}

void finalize(Checker *c, Node *x, Type *t)
{
    while (x->type && type_is_untyped(x->type)) {
        Node *next = NULL;
        if (x->mode == MODE_CONST && x->cval) {
            struct Const *value;
            Fit fit = const_represent(c, x->cval, x->type, t, &value);
            if (fit != FIT_OK) {
                report_misfit(c, x, t, fit);
                set_invalid(x);
                return;
            }
            x->cval = value;
            if (x->kind == NODE_PAREN)
                next = x->unary.x;
        } else if (x->kind == NODE_PAREN || x->kind == NODE_UNARY) {
            next = x->unary.x;
        } else if (x->kind == NODE_BINARY && (x->op == TOKEN_SHL || x->op == TOKEN_SHR)) {
            if (!type_is_integer(t)) {
                check_error_at(c, x, DIAG_SHIFT, "invalid operation: %s (shift of type %s)",
                               expr_text(c, x), type_text(c, t));
                set_invalid(x);
                return;
            }
            next = x->binary.x;
        } else if (x->kind == NODE_BINARY && !(x->op >= TOKEN_EQL && x->op <= TOKEN_GEQ)) {
            finalize(c, x->binary.y, t);
            next = x->binary.x;
        }
        x->type = t;
        if (!next)
            return;
        x = next;
    }
}

bool convert_untyped(Checker *c, Node *x, Type *t)
{
    if (is_invalid(x))
        return false;
    if (!type_is_untyped(x->type) || is_type_invalid(t))
        return true;
    Type *type;
    struct Const *value;
    Fit fit = implicit_type(c, x, t, &type, &value);
    if (fit != FIT_OK) {
        report_misfit(c, x, t, fit);
        set_invalid(x);
        return false;
    }
    if (type_is_untyped(type)) {
        x->cval = value;
        x->type = type;
        return true;
    }
    finalize(c, x, type);
    return !is_invalid(x);
}

void use_default_type(Checker *c, Node *x)
{
    if (!is_invalid(x) && type_is_untyped(x->type) && x->mode != MODE_NIL)
        convert_untyped(c, x, type_default(x->type));
}

void settle_type(Checker *c, Node *x)
{
    if (is_invalid(x) || !type_is_untyped(x->type) || x->mode == MODE_NIL)
        return;
    Type *out;
    struct Const *value;
    if (implicit_type(c, x, type_default(x->type), &out, &value) == FIT_OK)
        finalize(c, x, out);
    else
        set_invalid(x);
}

void check_overflow(Checker *c, Node *x, const char *op_name, Pos op_pos, Pos op_end)
{
    if (x->mode != MODE_CONST)
        return;
    if (!type_is_untyped(x->type)) {
        struct Const *value;
        Fit fit = const_represent(c, x->cval, x->type, x->type, &value);
        if (fit == FIT_OK) {
            x->cval = value;
            return;
        }
        if (op_name[0]) {
            Diag *d = check_error(c, op_pos, op_end, DIAG_CONSTANT_OVERFLOW, "%s overflows %s",
                                  operand_text(c, x), type_text(c, x->type));
            diag_hint(c->diags, d, "constants are exact: they do not wrap around as variables do");
        } else {
            report_misfit(c, x, x->type, fit);
        }
        set_invalid(x);
        return;
    }
    if (const_kind(x->cval) == CONST_INT && const_bit_length(x->cval) > MAX_UNTYPED_INT_BITS) {
        check_error(c, op_pos, op_end, DIAG_CONSTANT_OVERFLOW, "constant %s overflow", op_name);
        set_invalid(x);
    }
}
