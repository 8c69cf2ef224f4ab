// parser.h: tokens → AST. Recovers from errors and reports several.
#ifndef CSP_PARSER_PARSER_H
#define CSP_PARSER_PARSER_H

#include "parser/ast.h"

typedef struct ParseOptions {
    bool allow_script; // a file without package clause is a script; else an error
    bool repl; // an entry: a script, and *incomplete is set when input ends inside a construct
} ParseOptions;

// Never NULL. Errors go to diags (the caller stops before the next pass when there are any).
// *incomplete (may be NULL): the only trouble is that the text ends too early.
File *parse_file(Arena *arena, DiagList *diags, SourceFile *source, const ParseOptions *options,
                 bool *incomplete);

#endif
