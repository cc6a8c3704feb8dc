/* SPDX-License-Identifier: MIT */
/*
 * The measure for `make bench`: the least that a program can do to put the same
 * bytes on the wire and to read the answer, written by hand. Fixed buffers, one
 * reused easy handle, one signing key; no validation, no errors, no options.
 * Not a part of the module.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <curl/curl.h>
#include <lauxlib.h>
#include <lua.h>
#include <openssl/evp.h>
#include <openssl/params.h>

__attribute__((visibility("default"))) int luaopen_minimum(lua_State *L);

static CURL *easy;
static EVP_MD_CTX *digest_context;
static EVP_MAC_CTX *mac_context;
static unsigned char signing_key[32];
static char scope[64], body[1 << 20];
static size_t body_len;

static size_t on_body(char *data, size_t size, size_t count, void *ud)
{
    (void)ud;
    memcpy(body + body_len, data, size * count);
    body_len += size * count;
    return size * count;
}

static void hex(const unsigned char *bytes, char *text)
{
    for (int i = 0; i < 32; i++) {
        text[2 * i] = "0123456789abcdef"[bytes[i] >> 4];
        text[2 * i + 1] = "0123456789abcdef"[bytes[i] & 15];
    }
    text[64] = '\0';
}

static void hash(const void *data, size_t len, unsigned char *out)
{
    EVP_DigestInit_ex2(digest_context, NULL, NULL);
    EVP_DigestUpdate(digest_context, data, len);
    EVP_DigestFinal_ex(digest_context, out, NULL);
}

/* With KEY, or with that of the last time if it is NULL. */
static void hmac(const void *key, size_t key_len, const char *text,
                 unsigned char *out)
{
    size_t len;

    EVP_MAC_init(mac_context, key, key_len, NULL);
    EVP_MAC_update(mac_context, (const unsigned char *)text, strlen(text));
    EVP_MAC_final(mac_context, out, &len, 32);
}

static void derive(const char *date)
{
    if (strncmp(scope, date, 8) == 0) {
        return;
    }
    hmac("AWS4very-secret", 15, date, signing_key);
    hmac(signing_key, 32, "us-east-1", signing_key);
    hmac(signing_key, 32, "app-integrations", signing_key);
    hmac(signing_key, 32, "aws4_request", signing_key);
    EVP_MAC_init(mac_context, signing_key, 32, NULL);
    snprintf(scope, sizeof scope, "%s/us-east-1/app-integrations/aws4_request",
             date);
}

#define USER_AGENT                                                             \
    "appintegrations-lua/1.0.0 ua/2.1 os/linux#6.1.0-18-cloud-amd64 "          \
    "md/arch#x86_64 lang/lua#5.4 api/appintegrations#2020-07-29 m/E,N,e "      \
    "cfg/retry-mode#standard"
#define INVOCATION "6f2d1c64-0d5a-4f43-9d4e-0f2f7f1f9a10"
#define ATTEMPT    "ttl=20261122T102100Z; attempt=1; max=3"

/* The Authorization header of a request, with a body or without. */
static void sign(const char *method, const char *path, const char *query,
                 const char *host, const char *payload, size_t payload_len,
                 const char *time_text, char *authorization, size_t size)
{
    char text[2048], digest_hex[65], date[9];
    unsigned char digest[32];
    int len;
    const char *signed_headers =
        payload_len > 0 ? "amz-sdk-invocation-id;amz-sdk-request;content-type;"
                          "host;x-amz-date"
                        : "amz-sdk-invocation-id;amz-sdk-request;host;"
                          "x-amz-date";

    snprintf(date, sizeof date, "%.8s", time_text);
    derive(date);
    hash(payload, payload_len, digest);
    hex(digest, digest_hex);
    len = snprintf(text, sizeof text,
                   "%s\n%s\n%s\n"
                   "amz-sdk-invocation-id:" INVOCATION "\n"
                   "amz-sdk-request:" ATTEMPT "\n%s"
                   "host:%s\nx-amz-date:%s\n\n%s\n%s",
                   method, path, query,
                   payload_len > 0 ? "content-type:application/json\n" : "",
                   host, time_text, signed_headers, digest_hex);
    hash(text, (size_t)len, digest);
    hex(digest, digest_hex);
    snprintf(text, sizeof text, "AWS4-HMAC-SHA256\n%s\n%s\n%s", time_text,
             scope, digest_hex);
    hmac(NULL, 0, text, digest);
    hex(digest, digest_hex);
    snprintf(authorization, size,
             "authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/%s, "
             "SignedHeaders=%s, Signature=%s",
             scope, signed_headers, digest_hex);
}

/* sign(payload [, time]): a signature alone */
static int l_sign(lua_State *L)
{
    size_t len;
    const char *payload = luaL_checklstring(L, 1, &len);
    char authorization[512];

    sign("POST", "/dataIntegrations", "", "127.0.0.1:4570", payload, len,
         luaL_optstring(L, 2, "20261122T102030Z"), authorization,
         sizeof authorization);
    return 0;
}

/* send(method, host, path, query, payload or nil) -> the body of the answer */
static int l_send(lua_State *L)
{
    const char *method = luaL_checkstring(L, 1), *host = luaL_checkstring(L, 2);
    const char *path = luaL_checkstring(L, 3), *query = luaL_checkstring(L, 4);
    size_t len = 0;
    const char *payload = luaL_optlstring(L, 5, NULL, &len);
    char url[2048], authorization[512], date[32], time_text[20];
    struct curl_slist *headers = NULL;
    time_t now = time(NULL);
    struct tm utc;

    gmtime_r(&now, &utc);
    strftime(time_text, sizeof time_text, "%Y%m%dT%H%M%SZ", &utc);
    sign(method, path, query, host, payload ? payload : "", len, time_text,
         authorization, sizeof authorization);
    snprintf(url, sizeof url, "http://%s%s%s%s", host, path, *query ? "?" : "",
             query);
    snprintf(date, sizeof date, "x-amz-date: %s", time_text);
    headers = curl_slist_append(headers, "user-agent: " USER_AGENT);
    headers = curl_slist_append(headers, "amz-sdk-invocation-id: " INVOCATION);
    headers = curl_slist_append(headers, "amz-sdk-request: " ATTEMPT);
    headers = curl_slist_append(headers, "accept:");
    headers = curl_slist_append(headers, authorization);
    headers = curl_slist_append(headers, date);
    if (payload != NULL) {
        headers = curl_slist_append(headers, "content-type: application/json");
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, payload);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)len);
    } else {
        curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
    }
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(easy, CURLOPT_URL, url);
    body_len = 0;
    if (curl_easy_perform(easy) != CURLE_OK) {
        return luaL_error(L, "the benchmark's server does not answer");
    }
    curl_slist_free_all(headers);
    lua_pushlstring(L, body, body_len);
    return 1;
}

int luaopen_minimum(lua_State *L)
{
    char name[] = "SHA256";
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string("digest", name, 0),
        OSSL_PARAM_construct_end(),
    };

    lua_newtable(L);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    easy = curl_easy_init();
    digest_context = EVP_MD_CTX_new();
    EVP_DigestInit_ex2(digest_context, EVP_MD_fetch(NULL, "SHA256", NULL),
                       NULL);
    mac_context = EVP_MAC_CTX_new(EVP_MAC_fetch(NULL, "HMAC", NULL));
    EVP_MAC_CTX_set_params(mac_context, parameters);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    lua_pushcfunction(L, l_send);
    lua_setfield(L, -2, "send");
    lua_pushcfunction(L, l_sign);
    lua_setfield(L, -2, "sign");
    return 1;
}
