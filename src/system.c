/* SPDX-License-Identifier: MIT */
/*
 * What the module asks of the operating system: time, random bytes, the
 * environment, its name. In C so that it works in a Lua state without `os`, and
 * so that nothing touches the host's random state.
 */

#include "core.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "timestamp.h"
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

/* parse_time(text) -> epoch seconds, or nil: RFC 3339 and HTTP's dates */
static int l_parse_time(lua_State *L)
{
    size_t len;
    const char *text = luaL_checklstring(L, 1, &len);
    double seconds;

    if (appint_timestamp_parse(text, len, &seconds)) {
        lua_pushnumber(L, seconds);
    } else {
        lua_pushnil(L);
    }
    return 1;
}

/* Writes the time in argument INDEX to TEXT, fractions cut off. */
static void check_time(lua_State *L, int index,
                       char text[APPINT_TIMESTAMP_SIZE])
{
    lua_Number seconds = luaL_checknumber(L, index);

    /* to the end of the year 9999 */
    luaL_argcheck(L, seconds >= 0 && seconds < 253402300800.0, index,
                  "not a time that can be written");
    appint_timestamp_format(text, (int64_t)seconds);
}

/* format_time(epoch seconds) -> "20150830T123600Z", fractions cut off */
static int l_format_time(lua_State *L)
{
    char text[APPINT_TIMESTAMP_SIZE];

    check_time(L, 1, text);
    lua_pushlstring(L, text, sizeof text);
    return 1;
}

/*
 * attempt_text(attempt, max [, deadline]) -> what amz-sdk-request says: which
 * attempt this is, and until when (epoch seconds) its answer is waited for
 */
static int l_attempt_text(lua_State *L)
{
    char text[96];
    char ttl[APPINT_TIMESTAMP_SIZE];
    int attempt = (int)luaL_checkinteger(L, 1);
    int max = (int)luaL_checkinteger(L, 2);
    int len;

    if (lua_isnoneornil(L, 3)) {
        len = snprintf(text, sizeof text, "attempt=%d; max=%d", attempt, max);
    } else {
        check_time(L, 3, ttl);
        len = snprintf(text, sizeof text, "ttl=%.*s; attempt=%d; max=%d",
                       (int)sizeof ttl, ttl, attempt, max);
    }
    lua_pushlstring(L, text, (size_t)len);
    return 1;
}

/*
 * sleep(seconds): blocks the thread, for transports that cannot wait. By the
 * monotonic clock, and signals do not shorten it.
 */
static int l_sleep(lua_State *L)
{
    lua_Number seconds = luaL_checknumber(L, 1);
    struct timespec end;
    int64_t nanoseconds;

    luaL_argcheck(L, seconds >= 0 && seconds < 1e9, 1, "not a time to sleep");
    if (clock_gettime(CLOCK_MONOTONIC, &end) != 0) {
        return luaL_error(L, "the system clock cannot be read");
    }
    nanoseconds = end.tv_nsec + (int64_t)(seconds * 1e9);
    end.tv_sec += (time_t)(nanoseconds / 1000000000);
    end.tv_nsec = (long)(nanoseconds % 1000000000);
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &end, NULL) ==
           EINTR) {
    }
    return 0;
}

/* uname() -> system, release, machine, as "Linux", "6.1.0", "x86_64" */
static int l_uname(lua_State *L)
{
    struct utsname name;

    if (uname(&name) != 0) {
        return 0;
    }
    lua_pushstring(L, name.sysname);
    lua_pushstring(L, name.release);
    lua_pushstring(L, name.machine);
    return 3;
}

/*
 * yieldable(pcall, xpcall) -> whether the running coroutine may yield here; the
 * functions are those that yields pass through in some versions of Lua. Does
 * not tell coroutines from the main thread.
 */
static int l_yieldable(lua_State *L)
{
    lua_pushboolean(L, appint_isyieldable(L));
    return 1;
}

const luaL_Reg appint_system_functions[] = {
    {"now", l_now},
    {"monotonic", l_monotonic},
    {"random", l_random},
    {"uuid", l_uuid},
    {"getenv", l_getenv},
    {"parse_time", l_parse_time},
    {"format_time", l_format_time},
    {"attempt_text", l_attempt_text},
    {"sleep", l_sleep},
    {"uname", l_uname},
    {"yieldable", l_yieldable},
    {NULL, NULL},
};
