/* SPDX-License-Identifier: MIT */
/*
 * Headers for Lua, which requests and answers of calls have as one text (see
 * base/field.h), names in lower case: most calls look at two or three of them,
 * and a table is only made for who wants all.
 */

#include "core/core.h"

#include <string.h>

#include "base/field.h"
#include "base/slice.h"

static struct appint_slice check_lines(lua_State *L)
{
    struct appint_slice lines;

    lines.data = luaL_checklstring(L, 1, &lines.len);
    return lines;
}

/* --- One header ---------------------------------------------------------- */

/* Cuts from LINES up to the next value of NAME. */
static bool next_value(struct appint_slice *lines, struct appint_slice name,
                       struct appint_slice *value)
{
    struct appint_slice line;

    while (appint_next_line(lines, &line)) {
        if (line.len > name.len && line.data[name.len] == ':' &&
            memcmp(line.data, name.data, name.len) == 0) {
            *value = appint_behind(line, name.len);
            return true;
        }
    }
    return false;
}

/* The value of NAME in LINES, or nil; several are joined. [-0, +1, m] */
static void push_value(lua_State *L, struct appint_slice lines,
                       struct appint_slice name)
{
    struct appint_slice value;
    struct appint_slice next;
    luaL_Buffer joined;

    if (!next_value(&lines, name, &value)) {
        lua_pushnil(L);
        return;
    }
    if (!next_value(&lines, name, &next)) {
        lua_pushlstring(L, value.data, value.len);
        return;
    }
    luaL_buffinit(L, &joined);
    luaL_addlstring(&joined, value.data, value.len);
    do {
        luaL_addlstring(&joined, ", ", 2);
        luaL_addlstring(&joined, next.data, next.len);
    } while (next_value(&lines, name, &next));
    luaL_pushresult(&joined);
}

/* header(lines, name, …) -> the value of each name, or nil; nil for nil */
static int l_header(lua_State *L)
{
    struct appint_slice lines = check_lines(L);
    int last = lua_gettop(L);

    luaL_checkstack(L, last + LUA_MINSTACK, APPINT_STACK_ERROR);
    for (int i = 2; i <= last; i++) {
        struct appint_slice name;

        if (!lua_isnil(L, i)) {
            name.data = luaL_checklstring(L, i, &name.len);
            push_value(L, lines, name);
            lua_replace(L, i);
        }
    }
    lua_settop(L, last);
    return last - 1;
}

/* --- All of them --------------------------------------------------------- */

/* Puts the text of the list at INDEX in its place. [-0, +0, m] */
static void join(lua_State *L, int index)
{
    luaL_Buffer buffer;
    int count = (int)lua_rawlen(L, index);

    luaL_buffinit(L, &buffer);
    for (int i = 1; i <= count; i++) {
        if (i > 1) {
            luaL_addlstring(&buffer, ", ", 2);
        }
        lua_rawgeti(L, index, i);
        luaL_addvalue(&buffer);
    }
    luaL_pushresult(&buffer);
    lua_replace(L, index);
}

/* Puts the texts of all lists in the table on top in their places. */
static void join_all(lua_State *L)
{
    lua_pushnil(L);
    while (lua_next(L, -2) != 0) {
        if (lua_istable(L, -1)) {
            join(L, lua_gettop(L));
            lua_pushvalue(L, -2);
            lua_insert(L, -2);
            lua_rawset(L, -4); /* headers, name */
        } else {
            lua_pop(L, 1);
        }
    }
}

/* Adds a further VALUE to the old one of TYPE: a text, or a list already.
 * Stack: headers, name, old. [-2, +0, m] */
static void add_repeated(lua_State *L, int type, struct appint_slice value)
{
    if (type != LUA_TTABLE) {
        lua_createtable(L, 2, 0);
        lua_insert(L, -2);
        lua_rawseti(L, -2, 1); /* headers, name, list */
    }
    lua_pushlstring(L, value.data, value.len);
    lua_rawseti(L, -2, (int)lua_rawlen(L, -2) + 1);
    lua_rawset(L, -3); /* headers */
}

/* Adds the header in LINE to the table on top; true if it repeats another one.
 * [-0, +0, m] */
static bool add_line(lua_State *L, struct appint_slice line)
{
    struct appint_slice name;
    struct appint_slice value;
    int type = LUA_TNIL;

    if (!appint_split_field(line, &name, &value)) {
        return false; /* nobody's header */
    }
    lua_pushlstring(L, name.data, name.len);
    lua_pushvalue(L, -1);
    type = lua_rawget(L, -3);
    if (type != LUA_TNIL) {
        add_repeated(L, type, value);
        return true;
    }
    lua_pop(L, 1);
    lua_pushlstring(L, value.data, value.len);
    lua_rawset(L, -3); /* headers */
    return false;
}

/* headers(lines) -> a table of values by name. Repeated ones are joined when
 * all are there: in linear time. */
static int l_headers(lua_State *L)
{
    struct appint_slice lines = check_lines(L);
    struct appint_slice line;
    bool repeated = false;

    lua_settop(L, 1);
    lua_createtable(L, 0, 16);
    while (appint_next_line(&lines, &line)) {
        repeated |= add_line(L, line);
    }
    if (repeated) {
        join_all(L);
    }
    return 1;
}

const luaL_Reg appint_headers_functions[] = {
    {"header", l_header},
    {"headers", l_headers},
    {NULL, NULL},
};
