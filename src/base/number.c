/* SPDX-License-Identifier: MIT */
/* Numbers as JSON writes them: see number.h. */

#include "base/number.h"

#include <float.h>
#include <stddef.h>
#include <stdlib.h>

#ifndef FLT_EVAL_METHOD /* some compilers do not tell */
#define FLT_EVAL_METHOD (-1)
#endif

enum {
    SURE_DIGITS = 18,      /* so many fit into 64 bits, whatever they are */
    KEPT_DIGITS = 800,     /* 767 decide every double; the rest only whether
                              there is a rest */
    EXPONENT_LIMIT = 99999 /* far beyond what a double holds */
};

/* The parts of a number in its text. */
struct parts {
    bool negative;
    const char *whole; /* its digits, of which there is one at least */
    const char *fraction;
    ptrdiff_t whole_count;
    ptrdiff_t fraction_count;
    bool has_exponent;
    long exponent;
};

static bool is_digit(const char *at, const char *end)
{
    return at < end && *at >= '0' && *at <= '9';
}

static const char *skip_digits(const char *at, const char *end)
{
    while (is_digit(at, end)) {
        at++;
    }
    return at;
}

static const char *read_fraction(const char *at, const char *end,
                                 struct parts *parts)
{
    if (at == end || *at != '.') {
        return at;
    }
    parts->fraction = ++at;
    at = skip_digits(at, end);
    parts->fraction_count = at - parts->fraction;
    return parts->fraction_count > 0 ? at : NULL;
}

static const char *read_exponent(const char *at, const char *end,
                                 struct parts *parts)
{
    bool negative = false;
    const char *first;

    if (at == NULL || at == end || (*at != 'e' && *at != 'E')) {
        return at;
    }
    at++;
    if (at < end && (*at == '+' || *at == '-')) {
        negative = *at++ == '-';
    }
    for (first = at; is_digit(at, end); at++) {
        if (parts->exponent < EXPONENT_LIMIT) {
            parts->exponent = parts->exponent * 10 + (*at - '0');
        }
    }
    parts->has_exponent = true;
    parts->exponent = negative ? -parts->exponent : parts->exponent;
    return at > first ? at : NULL;
}

static const char *read_parts(const char *at, const char *end,
                              struct parts *parts)
{
    if (at < end && *at == '-') {
        parts->negative = true;
        at++;
    }
    parts->whole = at;
    at = skip_digits(at, end);
    parts->whole_count = at - parts->whole;
    if (parts->whole_count == 0 ||
        (parts->whole_count > 1 && *parts->whole == '0')) {
        return NULL;
    }
    return read_exponent(read_fraction(at, end, parts), end, parts);
}

/* The digits as an integer; false if they are too many for 64 bits. */
static bool to_integer(const struct parts *parts, int64_t *integer)
{
    uint64_t value = 0;
    uint64_t most = (uint64_t)INT64_MAX + (parts->negative ? 1 : 0);

    if (parts->whole_count > SURE_DIGITS + 1) {
        return false;
    }
    for (ptrdiff_t i = 0; i < parts->whole_count; i++) {
        value = value * 10 + (uint64_t)(parts->whole[i] - '0');
    }
    if (value > most) {
        return false;
    }
    *integer = (int64_t)(parts->negative ? 0 - value : value);
    return true;
}

/*
 * Few digits and a small power of ten are doubles, and so one rounding is all
 * that their product or quotient needs.
 */
static bool to_double_exactly(const struct parts *parts, double *real)
{
    static const double powers[] = {
        1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
        1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    long exponent = parts->exponent - (long)parts->fraction_count;
    int64_t digits = 0;

    if (FLT_EVAL_METHOD != 0 || exponent < -22 || exponent > 22 ||
        parts->whole_count + parts->fraction_count > 15) {
        return false;
    }
    for (ptrdiff_t i = 0; i < parts->whole_count; i++) {
        digits = digits * 10 + (parts->whole[i] - '0');
    }
    for (ptrdiff_t i = 0; i < parts->fraction_count; i++) {
        digits = digits * 10 + (parts->fraction[i] - '0');
    }
    *real = exponent < 0 ? (double)digits / powers[-exponent]
                         : (double)digits * powers[exponent];
    return true;
}

/* Digits on their way to strtod. */
struct digits {
    char text[KEPT_DIGITS + sizeof "1e-2147483648"];
    size_t count;
    long dropped; /* behind those that are kept */
    bool rest;    /* whether one of the dropped ones is not 0 */
};

static void keep(struct digits *digits, const char *from, ptrdiff_t count)
{
    for (ptrdiff_t i = 0; i < count; i++) {
        if (digits->count == 0 && from[i] == '0') {
            continue;
        }
        if (digits->count < KEPT_DIGITS) {
            digits->text[digits->count++] = from[i];
        } else {
            digits->rest = digits->rest || from[i] != '0';
            digits->dropped++;
        }
    }
}

/* strtod, of digits without a decimal point: no locale changes those. */
static double to_double(const struct parts *parts)
{
    struct digits digits = {.count = 0};
    long exponent = parts->exponent;
    char *at;

    keep(&digits, parts->whole, parts->whole_count);
    keep(&digits, parts->fraction, parts->fraction_count);
    if (digits.count == 0) {
        return 0;
    }
    exponent += digits.dropped - (long)parts->fraction_count;
    if (digits.rest) {
        digits.text[digits.count++] = '1';
        exponent--;
    }
    at = digits.text + digits.count;
    *at++ = 'e';
    *at++ = exponent < 0 ? '-' : '+';
    exponent =
        labs(exponent) > EXPONENT_LIMIT ? EXPONENT_LIMIT : labs(exponent);
    for (long unit = 10000; unit > 0; unit /= 10) {
        *at++ = (char)('0' + exponent / unit % 10);
    }
    *at = '\0';
    return strtod(digits.text, NULL);
}

const char *appint_number_read(const char *text, const char *end,
                               struct appint_number *number)
{
    struct parts parts = {.exponent = 0};
    const char *stop = read_parts(text, end, &parts);
    double real = 0;

    if (stop == NULL) {
        return NULL;
    }
    number->is_integer = parts.fraction == NULL && !parts.has_exponent &&
                         to_integer(&parts, &number->integer);
    if (!number->is_integer) {
        if (!to_double_exactly(&parts, &real)) {
            real = to_double(&parts);
        }
        number->real = parts.negative ? -real : real;
    }
    return stop;
}

bool appint_number_is_whole(double real, int64_t *integer)
{
    /* NaN is not within any bounds. */
    if (!(real >= -9223372036854775808.0 && real < 9223372036854775808.0) ||
        (double)(int64_t)real != real) {
        return false;
    }
    *integer = (int64_t)real;
    return true;
}
