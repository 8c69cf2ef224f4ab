// context.c: natives of package context: what needs to look at types.
#include "stdlib/tables.h"
#include "vm/object.h"

static NativeStatus context_comparable(P *p, Slot *args)
{
    (void)p;
    const RType *t = slot_ptr(args[0]);
    args[0] = t && rtype_is(t, RTYPE_COMPARABLE);
    return NATIVE_OK;
}

static NativeStatus context_type_name(P *p, Slot *args)
{
    (void)p;
    const RType *t = slot_ptr(args[0]);
    vm_string_static(t ? t->name : "<nil>", args);
    return NATIVE_OK;
}

static const Native natives[] = {
    {"comparable", context_comparable, 0},
    {"typeName", context_type_name, 0},
};
const NativeTable context_natives = {"context", natives, countof(natives)};
