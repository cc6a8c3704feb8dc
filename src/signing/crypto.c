/* SPDX-License-Identifier: MIT */
/* SHA-256 and HMAC-SHA-256 on algorithms fetched once: see crypto.h. */

#include "signing/crypto.h"

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
};

void appint_crypto_begin(void)
{
    (void)ERR_set_mark();
}

void appint_crypto_end(void)
{
    (void)ERR_pop_to_mark();
}

/*
 * OpenSSL's answer as ours. What has been fetched fails when memory is out, of
 * which OpenSSL may say anything or nothing; or when the provider refuses, as a
 * short key under FIPS, which it says last.
 */
static enum appint_status result(int succeeded)
{
    unsigned long code = succeeded ? 0 : ERR_peek_last_error();

    if (succeeded) {
        return APPINT_OK;
    }
    return ERR_GET_LIB(code) == ERR_LIB_PROV &&
                   ERR_GET_REASON(code) != ERR_R_MALLOC_FAILURE
               ? APPINT_E_CRYPTO
               : APPINT_E_NOMEM;
}

/* Whether an algorithm was not found, rather than the memory for it. */
static enum appint_status fetched(int succeeded)
{
    unsigned long code = succeeded ? 0 : ERR_peek_last_error();

    return succeeded                                      ? APPINT_OK
           : ERR_GET_REASON(code) == ERR_R_MALLOC_FAILURE ? APPINT_E_NOMEM
                                                          : APPINT_E_CRYPTO;
}

enum appint_status appint_crypto_new(const struct appint_allocator *allocator,
                                     struct appint_crypto **out)
{
    struct appint_crypto *crypto =
        appint_realloc(allocator, NULL, 0, sizeof *crypto);
    enum appint_status status;

    if (crypto == NULL) {
        return APPINT_E_NOMEM;
    }
    appint_crypto_begin();
    memset(crypto, 0, sizeof *crypto);
    crypto->allocator = *allocator;
    crypto->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    crypto->digest = EVP_MD_CTX_new();
    crypto->hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    status = fetched(crypto->sha256 != NULL && crypto->digest != NULL &&
                     crypto->hmac != NULL &&
                     EVP_DigestInit_ex2(crypto->digest, crypto->sha256, NULL));
    appint_crypto_end();
    if (status == APPINT_OK) {
        *out = crypto;
    } else {
        appint_crypto_free(crypto);
    }
    return status;
}

void appint_crypto_free(struct appint_crypto *crypto)
{
    if (crypto == NULL) {
        return;
    }
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

/* A context for HMAC-SHA-256; OpenSSL looks the hash up by its name. */
static EVP_MAC_CTX *new_mac(EVP_MAC *hmac)
{
    char name[] = "SHA256"; /* the parameter list wants it writable */
    OSSL_PARAM parameters[2];
    EVP_MAC_CTX *context = EVP_MAC_CTX_new(hmac);

    parameters[0] =
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0);
    parameters[1] = OSSL_PARAM_construct_end();
    if (context != NULL && !EVP_MAC_CTX_set_params(context, parameters)) {
        EVP_MAC_CTX_free(context);
        context = NULL;
    }
    return context;
}

enum appint_status appint_hmac_set_key(struct appint_crypto *crypto,
                                       EVP_MAC_CTX **context,
                                       struct appint_slice key)
{
    /* A NULL key means "the key of before", an empty key is none of those. */
    const char *bytes = key.len > 0 ? key.data : "";

    if (*context == NULL) {
        *context = new_mac(crypto->hmac);
    }
    return result(
        *context != NULL &&
        EVP_MAC_init(*context, (const unsigned char *)bytes, key.len, NULL));
}

/* For a CONTEXT that has just been given its key, or the same one again. */
static int authenticate(EVP_MAC_CTX *context, struct appint_slice data,
                        unsigned char digest[APPINT_SHA256_SIZE])
{
    size_t len = 0;

    return EVP_MAC_update(context, (const unsigned char *)data.data,
                          data.len) &&
           EVP_MAC_final(context, digest, &len, APPINT_SHA256_SIZE);
}

enum appint_status appint_hmac(EVP_MAC_CTX *context, struct appint_slice data,
                               unsigned char digest[APPINT_SHA256_SIZE])
{
    return result(EVP_MAC_init(context, NULL, 0, NULL) &&
                  authenticate(context, data, digest));
}

void appint_hmac_free(EVP_MAC_CTX *context)
{
    EVP_MAC_CTX_free(context);
}

enum appint_status appint_hmac_once(struct appint_crypto *crypto,
                                    EVP_MAC_CTX **context,
                                    struct appint_slice key,
                                    struct appint_slice data,
                                    unsigned char digest[APPINT_SHA256_SIZE])
{
    enum appint_status status = appint_hmac_set_key(crypto, context, key);

    return status == APPINT_OK ? result(authenticate(*context, data, digest))
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
