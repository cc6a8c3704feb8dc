/* SPDX-License-Identifier: MIT */
#ifndef APPINT_CRYPTO_H
#define APPINT_CRYPTO_H

#include <openssl/types.h>

#include "base/buf.h"
#include "base/slice.h"
#include "base/status.h"

/*
 * SHA-256 and HMAC-SHA-256 on OpenSSL 3, for the signer and for Lua.
 *
 * OpenSSL 3 looks an algorithm up by name at every use unless it was fetched
 * before, so that a struct appint_crypto holds what was fetched and a context
 * to work in. It belongs to one Lua state and must not be used by two threads
 * at once. Its owner releases it with appint_crypto_free.
 */

enum { APPINT_SHA256_SIZE = 32, APPINT_SHA256_HEX_SIZE = 64 };

struct appint_crypto;

/* APPINT_E_CRYPTO: OpenSSL has no SHA-256 to offer. *OUT is then unset. */
enum appint_status appint_crypto_new(const struct appint_allocator *allocator,
                                     struct appint_crypto **out);

/* Releases CRYPTO, which may be NULL. */
void appint_crypto_free(struct appint_crypto *crypto);

/*
 * OpenSSL keeps errors by thread, and so for the host too. Between these two,
 * which do not nest, what our calls add is dropped and what the host has
 * pending stays. Around whatever calls OpenSSL, the functions below included.
 */
void appint_crypto_begin(void);
void appint_crypto_end(void);

/* All of these answer APPINT_OK, APPINT_E_NOMEM or, where a provider refuses,
 * APPINT_E_CRYPTO (DIGEST is then unset). */

enum appint_status appint_sha256(struct appint_crypto *crypto,
                                 struct appint_slice data,
                                 unsigned char digest[APPINT_SHA256_SIZE]);

/*
 * HMAC-SHA-256. *CONTEXT takes the key, in the place of the one that it has (it
 * is made if NULL; the caller releases it with appint_hmac_free, which
 * overwrites the key). Each message for appint_hmac costs no set-up.
 */
enum appint_status appint_hmac_set_key(struct appint_crypto *crypto,
                                       EVP_MAC_CTX **context,
                                       struct appint_slice key);
enum appint_status appint_hmac(EVP_MAC_CTX *context, struct appint_slice data,
                               unsigned char digest[APPINT_SHA256_SIZE]);
void appint_hmac_free(EVP_MAC_CTX *context);

/* Both steps, for a key with one message. */
enum appint_status appint_hmac_once(struct appint_crypto *crypto,
                                    EVP_MAC_CTX **context,
                                    struct appint_slice key,
                                    struct appint_slice data,
                                    unsigned char digest[APPINT_SHA256_SIZE]);

/* Writes two lower-case digits for each byte, and no terminator. */
void appint_hex(char *to, const unsigned char *data, size_t len);

#endif
