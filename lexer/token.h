// token.h: what the lexer hands to the parser. Kinds and spellings come from token.def.
#ifndef CSP_LEXER_TOKEN_H
#define CSP_LEXER_TOKEN_H

#include "base/diag.h"
#include "base/str.h"

typedef enum TokenKind {
#define TOKEN(name, spelling, class) TOKEN_##name,
#include "lexer/token.def"
#undef TOKEN
    TOKEN_KIND_COUNT
} TokenKind;

typedef enum TokenClass { CLASS_SPECIAL, CLASS_LITERAL, CLASS_OPERATOR, CLASS_KEYWORD } TokenClass;

typedef struct Token {
    TokenKind kind;
    Pos pos, end;
    Str text;  // as written; an automatic semicolon has "\n" or "" (end of file)
    Name name; // TOKEN_IDENT and keywords
} Token;

const char *token_spelling(TokenKind kind); // "<-", "func", "identifier"
TokenClass token_class(TokenKind kind);
int token_precedence(TokenKind kind); // binary operators: 1…5; else 0

#endif
