// parser_test.c: trees, syntax errors with their places, and what a prompt needs to know.
#include "parser/parser.h"

#include <criterion/criterion.h>
#include <stdio.h>

TestSuite(parser, .timeout = 60);

static DiagList diags;
static bool incomplete;

static File *parse_with(const char *text, ParseOptions options)
{
    Arena *arena = arena_create();
    diag_init(&diags, arena);
    return parse_file(arena, &diags, source_add("test.csp", text, strlen(text)), &options,
                      &incomplete);
}

// ---- Trees as text ----------------------------------------------------------------------
// (kind op children…): names and literals as written, operators by their spelling.

static void dump(Node *n, void *arg)
{
    Buf *out = arg;
    if (out->len > 0 && out->data[out->len - 1] != '(')
        buf_putc(out, ' ');
    if (n->kind == NODE_IDENT || n->kind == NODE_BASIC_LIT) {
        node_print(n, out);
        return;
    }
    buf_printf(out, "(%s", node_kind_name(n->kind));
    if (n->op != TOKEN_EOF)
        buf_printf(out, " %s", token_spelling(n->op));
    if (n->kind == NODE_CHAN_TYPE)
        buf_puts(out, n->chan.dir == DIR_SEND      ? " send"
                      : n->chan.dir == DIR_RECEIVE ? " receive"
                                                   : "");
    if (n->kind == NODE_CALL && n->call.ellipsis != POS_NONE)
        buf_puts(out, " ...");
    if (n->kind == NODE_FIELD && n->field.embedded)
        buf_puts(out, " embedded");
    if (n->kind == NODE_TYPE_SPEC && n->typespec.alias)
        buf_puts(out, " alias");
    if (n->kind == NODE_RANGE && n->range.define)
        buf_puts(out, " :=");
    if (n->kind == NODE_CASE && n->clause.is_default)
        buf_puts(out, " default");
    if (n->kind == NODE_VALUE_SPEC && n->op == TOKEN_CONST)
        buf_printf(out, " iota=%d%s", n->value.iota, n->value.repeated ? " repeated" : "");
    node_children(n, dump, out);
    buf_putc(out, ')');
}

static const char *dump_list(const NodeList *list)
{
    Buf out = {0};
    buf_puts(&out, "");
    for (int i = 0; i < list->len; i++)
        dump(list->data[i], &out);
    return out.data ? out.data : "";
}

// The first statement of a script.
static void check_stmt(const char *text, const char *expected)
{
    File *file = parse_with(text, (ParseOptions){.allow_script = true});
    cr_expect_eq(diags.error_count, 0, "%s: %s", text,
                 diags.error_count ? diags.list.data[0].text : "");
    const char *got = dump_list(&file->stmts);
    cr_expect_str_eq(got, expected, "%s\n  got      %s\n  expected %s", text, got, expected);
}

static void check_expr(const char *text, const char *expected)
{
    char stmt[512], tree[512];
    snprintf(stmt, sizeof stmt, "_ = %s", text);
    snprintf(tree, sizeof tree, "(assign = _ %s)", expected);
    check_stmt(stmt, tree);
}

static void check_decl(const char *text, const char *expected)
{
    char program[1024];
    snprintf(program, sizeof program, "package p\n%s\n", text);
    File *file = parse_with(program, (ParseOptions){0});
    cr_expect_eq(diags.error_count, 0, "%s: %s", text,
                 diags.error_count ? diags.list.data[0].text : "");
    const char *got = dump_list(&file->decls);
    cr_expect_str_eq(got, expected, "%s\n  got      %s\n  expected %s", text, got, expected);
}

Test(parser, precedence_and_association)
{
    check_expr("a + b*c", "(binary + a (binary * b c))");
    check_expr("a - b - c", "(binary - (binary - a b) c)");
    check_expr("a || b && c == d", "(binary || a (binary && b (binary == c d)))");
    check_expr("a << 1 + b", "(binary + (binary << a 1) b)");
    check_expr("a &^ b | c ^ d", "(binary ^ (binary | (binary &^ a b) c) d)");
    check_expr("-a * -b", "(binary * (unary - a) (unary - b))");
    check_expr("!<-c", "(unary ! (unary <- c))");
    check_expr("*p.x", "(star (selector p x))");
    check_expr("&T{1}", "(unary & (composite T 1))");
    check_expr("(a + b) * c", "(binary * (paren (binary + a b)) c)");
}

Test(parser, primary_expressions)
{
    check_expr("f(a, b...)", "(call ... f a b)");
    check_expr("x.y.z(1)[2]", "(index (call (selector (selector x y) z) 1) 2)");
    check_expr("s[:]", "(slice s)");
    check_expr("s[1:2:3]", "(slice s 1 2 3)");
    check_expr("x.(T)", "(assert x T)");
    check_expr("(*T).m", "(selector (paren (star T)) m)");
    check_expr("[]int{1, 2: 3}", "(composite (array-type int) 1 (key-value 2 3))");
    check_expr("[...]T{{1}, {}}",
               "(composite (array-type (ellipsis) T) (composite 1) (composite))");
    check_expr("map[string][]int{\"a\": {1}}",
               "(composite (map-type string (array-type int)) (key-value \"a\" (composite 1)))");
    check_expr("struct{ x int }{1}", "(composite (struct-type (field x int)) 1)");
    check_expr("p.T{a: 1}", "(composite (selector p T) (key-value a 1))");
    check_expr("func(x int) int { return x }(3)",
               "(call (func-lit (func-type (field x int) (field int)) (block (return x))) 3)");
    check_expr("[]byte(s)", "(call (array-type byte) s)");
    check_expr("F[int, string](x)", "(call (index F int string) x)");
    check_expr("a[b] * c", "(binary * (index a b) c)");
}

Test(parser, channel_types_and_arrows)
{
    check_expr("make(chan<- chan int)", "(call make (chan-type send (chan-type int)))");
    check_expr("make(chan (<-chan int))",
               "(call make (chan-type (paren (chan-type receive int))))");
    check_expr("make(<-chan chan<- int)", "(call make (chan-type receive (chan-type send int)))");
    check_stmt("var c chan <-chan int",
               "(decl-stmt (gen-decl var (value-spec var c (chan-type send "
               "(chan-type int)))))");
    check_stmt("c <- <-d", "(send c (unary <- d))");
}

Test(parser, composite_literals_in_headers)
{
    check_stmt("if x == T {\n}", "(if (binary == x T) (block))");
    check_stmt("if x == (T{1}) {\n}", "(if (binary == x (paren (composite T 1))) (block))");
    check_stmt("if f(T{1}) {\n}", "(if (call f (composite T 1)) (block))");
    check_stmt("for _, x := range []int{1} {\n}",
               "(range := _ x (composite (array-type int) 1) (block))");
    check_stmt("switch x := y; x {\n}", "(switch (assign := x y) x (block))");
    check_stmt("if x := func() T { return T{} }(); x {\n}",
               "(if (assign := x (call (func-lit (func-type (field T)) (block (return (composite "
               "T)))))) x (block))");
}

Test(parser, statements)
{
    check_stmt("x, y = y, x", "(assign = x y y x)");
    check_stmt("x += 1", "(assign += x 1)");
    check_stmt("x++", "(inc-dec ++ x)");
    check_stmt("L: for { break L }", "(labeled L (for (block (branch break L))))");
    check_stmt("{ L: }", "(block (labeled L (empty)))");
    check_stmt("{ goto L; fallthrough }", "(block (branch goto L) (branch fallthrough))");
    check_stmt("go f(x)", "(go (call f x))");
    check_stmt("defer func() {}()", "(defer (call (func-lit (func-type) (block))))");
    check_stmt("for i := 0; i < n; i++ {}",
               "(for (assign := i 0) (binary < i n) (inc-dec ++ i) (block))");
    check_stmt("for ; ; {}", "(for (block))");
    check_stmt("for x {}", "(for x (block))");
    check_stmt("for range 10 {}", "(range 10 (block))");
    check_stmt("for i := range 10 {}", "(range := i 10 (block))");
    check_stmt("for k, v = range m {}", "(range k v m (block))");
    check_stmt("if a {} else if b {} else {}", "(if a (block) (if b (block) (block)))");
    check_stmt("switch { case a, b: x; default: }",
               "(switch (block (case a b (expr-stmt x)) (case default)))");
    check_stmt("switch t := x.(type) { case int, *T, []byte, nil: }",
               "(type-switch t (assert x) (block (case int (star T) (array-type byte) nil)))");
    check_stmt("switch f(); x.(type) {}", "(type-switch (expr-stmt (call f)) (assert x) (block))");
    check_stmt("select { case v, ok := <-c: case d <- 1: case <-e: default: }",
               "(select (case (assign := v ok (unary <- c))) (case (send d 1)) (case (expr-stmt "
               "(unary <- e))) (case default))");
}

Test(parser, declarations)
{
    check_decl("import (\n\"fmt\"\n. \"a\"\n_ \"b\"\nc \"d\"\n)",
               "(gen-decl import (import-spec \"fmt\") (import-spec . \"a\") (import-spec _ \"b\") "
               "(import-spec c \"d\"))");
    check_decl("const (\na = iota\nb\nc, d = 1, 2\n_, e\n)",
               "(gen-decl const (value-spec const iota=0 a iota) (value-spec const iota=1 repeated "
               "b) (value-spec const iota=2 c d 1 2) (value-spec const iota=3 repeated _ e))");
    check_decl("var a, b int = 1, 2", "(gen-decl var (value-spec var a b int 1 2))");
    check_decl("type A = B", "(gen-decl type (type-spec alias A B))");
    check_decl("type A [N]B", "(gen-decl type (type-spec A (array-type N B)))");
    check_decl("type A [N * 2]B", "(gen-decl type (type-spec A (array-type (binary * N 2) B)))");
    check_decl("type I interface { M(int) error; fmt.Stringer; ~int | string }",
               "(gen-decl type (type-spec I (interface-type (field M (func-type (field int) (field "
               "error))) (field embedded (selector fmt Stringer)) (field embedded (binary | (unary "
               "~ int) string)))))");
    check_decl("type S struct { a, b int `x:\"y\"`; T; *p.U; c [2]int }",
               "(gen-decl type (type-spec S (struct-type (field a b int `x:\"y\"`) (field embedded "
               "T) (field embedded (star (selector p U))) (field c (array-type 2 int)))))");
    check_decl("func f(a, b int, c ...string) (x int, err error) { return }",
               "(func-decl f (func-type (field a b int) (field c (ellipsis string)) (field x int) "
               "(field err error)) (block (return)))");
    check_decl(
        "func f(int, p.T, []int) bool",
        "(func-decl f (func-type (field int) (field (selector p T)) (field (array-type int)) "
        "(field bool)))");
    check_decl("func (t *T) m() {}", "(func-decl (field t (star T)) m (func-type) (block))");
}

Test(parser, type_parameters)
{
    check_decl("func F[T any, U ~int | string](x T) U",
               "(func-decl F (func-type (field T any) (field U (binary | (unary ~ int) string)) "
               "(field x T) (field U)))");
    check_decl("type L[T any] struct { next *L[T] }",
               "(gen-decl type (type-spec L (field T any) (struct-type (field next (star (index L "
               "T))))))");
    check_decl("type P[T *int,] struct{}",
               "(gen-decl type (type-spec P (field T (star int)) (struct-type)))");
    check_decl("func (l *L[T]) m() {}",
               "(func-decl (field l (star (index L T))) m (func-type) (block))");
}

Test(parser, scripts)
{
    File *file = parse_with("import \"fmt\"\nx := 1\nfunc f() {}\nfunc (t T) m() {}\n"
                            "func(a int) {}(x)\nfunc() int { return 1 }()\ntype T int\n",
                            (ParseOptions){.allow_script = true});
    cr_assert_eq(diags.error_count, 0);
    cr_assert(file->is_script);
    cr_assert_eq(file->imports.len, 1);
    cr_assert(str_eq(file->imports.data[0]->import.path, STR("fmt")));
    cr_assert_str_eq(dump_list(&file->stmts),
                     "(decl-stmt (gen-decl import (import-spec \"fmt\"))) (assign := x 1) "
                     "(func-decl f (func-type) (block)) "
                     "(func-decl (field t T) m (func-type) (block)) "
                     "(expr-stmt (call (func-lit (func-type (field a int)) (block)) x)) "
                     "(expr-stmt (call (func-lit (func-type (field int)) (block (return 1))))) "
                     "(decl-stmt (gen-decl type (type-spec T int)))");
}

Test(parser, positions_and_comments)
{
    const char *text = "package p // c1\n\nvar x = f(a,\n\tb) /* c2 */\n";
    File *file = parse_with(text, (ParseOptions){0});
    u32 base = file->source->base;
    Node *decl = file->decls.data[0];
    cr_expect_eq(decl->pos - base, strstr(text, "var") - text);
    cr_expect_eq(decl->end - base, strstr(text, " /* c2") - text);
    Node *call = decl->gen.specs.data[0]->value.values.data[0];
    cr_expect_eq(call->pos - base, strstr(text, "f(") - text);
    cr_expect_eq(call->call.rparen - base, strstr(text, ") /*") - text);
    cr_assert_eq(file->comments.len, 2);
    cr_expect_eq(file->comments.data[1].pos - base, strstr(text, "/* c2") - text);
}

// ---- Printing ---------------------------------------------------------------------------

static void check_print(const char *text, const char *expected)
{
    File *file = parse_with(text, (ParseOptions){.allow_script = true});
    Buf out = {0};
    node_print(file->stmts.data[0], &out);
    cr_expect_str_eq(out.data, expected);
}

Test(parser, nodes_print_as_one_line)
{
    check_print("f(a ,b...)", "f(a, b...)");
    check_print("x=y+ -z * (a)", "x = y + -z * (a)");
    check_print("var f func( int,string )(x  int)", "var f func(int, string) (x int)");
    check_print("var c chan (<-chan int)", "var c chan (<-chan int)");
    check_print("a[ 1 : 2:3 ].(  *T )", "a[1:2:3].(*T)");
    check_print("x := T{1,\n2}", "x := T{…}");
    check_print("x := func() {\n\tf()\n}", "x := func() {…}");
    check_print("var s struct{a,b int; T}", "var s struct{a, b int; T}");
    check_print("var i interface{ M() int }", "var i interface{M() int}");
}

// ---- Errors -----------------------------------------------------------------------------

// The errors of a program, as "line: message" joined by " | ".
static const char *errors_of(const char *text, ParseOptions options)
{
    parse_with(text, options);
    Buf out = {0};
    buf_puts(&out, "");
    for (int i = 0; i < diags.list.len; i++)
        buf_printf(&out, "%s%d: %s", i ? " | " : "", source_place(diags.list.data[i].pos).line,
                   diags.list.data[i].text);
    return out.data ? out.data : "";
}

static void check_errors(const char *text, const char *expected)
{
    const char *got = errors_of(text, (ParseOptions){0});
    cr_expect_str_eq(got, expected, "%s\n  got      %s\n  expected %s", text, got, expected);
}

// Errors of statements: line 1 is the first line of the body.
static void check_body_errors(const char *body, const char *expected)
{
    char text[2048];
    snprintf(text, sizeof text, "package p; func f() {; %s\n}\n", body);
    check_errors(text, expected);
}

Test(parser, errors_of_declarations)
{
    check_errors("x := 1", "1: syntax error: package statement must be first");
    check_errors("package p\nx := 1\nvar y = 2\n}\n",
                 "2: syntax error: non-declaration statement outside function body | "
                 "4: syntax error: non-declaration statement outside function body");
    check_errors("package p\nvar x := 1\n", "2: syntax error: unexpected :=, expecting =");
    check_errors("package p\nvar 1 = 2\nfunc 3() {}\ntype = int\n",
                 "2: syntax error: unexpected literal 1, expecting name | "
                 "3: syntax error: unexpected literal 3, expecting name or ( | "
                 "4: syntax error: unexpected =, expecting name");
    check_errors("package p\nfunc f()\n{\n}\n",
                 "3: syntax error: unexpected semicolon or newline before {");
    check_errors("package p\nvar x int\nimport \"fmt\"\n",
                 "3: syntax error: imports must appear before other declarations");
    check_errors("package p\nimport fmt\n", "2: syntax error: missing import path");
    check_errors("package p\nfunc f(a int, string) {}\n",
                 "2: syntax error: mixed named and unnamed parameters");
    check_errors("package p\nfunc () f() {}\nfunc (a, b T) g() {}\n",
                 "2: method has no receiver | 3: method has multiple receivers");
    check_errors("package p\ntype T struct { (A) }\nvar c chan = 1\n",
                 "2: syntax error: cannot parenthesize embedded type | "
                 "3: syntax error: missing channel element type");
    check_errors("package p\nfunc f(x ...) {}\n", "2: syntax error: ... is missing type");
    check_errors("package p\nfunc (t T) m[P any]() {}\n",
                 "2: syntax error: method must have no type parameters");
    check_errors("package p\nfunc f() {\n\tif x {\n\nfunc g() {\n\ty = = 1\n}\n",
                 "5: syntax error: unexpected func, expecting } | "
                 "6: syntax error: unexpected =, expecting expression");
}

Test(parser, errors_of_statements)
{
    check_body_errors("f(1\n)", "1: syntax error: unexpected newline in argument list; possibly "
                                "missing comma or )");
    check_body_errors("x y\nif {}\nz w", "1: syntax error: unexpected y at end of statement | "
                                         "2: syntax error: missing condition in if statement | "
                                         "3: syntax error: unexpected w at end of statement");
    check_body_errors("if x = 1 {}", "1: syntax error: cannot use assignment (x) = (1) as value");
    check_body_errors("if x := 1 {}", "1: syntax error: cannot use x := 1 as value");
    check_body_errors("for i := 0; i < 3; j := 1 {}",
                      "1: syntax error: cannot declare in post statement of for loop");
    check_body_errors("if x {} else return",
                      "1: syntax error: else must be followed by if or statement block");
    check_body_errors("if x\n{\n}", "1: syntax error: unexpected newline, expecting { after if "
                                    "clause");
    check_body_errors("for i := 0; i < 3; i++\n{\n}",
                      "1: syntax error: unexpected newline, expecting { after for clause");
    check_body_errors("if x {\n}\nelse {\n}\ny z",
                      "3: syntax error: unexpected else, expecting } | "
                      "5: syntax error: unexpected z at end of statement");
    check_body_errors("if x return\ny z", "1: syntax error: unexpected return, expecting { | "
                                          "2: syntax error: unexpected z at end of statement");
    check_body_errors("switch x {\ny\n}",
                      "2: syntax error: unexpected y, expecting case or default or }");
    check_body_errors("go f\ndefer (f())\ngo func() {}",
                      "1: expression in go must be function call | "
                      "2: expression in defer must not be parenthesized | "
                      "3: expression in go must be function call");
    check_body_errors("switch { case 1: L: }\nx y",
                      "2: syntax error: unexpected y at end of statement");
    check_body_errors("switch { case 1: L: case 2: }",
                      "1: syntax error: missing statement after label");
    check_body_errors("x = (T){1}", "1: syntax error: cannot parenthesize type in composite "
                                    "literal");
    check_body_errors("x = a[]", "1: syntax error: unexpected ], expecting operand");
    check_body_errors("while x {\n\ty z\n}\nw q",
                      "1: syntax error: unexpected x at end of statement | "
                      "2: syntax error: unexpected z at end of statement | "
                      "4: syntax error: unexpected q at end of statement");
}

static const char *hint_of(const char *body)
{
    char text[512];
    snprintf(text, sizeof text, "package p\nfunc f() {\n%s\n}\n", body);
    parse_with(text, (ParseOptions){0});
    return diags.list.len > 0 && diags.list.data[0].hint ? diags.list.data[0].hint : "";
}

Test(parser, hints)
{
    cr_expect_str_eq(hint_of("while x {\n}"), "the only loop is for: for condition { … }");
    cr_expect_str_eq(hint_of("int x = 1"), "the type follows the name: var x int");
    cr_expect_str_eq(hint_of("y = x++"),
                     "++ and -- are statements, not expressions: x++ stands alone");
    cr_expect_str_eq(hint_of("if x = 1 {\n}"), "to compare, write ==");
    cr_expect_str_eq(hint_of("if x {\n} elif y {\n}"), "write else if");
    cr_expect_str_eq(hint_of("x := {1, 2}"),
                     "a composite literal begins with its type: []int{1, 2}, "
                     "map[string]int{\"a\": 1}, Point{X: 1}");
    cr_expect_str_eq(hint_of("if x >= 1 => y {\n}"),
                     "greater or equal is written >=; there is no =>");
    parse_with("package p\nx := 1\n", (ParseOptions){0});
    cr_expect_str_eq(diags.list.data[0].hint,
                     "outside functions, variables are declared with var: var x = 1");
}

Test(parser, unclosed_brace_names_its_opening)
{
    parse_with("package p\nfunc f() {\n", (ParseOptions){0});
    cr_assert_eq(diags.list.len, 1);
    cr_expect_str_eq(diags.list.data[0].text, "syntax error: unexpected EOF, expecting }");
    cr_expect_eq(source_place(diags.list.data[0].other).line, 2);
}

// ---- Depth ------------------------------------------------------------------------------

static void check_deep(const char *start, const char *repeated, int count, const char *message)
{
    Buf text = {0};
    buf_puts(&text, start);
    for (int i = 0; i < count; i++)
        buf_puts(&text, repeated);
    parse_with(text.data, (ParseOptions){.allow_script = true});
    cr_assert_eq(diags.error_count, 1, "%s: %d errors", repeated, diags.error_count);
    cr_expect(strstr(diags.list.data[0].text, message), "%s: %s", repeated,
              diags.list.data[0].text);
    buf_free(&text);
}

Test(parser, depth_is_bounded)
{
    check_deep("x = ", "(", 1000000, "expression nests too deeply");
    check_deep("x = a", " + a", 1000000, "expression is too long");
    check_deep("x = a", ".b", 1000000, "expression is too long");
    check_deep("", "{", 1000000, "statement nests too deeply");
    check_deep("var x ", "[]", 1000000, "type nests too deeply");
    check_deep("x = ", "func() { x = ", 100000, "nests too deeply");
    check_deep("if a {} ", "else if a {} ", 100000, "nests too deeply");
    check_deep("", "L: ", 100000, "nests too deeply");
    check_deep("x = T", "{", 100000, "nests too deeply");
}

// ---- The prompt -------------------------------------------------------------------------

static void check_incomplete(const char *text, bool expected)
{
    parse_with(text, (ParseOptions){.repl = true});
    cr_expect_eq(incomplete, expected, "%s: %s", text,
                 diags.list.len ? diags.list.data[0].text : "no error");
}

Test(parser, prompt_knows_what_is_incomplete)
{
    check_incomplete("if x {", true);
    check_incomplete("if x {\n", true);
    check_incomplete("func f() {\n\tg()\n", true);
    check_incomplete("f(1,", true);
    check_incomplete("f(1,\n", true);
    check_incomplete("f(1", true);
    check_incomplete("x := 1 +", true);
    check_incomplete("x := 1 +\n", true);
    check_incomplete("x := `abc", true);
    check_incomplete("/* abc", true);
    check_incomplete("x := []int{1,\n", true);
    check_incomplete("type T struct {", true);
    check_incomplete("import (", true);
    check_incomplete("", false);
    check_incomplete("x", false);
    check_incomplete("f(1)", false);
    check_incomplete("x := \"abc", false);
    check_incomplete("f(1\n", false); // a newline here is wrong whatever follows
    check_incomplete("x y {", false);
    check_incomplete("x = )", false);
    check_incomplete("if x { ) }", false);
}
