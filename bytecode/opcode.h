// opcode.h: the instruction format, and what is generated from opcode.def.
//
// 64-bit instructions with 16-bit operands: no register spilling, immediates and branch targets
// inline, trivial to patch. Measured equal in speed to a 32-bit encoding (docs/decisions.md).
#ifndef CSP_BYTECODE_OPCODE_H
#define CSP_BYTECODE_OPCODE_H

#include "base/base.h"

typedef enum Opcode {
#define OP(name, a, b, c, words, flags, meaning) OP_##name,
#include "bytecode/opcode.def"
#undef OP
    OPCODE_COUNT
} Opcode;

typedef struct Ins {
    u16 op, a, b, c;
} Ins;
_Static_assert(sizeof(Ins) == 8, "an instruction is one word");

// b and c as one 32-bit number.
static inline u32 ins_u32(Ins i)
{
    return (u32)i.b | (u32)i.c << 16;
}
static inline i32 ins_i32(Ins i)
{
    return (i32)ins_u32(i);
}
static inline Ins ins_abc(Opcode op, u32 a, u32 b, u32 c)
{
    return (Ins){(u16)op, (u16)a, (u16)b, (u16)c};
}
static inline Ins ins_a32(Opcode op, u32 a, u32 v)
{
    return (Ins){(u16)op, (u16)a, (u16)(v & 0xffff), (u16)(v >> 16)};
}
static inline u64 ins_word(const Ins *at) // a literal word
{
    u64 w;
    memcpy(&w, at, 8);
    return w;
}
static inline Ins word_ins(u64 w)
{
    Ins i;
    memcpy(&i, &w, 8);
    return i;
}

typedef enum OperandKind {
    OPERAND__, // unused
    OPERAND_R1,
    OPERAND_R2,
    OPERAND_R3,
    OPERAND_RN,
    OPERAND_RW,
    OPERAND_W1,
    OPERAND_W2,
    OPERAND_W3,
    OPERAND_WN,
    OPERAND_I16,
    OPERAND_U16,
    OPERAND_I32,
    OPERAND_U32,
    OPERAND_J16,
    OPERAND_J32,
    OPERAND_CC, // second half of a 32-bit operand
} OperandKind;

enum {
    OPFLAG_P = 1,  // may panic
    OPFLAG_K = 2,  // may park
    OPFLAG_S = 4,  // safepoint
    OPFLAG_J = 8,  // jumps
    OPFLAG_E = 16, // control does not fall through
    OPFLAG_A = 32, // allocates
};

typedef struct OpcodeInfo {
    const char *name;
    u8 a, b, c; // OperandKind
    u8 words;   // literal words that follow
    u8 flags;
    const char *meaning;
} OpcodeInfo;

extern const OpcodeInfo opcode_info[OPCODE_COUNT];

#endif
