/* SPDX-License-Identifier: MIT */
#ifndef APPINT_NUMBER_H
#define APPINT_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Numbers as JSON writes them (RFC 8259, section 6), whatever the host's locale
 * is.
 */

struct appint_number {
    bool is_integer; /* no fraction, no exponent, within 64 bits */
    int64_t integer; /* if is_integer */
    double real;     /* else: the nearest double, or an infinity */
};

/*
 * Reads the number that begins at TEXT, before END; returns where it ends, or
 * NULL, with *NUMBER untouched, if none begins there. Linear in the length.
 */
const char *appint_number_read(const char *text, const char *end,
                               struct appint_number *number);

/* Whether REAL is a whole number of 64 bits: then also *INTEGER. */
bool appint_number_is_whole(double real, int64_t *integer);

#endif
