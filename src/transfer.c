/* SPDX-License-Identifier: MIT */
/*
 * Requests copied and checked on the way in, answers collected on the way out.
 * Knows HTTP's header syntax, but no socket: see transfer.h.
 */

#include "transfer.h"

#include <curl/curl.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "easy.h"

/* Well above what any proxy or service lets through. */
enum { MAX_HEADER_BYTES = 256 * 1024 };

const char *appint_failure_kind(enum appint_failure failure)
{
    static const char *const kinds[] = {
#define X(name, kind, code) kind,
        APPINT_FAILURE_LIST(X)
#undef X
    };
    return kinds[failure];
}

const char *appint_failure_code(enum appint_failure failure)
{
    static const char *const codes[] = {
#define X(name, kind, code) code,
        APPINT_FAILURE_LIST(X)
#undef X
    };
    return codes[failure];
}

void appint_transfer_init(struct appint_transfer *transfer,
                          const struct appint_allocator *allocator)
{
    appint_buf_init(&transfer->text, allocator);
    appint_buf_init(&transfer->nodes, allocator);
    appint_buf_init(&transfer->body, allocator);
    appint_buf_init(&transfer->headers, allocator);
    appint_buf_init(&transfer->content, allocator);
}

void appint_transfer_free(struct appint_transfer *transfer)
{
    appint_transfer_reset(transfer, 0);
}

void appint_transfer_reset(struct appint_transfer *transfer, size_t keep)
{
    appint_buf_reset(&transfer->text, keep);
    appint_buf_reset(&transfer->nodes, keep);
    appint_buf_reset(&transfer->body, keep);
    appint_buf_reset(&transfer->headers, keep);
    appint_buf_reset(&transfer->content, keep);
    appint_settings_release(transfer->settings);
    transfer->settings = NULL;
    transfer->header_count = 0;
    transfer->given = 0;
    transfer->has_body = false;
    transfer->header_bytes = 0;
    transfer->headers_ended = false;
    transfer->too_large = false;
    transfer->status = 0;
    transfer->failure = APPINT_NO_FAILURE;
    transfer->error.text[0] = '\0';
    memset(transfer->moments, 0, sizeof transfer->moments);
}

/* RFC 9110, 5.6.2: a field name is a token. */
static bool is_token(const char *text, size_t len)
{
    static const char others[] = "!#$%&'*+-.^_`|~";

    for (size_t i = 0; i < len; i++) {
        char c = text[i];
        bool alphanumeric = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                            (c >= 'A' && c <= 'Z');

        if (!alphanumeric && (c == '\0' || strchr(others, c) == NULL)) {
            return false;
        }
    }
    return len > 0;
}

/* RFC 9110, 5.5: no control characters but the tab. */
static bool is_field_value(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];

        if ((c < 0x20 && c != '\t') || c == 0x7f) {
            return false;
        }
    }
    return true;
}

static bool is_name(const char *name, size_t len, const char *lower)
{
    return len == strlen(lower) && strncasecmp(name, lower, len) == 0;
}

static void append_line(struct appint_transfer *transfer, const char *name,
                        size_t name_len, const char *value, size_t value_len)
{
    struct appint_buf *text = &transfer->text;

    appint_buf_append(text, name, name_len);
    if (value_len == 0) {
        /* libcurl's notation: "name:" would mean to leave it out. */
        appint_buf_append_char(text, ';');
    } else {
        appint_buf_append(text, ": ", 2);
        appint_buf_append(text, value, value_len);
    }
    appint_buf_append_char(text, '\0');
    transfer->header_count++;
}

enum appint_status appint_transfer_add_header(struct appint_transfer *transfer,
                                              const char *name, size_t name_len,
                                              const char *value,
                                              size_t value_len,
                                              struct appint_error *error)
{
    if (!is_token(name, name_len)) {
        return appint_fail(error, APPINT_E_ARG, "malformed header name");
    }
    if (!is_field_value(value, value_len)) {
        return appint_fail(error, APPINT_E_ARG,
                           "header '%.80s' holds a control character", name);
    }
    if (is_name(name, name_len, "transfer-encoding")) {
        return appint_fail(error, APPINT_E_ARG,
                           "header '%s' is the transport's business", name);
    }
    if (is_name(name, name_len, "content-length")) {
        return APPINT_OK; /* libcurl writes it from the body itself */
    }
    if (is_name(name, name_len, "accept")) {
        transfer->given |= APPINT_GIVEN_ACCEPT;
    } else if (is_name(name, name_len, "content-type")) {
        transfer->given |= APPINT_GIVEN_CONTENT_TYPE;
    } else if (is_name(name, name_len, "expect")) {
        transfer->given |= APPINT_GIVEN_EXPECT;
    }
    append_line(transfer, name, name_len, value, value_len);
    return APPINT_OK;
}

/* Without these, libcurl adds headers of its own to some requests. */
static void leave_out_others(struct appint_transfer *transfer)
{
    static const struct {
        unsigned given;
        char line[16];
    } others[] = {
        {APPINT_GIVEN_ACCEPT, "Accept:"},
        {APPINT_GIVEN_CONTENT_TYPE, "Content-Type:"},
        {APPINT_GIVEN_EXPECT, "Expect:"},
    };

    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        if ((transfer->given & others[i].given) == 0) {
            appint_buf_append(&transfer->text, others[i].line,
                              strlen(others[i].line) + 1);
            transfer->header_count++;
        }
    }
}

/* Links the lines of text, which does not grow any more. */
static void link_headers(struct appint_transfer *transfer)
{
    size_t size = transfer->header_count * sizeof(struct curl_slist);
    struct curl_slist *node =
        (void *)appint_buf_reserve(&transfer->nodes, size);
    char *line = transfer->text.data;

    if (node == NULL) {
        return;
    }
    for (size_t i = 0; i < transfer->header_count; i++) {
        node[i].data = line;
        node[i].next = i + 1 < transfer->header_count ? &node[i + 1] : NULL;
        line += strlen(line) + 1;
    }
    transfer->nodes.len = size;
}

/* An absolute URL in the bytes that RFC 3986 leaves to one, without user and
 * fragment: what libcurl sends is then what was signed. */
static bool is_url(const char *url, size_t len)
{
    size_t host = strncmp(url, "http://", 7) == 0    ? 7
                  : strncmp(url, "https://", 8) == 0 ? 8
                                                     : 0;
    size_t host_len = host > 0 ? strcspn(url + host, "/?") : 0;

    if (host_len == 0 || memchr(url + host, '@', host_len) != NULL) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)url[i];

        if (c <= 0x20 || c >= 0x7f || c == '#') {
            return false;
        }
    }
    return true;
}

/* Rounded up: a timeout is never shorter than asked for, and never 0 = none. */
static long milliseconds(double seconds)
{
    double ms = ceil(seconds * 1000.0);

    if (!(ms > 0.0)) {
        return seconds > 0.0 ? 1 : 0;
    }
    return ms < (double)INT_MAX ? (long)ms : INT_MAX;
}

enum appint_status appint_transfer_prepare(struct appint_transfer *transfer,
                                           const struct appint_request *request,
                                           struct appint_settings *settings,
                                           struct appint_error *error)
{
    struct appint_buf *text = &transfer->text;

    if (!is_token(request->method, strlen(request->method))) {
        return appint_fail(error, APPINT_E_ARG, "malformed method");
    }
    if (!is_url(request->url, request->url_len)) {
        return appint_fail(error, APPINT_E_ARG,
                           "malformed URL: expected http(s)://host/path, "
                           "percent-encoded, without user and fragment");
    }
    leave_out_others(transfer);
    transfer->url_at = text->len;
    appint_buf_append(text, request->url, request->url_len + 1);
    transfer->method_at = text->len;
    appint_buf_append(text, request->method, strlen(request->method) + 1);
    transfer->has_body = request->body != NULL;
    appint_buf_append(&transfer->body, request->body, request->body_len);
    transfer->connect_timeout_ms = milliseconds(request->connect_timeout);
    transfer->timeout_ms = milliseconds(request->timeout);
    transfer->max_response_bytes = request->max_response_bytes;
    if (!text->failed) {
        link_headers(transfer);
    }
    if (text->failed || transfer->body.failed || transfer->nodes.failed) {
        return appint_fail(error, APPINT_E_NOMEM, "not enough memory");
    }
    appint_settings_retain(settings);
    transfer->settings = settings;
    return APPINT_OK;
}

void appint_transfer_place(const struct appint_transfer *transfer, char *out,
                           size_t size)
{
    const char *url = transfer->text.data + transfer->url_at;
    const char *host = strstr(url, "://") + 3;
    size_t len = strcspn(host, "/?");
    size_t address = host[0] == '[' ? strcspn(host, "]/?") : 0; /* IPv6 */
    const char *port = "";

    if (memchr(host + address, ':', len - address) == NULL) {
        port = strncmp(url, "https", 5) == 0 ? ":443" : ":80";
    }
    snprintf(out, size, "%.*s%s", (int)len, host, port);
}

/* An interim answer (1xx) is followed by another header: the last one counts.
 * What comes after the body is a trailer, which nobody has asked for. */
static bool begins_answer(const struct appint_transfer *transfer,
                          const char *line, size_t len)
{
    return len >= 5 && memcmp(line, "HTTP/", 5) == 0 &&
           transfer->content.len == 0;
}

static void trim(const char **text, size_t *len)
{
    while (*len > 0 && strchr(" \t", **text) != NULL) {
        ++*text;
        --*len;
    }
    while (*len > 0 && strchr(" \t\r\n", (*text)[*len - 1]) != NULL) {
        --*len;
    }
}

static void append_field(struct appint_buf *headers, const char *line,
                         size_t len)
{
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

bool appint_transfer_header_line(struct appint_transfer *transfer,
                                 const char *line, size_t len)
{
    transfer->header_bytes += len;
    if (transfer->header_bytes > MAX_HEADER_BYTES) {
        transfer->too_large = true;
        return false;
    }
    if (begins_answer(transfer, line, len)) {
        appint_buf_reset(&transfer->headers, SIZE_MAX);
        transfer->headers_ended = false;
    } else if (transfer->headers_ended) {
        return true;
    } else if (line[0] == '\r' || line[0] == '\n') {
        transfer->headers_ended = true;
    } else if (line[0] == ' ' || line[0] == '\t') {
        continue_field(&transfer->headers, line, len);
    } else {
        append_field(&transfer->headers, line, len);
    }
    return !transfer->headers.failed;
}

bool appint_transfer_receive(struct appint_transfer *transfer, const char *data,
                             size_t len)
{
    size_t limit = transfer->max_response_bytes;

    if (limit > 0 && len > limit - transfer->content.len) {
        transfer->too_large = true;
        return false;
    }
    appint_buf_append(&transfer->content, data, len);
    return !transfer->content.failed;
}

bool appint_transfer_next_header(const struct appint_transfer *transfer,
                                 size_t *cursor,
                                 struct appint_received_header *header)
{
    const char *line = transfer->headers.data + *cursor;
    size_t left = transfer->headers.len - *cursor;

    if (left == 0) {
        return false;
    }
    header->name = line;
    header->name_len = (size_t)((char *)memchr(line, ':', left) - line);
    header->value = line + header->name_len + 1;
    left -= header->name_len + 1;
    header->value_len =
        (size_t)((char *)memchr(header->value, '\n', left) - header->value);
    *cursor += header->name_len + header->value_len + 2;
    return true;
}
