/* SPDX-License-Identifier: MIT */
#ifndef APPINT_WALK_H
#define APPINT_WALK_H

#include "core/core.h"
#include "core/violations.h"

/*
 * The state of one walk over a table of parameters: where it reads (the value
 * at hand is always on top of the Lua stack), where it writes and what it has
 * found. build.c goes by the input shape, request_line.c does the members in
 * path and query, freeform.c values that have no shape.
 */

/* No URI of the service has more labels; the generator makes sure. */
enum { APPINT_MAX_LABELS = 2 };

struct appint_walk {
    lua_State *L;
    const char *token; /* for the idempotency token, or NULL: a new UUID */
    size_t token_len;
    int labels; /* first of APPINT_MAX_LABELS stack slots: checked labels */
    struct appint_scratch *scratch;
    struct appint_buf *out; /* the JSON body, a part of scratch */
    struct appint_report report;
};

#endif
