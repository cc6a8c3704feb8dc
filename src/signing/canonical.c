/* SPDX-License-Identifier: MIT */
/* Headers, path and query in the canonical form: see canonical.h. */

#include "signing/canonical.h"

#include <stdlib.h>
#include <string.h>

#include "base/field.h"
#include "base/uri.h"

#define DATE         "x-amz-date"
#define TOKEN        "x-amz-security-token"
#define CONTENT_HASH "x-amz-content-sha256"

enum {
    OWN_HEADERS = 3,         /* that a signature adds at most */
    INSERTION_SORT_MAX = 32, /* above it, a quadratic sort is too slow */
    QUOTED_NAME_MAX = 64     /* bytes of a header's name in an error text */
};

/* A header, or a parameter of the query, in canonical form. */
struct pair {
    struct appint_slice name;
    struct appint_slice value;
    size_t order; /* as it came */
};

typedef int (*compare_fn)(const void *, const void *);

static bool is_among(struct appint_slice name, const struct appint_slice *names,
                     size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (appint_slice_equal(name, names[i])) {
            return true;
        }
    }
    return false;
}

static bool starts_with(struct appint_slice text, struct appint_slice prefix)
{
    return text.len >= prefix.len && text.data[0] == prefix.data[0] &&
           memcmp(text.data, prefix.data, prefix.len) == 0;
}

/* Three fast searches: session tokens are a thousand bytes long. */
bool appint_canonical_is_one_line(struct appint_slice text)
{
    return text.len == 0 || (memchr(text.data, '\n', text.len) == NULL &&
                             memchr(text.data, '\r', text.len) == NULL &&
                             memchr(text.data, '\0', text.len) == NULL);
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* --- Names and values, sorted ------------------------------------------ */

static int compare_slices(struct appint_slice a, struct appint_slice b)
{
    size_t shorter = a.len < b.len ? a.len : b.len;
    int order = shorter > 0 ? memcmp(a.data, b.data, shorter) : 0;

    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

/* Headers: several of one name stay as they came. */
static int compare_headers(const void *left, const void *right)
{
    const struct pair *a = left;
    const struct pair *b = right;
    int order = compare_slices(a->name, b->name);

    return order != 0 ? order : (a->order > b->order) - (a->order < b->order);
}

static int compare_parameters(const void *left, const void *right)
{
    const struct pair *a = left;
    const struct pair *b = right;
    int order = compare_slices(a->name, b->name);

    return order != 0 ? order : compare_slices(a->value, b->value);
}

static size_t pair_count(const struct appint_sigv4 *signer)
{
    return signer->pairs.len / sizeof(struct pair);
}

static void sort_pairs(struct appint_sigv4 *signer, compare_fn compare)
{
    struct pair *pairs = (struct pair *)(void *)signer->pairs.data;
    size_t count = pair_count(signer);

    if (count > INSERTION_SORT_MAX) {
        qsort(pairs, count, sizeof *pairs, compare);
        return;
    }
    for (size_t i = 1; i < count; i++) {
        struct pair pair = pairs[i];
        size_t to = i;

        for (; to > 0 && compare(&pair, &pairs[to - 1]) < 0; to--) {
            pairs[to] = pairs[to - 1];
        }
        pairs[to] = pair;
    }
}

/*
 * Empties the scratch and makes room for COUNT pairs with TEXT_SIZE bytes of
 * canonical text, so that nothing moves while pairs point into the text.
 */
static bool begin_pairs(struct appint_sigv4 *signer, size_t count,
                        size_t text_size)
{
    appint_buf_reset(&signer->pairs, APPINT_SIGV4_KEEP_BYTES);
    appint_buf_reset(&signer->text, APPINT_SIGV4_KEEP_BYTES);
    /* One more of each: no room at all would look like no memory. */
    return count < SIZE_MAX / sizeof(struct pair) &&
           appint_buf_reserve(&signer->pairs,
                              (count + 1) * sizeof(struct pair)) != NULL &&
           appint_buf_reserve(&signer->text, text_size + 1) != NULL;
}

static void add_pair(struct appint_sigv4 *signer, struct appint_slice name,
                     struct appint_slice value)
{
    struct pair pair = {name, value, pair_count(signer)};

    appint_buf_append(&signer->pairs, &pair, sizeof pair);
}

/* What was appended to TEXT since it had LEN bytes. */
static struct appint_slice text_since(const struct appint_buf *text, size_t len)
{
    return (struct appint_slice){text->data + len, text->len - len};
}

/* --- Headers ----------------------------------------------------------- */

/* NAME is in lower case. What proxies and libraries change is not signed. */
static bool is_never_signed(struct appint_slice name)
{
    static const struct appint_slice names[] = {
        {"authorization", 13},   {"connection", 10},
        {"expect", 6},           {"te", 2},
        {"trailer", 7},          {"transfer-encoding", 17},
        {"upgrade", 7},          {"user-agent", 10},
        {"x-amzn-trace-id", 15},
    };

    return is_among(name, names, sizeof names / sizeof names[0]) ||
           starts_with(name, APPINT_LITERAL("sec-websocket-")) ||
           starts_with(name, APPINT_LITERAL("proxy-"));
}

/* Whether the signature brings a header NAME, which replaces the request's. */
static bool is_own(const struct appint_sigv4_context *context,
                   struct appint_slice name)
{
    if (context->presign) {
        return false;
    }
    return appint_slice_equal(name, APPINT_LITERAL(DATE)) ||
           (appint_slice_equal(name, APPINT_LITERAL(TOKEN)) &&
            context->credentials.session_token.len > 0) ||
           (appint_slice_equal(name, APPINT_LITERAL(CONTENT_HASH)) &&
            context->sign_body_header);
}

/* Whether NAME is a token in lower case as it stands. */
static bool is_lower_token(struct appint_slice name)
{
    size_t i = 0;

    while (i < name.len &&
           appint_token_lower[(unsigned char)name.data[i]] == name.data[i] &&
           name.data[i] != 0) {
        i++;
    }
    return i == name.len;
}

/* NAME in lower case, appended where that is needed; empty if it is no token.
 */
static struct appint_slice canonical_name(struct appint_buf *text,
                                          struct appint_slice name)
{
    char *start = text->data + text->len;
    bool valid = true;

    if (is_lower_token(name)) {
        return name;
    }
    for (size_t i = 0; i < name.len; i++) {
        start[i] = appint_token_lower[(unsigned char)name.data[i]];
        valid = valid && start[i] != 0;
    }
    if (valid) {
        text->len += name.len;
    }
    return (struct appint_slice){start, valid ? name.len : 0};
}

/* Whether the line break at TEXT is a fold: white space comes after it. */
static bool is_fold(const char *text, const char *end)
{
    if (*text == '\r') {
        text++;
    }
    return end - text >= 2 && text[0] == '\n' &&
           (text[1] == ' ' || text[1] == '\t');
}

/* Whether VALUE has single spaces inside, and no other white space or NUL. */
static bool is_canonical_value(struct appint_slice value)
{
    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.data[i];

        if (c <= ' ' && (c != ' ' || i == 0 || value.data[i - 1] == ' ')) {
            return false;
        }
    }
    return value.len == 0 || value.data[value.len - 1] != ' ';
}

/*
 * Appends the value, trimmed and with one space for each run of white space.
 * False for a NUL, or a line break that is no fold.
 */
static bool append_value(struct appint_buf *text, struct appint_slice value)
{
    const char *end = appint_slice_end(value);
    char *start = text->data + text->len;
    char *to = start;
    bool valid = true;

    for (const char *at = value.data; valid && at < end; at++) {
        if ((unsigned char)*at > ' ' || !is_space(*at)) {
            *to++ = *at;
            valid = *at != '\0';
            continue;
        }
        if (*at == '\r' || *at == '\n') {
            valid = is_fold(at, end);
            at += *at == '\r'; /* its '\n' has been looked at */
        }
        if (to > start && to[-1] != ' ') {
            *to++ = ' ';
        }
    }
    if (to > start && to[-1] == ' ') {
        to--;
    }
    text->len += (size_t)(to - start);
    return valid;
}

static struct appint_slice trim(struct appint_slice value)
{
    while (value.len > 0 && is_space(value.data[0])) {
        value.data++;
        value.len--;
    }
    while (value.len > 0 && is_space(value.data[value.len - 1])) {
        value.len--;
    }
    return value;
}

static enum appint_status bad_name(struct appint_error *error)
{
    return appint_fail(error, APPINT_E_ARG,
                       "request.headers: a name is empty or has a character "
                       "that none may have");
}

static enum appint_status bad_value(struct appint_error *error,
                                    struct appint_slice name)
{
    int len = name.len < QUOTED_NAME_MAX ? (int)name.len : QUOTED_NAME_MAX;

    return appint_fail(error, APPINT_E_ARG,
                       "request.headers: the value of %.*s has a line break "
                       "or NUL",
                       len, name.data);
}

static enum appint_status add_header(struct appint_sigv4 *signer,
                                     const struct appint_header *header,
                                     struct appint_error *error)
{
    struct appint_buf *text = &signer->text;
    size_t before = text->len;
    struct appint_slice name = canonical_name(text, header->name);
    struct appint_slice value = header->value;
    size_t middle = text->len;

    if (name.len == 0) {
        return bad_name(error);
    }
    if (is_never_signed(name) || is_own(signer->context, name)) {
        bool valid =
            appint_canonical_is_one_line(value) || append_value(text, value);

        text->len = before;
        return valid ? APPINT_OK : bad_value(error, name);
    }
    if (!is_canonical_value(value)) {
        if (!append_value(text, value)) {
            return bad_value(error, name);
        }
        value = text_since(text, middle);
    }
    if (appint_slice_equal(name, APPINT_LITERAL(CONTENT_HASH))) {
        /* As SDKs do: S3 takes "UNSIGNED-PAYLOAD" there. */
        signer->payload_hash = trim(header->value);
    }
    add_pair(signer, name, value);
    return APPINT_OK;
}

static void add_own_headers(struct appint_sigv4 *signer)
{
    const struct appint_sigv4_context *context = signer->context;
    struct appint_slice token = context->credentials.session_token;

    if (context->presign) {
        return;
    }
    add_pair(signer, APPINT_LITERAL(DATE),
             (struct appint_slice){signer->timestamp, APPINT_TIMESTAMP_SIZE});
    if (context->sign_body_header) {
        add_pair(signer, APPINT_LITERAL(CONTENT_HASH), signer->payload_hash);
    }
    if (token.len > 0 && !context->omit_session_token) {
        add_pair(signer, APPINT_LITERAL(TOKEN), token);
    }
}

/* Sorted pairs as "name:value\n" and as "name;name". */
static void append_headers(struct appint_sigv4 *signer)
{
    const struct pair *pairs = (const struct pair *)(void *)signer->pairs.data;
    struct appint_buf *block = &signer->header_block;
    struct appint_buf *names = &signer->signed_headers;

    for (size_t i = 0; i < pair_count(signer); i++) {
        if (i > 0 && appint_slice_equal(pairs[i].name, pairs[i - 1].name)) {
            block->len -= block->failed ? 0 : 1; /* the line goes on */
            appint_buf_append_char(block, ',');
        } else {
            appint_buf_append_slice(block, pairs[i].name);
            appint_buf_append_char(block, ':');
            if (i > 0) {
                appint_buf_append_char(names, ';');
            }
            appint_buf_append_slice(names, pairs[i].name);
        }
        appint_buf_append_slice(block, pairs[i].value);
        appint_buf_append_char(block, '\n');
    }
}

enum appint_status appint_canonical_headers(struct appint_sigv4 *signer,
                                            struct appint_error *error)
{
    const struct appint_sigv4_request *request = signer->request;
    enum appint_status status = APPINT_OK;
    size_t text_size = 0;

    /* Slices are parts of live strings: their sum cannot overflow. */
    for (size_t i = 0; i < request->header_count; i++) {
        text_size +=
            request->headers[i].name.len + request->headers[i].value.len;
    }
    if (!begin_pairs(signer, request->header_count + OWN_HEADERS, text_size)) {
        return APPINT_E_NOMEM;
    }
    for (size_t i = 0; status == APPINT_OK && i < request->header_count; i++) {
        status = add_header(signer, &request->headers[i], error);
    }
    if (status != APPINT_OK) {
        return status;
    }
    add_own_headers(signer);
    sort_pairs(signer, compare_headers);
    append_headers(signer);
    return signer->header_block.failed || signer->signed_headers.failed
               ? APPINT_E_NOMEM
               : APPINT_OK;
}

/* --- Query ------------------------------------------------------------- */

/* What a presigned query brings itself. */
static bool is_own_parameter(struct appint_slice name)
{
    static const struct appint_slice names[] = {
        {"X-Amz-Algorithm", 15},     {"X-Amz-Credential", 16},
        {"X-Amz-Date", 10},          {"X-Amz-Expires", 13},
        {"X-Amz-SignedHeaders", 19}, {"X-Amz-Security-Token", 20},
        {"X-Amz-Signature", 15},
    };

    return is_among(name, names, sizeof names / sizeof names[0]);
}

static size_t count_parameters(struct appint_slice query)
{
    size_t count = query.len > 0;

    for (size_t i = 0; i < query.len; i++) {
        count += query.data[i] == '&';
    }
    return count;
}

static void add_parameter(struct appint_sigv4 *signer, struct appint_slice part)
{
    struct appint_buf *text = &signer->text;
    const char *equals = memchr(part.data, '=', part.len);
    size_t name_len = equals != NULL ? (size_t)(equals - part.data) : part.len;
    size_t value_at = equals != NULL ? name_len + 1 : part.len;
    size_t before = text->len;
    size_t middle;

    appint_uri_canonicalize(text, part.data, name_len, false);
    middle = text->len;
    appint_uri_canonicalize(text, part.data + value_at, part.len - value_at,
                            false);
    add_pair(signer,
             (struct appint_slice){text->data + before, middle - before},
             text_since(text, middle));
}

/* Splits at '&'; empty parts ("a=1&&b=2") are none. */
static void add_parameters(struct appint_sigv4 *signer,
                           struct appint_slice query)
{
    const char *end = appint_slice_end(query);
    const char *at = query.data;

    while (at < end) {
        const char *stop = memchr(at, '&', (size_t)(end - at));
        size_t len = (size_t)((stop != NULL ? stop : end) - at);

        if (len > 0) {
            add_parameter(signer, (struct appint_slice){at, len});
        }
        at += len + 1;
    }
}

static enum appint_status check_parameters(const struct appint_sigv4 *signer,
                                           struct appint_error *error)
{
    const struct pair *pairs = (const struct pair *)(void *)signer->pairs.data;

    for (size_t i = 0; i < pair_count(signer); i++) {
        if (is_own_parameter(pairs[i].name)) {
            return appint_fail(error, APPINT_E_ARG,
                               "request.query has %.*s already: presign the "
                               "query without it",
                               (int)pairs[i].name.len, pairs[i].name.data);
        }
    }
    return APPINT_OK;
}

static void append_query(struct appint_sigv4 *signer)
{
    const struct pair *pairs = (const struct pair *)(void *)signer->pairs.data;
    struct appint_buf *to = &signer->canonical_request;

    for (size_t i = 0; i < pair_count(signer); i++) {
        if (i > 0) {
            appint_buf_append_char(to, '&');
        }
        appint_buf_append_slice(to, pairs[i].name);
        appint_buf_append_char(to, '=');
        appint_buf_append_slice(to, pairs[i].value);
    }
}

enum appint_status appint_canonical_query(struct appint_sigv4 *signer,
                                          struct appint_error *error)
{
    struct appint_slice query = signer->request->query;
    struct appint_slice own =
        appint_buf_slice(&signer->result); /* empty in headers */
    size_t count = count_parameters(query) + count_parameters(own);
    enum appint_status status = APPINT_OK;

    /* The encoder asks for three times the length of each part. */
    if (query.len > SIZE_MAX / 8 ||
        !begin_pairs(signer, count, 3 * (query.len + own.len))) {
        return APPINT_E_NOMEM;
    }
    add_parameters(signer, query);
    if (signer->context->presign) {
        status = check_parameters(signer, error);
    }
    add_parameters(signer, own);
    sort_pairs(signer, compare_parameters);
    append_query(signer);
    return signer->canonical_request.failed ? APPINT_E_NOMEM : status;
}

/* --- Path -------------------------------------------------------------- */

/* Drops the last segment of an absolute path, and its slash. */
static void pop_segment(struct appint_buf *text)
{
    while (text->len > 0 && text->data[--text->len] != '/') {
    }
}

/*
 * As SDKs do it, which is not quite RFC 3986: "/a/b/.." becomes "/a", and a
 * slash stands at the end only where one stood there before.
 */
static struct appint_slice normalize(struct appint_buf *text,
                                     struct appint_slice path)
{
    const char *end = appint_slice_end(path);
    const char *at = path.data;

    appint_buf_reset(text, APPINT_SIGV4_KEEP_BYTES);
    while (path.len > 0 && at < end) {
        const char *stop = memchr(at, '/', (size_t)(end - at));
        struct appint_slice segment = {
            at, (size_t)((stop != NULL ? stop : end) - at)};

        if (appint_slice_equal(segment, APPINT_LITERAL(".."))) {
            pop_segment(text);
        } else if (segment.len > 0 &&
                   !appint_slice_equal(segment, APPINT_LITERAL("."))) {
            appint_buf_append_char(text, '/');
            appint_buf_append_slice(text, segment);
        }
        at += segment.len + 1;
    }
    if (text->len == 0 || end[-1] == '/') {
        appint_buf_append_char(text, '/');
    }
    return appint_buf_slice(text);
}

enum appint_status appint_canonical_path(struct appint_sigv4 *signer)
{
    struct appint_buf *to = &signer->canonical_request;
    struct appint_slice path = signer->request->path;

    if (path.len == 0) {
        path = APPINT_LITERAL("/");
    }
    if (signer->context->normalize_path) {
        path = normalize(&signer->text, path);
        to->failed |= signer->text.failed;
    }
    if (signer->context->double_encode_path) {
        appint_uri_encode(to, path.data, path.len, true);
    } else {
        appint_uri_canonicalize(to, path.data, path.len, true);
    }
    return to->failed ? APPINT_E_NOMEM : APPINT_OK;
}
