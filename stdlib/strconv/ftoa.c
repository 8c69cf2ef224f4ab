// ftoa.c: floating-point numbers to text and back, and quoting, by Go's rules.
//
// The C library rounds correctly in both directions, so the shortest text that reads back as the
// same number is found by trying: 15 digits always survive the way from text to a float64 and
// back, so if they give the number, they are its shortest text with zeros at the end; else 16 or
// 17 are needed.
#include "stdlib/strconv/ftoa.h"

#include <math.h>
#include <stdio.h>
#include <utf8proc.h>

// ---- Decimal digits ---------------------------------------------------------------------------

// The number 0.DIGITS * 10^point.
typedef struct Decimal {
    char digits[1100];
    int count, point;
} Decimal;

static void decimal_trim(Decimal *d)
{
    while (d->count > 0 && d->digits[d->count - 1] == '0')
        d->count--;
    if (d->count == 0)
        d->point = 0;
}

// From the text "d.ddde±xx" that printf makes.
static void decimal_from_text(Decimal *d, const char *text)
{
    d->count = 0;
    const char *s = text;
    for (; *s && *s != 'e'; s++)
        if (*s != '.')
            d->digits[d->count++] = *s;
    d->point = atoi(s + 1) + 1;
}

static bool reads_back(const char *text, double v, int bits)
{
    return bits == 32 ? strtof(text, NULL) == (float)v : strtod(text, NULL) == v;
}

// Adds one to the last digit of "d.ddde±xx"; false if that would carry over the first one.
static bool text_increment(char *text)
{
    char *e = strchr(text, 'e');
    for (char *s = e - 1; s >= text; s--) {
        if (*s == '.')
            continue;
        if (*s != '9') {
            ++*s;
            return true;
        }
        *s = '0';
    }
    return false;
}

static void decimal_shortest(Decimal *d, double v, int bits)
{
    char text[40];
    int sure = bits == 32 ? 6 : 15, most = bits == 32 ? 9 : 17, exponent;
    // At a power of two the numbers below are closer than those above: the text with the fewest
    // digits may then be the one just above the nearest.
    bool power_of_two = frexp(v, &exponent) == 0.5;
    // A subnormal number has less than the full precision, so that fewer digits may do.
    bool subnormal = v < (bits == 32 ? 1.1754943508222875e-38 : 2.2250738585072014e-308);
    for (int n = subnormal ? 1 : sure; n <= most; n++) {
        snprintf(text, sizeof text, "%.*e", n - 1, v);
        if (n == most || reads_back(text, v, bits))
            break;
        if (power_of_two && text_increment(text) && reads_back(text, v, bits))
            break;
    }
    decimal_from_text(d, text);
    decimal_trim(d);
}

// Rounded to n digits, n >= 1.
static void decimal_rounded(Decimal *d, double v, int n)
{
    char text[1120];
    if (n > 1080)
        n = 1080; // a float64 has at most 767 digits that count
    snprintf(text, sizeof text, "%.*e", n - 1, v);
    decimal_from_text(d, text);
    decimal_trim(d);
}

static void append_zeros(Buf *out, int n)
{
    for (int i = 0; i < n; i++)
        buf_putc(out, '0');
}

static void append_exponent(Buf *out, const Decimal *d, int precision, char letter)
{
    buf_putc(out, d->count ? d->digits[0] : '0');
    if (precision > 0) {
        buf_putc(out, '.');
        int have = d->count - 1 < precision ? d->count - 1 : precision;
        if (have < 0)
            have = 0;
        buf_append(out, d->digits + 1, (size_t)have);
        append_zeros(out, precision - have);
    }
    buf_printf(out, "%c%+03d", letter, d->count ? d->point - 1 : 0);
}

static void append_fixed(Buf *out, const Decimal *d, int precision)
{
    if (d->point > 0) {
        int have = d->count < d->point ? d->count : d->point;
        buf_append(out, d->digits, (size_t)have);
        append_zeros(out, d->point - have);
    } else {
        buf_putc(out, '0');
    }
    if (precision > 0) {
        buf_putc(out, '.');
        for (int i = 0; i < precision; i++) {
            int at = d->point + i;
            buf_putc(out, at >= 0 && at < d->count ? d->digits[at] : '0');
        }
    }
}

// ---- Binary and hexadecimal -------------------------------------------------------------------

static void split_bits(double v, int bits, u64 *mantissa, int *exponent)
{
    int width = bits == 32 ? 23 : 52, bias = bits == 32 ? 127 : 1023;
    u64 word = 0;
    if (bits == 32) {
        float f = (float)v;
        memcpy(&word, &f, 4);
    } else {
        memcpy(&word, &v, 8);
    }
    int e = (int)(word >> width) & (bits == 32 ? 0xff : 0x7ff);
    *mantissa = word & ((1ull << width) - 1);
    if (e == 0)
        e = 1;
    else
        *mantissa |= 1ull << width;
    *exponent = e - bias - width;
}

static void append_binary(Buf *out, double v, int bits)
{
    u64 mantissa;
    int exponent;
    split_bits(v, bits, &mantissa, &exponent);
    buf_printf(out, "%llup%+d", (unsigned long long)mantissa, exponent);
}

static void append_hex(Buf *out, double v, int bits, char letter, int precision)
{
    u64 m;
    int exponent;
    split_bits(v, bits, &m, &exponent);
    exponent += bits == 32 ? 23 : 52;
    if (m == 0)
        exponent = 0;
    m <<= bits == 32 ? 60 - 23 : 60 - 52; // now the point stands after bit 60
    while (m != 0 && (m & (1ull << 60)) == 0) {
        m <<= 1;
        exponent--;
    }
    if (precision >= 0 && precision < 15) {
        int shift = precision * 4;
        u64 extra = (m << shift) & ((1ull << 60) - 1);
        m >>= 60 - shift;
        if ((extra | (m & 1)) > 1ull << 59)
            m++;
        m <<= 60 - shift;
        if (m & (1ull << 61)) {
            m >>= 1;
            exponent++;
        }
    }
    const char *digits = letter == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
    buf_putc(out, '0');
    buf_putc(out, letter);
    buf_putc(out, (char)('0' + ((m >> 60) & 1)));
    m <<= 4;
    if (precision < 0 && m != 0) {
        buf_putc(out, '.');
        for (; m != 0; m <<= 4)
            buf_putc(out, digits[m >> 60]);
    } else if (precision > 0) {
        buf_putc(out, '.');
        for (int i = 0; i < precision; i++, m <<= 4)
            buf_putc(out, digits[m >> 60]);
    }
    buf_printf(out, "%c%+03d", letter == 'X' ? 'P' : 'p', exponent);
}

// ---- FormatFloat ------------------------------------------------------------------------------

void float_append(Buf *out, double v, char format, int precision, int bits)
{
    if (isnan(v)) {
        buf_puts(out, "NaN");
        return;
    }
    if (isinf(v)) {
        buf_puts(out, v > 0 ? "+Inf" : "-Inf");
        return;
    }
    if (signbit(v)) {
        buf_putc(out, '-');
        v = -v;
    }
    bool shortest = precision < 0;
    Decimal d;
    switch (format) {
    case 'b': append_binary(out, v, bits); return;
    case 'x':
    case 'X': append_hex(out, v, bits, format, precision); return;
    case 'f':
        if (!shortest) {
            buf_printf(out, "%.*f", precision, v);
            return;
        }
        break;
    case 'e':
    case 'E':
    case 'g':
    case 'G': break;
    default:
        buf_putc(out, '%');
        buf_putc(out, format);
        return;
    }
    if (v == 0) {
        d.count = d.point = 0;
        if (shortest)
            precision = format == 'g' || format == 'G' ? 6 : 0;
    } else if (shortest) {
        decimal_shortest(&d, v, bits);
        precision = format == 'f'                    ? d.count - d.point
                    : format == 'e' || format == 'E' ? d.count - 1
                                                     : d.count;
    } else if (format == 'g' || format == 'G') {
        if (precision == 0)
            precision = 1;
        decimal_rounded(&d, v, precision);
    } else {
        decimal_rounded(&d, v, precision + 1);
    }
    switch (format) {
    case 'e':
    case 'E': append_exponent(out, &d, precision, format); return;
    case 'f': append_fixed(out, &d, precision > 0 ? precision : 0); return;
    }
    int limit = precision;
    if (limit > d.count && d.count >= d.point)
        limit = d.count;
    if (shortest)
        limit = 6;
    int exponent = d.count ? d.point - 1 : -1;
    if (exponent < -4 || exponent >= limit) {
        if (precision > d.count)
            precision = d.count;
        append_exponent(out, &d, precision - 1, format == 'g' ? 'e' : 'E');
        return;
    }
    append_fixed(out, &d, d.count > d.point ? d.count - d.point : 0);
}

// ---- ParseFloat -------------------------------------------------------------------------------

static int lower(int c)
{
    return c >= 'A' && c <= 'Z' ? c + 32 : c;
}

static bool equal_fold(Str s, const char *word)
{
    if (s.len != strlen(word))
        return false;
    for (size_t i = 0; i < s.len; i++)
        if (lower(s.data[i]) != word[i])
            return false;
    return true;
}

static bool digit_of(char c, bool hex)
{
    return (c >= '0' && c <= '9') || (hex && lower(c) >= 'a' && lower(c) <= 'f');
}

bool underscores_good(Str s)
{
    char last = '^'; // '^' start, '0' digit or prefix, '_', '!' else
    size_t i = 0;
    bool hex = false;
    if (s.len >= 2 && s.data[0] == '0' && memchr("box", lower(s.data[1]), 3)) {
        i = 2;
        last = '0';
        hex = lower(s.data[1]) == 'x';
    }
    for (; i < s.len; i++) {
        int c = lower(s.data[i]);
        if ((c >= '0' && c <= '9') || (hex && c >= 'a' && c <= 'f')) {
            last = '0';
        } else if (c == '_') {
            if (last != '0')
                return false;
            last = '_';
        } else {
            if (last == '_')
                return false;
            last = '!';
        }
    }
    return last != '_';
}

int float_parse(Str s, int bits, double *value)
{
    *value = 0;
    Str rest = s;
    bool negative = false;
    if (rest.len > 0 && (rest.data[0] == '+' || rest.data[0] == '-')) {
        negative = rest.data[0] == '-';
        rest.data++;
        rest.len--;
    }
    if (equal_fold(rest, "inf") || equal_fold(rest, "infinity")) {
        *value = negative ? -INFINITY : INFINITY;
        return 0;
    }
    if (equal_fold(s, "nan")) {
        *value = NAN;
        return 0;
    }
    bool hex = rest.len > 2 && rest.data[0] == '0' && lower(rest.data[1]) == 'x';
    char *text = xmalloc(rest.len + 1);
    size_t n = 0, i = 0;
    bool digits = false, point = false, exponent = false, underscores = false;
    if (hex) {
        memcpy(text, "0x", 2);
        i = n = 2;
    }
    for (; i < rest.len; i++) {
        char c = rest.data[i];
        if (c == '_') {
            underscores = true;
            continue;
        }
        if (c == '.' && !point) {
            point = true;
        } else if (digit_of(c, hex)) {
            digits = true;
        } else {
            break;
        }
        text[n++] = c;
    }
    bool good = digits;
    if (good && i < rest.len && lower(rest.data[i]) == (hex ? 'p' : 'e')) {
        text[n++] = rest.data[i++];
        if (i < rest.len && (rest.data[i] == '+' || rest.data[i] == '-'))
            text[n++] = rest.data[i++];
        exponent = i < rest.len && digit_of(rest.data[i], false);
        for (; i < rest.len && (digit_of(rest.data[i], false) || rest.data[i] == '_'); i++) {
            if (rest.data[i] == '_')
                underscores = true;
            else
                text[n++] = rest.data[i];
        }
        good = exponent;
    }
    good = good && i == rest.len && (!hex || exponent) && (!underscores || underscores_good(rest));
    int result = 1;
    if (good) {
        text[n] = 0;
        double v = bits == 32 ? (double)strtof(text, NULL) : strtod(text, NULL);
        *value = negative ? -v : v;
        result = isinf(v) ? 2 : 0;
    }
    free(text);
    return result;
}

// ---- Quoting ----------------------------------------------------------------------------------

bool rune_is_graphic(u32 r)
{
    if (r < 0x80)
        return r >= 0x20 && r < 0x7f;
    if (r == 0xad || r > 0x10ffff)
        return false;
    switch (utf8proc_category((utf8proc_int32_t)r)) {
    case UTF8PROC_CATEGORY_CN:
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_CO:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP: return false;
    default: return true;
    }
}

bool rune_is_print(u32 r)
{
    return rune_is_graphic(r) &&
           (r < 0x80 || utf8proc_category((utf8proc_int32_t)r) != UTF8PROC_CATEGORY_ZS);
}

static void append_escaped(Buf *out, u32 r, char quote, QuoteStyle style)
{
    if (r == (u32)quote || r == '\\') {
        buf_putc(out, '\\');
        buf_putc(out, (char)r);
        return;
    }
    bool plain = style == QUOTE_ASCII     ? r < 0x80 && rune_is_print(r)
                 : style == QUOTE_GRAPHIC ? rune_is_graphic(r)
                                          : rune_is_print(r);
    if (plain) {
        char bytes[4];
        buf_append(out, bytes, (size_t)utf8_encode(r, bytes));
        return;
    }
    static const char letters[] = "abtnvfr"; // of 7 to 13
    if (r >= 7 && r <= 13) {
        buf_putc(out, '\\');
        buf_putc(out, letters[r - 7]);
    } else if (r < ' ' || r == 0x7f) {
        buf_printf(out, "\\x%02x", r);
    } else if (r > 0x10ffff || (r >= 0xd800 && r < 0xe000)) {
        buf_puts(out, "\\ufffd");
    } else if (r < 0x10000) {
        buf_printf(out, "\\u%04x", r);
    } else {
        buf_printf(out, "\\U%08x", r);
    }
}

void quote_append(Buf *out, Str s, char quote, QuoteStyle style)
{
    buf_putc(out, quote);
    for (size_t i = 0; i < s.len;) {
        int width = 1;
        u32 r = (u8)s.data[i];
        if (r >= 0x80)
            r = utf8_decode(s.data + i, s.len - i, &width);
        if (width == 1 && r == RUNE_ERROR)
            buf_printf(out, "\\x%02x", (u8)s.data[i]);
        else
            append_escaped(out, r, quote, style);
        i += (size_t)width;
    }
    buf_putc(out, quote);
}

void quote_rune_append(Buf *out, u32 r, QuoteStyle style)
{
    buf_putc(out, '\'');
    if (r > 0x10ffff || (r >= 0xd800 && r < 0xe000))
        r = RUNE_ERROR;
    append_escaped(out, r, '\'', style);
    buf_putc(out, '\'');
}

bool can_backquote(Str s)
{
    for (size_t i = 0; i < s.len;) {
        int width;
        u32 r = utf8_decode(s.data + i, s.len - i, &width);
        if (width == 1 && (r == RUNE_ERROR || (r < ' ' && r != '\t') || r == '`' || r == 0x7f))
            return false;
        if (r == 0xfeff)
            return false;
        i += (size_t)width;
    }
    return true;
}
