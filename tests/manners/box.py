"""What a test of manners works with: a folder of its own, in which it writes files and runs csp by
a shell's command line.

    @case
    def missing_file(box):
        box.sh("csp run nothing.csp", code=1, err="csp: cannot read nothing.csp: …\\n")

Whatever a test asks for, every run must end in time, must not crash, and says at most ERR_LIMIT
bytes on standard error.
"""

import os
import re
import subprocess
import sys
import tempfile
import threading
import time

import testlib

ERR_LIMIT = 30_000  # bytes
CASES = []


class Failure(Exception):
    pass


def case(function):
    """Makes a test of a function."""
    module = os.path.basename(function.__code__.co_filename)[:-len(".py")]
    CASES.append((module + "/" + function.__name__, function))
    return function


def for_each(**named):
    """A test for each value: the function is called with the box and the value."""
    def decorate(function):
        for name, value in named.items():
            def one(box, value=value):
                function(box, value)
            module = os.path.basename(function.__code__.co_filename)[:-len(".py")]
            CASES.append(("%s/%s/%s" % (module, function.__name__, name), one))
        return function
    return decorate


def pattern(text):
    """Text in which … stands for anything within a line, and a line of … alone for any lines."""
    out = ""
    for line in text.splitlines(keepends=True):
        if line.strip() == "…":
            out += r"(?:.*\n)*"
        else:
            out += ".*".join(re.escape(part) for part in line.split("…"))
    return out


class Box:
    def __init__(self, folder, csp, timeout, plain):
        self.folder, self.csp, self.timeout = folder, csp, timeout
        self.plain = plain  # no sanitizer: memory can be limited and measured

    def write(self, name, content):
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as f:
            f.write(content if isinstance(content, bytes) else content.encode())

    def main(self, body, name="x.csp", before=""):
        """A program of one function."""
        self.write(name, "package main\n%s\nfunc main() {\n%s\n}\n" % (before, body))

    def sh(self, command, code=0, out=None, err=None, env=None, stdin=b"", megabytes=None,
           seconds=None, err_limit=ERR_LIMIT):
        """Runs a command line, in which `csp` is the csp that is tested. code: a number or
        several; out, err: what must be printed (see pattern); None: anything. Returns what was
        printed."""
        full = dict(testlib.SANITIZER_OPTIONS)
        full.update((k, v) for k, v in os.environ.items() if k not in testlib.CLEARED)
        full.update({"NO_COLOR": "1", "LC_ALL": "C.UTF-8",
                     "PATH": os.path.join(self.folder, ".bin") + ":" + full.get("PATH", "")})
        full.update(env or {})
        deadline = self.timeout if seconds is None else seconds
        with tempfile.TemporaryFile() as inp, tempfile.TemporaryFile() as o, \
                tempfile.TemporaryFile() as e:
            inp.write(stdin if isinstance(stdin, bytes) else stdin.encode())
            inp.seek(0)
            process = subprocess.Popen(["bash", "-c", command], stdin=inp, stdout=o, stderr=e,
                                       env=full, cwd=self.folder, start_new_session=True)
            hung = threading.Event()

            def stop():
                hung.set()
                os.killpg(process.pid, 9)
            timer = threading.Timer(deadline, stop)
            timer.start()
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            timer.cancel()
            try:
                os.killpg(process.pid, 9)
            except ProcessLookupError:
                pass
            o.seek(0)
            e.seek(0)
            stdout = o.read().decode("utf-8", "backslashreplace")
            stderr = e.read().decode("utf-8", "backslashreplace")
        problems = []
        if hung.is_set():
            problems.append("no end after %d s" % deadline)
        codes = (code,) if isinstance(code, int) else code
        if process.returncode not in codes:
            problems.append("exit code %d, expected %s" %
                            (process.returncode, " or ".join(map(str, codes))))
        for what, wanted, text in (("output", out, stdout), ("error", err, stderr)):
            if wanted is not None and not re.fullmatch(pattern(wanted), text):
                problems.append("standard %s is not\n%s" % (what, testlib.indent(wanted)))
        if re.search(r"internal error|runtime error: invalid memory|Sanitizer", stderr):
            problems.append("it crashed")
        if err_limit and len(stderr) > err_limit:
            problems.append("%d bytes on standard error" % len(stderr))
        if megabytes and self.plain and usage.ru_maxrss > megabytes << 10:
            problems.append("it took %d MiB, more than %d" % (usage.ru_maxrss >> 10, megabytes))
        if problems:
            raise Failure("$ %s\n%s\nstandard output:\n%sstandard error:\n%s" % (
                command[:300], "\n".join(problems), testlib.indent(stdout),
                testlib.indent(stderr)))
        return stdout, stderr


def run(function, csp, timeout, plain):
    """What is wrong, or the empty string; and how long it took."""
    start = time.monotonic()
    report = ""
    with tempfile.TemporaryDirectory(prefix="csp-manners-") as folder:
        os.mkdir(os.path.join(folder, ".bin"))
        os.symlink(csp, os.path.join(folder, ".bin", "csp"))
        try:
            function(Box(folder, csp, timeout, plain))
        except Failure as failure:
            report = str(failure)
        # A test may have taken its own rights away.
        os.chmod(folder, 0o700)
    return report, time.monotonic() - start


if __name__ == "__main__":
    sys.exit("run tests/tools/manners")
