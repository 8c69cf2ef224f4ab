// signals.h: signals that the program takes itself instead of being ended by them.
#ifndef CSP_RUNTIME_SIGNALS_H
#define CSP_RUNTIME_SIGNALS_H

#include "base/base.h"

// Which signals can be taken: bit n for signal n.
u64 signals_known(void);
// From now on the program is told of `taken` and nothing happens on `ignored`; all others do what
// they do by themselves. One caller at a time.
void signals_set(u64 taken, u64 ignored);
// Waits in the kernel, outside of a P, until there are signals to be told. Only after signals_set
// with something taken; for one thread at a time.
u64 signals_wait(void);

#endif
