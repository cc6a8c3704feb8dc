/* SPDX-License-Identifier: MIT */
/* The chunked transfer coding: see chunks.h. */

#include "transport/chunks.h"

/* As many as a size of 64 bits has. */
enum { MOST_DIGITS = 16 };

/* The value of a hexadecimal digit, or -1. */
static int digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Leading zeros count too, as in libcurl. */
static enum appint_chunks_state add_digit(struct appint_chunks *chunks,
                                          int value)
{
    if (++chunks->size_digits > MOST_DIGITS || chunks->left > INT64_MAX >> 4) {
        return APPINT_CHUNKS_MALFORMED;
    }
    chunks->left = chunks->left << 4 | (uint64_t)value;
    return APPINT_CHUNKS_MORE_SIZE;
}

/* What follows the line that a chunk begins with. */
static enum appint_chunks_state begin_chunk(const struct appint_chunks *chunks)
{
    return chunks->left > 0 ? APPINT_CHUNKS_DATA : APPINT_CHUNKS_TRAILER;
}

/* The state after C, which is no content. As libcurl does, takes a line feed
 * alone for a line's end. */
static enum appint_chunks_state step(struct appint_chunks *chunks, char c)
{
    int value = -1;

    switch (chunks->state) {
    case APPINT_CHUNKS_SIZE:
        chunks->size_digits = 0;
        value = digit(c);
        return value >= 0 ? add_digit(chunks, value) : APPINT_CHUNKS_MALFORMED;
    case APPINT_CHUNKS_MORE_SIZE:
        value = digit(c);
        if (value >= 0) {
            return add_digit(chunks, value);
        }
        if (c == '\n') {
            return begin_chunk(chunks);
        }
        return c == '\r' || c == ';' || c == ' ' || c == '\t'
                   ? APPINT_CHUNKS_EXTENSION
                   : APPINT_CHUNKS_MALFORMED;
    case APPINT_CHUNKS_EXTENSION:
        return c == '\n' ? begin_chunk(chunks) : APPINT_CHUNKS_EXTENSION;
    case APPINT_CHUNKS_DATA_END:
        return c == '\r'   ? APPINT_CHUNKS_DATA_END
               : c == '\n' ? APPINT_CHUNKS_SIZE
                           : APPINT_CHUNKS_MALFORMED;
    case APPINT_CHUNKS_TRAILER:
        return c == '\n'   ? APPINT_CHUNKS_ENDED
               : c == '\r' ? APPINT_CHUNKS_TRAILER
                           : APPINT_CHUNKS_TRAILER_LINE;
    case APPINT_CHUNKS_TRAILER_LINE:
        return c == '\n' ? APPINT_CHUNKS_TRAILER : APPINT_CHUNKS_TRAILER_LINE;
    case APPINT_CHUNKS_DATA:
    case APPINT_CHUNKS_ENDED:
    case APPINT_CHUNKS_MALFORMED:
        break;
    }
    return chunks->state;
}

static void take(struct appint_slice *input, size_t len)
{
    input->data += len;
    input->len -= len;
}

bool appint_chunks_next(struct appint_chunks *chunks,
                        struct appint_slice *input, struct appint_slice *piece)
{
    while (input->len > 0 && chunks->state < APPINT_CHUNKS_ENDED) {
        if (chunks->state == APPINT_CHUNKS_DATA) {
            *piece = *input;
            if (piece->len >= chunks->left) {
                piece->len = (size_t)chunks->left;
                chunks->state = APPINT_CHUNKS_DATA_END;
            }
            chunks->left -= piece->len;
            take(input, piece->len);
            return true;
        }
        chunks->state = step(chunks, *input->data);
        chunks->framing++;
        chunks->trailers += chunks->state >= APPINT_CHUNKS_TRAILER ? 1 : 0;
        take(input, 1);
    }
    return false;
}
