// parser_impl.h: what the files of the parser share. Recursive descent with one token of
// lookahead; each function that parses a production is headed by it.
//
// Depth: passes after the parser recurse over the tree, on the C stack. So the parser bounds
// both its own recursion (depth) and the height of the trees it builds, which loops over
// left-recursive chains such as a + b + c make without recursing. Functions through which a
// production can contain itself begin with parser_enter and end with parser_leave.
#ifndef CSP_PARSER_PARSER_IMPL_H
#define CSP_PARSER_PARSER_IMPL_H

#include "lexer/lexer.h"
#include "parser/ast.h"
#include "parser/parser.h"

enum {
    MAX_DEPTH = 1000,         // of nesting
    MAX_HEIGHT = 10000,       // of a tree: operators in a row, and nesting
    MAX_SYNTAX_ERRORS = 2000, // then the rest of the file is given up
};

// Where a //go: comment may stand.
typedef enum DirectivePlace {
    DIRECTIVE_NOWHERE = 0,
    DIRECTIVE_FILE = 1, // before the package clause
    DIRECTIVE_FUNC = 2, // before a function
    DIRECTIVE_TYPE = 4, // before a type
} DirectivePlace;

typedef struct Directive {
    Pos pos, end;
    DirectivePlace place; // where it belongs
} Directive;
typedef Vec(Directive) DirectiveList;

typedef struct Parser {
    Arena *arena;
    DiagList *diags;
    File *file;
    ParseOptions options;
    Lexer lexer;
    Token tok;    // the current one, not yet consumed
    Pos prev_end; // end of the last consumed token that is written in the text

    int func_nest;  // > 0: inside a function body, or at top level of a script
    int expr_level; // < 0: in the header of if, for or switch, where { begins the body
    int depth;      // of parser_enter
    int height;     // of the highest tree made since parser_enter

    Node *guard_name;        // the x of x := y.(type) just parsed
    Node *last_stmt;         // for hints only
    Pos odd_open, odd_close; // of the first block of a function that are indented differently
    Node *broken_if;         // the last if whose header was wrong: an else behind it may be its own

    DirectiveList directives; // that wait for the declaration below them

    int error_count; // of this file, the lexer's included
    int error_line;  // line of the last one: a second syntax error there follows from it
    bool gave_up;    // the current token is the end for ever
    bool resync; // at a function that begins inside another: everything open ends here, silently
    bool incomplete;
} Parser;

// ---- Tokens (parser.c) ------------------------------------------------------------------

void parser_next(Parser *p);
bool parser_got(Parser *p, TokenKind kind);  // consumes it if it is there
void parser_want(Parser *p, TokenKind kind); // complains and skips if it is not
TokenKind parser_peek(Parser *p);            // the kind after the current token
// After an error: skips the token in the way, unless something outside may be waiting for it.
void parser_skip_wrong(Parser *p);
// Skips to one of the kinds, or to one that begins a statement when inside a function.
// kinds ends with TOKEN_EOF. At least the end of the file is always reached.
void parser_advance(Parser *p, const TokenKind *kinds);
#define parser_advance_to(p, ...) parser_advance((p), (const TokenKind[]){__VA_ARGS__, TOKEN_EOF})

// { element sep } [sep] close: element returns true when no other may follow. Consumes close
// and returns its position.
Pos parser_list(Parser *p, const char *context, TokenKind sep, TokenKind close,
                bool (*element)(Parser *p, void *arg), void *arg);

// ---- Errors (parser.c) ------------------------------------------------------------------
// All return NULL when the error is not reported because it follows from an earlier one. The
// entry is valid until the next report.

// "syntax error: …"
Diag *parser_syntax_error(Parser *p, Pos pos, Pos end, const char *fmt, ...) PRINTF_LIKE(4, 5);
// "syntax error: unexpected TOKEN…", with what follows the token: ", expecting name".
Diag *parser_unexpected(Parser *p, const char *fmt, ...) PRINTF_LIKE(2, 3);
// Without the prefix.
Diag *parser_error(Parser *p, DiagKind kind, Pos pos, Pos end, const char *fmt, ...)
    PRINTF_LIKE(5, 6);
void parser_kind(Diag *diag, DiagKind kind); // a kind other than DIAG_SYNTAX; diag may be NULL
void parser_hint(Parser *p, Diag *diag, const char *hint); // either may be NULL
// Whether this text stands between the token and the end of its line or a comment there.
bool parser_line_goes_on_with(const Parser *p, const char *text);
const char *parser_text(Parser *p, const Node *n); // node_print in the arena

// ---- Comments that mean something (directive.c) ------------------------------------------

void directive_comment(Parser *p, Pos pos, Pos end); // for each comment
// Something begins, or has ended, to which comments of this place belong: the others that wait are
// misplaced.
void directives_end(Parser *p, DirectivePlace place);

// ---- Depth (parser.c) -------------------------------------------------------------------

// what: "expression", "type" or "statement". Returns what parser_leave wants back.
int parser_enter(Parser *p, const char *what);
void parser_leave(Parser *p, int outer_height);
void parser_grow(Parser *p); // one more operator in the chain that is being built

// ---- Nodes ------------------------------------------------------------------------------

static inline Node *parser_node(Parser *p, NodeKind kind, Pos pos)
{
    return node_new(p->arena, kind, pos, pos);
}

// Remembers in a call that its result is given to what stands at [pos, end).
static inline void call_given_to(Node *value, Pos pos, Pos end)
{
    if (value && value->kind == NODE_CALL) {
        value->call.given_to = pos;
        value->call.given_to_end = end;
    }
}

static inline Node *parser_finish(Parser *p, Node *n)
{
    n->end = p->prev_end > n->pos ? p->prev_end : n->pos;
    return n;
}

// A node of the current token's place, for what is missing.
static inline Node *parser_bad(Parser *p)
{
    return node_new(p->arena, NODE_BAD, p->tok.pos, p->tok.pos);
}

// ---- Productions ------------------------------------------------------------------------

// parse_expr.c
Node *parse_expr(Parser *p);
Node *parse_expr_from(Parser *p, Node *operand); // goes on after an operand
Node *parse_primary(Parser *p, Node *operand);   // operand NULL: parses one
void parse_expr_list(Parser *p, NodeList *list); // appends
Node *parse_type(Parser *p);                     // never NULL; complains
Node *parse_type_or_null(Parser *p);
Node *parse_func_type(Parser *p, Pos pos, const char *context); // after "func"
Node *parse_func_rest(Parser *p, Pos pos, Node *type);          // literal, or just the type
Node *parse_array_type(Parser *p, Pos pos, Node *len);          // after "[" or "[" len
Node *parse_slice_type(Parser *p, Pos pos);                     // after "[" "]"
Node *parse_name(Parser *p);
Node *parse_literal_or_null(Parser *p);
// PARAMS: between parentheses. TYPE_PARAMS and TYPE_ARGS: between brackets; only the first must
// have names.
typedef enum ParamKind { PARAMS, TYPE_PARAMS, TYPE_ARGS } ParamKind;
// After the opening token. name and type: the first parameter as far as it is already parsed,
// or NULL. Appends NODE_FIELDs and returns the number of parameters.
int parse_params(Parser *p, NodeList *fields, ParamKind kind, Node *name, Node *type);
void parse_results(Parser *p, Node *func_type);

// parse_decl.c
Node *parse_gen_decl(Parser *p); // import, const, type, var
Node *parse_func_decl(Parser *p);
// In a script: a declaration, or a function literal that begins a statement.
Node *parse_func_decl_or_stmt(Parser *p);

// parse_stmt.c
Node *parse_stmt_or_null(Parser *p);
Node *parse_simple_stmt_from(Parser *p, Node *operand);
void parse_stmt_end(Parser *p);   // the semicolon after a statement
Node *parse_func_body(Parser *p); // at "{"

#endif
