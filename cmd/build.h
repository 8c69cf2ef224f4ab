// build.h: source → bytecode, the whole pipeline (build.c shows it as one function).
#ifndef CSP_CMD_BUILD_H
#define CSP_CMD_BUILD_H

#include "compiler/compiler.h"
#include "types/check.h"

typedef struct BuildOptions {
    bool loopvar_shared;
    DiagPrint print; // how diagnostics are shown, on standard error
} BuildOptions;

// One session of the front end: a program has one unit, the prompt one for each entry.
typedef struct Build {
    BuildOptions options;
    Arena *arena;
    DiagList diags;
    Checker *checker;
    Compiler *compiler;
    Image *image;
} Build;

// One source text of the program that is built.
typedef struct BuildSource {
    const char *name; // shown in messages
    const char *text;
    size_t len;
} BuildSource;

void build_session(Build *b, const BuildOptions *options, bool repl);
// Frees the front end's memory; the image stays.
void build_end(Build *b);

// Sources → a unit in b->image. *start is its start function. False after errors, which have been
// printed.
bool build_program(Build *b, const BuildSource *sources, int count, u32 *start);
// Checks the sources, and prints what is wrong with them (types/vet.h) although they compile: then
// b->diags.warning_count is above 0. False after errors. Build nothing else with b afterwards.
bool build_vet(Build *b, const BuildSource *sources, int count);
// One entry of the prompt: its start function, made runnable (vm_load_unit); 0 after errors, which
// have been printed and leave nothing behind. *has_value: its last expression is kept
// (compiler_last_value).
u32 build_entry(Build *b, const char *name, const char *text, size_t len, bool *has_value);

// Reads the files of a program; "-" is standard input, and a folder that stands alone is its
// .csp files, or its .go files if it has no others. Returns how many there are, with *out from
// malloc; 0 after a message on standard error.
int build_read_files(int count, char **paths, BuildSource **out);

#endif
