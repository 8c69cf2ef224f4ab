// str.c: interned names, the text buffer, UTF-8, and edit distance.
//
// The table of names is open-addressed with linear probing and at most half full. Names are
// never removed. Locks: none; only the thread that compiles interns.
#include "base/str.h"

#include <stdarg.h>
#include <stdio.h>

// ---- Names ------------------------------------------------------------------------------

enum { FIRST_SLOTS = 1024 };

static NameText **slots; // NULL: free
static u32 slot_count, name_count;

// FNV-1a: names are short, and what counts is that no keyword needs a second probe often.
static u32 hash_bytes(const char *s, size_t len)
{
    u32 h = 2166136261u;
    for (size_t i = 0; i < len; i++)
        h = (h ^ (u8)s[i]) * 16777619u;
    return h;
}

static void grow_table(void)
{
    u32 count = slot_count ? slot_count * 2 : FIRST_SLOTS;
    NameText **bigger = xcalloc(count, sizeof *bigger);
    for (u32 i = 0; i < slot_count; i++) {
        if (!slots[i])
            continue;
        u32 at = slots[i]->hash & (count - 1);
        while (bigger[at])
            at = (at + 1) & (count - 1);
        bigger[at] = slots[i];
    }
    free(slots);
    slots = bigger;
    slot_count = count;
}

Name name_intern(const char *s, size_t len)
{
    if (len > UINT32_MAX)
        die("a name of %zu bytes is too long", len);
    if (name_count >= slot_count / 2)
        grow_table();
    u32 hash = hash_bytes(s, len);
    u32 at = hash & (slot_count - 1);
    for (; slots[at]; at = (at + 1) & (slot_count - 1)) {
        NameText *name = slots[at];
        if (name->hash == hash && name->len == len && memcmp(name->text, s, len) == 0)
            return name;
    }
    NameText *name = xcalloc(1, sizeof *name + len + 1);
    name->len = (u32)len;
    name->hash = hash;
    memcpy(name->text, s, len);
    slots[at] = name;
    name_count++;
    return name;
}

Name name_from(const char *s)
{
    return name_intern(s, strlen(s));
}

// Every name was made above, as an object that may be written.
NameText *name_mutable(Name name)
{
    return (NameText *)(uintptr_t)name;
}

// ---- Text buffer ------------------------------------------------------------------------

static void buf_reserve(Buf *b, size_t more)
{
    if (more > SIZE_MAX / 2 - b->len)
        die("out of memory (a text of %zu bytes)", b->len);
    size_t need = b->len + more + 1;
    if (need <= b->cap)
        return;
    size_t cap = b->cap ? b->cap * 2 : 64;
    if (cap < need)
        cap = need;
    b->data = xrealloc(b->data, cap);
    b->cap = cap;
}

void buf_append(Buf *b, const char *s, size_t len)
{
    buf_reserve(b, len);
    if (len > 0)
        memcpy(b->data + b->len, s, len);
    b->len += len;
    b->data[b->len] = '\0';
}

void buf_puts(Buf *b, const char *s)
{
    buf_append(b, s, strlen(s));
}

void buf_putc(Buf *b, char c)
{
    buf_append(b, &c, 1);
}

void buf_printf(Buf *b, const char *fmt, ...)
{
    va_list args, again;
    va_start(args, fmt);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    check(len >= 0);
    buf_reserve(b, (size_t)len);
    vsnprintf(b->data + b->len, (size_t)len + 1, fmt, again);
    va_end(again);
    b->len += (size_t)len;
}

void buf_free(Buf *b)
{
    free(b->data);
    *b = (Buf){0};
}

// ---- UTF-8 ------------------------------------------------------------------------------

u32 utf8_decode(const char *s, size_t len, int *width)
{
    const u8 *p = (const u8 *)s;
    *width = 1;
    if (p[0] < 0x80)
        return p[0];

    // The first byte gives the length, and narrows the second: that keeps out overlong forms
    // (E0, F0), surrogates (ED) and what lies above U+10FFFF (F4).
    int count;
    u32 rune;
    u8 low = 0x80, high = 0xBF;
    if (p[0] >= 0xC2 && p[0] <= 0xDF) {
        count = 2;
        rune = p[0] & 0x1F;
    } else if (p[0] >= 0xE0 && p[0] <= 0xEF) {
        count = 3;
        rune = p[0] & 0x0F;
        low = p[0] == 0xE0 ? 0xA0 : low;
        high = p[0] == 0xED ? 0x9F : high;
    } else if (p[0] >= 0xF0 && p[0] <= 0xF4) {
        count = 4;
        rune = p[0] & 0x07;
        low = p[0] == 0xF0 ? 0x90 : low;
        high = p[0] == 0xF4 ? 0x8F : high;
    } else {
        return RUNE_ERROR;
    }
    if (len < (size_t)count || p[1] < low || p[1] > high)
        return RUNE_ERROR;
    rune = rune << 6 | (p[1] & 0x3F);
    for (int i = 2; i < count; i++) {
        if (p[i] < 0x80 || p[i] > 0xBF)
            return RUNE_ERROR;
        rune = rune << 6 | (p[i] & 0x3F);
    }
    *width = count;
    return rune;
}

int utf8_encode(u32 rune, char out[4])
{
    if (rune > 0x10FFFF || (rune >= 0xD800 && rune <= 0xDFFF))
        rune = RUNE_ERROR;
    if (rune < 0x80) {
        out[0] = (char)rune;
        return 1;
    }
    if (rune < 0x800) {
        out[0] = (char)(0xC0 | rune >> 6);
        out[1] = (char)(0x80 | (rune & 0x3F));
        return 2;
    }
    if (rune < 0x10000) {
        out[0] = (char)(0xE0 | rune >> 12);
        out[1] = (char)(0x80 | (rune >> 6 & 0x3F));
        out[2] = (char)(0x80 | (rune & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | rune >> 18);
    out[1] = (char)(0x80 | (rune >> 12 & 0x3F));
    out[2] = (char)(0x80 | (rune >> 6 & 0x3F));
    out[3] = (char)(0x80 | (rune & 0x3F));
    return 4;
}

// ---- Edit distance ----------------------------------------------------------------------

static int min_int(int a, int b)
{
    return a < b ? a : b;
}

int edit_distance(const char *a, size_t alen, const char *b, size_t blen, int max)
{
    // Longer names are nobody's typing error, and the rows stay on the stack.
    enum { MAX_LEN = 128 };
    size_t difference = alen > blen ? alen - blen : blen - alen;
    if (alen > MAX_LEN || blen > MAX_LEN || difference > (size_t)max)
        return max + 1;
    // What is the same at both ends costs nothing.
    for (; alen > 0 && blen > 0 && *a == *b; a++, b++, alen--, blen--)
        ;
    for (; alen > 0 && blen > 0 && a[alen - 1] == b[blen - 1]; alen--, blen--)
        ;
    if (alen == 0 || blen == 0)
        return (int)(alen + blen);

    // Row i holds the distances of a[0..i] to every b[0..j] with |i - j| <= max: all others are
    // larger than max. Transposition looks two rows back.
    int rows[3][MAX_LEN + 2];
    int *before = rows[0], *above = rows[1], *row = rows[2];
    int m = (int)alen, n = (int)blen;
    for (int j = 0; j <= min_int(n, max + 1); j++)
        above[j] = j;
    for (int i = 1; i <= m; i++) {
        int from = i - max > 1 ? i - max : 1, to = min_int(n, i + max);
        row[from - 1] = from == 1 ? i : max + 1;
        if (from > 1)
            before[from - 2] = max + 1;
        int best = row[from - 1];
        for (int j = from; j <= to; j++) {
            int d = above[j - 1] + (a[i - 1] != b[j - 1]);
            d = min_int(d, above[j] + 1);
            d = min_int(d, row[j - 1] + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                d = min_int(d, before[j - 2] + 1);
            row[j] = d;
            best = min_int(best, d);
        }
        row[to + 1] = max + 1;
        // A transposition may come back from the row above. That row's best is at most one less
        // than this one's, so this excludes both.
        if (best > max + 1)
            return max + 1;
        int *recycled = before;
        before = above;
        above = row;
        row = recycled;
    }
    return min_int(above[n], max + 1);
}
