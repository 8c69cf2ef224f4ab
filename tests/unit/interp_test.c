// interp_test.c: the machine on bytecode written by hand, under the real scheduler.
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/debug.h"
#include "runtime/runtime.h"
#include "tests/unit/assemble.h"
#include "tests/unit/types_by_hand.h"
#include "vm/object.h"
#include "vm/vm.h"

static Image *im;
static Slot noted[64];
static int noted_count;
static u32 note, leave, count;
static Assembler as;

static NativeStatus test_note(P *p, Slot *args)
{
    (void)p;
    cr_assert_lt(noted_count, countof(noted));
    noted[noted_count] = args[0];
    __atomic_store_n(&noted_count, noted_count + 1, __ATOMIC_RELEASE); // test_count
    return NATIVE_OK;
}

// How many notes there are: for a goroutine that waits for another one.
static NativeStatus test_count(P *p, Slot *args)
{
    (void)p;
    args[0] = (Slot)__atomic_load_n(&noted_count, __ATOMIC_ACQUIRE); // test_note
    return NATIVE_OK;
}

static NativeStatus test_goexit(P *p, Slot *args)
{
    (void)p;
    (void)args;
    return NATIVE_EXIT;
}

static const Native natives[] = {
    {"note", test_note, 0}, {"goexit", test_goexit, 0}, {"count", test_count, 0}};
static const NativeTable table = {"test", natives, countof(natives)};
static const NativeTable *const tables[] = {&table};

static u32 native(const char *name, u32 params, u32 results)
{
    assemble_begin(&as, im, name, 1, params, results);
    as.code->flags |= CODE_NATIVE;
    emit_wide(&as, OP_NATIVE, 0, image_add_native(im, name));
    emit(&as, OP_RET, 0, 0, 0);
    return assemble_end(&as);
}

static void start(void)
{
    debug_parse(getenv("CSPDEBUG")); // CSPDEBUG=stackmove=1,preempt=1 tests more
    RuntimeOptions options = {.procs = 2, .gc_percent = 100};
    runtime_init(&options, &vm_runner);
    im = image_create();
    vm_init(im, tables, 1);
    image_add_type(im, &int_type);
    image_add_type(im, &string_type);
    image_add_type(im, &ints_type);
    image_add_type(im, &chan_type);
    image_add_type(im, &any_type);
    note = native("test.note", 1, 0);
    leave = native("test.goexit", 0, 0);
    count = native("test.count", 0, 1);
}

TestSuite(interp, .init = start, .timeout = 20);

static char err[100000];

// Runs function id as main. Returns the exit code; standard error is in err.
static int run(u32 id)
{
    Buf why = {0};
    cr_assert(vm_load_unit(&why), "%s", why.data);
    FILE *file = tmpfile();
    int saved = dup(STDERR_FILENO);
    dup2(fileno(file), STDERR_FILENO);
    P *p = runtime_boot_p();
    G *g = vm_new_main_g(p, 0, id);
    runtime_set_main(g);
    sched_spawn(p, g);
    int code = runtime_run();
    dup2(saved, STDERR_FILENO);
    rewind(file);
    size_t n = fread(err, 1, sizeof err - 1, file);
    err[n] = 0;
    fclose(file);
    return code;
}

static void begin(const char *name, u32 slots, u32 params, u32 results)
{
    assemble_begin(&as, im, name, slots, params, results);
}

static void emit_note(u32 window, u32 slot)
{
    emit(&as, OP_MOV, window, slot, 0);
    emit_wide(&as, OP_CALL, window, note);
}

static u32 func_fib(void)
{
    begin("main.fib", 5, 1, 1);
    u32 big = emit(&as, OP_JGEI, 0, 2, 0);
    emit(&as, OP_RET1, 0, 0, 0);
    land(&as, big);
    emit(&as, OP_ADDI, 2, 0, -1);
    emit_wide(&as, OP_CALL, 2, as.code->id);
    emit(&as, OP_MOV, 1, 2, 0);
    emit(&as, OP_ADDI, 3, 0, -2);
    emit_wide(&as, OP_CALL, 3, as.code->id);
    emit(&as, OP_ADD, 0, 1, 3);
    emit(&as, OP_RET, 0, 0, 0);
    return assemble_end(&as);
}

Test(interp, calls_and_loops)
{
    u32 fib = func_fib();
    begin("main.main", 8, 0, 0);
    emit_wide(&as, OP_LDI, 1, 20);
    emit_wide(&as, OP_CALL, 1, fib);
    emit_note(3, 1);
    emit(&as, OP_LDZ, 1, 2, 0);
    u32 top = here(&as);
    emit(&as, OP_ADD, 2, 2, 1);
    emit(&as, OP_FORLOOPI, 1, 1000, (i64)top - here(&as));
    emit_note(4, 2);
    emit(&as, OP_RET, 0, 0, 0);
    cr_assert_eq(run(assemble_end(&as)), 0);
    cr_assert_eq(noted[0], 6765);
    cr_assert_eq(noted[1], 499500);
}

// func sum(n) { if n == 0 { return 0 }; return n + sum(n-1) }
static u32 func_sum(bool endless)
{
    begin("main.sum", 4, 1, 1);
    u32 more = emit(&as, OP_JNEI, 0, endless ? -1 : 0, 0);
    emit(&as, OP_RET1, 0, 0, 0);
    land(&as, more);
    emit(&as, OP_ADDI, 2, 0, endless ? 1 : -1);
    emit_wide(&as, OP_CALL, 2, as.code->id);
    emit(&as, OP_ADD, 0, 0, 2);
    emit(&as, OP_RET, 0, 0, 0);
    return assemble_end(&as);
}

Test(interp, deep_recursion_grows_the_stack)
{
    u32 sum = func_sum(false);
    begin("main.main", 8, 0, 0);
    emit_wide(&as, OP_LDI, 1, 1000000);
    emit_wide(&as, OP_CALL, 1, sum);
    emit_note(3, 1);
    emit(&as, OP_RET, 0, 0, 0);
    cr_assert_eq(run(assemble_end(&as)), 0);
    cr_assert_eq(noted[0], 500000500000);
}

Test(interp, endless_recursion_is_a_stack_overflow)
{
    u32 sum = func_sum(true);
    begin("main.main", 8, 0, 0);
    emit_wide(&as, OP_LDI, 1, 1);
    emit_wide(&as, OP_CALL, 1, sum);
    emit(&as, OP_RET, 0, 0, 0);
    cr_assert_eq(run(assemble_end(&as)), 2);
    cr_assert(strstr(err, "runtime: goroutine stack exceeds 1000000000-byte limit\n"
                          "fatal error: stack overflow\n"),
              "%s", err);
    cr_assert(strstr(err, "frames elided"));
}

Test(interp, an_index_out_of_range_panics)
{
    begin("main.main", 12, 0, 0);
    emit_wide(&as, OP_LDI, 0, 3);
    emit(&as, OP_MKSLICE, 1, 0, 0);
    emit_word(&as, int_type.id);
    emit_wide(&as, OP_LDI, 0, 5);
    emit(&as, OP_LDX64, 4, 1, 0);
    emit(&as, OP_RET, 0, 0, 0);
    cr_assert_eq(run(assemble_end(&as)), 2);
    cr_assert(strstr(err, "panic: runtime error: index out of range [5] with length 3\n\n"
                          "goroutine 1 [running]:\nmain.main()\n\t"),
              "%s", err);
}

// Panics with the string constant; slots 0, 1 and 2.
static void emit_panic(const char *text)
{
    emit_wide(&as, OP_LDSTR, 0, image_add_string(im, text, strlen(text)));
    emit(&as, OP_MKIFACE, 2, 0, 0);
    emit_word(&as, string_type.id);
    emit(&as, OP_PANIC, 2, 0, 0);
}

static u32 func_panic(const char *text)
{
    begin("main.boom", 4, 0, 0);
    emit_panic(text);
    emit(&as, OP_RET, 0, 0, 0);
    return assemble_end(&as);
}

// Notes 100 if recover gives nothing, else 200.
static u32 func_recover(void)
{
    begin("main.rescue", 6, 0, 0);
    emit(&as, OP_RECOVER, 0, 0, 0);
    emit_wide(&as, OP_LDI, 2, 100);
    u32 none = emit(&as, OP_JEQI, 0, 0, 0);
    emit_wide(&as, OP_LDI, 2, 200);
    land(&as, none);
    emit_note(4, 2);
    emit(&as, OP_RET, 0, 0, 0);
    return assemble_end(&as);
}

// func name() (r int) { defer one(); defer two(); boom; return 1 }, recovers with r = 7
static u32 func_deferring(const char *name, u32 one, u32 two, u32 body)
{
    begin(name, 6, 0, 1);
    as.code->flags |= CODE_HAS_DEFER;
    emit_wide(&as, OP_LDI, 0, 7);
    if (one)
        emit_wide(&as, OP_DEFER, 2, one);
    if (two)
        emit_wide(&as, OP_DEFER, 2, two);
    if (body)
        emit_wide(&as, OP_CALL, 2, body);
    emit_wide(&as, OP_LDI, 0, 1);
    as.code->recover_pc = emit(&as, OP_RUNDEFER, 0, 0, 0);
    emit(&as, OP_RET, 0, 0, 0);
    return assemble_end(&as);
}

// func main() { note(f()) }
static u32 func_main(u32 f)
{
    begin("main.main", 5, 0, 0);
    emit_wide(&as, OP_CALL, 1, f);
    emit_note(3, 1);
    emit(&as, OP_RET, 0, 0, 0);
    return assemble_end(&as);
}

static u32 func_noting(i64 value)
{
    begin("main.noting", 4, 0, 0);
    emit_wide(&as, OP_LDI, 0, value);
    emit_note(2, 0);
    emit(&as, OP_RET, 0, 0, 0);
    return assemble_end(&as);
}

static void expect_notes(int n, const i64 *values)
{
    cr_assert_eq(noted_count, n, "%d notes\n%s", noted_count, err);
    for (int i = 0; i < n; i++)
        cr_assert_eq((i64)noted[i], values[i], "note %d is %lld", i, (long long)noted[i]);
}

Test(interp, deferred_calls_run_in_reverse)
{
    u32 f = func_deferring("main.f", func_noting(1), func_noting(2), 0);
    cr_assert_eq(run(func_main(f)), 0);
    expect_notes(3, (i64[]){2, 1, 1});
}

Test(interp, recover_stops_a_panic)
{
    u32 f = func_deferring("main.f", func_noting(3), func_recover(), func_panic("boom"));
    cr_assert_eq(run(func_main(f)), 0);
    expect_notes(3, (i64[]){200, 3, 7});
}

Test(interp, recover_works_only_when_called_by_the_deferred_function)
{
    u32 rescue = func_recover();
    u32 indirect = func_deferring("main.indirect", 0, 0, rescue);
    u32 f = func_deferring("main.f", rescue, indirect, func_panic("boom"));
    cr_assert_eq(run(func_main(f)), 0);
    expect_notes(3, (i64[]){100, 200, 7});
}

Test(interp, a_panic_in_a_deferred_call_replaces_the_first)
{
    u32 rescue = func_recover();
    u32 f = func_deferring("main.f", rescue, func_panic("second"), func_panic("first"));
    // both are gone after one recover
    u32 outer = func_deferring("main.outer", rescue, 0, f);
    cr_assert_eq(run(func_main(outer)), 0);
    expect_notes(3, (i64[]){200, 100, 1});
}

Test(interp, a_deferred_call_may_recover_a_panic_of_its_own)
{
    u32 rescue = func_recover();
    u32 inner = func_deferring("main.inner", rescue, 0, func_panic("inner"));
    u32 f = func_deferring("main.f", rescue, inner, func_panic("first"));
    cr_assert_eq(run(func_main(f)), 0);
    expect_notes(3, (i64[]){200, 200, 7});
}

Test(interp, nested_panics_are_all_printed)
{
    u32 f = func_deferring("main.f", func_panic("second"), 0, func_panic("first"));
    cr_assert_eq(run(func_main(f)), 2);
    cr_assert(strstr(err, "panic: first\n\tpanic: second\n\ngoroutine 1 [running]:\nmain.boom()\n"),
              "%s", err);
}

Test(interp, a_panic_raised_again_says_recovered)
{
    begin("main.again", 6, 0, 0);
    emit(&as, OP_RECOVER, 4, 0, 0);
    emit_panic("second");
    emit(&as, OP_RET, 0, 0, 0);
    u32 again = assemble_end(&as);
    u32 f = func_deferring("main.f", again, 0, func_panic("first"));
    cr_assert_eq(run(func_main(f)), 2);
    cr_assert(strstr(err, "panic: first [recovered]\n\tpanic: second\n"), "%s", err);
}

Test(interp, goexit_runs_deferred_calls_and_cannot_be_recovered)
{
    u32 rescue = func_recover();
    u32 f = func_deferring("main.f", func_noting(5), rescue, leave);
    begin("main.main", 8, 0, 0);
    emit_wide(&as, OP_GO, 1, f);
    // until the other has noted both; were there fewer, the suite's time-out would end it
    u32 top = here(&as);
    emit_wide(&as, OP_CALL, 3, count);
    emit(&as, OP_JLTI, 3, 2, (i64)top - here(&as));
    emit(&as, OP_RET, 0, 0, 0);
    u32 main_id = assemble_end(&as);
    cr_assert_eq(run(main_id), 0);
    expect_notes(2, (i64[]){100, 5});
}

Test(interp, methods_of_interfaces_and_method_values)
{
    // func (x T) add(y, z int) int { return x*100 + y*10 + z }
    static RType named[2];
    static RMethod method[2];
    u32 add = image_method_name(im, "add");
    for (int i = 0; i < 2; i++) {
        begin("main.T.add", 4, 3, 1);
        emit(&as, OP_MULI, 0, 0, i ? 1000 : 100);
        emit(&as, OP_MULI, 1, 1, 10);
        emit(&as, OP_ADD, 0, 0, 1);
        emit(&as, OP_ADD, 0, 0, 2);
        emit(&as, OP_RET, 0, 0, 0);
        named[i] = int_type;
        method[i] = (RMethod){add, "add", NULL, assemble_end(&as)};
        named[i].methods = &method[i];
        named[i].method_count = 1;
        image_add_type(im, &named[i]);
    }
    begin("main.main", 20, 0, 0);
    emit_wide(&as, OP_LDI, 0, 1);
    u32 top = here(&as); // the same call site for both types, each twice
    emit_wide(&as, OP_LDI, 1, 7);
    emit(&as, OP_ANDI, 2, 0, 1);
    u32 odd = emit_wide(&as, OP_JT, 2, 0);
    emit(&as, OP_MKIFACE, 2, 1, 0);
    emit_word(&as, named[0].id);
    u32 over = emit_wide(&as, OP_JMP, 0, 0);
    land(&as, odd);
    emit(&as, OP_MKIFACE, 2, 1, 0);
    emit_word(&as, named[1].id);
    land(&as, over);
    emit_wide(&as, OP_LDI, 6, 2);
    emit_wide(&as, OP_LDI, 7, 3);
    emit(&as, OP_CALLI, 5, 2, 3);
    emit_word(&as, add);
    emit_word(&as, 0);
    emit_note(10, 5);
    emit(&as, OP_FORLOOPI, 0, 5, (i64)top - here(&as));
    emit(&as, OP_RET, 0, 0, 0);
    cr_assert_eq(run(assemble_end(&as)), 0, "%s", err);
    expect_notes(4, (i64[]){7023, 723, 7023, 723});
}

Test(interp, goroutines_and_channels)
{
    begin("main.worker", 4, 2, 0); // (ch, n): sends 0…n-1, closes
    emit(&as, OP_LDZ, 2, 1, 0);
    u32 top = here(&as);
    emit(&as, OP_SEND, 0, 2, 0);
    emit(&as, OP_FORLOOP, 2, 1, (i64)top - here(&as));
    emit(&as, OP_CLOSE, 0, 0, 0);
    emit(&as, OP_RET, 0, 0, 0);
    u32 worker = assemble_end(&as);
    begin("main.main", 8, 0, 0);
    emit(&as, OP_LDZ, 0, 4, 0);
    emit(&as, OP_MKCHAN, 4, 0, 0);
    emit_word(&as, chan_type.id);
    emit_wide(&as, OP_LDI, 5, 10000);
    emit_wide(&as, OP_GO, 4, worker);
    top = here(&as);
    emit(&as, OP_RECV2, 2, 4, 1);
    emit(&as, OP_ADD, 0, 0, 2);
    emit_wide(&as, OP_JT, 3, (i64)top - here(&as));
    emit_note(6, 0);
    emit(&as, OP_SEND, 4, 0, 0); // closed by now
    emit(&as, OP_RET, 0, 0, 0);
    cr_assert_eq(run(assemble_end(&as)), 2);
    cr_assert(strstr(err, "panic: send on closed channel\n\ngoroutine 1 [running]:"), "%s", err);
    expect_notes(1, (i64[]){49995000});
}

Test(interp, selects_choose_a_ready_case)
{
    begin("main.sender", 3, 2, 0); // (ch, v)
    emit(&as, OP_SEND, 0, 1, 0);
    emit(&as, OP_RET, 0, 0, 0);
    u32 sender = assemble_end(&as);
    begin("main.main", 40, 0, 0);
    emit(&as, OP_LDZ, 0, 6, 0);
    emit(&as, OP_MKCHAN, 20, 0, 0);
    emit_word(&as, chan_type.id);
    emit_wide(&as, OP_LDI, 21, 77);
    emit_wide(&as, OP_GO, 20, sender);
    // select { case v := <-nil: case v := <-ch: }, v in slot 3
    emit(&as, OP_LDZ, 4, 16, 0);
    emit_wide(&as, OP_LDI, 5, 1 | 3 << 8);
    emit(&as, OP_MOV, 12, 20, 0);
    emit_wide(&as, OP_LDI, 13, 1 | 3 << 8);
    emit(&as, OP_SELECT, 30, 4, 2);
    emit_word(&as, 0);
    emit_note(34, 30);
    emit_note(34, 31);
    emit_note(34, 3);
    // again with a default: nobody sends any more
    emit(&as, OP_SELECT, 30, 4, 2);
    emit_word(&as, 1);
    emit_note(34, 30);
    emit(&as, OP_RET, 0, 0, 0);
    cr_assert_eq(run(assemble_end(&as)), 0);
    expect_notes(4, (i64[]){1, 1, 77, -1});
}

Test(interp, println_has_gos_formats)
{
    begin("main.main", 12, 0, 0);
    emit_wide(&as, OP_LDI, 0, -3);
    emit(&as, OP_LDK, 1, 0, 0);
    emit_word(&as, f64_slot(1.5));
    emit_wide(&as, OP_LDSTR, 2, image_add_string(im, "hi", 2));
    emit_wide(&as, OP_LDI, 4, 1);
    emit(&as, OP_LDZ, 5, 5, 0);
    emit(&as, OP_PRINT, 0, 0, 0);
    emit_word(&as, image_add_string(im, "i_f_s_b_e_ln", 12));
    emit(&as, OP_RET, 0, 0, 0);
    cr_assert_eq(run(assemble_end(&as)), 0);
    cr_assert_str_eq(err, "-3 +1.500000e+000 hi true (0x0,0x0) [0/0]0x0\n");
}

Test(interp, slices_are_checked_as_in_go)
{
    // a[lo:hi] of a slice with length 3 and capacity 4
    static const struct {
        i64 lo, hi, max;
        int given;
        const char *text;
    } cases[] = {
        {0, 5, 0, 1, "slice bounds out of range [:5] with capacity 4"},
        {3, 1, 0, 1, "slice bounds out of range [3:1]"},
        {-1, 1, 0, 1, "slice bounds out of range [-1:]"},
        {0, 0, 9, 3, "slice bounds out of range [::9] with capacity 4"},
        {0, 3, 2, 3, "slice bounds out of range [:3:2]"},
    };
    for (int k = 0; k < countof(cases); k++) {
        pid_t child = fork(); // one process each, because a panic ends it
        if (child == 0) {
            begin("main.main", 16, 0, 0);
            emit_wide(&as, OP_LDI, 0, 3);
            emit_wide(&as, OP_LDI, 1, 4);
            emit(&as, OP_MKSLICE, 2, 0, 1);
            emit_word(&as, int_type.id);
            emit_wide(&as, OP_LDI, 5, cases[k].lo);
            emit_wide(&as, OP_LDI, 6, cases[k].hi);
            emit_wide(&as, OP_LDI, 7, cases[k].max);
            emit(&as, OP_SLICE, 8, 2, 5);
            emit_word(&as, 8 | (u64)cases[k].given << 32);
            emit(&as, OP_RET, 0, 0, 0);
            int code = run(assemble_end(&as));
            _exit(code == 2 && strstr(err, cases[k].text) ? 0 : 1);
        }
        int status = -1;
        cr_assert_eq(waitpid(child, &status, 0), child);
        cr_assert_eq(status, 0, "case %d: %s", k, cases[k].text);
    }
}
