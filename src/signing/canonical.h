/* SPDX-License-Identifier: MIT */
#ifndef APPINT_CANONICAL_H
#define APPINT_CANONICAL_H

#include "signing/sigv4.h"

/*
 * The parts of a canonical request that take work: headers, path and query.
 * For sigv4.c only, which has checked request and context; each function
 * reads those from the signer, uses its scratch and leaves its result there.
 */

enum {
    APPINT_SIGV4_KEEP_BYTES = 64 * 1024 /* of each buffer, between calls */
};

/* Whether TEXT has no line break and no NUL. */
bool appint_canonical_is_one_line(struct appint_slice text);

/*
 * Fills signed_headers and header_block ("name:value\n" each), and points
 * payload_hash to the request's x-amz-content-sha256 where it has one.
 * APPINT_E_ARG with a text in ERROR for a header that HTTP does not allow.
 */
enum appint_status appint_canonical_headers(struct appint_sigv4 *signer,
                                            struct appint_error *error);

/* Appends the path to canonical_request. */
enum appint_status appint_canonical_path(struct appint_sigv4 *signer);

/*
 * Appends the query to canonical_request, together with the parameters that
 * stand in `result`. APPINT_E_ARG with a text in ERROR when a query to be
 * presigned was presigned before.
 */
enum appint_status appint_canonical_query(struct appint_sigv4 *signer,
                                          struct appint_error *error);

#endif
