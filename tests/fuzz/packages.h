// packages.h: the library of the fuzzers of the front end: a table of packages that each of them
// fills.
#ifndef CSP_FUZZ_PACKAGES_H
#define CSP_FUZZ_PACKAGES_H

#include <string.h>

// path: as imported; the text is the package's one file. Ended by a NULL path.
typedef struct FuzzPackage {
    const char *path, *text;
} FuzzPackage;
extern const FuzzPackage fuzz_packages[];

// For CheckOptions.
static bool find_package(const char *path,
                         void (*add)(void *arg, const char *file, const char *text, size_t len),
                         void *arg)
{
    for (const FuzzPackage *p = fuzz_packages; p->path; p++) {
        if (strcmp(p->path, path) != 0)
            continue;
        add(arg, "fuzz.csp", p->text, strlen(p->text));
        return true;
    }
    return false;
}

static const char *package_path(const char *name)
{
    for (const FuzzPackage *p = fuzz_packages; p->path; p++) {
        const char *slash = strrchr(p->path, '/');
        if (strcmp(slash ? slash + 1 : p->path, name) == 0)
            return p->path;
    }
    return NULL;
}

#endif
