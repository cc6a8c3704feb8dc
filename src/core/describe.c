/* SPDX-License-Identifier: MIT */
/*
 * The service model as plain Lua tables, for introspection, the stub and the
 * emulator; the endpoint of a region; one pattern against one text; which of
 * several names was meant. Every call builds fresh tables, which the caller may
 * change.
 */

#include "base/nearest.h"
#include "core/core.h"
#include "model/endpoint.h"
#include "model/model.h"
#include "model/pattern.h"

static void set_string(lua_State *L, const char *key, const char *value)
{
    if (value != NULL) {
        lua_pushstring(L, value);
        lua_setfield(L, -2, key);
    }
}

static void set_integer(lua_State *L, const char *key, int64_t value)
{
    appint_pushint64(L, value);
    lua_setfield(L, -2, key);
}

static void set_true(lua_State *L, const char *key, bool value)
{
    if (value) {
        lua_pushboolean(L, 1);
        lua_setfield(L, -2, key);
    }
}

static const char *type_name(uint8_t type)
{
    static const char *const names[] = {
        [APPINT_STRUCTURE] = "structure",
        [APPINT_LIST] = "list",
        [APPINT_MAP] = "map",
        [APPINT_STRING] = "string",
        [APPINT_INTEGER] = "integer",
        [APPINT_FLOAT] = "float",
        [APPINT_BOOLEAN] = "boolean",
        [APPINT_TIMESTAMP] = "timestamp",
    };

    return names[type];
}

static const char *location_name(uint8_t location)
{
    static const char *const names[] = {
        [APPINT_IN_BODY] = "body",
        [APPINT_IN_LABEL] = "label",
        [APPINT_IN_QUERY] = "query",
    };

    return names[location];
}

static void push_shape(lua_State *L, const struct appint_shape *shape);

/* [-0, +1, e] The shape of MEMBER with what it is as a member. */
static void push_member(lua_State *L, const struct appint_member *member)
{
    push_shape(L, member->shape);
    set_string(L, "wire", member->wire);
    set_string(L, "location", location_name(member->location));
    set_true(L, "required", (member->flags & APPINT_REQUIRED) != 0);
    set_true(L, "idempotency_token",
             (member->flags & APPINT_IDEMPOTENCY_TOKEN) != 0);
    set_true(L, "deprecated", (member->flags & APPINT_DEPRECATED) != 0);
    set_string(L, "deprecated", member->deprecated_since);
}

/*
 * Sets `members`, `order` and `required_members` in the table on top. (Just
 * `required` is what a member may be, and a member may be a structure.)
 */
static void set_members(lua_State *L, const struct appint_shape *shape)
{
    int required = 0;

    lua_createtable(L, 0, shape->count);
    lua_createtable(L, shape->count, 0);
    lua_newtable(L); /* shape, members, order, required */
    for (int i = 0; i < shape->count; i++) {
        const struct appint_member *member = &shape->members[i];

        lua_pushstring(L, member->name);
        lua_rawseti(L, -3, i + 1);
        if ((member->flags & APPINT_REQUIRED) != 0) {
            lua_pushstring(L, member->name);
            lua_rawseti(L, -2, ++required);
        }
        push_member(L, member);
        lua_setfield(L, -4, member->name);
    }
    lua_setfield(L, -4, "required_members");
    lua_setfield(L, -3, "order");
    lua_setfield(L, -2, "members");
}

static void set_enum(lua_State *L, const struct appint_shape *shape)
{
    lua_createtable(L, shape->count, 0);
    for (int i = 0; i < shape->count; i++) {
        lua_pushstring(L, shape->values[i]);
        lua_rawseti(L, -2, i + 1);
    }
    lua_setfield(L, -2, "enum");
}

/* The model has no shape that contains itself: the depth is a constant. */
static void push_shape(lua_State *L, const struct appint_shape *shape)
{
    luaL_checkstack(L, 8, APPINT_STACK_ERROR);
    lua_newtable(L);
    set_string(L, "shape", shape->name);
    set_string(L, "type", type_name(shape->type));
    set_string(L, "pattern", shape->pattern_text);
    if (shape->has_min) {
        set_integer(L, "min", shape->min);
    }
    if (shape->has_max) {
        set_integer(L, "max", shape->max);
    }
    if (shape->values != NULL) {
        set_enum(L, shape);
    }
    if (shape->type == APPINT_STRUCTURE) {
        set_members(L, shape);
    }
    if (shape->key != NULL) {
        push_shape(L, shape->key);
        lua_setfield(L, -2, "key");
    }
    if (shape->element != NULL) {
        push_shape(L, shape->element);
        lua_setfield(L, -2, shape->type == APPINT_MAP ? "value" : "member");
    }
}

static void set_errors(lua_State *L, const struct appint_operation *operation)
{
    lua_newtable(L);
    for (int i = 0; operation->errors[i] != NULL; i++) {
        lua_createtable(L, 0, 2);
        set_string(L, "name", operation->errors[i]->name);
        set_integer(L, "status", operation->errors[i]->status);
        lua_rawseti(L, -2, i + 1);
    }
    lua_setfield(L, -2, "errors");
}

/* A table of the four names, or nil. [-0, +1, m] */
static void push_pagination(lua_State *L, const struct appint_pagination *pages)
{
    if (pages->result_key == NULL) {
        lua_pushnil(L);
        return;
    }
    lua_createtable(L, 0, 4);
    set_string(L, "input_token", pages->input_token);
    set_string(L, "output_token", pages->output_token);
    set_string(L, "limit_key", pages->limit_key);
    set_string(L, "result_key", pages->result_key);
}

/* describe(method_name) -> table, or nil for an unknown name */
static int l_describe(lua_State *L)
{
    const struct appint_operation *operation =
        appint_operation_find(luaL_checkstring(L, 1));

    if (operation == NULL) {
        lua_pushnil(L);
        return 1;
    }
    lua_newtable(L);
    set_string(L, "name", operation->name);
    set_string(L, "method", operation->http_method);
    set_string(L, "path", operation->uri);
    set_integer(L, "status", operation->success);
    lua_pushboolean(L, operation->has_body);
    lua_setfield(L, -2, "has_body");
    push_shape(L, operation->input);
    lua_setfield(L, -2, "input");
    push_shape(L, operation->output);
    lua_setfield(L, -2, "output");
    set_errors(L, operation);
    push_pagination(L, &operation->pagination);
    lua_setfield(L, -2, "pagination");
    return 1;
}

/* operations() -> the method names, sorted */
static int l_operations(lua_State *L)
{
    lua_createtable(L, (int)appint_operation_count, 0);
    for (size_t i = 0; i < appint_operation_count; i++) {
        lua_pushstring(L, appint_operations[i].method_name);
        lua_rawseti(L, -2, (int)i + 1);
    }
    return 1;
}

/* shapes() -> the names of all shapes, each at the number that decode uses */
static int l_shapes(lua_State *L)
{
    lua_createtable(L, (int)appint_shape_count, 0);
    for (size_t i = 0; i < appint_shape_count; i++) {
        lua_pushstring(L, appint_shapes[i]->name);
        lua_rawseti(L, -2, (int)i + 1);
    }
    return 1;
}

/* shape_name(number) -> the name that shapes() has there; or nothing */
static int l_shape_name(lua_State *L)
{
    lua_Integer number = luaL_checkinteger(L, 1);

    if (number < 1 || (size_t)number > appint_shape_count) {
        return 0;
    }
    lua_pushstring(L, appint_shapes[number - 1]->name);
    return 1;
}

/*
 * endpoint(region [, use_fips [, use_dualstack]]) -> host name, partition id;
 * or nil, message
 */
static int l_endpoint(lua_State *L)
{
    size_t len;
    const char *region = luaL_checklstring(L, 1, &len);
    unsigned variants = 0;
    struct appint_endpoint endpoint;
    struct appint_error error;

    if (lua_toboolean(L, 2)) {
        variants |= APPINT_ENDPOINT_FIPS;
    }
    if (lua_toboolean(L, 3)) {
        variants |= APPINT_ENDPOINT_DUALSTACK;
    }
    if (appint_endpoint_resolve(&endpoint, region, len, variants, &error) !=
        APPINT_OK) {
        lua_pushnil(L);
        lua_pushstring(L, error.text);
        return 2;
    }
    lua_pushstring(L, endpoint.host);
    lua_pushstring(L, endpoint.partition->id);
    return 2;
}

/*
 * partition(region) -> its id, suffix, dual-stack suffix, for endpoints of
 * other services than ours; or nil, message
 */
static int l_partition(lua_State *L)
{
    size_t len;
    const char *region = luaL_checklstring(L, 1, &len);
    struct appint_error error;
    const struct appint_partition *partition =
        appint_partition_find(region, len, &error);

    if (partition == NULL) {
        lua_pushnil(L);
        lua_pushstring(L, error.text);
        return 2;
    }
    lua_pushstring(L, partition->id);
    lua_pushstring(L, partition->suffix);
    lua_pushstring(L, partition->dualstack_suffix);
    return 3;
}

/* match(shape_name, text) -> boolean; nil for a shape without a pattern */
static int l_match(lua_State *L)
{
    const struct appint_shape *shape =
        appint_shape_find(luaL_checkstring(L, 1));
    size_t len;
    const char *text = luaL_checklstring(L, 2, &len);

    if (shape == NULL || shape->pattern == NULL) {
        lua_pushnil(L);
    } else {
        lua_pushboolean(L, appint_pattern_match(shape->pattern, text, len));
    }
    return 1;
}

/* pagination(method_name) -> a table like describe's, or nil */
static int l_pagination(lua_State *L)
{
    const struct appint_operation *op =
        appint_operation_find(luaL_checkstring(L, 1));

    if (op == NULL) {
        return 0;
    }
    push_pagination(L, &op->pagination);
    return 1;
}

/* nearest(name, names) -> the one of the list that was meant, or nil */
static int l_nearest(lua_State *L)
{
    struct appint_nearest nearest;
    size_t len, count = 0;
    const char *name = luaL_checklstring(L, 1, &len);

    luaL_checktype(L, 2, LUA_TTABLE);
    count = (size_t)lua_rawlen(L, 2);
    appint_nearest_init(&nearest, name, len);
    for (size_t i = 1; i <= count; i++) {
        if (lua_rawgeti(L, 2, (int)i) == LUA_TSTRING) {
            const char *known = lua_tolstring(L, -1, &len);

            appint_nearest_offer(&nearest, known, len);
        }
        lua_pop(L, 1); /* the list keeps it */
    }
    if (nearest.name == NULL) {
        return 0;
    }
    lua_pushlstring(L, nearest.name, nearest.len);
    return 1;
}

const luaL_Reg appint_describe_functions[] = {
    {"operations", l_operations}, {"describe", l_describe},
    {"shapes", l_shapes},         {"shape_name", l_shape_name},
    {"endpoint", l_endpoint},     {"match", l_match},
    {"nearest", l_nearest},       {"pagination", l_pagination},
    {"partition", l_partition},   {NULL, NULL},
};
