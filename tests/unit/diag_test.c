// diag_test.c: positions, and how diagnostics print.
#include "base/diag.h"

#include <criterion/criterion.h>

TestSuite(diag, .timeout = 20);

static SourceFile *add_source(const char *name, const char *text)
{
    return source_add(name, text, strlen(text));
}

// What diag_print writes; freed by nobody, the test's process ends soon.
static char *printed(DiagList *d, DiagPrint how)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    diag_print(d, out, &how);
    fclose(out);
    return text;
}

static DiagList new_list(void)
{
    DiagList d;
    diag_init(&d, arena_create());
    return d;
}

static void check_place(Pos pos, const SourceFile *file, int line, int col)
{
    Place place = source_place(pos);
    cr_assert_eq(place.file, file);
    cr_assert_eq(place.line, line);
    cr_assert_eq(place.col, col);
}

Test(diag, positions_name_file_line_and_column)
{
    SourceFile *a = add_source("a.csp", "one\ntwo\n\nfour");
    SourceFile *b = add_source("b.csp", "");
    SourceFile *c = add_source("c.csp", "\n");
    check_place(source_pos(a, 0), a, 1, 1);
    check_place(source_pos(a, 3), a, 1, 4);
    check_place(source_pos(a, 4), a, 2, 1);
    check_place(source_pos(a, 8), a, 3, 1);
    check_place(source_pos(a, 13), a, 4, 5); // the end has a place too
    check_place(source_pos(b, 0), b, 1, 1);
    check_place(source_pos(c, 1), c, 2, 1);
    check_place(POS_NONE, NULL, 0, 0);
    check_place(source_pos(c, 2), NULL, 0, 0);
    cr_assert_null(source_file_of(1u << 31));
}

Test(diag, many_files_are_all_found)
{
    enum { COUNT = 500 };
    static SourceFile *files[COUNT];
    for (int i = 0; i < COUNT; i++)
        files[i] = add_source("x.csp", i % 3 ? "line\nline" : "");
    for (int i = 0; i < COUNT; i++) {
        cr_assert_eq(source_file_of(files[i]->base), files[i]);
        cr_assert_eq(source_file_of(files[i]->base + files[i]->len), files[i]);
    }
}

Test(diag, the_registry_keeps_a_copy)
{
    char text[] = "package main";
    char name[] = "a.csp";
    SourceFile *file = source_add(name, text, sizeof text - 1);
    memset(text, 'x', sizeof text - 1);
    name[0] = 'x';
    cr_assert_str_eq(file->text, "package main");
    cr_assert_str_eq(file->name, "a.csp");
}

Test(diag, positions_format)
{
    SourceFile *file = add_source("a.csp", "x\ny");
    char text[64];
    cr_assert_str_eq(source_format(source_pos(file, 2), text, sizeof text), "a.csp:2:1");
    cr_assert_str_eq(source_format(POS_NONE, text, sizeof text), "?");
    cr_assert_str_eq(source_format(source_pos(file, 2), text, 4), "a.c");
}

static void check_format(Pos pos, const char *expected)
{
    char text[64];
    cr_assert_str_eq(source_format(pos, text, sizeof text), expected);
}

Test(diag, positions_are_called_what_marks_say)
{
    SourceFile *file = add_source("a.csp", "one\ntwo\nthree four\nfive\n");
    check_format(source_pos(file, 8), "a.csp:3:1");
    source_mark(source_pos(file, 4), "b.y", 3, 10, 0);
    source_mark(source_pos(file, 14), NULL, 0, 7, 50);
    check_format(source_pos(file, 3), "a.csp:1:4");
    check_format(source_pos(file, 4), "b.y:10");
    check_format(source_pos(file, 9), "b.y:11");
    check_format(source_pos(file, 14), "b.y:7:50");
    check_format(source_pos(file, 16), "b.y:7:52");
    check_format(source_pos(file, 20), "b.y:8:2");
    check_place(source_pos(file, 20), file, 4, 2); // where it is all the same
}

Test(diag, an_error_in_a_marked_line_shows_the_text_that_is_there)
{
    SourceFile *file = add_source("a.csp", "package main\nx := y\n");
    source_mark(source_pos(file, 13), "g.y", 3, 70, 0);
    DiagList d = new_list();
    Diag *diag =
        diag_error(&d, DIAG_UNDEFINED, source_pos(file, 18), source_pos(file, 19), "undefined: y");
    diag_other(diag, source_pos(file, 0), "here");
    cr_assert_str_eq(printed(&d, (DiagPrint){0}), "g.y:70: undefined: y\n"
                                                  "   2 | x := y\n"
                                                  "     |      ^\n"
                                                  "  a.csp:1:1: here\n");
}

Test(diag, an_error_shows_its_line_and_a_mark)
{
    SourceFile *file = add_source("a.csp", "package main\n\tch <- \"süß\" + x\n");
    DiagList d = new_list();
    Pos at = source_pos(file, 20);
    Diag *diag = diag_error(&d, DIAG_UNDEFINED, at, at + 7, "cannot send %s on chan int", "string");
    diag_hint(&d, diag, "ch carries %s", "int");
    diag_other(diag, source_pos(file, 0), "declared here");
    cr_assert_eq(d.error_count, 1);
    cr_assert_str_eq(printed(&d, (DiagPrint){0}), "a.csp:2:8: cannot send string on chan int\n"
                                                  "   2 | \tch <- \"süß\" + x\n"
                                                  "     | \t      ^~~~~\n"
                                                  "  a.csp:1:1: declared here\n"
                                                  "  hint: ch carries int\n");
    cr_assert_str_eq(printed(&d, (DiagPrint){.brief = true}),
                     "a.csp:2:8: cannot send string on chan int\n");
}

Test(diag, a_mark_stays_within_its_line)
{
    SourceFile *file = add_source("a.csp", "if x {\nfoo\n}");
    DiagList d = new_list();
    diag_error(&d, DIAG_UNDEFINED, source_pos(file, 3), source_pos(file, 12), "over three lines");
    diag_error(&d, DIAG_UNDEFINED, source_pos(file, 12), POS_NONE, "at the end");
    cr_assert_str_eq(printed(&d, (DiagPrint){0}), "a.csp:1:4: over three lines\n"
                                                  "   1 | if x {\n"
                                                  "     |    ^~~\n"
                                                  "a.csp:3:2: at the end\n"
                                                  "   3 | }\n"
                                                  "     |  ^\n");
}

Test(diag, they_print_by_position_and_stop_at_the_limit)
{
    SourceFile *file = add_source("a.csp", "a\nb\nc\nd\n");
    DiagList d = new_list();
    diag_error(&d, DIAG_UNDEFINED, source_pos(file, 6), 0, "fourth");
    diag_error(&d, DIAG_UNDEFINED, source_pos(file, 4), 0, "third");
    diag_error(&d, DIAG_UNDEFINED, source_pos(file, 0), 0, "first");
    diag_warning(&d, DIAG_UNDEFINED, source_pos(file, 2), 0, "second");
    cr_assert_eq(d.error_count, 3);
    cr_assert_eq(d.warning_count, 1);
    cr_assert_str_eq(printed(&d, (DiagPrint){.brief = true, .max_errors = 2}),
                     "a.csp:1:1: first\n"
                     "a.csp:2:1: warning: second\n"
                     "a.csp:3:1: third\n"
                     "too many errors\n");
    const char *json = printed(&d, (DiagPrint){.json = true, .max_errors = 2});
    const char *note = strstr(json, "{\"severity\":\"note\"");
    cr_assert_not_null(note);
    cr_assert_str_eq(note, "{\"severity\":\"note\",\"message\":\"too many errors\",\"more\":1}\n");
    cr_assert_str_eq(printed(&d, (DiagPrint){.brief = true, .max_errors = 3}),
                     "a.csp:1:1: first\n"
                     "a.csp:2:1: warning: second\n"
                     "a.csp:3:1: third\n"
                     "a.csp:4:1: fourth\n");
}

Test(diag, the_last_line_says_where_there_is_more)
{
    SourceFile *file = add_source("a.csp", "a\nb\nc\n");
    DiagList d = new_list();
    diag_reason(&d, diag_error(&d, DIAG_SYNTAX, source_pos(file, 0), 0, "first"), "for one thing");
    diag_error(&d, DIAG_NONE, source_pos(file, 2), 0, "second");
    diag_error(&d, DIAG_UNDEFINED, source_pos(file, 4), 0, "third");
    cr_assert_str_eq(printed(&d, (DiagPrint){.more = true, .max_errors = 2}),
                     "a.csp:1:1: first\n"
                     "   1 | a\n"
                     "     | ^\n"
                     "  for one thing\n"
                     "a.csp:2:1: second\n"
                     "   2 | b\n"
                     "     | ^\n"
                     "too many errors (--max-errors=0 shows all of them)\n"
                     "more: csp explain syntax\n");
    cr_assert_str_eq(printed(&d, (DiagPrint){.more = true, .brief = true}),
                     "a.csp:1:1: first\na.csp:2:1: second\na.csp:3:1: third\n");
}

Test(diag, the_same_error_on_a_line_is_kept_once)
{
    SourceFile *file = add_source("a.csp", "x + x\nx\n");
    DiagList d = new_list();
    Diag *first = diag_error(&d, DIAG_UNDEFINED, source_pos(file, 0), 0, "undefined: x");
    cr_assert_eq(diag_error(&d, DIAG_UNDEFINED, source_pos(file, 4), 0, "undefined: x"), first);
    diag_error(&d, DIAG_UNDEFINED, source_pos(file, 0), 0, "undefined: y");
    diag_error(&d, DIAG_UNDEFINED, source_pos(file, 6), 0, "undefined: x");
    diag_warning(&d, DIAG_UNDEFINED, source_pos(file, 0), 0, "undefined: x");
    cr_assert_eq(d.error_count, 3);
    cr_assert_eq(d.warning_count, 1);
}

Test(diag, json_is_one_object_a_line)
{
    SourceFile *file = add_source("a \"b\".csp", "x\ny\n");
    DiagList d = new_list();
    Diag *diag = diag_error(&d, DIAG_UNDEFINED, source_pos(file, 2), source_pos(file, 3),
                            "bad \"y\"\t\x01 \xFF");
    diag_hint(&d, diag, "none");
    diag_other(diag, source_pos(file, 0), "here");
    cr_assert_str_eq(printed(&d, (DiagPrint){.json = true}),
                     "{\"file\":\"a \\\"b\\\".csp\",\"line\":2,\"col\":1,\"end_line\":2,"
                     "\"end_col\":2,\"severity\":\"error\","
                     "\"message\":\"bad \\\"y\\\"\\t\\u0001 \xEF\xBF\xBD\",\"hint\":\"none\","
                     "\"name\":\"undefined\","
                     "\"other\":{\"file\":\"a \\\"b\\\".csp\",\"line\":1,\"col\":1,"
                     "\"message\":\"here\"}}\n");
}

Test(diag, an_error_without_a_position_prints_its_text)
{
    DiagList d = new_list();
    diag_error(&d, DIAG_UNDEFINED, POS_NONE, POS_NONE, "no such file");
    cr_assert_str_eq(printed(&d, (DiagPrint){0}), "no such file\n");
    cr_assert_str_eq(printed(&d, (DiagPrint){.json = true}),
                     "{\"severity\":\"error\",\"message\":\"no such file\","
                     "\"name\":\"undefined\"}\n");
}
