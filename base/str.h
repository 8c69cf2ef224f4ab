// str.h: string views, interned names, and a growable text buffer.
#ifndef CSP_BASE_STR_H
#define CSP_BASE_STR_H

#include "base/base.h"

// A view: not owned, not terminated.
typedef struct Str {
    const char *data;
    size_t len;
} Str;

#define STR(literal) ((Str){"" literal, sizeof(literal) - 1})
static inline Str str_from(const char *s)
{
    return (Str){s, strlen(s)};
}
static inline bool str_eq(Str a, Str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

// An interned name: two names are equal when their pointers are. Names live for the whole
// process. Only the thread that compiles interns (one at a time; not locked).
typedef struct NameText {
    u32 len;
    u32 hash;
    u16 token;   // the lexer's: keyword token kind, or 0
    char text[]; // zero-terminated
} NameText;
typedef const NameText *Name;

Name name_intern(const char *s, size_t len);
Name name_from(const char *s);
NameText *name_mutable(Name name); // for the lexer, to set token on keywords

// A growable text buffer (malloc). Always zero-terminated after the first append.
typedef struct Buf {
    char *data;
    size_t len, cap;
} Buf;

void buf_append(Buf *b, const char *s, size_t len);
void buf_puts(Buf *b, const char *s);
void buf_putc(Buf *b, char c);
void buf_printf(Buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
void buf_free(Buf *b);

// UTF-8 with Go's rules: an invalid byte decodes as U+FFFD with width 1. len > 0.
u32 utf8_decode(const char *s, size_t len, int *width);
int utf8_encode(u32 rune, char out[4]); // bytes written; surrogates and > 0x10FFFF as U+FFFD
#define RUNE_ERROR 0xFFFDu

// Edit distance (insert, delete, replace, transpose) capped at max + 1; for did-you-mean.
int edit_distance(const char *a, size_t alen, const char *b, size_t blen, int max);

#endif
