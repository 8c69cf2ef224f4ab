// image.h: everything that compiled code refers to by number: functions, types, string
// constants, method names, natives, and the bytes of global variables.
//
// One image for a process. The compiler appends to it, unit by unit (a REPL entry is a unit);
// the VM reads it. The tables are reserved once and never move, so running goroutines may read
// while a unit is added; an entry is complete before its number is known to any code that runs.
// All memory here is malloc or reserved address space without collector pointers, except the
// globals, which the VM places (image->globals) and registers as roots.
#ifndef CSP_BYTECODE_IMAGE_H
#define CSP_BYTECODE_IMAGE_H

#include "base/str.h"
#include "bytecode/code.h"

enum {
    // functions, types, strings, method names: of each at most so many
    IMAGE_NUMBER_BITS = 20,
    IMAGE_MAX_NUMBER = 1 << IMAGE_NUMBER_BITS,
    IMAGE_MAX_NATIVES = 1 << 12,
    IMAGE_GLOBAL_BYTES = 64 << 20, // global variables above 4 KiB live behind a pointer
};

typedef struct ImageString {
    const char *data;
    u64 len;
} ImageString;

// What a function value of a function without captures points to. MKCLOS makes the others.
typedef struct Closure {
    u64 func_id;
    Slot captures[];
} Closure;

typedef struct Image {
    Ins **entries;     // by function id: code_entry, what CALL jumps to
    Code **codes;      // by function id
    Closure **statics; // by function id: the closure without captures
    u32 func_count;    // id 0 is not used
    RType **types;     // by type id; id 0 is not used
    u32 type_count;
    ImageString *strings;
    u32 string_count;
    const char **method_names; // "String", "main.secret"
    u32 method_name_count;
    const char **natives; // "strings.Index", by native index
    u32 native_count;
    u64 global_bytes; // used so far
    char *globals;    // set by the VM before any code runs
    u32 init_func;    // the last unit's initialisation; 0 if none
    u32 main_func;    // func main of the program; 0 if none
} Image;

Image *image_create(void);
// Each returns a number, or 0 after a diagnostic text in *error when a table is full.
u32 image_reserve_func(Image *im);          // an id whose code comes later
void image_set_func(Image *im, Code *code); // code->id reserved before (or redefined)
u32 image_add_type(Image *im, RType *t);    // sets t->id
u32 image_add_string(Image *im, const char *data, size_t len); // interned; copies
u32 image_method_name(Image *im, const char *name);            // interned
u32 image_add_native(Image *im, const char *qualified_name);   // interned
u64 image_add_global(Image *im, u64 size, u32 align);          // byte offset
// The function that contains this instruction (any of its words), or NULL. *index: offset in ins.
const Code *image_code_at(const Image *im, const Ins *pc, u32 *index);

// disasm.c: text of one function, or of one instruction (no newline).
void disasm_code(const Image *im, const Code *c, Buf *out);
void disasm_ins(const Image *im, const Code *c, u32 pc, Buf *out);

// verify.c: true if the interpreter may trust the code: known opcodes, operands inside the frame,
// jumps to instruction starts, table indices in range, control cannot run off the end. On false,
// *why has a text.
bool verify_code(const Image *im, const Code *c, Buf *why);

#endif
