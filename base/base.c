// base.c: how csp stops when it is wrong or out of memory, and the malloc family that does so.
//
// fatal() and die() leave by abort() and _exit(): other threads may be running, so no exit
// handler may tear down what they use.
#include "base/base.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

enum { EXIT_CODE_DIE = 2 };

void (*fatal_hook)(void);

static void print_line(const char *prefix, const char *fmt, va_list args)
{
    fflush(stdout);
    fputs(prefix, stderr);
    vfprintf(stderr, fmt, args);
    fputc('\n', stderr);
    fflush(stderr);
}

_Noreturn COLD void fatal(const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    print_line("csp: internal error: ", fmt, args);
    va_end(args);

    // A hook that fails itself must not call itself again.
    void (*hook)(void) = fatal_hook;
    fatal_hook = NULL;
    if (hook)
        hook();
    abort();
}

_Noreturn COLD void die(const char *fmt, ...)
{
    flockfile(stderr); // never given back: who dies as second waits until the process is gone
    va_list args;
    va_start(args, fmt);
    print_line("csp: ", fmt, args);
    va_end(args);
    _exit(EXIT_CODE_DIE);
}

_Noreturn COLD void die_of_sigpipe(void)
{
    signal(SIGPIPE, SIG_DFL);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGPIPE);
    sigprocmask(SIG_UNBLOCK, &set, NULL); // of this thread
    kill(getpid(), SIGPIPE);
    _exit(128 + SIGPIPE);
}

static _Noreturn COLD void out_of_memory(size_t size)
{
    die("out of memory (%zu bytes asked for)", size);
}

void *xmalloc(size_t size)
{
    void *p = malloc(size ? size : 1);
    if (!p)
        out_of_memory(size);
    return p;
}

void *xcalloc(size_t count, size_t size)
{
    void *p = calloc(count ? count : 1, size ? size : 1);
    if (!p)
        out_of_memory(size && count > SIZE_MAX / size ? SIZE_MAX : count * size);
    return p;
}

void *xrealloc(void *old, size_t size)
{
    void *p = realloc(old, size ? size : 1);
    if (!p)
        out_of_memory(size);
    return p;
}

char *xstrdup(const char *s)
{
    size_t size = strlen(s) + 1;
    return memcpy(xmalloc(size), s, size);
}
