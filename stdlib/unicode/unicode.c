// unicode.c: natives of package unicode, over the tables of utf8proc, whose simple case mappings
// are Go's but for one letter.
#include <utf8proc.h>

#include "stdlib/tables.h"
#include "stdlib/unicode/case.h"
#include "stdlib/unicode/sets.h"
#include "vm/object.h"

enum { MAX_RUNE = 0x10ffff, SHARP_S = 0xdf };

// ---- Case -------------------------------------------------------------------------------------

u32 rune_to_upper(u32 r)
{
    if (r < 0x80)
        return r >= 'a' && r <= 'z' ? r - 32 : r;
    if (r > MAX_RUNE || r == SHARP_S) // it has no single upper case letter
        return r;
    return (u32)utf8proc_toupper((utf8proc_int32_t)r);
}

u32 rune_to_lower(u32 r)
{
    if (r < 0x80)
        return r >= 'A' && r <= 'Z' ? r + 32 : r;
    return r > MAX_RUNE ? r : (u32)utf8proc_tolower((utf8proc_int32_t)r);
}

u32 rune_to_title(u32 r)
{
    if (r < 0x80 || r == SHARP_S)
        return rune_to_upper(r);
    return r > MAX_RUNE ? r : (u32)utf8proc_totitle((utf8proc_int32_t)r);
}

// Runes that are equal but for case where lower and upper case alone do not tell, in order; the
// rest of a row is 0.
static const u32 orbits[][4] = {
    {0x4b, 0x6b, 0x212a},
    {0x53, 0x73, 0x17f},
    {0xb5, 0x39c, 0x3bc},
    {0xc5, 0xe5, 0x212b},
    {0xdf, 0x1e9e},
    {0x130},
    {0x131},
    {0x1c4, 0x1c5, 0x1c6},
    {0x1c7, 0x1c8, 0x1c9},
    {0x1ca, 0x1cb, 0x1cc},
    {0x1f1, 0x1f2, 0x1f3},
    {0x345, 0x399, 0x3b9, 0x1fbe},
    {0x392, 0x3b2, 0x3d0},
    {0x395, 0x3b5, 0x3f5},
    {0x398, 0x3b8, 0x3d1, 0x3f4},
    {0x39a, 0x3ba, 0x3f0},
    {0x3a0, 0x3c0, 0x3d6},
    {0x3a1, 0x3c1, 0x3f1},
    {0x3a3, 0x3c2, 0x3c3},
    {0x3a6, 0x3c6, 0x3d5},
    {0x3a9, 0x3c9, 0x2126},
    {0x412, 0x432, 0x1c80},
    {0x414, 0x434, 0x1c81},
    {0x41e, 0x43e, 0x1c82},
    {0x421, 0x441, 0x1c83},
    {0x422, 0x442, 0x1c84, 0x1c85},
    {0x42a, 0x44a, 0x1c86},
    {0x462, 0x463, 0x1c87},
    {0x1c88, 0xa64a, 0xa64b},
    {0x1e60, 0x1e61, 0x1e9b},
};

static const u32 *orbit_of(u32 r, int *at)
{
    for (int i = 0; i < countof(orbits); i++)
        for (*at = 0; *at < 4 && orbits[i][*at]; ++*at)
            if (orbits[i][*at] == r)
                return orbits[i];
    return NULL;
}

u32 rune_simple_fold(u32 r)
{
    int at;
    const u32 *orbit = orbit_of(r, &at);
    if (orbit)
        return at < 3 && orbit[at + 1] ? orbit[at + 1] : orbit[0];
    u32 lower = rune_to_lower(r);
    return lower != r ? lower : rune_to_upper(r);
}

u32 rune_fold(u32 r)
{
    if (r < 0x80) // the others of these orbits map here
        return rune_to_lower(r);
    int at;
    const u32 *orbit = orbit_of(r, &at);
    return orbit ? rune_to_lower(orbit[0]) : rune_to_lower(r);
}

// ---- Classes ----------------------------------------------------------------------------------

static utf8proc_category_t category(u32 r)
{
    return r > MAX_RUNE ? UTF8PROC_CATEGORY_CN : utf8proc_category((utf8proc_int32_t)r);
}

bool rune_is_space(u32 r)
{
    if (r < 0x100)
        return (r >= 9 && r <= 13) || r == ' ' || r == 0x85 || r == 0xa0;
    utf8proc_category_t c = category(r);
    return c >= UTF8PROC_CATEGORY_ZS && c <= UTF8PROC_CATEGORY_ZP;
}

// func category(r rune) uint: a bit for each of utf8proc's categories, in their order
static NativeStatus unicode_category(P *p, Slot *args)
{
    (void)p;
    args[0] = 1ull << category((u32)args[0]);
    return NATIVE_OK;
}

// func inSet(place int, r rune) bool: place is that in sets.def
static NativeStatus unicode_in_set(P *p, Slot *args)
{
    (void)p;
    const RuneSet *set = rune_set(args[0]);
    args[0] = set && rune_set_has(set, (u32)args[1]);
    return NATIVE_OK;
}

static NativeStatus unicode_is_space(P *p, Slot *args)
{
    (void)p;
    args[0] = rune_is_space((u32)args[0]);
    return NATIVE_OK;
}

static Slot rune_slot(u32 r)
{
    return (Slot)(i64)(i32)r;
}

static NativeStatus unicode_to_upper(P *p, Slot *args)
{
    (void)p;
    args[0] = rune_slot(rune_to_upper((u32)args[0]));
    return NATIVE_OK;
}

static NativeStatus unicode_to_lower(P *p, Slot *args)
{
    (void)p;
    args[0] = rune_slot(rune_to_lower((u32)args[0]));
    return NATIVE_OK;
}

static NativeStatus unicode_to_title(P *p, Slot *args)
{
    (void)p;
    args[0] = rune_slot(rune_to_title((u32)args[0]));
    return NATIVE_OK;
}

static NativeStatus unicode_simple_fold(P *p, Slot *args)
{
    (void)p;
    args[0] = rune_slot(rune_simple_fold((u32)args[0]));
    return NATIVE_OK;
}

static const Native natives[] = {
    {"category", unicode_category, 0},      {"inSet", unicode_in_set, 0},
    {"IsSpace", unicode_is_space, 0},       {"ToUpper", unicode_to_upper, 0},
    {"ToLower", unicode_to_lower, 0},       {"ToTitle", unicode_to_title, 0},
    {"SimpleFold", unicode_simple_fold, 0},
};
const NativeTable unicode_natives = {"unicode", natives, countof(natives)};
