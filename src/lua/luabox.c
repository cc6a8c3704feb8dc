/* SPDX-License-Identifier: MIT */
/* Userdata that own what plain C has acquired: see luabox.h. */

#include "lua/luabox.h"

#include <string.h>

#define BUFFER_TYPE APPINT_TYPE("buffer")

bool appint_new_metatable(lua_State *L, const char *name)
{
    luaL_getmetatable(L, name);
    if (!lua_isnil(L, -1)) {
        return false;
    }
    lua_pop(L, 1);
    lua_newtable(L);
    return true;
}

void appint_register_metatable(lua_State *L, const char *name)
{
    lua_pushstring(L, name);
    lua_setfield(L, -2, "__name");
    lua_pushstring(L, name);
    lua_pushvalue(L, -1); /* metatable, name, name */
    if (lua_rawget(L, LUA_REGISTRYINDEX) == LUA_TNIL) {
        lua_pop(L, 1);
        lua_pushvalue(L, -2);
        lua_rawset(L, LUA_REGISTRYINDEX); /* does not collect */
    } else {
        lua_replace(L, -3); /* a finalizer has been quicker */
        lua_pop(L, 1);
    }
}

void *appint_push_owner(lua_State *L, size_t size, const char *name,
                        lua_CFunction gc)
{
    void *owner = lua_newuserdatauv(L, size, 0);

    memset(owner, 0, size);
    if (appint_new_metatable(L, name)) {
        lua_pushcfunction(L, gc);
        lua_setfield(L, -2, "__gc");
        appint_register_metatable(L, name);
    }
    lua_setmetatable(L, -2);
    return owner;
}

struct appint_allocator appint_lua_allocator(lua_State *L)
{
    struct appint_allocator allocator;

    allocator.fn = lua_getallocf(L, &allocator.ud);
    return allocator;
}

static int buffer_gc(lua_State *L)
{
    appint_buf_free(lua_touserdata(L, 1));
    return 0;
}

struct appint_buf *appint_push_buffer(lua_State *L)
{
    struct appint_allocator allocator = appint_lua_allocator(L);
    struct appint_buf *buf =
        appint_push_owner(L, sizeof *buf, BUFFER_TYPE, buffer_gc);

    appint_buf_init(buf, &allocator);
    return buf;
}

void appint_push_buf(lua_State *L, const struct appint_buf *buf)
{
    if (buf->failed) {
        luaL_error(L, "not enough memory");
    }
    lua_pushlstring(L, buf->len > 0 ? buf->data : "", buf->len);
}
