// interp_count.c: the same loop once more, counting and tracing: for --seed and CSPDEBUG=instr.
#define INTERP_COUNTED 1
#include "vm/interp.c"
