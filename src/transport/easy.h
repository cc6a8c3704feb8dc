/* SPDX-License-Identifier: MIT */
#ifndef APPINT_EASY_H
#define APPINT_EASY_H

#include <curl/curl.h>

#include "transport/transfer.h"

/*
 * libcurl's easy handles as this project sets them: which options, and when
 * they are set. A handle runs one transfer at a time and is reused for the
 * next; connections belong to the multi handle.
 */

/* Opens and closes sockets: the engine keeps account of them. */
struct appint_socket_functions {
    curl_socket_t (*open)(void *owner, uint64_t transfer,
                          const struct curl_sockaddr *address);
    curl_closesocket_callback close;
    void *owner;
};

struct appint_handle {
    struct appint_allocator allocator;
    struct appint_socket_functions sockets;
    struct appint_handle *next; /* while idle */
    CURL *easy;
    struct appint_settings *applied; /* a reference of ours, or NULL */
    struct appint_buf origin;        /* what CURLOPT_URL is; empty: unknown */
    CURLU *url;                      /* that, parsed */
    bool proxied;                    /* what CURLOPT_PROXY is */
    bool fresh;                      /* what CURLOPT_FRESH_CONNECT is */
    struct appint_transfer *transfer;
    bool connecting;     /* it has opened a socket */
    size_t proxy_bytes;  /* of the header of the answer to CONNECT */
    bool proxy_answered; /* that is complete */
    bool looks;          /* libcurl may not, before it reuses one */
    bool sending;        /* the connection stands, the request goes out */
    bool dead;           /* a kept one, so that nothing was sent */
    bool resending;      /* libcurl wanted to send it once more */
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
 * appint_handle_end or appint_handle_detach; FRESH: over a new connection.
 * False: out of memory. */
bool appint_handle_begin(struct appint_handle *handle,
                         struct appint_transfer *transfer, bool fresh);

/* How a transfer has ended. */
struct appint_ending {
    CURLcode code;
    int64_t elapsed; /* microseconds */
    bool reached;    /* a socket opened for it has a peer */
};

/* Writes moments and verdict to the transfer; detaches it. */
void appint_handle_end(struct appint_handle *handle,
                       const struct appint_ending *ending);
void appint_handle_detach(struct appint_handle *handle);

#endif
