/* SPDX-License-Identifier: MIT */
#ifndef APPINT_FREEFORM_H
#define APPINT_FREEFORM_H

#include "core/walk.h"

/* Values without a shape, as JSON by the usual rules. */

/* Appends `,"name":`, or without the comma after a '{'. */
void appint_write_key(struct appint_buf *out, const char *name, size_t len);

/* Appends the number on top to OUT; false, and a violation, if it is not
 * finite. [-0, +0, e] */
bool appint_write_number(struct appint_walk *walk, struct appint_buf *out);

/*
 * Writes the value on top as what it is: a table with keys 1..n is an array,
 * any other an object; {} is an object. [-0, +0, e]
 */
void appint_write_any(struct appint_walk *walk);

#endif
