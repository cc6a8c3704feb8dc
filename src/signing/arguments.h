/* SPDX-License-Identifier: MIT */
#ifndef APPINT_ARGUMENTS_H
#define APPINT_ARGUMENTS_H

#include "lua/compat.h"
#include "signing/sigv4.h"

/*
 * Requests and contexts as a program passes them to sign() and presign(). All
 * strings stay on the Lua stack, to which the slices point. What is wrong with
 * them, a field that does not exist too, is a Lua error that quotes no value.
 */

struct appint_sign_call {
    struct appint_sigv4_request request;
    struct appint_sigv4_context context;
    int headers; /* stack index of request.headers, or 0 */
};

/* The string at INDEX, which stays on the stack. [-0, +0, e] */
struct appint_slice appint_check_slice(lua_State *L, int index);

/*
 * Reads the tables at REQUEST and CONTEXT: all but what is in the headers.
 * Raises for a field that nobody reads, with the one that was meant.
 * [-0, +19, e]
 */
void appint_push_sign_arguments(lua_State *L, int request, int context,
                                struct appint_sign_call *call);

/*
 * Reads the tables at REQUEST and CREDENTIALS, which may have other fields.
 * The request must have headers. [-0, +8, e]
 */
void appint_push_client_arguments(lua_State *L, int request, int credentials,
                                  struct appint_sign_call *call);

/*
 * The same of a request that has an absolute URL in the place of path and
 * query, and its headers elsewhere. [-0, +6, e]
 */
void appint_push_call_arguments(lua_State *L, int request, int credentials,
                                struct appint_sign_call *call);

/* NUMBER, called NAME in messages, rounded down; within any date. [-0, +0, e]
 */
int64_t appint_whole_number(lua_State *L, lua_Number number, const char *name);

#endif
