// cmd_run.c: csp run: builds a program and runs it.
#include <inttypes.h>
#include <stdio.h>

#include "cmd/options.h"
#include "runtime/gc.h"
#include "runtime/sched.h"
#include "stdlib/os/program.h"
#include "stdlib/internal/stdio/stdout.h"
#include "stdlib/stdlib.h"
#include "vm/vm.h"

static void print_gcstats(void)
{
    GcStats s;
    gc_stats(&s);
    fprintf(stderr,
            "gc: %" PRIu64 " collections; heap %.1f MiB, live %.1f MiB, limit %.1f MiB\n"
            "gc: pauses %.3f ms in all, longest %.3f ms; time to stop %.3f ms in all, longest "
            "%.3f ms\n",
            s.collections, (double)s.heap_bytes / 1048576, (double)s.live_bytes / 1048576,
            (double)s.limit_bytes / 1048576, (double)s.pause_total_ns / 1e6,
            (double)s.pause_max_ns / 1e6, (double)s.stop_total_ns / 1e6,
            (double)s.stop_max_ns / 1e6);
}

// os.Args: the file (or -e), then the program's own arguments.
static void pass_args(const RunOptions *o)
{
    char **args = xcalloc((size_t)o->arg_count + 2, sizeof *args);
    args[0] = o->code ? "-e" : o->files[0];
    for (int i = 0; i < o->arg_count; i++)
        args[i + 1] = o->args[i];
    os_set_args(o->arg_count + 1, args);
}

int cmd_run(int argc, char **argv, int first)
{
    RunOptions o = {0};
    int code = options_parse(&o, FOR_RUN, argc, argv, first);
    if (code >= 0)
        return code;
    if (!o.code && o.file_count == 0)
        return usage_error("run needs a file, -e CODE, or - for standard input");

    BuildSource *sources;
    int count = options_sources(&o, &sources);
    if (count == 0)
        return EXIT_BUILD;
    Build build;
    u32 start;
    build_session(&build, &o.build, false);
    if (!build_program(&build, sources, count, &start))
        return EXIT_BUILD;
    build_end(&build);

    runtime_init(&o.runtime, &vm_runner);
    vm_options.nil_panics = o.build.loopvar_shared;
    vm_init(build.image, stdlib_natives, stdlib_native_count);
    Buf why = {0};
    if (!vm_load_unit(&why))
        fatal("%s", why.data);
    pass_args(&o);
    vm_set_flush(stdout_flush, stdout_flush_soon);

    P *p = runtime_boot_p();
    G *g = vm_new_main_g(p, 0, start);
    runtime_set_main(g);
    sched_spawn(p, g);
    code = runtime_run();
    if (o.gcstats)
        print_gcstats();
    return code;
}
