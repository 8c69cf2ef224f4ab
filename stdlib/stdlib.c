// stdlib.c: the list of native tables, and finding packages among the sources that the build
// embeds.
#include "stdlib/stdlib.h"

#include <string.h>

#include "stdlib/tables.h"

// A package that stands in the list twice does not compile.
enum {
#define PACKAGE(name) ONCE_##name,
#include "stdlib/packages.def"
#undef PACKAGE
};

const NativeTable *const stdlib_natives[] = {
#define PACKAGE(name) &name##_natives,
#include "stdlib/packages.def"
#undef PACKAGE
    NULL,
};

// Without the NULL.
const int stdlib_native_count = countof(stdlib_natives) - 1;

bool stdlib_find(const char *path,
                 void (*add)(void *arg, const char *file, const char *text, size_t len), void *arg)
{
    bool found = false;
    for (int i = 0; i < stdlib_source_count; i++) {
        const EmbeddedSource *s = &stdlib_sources[i];
        if (strcmp(s->package, path) != 0)
            continue;
        found = true;
        add(arg, s->file, s->text, s->len);
    }
    return found;
}

const char *stdlib_path(const char *name)
{
    const char *best = NULL;
    for (int i = 0; i < stdlib_source_count; i++) {
        const char *path = stdlib_sources[i].package, *slash = strrchr(path, '/');
        if (strcmp(slash ? slash + 1 : path, name) == 0 && strncmp(path, "internal/", 9) != 0 &&
            (!best || strlen(path) < strlen(best)))
            best = path;
    }
    return best;
}
