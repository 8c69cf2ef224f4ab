// check_flow.c: labels and jumps, and whether a list of statements can run off its end.
//
// One walk over a function's body, after its statements have been checked: it finds the target
// of each jump and leaves it in branch.target. A goto to a label that comes later is kept until
// the label is met in the same block or an outer one.
//
// Not here: fallthrough (check_stmt.c).
#include "types/check_impl.h"

typedef Vec(Node *) JumpList;

// What break and continue can refer to.
typedef struct Enclosing {
    Node *stmt;
    Name label; // or NULL
    struct Enclosing *outer;
} Enclosing;

typedef struct Block {
    struct Block *outer;
    JumpList labels; // NODE_LABELED met in this block
} Block;

typedef struct Flow {
    Checker *c;
    JumpList all; // every label of the function
} Flow;

static void walk_list(Flow *f, Block *outer, Enclosing *around, NodeList *list, JumpList *forward);

// ---- Labels -----------------------------------------------------------------------------

static Name label_name(const Node *labeled)
{
    return labeled->labeled.label->ident.name;
}

static Node *find_label(const JumpList *list, Name name)
{
    for (int i = 0; i < list->len; i++) {
        if (label_name(list->data[i]) == name)
            return list->data[i];
    }
    return NULL;
}

static Node *visible_label(const Block *b, Name name)
{
    for (; b; b = b->outer) {
        Node *labeled = find_label(&b->labels, name);
        if (labeled)
            return labeled;
    }
    return NULL;
}

static void collect_labels(Flow *f, Node *n);

static void collect_list(Flow *f, NodeList *list)
{
    for (int i = 0; i < list->len; i++)
        collect_labels(f, list->data[i]);
}

static void collect_labels(Flow *f, Node *n)
{
    while (n) {
        switch (n->kind) {
        case NODE_LABELED: {
            Node *label = n->labeled.label;
            if (label->kind == NODE_IDENT && strcmp(label->ident.name->text, "_") == 0) {
                n->labeled.used = true; // no jump can name it
            } else if (label->kind == NODE_IDENT) {
                Node *before = find_label(&f->all, label->ident.name);
                if (before) {
                    char where[512];
                    source_format(before->pos, where, sizeof where);
                    check_error_at(f->c, label, DIAG_LABEL, "label %s already defined at %s",
                                   label->ident.name->text, where);
                    n->labeled.used = true;
                } else {
                    vec_push(&f->all, n);
                }
            }
            n = n->labeled.stmt;
            break;
        }
        case NODE_BLOCK:
        case NODE_SELECT: collect_list(f, &n->block.stmts); return;
        case NODE_IF:
            collect_labels(f, n->ifs.then);
            n = n->ifs.otherwise;
            break;
        case NODE_FOR: n = n->fors.body; break;
        case NODE_RANGE: n = n->range.body; break;
        case NODE_SWITCH:
        case NODE_TYPE_SWITCH: n = n->switchs.body; break;
        case NODE_CASE: collect_list(f, &n->clause.body); return;
        default: return;
        }
    }
}

// ---- Jumps ------------------------------------------------------------------------------

static bool is_loop(const Node *n)
{
    return n->kind == NODE_FOR || n->kind == NODE_RANGE;
}

static bool can_break(const Node *n)
{
    return is_loop(n) || n->kind == NODE_SWITCH || n->kind == NODE_TYPE_SWITCH ||
           n->kind == NODE_SELECT;
}

static void break_or_continue(Flow *f, Node *n, Enclosing *around)
{
    Checker *c = f->c;
    bool is_break = n->op == TOKEN_BREAK;
    const char *word = is_break ? "break" : "continue";
    Node *label = n->branch.label;
    for (Enclosing *e = around; e; e = e->outer) {
        if (label ? e->label != label->ident.name
                  : !(is_break ? can_break(e->stmt) : is_loop(e->stmt)))
            continue;
        if (!(is_break ? can_break(e->stmt) : is_loop(e->stmt))) {
            check_error_at(c, label, DIAG_LABEL, "invalid %s label %s", word,
                           label->ident.name->text);
            return;
        }
        n->branch.target = e->stmt;
        if (is_break)
            e->stmt->flag |= NODEFLAG_HAS_BREAK;
        return;
    }
    if (!label) {
        check_error_at(c, n, DIAG_MISPLACED_BRANCH,
                       is_break ? "break is not in a loop, switch, or select"
                                : "continue is not in a loop");
        return;
    }
    Node *other = find_label(&f->all, label->ident.name);
    if (other)
        check_error_at(c, label, DIAG_LABEL, "invalid %s label %s", word, label->ident.name->text);
    else
        check_error_at(c, label, DIAG_LABEL, "%s label not defined: %s", word,
                       label->ident.name->text);
}

static void mark_label_used(Flow *f, Name name)
{
    Node *labeled = find_label(&f->all, name);
    if (labeled)
        labeled->labeled.used = true;
}

static void branch(Flow *f, Node *n, Block *b, Enclosing *around, JumpList *forward)
{
    Node *label = n->branch.label;
    if (label && label->kind != NODE_IDENT)
        return;
    if (label)
        mark_label_used(f, label->ident.name);
    if (n->op == TOKEN_BREAK || n->op == TOKEN_CONTINUE) {
        break_or_continue(f, n, around);
    } else if (n->op == TOKEN_GOTO && label) {
        n->branch.target = visible_label(b, label->ident.name);
        if (!n->branch.target)
            vec_push(forward, n);
    }
}

// A label is met: earlier jumps to it are resolved.
static void arrive(Flow *f, Node *labeled, JumpList *forward, const JumpList *over, Pos declared)
{
    int kept = 0;
    for (int i = 0; i < forward->len; i++) {
        Node *jump = forward->data[i];
        if (jump->branch.label->ident.name != label_name(labeled)) {
            forward->data[kept++] = jump;
            continue;
        }
        jump->branch.target = labeled;
        for (int k = 0; k < over->len; k++) {
            if (over->data[k] != jump)
                continue;
            Diag *d = check_error_at(f->c, jump->branch.label, DIAG_GOTO,
                                     "goto %s jumps over variable declaration at line %d",
                                     label_name(labeled)->text, source_name_of(declared).line);
            diag_other(d, declared, "declared here");
            break;
        }
    }
    forward->len = kept;
}

typedef struct Walk {
    Flow *f;
    Block *block;
    Enclosing *around;
    JumpList *forward; // jumps that leave this block and have no target yet
    JumpList over;     // those of them that a variable declaration stands behind
    Pos declared;
} Walk;

static void declared_variable(Walk *w, Pos pos)
{
    w->declared = pos;
    w->over.len = 0;
    for (int i = 0; i < w->forward->len; i++)
        vec_push(&w->over, w->forward->data[i]);
}

static void walk_stmt(Walk *w, Node *n, Name label);

static void walk_clauses(Walk *w, Node *n, NodeList *clauses, Name label)
{
    Enclosing here = {n, label, w->around};
    for (int i = 0; i < clauses->len; i++) {
        Node *clause = clauses->data[i];
        if (clause->kind == NODE_CASE)
            walk_list(w->f, w->block, &here, &clause->clause.body, w->forward);
    }
}

static void walk_loop(Walk *w, Node *n, Node *body, Name label)
{
    Enclosing here = {n, label, w->around};
    if (body && body->kind == NODE_BLOCK)
        walk_list(w->f, w->block, &here, &body->block.stmts, w->forward);
}

static void walk_stmt(Walk *w, Node *n, Name label)
{
    while (n) {
        switch (n->kind) {
        case NODE_DECL_STMT:
            if (n->unary.x->op == TOKEN_VAR)
                declared_variable(w, n->pos);
            return;
        case NODE_ASSIGN:
            if (n->op == TOKEN_DEFINE)
                declared_variable(w, n->pos);
            return;
        case NODE_LABELED:
            if (n->labeled.label->kind == NODE_IDENT &&
                find_label(&w->f->all, label_name(n)) == n) {
                vec_push(&w->block->labels, n);
                arrive(w->f, n, w->forward, &w->over, w->declared);
                label = label_name(n);
            }
            n = n->labeled.stmt;
            break;
        case NODE_BRANCH: branch(w->f, n, w->block, w->around, w->forward); return;
        case NODE_BLOCK: {
            Enclosing here = {n, label, w->around};
            walk_list(w->f, w->block, &here, &n->block.stmts, w->forward);
            return;
        }
        case NODE_IF: {
            Enclosing here = {n, label, w->around};
            Enclosing *outer = w->around;
            if (label)
                w->around = &here;
            walk_stmt(w, n->ifs.then, NULL);
            if (label) {
                walk_stmt(w, n->ifs.otherwise, NULL);
                w->around = outer;
                return;
            }
            n = n->ifs.otherwise;
            label = NULL;
            break;
        }
        case NODE_SWITCH:
        case NODE_TYPE_SWITCH:
            if (n->switchs.body)
                walk_clauses(w, n, &n->switchs.body->block.stmts, label);
            return;
        case NODE_SELECT: walk_clauses(w, n, &n->block.stmts, label); return;
        case NODE_FOR: walk_loop(w, n, n->fors.body, label); return;
        case NODE_RANGE: walk_loop(w, n, n->range.body, label); return;
        default: return;
        }
    }
}

static void walk_list(Flow *f, Block *outer, Enclosing *around, NodeList *list, JumpList *forward)
{
    Block here = {.outer = outer};
    JumpList own = {0};
    Walk w = {.f = f, .block = &here, .around = around, .forward = &own};
    for (int i = 0; i < list->len; i++)
        walk_stmt(&w, list->data[i], NULL);
    for (int i = 0; i < own.len; i++)
        vec_push(forward, own.data[i]);
    vec_free(&own);
    vec_free(&w.over);
    vec_free(&here.labels);
}

// Whether a body has anything for this walk at all: most have not.
static bool has_flow(Node *n);

static bool list_has_flow(NodeList *list)
{
    for (int i = 0; i < list->len; i++) {
        if (has_flow(list->data[i]))
            return true;
    }
    return false;
}

static bool has_flow(Node *n)
{
    for (; n; n = n->ifs.otherwise) {
        switch (n->kind) {
        case NODE_LABELED:
        case NODE_BRANCH: return true;
        case NODE_BLOCK:
        case NODE_SELECT: return list_has_flow(&n->block.stmts);
        case NODE_IF:
            if (has_flow(n->ifs.then))
                return true;
            continue;
        case NODE_FOR: return has_flow(n->fors.body);
        case NODE_RANGE: return has_flow(n->range.body);
        case NODE_SWITCH:
        case NODE_TYPE_SWITCH: return has_flow(n->switchs.body);
        case NODE_CASE: return list_has_flow(&n->clause.body);
        default: return false;
        }
    }
    return false;
}

void check_branches(Checker *c, NodeList *body)
{
    if (!list_has_flow(body))
        return;
    Flow f = {.c = c};
    JumpList forward = {0};
    collect_list(&f, body);
    walk_list(&f, NULL, NULL, body, &forward);
    for (int i = 0; i < forward.len; i++) {
        Node *label = forward.data[i]->branch.label;
        Node *labeled = find_label(&f.all, label->ident.name);
        if (!labeled) {
            check_error_at(c, label, DIAG_LABEL, "label %s not defined", label->ident.name->text);
            continue;
        }
        Diag *d = check_error_at(c, label, DIAG_GOTO, "goto %s jumps into block",
                                 label->ident.name->text);
        diag_other(d, labeled->pos, "the label is here");
    }
    for (int i = 0; i < f.all.len; i++) {
        Node *labeled = f.all.data[i];
        if (labeled->labeled.used || strcmp(label_name(labeled)->text, "_") == 0)
            continue;
        const char *name = label_name(labeled)->text;
        Diag *d = check_error_at(c, labeled->labeled.label, DIAG_UNUSED_LABEL,
                                 "label %s defined and not used", name);
        if (strcmp(name, "try") == 0 || strcmp(name, "except") == 0 || strcmp(name, "finally") == 0)
            diag_hint(c->diags, d, "there are no exceptions: functions return errors");
    }
    vec_free(&forward);
    vec_free(&f.all);
}

// ---- Terminating statements -------------------------------------------------------------

bool calls_builtin(Node *call, BuiltinId id)
{
    if (call->kind != NODE_CALL || !(call->flag & NODEFLAG_BUILTIN))
        return false;
    Object *obj = node_unparen(call->call.fun)->obj;
    return obj && obj->builtin == id;
}

static bool clauses_terminate(NodeList *clauses, bool need_default)
{
    bool has_default = false;
    for (int i = 0; i < clauses->len; i++) {
        Node *clause = clauses->data[i];
        if (clause->kind != NODE_CASE)
            return false;
        has_default |= clause->clause.is_default;
        NodeList *body = &clause->clause.body;
        Node *last = body->len ? vec_last(body) : NULL;
        bool falls = last && last->kind == NODE_BRANCH && last->op == TOKEN_FALLTHROUGH;
        if (!falls && !is_terminating_list(body))
            return false;
    }
    return has_default || !need_default;
}

static bool is_terminating(Node *n)
{
    for (;;) {
        switch (n->kind) {
        case NODE_BAD:
        case NODE_RETURN: return true;
        case NODE_BRANCH: return n->op == TOKEN_GOTO;
        case NODE_EXPR_STMT: return calls_builtin(node_unparen(n->unary.x), BUILTIN_PANIC);
        case NODE_BLOCK: return is_terminating_list(&n->block.stmts);
        case NODE_IF:
            if (!n->ifs.otherwise || !is_terminating(n->ifs.then))
                return false;
            n = n->ifs.otherwise;
            break;
        case NODE_LABELED:
            if (!n->labeled.stmt)
                return false;
            n = n->labeled.stmt;
            break;
        case NODE_FOR: return !n->fors.cond && !(n->flag & NODEFLAG_HAS_BREAK);
        case NODE_SWITCH:
        case NODE_TYPE_SWITCH:
            return !(n->flag & NODEFLAG_HAS_BREAK) && n->switchs.body &&
                   clauses_terminate(&n->switchs.body->block.stmts, true);
        case NODE_SELECT:
            return !(n->flag & NODEFLAG_HAS_BREAK) && clauses_terminate(&n->block.stmts, false);
        default: return false;
        }
    }
}

bool is_terminating_list(NodeList *list)
{
    int last = list->len - 1;
    while (last >= 0 && list->data[last]->kind == NODE_EMPTY)
        last--;
    return last >= 0 && is_terminating(list->data[last]);
}
