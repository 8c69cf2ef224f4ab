// child.h: runs a task as main in a process of its own and judges how the process ends.
#ifndef CSP_TESTS_STRESS_CHILD_H
#define CSP_TESTS_STRESS_CHILD_H

#include <errno.h>
#include <sys/wait.h>

#include "tests/stress/tasks.h"

// prepare, if any, is called in the child, with the parent's standard error still in place. The
// process must end with this code, and its standard error begin with this text; `…` in it stands
// for any text.
static inline bool begins_with(const char *text, const char *begin)
{
    const char *gap = strstr(begin, "…");
    size_t len = gap ? (size_t)(gap - begin) : strlen(begin);
    return strncmp(text, begin, len) == 0 && (!gap || strstr(text + len, gap + strlen("…")));
}

static inline bool child_run(TaskFn main_fn, void (*prepare)(void), int code, const char *begin)
{
    int pipe_fds[2];
    REQUIRE(pipe(pipe_fds) == 0);
    pid_t child = fork();
    if (child == 0) {
        if (prepare)
            prepare();
        dup2(pipe_fds[1], STDERR_FILENO);
        close(pipe_fds[0]);
        close(pipe_fds[1]);
        _exit(task_main(main_fn));
    }
    close(pipe_fds[1]);
    char text[4096];
    size_t len = 0;
    while (len < sizeof text - 1) {
        ssize_t n = read(pipe_fds[0], text + len, sizeof text - 1 - len);
        if (n > 0)
            len += (size_t)n;
        else if (n == 0 || errno != EINTR)
            break;
    }
    text[len] = '\0';
    close(pipe_fds[0]);
    int status;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    bool ok = WIFEXITED(status) && WEXITSTATUS(status) == code && begins_with(text, begin);
    if (!ok)
        fprintf(stderr, "status %x, expected %d and:\n%s\ngot:\n%s\n", status, code, begin, text);
    return ok;
}

#endif
