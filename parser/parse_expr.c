// parse_expr.c: expressions, types and parameters.
//
// Types are parsed where the grammar wants a type, and as operands where it wants an
// expression: T(x), []int{1}, new(chan int). Which it is, is often known only later, to the
// checker; so types and expressions are the same kind of node.
#include "parser/parser_impl.h"

// ---- Names and literals -----------------------------------------------------------------

Node *parse_name(Parser *p)
{
    Node *n = parser_node(p, NODE_IDENT, p->tok.pos);
    if (p->tok.kind == TOKEN_IDENT) {
        n->ident.name = p->tok.name;
        n->end = p->tok.end;
        parser_next(p);
        return n;
    }
    n->ident.name = name_from("_");
    Diag *diag = parser_unexpected(p, ", expecting name");
    if (diag && token_class(p->tok.kind) == CLASS_KEYWORD) {
        parser_kind(diag, DIAG_KEYWORD_NAME);
        diag_hint(p->diags, diag, "%s is a keyword and cannot be a name",
                  token_spelling(p->tok.kind));
    }
    parser_skip_wrong(p);
    return n;
}

Node *parse_literal_or_null(Parser *p)
{
    if (p->tok.kind < TOKEN_INT || p->tok.kind > TOKEN_STRING)
        return NULL;
    Node *n = parser_node(p, NODE_BASIC_LIT, p->tok.pos);
    n->end = p->tok.end;
    n->lit.kind = p->tok.kind;
    n->lit.text = p->tok.text;
    parser_next(p);
    return n;
}

// ---- Types ------------------------------------------------------------------------------

// TypeArgs = "[" Type { "," Type } [ "," ] "]" . The first may be any expression, because it
// may turn out to be an index or an array length. Says whether there was a comma.
static bool parse_type_list(Parser *p, NodeList *list)
{
    bool comma = false;
    p->expr_level++;
    vec_push_in(p->arena, list, parse_expr(p));
    while (parser_got(p, TOKEN_COMMA)) {
        comma = true;
        Node *type = parse_type_or_null(p);
        if (!type)
            break;
        vec_push_in(p->arena, list, type);
    }
    p->expr_level--;
    return comma;
}

// TypeName = identifier [ "." identifier ] [ TypeArgs ] .
// name: the identifier when it is already parsed, or NULL.
static Node *parse_type_name(Parser *p, Node *name)
{
    Node *x = name;
    if (!x && p->tok.kind == TOKEN_IDENT) {
        x = parse_name(p);
    } else if (!x) {
        x = parser_node(p, NODE_IDENT, p->tok.pos);
        x->ident.name = name_from("_");
        parser_unexpected(p, ", expecting name");
        parser_advance_to(p, TOKEN_PERIOD, TOKEN_SEMICOLON, TOKEN_RBRACE);
    }
    if (parser_got(p, TOKEN_PERIOD)) {
        Node *n = parser_node(p, NODE_SELECTOR, x->pos);
        n->selector.x = x;
        n->selector.sel = parse_name(p);
        x = parser_finish(p, n);
    }
    if (parser_got(p, TOKEN_LBRACK)) {
        Node *n = parser_node(p, NODE_INDEX, x->pos);
        n->index.x = x;
        if (p->tok.kind == TOKEN_RBRACK) {
            vec_push_in(p->arena, &n->index.indices, parser_bad(p));
            parser_unexpected(p, ", expecting type");
        } else {
            parse_type_list(p, &n->index.indices);
        }
        parser_want(p, TOKEN_RBRACK);
        x = parser_finish(p, n);
    }
    return x;
}

// (a, b) is a tuple elsewhere, (a, b) => the head of a function, range(a, b) a loop that counts.
// paren: where it opens.
static const char *hint_for_tuple(const Parser *p, Pos paren)
{
    const SourceFile *source = p->file->source;
    u32 at = paren - source->base;
    if (at >= 5 && memcmp(source->text + at - 5, "range", 5) == 0)
        return "range counts from 0 on: for i := range n; else write for i := 1; i < n; i++ { … }";
    return parser_line_goes_on_with(p, ") =>")
               ? "a function without a name is written func(x int) int { return x + 1 }"
               : "there are no tuples: several values stand without parentheses, or in a slice or "
                 "struct";
}

// ArrayType = "[" ( Expression | "..." ) "]" Type .
Node *parse_array_type(Parser *p, Pos pos, Node *len)
{
    Node *n = parser_node(p, NODE_ARRAY_TYPE, pos);
    if (!len && p->tok.kind == TOKEN_ELLIPSIS) {
        len = parser_node(p, NODE_ELLIPSIS, p->tok.pos);
        parser_next(p);
        parser_finish(p, len);
    } else if (!len) {
        p->expr_level++;
        len = parse_expr(p);
        p->expr_level--;
    }
    if (p->tok.kind == TOKEN_COMMA) {
        parser_hint(p,
                    parser_syntax_error(p, p->tok.pos, p->tok.end, "unexpected comma; expecting ]"),
                    "a list begins with its type: []int{1, 2, 3}");
        parser_next(p);
    }
    parser_want(p, TOKEN_RBRACK);
    n->array.len = len;
    n->array.elem = parse_type(p);
    return parser_finish(p, n);
}

// SliceType = "[" "]" Type .
Node *parse_slice_type(Parser *p, Pos pos)
{
    Node *n = parser_node(p, NODE_ARRAY_TYPE, pos);
    n->array.elem = parse_type(p);
    return parser_finish(p, n);
}

// What follows a name in a field or parameter at "[": N]T, ]T, or type arguments. The x of a
// NODE_INDEX is the caller's to fill in.
static Node *parse_array_or_type_args(Parser *p)
{
    Pos pos = p->tok.pos;
    parser_want(p, TOKEN_LBRACK);
    if (parser_got(p, TOKEN_RBRACK))
        return parse_slice_type(p, pos);
    NodeList list = {0};
    Node *n;
    if (p->tok.kind == TOKEN_ELLIPSIS)
        return parse_array_type(p, pos, NULL);
    bool comma = parse_type_list(p, &list);
    parser_want(p, TOKEN_RBRACK);
    if (!comma) {
        Node *elem = parse_type_or_null(p);
        if (elem) {
            n = parser_node(p, NODE_ARRAY_TYPE, pos);
            n->array.len = list.data[0];
            n->array.elem = elem;
            return parser_finish(p, n);
        }
    }
    n = parser_node(p, NODE_INDEX, pos);
    n->index.indices = list;
    return parser_finish(p, n);
}

static Node *parse_chan_elem(Parser *p)
{
    Node *type = parse_type_or_null(p);
    if (!type) {
        type = parser_bad(p);
        parser_hint(p,
                    parser_syntax_error(p, p->tok.pos, p->tok.end, "missing channel element type"),
                    "the type says what is sent: chan int, chan string");
    }
    return type;
}

// ChannelType = ( "chan" [ "<-" ] | "<-" "chan" ) Type .
static Node *parse_chan_type(Parser *p)
{
    Node *n = parser_node(p, NODE_CHAN_TYPE, p->tok.pos);
    if (p->tok.kind == TOKEN_ARROW) {
        n->chan.dir = DIR_RECEIVE;
        n->chan.arrow = p->tok.pos;
        parser_next(p);
        parser_want(p, TOKEN_CHAN);
    } else {
        parser_next(p);
        n->chan.arrow = p->tok.pos;
        if (parser_got(p, TOKEN_ARROW))
            n->chan.dir = DIR_SEND;
        else
            n->chan.arrow = POS_NONE;
    }
    n->chan.elem = parse_chan_elem(p);
    return parser_finish(p, n);
}

// MapType = "map" "[" Type "]" Type .
static Node *parse_map_type(Parser *p)
{
    Node *n = parser_node(p, NODE_MAP_TYPE, p->tok.pos);
    parser_next(p);
    parser_want(p, TOKEN_LBRACK);
    n->map.key = parse_type(p);
    parser_want(p, TOKEN_RBRACK);
    n->map.value = parse_type(p);
    return parser_finish(p, n);
}

// EmbeddedField = [ "*" ] TypeName . Parentheses are taken, with a complaint.
static Node *parse_embedded_type(Parser *p)
{
    bool paren = false, star = false;
    Pos pos = p->tok.pos;
    for (;;) {
        if (p->tok.kind == TOKEN_LPAREN && !paren) {
            parser_syntax_error(p, p->tok.pos, p->tok.end, "cannot parenthesize embedded type");
            paren = true;
        } else if (p->tok.kind == TOKEN_MUL && !star) {
            star = true;
            pos = p->tok.pos;
        } else {
            break;
        }
        parser_next(p);
    }
    Node *type = parse_type_name(p, NULL);
    if (paren)
        parser_got(p, TOKEN_RPAREN);
    if (star) {
        Node *n = parser_node(p, NODE_STAR, pos);
        n->unary.x = type;
        type = parser_finish(p, n);
    }
    return type;
}

// FieldDecl = ( IdentifierList Type | EmbeddedField ) [ string_lit ] .
static bool parse_field_decl(Parser *p, void *arg)
{
    Node *n = parser_node(p, NODE_FIELD, p->tok.pos);
    if (p->tok.kind == TOKEN_IDENT) {
        Node *name = parse_name(p);
        if (p->tok.kind == TOKEN_PERIOD || p->tok.kind == TOKEN_STRING ||
            p->tok.kind == TOKEN_SEMICOLON || p->tok.kind == TOKEN_RBRACE) {
            n->field.embedded = true;
            n->field.ftype = parse_type_name(p, name);
        } else {
            vec_push_in(p->arena, &n->field.names, name);
            while (parser_got(p, TOKEN_COMMA))
                vec_push_in(p->arena, &n->field.names, parse_name(p));
            if (n->field.names.len == 1 && p->tok.kind == TOKEN_LBRACK) {
                n->field.ftype = parse_array_or_type_args(p);
                if (n->field.ftype->kind == NODE_INDEX) {
                    n->field.ftype->index.x = name;
                    n->field.ftype->pos = name->pos;
                    n->field.embedded = true;
                    n->field.names.len = 0;
                }
            } else {
                n->field.ftype = parse_type(p);
            }
        }
    } else if (p->tok.kind == TOKEN_MUL || p->tok.kind == TOKEN_LPAREN) {
        n->field.embedded = true;
        n->field.ftype = parse_embedded_type(p);
    } else {
        parser_unexpected(p, ", expecting field name or embedded type");
        parser_advance_to(p, TOKEN_SEMICOLON, TOKEN_RBRACE);
        return false;
    }
    n->field.tag = parse_literal_or_null(p);
    if (n->field.tag && n->field.tag->lit.kind != TOKEN_STRING)
        parser_syntax_error(p, n->field.tag->pos, n->field.tag->end,
                            "struct field tag must be a string");
    vec_push_in(p->arena, (NodeList *)arg, parser_finish(p, n));
    return false;
}

// Without its brace a struct or interface has no body either: what follows is not read as one.
static bool body_begins(Parser *p)
{
    if (parser_got(p, TOKEN_LBRACE))
        return true;
    parser_unexpected(p, ", expecting {");
    return false;
}

// StructType = "struct" "{" { FieldDecl ";" } "}" .
static Node *parse_struct_type(Parser *p)
{
    Node *n = parser_node(p, NODE_STRUCT_TYPE, p->tok.pos);
    parser_next(p);
    if (!body_begins(p))
        return parser_finish(p, n);
    parser_list(p, "struct type", TOKEN_SEMICOLON, TOKEN_RBRACE, parse_field_decl, &n->fields.list);
    return parser_finish(p, n);
}

// EmbeddedTerm = [ "~" ] Type .
static Node *parse_embedded_term(Parser *p)
{
    if (p->tok.kind == TOKEN_TILDE) {
        Node *n = parser_node(p, NODE_UNARY, p->tok.pos);
        n->op = TOKEN_TILDE;
        parser_next(p);
        n->unary.x = parse_type(p);
        return parser_finish(p, n);
    }
    Node *type = parse_type_or_null(p);
    if (!type) {
        type = parser_bad(p);
        parser_unexpected(p, ", expecting ~ term or type");
        parser_advance_to(p, TOKEN_OR, TOKEN_SEMICOLON, TOKEN_RPAREN, TOKEN_RBRACK, TOKEN_RBRACE);
    }
    return type;
}

// EmbeddedElem = EmbeddedTerm { "|" EmbeddedTerm } .
// first: the first term when it is already parsed, or NULL.
static Node *parse_embedded_elem(Parser *p, Node *first)
{
    Node *x = first ? first : parse_embedded_term(p);
    while (p->tok.kind == TOKEN_OR) {
        Node *n = parser_node(p, NODE_BINARY, x->pos);
        n->op = TOKEN_OR;
        n->mark = p->tok.pos;
        parser_next(p);
        n->binary.x = x;
        n->binary.y = parse_embedded_term(p);
        x = parser_finish(p, n);
        parser_grow(p);
    }
    return x;
}

// MethodSpec = identifier Signature .
// At a name: a method, or an embedded type that begins with the name.
static void parse_method_or_embedded(Parser *p, Node *field)
{
    Node *name = parse_name(p);
    if (p->tok.kind == TOKEN_LPAREN) {
        vec_push_in(p->arena, &field->field.names, name);
        field->field.ftype = parse_func_type(p, name->pos, "interface method");
        return;
    }
    if (p->tok.kind != TOKEN_LBRACK) {
        field->field.ftype = parse_type_name(p, name);
        return;
    }
    Pos pos = p->tok.pos;
    parser_next(p);
    if (p->tok.kind == TOKEN_RBRACK) {
        Pos end = p->tok.end;
        parser_next(p);
        if (p->tok.kind == TOKEN_LPAREN) {
            parser_error(p, DIAG_TYPE_PARAMETERS, pos, end, "empty type parameter list");
            vec_push_in(p->arena, &field->field.names, name);
            field->field.ftype = parse_func_type(p, name->pos, "interface method");
        } else {
            parser_error(p, DIAG_TYPE_PARAMETERS, pos, end, "empty type argument list");
            field->field.ftype = name;
        }
        return;
    }
    // Type arguments look like parameters without names, type parameters have names.
    NodeList list = {0};
    parse_params(p, &list, TYPE_ARGS, NULL, NULL);
    if (p->tok.kind == TOKEN_LPAREN) {
        if (list.len > 0)
            parser_error(p, DIAG_TYPE_PARAMETERS, pos, p->prev_end,
                         "interface method must have no type parameters");
        vec_push_in(p->arena, &field->field.names, name);
        field->field.ftype = parse_func_type(p, name->pos, "interface method");
        return;
    }
    Node *n = parser_node(p, NODE_INDEX, name->pos);
    n->index.x = name;
    for (int i = 0; i < list.len; i++)
        vec_push_in(p->arena, &n->index.indices, list.data[i]->field.ftype);
    field->field.ftype = list.len > 0 ? parser_finish(p, n) : name;
}

static bool parse_interface_elem(Parser *p, void *arg)
{
    Node *n = parser_node(p, NODE_FIELD, p->tok.pos);
    if (p->tok.kind == TOKEN_IDENT)
        parse_method_or_embedded(p, n);
    if (n->field.names.len == 0) {
        n->field.embedded = true;
        n->field.ftype = parse_embedded_elem(p, n->field.ftype);
    }
    vec_push_in(p->arena, (NodeList *)arg, parser_finish(p, n));
    return false;
}

// InterfaceType = "interface" "{" { ( MethodSpec | EmbeddedElem ) ";" } "}" .
static Node *parse_interface_type(Parser *p)
{
    Node *n = parser_node(p, NODE_INTERFACE_TYPE, p->tok.pos);
    parser_next(p);
    if (!body_begins(p))
        return parser_finish(p, n);
    parser_list(p, "interface type", TOKEN_SEMICOLON, TOKEN_RBRACE, parse_interface_elem,
                &n->fields.list);
    return parser_finish(p, n);
}

// PointerType = "*" Type .
static Node *parse_pointer_type(Parser *p)
{
    Node *n = parser_node(p, NODE_STAR, p->tok.pos);
    parser_next(p);
    n->unary.x = parse_type(p);
    return parser_finish(p, n);
}

static Node *parse_paren_type(Parser *p)
{
    Node *n = parser_node(p, NODE_PAREN, p->tok.pos);
    parser_next(p);
    n->unary.x = parse_type(p);
    parser_want(p, TOKEN_RPAREN);
    return parser_finish(p, n);
}

// Type    = TypeName | TypeLit | "(" Type ")" .
// TypeLit = ArrayType | StructType | PointerType | FunctionType | InterfaceType | SliceType |
//           MapType | ChannelType .
Node *parse_type_or_null(Parser *p)
{
    int outer = parser_enter(p, "type");
    Node *type = NULL;
    Pos pos = p->tok.pos;
    switch (p->tok.kind) {
    case TOKEN_IDENT: type = parse_type_name(p, NULL); break;
    case TOKEN_MUL: type = parse_pointer_type(p); break;
    case TOKEN_ARROW:
    case TOKEN_CHAN: type = parse_chan_type(p); break;
    case TOKEN_MAP: type = parse_map_type(p); break;
    case TOKEN_STRUCT: type = parse_struct_type(p); break;
    case TOKEN_INTERFACE: type = parse_interface_type(p); break;
    case TOKEN_LPAREN: type = parse_paren_type(p); break;
    case TOKEN_FUNC:
        parser_next(p);
        type = parse_func_type(p, pos, "function type");
        break;
    case TOKEN_LBRACK:
        parser_next(p);
        type =
            parser_got(p, TOKEN_RBRACK) ? parse_slice_type(p, pos) : parse_array_type(p, pos, NULL);
        break;
    default: break;
    }
    parser_leave(p, outer);
    return type;
}

Node *parse_type(Parser *p)
{
    Node *type = parse_type_or_null(p);
    if (!type) {
        type = parser_bad(p);
        parser_hint(p, parser_unexpected(p, ", expecting type"),
                    p->tok.kind == TOKEN_COLON
                        ? "the type follows the name without a colon: var n int"
                        : NULL);
        parser_advance_to(p, TOKEN_COMMA, TOKEN_COLON, TOKEN_SEMICOLON, TOKEN_RPAREN, TOKEN_RBRACK,
                          TOKEN_RBRACE);
    }
    return type;
}

// ---- Parameters -------------------------------------------------------------------------

// One parameter as written: which of the two is a name and which a type is known only when
// all are parsed.
typedef struct Param {
    Node *name, *type; // either may be NULL, not both
    Pos end;
} Param;

typedef struct Params {
    Vec(Param) list;
    ParamKind kind;
    TokenKind close;
    Node *name, *type; // the beginning of the first one when it is already parsed
    int named, typed;  // with name and type; with a type
} Params;

// ParameterDecl = [ identifier ] [ "..." ] Type .
// TypeParams    = "[" TypeParamDecl { "," TypeParamDecl } [ "," ] "]" .
// TypeParamDecl = IdentifierList EmbeddedElem .
static Param parse_param(Parser *p, Node *name, TokenKind close)
{
    bool is_type_param = close == TOKEN_RBRACK; // then unions and ~ are allowed
    Param param = {0};
    if (!name && is_type_param && p->tok.kind == TOKEN_TILDE) {
        param.type = parse_embedded_elem(p, NULL);
        return param;
    }
    if (!name && p->tok.kind == TOKEN_IDENT)
        name = parse_name(p);
    if (name) {
        if (p->tok.kind == TOKEN_LBRACK) {
            param.type = parse_array_or_type_args(p);
            if (param.type->kind == NODE_INDEX) {
                param.type->index.x = name;
                param.type->pos = name->pos;
            } else {
                param.name = name;
            }
        } else if (p->tok.kind == TOKEN_PERIOD) {
            param.type = parse_type_name(p, name);
        } else if (is_type_param && p->tok.kind == TOKEN_OR) {
            param.type = name;
        }
        if (param.type) {
            if (is_type_param && p->tok.kind == TOKEN_OR)
                param.type = parse_embedded_elem(p, param.type);
            return param;
        }
        param.name = name;
    }
    if (p->tok.kind == TOKEN_ELLIPSIS) {
        Node *dots = parser_node(p, NODE_ELLIPSIS, p->tok.pos);
        parser_next(p);
        dots->unary.x = parse_type_or_null(p);
        if (!dots->unary.x) {
            dots->unary.x = parser_bad(p);
            parser_syntax_error(p, dots->pos, dots->pos + 3, "... is missing type");
        }
        param.type = parser_finish(p, dots);
        return param;
    }
    if (is_type_param && p->tok.kind == TOKEN_TILDE) {
        param.type = parse_embedded_elem(p, NULL);
        return param;
    }
    param.type = parse_type_or_null(p);
    if (is_type_param && p->tok.kind == TOKEN_OR && param.type)
        param.type = parse_embedded_elem(p, param.type);
    if (!param.name && !param.type) {
        parser_unexpected(p, ", expecting %s", token_spelling(close));
        parser_advance_to(p, TOKEN_COMMA, close);
    }
    return param;
}

static bool parse_param_element(Parser *p, void *arg)
{
    Params *params = arg;
    Param param;
    if (params->type)
        param = (Param){.name = params->name, .type = params->type};
    else
        param = parse_param(p, params->name, params->close);
    params->name = params->type = NULL;
    param.end = p->prev_end;
    if (param.name || param.type) {
        params->named += param.name && param.type;
        params->typed += param.type != NULL;
        vec_push_in(p->arena, &params->list, param);
    }
    return false;
}

// Some parameters have names, so all must. Gives each name that has no type the type that
// follows, and complains about what is left.
static void distribute_types(Parser *p, Params *params, Pos close_pos)
{
    Node *type = NULL;
    const Node *wrong = NULL;
    for (int i = params->list.len - 1; i >= 0; i--) {
        Param *param = &params->list.data[i];
        if (param->type) {
            type = param->type;
            if (!param->name) {
                wrong = type;
                param->name = parser_node(p, NODE_IDENT, type->pos);
                param->name->ident.name = name_from("_");
            }
        } else if (!type) {
            wrong = param->name;
            param->type = node_new(p->arena, NODE_BAD, wrong->pos, wrong->pos);
        }
    }
    if (!wrong)
        return;
    if (params->kind != TYPE_PARAMS)
        parser_hint(
            p, parser_syntax_error(p, wrong->pos, wrong->end, "mixed named and unnamed parameters"),
            "either all parameters have names or none");
    else if (params->named == params->typed)
        parser_syntax_error(p, close_pos, close_pos + 1, "missing type constraint");
    else
        parser_syntax_error(p, wrong->pos, wrong->end, "type parameters must be named");
}

// Parameters    = "(" [ ParameterList [ "," ] ] ")" .
// ParameterList = ParameterDecl { "," ParameterDecl } .
int parse_params(Parser *p, NodeList *fields, ParamKind kind, Node *name, Node *type)
{
    TokenKind close = kind == PARAMS ? TOKEN_RPAREN : TOKEN_RBRACK;
    Params params = {.kind = kind, .close = close, .name = name, .type = type};
    Pos close_pos = p->tok.pos;
    if (type && p->tok.kind == close) { // parser_list would not ask for the element
        parse_param_element(p, &params);
        parser_next(p);
    } else {
        close_pos =
            parser_list(p, "parameter list", TOKEN_COMMA, close, parse_param_element, &params);
    }
    if (params.named == 0 && kind != TYPE_PARAMS) {
        for (int i = 0; i < params.list.len; i++) {
            Param *param = &params.list.data[i];
            if (param->name) {
                param->type = param->name;
                param->name = NULL;
            }
        }
    } else if (params.named != params.list.len) {
        distribute_types(p, &params, close_pos);
    }

    // Names that share a type share a field.
    Node *field = NULL;
    for (int i = 0; i < params.list.len; i++) {
        Param *param = &params.list.data[i];
        if (!field)
            field = parser_node(p, NODE_FIELD, param->name ? param->name->pos : param->type->pos);
        if (param->name)
            vec_push_in(p->arena, &field->field.names, param->name);
        if (param->type) {
            field->field.ftype = param->type;
            field->end = param->type->end;
            vec_push_in(p->arena, fields, field);
            field = NULL;
        }
    }
    return params.list.len;
}

// Result = Parameters | Type .
void parse_results(Parser *p, Node *func_type)
{
    NodeList *results = &func_type->functype.results;
    if (parser_got(p, TOKEN_LPAREN)) {
        parse_params(p, results, PARAMS, NULL, NULL);
        return;
    }
    Node *type = parse_type_or_null(p);
    if (type) {
        Node *field = node_new(p->arena, NODE_FIELD, type->pos, type->end);
        field->field.ftype = type;
        vec_push_in(p->arena, results, field);
    }
}

// FunctionType = "func" Signature .
// Signature    = [ TypeParams ] Parameters [ Result ] .
// context: what must have no type parameters, or "" where they are allowed.
Node *parse_func_type(Parser *p, Pos pos, const char *context)
{
    Node *n = parser_node(p, NODE_FUNC_TYPE, pos);
    Pos bracket = p->tok.pos;
    if (parser_got(p, TOKEN_LBRACK)) {
        if (*context)
            parser_syntax_error(p, bracket, bracket + 1, "%s must have no type parameters",
                                context);
        if (p->tok.kind == TOKEN_RBRACK) {
            parser_syntax_error(p, bracket, p->tok.end, "empty type parameter list");
            parser_next(p);
        } else {
            parse_params(p, &n->functype.type_params, TYPE_PARAMS, NULL, NULL);
        }
    }
    parser_want(p, TOKEN_LPAREN);
    parse_params(p, &n->functype.params, PARAMS, NULL, NULL);
    parse_results(p, n);
    return parser_finish(p, n);
}

static Node *parse_literal_value(Parser *p, Node *type);

// ---- Operands ---------------------------------------------------------------------------

// FunctionLit = FunctionType Block .
Node *parse_func_rest(Parser *p, Pos pos, Node *type)
{
    if (p->tok.kind != TOKEN_LBRACE)
        return type;
    Node *n = parser_node(p, NODE_FUNC_LIT, pos);
    n->func.sig = type;
    p->expr_level++;
    n->func.body = parse_func_body(p);
    p->expr_level--;
    return parser_finish(p, n);
}

// Operand = Literal | identifier | FunctionLit | Type | "(" Expression ")" .
// Literal = int_lit | float_lit | imaginary_lit | rune_lit | string_lit .
static Node *parse_operand(Parser *p)
{
    Pos pos = p->tok.pos;
    switch (p->tok.kind) {
    case TOKEN_IDENT: return parse_name(p);
    case TOKEN_INT:
    case TOKEN_FLOAT:
    case TOKEN_IMAG:
    case TOKEN_CHAR:
    case TOKEN_STRING: return parse_literal_or_null(p);
    case TOKEN_LPAREN: {
        Node *n = parser_node(p, NODE_PAREN, pos);
        parser_next(p);
        p->expr_level++;
        n->unary.x = parse_expr(p);
        p->expr_level--;
        if (p->tok.kind == TOKEN_COMMA ||
            (p->tok.kind == TOKEN_IDENT && parser_line_goes_on_with(p, ") =>")))
            parser_hint(p, parser_unexpected(p, ", expecting )"), hint_for_tuple(p, pos));
        parser_want(p, TOKEN_RPAREN);
        return parser_finish(p, n);
    }
    case TOKEN_FUNC:
        parser_next(p);
        return parse_func_rest(p, pos, parse_func_type(p, pos, "function type"));
    case TOKEN_LBRACK:
    case TOKEN_CHAN:
    case TOKEN_MAP:
    case TOKEN_STRUCT:
    case TOKEN_INTERFACE: return parse_type(p);
    default: {
        Node *n = parser_bad(p);
        Diag *diag = parser_unexpected(p, ", expecting expression");
        if (p->tok.kind == TOKEN_LBRACE && p->expr_level >= 0) {
            parser_hint(p, diag,
                        "a composite literal begins with its type: []int{1, 2}, "
                        "map[string]int{\"a\": 1}, Point{X: 1}");
            return parse_literal_value(p, NULL);
        }
        while (p->tok.kind == TOKEN_PERIOD)
            parser_next(p);
        if (p->tok.kind == TOKEN_IDENT)
            return parse_name(p);
        parser_advance_to(p, TOKEN_RPAREN, TOKEN_RBRACK, TOKEN_LBRACE, TOKEN_RBRACE, TOKEN_COMMA,
                          TOKEN_COLON, TOKEN_SEMICOLON);
        return n;
    }
    }
}

// Element = Expression | LiteralValue .
static Node *parse_element(Parser *p)
{
    return p->tok.kind == TOKEN_LBRACE ? parse_literal_value(p, NULL) : parse_expr(p);
}

// KeyedElement = [ Element ":" ] Element .
static bool parse_keyed_element(Parser *p, void *arg)
{
    Node *x = parse_element(p);
    if (parser_got(p, TOKEN_COLON)) {
        Node *n = parser_node(p, NODE_KEY_VALUE, x->pos);
        n->kv.key = x;
        n->kv.value = parse_element(p);
        call_given_to(n->kv.value, x->pos, x->end);
        x = parser_finish(p, n);
    }
    vec_push_in(p->arena, (NodeList *)arg, x);
    return false;
}

// LiteralValue = "{" [ KeyedElement { "," KeyedElement } [ "," ] ] "}" .
static Node *parse_literal_value(Parser *p, Node *type)
{
    int outer = parser_enter(p, "expression");
    Node *n = parser_node(p, NODE_COMPOSITE, type ? type->pos : p->tok.pos);
    n->composite.type = type;
    n->mark = p->tok.pos;
    p->expr_level++;
    parser_want(p, TOKEN_LBRACE);
    n->composite.rbrace = parser_list(p, "composite literal", TOKEN_COMMA, TOKEN_RBRACE,
                                      parse_keyed_element, &n->composite.elems);
    p->expr_level--;
    parser_leave(p, outer);
    return parser_finish(p, n);
}

// Selector      = "." identifier .
// TypeAssertion = "." "(" ( Type | "type" ) ")" .
static Node *parse_selector(Parser *p, Node *x)
{
    Pos dot = p->tok.pos;
    parser_next(p);
    if (p->tok.kind == TOKEN_IDENT) {
        Node *n = parser_node(p, NODE_SELECTOR, x->pos);
        n->mark = dot;
        n->selector.x = x;
        n->selector.sel = parse_name(p);
        return parser_finish(p, n);
    }
    if (parser_got(p, TOKEN_LPAREN)) {
        Node *n = parser_node(p, NODE_ASSERT, x->pos);
        n->mark = dot;
        n->assert.x = x;
        if (!parser_got(p, TOKEN_TYPE))
            n->assert.type = parse_type(p);
        parser_want(p, TOKEN_RPAREN);
        return parser_finish(p, n);
    }
    Diag *diag = parser_unexpected(p, ", expecting name or (");
    if (p->tok.kind == TOKEN_SEMICOLON)
        parser_hint(p, diag, "a selector that goes on in the next line has its dot in this one");
    parser_advance_to(p, TOKEN_SEMICOLON, TOKEN_COMMA, TOKEN_RPAREN, TOKEN_RBRACK, TOKEN_RBRACE);
    return x;
}

// Index    = "[" Expression { "," Type } [ "," ] "]" .
// SliceOp  = "[" [ Expression ] ":" [ Expression ] [ ":" Expression ] "]" . With a second colon
// both indexes behind the first must be there: what is missing is a NODE_BAD, for the checker to
// tell.
static Node *parse_index_or_slice(Parser *p, Node *x)
{
    Pos bracket = p->tok.pos;
    parser_next(p);
    if (p->tok.kind == TOKEN_RBRACK) {
        parser_unexpected(p, ", expecting operand");
        parser_next(p);
        return x;
    }
    NodeList list = {0};
    if (p->tok.kind != TOKEN_COLON) {
        bool comma = parse_type_list(p, &list);
        if (comma || p->tok.kind == TOKEN_RBRACK) {
            parser_want(p, TOKEN_RBRACK);
            Node *n = parser_node(p, NODE_INDEX, x->pos);
            n->mark = bracket;
            n->index.x = x;
            n->index.indices = list;
            return parser_finish(p, n);
        }
    }
    if (!parser_got(p, TOKEN_COLON)) {
        parser_unexpected(p, ", expecting comma, : or ]");
        parser_advance_to(p, TOKEN_COMMA, TOKEN_COLON, TOKEN_RBRACK);
    }
    Node *n = parser_node(p, NODE_SLICE, x->pos);
    n->mark = bracket;
    n->slice.x = x;
    n->slice.lo = list.len > 0 ? list.data[0] : NULL;
    p->expr_level++;
    if (p->tok.kind != TOKEN_COLON && p->tok.kind != TOKEN_RBRACK)
        n->slice.hi = parse_expr(p);
    if (p->tok.kind == TOKEN_COLON) {
        n->slice.three = true;
        if (!n->slice.hi)
            n->slice.hi = parser_bad(p);
        parser_next(p);
        n->slice.max = p->tok.kind != TOKEN_RBRACK ? parse_expr(p) : parser_bad(p);
    }
    p->expr_level--;
    parser_want(p, TOKEN_RBRACK);
    return parser_finish(p, n);
}

static bool parse_argument(Parser *p, void *arg)
{
    Node *call = arg;
    vec_push_in(p->arena, &call->call.args, parse_expr(p));
    Pos pos = p->tok.pos;
    if (!parser_got(p, TOKEN_ELLIPSIS))
        return false;
    call->call.ellipsis = pos;
    return true;
}

// Arguments = "(" [ ( ExpressionList | Type [ "," ExpressionList ] ) [ "..." ] [ "," ] ] ")" .
static Node *parse_call(Parser *p, Node *fun)
{
    Node *n = parser_node(p, NODE_CALL, fun->pos);
    n->call.fun = fun;
    n->mark = p->tok.pos;
    parser_next(p);
    p->expr_level++;
    n->call.rparen = parser_list(p, "argument list", TOKEN_COMMA, TOKEN_RPAREN, parse_argument, n);
    p->expr_level--;
    return parser_finish(p, n);
}

// Says whether x can only be a value, so that x { cannot begin a composite literal.
static bool is_value(const Node *x)
{
    switch (x->kind) {
    case NODE_BASIC_LIT:
    case NODE_COMPOSITE:
    case NODE_FUNC_LIT:
    case NODE_SLICE:
    case NODE_ASSERT:
    case NODE_CALL:
    case NODE_UNARY:
    case NODE_BINARY: return true;
    case NODE_PAREN: return is_value(x->unary.x);
    case NODE_INDEX:
        if (is_value(x->index.x))
            return true;
        for (int i = 0; i < x->index.indices.len; i++)
            if (is_value(x->index.indices.data[i]))
                return true;
        return false;
    default: return false;
    }
}

// Whether the { behind x begins the value of a composite literal. In the header of a statement
// a mere name does not: if x == T { is an if with a body.
static bool begins_literal_value(Parser *p, Node *x)
{
    switch (x->kind) {
    case NODE_IDENT:
    case NODE_SELECTOR: return p->expr_level >= 0;
    case NODE_INDEX: return p->expr_level >= 0 && !is_value(x);
    case NODE_ARRAY_TYPE:
    case NODE_STRUCT_TYPE:
    case NODE_MAP_TYPE: return true;
    default: return false;
    }
}

// PrimaryExpr  = Operand | CompositeLit | PrimaryExpr Selector | PrimaryExpr Index |
//                PrimaryExpr SliceOp | PrimaryExpr TypeAssertion | PrimaryExpr Arguments .
// CompositeLit = Type LiteralValue .
Node *parse_primary(Parser *p, Node *operand)
{
    Node *x = operand ? operand : parse_operand(p);
    for (;;) {
        switch (p->tok.kind) {
        case TOKEN_PERIOD: x = parse_selector(p, x); break;
        case TOKEN_LBRACK: x = parse_index_or_slice(p, x); break;
        case TOKEN_LPAREN: x = parse_call(p, x); break;
        case TOKEN_LBRACE: {
            Node *type = node_unparen(x);
            if (!begins_literal_value(p, type))
                return x;
            if (type != x)
                parser_syntax_error(p, x->pos, x->end,
                                    "cannot parenthesize type in composite literal");
            x = parse_literal_value(p, x);
            break;
        }
        default: return x;
        }
        parser_grow(p);
    }
}

// <- before a channel type belongs to the type: <-chan T, and <-(chan<- T) written without
// parentheses is <-chan (<-T), which is wrong.
static Node *rebind_arrow(Parser *p, Pos arrow, Node *type)
{
    u8 dir = DIR_SEND;
    Node *t = type;
    while (dir == DIR_SEND) {
        if (t->kind != NODE_CHAN_TYPE) {
            parser_syntax_error(p, t->pos, t->end, "unexpected %s, expecting chan",
                                parser_text(p, t));
            break;
        }
        dir = t->chan.dir;
        if (dir == DIR_RECEIVE)
            parser_syntax_error(p, t->pos, t->pos + 2, "unexpected <-, expecting chan");
        Pos inner = t->chan.arrow;
        t->chan.dir = DIR_RECEIVE;
        t->chan.arrow = arrow;
        t->pos = arrow;
        arrow = inner;
        t = t->chan.elem;
    }
    return type;
}

// UnaryExpr = PrimaryExpr | unary_op UnaryExpr .
// unary_op  = "+" | "-" | "!" | "^" | "*" | "&" | "<-" | "~" .
static Node *parse_unary(Parser *p)
{
    int outer = parser_enter(p, "expression");
    Pos pos = p->tok.pos;
    Node *n;
    switch (p->tok.kind) {
    case TOKEN_ADD:
    case TOKEN_SUB:
    case TOKEN_NOT:
    case TOKEN_XOR:
    case TOKEN_TILDE:
    case TOKEN_AND:
        n = parser_node(p, NODE_UNARY, pos);
        n->op = p->tok.kind;
        parser_next(p);
        n->unary.x = parse_unary(p);
        parser_finish(p, n);
        break;
    case TOKEN_MUL:
        n = parser_node(p, NODE_STAR, pos);
        parser_next(p);
        n->unary.x = parse_unary(p);
        parser_finish(p, n);
        break;
    case TOKEN_ARROW: {
        parser_next(p);
        Node *x = parse_unary(p);
        if (x->kind == NODE_CHAN_TYPE) {
            n = rebind_arrow(p, pos, x);
            break;
        }
        n = parser_node(p, NODE_UNARY, pos);
        n->op = TOKEN_ARROW;
        n->unary.x = x;
        parser_finish(p, n);
        break;
    }
    default: n = parse_primary(p, NULL); break;
    }
    parser_leave(p, outer);
    return n;
}

// Expression = UnaryExpr | Expression binary_op Expression .
// binary_op  = "||" | "&&" | rel_op | add_op | mul_op .
// rel_op     = "==" | "!=" | "<" | "<=" | ">" | ">=" .
// add_op     = "+" | "-" | "|" | "^" .
// mul_op     = "*" | "/" | "%" | "<<" | ">>" | "&" | "&^" .
// left: what is already parsed, or NULL. Takes operators that bind closer than precedence.
static Node *parse_binary(Parser *p, Node *left, int precedence)
{
    Node *x = left ? left : parse_unary(p);
    for (;;) {
        int own = token_precedence(p->tok.kind);
        if (own <= precedence)
            return x;
        Node *n = parser_node(p, NODE_BINARY, x->pos);
        n->op = p->tok.kind;
        n->mark = p->tok.pos;
        parser_next(p);
        n->binary.x = x;
        n->binary.y = parse_binary(p, NULL, own);
        x = parser_finish(p, n);
        parser_grow(p);
    }
}

Node *parse_expr(Parser *p)
{
    return parse_expr_from(p, NULL);
}

Node *parse_expr_from(Parser *p, Node *operand)
{
    // The chain's height counts from its own operands, not from what was parsed before.
    int outer_height = p->height;
    if (!operand)
        p->height = 0;
    Node *x = parse_binary(p, operand ? parse_primary(p, operand) : NULL, 0);
    if (outer_height > p->height)
        p->height = outer_height;
    return x;
}

// ExpressionList = Expression { "," Expression } .
void parse_expr_list(Parser *p, NodeList *list)
{
    do
        vec_push_in(p->arena, list, parse_expr(p));
    while (parser_got(p, TOKEN_COMMA));
}
