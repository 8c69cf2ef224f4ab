// errors.c: natives of package errors: what needs to look at types.
#include "bytecode/native.h"
#include "bytecode/rtype.h"
#include "stdlib/tables.h"

// As Go: only the dynamic type itself decides; an interface in a field may still panic.
static NativeStatus errors_comparable(struct P *p, Slot *args)
{
    (void)p;
    const RType *t = slot_ptr(args[0]);
    args[0] = t == NULL || rtype_is(t, RTYPE_COMPARABLE);
    return NATIVE_OK;
}

enum { ASSIGNED, NOT_ASSIGNABLE, TARGET_NOT_POINTER, TARGET_NIL, ELEMENT_WRONG };

static bool has_error_method(const RType *t)
{
    for (u32 i = 0; i < t->method_count; i++) {
        const RMethod *m = &t->methods[i];
        if (strcmp(m->name, "Error") == 0)
            return m->type->param_count == 0 && m->type->result_count == 1 &&
                   m->type->params[0]->kind == RK_STRING;
    }
    return false;
}

// func assign(err error, target any) int
static NativeStatus errors_assign(struct P *p, Slot *args)
{
    (void)p;
    const RType *dynamic = slot_ptr(args[0]), *pointer = slot_ptr(args[2]);
    Slot word = args[1];
    char *to = slot_ptr(args[3]);
    if (pointer == NULL || pointer->kind != RK_POINTER) {
        args[0] = TARGET_NOT_POINTER;
        return NATIVE_OK;
    }
    const RType *elem = pointer->elem;
    if (to == NULL) {
        args[0] = TARGET_NIL;
    } else if (elem->kind != RK_INTERFACE && !has_error_method(elem)) {
        args[0] = ELEMENT_WRONG;
    } else if (dynamic == NULL) {
        args[0] = NOT_ASSIGNABLE;
    } else if (elem->kind == RK_INTERFACE) {
        if (rtype_implements(dynamic, elem, NULL, NULL)) {
            memcpy(to, args, 2 * sizeof(Slot)); // type and word stand side by side in memory too
            args[0] = ASSIGNED;
        } else {
            args[0] = NOT_ASSIGNABLE;
        }
    } else if (elem == dynamic) {
        if (rtype_is(dynamic, RTYPE_DIRECT))
            rtype_store(elem, to, &word);
        else
            memcpy(to, slot_ptr(word), elem->size);
        args[0] = ASSIGNED;
    } else {
        args[0] = NOT_ASSIGNABLE;
    }
    return NATIVE_OK;
}

static const Native natives[] = {
    {"comparable", errors_comparable, 0},
    {"assign", errors_assign, 0},
};
const NativeTable errors_natives = {"errors", natives, countof(natives)};
