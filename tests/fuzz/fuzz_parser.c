// fuzz_parser.c: any bytes into the parser, as a program, a script and a prompt's entry. It must
// end without a fault, and the tree must have sane positions and be printable.
// `make fuzz` builds and runs it.
#include "base/arena.h"
#include "base/diag.h"
#include "parser/parser.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void visit(Node *n, void *arg)
{
    const SourceFile *source = arg;
    check(n->kind < NODE_KIND_COUNT);
    check(n->pos >= source->base && n->end >= n->pos && n->end <= source->base + source->len);
    node_children(n, visit, arg);
}

static void parse_once(SourceFile *source, ParseOptions options)
{
    Arena *arena = arena_create();
    DiagList diags;
    diag_init(&diags, arena);
    bool incomplete = false;
    File *file = parse_file(arena, &diags, source, &options, &incomplete);
    check(!incomplete || diags.error_count > 0);
    Buf text = {0};
    for (int i = 0; i < file->decls.len; i++) {
        visit(file->decls.data[i], source);
        node_print(file->decls.data[i], &text);
    }
    for (int i = 0; i < file->stmts.len; i++) {
        visit(file->stmts.data[i], source);
        node_print(file->stmts.data[i], &text);
    }
    for (int i = 1; i < file->comments.len; i++)
        check(file->comments.data[i].pos >= file->comments.data[i - 1].end);
    buf_free(&text);
    diag_free(&diags);
    arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    SourceFile *source = source_add("fuzz.csp", (const char *)data, size);
    if (!source)
        _Exit(0); // positions are used up; the next process goes on
    parse_once(source, (ParseOptions){0});
    parse_once(source, (ParseOptions){.allow_script = true});
    parse_once(source, (ParseOptions){.repl = true});
    return 0;
}
