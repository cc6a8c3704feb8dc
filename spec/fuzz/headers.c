/* SPDX-License-Identifier: MIT */
/*
 * Header lines of an answer, as libcurl hands them over, beside a second
 * reading of the same lines: names in lower case, values trimmed, folded lines
 * joined by one space, what stands after the empty line left out. Only a status
 * line of another protocol and a length beyond the limit end it.
 */

#include <ctype.h>
#include <string.h>

#include "check.h"
#include "transport/answer.h"

enum { ROOM = 16384, LIMIT = 100 };

/* What is to come out: "name:value\n" for each, which is how it is kept. */
struct expected {
    char text[ROOM];
    size_t len;
    int ended;
};

static void add(struct expected *e, const char *text, size_t len)
{
    CHECK(e->len + len <= ROOM);
    memcpy(e->text + e->len, text, len);
    e->len += len;
}

static void add_trimmed(struct expected *e, const char *from, const char *to)
{
    while (from < to && (*from == ' ' || *from == '\t')) {
        from++;
    }
    while (to > from && strchr(" \t\r\n", to[-1]) != NULL && to[-1] != '\0') {
        to--;
    }
    add(e, from, (size_t)(to - from));
}

static void add_line(struct expected *e, const char *line, size_t len)
{
    const char *colon = memchr(line, ':', len);

    if (len >= 5 && memcmp(line, "HTTP/", 5) == 0) {
        e->len = 0;
        e->ended = 0;
    } else if (e->ended || line[0] == '\r' || line[0] == '\n') {
        e->ended = 1;
    } else if (line[0] == ' ' || line[0] == '\t') {
        if (e->len > 0) {
            e->text[e->len - 1] = ' ';
            add_trimmed(e, line, line + len);
            add(e, "\n", 1);
        }
    } else if (colon != NULL && colon > line) {
        for (const char *c = line; c < colon; c++) {
            char lower = *c >= 'A' && *c <= 'Z' ? (char)(*c + 32) : *c;

            add(e, &lower, 1);
        }
        add(e, ":", 1);
        add_trimmed(e, colon + 1, line + len);
        add(e, "\n", 1);
    }
}

static void check_headers(const struct appint_answer *answer,
                          const struct expected *e)
{
    CHECK(e->len == answer->headers.len);
    CHECK(e->len == 0 || memcmp(e->text, answer->headers.data, e->len) == 0);
}

static void check_refusal(const struct appint_answer *answer, const char *line,
                          size_t len)
{
    if (answer->malformed) {
        CHECK(len >= 5 && memcmp(line, "HTTP/", 5) == 0);
        CHECK(len < 7 || memcmp(line, "HTTP/1.", 7) != 0);
    } else {
        CHECK(answer->too_large && answer->length > LIMIT);
        CHECK(line[0] == '\r' || line[0] == '\n');
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct expected expected;
    struct appint_answer answer = {.max_bytes = LIMIT};
    const struct appint_allocator allocator = {NULL, NULL};
    const char *at = (const char *)data, *end = at + size;

    expected.len = 0;
    expected.ended = 0;
    if (size == 0 || size > ROOM / 2) {
        return 0;
    }
    appint_answer_init(&answer, &allocator);
    while (at < end) { /* libcurl hands over lines with their ends */
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        size_t len = (size_t)((stop != NULL ? stop + 1 : end) - at);

        add_line(&expected, at, len);
        if (!appint_answer_header_line(&answer, at, len)) {
            check_refusal(&answer, at, len);
            break;
        }
        at += len;
    }
    check_headers(&answer, &expected);
    if (at == end && !answer.chunked) {
        CHECK(appint_answer_receive(&answer, (const char *)data, size) ==
              (size <= LIMIT));
    }
    appint_answer_reset(&answer, 0);
    return 0;
}
