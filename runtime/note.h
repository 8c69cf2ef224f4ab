// note.h: how a thread sleeps and is woken: futexes, and a one-shot flag made of one.
#ifndef CSP_RUNTIME_NOTE_H
#define CSP_RUNTIME_NOTE_H

#include "runtime/atomic.h"

// One thread sleeps, any thread wakes. A wake before the sleep is not lost.
typedef struct Note {
    _Atomic u32 word; // NOTE_…, see note.c
} Note;

// Sleeps until the note is woken (true; the note is clear again) or timeout_ns have passed (false).
// timeout_ns < 0: no limit.
bool note_sleep(Note *n, i64 timeout_ns);
void note_wake(Note *n);

// Sleeps while *word == value, at most timeout_ns (< 0: no limit). May return for no reason.
void futex_wait(_Atomic u32 *word, u32 value, i64 timeout_ns);
void futex_wake(_Atomic u32 *word, int count);

#endif
