/* SPDX-License-Identifier: MIT */
/*
 * The core module: one state userdata, and the functions of the Lua-aware
 * files registered with it. See core.h.
 */

#include "core/core.h"

#include "core/bundle.h"

#define CORE_TYPE    APPINT_TYPE("core")
#define SCRATCH_TYPE APPINT_TYPE("scratch")

enum { KEEP_BYTES = 64 * 1024 };

/* Upvalues of all functions. */
enum { STATE = 1, NAMES /* of members, as they were needed */ };

__attribute__((visibility("default"))) int
luaopen_appintegrations_core(lua_State *L);

struct appint_core *appint_core_get(lua_State *L)
{
    return lua_touserdata(L, lua_upvalueindex(STATE));
}

void appint_push_name(lua_State *L, const struct appint_shape *shape, size_t i)
{
    int place = shape->before + (int)i + 1;

    if (lua_rawgeti(L, lua_upvalueindex(NAMES), place) == LUA_TSTRING) {
        return;
    }
    lua_pop(L, 1);
    lua_pushlstring(L, shape->members[i].name, shape->members[i].name_len);
    lua_pushvalue(L, -1);
    lua_rawseti(L, lua_upvalueindex(NAMES), place);
}

static void scratch_free(struct appint_scratch *scratch)
{
    appint_buf_free(&scratch->path);
    appint_buf_free(&scratch->query);
    appint_buf_free(&scratch->body);
    appint_buf_free(&scratch->text);
}

static void scratch_init(struct appint_scratch *scratch,
                         const struct appint_allocator *allocator)
{
    appint_buf_init(&scratch->path, allocator);
    appint_buf_init(&scratch->query, allocator);
    appint_buf_init(&scratch->body, allocator);
    appint_buf_init(&scratch->text, allocator);
}

void appint_scratch_release(struct appint_scratch *scratch)
{
    appint_buf_reset(&scratch->path, KEEP_BYTES);
    appint_buf_reset(&scratch->query, KEEP_BYTES);
    appint_buf_reset(&scratch->body, KEEP_BYTES);
    appint_buf_reset(&scratch->text, KEEP_BYTES);
    scratch->busy = false;
}

static int scratch_gc(lua_State *L)
{
    scratch_free(lua_touserdata(L, 1));
    return 0;
}

static int core_gc(lua_State *L)
{
    struct appint_core *core = lua_touserdata(L, 1);

    scratch_free(&core->scratch);
    core->closed = true;
    return 0;
}

struct appint_scratch *appint_scratch_take(lua_State *L)
{
    struct appint_core *core = appint_core_get(L);
    struct appint_scratch *scratch = &core->scratch;

    if (scratch->busy || core->closed) {
        scratch =
            appint_push_owner(L, sizeof *scratch, SCRATCH_TYPE, scratch_gc);
        scratch_init(scratch, &core->allocator);
    } else {
        lua_pushvalue(L, lua_upvalueindex(STATE));
    }
    scratch->busy = true;
    return scratch;
}

static void push_core(lua_State *L)
{
    struct appint_core *core =
        appint_push_owner(L, sizeof *core, CORE_TYPE, core_gc);

    core->allocator = appint_lua_allocator(L);
    scratch_init(&core->scratch, &core->allocator);
}

int luaopen_appintegrations_core(lua_State *L)
{
    static const luaL_Reg *const groups[] = {
        appint_build_functions,    appint_decode_functions,
        appint_system_functions,   appint_files_functions,
        appint_process_functions,  appint_headers_functions,
        appint_describe_functions, NULL,
    };

    appint_check_version(L);
    lua_newtable(L);
    push_core(L);
    lua_createtable(L, (int)appint_member_count, 0); /* module, state, names */
    for (size_t i = 0; groups[i] != NULL; i++) {
        lua_pushvalue(L, -3);
        lua_pushvalue(L, -3);
        lua_pushvalue(L, -3);
        luaL_setfuncs(L, groups[i], 2); /* module, state, names, module */
        lua_pop(L, 1);
    }
    lua_pop(L, 2);
    lua_pushstring(L, appint_signing_name);
    lua_setfield(L, -2, "signing_name");
    lua_pushinteger(L, APPINT_JSON_DEPTH);
    lua_setfield(L, -2, "json_depth");
    appint_bundle_preload(L);
    return 1;
}
