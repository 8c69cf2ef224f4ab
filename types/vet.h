// vet.h: what compiles and is wrong all the same: `csp vet`. Runs over the typed tree of a package
// without errors. A finding is a warning in the list; nothing in the tree is changed, but
// Object.extra is used, so that a vetted package cannot be compiled any more.
#ifndef CSP_TYPES_VET_H
#define CSP_TYPES_VET_H

#include "types/check.h"

typedef struct VetOptions {
    bool loopvar_shared; // --loopvar=shared
} VetOptions;

void vet_package(Arena *arena, DiagList *diags, Package *pkg, const VetOptions *options);

#endif
