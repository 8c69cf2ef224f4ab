"""Output and input: when it is flushed, what happens when nobody takes it, and closed descriptors."""

from box import case, for_each

PRINT = 'package main\nimport "fmt"\nfunc main() { fmt.Println("out"); println("err") }\n'
MUCH = 'package main\nimport "fmt"\nfunc main() { for i := 0; i < 300000; i++ { fmt.Println(i) } }\n'
ENDLESS = 'package main\nimport "fmt"\nfunc main() { for i := 0; ; i++ { fmt.Println(i) } }\n'
FULL = "csp: cannot write standard output: No space left on device\n"


# ---- Flushing -----------------------------------------------------------------------------------

@for_each(
    end_of_main=("", 0),
    exit=("os.Exit(3)", 3),
    panic=("panic(1)", 2),
    panic_elsewhere=("go func() { panic(1) }(); time.Sleep(time.Hour)", 2),
    deadlock=("select {}", 2),
    nil_map=("var m map[int]int; m[1] = 1", 2),
    goexit=("runtime.Goexit()", 2),
    out_of_memory=("_ = make([]byte, 1<<46)", 2),
    recursion=("var f func(int) int; f = func(n int) int { return f(n+1) + 1 }; f(0)", 2),
)
def flushed_at_the_end(box, want):
    body, code = want
    box.sh("csp run --memory=100M -e 'fmt.Print(\"x\"); fmt.Print(\"y\"); %s'" % body, code=code, out="xy")


@case
def order_of_output_and_errors(box):
    box.main('for i := 0; i < 3; i++ { fmt.Println("out", i); println("err", i) }', before='import "fmt"')
    box.sh("csp x.csp 2>&1", out="".join("out %d\nerr %d\n" % (i, i) for i in range(3)))
    box.main('for i := 0; i < 3; i++ { fmt.Println("out", i); fmt.Fprintln(os.Stderr, "err", i) }\npanic(1)',
             before='import ("fmt"; "os")')
    box.sh("csp x.csp 2>&1", code=2,
           out="".join("out %d\nerr %d\n" % (i, i) for i in range(3)) + "panic: 1\n…\n")


@case
def prompt_before_reading(box):
    """What is printed is seen before the program waits for its input."""
    box.main('''
        in := bufio.NewScanner(os.Stdin)
        fmt.Print("name? ")
        in.Scan()
        fmt.Print("hello ", in.Text(), "\\nage? ")
        in.Scan()
        fmt.Println("so", in.Text())''', before='import ("bufio"; "fmt"; "os")')
    box.sh("csp x.csp", stdin="Ann\n7\n", out="name? hello Ann\nage? so 7\n")
    # Nobody writes to the program before it has asked.
    box.sh("mkfifo in out; csp x.csp < in > out & exec 3> in 4< out; read -N 6 -u 4 a; echo \"[$a]\"; "
           "echo Ann >&3; read -u 4 b; read -N 5 -u 4 c; echo \"[$b][$c]\"; echo 7 >&3; cat <&4",
           out="[name? ][hello Ann][age? ]\nso 7\n".replace("][hello", "]\n[hello"))


@for_each(sleeping="time.Sleep(time.Hour)", computing="for {}", blocked="<-time.After(time.Hour)")
def seen_while_it_runs(box, body):
    box.main('fmt.Println("now")\n' + body, before='import ("fmt"; "time")\nvar _ = time.Hour')
    box.sh("mkfifo f; csp x.csp > f & p=$!; read line < f; echo $line; kill -9 $p", out="now\n")


# ---- A reader that goes away --------------------------------------------------------------------

@for_each(endless=ENDLESS, much=MUCH, goroutines='''package main
import "fmt"
func main() {
    for i := 0; i < 10; i++ { go func() { for { fmt.Println(i) } }() }
    select {}
}
''', direct='package main\nimport "os"\nfunc main() { for { os.Stdout.WriteString("x\\n") } }\n',
          buffered='package main\nimport ("bufio"; "os")\nfunc main() { w := bufio.NewWriter(os.Stdout); for { w.WriteString("x\\n") } }\n')
def head(box, text):
    box.write("x.csp", text)
    box.sh("csp x.csp | head -1 > line; echo ${PIPESTATUS[0]}; wc -l < line", out="141\n1\n", err="")


@for_each(println="for { println(1) }", stderr="for { os.Stderr.WriteString(\"x\\n\") }")
def error_output_without_reader(box, body):
    box.main(body, before='import "os"\nvar _ = os.Args')
    box.sh("csp x.csp 2>&1 | head -1 > line; echo ${PIPESTATUS[0]}; wc -l < line", out="141\n1\n")


# ---- Closed descriptors, full disks -------------------------------------------------------------

@for_each(
    stdin=("<&-", "out\n", "err\n"),
    stdout=(">&-", "", "err\n"),
    stderr=("2>&-", "out\n", ""),
    both=(">&- 2>&-", "", ""),
    all=("<&- >&- 2>&-", "", ""),
)
def closed(box, want):
    redirect, out, err = want
    box.write("x.csp", PRINT)
    box.sh("csp run x.csp " + redirect, out=out, err=err)
    box.sh("csp x.csp " + redirect, out=out, err=err, env={"GOMAXPROCS": "4"})
    # The first file that a program opens is not taken for a standard descriptor.
    box.main('f, err := os.Create("file")\nfmt.Println("lost", err)\nprintln("lost")\nf.WriteString("kept")\nf.Close()',
             name="f.csp", before='import ("fmt"; "os")')
    box.sh("csp f.csp %s; echo; cat file" % redirect, out="…\nkept")


@case
def closed_input_reads_as_empty(box):
    box.main('b, err := io.ReadAll(os.Stdin)\nfmt.Println(len(b), err)', before='import ("fmt"; "io"; "os")')
    box.sh("csp x.csp <&-", out="0 <nil>\n")
    box.sh("csp x.csp < /dev/null", out="0 <nil>\n")


@case
def input_that_is_a_folder(box):
    box.main('_, err := io.ReadAll(os.Stdin)\nfmt.Println(err)', before='import ("fmt"; "io"; "os")')
    box.sh("csp x.csp < .", out="read /dev/stdin: is a directory\n")


@case
def full_disk(box):
    box.write("x.csp", 'package main\nimport "fmt"\nfunc main() { fmt.Println("out") }\n')
    box.write("much.csp", MUCH)
    box.sh("csp x.csp > /dev/full", code=2, err=FULL)
    box.sh("csp much.csp > /dev/full", code=2, err=FULL)
    box.sh("csp -e 'fmt.Println(1); os.Exit(5)' > /dev/full", code=2, err=FULL)
    box.sh("csp help > /dev/full", code=2, err=FULL)
    box.sh("csp dis x.csp > /dev/full", code=2, err=FULL)
    box.sh("echo 1+1 | csp > /dev/full", code=2, err=FULL)
    box.sh("csp x.csp 2> /dev/full", out="out\n")
    box.sh("csp -e 'println(1)' 2> /dev/full")
    box.sh("csp -e 'panic(1)' 2> /dev/full", code=2)


@case
def file_size_limit(box):
    box.write("much.csp", MUCH)
    box.sh("ulimit -f 100; csp much.csp > file", code=(2, 153))


@case
def slow_reader(box):
    """Nothing is lost, and nothing is kept in memory without end, when nobody reads."""
    box.write("x.csp", ENDLESS)
    box.sh("csp x.csp | (sleep 1; head -3)", out="0\n1\n2\n", megabytes=400)
    box.write("much.csp", MUCH)
    box.sh("csp much.csp | (sleep 0.2; tail -1)", out="299999\n")


@case
def nonblocking_output(box):
    box.write("much.csp", MUCH)
    box.write("nb.py", "import os,sys,subprocess,time\nr,w=os.pipe()\nos.set_blocking(w,False)\n"
              "p=subprocess.Popen(['csp','much.csp'],stdout=w)\nos.close(w)\ntime.sleep(0.3)\n"
              "n=0\nwhile True:\n    b=os.read(r,65536)\n    if not b: break\n    n+=b.count(b'\\n')\n"
              "print(n,p.wait())\n")
    box.sh("python3 nb.py", out="300000 0\n")


# ---- Traces -------------------------------------------------------------------------------------

FAILS = """
    c := make(chan int)
    go func() { <-c }()
    for i := 0; i < 10; i++ {
        runtime.Gosched()
    }
    """
OTHER = "\ngoroutine 2 […]:\nmain.main.func1()\n\tx.csp:6\n…"


@for_each(
    default=(None, "\ngoroutine 1 [running]:\nmain.main()\n\tx.csp:10\n", 2),
    none=("none", "", 2),
    number_0=("0", "", 2),
    single=("single", "\ngoroutine 1 [running]:\nmain.main()\n\tx.csp:10\n", 2),
    all=("all", "\ngoroutine 1 [running]:\nmain.main()\n\tx.csp:10\n" + OTHER, 2),
    number_1=("1", "\ngoroutine 1 [running]:\nmain.main()\n\tx.csp:10\n" + OTHER, 2),
    system=("system", "\ngoroutine 1 [running]:\nmain.main()\n\tx.csp:10\n" + OTHER, 2),
    crash=("crash", "\ngoroutine 1 [running]:\nmain.main()\n\tx.csp:10\n" + OTHER, (134, -6)),
)
def gotraceback(box, want):
    value, traces, code = want
    box.main(FAILS + 'panic("x")', before='import "runtime"')
    box.sh("ulimit -c 0; exec csp x.csp", code=code, err="panic: x\n" + traces,
           env={"GOTRACEBACK": value} if value else {})


@for_each(all=("", True), none=("none", False))
def fatal_error_shows_the_others(box, want):
    """A panic concerns one goroutine; what the runtime does not survive may come from any."""
    value, shown = want
    box.main(FAILS + "var m sync.Mutex; m.Unlock()", before='import ("runtime"; "sync")')
    box.sh("csp x.csp", code=2, env={"GOTRACEBACK": value},
           err="fatal error: sync: unlock of unlocked mutex\n" +
           ("\ngoroutine 1 [running]:\nsync.(*Mutex).Unlock(...)\n…\nmain.main()\n\tx.csp:10\n" + OTHER
            if shown else ""))


@case
def deadlock_without_traces(box):
    box.sh("csp -e 'select {}' 2>&1 | grep -c ^goroutine", out="1\n")
    box.sh("GOTRACEBACK=none csp -e 'select {}' 2>&1 | grep -c ^goroutine", out="0\n", code=1)
