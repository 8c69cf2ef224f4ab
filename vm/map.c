// map.c: hash maps.
//
// Entries stand in the order in which they came, in one array; `meta` has the hash of each (0: free
// or deleted); an index of (hash, position) words finds them by linear probing. Up to 8 entries
// there is no index: the hashes are looked through. When the array is full a new table is made,
// twice as large or, if many entries are deleted, of the same size. Tables are replaced, never
// changed in size: an iterator keeps the one it began with and, when the map has got another, looks
// its keys up there. So each entry comes at most once, and a program that races on a map may see
// old entries but nothing beyond a table.
//
// Keys that fit a word are kept as a word; others and all values in Go's layout.
//
// Concurrent use: `writing` is set while a map changes, read relaxed; what it catches ends the
// program as in Go. Not here: hash and equality (object.c).
#include "vm/map.h"

#include "runtime/choose.h"
#include "vm/vm_impl.h"

enum { SMALL = 8, INDEX_DELETED = 0xffffffffu };

typedef struct MapTable {
    u64 cap;  // entries
    u64 mask; // of the index
    char *entries;
    u32 *meta;
    u64 *index; // hash << 32 | position + 1; NULL for a small table
} MapTable;

typedef enum KeyMode { KEY_WORD, KEY_STRING, KEY_OTHER } KeyMode;

struct Map {
    u64 count; // first: vm_value_len reads it
    u64 used;  // entries handed out, deleted ones included
    u64 seed;
    MapTable *table;
    u8 mode; // KeyMode
    u8 writing;
    u32 value_at, entry_bytes;
    MapTable first;
    u32 first_meta[SMALL];
};

static bool is_writing(const Map *m)
{
    return __atomic_load_n(&m->writing, __ATOMIC_RELAXED);
}

static void set_writing(Map *m, bool on)
{
    __atomic_store_n(&m->writing, on, __ATOMIC_RELAXED);
}

static KeyMode mode_of(const RType *key)
{
    switch ((RKind)key->kind) {
    case RK_BOOL:
    case RK_INT:
    case RK_INT8:
    case RK_INT16:
    case RK_INT32:
    case RK_INT64:
    case RK_UINT:
    case RK_UINT8:
    case RK_UINT16:
    case RK_UINT32:
    case RK_UINT64:
    case RK_UINTPTR:
    case RK_CHAN:
    case RK_POINTER: return KEY_WORD;
    case RK_STRING: return KEY_STRING;
    default: return KEY_OTHER;
    }
}

static GcKind entries_kind(const RType *mt)
{
    return rtype_is(mt->key, RTYPE_PTRFREE) && rtype_is(mt->elem, RTYPE_PTRFREE) ? GC_PTRFREE
                                                                                 : GC_SCAN;
}

// A table for at least `want` entries in *t. False: no memory.
static bool table_make(P *p, const RType *mt, const Map *m, u64 want, MapTable *t)
{
    memset(t, 0, sizeof *t);
    u64 slots = 16;
    while (slots / 4 * 3 < want)
        slots *= 2;
    t->cap = slots / 4 * 3;
    t->mask = slots - 1;
    t->index = gc_alloc(p, GC_PTRFREE, slots * sizeof *t->index);
    t->meta = gc_alloc(p, GC_PTRFREE, t->cap * sizeof *t->meta);
    t->entries = gc_alloc(p, entries_kind(mt), t->cap * m->entry_bytes);
    return t->index && t->meta && t->entries;
}

Map *map_new(P *p, RType *mt, i64 hint)
{
    Map *m = gc_alloc(p, GC_SCAN, sizeof *m);
    m->mode = mode_of(mt->key);
    u64 key_bytes = m->mode == KEY_WORD ? 8 : mt->key->size;
    m->value_at = (u32)align_up(key_bytes, 8);
    m->entry_bytes = (u32)align_up(m->value_at + mt->elem->size, 8);
    m->seed = choose(p, CHOOSE_MAP, 0);
    m->table = &m->first;
    m->first.cap = SMALL;
    m->first.meta = m->first_meta;
    if (hint > SMALL && hint < (i64)1 << 31 &&
        (u64)hint < ((u64)1 << 40) / (m->entry_bytes ? m->entry_bytes : 1)) {
        MapTable *t = gc_alloc(p, GC_SCAN, sizeof *t);
        if (!table_make(p, mt, m, (u64)hint, t))
            return NULL;
        m->table = t;
        return m;
    }
    // entries of the first table: made when the first one comes
    return m;
}

u64 map_len(const Map *m)
{
    return m ? m->count : 0;
}

// ---- Keys -----------------------------------------------------------------------------------

// A key as the table keeps it, and its hash.
typedef struct KeyRef {
    const void *mem; // KEY_OTHER: Go's layout
    Slot word[2];    // KEY_WORD, KEY_STRING
    u32 hash;        // never 0
    Slot buffer[8];
} KeyRef;

static bool key_from_frame(const RType *mt, const Map *m, KeyMode mode, const Slot *key, KeyRef *k,
                           const RType **bad)
{
    u64 seed = m ? m->seed : 0, h;
    switch (mode) {
    case KEY_WORD:
        k->word[0] = key[0];
        k->mem = k->word;
        h = vm_hash_word(mt->key, key[0], seed);
        break;
    case KEY_STRING:
        k->word[0] = key[0];
        k->word[1] = key[1];
        k->mem = k->word;
        h = vm_hash_string(slot_ptr(key[0]), key[1], seed);
        break;
    default:
        if (rtype_is(mt->key, RTYPE_AGGREGATE) && mt->key->slots) {
            k->mem = slot_ptr(key[0]);
        } else {
            check(mt->key->size <= sizeof k->buffer);
            memset(k->buffer, 0, sizeof k->buffer);
            rtype_store(mt->key, k->buffer, key);
            k->mem = k->buffer;
        }
        if (!vm_hash_mem(mt->key, k->mem, seed, &h, bad))
            return false;
    }
    k->hash = (u32)(h >> 32 ^ h);
    if (!k->hash)
        k->hash = 1;
    return true;
}

static inline bool key_equal(const RType *mt, KeyMode mode, const void *entry, const KeyRef *k)
{
    const Slot *e = entry;
    if (mode == KEY_WORD)
        return e[0] == k->word[0];
    if (mode == KEY_STRING)
        return e[1] == k->word[1] &&
               (e[0] == k->word[0] || !memcmp(slot_ptr(e[0]), slot_ptr(k->word[0]), e[1]));
    const RType *bad;
    return vm_equal_mem(mt->key, entry, k->mem, &bad) == 1;
}

// The position of a key in table t, or -1. *index_at: its place in the index, if there is one.
static inline i64 find(const RType *mt, const Map *m, const MapTable *t, const KeyRef *k,
                       u64 *index_at)
{
    if (!t->index) {
        if (!t->entries)
            return -1;
        for (u32 i = 0; i < SMALL; i++)
            if (t->meta[i] == k->hash &&
                key_equal(mt, m->mode, t->entries + (size_t)i * m->entry_bytes, k))
                return i;
        return -1;
    }
    for (u64 at = k->hash & t->mask, n = 0; n <= t->mask; at = (at + 1) & t->mask, n++) {
        u64 word = t->index[at];
        if (!word)
            return -1;
        if (word >> 32 != k->hash || (u32)word == INDEX_DELETED)
            continue;
        u64 position = (u32)word - 1;
        if (key_equal(mt, m->mode, t->entries + position * m->entry_bytes, k)) {
            *index_at = at;
            return (i64)position;
        }
    }
    return -1;
}

static void index_insert(MapTable *t, u32 hash, u64 position)
{
    u64 at = hash & t->mask;
    // There is a free place, unless the program races; then any will do.
    for (u64 n = 0; n < t->mask && t->index[at] && (u32)t->index[at] != INDEX_DELETED; n++)
        at = (at + 1) & t->mask;
    t->index[at] = (u64)hash << 32 | (position + 1);
}

static MapResult unhashable(P *p, const RType *bad)
{
    if (bad)
        vm_panic_runtime(p, "hash of unhashable type %s", bad->name);
    else
        vm_panic_runtime(p, "hash of a value that nests too deeply");
    return MAP_PANIC;
}

// ---- Operations -----------------------------------------------------------------------------

MapResult map_get(P *p, RType *mt, Map *m, const Slot *key, void **value)
{
    KeyRef k;
    const RType *bad;
    if (!m || !m->count) {
        // an unhashable key panics all the same
        KeyMode mode = mode_of(mt->key);
        if (mode == KEY_OTHER && !key_from_frame(mt, m, mode, key, &k, &bad))
            return unhashable(p, bad);
        return MAP_ABSENT;
    }
    if (unlikely(is_writing(m)))
        return MAP_FATAL;
    if (!key_from_frame(mt, m, m->mode, key, &k, &bad))
        return unhashable(p, bad);
    const MapTable *t = m->table;
    u64 index_at;
    i64 position = find(mt, m, t, &k, &index_at);
    if (position < 0)
        return MAP_ABSENT;
    *value = t->entries + (u64)position * m->entry_bytes + m->value_at;
    return MAP_FOUND;
}

// A new table with the live entries. False: no memory.
static bool rebuild(P *p, const RType *mt, Map *m)
{
    MapTable *old = m->table, *t = gc_alloc(p, GC_SCAN, sizeof *t);
    u64 want = m->count <= old->cap / 2 ? old->cap : old->cap * 2;
    if (want >= INDEX_DELETED || !table_make(p, mt, m, want, t))
        return false;
    u64 n = 0;
    for (u64 i = 0; i < old->cap && n < t->cap; i++) {
        if (!old->meta[i])
            continue;
        memcpy(t->entries + n * m->entry_bytes, old->entries + i * m->entry_bytes, m->entry_bytes);
        t->meta[n] = old->meta[i];
        index_insert(t, old->meta[i], n);
        n++;
    }
    m->used = n;
    m->table = t;
    return true;
}

// Finds or adds the key; *value: its place, to be written at once by the caller.
static MapResult map_put(P *p, RType *mt, Map *m, const Slot *key, void **value)
{
    if (unlikely(!m)) {
        vm_panic_plain(p, "assignment to entry in nil map");
        return MAP_PANIC;
    }
    if (unlikely(is_writing(m)))
        return MAP_FATAL;
    KeyRef k;
    const RType *bad;
    if (!key_from_frame(mt, m, m->mode, key, &k, &bad))
        return unhashable(p, bad);
    set_writing(m, true);
    MapTable *t = m->table;
    u64 index_at;
    i64 found = find(mt, m, t, &k, &index_at);
    if (found < 0) {
        if (m->used >= t->cap) {
            if (!rebuild(p, mt, m)) {
                set_writing(m, false);
                return MAP_NOMEM;
            }
            t = m->table;
        } else if (unlikely(!t->entries)) {
            t->entries = gc_alloc(p, entries_kind(mt), (size_t)SMALL * m->entry_bytes);
            if (!t->entries) {
                set_writing(m, false);
                return MAP_NOMEM;
            }
        }
        u64 position = m->used++;
        if (unlikely(position >= t->cap)) // only if somebody else writes
            return MAP_FATAL;
        memcpy(t->entries + position * m->entry_bytes, k.mem,
               m->mode == KEY_WORD ? 8 : mt->key->size);
        t->meta[position] = k.hash;
        if (t->index)
            index_insert(t, k.hash, position);
        m->count++;
        found = (i64)position;
    } else if (m->mode == KEY_OTHER) {
        // +0 and -0 are equal: the newer one is kept, as in Go
        memcpy(t->entries + (u64)found * m->entry_bytes, k.mem, mt->key->size);
    }
    *value = t->entries + (u64)found * m->entry_bytes + m->value_at;
    set_writing(m, false);
    return MAP_FOUND;
}

MapResult map_set(P *p, RType *mt, Map *m, const Slot *key, const Slot *value)
{
    void *at = NULL; // gcc does not see that MAP_FOUND sets it
    MapResult r = map_put(p, mt, m, key, &at);
    if (r == MAP_FOUND)
        rtype_store(mt->elem, at, value);
    return r;
}

MapResult map_delete(P *p, RType *mt, Map *m, const Slot *key)
{
    KeyRef k;
    const RType *bad;
    KeyMode mode = mode_of(mt->key);
    if (m && unlikely(is_writing(m)))
        return MAP_FATAL;
    if ((m && m->count) || mode == KEY_OTHER)
        if (!key_from_frame(mt, m, mode, key, &k, &bad))
            return unhashable(p, bad);
    if (!m || !m->count)
        return MAP_ABSENT;
    set_writing(m, true);
    MapTable *t = m->table;
    u64 index_at = 0;
    i64 position = find(mt, m, t, &k, &index_at);
    if (position >= 0) {
        memset(t->entries + (u64)position * m->entry_bytes, 0, m->entry_bytes);
        t->meta[position] = 0;
        if (t->index)
            t->index[index_at] = t->index[(index_at + 1) & t->mask] ? INDEX_DELETED : 0;
        m->count--;
        if (!t->index && (u64)position == m->used - 1)
            m->used--; // the newest of a small table: its place is free again
    }
    set_writing(m, false);
    return position >= 0 ? MAP_FOUND : MAP_ABSENT;
}

MapResult map_clear(Map *m)
{
    if (!m)
        return MAP_ABSENT;
    if (unlikely(is_writing(m)))
        return MAP_FATAL;
    set_writing(m, true);
    MapTable *t = m->table;
    if (t->entries)
        memset(t->entries, 0, t->cap * m->entry_bytes);
    memset(t->meta, 0, t->cap * sizeof *t->meta);
    if (t->index)
        memset(t->index, 0, (t->mask + 1) * sizeof *t->index);
    m->count = m->used = 0;
    set_writing(m, false);
    return MAP_FOUND;
}

const char *map_error_text(bool writing, bool iterating)
{
    return writing     ? "concurrent map writes"
           : iterating ? "concurrent map iteration and map write"
                       : "concurrent map read and map write";
}

// ---- Iteration ------------------------------------------------------------------------------

void map_iter_init(P *p, MapIter *it, RType *mt, Map *m)
{
    *it = (MapIter){.type = mt, .map = m, .table = m ? m->table : NULL};
    if (!m || !m->count)
        return;
    it->bound = m->used < it->table->cap ? m->used : it->table->cap;
    if (it->bound > 1)
        it->start = it->next = choose(p, CHOOSE_MAP, it->bound);
}

bool map_iter_next(MapIter *it, const void **key, const void **value, MapResult *r)
{
    if (r)
        *r = MAP_FOUND;
    if (!it->bound)
        return false;
    Map *m = it->map;
    if (unlikely(is_writing(m))) {
        if (r)
            *r = MAP_FATAL;
        return false;
    }
    MapTable *t = it->table;
    for (;;) {
        if (it->wrapped ? it->next >= it->start : it->next >= it->bound) {
            if (it->wrapped || !it->start) {
                it->bound = 0;
                return false;
            }
            it->wrapped = true;
            it->next = 0;
            continue;
        }
        u64 position = it->next++;
        if (!t->meta[position])
            continue;
        char *entry = t->entries + position * m->entry_bytes;
        if (t != m->table) {
            // the map has got a new table: what does it say now?
            KeyRef k = {.mem = entry, .hash = t->meta[position]};
            memcpy(k.word, entry, m->mode == KEY_STRING ? 16 : m->mode == KEY_WORD ? 8 : 0);
            u64 index_at;
            i64 now = find(it->type, m, m->table, &k, &index_at);
            if (now >= 0) {
                entry = m->table->entries + (u64)now * m->entry_bytes;
            } else {
                const RType *bad;
                if (m->mode != KEY_OTHER || vm_equal_mem(it->type->key, entry, entry, &bad) == 1)
                    continue; // deleted. A NaN stays: nothing can delete it.
            }
        }
        *key = entry;
        *value = entry + m->value_at;
        return true;
    }
}
