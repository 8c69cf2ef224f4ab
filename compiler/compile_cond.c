// compile_cond.c: conditions as control flow: comparisons fused with jumps, && and || without
// materialised booleans; and equality of every type.
//
// cond(e, label, want) jumps to label when e == want and falls through otherwise. NaN makes
// "not less" different from "greater or equal", so floats have negated jumps of their own.
#include "compiler/compile_impl.h"

#include "types/const.h"

static bool fits16(i64 v)
{
    return v == (i16)v;
}

static TokenKind negated(TokenKind op)
{
    switch (op) {
    case TOKEN_EQL: return TOKEN_NEQ;
    case TOKEN_NEQ: return TOKEN_EQL;
    case TOKEN_LSS: return TOKEN_GEQ;
    case TOKEN_LEQ: return TOKEN_GTR;
    case TOKEN_GTR: return TOKEN_LEQ;
    default: return TOKEN_LSS;
    }
}

// x op y == y mirrored(op) x
static TokenKind mirrored(TokenKind op)
{
    switch (op) {
    case TOKEN_LSS: return TOKEN_GTR;
    case TOKEN_LEQ: return TOKEN_GEQ;
    case TOKEN_GTR: return TOKEN_LSS;
    case TOKEN_GEQ: return TOKEN_LEQ;
    default: return op;
    }
}

static void jump_int(Func *f, TokenKind op, NumClass k, Node *x, Node *y, int label)
{
    i64 imm;
    if (const_imm(x, &imm) && !const_imm(y, &imm)) {
        Node *t = x;
        x = y;
        y = t;
        op = mirrored(op);
    }
    // Narrow unsigned values are small positive numbers in their slots.
    bool is_unsigned = k == NUM_U64;
    if (const_imm(y, &imm) && fits16(imm) && (!is_unsigned || op == TOKEN_EQL || op == TOKEN_NEQ)) {
        int a = expr(f, x);
        Opcode ops[] = {OP_JEQI, OP_JNEI, OP_JLTI, OP_JLEI, OP_JGTI, OP_JGEI};
        Opcode chosen = op == TOKEN_EQL   ? ops[0]
                        : op == TOKEN_NEQ ? ops[1]
                        : op == TOKEN_LSS ? ops[2]
                        : op == TOKEN_LEQ ? ops[3]
                        : op == TOKEN_GTR ? ops[4]
                                          : ops[5];
        jump_cmp(f, chosen, a, imm, label);
        return;
    }
    int a = expr(f, x), b = expr(f, y);
    switch (op) {
    case TOKEN_EQL: jump_cmp(f, OP_JEQ, a, b, label); break;
    case TOKEN_NEQ: jump_cmp(f, OP_JNE, a, b, label); break;
    case TOKEN_LSS: jump_cmp(f, is_unsigned ? OP_JLTU : OP_JLT, a, b, label); break;
    case TOKEN_LEQ: jump_cmp(f, is_unsigned ? OP_JLEU : OP_JLE, a, b, label); break;
    case TOKEN_GTR: jump_cmp(f, is_unsigned ? OP_JLTU : OP_JLT, b, a, label); break;
    default: jump_cmp(f, is_unsigned ? OP_JLEU : OP_JLE, b, a, label); break;
    }
}

static void jump_float(Func *f, TokenKind op, Node *x, Node *y, int label, bool want)
{
    int a = expr(f, x), b = expr(f, y);
    if (op == TOKEN_GTR || op == TOKEN_GEQ) {
        int t = a;
        a = b;
        b = t;
        op = mirrored(op);
    }
    switch (op) {
    case TOKEN_EQL: jump_cmp(f, want ? OP_JEQF : OP_JNEF, a, b, label); break;
    case TOKEN_NEQ: jump_cmp(f, want ? OP_JNEF : OP_JEQF, a, b, label); break;
    case TOKEN_LSS: jump_cmp(f, want ? OP_JLTF : OP_JNLTF, a, b, label); break;
    default: jump_cmp(f, want ? OP_JLEF : OP_JNLEF, a, b, label); break;
    }
}

// The instruction that compares two values of a class to a bool; *swap: with operands exchanged.
static Opcode value_op(TokenKind op, NumClass k, bool *swap)
{
    *swap = op == TOKEN_GTR || op == TOKEN_GEQ;
    if (*swap)
        op = mirrored(op);
    int i = op == TOKEN_EQL ? 0 : op == TOKEN_NEQ ? 1 : op == TOKEN_LSS ? 2 : 3;
    static const Opcode f64_ops[] = {OP_EQF, OP_NEF, OP_LTF, OP_LEF};
    static const Opcode f32_ops[] = {OP_EQF32, OP_NEF32, OP_LTF32, OP_LEF32};
    static const Opcode string_ops[] = {OP_EQS, OP_NES, OP_LTS, OP_LES};
    static const Opcode u64_ops[] = {OP_EQ, OP_NE, OP_LTU, OP_LEU};
    static const Opcode int_ops[] = {OP_EQ, OP_NE, OP_LT, OP_LE};
    switch (k) {
    case NUM_F64: return f64_ops[i];
    case NUM_F32: return f32_ops[i];
    case NUM_STRING: return string_ops[i];
    case NUM_U64: return u64_ops[i];
    default: return int_ops[i];
    }
}

// ---- Equality of any type ----

// Jumps unless the values of one type that stand in x and y are equal.
static void jump_unless_equal(Func *f, Type *t, int x, int y, int label)
{
    Type *u = type_under(t);
    int mark = f->top;
    if (type_is_aggregate(t)) {
        int r = temp(f, 1);
        emit_w(f, OP_EQMEM, r, x, y, type_id(f->c, t));
        jump_if(f, r, label, false);
        f->top = mark;
        return;
    }
    switch (u->kind) {
    case TYPE_STRUCT:
        for (int i = 0; i < u->fields.len; i++) {
            Type *ft = u->fields.data[i].type;
            int n = type_slots(ft);
            if (n > 0 && strcmp(u->fields.data[i].name->text, "_") != 0)
                jump_unless_equal(f, ft, x, y, label);
            x += n;
            y += n;
        }
        break;
    case TYPE_INTERFACE: {
        int r = temp(f, 1);
        emit(f, OP_EQIFACE, r, x, y);
        jump_if(f, r, label, false);
        break;
    }
    case TYPE_STRING: jump_cmp(f, OP_JNES, x, y, label); break;
    case TYPE_FLOAT64: jump_cmp(f, OP_JNEF, x, y, label); break;
    case TYPE_COMPLEX128:
        jump_cmp(f, OP_JNEF, x, y, label);
        jump_cmp(f, OP_JNEF, x + 1, y + 1, label);
        break;
    case TYPE_FLOAT32:
    case TYPE_COMPLEX64: {
        int r = temp(f, 1);
        for (int i = 0; i < type_slots(t); i++) {
            emit(f, OP_EQF32, r, x + i, y + i);
            jump_if(f, r, label, false);
        }
        break;
    }
    default: jump_cmp(f, OP_JNE, x, y, label);
    }
    f->top = mark;
}

static void jump_nil(Func *f, Node *x, int label, bool is_equal)
{
    // Word 0 decides: a slice's pointer, an interface's type.
    int s = expr(f, x);
    jump_cmp(f, is_equal ? OP_JEQI : OP_JNEI, s, 0, label);
}

static bool is_empty_string(Node *e)
{
    e = unparen(e);
    return e->cval && const_kind(e->cval) == CONST_STRING && const_str(e->cval).len == 0;
}

// Equal exactly when its one slot is.
static bool is_one_word(Type *t)
{
    switch (type_under(t)->kind) {
    case TYPE_BOOL:
    case TYPE_UNTYPED_BOOL:
    case TYPE_POINTER:
    case TYPE_CHAN:
    case TYPE_MAP:
    case TYPE_FUNC: return true;
    default: return num_is_int(num_class(t));
    }
}

static void jump_equal(Func *f, Node *x, Node *y, int label, bool equal)
{
    if (is_nil(y)) {
        jump_nil(f, x, label, equal);
        return;
    }
    if (is_nil(x)) {
        jump_nil(f, y, label, equal);
        return;
    }
    if (type_is_string(x->type) && type_is_string(y->type)) {
        if (is_empty_string(y) || is_empty_string(x)) {
            int s = expr(f, is_empty_string(y) ? x : y);
            jump_cmp(f, equal ? OP_JEQI : OP_JNEI, s + 1, 0, label);
            return;
        }
        int a = expr(f, x), b = expr(f, y);
        jump_cmp(f, equal ? OP_JEQS : OP_JNES, a, b, label);
        return;
    }
    Type *t = x->type;
    if (is_iface(y->type) && !is_iface(x->type))
        t = y->type;
    int a = expr_as(f, x, t), b = expr_as(f, y, t);
    if (is_iface(t)) {
        int r = temp(f, 1);
        emit(f, OP_EQIFACE, r, a, b);
        jump_if(f, r, label, equal);
    } else if (is_one_word(t)) {
        jump_cmp(f, equal ? OP_JEQ : OP_JNE, a, b, label);
    } else if (equal) {
        int skip = label_new(f);
        jump_unless_equal(f, t, a, b, skip);
        jump(f, label);
        label_set(f, skip);
    } else {
        jump_unless_equal(f, t, a, b, label);
    }
}

void compare_jump(Func *f, TokenKind op, Node *x, Node *y, int label, bool want)
{
    int mark = f->top;
    Node *operands[] = {x, y};
    order_operands(f, operands, 2);
    NumClass k = num_class(x->type);
    if (is_nil(x) || is_nil(y) || is_iface(x->type) || is_iface(y->type)) {
        jump_equal(f, x, y, label, (op == TOKEN_EQL) == want);
    } else if (num_is_int(k)) {
        jump_int(f, want ? op : negated(op), k, x, y, label);
    } else if (k == NUM_F64) {
        jump_float(f, op, x, y, label, want);
    } else if (k == NUM_F32 || (k == NUM_STRING && op != TOKEN_EQL && op != TOKEN_NEQ)) {
        bool swap;
        Opcode code = value_op(op, k, &swap);
        int a = expr(f, x), b = expr(f, y);
        int r = temp(f, 1);
        emit(f, code, r, swap ? b : a, swap ? a : b);
        jump_if(f, r, label, want);
    } else if (type_is_boolean(x->type) && (unparen(y)->cval || unparen(x)->cval)) {
        Node *c = unparen(y)->cval ? unparen(y) : unparen(x);
        bool flip = const_is_true(c->cval) != (op == TOKEN_EQL);
        cond(f, c == unparen(y) ? x : y, label, want != flip);
    } else {
        jump_equal(f, x, y, label, (op == TOKEN_EQL) == want);
    }
    f->top = mark;
}

// ---- Conditions ----

void cond(Func *f, Node *e, int label, bool want)
{
    e = unparen(e);
    int mark = f->top;
    if (e->cval) {
        if (const_is_true(e->cval) == want)
            jump(f, label);
        return;
    }
    int hoisted = hoisted_slot(f, e);
    if (hoisted >= 0) {
        jump_if(f, hoisted, label, want);
        return;
    }
    if (e->kind == NODE_UNARY && e->op == TOKEN_NOT) {
        cond(f, e->unary.x, label, !want);
        return;
    }
    if (e->kind == NODE_BINARY && (e->op == TOKEN_LAND || e->op == TOKEN_LOR)) {
        bool both = e->op == TOKEN_LAND; // one operand that is !both decides
        if (want == both) {
            int skip = label_new(f);
            cond(f, e->binary.x, skip, !both);
            cond(f, e->binary.y, label, want);
            label_set(f, skip);
        } else {
            cond(f, e->binary.x, label, want);
            cond(f, e->binary.y, label, want);
        }
        return;
    }
    Pos saved = f->pos;
    f->pos = place_of(e);
    if (e->kind == NODE_BINARY) {
        compare_jump(f, e->op, e->binary.x, e->binary.y, label, want);
    } else {
        int s = expr(f, e);
        jump_if(f, s, label, want);
    }
    f->pos = saved;
    f->top = mark;
}

// ---- Comparisons and logic as values ----

void compare_to(Func *f, Node *e, int dst)
{
    Node *x = e->binary.x, *y = e->binary.y;
    TokenKind op = e->op;
    NumClass k = num_class(x->type);
    bool plain = k != NUM_NONE && k != NUM_C64 && k != NUM_C128;
    if (plain && !is_iface(x->type) && !is_iface(y->type) && !is_nil(x) && !is_nil(y)) {
        bool swap;
        Opcode code = value_op(op, k, &swap);
        int a = expr(f, x), b = expr(f, y);
        emit(f, code, dst, swap ? b : a, swap ? a : b);
        return;
    }
    int no = label_new(f), end = label_new(f);
    compare_jump(f, op, x, y, no, false);
    load_int(f, dst, 1);
    jump(f, end);
    label_set(f, no);
    load_int(f, dst, 0);
    label_set(f, end);
}

void logic_to(Func *f, Node *e, int dst)
{
    int end = label_new(f);
    expr_to(f, e->binary.x, dst);
    jump_if(f, dst, end, e->op == TOKEN_LOR);
    expr_to(f, e->binary.y, dst);
    label_set(f, end);
}
