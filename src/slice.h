/* SPDX-License-Identifier: MIT */
#ifndef APPINT_SLICE_H
#define APPINT_SLICE_H

#include <stddef.h>

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

#endif
