// fuzz_vm.c: bytes as a choice of instructions, verified and run. The frame is parted by what its
// slots hold (numbers, pointers to a struct, strings, slices, maps, ...), and each instruction gets
// operands of its kinds, because the verifier does not know what slots hold: such code it must
// accept, and it must run to its end without touching memory that is not its own.
//
// Every other input is not run: its function is changed at random places first, and the verifier
// has to say yes or no to it without reading past its end; what it accepts can be disassembled.
//
// Jumps go forward, or backward behind a counter. A panic is recovered, and control goes on behind
// the instruction that raised it. `make fuzz` builds and runs it, without the collector.
#include "bytecode/image.h"
#include "cmd/build.h"
#include "runtime/runtime.h"
#include "runtime/sched.h"
#include "stdlib/stdlib.h"
#include "vm/vm.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// The frame.
enum {
    NUMBERS = 1,
    NUMBER_COUNT = 14,
    STRUCTS = 16, // *record
    ARRAYS = 19,  // *[16]int
    WORDS = 21,   // *int
    STRINGS = 24,
    BYTES = 34,
    INTS = 46,
    RUNES = 58,
    FACES = 67, // any
    MAPS = 73,
    NAMES = 75, // map[string]string
    CHANS = 77,
    ITER = 79,
    FUEL = 81,
    WHERE = 82,   // the instruction that runs: a panic goes on behind it
    SCRATCH = 83, // the window of calls
    FRAME = 96,
    LONGEST = 200, // instructions
};

static const char types_source[] =
    "package main\n"
    "type record struct{ a, b, c, d, e, f, g, h int }\n"
    "var all = []any{record{}, [16]int{}, 1, \"s\", []byte{}, []int{}, []rune{}, map[int]int{},\n"
    "	map[string]string{}, make(chan int, 1), &record{}, new([16]int), new(int), byte(1), 'r'}\n"
    "func main() { println(len(all)) }\n";

static struct {
    Image *image;
    u32 record, array, integer, string, byte, rune, bytes, ints, map, names, chan, any;
    u32 tried, recover_func, add_func;
} env;

static u32 type_id(const char *name)
{
    for (u32 i = 1; i < env.image->type_count; i++)
        if (env.image->types[i] && strcmp(env.image->types[i]->name, name) == 0)
            return i;
    fatal("no type %s", name);
}

static Code *make_code(const char *name, u32 id, const Ins *body, u32 count)
{
    Code *code = xcalloc(1, sizeof *code);
    code->id = id;
    code->name = name;
    code->ins = xmalloc(count * sizeof *body);
    memcpy(code->ins, body, count * sizeof *body);
    code->ins_count = count;
    code->frame_slots = body[0].a;
    code->param_slots = body[0].b;
    code->result_slots = body[0].c;
    return code;
}

static void load(Code *code)
{
    Ins *own = code->ins;
    image_set_func(env.image, code);
    free(own);
    Buf why = {0};
    if (!vm_load_unit(&why)) {
        fprintf(stderr, "fuzz_vm: %s\n", why.data);
        abort();
    }
    buf_free(&why);
}

static void set_up(void)
{
    BuildOptions options = {0};
    Build build;
    BuildSource source = {"fuzz.csp", types_source, sizeof types_source - 1};
    u32 start;
    build_session(&build, &options, false);
    check(build_program(&build, &source, 1, &start));
    env.image = build.image;
    RuntimeOptions runtime = {.procs = 1, .gc_percent = -1};
    runtime_init(&runtime, &vm_runner);
    vm_init(env.image, stdlib_natives, stdlib_native_count);
    env.record = type_id("main.record");
    env.array = type_id("[16]int");
    env.integer = type_id("int");
    env.string = type_id("string");
    env.byte = type_id("uint8");
    env.rune = type_id("int32");
    env.bytes = type_id("[]uint8");
    env.ints = type_id("[]int");
    env.map = type_id("map[int]int");
    env.names = type_id("map[string]string");
    env.chan = type_id("chan int");
    env.any = type_id("interface {}");
    const Ins recovers[] = {ins_abc(OP_FUNC, 2, 0, 0), ins_abc(OP_RECOVER, 0, 0, 0),
                            ins_abc(OP_RET, 0, 0, 0)};
    const Ins adds[] = {ins_abc(OP_FUNC, 2, 2, 1), ins_abc(OP_ADD, 0, 0, 1),
                        ins_abc(OP_RET, 0, 0, 0)};
    env.recover_func = image_reserve_func(env.image);
    load(make_code("main.recovers", env.recover_func, recovers, countof(recovers)));
    env.add_func = image_reserve_func(env.image);
    load(make_code("main.adds", env.add_func, adds, countof(adds)));
}

// ---- Writing a function ---------------------------------------------------------------------

typedef struct Writer {
    const uint8_t *data;
    size_t size, at;
    Ins ins[LONGEST * 16 + 64];
    u32 count;
    u32 starts[LONGEST + 1]; // where instructions may be jumped to
    u32 start_count;
    struct {
        u32 at, skip; // of an instruction: its jump, over so many starts
        bool wide;
    } jumps[LONGEST];
    u32 jump_count;
} Writer;

static u32 byte(Writer *w)
{
    return w->at < w->size ? w->data[w->at++] : 0;
}

static void put(Writer *w, Opcode op, u32 a, u32 b, u32 c)
{
    w->ins[w->count++] = ins_abc(op, a, b, c);
}

static void put_u32(Writer *w, Opcode op, u32 a, u32 value)
{
    w->ins[w->count++] = ins_a32(op, a, value);
}

static void word(Writer *w, u64 value)
{
    w->ins[w->count++] = word_ins(value);
}

// A slot of a kind. The letters are those of the table below.
static u32 operand(Writer *w, char kind)
{
    u32 x = byte(w);
    switch (kind) {
    case 'n': return NUMBERS + x % NUMBER_COUNT;
    case '2': return NUMBERS + x % (NUMBER_COUNT - 1); // and the next one
    case '3': return NUMBERS + x % (NUMBER_COUNT - 2);
    case 'p': return STRUCTS + x % 3;
    case 'q': return ARRAYS + x % 2;
    case 'r': return WORDS + x % 3;
    case 's': return STRINGS + x % 5 * 2;
    case 'B': return BYTES + x % 4 * 3;
    case 'W': return INTS + x % 4 * 3;
    case 'R': return RUNES + x % 3 * 3;
    case 'e': return FACES + x % 3 * 2;
    case 'm': return MAPS + x % 2;
    case 'M': return NAMES + x % 2;
    case 'c': return CHANS + x % 2;
    case 'i': return (u32)(u16)(i8)x;
    case 'h': return x % 64; // a shift, or a small number
    case 'o': return x % 8 * 8;
    case 'd': return 1 + x; // not 0
    default: return 0;
    }
}

enum { NO_WORD = 0 };

typedef struct Form {
    Opcode op;
    const char *operands;
    u64 word1, word2; // type numbers are in env: see FORM_TYPE
} Form;

static const Form forms[] = {
    {OP_MOV, "nn", 0, 0},
    {OP_MOV, "pp", 0, 0},
    {OP_MOV, "qq", 0, 0},
    {OP_MOV, "rr", 0, 0},
    {OP_MOV, "mm", 0, 0},
    {OP_MOV2, "ss", 0, 0},
    {OP_MOV2, "ee", 0, 0},
    {OP_MOV2, "22", 0, 0},
    {OP_MOV3, "BB", 0, 0},
    {OP_MOV3, "WW", 0, 0},
    {OP_MOV3, "33", 0, 0},
    {OP_ADD, "nnn", 0, 0},
    {OP_SUB, "nnn", 0, 0},
    {OP_MUL, "nnn", 0, 0},
    {OP_DIV, "nnn", 0, 0},
    {OP_DIVU, "nnn", 0, 0},
    {OP_MOD, "nnn", 0, 0},
    {OP_MODU, "nnn", 0, 0},
    {OP_AND, "nnn", 0, 0},
    {OP_XOR, "nnn", 0, 0},
    {OP_ANDNOT, "nnn", 0, 0},
    {OP_SHL, "nnn", 0, 0},
    {OP_SHR, "nnn", 0, 0},
    {OP_SHRU, "nnn", 0, 0},
    {OP_NEG, "nn", 0, 0},
    {OP_COM, "nn", 0, 0},
    {OP_ADDI, "nni", 0, 0},
    {OP_MULI, "nni", 0, 0},
    {OP_DIVI, "nnd", 0, 0},
    {OP_MODI, "nnd", 0, 0},
    {OP_ANDI, "nni", 0, 0},
    {OP_SHLI, "nnh", 0, 0},
    {OP_SHRI, "nnh", 0, 0},
    {OP_SHRUI, "nnh", 0, 0},
    {OP_CHKSHIFT, "n", 0, 0},
    {OP_MULS32, "nnn", 0, 0},
    {OP_SUBU32, "nnn", 0, 0},
    {OP_ADDU8, "nnn", 0, 0},
    {OP_SEXT8, "nn", 0, 0},
    {OP_ZEXT16, "nn", 0, 0},
    {OP_ADDF, "nnn", 0, 0},
    {OP_MULADDF, "nnn", 0, 0},
    {OP_DIVF32, "nnn", 0, 0},
    {OP_I2F, "nn", 0, 0},
    {OP_U2F32, "nn", 0, 0},
    {OP_F2I, "nn", 0, 0},
    {OP_F2U, "nn", 0, 0},
    {OP_FF32, "nn", 0, 0},
    {OP_LTU, "nnn", 0, 0},
    {OP_LTF, "nnn", 0, 0},
    {OP_EQS, "nss", 0, 0},
    {OP_LTS, "nss", 0, 0},
    {OP_EQIFACE, "nee", 0, 0},
    {OP_NOT, "nn", 0, 0},
    {OP_LDF8S, "npo", 0, 0},
    {OP_LDF16U, "npo", 0, 0},
    {OP_LDF32S, "npo", 0, 0},
    {OP_LDF64, "npo", 0, 0},
    {OP_LDF64, "nr", 0, 0},
    {OP_STF8, "pno", 0, 0},
    {OP_STF32, "pno", 0, 0},
    {OP_STF64, "pno", 0, 0},
    {OP_STF64, "rn", 0, 0},
    {OP_LEA, "rpo", 0, 0},
    {OP_NILCHK, "p", 0, 0},
    {OP_CPY, "pp", 64, 0},
    {OP_LDX8S, "nBn", 0, 0},
    {OP_LDX8U, "nBn", 0, 0},
    {OP_LDX64, "nWn", 0, 0},
    {OP_LDX32S, "nRn", 0, 0},
    {OP_STX8, "Bnn", 0, 0},
    {OP_STX64, "Wnn", 0, 0},
    {OP_STX32, "Rnn", 0, 0},
    {OP_LEAX, "rWn", 8, 0},
    {OP_LDA8U, "nqn", 128, 0},
    {OP_LDA16S, "nqn", 64, 0},
    {OP_LDA32U, "nqn", 32, 0},
    {OP_LDA64, "nqn", 16, 0},
    {OP_STA8, "qnn", 128, 0},
    {OP_STA64, "qnn", 16, 0},
    {OP_LEAA, "rqn", 16, 8},
    {OP_LDXS, "nsn", 0, 0},
    {OP_SLICE, "BB3", 1 | 3ull << 32, 0},
    {OP_SLICE, "BB3", 1 | 1ull << 32, 0},
    {OP_SLICE, "BB3", 1, 0},
    {OP_SLICE, "WW3", 8 | 3ull << 32, 0},
    {OP_SLICE, "WW3", 8 | 1ull << 32 | 7ull << 34, 0},
    {OP_SLICE, "RR3", 4, 0},
    {OP_SLICEA, "Wq3", 8 | 1ull << 32, 16},
    {OP_SLICEA, "Wq3", 8, 16},
    {OP_SLICES, "ss2", 1ull << 32, 0},
    {OP_SLICES, "ss2", 0, 0},
    {OP_SL2ARR, "qW", 16, 0},
    {OP_MAPLEN, "nm", 0, 0},
    {OP_CHLEN, "nc", 0, 0},
    {OP_CHCAP, "nc", 0, 0},
    {OP_CLOSE, "c", 0, 0},
    {OP_STR2B, "Bs", 0, 0},
    {OP_B2STR, "sB", 0, 0},
    {OP_STR2R, "Rs", 0, 0},
    {OP_R2STR, "sR", 0, 0},
    {OP_RUNE2S, "sn", 0, 0},
    {OP_COPY, "nBB", 1, 0},
    {OP_COPY, "nWW", 8, 0},
    {OP_COPYSTR, "nBs", 0, 0},
    {OP_CLEARS, "W", 8, 0},
    {OP_CLEARS, "B", 1, 0},
};

static const Opcode jump_forms[] = {OP_JT,       OP_JF,   OP_JEQ,  OP_JNE,  OP_JLT,   OP_JLE,
                                    OP_JLTU,     OP_JEQI, OP_JGTI, OP_JLTF, OP_JNLEF, OP_FORLOOP,
                                    OP_FORLOOPI, OP_JEQS, OP_JNES, OP_JMP};

static void put_form(Writer *w, const Form *f)
{
    u32 x[3] = {0};
    for (int i = 0; f->operands[i]; i++)
        x[i] = operand(w, f->operands[i]);
    put(w, f->op, x[0], x[1], x[2]);
    if (opcode_info[f->op].words >= 1)
        word(w, f->word1);
    if (opcode_info[f->op].words >= 2)
        word(w, f->word2);
}

// A small number in a slot of its own.
static u32 small(Writer *w, u32 mask)
{
    put_u32(w, OP_LDI, SCRATCH + 1, byte(w) & mask);
    return SCRATCH + 1;
}

// What has grown too long starts anew, so that nothing grows without end.
static void keep_short(Writer *w, u32 slot, u32 slots)
{
    put(w, OP_JLTI, slot + 1, 300, 2);
    put(w, OP_LDZ, slot, slots, 0);
}

static void put_special(Writer *w, u32 which)
{
    u32 a = 0, b, c;
    switch (which % 30) {
    case 0: put_u32(w, OP_NEW, operand(w, 'p'), env.record); break;
    case 1: put_u32(w, OP_NEW, operand(w, 'q'), env.array); break;
    case 2: put_u32(w, OP_NEW, operand(w, 'r'), env.integer); break;
    case 3:
    case 4:
    case 5:
        b = small(w, 31);
        put_u32(w, OP_LDI, SCRATCH + 2, 32 + byte(w) - 8); // sometimes too small
        a = operand(w, "BWR"[which % 30 - 3]);
        put(w, OP_MKSLICE, a, b, SCRATCH + 2);
        word(w, which % 30 == 3 ? env.byte : which % 30 == 4 ? env.integer : env.rune);
        break;
    case 6:
        put(w, OP_MKMAP, operand(w, 'm'), small(w, 31), 0);
        word(w, env.map);
        break;
    case 7:
        put(w, OP_MKMAP, operand(w, 'M'), small(w, 3), 0);
        word(w, env.names);
        break;
    case 8:
        put(w, OP_MKCHAN, operand(w, 'c'), small(w, 7), 0);
        word(w, env.chan);
        break;
    case 9:
        put(w, OP_MKIFACE, operand(w, 'e'), operand(w, 'n'), 0);
        word(w, env.integer);
        break;
    case 10:
        put(w, OP_MKIFACE, operand(w, 'e'), operand(w, 's'), 0);
        word(w, env.string);
        break;
    case 11:
        put(w, OP_MKIFACE, operand(w, 'e'), operand(w, 'B'), 0);
        word(w, env.bytes);
        break;
    case 12:
        put(w, OP_ASSERT, operand(w, 'n'), operand(w, 'e'), 0);
        word(w, env.integer | (u64)env.any << 32);
        break;
    case 13:
        put(w, OP_ASSERT2, operand(w, 's'), operand(w, 'e'), 0);
        w->ins[w->count - 1].a = SCRATCH + 1;
        word(w, env.string | (u64)env.any << 32);
        put(w, OP_MOV2, operand(w, 's'), SCRATCH + 1, 0);
        break;
    case 14:
        put(w, OP_TYPEIS, operand(w, 'n'), operand(w, 'e'), 0);
        word(w, byte(w) & 1 ? env.bytes : 0);
        break;
    case 15:
        a = operand(w, 'n'), b = operand(w, 'm'), c = operand(w, 'n');
        put(w, OP_MAPGET, a, b, c);
        word(w, env.map);
        break;
    case 16:
        a = operand(w, '2'), b = operand(w, 'm'), c = operand(w, 'n');
        put(w, OP_MAPGET2, a, b, c);
        word(w, env.map);
        break;
    case 17:
    case 18:
        a = operand(w, 'm'), b = operand(w, 'n'), c = operand(w, 'n');
        put(w, OP_MAPSET, a, b, c);
        word(w, env.map);
        break;
    case 19:
        a = operand(w, 'M'), b = operand(w, 's'), c = operand(w, 's');
        put(w, OP_MAPSET, a, b, c);
        word(w, env.names);
        break;
    case 20:
        a = operand(w, 's'), b = operand(w, 'M'), c = operand(w, 's');
        put(w, OP_MAPGET, a, b, c);
        word(w, env.names);
        break;
    case 21:
        a = operand(w, 'm'), b = operand(w, 'n');
        put(w, OP_MAPDEL, a, b, 0);
        word(w, env.map);
        break;
    case 22:
        put(w, byte(w) & 7 ? OP_NOP : OP_MAPCLEAR, 0, 0, 0);
        if (w->ins[w->count - 1].op == OP_MAPCLEAR) {
            w->ins[w->count - 1].a = (u16)operand(w, 'm');
            word(w, env.map);
        }
        break;
    case 23:
        put(w, OP_MAPITER, ITER, a = operand(w, 'm'), 0);
        word(w, env.map);
        for (u32 n = byte(w) % 4; n > 0; n--) {
            put(w, OP_MAPNEXT, ITER, operand(w, 'n'), operand(w, 'n'));
            word(w, env.map | 3ull << 32);
            if (byte(w) & 1) {
                put(w, OP_MAPSET, a, operand(w, 'n'), operand(w, 'n'));
                word(w, env.map);
            }
        }
        break;
    case 24:
        a = operand(w, 's');
        put(w, OP_CONCAT, a, STRINGS + byte(w) % 3 * 2, 1 + byte(w) % 3);
        keep_short(w, a, 2);
        break;
    case 25:
        put(w, OP_LDZ, SCRATCH + 4, 1, 0);
        b = operand(w, 's');
        for (u32 n = byte(w) % 4; n > 0; n--)
            put(w, OP_STRNEXT, SCRATCH + 4, b, 1);
        break;
    case 26:
        a = operand(w, 'W'), b = operand(w, 'W');
        c = operand(w, '3');
        put(w, OP_APPEND, a, b, c);
        word(w, env.integer | (1 + (u64)byte(w) % 3) << 32);
        keep_short(w, a, 3);
        break;
    case 27:
        c = byte(w) % 3;
        a = operand(w, "BWR"[c]), b = operand(w, "BWR"[c]);
        put(w, OP_APPENDS, a, b, operand(w, "BWR"[c]));
        word(w, c == 0 ? env.byte : c == 1 ? env.integer : env.rune);
        keep_short(w, a, 3);
        break;
    case 28:
        a = operand(w, 'B'), b = operand(w, 'B');
        put(w, OP_APPSTR, a, b, operand(w, 's'));
        keep_short(w, a, 3);
        break;
    default:
        put(w, OP_MOV, SCRATCH + 1, operand(w, 'n'), 0);
        put(w, OP_MOV, SCRATCH + 2, operand(w, 'n'), 0);
        put_u32(w, OP_CALL, SCRATCH + 1, env.add_func);
        put(w, OP_MOV, operand(w, 'n'), SCRATCH + 1, 0);
    }
}

static void put_jump(Writer *w)
{
    Opcode op = jump_forms[byte(w) % countof(jump_forms)];
    const OpcodeInfo *info = &opcode_info[op];
    u32 x[2] = {0};
    u8 kinds[2] = {info->a, info->b};
    for (int i = 0; i < 2; i++)
        if (kinds[i] == OPERAND_R1 || kinds[i] == OPERAND_RW)
            x[i] = operand(w, 'n');
        else if (kinds[i] == OPERAND_R2)
            x[i] = operand(w, 's');
        else if (kinds[i] == OPERAND_I16)
            x[i] = operand(w, 'i');
    w->jumps[w->jump_count].at = w->count;
    w->jumps[w->jump_count].skip = 1 + byte(w) % 12;
    w->jumps[w->jump_count++].wide = op == OP_JMP || op == OP_JT || op == OP_JF;
    put(w, op, x[0], x[1], 0);
}

static void put_back_jump(Writer *w)
{
    u32 back = byte(w);
    u32 to = w->starts[w->start_count - 1 - back % (w->start_count < 20 ? w->start_count : 20)];
    put(w, OP_ADDI, FUEL, FUEL, 0xffff);
    put(w, OP_JLTI, FUEL, 0, 2);
    i32 offset = (i32)to - (i32)w->count;
    put_u32(w, OP_JMP, 0, (u32)offset);
}

static Code *write_function(Writer *w, u32 id)
{
    put(w, OP_FUNC, FRAME, 0, 0);
    put(w, OP_LDZ, 0, FRAME, 0);
    put_u32(w, OP_LDI, FUEL, 100);
    for (u32 i = 0; i < 5; i++)
        put_u32(w, OP_LDSTR, STRINGS + 2 * i, i % env.image->string_count);
    for (u32 i = 0; i < NUMBER_COUNT; i++) {
        put(w, OP_LDK, NUMBERS + i, 0, 0);
        u64 value = byte(w);
        word(w, value < 128 ? value : value < 192 ? 1ull << value % 64 : ~(u64)0 << value % 64);
    }
    put_u32(w, OP_DEFER, 0, env.recover_func);
    for (u32 n = 0; n < LONGEST && w->at < w->size; n++) {
        w->starts[w->start_count++] = w->count;
        put_u32(w, OP_LDI, WHERE, n);
        u32 x = byte(w);
        if (x < 120)
            put_form(w, &forms[byte(w) % countof(forms)]);
        else if (x < 210)
            put_special(w, byte(w));
        else if (x < 235)
            put_jump(w);
        else if (x < 250)
            put_back_jump(w);
        else if (x < 253)
            put_u32(w, OP_DEFER, 0, env.recover_func);
        else
            put(w, OP_PANIC, operand(w, 'e'), 0, 0);
    }
    u32 end = w->count;
    w->starts[w->start_count++] = end;
    put(w, OP_RUNDEFER, 0, 0, 0);
    put(w, OP_RET, 0, 0, 0);
    // After a panic: to the place behind, with a defer for the next panic.
    u32 recover_pc = w->count;
    put_u32(w, OP_DEFER, 0, env.recover_func);
    put(w, OP_ADDI, FUEL, FUEL, 0xffff);
    put(w, OP_JLTI, FUEL, 0, end - w->count);
    for (u32 n = 0; n + 1 < w->start_count; n++)
        put(w, OP_JEQI, WHERE, n, w->starts[n + 1] - w->count);
    put_u32(w, OP_JMP, 0, end - w->count);
    for (u32 i = 0; i < w->jump_count; i++) {
        u32 at = w->jumps[i].at, first = 0;
        while (w->starts[first] < at)
            first++;
        first += w->jumps[i].skip;
        i32 offset = (i32)(first < w->start_count ? w->starts[first] : end) - (i32)at;
        if (w->jumps[i].wide)
            w->ins[at] = ins_a32((Opcode)w->ins[at].op, w->ins[at].a, (u32)offset);
        else
            w->ins[at].c = (u16)offset;
    }
    Code *code = make_code("main.fuzz", id, w->ins, w->count);
    code->flags = CODE_HAS_DEFER;
    code->recover_pc = recover_pc;
    return code;
}

// ---- Running it -----------------------------------------------------------------------------

static bool ended;

static void done(G *g, VmEnd how)
{
    (void)g, (void)how;
    ended = true;
}

// The last bytes say what is changed, five each: where, which part, and the new value.
static void verify_changed(Code *code, const uint8_t *data, size_t size)
{
    for (size_t i = size; i > size / 2 && i >= 5; i -= 5) {
        const uint8_t *change = data + i - 5;
        u32 at = (change[0] | (u32)change[1] << 8) % code->ins_count;
        u16 value = (u16)(change[3] | change[4] << 8);
        Ins *ins = &code->ins[at];
        switch (change[2] % 8) {
        case 0: ins->op = value; break;
        case 1: ins->op = value % OPCODE_COUNT; break;
        case 2: ins->a = value; break;
        case 3: ins->b = value; break;
        case 4: ins->c = value; break;
        case 5: code->frame_slots = code->ins[0].a = value; break;
        case 6: code->recover_pc = value; break;
        default: code->ins_count = at + 1; break;
        }
    }
    Code *exact = make_code(code->name, code->id, code->ins, code->ins_count);
    exact->frame_slots = code->frame_slots;
    exact->flags = code->flags;
    exact->recover_pc = code->recover_pc;
    Buf text = {0};
    if (verify_code(env.image, exact, &text))
        disasm_code(env.image, exact, &text);
    buf_free(&text);
    free(exact->ins);
    free(exact);
    free(code->ins);
    free(code);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static Writer w;
    static u32 id;
    if (!env.image) {
        set_up();
        id = image_reserve_func(env.image);
    }
    w.data = data;
    w.size = size;
    w.at = w.count = w.start_count = w.jump_count = 0;
    Code *code = write_function(&w, id);
    if (size > 0 && data[0] % 2 == 1) {
        verify_changed(code, data, size);
        return 0;
    }
    load(code);

    P *p = runtime_boot_p();
    G *g = vm_new_g(p, id, NULL, 0);
    vm_watch_g(p, g, done);
    sched_spawn(p, g);
    ended = false;
    check(sched_next(p) == g);
    for (int turns = 0; !ended; turns++) {
        check(turns < 1000);
        vm_runner.run(p, g);
    }
    if (++env.tried == 20000) { // what was allocated is not freed
        fprintf(stderr, "stat::number_of_executed_units: %u\n", env.tried);
        _Exit(0);
    }
    return 0;
}
