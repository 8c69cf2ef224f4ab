// signals.h: signals that the program takes itself instead of being ended by them.
#ifndef CSP_RUNTIME_SIGNALS_H
#define CSP_RUNTIME_SIGNALS_H

#include "base/base.h"

// Which signals can be taken: bit n for signal n.
u64 signals_known(void);
// From now on the program is told of `taken` and nothing happens on `ignored`; all others do what
// they do by themselves. One caller at a time.
void signals_set(u64 taken, u64 ignored);
// A descriptor that does not block: a counter of eight bytes, which can be read after there have
// been signals to be told. Only after signals_set with something taken; it is never closed.
int signals_descriptor(void);
// Those that came since the last call.
u64 signals_told(void);

#endif
