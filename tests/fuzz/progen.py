"""progen.py: writes random well-typed programs, one for each seed.

generate(seed) gives a Program. Its text is a Go file of package main without a func main; it needs
prelude.go beside it, and runs from the function `entry`. All its names begin with a prefix of its
own, so that hundreds of programs can be linked into one.

What a program prints is defined by the language to the last byte:
- Expressions are pure. A function that prints or writes to what others see is called only where
  it is the only call; the tracing functions of the prelude, which print and change nothing else,
  stand anywhere, since calls happen in order.
- A statement has at most one place that is likely to panic, and none if it has calls that trace:
  whether an index or a call comes first is not defined.
- No order of map iteration is seen, no address, no capacity that only an implementation decides.
- A program ends: functions and inner loops take from `fuel`, and calls go one way (function
  literals and methods call only what was written before).
An expression that is built is never a constant: what overflows then is not found by the compiler.
"""

import random

# What is known of a place that a variable leads to.
ASSIGN, ADDR, PANICS, CALLS, METHOD, REF, LOOPVAR = 1, 2, 4, 8, 16, 32, 64


class Type:
    def __init__(self, kind, s, **more):
        self.kind, self.s = kind, s
        self.elem = self.key = self.under = None
        self.fields, self.methods, self.embedded = [], {}, []
        self.params, self.results, self.variadic = [], [], False
        self.bits, self.signed, self.len = 64, True, 0
        self.named = False
        self.comparable = self.printable = True
        self.__dict__.update(more)

    def lowest(self):
        return -(1 << (self.bits - 1)) if self.signed else 0

    def highest(self):
        return (1 << (self.bits - (1 if self.signed else 0))) - 1


def basic_types():
    types = [Type("bool", "bool"), Type("string", "string"),
             Type("float", "float32", bits=32), Type("float", "float64")]
    for name, bits, signed in (("int", 64, True), ("int8", 8, True), ("int16", 16, True),
                               ("int32", 32, True), ("int64", 64, True), ("uint", 64, False),
                               ("uint8", 8, False), ("uint16", 16, False), ("uint32", 32, False),
                               ("uint64", 64, False), ("uintptr", 64, False)):
        types.append(Type("int", name, bits=bits, signed=signed))
    return {t.s: t for t in types}


BASIC = basic_types()
INT, STRING, BOOL, FLOAT = BASIC["int"], BASIC["string"], BASIC["bool"], BASIC["float64"]
BYTE, RUNE, UINT = BASIC["uint8"], BASIC["int32"], BASIC["uint"]
ANY = Type("iface", "any", printable=False)
ERROR = Type("iface", "error", printable=False)
INTS = [t for t in BASIC.values() if t.kind == "int"]
EASY = [INT, INT, INT, STRING, STRING, BOOL, FLOAT] + list(BASIC.values())
WORDS = ["", "a", "go", "héllo", "世界", "\\x00\\xff", "line\\n",
         "tab\\t\\\"q\\\"", "xyzzy", "0123456789"]


GROUP = 20  # so many seeds have the same rule for loop variables


def is_shared(seed):
    return seed // GROUP % 2 == 1


class Program:
    def __init__(self, seed, text, entry, ends):
        self.seed, self.text, self.entry, self.ends = seed, text, entry, ends
        self.shared = is_shared(seed)


class Func:
    """What can be called by name: a function, or a method of a type."""

    def __init__(self, name, params, results, variadic=False, pointer=False):
        self.name, self.params, self.results = name, params, results
        self.variadic, self.pointer = variadic, pointer


class Generator:
    def __init__(self, seed):
        self.r = random.Random(seed)
        self.p = "p%d" % seed
        self.shared = is_shared(seed)
        self.seed = seed
        self.types = dict(BASIC, any=ANY, error=ERROR)
        self.named = []       # declared types, complete ones
        self.decls = []       # texts of declarations
        self.out = []         # lines of the function that is being written
        self.env = {}         # type → places
        self.added = [[]]     # for each scope, the types whose places grew
        self.count = 0
        self.pure = True      # what is being written must have no effect
        self.trace = False    # tracing calls are allowed in the expression
        self.safe = False     # nothing that may panic
        self.risky = False    # something may panic already: which would come first is not defined
        self.stage = 0        # 0: no methods, no function values; 1: methods; 2: everything
        self.literal = 0      # depth of function literals
        self.tracers = 0
        self.effects = []     # functions with effects
        self.mutators = []    # (type, Func): methods with effects
        self.results = []     # of the function that is being written
        self.size = 0
        self.pool = []        # method signatures
        self.loops = []       # labels of the loops around; None ends what a literal can reach
        self.depth = 0        # of statements

    # ---- Small things

    def chance(self, percent):
        return self.r.random() * 100 < percent

    def pick(self, seq):
        return seq[int(self.r.random() * len(seq))]

    def below(self, n):
        return int(self.r.random() * n)

    def name(self, letter):
        self.count += 1
        return "%s%d" % (letter, self.count)

    def top(self, letter):
        self.count += 1
        return "%s_%s%d" % (self.p, letter, self.count)

    def line(self, text):
        self.out.append(text)
        self.size += 1

    # ---- Types

    def intern(self, t):
        return self.types.setdefault(t.s, t)

    def array(self, elem, n):
        return self.intern(Type("array", "[%d]%s" % (n, elem.s), elem=elem, len=n,
                                comparable=elem.comparable, printable=elem.printable))

    def slice(self, elem):
        return self.intern(Type("slice", "[]" + elem.s, elem=elem, comparable=False,
                                printable=elem.printable))

    def pointer(self, elem):
        return self.intern(Type("ptr", "*" + elem.s, elem=elem, printable=False))

    def map(self, key, elem):
        return self.intern(Type("map", "map[%s]%s" % (key.s, elem.s), key=key, elem=elem,
                                comparable=False, printable=key.printable and elem.printable))

    def func(self, params, results, variadic=False):
        s = "func(%s)" % self.params_text(params, variadic)
        if len(results) == 1:
            s += " " + results[0].s
        elif results:
            s += " (%s)" % ", ".join(t.s for t in results)
        return self.intern(Type("func", s, params=params, results=results, variadic=variadic,
                                comparable=False, printable=False))

    @staticmethod
    def params_text(params, variadic, names=None):
        texts = [t.s for t in params]
        if variadic:
            texts[-1] = "..." + params[-1].elem.s
        if names:
            texts = ["%s %s" % x for x in zip(names, texts)]
        return ", ".join(texts)

    def struct(self, fields):
        s = "struct{%s}" % "; ".join("%s %s" % (n, t.s) for n, t in fields)
        return self.intern(Type("struct", s, fields=fields,
                                comparable=all(t.comparable for _, t in fields),
                                printable=all(t.printable for _, t in fields)))

    def easy(self):
        if self.named and self.chance(20):
            t = self.pick(self.named)
            if t.kind in ("int", "string", "float", "bool"):
                return t
        return self.pick(EASY)

    def key_type(self):
        x = self.below(10)
        if x < 6:
            return self.pick([INT, STRING, INT, STRING, BOOL, BYTE, RUNE, BASIC["int64"]])
        if x < 8:
            for _ in range(4):
                t = self.pick(self.named) if self.named else INT
                if t.comparable and t.kind not in ("iface", "float", "ptr", "chan") and t.printable:
                    return t
        if x == 8:
            return self.array(self.pick([INT, STRING, BYTE]), 2)
        return ANY if self.chance(30) else self.pick(INTS)

    def type(self, d=2):
        x = self.below(100)
        if d <= 0 or x < 42:
            return self.easy()
        if x < 62 and self.named:
            return self.pick(self.named)
        if x < 72:
            return self.slice(self.type(d - 1))
        if x < 78:
            return self.array(self.type(d - 1), self.pick([1, 2, 3, 4, 5]))
        if x < 84:
            return self.map(self.key_type(), self.type(d - 1))
        if x < 89:
            return self.pointer(self.type(d - 1))
        if x < 93:
            results = [self.easy()] if self.chance(80) else [self.easy(), self.easy()]
            return self.func([self.easy() for _ in range(self.below(3))], results)
        if x < 96:
            return self.struct([("A%d" % i, self.type(d - 1)) for i in range(1 + self.below(3))])
        return self.pick([ANY, ANY, ERROR] + [t for t in self.named if t.kind == "iface"])

    def methods(self, t):
        """Name → (Func, needs an address) of what a value of the type can call."""
        if t.kind == "ptr" and t.elem.named and t.elem.kind not in ("ptr", "iface"):
            return {n: (f, False) for n, (f, _) in self.methods(t.elem).items()}
        if t.kind == "iface":
            return {f.name: (f, False) for f in t.methods.values()}
        found = {}
        for name, e, through in t.embedded:
            for n, (f, by_address) in self.methods(e).items():
                found[n] = None if n in found else (f, by_address and not through)
        found = {n: x for n, x in found.items() if x}
        for f in t.methods.values():
            found[f.name] = (f, f.pointer)
        return found

    def implements(self, t, iface):
        if t.kind == "iface":
            return False
        have = self.methods(t)
        return all(n in have and not have[n][1] for n in iface.methods)

    def declare_types(self):
        r = self.below
        for _ in range(2):
            name = "M%d" % len(self.pool)
            x = r(8)
            if x == 0:
                name = "String"
            elif x == 1:
                name = "Error"
            if name in ("String", "Error"):
                if any(f.name == name for f in self.pool):
                    continue
                self.pool.append(Func(name, [], [STRING]))
            else:
                self.pool.append(Func(name, [self.easy() for _ in range(r(3))], [self.easy()]))
        self.declare_type("N", self.pick(list(BASIC.values())))
        self.declare_struct()
        if self.chance(35):
            t = Type("iface", self.top("I"), named=True, printable=False)
            for _ in range(1 + r(2)):
                f = self.pick(self.pool)
                t.methods[f.name] = f
            text = "; ".join("%s(%s) %s" % (
                f.name, self.params_text(f.params, False), f.results[0].s)
                             for f in t.methods.values())
            self.decls.append("type %s interface{ %s }" % (t.s, text))
            self.types[t.s] = t
            self.named.append(t)
            if self.chance(40):
                f = self.pick(self.pool)
                u = Type("iface", self.top("I"), named=True, printable=False)
                u.methods = dict(t.methods, **{f.name: f})
                extra = "" if f.name in t.methods else "; %s(%s) %s" % (
                    f.name, self.params_text(f.params, False), f.results[0].s)
                self.decls.append("type %s interface{ %s%s }" % (u.s, t.s, extra))
                self.types[u.s] = u
                self.named.append(u)
        if self.chance(35):
            self.declare_type("N", self.type(2))
        if self.chance(35):
            self.declare_struct()
        if self.chance(25):
            t = self.pick(self.named)
            alias = self.top("A")
            self.decls.append("type %s = %s" % (alias, t.s))

    def declare_type(self, letter, under):
        while under.named or under.kind in ("ptr", "iface"):
            under = self.easy()
        t = Type(under.kind, self.top(letter))
        t.__dict__.update(under.__dict__)
        t.s, t.named, t.under, t.methods, t.embedded = t.s, True, under, {}, under.embedded
        t.s = self.top(letter)
        self.decls.append("type %s %s" % (t.s, under.s))
        self.finish_type(t)

    def declare_struct(self):
        t = Type("struct", self.top("S"), named=True)
        texts = []
        if self.chance(50):
            for e in dict.fromkeys(self.pick(self.named) for _ in range(1 + self.below(2))):
                if e.kind == "ptr":
                    continue
                through = e.kind != "iface" and self.chance(25)
                et = self.pointer(e) if through else e
                t.embedded.append((e.s, e, through))
                t.fields.append((e.s, et))
                texts.append(et.s)
            texts.sort()
            t.fields.sort(key=lambda f: f[1].s)
        for _ in range(1 + self.below(4)):
            n, ft = self.name(self.pick("fF")), self.type(1)
            t.fields.append((n, ft))
            texts.append("%s %s" % (n, ft.s))
        if self.chance(6):
            t.fields.append(("_", INT))
            texts.append("_ int")
        if self.chance(15):
            n, ft = self.name("f"), self.pointer(t)
            t.fields.append((n, ft))
            texts.append("%s *%s" % (n, t.s))
        t.comparable = all(ft.comparable for _, ft in t.fields)
        t.printable = all(ft.printable for _, ft in t.fields)
        self.decls.append("type %s struct {\n\t%s\n}" % (t.s, "\n\t".join(texts)))
        self.finish_type(t)

    def finish_type(self, t):
        self.types[t.s] = t
        for f in self.pool:
            if self.chance(30):
                t.methods[f.name] = Func(f.name, f.params, f.results, pointer=self.chance(30))
        self.named.append(t)

    # ---- Places: what variables lead to

    def open(self):
        self.added.append([])

    def close(self):
        for s in reversed(self.added.pop()):
            self.env[s].pop()

    def place(self, text, holes, t, flags, level):
        self.env.setdefault(t.s, []).append((text, holes, t, flags, level))
        self.added[-1].append(t.s)

    def variable(self, name, t, flags=ASSIGN | ADDR, nonnil=False):
        self.lead(name, (), t, flags, (self.literal, len(self.added) - 1),
                  3 if flags & ASSIGN else 2, nonnil)

    def lead(self, text, holes, t, flags, level, depth, nonnil=False):
        self.place(text, holes, t, flags, level)
        if depth == 0:
            return
        kind = t.kind
        if kind == "struct":
            for n, ft in t.fields:
                if n == "_":
                    continue
                shown = n
                if any(n == e[0] for e in t.embedded) and ft.kind == "struct" and self.chance(60):
                    for pn, pt in ft.fields:
                        if pn != "_" and not any(pn == e[0] for e in ft.embedded):
                            self.lead(text + "." + pn, holes, pt, flags, level, depth - 1)
                else:
                    self.lead(text + "." + shown, holes, ft, flags, level, depth - 1)
        elif kind == "array":
            self.lead(text + "[\0]", holes + (("ix", t.len),), t.elem, flags, level, depth - 1)
        elif kind == "slice":
            if not holes:
                self.lead("%s[ix(\0, len(%s))]" % (text, text), (("int",),), t.elem,
                          (flags | ASSIGN | ADDR | REF | PANICS) & ~LOOPVAR, level, depth - 1)
        elif kind == "string":
            if not holes:
                self.place("%s[ix(\0, len(%s))]" % (text, text), (("int",),), BYTE, PANICS, level)
        elif kind == "map":
            f = ASSIGN | REF | (0 if nonnil else PANICS)
            self.lead(text + "[\0]", holes + (("key", t.key),), t.elem, f & ~ASSIGN, level,
                      depth - 1)
            self.place(text + "[\0]", holes + (("key", t.key),), t.elem, f, level)
        elif kind == "ptr":
            f = (flags | ASSIGN | ADDR | REF | (0 if nonnil else PANICS)) & ~LOOPVAR
            if t.elem.kind == "struct":
                for n, ft in t.elem.fields:
                    if n != "_":
                        self.lead(text + "." + n, holes, ft, f, level, depth - 1)
            elif t.elem.kind == "array":
                self.lead(text + "[\0]", holes + (("ix", t.elem.len),), t.elem.elem, f, level,
                          depth - 1)
            self.place("(*%s)" % text, holes, t.elem, f,
                       level)
        elif kind == "func" and len(t.results) == 1:
            self.place(text + "(\0)", holes + (("args", t.params, t.variadic),), t.results[0],
                       CALLS | (0 if nonnil else PANICS), level)
        ms = self.methods(t) if t.named or t.kind in ("ptr", "struct") or t.embedded else {}
        for n, (f, by_address) in ms.items():
            if by_address and not flags & ADDR:
                continue
            risky = 0 if t.kind not in ("ptr", "iface") or nonnil else PANICS
            self.place("%s.%s(\0)" % (text, n), holes + (("args", f.params, False),),
                       f.results[0], METHOD | risky, level)

    def usable(self, p):
        flags = p[3]
        if flags & PANICS and (self.safe or self.risky or self.r.random() > 0.4):
            return False
        if self.stage < 2 and flags & (CALLS | METHOD):
            return False
        if flags & CALLS and self.literal:
            return False  # it might call itself
        if flags & LOOPVAR and not self.shared and p[4][0] < self.literal:
            return False
        return True

    def find(self, t, want=0):
        places = self.env.get(t.s)
        if not places:
            return None
        for _ in range(4):
            # near ones first
            n = len(places)
            p = places[n - 1 - int(self.r.random() ** 1.5 * n)]
            if p[3] & want == want and self.usable(p):
                return p
        return None

    def fill(self, p, d):
        text, holes = p[0], p[1]
        if p[3] & PANICS:
            self.risky = True
        if not holes:
            return text
        pieces = text.split("\0")
        out = [pieces[0]]
        for hole, rest in zip(holes, pieces[1:]):
            if hole[0] == "ix":
                out.append(self.index(hole[1], d))
            elif hole[0] == "int":
                out.append(self.expr(INT, min(d - 1, 1)) if self.chance(60)
                           else str(self.below(4)))
            elif hole[0] == "key":
                hashed = hole[1] is not ANY or not self.safe
                out.append(self.arg(hole[1], min(d - 1, 1)) if hashed else self.plain(INT))
            else:
                out.append(self.args(hole[1], hole[2], d - 1))
            out.append(rest)
        return "".join(out)

    def index(self, n, d):
        """Of an array."""
        if self.chance(50) or d <= 0:
            return str(self.below(n))
        if n in (1, 2, 4) and self.chance(50):
            t = self.pick(INTS)
            return "%s&%d" % (self.expr(t, d - 1), n - 1)
        if self.chance(50):
            return "%s%%%d" % (self.expr(self.pick([t for t in INTS if not t.signed]), d - 1), n)
        return "ix(%s, %d)" % (self.expr(INT, d - 1), n)

    # ---- Expressions

    def args(self, params, variadic, d):
        texts = [self.arg(t, d) for t in (params[:-1] if variadic else params)]
        if variadic:
            if self.chance(30):
                texts.append(self.expr(params[-1], d) + "...")
            else:
                texts += [self.arg(params[-1].elem, d) for _ in range(self.below(4))]
        return ", ".join(texts)

    def int_literal(self, t):
        x = self.below(10)
        if x < 4:
            v = self.below(10) - (3 if t.signed else 0)
        elif x < 6:
            v = self.pick([t.lowest(), t.highest(), t.lowest() + 1, t.highest() - 1])
        elif x < 8:
            v = self.below(1 << self.pick([4, 7, 8, 15, 31, 63]))
        else:
            v = (1 << self.below(t.bits)) - self.below(2)
        if not t.lowest() <= v <= t.highest():
            v &= t.highest()
        style = self.below(12)
        if style == 0 and v >= 0:
            return hex(v)
        if style == 1 and 32 < v < 127 and v not in (39, 92):
            return "'%c'" % v
        if style == 2 and v >= 0:
            return "0b%s" % bin(v)[2:]
        if style == 3 and v >= 1000:
            return "{:_}".format(v)
        if style == 4 and v >= 0:
            return "0o%o" % v
        if style == 5 and 0 <= v < 100000 and v % 10 == 0 and v:
            return "%de1" % (v // 10)
        return str(v)

    def literal_of(self, t):
        """An untyped constant of a basic kind."""
        if t.kind == "int":
            return self.int_literal(t)
        if t.kind == "float":
            x = self.below(8)
            if x < 3:
                return str(self.below(20) - 5)
            if x < 6:
                return "%d.%d" % (self.below(1000) - 300, self.below(1000))
            if x == 6:
                return "%de%d" % (1 + self.below(9), self.below(60) - 30)
            return self.pick(["0x1p-2", "(1/3.0)", "1e-7", "16777217", "0.1", "2.5", "(1<<20)"])
        if t.kind == "bool":
            return self.pick(["true", "false"])
        return '"%s"' % self.pick(WORDS)

    def arg(self, t, d):
        """Something assignable to t; a literal or nil may be untyped."""
        if t.kind in ("int", "float", "bool", "string"):
            if self.chance(35):
                return self.literal_of(t)
        elif t.kind in ("slice", "map", "ptr", "func"):
            if not self.safe and self.chance(2):
                return "nil"
            if t.named and self.chance(20):
                return self.expr(t.under, d)
        elif t.kind == "iface":
            return self.iface(t, d)
        return self.expr(t, d)

    def iface(self, t, d):
        """A value of some type that implements t."""
        if self.chance(25):
            p = self.find(t)
            if p:
                return self.fill(p, d)
        if t is ERROR and self.chance(60) or t is ERROR and d <= 0:
            return self.pick(["errPlain", 'errors.New("e%d")' % self.below(9), "error(nil)",
                              'fmt.Errorf("w%d: %%w", errPlain)' % self.below(9)])
        if not t.methods and t is not ERROR:
            if self.chance(10) and self.trace:
                return self.traced("E", self.iface(t, d - 1))
            return self.expr(self.type(1) if self.chance(40) else self.easy(), d - 1)
        options = []
        methods = {"Error": 1} if t is ERROR else t.methods
        for u in self.named:
            if u.kind == "iface":
                continue
            have = self.methods(u)
            if all(n in have and not have[n][1] for n in methods):
                options.append(u)
            if all(n in have for n in methods) and not (u.kind == "iface"):
                options.append(self.pointer(u))
        if options and d > -3:
            return self.expr(self.pick(options), d - 1)
        return "%s(nil)" % t.s

    def traced(self, letter, text):
        self.tracers += 1
        return "tr%s(%d, %s)" % (letter, self.tracers, text)

    def expr(self, t, d):
        """An expression of exactly this type that is not a constant."""
        if self.r.random() < (0.35 if d > 0 else 0.9):
            p = self.find(t)
            if p and (not p[1] or d > 0 or len(p[1]) == 1 and d > -2):
                return self.fill(p, d)
        if self.trace and d > 0 and self.chance(8):
            letter = {"int": "I", "string": "S", "bool": "B", "float64": "F"}.get(t.s)
            if letter:
                return self.traced(letter, self.arg(t, d - 1))
        if d > 1 and self.chance(4):
            return self.immediate(t, d - 1)
        if d > 0 and self.chance(3) and t.kind != "iface":
            return "any(%s).(%s)" % (self.expr(t, d - 1), t.s)
        if d > 0 and self.chance(2):
            m = "map[bool]%s{true: %s, false: %s}[%s]" % (
                t.s, self.arg(t, d - 1), self.arg(t, d - 1), self.expr(BOOL, d - 1))
            return m
        if d > 0 and self.chance(2):
            return "[]%s{%s, %s}[%s&1]" % (t.s, self.arg(t, d - 1), self.arg(t, d - 1),
                                           self.expr(INT, d - 1))
        if d > 0 and self.chance(2):
            return "struct{ a, b %s }{%s, %s}.%s" % (t.s, self.arg(t, d - 1), self.arg(t, d - 1),
                                                     self.pick("ab"))
        if d > 0 and t.kind not in ("iface",) and self.chance(2):
            return "[...]%s{%s, %s}[%s]" % (t.s, self.arg(t, d - 1), self.arg(t, d - 1),
                                            self.index(2, d - 1))
        return getattr(self, "expr_" + t.kind)(t, d)

    def immediate(self, t, d):
        """A function literal that is called at once."""
        saved = self.out, self.trace, self.pure, self.loops, self.results
        self.trace, self.pure, self.loops = False, True, []
        self.literal += 1
        self.open()
        n = self.name("a")
        pt = self.easy()
        arg = self.arg(pt, d - 1)
        self.variable(n, pt)
        if self.chance(30) and not self.safe:
            body = "(r %s) { defer func() { if recover() != nil { r = %s } }(); return %s }" % (
                t.s, self.arg(t, 0), self.expr(t, d))
        elif self.chance(30):
            body = "%s { if %s { return %s }; return %s }" % (
                t.s, self.expr(BOOL, 1), self.arg(t, 1), self.arg(t, d - 1))
        else:
            body = "%s { return %s }" % (t.s, self.arg(t, d))
        self.close()
        self.literal -= 1
        self.out, self.trace, self.pure, self.loops, self.results = saved
        return "func(%s %s) %s(%s)" % (n, pt.s, body, arg)

    def plain(self, t):
        """A simple expression of a basic kind."""
        under = t.under.s if t.named else t.s
        text = "k_%s(%s)" % (under, self.literal_of(t))
        return "%s(%s)" % (t.s, text) if t.named else text

    def expr_int(self, t, d):
        if d <= 0:
            return self.plain(t)
        x = self.below(100)
        if x < 40:
            op = self.pick(["+", "-", "*", "&", "|", "^", "&^", "+", "-"])
            a = self.expr(t, d - 1)
            b = self.expr(t, d - 1) if self.chance(60) else self.int_literal(t)
            if self.chance(15):
                a, b = b, a
            if b.startswith("-"):
                b = "(%s)" % b
            return "(%s %s %s)" % (a, op, b)
        if x < 48:
            op = self.pick("/%")
            a = self.expr(t, d - 1)
            if self.chance(50):
                v = 1 + self.below(min(t.highest(), 1000))
                if t.signed and self.chance(30):
                    v = -v
                return "(%s %s (%d))" % (a, op, v)
            if not self.safe and not self.risky and self.chance(6):
                self.risky = True
                return "(%s %s %s)" % (a, op, self.expr(t, d - 1))
            return "(%s %s (%s | 1))" % (a, op, self.expr(t, d - 1))
        if x < 58:
            op = self.pick(["<<", ">>"])
            a = self.expr(t, d - 1)
            y = self.below(4)
            if y == 0:
                return "(%s %s %d)" % (a, op, self.below(t.bits + 4))
            ct = self.pick(INTS)
            if not ct.signed and y == 1:
                return "(%s %s %s)" % (a, op, self.expr(ct, d - 1))
            if y == 2:
                return "%s(%d<<(%s&%d))" % (t.s, 1 + self.below(100), self.expr(ct, d - 1),
                                            self.pick([3, 7, 15, 63]))
            if not self.safe and not self.risky and self.chance(4):
                self.risky = True
                return "(%s %s %s)" % (a, op, self.expr(INT, d - 1))
            return "(%s %s (%s & %d))" % (a, op, self.expr(ct, d - 1), self.pick([3, 7, 15, 63]))
        if x < 66:
            return "(%s%s)" % (self.pick("-^+"), self.expr(t, d - 1))
        if x < 82:
            u = self.pick(INTS + [n for n in self.named if n.kind == "int"])
            return "%s(%s)" % (t.s, self.expr(u, d - 1))
        if x < 86:
            low, high = max(t.lowest(), -2**31), min(t.highest(), 2**31)
            return "%s(fit(%s, %d, %d))" % (t.s, self.expr(FLOAT, d - 1), low, high)
        if x < 93:
            what = self.expr(self.pick([STRING, self.slice(INT), self.slice(STRING),
                                        self.map(INT, INT)]), d - 1)
            return "len(%s)" % what if t is INT else "%s(len(%s))" % (t.s, what)
        if x < 96:
            return "%s([]byte(%s + \"z\")[0])" % (t.s, self.expr(STRING, d - 1))
        return self.plain(t)

    def expr_float(self, t, d):
        if d <= 0:
            return self.plain(t)
        x = self.below(100)
        if x < 50:
            a = self.expr(t, d - 1)
            b = self.expr(t, d - 1) if self.chance(60) else self.literal_of(t)
            op = self.pick("+-*+-*/")
            if op == "/" and b == "0" or b.startswith("-"):
                b = "2"
            return "(%s %s %s)" % (a, op, b)
        if x < 60:
            return "(-%s)" % self.expr(t, d - 1)
        if x < 85:
            u = self.pick(INTS + [n for n in self.named if n.kind in ("int", "float")] +
                          [FLOAT, BASIC["float32"]] * 4)
            return "%s(%s)" % (t.s, self.expr(u, d - 1))
        return self.plain(t)

    def expr_bool(self, t, d):
        if d <= 0:
            return self.plain(t)
        x = self.below(100)
        wrap = "(%s)" if t is BOOL else t.s + "(%s)"
        if x < 30:
            u = self.easy()
            if u.kind == "bool":
                op = self.pick(["==", "!="])
            else:
                op = self.pick(["==", "!=", "<", "<=", ">", ">="])
            b = self.arg(u, d - 1)
            return wrap % ("%s %s %s" % (self.expr(u, d - 1), op, b))
        if x < 42:
            for _ in range(5):
                u = self.type(2)
                if u.comparable and u.kind != "func":
                    break
            if u.comparable and (u.kind != "iface" or not self.safe):
                return wrap % ("%s %s %s" % (self.expr(u, d - 1), self.pick(["==", "!="]),
                                             self.expr(u, d - 1)))
        if x < 47:
            for _ in range(5):
                u = self.type(2)
                if u.kind in ("ptr", "func", "map", "slice", "iface"):
                    return wrap % ("%s %s nil" % (self.expr(u, d - 1), self.pick(["==", "!="])))
        if x < 52 and not self.safe and not self.risky:
            self.risky = True
            u = self.easy()
            return wrap % ("any(%s) == any(%s)" % (self.iface(ANY, d - 1), self.expr(u, d - 1)))
        if x < 80:
            return "(%s %s %s)" % (self.expr(t, d - 1), self.pick(["&&", "||"]),
                                   self.expr(t, d - 1))
        if x < 92:
            return "!%s" % self.expr(t, d - 1)
        return self.plain(t)

    def expr_string(self, t, d):
        if d <= 0:
            return self.plain(t)
        x = self.below(100)
        wrap = "%s" if t is STRING else t.s + "(%s)"
        if x < 35:
            a, b = self.expr(t, d - 1), self.arg(t, d - 1)
            if self.chance(30):
                a, b = b, a
            return "(%s + %s)" % (a, b)
        if x < 50:
            return wrap % ("part(%s, %s, %s)" % (self.expr(STRING, d - 1), self.expr(INT, d - 1),
                                                 self.pick("0123")))
        if x < 58:
            u = self.pick([BYTE, RUNE, BASIC["uint16"], INT])
            mask = self.pick([127, 127, 0x7ff, 0xffff]) if u.bits > 15 else 127
            return "%s(rune(%s&0x%x))" % (t.s, self.expr(u, d - 1), mask)
        if x < 64:
            return "%s(%s)" % (t.s, self.expr(self.slice(self.pick([BYTE, RUNE])), d - 1))
        if x < 74:
            u = self.pick([BASIC["int8"], INT, STRING, BOOL, FLOAT, BASIC["uint64"], RUNE])
            return wrap % ("fmt.Sprint(%s)" % self.expr(u, d - 1))
        if x < 80 and self.stage == 2:
            for _ in range(4):
                u = self.type(2)
                if u.printable:
                    verb = self.pick(["%v", "%+v", "%T", "%v"])
                    return wrap % ('fmt.Sprintf("%s", %s)' % (verb, self.expr(u, d - 1)))
        if x < 86 and t is STRING:
            strings = [n for n in self.named if n.kind == "string"] or [STRING]
            return "%s(%s)" % (t.s, self.expr(self.pick(strings), d - 1))
        return self.plain(t)

    def elements(self, t, d, n):
        return ", ".join(self.arg(t, d - 1) for _ in range(n))

    def expr_array(self, t, d):
        x = self.below(10)
        if t.named and x < 2:
            return "%s(%s)" % (t.s, self.expr(t.under, d - 1))
        if x == 2 and d > 0:
            return "*%s" % self.expr(self.pointer(t), d - 1) if self.chance(40) else \
                "*&%s{%s}" % (t.s, self.elements(t.elem, d, t.len))
        if x == 3 and d > 0:
            n = self.below(t.len)
            return "%s{%d: %s}" % (t.s, n, self.arg(t.elem, d - 1))
        if x == 4 and t.len > 0 and d > 0:
            st = self.slice(t.elem)
            return "*(*%s)(append(%s, %s))" % (t.s, self.expr(st, d - 1),
                                               self.elements(t.elem, d - 1, t.len))
        if d < -3:
            return "*new(%s)" % t.s if self.chance(50) else t.s + "{}"
        return "%s{%s}" % (t.s, self.elements(t.elem, d, self.below(t.len + 1)))

    def expr_slice(self, t, d):
        x = self.below(100)
        if d < -2:
            return "make(%s, %d)" % (t.s, 1 + self.below(3))
        if t.named and x < 10:
            return "%s(%s)" % (t.s, self.expr(t.under, d - 1))
        if d > 0:
            if x < 25:
                return "append(%s, %s)" % (self.expr(t, d - 1),
                                           self.elements(t.elem, d, 1 + self.below(3)))
            if x < 32:
                return "append(%s, %s...)" % (self.expr(t, d - 1), self.expr(t, d - 1))
            if x < 38 and t.elem.s in ("uint8", "int32"):
                clip = "clipB" if t.elem is BYTE else "clipR"
                what = "[]%s" % t.elem.s
                text = "%s(%s(%s))" % (clip, what, self.expr(STRING, d - 1))
                return "%s(%s)" % (t.s, text) if t.named else text
            if x < 46:
                p = self.find(t)
                if p and not p[1]:
                    v = receiver(p[0])
                    y = self.below(4)
                    i = "ix(%s, len(%s))" % (self.expr(INT, d - 1), v)
                    if y == 0:
                        return "%s[%s:]" % (v, i)
                    if y == 1:
                        return "%s[:%s]" % (v, i)
                    if y == 2 and not self.safe and not self.risky and self.chance(20):
                        self.risky = True
                        return "%s[%s:%s]" % (v, self.expr(INT, 1), self.expr(INT, 1))
                    return "%s[:%s:len(%s)]" % (v, i, v)
            if x < 54:
                n = self.pick([2, 3, 4])
                p = self.find(self.array(t.elem, n), ADDR)
                if p and not self.pure:
                    text = "%s[%s:]" % (receiver(self.fill(p, d - 1)), self.index(n, 0))
                    return "%s(%s)" % (t.s, text) if t.named else text
                text = "(&[%d]%s{%s})[%s:]" % (n, t.elem.s, self.elements(t.elem, d, n),
                                               self.index(n, 0))
                return "%s(%s)" % (t.s, text) if t.named else text
            if x < 60:
                return "make(%s, %d, %d)" % (t.s, 1 + self.below(4), 4 + self.below(5))
            if x < 64:
                return "append(%s(nil), %s...)" % (t.s, self.expr(t, d - 1))
            if x < 68:
                n = self.below(4)
                return "%s{%d: %s, %s}" % (t.s, n, self.arg(t.elem, d - 1), self.arg(t.elem, d - 1))
        return "%s{%s}" % (t.s, self.elements(t.elem, d, 1 + self.below(3)))

    def key_literals(self, t, n):
        if t.kind == "int":
            return [str(v) for v in self.r.sample(range(20), n)]
        if t.kind == "string":
            return ['"%s"' % w for w in self.r.sample(WORDS, n)]
        return []

    def expr_map(self, t, d):
        if d < -2:
            return "make(%s)" % t.s
        if t.named and self.chance(10):
            return "%s(%s)" % (t.s, self.expr(t.under, d - 1))
        keys = self.key_literals(t.key, self.below(4))
        if not keys and self.chance(50):
            keys = [self.expr(t.key, d - 1)]
        if t.key is ANY:
            keys = ["any(%s)" % self.plain(self.pick([INT, STRING]))]
        return "%s{%s}" % (t.s, ", ".join("%s: %s" % (k, self.arg(t.elem, d - 1)) for k in keys))

    def expr_struct(self, t, d):
        if t.named and t.under and self.chance(15):
            return "%s(%s)" % (t.s, self.expr(t.under, d - 1))
        if d < -2:
            return t.s + "{}"
        fields = [(n.split(".")[-1], ft) for n, ft in t.fields if n != "_"]
        if self.chance(30) and not any(n == "_" for n, _ in t.fields):
            return "%s{%s}" % (t.s, ", ".join(self.arg(ft, d - 1) for _, ft in fields))
        fields = [f for f in fields if self.chance(80) or f[1].kind in ("ptr", "iface")]
        self.r.shuffle(fields)
        return "%s{%s}" % (t.s, ", ".join("%s: %s" % (n, self.arg(ft, d - 1)) for n, ft in fields))

    def expr_ptr(self, t, d):
        if d > 0 and not self.pure and self.chance(40):
            p = self.find(t.elem, ADDR)
            if p:
                text = self.fill(p, d - 1)
                return "&" + text if not text.startswith("*") else text[1:]
        if t.elem.kind in ("struct", "array", "slice", "map") and self.chance(80) and d > -2 and \
                not (t.elem.kind == "struct" and d < 0):
            text = getattr(self, "expr_" + t.elem.kind)(t.elem, d - 1)
            if text.startswith(t.elem.s + "{"):
                return "&" + text
        return "new(%s)" % t.s[1:]

    def expr_func(self, t, d):
        if d > 0 and self.stage == 2 and self.chance(25):
            # method values and expressions of the pool's signatures
            for u in self.named:
                for n, (f, by_address) in self.methods(u).items():
                    if u.kind == "iface":
                        continue
                    if self.func(f.params, f.results).s == t.s:
                        if by_address:
                            return "(&%s).%s" % (self.expr_struct(u, 0), n) if \
                                u.kind == "struct" and u.under is None else self.func_literal(t, d)
                        return "%s.%s" % (self.expr(u, d - 1), n)
                    if not by_address and t.params and t.params[0] is u and \
                            self.func([u] + f.params, f.results).s == t.s:
                        return "%s.%s" % (u.s, n)
        return self.func_literal(t, d)

    def func_literal(self, t, d):
        names = [self.name("a") for _ in t.params]
        head = "func(%s)" % self.params_text(t.params, t.variadic, names)
        saved = self.trace, self.pure, self.loops, self.results
        self.trace, self.pure, self.loops = False, True, []
        self.literal += 1
        self.open()
        for n, pt in zip(names, t.params):
            self.variable(n, pt)
        if len(t.results) == 1:
            text = "%s %s { return %s }" % (head, t.results[0].s, self.arg(t.results[0], d - 1))
        elif t.results:
            text = "%s (%s) { return %s }" % (head, ", ".join(x.s for x in t.results),
                                              ", ".join(self.arg(x, d - 1) for x in t.results))
        else:
            text = head + " { step() }"
        self.close()
        self.literal -= 1
        self.trace, self.pure, self.loops, self.results = saved
        return "%s(%s)" % (t.s, text) if t.named else text

    def expr_iface(self, t, d):
        text = self.iface(t, d)
        return "%s(%s)" % (t.s, text)

    # ---- Statements

    def condition(self, d=2):
        text = self.expr(BOOL, d)
        # a composite literal may not stand bare before a block
        return "(%s)" % text

    def bare(self, text):
        return "(%s)" % text

    def body(self, n):
        """n statements in a scope of their own."""
        self.open()
        self.depth += 1
        for _ in range(n):
            self.statement()
        self.depth -= 1
        self.close()

    def use(self, *names):
        self.line("_ = %s" % names[0] if len(names) == 1 else
                  "%s = %s" % (", ".join("_" * len(names)), ", ".join(names)))

    def statement(self):
        if self.size > self.limit and self.depth > 0:
            self.st_print()
            return
        x = self.below(100)
        self.trace = self.safe = not self.pure and self.chance(30)
        self.risky = False
        if x < 24:
            self.st_declare()
        elif x < 48:
            self.st_assign()
        elif x < 54:
            self.st_print()
        elif self.depth > 2:
            self.st_assign()
        elif x < 61:
            self.st_if()
        elif x < 72:
            self.st_for()
        elif x < 78:
            self.st_switch()
        elif x < 82:
            self.st_type_switch()
        elif x < 86:
            self.st_closure()
        elif x < 90:
            self.st_call()
        elif x < 92:
            self.st_goto()
        elif x < 95:
            self.st_special()
        elif x < 97:
            self.st_more()
        elif self.pure:
            self.st_assign()
        elif x < 99:
            self.st_defer()
        else:
            self.st_channel()
        self.trace = self.safe = False

    def st_print(self):
        if self.pure:
            return
        self.trace = False
        texts = []
        for _ in range(1 + self.below(3)):
            for _ in range(5):
                t = self.type(2)
                if t.printable:
                    break
            else:
                t = INT
            texts.append(self.expr(t, 2))
        self.line("fmt.Println(%d, %s)" % (self.size, ", ".join(texts)))

    def show(self, name, t, flags=0):
        """Prints a variable in a way that any type allows."""
        if self.pure:
            return
        if t.printable:
            self.line('fmt.Printf("%s=%%v\\n", %s)' % (name, name))
        elif t.kind in ("slice", "map"):
            self.line('fmt.Println("%s", len(%s), %s == nil)' % (name, name, name))
        elif t.kind == "ptr" and t.elem.printable:
            self.line("if %s != nil {" % name)
            self.line('fmt.Printf("%s=%%v\\n", *%s)' % (name, name))
            self.line("}")
        elif t.kind == "iface":
            self.line('fmt.Printf("%s=%%T\\n", %s)' % (name, name))

    def st_declare(self):
        n = self.name("v")
        if self.chance(6):
            return self.st_const()
        if self.chance(6) and self.depth < 3:
            return self.st_local_type()
        t = self.type(2)
        x = self.below(10)
        if x < 6:
            self.line("%s := %s" % (n, self.expr(t, 3)))
        elif x < 8:
            self.line("var %s %s = %s" % (n, t.s, self.arg(t, 3)))
        elif x < 9:
            self.line("var %s %s" % (n, t.s))
        else:
            n2, t2 = self.name("v"), self.type(1)
            self.line("%s, %s := %s, %s" % (n, n2, self.expr(t, 2), self.expr(t2, 2)))
            self.use(n2)
            self.variable(n2, t2)
        self.use(n)
        self.variable(n, t, nonnil=t.kind in ("ptr", "map", "func") and x < 6)
        if self.chance(30):
            self.show(n, t)

    def st_const(self):
        """Constants, exact, far beyond what fits a variable."""
        n = self.name("c")
        v, text = self.const_expr(4)
        v = v if isinstance(v, int) else int(v)
        t = self.pick([INT, BASIC["int64"], BASIC["uint8"], BASIC["int16"], BASIC["uint32"]])
        self.line("const %s = %s" % (n, text))
        m = 1 << self.pick([3, 5, 7, 15]) if t.bits > 8 else 64
        mod = v - (abs(v) // m * m) * (1 if v >= 0 else -1)   # Go's %
        if not t.signed and mod < 0:
            self.line("const %sx = -(%s %% %d)" % (n, n, m))
        else:
            self.line("const %sx = %s %% %d" % (n, n, m))
        name = n + "x"
        if self.chance(40):
            self.line("const %sf = %s / 3.0 > %d" % (n, n, self.below(50)))
            self.variable(n + "f", BOOL, 0)
        v2 = self.name("v")
        self.line("var %s %s = %s" % (v2, t.s, name))
        self.use(v2)
        self.variable(v2, t)
        if self.chance(50):
            self.st_iota()

    def const_expr(self, d):
        """(value, text) of an untyped integer constant."""
        if d <= 0 or self.chance(15):
            v = self.pick([self.below(100), 1 << self.below(100), 10 ** self.below(30), ord("x")])
            return v, self.pick([str(v), hex(v), str(v)])
        a, ta = self.const_expr(d - 1)
        x = self.below(8)
        if x == 0:
            n = self.below(60)
            if abs(a) < 1 << 300:
                return a << n, "(%s << %d)" % (ta, n)
        if x == 1:
            n = self.below(40)
            return a >> n, "(%s >> %d)" % (ta, n)
        b, tb = self.const_expr(d - 1)
        if x == 2 and abs(a) < 1 << 200 and abs(b) < 1 << 200:
            return a * b, "(%s * %s)" % (ta, tb)
        if x == 3 and b:
            q = abs(a) // abs(b)
            return q if (a < 0) == (b < 0) else -q, "(%s / %s)" % (ta, tb)
        if x == 4:
            return a - b, "(%s - %s)" % (ta, tb)
        if x == 5:
            return a ^ b, "(%s ^ %s)" % (ta, tb)
        if x == 6:
            return a & b, "(%s & %s)" % (ta, tb)
        return a + b, "(%s + %s)" % (ta, tb)

    def st_iota(self):
        names = [self.name("c") for _ in range(3)]
        e = self.pick(["iota", "1 << iota", "iota * iota", "10 - iota", "'a' + iota",
                       "1 << (8 * iota)",
                       "iota % 2 + 3", "-iota", "^iota"])
        t = self.pick(["", " int", " int32", " float64", " uint16"])
        if e in ("-iota", "^iota"):
            t = " int"
        if t == " float64" and "<<" in e or t == " float64" and "%" in e:
            t = ""
        if e == "1 << (8 * iota)":
            t = " int"
        self.line("const (")
        self.line("%s%s = %s" % (names[0], t, e))
        if self.chance(30):
            self.line("_")
        self.line(names[1])
        self.line(names[2])
        self.line(")")
        if not self.pure:
            self.line("fmt.Println(%s)" % ", ".join(names))

    def st_local_type(self):
        n = self.name("T")
        t = Type("struct", n, named=True)
        t.fields = [(self.name("f"), self.type(1)) for _ in range(1 + self.below(3))]
        if self.chance(30):
            bases = [x for x in self.named if x.kind == "struct"]
            if bases:
                e = self.pick(bases)
                t.embedded.append((e.s, e, False))
                t.fields.insert(0, (e.s, e))
        t.comparable = all(ft.comparable for _, ft in t.fields)
        t.printable = all(ft.printable for _, ft in t.fields)
        texts = [fn + " " + ft.s if fn != ft.s else fn for fn, ft in t.fields]
        self.line("type %s struct { %s }" % (n, "; ".join(texts)))
        v = self.name("v")
        self.line("%s := %s" % (v, self.expr_struct(t, 2)))
        self.use(v)
        self.variable(v, t)
        self.show(v, t)

    def target(self, t=None):
        """A place to assign to, with its type; None if none was found."""
        for _ in range(6):
            u = t or self.type(2)
            p = self.find(u, ASSIGN)
            if not p:
                continue
            if p[3] & LOOPVAR:
                continue
            if self.pure and (p[3] & REF or p[4][0] < self.literal or p[4][1] < self.base):
                continue
            return p, u
        return None

    def value(self, t, d):
        text = self.arg(t, d)
        if t.kind == "string":
            return "short(%s)" % text if t is STRING else "%s(short(string(%s)))" % (t.s, text)
        if t.kind == "slice":
            p = self.expr(t, d)
            return p
        return text

    def st_assign(self):
        found = self.target()
        if not found:
            return self.st_declare() if self.depth < 4 else None
        p, t = found
        text = self.fill(p, 2)
        x = self.below(100)
        if t.kind == "int" and x < 50:
            y = self.below(10)
            if y < 3:
                self.line("%s%s" % (text, self.pick(["++", "--"])))
            elif y < 5:
                self.line("%s %s= (%s & 7)" % (text, self.pick(["<<", ">>"]), self.expr(INT, 1)))
            elif y < 6:
                self.line("%s %s= (%s | 1)" % (text, self.pick("/%"), self.expr(t, 1)))
            else:
                self.line("%s %s= %s" % (text, self.pick(["+", "-", "*", "|", "^", "&", "&^"]),
                                         self.arg(t, 2)))
        elif t.kind == "float" and x < 50:
            self.line("%s %s= %s" % (text, self.pick("+-*"), self.arg(t, 2)))
        elif t.kind == "string" and x < 30 and not p[1]:
            self.line("%s = %s" % (text, self.value(t, 2)))
            self.line("%s += %s" % (text, self.pick(['"+"', '"ß"', self.plain(t)])))
        elif t.kind == "slice" and x < 50 and not p[1]:
            self.line("%s = append(%s, %s)" % (
                text, text, self.elements(t.elem, 2, 1 + self.below(2))))
            self.line("if len(%s) > 12 {" % text)
            self.line("%s = %s[len(%s)-%d:]" % (text, text, text, 1 + self.below(8)))
            self.line("}")
        elif x > 85 and not p[3] & REF:
            other = self.target()
            if other and not other[0][3] & (REF | PANICS) and other[0][0] != p[0]:
                text2 = self.fill(other[0], 1)
                self.line("%s, %s = %s, %s" % (
                    text, text2, self.value(t, 2), self.value(other[1], 2)))
                return
            self.line("%s = %s" % (text, self.value(t, 3)))
        else:
            self.line("%s = %s" % (text, self.value(t, 3)))

    def st_if(self):
        x = self.below(4)
        if x == 0:
            t = self.easy()
            n = self.name("v")
            self.open()
            init = self.bare(self.expr(t, 2))
            self.line("if %s := %s; %s {" % (n, init, "%s %s %s" % (
                n, "==" if t.kind == "bool" else self.pick(["==", "!=", "<", ">="]),
                self.bare(self.arg(t, 1)))))
            self.variable(n, t)
            self.body(1 + self.below(2))
            self.line("} else {")
            self.body(1)
            self.line("}")
            self.close()
            return
        self.line("if %s {" % self.condition())
        self.body(1 + self.below(3))
        if x == 1:
            self.line("} else if %s {" % self.condition())
            self.body(1)
        if x >= 2:
            self.line("} else {")
            self.body(1 + self.below(2))
        self.line("}")

    def leave(self):
        """break or continue of one of the loops around, behind a condition."""
        loops = self.loops
        if not loops or self.chance(40):
            return
        label, used, kind = loops[-1 - self.below(len(loops))]
        word = self.pick(["break", "continue"]) if kind == "for" else "break"
        if label is not loops[-1][0] or self.chance(50) or kind == "switch":
            used.append(1)
            word += " " + label
        self.line("if %s {" % self.condition(1))
        if not self.pure and self.chance(30):
            self.line('fmt.Println("%s")' % word)
        self.line(word)
        self.line("}")

    def st_for(self):
        label, used = self.name("L"), []
        at = len(self.out)
        x = self.below(100)
        n = 1 + self.below(5)
        self.open()
        i = self.name("i")
        self.line("")  # for the label
        inner = None
        if x < 30:
            t = self.pick([INT, INT, INT, BASIC["int8"], BASIC["uint16"], BASIC["int64"]])
            self.line("for %s := %s(0); %s < %d; %s++ {" % (i, t.s, i, n, i))
            self.variable(i, t, LOOPVAR)
        elif x < 40:
            self.line("for %s := 0; ; {" % i)
            self.line("if %s++; %s > %d {" % (i, i, n))
            self.line("break")
            self.line("}")
            self.variable(i, INT, LOOPVAR)
        elif x < 48:
            # the counter may be seen by literals: it is not the loop's own
            self.out.pop()
            self.line("%s := %d" % (i, n))
            self.line("")
            at = len(self.out) - 1
            self.line("for %s > 0 && %s {" % (i, self.expr(BOOL, 1)))
            self.line("%s--" % i)
            self.variable(i, INT, 0)
        elif x < 80:
            t = self.type(1)
            kind = self.pick(["slice", "array", "string", "pointer", "slice"])
            v = self.name("v")
            if kind == "string":
                self.line("for %s, %s := range part(%s, 0, 4) {" % (i, v, self.expr(STRING, 1)))
                t = RUNE
            elif kind == "slice":
                st = self.slice(t)
                head = self.expr(st, 1)
                self.line("for %s, %s := range (%s) {" % (i, v, head))
                self.line("if %s > 5 {" % i)
                self.line("break")
                self.line("}")
            else:
                at_ = self.array(t, self.pick([2, 3, 4]))
                p = self.find(at_, ADDR)
                if p and self.chance(60) and not self.pure:
                    head = self.fill(p, 1)
                    if kind == "pointer":
                        head = "&" + head if not head.startswith("*") else head[1:]
                    head = "(%s)" % head
                else:
                    head = "(%s)" % self.expr_array(at_, 1)
                    if kind == "pointer" and head.startswith("(" + at_.s + "{"):
                        head = "(&%s" % head[1:]
                self.line("for %s, %s := range %s {" % (i, v, head))
            self.variable(i, INT, LOOPVAR)
            self.variable(v, t, LOOPVAR | ADDR if self.shared else LOOPVAR)
            self.use(i, v)
        elif x < 90:
            mt = self.map(self.key_type(), self.type(1))
            s = self.name("s")
            k, v = self.name("k"), self.name("v")
            self.out.pop()
            self.line("%s := 0" % s)
            self.line("for %s, %s := range (%s) {" % (k, v, self.expr(mt, 2)))
            self.line("_, _ = %s, %s" % (k, v))
            if mt.key.kind == "int":
                self.line("%s += int(%s)" % (s, k))
            if mt.elem.kind == "int":
                self.line("%s += int(%s) * 3" % (s, v))
            elif mt.elem.kind in ("slice", "string", "map"):
                self.line("%s += len(%s)" % (s, v))
            self.line("%s++" % s)
            self.line("}")
            self.close()
            self.variable(s, INT)
            return
        else:
            self.line("for range [%d]struct{}{} {" % n)
        self.line("step()")
        self.loops = self.loops + [(label, used, "for")]
        self.depth += 1
        self.body(1 + self.below(3))
        self.leave()
        self.depth -= 1
        self.loops = self.loops[:-1]
        self.line("}")
        self.close()
        if used:
            self.out[at] = label + ":"
        else:
            del self.out[at]

    def st_switch(self):
        label, used = self.name("L"), []
        at = len(self.out)
        self.line("")
        t = self.easy()
        tagless = self.chance(30)
        n = 1 + self.below(3)
        if tagless:
            self.line("switch {" if self.chance(70) else "switch step(); {")
            cases = [self.bare(self.expr(BOOL, 2)) for _ in range(n)]
        else:
            tag = self.bare(self.expr(t, 2))
            if self.chance(30):
                v = self.name("v")
                self.line("switch %s := %s; %s {" % (v, tag, v))
            else:
                self.line("switch %s {" % tag)
            if t.kind == "int" and self.chance(60):
                values = self.r.sample(range(max(-2, t.lowest()), 8), n + 1)
                cases = [str(v) for v in values[:n]]
                if self.chance(30):
                    cases[0] += ", %d" % values[n]
            elif t.kind == "string" and self.chance(60):
                cases = ['"%s"' % w for w in self.r.sample(WORDS, n)]
            else:
                cases = [self.bare(self.expr(t, 1)) for _ in range(n)]
        order = ["case %s:" % c for c in cases]
        if self.chance(60):
            order.insert(self.below(len(order) + 1), "default:")
        self.loops = self.loops + [(label, used, "switch")]
        for k, c in enumerate(order):
            self.line(c)
            self.body(1 + self.below(2))
            if k + 1 < len(order) and self.chance(15):
                self.line("fallthrough")
            elif self.chance(15):
                self.leave()
        self.loops = self.loops[:-1]
        self.line("}")
        if used:
            self.out[at] = label + ":"
        else:
            del self.out[at]

    def st_type_switch(self):
        v = self.name("v")
        types, seen = [], set()
        for _ in range(2 + self.below(3)):
            t = self.type(1)
            if t.s not in seen and t.s != "any":
                seen.add(t.s)
                types.append(t)
        x = self.iface(ANY, 2) if self.chance(60) or not types else self.expr(self.pick(types), 2)
        self.line("switch %s := any(%s).(type) {" % (v, x))
        # an interface case takes what comes after it
        for t in types:
            self.open()
            self.line("case %s:" % t.s)
            self.use(v)
            self.variable(v, t, nonnil=True) if t.kind != "iface" else self.variable(v, t)
            if t.printable and not self.pure:
                self.line('fmt.Printf("%%T %%v\\n", %s, %s)' % (v, v))
            self.body(1 + self.below(2))
            self.close()
        if self.chance(30):
            self.line("case nil:")
            self.body(1)
        if self.chance(50) or not types:
            self.line("default:")
            self.use(v)
            self.body(1)
        self.line("}")

    def st_closure(self):
        """A closure with state, which is called here and there."""
        n, f = self.name("v"), self.name("f")
        t = self.pick([INT, BYTE, STRING, BASIC["int16"], FLOAT])
        a = self.name("a")
        self.line("%s := %s" % (n, self.expr(t, 1)))
        self.use(n)
        self.open()
        self.literal += 1
        self.variable(a, t)
        update = "%s = short(%s + %s)" % (n, n, a) if t is STRING else "%s += %s" % (n, a)
        result = self.arg(t, 1)
        self.literal -= 1
        self.close()
        self.line("%s := func(%s %s) %s {" % (f, a, t.s, t.s))
        self.line(update)
        if self.chance(30):
            self.line("defer func() { %s = %s }()" % (n, result))
        self.line("return %s" % n)
        self.line("}")
        for _ in range(1 + self.below(2)):
            self.line("%s(%s)" % (f, self.arg(t, 1)))
        r = self.name("v")
        self.line("%s := %s(%s)" % (r, f, self.arg(t, 1)))
        self.use(r)
        self.variable(r, t)
        self.variable(n, t)
        if not self.pure:
            self.line("fmt.Println(%s, %s)" % (r, n))

    def st_call(self):
        options = self.effects if not self.pure else []
        if self.mutators and not self.pure and self.chance(40):
            t, f = self.pick(self.mutators)
            p = self.find(t, ADDR) or self.find(self.pointer(t))
            if p and not p[3] & LOOPVAR:
                self.line("%s.%s(%s)" % (
                    receiver(self.fill(p, 1)), f.name, self.args(f.params, False, 2)))
                return
        if not options or self.literal and self.stage < 2:
            return self.st_assign()
        f = self.pick(options)
        args = self.args(f.params, f.variadic, 2)
        if not f.results:
            self.line("%s(%s)" % (f.name, args))
            return
        names = [self.name("v") for _ in f.results]
        self.line("%s := %s(%s)" % (", ".join(names), f.name, args))
        self.use(*names)
        for n, t in zip(names, f.results):
            self.variable(n, t)
        n, t = names[0], f.results[0]
        self.show(n, t)

    def st_goto(self):
        if self.loops or self.depth > 0 or self.literal:
            return self.st_if()
        label, n = self.name("G"), self.name("n")
        self.line("%s := 0" % n)
        self.line("%s:" % label)
        self.line("%s++" % n)
        self.line("if %s < %d && %s {" % (n, 2 + self.below(3), self.expr(BOOL, 1)))
        self.body(1)
        self.line("goto %s" % label)
        self.line("}")
        self.variable(n, INT, 0)

    def st_defer(self):
        if self.literal or self.loops and self.chance(70):
            return self.st_if()
        x = self.below(4)
        self.trace = self.safe = True
        if x == 0:
            self.line('defer fmt.Println("deferred", %s)' %
                      self.expr(self.pick([INT, STRING, BOOL]), 2))
        elif x == 1:
            self.line("defer func() {")
            self.literal += 1
            self.st_print()
            self.literal -= 1
            self.line("}()")
        elif x == 2:
            a, t = self.name("a"), self.easy()
            self.line("defer func(%s %s) {" % (a, t.s))
            self.line('fmt.Println("deferred", %s)' % a)
            self.line("}(%s)" % self.arg(t, 2))
        else:
            self.line("func() {")
            saved = self.loops
            self.loops = []
            self.line("defer func() {")
            self.line("r := recover()")
            self.line('fmt.Printf("recovered %T %v\\n", r, r)')
            self.line("}()")
            self.literal += 1
            self.body(1)
            self.panics()
            self.literal -= 1
            self.loops = saved
            self.line("}()")
        self.trace = self.safe = False

    def panics(self):
        """A statement that panics, mostly."""
        self.trace = False
        x = self.below(16)
        v = self.name("v")
        if x == 0:
            t = self.easy()
            self.line("panic(%s)" % self.expr(t, 1))
        elif x == 1:
            self.line('panic(fmt.Errorf("e %%v", %s))' % self.expr(INT, 1))
        elif x == 2:
            self.line("var %s []int" % v)
            self.line("_ = %s[%s]" % (v, self.expr(self.pick(INTS), 1)))
        elif x == 3:
            self.line("%s := %s" % (v, self.expr(self.slice(INT), 1)))
            self.line("_ = %s[%s:%s]" % (v, self.expr(INT, 1), self.expr(INT, 0)))
        elif x == 4:
            t = self.pick(INTS)
            self.line("%s := %s - %s" % (v, self.plain(t), t.s + "(0)"))
            self.line("%s -= %s" % (v, v))
            self.line("_ = %s / %s" % (self.expr(t, 1), v))
        elif x == 5:
            self.line("var %s map[string]int" % v)
            self.line("%s[%s] = 1" % (v, self.expr(STRING, 1)))
        elif x == 6:
            t = self.type(1)
            self.line("var %s *%s" % (v, t.s))
            self.line("%s := *%s" % (v + "x", v))
            self.use(v + "x")
        elif x == 7:
            t = self.type(1)
            self.line("%s := any(%s).(%s)" % (v, self.expr(self.easy(), 1), t.s))
            self.use(v)
        elif x == 8:
            t = self.type(1)
            u = self.pick([ERROR] + [n for n in self.named if n.kind == "iface"])
            self.line("%s := any(%s).(%s)" % (v, self.expr(t, 1), u.s))
            self.use(v)
        elif x == 9:
            self.line("%s := %s" % (v, self.expr(INT, 1)))
            self.line(self.pick(["_ = make([]int, %s|-256)", "_ = 1 << (%s | -8)"]) % v)
        elif x == 10:
            self.line("var %s func()" % v)
            self.line("%s()" % v)
        elif x == 11:
            t = self.pick([self.slice(INT), self.map(INT, INT), self.func([], [INT])])
            self.line("%s := any(%s)" % (v, self.expr(t, 1)))
            self.line("fmt.Println(%s == %s)" % (v, v))
        elif x == 12:
            t = self.pick([self.slice(INT), self.map(INT, INT)])
            self.line("%s := map[any]int{1: 2}" % v)
            self.line("%s[%s]++" % (v, self.expr(t, 1)))
        elif x == 13:
            self.line("%s := %s" % (v, self.expr(self.slice(INT), 1)))
            self.line("_ = (*[%d]int)(%s)" % (self.below(20), v))
        elif x == 14:
            self.line("%s := make(chan int, 1)" % v)
            self.line("close(%s)" % v)
            self.line(self.pick(["close(%s)", "%s <- 1"]) % v)
        else:
            t = self.pick([n for n in self.named if n.printable] or [INT])
            self.line("panic(%s)" % self.expr(t, 1))

    def st_channel(self):
        if self.literal:
            return self.st_if()
        c, t = self.name("c"), self.type(1)
        n = 1 + self.below(3)
        v = self.name("v")
        self.line("%s := make(chan %s, %d)" % (c, t.s, n))
        for _ in range(n):
            self.line("%s <- %s" % (c, self.arg(t, 2)))
        x = self.below(4)
        if x == 0:
            self.line("select {")
            self.line("case %s <- %s:" % (c, self.arg(t, 1)))
            self.line('fmt.Println("sent")')
            self.line("default:")
            self.line('fmt.Println("full", len(%s), cap(%s))' % (c, c))
            self.line("}")
        self.line("close(%s)" % c)
        if x == 1:
            self.line("for %s := range %s {" % (v, c))
            self.open()
            self.variable(v, t, LOOPVAR)
            self.use(v)
            self.body(1)
            self.close()
            self.line("}")
        elif x == 2:
            self.line("%s, %sok := <-%s" % (v, v, c))
            self.line("fmt.Println(%sok, len(%s))" % (v, c))
            self.use(v)
            self.variable(v, t)
        else:
            self.line("select {")
            self.line("case %s, ok := <-%s:" % (v, c))
            self.line("fmt.Println(ok)")
            self.use(v)
            self.line("}")

    def st_special(self):
        x = self.below(9)
        v = self.name("v")
        if x == 0:
            # comma-ok forms
            mt = self.map(self.key_type(), self.type(1))
            self.line("%s, %sok := %s[%s]" % (v, v, self.expr_map(mt, 2) if self.chance(40) else
                                              self.expr(mt, 1), self.arg(mt.key, 1)))
            self.use(v, v + "ok")
            self.variable(v, mt.elem)
            self.variable(v + "ok", BOOL)
        elif x == 1:
            t = self.type(1)
            if t.kind == "iface":
                t = INT
            self.line("%s, %sok := any(%s).(%s)" % (v, v, self.expr(self.type(1), 1), t.s))
            self.use(v, v + "ok")
            self.variable(v, t)
            self.variable(v + "ok", BOOL)
        elif x == 2:
            t = self.slice(self.type(1))
            p = self.find(t)
            if p and not p[1] and not self.pure:
                self.line("%s := copy(%s, %s)" % (v, p[0], self.expr(t, 1)))
                self.use(v)
                self.variable(v, INT)
        elif x == 3 and not self.pure:
            mt = self.map(self.key_type(), self.type(1))
            m = self.name("m")
            self.line("%s := %s" % (m, self.expr_map(mt, 2)))
            self.use(m)
            self.variable(m, mt, nonnil=True)
            for _ in range(1 + self.below(3)):
                self.line("%s[%s] = %s" % (m, self.arg(mt.key, 1), self.arg(mt.elem, 2)))
            if mt.elem.kind == "int":
                self.line("%s[%s]++" % (m, self.arg(mt.key, 1)))
            if self.chance(50):
                self.line("delete(%s, %s)" % (m, self.arg(mt.key, 1)))
            self.line("fmt.Println(len(%s))" % m)
            self.show(m, mt)
        elif x == 4:
            # method value: the receiver is copied now
            for _ in range(6):
                t = self.pick(self.named)
                ms = [(n, f) for n, (f, a) in self.methods(t).items() if not a]
                if ms and t.kind != "iface" and self.stage == 2:
                    n, f = self.pick(ms)
                    self.line("%s := %s.%s" % (v, self.bare(self.expr(t, 2)), n))
                    self.use(v)
                    self.variable(v, self.func(f.params, f.results), 0, nonnil=True)
                    if self.chance(50):
                        w = self.name("v")
                        self.line("%s := %s.%s(%s)" % (
                            w, t.s, n, ", ".join(filter(None, [self.expr(t, 1),
                                                               self.args(f.params, False, 1)]))))
                        self.use(w)
                        self.variable(w, f.results[0])
                    break
        elif x == 5 and not self.pure:
            # order of calls on both sides
            a = self.name("v")
            self.safe = True
            self.line("%s := make([]int, 4)" % a)
            i, j = self.traced("I", str(self.below(4))), self.traced("I", str(self.below(4)))
            self.line("%s[%s], %s[%s] = %s, %s" % (a, i, a, j, self.traced("I", self.expr(INT, 1)),
                                                   self.traced("I", self.expr(INT, 1))))
            self.line("%s[%s] %s= %s" % (a, self.traced("I", "1"), self.pick("+-*"),
                                         self.traced("I", self.expr(INT, 1))))
            self.line("fmt.Println(%s)" % a)
            self.variable(a, self.slice(INT))
        elif x == 6:
            # recursion through a variable
            t = self.easy()
            a = self.name("a")
            self.line("var %s func(int) %s" % (v, t.s))
            self.open()
            self.literal += 1
            self.variable(a, INT, 0)
            base = self.arg(t, 1)
            self.literal -= 1
            self.close()
            more = {"int": "+ 1", "string": '+ "r"', "float": "* 2", "bool": "== true"}[t.kind]
            self.line("%s = func(%s int) %s {" % (v, a, t.s))
            self.line("if %s <= 0 {" % a)
            self.line("return %s" % base)
            self.line("}")
            self.line("return %s(%s(%s - 1) %s)" % (t.s, v, a, more))
            self.line("}")
            r = self.name("v")
            self.line("%s := %s(%d)" % (r, v, self.below(6)))
            self.use(r)
            self.variable(r, t)
        elif x == 7:
            # two results passed on
            n1, n2 = self.name("a"), self.name("a")
            t1, t2 = self.easy(), self.easy()
            self.line(("%s := func(%s %s, %s ...%s) int { return len(%s) }"
                       "(func() (%s, %s, %s) { return %s, %s, %s }())")
                      % (v, n1, t1.s, n2, t2.s, n2, t1.s, t2.s, t2.s, self.arg(t1, 1),
                         self.arg(t2, 1), self.arg(t2, 1)))
            self.use(v)
            self.variable(v, INT)
        else:
            # swap and rotate
            t = self.type(1)
            a, b = self.name("v"), self.name("v")
            self.line("%s, %s := %s, %s" % (a, b, self.expr(t, 1), self.expr(t, 1)))
            self.line("%s, %s = %s, %s" % (a, b, b, a))
            self.variable(a, t)
            self.variable(b, t)
            self.use(a, b)
            self.show(a, t)

    def aggregate(self):
        """A type whose values are more than a word, mostly."""
        for _ in range(6):
            t = self.type(2)
            if t.kind in ("struct", "array", "string", "iface", "slice"):
                return t
        return STRING

    def st_more(self):
        getattr(self, self.pick([
            "st_swap", "st_range_into", "st_two_into", "st_aliasing", "st_captured", "st_verbs",
            "st_list", "st_named_result", "st_nested_place", "st_copies"]))()

    def st_swap(self):
        t, v = self.aggregate(), self.name("v")
        n = 2 + self.below(3)
        where = "[]%s" if self.chance(50) else "[" + str(n) + "]%s"
        self.line("%s := %s{%s}" % (v, where % t.s, self.elements(t, 2, n)))
        i, j = self.below(n), self.below(n)
        self.line("%s[%d], %s[%d] = %s[%d], %s[%d]" % (v, i, v, j, v, j, v, i))
        if self.chance(40):
            self.line("%s[0], %s[1], %s[%d] = %s[1], %s[%d], %s[0]" % (
                v, v, v, n - 1, v, v, n - 1, v))
        kind = self.slice(t) if where == "[]%s" else self.array(t, n)
        self.use(v)
        self.variable(v, kind)
        self.show(v, kind)

    def st_range_into(self):
        """A range loop whose variables are places."""
        t, v, w = self.type(1), self.name("v"), self.name("v")
        self.line("var %s struct { k [2]int; e %s }" % (v, t.s))
        self.line("%s := []%s{%s}" % (w, t.s, self.elements(t, 2, 1 + self.below(3))))
        self.line("for %s.k[1], %s.e = range %s {" % (v, v, w))
        self.line("%s.k[0] += %s.k[1] + 1" % (v, v))
        self.line("}")
        if not self.pure:
            self.line("fmt.Println(%s.k)" % v)
        self.lead(v + ".e", (), t, ASSIGN | ADDR, (self.literal, len(self.added) - 1), 2)
        self.variable(w, self.slice(t))

    def st_two_into(self):
        """Two results into places."""
        t, v = self.type(1), self.name("v")
        self.safe = True
        self.line("var %s struct { a [2]%s; ok [2]bool; m map[string]bool }" % (v, t.s))
        self.line("%s.m = map[string]bool{}" % v)
        x = self.below(4)
        left = "%s.a[%d], %s" % (v, self.below(2), self.pick(['%s.ok[1]', '%s.m["x"]', "_"]))
        left = left % v if "%s" in left else left
        if x == 0:
            m = self.map(INT, t)
            self.line("%s = (%s)[%d]" % (left, self.expr_map(m, 2), self.below(4)))
        elif x == 1 and t.kind != "iface":
            u = t if self.chance(60) else self.type(1)
            self.line("%s = any(%s).(%s)" % (left, self.expr(u, 2), t.s))
        elif x == 2:
            c = self.name("c")
            self.line("%s := make(chan %s, 1)" % (c, t.s))
            self.line(self.pick(["%s <- " % c + self.arg(t, 2), "close(%s)" % c]))
            self.line("if len(%s) == 0 {" % c)
            self.line("%s = %s.a[1], true" % (left, v))
            self.line("} else {")
            self.line("%s = <-%s" % (left, c))
            self.line("}")
        else:
            self.line("%s = func() (%s, bool) { return %s, %s }()" % (
                left, t.s, self.arg(t, 2), self.arg(BOOL, 1)))
        if not self.pure:
            self.line("fmt.Println(%s.ok, %s.m)" % (v, v))
        self.lead(v + ".a[1]", (), t, ASSIGN | ADDR, (self.literal, len(self.added) - 1), 2)
        self.lead(v + ".a[0]", (), t, ASSIGN | ADDR, (self.literal, len(self.added) - 1), 2)

    def st_aliasing(self):
        """Slices of one array, and appends that write to it or do not."""
        t = self.easy() if self.chance(50) else self.type(1)
        v, a, b, c = (self.name("v") for _ in range(4))
        n = 3 + self.below(3)
        self.line("%s := [%d]%s{%s}" % (v, n, t.s, self.elements(t, 2, self.below(n + 1))))
        low = self.below(n)
        high = low + self.below(n - low + 1)
        top = ":%d" % (high + self.below(n - high + 1)) if self.chance(50) else ""
        self.line("%s := %s[%d:%d%s]" % (a, v, low, high, top))
        self.line("%s := append(%s, %s)" % (b, a, self.arg(t, 1)))
        self.line("%s := append(%s, %s)" % (c, a, self.elements(t, 2, 1 + self.below(2))))
        if self.chance(50):
            self.line("%s = append(%s[:1], %s...)" % (b, b, b))
        if self.chance(50):
            self.line("copy(%s, %s)" % (b, self.pick([c, a, "%s[1:]" % b, "%s[1:]" % v])))
        self.use(v, a, b, c)
        if t.printable and not self.pure:
            self.line("fmt.Println(%s, %s, %s, %s, len(%s), cap(%s))" % (v, a, b, c, b, a))
        self.variable(v, self.array(t, n))
        self.variable(b, self.slice(t))

    def st_captured(self):
        """A literal that changes a variable around it."""
        t, v, f = self.aggregate(), self.name("v"), self.name("f")
        a = self.name("a")
        self.line("%s := %s" % (v, self.expr(t, 2)))
        self.line("%s := func(%s %s) (old %s) {" % (f, a, t.s, t.s))
        self.line("old, %s = %s, %s" % (v, v, a))
        self.line("return")
        self.line("}")
        w = self.name("v")
        self.line("%s := %s(%s)" % (w, f, self.arg(t, 1)))
        if self.chance(50):
            self.line("%s = %s(%s(%s))" % (w, f, f, self.arg(t, 1)))
        self.use(v, w)
        self.variable(v, t)
        self.variable(w, t)
        self.show(v, t)
        self.show(w, t)

    def st_verbs(self):
        if self.pure:
            return
        for _ in range(8):
            t = self.type(2)
            if t.printable:
                verb = self.pick(["%+v", "%#v", "%v", "%d", "%x", "%q", "%s", "%08.3v", "%-12v|",
                                  "%T", "%6v", "%t", "%X", "%c", "%U", "%o", "%#x", "%e", "%g"])
                if t.s.startswith("map") and verb in ("%c", "%U"):
                    verb = "%v"
                self.line('fmt.Printf("%s\\n", %s)' % (verb, self.expr(t, 2)))
                return

    def st_list(self):
        """A linked list, written and read."""
        t, n, v, w = self.easy(), self.name("T"), self.name("v"), self.name("v")
        self.line("type %s struct { next *%s; e %s }" % (n, n, t.s))
        self.line("var %s *%s" % (v, n))
        for _ in range(1 + self.below(3)):
            self.line("%s = &%s{%s, %s}" % (v, n, v, self.arg(t, 1)))
        self.line("for %s := %s; %s != nil; %s = %s.next {" % (w, v, w, w, w))
        if self.pure:
            self.line("_ = %s.e" % w)
        else:
            self.line("fmt.Print(%s.e, \" \")" % w)
        self.line("}")
        if not self.pure:
            self.line("fmt.Println()")
        self.lead(v + ".e", (), t, ASSIGN | ADDR | REF, (self.literal, len(self.added) - 1), 1)

    def st_named_result(self):
        """Deferred literals change results."""
        t, u, v, w = self.aggregate(), self.easy(), self.name("v"), self.name("v")
        r, q = self.name("r"), self.name("r")
        saved = self.trace, self.pure, self.loops
        self.trace, self.pure, self.loops = False, True, []
        self.literal += 1
        self.open()
        values = [self.arg(t, 2), self.arg(u, 1), self.arg(t, 1), self.arg(u, 1)]
        self.variable(r, t)
        changed = self.arg(t, 2)
        self.close()
        self.literal -= 1
        self.trace, self.pure, self.loops = saved
        self.line("%s, %s := func() (%s %s, %s %s) {" % (v, w, r, t.s, q, u.s))
        self.line("defer func() {")
        if self.chance(50):
            self.line("recover()")
        self.line("%s = %s" % (r, changed))
        self.line("}()")
        self.line("for %s := 0; %s < 2; %s++ {" % (w + "i", w + "i", w + "i"))
        self.line("defer func(n int, o %s) { if n > 0 { %s = o } }(%si, %s)" % (t.s, r, w, r))
        self.line("}")
        self.line("%s, %s = %s, %s" % (r, q, values[0], values[1]))
        self.line("return %s, %s" % (values[2], values[3]))
        self.line("}()")
        self.use(v, w)
        self.variable(v, t)
        self.variable(w, u)
        self.show(v, t)

    def st_nested_place(self):
        """Elements of fields of elements."""
        t, v = self.easy(), self.name("v")
        a, b = self.below(2), self.below(3)
        shape = self.pick([
            ("[2]struct { x, y [3]%s }", "[%d].y[%d]" % (a, b)),
            ("struct { in struct { a [2][3]%s } }", ".in.a[%d][%d]" % (a, b)),
            ("map[int]*[3]%s", "[%d][%d]" % (a, b)),
            ("[][]%s", "[%d][%d]" % (a, b)),
            ("[2]map[int]%s", "[%d][%d]" % (a, b)),
            ("map[string][]%s", '["k"][%d]' % b)])
        self.line("var %s %s" % (v, shape[0] % t.s))
        kind = shape[0]
        if kind.startswith("map[int]"):
            self.line("%s = map[int]*[3]%s{0: {}, 1: new([3]%s)}" % (v, t.s, t.s))
        elif kind.startswith("[][]"):
            self.line("%s = [][]%s{{%s, 2: %s}, make([]%s, 3)}" % (
                v, t.s, self.arg(t, 1), self.arg(t, 1), t.s))
        elif kind.startswith("[2]map"):
            self.line("%s = [2]map[int]%s{{}, {1: %s}}" % (v, t.s, self.arg(t, 1)))
        elif kind.startswith("map[string]"):
            self.line('%s = map[string][]%s{"k": {%s, %s, %s}}' % (
                v, t.s, self.arg(t, 1), self.arg(t, 1), self.arg(t, 1)))
        place = v + shape[1]
        self.line("%s = %s" % (place, self.arg(t, 2)))
        if t.kind == "int":
            self.line("%s %s= %s" % (place, self.pick(["+", "*", "-", "^", "|"]), self.arg(t, 1)))
            self.line("%s++" % place)
        elif t.kind == "string":
            self.line("%s += %s" % (place, self.arg(t, 1)))
        if not self.pure:
            self.line("fmt.Println(%s)" % (v if not kind.startswith("map[int]") else place))
        self.lead(place, (), t, ASSIGN, (self.literal, len(self.added) - 1), 0)

    def st_copies(self):
        """What is assigned is a copy; both are compared."""
        for _ in range(8):
            t = self.aggregate()
            if t.kind in ("struct", "array") and t.comparable:
                break
        else:
            return self.st_swap()
        v, w, x = self.name("v"), self.name("v"), self.name("v")
        self.line("%s := %s" % (v, self.expr(t, 2)))
        self.line("%s, %s := %s, &%s" % (w, x, v, v))
        self.open()
        self.variable(v, t)
        for _ in range(3):
            inner = [p for places in self.env.values() for p in places[-3:]
                     if p[0].startswith(v) and p[0] != v and p[3] & ASSIGN and not p[1]
                     and not p[3] & PANICS]
            if inner:
                p = self.pick(inner)
                kinds = [k for k, places in self.env.items() if p in places]
                self.line("%s = %s" % (p[0], self.arg(self.types.get(kinds[0], p[2]), 1)))
                break
        self.close()
        risky = any(ft.kind == "iface" for _, ft in t.fields) or t.kind == "array"
        if not risky and not self.pure:
            self.line("fmt.Println(%s == %s, *%s == %s, %s != %s)" % (v, w, x, v, w, v))
        self.use(v, w, x)
        self.variable(v, t)
        self.variable(w, t)
        self.show(w, t)

    # ---- Functions

    def function(self, name, params, results, variadic, pure, n, receiver=None):
        """Writes a function, and returns its text."""
        self.pure, self.out, self.results, self.loops, self.depth = pure, [], results, [], 0
        self.limit = self.size + 7
        self.open()
        self.base = len(self.added)  # what is assigned to without effect is younger
        head = "func "
        if receiver:
            rn, rt, pointer = receiver
            head += "(%s %s%s) " % (rn, "*" if pointer else "", rt.s)
            t = self.pointer(rt) if pointer else rt
            self.variable(rn, t, 0 if pointer else ASSIGN, nonnil=True)
        names = [self.name("a") for _ in params]
        for pn, t in zip(names, params):
            self.variable(pn, t, nonnil=not variadic)
        head += "%s(%s)" % (name, self.params_text(params, variadic, names))
        named = results and self.chance(35)
        self.open()
        self.base = len(self.added) - 2
        if named:
            rnames = [self.name("r") for _ in results]
            head += " (%s)" % ", ".join("%s %s" % x for x in zip(rnames, (t.s for t in results)))
            for rn, t in zip(rnames, results):
                self.variable(rn, t)
        elif len(results) == 1:
            head += " " + results[0].s
        elif results:
            head += " (%s)" % ", ".join(t.s for t in results)
        self.line(head + " {")
        if n:
            self.line("step()")
        if named and self.chance(30):
            self.line("defer func() {")
            self.line("if r := recover(); r != nil {")
            if not pure:
                self.line('fmt.Println("recovered", r)')
            self.literal += 1
            t = self.pick(range(len(results)))
            self.line("%s = %s" % (rnames[t], self.arg(results[t], 1)))
            self.literal -= 1
            self.line("}")
            self.line("}()")
        for _ in range(n):
            self.statement()
        if not pure and self.chance(20):
            self.panics()
        if results:
            self.trace = self.safe = not pure and self.chance(30)
            self.risky = False
            if named and self.chance(50):
                self.line("return")
            else:
                self.line("return " + ", ".join(self.arg(t, 2) for t in results))
            self.trace = self.safe = False
        self.line("}")
        self.close()
        self.close()
        text, self.out = "\n".join(self.out), []
        return text

    def signature(self, results):
        params = [self.type(2) for _ in range(self.below(4))]
        variadic = self.chance(20)
        if variadic:
            params.append(self.slice(self.easy()))
        return params, results, variadic

    def program(self):
        self.limit = 10
        self.declare_types()
        self.globals()
        self.stage = 0
        if self.chance(60):
            params, results, variadic = self.signature([self.type(1)])
            name = self.top("F")
            self.decls.append(self.function(name, params, results, variadic, True,
                                            self.below(3)))
            self.place(name + "(\0)", (("args", params, variadic),), results[0], 0, (0, 0))
        self.stage = 1
        for t in self.named:
            if t.kind == "iface":
                continue
            for f in t.methods.values():
                self.decls.append(self.function(f.name, f.params, f.results, False, True,
                                                1 if self.chance(20) else 0, ("m", t, f.pointer)))
            if t.kind in ("int", "string", "struct", "slice", "array") and self.chance(50):
                f = Func("Set%d" % self.below(2), [self.easy()], [], pointer=True)
                if f.name not in t.methods and not any(
                        f.name == x.name for _, x in self.mutators):
                    text = self.function(f.name, f.params, [], False, False, 2, ("m", t, True))
                    self.decls.append(text)
                    self.mutators.append((t, f))
        self.stage = 2
        if self.chance(40):
            params, results, variadic = self.signature([self.type(2)])
            name = self.top("G")
            self.decls.append(self.function(name, params, results, variadic, True,
                                            1 + self.below(2)))
            self.place(name + "(\0)", (("args", params, variadic),), results[0], 0, (0, 0))
        if self.chance(60):
            params, results, variadic = self.signature([self.type(1) for _ in range(self.below(4))])
            name = self.top("H")
            self.decls.append(self.function(name, params, results, variadic, False,
                                            1 + self.below(3)))
            self.effects.append(Func(name, params, results, variadic))
        self.main()
        return Program(self.seed, self.text(), self.p + "_main", self.ends)

    def globals(self):
        """Package variables that depend on one another, in any order."""
        texts = []
        init = self.p + "_init"
        texts.append("var %s []int" % init)
        tr = self.p + "_tr"
        self.decls.append("func %s(k, v int) int {\n%s = append(%s, k)\nreturn v\n}" % (
            tr, init, init))
        self.safe = True
        for k in range(1 + self.below(4)):
            n = self.top("g")
            t = self.type(2)
            x = self.below(10)
            if x < 6:
                texts.append("var %s%s = %s" % (n, " " + t.s if self.chance(30) else "",
                                                self.expr(t, 2)))
                nonnil = True
            elif x < 8:
                t = INT
                texts.append("var %s = %s(%d, %s)" % (n, tr, k, self.expr(INT, 1)))
                nonnil = True
            else:
                texts.append("var %s %s" % (n, t.s))
                nonnil = False
            self.variable(n, t, nonnil=nonnil)
        self.safe = False
        self.r.shuffle(texts)
        self.decls += texts
        if self.chance(30):
            self.decls.append("func init() {\n%s(100, 0)\n}" % tr)

    def main(self):
        self.pure, self.out, self.loops, self.results = False, [], [], []
        self.base = 0
        self.line("func %s_main() {" % self.p)
        self.line("fuel = 20000")
        self.line("fmt.Println(%s_init)" % self.p)
        self.open()
        end = self.below(25)
        self.ends = end < 3
        self.depth = 0
        self.limit = self.size + 12
        self.safe = True
        for _ in range(2):
            self.st_declare()
        self.safe = False
        sections = 1 + self.chance(40)
        for k in range(sections):
            self.limit = self.size + 7
            last = k + 1 == sections
            bare = last and end < 3
            if not bare:
                self.line("guard(%d, func() {" % k)
            self.open()
            for _ in range(2 + self.below(2)):
                self.statement()
            if self.chance(15) and not bare:
                self.panics()
            self.close()
            if not bare:
                self.line("})")
        if end == 0:
            self.panics()
        elif end == 1:
            self.line("defer func() {")
            if self.chance(50):
                self.line('panic(fmt.Sprint("again ", recover()))')
            else:
                self.line("panic(%s)" % self.expr(self.pick([INT, STRING, FLOAT]), 1))
            self.line("}()")
            self.panics()
        elif end == 2:
            self.line("os.Exit(%d)" % self.below(256))
        self.close()
        self.line("}")
        self.decls.append("\n".join(self.out))

    def text(self):
        body = "\n\n".join(self.decls)
        imports = [p for p in ("errors", "fmt", "os") if p + "." in body]
        return "package main\n\nimport (\n%s)\n\n%s\n" % (
            "".join('\t"%s"\n' % p for p in imports), body)


def receiver(text):
    return "(%s)" % text if text.startswith("*") else text


def generate(seed):
    return Generator(seed).program()


def standalone(program, prelude):
    """The text of a program that needs nothing beside it."""
    text = prelude + program.text.split(")\n", 1)[1]
    if "os." in program.text:
        text = text.replace('\t"fmt"\n', '\t"fmt"\n\t"os"\n', 1)
    return text + "\nfunc main() { start(\"%s\", %s) }\n" % (program.entry, program.entry)


if __name__ == "__main__":
    import sys
    print(generate(int(sys.argv[1])).text)
