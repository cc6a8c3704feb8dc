/* SPDX-License-Identifier: MIT */
/*
 * The part of the module appintegrations.httpd that writes: a log that never
 * blocks, a line for a parent process. See output.h.
 */

#include "emulator/output_lua.h"

#include "emulator/output.h"
#include "lua/luabox.h"

#define LOG_TYPE APPINT_TYPE("httpd.log")

static int log_close(lua_State *L)
{
    struct appint_log *log = luaL_checkudata(L, 1, LOG_TYPE);

    if (log->owned || log->fd > 0) { /* zeroed means that nothing was opened */
        appint_log_close(log);
        log->owned = false;
    }
    return 0;
}

/* log:write(text) -> true | nil, "lost" | nil, "broken", message */
static int log_write(lua_State *L)
{
    struct appint_log *log = luaL_checkudata(L, 1, LOG_TYPE);
    struct appint_error error = {{0}};
    size_t len = 0;
    const char *text = luaL_checklstring(L, 2, &len);

    switch (appint_log_write(log, text, len, &error)) {
    case APPINT_LOG_WRITTEN:
        lua_pushboolean(L, 1);
        return 1;
    case APPINT_LOG_LOST:
        lua_pushnil(L);
        lua_pushliteral(L, "lost");
        return 2;
    case APPINT_LOG_BROKEN:
        break;
    }
    lua_pushnil(L);
    lua_pushliteral(L, "broken");
    lua_pushstring(L, error.text);
    return 3;
}

static const luaL_Reg log_methods[] = {
    {"write", log_write},
    {"close", log_close},
    {NULL, NULL},
};

/* httpd.log([path]) -> log | nil, message; without a path: standard error */
static int l_log(lua_State *L)
{
    const char *path = luaL_optstring(L, 1, NULL);
    struct appint_error error = {{0}};
    struct appint_log *log =
        appint_push_owner(L, sizeof *log, LOG_TYPE, log_close);

    lua_getmetatable(L, -1);
    if (lua_getfield(L, -1, "__index") == LUA_TNIL) {
        lua_newtable(L);
        luaL_setfuncs(L, log_methods, 0);
        lua_setfield(L, -3, "__index"); /* log, mt, nil */
    }
    lua_pop(L, 2);
    if (appint_log_open(log, path, &error) != APPINT_OK) {
        lua_pushnil(L);
        lua_pushstring(L, error.text);
        return 2;
    }
    return 1;
}

/* httpd.tell(fd, text) -> true | nil, message: writes, and closes FD */
static int l_tell(lua_State *L)
{
    struct appint_error error = {{0}};
    int fd = (int)luaL_checkinteger(L, 1);
    size_t len = 0;
    const char *text = luaL_checklstring(L, 2, &len);

    if (appint_output_tell(fd, text, len, &error) != APPINT_OK) {
        lua_pushnil(L);
        lua_pushstring(L, error.text);
        return 2;
    }
    lua_pushboolean(L, 1);
    return 1;
}

/* httpd.publish(path, text) -> true | nil, message */
static int l_publish(lua_State *L)
{
    struct appint_error error = {{0}};
    const char *path = luaL_checkstring(L, 1);
    size_t len = 0;
    const char *text = luaL_checklstring(L, 2, &len);

    if (appint_output_publish(path, text, len, &error) != APPINT_OK) {
        lua_pushnil(L);
        lua_pushstring(L, error.text);
        return 2;
    }
    lua_pushboolean(L, 1);
    return 1;
}

/* httpd.withdraw(path): removes a file that was published */
static int l_withdraw(lua_State *L)
{
    appint_output_withdraw(luaL_checkstring(L, 1));
    return 0;
}

/* httpd.end_output(): whoever reads standard output sees its end */
static int l_end_output(lua_State *L)
{
    (void)L;
    appint_output_end();
    return 0;
}

void appint_add_outputs(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"log", l_log},
        {"tell", l_tell},
        {"publish", l_publish},
        {"withdraw", l_withdraw},
        {"end_output", l_end_output},
        {NULL, NULL},
    };

    luaL_setfuncs(L, functions, 0);
}
