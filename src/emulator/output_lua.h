/* SPDX-License-Identifier: MIT */
#ifndef APPINT_OUTPUT_LUA_H
#define APPINT_OUTPUT_LUA_H

/* What appintegrations.httpd offers for writing. */

#include "lua/compat.h"

/* Adds log, tell, publish, withdraw and end_output to the table on top.
 * [-0, +0, m] */
void appint_add_outputs(lua_State *L);

#endif
