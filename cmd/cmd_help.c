// cmd_help.c: csp help: the help texts, the manual page and the completion for bash, all of them
// from the tables in options.c.
#include <stdio.h>

#include "base/debug.h"
#include "cmd/options.h"

// ---- Help -----------------------------------------------------------------------------------

static const char *const exit_codes[][2] = {
    {"0", "main returned"},
    {"1", "compile error, unreadable file"},
    {"2", "uncaught panic, deadlock, fatal error, out of memory, output that cannot be written"},
    {"64", "bad usage"},
    {"67", "goroutines still wait under --leaks=error"},
    {"130, 128+n", "interrupted; ended by signal n"},
    {"n", "os.Exit(n)"},
};

static const char *const variables[][2] = {
    {"GOMAXPROCS", "how many threads run goroutines at a time (the number of processors)"},
    {"GOGC", "collect when the heap has grown by so many percent, or off (100)"},
    {"GOMEMLIMIT", "limit of the heap, as in 512MiB"},
    {"GOTRACEBACK", "whose stacks a failing program shows: none, single, all or crash (single)"},
    {"NO_COLOR", "when it is set, errors are shown without colours"},
    {"CSPDEBUG", "switches for people who work on csp; csp help debug lists them"},
};

static void print_option(FILE *out, const Option *o)
{
    char left[40];
    const char *value = o->value ? o->value : "";
    const char *between = *value == '\0' || *value == '[' ? "" : o->name[1] == '-' ? "=" : " ";
    snprintf(left, sizeof left, "%s%s%s", o->name, between, value);
    fprintf(out, "  %-20s %s\n", left, o->help);
}

static void help_print(FILE *out)
{
    fputs("csp runs concurrent programs: goroutines, channels and select.\n\n"
          "  csp FILE... [ARGS]   run a program or script (csp run FILE...)\n"
          "  csp -e CODE          run CODE\n"
          "  csp -                run standard input\n"
          "  csp                  the prompt\n\nCommands:\n",
          out);
    for (int i = 0; i < command_count; i++) {
        char left[64];
        snprintf(left, sizeof left, "%s %s", command_table[i].name, command_table[i].args);
        fprintf(out, "  %-30s %s\n", left, command_table[i].help);
    }
    fputs("\nOptions of csp run:\n", out);
    for (int i = 0; i < option_count; i++)
        if (option_table[i].commands & FOR_RUN)
            print_option(out, &option_table[i]);
    fputs("\nEnvironment:\n", out);
    for (int i = 0; i < countof(variables); i++)
        fprintf(out, "  %-20s %s\n", variables[i][0], variables[i][1]);
    fputs("\nExit codes:\n", out);
    for (int i = 0; i < countof(exit_codes); i++)
        fprintf(out, "  %-20s %s\n", exit_codes[i][0], exit_codes[i][1]);
}

void help_command(FILE *out, const Command *command)
{
    fprintf(out, "csp %s %s\n\n%s", command->name, command->args, command->more);
    if (!command->options)
        return;
    fputs("\nOptions:\n", out);
    for (int i = 0; i < option_count; i++)
        if (option_table[i].commands & command->options)
            print_option(out, &option_table[i]);
}

// ---- The manual page ------------------------------------------------------------------------

// Text for roff: a hyphen that is to be copied is \-, and no line may begin with a dot.
static void put_roff(FILE *out, const char *text)
{
    for (const char *s = text; *s; s++) {
        if (*s == '-' || *s == '\\')
            fputc('\\', out);
        else if ((*s == '.' || *s == '\'') && (s == text || s[-1] == '\n'))
            fputs("\\&", out);
        fputc(*s, out);
    }
}

// An entry of a list: what stands out, and what it means.
static void put_item(FILE *out, const char *term, const char *argument, const char *meaning)
{
    fputs(".TP\n\\fB", out);
    put_roff(out, term);
    fputs("\\fR ", out);
    put_roff(out, argument);
    fputc('\n', out);
    put_roff(out, meaning);
    fputc('\n', out);
}

static void print_man(FILE *out)
{
    fputs(
        ".TH CSP 1 \"\" \"csp " CSP_VERSION "\" \"User commands\"\n"
        ".SH NAME\ncsp \\- run concurrent programs: goroutines, channels and select\n"
        ".SH SYNOPSIS\n"
        ".B csp\nFILE... [ARGS]\n.br\n"
        ".B csp \\-e\nCODE [ARGS]\n.br\n"
        ".B csp \\-\n[ARGS]\n.br\n"
        ".B csp\n.br\n"
        ".B csp\nCOMMAND [OPTIONS] ...\n"
        ".SH DESCRIPTION\n"
        "csp is a small language for concurrency: the concurrent core of Go, compiled to bytecode "
        "and run on all cores. When goroutines wait for one another for ever, it says which, "
        "where, "
        "and for what.\nWithout a command, a file is run; without anything, csp is a prompt.\n"
        ".SH COMMANDS\n",
        out);
    for (int i = 0; i < command_count; i++)
        put_item(out, command_table[i].name, command_table[i].args, command_table[i].more);
    fputs(".SH OPTIONS\n", out);
    for (int i = 0; i < option_count; i++) {
        const Option *o = &option_table[i];
        put_item(out, o->name, o->value ? o->value : "", o->help);
        fputs("(", out);
        const char *comma = "";
        for (int j = 0; j < command_count; j++) {
            if (command_table[j].options & o->commands) {
                fprintf(out, "%s%s", comma, command_table[j].name);
                comma = ", ";
            }
        }
        fputs(")\n", out);
    }
    fputs(".SH ENVIRONMENT\n", out);
    for (int i = 0; i < countof(variables); i++)
        put_item(out, variables[i][0], "", variables[i][1]);
    fputs(".SH EXIT STATUS\n", out);
    for (int i = 0; i < countof(exit_codes); i++)
        put_item(out, exit_codes[i][0], "", exit_codes[i][1]);
    fputs(".SH EXAMPLE\n.nf\n"
          "csp \\-e 'ch := make(chan string, 1); ch <\\- \"hi\"; fmt.Println(<\\-ch)'\n.fi\n",
          out);
}

// ---- Completion -----------------------------------------------------------------------------

static void print_bash(FILE *out)
{
    fputs("# Completion of csp for bash; csp help bash writes it.\n"
          "_csp() {\n"
          "    local word=${COMP_WORDS[COMP_CWORD]} list=''\n"
          "    compopt -o filenames 2>/dev/null\n"
          "    if [[ $COMP_CWORD == 1 && $word != -* ]]; then\n"
          "        list='",
          out);
    for (int i = 0; i < command_count; i++)
        fprintf(out, "%s%s", i ? " " : "", command_table[i].name);
    fputs("'\n    elif [[ $word == -* ]]; then\n        case ${COMP_WORDS[1]} in\n", out);
    for (int i = 0; i < command_count; i++) {
        if (!command_table[i].options)
            continue;
        fprintf(out, "        %s) list='", i == 0 ? "run|-*" : command_table[i].name);
        for (int j = 0; j < option_count; j++)
            if (option_table[j].commands & command_table[i].options)
                fprintf(out, "%s ", option_table[j].name);
        fputs("' ;;\n", out);
    }
    fputs(
        "        esac\n    fi\n"
        "    COMPREPLY=($(compgen -W \"$list\" -- \"$word\"))\n"
        "    [[ $word == -* ]] && return\n"
        "    COMPREPLY+=($(compgen -d -- \"$word\") $(compgen -f -X '!*.@(csp|go)' -- \"$word\"))\n"
        "}\n"
        "shopt -s extglob\n"
        "complete -F _csp csp\n",
        out);
}

int cmd_help(int argc, char **argv, int first)
{
    if (first >= argc) {
        help_print(stdout);
        return EXIT_OK;
    }
    const char *topic = argv[first];
    const Command *command = command_find(topic);
    if (command)
        help_command(stdout, command);
    else if (strcmp(topic, "debug") == 0)
        debug_list(stdout);
    else if (strcmp(topic, "man") == 0)
        print_man(stdout);
    else if (strcmp(topic, "bash") == 0)
        print_bash(stdout);
    else
        return usage_error("no help on %s; there is help on each command, and on debug", topic);
    return EXIT_OK;
}
