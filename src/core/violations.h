/* SPDX-License-Identifier: MIT */
#ifndef APPINT_VIOLATIONS_H
#define APPINT_VIOLATIONS_H

#include <stdbool.h>

#include "base/buf.h"
#include "lua/compat.h"

/*
 * Where validation stands and what it has found. The walk over a value enters
 * and leaves steps (a member, a list position, a map key); a finding becomes
 * { path = 'FileConfiguration.Folders[3]', rule = "max_length", message = … }
 * in one of two Lua tables: violations, which stop the call, and advisories,
 * which go with it.
 */

enum { APPINT_MAX_DEPTH = 100 };

enum appint_step_kind {
    APPINT_STEP_MEMBER,
    APPINT_STEP_KEY,
    APPINT_STEP_INDEX
};

struct appint_step {
    enum appint_step_kind kind;
    const char *name; /* anchored by the caller's tables or constant */
    size_t len;
    long long index;
};

/* options.validate: false, "standard", "strict" */
enum appint_mode { APPINT_MODE_OFF, APPINT_MODE_STANDARD, APPINT_MODE_STRICT };

struct appint_findings {
    int slot; /* stack index; nil until the first finding */
    int count;
};

struct appint_report {
    lua_State *L;
    struct appint_buf *text; /* scratch for paths */
    enum appint_mode mode;
    struct appint_step path[APPINT_MAX_DEPTH];
    int depth;
    struct appint_findings violations;
    struct appint_findings advisories;
};

void appint_enter_member(struct appint_report *report, const char *name,
                         size_t len);
void appint_enter_key(struct appint_report *report, const char *key,
                      size_t len);
void appint_enter_index(struct appint_report *report, long long index);
void appint_leave(struct appint_report *report);

/* A violation if values are nested too deeply, cyclic ones too. [-0, +0, e] */
bool appint_deep_enough(struct appint_report *report);

/* Adds a finding at the current path. [-0, +0, e] */
void appint_find(struct appint_report *report, struct appint_findings *findings,
                 const char *rule, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#define appint_violation(report, ...)                                          \
    appint_find(report, &(report)->violations, __VA_ARGS__)

/* A rule that goes stale: a violation only where the caller asked for it. */
#define appint_advise(report, ...)                                             \
    do {                                                                       \
        if ((report)->mode == APPINT_MODE_STRICT) {                            \
            appint_violation(report, __VA_ARGS__);                             \
        } else {                                                               \
            appint_note(report, __VA_ARGS__);                                  \
        }                                                                      \
    } while (0)

/* What is worth knowing and stops no call, however strict. */
#define appint_note(report, ...)                                               \
    do {                                                                       \
        if ((report)->mode != APPINT_MODE_OFF) {                               \
            appint_find(report, &(report)->advisories, __VA_ARGS__);           \
        }                                                                      \
    } while (0)

#endif
