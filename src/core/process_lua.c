/* SPDX-License-Identifier: MIT */
/* Child processes for Lua, as userdata that end theirs: see process.h. */

#include "core/core.h"

#include <stdint.h>
#include <string.h>

#include "core/process.h"

#define PROCESS_TYPE APPINT_TYPE("process")

enum { MAX_ARGUMENTS = 4096 };

static struct appint_process *check_process(lua_State *L)
{
    return luaL_checkudata(L, 1, PROCESS_TYPE);
}

static int process_gc(lua_State *L)
{
    appint_process_end(check_process(L), &appint_core_get(L)->abandoned);
    return 0;
}

/*
 * The strings of the list at INDEX as a NULL-terminated array, in a userdata.
 * They live as long as the list, which stays below on the stack.
 * [-0, +1, e]
 */
static char **push_strings(lua_State *L, int index)
{
    size_t count = (size_t)lua_rawlen(L, index);
    char **strings = NULL;

    luaL_argcheck(L, count <= MAX_ARGUMENTS, index, "too many strings");
    strings = lua_newuserdatauv(L, (count + 1) * sizeof *strings, 0);
    for (size_t i = 0; i < count; i++) {
        size_t len = 0;

        luaL_argcheck(L, lua_rawgeti(L, index, (int)i + 1) == LUA_TSTRING,
                      index, "expected a list of strings");
        /* posix_spawn takes them as char *, and leaves them as they are. */
        strings[i] = (char *)(uintptr_t)lua_tolstring(L, -1, &len);
        luaL_argcheck(L, strlen(strings[i]) == len, index,
                      "a string has a zero byte");
        lua_pop(L, 1);
    }
    strings[count] = NULL;
    return strings;
}

/* An owner of no process yet. [-0, +1, m] */
static struct appint_process *push_process(lua_State *L)
{
    const struct appint_core *core = appint_core_get(L);
    struct appint_process *process = lua_newuserdatauv(L, sizeof *process, 0);

    memset(process, 0, sizeof *process);
    appint_buf_init(&process->output.text, &core->allocator);
    appint_buf_init(&process->errors.text, &core->allocator);
    process->output.text.secret = true;
    process->errors.text.secret = true;
    return process;
}

/* step(seconds) -> whether it has ended, within so many seconds */
static int process_step(lua_State *L)
{
    struct appint_process *process = check_process(L);
    lua_Number seconds = luaL_optnumber(L, 2, 0);

    lua_pushboolean(L, appint_process_step(process, seconds));
    return 1;
}

/* fds() -> { { fd = 7, events = "r" }, … } to poll before the next step */
static int process_fds(lua_State *L)
{
    const struct appint_process *process = check_process(L);
    struct pollfd fds[APPINT_PROCESS_MAX_FDS];
    int count = appint_process_fds(process, fds);

    lua_createtable(L, count, 0);
    for (int i = 0; i < count; i++) {
        lua_createtable(L, 0, 2);
        lua_pushinteger(L, fds[i].fd);
        lua_setfield(L, -2, "fd");
        lua_pushliteral(L, "r");
        lua_setfield(L, -2, "events");
        lua_rawseti(L, -2, i + 1);
    }
    return 1;
}

/*
 * result() -> how, number, output, errors once step has said true: "exited"
 * and the code, "signalled" and the signal, "unknown", or "overflow" for more
 * output than is kept; nil before.
 */
static int process_result(lua_State *L)
{
    static const char *const names[] = {"overflow", "exited", "signalled",
                                        "unknown"};
    const struct appint_process *process = check_process(L);
    bool overflow = process->output.truncated;

    if (process->outcome == APPINT_PROCESS_RUNS && !overflow) {
        lua_pushnil(L);
        return 1;
    }
    lua_pushstring(L, names[overflow ? 0 : process->outcome]);
    lua_pushinteger(L, process->number);
    appint_push_buf(L, &process->output.text);
    appint_push_buf(L, &process->errors.text);
    return 4;
}

static int process_close(lua_State *L)
{
    struct appint_core *core = appint_core_get(L);

    appint_process_reap(&core->abandoned);
    appint_process_end(check_process(L), &core->abandoned);
    return 0;
}

/* The metatable of processes, whose functions have the module's state as
 * upvalue 1 as l_spawn has. [-0, +1, m] */
static void push_process_metatable(lua_State *L)
{
    static const luaL_Reg methods[] = {
        {"step", process_step},
        {"fds", process_fds},
        {"result", process_result},
        {"close", process_close},
        {NULL, NULL},
    };

    if (appint_new_metatable(L, PROCESS_TYPE)) {
        lua_pushvalue(L, lua_upvalueindex(1));
        lua_pushcclosure(L, process_gc, 1);
        lua_setfield(L, -2, "__gc");
        lua_newtable(L);
        lua_pushvalue(L, lua_upvalueindex(1));
        luaL_setfuncs(L, methods, 1);
        lua_setfield(L, -2, "__index");
        appint_register_metatable(L, PROCESS_TYPE);
    }
}

/*
 * spawn(argv [, environment]) -> process, or nil, reason; argv a list of
 * strings, environment one of "NAME=value" instead of this process's own.
 */
static int l_spawn(lua_State *L)
{
    struct appint_process *process = NULL;
    struct appint_error error = {""};
    char **argv = NULL;
    char **environment = NULL;

    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 2);
    appint_process_reap(&appint_core_get(L)->abandoned);
    argv = push_strings(L, 1);
    luaL_argcheck(L, argv[0] != NULL, 1, "no program");
    if (!lua_isnil(L, 2)) {
        luaL_checktype(L, 2, LUA_TTABLE);
        environment = push_strings(L, 2);
    }
    process = push_process(L);
    push_process_metatable(L);
    lua_setmetatable(L, -2);
    if (appint_process_start(process, argv, environment, &error) != APPINT_OK) {
        lua_pushnil(L);
        lua_pushstring(L, error.text);
        return 2;
    }
    return 1;
}

const luaL_Reg appint_process_functions[] = {
    {"spawn", l_spawn},
    {NULL, NULL},
};
