// rtype.h: run-time type descriptors.
//
// One RType for each type that a program uses at run time: size and layout (Go's, amd64), how a
// value stands in a frame, equality, hash, names, fields, elements, methods. Unnamed types are
// interned by structure, named ones by declaration, so type identity is pointer identity.
// Descriptors live in malloc memory for the whole process and hold no collector pointers.
#ifndef CSP_BYTECODE_RTYPE_H
#define CSP_BYTECODE_RTYPE_H

#include "base/base.h"
#include "base/value.h"

typedef enum RKind {
    RK_INVALID,
    RK_BOOL,
    RK_INT,
    RK_INT8,
    RK_INT16,
    RK_INT32,
    RK_INT64,
    RK_UINT,
    RK_UINT8,
    RK_UINT16,
    RK_UINT32,
    RK_UINT64,
    RK_UINTPTR,
    RK_FLOAT32,
    RK_FLOAT64,
    RK_COMPLEX64,
    RK_COMPLEX128,
    RK_ARRAY,
    RK_CHAN,
    RK_FUNC,
    RK_INTERFACE,
    RK_MAP,
    RK_POINTER,
    RK_SLICE,
    RK_STRING,
    RK_STRUCT,
} RKind;

enum {
    RTYPE_PTRFREE = 1,    // holds no pointers: its memory need not be scanned
    RTYPE_COMPARABLE = 2, // == is defined (an interface inside may still panic)
    RTYPE_MEMEQ = 4,      // equal exactly when its bytes are equal (no floats, strings, padding)
    RTYPE_NAMED = 8,      // declared (or predeclared) with a name
    RTYPE_DIRECT =
        16, // in an interface, the word is the value itself (exactly one slot, no aggregate)
    RTYPE_AGGREGATE = 32, // in a frame: one slot that points to memory in Go's layout
    RTYPE_VARIADIC = 64,  // func: last parameter is variadic
};

typedef struct RType RType;

typedef struct RField {
    const char *name;
    RType *type;
    u64 offset;
    bool embedded, exported;
} RField;

typedef struct RMethod {
    u32 name_id; // image.h: method names, one number for each (package-qualified if not exported)
    const char *name; // as written
    RType *type;      // func type without receiver
    u32 func_id;      // concrete types: takes the interface's word as its first slot; interfaces: 0
} RMethod;

struct RType {
    u32 id;  // index in the image's table of types
    u8 kind; // RKind
    u8 flags;
    u8 align;
    u8 slots;               // in a frame: 0…4; 1 for an aggregate
    u64 size;               // bytes in memory
    const char *name;       // as %T prints it: "main.T", "[]int"
    const char *short_name; // named types: without package
    const char *pkg;        // named types: package path; else NULL
    RType *elem;            // array, chan, map, pointer, slice
    RType *key;             // map
    u64 len;                // array
    u32 field_count;        // struct
    RField *fields;
    u32 param_count, result_count; // func
    RType **params;                // params, then results
    u32 method_count;              // sorted by name_id
    RMethod *methods;
};

// A value between its frame form (n slots) and its memory form (Go's layout).
// Aggregates: load gives the address of mem itself (the caller copies if it must be private);
// store copies the bytes from where the slot points to.
void rtype_load(const RType *t, const void *mem, Slot *out);
void rtype_store(const RType *t, void *mem, const Slot *in);

// The method with that name id, or NULL. Binary search.
const RMethod *rtype_method(const RType *t, u32 name_id);
// Whether concrete type t has every method of interface type iface (same name and type).
// On false, *missing (may be NULL) is the first one that t lacks; *wrong_type says that a method
// of that name exists with another type.
bool rtype_implements(const RType *t, const RType *iface, const RMethod **missing,
                      bool *wrong_type);

static inline bool rtype_is(const RType *t, int flag)
{
    return (t->flags & flag) != 0;
}

#endif
