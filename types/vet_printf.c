// vet_printf.c: calls of fmt and log whose format does not fit the arguments, in the words of
// Go's vet.
#include "types/vet_impl.h"

typedef struct PrintFunc {
    const char *pkg, *type, *name; // pkg NULL: a function of the program itself
    int format;                    // argument that is the format; -1: none, all are printed
    int first;                     // first printed argument
    bool newline;                  // ends the line by itself
    bool wraps;                    // knows %w
} PrintFunc;

static const PrintFunc functions[] = {
    {"fmt", NULL, "Printf", 0, 1, false, false},
    {"fmt", NULL, "Sprintf", 0, 1, false, false},
    {"fmt", NULL, "Errorf", 0, 1, false, true},
    {"fmt", NULL, "Fprintf", 1, 2, false, false},
    {"log", NULL, "Printf", 0, 1, false, false},
    {"log", NULL, "Fatalf", 0, 1, false, false},
    {"log", NULL, "Panicf", 0, 1, false, false},
    {"log", "Logger", "Printf", 0, 1, false, false},
    {"log", "Logger", "Fatalf", 0, 1, false, false},
    {"log", "Logger", "Panicf", 0, 1, false, false},
    {"fmt", NULL, "Print", -1, 0, false, false},
    {"fmt", NULL, "Sprint", -1, 0, false, false},
    {"fmt", NULL, "Fprint", -1, 1, false, false},
    {"fmt", NULL, "Println", -1, 0, true, false},
    {"fmt", NULL, "Sprintln", -1, 0, true, false},
    {"fmt", NULL, "Fprintln", -1, 1, true, false},
    {"log", NULL, "Print", -1, 0, false, false},
    {"log", NULL, "Println", -1, 0, true, false},
    {"log", NULL, "Fatal", -1, 0, false, false},
    {"log", NULL, "Fatalln", -1, 0, true, false},
};

static const PrintFunc *find_wrapper(Vet *v, const Object *f);

static const PrintFunc *find_function(Vet *v, const Node *call)
{
    for (int i = 0; i < countof(functions); i++)
        if (vet_calls(call, functions[i].pkg, functions[i].type, functions[i].name))
            return &functions[i];
    const Object *callee = vet_callee(call);
    return callee && callee->pkg == v->pkg ? find_wrapper(v, callee) : NULL;
}

// ---- Functions that print with others -----------------------------------------------------

typedef struct Wrapper {
    Vet *v;
    Object *format, *args;  // its parameters; format NULL: it has none
    const PrintFunc *inner; // what it hands them on to
} Wrapper;

static bool find_handing_on(Node *n, void *arg)
{
    Wrapper *w = arg;
    if (n->kind != NODE_CALL || n->call.ellipsis == POS_NONE || w->inner)
        return !w->inner;
    NodeList *args = &n->call.args;
    if (args->len == 0 || vet_var(vec_last(args)) != w->args)
        return true;
    const PrintFunc *f = find_function(w->v, n);
    if (!f || args->len != f->first + 1)
        return true;
    if (f->format < 0 || (w->format && vet_var(args->data[f->format]) == w->format))
        w->inner = f;
    return true;
}

static bool is_parameter(const Object *obj)
{
    return strcmp(obj->name->text, "_") != 0 && !obj->reassigned && !obj->addr_taken;
}

// func f(…, format string, args ...any) that calls Printf(format, args...), or without format one
// that calls Print(args...); NULL for all others.
static const PrintFunc *find_wrapper(Vet *v, const Object *f)
{
    VetObject *known = vet_object(v, (Object *)f);
    if (known->print_asked)
        return known->print;
    known->print_asked = true;
    const Node *decl = f->decl;
    const FuncInfo *info = decl && decl->kind == NODE_FUNC_DECL ? decl->func.info : NULL;
    if (!info || !info->type || !info->type->variadic || !decl->func.body || info->params.len == 0)
        return NULL;
    int receiver = decl->func.recv ? 1 : 0, last = info->params.len - 1;
    Wrapper w = {.v = v, .args = info->params.data[last]};
    const Type *elem = type_under(w.args->type)->elem;
    if (!is_parameter(w.args) || !elem || type_under((Type *)elem)->kind != TYPE_INTERFACE)
        return NULL;
    if (last > receiver && type_is_string(info->params.data[last - 1]->type) &&
        is_parameter(info->params.data[last - 1]))
        w.format = info->params.data[last - 1];
    vet_walk(decl->func.body, find_handing_on, &w);
    if (!w.inner)
        return NULL;
    PrintFunc *out = arena_new(v->arena, PrintFunc);
    *out = *w.inner;
    out->pkg = NULL;
    out->first = last - receiver;
    out->format = w.inner->format < 0 ? -1 : out->first - 1;
    return known->print = out;
}

// ---- Verbs and types --------------------------------------------------------------------

enum {
    ARG_BOOL = 1,
    ARG_INT = 2,
    ARG_RUNE = 4,
    ARG_FLOAT = 8,
    ARG_COMPLEX = 16,
    ARG_STRING = 32,
    ARG_POINTER = 64,
    ARG_ERROR = 128,
    ARG_ANY = 256,
};

// What a verb prints; 0: there is no such verb.
static int verb_takes(u32 verb)
{
    switch (verb) {
    case 'b': return ARG_INT | ARG_FLOAT | ARG_COMPLEX | ARG_POINTER;
    case 'c':
    case 'U': return ARG_RUNE | ARG_INT;
    case 'd': return ARG_INT | ARG_POINTER;
    case 'e':
    case 'E':
    case 'f':
    case 'F':
    case 'g':
    case 'G': return ARG_FLOAT | ARG_COMPLEX;
    case 'o':
    case 'O': return ARG_INT | ARG_POINTER;
    case 'p': return ARG_POINTER;
    case 'q': return ARG_RUNE | ARG_INT | ARG_STRING;
    case 's': return ARG_STRING;
    case 't': return ARG_BOOL;
    case 'T':
    case 'v': return ARG_ANY;
    case 'w': return ARG_ERROR;
    case 'x':
    case 'X': return ARG_RUNE | ARG_INT | ARG_STRING | ARG_FLOAT | ARG_COMPLEX | ARG_POINTER;
    default: return 0;
    }
}

static bool has_method(Vet *v, Type *t, const char *name)
{
    Selection s = type_select(v->arena, t, name_from(name), v->pkg);
    return s.kind == SELECT_METHOD || s.kind == SELECT_IFACE_METHOD;
}

// Prints itself with verbs for strings.
static bool is_stringer(Vet *v, Type *t)
{
    if (t->kind != TYPE_NAMED && !(t->kind == TYPE_POINTER && t->elem->kind == TYPE_NAMED))
        return false;
    return has_method(v, t, "Error") || has_method(v, t, "String");
}

static bool fits(Vet *v, Type *t, int takes, int depth)
{
    if (takes & ARG_ANY || depth > 10)
        return true;
    if (takes & ARG_ERROR)
        return type_is_interface(t) || has_method(v, t, "Error");
    if (has_method(v, t, "Format"))
        return true;
    if ((takes & ARG_STRING) && is_stringer(v, t))
        return true;
    Type *u = type_under(t);
    switch (u->kind) {
    case TYPE_BOOL:
    case TYPE_UNTYPED_BOOL: return takes & ARG_BOOL;
    case TYPE_INT:
    case TYPE_INT8:
    case TYPE_INT16:
    case TYPE_INT32:
    case TYPE_INT64:
    case TYPE_UINT:
    case TYPE_UINT8:
    case TYPE_UINT16:
    case TYPE_UINT32:
    case TYPE_UINT64:
    case TYPE_UINTPTR: return takes & ARG_INT;
    case TYPE_FLOAT32:
    case TYPE_FLOAT64: return takes & ARG_FLOAT;
    case TYPE_COMPLEX64:
    case TYPE_COMPLEX128: return takes & ARG_COMPLEX;
    case TYPE_STRING: return takes & ARG_STRING;
    case TYPE_INTERFACE: return true;
    case TYPE_FUNC: return takes == ARG_POINTER;
    case TYPE_CHAN: return takes & ARG_POINTER;
    case TYPE_SLICE:
    case TYPE_ARRAY:
        if (takes == ARG_POINTER)
            return u->kind == TYPE_SLICE;
        if (type_under(u->elem)->kind == TYPE_UINT8 && (takes & ARG_STRING))
            return true;
        return fits(v, u->elem, takes, depth + 1);
    case TYPE_MAP:
        if (takes == ARG_POINTER)
            return true;
        return fits(v, u->key, takes, depth + 1) && fits(v, u->elem, takes, depth + 1);
    case TYPE_POINTER: {
        if (takes == ARG_POINTER)
            return true;
        TypeKind to = type_under(u->elem)->kind;
        bool shown = to == TYPE_STRUCT || to == TYPE_ARRAY || to == TYPE_SLICE || to == TYPE_MAP;
        return depth == 0 && shown ? fits(v, u->elem, takes, depth + 1) : takes & ARG_POINTER;
    }
    case TYPE_STRUCT:
        for (int i = 0; i < u->fields.len; i++)
            if (!fits(v, u->fields.data[i].type, takes, depth + 1))
                return false;
        return true;
    default: return true;
    }
}

static const char *verb_for(const Type *t)
{
    const Type *u = type_under((Type *)t);
    if (type_is_integer(t))
        return "%d";
    if (type_is_float(t))
        return "%g";
    if (type_is_string(t))
        return "%s";
    if (type_is_boolean(t))
        return "%t";
    return u->kind == TYPE_POINTER || u->kind == TYPE_CHAN ? "%p or %v" : "%v";
}

// ---- Formats ----------------------------------------------------------------------------

typedef struct Format {
    Vet *v;
    const PrintFunc *f;
    Node *call;
    const char *name;
    Str text;
    size_t at;
    int arg;     // the next one
    int highest; // one past the last one that was used
    bool indexed;
} Format;

static int arg_count(const Format *f)
{
    return f->call->call.args.len - f->f->first;
}

// [n]: false when it makes no sense.
static bool skip_index(Format *f)
{
    if (f->at >= f->text.len || f->text.data[f->at] != '[')
        return true;
    int n = 0;
    size_t i = f->at + 1;
    while (i < f->text.len && f->text.data[i] >= '0' && f->text.data[i] <= '9' && n < 1000)
        n = n * 10 + f->text.data[i++] - '0';
    if (i >= f->text.len || f->text.data[i] != ']' || n < 1 || n > arg_count(f))
        return false;
    f->at = i + 1;
    f->arg = n - 1;
    f->indexed = true;
    return true;
}

static Node *take_arg(Format *f)
{
    int at = f->arg++;
    if (f->arg > f->highest)
        f->highest = f->arg;
    return at < arg_count(f) ? f->call->call.args.data[f->f->first + at] : NULL;
}

// A number or *; false: * with something that is no int.
static bool skip_number(Format *f, size_t start)
{
    if (!skip_index(f))
        return false;
    if (f->at < f->text.len && f->text.data[f->at] == '*') {
        f->at++;
        Node *arg = take_arg(f);
        if (arg && arg->type && !fits(f->v, arg->type, ARG_INT, 0)) {
            vet_warn(f->v, DIAG_PRINTF, arg, "%s format %.*s uses non-int %s as argument of *",
                     f->name, (int)(f->at - start), f->text.data + start, vet_text(f->v, arg));
            return false;
        }
        return true;
    }
    while (f->at < f->text.len && f->text.data[f->at] >= '0' && f->text.data[f->at] <= '9')
        f->at++;
    return true;
}

static bool check_directive(Format *f)
{
    Vet *v = f->v;
    size_t start = f->at++;
    while (f->at < f->text.len && strchr("+-# 0", f->text.data[f->at]) && f->text.data[f->at])
        f->at++;
    if (!skip_number(f, start))
        return false;
    if (f->at < f->text.len && f->text.data[f->at] == '.') {
        f->at++;
        if (!skip_number(f, start))
            return false;
    }
    if (!skip_index(f))
        return false;
    Node *format = f->call->call.args.data[f->f->format];
    if (f->at >= f->text.len) {
        Diag *d =
            vet_warn(v, DIAG_PRINTF, format, "%s format %.*s is missing verb at end of string",
                     f->name, (int)(f->text.len - start), f->text.data + start);
        diag_hint(v->diags, d, "a percent sign itself is written %%%%");
        return false;
    }
    int width;
    u32 verb = utf8_decode(f->text.data + f->at, f->text.len - f->at, &width);
    f->at += (size_t)width;
    int len = (int)(f->at - start);
    const char *directive = f->text.data + start;
    if (verb == '%')
        return true;
    int takes = verb_takes(verb);
    if (!takes) {
        Diag *d = vet_warn(v, DIAG_PRINTF, format, "%s format %.*s has unknown verb %.*s", f->name,
                           len, directive, width, directive + len - width);
        if (verb == 'i' || verb == 'l' || verb == 'u')
            diag_hint(v->diags, d, "integers of every size are printed with %%d");
        else
            diag_hint(v->diags, d, "%%v prints any value; a percent sign itself is written %%%%");
        return false;
    }
    if (verb == 'w' && !f->f->wraps) {
        Diag *d = vet_warn(v, DIAG_PRINTF, format,
                           "%s does not support error-wrapping directive %%w", f->name);
        diag_hint(v->diags, d, "only fmt.Errorf wraps; print errors with %%v");
        return false;
    }
    int number = f->arg + 1;
    Node *arg = take_arg(f);
    if (!arg) {
        Diag *d =
            vet_warn(v, DIAG_PRINTF, f->call, "%s format %.*s reads arg #%d, but call has %d arg%s",
                     f->name, len, directive, number, arg_count(f), arg_count(f) == 1 ? "" : "s");
        diag_hint(v->diags, d, "each verb of the format needs an argument");
        return false;
    }
    if (!arg->type || arg->mode == MODE_NIL)
        return true;
    if (arg->type->kind == TYPE_FUNC && verb != 'p' && verb != 'T') {
        Diag *d = vet_warn(v, DIAG_PRINTF, arg, "%s format %.*s arg %s is a func value, not called",
                           f->name, len, directive, vet_text(v, arg));
        diag_hint(v->diags, d, "%s(…) calls it", vet_text(v, arg));
        return true;
    }
    if (fits(v, arg->type, takes, 0))
        return true;
    Diag *d = vet_warn(v, DIAG_PRINTF, arg, "%s format %.*s has arg %s of wrong type %s", f->name,
                       len, directive, vet_text(v, arg), vet_type_text(v, arg->type));
    diag_hint(v->diags, d, "%s fits; %%v fits every type", verb_for(arg->type));
    return true;
}

static void check_format(Vet *v, const PrintFunc *pf, Node *call, const char *name)
{
    if (call->call.args.len <= pf->format || call->flag & NODEFLAG_SPREAD)
        return;
    const Node *format = call->call.args.data[pf->format];
    if (!format->cval || const_kind(format->cval) != CONST_STRING)
        return;
    Format f = {v, pf, call, name, const_str(format->cval), 0, 0, 0, false};
    bool spread = call->call.ellipsis != POS_NONE;
    while (f.at < f.text.len) {
        if (f.text.data[f.at] != '%') {
            f.at++;
            continue;
        }
        if (spread && f.arg > 0)
            return;
        if (spread || !check_directive(&f))
            return;
    }
    if (spread || f.indexed || f.highest >= arg_count(&f))
        return;
    Node *extra = call->call.args.data[pf->first + f.highest];
    Diag *d;
    if (f.highest == 0)
        d = vet_warn(v, DIAG_PRINTF, extra, "%s call has arguments but no formatting directives",
                     name);
    else
        d = vet_warn(v, DIAG_PRINTF, extra, "%s call needs %d arg%s but has %d args", name,
                     f.highest, f.highest == 1 ? "" : "s", arg_count(&f));
    diag_hint(v->diags, d, "a verb such as %%v in the format says where an argument is printed");
}

// ---- Println and its kind ---------------------------------------------------------------

static bool has_directive(Str s)
{
    for (size_t i = 0; i + 1 < s.len; i++) {
        if (s.data[i] != '%')
            continue;
        size_t k = i + 1;
        while (k < s.len && strchr("+-#.0123456789", s.data[k]) && s.data[k])
            k++;
        if (k < s.len && strchr("bcdefgopqstTvxXU", s.data[k]) &&
            (k + 1 == s.len || !((s.data[k + 1] | 0x20) >= 'a' && (s.data[k + 1] | 0x20) <= 'z')))
            return true;
    }
    return false;
}

static void check_print(Vet *v, const PrintFunc *pf, Node *call, const char *name)
{
    const NodeList *args = &call->call.args;
    for (int i = pf->first; i < args->len; i++) {
        Node *arg = args->data[i];
        if (arg->type && arg->type->kind == TYPE_FUNC && arg->mode != MODE_NIL) {
            Diag *d = vet_warn(v, DIAG_PRINTF, arg, "%s arg %s is a func value, not called", name,
                               vet_text(v, arg));
            diag_hint(v->diags, d, "%s(…) calls it", vet_text(v, arg));
        }
        if (!arg->cval || const_kind(arg->cval) != CONST_STRING)
            continue;
        Str s = const_str(arg->cval);
        if (i == pf->first && has_directive(s)) {
            Diag *d = vet_warn(v, DIAG_PRINTF, arg, "%s call has possible formatting directive %s",
                               name, vet_text(v, arg));
            const char *dot = strrchr(name, '.');
            int stem = (int)(strlen(name) - (strstr(dot ? dot : name, "ln") ? 2 : 0));
            if (pf->pkg)
                diag_hint(v->diags, d, "%.*sf understands %%; it does not end the line by itself",
                          stem, name);
        }
        if (pf->newline && i == args->len - 1 && s.len > 0 && s.data[s.len - 1] == '\n') {
            Diag *d =
                vet_warn(v, DIAG_PRINTF, arg, "%s arg list ends with redundant newline", name);
            diag_hint(v->diags, d, "%s ends the line by itself", name);
        }
    }
}

static bool check_node(Node *n, void *arg)
{
    Vet *v = arg;
    const PrintFunc *f = n->kind == NODE_CALL ? find_function(v, n) : NULL;
    if (!f)
        return true;
    const char *name = vet_text(v, n->call.fun);
    if (f->format >= 0)
        check_format(v, f, n, name);
    else
        check_print(v, f, n, name);
    return true;
}

void vet_printf(Vet *v)
{
    vet_walk_package(v, check_node, v);
}
