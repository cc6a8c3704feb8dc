/* SPDX-License-Identifier: MIT */
/* Values without a shape: see build.h. */

#include "build.h"

#include <math.h>

#include "json.h"

/* `,"name":` or `"name":` */
void appint_write_key(struct build *b, const char *name, size_t len)
{
    bool first = b->out->len == 0 || b->out->data[b->out->len - 1] == '{';

    if (!first) {
        appint_buf_append_char(b->out, ',');
    }
    appint_json_string(b->out, name, len);
    appint_buf_append_char(b->out, ':');
}

/* Writes the number on top, which has to be finite. */
void appint_write_number(struct build *b)
{
    lua_Number number = lua_tonumber(b->L, -1);

    if (lua_isinteger(b->L, -1)) {
        appint_buf_append_integer(b->out, (long long)lua_tointeger(b->L, -1));
    } else if (isfinite(number)) {
        appint_json_double(b->out, number);
    } else {
        violation(b, "type", "expected a finite number, got %g",
                  (double)number);
    }
}

static void any_list(struct build *b, long long count)
{
    appint_buf_append_char(b->out, '[');
    for (long long i = 1; i <= count; i++) {
        if (i > 1) {
            appint_buf_append_char(b->out, ',');
        }
        lua_rawgeti(b->L, -1, (int)i);
        appint_enter_index(&b->report, i);
        appint_write_any(b);
        appint_leave(&b->report);
        lua_pop(b->L, 1);
    }
    appint_buf_append_char(b->out, ']');
}

/* The entries of the table on top; braces are the caller's. */
static void any_entries(struct build *b)
{
    lua_pushnil(b->L);
    while (lua_next(b->L, -2) != 0) {
        if (lua_type(b->L, -2) == LUA_TSTRING) {
            size_t len;
            const char *key = lua_tolstring(b->L, -2, &len);

            appint_write_key(b, key, len);
            appint_enter_member(&b->report, key, len);
            appint_check_text(b, key, len);
            appint_write_any(b);
            appint_leave(&b->report);
        } else {
            violation(b, "type", "mixes a list with the key of a %s",
                      appint_type_name(b->L, -2));
        }
        lua_pop(b->L, 1);
    }
}

static void any_table(struct build *b)
{
    long long gap = 0, count = appint_sequence_length(b->L, &gap);

    if (count > 0) {
        any_list(b, count);
        return;
    }
    appint_buf_append_char(b->out, '{');
    any_entries(b);
    appint_buf_append_char(b->out, '}');
}

/* Writes the value on top as what it is. */
void appint_write_any(struct build *b)
{
    size_t len;
    const char *text;

    if (!appint_deep_enough(b)) {
        return;
    }
    switch (lua_type(b->L, -1)) {
    case LUA_TSTRING:
        text = lua_tolstring(b->L, -1, &len);
        appint_check_text(b, text, len);
        appint_json_string(b->out, text, len);
        break;
    case LUA_TNUMBER:
        appint_write_number(b);
        break;
    case LUA_TBOOLEAN:
        appint_buf_append_string(b->out,
                                 lua_toboolean(b->L, -1) ? "true" : "false");
        break;
    case LUA_TTABLE:
        any_table(b);
        break;
    default:
        if (appint_is_null(b->L, -1)) {
            appint_buf_append_string(b->out, "null");
        } else {
            violation(b, "type", "a %s cannot be sent",
                      luaL_typename(b->L, -1));
        }
        break;
    }
}
