// interp.c: the loop. One body for each instruction; bytecode/opcode.def says what each does.
//
// State: pc, base, p; everything else is in memory. A slot operand is base[pc->a]. The code was
// verified (bytecode/verify.c), so nothing is checked here but what the language checks.
//
// Safepoints are calls and taken jumps: one compare with P.limit, which whoever wants something of
// this P sets to 0. Any instruction boundary would do: all values are in the frame.
//
// Before an operation that may park, SAVE writes pc, base and the end of the live stack to the
// fiber (Note [Park protocol], runtime/sched.c). A parked fiber is not touched again: SWITCH takes
// the P's next one without leaving the loop. A woken one finds its results in its frame.
//
// Bodies are short; what is long or seldom is a function elsewhere (ops.c, call.c) that returns a
// Step. Two ways to dispatch: computed goto, and a switch with -DCSP_SWITCH=1.
//
// The file is compiled a second time by interp_count.c, as the loop of --seed: it counts
// instructions and gives way when the slice is over, and before each visible operation
// (runtime/step.h). Between any two instructions all values are in the frame, so it may stop
// anywhere but in the stubs. That loop also prints what it does (CSPDEBUG=instr).
#include <stdio.h>

#include "base/debug.h"
#include "runtime/chan_inline.h"
#include "runtime/select.h"
#include "vm/ops.h"
#include "vm/vm_impl.h"

#ifndef INTERP_COUNTED
#define INTERP_COUNTED 0
#endif
#ifndef CSP_SWITCH
#define CSP_SWITCH 0
#endif

// float64 a*b+c is rounded twice on every machine
#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#endif

// Memory of a program: one access of that width, whatever the type of what is there.
typedef u8 __attribute__((may_alias)) Mem8;
typedef u16 __attribute__((may_alias)) Mem16;
typedef u32 __attribute__((may_alias)) Mem32;
typedef u64 __attribute__((may_alias)) Mem64;
typedef i8 __attribute__((may_alias)) MemS8;
typedef i16 __attribute__((may_alias)) MemS16;
typedef i32 __attribute__((may_alias)) MemS32;

#define MIN_I64 ((i64)((u64)1 << 63))

static inline i64 float_to_int(double d)
{
    // what cvttsd2si gives when the value does not fit, NaN included
    return d >= -0x1p63 && d < 0x1p63 ? (i64)d : MIN_I64;
}

static inline u64 float_to_uint(double d)
{
    if (d < 0x1p63)
        return (u64)float_to_int(d);
    return (u64)float_to_int(d - 0x1p63) ^ (u64)1 << 63;
}

#if INTERP_COUNTED
static COLD void trace(P *p, const Ins *pc, const Slot *base)
{
    u32 index;
    const Code *c = image_code_at(vm.image, pc, &index);
    Buf line = {0};
    buf_printf(&line, "%5llu %-24s %5u  ", (unsigned long long)p->g->id, c ? c->name : "-",
               c ? index : 0);
    if (c)
        disasm_ins(vm.image, c, index, &line);
    buf_printf(&line, "   | %llx %llx %llx\n", (unsigned long long)base[pc->a],
               (unsigned long long)(c && pc->b < c->frame_slots ? base[pc->b] : 0),
               (unsigned long long)(c && pc->c < c->frame_slots ? base[pc->c] : 0));
    fwrite(line.data, 1, line.len, stderr);
    buf_free(&line);
}
// A stub has no frame.
static bool may_stop_at(const Ins *pc)
{
    return pc->op != OP_GEXIT && pc->op != OP_DEFNEXT && pc->op != OP_FUNC;
}

#define COUNT()                                                                                    \
    do {                                                                                           \
        if (unlikely(DEBUG(instr)))                                                                \
            trace(p, pc, base);                                                                    \
        if (unlikely(--p->fuel < 0) && may_stop_at(pc))                                            \
            goto slice_over;                                                                       \
    } while (0)
// At the beginning of an operation that other goroutines can see.
#define VISIBLE()                                                                                  \
    do {                                                                                           \
        if (p->point == POINT_STOP)                                                                \
            goto visible;                                                                          \
        if (p->point == POINT_PASS)                                                                \
            p->point = POINT_STOP;                                                                 \
    } while (0)
#define NEXT_G(p)  sched_next_counted(p)
#define interp_run interp_run_counted
#else
#define COUNT()   ((void)0)
#define VISIBLE() ((void)0)
#define NEXT_G(p) p_next(p)
#endif

#if CSP_SWITCH
#define OP(name)   case OP_##name:
#define DISPATCH() goto dispatch
#else
#define OP(name) op_##name:
#define DISPATCH()                                                                                 \
    do {                                                                                           \
        COUNT();                                                                                   \
        goto *labels[pc->op];                                                                      \
    } while (0)
#endif

#define A       base[pc->a]
#define B       base[pc->b]
#define C       base[pc->c]
#define SA      ((i64)A)
#define SB      ((i64)B)
#define SC      ((i64)C)
#define IMM_B   ((i64)(i16)pc->b)
#define IMM_C   ((i64)(i16)pc->c)
#define FB      slot_f64(B)
#define FC      slot_f64(C)
#define GB      slot_f32(B)
#define GC_     slot_f32(C)
#define WORD(n) ins_word(pc + (n))

#define NEXT(words)                                                                                \
    do {                                                                                           \
        pc += 1 + (words);                                                                         \
        DISPATCH();                                                                                \
    } while (0)
#define JUMP(words)                                                                                \
    do {                                                                                           \
        pc += (words);                                                                             \
        if (unlikely(base > p_limit(p)))                                                           \
            goto safepoint;                                                                        \
        DISPATCH();                                                                                \
    } while (0)
#define JUMP_IF(condition)                                                                         \
    do {                                                                                           \
        if (condition)                                                                             \
            JUMP((i16)pc->c);                                                                      \
        NEXT(0);                                                                                   \
    } while (0)
#define SAVE(next, frame) fiber_save(f, (next), base, base + (frame))
#define STEPS(call)                                                                                \
    do {                                                                                           \
        step = (call);                                                                             \
        goto stepped;                                                                              \
    } while (0)
// A body in another file: mostly the next instruction follows.
#define BODY(function, words)                                                                      \
    do {                                                                                           \
        step = function(p, pc, base);                                                              \
        if (unlikely(step != STEP_NEXT))                                                           \
            goto stepped;                                                                          \
        NEXT(words);                                                                               \
    } while (0)
#define ENTER(window, entry, ret)                                                                  \
    do {                                                                                           \
        Slot *nb_ = (window);                                                                      \
        const Ins *entry_ = (entry);                                                               \
        if (unlikely(nb_ + entry_[-1].a > p_limit(p)))                                             \
            STEPS(call_enter_slow(p, pc, base, nb_, entry_, (ret)));                               \
        nb_[-1] = ptr_slot(ret);                                                                   \
        base = nb_;                                                                                \
        pc = entry_;                                                                               \
        DISPATCH();                                                                                \
    } while (0)

#define BINARY(name, value)                                                                        \
    OP(name)                                                                                       \
    {                                                                                              \
        A = (Slot)(value);                                                                         \
        NEXT(0);                                                                                   \
    }
#define LOAD_FIELD(name, Mem)                                                                      \
    OP(name)                                                                                       \
    {                                                                                              \
        Slot from = B;                                                                             \
        if (unlikely(!from))                                                                       \
            goto nil;                                                                              \
        A = (Slot)(i64) * (const Mem *)slot_ptr(from + pc->c);                                     \
        NEXT(0);                                                                                   \
    }
#define STORE_FIELD(name, Mem)                                                                     \
    OP(name)                                                                                       \
    {                                                                                              \
        Slot to = A;                                                                               \
        if (unlikely(!to))                                                                         \
            goto nil;                                                                              \
        *(Mem *)slot_ptr(to + pc->c) = (Mem)B;                                                     \
        NEXT(0);                                                                                   \
    }
#define LOAD_ELEM(name, Mem)                                                                       \
    OP(name)                                                                                       \
    {                                                                                              \
        const Slot *s = &B;                                                                        \
        Slot i = C;                                                                                \
        if (unlikely(i >= s[1]))                                                                   \
            goto index_c;                                                                          \
        A = (Slot)(i64)((const Mem *)slot_ptr(s[0]))[i];                                           \
        NEXT(0);                                                                                   \
    }
#define STORE_ELEM(name, Mem)                                                                      \
    OP(name)                                                                                       \
    {                                                                                              \
        const Slot *s = &A;                                                                        \
        Slot i = B;                                                                                \
        if (unlikely(i >= s[1]))                                                                   \
            goto index_b;                                                                          \
        ((Mem *)slot_ptr(s[0]))[i] = (Mem)C;                                                       \
        NEXT(0);                                                                                   \
    }
#define LOAD_ARRAY(name, Mem)                                                                      \
    OP(name)                                                                                       \
    {                                                                                              \
        Slot from = B, i = C;                                                                      \
        if (unlikely(i >= WORD(1)))                                                                \
            goto index_array_c;                                                                    \
        if (unlikely(!from))                                                                       \
            goto nil;                                                                              \
        A = (Slot)(i64)((const Mem *)slot_ptr(from))[i];                                           \
        NEXT(1);                                                                                   \
    }
#define STORE_ARRAY(name, Mem)                                                                     \
    OP(name)                                                                                       \
    {                                                                                              \
        Slot to = A, i = B;                                                                        \
        if (unlikely(i >= WORD(1)))                                                                \
            goto index_array_b;                                                                    \
        if (unlikely(!to))                                                                         \
            goto nil;                                                                              \
        ((Mem *)slot_ptr(to))[i] = (Mem)C;                                                         \
        NEXT(1);                                                                                   \
    }

RunResult interp_run(P *p, G *g)
{
#if !CSP_SWITCH
    static const void *const labels[OPCODE_COUNT] = {
#define LABEL_ENTRY(name) [OP_##name] = &&op_##name,
#undef OP
#define OP(name, a, b, c, words, flags, meaning) LABEL_ENTRY(name)
#include "bytecode/opcode.def"
#undef OP
#define OP(name) op_##name:
    };
#endif
    const Ins *pc;
    Slot *base;
    int step;
    Fiber *f = fiber_of(g);

enter:
    pc = f->pc;
    base = f->base;
    p_set_limit(p, f->limit);
    if (unlikely(f->g.wake))
        STEPS(call_woken(p, f));
#if CSP_SWITCH
dispatch:
    COUNT();
    switch ((Opcode)pc->op) {
#else
    DISPATCH();
#endif

        // clang-format off

    // ---- Constants and moves

    OP(NOP) NEXT(0);
    BINARY(MOV, B)
    OP(MOV2)
    {
        const Slot *from = &B;
        Slot x = from[0], y = from[1], *to = &A;
        to[0] = x;
        to[1] = y;
        NEXT(0);
    }
    OP(MOV3)
    {
        const Slot *from = &B;
        Slot x = from[0], y = from[1], z = from[2], *to = &A;
        to[0] = x;
        to[1] = y;
        to[2] = z;
        NEXT(0);
    }
    OP(MOVN)
    {
        memmove(&A, &B, pc->c * sizeof(Slot));
        NEXT(0);
    }
    BINARY(LDI, (i64)ins_i32(*pc))
    OP(LDK)
    {
        A = WORD(1);
        NEXT(1);
    }
    OP(LDZ)
    {
        Slot *to = &A;
        for (u32 i = 0; i < pc->b; i++)
            to[i] = 0;
        NEXT(0);
    }
    OP(LDSTR)
    {
        const ImageString *s = &vm.strings[ins_u32(*pc)];
        Slot *to = &A;
        to[0] = ptr_slot(s->data);
        to[1] = s->len;
        NEXT(0);
    }
    BINARY(LDTYPE, ptr_slot(vm.types[ins_u32(*pc)]))
    BINARY(LDFUNC, ptr_slot(vm.statics[ins_u32(*pc)]))
    BINARY(GADDR, ptr_slot(vm.globals + ins_u32(*pc)))
    BINARY(LDG, *(const Mem64 *)(vm.globals + ins_u32(*pc)))
    OP(STG)
    {
        *(Mem64 *)(vm.globals + ins_u32(*pc)) = A;
        NEXT(0);
    }

    // ---- Integers

    BINARY(ADD, B + C)
    BINARY(SUB, B - C)
    BINARY(MUL, B * C)
    OP(DIV)
    {
        i64 b = SB, c = SC;
        if (unlikely((u64)c + 1 <= 1)) { // 0 or -1
            if (!c)
                goto divide;
            A = -(u64)b;
        } else {
            A = (Slot)(b / c);
        }
        NEXT(0);
    }
    OP(DIVU)
    {
        if (unlikely(!C))
            goto divide;
        A = B / C;
        NEXT(0);
    }
    OP(MOD)
    {
        i64 b = SB, c = SC;
        if (unlikely((u64)c + 1 <= 1)) {
            if (!c)
                goto divide;
            A = 0;
        } else {
            A = (Slot)(b % c);
        }
        NEXT(0);
    }
    OP(MODU)
    {
        if (unlikely(!C))
            goto divide;
        A = B % C;
        NEXT(0);
    }
    BINARY(AND, (B) & (C))
    BINARY(OR, B | C)
    BINARY(XOR, B ^ C)
    BINARY(ANDNOT, B & ~C)
    BINARY(SHL, C < 64 ? B << C : 0)
    BINARY(SHR, SB >> (C < 64 ? C : 63))
    BINARY(SHRU, C < 64 ? B >> C : 0)
    BINARY(NEG, -B)
    BINARY(COM, ~B)
    BINARY(ADDI, B + (Slot)IMM_C)
    BINARY(MULI, (B) * (Slot)IMM_C)
    OP(DIVI)
    {
        i64 b = SB, c = IMM_C;
        A = unlikely(c == -1) ? -(u64)b : (Slot)(b / c);
        NEXT(0);
    }
    OP(MODI)
    {
        i64 b = SB, c = IMM_C;
        A = unlikely(c == -1) ? 0 : (Slot)(b % c);
        NEXT(0);
    }
    BINARY(ANDI, (B) & (Slot)IMM_C)
    BINARY(SHLI, B << (pc->c & 63))
    BINARY(SHRI, SB >> (pc->c & 63))
    BINARY(SHRUI, B >> (pc->c & 63))
    OP(CHKSHIFT)
    {
        if (unlikely(SA < 0))
            STEPS(call_panic_shift(p, pc, base));
        NEXT(0);
    }

    BINARY(ADDS32, (i64)(i32)(u32)(B + C))
    BINARY(SUBS32, (i64)(i32)(u32)(B - C))
    BINARY(MULS32, (i64)(i32)(u32)(B * C))
    BINARY(ADDU32, (u32)(B + C))
    BINARY(SUBU32, (u32)(B - C))
    BINARY(MULU32, (u32)(B * C))
    BINARY(ADDIS32, (i64)(i32)(u32)(B + (Slot)IMM_C))
    BINARY(ADDIU32, (u32)(B + (Slot)IMM_C))
    BINARY(ADDU8, (u8)(B + C))
    BINARY(SUBU8, (u8)(B - C))
    BINARY(MULU8, (u8)(B * C))
    BINARY(SEXT8, (i64)(i8)B)
    BINARY(SEXT16, (i64)(i16)B)
    BINARY(SEXT32, (i64)(i32)B)
    BINARY(ZEXT8, (u8)B)
    BINARY(ZEXT16, (u16)B)
    BINARY(ZEXT32, (u32)B)

    // ---- Floats

    BINARY(ADDF, f64_slot(FB + FC))
    BINARY(SUBF, f64_slot(FB - FC))
    BINARY(MULF, f64_slot(FB * FC))
    BINARY(DIVF, f64_slot(FB / FC))
    BINARY(NEGF, B ^ (u64)1 << 63)
    OP(MULADDF)
    {
        double product = FB * FC;
        A = f64_slot(slot_f64(A) + product);
        NEXT(0);
    }
    OP(MULSUBF)
    {
        double product = FB * FC;
        A = f64_slot(slot_f64(A) - product);
        NEXT(0);
    }
    BINARY(ADDF32, f32_slot(GB + GC_))
    BINARY(SUBF32, f32_slot(GB - GC_))
    BINARY(MULF32, f32_slot(GB * GC_))
    BINARY(DIVF32, f32_slot(GB / GC_))
    BINARY(NEGF32, (u32)B ^ (u32)1 << 31)
    BINARY(I2F, f64_slot((double)SB))
    BINARY(U2F, f64_slot((double)B))
    BINARY(F2I, float_to_int(FB))
    BINARY(F2U, float_to_uint(FB))
    BINARY(I2F32, f32_slot((float)SB))
    BINARY(U2F32, f32_slot((float)B))
    BINARY(F32F, f64_slot((double)GB))
    BINARY(FF32, f32_slot((float)FB))

    // ---- Comparisons

    BINARY(EQ, B == C)
    BINARY(NE, B != C)
    BINARY(LT, SB < SC)
    BINARY(LE, SB <= SC)
    BINARY(LTU, B < C)
    BINARY(LEU, B <= C)
    BINARY(EQF, FB == FC)
    BINARY(NEF, FB != FC)
    BINARY(LTF, FB < FC)
    BINARY(LEF, FB <= FC)
    BINARY(EQF32, GB == GC_)
    BINARY(NEF32, GB != GC_)
    BINARY(LTF32, GB < GC_)
    BINARY(LEF32, GB <= GC_)
#define STRINGS_EQUAL(x, y)                                                                        \
    ((x)[1] == (y)[1] && ((x)[0] == (y)[0] || (x)[1] == 0 ||                                       \
                          !memcmp(slot_ptr((x)[0]), slot_ptr((y)[0]), (x)[1])))
    BINARY(EQS, STRINGS_EQUAL(&B, &C))
    BINARY(NES, !STRINGS_EQUAL(&B, &C))
    BINARY(LTS, op_compare_strings(&B, &C) < 0)
    BINARY(LES, op_compare_strings(&B, &C) <= 0)
    OP(EQIFACE) BODY(op_eqiface, 0);
    OP(EQMEM) BODY(op_eqmem, 1);
    BINARY(NOT, !B)

    // ---- Jumps

    OP(JMP) JUMP(ins_i32(*pc));
    OP(JT)
    {
        if (A)
            JUMP(ins_i32(*pc));
        NEXT(0);
    }
    OP(JF)
    {
        if (!A)
            JUMP(ins_i32(*pc));
        NEXT(0);
    }
    OP(JEQ) JUMP_IF(A == B);
    OP(JNE) JUMP_IF(A != B);
    OP(JLT) JUMP_IF(SA < SB);
    OP(JLE) JUMP_IF(SA <= SB);
    OP(JLTU) JUMP_IF(A < B);
    OP(JLEU) JUMP_IF(A <= B);
    OP(JEQI) JUMP_IF(SA == IMM_B);
    OP(JNEI) JUMP_IF(SA != IMM_B);
    OP(JLTI) JUMP_IF(SA < IMM_B);
    OP(JLEI) JUMP_IF(SA <= IMM_B);
    OP(JGTI) JUMP_IF(SA > IMM_B);
    OP(JGEI) JUMP_IF(SA >= IMM_B);
    OP(JEQF) JUMP_IF(slot_f64(A) == FB);
    OP(JNEF) JUMP_IF(slot_f64(A) != FB);
    OP(JLTF) JUMP_IF(slot_f64(A) < FB);
    OP(JLEF) JUMP_IF(slot_f64(A) <= FB);
    OP(JNLTF) JUMP_IF(!(slot_f64(A) < FB));
    OP(JNLEF) JUMP_IF(!(slot_f64(A) <= FB));
    OP(JEQS) JUMP_IF(STRINGS_EQUAL(&A, &B));
    OP(JNES) JUMP_IF(!STRINGS_EQUAL(&A, &B));
    OP(FORLOOP) JUMP_IF((i64)++A < SB);
    OP(FORLOOPI) JUMP_IF((i64)++A < IMM_B);

    // ---- Memory behind a pointer

    LOAD_FIELD(LDF8S, MemS8)
    LOAD_FIELD(LDF8U, Mem8)
    LOAD_FIELD(LDF16S, MemS16)
    LOAD_FIELD(LDF16U, Mem16)
    LOAD_FIELD(LDF32S, MemS32)
    LOAD_FIELD(LDF32U, Mem32)
    LOAD_FIELD(LDF64, Mem64)
    OP(LDF2)
    {
        Slot from = B, *to = &A;
        if (unlikely(!from))
            goto nil;
        const Mem64 *m = slot_ptr(from + pc->c);
        to[0] = m[0];
        to[1] = m[1];
        NEXT(0);
    }
    OP(LDF3)
    {
        Slot from = B, *to = &A;
        if (unlikely(!from))
            goto nil;
        const Mem64 *m = slot_ptr(from + pc->c);
        to[0] = m[0];
        to[1] = m[1];
        to[2] = m[2];
        NEXT(0);
    }
    STORE_FIELD(STF8, Mem8)
    STORE_FIELD(STF16, Mem16)
    STORE_FIELD(STF32, Mem32)
    STORE_FIELD(STF64, Mem64)
    OP(STF2)
    {
        Slot to = A;
        const Slot *from = &B;
        if (unlikely(!to))
            goto nil;
        Mem64 *m = slot_ptr(to + pc->c);
        m[0] = from[0];
        m[1] = from[1];
        NEXT(0);
    }
    OP(STF3)
    {
        Slot to = A;
        const Slot *from = &B;
        if (unlikely(!to))
            goto nil;
        Mem64 *m = slot_ptr(to + pc->c);
        m[0] = from[0];
        m[1] = from[1];
        m[2] = from[2];
        NEXT(0);
    }
    OP(LEA)
    {
        Slot b = B;
        if (unlikely(!b))
            goto nil;
        A = b + pc->c;
        NEXT(0);
    }
    OP(LEAW)
    {
        Slot b = B;
        if (unlikely(!b))
            goto nil;
        A = b + WORD(1);
        NEXT(1);
    }
    OP(NILCHK)
    {
        if (unlikely(!A))
            goto nil;
        NEXT(0);
    }
    OP(CPY)
    {
        Slot to = A, from = B;
        if (unlikely(!to || !from))
            goto nil;
        memmove(slot_ptr(to), slot_ptr(from), WORD(1));
        NEXT(1);
    }

    // ---- Elements

    LOAD_ELEM(LDX8S, MemS8)
    LOAD_ELEM(LDX8U, Mem8)
    LOAD_ELEM(LDX16S, MemS16)
    LOAD_ELEM(LDX16U, Mem16)
    LOAD_ELEM(LDX32S, MemS32)
    LOAD_ELEM(LDX32U, Mem32)
    LOAD_ELEM(LDX64, Mem64)
    OP(LDX2)
    {
        const Slot *s = &B;
        Slot i = C, *to = &A;
        if (unlikely(i >= s[1]))
            goto index_c;
        const Mem64 *m = (const Mem64 *)slot_ptr(s[0]) + 2 * i;
        Slot x = m[0], y = m[1];
        to[0] = x;
        to[1] = y;
        NEXT(0);
    }
    OP(LDX3)
    {
        const Slot *s = &B;
        Slot i = C, *to = &A;
        if (unlikely(i >= s[1]))
            goto index_c;
        const Mem64 *m = (const Mem64 *)slot_ptr(s[0]) + 3 * i;
        Slot x = m[0], y = m[1], z = m[2];
        to[0] = x;
        to[1] = y;
        to[2] = z;
        NEXT(0);
    }
    STORE_ELEM(STX8, Mem8)
    STORE_ELEM(STX16, Mem16)
    STORE_ELEM(STX32, Mem32)
    STORE_ELEM(STX64, Mem64)
    OP(STX2)
    {
        const Slot *s = &A, *from = &C;
        Slot i = B;
        if (unlikely(i >= s[1]))
            goto index_b;
        Mem64 *m = (Mem64 *)slot_ptr(s[0]) + 2 * i;
        m[0] = from[0];
        m[1] = from[1];
        NEXT(0);
    }
    OP(STX3)
    {
        const Slot *s = &A, *from = &C;
        Slot i = B;
        if (unlikely(i >= s[1]))
            goto index_b;
        Mem64 *m = (Mem64 *)slot_ptr(s[0]) + 3 * i;
        m[0] = from[0];
        m[1] = from[1];
        m[2] = from[2];
        NEXT(0);
    }
    OP(LEAX)
    {
        const Slot *s = &B;
        Slot i = C;
        if (unlikely(i >= s[1]))
            goto index_c;
        A = s[0] + i * WORD(1);
        NEXT(1);
    }
    LOAD_ARRAY(LDA8S, MemS8)
    LOAD_ARRAY(LDA8U, Mem8)
    LOAD_ARRAY(LDA16S, MemS16)
    LOAD_ARRAY(LDA16U, Mem16)
    LOAD_ARRAY(LDA32S, MemS32)
    LOAD_ARRAY(LDA32U, Mem32)
    LOAD_ARRAY(LDA64, Mem64)
    STORE_ARRAY(STA8, Mem8)
    STORE_ARRAY(STA16, Mem16)
    STORE_ARRAY(STA32, Mem32)
    STORE_ARRAY(STA64, Mem64)
    OP(LEAA)
    {
        Slot from = B, i = C;
        if (unlikely(i >= WORD(1)))
            goto index_array_c;
        if (unlikely(!from))
            goto nil;
        A = from + i * WORD(2);
        NEXT(2);
    }
    OP(LDXS)
    {
        const Slot *s = &B;
        Slot i = C;
        if (unlikely(i >= s[1]))
            goto index_c;
        A = ((const Mem8 *)slot_ptr(s[0]))[i];
        NEXT(0);
    }
    OP(SLICE) BODY(op_slice, 1);
    OP(SLICEA) BODY(op_slicea, 2);
    OP(SLICES) BODY(op_slices, 1);
    OP(SL2ARR) BODY(op_sl2arr, 1);

    // ---- Making things

    OP(NEW) BODY(op_new, 0);
    OP(MKSLICE) BODY(op_mkslice, 1);
    OP(MKMAP) BODY(op_mkmap, 1);
    OP(MKCHAN) BODY(op_mkchan, 1);
    OP(MKCLOS) BODY(op_mkclos, 1);
    OP(CLONE) BODY(op_clone, 1);

    // ---- Interfaces

    OP(MKIFACE)
    {
        const RType *t = vm.types[WORD(1)];
        if (likely(rtype_is(t, RTYPE_DIRECT))) {
            Slot word = B, *to = &A;
            to[0] = ptr_slot(t);
            to[1] = word;
            NEXT(1);
        }
        BODY(op_mkiface, 1);
    }
    OP(ASSERT)
    {
        const RType *t = vm.types[(u32)WORD(1)];
        if (likely(B == ptr_slot(t) && rtype_is(t, RTYPE_DIRECT))) {
            A = base[pc->b + 1];
            NEXT(1);
        }
        BODY(op_assert, 1);
    }
    OP(ASSERT2) BODY(op_assert2, 1);
    OP(TYPEIS)
    {
        const RType *t = vm.types[WORD(1)]; // type 0 is NULL
        if (likely(B == ptr_slot(t))) {
            A = 1;
            NEXT(1);
        }
        BODY(op_typeis, 1);
    }

    // ---- Maps

    OP(MAPGET) BODY(op_mapget, 1);
    OP(MAPGET2) BODY(op_mapget2, 1);
    OP(MAPSET) BODY(op_mapset, 1);
    OP(MAPDEL) BODY(op_mapdel, 1);
    BINARY(MAPLEN, B ? *(const Mem64 *)slot_ptr(B) : 0) // a Map begins with its count
    OP(MAPCLEAR) BODY(op_mapclear, 1);
    OP(MAPITER) BODY(op_mapiter, 1);
    OP(MAPNEXT) BODY(op_mapnext, 1);

    // ---- Strings

    OP(CONCAT) BODY(op_concat, 0);
    OP(STRNEXT)
    {
        Slot *it = &A, at = it[0];
        const Slot *s = &B;
        if (at >= s[1])
            JUMP((i16)pc->c);
        u8 first = ((const Mem8 *)slot_ptr(s[0]))[at];
        it[1] = at;
        if (likely(first < 0x80)) {
            it[2] = first;
            it[0] = at + 1;
        } else {
            it[2] = op_next_rune(s, it);
        }
        NEXT(0);
    }
    OP(STR2B) BODY(op_str2b, 0);
    OP(B2STR) BODY(op_b2str, 0);
    OP(STR2R) BODY(op_str2r, 0);
    OP(R2STR) BODY(op_r2str, 0);
    OP(DIVC) BODY(op_divc, 0);
    OP(RUNE2S) BODY(op_rune2s, 0);

    // ---- append, copy, clear

    OP(APPEND)
    {
        u64 word = WORD(1);
        const RType *t = vm.types[(u32)word];
        const Slot *s = &B;
        // one value that is a word, and room for it
        if (likely(word >> 32 == 1 && s[1] < s[2] && t->size == 8 && t->slots == 1 &&
                   !rtype_is(t, RTYPE_AGGREGATE))) {
            Slot data = s[0], len = s[1], cap = s[2], *to = &A;
            ((Mem64 *)slot_ptr(data))[len] = C;
            to[0] = data;
            to[1] = len + 1;
            to[2] = cap;
            NEXT(1);
        }
        BODY(op_append, 1);
    }
    OP(APPENDS) BODY(op_appends, 1);
    OP(APPSTR) BODY(op_appstr, 0);
    OP(COPY)
    {
        const Slot *to = &B, *from = &C;
        Slot n = to[1] < from[1] ? to[1] : from[1];
        if (n)
            memmove(slot_ptr(to[0]), slot_ptr(from[0]), n * WORD(1));
        A = n;
        NEXT(1);
    }
    OP(COPYSTR)
    {
        const Slot *to = &B, *from = &C;
        Slot n = to[1] < from[1] ? to[1] : from[1];
        if (n)
            memmove(slot_ptr(to[0]), slot_ptr(from[0]), n);
        A = n;
        NEXT(0);
    }
    OP(CLEARS)
    {
        const Slot *s = &A;
        if (s[1])
            memset(slot_ptr(s[0]), 0, s[1] * WORD(1));
        NEXT(1);
    }

    // ---- Channels. Operand c of SEND and RECV, and more in the others: vm.c, prepare.

    OP(SEND)
    {
        VISIBLE();
        if (likely(chan_send_now(p, slot_ptr(A), &B)))
            NEXT(0);
        SAVE(pc + 1, pc->c);
        ChanResult r = chan_send(p, slot_ptr(A), &B);
        if (r == CHAN_DONE)
            NEXT(0);
        if (likely(r == CHAN_PARKED))
            goto switch_fiber;
        STEPS(call_panic_plain(p, pc, base, "send on closed channel"));
    }
    OP(RECV)
    {
        VISIBLE();
        SAVE(pc + 1, pc->c);
        if (chan_recv_inline(p, &f->g, slot_ptr(B), &A, NULL) == CHAN_DONE)
            NEXT(0);
        goto switch_fiber;
    }
    OP(RECV2)
    {
        VISIBLE();
        SAVE(pc + 1, pc->c & ~7u);
        Slot *to = &A;
        if (chan_recv_inline(p, &f->g, slot_ptr(B), to, to + (pc->c & 7)) == CHAN_DONE)
            NEXT(0);
        goto switch_fiber;
    }
    OP(FRESH)
    {
        if (likely(A != 0))
            NEXT(0);
        BODY(op_new, 0);
    }
    OP(CLOSE)
    {
        VISIBLE();
        Channel *ch = slot_ptr(A);
        if (!ch)
            STEPS(call_panic_plain(p, pc, base, "close of nil channel"));
        if (chan_close(p, ch, pc) == CHAN_CLOSED)
            STEPS(call_panic_plain(p, pc, base, "close of closed channel"));
        NEXT(0);
    }
    OP(CHLEN)
    {
        VISIBLE();
        A = chan_len(slot_ptr(B));
        NEXT(0);
    }
    BINARY(CHCAP, chan_cap(slot_ptr(B)))
    OP(SELECT)
    {
        VISIBLE();
        u64 word = WORD(1);
        SAVE(pc + 2, word >> 32);
        ChanResult r = select_go(p, (SelectCase *)&B, pc->c, word & 1, base, &A);
        if (r == CHAN_DONE)
            NEXT(1);
        if (likely(r == CHAN_PARKED))
            goto switch_fiber;
        STEPS(call_panic_plain(p, pc, base, "send on closed channel"));
    }

    // ---- Goroutines, calls

    OP(GO) BODY(call_go, 0);
    OP(GOC) BODY(call_go, 0);
    OP(CALL) ENTER(&A, vm.entries[ins_u32(*pc)], pc + 1);
    OP(CALLC)
    {
        const Closure *c = slot_ptr(B);
        if (unlikely(!c))
            goto nil;
        Slot *window = &A;
        window[pc->c] = ptr_slot(c);
        ENTER(window, vm.entries[c->func_id], pc + 1);
    }
    OP(CALLI)
    {
        const RType *t = slot_ptr(B);
        if (unlikely(!t))
            goto nil;
        u64 word = __atomic_load_n((const Mem64 *)(pc + 1), __ATOMIC_RELAXED);
        u64 func = likely(op_cache_key(word) == t->id) ? op_cache_func(word) : op_find_method(pc, t);
        Slot *window = &A;
        window[0] = base[pc->b + 1];
        ENTER(window, vm.entries[func], pc + 3);
    }
    OP(RET)
    {
        const Ins *link = slot_ptr(base[-1]);
        base -= link[-1].a;
        pc = link;
        DISPATCH();
    }
    OP(RET1)
    {
        const Ins *link = slot_ptr(base[-1]);
        base[0] = A;
        base -= link[-1].a;
        pc = link;
        DISPATCH();
    }
    OP(RETN)
    {
        const Ins *link = slot_ptr(base[-1]);
        memmove(base, &A, pc->b * sizeof(Slot));
        base -= link[-1].a;
        pc = link;
        DISPATCH();
    }
    OP(NATIVE)
    {
        const BoundNative *native = &vm.natives[ins_u32(*pc)];
        if (native->flags >> NATIVE_OP_SHIFT)
            VISIBLE();
        SAVE(pc + 1, pc->a);
        if (unlikely(native->flags & NATIVE_BLOCKS)) {
            P *now = p;
            step = call_native_blocking(&now, base, native->fn);
            p = now;
            goto stepped;
        }
        NativeStatus status = native->fn(p, base);
        if (likely(status == NATIVE_OK))
            NEXT(0);
        STEPS(call_native_status(p, pc, base, status));
    }

    // ---- defer, panic

    OP(DEFER) BODY(call_defer, 0);
    OP(DEFERC) BODY(call_defer, 0);
    OP(RUNDEFER)
    {
        const Fiber *now = fiber_current(p);
        if (!now->defers || now->defers->frame != (u64)(base - now->stack))
            NEXT(0);
        STEPS(call_rundefer(p, pc, base));
    }
    OP(PANIC)
    {
        const Slot *value = &A;
        STEPS(call_panic(p, pc, base, slot_ptr(value[0]), value[1]));
    }
    OP(RECOVER)
    {
        call_recover(p, pc, base, &A);
        NEXT(0);
    }

    OP(PRINT)
    {
        VISIBLE();
        BODY(op_print, 1);
    }

    // ---- Stubs

    OP(GEXIT) STEPS(call_gexit(p));
    OP(DEFNEXT) STEPS(call_defnext(p, base));
    OP(FUNC) NEXT(0);

        // clang-format on

#if CSP_SWITCH
    case OPCODE_COUNT: break;
    }
    fatal("unknown instruction");
#endif

    // ---- Ends of instructions that do not simply go on

switch_fiber:
    g = NEXT_G(p);
    if (unlikely(!g))
        return RUN_PARKED;
    f = fiber_of(g);
    goto enter;

#if INTERP_COUNTED
slice_over:
    STEPS(call_slice_over(p, pc, base));
visible:
    STEPS(call_point(p, pc, base));
#endif

safepoint:
    step = call_safepoint(p, pc, base);
stepped:
    if (step == STEP_GO_ON) {
        f = fiber_current(p);
        pc = f->pc;
        base = f->base;
        DISPATCH();
    }
    if (step == STEP_SWITCH)
        goto switch_fiber;
    return (RunResult)(step - STEP_LEAVE);

nil:
    STEPS(call_panic_nil(p, pc, base));
divide:
    STEPS(call_panic_divide(p, pc, base));
index_b:
    STEPS(call_panic_index(p, pc, base, SB, base[pc->a + 1]));
index_c:
    STEPS(call_panic_index(p, pc, base, SC, base[pc->b + 1]));
index_array_b: // of an array without elements Go says 0, whatever the index
    if (!A)
        goto nil;
    STEPS(call_panic_index(p, pc, base, WORD(1) ? SB : 0, WORD(1)));
index_array_c:
    if (!B)
        goto nil;
    STEPS(call_panic_index(p, pc, base, WORD(1) ? SC : 0, WORD(1)));
}
