// print.c: how print, println and uncaught panics show values: as Go's runtime does, not as fmt.
#include <math.h>
#include <stdio.h>

#include "vm/vm_impl.h"

// +1.500000e+000
static void print_float(Buf *out, double f)
{
    if (isnan(f)) {
        buf_puts(out, "NaN");
    } else if (isinf(f)) {
        buf_puts(out, f > 0 ? "+Inf" : "-Inf");
    } else {
        // seven digits and an exponent of three
        char text[48];
        snprintf(text, sizeof text, "%+.6e", f);
        char *e = strchr(text, 'e');
        int exponent = atoi(e + 1);
        snprintf(e, 16, "e%c%03d", exponent < 0 ? '-' : '+', abs(exponent));
        buf_puts(out, text);
    }
}

static void put_complex(Buf *out, double re, double im)
{
    buf_putc(out, '(');
    print_float(out, re);
    print_float(out, im);
    buf_puts(out, "i)");
}

static unsigned long long shown(Slot address)
{
    return sched_shown_address(address);
}

// An interface's word: a small value stands there itself.
static unsigned long long shown_word(const RType *t, Slot word)
{
    bool value = t && rtype_is(t, RTYPE_DIRECT) && rtype_is(t, RTYPE_PTRFREE);
    return value ? word : shown(word);
}

void print_values(const Slot *v, const ImageString *letters, Buf *out)
{
    for (u64 i = 0; i < letters->len; i++) {
        switch (letters->data[i]) {
        case 'i': buf_printf(out, "%lld", (long long)*v++); break;
        case 'u': buf_printf(out, "%llu", (unsigned long long)*v++); break;
        case 'f': print_float(out, slot_f64(*v++)); break;
        case 'g': print_float(out, (double)slot_f32(*v++)); break;
        case 'b': buf_puts(out, *v++ ? "true" : "false"); break;
        case 's':
            buf_append(out, slot_ptr(v[0]), v[1]);
            v += 2;
            break;
        case 'p': buf_printf(out, "0x%llx", shown(*v++)); break;
        case 'e': {
            unsigned long long type = shown(v[0]);
            buf_printf(out, "(0x%llx,0x%llx)", type, shown_word(slot_ptr(v[0]), v[1]));
            v += 2;
            break;
        }
        case 'l':
            buf_printf(out, "[%llu/%llu]0x%llx", (unsigned long long)v[1], (unsigned long long)v[2],
                       shown(v[0]));
            v += 3;
            break;
        case 'c':
            put_complex(out, slot_f64(v[0]), slot_f64(v[1]));
            v += 2;
            break;
        case 'C':
            put_complex(out, (double)slot_f32(v[0]), (double)slot_f32(v[1]));
            v += 2;
            break;
        case '_': buf_putc(out, ' '); break;
        case 'n': buf_putc(out, '\n'); break;
        default: break;
        }
    }
}

void print_panic_value(const RType *t, Slot word, Buf *out)
{
    if (!t) {
        buf_puts(out, "nil");
        return;
    }
    // predeclared types print bare, declared ones as main.Myint(3)
    bool declared = rtype_is(t, RTYPE_NAMED) && t->pkg && *t->pkg;
    const char *quote = declared && t->kind == RK_STRING ? "\"" : "";
    Value v = {(RType *)(uintptr_t)t, word};
    if (t->kind > RK_COMPLEX128 && t->kind != RK_STRING) {
        buf_printf(out, "(%s) 0x%llx", t->name, shown_word(t, word));
        return;
    }
    if (declared)
        buf_printf(out, "%s(%s", t->name, quote);
    switch ((RKind)t->kind) {
    case RK_BOOL: buf_puts(out, word ? "true" : "false"); break;
    case RK_INT:
    case RK_INT8:
    case RK_INT16:
    case RK_INT32:
    case RK_INT64: buf_printf(out, "%lld", (long long)word); break;
    case RK_FLOAT32:
    case RK_FLOAT64: print_float(out, vm_value_float(v)); break;
    case RK_COMPLEX64:
    case RK_COMPLEX128: {
        double c[2];
        vm_value_complex(v, c);
        put_complex(out, c[0], c[1]);
        break;
    }
    case RK_STRING: buf_append(out, vm_value_string(v).data, vm_value_string(v).len); break;
    default: buf_printf(out, "%llu", (unsigned long long)word); break;
    }
    if (declared)
        buf_printf(out, "%s)", quote);
}
