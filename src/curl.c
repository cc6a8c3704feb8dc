/* SPDX-License-Identifier: MIT */
/*
 * The Lua module appintegrations.curl, a thin layer over the engine of
 * transport.h: three kinds of userdata (engine, settings, guard), requests read
 * from tables, answers pushed as tables. Internal to
 * appintegrations.transport.curl, which documents it for users. A shared object
 * of its own, because it brings libcurl into the process.
 */

#include <math.h>
#include <string.h>

#include "compat.h"
#include "transport.h"

#define ENGINE_TYPE   "appintegrations.curl.engine"
#define SETTINGS_TYPE "appintegrations.curl.settings"
#define GUARD_TYPE    "appintegrations.curl.guard"

/* Far more sockets than poll() is good for. */
enum { MAX_CONNECTIONS = 65536 };

__attribute__((visibility("default"))) int
luaopen_appintegrations_curl(lua_State *L);

struct engine_box {
    struct appint_engine *engine; /* a reference, or NULL */
};

struct settings_box {
    struct appint_settings *settings; /* a reference, or NULL */
};

/* Cancels the transfer `id` unless it is told not to. */
struct guard_box {
    struct appint_engine *engine; /* a reference, or NULL */
    uint64_t id;                  /* 0: guards nothing */
};

/* A zeroed userdata with its metatable: the owner of what comes. [-0, +1, m] */
static void *new_box(lua_State *L, size_t size, const char *type)
{
    void *box = lua_newuserdatauv(L, size, 0);

    memset(box, 0, size);
    luaL_setmetatable(L, type);
    return box;
}

static struct appint_engine *check_engine(lua_State *L)
{
    struct engine_box *box = luaL_checkudata(L, 1, ENGINE_TYPE);

    luaL_argcheck(L, box->engine != NULL, 1, "engine is gone");
    return box->engine;
}

static uint64_t check_id(lua_State *L, int index)
{
    lua_Integer id = luaL_checkinteger(L, index);

    luaL_argcheck(L, id > 0, index, "transfer id expected");
    return (uint64_t)id;
}

/* Seconds; nil and infinity are -1, no limit. */
static double opt_seconds(lua_State *L, int index)
{
    lua_Number seconds = luaL_optnumber(L, index, HUGE_VAL);

    luaL_argcheck(L, seconds >= 0.0, index, "seconds expected");
    return seconds == HUGE_VAL ? -1.0 : seconds;
}

/* ---- settings ---------------------------------------------------------- */

/* Field NAME of the table at INDEX, left on the stack; NULL when it is nil.
 * [-0, +1, e] */
static const char *opt_string_field(lua_State *L, int index, const char *name,
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

/* settings{ca_bundle=, proxy=, no_proxy=, verify_tls=}: settings, or nil and
 * what is wrong with them. */
static int l_settings(lua_State *L)
{
    struct appint_settings_source source = {NULL, NULL, NULL, true};
    struct appint_allocator allocator = {NULL, NULL};
    struct appint_error error = {""};
    enum appint_status status = APPINT_OK;
    struct settings_box *box = NULL;

    luaL_checktype(L, 1, LUA_TTABLE);
    source.ca_bundle = opt_string_field(L, 1, "ca_bundle", NULL);
    source.proxy = opt_string_field(L, 1, "proxy", NULL);
    source.no_proxy = opt_string_field(L, 1, "no_proxy", NULL);
    source.verify_tls =
        lua_getfield(L, 1, "verify_tls") == LUA_TNIL || lua_toboolean(L, -1);
    allocator.fn = lua_getallocf(L, &allocator.ud);
    box = new_box(L, sizeof *box, SETTINGS_TYPE);
    status = appint_settings_new(&allocator, &source, &box->settings, &error);
    if (status == APPINT_E_ARG) {
        lua_pushnil(L);
        lua_pushstring(L, error.text);
        return 2;
    }
    if (status != APPINT_OK) {
        return luaL_error(L, "not enough memory");
    }
    return 1;
}

static int settings_gc(lua_State *L)
{
    struct settings_box *box = luaL_checkudata(L, 1, SETTINGS_TYPE);

    appint_settings_release(box->settings);
    box->settings = NULL;
    return 0;
}

/* ---- engine: submitting ------------------------------------------------ */

static size_t check_limit(lua_State *L, int index)
{
    lua_Integer max = luaL_checkinteger(L, index);

    luaL_argcheck(L, max >= 1 && max <= MAX_CONNECTIONS, index,
                  "1 to 65536 connections expected");
    return (size_t)max;
}

/* engine(max_connections) */
static int l_engine(lua_State *L)
{
    size_t max = check_limit(L, 1);
    struct appint_allocator allocator = {NULL, NULL};
    struct appint_error error = {""};
    struct engine_box *box = NULL;

    if (appint_curl_init(&error) != APPINT_OK) {
        return luaL_error(L, "%s", error.text);
    }
    allocator.fn = lua_getallocf(L, &allocator.ud);
    box = new_box(L, sizeof *box, ENGINE_TYPE);
    if (appint_engine_new(&allocator, max, &box->engine) != APPINT_OK) {
        return luaL_error(L, "not enough memory");
    }
    return 1;
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

/* The request at INDEX; its strings stay on the stack. [-0, +3, e] */
static void read_request(lua_State *L, int index,
                         struct appint_request *request)
{
    double limit = opt_number_field(L, index, "max_response_bytes");

    request->connect_timeout = opt_number_field(L, index, "connect_timeout");
    request->timeout = opt_number_field(L, index, "timeout");
    request->max_response_bytes = limit < 1e15 ? (size_t)limit : 0;
    request->method = opt_string_field(L, index, "method", NULL);
    request->url = opt_string_field(L, index, "url", &request->url_len);
    request->body = opt_string_field(L, index, "body", &request->body_len);
    if (request->method == NULL || request->url == NULL) {
        luaL_error(L, "a request needs a method and a URL");
    }
}

/* The headers of the table on top into TRANSFER, in no particular order. */
static enum appint_status read_headers(lua_State *L,
                                       struct appint_transfer *transfer,
                                       struct appint_error *error)
{
    enum appint_status status = APPINT_OK;
    int headers = lua_gettop(L);

    lua_pushnil(L);
    while (status == APPINT_OK && lua_next(L, headers) != 0) {
        const char *name = NULL;
        const char *value = NULL;
        size_t name_len = 0;
        size_t value_len = 0;

        if (lua_type(L, -2) != LUA_TSTRING || lua_type(L, -1) != LUA_TSTRING) {
            luaL_error(L, "headers: expected strings by name");
        }
        name = lua_tolstring(L, -2, &name_len);
        value = lua_tolstring(L, -1, &value_len);
        status = appint_transfer_add_header(transfer, name, name_len, value,
                                            value_len, error);
        lua_pop(L, 1);
    }
    lua_settop(L, headers);
    return status;
}

/* engine:submit(request, settings): id, or nil and what is malformed. An error
 * raised in between leaves the draft to be used by the next call. */
static int engine_submit(lua_State *L)
{
    struct appint_engine *engine = check_engine(L);
    struct settings_box *settings = luaL_checkudata(L, 3, SETTINGS_TYPE);
    struct appint_request request = {0};
    struct appint_error error = {""};
    enum appint_status status = APPINT_OK;
    struct appint_transfer *transfer = NULL;

    luaL_checktype(L, 2, LUA_TTABLE);
    luaL_argcheck(L, settings->settings != NULL, 3, "settings are gone");
    read_request(L, 2, &request);
    if (lua_getfield(L, 2, "headers") != LUA_TTABLE) {
        return luaL_error(L, "headers: expected table");
    }
    transfer = appint_engine_draft(engine);
    if (transfer == NULL) {
        return luaL_error(L, "not enough memory");
    }
    status = read_headers(L, transfer, &error);
    if (status == APPINT_OK) {
        status = appint_transfer_prepare(transfer, &request, settings->settings,
                                         &error);
    }
    if (status == APPINT_E_ARG) {
        lua_pushnil(L);
        lua_pushstring(L, error.text);
        return 2;
    }
    if (status != APPINT_OK) {
        return luaL_error(L, "not enough memory");
    }
    appint_pushint64(L, (long long)appint_engine_submit(engine));
    return 1;
}

/* ---- engine: stepping and taking --------------------------------------- */

/* engine:step([seconds]): the number of transfers finished and not taken. */
static int engine_step(lua_State *L)
{
    struct appint_engine *engine = check_engine(L);

    appint_engine_step(engine, opt_seconds(L, 2));
    lua_pushinteger(L, (lua_Integer)appint_engine_counts(engine).finished);
    return 1;
}

/* engine:done(id): true when finished, false before, nil for an id that was
 * taken or cancelled. */
static int engine_done(lua_State *L)
{
    struct appint_transfer *transfer =
        appint_engine_find(check_engine(L), check_id(L, 2));

    if (transfer == NULL) {
        lua_pushnil(L);
    } else {
        lua_pushboolean(L, transfer->state == APPINT_TRANSFER_FINISHED);
    }
    return 1;
}

static void push_headers(lua_State *L, const struct appint_transfer *transfer)
{
    struct appint_received_header header = {NULL, NULL, 0, 0};
    size_t cursor = 0;

    lua_createtable(L, 0, 8);
    while (appint_transfer_next_header(transfer, &cursor, &header)) {
        lua_pushlstring(L, header.name, header.name_len);
        lua_pushvalue(L, -1);
        if (lua_rawget(L, -3) == LUA_TNIL) {
            lua_pop(L, 1);
            lua_pushlstring(L, header.value, header.value_len);
        } else {
            lua_pushliteral(L, ", ");
            lua_pushlstring(L, header.value, header.value_len);
            lua_concat(L, 3);
        }
        lua_rawset(L, -3); /* headers */
    }
}

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
        lua_pushnumber(L, (lua_Number)transfer->moments[i] / 1e6);
        lua_setfield(L, -2, names[i]);
    }
}

static void push_response(lua_State *L, const struct appint_transfer *transfer)
{
    const struct appint_buf *content = &transfer->content;

    lua_createtable(L, 0, 4);
    lua_pushinteger(L, (lua_Integer)transfer->status);
    lua_setfield(L, -2, "status");
    push_headers(L, transfer);
    lua_setfield(L, -2, "headers");
    lua_pushlstring(L, content->len > 0 ? content->data : "", content->len);
    lua_setfield(L, -2, "body");
    push_timings(L, transfer);
    lua_setfield(L, -2, "timings");
}

static int push_outcome(lua_State *L, const struct appint_transfer *transfer)
{
    appint_pushint64(L, (long long)transfer->id);
    if (transfer->failure == APPINT_NO_FAILURE) {
        push_response(L, transfer);
        return 2;
    }
    lua_pushnil(L);
    lua_pushstring(L, appint_failure_kind(transfer->failure));
    lua_pushstring(L, appint_failure_code(transfer->failure));
    lua_pushstring(L, transfer->error.text);
    push_timings(L, transfer);
    return 6;
}

/* engine:take([id]): id, response, or id, nil, kind, code, message, timings;
 * nothing when that transfer, or none, has finished. The transfer stays the
 * engine's until its outcome is on the stack. */
static int engine_take(lua_State *L)
{
    struct appint_engine *engine = check_engine(L);
    struct appint_transfer *transfer =
        lua_isnoneornil(L, 2) ? appint_engine_finished(engine)
                              : appint_engine_find(engine, check_id(L, 2));
    int count = 0;

    if (transfer == NULL || transfer->state != APPINT_TRANSFER_FINISHED) {
        return 0;
    }
    if (transfer->failure == APPINT_OUT_OF_MEMORY) {
        appint_engine_drop(engine, transfer);
        return luaL_error(L, "not enough memory");
    }
    count = push_outcome(L, transfer);
    appint_engine_drop(engine, transfer);
    return count;
}

/* engine:finished(list): appends to the list the ids of transfers that have
 * finished since the last time; returns its length. */
static int engine_finished(lua_State *L)
{
    struct appint_engine *engine = check_engine(L);
    struct appint_transfer *transfer = NULL;
    int length = 0;

    luaL_checktype(L, 2, LUA_TTABLE);
    length = (int)lua_rawlen(L, 2);
    while ((transfer = appint_engine_unreported(engine)) != NULL) {
        appint_pushint64(L, (long long)transfer->id);
        lua_rawseti(L, 2, ++length); /* may collect, and drop transfers */
        appint_engine_set_reported(engine, transfer);
    }
    lua_pushinteger(L, length);
    return 1;
}

/* engine:cancel(id): whether there was such a transfer; engine:cancel(settings)
 * cancels all that have these. */
static int engine_cancel(lua_State *L)
{
    struct appint_engine *engine = check_engine(L);
    struct settings_box *settings = luaL_testudata(L, 2, SETTINGS_TYPE);
    struct appint_transfer *transfer = NULL;

    if (settings != NULL) {
        appint_engine_drop_all(engine, settings->settings);
        return 0;
    }
    transfer = appint_engine_find(engine, check_id(L, 2));
    if (transfer != NULL) {
        appint_engine_drop(engine, transfer);
    }
    lua_pushboolean(L, transfer != NULL);
    return 1;
}

/* engine:counts(): waiting, running, finished. */
static int engine_counts(lua_State *L)
{
    struct appint_engine_counts counts = appint_engine_counts(check_engine(L));

    lua_pushinteger(L, (lua_Integer)counts.waiting);
    lua_pushinteger(L, (lua_Integer)counts.running);
    lua_pushinteger(L, (lua_Integer)counts.finished);
    return 3;
}

/* engine:limit(max_connections) */
static int engine_limit(lua_State *L)
{
    appint_engine_set_limit(check_engine(L), check_limit(L, 2));
    return 0;
}

/* engine:watch(fds): polls these descriptors too, each until it is ready; fds
 * is a list as engine:fds() gives it. */
static int engine_watch(lua_State *L)
{
    struct appint_engine *engine = check_engine(L);

    luaL_checktype(L, 2, LUA_TTABLE);
    for (int i = 1; lua_rawgeti(L, 2, i) == LUA_TTABLE; i++) {
        const char *events = NULL;
        int fd = 0;
        short mask = 0;

        lua_getfield(L, -1, "events");
        lua_getfield(L, -2, "fd"); /* entry, events, fd */
        events = luaL_checkstring(L, -2);
        fd = (int)luaL_checkinteger(L, -1);
        mask |= strchr(events, 'r') != NULL ? POLLIN : 0;
        mask |= strchr(events, 'w') != NULL ? POLLOUT : 0;
        if (!appint_engine_watch(engine, fd, mask)) {
            return luaL_error(L, "not enough memory");
        }
        lua_settop(L, 2);
    }
    return 0;
}

/* engine:unwatch(fds) */
static int engine_unwatch(lua_State *L)
{
    struct appint_engine *engine = check_engine(L);

    luaL_checktype(L, 2, LUA_TTABLE);
    for (int i = 1; lua_rawgeti(L, 2, i) == LUA_TTABLE; i++) {
        lua_getfield(L, -1, "fd");
        appint_engine_unwatch(engine, (int)luaL_checkinteger(L, -1));
        lua_settop(L, 2);
    }
    return 0;
}

/* engine:watched(): whether a watched descriptor has been ready since the last
 * time that this was asked. */
static int engine_watched(lua_State *L)
{
    lua_pushboolean(L, appint_engine_watched_ready(check_engine(L)));
    return 1;
}

/* engine:fds(): a list of { fd = 7, events = "r" | "w" | "rw" }. */
static int engine_fds(lua_State *L)
{
    size_t count = 0;
    struct appint_engine *engine = check_engine(L);
    const struct pollfd *sockets = appint_engine_sockets(engine, &count);

    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        short events = sockets[i].events;

        lua_createtable(L, 0, 2);
        lua_pushinteger(L, sockets[i].fd);
        lua_setfield(L, -2, "fd");
        lua_pushstring(L, events == (POLLIN | POLLOUT) ? "rw"
                          : events == POLLOUT          ? "w"
                                                       : "r");
        lua_setfield(L, -2, "events");
        lua_rawseti(L, -2, (int)i + 1);
    }
    return 1;
}

/* engine:timeout(): seconds until a step is due without an event, or nil. */
static int engine_timeout(lua_State *L)
{
    double seconds = appint_engine_timeout(check_engine(L));

    if (seconds < 0.0) {
        lua_pushnil(L);
    } else {
        lua_pushnumber(L, seconds);
    }
    return 1;
}

static int engine_close(lua_State *L)
{
    appint_engine_close(check_engine(L));
    return 0;
}

static int engine_gc(lua_State *L)
{
    struct engine_box *box = luaL_checkudata(L, 1, ENGINE_TYPE);
    struct appint_engine *engine = box->engine;

    box->engine = NULL;
    if (engine != NULL) {
        appint_engine_close(engine); /* guards may still hold references */
        appint_engine_release(engine);
    }
    return 0;
}

/* ---- guards ------------------------------------------------------------ */

/* engine:guard(): an object that, when it is collected, cancels the transfer
 * it holds. So a call that an error or a lost coroutine ends early leaves
 * nothing behind. */
static int engine_guard(lua_State *L)
{
    struct appint_engine *engine = check_engine(L);
    struct guard_box *box = new_box(L, sizeof *box, GUARD_TYPE);

    appint_engine_retain(engine);
    box->engine = engine;
    return 1;
}

/* guard:hold(id), or guard:hold() to hold none from now on. */
static int guard_hold(lua_State *L)
{
    struct guard_box *box = luaL_checkudata(L, 1, GUARD_TYPE);

    box->id = lua_isnoneornil(L, 2) ? 0 : check_id(L, 2);
    return 0;
}

static int guard_gc(lua_State *L)
{
    struct guard_box *box = luaL_checkudata(L, 1, GUARD_TYPE);
    struct appint_engine *engine = box->engine;
    struct appint_transfer *transfer = NULL;

    box->engine = NULL;
    if (engine == NULL) {
        return 0;
    }
    transfer = box->id != 0 ? appint_engine_find(engine, box->id) : NULL;
    if (transfer != NULL) {
        appint_engine_drop(engine, transfer);
    }
    appint_engine_release(engine);
    return 0;
}

/* ---- the module -------------------------------------------------------- */

/* monotonic(): seconds of a clock that never goes back. */
static int l_monotonic(lua_State *L)
{
    lua_pushnumber(L, appint_monotonic());
    return 1;
}

/* host_initializes(): the host runs curl_global_init itself. */
static int l_host_initializes(lua_State *L)
{
    (void)L;
    appint_curl_leave_to_host();
    return 0;
}

/* version(): libcurl's version and its TLS library, as "8.5.0 OpenSSL/3.0.13".
 */
static int l_version(lua_State *L)
{
    const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);

    lua_pushfstring(L, "%s %s", info->version,
                    info->ssl_version != NULL ? info->ssl_version : "no TLS");
    return 1;
}

/* Registers TYPE with its METHODS and __gc. [-0, +0, m] */
static void register_type(lua_State *L, const char *type,
                          const luaL_Reg *methods, lua_CFunction gc)
{
    luaL_newmetatable(L, type);
    lua_newtable(L);
    luaL_setfuncs(L, methods, 0);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, gc);
    lua_setfield(L, -2, "__gc");
    lua_pushstring(L, type);
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 1);
}

static const luaL_Reg engine_methods[] = {
    {"submit", engine_submit},   {"step", engine_step},
    {"done", engine_done},       {"finished", engine_finished},
    {"take", engine_take},       {"cancel", engine_cancel},
    {"counts", engine_counts},   {"limit", engine_limit},
    {"watch", engine_watch},     {"unwatch", engine_unwatch},
    {"watched", engine_watched}, {"fds", engine_fds},
    {"timeout", engine_timeout}, {"close", engine_close},
    {"guard", engine_guard},     {NULL, NULL},
};

static const luaL_Reg settings_methods[] = {
    {NULL, NULL},
};

static const luaL_Reg guard_methods[] = {
    {"hold", guard_hold},
    {NULL, NULL},
};

static const luaL_Reg functions[] = {
    {"engine", l_engine},
    {"settings", l_settings},
    {"monotonic", l_monotonic},
    {"version", l_version},
    {"host_initializes", l_host_initializes},
    {NULL, NULL},
};

int luaopen_appintegrations_curl(lua_State *L)
{
    register_type(L, ENGINE_TYPE, engine_methods, engine_gc);
    register_type(L, SETTINGS_TYPE, settings_methods, settings_gc);
    register_type(L, GUARD_TYPE, guard_methods, guard_gc);
    lua_newtable(L);
    luaL_setfuncs(L, functions, 0);
    return 1;
}
