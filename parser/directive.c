// directive.c: comments that mean something to a Go compiler.
//
// //line and /*line change what messages call the places behind them (base/diag.h). //go: comments
// tell a Go compiler how to treat the declaration below; csp has no use for them, but says, as Go
// does, when one stands where it means nothing. Those that would change what the program does are
// errors, too.
#include "parser/parser_impl.h"

enum { MAX_LINE = 1 << 30 };

// Not counted with the errors of the parser: it says nothing about the code around.
static void wrong(Parser *p, Pos pos, Pos end, const char *text)
{
    if (!p->gave_up)
        diag_error(p->diags, DIAG_DIRECTIVE, pos, end, "%s", text);
}

// ---- Lines ------------------------------------------------------------------------------

// The number behind the last colon. Gives the offset behind that colon, 0 if there is none; *value
// is -1 if no number stands there.
static size_t last_number(Str text, i64 *value)
{
    size_t at = text.len;
    while (at > 0 && text.data[at - 1] != ':')
        at--;
    *value = at > 0 && at < text.len ? 0 : -1;
    for (size_t i = at; i < text.len && *value >= 0; i++) {
        char c = text.data[i];
        *value = c < '0' || c > '9' ? -1 : *value >= MAX_LINE ? *value : *value * 10 + (c - '0');
    }
    return at;
}

// file:line, file:line:col, :line or :line:col. at: where the text stands; behind: what it speaks
// of.
static void line_directive(Parser *p, Str text, Pos at, Pos behind)
{
    i64 line, other, col = 0;
    size_t number = last_number(text, &line);
    if (number == 0)
        return; // a comment that happens to begin so
    Pos end = at + (Pos)text.len;
    const char *rest = arena_strndup(p->arena, text.data + number, text.len - number);
    if (line < 0) {
        wrong(p, at + (Pos)number, end, arena_printf(p->arena, "invalid line number: %s", rest));
        return;
    }
    size_t before = last_number((Str){text.data, number - 1}, &other);
    if (before > 0 && other >= 0) {
        col = line;
        line = other;
        if (col == 0 || col > MAX_LINE) {
            wrong(p, at + (Pos)number, end,
                  arena_printf(p->arena, "invalid column number: %s", rest));
            return;
        }
        number = before;
    }
    if (line == 0 || line > MAX_LINE) {
        wrong(p, at + (Pos)number, end,
              arena_printf(p->arena, "invalid line number: %s",
                           arena_strndup(p->arena, text.data + number, text.len - number)));
        return;
    }
    bool same_file = number == 1 && col > 0;
    source_mark(behind, same_file ? NULL : text.data, number - 1, (int)line, (int)col);
}

// ---- //go: ------------------------------------------------------------------------------

static bool imports(const Parser *p, const char *path)
{
    for (int i = 0; i < p->file->imports.len; i++)
        if (str_eq(p->file->imports.data[i]->import.path, str_from(path)))
            return true;
    return false;
}

// own_line: nothing stands before the comment on its line.
static void go_directive(Parser *p, Str verb, Pos pos, Pos end, bool own_line)
{
    static const struct {
        const char *verb;
        DirectivePlace place;
    } known[] = {
        {"go:build", DIRECTIVE_FILE},          {"go:noinline", DIRECTIVE_FUNC},
        {"go:nosplit", DIRECTIVE_FUNC},        {"go:noescape", DIRECTIVE_FUNC},
        {"go:norace", DIRECTIVE_FUNC},         {"go:nocheckptr", DIRECTIVE_FUNC},
        {"go:uintptrescapes", DIRECTIVE_FUNC}, {"go:uintptrkeepalive", DIRECTIVE_FUNC},
        {"go:registerparams", DIRECTIVE_FUNC}, {"go:notinheap", DIRECTIVE_TYPE},
    };
    for (int i = 0; i < countof(known); i++)
        if (str_eq(verb, str_from(known[i].verb))) {
            DirectivePlace place = own_line ? known[i].place : DIRECTIVE_NOWHERE;
            vec_push_in(p->arena, &p->directives, ((Directive){pos, end, place}));
            return;
        }
    if (str_eq(verb, STR("go:embed")) && !imports(p, "embed"))
        wrong(p, pos, end, "go:embed only allowed in Go files that import \"embed\"");
    if (str_eq(verb, STR("go:linkname")) && !imports(p, "unsafe"))
        wrong(p, pos, end, "//go:linkname only allowed in Go files that import \"unsafe\"");
}

void directives_end(Parser *p, DirectivePlace place)
{
    for (int i = 0; i < p->directives.len; i++) {
        const Directive *d = &p->directives.data[i];
        if (!(d->place & place))
            wrong(p, d->pos, d->end, "misplaced compiler directive");
    }
    p->directives.len = 0;
}

// ---- All --------------------------------------------------------------------------------

void directive_comment(Parser *p, Pos pos, Pos end)
{
    const SourceFile *source = p->file->source;
    const char *start = source->text + (pos - source->base);
    bool general = start[1] == '*';
    Str text = {start + 2, end - pos - (general ? 4 : 2)};
    if (text.len > 0 && text.data[text.len - 1] == '\r')
        text.len--;
    bool line_begins = start == source->text || start[-1] == '\n';
    if (text.len > 5 && memcmp(text.data, "line ", 5) == 0 && (general || line_begins)) {
        bool newline = !general && end - source->base < source->len;
        line_directive(p, (Str){text.data + 5, text.len - 5}, pos + 7, end + newline);
    } else if (text.len > 3 && memcmp(text.data, "go:", 3) == 0) {
        size_t verb = 0;
        while (verb < text.len && text.data[verb] != ' ' && text.data[verb] != '\t')
            verb++;
        const char *before = start;
        while (before > source->text && (before[-1] == ' ' || before[-1] == '\t'))
            before--;
        bool own_line = before == source->text || before[-1] == '\n';
        go_directive(p, (Str){text.data, verb}, pos + 2, pos + 2 + (Pos)text.len, own_line);
    }
}
