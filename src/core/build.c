/* SPDX-License-Identifier: MIT */
/*
 * From a table of parameters to a request: one walk over the input shape
 * checks every value and writes path, query and JSON body as it goes. The walk
 * follows the shape, not the table: only the shape knows that {} is [] here
 * and an object there. All reads are raw, so that nothing of the caller's runs
 * in between and its table is never changed. After a finding the walk goes on
 * to list the others; what it writes then is thrown away.
 */

#include <string.h>

#include "base/json.h"
#include "base/nearest.h"
#include "base/slice.h"
#include "base/uuid.h"
#include "core/freeform.h"
#include "core/request_line.h"
#include "core/rules.h"
#include "core/values.h"
#include "core/walk.h"
#include "model/suggest.h"

static void value(struct appint_walk *walk, const struct appint_shape *shape);

/*
 * Whether the value on top has the Lua type that is expected. If not: a
 * violation, or, without validation, the value is written as what it is.
 */
static bool has_type(struct appint_walk *walk, int type, const char *expected)
{
    if (lua_type(walk->L, -1) == type) {
        return true;
    }
    if (walk->report.mode == APPINT_MODE_OFF) {
        appint_write_any(walk);
    } else {
        appint_violation(&walk->report, "type", "expected %s, got %s", expected,
                         appint_type_name(walk->L, -1));
    }
    return false;
}

/* Whether the table on top is a list, which goes out as one without validation.
 */
static bool is_unchecked_list(struct appint_walk *walk)
{
    long long gap;

    return walk->report.mode == APPINT_MODE_OFF &&
           appint_sequence_length(walk->L, &gap) > 0;
}

/* --- Lists and maps ----------------------------------------------------- */

static void list(struct appint_walk *walk, const struct appint_shape *shape)
{
    long long gap, count;

    if (walk->report.mode == APPINT_MODE_OFF &&
        appint_sequence_length(walk->L, &gap) < 0) {
        appint_write_any(walk);
        return;
    }
    count = appint_check_sequence(&walk->report);
    if (count < 0) {
        return;
    }
    appint_check_length(&walk->report, shape, count, "items");
    appint_buf_append_char(walk->out, '[');
    for (long long i = 1; i <= count; i++) {
        if (i > 1) {
            appint_buf_append_char(walk->out, ',');
        }
        lua_rawgeti(walk->L, -1, (int)i);
        appint_enter_index(&walk->report, i);
        value(walk, shape->element);
        appint_leave(&walk->report);
        lua_pop(walk->L, 1);
    }
    appint_buf_append_char(walk->out, ']');
}

/* One entry of a map: its key, a string, and its value are on top. */
static void map_entry(struct appint_walk *walk,
                      const struct appint_shape *shape)
{
    size_t len;
    const char *key = lua_tolstring(walk->L, -2, &len);

    appint_enter_key(&walk->report, key, len);
    appint_check_string(&walk->report, shape->key, key, len);
    appint_write_key(walk->out, key, len);
    value(walk, shape->element);
    appint_leave(&walk->report);
}

static void map(struct appint_walk *walk, const struct appint_shape *shape)
{
    long long count = 0;
    bool told = false;

    if (is_unchecked_list(walk)) {
        appint_write_any(walk);
        return;
    }
    appint_buf_append_char(walk->out, '{');
    lua_pushnil(walk->L);
    for (; lua_next(walk->L, -2) != 0; lua_pop(walk->L, 1)) {
        count++;
        if (lua_type(walk->L, -2) == LUA_TSTRING) {
            map_entry(walk, shape);
        } else if (!told) { /* a list has many such keys, all for one reason */
            appint_violation(&walk->report, "type",
                             "expected strings as keys, as in "
                             "{ key = \"value\" }, got a %s",
                             appint_type_name(walk->L, -2));
            told = true;
        }
    }
    appint_buf_append_char(walk->out, '}');
    appint_check_length(&walk->report, shape, count, "entries");
}

/* --- Structures --------------------------------------------------------- */

/* Whether NAME says that it identifies something. */
static bool is_identifier(const char *name, size_t len)
{
    static const char *const ends[] = {"id", "identifier", "arn", "name"};

    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        size_t end = strlen(ends[i]);

        if (len >= end && appint_same_letters(name + len - end, ends[i], end)) {
            return true;
        }
    }
    return false;
}

/*
 * The member of the path that the table at INDEX has not, if there is one: what
 * an identifier of another name was meant for. [-0, +0, -]
 */
static const char *absent_label(struct appint_walk *walk, int index,
                                const struct appint_shape *shape,
                                const char *name, size_t len)
{
    struct appint_nearest nearest;
    const char *first = NULL;

    appint_nearest_init(&nearest, name, len);
    for (size_t i = 0; i < shape->count; i++) {
        const struct appint_member *member = &shape->members[i];
        bool absent;

        if (member->location != APPINT_IN_LABEL) {
            continue;
        }
        lua_pushlstring(walk->L, member->name, member->name_len);
        absent = lua_rawget(walk->L, index) == LUA_TNIL;
        lua_pop(walk->L, 1);
        if (absent) {
            appint_nearest_offer(&nearest, member->name, member->name_len);
            first = first == NULL ? member->name : first;
        }
    }
    return nearest.name != NULL ? nearest.name : first;
}

/* Whether a call has an option of this name, which people put among the
 * parameters. */
static bool is_call_option(const char *name)
{
    static const char *const options[] = {
        "deadline",     "extra",    "headers", "limit",
        "max_attempts", "prefetch", "timeout", "validate",
    };
    size_t i;

    for (i = 0; i < sizeof options / sizeof options[0]; i++) {
        if (strcmp(name, options[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* The key on top, of the table at INDEX. */
static void unknown_member(struct appint_walk *walk, int index,
                           const struct appint_shape *shape)
{
    struct appint_report *report = &walk->report;
    size_t len = 0;
    const char *name = NULL, *nearest, *label = NULL;

    if (lua_type(walk->L, -1) != LUA_TSTRING) {
        appint_violation(report, "unknown_member",
                         "expected the names of members as keys, got a %s",
                         appint_type_name(walk->L, -1));
        return;
    }
    name = lua_tolstring(walk->L, -1, &len);
    nearest = appint_suggest_member(shape, name, len);
    if (is_identifier(name, len)) {
        label = absent_label(walk, index, shape, name, len);
    }
    appint_enter_member(report, name, len);
    if (label != NULL) {
        appint_violation(report, "unknown_member",
                         "is no member of %s; this operation calls it %s",
                         shape->name, label);
    } else if (nearest != NULL) {
        appint_violation(report, "unknown_member",
                         "is no member of %s; did you mean \"%s\"?",
                         shape->name, nearest);
    } else if (is_call_option(name)) {
        appint_violation(report, "unknown_member",
                         "is no member of %s; it is an option: options are a "
                         "second table, after the parameters",
                         shape->name);
    } else {
        appint_violation(report, "unknown_member",
                         "is no member of %s (options.extra sends members that "
                         "this version does not know)",
                         shape->name);
    }
    appint_leave(report);
}

/* Keys of the table on top that SHAPE has no member for. A list has many that
 * are no names, all for one reason. */
static void unknown_members(struct appint_walk *walk,
                            const struct appint_shape *shape)
{
    bool told = false;

    lua_pushnil(walk->L);
    while (lua_next(walk->L, -2) != 0) {
        size_t len = 0;
        const char *name = lua_type(walk->L, -2) == LUA_TSTRING
                               ? lua_tolstring(walk->L, -2, &len)
                               : NULL;

        if (name == NULL ? !told
                         : appint_member_find(shape, name, len) == NULL) {
            told = told || name == NULL;
            if (walk->report.mode != APPINT_MODE_OFF || name == NULL) {
                lua_pushvalue(walk->L, -2); /* …, key, value, key */
                unknown_member(walk, lua_gettop(walk->L) - 3, shape);
                lua_pop(walk->L, 1);
            } else {
                appint_write_key(walk->out, name, len);
                appint_write_any(walk);
            }
        }
        lua_pop(walk->L, 1);
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

static void write_token(struct appint_walk *walk)
{
    char uuid[APPINT_UUID_LEN];

    if (walk->token != NULL) {
        appint_json_string(walk->out, walk->token, walk->token_len);
    } else if (appint_uuid(uuid)) {
        appint_json_string(walk->out, uuid, sizeof uuid);
    } else {
        luaL_error(walk->L, "the system has no random bytes");
    }
}

/* A member that is absent: nothing, a fresh token, or a violation. */
static void absent_member(struct appint_walk *walk,
                          const struct appint_member *member)
{
    if ((member->flags & APPINT_IDEMPOTENCY_TOKEN) != 0) {
        appint_write_key(walk->out, member->wire, member->wire_len);
        write_token(walk);
    } else if ((member->flags & APPINT_REQUIRED) != 0 &&
               (walk->report.mode != APPINT_MODE_OFF ||
                member->location == APPINT_IN_LABEL)) {
        appint_violation(&walk->report, "required", "is required");
    }
}

static void check_deprecated(struct appint_walk *walk,
                             const struct appint_member *member)
{
    if ((member->flags & APPINT_DEPRECATED) == 0) {
        return;
    }
    if (member->deprecated_since != NULL) {
        appint_note(&walk->report, "deprecated", "is deprecated since %s",
                    member->deprecated_since);
    } else {
        appint_note(&walk->report, "deprecated", "is deprecated");
    }
}

/* --- The walk ----------------------------------------------------------- */

/* A member that is present: its value is on top. */
static void present_member(struct appint_walk *walk,
                           const struct appint_shape *input,
                           const struct appint_member *member)
{
    check_deprecated(walk, member);
    switch (member->location) {
    case APPINT_IN_LABEL:
        appint_check_label(walk, input, member);
        break;
    case APPINT_IN_QUERY:
        appint_write_query(walk, member);
        break;
    default:
        appint_write_key(walk->out, member->wire, member->wire_len);
        value(walk, member->shape);
        break;
    }
}

/* The members of SHAPE in the table on top; braces are the caller's. */
static void members(struct appint_walk *walk, const struct appint_shape *shape)
{
    int seen = 0;

    for (size_t i = 0; i < shape->count; i++) {
        const struct appint_member *member = &shape->members[i];

        appint_enter_member(&walk->report, member->name, member->name_len);
        appint_push_name(walk->L, shape, i);
        if (lua_rawget(walk->L, -2) == LUA_TNIL) {
            absent_member(walk, member);
        } else {
            present_member(walk, shape, member);
            seen++;
        }
        lua_pop(walk->L, 1);
        appint_leave(&walk->report);
    }
    if (key_count(walk->L) != seen) {
        unknown_members(walk, shape);
    }
}

static void structure(struct appint_walk *walk,
                      const struct appint_shape *shape)
{
    if (is_unchecked_list(walk)) {
        appint_write_any(walk);
        return;
    }
    appint_buf_append_char(walk->out, '{');
    members(walk, shape);
    appint_buf_append_char(walk->out, '}');
}

static void string(struct appint_walk *walk, const struct appint_shape *shape)
{
    size_t len;
    const char *text = lua_tolstring(walk->L, -1, &len);

    appint_check_string(&walk->report, shape, text, len);
    appint_json_string(walk->out, text, len);
}

static void integer(struct appint_walk *walk, const struct appint_shape *shape)
{
    long long number;

    if (walk->report.mode == APPINT_MODE_OFF &&
        !appint_to_integer(walk->L, &number)) {
        appint_write_number(walk, walk->out);
    } else if (appint_check_integer(&walk->report, shape, &number)) {
        appint_buf_append_integer(walk->out, number);
    }
}

/* Checks and writes the value on top. */
static void value(struct appint_walk *walk, const struct appint_shape *shape)
{
    if (!appint_deep_enough(&walk->report)) {
        return;
    }
    switch (shape->type) {
    case APPINT_STRUCTURE:
        if (has_type(walk, LUA_TTABLE, "table")) {
            structure(walk, shape);
        }
        break;
    case APPINT_LIST:
        if (has_type(walk, LUA_TTABLE, "list")) {
            list(walk, shape);
        }
        break;
    case APPINT_MAP:
        if (has_type(walk, LUA_TTABLE, "map")) {
            map(walk, shape);
        }
        break;
    case APPINT_INTEGER:
        if (has_type(walk, LUA_TNUMBER, "integer")) {
            integer(walk, shape);
        }
        break;
    case APPINT_FLOAT:
    case APPINT_TIMESTAMP:
        if (has_type(walk, LUA_TNUMBER, "number")) {
            appint_write_number(walk, walk->out);
        }
        break;
    case APPINT_BOOLEAN:
        if (has_type(walk, LUA_TBOOLEAN, "boolean")) {
            appint_buf_append_string(
                walk->out, lua_toboolean(walk->L, -1) ? "true" : "false");
        }
        break;
    default:
        if (has_type(walk, LUA_TSTRING, "string")) {
            string(walk, shape);
        }
        break;
    }
}

/* The members that this version does not know, from the table on top. */
static void extra_members(struct appint_walk *walk,
                          const struct appint_shape *shape)
{
    bool told = false;

    lua_pushnil(walk->L);
    while (lua_next(walk->L, -2) != 0) {
        size_t len = 0;
        const char *name = lua_type(walk->L, -2) == LUA_TSTRING
                               ? lua_tolstring(walk->L, -2, &len)
                               : NULL;

        if (name == NULL && !told) {
            appint_violation(&walk->report, "type",
                             "options.extra: expected strings as keys");
            told = true;
        } else if (name != NULL) {
            appint_enter_member(&walk->report, name, len);
            if (appint_member_find(shape, name, len) != NULL) {
                appint_violation(
                    &walk->report, "extra",
                    "is a known member: pass it with the others, not in "
                    "options.extra");
            } else {
                appint_check_text(&walk->report, name, len);
                appint_write_key(walk->out, name, len);
                appint_write_any(walk);
            }
            appint_leave(&walk->report);
        }
        lua_pop(walk->L, 1);
    }
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
    LABELS,
    SLOTS = LABELS + APPINT_MAX_LABELS - 1
};

static enum appint_mode check_mode(lua_State *L)
{
    static const char *const names[] = {"standard", "strict", NULL};

    if (lua_isboolean(L, MODE) && !lua_toboolean(L, MODE)) {
        return APPINT_MODE_OFF;
    }
    return luaL_checkoption(L, MODE, "standard", names) == 0
               ? APPINT_MODE_STANDARD
               : APPINT_MODE_STRICT;
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

static void check_arguments(lua_State *L, struct appint_walk *walk)
{
    luaL_checktype(L, PARAMS, LUA_TTABLE);
    walk->report.mode = check_mode(L);
    if (!lua_isnoneornil(L, EXTRA)) {
        luaL_checktype(L, EXTRA, LUA_TTABLE);
    }
    walk->token = luaL_optlstring(L, TOKEN, NULL, &walk->token_len);
}

static void init_walk(struct appint_walk *walk, lua_State *L)
{
    struct appint_report *report = &walk->report;

    walk->L = L;
    walk->labels = LABELS;
    walk->scratch = appint_scratch_take(L);
    walk->out = &walk->scratch->body;
    report->L = L;
    report->text = &walk->scratch->text;
    report->depth = 0;
    report->violations = (struct appint_findings){VIOLATIONS, 0};
    report->advisories = (struct appint_findings){ADVISORIES, 0};
}

static void write_request(struct appint_walk *walk,
                          const struct appint_operation *op)
{
    lua_State *L = walk->L;

    appint_buf_append_char(walk->out, '{');
    lua_pushvalue(L, PARAMS);
    members(walk, op->input);
    lua_pop(L, 1);
    if (lua_istable(L, EXTRA)) {
        lua_pushvalue(L, EXTRA);
        extra_members(walk, op->input);
        lua_pop(L, 1);
    }
    appint_buf_append_char(walk->out, '}');
    if (walk->report.violations.count == 0) {
        appint_write_path(walk, op);
    }
}

/* -> method, path, query or nil, body or nil, advisories or nil */
static int push_request(struct appint_walk *walk,
                        const struct appint_operation *op)
{
    lua_State *L = walk->L;
    struct appint_scratch *scratch = walk->scratch;

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
    struct appint_walk walk;
    int results;

    check_arguments(L, &walk);
    lua_settop(L, SLOTS);
    init_walk(&walk, L);
    write_request(&walk, op);
    if (walk.report.violations.count > 0) {
        lua_pushnil(L);
        lua_pushvalue(L, VIOLATIONS);
        results = 2;
    } else {
        results = push_request(&walk, op);
    }
    appint_scratch_release(walk.scratch);
    return results;
}

const luaL_Reg appint_build_functions[] = {
    {"build", l_build},
    {NULL, NULL},
};
