// options.h: what the command line says: one table of options for parsing and for help.
#ifndef CSP_CMD_OPTIONS_H
#define CSP_CMD_OPTIONS_H

#include "cmd/build.h"
#include "runtime/runtime.h"

#define CSP_VERSION "0.1"

// Exit codes; the table in README.md says the same.
enum {
    EXIT_OK = 0,
    EXIT_BUILD = 1,  // compile error, unreadable file
    EXIT_FATAL = 2,  // uncaught panic, deadlock, fatal error, out of memory
    EXIT_USAGE = 64, // bad usage
    EXIT_INTERRUPTED = 130,
};

typedef struct RunOptions {
    BuildOptions build;
    RuntimeOptions runtime;
    bool gcstats;
    const char *code; // -e CODE, or NULL
    // Set by options_parse: what follows the options.
    int file_count;
    char **files;
    int arg_count; // the program's own arguments
    char **args;
} RunOptions;

// Parses argv[from…]. -1: go on; else the exit code (after a message, or --help).
int options_parse(RunOptions *o, int argc, char **argv, int from);
void options_help(FILE *out); // the options, one a line

// The subcommands. argv[first…] are what follows the command's name.
int cmd_run(int argc, char **argv, int first);
int cmd_dis(int argc, char **argv, int first);
int cmd_repl(int argc, char **argv, int first);

// "csp: MESSAGE" and how to get help on standard error; returns EXIT_USAGE.
int usage_error(const char *fmt, ...) PRINTF_LIKE(1, 2);

#endif
