// stdlib.c: the list of native tables. The sources of the packages are embedded by the build.
#include "stdlib/stdlib.h"

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
