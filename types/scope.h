// scope.h: names, and the universe scope.
#ifndef CSP_TYPES_SCOPE_H
#define CSP_TYPES_SCOPE_H

#include "types/types.h"

typedef struct Scope Scope;

Scope *scope_new(Arena *arena, Scope *outer);
Scope *scope_outer(const Scope *s);
Object *scope_lookup(Scope *s, Name name); // this scope only
Object *scope_find(Scope *s, Name name,
                   Pos at); // outward; a local declared after `at` is not seen (at 0: all)
// The earlier object if the name is taken (nothing is changed then), else NULL.
Object *scope_insert(Scope *s, Object *obj);
void scope_replace(Scope *s, Object *obj); // REPL
void scope_remove(Scope *s, Object *obj);  // REPL: an entry with errors leaves nothing behind
void scope_each(Scope *s, void (*visit)(Object *obj, void *arg), void *arg); // any order
Scope *scope_universe(void);
// The nearest name by spelling that `wanted` accepts (NULL: all), for did-you-mean; or NULL.
Name scope_suggest(Scope *s, Name name, bool (*wanted)(Object *obj));

#endif
