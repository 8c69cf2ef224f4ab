// options.h: what the command line of `csp run` and of the prompt says.
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
} RunOptions;

#endif
