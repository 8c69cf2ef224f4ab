// diag.c: source files, positions, and how diagnostics print.
//
// Files get consecutive ranges of positions, each one longer than its text, so that the end of
// a file has a position too. The registry only grows; a running program looks places up for its
// traces, so a table that grows leaves the old one in place for a reader that still holds it.
//
// What a diagnostic looks like:
//
//     prog.csp:5:9: undefined: fmt.Printn
//       5 |     fmt.Printn(y)
//         |         ^~~~~~
//       prog.csp:2:8: imported here
//       hint: did you mean fmt.Println?
//     more: csp explain undefined
//
// Not here: which diagnostics there are (types/, parser/, lexer/).
#include "base/diag.h"

#include <stdarg.h>

enum { MAX_SOURCE_BYTES = 1 << 30 };

// ---- Source files -----------------------------------------------------------------------

static struct {
    SourceFile **files; // by rising base
    int count, cap;
    u32 next_base;
} registry = {.next_base = 1};

static void find_lines(SourceFile *file)
{
    vec_push(&file->lines, 0);
    const char *end = file->text + file->len;
    for (const char *p = file->text; (p = memchr(p, '\n', (size_t)(end - p))) != NULL;) {
        p++;
        vec_push(&file->lines, (u32)(p - file->text));
    }
}

SourceFile *source_add(const char *name, const char *text, size_t len)
{
    if (len >= MAX_SOURCE_BYTES - registry.next_base)
        return NULL;
    SourceFile *file = xcalloc(1, sizeof *file);
    char *copy = xmalloc(len + 1);
    if (len > 0)
        memcpy(copy, text, len);
    copy[len] = '\0';
    file->name = xstrdup(name);
    file->text = copy;
    file->len = (u32)len;
    file->base = registry.next_base;
    find_lines(file);

    if (registry.count == registry.cap) {
        int cap = registry.cap ? registry.cap * 2 : 64;
        SourceFile **bigger = xcalloc((size_t)cap, sizeof *bigger);
        for (int i = 0; i < registry.count; i++)
            bigger[i] = registry.files[i];
        registry.files = bigger; // the old table stays: see above
        registry.cap = cap;
    }
    registry.files[registry.count++] = file;
    registry.next_base += file->len + 1;
    return file;
}

const SourceFile *source_file_of(Pos pos)
{
    int count = registry.count;
    SourceFile **files = registry.files;
    if (pos == POS_NONE || count == 0)
        return NULL;
    int low = 0, high = count; // files[low].base <= pos < files[high].base
    while (high - low > 1) {
        int middle = low + (high - low) / 2;
        if (files[middle]->base <= pos)
            low = middle;
        else
            high = middle;
    }
    return pos - files[low]->base <= files[low]->len ? files[low] : NULL;
}

Place source_place(Pos pos)
{
    const SourceFile *file = source_file_of(pos);
    if (!file)
        return (Place){NULL, 0, 0};
    u32 offset = pos - file->base;
    int low = 0, high = file->lines.len; // line low begins at or before offset, line high after
    while (high - low > 1) {
        int middle = low + (high - low) / 2;
        if (file->lines.data[middle] <= offset)
            low = middle;
        else
            high = middle;
    }
    return (Place){file, low + 1, (int)(offset - file->lines.data[low]) + 1};
}

void source_mark(Pos pos, const char *name, size_t len, int line, int col)
{
    Place place = source_place(pos);
    SourceFile *file = (SourceFile *)place.file;
    if (!file)
        return;
    if (!name) {
        name = file->marks.len > 0 ? vec_last(&file->marks).name : file->name;
    } else {
        char *copy = xmalloc(len + 1);
        memcpy(copy, name, len);
        copy[len] = '\0';
        name = copy;
    }
    LineMark mark = {pos - file->base, place.line, name, line, col};
    vec_push(&file->marks, mark);
}

PlaceName source_name_of(Pos pos)
{
    Place place = source_place(pos);
    if (!place.file)
        return (PlaceName){0};
    const SourceFile *file = place.file;
    u32 offset = pos - file->base;
    int low = -1, high = file->marks.len; // mark low begins at or before offset, mark high after
    while (high - low > 1) {
        int middle = low + (high - low) / 2;
        if (file->marks.data[middle].offset <= offset)
            low = middle;
        else
            high = middle;
    }
    if (low < 0)
        return (PlaceName){file->name, place.line, place.col};
    const LineMark *mark = &file->marks.data[low];
    int col = mark->said_col == 0        ? 0
              : place.line == mark->line ? mark->said_col + (int)(offset - mark->offset)
                                         : place.col;
    return (PlaceName){mark->name, mark->said_line + (place.line - mark->line), col};
}

const char *source_format(Pos pos, char *out, size_t out_bytes)
{
    PlaceName at = source_name_of(pos);
    if (at.file && at.col > 0)
        snprintf(out, out_bytes, "%s:%d:%d", at.file, at.line, at.col);
    else if (at.file)
        snprintf(out, out_bytes, "%s:%d", at.file, at.line);
    else
        snprintf(out, out_bytes, "?");
    return out;
}

// The text of a line, without its end.
static Str line_text(const SourceFile *file, int line)
{
    const char *start = file->text + file->lines.data[line - 1];
    const char *end = file->text + file->len;
    const char *newline = memchr(start, '\n', (size_t)(end - start));
    size_t len = (size_t)((newline ? newline : end) - start);
    if (len > 0 && start[len - 1] == '\r')
        len--;
    return (Str){start, len};
}

// ---- Kinds ------------------------------------------------------------------------------

const DiagKindInfo diag_kinds[DIAG_KIND_COUNT] = {
#define KIND(id, name, title)        [DIAG_##id] = {DIAG_GROUP_KIND, name, title, NULL},
#define VET(id, name, title)         [DIAG_##id] = {DIAG_GROUP_VET, name, title, NULL},
#define FATAL(id, name, text, title) [DIAG_##id] = {DIAG_GROUP_FATAL, name, title, text},
#include "base/diag.def"
#undef KIND
#undef VET
#undef FATAL
};

// ---- The list ---------------------------------------------------------------------------

void diag_init(DiagList *d, Arena *arena)
{
    *d = (DiagList){.arena = arena};
}

void diag_free(DiagList *d)
{
    vec_free(&d->list);
    d->error_count = d->warning_count = 0;
}

enum { MAX_MESSAGE_BYTES = 2000 };

// Where the character begins that the byte at `at` belongs to.
static size_t rune_start(Str line, size_t at)
{
    for (int i = 0; i < 3 && at > 0 && at < line.len && ((u8)line.data[at] & 0xC0) == 0x80; i++)
        at--;
    return at;
}

static const char *vprintf_in(Arena *arena, const char *fmt, va_list args)
{
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, fmt, args);
    check(len >= 0);
    char *text = arena_alloc(arena, (size_t)len + 1);
    vsnprintf(text, (size_t)len + 1, fmt, again);
    va_end(again);
    if (len > MAX_MESSAGE_BYTES) // a name or an expression of that size
        memcpy(text + rune_start((Str){text, (size_t)len}, MAX_MESSAGE_BYTES), "…", sizeof "…");
    return text;
}

// The same said of the same line before. Only the newest are looked at: repetitions come from
// parts of one statement, and a file full of errors must not take quadratic time.
static Diag *find_repeated(DiagList *d, Severity severity, Pos pos, const char *text)
{
    enum { LOOK_BACK = 64 };
    Place place = {0};
    for (int i = d->list.len - 1; i >= 0 && i >= d->list.len - LOOK_BACK; i--) {
        Diag *diag = &d->list.data[i];
        if (diag->severity != severity || strcmp(diag->text, text) != 0)
            continue;
        if (diag->pos == pos)
            return diag;
        if (!place.file)
            place = source_place(pos);
        Place other = source_place(diag->pos);
        if (other.file == place.file && other.line == place.line)
            return diag;
    }
    return NULL;
}

static Diag *add(DiagList *d, Severity severity, DiagKind kind, Pos pos, Pos end, const char *text)
{
    Diag *repeated = find_repeated(d, severity, pos, text);
    if (repeated)
        return repeated;
    vec_push(&d->list, ((Diag){severity, kind, .pos = pos, .end = end, .text = text}));
    if (severity == SEVERITY_ERROR)
        d->error_count++;
    else
        d->warning_count++;
    return &vec_last(&d->list);
}

Diag *diag_error(DiagList *d, DiagKind kind, Pos pos, Pos end, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    const char *text = vprintf_in(d->arena, fmt, args);
    va_end(args);
    return add(d, SEVERITY_ERROR, kind, pos, end, text);
}

Diag *diag_warning(DiagList *d, DiagKind kind, Pos pos, Pos end, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    const char *text = vprintf_in(d->arena, fmt, args);
    va_end(args);
    return add(d, SEVERITY_WARNING, kind, pos, end, text);
}

void diag_reason(DiagList *d, Diag *at, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    at->reason = vprintf_in(d->arena, fmt, args);
    va_end(args);
}

void diag_hint(DiagList *d, Diag *at, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    at->hint = vprintf_in(d->arena, fmt, args);
    va_end(args);
}

void diag_other(Diag *at, Pos pos, const char *text)
{
    at->other = pos;
    at->other_text = text;
}

// ---- Printing for people ----------------------------------------------------------------

#define COLOR_BOLD   "\033[1m"
#define COLOR_RED    "\033[1;31m"
#define COLOR_YELLOW "\033[1;33m"
#define COLOR_BLUE   "\033[34m"
#define COLOR_OFF    "\033[0m"

static const char *color(const DiagPrint *how, const char *code)
{
    return how->color ? code : "";
}

// Spaces as wide as text, with its tabs, so that the mark stands under its place whatever a
// terminal takes for a tab.
static void print_blank(FILE *out, Str text)
{
    for (size_t i = 0; i < text.len;) {
        int width;
        utf8_decode(text.data + i, text.len - i, &width);
        fputc(text.data[i] == '\t' ? '\t' : ' ', out);
        i += (size_t)width;
    }
}

static int rune_count(Str text)
{
    int count = 0;
    for (size_t i = 0; i < text.len; count++) {
        int width;
        utf8_decode(text.data + i, text.len - i, &width);
        i += (size_t)width;
    }
    return count;
}

// The source line as written, but for what could confuse a terminal: control characters, and bytes
// that are no UTF-8.
static void print_source(FILE *out, Str line)
{
    for (size_t i = 0; i < line.len;) {
        int width;
        u32 rune = utf8_decode(line.data + i, line.len - i, &width);
        if ((rune < 0x20 && rune != '\t') || (rune >= 0x7F && rune < 0xA0) ||
            (rune == RUNE_ERROR && width == 1))
            fputc('?', out);
        else
            fwrite(line.data + i, 1, (size_t)width, out);
        i += (size_t)width;
    }
}

// Of a long line only what surrounds the mark is shown, with … where something is left out.
enum { WIDE_LINE = 200, SHOWN_BEFORE = 60, SHOWN_BYTES = 140 };

// The part of the line that pos..end marks, at least one character, at most to the line's end.
static void print_marked_line(FILE *out, const Diag *diag, Place place, const DiagPrint *how)
{
    Str line = line_text(place.file, place.line);
    size_t from = (size_t)place.col - 1;
    if (from > line.len)
        from = line.len;
    size_t to = diag->end > diag->pos ? from + (diag->end - diag->pos) : from;
    if (to > line.len)
        to = line.len;

    size_t first = 0, last = line.len;
    if (line.len > WIDE_LINE) {
        first = rune_start(line, from > SHOWN_BEFORE ? from - SHOWN_BEFORE : 0);
        if (line.len - first > SHOWN_BYTES)
            last = rune_start(line, first + SHOWN_BYTES);
        if (to > last)
            to = last;
    }

    fprintf(out, "%s%4d |%s %s", color(how, COLOR_BLUE), place.line, color(how, COLOR_OFF),
            first > 0 ? "…" : "");
    print_source(out, (Str){line.data + first, last - first});
    fprintf(out, "%s\n", last < line.len ? "…" : "");
    fprintf(out, "%s     |%s %s", color(how, COLOR_BLUE), color(how, COLOR_OFF),
            first > 0 ? " " : "");
    print_blank(out, (Str){line.data + first, from - first});
    fputs(color(how, diag->severity == SEVERITY_ERROR ? COLOR_RED : COLOR_YELLOW), out);
    fputc('^', out);
    for (int i = rune_count((Str){line.data + from, to - from}); i > 1; i--)
        fputc('~', out);
    fprintf(out, "%s\n", color(how, COLOR_OFF));
}

// A sentence behind its label, broken between words; what follows is indented as the label is.
static void print_wrapped(FILE *out, const char *label, const char *text)
{
    enum { WIDTH = 88 };
    if (!text)
        return;
    int indent = (int)strlen(label), col = indent;
    fputs(label, out);
    while (*text) {
        size_t len = strcspn(text, " ");
        int width = rune_count((Str){text, len});
        if (col > indent && col + 1 + width > WIDTH) {
            fprintf(out, "\n%*s", indent, "");
            col = indent;
        } else if (col > indent) {
            fputc(' ', out);
            col++;
        }
        fwrite(text, 1, len, out);
        col += width;
        text += len + strspn(text + len, " ");
    }
    fputc('\n', out);
}

// "file:line:col: "
static void print_place(FILE *out, Pos pos)
{
    PlaceName at = source_name_of(pos);
    fprintf(out, "%s:%d", at.file, at.line);
    if (at.col > 0)
        fprintf(out, ":%d", at.col);
    fputs(": ", out);
}

static void print_text(FILE *out, const Diag *diag, const DiagPrint *how)
{
    Place place = source_place(diag->pos);
    fputs(color(how, COLOR_BOLD), out);
    if (place.file)
        print_place(out, diag->pos);
    fprintf(out, "%s%s%s\n", diag->severity == SEVERITY_WARNING ? "warning: " : "", diag->text,
            color(how, COLOR_OFF));
    if (how->brief)
        return;

    if (place.file)
        print_marked_line(out, diag, place, how);
    print_wrapped(out, "  ", diag->reason);
    if (diag->other != POS_NONE && diag->other_text) {
        fputs("  ", out);
        print_place(out, diag->other);
        fprintf(out, "%s\n", diag->other_text);
    }
    print_wrapped(out, "  hint: ", diag->hint);
}

// ---- Printing for tools -----------------------------------------------------------------

// Bytes that are no UTF-8 become U+FFFD: JSON has no other way to say them.
static void print_json_string(FILE *out, const char *s)
{
    size_t len = strlen(s);
    fputc('"', out);
    for (size_t i = 0; i < len;) {
        int width;
        u32 rune = utf8_decode(s + i, len - i, &width);
        if (rune == '"' || rune == '\\')
            fprintf(out, "\\%c", (int)rune);
        else if (rune == '\n')
            fputs("\\n", out);
        else if (rune == '\t')
            fputs("\\t", out);
        else if (rune < 0x20)
            fprintf(out, "\\u%04x", (unsigned)rune);
        else {
            char bytes[4];
            fwrite(bytes, 1, (size_t)utf8_encode(rune, bytes), out);
        }
        i += (size_t)width;
    }
    fputc('"', out);
}

static void print_json_place(FILE *out, PlaceName at)
{
    fputs("\"file\":", out);
    print_json_string(out, at.file);
    fprintf(out, ",\"line\":%d,\"col\":%d,", at.line, at.col);
}

static void print_json_field(FILE *out, const char *name, const char *value)
{
    if (!value)
        return;
    fprintf(out, ",\"%s\":", name);
    print_json_string(out, value);
}

static void print_json(FILE *out, const Diag *diag)
{
    PlaceName at = source_name_of(diag->pos);
    PlaceName end = source_name_of(diag->end > diag->pos ? diag->end : diag->pos);
    PlaceName other = source_name_of(diag->other);
    fputc('{', out);
    if (at.file)
        print_json_place(out, at);
    if (end.file)
        fprintf(out, "\"end_line\":%d,\"end_col\":%d,", end.line, end.col);
    fprintf(out, "\"severity\":\"%s\"", diag->severity == SEVERITY_ERROR ? "error" : "warning");
    print_json_field(out, "message", diag->text);
    print_json_field(out, "reason", diag->reason);
    print_json_field(out, "hint", diag->hint);
    print_json_field(out, "name", diag_kinds[diag->kind].name);
    if (other.file && diag->other_text) {
        fputs(",\"other\":{", out);
        print_json_place(out, other);
        fputs("\"message\":", out);
        print_json_string(out, diag->other_text);
        fputc('}', out);
    }
    fputs("}\n", out);
}

// ---- Printing ---------------------------------------------------------------------------

// Entries of one list: those of the same position stand in the order of their addresses.
static int compare_by_pos(const void *left, const void *right)
{
    const Diag *a = *(const Diag *const *)left, *b = *(const Diag *const *)right;
    if (a->pos != b->pos)
        return a->pos < b->pos ? -1 : 1;
    return (a > b) - (a < b);
}

// The last line: how to learn more about the first few kinds that were met.
static void print_more(FILE *out, const Diag **list, int count)
{
    enum { SHOWN = 3 };
    DiagKind kinds[SHOWN];
    int known = 0;
    for (int i = 0; i < count && known < SHOWN; i++) {
        DiagKind kind = list[i]->kind;
        bool is_new = kind != DIAG_NONE;
        for (int k = 0; k < known; k++)
            is_new = is_new && kinds[k] != kind;
        if (is_new)
            kinds[known++] = kind;
    }
    for (int k = 0; k < known; k++)
        fprintf(out, "%s %s", k == 0 ? "more: csp explain" : "", diag_kinds[kinds[k]].name);
    if (known > 0)
        fputc('\n', out);
}

void diag_print(DiagList *d, FILE *out, const DiagPrint *how)
{
    int count = d->list.len;
    const Diag **sorted = xcalloc((size_t)count, sizeof *sorted);
    for (int i = 0; i < count; i++)
        sorted[i] = &d->list.data[i];
    qsort(sorted, (size_t)count, sizeof *sorted, compare_by_pos);

    // In one piece: standard error has no buffer of its own.
    char *text = NULL;
    size_t len = 0;
    FILE *whole = out;
    out = open_memstream(&text, &len);
    check(out != NULL);
    int errors = 0, shown = 0;
    for (; shown < count; shown++) {
        const Diag *diag = sorted[shown];
        if (diag->severity == SEVERITY_ERROR && how->max_errors > 0 && errors++ == how->max_errors)
            break;
        if (how->json)
            print_json(out, diag);
        else
            print_text(out, diag, how);
    }
    if (shown < count && how->json)
        fprintf(out, "{\"severity\":\"note\",\"message\":\"too many errors\",\"more\":%d}\n",
                count - shown);
    else if (shown < count)
        fprintf(out, "too many errors%s\n",
                how->brief ? "" : " (--max-errors=0 shows all of them)");
    if (how->more && !how->brief && !how->json)
        print_more(out, sorted, shown);
    fclose(out);
    fwrite(text, 1, len, whole);
    free(text);
    free(sorted);
}
