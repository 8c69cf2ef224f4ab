// html.c: the native of package html: what names stand for.
#include "stdlib/tables.h"
#include "vm/object.h"

static const struct {
    const char *name, *text;
} entities[] = {
#define ENTITY(name, text) {name, text},
#include "stdlib/html/entities.def"
#undef ENTITY
};

// func entity(name string) string
static NativeStatus html_entity(P *p, Slot *args)
{
    (void)p;
    Str name = vm_str(args);
    const char *text = "";
    size_t low = 0, high = countof(entities);
    while (low < high) {
        size_t middle = (low + high) / 2;
        const char *other = entities[middle].name;
        size_t length = strlen(other);
        int order = memcmp(name.data, other, length < name.len ? length : name.len);
        if (order == 0)
            order = (name.len > length) - (name.len < length);
        if (order == 0) {
            text = entities[middle].text;
            break;
        }
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    vm_string_static(text, args);
    return NATIVE_OK;
}

static const Native natives[] = {
    {"entity", html_entity, 0},
};
const NativeTable html_natives = {"html", natives, countof(natives)};
