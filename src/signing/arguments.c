/* SPDX-License-Identifier: MIT */
/* What a program passes to sign() and presign(): see arguments.h. */

#include "signing/arguments.h"

#include <string.h>

#include "base/clock.h"
#include "base/nearest.h"

enum { DEFAULT_EXPIRES = 3600 /* seconds */ };

#define NAME(text)                                                             \
    {                                                                          \
        text, sizeof(text) - 1                                                 \
    }

/* The fields of one table, whose values stand on the stack in this order. */
struct shape {
    const char *where; /* what messages call the table */
    const struct appint_slice *names;
    int count;
};

enum { METHOD, PATH, QUERY, BODY, HEADERS, REQUEST_FIELDS };

static const struct appint_slice request_names[REQUEST_FIELDS] = {
    [METHOD] = NAME("method"),   [PATH] = NAME("path"),
    [QUERY] = NAME("query"),     [BODY] = NAME("body"),
    [HEADERS] = NAME("headers"),
};

enum { CALL_METHOD, CALL_URL, CALL_BODY, CALL_FIELDS };

static const struct appint_slice call_names[CALL_FIELDS] = {
    [CALL_METHOD] = NAME("method"),
    [CALL_URL] = NAME("url"),
    [CALL_BODY] = NAME("body"),
};

enum {
    REGION,
    SERVICE,
    CREDENTIALS,
    TIME,
    EXPIRES,
    NORMALIZE_PATH,
    DOUBLE_ENCODE_PATH,
    SIGN_BODY_HEADER,
    OMIT_SESSION_TOKEN,
    CONTEXT_FIELDS
};

static const struct appint_slice context_names[CONTEXT_FIELDS] = {
    [REGION] = NAME("region"),
    [SERVICE] = NAME("service"),
    [CREDENTIALS] = NAME("credentials"),
    [TIME] = NAME("time"),
    [EXPIRES] = NAME("expires"),
    [NORMALIZE_PATH] = NAME("normalize_path"),
    [DOUBLE_ENCODE_PATH] = NAME("double_encode_path"),
    [SIGN_BODY_HEADER] = NAME("sign_body_header"),
    [OMIT_SESSION_TOKEN] = NAME("omit_session_token"),
};

/* The last two are of no use here, but credentials may have them. */
enum {
    ACCESS_KEY_ID,
    SECRET_ACCESS_KEY,
    SESSION_TOKEN,
    USED_CREDENTIALS_FIELDS,
    EXPIRATION = USED_CREDENTIALS_FIELDS,
    ACCOUNT_ID,
    CREDENTIALS_FIELDS
};

static const struct appint_slice credentials_names[CREDENTIALS_FIELDS] = {
    [ACCESS_KEY_ID] = NAME("access_key_id"),
    [SECRET_ACCESS_KEY] = NAME("secret_access_key"),
    [SESSION_TOKEN] = NAME("session_token"),
    [EXPIRATION] = NAME("expiration"),
    [ACCOUNT_ID] = NAME("account_id"),
};

static const struct shape request_shape = {"request", request_names,
                                           REQUEST_FIELDS};
static const struct shape call_shape = {"request", call_names, CALL_FIELDS};
static const struct shape context_shape = {"context", context_names,
                                           CONTEXT_FIELDS};
static const struct shape credentials_shape = {
    "context.credentials", credentials_names, CREDENTIALS_FIELDS};
static const struct shape client_credentials_shape = {
    "credentials", credentials_names, USED_CREDENTIALS_FIELDS};

/* --- From tables to the stack ------------------------------------------ */

/* Raises for NAME, which is no field of SHAPE, with the one that was meant. */
static void refuse_field(lua_State *L, const struct shape *shape,
                         struct appint_slice name)
{
    struct appint_nearest nearest;

    appint_nearest_init(&nearest, name.data, name.len);
    for (int i = 0; i < shape->count; i++) {
        appint_nearest_offer(&nearest, shape->names[i].data,
                             shape->names[i].len);
    }
    if (nearest.name != NULL) {
        luaL_error(L, "%s has no field \"%s\"; did you mean \"%s\"?",
                   shape->where, name.data, nearest.name);
    }
    lua_pushliteral(L, "");
    for (int i = 0; i < shape->count; i++) {
        lua_pushfstring(L, "%s%s%s", lua_tostring(L, -1), i == 0 ? "" : ", ",
                        shape->names[i].data);
        lua_remove(L, -2);
    }
    luaL_error(L, "%s has no field \"%s\"; there are %s", shape->where,
               name.data, lua_tostring(L, -1));
}

/* The number of the field that the key at INDEX names. [-0, +0, e] */
static int field_number(lua_State *L, int index, const struct shape *shape)
{
    struct appint_slice name;
    int number = 0;

    if (lua_type(L, index) != LUA_TSTRING) {
        luaL_error(L, "%s: expected the names of fields, got a %s",
                   shape->where, luaL_typename(L, index));
    }
    name.data = lua_tolstring(L, index, &name.len);
    while (number < shape->count &&
           !appint_slice_equal(name, shape->names[number])) {
        number++;
    }
    if (number == shape->count) {
        refuse_field(L, shape, name);
    }
    return number;
}

/* Pushes the fields of the table at INDEX, which may have others. */
static void push_by_name(lua_State *L, int index, const struct shape *shape)
{
    for (int i = 0; i < shape->count; i++) {
        lua_getfield(L, index, shape->names[i].data);
    }
}

/*
 * Pushes the fields of the table at INDEX in one pass over it, so that absent
 * ones cost nothing. Raises for a field that SHAPE has not. [-0, +count, e]
 */
static void push_all(lua_State *L, int index, const struct shape *shape)
{
    int before = lua_gettop(L);

    lua_settop(L, before + shape->count);
    lua_pushnil(L);
    while (lua_next(L, index) != 0) { /* name, value */
        lua_replace(L, before + 1 + field_number(L, -2, shape));
    }
    if (lua_getmetatable(L, index)) { /* which may bring the others */
        lua_settop(L, before);
        push_by_name(L, index, shape);
    }
}

/* --- From the stack to C ----------------------------------------------- */

struct appint_slice appint_check_slice(lua_State *L, int index)
{
    struct appint_slice slice;

    slice.data = luaL_checklstring(L, index, &slice.len);
    return slice;
}

/*
 * FIELD of SHAPE, whose values stand on the stack from BASE on; an empty slice
 * for nil unless REQUIRED. [-0, +0, e]
 */
static struct appint_slice to_string(lua_State *L, int base,
                                     const struct shape *shape, int field,
                                     bool required)
{
    struct appint_slice slice = {"", 0};
    int type = lua_type(L, base + field);

    if (type == LUA_TSTRING) {
        slice.data = lua_tolstring(L, base + field, &slice.len);
    } else if (type != LUA_TNIL || required) {
        luaL_error(L, "%s.%s must be a string, got %s", shape->where,
                   shape->names[field].data, lua_typename(L, type));
    }
    return slice;
}

/* A switch of the context; nil is FALLBACK. [-0, +0, e] */
static bool to_boolean(lua_State *L, int base, int field, bool fallback)
{
    int type = lua_type(L, base + field);

    if (type != LUA_TNIL && type != LUA_TBOOLEAN) {
        luaL_error(L, "context.%s must be a boolean, got %s",
                   context_names[field].data, lua_typename(L, type));
    }
    return type == LUA_TNIL ? fallback : lua_toboolean(L, base + field);
}

int64_t appint_whole_number(lua_State *L, lua_Number number, const char *name)
{
    int64_t whole = 0;

    if (!(number >= -1e15 && number <= 1e15)) {
        luaL_error(L, "%s is out of range", name);
    } else {
        whole = (int64_t)number;
    }
    return (lua_Number)whole > number ? whole - 1 : whole;
}

/* A number of the context; false for nil. [-0, +0, e] */
static bool to_number(lua_State *L, int base, int field, int64_t *out)
{
    int type = lua_type(L, base + field);
    const char *name = context_names[field].data;

    if (type == LUA_TNUMBER) {
        *out = appint_whole_number(L, lua_tonumber(L, base + field), name);
    } else if (type != LUA_TNIL) {
        luaL_error(L, "context.%s must be a number, got %s", name,
                   lua_typename(L, type));
    }
    return type != LUA_TNIL;
}

static void to_request(lua_State *L, int base, struct appint_sign_call *call)
{
    struct appint_sigv4_request *request = &call->request;
    int headers = lua_type(L, base + HEADERS);

    request->method = to_string(L, base, &request_shape, METHOD, true);
    request->path = to_string(L, base, &request_shape, PATH, false);
    request->query = to_string(L, base, &request_shape, QUERY, false);
    request->body = to_string(L, base, &request_shape, BODY, false);
    if (headers == LUA_TTABLE) {
        call->headers = base + HEADERS;
    } else if (headers != LUA_TNIL) {
        luaL_error(L, "request.headers must be a table, got %s",
                   lua_typename(L, headers));
    }
}

static void to_credentials(lua_State *L, int base, const struct shape *shape,
                           struct appint_credentials *credentials)
{
    credentials->access_key_id = to_string(L, base, shape, ACCESS_KEY_ID, true);
    credentials->secret_access_key =
        to_string(L, base, shape, SECRET_ACCESS_KEY, true);
    credentials->session_token =
        to_string(L, base, shape, SESSION_TOKEN, false);
}

/* Path and query as they stand in URL, behind "scheme://host". */
static void split_url(struct appint_slice url,
                      struct appint_sigv4_request *request)
{
    const char *end = appint_slice_end(url);
    const char *mark = memchr(url.data, '?', url.len);
    const char *path_end = mark != NULL ? mark : end;
    const char *host = strstr(url.data, "://");
    const char *path =
        host == NULL || host >= path_end
            ? NULL
            : memchr(host + 3, '/', (size_t)(path_end - host - 3));

    if (path != NULL) {
        request->path = (struct appint_slice){path, (size_t)(path_end - path)};
    }
    if (mark != NULL) {
        request->query =
            (struct appint_slice){mark + 1, (size_t)(end - mark - 1)};
    }
}

/* CREDENTIALS is where the values of that field's own table stand. */
static void to_context(lua_State *L, int base, int credentials,
                       struct appint_sigv4_context *context)
{
    context->region = to_string(L, base, &context_shape, REGION, true);
    context->service = to_string(L, base, &context_shape, SERVICE, true);
    if (!lua_istable(L, base + CREDENTIALS)) {
        luaL_error(L, "context.credentials must be a table, got %s",
                   luaL_typename(L, base + CREDENTIALS));
    }
    to_credentials(L, credentials, &credentials_shape, &context->credentials);
    if (!to_number(L, base, TIME, &context->time)) {
        context->time = (int64_t)appint_clock_now();
    }
    if (!to_number(L, base, EXPIRES, &context->expires)) {
        context->expires = DEFAULT_EXPIRES;
    }
    context->normalize_path = to_boolean(L, base, NORMALIZE_PATH, true);
    context->double_encode_path = to_boolean(L, base, DOUBLE_ENCODE_PATH, true);
    context->sign_body_header = to_boolean(L, base, SIGN_BODY_HEADER, false);
    context->omit_session_token =
        to_boolean(L, base, OMIT_SESSION_TOKEN, false);
}

/* --- Arguments of the functions --------------------------------------- */

void appint_push_sign_arguments(lua_State *L, int request, int context,
                                struct appint_sign_call *call)
{
    int base = lua_gettop(L) + 1;
    int context_base = base + REQUEST_FIELDS;
    int credentials_base = context_base + CONTEXT_FIELDS;

    push_all(L, request, &request_shape);
    push_all(L, context, &context_shape);
    if (lua_istable(L, context_base + CREDENTIALS)) {
        push_all(L, context_base + CREDENTIALS, &credentials_shape);
    }
    to_request(L, base, call);
    to_context(L, context_base, credentials_base, &call->context);
}

void appint_push_client_arguments(lua_State *L, int request, int credentials,
                                  struct appint_sign_call *call)
{
    int base = lua_gettop(L) + 1;

    push_by_name(L, request, &request_shape);
    push_by_name(L, credentials, &client_credentials_shape);
    to_request(L, base, call);
    luaL_argcheck(L, call->headers != 0, request, "has no table of headers");
    to_credentials(L, base + REQUEST_FIELDS, &client_credentials_shape,
                   &call->context.credentials);
}

void appint_push_call_arguments(lua_State *L, int request, int credentials,
                                struct appint_sign_call *call)
{
    int base = lua_gettop(L) + 1;

    push_by_name(L, request, &call_shape);
    push_by_name(L, credentials, &client_credentials_shape);
    call->request.method = to_string(L, base, &call_shape, CALL_METHOD, true);
    call->request.body = to_string(L, base, &call_shape, CALL_BODY, false);
    split_url(to_string(L, base, &call_shape, CALL_URL, true), &call->request);
    to_credentials(L, base + CALL_FIELDS, &client_credentials_shape,
                   &call->context.credentials);
}
