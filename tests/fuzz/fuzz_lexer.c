// fuzz_lexer.c: any bytes into the lexer. It must end, stay inside the text and hand out tokens
// in order; and values of literals must be computable whatever they look like.
// `make fuzz` builds and runs it.
#include "base/arena.h"
#include "base/diag.h"
#include "lexer/lexer.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Arena *arena = arena_create();
    DiagList diags;
    diag_init(&diags, arena);
    SourceFile *source = source_add("fuzz.csp", (const char *)data, size);
    if (!source)
        _Exit(0); // positions are used up; the next process goes on
    Lexer lexer;
    lexer_init(&lexer, &diags, source);
    Pos last = source->base;
    for (size_t count = 0;; count++) {
        Token token = lexer_next(&lexer);
        check(token.pos >= last && token.end >= token.pos);
        check(token.end <= source->base + source->len);
        check(count <= 2 * size + 2); // each byte gives at most a token and a semicolon
        last = token.end;
        if (token.kind == TOKEN_STRING) {
            size_t len;
            literal_string(arena, token.text, &len);
            check(len <= token.text.len);
        } else if (token.kind == TOKEN_CHAR) {
            literal_rune(token.text);
        } else if (token.kind == TOKEN_EOF) {
            break;
        }
    }
    diag_free(&diags);
    arena_free(arena);
    return 0;
}
