// build.c: source → bytecode. build_unit is the whole pipeline: one line for each pass, each of
// which stops before the next one when there are errors.
//
//     text ─parse_file─► File ─check_program─► Package ─compile_unit─► Code in the image
//                                                      ─vm_load_unit─► verified, natives bound
#include "cmd/build.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "parser/parser.h"
#include "stdlib/stdlib.h"
#include "types/vet.h"
#include "vm/vm.h"

void build_session(Build *b, const BuildOptions *options, bool repl)
{
    *b = (Build){.options = *options, .arena = arena_create()};
    diag_init(&b->diags, b->arena);
    CheckOptions check_options = {
        .loopvar_shared = options->loopvar_shared,
        .repl = repl,
        .find_package = stdlib_find,
        .package_path = stdlib_path,
    };
    CompileOptions compile_options = {.loopvar_shared = options->loopvar_shared, .repl = repl};
    b->image = image_create();
    b->checker = check_session(b->arena, &b->diags, &check_options);
    b->compiler = compiler_create(b->arena, b->image, &b->diags, &compile_options);
}

void build_end(Build *b)
{
    diag_free(&b->diags);
    arena_free(b->arena);
    b->arena = NULL;
}

// Prints what has been found so far. True if the next pass may begin.
static bool no_errors(Build *b)
{
    if (b->diags.error_count == 0)
        return true;
    diag_print(&b->diags, stderr, &b->options.print);
    return false;
}

// Texts → trees. NULL after errors that leave no whole tree.
static File **parse_sources(Build *b, const BuildSource *sources, int count, bool repl)
{
    File **files = arena_array(b->arena, File *, count);
    int soft = 0;
    for (int i = 0; i < count; i++) {
        SourceFile *source = source_add(sources[i].name, sources[i].text, sources[i].len);
        if (!source) {
            diag_error(&b->diags, DIAG_TOO_LARGE, POS_NONE, POS_NONE,
                       "%s: source text is too large", sources[i].name);
            break;
        }
        ParseOptions options = {.allow_script = true, .repl = repl};
        files[i] = parse_file(b->arena, &b->diags, source, &options, NULL);
        soft += files[i]->soft_errors;
    }
    return b->diags.error_count == soft || no_errors(b) ? files : NULL;
}

static bool is_whole_program(const File *file)
{
    if (file->is_script)
        return true;
    for (int i = 0; i < file->decls.len; i++) {
        const Node *decl = file->decls.data[i];
        if (decl->kind == NODE_FUNC_DECL && !decl->func.recv &&
            strcmp(decl->func.name->ident.name->text, "main") == 0)
            return true;
    }
    return false;
}

// A folder of programs, each complete in its file, is no program: said once, and not for each name
// that two of them have. (Two files may have a main too many by mistake.)
static bool is_one_program(Build *b, File **files, const BuildSource *sources, int count)
{
    for (int i = 0; i < count; i++)
        if (!is_whole_program(files[i]))
            return true;
    if (count <= 2)
        return true;
    Diag *d = diag_error(&b->diags, DIAG_REDECLARED, POS_NONE, POS_NONE,
                         "each of these %d files is a program of its own", count);
    diag_hint(&b->diags, d, "name one of them: %s", sources[0].name);
    return no_errors(b);
}

// The pipeline. last: see check_entry; NULL for programs.
static u32 build_unit(Build *b, const BuildSource *sources, int count, Node **last)
{
    File **files = parse_sources(b, sources, count, last != NULL);
    if (!files || !is_one_program(b, files, sources, count))
        return 0;

    FuncInfo *toplevel = NULL;
    if (last)
        check_entry(b->checker, files[0], &toplevel, last);
    else
        check_program(b->checker, files, count, &toplevel);
    if (!no_errors(b))
        return 0;

    check_load(b->checker, "runtime"); // the VM raises its error types
    Package **packages;
    int package_count = check_packages(b->checker, &packages);
    u32 start = compile_unit(b->compiler, packages, package_count, toplevel, last ? *last : NULL);
    if (!no_errors(b))
        return 0;

    if (b->diags.warning_count > 0)
        diag_print(&b->diags, stderr, &b->options.print);
    return start;
}

bool build_program(Build *b, const BuildSource *sources, int count, u32 *start)
{
    *start = build_unit(b, sources, count, NULL);
    return *start != 0;
}

bool build_vet(Build *b, const BuildSource *sources, int count)
{
    File **files = parse_sources(b, sources, count, false);
    if (!files || !is_one_program(b, files, sources, count))
        return false;
    FuncInfo *toplevel = NULL;
    Package *pkg = check_program(b->checker, files, count, &toplevel);
    if (!no_errors(b))
        return false;
    VetOptions options = {.loopvar_shared = b->options.loopvar_shared};
    vet_package(b->arena, &b->diags, pkg, &options);
    diag_print(&b->diags, stderr, &b->options.print);
    return true;
}

u32 build_entry(Build *b, const char *name, const char *text, size_t len, bool *has_value)
{
    // A list of its own for each entry.
    diag_free(&b->diags);
    diag_init(&b->diags, b->arena);
    BuildSource source = {name, text, len};
    Node *last = NULL;
    u32 start = build_unit(b, &source, 1, &last);
    *has_value = last != NULL;
    Buf why = {0};
    if (start && !vm_load_unit(&why)) {
        fprintf(stderr, "csp: %s\n", why.data);
        start = 0;
    }
    buf_free(&why);
    return start;
}

// ---- Reading files ------------------------------------------------------------------------

// Files are at most as long as the positions in them can tell (base/diag.h), so an endless one
// (/dev/zero) is not read to the end of memory.
enum { MAX_FILE_BYTES = 1 << 30 };

static bool cannot_read(const char *path, const char *why)
{
    fprintf(stderr, "csp: cannot read %s: %s\n", path, why);
    return false;
}

static bool cannot_open(const char *path)
{
    int error = errno;
    Buf whole = {0};
    buf_printf(&whole, "%s.csp", path);
    bool forgotten = error == ENOENT && access(whole.data, F_OK) == 0;
    cannot_read(path, strerror(error));
    if (forgotten)
        fprintf(stderr, "  hint: did you mean %s?\n", whole.data);
    buf_free(&whole);
    return false;
}

// Programs, pictures and the like have control characters everywhere; a text that went wrong at
// some place gets its position told by the lexer.
static bool is_binary(const char *text, size_t len)
{
    size_t looked = len < 4096 ? len : 4096, odd = 0;
    for (size_t i = 0; i < looked; i++) {
        u8 c = (u8)text[i];
        odd += c < 0x07 || (c > 0x0D && c < 0x20 && c != 0x1B) || c == 0x7F;
    }
    return odd * 20 > looked + 100;
}

static bool read_file(const char *path, BuildSource *out)
{
    bool is_stdin = strcmp(path, "-") == 0;
    const char *name = is_stdin ? "standard input" : path;
    FILE *in = is_stdin ? stdin : fopen(path, "rb");
    if (!in)
        return cannot_open(name);
    Buf buf = {0};
    char chunk[65536];
    for (size_t n; buf.len <= MAX_FILE_BYTES && (n = fread(chunk, 1, sizeof chunk, in)) > 0;)
        buf_append(&buf, chunk, n);
    bool ok = true;
    if (ferror(in))
        ok = cannot_read(name, strerror(errno));
    else if (buf.len > MAX_FILE_BYTES)
        ok = cannot_read(name, "it is larger than 1 GiB");
    else if (is_binary(buf.data, buf.len))
        ok = cannot_read(name, "it is not text");
    if (!is_stdin)
        fclose(in);
    if (!ok) {
        buf_free(&buf);
        return false;
    }
    *out = (BuildSource){name, buf.data ? buf.data : xstrdup(""), buf.len};
    return true;
}

static bool ends_in(const char *name, const char *end)
{
    size_t len = strlen(name), end_len = strlen(end);
    return len > end_len && strcmp(name + len - end_len, end) == 0;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

typedef Vec(char *) Paths;

// The files in a folder whose names end so, in order; as Go does, without tests and what begins
// with _ or a dot.
static bool list_folder(const char *folder, const char *end, Paths *out)
{
    DIR *dir = opendir(folder);
    if (!dir)
        return cannot_read(folder, strerror(errno));
    for (struct dirent *entry; (entry = readdir(dir));) {
        const char *name = entry->d_name;
        if (name[0] == '.' || name[0] == '_' || !ends_in(name, end) || ends_in(name, "_test.go") ||
            ends_in(name, "_test.csp"))
            continue;
        Buf path = {0};
        buf_printf(&path, "%s%s%s", folder, ends_in(folder, "/") ? "" : "/", name);
        vec_push(out, path.data);
    }
    closedir(dir);
    if (out->len > 0)
        qsort(out->data, (size_t)out->len, sizeof out->data[0], by_name);
    return true;
}

int build_read_files(int count, char **paths, BuildSource **out)
{
    Paths listed = {0};
    struct stat st;
    if (count == 1 && stat(paths[0], &st) == 0 && S_ISDIR(st.st_mode)) {
        if (!list_folder(paths[0], ".csp", &listed) ||
            (listed.len == 0 && !list_folder(paths[0], ".go", &listed)))
            return 0;
        if (listed.len == 0) {
            cannot_read(paths[0], "no .csp and no .go files are in this folder");
            return 0;
        }
        count = listed.len;
        paths = listed.data;
    }
    BuildSource *sources = xcalloc((size_t)count, sizeof *sources);
    for (int i = 0; i < count; i++)
        if (!read_file(paths[i], &sources[i]))
            return 0;
    *out = sources;
    return count;
}
