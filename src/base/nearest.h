/* SPDX-License-Identifier: MIT */
#ifndef APPINT_NEAREST_H
#define APPINT_NEAREST_H

#include <stddef.h>

/*
 * "Did you mean": how far a name that somebody wrote is from one that exists.
 * Names that are the same but for letter case and underscores are nearest, then
 * those of which one begins like the other, those that share most words, and
 * those that differ by few letters. ASCII; names of any length in any bytes.
 */

/* The nearest of candidates that are offered one after another. */
struct appint_nearest {
    const char *written;
    size_t written_len;
    unsigned distance; /* of `name` */
    const char *name;  /* the nearest so far, or NULL */
    size_t len;
};

void appint_nearest_init(struct appint_nearest *nearest, const char *written,
                         size_t len);

/* KNOWN has to live as long as its result is used. */
void appint_nearest_offer(struct appint_nearest *nearest, const char *known,
                          size_t len);

#endif
