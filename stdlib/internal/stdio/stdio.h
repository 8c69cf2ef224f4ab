// stdio.h: reading and writing a descriptor that may make its caller wait in the kernel: without a
// P. The number of bytes; *error is the kernel's error number, 0 for none.
#ifndef CSP_STDLIB_INTERNAL_STDIO_STDIO_H
#define CSP_STDLIB_INTERNAL_STDIO_STDIO_H

#include "base/base.h"

// What was printed is written before standard input is waited for.
size_t stdio_read_fd(int fd, void *data, size_t len, int *error);
// All of it, unless there is an error. What was printed comes before a message of an error; when
// nobody reads standard error any more the process ends as by SIGPIPE.
size_t stdio_write_fd(int fd, const void *data, size_t len, int *error);

#endif
