/* SPDX-License-Identifier: MIT */
#ifndef APPINT_BUILD_H
#define APPINT_BUILD_H

/*
 * What the files share that turn a table of parameters into a request:
 * build.c walks over the input shape, rules.c checks single values against
 * their shape, freeform.c writes values that have no shape. The value at hand
 * is always on top of the Lua stack.
 */

#include "core.h"
#include "model.h"
#include "violations.h"

/* options.validate: false, "standard", "strict" */
enum mode { MODE_OFF, MODE_STANDARD, MODE_STRICT };

struct build {
    lua_State *L;
    enum mode mode;
    const char *token; /* for the idempotency token, or NULL: a new UUID */
    size_t token_len;
    struct appint_scratch *scratch;
    struct appint_buf *out; /* the JSON body, a part of scratch */
    struct appint_report report;
};

#define violation(b, ...)                                                      \
    appint_find(&(b)->report, &(b)->report.violations, __VA_ARGS__)

/* A rule that goes stale: a violation only where the caller asked for it. */
#define advise(b, ...)                                                         \
    do {                                                                       \
        if ((b)->mode == MODE_STRICT) {                                        \
            violation(b, __VA_ARGS__);                                         \
        } else if ((b)->mode == MODE_STANDARD) {                               \
            appint_find(&(b)->report, &(b)->report.advisories, __VA_ARGS__);   \
        }                                                                      \
    } while (0)

/* --- rules.c ----------------------------------------------------------------
 */

/* The Lua type of the value at INDEX; "null" for JSON's. */
const char *appint_type_name(lua_State *L, int index);

/* A violation if values are nested too deeply, cyclic ones too. [-0, +0, e] */
bool appint_deep_enough(struct build *b);

/* The rules on the number of characters, items or entries. [-0, +0, e] */
void appint_check_length(struct build *b, const struct appint_shape *shape,
                         long long count, const char *unit);

/*
 * The rules of every text: its code points, or -1 where it breaks them, and
 * where nothing is validated. [-0, +0, e]
 */
ptrdiff_t appint_check_text(struct build *b, const char *text, size_t len);

/* The rules of a string shape. [-0, +0, e] */
void appint_check_string(struct build *b, const struct appint_shape *shape,
                         const char *text, size_t len);

/* Whether the number on top is an integer of 64 bits; its rules. [-0, +0, e] */
bool appint_check_integer(struct build *b, const struct appint_shape *shape,
                          long long *result);

/* The length of the list on top, or -1 and a violation. [-0, +0, e] */
long long appint_check_sequence(struct build *b);

/*
 * How many items the table on top has if its keys are 1..n and nothing else;
 * -1 otherwise, with *GAP the first missing position. [-0, +0, m]
 */
long long appint_sequence_length(lua_State *L, long long *gap);

/* --- freeform.c -------------------------------------------------------------
 */

/* Appends `,"name":`, or without the comma after a '{'. */
void appint_write_key(struct build *b, const char *name, size_t len);

/* Writes the number on top; a violation if it is not finite. [-0, +0, e] */
void appint_write_number(struct build *b);

/*
 * Writes the value on top by the usual JSON rules: a table with keys 1..n is
 * an array, any other an object; {} is an object. [-0, +0, e]
 */
void appint_write_any(struct build *b);

#endif
