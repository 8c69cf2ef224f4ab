"""What the runners of programs share: reading a test program's head, running it with a limit
of time, comparing what came out, and saying so.

A test program is a .csp file whose first line (after a #! line) says what must happen:

    // run          ends with 0 and prints NAME.out
    // exit N       the same with exit code N
    // panic        ends with 2; standard error has each line of NAME.err
    // deadlock     the same
    // error        does not compile: each `// ERROR "substring"` is matched by a diagnostic on
                    its line, and no other line has one
    // vet          compiles, and `csp vet` warns of each line with `// WARN "substring"` and of no
                    other; it is not run

and whose next lines may give options, `// name: value`:

    args: a b          arguments                 stdin: text     standard input (\\n for a line end)
    flags: --seed 1    flags for csp run         env: A=1 B=2    environment
    csp-only: why      not legal Go, or Go 1.19 differs          timeout: seconds

In NAME.err, `…` stands for any text within a line; lines may come in any order. Where it exists,
NAME.err is looked at in every mode.
"""

import concurrent.futures
import difflib
import os
import re
import resource
import shlex
import signal
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
EXIT_CODES = {"run": 0, "panic": 2, "deadlock": 2, "error": 1, "vet": 0}
OPTIONS = ("args", "stdin", "flags", "csp-only", "env", "timeout")
TEST_PATHS = ("tests/golden", "examples", "docs/language.md", "examples/README.md")
MAX_OUTPUT_BYTES = 64 << 20
EXCERPT_LINES = 24

# Names that would change what a program does; a test names those it wants.
CLEARED = ("CSPDEBUG", "GOMAXPROCS", "GOGC", "GOMEMLIMIT", "GOTRACEBACK", "GODEBUG")

# For builds with a sanitizer. What a process holds at its end is no leak; and the collector's
# memory does not go together with the address sanitizer's fake stacks.
SANITIZER_OPTIONS = {
    "ASAN_OPTIONS": "detect_leaks=0:detect_stack_use_after_return=0",
    "UBSAN_OPTIONS": "print_stacktrace=1",
    "TSAN_OPTIONS": "halt_on_error=1:second_deadlock_stack=1",
}


class Case:
    """A test program with what its head asks for."""

    def __init__(self, path):
        self.path = path
        self.name = os.path.relpath(path, ROOT)
        self.stem = os.path.splitext(path)[0]
        self.options = {}
        self.problem = None
        with open(path, encoding="utf-8", errors="surrogateescape", newline="") as f:
            self.text = f.read()
        self._read_head()

    def _read_head(self):
        lines = self.text.split("\n")
        if lines[0].startswith("#!"):
            lines = lines[1:]
        match = re.fullmatch(r"// (run|error|vet|panic|deadlock|exit (\d+))\s*", lines[0])
        if not match:
            self.mode, self.exit_code = "run", 0
            self.problem = "the first line is none of // run, error, vet, panic, deadlock, exit N"
            return
        self.mode = match.group(1).split()[0]
        self.exit_code = int(match.group(2)) if match.group(2) else EXIT_CODES[self.mode]
        for line in lines[1:]:
            match = re.match(r"// ([a-z-]+): ?(.*)", line)
            if not match or match.group(1) not in OPTIONS:
                break
            self.options[match.group(1)] = match.group(2).strip()
        if self.mode == "vet" and self.expected_errors():
            self.exit_code = 1

    def args(self):
        return shlex.split(self.options.get("args", ""))

    def flags(self):
        return shlex.split(self.options.get("flags", ""))

    def stdin(self):
        text = self.options.get("stdin", "")
        for escape, char in (("\\n", "\n"), ("\\t", "\t"), ("\\0", "\0")):
            text = text.replace(escape, char)
        if not text:
            text = self.expected(".in") or ""
        return text.encode("utf-8", "surrogateescape")

    def env(self):
        return dict(item.split("=", 1) for item in shlex.split(self.options.get("env", "")))

    def timeout(self, usual):
        return max(usual, float(self.options.get("timeout", 0)))

    def is_program(self):
        return re.search(r"^package\s+\w+", self.text, re.M) is not None

    def expected(self, suffix):
        """The text of NAME.out or NAME.err; None when there is no such file."""
        try:
            with open(self.stem + suffix, encoding="utf-8", errors="surrogateescape",
                      newline="") as f:
                return f.read()
        except FileNotFoundError:
            return None

    def expected_errors(self):
        """line number → the substrings that diagnostics on that line must contain."""
        wanted = {}
        for number, line in enumerate(self.text.split("\n"), 1):
            match = re.search(r"//\s*(?:ERROR|WARN)\s+(.*)", line)
            if not match:
                continue
            texts = [re.sub(r"\\(.)", r"\1", quoted) if quoted else raw for quoted, raw in
                     re.findall(r'"((?:[^"\\]|\\.)*)"|`([^`]*)`', match.group(1))]
            wanted[number] = texts or [""]
        return wanted


class Result:
    """What a run gave. code is negative for a signal, as subprocess has it."""

    def __init__(self, code, stdout, stderr, seconds, hung):
        self.code, self.stdout, self.stderr = code, stdout, stderr
        self.seconds, self.hung = seconds, hung

    def end(self):
        if self.code < 0:
            try:
                return "signal " + signal.Signals(-self.code).name
            except ValueError:
                return "signal %d" % -self.code
        return "exit code %d" % self.code


def limit_output():
    """Bounds every file that this process and its children write: a program that prints for ever
    ends by SIGXFSZ instead of filling the disk."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (MAX_OUTPUT_BYTES, MAX_OUTPUT_BYTES))


def run(command, env=None, stdin=b"", timeout=30.0, cwd=ROOT):
    """Runs a command to its end. One that takes too long is asked for its goroutines' stacks by
    SIGQUIT before it is killed."""
    full_env = dict(SANITIZER_OPTIONS)
    full_env.update((k, v) for k, v in os.environ.items() if k not in CLEARED)
    full_env["NO_COLOR"] = "1"
    full_env.update(env or {})
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, \
            tempfile.TemporaryFile() as inp:
        inp.write(stdin)
        inp.seek(0)
        start = time.monotonic()
        process = subprocess.Popen(command, stdin=inp, stdout=out, stderr=err, env=full_env,
                                   cwd=cwd, start_new_session=True)
        hung = False
        try:
            process.wait(timeout)
        except subprocess.TimeoutExpired:
            hung = True
            process.send_signal(signal.SIGQUIT)
            try:
                process.wait(2)
            except subprocess.TimeoutExpired:
                pass
        finally:
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            process.wait()
        seconds = time.monotonic() - start
        out.seek(0)
        err.seek(0)
        return Result(process.returncode, out.read().decode("utf-8", "surrogateescape"),
                      err.read().decode("utf-8", "surrogateescape"), seconds, hung)


def run_case(case, csp, env=None, timeout=30.0):
    command = [csp, "vet" if case.mode == "vet" else "run", *case.flags(), case.name, *case.args()]
    return run(command, {**(env or {}), **case.env()}, case.stdin(), case.timeout(timeout))


def indent(text, lines=EXCERPT_LINES):
    rows = text.rstrip("\n").split("\n")
    if len(rows) > lines:
        rows = rows[:lines] + ["… (%d more lines)" % (len(rows) - lines)]
    return "".join("    %s\n" % row[:300] for row in rows)


def diff(expected, actual):
    rows = list(difflib.unified_diff(expected.splitlines(), actual.splitlines(), "expected",
                                     "actual", lineterm="", n=2)) \
        if len(expected) + len(actual) < 1 << 20 else ["(too long to compare line by line)"]
    if not rows:
        rows = ["(only the end of the last line differs)"]
    return indent("\n".join(rows))


def missing_lines(expected, actual):
    """The lines of an .err file that no line of actual matches."""
    rows = actual.split("\n")
    missing = []
    for line in expected.split("\n"):
        line = line.rstrip("\r")
        if not line.strip():
            continue
        pattern = re.compile(".*".join(re.escape(part) for part in line.split("…")) + r"\s*")
        if not any(pattern.fullmatch(row) for row in rows):
            missing.append(line)
    return missing


def diagnostics(case, stderr):
    """The diagnostics among stderr's lines: (line number, message)."""
    found = []
    names = "|".join(re.escape(n) for n in (case.name, "./" + case.name, case.path))
    for row in stderr.split("\n"):
        match = re.match(r"(?:%s):(\d+):(?:\d+:)? (.*)" % names, row)
        if match and (case.mode == "vet" or not match.group(2).startswith("warning: ")):
            found.append((int(match.group(1)), match.group(2)))
        elif not match and row.startswith("\t") and found:  # the message goes on: have … want …
            found[-1] = (found[-1][0], found[-1][1] + "\n" + row)
    return found


def judge_errors(case, found):
    """What is wrong with the diagnostics found; the empty string when nothing is."""
    report = ""
    wanted = case.expected_errors()
    if not wanted and case.mode == "error":
        report += '    no line has // ERROR "substring"\n'
    for line, texts in wanted.items():
        here = [message for number, message in found if number == line]
        for text in texts:
            if not here:
                report += "    line %d: no diagnostic; expected: %s\n" % (line, text)
            elif not any(text in message for message in here):
                report += "    line %d: expected: %s\n              actual: %s\n" % (
                    line, text, here[0])
    for line, message in found:
        if line not in wanted:
            report += "    line %d: not expected: %s\n" % (line, message)
    return report


def judge(case, result):
    """What is wrong with a result; the empty string when the test passes."""
    if case.problem:
        return "    %s\n" % case.problem
    if result.hung:
        return "    HANG: no end after %.0f s; goroutines at that time:\n%s" % (
            result.seconds, indent(result.stderr))
    report = ""
    if result.code != case.exit_code:
        report += "    expected exit code %d, actual %s; standard error:\n%s" % (
            case.exit_code, result.end(), indent(result.stderr))
    if case.mode in ("error", "vet"):
        report += judge_errors(case, diagnostics(case, result.stderr))
    else:
        expected = case.expected(".out")
        if expected is None and case.mode == "run":
            report += "    there is no %s.out; `make promote` writes it\n" % case.stem
        elif expected is not None and expected != result.stdout:
            report += "    standard output:\n" + diff(expected, result.stdout)
    expected = case.expected(".err")
    if expected is not None:
        missing = missing_lines(expected, result.stderr)
        if missing:
            report += "    standard error lacks:\n%s    it is:\n%s" % (
                indent("\n".join(missing)), indent(result.stderr))
    elif case.mode in ("panic", "deadlock"):
        report += "    there is no %s.err; `make promote` writes it\n" % case.stem
    return report


def extract_programs(document):
    """Writes the programs that a document shows, and what it says that they print, as test
    programs under build/docs/. Returns their files.

    A program is a block fenced with ```csp; after that word may stand a mode (run, error, panic,
    deadlock, exit N) and `csp-only`. A block ```output or ```stderr that follows at once is
    what it prints. The line that says the mode is put before the program, so a position in it is
    one line too large; the file's name has the line of the block in the document.
    """
    texts = {}  # file name → text
    program = None
    block, info, start = None, [], 0
    with open(document, encoding="utf-8") as f:
        rows = f.read().split("\n")
    for number, row in enumerate(rows, 1):
        if block is None and row.startswith("```"):
            block, info, start = "", row[3:].split(), number
        elif block is None:
            program = None if row.strip() else program
        elif row.rstrip() != "```":
            block += row + "\n"
        else:
            if info[:1] == ["csp"]:
                mode = " ".join(w for w in info[1:] if w != "csp-only") or "run"
                head = "// %s\n" % mode
                if "csp-only" in info:
                    head += "// csp-only: see %s\n" % os.path.basename(document)
                program = "line_%04d" % start
                texts[program + ".csp"] = head + block
                if mode == "run":  # prints nothing unless a block says so
                    texts[program + ".out"] = ""
            elif info in (["output"], ["stderr"]) and program:
                texts[program + (".out" if info == ["output"] else ".err")] = block
            block = None
    name = os.path.splitext(os.path.relpath(document, ROOT))[0].replace(os.sep, "_")
    folder = os.path.join(ROOT, "build", "docs", name)
    os.makedirs(folder, exist_ok=True)
    for name in set(os.listdir(folder)) - set(texts):
        os.remove(os.path.join(folder, name))
    for name, text in texts.items():
        with open(os.path.join(folder, name), "w", encoding="utf-8") as f:
            f.write(text)
    return [os.path.join(folder, name) for name in texts if name.endswith(".csp")]


def find_cases(paths, pattern=""):
    """Every .csp file at or under the paths, and every program in those that are documents (.md),
    whose name matches, in order."""
    files = []
    for path in paths:
        path = os.path.join(ROOT, path)
        if path.endswith(".md"):
            files += extract_programs(path)
        elif os.path.isdir(path):
            for folder, _, names in os.walk(path):
                files += [os.path.join(folder, n) for n in names if n.endswith(".csp")]
        elif os.path.exists(path):
            files.append(path)
    wanted = re.compile(pattern)
    return [Case(f) for f in sorted(set(files)) if wanted.search(os.path.relpath(f, ROOT))]


def in_parallel(jobs, function, items):
    """Calls function for each item, and yields (item, answer) in the order of the items."""
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        futures = [(item, pool.submit(function, item)) for item in items]
        try:
            for item, future in futures:
                yield item, future.result()
        except KeyboardInterrupt:
            for _, future in futures:
                future.cancel()
            raise


def cpu_count():
    return len(os.sched_getaffinity(0))


def say(*words):
    print(*words, flush=True)


def finish(passed, failed):
    """The last line, which is also what continuous integration adds up."""
    say("%d passed, %d failed" % (passed, failed))
    sys.exit(1 if failed else 0)


def setup_output():
    """Output with bytes that are no UTF-8 must not end a runner."""
    sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    limit_output()
