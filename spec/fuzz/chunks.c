/* SPDX-License-Identifier: MIT */
/*
 * The chunked transfer coding: read at once, read in pieces of a length that
 * the first byte gives, and read by a second implementation that has all of it
 * before it. All three have the same content and end in the same way.
 */

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "transport/chunks.h"

enum { ROOM = 4096 };

struct decoded {
    char content[ROOM];
    size_t len;
    enum { OPEN, ENDED, MALFORMED } end;
};

static void feed(struct appint_chunks *chunks, struct decoded *d,
                 const char *data, size_t len)
{
    struct appint_slice input = {data, len}, piece = {NULL, 0};

    while (appint_chunks_next(chunks, &input, &piece)) {
        CHECK(d->len + piece.len <= ROOM);
        memcpy(d->content + d->len, piece.data, piece.len);
        d->len += piece.len;
    }
}

static void read_in_pieces(struct decoded *d, const char *data, size_t len,
                           size_t step)
{
    struct appint_chunks chunks = {0};

    d->len = 0;
    for (size_t at = 0; at < len; at += step) {
        feed(&chunks, d, data + at, len - at < step ? len - at : step);
    }
    d->end = chunks.state == APPINT_CHUNKS_ENDED       ? ENDED
             : chunks.state == APPINT_CHUNKS_MALFORMED ? MALFORMED
                                                       : OPEN;
}

/* Lines of trailers up to an empty one: carriage returns alone are none. */
static void skip_trailers(struct decoded *d, const char *at, const char *end)
{
    while (at < end) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));

        if (stop == NULL) {
            return;
        }
        if (strspn(at, "\r") == (size_t)(stop - at)) {
            d->end = ENDED;
            return;
        }
        at = stop + 1;
    }
}

/* DATA is followed by a NUL, which no pattern below takes. */
static void read_whole(struct decoded *d, const char *data, size_t len)
{
    static const char hex[] = "0123456789abcdefABCDEF";
    const char *at = data, *end = data + len;

    d->len = 0;
    d->end = OPEN;
    while (at < end) {
        size_t digits = strspn(at, hex);
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        uint64_t size = digits <= 16 ? strtoull(at, NULL, 16) : UINT64_MAX;

        if (digits == 0 || size > INT64_MAX ||
            (at + digits < end && strchr("\r\n; \t", at[digits]) == NULL) ||
            (at + digits < end && at[digits] == '\0')) {
            d->end = MALFORMED;
            return;
        }
        if (stop == NULL) {
            return;
        }
        at = stop + 1;
        if (size == 0) {
            skip_trailers(d, at, end);
            return;
        }
        if (size > (uint64_t)(end - at)) {
            size = (uint64_t)(end - at);
        }
        memcpy(d->content + d->len, at, (size_t)size);
        d->len += (size_t)size;
        at += size;
        at += strspn(at, "\r");
        if (at < end && *at != '\n') {
            d->end = MALFORMED;
            return;
        }
        at++;
    }
}

static void check_same(const struct decoded *a, const struct decoded *b)
{
    CHECK(a->end == b->end && a->len == b->len);
    CHECK(memcmp(a->content, b->content, a->len) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct decoded whole, pieces, second;
    char text[ROOM + 1];

    if (size == 0 || size > ROOM) {
        return 0;
    }
    memcpy(text, data + 1, size - 1);
    text[size - 1] = '\0';
    read_in_pieces(&whole, text, size - 1, ROOM);
    read_in_pieces(&pieces, text, size - 1, 1 + data[0] % 16);
    read_whole(&second, text, size - 1);
    check_same(&whole, &pieces);
    check_same(&whole, &second);
    return 0;
}
