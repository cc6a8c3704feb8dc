/* SPDX-License-Identifier: MIT */
#ifndef APPINT_ANSWER_H
#define APPINT_ANSWER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "transport/chunks.h"

/*
 * The answer to one request, collected line by line and piece by piece as
 * libcurl's callbacks deliver it, within limits. Knows HTTP's syntax, but no
 * socket.
 */

/* Moments of a transfer, in microseconds since it began; 0: did not come. */
enum appint_moment {
    APPINT_NAME_LOOKUP,
    APPINT_CONNECT,
    APPINT_TLS,
    APPINT_FIRST_BYTE,
    APPINT_TOTAL,
    APPINT_MOMENTS
};

struct appint_answer {
    size_t max_bytes;          /* of the content; 0: no limit */
    bool to_head;              /* has no content, whatever its headers say */
    struct appint_buf headers; /* lower-case "name:value\n" lines */
    struct appint_buf content;
    size_t header_bytes; /* as received, interim answers included */
    size_t header_lines;
    bool headers_ended;
    bool too_large;
    bool malformed; /* the header; its chunks know for themselves */
    long status;
    uint64_t length;             /* as content-length has it */
    bool chunked;                /* so the content is received */
    struct appint_chunks chunks; /* where that is */
    int64_t moments[APPINT_MOMENTS];
};

/* A zeroed struct becomes an empty answer whose memory comes from ALLOCATOR. */
void appint_answer_init(struct appint_answer *answer,
                        const struct appint_allocator *allocator);

/* Empties, keeping buffers of up to KEEP bytes each; 0 releases all. */
void appint_answer_reset(struct appint_answer *answer, size_t keep);

/* Takes a line of the header, or a piece of the body, still in its chunks.
 * False: give up (too_large is set, the chunks are malformed, or a buffer has
 * failed). */
bool appint_answer_header_line(struct appint_answer *answer, const char *line,
                               size_t len);
bool appint_answer_receive(struct appint_answer *answer, const char *data,
                           size_t len);

/* Whether header and chunks have come to their ends; of a content-length,
 * libcurl knows. */
bool appint_answer_complete(const struct appint_answer *answer);
bool appint_answer_malformed(const struct appint_answer *answer);

#endif
