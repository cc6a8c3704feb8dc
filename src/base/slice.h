/* SPDX-License-Identifier: MIT */
#ifndef APPINT_SLICE_H
#define APPINT_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/buf.h"

/*
 * Bytes that somebody else owns and keeps for as long as the slice is used:
 * a string on the Lua stack, a part of a buffer, a literal. Not
 * zero-terminated; data may be NULL when len is 0.
 */
struct appint_slice {
    const char *data;
    size_t len;
};

/* A slice of a string literal, without its terminator. */
#define APPINT_LITERAL(text) ((struct appint_slice){"" text, sizeof(text) - 1})

/* Behind the last byte of SLICE. (C knows no NULL + 0.) */
static inline const char *appint_slice_end(struct appint_slice slice)
{
    return slice.len > 0 ? slice.data + slice.len : slice.data;
}

/* What BUF holds now; valid until it grows. */
static inline struct appint_slice appint_buf_slice(const struct appint_buf *buf)
{
    return (struct appint_slice){buf->data, buf->len};
}

static inline void appint_buf_append_slice(struct appint_buf *buf,
                                           struct appint_slice slice)
{
    appint_buf_append(buf, slice.data, slice.len);
}

static inline bool appint_slice_equal(struct appint_slice a,
                                      struct appint_slice b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

/* Whether TEXT, LEN bytes, is LOWER but for the case of ASCII's letters,
 * whatever locale the host has set. */
static inline bool appint_same_letters(const char *text, const char *lower,
                                       size_t len)
{
    for (size_t i = 0; i < len; i++) {
        char c = text[i];

        if (c >= 'A' && c <= 'Z') {
            c = (char)(c + ('a' - 'A'));
        }
        if (c != lower[i]) {
            return false;
        }
    }
    return true;
}

#endif
