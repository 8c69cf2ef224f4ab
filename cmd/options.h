// options.h: what the command line says: the tables of commands and of options, from which come
// parsing, every help text, the manual page and the shell's completion (cmd_help.c).
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
    // EXIT_LEAKS = 67: --leaks=error, runtime.h
    // 128 + n: ended by signal n
};

typedef struct RunOptions {
    BuildOptions build;
    RuntimeOptions runtime;
    bool gcstats;
    bool all;         // dis: not the program's own functions only
    bool help;        // --help: options_parse has printed it
    const char *code; // -e CODE, or NULL
    // Set by options_parse: what follows the options.
    int file_count;
    char **files;
    int arg_count; // the program's own arguments
    char **args;
} RunOptions;

// Which commands an option belongs to.
enum { FOR_RUN = 1, FOR_REPL = 2, FOR_DIS = 4, FOR_VET = 8 };

typedef struct Option {
    const char *name;
    const char *value; // NULL: takes none; "[=x]": may have one, behind a =
    unsigned commands; // FOR_…
    bool (*set)(RunOptions *o, const char *value); // false after a message
    const char *help;
} Option;

extern const Option option_table[];
extern const int option_count;

typedef struct Command {
    const char *name;
    const char *args;
    unsigned options; // FOR_…: those that it takes; 0: none
    int (*run)(int argc, char **argv, int first);
    const char *help;
    const char *more; // for `csp help NAME`: sentences, each line at most 80 columns
} Command;

extern const Command command_table[];
extern const int command_count;
// NULL if there is none of that name.
const Command *command_find(const char *name);
// The command whose name is nearly `name`, or NULL.
const Command *command_like(const char *name);

// Parses argv[from…] as what follows a command that takes the options `mine` (a FOR_…). -1: go on;
// else the exit code (after a message, or the help that was asked for).
int options_parse(RunOptions *o, unsigned mine, int argc, char **argv, int from);

// What is to be built: -e CODE, or the files; a folder stands for its files. 0 after a message;
// else how many sources *out has.
int options_sources(const RunOptions *o, BuildSource **out);

// The subcommands. argv[first…] are what follows the command's name.
int cmd_run(int argc, char **argv, int first);
int cmd_dis(int argc, char **argv, int first);
int cmd_explain(int argc, char **argv, int first);
int cmd_vet(int argc, char **argv, int first);
int cmd_repl(int argc, char **argv, int first);
int cmd_help(int argc, char **argv, int first);
// `csp help COMMAND`.
void help_command(FILE *out, const Command *command);

// "csp: MESSAGE" and how to get help on standard error; returns EXIT_USAGE.
int usage_error(const char *fmt, ...) PRINTF_LIKE(1, 2);

#endif
