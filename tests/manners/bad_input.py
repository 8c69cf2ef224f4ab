"""Sources that no person wrote: each is told clearly, in bounded time and memory."""

import random
import re

from box import Failure, case, for_each

MAIN = "package main\nfunc main() {\n%s\n}\n"


# ---- Bytes --------------------------------------------------------------------------------------

@for_each(
    invalid_utf8=(b"package main\nfunc main() {\n\tprintln(\"a\xffb\")\n}\n",
                  "x.csp:3:12: invalid UTF-8 encoding\n…\n"),
    nul=(b"package main\nfunc main() {\n\tprintln(\"a\0b\")\n}\n",
         "x.csp:3:12: invalid NUL character\n…\n"),
    bom_inside=("package main\n\ufefffunc main() {}\n",
                "x.csp:2:1: invalid BOM in the middle of the file\n…\n"),
    string=(MAIN % '\tprintln("abc)', "x.csp:3:10: newline in string\n…\n"),
    raw_string=(MAIN % "\tprintln(`abc)", "x.csp:3:10: string not terminated\n…\n"),
    rune=(MAIN % "\tprintln('a)", "x.csp:3:…: newline in rune literal\n…\n"),
    comment=(MAIN % "\tprintln(1) /* abc", "x.csp:3:13: comment not terminated\n…\n"),
    utf16="\ufeffpackage main\n".encode("utf-16"),
)
def bytes_(box, want):
    text, err = want if isinstance(want, tuple) else (want, "…\n")
    box.write("x.csp", text)
    box.sh("csp x.csp", code=1, out="", err=err)


@case
def bom_at_the_start(box):
    box.write("x.csp", "\ufeff" + MAIN % "println(1)")
    box.sh("csp x.csp", err="1\n")


@case
def line_ends_of_windows(box):
    box.write("x.csp", (MAIN % "x := `a\nb`\nprintln(len(x), foo)").replace("\n", "\r\n"))
    box.sh("csp x.csp", code=1, err="x.csp:5:17: undefined: foo\n   5 | println(len(x), foo)\n…\n")


# ---- Nesting ------------------------------------------------------------------------------------

def nested(open_, close="", core="", around="%s"):
    return lambda n: MAIN % (around % (open_ * n + core + close * n))


# What may nest a thousand times, and not a hundred thousand.
NESTS = {
    "parentheses": nested("(", ")", "1", "println(%s)"),
    "unary": nested("-^", "", "1", "println(%s)"),
    "not": nested("!", "", "x", "x := true; println(%s)"),
    "blocks": nested("{", "}"),
    "ifs": nested("if true {", "}"),
    "else_ifs": nested(" else if x == 3 {}", "", "", "x := 1\nif x == 2 {}%s"),
    "loops": nested("for i := 0; i < 1; i++ {", "}"),
    "switches": nested("switch { case true: ", "}"),
    "selects": nested("select { default: ", "}"),
    "function_literals": nested("func() {", "}()"),
    "slices": nested("[]", "", "int", "var x %s; println(len(x))"),
    "arrays": nested("[1]", "", "int", "var x %s; println(len(x))"),
    "pointers": nested("*", "", "int", "var x %s; println(x == nil)"),
    "channels": nested("chan ", "", "int", "var x %s; println(x == nil)"),
    "maps": nested("map[int]", "", "int", "var x %s; println(x == nil)"),
    "functions": nested("func(", ")", "int", "var x %s; println(x == nil)"),
    "structs": nested("struct{a ", "}", "int", "var x %s; _ = x"),
    "interfaces": nested("interface{ f() ", "}", "int", "var x %s; println(x == nil)"),
    "literals": nested("[]any{", "}", "1", "x := %s; println(len(x))"),
    "calls": nested("f(", ")", "1", "f := func(x int) int { return x }; println(%s)"),
    "indices": nested("x[", "]", "0", "x := []int{0}; println(%s)"),
    "conversions": nested("any(", ")", "1", "var x = %s; println(x != nil)"),
    "receives": nested("<-", "", "c", "var c chan int; if c != nil { println(%s) }"),
}


@for_each(**NESTS)
def deep(box, make):
    box.write("ok.csp", make(80))
    box.sh("csp ok.csp", code=(0, 1) if make is NESTS["receives"] else 0, megabytes=400)
    box.write("x.csp", make(100_000))
    box.sh("csp x.csp", code=1, out="", megabytes=500,
           err="x.csp:…: … nests too deeply (more than 1000 levels)\n…\n")
    # The same without its second half.
    text = make(100_000)
    box.write("x.csp", text[:len(text) // 2])
    box.sh("csp x.csp", code=1, out="", megabytes=500)


@for_each(plus="+", minus="-", times="*", less="<", and_="&&", or_="||", shift="<<", dot=".x",
          call="()", index="[0]", assertion=".(int)", slice="[:]")
def long_expression(box, op):
    """The tree of a long expression is deep on its left side."""
    a = "a" if op[0] not in ".([" else ""
    box.write("x.csp", MAIN % ("a := 1\nprintln(a%s)" % ((op + a) * 1_000_000)))
    box.sh("csp x.csp", code=1, out="", megabytes=500,
           err="x.csp:4:…: … (more than 10000 operators in a row)\n…\n")


@case
def long_expression_that_works(box):
    for op, want in (("+", 2000), ("-", -1998), ("|", 1)):
        box.write("x.csp", MAIN % ("a := 1\nprintln(%s)" % op.join(["a"] * 2000)))
        box.sh("csp x.csp", err="%d\n" % want)


@case
def ten_million_parentheses(box):
    box.write("x.csp", "(" * 10_000_000)
    box.sh("csp x.csp", code=1, megabytes=500, err="x.csp:1:1000: … nests too deeply …\n…\n")
    box.sh("csp - < x.csp", code=1, megabytes=500)
    box.sh("csp dis x.csp", code=1, megabytes=500)


# ---- Length -------------------------------------------------------------------------------------

@case
def long_line(box):
    box.write("x.csp", "package main; func main() { x := 0; " + "x++; " * 200_000 + "println(x) }")
    box.sh("csp x.csp", err="200000\n")
    box.write("x.csp", "package main; func main() { /*" + " " * 1_000_000 + "*/ y /*" + "é" * 500_000 + "*/ }")
    _, err = box.sh("csp x.csp", code=1, err="x.csp:1:1000034: undefined: y\n   1 | …y…\n…^\n…")
    if len(err) > 1000:
        raise Failure("the line is shown whole: %d bytes" % len(err))


@case
def long_names(box):
    name = "v" * 1_000_000
    box.write("x.csp", MAIN % ("%s := 1; println(%s)" % (name, name)))
    box.sh("csp x.csp", err="1\n")
    box.write("x.csp", MAIN % ("println(%s)" % name))
    box.sh("csp x.csp", code=1, err="x.csp:3:9: undefined: vvv…\n…\n", err_limit=5000)
    box.write("x.csp", MAIN % ("type %s int; var x %s = 1.5; panic(x)" % (name, name)))
    box.sh("csp x.csp", code=1, err="x.csp:3:…\n…\n", err_limit=5000)
    box.write("x.csp", MAIN % ('panic("%s")' % name))
    box.sh("csp x.csp", code=2, err_limit=1_100_000)


@case
def long_string(box):
    box.write("x.csp", MAIN % ('println(len("%s"), len(`%s`))' % ("x" * 1_000_000, "\n" * 1_000_000)))
    box.sh("csp x.csp", err="1000000 1000000\n")


@case
def many_errors(box):
    for line in ("x%d = y", "x%d = = y", "var x%d int = \"\"", "func", "x%d := 1; return 1", ")", "'"):
        lines = ((line + "\n") * 10_000) if "%" not in line else \
            "".join(line % i + "\n" for i in range(10_000))
        box.write("x.csp", MAIN % lines)
        _, err = box.sh("csp x.csp", code=1, out="")
        if not 1 <= len(re.findall(r"^x\.csp:\d+:\d+: ", err, re.M)) <= 10:
            raise Failure("not at most ten errors:\n" + err[:2000])
    box.write("x.csp", MAIN % "".join("x%d = y\n" % i for i in range(10_000)))
    _, err = box.sh("csp run --max-errors=0 --brief x.csp", code=1, err_limit=None)
    if err.count("undefined") != 20_000 and err.count("undefined") != 10_000:
        raise Failure("%d errors" % err.count("undefined"))


# ---- Number -------------------------------------------------------------------------------------

@case
def many_functions(box):
    box.write("x.csp", "package main\n" + "".join(
        "func f%d() int { return %d }\n" % (i, i) for i in range(100_000)) +
        "func main() { println(f0(), f99999()) }\n")
    box.sh("csp x.csp", err="0 99999\n", megabytes=1000)


@for_each(int="%d", string='"%d"')
def many_cases(box, form):
    box.write("x.csp", "package main\nfunc f(x %s) int {\nswitch x {\n" %
              ("int" if form == "%d" else "string") + "".join(
        "case %s: return %d\n" % (form % (i * 7), i) for i in range(100_000)) +
        "}\nreturn -1\n}\nfunc main() { println(f(%s), f(%s), f(%s)) }\n" %
        (form % 699993, form % 0, form % 1))
    box.sh("csp x.csp", err="99999 0 -1\n", megabytes=1000)


@for_each(
    array=("[...]int{%s}", "%d", "", (0, 1)), slice=("[]int{%s}", "%d", "", (1,)),
    map=("map[int]int{%s}", "%d: %d", "", (0,)), strings=("[]string{%s}", '"%d"', "", (0,)),
    structs=("[]struct{a, b int}{%s}", "{1, %d}", ".b", (1,)),
)
def a_million_elements(box, want):
    literal, element, field, places = want
    text = literal % ", ".join(element.replace("%d", str(i)) for i in range(1_000_000))
    shown = "a[999999]" + field
    forms = ("var a = %s\nfunc main() { println(len(a), %s) }\n",
             "func main() { a := %s; println(len(a), %s) }\n")
    for place in places:
        box.write("x.csp", "package main\n" + forms[place] % (text, shown))
        box.sh("csp x.csp", err="1000000 999999\n", megabytes=2000)


def numbered(text, n, between="\n"):
    return between.join(text.replace("#", str(i)) for i in range(n))


# What has a limit because instructions have 16-bit fields: a small number works, and a large one
# works or is told, with its place.
COUNTS = {
    "locals": lambda n: (MAIN % (numbered("v# := #", n) + "\n" + numbered("v#++", n) +
                                 "\nprintln(v0, v%d)" % (n - 1)), "1 %d" % n),
    "string_locals": lambda n: (MAIN % (numbered('v# := "#"', n) + "\n" + numbered('v# += "x"', n) +
                                        "\nprintln(v0, v%d)" % (n - 1)), "0x %dx" % (n - 1)),
    "parameters": lambda n: ("package main\nfunc f(%s int) int { return p0 + p%d }\n"
                             "func main() { println(f(%s)) }\n" % (
                                 numbered("p#", n, ", "), n - 1, numbered("#", n, ", ")),
                             "%d" % (n - 1)),
    "results": lambda n: ("package main\nfunc f() (%s) { return %s }\n"
                          "func main() { %sx := f(); println(x) }\n" % (
                              numbered("int", n, ", "), numbered("#", n, ", "), "_, " * (n - 1)),
                          "%d" % (n - 1)),
    "variadic": lambda n: (MAIN % ("f := func(x ...int) int { return len(x) + x[len(x)-1] }\n"
                                   "println(f(%s))" % numbered("#", n, ", ")), "%d" % (2 * n - 1)),
    "fields": lambda n: (MAIN % ("type T struct { %s int }\nvar t T; t.f%d = 5; u := t\n"
                                 "println(u.f%d, u == t)" % (numbered("f#", n, ", "), n - 1, n - 1)),
                         "5 true"),
    "captures": lambda n: (MAIN % (numbered("v# := #", n) + "\nf := func() {\n" +
                                   numbered("v#++", n) + "\n}\nf()\nprintln(v0, v%d)" % (n - 1)),
                           "1 %d" % n),
    "select_cases": lambda n: (MAIN % ("c := make(chan int, 1); c <- 7\nselect {\n" + numbered(
        "case <-c: println(1)", n) + "\n}"), "1"),
    "methods": lambda n: ("package main\ntype T int\n" + numbered(
        "func (t T) m#() int { return # }", n) + "\ntype I interface {\n" + numbered(
        "m#() int", n) + "\n}\nfunc main() { var i I = T(1); println(i.m%d()) }\n" % (n - 1),
        "%d" % (n - 1)),
    "constants": lambda n: ("package main\nconst (\nc0 = iota\n" + numbered("d#", n) +
                            "\n)\nfunc main() { println(d%d) }\n" % (n - 1), "%d" % n),
    "globals": lambda n: ("package main\n" + numbered("var g# = #", n) +
                          "\nfunc main() { println(g%d) }\n" % (n - 1), "%d" % (n - 1)),
    "global_chain": lambda n: ("package main\n" + "".join(
        "var g%d = g%d + 1\n" % (i, i + 1) for i in range(n)) +
        "var g%d = 0\nfunc main() { println(g0) }\n" % n, "%d" % n),
    "const_chain": lambda n: ("package main\n" + "".join(
        "const g%d = g%d + 1\n" % (i, i + 1) for i in range(n)) +
        "const g%d = 0\nfunc main() { println(g0) }\n" % n, "%d" % n),
    "type_chain": lambda n: ("package main\n" + "".join(
        "type g%d g%d\n" % (i, i + 1) for i in range(n)) +
        "type g%d int\nfunc main() { println(g0(7)) }\n" % n, "7"),
    "call_chain": lambda n: ("package main\n" + "".join(
        "func g%d() int { return g%d() }\n" % (i, i + 1) for i in range(n)) +
        "func g%d() int { return v }\nvar w = g0()\nvar v = 5\nfunc main() { println(w) }\n" % n, "5"),
    "types": lambda n: ("package main\n" + numbered("type t# struct { a [#]int }", n) +
                        "\nfunc main() { var x any = &t%d{}; _, ok := x.(*t%d); println(ok) }\n" % (
                            n - 1, n - 1), "true"),
    "strings": lambda n: (MAIN % ('x := ""\n' + numbered('x = "s#"', n) + "\nprintln(x)"),
                          "s%d" % (n - 1)),
    "floats": lambda n: (MAIN % ("x := 0.0\n" + numbered("x = #.5", n) + "\nprintln(int(x))"),
                         "%d" % (n - 1)),
    "goto": lambda n: (MAIN % ("i := 0\nA:\n" + "i++\n" * n + "if i < %d { goto A }\nprintln(i)" %
                               (2 * n)), "%d" % (2 * n)),
    "loop_body": lambda n: (MAIN % ("x := 0\nfor i := 0; i < 3; i++ {\nif i == 1 { continue }\n" +
                                    "x += i*2 + 1\n" * n + "if i == 2 { break }\n}\nprintln(x)"),
                            "%d" % (6 * n)),
    "if_body": lambda n: (MAIN % ("x := 0; y := x == 1\nif y {\n" + "x += x*2 + 1\n" * n +
                                  "} else { x = 5 }\nprintln(x)"), "5"),
    "and_body": lambda n: (MAIN % ("x := 0; t := []bool{true}\nif x == 0 && t[0] || x == 1 {\n" +
                                   "x++\n" * n + "}\nprintln(x)"), "%d" % n),
    "defers": lambda n: (MAIN % ("x := 0\ndefer func() { println(x) }()\n" +
                                 "defer func() { x++ }()\n" * n), "%d" % n),
    "closures": lambda n: (MAIN % ("x := 0\n" + "func() { x++ }()\n" * n + "println(x)"), "%d" % n),
    "init_functions": lambda n: ("package main\nvar x int\n" + "func init() { x++ }\n" * n +
                                 "func main() { println(x) }\n", "%d" % n),
    "case_values": lambda n: (MAIN % ("x := %d\nswitch x {\ncase %s: println(1)\n}" % (
        n - 1, numbered("#", n, ", "))), "1"),
    "type_cases": lambda n: ("package main\n" + numbered("type t# int", n) +
                             "\nfunc main() { var x any = t%d(1)\nswitch x.(type) {\n" % (n - 1) +
                             numbered("case t#: println(#)", n) + "\n}\n}\n", "%d" % (n - 1)),
    "assignment": lambda n: ("package main\nvar %s int\nfunc main() { %s = %s; println(a%d) }\n" % (
        numbered("a#", n, ", "), numbered("a#", n, ", "), numbered("#", n, ", "), n - 1),
        "%d" % (n - 1)),
    "go_statements": lambda n: (MAIN % ("c := make(chan int, %d)\n" % n + "go func() { c <- 1 }()\n" * n +
                                        "s := 0\nfor i := 0; i < %d; i++ { s += <-c }\nprintln(s)" % n),
                                "%d" % n),
}
FEW, MANY = 300, 70_000
SLOW = {"methods": 5_000, "parameters": 20_000, "type_chain": 40_000, "type_cases": 10_000,
        "assignment": 10_000}  # quadratic time


@for_each(**{name: (name, make) for name, make in COUNTS.items()})
def count(box, want):
    name, make = want
    text, answer = make(FEW)
    box.write("few.csp", text)
    box.sh("csp few.csp", err=answer + "\n")
    text, answer = make(SLOW.get(name, MANY))
    box.write("x.csp", text)
    _, err = box.sh("csp x.csp", code=(0, 1), out="", megabytes=1500)
    if err != answer + "\n" and not re.match(
            r"x\.csp:\d+:\d+: (.* is too large|.*nested too deeply)\n", err):
        raise Failure("neither the answer nor a limit:\n" + err[:1000])


# ---- Types and constants ------------------------------------------------------------------------

@case
def nested_structs(box):
    box.write("x.csp", "package main\ntype T0 struct { a int }\n" + "".join(
        "type T%d struct { t T%d; p *T%d }\n" % (i, i - 1, i - 1) for i in range(1, 3001)) +
        "func main() {\n\tvar x, y T3000\n\tx.t.t.t.p = nil\n\tprintln(x.t.t.t.p == nil, x == y)\n}\n")
    box.sh("csp x.csp", err="true true\n", megabytes=500)


@case
def shared_structs(box):
    """2^60 ways lead to the innermost type."""
    types = "".join("type T%d struct { t, u T%d }\n" % (i, i - 1) for i in range(1, 60))
    box.write("x.csp", "package main\ntype T0 struct{}\n" + types +
              "func f(x T59) T59 { return x }\nfunc main() {\n\tvar x T59\n\tm := map[any]int{}\n"
              "\tm[x] = 1\n\tprintln(f(x) == x, m[T59{}])\n}\n")
    box.sh("csp x.csp", err="true 1\n", megabytes=400)
    box.write("x.csp", "package main\ntype T0 struct{ a []int }\n" + types +
              "func main() {\n\tvar x T30\n\tprintln(x == x)\n}\n")
    box.sh("csp x.csp", code=1, megabytes=400,
           err="…\nx.csp:64:10: …(struct containing T29 cannot be compared)\n…\n")
    box.write("x.csp", "package main\ntype T0 struct{ a int }\n" + types +
              "func main() {\n\tvar x *T59\n\tprintln(x)\n}\n")
    box.sh("csp x.csp", code=1, megabytes=400, err="…larger than address space\n…\n")


@case
def recursive_types(box):
    for text in ("type T struct { t T }", "type T [2]T", "type T struct { a [3]U }\ntype U struct { T }"):
        box.write("x.csp", "package main\n%s\nfunc main() { var x T; _ = x }\n" % text)
        box.sh("csp x.csp", code=1, err="x.csp:2:6: invalid recursive type T\n…\n")
    for text in ("type T T", "type T U\ntype U T", "type T interface { T }"):
        box.write("x.csp", "package main\n%s\nfunc main() { var x T; _ = x }\n" % text)
        box.sh("csp x.csp", code=1, err="x.csp:2:…\n…\n")


@for_each(
    shift="const c = 1 << 10000000", exponent="const c = 1e1000000000",
    digits="const c = " + "9" * 1_000_000, shift_back="const c = 1 << 100000 >> 99999",
    squares="const c0 = 3\n" + "".join("const c%d = c%d * c%d\n" % (i + 1, i, i) for i in range(60)),
    doubles='const c0 = "abc"\n' + "".join("const c%d = c%d + c%d\n" % (i + 1, i, i) for i in range(60)),
)
def huge_constant(box, text):
    box.write("x.csp", "package main\n%s\nfunc main() {}\n" % text)
    box.sh("csp x.csp", code=1, out="", megabytes=500, err="x.csp:…\n…\n", err_limit=5000)


@case
def huge_arrays(box):
    box.main("var p *[1<<40]int\nprintln(len(p))")
    box.sh("csp x.csp", err="1099511627776\n", megabytes=400)
    box.write("x.csp", "package main\nvar x [1<<60]int\nfunc main() { println(len(x)) }\n")
    box.sh("csp x.csp", code=1, err="…larger than address space\n…\n")
    for body in ("var x [1<<40]int\nx[5] = 1", "x := make([]int, 1<<40)\n_ = x", "n := 1<<40\nx := make([]int, n)\n_ = x",
                 "x := new([1<<40]int)\nx[1] = 1", "n := 1<<40\n_ = make(chan int, n)"):
        box.main(body)
        box.sh("csp x.csp", code=2, megabytes=400,
               err="fatal error: out of memory\n…\n\ngoroutine 1 [running]:\nmain.main()\n…x.csp:…\n")
    for body in ("n := 1<<62\n_ = make([]int, n)", "n := -1\n_ = make([]int, n)"):
        box.main(body)
        box.sh("csp x.csp", code=2, megabytes=400,
               err="panic: runtime error: makeslice: len out of range\n…\n\tx.csp:5\n")


# ---- Mutations ----------------------------------------------------------------------------------

@for_each(**{"seed_%d" % i: i for i in range(4)})
def mutations(box, seed):
    """Good programs with a few bytes or words changed: compiled, not run."""
    import glob
    import os
    import testlib
    rng = random.Random(seed)
    paths = sorted(glob.glob(os.path.join(testlib.ROOT, "tests/golden/*/*.csp")) +
                   glob.glob(os.path.join(testlib.ROOT, "examples/*.csp")))
    texts = []
    for path in paths:
        with open(path, encoding="utf-8", errors="surrogateescape") as f:
            texts.append(f.read())
    words = re.findall(r"\w+|[^\w\s]+|\s+", "".join(rng.sample(texts, 20)))
    for i in range(40):
        parts = re.findall(r"\w+|[^\w\s]|\s+", rng.choice(texts))
        for _ in range(rng.choice((1, 1, 2, 5, 20))):
            at = rng.randrange(len(parts)) if parts else 0
            how = rng.randrange(6)
            if how == 0:
                del parts[at:at + rng.choice((1, 1, 1, 10))]
            elif how == 1:
                parts.insert(at, rng.choice(words))
            elif how == 2 and parts:
                parts[at] = rng.choice(words)
            elif how == 3 and parts:
                other = rng.randrange(len(parts))
                parts[at], parts[other] = parts[other], parts[at]
            elif how == 4:
                parts.insert(at, chr(rng.choice((0, 1, 0x7F, 0xFF, 0x2028, 0x1F600, 0xFEFF))))
            else:
                parts[at:at] = parts[at:at + rng.choice((2, 20))]
        box.write("m%d.csp" % i, "".join(parts).encode("utf-8", "surrogateescape"))
    out, _ = box.sh("for f in m*.csp; do timeout 20 csp dis $f > out 2> err; c=$?; "
                    "case $c in 0|1) ;; *) echo $f: exit code $c; cat err $f; break ;; esac; done",
                    err="", seconds=box.timeout * 3)
    if out:
        raise Failure(out)
