/* SPDX-License-Identifier: MIT */
/*
 * Signing and hashing for Lua: a module of its own, as it brings OpenSSL's
 * libcrypto, which costs more to load than all the rest and is not needed
 * before the first signature.
 *
 * Signatures reuse one signer. Pushing results allocates, which may run a
 * finalizer that signs a request of its own: that one gets a signer of its own,
 * as do calls after one that a memory error has cut off.
 */

#include "lua/luabox.h"

#include <string.h>

#include "signing/arguments.h"
#include "signing/crypto.h"
#include "signing/sigv4.h"
#include "signing/tokens.h"
#include "base/field.h"
#include "base/uri.h"

#define SIGNER_TYPE  APPINT_TYPE("signer")
#define MODULE_TYPE  APPINT_TYPE("signing")
#define HEADERS_TYPE APPINT_TYPE("sigv4.headers")

enum {
    KEEP_BYTES = 4096, /* of the list of headers, between calls */
    STACK_SLOTS = 32   /* arguments are kept on the stack while they are used */
};

struct signer {
    struct appint_sigv4 sigv4;
    struct appint_buf headers; /* struct appint_header, of one request */
    struct appint_buf lines;   /* the same and those that it gets, as a text */
    bool busy;
};

/*
 * What results are made of: the upvalues of every function behind the module,
 * as what is given to Lua as a C string is looked up at each use.
 */
enum {
    HEADERS_METATABLE = 2,
    AUTHORIZATION,
    DATE,
    SECURITY_TOKEN,
    CONTENT_SHA256,
    CANONICAL_REQUEST,
    STRING_TO_SIGN,
    SIGNED_HEADERS,
    SIGNATURE,
    UPVALUES = SIGNATURE
};

static const char *const result_names[UPVALUES + 1] = {
    [AUTHORIZATION] = "Authorization",
    [DATE] = "X-Amz-Date",
    [SECURITY_TOKEN] = "X-Amz-Security-Token",
    [CONTENT_SHA256] = "X-Amz-Content-Sha256",
    [CANONICAL_REQUEST] = "canonical_request",
    [STRING_TO_SIGN] = "string_to_sign",
    [SIGNED_HEADERS] = "signed_headers",
    [SIGNATURE] = "signature",
};

/* One for each Lua state that requires it: upvalue 1 of every function. */
struct module {
    struct appint_allocator allocator;
    struct appint_crypto *crypto; /* algorithms fetched at first use, or NULL */
    struct signer signer;         /* what signatures reuse */
    bool closed; /* collected: only finalizers of a closing state call on */
};

__attribute__((visibility("default"))) int
luaopen_appintegrations_signing(lua_State *L);

/* --- What a Lua state keeps -------------------------------------------- */

static struct module *get_module(lua_State *L)
{
    return lua_touserdata(L, lua_upvalueindex(1));
}

static void signer_free(struct signer *signer)
{
    appint_sigv4_free(&signer->sigv4);
    appint_buf_free(&signer->headers);
    appint_buf_free(&signer->lines);
}

static int signer_gc(lua_State *L)
{
    signer_free(lua_touserdata(L, 1));
    return 0;
}

static int module_gc(lua_State *L)
{
    struct module *module = lua_touserdata(L, 1);

    signer_free(&module->signer);
    appint_crypto_free(module->crypto);
    module->crypto = NULL;
    module->closed = true;
    return 0;
}

/* Raises when OpenSSL fails, or the state is closing. [-0, +0, e] */
static struct appint_crypto *get_crypto(lua_State *L)
{
    struct module *module = get_module(L);
    enum appint_status status = APPINT_OK;

    if (module->crypto == NULL && module->closed) {
        luaL_error(L, "the Lua state is closing");
    }
    if (module->crypto == NULL) {
        status = appint_crypto_new(&module->allocator, &module->crypto);
    }
    if (status != APPINT_OK) {
        luaL_error(L, status == APPINT_E_NOMEM
                          ? "not enough memory"
                          : "OpenSSL offers no SHA-256 and HMAC");
    }
    return module->crypto;
}

/*
 * Pushes the owner of a signer and marks it as in use: the module's, or one of
 * its own for a call inside another one. [-0, +1, e]
 */
static struct signer *take_signer(lua_State *L)
{
    struct module *module = get_module(L);
    struct appint_crypto *crypto = get_crypto(L);
    struct signer *signer = &module->signer;

    if (signer->busy) {
        signer = appint_push_owner(L, sizeof *signer, SIGNER_TYPE, signer_gc);
    } else {
        lua_pushvalue(L, lua_upvalueindex(1));
    }
    if (signer->sigv4.crypto == NULL) {
        appint_sigv4_init(&signer->sigv4, &module->allocator, crypto);
        appint_buf_init(&signer->headers, &module->allocator);
        appint_buf_init(&signer->lines, &module->allocator);
        signer->lines.secret = true; /* of a session token */
    }
    signer->busy = true;
    return signer;
}

/* Drops what is only good for one call. */
static void release_signer(struct signer *signer)
{
    appint_buf_reset(&signer->headers, KEEP_BYTES);
    appint_buf_reset(&signer->lines, KEEP_BYTES);
    appint_sigv4_clear(&signer->sigv4);
    signer->busy = false;
}

/* --- Headers ----------------------------------------------------------- */

static void append_header(struct signer *signer, struct appint_slice name,
                          struct appint_slice value)
{
    struct appint_header header = {name, value};

    appint_buf_append(&signer->headers, &header, sizeof header);
}

/* Adds the name and the value on the stack; false if they are no strings. */
static bool add_header(lua_State *L, struct signer *signer, int name, int value)
{
    struct appint_header header;

    if (lua_type(L, name) != LUA_TSTRING || lua_type(L, value) != LUA_TSTRING) {
        return false;
    }
    header.name.data = lua_tolstring(L, name, &header.name.len);
    header.value.data = lua_tolstring(L, value, &header.value.len);
    append_header(signer, header.name, header.value);
    return true;
}

/* Entries 1 to COUNT of the table: { name, value } each. [-0, +0, -] */
static bool add_listed_headers(lua_State *L, struct signer *signer, int index,
                               size_t count)
{
    bool valid = true;

    for (size_t i = 1; valid && i <= count; i++) {
        valid = lua_rawgeti(L, index, (int)i) == LUA_TTABLE;
        if (valid) {
            lua_rawgeti(L, -1, 1);
            lua_rawgeti(L, -2, 2); /* pair, name, value */
            valid = add_header(L, signer, -2, -1);
            lua_pop(L, 2);
        }
        lua_pop(L, 1);
    }
    return valid;
}

/*
 * The headers of CALL: a list of pairs, a map, or both in one table. Raw
 * accesses only: nothing runs that could free the strings before they are
 * used. False when something else is in there. [-0, +0, -]
 */
static bool add_headers(lua_State *L, struct signer *signer,
                        struct appint_sign_call *call)
{
    int index = call->headers;
    size_t count = index == 0 ? 0 : (size_t)lua_rawlen(L, index);
    bool valid = add_listed_headers(L, signer, index, count);

    if (index == 0) {
        return true;
    }
    lua_pushnil(L);
    while (valid && lua_next(L, index)) { /* name, value */
        bool is_listed = count > 0 && lua_type(L, -2) == LUA_TNUMBER;

        valid = is_listed || add_header(L, signer, -2, -1);
        lua_pop(L, 1);
    }
    if (!valid) {
        lua_settop(L, -2); /* the key that lua_next has not taken */
    }
    return valid;
}

/* Those in LINES. */
static void add_lines(struct signer *signer, struct appint_slice lines)
{
    struct appint_slice line;
    struct appint_slice name;
    struct appint_slice value;

    while (appint_next_line(&lines, &line)) {
        if (appint_split_field(line, &name, &value)) {
            append_header(signer, name, value);
        }
    }
}

/* --- Signing ------------------------------------------------------------- */

/* Raises what went wrong with SIGNER. [-0, +0, e] */
static void fail(lua_State *L, struct signer *signer, const char *text)
{
    release_signer(signer);
    luaL_error(L, "%s", text);
}

/* Signs CALL with the headers that SIGNER has. [-0, +0, e] */
static void sign_added(lua_State *L, struct signer *signer,
                       struct appint_sign_call *call)
{
    struct appint_error error = {""};
    enum appint_status status = APPINT_E_NOMEM;

    call->request.headers =
        (const struct appint_header *)(void *)signer->headers.data;
    call->request.header_count =
        signer->headers.len / sizeof(struct appint_header);
    if (!signer->headers.failed) {
        status = appint_sigv4_sign(&signer->sigv4, &call->request,
                                   &call->context, &error);
    }
    if (status != APPINT_OK) {
        fail(L, signer,
             error.text[0] != '\0' ? error.text : appint_status_text(status));
    }
}

/*
 * Signs CALL with a signer that it leaves on the stack, still in use, for the
 * results to be read. [-0, +1, e]
 */
static struct signer *sign_call(lua_State *L, struct appint_sign_call *call)
{
    struct signer *signer = take_signer(L);

    if (!add_headers(L, signer, call)) {
        fail(L, signer,
             "request.headers must be a map of names to strings, or a list of "
             "{ name, value } pairs of strings");
    }
    sign_added(L, signer, call);
    return signer;
}

/* --- Results ----------------------------------------------------------- */

/* Sets field NAME, an upvalue, of the new table on top. [-0, +0, e] */
static void set_slice(lua_State *L, int name, struct appint_slice slice)
{
    lua_pushvalue(L, lua_upvalueindex(name));
    lua_pushlstring(L, slice.data, slice.len);
    lua_rawset(L, -3);
}

static struct appint_slice timestamp_of(const struct signer *signer)
{
    return (struct appint_slice){signer->sigv4.timestamp,
                                 APPINT_TIMESTAMP_SIZE};
}

static bool same_but_for_case(const char *a, const char *b, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        char difference = (char)(a[i] ^ b[i]);
        char letter = (char)(a[i] | 0x20);

        if (difference != 0 &&
            (difference != 0x20 || letter < 'a' || letter > 'z')) {
            return false;
        }
    }
    return true;
}

/* headers[name] for a name in other case. [-0, +1, -] */
static int headers_index(lua_State *L)
{
    size_t len = 0;
    const char *name = NULL;

    luaL_checktype(L, 1, LUA_TTABLE); /* getmetatable gives this to anybody */
    lua_settop(L, 2);
    if (lua_type(L, 2) != LUA_TSTRING) {
        return 0;
    }
    name = lua_tolstring(L, 2, &len);
    lua_pushnil(L);
    while (lua_next(L, 1)) { /* name, value */
        if (lua_type(L, -2) == LUA_TSTRING && lua_rawlen(L, -2) == len &&
            same_but_for_case(lua_tostring(L, -2), name, len)) {
            return 1;
        }
        lua_pop(L, 1);
    }
    return 0;
}

/* The metatable of the headers to add. [-0, +1, m] */
static void push_headers_metatable(lua_State *L)
{
    if (appint_new_metatable(L, HEADERS_TYPE)) {
        lua_pushcfunction(L, headers_index);
        lua_setfield(L, -2, "__index");
        appint_register_metatable(L, HEADERS_TYPE);
    }
}

/* The headers to add, by the names that go on the wire. [-0, +1, e] */
static void push_headers(lua_State *L, const struct signer *signer,
                         const struct appint_sigv4_context *context)
{
    struct appint_slice token = context->credentials.session_token;

    lua_createtable(L, 0, 2 + (token.len > 0) + context->sign_body_header);
    lua_pushvalue(L, lua_upvalueindex(HEADERS_METATABLE));
    lua_setmetatable(L, -2);
    set_slice(L, AUTHORIZATION, appint_buf_slice(&signer->sigv4.result));
    set_slice(L, DATE, timestamp_of(signer));
    if (token.len > 0) {
        set_slice(L, SECURITY_TOKEN, token);
    }
    if (context->sign_body_header) {
        set_slice(L, CONTENT_SHA256, signer->sigv4.payload_hash);
    }
}

/* What the signature came from. [-0, +1, e] */
static void push_parts(lua_State *L, const struct signer *signer)
{
    const struct appint_sigv4 *sigv4 = &signer->sigv4;

    lua_createtable(L, 0, 4);
    set_slice(L, CANONICAL_REQUEST,
              appint_buf_slice(&sigv4->canonical_request));
    set_slice(L, STRING_TO_SIGN, appint_buf_slice(&sigv4->string_to_sign));
    set_slice(L, SIGNED_HEADERS, appint_buf_slice(&sigv4->signed_headers));
    set_slice(L, SIGNATURE,
              (struct appint_slice){sigv4->signature, sizeof sigv4->signature});
}

/* --- Functions --------------------------------------------------------- */

static int sign(lua_State *L, bool presign)
{
    struct appint_sign_call call = {0};
    struct signer *signer;

    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_checktype(L, 2, LUA_TTABLE);
    luaL_checkstack(L, STACK_SLOTS, APPINT_STACK_ERROR);
    lua_settop(L, 2);
    appint_push_sign_arguments(L, 1, 2, &call);
    call.context.presign = presign;
    signer = sign_call(L, &call);
    if (presign) {
        appint_push_buf(L, &signer->sigv4.result);
    } else {
        push_headers(L, signer, &call.context);
    }
    push_parts(L, signer);
    release_signer(signer);
    return 2;
}

/* sign(request, context) -> headers to add, parts */
static int l_sign(lua_State *L)
{
    return sign(L, false);
}

/* presign(request, context) -> query to append, parts */
static int l_presign(lua_State *L)
{
    return sign(L, true);
}

/* Sets string VALUE, if it is not empty, or nil. [-0, +0, e] */
static void set_header(lua_State *L, int headers, const char *name,
                       struct appint_slice value)
{
    if (value.len > 0) {
        lua_pushlstring(L, value.data, value.len);
    } else {
        lua_pushnil(L);
    }
    lua_setfield(L, headers, name);
}

/*
 * Reads what the client's own ways of signing have first: request, credentials,
 * region, service, time. Cuts off what is behind the ARGUMENTS. [-0, +0, e]
 */
static void check_client_call(lua_State *L, int arguments,
                              struct appint_sign_call *call)
{
    struct appint_sigv4_context *context = &call->context;

    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_checktype(L, 2, LUA_TTABLE);
    context->region = appint_check_slice(L, 3);
    context->service = appint_check_slice(L, 4);
    context->time = appint_whole_number(L, luaL_checknumber(L, 5), "time");
    context->normalize_path = true;
    context->double_encode_path = true;
    luaL_checkstack(L, STACK_SLOTS, APPINT_STACK_ERROR);
    lua_settop(L, arguments);
}

/*
 * sign_request(request, credentials, region, service, time): the way of
 * requests for credentials. Sets the headers in request.headers, which has
 * names in lower case and may have been signed before.
 */
static int l_sign_request(lua_State *L)
{
    struct appint_sign_call call = {0};
    struct appint_slice *token = &call.context.credentials.session_token;
    struct signer *signer;

    check_client_call(L, 5, &call);
    appint_push_client_arguments(L, 1, 2, &call);
    if (token->len == 0) {
        set_header(L, call.headers, "x-amz-security-token", *token);
    }
    signer = sign_call(L, &call);
    set_header(L, call.headers, "authorization",
               appint_buf_slice(&signer->sigv4.result));
    set_header(L, call.headers, "x-amz-date", timestamp_of(signer));
    release_signer(signer);
    if (token->len > 0) {
        set_header(L, call.headers, "x-amz-security-token", *token);
    }
    return 0;
}

static void append_line(struct appint_buf *lines, struct appint_slice name,
                        struct appint_slice value)
{
    appint_buf_append_slice(lines, name);
    appint_buf_append_slice(lines, APPINT_LITERAL(": "));
    appint_buf_append_slice(lines, value);
    appint_buf_append_char(lines, '\n');
}

/*
 * header_lines(request, credentials, region, service, time, head, attempt): the
 * way of calls. All headers of the request, signed, as lines: those of HEAD,
 * ATTEMPT as amz-sdk-request, and the signature's. The request has no headers,
 * but a URL in the place of path and query.
 */
static int l_header_lines(lua_State *L)
{
    struct appint_sign_call call = {0};
    struct appint_slice *token = &call.context.credentials.session_token;
    struct appint_slice head = appint_check_slice(L, 6);
    struct appint_slice attempt = appint_check_slice(L, 7);
    struct signer *signer = NULL;
    struct appint_buf *lines = NULL;

    check_client_call(L, 7, &call);
    appint_push_call_arguments(L, 1, 2, &call);
    signer = take_signer(L);
    lines = &signer->lines;
    appint_buf_append_slice(lines, head);
    append_line(lines, APPINT_LITERAL("amz-sdk-request"), attempt);
    add_lines(signer, appint_buf_slice(lines));
    sign_added(L, signer, &call);
    append_line(lines, APPINT_LITERAL("x-amz-date"), timestamp_of(signer));
    if (token->len > 0) {
        append_line(lines, APPINT_LITERAL("x-amz-security-token"), *token);
    }
    append_line(lines, APPINT_LITERAL("authorization"),
                appint_buf_slice(&signer->sigv4.result));
    appint_push_buf(L, lines);
    release_signer(signer);
    return 1;
}

static int push_digest(lua_State *L, enum appint_status status,
                       const unsigned char digest[APPINT_SHA256_SIZE])
{
    if (status != APPINT_OK) {
        return luaL_error(L, "%s", appint_status_text(status));
    }
    lua_pushlstring(L, (const char *)digest, APPINT_SHA256_SIZE);
    return 1;
}

/* forget(): no key that was derived stays, nor what it was derived from. */
static int l_forget(lua_State *L)
{
    appint_signing_keys_free(&get_module(L)->signer.sigv4.keys);
    return 0;
}

/* sha256(data) -> 32 bytes */
static int l_sha256(lua_State *L)
{
    struct appint_slice data = appint_check_slice(L, 1);
    struct appint_crypto *crypto = get_crypto(L);
    unsigned char digest[APPINT_SHA256_SIZE];
    enum appint_status status;

    appint_crypto_begin();
    status = appint_sha256(crypto, data, digest);
    appint_crypto_end();
    return push_digest(L, status, digest);
}

/* hmac_sha256(key, data) -> 32 bytes */
static int l_hmac_sha256(lua_State *L)
{
    struct appint_slice key = appint_check_slice(L, 1);
    struct appint_slice data = appint_check_slice(L, 2);
    struct appint_crypto *crypto = get_crypto(L);
    EVP_MAC_CTX *context = NULL;
    unsigned char digest[APPINT_SHA256_SIZE];
    enum appint_status status;

    appint_crypto_begin();
    status = appint_hmac_once(crypto, &context, key, data, digest);
    appint_hmac_free(context);
    appint_crypto_end();
    return push_digest(L, status, digest);
}

/* Pushes the bytes of BUF and releases it. [-0, +1, e] */
static int finish_buffer(lua_State *L, struct appint_buf *buf)
{
    appint_push_buf(L, buf);
    appint_buf_free(buf);
    return 1;
}

/* hex(data) -> lower-case digits */
static int l_hex(lua_State *L)
{
    struct appint_slice data = appint_check_slice(L, 1);
    struct appint_buf *buf = appint_push_buffer(L);
    char *to =
        data.len > SIZE_MAX / 2 ? NULL : appint_buf_reserve(buf, 2 * data.len);

    if (to != NULL) {
        appint_hex(to, (const unsigned char *)data.data, data.len);
        buf->len = 2 * data.len;
    }
    return finish_buffer(L, buf);
}

/* uri_encode(text [, keep_slash]) */
static int l_uri_encode(lua_State *L)
{
    struct appint_slice text = appint_check_slice(L, 1);
    bool keep_slash = lua_toboolean(L, 2);
    struct appint_buf *buf = appint_push_buffer(L);

    appint_uri_encode(buf, text.data, text.len, keep_slash);
    return finish_buffer(L, buf);
}

/* uri_canonicalize(text [, keep_slash]) */
static int l_uri_canonicalize(lua_State *L)
{
    struct appint_slice text = appint_check_slice(L, 1);
    bool keep_slash = lua_toboolean(L, 2);
    struct appint_buf *buf = appint_push_buffer(L);

    appint_uri_canonicalize(buf, text.data, text.len, keep_slash);
    return finish_buffer(L, buf);
}

static const luaL_Reg functions[] = {
    {"sign", l_sign},
    {"presign", l_presign},
    {"sign_request", l_sign_request},
    {"header_lines", l_header_lines},
    {"forget", l_forget},
    {"sha256", l_sha256},
    {"hmac_sha256", l_hmac_sha256},
    {"hex", l_hex},
    {"uri_encode", l_uri_encode},
    {"uri_canonicalize", l_uri_canonicalize},
    {NULL, NULL},
};

int luaopen_appintegrations_signing(lua_State *L)
{
    struct module *module;

    appint_check_version(L);
    /* For the upvalues twice, or luaL_setfuncs would say in words of its own
     * that there is no memory. */
    luaL_checkstack(L, 2 * UPVALUES + LUA_MINSTACK, APPINT_STACK_ERROR);
    lua_newtable(L);
    module = appint_push_owner(L, sizeof *module, MODULE_TYPE, module_gc);
    module->allocator = appint_lua_allocator(L);
    push_headers_metatable(L);
    for (int i = AUTHORIZATION; i <= UPVALUES; i++) {
        lua_pushstring(L, result_names[i]);
    }
    luaL_setfuncs(L, functions, UPVALUES);
    luaL_setfuncs(L, appint_tokens_functions, 0);
    return 1;
}
