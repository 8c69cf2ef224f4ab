// vec.c: how a growable array grows: by doubling, from 8 elements.
#include "base/vec.h"

#include <limits.h>

enum { FIRST_CAP = 8 };

// The next capacity. An array of more than INT_MAX elements is given up: len is an int.
static int grown_cap(int cap, size_t elem_bytes)
{
    if (cap > INT_MAX / 2 || (size_t)cap > SIZE_MAX / 4 / elem_bytes)
        die("out of memory (an array of more than %d elements)", cap);
    return cap ? cap * 2 : FIRST_CAP;
}

void *vec_grow(void *data, int *cap, size_t elem_bytes)
{
    *cap = grown_cap(*cap, elem_bytes);
    return xrealloc(data, (size_t)*cap * elem_bytes);
}

void *vec_grow_in(Arena *arena, void *data, int *cap, size_t elem_bytes)
{
    int old_cap = *cap;
    *cap = grown_cap(old_cap, elem_bytes);
    void *grown = arena_alloc(arena, (size_t)*cap * elem_bytes);
    if (old_cap > 0)
        memcpy(grown, data, (size_t)old_cap * elem_bytes);
    return grown;
}
