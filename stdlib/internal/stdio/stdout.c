// stdout.c: the buffer before standard output.
//
// Appending takes the inner lock for the time of a copy, so that no P ever waits for a slow reader
// of our output. Writing takes the outer lock, swaps the filled buffer with an empty one under the
// inner lock, and writes without it: what is appended meanwhile goes to the other buffer, and the
// order of the bytes is the order of the appends.
//
// Locks: output (outer; held during write), stdout (inner).
#include "stdlib/internal/stdio/stdout.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "base/str.h"
#include "runtime/lock.h"

enum { MUCH = 32 << 10, PIPE_CHUNK = 4096 };

static Mutex output_lock;
static Mutex stdout_lock;
static Buf filling;       // guarded by stdout_lock
static size_t since_much; // guarded by stdout_lock: bytes appended since we said that it is much
static Buf leaving;       // guarded by output_lock
static size_t left;       // guarded by output_lock: leaving.data[left…] is not written yet

bool stdout_append(const char *data, size_t len)
{
    mutex_lock(&stdout_lock, RANK_STDOUT);
    buf_append(&filling, data, len);
    // Not what is there now: that depends on how fast it is written.
    since_much += len;
    bool much = since_much >= MUCH;
    if (much)
        since_much = 0;
    mutex_unlock(&stdout_lock, RANK_STDOUT);
    return much;
}

// A reader that went away ends the program as the signal would; anything else is told.
static void give_up(int error)
{
    if (error == EPIPE)
        die_of_sigpipe();
    dprintf(STDERR_FILENO, "csp: cannot write standard output: %s\n", strerror(error));
    _exit(2);
}

static bool can_write_now(void)
{
    struct pollfd fd = {.fd = STDOUT_FILENO, .events = POLLOUT};
    return poll(&fd, 1, 0) == 1;
}

// The outer lock is held.
static void write_out(bool wait)
{
    for (;;) {
        if (left == leaving.len) {
            left = leaving.len = 0;
            mutex_lock(&stdout_lock, RANK_STDOUT);
            Buf swap = leaving;
            leaving = filling;
            filling = swap;
            mutex_unlock(&stdout_lock, RANK_STDOUT);
            if (leaving.len == 0)
                return;
        }
        size_t n = leaving.len - left;
        if (!wait) {
            if (!can_write_now())
                return;
            if (n > PIPE_CHUNK)
                n = PIPE_CHUNK; // a pipe that is ready takes that much
        }
        ssize_t written = write(STDOUT_FILENO, leaving.data + left, n);
        if (written >= 0) {
            left += (size_t)written;
        } else if (errno == EAGAIN) {
            struct pollfd fd = {.fd = STDOUT_FILENO, .events = POLLOUT};
            poll(&fd, 1, -1);
        } else if (errno != EINTR) {
            give_up(errno);
        }
    }
}

void stdout_flush(void)
{
    mutex_lock(&output_lock, RANK_OUTPUT);
    write_out(true);
    mutex_unlock(&output_lock, RANK_OUTPUT);
}

void stdout_flush_soon(void)
{
    if (!mutex_trylock(&output_lock, RANK_OUTPUT))
        return;
    write_out(false);
    mutex_unlock(&output_lock, RANK_OUTPUT);
}
