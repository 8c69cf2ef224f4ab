// netpoll.c: descriptors, who waits for them, their deadlines; how Gs come back from the kernel.
//
// A PollDesc lies in a table that only grows; its handle is index and generation. The kernel is
// given the handle, not an address, so an event that comes late for a descriptor that has been
// closed finds another generation and is dropped.
//
// Note [Netpoll]
//
// Waiting is the park protocol (sched.c) with PollDesc.lock as the object's lock. What keeps a
// wake-up from being lost:
//   - The set is edge-triggered: the kernel reports an edge once. Delivery either takes the G that
//     waits or, under the same lock, sets `ready`.
//   - netpoll_begin clears `ready` before the system call. An edge from before that is one whose
//     data the call itself sees (the kernel made them available before it reported them, and lock
//     and system call are in order); an edge from after it stays, and netpoll_wait does not park.
//   - An edge that nobody has fetched yet stays in the kernel until somebody asks.
// Who asks:
//   - an M with a P that has nothing else to do, before it looks at other Ps (find_work);
//   - one idle M, in epoll_wait (Sched.poller; m_park): whoever parks while some P is idle and some
//     G waits for a descriptor becomes it, under Sched.lock, if there is none;
//   - a P whose time slice is over (next_after_request), if nobody else has for a while;
//   - sysmon, every 10 ms, when all Ps are busy. When one is idle and nobody is in epoll_wait, as
//     the M that was there has found work, it wakes an M that will be.
//
// The M in epoll_wait has no P, so it stands in no stop's way, and what it brings back are numbers.
// Only when it has a P, or under Sched.lock while no stop is wanted, does it look at
// descriptors: a G that has been taken from its PollDesc would otherwise be in nobody's sight while
// the collector runs.
//
// Orders: everything in a PollDesc is under its lock; what the waker wrote reaches the G through
// the run queue. Sched.poll_waiters goes up before the G's P can go idle (under Sched.lock), and
// down, release, after the G is queued; deadlock_now_locked reads it, acquire, under Sched.lock. So
// it never sees a moment without the G.
//
// Deadlines are a timer for each direction. A timer that fires late for a deadline that has been
// moved finds under the lock that its time is not over, and does nothing. Two that set a deadline
// at once may arm the timer in the wrong order; each looks again afterwards and arms it anew, so
// the last one leaves it right.
//
// Who keeps a waiting G alive: the table, a root. A goroutine that waits for the world is never a
// leak.
//
// Locks: PollDesc.lock (RANK_POLL), inside Sched.lock; poll.lock (RANK_POLL_TABLE).
#include "runtime/netpoll.h"

#include <errno.h>
#include <unistd.h>

#include "runtime/netpoll_impl.h"

enum {
    CHUNK = 256,
    CHUNKS = 1 << 14,
    LOOKS = 8, // at most in a row, while each brings all that it can
};

typedef struct Direction {
    G *waits;
    bool ready;   // an edge came since the last netpoll_begin
    bool expired; // the deadline has passed
    i64 deadline; // 0: none
    Timer timer;  // its own fields; what it calls and with what is constant
} Direction;

typedef struct PollDesc {
    SpinLock lock;
    u32 index; // constant
    // under lock
    u32 generation;
    u32 users; // between begin and end, or changing a deadline, or closing it
    int fd;
    bool open, can_wait, closing;
    Direction dir[2];
    // under poll.lock
    u32 next_free;
} PollDesc;

static struct {
    Mutex lock;
    // under lock
    u32 made, free; // entry 0 is not used
    // read by anybody: an entry is written before its first handle is given out
    PollDesc *_Atomic chunks[CHUNKS]; // gc_root_alloc
    _Atomic i64 last_look;
} poll;

static void deadline_over(P *p, Timer *t, i64 now);

static PollDesc *desc_at(u32 index)
{
    if (index / CHUNK >= CHUNKS)
        return NULL;
    // acquire: pairs with the release in desc_get.
    PollDesc *chunk = atomic_load_explicit(&poll.chunks[index / CHUNK], memory_order_acquire);
    return chunk ? &chunk[index % CHUNK] : NULL;
}

static void desc_init(PollDesc *d, u32 index)
{
    d->index = index;
    for (u32 i = 0; i < 2; i++) {
        d->dir[i].timer.fire = deadline_over;
        d->dir[i].timer.arg = d;
        d->dir[i].timer.arg2 = i;
    }
}

static PollDesc *desc_get(void)
{
    PollDesc *d = NULL;
    mutex_lock(&poll.lock, RANK_POLL_TABLE);
    if (poll.free) {
        d = desc_at(poll.free);
        poll.free = d->next_free;
    } else {
        if (poll.made == 0)
            poll.made = 1;
        u32 index = poll.made++;
        if (index / CHUNK >= CHUNKS)
            die("too many descriptors");
        if (!desc_at(index)) {
            PollDesc *chunk = gc_root_alloc(CHUNK * sizeof *chunk);
            for (u32 i = 0; i < CHUNK; i++)
                desc_init(&chunk[i], index / CHUNK * CHUNK + i);
            // release: pairs with the acquire in desc_at.
            atomic_store_explicit(&poll.chunks[index / CHUNK], chunk, memory_order_release);
        }
        d = desc_at(index);
    }
    mutex_unlock(&poll.lock, RANK_POLL_TABLE);
    return d;
}

static void desc_put(PollDesc *d)
{
    mutex_lock(&poll.lock, RANK_POLL_TABLE);
    d->next_free = poll.free;
    poll.free = d->index;
    mutex_unlock(&poll.lock, RANK_POLL_TABLE);
}

static void lock(PollDesc *d)
{
    spin_lock(&d->lock, RANK_POLL);
}

static void unlock(PollDesc *d)
{
    spin_unlock(&d->lock, RANK_POLL);
}

// The descriptor, locked; NULL if the handle is not one of an open descriptor any more.
static PollDesc *find_locked(PollHandle h)
{
    PollDesc *d = desc_at((u32)h);
    if (!d)
        return NULL;
    lock(d);
    if (d->open && d->generation == (u32)(h >> 32))
        return d;
    unlock(d);
    return NULL;
}

// ---- Waking ------------------------------------------------------------------------------------

// d is locked.
static G *take_waiter(Direction *dir)
{
    G *g = dir->waits;
    dir->waits = NULL;
    return g;
}

static void waits_no_more(void)
{
    // release: pairs with the acquire in deadlock_now_locked; the G is queued.
    atomic_fetch_sub_explicit(&sched.poll_waiters, 1, memory_order_release);
}

static void wake(P *p, G *g)
{
    if (g) {
        sched_ready(p, g);
        waits_no_more();
    }
}

// ---- Descriptors -------------------------------------------------------------------------------

int netpoll_open(int fd, bool wait, PollHandle *out)
{
    PollDesc *d = desc_get();
    lock(d);
    d->generation++;
    d->fd = fd;
    d->users = 0;
    d->can_wait = wait;
    d->closing = false;
    d->open = true;
    for (int i = 0; i < 2; i++) {
        d->dir[i].ready = d->dir[i].expired = false;
        d->dir[i].deadline = 0;
    }
    PollHandle h = (u64)d->generation << 32 | d->index;
    unlock(d);
    int error = wait ? poller_add(fd, h) : 0;
    if (error) {
        lock(d);
        d->open = false;
        unlock(d);
        desc_put(d);
        h = 0;
    }
    *out = h;
    return error;
}

bool netpoll_can_wait(PollHandle h)
{
    PollDesc *d = find_locked(h);
    if (!d)
        return false;
    bool can_wait = d->can_wait;
    unlock(d);
    return can_wait;
}

// d is locked, and is unlocked here. True: this was the end of it; *error is what close said.
static bool leave(PollDesc *d, int *error)
{
    bool last = --d->users == 0 && d->closing;
    if (last)
        d->open = false;
    int fd = d->fd;
    bool known = d->can_wait;
    unlock(d);
    if (!last)
        return false;
    if (known)
        poller_remove(fd);
    // After EINTR the descriptor is gone all the same.
    *error = close(fd) == 0 || errno == EINTR ? 0 : errno;
    desc_put(d);
    return true;
}

PollResult netpoll_begin(PollHandle h, PollDirection dir, int *fd)
{
    PollDesc *d = find_locked(h);
    if (!d)
        return POLL_CLOSED;
    PollResult result = POLL_READY;
    if (d->closing) {
        result = POLL_CLOSED;
    } else if (dir != POLL_NEITHER && d->dir[dir].expired) {
        result = POLL_TIMEOUT;
    } else {
        if (dir != POLL_NEITHER)
            d->dir[dir].ready = false;
        d->users++;
        *fd = d->fd;
    }
    unlock(d);
    return result;
}

void netpoll_end(PollHandle h)
{
    int error;
    PollDesc *d = desc_at((u32)h);
    lock(d);
    leave(d, &error);
}

PollResult netpoll_wait(P *p, PollHandle h, PollDirection which)
{
    int error;
    PollDesc *d = desc_at((u32)h);
    lock(d);
    Direction *dir = &d->dir[which];
    check(d->can_wait && d->users > 0 && !dir->waits);
    PollResult result = POLL_PARKED;
    if (d->closing)
        result = POLL_CLOSED;
    else if (dir->expired)
        result = POLL_TIMEOUT;
    else if (dir->ready)
        result = POLL_READY;
    if (result != POLL_PARKED) {
        leave(d, &error);
        return result;
    }
    // Not the last user of a descriptor that closes: it does not.
    d->users--;
    dir->waits = p->g;
    // relaxed: this P goes idle, if it does, under Sched.lock.
    atomic_fetch_add_explicit(&sched.poll_waiters, 1, memory_order_relaxed);
    sched_park(p, WAIT_IO);
    unlock(d);
    return POLL_PARKED;
}

// ---- Deadlines, closing ------------------------------------------------------------------------

static void deadline_over(P *p, Timer *t, i64 now)
{
    PollDesc *d = t->arg;
    lock(d);
    Direction *dir = &d->dir[t->arg2];
    G *g = NULL;
    if (dir->deadline > 0 && dir->deadline <= now) {
        dir->expired = true;
        g = take_waiter(dir);
    }
    unlock(d);
    wake(p, g);
}

// Makes the timer what the deadline is now. The caller is a user of d.
static void settle_timer(P *p, PollDesc *d, PollDirection which)
{
    Direction *dir = &d->dir[which];
    lock(d);
    for (;;) {
        i64 want = dir->expired ? 0 : dir->deadline;
        unlock(d);
        if (want > 0) {
            timer_reset(p, &dir->timer, want, 0);
        } else {
            timer_stop(p, &dir->timer);
        }
        lock(d);
        i64 now = dir->expired ? 0 : dir->deadline;
        if (now == want)
            break;
    }
    unlock(d);
}

PollResult netpoll_set_deadline(P *p, PollHandle h, PollDirection which, i64 when)
{
    int error;
    PollDesc *d = find_locked(h);
    if (!d)
        return POLL_CLOSED;
    if (d->closing) {
        unlock(d);
        return POLL_CLOSED;
    }
    Direction *dir = &d->dir[which];
    G *g = NULL;
    dir->deadline = when;
    dir->expired = when != 0 && when <= timer_now();
    if (dir->expired)
        g = take_waiter(dir);
    d->users++;
    unlock(d);
    wake(p, g);
    settle_timer(p, d, which);
    lock(d);
    leave(d, &error);
    return POLL_READY;
}

PollResult netpoll_close(P *p, PollHandle h, int *error)
{
    *error = 0;
    PollDesc *d = find_locked(h);
    if (!d)
        return POLL_CLOSED;
    if (d->closing) {
        unlock(d);
        return POLL_CLOSED;
    }
    d->closing = true;
    G *woken[2];
    for (int i = 0; i < 2; i++) {
        d->dir[i].deadline = 0;
        d->dir[i].expired = false;
        woken[i] = take_waiter(&d->dir[i]);
    }
    d->users++;
    unlock(d);
    for (int i = 0; i < 2; i++) {
        wake(p, woken[i]);
        settle_timer(p, d, (PollDirection)i);
    }
    lock(d);
    leave(d, error);
    return POLL_READY;
}

// ---- Events ------------------------------------------------------------------------------------

// The G that an event wakes in one direction, or NULL.
static G *event_take(const PollEvent *e, int which)
{
    if (!e->ready[which])
        return NULL;
    PollDesc *d = find_locked(e->handle);
    if (!d)
        return NULL;
    Direction *dir = &d->dir[which];
    G *g = take_waiter(dir);
    if (!g)
        dir->ready = true;
    unlock(d);
    return g;
}

bool netpoll_unqueue(G *g)
{
    for (u32 i = 1; i < poll.made; i++) {
        PollDesc *d = desc_at(i);
        for (int which = 0; which < 2; which++) {
            if (d->dir[which].waits == g) {
                d->dir[which].waits = NULL;
                waits_no_more();
                return true;
            }
        }
    }
    return false;
}

static void looked(i64 now)
{
    atomic_store_explicit(&poll.last_look, now, memory_order_relaxed);
}

bool netpoll_neglected(i64 now, i64 ns)
{
    return now - atomic_load_explicit(&poll.last_look, memory_order_relaxed) >= ns;
}

void netpoll_deliver(PImpl *p, const PollEvents *events, bool first_next)
{
    bool any = false;
    for (int i = 0; i < events->count; i++) {
        for (int which = 0; which < 2; which++) {
            G *g = event_take(&events->list[i], which);
            if (!g)
                continue;
            g_set_state(g, G_PARKED, G_RUNNABLE);
            if (first_next && !p_runnext(&p->hot)) {
                p_set_runnext(&p->hot, g);
            } else {
                runq_put(p, g);
                any = true;
            }
            first_next = false;
            waits_no_more();
        }
    }
    // One is for p itself.
    if (any && (p_runnext(&p->hot) || runq_len(p) > 1))
        wake_p_if_idle();
}

void netpoll_deliver_locked(const PollEvents *events)
{
    for (int i = 0; i < events->count; i++) {
        for (int which = 0; which < 2; which++) {
            G *g = event_take(&events->list[i], which);
            if (!g)
                continue;
            g_set_state(g, G_PARKED, G_RUNNABLE);
            global_put_locked(g);
            waits_no_more();
        }
    }
}

bool netpoll_look(PImpl *p, bool first_next)
{
    PollEvents events;
    bool any = false;
    looked(timer_real_now());
    for (int i = 0; i < LOOKS; i++) {
        poller_wait(&events, 0);
        netpoll_deliver(p, &events, first_next && !any);
        any |= events.count > 0;
        if (events.count < POLL_EVENTS_MAX)
            break;
    }
    return any;
}

bool netpoll_look_without_p(void)
{
    PollEvents events;
    mutex_lock(&sched.lock, RANK_SCHED);
    if (stop_wanted()) {
        mutex_unlock(&sched.lock, RANK_SCHED);
        return false;
    }
    poller_wait(&events, 0);
    looked(timer_real_now());
    netpoll_deliver_locked(&events);
    mutex_unlock(&sched.lock, RANK_SCHED);
    if (events.count > 0)
        wake_p_if_idle();
    return events.count > 0;
}

void netpoll_sleep(PollEvents *events, i64 timeout_ns)
{
    poller_wait(events, timeout_ns);
    looked(timer_real_now());
}
