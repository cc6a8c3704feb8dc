/* SPDX-License-Identifier: MIT */
#ifndef APPINT_SIGV4_H
#define APPINT_SIGV4_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "signing/crypto.h"
#include "signing/signing_key.h"
#include "base/slice.h"
#include "base/status.h"
#include "base/timestamp.h"

/*
 * AWS Signature Version 4 for one request at a time, as headers or as a
 * presigned query, in three stages: canonical request, string to sign,
 * signature. See the IAM user guide, "Create a signed AWS API request".
 *
 * A struct appint_sigv4 keeps buffers and derived keys from call to call, so
 * that a signature with a known key allocates nothing. It belongs to one Lua
 * state; zeroed and given to appint_sigv4_init it is empty, and its owner
 * releases it with appint_sigv4_free. Requests and contexts are the caller's
 * and must stay as they are until the last stage.
 */

struct appint_header {
    struct appint_slice name;
    struct appint_slice value; /* may go on over folded lines (RFC 9112, 5.2) */
};

struct appint_sigv4_request {
    struct appint_slice method;
    struct appint_slice path;  /* as on the request line; empty means "/" */
    struct appint_slice query; /* as on the request line, without '?' */
    struct appint_slice body;
    const struct appint_header *headers;
    size_t header_count;
};

struct appint_credentials {
    struct appint_slice access_key_id;
    struct appint_slice secret_access_key;
    struct appint_slice session_token; /* empty: none */
};

struct appint_sigv4_context {
    struct appint_slice region;
    struct appint_slice service;
    struct appint_credentials credentials;
    int64_t time;            /* seconds since 1970 */
    int64_t expires;         /* presigned: seconds of validity */
    bool presign;            /* the query form instead of the header form */
    bool normalize_path;     /* resolve dot segments, merge slashes */
    bool double_encode_path; /* false for S3 only */
    bool sign_body_header;   /* header form: add x-amz-content-sha256 */
    bool omit_session_token; /* add the token, but do not sign it */
};

enum { APPINT_SIGV4_MAX_EXPIRES = 7 * 24 * 60 * 60 };

struct appint_sigv4 {
    struct appint_crypto *crypto; /* borrowed */
    const struct appint_sigv4_request *request;
    const struct appint_sigv4_context *context;

    int64_t time;                          /* what timestamp stands for */
    char timestamp[APPINT_TIMESTAMP_SIZE]; /* 20150830T123600Z */
    char body_hash[APPINT_SHA256_HEX_SIZE];
    char signature[APPINT_SHA256_HEX_SIZE];
    struct appint_buf signed_headers; /* host;x-amz-date */
    struct appint_buf canonical_request;
    struct appint_buf string_to_sign;
    struct appint_buf result; /* value of Authorization, or query to append */

    struct appint_slice payload_hash; /* body_hash, or the request's own */
    struct appint_buf header_block;
    struct appint_buf pairs; /* scratch: names and values to be sorted */
    struct appint_buf text;  /* scratch: their canonical text */
    struct appint_signing_keys keys;
};

void appint_sigv4_init(struct appint_sigv4 *signer,
                       const struct appint_allocator *allocator,
                       struct appint_crypto *crypto);

/* Overwrites what the last request has left; keys stay. */
void appint_sigv4_clear(struct appint_sigv4 *signer);

/* Forgets all keys and releases everything; may be called twice. */
void appint_sigv4_free(struct appint_sigv4 *signer);

/*
 * Stage 1: checks request and context (APPINT_E_ARG, with a text in ERROR that
 * names the field and quotes no value), fills timestamp, body_hash,
 * signed_headers and canonical_request.
 */
enum appint_status appint_sigv4_canonical_request(
    struct appint_sigv4 *signer, const struct appint_sigv4_request *request,
    const struct appint_sigv4_context *context, struct appint_error *error);

/* Stage 2: fills string_to_sign. */
enum appint_status appint_sigv4_string_to_sign(struct appint_sigv4 *signer);

/* Stage 3: fills signature and result. */
enum appint_status appint_sigv4_signature(struct appint_sigv4 *signer);

/* The three of them. */
enum appint_status appint_sigv4_sign(struct appint_sigv4 *signer,
                                     const struct appint_sigv4_request *request,
                                     const struct appint_sigv4_context *context,
                                     struct appint_error *error);

#endif
