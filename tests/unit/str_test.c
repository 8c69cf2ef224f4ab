// str_test.c: names, the text buffer, UTF-8 by Go's rules, and edit distance.
#include "base/str.h"

#include <stdio.h>

#include <criterion/criterion.h>

TestSuite(str, .timeout = 20);

Test(str, views_compare_by_content)
{
    cr_assert(str_eq(STR("chan"), str_from("chan")));
    cr_assert_not(str_eq(STR("chan"), STR("chap")));
    cr_assert_not(str_eq(STR("chan"), STR("channel")));
}

Test(str, equal_names_are_one_name)
{
    cr_assert_eq(name_intern("select", 6), name_from("select"));
    cr_assert_eq(name_intern("selector", 6), name_from("select"));
    cr_assert_neq(name_from("select"), name_from("Select"));
    cr_assert_eq(name_from("")->len, 0);
    cr_assert_str_eq(name_intern("a\0b", 3)->text, "a");
    cr_assert_neq(name_intern("a\0b", 3), name_from("a"));
}

Test(str, names_stay_when_the_table_grows)
{
    enum { COUNT = 20000 };
    static Name names[COUNT];
    char text[32];
    for (int i = 0; i < COUNT; i++) {
        snprintf(text, sizeof text, "name%d", i);
        names[i] = name_from(text);
    }
    for (int i = 0; i < COUNT; i++) {
        snprintf(text, sizeof text, "name%d", i);
        cr_assert_eq(name_from(text), names[i]);
        cr_assert_str_eq(names[i]->text, text);
        cr_assert_eq(names[i]->token, 0);
    }
}

Test(str, the_token_of_a_name_can_be_set)
{
    name_mutable(name_from("chan"))->token = 42;
    cr_assert_eq(name_from("chan")->token, 42);
}

Test(str, buffer_grows_and_is_terminated)
{
    Buf b = {0};
    buf_puts(&b, "ch");
    buf_putc(&b, ' ');
    buf_printf(&b, "<- %d", 7);
    buf_append(&b, ";;;", 1);
    cr_assert_str_eq(b.data, "ch <- 7;");
    cr_assert_eq(b.len, 8);
    for (int i = 0; i < 1000; i++)
        buf_printf(&b, "%d,", i);
    cr_assert_eq(b.len, strlen(b.data));
    buf_free(&b);
    cr_assert_null(b.data);
}

Test(str, buffer_takes_zero_bytes)
{
    Buf b = {0};
    buf_append(&b, "a\0b", 3);
    cr_assert_eq(b.len, 3);
    cr_assert_eq(memcmp(b.data, "a\0b", 4), 0);
    buf_free(&b);
}

Test(str, every_rune_survives_encoding)
{
    for (u32 rune = 0; rune <= 0x10FFFF; rune++) {
        char bytes[4];
        int width;
        int len = utf8_encode(rune, bytes);
        u32 back = utf8_decode(bytes, (size_t)len, &width);
        bool surrogate = rune >= 0xD800 && rune <= 0xDFFF;
        cr_assert_eq(back, surrogate ? RUNE_ERROR : rune);
        cr_assert_eq(width, len);
    }
    char bytes[4];
    cr_assert_eq(utf8_encode(0x110000, bytes), 3);
    cr_assert_eq(memcmp(bytes, "\xEF\xBF\xBD", 3), 0);
}

Test(str, a_bad_byte_is_one_error_rune)
{
    static const char *const bad[] = {
        "\x80",             // a continuation alone
        "\xC0\x80",         // overlong
        "\xC1\xBF",         // overlong
        "\xE0\x80\x80",     // overlong
        "\xED\xA0\x80",     // surrogate
        "\xF0\x80\x80\x80", // overlong
        "\xF4\x90\x80\x80", // above U+10FFFF
        "\xF5\x80\x80\x80", // no first byte
        "\xFF",             // no first byte
        "\xC3",             // cut off
        "\xE2\x82",         // cut off
        "\xF0\x9F\x98",     // cut off
        "\xE2\x28\xA1",     // second byte is none
        "\xE2\x82\x28",     // third byte is none
        "\xF0\x9F\x98\x28", // fourth byte is none
    };
    for (int i = 0; i < countof(bad); i++) {
        int width = 0;
        cr_assert_eq(utf8_decode(bad[i], strlen(bad[i]), &width), RUNE_ERROR, "case %d", i);
        cr_assert_eq(width, 1, "case %d", i);
    }
}

static int distance(const char *a, const char *b, int max)
{
    return edit_distance(a, strlen(a), b, strlen(b), max);
}

Test(str, edit_distance_counts_typing_errors)
{
    cr_assert_eq(distance("Println", "Println", 3), 0);
    cr_assert_eq(distance("Printn", "Println", 3), 1);
    cr_assert_eq(distance("Pritnln", "Println", 3), 1);
    cr_assert_eq(distance("Prinln", "Printf", 3), 2);
    cr_assert_eq(distance("", "abc", 3), 3);
    cr_assert_eq(distance("abc", "", 3), 3);
    cr_assert_eq(distance("abcdef", "ghijkl", 9), 6);
}

Test(str, edit_distance_stops_at_max_plus_one)
{
    cr_assert_eq(distance("abcdef", "ghijkl", 2), 3);
    cr_assert_eq(distance("a", "abcdef", 2), 3);
    char longer[300];
    memset(longer, 'x', sizeof longer);
    cr_assert_eq(edit_distance(longer, 300, longer, 299, 2), 3);
}
