// compile_const.c: constants that loops need in slots.
//
// Most instructions with an immediate take 16 bits; other constants have to be loaded before they
// are used. In front of an outermost loop the constants that its instructions would load again
// and again are put into slots: expr() then finds them like locals. A few only, those of the
// innermost loops first, since each costs an instruction whenever the loop is entered.
#include "compiler/compile_impl.h"

#include "types/const.h"

enum { MAX_KEPT = 8, MAX_SEEN = 64 };

typedef struct Seen {
    u64 bits;
    int depth;
} Seen;

typedef struct Scan {
    int depth; // of loops around the node
    int count;
    Seen seen[MAX_SEEN];
} Scan;

bool const_bits(const Node *n, u64 *bits)
{
    Node *e = unparen((Node *)n);
    if (!e->cval || !e->type)
        return false;
    NumClass k = num_class(e->type);
    i64 v;
    if (k == NUM_F64)
        *bits = f64_slot(const_to_f64(e->cval));
    else if (k == NUM_F32)
        *bits = f32_slot(const_to_f32(e->cval));
    else if (num_is_int(k) && const_fits_i64(e->cval, &v))
        *bits = (u64)v;
    else if (!num_is_int(k) || !const_fits_u64(e->cval, bits))
        return false;
    return true;
}

int const_slot(const Func *f, u64 bits)
{
    for (int i = f->consts.len - 1; i >= 0; i--)
        if (f->consts.data[i].bits == bits)
            return f->consts.data[i].slot;
    return -1;
}

static void see(Scan *s, Node *e)
{
    u64 bits;
    if (!const_bits(e, &bits))
        return;
    for (int i = 0; i < s->count; i++) {
        if (s->seen[i].bits == bits) {
            if (s->seen[i].depth < s->depth)
                s->seen[i].depth = s->depth;
            return;
        }
    }
    if (s->count < MAX_SEEN)
        s->seen[s->count++] = (Seen){bits, s->depth};
}

// Whether the operator has a form with this constant as an immediate (the second operand, or
// either one where they commute).
static bool has_immediate(TokenKind op, Node *e)
{
    i64 v;
    if (!const_imm(e, &v) || v != (i16)v)
        return false;
    bool wide = num_class(e->type) == NUM_U64;
    switch (op) {
    case TOKEN_ADD:
    case TOKEN_SUB:
    case TOKEN_MUL:
    case TOKEN_AND:
    case TOKEN_AND_NOT:
    case TOKEN_EQL:
    case TOKEN_NEQ: return true;
    case TOKEN_QUO:
    case TOKEN_REM: return !wide || (v & (v - 1)) == 0;
    case TOKEN_LSS:
    case TOKEN_LEQ:
    case TOKEN_GTR:
    case TOKEN_GEQ: return !wide;
    default: return false;
    }
}

static void scan_binary(Scan *s, TokenKind op, Node *x, Node *y)
{
    bool is_shift = op == TOKEN_SHL || op == TOKEN_SHR;
    if (x && (is_shift || op == TOKEN_SUB || op == TOKEN_QUO || op == TOKEN_REM ||
              !has_immediate(op, x)))
        see(s, x);
    if (!is_shift && !has_immediate(op, y))
        see(s, y);
}

static void scan(Node *n, void *arg)
{
    Scan *s = arg;
    if (n->cval || n->kind == NODE_FUNC_LIT)
        return;
    bool is_loop = n->kind == NODE_FOR || n->kind == NODE_RANGE;
    s->depth += is_loop;
    switch (n->kind) {
    case NODE_BINARY:
        if (n->op != TOKEN_LAND && n->op != TOKEN_LOR)
            scan_binary(s, n->op, n->binary.x, n->binary.y);
        break;
    case NODE_ASSIGN:
        for (int i = 0; i < n->assign.rhs.len && n->op != TOKEN_DEFINE; i++) {
            if (n->op != TOKEN_ASSIGN)
                scan_binary(s, assign_op(n->op), NULL, n->assign.rhs.data[i]);
            else if (i < n->assign.lhs.len && unparen(n->assign.lhs.data[i])->kind != NODE_IDENT &&
                     n->assign.lhs.len == 1)
                see(s, n->assign.rhs.data[i]);
        }
        break;
    case NODE_SEND: see(s, n->binary.y); break;
    case NODE_INDEX: {
        Type *t = n->index.x->type;
        TypeKind kind = t ? type_under(t)->kind : TYPE_INVALID;
        if ((kind == TYPE_SLICE || kind == TYPE_STRING) && n->index.indices.len == 1)
            see(s, n->index.indices.data[0]);
        break;
    }
    default: break;
    }
    node_children(n, scan, arg);
    s->depth -= is_loop;
}

void consts_enter(Func *f, Node *loop)
{
    if (f->loop_depth++ > 0)
        return;
    Scan s = {0};
    scan(loop, &s);
    for (int depth = 8; depth > 0; depth--) {
        for (int i = 0; i < s.count && f->consts.len < MAX_KEPT; i++) {
            if (s.seen[i].depth != depth && !(depth == 8 && s.seen[i].depth > 8))
                continue;
            ConstSlot kept = {s.seen[i].bits, temp(f, 1)};
            load_int(f, kept.slot, (i64)kept.bits);
            vec_push(&f->consts, kept);
        }
    }
}

void consts_leave(Func *f)
{
    if (--f->loop_depth == 0)
        f->consts.len = 0;
}
