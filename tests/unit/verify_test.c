// verify_test.c: the verifier accepts what the machine may trust, and survives anything.
#include <criterion/criterion.h>
#include <stdio.h>

#include "tests/unit/assemble.h"
#include "tests/unit/types_by_hand.h"

TestSuite(verify, .timeout = 60);

static Image *im;

static void start(void)
{
    im = image_create();
    image_add_type(im, &int_type);
    image_add_type(im, &ints_type);
}

static bool accepts(u32 id)
{
    Buf why = {0};
    bool ok = verify_code(im, im->codes[id], &why);
    cr_assert(ok || why.len, "a refusal says why");
    buf_free(&why);
    return ok;
}

Test(verify, accepts_a_function_and_refuses_small_changes, .init = start)
{
    Assembler as;
    assemble_begin(&as, im, "main.f", 6, 1, 1);
    emit_wide(&as, OP_LDI, 1, 5);
    u32 top = here(&as);
    emit(&as, OP_LDK, 2, 0, 0);
    emit_word(&as, 42);
    emit(&as, OP_MKSLICE, 3, 1, 1);
    emit_word(&as, int_type.id);
    u32 back = emit(&as, OP_JLTI, 0, 3, (i64)top - here(&as));
    u32 call = emit_wide(&as, OP_CALL, 5, as.code->id);
    u32 last = emit(&as, OP_RET1, 0, 0, 0);
    u32 id = assemble_end(&as);
    Code *c = im->codes[id];
    cr_assert(accepts(id));

    struct {
        u32 at;
        Ins ins;
    } wrong[] = {
        {back, ins_abc(OP_JLTI, 0, 3, (u16)(top + 1 - back))}, // into a literal word
        {back, ins_abc(OP_JLTI, 0, 3, 1000)},                  // out of the code
        {back, ins_abc(OP_JLTI, 6, 3, (u16)(top - back))},     // beyond the frame
        {call, ins_a32(OP_CALL, 0, id)},                       // no room for the link
        {call, ins_a32(OP_CALL, 5, 999)},                      // no such function
        {last, ins_abc(OP_NOP, 0, 0, 0)},                      // control runs off
        {last, ins_abc(OP_LDK, 0, 0, 0)},                      // its word is missing
        {last, ins_abc(OP_GEXIT, 0, 0, 0)},                    // the machine's own
        {last, ins_abc((Opcode)60000, 0, 0, 0)},               // unknown
        {top + 3, word_ins(77)},                               // no such type
    };
    for (int i = 0; i < countof(wrong); i++) {
        Ins old = c->ins[wrong[i].at];
        c->ins[wrong[i].at] = wrong[i].ins;
        cr_assert_not(accepts(id), "change %d was accepted", i);
        c->ins[wrong[i].at] = old;
    }
    cr_assert(accepts(id));
    c->flags |= CODE_HAS_DEFER;
    c->recover_pc = top + 1;
    cr_assert_not(accepts(id), "recovers in the middle of an instruction");
}

Test(verify, survives_arbitrary_bytes, .init = start)
{
    u64 x = 88172645463325252u;
    int accepted = 0;
    for (int round = 0; round < 200000; round++) {
        Ins ins[12];
        Code c = {.id = 1, .name = "main.f", .ins = ins, .frame_slots = 8, .param_slots = 1};
        c.ins_count = 2 + (u32)round % 11;
        for (u32 i = 0; i < c.ins_count; i++) {
            x ^= x << 13;
            x ^= x >> 7;
            x ^= x << 17;
            u64 narrow = x & 0x000f000f000f00ff;
            ins[i] = word_ins(round % 2 ? x : narrow);
        }
        ins[0] = ins_abc(OP_FUNC, 8, 1, 0);
        Buf why = {0}, text = {0};
        accepted += verify_code(im, &c, &why);
        disasm_code(im, &c, &text);
        buf_free(&why);
        buf_free(&text);
    }
    cr_assert_lt(accepted, 200000);
}

Test(verify, disassembly_names_things, .init = start)
{
    Assembler as;
    assemble_begin(&as, im, "main.f", 6, 0, 0);
    emit_wide(&as, OP_LDSTR, 1, image_add_string(im, "hello\n", 6));
    emit_wide(&as, OP_NEW, 3, int_type.id);
    emit_wide(&as, OP_CALL, 4, as.code->id);
    emit_wide(&as, OP_JMP, 0, -3);
    u32 id = assemble_end(&as);
    cr_assert(accepts(id));
    Buf out = {0};
    disasm_code(im, im->codes[id], &out);
    cr_assert(strstr(out.data, "ldstr"), "%s", out.data);
    cr_assert(strstr(out.data, "\"hello\\n\""));
    cr_assert(strstr(out.data, "; int"));
    cr_assert(strstr(out.data, "; main.f"));
    cr_assert(strstr(out.data, "-> 1"));
}

Test(verify, a_program_counter_finds_its_function, .init = start)
{
    Code *codes[100];
    for (int i = 0; i < 100; i++) {
        Assembler as;
        assemble_begin(&as, im, "main.f", 1, 0, 0);
        for (int k = 0; k < i % 7; k++)
            emit(&as, OP_NOP, 0, 0, 0);
        emit(&as, OP_RET, 0, 0, 0);
        codes[i] = im->codes[assemble_end(&as)];
    }
    for (int i = 0; i < 100; i++)
        for (u32 k = 0; k < codes[i]->ins_count; k++) {
            u32 index;
            cr_assert_eq(image_code_at(im, codes[i]->ins + k, &index), codes[i]);
            cr_assert_eq(index, k);
        }
    Ins elsewhere;
    cr_assert_null(image_code_at(im, &elsewhere, NULL));
}
