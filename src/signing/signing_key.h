/* SPDX-License-Identifier: MIT */
#ifndef APPINT_SIGNING_KEY_H
#define APPINT_SIGNING_KEY_H

#include <stddef.h>

#include "base/buf.h"
#include "signing/crypto.h"
#include "base/slice.h"
#include "base/status.h"

/*
 * Derived signing keys, for sigv4.c. A key is good for one date, region,
 * service and pair of credentials, and costs as much as three signatures: the
 * last few are kept, ready for use, and the oldest gives way to a new one.
 * Whoever holds a struct appint_signing_keys releases it; the secrets in it
 * are overwritten when a key goes.
 */

enum { APPINT_SIGNING_KEYS = 4 };

enum appint_key_part {
    APPINT_KEY_DATE, /* 20150830 */
    APPINT_KEY_REGION,
    APPINT_KEY_SERVICE,
    APPINT_KEY_ACCESS_KEY_ID,
    APPINT_KEY_SECRET,
    APPINT_KEY_PARTS
};

struct appint_signing_key {
    struct appint_buf id; /* all parts, the secret too, one after the other */
    size_t id_lengths[APPINT_KEY_PARTS]; /* all zero: no key */
    EVP_MAC_CTX *mac;
};

struct appint_signing_keys {
    struct appint_signing_key keys[APPINT_SIGNING_KEYS];
    size_t oldest;
};

void appint_signing_keys_init(struct appint_signing_keys *keys,
                              const struct appint_allocator *allocator);

/* Forgets all keys and releases everything; may be called twice. */
void appint_signing_keys_free(struct appint_signing_keys *keys);

/*
 * The key made of PARTS, ready for appint_hmac; it is KEYS' own and good until
 * the next call. APPINT_E_NOMEM or APPINT_E_CRYPTO: *MAC is unset.
 */
enum appint_status appint_signing_keys_find(
    struct appint_signing_keys *keys, struct appint_crypto *crypto,
    const struct appint_slice parts[APPINT_KEY_PARTS], EVP_MAC_CTX **mac);

#endif
