// fuzz_check.c: any bytes into parser and checker, as a program, a script and two entries of a
// prompt. It must end without a fault; what it accepts must have a final type everywhere.
// `make fuzz` builds and runs it.
#include "base/arena.h"
#include "base/diag.h"
#include "parser/parser.h"
#include "tests/fuzz/packages.h"
#include "types/check.h"
#include "types/vet.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

const FuzzPackage fuzz_packages[] = {
    {"fmt", "package fmt\nfunc Println(args ...any) (int, error)\nfunc Sprint(args ...any) string\n"
            "type Stringer interface { String() string }\n"},
    {"errors", "package errors\ntype text struct { s string }\n"
               "func (e *text) Error() string { return e.s }\n"
               "func New(s string) error { return &text{s} }\n"},
    {"math/rand",
     "package rand\nconst Max = 1 << 62\nvar seed = Intn(Max)\nfunc Intn(n int) int\n"},
    {NULL, NULL},
};

// What the compiler computes has a type that values can have.
static void visit(Node *n, void *arg)
{
    if (n->mode == MODE_TYPE || n->kind == NODE_VALUE_SPEC)
        return;
    bool is_expr = n->kind >= NODE_IDENT && n->kind <= NODE_BINARY;
    check(!is_expr || !n->type || !type_is_untyped(n->type));
    if (is_expr && n->cval)
        return;
    if (n->kind == NODE_KEY_VALUE && n->kv.key->mode == MODE_INVALID) {
        visit(n->kv.value, arg);
        return;
    }
    node_children(n, visit, arg);
}

static void visit_functions(Package *pkg)
{
    for (int i = 0; i < pkg->func_infos.len; i++) {
        FuncInfo *info = pkg->func_infos.data[i];
        if (info->node->func.body)
            visit(info->node->func.body, NULL);
        for (int k = 0; k < info->captures.len; k++)
            check(info->captures.data[k]->captured);
    }
}

static void check_once(SourceFile *source, ParseOptions options)
{
    Arena *arena = arena_create();
    DiagList diags;
    diag_init(&diags, arena);
    CheckOptions check_options = {
        .repl = options.repl, .find_package = find_package, .package_path = package_path};
    Checker *c = check_session(arena, &diags, &check_options);
    FuncInfo *toplevel;
    Node *last;
    for (int entry = 0; entry < (options.repl ? 2 : 1); entry++) {
        File *file = parse_file(arena, &diags, source, &options, NULL);
        if (diags.error_count > 0)
            break;
        Package *pkg = options.repl ? check_entry(c, file, &toplevel, &last)
                                    : check_program(c, &file, 1, &toplevel);
        if (diags.error_count == 0)
            visit_functions(pkg);
        if (diags.error_count == 0 && pkg && !options.repl)
            vet_package(arena, &diags, pkg, &(VetOptions){0});
    }
    diag_free(&diags);
    arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    SourceFile *source = source_add("fuzz.csp", (const char *)data, size);
    if (!source)
        _Exit(0); // positions are used up; the next process goes on
    check_once(source, (ParseOptions){0});
    check_once(source, (ParseOptions){.allow_script = true});
    check_once(source, (ParseOptions){.repl = true});
    return 0;
}
