// netpoll.h: goroutines that wait for descriptors.
//
// A descriptor is known here by a handle. Its owner closes it through the handle, so that
// a descriptor's number is never given to the next file while a system call on it is out, and a
// handle that is used after the close is refused.
//
// A system call that must not wait is made like this, by a native that holds its P:
//
//     PollResult r = netpoll_begin(h, POLL_READ, &fd);   // POLL_READY, or why not
//     ssize_t n = read(fd, …);
//     if (n < 0 && errno == EAGAIN)
//         return netpoll_wait(p, h, POLL_READ);          // try again after it; results are written
//     netpoll_end(h);
//
// A call that may wait, on a handed-over P, is between netpoll_begin and netpoll_end in the
// same way and never calls netpoll_wait.
// At most one goroutine at a time may be between begin and the end of its wait in each direction.
#ifndef CSP_RUNTIME_NETPOLL_H
#define CSP_RUNTIME_NETPOLL_H

#include "runtime/g.h"

typedef u64 PollHandle; // 0: none

typedef enum PollDirection {
    POLL_READ,
    POLL_WRITE,
    POLL_NEITHER, // netpoll_begin only: what does not wait and no deadline concerns
} PollDirection;

typedef enum PollResult {
    POLL_READY,   // begin: *fd may be used; wait: try again at once
    POLL_PARKED,  // the G waits: run another one; afterwards try again
    POLL_CLOSED,  // closed, before or meanwhile
    POLL_TIMEOUT, // the deadline has passed
} PollResult;

// Takes fd over. wait: it is made known to the kernel's poller (it does not block: O_NONBLOCK);
// otherwise only the counting of users is wanted. An error number: EPERM for what cannot be
// waited for (a regular file), EMFILE, ENOMEM; then fd is still the caller's.
int netpoll_open(int fd, bool wait, PollHandle *out);

// Without a P these two are allowed as well.
PollResult netpoll_begin(PollHandle h, PollDirection dir, int *fd);
void netpoll_end(PollHandle h);

// Instead of netpoll_end, after EAGAIN. POLL_PARKED: the current G is parked; registers and results
// had to be saved before. Never POLL_PARKED for a handle that was opened without `wait`.
PollResult netpoll_wait(P *p, PollHandle h, PollDirection dir);

// Wakes who waits (they find POLL_CLOSED), and closes the descriptor, at the latest when its last
// user leaves. POLL_CLOSED if it was closed before; *error: what close said.
PollResult netpoll_close(P *p, PollHandle h, int *error);

// when: runtime clock; 0: no deadline. One that has passed wakes who waits. POLL_CLOSED or
// POLL_READY.
PollResult netpoll_set_deadline(P *p, PollHandle h, PollDirection dir, i64 when);
bool netpoll_can_wait(PollHandle h); // opened with `wait`

#endif
