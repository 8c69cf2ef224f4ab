// compiler_test.c: how many instructions the compiler spends, and that all it makes verifies.
//
// Speed of the machine is the number of instructions it executes, so the loops here have fixed
// sizes: a change that makes one longer is a loss that no other test would notice.
#include <criterion/criterion.h>
#include <stdio.h>

#include "cmd/build.h"

TestSuite(compiler, .timeout = 30);

// Compiles a program; every function is verified.
static Image *compile(const char *text)
{
    BuildOptions options = {0};
    Build *b = xcalloc(1, sizeof *b);
    build_session(b, &options, false);
    BuildSource source = {"test.csp", text, strlen(text)};
    u32 start;
    cr_assert(build_program(b, &source, 1, &start), "does not build:\n%s", text);
    for (u32 id = 1; id < b->image->func_count; id++) {
        Buf why = {0};
        const Code *c = b->image->codes[id];
        cr_assert(c != NULL, "function %u has no code", id);
        cr_assert(verify_code(b->image, c, &why), "%s: %s", c->name, why.data ? why.data : "");
        buf_free(&why);
    }
    return b->image;
}

static const Code *function(const Image *im, const char *name)
{
    for (u32 id = 1; id < im->func_count; id++)
        if (im->codes[id] && strcmp(im->codes[id]->name, name) == 0)
            return im->codes[id];
    cr_assert_fail("there is no function %s", name);
    return NULL;
}

static u32 next_pc(const Code *c, u32 pc)
{
    return pc + 1 + opcode_info[c->ins[pc].op].words;
}

// Instructions without the header.
static int count_all(const Code *c)
{
    int n = 0;
    for (u32 pc = 1; pc < c->ins_count; pc = next_pc(c, pc))
        n++;
    return n;
}

static int count_op(const Code *c, Opcode op)
{
    int n = 0;
    for (u32 pc = 1; pc < c->ins_count; pc = next_pc(c, pc))
        n += c->ins[pc].op == op;
    return n;
}

// Instructions of the innermost loop: the shortest backward jump spans it.
static int inner_loop(const Image *im, const char *name)
{
    const Code *c = function(im, name);
    int best = 1 << 30;
    for (u32 pc = 1; pc < c->ins_count; pc = next_pc(c, pc)) {
        Ins ins = c->ins[pc];
        const OpcodeInfo *info = &opcode_info[ins.op];
        i32 by = 0;
        if (info->b == OPERAND_J32)
            by = ins_i32(ins);
        else if (info->c == OPERAND_J16)
            by = (i16)ins.c;
        if (by >= 0)
            continue;
        int n = 0;
        for (u32 at = pc + (u32)by; at <= pc; at = next_pc(c, at))
            n++;
        if (n < best)
            best = n;
    }
    if (best == 1 << 30) {
        Buf out = {0};
        disasm_code(im, c, &out);
        cr_assert_fail("no loop in\n%s", out.data);
    }
    return best;
}

static int loop_of(const char *params, const char *body)
{
    char text[2000];
    snprintf(text, sizeof text,
             "package main\nfunc f(%s) int {\n\ts := 0\n%s\n\treturn s\n}\nvar g = f\n"
             "func main() { println(g) }\n",
             params, body);
    return inner_loop(compile(text), "main.f");
}

Test(compiler, sum_of_a_slice_takes_three_instructions)
{
    cr_expect_leq(loop_of("a []int, n int", "for i := 0; i < n; i++ { s += a[i] }"), 3);
    cr_expect_leq(loop_of("a []int", "for i := 0; i < len(a); i++ { s += a[i] }"), 3);
    cr_expect_leq(loop_of("a []int", "for _, v := range a { s += v }"), 3);
    cr_expect_leq(loop_of("a []byte", "for _, v := range a { s += int(v) }"), 3);
    cr_expect_leq(loop_of("a []int", "for i := range a { a[i] = i }"), 2);
}

Test(compiler, counting_loops_are_one_instruction)
{
    cr_expect_leq(loop_of("n int", "for i := 0; i < n; i++ { s ^= i }"), 2);
    cr_expect_leq(loop_of("n int", "for i := 0; i < 1000; i++ { s ^= i }"), 2);
    cr_expect_leq(loop_of("n int", "for i := 0; i <= 1000; i++ { s ^= i }"), 2);
    cr_expect_leq(loop_of("n int", "for i := range n { s ^= i }"), 2);
    cr_expect_leq(loop_of("n int", "for i := n; i > 0; i-- { s ^= i }"), 3);
    cr_expect_leq(loop_of("n int", "for i := 0; i < n; i += 2 { s ^= i }"), 3);
}

Test(compiler, sized_integers_use_fused_operations)
{
    cr_expect_leq(loop_of("n int", "x := uint32(1)\nfor i := 0; i < n; i++ "
                                   "{ x = x*1664525 + 1013904223 }\ns = int(x)"),
                  3);
    cr_expect_leq(loop_of("n int", "for i := 0; i < 1000000; i++ { s ^= i }"), 2);
    cr_expect_leq(loop_of("n int, k uint32", "x := k\nfor i := 0; i < n; i++ { x = x*k + k }\n"
                                             "s = int(x)"),
                  3);
}

Test(compiler, products_are_added_in_one_instruction)
{
    cr_expect_leq(loop_of("a, b []float64, n int",
                          "t := 0.0\nfor i := 0; i < n; i++ { t += a[i] * b[i] }\ns = int(t)"),
                  4);
}

Test(compiler, elements_of_matrices)
{
    // LDX3, LDX64, ADD, FORLOOP
    cr_expect_leq(loop_of("m [][]int, j, n int", "for i := 0; i < n; i++ { s += m[j][i] }"), 4);
}

Test(compiler, receive_loops)
{
    cr_expect_leq(loop_of("c chan int, n int", "for i := 0; i < n; i++ { s += <-c }"), 3);
    cr_expect_leq(loop_of("c chan int, n int", "for i := 0; i < n; i++ { c <- i }"), 2);
    cr_expect_leq(loop_of("c chan int", "for v := range c { s += v }"), 3);
}

Test(compiler, fib_is_short)
{
    Image *im = compile("package main\nfunc fib(n int) int {\n\tif n < 2 {\n\t\treturn n\n\t}\n"
                        "\treturn fib(n-1) + fib(n-2)\n}\nfunc main() { println(fib(10)) }\n");
    // JGEI RET1 ADDI CALL ADDI CALL ADD RET1
    cr_expect_leq(count_all(function(im, "main.fib")), 8);
}

Test(compiler, methods_take_receiver_and_fields_directly)
{
    Image *im = compile("package main\ntype T struct{ a, b, c, d, e int }\n"
                        "func (t *T) add(n int) { t.a += n }\n"
                        "func main() {\n\tt := &T{}\n\tfor i := 0; i < 10; i++ {\n"
                        "\t\tt.add(i)\n\t}\n\tprintln(t.a)\n}\n");
    cr_expect_leq(count_all(function(im, "main.(*T).add")), 4); // LDF64 ADD STF64 RET
    cr_expect_leq(inner_loop(im, "main.main"), 4);              // MOV MOV CALL FORLOOPI
}

Test(compiler, small_structs_stand_in_the_frame)
{
    Image *im = compile("package main\ntype P struct{ x, y int }\n"
                        "func f(p P) P { return P{p.y, p.x} }\n"
                        "func main() { p := f(P{1, 2}); println(p.x, p.y) }\n");
    const Code *c = function(im, "main.f");
    cr_expect_eq(count_op(c, OP_NEW), 0);
    cr_expect_eq(c->param_slots, 2);
    cr_expect_eq(c->result_slots, 2);
    cr_expect_leq(count_all(c), 3);
}

Test(compiler, variables_are_boxed_only_when_they_must_be)
{
    Image *im = compile("package main\n"
                        "func constant() func() int { x := 1; return func() int { return x } }\n"
                        "func changing() func() int {\n"
                        "\tx := 1\n\treturn func() int { x++; return x }\n}\n"
                        "func main() { println(constant()(), changing()()) }\n");
    cr_expect_eq(count_op(function(im, "main.constant"), OP_NEW), 0);
    cr_expect_eq(count_op(function(im, "main.changing"), OP_NEW), 1);
    cr_expect_eq(function(im, "main.changing.func1")->flags & CODE_CLOSURE, CODE_CLOSURE);
}

Test(compiler, swaps_and_chains)
{
    cr_expect_leq(loop_of("a []int, n int", "for i := 0; i < n; i++ { a[i], a[s] = a[s], a[i] }"),
                  5);
    cr_expect_leq(loop_of("n int", "a, b := 0, 1\nfor i := 0; i < n; i++ { a, b = b, a+b }\ns = a"),
                  4);
    Image *im = compile("package main\nfunc f(a, b, c string) string { return a + b + c + \"!\" }\n"
                        "func main() { println(f(\"a\", \"b\", \"c\")) }\n");
    cr_expect_eq(count_op(function(im, "main.f"), OP_CONCAT), 1);
}

Test(compiler, conditions_make_no_booleans)
{
    cr_expect_leq(loop_of("a []int, n int", "for i := 0; i < n; i++ {\n"
                                            "\tif i > 3 && a[i] != 0 || i == 7 { s++ }\n}"),
                  6);
}

// Distances beyond 16 bits, and frames beyond what an operand can name.
static char *long_function(int lines, const char *line, const char *tail)
{
    Buf b = {0};
    buf_puts(&b, "package main\nfunc f(n, m int) int {\n\ts := 0\n\tfor i := 0; i < n; i++ {\n");
    for (int i = 0; i < lines; i++)
        buf_printf(&b, line, i);
    buf_printf(&b, "\t}\n\treturn s\n}\nfunc main() { println(f(1, 2)) }\n%s", tail);
    return b.data;
}

Test(compiler, long_jumps)
{
    compile(long_function(20000, "\t\ts ^= m\n\t\tif s < %d { s++ }\n", ""));
}

Test(compiler, what_verifies_in_odd_programs)
{
    compile("package main\n"
            "type E struct{}\n"
            "func (e E) M(e2 E, x int) (E, int) { return e2, x }\n"
            "type I interface{ M(E, int) (E, int) }\n"
            "type S struct { a [3]int; e E; i I }\n"
            "func (s S) Get(n int) [3]int { s.a[n] = 1; return s.a }\n"
            "func (s *S) Set(a [3]int) { s.a = a }\n"
            "func two() (int, string) { return 1, \"a\" }\n"
            "func take(n int, s ...any) int { return n + len(s) }\n"
            "func named() (n int, err error) { defer func() { recover() }(); n = 3; panic(1) }\n"
            "func main() {\n"
            "\tvar s S\n\ts.i = E{}\n\t_, x := s.i.M(E{}, 3)\n\tf := s.Get\n\tg := (*S).Set\n"
            "\tg(&s, f(1))\n\th := S.Get\n\tprintln(x, len(h(s, 2)), take(two()))\n"
            "\tdefer println(1, \"a\")\n\tdefer s.i.M(E{}, 1)\n\tgo s.Set([3]int{})\n"
            "\tm := map[[2]int]S{{1, 2}: s}\n\tm[[2]int{1, 2}] = S{}\n"
            "\tfor k, v := range m { println(k[0], v.a[1]) }\n"
            "\tvar a any = s\n\tswitch v := a.(type) {\n\tcase S, *S: println(v != nil)\n"
            "\tcase nil: println(0)\n\tcase int: println(v)\n\t}\n"
            "\tc := make(chan S, 1)\n\tselect {\n\tcase c <- s:\n\tcase y, ok := <-c: "
            "println(y.a[0], ok)\n"
            "\tdefault:\n\t}\n"
            "\tq, r := <-c, 1\n\tprintln(q.a == s.a, r)\n\tnamed()\n"
            "}\n");
}
