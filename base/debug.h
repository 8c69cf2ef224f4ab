// debug.h: the CSPDEBUG switches, one line each in debug.def, read once at start.
#ifndef CSP_BASE_DEBUG_H
#define CSP_BASE_DEBUG_H

#include <stdio.h>

#include "base/base.h"

typedef struct DebugSwitches {
#define SWITCH(name, meaning) i64 name;
#include "base/debug.def"
#undef SWITCH
} DebugSwitches;

extern DebugSwitches debug_switches;
#define DEBUG(name) (debug_switches.name)

// Reads "a=1,b" from text (NULL: nothing). False after a message on standard error.
bool debug_parse(const char *text);
void debug_list(FILE *out);

#endif
