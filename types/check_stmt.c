// check_stmt.c: statements.
//
// Not here: assignments (check_assign.c), jumps and labels (check_flow.c).
#include "types/check_impl.h"

static Type *invalid_type(void)
{
    return type_predeclared[TYPE_INVALID];
}

static bool is_blank_node(const Node *n)
{
    return n->kind == NODE_IDENT && n->ident.name->len == 1 && n->ident.name->text[0] == '_';
}

static Scope *open_scope(Checker *c)
{
    return c->env.scope = scope_new(c->arena, c->env.scope);
}

static void close_scope(Checker *c)
{
    c->env.scope = scope_outer(c->env.scope);
}

// Variables that a loop's clause declares: new in each iteration, or with --loopvar=shared
// assigned by each.
static void mark_loop_var(Node *name, Node *decl)
{
    if (name->kind == NODE_IDENT && name->obj && name->obj->decl == decl)
        name->obj->loop_var = true;
}

// ---- Expressions as statements ----------------------------------------------------------

static bool builtin_is_statement(BuiltinId id)
{
    switch (id) {
    case BUILTIN_CLEAR:
    case BUILTIN_CLOSE:
    case BUILTIN_COPY:
    case BUILTIN_DELETE:
    case BUILTIN_PANIC:
    case BUILTIN_PRINT:
    case BUILTIN_PRINTLN:
    case BUILTIN_RECOVER: return true;
    default: return false;
    }
}

static bool is_statement(Node *x)
{
    x = node_unparen(x);
    if (x->kind == NODE_UNARY)
        return x->op == TOKEN_ARROW;
    if (x->kind != NODE_CALL || (x->flag & NODEFLAG_CONVERSION))
        return false;
    if (!(x->flag & NODEFLAG_BUILTIN))
        return true;
    Object *builtin = node_unparen(x->call.fun)->obj;
    return builtin && builtin_is_statement(builtin->builtin);
}

static void check_expr_stmt(Checker *c, Node *n)
{
    Node *x = n->unary.x;
    check_raw(c, x, NULL);
    switch (x->mode) {
    case MODE_INVALID: return;
    case MODE_BUILTIN:
        check_error_at(c, x, DIAG_BUILTIN, "%s must be called", operand_text(c, x));
        return;
    case MODE_TYPE:
        check_error_at(c, x, DIAG_NOT_AN_EXPRESSION, "%s is not an expression", operand_text(c, x));
        return;
    default: break;
    }
    if (is_statement(x))
        return;
    const char *operand = operand_text(c, x);
    Diag *d = check_error_at(c, x, DIAG_UNUSED_VALUE, "%s is not used", operand);
    Node *bare = node_unparen(x);
    if (bare->kind == NODE_BINARY && bare->op == TOKEN_EQL)
        diag_hint(c->diags, d, "= assigns, == compares");
    else if (calls_builtin(bare, BUILTIN_APPEND))
        diag_hint(c->diags, d, "append returns the longer slice: %s = append(%s, …)",
                  expr_text(c, bare->call.args.data[0]), expr_text(c, bare->call.args.data[0]));
    else if (bare->kind == NODE_IDENT || bare->kind == NODE_SELECTOR) {
        if (type_under(x->type)->kind == TYPE_FUNC)
            diag_hint(c->diags, d, "call it: %s()", expr_text(c, x));
    }
}

static void check_go_defer(Checker *c, Node *n)
{
    Node *call = n->unary.x;
    const char *word = n->kind == NODE_GO ? "go" : "defer";
    Node *bare = node_unparen(call);
    if (bare->kind != NODE_CALL) {
        if (bare->kind != NODE_BAD)
            check_use(c, call); // the parser has told
        return;
    }
    if (n->kind == NODE_DEFER && c->env.func)
        c->env.func->has_defer = true;
    check_raw(c, call, NULL);
    if (is_invalid(call))
        return;
    if (bare->flag & NODEFLAG_CONVERSION)
        check_error_at(c, call, DIAG_NOT_A_CALL, "%s requires function call, not conversion", word);
    else if (!is_statement(call))
        check_error_at(c, call, DIAG_UNUSED_VALUE, "%s discards result of %s", word,
                       operand_text(c, call));
}

static void check_send(Checker *c, Node *n)
{
    Node *ch = n->binary.x, *value = n->binary.y;
    check_expr(c, ch);
    check_expr(c, value);
    if (is_invalid(ch) || is_invalid(value) || is_type_invalid(ch->type)) {
        settle_type(c, value);
        return;
    }
    Type *u = type_under(ch->type);
    if (u->kind != TYPE_CHAN) {
        check_error_at(c, n, DIAG_NOT_A_CHANNEL, "invalid operation: cannot send to non-channel %s",
                       operand_text(c, ch));
        return;
    }
    if (u->chan_dir == DIR_RECEIVE) {
        Diag *d = check_error_at(c, n, DIAG_CHANNEL_DIRECTION,
                                 "invalid operation: cannot send to receive-only channel %s",
                                 operand_text(c, ch));
        if (ch->obj && ch->obj->pos)
            diag_other(d, ch->obj->pos, "declared here");
        return;
    }
    check_assignment(c, value, u->elem, "send");
}

static void check_inc_dec(Checker *c, Node *n)
{
    Node *x = n->unary.x;
    check_expr(c, x);
    if (is_invalid(x) || is_type_invalid(x->type))
        return;
    const char *op = token_spelling(n->op);
    if (!type_is_numeric(x->type)) {
        check_error_at(c, x, DIAG_OPERATOR, "invalid operation: %s%s (non-numeric type %s)",
                       expr_text(c, x), op, type_text(c, x->type));
        return;
    }
    if (x->mode != MODE_VAR && x->mode != MODE_MAPINDEX) {
        Node *bare = node_unparen(x);
        if (bare->kind == NODE_SELECTOR && bare->selector.x->mode == MODE_MAPINDEX)
            check_error_at(c, x, DIAG_NOT_A_VARIABLE, "cannot assign to struct field %s in map",
                           expr_text(c, bare));
        else
            check_error_at(c, x, DIAG_NOT_A_VARIABLE, "cannot assign to %s", operand_text(c, x));
        return;
    }
    mark_reassigned(x);
}

// ---- return -----------------------------------------------------------------------------

static void check_bare_return(Checker *c, Node *n, FuncInfo *info)
{
    if (info->results.len == 0)
        return;
    if (!info->named_results) {
        check_error_at(
            c, n, DIAG_RETURN_COUNT, "not enough return values\n\thave ()\n\twant %s",
            type_list_summary(c, info->type->results.data, info->type->results.len, false));
        return;
    }
    for (int i = 0; i < info->results.len; i++) {
        Object *result = info->results.data[i];
        Object *seen = scope_find(c->env.scope, result->name, POS_NONE);
        if (!seen || seen == result || strcmp(result->name->text, "_") == 0)
            continue;
        Diag *d = check_error_at(c, n, DIAG_SHADOWED_RESULT,
                                 "result parameter %s not in scope at return", result->name->text);
        diag_other(d, seen->pos,
                   arena_printf(c->arena, "inner declaration of %s", seen->name->text));
    }
}

static void check_return(Checker *c, Node *n)
{
    FuncInfo *info = c->env.func;
    NodeList *values = &n->list.list;
    if (!info || info == c->toplevel) {
        check_use_list(c, values);
        Diag *d = check_error_at(c, n, DIAG_MISPLACED_RETURN, "return is not in a function");
        diag_hint(c->diags, d, "os.Exit(0) ends a script early");
        return;
    }
    if (values->len == 0) {
        check_bare_return(c, n, info);
        return;
    }
    Type **results = info->type->results.data;
    int wanted = info->type->results.len;
    if (values->len == wanted) {
        for (int i = 0; i < wanted; i++) {
            check_expr_hint(c, values->data[i], NULL);
            check_assignment(c, values->data[i], results[i], "return statement");
        }
        return;
    }
    bool spread;
    int count = check_expr_list(c, values, &spread);
    for (int i = 0; i < values->len; i++) {
        if (is_invalid(values->data[i]))
            return;
    }
    if (count == wanted) {
        for (int i = 0; i < wanted; i++)
            check_assign_type(c, values->data[0], values->data[0]->type->results.data[i],
                              results[i], "return statement");
        return;
    }
    Node *at = spread ? values->data[0] : count > wanted ? values->data[wanted] : vec_last(values);
    if (!spread && count == 1 && values->data[0]->mode == MODE_NOVALUE)
        return;
    Diag *d =
        check_error_at(c, at, DIAG_RETURN_COUNT, "%s return values\n\thave %s\n\twant %s",
                       count > wanted ? "too many" : "not enough", types_summary(c, values, spread),
                       type_list_summary(c, results, wanted, false));
    if (wanted == 0)
        diag_hint(c->diags, d,
                  "the function is declared without a result; its type stands "
                  "behind the parentheses");
    else if (count == 1 && wanted == 2 && values->data[0]->type == type_error)
        diag_hint(c->diags, d, "beside an error the other value is given, too: return %s, %s",
                  type_is_numeric(results[0])  ? "0"
                  : type_is_string(results[0]) ? "\"\""
                  : type_has_nil(results[0])   ? "nil"
                                               : "…",
                  expr_text(c, values->data[0]));
    else if (count == wanted - 1 && !spread && results[wanted - 1] == type_error)
        diag_hint(c->diags, d, "when there is no error, the last value is nil");
    for (int i = 0; i < values->len; i++)
        settle_type(c, values->data[i]);
}

// ---- if, switch -------------------------------------------------------------------------

static void check_condition(Checker *c, Node *cond, const char *where)
{
    check_expr(c, cond);
    if (is_invalid(cond) || is_type_invalid(cond->type))
        return;
    if (!type_is_boolean(cond->type)) {
        Diag *d = check_error_at(c, cond, DIAG_NOT_BOOLEAN, "non-boolean condition in %s statement",
                                 where);
        if (type_is_integer(cond->type))
            diag_hint(c->diags, d, "write %s != 0", expr_text(c, cond));
        else if (type_is_string(cond->type))
            diag_hint(c->diags, d, "write %s != \"\"", expr_text(c, cond));
        else if (type_under(cond->type)->kind == TYPE_SLICE ||
                 type_under(cond->type)->kind == TYPE_MAP)
            diag_hint(c->diags, d, "write len(%s) > 0", expr_text(c, cond));
        else if (type_has_nil(cond->type))
            diag_hint(c->diags, d, "write %s != nil", expr_text(c, cond));
        return;
    }
    use_default_type(c, cond);
}

static void check_if(Checker *c, Node *n, unsigned flags)
{
    Scope *outer = c->env.scope;
    for (;;) {
        n->ifs.scope = open_scope(c);
        if (n->ifs.init)
            check_stmt(c, n->ifs.init, 0);
        if (n->ifs.cond)
            check_condition(c, n->ifs.cond, "if");
        check_stmt(c, n->ifs.then, flags);
        Node *otherwise = n->ifs.otherwise;
        if (!otherwise)
            break;
        if (otherwise->kind != NODE_IF) {
            check_stmt(c, otherwise, flags);
            break;
        }
        n = otherwise;
    }
    c->env.scope = outer;
}

static void multiple_defaults(Checker *c, NodeList *clauses)
{
    Node *first = NULL;
    for (int i = 0; i < clauses->len; i++) {
        Node *clause = clauses->data[i];
        if (clause->kind != NODE_CASE || !clause->clause.is_default)
            continue;
        if (first) {
            char where[512];
            source_format(first->pos, where, sizeof where);
            check_error(c, clause->pos, clause->pos + 7, DIAG_DUPLICATE_CASE,
                        "multiple defaults (first at %s)", where);
        } else {
            first = clause;
        }
    }
}

static void check_clause_body(Checker *c, Node *clause, unsigned flags, bool last)
{
    unsigned inner = flags | STMT_BREAK_OK | (last ? STMT_FINAL_CASE : STMT_FALLTHROUGH_OK);
    check_stmts(c, &clause->clause.body, inner);
}

static void check_case(Checker *c, Node *e, Node *tag, ConstSet *seen)
{
    check_expr(c, e);
    if (is_invalid(e) || is_invalid(tag))
        return;
    Node result = {.kind = NODE_BINARY, .op = TOKEN_EQL, .pos = e->pos, .end = e->end};
    result.binary.x = e;
    result.binary.y = tag;
    // An untyped case takes the type of the tag.
    if (type_is_untyped(e->type) && !is_type_invalid(tag->type)) {
        Type *out;
        struct Const *value;
        bool can = e->mode == MODE_NIL ? type_has_nil(tag->type)
                                       : (type_is_interface(tag->type) ||
                                          (type_is_string(e->type) == type_is_string(tag->type) &&
                                           type_is_boolean(e->type) == type_is_boolean(tag->type)));
        if (!can || implicit_type(c, e, tag->type, &out, &value) == FIT_NO) {
            check_error_at(c, e, DIAG_MISMATCHED_TYPES,
                           "invalid case %s in switch on %s (mismatched types %s and %s)",
                           expr_text(c, e), expr_text(c, tag), type_text(c, e->type),
                           type_text(c, tag->type));
            return;
        }
        if (e->mode != MODE_NIL && !convert_untyped(c, e, tag->type))
            return;
    }
    if (!check_comparison(c, &result, e, tag, TOKEN_EQL, true))
        return;
    if (e->mode != MODE_CONST || type_is_boolean(e->type))
        return;
    Node *before = const_set_add(seen, e->cval, e->type, e);
    if (before) {
        Diag *d = check_error_at(c, e, DIAG_DUPLICATE_CASE,
                                 "duplicate case %s in expression switch", operand_text(c, e));
        diag_other(d, before->pos, "previous case");
    }
}

static Node *true_node(Checker *c, Pos pos)
{
    Node *n = node_new(c->arena, NODE_IDENT, pos, pos);
    n->ident.name = name_from("true");
    n->mode = MODE_CONST;
    n->type = type_predeclared[TYPE_BOOL];
    n->cval = const_bool(c->arena, true);
    return n;
}

static void check_switch(Checker *c, Node *n, unsigned flags)
{
    Scope *outer = c->env.scope;
    n->switchs.scope = open_scope(c);
    if (n->switchs.init)
        check_stmt(c, n->switchs.init, 0);
    Node *tag = n->switchs.tag;
    if (tag) {
        check_expr(c, tag);
        if (!is_invalid(tag) && check_assignment(c, tag, NULL, "switch expression") &&
            !type_comparable(tag->type) && !type_has_nil(tag->type) &&
            !is_type_invalid(tag->type)) {
            check_error_at(c, tag, DIAG_NOT_COMPARABLE, "cannot switch on %s",
                           operand_text(c, tag));
            set_invalid(tag);
        }
    } else {
        tag = true_node(c, n->pos);
    }
    if (!n->switchs.body) {
        c->env.scope = outer;
        return;
    }
    NodeList *clauses = &n->switchs.body->block.stmts;
    multiple_defaults(c, clauses);
    ConstSet seen = {0};
    for (int i = 0; i < clauses->len; i++) {
        Node *clause = clauses->data[i];
        if (clause->kind != NODE_CASE)
            continue;
        for (int k = 0; k < clause->clause.exprs.len; k++)
            check_case(c, clause->clause.exprs.data[k], tag, &seen);
        clause->clause.scope = open_scope(c);
        check_clause_body(c, clause, flags, i == clauses->len - 1);
        close_scope(c);
    }
    const_set_free(&seen);
    c->env.scope = outer;
}

// ---- Type switch ------------------------------------------------------------------------

typedef struct TypeCase {
    Type *type; // NULL: nil
    Node *node;
} TypeCase;

// The type that a case names; NULL for nil, TYPE_INVALID after an error.
static Type *case_type(Checker *c, Node *e, Node *x)
{
    check_raw(c, e, NULL);
    if (is_invalid(e))
        return invalid_type();
    if (e->mode == MODE_NIL) {
        if (x && !is_invalid(x))
            e->type = x->type;
        return NULL;
    }
    if (e->mode != MODE_TYPE) {
        check_error_at(c, e, DIAG_NOT_A_TYPE, "%s is not a type", operand_text(c, e));
        return invalid_type();
    }
    return e->type;
}

static void add_type_case(Checker *c, TypeCase *seen, int *count, Type *t, Node *e)
{
    for (int i = 0; i < *count; i++) {
        bool same = t && seen[i].type ? type_identical(t, seen[i].type) : t == seen[i].type;
        if (!same)
            continue;
        Diag *d = check_error_at(c, e, DIAG_DUPLICATE_CASE, "duplicate case %s in type switch",
                                 t ? type_text(c, t) : "nil");
        diag_other(d, seen[i].node->pos, "previous case");
        return;
    }
    seen[(*count)++] = (TypeCase){t, e};
}

static void check_type_switch(Checker *c, Node *n, unsigned flags)
{
    Scope *outer = c->env.scope;
    n->switchs.scope = open_scope(c);
    if (n->switchs.init)
        check_stmt(c, n->switchs.init, 0);
    Node *name = n->switchs.name;
    if (name && is_blank_node(name)) {
        check_error_at(c, name, DIAG_NO_NEW_VARIABLES, "no new variable on left side of :=");
        name = NULL;
    }
    Node *x = n->switchs.tag->assert.x;
    check_expr(c, x);
    if (!is_invalid(x) && !is_type_invalid(x->type) && !type_is_interface(x->type)) {
        check_error_at(c, x, DIAG_NOT_AN_INTERFACE, "%s is not an interface", operand_text(c, x));
        set_invalid(x);
    }
    NodeList *clauses = &n->switchs.body->block.stmts;
    multiple_defaults(c, clauses);
    int total = 0, seen_count = 0;
    for (int i = 0; i < clauses->len; i++)
        total += clauses->data[i]->kind == NODE_CASE ? clauses->data[i]->clause.exprs.len : 0;
    TypeCase *seen = xcalloc((size_t)total + 1, sizeof *seen);
    bool used = is_invalid(x);
    for (int i = 0; i < clauses->len; i++) {
        Node *clause = clauses->data[i];
        if (clause->kind != NODE_CASE)
            continue;
        Type *single = NULL;
        for (int k = 0; k < clause->clause.exprs.len; k++) {
            Node *e = clause->clause.exprs.data[k];
            Type *t = case_type(c, e, x);
            single = t;
            if (t && is_type_invalid(t))
                continue;
            add_type_case(c, seen, &seen_count, t, e);
            if (t && !is_invalid(x) && !is_type_invalid(x->type))
                check_type_assertion(c, e, x, t, true);
        }
        clause->clause.scope = open_scope(c);
        Object *obj = NULL;
        if (name) {
            Type *t = clause->clause.exprs.len == 1 && single ? single : x->type;
            obj = new_object(c, OBJECT_VAR, name->ident.name, name->pos, t);
            obj->decl = n;
            clause->clause.implicit = obj;
            declare(c, c->env.scope, obj);
        }
        check_clause_body(c, clause, (flags & ~STMT_FALLTHROUGH_OK) | STMT_IN_TYPE_SWITCH, true);
        close_scope(c);
        used |= obj && obj->used;
    }
    free(seen);
    if (name && !used && !c->options.repl) {
        if (c->env.pkg->is_script)
            check_warning_at(c, name->pos, name->end, DIAG_UNUSED_VARIABLE,
                             "declared and not used: %s", name->ident.name->text);
        else
            check_error_at(c, name, DIAG_UNUSED_VARIABLE, "declared and not used: %s",
                           name->ident.name->text);
    }
    c->env.scope = outer;
}

// ---- select -----------------------------------------------------------------------------

static bool is_receive(Node *n)
{
    n = node_unparen(n);
    return n->kind == NODE_UNARY && n->op == TOKEN_ARROW;
}

static bool is_communication(Node *comm)
{
    switch (comm->kind) {
    case NODE_SEND: return true;
    case NODE_EXPR_STMT: return is_receive(comm->unary.x);
    case NODE_ASSIGN:
        return (comm->op == TOKEN_ASSIGN || comm->op == TOKEN_DEFINE) &&
               comm->assign.rhs.len == 1 && is_receive(comm->assign.rhs.data[0]);
    default: return false;
    }
}

static void check_select(Checker *c, Node *n, unsigned flags)
{
    multiple_defaults(c, &n->block.stmts);
    for (int i = 0; i < n->block.stmts.len; i++) {
        Node *clause = n->block.stmts.data[i];
        if (clause->kind != NODE_CASE)
            continue;
        clause->clause.scope = open_scope(c);
        Node *comm = clause->clause.comm;
        if (comm && comm->kind != NODE_BAD && !is_communication(comm)) {
            check_error_at(c, comm, DIAG_SELECT_CASE,
                           "select case must be receive, send or assign recv");
            Node *x = comm->kind == NODE_EXPR_STMT ? comm->unary.x : NULL;
            if (x)
                check_use(c, x);
            comm = x ? NULL : comm;
        }
        if (comm)
            check_stmt(c, comm, 0);
        check_stmts(c, &clause->clause.body, flags | STMT_BREAK_OK);
        close_scope(c);
    }
}

// ---- Loops ------------------------------------------------------------------------------

static void check_for(Checker *c, Node *n, unsigned flags)
{
    Scope *outer = c->env.scope;
    n->fors.scope = open_scope(c);
    Node *init = n->fors.init;
    if (init) {
        check_stmt(c, init, 0);
        if (init->kind == NODE_ASSIGN && init->op == TOKEN_DEFINE) {
            for (int i = 0; i < init->assign.lhs.len; i++)
                mark_loop_var(init->assign.lhs.data[i], init);
        }
    }
    if (n->fors.cond)
        check_condition(c, n->fors.cond, "for");
    if (n->fors.post)
        check_stmt(c, n->fors.post, 0);
    check_stmt(c, n->fors.body, flags | STMT_BREAK_OK | STMT_CONTINUE_OK);
    c->env.scope = outer;
}

// What ranging over x gives. False: reported.
static bool range_types(Checker *c, Node *n, Node *x, Type **key, Type **value)
{
    Type *u = type_under(x->type);
    *key = type_predeclared[TYPE_INT];
    *value = NULL;
    if (type_is_string(x->type)) {
        use_default_type(c, x);
        *value = type_rune;
        return true;
    }
    if (u->kind == TYPE_POINTER && type_under(u->elem)->kind == TYPE_ARRAY)
        u = type_under(u->elem);
    switch (u->kind) {
    case TYPE_ARRAY:
    case TYPE_SLICE: *value = u->elem; return true;
    case TYPE_MAP:
        *key = u->key;
        *value = u->elem;
        return true;
    case TYPE_CHAN:
        *key = u->elem;
        if (n->range.value) {
            check_error_at(c, n->range.value, DIAG_RANGE,
                           "range over %s permits only one iteration variable", operand_text(c, x));
            *value = invalid_type();
        }
        if (u->chan_dir == DIR_SEND) {
            check_error_at(c, x, DIAG_CHANNEL_DIRECTION,
                           "cannot range over %s (receive from send-only channel)",
                           operand_text(c, x));
            return false;
        }
        return true;
    case TYPE_FUNC: {
        Diag *d = check_error_at(c, x, DIAG_RANGE, "cannot range over %s", operand_text(c, x));
        diag_hint(c->diags, d, "ranging over functions is not supported yet by csp");
        return false;
    }
    default: break;
    }
    if (!type_is_integer(x->type)) {
        if (!is_type_invalid(u)) {
            Diag *d = check_error_at(c, x, DIAG_RANGE, "cannot range over %s", operand_text(c, x));
            if (u->kind == TYPE_POINTER)
                diag_hint(c->diags, d, "follow the pointer: range *%s", expr_text(c, x));
        }
        return false;
    }
    if (n->range.value) {
        check_error_at(c, n->range.value, DIAG_RANGE,
                       "range over %s permits only one iteration variable", operand_text(c, x));
        *value = invalid_type();
    }
    return true;
}

static void define_range_var(Checker *c, Node *n, Node *name, Type *t)
{
    if (name->kind != NODE_IDENT) {
        if (name->kind != NODE_BAD)
            check_error_at(c, name, DIAG_NON_NAME,
                           "non-name %s on left side of :=", expr_text(c, name));
        check_use(c, name);
        return;
    }
    Object *obj = new_local(c, name->ident.name, name->pos, t ? t : invalid_type());
    obj->decl = n;
    if (!t || is_type_invalid(t))
        obj->used = true;
    name->obj = obj;
    name->mode = MODE_VAR;
    name->type = obj->type;
    mark_loop_var(name, n);
    declare(c, c->env.scope, obj);
}

static void assign_range_var(Checker *c, Node *lhs, Type *t)
{
    Type *target = check_assign_target(c, lhs);
    if (target && t)
        check_assign_type(c, lhs, t, target, "range clause");
    else if (!target && t) {
        Node *bare = node_unparen(lhs);
        bare->mode = MODE_VAR;
        bare->type = t;
    }
}

static void check_range(Checker *c, Node *n, unsigned flags)
{
    Scope *outer = c->env.scope;
    Node *x = n->range.x;
    check_expr(c, x);
    Type *key = NULL, *value = NULL;
    int errors = c->diags->error_count;
    if (!is_invalid(x) && !range_types(c, n, x, &key, &value))
        key = value = NULL;
    Node *third = n->range.third;
    if (third && c->diags->error_count == errors)
        check_error_at(c, third, DIAG_RANGE,
                       "range clause permits at most two iteration variables");
    n->range.scope = open_scope(c);
    if (!is_invalid(x) && key && type_is_integer(x->type)) {
        // range over an integer: the variable has its type, or gives it one
        bool fits = true;
        if (type_is_untyped(x->type)) {
            Type *t = type_default(x->type);
            if (n->range.key && !n->range.define && !is_blank_node(n->range.key)) {
                check_expr(c, n->range.key);
                Type *given = n->range.key->type;
                if (!is_invalid(n->range.key) && type_is_integer(given)) {
                    t = given;
                } else if (!is_invalid(n->range.key) && type_is_numeric(given)) {
                    check_error_at(c, n->range.key, DIAG_RANGE,
                                   "cannot use iteration variable of type %s", type_text(c, given));
                    fits = false;
                }
            }
            check_assignment(c, x, t, "range clause");
        }
        key = is_invalid(x) || !fits ? NULL : x->type;
    }
    if (n->range.define) {
        if (n->range.key)
            define_range_var(c, n, n->range.key, key);
        if (n->range.value)
            define_range_var(c, n, n->range.value, value);
        if (third)
            define_range_var(c, n, third, NULL);
        bool any = (n->range.key && !is_blank_node(n->range.key)) ||
                   (n->range.value && !is_blank_node(n->range.value));
        if (!any && n->range.key)
            check_error(c, n->range.tok_pos, n->range.tok_pos + 2, DIAG_NO_NEW_VARIABLES,
                        "no new variables on left side of :=");
    } else {
        if (n->range.key)
            assign_range_var(c, n->range.key, key);
        if (n->range.value)
            assign_range_var(c, n->range.value, value);
        if (third)
            check_use(c, third);
    }
    check_stmt(c, n->range.body, flags | STMT_BREAK_OK | STMT_CONTINUE_OK);
    c->env.scope = outer;
}

// ---- All --------------------------------------------------------------------------------

static void check_branch(Checker *c, Node *n, unsigned flags)
{
    if (n->op == TOKEN_GOTO && c->env.at_top && c->env.func == c->toplevel)
        check_error_at(c, n, DIAG_MISPLACED_BRANCH, "goto is not in a function");
    if (n->op != TOKEN_FALLTHROUGH || (flags & STMT_FALLTHROUGH_OK))
        return;
    check_error_at(c, n, DIAG_MISPLACED_BRANCH,
                   flags & STMT_IN_TYPE_SWITCH ? "cannot fallthrough in type switch"
                   : flags & STMT_FINAL_CASE   ? "cannot fallthrough final case in switch"
                                               : "fallthrough statement out of place");
}

// A script's top-level declaration: its objects are package-level.
static void check_top_decl(Checker *c, Node *gen)
{
    for (int i = 0; i < gen->gen.specs.len; i++) {
        Node *spec = gen->gen.specs.data[i];
        if (spec->kind == NODE_VALUE_SPEC) {
            for (int k = 0; k < spec->value.names.len; k++) {
                if (spec->value.names.data[k]->obj)
                    resolve_object(c, spec->value.names.data[k]->obj);
            }
        } else if (spec->kind == NODE_TYPE_SPEC && spec->typespec.name &&
                   spec->typespec.name->obj) {
            resolve_object(c, spec->typespec.name->obj);
        }
    }
}

static bool is_top_scope(Checker *c)
{
    return c->env.at_top && c->env.scope == c->env.file->scope;
}

void check_stmt(Checker *c, Node *n, unsigned flags)
{
    unsigned inner = flags & (STMT_BREAK_OK | STMT_CONTINUE_OK);
    if (!n || !check_depth(c, n))
        return;
    switch (n->kind) {
    case NODE_EXPR_STMT: check_expr_stmt(c, n); break;
    case NODE_SEND: check_send(c, n); break;
    case NODE_INC_DEC: check_inc_dec(c, n); break;
    case NODE_ASSIGN:
        if (n->op == TOKEN_DEFINE && is_top_scope(c)) {
            for (int i = 0; i < n->assign.lhs.len; i++) {
                Node *name = n->assign.lhs.data[i];
                if (name->obj && name->obj->decl == n)
                    resolve_object(c, name->obj);
            }
            check_define(c, n, true);
        } else {
            check_assign_stmt(c, n);
        }
        break;
    case NODE_DEFER:
        if (c->env.at_top && c->env.func == c->toplevel)
            check_error_at(c, n, DIAG_MISPLACED_DEFER, "defer is not in a function");
        check_go_defer(c, n);
        break;
    case NODE_GO: check_go_defer(c, n); break;
    case NODE_RETURN: check_return(c, n); break;
    case NODE_BRANCH: check_branch(c, n, flags); break;
    case NODE_BLOCK:
        n->block.scope = open_scope(c);
        check_stmts(c, &n->block.stmts, inner);
        close_scope(c);
        break;
    case NODE_IF: check_if(c, n, inner); break;
    case NODE_SWITCH: check_switch(c, n, inner); break;
    case NODE_TYPE_SWITCH: check_type_switch(c, n, inner); break;
    case NODE_SELECT: check_select(c, n, inner); break;
    case NODE_FOR: check_for(c, n, inner); break;
    case NODE_RANGE: check_range(c, n, inner); break;
    case NODE_LABELED: check_stmt(c, n->labeled.stmt, flags); break;
    case NODE_DECL_STMT:
        if (is_top_scope(c))
            check_top_decl(c, n->unary.x);
        else
            check_local_decl(c, n->unary.x);
        break;
    default: break;
    }
}

void check_stmts(Checker *c, NodeList *list, unsigned flags)
{
    unsigned inner = flags & ~(STMT_FALLTHROUGH_OK | STMT_FINAL_CASE);
    int last = list->len - 1;
    while (last > 0 && list->data[last]->kind == NODE_EMPTY)
        last--;
    for (int i = 0; i < list->len; i++)
        check_stmt(c, list->data[i], i == last ? flags : inner & ~STMT_IN_TYPE_SWITCH);
}
