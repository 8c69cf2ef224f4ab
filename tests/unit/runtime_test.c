// runtime_test.c: options; memory that comes from the collector.
#include "runtime/runtime.h"

#include "tests/unit/runtime_fixture.h"

TestSuite(runtime, .timeout = 20);

Test(runtime, sizes_are_parsed)
{
    static const struct {
        const char *text;
        u64 size;
    } good[] = {{"0", 0},        {"12", 12},           {"1B", 1},
                {"2KiB", 2048},  {"64MiB", 64u << 20}, {"3GiB", 3ull << 30},
                {"1M", 1 << 20}, {"off", UINT64_MAX}};
    u64 n;
    for (int i = 0; i < countof(good); i++) {
        cr_assert(runtime_parse_size(good[i].text, &n), "%s", good[i].text);
        cr_assert_eq(n, good[i].size, "%s", good[i].text);
    }
    static const char *const bad[] = {
        "", "MiB", "1Mi", "-1", "1 GiB", "99999999999999999999", "17179869184GiB"};
    for (int i = 0; i < countof(bad); i++)
        cr_assert_not(runtime_parse_size(bad[i], &n), "%s", bad[i]);
}

Test(gc, memory_is_zeroed_and_aligned)
{
    P *p = boot();
    cr_assert_eq(gc_alloc(p, GC_SCAN, 0), gc_alloc(p, GC_PTRFREE, 0));
    for (size_t size = 1; size < 100000; size += size / 3 + 1) {
        for (GcKind kind = 0; kind < GC_KIND_COUNT; kind++) {
            for (int i = 0; i < 5; i++) {
                char *o = gc_alloc(p, kind, size);
                cr_assert_eq((uintptr_t)o % 16, 0);
                for (size_t k = 0; k < size; k++)
                    cr_assert_eq(o[k], 0);
                memset(o, 0xff, size);
            }
        }
    }
}

Test(gc, what_exceeds_the_limit_is_refused)
{
    RuntimeOptions options = {.procs = 1, .memory_limit = 64 << 20};
    runtime_init(&options, &task_runner);
    P *p = runtime_boot_p();
    cr_assert_null(gc_alloc(p, GC_SCAN, 65 << 20));
    cr_assert_null(gc_alloc(p, GC_PTRFREE, (size_t)1 << 60));
    cr_assert_not_null(gc_alloc(p, GC_PTRFREE, 20 << 20));
    cr_assert_null(gc_alloc_stack(p, 65 << 20));
}
