// rtypes.c: the checker's types → run-time descriptors.
//
// Named types have one RType for each declaration, unnamed ones one for each structure: the key
// is a text built from the ids of their components. A named type is entered before its
// components, so that recursive types end. Size, flags and slots come from the checker's type
// (never from another RType, which may not be complete yet).
//
// Methods of a concrete type are filled in by rtype_use, when a value of it goes into an
// interface: only then can they be called through the descriptor, and only then are they
// compiled. What is inside such a value (elements, fields) is used as well, since printing
// walks into it.
#include "compiler/compile_impl.h"

// ---- Layout ----

static void lay_out(Type *u);

// Slots of a value in a frame; -1 for what is kept in memory of its own.
static int slots_if_flat(Type *t)
{
    Type *u = type_under(t);
    switch (u->kind) {
    case TYPE_INVALID: return 0;
    case TYPE_COMPLEX64:
    case TYPE_COMPLEX128:
    case TYPE_UNTYPED_COMPLEX:
    case TYPE_STRING:
    case TYPE_UNTYPED_STRING:
    case TYPE_INTERFACE: return 2;
    case TYPE_SLICE: return 3;
    case TYPE_ARRAY: return -1;
    case TYPE_STRUCT: lay_out(u); return u->slots;
    case TYPE_TUPLE: {
        int n = 0;
        for (int i = 0; i < u->results.len; i++)
            n += type_slots(u->results.data[i]);
        return n;
    }
    default: return 1;
    }
}

bool type_is_aggregate(Type *t)
{
    return slots_if_flat(t) < 0;
}

int type_slots(Type *t)
{
    int n = slots_if_flat(t);
    return n < 0 ? 1 : n;
}

u64 type_bytes(Type *t)
{
    u64 size = 0;
    u32 align = 0;
    type_size(t, &size, &align);
    return size;
}

enum { PLAIN = RTYPE_PTRFREE | RTYPE_COMPARABLE | RTYPE_MEMEQ };

static int type_flags(Type *t)
{
    Type *u = type_under(t);
    switch (u->kind) {
    case TYPE_FLOAT32:
    case TYPE_FLOAT64:
    case TYPE_COMPLEX64:
    case TYPE_COMPLEX128: return RTYPE_PTRFREE | RTYPE_COMPARABLE;
    case TYPE_STRING:
    case TYPE_INTERFACE: return RTYPE_COMPARABLE;
    case TYPE_POINTER:
    case TYPE_CHAN: return RTYPE_COMPARABLE | RTYPE_MEMEQ;
    case TYPE_SLICE:
    case TYPE_MAP:
    case TYPE_FUNC: return 0;
    case TYPE_ARRAY: return type_flags(u->elem) | (u->len == 0 ? RTYPE_PTRFREE : 0);
    case TYPE_STRUCT: lay_out(u); return u->flags;
    default: return PLAIN;
    }
}

// Slots and flags of a struct, once: structs of structs may share their parts, and there would be
// 2^n paths to them.
static void lay_out(Type *u)
{
    if (u->laid_out)
        return;
    int flags = PLAIN, slots = 0;
    u64 sum = 0;
    for (int i = 0; i < u->fields.len; i++) {
        const TypeField *field = &u->fields.data[i];
        flags &= type_flags(field->type);
        sum += type_bytes(field->type);
        if (strcmp(field->name->text, "_") == 0)
            flags &= ~RTYPE_MEMEQ;
        int n = slots >= 0 ? slots_if_flat(field->type) : -1;
        slots = n < 0 || slots + n > 4 ? -1 : slots + n;
    }
    if (sum != type_bytes(u))
        flags &= ~RTYPE_MEMEQ;
    u->flags = (u8)flags;
    u->slots = (i8)slots;
    u->laid_out = true;
}

static int add_parts(Type *t, u64 at, Part *out, int n)
{
    Type *u = type_under(t);
    PartKind kind = PART_64;
    switch (u->kind) {
    case TYPE_BOOL:
    case TYPE_UINT8: kind = PART_U8; break;
    case TYPE_INT8: kind = PART_I8; break;
    case TYPE_INT16: kind = PART_I16; break;
    case TYPE_UINT16: kind = PART_U16; break;
    case TYPE_INT32: kind = PART_I32; break;
    case TYPE_UINT32:
    case TYPE_FLOAT32: kind = PART_U32; break;
    case TYPE_COMPLEX64:
        out[n++] = (Part){PART_U32, at};
        out[n++] = (Part){PART_U32, at + 4};
        return n;
    case TYPE_STRUCT:
        if (type_bytes(u) == 0)
            return n;
        for (int i = 0; i < u->fields.len; i++)
            n = add_parts(u->fields.data[i].type, at + u->fields.data[i].offset, out, n);
        return n;
    default: break;
    }
    int slots = type_slots(t);
    for (int i = 0; i < slots; i++)
        out[n++] = (Part){kind, at + 8 * (u64)i};
    return n;
}

int type_parts(Type *t, Part *out)
{
    return add_parts(t, 0, out, 0);
}

// ---- Descriptors ----

static RKind rkind_of(Type *u)
{
    switch (u->kind) {
    case TYPE_BOOL:
    case TYPE_UNTYPED_BOOL: return RK_BOOL;
    case TYPE_INT:
    case TYPE_UNTYPED_INT: return RK_INT;
    case TYPE_INT8: return RK_INT8;
    case TYPE_INT16: return RK_INT16;
    case TYPE_INT32:
    case TYPE_UNTYPED_RUNE: return RK_INT32;
    case TYPE_INT64: return RK_INT64;
    case TYPE_UINT: return RK_UINT;
    case TYPE_UINT8: return RK_UINT8;
    case TYPE_UINT16: return RK_UINT16;
    case TYPE_UINT32: return RK_UINT32;
    case TYPE_UINT64: return RK_UINT64;
    case TYPE_UINTPTR: return RK_UINTPTR;
    case TYPE_FLOAT32: return RK_FLOAT32;
    case TYPE_FLOAT64:
    case TYPE_UNTYPED_FLOAT: return RK_FLOAT64;
    case TYPE_COMPLEX64: return RK_COMPLEX64;
    case TYPE_COMPLEX128:
    case TYPE_UNTYPED_COMPLEX: return RK_COMPLEX128;
    case TYPE_STRING:
    case TYPE_UNTYPED_STRING: return RK_STRING;
    case TYPE_ARRAY: return RK_ARRAY;
    case TYPE_SLICE: return RK_SLICE;
    case TYPE_STRUCT: return RK_STRUCT;
    case TYPE_POINTER: return RK_POINTER;
    case TYPE_FUNC: return RK_FUNC;
    case TYPE_INTERFACE: return RK_INTERFACE;
    case TYPE_MAP: return RK_MAP;
    case TYPE_CHAN: return RK_CHAN;
    default: return RK_INVALID;
    }
}

static bool is_exported(Name name)
{
    const char *s = name->text;
    if ((u8)s[0] < 0x80)
        return s[0] >= 'A' && s[0] <= 'Z';
    int width;
    u32 r = utf8_decode(s, name->len, &width);
    // The capitals of the scripts that have them next to ASCII: Latin-1, Greek, Cyrillic.
    return (r >= 0xC0 && r <= 0xDE && r != 0xD7) || (r >= 0x391 && r <= 0x3A9) ||
           (r >= 0x400 && r <= 0x42F);
}

u32 method_name_id(struct Compiler *c, Name name, Package *pkg)
{
    if (is_exported(name) || !pkg)
        return image_method_name(c->image, name->text);
    Buf b = {0};
    buf_printf(&b, "%s.%s", pkg->path, name->text);
    u32 id = image_method_name(c->image, b.data);
    buf_free(&b);
    return id;
}

u32 type_id(struct Compiler *c, Type *t)
{
    return rtype_of(c, t)->id;
}

static RType *new_rtype(Compiler *c, Type *t)
{
    RType *r = xcalloc(1, sizeof *r);
    u32 id = image_add_type(c->image, r);
    if (id == 0) {
        diag_error(c->diags, DIAG_TOO_LARGE, POS_NONE, POS_NONE, "too many types");
        c->failed = true;
    }
    while ((u32)c->types.len <= id) {
        TypeInfo none = {NULL, false, 0};
        vec_push(&c->types, none);
    }
    c->types.data[id].type = t;
    return r;
}

static void set_layout(RType *r, Type *t)
{
    Type *u = type_under(t);
    u64 size = 0;
    u32 align = 1;
    type_size(t, &size, &align);
    r->kind = (u8)rkind_of(u);
    r->size = size;
    r->align = (u8)align;
    r->slots = (u8)type_slots(t);
    r->flags = (u8)type_flags(t);
    if (type_is_aggregate(t))
        r->flags |= RTYPE_AGGREGATE;
    else if (r->slots == 1)
        r->flags |= RTYPE_DIRECT;
    if (u->kind == TYPE_FUNC && u->variadic)
        r->flags |= RTYPE_VARIADIC;
}

// The text that two unnamed types share exactly when they are identical.
static void print_key(Compiler *c, Type *u, Buf *out)
{
    switch (u->kind) {
    case TYPE_POINTER: buf_printf(out, "*%u", type_id(c, u->elem)); break;
    case TYPE_SLICE: buf_printf(out, "[]%u", type_id(c, u->elem)); break;
    case TYPE_ARRAY:
        buf_printf(out, "[%llu]%u", (unsigned long long)u->len, type_id(c, u->elem));
        break;
    case TYPE_CHAN: buf_printf(out, "chan%d %u", u->chan_dir, type_id(c, u->elem)); break;
    case TYPE_MAP: {
        u32 key = type_id(c, u->key);
        buf_printf(out, "map[%u]%u", key, type_id(c, u->elem));
        break;
    }
    case TYPE_FUNC:
        buf_puts(out, u->variadic ? "func...(" : "func(");
        for (int i = 0; i < u->params.len; i++)
            buf_printf(out, "%u,", type_id(c, u->params.data[i]));
        buf_puts(out, ")");
        for (int i = 0; i < u->results.len; i++)
            buf_printf(out, "%u,", type_id(c, u->results.data[i]));
        break;
    case TYPE_STRUCT:
        buf_puts(out, "struct{");
        for (int i = 0; i < u->fields.len; i++) {
            TypeField *field = &u->fields.data[i];
            if (!is_exported(field->name) && field->pkg)
                buf_printf(out, "%s.", field->pkg->path);
            buf_printf(out, "%s%s %u ", field->embedded ? "!" : "", field->name->text,
                       type_id(c, field->type));
            buf_append(out, field->tag.data ? field->tag.data : "", field->tag.len);
            buf_puts(out, ";");
        }
        buf_puts(out, "}");
        break;
    case TYPE_INTERFACE:
        buf_puts(out, "interface{");
        for (int i = 0; i < u->methods.len; i++) {
            TypeMethod *m = &u->methods.data[i];
            u32 name = method_name_id(c, m->name, m->pkg);
            buf_printf(out, "%u %u;", name, type_id(c, m->type));
        }
        buf_puts(out, "}");
        break;
    default: buf_printf(out, "kind %d", u->kind); break;
    }
}

static int by_name_id(const void *a, const void *b)
{
    u32 x = ((const RMethod *)a)->name_id, y = ((const RMethod *)b)->name_id;
    return x < y ? -1 : x > y;
}

// Components: everything that refers to other descriptors.
static void fill(Compiler *c, RType *r, Type *u)
{
    if (u->elem)
        r->elem = rtype_of(c, u->elem);
    if (u->key)
        r->key = rtype_of(c, u->key);
    r->len = u->len;
    if (u->kind == TYPE_STRUCT && u->fields.len > 0) {
        RField *fields = xcalloc((size_t)u->fields.len, sizeof *fields);
        for (int i = 0; i < u->fields.len; i++) {
            TypeField *field = &u->fields.data[i];
            fields[i] = (RField){field->name->text, rtype_of(c, field->type), field->offset,
                                 field->embedded, is_exported(field->name)};
        }
        r->fields = fields;
        r->field_count = (u32)u->fields.len;
    }
    if (u->kind == TYPE_FUNC) {
        int n = u->params.len, total = n + u->results.len;
        r->params = xcalloc((size_t)total + 1, sizeof *r->params);
        for (int i = 0; i < total; i++)
            r->params[i] = rtype_of(c, i < n ? u->params.data[i] : u->results.data[i - n]);
        r->param_count = (u32)n;
        r->result_count = (u32)u->results.len;
    }
    if (u->kind == TYPE_INTERFACE && u->methods.len > 0) {
        RMethod *methods = xcalloc((size_t)u->methods.len, sizeof *methods);
        for (int i = 0; i < u->methods.len; i++) {
            TypeMethod *m = &u->methods.data[i];
            methods[i] = (RMethod){method_name_id(c, m->name, m->pkg), m->name->text,
                                   rtype_of(c, m->type), 0};
        }
        qsort(methods, (size_t)u->methods.len, sizeof *methods, by_name_id);
        r->methods = methods;
        r->method_count = (u32)u->methods.len;
    }
}

static RType *named_rtype(Compiler *c, Type *t)
{
    RType *r = new_rtype(c, t);
    t->rtype = r;
    r->name = rtype_name(t);
    set_layout(r, t);
    r->flags |= RTYPE_NAMED;
    if (t->obj) {
        r->short_name = t->obj->name->text;
        r->pkg = t->obj->pkg ? xstrdup(t->obj->pkg->path) : NULL;
    }
    fill(c, r, type_under(t));
    return r;
}

RType *rtype_of(Compiler *c, Type *t)
{
    if (t->rtype)
        return t->rtype;
    if (t->kind == TYPE_NAMED)
        return named_rtype(c, t);
    if (t->kind < TYPE_ARRAY) {
        TypeKind kind = type_is_untyped(t) ? type_default(t)->kind : t->kind;
        RType *r = c->basic[kind];
        if (!r) {
            r = c->basic[kind] = new_rtype(c, type_predeclared[kind]);
            r->name = r->short_name = rtype_name(type_predeclared[kind]);
            set_layout(r, t);
            r->flags |= RTYPE_NAMED;
        }
        return t->rtype = r;
    }
    Buf key = {0};
    print_key(c, t, &key);
    // Making the key may have made this very type, through a named one.
    RType **at = (RType **)table_at(&c->type_keys, name_intern(key.data, key.len));
    buf_free(&key);
    if (*at)
        return t->rtype = *at;
    RType *r = *at = t->rtype = new_rtype(c, t);
    r->name = rtype_name(t);
    set_layout(r, t);
    fill(c, r, t);
    return r;
}

RType *rtype_array(Compiler *c, Type *elem, u64 len)
{
    Type *t = type_new(c->arena, TYPE_ARRAY);
    t->elem = elem;
    t->len = len;
    return rtype_of(c, t);
}

RType *rtype_func(Compiler *c, Type *sig, Type *receiver)
{
    if (!receiver)
        return rtype_of(c, sig);
    Type *t = type_new(c->arena, TYPE_FUNC);
    t->variadic = sig->variadic;
    vec_push_in(c->arena, &t->params, receiver);
    for (int i = 0; i < sig->params.len; i++)
        vec_push_in(c->arena, &t->params, sig->params.data[i]);
    for (int i = 0; i < sig->results.len; i++)
        vec_push_in(c->arena, &t->results, sig->results.data[i]);
    return rtype_of(c, t);
}

// ---- Methods ----

static void fill_methods(Compiler *c, RType *r, Type *t)
{
    MethodSet set = {0};
    type_method_set(c->arena, t, &set);
    TypeInfo *info = &c->types.data[r->id];
    if (set.len == info->method_count)
        return;
    info->method_count = set.len;
    RMethod *methods = xcalloc((size_t)set.len, sizeof *methods);
    for (int i = 0; i < set.len; i++) {
        MethodEntry *m = &set.data[i];
        methods[i] = (RMethod){method_name_id(c, m->name, m->pkg), m->name->text,
                               rtype_of(c, m->sel.type), method_word_func(c, t, m)};
    }
    qsort(methods, (size_t)set.len, sizeof *methods, by_name_id);
    r->methods = methods;
    r->method_count = (u32)set.len;
}

void rtype_use(Compiler *c, Type *t)
{
    RType *r = rtype_of(c, t);
    if (c->types.data[r->id].used)
        return;
    c->types.data[r->id].used = true;
    Type *u = type_under(t);
    if (u->kind != TYPE_INTERFACE)
        fill_methods(c, r, t);
    if (u->kind == TYPE_FUNC)
        return;
    if (u->elem)
        rtype_use(c, u->elem);
    if (u->key)
        rtype_use(c, u->key);
    for (int i = 0; i < u->fields.len; i++)
        rtype_use(c, u->fields.data[i].type);
}

void rtypes_refresh(Compiler *c)
{
    for (int i = 1; i < c->types.len; i++) {
        TypeInfo info = c->types.data[i];
        if (info.used && info.type && type_under(info.type)->kind != TYPE_INTERFACE)
            fill_methods(c, c->image->types[i], info.type);
    }
}
