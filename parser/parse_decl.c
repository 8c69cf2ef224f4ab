// parse_decl.c: declarations. The grammar of parameters and types is in parse_expr.c.
#include "parser/parser_impl.h"

// A declaration in the making, for the functions that parse one spec.
typedef struct Group {
    Node *decl;
    Node *last_const; // the last spec of the group that has values
    int index;        // iota of the next spec
} Group;

// ConstSpec and VarSpec may be followed by "=". A := there is what people write who know both
// ways to declare and mix them.
static bool got_assign(Parser *p)
{
    if (p->tok.kind == TOKEN_DEFINE) {
        parser_hint(p, parser_unexpected(p, ", expecting ="),
                    "after var, const and type the value follows =; only x := 1 without them has "
                    ":=");
        parser_next(p);
        return true;
    }
    return parser_got(p, TOKEN_ASSIGN);
}

// IdentifierList = identifier { "," identifier } .
static void parse_name_list(Parser *p, NodeList *names)
{
    do
        vec_push_in(p->arena, names, parse_name(p));
    while (parser_got(p, TOKEN_COMMA));
}

// ImportSpec = [ "." | identifier ] ImportPath .
// ImportPath = string_lit .
static Node *parse_import_spec(Parser *p)
{
    directives_end(p, DIRECTIVE_NOWHERE);
    Node *n = parser_node(p, NODE_IMPORT_SPEC, p->tok.pos);
    if (p->tok.kind == TOKEN_IDENT) {
        n->import.name = parse_name(p);
    } else if (p->tok.kind == TOKEN_PERIOD) {
        n->import.name = parser_node(p, NODE_IDENT, p->tok.pos);
        n->import.name->ident.name = name_from(".");
        parser_next(p);
        parser_finish(p, n->import.name);
    }
    Pos pos = p->tok.pos, end = p->tok.end;
    n->import.path_node = parse_literal_or_null(p);
    if (!n->import.path_node) {
        Diag *diag = parser_syntax_error(p, pos, end, "missing import path");
        if (p->tok.kind == TOKEN_LBRACE)
            parser_hint(p, diag, "a package is imported as a whole: import \"os\"");
        if (n->import.name)
            parser_hint(p, diag,
                        arena_printf(p->arena, "the path is a string: import \"%s\"",
                                     n->import.name->ident.name->text));
        parser_advance_to(p, TOKEN_SEMICOLON, TOKEN_RPAREN);
    } else if (n->import.path_node->lit.kind != TOKEN_STRING) {
        parser_syntax_error(p, pos, end, "import path must be a string");
    } else {
        size_t len;
        n->import.path.data = literal_string(p->arena, n->import.path_node->lit.text, &len);
        n->import.path.len = len;
    }
    return parser_finish(p, n);
}

// ConstSpec = IdentifierList [ [ Type ] "=" ExpressionList ] .
// VarSpec   = IdentifierList ( Type [ "=" ExpressionList ] | "=" ExpressionList ) .
static Node *parse_value_spec(Parser *p, Group *group)
{
    directives_end(p, DIRECTIVE_NOWHERE);
    bool is_const = group->decl->op == TOKEN_CONST;
    Node *n = parser_node(p, NODE_VALUE_SPEC, p->tok.pos);
    n->op = group->decl->op;
    n->value.iota = group->index++;
    parse_name_list(p, &n->value.names);

    if (is_const) {
        if (p->tok.kind != TOKEN_EOF && p->tok.kind != TOKEN_SEMICOLON &&
            p->tok.kind != TOKEN_RPAREN) {
            n->value.vtype = parse_type_or_null(p);
            if (got_assign(p))
                parse_expr_list(p, &n->value.values);
        }
        if (n->value.vtype || n->value.values.len > 0) {
            group->last_const = n;
        } else if (group->last_const) {
            n->value.repeated = true;
            n->value.vtype = group->last_const->value.vtype;
            n->value.values = group->last_const->value.values;
        }
    } else if (got_assign(p)) {
        parse_expr_list(p, &n->value.values);
    } else {
        n->value.vtype = parse_type(p);
        if (got_assign(p))
            parse_expr_list(p, &n->value.values);
    }
    for (int i = 0; i < n->value.names.len && n->value.names.len == n->value.values.len; i++)
        call_given_to(n->value.values.data[i], n->value.names.data[i]->pos,
                      n->value.names.data[i]->end);
    return parser_finish(p, n);
}

// Says whether x can only be part of a type: it could not stand in an array length.
static bool is_type_element(const Node *x)
{
    switch (x->kind) {
    case NODE_ARRAY_TYPE:
    case NODE_STRUCT_TYPE:
    case NODE_FUNC_TYPE:
    case NODE_INTERFACE_TYPE:
    case NODE_MAP_TYPE:
    case NODE_CHAN_TYPE: return true;
    case NODE_BINARY: return is_type_element(x->binary.x) || is_type_element(x->binary.y);
    case NODE_UNARY: return x->op == TOKEN_TILDE || is_type_element(x->unary.x);
    case NODE_STAR:
    case NODE_PAREN: return is_type_element(x->unary.x);
    default: return false;
    }
}

// The beginning of a type parameter list looks like an expression: P *T is a product, P (T) a
// call. Splits such an x into the name and the constraint. force: a comma follows, so it is no
// array length. Without constraint, or when x cannot be split, *constraint is NULL.
static Node *split_type_param(Parser *p, Node *x, bool force, Node **constraint)
{
    *constraint = NULL;
    switch (x->kind) {
    case NODE_IDENT: return x;
    case NODE_BINARY:
        if (x->op == TOKEN_MUL && x->binary.x->kind == NODE_IDENT &&
            (force || is_type_element(x->binary.y))) {
            Node *star = parser_node(p, NODE_STAR, x->mark);
            star->end = x->end;
            star->unary.x = x->binary.y;
            *constraint = star;
            return x->binary.x;
        }
        if (x->op == TOKEN_OR) {
            Node *left;
            Node *name =
                split_type_param(p, x->binary.x, force || is_type_element(x->binary.y), &left);
            if (name && left) {
                Node *both = parser_node(p, NODE_BINARY, left->pos);
                both->op = TOKEN_OR;
                both->end = x->end;
                both->binary.x = left;
                both->binary.y = x->binary.y;
                both->mark = x->mark;
                *constraint = both;
                return name;
            }
        }
        return NULL;
    case NODE_CALL:
        if (x->call.fun->kind == NODE_IDENT && x->call.args.len == 1 &&
            x->call.ellipsis == POS_NONE && (force || is_type_element(x->call.args.data[0]))) {
            *constraint = x->call.args.data[0];
            return x->call.fun;
        }
        return NULL;
    default: return NULL;
    }
}

// After the name and "[": an array or slice type, or type parameters and the type.
static void parse_type_spec_bracket(Parser *p, Node *spec, Pos pos)
{
    if (parser_got(p, TOKEN_RBRACK)) {
        spec->typespec.def = parse_slice_type(p, pos);
        return;
    }
    if (p->tok.kind != TOKEN_IDENT) {
        spec->typespec.def = parse_array_type(p, pos, NULL);
        return;
    }
    Node *x = parse_name(p);
    if (p->tok.kind != TOKEN_LBRACK) { // a name and "[": the constraint is a slice or array
        p->expr_level++;
        x = parse_expr_from(p, x);
        p->expr_level--;
    }
    Node *constraint;
    Node *name = split_type_param(p, x, p->tok.kind == TOKEN_COMMA, &constraint);
    if (name && (constraint || p->tok.kind != TOKEN_RBRACK)) {
        parse_params(p, &spec->typespec.type_params, TYPE_PARAMS, name, constraint);
        spec->typespec.alias = got_assign(p);
        spec->typespec.def = parse_type_or_null(p);
    } else {
        spec->typespec.def = parse_array_type(p, pos, x);
    }
}

// TypeSpec = identifier [ TypeParams ] [ "=" ] Type .
static Node *parse_type_spec(Parser *p)
{
    Node *n = parser_node(p, NODE_TYPE_SPEC, p->tok.pos);
    n->typespec.name = parse_name(p);
    Pos pos = p->tok.pos;
    directives_end(p, p->tok.kind == TOKEN_ASSIGN ? DIRECTIVE_NOWHERE : DIRECTIVE_TYPE);
    if (parser_got(p, TOKEN_LBRACK)) {
        parse_type_spec_bracket(p, n, pos);
    } else {
        n->typespec.alias = got_assign(p);
        n->typespec.def = parse_type_or_null(p);
    }
    if (!n->typespec.def) {
        n->typespec.def = parser_bad(p);
        parser_unexpected(p, " in type declaration");
        parser_advance_to(p, TOKEN_SEMICOLON, TOKEN_RPAREN);
    }
    return parser_finish(p, n);
}

static bool parse_spec(Parser *p, void *arg)
{
    Group *group = arg;
    Node *spec;
    switch (group->decl->op) {
    case TOKEN_IMPORT: spec = parse_import_spec(p); break;
    case TOKEN_TYPE: spec = parse_type_spec(p); break;
    default: spec = parse_value_spec(p, group); break;
    }
    vec_push_in(p->arena, &group->decl->gen.specs, spec);
    return false;
}

// Declaration = ( "const" | "type" | "var" | "import" ) ( Spec | "(" { Spec ";" } ")" ) .
// Spec        = ImportSpec | ConstSpec | VarSpec | TypeSpec .
Node *parse_gen_decl(Parser *p)
{
    Node *n = parser_node(p, NODE_GEN_DECL, p->tok.pos);
    n->op = p->tok.kind;
    parser_next(p);
    Group group = {.decl = n};
    if (p->tok.kind == TOKEN_LPAREN) {
        directives_end(p, DIRECTIVE_NOWHERE);
        parser_next(p);
        n->gen.grouped = true;
        parser_list(p, "grouped declaration", TOKEN_SEMICOLON, TOKEN_RPAREN, parse_spec, &group);
    } else {
        parse_spec(p, &group);
    }
    return parser_finish(p, n);
}

// After "func" and the receiver: the rest of a declaration. NULL after an error.
static Node *parse_func_decl_rest(Parser *p, Node *n)
{
    if (p->tok.kind != TOKEN_IDENT) {
        parser_unexpected(p, ", expecting name or (");
        parser_advance_to(p, TOKEN_LBRACE, TOKEN_SEMICOLON);
        return NULL;
    }
    n->func.name = parse_name(p);
    if (p->tok.kind == TOKEN_PERIOD && !n->func.recv)
        parser_hint(p, parser_unexpected(p, ", expecting ("),
                    arena_printf(p->arena,
                                 "the receiver of a method stands before its name: func (x "
                                 "%s) name()",
                                 n->func.name->ident.name->text));
    n->func.sig = parse_func_type(p, n->pos, n->func.recv ? "method" : "");
    if (p->tok.kind == TOKEN_LBRACE)
        n->func.body = parse_func_body(p);
    return parser_finish(p, n);
}

static void set_receiver(Parser *p, Node *n, const NodeList *fields, int count, Pos pos)
{
    if (count == 0)
        parser_error(p, DIAG_RECEIVER, pos, p->prev_end, "method has no receiver");
    else if (count > 1)
        parser_error(p, DIAG_RECEIVER, pos, p->prev_end, "method has multiple receivers");
    if (fields->len > 0)
        n->func.recv = fields->data[0];
}

// FunctionDecl = "func" identifier Signature [ Block ] .
// MethodDecl   = "func" Receiver identifier Signature [ Block ] .
// Receiver     = Parameters .
Node *parse_func_decl(Parser *p)
{
    directives_end(p, DIRECTIVE_FUNC);
    p->odd_open = POS_NONE;
    Node *n = parser_node(p, NODE_FUNC_DECL, p->tok.pos);
    parser_next(p);
    Pos pos = p->tok.pos;
    if (parser_got(p, TOKEN_LPAREN)) {
        NodeList fields = {0};
        int count = parse_params(p, &fields, PARAMS, NULL, NULL);
        set_receiver(p, n, &fields, count, pos);
    }
    return parse_func_decl_rest(p, n);
}

// At top level of a script "func (" begins a method or a function literal. Only behind the
// parameters one can tell: a name and "(" follow the receiver of a method.
Node *parse_func_decl_or_stmt(Parser *p)
{
    Pos pos = p->tok.pos;
    if (parser_peek(p) != TOKEN_LPAREN)
        return parse_func_decl(p);
    directives_end(p, DIRECTIVE_FUNC);
    parser_next(p);
    Pos paren = p->tok.pos;
    parser_next(p);
    NodeList fields = {0};
    int count = parse_params(p, &fields, PARAMS, NULL, NULL);
    if (p->tok.kind == TOKEN_IDENT && parser_peek(p) == TOKEN_LPAREN) {
        Node *n = parser_node(p, NODE_FUNC_DECL, pos);
        set_receiver(p, n, &fields, count, paren);
        return parse_func_decl_rest(p, n);
    }
    Node *type = parser_node(p, NODE_FUNC_TYPE, pos);
    type->functype.params = fields;
    parse_results(p, type);
    return parse_simple_stmt_from(p, parse_func_rest(p, pos, parser_finish(p, type)));
}
