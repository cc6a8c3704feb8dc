/* SPDX-License-Identifier: MIT */
/*
 * What libcurl alone costs, for `make bench`: one request that never changes,
 * as long as the module's, sent by an easy handle, or by many of them under one
 * multi handle. Nothing is signed, no JSON written or read. Not a part of the
 * module.
 */

#include <string.h>

#include <curl/curl.h>
#include <lauxlib.h>
#include <lua.h>

__attribute__((visibility("default"))) int luaopen_raw(lua_State *L);

enum { MOST_HANDLES = 512 };

static const char *const LINES[] = {
    "user-agent: appintegrations-lua/1.0.0 ua/2.1 "
    "os/linux#6.1.0-18-cloud-amd64 "
    "md/arch#x86_64 lang/lua#5.4 api/appintegrations#2020-07-29 m/E,N,e "
    "cfg/retry-mode#standard",
    "amz-sdk-invocation-id: 6f2d1c64-0d5a-4f43-9d4e-0f2f7f1f9a10",
    "amz-sdk-request: ttl=20261122T102100Z; attempt=1; max=3",
    "x-amz-date: 20261122T102030Z",
    "authorization: AWS4-HMAC-SHA256 "
    "Credential=AKIDEXAMPLE/20261122/us-east-1/app-integrations/aws4_request, "
    "SignedHeaders=amz-sdk-invocation-id;amz-sdk-request;content-type;host;"
    "x-amz-date, Signature="
    "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7",
    "content-type: application/json",
    "accept:",
};

static CURLM *multi;
static CURL *handles[MOST_HANDLES];
static struct curl_slist *headers;
static char url[256], payload[4096], authority[4096];
static long resumes;

static size_t on_body(char *data, size_t size, size_t count, void *ud)
{
    (void)data;
    (void)ud;
    return size * count;
}

static CURL *new_handle(void)
{
    CURL *easy = curl_easy_init();

    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, payload);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(easy, CURLOPT_SSL_SESSIONID_CACHE, resumes);
    if (authority[0] != '\0') {
        curl_easy_setopt(easy, CURLOPT_CAINFO, authority);
    }
    return easy;
}

/* open(url, payload, file of a CA or nil, whether TLS sessions are resumed) */
static int l_open(lua_State *L)
{
    strncpy(url, luaL_checkstring(L, 1), sizeof url - 1);
    strncpy(payload, luaL_checkstring(L, 2), sizeof payload - 1);
    strncpy(authority, luaL_optstring(L, 3, ""), sizeof authority - 1);
    resumes = lua_toboolean(L, 4);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    for (size_t i = 0; i < sizeof LINES / sizeof LINES[0]; i++) {
        headers = curl_slist_append(headers, LINES[i]);
    }
    handles[0] = new_handle();
    return 0;
}

/* send() */
static int l_send(lua_State *L)
{
    if (curl_easy_perform(handles[0]) != CURLE_OK) {
        return luaL_error(L, "the benchmark's server does not answer");
    }
    return 0;
}

/* flight(n): n requests at once, and the end of all */
static int l_flight(lua_State *L)
{
    int count = (int)luaL_checkinteger(L, 1);
    int running = count, left = 0;
    CURLMsg *message = NULL;

    if (multi == NULL) {
        multi = curl_multi_init();
        curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)count);
    }
    for (int i = 0; i < count; i++) {
        handles[i] = handles[i] == NULL ? new_handle() : handles[i];
        curl_multi_add_handle(multi, handles[i]);
    }
    while (running > 0) {
        curl_multi_perform(multi, &running);
        while ((message = curl_multi_info_read(multi, &left)) != NULL) {
            if (message->data.result != CURLE_OK) {
                return luaL_error(L, "the benchmark's server does not answer");
            }
            curl_multi_remove_handle(multi, message->easy_handle);
        }
        if (running > 0) {
            curl_multi_poll(multi, NULL, 0, 1000, NULL);
        }
    }
    return 0;
}

int luaopen_raw(lua_State *L)
{
    lua_newtable(L);
    lua_pushcfunction(L, l_open);
    lua_setfield(L, -2, "open");
    lua_pushcfunction(L, l_send);
    lua_setfield(L, -2, "send");
    lua_pushcfunction(L, l_flight);
    lua_setfield(L, -2, "flight");
    return 1;
}
