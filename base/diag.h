// diag.h: source files, positions, and the list of diagnostics with the one way to print them.
//
// A Pos is one 32-bit number over all source files of a compilation session, so that tokens,
// nodes and code carry four bytes. 0 means "no position". The registry of files lives for the
// whole process (the REPL adds an entry as a file of its own).
#ifndef CSP_BASE_DIAG_H
#define CSP_BASE_DIAG_H

#include <stdio.h>

#include "base/arena.h"
#include "base/base.h"
#include "base/str.h"
#include "base/vec.h"

typedef u32 Pos;
#define POS_NONE 0u

// From here on the text says itself where it came from: //line file:line
typedef struct LineMark {
    u32 offset;
    int line;                // of this offset, in the text itself
    const char *name;        // owned by the registry
    int said_line, said_col; // said_col 0: columns are not known
} LineMark;

typedef struct SourceFile {
    const char *name; // as the user wrote it; shown in messages
    const char *text; // zero-terminated; owned by the registry
    u32 len;
    u32 base;       // Pos of the first byte; offset = pos - base
    Vec(u32) lines; // offset of each line's first byte
    Vec(LineMark) marks;
} SourceFile;

typedef struct Place {
    const SourceFile *file; // NULL for POS_NONE
    int line;               // from 1
    int col;                // from 1, in bytes, as Go counts
} Place;

// Registers a copy of text. NULL when it would pass 1 GiB in all.
SourceFile *source_add(const char *name, const char *text, size_t len);
Place source_place(Pos pos);

// What messages call a place: its own file and line, or what a //line comment above it says.
typedef struct PlaceName {
    const char *file; // NULL for POS_NONE
    int line;
    int col; // 0: not known
} PlaceName;
PlaceName source_name_of(Pos pos);
// The text behind pos is called name:line:col. name: NULL for the name it has already; is copied.
// In the order of their positions.
void source_mark(Pos pos, const char *name, size_t len, int line, int col);
const SourceFile *source_file_of(Pos pos);
static inline Pos source_pos(const SourceFile *f, u32 offset)
{
    return f->base + offset;
}
// "file:line:col" as source_name_of says into a static-size buffer supplied by the caller; "?" for
// POS_NONE.
const char *source_format(Pos pos, char *out, size_t out_bytes);

typedef enum Severity { SEVERITY_ERROR, SEVERITY_WARNING } Severity;

// What is wrong: the lines of diag.def. DIAG_NONE: nothing that could be explained further.
typedef enum DiagKind {
    DIAG_NONE,
#define KIND(name, slug, title)        DIAG_##name,
#define VET(name, slug, title)         DIAG_##name,
#define FATAL(name, slug, text, title) DIAG_##name,
#include "base/diag.def"
#undef KIND
#undef VET
#undef FATAL
    DIAG_KIND_COUNT
} DiagKind;

typedef struct DiagKindInfo {
    enum { DIAG_GROUP_KIND, DIAG_GROUP_VET, DIAG_GROUP_FATAL } group;
    const char *name;  // for `csp explain`
    const char *title; // one line
    const char *text;  // DIAG_GROUP_FATAL: how a program's end says it
} DiagKindInfo;
extern const DiagKindInfo diag_kinds[DIAG_KIND_COUNT]; // [DIAG_NONE]: all NULL

typedef struct Diag {
    Severity severity;
    DiagKind kind;
    Pos pos, end;           // the marked span; end <= pos marks one character
    const char *text;       // first line, Go's wording where Go has one
    const char *reason;     // NULL, or why, where that is not obvious
    const char *hint;       // NULL, or one sentence of help
    Pos other;              // second place, POS_NONE if none
    const char *other_text; // "declared here"
} Diag;

typedef struct DiagList {
    Arena *arena; // texts
    Vec(Diag) list;
    int error_count, warning_count;
} DiagList;

void diag_init(DiagList *d, Arena *arena);
void diag_free(DiagList *d); // the list only; texts go with the arena
// Both return the entry so that the caller may add a hint or a second place; the pointer is
// valid until the next call. At most one error per line is kept of those with the same text.
Diag *diag_error(DiagList *d, DiagKind kind, Pos pos, Pos end, const char *fmt, ...)
    PRINTF_LIKE(5, 6);
Diag *diag_warning(DiagList *d, DiagKind kind, Pos pos, Pos end, const char *fmt, ...)
    PRINTF_LIKE(5, 6);
void diag_reason(DiagList *d, Diag *at, const char *fmt, ...) PRINTF_LIKE(3, 4);
void diag_hint(DiagList *d, Diag *at, const char *fmt, ...) PRINTF_LIKE(3, 4);
void diag_other(Diag *at, Pos pos, const char *text);

typedef struct DiagPrint {
    int max_errors; // 0: all
    bool brief;     // first lines only
    bool json;      // one JSON object a line
    bool color;
    bool more; // end with how to learn more; not when brief or json
} DiagPrint;

// Sorted by position, stable. Says so when it is cut.
void diag_print(DiagList *d, FILE *out, const DiagPrint *how);

#endif
