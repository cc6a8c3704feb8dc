/* SPDX-License-Identifier: MIT */
#ifndef APPINT_COMPAT_H
#define APPINT_COMPAT_H

/*
 * The code is written to the C API of Lua 5.4; this header is the only place
 * that knows of 5.1, 5.2, 5.3, 5.5 and LuaJIT (which has the API of 5.1 and
 * some functions of 5.2).
 */

#include <string.h>

#include <lauxlib.h>
#include <lua.h>

/* Times are seconds since 1970 with their fractions, ids have 64 bits. */
_Static_assert(sizeof(lua_Number) >= sizeof(double),
               "appintegrations needs a Lua whose numbers are doubles");
#if LUA_VERSION_NUM >= 503
_Static_assert(sizeof(lua_Integer) >= sizeof(long long),
               "appintegrations needs a Lua whose integers have 64 bits");
#endif

/*
 * For luaopen functions: raises in a Lua of another version, or with other
 * numbers, than that whose headers the code was compiled with. What 5.1 has
 * instead is that it lacks functions.
 */
#if LUA_VERSION_NUM < 502
#define appint_check_version(L) ((void)(L))
#else
#define appint_check_version(L) luaL_checkversion(L)
#endif

#if LUA_VERSION_NUM < 502

#define lua_rawlen(L, index) lua_objlen(L, (index))
#define LUA_OK               0

static inline int lua_absindex(lua_State *L, int index)
{
    return index > 0 || index <= LUA_REGISTRYINDEX ? index
                                                   : lua_gettop(L) + index + 1;
}

#ifndef LUA_LJDIR /* LuaJIT's luaconf.h has it */
static inline void luaL_setfuncs(lua_State *L, const luaL_Reg *reg, int nup)
{
    luaL_checkstack(L, nup + 1, "too many upvalues");
    for (; reg->name != NULL; reg++) {
        for (int i = 0; i < nup; i++) {
            lua_pushvalue(L, -nup); /* table, upvalues, copies so far */
        }
        lua_pushcclosure(L, reg->func, nup);
        lua_setfield(L, -(nup + 2), reg->name);
    }
    lua_pop(L, nup);
}

static inline void *luaL_testudata(lua_State *L, int index, const char *name)
{
    void *ud = lua_touserdata(L, index);

    if (ud == NULL || !lua_getmetatable(L, index)) {
        return NULL;
    }
    luaL_getmetatable(L, name);
    if (!lua_rawequal(L, -1, -2)) {
        ud = NULL;
    }
    lua_pop(L, 2);
    return ud;
}

static inline void luaL_setmetatable(lua_State *L, const char *name)
{
    luaL_getmetatable(L, name);
    lua_setmetatable(L, -2);
}
#endif

#endif /* < 502 */

#if LUA_VERSION_NUM < 503

/* A number with an integral value that a lua_Integer holds is an integer. */
static inline int lua_isinteger(lua_State *L, int index)
{
    return lua_type(L, index) == LUA_TNUMBER &&
           lua_tonumber(L, index) >= -9007199254740992.0 &&
           lua_tonumber(L, index) <= 9007199254740992.0 &&
           (lua_Number)(long long)lua_tonumber(L, index) ==
               lua_tonumber(L, index);
}

static inline int compat_rawget(lua_State *L, int index)
{
    lua_rawget(L, index);
    return lua_type(L, -1);
}
#define lua_rawget(L, index) compat_rawget((L), (index))

static inline int compat_rawgeti(lua_State *L, int index, int n)
{
    lua_rawgeti(L, index, n);
    return lua_type(L, -1);
}
#define lua_rawgeti(L, index, n) compat_rawgeti((L), (index), (n))

static inline int compat_getfield(lua_State *L, int index, const char *name)
{
    lua_getfield(L, index, name);
    return lua_type(L, -1);
}
#define lua_getfield(L, index, name) compat_getfield((L), (index), (name))

#endif /* < 503 */

#if LUA_VERSION_NUM < 504

#define lua_newuserdatauv(L, size, nuvalue) lua_newuserdata((L), (size))

#endif

/* 5.5 wants a seed for its hashes; a fixed one makes runs alike. */
#if LUA_VERSION_NUM < 505
#define appint_newstate(allocate, data) lua_newstate((allocate), (data))
#else
#define appint_newstate(allocate, data) lua_newstate((allocate), (data), 1)
#endif

/* Only 5.1 does not ask whether text or bytecode may come. */
#if LUA_VERSION_NUM < 502
#define appint_load(L, reader, data, name)                                     \
    lua_load((L), (reader), (data), (name))
#else
#define appint_load(L, reader, data, name)                                     \
    lua_load((L), (reader), (data), (name), "t")
#endif

/* Loads what string.dump has written. LuaJIT has this function of 5.2. */
#if LUA_VERSION_NUM < 502 && !defined(LUA_LJDIR)
#define appint_load_binary(L, data, len, name)                                 \
    luaL_loadbuffer((L), (data), (len), (name))
#else
#define appint_load_binary(L, data, len, name)                                 \
    luaL_loadbufferx((L), (data), (len), (name), "b")
#endif

/* One user value (a table): 5.1 calls it the environment, 5.4 numbers it. */
#if LUA_VERSION_NUM < 502
#define appint_setuservalue(L, index) lua_setfenv((L), (index))
#define appint_getuservalue(L, index) lua_getfenv((L), (index))
#elif LUA_VERSION_NUM < 504
#define appint_setuservalue(L, index) lua_setuservalue((L), (index))
#define appint_getuservalue(L, index) lua_getuservalue((L), (index))
#else
#define appint_setuservalue(L, index) lua_setiuservalue((L), (index), 1)
#define appint_getuservalue(L, index) lua_getiuservalue((L), (index), 1)
#endif

/*
 * Integers of up to 64 bits. Where Lua has none, they are floats, exact to
 * 2^53: a lua_Integer has as many bits there as a pointer, 32 on many a
 * machine. appint_toint64 is for what lua_isinteger takes.
 */
#if LUA_VERSION_NUM < 503
#define appint_pushint64(L, value) lua_pushnumber((L), (lua_Number)(value))
#define appint_toint64(L, index)   ((long long)lua_tonumber((L), (index)))

static inline long long appint_checkint64(lua_State *L, int index)
{
    lua_Number number = luaL_checknumber(L, index);

    luaL_argcheck(L,
                  number >= -9007199254740992.0 && number <= 9007199254740992.0,
                  index, "integer expected");
    return (long long)number;
}
#else
#define appint_pushint64(L, value)  lua_pushinteger((L), (lua_Integer)(value))
#define appint_toint64(L, index)    ((long long)lua_tointeger((L), (index)))
#define appint_checkint64(L, index) ((long long)luaL_checkinteger((L), (index)))
#endif

/*
 * Whether the coroutine of L may yield, as seen from a C function that Lua has
 * called. Before 5.3 the API does not tell, but the stack does, up to
 * metamethods: no yield passes a C function, but for `pcall` and its kind (the
 * arguments of the running function) in 5.2 and LuaJIT; in 5.1, for which none
 * are given, none passes the iterator of a generic `for` either. (It is not
 * this that tells 5.1: LuaJIT runs what is compiled for it, too.)
 */
#if LUA_VERSION_NUM >= 503
#define appint_isyieldable(L) lua_isyieldable(L)
#else
static inline int appint_isyieldable(lua_State *L)
{
    int given = lua_gettop(L);
    lua_Debug frame;

    for (int level = 1; lua_getstack(L, level, &frame) != 0; level++) {
        int passes = 0;

        lua_getinfo(L, "Snf", &frame); /* the function, pushed */
        passes =
            *frame.what != 'C' && (given > 0 || frame.name == NULL ||
                                   strcmp(frame.name, "(for generator)") != 0);
        for (int i = 1; i <= given; i++) {
            passes = passes || lua_rawequal(L, i, -1);
        }
        lua_pop(L, 1);
        if (!passes) {
            return 0;
        }
    }
    return 1;
}
#endif

/*
 * For luaL_checkstack. Depths are bounded by constants of ours, far below Lua's
 * own limit: when the stack does not grow, memory is out.
 */
#define APPINT_STACK_ERROR "not enough memory"

#endif
