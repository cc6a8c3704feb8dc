/* SPDX-License-Identifier: MIT */
/*
 * From decoded JSON to the output that the contract promises, in place: null
 * is absent, integer shapes are Lua integers, timestamps are epoch seconds,
 * and members that the model does not know stay as they came. Shapes without
 * anything to convert are not walked at all.
 */

#include "core.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "model.h"
#include "timestamp.h"

static void reshape(lua_State *L, const struct appint_shape *shape);

/* --- null ----------------------------------------------------------------- */

/* Closes the gaps in positions 1..LAST of the table on top. */
static void compact(lua_State *L, lua_Integer last)
{
    lua_Integer to = 1;

    for (lua_Integer from = 1; from <= last; from++) {
        if (lua_rawgeti(L, -1, (int)from) == LUA_TNIL) {
            lua_pop(L, 1);
        } else {
            lua_rawseti(L, -2, (int)to++);
        }
    }
    for (; to <= last; to++) {
        lua_pushnil(L);
        lua_rawseti(L, -2, (int)to);
    }
}

/* Removes every null below the table on top. */
static void strip_nulls(lua_State *L)
{
    lua_Integer last = 0; /* of the positions, if one of them is null */
    bool gaps = false;

    luaL_checkstack(L, 8, APPINT_STACK_ERROR);
    lua_pushnil(L);
    while (lua_next(L, -2) != 0) { /* table, key, value */
        bool position = lua_type(L, -2) == LUA_TNUMBER;

        if (position && lua_tointeger(L, -2) > last) {
            last = lua_tointeger(L, -2);
        }
        if (appint_is_null(L, -1)) {
            gaps = gaps || position;
            lua_pushvalue(L, -2);
            lua_pushnil(L);
            lua_rawset(L, -5);
        } else if (lua_istable(L, -1)) {
            strip_nulls(L);
        }
        lua_pop(L, 1);
    }
    if (gaps) {
        compact(L, last);
    }
}

/* --- Values by their shape --------------------------------------------------
 */

/* Replaces an integral float on top by the integer; others stay. */
static void make_integer(lua_State *L)
{
    lua_Number number = lua_tonumber(L, -1);

    if (lua_type(L, -1) == LUA_TNUMBER && !lua_isinteger(L, -1) &&
        number == floor(number) && number >= -9223372036854775808.0 &&
        number < 9223372036854775808.0) {
        lua_pop(L, 1);
        appint_pushint64(L, number);
    }
}

/* Replaces a date and time in text on top by epoch seconds; others stay. */
static void make_timestamp(lua_State *L)
{
    double seconds;
    size_t len;
    const char *text;

    if (lua_type(L, -1) != LUA_TSTRING) {
        return;
    }
    text = lua_tolstring(L, -1, &len);
    if (appint_timestamp_parse(text, len, &seconds)) {
        lua_pop(L, 1);
        lua_pushnumber(L, seconds);
    }
}

static void structure(lua_State *L, const struct appint_shape *shape)
{
    for (size_t i = 0; i < shape->count; i++) {
        const struct appint_member *member = &shape->members[i];

        if (!member->shape->converts) {
            continue;
        }
        lua_pushlstring(L, member->wire, member->wire_len);
        lua_pushvalue(L, -1); /* table, key, key */
        if (lua_rawget(L, -3) == LUA_TNIL) {
            lua_pop(L, 2);
        } else {
            reshape(L, member->shape);
            lua_rawset(L, -3);
        }
    }
}

/* The values of a list or a map. */
static void elements(lua_State *L, const struct appint_shape *shape)
{
    lua_pushnil(L);
    while (lua_next(L, -2) != 0) {
        reshape(L, shape->element); /* table, key, value */
        lua_pushvalue(L, -2);
        lua_insert(L, -2); /* table, key, key, value */
        lua_rawset(L, -4);
    }
}

/* Converts the value on top, in place or by replacing it. */
static void reshape(lua_State *L, const struct appint_shape *shape)
{
    luaL_checkstack(L, 8, APPINT_STACK_ERROR);
    switch (shape->type) {
    case APPINT_INTEGER:
        make_integer(L);
        break;
    case APPINT_TIMESTAMP:
        make_timestamp(L);
        break;
    case APPINT_STRUCTURE:
        if (lua_istable(L, -1)) {
            structure(L, shape);
        }
        break;
    case APPINT_LIST:
    case APPINT_MAP:
        if (lua_istable(L, -1)) {
            elements(L, shape);
        }
        break;
    default:
        break;
    }
}

/*
 * reshape(operation, output, has_null) -> output
 * has_null: whether the JSON text has a null anywhere (the caller can tell
 * from the text far more cheaply than by walking the table).
 */
static int l_reshape(lua_State *L)
{
    const char *name = luaL_checkstring(L, 1);
    const struct appint_operation *op = appint_operation_find(name);

    luaL_checktype(L, 2, LUA_TTABLE);
    if (op == NULL) {
        return luaL_error(L, "no operation is called %s", name);
    }
    if (lua_toboolean(L, 3)) {
        lua_settop(L, 2);
        strip_nulls(L);
    }
    lua_settop(L, 2);
    if (op->output->converts) {
        reshape(L, op->output);
    }
    return 1;
}

const luaL_Reg appint_reshape_functions[] = {
    {"reshape", l_reshape},
    {NULL, NULL},
};
