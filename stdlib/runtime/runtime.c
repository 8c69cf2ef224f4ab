// runtime.c: natives of package runtime. Everything here is a question to the scheduler or to
// the collector.
#include <sched.h>

#include "bytecode/native.h"
#include "runtime/gc.h"
#include "runtime/sched.h"
#include "runtime/step.h"
#include "stdlib/tables.h"
#include "vm/object.h"
#include "vm/vm.h"

static NativeStatus runtime_gosched(P *p, Slot *args)
{
    (void)p, (void)args;
    return NATIVE_YIELD;
}

static NativeStatus runtime_goexit(P *p, Slot *args)
{
    (void)p, (void)args;
    return NATIVE_EXIT;
}

static NativeStatus runtime_num_goroutine(P *p, Slot *args)
{
    (void)p;
    args[0] = sched_goroutine_count();
    return NATIVE_OK;
}

static NativeStatus runtime_num_cpu(P *p, Slot *args)
{
    (void)p;
    cpu_set_t set;
    if (sched_seeded())
        args[0] = SEEDED_PROCS;
    else
        args[0] = sched_getaffinity(0, sizeof set, &set) == 0 ? (Slot)CPU_COUNT(&set) : 1;
    return NATIVE_OK;
}

static NativeStatus runtime_gomaxprocs(P *p, Slot *args)
{
    i64 n = (i64)args[0];
    if (n < 1)
        args[0] = (Slot)sched_procs();
    else
        args[0] = (Slot)sched_set_procs(p, n > 1024 ? 1024 : (int)n);
    return NATIVE_OK;
}

static NativeStatus runtime_collect(P *p, Slot *args)
{
    (void)args;
    gc_collect_now(p);
    return NATIVE_OK;
}

// func Caller(skip int) (pc uintptr, file string, line int, ok bool)
static NativeStatus runtime_caller(P *p, Slot *args)
{
    const char *func, *file = "";
    int line = 0;
    const void *pc = vm_caller(p, (int)args[0]);
    bool found = vm_caller_place(pc, &func, &file, &line);
    if (!vm_string_new(p, file, strlen(file), args + 1))
        return NATIVE_NOMEM;
    args[0] = ptr_slot(pc);
    args[3] = (Slot)line;
    args[4] = found;
    return NATIVE_OK;
}

// func Callers(skip int, pc []uintptr) int
static NativeStatus runtime_callers(P *p, Slot *args)
{
    i64 skip = (i64)args[0];
    u64 *out = slot_ptr(args[1]), n = 0;
    const void *pc;
    // 0 is Callers itself, which has no program counter that a program could use.
    for (; n < args[2] && (pc = vm_caller(p, (int)(skip > 0 ? skip - 1 : 0) + (int)n)); n++)
        out[n] = ptr_slot(pc);
    args[0] = n;
    return NATIVE_OK;
}

// func place(pc uintptr) (name, file string, line int, ok bool)
static NativeStatus runtime_place(P *p, Slot *args)
{
    const char *func = "", *file = "";
    int line = 0;
    bool found = vm_caller_place(slot_ptr(args[0]), &func, &file, &line);
    if (!vm_string_new(p, func, strlen(func), args) ||
        !vm_string_new(p, file, strlen(file), args + 2))
        return NATIVE_NOMEM;
    args[4] = (Slot)line;
    args[5] = found;
    return NATIVE_OK;
}

// func stack() string
static NativeStatus runtime_stack(P *p, Slot *args)
{
    Buf out = {0};
    vm_stack(p, 1, &out); // without Stack itself
    bool good = vm_string_new(p, out.data, out.len, args);
    buf_free(&out);
    return good ? NATIVE_OK : NATIVE_NOMEM;
}

static NativeStatus runtime_mem_stats(P *p, Slot *args)
{
    (void)p;
    GcStats stats = {0};
    if (!sched_seeded()) // how much is in use depends on when it was collected
        gc_stats(&stats);
    u64 live = stats.live_bytes + stats.since_last_bytes;
    args[0] = live < stats.heap_bytes ? live : stats.heap_bytes;
    args[1] = stats.heap_bytes;
    args[2] = stats.limit_bytes;
    args[3] = live;
    args[4] = stats.collections;
    args[5] = (u64)stats.pause_total_ns;
    return NATIVE_OK;
}

static const Native natives[] = {
    {"Gosched", runtime_gosched, NATIVE_OP(VISIBLE_YIELD)},
    {"Goexit", runtime_goexit, 0},
    {"NumGoroutine", runtime_num_goroutine, NATIVE_OP(VISIBLE_COUNT_G)},
    {"NumCPU", runtime_num_cpu, 0},
    {"GOMAXPROCS", runtime_gomaxprocs, 0},
    {"GC", runtime_collect, 0},
    {"Caller", runtime_caller, 0},
    {"Callers", runtime_callers, 0},
    {"place", runtime_place, 0},
    {"stack", runtime_stack, 0},
    {"memStats", runtime_mem_stats, 0},
};
const NativeTable runtime_natives = {"runtime", natives, countof(natives)};
