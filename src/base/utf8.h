/* SPDX-License-Identifier: MIT */
#ifndef APPINT_UTF8_H
#define APPINT_UTF8_H

#include <stddef.h>
#include <stdint.h>

/*
 * UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing above
 * U+10FFFF. The service counts lengths in code points.
 */

/*
 * The number of code points in TEXT, or -1 if it is not UTF-8; then *BAD
 * (may be NULL) is the offset of the first byte that is wrong.
 */
ptrdiff_t appint_utf8_count(const char *text, size_t len, size_t *bad);

/* Writes CODE_POINT, at most U+10FFFF, and returns the number of bytes. */
size_t appint_utf8_encode(char to[4], uint32_t code_point);

#endif
