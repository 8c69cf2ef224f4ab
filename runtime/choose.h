// choose.h: every choice that the runtime leaves open goes through one function.
//
// Without --seed a choice comes from the P's own generator. With it, each kind of choice has a
// stream of its own, made from the seed, so that a program that draws one more random number keeps
// its schedule. A driver (step.h) may decide instead.
#ifndef CSP_RUNTIME_CHOOSE_H
#define CSP_RUNTIME_CHOOSE_H

#include "runtime/g.h"

typedef enum ChoiceKind {
    CHOOSE_NEXT,   // which runnable G goes on (seeded only; else queues decide)
    CHOOSE_SLICE,  // for how many instructions (seeded only; else time decides)
    CHOOSE_SELECT, // which of the ready cases
    CHOOSE_LOCK,   // which waiter gets a Mutex (seeded only; else the first)
    CHOOSE_STEAL,  // from which P on an idle one looks for work
    CHOOSE_MAP,    // where the iteration of a map begins; how it hashes
    CHOOSE_RAND,   // package math/rand
    CHOOSE_KIND_COUNT,
} ChoiceKind;

// A number from 0 to n-1, each with the same chance; n 0: any of 64 bits. p is the caller's P.
u64 choose(P *p, ChoiceKind kind, u64 n);

// Who decides instead, or NULL. Called on the deciding P; must return less than n (n > 0).
// For tests and drivers, before anything runs; seeded runs only.
typedef u64 (*Decide)(ChoiceKind kind, u64 n);
void choose_by(Decide decide);

#endif
