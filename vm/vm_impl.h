// vm_impl.h: the machine's one table of addresses, private to this folder. Written by vm_init and
// vm_load_unit; read by every op that refers to something by number.
#ifndef CSP_VM_VM_IMPL_H
#define CSP_VM_VM_IMPL_H

#include "vm/call.h"
#include "vm/fiber.h"
#include "vm/object.h"
#include "vm/vm.h"

typedef struct BoundNative {
    NativeFn fn;
    u32 flags;
} BoundNative;

typedef struct Vm {
    Ins **entries; // the image's tables, which never move
    ImageString *strings;
    RType **types;
    Closure **statics;
    char *globals;
    BoundNative *natives; // by native index; reserved, never moves
    Image *image;
    bool counted;                // the counting loop runs: --seed, CSPDEBUG=instr
    u32 name_error, name_string; // method name numbers of Error and String
    // Types of values that the machine itself makes; found by name in the image, or built in ones.
    RType *string_type, *error_string, *bounds_error, *plain_error, *type_assertion_error,
        *panic_nil_error;
    void (*flush)(void), (*flush_soon)(void);
} Vm;

extern Vm vm;

// Stubs that links point to.
extern const Ins *const vm_gexit;   // a goroutine's bottom link
extern const Ins *const vm_defnext; // a deferred call's link

// vm/interp.c, vm/interp_count.c
RunResult interp_run(P *p, G *g);
RunResult interp_run_counted(P *p, G *g);

// print.c
void print_values(const Slot *values, const ImageString *letters, Buf *out);
void print_panic_value(const RType *t, Slot word, Buf *out);

// backtrace.c: the fiber's frames from (pc, base) on; pc is the word behind the place to show.
void backtrace_frames(const Fiber *f, const Ins *pc, const Slot *base, Buf *out);
void backtrace_describe(const G *g, Buf *out);
// GRunner: channel, operand.
void backtrace_channel(const void *made_at, Buf *name, Buf *type, Buf *package);
bool backtrace_operand(const G *g, u32 which, Buf *out);
// The channel of a send or close at pc that has panicked, for reports; nothing for anything else.
void backtrace_misuse(const Ins *pc, const Slot *base, Buf *out);

// A runtime error's value of one of the types above; text is copied.
void vm_error_value(P *p, RType *type, const char *text, size_t len, RType **out_type,
                    Slot *out_word);

#endif
