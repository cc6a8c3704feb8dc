/*
 * SPDX-License-Identifier: MIT
 *
 * fork, wait, _exit and close for specs: require "forking". No Lua brings them,
 * and libraries that do are not packaged for each.
 */

#include <lauxlib.h>
#include <lua.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lua/compat.h"

/* fork(): 0 in the child, its id in the parent. [-0, +1, e] */
static int l_fork(lua_State *L)
{
    pid_t pid = fork();

    if (pid < 0) {
        return luaL_error(L, "fork failed");
    }
    lua_pushinteger(L, (lua_Integer)pid);
    return 1;
}

/* wait(pid): the exit code of that child, -1 if a signal ended it. */
static int l_wait(lua_State *L)
{
    int status = 0;
    pid_t pid = (pid_t)luaL_checkinteger(L, 1);

    if (waitpid(pid, &status, 0) != pid) {
        return luaL_error(L, "no such child");
    }
    lua_pushinteger(L, WIFEXITED(status) ? WEXITSTATUS(status) : -1);
    return 1;
}

/* exit(code): ends the process at once, with no finalizer and no flush. */
static int l_exit(lua_State *L)
{
    _exit((int)luaL_checkinteger(L, 1));
}

/* close(fd): whether there was such a descriptor. */
static int l_close(lua_State *L)
{
    lua_pushboolean(L, close((int)luaL_checkinteger(L, 1)) == 0);
    return 1;
}

__attribute__((visibility("default"))) int luaopen_forking(lua_State *L);

int luaopen_forking(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"fork", l_fork},   {"wait", l_wait}, {"exit", l_exit},
        {"close", l_close}, {NULL, NULL},
    };

    lua_newtable(L);
    luaL_setfuncs(L, functions, 0);
    return 1;
}
