// lexer_test.c: tokens, automatic semicolons, errors in literals, and values of literals.
#include "lexer/lexer.h"

#include <criterion/criterion.h>
#include <stdio.h>

TestSuite(lexer, .timeout = 20);

static DiagList diags;

// The tokens of text, separated by spaces: names and literals as written, an automatic semicolon
// as \n or EOF. Their errors are left in diags.
static const char *tokens_of_bytes(const char *text, size_t len, bool *incomplete)
{
    diag_init(&diags, arena_create());
    Lexer lexer;
    lexer_init(&lexer, &diags, source_add("test.csp", text, len));
    Buf out = {0};
    buf_puts(&out, "");
    for (Token token = lexer_next(&lexer); token.kind != TOKEN_EOF; token = lexer_next(&lexer)) {
        if (out.len > 0)
            buf_putc(&out, ' ');
        if (token.kind == TOKEN_SEMICOLON && token.text.len == 0)
            buf_puts(&out, "EOF");
        else if (token.kind == TOKEN_SEMICOLON && token.text.data[0] == '\n')
            buf_puts(&out, "\\n");
        else
            buf_append(&out, token.text.data, token.text.len);
    }
    if (incomplete)
        *incomplete = lexer.incomplete;
    return out.data ? out.data : "";
}

static const char *tokens_of(const char *text)
{
    return tokens_of_bytes(text, strlen(text), NULL);
}

static void check_tokens(const char *text, const char *expected)
{
    cr_expect_str_eq(tokens_of(text), expected, "%s: %s", text, tokens_of(text));
    cr_expect_eq(diags.error_count, 0, "%s", text);
}

// The first error of text is the message, at the column.
static void check_error_bytes(const char *text, size_t len, int col, const char *message)
{
    tokens_of_bytes(text, len, NULL);
    cr_assert_gt(diags.list.len, 0, "%s: no error", text);
    cr_expect_str_eq(diags.list.data[0].text, message, "%s: %s", text, diags.list.data[0].text);
    cr_expect_eq(source_place(diags.list.data[0].pos).col, col, "%s: column %d", text,
                 source_place(diags.list.data[0].pos).col);
}

static void check_error(const char *text, int col, const char *message)
{
    check_error_bytes(text, strlen(text), col, message);
}

static TokenKind first_kind(const char *text)
{
    diag_init(&diags, arena_create());
    Lexer lexer;
    lexer_init(&lexer, &diags, source_add("test.csp", text, strlen(text)));
    return lexer_next(&lexer).kind;
}

Test(lexer, table_and_text_agree)
{
    for (int kind = 0; kind < TOKEN_KIND_COUNT; kind++)
        if (token_class(kind) == CLASS_OPERATOR || token_class(kind) == CLASS_KEYWORD)
            cr_expect_eq(first_kind(token_spelling(kind)), kind, "%s", token_spelling(kind));
}

Test(lexer, longest_operator_wins)
{
    check_tokens("a<<=b<-c&^=d&&e...f.g", "a <<= b <- c &^= d && e ... f . g EOF");
    check_tokens("x..", "x . .");
    check_tokens("a---b", "a -- - b EOF");
    check_tokens("1.2.3", "1.2 .3 EOF");
    check_tokens("x.1", "x .1 EOF");
}

Test(lexer, precedences)
{
    cr_expect_eq(token_precedence(TOKEN_LOR), 1);
    cr_expect_eq(token_precedence(TOKEN_LAND), 2);
    cr_expect_eq(token_precedence(TOKEN_EQL), 3);
    cr_expect_eq(token_precedence(TOKEN_XOR), 4);
    cr_expect_eq(token_precedence(TOKEN_AND_NOT), 5);
    cr_expect_eq(token_precedence(TOKEN_ARROW), 0);
    cr_expect_eq(token_precedence(TOKEN_NOT), 0);
}

Test(lexer, semicolons_follow_what_may_end_a_statement)
{
    check_tokens("x\n1\n'a'\n\"s\"\n`r`\n", "x \\n 1 \\n 'a' \\n \"s\" \\n `r` \\n");
    check_tokens("break\ncontinue\nfallthrough\nreturn\n",
                 "break \\n continue \\n fallthrough \\n return \\n");
    check_tokens("i++\ni--\n)\n]\n}\n", "i ++ \\n i -- \\n ) \\n ] \\n } \\n");
    check_tokens("if\nfunc\n+\n(\n,\n=\n", "if func + ( , =");
    check_tokens("x\n\n\n\ny", "x \\n y EOF");
    check_tokens("x;\ny", "x ; y EOF");
    check_tokens("x // comment\ny", "x \\n y EOF");
    check_tokens("x /* one line */ y", "x y EOF");
    check_tokens("x /* two\nlines */ y", "x \\n y EOF");
    check_tokens("+ /* two\nlines */ y", "+ y EOF");
    check_tokens("x // at the end", "x EOF");
    check_tokens("x /* at the end */", "x EOF");
    check_tokens("x\r\ny\r\n", "x \\n y \\n");
}

Test(lexer, beginnings_of_files)
{
    check_tokens("", "");
    check_tokens("#!/usr/bin/env csp\nx", "x EOF");
    check_tokens("#!no newline", "");
    check_tokens("\xEF\xBB\xBFx", "x EOF");
    check_error("x\xEF\xBB\xBFy", 2, "invalid BOM in the middle of the file");
}

Test(lexer, wide_names_are_one_token)
{
    check_tokens("größe:=日本+é_1", "größe := 日本 + é_1 EOF");
    check_tokens("x٣", "x٣ EOF"); // a digit of another script, not at the beginning
    check_error("٣x", 1, "identifier cannot begin with digit U+0663 '٣'");
    check_error("a⊛b", 2, "invalid character U+229B '⊛' in identifier");
    check_error("“x”", 1, "invalid character U+201C '“' in identifier");
}

Test(lexer, numbers)
{
    check_tokens("0 1_000 0x_Ff 0b1_0 0o17 017 0B1 0O7 0XAB", "0 1_000 0x_Ff 0b1_0 0o17 017 0B1 "
                                                              "0O7 0XAB EOF");
    check_tokens("1. .5 1e9 1E-9 0x1p-2 0x.8p0 0x1.p+3 1_0.2_5e1_0",
                 "1. .5 1e9 1E-9 0x1p-2 0x.8p0 0x1.p+3 1_0.2_5e1_0 EOF");
    check_tokens("1i 08i 0x1i 1.5i 1e3i", "1i 08i 0x1i 1.5i 1e3i EOF");
    check_tokens("089.5 09e1", "089.5 09e1 EOF");
    check_tokens("0x1e+1", "0x1e + 1 EOF"); // e is a digit here
    cr_expect_eq(first_kind("12"), TOKEN_INT);
    cr_expect_eq(first_kind("0x1p1"), TOKEN_FLOAT);
    cr_expect_eq(first_kind("1."), TOKEN_FLOAT);
    cr_expect_eq(first_kind("1i"), TOKEN_IMAG);
}

Test(lexer, wrong_numbers)
{
    check_error("08", 2, "invalid digit '8' in octal literal");
    check_error("0o18", 4, "invalid digit '8' in octal literal");
    check_error("0b12", 4, "invalid digit '2' in binary literal");
    check_error("0x", 1, "hexadecimal literal has no digits");
    check_error("0b", 1, "binary literal has no digits");
    check_error("0o_", 1, "octal literal has no digits");
    check_error("1__0", 3, "'_' must separate successive digits");
    check_error("1_", 2, "'_' must separate successive digits");
    check_error("1_.5", 2, "'_' must separate successive digits");
    check_error("1._5", 3, "'_' must separate successive digits");
    check_error("0_x1", 2, "'_' must separate successive digits");
    check_error("1e", 2, "exponent has no digits");
    check_error("1e+", 2, "exponent has no digits");
    check_error("0x1.0", 1, "hexadecimal mantissa requires a 'p' exponent");
    check_error("1p3", 2, "'p' exponent requires hexadecimal mantissa");
    check_error("0b1e3", 4, "'e' exponent requires decimal mantissa");
    check_error("0b1.0", 4, "invalid radix point in binary literal");
}

Test(lexer, wrong_strings_and_runes)
{
    check_error("\"abc\nx", 1, "newline in string");
    check_error("\"abc", 1, "string not terminated");
    check_error("`abc", 1, "string not terminated");
    check_error("'a", 1, "rune literal not terminated");
    check_error("'\n'", 2, "newline in rune literal");
    check_error("''", 2, "empty rune literal or unescaped '");
    check_error("'ab'", 1, "more than one character in rune literal");
    check_error("\"\\q\"", 3, "unknown escape");
    check_error("'\\\"'", 3, "unknown escape");
    check_error("\"\\'\"", 3, "unknown escape");
    check_error("\"\\xg0\"", 4, "invalid character 'g' in hexadecimal escape");
    check_error("\"\\08\"", 4, "invalid character '8' in octal escape");
    check_error("\"\\400\"", 2, "octal escape value 256 > 255");
    check_error("\"\\uD800\"", 2, "escape is invalid Unicode code point U+D800");
    check_error("'\\U00110000'", 2, "escape is invalid Unicode code point U+110000");
    check_error("/* abc", 1, "comment not terminated");
}

Test(lexer, wrong_characters)
{
    check_error("x @ y", 3, "invalid character U+0040 '@'");
    check_error("x ? y : z", 3, "invalid character U+003F '?'");
    check_error("\x01", 1, "invalid character U+0001");
    check_error_bytes("a\0b", 3, 2, "invalid NUL character");
    check_error_bytes("\"\0\"", 3, 2, "invalid NUL character");
    check_error("x = \xFF", 5, "invalid UTF-8 encoding");
    check_error("// \xC3\n", 4, "invalid UTF-8 encoding");
    check_error("\"\xED\xA0\x80\"", 2, "invalid UTF-8 encoding"); // a surrogate
}

Test(lexer, too_many_errors_end_the_text)
{
    char text[4096];
    memset(text, '@', sizeof text);
    for (size_t i = 0; i < sizeof text; i += 2)
        text[i] = '\n';
    tokens_of_bytes(text, sizeof text, NULL);
    cr_assert_leq(diags.error_count, 200);
}

Test(lexer, incomplete_inside_raw_strings_and_comments)
{
    bool incomplete;
    tokens_of_bytes("`abc", 4, &incomplete);
    cr_expect(incomplete);
    tokens_of_bytes("/* abc", 6, &incomplete);
    cr_expect(incomplete);
    tokens_of_bytes("\"abc", 4, &incomplete);
    cr_expect_not(incomplete);
}

static void count_comment(void *arg, Pos pos, Pos end)
{
    Buf *out = arg;
    const SourceFile *file = source_file_of(pos);
    buf_append(out, file->text + (pos - file->base), end - pos);
    buf_putc(out, '|');
}

Test(lexer, comments_are_reported)
{
    diag_init(&diags, arena_create());
    const char *text = "// one\nx /* two */ y // three";
    Lexer lexer;
    Buf out = {0};
    lexer_init(&lexer, &diags, source_add("test.csp", text, strlen(text)));
    lexer.on_comment = count_comment;
    lexer.comment_arg = &out;
    while (lexer_next(&lexer).kind != TOKEN_EOF)
        continue;
    cr_assert_str_eq(out.data, "// one|/* two */|// three|");
}

static const char *string_value(const char *text)
{
    size_t len;
    char *value = literal_string(arena_create(), str_from(text), &len);
    cr_expect_eq(strlen(value), len);
    return value;
}

Test(lexer, values_of_literals)
{
    cr_expect_eq(literal_rune(STR("'a'")), 'a');
    cr_expect_eq(literal_rune(STR("'é'")), 0xE9);
    cr_expect_eq(literal_rune(STR("'\\n'")), '\n');
    cr_expect_eq(literal_rune(STR("'\\''")), '\'');
    cr_expect_eq(literal_rune(STR("'\\x7f'")), 0x7F);
    cr_expect_eq(literal_rune(STR("'\\377'")), 0xFF);
    cr_expect_eq(literal_rune(STR("'\\U0001F600'")), 0x1F600);
    cr_expect_str_eq(string_value("\"a\\tb\\\\\\\"\""), "a\tb\\\"");
    cr_expect_str_eq(string_value("\"\\xc3\\xa9 \\u00e9 \\351\""), "\xC3\xA9 \xC3\xA9 \xE9");
    cr_expect_str_eq(string_value("`a\\n\r\nb`"), "a\\n\nb");
    cr_expect_str_eq(string_value("\"\""), "");
    size_t len;
    literal_string(arena_create(), STR("\"a\\x00b\""), &len);
    cr_expect_eq(len, 3);
    // Broken literals have some value, within their text.
    string_value("\"\\");
    string_value("\"");
    string_value("\"\\u12");
    literal_rune(STR("'"));
}
