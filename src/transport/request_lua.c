/* SPDX-License-Identifier: MIT */
/* Requests read from Lua tables: see request_lua.h. */

#include "transport/request_lua.h"

#include <stdint.h>

#include "base/field.h"

const char *appint_request_string(lua_State *L, int index, const char *name,
                                  size_t *len)
{
    int type = lua_getfield(L, index, name);

    if (type == LUA_TNIL) {
        return NULL;
    }
    if (type != LUA_TSTRING) {
        luaL_error(L, "%s: expected string, got %s", name,
                   lua_typename(L, type));
    }
    return lua_tolstring(L, -1, len);
}

static double opt_number_field(lua_State *L, int index, const char *name)
{
    int type = lua_getfield(L, index, name);
    double number = lua_tonumber(L, -1);

    if (type != LUA_TNIL && (type != LUA_TNUMBER || !(number >= 0.0))) {
        luaL_error(L, "%s: expected a number from 0 on", name);
    }
    lua_pop(L, 1);
    return number;
}

void appint_request_read(lua_State *L, int index,
                         struct appint_request *request)
{
    double limit = opt_number_field(L, index, "max_response_bytes");

    request->connect_timeout = opt_number_field(L, index, "connect_timeout");
    request->timeout = opt_number_field(L, index, "timeout");
    request->max_response_bytes = limit < (double)SIZE_MAX ? (size_t)limit : 0;
    request->method = appint_request_string(L, index, "method", NULL);
    request->url = appint_request_string(L, index, "url", &request->url_len);
    request->body = appint_request_string(L, index, "body", &request->body_len);
    if (request->method == NULL || request->url == NULL) {
        luaL_error(L, "a request needs a method and a URL");
    }
}

/* The headers of the table on top into TRANSFER, in no particular order.
 * [-0, +0, e] */
static enum appint_status add_table(lua_State *L,
                                    struct appint_transfer *transfer,
                                    struct appint_error *error)
{
    enum appint_status status = APPINT_OK;
    int headers = lua_gettop(L);

    lua_pushnil(L);
    while (status == APPINT_OK && lua_next(L, headers) != 0) {
        struct appint_slice name = {NULL, 0};
        struct appint_slice value = {NULL, 0};

        if (lua_type(L, -2) != LUA_TSTRING || lua_type(L, -1) != LUA_TSTRING) {
            appint_transfer_reset(transfer, 0); /* it holds secrets */
            luaL_error(L, "headers: expected strings by name");
        }
        name.data = lua_tolstring(L, -2, &name.len);
        value.data = lua_tolstring(L, -1, &value.len);
        status = appint_transfer_add_header(transfer, name, value, error);
        lua_pop(L, 1);
    }
    lua_settop(L, headers);
    return status;
}

/* Those in LINES, as appint_split_field cuts them. */
static enum appint_status add_lines(struct appint_slice lines,
                                    struct appint_transfer *transfer,
                                    struct appint_error *error)
{
    enum appint_status status = APPINT_OK;
    struct appint_slice line = {NULL, 0};

    while (status == APPINT_OK && appint_next_line(&lines, &line)) {
        struct appint_slice name = {"", 0}; /* no token, so it is refused */
        struct appint_slice value = {"", 0};

        appint_split_field(line, &name, &value);
        status = appint_transfer_add_header(transfer, name, value, error);
    }
    return status;
}

enum appint_status appint_request_read_headers(lua_State *L, int index,
                                               struct appint_transfer *transfer,
                                               struct appint_error *error)
{
    struct appint_slice lines = {NULL, 0};

    if (lua_getfield(L, index, "header_lines") == LUA_TSTRING) {
        lines.data = lua_tolstring(L, -1, &lines.len);
        return add_lines(lines, transfer, error);
    }
    lua_pop(L, 1);
    if (lua_getfield(L, index, "headers") != LUA_TTABLE) {
        luaL_error(L, "headers: expected table");
    }
    return add_table(L, transfer, error);
}
