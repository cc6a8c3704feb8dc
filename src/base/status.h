/* SPDX-License-Identifier: MIT */
#ifndef APPINT_STATUS_H
#define APPINT_STATUS_H

#include <stddef.h>

/*
 * What a plain C function of this project reports: a status, and, where a
 * person will read it, a text in the caller's struct appint_error. No function
 * below the Lua binding raises, prints or keeps an error anywhere else.
 */

#define APPINT_STATUS_LIST(X)                                                  \
    X(APPINT_OK, "ok")                                                         \
    X(APPINT_E_NOMEM, "not enough memory")                                     \
    X(APPINT_E_ARG, "invalid argument")                                        \
    X(APPINT_E_LIMIT, "limit exceeded")                                        \
    X(APPINT_E_ABSENT, "not found")                                            \
    X(APPINT_E_CRYPTO, "cryptographic library failure")                        \
    X(APPINT_E_SYSTEM, "operating system failure")

enum appint_status {
#define X(name, text) name,
    APPINT_STATUS_LIST(X)
#undef X
};

enum { APPINT_ERROR_TEXT_SIZE = 256 };

struct appint_error {
    char text[APPINT_ERROR_TEXT_SIZE]; /* always terminated; "" if none */
};

/* A constant English phrase for STATUS; never NULL. */
const char *appint_status_text(enum appint_status status);

/* Formats into ERROR (may be NULL), truncating; returns STATUS. */
enum appint_status appint_fail(struct appint_error *error,
                               enum appint_status status, const char *format,
                               ...) __attribute__((format(printf, 3, 4)));

/* What the system's error NUMBER means; the text may stand in BUFFER. Threads
 * may ask at the same time, and any C library may be underneath. */
const char *appint_system_text(int number, char *buffer, size_t size);

#endif
