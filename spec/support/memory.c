/* SPDX-License-Identifier: MIT */
/*
 * Runs a scenario in Lua states whose allocator does something at the first
 * allocation, then, in a new state, at the second, and so on until the scenario
 * gets through without. It fails, or makes a finalizer run.
 *
 *     memory FILE SCENARIO [ARGUMENT [STEP [ACT]]]
 *
 * Without ACT it fails. Each time the failure must be raised as "not enough
 * memory", what the scenario was about must work afterwards, and nothing must
 * be left when the state is closed.
 *
 * The file gives a function of (open, argument, loaders) for the scenario,
 * which returns `run` and `check`, functions: run is called under failing
 * allocations; check is called after it, and raises if something does not work.
 * The states have base, table, string and coroutine, cjson, and `open`, which
 * returns the module; neither package nor math, io, os, debug.
 *
 * With a STEP, only STEP-th allocation is tried. Two ways of failing: one
 * allocation and the next (Lua repeats the first after a collection), or all
 * from the n-th until run has ended.
 *
 * With ACT, the collector, which is stopped otherwise, is due at the n-th
 * allocation, and finds garbage whose finalizer calls the function of that name
 * in the table that the scenario returns third. What ends early because of it
 * ends with the error "Cancelled"; nothing is to be left here either.
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lualib.h>

#include "embed/appintegrations.h"
#include "lua/compat.h"

enum { BURST = 2, MOST_ALLOCATIONS = 200000 };

#ifdef LUA_LJDIR
#include <luajit.h>

/* LuaJIT itself loses a few bytes when it cannot enlarge a table. */
enum { TOLERATED_BYTES = 256 };

/*
 * Its compiler spoils the stack when it has no memory: of a loop of plain Lua
 * that calls functions, one such failure of some hundred ends by SIGSEGV
 * (LuaJIT's issues 906, 1166 and 1502). The interpreter does not.
 */
static void interpret(lua_State *L)
{
    luaJIT_setmode(L, 0, LUAJIT_MODE_ENGINE | LUAJIT_MODE_OFF);
}
#else
enum { TOLERATED_BYTES = 0 };

static void interpret(lua_State *L)
{
    (void)L;
}
#endif

struct memory {
    size_t bytes;    /* held now */
    long count;      /* allocations since armed */
    long first_bad;  /* from 1; 0: not armed */
    bool until_end;  /* fail from there on, or only BURST times */
    bool has_failed; /* since armed */
    lua_State *L;    /* whose collector is to be due instead; else NULL */
    bool finalized;  /* it has run the finalizer */
};

struct scenario {
    const char *file, *name, *argument;
    const char *act; /* NULL: to fail */
};

/* Whether the allocation that is asked for is to fail. */
static bool fails(struct memory *memory)
{
    long past = ++memory->count - memory->first_bad;

    if (memory->L != NULL) {
        /* Only sets the time. Refused while the collector is at its work. */
        if (past >= 0 && !memory->has_failed) {
            memory->has_failed = lua_gc(memory->L, LUA_GCRESTART, 0) == 0;
        }
        return false;
    }
    if (past < 0 || (!memory->until_end && past >= BURST)) {
        return false;
    }
    memory->has_failed = true;
    return true;
}

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
    if (memory->first_bad > 0 && new_size > held && fails(memory)) {
        return NULL;
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

/* Leaves base, table, string, coroutine, and cjson where `open` finds it;
 * pushes the table of the module's loaders. */
static void open_sandbox(lua_State *L)
{
    static const char *const gone[] = {
        "require", "module", "package", "io",  "os",  "math",
        "debug",   "utf8",   "bit32",   "bit", "jit", "ffi",
    };

    luaL_openlibs(L);
    interpret(L);
    lua_getglobal(L, "require");
    lua_pushliteral(L, "cjson");
    lua_call(L, 1, 0);
    appintegrations_preload(L);
    lua_getglobal(L, "package");
    lua_getfield(L, -1, "preload");
    lua_remove(L, -2);
    lua_getfield(L, LUA_REGISTRYINDEX, "_LOADED");
    for (size_t i = 0; i < sizeof gone / sizeof gone[0]; i++) {
        take_away(L, gone[i]);
    }
    lua_pop(L, 1);
}

/* prepare(scenario): leaves run, check and the acts on the stack. */
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
    lua_pushvalue(L, 2);
    lua_call(L, 3, 3);
    return 3;
}

/* The message on the stack; an error object's text takes its place. */
static const char *message_of(lua_State *L)
{
    if (lua_type(L, -1) != LUA_TSTRING) {
        lua_getglobal(L, "tostring");
        lua_insert(L, -2);
        lua_call(L, 1, 1);
    }
    return lua_tostring(L, -1);
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

static int l_finalize(lua_State *L)
{
    struct memory *memory = lua_touserdata(L, lua_upvalueindex(2));

    memory->finalized = memory->first_bad > 0;
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_call(L, 0, 0);
    return 0;
}

/*
 * bury(acts, name, memory): leaves garbage whose finalizer calls that act, and
 * the collector stopped, to work in one go when it is restarted.
 */
static int bury(lua_State *L)
{
    lua_gc(L, LUA_GCCOLLECT, 0);
    lua_gc(L, LUA_GCCOLLECT, 0);
    lua_gc(L, LUA_GCSTOP, 0);
#if LUA_VERSION_NUM >= 505
    lua_gc(L, LUA_GCPARAM, LUA_GCPPAUSE, 1000);
    lua_gc(L, LUA_GCPARAM, LUA_GCPSTEPMUL, 0); /* a whole cycle at a step */
#elif LUA_VERSION_NUM == 504
    lua_gc(L, LUA_GCINC, 1000, 1000, 40); /* 2^40 bytes at a step */
#else
    lua_gc(L, LUA_GCSETPAUSE, 1000);
    lua_gc(L, LUA_GCSETSTEPMUL, 1000000);
#endif
    lua_newuserdatauv(L, 1, 0);
    lua_newtable(L);
    lua_getfield(L, 1, lua_tostring(L, 2));
    luaL_checktype(L, -1, LUA_TFUNCTION);
    lua_pushvalue(L, 3);
    lua_pushcclosure(L, l_finalize, 2);
    lua_setfield(L, -2, "__gc");
    lua_setmetatable(L, -2);
    return 0;
}

/* Runs `run`, the first of three values on the stack, while allocations fail or
 * are followed by finalizers. */
static bool run_failing(lua_State *L, struct memory *memory, long first_bad,
                        const char *act)
{
    int status = 0;
    const char *message = NULL;
    const char *expected = act != NULL ? "Cancelled" : "not enough memory";

    if (act != NULL) {
        lua_pushcfunction(L, bury);
        lua_pushvalue(L, -2);
        lua_pushstring(L, act);
        lua_pushlightuserdata(L, memory);
        if (lua_pcall(L, 3, 0, 0) != LUA_OK) {
            return complain(L, memory, "burying");
        }
        memory->L = L;
    }
    lua_pushvalue(L, -3); /* run, check, acts, run */
    memory->count = 0;
    memory->has_failed = false;
    memory->first_bad = first_bad;
    status = lua_pcall(L, 0, 0, 0);
    memory->first_bad = -first_bad;
    if (status != LUA_OK) {
        message = message_of(L);
        if (message == NULL || strstr(message, expected) == NULL) {
            return complain(L, memory, "another error");
        }
        lua_pop(L, 1);
    }
    lua_pop(L, 1); /* run, check */
    return true;
}

/* Whether the message on the stack is what a client says that ACT has closed.
 */
static bool is_closed(lua_State *L, const char *act)
{
    const char *message = message_of(L);

    return act != NULL && strcmp(act, "close") == 0 && message != NULL &&
           strstr(message, "Cancelled") != NULL;
}

/* One state of its own; *REACHED tells whether an allocation has failed. */
static bool try_one(const struct scenario *scenario, struct memory *memory,
                    long first_bad, bool *reached)
{
    lua_State *L = appint_newstate(allocate, memory);
    bool ok = false;

    if (L == NULL) {
        puts("this Lua takes no allocator");
        return false;
    }
    lua_pushcfunction(L, prepare);
    lua_pushlightuserdata(L, (void *)(uintptr_t)scenario);
    if (lua_pcall(L, 1, 3, 0) != LUA_OK) {
        ok = complain(L, memory, "preparing");
    } else if (run_failing(L, memory, first_bad, scenario->act)) {
        ok = lua_pcall(L, 0, 0, 0) == LUA_OK || is_closed(L, scenario->act) ||
             complain(L, memory, "broken afterwards");
    }
    *reached = memory->has_failed;
    if (scenario->act != NULL) {
        /* What finalizers make while a state is closed is lost to Lua. */
        lua_gc(L, LUA_GCCOLLECT, 0);
    }
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
        tried += reached && (memory.L == NULL || memory.finalized) ? 1 : 0;
    }
    return tried;
}

int main(int argc, char **argv)
{
    struct scenario scenario = {NULL, NULL, NULL, NULL};
    long step = argc > 4 ? atol(argv[4]) : 1;
    long first = 0;
    long second = 0;

    if (argc < 3 || step < 1) {
        fprintf(stderr, "usage: %s FILE SCENARIO [ARGUMENT [STEP [ACT]]]\n",
                argv[0]);
        return EXIT_FAILURE;
    }
    scenario.file = argv[1];
    scenario.name = argv[2];
    scenario.argument = argc > 3 ? argv[3] : "";
    scenario.act = argc > 5 ? argv[5] : NULL;
    first = try_all(&scenario, false, step);
    if (scenario.act != NULL) {
        if (first < 0) {
            return EXIT_FAILURE;
        }
        printf("%ld finalizers survived\n", first);
        return EXIT_SUCCESS;
    }
    second = first < 0 ? -1 : try_all(&scenario, true, step);
    if (second < 0) {
        return EXIT_FAILURE;
    }
    printf("%ld and %ld failures survived\n", first, second);
    return EXIT_SUCCESS;
}
