// scope.c: names, and the universe scope.
//
// A scope is a list that gets a hash table when it grows. The universe is made once for the
// process and is read-only afterwards; its types are the ones that types.h shows.
#include "types/scope.h"

#include "types/const.h"

enum { LINEAR_MAX = 8 };

struct Scope {
    Arena *arena;
    Scope *outer;
    Vec(Object *) objects; // in order of insertion
    int *table;            // index + 1 into objects; NULL while short
    int table_size;        // a power of two, at least twice objects.len
};

Scope *scope_new(Arena *arena, Scope *outer)
{
    Scope *s = arena_new(arena, Scope);
    s->arena = arena;
    s->outer = outer;
    return s;
}

Scope *scope_outer(const Scope *s)
{
    return s->outer;
}

// ---- Looking up -------------------------------------------------------------------------

static int find_index(const Scope *s, Name name)
{
    if (!s->table) {
        for (int i = 0; i < s->objects.len; i++) {
            if (s->objects.data[i]->name == name)
                return i;
        }
        return -1;
    }
    for (u32 h = name->hash;; h++) {
        int entry = s->table[h & (u32)(s->table_size - 1)];
        if (entry == 0)
            return -1;
        if (s->objects.data[entry - 1]->name == name)
            return entry - 1;
    }
}

Object *scope_lookup(Scope *s, Name name)
{
    int i = find_index(s, name);
    return i >= 0 ? s->objects.data[i] : NULL;
}

Object *scope_find(Scope *s, Name name, Pos at)
{
    for (; s; s = s->outer) {
        int i = find_index(s, name);
        if (i < 0)
            continue;
        Object *obj = s->objects.data[i];
        if (at != POS_NONE && !obj->is_global && obj->pos > at)
            continue;
        return obj;
    }
    return NULL;
}

// ---- Changing ---------------------------------------------------------------------------

static void enter(Scope *s, int index)
{
    for (u32 h = s->objects.data[index]->name->hash;; h++) {
        int *entry = &s->table[h & (u32)(s->table_size - 1)];
        if (*entry == 0) {
            *entry = index + 1;
            return;
        }
    }
}

static void append(Scope *s, Object *obj)
{
    vec_push_in(s->arena, &s->objects, obj);
    if (s->objects.len <= LINEAR_MAX)
        return;
    if (s->objects.len * 2 <= s->table_size) {
        enter(s, s->objects.len - 1);
        return;
    }
    s->table_size = s->table_size ? s->table_size * 2 : 4 * LINEAR_MAX;
    s->table = arena_array(s->arena, int, s->table_size);
    for (int i = 0; i < s->objects.len; i++)
        enter(s, i);
}

Object *scope_insert(Scope *s, Object *obj)
{
    int i = find_index(s, obj->name);
    if (i >= 0)
        return s->objects.data[i];
    append(s, obj);
    if (!obj->scope)
        obj->scope = s;
    return NULL;
}

void scope_replace(Scope *s, Object *obj)
{
    int i = find_index(s, obj->name);
    if (i >= 0)
        s->objects.data[i] = obj;
    else
        append(s, obj);
    obj->scope = s;
}

void scope_remove(Scope *s, Object *obj)
{
    // An entry in its place that no name finds keeps the table's chains whole.
    Object *gone = arena_new(s->arena, Object);
    *gone = *obj;
    NameText *nameless = arena_alloc(s->arena, sizeof *nameless + 2);
    nameless->hash = obj->name->hash;
    nameless->text[0] = '_';
    gone->name = nameless;
    int i = find_index(s, obj->name);
    if (i >= 0 && s->objects.data[i] == obj)
        s->objects.data[i] = gone;
}

void scope_each(Scope *s, void (*visit)(Object *obj, void *arg), void *arg)
{
    for (int i = 0; i < s->objects.len; i++)
        visit(s->objects.data[i], arg);
}

Name scope_suggest(Scope *s, Name name, bool (*wanted)(Object *obj))
{
    int max = name->len == 1 ? 0 : name->len <= 5 ? 1 : name->len <= 8 ? 2 : 3;
    Name best = NULL;
    int best_distance = max + 1;
    for (; s; s = s->outer) {
        for (int i = 0; i < s->objects.len; i++) {
            Object *obj = s->objects.data[i];
            if (obj->name == name || obj->name->text[0] == '_' || (wanted && !wanted(obj)))
                continue;
            int distance =
                edit_distance(name->text, name->len, obj->name->text, obj->name->len, max);
            if (strcasecmp(name->text, obj->name->text) == 0)
                distance = 0;
            // One letter against another says nothing.
            // Of two names as near, the longer one: letters are left out more often than added.
            bool nearer = distance < best_distance ||
                          (best && distance == best_distance && obj->name->len > best->len);
            if (distance >= (int)obj->name->len || !nearer)
                continue;
            best = obj->name;
            best_distance = distance;
        }
    }
    return best;
}

// ---- The universe -----------------------------------------------------------------------

Type *type_predeclared[TYPE_UNTYPED_NIL + 1];
Type *type_byte, *type_rune;
Type *type_error, *type_any, *type_empty_interface;

static const char *const builtin_names[BUILTIN_COUNT] = {
    "append", "cap", "clear", "close", "complex", "copy",  "delete",  "imag", "len",
    "make",   "max", "min",   "new",   "panic",   "print", "println", "real", "recover",
};

static Object *declare(Arena *arena, Scope *s, ObjectKind kind, const char *name, Type *type)
{
    Object *obj = arena_new(arena, Object);
    obj->kind = kind;
    obj->name = name_from(name);
    obj->type = type;
    obj->is_global = true;
    obj->state = 2;
    scope_insert(s, obj);
    return obj;
}

static void declare_error(Arena *arena, Scope *s)
{
    Type *method = type_new(arena, TYPE_FUNC);
    method->complete = true;
    vec_push_in(arena, &method->results, type_predeclared[TYPE_STRING]);
    Type *iface = type_new(arena, TYPE_INTERFACE);
    iface->complete = true;
    TypeMethod entry = {.name = name_from("Error"), .type = method};
    vec_push_in(arena, &iface->methods, entry);
    type_error = type_new(arena, TYPE_NAMED);
    type_error->complete = true;
    type_error->underlying = iface;
    type_error->obj = declare(arena, s, OBJECT_TYPE, "error", type_error);
}

Scope *scope_universe(void)
{
    static Scope *universe;
    if (universe)
        return universe;
    Arena *arena = arena_create();
    Scope *s = scope_new(arena, NULL);
    for (int kind = TYPE_INVALID; kind <= TYPE_UNTYPED_NIL; kind++) {
        type_predeclared[kind] = type_new(arena, (TypeKind)kind);
        type_predeclared[kind]->complete = true;
        if (kind >= TYPE_BOOL && kind <= TYPE_STRING) {
            Buf b = {0};
            type_print(type_predeclared[kind], NULL, &b);
            declare(arena, s, OBJECT_TYPE, b.data, type_predeclared[kind]);
            buf_free(&b);
        }
    }
    type_byte = type_new(arena, TYPE_UINT8);
    type_rune = type_new(arena, TYPE_INT32);
    type_any = type_new(arena, TYPE_INTERFACE);
    type_empty_interface = type_new(arena, TYPE_INTERFACE);
    type_byte->complete = type_rune->complete = true;
    type_any->complete = type_empty_interface->complete = true;
    declare(arena, s, OBJECT_TYPE, "byte", type_byte);
    declare(arena, s, OBJECT_TYPE, "rune", type_rune);
    declare(arena, s, OBJECT_TYPE, "any", type_any);
    declare(arena, s, OBJECT_TYPE, "comparable", type_predeclared[TYPE_INVALID]);
    declare_error(arena, s);

    Type *untyped_bool = type_predeclared[TYPE_UNTYPED_BOOL];
    declare(arena, s, OBJECT_CONST, "true", untyped_bool)->cval = const_bool(arena, true);
    declare(arena, s, OBJECT_CONST, "false", untyped_bool)->cval = const_bool(arena, false);
    declare(arena, s, OBJECT_CONST, "iota", type_predeclared[TYPE_UNTYPED_INT]);
    declare(arena, s, OBJECT_NIL, "nil", type_predeclared[TYPE_UNTYPED_NIL]);
    for (int id = 0; id < BUILTIN_COUNT; id++)
        declare(arena, s, OBJECT_BUILTIN, builtin_names[id], type_predeclared[TYPE_INVALID])
            ->builtin = (BuiltinId)id;
    universe = s;
    return s;
}
