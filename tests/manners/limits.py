"""Programs that want more than there is, and environments that are not as they should be."""

import os

from box import Failure, case, for_each

OUT_OF_MEMORY = ("fatal error: out of memory\n"
                 "csp: the heap is limited to 200 MiB; GOMEMLIMIT=SIZE or --memory SIZE, …\n…\n")
OVERFLOW = "runtime: goroutine stack exceeds 1000000000-byte limit\nfatal error: stack overflow\n…\n"


# ---- Memory -------------------------------------------------------------------------------------

GREEDY = {
    "append": "var x []int\nfor { x = append(x, 1) }",
    "strings": "s := \"x\"\nfor { s += s }",
    "string_list": "var x []string\nfor { x = append(x, fmt.Sprint(len(x))) }",
    "map": "m := map[int]int{}\nfor i := 0; ; i++ { m[i] = i }",
    "map_of_slices": "m := map[string][]int{}\nfor i := 0; ; i++ { m[fmt.Sprint(i)] = make([]int, 10) }",
    "linked_list": "type N struct { n *N; v int }\nvar l *N\nfor { l = &N{l, 1} }",
    "closures": "f := func() {}\nfor { g := f; f = func() { g() } }",
    "channels": "c := make(chan any)\nfor { d := make(chan any, 1); d <- c; c = d }",
    "builder": "var b strings.Builder\nfor { b.WriteString(\"hello\") }",
    "buffer": "var b bytes.Buffer\nfor { b.WriteString(\"hello\") }",
    "timers": "for { time.AfterFunc(time.Hour, func() {}) }",
    "defers": "for { defer func() {}() }",
    "goroutines": "c := make(chan int)\nfor i := 0; i < 10_000_000; i++ { go func() { <-c }() }\n<-c",
    "running_goroutines": "for { go func() { for { runtime.Gosched() } }() }",
    "forks": "var f func()\nf = func() { go f(); go f(); <-make(chan int) }\nf()",
    "repeat": 'println(len(strings.Repeat("x", 1<<40)))',
    "chunks": "var x [][]byte\nfor { x = append(x, make([]byte, 1<<20)) }",
}


@for_each(**GREEDY)
def endless(box, body):
    box.main(body, before='import ("bytes"; "fmt"; "runtime"; "strings"; "time")\n'
             'var _ bytes.Buffer\nvar _ = fmt.Sprint\nvar _ = runtime.GC\nvar _ strings.Builder\n'
             'var _ = time.Hour\n')
    # Goroutines that all run make the program slower and slower: a smaller limit is enough.
    limit = 40 if body == GREEDY["running_goroutines"] else 200
    _, err = box.sh("csp run --memory=%dM x.csp" % limit, code=2, out="",
                    err=OUT_OF_MEMORY.replace("200", str(limit)), megabytes=700)
    if "x.csp:" not in err and body != GREEDY["timers"]:
        raise Failure("no place is said:\n" + err[:2000])


@case
def limit_from_the_environment(box):
    box.main(GREEDY["append"])
    box.sh("csp x.csp", env={"GOMEMLIMIT": "50MiB"}, code=2,
           err="fatal error: out of memory\ncsp: the heap is limited to 50 MiB;…\n…\n", megabytes=400)
    # The option wins.
    box.sh("csp run --memory=100MiB x.csp", env={"GOMEMLIMIT": "50MiB"}, code=2,
           err="fatal error: out of memory\ncsp: the heap is limited to 100 MiB;…\n…\n", megabytes=400)


@case
def mark_stack(box):
    """libgc's own 4096 entries are too few for a million goroutines: the first collections then
    took three times as long."""
    if not box.plain:
        return
    _, err = box.sh("csp -e 'println(1)'", env={"GC_PRINT_VERBOSE_STATS": "1"})
    if "Grew mark stack to 262144 frames" not in err:
        raise Failure("the mark stack is not made bigger at the start:\n" + err[:2000])


@case
def blocked_goroutines_that_nobody_can_wake(box):
    """They are collected: a program may leak them for ever."""
    box.main("for i := 0; i < 2_000_000; i++ {\ngo func() { <-make(chan int) }()\n"
             "if i%1000 == 0 { runtime.Gosched() }\n}\nprintln(\"done\")", before='import "runtime"')
    box.sh("csp run --memory=200M x.csp", err="done\n", megabytes=700)


RECURSIVE = {
    "function": ("func f(n int) int { return f(n+1) + 1 }", "println(f(0))"),
    "closure": ("", "var f func(int) int\nf = func(n int) int { return f(n+1) + 1 }\nprintln(f(0))"),
    "method": ("type T struct{}\nfunc (t T) String() string { return str(t) }\n"
               "type S interface { String() string }\nfunc str(s S) string { return s.String() }",
               "println(T{}.String())"),
    "fmt": ("import \"fmt\"\ntype T struct{}\nfunc (t T) String() string { return fmt.Sprint(t) }",
            "fmt.Println(T{})"),
    "deferred": ("func f(n int) { defer f(n+1) }", "f(0)"),
    "goroutine": ("func f(n int) int { return f(n+1) + 1 }", "go func() { f(0) }()\nselect {}"),
    "big_frames": ("func f(a [1000]int) int { return f(a) + 1 }", "var a [1000]int\nprintln(f(a))"),
    "sort": ("import \"sort\"\nfunc f() { sort.Slice([]int{1, 2}, func(i, j int) bool { f(); return i < j }) }",
             "f()"),
}


@for_each(**RECURSIVE)
def recursion(box, want):
    before, body = want
    box.main(body, before=before)
    box.sh("csp run --memory=200M x.csp", code=2, out="", err=OUT_OF_MEMORY, megabytes=900)


@case
def recursion_to_the_stack_limit(box):
    box.main("println(f(0))", before="func f(n int) int { return f(n+1) + 1 }")
    _, err = box.sh("csp x.csp", code=2, out="", megabytes=2500,
                    err=OVERFLOW if box.plain else None)
    if "frames elided" not in err and "out of memory" not in err:
        raise Failure(err)


@case
def report_of_many_goroutines(box):
    box.main("c := make(chan int)\nfor i := 0; i < 300_000; i++ { go func() { <-c }() }\n<-c")
    _, err = box.sh("csp x.csp", code=2, megabytes=900,
                    err="fatal error: all goroutines are asleep - deadlock!\n…\n"
                    "...299901 more goroutines: 299901 [chan receive]...\n")
    box.main("c := make(chan int)\nfor i := 0; i < 300_000; i++ { go func() { <-c }() }\npanic(1)")
    box.sh("csp x.csp", code=2, megabytes=900, err="panic: 1\n…\n")
    box.main("c := make(chan int)\nfor i := 0; i < 300_000; i++ { go func() { <-c }() }\n"
             "fmt.Println(1)\ntime.Sleep(time.Hour)", before='import ("fmt"; "time")')
    box.sh("mkfifo f; env --default-signal=QUIT csp x.csp > f & p=$!; read line < f; kill -QUIT $p; wait $p", code=2,
           megabytes=900, err="SIGQUIT: quit\n…\n...… more goroutines: …\n")


DEEP = "type N struct { v any }\ntype A [2]any\n"
NEST = "var x, y any = 1, 1\nfor i := 0; i < 300_000; i++ { x = %s{x}; y = %s{y} }\n"


@for_each(
    print=(NEST % ("[]any", "[]any") + "fmt.Println(x)", "fatal error: stack overflow …\n…\n"),
    print_itself=("x := []any{nil, nil}\nx[0], x[1] = x, x\nfmt.Println(x)",
                  "fatal error: stack overflow …\n…\n"),
    print_map=("x := map[int]any{}\nx[1] = x\nfmt.Println(x)", "fatal error: stack overflow …\n…\n"),
    compare=(NEST % ("N", "N") + "fmt.Println(x == y)",
             "panic: runtime error: comparing values that nest too deeply\n…\n"),
    compare_arrays=(NEST % ("A", "A") + "fmt.Println(x == y)",
                    "panic: runtime error: comparing values that nest too deeply\n…\n"),
    key=(NEST % ("N", "N") + "m := map[any]int{}\nm[x] = 1\nfmt.Println(m[y])",
         "panic: runtime error: hash of a value that nests too deeply\n…\n"),
)
def deep_values(box, want):
    body, err = want
    box.main(body, before='import "fmt"\n' + DEEP)
    box.sh("csp x.csp", code=2, err=err, megabytes=400)


@case
def not_so_deep_values(box):
    depth = 500 if box.plain else 50  # a sanitizer makes the frames of C larger
    box.main("var x, y any = 1, 1\nfor i := 0; i < %d; i++ { x = N{A{x, x == 1}}; y = N{A{y, y == 1}} }\n"
             "m := map[any]int{x: 1}\nfmt.Println(x == y, m[y], len(fmt.Sprint(m)) > 100)" % depth,
             before='import "fmt"\n' + DEEP)
    box.sh("csp x.csp", out="true 1 true\n", err="")


# ---- What the system gives ----------------------------------------------------------------------

WORK = '''package main
import ("fmt"; "sync")
func main() {
    var wg sync.WaitGroup
    for i := 0; i < 100; i++ {
        wg.Add(1)
        go func() { defer wg.Done(); s := 0; for j := 0; j < 10000; j++ { s += j } }()
    }
    wg.Wait()
    fmt.Println("ok")
}
'''


@for_each(v10000=10_000, v30000=30_000, v100000=100_000, v300000=300_000, v500000=500_000,
          v2000000=2_000_000)
def address_space(box, kilobytes):
    if not box.plain:
        return
    box.write("x.csp", WORK)
    out, err = box.sh("ulimit -v %d; csp x.csp" % kilobytes, code=(0, 2, 127))
    if out != "ok\n" and not (err.startswith(("csp: ", "fatal error: out of memory")) or
                              "error while loading" in err or "bash" in err):
        raise Failure("neither worked nor said why:\n" + err)
    if kilobytes == 2_000_000 and out != "ok\n":
        raise Failure(err)


@for_each(n6=6, n8=8, n20=20, n64=64)
def descriptors(box, n):
    box.write("x.csp", WORK)
    out, err = box.sh("ulimit -n %d; exec csp x.csp" % n, code=(0, 2))
    if out != "ok\n" and not err.startswith("csp: "):
        raise Failure(err)
    box.main('''
    for i := 0; i < 100; i++ {
        if _, err := os.Open("x.csp"); err != nil {
            fmt.Println(err)
            return
        }
    }''', before='import ("fmt"; "os")')
    if n >= 20:
        box.sh("ulimit -n %d; csp x.csp" % n,
               out="open x.csp: too many open files\n" if n < 100 else "")


def as_nobody(box, limit, command, **more):
    """Runs a command as a user who may have few processes; skipped where we may not."""
    if os.geteuid() != 0 or not box.plain:
        return None
    # A user id that nobody else runs tests with.
    uid = 200_000 + os.getpid() % 100_000
    os.chmod(box.folder, 0o755)
    return box.sh("cp $(readlink -f $(which csp)) ./csp-copy && chmod 755 csp-copy && cd %s && "
                  "exec setpriv --reuid=%d --clear-groups bash -c 'ulimit -u %d; exec %s'" % (
                      box.folder, uid, limit, command.replace("csp ", "./csp-copy ", 1)), **more)


@for_each(u1=1, u2=2, u3=3, u4=4, u8=8)
def threads(box, n):
    box.write("x.csp", WORK)
    result = as_nobody(box, n, "csp x.csp", code=(0, 2))
    if result and result[0] != "ok\n" and not result[1].startswith("csp: cannot start a thread: "):
        raise Failure(result[1])


@case
def threads_in_the_middle(box):
    """Each goroutine that waits for a pipe needs a thread of its own."""
    box.main('''
    for i := 0; i < 60; i++ {
        go func() { os.Open("pipe") }()
    }
    time.Sleep(300 * time.Millisecond)
    fmt.Println("ok")''', before='import ("fmt"; "os"; "time")')
    box.sh("mkfifo pipe; chmod 666 pipe")
    result = as_nobody(box, 12, "csp x.csp", code=(0, 2))
    if result and result[0] != "ok\n" and not result[1].startswith("csp: cannot start a thread: "):
        raise Failure(result[1])


FEW = '''
    // A server and a client, a timer, files and what computes: threads=2 allows one M for all.
    l, err := net.Listen("tcp", "127.0.0.1:0")
    if err != nil { panic(err) }
    go func() {
        for {
            c, err := l.Accept()
            if err != nil { return }
            go func() { io.Copy(c, c); c.Close() }()
        }
    }()
    stop := make(chan bool)
    go func() {
        for {
            select {
            case <-stop: return
            default: runtime.Gosched()
            }
        }
    }()
    var wg sync.WaitGroup
    for i := 0; i < 5; i++ {
        wg.Add(1)
        go func() {
            defer wg.Done()
            c, err := net.Dial("tcp", l.Addr().String())
            if err != nil { panic(err) }
            for k := 0; k < 20; k++ {
                c.Write([]byte("hello"))
                b := make([]byte, 5)
                if _, err := io.ReadFull(c, b); err != nil || string(b) != "hello" { panic(err) }
                if k % 7 == 0 {
                    time.Sleep(time.Millisecond)
                    if _, err := os.ReadFile("x.csp"); err != nil { panic(err) }
                }
            }
            c.Close()
        }()
    }
    wg.Wait()
    close(stop)
    // Nobody computes: one M sleeps in the kernel's poller, or none does.
    c, _ := net.Dial("tcp", l.Addr().String())
    b := make([]byte, 1)
    for k := 0; k < 5; k++ {
        time.AfterFunc(2 * time.Millisecond, func() { c.Write([]byte("x")) })
        if _, err := c.Read(b); err != nil { panic(err) }
        if _, err := os.ReadFile("x.csp"); err != nil { panic(err) }
    }
    fmt.Println("ok")'''
FEW_IMPORTS = 'import ("fmt"; "io"; "net"; "os"; "runtime"; "sync"; "time")'


@for_each(**{"%s_%d" % (s.replace("=", ""), p): (s, p)
             for s in ("threads=2", "threads=3", "threads=4", "refuse=1", "refuse=2", "refuse=3")
             for p in (1, 2, 4)})
def refused_threads(box, how):
    """The kernel refuses threads when an M is wanted for a P that was handed over, while the only
    one sleeps in the poller, and so on: what there are go on with all of it."""
    switch, procs = how
    box.main(FEW, before=FEW_IMPORTS)
    box.sh("csp x.csp", env={"CSPDEBUG": switch, "GOMAXPROCS": str(procs)}, out="ok\n", err="")


@case
def no_thread_at_all(box):
    box.main('println("hello")')
    box.sh("csp x.csp", env={"CSPDEBUG": "threads=1"}, code=2,
           err="csp: cannot start a thread: Resource temporarily unavailable; is there a limit "
               "(ulimit -u)?\n")


@case
def no_thread_for_the_rest(box):
    """The only M waits in the kernel for ever, and what others could do is not done: the program
    ends, and what it had written is there."""
    box.main('''
    r, _, _ := os.Pipe()
    fmt.Println("written")
    go func() { for { runtime.Gosched() } }()
    os.NewFile(r.Fd(), "pipe").Read(make([]byte, 1))''', before='import ("fmt"; "os"; "runtime")')
    box.sh("csp x.csp", env={"CSPDEBUG": "threads=2", "GOMAXPROCS": "2"}, code=2, out="written\n",
           err="csp: cannot start a thread: Resource temporarily unavailable (there is 1, and it "
               "waits in the system); is there a limit (ulimit -u)?\n")


@case
def deadlock_beside_a_refused_thread(box):
    """Whoever took back a wake-up for which there was no thread did not look whether nothing was
    left: a deadlock in that moment was never reported."""
    box.main('''
    c := make(chan int, 100)
    for i := 0; i < 100; i++ {
        go func() { c <- 1 }()
        os.ReadFile("x.csp")
    }
    for { <-c }''', before='import "os"')
    for _ in range(20):
        box.sh("csp x.csp", env={"CSPDEBUG": "refuse=1,delay=20", "GOMAXPROCS": "4"}, code=2,
               err="fatal error: all goroutines are asleep - deadlock!\n…\n")


# ---- The environment ----------------------------------------------------------------------------

@for_each(**{"v%d" % i: v for i, v in enumerate(
    ("abc", "0", "-5", "100000", "99999999999999999999", "", " 2", "2x", "1"))})
def gomaxprocs(box, value):
    box.write("x.csp", WORK)
    box.sh("csp x.csp", env={"GOMAXPROCS": value}, out="ok\n", err="")


@for_each(off="off", garbage="garbage", zero="0", minus="-1", one="1", huge="99999999999999")
def gogc(box, value):
    box.write("x.csp", WORK)
    box.sh("csp x.csp", env={"GOGC": value}, out="ok\n", err="")


@case
def gomemlimit(box):
    box.write("x.csp", WORK)
    for value in ("garbage", "-1", "10XB", "1.5GiB", "99999999999999999999"):
        box.sh("csp x.csp", env={"GOMEMLIMIT": value}, code=2,
               err="csp: GOMEMLIMIT=%s is not a size, like 512MiB\n" % value)
    for value in ("off", "0", "", "64MiB", "999999TiB"):
        box.sh("csp x.csp", env={"GOMEMLIMIT": value}, out="ok\n", err="")
    for value in ("1", "1KiB"):
        box.sh("csp x.csp", env={"GOMEMLIMIT": value}, code=2, err="fatal error: out of memory\n…\n")


@case
def cspdebug(box):
    box.write("x.csp", WORK)
    box.sh("csp x.csp", env={"CSPDEBUG": "nonsense"}, code=64,
           err='csp: CSPDEBUG has no switch "nonsense"; there are:\n…\n')
    box.sh("csp x.csp", env={"CSPDEBUG": "gc=abc"}, code=64,
           err='csp: CSPDEBUG: gc needs a number, not "abc"\n')
    box.sh("csp x.csp", env={"CSPDEBUG": "," * 100_000}, out="ok\n")
    box.sh("csp x.csp", env={"CSPDEBUG": "x" * 100_000}, code=64, err_limit=200_000)


@case
def no_environment(box):
    if not box.plain:  # a sanitizer has its options there
        return
    box.write("x.csp", WORK)
    box.sh("env -i $(which csp) x.csp", out="ok\n", err="")


@case
def folder_that_is_gone(box):
    box.sh("mkdir d; cd d; rmdir ../d; csp -e 'fmt.Println(1)'", out="1\n", err="")
