/* SPDX-License-Identifier: MIT */
#ifndef APPINT_EASY_H
#define APPINT_EASY_H

#include <curl/curl.h>

#include "transfer.h"

/*
 * libcurl's easy handles as this project sets them: which options, when they
 * are set, and what a handle's outcome means. A handle runs one transfer at a
 * time and is reused for the next; connections belong to the multi handle.
 *
 * Settings are what many transfers share: trust and proxy. They are counted
 * references, and constant once made.
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

/* Runs curl_global_init once in the process, whichever thread comes first. */
enum appint_status appint_curl_init(struct appint_error *error);

/* The host runs curl_global_init by itself, before the first transfer and
 * before it starts threads: appint_curl_init is not to. No effect once that has
 * been called. */
void appint_curl_leave_to_host(void);

/* *OUT has one reference, the caller's. APPINT_E_ARG: unreadable CA bundle or
 * no proxy URL; the text never holds the proxy's password. */
enum appint_status
appint_settings_new(const struct appint_allocator *allocator,
                    const struct appint_settings_source *source,
                    struct appint_settings **out, struct appint_error *error);
void appint_settings_retain(struct appint_settings *settings);
void appint_settings_release(
    struct appint_settings *settings); /* NULL: no-op */

/* Opens and closes sockets for a handle: the engine keeps account of them. */
struct appint_socket_functions {
    curl_opensocket_callback open;
    curl_closesocket_callback close;
    void *owner;
};

struct appint_handle {
    struct appint_allocator allocator;
    struct appint_handle *next; /* while idle */
    CURL *easy;
    struct appint_settings *applied; /* a reference of ours, or NULL */
    struct appint_transfer *transfer;
    char text[CURL_ERROR_SIZE]; /* libcurl's own words on a failure */
};

/* A handle with all options that never change; NULL: out of memory. */
struct appint_handle *
appint_handle_new(const struct appint_allocator *allocator,
                  const struct appint_socket_functions *sockets);
void appint_handle_free(struct appint_handle *handle);

/* Releases what is ours and leaves libcurl's handle alone, connections and
 * all: for the child of a fork. */
void appint_handle_abandon(struct appint_handle *handle);

/* Sets the options of TRANSFER, which must stay where it is until
 * appint_handle_end or appint_handle_detach; false: out of memory. */
bool appint_handle_begin(struct appint_handle *handle,
                         struct appint_transfer *transfer);

/* Whether the connection stands, TLS and the proxy's tunnel included. */
bool appint_handle_connected(const struct appint_handle *handle);

/* Writes CODE's meaning, status and moments to the transfer; detaches it. */
void appint_handle_end(struct appint_handle *handle, CURLcode code);
void appint_handle_detach(struct appint_handle *handle);

#endif
