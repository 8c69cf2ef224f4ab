// image.c: the tables of an image.
//
// Every table is address space reserved once (pages appear when they are touched), so that it never
// moves. Instructions are copied into one region in the order in which functions arrive; therefore
// `by_address`, the list of functions in that order, is sorted by address and a program counter is
// found by binary search while units are added. An entry is written before the count that covers
// it.
//
// Not here: checking of code (verify.c); placing of globals (vm/vm.c).
#include "bytecode/image.h"

#include <sys/mman.h>

typedef struct Interner {
    u32 *slots; // number + 1
    u32 cap, used;
} Interner;

typedef struct ImageImpl {
    Image pub; // first
    Ins *code;
    size_t code_used, code_cap; // in words
    Code **by_address;
    u32 by_address_count;
    size_t table_cap; // entries that each table really has
    Interner strings, names, natives;
    u32 native_cap;
} ImageImpl;

static void *reserve(size_t bytes)
{
    void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                   -1, 0);
    return p == MAP_FAILED ? NULL : p;
}

// The largest table of at most `count` entries that the address space allows.
static void *reserve_table(size_t *count, size_t entry_bytes)
{
    for (size_t n = *count; n >= 1024; n /= 2) {
        void *p = reserve(n * entry_bytes);
        if (p) {
            *count = n;
            return p;
        }
    }
    die("cannot reserve address space for code tables: is there a limit (ulimit -v)?");
}

Image *image_create(void)
{
    ImageImpl *im = xcalloc(1, sizeof *im);
    size_t n = IMAGE_MAX_NUMBER;
    im->pub.entries = reserve_table(&n, sizeof *im->pub.entries);
    im->pub.codes = reserve_table(&n, sizeof *im->pub.codes);
    im->pub.statics = reserve_table(&n, sizeof *im->pub.statics);
    im->by_address = reserve_table(&n, sizeof *im->by_address);
    im->pub.types = reserve_table(&n, sizeof *im->pub.types);
    im->pub.strings = reserve_table(&n, sizeof *im->pub.strings);
    im->pub.method_names = reserve_table(&n, sizeof *im->pub.method_names);
    im->table_cap = n;
    size_t natives = IMAGE_MAX_NATIVES;
    im->pub.natives = reserve_table(&natives, sizeof *im->pub.natives);
    im->native_cap = (u32)natives;
    im->code_cap = (size_t)64 << 20;
    im->code = reserve_table(&im->code_cap, sizeof *im->code);
    // number 0 means "none" in every table
    im->pub.func_count = im->pub.type_count = im->pub.string_count = 1;
    im->pub.method_name_count = im->pub.native_count = 1;
    im->pub.strings[0] = (ImageString){"", 0};
    im->pub.method_names[0] = im->pub.natives[0] = "";
    return &im->pub;
}

static ImageImpl *impl(Image *im)
{
    return container_of(im, ImageImpl, pub);
}

u32 image_reserve_func(Image *im)
{
    if (im->func_count >= impl(im)->table_cap)
        die("too many functions: at most %zu", impl(im)->table_cap);
    return im->func_count++;
}

void image_set_func(Image *im, Code *code)
{
    ImageImpl *all = impl(im);
    check(code->id && code->id < im->func_count);
    if (all->code_used + code->ins_count > all->code_cap || all->by_address_count >= all->table_cap)
        die("too much code: at most %zu words", all->code_cap);
    Ins *at = all->code + all->code_used;
    memcpy(at, code->ins, code->ins_count * sizeof(Ins));
    all->code_used += code->ins_count;
    code->ins = at;
    if (!im->statics[code->id]) {
        Closure *c = xcalloc(1, sizeof *c);
        c->func_id = code->id;
        im->statics[code->id] = c;
    }
    im->codes[code->id] = code;
    all->by_address[all->by_address_count] = code;
    __atomic_store_n(&all->by_address_count, all->by_address_count + 1, __ATOMIC_RELEASE);
    __atomic_store_n(&im->entries[code->id], code_entry(code), __ATOMIC_RELEASE);
}

u32 image_add_type(Image *im, RType *t)
{
    if (im->type_count >= impl(im)->table_cap)
        die("too many types: at most %zu", impl(im)->table_cap);
    t->id = im->type_count;
    im->types[t->id] = t;
    im->type_count++;
    return t->id;
}

static u32 hash_bytes(const char *s, size_t len)
{
    u32 h = 2166136261u;
    for (size_t i = 0; i < len; i++)
        h = (h ^ (u8)s[i]) * 16777619u;
    return h ^ h >> 15;
}

typedef Str (*TextOf)(const Image *im, u32 number);

// The place of `text` in the set: holds its number + 1, or 0.
static u32 *interner_find(const Image *im, Interner *set, TextOf text_of, Str text)
{
    if (set->used * 2 >= set->cap) {
        Interner old = *set;
        set->cap = old.cap ? old.cap * 2 : 256;
        set->slots = xcalloc(set->cap, sizeof *set->slots);
        for (u32 i = 0; i < old.cap; i++)
            if (old.slots[i]) {
                Str s = text_of(im, old.slots[i] - 1);
                u32 at = hash_bytes(s.data, s.len) & (set->cap - 1);
                while (set->slots[at])
                    at = (at + 1) & (set->cap - 1);
                set->slots[at] = old.slots[i];
            }
        free(old.slots);
    }
    u32 at = hash_bytes(text.data, text.len) & (set->cap - 1);
    while (set->slots[at] && !str_eq(text_of(im, set->slots[at] - 1), text))
        at = (at + 1) & (set->cap - 1);
    return &set->slots[at];
}

static Str string_text(const Image *im, u32 n)
{
    return (Str){im->strings[n].data, im->strings[n].len};
}
static Str name_text(const Image *im, u32 n)
{
    return str_from(im->method_names[n]);
}
static Str native_text(const Image *im, u32 n)
{
    return str_from(im->natives[n]);
}

u32 image_add_string(Image *im, const char *data, size_t len)
{
    ImageImpl *all = impl(im);
    u32 *found = interner_find(im, &all->strings, string_text, (Str){data, len});
    if (*found)
        return *found - 1;
    if (im->string_count >= all->table_cap)
        die("too many string constants: at most %zu", all->table_cap);
    char *copy = xmalloc(len + 1);
    if (len)
        memcpy(copy, data, len);
    copy[len] = 0;
    im->strings[im->string_count] = (ImageString){copy, len};
    *found = im->string_count + 1;
    all->strings.used++;
    return im->string_count++;
}

u32 image_method_name(Image *im, const char *name)
{
    ImageImpl *all = impl(im);
    u32 *found = interner_find(im, &all->names, name_text, str_from(name));
    if (*found)
        return *found - 1;
    if (im->method_name_count >= all->table_cap)
        die("too many method names: at most %zu", all->table_cap);
    im->method_names[im->method_name_count] = xstrdup(name);
    *found = im->method_name_count + 1;
    all->names.used++;
    return im->method_name_count++;
}

u32 image_add_native(Image *im, const char *qualified_name)
{
    ImageImpl *all = impl(im);
    u32 *found = interner_find(im, &all->natives, native_text, str_from(qualified_name));
    if (*found)
        return *found - 1;
    if (im->native_count >= all->native_cap)
        die("too many natives: at most %u", all->native_cap);
    im->natives[im->native_count] = xstrdup(qualified_name);
    *found = im->native_count + 1;
    all->natives.used++;
    return im->native_count++;
}

u64 image_add_global(Image *im, u64 size, u32 align)
{
    // the first word stays unused, so that no variable has offset 0
    u64 at = align_up(im->global_bytes ? im->global_bytes : 16, align ? align : 1);
    if (size > IMAGE_GLOBAL_BYTES || at > IMAGE_GLOBAL_BYTES - size)
        die("too many package variables: at most %d bytes", IMAGE_GLOBAL_BYTES);
    im->global_bytes = at + size;
    return at;
}

const Code *image_code_at(const Image *im, const Ins *pc, u32 *index)
{
    const ImageImpl *all = container_of((Image *)(uintptr_t)im, ImageImpl, pub);
    u32 low = 0, high = __atomic_load_n(&all->by_address_count, __ATOMIC_ACQUIRE);
    while (low < high) {
        u32 mid = low + (high - low) / 2;
        if (all->by_address[mid]->ins <= pc)
            low = mid + 1;
        else
            high = mid;
    }
    if (!low)
        return NULL;
    const Code *c = all->by_address[low - 1];
    if ((uintptr_t)pc >= (uintptr_t)(c->ins + c->ins_count))
        return NULL;
    if (index)
        *index = (u32)(pc - c->ins);
    return c;
}
