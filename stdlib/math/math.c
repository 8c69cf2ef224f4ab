// math.c: natives of package math. Those that are not in elementary.c are functions of the C
// library.
#include <math.h>

#include "stdlib/math/elementary.h"
#include "stdlib/tables.h"
#include "vm/object.h"

#define ONE(name, function)                                                                        \
    static NativeStatus math_##name(P *p, Slot *args)                                              \
    {                                                                                              \
        (void)p;                                                                                   \
        args[0] = f64_slot(function(slot_f64(args[0])));                                           \
        return NATIVE_OK;                                                                          \
    }
#define TWO(name, function)                                                                        \
    static NativeStatus math_##name(P *p, Slot *args)                                              \
    {                                                                                              \
        (void)p;                                                                                   \
        args[0] = f64_slot(function(slot_f64(args[0]), slot_f64(args[1])));                        \
        return NATIVE_OK;                                                                          \
    }

static double j1_unsigned_zero(double x)
{
    return x == 0 || isinf(x) ? 0 : j1(x);
}

ONE(Sin, elementary_sin)
ONE(Cos, elementary_cos)
ONE(Tan, elementary_tan)
ONE(Asin, elementary_asin)
ONE(Acos, elementary_acos)
ONE(Atan, elementary_atan)
ONE(Sinh, elementary_sinh)
ONE(Cosh, elementary_cosh)
ONE(Tanh, elementary_tanh)
ONE(Asinh, elementary_asinh)
ONE(Acosh, elementary_acosh)
ONE(Atanh, elementary_atanh)
ONE(Exp, elementary_exp)
ONE(Exp2, elementary_exp2)
ONE(Expm1, expm1)
ONE(Log, elementary_log)
ONE(Log2, elementary_log2)
ONE(Log10, elementary_log10)
ONE(Log1p, log1p)
ONE(Sqrt, sqrt)
ONE(Cbrt, elementary_cbrt)
ONE(Floor, floor)
ONE(Ceil, ceil)
ONE(Trunc, trunc)
ONE(Round, round)
ONE(RoundToEven, rint)
ONE(Abs, fabs)
ONE(Gamma, tgamma)
ONE(Erf, erf)
ONE(Erfc, erfc)
ONE(J0, j0)
ONE(J1, j1_unsigned_zero)
ONE(Y0, y0)
ONE(Y1, y1)
ONE(Logb, logb)
TWO(Pow, elementary_pow)
TWO(Mod, fmod)
TWO(Atan2, elementary_atan2)
TWO(Hypot, elementary_hypot)
TWO(Remainder, remainder)
TWO(Copysign, copysign)
#undef ONE
#undef TWO

static NativeStatus math_Nextafter(P *p, Slot *args)
{
    (void)p;
    double x = slot_f64(args[0]), y = slot_f64(args[1]);
    args[0] = f64_slot(x == y ? x : nextafter(x, y)); // C gives y, which may be the other zero
    return NATIVE_OK;
}

static NativeStatus math_FMA(P *p, Slot *args)
{
    (void)p;
    args[0] = f64_slot(fma(slot_f64(args[0]), slot_f64(args[1]), slot_f64(args[2])));
    return NATIVE_OK;
}

// A slot holds the bits of a float, so looking at them is no work.
static NativeStatus math_bits(P *p, Slot *args)
{
    (void)p, (void)args;
    return NATIVE_OK;
}

static NativeStatus math_Frexp(P *p, Slot *args)
{
    (void)p;
    int exponent = 0;
    double v = slot_f64(args[0]);
    args[0] = f64_slot(isfinite(v) ? frexp(v, &exponent) : v);
    args[1] = (Slot)(i64)exponent;
    return NATIVE_OK;
}

static NativeStatus math_Ldexp(P *p, Slot *args)
{
    (void)p;
    i64 exponent = (i64)args[1];
    int e = exponent > 5000 ? 5000 : exponent < -5000 ? -5000 : (int)exponent;
    args[0] = f64_slot(ldexp(slot_f64(args[0]), e));
    return NATIVE_OK;
}

static NativeStatus math_Lgamma(P *p, Slot *args)
{
    (void)p;
    int sign = 1;
    double x = slot_f64(args[0]);
    args[0] = f64_slot(x == -INFINITY ? x : lgamma_r(x, &sign));
    args[1] = (Slot)(i64)(sign < 0 ? -1 : 1);
    return NATIVE_OK;
}

static NativeStatus math_Jn(P *p, Slot *args)
{
    (void)p;
    double x = slot_f64(args[1]);
    args[0] = f64_slot(args[0] != 0 && (x == 0 || isinf(x)) ? 0 : jn((int)args[0], x));
    return NATIVE_OK;
}

static NativeStatus math_Yn(P *p, Slot *args)
{
    (void)p;
    args[0] = f64_slot(yn((int)args[0], slot_f64(args[1])));
    return NATIVE_OK;
}

static const Native natives[] = {
    {"Sin", math_Sin, 0},
    {"Cos", math_Cos, 0},
    {"Tan", math_Tan, 0},
    {"Asin", math_Asin, 0},
    {"Acos", math_Acos, 0},
    {"Atan", math_Atan, 0},
    {"Sinh", math_Sinh, 0},
    {"Cosh", math_Cosh, 0},
    {"Tanh", math_Tanh, 0},
    {"Asinh", math_Asinh, 0},
    {"Acosh", math_Acosh, 0},
    {"Atanh", math_Atanh, 0},
    {"Exp", math_Exp, 0},
    {"Exp2", math_Exp2, 0},
    {"Expm1", math_Expm1, 0},
    {"Log", math_Log, 0},
    {"Log2", math_Log2, 0},
    {"Log10", math_Log10, 0},
    {"Log1p", math_Log1p, 0},
    {"Sqrt", math_Sqrt, 0},
    {"Cbrt", math_Cbrt, 0},
    {"Floor", math_Floor, 0},
    {"Ceil", math_Ceil, 0},
    {"Trunc", math_Trunc, 0},
    {"Round", math_Round, 0},
    {"RoundToEven", math_RoundToEven, 0},
    {"Abs", math_Abs, 0},
    {"Gamma", math_Gamma, 0},
    {"Erf", math_Erf, 0},
    {"Erfc", math_Erfc, 0},
    {"J0", math_J0, 0},
    {"J1", math_J1, 0},
    {"Y0", math_Y0, 0},
    {"Y1", math_Y1, 0},
    {"Logb", math_Logb, 0},
    {"Pow", math_Pow, 0},
    {"Mod", math_Mod, 0},
    {"Atan2", math_Atan2, 0},
    {"Hypot", math_Hypot, 0},
    {"Remainder", math_Remainder, 0},
    {"Copysign", math_Copysign, 0},
    {"Nextafter", math_Nextafter, 0},
    {"FMA", math_FMA, 0},
    {"Float64bits", math_bits, 0},
    {"Float64frombits", math_bits, 0},
    {"Float32bits", math_bits, 0},
    {"Float32frombits", math_bits, 0},
    {"Frexp", math_Frexp, 0},
    {"Ldexp", math_Ldexp, 0},
    {"Lgamma", math_Lgamma, 0},
    {"Jn", math_Jn, 0},
    {"Yn", math_Yn, 0},
};
const NativeTable math_natives = {"math", natives, countof(natives)};
