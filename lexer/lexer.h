// lexer.h: source → tokens, one at a time, with automatic semicolons. Comments are kept aside.
#ifndef CSP_LEXER_LEXER_H
#define CSP_LEXER_LEXER_H

#include "lexer/token.h"

typedef struct Lexer {
    DiagList *diags;
    const SourceFile *source;
    const char *cursor, *limit;
    bool need_semicolon;                             // the last token may end a statement
    void (*on_comment)(void *arg, Pos pos, Pos end); // may be NULL
    void *comment_arg;
    bool incomplete; // input ended inside a raw string or comment
    int error_count; // lexical errors so far; after too many the rest of the text is given up
} Lexer;

void lexer_init(Lexer *lx, DiagList *diags, const SourceFile *source);
Token lexer_next(Lexer *lx); // TOKEN_EOF for ever at the end

// Values of literals (text as written; must be a well-formed literal of its kind).
u32 literal_rune(Str text);                                // 'x' → code point
char *literal_string(Arena *arena, Str text, size_t *len); // "…" or `…` → bytes

#endif
