// check_impl.h: what the files of the checker share. Private to types/.
//
// An operand is its node: checking an expression fills mode, type and cval of the node, and rules
// that follow change them in place. A node of MODE_INVALID (type TYPE_INVALID) has been told
// about; every rule passes it by.
#ifndef CSP_TYPES_CHECK_IMPL_H
#define CSP_TYPES_CHECK_IMPL_H

#include "types/check.h"

// What surrounds the piece of program that is being checked.
typedef struct Env {
    Package *pkg;
    File *file;
    Scope *scope;
    Object *decl;        // package-level declaration whose dependencies are collected
    FuncInfo *func;      // NULL outside of functions
    struct Const *iota;  // in constant declarations
    Node *repeated_name; // in a repeated constant: where errors belong
    bool at_top;         // a script's top-level statements
} Env;

typedef struct Delayed {
    void (*run)(Checker *c, Node *n, Type *t);
    Node *node;
    Type *type;
    Env env;
} Delayed;

// REPL: what an entry replaced, to be put back if it has errors.
typedef struct Replaced {
    Scope *scope;
    Object *before, *now; // before may be NULL
    Type *method_of;      // or it is a method of this type, and scope is NULL
} Replaced;

struct Checker {
    Arena *arena;
    DiagList *diags;
    CheckOptions options;
    Vec(Package *) packages; // in the order in which they were finished
    Vec(Package *) loading;
    Package *main;
    Env env;
    int type_depth; // nesting of type expressions; delayed work runs when it is back at 0
    Vec(Delayed) delayed;
    Vec(Object *) path;   // package-level objects being resolved
    Vec(Object *) locals; // variables declared in the functions being checked, for "not used"
    Vec(Node *) spine;    // left operands of nested binary expressions
    Vec(Type *) named;    // declared types whose recursion is to be checked
    u32 stamp;
    bool generics_seen; // type parameters were met: bodies were skipped
    bool depth_reported;
    Diag unsaid;       // what would only follow from another error
    bool has_call;     // a call or receive was met: len of an array is then no constant
    Node *callee;      // whose arguments are being assigned, for messages
    char *stack_limit; // below this address recursion stops
    Vec(Replaced) replaced;
    FuncInfo *toplevel;
    Vec(Object *) objects; // package-level objects of the package or entry being checked
    Vec(Object *) imports; // of its files, for "not used"
};

// ---- Messages (check_error.c) ----

// Go's wording; kind is the short name for `csp explain`. The pointer allows hint and place.
Diag *check_error(Checker *c, Pos pos, Pos end, DiagKind kind, const char *fmt, ...)
    PRINTF_LIKE(5, 6);
Diag *check_error_at(Checker *c, const Node *at, DiagKind kind, const char *fmt, ...)
    PRINTF_LIKE(4, 5);
Diag *check_warning_at(Checker *c, Pos pos, Pos end, DiagKind kind, const char *fmt, ...)
    PRINTF_LIKE(5, 6);
const char *type_text(Checker *c, const Type *t);
const char *expr_text(Checker *c, const Node *n);
const char *operand_text(Checker *c, const Node *n); // "x (variable of type int)"
const char *const_text(Checker *c, const struct Const *v);
// scope_suggest, but not for the hundredth error any more: who reads so many?
Name suggest(Checker *c, Scope *s, Name name, bool (*wanted)(Object *obj));
void hint_name(Checker *c, Diag *d, Name suggestion);
Diag *check_undefined(Checker *c, const Node *ident); // "undefined: x", with a hint if there is one

// ---- Constants and untyped operands (check_const.c) ----

typedef enum Fit { FIT_OK, FIT_NO, FIT_TRUNCATED, FIT_OVERFLOW } Fit;

// The value as constant of type t (basic underlying type), converted and rounded.
Fit const_represent(Checker *c, const struct Const *v, Type *from, Type *t, struct Const **out);
// What an untyped operand becomes where t is wanted.
Fit implicit_type(Checker *c, Node *x, Type *t, Type **out, struct Const **value);
void finalize(Checker *c, Node *x, Type *t);        // untyped x gets its final type t
bool convert_untyped(Checker *c, Node *x, Type *t); // reports
void use_default_type(Checker *c, Node *x);
void settle_type(Checker *c, Node *x); // the same after an error elsewhere: silent
void check_overflow(Checker *c, Node *x, const char *op_name, Pos op_pos, Pos op_end);
struct Const *const_of_kind(Checker *c, struct Const *v, Type *untyped);

// ---- Types (check_type.c) ----

Type *check_type(Checker *c, Node *n);                // never NULL
Type *check_type_def(Checker *c, Node *n, Type *def); // def: the named type that it defines
Type *check_signature(Checker *c, Node *sig);
void run_delayed(Checker *c);
void unsupported_generics(Checker *c, Node *at);
void not_generic(Checker *c, Node *n, Type *t);
Type *make_pointer(Checker *c, Type *elem);
Type *make_slice(Checker *c, Type *elem);

// ---- Declarations (check_decl.c) ----

Object *new_object(Checker *c, ObjectKind kind, Name name, Pos pos, Type *type);
Object *new_local(Checker *c, Name name, Pos pos,
                  Type *type);                       // variable, remembered for "not used"
void declare(Checker *c, Scope *scope, Object *obj); // reports redeclaration; skips "_"
void redeclared(Checker *c, Object *obj, Object *before);
void resolve_object(Checker *c, Object *obj);
void check_func_decl(Checker *c, Object *obj); // the body
void check_func_body(Checker *c, FuncInfo *info, Node *body);
FuncInfo *new_func_info(Checker *c, Node *node, Type *type);
void check_local_decl(Checker *c, Node *gen);
void check_recursive_types(Checker *c);
void report_unused_locals(Checker *c, int from, FuncInfo *func);
bool check_value_count(Checker *c, Node *spec, bool constant);

// ---- Expressions (check_expr.c) ----

void check_raw(Checker *c, Node *n, Type *hint);       // any operand: type, value, several values
void check_expr(Checker *c, Node *n);                  // one value
void check_expr_hint(Checker *c, Node *n, Type *hint); // hint: a literal's type may be left out
void check_expr_or_type(Checker *c, Node *n);
void check_multi(Checker *c, Node *n); // one value or several, no type
void check_use(Checker *c, Node *n);   // for its uses only, after an error
void check_use_list(Checker *c, NodeList *list);
bool single_value(Checker *c, Node *n);
void set_invalid(Node *n);
void set_value(Node *n, Type *t);
static inline bool is_invalid(const Node *n)
{
    return n->mode == MODE_INVALID;
}
bool is_type_invalid(const Type *t); // itself or underneath
bool check_binary(Checker *c, Node *n, Node *x, Node *y, TokenKind op, Pos op_pos); // result in n
bool check_comparison(Checker *c, Node *n, Node *x, Node *y, TokenKind op, bool is_case);
void mark_addressed(Node *n); // the variable whose storage n is part of
void mark_reassigned(Node *n);
bool is_addressable(const Node *n);
bool is_comma_ok(const Node *n);
i64 check_index(Checker *c, Node *n, i64 length); // constant index or -1; -2: invalid
bool check_integer_operand(Checker *c, Node *x, const char *what, bool allow_negative);
Object *lookup_name(Checker *c, Node *ident, bool as_package);
void check_composite(Checker *c, Node *n, Type *hint);
void check_selector(Checker *c, Node *n);
void check_type_assertion(Checker *c, Node *n, Node *x, Type *t, bool in_switch);
bool check_depth(Checker *c, const Node *n); // false: nested too deeply, reported

// Constants seen so far, for duplicate keys and cases.
typedef struct ConstSet {
    struct {
        const struct Const *value;
        Type *type;
        Node *node;
    } * entries;
    int count, size;
} ConstSet;
Node *const_set_add(ConstSet *set, const struct Const *value, Type *type,
                    Node *node); // the earlier one or NULL
void const_set_free(ConstSet *set);

// ---- Calls (check_call.c, check_builtin.c) ----

void check_call(Checker *c, Node *n);
void check_builtin(Checker *c, Node *n, BuiltinId id);
// Evaluates a list that may be one call with several values. Returns the number of values; their
// types by operand_type_at.
int check_expr_list(Checker *c, NodeList *list, bool *spread);
const char *types_summary(Checker *c, NodeList *operands, bool spread);
const char *type_list_summary(Checker *c, Type **types, int count, bool variadic);

// ---- Assignment (check_assign.c) ----

extern const char context_argument[]; // "argument to f", f being c->callee

// Makes x fit a variable of type t (NULL: blank). Reports with context; false then.
bool check_assignment(Checker *c, Node *x, Type *t, const char *context);
// A value of type `from` without a node of its own (one of several).
bool check_assign_type(Checker *c, Node *at, Type *from, Type *t, const char *context);
void check_init_vars(Checker *c, Object **vars, int count, NodeList *values, const char *context);
void check_assign_stmt(Checker *c, Node *n);
void check_define(Checker *c, Node *n, bool global);
Type *check_assign_target(Checker *c, Node *lhs); // NULL: blank; TYPE_INVALID after an error

// ---- Statements (check_stmt.c, check_flow.c) ----

enum {
    STMT_BREAK_OK = 1,
    STMT_CONTINUE_OK = 2,
    STMT_FALLTHROUGH_OK = 4,
    STMT_FINAL_CASE = 8,
    STMT_IN_TYPE_SWITCH = 16,
};

typedef struct Target { // enclosing statements, for break and continue
    Node *stmt;
    struct Target *outer;
} Target;

void check_stmts(Checker *c, NodeList *list, unsigned flags);
void check_stmt(Checker *c, Node *n, unsigned flags);
void check_branches(Checker *c, NodeList *body); // labels and jumps; sets branch.target
bool is_terminating_list(NodeList *list);
bool calls_builtin(Node *call, BuiltinId id);

// ---- Packages (check.c) ----

Object *auto_import(Checker *c, Name name);
const char *standard_path(Checker *c, const char *name);         // CheckOptions.package_path
void collect_declarations(Checker *c, Package *pkg, File *file); // check_collect.c
void collect_imports(Checker *c, Package *pkg, File *file);
void report_import_clashes(Checker *c, Package *pkg);
void attach_methods(Checker *c, Package *pkg, int first);
void report_unused_imports(Checker *c, Package *pkg);
Package *load_package(Checker *c, const char *path);
void add_dependency(Checker *c, Object *obj);
void order_initialisation(Checker *c, Package *pkg); // check_init.c

#endif
