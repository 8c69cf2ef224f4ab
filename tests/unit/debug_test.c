// debug_test.c: reading CSPDEBUG.
#include "base/debug.h"

#include <criterion/criterion.h>
#include <criterion/redirect.h>

TestSuite(debug, .timeout = 20);

Test(debug, switches_are_off_until_given)
{
    cr_assert_eq(DEBUG(sched), 0);
    cr_assert(debug_parse(NULL));
    cr_assert(debug_parse(""));
    cr_assert_eq(DEBUG(preempt), 0);
}

Test(debug, names_take_a_value_or_one)
{
    cr_assert(debug_parse("sched=100,preempt,,gcstress=3"));
    cr_assert_eq(DEBUG(sched), 100);
    cr_assert_eq(DEBUG(preempt), 1);
    cr_assert_eq(DEBUG(gcstress), 3);
    cr_assert_eq(DEBUG(runq), 0);
    cr_assert(debug_parse("sched=0"));
    cr_assert_eq(DEBUG(sched), 0);
}

Test(debug, an_unknown_name_lists_the_known_ones, .init = cr_redirect_stderr)
{
    cr_assert_not(debug_parse("shced=1"));
    fflush(stderr);
    char text[4096] = "";
    FILE *err = cr_get_redirected_stderr();
    size_t len = fread(text, 1, sizeof text - 1, err);
    text[len] = '\0';
    cr_assert(strstr(text, "CSPDEBUG has no switch \"shced\""));
    cr_assert(strstr(text, "preempt"));
    cr_assert(strstr(text, "move the fiber's stack at every call"));
}

Test(debug, a_value_must_be_a_number, .init = cr_redirect_stderr)
{
    cr_assert_not(debug_parse("sched=fast"));
    cr_assert_not(debug_parse("sched="));
    cr_assert_not(debug_parse("sched=1x"));
    cr_assert_not(debug_parse("sched=-1"));
    cr_assert_not(debug_parse("sched=99999999999999999999"));
    cr_assert_eq(DEBUG(sched), 0);
}
