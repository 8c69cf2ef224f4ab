// options.c: the tables of commands and options, and what the arguments after a command say.
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

static bool set_leaks(RunOptions *o, const char *value)
{
    if (value && strcmp(value, "error") != 0) {
        usage_error("--leaks takes nothing or error, not %s", value);
        return false;
    }
    o->runtime.leaks = value ? LEAKS_ARE_ERRORS : LEAKS_TOLD;
    return true;
}

static bool set_seed(RunOptions *o, const char *value)
{
    char *end;
    errno = 0;
    u64 n = strtoull(value, &end, 10);
    if (*value < '0' || *value > '9' || *end != '\0' || errno) {
        usage_error("--seed takes a number from 0 to 18446744073709551615, not %s", value);
        return false;
    }
    o->runtime.seed = n;
    return o->runtime.seeded = true;
}

static bool set_code(RunOptions *o, const char *value)
{
    o->code = value;
    return true;
}

static bool set_all(RunOptions *o, const char *value)
{
    (void)value;
    return o->all = true;
}

static bool set_help(RunOptions *o, const char *value)
{
    (void)value;
    return o->help = true;
}

// ---- The tables ---------------------------------------------------------------------------

// clang-format off
enum {
    BUILDS = FOR_RUN | FOR_REPL | FOR_DIS | FOR_VET,
    RUNS   = FOR_RUN | FOR_REPL,
    READS  = FOR_RUN | FOR_DIS | FOR_VET,
};

const Option option_table[] = {
    {"-e",           "CODE",   READS,   set_code,       "take CODE instead of a file"},
    {"--loopvar",    "shared", BUILDS,  set_loopvar,    "one variable for each loop, as before Go 1.22"},
    {"--max-errors", "N",      BUILDS,  set_max_errors, "show at most N errors, 0: all (10)"},
    {"--brief",      NULL,     BUILDS,  set_brief,      "show the first line of each error only"},
    {"--json",       NULL,     BUILDS,  set_json,       "show errors as JSON, one object a line"},
    {"--seed",       "N",      RUNS,    set_seed,       "repeat run number N: same input, same output"},
    {"--memory",     "SIZE",   RUNS,    set_memory,     "limit of the heap (75 % of the machine's memory)"},
    {"--gogc",       "N",      RUNS,    set_gogc,       "collect when the heap has grown by N percent (100)"},
    {"--gcstats",    NULL,     FOR_RUN, set_gcstats,    "print what the collector did, at the end"},
    {"--leaks",      "[=error]", FOR_RUN, set_leaks,    "tell of goroutines that still wait when main returns; =error: code 67"},
    {"--all",        NULL,     FOR_DIS, set_all,        "show the library's functions as well"},
    {"--help",       NULL,     BUILDS,  set_help,       "show what the command takes"},
};
const int option_count = countof(option_table);

const Command command_table[] = {
    {"run",  "[OPTIONS] FILE... [ARGS]", FOR_RUN,  cmd_run,  "run a program or script",
     "Runs a program, or a script (a file without a package clause). The leading\n"
     "arguments that end in .csp or .go are its files, the rest is for the program;\n"
     "-- ends the files. A single folder stands for the .csp files in it, or the .go\n"
     "files if there are none; tests (_test.go) are left out. - is standard input.\n"},
    {"repl", "[OPTIONS]",                FOR_REPL, cmd_repl, "the prompt (also: csp alone)",
     "Reads an entry, runs it, prints the value of its last expression. Variables and\n"
     "goroutines stay. Ctrl-C stops the entry that runs, Ctrl-D leaves.\n"},
    {"vet",  "[OPTIONS] FILE...",        FOR_VET,  cmd_vet,  "warn of what compiles and is wrong all the same",
     "Looks for goroutines that wait for ever, channels closed twice, locks that are\n"
     "copied, formats that do not fit, and more: csp explain lists it. Ends with 1 when\n"
     "it found something.\n"},
    {"explain", "[NAME...]",             0,        cmd_explain, "tell more about an error; alone: list them",
     "Tells what a kind of error means, with a wrong and a right example. NAME is what\n"
     "a report ends with, or words of a message: csp explain 'index out of range'.\n"},
    {"dis",  "[OPTIONS] FILE...",        FOR_DIS,  cmd_dis,  "show the bytecode",
     "Shows the bytecode of the program's functions; docs/bytecode.md explains it.\n"},
    {"help", "[COMMAND]",                0,        cmd_help, "this text, or what a command takes",
     "Beside commands: csp help debug lists the CSPDEBUG switches, csp help man writes\n"
     "the manual page, csp help bash the completion for bash.\n"},
};
const int command_count = countof(command_table);
// clang-format on

const Command *command_find(const char *name)
{
    for (int i = 0; i < command_count; i++)
        if (strcmp(command_table[i].name, name) == 0)
            return &command_table[i];
    return NULL;
}

const Command *command_like(const char *name)
{
    for (int i = 0; i < command_count; i++) {
        const char *other = command_table[i].name;
        if (edit_distance(name, strlen(name), other, strlen(other), 2) <= 1)
            return &command_table[i];
    }
    return NULL;
}

// ---- Files ----------------------------------------------------------------------------------

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

int options_sources(const RunOptions *o, BuildSource **out)
{
    if (!o->code)
        return build_read_files(o->file_count, o->files, out);
    *out = xcalloc(1, sizeof **out);
    **out = (BuildSource){"-e", o->code, strlen(o->code)};
    return 1;
}

// ---- Parsing --------------------------------------------------------------------------------

// The option that arg names ("--x", "--x=value"); *value: what stands behind the =, or NULL.
static const Option *find_option(const char *arg, const char **value)
{
    if (strcmp(arg, "-h") == 0)
        arg = "--help";
    const char *equals = strchr(arg, '=');
    size_t len = equals ? (size_t)(equals - arg) : strlen(arg);
    for (int i = 0; i < option_count; i++) {
        if (strlen(option_table[i].name) == len && memcmp(option_table[i].name, arg, len) == 0) {
            *value = equals ? equals + 1 : NULL;
            return &option_table[i];
        }
    }
    return NULL;
}

static int unknown_option(const char *arg, unsigned mine)
{
    const char *equals = strchr(arg, '=');
    size_t len = equals ? (size_t)(equals - arg) : strlen(arg);
    for (int i = 0; i < option_count; i++) {
        const char *name = option_table[i].name;
        if ((option_table[i].commands & mine) && strlen(name) > 3 &&
            edit_distance(arg, len, name, strlen(name), 2) <= 2)
            return usage_error("unknown option %s; did you mean %s?", arg, name);
    }
    return usage_error("unknown option %s", arg);
}

// The first command that takes some of these options.
static const Command *command_of(unsigned which)
{
    int i = 0;
    while (!(command_table[i].options & which))
        i++;
    return &command_table[i];
}

static bool wants_color(void)
{
    const char *no = getenv("NO_COLOR"), *term = getenv("TERM");
    return isatty(STDERR_FILENO) && (!no || *no == '\0') && !(term && strcmp(term, "dumb") == 0);
}

int options_parse(RunOptions *o, unsigned mine, int argc, char **argv, int from)
{
    o->build.print = (DiagPrint){
        .max_errors = 10,
        .more = !(mine & FOR_REPL),
        .color = wants_color(),
    };
    int i = from;
    for (; i < argc; i++) {
        const char *arg = argv[i], *value;
        if (arg[0] != '-' || arg[1] == '\0' || strcmp(arg, "--") == 0)
            break;
        const Option *option = find_option(arg, &value);
        if (!option)
            return unknown_option(arg, mine);
        if (!(option->commands & mine))
            return usage_error("%s is an option of csp %s, not of csp %s", option->name,
                               command_of(option->commands)->name, command_of(mine)->name);
        if (option->value && !value && option->value[0] != '[') {
            if (i + 1 == argc)
                return usage_error("%s needs a value: %s", arg, option->value);
            value = argv[++i];
        } else if (!option->value && value) {
            return usage_error("%s takes no value", option->name);
        }
        if (!option->set(o, value))
            return EXIT_USAGE;
        if (o->help) {
            help_command(stdout, command_of(mine));
            return EXIT_OK;
        }
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
