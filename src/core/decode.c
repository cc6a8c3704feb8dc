/* SPDX-License-Identifier: MIT */
/*
 * From the bytes of an answer to the output that the contract promises, in one
 * pass along its shape: null is absent, integer shapes are Lua integers,
 * timestamps are epoch seconds, and what the model does not know stays as it
 * came. Values wait on the Lua stack until their table can be made in its final
 * size; the names of members are strings that the state keeps.
 *
 * The bytes are those of a Lua string, which is argument 2 all the while; a NUL
 * stands at their end, so that looking at one byte needs no check.
 */

#include "core/core.h"

#include <stdint.h>
#include <string.h>

#include "base/number.h"
#include "base/slice.h"
#include "base/timestamp.h"
#include "base/utf8.h"
#include "model/model.h"

enum {
    FEW = 8,      /* entries of one table on the stack, at first */
    WAITING = 64, /* and at most; down to WIDE_DEPTH, as the stack of
                     Lua 5.1 ends at 8,000 */
    WIDE_DEPTH = 8,
    STACK_SLOTS = 8
};

#define BODY       2 /* arguments of decode */
#define METATABLES 3 /* by shape->id, or nil */

struct reader {
    lua_State *L;
    const char *at;
    const char *end;
    const char *problem;     /* what is wrong at `at`, or NULL */
    struct appint_buf *text; /* a string that had escapes */
    int depth;
    bool has_metatables;
};

/* A table whose entries are being read. */
struct table {
    const struct appint_shape *shape; /* or NULL */
    int index;                        /* its place on the stack */
    int count;                        /* of entries */
    int waiting; /* so many entries may wait on the stack so far */
    bool is_list;
    bool is_made;
    uint16_t next; /* structures: the member that probably comes next */
};

static bool read_value(struct reader *r, const struct appint_shape *shape);

static bool fail(struct reader *r, const char *problem)
{
    r->problem = problem;
    return false;
}

static bool has_type(const struct appint_shape *shape, enum appint_type type)
{
    return shape != NULL && shape->type == type;
}

static void skip_space(struct reader *r)
{
    while (*r->at == ' ' || *r->at == '\n' || *r->at == '\r' ||
           *r->at == '\t') {
        r->at++;
    }
}

/* --- Strings -------------------------------------------------------------- */

/* The code unit of "\u12AB", past its backslash; or -1. */
static long read_unit(const char *at, const char *end)
{
    long unit = 0;

    if (end - at < 5 || *at != 'u') {
        return -1;
    }
    for (int i = 1; i <= 4; i++) {
        char c = at[i];
        char letter = (char)(c | 0x20);

        if (c >= '0' && c <= '9') {
            unit = unit * 16 + (c - '0');
        } else if (letter >= 'a' && letter <= 'f') {
            unit = unit * 16 + (letter - 'a' + 10);
        } else {
            return -1;
        }
    }
    return unit;
}

/* At the `u`. Half of a surrogate pair alone stands for no character: U+FFFD.
 */
static bool unescape_unit(struct reader *r)
{
    long unit = read_unit(r->at, r->end);
    char character[4];

    if (unit < 0) {
        return fail(r, "\\u needs four hexadecimal digits");
    }
    r->at += 5;
    if (unit >= 0xD800 && unit <= 0xDFFF) {
        long low = *r->at == '\\' ? read_unit(r->at + 1, r->end) : -1;

        if (unit <= 0xDBFF && low >= 0xDC00 && low <= 0xDFFF) {
            unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
            r->at += 6;
        } else {
            unit = 0xFFFD;
        }
    }
    appint_buf_append(r->text, character,
                      appint_utf8_encode(character, (uint32_t)unit));
    return true;
}

/* Past the backslash. */
static bool unescape_one(struct reader *r)
{
    static const char letters[] = "\"\\/bfnrt";
    static const char meanings[] = "\"\\/\b\f\n\r\t";
    const char *letter = *r->at != '\0' ? strchr(letters, *r->at) : NULL;

    if (*r->at == 'u') {
        return unescape_unit(r);
    }
    if (letter == NULL) {
        return fail(r, "no escape sequence has this letter");
    }
    appint_buf_append_char(r->text, meanings[letter - letters]);
    r->at++;
    return true;
}

/* Up to the quotation mark, which the buffer gets too. */
static bool unescape(struct reader *r)
{
    appint_buf_reset(r->text, SIZE_MAX);
    while (r->at < r->end && *r->at != '"') {
        const char *from = r->at;

        while (r->at < r->end && *r->at != '"' && *r->at != '\\') {
            r->at++;
        }
        appint_buf_append(r->text, from, (size_t)(r->at - from));
        if (*r->at == '\\') {
            r->at++;
            if (!unescape_one(r)) {
                return false;
            }
        }
    }
    appint_buf_append_char(r->text, '"');
    return r->at < r->end || fail(r, "a string has no end");
}

/*
 * Reads the string whose quotation mark is past. *TEXT is a part of the body,
 * or of the buffer: good until the next string.
 */
static bool read_text(struct reader *r, struct appint_slice *text)
{
    const char *quote = memchr(r->at, '"', (size_t)(r->end - r->at));
    size_t len = quote != NULL ? (size_t)(quote - r->at) : 0;

    if (quote != NULL && memchr(r->at, '\\', len) == NULL) {
        *text = (struct appint_slice){r->at, len};
        r->at = quote + 1;
        return true;
    }
    if (!unescape(r)) {
        return false;
    }
    if (r->text->failed) {
        luaL_error(r->L, "not enough memory");
    }
    *text = appint_buf_slice(r->text);
    text->len--;
    r->at++;
    return true;
}

/* --- Single values -------------------------------------------------------- */

static void push_number(lua_State *L, const struct appint_shape *shape,
                        struct appint_number number)
{
    if (has_type(shape, APPINT_FLOAT) && number.is_integer) {
        lua_pushnumber(L, (lua_Number)number.integer);
        return;
    }
    if (!number.is_integer && (has_type(shape, APPINT_INTEGER) ||
                               has_type(shape, APPINT_TIMESTAMP))) {
        number.is_integer =
            appint_number_is_whole(number.real, &number.integer);
    }
    if (number.is_integer) {
        appint_pushint64(L, number.integer);
    } else {
        lua_pushnumber(L, number.real);
    }
}

static bool read_number(struct reader *r, const struct appint_shape *shape)
{
    struct appint_number number;
    const char *stop = appint_number_read(r->at, r->end, &number);

    if (stop == NULL) {
        return fail(r, "a number is not written as JSON has it");
    }
    r->at = stop;
    push_number(r->L, shape, number);
    return true;
}

/* A date and time, or seconds, in text; anything else stays text. */
static void push_time(lua_State *L, const struct appint_shape *shape,
                      struct appint_slice text)
{
    struct appint_number number = {.is_integer = false};
    const char *end = appint_slice_end(text);

    if (appint_timestamp_parse(text.data, text.len, &number.real) ||
        appint_number_read(text.data, end, &number) == end) {
        push_number(L, shape, number);
    } else {
        lua_pushlstring(L, text.data, text.len);
    }
}

static bool read_string(struct reader *r, const struct appint_shape *shape)
{
    struct appint_slice text;

    r->at++;
    if (!read_text(r, &text)) {
        return false;
    }
    if (has_type(shape, APPINT_TIMESTAMP)) {
        push_time(r->L, shape, text);
    } else {
        lua_pushlstring(r->L, text.data, text.len);
    }
    return true;
}

/* null is nil: it finds its way into no table. */
static bool read_word(struct reader *r)
{
    if (strncmp(r->at, "true", 4) == 0) {
        lua_pushboolean(r->L, true);
        r->at += 4;
    } else if (strncmp(r->at, "false", 5) == 0) {
        lua_pushboolean(r->L, false);
        r->at += 5;
    } else if (strncmp(r->at, "null", 4) == 0) {
        lua_pushnil(r->L);
        r->at += 4;
    } else {
        return fail(r, "a value was expected");
    }
    return true;
}

/* --- Tables --------------------------------------------------------------- */

/* Makes the table, of what waits for it. */
static void make_table(lua_State *L, struct table *t)
{
    lua_createtable(L, t->is_list ? t->count : 0, t->is_list ? 0 : t->count);
    lua_replace(L, t->index);
    t->is_made = true;
    if (t->is_list) {
        for (int i = t->count; i > 0; i--) {
            lua_rawseti(L, t->index, i);
        }
        return;
    }
    for (int i = 0; i < t->count; i++) { /* in order: the last of a name wins */
        lua_pushvalue(L, t->index + 1 + 2 * i);
        lua_pushvalue(L, t->index + 2 + 2 * i);
        lua_rawset(L, t->index);
    }
    lua_settop(L, t->index);
}

/* Takes back what the key on top stood for before. */
static void forget(lua_State *L, struct table *t)
{
    for (int i = 0; !t->is_made && i < t->count; i++) {
        if (lua_rawequal(L, -1, t->index + 1 + 2 * i)) {
            lua_pushnil(L);
            lua_replace(L, t->index + 2 + 2 * i);
        }
    }
    lua_pushvalue(L, -1);
    if (t->is_made && lua_rawget(L, t->index) != LUA_TNIL) {
        lua_pushvalue(L, -2);
        lua_pushnil(L);
        lua_rawset(L, t->index);
    }
    lua_pop(L, 1);
}

/* So many entries wait that the stack is full: room for as many more, or the
 * table. A coroutine's stack that has grown is slow to make and to collect. */
static void make_room(lua_State *L, struct table *t)
{
    if (t->waiting == WAITING) {
        make_table(L, t);
        return;
    }
    luaL_checkstack(L, 2 * t->waiting + STACK_SLOTS, APPINT_STACK_ERROR);
    t->waiting *= 2;
}

/* Adds what is on top: a value, in objects above its key. */
static void add_entry(lua_State *L, struct table *t)
{
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        if (!t->is_list) {
            forget(L, t);
            lua_pop(L, 1);
        }
        return;
    }
    t->count++;
    if (t->is_made && t->is_list) {
        lua_rawseti(L, t->index, t->count);
    } else if (t->is_made) {
        lua_rawset(L, t->index);
    } else if (t->count == t->waiting) {
        make_room(L, t);
    }
}

/* Steps over the bracket. A nil holds the place of the table. */
static bool begin_table(struct reader *r, struct table *t,
                        const struct appint_shape *shape, bool is_list)
{
    if (r->depth == APPINT_JSON_DEPTH) {
        return fail(r, "arrays and objects are nested too deeply");
    }
    r->depth++;
    r->at++;
    skip_space(r);
    *t = (struct table){.shape = shape, .is_list = is_list};
    t->waiting = r->depth <= WIDE_DEPTH ? FEW : 0;
    luaL_checkstack(r->L, 2 * t->waiting + STACK_SLOTS, APPINT_STACK_ERROR);
    lua_pushnil(r->L);
    t->index = lua_gettop(r->L);
    if (t->waiting == 0) {
        make_table(r->L, t);
    }
    return true;
}

/* Steps over a comma, if one comes. */
static bool more_entries(struct reader *r)
{
    skip_space(r);
    if (*r->at != ',') {
        return false;
    }
    r->at++;
    skip_space(r);
    return true;
}

/* Steps over the closing bracket, and leaves the table on top. */
static bool end_table(struct reader *r, struct table *t)
{
    if (*r->at != (t->is_list ? ']' : '}')) {
        return fail(r, t->is_list ? "',' or ']' was expected"
                                  : "',' or '}' was expected");
    }
    r->at++;
    r->depth--;
    if (!t->is_made) {
        make_table(r->L, t);
    }
    if (r->has_metatables && t->shape != NULL) {
        lua_pushinteger(r->L, t->shape->id);
        lua_gettable(r->L, METATABLES); /* its __index may make it */
        luaL_argcheck(r->L, lua_istable(r->L, -1) || lua_isnil(r->L, -1),
                      METATABLES, "tables expected");
        lua_setmetatable(r->L, -2);
    }
    return true;
}

static bool read_list(struct reader *r, const struct appint_shape *shape)
{
    struct table t;

    shape = has_type(shape, APPINT_LIST) ? shape : NULL;
    if (!begin_table(r, &t, shape, true)) {
        return false;
    }
    if (*r->at != ']') {
        do {
            if (!read_value(r, shape != NULL ? shape->element : NULL)) {
                return false;
            }
            add_entry(r->L, &t);
        } while (more_entries(r));
    }
    return end_table(r, &t);
}

/* --- Objects -------------------------------------------------------------- */

/* Whether TEXT, up to END, begins with the name of MEMBER and a quotation mark.
 */
static bool names(const struct appint_member *member, const char *text,
                  const char *end)
{
    return end - text > member->wire_len && text[member->wire_len] == '"' &&
           memcmp(text, member->wire, member->wire_len) == 0;
}

/*
 * The member whose name and a quotation mark begin at TEXT: its name is pushed.
 * Or NULL. Services write members in the order of the model more often than
 * not.
 */
static const struct appint_member *
push_member(lua_State *L, struct table *t, const char *text, const char *end)
{
    size_t i = t->next;

    for (int tries = t->shape->count; tries > 0; tries--, i++) {
        i = i < t->shape->count ? i : 0;
        if (names(&t->shape->members[i], text, end)) {
            appint_push_name(L, t->shape, i);
            t->next = (uint16_t)(i + 1);
            return &t->shape->members[i];
        }
    }
    return NULL;
}

/* The key of a structure; *SHAPE is that of its value, NULL if unknown. */
static bool read_member(struct reader *r, struct table *t,
                        const struct appint_shape **shape)
{
    const struct appint_member *member = push_member(r->L, t, r->at, r->end);
    struct appint_slice text;

    *shape = NULL;
    if (member != NULL) {
        r->at += member->wire_len + 1;
        *shape = member->shape;
        return true;
    }
    if (!read_text(r, &text)) {
        return false;
    }
    /* It may have been written with escapes; a mark in it is not its end. */
    if (memchr(text.data, '"', text.len) == NULL) {
        member = push_member(r->L, t, text.data, text.data + text.len + 1);
    }
    if (member != NULL) {
        *shape = member->shape;
    } else {
        lua_pushlstring(r->L, text.data, text.len);
    }
    return true;
}

/* Pushes a key; *SHAPE is that of its value, or NULL. */
static bool read_key(struct reader *r, struct table *t,
                     const struct appint_shape **shape)
{
    struct appint_slice text;

    if (*r->at != '"') {
        return fail(r, "a name in quotation marks was expected");
    }
    r->at++;
    if (has_type(t->shape, APPINT_STRUCTURE)) {
        return read_member(r, t, shape);
    }
    *shape = t->shape != NULL ? t->shape->element : NULL;
    if (!read_text(r, &text)) {
        return false;
    }
    lua_pushlstring(r->L, text.data, text.len);
    return true;
}

static bool read_object(struct reader *r, const struct appint_shape *shape)
{
    const struct appint_shape *element = NULL;
    struct table t;

    shape = has_type(shape, APPINT_STRUCTURE) || has_type(shape, APPINT_MAP)
                ? shape
                : NULL;
    if (!begin_table(r, &t, shape, false)) {
        return false;
    }
    if (*r->at != '}') {
        do {
            if (!read_key(r, &t, &element)) {
                return false;
            }
            skip_space(r);
            if (*r->at != ':') {
                return fail(r, "':' was expected");
            }
            r->at++;
            skip_space(r);
            if (!read_value(r, element)) {
                return false;
            }
            add_entry(r->L, &t);
        } while (more_entries(r));
    }
    return end_table(r, &t);
}

/* Pushes one value; a table only has the metatable of its SHAPE. */
static bool read_value(struct reader *r, const struct appint_shape *shape)
{
    switch (*r->at) {
    case '"':
        return read_string(r, shape);
    case '{':
        return read_object(r, shape);
    case '[':
        return read_list(r, shape);
    case '-':
    case '0':
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
    case '6':
    case '7':
    case '8':
    case '9':
        return read_number(r, shape);
    default:
        return read_word(r);
    }
}

/* --- All of it ------------------------------------------------------------ */

static bool read_body(struct reader *r, const struct appint_shape *shape)
{
    skip_space(r);
    if (*r->at != '{') {
        return fail(r, "an object was expected");
    }
    if (!read_object(r, shape)) {
        return false;
    }
    skip_space(r);
    return r->at == r->end || fail(r, "the end was expected");
}

/*
 * decode(operation or nil, body [, metatables]) -> output; or nil, what is
 * wrong, the position of the first byte that is. Without an operation all is
 * read as what it is. `metatables` has them by the numbers that shapes()
 * gives, or makes them as its `__index`; output tables of other shapes have
 * none.
 */
static int l_decode(lua_State *L)
{
    const char *name = luaL_optstring(L, 1, NULL);
    const struct appint_operation *op =
        name != NULL ? appint_operation_find(name) : NULL;
    size_t len;
    const char *body = luaL_checklstring(L, BODY, &len);
    struct appint_scratch *scratch;
    struct reader r = {.L = L, .at = body, .end = body + len};

    if (name != NULL && op == NULL) {
        return luaL_error(L, "no operation is called %s", name);
    }
    lua_settop(L, METATABLES);
    r.has_metatables = lua_istable(L, METATABLES);
    scratch = appint_scratch_take(L);
    r.text = &scratch->text;
    read_body(&r, op != NULL ? op->output : NULL);
    appint_scratch_release(scratch);
    if (r.problem == NULL) {
        return 1;
    }
    lua_pushnil(L);
    lua_pushstring(L, r.problem);
    lua_pushinteger(L, r.at - body + 1);
    return 3;
}

const luaL_Reg appint_decode_functions[] = {
    {"decode", l_decode},
    {NULL, NULL},
};
