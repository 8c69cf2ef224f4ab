// token.c: what the table of tokens says, as arrays.
#include "lexer/token.h"

static const char *const spellings[TOKEN_KIND_COUNT] = {
#define TOKEN(name, spelling, class) [TOKEN_##name] = spelling,
#include "lexer/token.def"
#undef TOKEN
};

static const u8 classes[TOKEN_KIND_COUNT] = {
#define TOKEN(name, spelling, class) [TOKEN_##name] = CLASS_##class,
#include "lexer/token.def"
#undef TOKEN
};

const char *token_spelling(TokenKind kind)
{
    return spellings[kind];
}

TokenClass token_class(TokenKind kind)
{
    return (TokenClass)classes[kind];
}

int token_precedence(TokenKind kind)
{
    switch (kind) {
    case TOKEN_LOR: return 1;
    case TOKEN_LAND: return 2;
    case TOKEN_EQL:
    case TOKEN_NEQ:
    case TOKEN_LSS:
    case TOKEN_LEQ:
    case TOKEN_GTR:
    case TOKEN_GEQ: return 3;
    case TOKEN_ADD:
    case TOKEN_SUB:
    case TOKEN_OR:
    case TOKEN_XOR: return 4;
    case TOKEN_MUL:
    case TOKEN_QUO:
    case TOKEN_REM:
    case TOKEN_SHL:
    case TOKEN_SHR:
    case TOKEN_AND:
    case TOKEN_AND_NOT: return 5;
    default: return 0;
    }
}
