// code.h: one compiled function, with the tables that cost nothing at run time.
#ifndef CSP_BYTECODE_CODE_H
#define CSP_BYTECODE_CODE_H

#include "base/diag.h"
#include "base/value.h"
#include "bytecode/opcode.h"
#include "bytecode/rtype.h"

// From instruction `pc` on (until the next entry), code comes from source position `pos`.
typedef struct CodeLine {
    u32 pc;
    Pos pos;
} CodeLine;

// Source text that names a channel or lock: at MKCHAN whatever it is given to (`done`, `w.jobs`),
// at SEND, RECV and RECV2 the operand, at SELECT one entry for each case, in order; at the CALL of
// a method of package sync the lock. Empty: no name.
typedef struct CodeName {
    u32 pc; // of the instruction
    Pos pos, end;
} CodeName;

// A variable that is live in [pc_from, pc_to). boxed: the slot points to a heap cell that holds it.
typedef struct CodeVar {
    const char *name;
    RType *type;
    u32 pc_from, pc_to;
    u16 slot;
    bool boxed;
} CodeVar;

enum {
    CODE_HAS_DEFER = 1, // returns through RUNDEFER
    CODE_WRAPPER = 2,   // made by the compiler; hidden in traces
    CODE_NATIVE = 4,    // body is NATIVE; RET
    CODE_CLOSURE = 8,   // reads captures through the hidden closure slot
    CODE_TOPLEVEL = 16, // a script's statements, package initialisation
    CODE_PREPARED = 32, // the VM has verified it and filled in its own operands (vm/vm.c)
};

typedef struct Code {
    u32 id;
    const char *name; // "main.main", "main.(*T).Get", "main.main.func1"
    Pos pos;
    u32 flags;
    Ins *ins;                                   // ins[0] is the FUNC header; the entry is ins[1]
    u32 ins_count;                              // with header and literal words
    u32 frame_slots, param_slots, result_slots; // closure slot: number param_slots
    u32 recover_pc; // CODE_HAS_DEFER: where control goes on after a recovered panic
    CodeLine *lines;
    u32 line_count;
    u32 *unsigned_at; // sorted: where an index is of type uint, uint64 or uintptr (for messages)
    u32 unsigned_count;
    CodeName *names; // sorted by pc
    u32 name_count;
    CodeVar *vars;
    u32 var_count;
    RType *type; // func type; methods: with the receiver as first parameter; may be NULL
} Code;

static inline Ins *code_entry(const Code *c)
{
    return c->ins + 1;
}
bool code_is_unsigned_at(const Code *c, u32 pc);
// The nth name of the instruction that the word at pc belongs to; NULL if it has none.
const CodeName *code_name_at(const Code *c, u32 pc, u32 nth);
Pos code_pos_at(const Code *c, u32 pc); // POS_NONE if the table is empty

#endif
