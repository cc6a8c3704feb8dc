/* SPDX-License-Identifier: MIT */
#ifndef APPINT_TRANSFER_H
#define APPINT_TRANSFER_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "status.h"

/*
 * One HTTP request and its answer, as plain data: what libcurl is given
 * (easy.h) and what it delivers. Everything is copied in, so that the caller's
 * strings may go. Transfers belong to an engine (transport.h), which reuses
 * them and their buffers from call to call.
 */

/* How a transfer can end, with kind and code of the errors users see. */
#define APPINT_FAILURE_LIST(X)                                                 \
    X(APPINT_NO_FAILURE, "", "")                                               \
    X(APPINT_DNS_ERROR, "transport", "DNSError")                               \
    X(APPINT_CONNECTION_ERROR, "transport", "ConnectionError")                 \
    X(APPINT_TLS_ERROR, "transport", "TLSError")                               \
    X(APPINT_PROXY_ERROR, "transport", "ProxyError")                           \
    X(APPINT_CONNECT_TIMEOUT, "timeout", "ConnectTimeout")                     \
    X(APPINT_ATTEMPT_TIMEOUT, "timeout", "AttemptTimeout")                     \
    X(APPINT_TOO_LARGE, "response", "ResponseTooLarge")                        \
    X(APPINT_INVALID_RESPONSE, "response", "InvalidResponse")                  \
    X(APPINT_INVALID_CONFIG, "config", "InvalidConfig")                        \
    X(APPINT_OUT_OF_MEMORY, "", "")

enum appint_failure {
#define X(name, kind, code) name,
    APPINT_FAILURE_LIST(X)
#undef X
};

enum appint_transfer_state {
    APPINT_TRANSFER_FREE,
    APPINT_TRANSFER_WAITING, /* for a place among the running ones */
    APPINT_TRANSFER_RUNNING,
    APPINT_TRANSFER_FINISHED /* to be taken */
};

/* Which headers the request brings itself, so that libcurl's stay out. */
enum appint_given_header {
    APPINT_GIVEN_ACCEPT = 1,
    APPINT_GIVEN_CONTENT_TYPE = 2,
    APPINT_GIVEN_EXPECT = 4
};

/* Moments of a transfer, in microseconds since it began; 0: did not come. */
enum appint_moment {
    APPINT_NAME_LOOKUP,
    APPINT_CONNECT,
    APPINT_TLS,
    APPINT_FIRST_BYTE,
    APPINT_TOTAL,
    APPINT_MOMENTS
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

struct appint_settings;
struct appint_handle;

struct appint_transfer {
    uint64_t id; /* 0 while free */
    enum appint_transfer_state state;
    struct appint_transfer *previous, *next; /* in the list of its state */
    struct appint_handle *handle;            /* while it runs, else NULL */
    int64_t connect_due, due;                /* the engine's, while it runs */

    /* The request. */
    struct appint_settings *settings; /* a reference of ours */
    struct appint_buf text;  /* "name: value" lines, URL, method; each ends in
                                a zero */
    struct appint_buf nodes; /* struct curl_slist, pointing into text */
    struct appint_buf body;
    size_t header_count;
    size_t url_at, method_at; /* in text */
    unsigned given;           /* enum appint_given_header */
    bool has_body;
    long connect_timeout_ms;
    long timeout_ms;
    size_t max_response_bytes;

    /* The answer. */
    struct appint_buf headers; /* lower-case "name:value\n" lines */
    struct appint_buf content;
    size_t header_bytes; /* as received, interim answers included */
    bool headers_ended;
    bool too_large;
    long status;
    int64_t moments[APPINT_MOMENTS];
    enum appint_failure failure;
    struct appint_error error;
};

/* Kind and code of FAILURE as constant strings. */
const char *appint_failure_kind(enum appint_failure failure);
const char *appint_failure_code(enum appint_failure failure);

/* A zeroed struct becomes an empty transfer whose memory comes from ALLOCATOR;
 * appint_transfer_free releases all of it. */
void appint_transfer_init(struct appint_transfer *transfer,
                          const struct appint_allocator *allocator);
void appint_transfer_free(struct appint_transfer *transfer);

/* Empties for the next request, keeping buffers of up to KEEP bytes each. */
void appint_transfer_reset(struct appint_transfer *transfer, size_t keep);

/* Adds a request header; APPINT_E_ARG when it is none (line ends, zeros). */
enum appint_status appint_transfer_add_header(struct appint_transfer *transfer,
                                              const char *name, size_t name_len,
                                              const char *value,
                                              size_t value_len,
                                              struct appint_error *error);

/* Copies REQUEST and takes a reference to SETTINGS; after the headers. */
enum appint_status appint_transfer_prepare(struct appint_transfer *transfer,
                                           const struct appint_request *request,
                                           struct appint_settings *settings,
                                           struct appint_error *error);

/* "host:port" of the request, port spelled out, into OUT. */
void appint_transfer_place(const struct appint_transfer *transfer, char *out,
                           size_t size);

/* What libcurl's callbacks do with a line of the header and with a piece of
 * the body. False: give up (too_large is set, or a buffer has failed). */
bool appint_transfer_header_line(struct appint_transfer *transfer,
                                 const char *line, size_t len);
bool appint_transfer_receive(struct appint_transfer *transfer, const char *data,
                             size_t len);

/* The next answer header from *CURSOR (0 at first) on; false at the end. */
struct appint_received_header {
    const char *name, *value;
    size_t name_len, value_len;
};
bool appint_transfer_next_header(const struct appint_transfer *transfer,
                                 size_t *cursor,
                                 struct appint_received_header *header);

#endif
