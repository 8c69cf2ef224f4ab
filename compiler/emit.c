// emit.c: writing instructions: labels, patching, slots, the line and variable tables.
//
// Jumps name labels; distances are filled in at the end. Compare-and-branch instructions reach
// 32767 words. A function in which that is not enough is compiled a second time with
// long_jumps, where each of them stands in front of two JMPs:
//
//     JLT a, b, +2     taken: to the second JMP
//     JMP +2           not taken: over it
//     JMP target
//
// Not here: which instructions to emit (compile_*.c).
#include "compiler/emit.h"

enum { MAX_SLOT = 65000 };

void func_start(Func *f)
{
    vec_push(&f->code, ins_abc(OP_FUNC, 0, 0, 0));
    f->epilogue = -1;
    f->max = f->top;
}

void func_free(Func *f)
{
    vec_free(&f->code);
    vec_free(&f->lines);
    vec_free(&f->unsigned_at);
    vec_free(&f->names);
    vec_free(&f->vars);
    vec_free(&f->live);
    vec_free(&f->labels);
    vec_free(&f->fixups);
    vec_free(&f->gotos);
    vec_free(&f->consts);
    vec_free(&f->hoisted);
}

// ---- Slots ----

void need_slots(Func *f, int below)
{
    if (below > f->max)
        f->max = below;
    if (below > MAX_SLOT)
        f->too_large = true;
}

int temp(Func *f, int slots)
{
    int at = f->top;
    f->top += slots;
    need_slots(f, f->top);
    if (f->too_large)
        f->top = 0; // the code is thrown away; keep numbers small
    return at;
}

// ---- Instructions ----

static void note_pos(Func *f)
{
    u32 pc = (u32)f->code.len;
    if (f->lines.len > 0 && vec_last(&f->lines).pos == f->pos)
        return;
    if (f->lines.len > 0 && vec_last(&f->lines).pc == pc) {
        vec_last(&f->lines).pos = f->pos;
        return;
    }
    CodeLine line = {pc, f->pos};
    vec_push(&f->lines, line);
}

void mark_name(Func *f, Pos pos, Pos end)
{
    CodeName name = {(u32)f->code.len, pos, end};
    vec_push(&f->names, name);
}

void mark_unsigned(Func *f)
{
    vec_push(&f->unsigned_at, (u32)f->code.len);
}

int emit(Func *f, Opcode op, i64 a, i64 b, i64 c)
{
    note_pos(f);
    Ins ins = ins_abc(op, (u32)a, (u32)b, (u32)c);
    vec_push(&f->code, ins);
    return f->code.len - 1;
}

int emit_u32(Func *f, Opcode op, i64 a, u64 v)
{
    note_pos(f);
    Ins ins = ins_a32(op, (u32)a, (u32)v);
    vec_push(&f->code, ins);
    return f->code.len - 1;
}

void emit_word(Func *f, u64 w)
{
    Ins ins = word_ins(w);
    vec_push(&f->code, ins);
}

int emit_w(Func *f, Opcode op, i64 a, i64 b, i64 c, u64 word)
{
    int pc = emit(f, op, a, b, c);
    emit_word(f, word);
    return pc;
}

void load_int(Func *f, int dst, i64 v)
{
    if (v == (i32)v)
        emit_u32(f, OP_LDI, dst, (u64)v);
    else
        emit_w(f, OP_LDK, dst, 0, 0, (u64)v);
}

void move(Func *f, int dst, int src, int slots)
{
    if (dst == src || slots == 0)
        return;
    if (slots == 1)
        emit(f, OP_MOV, dst, src, 0);
    else if (slots == 2)
        emit(f, OP_MOV2, dst, src, 0);
    else if (slots == 3)
        emit(f, OP_MOV3, dst, src, 0);
    else
        emit(f, OP_MOVN, dst, src, slots);
}

void zero(Func *f, int dst, int slots)
{
    if (slots == 1)
        emit_u32(f, OP_LDI, dst, 0);
    else if (slots > 1)
        emit(f, OP_LDZ, dst, slots, 0);
}

// ---- Labels ----

int label_new(Func *f)
{
    vec_push(&f->labels, -1);
    return f->labels.len - 1;
}

void label_set(Func *f, int label)
{
    check(f->labels.data[label] < 0);
    f->labels.data[label] = f->code.len;
}

static void fix_later(Func *f, int pc, int label)
{
    Fixup fix = {pc, label};
    vec_push(&f->fixups, fix);
}

void jump(Func *f, int label)
{
    fix_later(f, emit(f, OP_JMP, 0, 0, 0), label);
}

void jump_if(Func *f, int slot, int label, bool want)
{
    fix_later(f, emit(f, want ? OP_JT : OP_JF, slot, 0, 0), label);
}

void jump_cmp(Func *f, Opcode op, i64 a, i64 b, int label)
{
    if (!f->long_jumps) {
        fix_later(f, emit(f, op, a, b, 0), label);
        return;
    }
    emit(f, op, a, b, 2);
    emit_u32(f, OP_JMP, 0, 2);
    jump(f, label);
}

bool falls_through(const Func *f)
{
    int end = f->code.len;
    for (int i = f->labels.len - 1; i >= 0; i--)
        if (f->labels.data[i] == end)
            return true;
    int pc = 1, last = 0;
    while (pc < end) {
        last = pc;
        pc += 1 + opcode_info[f->code.data[pc].op].words;
    }
    return last == 0 || !(opcode_info[f->code.data[last].op].flags & OPFLAG_E);
}

static bool patch(Func *f)
{
    for (int i = 0; i < f->fixups.len; i++) {
        Fixup fix = f->fixups.data[i];
        int target = f->labels.data[fix.label];
        check(target >= 0);
        int distance = target - fix.pc;
        Ins *ins = &f->code.data[fix.pc];
        if (opcode_info[ins->op].b == OPERAND_J32) {
            *ins = ins_a32((Opcode)ins->op, ins->a, (u32)distance);
        } else {
            if (distance != (i16)distance)
                f->jump_too_far = true;
            ins->c = (u16)distance;
        }
    }
    return !f->jump_too_far;
}

// ---- Tables ----

void var_open(Func *f, const char *name, RType *type, int slot, bool boxed)
{
    CodeVar v = {name, type, (u32)f->code.len, 0, (u16)slot, boxed};
    vec_push(&f->live, f->vars.len);
    vec_push(&f->vars, v);
}

void vars_close(Func *f, int live_mark)
{
    while (f->live.len > live_mark)
        f->vars.data[vec_pop(&f->live)].pc_to = (u32)f->code.len;
}

static void *copy_of(const void *data, size_t bytes)
{
    if (bytes == 0)
        return NULL;
    void *p = xmalloc(bytes);
    memcpy(p, data, bytes);
    return p;
}

Code *func_finish(Func *f)
{
    vars_close(f, 0);
    int frame = f->max;
    if (frame < f->param_slots + 1) // the hidden closure slot is written by every CALLC
        frame = f->param_slots + 1;
    if (frame < f->result_slots)
        frame = f->result_slots;
    need_slots(f, frame);
    if (f->too_large || !patch(f))
        return NULL;
    f->code.data[0] = ins_abc(OP_FUNC, (u32)frame, (u32)f->param_slots, (u32)f->result_slots);

    Code *code = xcalloc(1, sizeof *code);
    code->id = f->id;
    code->name = xstrdup(f->name);
    code->pos = f->decl_pos;
    code->flags = f->flags;
    code->ins = copy_of(f->code.data, sizeof(Ins) * (size_t)f->code.len);
    code->ins_count = (u32)f->code.len;
    code->frame_slots = (u32)frame;
    code->param_slots = (u32)f->param_slots;
    code->result_slots = (u32)f->result_slots;
    if (f->flags & CODE_HAS_DEFER)
        code->recover_pc = (u32)f->labels.data[f->epilogue];
    code->lines = copy_of(f->lines.data, sizeof(CodeLine) * (size_t)f->lines.len);
    code->line_count = (u32)f->lines.len;
    code->unsigned_at = copy_of(f->unsigned_at.data, sizeof(u32) * (size_t)f->unsigned_at.len);
    code->unsigned_count = (u32)f->unsigned_at.len;
    code->names = copy_of(f->names.data, sizeof(CodeName) * (size_t)f->names.len);
    code->name_count = (u32)f->names.len;
    int kept = 0;
    for (int i = 0; i < f->vars.len; i++)
        if (f->vars.data[i].pc_to > f->vars.data[i].pc_from)
            f->vars.data[kept++] = f->vars.data[i];
    code->vars = copy_of(f->vars.data, sizeof(CodeVar) * (size_t)kept);
    code->var_count = (u32)kept;
    code->type = f->type;
    return code;
}
