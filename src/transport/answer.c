/* SPDX-License-Identifier: MIT */
/* Answers collected as they come: see answer.h. */

#include "transport/answer.h"

#include <stdint.h>
#include <string.h>

/* Well above what any proxy or service lets through. */
enum {
    MAX_HEADER_BYTES = 256 * 1024,
    MAX_HEADER_LINES = 2000,
    MAX_TRAILER_BYTES = 4000
};

void appint_answer_init(struct appint_answer *answer,
                        const struct appint_allocator *allocator)
{
    appint_buf_init(&answer->headers, allocator);
    appint_buf_init(&answer->content, allocator);
}

void appint_answer_reset(struct appint_answer *answer, size_t keep)
{
    appint_buf_reset(&answer->headers, keep);
    appint_buf_reset(&answer->content, keep);
    answer->header_bytes = 0;
    answer->header_lines = 0;
    answer->headers_ended = false;
    answer->too_large = false;
    answer->malformed = false;
    answer->status = 0;
    answer->length = 0;
    answer->chunked = false;
    answer->chunks = (struct appint_chunks){0};
    memset(answer->moments, 0, sizeof answer->moments);
}

/* An interim answer (1xx) is followed by another header: the last one counts.
 * What comes after the body is a trailer, which nobody has asked for. */
static bool begins_answer(const struct appint_answer *answer, const char *line,
                          size_t len)
{
    return len >= 5 && memcmp(line, "HTTP/", 5) == 0 &&
           answer->content.len == 0;
}

/* The three digits behind the version; 0 where there are none. */
static long status_of(const char *line, size_t len)
{
    const char *digits = memchr(line, ' ', len);
    size_t left = digits != NULL ? len - (size_t)(digits - line) : 0;
    long status = 0;

    for (size_t i = 1; i <= 3; i++) {
        if (i >= left || digits[i] < '0' || digits[i] > '9') {
            return 0;
        }
        status = status * 10 + (digits[i] - '0');
    }
    return status;
}

static void begin(struct appint_answer *answer, const char *line, size_t len)
{
    appint_buf_reset(&answer->headers, SIZE_MAX);
    answer->headers_ended = false;
    answer->malformed = len < 7 || memcmp(line, "HTTP/1.", 7) != 0;
    answer->status = status_of(line, len);
    answer->length = 0;
    answer->chunked = false;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t';
}

static bool is_line_end(char c)
{
    return c == '\r' || c == '\n';
}

static void trim(const char **text, size_t *len)
{
    while (*len > 0 && is_space(**text)) {
        ++*text;
        --*len;
    }
    while (*len > 0 &&
           (is_space((*text)[*len - 1]) || is_line_end((*text)[*len - 1]))) {
        --*len;
    }
}

/* Digits as a number, as large as one can be where they are more. */
static uint64_t number_of(const char *digits, size_t len)
{
    uint64_t number = 0;

    for (size_t i = 0; i < len && digits[i] >= '0' && digits[i] <= '9'; i++) {
        uint64_t value = (uint64_t)(digits[i] - '0');

        if (number > (UINT64_MAX - value) / 10) {
            return UINT64_MAX;
        }
        number = number * 10 + value;
    }
    return number;
}

/* What a field says about the content's framing. */
static void note_framing(struct appint_answer *answer, const char *name,
                         size_t name_len, const char *value, size_t value_len)
{
    static const char encoding[] = "transfer-encoding";
    static const char length[] = "content-length";
    static const char chunked[] = "chunked";
    size_t last = sizeof chunked - 1;

    if (name_len == sizeof encoding - 1 &&
        memcmp(name, encoding, name_len) == 0) {
        answer->chunked =
            value_len >= last &&
            appint_same_letters(value + value_len - last, chunked, last);
    } else if (name_len == sizeof length - 1 &&
               memcmp(name, length, name_len) == 0) {
        answer->length = number_of(value, value_len);
    }
}

static void append_field(struct appint_answer *answer, const char *line,
                         size_t len)
{
    struct appint_buf *headers = &answer->headers;
    const char *colon = memchr(line, ':', len);
    size_t name_len = colon != NULL ? (size_t)(colon - line) : 0;
    const char *value = line + name_len + 1;
    size_t value_len = colon != NULL ? len - name_len - 1 : 0;
    char *name;

    if (name_len == 0) {
        return;
    }
    appint_buf_append(headers, line, name_len + 1);
    if (headers->failed) {
        return;
    }
    name = headers->data + headers->len - name_len - 1;
    for (size_t i = 0; i < name_len; i++) {
        if (name[i] >= 'A' && name[i] <= 'Z') {
            name[i] = (char)(name[i] - 'A' + 'a');
        }
    }
    trim(&value, &value_len);
    note_framing(answer, name, name_len, value, value_len);
    appint_buf_append(headers, value, value_len);
    appint_buf_append_char(headers, '\n');
}

/* RFC 9112, 5.2: a line that begins with white space goes on with the value
 * before it, and a recipient puts a space in place of the line end. */
static void continue_field(struct appint_buf *headers, const char *line,
                           size_t len)
{
    if (headers->len == 0) {
        return;
    }
    trim(&line, &len);
    headers->len--;
    appint_buf_append_char(headers, ' ');
    appint_buf_append(headers, line, len);
    appint_buf_append_char(headers, '\n');
}

static bool has_content(const struct appint_answer *answer)
{
    return !answer->to_head && answer->status >= 200 && answer->status != 204 &&
           answer->status != 304;
}

/* A body that says that it is too long need not come. */
static void end_headers(struct appint_answer *answer)
{
    answer->headers_ended = true;
    answer->too_large = has_content(answer) && !answer->chunked &&
                        answer->max_bytes > 0 &&
                        answer->length > answer->max_bytes;
}

bool appint_answer_header_line(struct appint_answer *answer, const char *line,
                               size_t len)
{
    answer->header_bytes += len;
    answer->header_lines++;
    if (answer->header_bytes > MAX_HEADER_BYTES ||
        answer->header_lines > MAX_HEADER_LINES) {
        answer->too_large = true;
    } else if (begins_answer(answer, line, len)) {
        begin(answer, line, len);
    } else if (answer->headers_ended) {
        return true;
    } else if (is_line_end(line[0])) {
        end_headers(answer);
    } else if (is_space(line[0])) {
        continue_field(&answer->headers, line, len);
    } else {
        append_field(answer, line, len);
    }
    return !answer->too_large && !answer->malformed && !answer->headers.failed;
}

static bool append_content(struct appint_answer *answer, const char *data,
                           size_t len)
{
    size_t limit = answer->max_bytes;

    if (limit > 0 && len > limit - answer->content.len) {
        answer->too_large = true;
        return false;
    }
    appint_buf_append_within(&answer->content, data, len, limit);
    return !answer->content.failed;
}

/* Chunks of one byte have five of framing. Of trailers, libcurl takes little
 * more than we do. */
static bool is_mostly_framing(const struct appint_answer *answer)
{
    return (answer->chunks.framing / 16 > answer->content.len &&
            answer->chunks.framing > MAX_HEADER_BYTES) ||
           answer->chunks.trailers > MAX_TRAILER_BYTES;
}

/* Whether the chunk that has begun will be too much. */
static bool is_announced(const struct appint_answer *answer)
{
    return answer->max_bytes > 0 &&
           answer->chunks.state == APPINT_CHUNKS_DATA &&
           answer->chunks.left > answer->max_bytes - answer->content.len;
}

static bool receive_chunks(struct appint_answer *answer, const char *data,
                           size_t len)
{
    struct appint_slice input = {data, len};
    struct appint_slice piece = {NULL, 0};

    while (appint_chunks_next(&answer->chunks, &input, &piece)) {
        if (!append_content(answer, piece.data, piece.len)) {
            return false;
        }
    }
    answer->too_large = is_mostly_framing(answer) || is_announced(answer);
    return !answer->too_large && !appint_answer_malformed(answer);
}

bool appint_answer_receive(struct appint_answer *answer, const char *data,
                           size_t len)
{
    return answer->chunked ? receive_chunks(answer, data, len)
                           : append_content(answer, data, len);
}

bool appint_answer_complete(const struct appint_answer *answer)
{
    return answer->headers_ended &&
           (!answer->chunked || !has_content(answer) ||
            answer->chunks.state == APPINT_CHUNKS_ENDED);
}

bool appint_answer_malformed(const struct appint_answer *answer)
{
    return answer->malformed || answer->chunks.state == APPINT_CHUNKS_MALFORMED;
}
