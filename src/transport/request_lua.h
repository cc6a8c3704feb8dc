/* SPDX-License-Identifier: MIT */
#ifndef APPINT_REQUEST_LUA_H
#define APPINT_REQUEST_LUA_H

#include "lua/compat.h"
#include "transport/transfer.h"

/* Requests as Lua tables have them. What is of a wrong type raises. */

/* Field NAME of the table at INDEX, left on the stack; NULL when it is nil.
 * [-0, +1, e] */
const char *appint_request_string(lua_State *L, int index, const char *name,
                                  size_t *len);

/* The request at INDEX; its strings stay on the stack. [-0, +3, e] */
void appint_request_read(lua_State *L, int index,
                         struct appint_request *request);

/* The headers of the request at INDEX into TRANSFER: header_lines, or what the
 * table headers has, in no particular order. [-0, +1, e] */
enum appint_status appint_request_read_headers(lua_State *L, int index,
                                               struct appint_transfer *transfer,
                                               struct appint_error *error);

#endif
