/* SPDX-License-Identifier: MIT */
#ifndef APPINT_REQUEST_LINE_H
#define APPINT_REQUEST_LINE_H

#include "core/walk.h"
#include "model/model.h"

/*
 * The members that stand in a request's path and query. There is no other form
 * that a value could fall back to here: types hold in every mode.
 */

/* Checks the value on top as a label and keeps it for the path. [-0, +0, e] */
void appint_check_label(struct appint_walk *walk,
                        const struct appint_shape *input,
                        const struct appint_member *member);

/* Checks the value on top and appends it to the query. [-0, +0, e] */
void appint_write_query(struct appint_walk *walk,
                        const struct appint_member *member);

/* Writes the path from the labels, all of which were found good. */
void appint_write_path(struct appint_walk *walk,
                       const struct appint_operation *op);

#endif
