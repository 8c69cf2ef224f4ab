// parser.c: the token in hand, errors and recovery, and the entry point.
//
// Recovery: an error is reported where parsing cannot go on; then tokens are skipped up to one
// that may follow the production, or, inside a function, one that begins a statement. A
// second syntax error on the line of an error is not reported, nor any at the end of the file
// after an error: they nearly always follow from the first.
//
// Not here: the grammar (parse_decl.c, parse_stmt.c, parse_expr.c).
#include "parser/parser.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>

#include "parser/parser_impl.h"

// ---- Tokens -----------------------------------------------------------------------------

void parser_next(Parser *p)
{
    if (p->gave_up)
        return; // the current token is the end for ever
    if (p->tok.end > p->tok.pos && p->tok.text.len > 0 && p->tok.text.data[0] != '\n')
        p->prev_end = p->tok.end;
    int errors = p->lexer.error_count;
    p->tok = lexer_next(&p->lexer);
    if (p->lexer.error_count > errors) {
        p->incomplete = p->lexer.incomplete && p->error_count == 0;
        p->error_count += p->lexer.error_count - errors;
        p->error_line = source_place(vec_last(&p->diags->list).pos).line;
    }
}

static const char *kind_name(TokenKind kind)
{
    return kind == TOKEN_COMMA       ? "comma"
           : kind == TOKEN_SEMICOLON ? "semicolon or newline"
                                     : token_spelling(kind);
}

bool parser_got(Parser *p, TokenKind kind)
{
    if (p->tok.kind != kind)
        return false;
    parser_next(p);
    return true;
}

void parser_want(Parser *p, TokenKind kind)
{
    if (parser_got(p, kind))
        return;
    parser_unexpected(p, ", expecting %s", kind_name(kind));
    parser_skip_wrong(p);
}

TokenKind parser_peek(Parser *p)
{
    Lexer ahead = p->lexer;
    DiagList nothing;
    diag_init(&nothing, p->arena);
    ahead.diags = &nothing;
    ahead.on_comment = NULL;
    TokenKind kind = p->gave_up ? TOKEN_EOF : lexer_next(&ahead).kind;
    diag_free(&nothing);
    return kind;
}

static bool begins_statement(TokenKind kind)
{
    switch (kind) {
    case TOKEN_BREAK:
    case TOKEN_CONST:
    case TOKEN_CONTINUE:
    case TOKEN_DEFER:
    case TOKEN_FALLTHROUGH:
    case TOKEN_FOR:
    case TOKEN_GO:
    case TOKEN_GOTO:
    case TOKEN_IF:
    case TOKEN_RETURN:
    case TOKEN_SELECT:
    case TOKEN_SWITCH:
    case TOKEN_TYPE:
    case TOKEN_VAR: return true;
    default: return false;
    }
}

void parser_skip_wrong(Parser *p)
{
    switch (p->tok.kind) {
    case TOKEN_EOF:
    case TOKEN_SEMICOLON:
    case TOKEN_RPAREN:
    case TOKEN_RBRACK:
    case TOKEN_RBRACE: return;
    default:
        if (!p->resync && !(p->func_nest > 0 && begins_statement(p->tok.kind)))
            parser_next(p);
    }
}

void parser_advance(Parser *p, const TokenKind *kinds)
{
    for (; p->tok.kind != TOKEN_EOF && !p->resync; parser_next(p)) {
        if (p->func_nest > 0 && begins_statement(p->tok.kind))
            return;
        for (const TokenKind *kind = kinds; *kind != TOKEN_EOF; kind++)
            if (p->tok.kind == *kind)
                return;
    }
}

// After an error in a list: skips to the next separator, or to what ends the list. Brackets
// that open on the way are skipped with what they hold. Says whether the list goes on.
static bool recover_in_list(Parser *p, TokenKind sep, TokenKind close)
{
    int open = 0;
    for (; p->tok.kind != TOKEN_EOF && !p->resync; parser_next(p)) {
        switch (p->tok.kind) {
        case TOKEN_LPAREN:
        case TOKEN_LBRACK:
        case TOKEN_LBRACE: open++; break;
        case TOKEN_RPAREN:
        case TOKEN_RBRACK:
        case TOKEN_RBRACE:
            if (open == 0)
                return p->tok.kind == close;
            open--;
            break;
        case TOKEN_SEMICOLON:
            if (open == 0 && close != TOKEN_RBRACE && sep == TOKEN_COMMA) {
                // The end of the line: probably the list should have ended before it.
                if (parser_peek(p) == close)
                    parser_next(p);
                return p->tok.kind == close;
            }
            break;
        default:
            if (p->func_nest > 0 && begins_statement(p->tok.kind))
                return false;
            break;
        }
        if (open == 0 && p->tok.kind == sep) {
            parser_next(p);
            return true;
        }
    }
    return false;
}

static void comma_missing(Parser *p, Diag *diag, TokenKind close)
{
    parser_kind(diag, DIAG_SYNTAX_COMMA);
    if (close == TOKEN_RPAREN)
        parser_hint(p, diag,
                    "the ) is missing; or, if the list goes on in the next line, a comma at the "
                    "end of this one");
    parser_hint(p, diag,
                "a list that goes on in the next line needs a comma at the end of this one, also "
                "after the last element");
}

// Does this text stand directly before the token?
static bool text_before(const Parser *p, const char *text)
{
    const char *at = p->tok.text.data, *start = p->file->source->text;
    size_t len = strlen(text);
    return at && at >= start + len && memcmp(at - len, text, len) == 0;
}

// What `=` and `:` mean elsewhere inside of parentheses and braces.
static const char *hint_in_list(const Parser *p, const char *context)
{
    bool params = strcmp(context, "parameter list") == 0;
    bool args = strcmp(context, "argument list") == 0;
    const char *at = p->tok.text.data;
    if (args && p->tok.kind == TOKEN_IDENT)
        return "a comma stands between two arguments";
    if (p->tok.kind == TOKEN_STRING && args && (text_before(p, "\" ") || text_before(p, "` ")))
        return "a comma stands between two arguments; + joins two strings";
    if (strcmp(context, "interface type") == 0 && p->tok.kind != TOKEN_EOF)
        return "an interface lists methods: Name() string";
    if (p->tok.kind == TOKEN_COLON && params)
        return "the type follows the name without a colon: n int";
    if (p->tok.kind == TOKEN_IDENT && params && at > p->file->source->text) {
        // *args int: the star belongs to what looks like a type
        const char *s = at - 1, *start = p->file->source->text;
        while (s > start && (*s == ' ' || *s == '_' || isalnum((u8)*s)))
            s--;
        if (*s == '*')
            return s > start && s[-1] == '*'
                       ? "arguments have no names: give a map or a struct"
                       : "a parameter for any number of arguments is written args ...int";
    }
    if (p->tok.kind != TOKEN_ASSIGN || at[1] == '>')
        return NULL;
    if (params)
        return "parameters have no default values: every call gives all arguments";
    if (args)
        return "arguments have no names: they are given in the order of the parameters";
    if (strcmp(context, "struct type") == 0)
        return "fields have no default values: they begin as 0, \"\", false or nil";
    return strcmp(context, "composite literal") == 0
               ? "a colon stands between field and value: Point{X: 1, Y: 2}"
               : NULL;
}

Pos parser_list(Parser *p, const char *context, TokenKind sep, TokenKind close,
                bool (*element)(Parser *p, void *arg), void *arg)
{
    bool done = false;
    while (p->tok.kind != TOKEN_EOF && p->tok.kind != close && !done) {
        done = element(p, arg);
        if (parser_got(p, sep) || p->tok.kind == close)
            continue;
        Diag *diag = parser_unexpected(p, " in %s; possibly missing %s or %s", context,
                                       kind_name(sep), kind_name(close));
        if (diag && p->tok.kind == TOKEN_SEMICOLON && sep == TOKEN_COMMA)
            comma_missing(p, diag, close);
        else if (diag && !diag->hint && hint_in_list(p, context))
            parser_hint(p, diag, hint_in_list(p, context));
        else if (diag && p->tok.kind == TOKEN_COMMA)
            parser_hint(p, diag, "fields stand on lines of their own, or have a ; between them");
        if (!recover_in_list(p, sep, close))
            return p->tok.pos;
        done = false;
    }
    Pos pos = p->tok.pos;
    parser_want(p, close);
    return pos;
}

// ---- Errors -----------------------------------------------------------------------------

// The end of the file is the only trouble when it is the first.
static bool at_end_of_text(const Parser *p)
{
    return p->tok.kind == TOKEN_EOF || (p->tok.kind == TOKEN_SEMICOLON && p->tok.text.len == 0);
}

static void give_up(Parser *p)
{
    p->gave_up = true;
    Pos end = source_pos(p->file->source, p->file->source->len);
    p->tok = (Token){.kind = TOKEN_EOF, .pos = end, .end = end, .text = STR("")};
}

static Diag *report(Parser *p, DiagKind kind, bool is_syntax, Pos pos, Pos end, const char *fmt,
                    va_list args)
{
    if (p->gave_up || p->resync)
        return NULL;
    if (p->error_count > 0 &&
        (p->tok.kind == TOKEN_EOF || (p->lexer.incomplete && at_end_of_text(p))))
        return NULL;
    int line = source_place(pos).line;
    if (line == p->error_line && p->error_count > 0)
        return NULL;
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, fmt, again);
    va_end(again);
    char *message = arena_alloc(p->arena, (size_t)len + 1);
    vsnprintf(message, (size_t)len + 1, fmt, args);
    if (p->error_count == 0)
        p->incomplete = at_end_of_text(p);
    p->error_count++;
    p->error_line = line;
    Diag *diag =
        diag_error(p->diags, kind, pos, end, "%s%s", is_syntax ? "syntax error: " : "", message);
    if (p->error_count >= MAX_SYNTAX_ERRORS)
        give_up(p);
    return diag;
}

Diag *parser_syntax_error(Parser *p, Pos pos, Pos end, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    Diag *diag = report(p, DIAG_SYNTAX, true, pos, end, fmt, args);
    va_end(args);
    return diag;
}

Diag *parser_error(Parser *p, DiagKind kind, Pos pos, Pos end, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    Diag *diag = report(p, kind, false, pos, end, fmt, args);
    if (diag && (kind == DIAG_NOT_A_CALL || kind == DIAG_RECEIVER))
        p->file->soft_errors++;
    va_end(args);
    return diag;
}

void parser_kind(Diag *diag, DiagKind kind)
{
    if (diag)
        diag->kind = kind;
}

void parser_hint(Parser *p, Diag *diag, const char *hint)
{
    if (diag && hint && !diag->hint)
        diag_hint(p->diags, diag, "%s", hint);
}

// How messages call a token: as Go's compiler does.
static const char *describe_token(Parser *p)
{
    const Token *tok = &p->tok;
    switch (tok->kind) {
    case TOKEN_EOF: return "EOF";
    case TOKEN_COMMA: return "comma";
    case TOKEN_SEMICOLON:
        return tok->text.len == 0 ? "EOF" : tok->text.data[0] == '\n' ? "newline" : "semicolon";
    case TOKEN_IDENT: return arena_strndup(p->arena, tok->text.data, tok->text.len);
    case TOKEN_INT:
    case TOKEN_FLOAT:
    case TOKEN_IMAG:
    case TOKEN_CHAR:
    case TOKEN_STRING: {
        // A long literal, or one of many lines, is shown by its beginning.
        enum { SHOWN = 40 };
        size_t len = tok->text.len;
        const char *newline = memchr(tok->text.data, '\n', len);
        if (newline)
            len = (size_t)(newline - tok->text.data);
        if (len > SHOWN)
            for (len = SHOWN; len > 0 && ((u8)tok->text.data[len] & 0xC0) == 0x80;)
                len--;
        return arena_printf(p->arena, "literal %.*s%s", (int)len, tok->text.data,
                            len < tok->text.len ? "…" : "");
    }
    default: return token_spelling(tok->kind);
    }
}

#define ARROW_FUNCTION "a function without a name is written func(x int) int { return x + 1 }"

// A word of another language that was taken for a name, so that what follows it is unexpected.
static const char *hint_for_word_before(const Parser *p)
{
    if (text_before(p, " not ") || text_before(p, "(not "))
        return "not is written !";
    if (text_before(p, "lambda "))
        return ARROW_FUNCTION;
    if (text_before(p, "await "))
        return "nothing is awaited: a call waits, and a channel is received from with <-";
    if (text_before(p, "typeof "))
        return "fmt.Printf(\"%T\\n\", x) prints a type, a type switch tells types apart";
    if (text_before(p, "throws "))
        return "there are no exceptions: functions return errors, func f() error";
    if (text_before(p, "new "))
        return "T{} makes a value of type T, &T{} a pointer to one; constructors are functions";
    return NULL;
}

// Whether the line of the token begins, after blanks, with this text.
static bool line_begins(const Parser *p, const char *text)
{
    const char *start = p->file->source->text, *at = p->tok.text.data;
    if (!at || at < start)
        return false;
    while (at > start && at[-1] != '\n')
        at--;
    return strncmp(at + strspn(at, " \t"), text, strlen(text)) == 0;
}

bool parser_line_goes_on_with(const Parser *p, const char *text)
{
    const char *at = p->tok.text.data;
    if (!at)
        return false;
    size_t len = strcspn(at, "\n");
    const char *comment = memmem(at, len, "//", 2);
    return memmem(at, comment ? (size_t)(comment - at) : len, text, strlen(text));
}

#define COUNTING_LOOP "to count, write: for i := 0; i < n; i++ { … } or for i := range n { … }"
#define RANGE_LOOP    "loops over a collection are written: for i, x := range xs"
#define BRACKET_TYPES                                                                              \
    "types are given in brackets: []int is a list, map[string]int a map, chan int a channel"

// Help for tokens that mean something in other languages.
static const char *hint_for_token(Parser *p)
{
    const char *at = p->tok.text.data;
    switch (p->tok.kind) {
    case TOKEN_INC:
    case TOKEN_DEC:
        if (line_begins(p, "for ") && parser_line_goes_on_with(p, "{"))
            return "the parts of for have semicolons between them: for i := 0; i < n; i++ { … }";
        return isalpha((u8)at[2]) || at[2] == '_'
                   ? "++ and -- stand behind the variable, and are statements, not expressions: x++"
                   : "++ and -- are statements, not expressions: x++ stands alone";
    case TOKEN_DEFINE:
        return line_begins(p, "for (") || line_begins(p, "for(")
                   ? "for has no parentheses: for i := 0; i < n; i++ { … }"
                   : NULL;
    case TOKEN_FLOAT: return text_before(p, ".") ? COUNTING_LOOP : NULL; // 0..3
    case TOKEN_COLON:
        if (at[1] == ':')
            return "there is no ::, names of a package and methods are selected with a dot";
        if (line_begins(p, "for ") && parser_line_goes_on_with(p, "{"))
            return RANGE_LOOP;
        return line_begins(p, "func ") && text_before(p, ")")
                   ? "the result type follows the parameters without a colon: func f(x int) int"
                   : NULL;
    case TOKEN_LSS:
        return text_before(p, "map")    ? "a map type is written map[string]int"
               : text_before(p, "chan") ? "a channel type is written chan int"
                                        : BRACKET_TYPES;
    case TOKEN_LBRACE:
        return text_before(p, "enum ")
                   ? "an enumeration is a list of constants: const ( Red Color = "
                     "iota; Green; Blue )"
               : text_before(p, ">") ? BRACKET_TYPES
                                     : NULL;
    case TOKEN_RPAREN:
        return strncmp(at, ") =>", 4) == 0 ? ARROW_FUNCTION
               : text_before(p, ">(")      ? BRACKET_TYPES
                                           : NULL;
    case TOKEN_MAP:
        return text_before(p, ".") ? "slices have no methods: a loop goes through them, and makes "
                                     "another one with append"
                                   : NULL;
    case TOKEN_TILDE: return at[1] == '=' ? "inequality is written !=" : NULL;
    case TOKEN_PERIOD: return text_before(p, ".") ? "strings are joined with +" : NULL;
    case TOKEN_ARROW: return "a send is a statement and gives no value; a receive is written <-ch";
    case TOKEN_RBRACK:
        return text_before(p, "[") ? "the type of a slice is written []int, and the name stands "
                                     "before it: var xs []int"
                                   : NULL;
    case TOKEN_MUL_ASSIGN:
        return text_before(p, "*") ? "there is no operator **; math.Pow raises to a power" : NULL;
    case TOKEN_GTR:
        if (text_before(p, "<"))
            return "inequality is written !=";
        if (text_before(p, "-") && line_begins(p, "case "))
            return "a send is written ch <- x, a receive x := <-ch";
        if (text_before(p, ") ="))
            return ARROW_FUNCTION;
        if (at > p->file->source->text && at[-1] == '=')
            return "greater or equal is written >=; there is no =>";
        if (at > p->file->source->text && at[-1] == '-')
            return "there is no ->: fields and methods are selected with a dot, results follow "
                   "the parameters";
        return NULL;
    case TOKEN_SUB:
        return at[1] == '>' ? "there is no ->: the result type simply follows the parameters"
                            : NULL;
    case TOKEN_ASSIGN:
        if (at[1] == '>')
            return ARROW_FUNCTION;
        if (text_before(p, "&&") || text_before(p, "||"))
            return "there is no &&= and no ||=: x = x && y";
        if (at > p->file->source->text && (at[-1] == '=' || at[-1] == '!'))
            return "equality is written == and inequality !=";
        return line_begins(p, "if (") || line_begins(p, "if(") || line_begins(p, "while")
                   ? "to compare, write =="
                   : NULL;
    case TOKEN_FOR:
        return "there are no comprehensions: a loop makes the list, with xs = append(xs, value)";
    case TOKEN_GO:
        return "go is a statement and gives no value: let the goroutine send it on a channel";
    case TOKEN_IMPORT: return "imports stand at the top of the file, before everything else";
    case TOKEN_IDENT:
        if (str_eq(p->tok.text, STR("elif")) || str_eq(p->tok.text, STR("elseif")) ||
            str_eq(p->tok.text, STR("elsif")))
            return "write else if";
        if (str_eq(p->tok.text, STR("in")) &&
            (strncmp(at, "in range(", 9) == 0 || parser_line_goes_on_with(p, "..")))
            return COUNTING_LOOP;
        if (line_begins(p, "for int ") || line_begins(p, "for let ") ||
            line_begins(p, "for auto ") || line_begins(p, "for const "))
            return parser_line_goes_on_with(p, " of ") || parser_line_goes_on_with(p, " in ") ||
                           parser_line_goes_on_with(p, " : ")
                       ? RANGE_LOOP
                       : "a variable is declared with :=, as in for i := 0; i < n; i++ { … }";
        if (line_begins(p, "for (") || line_begins(p, "for("))
            return "for has no parentheses: for i := 0; i < n; i++ { … }, for i, x := range xs "
                   "{ … }";
        if ((str_eq(p->tok.text, STR("in")) && !line_begins(p, "for ") &&
             !line_begins(p, "foreach ")) ||
            strncmp(at, "not in ", 7) == 0)
            return "there is no operator in: _, found := m[key] asks a map, a loop searches a "
                   "slice, strings.Contains a string";
        if (str_eq(p->tok.text, STR("in")) || str_eq(p->tok.text, STR("of")))
            return RANGE_LOOP;
        if (str_eq(p->tok.text, STR("and")))
            return "and is written &&";
        if (str_eq(p->tok.text, STR("or")))
            return "or is written ||";
        if (str_eq(p->tok.text, STR("is")))
            return strncmp(at, "is not", 6) == 0 ? "inequality is written !="
                                                 : "equality is written ==";
        if (str_eq(p->tok.text, STR("implements")))
            return "a type implements an interface by having its methods: nothing says so";
        if (str_eq(p->tok.text, STR("extends")))
            return "nothing is inherited: a struct embeds another one, struct { Animal; name "
                   "string }";
        if (str_eq(p->tok.text, STR("do")) || str_eq(p->tok.text, STR("then")))
            return line_begins(p, "for ") && !parser_line_goes_on_with(p, "{")
                       ? "for i := 1; i <= n; i++ { … }: the body stands between { and }"
                       : "the body stands between { and }";
        if (str_eq(p->tok.text, STR("except")) || str_eq(p->tok.text, STR("catch")) ||
            str_eq(p->tok.text, STR("finally")))
            return "there are no exceptions: functions return errors";
        return hint_for_word_before(p);
    case TOKEN_NOT:
        return text_before(p, "print") || text_before(p, "println") || text_before(p, "format")
                   ? "there are no macros: fmt.Println(x), fmt.Printf(\"%v\\n\", x)"
                   : NULL;
    case TOKEN_IF: return "there is no conditional value; use an if statement";
    case TOKEN_STRING:
        if (text_before(p, "f"))
            return "there are no f-strings: fmt.Sprintf(\"%d apples\", n)";
        if (text_before(p, "\""))
            return "text of several lines stands between backquotes";
        return hint_for_word_before(p);
    default: return hint_for_word_before(p);
    }
}

Diag *parser_unexpected(Parser *p, const char *fmt, ...)
{
    char after[256];
    va_list args;
    va_start(args, fmt);
    vsnprintf(after, sizeof after, fmt, args);
    va_end(args);
    Diag *diag =
        parser_syntax_error(p, p->tok.pos, p->tok.end, "unexpected %s%s", describe_token(p), after);
    if (diag && at_end_of_text(p))
        parser_kind(diag, DIAG_SYNTAX_UNCLOSED);
    const char *hint = diag ? hint_for_token(p) : NULL;
    if (hint && p->tok.kind == TOKEN_IDENT)
        parser_kind(diag, DIAG_FOREIGN_WORD);
    parser_hint(p, diag, hint);
    return diag;
}

const char *parser_text(Parser *p, const Node *n)
{
    Buf out = {0};
    node_print(n, &out);
    const char *text = arena_strndup(p->arena, out.data ? out.data : "", out.len);
    buf_free(&out);
    return text;
}

// ---- Depth ------------------------------------------------------------------------------

int parser_enter(Parser *p, const char *what)
{
    int outer_height = p->height;
    p->height = 0;
    if (++p->depth > MAX_DEPTH && !p->gave_up) {
        p->error_line = 0; // whatever else is wrong with this line
        parser_error(p, DIAG_NESTED_TOO_DEEPLY, p->tok.pos, p->tok.end,
                     "%s nests too deeply (more than %d levels)", what, MAX_DEPTH);
        give_up(p);
    }
    return outer_height;
}

void parser_leave(Parser *p, int outer_height)
{
    p->depth--;
    p->height++;
    if (outer_height > p->height)
        p->height = outer_height;
}

void parser_grow(Parser *p)
{
    if (++p->height > MAX_HEIGHT && !p->gave_up) {
        p->error_line = 0;
        parser_error(p, DIAG_NESTED_TOO_DEEPLY, p->tok.pos, p->tok.end,
                     "expression is too long (more than %d operators in a row)", MAX_HEIGHT);
        give_up(p);
    }
}

// ---- Files ------------------------------------------------------------------------------

static void keep_comment(void *arg, Pos pos, Pos end)
{
    Parser *p = arg;
    vec_push_in(p->arena, &p->file->comments, ((Comment){pos, end}));
    directive_comment(p, pos, end);
}

static void note_imports(Parser *p, Node *decl)
{
    if (decl->kind == NODE_GEN_DECL && decl->op == TOKEN_IMPORT)
        for (int i = 0; i < decl->gen.specs.len; i++)
            vec_push_in(p->arena, &p->file->imports, decl->gen.specs.data[i]);
}

static const char *foreign_word(Diag *diag, const char *hint)
{
    parser_kind(diag, DIAG_FOREIGN_WORD);
    return hint;
}

// What people write at top level that is none of the four declarations.
static const char *hint_for_top_level(Parser *p, Diag *diag)
{
    Str text = p->tok.text;
    if (p->tok.kind == TOKEN_IDENT) {
        if (str_eq(text, STR("fn")) || str_eq(text, STR("def")) || str_eq(text, STR("function")) ||
            str_eq(text, STR("fun")) || str_eq(text, STR("void")))
            return foreign_word(diag, "functions are declared with func");
        if (str_eq(text, STR("class")) || str_eq(text, STR("struct")))
            return foreign_word(diag, "types are declared with type NAME struct { … }");
        if (str_eq(text, STR("async")))
            return foreign_word(diag, "every function can be started concurrently: go f()");
        if (str_eq(text, STR("let")) || str_eq(text, STR("local")))
            return foreign_word(diag, "variables are declared with var");
        if (str_eq(text, STR("enum")))
            return foreign_word(diag, "an enumeration is a list of constants: const ( Red Color = "
                                      "iota; Green; Blue )");
        if (str_eq(text, STR("public")) || str_eq(text, STR("private")) ||
            str_eq(text, STR("static")) || str_eq(text, STR("export")))
            return foreign_word(diag, "there are no classes and no such words: a name with a "
                                      "capital letter is seen by other packages; functions begin "
                                      "with func");
        if (str_eq(text, STR("include")) || str_eq(text, STR("using")) ||
            str_eq(text, STR("from")) || str_eq(text, STR("use")))
            return foreign_word(diag, "packages are imported with import \"fmt\"");
        if (str_eq(text, STR("int")) || str_eq(text, STR("string")) ||
            str_eq(text, STR("double")) || str_eq(text, STR("float")) ||
            str_eq(text, STR("bool")) || str_eq(text, STR("char")))
            return foreign_word(diag, "the type follows the name: var x int, func f(n int) int");
        if (str_eq(text, STR("typedef")) || str_eq(text, STR("trait")) || str_eq(text, STR("impl")))
            return foreign_word(diag, "types are declared with type NAME struct { … } or type NAME "
                                      "interface { … }, methods with func (x T) name()");
        TokenKind next = parser_peek(p);
        if (next == TOKEN_DEFINE)
            return "outside functions, variables are declared with var: var x = 1";
        static const char *const keywords[] = {"func", "var", "const", "type", "import"};
        for (int i = 0; i < countof(keywords); i++)
            if (next == TOKEN_IDENT &&
                edit_distance(text.data, text.len, keywords[i], strlen(keywords[i]), 2) <= 2)
                return arena_printf(p->arena, "did you mean %s?", keywords[i]);
    }
    if (p->tok.kind == TOKEN_STRUCT || p->tok.kind == TOKEN_INTERFACE)
        return "types are declared with type NAME struct { … }";
    if (p->tok.kind == TOKEN_RBRACE)
        return "this } closes nothing: perhaps there is one too many above";
    return "statements stand inside functions; only a script, a file without package clause, has "
           "them at top level";
}

static void brace_on_next_line(Parser *p)
{
    Diag *diag =
        parser_syntax_error(p, p->tok.pos, p->tok.end, "unexpected semicolon or newline before {");
    parser_kind(diag, DIAG_SYNTAX_BRACE);
    parser_hint(p, diag, "the opening brace stands on the line of the function's head");
}

static void statement_outside(Parser *p)
{
    Diag *diag = parser_syntax_error(p, p->tok.pos, p->tok.end,
                                     "non-declaration statement outside function body");
    parser_kind(diag, DIAG_SYNTAX_OUTSIDE);
    const NodeList *decls = &p->file->decls;
    const Node *last = decls->len > 0 ? vec_last(decls) : NULL;
    if (diag && last && last->kind == NODE_FUNC_DECL && p->tok.kind != TOKEN_RBRACE &&
        source_place(p->tok.pos).col > 1) {
        diag_other(diag, last->end - 1, "the function above ends here");
        parser_hint(p, diag, "there is a } too many above, or these lines belong into a function");
    }
    parser_hint(p, diag, hint_for_top_level(p, diag));
}

// TopLevelDecl = Declaration | FunctionDecl | MethodDecl .
static void parse_top_level_decl(Parser *p)
{
    NodeList *decls = &p->file->decls;
    Node *decl = NULL;
    p->resync = false;
    switch (p->tok.kind) {
    case TOKEN_IMPORT:
        parser_syntax_error(p, p->tok.pos, p->tok.end,
                            "imports must appear before other declarations");
        decl = parse_gen_decl(p);
        break;
    case TOKEN_CONST:
    case TOKEN_TYPE:
    case TOKEN_VAR: decl = parse_gen_decl(p); break;
    case TOKEN_FUNC: decl = parse_func_decl(p); break;
    default:
        if (p->tok.kind == TOKEN_LBRACE && decls->len > 0 &&
            vec_last(decls)->kind == NODE_FUNC_DECL && !vec_last(decls)->func.body)
            brace_on_next_line(p);
        else
            statement_outside(p);
        parser_advance_to(p, TOKEN_IMPORT, TOKEN_CONST, TOKEN_TYPE, TOKEN_VAR, TOKEN_FUNC);
        return;
    }
    if (decl)
        vec_push_in(p->arena, decls, decl);
    directives_end(
        p, DIRECTIVE_NOWHERE); // before the semicolon: what comes behind it belongs to what follows
    if (p->tok.kind != TOKEN_EOF && !p->resync && !parser_got(p, TOKEN_SEMICOLON)) {
        parser_unexpected(p, " after top level declaration");
        parser_advance_to(p, TOKEN_IMPORT, TOKEN_CONST, TOKEN_TYPE, TOKEN_VAR, TOKEN_FUNC);
    }
}

// Program = "package" identifier ";" { TopLevelDecl ";" } . Imports come before the rest.
static void parse_program(Parser *p)
{
    directives_end(p, DIRECTIVE_FILE);
    parser_next(p);
    p->file->package_name = parse_name(p);
    parser_want(p, TOKEN_SEMICOLON);
    if (p->error_count > 0)
        return; // whatever this is, it is no source file
    while (p->tok.kind == TOKEN_IMPORT) {
        Node *decl = parse_gen_decl(p);
        note_imports(p, decl);
        vec_push_in(p->arena, &p->file->decls, decl);
        parser_want(p, TOKEN_SEMICOLON);
    }
    while (p->tok.kind != TOKEN_EOF)
        parse_top_level_decl(p);
    directives_end(p, DIRECTIVE_NOWHERE);
}

// Script = { ( TopLevelDecl | Statement ) ";" } .
static void parse_script(Parser *p)
{
    p->func_nest = 1;
    while (p->tok.kind != TOKEN_EOF) {
        p->resync = false;
        Node *stmt;
        if (p->tok.kind == TOKEN_IMPORT) {
            stmt = parser_node(p, NODE_DECL_STMT, p->tok.pos);
            stmt->unary.x = parse_gen_decl(p);
            note_imports(p, stmt->unary.x);
            parser_finish(p, stmt);
        } else if (p->tok.kind == TOKEN_FUNC) {
            stmt = parse_func_decl_or_stmt(p);
        } else if (p->tok.kind == TOKEN_PACKAGE) {
            parser_syntax_error(p, p->tok.pos, p->tok.end, "package clause must come first");
            parser_advance_to(p, TOKEN_SEMICOLON);
            parser_got(p, TOKEN_SEMICOLON);
            continue;
        } else {
            NodeList *stmts = &p->file->stmts;
            if (p->tok.kind == TOKEN_LBRACE && stmts->len > 0 &&
                vec_last(stmts)->kind == NODE_FUNC_DECL && !vec_last(stmts)->func.body)
                brace_on_next_line(p);
            stmt = parse_stmt_or_null(p);
            if (!stmt) {
                Diag *diag = parser_unexpected(p, ", expecting statement");
                if (p->tok.kind == TOKEN_RBRACE)
                    parser_hint(p, diag,
                                "this } closes nothing: perhaps there is one too many above");
                parser_next(p);
                continue;
            }
        }
        if (stmt) {
            vec_push_in(p->arena, &p->file->stmts, stmt);
            p->last_stmt = stmt;
        }
        directives_end(p, DIRECTIVE_NOWHERE);
        parse_stmt_end(p);
    }
    directives_end(p, DIRECTIVE_NOWHERE);
}

File *parse_file(Arena *arena, DiagList *diags, SourceFile *source, const ParseOptions *options,
                 bool *incomplete)
{
    File *file = arena_new(arena, File);
    file->source = source;
    Parser p = {.arena = arena, .diags = diags, .file = file, .options = *options};
    lexer_init(&p.lexer, diags, source);
    p.lexer.on_comment = keep_comment;
    p.lexer.comment_arg = &p;
    parser_next(&p);

    if (p.tok.kind == TOKEN_PACKAGE) {
        parse_program(&p);
    } else if (options->allow_script || options->repl) {
        file->is_script = true;
        parse_script(&p);
    } else {
        parser_syntax_error(&p, p.tok.pos, p.tok.end, "package statement must be first");
    }
    if (incomplete)
        *incomplete = p.incomplete;
    return file;
}
