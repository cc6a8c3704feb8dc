/* SPDX-License-Identifier: MIT */
/*
 * What the module asks of the operating system: time, random bytes, the
 * environment, its name; what commands ask of their streams. In C so that it
 * works in a Lua state without `os`, and so that nothing touches the host's
 * random state.
 */

#include "core/core.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/slice.h"
#include "base/timestamp.h"
#include "base/uuid.h"

/* now() -> epoch seconds with their fraction */
static int l_now(lua_State *L)
{
    lua_pushnumber(L, appint_clock_now());
    return 1;
}

/* monotonic() -> seconds since some fixed point in the past */
static int l_monotonic(lua_State *L)
{
    lua_pushnumber(L, (lua_Number)appint_clock_monotonic() / 1e6);
    return 1;
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

/* Writes SECONDS to TEXT, fractions cut off: 1970 to the end of 9999. */
static bool write_time(lua_Number seconds, char text[APPINT_TIMESTAMP_SIZE])
{
    if (!(seconds >= 0 && seconds < 253402300800.0)) {
        return false;
    }
    appint_timestamp_format(text, (int64_t)seconds);
    return true;
}

/* format_time(epoch seconds) -> "20150830T123600Z", fractions cut off */
static int l_format_time(lua_State *L)
{
    char text[APPINT_TIMESTAMP_SIZE];

    luaL_argcheck(L, write_time(luaL_checknumber(L, 1), text), 1,
                  "not a time that can be written");
    lua_pushlstring(L, text, sizeof text);
    return 1;
}

/*
 * attempt_text(attempt, max [, deadline]) -> what amz-sdk-request says: which
 * attempt this is, and until when (epoch seconds) its answer is waited for,
 * where that can be written
 */
static int l_attempt_text(lua_State *L)
{
    char ttl[APPINT_TIMESTAMP_SIZE];
    lua_Integer attempt = luaL_checkinteger(L, 1);
    lua_Integer max = luaL_checkinteger(L, 2);
    bool ends =
        !lua_isnoneornil(L, 3) && write_time(luaL_checknumber(L, 3), ttl);
    struct appint_scratch *scratch = appint_scratch_take(L);
    struct appint_buf *text = &scratch->text;

    if (ends) {
        appint_buf_append_slice(text, APPINT_LITERAL("ttl="));
        appint_buf_append(text, ttl, sizeof ttl);
        appint_buf_append_slice(text, APPINT_LITERAL("; "));
    }
    appint_buf_append_slice(text, APPINT_LITERAL("attempt="));
    appint_buf_append_integer(text, attempt);
    appint_buf_append_slice(text, APPINT_LITERAL("; max="));
    appint_buf_append_integer(text, max);
    appint_push_buf(L, text);
    appint_scratch_release(scratch);
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

/* is_terminal(descriptor) -> whether it is one, for commands */
static int l_is_terminal(lua_State *L)
{
    lua_pushboolean(L, isatty((int)luaL_checkinteger(L, 1)));
    return 1;
}

/* terminal_columns(descriptor) -> how wide it is; nothing if that is unknown */
static int l_terminal_columns(lua_State *L)
{
    struct winsize size;

    if (ioctl((int)luaL_checkinteger(L, 1), TIOCGWINSZ, &size) != 0 ||
        size.ws_col == 0) {
        return 0;
    }
    lua_pushinteger(L, size.ws_col);
    return 1;
}

/*
 * occupy_standard_streams(): where one of the three is closed, the next file or
 * socket would take its number, and be read or written as that stream. For
 * commands: /dev/null takes it, the wrong way round, so that using it fails.
 */
static int l_occupy_standard_streams(lua_State *L)
{
    int number;

    (void)L;
    for (number = 0; number <= 2; number++) {
        if (fcntl(number, F_GETFD) < 0) {
            (void)open("/dev/null", number == 0 ? O_WRONLY : O_RDONLY);
        }
    }
    return 0;
}

/*
 * yieldable([pcall, xpcall]) -> whether the running coroutine may yield here;
 * the functions are those that yields pass through, none in Lua 5.1. Does not
 * tell coroutines from the main thread.
 */
static int l_yieldable(lua_State *L)
{
    lua_pushboolean(L, appint_isyieldable(L));
    return 1;
}

/*
 * open_lazily(path): opens a shared object, for good, so that its functions are
 * looked up when they are called first. Whether it can be opened shows when it
 * is used.
 */
static int l_open_lazily(lua_State *L)
{
    (void)dlopen(luaL_checkstring(L, 1), RTLD_LAZY | RTLD_LOCAL);
    return 0;
}

const luaL_Reg appint_system_functions[] = {
    {"open_lazily", l_open_lazily},
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
    {"is_terminal", l_is_terminal},
    {"terminal_columns", l_terminal_columns},
    {"occupy_standard_streams", l_occupy_standard_streams},
    {"yieldable", l_yieldable},
    {NULL, NULL},
};
