// const_test.c: exact constants: literals, arithmetic, rounding, limits, printing.
#include "types/const.h"

#include <criterion/criterion.h>
#include <float.h>
#include <math.h>
#include <stdio.h>

TestSuite(constants, .timeout = 20);

static Arena *arena;

static Const *number(const char *text)
{
    if (!arena)
        arena = arena_create();
    bool negative = text[0] == '-';
    text += negative;
    bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    size_t len = strlen(text);
    TokenKind kind = text[len - 1] == 'i'                   ? TOKEN_IMAG
                     : strpbrk(text, hex ? ".pP" : ".eEpP") ? TOKEN_FLOAT
                                                            : TOKEN_INT;
    Const *c = const_from_literal(arena, kind, str_from(text));
    return c && negative ? const_unary(arena, TOKEN_SUB, c, 0) : c;
}

static const char *printed(const Const *c)
{
    Buf b = {0};
    const_print(c, &b);
    return b.data;
}

static void check_printed(const Const *c, const char *expected)
{
    const char *text = printed(c);
    cr_assert_str_eq(text, expected, "got %s, expected %s", text, expected);
}

static Const *binary(const char *x, TokenKind op, const char *y)
{
    const char *why;
    Const *a = number(x), *b = number(y);
    if (const_kind(a) == CONST_INT && const_kind(b) == CONST_FLOAT)
        a = const_to_float(arena, a);
    if (const_kind(b) == CONST_INT && const_kind(a) == CONST_FLOAT)
        b = const_to_float(arena, b);
    return const_binary(arena, op, a, b, &why);
}

Test(constants, literals)
{
    check_printed(number("0"), "0");
    check_printed(number("1_000_000"), "1000000");
    check_printed(number("0x_FF"), "255");
    check_printed(number("0b1010"), "10");
    check_printed(number("0o17"), "15");
    check_printed(number("017"), "15");
    check_printed(number("340282366920938463463374607431768211456"),
                  "340282366920938463463374607431768211456");
    check_printed(number("1.5"), "1.5");
    check_printed(number("1e3"), "1000");
    check_printed(number(".25"), "0.25");
    check_printed(number("0x1p-2"), "0.25");
    check_printed(number("0x1.8p1"), "3");
    check_printed(number("2i"), "(0 + 2i)");
    check_printed(number("0123i"), "(0 + 123i)");
    cr_assert_null(number("1e99999999999"));
}

Test(constants, integers_truncate)
{
    check_printed(binary("7", TOKEN_QUO, "2"), "3");
    check_printed(binary("-7", TOKEN_QUO, "2"), "-3");
    check_printed(binary("-7", TOKEN_REM, "2"), "-1");
    check_printed(binary("6", TOKEN_AND_NOT, "3"), "4");
    check_printed(binary("-1", TOKEN_AND, "255"), "255");
    const char *why = NULL;
    cr_assert_null(const_binary(arena, TOKEN_QUO, number("1"), number("0"), &why));
    cr_assert_str_eq(why, "division by zero");
}

Test(constants, floats_are_exact)
{
    // 0.1 + 0.2 is 0.3, which it is not in float64.
    cr_assert(const_relation(TOKEN_EQL, binary("0.1", TOKEN_ADD, "0.2"), number("0.3")));
    // Less than one by a little is no integer.
    cr_assert_not(const_is_integer(binary("1.0", TOKEN_SUB, "1e-70")));
    cr_assert(const_is_integer(binary("2.5", TOKEN_MUL, "2.0")));
    check_printed(const_to_int(arena, binary("2.5", TOKEN_MUL, "2.0")), "5");
    cr_assert_null(const_to_int(arena, number("2.5")));
}

Test(constants, rounding_is_that_of_the_library)
{
    static const char *const texts[] = {
        "0.1",
        "1.7976931348623157e308",
        "2.2250738585072014e-308",
        "4.9e-324",
        "5e-324",
        "2.4e-324",
        "2.5e-324",
        "9007199254740993.0",
        "1e23",
        "8.5e22",
        "3.14159265358979323846264338327950288",
        "123456789012345678901234567890.0",
        "2.2250738585072011e-308",
        "1e-320",
        "0.000000000000000000000000000000000000000000001",
    };
    for (int i = 0; i < countof(texts); i++) {
        double expected = strtod(texts[i], NULL), got = const_to_f64(number(texts[i]));
        cr_assert(expected == got, "%s: %a, expected %a", texts[i], got, expected);
        float expected32 = strtof(texts[i], NULL), got32 = const_to_f32(number(texts[i]));
        cr_assert(expected32 == got32, "%s: %a, expected %a", texts[i], got32, expected32);
    }
    cr_assert(isinf(const_to_f64(number("1e309"))));
    cr_assert(isinf(const_to_f32(number("3.5e38"))));
    cr_assert_eq(const_to_f64(number("9007199254740993")), 9007199254740992.0);
    cr_assert_null(const_round(arena, number("1e309"), 64));
    cr_assert_null(const_round(arena, number("1e39"), 32));
    check_printed(const_round(arena, number("16777217.0"), 32), "1.67772e+07");
}

Test(constants, random_decimals_round_as_strtod)
{
    unsigned seed = 1;
    for (int i = 0; i < 20000; i++) {
        char text[64];
        seed = seed * 1103515245 + 12345;
        unsigned a = seed >> 8;
        seed = seed * 1103515245 + 12345;
        unsigned b = seed >> 8;
        seed = seed * 1103515245 + 12345;
        snprintf(text, sizeof text, "%u.%ue%d", a, b, (int)(seed >> 8) % 330);
        if (i % 2)
            snprintf(text, sizeof text, "%u.%ue-%d", a, b, (int)(seed >> 8) % 330);
        double expected = strtod(text, NULL), got = const_to_f64(number(text));
        cr_assert(expected == got, "%s: %a, expected %a", text, got, expected);
    }
}

Test(constants, huge_exponents)
{
    Const *huge = number("1e1000000"), *tiny = number("1e-1000000");
    check_printed(const_round(arena, binary("1e1000000", TOKEN_QUO, "1e999999"), 64), "10");
    cr_assert(isinf(const_to_f64(huge)));
    cr_assert_eq(const_to_f64(tiny), 0.0);
    cr_assert(const_sign(tiny) > 0);
    cr_assert(const_relation(TOKEN_GTR, huge, number("1e999999")));
    cr_assert(const_relation(TOKEN_LSS, tiny, number("1.0")));
    check_printed(huge, "1e+1000000");
    const char *why = NULL;
    Const *limit = number("1e500000000");
    cr_assert_null(const_binary(arena, TOKEN_MUL, limit, limit, &why));
    cr_assert_str_eq(why, "overflow");
}

Test(constants, fits)
{
    i64 i;
    u64 u;
    cr_assert(const_fits_i64(number("9223372036854775807"), &i));
    cr_assert_eq(i, INT64_MAX);
    cr_assert_not(const_fits_i64(number("9223372036854775808"), NULL));
    cr_assert(const_fits_i64(number("-9223372036854775808"), &i));
    cr_assert_eq(i, INT64_MIN);
    cr_assert(const_fits_u64(number("18446744073709551615"), &u));
    cr_assert_eq(u, UINT64_MAX);
    cr_assert_not(const_fits_u64(number("-1"), NULL));
    cr_assert(const_fits_i64(number("4.0"), &i));
    cr_assert_eq(i, 4);
    cr_assert_not(const_fits_i64(number("4.5"), NULL));
}

Test(constants, shifts_and_bits)
{
    Const *one = number("1");
    Const *big = const_shift(arena, TOKEN_SHL, one, 100);
    check_printed(big, "1267650600228229401496703205376");
    cr_assert_eq(const_bit_length(big), 101);
    check_printed(const_shift(arena, TOKEN_SHR, big, 98), "4");
    check_printed(const_shift(arena, TOKEN_SHR, number("-5"), 1), "-3");
    check_printed(const_unary(arena, TOKEN_XOR, number("0"), 8), "255");
    check_printed(const_unary(arena, TOKEN_XOR, number("5"), 0), "-6");
}

Test(constants, strings_and_bools)
{
    Const *a = const_from_literal((number("0"), arena), TOKEN_STRING, STR("\"h\\u00e9\\n\""));
    Const *b = const_from_literal(arena, TOKEN_STRING, STR("`x`"));
    check_printed(const_binary(arena, TOKEN_ADD, a, b, NULL), "\"h\xC3\xA9\\nx\"");
    cr_assert(const_relation(TOKEN_LSS, a, b));
    cr_assert(const_is_true(
        const_binary(arena, TOKEN_LOR, const_bool(arena, false), const_bool(arena, true), NULL)));
    check_printed(const_from_literal(arena, TOKEN_CHAR, STR("'\\x41'")), "65");
}

Test(constants, complex_numbers)
{
    Const *x = const_make_complex(arena = arena_create(), number("1"), number("2"));
    const char *why;
    check_printed(const_binary(arena, TOKEN_MUL, x, x, &why), "(-3 + 4i)");
    Const *q = const_binary(arena, TOKEN_QUO, x, x, &why);
    cr_assert(const_is_integer(q));
    check_printed(const_to_int(arena, q), "1");
    cr_assert_null(const_to_float(arena, x));
}
