/* SPDX-License-Identifier: MIT */
/* The members that stand in a request's path and query: see request_line.h. */

#include "core/request_line.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/uri.h"
#include "core/freeform.h"
#include "core/rules.h"
#include "core/values.h"

/* What the path and the query may have of one text: URLs end at 1 MiB. */
enum { LONGEST_TEXT = 256 * 1024 };

/* The rules of a text in the URL; false for one that no URL can hold. */
static bool check_text(struct appint_walk *walk,
                       const struct appint_shape *shape, const char *text,
                       size_t len)
{
    if (len > LONGEST_TEXT) {
        appint_violation(&walk->report, "max_bytes",
                         "has %lld bytes, more than a URL can hold",
                         (long long)len);
        return false;
    }
    appint_check_string(&walk->report, shape, text, len);
    return true;
}

/* The stack slot that the label MEMBER of INPUT is kept in. */
static int label_slot(struct appint_walk *walk,
                      const struct appint_shape *input,
                      const struct appint_member *member)
{
    int slot = walk->labels;

    for (const struct appint_member *m = input->members; m != member; m++) {
        slot += m->location == APPINT_IN_LABEL;
    }
    if (slot >= walk->labels + APPINT_MAX_LABELS) {
        luaL_error(walk->L, "the model has more labels than expected");
    }
    return slot;
}

/* A label is a part of the path; "." and ".." would change the path. */
void appint_check_label(struct appint_walk *walk,
                        const struct appint_shape *input,
                        const struct appint_member *member)
{
    struct appint_report *report = &walk->report;
    size_t len;
    const char *text;

    if (lua_type(walk->L, -1) != LUA_TSTRING) {
        appint_violation(report, "type", "expected string, got %s",
                         appint_type_name(walk->L, -1));
        return;
    }
    text = lua_tolstring(walk->L, -1, &len);
    if (len == 0) {
        appint_violation(report, "min_length",
                         "is empty, at least 1 character needed");
    } else if (strcmp(text, ".") == 0 || strcmp(text, "..") == 0) {
        appint_violation(report, "label",
                         "is \"%s\", which would change the request's path",
                         text);
    } else {
        check_text(walk, member->shape, text, len);
    }
    /* What was checked is what is sent, whatever becomes of the table. */
    lua_pushvalue(walk->L, -1);
    lua_replace(walk->L, label_slot(walk, input, member));
}

static void query_pair(struct appint_walk *walk,
                       const struct appint_member *member, const char *text,
                       size_t len)
{
    struct appint_buf *query = &walk->scratch->query;

    if (query->len > 0) {
        appint_buf_append_char(query, '&');
    }
    appint_uri_encode(query, member->wire, member->wire_len, false);
    appint_buf_append_char(query, '=');
    appint_uri_encode(query, text, len, false);
}

static void query_value(struct appint_walk *walk,
                        const struct appint_member *member,
                        const struct appint_shape *shape);

static void query_list(struct appint_walk *walk,
                       const struct appint_member *member,
                       const struct appint_shape *shape)
{
    long long count = appint_check_sequence(&walk->report);

    if (count < 0) {
        return;
    }
    appint_check_length(&walk->report, shape, count, "items");
    for (long long i = 1; i <= count; i++) {
        lua_rawgeti(walk->L, -1, (int)i);
        appint_enter_index(&walk->report, i);
        query_value(walk, member, shape->element);
        appint_leave(&walk->report);
        lua_pop(walk->L, 1);
    }
}

static void query_string(struct appint_walk *walk,
                         const struct appint_member *member,
                         const struct appint_shape *shape)
{
    size_t len;
    const char *text = lua_tolstring(walk->L, -1, &len);

    if (check_text(walk, shape, text, len)) {
        query_pair(walk, member, text, len);
    }
}

static void query_integer(struct appint_walk *walk,
                          const struct appint_member *member,
                          const struct appint_shape *shape)
{
    char digits[24];
    long long integer;

    if (appint_check_integer(&walk->report, shape, &integer)) {
        int len = snprintf(digits, sizeof digits, "%lld", integer);

        query_pair(walk, member, digits, (size_t)len);
    }
}

static void query_boolean(struct appint_walk *walk,
                          const struct appint_member *member)
{
    bool yes = lua_toboolean(walk->L, -1);

    query_pair(walk, member, yes ? "true" : "false", yes ? 4 : 5);
}

/* Any number, where nothing is validated. */
static void query_number(struct appint_walk *walk,
                         const struct appint_member *member)
{
    struct appint_buf *text = walk->report.text;

    appint_buf_reset(text, SIZE_MAX);
    if (appint_write_number(walk, text)) {
        query_pair(walk, member, text->data, text->len);
        walk->scratch->query.failed |= text->failed;
    }
}

static void wrong_type(struct appint_walk *walk,
                       const struct appint_shape *shape)
{
    appint_violation(&walk->report, "type", "expected %s, got %s",
                     shape->type == APPINT_LIST      ? "list"
                     : shape->type == APPINT_INTEGER ? "integer"
                     : shape->type == APPINT_BOOLEAN ? "boolean"
                                                     : "string",
                     appint_type_name(walk->L, -1));
}

/* Without validation: what a query can say, as what it is. */
static void query_any(struct appint_walk *walk,
                      const struct appint_member *member,
                      const struct appint_shape *shape)
{
    switch (lua_type(walk->L, -1)) {
    case LUA_TSTRING:
        query_string(walk, member, shape);
        break;
    case LUA_TBOOLEAN:
        query_boolean(walk, member);
        break;
    case LUA_TNUMBER:
        query_number(walk, member);
        break;
    default:
        wrong_type(walk, shape);
        break;
    }
}

static void query_value(struct appint_walk *walk,
                        const struct appint_member *member,
                        const struct appint_shape *shape)
{
    int type = lua_type(walk->L, -1);

    if (shape->type == APPINT_LIST && type == LUA_TTABLE) {
        query_list(walk, member, shape);
    } else if (walk->report.mode == APPINT_MODE_OFF) {
        query_any(walk, member, shape);
    } else if (shape->type == APPINT_INTEGER && type == LUA_TNUMBER) {
        query_integer(walk, member, shape);
    } else if (shape->type == APPINT_BOOLEAN && type == LUA_TBOOLEAN) {
        query_boolean(walk, member);
    } else if (shape->type == APPINT_STRING && type == LUA_TSTRING) {
        query_string(walk, member, shape);
    } else {
        wrong_type(walk, shape);
    }
}

void appint_write_query(struct appint_walk *walk,
                        const struct appint_member *member)
{
    query_value(walk, member, member->shape);
}

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

void appint_write_path(struct appint_walk *walk,
                       const struct appint_operation *op)
{
    struct appint_buf *path = &walk->scratch->path;
    const char *at = op->uri, *open;

    while ((open = strchr(at, '{')) != NULL) {
        const char *close = strchr(open, '}');
        const struct appint_member *member =
            label_member(op->input, open + 1, (size_t)(close - open - 1));
        size_t len;
        const char *text =
            lua_tolstring(walk->L, label_slot(walk, op->input, member), &len);

        appint_buf_append(path, at, (size_t)(open - at));
        appint_uri_encode(path, text, len, false);
        at = close + 1;
    }
    appint_buf_append_string(path, at);
}
