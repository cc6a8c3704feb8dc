/* SPDX-License-Identifier: MIT */
#ifndef APPINT_RESPONSE_LUA_H
#define APPINT_RESPONSE_LUA_H

#include "lua/compat.h"
#include "transport/transfer.h"

/*
 * Pushes what became of TRANSFER: id, response, with TIMINGS or without; or id,
 * nil, kind, code, message, timings, stale. Returns how many values. The
 * response has its headers as the text header_lines, for core.headers.
 * [-0, +(2|7), m]
 */
int appint_response_push(lua_State *L, const struct appint_transfer *transfer,
                         bool timings);

#endif
