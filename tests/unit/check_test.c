// check_test.c: what the checker leaves in the tree and in its objects, and what it refuses. Whole
// messages are compared by the golden tests.
#include "types/check.h"

#include <criterion/criterion.h>

#include "parser/parser.h"

TestSuite(check, .timeout = 20);

static Arena *arena;
static DiagList *diags;
static Package *pkg;
static FuncInfo *toplevel;
static Checker *checker;

static bool find_package(const char *path,
                         void (*add)(void *arg, const char *file, const char *text, size_t len),
                         void *arg)
{
    static const char fmt[] = "package fmt\nimport \"errors\"\nvar err = errors.New(\"x\")\n"
                              "func Println(args ...any)\nfunc hidden()\n";
    static const char errors[] = "package errors\ntype text string\n"
                                 "func (t text) Error() string { return string(t) }\n"
                                 "func New(s string) error { return text(s) }\n";
    static const char rand[] = "package rand\nfunc Intn(n int) int\n";
    const char *text = strcmp(path, "fmt") == 0         ? fmt
                       : strcmp(path, "errors") == 0    ? errors
                       : strcmp(path, "math/rand") == 0 ? rand
                                                        : NULL;
    if (text)
        add(arg, "test.csp", text, strlen(text));
    return text != NULL;
}

static const char *package_path(const char *name)
{
    return strcmp(name, "rand") == 0 ? "math/rand" : name;
}

static void begin(bool repl)
{
    arena = arena_create();
    diags = arena_new(arena, DiagList);
    diag_init(diags, arena);
    CheckOptions options = {
        .repl = repl, .find_package = find_package, .package_path = package_path};
    checker = check_session(arena, diags, &options);
}

static File *parse(const char *text, bool repl)
{
    SourceFile *source = source_add("test.csp", text, strlen(text));
    ParseOptions options = {.allow_script = true, .repl = repl};
    int before = diags->error_count;
    File *file = parse_file(arena, diags, source, &options, NULL);
    cr_assert_eq(diags->error_count, before, "%s",
                 diags->list.len ? vec_last(&diags->list).text : "");
    return file;
}

static void run(const char *text)
{
    begin(false);
    File *file = parse(text, false);
    pkg = check_program(checker, &file, 1, &toplevel);
}

static void accept(const char *text)
{
    run(text);
    cr_assert_eq(diags->error_count, 0, "%s", diags->list.len ? diags->list.data[0].text : "");
}

// In a program with an empty main.
static void accept_main(const char *text)
{
    Buf b = {0};
    buf_printf(&b, "package main\nfunc main() {}\n%s\n", text);
    accept(b.data);
}

static void refuse(const char *text, const char *message)
{
    Buf b = {0};
    buf_printf(&b, "package main\nfunc main() {}\n%s\n", text);
    run(b.data);
    cr_assert_eq(diags->error_count, 1, "%s: %d errors", text, diags->error_count);
    cr_assert(strstr(diags->list.data[0].text, message), "got %s", diags->list.data[0].text);
}

static Object *global(const char *name)
{
    Object *obj = scope_lookup(pkg->scope, name_from(name));
    cr_assert_not_null(obj, "%s", name);
    return obj;
}

static Node *body_of(const char *name)
{
    return global(name)->decl->func.body;
}

static Object *local(const char *func, const char *name)
{
    Object *obj = scope_lookup(body_of(func)->block.scope, name_from(name));
    cr_assert_not_null(obj, "%s", name);
    return obj;
}

// The value that statement `index` of f assigns or declares.
static Node *value_of(const char *func, int index)
{
    return body_of(func)->block.stmts.data[index]->assign.rhs.data[0];
}

Test(check, untyped_operands_get_final_types)
{
    accept_main("func f(n uint) {\n var x float32 = 1\n x = x + 2\n var i interface{}\n i = 'a'\n"
                " y := 1 << n\n var z int64\n z = 1 << n\n b := x == 1\n s := z == 1<<n\n"
                " i = n > 1\n _, _, _, _ = i, y, b, s\n}");
    Node *sum = value_of("f", 1);
    cr_assert_eq(sum->type->kind, TYPE_FLOAT32);
    cr_assert_eq(sum->binary.y->type->kind, TYPE_FLOAT32);
    cr_assert_eq(const_kind(sum->binary.y->cval), CONST_FLOAT);
    cr_assert_eq(value_of("f", 3)->type, type_rune);
    Node *shift = value_of("f", 4);
    cr_assert_eq(shift->type->kind, TYPE_INT);
    cr_assert_eq(shift->binary.x->type->kind, TYPE_INT);
    shift = value_of("f", 6);
    cr_assert_eq(shift->binary.x->type->kind, TYPE_INT64);
    cr_assert_eq(value_of("f", 7)->type->kind, TYPE_BOOL);
    cr_assert_eq(value_of("f", 8)->binary.y->binary.x->type->kind, TYPE_INT64);
    cr_assert_eq(value_of("f", 9)->type->kind, TYPE_BOOL);
    cr_assert_eq(value_of("f", 9)->binary.y->type->kind, TYPE_UINT);
}

Test(check, nil_has_the_type_it_is_used_as)
{
    accept_main(
        "func f() {\n var p *int\n p = nil\n b := p == nil\n e := error(nil)\n _, _ = b, e\n}");
    cr_assert_eq(value_of("f", 1)->mode, MODE_NIL);
    cr_assert_eq(value_of("f", 1)->type->kind, TYPE_POINTER);
    cr_assert_eq(value_of("f", 2)->binary.y->type->kind, TYPE_POINTER);
    cr_assert_eq(value_of("f", 3)->call.args.data[0]->type, type_error);
}

Test(check, variables_know_what_happens_to_them)
{
    accept_main("type T struct { n [2]int }\nfunc (t *T) M() {}\n"
                "func f() {\n a, b, c, d, e, g := 1, 2, T{}, T{}, [2]int{}, 3\n"
                " func() { func() { _ = a } () } ()\n b = 2\n c.M()\n _ = &d.n[1]\n _ = e[:]\n"
                " for i := 0; i < 3; i++ { _ = i + b + g } }");
    cr_assert(local("f", "a")->captured);
    cr_assert_not(local("f", "a")->reassigned);
    cr_assert(local("f", "b")->reassigned);
    cr_assert(local("f", "c")->addr_taken);
    cr_assert(local("f", "d")->addr_taken);
    cr_assert(local("f", "e")->addr_taken);
    Object *g = local("f", "g");
    cr_assert_not(g->addr_taken || g->captured || g->reassigned);
    FuncInfo *info = global("f")->decl->func.info;
    cr_assert_eq(info->literal_count, 1);
    int capturing = 0;
    for (int i = 0; i < pkg->func_infos.len; i++) {
        FuncInfo *lit = pkg->func_infos.data[i];
        if (lit->outer && lit->captures.len == 1 && lit->captures.data[0] == local("f", "a"))
            capturing++;
    }
    cr_assert_eq(capturing, 2); // the literal, and the one around it
    Node *loop = vec_last(&body_of("f")->block.stmts);
    cr_assert(scope_lookup(loop->fors.scope, name_from("i"))->loop_var);
}

Test(check, functions_know_their_parts)
{
    accept_main("type T int\nfunc (t T) f(a int, _ string, rest ...int) (x, y int) {\n"
                " defer func() { recover() }()\n return }");
    FuncInfo *info = NULL;
    for (int i = 0; i < pkg->funcs.len; i++) {
        if (pkg->funcs.data[i]->recv)
            info = pkg->funcs.data[i]->decl->func.info;
    }
    cr_assert_not_null(info);
    cr_assert_eq(info->params.len, 4);
    cr_assert_eq(info->results.len, 2);
    cr_assert(info->named_results);
    cr_assert(info->has_defer);
    cr_assert(info->type->variadic);
}

Test(check, jumps_know_where_to)
{
    accept_main(
        "func f() {\nL:\n for {\n switch {\n case true: break L\n default: continue\n }\n break }\n"
        " goto E\nE:\n return }");
    NodeList *stmts = &body_of("f")->block.stmts;
    Node *loop = stmts->data[0]->labeled.stmt;
    Node *sw = loop->fors.body->block.stmts.data[0];
    NodeList *clauses = &sw->switchs.body->block.stmts;
    cr_assert_eq(clauses->data[0]->clause.body.data[0]->branch.target, loop);
    cr_assert_eq(clauses->data[1]->clause.body.data[0]->branch.target, loop);
    cr_assert_eq(stmts->data[1]->branch.target, stmts->data[2]);
}

Test(check, initialisation_follows_dependencies)
{
    accept_main("var a = b + f()\nvar b = 1\nvar x, y = g()\nfunc f() int { return c }\nvar c = d\n"
                "var d = 4\nfunc g() (int, int) { return h.m(), 1 }\ntype T int\nvar h T\n"
                "func (T) m() int { return a }\nvar p, q = 1, z\nvar z = 2");
    static const char *const expected[] = {"b", "d", "c", "a", "x", "p", "z", "q"};
    cr_assert_eq(pkg->init_specs.len, countof(expected)); // h has no value
    for (int i = 0; i < countof(expected); i++) {
        const Node *name = pkg->init_specs.data[i]->value.names.data[0];
        cr_assert_str_eq(name->ident.name->text, expected[i]);
    }
}

Test(check, packages_come_before_those_that_import_them)
{
    accept("package main\nimport \"fmt\"\nfunc main() { fmt.Println(1) }\n");
    Package **packages;
    cr_assert_eq(check_packages(checker, &packages), 3);
    cr_assert_str_eq(packages[0]->path, "errors");
    cr_assert_str_eq(packages[1]->path, "fmt");
    cr_assert_str_eq(packages[2]->path, "main");
}

Test(check, scripts)
{
    accept("x := f()\nfunc f() int { return 2 }\nif x > 1 { y := x; fmt.Println(y) }\n"
           "x, z := 3, rand.Intn(x)\nvar w = z\nfmt.Println(w)\n");
    cr_assert_not_null(toplevel);
    cr_assert(global("x")->is_global);
    cr_assert(global("w")->is_global);
    cr_assert_eq(pkg->init_specs.len, 0);
    cr_assert_eq(toplevel->node->func.body->block.stmts.len, 5);
    run("fmt.Println(x)\nx := 1\n");
    cr_assert_eq(diags->error_count, 1);
    cr_assert_str_eq(diags->list.data[0].text, "undefined: x");
    accept("import \"fmt\"\nfunc f() { x := 1 }\n");
    cr_assert_eq(diags->warning_count, 2);
}

static Node *enter(const char *text)
{
    Node *last = NULL;
    File *file = parse(text, true);
    pkg = check_entry(checker, file, &toplevel, &last);
    return last;
}

Test(check, prompt)
{
    begin(true);
    cr_assert_null(enter("x := 1\nfunc f(a int) int { return a + x }\n"));
    Node *last = enter("f(x)");
    cr_assert_not_null(last);
    cr_assert_eq(last->unary.x->type->kind, TYPE_INT);
    global("f")->func_id = 7;
    enter("func f(a int) int { return 0 }\n");
    cr_assert_eq(global("f")->func_id, 7);
    enter("func f(a string) {}\n");
    cr_assert_eq(global("f")->func_id, 0);
    enter("x := \"text\"\n");
    cr_assert_eq(global("x")->type->kind, TYPE_STRING);
    cr_assert_eq(diags->error_count, 0);
    Object *before = global("x");
    enter("x := undefined1\n");
    cr_assert_eq(diags->error_count, 1);
    cr_assert_eq(global("x"), before); // an entry with errors leaves nothing behind
    enter("never := undefined2\n");
    cr_assert_null(scope_lookup(pkg->scope, name_from("never")));
    diags->error_count = 0;
    cr_assert_not_null(enter("fmt.Println\n"));
    cr_assert_not_null(enter("[]int{1, 2}[0] == 1\n"));
    cr_assert_eq(diags->error_count, 0);
}

Test(check, refuses)
{
    refuse("var x int = \"a\"", "cannot use \"a\" (untyped string constant) as int value");
    refuse("func f() { x := 1 }", "declared and not used: x");
    refuse("type T struct { a T }", "invalid recursive type T");
    refuse("type A B\ntype B A", "invalid recursive type A");
    refuse("const a = b\nconst b = a", "initialization loop for a");
    refuse("var v = f()\nfunc f() int { return v }", "initialization loop for v");
    refuse("var v uint8 = 255 + 1", "(overflows)");
    refuse("var v = uint8(255) + 1", "overflows uint8");
    refuse("const c = 10 / 0", "division by zero");
    refuse("func f() int { for {} ; }\nfunc g() int { if true { return 1 } }", "missing return");
    refuse("var v = [3]int{}[3]", "out of bounds");
    refuse("func f(n int) { var x float64 = 1 << n; _ = x }", "shift of type float64");
    refuse("func f[T any](x T) T { return x }\nvar v = f[int](1)", "type parameters");
    refuse("func f() { goto L; x := 1; _ = x; L: }", "jumps over variable declaration at line");
}
