/* SPDX-License-Identifier: MIT */
/* ECDSA on P-256 with OpenSSL 3: see es256.h. */

#include "signing/es256.h"

#include <limits.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "signing/crypto.h"

enum { DER_SIGNATURE_MAX = 72 }; /* two INTEGERs of 33 bytes in a SEQUENCE */

/* For an encrypted key: no passphrase. OpenSSL's own would ask the terminal. */
static int no_passphrase(char *buf, int size, int writing, void *ud)
{
    (void)buf;
    (void)size;
    (void)writing;
    (void)ud;
    return -1;
}

static bool is_p256(const EVP_PKEY *key)
{
    char group[32];

    return EVP_PKEY_is_a(key, "EC") &&
           EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME,
                                          group, sizeof group, NULL) &&
           strcmp(group, "prime256v1") == 0;
}

/* The caller frees *KEY. */
static enum appint_status read_key(EVP_PKEY **key, struct appint_slice pem,
                                   struct appint_error *error)
{
    BIO *bio =
        pem.len <= INT_MAX ? BIO_new_mem_buf(pem.data, (int)pem.len) : NULL;
    EVP_PKEY *read = NULL;

    if (bio != NULL) {
        read = PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL);
    }
    BIO_free(bio);
    if (read == NULL) {
        return appint_fail(error, APPINT_E_ARG,
                           "not a private key in PEM without a passphrase");
    }
    if (!is_p256(read)) {
        EVP_PKEY_free(read);
        return appint_fail(error, APPINT_E_ARG,
                           "not a key on the elliptic curve P-256");
    }
    *key = read;
    return APPINT_OK;
}

static enum appint_status finish(enum appint_status status, EVP_PKEY *key,
                                 struct appint_error *error)
{
    EVP_PKEY_free(key);
    appint_crypto_end();
    return status == APPINT_E_CRYPTO
               ? appint_fail(error, status, "%s", appint_status_text(status))
               : status;
}

static enum appint_status coordinate(const EVP_PKEY *key, const char *name,
                                     unsigned char *to)
{
    BIGNUM *number = NULL;
    bool done = EVP_PKEY_get_bn_param(key, name, &number) &&
                BN_bn2binpad(number, to, APPINT_ES256_COORDINATE_SIZE) ==
                    APPINT_ES256_COORDINATE_SIZE;

    BN_free(number);
    return done ? APPINT_OK : APPINT_E_CRYPTO;
}

enum appint_status appint_es256_public(struct appint_slice pem,
                                       unsigned char point[APPINT_ES256_SIZE],
                                       struct appint_error *error)
{
    EVP_PKEY *key = NULL;
    enum appint_status status;

    appint_crypto_begin();
    status = read_key(&key, pem, error);
    if (status == APPINT_OK) {
        status = coordinate(key, OSSL_PKEY_PARAM_EC_PUB_X, point);
    }
    if (status == APPINT_OK) {
        status = coordinate(key, OSSL_PKEY_PARAM_EC_PUB_Y,
                            point + APPINT_ES256_COORDINATE_SIZE);
    }
    return finish(status, key, error);
}

static enum appint_status sign_der(EVP_PKEY *key, struct appint_slice message,
                                   unsigned char der[DER_SIGNATURE_MAX],
                                   size_t *len)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool done =
        context != NULL &&
        EVP_DigestSignInit_ex(context, NULL, "SHA256", NULL, NULL, key, NULL) &&
        EVP_DigestSign(context, der, len, (const unsigned char *)message.data,
                       message.len);

    EVP_MD_CTX_free(context);
    return done ? APPINT_OK : APPINT_E_CRYPTO;
}

/* OpenSSL signs in DER; a JWS has the two numbers, each of full length. */
static enum appint_status raw_of_der(const unsigned char *der, size_t len,
                                     unsigned char raw[APPINT_ES256_SIZE])
{
    ECDSA_SIG *signature = d2i_ECDSA_SIG(NULL, &der, (long)len);
    bool done = signature != NULL &&
                BN_bn2binpad(ECDSA_SIG_get0_r(signature), raw,
                             APPINT_ES256_COORDINATE_SIZE) >= 0 &&
                BN_bn2binpad(ECDSA_SIG_get0_s(signature),
                             raw + APPINT_ES256_COORDINATE_SIZE,
                             APPINT_ES256_COORDINATE_SIZE) >= 0;

    ECDSA_SIG_free(signature);
    return done ? APPINT_OK : APPINT_E_CRYPTO;
}

enum appint_status appint_es256_sign(struct appint_slice pem,
                                     struct appint_slice message,
                                     unsigned char signature[APPINT_ES256_SIZE],
                                     struct appint_error *error)
{
    EVP_PKEY *key = NULL;
    unsigned char der[DER_SIGNATURE_MAX];
    size_t len = sizeof der;
    enum appint_status status;

    appint_crypto_begin();
    status = read_key(&key, pem, error);
    if (status == APPINT_OK) {
        status = sign_der(key, message, der, &len);
    }
    if (status == APPINT_OK) {
        status = raw_of_der(der, len, signature);
    }
    return finish(status, key, error);
}
