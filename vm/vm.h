// vm.h: the virtual machine as the command and the standard library see it: loading an image,
// starting goroutines on its functions, what happens at the end.
//
// Order at start: runtime_init(&options, &vm_runner); image = image_create(); compile into it;
// vm_init(image, tables, n); vm_load_unit(&why); g = vm_new_main_g(p, init, main);
// runtime_set_main(g); sched_spawn(p, g); runtime_run(). A prompt compiles further units into the
// same image and calls vm_load_unit again for each, while goroutines run.
#ifndef CSP_VM_VM_H
#define CSP_VM_VM_H

#include "base/str.h"
#include "bytecode/image.h"
#include "bytecode/native.h"
#include "runtime/g.h"
#include "runtime/p.h"

extern const GRunner vm_runner;

typedef struct VmOptions {
    bool nil_panics; // --loopvar=shared: panic(nil) recovers as nil, as Go 1.19
} VmOptions;
extern VmOptions vm_options;

// After runtime_init. Places the globals. The tables are kept, not copied.
void vm_init(Image *image, const NativeTable *const *tables, int table_count);

// Binds natives, verifies and prepares every function that was added since the last call, and
// makes the collector see new globals. Must have returned true before such a function runs.
// On false, *why says what is wrong: "package strings: native Index is not implemented".
bool vm_load_unit(Buf *why);

// A goroutine (G_IDLE; the caller spawns it) that calls function func_id with n argument slots.
G *vm_new_g(P *p, u32 func_id, const Slot *args, int n);
// One that calls init (0: none), then main (0: none).
G *vm_new_main_g(P *p, u32 init_func, u32 main_func);
// Starts a goroutine that calls a func() value, for time.AfterFunc. False: the value is nil.
bool vm_go_closure(P *p, Slot closure);

// How a watched goroutine ended.
typedef enum VmEnd { VM_END_RETURNED, VM_END_PANICKED, VM_END_GOEXIT } VmEnd;
// For the prompt: done is called on an M, on a P, when g ends; an uncaught panic of g is printed
// and ends g, not the process. Set before g is spawned.
void vm_watch_g(P *p, G *g, void (*done)(G *g, VmEnd how));

// Buffered standard output: `flush` is called before anything is written to standard error, and
// at the end of the process; `flush_soon`, which must not wait, every 10 ms. Set by the command.
void vm_set_flush(void (*flush)(void), void (*flush_soon)(void));

// Writes text to standard error in one go, after what standard output holds.
void vm_write_stderr(const char *text, size_t len);

// The source position of a program counter, "file.csp:12", appended; false if there is none.
bool vm_place(const void *pc, Buf *out);
// For runtime.Caller: the program counter `skip` frames above the native's caller (0: the function
// that called the native's function), behind the call. NULL when there is no such frame.
const void *vm_caller(P *p, int skip);
// What such a program counter stands for. False when it is none.
bool vm_caller_place(const void *pc, const char **func, const char **file, int *line);
// The stack of the running goroutine from that frame on, as in a panic's report.
void vm_stack(P *p, int skip, Buf *out);

#endif
