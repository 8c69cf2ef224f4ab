"""What the documents show of the command line is what happens.

A block that begins with ```console is a session: each line `$ …` is run, and the lines below it are
what it prints on either output (… stands for anything within a line, a line of … for any lines).
Programs are the blocks ```go NAME or ```csp NAME of the same document. What builds or installs is
not run. And the tests that docs/conformance.md names are there, and the files that links point at.
"""

import glob
import os
import re

from box import CASES, Failure, pattern
import testlib

NOT_RUN = re.compile(r"(make|sudo|git|export)\b")
DOCUMENTS = sorted(path for folder in ("", "docs", "examples")
                   for path in glob.glob(os.path.join(testlib.ROOT, folder, "*.md")))


def sessions(text):
    """[(command, what it prints)] of each block."""
    for block in re.findall(r"^```console\n(.*?)^```$", text, re.M | re.S):
        parts = re.split(r"^\$ (.*)\n", block, flags=re.M)
        if parts[0]:
            raise Failure("a session begins with $:\n" + block)
        yield list(zip(parts[1::2], parts[2::2]))


def document(path):
    def run(box):
        with open(path, encoding="utf-8") as f:
            text = f.read()
        for name, program in re.findall(r"^```(?:go|csp) (\S+)\n(.*?)^```$", text, re.M | re.S):
            box.write(name, program)
        for folder in ("examples", "tests"):
            os.symlink(os.path.join(testlib.ROOT, folder), os.path.join(box.folder, folder))
        for session in sessions(text):
            for command, wanted in session:
                if NOT_RUN.match(command):
                    continue
                out, _ = box.sh("{ %s\n} 2>&1" % command, code=tuple(range(256)))
                if not re.fullmatch(pattern(wanted), out):
                    raise Failure("$ %s\nprints\n%sthe document says\n%s" % (
                        command, testlib.indent(out, 100), testlib.indent(wanted, 100)))
    return run


def conformance(box):
    """docs/conformance.md names only tests that there are."""
    with open(os.path.join(testlib.ROOT, "docs", "conformance.md"), encoding="utf-8") as f:
        names = re.findall(r"`(\w+/\w*)`", f.read())
    golden = os.path.join(testlib.ROOT, "tests", "golden")
    missing = sorted({name for name in names if not os.path.exists(
        os.path.join(golden, name if name.endswith("/") else name + ".csp"))})
    if missing or not names:
        raise Failure("docs/conformance.md names tests that are not there: %s" % " ".join(missing))


def links(box):
    """Files that documents point at are there, and `name`, [file](…) is a name in that file."""
    wrong = []
    for path in DOCUMENTS:
        with open(path, encoding="utf-8") as f:
            text = re.sub(r"^```.*?^```$", "", f.read(), flags=re.M | re.S)
        for name, link in re.findall(r"(?:`([^`]+)`\**, )?\[[^\]]+\]\(([^)#:]+)\)", text):
            target = os.path.join(os.path.dirname(path), link)
            if not os.path.exists(target):
                wrong.append("%s: %s is not there" % (path, link))
            elif name and os.path.isfile(target):
                with open(target, encoding="utf-8") as f:
                    if name not in f.read():
                        wrong.append("%s: %s is not in %s" % (path, name, link))
    if wrong:
        raise Failure("\n".join(wrong))


CASES.append(("documents/conformance", conformance))
CASES.append(("documents/links", links))

for _path in DOCUMENTS:
    CASES.append(("documents/" + os.path.relpath(_path, testlib.ROOT), document(_path)))
