// compile_builtin.c: calls of predeclared functions.
//
// builtin_apply takes its arguments as slots, so that it serves both an ordinary call and the
// function that go and defer of a builtin need.
#include "compiler/compile_impl.h"

#include "types/const.h"

static BuiltinId builtin_of(Node *e)
{
    return unparen(e->call.fun)->obj->builtin;
}

static Node *arg_of(Node *e, int i)
{
    return unparen(e->call.args.data[i]);
}

// The type as which the i-th argument is passed; NULL for arguments that are types.
Type *builtin_param(Node *e, int i)
{
    Node *arg = arg_of(e, i);
    switch (builtin_of(e)) {
    case BUILTIN_PANIC: return type_empty_interface;
    case BUILTIN_DELETE: return i == 1 ? type_under(arg_of(e, 0)->type)->key : arg->type;
    case BUILTIN_MAKE:
    case BUILTIN_NEW: return i == 0 ? NULL : arg->type;
    case BUILTIN_MIN:
    case BUILTIN_MAX: return e->type;
    case BUILTIN_APPEND: {
        Type *u = type_under(e->type);
        return i == 0 ? e->type : e->call.ellipsis != POS_NONE ? arg->type : u->elem;
    }
    case BUILTIN_PRINT:
    case BUILTIN_PRINTLN:
        if (type_is_untyped(arg->type))
            return type_default(arg->type);
        return arg->type;
    default: return arg->type;
    }
}

// ---- len and cap ----

static void length_to(Func *f, Node *x, bool cap, int dst)
{
    Type *u = type_under(x->type);
    if (u->kind == TYPE_POINTER)
        u = type_under(u->elem);
    int mark = f->top;
    if (u->kind == TYPE_ARRAY) {
        // Not a constant, so x is evaluated.
        expr(f, x);
        load_int(f, dst, (i64)u->len);
    } else if (u->kind == TYPE_MAP) {
        int m = expr(f, x);
        emit(f, OP_MAPLEN, dst, m, 0);
    } else if (u->kind == TYPE_CHAN) {
        int ch = expr(f, x);
        emit(f, cap ? OP_CHCAP : OP_CHLEN, dst, ch, 0);
    } else {
        // One word of the header is all that is loaded.
        int word = cap ? 2 : 1;
        bool value = x->cval || x->kind == NODE_CALL || x->kind == NODE_BINARY;
        Loc p = value ? loc_slot(x->type, expr(f, x)) : loc_of(f, x);
        if (p.kind == LOC_SLOT) {
            move(f, dst, p.slot + word, 1);
        } else if (p.kind == LOC_MEM || p.kind == LOC_GLOBAL) {
            p.offset += 8 * (u64)word;
            p.type = type_predeclared[TYPE_INT];
            loc_load(f, &p, dst);
        } else {
            int s = loc_operand(f, &p);
            move(f, dst, s + word, 1);
        }
    }
    f->top = mark;
}

// ---- print ----

static char print_letter(Type *t)
{
    Type *u = type_under(t);
    switch (u->kind) {
    case TYPE_BOOL: return 'b';
    case TYPE_STRING: return 's';
    case TYPE_FLOAT64: return 'f';
    case TYPE_FLOAT32: return 'g';
    case TYPE_COMPLEX128: return 'c';
    case TYPE_COMPLEX64: return 'C';
    case TYPE_INTERFACE: return 'e';
    case TYPE_SLICE: return 'l';
    case TYPE_INT:
    case TYPE_INT8:
    case TYPE_INT16:
    case TYPE_INT32:
    case TYPE_INT64: return 'i';
    case TYPE_UINT:
    case TYPE_UINT8:
    case TYPE_UINT16:
    case TYPE_UINT32:
    case TYPE_UINT64:
    case TYPE_UINTPTR: return 'u';
    default: return 'p';
    }
}

static void print_values(Func *f, Node *e, int at)
{
    bool line = builtin_of(e) == BUILTIN_PRINTLN;
    Buf letters = {0};
    for (int i = 0; i < e->call.args.len; i++) {
        if (line && i > 0)
            buf_putc(&letters, '_');
        buf_putc(&letters, print_letter(builtin_param(e, i)));
    }
    if (line)
        buf_putc(&letters, 'n');
    if (letters.len > 0)
        emit_w(f, OP_PRINT, at, 0, 0, image_add_string(f->c->image, letters.data, letters.len));
    buf_free(&letters);
}

// ---- min, max ----

// dst = the smaller (larger) of dst and y.
static void take_extreme(Func *f, bool max, Type *t, int dst, int y)
{
    NumClass k = num_class(t);
    int mark = f->top;
    int take = label_new(f), done = label_new(f);
    if (k == NUM_F64) {
        // A NaN wins; of two zeros min gives the negative one, max the positive one.
        jump_cmp(f, OP_JNEF, dst, dst, done);
        jump_cmp(f, OP_JNEF, y, y, take);
        jump_cmp(f, OP_JLTF, max ? dst : y, max ? y : dst, take);
        jump_cmp(f, OP_JNEF, dst, y, done);
        emit(f, max ? OP_AND : OP_OR, dst, dst, y);
        jump(f, done);
    } else if (k == NUM_F32) {
        int r = temp(f, 1);
        emit(f, OP_NEF32, r, dst, dst);
        jump_if(f, r, done, true);
        emit(f, OP_NEF32, r, y, y);
        jump_if(f, r, take, true);
        emit(f, OP_LTF32, r, max ? dst : y, max ? y : dst);
        jump_if(f, r, take, true);
        emit(f, OP_NEF32, r, dst, y);
        jump_if(f, r, done, true);
        emit(f, max ? OP_AND : OP_OR, dst, dst, y);
        jump(f, done);
    } else if (k == NUM_STRING) {
        int r = temp(f, 1);
        emit(f, OP_LTS, r, max ? dst : y, max ? y : dst);
        jump_if(f, r, done, false);
    } else {
        Opcode op = k == NUM_U64 ? OP_JLEU : OP_JLE;
        jump_cmp(f, op, max ? y : dst, max ? dst : y, done);
    }
    label_set(f, take);
    move(f, dst, y, type_slots(t));
    label_set(f, done);
    f->top = mark;
}

// ---- make ----

static void make_to(Func *f, Node *e, int first, int second, int dst)
{
    Type *t = e->type;
    u32 id = type_id(f->c, t);
    int mark = f->top;
    if (first < 0) {
        first = temp(f, 1);
        load_int(f, first, 0);
    }
    switch (type_under(t)->kind) {
    case TYPE_SLICE:
        emit_w(f, OP_MKSLICE, dst, first, second < 0 ? first : second,
               type_id(f->c, type_under(t)->elem));
        break;
    case TYPE_MAP: emit_w(f, OP_MKMAP, dst, first, 0, id); break;
    default:
        mark_name(f, e->call.given_to, e->call.given_to_end);
        emit_w(f, OP_MKCHAN, dst, first, 0, id);
        break;
    }
    f->top = mark;
}

// ---- append ----

static bool is_spread(Node *e)
{
    return e->call.ellipsis != POS_NONE;
}

// s: the slice; values from `at` on.
static void append_to(Func *f, Node *e, int s, int at, int dst)
{
    Type *elem = type_under(e->type)->elem;
    int count = e->call.args.len - 1;
    if (count == 0)
        move(f, dst, s, 3);
    else if (is_spread(e) && type_is_string(arg_of(e, 1)->type))
        emit(f, OP_APPSTR, dst, s, at);
    else if (is_spread(e))
        emit_w(f, OP_APPENDS, dst, s, at, type_id(f->c, elem));
    else
        emit_w(f, OP_APPEND, dst, s, at, type_id(f->c, elem) | (u64)count << 32);
}

static void append_call(Func *f, Node *e, int dst)
{
    Type *elem = type_under(e->type)->elem;
    int count = e->call.args.len - 1;
    int s = expr(f, arg_of(e, 0));
    int at = f->top;
    if (is_spread(e) && is_nil(arg_of(e, 1))) {
        move(f, dst, s, 3);
        return;
    }
    if (count == 1) {
        at = is_spread(e) ? expr(f, arg_of(e, 1)) : expr_as(f, arg_of(e, 1), elem);
    } else {
        at = temp(f, count * type_slots(elem));
        for (int i = 0; i < count; i++) {
            int v = at + i * type_slots(elem);
            int mark = f->top;
            if (is_iface(elem))
                own_to(f, arg_of(e, i + 1), elem, v);
            else
                expr_to(f, arg_of(e, i + 1), v); // memory is copied by the instruction
            f->top = mark;
        }
    }
    append_to(f, e, s, at, dst);
}

// ---- All of them, on slots ----

static void builtin_apply(Func *f, Node *e, const int *args, int dst)
{
    int count = e->call.args.len;
    switch (builtin_of(e)) {
    case BUILTIN_CLOSE:
        mark_name(f, e->call.args.data[0]->pos, e->call.args.data[0]->end);
        emit(f, OP_CLOSE, args[0], 0, 0);
        break;
    case BUILTIN_DELETE:
        emit_w(f, OP_MAPDEL, args[0], args[1], 0, type_id(f->c, arg_of(e, 0)->type));
        break;
    case BUILTIN_CLEAR: {
        Type *u = type_under(arg_of(e, 0)->type);
        if (u->kind == TYPE_MAP)
            emit_w(f, OP_MAPCLEAR, args[0], 0, 0, type_id(f->c, arg_of(e, 0)->type));
        else
            emit_w(f, OP_CLEARS, args[0], 0, 0, type_bytes(u->elem));
        break;
    }
    case BUILTIN_COPY:
        if (type_is_string(arg_of(e, 1)->type))
            emit(f, OP_COPYSTR, dst, args[0], args[1]);
        else
            emit_w(f, OP_COPY, dst, args[0], args[1],
                   type_bytes(type_under(arg_of(e, 0)->type)->elem));
        break;
    case BUILTIN_PANIC: emit(f, OP_PANIC, args[0], 0, 0); break;
    case BUILTIN_RECOVER: emit(f, OP_RECOVER, dst, 0, 0); break;
    case BUILTIN_PRINT:
    case BUILTIN_PRINTLN: print_values(f, e, count > 0 ? args[0] : 0); break;
    case BUILTIN_MAKE:
        make_to(f, e, count > 1 ? args[1] : -1, count > 2 ? args[2] : -1, dst);
        break;
    case BUILTIN_NEW: emit_u32(f, OP_NEW, dst, type_id(f->c, type_under(e->type)->elem)); break;
    case BUILTIN_APPEND: append_to(f, e, args[0], count > 1 ? args[1] : 0, dst); break;
    default: break; // without an effect when deferred
    }
}

// Arguments that stand in the frame one after another, in the types of builtin_param.
void builtin_body(Func *f, Node *e)
{
    int args[3] = {0, 0, 0}, at = 0;
    for (int i = 0; i < e->call.args.len; i++) {
        Type *t = builtin_param(e, i);
        if (i < 3)
            args[i] = at;
        at += t ? type_slots(t) : 0;
    }
    int dst = temp(f, 4);
    builtin_apply(f, e, args, dst);
}

static void complex_parts_to(Func *f, Node *e, int dst)
{
    Type *u = type_under(e->type);
    Type *part = type_predeclared[u->kind == TYPE_COMPLEX64 ? TYPE_FLOAT32 : TYPE_FLOAT64];
    int s = temp(f, 2);
    for (int i = 0; i < 2; i++) {
        Node *arg = arg_of(e, i);
        if (arg->cval)
            const_load(f, arg->cval, part, s + i);
        else
            expr_to(f, arg, s + i);
    }
    move(f, dst, s, 2);
}

Node *builtin_spread(Func *f, Node *e)
{
    if (!(e->flag & NODEFLAG_SPREAD))
        return e;
    Arena *arena = f->c->arena;
    Type *tuple = type_under(arg_of(e, 0)->type);
    int src = call(f, arg_of(e, 0));
    Node *plain = arena_new(arena, Node);
    *plain = *e;
    plain->flag &= (u8)~NODEFLAG_SPREAD;
    plain->call.args = (NodeList){0};
    for (int i = 0; i < tuple->results.len; i++) {
        Type *t = tuple->results.data[i];
        vec_push_in(arena, &plain->call.args, slot_node(f, t, src, e->pos));
        src += type_slots(t);
    }
    return plain;
}

void builtin_to(Func *f, Node *e, int dst)
{
    int mark = f->top;
    e = builtin_spread(f, e);
    order_call(f, e);
    int count = e->call.args.len;
    int args[3] = {0, 0, 0};
    switch (builtin_of(e)) {
    case BUILTIN_LEN:
    case BUILTIN_CAP: length_to(f, arg_of(e, 0), builtin_of(e) == BUILTIN_CAP, dst); break;
    case BUILTIN_APPEND: append_call(f, e, dst); break;
    case BUILTIN_MIN:
    case BUILTIN_MAX: {
        int n = type_slots(e->type), r = temp(f, n);
        expr_to(f, arg_of(e, 0), r);
        for (int i = 1; i < count; i++) {
            int m = f->top;
            int y = expr(f, arg_of(e, i));
            take_extreme(f, builtin_of(e) == BUILTIN_MAX, e->type, r, y);
            f->top = m;
        }
        move(f, dst, r, n);
        break;
    }
    case BUILTIN_COMPLEX: complex_parts_to(f, e, dst); break;
    case BUILTIN_REAL:
    case BUILTIN_IMAG: {
        int s = expr(f, arg_of(e, 0));
        move(f, dst, builtin_of(e) == BUILTIN_REAL ? s : s + 1, 1);
        break;
    }
    case BUILTIN_PRINT:
    case BUILTIN_PRINTLN: {
        int at = f->top;
        for (int i = 0; i < count; i++) {
            Type *t = builtin_param(e, i);
            int s = temp(f, type_slots(t));
            int m = f->top;
            if (arg_of(e, i)->cval && !is_iface(t))
                const_load(f, arg_of(e, i)->cval, t, s);
            else
                own_to(f, arg_of(e, i), t, s);
            f->top = m;
        }
        print_values(f, e, at);
        break;
    }
    default:
        for (int i = 0; i < count && i < 3; i++) {
            Type *t = builtin_param(e, i);
            if (t)
                args[i] = expr_as(f, arg_of(e, i), t);
        }
        builtin_apply(f, e, args, dst);
    }
    f->top = mark;
}
