// types_test.c: identity, assignability, selection, method sets, layout and printing of types that
// real declarations make.
#include "types/types.h"

#include <criterion/criterion.h>

#include "parser/parser.h"
#include "types/check.h"

TestSuite(types, .timeout = 20);

static Arena *arena;
static Package *pkg;

// Checks declarations; the types are then found by name.
static void declare(const char *text)
{
    arena = arena_create();
    DiagList *diags = arena_new(arena, DiagList);
    diag_init(diags, arena);
    Buf source = {0};
    buf_printf(&source, "package main\nfunc main() {}\n%s\n", text);
    SourceFile *file = source_add("test.csp", source.data, source.len);
    File *parsed = parse_file(arena, diags, file, &(ParseOptions){0}, NULL);
    CheckOptions options = {0};
    Checker *c = check_session(arena, diags, &options);
    FuncInfo *toplevel;
    pkg = check_program(c, &parsed, 1, &toplevel);
    cr_assert_eq(diags->error_count, 0, "%s", diags->list.len ? diags->list.data[0].text : "");
}

static Type *named(const char *name)
{
    Object *obj = scope_lookup(pkg->scope, name_from(name));
    cr_assert_not_null(obj, "%s", name);
    return obj->type;
}

static Type *pointer_to(const char *name)
{
    Type *t = type_new(arena, TYPE_POINTER);
    t->elem = named(name);
    return t;
}

static void check_size(const char *name, u64 size, u32 align)
{
    u64 got;
    u32 got_align;
    cr_assert(type_size(named(name), &got, &got_align));
    cr_assert_eq(got, size, "%s: size %d, expected %d", name, (int)got, (int)size);
    cr_assert_eq(got_align, align, "%s: alignment %d", name, (int)got_align);
}

Test(types, identity)
{
    declare("type A []int\ntype B []int\nvar a A\nvar s, t []int\n"
            "var f func(...int)\nvar g func([]int)\n"
            "var x struct{ a int `x` }\nvar y struct{ a int }\n"
            "var c chan int\nvar r <-chan int\n"
            "type I interface { m() interface{ I } }\ntype J interface { m() interface{ J } }\n"
            "var b byte\nvar u uint8");
    cr_assert_not(type_identical(named("A"), named("B")));
    cr_assert(type_identical(named("s"), named("t")));
    cr_assert_not(type_identical(named("a"), named("s")));
    cr_assert(type_assignable(named("a"), named("s")));
    cr_assert_not(type_assignable(named("A"), named("B")));
    cr_assert(type_convertible(named("A"), named("B")));
    cr_assert_not(type_identical(named("f"), named("g")));
    cr_assert_not(type_identical(named("x"), named("y")));
    cr_assert(type_identical_ignoring_tags(named("x"), named("y")));
    cr_assert(type_assignable(named("c"), named("r")));
    cr_assert_not(type_assignable(named("r"), named("c")));
    cr_assert(type_identical(named("b"), named("u")));
    cr_assert(type_assignable(named("I"), named("J"))); // does not run for ever
}

Test(types, layout)
{
    declare("type E struct{}\ntype S1 struct { a bool; b int64; c bool }\n"
            "type S2 struct { a int32; e E }\ntype S3 struct { a [3]byte; b int16 }\n"
            "type S4 struct { s string; i interface{}; l []int; m map[int]int }\n"
            "type A [5]S3\ntype C complex64\ntype Z [1000]E\ntype S5 struct { e E; f E }");
    check_size("E", 0, 1);
    check_size("S1", 24, 8);
    check_size("S2", 8, 4); // room after a last field of no size
    check_size("S3", 6, 2);
    check_size("S4", 64, 8);
    check_size("A", 30, 2);
    check_size("C", 8, 4);
    check_size("Z", 0, 1);
    check_size("S5", 0, 1);
    cr_assert_eq(type_under(named("S1"))->fields.data[2].offset, 16);
}

Test(types, selection)
{
    declare("type In struct { x, y int }\nfunc (In) Val() {}\nfunc (*In) Ptr() {}\n"
            "type Mid struct { *In; z int }\ntype Out struct { Mid; y string }\n"
            "type L struct { In }\ntype R struct { In }\ntype Two struct { L; R }");
    Selection sel = type_select(arena, named("Out"), name_from("x"), pkg);
    cr_assert_eq(sel.kind, SELECT_FIELD);
    cr_assert_eq(sel.path.len, 3);
    cr_assert(sel.through_pointer);
    sel = type_select(arena, named("Out"), name_from("y"), pkg);
    cr_assert_eq(sel.path.len, 1); // the nearer one
    sel = type_select(arena, named("Two"), name_from("x"), pkg);
    cr_assert_eq(sel.kind, SELECT_AMBIGUOUS);
    sel = type_select(arena, named("Out"), name_from("nothing"), pkg);
    cr_assert_eq(sel.kind, SELECT_NONE);

    MethodSet set = {0};
    type_method_set(arena, named("In"), &set);
    cr_assert_eq(set.len, 1);
    type_method_set(arena, pointer_to("In"), &set);
    cr_assert_eq(set.len, 2);
    cr_assert_str_eq(set.data[0].name->text, "Ptr"); // sorted
    type_method_set(arena, named("Out"), &set);      // through the embedded pointer
    cr_assert_eq(set.len, 2);
    type_method_set(arena, named("L"), &set);
    cr_assert_eq(set.len, 1);
}

static void check_missing(const char *type, const char *iface, const char *expected)
{
    Buf why = {0};
    Name missing = NULL;
    cr_assert_not(type_implements(named(type), named(iface), pkg, &missing, &why));
    cr_assert_str_eq(why.data, expected);
    cr_assert_str_eq(missing->text, "M");
}

Test(types, implements)
{
    declare(
        "type I interface { M(int) string }\ntype A struct{}\ntype P struct{}\ntype W struct{}\n"
        "type F struct{}\nfunc (A) M(int) string { return \"\" }\n"
        "func (*P) M(int) string { return \"\" }\nfunc (W) M() {}\nfunc (F) m(int) {}");
    cr_assert(type_implements(named("A"), named("I"), pkg, NULL, NULL));
    cr_assert(type_implements(pointer_to("P"), named("I"), pkg, NULL, NULL));
    check_missing("P", "I", "(M method has pointer receiver)");
    check_missing("W", "I", "(wrong type for M method)\n\t\thave M()\n\t\twant M(int) string");
    check_missing("F", "I", "(missing M method)\n\t\thave m(int)\n\t\twant M(int) string");
}

Test(types, comparable)
{
    declare("type A struct { x int; f [2]string }\ntype B struct { s []int }\ntype C [2]B\n"
            "type D func()\ntype E interface{}\ntype M map[string]int");
    cr_assert(type_comparable(named("A")));
    cr_assert_not(type_comparable(named("B")));
    cr_assert_not(type_comparable(named("C")));
    cr_assert_not(type_comparable(named("D")));
    cr_assert(type_comparable(named("E")));
    cr_assert_not(type_comparable(named("M")));
}

static void check_printed(const char *name, const char *expected)
{
    cr_assert_str_eq(type_string(arena, named(name), pkg), expected);
}

Test(types, printing)
{
    declare(
        "type T struct{}\nvar a map[string][]*T\nvar b func(x int, y ...string) (n int, err "
        "error)\n"
        "var c chan (<-chan int)\nvar d chan<- func()\nvar e struct { T; x, y int `t` }\n"
        "var f interface { M(); N(byte) rune }\nvar g [3]interface{}\nvar h any\nvar i func() int");
    check_printed("a", "map[string][]*T");
    check_printed("b", "func(x int, y ...string) (n int, err error)");
    check_printed("c", "chan (<-chan int)");
    check_printed("d", "chan<- func()");
    check_printed("e", "struct{T; x int \"t\"; y int \"t\"}");
    check_printed("f", "interface{M(); N(byte) rune}");
    check_printed("g", "[3]interface{}");
    check_printed("h", "any");
    check_printed("i", "func() int");
    cr_assert_str_eq(type_string(arena, named("T"), NULL), "main.T");
}
