"""The command line: what csp is told, and how it answers."""

import re

from box import case, for_each

HI = "package main\nimport \"fmt\"\nfunc main() { fmt.Println(\"hi\") }\n"
ARGS = "package main\nimport (\n\"fmt\"\n\"os\"\n)\nfunc main() { fmt.Println(os.Args[1:]) }\n"
TRY = "Try csp --help.\n"


# ---- Exit codes: a test for each line of the table ----------------------------------------------

@for_each(
    main_returned=("fmt.Println(1)", 0, "1\n", ""),
    compile_error=("x := 1 +", 1, "", "-e:1:…\n…\n"),
    unknown_name=("foo()", 1, "", "-e:1:1: undefined: foo\n…\n"),
    panic=('panic("oh")', 2, "", "panic: oh\n…\n"),
    run_time_error=("var a []int; a[5] = 1", 2, "",
                    "panic: runtime error: index out of range [5] with length 0\n…\n"),
    deadlock=("<-make(chan int)", 2, "",
              "fatal error: all goroutines are asleep - deadlock!\n…\n"),
    out_of_memory=("_ = make([]byte, 1<<46)", 2, "", "…\n"),
    exit_0=("os.Exit(0)", 0, "", ""),
    exit_1=("os.Exit(1)", 1, "", ""),
    exit_77=("fmt.Println(1); os.Exit(77)", 77, "1\n", ""),
    exit_256=("os.Exit(256)", 0, "", ""),
    terminated=('p := os.Getpid(); fmt.Println("x"); exec(p)', 1, "", "…\n"),
)
def exit_code(box, want):
    code, status, out, err = want
    box.sh("csp -e '%s'" % code, code=status, out=out, err=err)


@for_each(INT=130, TERM=143, HUP=129)
def ended_by_signal(box, code):
    box.main('fmt.Println("ready")\ntime.Sleep(time.Hour)', before='import ("fmt"; "time")')
    name = {130: "INT", 143: "TERM", 129: "HUP"}[code]
    # The output is there before the signal comes: it is flushed while all goroutines sleep.
    box.sh("mkfifo f; env --default-signal=INT csp x.csp > f & p=$!; read line < f; echo $line; "
           "kill -%s $p; wait $p" % name, code=code, out="ready\n")


@case
def bad_usage(box):
    box.sh("csp run", code=64, err="csp: run needs a file, -e CODE, or - for standard input\n" + TRY)
    box.sh("csp dis", code=64, err="csp: dis needs a file or -e CODE\n" + TRY)
    box.sh("csp -e", code=64, err="csp: -e needs a value: CODE\n" + TRY)
    box.sh("csp --", code=64, err="csp: run needs a file…\n" + TRY)


@case
def unknown_command(box):
    box.write("x.csp", HI)
    box.sh("csp rnu x.csp", code=64, err="csp: unknown command rnu; did you mean run?\n" + TRY)
    box.sh("csp hlep", code=64, err="csp: unknown command hlep; did you mean help?\n" + TRY)
    box.sh("csp frobnicate", code=64, err="csp: no command and no file is named frobnicate\n" + TRY)
    box.sh("csp ''", code=64, err="csp: no command and no file is named \"\"\n" + TRY)


@case
def unknown_option(box):
    box.write("x.csp", HI)
    box.sh("csp run --memroy=1G x.csp", code=64,
           err="csp: unknown option --memroy=1G; did you mean --memory?\n" + TRY)
    box.sh("csp -x", code=64, err="csp: unknown option -x\n" + TRY)
    box.sh("csp run --all x.csp", code=64,
           err="csp: --all is an option of csp dis, not of csp run\n" + TRY)
    box.sh("csp run --brief=1 x.csp", code=64, err="csp: --brief takes no value\n" + TRY)
    box.sh("csp run --memory", code=64, err="csp: --memory needs a value: SIZE\n" + TRY)
    box.sh("csp run --memory many x.csp", code=64, err="csp: --memory takes a size …, not many\n" + TRY)
    box.sh("csp run --gogc=0 x.csp", code=64, err="csp: --gogc takes a percentage …, not 0\n" + TRY)
    box.sh("csp run --max-errors=-1 x.csp", code=64, err="csp: --max-errors …, not -1\n" + TRY)
    box.sh("csp run --loopvar=odd x.csp", code=64, err="csp: --loopvar takes …, not odd\n" + TRY)


@case
def dis_shows_variables_and_jumps(box):
    out, _ = box.sh("csp dis -e 'for i := 0; i < 3; i++ { p := &i; println(*p) }'", err="")
    assert re.search(r"  ; \d+ to \d+: r\d+ is \*i int\n", out), out
    assert re.search(r"  ; \d+ to \d+: r\d+ is p \*int\n", out), out
    for target in re.findall(r"-> (\d+)\n", out):
        assert re.search(r"^ > +%s  " % target, out, re.M), out


@case
def help(box):
    out, _ = box.sh("csp help", err="")
    for command in ("run", "repl", "dis", "help"):
        assert "\n  %s " % command in out
        box.sh("csp help " + command, out="csp %s …\n\n…\n" % command, err="")
    box.sh("csp --help", out=out)
    box.sh("csp -h", out=out)
    box.sh("csp run --help", out="csp run …\n…\n")
    box.sh("csp dis -h", out="csp dis …\n…\n")
    box.sh("csp help nothing", code=64, out="", err="csp: no help on nothing;…\n" + TRY)
    box.sh("csp help debug", out="…\n")
    box.sh("csp --version", out="csp …\n")


@case
def manual_and_completion(box):
    box.sh("csp help man", out=".TH CSP 1 …\n…\n")
    box.sh("csp help bash > c && bash -c '. ./c; COMP_WORDS=(csp run --mem); COMP_CWORD=2; _csp; "
           "echo ${COMPREPLY[*]}; COMP_WORDS=(csp r); COMP_CWORD=1; _csp; echo ${COMPREPLY[*]}'",
           out="--memory\nrun repl\n")


# ---- What is run --------------------------------------------------------------------------------

@case
def arguments(box):
    box.write("a.csp", ARGS)
    box.sh("csp a.csp 1 -e --help x", out="[1 -e --help x]\n")
    box.sh("csp run a.csp -- 1 2", out="[1 2]\n")
    box.sh("csp run a.csp -- b.csp", out="[b.csp]\n")
    box.sh("csp -- a.csp b", out="[b]\n")
    box.sh("csp - 1 2 < a.csp", out="[1 2]\n")
    box.sh("csp -e 'fmt.Println(os.Args)' -- 1 --brief", out="[-e 1 --brief]\n")
    box.sh("csp -e 'fmt.Println(os.Args)' 1 2", out="[-e 1 2]\n")
    box.sh("csp a.csp ''", out="[]\n")


@case
def a_script_of_any_name(box):
    box.write("tool", "#!/usr/bin/env csp\nfmt.Println(\"tool\", os.Args[1:])\n")
    box.sh("csp ./tool a", out="tool [a]\n")
    box.sh("chmod +x tool; ./tool a b.csp", out="tool [a b.csp]\n")


@case
def a_file_named_like_a_command(box):
    box.write("help", "fmt.Println(\"the file\")\n")
    box.sh("csp ./help", out="the file\n")
    box.sh("csp run help", out="the file\n")
    box.sh("csp help", out="csp runs …\n…\n")


@case
def a_file_that_begins_with_a_dash(box):
    box.write("-x.csp", HI)
    box.sh("csp run -- -x.csp", out="hi\n")
    box.sh("csp ./-x.csp", out="hi\n")


@case
def empty_programs(box):
    for name, text in (("empty.csp", ""), ("comment.csp", "// nothing\n/* here */\n"),
                       ("shebang.csp", "#!/usr/bin/env csp"), ("bom.csp", "\ufeff")):
        box.write(name, text)
        box.sh("csp " + name, out="", err="")
    box.sh("csp -e ''", out="", err="")
    box.sh("csp - < /dev/null", out="", err="")
    box.write("clause.csp", "package main\n")
    box.sh("csp clause.csp", code=1, out="", err="…function main is undeclared in the main package\n…\n")


@case
def prompt_without_terminal(box):
    box.sh("csp", stdin="x := 20\nx + 1\n", out="int = 21\n", err="")
    box.sh("csp < /dev/null", out="", err="")


# ---- Several files ------------------------------------------------------------------------------

def two_files(box, ext="csp"):
    box.write("p/a." + ext, "package main\nfunc main() { f() }\n")
    box.write("p/b." + ext, "package main\nimport \"fmt\"\nfunc f() { fmt.Println(\"f\") }\n")
    box.write("p/b_test." + ext, "package main\nfunc f() {}\n")
    box.write("p/_old." + ext, "package main\nfunc f() {}\n")
    box.write("p/.hidden." + ext, "package main\nfunc f() {}\n")
    box.write("p/notes.txt", "not a program")


@case
def several_files(box):
    two_files(box)
    box.sh("csp run p/a.csp p/b.csp", out="f\n")
    box.sh("csp p/a.csp p/b.csp x", out="f\n")
    box.sh("csp p/a.csp", code=1, err="p/a.csp:2:15: undefined: f\n…\n")


@case
def imports_are_of_one_file(box):
    """What one file imports no file of the package may declare, and no other one sees."""
    box.write("p/a.csp", 'package main\n\nimport "fmt"\nimport . "strings"\n\n'
              'func main() { fmt.Println(ToUpper("x")) }\n')
    box.write("p/b.csp", "package main\n\nvar fmt = 1\n\nfunc ToUpper() {}\n")
    box.write("p/c.csp", 'package main\n\nvar x = fmt.Sprint(ToLower("X"))\n')
    box.sh("csp run --brief p", code=1,
           err='p/b.csp:3:5: fmt already declared through import of package fmt ("fmt")\n'
           "p/b.csp:5:6: ToUpper already declared through dot-import of package strings "
           '("strings")\n'
           "p/c.csp:3:13: fmt.Sprint undefined (type int has no field or method Sprint)\n"
           "p/c.csp:3:20: undefined: ToLower\n")


@for_each(csp="csp", go="go")
def folder(box, ext):
    two_files(box, ext)
    box.sh("csp run p", out="f\n")
    box.sh("csp run p/ x y", out="f\n")
    box.sh("csp p", out="f\n")
    box.sh("cd p && csp run .", out="f\n")
    box.sh("csp dis p", out="…\n", err="")


@case
def folder_prefers_csp(box):
    two_files(box)
    box.write("p/other.go", "package main\nfunc main() {}\n")
    box.sh("csp run p", out="f\n")


@case
def errors_in_several_files(box):
    box.write("p/a.csp", "package main\nfunc main() { f() }\n")
    box.write("p/b.csp", "package main\nfunc f() { g() }\nfunc main() {}\n")
    _, err = box.sh("csp run p", code=1)
    assert "p/b.csp:2:12: undefined: g" in err and "p/b.csp:3:6: main redeclared" in err, err


@case
def folder_of_programs(box):
    box.write("many/a.csp", HI)
    box.write("many/b.csp", HI)
    box.sh("csp many", code=1, err="""many/b.csp:3:6: main redeclared in this block
…
  hint: if these files are programs of their own, name one of them
…""")
    box.write("many/c.csp", "println(1)\n")
    want = """each of these 3 files is a program of its own
  hint: name one of them: many/a.csp
…"""
    box.sh("csp many", code=1, err=want)
    box.sh("csp vet many", code=1, err=want)


@case
def one_letter_is_no_misspelling(box):
    box.sh("csp -e 'ch := 1; println(h, ch)'", code=1, err="""-e:1:18: undefined: h
   1 | ch := 1; println(h, ch)
     |                  ^
more: csp explain undefined
""")


@case
def leaving_the_prompt(box):
    box.sh("printf 'quit()\\nexit()\\n' | csp", err="""entry#1:1:1: undefined: quit
   1 | quit()
     | ^~~~
  hint: exit alone, or Ctrl-D, leaves the prompt
entry#2:1:1: undefined: exit
…""")


WAITS = ("deadlock: this entry waits, and no goroutine can wake it; it goes on waiting, "
         "a later entry may help\n")


@case
def a_wait_at_the_prompt(box):
    box.sh("printf 'ch := make(chan int)\\nch <- 1\\n<-ch\\n' | csp", out="int = 1\n",
           err=WAITS + "\twaits to send on ch, channel #1 (chan int), made at entry#1:1\n")
    box.sh("printf 'var mu sync.Mutex\\nmu.Lock(); mu.Lock()\\n' | csp",
           err=WAITS + "\twaits to lock mu, a sync.Mutex that it has locked itself at entry#2:1\n")


# Feeds the lines of the file `entries` to the prompt and interrupts each that prints "go".
INTERRUPTS = """mkfifo in; csp < in 2> err & p=$!; exec 3> in; n=0; m=0
while IFS= read -r line; do
    printf '%s\\n' "$line" >&3
    case "$line" in *'println("go")'*)
        n=$((n + 1)); until [ $(grep -c ^go err) = $n ]; do sleep 0.01; done
        kill -INT $p; until [ $(grep -c ^interrupted err) = $n ]; do sleep 0.01; done;;
    *'<-make(chan int)'*)
        m=$((m + 1)); until [ $(grep -c ^deadlock err) = $m ]; do sleep 0.01; done;;
    esac
done < entries
exec 3>&-; wait $p; cat err >&2"""


@for_each(preempt="preempt=1", one="", delay="delay=50")
def a_wait_before_the_prompt_waits(box, switches):
    """The entry parked before the P of the prompt's own wait was idle, and nobody looked again."""
    box.sh("printf 'ch := make(chan int)\\nch <- 1\\n' | csp", env={"CSPDEBUG": switches},
           err=WAITS + "\twaits to send on ch, channel #1 (chan int), made at entry#1:1\n")


@for_each(sleep="time.Sleep(time.Hour)",
          receive="<-time.After(time.Hour)",
          select="select { case <-time.After(time.Hour): case <-make(chan int): }",
          accept="l.Accept()",
          read="c, _ := net.Dial(\"tcp\", l.Addr().String()); c.Read(make([]byte, 1))",
          compute="for { }")
def interrupted_at_the_prompt(box, what):
    """What an interrupted entry waited for must not keep a later one from being told that it waits
    for ever: its sleep, its timer and its read end with it."""
    box.write("entries", "l, _ := net.Listen(\"tcp\", \"127.0.0.1:0\")\n"
              "func() { defer println(\"end\"); println(\"go\"); %s }()\n<-make(chan int)\n" % what)
    box.sh(INTERRUPTS, err="go\n\ninterrupted; goroutines that it started go on\nend\n" + WAITS +
           "\twaits to receive from channel #… (chan int), made at entry#3:1\n")


@case
def interrupted_and_received_later(box):
    """A timer that somebody else has goes on, and what an interrupted entry would have received
    is there for the next."""
    box.write("entries", "t := time.NewTimer(time.Hour)\nc := make(chan int)\n"
              "println(\"go\"); <-t.C\nprintln(\"go\"); println(<-c)\n"
              "go func() { c <- 5 }()\n<-c\nt.Stop()\n")
    box.sh(INTERRUPTS, out="int = 5\nbool = true\n")


LEFT = """
    jobs, results, done := make(chan int), make(chan int), make(chan bool)
    go func() { for j := range jobs { results <- j } }()
    jobs <- 1
    // These end: main has closed what they wait for, and some are woken by others only.
    var wg sync.WaitGroup
    for i := 0; i < 100; i++ {
        wg.Add(1)
        go func() { defer wg.Done(); <-done }()
    }
    all := make(chan bool)
    go func() { wg.Wait(); all <- true }()
    go func() { <-all }()
    go time.Sleep(time.Hour)
    fmt.Println("main ends")
    close(done)"""
LEFT_IMPORTS = 'import ("fmt"; "sync"; "time")'
LEFT_REPORT = """csp: main has returned, and 1 goroutine still waits:

goroutine … [chan send]:
main.main.func1()
	x.csp:6
created by main.main
	x.csp:6
	waits to send on results, channel #1 (chan int), made at x.csp:5
	started by goroutine 1 at x.csp:6

csp: main did not wait for 1 goroutine still at work: 1 [sleep]

more: csp explain goroutine-left
"""


@for_each(p1="GOMAXPROCS=1 csp run", p4="GOMAXPROCS=4 csp run", seed="csp run --seed 3",
          stress="CSPDEBUG=gcstress=10,preempt=1 csp run")
def leaks_are_told(box, run):
    box.main(LEFT, before=LEFT_IMPORTS)
    box.sh("%s --leaks x.csp" % run, out="main ends\n", err=LEFT_REPORT)
    box.sh("%s --leaks=error x.csp" % run, out="main ends\n", err=LEFT_REPORT, code=67)
    box.sh("%s x.csp" % run, out="main ends\n", err="")


@case
def leaks_that_nobody_can_wake(box):
    """The collector would have taken them."""
    box.main("for i := 0; i < 150; i++ { go func() { <-make(chan int) }() }\n"
             "runtime.Gosched(); runtime.GC(); runtime.Gosched(); runtime.GC()", before='import "runtime"')
    box.sh("csp run --leaks=error x.csp", code=67,
           err="csp: main has returned, and 150 goroutines still wait:\n\n…\n"
               "...50 more goroutines: 50 [chan receive]...\n\nmore: csp explain goroutine-left\n")


@case
def leaks_are_none(box):
    box.main("c := make(chan int); go func() { c <- 1 }(); <-c")
    box.sh("csp run --leaks=error x.csp", out="", err="")
    # Other ends than main's return.
    box.main("go func() { select {} }(); runtime.Gosched(); os.Exit(3)",
             before='import ("os"; "runtime")')
    box.sh("csp run --leaks=error x.csp", code=3, err="")
    box.main("go func() { select {} }(); runtime.Gosched(); panic(1)", before='import "runtime"')
    box.sh("csp run --leaks=error x.csp", code=2, err="panic: 1\n…\n")
    box.main("go func() { for { runtime.Gosched() } }()", before='import "runtime"')
    box.sh("csp run --leaks=error x.csp",
           err="csp: main did not wait for 1 goroutine still at work: 1 [run…]\n")
    box.sh("csp run --leaks=maybe x.csp", code=64,
           err="csp: --leaks takes nothing or error, not maybe\nTry csp --help.\n")


# ---- Files that cannot be read ------------------------------------------------------------------

@case
def unreadable(box):
    box.write("secret.csp", HI)
    box.write("empty/notes.txt", "x")
    box.write("tests/a_test.go", "package main\n")
    box.sh("csp run nothing.csp", code=1,
           err="csp: cannot read nothing.csp: No such file or directory\n")
    box.sh("csp run ./secret", code=1, err="csp: cannot read ./secret: No such file or directory\n"
                                           "  hint: did you mean ./secret.csp?\n")
    box.sh("csp run empty", code=1,
           err="csp: cannot read empty: no .csp and no .go files are in this folder\n")
    box.sh("csp run tests", code=1, err="csp: cannot read tests: no .csp…\n")
    box.sh("csp run secret.csp/x", code=1, err="csp: cannot read secret.csp/x: Not a directory\n")
    box.sh("csp run secret.csp nothing.csp", code=1, err="csp: cannot read nothing.csp: …\n")
    box.sh("ln -s l l; csp run l", code=1, err="csp: cannot read l: Too many levels…\n")
    box.sh("csp run secret.csp .", out="hi\n")
    box.sh("csp - <&-", out="")
    box.sh("csp - < empty", code=1, err="csp: cannot read standard input: Is a directory\n")
    # The superuser may read everything.
    box.sh("chmod 0 secret.csp; if [ $(id -u) = 0 ]; then echo skip >&2; exit 1; fi; csp run secret.csp",
           code=1, err="…\n")


@case
def not_text(box):
    box.sh("csp run .bin/csp", code=1, err="csp: cannot read .bin/csp: it is not text\n")
    box.sh("head -c 100000 /dev/zero > z; csp z", code=1, err="csp: cannot read z: it is not text\n")
    box.sh("csp run /dev/zero", code=1, megabytes=3000, err="csp: cannot read /dev/zero: it is larger …\n")


@for_each(run="run", vet="vet", dis="dis")
def how_errors_are_shown(box, command):
    """The same options, with the same meaning, for every command that reads programs."""
    box.write("x.csp", "package main\n\nfunc main() {\n\ta()\n\tb()\n\tc()\n}\n")
    box.sh("csp %s --brief x.csp" % command, code=1,
           err="x.csp:4:2: undefined: a\nx.csp:5:2: undefined: b\nx.csp:6:2: undefined: c\n")
    box.sh("csp %s --brief --max-errors=1 x.csp" % command, code=1,
           err="x.csp:4:2: undefined: a\ntoo many errors\n")
    box.sh("csp %s --brief --json --max-errors=2 x.csp | wc -l; "
           "csp %s --brief --json --max-errors=2 x.csp 2>&1 | tail -n 1" % (command, command),
           out='0\n{"severity":"note","message":"too many errors","more":1}\n', err="…\n")
    box.sh("csp %s --json --max-errors=0 x.csp 2>&1 | grep -c '\"severity\":\"error\"'" % command,
           out="3\n")
    # Colour is for terminals, unless NO_COLOR is set to something.
    box.sh("NO_COLOR= TERM=xterm script -qec 'csp %s --brief x.csp' log > out1; grep -c $'\\033' out1" % command, out="3\n")
    box.sh("TERM=xterm NO_COLOR=1 script -qec 'csp %s --brief x.csp' log > out2; grep -c $'\\033' out2" % command,
           code=1, out="0\n")
