// compile_arith.c: arithmetic, shifts, string concatenation and conversions.
//
// Slots hold sized integers sign- or zero-extended. Operations that can leave that form have
// fused instructions for 32 bits and uint8; the other widths compute in 64 bits and extend. On
// canonical operands &, |, ^, &^, shifts to the right and division need no extension (but
// MinInt / -1 does), and signed comparison and division serve the narrow unsigned types too.
#include "compiler/compile_impl.h"

#include "types/const.h"

NumClass num_class(Type *t)
{
    switch (type_under(t)->kind) {
    case TYPE_INT:
    case TYPE_INT64:
    case TYPE_UNTYPED_INT: return NUM_I64;
    case TYPE_UINT:
    case TYPE_UINT64:
    case TYPE_UINTPTR: return NUM_U64;
    case TYPE_INT32:
    case TYPE_UNTYPED_RUNE: return NUM_I32;
    case TYPE_UINT32: return NUM_U32;
    case TYPE_INT16: return NUM_I16;
    case TYPE_UINT16: return NUM_U16;
    case TYPE_INT8: return NUM_I8;
    case TYPE_UINT8: return NUM_U8;
    case TYPE_FLOAT64:
    case TYPE_UNTYPED_FLOAT: return NUM_F64;
    case TYPE_FLOAT32: return NUM_F32;
    case TYPE_COMPLEX128:
    case TYPE_UNTYPED_COMPLEX: return NUM_C128;
    case TYPE_COMPLEX64: return NUM_C64;
    case TYPE_STRING:
    case TYPE_UNTYPED_STRING: return NUM_STRING;
    default: return NUM_NONE;
    }
}

bool num_is_int(NumClass k)
{
    return k >= NUM_I64 && k <= NUM_U8;
}

static bool num_is_signed(NumClass k)
{
    return k == NUM_I64 || k == NUM_I32 || k == NUM_I16 || k == NUM_I8;
}

static bool fits16(i64 v)
{
    return v == (i16)v;
}

// The instruction that brings a 64-bit result back to the class, or NOP.
static Opcode extend_op(NumClass k)
{
    switch (k) {
    case NUM_I32: return OP_SEXT32;
    case NUM_U32: return OP_ZEXT32;
    case NUM_I16: return OP_SEXT16;
    case NUM_U16: return OP_ZEXT16;
    case NUM_I8: return OP_SEXT8;
    case NUM_U8: return OP_ZEXT8;
    default: return OP_NOP;
    }
}

static void extend(Func *f, NumClass k, int dst, int src)
{
    Opcode op = extend_op(k);
    if (op != OP_NOP)
        emit(f, op, dst, src, 0);
    else
        move(f, dst, src, 1);
}

// dst = x + imm
static void add_imm(Func *f, NumClass k, int x, i64 imm, int dst)
{
    if (k == NUM_I32 || k == NUM_U32) {
        emit(f, k == NUM_I32 ? OP_ADDIS32 : OP_ADDIU32, dst, x, imm);
        return;
    }
    emit(f, OP_ADDI, dst, x, imm);
    if (extend_op(k) != OP_NOP)
        emit(f, extend_op(k), dst, dst, 0);
}

static int log2_of(i64 v)
{
    return v > 0 && (v & (v - 1)) == 0 ? __builtin_ctzll((u64)v) : -1;
}

// Forms with an immediate operand. False: there is none.
static bool int_imm(Func *f, TokenKind op, NumClass k, int x, i64 imm, int dst)
{
    switch (op) {
    case TOKEN_SUB:
        if (!fits16(-imm))
            return false;
        add_imm(f, k, x, -imm, dst);
        return true;
    case TOKEN_ADD:
        if (!fits16(imm))
            return false;
        add_imm(f, k, x, imm, dst);
        return true;
    case TOKEN_MUL:
        if (!fits16(imm))
            return false;
        emit(f, OP_MULI, dst, x, imm);
        if (extend_op(k) != OP_NOP)
            emit(f, extend_op(k), dst, dst, 0);
        return true;
    case TOKEN_QUO:
    case TOKEN_REM:
        if (imm == 0)
            return false;
        if (k == NUM_U64) {
            int shift_count = log2_of(imm);
            if (shift_count < 0)
                return false;
            if (op == TOKEN_QUO)
                emit(f, OP_SHRUI, dst, x, shift_count);
            else if (fits16(imm - 1))
                emit(f, OP_ANDI, dst, x, imm - 1);
            else
                return false;
            return true;
        }
        if (!fits16(imm))
            return false;
        emit(f, op == TOKEN_QUO ? OP_DIVI : OP_MODI, dst, x, imm);
        if (imm == -1 && op == TOKEN_QUO && extend_op(k) != OP_NOP)
            emit(f, extend_op(k), dst, dst, 0);
        return true;
    case TOKEN_AND:
        if (!fits16(imm))
            return false;
        emit(f, OP_ANDI, dst, x, imm);
        return true;
    case TOKEN_AND_NOT:
        if (!fits16(~imm))
            return false;
        emit(f, OP_ANDI, dst, x, ~imm);
        return true;
    default: return false;
    }
}

static void int_op(Func *f, TokenKind op, NumClass k, int x, int y, int dst)
{
    Opcode code;
    bool ext = false;
    switch (op) {
    case TOKEN_ADD:
        code = k == NUM_I32   ? OP_ADDS32
               : k == NUM_U32 ? OP_ADDU32
               : k == NUM_U8  ? OP_ADDU8
                              : OP_ADD;
        ext = code == OP_ADD;
        break;
    case TOKEN_SUB:
        code = k == NUM_I32   ? OP_SUBS32
               : k == NUM_U32 ? OP_SUBU32
               : k == NUM_U8  ? OP_SUBU8
                              : OP_SUB;
        ext = code == OP_SUB;
        break;
    case TOKEN_MUL:
        code = k == NUM_I32   ? OP_MULS32
               : k == NUM_U32 ? OP_MULU32
               : k == NUM_U8  ? OP_MULU8
                              : OP_MUL;
        ext = code == OP_MUL;
        break;
    case TOKEN_QUO:
        code = num_is_signed(k) ? OP_DIV : OP_DIVU;
        ext = num_is_signed(k);
        break;
    case TOKEN_REM: code = num_is_signed(k) ? OP_MOD : OP_MODU; break;
    case TOKEN_AND: code = OP_AND; break;
    case TOKEN_OR: code = OP_OR; break;
    case TOKEN_XOR: code = OP_XOR; break;
    case TOKEN_AND_NOT: code = OP_ANDNOT; break;
    default: fatal("compiler: operator %s", token_spelling(op));
    }
    emit(f, code, dst, x, y);
    if (ext && extend_op(k) != OP_NOP)
        emit(f, extend_op(k), dst, dst, 0);
}

static Opcode float_op(TokenKind op, bool wide)
{
    switch (op) {
    case TOKEN_ADD: return wide ? OP_ADDF : OP_ADDF32;
    case TOKEN_SUB: return wide ? OP_SUBF : OP_SUBF32;
    case TOKEN_MUL: return wide ? OP_MULF : OP_MULF32;
    default: return wide ? OP_DIVF : OP_DIVF32;
    }
}

// Complex numbers are computed in float64 parts; complex64 is narrowed at the end.
static void complex_op(Func *f, TokenKind op, bool wide, int x, int y, int dst)
{
    int a = temp(f, 7), b = a + 1, c = a + 2, d = a + 3, r = a + 4, t = a + 6;
    for (int i = 0; i < 4; i++) {
        int from = i < 2 ? x + i : y + i - 2;
        if (wide)
            move(f, a + i, from, 1);
        else
            emit(f, OP_F32F, a + i, from, 0);
    }
    switch (op) {
    case TOKEN_ADD:
    case TOKEN_SUB:
        emit(f, float_op(op, true), r, a, c);
        emit(f, float_op(op, true), r + 1, b, d);
        break;
    case TOKEN_MUL:
        emit(f, OP_MULF, r, a, c);
        emit(f, OP_MULF, t, b, d);
        emit(f, OP_SUBF, r, r, t);
        emit(f, OP_MULF, r + 1, a, d);
        emit(f, OP_MULF, t, b, c);
        emit(f, OP_ADDF, r + 1, r + 1, t);
        break;
    default: emit(f, OP_DIVC, r, a, c);
    }
    for (int i = 0; i < 2; i++) {
        if (wide)
            move(f, dst + i, r + i, 1);
        else
            emit(f, OP_FF32, dst + i, r + i, 0);
    }
}

// ---- Strings ----

// Each operand of a chain a + b + c takes two slots, in order.
static int concat_operands(Func *f, Node *e)
{
    e = unparen(e);
    if (e->kind == NODE_BINARY && e->op == TOKEN_ADD && !e->cval)
        return concat_operands(f, e->binary.x) + concat_operands(f, e->binary.y);
    int s = temp(f, 2);
    expr_to(f, e, s);
    return 1;
}

static void concat_to(Func *f, Node *e, int dst)
{
    int base = f->top;
    int count = concat_operands(f, e);
    emit(f, OP_CONCAT, dst, base, count);
}

// dst = x + y, x standing in two slots.
static void concat_more(Func *f, int x, Node *y, int y_slot, int dst)
{
    int at = temp(f, 2);
    move(f, at, x, 2);
    int count = 1;
    if (y) {
        count += concat_operands(f, y);
    } else {
        move(f, temp(f, 2), y_slot, 2);
        count++;
    }
    emit(f, OP_CONCAT, dst, at, count);
}

// ---- Arithmetic ----

void arith(Func *f, TokenKind op, Type *t, int x, Node *y, int y_slot, int dst)
{
    NumClass k = num_class(t);
    int mark = f->top;
    if (k == NUM_STRING) {
        concat_more(f, x, y, y_slot, dst);
        f->top = mark;
        return;
    }
    i64 imm;
    if (num_is_int(k) && y && const_imm(y, &imm) && int_imm(f, op, k, x, imm, dst))
        return;
    if (y)
        y_slot = expr(f, y);
    if (num_is_int(k))
        int_op(f, op, k, x, y_slot, dst);
    else if (k == NUM_C128 || k == NUM_C64)
        complex_op(f, op, k == NUM_C128, x, y_slot, dst);
    else
        emit(f, float_op(op, k == NUM_F64), dst, x, y_slot);
    f->top = mark;
}

void shift(Func *f, TokenKind op, Type *t, int x, Node *y, int dst)
{
    NumClass k = num_class(t);
    int mark = f->top;
    i64 n;
    u64 big;
    bool constant = const_imm(y, &n);
    if (!constant && unparen(y)->cval && const_fits_u64(unparen(y)->cval, &big)) {
        constant = true;
        n = 64;
    }
    if (constant) {
        if (op == TOKEN_SHL) {
            if (n > 63) {
                load_int(f, dst, 0);
            } else {
                emit(f, OP_SHLI, dst, x, n);
                if (extend_op(k) != OP_NOP)
                    emit(f, extend_op(k), dst, dst, 0);
            }
        } else if (num_is_signed(k)) {
            emit(f, OP_SHRI, dst, x, n > 63 ? 63 : n);
        } else if (n > 63) {
            load_int(f, dst, 0);
        } else {
            emit(f, OP_SHRUI, dst, x, n);
        }
        return;
    }
    int c = expr(f, y);
    if (num_is_signed(num_class(y->type)))
        emit(f, OP_CHKSHIFT, c, 0, 0);
    if (op == TOKEN_SHL) {
        emit(f, OP_SHL, dst, x, c);
        if (extend_op(k) != OP_NOP)
            emit(f, extend_op(k), dst, dst, 0);
    } else {
        emit(f, num_is_signed(k) ? OP_SHR : OP_SHRU, dst, x, c);
    }
    f->top = mark;
}

void add_one(Func *f, Type *t, int x, bool up, int dst)
{
    NumClass k = num_class(t);
    if (num_is_int(k)) {
        add_imm(f, k, x, up ? 1 : -1, dst);
        return;
    }
    int mark = f->top;
    int one = temp(f, type_slots(t));
    zero(f, one, type_slots(t));
    bool wide = k == NUM_F64 || k == NUM_C128;
    load_int(f, one, wide ? (i64)f64_slot(1) : (i64)f32_slot(1));
    arith(f, up ? TOKEN_ADD : TOKEN_SUB, t, x, NULL, one, dst);
    f->top = mark;
}

TokenKind assign_op(TokenKind op)
{
    switch (op) {
    case TOKEN_ADD_ASSIGN: return TOKEN_ADD;
    case TOKEN_SUB_ASSIGN: return TOKEN_SUB;
    case TOKEN_MUL_ASSIGN: return TOKEN_MUL;
    case TOKEN_QUO_ASSIGN: return TOKEN_QUO;
    case TOKEN_REM_ASSIGN: return TOKEN_REM;
    case TOKEN_AND_ASSIGN: return TOKEN_AND;
    case TOKEN_OR_ASSIGN: return TOKEN_OR;
    case TOKEN_XOR_ASSIGN: return TOKEN_XOR;
    case TOKEN_SHL_ASSIGN: return TOKEN_SHL;
    case TOKEN_SHR_ASSIGN: return TOKEN_SHR;
    case TOKEN_AND_NOT_ASSIGN: return TOKEN_AND_NOT;
    default: return op;
    }
}

// ---- Operators ----

void binary_to(Func *f, Node *e, int dst)
{
    Node *x = e->binary.x, *y = e->binary.y;
    int mark = f->top;
    Node *operands[] = {x, y};
    if (e->op != TOKEN_LAND && e->op != TOKEN_LOR)
        order_operands(f, operands, 2);
    switch (e->op) {
    case TOKEN_LAND:
    case TOKEN_LOR: logic_to(f, e, dst); break;
    case TOKEN_EQL:
    case TOKEN_NEQ:
    case TOKEN_LSS:
    case TOKEN_LEQ:
    case TOKEN_GTR:
    case TOKEN_GEQ: compare_to(f, e, dst); break;
    case TOKEN_SHL:
    case TOKEN_SHR: {
        int s = expr(f, x);
        shift(f, e->op, e->type, s, y, dst);
        break;
    }
    default: {
        NumClass k = num_class(e->type);
        if (k == NUM_STRING) {
            concat_to(f, e, dst);
            break;
        }
        i64 imm;
        bool commutes = e->op == TOKEN_ADD || e->op == TOKEN_MUL || e->op == TOKEN_AND;
        if (num_is_int(k) && commutes && const_imm(x, &imm) && fits16(imm)) {
            Node *t = x;
            x = y;
            y = t;
        }
        int s = expr(f, x);
        arith(f, e->op, e->type, s, y, 0, dst);
    }
    }
    f->top = mark;
}

void unary_to(Func *f, Node *e, int dst)
{
    Node *x = unparen(e->unary.x);
    NumClass k = num_class(e->type);
    int mark = f->top;
    switch (e->op) {
    case TOKEN_ADD: expr_to(f, x, dst); break;
    case TOKEN_SUB: {
        int s = expr(f, x);
        if (k == NUM_F64 || k == NUM_F32) {
            emit(f, k == NUM_F64 ? OP_NEGF : OP_NEGF32, dst, s, 0);
        } else if (k == NUM_C128 || k == NUM_C64) {
            Opcode op = k == NUM_C128 ? OP_NEGF : OP_NEGF32;
            int t = temp(f, 2);
            emit(f, op, t, s, 0);
            emit(f, op, t + 1, s + 1, 0);
            move(f, dst, t, 2);
        } else {
            emit(f, OP_NEG, dst, s, 0);
            if (extend_op(k) != OP_NOP)
                emit(f, extend_op(k), dst, dst, 0);
        }
        break;
    }
    case TOKEN_XOR: {
        int s = expr(f, x);
        emit(f, OP_COM, dst, s, 0);
        if (extend_op(k) != OP_NOP && !num_is_signed(k))
            emit(f, extend_op(k), dst, dst, 0);
        break;
    }
    case TOKEN_NOT: {
        int s = expr(f, x);
        emit(f, OP_NOT, dst, s, 0);
        break;
    }
    case TOKEN_ARROW: {
        int ch = expr(f, x);
        mark_name(f, e->unary.x->pos, e->unary.x->end);
        emit(f, OP_RECV, dst, ch, 0);
        if (type_is_aggregate(e->type)) // a closed channel gives 0
            emit_u32(f, OP_FRESH, dst, type_id(f->c, e->type));
        break;
    }
    case TOKEN_AND: {
        Loc p = loc_of(f, x);
        loc_address(f, &p, dst);
        break;
    }
    default: fatal("compiler: unary operator %s", token_spelling(e->op));
    }
    f->top = mark;
}

// ---- Conversions ----

static bool is_bytes(Type *t)
{
    Type *u = type_under(t);
    return u->kind == TYPE_SLICE && type_under(u->elem)->kind == TYPE_UINT8;
}

static bool is_runes(Type *t)
{
    Type *u = type_under(t);
    return u->kind == TYPE_SLICE && type_under(u->elem)->kind == TYPE_INT32;
}

static int int_bits(NumClass k)
{
    switch (k) {
    case NUM_I32:
    case NUM_U32: return 32;
    case NUM_I16:
    case NUM_U16: return 16;
    case NUM_I8:
    case NUM_U8: return 8;
    default: return 64;
    }
}

// Whether each value of class a is a canonical slot of class b as it stands.
static bool int_widens(NumClass a, NumClass b)
{
    if (int_bits(b) == 64)
        return true;
    if (num_is_signed(a) == num_is_signed(b))
        return int_bits(a) <= int_bits(b);
    return !num_is_signed(a) && int_bits(a) < int_bits(b);
}

static void number_to(Func *f, NumClass a, NumClass b, int s, int dst)
{
    bool a_int = num_is_int(a), b_int = num_is_int(b);
    if (a_int && b_int) {
        if (int_widens(a, b))
            move(f, dst, s, 1);
        else
            extend(f, b, dst, s);
    } else if (a_int) {
        bool u = a == NUM_U64;
        if (b == NUM_F64)
            emit(f, u ? OP_U2F : OP_I2F, dst, s, 0);
        else
            emit(f, u ? OP_U2F32 : OP_I2F32, dst, s, 0);
    } else if (b_int) {
        int v = s;
        int mark = f->top;
        if (a == NUM_F32) {
            v = temp(f, 1);
            emit(f, OP_F32F, v, s, 0);
        }
        emit(f, b == NUM_U64 ? OP_F2U : OP_F2I, dst, v, 0);
        if (extend_op(b) != OP_NOP)
            emit(f, extend_op(b), dst, dst, 0);
        f->top = mark;
    } else if (a == b) {
        move(f, dst, s, 1);
    } else {
        emit(f, b == NUM_F64 ? OP_F32F : OP_FF32, dst, s, 0);
    }
}

static bool is_float_class(NumClass k)
{
    return k == NUM_F64 || k == NUM_F32;
}

// Whether x stands as it is for its conversion to type `to`.
bool conversion_is_free(Node *x, Type *to)
{
    x = unparen(x);
    if (x->cval || is_nil(x) || is_iface(to))
        return false;
    Type *from = x->type;
    NumClass a = num_class(from), b = num_class(to);
    if (num_is_int(a) && num_is_int(b))
        return int_widens(a, b);
    return a == b && (a != NUM_NONE || type_under(from)->kind == type_under(to)->kind);
}

void conversion_to(Func *f, Node *x, Type *to, int dst)
{
    int mark = f->top;
    x = unparen(x);
    Type *from = x->type;
    if (is_nil(x) || is_iface(to)) {
        own_to(f, x, to, dst);
        f->top = mark;
        return;
    }
    NumClass a = num_class(from), b = num_class(to);
    Type *fu = type_under(from), *tu = type_under(to);
    if ((num_is_int(a) || is_float_class(a)) && (num_is_int(b) || is_float_class(b))) {
        if (num_is_int(a) && num_is_int(b) && int_widens(a, b)) {
            expr_to(f, x, dst);
        } else {
            int s = expr(f, x);
            number_to(f, a, b, s, dst);
        }
    } else if ((a == NUM_C64 || a == NUM_C128) && a != b) {
        int s = expr(f, x);
        emit(f, a == NUM_C64 ? OP_F32F : OP_FF32, dst, s, 0);
        emit(f, a == NUM_C64 ? OP_F32F : OP_FF32, dst + 1, s + 1, 0);
    } else if (b == NUM_STRING && num_is_int(a)) {
        int s = expr(f, x);
        emit(f, OP_RUNE2S, dst, s, 0);
    } else if (b == NUM_STRING && (is_bytes(from) || is_runes(from))) {
        int s = expr(f, x);
        emit(f, is_bytes(from) ? OP_B2STR : OP_R2STR, dst, s, 0);
    } else if (a == NUM_STRING && (is_bytes(to) || is_runes(to))) {
        int s = expr(f, x);
        emit(f, is_bytes(to) ? OP_STR2B : OP_STR2R, dst, s, 0);
    } else if (fu->kind == TYPE_SLICE && tu->kind == TYPE_POINTER) {
        int s = expr(f, x);
        emit_w(f, OP_SL2ARR, dst, s, 0, type_under(tu->elem)->len);
    } else if (fu->kind == TYPE_SLICE && tu->kind == TYPE_ARRAY) {
        int s = expr(f, x);
        if (tu->len == 0) { // goes with a nil slice, too
            emit_u32(f, OP_FRESH, dst, type_id(f->c, to));
        } else {
            int p = temp(f, 1);
            emit_w(f, OP_SL2ARR, p, s, 0, tu->len);
            emit_w(f, OP_CLONE, dst, p, 0, type_id(f->c, to));
        }
    } else {
        expr_to(f, x, dst);
    }
    f->top = mark;
}
