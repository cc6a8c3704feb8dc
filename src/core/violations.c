/* SPDX-License-Identifier: MIT */
/* Findings of validation, with their paths: see violations.h. */

#include "core/violations.h"

#include <stdarg.h>
#include <stdio.h>

/* Longer map keys are cut in paths: a path is for people. */
enum { SHOWN_KEY_BYTES = 128, MESSAGE_BYTES = 1024 };

static struct appint_step *enter(struct appint_report *report,
                                 enum appint_step_kind kind)
{
    struct appint_step *step = &report->path[report->depth++];

    step->kind = kind;
    return step;
}

void appint_enter_member(struct appint_report *report, const char *name,
                         size_t len)
{
    struct appint_step *step = enter(report, APPINT_STEP_MEMBER);

    step->name = name;
    step->len = len;
}

void appint_enter_key(struct appint_report *report, const char *key, size_t len)
{
    struct appint_step *step = enter(report, APPINT_STEP_KEY);

    step->name = key;
    step->len = len;
}

void appint_enter_index(struct appint_report *report, long long index)
{
    enter(report, APPINT_STEP_INDEX)->index = index;
}

void appint_leave(struct appint_report *report)
{
    report->depth--;
}

bool appint_deep_enough(struct appint_report *report)
{
    if (report->depth < APPINT_MAX_DEPTH) {
        luaL_checkstack(report->L, 8, APPINT_STACK_ERROR);
        return true;
    }
    appint_violation(report, "depth",
                     "is nested more than %d levels deep (or cyclic)",
                     APPINT_MAX_DEPTH);
    return false;
}

/* KEY as a Lua string literal would show it, cut between code points. */
static void append_key(struct appint_buf *out, const char *key, size_t len)
{
    size_t shown = len;

    if (shown > SHOWN_KEY_BYTES) {
        shown = SHOWN_KEY_BYTES;
        while (shown > 0 && ((unsigned char)key[shown] & 0xC0) == 0x80) {
            shown--;
        }
    }
    appint_buf_append_string(out, "[\"");
    for (size_t i = 0; i < shown; i++) {
        unsigned char c = (unsigned char)key[i];
        char escape[5];

        if (c == '"' || c == '\\') {
            appint_buf_append_char(out, '\\');
        }
        if (c < 0x20 || c == 0x7F) {
            snprintf(escape, sizeof escape, "\\%03u", c);
            appint_buf_append_string(out, escape);
        } else {
            appint_buf_append_char(out, (char)c);
        }
    }
    appint_buf_append_string(out, shown < len ? "…\"]" : "\"]");
}

static void append_step(struct appint_buf *out, const struct appint_step *step)
{
    switch (step->kind) {
    case APPINT_STEP_MEMBER:
        if (out->len > 0) {
            appint_buf_append_char(out, '.');
        }
        appint_buf_append(out, step->name, step->len);
        break;
    case APPINT_STEP_KEY:
        append_key(out, step->name, step->len);
        break;
    case APPINT_STEP_INDEX:
        appint_buf_append_char(out, '[');
        appint_buf_append_integer(out, step->index);
        appint_buf_append_char(out, ']');
        break;
    }
}

static void push_path(struct appint_report *report, struct appint_buf *out)
{
    appint_buf_reset(out, (size_t)-1);
    for (int i = 0; i < report->depth; i++) {
        append_step(out, &report->path[i]);
    }
    if (out->failed) {
        luaL_error(report->L, "not enough memory");
    }
    lua_pushlstring(report->L, out->len > 0 ? out->data : "", out->len);
}

void appint_find(struct appint_report *report, struct appint_findings *findings,
                 const char *rule, const char *format, ...)
{
    lua_State *L = report->L;
    char message[MESSAGE_BYTES];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    luaL_checkstack(L, 4, APPINT_STACK_ERROR);
    if (findings->count == 0) {
        lua_newtable(L);
        lua_replace(L, findings->slot);
    }
    lua_createtable(L, 0, 3); /* finding */
    push_path(report, report->text);
    lua_setfield(L, -2, "path");
    lua_pushstring(L, rule);
    lua_setfield(L, -2, "rule");
    lua_pushstring(L, message);
    lua_setfield(L, -2, "message");
    lua_rawseti(L, findings->slot, ++findings->count);
}
