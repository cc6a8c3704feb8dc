/* SPDX-License-Identifier: MIT */
/*
 * Runs the targets that are written in Lua, spec/fuzz/NAME.lua: FUZZ_TARGET
 * names the file, which returns a function of some bytes that raises where
 * something does not hold. core.so, signing.so and sqlite.so are linked in,
 * with the sanitizers; the Lua lines that run, and in which order, count as
 * coverage.
 */

#include <string.h>

#include <lualib.h>

#include "lua/compat.h"
#include "check.h"

int luaopen_appintegrations_core(lua_State *L);
int luaopen_appintegrations_signing(lua_State *L);
int luaopen_appintegrations_sqlite(lua_State *L);

enum { COUNTERS = 1 << 15 };

/* libFuzzer looks at these beside what the compiler adds to C, and clears them
 * before each run. */
__attribute__((
    section("__libfuzzer_extra_counters"))) static uint8_t counters[COUNTERS];

/* Files are not told apart: asking for the function costs more than the line.
 */
static void count_line(lua_State *L, lua_Debug *ar)
{
    static unsigned last;
    unsigned here = (unsigned)ar->currentline * 2654435761U >> 8;

    (void)L;
    counters[(here ^ last >> 1) % COUNTERS]++;
    last = here;
}

static int with_traceback(lua_State *L)
{
    luaL_traceback(L, L, luaL_tolstring(L, 1, NULL), 1);
    return 1;
}

static void preload(lua_State *L, const char *name, lua_CFunction open)
{
    lua_getglobal(L, "package");
    lua_getfield(L, -1, "preload");
    lua_pushcfunction(L, open);
    lua_setfield(L, -2, name);
    lua_pop(L, 2);
}

/* A state with a message handler and the target's function on its stack. */
static lua_State *open_state(void)
{
    const char *target = getenv("FUZZ_TARGET");
    lua_State *L = luaL_newstate();

    CHECK(L != NULL && target != NULL);
    luaL_openlibs(L);
    preload(L, "appintegrations.core", luaopen_appintegrations_core);
    preload(L, "appintegrations.signing", luaopen_appintegrations_signing);
    preload(L, "appintegrations.sqlite", luaopen_appintegrations_sqlite);
    lua_pushcfunction(L, with_traceback);
    if (luaL_loadfile(L, target) != LUA_OK || lua_pcall(L, 0, 1, 1) != LUA_OK ||
        !lua_isfunction(L, -1)) {
        fprintf(stderr, "%s: %s\n", target, lua_tostring(L, -1));
        abort();
    }
    lua_sethook(L, count_line, LUA_MASKLINE, 0);
    return L;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static lua_State *L;

    if (L == NULL) {
        L = open_state();
    }
    lua_pushvalue(L, 2);
    lua_pushlstring(L, (const char *)data, size);
    if (lua_pcall(L, 1, 0, 1) != LUA_OK) {
        fprintf(stderr, "%s\n", lua_tostring(L, -1));
        abort();
    }
    return 0;
}
