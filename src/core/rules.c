/* SPDX-License-Identifier: MIT */
/* The rules of single values: see rules.h. */

#include "core/rules.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>

#include "base/json.h"
#include "base/utf8.h"
#include "core/values.h"
#include "model/pattern.h"

#define TOO_FEW "has %lld %s, at least %lld needed"

static void check_enum(struct appint_report *report,
                       const struct appint_shape *shape, const char *text,
                       size_t len)
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
    appint_advise(report, "enum", "is none of %s", list);
}

void appint_check_length(struct appint_report *report,
                         const struct appint_shape *shape, long long count,
                         const char *unit)
{
    bool text = shape->type == APPINT_STRING;
    bool too_few = shape->has_min && count < shape->min;

    /* The service takes Tags = {}, and so do the public SDKs. */
    if (too_few && shape->type == APPINT_MAP) {
        appint_advise(report, "min_size", TOO_FEW, count, unit,
                      (long long)shape->min);
    } else if (too_few && report->mode != APPINT_MODE_OFF) {
        appint_violation(report, text ? "min_length" : "min_size", TOO_FEW,
                         count, unit, (long long)shape->min);
    }
    if (shape->has_max && count > shape->max) {
        appint_advise(report, text ? "max_length" : "max_size",
                      "has %lld %s, at most %lld allowed", count, unit,
                      (long long)shape->max);
    }
}

ptrdiff_t appint_check_text(struct appint_report *report, const char *text,
                            size_t len)
{
    size_t bad = 0;
    ptrdiff_t count;

    if (report->mode == APPINT_MODE_OFF) {
        return -1;
    }
    count = appint_utf8_count(text, len, &bad);
    if (count < 0) {
        appint_violation(report, "utf8", "is no valid UTF-8 (byte %lld)",
                         (long long)bad + 1);
    }
    return count;
}

void appint_check_string(struct appint_report *report,
                         const struct appint_shape *shape, const char *text,
                         size_t len)
{
    ptrdiff_t count = appint_check_text(report, text, len);

    if (count < 0) {
        return;
    }
    appint_check_length(report, shape, (long long)count, "characters");
    check_enum(report, shape, text, len);
    if (shape->pattern != NULL &&
        !appint_pattern_match(shape->pattern, text, len)) {
        appint_advise(report, "pattern", "does not match the pattern %s",
                      shape->pattern_text);
    }
}

static void check_range(struct appint_report *report,
                        const struct appint_shape *shape, long long number)
{
    if (shape->has_min && number < shape->min &&
        report->mode != APPINT_MODE_OFF) {
        appint_violation(report, "range", "is %lld, at least %lld needed",
                         number, (long long)shape->min);
    }
    if (shape->has_max && number > shape->max) {
        appint_advise(report, "range", "is %lld, at most %lld allowed", number,
                      (long long)shape->max);
    }
}

/* The number on top as the program has probably written it: in few digits,
 * with a point in every locale. Good until the next finding. */
static const char *number_text(struct appint_report *report)
{
    double number = (double)lua_tonumber(report->L, -1);
    struct appint_buf *text = report->text;

    if (!isfinite(number)) {
        return isnan(number) ? "nan" : number > 0 ? "inf" : "-inf";
    }
    appint_buf_reset(text, SIZE_MAX);
    appint_json_double(text, number);
    appint_buf_append_char(text, '\0');
    if (text->failed) {
        luaL_error(report->L, "not enough memory");
    }
    return text->data;
}

bool appint_check_integer(struct appint_report *report,
                          const struct appint_shape *shape, long long *result)
{
    if (!appint_to_integer(report->L, result)) {
        appint_violation(report, "type",
                         "expected an integer of 64 bits, got %s",
                         number_text(report));
        return false;
    }
    check_range(report, shape, *result);
    return true;
}

long long appint_check_sequence(struct appint_report *report)
{
    long long gap = 0, count = appint_sequence_length(report->L, &gap);

    if (count < 0 && gap > 0) {
        appint_violation(
            report, "sequence",
            "expected a list with the keys 1 to n; position %lld is nil", gap);
    } else if (count < 0) {
        appint_violation(report, "sequence",
                         "expected a list with the keys 1 to n; one of its "
                         "keys is no number");
    }
    return count;
}
