// step_test.c: goroutines driven by hand, through all interleavings of small programs.
//
// A schedule is a list of numbers, one for each place where more than one goroutine could go on.
// All of them are tried by depth-first search, each from the beginning.
#include "runtime/step.h"

#include <criterion/criterion.h>

#include "cmd/build.h"
#include "runtime/choose.h"
#include "runtime/runtime.h"
#include "runtime/sched.h"
#include "stdlib/stdlib.h"
#include "vm/vm.h"

TestSuite(step, .timeout = 60);

static Image *image;

static const char source[] =
    "package main\n"
    "import \"sync\"\n"
    "import \"time\"\n"
    "var mark int\n"
    "var ch, full chan int\n"
    "var m1, m2 *sync.Mutex\n"
    "var wg *sync.WaitGroup\n"
    "var got, count, won int\n"
    "func setup() {\n"
    "    mark = 1234567890123\n"
    "    ch, full = make(chan int), make(chan int, 2)\n"
    "    m1, m2, wg = new(sync.Mutex), new(sync.Mutex), new(sync.WaitGroup)\n"
    "    got, count, won = 0, 0, 0\n"
    "    full <- 1\n"
    "    full <- 2\n"
    "}\n"
    "func send() { ch <- 7 }\n"
    "func receive() { got = <-ch }\n"
    "func lockOnce() { m1.Lock(); count++; m1.Unlock() }\n"
    "func lock12() { m1.Lock(); m2.Lock(); count++; m2.Unlock(); m1.Unlock() }\n"
    "func lock21() { m2.Lock(); m1.Lock(); count++; m1.Unlock(); m2.Unlock() }\n"
    "func sendLocked() { m1.Lock(); ch <- 7; m1.Unlock() }\n"
    "func receiveLocked() { m1.Lock(); got = <-ch; m1.Unlock() }\n"
    "func receiveThenLock() { v := <-ch; m1.Lock(); got = v; m1.Unlock() }\n"
    "func choose() { select { case won = <-full: case v := <-ch: won = v } }\n"
    "func spawn() { wg.Add(1); go func() { count++; wg.Done() }(); wg.Wait() }\n"
    "func spin() { for { count++ } }\n"
    "func sleep() { time.Sleep(time.Hour); got = 1 }\n"
    "func main() { setup(); send(); receive(); lockOnce(); lock12(); lock21(); sendLocked()\n"
    "    receiveLocked(); receiveThenLock(); choose(); spawn(); spin(); sleep() }\n";

static void start(void)
{
    RuntimeOptions options = {.seeded = true, .seed = 1};
    runtime_init(&options, &vm_runner);
    BuildOptions build_options = {0};
    Build *b = xcalloc(1, sizeof *b);
    build_session(b, &build_options, false);
    BuildSource text = {"test.csp", source, strlen(source)};
    u32 init;
    cr_assert(build_program(b, &text, 1, &init));
    image = b->image;
    vm_init(image, stdlib_natives, stdlib_native_count);
    Buf why = {0};
    cr_assert(vm_load_unit(&why), "%s", why.data);
    step_begin();
}

static G *spawn(const char *name)
{
    for (u32 id = 1; id < image->func_count; id++) {
        if (!image->codes[id] || strcmp(image->codes[id]->name, name) != 0)
            continue;
        P *p = runtime_boot_p();
        G *g = vm_new_g(p, id, NULL, 0);
        sched_spawn(p, g);
        return g;
    }
    cr_assert_fail("there is no function %s", name);
    return NULL;
}

enum { ENOUGH = 1000000, DEPTH = 64 };

static void run_to_end(const G *g)
{
    StepEnd end;
    do
        end = step_one(g, ENOUGH);
    while (end == STEPPED);
    cr_assert_eq(end, STEP_ENDED);
}

// A variable of package main: they lie behind `mark` in the order in which setup names them.
static i64 variable(const char *name)
{
    static const char *const names[] = {"mark", "ch",  "full",  "m1", "m2",
                                        "wg",   "got", "count", "won"};
    const i64 *at = (const i64 *)image->globals;
    while (*at != 1234567890123)
        at++;
    for (int i = 0; i < countof(names); i++) {
        if (strcmp(names[i], name) == 0)
            return at[i];
    }
    cr_assert_fail("there is no variable %s", name);
    return 0;
}

// ---- All interleavings ------------------------------------------------------------------------

typedef struct Found {
    int runs, deadlocks, max_runnable;
    bool good; // what `judge` said of every run that came to its end
} Found;

typedef struct Schedule {
    u32 picked[DEPTH], of[DEPTH];
    int depth, len;
} Schedule;

static Schedule schedule;

static u32 pick(u32 n)
{
    if (n == 1)
        return 0;
    cr_assert_lt(schedule.depth, DEPTH);
    if (schedule.depth == schedule.len) {
        schedule.picked[schedule.len] = 0;
        schedule.of[schedule.len++] = n;
    }
    cr_assert_eq(schedule.of[schedule.depth], n, "the same schedule is another run");
    return schedule.picked[schedule.depth++];
}

static u64 decide(ChoiceKind kind, u64 n)
{
    (void)kind;
    return pick((u32)n);
}

// The next one in order. False: that was the last.
static bool schedule_next(void)
{
    while (schedule.len > 0) {
        if (++schedule.picked[schedule.len - 1] < schedule.of[schedule.len - 1])
            return true;
        schedule.len--;
    }
    return false;
}

static Found explore(const char *first, const char *second, bool (*judge)(void))
{
    Found found = {.good = true};
    schedule = (Schedule){0};
    do {
        choose_by(NULL);
        run_to_end(spawn("main.setup"));
        choose_by(decide);
        schedule.depth = 0;
        // New ones first come to their first operation, which nobody sees.
        step_one(spawn(first), ENOUGH);
        step_one(spawn(second), ENOUGH);
        int alive = 2;
        const G *list[8];
        u32 n;
        while ((n = step_runnable(list, 8)) > 0) {
            if ((int)n > found.max_runnable)
                found.max_runnable = (int)n;
            alive -= step_one(list[pick(n)], ENOUGH) == STEP_ENDED;
        }
        found.runs++;
        if (alive > 0)
            found.deadlocks++;
        else if (judge)
            found.good &= judge();
    } while (schedule_next());
    return found;
}

static bool got_seven(void)
{
    return variable("got") == 7;
}

static bool counted_two(void)
{
    return variable("count") == 2;
}

Test(step, a_send_and_a_receive_come_in_two_orders)
{
    start();
    Found f = explore("main.send", "main.receive", got_seven);
    // Who comes first parks, and goes on behind or before the end of the other.
    cr_assert_eq(f.runs, 2);
    cr_assert_eq(f.deadlocks, 0);
    cr_assert(f.good);
}

Test(step, two_that_lock_once)
{
    start();
    Found f = explore("main.lockOnce", "main.lockOnce", counted_two);
    // One after the other, or the second parks before the first unlocks; each way round.
    cr_assert_eq(f.runs, 4);
    cr_assert_eq(f.deadlocks, 0);
    cr_assert(f.good);
}

Test(step, locks_in_opposite_order_deadlock)
{
    start();
    Found f = explore("main.lock12", "main.lock21", counted_two);
    cr_assert_gt(f.deadlocks, 0);
    cr_assert_gt(f.runs, f.deadlocks, "and often go well");
    cr_assert(f.good);
    f = explore("main.lock12", "main.lock12", counted_two);
    cr_assert_eq(f.deadlocks, 0);
    cr_assert(f.good);
}

Test(step, a_channel_operation_under_a_lock)
{
    start();
    Found f = explore("main.sendLocked", "main.receiveLocked", got_seven);
    cr_assert_eq(f.deadlocks, f.runs, "always");
    f = explore("main.sendLocked", "main.receiveThenLock", got_seven);
    cr_assert_eq(f.deadlocks, 0);
    cr_assert(f.good);
    cr_assert_gt(f.runs, 4);
}

static int won_from_full, won_from_ch;

static bool note_winner(void)
{
    if (variable("won") == 1)
        won_from_full++;
    if (variable("won") == 7)
        won_from_ch++;
    return variable("won") == 1 || variable("won") == 7;
}

Test(step, each_ready_case_of_a_select_is_tried)
{
    start();
    won_from_full = won_from_ch = 0;
    Found f = explore("main.choose", "main.send", note_winner);
    cr_assert(f.good);
    cr_assert_gt(won_from_ch, 0);
    // The other case leaves the sender alone.
    cr_assert_gt(f.deadlocks, 0);
}

// ---- What is pending --------------------------------------------------------------------------

Test(step, says_what_comes_next)
{
    start();
    run_to_end(spawn("main.setup"));
    G *g = spawn("main.sendLocked");
    cr_assert_eq(step_pending(g).op, VISIBLE_NONE);
    cr_assert_eq(step_one(g, ENOUGH), STEPPED);
    cr_assert_eq(step_pending(g).op, VISIBLE_LOCK);
    cr_assert_eq((i64)(uintptr_t)step_pending(g).object, variable("m1"));
    Buf place = {0};
    cr_assert(vm_place(step_pending(g).at, &place));
    cr_assert(strstr(place.data, "test.csp:22") != NULL, "%s", place.data);
    buf_free(&place);
    cr_assert_eq(step_one(g, ENOUGH), STEPPED);
    cr_assert_eq(step_pending(g).op, VISIBLE_SEND);
    cr_assert_eq((i64)(uintptr_t)step_pending(g).object, variable("ch"));
    cr_assert_eq(step_one(g, ENOUGH), STEP_WAITS);
    G *r = spawn("main.receive");
    step_one(r, ENOUGH);
    cr_assert_eq(step_pending(r).op, VISIBLE_RECV);
    cr_assert_eq(step_one(r, ENOUGH), STEP_ENDED);
    const G *list[2];
    cr_assert_eq(step_runnable(list, 2), 1);
    cr_assert_eq(list[0], g);
    cr_assert_eq(step_pending(g).op, VISIBLE_NONE, "it was woken");
    cr_assert_eq(step_one(g, ENOUGH), STEPPED);
    cr_assert_eq(step_pending(g).op, VISIBLE_UNLOCK);
    cr_assert_eq(step_one(g, ENOUGH), STEP_ENDED);
}

Test(step, new_goroutines_are_in_the_list)
{
    start();
    run_to_end(spawn("main.setup"));
    G *g = spawn("main.spawn");
    step_one(g, ENOUGH);
    cr_assert_eq(step_pending(g).op, VISIBLE_GROUP_ADD);
    step_one(g, ENOUGH);
    cr_assert_eq(step_pending(g).op, VISIBLE_GROUP_WAIT);
    cr_assert_eq(step_one(g, ENOUGH), STEP_WAITS);
    const G *list[2];
    cr_assert_eq(step_runnable(list, 2), 1);
    const G *child = list[0];
    cr_assert_eq(child->created_by, g->id);
    step_one(child, ENOUGH);
    cr_assert_eq(step_pending(child).op, VISIBLE_GROUP_ADD);
    cr_assert_eq(step_one(child, ENOUGH), STEP_ENDED);
    run_to_end(g);
}

Test(step, one_that_never_comes_to_an_operation_is_stopped)
{
    start();
    run_to_end(spawn("main.setup"));
    G *g = spawn("main.spin");
    cr_assert_eq(step_one(g, 10000), STEP_LONG);
    i64 so_far = variable("count");
    cr_assert_gt(so_far, 1000);
    cr_assert_eq(step_one(g, 10000), STEP_LONG);
    cr_assert_gt(variable("count"), so_far);
}

Test(step, the_clock_moves_when_it_is_told)
{
    start();
    run_to_end(spawn("main.setup"));
    G *g = spawn("main.sleep");
    step_one(g, ENOUGH);
    cr_assert_eq(step_pending(g).op, VISIBLE_SLEEP);
    cr_assert_eq(step_one(g, ENOUGH), STEP_WAITS);
    const G *list[1];
    cr_assert_eq(step_runnable(list, 1), 0);
    cr_assert(step_clock());
    cr_assert_eq(step_runnable(list, 1), 1);
    cr_assert_eq(step_one(g, ENOUGH), STEP_ENDED);
    cr_assert_eq(variable("got"), 1);
    cr_assert_not(step_clock());
}
