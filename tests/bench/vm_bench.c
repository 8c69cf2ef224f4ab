// vm_bench.c: the machine alone, on bytecode written by hand: what a call, an array loop and an
// unbuffered round trip between two goroutines cost. One line each; the smallest of three runs.
#include <stdio.h>
#include <time.h>

#include "runtime/runtime.h"
#include "tests/unit/assemble.h"
#include "vm/vm.h"

static RType int_type = {.kind = RK_INT,
                         .flags = RTYPE_PTRFREE | RTYPE_COMPARABLE | RTYPE_MEMEQ | RTYPE_DIRECT,
                         .align = 8,
                         .slots = 1,
                         .size = 8,
                         .name = "int"};
static RType chan_type = {.kind = RK_CHAN,
                          .flags = RTYPE_COMPARABLE | RTYPE_MEMEQ | RTYPE_DIRECT,
                          .align = 8,
                          .slots = 1,
                          .size = 8,
                          .name = "chan int",
                          .elem = &int_type};

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static double began, best[8];
static int line;

static NativeStatus bench_begin(P *p, Slot *args)
{
    (void)p;
    (void)args;
    began = seconds();
    return NATIVE_OK;
}

static NativeStatus bench_end(P *p, Slot *args)
{
    (void)p;
    double t = seconds() - began;
    line = (int)args[0];
    if (!best[line] || t < best[line])
        best[line] = t;
    return NATIVE_OK;
}

static const Native natives[] = {{"begin", bench_begin, 0}, {"end", bench_end, 0}};
static const NativeTable table = {"bench", natives, 2};

static u32 native(Image *im, const char *name)
{
    Assembler as;
    assemble_begin(&as, im, name, 1, 1, 0);
    as.code->flags |= CODE_NATIVE;
    emit_wide(&as, OP_NATIVE, 0, image_add_native(im, name));
    emit(&as, OP_RET, 0, 0, 0);
    return assemble_end(&as);
}

static u32 fib(Image *im)
{
    Assembler as;
    assemble_begin(&as, im, "main.fib", 4, 1, 1);
    u32 big = emit(&as, OP_JGEI, 0, 2, 0);
    emit(&as, OP_RET1, 0, 0, 0);
    land(&as, big);
    emit(&as, OP_ADDI, 2, 0, -1);
    emit_wide(&as, OP_CALL, 2, as.code->id);
    emit(&as, OP_MOV, 1, 2, 0); // the second window lies above
    as.code->frame_slots = 5;
    as.code->ins[0].a = 5;
    emit(&as, OP_ADDI, 3, 0, -2);
    emit_wide(&as, OP_CALL, 3, as.code->id);
    emit(&as, OP_ADD, 0, 1, 3);
    emit(&as, OP_RET, 0, 0, 0);
    return assemble_end(&as);
}

// for r := 0; r < 1000; r++ { for i := 0; i < n; i++ { s += a[i] } }
static u32 array_loop(Image *im)
{
    Assembler as;
    assemble_begin(&as, im, "main.loop", 10, 0, 0);
    emit_wide(&as, OP_LDI, 0, 100000);
    emit(&as, OP_MKSLICE, 1, 0, 0); // 1, 2, 3
    emit_word(&as, int_type.id);
    emit(&as, OP_LDZ, 4, 3, 0); // 4: r, 5: i, 6: s, 7: element
    u32 outer = here(&as);
    emit_wide(&as, OP_LDI, 5, 0);
    u32 inner = here(&as);
    emit(&as, OP_LDX64, 7, 1, 5);
    emit(&as, OP_ADD, 7, 7, 4);
    emit(&as, OP_STX64, 1, 5, 7);
    emit(&as, OP_ADD, 6, 6, 7);
    emit(&as, OP_FORLOOP, 5, 0, (i64)inner - here(&as));
    emit(&as, OP_FORLOOPI, 4, 1000, (i64)outer - here(&as));
    emit(&as, OP_RET, 0, 0, 0);
    return assemble_end(&as);
}

enum { ROUNDS = 1000000 };

static u32 echo(Image *im)
{
    Assembler as;
    assemble_begin(&as, im, "main.echo", 3, 2, 0);
    u32 top = here(&as);
    emit(&as, OP_RECV, 2, 0, 0);
    emit(&as, OP_SEND, 1, 2, 0);
    emit_wide(&as, OP_JMP, 0, (i64)top - here(&as));
    return assemble_end(&as);
}

static u32 ping_pong(Image *im, u32 echo_id)
{
    Assembler as;
    assemble_begin(&as, im, "main.pingpong", 8, 0, 0);
    emit(&as, OP_LDZ, 2, 3, 0);
    emit(&as, OP_MKCHAN, 0, 2, 0);
    emit_word(&as, chan_type.id);
    emit(&as, OP_MKCHAN, 1, 2, 0);
    emit_word(&as, chan_type.id);
    emit_wide(&as, OP_GO, 0, echo_id);
    emit_wide(&as, OP_LDI, 4, ROUNDS);
    u32 top = here(&as);
    emit(&as, OP_SEND, 0, 2, 0);
    emit(&as, OP_RECV, 2, 1, 0);
    emit(&as, OP_FORLOOP, 3, 4, (i64)top - here(&as));
    emit(&as, OP_RET, 0, 0, 0);
    return assemble_end(&as);
}

static u32 child(Image *im)
{
    Assembler as;
    assemble_begin(&as, im, "main.child", 2, 1, 0);
    emit(&as, OP_SEND, 0, 0, 0);
    emit(&as, OP_RET, 0, 0, 0);
    return assemble_end(&as);
}

static u32 spawn(Image *im, u32 child_id)
{
    Assembler as;
    assemble_begin(&as, im, "main.spawn", 8, 0, 0);
    emit(&as, OP_LDZ, 2, 3, 0);
    emit(&as, OP_MKCHAN, 0, 2, 0);
    emit_word(&as, chan_type.id);
    emit_wide(&as, OP_LDI, 4, ROUNDS);
    u32 top = here(&as);
    emit_wide(&as, OP_GO, 0, child_id);
    emit(&as, OP_RECV, 2, 0, 0);
    emit(&as, OP_FORLOOP, 3, 4, (i64)top - here(&as));
    emit(&as, OP_RET, 0, 0, 0);
    return assemble_end(&as);
}

int main(void)
{
    RuntimeOptions options = {.gc_percent = 100};
    runtime_init(&options, &vm_runner);
    Image *im = image_create();
    const NativeTable *tables[] = {&table};
    vm_init(im, tables, 1);
    image_add_type(im, &int_type);
    image_add_type(im, &chan_type);
    u32 begin = native(im, "bench.begin"), end = native(im, "bench.end");
    u32 work[] = {fib(im), array_loop(im), ping_pong(im, echo(im)), spawn(im, child(im))};
    Assembler as;
    assemble_begin(&as, im, "main.main", 4, 0, 0);
    for (int round = 0; round < 3; round++)
        for (int i = 0; i < countof(work); i++) {
            emit_wide(&as, OP_CALL, 1, begin);
            emit_wide(&as, OP_LDI, 1, 35);
            emit_wide(&as, OP_CALL, 1, work[i]);
            emit_wide(&as, OP_LDI, 1, i);
            emit_wide(&as, OP_CALL, 1, end);
        }
    emit(&as, OP_RET, 0, 0, 0);
    u32 main_id = assemble_end(&as);
    Buf why = {0};
    if (!vm_load_unit(&why))
        die("%s", why.data);
    P *p = runtime_boot_p();
    G *g = vm_new_main_g(p, 0, main_id);
    runtime_set_main(g);
    sched_spawn(p, g);
    int code = runtime_run();
    printf("fib(35)                 %7.3f s\n", best[0]);
    printf("array loop 100k x 1000  %7.3f s\n", best[1]);
    printf("ping-pong round trip    %7.1f ns\n", best[2] / ROUNDS * 1e9);
    printf("spawn, send, exit       %7.1f ns\n", best[3] / ROUNDS * 1e9);
    return code;
}
