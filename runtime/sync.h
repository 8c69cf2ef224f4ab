// sync.h: parking locks for package sync. Each lives in a struct of the language; `queue` is the
// hidden pointer-typed word, made on first wait. The queue remembers its owner's address (hidden
// from the collector), so a copied lock sees an empty queue.
//
// SYNC_DONE: go on. SYNC_PARKED: the current G is queued (registers were saved before the call),
// run another one; when it goes on the operation is complete. SYNC_MISUSE: the caller raises the
// panic or fatal error with the text in *why.
#ifndef CSP_RUNTIME_SYNC_H
#define CSP_RUNTIME_SYNC_H

#include "runtime/g.h"

typedef enum SyncResult { SYNC_DONE, SYNC_PARKED, SYNC_MISUSE } SyncResult;

// Who locked a lock last, and where: for reports. A reader's entry may outlive its lock.
typedef struct SyncHolder {
    _Atomic u64 id;
    const void *_Atomic at; // a program counter, or NULL
} SyncHolder;

typedef struct SyncMutex {
    _Atomic u32 state;
    u32 unused;
    void *_Atomic queue;
    SyncHolder holder;
} SyncMutex;

typedef struct SyncRWMutex {
    _Atomic i64 state;
    void *_Atomic queue;
    SyncHolder holder;
} SyncRWMutex;

typedef struct SyncWaitGroup {
    _Atomic i64 state;
    void *_Atomic queue;
} SyncWaitGroup;

typedef struct SyncCond {
    void *_Atomic queue;
    _Atomic u64 owner; // ~its address, since first use
} SyncCond;

// at, here and below: where the program calls it, for reports.
//
// FIFO with direct hand-over: a waiter cannot starve.
SyncResult sync_mutex_lock(P *p, SyncMutex *m, const void *at);
// The same of the lock inside a Once, which reports call by another name.
SyncResult sync_once_lock(P *p, SyncMutex *m, const void *at);
bool sync_mutex_trylock(P *p, SyncMutex *m, const void *at);
i64 sync_wg_counter(const struct SyncWaitGroup *wg);
SyncResult sync_mutex_unlock(P *p, SyncMutex *m, const char **why); // fatal error when not locked

// A waiting writer holds back new readers.
SyncResult sync_rw_rlock(P *p, SyncRWMutex *m, const void *at);
SyncResult sync_rw_runlock(P *p, SyncRWMutex *m, const char **why);
SyncResult sync_rw_lock(P *p, SyncRWMutex *m, const void *at);
SyncResult sync_rw_unlock(P *p, SyncRWMutex *m, const char **why);
bool sync_rw_trylock(P *p, SyncRWMutex *m, const void *at);
bool sync_rw_tryrlock(P *p, SyncRWMutex *m, const void *at);
u64 sync_rw_readers(const SyncRWMutex *m); // how many have it now; 0: free, or a writer has it
bool sync_rw_writer(const SyncRWMutex *m); // a writer has it

SyncResult sync_wg_add(P *p, SyncWaitGroup *wg, i64 delta, const char **why); // panic when negative
SyncResult sync_wg_wait(P *p, SyncWaitGroup *wg);
// Does nobody use it? For one that has waited, when it goes on.
bool sync_wg_idle(SyncWaitGroup *wg);

// Queues the current G; the language's Cond.Wait unlocks its Locker before and locks after. ticket
// is taken before the unlock, so that a Signal in between is not lost.
u64 sync_cond_ticket(P *p, SyncCond *c);
// Before each use. False: it is a copy of one that has been used.
bool sync_cond_is_own(SyncCond *c);
SyncResult sync_cond_wait(P *p, SyncCond *c, u64 ticket);
void sync_cond_signal(P *p, SyncCond *c);
void sync_cond_broadcast(P *p, SyncCond *c);

#endif
