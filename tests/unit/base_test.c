// base_test.c: how csp stops.
#include "base/base.h"

#include <signal.h>
#include <stdio.h>

#include <criterion/criterion.h>
#include <criterion/redirect.h>

TestSuite(base, .timeout = 20);

static void say_hook(void)
{
    fputs("hook\n", stderr);
}

Test(base, fatal_calls_the_hook_and_aborts, .init = cr_redirect_stderr, .signal = SIGABRT)
{
    fatal_hook = say_hook;
    fatal("wrong %d", 1);
}

Test(base, check_aborts, .init = cr_redirect_stderr, .signal = SIGABRT)
{
    check(1 + 1 == 3);
}

Test(base, die_ends_with_two, .init = cr_redirect_stderr, .exit_code = 2)
{
    die("no memory");
}

Test(base, alignment_rounds_up)
{
    cr_assert_eq(align_up(0, 16), 0);
    cr_assert_eq(align_up(1, 16), 16);
    cr_assert_eq(align_up(16, 16), 16);
    cr_assert_eq(align_up(17, 8), 24);
}
