// main.c: the csp command: which subcommand the first argument chooses.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/debug.h"
#include "cmd/options.h"

// A descriptor that was closed when we began would be the next one that is opened: a program's
// output would go to an event descriptor or a file of its own. As in Go, /dev/null stands there.
static void fill_standard_descriptors(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF && open("/dev/null", O_RDWR) < 0)
            _exit(EXIT_FATAL); // there is nowhere to say so
}

// What csp itself prints (help, bytecode) is lost if this fails; programs' output: stdlib/os.
static int flush_stdout(int code)
{
    if ((fflush(stdout) != 0 || ferror(stdout)) && code == EXIT_OK) {
        fprintf(stderr, "csp: cannot write standard output: %s\n", strerror(errno));
        return EXIT_FATAL;
    }
    return code;
}

static int choose(int argc, char **argv)
{
    if (argc < 2)
        return cmd_repl(argc, argv, argc);
    const char *word = argv[1];
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
        return cmd_help(argc, argv, argc);
    if (strcmp(word, "--version") == 0) {
        printf("csp %s\n", CSP_VERSION);
        return EXIT_OK;
    }
    const Command *command = command_find(word);
    if (command)
        return command->run(argc, argv, 2);
    // A word that is neither a command nor a file is more likely a mistyped command.
    if (word[0] != '-' && !strpbrk(word, "./") && access(word, F_OK) != 0) {
        command = command_like(word);
        if (command)
            return usage_error("unknown command %s; did you mean %s?", word, command->name);
        return usage_error("no command and no file is named %s", *word ? word : "\"\"");
    }
    return cmd_run(argc, argv, 1);
}

int main(int argc, char **argv)
{
    fill_standard_descriptors();
    if (!debug_parse(getenv("CSPDEBUG")))
        return EXIT_USAGE;
    return flush_stdout(choose(argc, argv));
}
