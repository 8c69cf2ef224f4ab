// compiler.h: typed AST → verified bytecode, appended to the image.
#ifndef CSP_COMPILER_COMPILER_H
#define CSP_COMPILER_COMPILER_H

#include "bytecode/image.h"
#include "types/check.h"

typedef struct Compiler Compiler;

typedef struct CompileOptions {
    bool loopvar_shared;
    bool repl; // main is not called; functions may be declared again
} CompileOptions;

// One for a session (the REPL keeps it: globals, functions and types stay known).
Compiler *compiler_create(Arena *arena, Image *image, DiagList *diags,
                          const CompileOptions *options);

// Compiles what the packages' initialisation, main and (scripts, REPL entries) `toplevel` can
// reach; packages that were compiled before only add what is newly reachable. Returns the id of
// the unit's start function, or 0 after errors: it takes no arguments and runs, in order, the
// initialisation of packages not yet initialised (variables in dependency order, then init
// functions), `toplevel`, and func main (programs; scripts that declare main and do not call it).
// last (REPL, may be NULL): the entry's final expression statement, see below.
// Limits that only code generation finds (frame too large, …) are diagnostics.
u32 compile_unit(Compiler *c, Package **packages, int count, FuncInfo *toplevel, Node *last);

// REPL: where the value of the last entry's final expression was stored as an interface: a global's
// byte offset (2 slots: type, word), valid when the unit had one.
u64 compiler_last_value(const Compiler *c);

#endif
