/* SPDX-License-Identifier: MIT */
#ifndef APPINT_TIMESTAMP_H
#define APPINT_TIMESTAMP_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Times as text, without the C library's time zones and locales.
 */

/*
 * Reads "2026-11-22T10:20:30.5Z" (RFC 3339; an offset like +01:00 too) or
 * "Sun, 22 Nov 2026 10:20:30 GMT" (RFC 9110) into epoch seconds. False, with
 * *SECONDS untouched, for anything else.
 */
bool appint_timestamp_parse(const char *text, size_t len, double *seconds);

#endif
