// ops.h: bodies of instructions that are too long for the loop. Each carries out the instruction at
// pc in the frame at base and returns STEP_NEXT, or another Step after a panic or for want of
// memory (then the instruction has not changed anything and can be done again). None of them parks.
#ifndef CSP_VM_OPS_H
#define CSP_VM_OPS_H

#include "vm/call.h"

typedef int OpBody(P *p, const Ins *pc, Slot *base);

OpBody op_eqiface, op_eqmem, op_slice, op_slicea, op_slices, op_sl2arr, op_new, op_mkslice,
    op_mkmap, op_mkchan, op_mkclos, op_clone, op_mkiface, op_assert, op_assert2, op_typeis,
    op_mapget, op_mapget2, op_mapset, op_mapdel, op_mapclear, op_mapiter, op_mapnext, op_concat,
    op_str2b, op_b2str, op_str2r, op_r2str, op_rune2s, op_divc, op_append, op_appends, op_appstr,
    op_print;

void ops_init(void);
// The function that a method call at pc goes to for a receiver of type t; fills the call's cache.
u32 op_find_method(const Ins *pc, const RType *t);
int op_compare_strings(const Slot *a, const Slot *b);
// The next rune of a string at *offset, which is less than the length.
u32 op_next_rune(const Slot *s, Slot *offset);

// word 1 of a CALLI: method name number, then what the last lookup found: type and function.
enum { CACHE_NAME_BITS = IMAGE_NUMBER_BITS, CACHE_TYPE_BITS = IMAGE_NUMBER_BITS };
_Static_assert(CACHE_NAME_BITS + CACHE_TYPE_BITS + IMAGE_NUMBER_BITS <= 64, "one word");
static inline u64 op_cache_key(u64 word)
{
    return word >> CACHE_NAME_BITS & (((u64)1 << CACHE_TYPE_BITS) - 1);
}
static inline u64 op_cache_func(u64 word)
{
    return word >> (CACHE_NAME_BITS + CACHE_TYPE_BITS);
}

#endif
