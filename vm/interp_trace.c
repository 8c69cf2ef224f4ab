// interp_trace.c: the same loop once more, for CSPDEBUG=instr: prints each instruction.
#define INTERP_TRACED 1
#include "vm/interp.c"
