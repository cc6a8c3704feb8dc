/* SPDX-License-Identifier: MIT */
/*
 * The module appintegrations.httpd: the emulator's HTTP server for Lua. The
 * server is a userdata and owns all it has; a request is a plain table, known
 * by its id. See httpd.h for what happens below.
 */

#include <math.h>
#include <string.h>

#include "lua/compat.h"
#include "lua/luabox.h"
#include "emulator/httpd.h"
#include "emulator/output_lua.h"

#define SERVER_TYPE APPINT_TYPE("httpd")

enum {
    DEFAULT_MAX_BODY = 16 * 1024 * 1024,
    DEFAULT_CONNECTIONS = 900, /* of the 1,024 descriptors that are usual */
    DEFAULT_IDLE_SECONDS = 120,
    DEFAULT_REQUEST_SECONDS = 30,
    LONGEST_WAIT_MS = 3600 * 1000
};

__attribute__((visibility("default"))) int
luaopen_appintegrations_httpd(lua_State *L);

static struct appint_httpd *check_server(lua_State *L)
{
    struct appint_httpd *server = luaL_checkudata(L, 1, SERVER_TYPE);

    if (server->daemon == NULL) {
        luaL_error(L, "the server is closed");
    }
    return server;
}

/* Integer field NAME of the table at INDEX, or STANDARD; within 0..MAX. */
static long long opt_field(lua_State *L, int index, const char *name,
                           long long standard, long long max)
{
    long long value = standard;

    if (lua_getfield(L, index, name) != LUA_TNIL) {
        value = lua_isinteger(L, -1) ? appint_toint64(L, -1) : -1;
    }
    lua_pop(L, 1);
    if (value < 0 || value > max) {
        luaL_error(L, "%s must be an integer from 0 to %d", name, (int)max);
    }
    return value;
}

/*
 * httpd.listen{ host = "127.0.0.1", port = 0, max_body = bytes,
 *     max_connections = N, idle_seconds = S, request_seconds = S }
 * -> server | nil, message
 */
static int l_listen(lua_State *L)
{
    struct appint_error error = {{0}};
    struct appint_httpd_limits limits = {0};
    struct appint_httpd *server = NULL;
    const char *host = NULL;
    int port = 0;

    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    port = (int)opt_field(L, 1, "port", 0, 65535);
    limits.body =
        (size_t)opt_field(L, 1, "max_body", DEFAULT_MAX_BODY, 1 << 30);
    limits.connections = (unsigned)opt_field(L, 1, "max_connections",
                                             DEFAULT_CONNECTIONS, 1 << 20);
    limits.idle_seconds =
        (unsigned)opt_field(L, 1, "idle_seconds", DEFAULT_IDLE_SECONDS, 86400);
    limits.request_seconds = (unsigned)opt_field(
        L, 1, "request_seconds", DEFAULT_REQUEST_SECONDS, 86400);
    lua_getfield(L, 1, "host");
    host = luaL_optstring(L, 2, "127.0.0.1"); /* stays on the stack */
    server = lua_newuserdatauv(L, sizeof *server, 0);
    memset(server, 0, sizeof *server);
    luaL_setmetatable(L, SERVER_TYPE);
    if (appint_httpd_open(server, host, port, &limits, &error) != APPINT_OK) {
        lua_pushnil(L);
        lua_pushstring(L, error.text);
        return 2;
    }
    return 1;
}

static int server_port(lua_State *L)
{
    lua_pushinteger(L, check_server(L)->port);
    return 1;
}

/* server:watch("signals" | "input" | "process", pid) -> true | nil, message */
static int server_watch(lua_State *L)
{
    static const char *const names[] = {"signals", "input", "process", NULL};
    struct appint_httpd *server = check_server(L);
    struct appint_error error = {{0}};
    enum appint_status status = APPINT_OK;

    switch (luaL_checkoption(L, 2, NULL, names)) {
    case 0:
        status = appint_watch_signals(&server->watch, &error);
        break;
    case 1:
        appint_watch_input(&server->watch);
        break;
    default:
        status = appint_watch_process(&server->watch,
                                      (int)luaL_checkinteger(L, 3), &error);
        break;
    }
    if (status != APPINT_OK) {
        lua_pushnil(L);
        lua_pushstring(L, error.text);
        return 2;
    }
    lua_pushboolean(L, 1);
    return 1;
}

/* Milliseconds, rounded up so that a short wait does not spin. */
static int check_wait(lua_State *L, int index)
{
    lua_Number seconds = luaL_optnumber(L, index, -1);

    if (seconds < 0 || seconds * 1000 > (double)LONGEST_WAIT_MS) {
        return seconds < 0 && !lua_isnoneornil(L, index) ? 0 : LONGEST_WAIT_MS;
    }
    return (int)ceil(seconds * 1000);
}

/* Pushes { { name, value }, … } in the order of arrival. [-0, +1, m] */
static void push_headers(lua_State *L, const struct appint_buf *headers)
{
    const char *text = headers->data;
    const char *end = text == NULL ? NULL : text + headers->len;

    lua_newtable(L);
    for (int i = 1; text != end; i++) {
        lua_createtable(L, 2, 0);
        lua_pushstring(L, text);
        lua_rawseti(L, -2, 1);
        text += strlen(text) + 1;
        lua_pushstring(L, text);
        lua_rawseti(L, -2, 2);
        text += strlen(text) + 1;
        lua_rawseti(L, -2, i); /* headers */
    }
}

/* [-0, +1, m] */
static void push_request(lua_State *L, const struct appint_exchange *exchange)
{
    lua_createtable(L, 0, 5);
    appint_pushint64(L, exchange->id);
    lua_setfield(L, -2, "id");
    lua_pushstring(L, exchange->method.data);
    lua_setfield(L, -2, "method");
    lua_pushstring(L, exchange->target.data);
    lua_setfield(L, -2, "target");
    push_headers(L, &exchange->headers);
    lua_setfield(L, -2, "headers");
    lua_pushlstring(L, exchange->body.len > 0 ? exchange->body.data : "",
                    exchange->body.len);
    lua_setfield(L, -2, "body");
}

static const char *signal_name(int number)
{
    switch (number) {
    case SIGINT:
        return "SIGINT";
    case SIGTERM:
        return "SIGTERM";
    default:
        return "SIGHUP";
    }
}

/*
 * server:poll([seconds]) -> request | nil [, reason]; the reason is the name
 * of a signal, "input closed", "process ended" or "failed"; none when the time
 * is over.
 */
static int server_poll(lua_State *L)
{
    struct appint_httpd *server = check_server(L);
    struct appint_exchange *exchange = NULL;
    int number = 0;

    switch (appint_httpd_poll(server, check_wait(L, 2), &exchange, &number)) {
    case APPINT_HTTPD_REQUEST:
        push_request(L, exchange);
        return 1;
    case APPINT_HTTPD_SIGNAL:
        lua_pushnil(L);
        lua_pushstring(L, signal_name(number));
        return 2;
    case APPINT_HTTPD_INPUT_CLOSED:
        lua_pushnil(L);
        lua_pushliteral(L, "input closed");
        return 2;
    case APPINT_HTTPD_PROCESS_ENDED:
        lua_pushnil(L);
        lua_pushliteral(L, "process ended");
        return 2;
    case APPINT_HTTPD_FAILED:
        lua_pushnil(L);
        lua_pushliteral(L, "failed");
        return 2;
    case APPINT_HTTPD_NOTHING:
        break;
    }
    lua_pushnil(L);
    return 1;
}

/* The held exchange with the id at index 2, or NULL. */
static struct appint_exchange *check_exchange(lua_State *L)
{
    return appint_httpd_find(check_server(L), appint_checkint64(L, 2));
}

static int no_exchange(lua_State *L)
{
    lua_pushnil(L);
    lua_pushliteral(L, "no such request is waiting");
    return 2;
}

/* Raises unless the table at INDEX maps strings to strings. */
static void check_headers(lua_State *L, int index)
{
    luaL_checktype(L, index, LUA_TTABLE);
    for (lua_pushnil(L); lua_next(L, index) != 0; lua_pop(L, 1)) {
        if (lua_type(L, -2) != LUA_TSTRING || lua_type(L, -1) != LUA_TSTRING) {
            luaL_error(L, "headers must be a table of strings by name");
        }
    }
}

/*
 * server:respond(id, status, headers, body) -> true | nil, message
 * HEADERS is a map; content-length is added, and date if absent and the client
 * has not ended its half of the connection.
 */
static int server_respond(lua_State *L)
{
    struct appint_exchange *exchange = check_exchange(L);
    lua_Integer status = luaL_checkinteger(L, 3);
    size_t len = 0;
    const char *body = luaL_optlstring(L, 5, "", &len);

    luaL_argcheck(L, status >= 200 && status <= 599, 3, "not an HTTP status");
    check_headers(L, 4);
    if (exchange == NULL) {
        return no_exchange(L);
    }
    if (appint_exchange_begin(exchange, body, len) != APPINT_OK) {
        return luaL_error(L, "not enough memory");
    }
    for (lua_pushnil(L); lua_next(L, 4) != 0; lua_pop(L, 1)) {
        if (!appint_exchange_header(exchange, lua_tostring(L, -2),
                                    lua_tostring(L, -1))) {
            return luaL_error(L, "header %s cannot be sent",
                              lua_tostring(L, -2));
        }
    }
    appint_exchange_send(exchange, (unsigned)status);
    lua_pushboolean(L, 1);
    return 1;
}

/* server:write(id, bytes) -> true | nil, message: raw, before a drop */
static int server_write(lua_State *L)
{
    struct appint_exchange *exchange = check_exchange(L);
    size_t len = 0;
    const char *data = luaL_checklstring(L, 3, &len);

    if (exchange == NULL) {
        return no_exchange(L);
    }
    if (!appint_exchange_write(exchange, data, len)) {
        lua_pushnil(L);
        lua_pushliteral(L, "the client does not read");
        return 2;
    }
    lua_pushboolean(L, 1);
    return 1;
}

/* server:drop(id [, reset]) -> true | nil, message */
static int server_drop(lua_State *L)
{
    struct appint_exchange *exchange = check_exchange(L);

    if (exchange == NULL) {
        return no_exchange(L);
    }
    appint_exchange_drop(exchange, lua_toboolean(L, 3));
    lua_pushboolean(L, 1);
    return 1;
}

/* server:close(), also __gc: more than once is harmless. */
static int server_close(lua_State *L)
{
    appint_httpd_close(luaL_checkudata(L, 1, SERVER_TYPE));
    return 0;
}

static const luaL_Reg server_methods[] = {
    {"port", server_port},   {"watch", server_watch},
    {"poll", server_poll},   {"respond", server_respond},
    {"write", server_write}, {"drop", server_drop},
    {"close", server_close}, {NULL, NULL},
};

static const luaL_Reg httpd_functions[] = {
    {"listen", l_listen},
    {NULL, NULL},
};

int luaopen_appintegrations_httpd(lua_State *L)
{
    appint_check_version(L);
    if (appint_new_metatable(L, SERVER_TYPE)) {
        lua_pushcfunction(L, server_close);
        lua_setfield(L, -2, "__gc");
        lua_newtable(L);
        luaL_setfuncs(L, server_methods, 0);
        lua_setfield(L, -2, "__index");
        appint_register_metatable(L, SERVER_TYPE);
    }
    lua_pop(L, 1);
    lua_newtable(L);
    luaL_setfuncs(L, httpd_functions, 0);
    appint_add_outputs(L);
    return 1;
}
