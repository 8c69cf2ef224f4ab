// utf8.c: natives of package unicode/utf8. A string and a []byte begin with the same two words, so
// both forms of a function share a native.
#include "stdlib/tables.h"
#include "vm/object.h"

static NativeStatus decode(P *p, Slot *args)
{
    (void)p;
    Str s = vm_str(args);
    int width = 0;
    u32 r = s.len ? utf8_decode(s.data, s.len, &width) : RUNE_ERROR;
    args[0] = r;
    args[1] = (Slot)width;
    return NATIVE_OK;
}

static NativeStatus decode_last(P *p, Slot *args)
{
    (void)p;
    Str s = vm_str(args);
    u32 r = RUNE_ERROR;
    int width = s.len ? 1 : 0;
    for (int back = 1; back <= 4 && (size_t)back <= s.len; back++) {
        const char *at = s.data + s.len - back;
        if (((u8)*at & 0xc0) == 0x80)
            continue;
        int w;
        u32 got = utf8_decode(at, (size_t)back, &w);
        if (w == back) {
            r = got;
            width = w;
        }
        break;
    }
    args[0] = r;
    args[1] = (Slot)width;
    return NATIVE_OK;
}

static NativeStatus rune_count(P *p, Slot *args)
{
    (void)p;
    Str s = vm_str(args);
    u64 n = 0;
    for (size_t i = 0; i < s.len; n++) {
        int width = 1;
        if ((u8)s.data[i] >= 0x80)
            utf8_decode(s.data + i, s.len - i, &width);
        i += (size_t)width;
    }
    args[0] = n;
    return NATIVE_OK;
}

static NativeStatus valid(P *p, Slot *args)
{
    (void)p;
    Str s = vm_str(args);
    args[0] = true;
    for (size_t i = 0; i < s.len;) {
        int width = 1;
        if ((u8)s.data[i] >= 0x80) {
            utf8_decode(s.data + i, s.len - i, &width);
            if (width == 1) {
                args[0] = false;
                break;
            }
        }
        i += (size_t)width;
    }
    return NATIVE_OK;
}

// A prefix is not whole when some continuation bytes would complete it.
static bool is_full(Str s)
{
    if (s.len == 0)
        return false;
    u8 first = (u8)s.data[0];
    size_t need = first < 0xc2 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 1;
    if (s.len >= need)
        return true;
    char whole[4];
    memcpy(whole, s.data, s.len);
    // The second byte has a range of its own after some first bytes.
    if (s.len == 1)
        whole[1] = first == 0xe0 || first == 0xf0 ? (char)0xa0 : (char)0x80;
    for (size_t i = s.len == 1 ? 2 : s.len; i < need; i++)
        whole[i] = (char)0x80;
    int width;
    utf8_decode(whole, need, &width);
    return width == 1;
}

static NativeStatus full_rune(P *p, Slot *args)
{
    (void)p;
    args[0] = is_full(vm_str(args));
    return NATIVE_OK;
}

static const Native natives[] = {
    {"DecodeRune", decode, 0},
    {"DecodeRuneInString", decode, 0},
    {"DecodeLastRune", decode_last, 0},
    {"DecodeLastRuneInString", decode_last, 0},
    {"RuneCount", rune_count, 0},
    {"RuneCountInString", rune_count, 0},
    {"Valid", valid, 0},
    {"ValidString", valid, 0},
    {"FullRune", full_rune, 0},
    {"FullRuneInString", full_rune, 0},
};
const NativeTable utf8_natives = {"unicode/utf8", natives, countof(natives)};
