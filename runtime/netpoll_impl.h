// netpoll_impl.h: what the scheduler's loop, sysmon and the kernel's poller share with netpoll.c.
#ifndef CSP_RUNTIME_NETPOLL_IMPL_H
#define CSP_RUNTIME_NETPOLL_IMPL_H

#include "runtime/netpoll.h"
#include "runtime/sched_impl.h"

enum { POLL_EVENTS_MAX = 128 };

typedef struct PollEvent {
    PollHandle handle;
    bool ready[2]; // by PollDirection
} PollEvent;

typedef struct PollEvents {
    PollEvent list[POLL_EVENTS_MAX];
    int count;
} PollEvents;

// netpoll.c -------------------------------------------------------------------------------------

// Does any G wait for a descriptor? A moment's truth.
static inline bool netpoll_wanted(void)
{
    // relaxed: who goes idle has its own waits in order; sysmon comes again.
    return atomic_load_explicit(&sched.poll_waiters, memory_order_relaxed) != 0;
}
// Asks the kernel without waiting and puts what is ready into p's ring. True if anything was.
// first_next: the first becomes runnext, where no spinning M takes it from p, who goes on with it.
bool netpoll_look(PImpl *p, bool first_next);
// The same without a P: to the global queue. Nothing if a stop is wanted. lock not held.
bool netpoll_look_without_p(void);
// Waits in the kernel, without a P: events are numbers, nothing is touched. timeout -1: for ever.
void netpoll_sleep(PollEvents *events, i64 timeout_ns);
// Hands out what netpoll_sleep brought: to p's ring, or (lock held, no stop) to the global queue.
void netpoll_deliver(PImpl *p, const PollEvents *events, bool first_next);
void netpoll_deliver_locked(const PollEvents *events);
// Takes a parked G from the descriptor that it waits for; false: from none. World stopped.
bool netpoll_unqueue(G *g);
// Nobody has asked the kernel for that long.
bool netpoll_neglected(i64 now, i64 ns);

// netpoll_epoll.c -------------------------------------------------------------------------------

// Error numbers, 0 for none.
int poller_add(int fd, PollHandle h); // both directions, edge-triggered
void poller_remove(int fd);
// timeout_ns 0: does not wait. Signals and errors give no events.
void poller_wait(PollEvents *events, i64 timeout_ns);
// Makes a poller_wait that waits, or the next one, return.
void poller_break(void);

#endif
