// check_error.c: how the checker words what it shows: operands, types, expressions.
#include "types/check_impl.h"

#include <stdarg.h>
#include <stdio.h>

static const char *vtext(Checker *c, const char *fmt, va_list args)
{
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, fmt, args);
    check(len >= 0);
    char *text = arena_alloc(c->arena, (size_t)len + 1);
    vsnprintf(text, (size_t)len + 1, fmt, again);
    va_end(again);
    return text;
}

// A repeated constant expression stands elsewhere: its errors belong to the name that repeats it.
static void place(Checker *c, Pos *pos, Pos *end)
{
    if (c->env.repeated_name) {
        *pos = c->env.repeated_name->pos;
        *end = c->env.repeated_name->end;
    }
}

static Diag *report(Checker *c, Pos pos, Pos end, DiagKind kind, const char *text)
{
    // A type that could not be made out says that something else is wrong.
    if (c->diags->error_count > 0 && strstr(text, "invalid type") > text)
        return &c->unsaid;
    place(c, &pos, &end);
    return diag_error(c->diags, kind, pos, end, "%s", text);
}

COLD Diag *check_error(Checker *c, Pos pos, Pos end, DiagKind kind, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    const char *text = vtext(c, fmt, args);
    va_end(args);
    return report(c, pos, end, kind, text);
}

COLD Diag *check_error_at(Checker *c, const Node *at, DiagKind kind, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    const char *text = vtext(c, fmt, args);
    va_end(args);
    return report(c, at->pos, at->end, kind, text);
}

COLD Diag *check_warning_at(Checker *c, Pos pos, Pos end, DiagKind kind, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    const char *text = vtext(c, fmt, args);
    va_end(args);
    return diag_warning(c->diags, kind, pos, end, "%s", text);
}

Name suggest(Checker *c, Scope *s, Name name, bool (*wanted)(Object *obj))
{
    enum { ENOUGH = 100 }; // 1,000 wrong names among 5,000 functions: 0.7 s without this
    return c->diags->error_count > ENOUGH ? NULL : scope_suggest(s, name, wanted);
}

void hint_name(Checker *c, Diag *d, Name suggestion)
{
    if (suggestion)
        diag_hint(c->diags, d, "did you mean %s?", suggestion->text);
}

static const char *keep(Checker *c, Buf *b)
{
    const char *s = arena_strndup(c->arena, b->data ? b->data : "", b->len);
    buf_free(b);
    return s;
}

COLD const char *type_text(Checker *c, const Type *t)
{
    return type_string(c->arena, t, c->env.pkg);
}

COLD const char *expr_text(Checker *c, const Node *n)
{
    Buf b = {0};
    node_print(n, &b);
    return keep(c, &b);
}

COLD const char *const_text(Checker *c, const struct Const *v)
{
    Buf b = {0};
    const_print(v, &b);
    return keep(c, &b);
}

static const char *mode_word(const Node *n)
{
    switch (n->mode) {
    case MODE_NOVALUE: return "no value";
    case MODE_TYPE: return "type";
    case MODE_CONST: return "constant";
    case MODE_VAR: return "variable";
    case MODE_MAPINDEX: return "map index expression";
    case MODE_VALUE: return "value";
    case MODE_COMMAOK: return "comma, ok expression";
    case MODE_BUILTIN: return "built-in";
    default: return "invalid operand";
    }
}

COLD const char *operand_text(Checker *c, const Node *n)
{
    Buf b = {0};
    if (n->mode == MODE_NIL) {
        if (n->type && !type_is_untyped(n->type)) {
            buf_puts(&b, "nil (of type ");
            type_print(n->type, c->env.pkg, &b);
            buf_putc(&b, ')');
        } else {
            buf_puts(&b, "nil");
        }
        return keep(c, &b);
    }
    node_print(n, &b);
    size_t expr_len = b.len;
    buf_puts(&b, " (");
    bool has_type = n->mode == MODE_CONST || n->mode == MODE_VAR || n->mode == MODE_MAPINDEX ||
                    n->mode == MODE_VALUE || n->mode == MODE_COMMAOK;
    if (has_type && type_is_untyped(n->type)) {
        type_print(n->type, c->env.pkg, &b);
        buf_putc(&b, ' ');
        has_type = false;
    }
    buf_puts(&b, mode_word(n));
    if (n->mode == MODE_CONST && n->cval) {
        const char *value = const_text(c, n->cval);
        if (strlen(value) != expr_len || memcmp(value, b.data, expr_len) != 0)
            buf_printf(&b, " %s", value);
    }
    if (has_type) {
        buf_puts(&b, " of type ");
        type_print(n->type, c->env.pkg, &b);
    }
    buf_putc(&b, ')');
    return keep(c, &b);
}
