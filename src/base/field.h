/* SPDX-License-Identifier: MIT */
#ifndef APPINT_FIELD_H
#define APPINT_FIELD_H

#include <stdbool.h>

#include "base/slice.h"

/*
 * What names and values of HTTP's header fields may consist of (RFC 9110).
 */

/* The characters of a token in lower case; 0 for all others. */
extern const char appint_token_lower[256];

/* Whether TEXT is a token, as names of fields and methods are. */
bool appint_is_token(struct appint_slice text);

/* Whether TEXT has no control character but the tab. */
bool appint_is_field_value(struct appint_slice text);

#endif
