// check_expr.c: expressions, but for literals with parts (check_literal.c), selectors
// (check_selector.c) and calls (check_call.c).
//
// check_raw fills an operand's node whatever it is; the others demand a value, a single value, a
// value or type. Chains of binary operators are walked with a list instead of recursion, since
// they can be very long.
#include "types/check_impl.h"

#include <sys/resource.h>

// ---- Operands ---------------------------------------------------------------------------

static Type *invalid_type(void)
{
    return type_predeclared[TYPE_INVALID];
}

bool is_type_invalid(const Type *t)
{
    return t->kind == TYPE_INVALID || (t->underlying && t->underlying->kind == TYPE_INVALID);
}

void set_invalid(Node *n)
{
    n->mode = MODE_INVALID;
    n->type = invalid_type();
    n->cval = NULL;
}

void set_value(Node *n, Type *t)
{
    n->mode = MODE_VALUE;
    n->type = t;
    n->cval = NULL;
}

bool check_depth(Checker *c, const Node *n)
{
    char here;
    if (likely((char *)&here > c->stack_limit))
        return true;
    if (!c->depth_reported)
        check_error_at(c, n, DIAG_NESTED_TOO_DEEPLY, "expression or type nested too deeply");
    c->depth_reported = true;
    return false;
}

// A value of the type was meant.
static void hint_literal(Checker *c, const Node *n, Diag *d)
{
    switch (n->type ? type_under(n->type)->kind : TYPE_INVALID) {
    case TYPE_MAP:
    case TYPE_SLICE: diag_hint(c->diags, d, "%s{} makes an empty one", expr_text(c, n)); break;
    case TYPE_CHAN: diag_hint(c->diags, d, "make(%s) makes one", expr_text(c, n)); break;
    case TYPE_STRUCT: diag_hint(c->diags, d, "%s{} makes one", expr_text(c, n)); break;
    default: break;
    }
}

bool single_value(Checker *c, Node *n)
{
    if (n->mode == MODE_VALUE && n->type->kind == TYPE_TUPLE) {
        check_error_at(c, n, DIAG_MULTIPLE_VALUE, "multiple-value %s in single-value context",
                       operand_text(c, n));
        set_invalid(n);
    }
    return !is_invalid(n);
}

static void exclude(Checker *c, Node *n, bool type_allowed)
{
    if (n->mode == MODE_NOVALUE)
        check_error_at(c, n, DIAG_NO_VALUE, "%s used as value%s", operand_text(c, n),
                       type_allowed ? " or type" : "");
    else if (n->mode == MODE_BUILTIN)
        check_error_at(c, n, DIAG_BUILTIN, "%s must be called", operand_text(c, n));
    else if (n->mode == MODE_TYPE && !type_allowed)
        hint_literal(c, n,
                     check_error_at(c, n, DIAG_NOT_AN_EXPRESSION, "%s is not an expression",
                                    operand_text(c, n)));
    else
        return;
    set_invalid(n);
}

void check_multi(Checker *c, Node *n)
{
    check_raw(c, n, NULL);
    exclude(c, n, false);
}

void check_expr_hint(Checker *c, Node *n, Type *hint)
{
    check_raw(c, n, hint);
    exclude(c, n, false);
    single_value(c, n);
}

void check_expr(Checker *c, Node *n)
{
    check_expr_hint(c, n, NULL);
}

void check_expr_or_type(Checker *c, Node *n)
{
    check_raw(c, n, NULL);
    exclude(c, n, true);
    single_value(c, n);
}

void check_use(Checker *c, Node *n)
{
    if (!n || n->kind == NODE_BAD)
        return;
    if (n->kind == NODE_KEY_VALUE) {
        check_use(c, n->kv.value);
        return;
    }
    if (n->kind == NODE_IDENT && n->ident.name->len == 1 && n->ident.name->text[0] == '_')
        return;
    check_raw(c, n, NULL);
    settle_type(c, n);
}

void check_use_list(Checker *c, NodeList *list)
{
    for (int i = 0; i < list->len; i++)
        check_use(c, list->data[i]);
}

bool is_addressable(const Node *n)
{
    return n->mode == MODE_VAR;
}

bool is_comma_ok(const Node *n)
{
    return n->mode == MODE_COMMAOK || n->mode == MODE_MAPINDEX;
}

// The variable that n is a part of without following a pointer, or NULL.
static Object *root_variable(Node *n)
{
    for (;;) {
        switch (n->kind) {
        case NODE_PAREN: n = n->unary.x; break;
        case NODE_IDENT: return n->obj && n->obj->kind == OBJECT_VAR ? n->obj : NULL;
        case NODE_SELECTOR:
            if (n->flag & NODEFLAG_QUALIFIED)
                return n->obj && n->obj->kind == OBJECT_VAR ? n->obj : NULL;
            n = n->selector.x;
            if (!n->type || type_under(n->type)->kind == TYPE_POINTER)
                return NULL;
            break;
        case NODE_INDEX:
            n = n->index.x;
            if (!n->type || type_under(n->type)->kind != TYPE_ARRAY)
                return NULL;
            break;
        default: return NULL;
        }
    }
}

void mark_addressed(Node *n)
{
    Object *obj = root_variable(n);
    if (obj)
        obj->addr_taken = true;
}

void mark_reassigned(Node *n)
{
    Object *obj = root_variable(n);
    if (obj)
        obj->reassigned = true;
}

// ---- Names ------------------------------------------------------------------------------

void add_dependency(Checker *c, Object *obj)
{
    Object *decl = c->env.decl;
    if (!decl || !obj->is_global || obj->pkg != decl->pkg)
        return;
    for (int i = decl->deps.len - 1; i >= 0 && i >= decl->deps.len - 8; i--) {
        if (decl->deps.data[i] == obj)
            return;
    }
    vec_push_in(c->arena, &decl->deps, obj);
}

static void capture(Checker *c, Object *obj)
{
    if (obj->is_global || !obj->func || obj->func == c->env.func)
        return;
    obj->captured = true;
    for (FuncInfo *f = c->env.func; f && f != obj->func; f = f->outer) {
        bool known = false;
        for (int i = 0; i < f->captures.len && !known; i++)
            known = f->captures.data[i] == obj;
        if (known)
            return;
        vec_push_in(c->arena, &f->captures, obj);
    }
}

// obj came in by import . "path".
static void use_dot_import(Checker *c, Object *obj)
{
    for (int i = 0; i < c->imports.len; i++) {
        if (c->imports.data[i]->imported == obj->pkg)
            c->imports.data[i]->used = true;
    }
}

static void use_object(Checker *c, Object *obj, Node *at)
{
    at->obj = obj;
    if (obj->pkg && obj->pkg != c->env.pkg)
        use_dot_import(c, obj);
    if (obj->kind == OBJECT_VAR)
        capture(c, obj);
    if (obj->is_global && obj->pkg)
        add_dependency(c, obj);
    if (obj->state != 2 || !obj->type)
        resolve_object(c, obj);
}

static bool is_value_object(Object *obj)
{
    return obj->kind != OBJECT_LABEL && obj->kind != OBJECT_PACKAGE;
}

// Names that mean something in other languages, above all in Python.
static const char *foreign_name(Name name)
{
    static const struct {
        const char *word, *hint;
    } words[] = {
        {"None", "it is called nil"},
        {"null", "it is called nil"},
        {"NULL", "it is called nil"},
        {"nullptr", "it is called nil"},
        {"undefined", "it is called nil; a variable that is only declared has its zero value"},
        {"console", "fmt.Println prints"},
        {"System", "fmt.Println prints"},
        {"cout", "fmt.Println prints"},
        {"puts", "fmt.Println prints"},
        {"echo", "fmt.Println prints"},
        {"scanf", "fmt.Scan reads values, bufio.NewScanner(os.Stdin) lines"},
        {"Math", "the package is called math"},
        {"String", "the type is called string"},
        {"Integer", "the type is called int"},
        {"boolean", "the type is called bool"},
        {"double", "the type is called float64"},
        {"long", "the type is called int64"},
        {"unsigned", "the type is called uint"},
        {"size_t", "the type is called int"},
        {"strlen", "len is a function: len(s)"},
        {"sizeof", "len(x) is the number of elements"},
        {"malloc", "new(T), &T{} and make make things; nothing must be freed"},
        {"free", "nothing must be freed: what nobody can reach is collected"},
        {"enumerate", "for i, x := range xs gives index and value"},
        {"zip", "for i := range xs { … xs[i], ys[i] … }"},
        {"parseInt", "strconv.Atoi(s)"},
        {"setTimeout", "time.AfterFunc(d, f), or go and time.Sleep"},
        {"Thread", "a call is started concurrently with go"},
        {"Promise", "a goroutine sends its result on a channel"},
        {"random", "package math/rand has rand.Intn(n)"},
        {"ord", "the number of a character is int('a'), int(s[0])"},
        {"chr", "the character of a number is string(rune(n))"},
        {"round", "math.Round, for a float64"},
        {"not", "it is written !"},
        {"self", "a method names its receiver: func (self *T) name()"},
        {"this", "a method names its receiver: func (this *T) name()"},
        {"pass", "a block without statements is { }"},
        {"str", "fmt.Sprint makes a string of any value"},
        {"float", "the type is called float64"},
        {"char", "the type is called rune, or byte"},
        {"list", "a list is a slice: []int{1, 2, 3}"},
        {"dict", "a dictionary is a map: map[string]int{}"},
        {"set", "a set is a map: map[string]bool{}"},
        {"input", "bufio.NewScanner(os.Stdin) reads lines"},
        {"open", "os.Open opens a file, os.ReadFile reads all of it"},
        {"sorted", "sort.Ints and sort.Slice sort a slice in place"},
        {"sum", "sum in a loop: for _, x := range xs { total += x }"},
        {"abs", "math.Abs, for a float64"},
        {"pow", "math.Pow, for float64"},
        {"sqrt", "math.Sqrt, for a float64"},
        {"sleep", "time.Sleep(100 * time.Millisecond)"},
        {"exit", "os.Exit(code)"},
        {"quit", "os.Exit(code)"},
        {"__name__", "func main is called by itself, and statements of a script run in order"},
        {"printf", "fmt.Printf"},
        {"putchar", "fmt.Printf(\"%c\", c)"},
        {"NaN", "math.NaN()"},
        {"void", "a function without a result has nothing behind its parentheses"},
    };
    for (int i = 0; i < countof(words); i++)
        if (strcmp(name->text, words[i].word) == 0)
            return words[i].hint;
    return NULL;
}

Diag *check_undefined(Checker *c, const Node *ident)
{
    Name name = ident->ident.name;
    Diag *d = check_error_at(c, ident, DIAG_UNDEFINED, "undefined: %s", name->text);
    bool leaves = strcmp(name->text, "exit") == 0 || strcmp(name->text, "quit") == 0;
    const char *foreign =
        c->options.repl && leaves ? "exit alone, or Ctrl-D, leaves the prompt" : foreign_name(name);
    const FuncInfo *method = c->env.func;
    while (method && method->outer)
        method = method->outer;
    bool self = strcmp(name->text, "self") == 0 || strcmp(name->text, "this") == 0;
    if (self && method && method->node->kind == NODE_FUNC_DECL && method->node->func.recv &&
        method->params.len > 0 && strcmp(method->params.data[0]->name->text, "_") != 0)
        diag_hint(c->diags, d, "this method calls its receiver %s",
                  method->params.data[0]->name->text);
    else if (foreign) {
        if (!d->hint) // the same name twice in a line
            diag_hint(c->diags, d, "%s", foreign);
    } else
        hint_name(c, d, suggest(c, c->env.scope, name, is_value_object));
    return d;
}

Object *lookup_name(Checker *c, Node *ident, bool as_package)
{
    Name name = ident->ident.name;
    if (name->len == 1 && name->text[0] == '_') {
        check_error_at(c, ident, DIAG_BLANK_NAME, "cannot use _ as value");
        return NULL;
    }
    Object *obj = scope_find(c->env.scope, name, POS_NONE);
    if (!obj)
        obj = auto_import(c, name);
    if (!obj) {
        Diag *d = check_undefined(c, ident);
        const char *path = as_package ? standard_path(c, name->text) : NULL;
        if (path && load_package(c, path))
            diag_hint(c->diags, d, "add import \"%s\"", path);
    }
    return obj;
}

// A script's top-level variable that is used by an earlier top-level statement.
static bool is_too_early(Checker *c, const Object *obj, const Node *at)
{
    return c->env.at_top && obj->is_global && obj->pkg == c->env.pkg && obj->pos > at->pos &&
           obj->func;
}

static void check_ident(Checker *c, Node *n)
{
    Object *obj = lookup_name(c, n, false);
    if (!obj)
        return;
    if (obj->kind == OBJECT_PACKAGE) {
        obj->used = true;
        check_error_at(c, n, DIAG_PACKAGE_AS_VALUE, "use of package %s not in selector",
                       obj->name->text);
        return;
    }
    obj->used = true;
    use_object(c, obj, n);
    Type *t = obj->type;
    switch (obj->kind) {
    case OBJECT_CONST:
        if (obj->pkg == NULL && obj->cval == NULL) { // iota
            if (!c->env.iota) {
                check_error_at(c, n, DIAG_IOTA, "cannot use iota outside constant declaration");
                return;
            }
            n->cval = c->env.iota;
        } else {
            n->cval = obj->cval;
        }
        if (is_type_invalid(t) || !n->cval)
            return;
        n->mode = MODE_CONST;
        n->type = t;
        return;
    case OBJECT_TYPE:
        if (obj->pkg == NULL && t->kind == TYPE_INVALID) { // comparable
            unsupported_generics(c, n);
            return;
        }
        if (is_type_invalid(t))
            return;
        n->mode = MODE_TYPE;
        break;
    case OBJECT_VAR:
        if (obj->state == 1 && obj->func && obj->is_global && is_type_invalid(t)) {
            // A script's variable in its own value: programs leave this to check_init.c.
            Diag *d = check_error_at(c, n, DIAG_UNDEFINED, "undefined: %s", obj->name->text);
            diag_hint(c->diags, d,
                      "its own value cannot use it; declare it before with var %s and a type",
                      obj->name->text);
            return;
        }
        if (is_too_early(c, obj, n)) {
            Diag *d = check_error_at(c, n, DIAG_UNDEFINED, "undefined: %s", obj->name->text);
            diag_other(d, obj->pos, "declared here, later in the script");
            return;
        }
        if (is_type_invalid(t))
            return;
        n->mode = MODE_VAR;
        break;
    case OBJECT_FUNC:
        if (is_type_invalid(t))
            return;
        n->mode = MODE_VALUE;
        break;
    case OBJECT_BUILTIN: n->mode = MODE_BUILTIN; return;
    case OBJECT_NIL: n->mode = MODE_NIL; break;
    default: return;
    }
    n->type = t;
}

// ---- Literals ---------------------------------------------------------------------------

static void check_basic_lit(Checker *c, Node *n)
{
    static const TypeKind kinds[] = {
        [TOKEN_INT] = TYPE_UNTYPED_INT,       [TOKEN_FLOAT] = TYPE_UNTYPED_FLOAT,
        [TOKEN_IMAG] = TYPE_UNTYPED_COMPLEX,  [TOKEN_CHAR] = TYPE_UNTYPED_RUNE,
        [TOKEN_STRING] = TYPE_UNTYPED_STRING,
    };
    struct Const *v = const_from_literal(c->arena, n->lit.kind, n->lit.text);
    if (!v) {
        if (n->lit.text.len > 10000)
            check_error_at(c, n, DIAG_CONSTANT_OVERFLOW,
                           "excessively long constant: %.10s... (%d chars)", n->lit.text.data,
                           (int)n->lit.text.len);
        else
            check_error_at(c, n, DIAG_CONSTANT_OVERFLOW, "malformed constant: %.*s",
                           (int)n->lit.text.len, n->lit.text.data);
        return;
    }
    n->mode = MODE_CONST;
    n->type = type_predeclared[kinds[n->lit.kind]];
    n->cval = v;
    if (n->lit.kind == TOKEN_INT)
        check_overflow(c, n, "literal", n->pos, n->end);
}

static void check_func_lit(Checker *c, Node *n)
{
    n->func.sig->type = NULL;
    Type *t = check_signature(c, n->func.sig);
    if (t->kind != TYPE_FUNC)
        return;
    FuncInfo *outer = c->env.func;
    FuncInfo *info = new_func_info(c, n, t);
    info->outer = outer;
    info->index = outer ? ++outer->literal_count : ++c->env.pkg->literal_count;
    bool has_call = c->has_call;
    check_func_body(c, info, n->func.body);
    c->has_call = has_call;
    set_value(n, t);
}

// ---- Unary operators --------------------------------------------------------------------

static const char *op_word(TokenKind op, bool unary)
{
    switch (op) {
    case TOKEN_ADD: return "addition";
    case TOKEN_SUB: return unary ? "negation" : "subtraction";
    case TOKEN_MUL: return "multiplication";
    case TOKEN_QUO: return "division";
    case TOKEN_XOR: return unary ? "bitwise complement" : "bitwise XOR";
    case TOKEN_SHL: return "shift";
    default: return "operation";
    }
}

static void check_address_of(Checker *c, Node *n, Type *hint)
{
    Node *x = n->unary.x, *bare = node_unparen(x);
    if (hint && type_under(hint)->kind == TYPE_POINTER)
        hint = type_under(hint)->elem;
    else
        hint = NULL;
    check_expr_hint(c, x, hint);
    if (is_invalid(x))
        return;
    if (bare->kind != NODE_COMPOSITE && !is_addressable(x)) {
        Diag *d = check_error_at(c, x, DIAG_ADDRESS, "invalid operation: cannot take address of %s",
                                 operand_text(c, x));
        if (x->mode == MODE_MAPINDEX)
            diag_hint(c->diags, d, "elements of a map move; copy the element to a variable first");
        else if (x->mode == MODE_CONST || x->mode == MODE_VALUE)
            diag_hint(c->diags, d, "put the value into a variable first");
        return;
    }
    mark_addressed(x);
    set_value(n, make_pointer(c, x->type));
}

static void check_receive(Checker *c, Node *n)
{
    Node *x = n->unary.x;
    check_expr(c, x);
    if (is_invalid(x) || is_type_invalid(x->type))
        return;
    Type *u = type_under(x->type);
    if (u->kind != TYPE_CHAN) {
        check_error_at(c, x, DIAG_NOT_A_CHANNEL,
                       "invalid operation: cannot receive from non-channel %s", operand_text(c, x));
        return;
    }
    if (u->chan_dir == DIR_SEND) {
        Diag *d = check_error_at(c, x, DIAG_CHANNEL_DIRECTION,
                                 "invalid operation: cannot receive from send-only channel %s",
                                 operand_text(c, x));
        if (x->obj && x->obj->pos)
            diag_other(d, x->obj->pos, "declared here");
        return;
    }
    c->has_call = true;
    n->mode = MODE_COMMAOK;
    n->type = u->elem;
}

static void check_unary(Checker *c, Node *n, Type *hint)
{
    if (n->op == TOKEN_AND) {
        check_address_of(c, n, hint);
        return;
    }
    if (n->op == TOKEN_ARROW) {
        check_receive(c, n);
        return;
    }
    Node *x = n->unary.x;
    check_expr(c, x);
    if (is_invalid(x) || is_type_invalid(x->type))
        return;
    bool fine = n->op == TOKEN_NOT   ? type_is_boolean(x->type)
                : n->op == TOKEN_XOR ? type_is_integer(x->type)
                                     : type_is_numeric(x->type);
    if (n->op == TOKEN_TILDE) {
        check_error_at(c, n, DIAG_OPERATOR, "cannot use ~ outside of interface or type constraint");
        return;
    }
    if (!fine) {
        Diag *d =
            check_error_at(c, x, DIAG_OPERATOR, "invalid operation: operator %s not defined on %s",
                           token_spelling(n->op), operand_text(c, x));
        if (n->op == TOKEN_NOT && type_is_integer(x->type))
            diag_hint(c->diags, d, "compare with 0, or use ^ to invert bits");
        else if (n->op == TOKEN_NOT && type_is_string(x->type))
            diag_hint(c->diags, d, "compare: %s == \"\"", expr_text(c, x));
        else if (n->op == TOKEN_NOT && type_has_nil(x->type))
            diag_hint(c->diags, d, "compare: %s == nil", expr_text(c, x));
        return;
    }
    n->type = x->type;
    if (x->mode != MODE_CONST) {
        n->mode = MODE_VALUE;
        return;
    }
    int bits = 0;
    if (type_is_unsigned(x->type)) {
        u64 size;
        u32 align;
        type_size(x->type, &size, &align);
        bits = (int)size * 8;
    }
    n->mode = MODE_CONST;
    n->cval = const_unary(c->arena, n->op, x->cval, bits);
    check_overflow(c, n, op_word(n->op, true), n->pos, n->end);
}

// Whether the star before x is the second one of x ** y.
static bool is_power(const Node *x)
{
    const SourceFile *file = source_file_of(x->pos);
    u32 at = file ? x->pos - file->base : 0;
    const char *text = file ? file->text : NULL;
    while (at > 0 && (text[at - 1] == ' ' || text[at - 1] == '('))
        at--;
    return at >= 2 && text[at - 1] == '*' && text[at - 2] == '*';
}

static void check_star(Checker *c, Node *n)
{
    Node *x = n->unary.x;
    check_expr_or_type(c, x);
    if (is_invalid(x))
        return;
    if (x->mode == MODE_TYPE) {
        n->mode = MODE_TYPE;
        n->type = make_pointer(c, x->type);
        return;
    }
    if (x->mode == MODE_NIL) {
        check_error_at(c, x, DIAG_INDIRECTION, "invalid operation: cannot indirect nil");
        return;
    }
    Type *u = type_under(x->type);
    if (u->kind != TYPE_POINTER) {
        if (!is_type_invalid(u)) {
            Diag *d = check_error_at(c, x, DIAG_INDIRECTION,
                                     "invalid operation: cannot indirect %s", operand_text(c, x));
            if (type_is_numeric(u) && is_power(x))
                diag_hint(c->diags, d, "there is no operator **; math.Pow raises to a power");
            else
                diag_hint(c->diags, d, "* gives what a pointer points to, and this is none");
        }
        return;
    }
    n->mode = MODE_VAR;
    n->type = u->elem;
}

// ---- Binary operators -------------------------------------------------------------------

static bool is_comparison(TokenKind op)
{
    return op >= TOKEN_EQL && op <= TOKEN_GEQ;
}

// "x + y", or "x += y" of an assignment.
static const char *operation_text(Checker *c, Node *n, Node *x, Node *y, TokenKind op)
{
    if (n->kind == NODE_ASSIGN || n->kind == NODE_INC_DEC)
        return arena_printf(c->arena, "%s %s= %s", expr_text(c, x), token_spelling(op),
                            expr_text(c, y));
    return expr_text(c, n);
}

// A string constant of one ASCII character.
static bool is_one_character(const Node *n)
{
    return n->mode == MODE_CONST && n->cval && const_kind(n->cval) == CONST_STRING &&
           const_str(n->cval).len == 1;
}

static bool is_character(const Node *n)
{
    TypeKind kind = type_under(n->type)->kind;
    return kind == TYPE_UINT8 || kind == TYPE_INT32 || kind == TYPE_UNTYPED_RUNE;
}

// A function without parameters whose result may be meant.
static bool calls_itself_not(const Node *n)
{
    const Type *t = type_under(n->type);
    return (n->kind == NODE_IDENT || n->kind == NODE_SELECTOR) && t->kind == TYPE_FUNC &&
           t->params.len == 0 && t->results.len == 1;
}

static void hint_never_nil(Checker *c, Diag *d, Node *x)
{
    const char *word = type_is_string(x->type)    ? "string"
                       : type_is_numeric(x->type) ? "number"
                       : type_is_boolean(x->type) ? "bool"
                                                  : type_kind_word(x->type);
    if (!word || type_has_nil(x->type))
        return;
    Node *bare = node_unparen(x);
    if (bare->mode == MODE_MAPINDEX)
        diag_hint(c->diags, d, "a %s is never nil; whether a map has a key: value, found := %s",
                  word, expr_text(c, bare));
    else
        diag_hint(c->diags, d, "a %s is never nil%s", word,
                  type_is_string(x->type) ? "; the empty one is \"\"" : "");
}

static void mismatched(Checker *c, Node *n, Node *x, Node *y, TokenKind op)
{
    if (is_type_invalid(x->type) || is_type_invalid(y->type))
        return;
    Diag *d =
        check_error(c, n->pos ? n->pos : x->pos, y->end, DIAG_MISMATCHED_TYPES,
                    "invalid operation: %s (mismatched types %s and %s)",
                    operation_text(c, n, x, y, op), type_text(c, x->type), type_text(c, y->type));
    // An int becomes a float64 rather than the other way round, unless the result must be an int.
    bool convert_x = n->kind == NODE_BINARY && type_is_integer(x->type) && type_is_float(y->type);
    if (type_is_numeric(x->type) && type_is_numeric(y->type))
        diag_hint(c->diags, d, "convert one of them: %s(%s)",
                  type_text(c, convert_x ? y->type : x->type), expr_text(c, convert_x ? x : y));
    else if (op == TOKEN_REM && type_is_string(x->type))
        diag_hint(c->diags, d, "fmt.Sprintf(%s, %s) puts values into a text", expr_text(c, x),
                  expr_text(c, y));
    else if (op == TOKEN_MUL && type_is_string(x->type) && type_is_integer(y->type))
        diag_hint(c->diags, d, "strings.Repeat(%s, %s) repeats a string", expr_text(c, x),
                  expr_text(c, y));
    else if (op == TOKEN_LSS && type_under(x->type)->kind == TYPE_CHAN)
        diag_hint(c->diags, d, "a send is written %s <- value", expr_text(c, x));
    else if (is_one_character(x) && is_character(y))
        diag_hint(c->diags, d, "one character stands between ' and ': '%s'",
                  const_str(x->cval).data);
    else if (is_one_character(y) && is_character(x))
        diag_hint(c->diags, d, "one character stands between ' and ': '%s'",
                  const_str(y->cval).data);
    else if (op == TOKEN_ADD && (is_character(x) || is_character(y)))
        diag_hint(c->diags, d, "string(%s) makes a string of a character",
                  expr_text(c, is_character(x) ? x : y));
    else if (calls_itself_not(x) || calls_itself_not(y))
        diag_hint(c->diags, d, "call it: %s()", expr_text(c, calls_itself_not(x) ? x : y));
    else if (type_is_interface(x->type) && !type_is_interface(y->type) && y->mode != MODE_NIL)
        diag_hint(c->diags, d, "what an interface holds is taken out with %s.(%s)", expr_text(c, x),
                  type_text(c, type_is_untyped(y->type) ? type_default(y->type) : y->type));
    else if (op == TOKEN_ADD && (type_is_string(x->type) != type_is_string(y->type)))
        diag_hint(c->diags, d, "strconv.Itoa or fmt.Sprint makes a string of a number");
}

// Whether converting an untyped operand to the type of the other makes sense at all.
static bool may_convert(const Node *x, const Node *y)
{
    if (!type_is_untyped(x->type) && !type_is_untyped(y->type))
        return false;
    if (type_is_interface(x->type) || type_is_interface(y->type))
        return true;
    if (type_is_boolean(x->type) != type_is_boolean(y->type))
        return false;
    if (type_is_string(x->type) != type_is_string(y->type))
        return false;
    if (x->mode == MODE_NIL)
        return type_has_nil(y->type);
    if (y->mode == MODE_NIL)
        return type_has_nil(x->type);
    if (type_under(x->type)->kind == TYPE_POINTER || type_under(y->type)->kind == TYPE_POINTER)
        return false;
    return true;
}

// Untyped operands take the type of the other. False: they do not fit; reported.
static bool match_operands(Checker *c, Node *n, Node *x, Node *y, TokenKind op)
{
    if (!may_convert(x, y))
        return true;
    Node *pairs[2][2] = {{x, y}, {y, x}};
    Type *types[2] = {x->type, y->type};
    for (int i = 0; i < 2; i++) {
        Node *operand = pairs[i][0];
        Type *target = types[1 - i];
        if (!type_is_untyped(operand->type))
            continue;
        Type *out;
        struct Const *value;
        Fit fit = implicit_type(c, operand, target, &out, &value);
        if (fit == FIT_NO) {
            mismatched(c, n, x, y, op);
            return false;
        }
        if (fit != FIT_OK || !type_is_untyped(out)) {
            if (!convert_untyped(c, operand, target))
                return false;
            continue;
        }
        operand->type = out;
        operand->cval = value;
    }
    return true;
}

static bool fits_nil_or_assignable(const Node *x, const Node *y)
{
    if (x->mode == MODE_NIL)
        return type_has_nil(y->type);
    if (type_is_untyped(x->type))
        return x->type->kind == y->type->kind;
    return type_assignable(x->type, y->type);
}

// What is wrong with a comparison: the operand to blame, and the words for it if it is not the
// operator alone.
typedef struct ComparisonFault {
    const Node *culprit; // NULL: nothing is wrong
    DiagKind kind;
    Buf cause;
} ComparisonFault;

static ComparisonFault comparison_fault(Checker *c, Node *x, Node *y, TokenKind op)
{
    ComparisonFault f = {.kind = DIAG_OPERATOR};
    if (!fits_nil_or_assignable(x, y) && !fits_nil_or_assignable(y, x)) {
        f.culprit = y;
        f.kind = DIAG_MISMATCHED_TYPES;
        buf_puts(&f.cause, "mismatched types ");
        type_print(x->type, c->env.pkg, &f.cause);
        buf_puts(&f.cause, " and ");
        type_print(y->type, c->env.pkg, &f.cause);
    } else if (op != TOKEN_EQL && op != TOKEN_NEQ) {
        if (!type_ordered(x->type) || !type_ordered(y->type))
            f.culprit = type_ordered(x->type) ? y : x;
    } else if (x->mode == MODE_NIL || y->mode == MODE_NIL) {
        const Type *t = x->mode == MODE_NIL ? y->type : x->type;
        if (!type_has_nil(t) || (x->mode == MODE_NIL && y->mode == MODE_NIL))
            f.culprit = y;
    } else if (!type_comparable(x->type) || !type_comparable(y->type)) {
        f.culprit = type_comparable(x->type) ? y : x;
        f.kind = DIAG_NOT_COMPARABLE;
        type_incomparable_cause(f.culprit->type, c->env.pkg, &f.cause);
    }
    if (f.culprit && f.cause.len == 0) {
        const char *word = type_kind_word(f.culprit->type);
        buf_printf(&f.cause, "operator %s not defined on %s", token_spelling(op),
                   f.culprit->mode == MODE_NIL ? "nil"
                   : word                      ? word
                                               : type_text(c, f.culprit->type));
    }
    return f;
}

static void hint_for_comparison(Checker *c, Diag *d, Node *x, Node *y, TokenKind op)
{
    if (x->kind == NODE_BINARY && is_comparison(x->op))
        diag_hint(c->diags, d, "comparisons cannot be chained: %s && %s %s %s", expr_text(c, x),
                  expr_text(c, x->binary.y), token_spelling(op), expr_text(c, y));
    else if (is_one_character(x) && is_character(y))
        diag_hint(c->diags, d, "one character stands between ' and ': '%s'",
                  const_str(x->cval).data);
    else if (is_one_character(y) && is_character(x))
        diag_hint(c->diags, d, "one character stands between ' and ': '%s'",
                  const_str(y->cval).data);
    else if ((type_is_string(x->type) && type_is_numeric(y->type)) ||
             (type_is_numeric(x->type) && type_is_string(y->type)))
        diag_hint(c->diags, d, "strconv.Itoa or fmt.Sprint makes a string of a number");
    else if (x->mode == MODE_NIL || y->mode == MODE_NIL)
        hint_never_nil(c, d, x->mode == MODE_NIL ? y : x);
    else if (calls_itself_not(x) || calls_itself_not(y))
        diag_hint(c->diags, d, "call it: %s()", expr_text(c, calls_itself_not(x) ? x : y));
    else if (type_is_numeric(x->type) && type_is_numeric(y->type) &&
             !type_identical(x->type, y->type))
        diag_hint(c->diags, d, "convert one of them: %s(%s)", type_text(c, x->type),
                  expr_text(c, y));
}

bool check_comparison(Checker *c, Node *n, Node *x, Node *y, TokenKind op, bool is_case)
{
    if (is_type_invalid(x->type) || is_type_invalid(y->type))
        return false;
    ComparisonFault fault = comparison_fault(c, x, y, op);
    if (fault.culprit) {
        Diag *d;
        if (is_case)
            d = check_error_at(c, x, fault.kind, "invalid case %s in switch on %s (%s)",
                               expr_text(c, x), expr_text(c, y), fault.cause.data);
        else
            d = check_error(c, x->pos, y->end, fault.kind, "invalid operation: %s %s %s (%s)",
                            expr_text(c, x), token_spelling(op), expr_text(c, y), fault.cause.data);
        hint_for_comparison(c, d, x, y, op);
        buf_free(&fault.cause);
        return false;
    }
    if (x->mode == MODE_CONST && y->mode == MODE_CONST) {
        n->mode = MODE_CONST;
        n->cval = const_bool(c->arena, const_relation(op, x->cval, y->cval));
    } else {
        n->mode = MODE_VALUE;
        n->cval = NULL;
        Type *x_type = x->type, *y_type = y->type;
        if (x->mode == MODE_NIL)
            finalize(c, x, y_type);
        else
            use_default_type(c, x);
        if (y->mode == MODE_NIL)
            finalize(c, y, x_type);
        else
            use_default_type(c, y);
    }
    n->type = type_predeclared[TYPE_UNTYPED_BOOL];
    return true;
}

static bool shift_count_fits(Checker *c, Node *y)
{
    if (y->mode == MODE_CONST) {
        struct Const *v = type_is_numeric(y->type) ? const_to_int(c->arena, y->cval) : NULL;
        if (v && const_sign(v) < 0) {
            check_error_at(c, y, DIAG_SHIFT, "invalid operation: negative shift count %s",
                           operand_text(c, y));
            return false;
        }
        if (type_is_untyped(y->type)) {
            if (!v) {
                check_error_at(c, y, DIAG_SHIFT,
                               "invalid operation: shift count %s must be integer",
                               operand_text(c, y));
                return false;
            }
            return convert_untyped(c, y, type_predeclared[TYPE_UINT]);
        }
    } else if (type_is_untyped(y->type) && type_is_numeric(y->type)) {
        return convert_untyped(c, y, type_predeclared[TYPE_UINT]);
    }
    if (!type_is_integer(y->type)) {
        check_error_at(c, y, DIAG_SHIFT, "invalid operation: shift count %s must be integer",
                       operand_text(c, y));
        return false;
    }
    return true;
}

static bool check_shift(Checker *c, Node *n, Node *x, Node *y, TokenKind op, Pos op_pos)
{
    struct Const *value = NULL;
    if (x->mode == MODE_CONST && type_is_numeric(x->type))
        value = const_to_int(c->arena, x->cval);
    if (!type_is_integer(x->type) && !(type_is_untyped(x->type) && value)) {
        check_error_at(c, x, DIAG_SHIFT, "invalid operation: shifted operand %s must be integer",
                       operand_text(c, x));
        return false;
    }
    if (!shift_count_fits(c, y))
        return false;
    n->cval = NULL;
    if (x->mode == MODE_CONST && y->mode == MODE_CONST) {
        enum { MAX_SHIFT = 1023 - 1 + 52 };
        u64 count;
        if (!const_fits_u64(y->cval, &count) || count > MAX_SHIFT) {
            check_error_at(c, y, DIAG_SHIFT, "invalid operation: invalid shift count %s",
                           operand_text(c, y));
            return false;
        }
        n->mode = MODE_CONST;
        n->type = type_is_integer(x->type) ? x->type : type_predeclared[TYPE_UNTYPED_INT];
        n->cval = const_shift(c->arena, op, value, count);
        check_overflow(c, n, "shift", op_pos, op_pos + 2);
        return !is_invalid(n);
    }
    n->mode = MODE_VALUE;
    n->type = x->type;
    return true;
}

static bool operator_defined(TokenKind op, const Type *t)
{
    switch (op) {
    case TOKEN_ADD: return type_is_numeric(t) || type_is_string(t);
    case TOKEN_SUB:
    case TOKEN_MUL:
    case TOKEN_QUO: return type_is_numeric(t);
    case TOKEN_LAND:
    case TOKEN_LOR: return type_is_boolean(t);
    default: return type_is_integer(t);
    }
}

bool check_binary(Checker *c, Node *n, Node *x, Node *y, TokenKind op, Pos op_pos)
{
    if (is_invalid(x) || is_invalid(y))
        return false;
    if (is_type_invalid(x->type) || is_type_invalid(y->type))
        return false;
    if (op == TOKEN_SHL || op == TOKEN_SHR)
        return check_shift(c, n, x, y, op, op_pos);
    if (!match_operands(c, n, x, y, op))
        return false;
    if (is_comparison(op))
        return check_comparison(c, n, x, y, op, false);
    if (!type_identical(x->type, y->type)) {
        mismatched(c, n, x, y, op);
        return false;
    }
    if (!operator_defined(op, x->type)) {
        Diag *d =
            check_error_at(c, x, DIAG_OPERATOR, "invalid operation: operator %s not defined on %s",
                           token_spelling(op), operand_text(c, x));
        if ((op == TOKEN_LAND || op == TOKEN_LOR) && type_is_string(x->type))
            diag_hint(c->diags, d, "a string is no condition: compare it, as in %s != \"\"",
                      expr_text(c, x));
        else if (op == TOKEN_REM && type_is_float(x->type))
            diag_hint(c->diags, d, "math.Mod gives the remainder of floating-point numbers");
        else if (type_is_boolean(x->type) && op == TOKEN_XOR)
            diag_hint(c->diags, d, "either one or the other: %s != %s", expr_text(c, x),
                      expr_text(c, y));
        else if (type_is_boolean(x->type) && (op == TOKEN_AND || op == TOKEN_OR))
            diag_hint(c->diags, d, "with bool values, write %s", op == TOKEN_AND ? "&&" : "||");
        else if (type_is_integer(x->type) && (op == TOKEN_LAND || op == TOKEN_LOR))
            diag_hint(c->diags, d, "a number is no condition: compare it, as in %s != 0",
                      expr_text(c, x));
        return false;
    }
    if ((op == TOKEN_QUO || op == TOKEN_REM) && y->mode == MODE_CONST &&
        (x->mode == MODE_CONST || type_is_integer(x->type)) && const_sign(y->cval) == 0) {
        check_error_at(c, y, DIAG_DIVISION_BY_ZERO, "invalid operation: division by zero");
        return false;
    }
    n->type = x->type;
    n->cval = NULL;
    if (x->mode != MODE_CONST || y->mode != MODE_CONST) {
        n->mode = MODE_VALUE;
        return true;
    }
    const char *why = NULL;
    n->mode = MODE_CONST;
    n->cval = const_binary(c->arena, op, x->cval, y->cval, &why);
    if (!n->cval) {
        check_error(c, op_pos, op_pos + 1, DIAG_CONSTANT_OVERFLOW, "constant %s overflow",
                    op_word(op, false));
        return false;
    }
    check_overflow(c, n, op_word(op, false), op_pos, op_pos + 1);
    return !is_invalid(n);
}

static void check_binary_chain(Checker *c, Node *n)
{
    int base = c->spine.len;
    Node *left = n;
    for (; left->kind == NODE_BINARY; left = left->binary.x) {
        left->flag = 0;
        left->obj = NULL;
        vec_push(&c->spine, left);
    }
    check_expr(c, left);
    while (c->spine.len > base) {
        Node *b = vec_pop(&c->spine);
        check_expr(c, b->binary.y);
        if (!check_binary(c, b, b->binary.x, b->binary.y, b->op, b->mark))
            set_invalid(b);
    }
}

// ---- Indices ----------------------------------------------------------------------------

bool check_integer_operand(Checker *c, Node *x, const char *what, bool allow_negative)
{
    if (is_invalid(x))
        return false;
    if (x->mode == MODE_CONST && type_is_untyped(x->type) && type_is_numeric(x->type)) {
        if (!const_to_int(c->arena, x->cval)) {
            check_error_at(c, x, DIAG_CONSTANT_TRUNCATED, "%s truncated to int",
                           operand_text(c, x));
            return false;
        }
    }
    if (type_is_untyped(x->type) && type_is_numeric(x->type) && x->mode == MODE_CONST) {
        struct Const *v = const_to_int(c->arena, x->cval);
        i64 small;
        if (!allow_negative && const_sign(v) < 0) {
            const char *text = operand_text(c, x);
            if (const_fits_i64(v, &small)) {
                finalize(c, x, type_predeclared[TYPE_INT]);
                text = operand_text(c, x);
            }
            Diag *d = check_error_at(c, x, DIAG_INDEX,
                                     "invalid argument: %s %s must not be negative", what, text);
            if (strcmp(what, "index") == 0)
                diag_hint(c->diags, d, "the last element of xs is xs[len(xs)-1]");
            return false;
        }
    }
    if (type_is_untyped(x->type)) {
        if (!type_is_numeric(x->type)) {
            check_error_at(c, x, DIAG_INDEX, "invalid argument: %s %s must be integer", what,
                           operand_text(c, x));
            return false;
        }
        if (!convert_untyped(c, x, type_predeclared[TYPE_INT]))
            return false;
    }
    if (is_type_invalid(x->type))
        return false;
    if (!type_is_integer(x->type)) {
        Diag *d = check_error_at(c, x, DIAG_INDEX, "invalid argument: %s %s must be integer", what,
                                 operand_text(c, x));
        if (type_is_float(x->type))
            diag_hint(c->diags, d, "convert it: int(%s)", expr_text(c, x));
        return false;
    }
    if (x->mode == MODE_CONST) {
        i64 v;
        if (!allow_negative && const_sign(x->cval) < 0) {
            check_error_at(c, x, DIAG_INDEX, "invalid argument: %s %s must not be negative", what,
                           operand_text(c, x));
            return false;
        }
        if (!const_fits_i64(x->cval, &v)) {
            check_error_at(c, x, DIAG_INDEX, "invalid argument: %s %s overflows int", what,
                           operand_text(c, x));
            return false;
        }
    }
    return true;
}

i64 check_index(Checker *c, Node *n, i64 length)
{
    check_expr(c, n);
    if (!check_integer_operand(c, n, "index", false))
        return -2;
    i64 v;
    if (n->mode != MODE_CONST || !const_fits_i64(n->cval, &v))
        return -1;
    if (length >= 0 && v >= length) {
        Diag *d = check_error_at(c, n, DIAG_INDEX_OUT_OF_RANGE,
                                 "invalid argument: index %lld out of bounds [0:%lld]",
                                 (long long)v, (long long)length);
        if (v == length && length > 0)
            diag_hint(c->diags, d, "indices begin at 0: the last one is %lld",
                      (long long)length - 1);
        return -2;
    }
    return v;
}

static void check_index_expr(Checker *c, Node *n)
{
    Node *x = n->index.x;
    check_expr_or_type(c, x);
    if (is_invalid(x)) {
        check_use_list(c, &n->index.indices);
        return;
    }
    if (x->mode == MODE_TYPE) {
        not_generic(c, n, x->type);
        return;
    }
    if (n->index.indices.len > 1) {
        unsupported_generics(c, n);
        return;
    }
    Node *index = n->index.indices.data[0];
    Type *u = type_under(x->type);
    if (type_is_string(x->type)) {
        i64 length = x->mode == MODE_CONST ? (i64)const_str(x->cval).len : -1;
        use_default_type(c, x);
        check_index(c, index, length);
        set_value(n, type_byte);
        return;
    }
    bool pointer = u->kind == TYPE_POINTER && type_under(u->elem)->kind == TYPE_ARRAY;
    if (pointer)
        u = type_under(u->elem);
    switch (u->kind) {
    case TYPE_ARRAY:
        check_index(c, index, (i64)u->len);
        n->mode = pointer || is_addressable(x) ? MODE_VAR : MODE_VALUE;
        n->type = u->elem;
        return;
    case TYPE_SLICE:
        check_index(c, index, -1);
        n->mode = MODE_VAR;
        n->type = u->elem;
        return;
    case TYPE_MAP:
        check_expr(c, index);
        check_assignment(c, index, u->key, "map index");
        n->mode = MODE_MAPINDEX;
        n->type = u->elem;
        return;
    default:
        check_use_list(c, &n->index.indices);
        if (!is_type_invalid(u))
            check_error_at(c, x, DIAG_NOT_INDEXABLE, "invalid operation: cannot index %s",
                           operand_text(c, x));
    }
}

// Of x[lo:hi:max], what the parser has not found.
static void missing_slice_indices(Checker *c, Node *const *parts)
{
    for (int i = 1; i < 3; i++)
        if (parts[i]->kind == NODE_BAD) {
            Diag *d =
                check_error(c, parts[i]->pos, parts[i]->pos + 1, DIAG_SLICE,
                            "%s index required in 3-index slice", i == 1 ? "middle" : "final");
            diag_hint(c->diags, d,
                      "the third index is where the capacity ends, no step: a loop "
                      "picks every second element, or goes backwards");
        }
}

static void check_slice_expr(Checker *c, Node *n)
{
    Node *x = n->slice.x;
    Node *parts[3] = {n->slice.lo, n->slice.hi, n->slice.max};
    check_expr(c, x);
    if (is_invalid(x) || is_type_invalid(x->type)) {
        for (int i = 0; i < 3; i++)
            check_use(c, parts[i]);
        return;
    }
    Type *u = type_under(x->type);
    i64 length = -1;
    Type *result = NULL;
    if (n->slice.three && type_is_string(x->type)) {
        check_error(c, parts[2]->pos,
                    parts[2]->kind == NODE_BAD ? parts[2]->pos + 1 : parts[2]->end, DIAG_SLICE,
                    "invalid operation: 3-index slice of string");
        missing_slice_indices(c, parts);
        for (int i = 0; i < 3; i++)
            check_use(c, parts[i]);
        return;
    }
    if (n->slice.three)
        missing_slice_indices(c, parts);
    if (type_is_string(x->type)) {
        if (x->mode == MODE_CONST)
            length = (i64)const_str(x->cval).len;
        use_default_type(c, x);
        result = x->type;
    } else if (u->kind == TYPE_ARRAY) {
        if (!is_addressable(x)) {
            check_error_at(c, x, DIAG_SLICE, "invalid operation: %s (slice of unaddressable value)",
                           operand_text(c, x));
            return;
        }
        mark_addressed(x);
        length = (i64)u->len;
        result = make_slice(c, u->elem);
    } else if (u->kind == TYPE_POINTER && type_under(u->elem)->kind == TYPE_ARRAY) {
        length = (i64)type_under(u->elem)->len;
        result = make_slice(c, type_under(u->elem)->elem);
    } else if (u->kind == TYPE_SLICE) {
        result = x->type;
    }
    if (!result) {
        check_error_at(c, x, DIAG_SLICE, "invalid operation: cannot slice %s", operand_text(c, x));
        for (int i = 0; i < 3; i++)
            check_use(c, parts[i]);
        return;
    }
    i64 values[3];
    if (parts[1] && parts[1]->kind == NODE_BAD) { // the third was meant as something else
        check_use(c, parts[2]);
        parts[2] = NULL;
    }
    for (int i = 0; i < 3; i++)
        values[i] = parts[i] ? check_index(c, parts[i], length >= 0 ? length + 1 : -1) : -1;
    for (int i = 0; i < 3; i++) {
        for (int k = i + 1; k < 3; k++) {
            if (values[i] < 0 || values[k] < 0 || values[i] <= values[k])
                continue;
            check_error_at(c, parts[k], DIAG_SLICE, "invalid slice indices: %lld < %lld",
                           (long long)values[k], (long long)values[i]);
            i = k = 3;
        }
    }
    set_value(n, result);
}

// ---- Type assertions --------------------------------------------------------------------

void check_type_assertion(Checker *c, Node *n, Node *x, Type *t, bool in_switch)
{
    Buf why = {0};
    if (!type_assertable(x->type, t, c->env.pkg, &why)) {
        if (in_switch)
            check_error_at(c, n, DIAG_IMPOSSIBLE_ASSERTION,
                           "impossible type switch case: %s\n\t%s cannot have dynamic type %s %s",
                           expr_text(c, n), operand_text(c, x), type_text(c, t), why.data);
        else
            check_error_at(c, n, DIAG_IMPOSSIBLE_ASSERTION,
                           "impossible type assertion: %s\n\t%s does not implement %s %s",
                           expr_text(c, n), type_text(c, t), type_text(c, x->type), why.data);
    }
    buf_free(&why);
}

static void check_assert(Checker *c, Node *n)
{
    Node *x = n->assert.x;
    check_expr(c, x);
    if (!n->assert.type) {
        check_error_at(c, n, DIAG_TYPE_SWITCH, "use of .(type) outside type switch");
        return;
    }
    if (is_invalid(x) || is_type_invalid(x->type)) {
        check_type(c, n->assert.type);
        return;
    }
    if (!type_is_interface(x->type)) {
        check_type(c, n->assert.type);
        Diag *d = check_error_at(c, x, DIAG_NOT_AN_INTERFACE,
                                 "invalid operation: %s is not an interface", operand_text(c, x));
        if (x->mode != MODE_NIL)
            diag_hint(c->diags, d, "its type is known already; T(x) converts");
        return;
    }
    Type *t = check_type(c, n->assert.type);
    if (is_type_invalid(t))
        return;
    check_type_assertion(c, n, x, t, false);
    n->mode = MODE_COMMAOK;
    n->type = t;
}

// ---- All --------------------------------------------------------------------------------

void check_raw(Checker *c, Node *n, Type *hint)
{
    n->obj = NULL;
    n->flag = 0;
    set_invalid(n);
    if (!check_depth(c, n))
        return;
    switch (n->kind) {
    case NODE_IDENT: check_ident(c, n); break;
    case NODE_BASIC_LIT: check_basic_lit(c, n); break;
    case NODE_FUNC_LIT: check_func_lit(c, n); break;
    case NODE_COMPOSITE: check_composite(c, n, hint); break;
    case NODE_PAREN: {
        Node *x = n->unary.x;
        check_raw(c, x, NULL);
        n->mode = x->mode;
        n->type = x->type;
        n->cval = x->cval;
        n->obj = x->obj;
        n->flag = x->flag;
        break;
    }
    case NODE_SELECTOR: check_selector(c, n); break;
    case NODE_INDEX: check_index_expr(c, n); break;
    case NODE_SLICE: check_slice_expr(c, n); break;
    case NODE_ASSERT: check_assert(c, n); break;
    case NODE_CALL: check_call(c, n); break;
    case NODE_STAR: check_star(c, n); break;
    case NODE_UNARY: check_unary(c, n, hint); break;
    case NODE_BINARY: check_binary_chain(c, n); break;
    case NODE_KEY_VALUE: check_error_at(c, n, DIAG_KEY_VALUE, "no key:value expected"); break;
    case NODE_ELLIPSIS: check_error_at(c, n, DIAG_VARIADIC, "invalid use of '...'"); break;
    case NODE_ARRAY_TYPE:
    case NODE_STRUCT_TYPE:
    case NODE_FUNC_TYPE:
    case NODE_INTERFACE_TYPE:
    case NODE_MAP_TYPE:
    case NODE_CHAN_TYPE:
        if (is_type_invalid(check_type(c, n)))
            set_invalid(n);
        break;
    default: break;
    }
}
