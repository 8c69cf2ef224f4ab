// strings.c: natives of package strings: searching, cutting, joining and case.
#include "stdlib/tables.h"
#include "stdlib/unicode/case.h"
#include "vm/object.h"

static i64 find(Str s, Str what)
{
    if (what.len == 0 || what.len > s.len)
        return what.len == 0 ? 0 : -1;
    const char *at = memmem(s.data, s.len, what.data, what.len);
    return at ? at - s.data : -1;
}

static u32 next_rune(Str s, size_t i, int *width)
{
    *width = 1;
    u32 r = (u8)s.data[i];
    return r < 0x80 ? r : utf8_decode(s.data + i, s.len - i, width);
}

static i64 rune_count(Str s)
{
    i64 n = 0;
    int width;
    for (size_t i = 0; i < s.len; i += (size_t)width, n++)
        next_rune(s, i, &width);
    return n;
}

// Copies s to `to`; gives the end.
static char *put(char *to, Str s)
{
    if (s.len)
        memcpy(to, s.data, s.len);
    return to + s.len;
}

static NativeStatus give(P *p, Slot *args, Buf *out)
{
    bool good = vm_string_new(p, out->data, out->len, args);
    buf_free(out);
    return good ? NATIVE_OK : NATIVE_NOMEM;
}

// ---- Searching --------------------------------------------------------------------------------

static NativeStatus strings_index(P *p, Slot *args)
{
    (void)p;
    args[0] = (Slot)find(vm_str(args), vm_str(args + 2));
    return NATIVE_OK;
}

static NativeStatus strings_last_index(P *p, Slot *args)
{
    (void)p;
    Str s = vm_str(args), what = vm_str(args + 2);
    i64 i = (i64)s.len - (i64)what.len;
    while (what.len > 0 && i >= 0 && memcmp(s.data + i, what.data, what.len) != 0)
        i--;
    args[0] = (Slot)(i < 0 ? -1 : i);
    return NATIVE_OK;
}

static NativeStatus strings_index_byte(P *p, Slot *args)
{
    (void)p;
    Str s = vm_str(args);
    const char *at = s.len ? memchr(s.data, (int)args[2], s.len) : NULL;
    args[0] = (Slot)(at ? at - s.data : -1);
    return NATIVE_OK;
}

static NativeStatus strings_last_index_byte(P *p, Slot *args)
{
    (void)p;
    Str s = vm_str(args);
    const char *at = s.len ? memrchr(s.data, (int)args[2], s.len) : NULL;
    args[0] = (Slot)(at ? at - s.data : -1);
    return NATIVE_OK;
}

static i64 count(Str s, Str what)
{
    if (what.len == 0)
        return rune_count(s) + 1;
    i64 n = 0;
    for (i64 at; (at = find(s, what)) >= 0; n++) {
        s.data += at + (i64)what.len;
        s.len -= (size_t)at + what.len;
    }
    return n;
}

static NativeStatus strings_count(P *p, Slot *args)
{
    (void)p;
    args[0] = (Slot)count(vm_str(args), vm_str(args + 2));
    return NATIVE_OK;
}

static NativeStatus strings_equal_fold(P *p, Slot *args)
{
    (void)p;
    Str a = vm_str(args), b = vm_str(args + 2);
    size_t i = 0, k = 0;
    while (i < a.len && k < b.len) {
        int wa, wb;
        u32 ra = next_rune(a, i, &wa), rb = next_rune(b, k, &wb);
        if (ra != rb && rune_fold(ra) != rune_fold(rb))
            break;
        i += (size_t)wa;
        k += (size_t)wb;
    }
    args[0] = i == a.len && k == b.len;
    return NATIVE_OK;
}

// ---- Cutting ----------------------------------------------------------------------------------

static void put_part(Slot *list, i64 i, const char *data, size_t len)
{
    list[2 * i] = len ? ptr_slot(data) : 0;
    list[2 * i + 1] = len;
}

// func split(s, sep string, keep, n int) []string
static NativeStatus strings_split(P *p, Slot *args)
{
    Str s = vm_str(args), sep = vm_str(args + 2);
    size_t keep = args[4];
    i64 parts = sep.len ? count(s, sep) + 1 : rune_count(s), n = (i64)args[5];
    if (n < 0 || n > parts)
        n = parts;
    if (!vm_strings_new(p, (size_t)n, args))
        return NATIVE_NOMEM;
    Slot *list = slot_ptr(args[0]);
    for (i64 i = 0; i < n; i++) {
        size_t len = s.len, skip = s.len;
        if (i < n - 1) {
            int width = 0;
            if (sep.len == 0) {
                next_rune(s, 0, &width);
                len = skip = (size_t)width;
            } else {
                size_t at = (size_t)find(s, sep);
                len = at + keep;
                skip = at + sep.len;
            }
        }
        put_part(list, i, s.data, len);
        s.data += skip;
        s.len -= skip;
    }
    return NATIVE_OK;
}

// The next run of what is no white space, from *at on. False: there is none.
static bool next_field(Str s, size_t *at, size_t *start, size_t *end)
{
    size_t i = *at;
    int width = 0;
    while (i < s.len && rune_is_space(next_rune(s, i, &width)))
        i += (size_t)width;
    if (i >= s.len)
        return false;
    *start = i;
    while (i < s.len && !rune_is_space(next_rune(s, i, &width)))
        i += (size_t)width;
    *end = *at = i;
    return true;
}

// func Fields(s string) []string
static NativeStatus strings_fields(P *p, Slot *args)
{
    Str s = vm_str(args);
    size_t at = 0, start, end, n = 0;
    while (next_field(s, &at, &start, &end))
        n++;
    if (!vm_strings_new(p, n, args))
        return NATIVE_NOMEM;
    Slot *list = slot_ptr(args[0]);
    at = 0;
    for (i64 i = 0; next_field(s, &at, &start, &end); i++)
        put_part(list, i, s.data + start, end - start);
    return NATIVE_OK;
}

// func TrimSpace(s string) string
static NativeStatus strings_trim_space(P *p, Slot *args)
{
    (void)p;
    Str s = vm_str(args);
    int width = 1;
    while (s.len > 0 && rune_is_space(next_rune(s, 0, &width))) {
        s.data += width;
        s.len -= (size_t)width;
    }
    while (s.len > 0) {
        size_t last = s.len - 1;
        while (last > 0 && s.len - last < 4 && ((u8)s.data[last] & 0xc0) == 0x80)
            last--;
        if (!rune_is_space(next_rune(s, last, &width)) || last + (size_t)width != s.len)
            break;
        s.len = last;
    }
    args[0] = s.len ? ptr_slot(s.data) : 0;
    args[1] = s.len;
    return NATIVE_OK;
}

// ---- Making -----------------------------------------------------------------------------------

// func Join(elems []string, sep string) string
static NativeStatus strings_join(P *p, Slot *args)
{
    const Slot *list = slot_ptr(args[0]);
    u64 n = args[1];
    Str sep = vm_str(args + 3);
    if (n == 0) {
        args[0] = args[1] = 0;
        return NATIVE_OK;
    }
    if (n == 1) {
        Str only = vm_str(list);
        args[0] = ptr_slot(only.data);
        args[1] = only.len;
        return NATIVE_OK;
    }
    size_t total = (n - 1) * sep.len;
    for (u64 i = 0; i < n; i++)
        total += list[2 * i + 1];
    char *out = vm_string_alloc(p, total), *at = out;
    if (out == NULL)
        return NATIVE_NOMEM;
    for (u64 i = 0; i < n; i++) {
        if (i > 0)
            at = put(at, sep);
        at = put(at, vm_str(list + 2 * i));
    }
    args[0] = ptr_slot(out);
    args[1] = total;
    return NATIVE_OK;
}

// func repeat(s string, count int) string
static NativeStatus strings_repeat(P *p, Slot *args)
{
    Str s = vm_str(args);
    size_t n = args[2], total = s.len * n;
    if (total == 0) {
        args[0] = args[1] = 0;
        return NATIVE_OK;
    }
    char *out = vm_string_alloc(p, total);
    if (out == NULL)
        return NATIVE_NOMEM;
    for (size_t i = 0; i < n; i++)
        memcpy(out + i * s.len, s.data, s.len);
    args[0] = ptr_slot(out);
    args[1] = total;
    return NATIVE_OK;
}

// func Replace(s, old, new string, n int) string
static NativeStatus strings_replace(P *p, Slot *args)
{
    Str s = vm_str(args), old = vm_str(args + 2), with = vm_str(args + 4);
    i64 n = (i64)args[6], found = n == 0 || str_eq(old, with) ? 0 : count(s, old);
    if (found == 0)
        return NATIVE_OK; // s stands where the result belongs
    if (n < 0 || n > found)
        n = found;
    size_t total = s.len - (size_t)n * old.len + (size_t)n * with.len;
    char *out = vm_string_alloc(p, total), *at = out;
    if (out == NULL)
        return NATIVE_NOMEM;
    for (i64 i = 0; i < n; i++) {
        size_t skip = 0;
        if (old.len == 0) {
            int width = 0;
            if (i > 0)
                next_rune(s, 0, &width);
            skip = (size_t)width;
        } else {
            skip = (size_t)find(s, old);
        }
        at = put(put(at, (Str){s.data, skip}), with);
        s.data += skip + old.len;
        s.len -= skip + old.len;
    }
    put(at, s);
    args[0] = ptr_slot(out);
    args[1] = total;
    return NATIVE_OK;
}

static NativeStatus map_case(P *p, Slot *args, u32 (*map)(u32))
{
    Str s = vm_str(args);
    Buf out = {0};
    bool changed = false;
    int width;
    for (size_t i = 0; i < s.len; i += (size_t)width) {
        u32 r = next_rune(s, i, &width), m = map(r);
        char bytes[4];
        if (m != r || (r == RUNE_ERROR && width == 1))
            changed = true;
        buf_append(&out, bytes, (size_t)utf8_encode(m, bytes));
    }
    if (!changed) {
        buf_free(&out);
        return NATIVE_OK; // s stands where the result belongs
    }
    return give(p, args, &out);
}

static NativeStatus strings_to_upper(P *p, Slot *args)
{
    return map_case(p, args, rune_to_upper);
}

static NativeStatus strings_to_lower(P *p, Slot *args)
{
    return map_case(p, args, rune_to_lower);
}

static NativeStatus strings_to_title(P *p, Slot *args)
{
    return map_case(p, args, rune_to_title);
}

// func view(b []byte) string: its first two words
static NativeStatus strings_view(P *p, Slot *args)
{
    (void)p;
    if (args[1] == 0)
        args[0] = 0;
    return NATIVE_OK;
}

static const Native natives[] = {
    {"Index", strings_index, 0},          {"LastIndex", strings_last_index, 0},
    {"IndexByte", strings_index_byte, 0}, {"LastIndexByte", strings_last_index_byte, 0},
    {"Count", strings_count, 0},          {"EqualFold", strings_equal_fold, 0},
    {"split", strings_split, 0},          {"Fields", strings_fields, 0},
    {"TrimSpace", strings_trim_space, 0}, {"Join", strings_join, 0},
    {"repeat", strings_repeat, 0},        {"Replace", strings_replace, 0},
    {"ToUpper", strings_to_upper, 0},     {"ToLower", strings_to_lower, 0},
    {"ToTitle", strings_to_title, 0},     {"view", strings_view, 0},
};
const NativeTable strings_natives = {"strings", natives, countof(natives)};
