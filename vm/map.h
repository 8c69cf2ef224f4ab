// map.h: maps of the language, for the interpreter and natives.
//
// A map value is one slot: NULL or a Map. Keys and values are passed in frame form (n slots,
// aggregates as a pointer) or as pointers to memory in Go's layout, as each function says.
// A map may be read, ranged over and changed by one goroutine at a time; a second one that is seen
// ends the program as in Go (MAP_FATAL).
#ifndef CSP_VM_MAP_H
#define CSP_VM_MAP_H

#include "bytecode/rtype.h"
#include "runtime/p.h"
#include "vm/object.h"

typedef struct Map Map;

typedef enum MapResult {
    MAP_FOUND,  // get: there; set, delete: done
    MAP_ABSENT, // get, delete: not there
    MAP_PANIC,  // the panic value is stored (nil map, unhashable key)
    MAP_NOMEM,  // collect and try again
    MAP_FATAL,  // concurrent use: the text is in *map_error
} MapResult;

// NULL: no memory. hint < 0 counts as 0.
Map *map_new(P *p, RType *map_type, i64 hint);
// *value: where the value stands in the table, valid until the next change of the map.
MapResult map_get(P *p, RType *map_type, Map *m, const Slot *key, void **value);
MapResult map_set(P *p, RType *map_type, Map *m, const Slot *key, const Slot *value);
MapResult map_delete(P *p, RType *map_type, Map *m, const Slot *key);
MapResult map_clear(Map *m);
u64 map_len(const Map *m); // 0 for NULL
const char *map_error_text(bool writing, bool iterating);

// Each entry at most once, from a random place on; deleting and adding while iterating is allowed.
// The iterator of the language is a collector object; a native's may stand on the C stack.
typedef struct MapIter {
    RType *type;
    Map *map;
    struct MapTable *table; // as it was when the iteration began
    u64 next, start, bound; // entries [0, bound) are visited from start on, cyclic
    bool wrapped;
} MapIter;
void map_iter_init(P *p, MapIter *it, RType *map_type, Map *m);
// False at the end. *key, *value: memory in Go's layout, valid until the next change of the map.
// *r (may be NULL) is MAP_FATAL when a concurrent write is seen.
bool map_iter_next(MapIter *it, const void **key, const void **value, MapResult *r);

#endif
