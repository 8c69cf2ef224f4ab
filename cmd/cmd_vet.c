// cmd_vet.c: csp vet: warns of what compiles and is wrong all the same. What it looks for is in
// types/vet.h. Ends with 1 when it found something, as after a compile error.
#include <stdio.h>

#include "cmd/options.h"

int cmd_vet(int argc, char **argv, int first)
{
    RunOptions o = {0};
    int code = options_parse(&o, FOR_VET, argc, argv, first);
    if (code >= 0)
        return code;
    if (!o.code && o.file_count == 0)
        return usage_error("vet needs a file, -e CODE, or - for standard input");
    if (!o.code && o.arg_count > 0)
        return usage_error("vet takes files that end in .csp or .go, not %s", o.args[0]);

    BuildSource *sources;
    int count = options_sources(&o, &sources);
    if (count == 0)
        return EXIT_BUILD;
    Build build;
    build_session(&build, &o.build, false);
    bool ok = build_vet(&build, sources, count) && build.diags.warning_count == 0;
    build_end(&build);
    return ok ? EXIT_OK : EXIT_BUILD;
}
