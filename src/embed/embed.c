/* SPDX-License-Identifier: MIT */
/*
 * The module linked into a program: see appintegrations.h. The Lua sources get
 * a `require` of their own, so that they work in a state without one; what it
 * loads stands where the package library, if there is one, finds it too.
 */

#include "embed/appintegrations.h"

#include <string.h>

#include "lua/compat.h"
#include "transport/libcurl.h"
#include "embed/embed.h"

static int l_require(lua_State *L);

static const luaL_Reg natives[] = {
    {"appintegrations.core", luaopen_appintegrations_core},
    {"appintegrations.signing", luaopen_appintegrations_signing},
    {"appintegrations.curl", luaopen_appintegrations_curl},
    {NULL, NULL},
};

static const char *next_piece(lua_State *L, void *data, size_t *size)
{
    const char *const **cursor = data;
    const char *piece = **cursor;

    (void)L;
    if (piece == NULL) {
        *size = 0;
        return NULL;
    }
    (*cursor)++;
    *size = strlen(piece);
    return piece;
}

/* Runs SOURCE: a function of the `require` that it is to use. [-0, +1, e] */
static void run_source(lua_State *L, const struct appint_source *source)
{
    const char *const *cursor = source->pieces;

    if (appint_load(L, next_piece, &cursor, source->chunk) != LUA_OK) {
        lua_error(L);
    }
    lua_pushcfunction(L, l_require);
    lua_call(L, 1, 1);
}

/* Opens module NAME if it is one of ours. [-0, +(0|1), e] */
static int open_own(lua_State *L, const char *name)
{
    for (const luaL_Reg *native = natives; native->name != NULL; native++) {
        if (strcmp(name, native->name) == 0) {
            lua_pushcfunction(L, native->func);
            lua_pushstring(L, name);
            lua_call(L, 1, 1);
            return 1;
        }
    }
    for (const struct appint_source *source = appint_sources;
         source->module != NULL; source++) {
        if (strcmp(name, source->module) == 0) {
            run_source(L, source);
            return 1;
        }
    }
    return 0;
}

/* The table of loaded modules: package.loaded, where there is that. [-0, +1, m]
 */
static void push_loaded(lua_State *L)
{
    if (lua_getfield(L, LUA_REGISTRYINDEX, "_LOADED") == LUA_TTABLE) {
        return;
    }
    lua_pop(L, 1);
    lua_newtable(L);
    lua_pushvalue(L, -1);
    lua_setfield(L, LUA_REGISTRYINDEX, "_LOADED");
}

/* What is not ours comes from the host: cjson. [-0, +1, e] */
static void require_from_host(lua_State *L, const char *name)
{
    lua_getglobal(L, "require");
    if (lua_isnil(L, -1)) {
        luaL_error(L,
                   "module '%s' not found: it is not linked in, and this Lua "
                   "state has no require to ask for it",
                   name);
    }
    lua_pushstring(L, name);
    lua_call(L, 1, 1);
}

/* require(name) for our sources, which all pass a string. */
static int l_require(lua_State *L)
{
    const char *name = luaL_checkstring(L, 1);

    lua_settop(L, 1);
    push_loaded(L);
    lua_getfield(L, 2, name); /* name, loaded, module */
    if (lua_toboolean(L, -1)) {
        return 1;
    }
    lua_pop(L, 1);
    if (open_own(L, name)) {
        lua_pushvalue(L, -1);
        lua_setfield(L, 2, name);
    } else {
        require_from_host(L, name);
    }
    return 1;
}

/* A loader as `require` calls it; that keeps what it returns. */
static int l_preloaded(lua_State *L)
{
    return open_own(L, luaL_checkstring(L, 1));
}

int luaopen_appintegrations(lua_State *L)
{
    lua_pushcfunction(L, l_require);
    lua_pushliteral(L, "appintegrations");
    lua_call(L, 1, 1);
    return 1;
}

void appintegrations_preload(lua_State *L)
{
    int top = lua_gettop(L);

    push_loaded(L);
    if (lua_getfield(L, -1, "package") == LUA_TTABLE &&
        lua_getfield(L, -1, "preload") == LUA_TTABLE) {
        for (const luaL_Reg *native = natives; native->name != NULL; native++) {
            lua_pushcfunction(L, l_preloaded);
            lua_setfield(L, -2, native->name);
        }
        for (const struct appint_source *source = appint_sources;
             source->module != NULL; source++) {
            lua_pushcfunction(L, l_preloaded);
            lua_setfield(L, -2, source->module);
        }
    }
    lua_settop(L, top);
}

void appintegrations_host_initializes_libcurl(void)
{
    appint_curl_leave_to_host();
}
