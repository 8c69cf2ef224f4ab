// vet.c: the driver of vet, and the questions that its checks ask about the tree.
//
// Before the checks one walk notes the parent of every node and the uses of every variable and
// function, so that a check can begin anywhere and look around.
//
// Not here: the checks: channels (vet_chan.c), locks, wait groups and goroutines (vet_sync.c),
// format strings (vet_printf.c), and single statements (vet_code.c).
#include "types/vet_impl.h"

#include <stdarg.h>

// ---- Reports ----------------------------------------------------------------------------

Diag *vet_warn(Vet *v, DiagKind kind, const Node *at, const char *fmt, ...)
{
    char text[512];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    return diag_warning(v->diags, kind, at->pos, at->end, "%s", text);
}

int vet_line(const Node *n)
{
    return source_place(n->pos).line;
}

const char *vet_text(Vet *v, const Node *n)
{
    Buf b = {0};
    node_print(n, &b);
    const char *text = arena_strndup(v->arena, b.data ? b.data : "", b.len);
    buf_free(&b);
    return text;
}

const char *vet_type_text(Vet *v, const Type *t)
{
    return type_string(v->arena, t, v->pkg);
}

// ---- Parents and uses -------------------------------------------------------------------

static u32 hash_node(const Node *n)
{
    return (u32)(((uintptr_t)n >> 4) * 2654435761u);
}

static void grow_parents(Vet *v)
{
    u32 old_size = v->parent_size;
    __typeof__(v->parents) old = v->parents;
    v->parent_size = old_size ? old_size * 2 : 1024;
    v->parents = xcalloc(v->parent_size, sizeof *v->parents);
    for (u32 i = 0; i < old_size; i++) {
        if (!old[i].node)
            continue;
        u32 at = hash_node(old[i].node) & (v->parent_size - 1);
        while (v->parents[at].node)
            at = (at + 1) & (v->parent_size - 1);
        v->parents[at].node = old[i].node;
        v->parents[at].parent = old[i].parent;
    }
    free(old);
}

static void set_parent(Vet *v, const Node *n, Node *parent)
{
    if (v->parent_count * 2 >= v->parent_size)
        grow_parents(v);
    u32 at = hash_node(n) & (v->parent_size - 1);
    while (v->parents[at].node && v->parents[at].node != n)
        at = (at + 1) & (v->parent_size - 1);
    if (!v->parents[at].node)
        v->parent_count++;
    v->parents[at].node = n;
    v->parents[at].parent = parent;
}

Node *vet_parent(const Vet *v, const Node *n)
{
    u32 at = hash_node(n) & (v->parent_size - 1);
    while (v->parents[at].node) {
        if (v->parents[at].node == n)
            return v->parents[at].parent;
        at = (at + 1) & (v->parent_size - 1);
    }
    return NULL;
}

VetObject *vet_object(Vet *v, Object *obj)
{
    if (!obj->extra)
        obj->extra = arena_new(v->arena, VetObject);
    return obj->extra;
}

typedef struct Indexing {
    Vet *v;
    Node *parent;
} Indexing;

static void index_node(Node *n, void *arg)
{
    Indexing *in = arg;
    Vet *v = in->v;
    set_parent(v, n, in->parent);
    if (n->kind == NODE_IDENT && n->obj && n->obj->pkg == v->pkg &&
        (n->obj->kind == OBJECT_VAR || n->obj->kind == OBJECT_FUNC))
        vec_push_in(v->arena, &vet_object(v, n->obj)->uses, n);
    if (n->kind == NODE_FUNC_LIT || (n->kind == NODE_FUNC_DECL && n->func.body))
        vec_push_in(
            v->arena, &v->funcs,
            ((VetFunc){n, &n->func.body->block.stmts, n->kind == NODE_FUNC_DECL ? n->obj : NULL}));
    Indexing below = {v, n};
    node_children(n, index_node, &below);
}

static void index_package(Vet *v)
{
    Indexing top = {v, NULL};
    for (int i = 0; i < v->pkg->files.len; i++) {
        File *file = v->pkg->files.data[i];
        for (int k = 0; k < file->decls.len; k++)
            index_node(file->decls.data[k], &top);
        for (int k = 0; k < file->stmts.len; k++)
            index_node(file->stmts.data[k], &top);
        if (file->is_script)
            vec_push_in(v->arena, &v->funcs, ((VetFunc){.body = &file->stmts}));
    }
    for (int i = 0; i < v->funcs.len; i++) {
        const VetFunc *f = &v->funcs.data[i];
        bool is_main = !f->node || (f->node->kind == NODE_FUNC_DECL && !f->node->func.recv &&
                                    !v->pkg->is_script && f->node->func.name->kind == NODE_IDENT &&
                                    strcmp(f->node->func.name->ident.name->text, "main") == 0);
        if (is_main)
            v->main = &v->funcs.data[i];
    }
}

// ---- The tree ---------------------------------------------------------------------------

typedef struct Walk {
    bool (*visit)(Node *n, void *arg);
    void *arg;
} Walk;

static void walk_node(Node *n, void *arg)
{
    const Walk *w = arg;
    if (w->visit(n, w->arg))
        node_children(n, walk_node, arg);
}

void vet_walk(Node *n, bool (*visit)(Node *n, void *arg), void *arg)
{
    if (!n)
        return;
    Walk w = {visit, arg};
    walk_node(n, &w);
}

void vet_walk_package(Vet *v, bool (*visit)(Node *n, void *arg), void *arg)
{
    for (int i = 0; i < v->pkg->files.len; i++) {
        const File *file = v->pkg->files.data[i];
        for (int k = 0; k < file->decls.len; k++)
            vet_walk(file->decls.data[k], visit, arg);
        for (int k = 0; k < file->stmts.len; k++)
            vet_walk(file->stmts.data[k], visit, arg);
    }
}

static bool is_function(const Node *n)
{
    return n->kind == NODE_FUNC_LIT || n->kind == NODE_FUNC_DECL;
}

static bool is_loop(const Node *n)
{
    return n->kind == NODE_FOR || n->kind == NODE_RANGE;
}

Node *vet_function(const Vet *v, const Node *n)
{
    for (Node *p = vet_parent(v, n); p; p = vet_parent(v, p))
        if (is_function(p))
            return p;
    return NULL;
}

bool vet_is_inside(const Vet *v, const Node *n, const Node *outer)
{
    for (const Node *p = n; p; p = vet_parent(v, p))
        if (p == outer)
            return true;
    return false;
}

// The part of a loop that runs again and again, not what comes before it.
static bool is_repeated_part(const Node *loop, const Node *child)
{
    if (loop->kind == NODE_FOR)
        return child != loop->fors.init;
    return child == loop->range.body;
}

Node *vet_loop(const Vet *v, const Node *n)
{
    const Node *child = n;
    for (Node *p = vet_parent(v, n); p && !is_function(p); child = p, p = vet_parent(v, p))
        if (is_loop(p) && is_repeated_part(p, child))
            return p;
    return NULL;
}

bool vet_in_loop_since(const Vet *v, const Node *n, const Node *outside)
{
    const Node *child = n;
    for (Node *p = vet_parent(v, n); p; child = p, p = vet_parent(v, p))
        if (is_loop(p) && is_repeated_part(p, child) && !vet_is_inside(v, outside, p))
            return true;
    return false;
}

static NodeList *list_of(Node *n)
{
    switch (n->kind) {
    case NODE_BLOCK: return &n->block.stmts;
    case NODE_CASE: return &n->clause.body;
    default: return NULL;
    }
}

static int find_in(const NodeList *list, const Node *n)
{
    for (int i = 0; list && i < list->len; i++)
        if (list->data[i] == n)
            return i;
    return -1;
}

NodeList *vet_siblings(const Vet *v, const Node *n, int *index)
{
    Node *parent = vet_parent(v, n);
    if (parent && parent->kind == NODE_LABELED)
        return vet_siblings(v, parent, index);
    NodeList *list = parent ? list_of(parent) : NULL;
    for (int i = 0; !parent && i < v->pkg->files.len && !list; i++)
        if (find_in(&v->pkg->files.data[i]->stmts, n) >= 0)
            list = &v->pkg->files.data[i]->stmts;
    *index = find_in(list, n);
    return *index >= 0 ? list : NULL;
}

Node *vet_statement(const Vet *v, Node *n)
{
    for (int index; n && !vet_siblings(v, n, &index);)
        n = vet_parent(v, n);
    return n;
}

static bool is_const(const Node *n, i64 *out)
{
    return n && n->cval && const_fits_i64(n->cval, out);
}

i64 vet_trip_count(Node *loop)
{
    if (vet_leaves(loop->kind == NODE_FOR ? loop->fors.body : loop->range.body))
        return -1;
    i64 from, to;
    if (loop->kind == NODE_RANGE)
        return is_const(loop->range.x, &to) && to >= 0 ? to : -1;
    const Node *init = loop->fors.init, *cond = loop->fors.cond, *post = loop->fors.post;
    if (!init || init->kind != NODE_ASSIGN || init->assign.lhs.len != 1 ||
        init->assign.rhs.len != 1 || !is_const(init->assign.rhs.data[0], &from))
        return -1;
    const Object *var = vet_var(init->assign.lhs.data[0]);
    if (!var || !cond || cond->kind != NODE_BINARY || vet_var(cond->binary.x) != var ||
        !is_const(cond->binary.y, &to) || !post || post->kind != NODE_INC_DEC ||
        vet_var(post->unary.x) != var)
        return -1;
    if (post->op == TOKEN_INC && cond->op == TOKEN_LSS)
        return to > from ? to - from : 0;
    if (post->op == TOKEN_INC && cond->op == TOKEN_LEQ)
        return to >= from ? to - from + 1 : 0;
    if (post->op == TOKEN_DEC && cond->op == TOKEN_GTR)
        return from > to ? from - to : 0;
    if (post->op == TOKEN_DEC && cond->op == TOKEN_GEQ)
        return from >= to ? from - to + 1 : 0;
    return -1;
}

static bool is_exit_call(const Node *call)
{
    return vet_is_builtin(call, BUILTIN_PANIC) || vet_calls(call, "os", NULL, "Exit") ||
           vet_calls(call, "runtime", NULL, "Goexit") || vet_calls(call, "log", NULL, "Fatal") ||
           vet_calls(call, "log", NULL, "Fatalf") || vet_calls(call, "log", NULL, "Fatalln") ||
           vet_calls(call, "log", NULL, "Panic") || vet_calls(call, "log", NULL, "Panicf");
}

static bool leaves(Node *n, void *arg)
{
    bool *found = arg;
    if (n->kind == NODE_RETURN || (n->kind == NODE_CALL && is_exit_call(n)))
        *found = true;
    else if (n->kind == NODE_BRANCH)
        // A break of an inner loop, switch or select counts too: silence is the safe side.
        *found |= n->op == TOKEN_BREAK || n->op == TOKEN_GOTO || n->branch.label != NULL;
    return !*found && n->kind != NODE_FUNC_LIT;
}

bool vet_leaves(Node *body)
{
    bool found = false;
    vet_walk(body, leaves, &found);
    return found;
}

bool vet_terminates(const Node *stmt)
{
    if (stmt->kind == NODE_RETURN)
        return true;
    if (stmt->kind == NODE_BRANCH)
        return stmt->op != TOKEN_FALLTHROUGH;
    return stmt->kind == NODE_EXPR_STMT && stmt->unary.x->kind == NODE_CALL &&
           is_exit_call(stmt->unary.x);
}

// ---- Names ------------------------------------------------------------------------------

Object *vet_var(Node *n)
{
    n = n ? node_unparen(n) : NULL;
    return n && n->kind == NODE_IDENT && n->obj && n->obj->kind == OBJECT_VAR ? n->obj : NULL;
}

Object *vet_root(Node *n)
{
    for (;;) {
        n = node_unparen(n);
        switch (n->kind) {
        case NODE_IDENT: return vet_var(n);
        case NODE_SELECTOR:
            if (n->flag & NODEFLAG_QUALIFIED)
                return n->obj && n->obj->kind == OBJECT_VAR ? n->obj : NULL;
            n = n->selector.x;
            break;
        case NODE_STAR: n = n->unary.x; break;
        case NODE_UNARY:
            if (n->op != TOKEN_AND)
                return NULL;
            n = n->unary.x;
            break;
        default: return NULL;
        }
    }
}

bool vet_is_declaration(const Node *ident)
{
    return ident->obj && ident->obj->pos == ident->pos;
}

// Without & and * at the front: mu and &mu are the same lock.
static Node *bare_place(Node *n)
{
    for (n = node_unparen(n);
         n->kind == NODE_STAR || (n->kind == NODE_UNARY && n->op == TOKEN_AND);)
        n = node_unparen(n->unary.x);
    return n;
}

bool vet_same_place(Vet *v, Node *a, Node *b)
{
    Object *root = vet_root(a);
    if (!root || root != vet_root(b))
        return false;
    return strcmp(vet_text(v, bare_place(a)), vet_text(v, bare_place(b))) == 0;
}

// ---- Calls ------------------------------------------------------------------------------

const Object *vet_callee(const Node *call)
{
    if (call->flag & (NODEFLAG_BUILTIN | NODEFLAG_CONVERSION))
        return NULL;
    const Node *fun = node_unparen(call->call.fun);
    if (fun->kind != NODE_IDENT && fun->kind != NODE_SELECTOR)
        return NULL;
    return fun->obj && fun->obj->kind == OBJECT_FUNC ? fun->obj : NULL;
}

bool vet_calls(const Node *call, const char *pkg, const char *type, const char *name)
{
    const Object *f = vet_callee(call);
    if (!f || !f->pkg || strcmp(f->name->text, name) != 0 || strcmp(f->pkg->path, pkg) != 0)
        return false;
    if (!type)
        return !f->recv_named;
    return f->recv_named && f->recv_named->obj && strcmp(f->recv_named->obj->name->text, type) == 0;
}

bool vet_is_builtin(const Node *call, BuiltinId id)
{
    if (call->kind != NODE_CALL || !(call->flag & NODEFLAG_BUILTIN))
        return false;
    const Node *fun = node_unparen(call->call.fun);
    return fun->obj && fun->obj->kind == OBJECT_BUILTIN && fun->obj->builtin == id;
}

Node *vet_receiver(const Node *call)
{
    Node *fun = node_unparen(call->call.fun);
    return fun->kind == NODE_SELECTOR && !(fun->flag & NODEFLAG_QUALIFIED) ? fun->selector.x : NULL;
}

Node *vet_callee_body(const Node *call)
{
    Node *fun = node_unparen(call->call.fun);
    if (fun->kind == NODE_FUNC_LIT)
        return fun;
    const Object *f = vet_callee(call);
    if (!f || !f->pkg || !f->pkg->is_main || !f->decl || f->decl->kind != NODE_FUNC_DECL)
        return NULL;
    return f->decl->func.body ? f->decl : NULL;
}

Object *vet_param(const Node *call, int index)
{
    Node *body = vet_callee_body(call);
    if (!body || !body->func.info || (call->flag & NODEFLAG_SPREAD))
        return NULL;
    const FuncInfo *info = body->func.info;
    const Node *fun = node_unparen(call->call.fun);
    if (fun->flag & NODEFLAG_METHOD_EXPR)
        return NULL;
    int at = index + (body->kind == NODE_FUNC_DECL && body->func.recv ? 1 : 0);
    bool is_rest = info->type && info->type->variadic && at >= info->params.len - 1;
    return at < info->params.len && !is_rest ? info->params.data[at] : NULL;
}

bool vet_is_goroutine(const Vet *v, const Node *literal)
{
    const Node *call = vet_parent(v, literal);
    while (call && call->kind == NODE_PAREN)
        call = vet_parent(v, call);
    const Node *start = call && call->kind == NODE_CALL ? vet_parent(v, call) : NULL;
    return start && start->kind == NODE_GO && node_unparen(call->call.fun) == literal;
}

// Packages whose functions never wait for another goroutine or for input.
static bool is_prompt_package(const char *path)
{
    static const char *const prompt[] = {
        "bytes",   "errors",  "math",    "math/rand",    "math/bits", "math/cmplx", "sort",
        "strconv", "strings", "unicode", "unicode/utf8", "slices",    "maps",       "cmp"};
    for (int i = 0; i < countof(prompt); i++)
        if (strcmp(path, prompt[i]) == 0)
            return true;
    return false;
}

static bool callee_waits(Vet *v, Node *call)
{
    if (call->flag & (NODEFLAG_BUILTIN | NODEFLAG_CONVERSION))
        return false;
    const Node *fun = node_unparen(call->call.fun);
    if (fun->kind == NODE_FUNC_LIT)
        return vet_waits(v, fun->func.body);
    Object *f = fun->obj;
    if (!f || f->kind != OBJECT_FUNC || !f->pkg)
        return true; // of an interface, or a variable
    if (f->pkg == v->pkg) {
        Node *body = vet_callee_body(call);
        VetObject *known = vet_object(v, f);
        if (!body || known->waits == 1)
            return true;
        if (known->waits == 0) {
            known->waits = 1;
            known->waits = vet_waits(v, body->func.body) ? 3 : 2;
        }
        return known->waits == 3;
    }
    if (strcmp(f->pkg->path, "fmt") == 0)
        return strstr(f->name->text, "can") != NULL; // Scan, Sscanf
    if (strcmp(f->pkg->path, "os") == 0)
        return strcmp(f->name->text, "Exit") != 0;
    if (vet_calls(call, "time", NULL, "Now") || vet_calls(call, "time", NULL, "Since"))
        return false;
    if (strcmp(f->pkg->path, "sync") == 0 && f->recv_named)
        return strcmp(f->name->text, "Add") != 0 && strcmp(f->name->text, "Done") != 0 &&
               strcmp(f->name->text, "Unlock") != 0;
    return !is_prompt_package(f->pkg->path);
}

typedef struct WaitSearch {
    Vet *v;
    bool found;
} WaitSearch;

static bool search_wait(Node *n, void *arg)
{
    WaitSearch *s = arg;
    switch (n->kind) {
    case NODE_SEND:
    case NODE_SELECT: s->found = true; break;
    case NODE_UNARY: s->found |= n->op == TOKEN_ARROW; break;
    case NODE_RANGE: {
        TypeKind kind = n->range.x->type ? type_under(n->range.x->type)->kind : TYPE_INVALID;
        s->found |= kind == TYPE_CHAN || kind == TYPE_FUNC;
        break;
    }
    case NODE_FOR: s->found |= !n->fors.cond; break;
    case NODE_CALL: s->found |= callee_waits(s->v, n); break;
    case NODE_GO:
        for (int i = 0; i < n->unary.x->call.args.len; i++)
            vet_walk(n->unary.x->call.args.data[i], search_wait, s);
        return false;
    case NODE_FUNC_LIT: return false; // if it is called here, callee_waits has looked
    default: break;
    }
    return !s->found;
}

bool vet_waits(Vet *v, Node *n)
{
    WaitSearch s = {v, false};
    vet_walk(n, search_wait, &s);
    return s.found;
}

// ---- All checks -------------------------------------------------------------------------

void vet_package(Arena *arena, DiagList *diags, Package *pkg, const VetOptions *options)
{
    Vet v = {.arena = arena, .diags = diags, .pkg = pkg, .options = *options};
    index_package(&v);
    vet_channels(&v);
    vet_circles(&v);
    vet_sync(&v);
    vet_goroutines(&v);
    vet_code(&v);
    vet_printf(&v);
    free(v.parents);
}
