/* SPDX-License-Identifier: MIT */
#ifndef APPINT_TRANSFER_H
#define APPINT_TRANSFER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/slice.h"
#include "base/status.h"
#include "transport/answer.h"
#include "transport/failure.h"
#include "transport/settings.h"

/*
 * One HTTP request and its answer, as plain data: what libcurl is given
 * (easy.h) and what it delivers. Everything is copied in, so that the caller's
 * strings may go. Transfers belong to an engine (engine.h), which reuses
 * them and their buffers from call to call.
 */

enum appint_transfer_state {
    APPINT_TRANSFER_FREE,
    APPINT_TRANSFER_WAITING, /* for a place among the running ones */
    APPINT_TRANSFER_RUNNING,
    APPINT_TRANSFER_FINISHED, /* to be taken */
    APPINT_TRANSFER_TAKEN     /* in no list: its reader's alone */
};

/* Which headers the request brings itself, so that libcurl's stay out. */
enum appint_given_header {
    APPINT_GIVEN_ACCEPT = 1,
    APPINT_GIVEN_CONTENT_TYPE = 2,
    APPINT_GIVEN_EXPECT = 4
};

/* What to send, borrowed for one call of appint_transfer_prepare. */
struct appint_request {
    const char *method;
    const char *url; /* absolute, encoded; sent exactly so */
    size_t url_len;
    const char *body; /* NULL: none, which is not the same as "" */
    size_t body_len;
    double connect_timeout;    /* seconds; 0: libcurl's own 300 */
    double timeout;            /* seconds; 0: none */
    size_t max_response_bytes; /* 0: no limit */
};

struct appint_handle; /* easy.h */

struct appint_transfer {
    uint64_t id; /* 0 while free */
    enum appint_transfer_state state;
    struct appint_transfer *previous, *next; /* in the list of its state */
    struct appint_handle *handle;            /* while it runs, else NULL */
    int64_t begun, connect_due, due;         /* the engine's, while it runs */

    /* The request. */
    struct appint_settings *settings; /* a reference of ours */
    struct appint_buf text;  /* "name: value" lines, origin, target, method;
                                each ends in a zero */
    struct appint_buf nodes; /* struct curl_slist, pointing into text */
    struct appint_buf body;
    size_t header_count;
    size_t origin_at, origin_len; /* in text: "https://host:port" */
    size_t target_at;             /* as it stands on the request line */
    size_t method_at;
    unsigned given; /* enum appint_given_header */
    bool has_body;
    bool proxied; /* goes through the proxy of the settings */
    long connect_timeout_ms;
    long timeout_ms;

    struct appint_answer answer;
    enum appint_failure failure;
    bool stale;       /* failed because a kept connection was dead when used */
    int socket_errno; /* EMFILE or ENFILE, where it got no socket */
    struct appint_error error;
};

/* A zeroed struct becomes an empty transfer whose memory comes from ALLOCATOR;
 * appint_transfer_free releases all of it. */
void appint_transfer_init(struct appint_transfer *transfer,
                          const struct appint_allocator *allocator);
void appint_transfer_free(struct appint_transfer *transfer);

/* Empties for the next request, keeping buffers of up to KEEP bytes each. */
void appint_transfer_reset(struct appint_transfer *transfer, size_t keep);

/* Adds a request header; APPINT_E_ARG when it is none (line ends, zeros). */
enum appint_status appint_transfer_add_header(struct appint_transfer *transfer,
                                              struct appint_slice name,
                                              struct appint_slice value,
                                              struct appint_error *error);

/* Copies REQUEST and takes a reference to SETTINGS; after the headers.
 * APPINT_E_ARG: malformed, or longer than libcurl sends. */
enum appint_status appint_transfer_prepare(struct appint_transfer *transfer,
                                           const struct appint_request *request,
                                           struct appint_settings *settings,
                                           struct appint_error *error);

/* "host:port" of the request, port spelled out, into OUT. */
void appint_transfer_place(const struct appint_transfer *transfer, char *out,
                           size_t size);

#endif
