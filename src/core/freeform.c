/* SPDX-License-Identifier: MIT */
/* Values without a shape: see freeform.h. */

#include "core/freeform.h"

#include <math.h>

#include "base/json.h"
#include "core/rules.h"
#include "core/values.h"

void appint_write_key(struct appint_buf *out, const char *name, size_t len)
{
    bool first = out->len == 0 || out->data[out->len - 1] == '{';

    if (!first) {
        appint_buf_append_char(out, ',');
    }
    appint_json_string(out, name, len);
    appint_buf_append_char(out, ':');
}

bool appint_write_number(struct appint_walk *walk, struct appint_buf *out)
{
    lua_Number number = lua_tonumber(walk->L, -1);

    if (lua_isinteger(walk->L, -1)) {
        appint_buf_append_integer(out, appint_toint64(walk->L, -1));
    } else if (isfinite(number)) {
        appint_json_double(out, number);
    } else {
        appint_violation(&walk->report, "type",
                         "expected a finite number, got %g", (double)number);
        return false;
    }
    return true;
}

static void any_list(struct appint_walk *walk, long long count)
{
    appint_buf_append_char(walk->out, '[');
    for (long long i = 1; i <= count; i++) {
        if (i > 1) {
            appint_buf_append_char(walk->out, ',');
        }
        lua_rawgeti(walk->L, -1, (int)i);
        appint_enter_index(&walk->report, i);
        appint_write_any(walk);
        appint_leave(&walk->report);
        lua_pop(walk->L, 1);
    }
    appint_buf_append_char(walk->out, ']');
}

/* The entries of the table on top; braces are the caller's. */
static void any_entries(struct appint_walk *walk)
{
    bool told = false;

    lua_pushnil(walk->L);
    while (lua_next(walk->L, -2) != 0) {
        if (lua_type(walk->L, -2) == LUA_TSTRING) {
            size_t len;
            const char *key = lua_tolstring(walk->L, -2, &len);

            appint_write_key(walk->out, key, len);
            appint_enter_member(&walk->report, key, len);
            appint_check_text(&walk->report, key, len);
            appint_write_any(walk);
            appint_leave(&walk->report);
        } else if (!told) { /* many such keys are there for one reason */
            appint_violation(&walk->report, "type",
                             "expected strings as keys, got a %s",
                             appint_type_name(walk->L, -2));
            told = true;
        }
        lua_pop(walk->L, 1);
    }
}

/* Whether the table on top, which is no list, has items of one. [-0, +0, -] */
static bool is_nearly_list(lua_State *L, long long gap)
{
    bool has_first = lua_rawgeti(L, -1, 1) != LUA_TNIL;

    lua_pop(L, 1);
    return gap > 0 || has_first;
}

static void any_table(struct appint_walk *walk)
{
    long long gap = 0, count = appint_sequence_length(walk->L, &gap);

    if (count > 0) {
        any_list(walk, count);
        return;
    }
    if (count < 0 && is_nearly_list(walk->L, gap)) {
        appint_check_sequence(&walk->report);
        return;
    }
    appint_buf_append_char(walk->out, '{');
    any_entries(walk);
    appint_buf_append_char(walk->out, '}');
}

void appint_write_any(struct appint_walk *walk)
{
    size_t len;
    const char *text;

    if (!appint_deep_enough(&walk->report)) {
        return;
    }
    switch (lua_type(walk->L, -1)) {
    case LUA_TSTRING:
        text = lua_tolstring(walk->L, -1, &len);
        appint_check_text(&walk->report, text, len);
        appint_json_string(walk->out, text, len);
        break;
    case LUA_TNUMBER:
        appint_write_number(walk, walk->out);
        break;
    case LUA_TBOOLEAN:
        appint_buf_append_string(walk->out,
                                 lua_toboolean(walk->L, -1) ? "true" : "false");
        break;
    case LUA_TTABLE:
        any_table(walk);
        break;
    default:
        if (appint_is_null(walk->L, -1)) {
            appint_buf_append_string(walk->out, "null");
        } else {
            appint_violation(&walk->report, "type", "a %s cannot be sent",
                             luaL_typename(walk->L, -1));
        }
        break;
    }
}
