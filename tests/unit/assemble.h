// assemble.h: bytecode written by hand, for tests and measurements of the machine alone.
//
//     Assembler as;
//     assemble_begin(&as, im, "main.f", slots, params, results);
//     emit(&as, OP_ADD, 0, 0, 1);
//     emit_wide(&as, OP_CALL, 3, id);
//     emit_word(&as, 42);
//     u32 id = assemble_end(&as);
#ifndef CSP_TESTS_UNIT_ASSEMBLE_H
#define CSP_TESTS_UNIT_ASSEMBLE_H

#include "bytecode/image.h"

typedef struct Assembler {
    Image *im;
    Code *code;
    u32 cap;
} Assembler;

static inline void assemble_begin(Assembler *as, Image *im, const char *name, u32 slots, u32 params,
                                  u32 results)
{
    *as = (Assembler){.im = im, .code = xcalloc(1, sizeof(Code))};
    as->code->name = name;
    as->code->frame_slots = slots;
    as->code->param_slots = params;
    as->code->result_slots = results;
    as->cap = 256;
    as->code->ins = xcalloc(as->cap, sizeof(Ins));
    as->code->ins[as->code->ins_count++] = ins_abc(OP_FUNC, slots, params, results);
    as->code->id = image_reserve_func(im);
}

static inline u32 emit_ins(Assembler *as, Ins i)
{
    check(as->code->ins_count < as->cap);
    as->code->ins[as->code->ins_count] = i;
    return as->code->ins_count++;
}

// Each returns the place of the instruction.
static inline u32 emit(Assembler *as, Opcode op, i64 a, i64 b, i64 c)
{
    return emit_ins(as, ins_abc(op, (u32)a, (u32)b, (u32)c));
}

static inline u32 emit_wide(Assembler *as, Opcode op, u32 a, i64 v)
{
    return emit_ins(as, ins_a32(op, a, (u32)v));
}

static inline u32 emit_word(Assembler *as, u64 w)
{
    return emit_ins(as, word_ins(w));
}

static inline u32 here(const Assembler *as)
{
    return as->code->ins_count;
}

// Makes the jump at `at` go to the next instruction.
static inline void land(Assembler *as, u32 at)
{
    Ins *i = &as->code->ins[at];
    i64 by = (i64)here(as) - at;
    if (opcode_info[i->op].b == OPERAND_J32)
        *i = ins_a32((Opcode)i->op, i->a, (u32)by);
    else
        i->c = (u16)by;
}

static inline u32 assemble_end(Assembler *as)
{
    Ins *own = as->code->ins;
    image_set_func(as->im, as->code);
    free(own);
    return as->code->id;
}

#endif
