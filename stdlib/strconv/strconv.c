// strconv.c: natives of package strconv.
#include "stdlib/strconv/ftoa.h"
#include "stdlib/tables.h"
#include "vm/object.h"

enum { GOOD, BAD_SYNTAX, BAD_RANGE }; // as in strconv.csp

// Makes the result string of what out holds, and frees it.
static NativeStatus give(P *p, Slot *args, Buf *out)
{
    bool good = vm_string_new(p, out->data, out->len, args);
    buf_free(out);
    return good ? NATIVE_OK : NATIVE_NOMEM;
}

// ---- Numbers from text --------------------------------------------------------------------------

static int lower(int c)
{
    return c >= 'A' && c <= 'Z' ? c + 32 : c;
}

static int parse_unsigned(Str s, int base, int bits, u64 *value)
{
    Str whole = s;
    bool by_prefix = base == 0, underscores = false;
    *value = 0;
    if (s.len == 0)
        return BAD_SYNTAX;
    if (by_prefix) {
        base = 10;
        if (s.data[0] == '0') {
            int c = s.len >= 3 ? lower(s.data[1]) : 0;
            int skip = 2;
            if (c == 'b') {
                base = 2;
            } else if (c == 'o') {
                base = 8;
            } else if (c == 'x') {
                base = 16;
            } else {
                base = 8;
                skip = 1;
            }
            s.data += skip;
            s.len -= (size_t)skip;
        }
    }
    u64 max = bits == 0 || bits == 64 ? UINT64_MAX : (1ull << bits) - 1, n = 0;
    for (size_t i = 0; i < s.len; i++) {
        int c = lower(s.data[i]), digit;
        if (c == '_' && by_prefix) {
            underscores = true;
            continue;
        }
        if (c >= '0' && c <= '9')
            digit = c - '0';
        else if (c >= 'a' && c <= 'z')
            digit = c - 'a' + 10;
        else
            return BAD_SYNTAX;
        if (digit >= base)
            return BAD_SYNTAX;
        u64 next;
        if (__builtin_mul_overflow(n, (u64)base, &next) ||
            __builtin_add_overflow(next, (u64)digit, &next) || next > max)
            return *value = max, BAD_RANGE;
        n = next;
    }
    if (underscores && !underscores_good(whole))
        return BAD_SYNTAX;
    *value = n;
    return GOOD;
}

// func parseUint(s string, base, bits int) (n uint64, code int)
static NativeStatus strconv_parse_uint(P *p, Slot *args)
{
    (void)p;
    u64 value;
    args[1] = (Slot)parse_unsigned(vm_str(args), (int)args[2], (int)args[3], &value);
    args[0] = value;
    return NATIVE_OK;
}

// func parseInt(s string, base, bits int) (n int64, code int)
static NativeStatus strconv_parse_int(P *p, Slot *args)
{
    (void)p;
    Str s = vm_str(args);
    int base = (int)args[2], bits = (int)args[3];
    bool negative = s.len > 0 && s.data[0] == '-';
    if (s.len > 0 && (negative || s.data[0] == '+')) {
        s.data++;
        s.len--;
    }
    u64 value;
    int code = parse_unsigned(s, base, bits, &value);
    u64 limit = 1ull << ((bits == 0 ? 64 : bits) - 1);
    if (code == BAD_SYNTAX) {
        value = 0;
    } else if (!negative && value >= limit) {
        value = limit - 1;
        code = BAD_RANGE;
    } else if (negative && value > limit) {
        value = limit;
        code = BAD_RANGE;
    }
    args[0] = negative ? -value : value;
    args[1] = (Slot)code;
    return NATIVE_OK;
}

// func parseFloat(s string, bits int) (f float64, code int)
static NativeStatus strconv_parse_float(P *p, Slot *args)
{
    (void)p;
    double value;
    int code = float_parse(vm_str(args), args[2] == 32 ? 32 : 64, &value);
    args[0] = f64_slot(value);
    args[1] = (Slot)code;
    return NATIVE_OK;
}

// ---- Numbers to text ----------------------------------------------------------------------------

static NativeStatus format_number(P *p, Slot *args, u64 n, bool negative, unsigned base)
{
    char text[66];
    int at = sizeof text;
    do
        text[--at] = "0123456789abcdefghijklmnopqrstuvwxyz"[n % base];
    while ((n /= base) != 0);
    if (negative)
        text[--at] = '-';
    return vm_string_new(p, text + at, sizeof text - (size_t)at, args) ? NATIVE_OK : NATIVE_NOMEM;
}

// func formatInt(i int64, base int) string
static NativeStatus strconv_format_int(P *p, Slot *args)
{
    bool negative = (i64)args[0] < 0;
    return format_number(p, args, negative ? -args[0] : args[0], negative, (unsigned)args[1]);
}

// func formatUint(i uint64, base int) string
static NativeStatus strconv_format_uint(P *p, Slot *args)
{
    return format_number(p, args, args[0], false, (unsigned)args[1]);
}

// func formatFloat(f float64, format byte, prec, bits int) string
static NativeStatus strconv_format_float(P *p, Slot *args)
{
    int bits = (int)args[3];
    double value = slot_f64(args[0]);
    if (bits == 32)
        value = (float)value;
    Buf out = {0};
    float_append(&out, value, (char)args[1], (int)args[2], bits);
    return give(p, args, &out);
}

// ---- Quoting ------------------------------------------------------------------------------------

// func quote(s string, style int) string
static NativeStatus strconv_quote(P *p, Slot *args)
{
    Buf out = {0};
    quote_append(&out, vm_str(args), '"', (QuoteStyle)args[2]);
    return give(p, args, &out);
}

// func quoteRune(r rune, style int) string
static NativeStatus strconv_quote_rune(P *p, Slot *args)
{
    Buf out = {0};
    quote_rune_append(&out, (u32)args[0], (QuoteStyle)args[1]);
    return give(p, args, &out);
}

static NativeStatus strconv_can_backquote(P *p, Slot *args)
{
    (void)p;
    args[0] = can_backquote(vm_str(args));
    return NATIVE_OK;
}

static NativeStatus strconv_is_print(P *p, Slot *args)
{
    (void)p;
    args[0] = rune_is_print((u32)args[0]);
    return NATIVE_OK;
}

static NativeStatus strconv_is_graphic(P *p, Slot *args)
{
    (void)p;
    args[0] = rune_is_graphic((u32)args[0]);
    return NATIVE_OK;
}

static const Native natives[] = {
    {"parseUint", strconv_parse_uint, 0},
    {"parseInt", strconv_parse_int, 0},
    {"parseFloat", strconv_parse_float, 0},
    {"formatInt", strconv_format_int, 0},
    {"formatUint", strconv_format_uint, 0},
    {"formatFloat", strconv_format_float, 0},
    {"quote", strconv_quote, 0},
    {"quoteRune", strconv_quote_rune, 0},
    {"CanBackquote", strconv_can_backquote, 0},
    {"IsPrint", strconv_is_print, 0},
    {"IsGraphic", strconv_is_graphic, 0},
};
const NativeTable strconv_natives = {"strconv", natives, countof(natives)};
