// tables.h: the native tables of all packages, for stdlib.c and for the files that define them.
#ifndef CSP_STDLIB_TABLES_H
#define CSP_STDLIB_TABLES_H

#include "bytecode/native.h"

#define PACKAGE(name) extern const NativeTable name##_natives;
#include "stdlib/packages.def"
#undef PACKAGE

#endif
