// main.c: the csp command: the table of subcommands and what the arguments choose.
#include <stdio.h>
#include <unistd.h>

#include "base/debug.h"
#include "cmd/options.h"

static int cmd_help(int argc, char **argv, int first);

typedef struct Command {
    const char *name;
    const char *args;
    int (*run)(int argc, char **argv, int first);
    const char *help;
} Command;

// clang-format off
static const Command commands[] = {
    {"run",  "[OPTIONS] FILE... [ARGS]", cmd_run,  "run a program or script; - is standard input"},
    {"repl", "[OPTIONS]",                cmd_repl, "the prompt (also: csp alone)"},
    {"dis",  "FILE...",                  cmd_dis,  "show the bytecode"},
    {"help", "[debug]",                  cmd_help, "this text; debug: the CSPDEBUG switches"},
};
// clang-format on

static void print_help(FILE *out)
{
    fputs("csp runs concurrent programs: goroutines, channels and select.\n\n"
          "  csp FILE... [ARGS]   run a program or script (csp run FILE...)\n"
          "  csp -e CODE          run CODE\n"
          "  csp -                run standard input\n"
          "  csp                  the prompt\n\nCommands:\n",
          out);
    for (int i = 0; i < countof(commands); i++) {
        char left[64];
        snprintf(left, sizeof left, "%s %s", commands[i].name, commands[i].args);
        fprintf(out, "  %-29s %s\n", left, commands[i].help);
    }
    fputs("\nOptions of run and repl:\n", out);
    options_help(out);
    fputs("\nEnvironment: GOMAXPROCS, GOGC, GOMEMLIMIT as in Go; NO_COLOR; CSPDEBUG.\n"
          "Exit codes: 0 main returned, 1 compile error or unreadable file, 2 panic, deadlock or\n"
          "fatal error, 64 bad usage, 130 interrupted, n by os.Exit(n).\n",
          out);
}

static int cmd_help(int argc, char **argv, int first)
{
    if (first < argc && strcmp(argv[first], "debug") == 0) {
        debug_list(stdout);
        return EXIT_OK;
    }
    if (first < argc)
        return usage_error("no help on %s; there is help on debug", argv[first]);
    print_help(stdout);
    return EXIT_OK;
}

static const Command *find_command(const char *name)
{
    for (int i = 0; i < countof(commands); i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

int main(int argc, char **argv)
{
    if (!debug_parse(getenv("CSPDEBUG")))
        return EXIT_USAGE;
    if (argc < 2)
        return cmd_repl(argc, argv, argc);
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
        return cmd_help(argc, argv, argc);
    if (strcmp(argv[1], "--version") == 0) {
        printf("csp %s\n", CSP_VERSION);
        return EXIT_OK;
    }
    const Command *command = find_command(argv[1]);
    if (command)
        return command->run(argc, argv, 2);
    // A word that is neither a command nor a file is more likely a mistyped command.
    if (argv[1][0] != '-' && !strpbrk(argv[1], "./") && access(argv[1], F_OK) != 0) {
        for (int i = 0; i < countof(commands); i++) {
            const char *name = commands[i].name;
            if (edit_distance(argv[1], strlen(argv[1]), name, strlen(name), 2) <= 1)
                return usage_error("unknown command %s; did you mean %s?", argv[1], name);
        }
        return usage_error("no command and no file is named %s", argv[1]);
    }
    return cmd_run(argc, argv, 1);
}
