// ast.c: making nodes, walking them, printing them in one line.
//
// node_children is the one place that knows the children of each kind; a pass that treats all
// kinds alike uses it. The parser bounds the depth of a tree (parser_impl.h), so recursion
// over nodes needs no limit of its own.
#include "parser/ast.h"

Node *node_new(Arena *arena, NodeKind kind, Pos pos, Pos end)
{
    Node *n = arena_new(arena, Node);
    n->kind = kind;
    n->pos = pos;
    n->end = end;
    return n;
}

const char *node_kind_name(NodeKind kind)
{
    static const char *const names[NODE_KIND_COUNT] = {
        [NODE_BAD] = "bad",
        [NODE_IDENT] = "ident",
        [NODE_BASIC_LIT] = "basic-lit",
        [NODE_FUNC_LIT] = "func-lit",
        [NODE_COMPOSITE] = "composite",
        [NODE_KEY_VALUE] = "key-value",
        [NODE_PAREN] = "paren",
        [NODE_SELECTOR] = "selector",
        [NODE_INDEX] = "index",
        [NODE_SLICE] = "slice",
        [NODE_ASSERT] = "assert",
        [NODE_CALL] = "call",
        [NODE_STAR] = "star",
        [NODE_UNARY] = "unary",
        [NODE_BINARY] = "binary",
        [NODE_ELLIPSIS] = "ellipsis",
        [NODE_ARRAY_TYPE] = "array-type",
        [NODE_STRUCT_TYPE] = "struct-type",
        [NODE_FUNC_TYPE] = "func-type",
        [NODE_INTERFACE_TYPE] = "interface-type",
        [NODE_MAP_TYPE] = "map-type",
        [NODE_CHAN_TYPE] = "chan-type",
        [NODE_EMPTY] = "empty",
        [NODE_EXPR_STMT] = "expr-stmt",
        [NODE_SEND] = "send",
        [NODE_INC_DEC] = "inc-dec",
        [NODE_ASSIGN] = "assign",
        [NODE_GO] = "go",
        [NODE_DEFER] = "defer",
        [NODE_RETURN] = "return",
        [NODE_BRANCH] = "branch",
        [NODE_BLOCK] = "block",
        [NODE_IF] = "if",
        [NODE_CASE] = "case",
        [NODE_SWITCH] = "switch",
        [NODE_TYPE_SWITCH] = "type-switch",
        [NODE_SELECT] = "select",
        [NODE_FOR] = "for",
        [NODE_RANGE] = "range",
        [NODE_LABELED] = "labeled",
        [NODE_DECL_STMT] = "decl-stmt",
        [NODE_GEN_DECL] = "gen-decl",
        [NODE_IMPORT_SPEC] = "import-spec",
        [NODE_VALUE_SPEC] = "value-spec",
        [NODE_TYPE_SPEC] = "type-spec",
        [NODE_FUNC_DECL] = "func-decl",
        [NODE_FIELD] = "field",
    };
    return names[kind];
}

Node *node_unparen(Node *n)
{
    while (n && n->kind == NODE_PAREN)
        n = n->unary.x;
    return n;
}

// ---- Walking ----------------------------------------------------------------------------

typedef struct Visit {
    void (*visit)(Node *child, void *arg);
    void *arg;
} Visit;

static void one(const Visit *v, Node *child)
{
    if (child)
        v->visit(child, v->arg);
}

static void all(const Visit *v, const NodeList *list)
{
    for (int i = 0; i < list->len; i++)
        one(v, list->data[i]);
}

void node_children(Node *n, void (*visit)(Node *child, void *arg), void *arg)
{
    const Visit v = {visit, arg};
    switch (n->kind) {
    case NODE_BAD:
    case NODE_IDENT:
    case NODE_BASIC_LIT:
    case NODE_EMPTY:
    case NODE_KIND_COUNT: break;
    case NODE_COMPOSITE:
        one(&v, n->composite.type);
        all(&v, &n->composite.elems);
        break;
    case NODE_KEY_VALUE:
        one(&v, n->kv.key);
        one(&v, n->kv.value);
        break;
    case NODE_PAREN:
    case NODE_STAR:
    case NODE_UNARY:
    case NODE_ELLIPSIS:
    case NODE_EXPR_STMT:
    case NODE_INC_DEC:
    case NODE_GO:
    case NODE_DEFER:
    case NODE_DECL_STMT: one(&v, n->unary.x); break;
    case NODE_SELECTOR:
        one(&v, n->selector.x);
        one(&v, n->selector.sel);
        break;
    case NODE_INDEX:
        one(&v, n->index.x);
        all(&v, &n->index.indices);
        break;
    case NODE_SLICE:
        one(&v, n->slice.x);
        one(&v, n->slice.lo);
        one(&v, n->slice.hi);
        one(&v, n->slice.max);
        break;
    case NODE_ASSERT:
        one(&v, n->assert.x);
        one(&v, n->assert.type);
        break;
    case NODE_CALL:
        one(&v, n->call.fun);
        all(&v, &n->call.args);
        break;
    case NODE_BINARY:
    case NODE_SEND:
        one(&v, n->binary.x);
        one(&v, n->binary.y);
        break;
    case NODE_ARRAY_TYPE:
        one(&v, n->array.len);
        one(&v, n->array.elem);
        break;
    case NODE_STRUCT_TYPE:
    case NODE_INTERFACE_TYPE: all(&v, &n->fields.list); break;
    case NODE_FUNC_TYPE:
        all(&v, &n->functype.type_params);
        all(&v, &n->functype.params);
        all(&v, &n->functype.results);
        break;
    case NODE_MAP_TYPE:
        one(&v, n->map.key);
        one(&v, n->map.value);
        break;
    case NODE_CHAN_TYPE: one(&v, n->chan.elem); break;
    case NODE_ASSIGN:
        all(&v, &n->assign.lhs);
        all(&v, &n->assign.rhs);
        break;
    case NODE_RETURN: all(&v, &n->list.list); break;
    case NODE_BRANCH: one(&v, n->branch.label); break;
    case NODE_BLOCK:
    case NODE_SELECT: all(&v, &n->block.stmts); break;
    case NODE_IF:
        one(&v, n->ifs.init);
        one(&v, n->ifs.cond);
        one(&v, n->ifs.then);
        one(&v, n->ifs.otherwise);
        break;
    case NODE_CASE:
        all(&v, &n->clause.exprs);
        one(&v, n->clause.comm);
        all(&v, &n->clause.body);
        break;
    case NODE_SWITCH:
    case NODE_TYPE_SWITCH:
        one(&v, n->switchs.init);
        one(&v, n->switchs.name);
        one(&v, n->switchs.tag);
        one(&v, n->switchs.body);
        break;
    case NODE_FOR:
        one(&v, n->fors.init);
        one(&v, n->fors.cond);
        one(&v, n->fors.post);
        one(&v, n->fors.body);
        break;
    case NODE_RANGE:
        one(&v, n->range.key);
        one(&v, n->range.value);
        one(&v, n->range.x);
        one(&v, n->range.body);
        break;
    case NODE_LABELED:
        one(&v, n->labeled.label);
        one(&v, n->labeled.stmt);
        break;
    case NODE_GEN_DECL: all(&v, &n->gen.specs); break;
    case NODE_IMPORT_SPEC:
        one(&v, n->import.name);
        one(&v, n->import.path_node);
        break;
    case NODE_VALUE_SPEC:
        all(&v, &n->value.names);
        if (!n->value.repeated) { // else they are the children of the earlier spec
            one(&v, n->value.vtype);
            all(&v, &n->value.values);
        }
        break;
    case NODE_TYPE_SPEC:
        one(&v, n->typespec.name);
        all(&v, &n->typespec.type_params);
        one(&v, n->typespec.def);
        break;
    case NODE_FUNC_LIT:
    case NODE_FUNC_DECL:
        one(&v, n->func.recv);
        one(&v, n->func.name);
        one(&v, n->func.sig);
        one(&v, n->func.body);
        break;
    case NODE_FIELD:
        all(&v, &n->field.names);
        one(&v, n->field.ftype);
        one(&v, n->field.tag);
        break;
    }
}

// ---- Printing ---------------------------------------------------------------------------

static void print_list(const NodeList *list, const char *between, Buf *out)
{
    for (int i = 0; i < list->len; i++) {
        if (i > 0)
            buf_puts(out, between);
        node_print(list->data[i], out);
    }
}

static void print_optional(const Node *n, Buf *out)
{
    if (n)
        node_print(n, out);
}

static void print_signature(const Node *type, Buf *out)
{
    if (type->functype.type_params.len > 0) {
        buf_putc(out, '[');
        print_list(&type->functype.type_params, ", ", out);
        buf_putc(out, ']');
    }
    buf_putc(out, '(');
    print_list(&type->functype.params, ", ", out);
    buf_putc(out, ')');
    const NodeList *results = &type->functype.results;
    if (results->len == 1 && results->data[0]->field.names.len == 0) {
        buf_putc(out, ' ');
        node_print(results->data[0], out);
    } else if (results->len > 0) {
        buf_puts(out, " (");
        print_list(results, ", ", out);
        buf_putc(out, ')');
    }
}

static void print_interface(const Node *n, Buf *out)
{
    buf_puts(out, "interface{");
    for (int i = 0; i < n->fields.list.len; i++) {
        const Node *field = n->fields.list.data[i];
        if (i > 0)
            buf_puts(out, "; ");
        if (field->kind == NODE_FIELD && field->field.names.len > 0 &&
            field->field.ftype->kind == NODE_FUNC_TYPE) {
            node_print(field->field.names.data[0], out);
            print_signature(field->field.ftype, out);
        } else {
            node_print(field, out);
        }
    }
    buf_putc(out, '}');
}

const char *chan_dir_text(ChanDir dir)
{
    static const char *const words[] = {"chan ", "chan<- ", "<-chan "};
    return words[dir];
}

static void print_chan_type(const Node *n, Buf *out)
{
    buf_puts(out, chan_dir_text(n->chan.dir));
    const Node *elem = n->chan.elem;
    bool parens =
        n->chan.dir == DIR_BOTH && elem->kind == NODE_CHAN_TYPE && elem->chan.dir == DIR_RECEIVE;
    if (parens)
        buf_putc(out, '(');
    node_print(elem, out);
    if (parens)
        buf_putc(out, ')');
}

static void print_value_spec(const Node *n, Buf *out)
{
    print_list(&n->value.names, ", ", out);
    if (n->value.repeated)
        return;
    if (n->value.vtype) {
        buf_putc(out, ' ');
        node_print(n->value.vtype, out);
    }
    if (n->value.values.len > 0) {
        buf_puts(out, " = ");
        print_list(&n->value.values, ", ", out);
    }
}

// "init; " of if and switch headers.
static void print_init(const Node *init, Buf *out)
{
    if (init) {
        node_print(init, out);
        buf_puts(out, "; ");
    }
}

void node_print(const Node *n, Buf *out)
{
    switch (n->kind) {
    case NODE_BAD: buf_puts(out, "<bad expr>"); break;
    case NODE_IDENT: buf_append(out, n->ident.name->text, n->ident.name->len); break;
    case NODE_BASIC_LIT: buf_append(out, n->lit.text.data, n->lit.text.len); break;
    case NODE_FUNC_LIT:
        buf_puts(out, "func");
        print_signature(n->func.sig, out);
        buf_puts(out, n->func.body && n->func.body->block.stmts.len > 0 ? " {…}" : " {}");
        break;
    case NODE_COMPOSITE:
        print_optional(n->composite.type, out);
        buf_puts(out, n->composite.elems.len > 0 ? "{…}" : "{}");
        break;
    case NODE_KEY_VALUE:
        node_print(n->kv.key, out);
        buf_puts(out, ": ");
        node_print(n->kv.value, out);
        break;
    case NODE_PAREN:
        buf_putc(out, '(');
        node_print(n->unary.x, out);
        buf_putc(out, ')');
        break;
    case NODE_SELECTOR:
        node_print(n->selector.x, out);
        buf_putc(out, '.');
        node_print(n->selector.sel, out);
        break;
    case NODE_INDEX:
        node_print(n->index.x, out);
        buf_putc(out, '[');
        print_list(&n->index.indices, ", ", out);
        buf_putc(out, ']');
        break;
    case NODE_SLICE:
        node_print(n->slice.x, out);
        buf_putc(out, '[');
        print_optional(n->slice.lo, out);
        buf_putc(out, ':');
        print_optional(n->slice.hi, out);
        if (n->slice.three) {
            buf_putc(out, ':');
            print_optional(n->slice.max, out);
        }
        buf_putc(out, ']');
        break;
    case NODE_ASSERT:
        node_print(n->assert.x, out);
        buf_puts(out, ".(");
        if (n->assert.type)
            node_print(n->assert.type, out);
        else
            buf_puts(out, "type");
        buf_putc(out, ')');
        break;
    case NODE_CALL:
        node_print(n->call.fun, out);
        buf_putc(out, '(');
        print_list(&n->call.args, ", ", out);
        buf_puts(out, n->call.ellipsis != POS_NONE ? "...)" : ")");
        break;
    case NODE_STAR:
        buf_putc(out, '*');
        node_print(n->unary.x, out);
        break;
    case NODE_UNARY:
        buf_puts(out, token_spelling(n->op));
        node_print(n->unary.x, out);
        break;
    case NODE_BINARY:
        node_print(n->binary.x, out);
        buf_printf(out, " %s ", token_spelling(n->op));
        node_print(n->binary.y, out);
        break;
    case NODE_ELLIPSIS:
        buf_puts(out, "...");
        print_optional(n->unary.x, out);
        break;
    case NODE_ARRAY_TYPE:
        buf_putc(out, '[');
        print_optional(n->array.len, out);
        buf_putc(out, ']');
        node_print(n->array.elem, out);
        break;
    case NODE_STRUCT_TYPE:
        buf_puts(out, "struct{");
        print_list(&n->fields.list, "; ", out);
        buf_putc(out, '}');
        break;
    case NODE_FUNC_TYPE:
        buf_puts(out, "func");
        print_signature(n, out);
        break;
    case NODE_INTERFACE_TYPE: print_interface(n, out); break;
    case NODE_MAP_TYPE:
        buf_puts(out, "map[");
        node_print(n->map.key, out);
        buf_putc(out, ']');
        node_print(n->map.value, out);
        break;
    case NODE_CHAN_TYPE: print_chan_type(n, out); break;
    case NODE_EMPTY: break;
    case NODE_EXPR_STMT:
    case NODE_DECL_STMT: node_print(n->unary.x, out); break;
    case NODE_SEND:
        node_print(n->binary.x, out);
        buf_puts(out, " <- ");
        node_print(n->binary.y, out);
        break;
    case NODE_INC_DEC:
        node_print(n->unary.x, out);
        buf_puts(out, token_spelling(n->op));
        break;
    case NODE_ASSIGN:
        print_list(&n->assign.lhs, ", ", out);
        buf_printf(out, " %s ", token_spelling(n->op));
        print_list(&n->assign.rhs, ", ", out);
        break;
    case NODE_GO:
    case NODE_DEFER:
        buf_puts(out, n->kind == NODE_GO ? "go " : "defer ");
        node_print(n->unary.x, out);
        break;
    case NODE_RETURN:
        buf_puts(out, n->list.list.len > 0 ? "return " : "return");
        print_list(&n->list.list, ", ", out);
        break;
    case NODE_BRANCH:
        buf_puts(out, token_spelling(n->op));
        if (n->branch.label) {
            buf_putc(out, ' ');
            node_print(n->branch.label, out);
        }
        break;
    case NODE_BLOCK: buf_puts(out, n->block.stmts.len > 0 ? "{…}" : "{}"); break;
    case NODE_IF:
        buf_puts(out, "if ");
        print_init(n->ifs.init, out);
        node_print(n->ifs.cond, out);
        buf_puts(out, " {…}");
        break;
    case NODE_CASE:
        if (n->clause.is_default) {
            buf_puts(out, "default");
        } else {
            buf_puts(out, "case ");
            print_optional(n->clause.comm, out);
            print_list(&n->clause.exprs, ", ", out);
        }
        buf_putc(out, ':');
        break;
    case NODE_SWITCH:
    case NODE_TYPE_SWITCH:
        buf_puts(out, "switch ");
        print_init(n->switchs.init, out);
        if (n->switchs.name) {
            node_print(n->switchs.name, out);
            buf_puts(out, " := ");
        }
        if (n->switchs.tag) {
            node_print(n->switchs.tag, out);
            buf_putc(out, ' ');
        }
        buf_puts(out, "{…}");
        break;
    case NODE_SELECT: buf_puts(out, "select {…}"); break;
    case NODE_FOR:
        buf_puts(out, "for ");
        if (n->fors.init || n->fors.post) {
            print_optional(n->fors.init, out);
            buf_puts(out, "; ");
        }
        if (n->fors.cond) {
            node_print(n->fors.cond, out);
            buf_puts(out, n->fors.init || n->fors.post ? "; " : " ");
        }
        if (n->fors.post) {
            node_print(n->fors.post, out);
            buf_putc(out, ' ');
        }
        buf_puts(out, "{…}");
        break;
    case NODE_RANGE:
        buf_puts(out, "for ");
        if (n->range.key) {
            node_print(n->range.key, out);
            if (n->range.value) {
                buf_puts(out, ", ");
                node_print(n->range.value, out);
            }
            buf_puts(out, n->range.define ? " := " : " = ");
        }
        buf_puts(out, "range ");
        node_print(n->range.x, out);
        buf_puts(out, " {…}");
        break;
    case NODE_LABELED:
        node_print(n->labeled.label, out);
        buf_puts(out, ": ");
        node_print(n->labeled.stmt, out);
        break;
    case NODE_GEN_DECL:
        buf_puts(out, token_spelling(n->op));
        buf_puts(out, n->gen.grouped ? " (" : " ");
        print_list(&n->gen.specs, "; ", out);
        if (n->gen.grouped)
            buf_putc(out, ')');
        break;
    case NODE_IMPORT_SPEC:
        if (n->import.name) {
            node_print(n->import.name, out);
            buf_putc(out, ' ');
        }
        print_optional(n->import.path_node, out);
        break;
    case NODE_VALUE_SPEC: print_value_spec(n, out); break;
    case NODE_TYPE_SPEC:
        node_print(n->typespec.name, out);
        if (n->typespec.type_params.len > 0) {
            buf_putc(out, '[');
            print_list(&n->typespec.type_params, ", ", out);
            buf_putc(out, ']');
        }
        buf_puts(out, n->typespec.alias ? " = " : " ");
        node_print(n->typespec.def, out);
        break;
    case NODE_FUNC_DECL:
        buf_puts(out, "func ");
        if (n->func.recv) {
            buf_putc(out, '(');
            node_print(n->func.recv, out);
            buf_puts(out, ") ");
        }
        node_print(n->func.name, out);
        print_signature(n->func.sig, out);
        if (n->func.body)
            buf_puts(out, n->func.body->block.stmts.len > 0 ? " {…}" : " {}");
        break;
    case NODE_FIELD:
        print_list(&n->field.names, ", ", out);
        if (n->field.names.len > 0)
            buf_putc(out, ' ');
        node_print(n->field.ftype, out);
        if (n->field.tag) {
            buf_putc(out, ' ');
            node_print(n->field.tag, out);
        }
        break;
    case NODE_KIND_COUNT: break;
    }
}
