/* SPDX-License-Identifier: MIT */
#ifndef APPINT_LUABOX_H
#define APPINT_LUABOX_H

/*
 * Owners: userdata that release what plain C has acquired, whatever error cuts
 * a function off. Check all arguments, push a zeroed owner that has its
 * metatable, acquire into it, call plain C, push results, release early. No
 * heap pointer lives only in a C local across a Lua call that can raise.
 */

#include "base/buf.h"
#include "lua/compat.h"

#ifndef APPINT_VERSION
#define APPINT_VERSION "1.0.0" /* as base/version.lua has it */
#endif

/*
 * The name of a kind of userdata. With the version: a host may load two of them
 * into one Lua state, and what they have in their userdata differs.
 */
#define APPINT_TYPE(name) "appintegrations." name " " APPINT_VERSION

/*
 * Pushes the metatable registered as NAME; or, returning true, an empty one: to
 * be filled and then registered. In this order a memory error in between leaves
 * no half of a metatable, as luaL_newmetatable would. [-0, +1, m]
 */
bool appint_new_metatable(lua_State *L, const char *name);

/*
 * Registers the table on top as the metatable NAME; where a finalizer has
 * registered one meanwhile, that takes the table's place. [-1, +1, m]
 */
void appint_register_metatable(lua_State *L, const char *name);

/*
 * A zeroed userdata whose metatable, registered as NAME, has GC; for GC zeroed
 * means empty, and a second call does nothing. [-0, +1, m]
 */
void *appint_push_owner(lua_State *L, size_t size, const char *name,
                        lua_CFunction gc);

/* The allocator of the Lua state, so that its memory limits hold. */
struct appint_allocator appint_lua_allocator(lua_State *L);

/* An empty buffer, with its owner on the stack. [-0, +1, m] */
struct appint_buf *appint_push_buffer(lua_State *L);

/* Raises "not enough memory" if BUF failed; else pushes its bytes. [-0, +1, e]
 */
void appint_push_buf(lua_State *L, const struct appint_buf *buf);

#endif
