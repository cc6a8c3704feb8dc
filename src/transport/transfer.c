/* SPDX-License-Identifier: MIT */
/*
 * Requests copied and checked: see transfer.h.
 */

#include "transport/transfer.h"

#include <curl/curl.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/field.h"
#include "transport/no_proxy.h"

/* Of the request line and all headers: libcurl takes 1 MiB, 64 KiB of it for
 * the beginning of the body. No service takes half as much. */
enum { MAX_HEAD_BYTES = 896 * 1024 };

/* Headers beside those of enum appint_given_header: one that libcurl writes
 * from the body itself, and one that nobody else may write. */
enum { WRITTEN = 8, REFUSED = 16 };

/* Of one header: libcurl 8.14 leaves out, silently, what has above 300 KiB. */
enum { MAX_HEADER_BYTES = 256 * 1024 };

void appint_transfer_init(struct appint_transfer *transfer,
                          const struct appint_allocator *allocator)
{
    appint_buf_init(&transfer->text, allocator);
    appint_buf_init(&transfer->nodes, allocator);
    appint_buf_init(&transfer->body, allocator);
    appint_answer_init(&transfer->answer, allocator);
    /* Tokens of requests, and what providers of credentials answer. */
    transfer->text.secret = true;
    transfer->body.secret = true;
    transfer->answer.content.secret = true;
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
    appint_answer_reset(&transfer->answer, keep);
    appint_settings_release(transfer->settings);
    transfer->settings = NULL;
    transfer->header_count = 0;
    transfer->given = 0;
    transfer->has_body = false;
    transfer->proxied = false;
    transfer->failure = APPINT_NO_FAILURE;
    transfer->stale = false;
    transfer->socket_errno = 0;
    transfer->error.text[0] = '\0';
}

static void append_line(struct appint_transfer *transfer,
                        struct appint_slice name, struct appint_slice value)
{
    struct appint_buf *text = &transfer->text;
    /* An empty one in libcurl's notation: "name:" would mean to leave it out.
     */
    struct appint_slice colon =
        value.len > 0 ? APPINT_LITERAL(": ") : APPINT_LITERAL(";");

    appint_buf_append_slice(text, name);
    appint_buf_append_slice(text, colon);
    appint_buf_append_slice(text, value);
    appint_buf_append_char(text, '\0');
    transfer->header_count++;
}

/* What a header NAME is to the transport. */
static unsigned meaning_of(struct appint_slice name)
{
    static const struct {
        struct appint_slice name; /* in lower case */
        unsigned meaning;
    } known[] = {
        {{"accept", 6}, APPINT_GIVEN_ACCEPT},
        {{"content-type", 12}, APPINT_GIVEN_CONTENT_TYPE},
        {{"expect", 6}, APPINT_GIVEN_EXPECT},
        {{"content-length", 14}, WRITTEN},
        {{"transfer-encoding", 17}, REFUSED},
    };

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (name.len == known[i].name.len &&
            appint_same_letters(name.data, known[i].name.data, name.len)) {
            return known[i].meaning;
        }
    }
    return 0;
}

/* How much of NAME a message shows. */
static int shown(struct appint_slice name)
{
    return name.len < 80 ? (int)name.len : 80;
}

enum appint_status appint_transfer_add_header(struct appint_transfer *transfer,
                                              struct appint_slice name,
                                              struct appint_slice value,
                                              struct appint_error *error)
{
    unsigned meaning = meaning_of(name);

    if (!appint_is_token(name)) {
        return appint_fail(error, APPINT_E_ARG, "malformed header name");
    }
    if (!appint_is_field_value(value)) {
        return appint_fail(error, APPINT_E_ARG,
                           "header '%.*s' holds a control character",
                           shown(name), name.data);
    }
    if (name.len + value.len > MAX_HEADER_BYTES) {
        return appint_fail(error, APPINT_E_ARG,
                           "header '%.*s' has more than %d KiB", shown(name),
                           name.data, MAX_HEADER_BYTES / 1024);
    }
    if (meaning == REFUSED) {
        return appint_fail(error, APPINT_E_ARG,
                           "header '%.*s' is the transport's business",
                           shown(name), name.data);
    }
    if (meaning != WRITTEN) {
        transfer->given |= meaning;
        append_line(transfer, name, value);
    }
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

/* The length of "http(s)://host:port" at the beginning of URL; 0: none. */
static size_t origin_length(const char *url)
{
    size_t host = strncmp(url, "http://", 7) == 0    ? 7
                  : strncmp(url, "https://", 8) == 0 ? 8
                                                     : 0;
    size_t host_len = host > 0 ? strcspn(url + host, "/?") : 0;

    if (host_len == 0 || memchr(url + host, '@', host_len) != NULL) {
        return 0;
    }
    return host + host_len;
}

/* The bytes that RFC 3986 leaves to a URL, without a fragment: what is sent is
 * then what was signed. */
static bool is_url(const char *url, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)url[i];

        if (c <= 0x20 || c >= 0x7f || c == '#') {
            return false;
        }
    }
    return true;
}

static bool is_https(const char *url)
{
    return url[4] == 's';
}

/* Whether settings send a request to this origin through their proxy. */
static bool is_proxied(const struct appint_settings *settings, const char *url,
                       size_t origin_len)
{
    const struct appint_buf *list = &settings->no_proxy;
    size_t host = is_https(url) ? 8 : 7;
    struct appint_slice authority = {url + host, origin_len - host};

    return settings->proxy.len > 0 &&
           (list->len == 0 ||
            !appint_no_proxy_names(
                (struct appint_slice){list->data, list->len - 1}, authority,
                is_https(url) ? APPINT_LITERAL("443") : APPINT_LITERAL("80")));
}

/* Writes origin, target and method. The target is given to libcurl as it is to
 * be sent, since newer versions write a URL's escapes anew. A proxy that is not
 * tunnelled through wants the whole URL (RFC 9112, 3.2.2). */
static void append_request_line(struct appint_transfer *transfer,
                                const struct appint_request *request)
{
    struct appint_buf *text = &transfer->text;
    const char *url = request->url;
    const char *path = url + transfer->origin_len;

    transfer->origin_at = text->len;
    appint_buf_append(text, url, transfer->origin_len);
    appint_buf_append_char(text, '\0');
    transfer->target_at = text->len;
    if (transfer->proxied && !is_https(url) &&
        strncmp(transfer->settings->proxy.data, "http", 4) == 0) {
        appint_buf_append(text, url, transfer->origin_len);
    }
    if (*path != '/') {
        appint_buf_append_char(text, '/');
    }
    appint_buf_append(text, path, request->url_len - transfer->origin_len + 1);
    transfer->method_at = text->len;
    appint_buf_append(text, request->method, strlen(request->method) + 1);
}

/* Milliseconds: 24 days, with room in a long of 32 bits for what is added. */
enum { LONGEST_TIMEOUT = INT_MAX - 1000 };

/* Rounded up: a timeout is never shorter than asked for, and never 0 = none. */
static long milliseconds(double seconds)
{
    double ms = ceil(seconds * 1000.0);

    if (!(ms > 0.0)) {
        return seconds > 0.0 ? 1 : 0;
    }
    return ms < (double)LONGEST_TIMEOUT ? (long)ms : LONGEST_TIMEOUT;
}

static enum appint_status check(const struct appint_transfer *transfer,
                                const struct appint_request *request,
                                struct appint_error *error)
{
    size_t method_len = strlen(request->method);

    if (!appint_is_token((struct appint_slice){request->method, method_len})) {
        return appint_fail(error, APPINT_E_ARG, "malformed method");
    }
    if (transfer->origin_len == 0 || !is_url(request->url, request->url_len)) {
        return appint_fail(error, APPINT_E_ARG,
                           "malformed URL: expected http(s)://host/path, "
                           "percent-encoded, without user and fragment");
    }
    if (request->url_len > MAX_HEAD_BYTES ||
        transfer->text.len + request->url_len + method_len > MAX_HEAD_BYTES) {
        return appint_fail(error, APPINT_E_ARG,
                           "URL and headers have more than %d KiB together",
                           MAX_HEAD_BYTES / 1024);
    }
    return APPINT_OK;
}

enum appint_status appint_transfer_prepare(struct appint_transfer *transfer,
                                           const struct appint_request *request,
                                           struct appint_settings *settings,
                                           struct appint_error *error)
{
    struct appint_buf *text = &transfer->text;
    enum appint_status status;

    transfer->origin_len = origin_length(request->url);
    status = check(transfer, request, error);
    if (status != APPINT_OK) {
        return status;
    }
    appint_settings_retain(settings);
    transfer->settings = settings;
    transfer->proxied =
        is_proxied(settings, request->url, transfer->origin_len);
    leave_out_others(transfer);
    append_request_line(transfer, request);
    transfer->has_body = request->body != NULL;
    /* Calls in line for a connection may be thousands: no room to spare. */
    appint_buf_append_within(&transfer->body, request->body, request->body_len,
                             request->body_len);
    transfer->connect_timeout_ms = milliseconds(request->connect_timeout);
    transfer->timeout_ms = milliseconds(request->timeout);
    transfer->answer.max_bytes = request->max_response_bytes;
    transfer->answer.to_head = strcmp(request->method, "HEAD") == 0;
    if (!text->failed) {
        link_headers(transfer);
    }
    if (text->failed || transfer->body.failed || transfer->nodes.failed) {
        return appint_fail(error, APPINT_E_NOMEM, "not enough memory");
    }
    return APPINT_OK;
}

void appint_transfer_place(const struct appint_transfer *transfer, char *out,
                           size_t size)
{
    const char *url = transfer->text.data + transfer->origin_at;
    const char *host = url + (is_https(url) ? 8 : 7);
    size_t len = strlen(host);
    size_t address = host[0] == '[' ? strcspn(host, "]") : 0; /* IPv6 */
    const char *port = "";

    if (memchr(host + address, ':', len - address) == NULL) {
        port = is_https(url) ? ":443" : ":80";
    }
    snprintf(out, size, "%.*s%s", (int)len, host, port);
}
