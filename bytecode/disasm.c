// disasm.c: instructions as text: names, slots, jump targets, what numbers refer to, lines.
//
// Works on any bytes: a number that refers to nothing is printed as a number.
#include "bytecode/image.h"

#include <ctype.h>

static void put_quoted(Buf *out, const char *s, u64 len)
{
    enum { SHOWN = 40 };
    buf_putc(out, '"');
    for (u64 i = 0; i < len && i < SHOWN; i++) {
        u8 ch = (u8)s[i];
        if (ch == '"' || ch == '\\')
            buf_printf(out, "\\%c", ch);
        else if (ch == '\n')
            buf_puts(out, "\\n");
        else if (ch == '\t')
            buf_puts(out, "\\t");
        else if (ch < ' ' || ch == 127)
            buf_printf(out, "\\x%02x", ch);
        else
            buf_putc(out, (char)ch);
    }
    buf_puts(out, len > SHOWN ? "\"..." : "\"");
}

static const char *func_name(const Image *im, u64 id)
{
    return im && id < im->func_count && im->codes[id] ? im->codes[id]->name : NULL;
}

static const char *type_name(const Image *im, u64 id)
{
    return im && id && id < im->type_count && im->types[id] ? im->types[id]->name : NULL;
}

static void put_type(const Image *im, u64 id, Buf *out)
{
    const char *name = type_name(im, id);
    if (name)
        buf_printf(out, "  ; %s", name);
    else
        buf_printf(out, "  ; type %llu", (unsigned long long)id);
}

static void put_func(const Image *im, u64 id, Buf *out)
{
    const char *name = func_name(im, id);
    if (name)
        buf_printf(out, "  ; %s", name);
}

// What the number in an instruction or its literal words means.
static void put_meaning(const Image *im, const Ins *at, u32 words, Buf *out)
{
    u64 w1 = words >= 1 ? ins_word(at + 1) : 0, w2 = words >= 2 ? ins_word(at + 2) : 0;
    switch (at->op) {
    case OP_LDK: {
        double d;
        memcpy(&d, &w1, 8);
        buf_printf(out, "  ; %lld", (long long)w1);
        if ((w1 >> 52 & 0x7ff) > 0x300 && (w1 >> 52 & 0x7ff) < 0x500)
            buf_printf(out, " = %g", d);
        break;
    }
    case OP_LDSTR: {
        u32 n = ins_u32(*at);
        if (im && n < im->string_count) {
            buf_puts(out, "  ; ");
            put_quoted(out, im->strings[n].data, im->strings[n].len);
        }
        break;
    }
    case OP_PRINT:
        if (im && w1 < im->string_count) {
            buf_puts(out, "  ; ");
            put_quoted(out, im->strings[w1].data, im->strings[w1].len);
        }
        break;
    case OP_LDTYPE:
    case OP_FRESH:
    case OP_NEW: put_type(im, ins_u32(*at), out); break;
    case OP_LDFUNC:
    case OP_CALL:
    case OP_GO:
    case OP_DEFER: put_func(im, ins_u32(*at), out); break;
    case OP_MKCLOS: put_func(im, w1, out); break;
    case OP_NATIVE:
        if (im && ins_u32(*at) < im->native_count)
            buf_printf(out, "  ; %s", im->natives[ins_u32(*at)]);
        break;
    case OP_CALLI: {
        u64 name = w1 & (IMAGE_MAX_NUMBER - 1); // a prepared CALLI keeps its cache above
        if (im && name < im->method_name_count)
            buf_printf(out, "  ; .%s", im->method_names[name]);
        break;
    }
    case OP_ASSERT:
    case OP_ASSERT2:
    case OP_APPEND:
    case OP_MAPNEXT:
        put_type(im, w1 & 0xffffffff, out);
        if (at->op == OP_APPEND)
            buf_printf(out, " x %llu", (unsigned long long)(w1 >> 32));
        break;
    case OP_SLICE:
    case OP_SLICEA:
    case OP_SLICES:
        buf_printf(out, "  ; [lo:%s%s]", w1 >> 32 & 1 ? "hi" : "", w1 >> 33 & 1 ? ":max" : "");
        if ((u32)w1)
            buf_printf(out, " x %u bytes", (u32)w1);
        break;
    case OP_EQMEM:
    case OP_MKSLICE:
    case OP_MKMAP:
    case OP_MKCHAN:
    case OP_CLONE:
    case OP_MKIFACE:
    case OP_TYPEIS:
    case OP_MAPGET:
    case OP_MAPGET2:
    case OP_MAPSET:
    case OP_MAPDEL:
    case OP_MAPCLEAR:
    case OP_MAPITER:
    case OP_APPENDS:
        if (w1)
            put_type(im, w1, out);
        break;
    default:
        if (words == 1)
            buf_printf(out, "  ; %llu", (unsigned long long)w1);
        else if (words == 2)
            buf_printf(out, "  ; %llu, %llu", (unsigned long long)w1, (unsigned long long)w2);
    }
}

static void put_operand(int kind, u32 v, i32 wide, u32 pc, Buf *out)
{
    switch (kind) {
    case OPERAND_I16: buf_printf(out, "%d", (i16)v); break;
    case OPERAND_U16: buf_printf(out, "%u", v); break;
    case OPERAND_I32: buf_printf(out, "%d", wide); break;
    case OPERAND_U32: buf_printf(out, "#%u", (u32)wide); break;
    case OPERAND_J16: buf_printf(out, "-> %lld", (long long)pc + (i16)v); break;
    case OPERAND_J32: buf_printf(out, "-> %lld", (long long)pc + wide); break;
    default: buf_printf(out, "r%u", v); break;
    }
}

void disasm_ins(const Image *im, const Code *c, u32 pc, Buf *out)
{
    const Ins *at = &c->ins[pc];
    if (at->op >= OPCODE_COUNT) {
        buf_printf(out, "%-9s %u %u %u %u", "?", at->op, at->a, at->b, at->c);
        return;
    }
    const OpcodeInfo *info = &opcode_info[at->op];
    char name[16];
    size_t n = 0;
    for (; info->name[n] && n < sizeof name - 1; n++)
        name[n] = (char)tolower((u8)info->name[n]);
    name[n] = 0;
    buf_printf(out, "%-9s", name);
    const u8 kinds[3] = {info->a, info->b, info->c};
    const u16 values[3] = {at->a, at->b, at->c};
    const char *between = " ";
    for (int i = 0; i < 3; i++) {
        if (kinds[i] == OPERAND__ || kinds[i] == OPERAND_CC)
            continue;
        buf_puts(out, between);
        put_operand(kinds[i], values[i], ins_i32(*at), pc, out);
        between = ", ";
    }
    u32 words = pc + info->words < c->ins_count ? info->words : 0;
    put_meaning(im, at, words, out);
}

// The instructions that some jump goes to. Freed by the caller.
static bool *jump_targets(const Code *c)
{
    bool *target = xcalloc(c->ins_count + 1, sizeof *target);
    for (u32 pc = 1; pc < c->ins_count; pc++) {
        const Ins *at = &c->ins[pc];
        if (at->op >= OPCODE_COUNT)
            continue;
        const OpcodeInfo *info = &opcode_info[at->op];
        if (info->flags & OPFLAG_J) {
            i64 to = (i64)pc + (info->b == OPERAND_J32 ? ins_i32(*at) : (i16)at->c);
            if (to > 0 && to < c->ins_count)
                target[to] = true;
        }
        pc += info->words;
    }
    return target;
}

// Which variable stands where; a boxed one is behind the pointer in its slot.
static void put_vars(const Code *c, Buf *out)
{
    for (u32 i = 0; i < c->var_count; i++) {
        const CodeVar *v = &c->vars[i];
        buf_printf(out, "  ; %u to %u: r%u is %s%s %s\n", v->pc_from, v->pc_to, v->slot,
                   v->boxed ? "*" : "", v->name, v->type->name);
    }
}

void disasm_code(const Image *im, const Code *c, Buf *out)
{
    buf_printf(out, "func %s  ; #%u, %u arguments, %u results, %u slots", c->name, c->id,
               c->param_slots, c->result_slots, c->frame_slots);
    if (c->flags & CODE_HAS_DEFER)
        buf_printf(out, ", recovers at %u", c->recover_pc);
    if (c->flags & CODE_WRAPPER)
        buf_puts(out, ", wrapper");
    if (c->flags & CODE_CLOSURE)
        buf_puts(out, ", closure");
    buf_putc(out, '\n');
    put_vars(c, out);
    bool *target = jump_targets(c);
    int line = 0;
    for (u32 pc = 1; pc < c->ins_count; pc++) {
        const Ins *at = &c->ins[pc];
        Place place = source_place(code_pos_at(c, pc));
        if (place.file && place.line != line) {
            line = place.line;
            buf_printf(out, "  %s:%d\n", place.file->name, line);
        }
        buf_printf(out, "%s%6u  ", target[pc] ? " >" : "  ", pc);
        disasm_ins(im, c, pc, out);
        buf_putc(out, '\n');
        if (at->op < OPCODE_COUNT)
            pc += opcode_info[at->op].words;
    }
    free(target);
}
