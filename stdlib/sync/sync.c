// sync.c: natives of package sync, over the parking locks of runtime/sync.h.
#include "runtime/sync.h"

#include "bytecode/code.h"
#include "runtime/step.h"
#include "stdlib/tables.h"
#include "vm/object.h"

static NativeStatus nil_receiver(P *p)
{
    return vm_panic_runtime(p, "invalid memory address or nil pointer dereference");
}

// Misuse of a lock ends the program, as in Go: what it protected is not to be trusted any more.
static NativeStatus status_of(P *p, SyncResult result, const char *why)
{
    switch (result) {
    case SYNC_DONE: return NATIVE_OK;
    case SYNC_PARKED: return NATIVE_PARKED;
    case SYNC_MISUSE: break;
    }
    return vm_fatal_error(p, "%s", why);
}

// Where the program calls the native that runs: in front of its frame stands the link. Not a place
// of the program for what go and defer call directly.
static const void *caller(const Slot *args)
{
    return (const Ins *)slot_ptr(args[-1]) - 1;
}

#define LOCK_NATIVE(name, type, call)                                                              \
    static NativeStatus name(P *p, Slot *args)                                                     \
    {                                                                                              \
        type *lock = slot_ptr(args[0]);                                                            \
        return lock ? status_of(p, call, "") : nil_receiver(p);                                    \
    }
#define TRY_NATIVE(name, type, call)                                                               \
    static NativeStatus name(P *p, Slot *args)                                                     \
    {                                                                                              \
        type *lock = slot_ptr(args[0]);                                                            \
        if (lock == NULL)                                                                          \
            return nil_receiver(p);                                                                \
        args[0] = call(p, lock, caller(args));                                                     \
        return NATIVE_OK;                                                                          \
    }

LOCK_NATIVE(mutex_lock_native, SyncMutex, sync_mutex_lock(p, lock, caller(args)))
LOCK_NATIVE(once_lock_native, SyncMutex, sync_once_lock(p, lock, caller(args)))
LOCK_NATIVE(rw_lock_native, SyncRWMutex, sync_rw_lock(p, lock, caller(args)))
LOCK_NATIVE(rw_rlock_native, SyncRWMutex, sync_rw_rlock(p, lock, caller(args)))
TRY_NATIVE(mutex_try_native, SyncMutex, sync_mutex_trylock)
TRY_NATIVE(rw_try_native, SyncRWMutex, sync_rw_trylock)
TRY_NATIVE(rw_rtry_native, SyncRWMutex, sync_rw_tryrlock)
#undef LOCK_NATIVE
#undef TRY_NATIVE

#define UNLOCK_NATIVE(name, type, call)                                                            \
    static NativeStatus name(P *p, Slot *args)                                                     \
    {                                                                                              \
        type *lock = slot_ptr(args[0]);                                                            \
        if (lock == NULL)                                                                          \
            return nil_receiver(p);                                                                \
        const char *why = NULL;                                                                    \
        SyncResult result = call(p, lock, &why);                                                   \
        return status_of(p, result, why);                                                          \
    }

UNLOCK_NATIVE(mutex_unlock_native, SyncMutex, sync_mutex_unlock)
UNLOCK_NATIVE(rw_unlock_native, SyncRWMutex, sync_rw_unlock)
UNLOCK_NATIVE(rw_runlock_native, SyncRWMutex, sync_rw_runlock)
#undef UNLOCK_NATIVE

// A wrong counter is a panic, not a fatal error.
static NativeStatus wg_add(P *p, SyncWaitGroup *wg, i64 delta)
{
    if (wg == NULL)
        return nil_receiver(p);
    const char *why = NULL;
    SyncResult result = sync_wg_add(p, wg, delta, &why);
    return result == SYNC_MISUSE ? vm_panic_string(p, "%s", why) : status_of(p, result, why);
}

static NativeStatus wg_add_native(P *p, Slot *args)
{
    return wg_add(p, slot_ptr(args[0]), (i64)args[1]);
}

static NativeStatus wg_done_native(P *p, Slot *args)
{
    return wg_add(p, slot_ptr(args[0]), -1);
}

// func (wg *WaitGroup) park() bool
static NativeStatus wg_park_native(P *p, Slot *args)
{
    SyncWaitGroup *wg = slot_ptr(args[0]);
    if (wg == NULL)
        return nil_receiver(p);
    args[0] = true;
    if (sync_wg_wait(p, wg) == SYNC_PARKED)
        return NATIVE_PARKED; // and not touched any more
    args[0] = false;
    return NATIVE_OK;
}

static NativeStatus wg_check_native(P *p, Slot *args)
{
    if (sync_wg_idle(slot_ptr(args[0])))
        return NATIVE_OK;
    return vm_panic_string(p, "sync: WaitGroup is reused before previous Wait has returned");
}

static NativeStatus copied_cond(P *p)
{
    return vm_panic_string(p, "sync.Cond is copied");
}

static NativeStatus cond_ticket_native(P *p, Slot *args)
{
    SyncCond *c = slot_ptr(args[0]);
    if (!sync_cond_is_own(c))
        return copied_cond(p);
    args[0] = sync_cond_ticket(p, c);
    return NATIVE_OK;
}

static NativeStatus cond_park_native(P *p, Slot *args)
{
    return status_of(p, sync_cond_wait(p, slot_ptr(args[0]), args[1]), "");
}

static NativeStatus cond_signal_native(P *p, Slot *args)
{
    SyncCond *c = slot_ptr(args[0]);
    if (!sync_cond_is_own(c))
        return copied_cond(p);
    sync_cond_signal(p, c);
    return NATIVE_OK;
}

static NativeStatus cond_broadcast_native(P *p, Slot *args)
{
    SyncCond *c = slot_ptr(args[0]);
    if (!sync_cond_is_own(c))
        return copied_cond(p);
    sync_cond_broadcast(p, c);
    return NATIVE_OK;
}

static const Native natives[] = {
    {"(*Mutex).Lock", mutex_lock_native, NATIVE_OP(VISIBLE_LOCK)},
    {"(*onceMutex).enter", once_lock_native, NATIVE_OP(VISIBLE_LOCK)},
    {"(*Mutex).TryLock", mutex_try_native, NATIVE_OP(VISIBLE_TRYLOCK)},
    {"(*Mutex).Unlock", mutex_unlock_native, NATIVE_OP(VISIBLE_UNLOCK)},
    {"(*RWMutex).Lock", rw_lock_native, NATIVE_OP(VISIBLE_LOCK)},
    {"(*RWMutex).TryLock", rw_try_native, NATIVE_OP(VISIBLE_TRYLOCK)},
    {"(*RWMutex).Unlock", rw_unlock_native, NATIVE_OP(VISIBLE_UNLOCK)},
    {"(*RWMutex).RLock", rw_rlock_native, NATIVE_OP(VISIBLE_RLOCK)},
    {"(*RWMutex).TryRLock", rw_rtry_native, NATIVE_OP(VISIBLE_TRYRLOCK)},
    {"(*RWMutex).RUnlock", rw_runlock_native, NATIVE_OP(VISIBLE_RUNLOCK)},
    {"(*WaitGroup).Add", wg_add_native, NATIVE_OP(VISIBLE_GROUP_ADD)},
    {"(*WaitGroup).Done", wg_done_native, NATIVE_OP(VISIBLE_GROUP_ADD)},
    {"(*WaitGroup).park", wg_park_native, NATIVE_OP(VISIBLE_GROUP_WAIT)},
    {"(*WaitGroup).check", wg_check_native, NATIVE_OP(VISIBLE_GROUP_WAIT)},
    {"(*condQueue).ticket", cond_ticket_native, NATIVE_OP(VISIBLE_COND_TICKET)},
    {"(*condQueue).park", cond_park_native, NATIVE_OP(VISIBLE_COND_WAIT)},
    {"(*condQueue).signal", cond_signal_native, NATIVE_OP(VISIBLE_COND_SIGNAL)},
    {"(*condQueue).broadcast", cond_broadcast_native, NATIVE_OP(VISIBLE_COND_BROADCAST)},
};
const NativeTable sync_natives = {"sync", natives, countof(natives)};
