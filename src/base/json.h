/* SPDX-License-Identifier: MIT */
#ifndef APPINT_JSON_H
#define APPINT_JSON_H

#include <stddef.h>

#include "base/buf.h"

/*
 * Writing JSON values (RFC 8259) to a buffer. Structure (commas, brackets) is
 * the caller's: only the caller knows the shape.
 */

/* A string with its quotes. TEXT is taken as UTF-8 and not checked. */
void appint_json_string(struct appint_buf *out, const char *text, size_t len);

/*
 * A finite number with the fewest digits that read back as the same double,
 * in the C locale whatever the host's locale is.
 */
void appint_json_double(struct appint_buf *out, double value);

#endif
