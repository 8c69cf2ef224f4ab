// explain.h: the texts of docs/errors, which the build embeds: one for each kind of base/diag.def.
#ifndef CSP_CMD_EXPLAIN_H
#define CSP_CMD_EXPLAIN_H

#include <stddef.h>

typedef struct ErrorText {
    const char *name; // the kind's
    const char *text; // the whole file, zero-terminated
    size_t len;
} ErrorText;

extern const ErrorText error_texts[];
extern const int error_text_count;

#endif
