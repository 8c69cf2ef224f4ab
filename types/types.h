// types.h: what a type is: identity, assignability, method sets, layout, printing.
//
// Types of a compilation session live in one arena (the REPL's session lives as long as the REPL).
// Unnamed types are not unique as pointers: compare with type_identical. Named types are unique
// by declaration. Layout is Go's on amd64.
#ifndef CSP_TYPES_TYPES_H
#define CSP_TYPES_TYPES_H

#include "base/arena.h"
#include "base/str.h"
#include "base/vec.h"
#include "parser/ast.h"

typedef struct Type Type;
typedef struct Object Object;
typedef struct Package Package;

typedef enum TypeKind {
    TYPE_INVALID, // of what has already been reported: silent in every rule
    TYPE_BOOL,
    TYPE_INT,
    TYPE_INT8,
    TYPE_INT16,
    TYPE_INT32,
    TYPE_INT64,
    TYPE_UINT,
    TYPE_UINT8,
    TYPE_UINT16,
    TYPE_UINT32,
    TYPE_UINT64,
    TYPE_UINTPTR,
    TYPE_FLOAT32,
    TYPE_FLOAT64,
    TYPE_COMPLEX64,
    TYPE_COMPLEX128,
    TYPE_STRING,
    TYPE_UNTYPED_BOOL,
    TYPE_UNTYPED_INT,
    TYPE_UNTYPED_RUNE,
    TYPE_UNTYPED_FLOAT,
    TYPE_UNTYPED_COMPLEX,
    TYPE_UNTYPED_STRING,
    TYPE_UNTYPED_NIL,
    TYPE_ARRAY,
    TYPE_SLICE,
    TYPE_STRUCT,
    TYPE_POINTER,
    TYPE_FUNC,
    TYPE_INTERFACE,
    TYPE_MAP,
    TYPE_CHAN,
    TYPE_TUPLE,
    TYPE_NAMED,
} TypeKind;

typedef struct TypeField { // of a struct
    Name name;             // embedded: the type's name
    Type *type;
    Package *pkg; // for unexported names and "_"
    Str tag;
    bool embedded;
    Pos pos;
    u64 offset; // set by type_size on the struct
} TypeField;

typedef struct TypeMethod { // of an interface, own or from embedding; sorted by name after
                            // completion
    Name name;
    Type *type; // TYPE_FUNC without receiver
    Package *pkg;
    Pos pos;
} TypeMethod;

struct Type {
    TypeKind kind;
    bool variadic;               // func: last parameter's type is a slice
    bool complete;               // interface: method set computed; named: underlying known
    u8 chan_dir;                 // ChanDir
    Type *elem;                  // array, slice, pointer, map value, chan
    Type *key;                   // map
    u64 len;                     // array
    Vec(TypeField) fields;       // struct
    Vec(Type *) params, results; // func; tuple: results
    Vec(Name)
        names; // func: of params, then results, for messages; NULL where unnamed; may be empty
    Vec(TypeMethod) methods; // interface: complete method set
    NodeList embedded_nodes; // interface, while incomplete
    Vec(Type *) embedded;    // interface: embedded types as declared
    // named
    Object *obj;               // its declaration: name, package, place
    Type *underlying;          // never named; for others: itself
    Vec(Object *) own_methods; // OBJECT_FUNC with recv
    // annotations of later passes
    struct RType *rtype; // compiler's; NULL until needed
    u64 size;            // valid when sized
    u32 align;
    bool sized, too_large;
    u8 mark;      // for cycle checks
    u32 compared; // struct: the last search for something incomparable that came by
    // struct: the compiler's layout (compiler/rtypes.c), valid when laid_out
    bool laid_out;
    u8 flags;
    i8 slots;
};

typedef enum ObjectKind {
    OBJECT_VAR,
    OBJECT_CONST,
    OBJECT_TYPE,
    OBJECT_FUNC,
    OBJECT_PACKAGE,
    OBJECT_BUILTIN,
    OBJECT_NIL,
    OBJECT_LABEL,
} ObjectKind;

typedef enum BuiltinId {
    BUILTIN_APPEND,
    BUILTIN_CAP,
    BUILTIN_CLEAR,
    BUILTIN_CLOSE,
    BUILTIN_COMPLEX,
    BUILTIN_COPY,
    BUILTIN_DELETE,
    BUILTIN_IMAG,
    BUILTIN_LEN,
    BUILTIN_MAKE,
    BUILTIN_MAX,
    BUILTIN_MIN,
    BUILTIN_NEW,
    BUILTIN_PANIC,
    BUILTIN_PRINT,
    BUILTIN_PRINTLN,
    BUILTIN_REAL,
    BUILTIN_RECOVER,
    BUILTIN_COUNT
} BuiltinId;

// What a name denotes.
struct Object {
    ObjectKind kind;
    Name name;
    Type *type;          // NULL or TYPE_INVALID while unresolved
    Pos pos;             // of its name; POS_NONE for predeclared ones
    Package *pkg;        // NULL for predeclared
    struct Scope *scope; // where declared
    Node *decl;          // spec, function declaration, field or statement that declares it
    struct Const *cval;  // const
    bool is_global;      // package level
    bool is_param, is_result, is_field;
    bool used;
    // variables, for the compiler; computed by the checker:
    bool captured;   // used by a function literal inside the function that declares it
    bool addr_taken; // &x, method call through &x, slicing of an array x, &x.f, &x[i] of an array x
    bool reassigned; // assigned after its declaration (or declared without a value and then
                     // assigned)
    bool loop_var;   // declared by a for clause or range with :=
    struct FuncInfo *func; // local: the function (declaration or literal) that declares it
    // functions
    Node *recv;       // methods: the receiver field
    Type *recv_named; // methods: the receiver's base type
    bool recv_pointer;
    BuiltinId builtin;
    Package *imported; // OBJECT_PACKAGE
    int order;         // of appearance within the package
    // scratch of later passes
    i64 slot;           // compiler: frame slot or global offset
    u32 func_id;        // compiler
    void *extra;        // compiler
    u8 state;           // checker: 0 white, 1 being resolved, 2 done
    File *file;         // checker: package-level: where declared
    u32 stamp;          // checker: scratch
    Vec(Object *) deps; // package-level: what its initialisation or body refers to
};

// A function declaration or literal, as far as later passes need it.
typedef struct FuncInfo {
    Node *node;             // NODE_FUNC_DECL or NODE_FUNC_LIT
    struct FuncInfo *outer; // NULL for declarations
    Object *obj;            // declarations
    Type *type;             // func type (without receiver)
    Vec(Object *) captures; // variables of outer functions that it (or a literal in it) uses
    Vec(Object *) params;   // receiver first, then parameters; unnamed and "_" have an Object too
    Vec(Object *) results;  // one Object for each result, named or not
    bool named_results;
    bool has_defer;
    int literal_count; // literals directly inside, for names like main.f.func1
    int index;         // number among its siblings, from 1 (literals)
} FuncInfo;

struct Package {
    const char *path; // "math/rand", "main"
    Name name;
    struct Scope *scope;
    Vec(File *) files;
    Vec(Package *) imports;
    bool is_main, is_std, is_script, checked;
    int literal_count; // function literals in initialisers of package variables
    // package variables with values (NODE_VALUE_SPEC), blank ones too, in the order in which they
    // must be initialised
    Vec(Node *) init_specs;
    // functions and methods with or without body, in source order; func init()s too
    Vec(Object *) funcs;
    Vec(FuncInfo *) func_infos; // all declarations and literals
};

extern Type *type_predeclared[TYPE_UNTYPED_NIL + 1]; // by kind; shared by all sessions
extern Type *type_byte,
    *type_rune; // aliases: same as uint8, int32 but print as byte, rune only where Go does
extern Type *type_error, *type_any, *type_empty_interface;

Type *type_new(Arena *arena, TypeKind kind);
static inline Type *type_under(Type *t)
{
    return t->underlying ? t->underlying : t;
}

bool type_identical(const Type *a, const Type *b);
bool type_assignable(const Type *from,
                     const Type *to); // typed values only; untyped ones: check_expr.c
bool type_convertible(const Type *from, const Type *to);
bool type_comparable(const Type *t);
bool type_ordered(const Type *t);
bool type_is_untyped(const Type *t);
Type *type_default(Type *t); // of untyped: int, float64, …
bool type_is_integer(const Type *t), type_is_unsigned(const Type *t), type_is_float(const Type *t),
    type_is_complex(const Type *t), type_is_numeric(const Type *t), type_is_string(const Type *t),
    type_is_boolean(const Type *t), type_is_interface(const Type *t);

// Selection: x.name through embedding. path: fields to go through (indices), the last one for a
// field itself. indirect says where a pointer is followed.
typedef struct Selection {
    enum { SELECT_NONE, SELECT_FIELD, SELECT_METHOD, SELECT_IFACE_METHOD, SELECT_AMBIGUOUS } kind;
    Vec(int) path;            // embedded fields to walk, then (SELECT_FIELD) the field
    Object *method;           // SELECT_METHOD
    TypeMethod *iface_method; // SELECT_IFACE_METHOD
    Type *type;               // of the field, or the method's func type without receiver
    Type *holder; // type that declares the method (named or interface), or the struct of the field
    bool through_pointer; // an embedded pointer (or x itself) was followed on the way
} Selection;
Selection type_select(Arena *arena, Type *t, Name name, Package *from);

// The method set for interfaces: every method callable on t (addressable not assumed), sorted by
// name; used for RTypes and implements checks.
typedef struct MethodEntry {
    Name name;
    Package *pkg; // of unexported names
    Selection sel;
} MethodEntry;
typedef Vec(MethodEntry) MethodSet;
void type_method_set(Arena *arena, Type *t, MethodSet *out);
// Whether t implements iface; on false *missing names the method and *why gets a text as in Go's
// message, types of `from` without qualifier: "(missing M method)", "(M method has pointer
// receiver)", "(wrong type for M method)\n\t\thave …\n\t\twant …". missing and why may be NULL.
bool type_implements(Type *t, Type *iface, const Package *from, Name *missing, Buf *why);
// A type asserted from iface (x.(t)) must implement it, unless t is an interface as well.
bool type_assertable(Type *iface, Type *t, const Package *from, Buf *why);

// Go's sizes on amd64. false: larger than the address space allows (1<<47).
bool type_size(Type *t, u64 *size, u32 *align);

bool name_is_exported(Name name);
bool type_has_name(const Type *t); // predeclared or declared, not composed
bool type_has_nil(const Type *t);  // nil is one of its values
bool type_identical_ignoring_tags(const Type *a, const Type *b);
// Says in Go's words why t is not comparable; nothing when there is no more to say.
void type_incomparable_cause(const Type *t, const Package *from, Buf *out);
const char *type_kind_word(const Type *t); // "slice", "map", "func", …; a basic type's name
void type_print_signature(const Type *t, const Package *from, Buf *out); // "(x int) string"

// As messages print it; types of package `from` without qualifier (NULL: all qualified).
void type_print(const Type *t, const Package *from, Buf *out);
const char *type_string(Arena *arena, const Type *t, const Package *from);

#endif
