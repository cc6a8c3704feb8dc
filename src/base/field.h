/* SPDX-License-Identifier: MIT */
#ifndef APPINT_FIELD_H
#define APPINT_FIELD_H

#include <stdbool.h>

#include "base/slice.h"

/*
 * What names and values of HTTP's header fields may consist of (RFC 9110).
 */

/* The characters of a token in lower case; 0 for all others. */
extern const char appint_token_lower[256];

/* Whether TEXT is a token, as names of fields and methods are. */
bool appint_is_token(struct appint_slice text);

/* Whether TEXT has no control character but the tab. */
bool appint_is_field_value(struct appint_slice text);

/*
 * Header fields as one text: lines "name: value\n", the space of which may be
 * missing. So requests and answers of calls have them until somebody asks for a
 * table.
 */

/* Cuts the first line off LINES, without its end. False at the end. */
static inline bool appint_next_line(struct appint_slice *lines,
                                    struct appint_slice *line)
{
    const char *end = NULL;

    if (lines->len == 0) {
        return false;
    }
    end = memchr(lines->data, '\n', lines->len);
    line->data = lines->data;
    line->len = end != NULL ? (size_t)(end - lines->data) : lines->len;
    lines->len -= line->len + (end != NULL);
    lines->data += line->len + (end != NULL);
    return true;
}

/* What stands in LINE behind the COLON there. */
static inline struct appint_slice appint_behind(struct appint_slice line,
                                                size_t colon)
{
    size_t at = colon + 1;

    at += at < line.len && line.data[at] == ' ';
    return (struct appint_slice){line.data + at, line.len - at};
}

/* The parts of LINE; false without a colon. */
static inline bool appint_split_field(struct appint_slice line,
                                      struct appint_slice *name,
                                      struct appint_slice *value)
{
    const char *colon = line.len > 0 ? memchr(line.data, ':', line.len) : NULL;

    if (colon == NULL) {
        return false;
    }
    *name = (struct appint_slice){line.data, (size_t)(colon - line.data)};
    *value = appint_behind(line, name->len);
    return true;
}

#endif
