// check.h: AST → AST with types, or diagnostics. Knows several packages: the user's one and those
// of the standard library that it imports, which are parsed and checked on demand.
#ifndef CSP_TYPES_CHECK_H
#define CSP_TYPES_CHECK_H

#include "types/const.h"
#include "types/scope.h"
#include "types/types.h"

// What an expression node stands for (Node.mode).
typedef enum ExprMode {
    MODE_INVALID,
    MODE_NOVALUE,  // a call without result
    MODE_TYPE,     // names a type: node->type
    MODE_CONST,    // node->cval, converted to node->type
    MODE_VAR,      // addressable
    MODE_MAPINDEX, // assignable, not addressable
    MODE_VALUE,
    MODE_NIL,
    MODE_COMMAOK, // a value that may also give ok: map index, receive, type assertion
    MODE_BUILTIN, // callee: node->obj->builtin
    MODE_PACKAGE,
} ExprMode;

// Node.flag, by node kind.
enum {
    NODEFLAG_CONVERSION = 1, // NODE_CALL: T(x)
    NODEFLAG_BUILTIN = 2,    // NODE_CALL
    NODEFLAG_COMMAOK =
        4, // index, receive, assert: used in a two-value form; node->type is a tuple (T, bool)
    NODEFLAG_METHOD_VALUE = 8, // NODE_SELECTOR: x.m not called
    NODEFLAG_METHOD_EXPR = 16, // NODE_SELECTOR: T.m
    NODEFLAG_QUALIFIED = 32,   // NODE_SELECTOR: pkg.Name; node->obj is the object
    NODEFLAG_SPREAD = 64,      // NODE_CALL: f(g()) with g giving several values
    NODEFLAG_HAS_BREAK = 128,  // NODE_FOR, RANGE, SWITCH, TYPE_SWITCH, SELECT: a break leaves it
};

// Every untyped constant or nil operand ends with its final type in node->type (what it is
// converted to), so that the compiler never sees an untyped type except untyped nil's absence: a
// nil has the type it is used as, MODE_NIL. An untyped bool of a comparison gets its final type
// too. Implicit conversions to interfaces are not nodes: the compiler compares node->type with the
// type it is assigned to.
// Selectors: field and method selections are found again with type_select(node->selector.x->type,
// …). Variables: Object.captured, addr_taken, reassigned are set for every local. NODE_RANGE,
// NODE_TYPE_SWITCH, select clauses: scopes hold the declared objects; identifiers' obj points to
// them; type switch clauses: clause.implicit is the clause's own variable. branch.target: the
// statement that break and continue (with or without label) refer to; for goto the NODE_LABELED.

typedef struct Checker Checker;

typedef struct CheckOptions {
    bool loopvar_shared; // --loopvar=shared: one variable per loop
    bool repl;           // redeclaring replaces; unused variables and imports are silent
    // Source of a standard package's files, from the embedded table: calls add(arg, file, text,
    // len) for each; false if there is no such package.
    bool (*find_package)(const char *path,
                         void (*add)(void *arg, const char *file, const char *text, size_t len),
                         void *arg);
    // Optional. The import path of the standard package with this name: "rand" → "math/rand"; NULL
    // if there is none. Scripts use it without an import, and hints name it.
    const char *(*package_path)(const char *name);
} CheckOptions;

// One session: the universe, loaded packages, and (REPL) the main package that grows.
Checker *check_session(Arena *arena, DiagList *diags, const CheckOptions *options);

// Checks the files of one program or script as package main. All standard packages that it
// imports are checked before (check_packages). NULL only when nothing could be checked;
// errors are in diags. Scripts: missing imports are added; top-level variables are package
// variables; statements become the body of a function whose FuncInfo is *toplevel (NULL for
// programs); declarations `x := 1` and `var x = 1` at top level declare package variables and stand
// in that body as initialising assignments in order.
Package *check_program(Checker *c, File **files, int count, FuncInfo **toplevel);
// REPL: one entry more for the same package main. *toplevel: its statements. If the entry's last
// statement is an expression with a value, *last is its NODE_EXPR_STMT (else NULL).
Package *check_entry(Checker *c, File *file, FuncInfo **toplevel, Node **last);
// Makes sure that a package is loaded although nothing imports it ("runtime"). NULL if there is
// none.
Package *check_load(Checker *c, const char *path);
// Packages in dependency order (imported before importing), main last.
int check_packages(Checker *c, Package ***out);

#endif
