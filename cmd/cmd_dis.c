// cmd_dis.c: csp dis: shows the bytecode of a program: the user's own functions, or with --all
// everything that is reachable from them.
#include <stdio.h>

#include "cmd/options.h"
#include "stdlib/stdlib.h"

static bool is_users(const Code *c)
{
    Place place = source_place(c->pos);
    if (!place.file)
        return false;
    for (int i = 0; i < stdlib_source_count; i++)
        if (place.file->text && strcmp(place.file->name, stdlib_sources[i].file) == 0)
            return false;
    return strncmp(c->name, "main.", 5) == 0;
}

int cmd_dis(int argc, char **argv, int first)
{
    RunOptions o = {0};
    int code = options_parse(&o, FOR_DIS, argc, argv, first);
    if (code >= 0)
        return code;
    if (!o.code && o.file_count == 0)
        return usage_error("dis needs a file or -e CODE");

    BuildSource *sources;
    int count = options_sources(&o, &sources);
    if (count == 0)
        return EXIT_BUILD;
    Build build;
    u32 start;
    build_session(&build, &o.build, false);
    if (!build_program(&build, sources, count, &start))
        return EXIT_BUILD;

    Buf out = {0};
    int bad = 0;
    for (u32 id = 1; id < build.image->func_count; id++) {
        const Code *c = build.image->codes[id];
        if (!c || !(o.all || is_users(c)))
            continue;
        disasm_code(build.image, c, &out);
        Buf why = {0};
        if (!verify_code(build.image, c, &why)) {
            buf_printf(&out, "  does not verify: %s\n", why.data);
            bad++;
        }
        buf_free(&why);
        buf_putc(&out, '\n');
    }
    fwrite(out.data, 1, out.len, stdout);
    buf_free(&out);
    return bad ? EXIT_FATAL : EXIT_OK;
}
