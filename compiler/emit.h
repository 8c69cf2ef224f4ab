// emit.h: the function being compiled, and how instructions, labels, slots and the tables of its
// Code are written. Knows opcodes, but not the tree.
#ifndef CSP_COMPILER_EMIT_H
#define CSP_COMPILER_EMIT_H

#include "bytecode/code.h"
#include "bytecode/image.h"
#include "types/types.h"

struct Compiler;

// What break and continue lead to.
typedef struct Flow {
    struct Flow *outer;
    Name label;                // NULL without one
    int on_break, on_continue; // labels; on_continue is -1 for switch and select
    int next_body;             // where fallthrough leads; -1: nowhere
} Flow;

typedef struct Fixup {
    int pc;
    int label;
} Fixup;

typedef struct GotoLabel {
    Name name;
    int label;
} GotoLabel;

typedef struct ConstSlot {
    u64 bits;
    int slot;
} ConstSlot;

// A call that has been evaluated before its turn (compile_order.c).
typedef struct Hoisted {
    const struct Node *node;
    int slot;
} Hoisted;

// Slots: parameters first, then the closure (CODE_CLOSURE), then a stack of locals and
// temporaries: `top` is the first free one. Locals are declared between statements, when no
// temporary is live, so a scope ends by setting top back.
typedef struct Func {
    struct Compiler *c;
    FuncInfo *info; // NULL: wrapper, package initialisation
    Package *pkg;
    const char *name;
    u32 id, flags;
    Pos pos; // of what is being compiled: goes to the line table
    Pos decl_pos;
    Vec(Ins) code;
    Vec(CodeLine) lines;
    Vec(u32) unsigned_at; // code.h
    Vec(CodeName) names;
    Vec(CodeVar) vars;
    Vec(int) live;   // indices of vars whose scope is open
    Vec(int) labels; // by label: its pc, or -1
    Vec(Fixup) fixups;
    Vec(GotoLabel) gotos;
    Flow *flow;
    Vec(Hoisted) hoisted; // in this statement
    int loop_depth;
    Vec(ConstSlot) consts; // constants that stand in slots while in a loop
    Name pending_label;    // of the labelled statement that comes next
    int top, max;
    int param_slots, result_slots;
    int result_base;   // slots of the result variables when they are kept in the frame
    bool results_kept; // results have variables (named, or the function defers)
    bool long_jumps;   // second try: 16-bit jumps go through JMP
    bool jump_too_far, too_large;
    int epilogue; // label, or -1
    RType *type;
} Func;

void func_start(Func *f);
// Patches jumps and makes the Code; NULL when it must be compiled again with long_jumps, or is
// too large (f->too_large).
Code *func_finish(Func *f);
void func_free(Func *f);

// ---- Slots ----
int temp(Func *f, int slots);        // takes slots at the top
void need_slots(Func *f, int below); // the frame reaches at least up to (not with) this slot

// ---- Instructions: each returns its pc ----
int emit(Func *f, Opcode op, i64 a, i64 b, i64 c);
int emit_u32(Func *f, Opcode op, i64 a, u64 v);
void emit_word(Func *f, u64 w);
void mark_name(Func *f, Pos pos, Pos end); // code.h: CodeName of the next instruction
void mark_unsigned(Func *f); // the next instruction's index is of a 64-bit unsigned type
int emit_w(Func *f, Opcode op, i64 a, i64 b, i64 c, u64 word); // with one literal word
void load_int(Func *f, int dst, i64 v);
void move(Func *f, int dst, int src, int slots);
void zero(Func *f, int dst, int slots);

// ---- Labels ----
int label_new(Func *f);
void label_set(Func *f, int label);
void jump(Func *f, int label);
void jump_if(Func *f, int slot, int label, bool want);
void jump_cmp(Func *f, Opcode op, i64 a, i64 b, int label); // an opcode whose c is J16
bool falls_through(const Func *f); // control may reach the next instruction

// ---- Tables ----
void var_open(Func *f, const char *name, RType *type, int slot, bool boxed);
void vars_close(Func *f, int live_mark);

#endif
