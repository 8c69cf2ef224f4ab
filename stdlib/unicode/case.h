// case.h: upper, lower and title case of runes by Go's rules, for unicode, strings and bytes.
#ifndef CSP_STDLIB_UNICODE_CASE_H
#define CSP_STDLIB_UNICODE_CASE_H

#include "base/base.h"

u32 rune_to_upper(u32 r);
u32 rune_to_lower(u32 r);
u32 rune_to_title(u32 r);
bool rune_is_space(u32 r);
// The next rune that differs from r only in case, the smallest after the greatest.
u32 rune_simple_fold(u32 r);
// One rune for all that differ only in case.
u32 rune_fold(u32 r);

#endif
