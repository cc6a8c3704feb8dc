/* SPDX-License-Identifier: MIT */
/*
 * From a table of parameters to a request: one walk over the input shape
 * checks every value and writes path, query and JSON body as it goes. The walk
 * follows the shape, not the table: only the shape knows that {} is [] here
 * and an object there. All reads are raw, so that nothing of the caller's runs
 * in between and its table is never changed. After a finding the walk goes on
 * to list the others; what it writes then is thrown away.
 */

#include "build.h"

#include <stdio.h>
#include <string.h>

#include "json.h"
#include "suggest.h"
#include "uri.h"
#include "uuid.h"

static void value(struct build *b, const struct appint_shape *shape);

/*
 * Whether the value on top has the Lua type that is expected. If not: a
 * violation, or, without validation, the value is written as what it is.
 */
static bool has_type(struct build *b, int type, const char *expected)
{
    if (lua_type(b->L, -1) == type) {
        return true;
    }
    if (b->mode == MODE_OFF) {
        appint_write_any(b);
    } else {
        violation(b, "type", "expected %s, got %s", expected,
                  appint_type_name(b->L, -1));
    }
    return false;
}

/* --- Lists and maps ----------------------------------------------------- */

static void list(struct build *b, const struct appint_shape *shape)
{
    long long gap, count;

    if (b->mode == MODE_OFF && appint_sequence_length(b->L, &gap) < 0) {
        appint_write_any(b);
        return;
    }
    count = appint_check_sequence(b);
    if (count < 0) {
        return;
    }
    appint_check_length(b, shape, count, "items");
    appint_buf_append_char(b->out, '[');
    for (long long i = 1; i <= count; i++) {
        if (i > 1) {
            appint_buf_append_char(b->out, ',');
        }
        lua_rawgeti(b->L, -1, (int)i);
        appint_enter_index(&b->report, i);
        value(b, shape->element);
        appint_leave(&b->report);
        lua_pop(b->L, 1);
    }
    appint_buf_append_char(b->out, ']');
}

/* One entry of a map: key and value are on top. */
static void map_entry(struct build *b, const struct appint_shape *shape,
                      bool first)
{
    size_t len;
    const char *key;

    if (lua_type(b->L, -2) != LUA_TSTRING) {
        violation(b, "type", "expected strings as keys, got a %s",
                  appint_type_name(b->L, -2));
        return;
    }
    if (!first) {
        appint_buf_append_char(b->out, ',');
    }
    key = lua_tolstring(b->L, -2, &len);
    appint_enter_key(&b->report, key, len);
    appint_check_string(b, shape->key, key, len);
    appint_json_string(b->out, key, len);
    appint_buf_append_char(b->out, ':');
    value(b, shape->element);
    appint_leave(&b->report);
}

static void map(struct build *b, const struct appint_shape *shape)
{
    long long gap, count = 0;

    if (b->mode == MODE_OFF && appint_sequence_length(b->L, &gap) > 0) {
        appint_write_any(b);
        return;
    }
    appint_buf_append_char(b->out, '{');
    lua_pushnil(b->L);
    while (lua_next(b->L, -2) != 0) {
        map_entry(b, shape, count++ == 0);
        lua_pop(b->L, 1);
    }
    appint_buf_append_char(b->out, '}');
    appint_check_length(b, shape, count, "entries");
}

/* --- Structures --------------------------------------------------------- */

static void unknown_member(struct build *b, const struct appint_shape *shape)
{
    size_t len = 0;
    const char *name = NULL, *nearest;

    if (lua_type(b->L, -1) != LUA_TSTRING) {
        violation(b, "unknown_member",
                  "expected the names of members as keys, got a %s",
                  appint_type_name(b->L, -1));
        return;
    }
    name = lua_tolstring(b->L, -1, &len);
    nearest = appint_suggest_member(shape, name, len);
    appint_enter_member(&b->report, name, len);
    if (nearest != NULL) {
        violation(b, "unknown_member",
                  "is no member of %s; did you mean \"%s\"?", shape->name,
                  nearest);
    } else {
        violation(b, "unknown_member",
                  "is no member of %s (options.extra sends members that this "
                  "version does not know)",
                  shape->name);
    }
    appint_leave(&b->report);
}

/* Keys of the table on top that SHAPE has no member for. */
static void unknown_members(struct build *b, const struct appint_shape *shape)
{
    lua_pushnil(b->L);
    while (lua_next(b->L, -2) != 0) {
        size_t len = 0;
        const char *name = lua_type(b->L, -2) == LUA_TSTRING
                               ? lua_tolstring(b->L, -2, &len)
                               : NULL;

        if (name == NULL || appint_member_find(shape, name, len) == NULL) {
            if (b->mode != MODE_OFF || name == NULL) {
                lua_pushvalue(b->L, -2); /* …, key, value, key */
                unknown_member(b, shape);
                lua_pop(b->L, 1);
            } else {
                appint_write_key(b, name, len);
                appint_write_any(b);
            }
        }
        lua_pop(b->L, 1);
    }
}

static int key_count(lua_State *L)
{
    int count = 0;

    lua_pushnil(L);
    while (lua_next(L, -2) != 0) {
        lua_pop(L, 1);
        count++;
    }
    return count;
}

static void write_token(struct build *b)
{
    char uuid[APPINT_UUID_LEN];

    if (b->token != NULL) {
        appint_json_string(b->out, b->token, b->token_len);
    } else if (appint_uuid(uuid)) {
        appint_json_string(b->out, uuid, sizeof uuid);
    } else {
        luaL_error(b->L, "the system has no random bytes");
    }
}

/* A member that is absent: nothing, a fresh token, or a violation. */
static void absent_member(struct build *b, const struct appint_member *member)
{
    if ((member->flags & APPINT_IDEMPOTENCY_TOKEN) != 0) {
        appint_write_key(b, member->wire, member->wire_len);
        write_token(b);
    } else if ((member->flags & APPINT_REQUIRED) != 0 &&
               (b->mode != MODE_OFF || member->location == APPINT_IN_LABEL)) {
        violation(b, "required", "is required");
    }
}

static void check_deprecated(struct build *b,
                             const struct appint_member *member)
{
    if ((member->flags & APPINT_DEPRECATED) == 0) {
        return;
    }
    if (member->deprecated_since != NULL) {
        advise(b, "deprecated", "is deprecated since %s",
               member->deprecated_since);
    } else {
        advise(b, "deprecated", "is deprecated");
    }
}

/* --- Labels and query: the value is on top ------------------------------- */

/* A label is a part of the path; "." and ".." would change the path. */
static void check_label(struct build *b, const struct appint_shape *shape)
{
    size_t len;
    const char *text;

    if (lua_type(b->L, -1) != LUA_TSTRING) {
        violation(b, "type", "expected string, got %s",
                  appint_type_name(b->L, -1));
        return;
    }
    text = lua_tolstring(b->L, -1, &len);
    if (len == 0) {
        violation(b, "min_length", "is empty, at least 1 character needed");
    } else if (strcmp(text, ".") == 0 || strcmp(text, "..") == 0) {
        violation(b, "label",
                  "is \"%s\", which would change the request's path", text);
    } else {
        appint_check_string(b, shape, text, len);
    }
}

static void query_pair(struct build *b, const struct appint_member *member,
                       const char *text, size_t len)
{
    struct appint_buf *query = &b->scratch->query;

    if (query->len > 0) {
        appint_buf_append_char(query, '&');
    }
    appint_uri_encode(query, member->wire, member->wire_len, false);
    appint_buf_append_char(query, '=');
    appint_uri_encode(query, text, len, false);
}

static void query_value(struct build *b, const struct appint_member *member,
                        const struct appint_shape *shape);

static void query_list(struct build *b, const struct appint_member *member,
                       const struct appint_shape *shape)
{
    long long count = appint_check_sequence(b);

    if (count < 0) {
        return;
    }
    appint_check_length(b, shape, count, "items");
    for (long long i = 1; i <= count; i++) {
        lua_rawgeti(b->L, -1, (int)i);
        appint_enter_index(&b->report, i);
        query_value(b, member, shape->element);
        appint_leave(&b->report);
        lua_pop(b->L, 1);
    }
}

static void query_string(struct build *b, const struct appint_member *member,
                         const struct appint_shape *shape)
{
    size_t len;
    const char *text = lua_tolstring(b->L, -1, &len);

    appint_check_string(b, shape, text, len);
    query_pair(b, member, text, len);
}

static void query_integer(struct build *b, const struct appint_member *member,
                          const struct appint_shape *shape)
{
    char digits[24];
    long long integer;

    if (appint_check_integer(b, shape, &integer)) {
        int len = snprintf(digits, sizeof digits, "%lld", integer);

        query_pair(b, member, digits, (size_t)len);
    }
}

/* There is no other form to fall back to here: types hold in every mode. */
static void query_value(struct build *b, const struct appint_member *member,
                        const struct appint_shape *shape)
{
    int type = lua_type(b->L, -1);

    if (shape->type == APPINT_LIST && type == LUA_TTABLE) {
        query_list(b, member, shape);
    } else if (shape->type == APPINT_INTEGER && type == LUA_TNUMBER) {
        query_integer(b, member, shape);
    } else if (shape->type == APPINT_BOOLEAN && type == LUA_TBOOLEAN) {
        bool yes = lua_toboolean(b->L, -1);

        query_pair(b, member, yes ? "true" : "false", yes ? 4 : 5);
    } else if (shape->type == APPINT_STRING && type == LUA_TSTRING) {
        query_string(b, member, shape);
    } else {
        violation(b, "type", "expected %s, got %s",
                  shape->type == APPINT_LIST      ? "list"
                  : shape->type == APPINT_INTEGER ? "integer"
                  : shape->type == APPINT_BOOLEAN ? "boolean"
                                                  : "string",
                  appint_type_name(b->L, -1));
    }
}

/* --- The walk ----------------------------------------------------------- */

/* A member that is present: its value is on top. */
static void present_member(struct build *b, const struct appint_member *member)
{
    check_deprecated(b, member);
    switch (member->location) {
    case APPINT_IN_LABEL:
        check_label(b, member->shape);
        break;
    case APPINT_IN_QUERY:
        query_value(b, member, member->shape);
        break;
    default:
        appint_write_key(b, member->wire, member->wire_len);
        value(b, member->shape);
        break;
    }
}

/* The members of SHAPE in the table on top; braces are the caller's. */
static void members(struct build *b, const struct appint_shape *shape)
{
    int seen = 0;

    for (size_t i = 0; i < shape->count; i++) {
        const struct appint_member *member = &shape->members[i];

        appint_enter_member(&b->report, member->name, member->name_len);
        lua_pushlstring(b->L, member->name, member->name_len);
        if (lua_rawget(b->L, -2) == LUA_TNIL) {
            absent_member(b, member);
        } else {
            present_member(b, member);
            seen++;
        }
        lua_pop(b->L, 1);
        appint_leave(&b->report);
    }
    if (key_count(b->L) != seen) {
        unknown_members(b, shape);
    }
}

static void structure(struct build *b, const struct appint_shape *shape)
{
    appint_buf_append_char(b->out, '{');
    members(b, shape);
    appint_buf_append_char(b->out, '}');
}

static void string(struct build *b, const struct appint_shape *shape)
{
    size_t len;
    const char *text = lua_tolstring(b->L, -1, &len);

    appint_check_string(b, shape, text, len);
    appint_json_string(b->out, text, len);
}

static void integer(struct build *b, const struct appint_shape *shape)
{
    long long number;

    if (appint_check_integer(b, shape, &number)) {
        appint_buf_append_integer(b->out, number);
    }
}

/* Checks and writes the value on top. */
static void value(struct build *b, const struct appint_shape *shape)
{
    if (!appint_deep_enough(b)) {
        return;
    }
    switch (shape->type) {
    case APPINT_STRUCTURE:
        if (has_type(b, LUA_TTABLE, "table")) {
            structure(b, shape);
        }
        break;
    case APPINT_LIST:
        if (has_type(b, LUA_TTABLE, "list")) {
            list(b, shape);
        }
        break;
    case APPINT_MAP:
        if (has_type(b, LUA_TTABLE, "map")) {
            map(b, shape);
        }
        break;
    case APPINT_INTEGER:
        if (has_type(b, LUA_TNUMBER, "integer")) {
            integer(b, shape);
        }
        break;
    case APPINT_FLOAT:
    case APPINT_TIMESTAMP:
        if (has_type(b, LUA_TNUMBER, "number")) {
            appint_write_number(b);
        }
        break;
    case APPINT_BOOLEAN:
        if (has_type(b, LUA_TBOOLEAN, "boolean")) {
            appint_buf_append_string(b->out, lua_toboolean(b->L, -1) ? "true"
                                                                     : "false");
        }
        break;
    default:
        if (has_type(b, LUA_TSTRING, "string")) {
            string(b, shape);
        }
        break;
    }
}

/* The members that this version does not know, from the table on top. */
static void extra_members(struct build *b, const struct appint_shape *shape)
{
    lua_pushnil(b->L);
    while (lua_next(b->L, -2) != 0) {
        size_t len = 0;
        const char *name = lua_type(b->L, -2) == LUA_TSTRING
                               ? lua_tolstring(b->L, -2, &len)
                               : NULL;

        if (name == NULL) {
            violation(b, "type", "options.extra: expected strings as keys");
        } else {
            appint_enter_member(&b->report, name, len);
            if (appint_member_find(shape, name, len) != NULL) {
                violation(b, "extra",
                          "is a known member: pass it with the others, not in "
                          "options.extra");
            } else {
                appint_check_text(b, name, len);
                appint_write_key(b, name, len);
                appint_write_any(b);
            }
            appint_leave(&b->report);
        }
        lua_pop(b->L, 1);
    }
}

/* --- The path ------------------------------------------------------------ */

/* The label member called NAME in the URI; the generator has made sure. */
static const struct appint_member *
label_member(const struct appint_shape *shape, const char *name, size_t len)
{
    for (size_t i = 0; i < shape->count; i++) {
        const struct appint_member *member = &shape->members[i];

        if (member->location == APPINT_IN_LABEL && member->wire_len == len &&
            memcmp(member->wire, name, len) == 0) {
            return member;
        }
    }
    return NULL;
}

/* Expands the URI's {labels} from the (checked) table at PARAMS. */
static void write_path(struct build *b, const struct appint_operation *op,
                       int params)
{
    struct appint_buf *path = &b->scratch->path;
    const char *at = op->uri, *open;

    while ((open = strchr(at, '{')) != NULL) {
        const char *close = strchr(open, '}');
        const struct appint_member *member =
            label_member(op->input, open + 1, (size_t)(close - open - 1));
        const char *text;
        size_t len;

        appint_buf_append(path, at, (size_t)(open - at));
        lua_pushlstring(b->L, member->name, member->name_len);
        lua_rawget(b->L, params);
        text = lua_tolstring(b->L, -1, &len);
        appint_uri_encode(path, text, len, false);
        lua_pop(b->L, 1);
        at = close + 1;
    }
    appint_buf_append_string(path, at);
}

/* --- The binding ---------------------------------------------------------- */

/* Arguments and stack slots of build(). */
enum slot {
    OPERATION = 1,
    PARAMS,
    MODE,
    EXTRA,
    TOKEN,
    VIOLATIONS,
    ADVISORIES,
    SLOTS = ADVISORIES
};

static enum mode check_mode(lua_State *L)
{
    static const char *const names[] = {"standard", "strict", NULL};

    if (lua_isboolean(L, MODE) && !lua_toboolean(L, MODE)) {
        return MODE_OFF;
    }
    return luaL_checkoption(L, MODE, "standard", names) == 0 ? MODE_STANDARD
                                                             : MODE_STRICT;
}

static const struct appint_operation *check_operation(lua_State *L)
{
    const char *name = luaL_checkstring(L, OPERATION);
    const struct appint_operation *op = appint_operation_find(name);

    if (op == NULL) {
        luaL_error(L, "no operation is called %s", name);
    }
    return op;
}

static void check_arguments(lua_State *L, struct build *b)
{
    luaL_checktype(L, PARAMS, LUA_TTABLE);
    b->mode = check_mode(L);
    if (!lua_isnoneornil(L, EXTRA)) {
        luaL_checktype(L, EXTRA, LUA_TTABLE);
    }
    b->token = luaL_optlstring(L, TOKEN, NULL, &b->token_len);
}

static void init_findings(struct appint_findings *findings, struct build *b,
                          int slot)
{
    findings->L = b->L;
    findings->text = &b->scratch->text;
    findings->slot = slot;
    findings->count = 0;
}

static void walk(struct build *b, const struct appint_operation *op)
{
    lua_State *L = b->L;

    appint_buf_append_char(b->out, '{');
    lua_pushvalue(L, PARAMS);
    members(b, op->input);
    lua_pop(L, 1);
    if (lua_istable(L, EXTRA)) {
        lua_pushvalue(L, EXTRA);
        extra_members(b, op->input);
        lua_pop(L, 1);
    }
    appint_buf_append_char(b->out, '}');
    if (b->report.violations.count == 0) {
        write_path(b, op, PARAMS);
    }
}

/* -> method, path, query or nil, body or nil, advisories or nil */
static int push_request(struct build *b, const struct appint_operation *op)
{
    lua_State *L = b->L;
    struct appint_scratch *scratch = b->scratch;

    lua_pushstring(L, op->http_method);
    appint_push_buf(L, &scratch->path);
    if (scratch->query.len > 0 || scratch->query.failed) {
        appint_push_buf(L, &scratch->query);
    } else {
        lua_pushnil(L);
    }
    /* "{}" alone is a body only where the operation has one. */
    if (op->has_body || scratch->body.len > 2) {
        appint_push_buf(L, &scratch->body);
    } else {
        lua_pushnil(L);
    }
    lua_pushvalue(L, ADVISORIES);
    return 5;
}

/*
 * build(operation, params [, mode [, extra [, token]]])
 *   -> method, path, query or nil, body or nil, advisories or nil
 *   -> nil, violations
 * operation: a method name; mode: "standard", "strict" or false; extra: more
 * members for the body; token: for an idempotency token that is absent.
 */
static int l_build(lua_State *L)
{
    const struct appint_operation *op = check_operation(L);
    struct build b;
    int results;

    b.L = L;
    check_arguments(L, &b);
    lua_settop(L, SLOTS);
    b.scratch = appint_scratch_take(L);
    b.out = &b.scratch->body;
    b.report.depth = 0;
    init_findings(&b.report.violations, &b, VIOLATIONS);
    init_findings(&b.report.advisories, &b, ADVISORIES);
    walk(&b, op);
    if (b.report.violations.count > 0) {
        lua_pushnil(L);
        lua_pushvalue(L, VIOLATIONS);
        results = 2;
    } else {
        results = push_request(&b, op);
    }
    appint_scratch_release(b.scratch);
    return results;
}

const luaL_Reg appint_build_functions[] = {
    {"build", l_build},
    {NULL, NULL},
};
