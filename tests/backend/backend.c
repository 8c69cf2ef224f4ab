// backend.c: a program without its front end still runs.
//
// Linked with every object of base/, bytecode/, runtime/, vm/ and stdlib/, and with nothing else:
// a symbol of the front end is a link error. The program below is written by hand, instruction by
// instruction: main starts a goroutine, calls a function, and hands the result to a native.
#include "bytecode/image.h"
#include "runtime/runtime.h"
#include "runtime/sched.h"
#include "stdlib/stdlib.h"
#include "vm/vm.h"

#include <stdio.h>

static Slot reported;

static NativeStatus report(P *p, Slot *args)
{
    (void)p;
    reported = args[0];
    return NATIVE_OK;
}

static const Native natives[] = {{"Report", report, 0}};
static const NativeTable backend_natives = {"backend", natives, countof(natives)};

// A function from its instructions; body[0] is the FUNC header.
static u32 add_function(Image *image, const char *name, u32 flags, const Ins *body, u32 count)
{
    Code *code = xcalloc(1, sizeof *code);
    code->id = image_reserve_func(image);
    code->name = name;
    code->flags = flags;
    code->ins = xcalloc(count, sizeof *body);
    memcpy(code->ins, body, count * sizeof *body);
    code->ins_count = count;
    code->frame_slots = body[0].a;
    code->param_slots = body[0].b;
    code->result_slots = body[0].c;
    image_set_func(image, code);
    return code->id;
}

#define ADD_FUNCTION(image, name, flags, body)                                                     \
    add_function((image), (name), (flags), (body), countof(body))

static u32 write_program(Image *image)
{
    u32 native = image_add_native(image, "backend.Report");
    const Ins twice_body[] = {
        ins_abc(OP_FUNC, 1, 1, 1),
        ins_abc(OP_ADD, 0, 0, 0),
        ins_abc(OP_RET, 0, 0, 0),
    };
    const Ins report_body[] = {
        ins_abc(OP_FUNC, 1, 1, 0),
        ins_a32(OP_NATIVE, 0, native),
        ins_abc(OP_RET, 0, 0, 0),
    };
    u32 twice_id = ADD_FUNCTION(image, "main.twice", 0, twice_body);
    u32 report_id = ADD_FUNCTION(image, "backend.Report", CODE_NATIVE, report_body);
    const Ins main_body[] = {
        ins_abc(OP_FUNC, 8, 0, 0),      // slot 0 is the link of the calls
        ins_a32(OP_LDI, 1, 21),         // go twice(21)
        ins_a32(OP_GO, 1, twice_id),    //
        ins_a32(OP_LDI, 1, 21),         // Report(twice(21))
        ins_a32(OP_CALL, 1, twice_id),  //
        ins_a32(OP_CALL, 1, report_id), //
        ins_abc(OP_RET, 0, 0, 0),
    };
    return ADD_FUNCTION(image, "main.main", 0, main_body);
}

int main(void)
{
    enum { MAX_TABLES = 256 };
    const NativeTable *tables[MAX_TABLES] = {&backend_natives};
    int table_count = 1;
    while (table_count < MAX_TABLES && stdlib_natives[table_count - 1]) {
        tables[table_count] = stdlib_natives[table_count - 1];
        table_count++;
    }

    RuntimeOptions options = {0};
    runtime_init(&options, &vm_runner);
    Image *image = image_create();
    image->main_func = write_program(image);
    vm_init(image, tables, table_count);
    Buf why = {0};
    if (!vm_load_unit(&why)) {
        fprintf(stderr, "backend: %s\n", why.data);
        return 1;
    }
    P *p = runtime_boot_p();
    G *g = vm_new_main_g(p, 0, image->main_func);
    runtime_set_main(g);
    sched_spawn(p, g);
    int code = runtime_run();
    if (code != 0 || reported != 42) {
        fprintf(stderr, "backend: exit code %d, reported %d\n", code, (int)reported);
        return 1;
    }
    printf("backend: ok, without the front end\n");
    return 0;
}
