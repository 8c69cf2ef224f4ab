// lexer.re: source text → tokens, and the values of literals.
//
// The rules find where a token ends; what is wrong inside a literal is found afterwards by
// looking at its text once more, so that the rules stay short and a broken literal is still
// one token of its kind. A character that begins no token is reported and skipped.
//
// Invariants: cursor <= limit, and text[len] is a zero byte (source_add): re2c takes a zero
// byte for the end only when the cursor has reached the limit, so zero bytes in the text are
// ordinary wrong characters, and nothing behind the limit is read.
//
// Automatic semicolons: need_semicolon is set after a token that may end a statement; then a
// newline, a comment that holds one, or the end of the text is a semicolon.
//
// Not here: numeric values of literals (types/const.c).
#include "lexer/lexer.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <utf8proc.h>

// A file with more lexical errors is no source text; reading on would help nobody.
enum { MAX_LEXICAL_ERRORS = 200 };

/*!re2c
re2c:api:style = free-form;
re2c:define:YYCTYPE = "unsigned char";
re2c:define:YYCURSOR = cursor;
re2c:define:YYLIMIT = limit;
re2c:define:YYMARKER = marker;
re2c:yyfill:enable = 0;
re2c:eof = 0;
re2c:encoding:utf8 = 1;

newline  = "\n";
letter   = [a-zA-Z_];
digit    = [0-9];
// What Go accepts as text: no zero byte, no byte order mark, no surrogates.
wide     = [\u0080-\uD7FF\uE000-\uFEFE\uFF00-\U0010FFFF];
bom      = "\uFEFF";

digits   = [0-9_]*;
exponent = [eEpP] [+-]? digits;
*/

// ---- Errors -----------------------------------------------------------------------------

static Pos pos_at(const Lexer *lx, const char *at)
{
    return source_pos(lx->source, (u32)(at - lx->source->text));
}

// Reports; with hint, if not NULL. After too many errors lexer_next gives the rest of the text up.
static void error_at(Lexer *lx, DiagKind kind, const char *at, const char *end, const char *hint, const char *fmt,
                     ...) PRINTF_LIKE(6, 7);
static void error_at(Lexer *lx, DiagKind kind, const char *at, const char *end, const char *hint, const char *fmt,
                     ...)
{
    if (lx->error_count >= MAX_LEXICAL_ERRORS)
        return;
    lx->error_count++;
    char text[160];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    Diag *diag = diag_error(lx->diags, kind, pos_at(lx, at), pos_at(lx, end), "%s", text);
    if (hint && !diag->hint)
        diag_hint(lx->diags, diag, "%s", hint);
}

static const char *hash_hint(const char *at)
{
    return strncmp(at, "#include", 8) == 0 ? "packages are imported with import \"fmt\""
           : strncmp(at, "#define", 7) == 0 ? "constants are declared with const"
                                            : "comments begin with //";
}

// What a character that begins no token means in other languages; NULL for most.
static const char *character_hint(const char *at)
{
    switch (*at) {
    case '?':
        return at[1] == '?'   ? "there is no ??: if x == nil { x = y }"
               : at[1] == '.' ? "there is no ?.: if p != nil { … p.x … }"
               : strchr("\n;", at[1 + strspn(at + 1, " ")]) || strncmp(at, "? //", 4) == 0
                   ? "errors are returned by hand: if err != nil { return err }"
                              : "there is no ?: operator; use if and else";
    case '$':
        return at[1] == '"' || at[1] == '`' || at[1] == '{' || at[1] == '\''
                   ? "values are put into a text with fmt.Sprintf(\"%d apples\", n)"
                   : "names begin with a letter or _";
    case '@': return "there are no decorators and no annotations; names begin with a letter or _";
    case '\\': return "a line goes on where it ends with an operator, a comma or an opening bracket";
    case '#':
        return isalpha((u8)at[1]) && strncmp(at, "#include", 8) != 0 && strncmp(at, "#define", 7) != 0
                   ? "comments begin with //; the length of s is len(s)"
                   : hash_hint(at);
    default: return NULL;
    }
}

// A code point as Go's %#U prints it: U+0040 '@'.
typedef struct RuneText {
    char text[32];
} RuneText;

static bool rune_is_printable(u32 rune)
{
    switch (utf8proc_category((utf8proc_int32_t)rune)) {
    case UTF8PROC_CATEGORY_CN:
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_CO:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP: return false;
    case UTF8PROC_CATEGORY_ZS: return rune == ' ';
    default: return true;
    }
}

static RuneText describe_rune(u32 rune)
{
    RuneText out;
    int len = snprintf(out.text, sizeof out.text, "U+%04X", (unsigned)rune);
    if (rune <= 0x10FFFF && rune_is_printable(rune)) {
        char bytes[4];
        int width = utf8_encode(rune, bytes);
        snprintf(out.text + len, sizeof out.text - (size_t)len, " '%.*s'", width, bytes);
    }
    return out;
}

// A character as Go's %q prints it: 'x', '\n', '\u00a0'.
static RuneText quote_rune(u32 rune)
{
    RuneText out;
    char bytes[4];
    if (rune == '\n' || rune == '\t' || rune == '\r' || rune == '\'' || rune == '\\') {
        char c = rune == '\n' ? 'n' : rune == '\t' ? 't' : rune == '\r' ? 'r' : (char)rune;
        snprintf(out.text, sizeof out.text, "'\\%c'", c);
    } else if (rune_is_printable(rune))
        snprintf(out.text, sizeof out.text, "'%.*s'", utf8_encode(rune, bytes), bytes);
    else if (rune < 0x80)
        snprintf(out.text, sizeof out.text, "'\\x%02x'", (unsigned)rune);
    else if (rune < 0x10000)
        snprintf(out.text, sizeof out.text, "'\\u%04x'", (unsigned)rune);
    else
        snprintf(out.text, sizeof out.text, "'\\U%08x'", (unsigned)rune);
    return out;
}

// Stray bytes, wherever they stand. Their effect on a token's text does not matter: there is
// an error. at: the byte or the byte order mark.
static void error_bad_byte(Lexer *lx, const char *at)
{
    if (*at == 0)
        error_at(lx, DIAG_CHARACTER, at, at + 1, NULL, "invalid NUL character");
    else if (lx->limit - at >= 3 && memcmp(at, "\xEF\xBB\xBF", 3) == 0)
        error_at(lx, DIAG_CHARACTER, at, at + 3, NULL, "invalid BOM in the middle of the file");
    else
        error_at(lx, DIAG_CHARACTER, at, at + 1, NULL, "invalid UTF-8 encoding");
}

// ---- Names ------------------------------------------------------------------------------

static bool is_letter(u32 rune)
{
    if (rune < 0x80)
        return (rune | 0x20) - 'a' < 26 || rune == '_';
    switch (utf8proc_category((utf8proc_int32_t)rune)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO: return true;
    default: return false;
    }
}

static bool is_digit(u32 rune)
{
    if (rune < 0x80)
        return rune - '0' < 10;
    return utf8proc_category((utf8proc_int32_t)rune) == UTF8PROC_CATEGORY_ND;
}

// The characters people paste without seeing them, and what they meant.
static const char *lookalike_hint(u32 rune)
{
    switch (rune) {
    case 0x2018:
    case 0x2019:
    case 0x201C:
    case 0x201D: return "this is a typographic quotation mark; use \" or '";
    case 0x2013:
    case 0x2014:
    case 0x2212: return "this is not the minus sign of the keyboard; use -";
    case 0x00A0:
    case 0x200B:
    case 0x2003:
    case 0x3000: return "this is a special space; use an ordinary one";
    case 0x037E:
    case 0xFF1B: return "this only looks like a semicolon; use ;";
    case 0x00D7: return "multiplication is written *";
    case 0x2190: return "the channel arrow is written <-";
    case 0x2260: return "not equal is written !=";
    case 0x2264: return "less or equal is written <=";
    case 0x2265: return "greater or equal is written >=";
    default: return NULL;
    }
}

// The rest of a name that is not all ASCII; cursor is behind its ASCII beginning, which may be
// empty. Wrong characters are reported and taken in, so that they do not break the name in two.
static void scan_wide_name(Lexer *lx, const char *start)
{
    bool reported = false;
    while (lx->cursor < lx->limit) {
        const char *at = lx->cursor;
        int width;
        u32 rune = utf8_decode(at, (size_t)(lx->limit - at), &width);
        if (rune < 0x80 ? !is_letter(rune) && !is_digit(rune) : false)
            return;
        if ((rune == RUNE_ERROR && width == 1) || rune == 0xFEFF) {
            if (at > start)
                return; // the main rules report it
            error_bad_byte(lx, at);
        } else if (!is_letter(rune) && !(is_digit(rune) && at > start) && !reported) {
            if (is_digit(rune))
                error_at(lx, DIAG_CHARACTER, at, at + width, NULL, "identifier cannot begin with digit %s",
                         describe_rune(rune).text);
            else
                error_at(lx, DIAG_CHARACTER, at, at + width, lookalike_hint(rune),
                         "invalid character %s in identifier", describe_rune(rune).text);
            reported = true;
        }
        lx->cursor = at + width;
    }
}

static void init_keywords(void)
{
    static bool done;
    if (done)
        return;
    done = true;
    for (int kind = 0; kind < TOKEN_KIND_COUNT; kind++)
        if (token_class((TokenKind)kind) == CLASS_KEYWORD)
            name_mutable(name_from(token_spelling((TokenKind)kind)))->token = (u16)kind;
}

// ---- Numbers ----------------------------------------------------------------------------

static char lower(char c)
{
    return (char)(c | 0x20);
}

static bool is_decimal(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_hex(char c)
{
    return is_decimal(c) || (lower(c) >= 'a' && lower(c) <= 'f');
}

// The first '_' of the literal that does not stand between two digits (a prefix counts as
// one), or NULL.
static const char *find_bad_separator(const char *start, const char *end)
{
    bool hex = false, digit_before = false;
    const char *s = start;
    if (end - s >= 2 && s[0] == '0' && strchr("xob", lower(s[1]))) {
        hex = lower(s[1]) == 'x';
        digit_before = true;
        s += 2;
    }
    for (; s < end; s++) {
        bool digit = is_decimal(*s) || (hex && is_hex(*s));
        if (*s == '_') {
            bool digit_after = s + 1 < end && (is_decimal(s[1]) || (hex && is_hex(s[1])));
            bool again = s + 1 < end && s[1] == '_';
            if (!digit_before)
                return s;
            if (!digit_after)
                return again ? s + 1 : s;
        }
        digit_before = digit;
    }
    return NULL;
}

// Says what kind of literal a number is, and the first thing that is wrong with it. end: all
// that looks like part of the number.
static TokenKind check_number(Lexer *lx, const char *start, const char *end)
{
    const char *s = start;
    int base = 10;
    char prefix = 0; // 0, or 'x', 'o', 'b', or '0' for a mere leading zero
    if (*s == '0' && s + 1 < end && strchr("xob", lower(s[1]))) {
        prefix = lower(s[1]);
        base = prefix == 'x' ? 16 : prefix == 'o' ? 8 : 2;
        s += 2;
    } else if (*s == '0') {
        prefix = '0';
        base = 8;
    }
    const char *base_name = base == 2    ? "binary"
                            : base == 8  ? "octal"
                            : base == 10 ? "decimal"
                                         : "hexadecimal";

    const char *bad_digit = NULL, *point = NULL, *separator = NULL;
    int digit_count = 0;
    for (; s < end; s++) {
        if (*s == '.') {
            point = s;
        } else if (*s == '_') {
            separator = s;
        } else if (is_decimal(*s) || (base == 16 && is_hex(*s))) {
            digit_count++;
            if (base < 10 && *s >= '0' + base && !bad_digit)
                bad_digit = s;
        } else {
            break;
        }
    }
    const char *exponent = s < end && *s != 'i' ? s : NULL;
    int exponent_digits = 0;
    if (exponent)
        for (s++; s < end && *s != 'i'; s++) {
            if (*s == '_')
                separator = s;
            exponent_digits += is_decimal(*s);
        }
    bool imaginary = s < end;
    TokenKind kind = imaginary ? TOKEN_IMAG : point || exponent ? TOKEN_FLOAT : TOKEN_INT;

    if (point && (prefix == 'o' || prefix == 'b'))
        error_at(lx, DIAG_NUMBER, point, point + 1, NULL, "invalid radix point in %s literal", base_name);
    else if (digit_count == 0)
        error_at(lx, DIAG_NUMBER, start, end, NULL, "%s literal has no digits", base_name);
    else if (exponent && lower(*exponent) == 'e' && prefix && prefix != '0')
        error_at(lx, DIAG_NUMBER, exponent, end, NULL, "'%c' exponent requires decimal mantissa", *exponent);
    else if (exponent && lower(*exponent) == 'p' && prefix != 'x')
        error_at(lx, DIAG_NUMBER, exponent, end, NULL, "'%c' exponent requires hexadecimal mantissa", *exponent);
    else if (exponent && exponent_digits == 0)
        error_at(lx, DIAG_NUMBER, exponent, end, NULL, "exponent has no digits");
    else if (point && prefix == 'x' && !exponent)
        error_at(lx, DIAG_NUMBER, start, end, NULL, "hexadecimal mantissa requires a 'p' exponent");
    else if (bad_digit && kind == TOKEN_INT)
        error_at(lx, DIAG_NUMBER, bad_digit, bad_digit + 1,
                 prefix == '0' ? "a number that begins with 0 is octal" : NULL,
                 "invalid digit '%c' in %s literal", *bad_digit, base_name);
    else if (separator) {
        const char *bad = find_bad_separator(start, end);
        if (bad)
            error_at(lx, DIAG_NUMBER, bad, bad + 1, NULL, "'_' must separate successive digits");
    }
    return kind;
}

// ---- Escapes, strings and runes ---------------------------------------------------------

// Looks at the escape sequence whose backslash is at `at` and reports what is wrong with it.
// Returns where it ends: at the first character that is not part of it.
static const char *check_escape(Lexer *lx, const char *at, char quote, bool *ok)
{
    const char *s = at + 1, *limit = lx->limit;
    int digits;
    u32 base = 16, max = 0x10FFFF;
    if (s >= limit)
        return s; // the caller complains about the end
    if (*s == quote || (*s != 0 && strchr("abfnrtv\\", *s)))
        return s + 1;
    switch (*s) {
    case '0':
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
    case '6':
    case '7':
        digits = 3;
        base = 8;
        max = 255;
        break;
    case 'x':
        digits = 2;
        max = 255;
        s++;
        break;
    case 'u':
        digits = 4;
        s++;
        break;
    case 'U':
        digits = 8;
        s++;
        break;
    default:
        *ok = false;
        error_at(lx, DIAG_ESCAPE, s, s + 1, "to write a backslash itself, double it: \\\\", "unknown escape");
        return s;
    }
    u32 value = 0;
    for (; digits > 0; digits--, s++) {
        if (s >= limit)
            return s;
        u32 digit = is_decimal(*s) ? (u32)(*s - '0')
                    : is_hex(*s)   ? (u32)(lower(*s) - 'a' + 10)
                                   : 99;
        if (digit >= base) {
            int width;
            u32 rune = utf8_decode(s, (size_t)(limit - s), &width);
            *ok = false;
            error_at(lx, DIAG_ESCAPE, s, s + width, NULL, "invalid character %s in %s escape",
                     quote_rune(rune).text, base == 8 ? "octal" : "hexadecimal");
            return s;
        }
        value = value * base + digit;
    }
    if (base == 8 && value > max) {
        *ok = false;
        error_at(lx, DIAG_ESCAPE, at, s, NULL, "octal escape value %u > 255", (unsigned)value);
    } else if (value > max || (value >= 0xD800 && value < 0xE000)) {
        *ok = false;
        error_at(lx, DIAG_ESCAPE, at, s, NULL, "escape is invalid Unicode code point %s",
                 describe_rune(value).text);
    }
    return s;
}

// The rest of a string literal; the quote is consumed.
static void scan_string(Lexer *lx, const char *start)
{
    const char *cursor = lx->cursor, *limit = lx->limit, *marker, *at;
    bool ok = true;
    for (;;) {
        at = cursor;
        /*!re2c
        ["]                     { lx->cursor = cursor; return; }
        "\\"                    { cursor = check_escape(lx, at, '"', &ok); continue; }
        newline                 {
            lx->cursor = at;
            bool triple = start - lx->source->text >= 2 && memcmp(start - 2, "\"\"\"", 3) == 0;
            error_at(lx, DIAG_STRING_END, start, at,
                     triple ? "text of several lines stands between backquotes"
                            : "the closing \" is missing on this line",
                     "newline in string");
            return;
        }
        $                       {
            lx->cursor = at;
            error_at(lx, DIAG_STRING_END, start, at, "the closing \" is missing", "string not terminated");
            return;
        }
        [\x01-\x7F] \ ["\\\n]   { continue; }
        wide                    { continue; }
        bom                     { error_bad_byte(lx, at); continue; }
        *                       { error_bad_byte(lx, at); continue; }
        */
    }
}

// The rest of a raw string literal; the quote is consumed.
static void scan_raw_string(Lexer *lx, const char *start)
{
    const char *cursor = lx->cursor, *limit = lx->limit, *marker, *at;
    for (;;) {
        at = cursor;
        /*!re2c
        "`"                     { lx->cursor = cursor; return; }
        $                       {
            lx->cursor = at;
            lx->incomplete = true;
            error_at(lx, DIAG_STRING_END, start, start + 1,
                     "the closing ` is missing: such a string goes on until the next one",
                     "string not terminated");
            return;
        }
        [\x01-\x7F] \ [`]       { continue; }
        wide                    { continue; }
        bom                     { error_bad_byte(lx, at); continue; }
        *                       { error_bad_byte(lx, at); continue; }
        */
    }
}

// The rest of a rune literal; the quote is consumed.
static void scan_rune(Lexer *lx, const char *start)
{
    const char *cursor = lx->cursor, *limit = lx->limit, *marker, *at;
    bool ok = true;
    int count = 0;
    for (;; count++) {
        at = cursor;
        /*!re2c
        [']                     {
            lx->cursor = cursor;
            if (ok && count == 0)
                error_at(lx, DIAG_RUNE_LITERAL, at, cursor, NULL, "empty rune literal or unescaped '");
            else if (ok && count != 1)
                error_at(lx, DIAG_RUNE_LITERAL, start, cursor, "strings stand between \" and \"",
                         "more than one character in rune literal");
            return;
        }
        "\\"                    { cursor = check_escape(lx, at, '\'', &ok); continue; }
        newline                 {
            lx->cursor = at;
            if (ok)
                error_at(lx, DIAG_RUNE_LITERAL, at, at + 1,
                         count > 1 ? "strings stand between \" and \"" : "the closing ' is missing",
                         "newline in rune literal");
            return;
        }
        $                       {
            lx->cursor = at;
            if (ok)
                error_at(lx, DIAG_RUNE_LITERAL, start, at, NULL, "rune literal not terminated");
            return;
        }
        [\x01-\x7F] \ ['\\\n]   { continue; }
        wide                    { continue; }
        bom                     { error_bad_byte(lx, at); count--; continue; }
        *                       { error_bad_byte(lx, at); count--; continue; }
        */
    }
}

// ---- Comments ---------------------------------------------------------------------------

static void report_comment(Lexer *lx, const char *start)
{
    if (lx->on_comment)
        lx->on_comment(lx->comment_arg, pos_at(lx, start), pos_at(lx, lx->cursor));
}

// The rest of a line comment, without the newline; // is consumed.
static void scan_line_comment(Lexer *lx, const char *start)
{
    const char *cursor = lx->cursor, *limit = lx->limit, *marker, *at;
    for (;;) {
        at = cursor;
        /*!re2c
        newline                 { break; }
        $                       { break; }
        [\x01-\x7F] \ [\n]      { continue; }
        wide                    { continue; }
        bom                     { error_bad_byte(lx, at); continue; }
        *                       { error_bad_byte(lx, at); continue; }
        */
    }
    lx->cursor = at;
    report_comment(lx, start);
}

// The rest of a general comment; its beginning is consumed. Says whether it holds a newline.
static bool scan_general_comment(Lexer *lx, const char *start)
{
    const char *cursor = lx->cursor, *limit = lx->limit, *marker, *at;
    bool newline_inside = false;
    for (;;) {
        at = cursor;
        /*!re2c
        "*" "/"                 { break; }
        newline                 { newline_inside = true; continue; }
        $                       {
            lx->cursor = at;
            lx->incomplete = true;
            error_at(lx, DIAG_COMMENT_END, start, start + 2, "the closing *" "/ is missing",
                     "comment not terminated");
            return newline_inside;
        }
        [\x01-\x7F] \ [\n]      { continue; }
        wide                    { continue; }
        bom                     { error_bad_byte(lx, at); continue; }
        *                       { error_bad_byte(lx, at); continue; }
        */
    }
    lx->cursor = cursor;
    report_comment(lx, start);
    return newline_inside;
}

// ---- Tokens -----------------------------------------------------------------------------

void lexer_init(Lexer *lx, DiagList *diags, const SourceFile *source)
{
    init_keywords();
    *lx = (Lexer){.diags = diags, .source = source};
    lx->cursor = source->text;
    lx->limit = source->text + source->len;
    if (source->len >= 3 && memcmp(lx->cursor, "\xEF\xBB\xBF", 3) == 0)
        lx->cursor += 3;
    if (lx->limit - lx->cursor >= 2 && lx->cursor[0] == '#' && lx->cursor[1] == '!') {
        const char *newline = memchr(lx->cursor, '\n', (size_t)(lx->limit - lx->cursor));
        lx->cursor = newline ? newline : lx->limit;
    }
}

static Token make_token(Lexer *lx, TokenKind kind, const char *start)
{
    return (Token){.kind = kind,
                   .pos = pos_at(lx, start),
                   .end = pos_at(lx, lx->cursor),
                   .text = {start, (size_t)(lx->cursor - start)}};
}

// A token after which a newline ends the statement.
static Token make_last(Lexer *lx, TokenKind kind, const char *start)
{
    lx->need_semicolon = true;
    return make_token(lx, kind, start);
}

// A semicolon that nobody wrote: text is "\n" or, at the end of the file, "".
static Token make_semicolon(Lexer *lx, const char *start, const char *end, Str text)
{
    return (Token){.kind = TOKEN_SEMICOLON,
                   .pos = pos_at(lx, start),
                   .end = pos_at(lx, end),
                   .text = text};
}

static Token make_name(Lexer *lx, const char *start)
{
    if (lx->cursor < lx->limit && (u8)*lx->cursor >= 0x80)
        scan_wide_name(lx, start);
    Token token = make_token(lx, TOKEN_IDENT, start);
    token.name = name_intern(token.text.data, token.text.len);
    if (token.name->token)
        token.kind = (TokenKind)token.name->token;
    lx->need_semicolon = token.kind == TOKEN_IDENT || token.kind == TOKEN_BREAK ||
                         token.kind == TOKEN_CONTINUE || token.kind == TOKEN_FALLTHROUGH ||
                         token.kind == TOKEN_RETURN;
    return token;
}

Token lexer_next(Lexer *lx)
{
    bool need_semicolon = lx->need_semicolon;
    lx->need_semicolon = false;
    if (lx->error_count >= MAX_LEXICAL_ERRORS)
        lx->cursor = lx->limit;
    for (;;) {
        const char *cursor = lx->cursor, *limit = lx->limit, *marker;
        const char *start = cursor;
#define SIMPLE(kind) (lx->cursor = cursor, make_token(lx, TOKEN_##kind, start))
#define LAST(kind)   (lx->cursor = cursor, make_last(lx, TOKEN_##kind, start))
        /*!re2c
        [ \t\r]+                { lx->cursor = cursor; continue; }
        newline                 {
            lx->cursor = cursor;
            if (need_semicolon)
                return make_semicolon(lx, start, cursor, STR("\n"));
            continue;
        }
        $                       {
            if (need_semicolon)
                return make_semicolon(lx, start, start, STR(""));
            return make_token(lx, TOKEN_EOF, start);
        }
        "//"                    {
            lx->cursor = cursor;
            scan_line_comment(lx, start);
            continue;
        }
        "/" "*"                 {
            lx->cursor = cursor;
            if (scan_general_comment(lx, start) && need_semicolon)
                return make_semicolon(lx, start, lx->cursor, STR("\n"));
            continue;
        }

        letter (letter | digit)* { lx->cursor = cursor; return make_name(lx, start); }
        wide                    { lx->cursor = start; return make_name(lx, start); }

        "0" [xX] [0-9a-fA-F_]* ("." [0-9a-fA-F_]*)? ([pP] [+-]? digits)? "i"? |
        "0" [oObB] digits ("." digits)? exponent? "i"? |
        digit digits ("." digits)? exponent? "i"? |
        "." digit digits exponent? "i"? {
            lx->cursor = cursor;
            return make_last(lx, check_number(lx, start, cursor), start);
        }
        ["]                     {
            lx->cursor = cursor;
            scan_string(lx, start);
            return make_last(lx, TOKEN_STRING, start);
        }
        "`"                     {
            lx->cursor = cursor;
            scan_raw_string(lx, start);
            return make_last(lx, TOKEN_STRING, start);
        }
        [']                     {
            lx->cursor = cursor;
            scan_rune(lx, start);
            return make_last(lx, TOKEN_CHAR, start);
        }

        "+"                     { return SIMPLE(ADD); }
        "-"                     { return SIMPLE(SUB); }
        "*"                     { return SIMPLE(MUL); }
        "/"                     { return SIMPLE(QUO); }
        "%"                     { return SIMPLE(REM); }
        "&"                     { return SIMPLE(AND); }
        "|"                     { return SIMPLE(OR); }
        "^"                     { return SIMPLE(XOR); }
        "<<"                    { return SIMPLE(SHL); }
        ">>"                    { return SIMPLE(SHR); }
        "&^"                    { return SIMPLE(AND_NOT); }
        "+="                    { return SIMPLE(ADD_ASSIGN); }
        "-="                    { return SIMPLE(SUB_ASSIGN); }
        "*="                    { return SIMPLE(MUL_ASSIGN); }
        "/="                    { return SIMPLE(QUO_ASSIGN); }
        "%="                    { return SIMPLE(REM_ASSIGN); }
        "&="                    { return SIMPLE(AND_ASSIGN); }
        "|="                    { return SIMPLE(OR_ASSIGN); }
        "^="                    { return SIMPLE(XOR_ASSIGN); }
        "<<="                   { return SIMPLE(SHL_ASSIGN); }
        ">>="                   { return SIMPLE(SHR_ASSIGN); }
        "&^="                   { return SIMPLE(AND_NOT_ASSIGN); }
        "&&"                    { return SIMPLE(LAND); }
        "||"                    { return SIMPLE(LOR); }
        "<-"                    { return SIMPLE(ARROW); }
        "++"                    { return LAST(INC); }
        "--"                    { return LAST(DEC); }
        "=="                    { return SIMPLE(EQL); }
        "!="                    { return SIMPLE(NEQ); }
        "<"                     { return SIMPLE(LSS); }
        "<="                    { return SIMPLE(LEQ); }
        ">"                     { return SIMPLE(GTR); }
        ">="                    { return SIMPLE(GEQ); }
        "!"                     { return SIMPLE(NOT); }
        "~"                     { return SIMPLE(TILDE); }
        "="                     { return SIMPLE(ASSIGN); }
        ":="                    { return SIMPLE(DEFINE); }
        "..."                   { return SIMPLE(ELLIPSIS); }
        "("                     { return SIMPLE(LPAREN); }
        ")"                     { return LAST(RPAREN); }
        "["                     { return SIMPLE(LBRACK); }
        "]"                     { return LAST(RBRACK); }
        "{"                     { return SIMPLE(LBRACE); }
        "}"                     { return LAST(RBRACE); }
        ","                     { return SIMPLE(COMMA); }
        "."                     { return SIMPLE(PERIOD); }
        ";"                     { return SIMPLE(SEMICOLON); }
        ":"                     { return SIMPLE(COLON); }

        [\x01-\x7F]             {
            lx->cursor = cursor;
            error_at(lx, DIAG_CHARACTER, start, cursor, character_hint(start), "invalid character %s", describe_rune((u8)*start).text);
            continue;
        }
        bom                     { lx->cursor = cursor; error_bad_byte(lx, start); continue; }
        *                       { lx->cursor = cursor; error_bad_byte(lx, start); continue; }
        */
#undef SIMPLE
#undef LAST
    }
}

// ---- Values of literals -----------------------------------------------------------------

// Decodes one escape or character at *at and moves on. Returns its code point, or for \x and
// octal escapes its byte, then *is_byte is set.
static u32 literal_char(const char **at, const char *end, bool *is_byte)
{
    const char *s = *at;
    *is_byte = false;
    if (*s != '\\' || end - s < 2) {
        int width;
        u32 rune = utf8_decode(s, (size_t)(end - s), &width);
        *at = s + width;
        return rune;
    }
    s++;
    char c = *s;
    int digits = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : c >= '0' && c <= '7' ? 3 : 0;
    if (digits == 0) {
        *at = s + 1;
        switch (c) {
        case 'a': return '\a';
        case 'b': return '\b';
        case 'f': return '\f';
        case 'n': return '\n';
        case 'r': return '\r';
        case 't': return '\t';
        case 'v': return '\v';
        default: return (u8)c;
        }
    }
    u32 base = digits == 3 ? 8 : 16, value = 0;
    if (base == 16)
        s++;
    for (; digits > 0 && s < end && is_hex(*s); digits--, s++)
        value = value * base + (u32)(is_decimal(*s) ? *s - '0' : lower(*s) - 'a' + 10);
    *is_byte = base == 8 || c == 'x';
    *at = s;
    return value;
}

u32 literal_rune(Str text)
{
    if (text.len < 3)
        return RUNE_ERROR;
    const char *s = text.data + 1;
    bool is_byte;
    return literal_char(&s, text.data + text.len - 1, &is_byte);
}

// A byte that a wrong literal lacks or has too many does no harm: the text is never left.
char *literal_string(Arena *arena, Str text, size_t *len)
{
    char *out = arena_alloc(arena, text.len + 1);
    char quote = text.len > 0 ? text.data[0] : '"';
    const char *s = text.data + (text.len > 0), *end = text.data + text.len;
    if (end - s > 0 && end[-1] == quote)
        end--;
    size_t n = 0;
    while (s < end) {
        if (quote == '`') {
            if (*s != '\r')
                out[n++] = *s;
            s++;
        } else if (*s != '\\') {
            out[n++] = *s++;
        } else {
            bool is_byte;
            u32 value = literal_char(&s, end, &is_byte);
            if (is_byte) {
                out[n++] = (char)value;
            } else {
                char bytes[4];
                int width = utf8_encode(value, bytes);
                memcpy(out + n, bytes, (size_t)width);
                n += (size_t)width;
            }
        }
    }
    out[n] = 0;
    *len = n;
    return out;
}
