// fuzz_compile.c: any bytes as a program and as a script, from source to bytecode. What the checker
// accepts must compile, and what was compiled the verifier must accept.
//
// The image is not freed, so it is one for all inputs; the process ends when it is half full.
// `make fuzz` builds and runs it.
#include "base/arena.h"
#include "base/diag.h"
#include "bytecode/image.h"
#include "compiler/compiler.h"
#include "parser/parser.h"
#include "tests/fuzz/packages.h"
#include "types/check.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

const FuzzPackage fuzz_packages[] = {
    {"fmt", "package fmt\nfunc Println(args ...any) (int, error)\n"
            "func Printf(format string, args ...any) (int, error)\n"
            "func Sprint(args ...any) string\nfunc Sprintf(format string, args ...any) string\n"
            "func Errorf(format string, args ...any) error\n"
            "type Stringer interface { String() string }\n"},
    {"errors", "package errors\ntype text struct { s string }\n"
               "func (e *text) Error() string { return e.s }\n"
               "func New(s string) error { return &text{s} }\n"},
    {"os", "package os\nvar Args []string\nfunc Exit(code int)\n"},
    {"runtime", "package runtime\ntype Error interface { error; RuntimeError() }\nfunc Gosched()\n"
                "type plainError string\nfunc (e plainError) RuntimeError() {}\n"
                "func (e plainError) Error() string { return string(e) }\n"
                "var keep Error = plainError(\"\")\n"},
    {NULL, NULL},
};

static void compile_once(Image *image, SourceFile *source, ParseOptions options, bool shared)
{
    Arena *arena = arena_create();
    DiagList diags;
    diag_init(&diags, arena);
    CheckOptions check_options = {
        .find_package = find_package, .package_path = package_path, .loopvar_shared = shared};
    CompileOptions compile_options = {.loopvar_shared = shared};
    Checker *checker = check_session(arena, &diags, &check_options);
    Compiler *compiler = compiler_create(arena, image, &diags, &compile_options);
    File *file = parse_file(arena, &diags, source, &options, NULL);
    FuncInfo *toplevel = NULL;
    if (diags.error_count == 0)
        check_program(checker, &file, 1, &toplevel);
    if (diags.error_count == 0) {
        u32 first = image->func_count;
        check_load(checker, "runtime");
        Package **list;
        int count = check_packages(checker, &list);
        u32 start = compile_unit(compiler, list, count, toplevel, NULL);
        check(start || diags.error_count > 0);
        Buf text = {0};
        for (u32 i = first; start && i < image->func_count; i++) {
            if (!verify_code(image, image->codes[i], &text)) {
                fprintf(stderr, "fuzz_compile: %s\n", text.data);
                abort();
            }
            disasm_code(image, image->codes[i], &text);
        }
        buf_free(&text);
    }
    diag_free(&diags);
    arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static Image *image;
    if (!image)
        image = image_create();
    SourceFile *source = source_add("fuzz.csp", (const char *)data, size);
    if (!source || image->func_count > IMAGE_MAX_NUMBER / 2 ||
        image->global_bytes > IMAGE_GLOBAL_BYTES / 2)
        _Exit(0); // used up; the next process goes on
    compile_once(image, source, (ParseOptions){0}, false);
    compile_once(image, source, (ParseOptions){.allow_script = true}, size % 2 == 0);
    return 0;
}
