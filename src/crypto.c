/* SPDX-License-Identifier: MIT */
/* SHA-256 and HMAC-SHA-256 on algorithms fetched once: see crypto.h. */

#include "crypto.h"

#include <string.h>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>

struct appint_crypto {
    struct appint_allocator allocator;
    EVP_MD *sha256;
    EVP_MD_CTX *digest; /* keyed to sha256 for its whole life */
    EVP_MAC *hmac;
    EVP_MAC_CTX *mac; /* takes a new key with every use */
};

/* OpenSSL's answer as ours. The error queue belongs to the host's thread. */
static enum appint_status result(int succeeded)
{
    if (!succeeded) {
        ERR_clear_error();
    }
    return succeeded ? APPINT_OK : APPINT_E_CRYPTO;
}

enum appint_status appint_crypto_new(const struct appint_allocator *allocator,
                                     struct appint_crypto **out)
{
    struct appint_crypto *crypto =
        appint_realloc(allocator, NULL, 0, sizeof *crypto);

    if (crypto == NULL) {
        return APPINT_E_NOMEM;
    }
    memset(crypto, 0, sizeof *crypto);
    crypto->allocator = *allocator;
    crypto->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    crypto->digest = EVP_MD_CTX_new();
    crypto->hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    if (result(crypto->sha256 != NULL && crypto->digest != NULL &&
               crypto->hmac != NULL &&
               EVP_DigestInit_ex2(crypto->digest, crypto->sha256, NULL)) !=
        APPINT_OK) {
        appint_crypto_free(crypto);
        return APPINT_E_CRYPTO;
    }
    *out = crypto;
    return APPINT_OK;
}

void appint_crypto_free(struct appint_crypto *crypto)
{
    if (crypto == NULL) {
        return;
    }
    EVP_MAC_CTX_free(crypto->mac);
    EVP_MAC_free(crypto->hmac);
    EVP_MD_CTX_free(crypto->digest);
    EVP_MD_free(crypto->sha256);
    appint_realloc(&crypto->allocator, crypto, sizeof *crypto, 0);
}

enum appint_status appint_sha256(struct appint_crypto *crypto,
                                 struct appint_slice data,
                                 unsigned char digest[APPINT_SHA256_SIZE])
{
    /* A NULL algorithm: begin again with the one that the context has. */
    return result(EVP_DigestInit_ex2(crypto->digest, NULL, NULL) &&
                  EVP_DigestUpdate(crypto->digest, data.data, data.len) &&
                  EVP_DigestFinal_ex(crypto->digest, digest, NULL));
}

enum appint_status appint_hmac_set_key(struct appint_crypto *crypto,
                                       EVP_MAC_CTX **context,
                                       struct appint_slice key)
{
    char name[] = "SHA256"; /* the parameter list wants it writable */
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0),
        OSSL_PARAM_construct_end(),
    };
    /* A NULL key means "the key of before", an empty key is none of those. */
    const char *bytes = key.len > 0 ? key.data : "";

    if (*context == NULL) {
        *context = EVP_MAC_CTX_new(crypto->hmac);
    }
    return result(*context != NULL &&
                  EVP_MAC_init(*context, (const unsigned char *)bytes, key.len,
                               parameters));
}

enum appint_status appint_hmac(EVP_MAC_CTX *context, struct appint_slice data,
                               unsigned char digest[APPINT_SHA256_SIZE])
{
    size_t len = 0;

    return result(
        EVP_MAC_init(context, NULL, 0, NULL) &&
        EVP_MAC_update(context, (const unsigned char *)data.data, data.len) &&
        EVP_MAC_final(context, digest, &len, APPINT_SHA256_SIZE));
}

void appint_hmac_free(EVP_MAC_CTX *context)
{
    EVP_MAC_CTX_free(context);
}

enum appint_status appint_hmac_sha256(struct appint_crypto *crypto,
                                      struct appint_slice key,
                                      struct appint_slice data,
                                      unsigned char digest[APPINT_SHA256_SIZE])
{
    enum appint_status status = appint_hmac_set_key(crypto, &crypto->mac, key);

    return status == APPINT_OK ? appint_hmac(crypto->mac, data, digest)
                               : status;
}

void appint_hex(char *to, const unsigned char *data, size_t len)
{
    static const char pairs[] = /* both digits of each byte value */
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
        "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f"
        "404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f"
        "606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f"
        "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f"
        "a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebf"
        "c0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedf"
        "e0e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff";

    for (size_t i = 0; i < len; i++) {
        memcpy(to + 2 * i, pairs + 2 * (size_t)data[i], 2);
    }
}
