/* SPDX-License-Identifier: MIT */
#ifndef APPINT_SUGGEST_H
#define APPINT_SUGGEST_H

#include <stddef.h>

struct appint_shape;

/*
 * "Did you mean": the member of the structure SHAPE whose name is nearest to
 * NAME (base/nearest.h), or NULL if none is near.
 */
const char *appint_suggest_member(const struct appint_shape *shape,
                                  const char *name, size_t len);

#endif
