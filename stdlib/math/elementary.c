// elementary.c: powers, roots, logarithms, angles and hyperbolic functions, to the last digit as Go
// on amd64 has them.
//
// The C library is as exact or more so, but rounds differently in every third case, and what a
// program prints is to be the same. The methods and their coefficients are the classical ones:
// Cephes for angles and tanh, FreeBSD's msun for logarithm, cube root and 2^x, Hart and Cheney for
// sinh, a Taylor series on a sixteenth of the argument for the exponential. Each operation is
// rounded by itself, in the order that stands here; only the exponential fuses them where the
// processor can.
//
// Not here: special cases that the C library has the same, to which they are handed on; and the
// reduction of angles from 2^29 on, where the last digit may differ.
#include "stdlib/math/elementary.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/base.h"

#define PI      3.14159265358979323846
#define HALF_PI 1.57079632679489661923

static double from_bits(u64 bits)
{
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static u64 to_bits(double x)
{
    u64 bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

// Go's math.NaN().
static double not_a_number(void)
{
    return from_bits(0x7ff8000000000001);
}

// c[0]·x^(n-1) + … + c[n-1]
static double polynomial(double x, const double *c, int n)
{
    double sum = c[0];
    for (int i = 1; i < n; i++)
        sum = sum * x + c[i];
    return sum;
}

// ---- Exponential and logarithm ----

static double mul_add(double a, double b, double c)
{
    return __builtin_cpu_supports("fma") ? fma(a, b, c) : a * b + c;
}

double elementary_exp(double x)
{
    static const double LN2_HIGH = 0.69314718055966295651160180568695068359375,
                        LN2_LOW = 0.28235290563031577122588448175013436025525412068e-12;
    static const double inverse_factorials[] = {
        2.4801587301587301587e-5,
        1.9841269841269841270e-4,
        1.3888888888888888889e-3,
        8.3333333333333333333e-3,
        4.1666666666666666667e-2,
        1.6666666666666666667e-1,
        0.5,
        1.0,
    };
    if (!isfinite(x))
        return exp(x);
    if (x > 7.09782712893384e+02)
        return INFINITY;
    if (x < -1000)
        return 0;
    double k = rint(x * 1.4426950408889634073599246810018920);
    double r = mul_add(-k, LN2_LOW, mul_add(-k, LN2_HIGH, x)) * 0.0625;
    double sum = inverse_factorials[0];
    for (int i = 1; i < countof(inverse_factorials); i++)
        sum = mul_add(r, sum, inverse_factorials[i]);
    // e^r - 1, squared four times: (1 + y)² - 1 = y·(y + 2)
    double y = r * sum;
    for (int i = 0; i < 3; i++)
        y *= y + 2;
    y = mul_add(y, y + 2, 1);
    int e = (int)k + 0x3ff;
    if (e >= 0x7ff)
        return INFINITY;
    if (e > 0)
        return y * from_bits((u64)e << 52);
    return e < -52 ? 0 : y * from_bits((u64)(e + 0x3fe) << 52) * from_bits((u64)1 << 52);
}

double elementary_log(double x)
{
    static const double odd[] = {1.479819860511658591e-01, 1.818357216161805012e-01,
                                 2.857142874366239149e-01, 6.666666666666735130e-01};
    static const double even[] = {1.531383769920937332e-01, 2.222219843214978396e-01,
                                  3.999999999940941908e-01};
    if (x < 0)
        return not_a_number();
    if (!(x > 0) || isinf(x))
        return log(x);
    u64 bits = to_bits(x);
    double m = from_bits((bits & 0xfffffffffffff) | to_bits(0.5));
    double k = (double)((int)(bits >> 52) - 0x3fe);
    if (!(7.07106781186547524401e-01 < m)) {
        k -= 1;
        m *= 2;
    }
    double f = m - 1, s = f / (2 + f), s2 = s * s, s4 = s2 * s2;
    double rest = s2 * polynomial(s4, odd, countof(odd)) + s4 * polynomial(s4, even, countof(even));
    double half = 0.5 * f * f;
    return k * 6.93147180369123816490e-01 -
           ((half - (s * (half + rest) + k * 1.90821492927058770002e-10)) - f);
}

double elementary_log10(double x)
{
    return elementary_log(x) * 0.43429448190325182765;
}

double elementary_log2(double x)
{
    if (!(x > 0) || isinf(x))
        return elementary_log(x);
    int e;
    double m = frexp(x, &e);
    return m == 0.5 ? e - 1 : elementary_log(m) * 1.44269504088896340736 + e;
}

double elementary_exp2(double x)
{
    // e^r = 1 + r + r·c/(2-c), where c comes from these.
    static const double coefficients[] = {4.13813679705723846039e-08, -1.65339022054652515390e-06,
                                          6.61375632143793436117e-05, -2.77777777770155933842e-03,
                                          1.66666666666666657415e-01};
    if (!isfinite(x))
        return exp2(x);
    if (x > 1.0239999999999999e+03)
        return INFINITY;
    if (x < -1.0740e+03)
        return 0;
    int k = (int)(x + (x > 0 ? 0.5 : x < 0 ? -0.5 : 0));
    double t = x - k;
    double high = t * 6.93147180369123816490e-01, low = -t * 1.90821492927058770002e-10;
    double r = high - low, rr = r * r;
    double c = r - rr * polynomial(rr, coefficients, countof(coefficients));
    return ldexp(1 - ((low - (r * c) / (2 - c)) - high), k);
}

// The integral part of y by squaring, the rest by way of the logarithm; the exponents of two are
// counted apart, so that only the end can overflow.
double elementary_pow(double x, double y)
{
    if (x == 0 || x == 1 || y == 0 || !isfinite(x) || !isfinite(y))
        return pow(x, y);
    if (y == 1)
        return x;
    if (y == 0.5)
        return sqrt(x);
    if (y == -0.5)
        return 1 / sqrt(x);
    double whole, part = modf(fabs(y), &whole);
    if (part != 0 && x < 0)
        return not_a_number();
    if (whole >= 0x1p63)
        return pow(x, y);
    double result = 1;
    if (part != 0) {
        if (part > 0.5) {
            part--;
            whole++;
        }
        result = elementary_exp(part * elementary_log(x));
    }
    int e;
    double square = frexp(x, &e);
    i64 power = e, exponent = 0;
    for (u64 n = (u64)whole; n != 0; n >>= 1) {
        if (power < -4096 || power > 4096) { // far out of range, whatever follows
            exponent += power;
            break;
        }
        if (n & 1) {
            result *= square;
            exponent += power;
        }
        square *= square;
        power *= 2;
        if (square < 0.5) {
            square += square;
            power--;
        }
    }
    if (y < 0) {
        result = 1 / result;
        exponent = -exponent;
    }
    return ldexp(result, (int)exponent);
}

double elementary_hypot(double x, double y)
{
    x = fabs(x);
    y = fabs(y);
    if (!isfinite(x) || !isfinite(y))
        return hypot(x, y);
    double more = x > y ? x : y, less = x > y ? y : x;
    if (more == 0)
        return 0;
    double q = less / more;
    return more * sqrt(q * q + 1);
}

// A guess by a third of the exponent, made better twice: to 23 bits, and by one step of Newton's.
double elementary_cbrt(double x)
{
    if (x == 0 || !isfinite(x))
        return x;
    double a = fabs(x), t;
    if (a < 0x1p-1022)
        t = from_bits(to_bits(0x1p54 * a) / 3 + ((u64)696219795 << 32));
    else
        t = from_bits(to_bits(a) / 3 + ((u64)715094163 << 32));
    double r = t * t / a, s = 5.42857142857142815906e-01 + r * t;
    t *= 3.57142857142857150787e-01 +
         1.60714285714285720630e+00 /
             (s + 1.41428571428571436819e+00 + -7.05306122448979611050e-01 / s);
    t = from_bits((to_bits(t) & ((u64)0xffffffffc << 28)) + (1 << 30));
    s = t * t;
    r = a / s;
    r = (r - t) / (t + t + r);
    t += t * r;
    return x < 0 ? -t : t;
}

// ---- Hyperbolic functions ----

double elementary_sinh(double x)
{
    static const double above[] = {
        -0.2630563213397497062819489e+2, -0.2894211355989563807284660366e+4,
        -0.8991272022039509355398013511e+5, -0.6307673640497716991184787251e+6};
    static const double below[] = {1, -0.173678953558233699533450911e+3,
                                   0.1521517378790019070696485176e+5,
                                   -0.6307673640497716991212077277e+6};
    double a = fabs(x), y;
    if (x == 0) {
        y = x;
    } else if (a > 21) {
        y = elementary_exp(a) * 0.5;
    } else if (a > 0.5) {
        double e = elementary_exp(a);
        y = (e - 1 / e) * 0.5;
    } else {
        y = polynomial(a * a, above, countof(above)) * a / polynomial(a * a, below, countof(below));
    }
    return x < 0 ? -y : y;
}

double elementary_cosh(double x)
{
    double e = elementary_exp(fabs(x));
    return fabs(x) > 21 ? e * 0.5 : (e + 1 / e) * 0.5;
}

double elementary_tanh(double x)
{
    static const double above[] = {-9.64399179425052238628e-1, -9.92877231001918586564e1,
                                   -1.61468768441708447952e3};
    static const double below[] = {1, 1.12811678491632931402e2, 2.23548839060100448583e3,
                                   4.84406305325125486048e3};
    double a = fabs(x);
    if (x == 0 || isnan(x))
        return x;
    if (a < 0.625) {
        double s = x * x;
        return x +
               x * s * polynomial(s, above, countof(above)) / polynomial(s, below, countof(below));
    }
    double y = a > 0.5 * 8.8029691931113054295988e+01 ? 1 : 1 - 2 / (elementary_exp(2 * a) + 1);
    return x < 0 ? -y : y;
}

#define LN2 6.93147180559945286227e-01

double elementary_asinh(double x)
{
    double a = fabs(x), y;
    if (x == 0 || !isfinite(x))
        return x;
    if (a > 0x1p28)
        y = elementary_log(a) + LN2;
    else if (a > 2)
        y = elementary_log(2 * a + 1 / (sqrt(a * a + 1) + a));
    else
        y = a < 0x1p-28 ? a : log1p(a + a * a / (1 + sqrt(1 + a * a)));
    return x < 0 ? -y : y;
}

double elementary_acosh(double x)
{
    if (!(x >= 1))
        return not_a_number();
    if (x >= 0x1p28)
        return elementary_log(x) + LN2;
    if (x > 2)
        return elementary_log(2 * x - 1 / (x + sqrt(x * x - 1)));
    double t = x - 1;
    return log1p(t + sqrt(2 * t + t * t));
}

double elementary_atanh(double x)
{
    double a = fabs(x), y;
    if (!(a <= 1))
        return not_a_number();
    if (x == 0)
        return x;
    if (a < 0x1p-28)
        y = a;
    else if (a < 0.5)
        y = 0.5 * log1p(a + a + (a + a) * a / (1 - a));
    else
        y = 0.5 * log1p((a + a) / (1 - a));
    return x < 0 ? -y : y;
}

// ---- Angles ----

// x >= 0 less a multiple of π/4 that is even; how many there were.
static double reduce(double x, u64 *octants)
{
    u64 n = (u64)(x * 1.27323954473516268615);
    n += n & 1;
    *octants = n;
    double k = (double)n;
    return ((x - k * 7.85398125648498535156e-1) - k * 3.77489470793079817668e-8) -
           k * 2.69515142907905952645e-15;
}

static bool is_reducible(double x)
{
    return fabs(x) < 0x1p29;
}

static double near_sin(double z)
{
    static const double c[] = {1.58962301576546568060e-10, -2.50507477628578072866e-8,
                               2.75573136213857245213e-6,  -1.98412698295895385996e-4,
                               8.33333333332211858878e-3,  -1.66666666666666307295e-1};
    double zz = z * z;
    return z + z * zz * polynomial(zz, c, countof(c));
}

static double near_cos(double z)
{
    static const double c[] = {-1.13585365213876817300e-11, 2.08757008419747316778e-9,
                               -2.75573141792967388112e-7,  2.48015872888517045348e-5,
                               -1.38888888888730564116e-3,  4.16666666666665929218e-2};
    double zz = z * z;
    return 1.0 - 0.5 * zz + zz * zz * polynomial(zz, c, countof(c));
}

double elementary_sin(double x)
{
    if (x == 0 || !is_reducible(x))
        return sin(x);
    u64 n;
    double z = reduce(fabs(x), &n);
    double y = n & 2 ? near_cos(z) : near_sin(z);
    return ((n & 4) != 0) != (x < 0) ? -y : y;
}

double elementary_cos(double x)
{
    if (!is_reducible(x))
        return cos(x);
    u64 n;
    double z = reduce(fabs(x), &n);
    double y = n & 2 ? near_sin(z) : near_cos(z);
    return ((n & 4) != 0) != ((n & 2) != 0) ? -y : y;
}

double elementary_tan(double x)
{
    static const double above[] = {-1.30936939181383777646e4, 1.15351664838587416140e6,
                                   -1.79565251976484877988e7};
    static const double below[] = {1, 1.36812963470692954678e4, -1.32089234440210967447e6,
                                   2.50083801823357915839e7, -5.38695755929454629881e7};
    if (x == 0 || !is_reducible(x))
        return tan(x);
    u64 n;
    double z = reduce(fabs(x), &n), zz = z * z, y = z;
    if (zz > 1e-14)
        y = z + z * (zz * polynomial(zz, above, countof(above)) /
                     polynomial(zz, below, countof(below)));
    if (n & 2)
        y = -1 / y;
    return x < 0 ? -y : y;
}

static double near_atan(double x)
{
    static const double above[] = {-8.750608600031904122785e-01, -1.615753718733365076637e+01,
                                   -7.500855792314704667340e+01, -1.228866684490136173410e+02,
                                   -6.485021904942025371773e+01};
    static const double below[] = {1,
                                   2.485846490142306297962e+01,
                                   1.650270098316988542046e+02,
                                   4.328810604912902668951e+02,
                                   4.853903996359136964868e+02,
                                   1.945506571482613964425e+02};
    double z = x * x;
    z = z * polynomial(z, above, countof(above)) / polynomial(z, below, countof(below));
    return x * z + x;
}

static double positive_atan(double x)
{
    static const double HALF_PI_REST = 6.123233995736765886130e-17;
    if (x <= 0.66)
        return near_atan(x);
    if (x > 2.41421356237309504880)
        return HALF_PI - near_atan(1 / x) + HALF_PI_REST;
    return PI / 4 + near_atan((x - 1) / (x + 1)) + 0.5 * HALF_PI_REST;
}

double elementary_atan(double x)
{
    if (x == 0 || isnan(x))
        return x;
    return x > 0 ? positive_atan(x) : -positive_atan(-x);
}

double elementary_atan2(double y, double x)
{
    if (x == 0 || y == 0 || !isfinite(x) || !isfinite(y))
        return atan2(y, x);
    double q = elementary_atan(y / x);
    return x > 0 ? q : q <= 0 ? q + PI : q - PI;
}

double elementary_asin(double x)
{
    double a = fabs(x);
    if (x == 0)
        return x;
    if (!(a <= 1))
        return isnan(x) ? x : not_a_number();
    double other = sqrt(1 - a * a);
    double y = a > 0.7 ? HALF_PI - positive_atan(other / a) : positive_atan(a / other);
    return x < 0 ? -y : y;
}

double elementary_acos(double x)
{
    return HALF_PI - elementary_asin(x);
}
