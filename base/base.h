// base.h: what every file may use.
//
// Integer names, small macros, and the two ways to stop because *we* are wrong or out of
// memory. Nothing here knows the language.
#ifndef CSP_BASE_BASE_H
#define CSP_BASE_BASE_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef int8_t i8;
typedef int16_t i16;
typedef int32_t i32;
typedef int64_t i64;
typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

#define countof(a)                     ((int)(sizeof(a) / sizeof((a)[0])))
#define container_of(ptr, type, field) ((type *)((char *)(ptr)-offsetof(type, field)))
#define likely(x)                      __builtin_expect(!!(x), 1)
#define unlikely(x)                    __builtin_expect(!!(x), 0)
#define COLD                           __attribute__((noinline, cold))
#define PRINTF_LIKE(fmt_index, first)  __attribute__((format(printf, fmt_index, first)))

// An assertion that stays in release builds: cheap, and about our own mistakes only.
#define check(x)                                                                                   \
    do {                                                                                           \
        if (unlikely(!(x)))                                                                        \
            fatal("%s:%d: check failed: %s", __FILE__, __LINE__, #x);                              \
    } while (0)

// We are wrong: prints "csp: internal error: …" with what hooks add (G, M, P), aborts.
_Noreturn void fatal(const char *fmt, ...) PRINTF_LIKE(1, 2);

// The front end ran out of memory or the machine refuses something that csp cannot go on
// without: prints "csp: MESSAGE" and exits with code 2.
_Noreturn void die(const char *fmt, ...) PRINTF_LIKE(1, 2);

// Whoever read our output has gone: ends as the signal would have ended us, without a word.
_Noreturn void die_of_sigpipe(void);
// Called by fatal() after its message, so that the runtime can add its state. May be NULL.
extern void (*fatal_hook)(void);

// malloc family that ends in die() instead of returning NULL. For the front end and tables of
// the process, never for program objects.
void *xmalloc(size_t size);
void *xcalloc(size_t count, size_t size);
void *xrealloc(void *p, size_t size);
char *xstrdup(const char *s);

static inline size_t align_up(size_t n, size_t align)
{
    return (n + align - 1) & ~(align - 1);
}

#endif
