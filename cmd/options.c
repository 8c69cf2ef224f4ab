// options.c: the options of `csp run` and of the prompt, from one table.
#include "cmd/options.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

// ---- What each option does: false after a message -----------------------------------------

static bool set_loopvar(RunOptions *o, const char *value)
{
    if (strcmp(value, "shared") != 0 && strcmp(value, "each") != 0) {
        usage_error("--loopvar takes shared (one variable for each loop) or each, not %s", value);
        return false;
    }
    o->build.loopvar_shared = value[0] == 's';
    return true;
}

static bool set_max_errors(RunOptions *o, const char *value)
{
    char *end;
    errno = 0;
    long n = strtol(value, &end, 10);
    if (*value == '\0' || *end != '\0' || errno || n < 0 || n > 1000000) {
        usage_error("--max-errors takes a number (0: all), not %s", value);
        return false;
    }
    o->build.print.max_errors = (int)n;
    return true;
}

static bool set_brief(RunOptions *o, const char *value)
{
    (void)value;
    return o->build.print.brief = true;
}

static bool set_json(RunOptions *o, const char *value)
{
    (void)value;
    return o->build.print.json = true;
}

static bool set_gogc(RunOptions *o, const char *value)
{
    char *end;
    errno = 0;
    long n = strtol(value, &end, 10);
    if (strcmp(value, "off") == 0) {
        n = -1;
    } else if (*value == '\0' || *end != '\0' || errno || n < 1 || n > 1000000) {
        usage_error("--gogc takes a percentage from 1 on, or off, not %s", value);
        return false;
    }
    o->runtime.gc_percent = (int)n;
    return true;
}

static bool set_memory(RunOptions *o, const char *value)
{
    if (!runtime_parse_size(value, &o->runtime.memory_limit) || o->runtime.memory_limit == 0) {
        usage_error("--memory takes a size such as 64MiB or 2GiB, not %s", value);
        return false;
    }
    return true;
}

static bool set_gcstats(RunOptions *o, const char *value)
{
    (void)value;
    return o->gcstats = true;
}

static bool set_code(RunOptions *o, const char *value)
{
    o->code = value;
    return true;
}

typedef struct Option {
    const char *name;
    const char *value; // NULL: takes none
    bool (*set)(RunOptions *o, const char *value);
    const char *help;
} Option;

// clang-format off
static const Option options[] = {
    {"-e",           "CODE",   set_code,       "run CODE instead of a file"},
    {"--loopvar",    "shared", set_loopvar,    "one variable for each loop, as before Go 1.22"},
    {"--max-errors", "N",      set_max_errors, "show at most N errors, 0: all (10)"},
    {"--brief",      NULL,     set_brief,      "show the first line of each error only"},
    {"--json",       NULL,     set_json,       "show errors as JSON, one object a line"},
    {"--memory",     "SIZE",   set_memory,     "limit of the heap (75 % of the machine's memory)"},
    {"--gogc",       "N",      set_gogc,       "collect when the heap has grown by N percent (100)"},
    {"--gcstats",    NULL,     set_gcstats,    "print what the collector did, at the end"},
};
// clang-format on

void options_help(FILE *out)
{
    for (int i = 0; i < countof(options); i++) {
        const Option *o = &options[i];
        char left[40];
        snprintf(left, sizeof left, "%s%s%s", o->name,
                 o->value ? (o->name[1] == '-' ? "=" : " ") : "", o->value ? o->value : "");
        fprintf(out, "  %-20s %s\n", left, o->help);
    }
}

static bool is_source_name(const char *s)
{
    size_t len = strlen(s);
    return (len > 4 && strcmp(s + len - 4, ".csp") == 0) ||
           (len > 3 && strcmp(s + len - 3, ".go") == 0);
}

// The first argument is a file in any case, so that a script may have any name.
static void take_files(RunOptions *o, int argc, char **argv, int i)
{
    o->files = argv + i;
    if (!o->code && i < argc) {
        bool several = is_source_name(argv[i]);
        o->file_count = 1;
        i++;
        while (several && i < argc && is_source_name(argv[i])) {
            o->file_count++;
            i++;
        }
    }
    if (i < argc && strcmp(argv[i], "--") == 0)
        i++;
    o->args = argv + i;
    o->arg_count = argc - i;
}

// The option that arg names ("--x", "--x=value"); *value: what stands behind the =, or NULL.
static const Option *find_option(const char *arg, const char **value)
{
    const char *equals = strchr(arg, '=');
    size_t len = equals ? (size_t)(equals - arg) : strlen(arg);
    for (int i = 0; i < countof(options); i++) {
        if (strlen(options[i].name) == len && memcmp(options[i].name, arg, len) == 0) {
            *value = equals ? equals + 1 : NULL;
            return &options[i];
        }
    }
    return NULL;
}

static int unknown_option(const char *arg)
{
    const char *equals = strchr(arg, '=');
    size_t len = equals ? (size_t)(equals - arg) : strlen(arg);
    for (int i = 0; i < countof(options); i++) {
        const char *name = options[i].name;
        if (edit_distance(arg, len, name, strlen(name), 2) <= 2 && strlen(name) > 3)
            return usage_error("unknown option %s; did you mean %s?", arg, name);
    }
    return usage_error("unknown option %s", arg);
}

int options_parse(RunOptions *o, int argc, char **argv, int from)
{
    o->build.print = (DiagPrint){
        .max_errors = 10,
        .color = isatty(STDERR_FILENO) && (!getenv("NO_COLOR") || *getenv("NO_COLOR") == '\0'),
    };
    int i = from;
    for (; i < argc; i++) {
        const char *arg = argv[i], *value;
        if (arg[0] != '-' || arg[1] == '\0' || strcmp(arg, "--") == 0)
            break;
        const Option *option = find_option(arg, &value);
        if (!option)
            return unknown_option(arg);
        if (option->value && !value) {
            if (i + 1 == argc)
                return usage_error("%s needs a value: %s", arg, option->value);
            value = argv[++i];
        } else if (!option->value && value) {
            return usage_error("%s takes no value", option->name);
        }
        if (!option->set(o, value))
            return EXIT_USAGE;
    }
    if (i < argc && strcmp(argv[i], "--") == 0 && !o->code)
        i++;
    take_files(o, argc, argv, i);
    return -1;
}

int usage_error(const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    fputs("csp: ", stderr);
    vfprintf(stderr, fmt, args);
    fputs("\nTry csp --help.\n", stderr);
    va_end(args);
    return EXIT_USAGE;
}
