// const.h: constant values, exact (GMP), and their arithmetic. Compile time only; GMP is included
// in const.c and nowhere else.
#ifndef CSP_TYPES_CONST_H
#define CSP_TYPES_CONST_H

#include "base/arena.h"
#include "base/str.h"
#include "lexer/token.h"

typedef enum ConstKind {
    CONST_BOOL,
    CONST_STRING,
    CONST_INT,
    CONST_FLOAT,
    CONST_COMPLEX
} ConstKind;

// Immutable; lives in an arena. Integers are exact; floats are exact rationals (huge exponents
// fall back to a wide binary float).
typedef struct Const Const;

ConstKind const_kind(const Const *c);
Const *const_bool(Arena *arena, bool v);
Const *const_string(Arena *arena, const char *s, size_t len);
Const *const_int64(Arena *arena, i64 v);
Const *const_uint64(Arena *arena, u64 v);
Const *const_float64(Arena *arena, double v);
// From a literal's text (TOKEN_INT, FLOAT, IMAG, CHAR, STRING). NULL: malformed or absurdly large.
Const *const_from_literal(Arena *arena, TokenKind kind, Str text);

bool const_is_true(const Const *c);
Str const_str(const Const *c);
bool const_fits_i64(const Const *c, i64 *out); // integers, or floats with an integer value
bool const_fits_u64(const Const *c, u64 *out);
double const_to_f64(const Const *c); // nearest; may be infinite when it overflows
float const_to_f32(const Const *c);
bool const_is_integer(const Const *c); // value is integral (whatever its kind)
int const_sign(const Const *c);
// The real and imaginary part (imaginary 0 for non-complex).
Const *const_real(const Const *c);
Const *const_imag(Arena *arena, const Const *c);
Const *const_make_complex(Arena *arena, const Const *re, const Const *im);
Const *const_to_int(Arena *arena, const Const *c);   // NULL when not integral
Const *const_to_float(Arena *arena, const Const *c); // NULL when complex with imaginary part
// The value rounded to float32/float64; NULL on overflow.
Const *const_round(Arena *arena, const Const *c, int bits);

// Binary operators of Go on operands already of one kind (the larger); TOKEN_QUO on CONST_INT
// truncates. NULL: division by zero, or larger than the 512-bit-mantissa limits allow (*why says
// which).
Const *const_binary(Arena *arena, TokenKind op, const Const *x, const Const *y, const char **why);
Const *const_shift(Arena *arena, TokenKind op, const Const *x, u64 count);
// unsigned_bits: for ^ of unsigned types the width; else 0.
Const *const_unary(Arena *arena, TokenKind op, const Const *x, int unsigned_bits);
int const_compare(const Const *x, const Const *y); // -1 0 1, same kind class
bool const_relation(TokenKind op, const Const *x, const Const *y);
u64 const_bit_length(const Const *c);       // integers
void const_print(const Const *c, Buf *out); // as Go's messages show it

#endif
