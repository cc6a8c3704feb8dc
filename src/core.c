/* SPDX-License-Identifier: MIT */
/*
 * The core module: one state userdata, and the functions of the Lua-aware
 * files registered with it. See core.h.
 */

#include "core.h"

#include <string.h>

#include "crypto.h"

#define CORE_TYPE "appintegrations.core"

__attribute__((visibility("default"))) int
luaopen_appintegrations_core(lua_State *L);

struct appint_core *appint_core_get(lua_State *L)
{
    return lua_touserdata(L, lua_upvalueindex(1));
}

void appint_push_buf(lua_State *L, const struct appint_buf *buf)
{
    if (buf->failed) {
        luaL_error(L, "not enough memory");
    }
    lua_pushlstring(L, buf->len > 0 ? buf->data : "", buf->len);
}

static int core_gc(lua_State *L)
{
    struct appint_core *core = lua_touserdata(L, 1);

    appint_buf_free(&core->path);
    appint_buf_free(&core->query);
    appint_buf_free(&core->body);
    appint_buf_free(&core->text);
    appint_crypto_free(core->crypto);
    core->crypto = NULL;
    core->closed = true;
    return 0;
}

static void push_core(lua_State *L)
{
    struct appint_core *core = lua_newuserdatauv(L, sizeof *core, 0);

    memset(core, 0, sizeof *core);
    if (luaL_newmetatable(L, CORE_TYPE)) {
        lua_pushcfunction(L, core_gc);
        lua_setfield(L, -2, "__gc");
    }
    lua_setmetatable(L, -2);
    core->allocator.fn = lua_getallocf(L, &core->allocator.ud);
    appint_buf_init(&core->path, &core->allocator);
    appint_buf_init(&core->query, &core->allocator);
    appint_buf_init(&core->body, &core->allocator);
    appint_buf_init(&core->text, &core->allocator);
}

int luaopen_appintegrations_core(lua_State *L)
{
    static const luaL_Reg *const groups[] = {
        appint_signing_functions,
        NULL,
    };

    lua_newtable(L);
    push_core(L); /* module, state */
    for (size_t i = 0; groups[i] != NULL; i++) {
        lua_pushvalue(L, -2);
        lua_pushvalue(L, -2);
        luaL_setfuncs(L, groups[i], 1); /* module, state, module */
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    return 1;
}
