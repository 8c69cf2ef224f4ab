// sets.h: the sets of runes that Unicode names: scripts and properties.
#ifndef CSP_STDLIB_UNICODE_SETS_H
#define CSP_STDLIB_UNICODE_SETS_H

#include "base/str.h"

typedef struct RuneRange {
    u32 first, last;
} RuneRange;

typedef struct RuneSet {
    const char *name;
    const RuneRange *ranges; // in order
    int count;
} RuneSet;

// The set with that place in sets.def, counted from 1; NULL if there is none.
const RuneSet *rune_set(u64 place);
// The script with that name, or NULL.
const RuneSet *rune_script(Str name);
bool rune_set_has(const RuneSet *set, u32 r);

#endif
