/* SPDX-License-Identifier: MIT */
/*
 * What the module asks of the operating system: time, random bytes, the
 * environment. In C so that it works in a Lua state without `os`, and so that
 * nothing touches the host's random state.
 */

#include "core.h"

#include <stdint.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "uuid.h"

static int push_clock(lua_State *L, clockid_t clock)
{
    struct timespec now;

    if (clock_gettime(clock, &now) != 0) {
        return luaL_error(L, "the system clock cannot be read");
    }
    lua_pushnumber(L, (lua_Number)now.tv_sec + (lua_Number)now.tv_nsec * 1e-9);
    return 1;
}

/* now() -> epoch seconds with their fraction */
static int l_now(lua_State *L)
{
    return push_clock(L, CLOCK_REALTIME);
}

/* monotonic() -> seconds since some fixed point in the past */
static int l_monotonic(lua_State *L)
{
    return push_clock(L, CLOCK_MONOTONIC);
}

/* random() -> a number in [0, 1) with 53 random bits */
static int l_random(lua_State *L)
{
    uint64_t bits;

    if (getentropy(&bits, sizeof bits) != 0) {
        return luaL_error(L, "the system has no random bytes");
    }
    lua_pushnumber(L, (lua_Number)(bits >> 11) * (1.0 / 9007199254740992.0));
    return 1;
}

/* uuid() -> a random (version 4) UUID in lower case */
static int l_uuid(lua_State *L)
{
    char text[APPINT_UUID_LEN];

    if (!appint_uuid(text)) {
        return luaL_error(L, "the system has no random bytes");
    }
    lua_pushlstring(L, text, sizeof text);
    return 1;
}

/* getenv(name) -> the value, or nil */
static int l_getenv(lua_State *L)
{
    lua_pushstring(L, getenv(luaL_checkstring(L, 1)));
    return 1;
}

const luaL_Reg appint_system_functions[] = {
    {"now", l_now},   {"monotonic", l_monotonic}, {"random", l_random},
    {"uuid", l_uuid}, {"getenv", l_getenv},       {NULL, NULL},
};
