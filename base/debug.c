// debug.c: reading CSPDEBUG by the table debug.def.
#include "base/debug.h"

#include <errno.h>

DebugSwitches debug_switches;

typedef struct Switch {
    const char *name;
    const char *meaning;
    i64 *value;
} Switch;

static const Switch switches[] = {
#define SWITCH(name, meaning) {#name, meaning, &debug_switches.name},
#include "base/debug.def"
#undef SWITCH
};

static const Switch *find_switch(const char *name, size_t len)
{
    for (int i = 0; i < countof(switches); i++) {
        if (strlen(switches[i].name) == len && memcmp(switches[i].name, name, len) == 0)
            return &switches[i];
    }
    return NULL;
}

// One item, "name" or "name=value".
static bool parse_item(const char *item, size_t len)
{
    const char *equals = memchr(item, '=', len);
    size_t name_len = equals ? (size_t)(equals - item) : len;
    const Switch *s = find_switch(item, name_len);
    if (!s) {
        fprintf(stderr, "csp: CSPDEBUG has no switch \"%.*s\"; there are:\n", (int)name_len, item);
        debug_list(stderr);
        return false;
    }
    if (!equals) {
        *s->value = 1;
        return true;
    }
    // A copy, because strtoll needs an end and the item has none.
    char digits[32];
    size_t digit_count = len - name_len - 1;
    char *end = digits;
    if (digit_count > 0 && digit_count < sizeof digits) {
        memcpy(digits, equals + 1, digit_count);
        digits[digit_count] = '\0';
        errno = 0;
        i64 value = strtoll(digits, &end, 10);
        if (errno == 0 && end == digits + digit_count && value >= 0) {
            *s->value = value;
            return true;
        }
    }
    fprintf(stderr, "csp: CSPDEBUG: %s needs a number, not \"%.*s\"\n", s->name, (int)digit_count,
            equals + 1);
    return false;
}

bool debug_parse(const char *text)
{
    if (!text)
        return true;
    while (*text) {
        size_t len = strcspn(text, ",");
        if (len > 0 && !parse_item(text, len))
            return false;
        text += len + (text[len] == ',');
    }
    return true;
}

void debug_list(FILE *out)
{
    for (int i = 0; i < countof(switches); i++)
        fprintf(out, "  %-10s %s\n", switches[i].name, switches[i].meaning);
}
