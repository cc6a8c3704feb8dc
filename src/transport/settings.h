/* SPDX-License-Identifier: MIT */
#ifndef APPINT_SETTINGS_H
#define APPINT_SETTINGS_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/status.h"

/*
 * What many transfers share: whom to trust, and which proxy to go through.
 * Counted references, constant once made.
 */

struct appint_settings {
    struct appint_allocator allocator;
    unsigned references;
    struct appint_buf ca_bundle;   /* a path; empty: the system's bundle */
    struct appint_buf proxy;       /* URL with its port; empty: none */
    struct appint_buf proxy_place; /* "host:port" for messages */
    struct appint_buf no_proxy;
    bool verify_tls;
};

/* What settings are made of; NULL strings: none. Borrowed for the call. */
struct appint_settings_source {
    const char *ca_bundle;
    const char *proxy; /* [scheme://][user:password@]host[:port] */
    const char *no_proxy;
    bool verify_tls;
};

/* *OUT has one reference, the caller's. APPINT_E_ARG: unreadable CA bundle or
 * no proxy URL; the text never holds the proxy's password. */
enum appint_status
appint_settings_new(const struct appint_allocator *allocator,
                    const struct appint_settings_source *source,
                    struct appint_settings **out, struct appint_error *error);
void appint_settings_retain(struct appint_settings *settings);
void appint_settings_release(
    struct appint_settings *settings); /* NULL: no-op */

/* The text of a field, zero-terminated, or OTHERWISE where it is empty. */
const char *appint_settings_text(const struct appint_buf *field,
                                 const char *otherwise);

#endif
