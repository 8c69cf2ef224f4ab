// ftoa.h: numbers and quoted text as strconv and fmt write them.
#ifndef CSP_STDLIB_STRCONV_FTOA_H
#define CSP_STDLIB_STRCONV_FTOA_H

#include "base/str.h"

// Appends v as strconv.FormatFloat(v, format, precision, bits) gives it.
void float_append(Buf *out, double v, char format, int precision, int bits);

// Appends a quoted string or rune with Go's escapes.
typedef enum QuoteStyle { QUOTE_PLAIN, QUOTE_ASCII, QUOTE_GRAPHIC } QuoteStyle;
void quote_append(Buf *out, Str s, char quote, QuoteStyle style);
void quote_rune_append(Buf *out, u32 rune, QuoteStyle style);
bool can_backquote(Str s);

// Whether strconv.IsPrint or IsGraphic accepts the rune.
bool rune_is_print(u32 rune);
bool rune_is_graphic(u32 rune);

// Whether every underscore of an unsigned number stands between digits, or after its prefix.
bool underscores_good(Str s);

// Parses a float as strconv.ParseFloat does. 0: good; 1: syntax error; 2: out of range (value is
// ±Inf).
int float_parse(Str s, int bits, double *value);

#endif
