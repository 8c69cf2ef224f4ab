// regexp.c: the native of package regexp: runs a compiled expression over a text, following all
// ways to match at the same time, so that the time is at most the product of both lengths.
//
// A program is a list of instructions of three words: the operation and two operands. Threads are
// kept in order of preference; when one matches, those after it are dropped.
#include <utf8proc.h>

#include "stdlib/tables.h"
#include "stdlib/unicode/sets.h"
#include "vm/object.h"

// As regexp_compile.csp has them.
enum { RE_MATCH, RE_RUNE, RE_ANY, RE_ANY_NOT_NL, RE_CLASS, RE_JUMP, RE_SPLIT, RE_SAVE, RE_ASSERT };
enum { AT_BEGIN_TEXT, AT_END_TEXT, AT_BEGIN_LINE, AT_END_LINE, AT_WORD, AT_NO_WORD };
enum { INS_WORDS = 3, END_OF_TEXT = 0xffffffff };

typedef struct Threads {
    u32 *sparse, *dense; // a set of instructions
    u32 count;
    i64 *caps; // for each instruction
} Threads;

typedef struct Matcher {
    const u32 *prog, *data;
    Str text;
    u32 cap_count;
    u32 *stack; // of what remains to be followed: an instruction, or a capture to restore
    i64 *saved;
} Matcher;

static bool in_class(const u32 *class, u32 r)
{
    bool negated = class[0], found = false;
    u32 n = class[1];
    const u32 *range = class + 2;
    u32 low = 0, high = n; // the ranges are in order and do not touch
    while (low < high) {
        u32 middle = (low + high) / 2;
        if (range[2 * middle + 1] < r)
            low = middle + 1;
        else
            high = middle;
    }
    found = low < n && range[2 * low] <= r;
    const u32 *sets = range + 2 * n + 1;
    for (u32 i = 0; i < range[2 * n] && !found; i++)
        found = (sets[2 * i] >> utf8proc_category((utf8proc_int32_t)r) & 1) != sets[2 * i + 1];
    return found != negated;
}

static bool is_word(u32 r)
{
    return r == '_' || (r >= '0' && r <= '9') || (r >= 'a' && r <= 'z') || (r >= 'A' && r <= 'Z');
}

static bool holds(const Matcher *m, u32 what, size_t pos)
{
    u32 before = pos > 0 ? (u8)m->text.data[pos - 1] : END_OF_TEXT;
    u32 after = pos < m->text.len ? (u8)m->text.data[pos] : END_OF_TEXT;
    switch (what) {
    case AT_BEGIN_TEXT: return pos == 0;
    case AT_END_TEXT: return pos == m->text.len;
    case AT_BEGIN_LINE: return pos == 0 || before == '\n';
    case AT_END_LINE: return pos == m->text.len || after == '\n';
    case AT_WORD: return is_word(before) != is_word(after);
    default: return is_word(before) == is_word(after);
    }
}

static bool has(const Threads *t, u32 pc)
{
    return t->sparse[pc] < t->count && t->dense[t->sparse[pc]] == pc;
}

// Adds all that can be reached from pc without a character, the preferred first.
static void follow(Matcher *m, Threads *t, u32 start, size_t pos, i64 *caps)
{
    u32 depth = 0;
    m->stack[depth++] = start << 1;
    while (depth > 0) {
        u32 top = m->stack[--depth];
        if (top & 1) { // back from what follows a capture
            caps[top >> 1] = m->saved[depth];
            continue;
        }
        u32 pc = top >> 1;
        for (bool going = true; going;) {
            if (has(t, pc))
                break;
            t->sparse[pc] = t->count;
            t->dense[t->count++] = pc;
            const u32 *ins = m->prog + INS_WORDS * pc;
            switch (ins[0]) {
            case RE_JUMP: pc = ins[1]; break;
            case RE_SPLIT:
                m->stack[depth++] = ins[2] << 1;
                pc = ins[1];
                break;
            case RE_SAVE:
                m->saved[depth] = caps[ins[1]];
                m->stack[depth++] = ins[1] << 1 | 1;
                caps[ins[1]] = (i64)pos;
                pc++;
                break;
            case RE_ASSERT:
                going = holds(m, ins[1], pos);
                pc++;
                break;
            default:
                memcpy(t->caps + (size_t)pc * m->cap_count, caps, m->cap_count * sizeof *caps);
                going = false;
            }
        }
    }
}

static bool takes(const Matcher *m, const u32 *ins, u32 r)
{
    switch (ins[0]) {
    case RE_RUNE: return r == ins[1];
    case RE_ANY: return r != END_OF_TEXT;
    case RE_ANY_NOT_NL: return r != '\n' && r != END_OF_TEXT;
    case RE_CLASS: return r != END_OF_TEXT && in_class(m->data + ins[1], r);
    }
    return false;
}

// Finds the first match at `pos` or later; caps gets its places.
static bool run(Matcher *m, Threads *now, Threads *next, Str prefix, size_t pos, bool longest,
                i64 *caps)
{
    bool matched = false;
    i64 *fresh = xmalloc(m->cap_count * sizeof *fresh);
    now->count = 0;
    for (;;) {
        if (now->count == 0) {
            if (matched)
                break;
            if (prefix.len > 0) {
                const char *at = m->text.len > pos ? memmem(m->text.data + pos, m->text.len - pos,
                                                            prefix.data, prefix.len)
                                                   : NULL; // an empty text may be nowhere
                if (!at)
                    break;
                pos = (size_t)(at - m->text.data);
            }
        }
        if (!matched) {
            memset(fresh, 0xff, m->cap_count * sizeof *fresh);
            follow(m, now, 0, pos, fresh);
        }
        int width = 1;
        u32 r = END_OF_TEXT;
        if (pos < m->text.len) {
            r = (u8)m->text.data[pos];
            if (r >= 0x80)
                r = utf8_decode(m->text.data + pos, m->text.len - pos, &width);
        }
        next->count = 0;
        for (u32 i = 0; i < now->count; i++) {
            u32 pc = now->dense[i];
            const u32 *ins = m->prog + INS_WORDS * pc;
            i64 *own = now->caps + (size_t)pc * m->cap_count;
            if (ins[0] == RE_MATCH) {
                if (longest && matched && (own[0] > caps[0] || own[1] <= caps[1]))
                    continue;
                memcpy(caps, own, m->cap_count * sizeof *caps);
                matched = true;
                if (!longest)
                    break; // the others are less preferred
            } else if (takes(m, ins, r)) {
                memcpy(fresh, own, m->cap_count * sizeof *fresh);
                follow(m, next, pc + 1, pos + (size_t)width, fresh);
            }
        }
        if (r == END_OF_TEXT)
            break;
        pos += (size_t)width;
        Threads *old = now;
        now = next;
        next = old;
    }
    free(fresh);
    return matched;
}

// func exec(prog, data []uint32, text, prefix string, pos int, longest bool, caps []int) bool
static NativeStatus regexp_exec(P *p, Slot *args)
{
    (void)p;
    u32 n = (u32)args[1] / INS_WORDS, cap_count = (u32)args[13];
    Matcher m = {.prog = slot_ptr(args[0]),
                 .data = slot_ptr(args[3]),
                 .text = vm_str(args + 6),
                 .cap_count = cap_count};
    // The stack has at most a branch and a capture for each instruction.
    m.stack = xmalloc((2 * (size_t)n + 2) * sizeof *m.stack);
    m.saved = xmalloc((2 * (size_t)n + 2) * sizeof *m.saved);
    Threads lists[2];
    for (int i = 0; i < 2; i++) {
        lists[i].sparse = xcalloc(n, sizeof(u32));
        lists[i].dense = xcalloc(n, sizeof(u32));
        lists[i].caps = xmalloc((size_t)n * cap_count * sizeof(i64));
    }
    bool found =
        run(&m, &lists[0], &lists[1], vm_str(args + 8), args[10], args[11], slot_ptr(args[12]));
    for (int i = 0; i < 2; i++) {
        free(lists[i].sparse);
        free(lists[i].dense);
        free(lists[i].caps);
    }
    free(m.stack);
    free(m.saved);
    args[0] = found;
    return NATIVE_OK;
}

// func scriptRange(name string, index int) (lo, hi rune, ok bool)
static NativeStatus regexp_scriptRange(P *p, Slot *args)
{
    (void)p;
    const RuneSet *set = rune_script(vm_str(args));
    u64 index = args[2];
    bool ok = set && index < (u64)set->count;
    args[0] = ok ? set->ranges[index].first : 0;
    args[1] = ok ? set->ranges[index].last : 0;
    args[2] = ok;
    return NATIVE_OK;
}

static const Native natives[] = {
    {"exec", regexp_exec, 0},
    {"scriptRange", regexp_scriptRange, 0},
};
const NativeTable regexp_natives = {"regexp", natives, countof(natives)};
