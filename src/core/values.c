/* SPDX-License-Identifier: MIT */
/* What a Lua value is as JSON: see values.h. */

#include "core/values.h"

#include <math.h>

#include "core/core.h"

const char *appint_type_name(lua_State *L, int index)
{
    return appint_is_null(L, index) ? "null" : luaL_typename(L, index);
}

bool appint_to_integer(lua_State *L, long long *result)
{
    lua_Number number = lua_tonumber(L, -1);

    if (lua_isinteger(L, -1)) {
        *result = appint_toint64(L, -1);
        return true;
    }
    /* 2^63 itself is no longer an integer of 64 bits. */
    if (number != floor(number) || number < -9223372036854775808.0 ||
        number >= 9223372036854775808.0) {
        return false;
    }
    *result = (long long)number;
    return true;
}

long long appint_sequence_length(lua_State *L, long long *gap)
{
    long long count = 0;
    bool other = false;

    lua_pushnil(L);
    while (lua_next(L, -2) != 0) {
        lua_pop(L, 1); /* table, key */
        if (lua_type(L, -1) == LUA_TNUMBER) {
            count++;
        } else {
            other = true;
        }
    }
    for (long long i = 1; i <= count; i++) {
        bool hole = lua_rawgeti(L, -1, (int)i) == LUA_TNIL;

        lua_pop(L, 1);
        if (hole) {
            *gap = i;
            return -1;
        }
    }
    *gap = 0;
    return other ? -1 : count;
}
