// log.c: the native of package log.
#include "stdlib/tables.h"
#include "vm/object.h"
#include "vm/vm.h"

// func caller(depth int) (file string, line int, ok bool)
static NativeStatus log_caller(P *p, Slot *args)
{
    const char *func, *file = "";
    int line = 0;
    bool found = vm_caller_place(vm_caller(p, (int)args[0]), &func, &file, &line);
    if (!vm_string_new(p, file, strlen(file), args))
        return NATIVE_NOMEM;
    args[2] = (Slot)line;
    args[3] = found;
    return NATIVE_OK;
}

static const Native natives[] = {
    {"caller", log_caller, 0},
};
const NativeTable log_natives = {"log", natives, countof(natives)};
