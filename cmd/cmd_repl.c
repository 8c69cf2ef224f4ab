// cmd_repl.c: the prompt.
//
// The loop is package internal/repl, written in the language; here are its natives. The
// goroutine that runs the loop hands its P over while it waits for a line or for the entry to
// end (both are blocking natives), so all other goroutines go on. Each entry is a unit of its own,
// added to the living image: nothing of an entry that does not compile takes effect.
//
// Who wakes the loop: an entry's end (entry_done, on an M), Ctrl-C (interrupted, on the signal
// thread) and a deadlock (deadlocked, on an M) write to `wake_fd`, an eventfd that wait and the
// editor's getc poll. A write before the poll is kept by the descriptor, so none is lost.
//
// With --seed nobody takes the loop's P while it waits. So for the end of an entry it parks (join),
// and who wakes it makes it runnable; while it waits for a line, everything stands still.
//
// Not here: how an entry is checked (types/check.c, check_entry), what the compiler makes of its
// last expression (compiler/compiler.h).
#include "cmd/options.h"

#include <errno.h>
#include <histedit.h>
#include <poll.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/debug.h"
#include "compiler/compiler.h"
#include "parser/parser.h"
#include "runtime/atomic_ops.h"
#include "runtime/runtime.h"
#include "runtime/sched.h"
#include "stdlib/os/program.h"
#include "stdlib/internal/stdio/stdout.h"
#include "stdlib/stdlib.h"
#include "vm/object.h"
#include "vm/vm.h"

// What has been written to wake_fd, as bits.
enum { WAKE_DONE = 1, WAKE_FAILED = 1 << 8, WAKE_INTERRUPT = 1 << 16, WAKE_DEADLOCK = 1 << 24 };
// An eventfd adds up; each bit's field has room for 255 events before it is read.

typedef struct Repl {
    Build build;
    EditLine *editor; // NULL: standard input is not a terminal
    History *history;
    bool cancelled; // Ctrl-C at the prompt
    Buf entry;
    int entry_number;
    u32 start_func;
    bool has_value;
    uintptr_t entry_hidden; // ~address of the running entry's G: no root for the collector
    u64 entry_id;           // its id; 0: no entry runs. The loop's own
    int wake_fd;
    Buf waits_for; // of an entry that can never go on; written before WAKE_DEADLOCK is
    u64 joining;   // atomic: the loop's G, parked until one of the notes below is written; or 0
} Repl;

static Repl repl;

// ---- What may end a wait ----------------------------------------------------------------

static void wake(u64 why)
{
    while (write(repl.wake_fd, &why, sizeof why) < 0 && errno == EINTR)
        ;
    G *loop = slot_ptr(atomic_swap_u64(&repl.joining, 0));
    if (loop)
        sched_ready(NULL, loop);
}

// Takes what has been written so far; waits for it if `block`.
static u64 woken(bool block)
{
    u64 why = 0;
    struct pollfd fd = {.fd = repl.wake_fd, .events = POLLIN};
    while (poll(&fd, 1, block ? -1 : 0) < 0 && errno == EINTR)
        ;
    if (!(fd.revents & POLLIN) || read(repl.wake_fd, &why, sizeof why) < 0)
        return 0;
    return why;
}

// Whether `kind` has been written at least once.
static bool was(u64 why, u64 kind)
{
    return (why / kind & 0xff) != 0;
}

static void entry_done(G *g, VmEnd how)
{
    if (~(uintptr_t)g == repl.entry_hidden)
        wake(how == VM_END_RETURNED ? WAKE_DONE : WAKE_FAILED);
}

static void interrupted(void)
{
    wake(WAKE_INTERRUPT);
}

static bool deadlocked(void)
{
    repl.waits_for.len = 0;
    sched_describe_wait(&repl.waits_for, repl.entry_id);
    wake(WAKE_DEADLOCK);
    return true;
}

// ---- The editor -------------------------------------------------------------------------

static const char *prompt_first(EditLine *e)
{
    (void)e;
    return "csp> ";
}

static const char *prompt_more(EditLine *e)
{
    (void)e;
    return "...  ";
}

// One character from the terminal; Ctrl-C arrives here as a signal's note.
static int editor_getc(EditLine *e, wchar_t *out)
{
    (void)e;
    for (;;) {
        struct pollfd fds[] = {{.fd = STDIN_FILENO, .events = POLLIN},
                               {.fd = repl.wake_fd, .events = POLLIN}};
        if (poll(fds, 2, -1) < 0) {
            if (errno == EINTR)
                continue;
            return -1;
        }
        if (fds[1].revents & POLLIN) {
            if (was(woken(false), WAKE_INTERRUPT)) {
                *out = 3;
                return 1;
            }
            continue;
        }
        unsigned char c;
        ssize_t n = read(STDIN_FILENO, &c, 1);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return 0;
        // UTF-8 to a wide character, as far as it is well formed.
        int more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : c >= 0xc0 ? 1 : 0;
        u32 rune = more == 0 ? c : c & (0x3f >> more);
        for (; more > 0 && read(STDIN_FILENO, &c, 1) == 1; more--)
            rune = rune << 6 | (c & 0x3f);
        *out = (wchar_t)rune;
        return 1;
    }
}

static unsigned char editor_cancel(EditLine *e, int ch)
{
    (void)ch;
    repl.cancelled = true;
    el_deletestr(e, 0);
    return CC_NEWLINE;
}

static void editor_open(void)
{
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
        return;
    HistEvent ev;
    repl.editor = el_init("csp", stdin, stdout, stderr);
    if (!repl.editor)
        return;
    repl.history = history_init();
    history(repl.history, &ev, H_SETSIZE, 1000);
    history(repl.history, &ev, H_SETUNIQUE, 1);
    el_set(repl.editor, EL_HIST, history, repl.history);
    el_set(repl.editor, EL_EDITOR, "emacs");
    el_set(repl.editor, EL_GETCFN, editor_getc);
    el_set(repl.editor, EL_ADDFN, "csp-cancel", "drops the entry", editor_cancel);
    el_set(repl.editor, EL_BIND, "^C", "csp-cancel", NULL);
    el_source(repl.editor, NULL);
}

static void editor_close(void)
{
    if (!repl.editor)
        return;
    history_end(repl.history);
    el_end(repl.editor);
    repl.editor = NULL;
}

// Appends one line with its end to the entry. False at the end of input.
static bool read_line(bool first)
{
    if (repl.editor) {
        int count;
        el_set(repl.editor, EL_PROMPT, first ? prompt_first : prompt_more);
        const char *line = el_gets(repl.editor, &count);
        if (!line || count <= 0)
            return false;
        buf_append(&repl.entry, line, (size_t)count);
        return true;
    }
    char *line = NULL;
    size_t size = 0;
    ssize_t n = getline(&line, &size, stdin);
    if (n > 0)
        buf_append(&repl.entry, line, (size_t)n);
    free(line);
    return n > 0;
}

static bool entry_is(const char *word)
{
    size_t len = repl.entry.len;
    while (len > 0 && strchr(" \t\r\n", repl.entry.data[len - 1]))
        len--;
    return len == strlen(word) && memcmp(repl.entry.data, word, len) == 0;
}

static bool entry_is_blank(void)
{
    return repl.entry.len == 0 || strspn(repl.entry.data, " \t\r\n") == repl.entry.len;
}

// Whether more lines are needed before the entry can be judged.
static bool entry_is_incomplete(void)
{
    Arena *arena = arena_create();
    DiagList diags;
    diag_init(&diags, arena);
    bool incomplete = false;
    SourceFile *source = source_add("entry", repl.entry.data, repl.entry.len);
    if (source) {
        ParseOptions options = {.allow_script = true, .repl = true};
        parse_file(arena, &diags, source, &options, &incomplete);
    }
    diag_free(&diags);
    arena_free(arena);
    return incomplete;
}

// ---- The natives of package internal/repl -----------------------------------------------

static NativeStatus repl_read(P *p, Slot *args)
{
    (void)p;
    stdout_flush(); // what the entry printed comes before the prompt
    for (;;) {
        repl.entry.len = 0;
        repl.cancelled = false;
        bool more = true;
        while ((more = read_line(repl.entry.len == 0)) && !repl.cancelled && entry_is_incomplete())
            ;
        if (repl.cancelled) {
            fputs("^C\n", stdout);
            continue;
        }
        if (!more && entry_is_blank()) {
            if (repl.editor)
                fputs("\n", stdout);
            args[0] = false;
            return NATIVE_OK;
        }
        if (entry_is_blank())
            continue;
        if (repl.editor) {
            HistEvent ev;
            history(repl.history, &ev, H_ENTER, repl.entry.data);
        }
        if (entry_is("exit") || entry_is("quit") || entry_is(":quit")) {
            args[0] = false;
            return NATIVE_OK;
        }
        if (entry_is("help") || entry_is(":help")) {
            static const char help[] =
                "Type statements, declarations or expressions of the language; the value of a "
                "last\n"
                "expression is shown. Packages of the standard library need no import.\n"
                "Goroutines go on while the prompt waits. Ctrl-C stops the running entry or drops\n"
                "the one being typed; Ctrl-D or exit leaves.\n";
            fputs(help, stdout);
            fflush(stdout);
            continue;
        }
        args[0] = true;
        return NATIVE_OK;
    }
}

static NativeStatus repl_compile(P *p, Slot *args)
{
    (void)p;
    char name[32];
    snprintf(name, sizeof name, "entry#%d", ++repl.entry_number);
    repl.start_func =
        build_entry(&repl.build, name, repl.entry.data, repl.entry.len, &repl.has_value);
    args[0] = repl.start_func != 0;
    return NATIVE_OK;
}

static NativeStatus repl_start(P *p, Slot *args)
{
    (void)args;
    woken(false); // a Ctrl-C that came too late for the entry before
    G *g = vm_new_g(p, repl.start_func, NULL, 0);
    // Written before the G can run; an older entry that was given up has another G.
    repl.entry_hidden = ~(uintptr_t)g;
    vm_watch_g(p, g, entry_done);
    sched_spawn(p, g);
    repl.entry_id = g->id;
    return NATIVE_OK;
}

static NativeStatus repl_join(P *p, Slot *args)
{
    (void)args;
    if (!sched_seeded())
        return NATIVE_OK;
    G *loop = p->g; // main, so that something keeps it alive
    sched_park(p, WAIT_OTHER);
    atomic_set_u64(&repl.joining, ptr_slot(loop));
    return NATIVE_PARKED;
}

static NativeStatus repl_wait(P *p, Slot *args)
{
    (void)p;
    u64 why = woken(true);
    args[0] = was(why, WAKE_DONE);
    if (!was(why, WAKE_DONE) && !was(why, WAKE_FAILED)) {
        stdout_flush();
        if (was(why, WAKE_INTERRUPT)) {
            fputs("\ninterrupted; goroutines that it started go on\n", stderr);
            sched_stop_goroutine(repl.entry_id);
        } else {
            fprintf(stderr,
                    "deadlock: this entry waits, and no goroutine can wake it; it goes on waiting, "
                    "a later entry may help\n%.*s",
                    (int)repl.waits_for.len, repl.waits_for.len ? repl.waits_for.data : "");
        }
    }
    repl.entry_id = 0;
    return NATIVE_OK;
}

static NativeStatus repl_last(P *p, Slot *args)
{
    (void)p;
    args[0] = args[1] = args[2] = 0;
    if (!repl.has_value)
        return NATIVE_OK;
    memcpy(args, repl.build.image->globals + compiler_last_value(repl.build.compiler),
           2 * sizeof(Slot));
    args[2] = true;
    return NATIVE_OK;
}

static const Native repl_natives[] = {
    {"read", repl_read, NATIVE_BLOCKS}, {"compile", repl_compile, 0},
    {"start", repl_start, 0},           {"join", repl_join, 0},
    {"wait", repl_wait, NATIVE_BLOCKS}, {"last", repl_last, 0},
};
static const NativeTable repl_native_table = {"internal/repl", repl_natives, countof(repl_natives)};

// ---- Start ------------------------------------------------------------------------------

// The natives of the standard library and the prompt's own.
static const NativeTable *const *native_tables(int *count)
{
    *count = stdlib_native_count + 1;
    const NativeTable **tables = xcalloc((size_t)*count, sizeof *tables);
    for (int i = 0; i < stdlib_native_count; i++)
        tables[i] = stdlib_natives[i];
    tables[stdlib_native_count] = &repl_native_table;
    return tables;
}

int cmd_repl(int argc, char **argv, int first)
{
    RunOptions options = {0};
    int code = options_parse(&options, FOR_REPL, argc, argv, first);
    if (code >= 0)
        return code;
    if (options.file_count > 0)
        return usage_error("the prompt takes no files; csp run does");
    repl.wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (repl.wake_fd < 0)
        die("cannot start the prompt: %s", strerror(errno));
    options.runtime.interactive = true;
    options.runtime.on_interrupt = interrupted;
    options.runtime.on_deadlock = deadlocked;
    runtime_init(&options.runtime, &vm_runner);
    vm_options.nil_panics = options.build.loopvar_shared;
    build_session(&repl.build, &options.build, true);
    int table_count;
    const NativeTable *const *tables = native_tables(&table_count);
    vm_init(repl.build.image, tables, table_count);
    static char *args[] = {"csp", NULL};
    os_set_args(1, args);
    vm_set_flush(stdout_flush, stdout_flush_soon);

    static const char boot[] = "import \"internal/repl\"\nrepl.Loop()\n";
    u32 loop = build_entry(&repl.build, "prompt", boot, sizeof boot - 1, &repl.has_value);
    check(loop != 0);

    editor_open();
    if (repl.editor) {
        printf("csp %s: goroutines, channels and select; help for help, Ctrl-D to leave\n",
               CSP_VERSION);
        fflush(stdout);
    }
    G *g = vm_new_main_g(runtime_boot_p(), 0, loop);
    g->is_system = true;
    runtime_set_main(g);
    sched_spawn(runtime_boot_p(), g);
    code = runtime_run();
    editor_close();
    return code;
}
