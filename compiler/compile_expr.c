// compile_expr.c: values of expressions.
//
// expr() finds a slot that holds the value: an unboxed local is its own slot, so no instruction
// is spent on reading it. That is safe because an unboxed local cannot change while an
// expression is evaluated (a function literal that assigned it would have made it boxed).
// expr_to() computes into a given slot; the destination may be written before all operands are
// read unless expr_writes_last() says otherwise.
//
// Not here: operators (compile_arith.c), conditions (compile_cond.c), calls (compile_call.c).
#include "compiler/compile_impl.h"

#include "types/const.h"

Node *unparen(Node *e)
{
    while (e->kind == NODE_PAREN)
        e = e->unary.x;
    return e;
}

bool is_iface(Type *t)
{
    return type_under(t)->kind == TYPE_INTERFACE;
}

bool is_nil(Node *e)
{
    return unparen(e)->mode == MODE_NIL;
}

// ---- Constants ----

bool const_imm(Node *e, i64 *out)
{
    e = unparen(e);
    return e->cval && (const_kind(e->cval) == CONST_INT || const_kind(e->cval) == CONST_FLOAT) &&
           type_is_integer(e->type) && const_fits_i64(e->cval, out);
}

static void load_bits(Func *f, int dst, u64 bits)
{
    load_int(f, dst, (i64)bits);
}

void const_load(Func *f, const Const *v, Type *t, int dst)
{
    Arena *arena = f->c->arena;
    Type *u = type_under(t);
    switch (u->kind) {
    case TYPE_BOOL:
    case TYPE_UNTYPED_BOOL: load_int(f, dst, const_is_true(v)); break;
    case TYPE_STRING:
    case TYPE_UNTYPED_STRING: {
        Str s = const_str(v);
        emit_u32(f, OP_LDSTR, dst, image_add_string(f->c->image, s.data, s.len));
        break;
    }
    case TYPE_FLOAT64:
    case TYPE_UNTYPED_FLOAT: load_bits(f, dst, f64_slot(const_to_f64(v))); break;
    case TYPE_FLOAT32: load_bits(f, dst, f32_slot(const_to_f32(v))); break;
    case TYPE_COMPLEX128:
    case TYPE_UNTYPED_COMPLEX:
        load_bits(f, dst, f64_slot(const_to_f64(const_real(v))));
        load_bits(f, dst + 1, f64_slot(const_to_f64(const_imag(arena, v))));
        break;
    case TYPE_COMPLEX64:
        load_bits(f, dst, f32_slot(const_to_f32(const_real(v))));
        load_bits(f, dst + 1, f32_slot(const_to_f32(const_imag(arena, v))));
        break;
    default: {
        i64 n;
        u64 un;
        if (const_fits_i64(v, &n))
            load_int(f, dst, n);
        else if (const_fits_u64(v, &un))
            load_bits(f, dst, un);
        else
            load_int(f, dst, 0); // the checker has complained
    }
    }
}

// The type that a constant has before it is put in an interface.
static Type *const_own_type(Node *e)
{
    if (!is_iface(e->type))
        return e->type;
    switch (const_kind(e->cval)) {
    case CONST_BOOL: return type_predeclared[TYPE_BOOL];
    case CONST_STRING: return type_predeclared[TYPE_STRING];
    case CONST_INT:
        return type_predeclared[unparen(e)->kind == NODE_BASIC_LIT &&
                                        unparen(e)->lit.kind == TOKEN_CHAR
                                    ? TYPE_INT32
                                    : TYPE_INT];
    case CONST_FLOAT: return type_predeclared[TYPE_FLOAT64];
    default: return type_predeclared[TYPE_COMPLEX128];
    }
}

// ---- Properties of expressions ----

static bool is_variable(Node *e)
{
    if (e->cval || e->mode == MODE_NIL)
        return false;
    switch (e->kind) {
    case NODE_IDENT: return e->obj && e->obj->kind == OBJECT_VAR;
    case NODE_SELECTOR:
        if (e->flag & (NODEFLAG_METHOD_VALUE | NODEFLAG_METHOD_EXPR))
            return false;
        return !(e->flag & NODEFLAG_QUALIFIED) || e->obj->kind == OBJECT_VAR;
    case NODE_INDEX: return !(e->flag & NODEFLAG_COMMAOK);
    case NODE_STAR: return true;
    default: return false;
    }
}

bool expr_is_fresh(Node *e)
{
    e = unparen(e);
    switch (e->kind) {
    case NODE_CALL:
        if (e->flag & NODEFLAG_CONVERSION)
            return expr_is_fresh(e->call.args.data[0]);
        return true;
    case NODE_COMPOSITE:
    case NODE_ASSERT: return true;
    case NODE_UNARY: return e->op == TOKEN_ARROW;
    case NODE_INDEX: {
        Type *u = type_under(e->index.x->type);
        return u->kind == TYPE_MAP || (u->kind == TYPE_ARRAY && expr_is_fresh(e->index.x));
    }
    default: return false;
    }
}

typedef struct Search {
    Object *var;
    bool found;
} Search;

static void search(Node *n, void *arg)
{
    Search *s = arg;
    if (s->found)
        return;
    if (n->kind == NODE_IDENT && n->obj == s->var) {
        s->found = true;
        return;
    }
    node_children(n, search, arg);
}

bool expr_mentions(Node *e, Object *var)
{
    Search s = {.var = var};
    search(e, &s);
    return s.found;
}

bool expr_writes_last(Node *e)
{
    e = unparen(e);
    if (e->cval || e->mode == MODE_NIL)
        return true;
    if (type_is_complex(e->type))
        return false;
    switch (e->kind) {
    case NODE_COMPOSITE: return false;
    case NODE_BINARY: return e->op != TOKEN_LAND && e->op != TOKEN_LOR;
    case NODE_CALL:
        if (e->flag & NODEFLAG_CONVERSION)
            return expr_writes_last(e->call.args.data[0]) &&
                   !is_iface(e->call.args.data[0]->type) && !is_iface(e->type);
        if (e->flag & NODEFLAG_BUILTIN) {
            BuiltinId id = unparen(e->call.fun)->obj->builtin;
            return id != BUILTIN_MIN && id != BUILTIN_MAX && id != BUILTIN_COMPLEX;
        }
        return true;
    default: return true;
    }
}

Node *slot_node(Func *f, Type *t, int slot, Pos pos)
{
    Arena *arena = f->c->arena;
    Object *var = arena_new(arena, Object);
    var->kind = OBJECT_VAR;
    var->name = name_from("value");
    var->type = t;
    var->slot = slot;
    var->func = f->info;
    Node *n = node_new(arena, NODE_IDENT, pos, pos);
    n->ident.name = var->name;
    n->obj = var;
    n->type = t;
    n->mode = MODE_VALUE;
    return n;
}

// ---- Function values ----

void closure_to(Func *f, Node *lit, int dst)
{
    FuncInfo *info = lit->func.info;
    u32 id = literal_id(f->c, f, info);
    int count = info->captures.len;
    if (count == 0) {
        emit_u32(f, OP_LDFUNC, dst, id);
        return;
    }
    int mark = f->top;
    int slots = 0, first = -1;
    bool adjacent = true;
    for (int i = 0; i < count; i++) {
        Object *var = info->captures.data[i];
        int n = var_is_boxed(f, var) ? 1 : type_slots(var->type);
        if (n == 0)
            continue;
        if (first < 0)
            first = (int)var->slot;
        else if ((int)var->slot != first + slots)
            adjacent = false;
        slots += n;
    }
    if (!adjacent) {
        first = temp(f, slots);
        int at = first;
        for (int i = 0; i < count; i++) {
            Object *var = info->captures.data[i];
            int n = var_is_boxed(f, var) ? 1 : type_slots(var->type);
            move(f, at, (int)var->slot, n);
            at += n;
        }
    }
    emit_w(f, OP_MKCLOS, dst, slots, first < 0 ? 0 : first, id);
    f->top = mark;
}

static void func_value_to(Func *f, Object *fn, int dst)
{
    emit_u32(f, OP_LDFUNC, dst, func_id_of(f->c, fn));
}

// ---- Composite literals ----

// A literal can be built where it is wanted unless its elements may read what stands there.
static bool slot_is_private(const Func *f, int slot)
{
    for (int i = 0; i < f->live.len; i++) {
        const CodeVar *v = &f->vars.data[f->live.data[i]];
        int slots = v->boxed || !v->type ? 1 : v->type->slots;
        if (slot >= v->slot && slot < v->slot + slots)
            return false;
    }
    return true;
}

static bool is_zero_const(Node *e)
{
    e = unparen(e);
    if (is_nil(e))
        return true;
    if (!e->cval || is_iface(e->type))
        return false;
    switch (const_kind(e->cval)) {
    case CONST_BOOL: return !const_is_true(e->cval);
    case CONST_STRING: return const_str(e->cval).len == 0;
    case CONST_INT: return const_sign(e->cval) == 0;
    default: return false;
    }
}

static void fill_literal(Func *f, Node *lit, int base, u64 offset);
static void composite_to(Func *f, Node *e, int dst);

// Memory at base + offset is zero; it becomes the value e, converted to t.
static void fill(Func *f, Node *e, Type *t, int base, u64 offset)
{
    e = unparen(e);
    if (is_zero_const(e) && !(is_iface(t) && !is_nil(e)))
        return;
    int mark = f->top;
    Type *u = type_under(e->type);
    if (e->kind == NODE_COMPOSITE && (u->kind == TYPE_STRUCT || u->kind == TYPE_ARRAY) &&
        !is_iface(t)) {
        fill_literal(f, e, base, offset);
    } else {
        int v = expr_as(f, e, t);
        mem_store(f, t, base, offset, v);
    }
    f->top = mark;
}

static int field_of(Type *u, Node *key)
{
    for (int i = 0; i < u->fields.len; i++)
        if (u->fields.data[i].name == key->ident.name)
            return i;
    return 0;
}

// Each element's index: that of its key, else one more than the one before.
static u64 elem_index(Node *elem, u64 next)
{
    i64 at;
    if (elem->kind == NODE_KEY_VALUE && const_imm(elem->kv.key, &at))
        return (u64)at;
    return next;
}

static Node *elem_value(Node *elem)
{
    return elem->kind == NODE_KEY_VALUE ? elem->kv.value : elem;
}

static void fill_literal(Func *f, Node *lit, int base, u64 offset)
{
    Type *u = type_under(lit->type);
    NodeList *elems = &lit->composite.elems;
    if (u->kind == TYPE_STRUCT) {
        type_bytes(u);
        for (int i = 0; i < elems->len; i++) {
            Node *e = elems->data[i];
            TypeField *field =
                &u->fields.data[e->kind == NODE_KEY_VALUE ? field_of(u, e->kv.key) : i];
            fill(f, elem_value(e), field->type, base, offset + field->offset);
        }
        return;
    }
    u64 size = type_bytes(u->elem), index = 0;
    for (int i = 0; i < elems->len; i++) {
        Node *e = elems->data[i];
        index = elem_index(e, index);
        fill(f, elem_value(e), u->elem, base, offset + index * size);
        index++;
    }
}

static void flat_struct_to(Func *f, Node *e, int dst)
{
    Type *u = type_under(e->type);
    NodeList *elems = &e->composite.elems;
    if (elems->len < u->fields.len)
        zero(f, dst, type_slots(e->type));
    for (int i = 0; i < elems->len; i++) {
        Node *elem = elems->data[i];
        int field = elem->kind == NODE_KEY_VALUE ? field_of(u, elem->kv.key) : i;
        int at = dst;
        for (int k = 0; k < field; k++)
            at += type_slots(u->fields.data[k].type);
        own_to(f, elem_value(elem), u->fields.data[field].type, at);
    }
}

static void slice_literal_to(Func *f, Node *e, int dst)
{
    Type *u = type_under(e->type);
    NodeList *elems = &e->composite.elems;
    u64 index = 0, len = 0, size = type_bytes(u->elem);
    for (int i = 0; i < elems->len; i++) {
        index = elem_index(elems->data[i], index) + 1;
        if (index > len)
            len = index;
    }
    int header = slot_is_private(f, dst) ? dst : temp(f, 3);
    emit_u32(f, OP_NEW, header, rtype_array(f->c, u->elem, len)->id);
    index = 0;
    for (int i = 0; i < elems->len; i++) {
        index = elem_index(elems->data[i], index);
        fill(f, elem_value(elems->data[i]), u->elem, header, index * size);
        index++;
    }
    load_int(f, header + 1, (i64)len);
    load_int(f, header + 2, (i64)len);
    move(f, dst, header, 3);
}

static void map_literal_to(Func *f, Node *e, int dst)
{
    Type *u = type_under(e->type);
    NodeList *elems = &e->composite.elems;
    int m = slot_is_private(f, dst) ? dst : temp(f, 1);
    load_int(f, m, elems->len);
    emit_w(f, OP_MKMAP, m, m, 0, type_id(f->c, e->type));
    for (int i = 0; i < elems->len; i++) {
        Node *elem = elems->data[i];
        int mark = f->top;
        int key = expr_as(f, elem->kv.key, u->key);
        int value = expr_as(f, elem->kv.value, u->elem);
        emit_w(f, OP_MAPSET, m, key, value, type_id(f->c, e->type));
        f->top = mark;
    }
    move(f, dst, m, 1);
}

// &T{…}: also what {…} stands for in a literal of pointers.
static void new_literal_to(Func *f, Node *lit, Type *t, int dst)
{
    Type *u = type_under(t);
    order_list(f, &lit->composite.elems);
    int p = slot_is_private(f, dst) ? dst : temp(f, 1);
    if (u->kind == TYPE_STRUCT || u->kind == TYPE_ARRAY) {
        emit_u32(f, OP_NEW, p, type_id(f->c, t));
        Type *saved = lit->type;
        lit->type = t;
        fill_literal(f, lit, p, 0);
        lit->type = saved;
    } else {
        int v = temp(f, type_slots(t));
        Type *saved = lit->type;
        lit->type = t;
        composite_to(f, lit, v);
        lit->type = saved;
        emit_u32(f, OP_NEW, p, type_id(f->c, t));
        mem_store(f, t, p, 0, v);
    }
    move(f, dst, p, 1);
}

static void composite_to(Func *f, Node *e, int dst)
{
    int mark = f->top;
    order_list(f, &e->composite.elems);
    Type *u = type_under(e->type);
    switch (u->kind) {
    case TYPE_POINTER: new_literal_to(f, e, u->elem, dst); break;
    case TYPE_SLICE: slice_literal_to(f, e, dst); break;
    case TYPE_MAP: map_literal_to(f, e, dst); break;
    default:
        if (type_is_aggregate(e->type)) {
            int p = slot_is_private(f, dst) ? dst : temp(f, 1);
            emit_u32(f, OP_NEW, p, type_id(f->c, e->type));
            fill_literal(f, e, p, 0);
            move(f, dst, p, 1);
        } else {
            flat_struct_to(f, e, dst);
        }
    }
    f->top = mark;
}

// ---- Slicing ----

static void slice_to(Func *f, Node *e, int dst)
{
    Node *operands[] = {e->slice.x, e->slice.lo, e->slice.hi, e->slice.max};
    order_operands(f, operands, 4);
    Node *x = unparen(e->slice.x);
    Type *u = type_under(x->type);
    bool string = type_is_string(x->type);
    int s;
    u64 len = 0, elem_size = 0;
    bool array = false;
    if (u->kind == TYPE_ARRAY) {
        Loc p = loc_of(f, x);
        s = temp(f, 1);
        loc_address(f, &p, s);
        len = u->len;
        elem_size = type_bytes(u->elem);
        array = true;
    } else {
        s = expr(f, x);
        if (u->kind == TYPE_POINTER) {
            Type *a = type_under(u->elem);
            len = a->len;
            elem_size = type_bytes(a->elem);
            array = true;
        } else if (!string) {
            elem_size = type_bytes(u->elem);
        }
    }
    int bounds = temp(f, 3);
    if (e->slice.lo)
        expr_to(f, e->slice.lo, bounds);
    else
        load_int(f, bounds, 0);
    u64 word = elem_size;
    if (e->slice.hi) {
        expr_to(f, e->slice.hi, bounds + 1);
        word |= 1ull << 32;
    }
    if (e->slice.max) {
        expr_to(f, e->slice.max, bounds + 2);
        word |= 1ull << 33;
    }
    Node *given[] = {e->slice.lo, e->slice.hi, e->slice.max};
    for (int i = 0; i < 3; i++)
        if (given[i] && num_class(given[i]->type) == NUM_U64)
            word |= 1ull << (34 + i);
    if (string) {
        emit_w(f, OP_SLICES, dst, s, bounds, word);
    } else if (array) {
        emit_w(f, OP_SLICEA, dst, s, bounds, word);
        emit_word(f, len);
    } else {
        emit_w(f, OP_SLICE, dst, s, bounds, word);
    }
}

// ---- Values with ok ----

Type *commaok_type(Node *e)
{
    e = unparen(e);
    if (type_under(e->type)->kind == TYPE_TUPLE)
        return type_under(e->type)->results.data[0];
    return e->type;
}

void commaok_to(Func *f, Node *e, int dst)
{
    e = unparen(e);
    int mark = f->top;
    Pos saved = f->pos;
    f->pos = place_of(e);
    Type *t = commaok_type(e);
    switch (e->kind) {
    case NODE_INDEX: {
        Type *u = type_under(e->index.x->type);
        int m = expr(f, e->index.x);
        int key = expr_as(f, e->index.indices.data[0], u->key);
        emit_w(f, OP_MAPGET2, dst, m, key, type_id(f->c, e->index.x->type));
        break;
    }
    case NODE_ASSERT: {
        int x = expr(f, e->assert.x);
        emit_w(f, OP_ASSERT2, dst, x, 0,
               type_id(f->c, t) | (u64)type_id(f->c, e->assert.x->type) << 32);
        break;
    }
    default: {
        int ch = expr(f, e->unary.x);
        mark_name(f, e->unary.x->pos, e->unary.x->end);
        emit(f, OP_RECV2, dst, ch, type_slots(t));
        if (type_is_aggregate(t)) // a closed channel gives 0
            emit_u32(f, OP_FRESH, dst, type_id(f->c, t));
    }
    }
    f->pos = saved;
    f->top = mark;
}

// ---- Any expression ----

static void value_to(Func *f, Node *e, int dst)
{
    int hoisted = hoisted_slot(f, e);
    if (hoisted >= 0) {
        move(f, dst, hoisted, type_slots(e->type));
        return;
    }
    if (e->cval) {
        Type *own = const_own_type(e);
        if (own != e->type) {
            rtype_use(f->c, own);
            int v = temp(f, type_slots(own));
            const_load(f, e->cval, own, v);
            own_slots(f, own, v, true, e->type, dst);
        } else {
            const_load(f, e->cval, e->type, dst);
        }
        return;
    }
    if (e->mode == MODE_NIL) {
        zero(f, dst, type_slots(e->type));
        return;
    }
    if (is_variable(e)) {
        Loc p = loc_of(f, e);
        loc_load(f, &p, dst);
        return;
    }
    switch (e->kind) {
    case NODE_IDENT:
        if (e->obj && e->obj->kind == OBJECT_FUNC)
            func_value_to(f, e->obj, dst);
        else
            zero(f, dst, type_slots(e->type));
        break;
    case NODE_FUNC_LIT: closure_to(f, e, dst); break;
    case NODE_COMPOSITE: composite_to(f, e, dst); break;
    case NODE_SELECTOR:
        if (e->flag & NODEFLAG_METHOD_VALUE)
            method_value_to(f, e, dst);
        else if (e->flag & NODEFLAG_METHOD_EXPR)
            method_expr_to(f, e, dst);
        else
            func_value_to(f, e->obj, dst);
        break;
    case NODE_SLICE: slice_to(f, e, dst); break;
    case NODE_ASSERT: {
        int x = expr(f, e->assert.x);
        emit_w(f, OP_ASSERT, dst, x, 0,
               type_id(f->c, e->type) | (u64)type_id(f->c, e->assert.x->type) << 32);
        break;
    }
    case NODE_CALL:
        if (e->flag & NODEFLAG_CONVERSION) {
            conversion_to(f, e->call.args.data[0], e->type, dst);
        } else if (e->flag & NODEFLAG_BUILTIN) {
            builtin_to(f, e, dst);
        } else {
            int r = call(f, e);
            move(f, dst, r, type_slots(e->type));
        }
        break;
    case NODE_UNARY:
        if (e->op == TOKEN_AND && unparen(e->unary.x)->kind == NODE_COMPOSITE)
            new_literal_to(f, unparen(e->unary.x), type_under(e->type)->elem, dst);
        else
            unary_to(f, e, dst);
        break;
    case NODE_BINARY: binary_to(f, e, dst); break;
    default: fatal("compiler: no value of node %s", node_kind_name(e->kind));
    }
}

void expr_to(Func *f, Node *e, int dst)
{
    e = unparen(e);
    int mark = f->top;
    Pos saved = f->pos;
    if (e->pos != POS_NONE)
        f->pos = place_of(e);
    value_to(f, e, dst);
    f->pos = saved;
    f->top = mark;
}

int expr(Func *f, Node *e)
{
    e = unparen(e);
    u64 bits;
    if (f->consts.len > 0 && const_bits(e, &bits)) {
        int s = const_slot(f, bits);
        if (s >= 0)
            return s;
    }
    if (is_plain_call(f, e) && !e->cval)
        return call(f, e);
    int hoisted = hoisted_slot(f, e);
    if (hoisted >= 0)
        return hoisted;
    if (e->kind == NODE_CALL && (e->flag & NODEFLAG_CONVERSION) && !e->cval &&
        conversion_is_free(e->call.args.data[0], e->type))
        return expr(f, e->call.args.data[0]);
    if (is_variable(e)) {
        int mark = f->top;
        Pos saved = f->pos;
        f->pos = place_of(e);
        Loc p = loc_of(f, e);
        int s;
        if (p.kind == LOC_SLOT ||
            (p.kind == LOC_MEM && p.known && p.offset == 0 && type_is_aggregate(p.type))) {
            s = p.slot;
        } else {
            // The place's operands are read before the result is written over them.
            f->top = mark;
            s = temp(f, type_slots(e->type));
            loc_load(f, &p, s);
        }
        f->pos = saved;
        return s;
    }
    // The length of a string or slice that stands in the frame is a slot of it.
    if (e->kind == NODE_CALL && (e->flag & NODEFLAG_BUILTIN) && !e->cval) {
        BuiltinId id = unparen(e->call.fun)->obj->builtin;
        if (id == BUILTIN_LEN || id == BUILTIN_CAP) {
            Node *x = unparen(e->call.args.data[0]);
            TypeKind kind = type_under(x->type)->kind;
            if ((kind == TYPE_SLICE || kind == TYPE_STRING) && x->kind == NODE_IDENT && x->obj &&
                x->obj->kind == OBJECT_VAR && var_in_slots(f, x->obj) && !x->cval)
                return (int)x->obj->slot + (id == BUILTIN_LEN ? 1 : 2);
        }
    }
    int t = temp(f, type_slots(e->type));
    expr_to(f, e, t);
    return t;
}

// ---- Conversion for assignment ----

void own_slots(Func *f, Type *from, int src, bool fresh, Type *to, int dst)
{
    if (is_iface(to) && !is_iface(from)) {
        rtype_use(f->c, from);
        RType *r = rtype_of(f->c, from);
        if (rtype_is(r, RTYPE_DIRECT)) {
            move(f, dst + 1, src, 1);
            emit_u32(f, OP_LDTYPE, dst, r->id);
        } else {
            emit_w(f, OP_MKIFACE, dst, src, fresh, r->id);
        }
    } else if (type_is_aggregate(to) && !fresh) {
        emit_w(f, OP_CLONE, dst, src, 0, type_id(f->c, to));
    } else {
        move(f, dst, src, type_slots(to));
    }
}

void own_to(Func *f, Node *e, Type *t, int dst)
{
    e = unparen(e);
    int mark = f->top;
    if (is_nil(e)) {
        zero(f, dst, type_slots(t));
        return;
    }
    Type *from = e->cval ? const_own_type(e) : e->type;
    if (is_iface(t) && !is_iface(from)) {
        rtype_use(f->c, from);
        RType *r = rtype_of(f->c, from);
        if (e->cval && type_is_string(from)) {
            emit_u32(f, OP_GADDR, dst + 1, const_box(f->c, const_str(e->cval)));
            emit_u32(f, OP_LDTYPE, dst, r->id);
        } else if (rtype_is(r, RTYPE_DIRECT) && from == e->type && expr_writes_last(e)) {
            expr_to(f, e, dst + 1);
            emit_u32(f, OP_LDTYPE, dst, r->id);
        } else {
            int v;
            if (e->cval) {
                v = temp(f, type_slots(from));
                const_load(f, e->cval, from, v);
            } else {
                v = expr(f, e);
            }
            own_slots(f, from, v, expr_is_fresh(e), t, dst);
        }
    } else if (type_is_aggregate(t) && !expr_is_fresh(e)) {
        int v = expr(f, e);
        emit_w(f, OP_CLONE, dst, v, 0, type_id(f->c, t));
    } else {
        expr_to(f, e, dst);
    }
    f->top = mark;
}

int expr_as(Func *f, Node *e, Type *t)
{
    if (is_iface(t) && (e->cval || !is_iface(e->type) || is_nil(e))) {
        int s = temp(f, 2);
        own_to(f, e, t, s);
        return s;
    }
    return expr(f, e);
}

int expr_owned(Func *f, Node *e, Type *t)
{
    Node *x = unparen(e);
    bool converts = is_iface(t) && !is_iface(x->type);
    if (is_plain_call(f, x) && !x->cval && !converts)
        return call(f, x);
    int s = temp(f, type_slots(t));
    own_to(f, e, t, s);
    return s;
}

void expr_discard(Func *f, Node *e)
{
    e = unparen(e);
    int mark = f->top;
    Pos saved = f->pos;
    f->pos = place_of(e);
    if (is_plain_call(f, e)) {
        call(f, e);
    } else if (e->kind == NODE_CALL && (e->flag & NODEFLAG_BUILTIN)) {
        int dst = e->type ? temp(f, type_slots(e->type)) : f->top;
        need_slots(f, dst + 4);
        builtin_to(f, e, dst);
    } else {
        int t = temp(f, type_slots(e->type));
        expr_to(f, e, t);
    }
    f->pos = saved;
    f->top = mark;
}
