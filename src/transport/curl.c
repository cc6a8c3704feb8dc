/* SPDX-License-Identifier: MIT */
/*
 * The Lua module appintegrations.curl, a thin layer over the engine of
 * engine.h: three kinds of userdata (engine, settings, guard). Internal to
 * appintegrations.transport.curl, which documents it for users. A shared object
 * of its own, because it brings libcurl into the process.
 */

#include <curl/curl.h>
#include <math.h>
#include <string.h>

#include "lua/compat.h"
#include "lua/luabox.h"
#include "transport/engine.h"
#include "transport/libcurl.h"
#include "transport/request_lua.h"
#include "transport/response_lua.h"

#define ENGINE_TYPE   APPINT_TYPE("curl.engine")
#define SETTINGS_TYPE APPINT_TYPE("curl.settings")
#define GUARD_TYPE    APPINT_TYPE("curl.guard")
#define READER_TYPE   APPINT_TYPE("curl.reader")
#define STATE_TYPE    APPINT_TYPE("curl.state")

/* Upvalues of the functions that need them. */
enum { STATE = 1, METATABLE, READER };

/* Far more sockets than poll() is good for. */
enum { MAX_CONNECTIONS = 65536 };

__attribute__((visibility("default"))) int
luaopen_appintegrations_curl(lua_State *L);

/*
 * A userdata that owns something in C. Each is in the list of its state: of
 * what finalizers make while the Lua state is closed, Lua calls no __gc.
 */
struct box {
    struct box *previous, *next; /* NULL: in no list */
    void (*release)(struct box *box);
};

/* One for each Lua state. */
struct curl_state {
    struct box boxes; /* the list's head */
    bool closed;      /* only finalizers of a closing state call on */
};

struct engine_box {
    struct box box;
    struct appint_engine *engine; /* a reference, or NULL */
};

struct settings_box {
    struct box box;
    struct appint_settings *settings; /* a reference, or NULL */
};

/* Cancels the transfer `id` unless it is told not to. */
struct guard_box {
    struct box box;
    struct appint_engine *engine; /* a reference, or NULL */
    uint64_t id;                  /* 0: guards nothing */
};

/* Owns a transfer while its outcome is read: any allocation in Lua may run a
 * finalizer that cancels, takes or closes. */
struct reader_box {
    struct box box;
    struct appint_engine *engine; /* a reference, or NULL: reads nothing */
    struct appint_transfer *transfer;
};

/* ---- boxes ------------------------------------------------------------- */

/* A zeroed userdata with its metatable: the owner of what comes, which RELEASE
 * releases. [-0, +1, e] */
static void *new_box(lua_State *L, size_t size, const char *type,
                     void (*release)(struct box *box))
{
    struct curl_state *state = lua_touserdata(L, lua_upvalueindex(STATE));
    struct box *head = &state->boxes;
    struct box *box = NULL;

    if (state->closed) {
        luaL_error(L, "the Lua state is closing");
    }
    box = lua_newuserdatauv(L, size, 0);
    memset(box, 0, size);
    box->release = release;
    luaL_setmetatable(L, type);
    box->previous = head;
    box->next = head->next;
    head->next->previous = box;
    head->next = box;
    return box;
}

static void free_box(struct box *box)
{
    if (box->next != NULL) {
        box->previous->next = box->next;
        box->next->previous = box->previous;
        box->previous = NULL;
        box->next = NULL;
    }
    box->release(box);
}

/* The last call of all, but for finalizers of what was there before. */
static int state_gc(lua_State *L)
{
    struct curl_state *state = luaL_checkudata(L, 1, STATE_TYPE);

    state->closed = true;
    while (state->boxes.next != &state->boxes) {
        free_box(state->boxes.next);
    }
    return 0;
}

/* The userdata of TYPE whose method this is. luaL_checkudata, which looks for
 * the metatable by its name, has the words for anything else. */
static void *check_self(lua_State *L, const char *type)
{
    if (lua_getmetatable(L, 1)) {
        bool is_own = lua_rawequal(L, -1, lua_upvalueindex(METATABLE));

        lua_pop(L, 1);
        if (is_own) {
            return lua_touserdata(L, 1);
        }
    }
    return luaL_checkudata(L, 1, type);
}

/* The engine, or NULL: when a Lua state is closed it may go before the objects
 * of a program whose finalizers close its client. */
static struct appint_engine *engine_if_there(lua_State *L)
{
    return ((struct engine_box *)check_self(L, ENGINE_TYPE))->engine;
}

static struct appint_engine *check_engine(lua_State *L)
{
    struct appint_engine *engine = engine_if_there(L);

    luaL_argcheck(L, engine != NULL, 1, "engine is gone");
    return engine;
}

static uint64_t check_id(lua_State *L, int index)
{
    long long id = appint_checkint64(L, index);

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

static void release_settings(struct box *box)
{
    struct settings_box *settings = (struct settings_box *)box;

    appint_settings_release(settings->settings);
    settings->settings = NULL;
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
    source.ca_bundle = appint_request_string(L, 1, "ca_bundle", NULL);
    source.proxy = appint_request_string(L, 1, "proxy", NULL);
    source.no_proxy = appint_request_string(L, 1, "no_proxy", NULL);
    source.verify_tls =
        lua_getfield(L, 1, "verify_tls") == LUA_TNIL || lua_toboolean(L, -1);
    allocator.fn = lua_getallocf(L, &allocator.ud);
    box = new_box(L, sizeof *box, SETTINGS_TYPE, release_settings);
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
    free_box(luaL_checkudata(L, 1, SETTINGS_TYPE));
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

/* Guards may still hold references. */
static void release_engine(struct box *box)
{
    struct engine_box *owner = (struct engine_box *)box;
    struct appint_engine *engine = owner->engine;

    owner->engine = NULL;
    if (engine != NULL) {
        appint_engine_close(engine);
        appint_engine_release(engine);
    }
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
    box = new_box(L, sizeof *box, ENGINE_TYPE, release_engine);
    if (appint_engine_new(&allocator, max, &box->engine) != APPINT_OK) {
        return luaL_error(L, "not enough memory");
    }
    return 1;
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
    appint_request_read(L, 2, &request);
    transfer = appint_engine_draft(engine);
    if (transfer == NULL) {
        return luaL_error(L, "not enough memory");
    }
    status = appint_request_read_headers(L, 2, transfer, &error);
    if (status == APPINT_OK) {
        status = appint_transfer_prepare(transfer, &request, settings->settings,
                                         &error);
    }
    if (status != APPINT_OK) {
        appint_engine_draft(engine); /* empties it: it holds secrets */
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

static void end_reading(struct box *box)
{
    struct reader_box *reader = (struct reader_box *)box;
    struct appint_engine *engine = reader->engine;

    reader->engine = NULL;
    if (engine != NULL) {
        appint_engine_drop(engine, reader->transfer);
        appint_engine_release(engine);
    }
}

static int reader_gc(lua_State *L)
{
    free_box(luaL_checkudata(L, 1, READER_TYPE));
    return 0;
}

/* The first reader of a state. */
static int l_reader(lua_State *L)
{
    new_box(L, sizeof(struct reader_box), READER_TYPE, end_reading);
    return 1;
}

/*
 * A reader that reads nothing, on the stack. One serves all takes of the state,
 * as the function's upvalue, unless a finalizer takes while another take reads,
 * or an error has cut one off: then a new one takes its place, and the old one
 * goes when nobody reads with it. [-0, +1, m]
 */
static struct reader_box *push_reader(lua_State *L)
{
    struct reader_box *box = lua_touserdata(L, lua_upvalueindex(READER));

    if (box->engine == NULL) {
        lua_pushvalue(L, lua_upvalueindex(READER));
        return box;
    }
    box = new_box(L, sizeof *box, READER_TYPE, end_reading);
    lua_pushvalue(L, -1);
    lua_replace(L, lua_upvalueindex(READER));
    return box;
}

/* engine:take([id [, timings]]): id, response (with timings unless that is
 * false), or id, nil, kind, code, message, timings, stale (the failure of a
 * kept connection); nothing when that transfer, or none, has finished. */
static int engine_take(lua_State *L)
{
    struct appint_engine *engine = check_engine(L);
    uint64_t id = lua_isnoneornil(L, 2) ? 0 : check_id(L, 2);
    bool timings = lua_isnoneornil(L, 3) || lua_toboolean(L, 3);
    struct reader_box *reader = push_reader(L);
    struct appint_transfer *transfer = id == 0 ? appint_engine_finished(engine)
                                               : appint_engine_find(engine, id);
    enum appint_failure failure = APPINT_NO_FAILURE;
    int count = 0;

    if (transfer == NULL || transfer->state != APPINT_TRANSFER_FINISHED) {
        return 0;
    }
    appint_engine_retain(engine);
    appint_engine_take(engine, transfer);
    reader->transfer = transfer;
    reader->engine = engine;
    failure = transfer->failure;
    if (failure != APPINT_OUT_OF_MEMORY) {
        count = appint_response_push(L, transfer, timings);
    }
    end_reading(&reader->box);
    if (failure == APPINT_OUT_OF_MEMORY) {
        return luaL_error(L, "not enough memory");
    }
    return count;
}

/* engine:finished(list): appends to the list the ids of transfers that have
 * finished since the last time. Returns its length, and whether a watched
 * descriptor has been ready since the last time. */
static int engine_finished(lua_State *L)
{
    struct appint_engine *engine = check_engine(L);
    struct appint_transfer *transfer = NULL;
    int length = 0;

    luaL_checktype(L, 2, LUA_TTABLE);
    length = (int)lua_rawlen(L, 2);
    while ((transfer = appint_engine_unreported(engine)) != NULL) {
        uint64_t id = transfer->id;

        appint_pushint64(L, (long long)id);
        lua_rawseti(L, 2, ++length); /* may collect, and drop transfers */
        transfer = appint_engine_find(engine, id);
        if (transfer != NULL) {
            appint_engine_set_reported(engine, transfer);
        }
    }
    lua_pushinteger(L, length);
    lua_pushboolean(L, appint_engine_watched_ready(engine));
    return 2;
}

/* engine:turn(seconds): like step, which does not wait while finished has
 * something to tell. Returns whether it has. */
static int engine_turn(lua_State *L)
{
    struct appint_engine *engine = check_engine(L);
    double seconds = opt_seconds(L, 2);

    appint_engine_step(engine, appint_engine_has_news(engine) ? 0.0 : seconds);
    lua_pushboolean(L, appint_engine_has_news(engine));
    return 1;
}

/* engine:cancel(id): whether there was such a transfer; engine:cancel(settings)
 * cancels all that have these. */
static int engine_cancel(lua_State *L)
{
    struct appint_engine *engine = engine_if_there(L);
    struct settings_box *settings = luaL_testudata(L, 2, SETTINGS_TYPE);
    struct appint_transfer *transfer = NULL;

    if (engine == NULL) {
        return 0;
    }
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

/* engine:is_crowded(): whether more are in flight than may run at once. */
static int engine_is_crowded(lua_State *L)
{
    lua_pushboolean(L, appint_engine_is_crowded(check_engine(L)));
    return 1;
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

/* The sockets of ENGINE as they are now, in a userdata: what is made of them
 * allocates, and so may change them. [-0, +1, m] */
static const struct pollfd *
push_sockets(lua_State *L, struct appint_engine *engine, size_t *count)
{
    const struct pollfd *sockets = NULL;
    struct pollfd *copy = NULL;
    size_t room = 0;
    int index = lua_gettop(L) + 1;

    for (;;) {
        sockets = appint_engine_sockets(engine, count);
        if (copy != NULL && *count <= room) {
            break;
        }
        room = *count;
        lua_settop(L, index - 1);
        copy = lua_newuserdatauv(L, (room + 1) * sizeof *copy, 0);
    }
    if (*count > 0) {
        memcpy(copy, sockets, *count * sizeof *copy);
    }
    return copy;
}

/* engine:fds(): a list of { fd = 7, events = "r" | "w" | "rw" }. */
static int engine_fds(lua_State *L)
{
    size_t count = 0;
    const struct pollfd *sockets = push_sockets(L, check_engine(L), &count);

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
    struct appint_engine *engine = engine_if_there(L);

    if (engine != NULL) {
        appint_engine_close(engine);
    }
    return 0;
}

static int engine_gc(lua_State *L)
{
    free_box(luaL_checkudata(L, 1, ENGINE_TYPE));
    return 0;
}

/* ---- guards ------------------------------------------------------------ */

static void release_guard(struct box *box)
{
    struct guard_box *guard = (struct guard_box *)box;
    struct appint_engine *engine = guard->engine;
    struct appint_transfer *transfer = NULL;

    guard->engine = NULL;
    if (engine == NULL) {
        return;
    }
    transfer = guard->id != 0 ? appint_engine_find(engine, guard->id) : NULL;
    if (transfer != NULL) {
        appint_engine_drop(engine, transfer);
    }
    appint_engine_release(engine);
}

/* engine:guard(): an object that, when it is collected, cancels the transfer
 * it holds. So a call that an error or a lost coroutine ends early leaves
 * nothing behind. */
static int engine_guard(lua_State *L)
{
    struct appint_engine *engine = check_engine(L);
    struct guard_box *box = new_box(L, sizeof *box, GUARD_TYPE, release_guard);

    appint_engine_retain(engine);
    box->engine = engine;
    return 1;
}

/* guard:hold(id), or guard:hold() to hold none from now on. */
static int guard_hold(lua_State *L)
{
    struct guard_box *box = check_self(L, GUARD_TYPE);

    box->id = lua_isnoneornil(L, 2) ? 0 : check_id(L, 2);
    return 0;
}

static int guard_gc(lua_State *L)
{
    free_box(luaL_checkudata(L, 1, GUARD_TYPE));
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

/* Registers TYPE with its METHODS and __gc; the state is on top. [-0, +0, m] */
static void register_type(lua_State *L, const char *type,
                          const luaL_Reg *methods, lua_CFunction gc)
{
    if (appint_new_metatable(L, type)) {
        lua_newtable(L);
        lua_pushvalue(L, -3);
        lua_pushvalue(L, -3); /* state, mt, index, state, mt */
        luaL_setfuncs(L, methods, 2);
        lua_setfield(L, -2, "__index");
        lua_pushcfunction(L, gc);
        lua_setfield(L, -2, "__gc");
        lua_pushstring(L, type);
        lua_setfield(L, -2, "__metatable");
        appint_register_metatable(L, type);
    }
    lua_pop(L, 1);
}

static const luaL_Reg engine_methods[] = {
    {"submit", engine_submit},     {"step", engine_step},
    {"turn", engine_turn},         {"done", engine_done},
    {"finished", engine_finished}, {"cancel", engine_cancel},
    {"counts", engine_counts},     {"is_crowded", engine_is_crowded},
    {"limit", engine_limit},       {"watch", engine_watch},
    {"unwatch", engine_unwatch},   {"fds", engine_fds},
    {"timeout", engine_timeout},   {"close", engine_close},
    {"guard", engine_guard},       {NULL, NULL},
};

static const luaL_Reg reading_methods[] = {
    {"take", engine_take}, /* with a reader as its upvalue */
    {NULL, NULL},
};

static const luaL_Reg no_methods[] = {
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

/* What lives as long as this Lua state. [-0, +1, m] */
static void push_state(lua_State *L)
{
    struct curl_state *state = NULL;

    if (lua_getfield(L, LUA_REGISTRYINDEX, STATE_TYPE ".instance") !=
        LUA_TNIL) {
        return;
    }
    lua_pop(L, 1);
    state = appint_push_owner(L, sizeof *state, STATE_TYPE, state_gc);
    state->boxes.next = &state->boxes;
    state->boxes.previous = &state->boxes;
    lua_pushvalue(L, -1);
    lua_setfield(L, LUA_REGISTRYINDEX, STATE_TYPE ".instance");
}

/* take, which has a reader; the state on top. [-0, +0, m] */
static void register_take(lua_State *L)
{
    luaL_getmetatable(L, ENGINE_TYPE);
    lua_getfield(L, -1, "__index");
    lua_pushvalue(L, -3);
    lua_pushvalue(L, -3);
    lua_pushvalue(L, -2);
    lua_pushcclosure(L, l_reader, 1);
    lua_call(L, 0, 1); /* state, mt, index, state, mt, reader */
    luaL_setfuncs(L, reading_methods, 3);
    lua_pop(L, 2);
}

int luaopen_appintegrations_curl(lua_State *L)
{
    appint_check_version(L);
    push_state(L);
    register_type(L, ENGINE_TYPE, engine_methods, engine_gc);
    register_type(L, SETTINGS_TYPE, no_methods, settings_gc);
    register_type(L, GUARD_TYPE, guard_methods, guard_gc);
    register_type(L, READER_TYPE, no_methods, reader_gc);
    register_take(L);
    lua_newtable(L);
    lua_insert(L, -2);
    luaL_setfuncs(L, functions, 1);
    return 1;
}
