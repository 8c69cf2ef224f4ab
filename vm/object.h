// object.h: program values in memory as natives and the interpreter make and read them: strings,
// slices, interfaces, and panics that carry Go's texts.
//
// In a frame: string (data, length), slice (data, length, capacity), interface (RType *, word).
// In memory: Go's amd64 layout (bytecode/rtype.h). The word of an interface is the value itself if
// its type is RTYPE_DIRECT, else a pointer to immutable memory.
// Allocation never stops the goroutine (runtime/gc.h): C pointers stay good until a native returns.
#ifndef CSP_VM_OBJECT_H
#define CSP_VM_OBJECT_H

#include "base/str.h"
#include "bytecode/native.h"
#include "bytecode/rtype.h"
#include "runtime/p.h"

// ---- Strings and slices ---------------------------------------------------------------------

// NULL when a big request finds no memory (return NATIVE_NOMEM); never for a few KiB. The bytes
// are zero; write them before anybody else sees the string: out[0] = ptr_slot(p), out[1] = len.
char *vm_string_alloc(P *p, size_t len);
// Copies. False: no memory.
bool vm_string_new(P *p, const char *s, size_t len, Slot out[2]);
// A C string that lives for ever: no copy.
void vm_string_static(const char *s, Slot out[2]);
static inline Str vm_str(const Slot *s)
{
    return (Str){slot_ptr(s[0]), s[1]};
}
// out[3] = data, len, cap of a new []byte; cap 0 means len. The data are zero. False: no memory.
bool vm_bytes_new(P *p, size_t len, size_t cap, Slot out[3]);
// A new []string of n empty strings; fill it with vm_string_new on pairs of words from its data.
bool vm_strings_new(P *p, size_t n, Slot out[3]);
// Capacity that append gives when a slice of old_cap elements must hold `need`, as Go 1.19.
u64 vm_round_size(u64 bytes); // as Go's allocator rounds it
u64 vm_grow_cap(u64 elem_size, u64 old_cap, u64 need);

// ---- Panics of natives ----------------------------------------------------------------------
// Each stores the value in the goroutine and returns NATIVE_PANIC: `return vm_panic_…(p, …);`.

// A runtime.Error: "runtime error: " is added by its Error method.
NativeStatus vm_panic_runtime(P *p, const char *fmt, ...) PRINTF_LIKE(2, 3);
// The same for an index or the bounds of a slice.
NativeStatus vm_panic_bounds(P *p, const char *fmt, ...) PRINTF_LIKE(2, 3);
// A runtime.Error without that prefix: "close of nil channel".
NativeStatus vm_panic_plain(P *p, const char *fmt, ...) PRINTF_LIKE(2, 3);
// A Go string, as panic("…") in a package's source: "sync: negative WaitGroup counter".
NativeStatus vm_panic_string(P *p, const char *fmt, ...) PRINTF_LIKE(2, 3);
NativeStatus vm_panic_value(P *p, RType *type, Slot word);
// Not recoverable: prints "fatal error: …" and the goroutine's trace, ends the process with 2.
// `return vm_fatal_error(p, "…");`: the status makes the interpreter leave.
NativeStatus vm_fatal_error(P *p, const char *fmt, ...) PRINTF_LIKE(2, 3);

// ---- Looking into values: fmt and its like --------------------------------------------------

// A value with its type. type NULL: nil interface. word as in an interface; for a value inside
// another one a pointer into that one's memory, so nothing is allocated. The type may be an
// interface type (an element of []any): vm_value_inner gives what is in it.
typedef struct Value {
    RType *type;
    Slot word;
} Value;

static inline Value vm_value(const Slot *iface)
{
    return (Value){slot_ptr(iface[0]), iface[1]};
}
Value vm_value_at(RType *t, const void *mem); // the value of type t at mem
// Memory of the value in Go's layout; *scratch (one slot) is used for a direct word.
const void *vm_value_mem(Value v, Slot *scratch);
u64 vm_value_len(Value v);            // array, slice, string, map, channel
Value vm_value_elem(Value v, u64 i);  // array, slice; string: a uint8; i < length
Value vm_value_field(Value v, u32 i); // struct
Value vm_value_deref(Value v);        // what a pointer points to; {NULL, 0} for nil
Value vm_value_inner(Value v);        // RK_INTERFACE: its dynamic value; others: v itself
bool vm_value_is_nil(Value v);        // chan, func, interface, map, pointer, slice
i64 vm_value_int(Value v);            // bool, signed kinds
u64 vm_value_uint(Value v);           // unsigned kinds; pointer, chan, map, func: the address
double vm_value_float(Value v);       // float32, float64
void vm_value_complex(Value v, double out[2]);
Str vm_value_string(Value v);
// Go's order of keys in fmt: nil first, false before true, NaN before numbers, field by field.
int vm_value_compare(Value a, Value b);

// ---- Equality, hash -------------------------------------------------------------------------

// 1 equal, 0 not, -1: *bad is a type that cannot be compared; NULL: what is compared nests too
// deeply.
int vm_equal_mem(const RType *t, const void *a, const void *b, const RType **bad);
int vm_equal_iface(const RType *ta, Slot a, const RType *tb, Slot b, const RType **bad);
// False: *bad is a type that cannot be hashed; NULL: the value nests too deeply.
bool vm_hash_mem(const RType *t, const void *mem, u64 seed, u64 *hash, const RType **bad);
u64 vm_hash_string(const char *s, size_t len, u64 seed);
// word: the value of a direct type
u64 vm_hash_word(const RType *t, Slot word, u64 seed);

// ---- Interfaces -----------------------------------------------------------------------------

// An interface word for the value of type t whose n slots stand at `slots`. keep: an aggregate's
// memory is not copied. False: no memory.
bool vm_box(P *p, RType *t, const Slot *slots, bool keep, Slot *word);
// The n slots of the value in an interface of concrete type t (aggregates are copied when copy).
bool vm_unbox(P *p, RType *t, Slot word, bool copy, Slot *out);
// rtype_implements with a cache.
bool vm_implements(const RType *t, const RType *iface);

// ---- Output of println ----------------------------------------------------------------------

static inline GcKind vm_gc_kind(const RType *t)
{
    return rtype_is(t, RTYPE_PTRFREE) ? GC_PTRFREE : GC_SCAN;
}

#endif
