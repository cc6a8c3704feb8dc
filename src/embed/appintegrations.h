/* SPDX-License-Identifier: MIT */
#ifndef APPINTEGRATIONS_H
#define APPINTEGRATIONS_H

/*
 * For programs that embed Lua and link the module in: libappintegrations.a, or
 * the one file appintegrations.c. The module's Lua sources are within; nothing
 * is read from disk.
 *
 *     lua_State *L = luaL_newstate();
 *     luaL_openlibs(L);
 *     luaL_requiref(L, "cjson", luaopen_cjson, 0);
 *     appintegrations_preload(L);
 *
 * After that `require "appintegrations"` works in L. In a state that has no
 * `require`, luaopen_appintegrations gives the module to whoever calls it.
 * Links to Lua, libcurl and libcrypto. lua-cjson is the host's: in package.path
 * or already loaded.
 *
 * Any number of states in any number of threads; a state, and what belongs to
 * it, is for one thread at a time, as Lua has it.
 */

#include <lua.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Puts all modules into package.preload of L; they are loaded when they are
 * required. Does nothing in a state without `package`. [-0, +0, m]
 */
void appintegrations_preload(lua_State *L);

/*
 * Loads the module, or finds it where it has been loaded before, and pushes it.
 * Needs the libraries base, table and string (and coroutine in a loop), not
 * `package`. A lua_CFunction; may also be called from one. [-0, +1, e]
 */
int luaopen_appintegrations(lua_State *L);

/*
 * The program calls curl_global_init by itself, as it must when it uses libcurl
 * before this module does and from more than one thread: the module is not to
 * call it. Once, before the first transfer.
 */
void appintegrations_host_initializes_libcurl(void);

/* The parts in C, for hosts that register modules by themselves. */
int luaopen_appintegrations_core(lua_State *L);
int luaopen_appintegrations_signing(lua_State *L);
int luaopen_appintegrations_curl(lua_State *L);

#ifdef __cplusplus
}
#endif

#endif
