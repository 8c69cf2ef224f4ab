// rtype_name.c: the name of a type as a program sees it: what %T prints, what run-time errors say.
//
// It differs from what diagnostics say (type_print): no names of parameters, no aliases (uint8 for
// byte), spaces inside braces.
#include "compiler/compile_impl.h"

static void print(const Type *t, Buf *out);

static void print_signature(const Type *t, Buf *out)
{
    buf_putc(out, '(');
    for (int i = 0; i < t->params.len; i++) {
        const Type *param = t->params.data[i];
        if (i > 0)
            buf_puts(out, ", ");
        if (t->variadic && i == t->params.len - 1) {
            buf_puts(out, "...");
            param = param->elem ? param->elem : param;
        }
        print(param, out);
    }
    buf_putc(out, ')');
    if (t->results.len == 0)
        return;
    buf_putc(out, ' ');
    if (t->results.len > 1)
        buf_putc(out, '(');
    for (int i = 0; i < t->results.len; i++) {
        if (i > 0)
            buf_puts(out, ", ");
        print(t->results.data[i], out);
    }
    if (t->results.len > 1)
        buf_putc(out, ')');
}

static void print_tag(Str tag, Buf *out)
{
    buf_puts(out, " \"");
    for (size_t i = 0; i < tag.len; i++) {
        if (tag.data[i] == '"' || tag.data[i] == '\\')
            buf_putc(out, '\\');
        buf_putc(out, tag.data[i]);
    }
    buf_putc(out, '"');
}

static void print_struct(const Type *t, Buf *out)
{
    buf_puts(out, "struct {");
    for (int i = 0; i < t->fields.len; i++) {
        const TypeField *f = &t->fields.data[i];
        buf_puts(out, i > 0 ? "; " : " ");
        if (!f->embedded)
            buf_printf(out, "%s ", f->name->text);
        print(f->type, out);
        if (f->tag.len > 0)
            print_tag(f->tag, out);
    }
    buf_puts(out, t->fields.len > 0 ? " }" : "}");
}

static bool is_exported(const char *name)
{
    u8 first = (u8)name[0];
    return (first >= 'A' && first <= 'Z') || first >= 0x80;
}

static void print_interface(const Type *t, Buf *out)
{
    buf_puts(out, "interface {");
    for (int i = 0; i < t->methods.len; i++) {
        const TypeMethod *m = &t->methods.data[i];
        buf_puts(out, i > 0 ? "; " : " ");
        if (m->pkg && !is_exported(m->name->text))
            buf_printf(out, "%s.", m->pkg->name->text);
        buf_puts(out, m->name->text);
        print_signature(m->type, out);
    }
    buf_puts(out, t->methods.len > 0 ? " }" : "}");
}

static void print_chan(const Type *t, Buf *out)
{
    bool paren =
        t->chan_dir == DIR_BOTH && t->elem->kind == TYPE_CHAN && t->elem->chan_dir == DIR_RECEIVE;
    buf_puts(out, chan_dir_text(t->chan_dir));
    if (paren)
        buf_putc(out, '(');
    print(t->elem, out);
    if (paren)
        buf_putc(out, ')');
}

static void print(const Type *t, Buf *out)
{
    switch (t->kind) {
    case TYPE_ARRAY:
        buf_printf(out, "[%llu]", (unsigned long long)t->len);
        print(t->elem, out);
        break;
    case TYPE_SLICE:
        buf_puts(out, "[]");
        print(t->elem, out);
        break;
    case TYPE_POINTER:
        buf_putc(out, '*');
        print(t->elem, out);
        break;
    case TYPE_MAP:
        buf_puts(out, "map[");
        print(t->key, out);
        buf_putc(out, ']');
        print(t->elem, out);
        break;
    case TYPE_CHAN: print_chan(t, out); break;
    case TYPE_FUNC:
        buf_puts(out, "func");
        print_signature(t, out);
        break;
    case TYPE_STRUCT: print_struct(t, out); break;
    case TYPE_INTERFACE: print_interface(t, out); break;
    case TYPE_UINT8: buf_puts(out, "uint8"); break;
    case TYPE_INT32: buf_puts(out, "int32"); break;
    default: type_print(t, NULL, out);
    }
}

const char *rtype_name(const Type *t)
{
    Buf b = {0};
    print(t, &b);
    char *text = xstrdup(b.data ? b.data : "");
    buf_free(&b);
    return text;
}
