/* SPDX-License-Identifier: MIT */
#ifndef APPINT_RULES_H
#define APPINT_RULES_H

#include <stddef.h>

#include "core/violations.h"
#include "model/model.h"

/*
 * The rules of single values. Those that hold for good are violations; those
 * that go stale, as the service becomes more liberal, are advisories unless
 * the caller is strict. All of them may raise for want of memory.
 */

/* The number of characters, items or entries. */
void appint_check_length(struct appint_report *report,
                         const struct appint_shape *shape, long long count,
                         const char *unit);

/*
 * The rules of every text: its code points, or -1 where it breaks them, and
 * where nothing is validated.
 */
ptrdiff_t appint_check_text(struct appint_report *report, const char *text,
                            size_t len);

/* The rules of a string shape. */
void appint_check_string(struct appint_report *report,
                         const struct appint_shape *shape, const char *text,
                         size_t len);

/* Whether the number on the Lua stack's top is an integer, in its range. */
bool appint_check_integer(struct appint_report *report,
                          const struct appint_shape *shape, long long *result);

/* The length of the list on the Lua stack's top, or -1 and a violation. */
long long appint_check_sequence(struct appint_report *report);

#endif
