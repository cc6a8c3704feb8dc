/* SPDX-License-Identifier: MIT */
/* Derived signing keys and their cache: see signing_key.h. */

#include "signing/signing_key.h"

#include <string.h>

#define PREFIX     "AWS4"
#define TERMINATOR "aws4_request"

static bool fits(const struct appint_signing_key *key,
                 const struct appint_slice parts[APPINT_KEY_PARTS])
{
    const char *at = key->id.data;

    for (int i = 0; i < APPINT_KEY_PARTS; i++) {
        if (key->id_lengths[i] != parts[i].len ||
            memcmp(at, parts[i].data, parts[i].len) != 0) {
            return false;
        }
        at += parts[i].len;
    }
    return true;
}

static void forget(struct appint_signing_key *key)
{
    appint_buf_wipe(&key->id);
    memset(key->id_lengths, 0, sizeof key->id_lengths);
}

/* KEY is empty before, and after a failure. */
static enum appint_status
remember(struct appint_signing_key *key,
         const struct appint_slice parts[APPINT_KEY_PARTS])
{
    size_t len = 0;

    for (int i = 0; i < APPINT_KEY_PARTS; i++) {
        len += parts[i].len;
    }
    /* All at once: growing would leave copies of the secret behind. */
    if (appint_buf_reserve(&key->id, len) == NULL) {
        forget(key);
        return APPINT_E_NOMEM;
    }
    for (int i = 0; i < APPINT_KEY_PARTS; i++) {
        appint_buf_append_slice(&key->id, parts[i]);
        key->id_lengths[i] = parts[i].len;
    }
    return APPINT_OK;
}

/* DIGEST = HMAC("AWS4" + SECRET, DATE), made in the key's own context */
static enum appint_status derive_date(struct appint_signing_key *to,
                                      struct appint_crypto *crypto,
                                      struct appint_slice secret,
                                      struct appint_slice date,
                                      unsigned char digest[APPINT_SHA256_SIZE])
{
    struct appint_buf key;
    enum appint_status status = APPINT_E_NOMEM;

    appint_buf_init(&key, &to->id.allocator);
    if (appint_buf_reserve(&key, sizeof PREFIX + secret.len) != NULL) {
        appint_buf_append_slice(&key, APPINT_LITERAL(PREFIX));
        appint_buf_append_slice(&key, secret);
        status = appint_hmac_once(crypto, &to->mac, appint_buf_slice(&key),
                                  date, digest);
    }
    appint_buf_wipe(&key);
    return status;
}

/*
 * A chain of four HMACs, the result of each being the key of the next, and the
 * last one that of KEY. All use its context, where each overwrites the one
 * before.
 */
static enum appint_status
derive(struct appint_signing_key *key, struct appint_crypto *crypto,
       const struct appint_slice parts[APPINT_KEY_PARTS])
{
    const struct appint_slice terminator = APPINT_LITERAL(TERMINATOR);
    const struct appint_slice *messages[] = {
        &parts[APPINT_KEY_REGION],
        &parts[APPINT_KEY_SERVICE],
        &terminator,
    };
    unsigned char digest[APPINT_SHA256_SIZE];
    struct appint_slice last = {(const char *)digest, sizeof digest};
    enum appint_status status = derive_date(
        key, crypto, parts[APPINT_KEY_SECRET], parts[APPINT_KEY_DATE], digest);

    for (int i = 0; status == APPINT_OK && i < 3; i++) {
        status =
            appint_hmac_once(crypto, &key->mac, last, *messages[i], digest);
    }
    if (status == APPINT_OK) {
        status = appint_hmac_set_key(crypto, &key->mac, last);
    }
    if (status != APPINT_OK) {
        appint_hmac_free(key->mac);
        key->mac = NULL;
    }
    appint_wipe(digest, sizeof digest);
    return status;
}

void appint_signing_keys_init(struct appint_signing_keys *keys,
                              const struct appint_allocator *allocator)
{
    memset(keys, 0, sizeof *keys);
    for (int i = 0; i < APPINT_SIGNING_KEYS; i++) {
        appint_buf_init(&keys->keys[i].id, allocator);
    }
}

void appint_signing_keys_free(struct appint_signing_keys *keys)
{
    for (int i = 0; i < APPINT_SIGNING_KEYS; i++) {
        forget(&keys->keys[i]);
        appint_hmac_free(keys->keys[i].mac);
        keys->keys[i].mac = NULL;
    }
}

enum appint_status appint_signing_keys_find(
    struct appint_signing_keys *keys, struct appint_crypto *crypto,
    const struct appint_slice parts[APPINT_KEY_PARTS], EVP_MAC_CTX **mac)
{
    struct appint_signing_key *key = &keys->keys[keys->oldest];
    enum appint_status status;

    for (int i = 0; i < APPINT_SIGNING_KEYS; i++) {
        if (fits(&keys->keys[i], parts)) {
            *mac = keys->keys[i].mac;
            return APPINT_OK;
        }
    }
    forget(key);
    status = derive(key, crypto, parts);
    if (status == APPINT_OK) {
        status = remember(key, parts);
    }
    if (status == APPINT_OK) {
        keys->oldest = (keys->oldest + 1) % APPINT_SIGNING_KEYS;
        *mac = key->mac;
    }
    return status;
}
