/* Counts which lines of Lua files run, for spec/support/line_coverage.lua:
 *
 *     local hook = require "line_hook"
 *     hook.start()    -- from here on, in this coroutine and those made later
 *     hook.each(f)    -- calls f with each source and line that has run
 *
 * A hook written in Lua makes a run twenty times as long.
 */
#include <lauxlib.h>
#include <lua.h>
#include <stdlib.h>
#include <string.h>

#define MAX_LINES   4096 /* of one file */
#define MAX_SOURCES 1024

/* One of each process: the tests that are counted have one Lua state each. A
 * source is known by where its name stands, which the Lua state keeps. */
static struct source {
    const char *name;
    char *copy; /* the name may end before the state does */
    unsigned char lines[MAX_LINES];
} * sources[MAX_SOURCES];
static size_t count;

static struct source *find(const char *name)
{
    size_t place = ((size_t)name >> 3) % MAX_SOURCES;
    for (; sources[place] != NULL; place = (place + 1) % MAX_SOURCES) {
        if (sources[place]->name == name &&
            strcmp(sources[place]->copy, name) == 0) {
            return sources[place];
        }
    }
    if (count == MAX_SOURCES - 1) {
        return NULL;
    }
    struct source *source = calloc(1, sizeof *source);
    if (source == NULL || (source->copy = strdup(name)) == NULL) {
        free(source); /* a spec lets allocations fail */
        return NULL;
    }
    source->name = name;
    sources[place] = source;
    count++;
    return source;
}

static void on_line(lua_State *L, lua_Debug *ar)
{
    lua_getinfo(L, "S", ar);
    if (ar->source[0] != '@' || ar->currentline >= MAX_LINES) {
        return;
    }
    struct source *source = find(ar->source);
    if (source != NULL) {
        source->lines[ar->currentline] = 1;
    }
}

static int l_start(lua_State *L)
{
    lua_sethook(L, on_line, LUA_MASKLINE, 0);
    return 0;
}

static int l_each(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TFUNCTION);
    for (size_t i = 0; i < MAX_SOURCES; i++) {
        for (int line = 1; sources[i] != NULL && line < MAX_LINES; line++) {
            if (sources[i]->lines[line]) {
                lua_pushvalue(L, 1);
                lua_pushstring(L, sources[i]->copy);
                lua_pushinteger(L, line);
                lua_call(L, 2, 0);
            }
        }
    }
    return 0;
}

__attribute__((visibility("default"))) int luaopen_line_hook(lua_State *L);
int luaopen_line_hook(lua_State *L)
{
    lua_createtable(L, 0, 2);
    lua_pushcfunction(L, l_start);
    lua_setfield(L, -2, "start");
    lua_pushcfunction(L, l_each);
    lua_setfield(L, -2, "each");
    return 1;
}
