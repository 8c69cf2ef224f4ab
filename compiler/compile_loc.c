// compile_loc.c: places: where a value stands, how it is loaded, stored and addressed.
//
// loc_of evaluates the operands of an expression (pointers, indices, map keys) and leaves the
// last step open, so that one place can be loaded, stored and addressed without evaluating
// anything twice. Bounds and nil are checked by that last step.
#include "compiler/compile_impl.h"

enum { MAX_OFFSET = 0xffff };

Pos place_of(const Node *n)
{
    while (n->kind == NODE_EXPR_STMT || n->kind == NODE_PAREN)
        n = n->unary.x;
    return n->mark != POS_NONE ? n->mark : n->pos;
}

Loc loc_slot(Type *t, int slot)
{
    return (Loc){.kind = LOC_SLOT, .type = t, .slot = slot};
}

Loc loc_mem(Type *t, int pointer, u64 offset, bool known)
{
    return (Loc){.kind = LOC_MEM, .type = t, .slot = pointer, .offset = offset, .known = known};
}

// ---- Memory at a pointer ----

// The pointer and offset in a form that instructions can name.
static void reach(Func *f, int *base, u64 *offset, u64 bytes)
{
    if (*offset + bytes <= MAX_OFFSET)
        return;
    int t = temp(f, 1);
    emit_w(f, OP_LEAW, t, *base, 0, *offset);
    *base = t;
    *offset = 0;
}

static bool words_follow(const Part *parts, int at, int count, int n)
{
    for (int i = 0; i < n; i++)
        if (at + i >= count || parts[at + i].kind != PART_64 ||
            parts[at + i].offset != parts[at].offset + 8 * (u64)i)
            return false;
    return true;
}

static const Opcode load_ops[] = {
    [PART_I8] = OP_LDF8S,   [PART_U8] = OP_LDF8U,   [PART_I16] = OP_LDF16S, [PART_U16] = OP_LDF16U,
    [PART_I32] = OP_LDF32S, [PART_U32] = OP_LDF32U, [PART_64] = OP_LDF64};
static const Opcode store_ops[] = {
    [PART_I8] = OP_STF8,   [PART_U8] = OP_STF8,   [PART_I16] = OP_STF16, [PART_U16] = OP_STF16,
    [PART_I32] = OP_STF32, [PART_U32] = OP_STF32, [PART_64] = OP_STF64};

void mem_load(Func *f, Type *t, int base, u64 offset, bool known, int dst)
{
    int mark = f->top;
    if (type_is_aggregate(t)) {
        if (offset == 0) {
            if (!known)
                emit(f, OP_NILCHK, base, 0, 0);
            move(f, dst, base, 1);
        } else if (offset <= MAX_OFFSET) {
            emit(f, OP_LEA, dst, base, (i64)offset);
        } else {
            emit_w(f, OP_LEAW, dst, base, 0, offset);
        }
        return;
    }
    Part parts[4];
    int count = type_parts(t, parts);
    if (count == 0 && !known)
        emit(f, OP_NILCHK, base, 0, 0);
    if (count > 1 && base >= dst && base < dst + count) {
        int t2 = temp(f, 1);
        move(f, t2, base, 1);
        base = t2;
    }
    if (count > 0)
        reach(f, &base, &offset, 64);
    for (int i = 0; i < count;) {
        i64 at = (i64)(offset + parts[i].offset);
        int n = words_follow(parts, i, count, 3) ? 3 : words_follow(parts, i, count, 2) ? 2 : 1;
        Opcode op = n == 3 ? OP_LDF3 : n == 2 ? OP_LDF2 : load_ops[parts[i].kind];
        emit(f, op, dst + i, base, at);
        i += n;
    }
    f->top = mark;
}

void mem_store(Func *f, Type *t, int base, u64 offset, int src)
{
    int mark = f->top;
    if (type_is_aggregate(t)) {
        if (offset > 0) {
            int p = temp(f, 1);
            if (offset <= MAX_OFFSET)
                emit(f, OP_LEA, p, base, (i64)offset);
            else
                emit_w(f, OP_LEAW, p, base, 0, offset);
            base = p;
        }
        emit_w(f, OP_CPY, base, src, 0, type_bytes(t));
        f->top = mark;
        return;
    }
    Part parts[4];
    int count = type_parts(t, parts);
    if (count == 0)
        emit(f, OP_NILCHK, base, 0, 0);
    else
        reach(f, &base, &offset, 64);
    for (int i = 0; i < count;) {
        i64 at = (i64)(offset + parts[i].offset);
        int n = words_follow(parts, i, count, 3) ? 3 : words_follow(parts, i, count, 2) ? 2 : 1;
        Opcode op = n == 3 ? OP_STF3 : n == 2 ? OP_STF2 : store_ops[parts[i].kind];
        emit(f, op, base, src + i, at);
        i += n;
    }
    f->top = mark;
}

// ---- Places of variables ----

Loc loc_var(Func *f, Object *var)
{
    if (var->is_global) {
        GlobalVar *g = global_of(f->c, var);
        if (!g->indirect)
            return (Loc){.kind = LOC_GLOBAL, .type = var->type, .offset = g->offset, .known = true};
        int p = temp(f, 1);
        emit_u32(f, OP_LDG, p, g->offset);
        return loc_mem(var->type, p, 0, true);
    }
    if (var_is_boxed(f, var) || type_is_aggregate(var->type))
        return loc_mem(var->type, (int)var->slot, 0, true);
    return loc_slot(var->type, (int)var->slot);
}

// ---- Parts of places ----

// A place with a pointer to it in a slot.
static Loc as_mem(Func *f, Loc p)
{
    if (p.kind == LOC_MEM)
        return p;
    int t = temp(f, 1);
    loc_address(f, &p, t);
    return loc_mem(p.type, t, 0, true);
}

Loc loc_deref(Func *f, Loc p)
{
    int s = loc_operand(f, &p);
    Loc to = loc_mem(type_under(p.type)->elem, s, 0, false);
    to.pos = f->pos;
    return to;
}

// A map's element is not a variable: what is selected from it is selected from a copy.
static Loc settled(Func *f, Loc p)
{
    if (p.kind != LOC_MAP)
        return p;
    int s = loc_operand(f, &p);
    if (!type_is_aggregate(p.type))
        return loc_slot(p.type, s);
    p = loc_mem(p.type, s, 0, true);
    p.fresh = true;
    return p;
}

// p.type is a struct or points to one.
static Loc loc_field(Func *f, Loc p, int field)
{
    p = settled(f, p);
    if (type_under(p.type)->kind == TYPE_POINTER)
        p = loc_deref(f, p);
    Type *u = type_under(p.type);
    type_bytes(u);
    TypeField *tf = &u->fields.data[field];
    if (p.kind == LOC_SLOT) {
        // Of a flattened struct; an aggregate is never LOC_SLOT here.
        for (int i = 0; i < field; i++)
            p.slot += type_slots(u->fields.data[i].type);
        p.type = tf->type;
        return p;
    }
    if (p.kind != LOC_GLOBAL) {
        bool fresh = p.fresh;
        p = as_mem(f, p);
        p.fresh = fresh;
    }
    p.offset += tf->offset;
    p.type = tf->type;
    return p;
}

Loc loc_walk(Func *f, Loc p, const int *path, int count)
{
    for (int i = 0; i < count; i++)
        p = loc_field(f, p, path[i]);
    return p;
}

// A value that is not a variable.
static Loc loc_value(Func *f, Node *e)
{
    int s = expr(f, e);
    if (!type_is_aggregate(e->type))
        return loc_slot(e->type, s);
    Loc p = loc_mem(e->type, s, 0, true);
    p.fresh = expr_is_fresh(e);
    return p;
}

static bool has_unsigned(Node *index)
{
    return num_class(index->type) == NUM_U64;
}

// Before an instruction that checks p's index.
static void mark_index(Func *f, const Loc *p)
{
    if (p->unsigned_index)
        mark_unsigned(f);
}

static Loc loc_index(Func *f, Node *e)
{
    Node *x = unparen(e->index.x), *index = e->index.indices.data[0];
    Node *operands[] = {x, index};
    order_operands(f, operands, 2);
    Type *u = type_under(x->type);
    Type *elem_type = u->elem;
    if (u->kind == TYPE_MAP) {
        int m = expr(f, x);
        int key = expr_as(f, index, u->key);
        return (Loc){.kind = LOC_MAP,
                     .type = u->elem,
                     .slot = m,
                     .index = key,
                     .map = x->type,
                     .pos = f->pos};
    }
    if (u->kind == TYPE_SLICE) {
        int s = expr(f, x);
        int i = expr(f, index);
        return (Loc){.kind = LOC_ELEM,
                     .type = elem_type,
                     .slot = s,
                     .index = i,
                     .unsigned_index = has_unsigned(index),
                     .pos = f->pos};
    }
    if (type_is_string(x->type)) {
        int s = expr(f, x);
        int i = expr(f, index);
        return (Loc){.kind = LOC_SELEM,
                     .type = e->type,
                     .slot = s,
                     .index = i,
                     .unsigned_index = has_unsigned(index),
                     .pos = f->pos};
    }
    Loc a;
    if (u->kind == TYPE_POINTER) {
        a = loc_mem(u->elem, expr(f, x), 0, false);
        a.pos = f->pos;
        u = type_under(u->elem);
        elem_type = u->elem;
    } else {
        a = settled(f, loc_of(f, x));
    }
    i64 constant;
    if (const_imm(index, &constant)) {
        // In range, the checker has seen to it.
        if (a.kind != LOC_GLOBAL)
            a = as_mem(f, a);
        a.offset += (u64)constant * type_bytes(elem_type);
        a.type = elem_type;
        return a;
    }
    bool known = a.kind != LOC_MEM || a.known;
    int p;
    if (a.kind == LOC_MEM && a.offset == 0) {
        p = a.slot;
    } else {
        p = temp(f, 1);
        loc_address(f, &a, p);
        known = true;
    }
    int i = expr(f, index);
    return (Loc){.kind = LOC_AELEM,
                 .type = elem_type,
                 .slot = p,
                 .index = i,
                 .len = u->len,
                 .known = known,
                 .fresh = a.fresh,
                 .unsigned_index = has_unsigned(index),
                 .pos = f->pos};
}

static Loc loc_here(Func *f, Node *e)
{
    if (hoisted_slot(f, e) >= 0)
        return loc_value(f, e);
    switch (e->kind) {
    case NODE_IDENT:
        if (strcmp(e->ident.name->text, "_") == 0)
            return (Loc){.kind = LOC_BLANK, .type = e->type};
        if (e->obj && e->obj->kind == OBJECT_VAR && !e->cval)
            return loc_var(f, e->obj);
        return loc_value(f, e);
    case NODE_SELECTOR: {
        if (e->cval || (e->flag & (NODEFLAG_METHOD_VALUE | NODEFLAG_METHOD_EXPR)))
            return loc_value(f, e);
        if (e->flag & NODEFLAG_QUALIFIED) {
            if (e->obj->kind == OBJECT_VAR)
                return loc_var(f, e->obj);
            return loc_value(f, e);
        }
        Selection sel = select_of(f, e);
        check(sel.kind == SELECT_FIELD);
        return loc_walk(f, loc_of(f, e->selector.x), sel.path.data, sel.path.len);
    }
    case NODE_INDEX:
        if (e->cval || (e->flag & NODEFLAG_COMMAOK))
            return loc_value(f, e);
        return loc_index(f, e);
    case NODE_STAR: {
        Loc p = loc_mem(e->type, expr(f, e->unary.x), 0, false);
        p.pos = f->pos;
        return p;
    }
    default: return loc_value(f, e);
    }
}

Loc loc_of(Func *f, Node *e)
{
    e = unparen(e);
    Pos saved = f->pos;
    f->pos = place_of(e);
    Loc p = loc_here(f, e);
    f->pos = saved;
    return p;
}

// A slot that may belong to a variable is copied; stores that come later do not change the copy.
static void pin(Func *f, int *slot, int slots)
{
    int t = temp(f, slots);
    move(f, t, *slot, slots);
    *slot = t;
}

void loc_pin(Func *f, Loc *p)
{
    switch (p->kind) {
    case LOC_MEM: pin(f, &p->slot, 1); break;
    case LOC_ELEM:
        pin(f, &p->slot, 3);
        pin(f, &p->index, 1);
        break;
    case LOC_AELEM:
        pin(f, &p->slot, 1);
        pin(f, &p->index, 1);
        break;
    case LOC_MAP:
        pin(f, &p->slot, 1);
        pin(f, &p->index, type_slots(type_under(p->map)->key));
        break;
    default: break;
    }
}

// ---- Loading and storing ----

// The last step's line; returns what to go back to.
static Pos blame(Func *f, const Loc *p)
{
    Pos saved = f->pos;
    if (p->pos != POS_NONE)
        f->pos = p->pos;
    return saved;
}

// The element instruction for a type, 0 if it takes more than one.
static Opcode elem_op(Type *t, const Opcode *ops, Opcode two, Opcode three)
{
    if (type_is_aggregate(t))
        return OP_NOP;
    Part parts[4];
    int count = type_parts(t, parts);
    u64 bytes = type_bytes(t);
    if (count == 1 && bytes <= 8)
        return ops[parts[0].kind];
    if (count == 2 && words_follow(parts, 0, 2, 2) && bytes == 16)
        return two;
    if (count == 3 && words_follow(parts, 0, 3, 3) && bytes == 24)
        return three;
    return OP_NOP;
}

static const Opcode slice_loads[] = {
    [PART_I8] = OP_LDX8S,   [PART_U8] = OP_LDX8U,   [PART_I16] = OP_LDX16S, [PART_U16] = OP_LDX16U,
    [PART_I32] = OP_LDX32S, [PART_U32] = OP_LDX32U, [PART_64] = OP_LDX64};
static const Opcode slice_stores[] = {
    [PART_I8] = OP_STX8,   [PART_U8] = OP_STX8,   [PART_I16] = OP_STX16, [PART_U16] = OP_STX16,
    [PART_I32] = OP_STX32, [PART_U32] = OP_STX32, [PART_64] = OP_STX64};
static const Opcode array_loads[] = {
    [PART_I8] = OP_LDA8S,   [PART_U8] = OP_LDA8U,   [PART_I16] = OP_LDA16S, [PART_U16] = OP_LDA16U,
    [PART_I32] = OP_LDA32S, [PART_U32] = OP_LDA32U, [PART_64] = OP_LDA64};
static const Opcode array_stores[] = {
    [PART_I8] = OP_STA8,   [PART_U8] = OP_STA8,   [PART_I16] = OP_STA16, [PART_U16] = OP_STA16,
    [PART_I32] = OP_STA32, [PART_U32] = OP_STA32, [PART_64] = OP_STA64};

static bool is_word(Type *t)
{
    Part parts[4];
    return !type_is_aggregate(t) && type_parts(t, parts) == 1 && parts[0].kind == PART_64;
}

void loc_load(Func *f, const Loc *p, int dst)
{
    int slots = type_slots(p->type);
    int mark = f->top;
    Pos saved = blame(f, p);
    switch (p->kind) {
    case LOC_BLANK: break;
    case LOC_SLOT: move(f, dst, p->slot, slots); break;
    case LOC_MEM: mem_load(f, p->type, p->slot, p->offset, p->known, dst); break;
    case LOC_GLOBAL:
        if (is_word(p->type)) {
            emit_u32(f, OP_LDG, dst, p->offset);
        } else if (type_is_aggregate(p->type)) {
            emit_u32(f, OP_GADDR, dst, p->offset);
        } else if (slots > 0) {
            int t = temp(f, 1);
            emit_u32(f, OP_GADDR, t, p->offset);
            mem_load(f, p->type, t, 0, true, dst);
        }
        break;
    case LOC_ELEM:
    case LOC_AELEM: {
        bool slice = p->kind == LOC_ELEM;
        Opcode op = slice ? elem_op(p->type, slice_loads, OP_LDX2, OP_LDX3)
                          : elem_op(p->type, array_loads, OP_NOP, OP_NOP);
        if (op != OP_NOP) {
            mark_index(f, p);
            emit(f, op, dst, p->slot, p->index);
            if (!slice)
                emit_word(f, p->len);
            break;
        }
        int t = type_is_aggregate(p->type) ? dst : temp(f, 1);
        loc_address(f, p, t);
        mem_load(f, p->type, t, 0, true, dst);
        break;
    }
    case LOC_SELEM:
        mark_index(f, p);
        emit(f, OP_LDXS, dst, p->slot, p->index);
        break;
    case LOC_MAP: emit_w(f, OP_MAPGET, dst, p->slot, p->index, type_id(f->c, p->map)); break;
    }
    f->pos = saved;
    f->top = mark;
}

int loc_operand(Func *f, const Loc *p)
{
    if (p->kind == LOC_SLOT)
        return p->slot;
    if (p->kind == LOC_MEM && p->known && p->offset == 0 && type_is_aggregate(p->type))
        return p->slot;
    int t = temp(f, type_slots(p->type));
    loc_load(f, p, t);
    return t;
}

void loc_store(Func *f, const Loc *p, int src)
{
    int slots = type_slots(p->type);
    int mark = f->top;
    Pos saved = blame(f, p);
    switch (p->kind) {
    case LOC_BLANK:
    case LOC_SELEM: break;
    case LOC_SLOT: move(f, p->slot, src, slots); break;
    case LOC_MEM: mem_store(f, p->type, p->slot, p->offset, src); break;
    case LOC_GLOBAL:
        if (is_word(p->type)) {
            emit_u32(f, OP_STG, src, p->offset);
        } else if (slots > 0) {
            int t = temp(f, 1);
            emit_u32(f, OP_GADDR, t, p->offset);
            mem_store(f, p->type, t, 0, src);
        }
        break;
    case LOC_ELEM:
    case LOC_AELEM: {
        bool slice = p->kind == LOC_ELEM;
        Opcode op = slice ? elem_op(p->type, slice_stores, OP_STX2, OP_STX3)
                          : elem_op(p->type, array_stores, OP_NOP, OP_NOP);
        if (op != OP_NOP) {
            mark_index(f, p);
            emit(f, op, p->slot, p->index, src);
            if (!slice)
                emit_word(f, p->len);
            break;
        }
        int t = temp(f, 1);
        loc_address(f, p, t);
        mem_store(f, p->type, t, 0, src);
        break;
    }
    case LOC_MAP: emit_w(f, OP_MAPSET, p->slot, p->index, src, type_id(f->c, p->map)); break;
    }
    f->pos = saved;
    f->top = mark;
}

void loc_address(Func *f, const Loc *p, int dst)
{
    Pos saved = blame(f, p);
    switch (p->kind) {
    case LOC_MEM:
        if (p->offset == 0) {
            if (!p->known)
                emit(f, OP_NILCHK, p->slot, 0, 0);
            move(f, dst, p->slot, 1);
        } else if (p->offset <= MAX_OFFSET) {
            emit(f, OP_LEA, dst, p->slot, (i64)p->offset);
        } else {
            emit_w(f, OP_LEAW, dst, p->slot, 0, p->offset);
        }
        break;
    case LOC_GLOBAL: emit_u32(f, OP_GADDR, dst, p->offset); break;
    case LOC_ELEM:
        mark_index(f, p);
        emit_w(f, OP_LEAX, dst, p->slot, p->index, type_bytes(p->type));
        break;
    case LOC_AELEM:
        mark_index(f, p);
        emit_w(f, OP_LEAA, dst, p->slot, p->index, p->len);
        emit_word(f, type_bytes(p->type));
        break;
    default: {
        // A value without a home (the receiver of a promoted method of a temporary): it gets one.
        int mark = f->top;
        int v = loc_operand(f, p);
        int t = temp(f, 1);
        emit_u32(f, OP_NEW, t, type_id(f->c, p->type));
        mem_store(f, p->type, t, 0, v);
        move(f, dst, t, 1);
        f->top = mark;
    }
    }
    f->pos = saved;
}
