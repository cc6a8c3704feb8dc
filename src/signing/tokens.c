/* SPDX-License-Identifier: MIT */
/* Token files and proofs of possession: see tokens.h. */

#include "signing/tokens.h"

#include <openssl/evp.h>

#include "signing/arguments.h"
#include "signing/crypto.h"
#include "signing/es256.h"
#include "base/slice.h"

/* sha1_hex(data) -> 40 lower-case digits. A file name, not a protection. */
static int l_sha1_hex(lua_State *L)
{
    struct appint_slice data = appint_check_slice(L, 1);
    unsigned char digest[EVP_MAX_MD_SIZE];
    char hex[2 * EVP_MAX_MD_SIZE];
    size_t len = 0;
    int done;

    appint_crypto_begin();
    done = EVP_Q_digest(NULL, "SHA1", NULL, data.data, data.len, digest, &len);
    appint_crypto_end();
    if (!done) {
        return luaL_error(L, "OpenSSL offers no SHA-1");
    }
    appint_hex(hex, digest, len);
    lua_pushlstring(L, hex, 2 * len);
    return 1;
}

/* base64url(data) -> RFC 4648, section 5, without padding, as in RFC 7515 */
static int l_base64url(lua_State *L)
{
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    struct appint_slice data = appint_check_slice(L, 1);
    luaL_Buffer result;
    unsigned bits = 0;
    int count = 0; /* of those bits that are not written yet */

    luaL_buffinit(L, &result);
    for (size_t i = 0; i < data.len; i++) {
        bits = bits << 8 | (unsigned char)data.data[i];
        for (count += 8; count >= 6; count -= 6) {
            luaL_addchar(&result, digits[bits >> (count - 6) & 63]);
        }
    }
    if (count > 0) {
        luaL_addchar(&result, digits[bits << (6 - count) & 63]);
    }
    luaL_pushresult(&result);
    return 1;
}

static int push_failure(lua_State *L, const struct appint_error *error)
{
    lua_pushnil(L);
    lua_pushstring(L, error->text);
    return 2;
}

/* es256_public(pem) -> x, y: 32 bytes each; or nil, message */
static int l_es256_public(lua_State *L)
{
    unsigned char point[APPINT_ES256_SIZE];
    struct appint_error error = {""};

    if (appint_es256_public(appint_check_slice(L, 1), point, &error) !=
        APPINT_OK) {
        return push_failure(L, &error);
    }
    lua_pushlstring(L, (const char *)point, APPINT_ES256_COORDINATE_SIZE);
    lua_pushlstring(L, (const char *)point + APPINT_ES256_COORDINATE_SIZE,
                    APPINT_ES256_COORDINATE_SIZE);
    return 2;
}

/* es256_sign(pem, message) -> 64 bytes; or nil, message */
static int l_es256_sign(lua_State *L)
{
    struct appint_slice pem = appint_check_slice(L, 1);
    struct appint_slice message = appint_check_slice(L, 2);
    unsigned char signature[APPINT_ES256_SIZE];
    struct appint_error error = {""};

    if (appint_es256_sign(pem, message, signature, &error) != APPINT_OK) {
        return push_failure(L, &error);
    }
    lua_pushlstring(L, (const char *)signature, sizeof signature);
    return 1;
}

const luaL_Reg appint_tokens_functions[] = {
    {"sha1_hex", l_sha1_hex},
    {"base64url", l_base64url},
    {"es256_public", l_es256_public},
    {"es256_sign", l_es256_sign},
    {NULL, NULL},
};
