// const.c: constant values and their arithmetic.
//
// Integers are mpz, floats are mpq while numerator and denominator stay under RATIO_BITS; beyond
// that a float is "wide": an integer mantissa of at most WIDE_BITS bits times a power of two. So
// 1e1000000 costs no megabytes, and everything of ordinary size is exact. A complex value is a
// pair of such numbers.
//
// A finished value never changes: its limbs are copied to the arena and read through
// mpz_roinit_n, so that nothing here needs to be freed with GMP's allocator.
//
// Not here: which constants a type can hold (check_const.c).
#include "types/const.h"

#include <ctype.h>
#include <gmp.h>
#include <math.h>
#include <stdio.h>

#include "lexer/lexer.h"

enum {
    WIDE_BITS = 512,
    RATIO_BITS = 4096,
    MAX_LITERAL = 10000,      // characters
    MAX_EXPONENT = 646456993, // of ten, in a literal: Go's limit
    MAX_PRINTED_RUNES = 72,
};

struct Const {
    ConstKind kind;
    bool is_wide; // CONST_FLOAT: z · 2^exponent instead of the ratio z / den
    bool truth;
    Str text;
    mpz_t z; // integer, numerator or mantissa; limbs in the arena
    mpz_t den;
    i64 exponent;
    const Const *re, *im;
};

// ---- Making values ----------------------------------------------------------------------

static Const *new_const(Arena *arena, ConstKind kind)
{
    Const *c = arena_new(arena, Const);
    c->kind = kind;
    return c;
}

static void freeze(Arena *arena, mpz_t out, const mpz_t in)
{
    size_t count = mpz_size(in);
    mp_limb_t *limbs = arena_array(arena, mp_limb_t, count ? count : 1);
    if (count > 0)
        memcpy(limbs, mpz_limbs_read(in), count * sizeof *limbs);
    mpz_roinit_n(out, limbs, mpz_sgn(in) < 0 ? -(mp_size_t)count : (mp_size_t)count);
}

static Const *make_int(Arena *arena, const mpz_t z)
{
    Const *c = new_const(arena, CONST_INT);
    freeze(arena, c->z, z);
    return c;
}

// m · 2^e, rounded to WIDE_BITS, half to even.
static Const *make_wide(Arena *arena, const mpz_t m, i64 e)
{
    Const *c = new_const(arena, CONST_FLOAT);
    c->is_wide = true;
    mpz_t r;
    mpz_init_set(r, m);
    size_t bits = mpz_sgn(r) ? mpz_sizeinbase(r, 2) : 0;
    if (bits > WIDE_BITS) {
        size_t drop = bits - WIDE_BITS;
        mpz_t rest;
        mpz_init(rest);
        mpz_tdiv_r_2exp(rest, r, drop);
        mpz_tdiv_q_2exp(r, r, drop);
        mpz_abs(rest, rest);
        size_t rest_bits = mpz_sgn(rest) ? mpz_sizeinbase(rest, 2) : 0;
        bool up = rest_bits == drop && (mpz_scan1(rest, 0) < drop - 1 || mpz_odd_p(r));
        if (up) {
            if (mpz_sgn(m) < 0)
                mpz_sub_ui(r, r, 1);
            else
                mpz_add_ui(r, r, 1);
        }
        mpz_clear(rest);
        e += (i64)drop;
    }
    if (mpz_sgn(r) == 0)
        e = 0;
    freeze(arena, c->z, r);
    c->exponent = e;
    mpz_clear(r);
    return c;
}

// num / den in wide form.
static Const *divide_wide(Arena *arena, const mpz_t num, i64 num_exp, const mpz_t den, i64 den_exp)
{
    mpz_t q, r, n;
    mpz_inits(q, r, n, NULL);
    size_t nb = mpz_sizeinbase(num, 2), db = mpz_sizeinbase(den, 2);
    size_t shift = WIDE_BITS + 8 + (db > nb ? db - nb : 0);
    mpz_mul_2exp(n, num, shift);
    mpz_tdiv_qr(q, r, n, den);
    // One sticky bit says that something remains.
    mpz_mul_2exp(q, q, 1);
    if (mpz_sgn(r) != 0) {
        if (mpz_sgn(num) * mpz_sgn(den) < 0)
            mpz_sub_ui(q, q, 1);
        else
            mpz_add_ui(q, q, 1);
    }
    Const *c = make_wide(arena, q, num_exp - den_exp - (i64)shift - 1);
    mpz_clears(q, r, n, NULL);
    return c;
}

// The ratio num / den, den != 0; wide when it has become too large.
static Const *make_ratio(Arena *arena, const mpz_t num, const mpz_t den)
{
    mpq_t q;
    mpq_init(q);
    mpz_set(mpq_numref(q), num);
    mpz_set(mpq_denref(q), den);
    mpq_canonicalize(q);
    Const *c;
    if (mpz_sizeinbase(mpq_numref(q), 2) > RATIO_BITS ||
        mpz_sizeinbase(mpq_denref(q), 2) > RATIO_BITS) {
        c = divide_wide(arena, mpq_numref(q), 0, mpq_denref(q), 0);
    } else {
        c = new_const(arena, CONST_FLOAT);
        freeze(arena, c->z, mpq_numref(q));
        freeze(arena, c->den, mpq_denref(q));
    }
    mpq_clear(q);
    return c;
}

// m · 2^e as a ratio if it is of ordinary size.
static Const *make_scaled(Arena *arena, const mpz_t m, i64 e)
{
    i64 bits = (i64)mpz_sizeinbase(m, 2);
    if (mpz_sgn(m) != 0 && (e > RATIO_BITS || e < -RATIO_BITS || bits + e > RATIO_BITS))
        return make_wide(arena, m, e);
    mpz_t num, den;
    mpz_init_set(num, m);
    mpz_init_set_ui(den, 1);
    if (e >= 0)
        mpz_mul_2exp(num, num, (mp_bitcnt_t)e);
    else
        mpz_mul_2exp(den, den, (mp_bitcnt_t)-e);
    Const *c = make_ratio(arena, num, den);
    mpz_clears(num, den, NULL);
    return c;
}

ConstKind const_kind(const Const *c)
{
    return c->kind;
}

Const *const_bool(Arena *arena, bool v)
{
    Const *c = new_const(arena, CONST_BOOL);
    c->truth = v;
    return c;
}

Const *const_string(Arena *arena, const char *s, size_t len)
{
    Const *c = new_const(arena, CONST_STRING);
    c->text = (Str){arena_strndup(arena, s, len), len};
    return c;
}

Const *const_int64(Arena *arena, i64 v)
{
    mpz_t z;
    mpz_init_set_si(z, v);
    Const *c = make_int(arena, z);
    mpz_clear(z);
    return c;
}

Const *const_uint64(Arena *arena, u64 v)
{
    mpz_t z;
    mpz_init_set_ui(z, v);
    Const *c = make_int(arena, z);
    mpz_clear(z);
    return c;
}

Const *const_float64(Arena *arena, double v)
{
    int e;
    double m = frexp(v, &e); // v = m · 2^e, m has 53 bits
    mpz_t z;
    mpz_init_set_d(z, ldexp(m, 53));
    Const *c = make_scaled(arena, z, (i64)e - 53);
    mpz_clear(z);
    return c;
}

// ---- Literals ---------------------------------------------------------------------------

// 10^n · m in wide form, n of any sign.
static Const *wide_power_of_ten(Arena *arena, const mpz_t m, i64 n)
{
    Const *power = NULL, *square;
    mpz_t z;
    mpz_init_set_ui(z, 10);
    square = make_wide(arena, z, 0);
    mpz_set_ui(z, 1);
    power = make_wide(arena, z, 0);
    for (u64 left = (u64)(n < 0 ? -n : n); left > 0; left >>= 1) {
        if (left & 1) {
            mpz_mul(z, power->z, square->z);
            power = make_wide(arena, z, power->exponent + square->exponent);
        }
        mpz_mul(z, square->z, square->z);
        square = make_wide(arena, z, 2 * square->exponent);
    }
    Const *c;
    if (n < 0) {
        c = divide_wide(arena, m, 0, power->z, power->exponent);
    } else {
        mpz_mul(z, m, power->z);
        c = make_wide(arena, z, power->exponent);
    }
    mpz_clear(z);
    return c;
}

// A number without underscores, zero-terminated.
static Const *parse_number(Arena *arena, const char *s, bool is_float)
{
    mpz_t z;
    mpz_init(z);
    Const *c = NULL;
    if (!is_float) {
        int base = 10;
        if (s[0] == '0' && s[1] != '\0') {
            int lower = tolower((u8)s[1]);
            base = lower == 'x' ? 16 : lower == 'b' ? 2 : 8;
            s += lower == 'x' || lower == 'b' || lower == 'o' ? 2 : 1;
        }
        if (mpz_set_str(z, s, base) == 0)
            c = make_int(arena, z);
        mpz_clear(z);
        return c;
    }

    bool hex = s[0] == '0' && tolower((u8)s[1]) == 'x';
    if (hex)
        s += 2;
    char *digits = arena_alloc(arena, strlen(s) + 2);
    size_t count = 0;
    i64 fraction = 0;
    bool after_point = false;
    for (; *s; s++) {
        int lower = tolower((u8)*s);
        if (*s == '.') {
            after_point = true;
        } else if (hex ? lower == 'p' : lower == 'e') {
            break;
        } else {
            digits[count++] = *s;
            fraction += after_point;
        }
    }
    i64 exponent = 0;
    if (*s) {
        char *end;
        exponent = strtol(s + 1, &end, 10);
        if (exponent < -MAX_EXPONENT) {
            exponent = 0; // less than what any constant can tell from zero
            count = 0;
            digits[count++] = '0';
            digits[count] = '\0';
        }
        if (end == s + 1 || *end != '\0' || exponent > MAX_EXPONENT) {
            mpz_clear(z);
            return NULL;
        }
    }
    if (count > 0 && mpz_set_str(z, digits, hex ? 16 : 10) == 0) {
        if (mpz_sgn(z) == 0) {
            c = make_scaled(arena, z, 0);
        } else if (hex) {
            c = make_scaled(arena, z, exponent - 4 * fraction);
        } else {
            exponent -= fraction;
            if (exponent > 1300 || exponent < -1300) {
                c = wide_power_of_ten(arena, z, exponent);
            } else {
                mpz_t power;
                mpz_init(power);
                mpz_ui_pow_ui(power, 10, (unsigned long)(exponent < 0 ? -exponent : exponent));
                if (exponent < 0) {
                    c = make_ratio(arena, z, power);
                } else {
                    mpz_mul(z, z, power);
                    mpz_set_ui(power, 1);
                    c = make_ratio(arena, z, power);
                }
                mpz_clear(power);
            }
        }
    }
    mpz_clear(z);
    return c;
}

// Whether a literal without its "i" is written as an integer.
static bool looks_integer(const char *s)
{
    if (s[0] == '0' && tolower((u8)s[1]) == 'x')
        return strpbrk(s, ".pP") == NULL;
    return strpbrk(s, ".eE") == NULL;
}

Const *const_from_literal(Arena *arena, TokenKind kind, Str text)
{
    if (kind == TOKEN_STRING) {
        Const *c = new_const(arena, CONST_STRING);
        size_t len;
        c->text.data = literal_string(arena, text, &len);
        c->text.len = len;
        return c;
    }
    if (kind == TOKEN_CHAR)
        return const_int64(arena, literal_rune(text));
    if (text.len == 0 || text.len > MAX_LITERAL)
        return NULL;
    char *s = arena_alloc(arena, text.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] != '_')
            s[len++] = text.data[i];
    }
    if (kind != TOKEN_IMAG)
        return parse_number(arena, s, kind == TOKEN_FLOAT);

    s[len - 1] = '\0';
    bool integer = looks_integer(s);
    if (integer && s[0] == '0' && isdigit((u8)s[1])) { // 0123i is 123i, for history
        while (s[0] == '0' && s[1] != '\0')
            s++;
    }
    Const *im = parse_number(arena, s, !integer);
    return im ? const_make_complex(arena, const_int64(arena, 0), im) : NULL;
}

// ---- Looking at values ------------------------------------------------------------------

bool const_is_true(const Const *c)
{
    return c->kind == CONST_BOOL && c->truth;
}

Str const_str(const Const *c)
{
    return c->kind == CONST_STRING ? c->text : (Str){"", 0};
}

static bool is_zero(const Const *c)
{
    return mpz_sgn(c->z) == 0;
}

bool const_is_integer(const Const *c)
{
    switch (c->kind) {
    case CONST_INT: return true;
    case CONST_FLOAT:
        if (c->is_wide)
            return is_zero(c) || c->exponent >= 0 || (i64)mpz_scan1(c->z, 0) >= -c->exponent;
        return mpz_cmp_ui(c->den, 1) == 0;
    case CONST_COMPLEX: return const_sign(c->im) == 0 && const_is_integer(c->re);
    default: return false;
    }
}

Const *const_to_int(Arena *arena, const Const *c)
{
    if (c->kind == CONST_INT)
        return (Const *)c;
    if (!const_is_integer(c))
        return NULL;
    if (c->kind == CONST_COMPLEX)
        return const_to_int(arena, c->re);
    mpz_t z;
    mpz_init_set(z, c->z);
    if (c->is_wide) {
        if (c->exponent > RATIO_BITS) { // too large for any use of an integer
            mpz_clear(z);
            return NULL;
        }
        if (c->exponent >= 0)
            mpz_mul_2exp(z, z, (mp_bitcnt_t)c->exponent);
        else
            mpz_tdiv_q_2exp(z, z, (mp_bitcnt_t)-c->exponent);
    }
    Const *r = make_int(arena, z);
    mpz_clear(z);
    return r;
}

// The integer value of c if it is one and of a size that could matter; a temporary.
static bool integer_value(const Const *c, mpz_t out)
{
    if (c->kind == CONST_COMPLEX)
        c = const_sign(c->im) == 0 ? c->re : c;
    if ((c->kind != CONST_INT && c->kind != CONST_FLOAT) || !const_is_integer(c))
        return false;
    mpz_set(out, c->z);
    if (c->kind == CONST_FLOAT && c->is_wide) {
        if (c->exponent > 128)
            return false;
        if (c->exponent >= 0)
            mpz_mul_2exp(out, out, (mp_bitcnt_t)c->exponent);
        else
            mpz_tdiv_q_2exp(out, out, (mp_bitcnt_t)-c->exponent);
    }
    return true;
}

bool const_fits_i64(const Const *c, i64 *out)
{
    mpz_t z;
    mpz_init(z);
    bool fits = integer_value(c, z) && mpz_fits_slong_p(z);
    if (fits && out)
        *out = mpz_get_si(z);
    mpz_clear(z);
    return fits;
}

bool const_fits_u64(const Const *c, u64 *out)
{
    mpz_t z;
    mpz_init(z);
    bool fits = integer_value(c, z) && mpz_fits_ulong_p(z);
    if (fits && out)
        *out = mpz_get_ui(z);
    mpz_clear(z);
    return fits;
}

int const_sign(const Const *c)
{
    if (c->kind == CONST_COMPLEX)
        return const_sign(c->re) | const_sign(c->im);
    return c->kind == CONST_INT || c->kind == CONST_FLOAT ? mpz_sgn(c->z) : 1;
}

u64 const_bit_length(const Const *c)
{
    return c->kind == CONST_INT && !is_zero(c) ? mpz_sizeinbase(c->z, 2) : 0;
}

// num · 2^num_exp / den to `precision` bits, the last of them worth at least 2^lowest; to
// nearest, half to even.
static double round_quotient(const mpz_t num, i64 num_exp, const mpz_t den, int precision,
                             int lowest)
{
    if (mpz_sgn(num) == 0)
        return 0;
    i64 size = (i64)mpz_sizeinbase(num, 2) - (i64)mpz_sizeinbase(den, 2);
    if (size + num_exp > 1100)
        return mpz_sgn(num) < 0 ? -INFINITY : INFINITY;
    if (size + num_exp < -1200)
        return 0;
    mpz_t q, r, n, d;
    mpz_inits(q, r, n, d, NULL);
    i64 shift = precision + 2 - size;
    mpz_abs(n, num);
    mpz_set(d, den);
    if (shift >= 0)
        mpz_mul_2exp(n, n, (mp_bitcnt_t)shift);
    else
        mpz_mul_2exp(d, d, (mp_bitcnt_t)-shift);
    mpz_tdiv_qr(q, r, n, d);
    bool sticky = mpz_sgn(r) != 0;
    i64 unit = num_exp - shift; // weight of q's last bit
    i64 drop = (i64)mpz_sizeinbase(q, 2) - precision;
    if (unit + drop < lowest)
        drop = lowest - unit;
    double result = 0;
    if (drop > 0) {
        mp_bitcnt_t half = (mp_bitcnt_t)drop - 1;
        bool above = mpz_tstbit(q, half) != 0;
        bool below = sticky || (mpz_sgn(q) != 0 && mpz_scan1(q, 0) < half);
        mpz_tdiv_q_2exp(q, q, (mp_bitcnt_t)drop);
        if (above && (below || mpz_odd_p(q)))
            mpz_add_ui(q, q, 1);
        unit += drop;
    }
    result = ldexp(mpz_get_d(q), (int)unit);
    if (mpz_sgn(num) < 0)
        result = -result;
    mpz_clears(q, r, n, d, NULL);
    return result;
}

static double to_precision(const Const *c, int precision, int lowest)
{
    switch (c->kind) {
    case CONST_COMPLEX: return to_precision(c->re, precision, lowest);
    case CONST_FLOAT:
        if (!c->is_wide)
            return round_quotient(c->z, 0, c->den, precision, lowest);
        break;
    case CONST_INT: break;
    default: return 0;
    }
    mpz_t one;
    mpz_init_set_ui(one, 1);
    double d =
        round_quotient(c->z, c->kind == CONST_FLOAT ? c->exponent : 0, one, precision, lowest);
    mpz_clear(one);
    return d;
}

double const_to_f64(const Const *c)
{
    return to_precision(c, 53, -1074);
}

float const_to_f32(const Const *c)
{
    return (float)to_precision(c, 24, -149); // exact, or too large and so infinite
}

Const *const_real(const Const *c)
{
    return (Const *)(c->kind == CONST_COMPLEX ? c->re : c);
}

Const *const_imag(Arena *arena, const Const *c)
{
    return c->kind == CONST_COMPLEX ? (Const *)c->im : const_int64(arena, 0);
}

Const *const_make_complex(Arena *arena, const Const *re, const Const *im)
{
    Const *c = new_const(arena, CONST_COMPLEX);
    c->re = re;
    c->im = im;
    return c;
}

Const *const_to_float(Arena *arena, const Const *c)
{
    switch (c->kind) {
    case CONST_FLOAT: return (Const *)c;
    case CONST_INT: return make_scaled(arena, c->z, 0);
    case CONST_COMPLEX: return const_sign(c->im) == 0 ? const_to_float(arena, c->re) : NULL;
    default: return NULL;
    }
}

Const *const_round(Arena *arena, const Const *c, int bits)
{
    if (c->kind == CONST_COMPLEX) {
        Const *re = const_round(arena, c->re, bits), *im = const_round(arena, c->im, bits);
        return re && im ? const_make_complex(arena, re, im) : NULL;
    }
    double d = bits == 32 ? (double)const_to_f32(c) : const_to_f64(c);
    return isinf(d) ? NULL : const_float64(arena, d);
}

// ---- Arithmetic -------------------------------------------------------------------------

static Const *int_binary(Arena *arena, TokenKind op, const Const *x, const Const *y,
                         const char **why)
{
    mpz_t r;
    mpz_init(r);
    switch (op) {
    case TOKEN_ADD: mpz_add(r, x->z, y->z); break;
    case TOKEN_SUB: mpz_sub(r, x->z, y->z); break;
    case TOKEN_MUL: mpz_mul(r, x->z, y->z); break;
    case TOKEN_AND: mpz_and(r, x->z, y->z); break;
    case TOKEN_OR: mpz_ior(r, x->z, y->z); break;
    case TOKEN_XOR: mpz_xor(r, x->z, y->z); break;
    case TOKEN_AND_NOT:
        mpz_com(r, y->z);
        mpz_and(r, x->z, r);
        break;
    case TOKEN_QUO:
    case TOKEN_REM:
        if (is_zero(y)) {
            *why = "division by zero";
            mpz_clear(r);
            return NULL;
        }
        if (op == TOKEN_QUO)
            mpz_tdiv_q(r, x->z, y->z);
        else
            mpz_tdiv_r(r, x->z, y->z);
        break;
    default: mpz_clear(r); return NULL;
    }
    Const *c = make_int(arena, r);
    mpz_clear(r);
    return c;
}

// m · 2^e of any float.
static Const *widen(Arena *arena, const Const *c)
{
    return c->is_wide ? (Const *)c : divide_wide(arena, c->z, 0, c->den, 0);
}

static Const *wide_add(Arena *arena, const Const *x, const Const *y, bool subtract)
{
    mpz_t a, b;
    mpz_init_set(a, x->z);
    mpz_init_set(b, y->z);
    if (subtract)
        mpz_neg(b, b);
    i64 e = x->exponent;
    if (mpz_sgn(b) == 0) {
        e = x->exponent;
    } else if (mpz_sgn(a) == 0) {
        mpz_set(a, b);
        mpz_set_ui(b, 0);
        e = y->exponent;
    } else {
        i64 apart = x->exponent - y->exponent;
        const i64 far = 3 * WIDE_BITS;
        if (apart > far) {
            mpz_set_ui(b, 0);
        } else if (apart < -far) {
            mpz_set(a, b);
            mpz_set_ui(b, 0);
            e = y->exponent;
        } else if (apart >= 0) {
            mpz_mul_2exp(a, a, (mp_bitcnt_t)apart);
            e = y->exponent;
        } else {
            mpz_mul_2exp(b, b, (mp_bitcnt_t)-apart);
        }
    }
    mpz_add(a, a, b);
    Const *c = make_wide(arena, a, e);
    mpz_clears(a, b, NULL);
    return c;
}

static Const *wide_binary(Arena *arena, TokenKind op, const Const *x, const Const *y)
{
    x = widen(arena, x);
    y = widen(arena, y);
    if (op == TOKEN_ADD || op == TOKEN_SUB)
        return wide_add(arena, x, y, op == TOKEN_SUB);
    if (op == TOKEN_QUO)
        return divide_wide(arena, x->z, x->exponent, y->z, y->exponent);
    mpz_t r;
    mpz_init(r);
    mpz_mul(r, x->z, y->z);
    Const *c = make_wide(arena, r, x->exponent + y->exponent);
    mpz_clear(r);
    return c;
}

static Const *float_binary(Arena *arena, TokenKind op, const Const *x, const Const *y,
                           const char **why)
{
    if (op == TOKEN_QUO && is_zero(y)) {
        *why = "division by zero";
        return NULL;
    }
    Const *c = NULL;
    if (x->is_wide || y->is_wide) {
        c = wide_binary(arena, op, x, y);
        if (c->exponent + (i64)mpz_sizeinbase(c->z, 2) > INT32_MAX) { // Go's limit
            *why = "overflow";
            return NULL;
        }
        return c;
    }
    mpz_t num, den;
    mpz_inits(num, den, NULL);
    switch (op) {
    case TOKEN_ADD:
    case TOKEN_SUB:
        mpz_mul(num, x->z, y->den);
        mpz_mul(den, y->z, x->den);
        if (op == TOKEN_ADD)
            mpz_add(num, num, den);
        else
            mpz_sub(num, num, den);
        mpz_mul(den, x->den, y->den);
        break;
    case TOKEN_MUL:
        mpz_mul(num, x->z, y->z);
        mpz_mul(den, x->den, y->den);
        break;
    default:
        mpz_mul(num, x->z, y->den);
        mpz_mul(den, x->den, y->z);
        break;
    }
    c = make_ratio(arena, num, den);
    mpz_clears(num, den, NULL);
    return c;
}

// Two real numbers of any kinds, as floats (division) or in the larger kind.
static Const *real_binary(Arena *arena, TokenKind op, const Const *x, const Const *y,
                          const char **why)
{
    if (!x || !y)
        return NULL; // overflow further in
    if (x->kind == CONST_INT && y->kind == CONST_INT && op != TOKEN_QUO)
        return int_binary(arena, op, x, y, why);
    return float_binary(arena, op, const_to_float(arena, x), const_to_float(arena, y), why);
}

static Const *complex_binary(Arena *arena, TokenKind op, const Const *x, const Const *y,
                             const char **why)
{
    const Const *a = const_real(x), *b = const_imag(arena, x);
    const Const *c = const_real(y), *d = const_imag(arena, y);
    const Const *re, *im;
#define OP(op_, l, r) real_binary(arena, TOKEN_##op_, l, r, why)
    if (op == TOKEN_ADD || op == TOKEN_SUB) {
        re = real_binary(arena, op, a, c, why);
        im = real_binary(arena, op, b, d, why);
    } else if (op == TOKEN_MUL) {
        re = OP(SUB, OP(MUL, a, c), OP(MUL, b, d));
        im = OP(ADD, OP(MUL, b, c), OP(MUL, a, d));
    } else {
        const Const *size = OP(ADD, OP(MUL, c, c), OP(MUL, d, d));
        if (size && const_sign(size) == 0) {
            *why = "division by zero";
            return NULL;
        }
        re = OP(QUO, OP(ADD, OP(MUL, a, c), OP(MUL, b, d)), size);
        im = OP(QUO, OP(SUB, OP(MUL, b, c), OP(MUL, a, d)), size);
    }
#undef OP
    return re && im ? const_make_complex(arena, re, im) : NULL;
}

// Constants that are twice the one before would fill the memory.
enum { MAX_STRING_BYTES = 64 << 20 };

Const *const_binary(Arena *arena, TokenKind op, const Const *x, const Const *y, const char **why)
{
    const char *unused;
    if (!why)
        why = &unused;
    *why = NULL;
    if (x->kind == CONST_BOOL) {
        if (op == TOKEN_LAND)
            return const_bool(arena, x->truth && y->truth);
        return op == TOKEN_LOR ? const_bool(arena, x->truth || y->truth) : NULL;
    }
    if (x->kind == CONST_STRING) {
        if (op != TOKEN_ADD)
            return NULL;
        if (x->text.len + y->text.len > MAX_STRING_BYTES) {
            *why = "overflow";
            return NULL;
        }
        Const *c = new_const(arena, CONST_STRING);
        c->text.len = x->text.len + y->text.len;
        char *s = arena_alloc(arena, c->text.len + 1);
        memcpy(s, x->text.data, x->text.len);
        memcpy(s + x->text.len, y->text.data, y->text.len);
        c->text.data = s;
        return c;
    }
    if (x->kind == CONST_COMPLEX || y->kind == CONST_COMPLEX)
        return complex_binary(arena, op, x, y, why);
    if (x->kind == CONST_INT && y->kind == CONST_INT)
        return int_binary(arena, op, x, y, why);
    if (op != TOKEN_ADD && op != TOKEN_SUB && op != TOKEN_MUL && op != TOKEN_QUO)
        return NULL;
    return float_binary(arena, op, const_to_float(arena, x), const_to_float(arena, y), why);
}

Const *const_shift(Arena *arena, TokenKind op, const Const *x, u64 count)
{
    mpz_t r;
    mpz_init(r);
    if (op == TOKEN_SHL)
        mpz_mul_2exp(r, x->z, (mp_bitcnt_t)count);
    else
        mpz_fdiv_q_2exp(r, x->z, (mp_bitcnt_t)count);
    Const *c = make_int(arena, r);
    mpz_clear(r);
    return c;
}

Const *const_unary(Arena *arena, TokenKind op, const Const *x, int unsigned_bits)
{
    if (op == TOKEN_ADD)
        return (Const *)x;
    if (op == TOKEN_NOT)
        return const_bool(arena, !x->truth);
    if (x->kind == CONST_COMPLEX)
        return const_make_complex(arena, const_unary(arena, op, x->re, 0),
                                  const_unary(arena, op, x->im, 0));
    mpz_t r;
    mpz_init(r);
    if (op == TOKEN_XOR) {
        mpz_com(r, x->z);
        if (unsigned_bits > 0)
            mpz_fdiv_r_2exp(r, r, (mp_bitcnt_t)unsigned_bits);
    } else {
        mpz_neg(r, x->z);
    }
    Const *c;
    if (x->kind == CONST_INT) {
        c = make_int(arena, r);
    } else {
        c = new_const(arena, CONST_FLOAT);
        *c = *x;
        freeze(arena, c->z, r);
    }
    mpz_clear(r);
    return c;
}

// ---- Comparing --------------------------------------------------------------------------

static int sign_of(int n)
{
    return (n > 0) - (n < 0);
}

// Of two numbers that are not complex.
static int compare_reals(const Const *x, const Const *y)
{
    if (x->kind == CONST_INT && y->kind == CONST_INT)
        return sign_of(mpz_cmp(x->z, y->z));
    Arena *scratch = arena_create();
    const Const *a = const_to_float(scratch, x), *b = const_to_float(scratch, y);
    int result;
    if (!a->is_wide && !b->is_wide) {
        mpz_t l, r;
        mpz_inits(l, r, NULL);
        mpz_mul(l, a->z, b->den);
        mpz_mul(r, b->z, a->den);
        result = sign_of(mpz_cmp(l, r));
        mpz_clears(l, r, NULL);
    } else {
        result = const_sign(wide_add(scratch, widen(scratch, a), widen(scratch, b), true));
    }
    arena_free(scratch);
    return result;
}

int const_compare(const Const *x, const Const *y)
{
    if (x->kind == CONST_BOOL)
        return (int)x->truth - (int)y->truth;
    if (x->kind == CONST_STRING) {
        size_t len = x->text.len < y->text.len ? x->text.len : y->text.len;
        int order = sign_of(memcmp(x->text.data, y->text.data, len));
        return order ? order : (x->text.len > y->text.len) - (x->text.len < y->text.len);
    }
    if (x->kind == CONST_COMPLEX || y->kind == CONST_COMPLEX) {
        Arena *scratch = arena_create();
        int order = compare_reals(const_real(x), const_real(y));
        if (order == 0)
            order = compare_reals(const_imag(scratch, x), const_imag(scratch, y));
        arena_free(scratch);
        return order;
    }
    return compare_reals(x, y);
}

bool const_relation(TokenKind op, const Const *x, const Const *y)
{
    int order = const_compare(x, y);
    switch (op) {
    case TOKEN_EQL: return order == 0;
    case TOKEN_NEQ: return order != 0;
    case TOKEN_LSS: return order < 0;
    case TOKEN_LEQ: return order <= 0;
    case TOKEN_GTR: return order > 0;
    default: return order >= 0;
    }
}

// ---- Printing ---------------------------------------------------------------------------

// Quoted as Go does it, cut after MAX_PRINTED_RUNES.
static void print_string(Str s, Buf *out)
{
    Buf b = {0};
    int runes = 1;
    size_t cut = 0; // where the text ends if it has to be cut
    buf_putc(&b, '"');
    for (size_t i = 0; i < s.len;) {
        int width;
        u32 rune = utf8_decode(s.data + i, s.len - i, &width);
        size_t before = b.len;
        if (rune == RUNE_ERROR && width == 1)
            buf_printf(&b, "\\x%02x", (u8)s.data[i]);
        else if (rune == '"' || rune == '\\')
            buf_printf(&b, "\\%c", (int)rune);
        else if (rune == '\n')
            buf_puts(&b, "\\n");
        else if (rune == '\t')
            buf_puts(&b, "\\t");
        else if (rune == '\r')
            buf_puts(&b, "\\r");
        else if (rune < 0x20 || rune == 0x7F)
            buf_printf(&b, "\\x%02x", rune);
        else
            buf_append(&b, s.data + i, (size_t)width);
        runes += rune >= 0x80 ? 1 : (int)(b.len - before);
        if (runes <= MAX_PRINTED_RUNES - 3)
            cut = b.len;
        if (runes > 2 * MAX_PRINTED_RUNES)
            break;
        i += (size_t)width;
    }
    if (runes + 1 > MAX_PRINTED_RUNES) {
        buf_append(out, b.data, cut);
        buf_puts(out, "...");
    } else {
        buf_append(out, b.data, b.len);
        buf_putc(out, '"');
    }
    buf_free(&b);
}

static void print_float(const Const *c, Buf *out)
{
    double d = const_to_f64(c);
    if (!isinf(d) && (d == 0) == (const_sign(c) == 0)) {
        buf_printf(out, "%.6g", d);
        return;
    }
    // Beyond float64: mantissa and decimal exponent by logarithms.
    mpf_t f;
    mpf_init2(f, 64);
    long e2;
    double m;
    if (c->is_wide) {
        mpf_set_z(f, c->z);
        m = mpf_get_d_2exp(&e2, f);
        e2 += (long)c->exponent;
    } else {
        mpf_t den;
        mpf_init2(den, 64);
        mpf_set_z(f, c->z);
        mpf_set_z(den, c->den);
        mpf_div(f, f, den);
        m = mpf_get_d_2exp(&e2, f);
        mpf_clear(den);
    }
    mpf_clear(f);
    long double decimal = log10l((long double)fabs(m)) + (long double)e2 * log10l(2.0L);
    long double whole = floorl(decimal);
    long double digits = powl(10.0L, decimal - whole);
    if (digits >= 9.999995L) { // would be rounded to 10
        digits = 1;
        whole++;
    }
    buf_printf(out, "%s%.6Lge%+ld", m < 0 ? "-" : "", digits, (long)whole);
}

void const_print(const Const *c, Buf *out)
{
    switch (c->kind) {
    case CONST_BOOL: buf_puts(out, c->truth ? "true" : "false"); break;
    case CONST_STRING: print_string(c->text, out); break;
    case CONST_INT: {
        char *s = mpz_get_str(NULL, 10, c->z);
        buf_puts(out, s);
        free(s);
        break;
    }
    case CONST_FLOAT: print_float(c, out); break;
    case CONST_COMPLEX:
        buf_putc(out, '(');
        const_print(c->re, out);
        buf_puts(out, " + ");
        const_print(c->im, out);
        buf_puts(out, "i)");
        break;
    }
}
