// sets.c: the sets of runes that Unicode names, from sets.def.
#include "stdlib/unicode/sets.h"

#define R(first, last) {first, last},
#define SET(name, ...) static const RuneRange name##_ranges[] = {__VA_ARGS__};
#include "stdlib/unicode/sets.def"
#undef SET
#undef R

static const RuneSet sets[] = {
#define SET(name, ...) {#name, name##_ranges, countof(name##_ranges)},
#include "stdlib/unicode/sets.def"
#undef SET
};

const RuneSet *rune_set(u64 place)
{
    return place - 1 < countof(sets) ? &sets[place - 1] : NULL;
}

const RuneSet *rune_script(Str name)
{
    for (int i = 0; i < countof(sets) && strcmp(sets[i].name, "ASCII_Hex_Digit") != 0; i++)
        if (strlen(sets[i].name) == name.len && memcmp(sets[i].name, name.data, name.len) == 0)
            return &sets[i];
    return NULL;
}

bool rune_set_has(const RuneSet *set, u32 r)
{
    int low = 0, high = set->count;
    while (low < high) {
        int middle = (low + high) / 2;
        if (r > set->ranges[middle].last)
            low = middle + 1;
        else
            high = middle;
    }
    return low < set->count && r >= set->ranges[low].first;
}
