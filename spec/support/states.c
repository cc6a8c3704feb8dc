/* SPDX-License-Identifier: MIT */
/*
 * Lua states beside the one that runs: each runs a program and then stays as it
 * is until the process ends. For scale.lua; not a part of the module.
 */

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

__attribute__((visibility("default"))) int luaopen_states(lua_State *L);

/* run(code): in a new state */
static int l_run(lua_State *L)
{
    const char *code = luaL_checkstring(L, 1);
    lua_State *other = luaL_newstate();

    luaL_openlibs(other);
    if (luaL_dostring(other, code)) {
        return luaL_error(L, "%s", lua_tostring(other, -1));
    }
    return 0;
}

int luaopen_states(lua_State *L)
{
    lua_newtable(L);
    lua_pushcfunction(L, l_run);
    lua_setfield(L, -2, "run");
    return 1;
}
