/* SPDX-License-Identifier: MIT */
#ifndef APPINT_ES256_H
#define APPINT_ES256_H

#include "base/slice.h"
#include "base/status.h"

/*
 * ES256 (RFC 7518, section 3.4): ECDSA on P-256 with SHA-256, for the proofs of
 * possession (RFC 9449) that AWS Sign-In asks for. Keys are private ones in
 * PEM, SEC 1 or PKCS #8, not encrypted. Each call reads the key anew and
 * releases it before it returns: a proof is needed every few minutes at most.
 *
 * Both functions answer APPINT_OK, APPINT_E_ARG for a key that will not do, or
 * APPINT_E_CRYPTO; with a text in ERROR that shows nothing of the key, and
 * nothing of their own in OpenSSL's error queue.
 */

enum { APPINT_ES256_COORDINATE_SIZE = 32, APPINT_ES256_SIZE = 64 };

/* The public point of the key PEM: x, then y. */
enum appint_status appint_es256_public(struct appint_slice pem,
                                       unsigned char point[APPINT_ES256_SIZE],
                                       struct appint_error *error);

/* Signs MESSAGE: r, then s, as a JWS has them. */
enum appint_status appint_es256_sign(struct appint_slice pem,
                                     struct appint_slice message,
                                     unsigned char signature[APPINT_ES256_SIZE],
                                     struct appint_error *error);

#endif
