/* SPDX-License-Identifier: MIT */
/* The rules for single values: see build.h. */

#include "build.h"

#include <math.h>
#include <stdio.h>

#include "pattern.h"
#include "utf8.h"

enum {
    /*
     * No member takes more than some thousand characters, and the service may
     * become more liberal; a string of this many bytes is a mistake.
     */
    MAX_STRING_BYTES = 1024 * 1024
};

const char *appint_type_name(lua_State *L, int index)
{
    return appint_is_null(L, index) ? "null" : luaL_typename(L, index);
}

/* Enters a path step, unless values are nested too deeply. */
bool appint_deep_enough(struct build *b)
{
    if (b->report.depth < APPINT_MAX_DEPTH) {
        luaL_checkstack(b->L, 8, APPINT_STACK_ERROR);
        return true;
    }
    violation(b, "depth", "is nested more than %d levels deep (or cyclic)",
              APPINT_MAX_DEPTH);
    return false;
}

static void check_enum(struct build *b, const struct appint_shape *shape,
                       const char *text, size_t len)
{
    char list[512];
    size_t used = 0;

    if (shape->values == NULL || appint_enum_has(shape, text, len)) {
        return;
    }
    for (size_t i = 0; i < shape->count && used < sizeof list; i++) {
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%s",
                                 i > 0 ? ", " : "", shape->values[i]);
    }
    advise(b, "enum", "is none of %s", list);
}

void appint_check_length(struct build *b, const struct appint_shape *shape,
                         long long count, const char *unit)
{
    bool text = shape->type == APPINT_STRING;

    if (shape->has_min && count < shape->min && b->mode != MODE_OFF) {
        violation(b, text ? "min_length" : "min_size",
                  "has %lld %s, at least %lld needed", count, unit,
                  (long long)shape->min);
    }
    if (shape->has_max && count > shape->max) {
        advise(b, text ? "max_length" : "max_size",
               "has %lld %s, at most %lld allowed", count, unit,
               (long long)shape->max);
    }
}

ptrdiff_t appint_check_text(struct build *b, const char *text, size_t len)
{
    size_t bad = 0;
    ptrdiff_t count;

    if (b->mode == MODE_OFF) {
        return -1;
    }
    if (len > MAX_STRING_BYTES) {
        violation(b, "max_bytes", "has %lld bytes, more than any request takes",
                  (long long)len);
        return -1;
    }
    count = appint_utf8_count(text, len, &bad);
    if (count < 0) {
        violation(b, "utf8", "is no valid UTF-8 (byte %lld)",
                  (long long)bad + 1);
    }
    return count;
}

/* The rules of a string shape. */
void appint_check_string(struct build *b, const struct appint_shape *shape,
                         const char *text, size_t len)
{
    ptrdiff_t count = appint_check_text(b, text, len);

    if (count < 0) {
        return;
    }
    appint_check_length(b, shape, (long long)count, "characters");
    check_enum(b, shape, text, len);
    if (shape->pattern != NULL &&
        !appint_pattern_match(shape->pattern, text, len)) {
        advise(b, "pattern", "does not match the pattern %s",
               shape->pattern_text);
    }
}

/* The number on top as a 64-bit integer; false if it is none. */
static bool to_integer(lua_State *L, long long *result)
{
    lua_Number number = lua_tonumber(L, -1);

    if (lua_isinteger(L, -1)) {
        *result = (long long)lua_tointeger(L, -1);
        return true;
    }
    /* 2^63 itself is no longer an integer of 64 bits. */
    if (number != floor(number) || number < -9223372036854775808.0 ||
        number >= 9223372036854775808.0) {
        return false;
    }
    *result = (long long)number;
    return true;
}

/* Whether the value on top is an integer that SHAPE allows. */
bool appint_check_integer(struct build *b, const struct appint_shape *shape,
                          long long *result)
{
    if (!to_integer(b->L, result)) {
        violation(b, "type", "expected an integer of 64 bits, got %.17g",
                  (double)lua_tonumber(b->L, -1));
        return false;
    }
    if (b->mode != MODE_OFF && ((shape->has_min && *result < shape->min) ||
                                (shape->has_max && *result > shape->max))) {
        violation(b, "range", "is %lld, outside %lld to %lld", *result,
                  (long long)shape->min, (long long)shape->max);
    }
    return true;
}

/*
 * How many items the table on top has if its keys are 1..n and nothing else;
 * -1 otherwise, with *GAP the first missing position.
 */
long long appint_sequence_length(lua_State *L, long long *gap)
{
    long long count = 0;
    bool other = false;

    lua_pushnil(L);
    while (lua_next(L, -2) != 0) {
        lua_pop(L, 1); /* table, key */
        count++;
        other = other || lua_type(L, -1) != LUA_TNUMBER;
    }
    for (long long i = 1; i <= count; i++) {
        bool hole = lua_rawgeti(L, -1, (int)i) == LUA_TNIL;

        lua_pop(L, 1);
        if (hole) {
            *gap = i;
            return -1;
        }
    }
    return other ? -1 : count;
}

long long appint_check_sequence(struct build *b)
{
    long long gap = 0, count = appint_sequence_length(b->L, &gap);

    if (count < 0) {
        violation(b, "sequence",
                  "expected a list with the keys 1 to n; position %lld is nil",
                  gap);
    }
    return count;
}
