/* SPDX-License-Identifier: MIT */
#ifndef APPINT_CORE_H
#define APPINT_CORE_H

/*
 * What the Lua-aware files of the core share. Each of them exports one table of
 * functions; core.c registers them all, with what they share as upvalues.
 */

#include <stdbool.h>

#include "core/process.h"
#include "lua/luabox.h"
#include "model/model.h"

/* How deep JSON from elsewhere may be nested, for decode and for lua-cjson: far
 * deeper than requests go, and at 130 bytes a level there is room for it in a
 * thread whose C stack has 64 KiB. */
enum { APPINT_JSON_DEPTH = 200 };

/* What building one request writes to; reused from call to call. */
struct appint_scratch {
    struct appint_buf path;
    struct appint_buf query;
    struct appint_buf body;
    struct appint_buf text; /* paths of violations, and other texts */
    bool busy;              /* in use further down the C stack */
};

/* One for each Lua state: what calls reuse. Owned by a userdata. */
struct appint_core {
    struct appint_allocator allocator;
    bool closed; /* collected: only finalizers of a closing state call on */
    struct appint_scratch scratch;
    struct appint_abandoned abandoned;
};

/* The state behind a function registered by core.c. */
struct appint_core *appint_core_get(lua_State *L);

/*
 * Buffers for one request, emptied. Pushes their owner. Any Lua allocation may
 * run a finalizer that makes a call of its own: that one gets buffers of its
 * own, as do calls after one that a memory error has cut off. [-0, +1, m]
 */
struct appint_scratch *appint_scratch_take(lua_State *L);

/* Gives them back; the memory stays up to a bound. [-0, +0, -] */
void appint_scratch_release(struct appint_scratch *scratch);

/* Pushes the name of member I of SHAPE, a string that the state keeps: it is
 * not hashed for each call. [-0, +1, m] */
void appint_push_name(lua_State *L, const struct appint_shape *shape, size_t i);

/* JSON null as lua-cjson and others represent it. [-0, +0, -] */
static inline bool appint_is_null(lua_State *L, int index)
{
    return lua_islightuserdata(L, index) && lua_touserdata(L, index) == NULL;
}

extern const luaL_Reg appint_build_functions[];    /* build.c */
extern const luaL_Reg appint_decode_functions[];   /* decode.c */
extern const luaL_Reg appint_describe_functions[]; /* describe.c */
extern const luaL_Reg appint_system_functions[];   /* system.c */
extern const luaL_Reg appint_files_functions[];    /* files_lua.c */
extern const luaL_Reg appint_process_functions[];  /* process_lua.c */
extern const luaL_Reg appint_headers_functions[];  /* headers.c */

#endif
