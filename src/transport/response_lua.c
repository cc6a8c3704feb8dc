/* SPDX-License-Identifier: MIT */
/* Outcomes of transfers as Lua values: see response_lua.h. */

#include "transport/response_lua.h"

static void push_timings(lua_State *L, const struct appint_transfer *transfer)
{
    static const char *const names[APPINT_MOMENTS] = {
        [APPINT_NAME_LOOKUP] = "name_lookup",
        [APPINT_CONNECT] = "connect",
        [APPINT_TLS] = "tls",
        [APPINT_FIRST_BYTE] = "first_byte",
        [APPINT_TOTAL] = "total",
    };

    lua_createtable(L, 0, APPINT_MOMENTS);
    for (int i = 0; i < APPINT_MOMENTS; i++) {
        lua_pushnumber(L, (lua_Number)transfer->answer.moments[i] / 1e6);
        lua_setfield(L, -2, names[i]);
    }
}

static void set_text(lua_State *L, const char *name,
                     const struct appint_buf *text)
{
    lua_pushlstring(L, text->len > 0 ? text->data : "", text->len);
    lua_setfield(L, -2, name);
}

static void push_response(lua_State *L, const struct appint_transfer *transfer,
                          bool timings)
{
    const struct appint_answer *answer = &transfer->answer;

    lua_createtable(L, 0, 4);
    lua_pushinteger(L, (lua_Integer)answer->status);
    lua_setfield(L, -2, "status");
    set_text(L, "header_lines", &answer->headers);
    set_text(L, "body", &answer->content);
    if (timings) {
        push_timings(L, transfer);
        lua_setfield(L, -2, "timings");
    }
}

int appint_response_push(lua_State *L, const struct appint_transfer *transfer,
                         bool timings)
{
    appint_pushint64(L, (long long)transfer->id);
    if (transfer->failure == APPINT_NO_FAILURE) {
        push_response(L, transfer, timings);
        return 2;
    }
    lua_pushnil(L);
    lua_pushstring(L, appint_failure_kind(transfer->failure));
    lua_pushstring(L, appint_failure_code(transfer->failure));
    lua_pushstring(L, transfer->error.text);
    push_timings(L, transfer);
    lua_pushboolean(L, transfer->stale);
    return 7;
}
