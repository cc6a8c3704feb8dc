/* SPDX-License-Identifier: MIT */
#ifndef APPINT_CHUNKS_H
#define APPINT_CHUNKS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

/*
 * The chunked transfer coding (RFC 9112, 7.1), read as it comes. libcurl could
 * do that, but tells broken framing from a broken connection in words only, and
 * takes extensions and trailers without end.
 */

enum appint_chunks_state {
    APPINT_CHUNKS_SIZE, /* of the next chunk; no digit yet */
    APPINT_CHUNKS_MORE_SIZE,
    APPINT_CHUNKS_EXTENSION,
    APPINT_CHUNKS_DATA,
    APPINT_CHUNKS_DATA_END,
    APPINT_CHUNKS_TRAILER, /* at the beginning of a line */
    APPINT_CHUNKS_TRAILER_LINE,
    APPINT_CHUNKS_ENDED,
    APPINT_CHUNKS_MALFORMED
};

/* Zeroed, it is at the beginning of a body. */
struct appint_chunks {
    enum appint_chunks_state state;
    uint64_t left;        /* of the chunk */
    unsigned size_digits; /* of its size */
    size_t trailers;      /* bytes of them so far */
    uint64_t framing;     /* bytes so far that are no content */
};

/* Takes what INPUT holds up to the end of the next piece of content, which is
 * PIECE then; false when INPUT has none. What follows the last chunk and its
 * trailers is dropped, as is everything once the state is MALFORMED. */
bool appint_chunks_next(struct appint_chunks *chunks,
                        struct appint_slice *input, struct appint_slice *piece);

#endif
