// runq.c: a P's local run queue: a ring of 256 Gs.
//
// head and tail count up for ever; slot i is runq[i % RUNQ_CAP]; the ring holds [head, tail).
// The owner puts at the tail with a plain store. Owner and thieves take from the head with a CAS,
// so that each G is taken once. At most runq_cap Gs (RUNQ_CAP, less under CSPDEBUG=runq).
//
// The owner clears the slot that it took, so that the collector sees no dead G there; a thief may
// not (the owner may have filled it again), and those slots are cleared when the world is stopped.
//
// Not here: runnext (sched.c), the global queue (sched.c).
#include "runtime/sched_impl.h"

u32 runq_len(PImpl *p)
{
    // seq_cst on tail: the second half of "publish idle, then look for work"; pairs with the
    // seq_cst store in runq_put. Note [Idle], sched.c.
    u32 head = atomic_load_explicit(&p->runq_head, memory_order_relaxed);
    u32 tail = atomic_load_explicit(&p->runq_tail, memory_order_seq_cst);
    u32 len = tail - head;
    // head may have been read long before tail; more than the ring can hold means "some".
    return len > RUNQ_CAP ? RUNQ_CAP : len;
}

// Half of the ring and g, in order, to the global queue. False: thieves made room meanwhile.
static COLD bool overflow(PImpl *p, G *g, u32 head, u32 tail)
{
    G *batch[RUNQ_CAP / 2 + 1];
    u32 n = (tail - head) / 2;
    if (n == 0)
        n = 1;
    for (u32 i = 0; i < n; i++)
        batch[i] = atomic_load_explicit(&p->runq[(head + i) % RUNQ_CAP], memory_order_relaxed);
    // release: pairs with the acquire of head in runq_put: the slots were read before they are
    // free. Only the owner fills slots, so what was read is still what is there.
    if (!atomic_compare_exchange_strong_explicit(&p->runq_head, &head, head + n,
                                                 memory_order_release, memory_order_relaxed))
        return false;
    batch[n] = g;
    mutex_lock(&sched.lock, RANK_SCHED);
    for (u32 i = 0; i <= n; i++)
        global_put_locked(batch[i]);
    mutex_unlock(&sched.lock, RANK_SCHED);
    return true;
}

void runq_put(PImpl *p, G *g)
{
    for (;;) {
        // acquire: pairs with the release of head by thieves; slots before head are free again.
        u32 head = atomic_load_explicit(&p->runq_head, memory_order_acquire);
        // relaxed: only the owner writes tail.
        u32 tail = atomic_load_explicit(&p->runq_tail, memory_order_relaxed);
        if (likely(tail - head < sched.runq_cap)) {
            atomic_store_explicit(&p->runq[tail % RUNQ_CAP], g, memory_order_relaxed);
            // seq_cst: as release it pairs with the acquire of tail in runq_steal (the slot, and
            // what g points to, are filled); and it is the first half of "publish work, then look
            // for sleepers", Note [Idle].
            atomic_store_explicit(&p->runq_tail, tail + 1, memory_order_seq_cst);
            return;
        }
        if (overflow(p, g, head, tail))
            return;
    }
}

G *runq_get(PImpl *p)
{
    for (;;) {
        // relaxed head: the CAS decides. relaxed tail: only the owner writes it.
        u32 head = atomic_load_explicit(&p->runq_head, memory_order_relaxed);
        u32 tail = atomic_load_explicit(&p->runq_tail, memory_order_relaxed);
        if (head == tail)
            return NULL;
        G *g = atomic_load_explicit(&p->runq[head % RUNQ_CAP], memory_order_relaxed);
        // relaxed: the owner filled the slot itself, and no thief fills slots.
        if (atomic_compare_exchange_weak_explicit(&p->runq_head, &head, head + 1,
                                                  memory_order_relaxed, memory_order_relaxed)) {
            atomic_store_explicit(&p->runq[head % RUNQ_CAP], NULL, memory_order_relaxed);
            return g;
        }
    }
}

G *runq_steal(PImpl *p, PImpl *victim)
{
    u32 my_tail = atomic_load_explicit(&p->runq_tail, memory_order_relaxed);
    for (;;) {
        // acquire: head before tail, so that tail - head is never negative; pairs with the
        // release CAS of other thieves.
        u32 head = atomic_load_explicit(&victim->runq_head, memory_order_acquire);
        // acquire: pairs with the store of tail in runq_put; the slots up to it are filled.
        u32 tail = atomic_load_explicit(&victim->runq_tail, memory_order_acquire);
        u32 n = tail - head;
        n -= n / 2;
        if (n == 0)
            return NULL;
        // head and tail belong to different moments: look again.
        if (n > RUNQ_CAP / 2)
            continue;
        if (n > sched.runq_cap)
            n = sched.runq_cap;
        for (u32 i = 0; i < n; i++) {
            G *g = atomic_load_explicit(&victim->runq[(head + i) % RUNQ_CAP], memory_order_relaxed);
            // Not yet visible: beyond our own tail.
            atomic_store_explicit(&p->runq[(my_tail + i) % RUNQ_CAP], g, memory_order_relaxed);
        }
        // release: pairs with the acquire of head in runq_put: we have read the slots before the
        // owner may fill them again. A failed CAS means that what we copied may be gone.
        if (!atomic_compare_exchange_strong_explicit(&victim->runq_head, &head, head + n,
                                                     memory_order_release, memory_order_relaxed))
            continue;
        // The last one is run at once; the rest become visible in our ring.
        n--;
        G *g = atomic_load_explicit(&p->runq[(my_tail + n) % RUNQ_CAP], memory_order_relaxed);
        if (n > 0)
            // seq_cst: as in runq_put.
            atomic_store_explicit(&p->runq_tail, my_tail + n, memory_order_seq_cst);
        return g;
    }
}

void runq_clear_dead_slots(PImpl *p)
{
    u32 head = atomic_load_explicit(&p->runq_head, memory_order_relaxed);
    u32 tail = atomic_load_explicit(&p->runq_tail, memory_order_relaxed);
    for (u32 i = tail; i != head + RUNQ_CAP; i++)
        atomic_store_explicit(&p->runq[i % RUNQ_CAP], NULL, memory_order_relaxed);
}
