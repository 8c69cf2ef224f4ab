// chan_impl.h: what chan.c does for select.c.
#ifndef CSP_RUNTIME_CHAN_IMPL_H
#define CSP_RUNTIME_CHAN_IMPL_H

#include "runtime/chan_inline.h"

typedef enum ChanTry {
    TRY_WAIT, // it would have to wait
    TRY_DONE,
    TRY_CLOSED, // send only
} ChanTry;

// Does the operation now if it can. *woken: a G to make ready after the lock is released, or NULL.
ChanTry chan_send_locked(Channel *ch, const Slot *elem, G **woken);
ChanTry chan_recv_locked(Channel *ch, Slot *out, Slot *ok, G **woken);

#endif
