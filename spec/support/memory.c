/* SPDX-License-Identifier: MIT */
/*
 * Runs a scenario in Lua states whose allocator fails: at the first allocation,
 * then, in a new state, at the second, and so on until the scenario gets
 * through. Each time the failure must be raised as "not enough memory", what
 * the scenario was about must work afterwards, and nothing must be left when
 * the state is closed.
 *
 *     memory FILE SCENARIO [ARGUMENT [STEP]]
 *
 * The file gives a function of (open, argument) for the scenario, which returns
 * `run` and `check`, functions: run is called under failing allocations; check
 * is called after it, and raises if something does not work. The states have
 * base, table, string and coroutine, cjson, and `open`, which returns the
 * module; neither package nor math, io, os, debug.
 *
 * With a STEP, only STEP-th allocation is tried. Two ways of failing: one
 * allocation and the next (Lua repeats the first after a collection), or all
 * from the n-th until run has ended.
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lualib.h>

#include "appintegrations.h"
#include "compat.h"

enum { BURST = 2, MOST_ALLOCATIONS = 200000 };

/* LuaJIT itself loses a few bytes when it cannot enlarge a table. */
#ifdef LUA_LJDIR
enum { TOLERATED_BYTES = 256 };
#else
enum { TOLERATED_BYTES = 0 };
#endif

struct memory {
    size_t bytes;    /* held now */
    long count;      /* allocations since armed */
    long first_bad;  /* from 1; 0: not armed */
    bool until_end;  /* fail from there on, or only BURST times */
    bool has_failed; /* since armed */
};

struct scenario {
    const char *file, *name, *argument;
};

/* Never fails to shrink: Lua relies on that. */
static void *allocate(void *data, void *block, size_t old_size, size_t new_size)
{
    struct memory *memory = data;
    size_t held = block != NULL ? old_size : 0;
    void *moved = NULL;

    if (new_size == 0) {
        memory->bytes -= held;
        free(block);
        return NULL;
    }
    if (memory->first_bad > 0 && new_size > held) {
        long past = ++memory->count - memory->first_bad;

        if (past >= 0 && (memory->until_end || past < BURST)) {
            memory->has_failed = true;
            return NULL;
        }
    }
    /* Always moves, so that a stale pointer is noticed by a sanitizer. */
    moved = malloc(new_size);
    if (moved == NULL) {
        return NULL;
    }
    if (held > 0) {
        memcpy(moved, block, held < new_size ? held : new_size);
    }
    free(block);
    memory->bytes = memory->bytes - held + new_size;
    return moved;
}

/* Takes a library away as if it had never been opened. Stack: loaded. */
static void take_away(lua_State *L, const char *name)
{
    lua_pushnil(L);
    lua_setfield(L, -2, name);
    lua_pushnil(L);
    lua_setglobal(L, name);
}

/* Leaves base, table, string, coroutine, and cjson where `open` finds it. */
static void open_sandbox(lua_State *L)
{
    static const char *const gone[] = {
        "require", "module", "package", "io",  "os",  "math",
        "debug",   "utf8",   "bit32",   "bit", "jit", "ffi",
    };

    luaL_openlibs(L);
    lua_getglobal(L, "require");
    lua_pushliteral(L, "cjson");
    lua_call(L, 1, 0);
    lua_getfield(L, LUA_REGISTRYINDEX, "_LOADED");
    for (size_t i = 0; i < sizeof gone / sizeof gone[0]; i++) {
        take_away(L, gone[i]);
    }
    lua_pop(L, 1);
}

/* prepare(scenario): leaves run and check on the stack. */
static int prepare(lua_State *L)
{
    const struct scenario *scenario = lua_touserdata(L, 1);

    open_sandbox(L);
    if (luaL_loadfile(L, scenario->file) != LUA_OK) {
        return lua_error(L);
    }
    lua_call(L, 0, 1);
    lua_getfield(L, -1, scenario->name);
    lua_pushcfunction(L, luaopen_appintegrations);
    lua_pushstring(L, scenario->argument);
    lua_call(L, 2, 2);
    return 2;
}

/* Says what went wrong at which allocation. The message is on the stack. */
static bool complain(lua_State *L, const struct memory *memory,
                     const char *problem)
{
    const char *text = lua_tostring(L, -1);

    printf("allocation %ld%s: %s: %s\n", labs(memory->first_bad),
           memory->until_end ? " and all after it" : "", problem,
           text != NULL ? text : luaL_typename(L, -1));
    return false;
}

/* Runs `run`, which is on the stack below `check`, while allocations fail. */
static bool run_failing(lua_State *L, struct memory *memory, long first_bad)
{
    int status = 0;
    const char *message = NULL;

    lua_pushvalue(L, -2); /* run, check, run */
    memory->count = 0;
    memory->has_failed = false;
    memory->first_bad = first_bad;
    status = lua_pcall(L, 0, 0, 0);
    memory->first_bad = -first_bad;
    if (status != LUA_OK) {
        message = lua_tostring(L, -1);
        if (message == NULL || strstr(message, "not enough memory") == NULL) {
            return complain(L, memory, "no memory error");
        }
        lua_pop(L, 1);
    }
    return true;
}

/* One state of its own; *REACHED tells whether an allocation has failed. */
static bool try_one(const struct scenario *scenario, struct memory *memory,
                    long first_bad, bool *reached)
{
    lua_State *L = lua_newstate(allocate, memory);
    bool ok = false;

    if (L == NULL) {
        puts("this Lua takes no allocator");
        return false;
    }
    lua_pushcfunction(L, prepare);
    lua_pushlightuserdata(L, (void *)(uintptr_t)scenario);
    if (lua_pcall(L, 1, 2, 0) != LUA_OK) {
        ok = complain(L, memory, "preparing");
    } else if (run_failing(L, memory, first_bad)) {
        ok = lua_pcall(L, 0, 0, 0) == LUA_OK ||
             complain(L, memory, "broken afterwards");
    }
    *reached = memory->has_failed;
    lua_close(L);
    if (ok && memory->bytes > TOLERATED_BYTES) {
        printf("allocation %ld: %zu bytes leaked\n", first_bad, memory->bytes);
        return false;
    }
    return ok;
}

/* Tries every STEP-th allocation; the number of those tried, or -1. */
static long try_all(const struct scenario *scenario, bool until_end, long step)
{
    long tried = 0;
    bool reached = true;

    for (long n = 1; reached && n < MOST_ALLOCATIONS; n += step) {
        struct memory memory = {.until_end = until_end};

        if (!try_one(scenario, &memory, n, &reached)) {
            return -1;
        }
        tried += reached ? 1 : 0;
    }
    return tried;
}

int main(int argc, char **argv)
{
    struct scenario scenario = {NULL, NULL, NULL};
    long step = argc > 4 ? atol(argv[4]) : 1;
    long first = 0;
    long second = 0;

    if (argc < 3 || step < 1) {
        fprintf(stderr, "usage: %s FILE SCENARIO [ARGUMENT [STEP]]\n", argv[0]);
        return EXIT_FAILURE;
    }
    scenario.file = argv[1];
    scenario.name = argv[2];
    scenario.argument = argc > 3 ? argv[3] : "";
    first = try_all(&scenario, false, step);
    second = first < 0 ? -1 : try_all(&scenario, true, step);
    if (second < 0) {
        return EXIT_FAILURE;
    }
    printf("%ld and %ld failures survived\n", first, second);
    return EXIT_SUCCESS;
}
