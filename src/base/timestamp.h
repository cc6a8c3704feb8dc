/* SPDX-License-Identifier: MIT */
#ifndef APPINT_TIMESTAMP_H
#define APPINT_TIMESTAMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Times as text, without the C library's time zones and locales.
 */

/*
 * Reads "2026-11-22T10:20:30.5Z" (RFC 3339; an offset like +01:00 too) or
 * "Sun, 22 Nov 2026 10:20:30 GMT" (RFC 9110) into epoch seconds. False, with
 * *SECONDS untouched, for anything else.
 */
bool appint_timestamp_parse(const char *text, size_t len, double *seconds);

enum { APPINT_TIMESTAMP_SIZE = 16 };

/*
 * Writes epoch SECONDS, year 0 to 9999, as "20150830T123600Z" (the basic form
 * of ISO 8601), without a zero byte at the end.
 */
void appint_timestamp_format(char to[APPINT_TIMESTAMP_SIZE], int64_t seconds);

#endif
