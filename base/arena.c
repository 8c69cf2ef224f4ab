// arena.c: malloc arenas.
//
// An arena is a list of blocks, newest first; allocation takes the next bytes of the newest.
// Blocks double from 16 KiB to 1 MiB. What does not fit into a block of that size gets one of
// its own, which is put second, so that the rest of the newest stays in use.
//
// With the address sanitizer each allocation is a block of its own, so that a read past the
// end of a node is found.
#include "base/arena.h"

#include <stdarg.h>
#include <stdio.h>

#if defined(__SANITIZE_ADDRESS__)
#define BLOCK_PER_ALLOCATION 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define BLOCK_PER_ALLOCATION 1
#endif
#endif
#ifndef BLOCK_PER_ALLOCATION
#define BLOCK_PER_ALLOCATION 0
#endif

enum { ALIGN = 16, FIRST_BLOCK_BYTES = 16 << 10, MAX_BLOCK_BYTES = 1 << 20 };

typedef struct Block {
    struct Block *older;
    size_t used, size; // bytes of data
    _Alignas(ALIGN) char data[];
} Block;

struct Arena {
    Block *newest;
    size_t next_block_bytes;
    size_t allocated_bytes;
};

Arena *arena_create(void)
{
    Arena *arena = xcalloc(1, sizeof(Arena));
    arena->next_block_bytes = FIRST_BLOCK_BYTES;
    return arena;
}

void arena_free(Arena *arena)
{
    if (!arena)
        return;
    for (Block *block = arena->newest; block;) {
        Block *older = block->older;
        free(block);
        block = older;
    }
    free(arena);
}

static Block *block_create(size_t size)
{
    Block *block = xcalloc(1, sizeof(Block) + size);
    block->size = size;
    return block;
}

static COLD void *alloc_slow(Arena *arena, size_t size)
{
    if (BLOCK_PER_ALLOCATION || size > arena->next_block_bytes / 4) {
        Block *block = block_create(size);
        block->used = size;
        if (arena->newest) {
            block->older = arena->newest->older;
            arena->newest->older = block;
        } else {
            arena->newest = block;
        }
        return block->data;
    }
    Block *block = block_create(arena->next_block_bytes);
    if (arena->next_block_bytes < MAX_BLOCK_BYTES)
        arena->next_block_bytes *= 2;
    block->older = arena->newest;
    arena->newest = block;
    block->used = size;
    return block->data;
}

void *arena_alloc(Arena *arena, size_t size)
{
    if (unlikely(size > SIZE_MAX / 2))
        die("out of memory (%zu bytes asked for)", size);
    arena->allocated_bytes += size;
    // Exact under the sanitizer: rounding up would hide a read just past the end.
    size_t rounded = BLOCK_PER_ALLOCATION ? size : align_up(size, ALIGN);
    Block *block = arena->newest;
    if (likely(!BLOCK_PER_ALLOCATION && block && block->size - block->used >= rounded)) {
        void *p = block->data + block->used;
        block->used += rounded;
        return p;
    }
    return alloc_slow(arena, rounded);
}

char *arena_strndup(Arena *arena, const char *s, size_t len)
{
    char *copy = arena_alloc(arena, len + 1);
    if (len > 0)
        memcpy(copy, s, len);
    return copy;
}

char *arena_printf(Arena *arena, const char *fmt, ...)
{
    va_list args, again;
    va_start(args, fmt);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    check(len >= 0);
    char *text = arena_alloc(arena, (size_t)len + 1);
    vsnprintf(text, (size_t)len + 1, fmt, again);
    va_end(again);
    return text;
}

size_t arena_bytes(const Arena *arena)
{
    return arena->allocated_bytes;
}
