/* SPDX-License-Identifier: MIT */
/* Checks and stages of Signature Version 4: see sigv4.h. */

#include "signing/sigv4.h"

#include <string.h>

#include "signing/canonical.h"
#include "base/field.h"
#include "base/uri.h"

#define ALGORITHM     "AWS4-HMAC-SHA256"
#define TERMINATOR    "aws4_request"
#define TIMESTAMP_MIN INT64_C(-62167219200) /* 0000-01-01T00:00:00Z */
#define TIMESTAMP_MAX INT64_C(253402300799) /* 9999-12-31T23:59:59Z */

#define append_literal(buf, text)                                              \
    appint_buf_append_slice((buf), APPINT_LITERAL(text))

enum {
    DATE_SIZE = 8 /* of a timestamp: 20150830 */
};

/* --- Checks ------------------------------------------------------------ */

/* Visible ASCII; '/' and ',' would end a part of the credential scope early. */
static bool is_scope(struct appint_slice text)
{
    /* One bit for each byte value, lowest first. */
    static const uint32_t allowed[8] = {
        0, 0xFFFF6FFEu, 0xFFFFFFFFu, 0x7FFFFFFFu, 0, 0, 0, 0,
    };
    uint32_t valid = 1;

    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.data[i];

        valid &= allowed[c >> 5] >> (c & 31);
    }
    return valid != 0 && text.len > 0;
}

static enum appint_status
check_request(const struct appint_sigv4_request *request,
              struct appint_error *error)
{
    struct appint_slice path = request->path;

    if (!appint_is_token(request->method)) {
        return appint_fail(error, APPINT_E_ARG,
                           "request.method is no HTTP method");
    }
    if (path.len > 0 && path.data[0] != '/') {
        return appint_fail(error, APPINT_E_ARG,
                           "request.path must begin with '/'");
    }
    if (path.len > 0 && memchr(path.data, '?', path.len) != NULL) {
        return appint_fail(error, APPINT_E_ARG,
                           "request.path has a '?': the query belongs into "
                           "request.query");
    }
    return APPINT_OK;
}

static enum appint_status
check_context(const struct appint_sigv4_context *context,
              struct appint_error *error)
{
    const struct appint_credentials *credentials = &context->credentials;
    const char *wrong = NULL;

    if (!is_scope(context->region)) {
        wrong = "context.region is empty or has a character that none may have";
    } else if (!is_scope(context->service)) {
        wrong =
            "context.service is empty or has a character that none may have";
    } else if (!is_scope(credentials->access_key_id)) {
        wrong = "context.credentials.access_key_id is empty or has a character "
                "that "
                "none may have";
    } else if (credentials->secret_access_key.len == 0) {
        wrong = "context.credentials.secret_access_key is empty";
    } else if (!appint_canonical_is_one_line(credentials->session_token)) {
        wrong = "context.credentials.session_token has a line break or NUL";
    } else if (context->time < TIMESTAMP_MIN || context->time > TIMESTAMP_MAX) {
        wrong = "context.time is outside of the years 0 to 9999";
    } else if (context->presign &&
               (context->expires < 1 ||
                context->expires > APPINT_SIGV4_MAX_EXPIRES)) {
        wrong = "context.expires must be 1 to 604800 seconds";
    }
    return wrong == NULL ? APPINT_OK
                         : appint_fail(error, APPINT_E_ARG, "%s", wrong);
}

static void set_time(struct appint_sigv4 *signer, int64_t time)
{
    if (time != signer->time || signer->timestamp[0] == '\0') {
        signer->time = time; /* not that of the last call */
        appint_timestamp_format(signer->timestamp, time);
    }
}

/* --- Scope and parameters ---------------------------------------------- */

static void append_encoded(struct appint_buf *buf, struct appint_slice text)
{
    appint_uri_encode(buf, text.data, text.len, false);
}

static void append_scope(struct appint_buf *buf,
                         const struct appint_sigv4 *signer)
{
    appint_buf_append(buf, signer->timestamp, DATE_SIZE);
    appint_buf_append_char(buf, '/');
    appint_buf_append_slice(buf, signer->context->region);
    appint_buf_append_char(buf, '/');
    appint_buf_append_slice(buf, signer->context->service);
    append_literal(buf, "/" TERMINATOR);
}

/* AKIDEXAMPLE/20150830/us-east-1/service/aws4_request */
static void append_credential(struct appint_buf *buf,
                              const struct appint_sigv4 *signer)
{
    appint_buf_append_slice(buf, signer->context->credentials.access_key_id);
    appint_buf_append_char(buf, '/');
    append_scope(buf, signer);
}

static void append_token_parameter(struct appint_sigv4 *signer)
{
    struct appint_slice token = signer->context->credentials.session_token;

    if (token.len > 0) {
        append_literal(&signer->result, "&X-Amz-Security-Token=");
        append_encoded(&signer->result, token);
    }
}

/* The parameters that a presigned query adds, all but the signature. */
static void append_own_parameters(struct appint_sigv4 *signer)
{
    const struct appint_sigv4_context *context = signer->context;
    struct appint_buf *result = &signer->result;
    struct appint_buf *text = &signer->text; /* free until the query */

    appint_buf_reset(text, APPINT_SIGV4_KEEP_BYTES);
    append_credential(text, signer);
    append_literal(result, "X-Amz-Algorithm=" ALGORITHM "&X-Amz-Credential=");
    append_encoded(result, appint_buf_slice(text));
    append_literal(result, "&X-Amz-Date=");
    appint_buf_append(result, signer->timestamp, sizeof signer->timestamp);
    append_literal(result, "&X-Amz-SignedHeaders=");
    append_encoded(result, appint_buf_slice(&signer->signed_headers));
    append_literal(result, "&X-Amz-Expires=");
    appint_buf_append_integer(result, context->expires);
    if (!context->omit_session_token) {
        append_token_parameter(signer);
    }
}

/* --- Stage 1 ----------------------------------------------------------- */

static void begin(struct appint_sigv4 *signer,
                  const struct appint_sigv4_request *request,
                  const struct appint_sigv4_context *context)
{
    signer->request = request;
    signer->context = context;
    signer->payload_hash =
        (struct appint_slice){signer->body_hash, sizeof signer->body_hash};
    appint_buf_reset(&signer->signed_headers, APPINT_SIGV4_KEEP_BYTES);
    appint_buf_reset(&signer->header_block, APPINT_SIGV4_KEEP_BYTES);
    appint_buf_reset(&signer->canonical_request, APPINT_SIGV4_KEEP_BYTES);
    appint_buf_reset(&signer->string_to_sign, APPINT_SIGV4_KEEP_BYTES);
    appint_buf_reset(&signer->result, APPINT_SIGV4_KEEP_BYTES);
    set_time(signer, context->time);
}

static enum appint_status hash_hex(struct appint_crypto *crypto,
                                   struct appint_slice data,
                                   char hex[APPINT_SHA256_HEX_SIZE])
{
    unsigned char digest[APPINT_SHA256_SIZE];
    enum appint_status status = appint_sha256(crypto, data, digest);

    if (status == APPINT_OK) {
        appint_hex(hex, digest, sizeof digest);
    }
    return status;
}

/* The canonical request, of parts that are ready but for path and query. */
static enum appint_status assemble(struct appint_sigv4 *signer,
                                   struct appint_error *error)
{
    struct appint_buf *to = &signer->canonical_request;
    enum appint_status status;

    appint_buf_append_slice(to, signer->request->method);
    appint_buf_append_char(to, '\n');
    status = appint_canonical_path(signer);
    appint_buf_append_char(to, '\n');
    if (status == APPINT_OK) {
        status = appint_canonical_query(signer, error);
    }
    appint_buf_append_char(to, '\n');
    appint_buf_append_slice(to, appint_buf_slice(&signer->header_block));
    appint_buf_append_char(to, '\n');
    appint_buf_append_slice(to, appint_buf_slice(&signer->signed_headers));
    appint_buf_append_char(to, '\n');
    appint_buf_append_slice(to, signer->payload_hash);
    return status == APPINT_OK && to->failed ? APPINT_E_NOMEM : status;
}

enum appint_status appint_sigv4_canonical_request(
    struct appint_sigv4 *signer, const struct appint_sigv4_request *request,
    const struct appint_sigv4_context *context, struct appint_error *error)
{
    enum appint_status status = check_request(request, error);

    if (status == APPINT_OK) {
        status = check_context(context, error);
    }
    if (status == APPINT_OK) {
        begin(signer, request, context);
        status = hash_hex(signer->crypto, request->body, signer->body_hash);
    }
    if (status == APPINT_OK) {
        status = appint_canonical_headers(signer, error);
    }
    if (status == APPINT_OK && context->presign) {
        append_own_parameters(signer);
        status = signer->result.failed ? APPINT_E_NOMEM : APPINT_OK;
    }
    return status == APPINT_OK ? assemble(signer, error) : status;
}

/* --- Stage 2 ----------------------------------------------------------- */

enum appint_status appint_sigv4_string_to_sign(struct appint_sigv4 *signer)
{
    struct appint_buf *to = &signer->string_to_sign;
    char hash[APPINT_SHA256_HEX_SIZE];
    enum appint_status status = hash_hex(
        signer->crypto, appint_buf_slice(&signer->canonical_request), hash);

    if (status != APPINT_OK) {
        return status;
    }
    append_literal(to, ALGORITHM "\n");
    appint_buf_append(to, signer->timestamp, sizeof signer->timestamp);
    appint_buf_append_char(to, '\n');
    append_scope(to, signer);
    appint_buf_append_char(to, '\n');
    appint_buf_append(to, hash, sizeof hash);
    return to->failed ? APPINT_E_NOMEM : APPINT_OK;
}

/* --- Stage 3 ----------------------------------------------------------- */

static enum appint_status find_key(struct appint_sigv4 *signer,
                                   EVP_MAC_CTX **mac)
{
    const struct appint_sigv4_context *context = signer->context;
    const struct appint_credentials *credentials = &context->credentials;
    const struct appint_slice parts[APPINT_KEY_PARTS] = {
        [APPINT_KEY_DATE] = {signer->timestamp, DATE_SIZE},
        [APPINT_KEY_REGION] = context->region,
        [APPINT_KEY_SERVICE] = context->service,
        [APPINT_KEY_ACCESS_KEY_ID] = credentials->access_key_id,
        [APPINT_KEY_SECRET] = credentials->secret_access_key,
    };

    return appint_signing_keys_find(&signer->keys, signer->crypto, parts, mac);
}

static void append_authorization(struct appint_sigv4 *signer)
{
    struct appint_buf *to = &signer->result;

    append_literal(to, ALGORITHM " Credential=");
    append_credential(to, signer);
    append_literal(to, ", SignedHeaders=");
    appint_buf_append_slice(to, appint_buf_slice(&signer->signed_headers));
    append_literal(to, ", Signature=");
    appint_buf_append(to, signer->signature, sizeof signer->signature);
}

static void append_signature_parameters(struct appint_sigv4 *signer)
{
    if (signer->context->omit_session_token) {
        append_token_parameter(signer);
    }
    append_literal(&signer->result, "&X-Amz-Signature=");
    appint_buf_append(&signer->result, signer->signature,
                      sizeof signer->signature);
}

enum appint_status appint_sigv4_signature(struct appint_sigv4 *signer)
{
    unsigned char digest[APPINT_SHA256_SIZE];
    EVP_MAC_CTX *mac = NULL;
    enum appint_status status = find_key(signer, &mac);

    if (status == APPINT_OK) {
        status =
            appint_hmac(mac, appint_buf_slice(&signer->string_to_sign), digest);
    }
    if (status != APPINT_OK) {
        return status;
    }
    appint_hex(signer->signature, digest, sizeof digest);
    if (signer->context->presign) {
        append_signature_parameters(signer);
    } else {
        append_authorization(signer);
    }
    return signer->result.failed ? APPINT_E_NOMEM : APPINT_OK;
}

/* --- All of it --------------------------------------------------------- */

enum appint_status appint_sigv4_sign(struct appint_sigv4 *signer,
                                     const struct appint_sigv4_request *request,
                                     const struct appint_sigv4_context *context,
                                     struct appint_error *error)
{
    enum appint_status status;

    appint_crypto_begin();
    status = appint_sigv4_canonical_request(signer, request, context, error);
    if (status == APPINT_OK) {
        status = appint_sigv4_string_to_sign(signer);
    }
    if (status == APPINT_OK) {
        status = appint_sigv4_signature(signer);
    }
    appint_crypto_end();
    return status;
}

void appint_sigv4_init(struct appint_sigv4 *signer,
                       const struct appint_allocator *allocator,
                       struct appint_crypto *crypto)
{
    memset(signer, 0, sizeof *signer);
    signer->crypto = crypto;
    appint_buf_init(&signer->signed_headers, allocator);
    appint_buf_init(&signer->canonical_request, allocator);
    appint_buf_init(&signer->string_to_sign, allocator);
    appint_buf_init(&signer->result, allocator);
    appint_buf_init(&signer->header_block, allocator);
    appint_buf_init(&signer->pairs, allocator);
    appint_buf_init(&signer->text, allocator);
    /* Those that a session token passes through. */
    signer->canonical_request.secret = true;
    signer->result.secret = true;
    signer->header_block.secret = true;
    signer->text.secret = true;
    appint_signing_keys_init(&signer->keys, allocator);
}

void appint_sigv4_clear(struct appint_sigv4 *signer)
{
    appint_buf_reset(&signer->canonical_request, APPINT_SIGV4_KEEP_BYTES);
    appint_buf_reset(&signer->result, APPINT_SIGV4_KEEP_BYTES);
    appint_buf_reset(&signer->header_block, APPINT_SIGV4_KEEP_BYTES);
    appint_buf_reset(&signer->text, APPINT_SIGV4_KEEP_BYTES);
}

void appint_sigv4_free(struct appint_sigv4 *signer)
{
    appint_buf_free(&signer->signed_headers);
    appint_buf_free(&signer->string_to_sign);
    appint_buf_free(&signer->pairs);
    appint_buf_free(&signer->canonical_request);
    appint_buf_free(&signer->result);
    appint_buf_free(&signer->header_block);
    appint_buf_free(&signer->text);
    appint_signing_keys_free(&signer->keys);
}
