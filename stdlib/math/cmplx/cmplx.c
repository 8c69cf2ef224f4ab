// cmplx.c: natives of package math/cmplx: functions of the C library as they are.
#include <complex.h>
#include <string.h>

#include "stdlib/tables.h"
#include "vm/object.h"

static double complex from_slots(const Slot *s)
{
    // Not CMPLX: clang lacks it. A complex number is two floating numbers side by side (C11 6.2.5).
    double parts[2] = {slot_f64(s[0]), slot_f64(s[1])};
    double complex z;
    memcpy(&z, parts, sizeof(z));
    return z;
}

static NativeStatus give(Slot *args, double complex z)
{
    args[0] = f64_slot(creal(z));
    args[1] = f64_slot(cimag(z));
    return NATIVE_OK;
}

#define ONE(name, function)                                                                        \
    static NativeStatus cmplx_##name(P *p, Slot *args)                                             \
    {                                                                                              \
        (void)p;                                                                                   \
        return give(args, function(from_slots(args)));                                             \
    }

ONE(Acos, cacos)
ONE(Acosh, cacosh)
ONE(Asin, casin)
ONE(Asinh, casinh)
ONE(Atan, catan)
ONE(Atanh, catanh)
ONE(Cos, ccos)
ONE(Cosh, ccosh)
ONE(Exp, cexp)
ONE(Log, clog)
ONE(Sin, csin)
ONE(Sinh, csinh)
ONE(Sqrt, csqrt)
ONE(Tan, ctan)
ONE(Tanh, ctanh)
#undef ONE

static NativeStatus cmplx_pow(P *p, Slot *args)
{
    (void)p;
    return give(args, cpow(from_slots(args), from_slots(args + 2)));
}

static const Native natives[] = {
    {"Acos", cmplx_Acos, 0},   {"Acosh", cmplx_Acosh, 0}, {"Asin", cmplx_Asin, 0},
    {"Asinh", cmplx_Asinh, 0}, {"Atan", cmplx_Atan, 0},   {"Atanh", cmplx_Atanh, 0},
    {"Cos", cmplx_Cos, 0},     {"Cosh", cmplx_Cosh, 0},   {"Exp", cmplx_Exp, 0},
    {"Log", cmplx_Log, 0},     {"Sin", cmplx_Sin, 0},     {"Sinh", cmplx_Sinh, 0},
    {"Sqrt", cmplx_Sqrt, 0},   {"Tan", cmplx_Tan, 0},     {"Tanh", cmplx_Tanh, 0},
    {"pow", cmplx_pow, 0},
};
const NativeTable cmplx_natives = {"math/cmplx", natives, countof(natives)};
