/* SPDX-License-Identifier: MIT */
#ifndef APPINT_CLOCK_H
#define APPINT_CLOCK_H

#include <stdint.h>

/*
 * Microseconds since some fixed point in the past; they never go back. 0 where
 * the system does not tell: what was to happen then is due at once, and what
 * waits looks again.
 */
int64_t appint_clock_monotonic(void);

/* Epoch seconds with their fraction; whole ones where the system tells no more.
 */
double appint_clock_now(void);

enum { APPINT_SECONDS_SIZE = 48 };

/*
 * Writes SECONDS for people to TEXT, in three digits, to the microsecond at
 * most: "0.25", "2", "86400"; the same in every locale. Returns TEXT. In Lua
 * this is text.seconds.
 */
const char *appint_clock_text(double seconds, char text[APPINT_SECONDS_SIZE]);

#endif
