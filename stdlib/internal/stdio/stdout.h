// stdout.h: the buffer before standard output, shared by fmt.Print* and os.Stdout. The command
// gives both flush functions to vm_set_flush before a program runs.
#ifndef CSP_STDLIB_INTERNAL_STDIO_STDOUT_H
#define CSP_STDLIB_INTERNAL_STDIO_STDOUT_H

#include "base/base.h"

// Appends; never waits for the kernel. True: there is so much now that the goroutine should call
// stdout_flush from a native that may block.
bool stdout_append(const char *data, size_t len);
// Writes everything; may wait. Safe from any thread.
void stdout_flush(void);
// Writes what can be written without waiting; for threads that have other duties.
void stdout_flush_soon(void);

#endif
