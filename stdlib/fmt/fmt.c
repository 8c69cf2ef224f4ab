// fmt.c: formatting: values to text, by Go's rules for verbs, flags, widths and wrong verbs.
//
// A native cannot call a String method, so formatting is done in passes. A pass walks format and
// arguments and writes into a buffer of the thread. Where a method's text is needed it takes the
// next of the replies that it was given; if there are not enough, it notes the call in `calls` and
// goes on. The language makes the calls (fmt.csp) and starts another pass with the replies. Without
// such methods, which is the common case, one pass is all.
//
// Values inside others are looked at in place, so nothing is allocated but the final string.
#include <limits.h>
#include <stdio.h>

#include "bytecode/native.h"
#include "runtime/step.h"
#include "stdlib/internal/stdio/stdout.h"
#include "stdlib/strconv/ftoa.h"
#include "stdlib/tables.h"
#include "vm/map.h"
#include "vm/object.h"

enum { PRINT, PRINTLN, PRINTF, ERRORF }; // as in fmt.csp

typedef enum CallKind { CALL_NONE, CALL_FORMAT, CALL_GO_STRING, CALL_ERROR, CALL_STRING } CallKind;

enum {
    FLAG_PLUS = 1,
    FLAG_MINUS = 2,
    FLAG_SHARP = 4,
    FLAG_SPACE = 8,
    FLAG_ZERO = 16,
    FLAG_WIDTH = 32,
    FLAG_PRECISION = 64
};

// Go's memory layout of the types call and reply in fmt.csp.
typedef struct Call {
    RType *type;
    Slot word;
    i64 kind, verb, flags, width, precision;
} Call;

typedef struct Reply {
    const char *text;
    u64 len;
    u64 raw; // bool: as it is, without verb and width
} Reply;

typedef struct Printer {
    Buf *out;
    const Slot *args; // pairs: type, word
    u64 arg_count;

    // of the current verb
    bool plus, minus, sharp, space, zero, plus_v, sharp_v, has_width, has_precision;
    int width, precision;
    bool erroring; // inside the text of a bad verb: methods are not called
    bool wraps;    // Errorf: %w is good
    u8 *marks;     // set for each operand of a %w, if not NULL
    u64 mark_count;

    const Reply *replies;
    u64 reply_count;
    Call *calls;
    u64 call_room;
    u64 needed;        // method calls met so far
    const char *fatal; // why the program ends: a map was changed meanwhile, a value has no end
    P *p;
} Printer;

// Whether methods of a value are called: not if it was reached through a field that is not
// exported. Through an embedded one of that kind, its exported fields are open again, and nothing
// else is.
typedef enum Reach { REACH_OPEN, REACH_EMBEDDED, REACH_HIDDEN } Reach;

static void print_value(Printer *f, Value v, u32 verb, int depth, Reach reach);
static void print_arg(Printer *f, Value v, u32 verb);

// ---- Padding ----------------------------------------------------------------------------------

static void clear_flags(Printer *f)
{
    f->plus = f->minus = f->sharp = f->space = f->zero = f->plus_v = f->sharp_v = false;
    f->has_width = f->has_precision = false;
    f->width = f->precision = 0;
}

static void put_rune(Printer *f, u32 r)
{
    char bytes[4];
    buf_append(f->out, bytes, (size_t)utf8_encode(r, bytes));
}

static void put_fill(Printer *f, i64 n, char c)
{
    for (i64 i = 0; i < n; i++)
        buf_putc(f->out, c);
}

static i64 rune_count(Str s)
{
    i64 n = 0;
    for (size_t i = 0; i < s.len; n++) {
        int width = 1;
        if ((u8)s.data[i] >= 0x80)
            utf8_decode(s.data + i, s.len - i, &width);
        i += (size_t)width;
    }
    return n;
}

static void pad(Printer *f, Str s)
{
    if (!f->has_width || f->width == 0) {
        buf_append(f->out, s.data, s.len);
        return;
    }
    i64 fill = f->width - rune_count(s);
    if (!f->minus)
        put_fill(f, fill, f->zero ? '0' : ' ');
    buf_append(f->out, s.data, s.len);
    if (f->minus)
        put_fill(f, fill, f->zero ? '0' : ' ');
}

static void pad_without_zeros(Printer *f, Str s)
{
    bool zero = f->zero;
    f->zero = false;
    pad(f, s);
    f->zero = zero;
}

// ---- Basic kinds ------------------------------------------------------------------------------

static void bad_verb(Printer *f, Value v, u32 verb)
{
    f->erroring = true;
    buf_puts(f->out, "%!");
    put_rune(f, verb);
    buf_putc(f->out, '(');
    if (v.type) {
        buf_puts(f->out, v.type->name);
        buf_putc(f->out, '=');
        print_arg(f, v, 'v');
    } else {
        buf_puts(f->out, "<nil>");
    }
    buf_putc(f->out, ')');
    f->erroring = false;
}

static const char lower_digits[] = "0123456789abcdefx";
static const char upper_digits[] = "0123456789ABCDEFX";

static void put_integer(Printer *f, u64 u, unsigned base, bool is_signed, u32 verb, bool upper)
{
    const char *digits = upper ? upper_digits : lower_digits;
    bool negative = is_signed && (i64)u < 0;
    if (negative)
        u = -u;
    i64 zeros = 0;
    if (f->has_precision) {
        zeros = f->precision;
        if (zeros == 0 && u == 0) {
            put_fill(f, f->has_width ? f->width : 0, ' ');
            return;
        }
    } else if (f->zero && f->has_width) {
        zeros = f->width;
        if (negative || f->plus || f->space)
            zeros--;
    }
    char text[80];
    int at = sizeof text;
    do
        text[--at] = digits[u % base];
    while ((u /= base) != 0);
    zeros -= (i64)sizeof text - at;
    if (zeros < 0)
        zeros = 0;
    char prefix[4];
    int n = 0;
    if (negative)
        prefix[n++] = '-';
    else if (f->plus)
        prefix[n++] = '+';
    else if (f->space)
        prefix[n++] = ' ';
    if (verb == 'O') {
        prefix[n++] = '0';
        prefix[n++] = 'o';
    }
    if (f->sharp) {
        if (base == 2 || base == 16) {
            prefix[n++] = '0';
            prefix[n++] = base == 2 ? 'b' : digits[16];
        } else if (base == 8 && zeros == 0 && text[at] != '0') {
            zeros = 1;
        }
    }
    i64 len = n + zeros + (i64)sizeof text - at;
    i64 fill = f->has_width ? f->width - len : 0;
    if (!f->minus)
        put_fill(f, fill, ' ');
    buf_append(f->out, prefix, (size_t)n);
    put_fill(f, zeros, '0');
    buf_append(f->out, text + at, sizeof text - (size_t)at);
    if (f->minus)
        put_fill(f, fill, ' ');
}

static void put_0x(Printer *f, u64 u, bool leading)
{
    bool sharp = f->sharp;
    f->sharp = leading;
    put_integer(f, u, 16, false, 'v', false);
    f->sharp = sharp;
}

static void put_quoted_rune(Printer *f, u64 u)
{
    Buf text = {0};
    quote_rune_append(&text, u > 0x10ffff ? RUNE_ERROR : (u32)u,
                      f->plus ? QUOTE_ASCII : QUOTE_PLAIN);
    pad(f, (Str){text.data, text.len});
    buf_free(&text);
}

static void put_unicode(Printer *f, u64 u)
{
    Buf text = {0};
    int digits = f->has_precision && f->precision > 4 ? f->precision : 4;
    buf_printf(&text, "U+%0*llX", digits, (unsigned long long)u);
    if (f->sharp && u <= 0x10ffff && rune_is_print((u32)u)) {
        char bytes[4];
        buf_puts(&text, " '");
        buf_append(&text, bytes, (size_t)utf8_encode((u32)u, bytes));
        buf_putc(&text, '\'');
    }
    pad_without_zeros(f, (Str){text.data, text.len});
    buf_free(&text);
}

static void format_integer(Printer *f, Value v, u64 u, bool is_signed, u32 verb)
{
    switch (verb) {
    case 'v':
        if (f->sharp_v && !is_signed) {
            put_0x(f, u, true);
            break;
        }
        // fall through
    case 'd': put_integer(f, u, 10, is_signed, verb, false); break;
    case 'b': put_integer(f, u, 2, is_signed, verb, false); break;
    case 'o':
    case 'O': put_integer(f, u, 8, is_signed, verb, false); break;
    case 'x':
    case 'X': put_integer(f, u, 16, is_signed, verb, verb == 'X'); break;
    case 'c': {
        char bytes[4];
        int n = utf8_encode(u > 0x10ffff ? RUNE_ERROR : (u32)u, bytes);
        pad(f, (Str){bytes, (size_t)n});
        break;
    }
    case 'q': put_quoted_rune(f, u); break;
    case 'U': put_unicode(f, u); break;
    default: bad_verb(f, v, verb);
    }
}

// "#": keeps the decimal point, and for %g the zeros at the end. text has its sign at 0.
static void restore_zeros(Buf *text, u32 verb, int precision)
{
    int digits = 0;
    if (verb == 'g' || verb == 'G' || verb == 'x')
        digits = precision == -1 ? 6 : precision;
    bool point = false, nonzero = false;
    size_t end = 1;
    for (; end < text->len; end++) {
        char c = text->data[end];
        if (c == '.') {
            point = true;
            continue;
        }
        if (c == 'p' || c == 'P' || ((c == 'e' || c == 'E') && verb != 'x' && verb != 'X'))
            break;
        if (c != '0')
            nonzero = true;
        if (nonzero)
            digits--;
    }
    Buf tail = {0};
    buf_append(&tail, text->data + end, text->len - end);
    text->len = end;
    if (!point) {
        if (end == 2 && text->data[1] == '0')
            digits--;
        buf_putc(text, '.');
    }
    for (; digits > 0; digits--)
        buf_putc(text, '0');
    buf_append(text, tail.data, tail.len);
    buf_free(&tail);
}

static void put_float(Printer *f, double v, int bits, u32 verb, int precision)
{
    if (f->has_precision)
        precision = f->precision;
    Buf text = {0};
    buf_putc(&text, '+');
    float_append(&text, v, (char)verb, precision, bits);
    Str num = {text.data, text.len};
    if (num.data[1] == '-' || num.data[1] == '+') {
        num.data++;
        num.len--;
    }
    char *sign = (char *)num.data;
    if (f->space && *sign == '+' && !f->plus)
        *sign = ' ';
    if (num.data[1] == 'I' || num.data[1] == 'N') {
        if (num.data[1] == 'N' && !f->space && !f->plus) {
            num.data++;
            num.len--;
        }
        pad_without_zeros(f, num);
        buf_free(&text);
        return;
    }
    Buf restored = {0};
    if (f->sharp && verb != 'b') {
        buf_append(&restored, num.data, num.len);
        restore_zeros(&restored, verb, precision);
        num = (Str){restored.data, restored.len};
    }
    if (f->plus || num.data[0] != '+') {
        if (f->zero && f->has_width && f->width > (i64)num.len) {
            buf_putc(f->out, num.data[0]);
            put_fill(f, f->width - (i64)num.len, '0');
            buf_append(f->out, num.data + 1, num.len - 1);
        } else {
            pad(f, num);
        }
    } else {
        pad(f, (Str){num.data + 1, num.len - 1});
    }
    buf_free(&text);
    buf_free(&restored);
}

// False: the verb is none for floats.
static bool format_float(Printer *f, double v, int bits, u32 verb)
{
    switch (verb) {
    case 'v': put_float(f, v, bits, 'g', -1); return true;
    case 'b':
    case 'g':
    case 'G':
    case 'x':
    case 'X': put_float(f, v, bits, verb, -1); return true;
    case 'f':
    case 'F': put_float(f, v, bits, 'f', 6); return true;
    case 'e':
    case 'E': put_float(f, v, bits, verb, 6); return true;
    default: return false;
    }
}

static bool format_complex(Printer *f, const double v[2], int bits, u32 verb)
{
    if (verb >= 0x80 || strchr("vbgGxXfFeE", (int)verb) == NULL)
        return false;
    bool plus = f->plus;
    buf_putc(f->out, '(');
    format_float(f, v[0], bits, verb);
    f->plus = true;
    format_float(f, v[1], bits, verb);
    buf_puts(f->out, "i)");
    f->plus = plus;
    return true;
}

static Str truncated(Printer *f, Str s)
{
    if (!f->has_precision)
        return s;
    i64 n = f->precision;
    size_t i = 0;
    while (i < s.len && n-- > 0) {
        int width = 1;
        if ((u8)s.data[i] >= 0x80)
            utf8_decode(s.data + i, s.len - i, &width);
        i += (size_t)width;
    }
    return (Str){s.data, i};
}

static void put_hex_string(Printer *f, Str s, bool upper)
{
    const char *digits = upper ? upper_digits : lower_digits;
    i64 len = (i64)s.len;
    if (f->has_precision && f->precision < len)
        len = f->precision;
    i64 total = 2 * len;
    if (total <= 0) {
        put_fill(f, f->has_width ? f->width : 0, f->zero ? '0' : ' ');
        return;
    }
    if (f->space)
        total = (f->sharp ? 2 * total : total) + len - 1;
    else if (f->sharp)
        total += 2;
    i64 fill = f->has_width ? f->width - total : 0;
    if (!f->minus)
        put_fill(f, fill, f->zero ? '0' : ' ');
    for (i64 i = 0; i < len; i++) {
        if (f->space && i > 0)
            buf_putc(f->out, ' ');
        if (f->sharp && (f->space || i == 0)) {
            buf_putc(f->out, '0');
            buf_putc(f->out, digits[16]);
        }
        buf_putc(f->out, digits[(u8)s.data[i] >> 4]);
        buf_putc(f->out, digits[(u8)s.data[i] & 15]);
    }
    if (f->minus)
        put_fill(f, fill, f->zero ? '0' : ' ');
}

static void put_quoted(Printer *f, Str s)
{
    s = truncated(f, s);
    Buf text = {0};
    if (f->sharp && can_backquote(s)) {
        buf_putc(&text, '`');
        buf_append(&text, s.data, s.len);
        buf_putc(&text, '`');
    } else {
        quote_append(&text, s, '"', f->plus ? QUOTE_ASCII : QUOTE_PLAIN);
    }
    pad(f, (Str){text.data, text.len});
    buf_free(&text);
}

static bool format_string(Printer *f, Str s, u32 verb)
{
    switch (verb) {
    case 'v':
        if (f->sharp_v)
            put_quoted(f, s);
        else
            pad(f, truncated(f, s));
        return true;
    case 's': pad(f, truncated(f, s)); return true;
    case 'x':
    case 'X': put_hex_string(f, s, verb == 'X'); return true;
    case 'q': put_quoted(f, s); return true;
    default: return false;
    }
}

static void format_bool(Printer *f, Value v, u32 verb)
{
    if (verb == 't' || verb == 'v')
        pad(f, vm_value_int(v) ? STR("true") : STR("false"));
    else
        bad_verb(f, v, verb);
}

static void format_pointer(Printer *f, Value v, u32 verb)
{
    switch (v.type->kind) {
    case RK_CHAN:
    case RK_FUNC:
    case RK_MAP:
    case RK_POINTER:
    case RK_SLICE: break;
    default: bad_verb(f, v, verb); return;
    }
    u64 u;
    if (v.type->kind == RK_SLICE) {
        Slot scratch;
        memcpy(&u, vm_value_mem(v, &scratch), sizeof u);
    } else {
        u = vm_value_uint(v);
    }
    u = sched_shown_address(u);
    switch (verb) {
    case 'v':
        if (f->sharp_v) {
            buf_putc(f->out, '(');
            buf_puts(f->out, v.type->name);
            buf_puts(f->out, ")(");
            if (u == 0)
                buf_puts(f->out, "nil");
            else
                put_0x(f, u, true);
            buf_putc(f->out, ')');
        } else if (u == 0) {
            pad(f, STR("<nil>"));
        } else {
            put_0x(f, u, !f->sharp);
        }
        break;
    case 'p': put_0x(f, u, !f->sharp); break;
    case 'b':
    case 'o':
    case 'd':
    case 'x':
    case 'X': format_integer(f, v, u, false, verb); break;
    default: bad_verb(f, v, verb);
    }
}

// ---- Methods ----------------------------------------------------------------------------------

static bool gives_string(const RMethod *m, const char *name)
{
    return strcmp(m->name, name) == 0 && m->type->param_count == 0 && m->type->result_count == 1 &&
           m->type->params[0]->kind == RK_STRING && m->type->params[0]->pkg == NULL;
}

static bool is_format(const RMethod *m)
{
    const RType *t = m->type;
    return strcmp(m->name, "Format") == 0 && t->param_count == 2 && t->result_count == 0 &&
           strcmp(t->params[0]->name, "fmt.State") == 0 && t->params[1]->kind == RK_INT32;
}

static CallKind method_for(const Printer *f, const RType *t, u32 verb)
{
    CallKind found = CALL_NONE;
    bool text = verb == 'v' || verb == 's' || verb == 'x' || verb == 'X' || verb == 'q';
    for (u32 i = 0; i < t->method_count; i++) {
        const RMethod *m = &t->methods[i];
        if (is_format(m))
            return CALL_FORMAT;
        if (f->sharp_v) {
            if (gives_string(m, "GoString"))
                found = CALL_GO_STRING;
        } else if (text) {
            if (gives_string(m, "Error"))
                found = CALL_ERROR;
            else if (found == CALL_NONE && gives_string(m, "String"))
                found = CALL_STRING;
        }
    }
    return found;
}

static bool is_error(const RType *t)
{
    for (u32 i = 0; i < t->method_count; i++)
        if (gives_string(&t->methods[i], "Error"))
            return true;
    return false;
}

static i64 flag_bits(const Printer *f)
{
    return (f->plus || f->plus_v ? FLAG_PLUS : 0) | (f->minus ? FLAG_MINUS : 0) |
           (f->sharp || f->sharp_v ? FLAG_SHARP : 0) | (f->space ? FLAG_SPACE : 0) |
           (f->zero ? FLAG_ZERO : 0) | (f->has_width ? FLAG_WIDTH : 0) |
           (f->has_precision ? FLAG_PRECISION : 0);
}

// True: a method has given the text, or will.
static bool handle_methods(Printer *f, Value v, u32 verb)
{
    if (f->erroring)
        return false;
    if (verb == 'w') {
        if (!f->wraps || v.type == NULL || !is_error(v.type)) {
            bad_verb(f, v, verb);
            return true;
        }
        verb = 'v';
    }
    if (v.type == NULL || v.type->method_count == 0)
        return false;
    CallKind kind = method_for(f, v.type, verb);
    if (kind == CALL_NONE)
        return false;
    u64 number = f->needed++;
    if (number < f->reply_count) {
        const Reply *r = &f->replies[number];
        Str text = {r->text, r->len};
        if ((r->raw & 0xff) != 0)
            buf_append(f->out, text.data, text.len);
        else if (kind == CALL_GO_STRING)
            pad(f, truncated(f, text));
        else
            format_string(f, text, verb);
    } else if (number < f->call_room) {
        f->calls[number] = (Call){v.type, v.word, kind, verb, flag_bits(f), f->width, f->precision};
    }
    return true;
}

// ---- Composite values -------------------------------------------------------------------------

static void separate(Printer *f, u64 i)
{
    if (i > 0)
        buf_puts(f->out, f->sharp_v ? ", " : " ");
}

// Of an element, or of what is in an interface.
static Reach inside(Reach reach)
{
    return reach == REACH_OPEN ? REACH_OPEN : REACH_HIDDEN;
}

typedef struct MapPair {
    Value key, value;
} MapPair;

static int compare_pairs(const void *a, const void *b)
{
    return vm_value_compare(((const MapPair *)a)->key, ((const MapPair *)b)->key);
}

static void print_map(Printer *f, Value v, u32 verb, int depth, Reach reach)
{
    if (f->sharp_v) {
        buf_puts(f->out, v.type->name);
        if (vm_value_is_nil(v)) {
            buf_puts(f->out, "(nil)");
            return;
        }
        buf_putc(f->out, '{');
    } else {
        buf_puts(f->out, "map[");
    }
    Map *map = slot_ptr((Slot)vm_value_uint(v));
    u64 room = map_len(map), n = 0;
    MapPair *pairs = xmalloc((room + 1) * sizeof *pairs);
    MapIter it;
    MapResult result = MAP_FOUND;
    const void *key, *value;
    map_iter_init(f->p, &it, v.type, map);
    while (n < room && map_iter_next(&it, &key, &value, &result))
        pairs[n++] = (MapPair){vm_value_at(v.type->key, key), vm_value_at(v.type->elem, value)};
    if (result == MAP_FATAL)
        f->fatal = "concurrent map iteration and map write";
    qsort(pairs, n, sizeof *pairs, compare_pairs);
    for (u64 i = 0; i < n; i++) {
        separate(f, i);
        print_value(f, pairs[i].key, verb, depth + 1, inside(reach));
        buf_putc(f->out, ':');
        print_value(f, pairs[i].value, verb, depth + 1, inside(reach));
    }
    free(pairs);
    buf_putc(f->out, f->sharp_v ? '}' : ']');
}

static Reach reach_field(Reach reach, const RField *field)
{
    if (reach == REACH_HIDDEN || (!field->exported && !field->embedded))
        return REACH_HIDDEN;
    return field->exported ? REACH_OPEN : REACH_EMBEDDED;
}

static void print_struct(Printer *f, Value v, u32 verb, int depth, Reach reach)
{
    if (f->sharp_v)
        buf_puts(f->out, v.type->name);
    buf_putc(f->out, '{');
    for (u32 i = 0; i < v.type->field_count; i++) {
        const RField *field = &v.type->fields[i];
        separate(f, i);
        if (f->plus_v || f->sharp_v) {
            buf_puts(f->out, field->name);
            buf_putc(f->out, ':');
        }
        print_value(f, vm_value_field(v, i), verb, depth + 1, reach_field(reach, field));
    }
    buf_putc(f->out, '}');
}

// Bytes of a slice or array of bytes.
static Str value_bytes(Value v)
{
    u64 n = vm_value_len(v);
    if (n == 0)
        return STR("");
    Slot scratch, data;
    const void *mem = vm_value_mem(v, &scratch);
    if (v.type->kind != RK_SLICE)
        return (Str){mem, n};
    memcpy(&data, mem, sizeof data);
    return (Str){slot_ptr(data), n};
}

// name: what %#v begins with.
static void print_list(Printer *f, Value v, u32 verb, int depth, Reach reach, const char *name)
{
    if (v.type->elem->kind == RK_UINT8 &&
        (verb == 's' || verb == 'q' || verb == 'x' || verb == 'X')) {
        format_string(f, value_bytes(v), verb);
        return;
    }
    if (f->sharp_v) {
        buf_puts(f->out, name);
        if (v.type->kind == RK_SLICE && vm_value_is_nil(v)) {
            buf_puts(f->out, "(nil)");
            return;
        }
    }
    buf_putc(f->out, f->sharp_v ? '{' : '[');
    u64 n = vm_value_len(v);
    for (u64 i = 0; i < n; i++) {
        separate(f, i);
        Value elem = vm_value_elem(v, i);
        if (name[0] == '[' && strcmp(name, "[]byte") == 0 && f->sharp_v)
            put_0x(f, vm_value_uint(elem), true);
        else
            print_value(f, elem, verb, depth + 1, inside(reach));
    }
    buf_putc(f->out, f->sharp_v ? '}' : ']');
}

static void print_value(Printer *f, Value v, u32 verb, int depth, Reach reach)
{
    enum { LEFT_TO_PRINT = 128 << 10 };
    if (f->fatal)
        return;
    if (depth > 0 && sched_stack_low(LEFT_TO_PRINT)) {
        f->fatal =
            "stack overflow (a value that nests too deeply, or contains itself, was printed)";
        return;
    }
    if (depth > 0 && reach == REACH_OPEN) {
        Value inner = v.type ? vm_value_inner(v) : v;
        if (inner.type && handle_methods(f, inner, verb))
            return;
    }
    if (v.type == NULL) {
        if (verb == 'v')
            buf_puts(f->out, "<nil>");
        else
            bad_verb(f, v, verb);
        return;
    }
    switch ((RKind)v.type->kind) {
    case RK_BOOL: format_bool(f, v, verb); break;
    case RK_INT:
    case RK_INT8:
    case RK_INT16:
    case RK_INT32:
    case RK_INT64: format_integer(f, v, (u64)vm_value_int(v), true, verb); break;
    case RK_UINT:
    case RK_UINT8:
    case RK_UINT16:
    case RK_UINT32:
    case RK_UINT64:
    case RK_UINTPTR: format_integer(f, v, vm_value_uint(v), false, verb); break;
    case RK_FLOAT32:
    case RK_FLOAT64:
        if (!format_float(f, vm_value_float(v), v.type->kind == RK_FLOAT32 ? 32 : 64, verb))
            bad_verb(f, v, verb);
        break;
    case RK_COMPLEX64:
    case RK_COMPLEX128: {
        double parts[2];
        vm_value_complex(v, parts);
        if (!format_complex(f, parts, v.type->kind == RK_COMPLEX64 ? 32 : 64, verb))
            bad_verb(f, v, verb);
        break;
    }
    case RK_STRING:
        if (!format_string(f, vm_value_string(v), verb))
            bad_verb(f, v, verb);
        break;
    case RK_MAP: print_map(f, v, verb, depth, reach); break;
    case RK_STRUCT: print_struct(f, v, verb, depth, reach); break;
    case RK_INTERFACE: {
        Value inner = vm_value_inner(v);
        if (inner.type) {
            print_value(f, inner, verb, depth + 1, inside(reach));
        } else if (f->sharp_v) {
            buf_puts(f->out, v.type->name);
            buf_puts(f->out, "(nil)");
        } else {
            buf_puts(f->out, "<nil>");
        }
        break;
    }
    case RK_ARRAY:
    case RK_SLICE: print_list(f, v, verb, depth, reach, v.type->name); break;
    case RK_POINTER:
        if (depth == 0 && vm_value_uint(v) != 0) {
            RKind to = (RKind)v.type->elem->kind;
            if (to == RK_ARRAY || to == RK_SLICE || to == RK_STRUCT || to == RK_MAP) {
                buf_putc(f->out, '&');
                print_value(f, vm_value_deref(v), verb, depth + 1, reach);
                break;
            }
        }
        // fall through
    case RK_CHAN:
    case RK_FUNC: format_pointer(f, v, verb); break;
    case RK_INVALID: fatal("fmt: value without a kind");
    }
}

static bool is_plain_bytes(const RType *t)
{
    return t->kind == RK_SLICE && t->pkg == NULL && t->elem->kind == RK_UINT8 &&
           t->elem->pkg == NULL;
}

static void print_arg(Printer *f, Value v, u32 verb)
{
    if (v.type == NULL) {
        if (verb == 'T' || verb == 'v')
            pad(f, STR("<nil>"));
        else
            bad_verb(f, v, verb);
        return;
    }
    if (verb == 'T') {
        pad(f, truncated(f, str_from(v.type->name)));
        return;
    }
    if (verb == 'p') {
        format_pointer(f, v, verb);
        return;
    }
    if (is_plain_bytes(v.type)) {
        if (verb == 'd' || verb == 'v') {
            print_list(f, v, verb, 0, false, "[]byte");
            return;
        }
    } else if (handle_methods(f, v, verb)) {
        return;
    }
    print_value(f, v, verb, 0, REACH_OPEN);
}

// ---- Format strings ---------------------------------------------------------------------------

enum { NUMBER_LIMIT = 1000000 };

// A decimal number at *i; false if there is none or it is too large.
static bool parse_number(Str s, size_t *i, size_t end, int *number)
{
    bool found = false;
    i64 n = 0;
    size_t at = *i;
    for (; at < end && s.data[at] >= '0' && s.data[at] <= '9'; at++) {
        if (n > NUMBER_LIMIT) {
            *i = end;
            *number = 0;
            return false;
        }
        n = n * 10 + (s.data[at] - '0');
        found = true;
    }
    *i = at;
    *number = (int)n;
    return found;
}

typedef struct Scan {
    Str format;
    size_t i;
    u64 arg;
    bool good_index, reordered, after_index;
} Scan;

// "[3]" before a verb or a star.
static void scan_index(Printer *f, Scan *s)
{
    s->after_index = false;
    if (s->i >= s->format.len || s->format.data[s->i] != '[')
        return;
    s->reordered = true;
    size_t start = s->i, close = start + 1;
    while (close < s->format.len && s->format.data[close] != ']')
        close++;
    if (s->format.len - start < 3 || close >= s->format.len) {
        s->good_index = false;
        s->i = start + 1;
        return;
    }
    size_t at = start + 1;
    int number;
    bool good = parse_number(s->format, &at, close, &number) && at == close;
    s->i = close + 1;
    if (good && number >= 1 && (u64)number <= f->arg_count) {
        s->arg = (u64)number - 1;
        s->after_index = true;
        return;
    }
    s->good_index = false;
    s->after_index = good;
}

static Value arg_value(const Printer *f, u64 i)
{
    return vm_value(f->args + 2 * i);
}

// The integer argument of a star.
static bool scan_star(Printer *f, Scan *s, int *number)
{
    *number = 0;
    if (s->arg >= f->arg_count)
        return false;
    Value v = arg_value(f, s->arg++);
    if (v.type == NULL)
        return false;
    i64 n;
    if (v.type->kind >= RK_INT && v.type->kind <= RK_INT64) {
        n = vm_value_int(v);
    } else if (v.type->kind >= RK_UINT && v.type->kind <= RK_UINTPTR) {
        u64 u = vm_value_uint(v);
        if (u > INT_MAX)
            return false;
        n = (i64)u;
    } else {
        return false;
    }
    if (n > NUMBER_LIMIT || n < -NUMBER_LIMIT)
        return false;
    *number = (int)n;
    return true;
}

static void scan_flags(Printer *f, Scan *s)
{
    for (; s->i < s->format.len; s->i++) {
        switch (s->format.data[s->i]) {
        case '#': f->sharp = true; break;
        case '0': f->zero = !f->minus; break;
        case '+': f->plus = true; break;
        case '-':
            f->minus = true;
            f->zero = false;
            break;
        case ' ': f->space = true; break;
        default: return;
        }
    }
}

static void scan_width(Printer *f, Scan *s)
{
    Str format = s->format;
    if (s->i < format.len && format.data[s->i] == '*') {
        s->i++;
        f->has_width = scan_star(f, s, &f->width);
        if (!f->has_width)
            buf_puts(f->out, "%!(BADWIDTH)");
        if (f->width < 0) {
            f->width = -f->width;
            f->minus = true;
            f->zero = false;
        }
        s->after_index = false;
    } else {
        f->has_width = parse_number(format, &s->i, format.len, &f->width);
        if (s->after_index && f->has_width)
            s->good_index = false;
    }
}

static void scan_precision(Printer *f, Scan *s)
{
    Str format = s->format;
    if (s->i + 1 >= format.len || format.data[s->i] != '.')
        return;
    s->i++;
    if (s->after_index)
        s->good_index = false;
    scan_index(f, s);
    if (s->i < format.len && format.data[s->i] == '*') {
        s->i++;
        f->has_precision = scan_star(f, s, &f->precision);
        if (f->precision < 0) {
            f->precision = 0;
            f->has_precision = false;
        }
        if (!f->has_precision)
            buf_puts(f->out, "%!(BADPREC)");
        s->after_index = false;
    } else if (!parse_number(format, &s->i, format.len, &f->precision)) {
        f->precision = 0;
        f->has_precision = true;
    } else {
        f->has_precision = true;
    }
}

static void print_extra(Printer *f, u64 from)
{
    clear_flags(f);
    buf_puts(f->out, "%!(EXTRA ");
    for (u64 i = from; i < f->arg_count; i++) {
        if (i > from)
            buf_puts(f->out, ", ");
        Value v = arg_value(f, i);
        if (v.type == NULL) {
            buf_puts(f->out, "<nil>");
        } else {
            buf_puts(f->out, v.type->name);
            buf_putc(f->out, '=');
            print_arg(f, v, 'v');
        }
    }
    buf_putc(f->out, ')');
}

static void put_complaint(Printer *f, u32 verb, const char *text)
{
    buf_puts(f->out, "%!");
    put_rune(f, verb);
    buf_puts(f->out, text);
}

static void print_format(Printer *f, Str format)
{
    Scan s = {.format = format};
    while (s.i < format.len) {
        s.good_index = true;
        const char *percent = memchr(format.data + s.i, '%', format.len - s.i);
        size_t plain = percent ? (size_t)(percent - format.data) : format.len;
        buf_append(f->out, format.data + s.i, plain - s.i);
        if (percent == NULL)
            break;
        s.i = plain + 1;
        clear_flags(f);
        scan_flags(f, &s);
        scan_index(f, &s);
        scan_width(f, &s);
        scan_precision(f, &s);
        if (!s.after_index)
            scan_index(f, &s);
        if (s.i >= format.len) {
            buf_puts(f->out, "%!(NOVERB)");
            break;
        }
        int width = 1;
        u32 verb = (u8)format.data[s.i];
        if (verb >= 0x80)
            verb = utf8_decode(format.data + s.i, format.len - s.i, &width);
        s.i += (size_t)width;
        if (verb == '%') {
            buf_putc(f->out, '%');
        } else if (!s.good_index) {
            put_complaint(f, verb, "(BADINDEX)");
        } else if (s.arg >= f->arg_count) {
            put_complaint(f, verb, "(MISSING)");
        } else {
            if (verb == 'v' || verb == 'w') {
                f->sharp_v = f->sharp;
                f->sharp = false;
                f->plus_v = f->plus;
                f->plus = false;
            }
            if (verb == 'w' && f->marks && f->marks[s.arg] == 0) {
                f->marks[s.arg] = 1;
                f->mark_count++;
            }
            print_arg(f, arg_value(f, s.arg++), verb);
        }
    }
    if (!s.reordered && s.arg < f->arg_count)
        print_extra(f, s.arg);
}

static void print_all(Printer *f, bool line)
{
    bool previous_string = false;
    for (u64 i = 0; i < f->arg_count; i++) {
        Value v = arg_value(f, i);
        bool is_string = v.type && v.type->kind == RK_STRING;
        if (i > 0 && (line || (!is_string && !previous_string)))
            buf_putc(f->out, ' ');
        // what is printed most, at once
        if (is_string && v.type->method_count == 0) {
            Str text = vm_value_string(v);
            buf_append(f->out, text.data, text.len);
        } else {
            print_arg(f, v, 'v');
        }
        previous_string = is_string;
    }
    if (line)
        buf_putc(f->out, '\n');
}

// ---- Natives ----------------------------------------------------------------------------------

// The text of the pass that this thread makes. Natives run to their end, so it is never shared.
static _Thread_local Buf thread_text;

static void run_pass(Printer *f, i64 kind, Str format)
{
    thread_text.len = 0;
    f->out = &thread_text;
    if (kind == PRINTF || kind == ERRORF) {
        f->wraps = kind == ERRORF;
        print_format(f, format);
    } else {
        print_all(f, kind == PRINTLN);
    }
}

static void trim_thread_text(void)
{
    if (thread_text.cap > 64 << 10)
        buf_free(&thread_text);
}

static NativeStatus fail_fatal(P *p, const Printer *f)
{
    trim_thread_text();
    return vm_fatal_error(p, "%s", f->fatal);
}

// func render(kind int, format string, a []any, calls []call, replies []reply) (text string, n int)
static NativeStatus fmt_render(P *p, Slot *args)
{
    Printer f = {.p = p,
                 .args = slot_ptr(args[3]),
                 .arg_count = args[4],
                 .calls = slot_ptr(args[6]),
                 .call_room = args[7],
                 .replies = slot_ptr(args[9]),
                 .reply_count = args[10]};
    run_pass(&f, (i64)args[0], vm_str(args + 1));
    if (f.fatal)
        return fail_fatal(p, &f);
    Slot text[2] = {0, 0};
    if (f.needed == 0 || f.reply_count > 0) {
        if (!vm_string_new(p, thread_text.data, thread_text.len, text))
            return NATIVE_NOMEM;
    }
    args[0] = text[0];
    args[1] = text[1];
    args[2] = f.needed;
    trim_thread_text();
    return NATIVE_OK;
}

// func output(kind int, format string, a []any, replies []reply) (n int, calls int, full bool)
static NativeStatus fmt_output(P *p, Slot *args)
{
    Printer f = {.p = p,
                 .args = slot_ptr(args[3]),
                 .arg_count = args[4],
                 .replies = slot_ptr(args[6]),
                 .reply_count = args[7]};
    run_pass(&f, (i64)args[0], vm_str(args + 1));
    if (f.fatal)
        return fail_fatal(p, &f);
    bool now = f.needed == 0 || f.reply_count > 0;
    args[0] = now ? thread_text.len : 0;
    args[1] = now ? 0 : f.needed;
    args[2] = now && stdout_append(thread_text.data, thread_text.len);
    trim_thread_text();
    return NATIVE_OK;
}

// func wrapped(format string, a []any, marks []bool) int
static NativeStatus fmt_wrapped(P *p, Slot *args)
{
    Str format = vm_str(args);
    if (memmem(format.data, format.len, "w", 1) == NULL) {
        args[0] = 0;
        return NATIVE_OK;
    }
    Printer f = {
        .p = p, .args = slot_ptr(args[2]), .arg_count = args[3], .marks = slot_ptr(args[5])};
    run_pass(&f, ERRORF, format);
    args[0] = f.mark_count;
    return NATIVE_OK;
}

// func typeName(v any) string
static NativeStatus fmt_type_name(P *p, Slot *args)
{
    (void)p;
    const RType *t = slot_ptr(args[0]);
    vm_string_static(t ? t->name : "<nil>", args);
    return NATIVE_OK;
}

// func isNilPointer(v any) bool
static NativeStatus fmt_is_nil_pointer(P *p, Slot *args)
{
    (void)p;
    const RType *t = slot_ptr(args[0]);
    args[0] = t && t->kind == RK_POINTER && args[1] == 0;
    return NATIVE_OK;
}

// ---- Scanning ---------------------------------------------------------------------------------

enum { NO_POINTER = -1, BYTES = 100 }; // as in scan.csp, beside the kinds

// func pointee(arg any) (kind int, size int)
static NativeStatus fmt_pointee(P *p, Slot *args)
{
    (void)p;
    const RType *t = slot_ptr(args[0]);
    i64 kind = NO_POINTER;
    u64 size = 0;
    if (t && t->kind == RK_POINTER && args[1] != 0) {
        kind = is_plain_bytes(t->elem) ? BYTES : t->elem->kind;
        size = t->elem->size;
    }
    args[0] = (Slot)kind;
    args[1] = size;
    return NATIVE_OK;
}

// func setWord(arg any, word uint64)
static NativeStatus fmt_set_word(P *p, Slot *args)
{
    (void)p;
    const RType *t = slot_ptr(args[0]);
    rtype_store(t->elem, slot_ptr(args[1]), &args[2]);
    return NATIVE_OK;
}

// func setFloat(arg any, f float64)
static NativeStatus fmt_set_float(P *p, Slot *args)
{
    (void)p;
    const RType *t = slot_ptr(args[0]);
    Slot value = t->elem->kind == RK_FLOAT32 ? f32_slot((float)slot_f64(args[2])) : args[2];
    rtype_store(t->elem, slot_ptr(args[1]), &value);
    return NATIVE_OK;
}

static const Native natives[] = {
    {"render", fmt_render, 0},
    {"output", fmt_output, NATIVE_OP(VISIBLE_OUTPUT)},
    {"wrapped", fmt_wrapped, 0},
    {"typeName", fmt_type_name, 0},
    {"pointee", fmt_pointee, 0},
    {"setWord", fmt_set_word, 0},
    {"setFloat", fmt_set_float, 0},
    {"setString", fmt_set_word, 0}, // two words instead of one
    {"isNilPointer", fmt_is_nil_pointer, 0},
};
const NativeTable fmt_natives = {"fmt", natives, countof(natives)};
