/* SPDX-License-Identifier: MIT */
/* Compiled Lua files: see bundle.h. */

#include "core/bundle.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Pushes the chunk of ENTRY; or false with an error text. [-0, +1, m] */
static bool load(lua_State *L, const struct appint_bundled *entry)
{
    return appint_load_binary(L, (const char *)entry->code, entry->len,
                              entry->module) == LUA_OK;
}

static int by_module(const void *name, const void *entry)
{
    return strcmp(name, ((const struct appint_bundled *)entry)->module);
}

/* A loader as `require` calls it: loader(name, ...) -> module. The chunk goes
 * on with upvalue 1, the `require` that there was when core.so was loaded: a
 * host may take the global one from its scripts after that. */
static int l_load(lua_State *L)
{
    const char *name = luaL_checkstring(L, 1);
    const struct appint_bundled *entry = bsearch(
        name, appint_bundle, appint_bundle_count, sizeof *entry, by_module);

    if (entry == NULL) {
        return luaL_error(L, "module '%s' is not in the bundle", name);
    }
    if (!load(L, entry)) {
        return lua_error(L);
    }
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_call(L, 1, 1);
    return 1;
}

/* Pushes package.preload, on top of others; or what is no table. [-0, +n, m] */
static bool push_preload(lua_State *L)
{
    lua_getfield(L, LUA_REGISTRYINDEX, "_LOADED");
    return lua_istable(L, -1) && lua_getfield(L, -1, "package") == LUA_TTABLE &&
           lua_getfield(L, -1, "preload") == LUA_TTABLE;
}

/* Pushes `require`, with LOADED at that index; false where it is none. Raw: a
 * host may raise where a global is asked for that is absent. [-0, +1, m] */
static bool push_require(lua_State *L, int loaded)
{
    if (lua_getfield(L, loaded, "_G") == LUA_TTABLE) {
        lua_pushliteral(L, "require");
        lua_rawget(L, -2);
        lua_remove(L, -2);
    }
    return lua_isfunction(L, -1);
}

/* Makes what is on top the loader of MODULE, unless the table below it has one.
 * A name is interned once, not for each look at it. [-0, +0, m] */
static void preload(lua_State *L, const char *module)
{
    lua_pushstring(L, module);
    lua_pushvalue(L, -1);
    lua_rawget(L, -4); /* preload, loader, module, what is there */
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        lua_pushvalue(L, -2);
        lua_rawset(L, -4);
    } else {
        lua_pop(L, 2);
    }
}

void appint_bundle_preload(lua_State *L)
{
    int top = lua_gettop(L);

    if (appint_bundle_count == 0) {
        return;
    }
    if (load(L, appint_bundle) && push_preload(L) && push_require(L, top + 2)) {
        lua_pushcclosure(L, l_load, 1);
        for (size_t i = 0; i < appint_bundle_count; i++) {
            preload(L, appint_bundle[i].module);
        }
    }
    lua_settop(L, top);
}
