// arena.h: malloc arenas for the front end. Everything that one compilation builds lives in
// one arena and is freed with it. Memory comes zeroed; running out ends in die().
#ifndef CSP_BASE_ARENA_H
#define CSP_BASE_ARENA_H

#include "base/base.h"

typedef struct Arena Arena;

Arena *arena_create(void);
void arena_free(Arena *arena);                                // NULL is allowed
void *arena_alloc(Arena *arena, size_t size);                 // zeroed, 16-byte aligned
char *arena_strndup(Arena *arena, const char *s, size_t len); // adds a terminating zero
char *arena_printf(Arena *arena, const char *fmt, ...) PRINTF_LIKE(2, 3);
size_t arena_bytes(const Arena *arena); // handed out so far

#define arena_new(arena, T)      ((T *)arena_alloc((arena), sizeof(T)))
#define arena_array(arena, T, n) ((T *)arena_alloc((arena), sizeof(T) * (size_t)(n)))

#endif
