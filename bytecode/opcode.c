// opcode.c: the table of instructions, generated from opcode.def.
#include "bytecode/opcode.h"

enum { P = OPFLAG_P, K = OPFLAG_K, S = OPFLAG_S, J = OPFLAG_J, E = OPFLAG_E, A = OPFLAG_A };

const OpcodeInfo opcode_info[OPCODE_COUNT] = {
#define OP(name, a, b, c, words, flags, meaning)                                                   \
    {#name, OPERAND_##a, OPERAND_##b, OPERAND_##c, words, flags, meaning},
#include "bytecode/opcode.def"
#undef OP
};
