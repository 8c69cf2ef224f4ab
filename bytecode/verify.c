// verify.c: decides whether the interpreter may trust a function.
//
// Three passes: instruction starts; each instruction's operands, tables and jumps; that control
// cannot run off the end. Safe for arbitrary bytes: nothing is read beyond ins_count, no table
// beyond its count. What it does not know: what the slots hold. Code that computes a pointer from a
// number passes; the compiler's types are the guard against that.
//
// It is also called before vm_load_unit prepares the code (vm/vm.c), so that all operands are
// still as the compiler wrote them.
#include "bytecode/image.h"

#include <stdarg.h>
#include <stdio.h>

typedef struct Verifier {
    const Image *im;
    const Code *c;
    Buf *why;
    u8 *starts; // 1: an instruction begins here
    u32 pc;
    bool ok;
} Verifier;

static void PRINTF_LIKE(2, 3) bad(Verifier *v, const char *fmt, ...)
{
    if (!v->ok)
        return;
    v->ok = false;
    char text[200];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    buf_printf(v->why, "%s: instruction %u", v->c->name ? v->c->name : "?", v->pc);
    if (v->pc < v->c->ins_count && v->c->ins[v->pc].op < OPCODE_COUNT)
        buf_printf(v->why, " (%s)", opcode_info[v->c->ins[v->pc].op].name);
    buf_printf(v->why, ": %s", text);
}

// `count` slots from `first` on must lie in the frame.
static void slots(Verifier *v, u32 first, u64 count)
{
    if (first > v->c->frame_slots || count > v->c->frame_slots - first)
        bad(v, "slots %u to %llu of a frame of %u", first,
            (unsigned long long)(first + (count ? count - 1 : 0)), v->c->frame_slots);
}

static const RType *type(Verifier *v, u64 id)
{
    if (!id || id >= v->im->type_count || !v->im->types[id]) {
        bad(v, "type number %llu", (unsigned long long)id);
        return NULL;
    }
    return v->im->types[id];
}

static const RType *type_of_kind(Verifier *v, u64 id, RKind kind)
{
    const RType *t = type(v, id);
    if (t && t->kind != kind) {
        bad(v, "type %s has the wrong kind", t->name);
        return NULL;
    }
    return t;
}

static const Code *func(Verifier *v, u64 id)
{
    if (!id || id >= v->im->func_count || !v->im->codes[id]) {
        bad(v, "function number %llu", (unsigned long long)id);
        return NULL;
    }
    return v->im->codes[id];
}

static void jump(Verifier *v, i64 offset)
{
    i64 to = (i64)v->pc + offset;
    if (to < 1 || to >= v->c->ins_count || !v->starts[to])
        bad(v, "jump to %lld", (long long)to);
}

static void operand(Verifier *v, int kind, u32 value, Ins ins)
{
    switch (kind) {
    case OPERAND_R1:
    case OPERAND_W1:
    case OPERAND_RW: slots(v, value, 1); break;
    case OPERAND_R2:
    case OPERAND_W2: slots(v, value, 2); break;
    case OPERAND_R3:
    case OPERAND_W3: slots(v, value, 3); break;
    case OPERAND_J16: jump(v, (i16)value); break;
    case OPERAND_J32: jump(v, ins_i32(ins)); break;
    default: break;
    }
}

// A window at slot a: the link below it, arguments in it.
static void window(Verifier *v, u32 a, u64 count)
{
    if (!a)
        bad(v, "a window without room for the link");
    slots(v, a, count);
}

static void map_slots(Verifier *v, u64 id, const RType **key, const RType **elem)
{
    static const RType none;
    const RType *t = type_of_kind(v, id, RK_MAP);
    *key = t && t->key ? t->key : &none;
    *elem = t && t->elem ? t->elem : &none;
}

// Operands whose width depends on something else, and what numbers refer to.
static void special(Verifier *v, const Ins *at)
{
    const Image *im = v->im;
    u32 a = at->a, b = at->b, c = at->c, wide = ins_u32(*at);
    const OpcodeInfo *info = &opcode_info[at->op];
    u64 w1 = info->words >= 1 ? ins_word(at + 1) : 0;
    const RType *t, *key, *elem;
    const Code *f;
    switch ((Opcode)at->op) {
    case OP_MOVN:
        slots(v, a, c);
        slots(v, b, c);
        break;
    case OP_LDZ: slots(v, a, b); break;
    case OP_LDSTR:
        if (wide >= im->string_count)
            bad(v, "string number %u", wide);
        break;
    case OP_LDTYPE:
    case OP_FRESH:
    case OP_NEW: type(v, wide); break;
    case OP_LDFUNC: func(v, wide); break;
    case OP_GADDR:
        if (wide > im->global_bytes)
            bad(v, "global at %u", wide);
        break;
    case OP_LDG:
    case OP_STG:
        if (wide % 8 || (u64)wide + 8 > im->global_bytes)
            bad(v, "global at %u", wide);
        break;
    case OP_DIVI:
    case OP_MODI:
        if (!c)
            bad(v, "division by zero");
        break;
    case OP_SHLI:
    case OP_SHRI:
    case OP_SHRUI:
        if (c > 63)
            bad(v, "shift by %u", c);
        break;
    case OP_EQMEM:
    case OP_MKSLICE:
    case OP_CLONE:
    case OP_APPENDS: type(v, w1); break;
    case OP_MKMAP:
    case OP_MAPCLEAR:
    case OP_MAPITER: type_of_kind(v, w1, RK_MAP); break;
    case OP_MKCHAN: type_of_kind(v, w1, RK_CHAN); break;
    case OP_MKCLOS:
        func(v, w1);
        slots(v, c, b);
        break;
    case OP_MKIFACE:
        if ((t = type(v, w1)))
            slots(v, b, t->slots);
        break;
    case OP_ASSERT:
    case OP_ASSERT2:
        type(v, w1 >> 32);
        if ((t = type(v, w1 & 0xffffffff)))
            slots(v, a, t->slots + (at->op == OP_ASSERT2 ? 1u : 0u));
        break;
    case OP_TYPEIS:
        if (w1)
            type(v, w1);
        break;
    case OP_MAPGET:
    case OP_MAPGET2:
        map_slots(v, w1, &key, &elem);
        slots(v, c, key->slots);
        slots(v, a, elem->slots + (at->op == OP_MAPGET2 ? 1u : 0u));
        break;
    case OP_MAPSET:
        map_slots(v, w1, &key, &elem);
        slots(v, b, key->slots);
        slots(v, c, elem->slots);
        break;
    case OP_MAPDEL:
        map_slots(v, w1, &key, &elem);
        slots(v, b, key->slots);
        break;
    case OP_MAPNEXT:
        map_slots(v, w1 & 0xffffffff, &key, &elem);
        slots(v, a, 2);
        if (w1 >> 32 & 1)
            slots(v, b, key->slots);
        if (w1 >> 33 & 1)
            slots(v, c, elem->slots);
        break;
    case OP_CONCAT: slots(v, b, 2ull * c); break;
    case OP_STRNEXT: slots(v, a, 3); break;
    case OP_APPEND:
        if ((t = type(v, w1 & 0xffffffff)))
            slots(v, c, (w1 >> 32) * t->slots);
        break;
    case OP_SEND: slots(v, b, 0); break; // the channel knows how many
    case OP_RECV: slots(v, a, 0); break;
    case OP_RECV2:
        if (c > 4)
            bad(v, "element of %u slots", c);
        slots(v, a, c + 1);
        break;
    case OP_SELECT:
        slots(v, a, 2);
        slots(v, b, 8ull * c);
        if (w1 > 1)
            bad(v, "word 1 is %llu", (unsigned long long)w1);
        break;
    case OP_GO:
    case OP_DEFER:
        if ((f = func(v, wide)))
            slots(v, a, f->param_slots);
        break;
    case OP_GOC:
    case OP_DEFERC: slots(v, a, c); break;
    case OP_CALL:
        if ((f = func(v, wide)))
            window(v, a, f->param_slots > f->result_slots ? f->param_slots : f->result_slots);
        break;
    case OP_CALLC: window(v, a, c + 1); break;
    case OP_CALLI:
        if (!c)
            bad(v, "no receiver");
        window(v, a, c);
        if (w1 >= im->method_name_count)
            bad(v, "method name number %llu", (unsigned long long)w1);
        break;
    case OP_RETN:
        slots(v, a, b);
        slots(v, 0, b);
        break;
    case OP_NATIVE:
        if (!wide || wide >= im->native_count)
            bad(v, "native number %u", wide);
        break;
    case OP_PRINT:
        if (w1 >= im->string_count) {
            bad(v, "string number %llu", (unsigned long long)w1);
            break;
        } else {
            const ImageString *s = &im->strings[w1];
            u64 count = 0;
            for (u64 i = 0; i < s->len && v->ok; i++) {
                const char *known = "iufgbspelcC_n";
                const char *letter = s->data[i] ? strchr(known, s->data[i]) : NULL;
                static const u8 width[] = {1, 1, 1, 1, 1, 2, 1, 2, 3, 2, 2, 0, 0};
                if (!letter)
                    bad(v, "print of '%c'", s->data[i]);
                else
                    count += width[letter - known];
            }
            slots(v, a, count);
        }
        break;
    case OP_GEXIT:
    case OP_DEFNEXT: bad(v, "only the machine itself uses it"); break;
    case OP_FUNC: bad(v, "a header inside the code"); break;
    default: break;
    }
}

bool verify_code(const Image *im, const Code *c, Buf *why)
{
    Verifier v = {.im = im, .c = c, .why = why, .ok = true};
    if (!c->ins || c->ins_count < 2 || c->ins[0].op != OP_FUNC) {
        bad(&v, "no header or no code");
        return false;
    }
    if (c->frame_slots > 0xffff || c->ins[0].a != c->frame_slots || c->ins[0].b != c->param_slots ||
        c->ins[0].c != c->result_slots)
        bad(&v, "the header differs from the function's sizes");
    // the hidden closure slot stands behind the arguments
    u32 closure = c->flags & CODE_CLOSURE ? 1 : 0;
    if (c->param_slots + closure > c->frame_slots || c->result_slots > c->frame_slots)
        bad(&v, "arguments or results do not fit into the frame");
    v.starts = xcalloc(c->ins_count, 1);
    u32 last = 0;
    for (v.pc = 1; v.ok && v.pc < c->ins_count;) {
        if (c->ins[v.pc].op >= OPCODE_COUNT) {
            bad(&v, "unknown opcode %u", c->ins[v.pc].op);
            break;
        }
        v.starts[v.pc] = 1;
        last = v.pc;
        v.pc += 1 + opcode_info[c->ins[v.pc].op].words;
    }
    if (v.ok && v.pc != c->ins_count) {
        v.pc = last;
        bad(&v, "literal words are missing");
    }
    for (v.pc = 1; v.ok && v.pc < c->ins_count;) {
        const Ins *at = &c->ins[v.pc];
        const OpcodeInfo *info = &opcode_info[at->op];
        operand(&v, info->a, at->a, *at);
        operand(&v, info->b, at->b, *at);
        operand(&v, info->c, at->c, *at);
        if (v.ok)
            special(&v, at);
        v.pc += 1 + info->words;
    }
    if (v.ok && !(opcode_info[c->ins[last].op].flags & OPFLAG_E)) {
        v.pc = last;
        bad(&v, "control runs off the end");
    }
    if (v.ok && (c->flags & CODE_HAS_DEFER) &&
        (c->recover_pc >= c->ins_count || !v.starts[c->recover_pc])) {
        v.pc = c->recover_pc;
        bad(&v, "is no place to recover at");
    }
    free(v.starts);
    return v.ok;
}
