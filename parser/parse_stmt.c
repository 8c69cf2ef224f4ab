// parse_stmt.c: statements.
//
// Not here: whether labels exist, whether break and continue stand inside a loop, whether a
// statement makes sense as one (types/check_stmt.c).
#include "parser/parser_impl.h"

typedef enum Keyword { NO_KEYWORD, IN_IF, IN_FOR, IN_SWITCH } Keyword;

static Node *parse_if(Parser *p);
static Node *parse_block(Parser *p);
static void parse_stmt_list(Parser *p, NodeList *list, const char *expected);

// x.(type), which makes a switch over x a type switch.
static bool is_guard(const Node *x)
{
    return x->kind == NODE_ASSERT && !x->assert.type;
}

// ---- Simple statements ------------------------------------------------------------------

static bool is_op_assign(TokenKind kind)
{
    return kind >= TOKEN_ADD_ASSIGN && kind <= TOKEN_AND_NOT_ASSIGN;
}

// RangeClause = [ ExpressionList "=" | IdentifierList ":=" ] "range" Expression .
// At "range". The body is the caller's.
static Node *parse_range_clause(Parser *p, Pos pos, NodeList *lhs, bool define, Pos tok_pos)
{
    Node *n = parser_node(p, NODE_RANGE, pos);
    n->range.define = define;
    n->range.tok_pos = tok_pos != POS_NONE ? tok_pos : p->tok.pos;
    parser_next(p);
    if (lhs->len > 0)
        n->range.key = lhs->data[0];
    if (lhs->len > 1)
        n->range.value = lhs->data[1];
    if (lhs->len > 2)
        n->range.third = lhs->data[2];
    n->range.x = parse_expr(p);
    return parser_finish(p, n);
}

static Node *make_expr_stmt(Parser *p, Node *x)
{
    Node *n = parser_node(p, NODE_EXPR_STMT, x->pos);
    n->unary.x = x;
    return parser_finish(p, n);
}

// Assignment   = ExpressionList [ add_op | mul_op ] "=" ExpressionList .
// ShortVarDecl = IdentifierList ":=" ExpressionList .
// At "=" or ":=".
static Node *parse_assignment(Parser *p, NodeList *lhs, Keyword keyword)
{
    Pos pos = lhs->data[0]->pos, op_pos = p->tok.pos;
    TokenKind op = p->tok.kind;
    parser_next(p);
    if (keyword == IN_FOR && p->tok.kind == TOKEN_RANGE)
        return parse_range_clause(p, pos, lhs, op == TOKEN_DEFINE, op_pos);

    Node *n = parser_node(p, NODE_ASSIGN, pos);
    n->op = op;
    n->mark = op_pos;
    n->assign.lhs = *lhs;
    parse_expr_list(p, &n->assign.rhs);
    for (int i = 0; i < lhs->len && lhs->len == n->assign.rhs.len; i++)
        call_given_to(n->assign.rhs.data[i], lhs->data[i]->pos, lhs->data[i]->end);
    if (keyword == IN_SWITCH && op == TOKEN_DEFINE && lhs->len == 1 && n->assign.rhs.len == 1 &&
        is_guard(n->assign.rhs.data[0]) && lhs->data[0]->kind == NODE_IDENT) {
        p->guard_name = lhs->data[0];
        return make_expr_stmt(p, n->assign.rhs.data[0]);
    }
    return parser_finish(p, n);
}

// SimpleStmt = [ Expression | SendStmt | IncDecStmt | Assignment | ShortVarDecl ] .
// SendStmt   = Expression "<-" Expression .
// IncDecStmt = Expression ( "++" | "--" ) .
// After the expressions on the left.
static Node *parse_simple_stmt_rest(Parser *p, NodeList *lhs, Keyword keyword)
{
    Node *x = lhs->data[0], *n;
    TokenKind kind = p->tok.kind;
    if (kind == TOKEN_ASSIGN || kind == TOKEN_DEFINE)
        return parse_assignment(p, lhs, keyword);
    if (lhs->len > 1) {
        parser_unexpected(p, ", expecting := or = or comma");
        if (keyword == NO_KEYWORD)
            parser_advance_to(p, TOKEN_SEMICOLON, TOKEN_RBRACE);
        else
            parser_advance_to(p, TOKEN_SEMICOLON, TOKEN_LBRACE, TOKEN_RBRACE);
        return make_expr_stmt(p, x);
    }
    if (is_op_assign(kind)) {
        n = parser_node(p, NODE_ASSIGN, x->pos);
        n->op = kind;
        n->assign.lhs = *lhs;
        n->mark = p->tok.pos;
        parser_next(p);
        vec_push_in(p->arena, &n->assign.rhs, parse_expr(p));
        return parser_finish(p, n);
    }
    if (kind == TOKEN_INC || kind == TOKEN_DEC) {
        n = parser_node(p, NODE_INC_DEC, x->pos);
        n->mark = p->tok.pos;
        n->op = kind;
        n->unary.x = x;
        parser_next(p);
        return parser_finish(p, n);
    }
    if (kind == TOKEN_ARROW) {
        n = parser_node(p, NODE_SEND, x->pos);
        n->binary.x = x;
        n->mark = p->tok.pos;
        parser_next(p);
        n->binary.y = parse_expr(p);
        return parser_finish(p, n);
    }
    return make_expr_stmt(p, x);
}

static Node *parse_simple_stmt(Parser *p, Keyword keyword)
{
    NodeList lhs = {0};
    if (keyword == IN_FOR && p->tok.kind == TOKEN_RANGE)
        return parse_range_clause(p, p->tok.pos, &lhs, false, POS_NONE);
    parse_expr_list(p, &lhs);
    return parse_simple_stmt_rest(p, &lhs, keyword);
}

Node *parse_simple_stmt_from(Parser *p, Node *operand)
{
    NodeList lhs = {0};
    vec_push_in(p->arena, &lhs, parse_expr_from(p, operand));
    while (parser_got(p, TOKEN_COMMA))
        vec_push_in(p->arena, &lhs, parse_expr(p));
    return parse_simple_stmt_rest(p, &lhs, NO_KEYWORD);
}

// ---- Blocks -----------------------------------------------------------------------------

// Where the text of the line of pos begins, as a column from 0.
static int line_indent(const Parser *p, Pos pos)
{
    const SourceFile *source = p->file->source;
    Place place = source_place(pos);
    if (!place.file)
        return 0;
    int indent = 0;
    for (u32 i = place.file->lines.data[place.line - 1]; i < source->len; i++, indent++)
        if (source->text[i] != ' ' && source->text[i] != '\t')
            break;
    return indent;
}

// At }: whether it begins a line that is indented otherwise than the line of its {.
static bool is_odd(const Parser *p, Pos open)
{
    Place first = source_place(open), last = source_place(p->tok.pos);
    int indent = line_indent(p, p->tok.pos);
    return first.line != last.line && last.col == indent + 1 && line_indent(p, open) != indent;
}

// A body without its { begins behind the current newline. Says whether it is closed all the
// same: whether the first line that is not indented more than the statement begins with }.
static bool body_is_closed(const Parser *p, Pos stmt)
{
    const SourceFile *source = p->file->source;
    int own = line_indent(p, stmt);
    Place place = source_place(p->tok.pos);
    if (!place.file)
        return false;
    for (int line = place.line; line < place.file->lines.len; line++) {
        u32 start = place.file->lines.data[line];
        int indent = line_indent(p, source_pos(source, start));
        u32 at = start + (u32)indent;
        char c = at < source->len ? source->text[at] : 0;
        if (c == '\n' || c == '\r')
            continue; // a blank line
        if (indent <= own)
            return c == '}' && indent == own;
    }
    return false;
}

// The body of a statement at pos whose { is missing. Does not report it. skipped: the rest of
// the line, which may be the body, is skipped.
static void parse_body_without_brace(Parser *p, Node *block, Pos pos, bool skipped)
{
    if (p->tok.kind == TOKEN_COLON)
        parser_next(p);
    bool to_brace = false;
    if (p->tok.kind == TOKEN_SEMICOLON) {
        TokenKind next = parser_peek(p);
        to_brace = next == TOKEN_LBRACE || body_is_closed(p, pos);
        if (to_brace || (next != TOKEN_RBRACE && !skipped)) {
            parser_next(p);
            parser_got(p, TOKEN_LBRACE);
        }
    } else if (p->tok.kind == TOKEN_RBRACE) {
        to_brace = true;
    }
    if (to_brace) {
        parse_stmt_list(p, &block->block.stmts, "}");
        block->block.rbrace = p->tok.pos;
        parser_want(p, TOKEN_RBRACE);
        return;
    }
    Node *stmt = p->tok.kind == TOKEN_SEMICOLON ? NULL : parse_stmt_or_null(p);
    if (stmt)
        vec_push_in(p->arena, &block->block.stmts, stmt);
    block->block.rbrace = p->tok.pos;
}

// Where a } is probably missing. False: nothing is known.
static bool show_odd(Parser *p, Diag *diag)
{
    if (!diag || p->odd_open == POS_NONE)
        return false;
    diag_other(diag, p->odd_open,
               arena_printf(p->arena,
                            "this { is closed by the } in line %d, which is indented differently: "
                            "perhaps a } is missing before it",
                            source_name_of(p->odd_close).line));
    return true;
}

// Block = "{" StatementList "}" .
static Node *parse_block(Parser *p)
{
    Node *n = parser_node(p, NODE_BLOCK, p->tok.pos);
    Pos open = p->tok.pos;
    parser_want(p, TOKEN_LBRACE);
    parse_stmt_list(p, &n->block.stmts, "}");
    n->block.rbrace = p->tok.pos;
    directives_end(p, DIRECTIVE_NOWHERE);
    if (p->tok.kind == TOKEN_EOF) {
        Diag *diag = parser_unexpected(p, ", expecting }");
        if (!show_odd(p, diag) && diag)
            diag_other(diag, open, "the { that is not closed");
    } else {
        if (p->tok.kind == TOKEN_RBRACE && p->odd_open == POS_NONE && is_odd(p, open)) {
            p->odd_open = open;
            p->odd_close = p->tok.pos;
        }
        parser_want(p, TOKEN_RBRACE);
    }
    return parser_finish(p, n);
}

typedef enum HeaderState {
    HEADER_GOOD,
    HEADER_BROKEN,  // what stands in the way of the body is already reported
    HEADER_SKIPPED, // and skipped
} HeaderState;

static void brace_missing(Parser *p, Diag *diag, const char *hint)
{
    if (diag && diag->kind == DIAG_SYNTAX)
        diag->kind = DIAG_SYNTAX_BRACE;
    parser_hint(p, diag, hint);
}

// The block that belongs to the statement at pos.
static Node *parse_body(Parser *p, Pos pos, const char *context, HeaderState header)
{
    if (p->tok.kind == TOKEN_LBRACE)
        return parse_block(p);
    Node *n = parser_node(p, NODE_BLOCK, p->tok.pos);
    if (header == HEADER_GOOD)
        brace_missing(p, parser_unexpected(p, ", expecting { after %s", context),
                      p->tok.kind == TOKEN_SEMICOLON
                          ? "the opening brace stands on the same line"
                          : "the braces are needed, also around a single statement");
    parse_body_without_brace(p, n, pos, header == HEADER_SKIPPED);
    return parser_finish(p, n);
}

Node *parse_func_body(Parser *p)
{
    p->func_nest++;
    Node *body = parse_block(p);
    p->func_nest--;
    return body;
}

#define NO_CLASSES                                                                                 \
    "there are no classes and no such words: types are declared with type, functions with func"

// What a mere name at the beginning of a statement meant, when it cannot end there.
static const char *hint_for_last_stmt(Parser *p, bool *foreign)
{
    static const struct {
        const char *word, *hint;
    } words[] = {
        {"while", "the only loop is for: for condition { … }"},
        {"until", "the only loop is for: for !condition { … }"},
        {"loop", "the only loop is for: for { … } runs until break"},
        {"do", "the only loop is for: for { … } runs until break"},
        {"with", "there is no with: what must happen at the end stands after defer"},
        {"nonlocal", "a function in a function sees and changes the variables around it"},
        {"pass", "a block without statements is { }"},
        {"foreach", "loops over a collection are written: for i, x := range xs"},
        {"let", "variables are declared with x := value or var x = value"},
        {"local", "variables are declared with x := value or var x = value"},
        {"final", "constants are declared with const, variables with x := value"},
        {"unsigned", "the type follows the name: var x uint"},
        {"public", NO_CLASSES},
        {"private", NO_CLASSES},
        {"protected", NO_CLASSES},
        {"static", NO_CLASSES},
        {"abstract", NO_CLASSES},
        {"until", "the only loop is for: for { … if condition { break } }"},
        {"auto", "variables are declared with x := value or var x = value"},
        {"fn", "functions are declared with func"},
        {"def", "functions are declared with func"},
        {"fun", "functions are declared with func"},
        {"function", "functions are declared with func"},
        {"elif", "write else if"},
        {"except", "there are no exceptions: functions return errors"},
        {"catch", "there are no exceptions: functions return errors"},
        {"finally", "what must happen at the end of a function stands after defer"},
        {"elseif", "write else if"},
        {"elsif", "write else if"},
        {"try", "there are no exceptions: functions return errors"},
        {"throw", "there are no exceptions: return an error, or panic"},
        {"raise", "there are no exceptions: return an error, or panic"},
        {"match", "the statement is called switch"},
        {"unless", "write if !condition"},
        {"await", "nothing is awaited: receive from a channel with <-"},
        {"async", "a call is started concurrently with go"},
        {"class", "types are declared with type NAME struct { … }"},
        {"enum", "an enumeration is a list of constants: const ( Red Color = iota; Green; Blue )"},
        {"String", "the type follows the name: var x string"},
        {"boolean", "the type follows the name: var x bool"},
        {"double", "the type follows the name: var x float64"},
        {"float", "the type follows the name: var x float64"},
        {"char", "the type follows the name: var x rune"},
        {"long", "the type follows the name: var x int64"},
        {"void", "functions are declared with func"},
        {"del", "delete(m, key) takes a key out of a map"},
        {"not", "not is written !"},
        {"yield", "values are sent on a channel: ch <- x"},
        {"global", "a variable declared outside of all functions is seen by all"},
        {"from", "packages are imported with import \"fmt\""},
        {"using", "packages are imported with import"},
        {"assert", "write if !condition { panic(\"…\") }"},
        {"print", "arguments stand in parentheses"},
        {"int", "the type follows the name: var x int"},
        {"string", "the type follows the name: var x string"},
        {"bool", "the type follows the name: var x bool"},
        {"float64", "the type follows the name: var x float64"},
    };
    const Node *stmt = p->last_stmt;
    if (!stmt)
        return NULL;
    if (stmt->kind == NODE_ASSIGN && p->tok.kind == TOKEN_ASSIGN)
        return "an assignment has no value; to set two variables: x, y = 1, 1";
    if (stmt->kind == NODE_ASSIGN && p->tok.kind == TOKEN_DEFINE)
        return "a declaration has no value; to declare two variables: x, y := 1, 1";
    if (stmt->kind == NODE_ASSIGN && stmt->assign.rhs.len > 0 && p->tok.kind != TOKEN_LBRACE) {
        const Node *cast = vec_last(&stmt->assign.rhs);
        if (cast->kind == NODE_PAREN && cast->unary.x->kind == NODE_IDENT)
            return arena_printf(p->arena, "a conversion is written %s(x)",
                                cast->unary.x->ident.name->text);
        return NULL;
    }
    if (stmt->kind == NODE_INC_DEC)
        return "++ and -- are statements and have no value: x++ stands alone";
    if (stmt->kind != NODE_EXPR_STMT)
        return NULL;
    const Node *x = stmt->unary.x; // while x {, or while (x) {
    if (x->kind == NODE_CALL && p->tok.kind == TOKEN_LBRACE)
        x = x->call.fun;
    if (x->kind == NODE_IDENT)
        for (int i = 0; i < countof(words); i++)
            if (strcmp(x->ident.name->text, words[i].word) == 0) {
                *foreign = true;
                bool is_function = p->tok.kind == TOKEN_IDENT && parser_peek(p) == TOKEN_LPAREN &&
                                   strncmp(words[i].hint, "the type follows", 16) == 0;
                return is_function ? "functions are declared with func: func main() { … }"
                                   : words[i].hint;
            }
    if (p->tok.kind == TOKEN_STRING || p->tok.kind == TOKEN_INT)
        return "arguments stand in parentheses, with commas between them";
    if (x->kind == NODE_IDENT && p->tok.kind == TOKEN_IDENT) {
        TokenKind next = parser_peek(p);
        if (next == TOKEN_ASSIGN || next == TOKEN_SEMICOLON)
            return arena_printf(p->arena, "the type follows the name: var %s %s", p->tok.name->text,
                                x->ident.name->text);
    }
    return NULL;
}

// Skips what is left of a statement that makes no sense. A block in it is parsed, so that its
// errors are found and its } closes nothing else; a { without a space before it is the value of
// a composite literal.
static void skip_statement(Parser *p)
{
    for (;;) {
        parser_advance_to(p, TOKEN_SEMICOLON, TOKEN_LBRACE, TOKEN_RBRACE, TOKEN_CASE,
                          TOKEN_DEFAULT);
        if (p->tok.kind != TOKEN_LBRACE)
            return;
        if (p->tok.pos > p->prev_end) {
            int outer = parser_enter(p, "statement");
            parse_block(p);
            parser_leave(p, outer);
            continue;
        }
        int open = 0;
        do {
            open += (p->tok.kind == TOKEN_LBRACE) - (p->tok.kind == TOKEN_RBRACE);
            parser_next(p);
        } while (open > 0 && p->tok.kind != TOKEN_EOF);
    }
}

static bool is_class(const Node *x)
{
    return x->kind == NODE_IDENT &&
           (strcmp(x->ident.name->text, "class") == 0 || strcmp(x->ident.name->text, "enum") == 0);
}

// What its braces hold are no statements.
static void skip_class(Parser *p)
{
    while (p->tok.kind != TOKEN_LBRACE && p->tok.kind != TOKEN_SEMICOLON &&
           p->tok.kind != TOKEN_EOF)
        parser_next(p);
    int open = 0;
    do {
        open += (p->tok.kind == TOKEN_LBRACE) - (p->tok.kind == TOKEN_RBRACE);
        if (open > 0 || p->tok.kind == TOKEN_RBRACE)
            parser_next(p);
    } while (open > 0 && p->tok.kind != TOKEN_EOF);
}

void parse_stmt_end(Parser *p)
{
    if (parser_got(p, TOKEN_SEMICOLON) || p->tok.kind == TOKEN_RBRACE ||
        (p->tok.kind == TOKEN_EOF && p->file->is_script && p->depth == 0))
        return;
    bool foreign = false;
    const char *hint = hint_for_last_stmt(p, &foreign);
    Diag *diag = parser_unexpected(p, " at end of statement");
    if (diag && diag->kind == DIAG_SYNTAX)
        parser_kind(diag, foreign ? DIAG_FOREIGN_WORD : DIAG_SYNTAX_STATEMENT);
    if (hint && diag && (foreign || !diag->hint))
        diag_hint(p->diags, diag, "%s", hint);
    if (foreign && p->last_stmt->kind == NODE_EXPR_STMT &&
        (is_class(p->last_stmt->unary.x) || str_eq(p->tok.text, STR("class"))))
        skip_class(p);
    skip_statement(p);
    parser_got(p, TOKEN_SEMICOLON);
}

// No statement begins here. expected: what else may stand here.
static void parse_no_stmt(Parser *p, const char *expected)
{
    if (p->tok.kind == TOKEN_RBRACE || p->tok.kind == TOKEN_CASE || p->tok.kind == TOKEN_DEFAULT)
        return; // behind a label
    if (p->tok.kind == TOKEN_ELSE && p->last_stmt && p->last_stmt == p->broken_if) {
        parser_next(p);
        if (p->tok.kind == TOKEN_COLON)
            parser_next(p);
        if (p->tok.kind == TOKEN_IF)
            p->last_stmt = parse_if(p);
        else if (p->tok.kind == TOKEN_LBRACE)
            parse_block(p);
        parser_got(p, TOKEN_SEMICOLON);
        return;
    }
    Diag *diag = parser_unexpected(p, ", expecting %s", expected);
    if (p->tok.kind == TOKEN_ELSE) {
        brace_missing(p, diag,
                      parser_peek(p) == TOKEN_COLON
                          ? "the case for everything else is called default"
                      : parser_peek(p) == TOKEN_IF
                          ? "else stands on the line of the } before it: } else if condition {"
                          : "else stands on the line of the } before it: } else {");
        parser_next(p);
        if (p->tok.kind == TOKEN_IF)
            parse_if(p);
    } else if (p->tok.kind != TOKEN_EOF) {
        parser_next(p);
    }
    skip_statement(p);
    parser_got(p, TOKEN_SEMICOLON);
}

// A named function, where its line begins: there is a } missing before it.
static bool begins_next_function(Parser *p)
{
    return source_place(p->tok.pos).col == 1 && parser_peek(p) == TOKEN_IDENT;
}

// StatementList = { Statement ";" } . The last semicolon may be missing before "}".
// expected: what may stand behind the list, for messages.
static void parse_stmt_list(Parser *p, NodeList *list, const char *expected)
{
    while (p->tok.kind != TOKEN_EOF && p->tok.kind != TOKEN_RBRACE && p->tok.kind != TOKEN_CASE &&
           p->tok.kind != TOKEN_DEFAULT && !p->resync) {
        if (p->tok.kind == TOKEN_FUNC && begins_next_function(p)) {
            Diag *diag = parser_unexpected(p, ", expecting %s", expected);
            parser_kind(diag, DIAG_SYNTAX_UNCLOSED);
            parser_hint(p, diag, "the function above this one is not closed");
            show_odd(p, diag);
            p->resync = true;
            return;
        }
        int errors = p->error_count;
        Node *stmt = parse_stmt_or_null(p);
        if (stmt) {
            vec_push_in(p->arena, list, stmt);
            p->last_stmt = stmt;
            directives_end(p, DIRECTIVE_NOWHERE);
            parse_stmt_end(p);
        } else if (p->error_count == errors) {
            parse_no_stmt(p, expected);
        }
    }
}

// ---- Headers ----------------------------------------------------------------------------

typedef struct Header {
    Node *init;    // a statement or NULL; a NODE_RANGE is all there is
    Node *cond;    // an expression or NULL
    Node *post;    // a statement or NULL
    bool is_guard; // cond is x.(type)
    Node *guard_name;
    HeaderState state;
} Header;

// The expression that the middle statement of a header must be.
static Node *header_condition(Parser *p, Node *stmt, Keyword keyword)
{
    if (stmt->kind == NODE_EXPR_STMT)
        return stmt->unary.x;
    if (stmt->kind == NODE_ASSIGN && stmt->op == TOKEN_ASSIGN) {
        Buf text = {0};
        for (int i = 0; i < stmt->assign.lhs.len; i++) {
            buf_puts(&text, i ? ", " : "assignment (");
            node_print(stmt->assign.lhs.data[i], &text);
        }
        for (int i = 0; i < stmt->assign.rhs.len; i++) {
            buf_puts(&text, i ? ", " : ") = (");
            node_print(stmt->assign.rhs.data[i], &text);
        }
        Diag *diag =
            parser_syntax_error(p, stmt->pos, stmt->end, "cannot use %s) as value", text.data);
        parser_kind(diag, DIAG_SYNTAX_VALUE);
        parser_hint(p, diag, "to compare, write ==");
        buf_free(&text);
    } else {
        Diag *diag = parser_syntax_error(p, stmt->pos, stmt->end, "cannot use %s as value",
                                         parser_text(p, stmt));
        parser_kind(diag, DIAG_SYNTAX_VALUE);
        if (keyword == IN_FOR && stmt->kind == NODE_ASSIGN && stmt->op == TOKEN_DEFINE) {
            const Node *x = vec_last(&stmt->assign.rhs);
            bool receives = x->kind == NODE_UNARY && x->op == TOKEN_ARROW;
            parser_hint(p, diag,
                        arena_printf(p->arena,
                                     "a loop over all values is written: for %s := range %s",
                                     parser_text(p, stmt->assign.lhs.data[0]),
                                     parser_text(p, receives ? x->unary.x : x)));
        }
    }
    return node_new(p->arena, NODE_BAD, stmt->pos, stmt->end);
}

// At the semicolon behind init: whether it is the end of the line behind a condition without
// its {. (A newline may also stand for the semicolon between init and condition.)
static bool lacks_brace(Parser *p, Keyword keyword, const Node *init)
{
    if (keyword == IN_SWITCH || !init || init->kind != NODE_EXPR_STMT || p->tok.text.len == 0 ||
        p->tok.text.data[0] != '\n')
        return false;
    TokenKind next = parser_peek(p);
    if (next == TOKEN_LBRACE)
        return false; // reported where { stands
    if (init->unary.x->kind != NODE_CALL)
        return true;
    return next == TOKEN_RETURN || next == TOKEN_BREAK || next == TOKEN_CONTINUE ||
           next == TOKEN_GOTO;
}

// The semicolon behind init.
typedef struct Semicolon {
    Token token;
    Pos line_end; // without its comment
} Semicolon;

// Behind that semicolon: condition and post statement. Returns the condition as a statement.
static Node *header_rest(Parser *p, Header *h, Keyword keyword)
{
    Node *cond = NULL;
    if (keyword == IN_FOR) {
        if (p->tok.kind != TOKEN_SEMICOLON) {
            if (p->tok.kind == TOKEN_LBRACE) {
                parser_unexpected(p, ", expecting for loop condition");
                return NULL;
            }
            cond = parse_simple_stmt(p, NO_KEYWORD);
        }
        parser_want(p, TOKEN_SEMICOLON);
        if (p->tok.kind != TOKEN_LBRACE) {
            h->post = parse_simple_stmt(p, NO_KEYWORD);
            if (h->post->kind == NODE_ASSIGN && h->post->op == TOKEN_DEFINE)
                parser_syntax_error(p, h->post->pos, h->post->end,
                                    "cannot declare in post statement of for loop");
        }
    } else if (p->tok.kind != TOKEN_LBRACE) {
        p->guard_name = NULL;
        cond = parse_simple_stmt(p, keyword);
    }
    return cond;
}

// Makes the condition of the statement that stands for it, or says that it is missing.
static void header_finish(Parser *p, Header *h, Keyword keyword, Node *cond, Semicolon semi)
{
    if (cond) {
        if (keyword == IN_SWITCH && cond->kind == NODE_EXPR_STMT && is_guard(cond->unary.x)) {
            h->is_guard = true;
            h->guard_name = p->guard_name;
        }
        if (h->state != HEADER_GOOD && cond->kind != NODE_EXPR_STMT)
            h->init = cond; // the condition is what is missing
        else
            h->cond = header_condition(p, cond, keyword);
    } else if (keyword == IN_IF && semi.token.pos != POS_NONE) {
        if (semi.token.text.len > 0 && semi.token.text.data[0] == ';')
            parser_syntax_error(p, semi.token.pos, semi.token.end,
                                "missing condition in if statement");
        else
            brace_missing(p,
                          parser_syntax_error(p, semi.line_end, semi.line_end + 1,
                                              "unexpected %s, expecting { after if clause",
                                              semi.token.text.len > 0 ? "newline" : "EOF"),
                          "the opening brace stands on the same line");
        h->state = HEADER_BROKEN;
    }
    if (keyword == IN_IF && !h->cond)
        h->cond = parser_bad(p);
}

// What follows if, for and switch up to the body:
//     [ [ SimpleStmt ] ";" ] [ Expression ]
//     [ SimpleStmt ] ";" [ Expression ] ";" [ SimpleStmt ] , RangeClause (for only)
static Header parse_header(Parser *p, Keyword keyword)
{
    Header h = {0};
    if (p->tok.kind == TOKEN_LBRACE) {
        if (keyword == IN_IF) {
            parser_syntax_error(p, p->tok.pos, p->tok.end, "missing condition in if statement");
            h.cond = parser_bad(p);
        }
        return h;
    }
    const char *word = keyword == IN_IF ? "if" : keyword == IN_FOR ? "for" : "switch";
    int outer_level = p->expr_level;
    p->expr_level = -1;
    Node *cond = NULL;
    Semicolon semi = {0};

    if (p->tok.kind != TOKEN_SEMICOLON) {
        if (p->tok.kind == TOKEN_VAR) {
            parser_hint(p,
                        parser_syntax_error(p, p->tok.pos, p->tok.end,
                                            "var declaration not allowed in %s initializer", word),
                        "declare it with :=");
            parser_next(p);
        }
        p->guard_name = NULL;
        h.init = parse_simple_stmt(p, keyword);
        if (h.init->kind == NODE_RANGE)
            goto done;
    }
    if (p->tok.kind == TOKEN_LBRACE) {
        cond = h.init;
        h.init = NULL;
        goto done;
    }
    if (p->tok.kind == TOKEN_SEMICOLON && lacks_brace(p, keyword, h.init)) {
        brace_missing(p, parser_unexpected(p, ", expecting { after %s clause", word),
                      "the braces are needed, also around a single statement");
        h.state = HEADER_BROKEN;
        cond = h.init;
        h.init = NULL;
        goto done;
    }
    if (p->tok.kind != TOKEN_SEMICOLON) {
        brace_missing(p, parser_unexpected(p, ", expecting {"),
                      p->tok.kind == TOKEN_COLON
                          ? "the body stands between { and }"
                          : "the braces are needed, also around a single statement");
        h.state = HEADER_BROKEN;
        if (p->tok.kind != TOKEN_COLON || parser_line_goes_on_with(p, "{")) {
            parser_advance_to(p, TOKEN_LBRACE, TOKEN_RBRACE, TOKEN_SEMICOLON);
            if (p->tok.kind == TOKEN_SEMICOLON)
                h.state = HEADER_SKIPPED;
        }
        bool written =
            p->tok.text.len > 0 && p->tok.text.data[0] == ';' && parser_line_goes_on_with(p, "{");
        if (p->tok.kind != TOKEN_SEMICOLON || !written) {
            cond = h.init;
            h.init = NULL;
            goto done;
        }
        h.state = HEADER_GOOD;
    }
    semi = (Semicolon){p->tok, p->prev_end};
    parser_next(p);
    cond = header_rest(p, &h, keyword);

done:
    header_finish(p, &h, keyword, cond, semi);
    p->guard_name = NULL;
    p->expr_level = outer_level;
    return h;
}

// ---- Compound statements ----------------------------------------------------------------

// IfStmt = "if" [ SimpleStmt ";" ] Expression Block [ "else" ( IfStmt | Block ) ] .
static Node *parse_if(Parser *p)
{
    int outer = parser_enter(p, "statement");
    Node *n = parser_node(p, NODE_IF, p->tok.pos);
    parser_next(p);
    Header h = parse_header(p, IN_IF);
    n->ifs.init = h.init;
    n->ifs.cond = h.cond;
    n->ifs.then = parse_body(p, n->pos, "if clause", h.state);
    if (h.state != HEADER_GOOD)
        p->broken_if = n;
    if (parser_got(p, TOKEN_ELSE)) {
        if (p->tok.kind == TOKEN_IF) {
            n->ifs.otherwise = parse_if(p);
        } else if (p->tok.kind == TOKEN_LBRACE) {
            n->ifs.otherwise = parse_block(p);
        } else {
            brace_missing(p,
                          parser_syntax_error(p, p->tok.pos, p->tok.end,
                                              "else must be followed by if or statement block"),
                          p->tok.kind == TOKEN_SEMICOLON
                              ? "the opening brace stands on the same line"
                              : NULL);
            parser_advance_to(p, TOKEN_IDENT, TOKEN_RBRACE);
        }
    }
    parser_leave(p, outer);
    return parser_finish(p, n);
}

// ForStmt   = "for" [ Expression | ForClause | RangeClause ] Block .
// ForClause = SimpleStmt ";" [ Expression ] ";" SimpleStmt .
static Node *parse_for(Parser *p)
{
    Pos pos = p->tok.pos;
    parser_next(p);
    Header h = parse_header(p, IN_FOR);
    Node *n;
    if (h.init && h.init->kind == NODE_RANGE) {
        n = h.init;
        n->pos = pos;
        n->range.body = parse_body(p, pos, "for clause", h.state);
    } else {
        n = parser_node(p, NODE_FOR, pos);
        n->fors.init = h.init;
        n->fors.cond = h.cond;
        n->fors.post = h.post;
        n->fors.body = parse_body(p, pos, "for clause", h.state);
    }
    return parser_finish(p, n);
}

// CaseClause = ( "case" ExpressionList | "default" ) ":" StatementList .
// CommClause = ( "case" ( SendStmt | RecvStmt ) | "default" ) ":" StatementList .
// RecvStmt   = [ ExpressionList "=" | IdentifierList ":=" ] Expression .
static Node *parse_case(Parser *p, bool is_comm)
{
    Node *n = parser_node(p, NODE_CASE, p->tok.pos);
    bool has_head = true;
    if (parser_got(p, TOKEN_CASE)) {
        if (is_comm)
            n->clause.comm = parse_simple_stmt(p, NO_KEYWORD);
        else
            parse_expr_list(p, &n->clause.exprs);
    } else if (parser_got(p, TOKEN_DEFAULT)) {
        n->clause.is_default = true;
    } else {
        parser_unexpected(p, ", expecting case or default or }");
        parser_advance_to(p, TOKEN_COLON, TOKEN_CASE, TOKEN_DEFAULT, TOKEN_RBRACE);
        n->clause.is_default = true;
        has_head = p->tok.kind == TOKEN_COLON;
    }
    if (has_head && !parser_got(p, TOKEN_COLON)) {
        parser_hint(p, parser_unexpected(p, ", expecting :"), "a case ends with a colon");
        if (p->tok.kind == TOKEN_COMMA || token_class(p->tok.kind) == CLASS_OPERATOR)
            parser_skip_wrong(p);
    }
    parse_stmt_list(p, &n->clause.body, "case or default or }");
    return parser_finish(p, n);
}

static Node *parse_cases(Parser *p, NodeKind kind, Pos pos, const char *context, bool is_comm)
{
    Node *n = parser_node(p, kind, pos);
    if (!parser_got(p, TOKEN_LBRACE)) {
        Diag *diag = parser_syntax_error(p, p->tok.pos, p->tok.end, "missing { after %s", context);
        if (p->tok.kind == TOKEN_SEMICOLON)
            brace_missing(p, diag, "the opening brace stands on the same line");
        parser_advance_to(p, TOKEN_CASE, TOKEN_DEFAULT, TOKEN_RBRACE);
    }
    while (p->tok.kind != TOKEN_EOF && p->tok.kind != TOKEN_RBRACE && !p->resync)
        vec_push_in(p->arena, &n->block.stmts, parse_case(p, is_comm));
    n->block.rbrace = p->tok.pos;
    parser_want(p, TOKEN_RBRACE);
    return parser_finish(p, n);
}

// ExprSwitchStmt = "switch" [ SimpleStmt ";" ] [ Expression ] "{" { CaseClause } "}" .
// TypeSwitchStmt = "switch" [ SimpleStmt ";" ] [ identifier ":=" ] PrimaryExpr ".(type)"
//                  "{" { CaseClause } "}" .
static Node *parse_switch(Parser *p)
{
    Pos pos = p->tok.pos;
    parser_next(p);
    Header h = parse_header(p, IN_SWITCH);
    Node *n = parser_node(p, h.is_guard ? NODE_TYPE_SWITCH : NODE_SWITCH, pos);
    n->switchs.init = h.init;
    n->switchs.tag = h.cond;
    n->switchs.name = h.guard_name;
    n->switchs.body = parse_cases(p, NODE_BLOCK, p->tok.pos, "switch clause", false);
    return parser_finish(p, n);
}

// SelectStmt = "select" "{" { CommClause } "}" .
static Node *parse_select(Parser *p)
{
    Pos pos = p->tok.pos;
    parser_next(p);
    return parse_cases(p, NODE_SELECT, pos, "select clause", true);
}

// ---- Other statements -------------------------------------------------------------------

// GoStmt    = "go" Expression .
// DeferStmt = "defer" Expression . The expression is a call.
static Node *parse_go_defer(Parser *p)
{
    bool is_go = p->tok.kind == TOKEN_GO;
    const char *word = token_spelling(p->tok.kind);
    Node *n = parser_node(p, is_go ? NODE_GO : NODE_DEFER, p->tok.pos);
    parser_next(p);
    const char *in_a_function =
        arena_printf(p->arena, "statements stand in a function: %s func() { … }()", word);
    if (p->tok.kind == TOKEN_LBRACE) {
        parser_hint(p, parser_unexpected(p, ", expecting expression"), in_a_function);
        n->unary.x = parser_bad(p);
        parse_block(p);
        return parser_finish(p, n);
    }
    Node *x = parse_primary(p, NULL), *inner = node_unparen(x);
    if (inner != x)
        parser_error(p, DIAG_NOT_A_CALL, x->pos, x->end,
                     "expression in %s must not be parenthesized", word);
    if (inner->kind != NODE_CALL && inner->kind != NODE_BAD) {
        Diag *diag = parser_error(p, DIAG_NOT_A_CALL, x->pos, x->end,
                                  "expression in %s must be function call", word);
        if (p->tok.kind == TOKEN_ARROW)
            parser_hint(p, diag, in_a_function);
        else if (inner->kind == NODE_FUNC_LIT)
            parser_hint(p, diag, "the function is called by () behind its closing brace");
        else if (inner->kind == NODE_IDENT || inner->kind == NODE_SELECTOR)
            parser_hint(p, diag,
                        arena_printf(p->arena,
                                     "a call has parentheses, also without arguments: "
                                     "%s %s()",
                                     word, parser_text(p, inner)));
    }
    n->unary.x = inner;
    return parser_finish(p, n);
}

// At the colon of `x: int = 3`, which looks like a label before an assignment.
static bool declares_with_colon(const Parser *p)
{
    const char *at = p->tok.text.data + 1;
    at += strspn(at, " \t");
    size_t len = strspn(at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
    static const char *const types[] = {"int",     "string", "bool",   "float",  "float64", "str",
                                        "byte",    "rune",   "number", "i32",    "i64",     "u32",
                                        "u64",     "usize",  "f64",    "String", "list",    "dict",
                                        "boolean", "any",    "List"};
    for (int i = 0; i < countof(types); i++)
        if (len == strlen(types[i]) && memcmp(at, types[i], len) == 0) {
            at += len + strspn(at + len, " \t");
            return *at == '\n' || *at == '\r' || *at == ';' || (*at == '=' && at[1] != '=');
        }
    return false;
}

// LabeledStmt = identifier ":" [ Statement ] . At ":".
static Node *parse_labeled(Parser *p, Node *label)
{
    Node *n = parser_node(p, NODE_LABELED, label->pos);
    n->labeled.label = label;
    Pos colon = p->tok.pos;
    if (declares_with_colon(p)) {
        const char *name = label->ident.name->text;
        parser_hint(p, parser_unexpected(p, " at end of statement"),
                    arena_printf(p->arena, "a variable is declared with var %s int or %s := 1",
                                 name, name));
        return NULL;
    }
    parser_next(p);
    if (p->tok.kind == TOKEN_RBRACE) {
        n->labeled.stmt = node_new(p->arena, NODE_EMPTY, p->tok.pos, p->tok.pos);
        return parser_finish(p, n);
    }
    n->labeled.stmt = parse_stmt_or_null(p);
    if (!n->labeled.stmt) {
        parser_syntax_error(p, colon, colon + 1, "missing statement after label");
        return NULL;
    }
    return parser_finish(p, n);
}

// ReturnStmt = "return" [ ExpressionList ] .
static Node *parse_return(Parser *p)
{
    Node *n = parser_node(p, NODE_RETURN, p->tok.pos);
    parser_next(p);
    if (p->tok.kind != TOKEN_SEMICOLON && p->tok.kind != TOKEN_RBRACE)
        parse_expr_list(p, &n->list.list);
    return parser_finish(p, n);
}

// BranchStmt = ( "break" | "continue" ) [ identifier ] | "goto" identifier | "fallthrough" .
static Node *parse_branch(Parser *p)
{
    Node *n = parser_node(p, NODE_BRANCH, p->tok.pos);
    n->op = p->tok.kind;
    parser_next(p);
    if (n->op == TOKEN_GOTO || (n->op != TOKEN_FALLTHROUGH && p->tok.kind == TOKEN_IDENT))
        n->branch.label = parse_name(p);
    return parser_finish(p, n);
}

static Node *parse_decl_stmt(Parser *p)
{
    Node *n = parser_node(p, NODE_DECL_STMT, p->tok.pos);
    n->unary.x = parse_gen_decl(p);
    return parser_finish(p, n);
}

// What do { and try { mean here; NULL for other names.
static const char *foreign_block(const Parser *p)
{
    static const struct {
        const char *word, *hint;
    } words[] = {
        {"do", "the only loop is for: for { … } runs until break"},
        {"loop", "the only loop is for: for { … } runs until break"},
        {"repeat", "the only loop is for: for { … } runs until break"},
        {"try", "there are no exceptions: functions return errors"},
        {"finally", "what must happen at the end of a function stands after defer"},
        {"unsafe", "nothing is unsafe here"},
    };
    for (int i = 0; i < countof(words); i++)
        if (str_eq(p->tok.text, str_from(words[i].word)))
            return words[i].hint;
    return NULL;
}

// The word, its block, and what belongs to it behind the block, silently.
static Node *parse_foreign_block(Parser *p)
{
    Diag *diag =
        parser_syntax_error(p, p->tok.pos, p->tok.end, "unexpected %.*s, expecting statement",
                            (int)p->tok.text.len, p->tok.text.data);
    parser_kind(diag, DIAG_FOREIGN_WORD);
    parser_hint(p, diag, foreign_block(p));
    parser_next(p);
    Node *block = parse_block(p);
    while (p->tok.kind == TOKEN_IDENT && !p->gave_up) {
        parser_advance_to(p, TOKEN_SEMICOLON, TOKEN_LBRACE, TOKEN_RBRACE);
        if (p->tok.kind == TOKEN_LBRACE)
            parse_block(p);
    }
    return block;
}

static Node *parse_stmt_inside(Parser *p)
{
    switch (p->tok.kind) {
    case TOKEN_IDENT: {
        if (parser_peek(p) == TOKEN_LBRACE && foreign_block(p))
            return parse_foreign_block(p);
        NodeList lhs = {0};
        parse_expr_list(p, &lhs);
        if (lhs.len == 1 && lhs.data[0]->kind == NODE_IDENT && p->tok.kind == TOKEN_COLON)
            return parse_labeled(p, lhs.data[0]);
        return parse_simple_stmt_rest(p, &lhs, NO_KEYWORD);
    }
    case TOKEN_VAR:
    case TOKEN_CONST:
    case TOKEN_TYPE: return parse_decl_stmt(p);
    case TOKEN_LBRACE: return parse_block(p);
    case TOKEN_ADD:
    case TOKEN_SUB:
    case TOKEN_MUL:
    case TOKEN_AND:
    case TOKEN_XOR:
    case TOKEN_NOT:
    case TOKEN_ARROW:
    case TOKEN_INT:
    case TOKEN_FLOAT:
    case TOKEN_IMAG:
    case TOKEN_CHAR:
    case TOKEN_STRING:
    case TOKEN_FUNC:
    case TOKEN_LPAREN:
    case TOKEN_LBRACK:
    case TOKEN_STRUCT:
    case TOKEN_MAP:
    case TOKEN_CHAN:
    case TOKEN_INTERFACE: return parse_simple_stmt(p, NO_KEYWORD);
    case TOKEN_FOR: return parse_for(p);
    case TOKEN_SWITCH: return parse_switch(p);
    case TOKEN_SELECT: return parse_select(p);
    case TOKEN_IF: return parse_if(p);
    case TOKEN_FALLTHROUGH:
    case TOKEN_BREAK:
    case TOKEN_CONTINUE:
    case TOKEN_GOTO: return parse_branch(p);
    case TOKEN_GO:
    case TOKEN_DEFER: return parse_go_defer(p);
    case TOKEN_RETURN: return parse_return(p);
    case TOKEN_SEMICOLON: return node_new(p->arena, NODE_EMPTY, p->tok.pos, p->tok.pos);
    default: return NULL;
    }
}

// Statement = Declaration | LabeledStmt | SimpleStmt | GoStmt | DeferStmt | ReturnStmt | BranchStmt
// |
//             Block | IfStmt | ExprSwitchStmt | TypeSwitchStmt | SelectStmt | ForStmt .
// NULL, without an error, when no statement begins here.
Node *parse_stmt_or_null(Parser *p)
{
    int outer = parser_enter(p, "statement");
    if (p->tok.kind != TOKEN_TYPE)
        directives_end(p, DIRECTIVE_NOWHERE);
    Node *stmt = parse_stmt_inside(p);
    parser_leave(p, outer);
    return stmt;
}
