/* SPDX-License-Identifier: MIT */
#ifndef APPINT_VALUES_H
#define APPINT_VALUES_H

#include <stdbool.h>

#include "lua/compat.h"

/* What a Lua value is as JSON. Nothing here allocates or raises. */

/* The Lua type of the value at INDEX; "null" for JSON's. [-0, +0, -] */
const char *appint_type_name(lua_State *L, int index);

/* Whether the number on top is an integer of 64 bits: *RESULT. [-0, +0, -] */
bool appint_to_integer(lua_State *L, long long *result);

/*
 * How many items the table on top has if its keys are 1..n and nothing else;
 * -1 otherwise, with *GAP the first missing position, or 0 where only keys that
 * are no numbers are too many. [-0, +0, -]
 */
long long appint_sequence_length(lua_State *L, long long *gap);

#endif
