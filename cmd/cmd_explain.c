// cmd_explain.c: csp explain: what a kind of error means. The kinds are base/diag.def, the texts
// docs/errors/NAME.md.
//
// A kind is asked for by its name, or by words of a message, also a whole line that was copied from
// a report: then the kind whose text has most of the words is shown.
#include "cmd/explain.h"

#include <ctype.h>
#include <stdio.h>

#include "cmd/options.h"

// ---- Printing ---------------------------------------------------------------------------

static const char *text_of(DiagKind kind)
{
    for (int i = 0; i < error_text_count; i++)
        if (strcmp(error_texts[i].name, diag_kinds[kind].name) == 0)
            return error_texts[i].text;
    return "";
}

static const char *end_of_line(const char *s)
{
    const char *end = strchr(s, '\n');
    return end ? end : s + strlen(s);
}

// The document without its marks: no heading, programs and messages indented.
static void print_text(const char *text)
{
    bool program = false, begun = false;
    for (const char *line = text; *line; line = *end_of_line(line) ? end_of_line(line) + 1 : "") {
        int len = (int)(end_of_line(line) - line);
        if (strncmp(line, "```", 3) == 0) {
            program = !program;
        } else if (line[0] == '#' && !program) {
            continue;
        } else if (program) {
            printf(len > 0 ? "    %.*s\n" : "\n", len, line);
        } else if (line[0] == '>' && len == 1) {
            continue;
        } else if (line[0] == '>') {
            printf("   %.*s\n", len - 1, line + 1);
            begun = true;
        } else if (len > 0 || begun) {
            printf("%.*s\n", len, line);
            begun = true;
        }
    }
}

static void explain(DiagKind kind)
{
    printf("%s: %s\n\n", diag_kinds[kind].name, diag_kinds[kind].title);
    print_text(text_of(kind));
}

static void list_all(void)
{
    static const char *const groups[] = {
        [DIAG_GROUP_KIND] = "Found before a program runs:",
        [DIAG_GROUP_VET] = "What csp vet warns of:",
        [DIAG_GROUP_FATAL] = "How a running program ends:",
    };
    for (int group = 0; group < (int)countof(groups); group++) {
        printf("%s%s\n", group > 0 ? "\n" : "", groups[group]);
        for (int k = 1; k < DIAG_KIND_COUNT; k++)
            if ((int)diag_kinds[k].group == group)
                printf("  %-21s %s\n", diag_kinds[k].name, diag_kinds[k].title);
    }
    printf("\ncsp explain NAME tells more; words of a message will do as well.\n");
}

// ---- Finding ----------------------------------------------------------------------------

static DiagKind kind_named(const char *name)
{
    for (int k = 1; k < DIAG_KIND_COUNT; k++)
        if (strcmp(diag_kinds[k].name, name) == 0)
            return (DiagKind)k;
    return DIAG_NONE;
}

// Whether the pattern, with * for any text, is somewhere in s.
static bool occurs(const char *pattern, const char *s)
{
    while (*pattern == '*')
        pattern++;
    if (*pattern == '\0')
        return true;
    size_t len = strcspn(pattern, "*");
    for (; (s = strchr(s, *pattern)) != NULL; s++)
        if (strncmp(s, pattern, len) == 0 && occurs(pattern + len, s + len))
            return true;
    return false;
}

// The end of a program that the words are about: "send on closed channel".
static DiagKind kind_of_end(const char *words)
{
    DiagKind found = DIAG_NONE;
    for (int k = 1; k < DIAG_KIND_COUNT; k++) {
        const char *text = diag_kinds[k].text;
        if (!text)
            continue;
        // "panic: *" is what all panics begin with.
        bool is_any = strncmp(text, "panic: ", 7) == 0;
        if (is_any && (found != DIAG_NONE || !occurs(text, words)))
            continue;
        if (occurs(text, words) || (strlen(words) > 8 && strstr(text, words)))
            if (found == DIAG_NONE || !is_any)
                found = (DiagKind)k;
    }
    return found;
}

static bool is_word_char(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == ':' || c == '=' || c == '<' || c == '-' ||
           c == '&' || c == '|';
}

// Whether text has the word, whatever its capitals.
static bool has_word(const char *text, const char *word, size_t len)
{
    for (const char *s = text; *s; s++)
        if ((s == text || !is_word_char(s[-1])) && strncasecmp(s, word, len) == 0 &&
            !is_word_char(s[len]))
            return true;
    return false;
}

// What a kind can be found by: its name, its title and the messages at the head of its text.
static void searchable(DiagKind kind, Buf *out)
{
    buf_printf(out, "%s %s ", diag_kinds[kind].name, diag_kinds[kind].title);
    for (const char *s = diag_kinds[kind].name; *s; s++)
        buf_putc(out, *s == '-' ? ' ' : *s);
    buf_putc(out, ' ');
    for (const char *line = text_of(kind); *line;
         line = *end_of_line(line) ? end_of_line(line) + 1 : "") {
        if (line[0] == '>')
            buf_append(out, line, (size_t)(end_of_line(line) - line));
    }
    buf_putc(out, ' ');
}

// The next word of *s; *len is 0 at the end. A colon at its end is none of it.
static const char *next_word(const char **s, size_t *len)
{
    while (**s && !is_word_char(**s))
        (*s)++;
    const char *word = *s;
    while (is_word_char(**s))
        (*s)++;
    *len = (size_t)(*s - word);
    while (*len > 1 && word[*len - 1] == ':' && word[*len - 2] != ':')
        (*len)--;
    return word;
}

// Long words count twice.
static int weight(size_t len)
{
    return len > 3 ? 2 : len > 1 ? 1 : 0;
}

static int total_weight(const char *words)
{
    int total = 0;
    for (size_t len; next_word(&words, &len), len > 0;)
        total += weight(len);
    return total;
}

// The weight of those words that the kind has.
static int count_words(DiagKind kind, const char *words)
{
    Buf text = {0};
    searchable(kind, &text);
    int count = 0;
    for (size_t len;;) {
        const char *word = next_word(&words, &len);
        if (len == 0)
            break;
        if (has_word(text.data, word, len))
            count += weight(len);
    }
    buf_free(&text);
    return count;
}

static int explain_words(const char *words)
{
    enum { SHOWN = 8 };
    int best = 0, hits = 0;
    DiagKind found[SHOWN];
    for (int k = 1; k < DIAG_KIND_COUNT; k++) {
        int count = count_words((DiagKind)k, words);
        if (count > best) {
            best = count;
            hits = 0;
        }
        if (count == best && best > 0 && hits < SHOWN)
            found[hits++] = (DiagKind)k;
    }
    if (best * 2 < total_weight(words))
        hits = 0;
    if (hits == 1) {
        explain(found[0]);
        return EXIT_OK;
    }
    if (hits == 0)
        return usage_error("nothing is known of %s; csp explain lists what is", words);
    printf("That may be one of:\n");
    for (int i = 0; i < hits; i++)
        printf("  %-21s %s\n", diag_kinds[found[i]].name, diag_kinds[found[i]].title);
    return EXIT_OK;
}

static int explain_one(const char *what)
{
    DiagKind kind = kind_named(what);
    if (kind == DIAG_NONE)
        kind = kind_of_end(what);
    if (kind != DIAG_NONE) {
        explain(kind);
        return EXIT_OK;
    }
    if (strchr(what, ' '))
        return explain_words(what);
    const char *near = NULL;
    int distance = 3;
    for (int k = 1; k < DIAG_KIND_COUNT; k++) {
        const char *name = diag_kinds[k].name;
        int d = edit_distance(what, strlen(what), name, strlen(name), distance);
        if (d < distance) {
            distance = d;
            near = name;
        }
    }
    if (near)
        return usage_error("no kind of error is called %s; did you mean %s?", what, near);
    return explain_words(what);
}

int cmd_explain(int argc, char **argv, int first)
{
    if (first >= argc) {
        list_all();
        return EXIT_OK;
    }
    if (strcmp(argv[first], "--help") == 0 || strcmp(argv[first], "-h") == 0) {
        help_command(stdout, command_find("explain"));
        return EXIT_OK;
    }
    int code = EXIT_OK;
    for (int i = first; i < argc && code == EXIT_OK; i++) {
        if (i > first)
            printf("\n");
        code = explain_one(argv[i]);
    }
    return code;
}
