/* SPDX-License-Identifier: MIT */
/*
 * Options and outcomes of libcurl's easy handles: see easy.h. Callbacks only
 * collect bytes.
 */

#include "easy.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static pthread_once_t init_once = PTHREAD_ONCE_INIT;
static CURLcode init_result = CURLE_FAILED_INIT;

static void init_libcurl(void)
{
    init_result = curl_global_init(CURL_GLOBAL_DEFAULT);
}

static void trust_host(void)
{
    init_result = CURLE_OK;
}

void appint_curl_leave_to_host(void)
{
    pthread_once(&init_once, trust_host);
}

enum appint_status appint_curl_init(struct appint_error *error)
{
    pthread_once(&init_once, init_libcurl);
    if (init_result != CURLE_OK) {
        return appint_fail(error, APPINT_E_SYSTEM, "libcurl: %s",
                           curl_easy_strerror(init_result));
    }
    return APPINT_OK;
}

/* ---- settings ---------------------------------------------------------- */

static void store(struct appint_buf *buf, const char *string)
{
    if (string != NULL && string[0] != '\0') {
        appint_buf_append(buf, string, strlen(string) + 1);
    }
}

/* The stored string, or OTHERWISE. */
static const char *stored(const struct appint_buf *buf, const char *otherwise)
{
    return buf->len > 0 ? buf->data : otherwise;
}

static bool is_proxy_scheme(const char *scheme)
{
    static const char *const schemes[] = {"http",    "https",  "socks4",
                                          "socks4a", "socks5", "socks5h"};

    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
        if (strcmp(scheme, schemes[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* The port that the other SDKs take where a proxy's URL has none; libcurl
 * would take 1080 for all of them. */
static const char *default_proxy_port(const char *scheme)
{
    return strcmp(scheme, "http") == 0    ? "80"
           : strcmp(scheme, "https") == 0 ? "443"
                                          : "1080";
}

/* The parts of URL that go into SETTINGS; false when one is missing. */
static bool store_proxy_parts(struct appint_settings *settings, CURLU *url)
{
    char *scheme = NULL;
    char *host = NULL;
    char *port = NULL;
    char *whole = NULL;
    bool ok = curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
              is_proxy_scheme(scheme) &&
              curl_url_get(url, CURLUPART_HOST, &host, 0) == CURLUE_OK;

    if (ok && curl_url_get(url, CURLUPART_PORT, &port, 0) != CURLUE_OK) {
        ok = curl_url_set(url, CURLUPART_PORT, default_proxy_port(scheme), 0) ==
                 CURLUE_OK &&
             curl_url_get(url, CURLUPART_PORT, &port, 0) == CURLUE_OK;
    }
    ok = ok && curl_url_get(url, CURLUPART_URL, &whole, 0) == CURLUE_OK;
    if (ok) {
        store(&settings->proxy, whole);
        appint_buf_append_string(&settings->proxy_place, host);
        appint_buf_append_char(&settings->proxy_place, ':');
        appint_buf_append(&settings->proxy_place, port, strlen(port) + 1);
    }
    curl_free(scheme);
    curl_free(host);
    curl_free(port);
    curl_free(whole);
    return ok;
}

static enum appint_status store_proxy(struct appint_settings *settings,
                                      const char *proxy,
                                      struct appint_error *error)
{
    CURLU *url = NULL;
    bool ok = true;

    if (proxy == NULL || proxy[0] == '\0') {
        return APPINT_OK;
    }
    url = curl_url();
    if (url == NULL) {
        return APPINT_E_NOMEM;
    }
    ok = curl_url_set(url, CURLUPART_URL, proxy,
                      CURLU_GUESS_SCHEME | CURLU_NON_SUPPORT_SCHEME) ==
             CURLUE_OK &&
         store_proxy_parts(settings, url);
    curl_url_cleanup(url);
    if (!ok) {
        return appint_fail(error, APPINT_E_ARG,
                           "the proxy is no URL like http://host:port");
    }
    return APPINT_OK;
}

enum appint_status
appint_settings_new(const struct appint_allocator *allocator,
                    const struct appint_settings_source *source,
                    struct appint_settings **out, struct appint_error *error)
{
    struct appint_settings *settings =
        appint_realloc(allocator, NULL, 0, sizeof *settings);
    enum appint_status status = APPINT_OK;

    if (settings == NULL) {
        return appint_fail(error, APPINT_E_NOMEM, "not enough memory");
    }
    memset(settings, 0, sizeof *settings);
    settings->allocator = *allocator;
    settings->references = 1;
    settings->verify_tls = source->verify_tls;
    appint_buf_init(&settings->ca_bundle, allocator);
    appint_buf_init(&settings->proxy, allocator);
    appint_buf_init(&settings->proxy_place, allocator);
    appint_buf_init(&settings->no_proxy, allocator);
    store(&settings->ca_bundle, source->ca_bundle);
    store(&settings->no_proxy, source->no_proxy);
    status = store_proxy(settings, source->proxy, error);
    if (status == APPINT_OK && settings->ca_bundle.len > 0 &&
        access(settings->ca_bundle.data, R_OK) != 0) {
        status =
            appint_fail(error, APPINT_E_ARG, "the CA bundle %s cannot be read",
                        settings->ca_bundle.data);
    }
    if (settings->ca_bundle.failed || settings->proxy.failed ||
        settings->proxy_place.failed || settings->no_proxy.failed) {
        status = appint_fail(error, APPINT_E_NOMEM, "not enough memory");
    }
    if (status != APPINT_OK) {
        appint_settings_release(settings);
        return status;
    }
    *out = settings;
    return APPINT_OK;
}

void appint_settings_retain(struct appint_settings *settings)
{
    settings->references++;
}

void appint_settings_release(struct appint_settings *settings)
{
    struct appint_allocator allocator;

    if (settings == NULL || --settings->references > 0) {
        return;
    }
    allocator = settings->allocator;
    appint_buf_free(&settings->ca_bundle);
    appint_buf_wipe(&settings->proxy); /* may hold a password */
    appint_buf_free(&settings->proxy_place);
    appint_buf_free(&settings->no_proxy);
    appint_realloc(&allocator, settings, sizeof *settings, 0);
}

/* ---- options ----------------------------------------------------------- */

/* libcurl aborts the transfer when fewer bytes are taken than it gave. */
static size_t on_header(char *data, size_t size, size_t count, void *owner)
{
    struct appint_handle *handle = owner;

    return appint_transfer_header_line(handle->transfer, data, size * count)
               ? size * count
               : 0;
}

static size_t on_body(char *data, size_t size, size_t count, void *owner)
{
    struct appint_handle *handle = owner;

    return appint_transfer_receive(handle->transfer, data, size * count)
               ? size * count
               : 0;
}

/* Every curl_easy_setopt here sets a pointer or a number and cannot fail for
 * a reason other than an option that this libcurl does not have. */
static void set_http(CURL *easy)
{
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 1L);
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(easy, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl_easy_setopt(easy, CURLOPT_HTTP09_ALLOWED, 0L);
    /* Authorization and the session token are not for the proxy's eyes. */
    curl_easy_setopt(easy, CURLOPT_HEADEROPT, (long)CURLHEADER_SEPARATE);
    curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    /* The service answers small requests one by one: HTTP/2 would cost more
     * bytes and CPU per call and save nothing. */
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
#if LIBCURL_VERSION_NUM >= 0x075500
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
#else
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS,
                     (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
}

static void set_connection(CURL *easy)
{
    curl_easy_setopt(easy, CURLOPT_TCP_NODELAY, 1L);
    /* Probes notice a peer that has gone while a slow answer is awaited. */
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPIDLE, 60L);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPINTVL, 30L);
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
#if LIBCURL_VERSION_NUM >= 0x075700
    /* A name lookup that hangs in its thread is left to end by itself:
     * cancelling must not wait for it. The thread frees what it holds. */
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
#endif
}

static void set_callbacks(struct appint_handle *handle,
                          const struct appint_socket_functions *sockets)
{
    CURL *easy = handle->easy;

    curl_easy_setopt(easy, CURLOPT_PRIVATE, handle);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, handle->text);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, handle);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, handle);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, sockets->open);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, sockets->owner);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, sockets->close);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, sockets->owner);
}

struct appint_handle *
appint_handle_new(const struct appint_allocator *allocator,
                  const struct appint_socket_functions *sockets)
{
    struct appint_handle *handle =
        appint_realloc(allocator, NULL, 0, sizeof *handle);

    if (handle == NULL) {
        return NULL;
    }
    memset(handle, 0, sizeof *handle);
    handle->allocator = *allocator;
    handle->easy = curl_easy_init();
    if (handle->easy == NULL) {
        appint_handle_abandon(handle);
        return NULL;
    }
    set_http(handle->easy);
    set_connection(handle->easy);
    set_callbacks(handle, sockets);
    return handle;
}

void appint_handle_free(struct appint_handle *handle)
{
    curl_easy_cleanup(handle->easy);
    appint_handle_abandon(handle);
}

void appint_handle_abandon(struct appint_handle *handle)
{
    struct appint_allocator allocator = handle->allocator;

    appint_settings_release(handle->applied);
    appint_realloc(&allocator, handle, sizeof *handle, 0);
}

/* The bundle that libcurl was built with, if it is there: NULL otherwise. */
static const char *system_bundle(void)
{
    const char *path = curl_version_info(CURLVERSION_NOW)->cainfo;

    return path != NULL && access(path, R_OK) == 0 ? path : NULL;
}

/* With a CA directory, libcurl reads all certificates again for every new
 * connection (33 ms on Debian); with a bundle alone it keeps them parsed. */
static bool set_trust(CURL *easy, const struct appint_settings *settings)
{
    const char *bundle = stored(&settings->ca_bundle, system_bundle());
    long verify = settings->verify_tls ? 1L : 0L;
    CURLcode code = CURLE_OK;

    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, verify);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, verify * 2L);
    curl_easy_setopt(easy, CURLOPT_PROXY_SSL_VERIFYPEER, verify);
    curl_easy_setopt(easy, CURLOPT_PROXY_SSL_VERIFYHOST, verify * 2L);
    if (bundle == NULL) {
        return true; /* libcurl's defaults have to do */
    }
    code = curl_easy_setopt(easy, CURLOPT_CAINFO, bundle);
    curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    if (code == CURLE_OK) {
        code = curl_easy_setopt(easy, CURLOPT_PROXY_CAINFO, bundle);
    }
    curl_easy_setopt(easy, CURLOPT_PROXY_CAPATH, NULL);
    return code == CURLE_OK;
}

static bool apply_settings(struct appint_handle *handle,
                           struct appint_settings *settings)
{
    CURL *easy = handle->easy;

    if (handle->applied == settings) {
        return true;
    }
    appint_settings_release(handle->applied);
    handle->applied = NULL;
    /* Empty strings, not NULL: NULL would mean the environment's proxies. */
    if (!set_trust(easy, settings) ||
        curl_easy_setopt(easy, CURLOPT_PROXY, stored(&settings->proxy, "")) !=
            CURLE_OK ||
        curl_easy_setopt(easy, CURLOPT_NOPROXY,
                         stored(&settings->no_proxy, "")) != CURLE_OK) {
        return false;
    }
    appint_settings_retain(settings);
    handle->applied = settings;
    return true;
}

/* POST and its kin always have a length, GET and DELETE only with a body. */
static bool set_method(CURL *easy, const struct appint_transfer *transfer)
{
    const char *method = transfer->text.data + transfer->method_at;
    bool is_get = strcmp(method, "GET") == 0;
    bool is_head = strcmp(method, "HEAD") == 0;
    bool bodiless = is_get || is_head || strcmp(method, "DELETE") == 0;
    const char *custom;

    if (transfer->has_body || !bodiless) {
        curl_easy_setopt(easy, CURLOPT_NOBODY, 0L);
        curl_easy_setopt(easy, CURLOPT_POST, 1L);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS,
                         transfer->body.len > 0 ? transfer->body.data : "");
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                         (curl_off_t)transfer->body.len);
        custom = strcmp(method, "POST") == 0 ? NULL : method;
    } else {
        curl_easy_setopt(easy, CURLOPT_NOBODY, is_head ? 1L : 0L);
        curl_easy_setopt(easy, CURLOPT_HTTPGET, is_head ? 0L : 1L);
        custom = is_get || is_head ? NULL : method;
    }
    return curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, custom) == CURLE_OK;
}

bool appint_handle_begin(struct appint_handle *handle,
                         struct appint_transfer *transfer)
{
    CURL *easy = handle->easy;

    if (!apply_settings(handle, transfer->settings) ||
        !set_method(easy, transfer) ||
        curl_easy_setopt(easy, CURLOPT_URL,
                         transfer->text.data + transfer->url_at) != CURLE_OK) {
        return false;
    }
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER,
                     (struct curl_slist *)(void *)transfer->nodes.data);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, transfer->timeout_ms);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                     transfer->connect_timeout_ms);
    curl_easy_setopt(easy, CURLOPT_MAXFILESIZE_LARGE,
                     (curl_off_t)transfer->max_response_bytes);
    handle->text[0] = '\0';
    handle->transfer = transfer;
    transfer->handle = handle;
    return true;
}

void appint_handle_detach(struct appint_handle *handle)
{
    handle->transfer->handle = NULL;
    handle->transfer = NULL;
}

/* ---- outcomes ---------------------------------------------------------- */

bool appint_handle_connected(const struct appint_handle *handle)
{
    curl_off_t microseconds = 0;

    curl_easy_getinfo(handle->easy, CURLINFO_PRETRANSFER_TIME_T, &microseconds);
    return microseconds > 0;
}

/* libcurl does not say whether no_proxy exempted a host. A failed connection
 * was the proxy's unless libcurl's text names the host of the URL. */
static bool is_proxys(const struct appint_handle *handle)
{
    const struct appint_transfer *transfer = handle->transfer;
    char place[APPINT_ERROR_TEXT_SIZE];
    char host_port[APPINT_ERROR_TEXT_SIZE + 8];
    char *colon = NULL;

    if (transfer->settings->proxy.len == 0) {
        return false;
    }
    appint_transfer_place(transfer, place, sizeof place);
    colon = strrchr(place, ':');
    *colon = '\0';
    snprintf(host_port, sizeof host_port, "%s port %s", place, colon + 1);
    return strstr(handle->text, host_port) == NULL;
}

static long connect_status(const struct appint_handle *handle)
{
    long status = 0;

    curl_easy_getinfo(handle->easy, CURLINFO_HTTP_CONNECTCODE, &status);
    return status;
}

/* A receive or send that failed. Before the connection stands, only a proxy
 * is spoken to in clear; TLS has codes of its own. */
static enum appint_failure classify_exchange(const struct appint_handle *handle)
{
    if (handle->transfer->settings->proxy.len > 0 &&
        !appint_handle_connected(handle)) {
        return APPINT_PROXY_ERROR;
    }
    if (strstr(handle->text, "chunked-encoding") != NULL) {
        return APPINT_INVALID_RESPONSE; /* no code of its own in libcurl */
    }
    return APPINT_CONNECTION_ERROR;
}

static enum appint_failure classify(const struct appint_handle *handle,
                                    CURLcode code)
{
    switch (code) {
    case CURLE_OK:
        return APPINT_NO_FAILURE;
    case CURLE_OPERATION_TIMEDOUT:
        return appint_handle_connected(handle) ? APPINT_ATTEMPT_TIMEOUT
                                               : APPINT_CONNECT_TIMEOUT;
    case CURLE_COULDNT_RESOLVE_HOST:
        return APPINT_DNS_ERROR;
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_PROXY:
        return APPINT_PROXY_ERROR;
    case CURLE_COULDNT_CONNECT:
        return is_proxys(handle) ? APPINT_PROXY_ERROR : APPINT_CONNECTION_ERROR;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_SSL_SHUTDOWN_FAILED:
    case CURLE_SSL_ENGINE_INITFAILED:
    case CURLE_USE_SSL_FAILED:
        return APPINT_TLS_ERROR;
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_URL_MALFORMAT:
        return APPINT_INVALID_CONFIG;
    case CURLE_UNSUPPORTED_PROTOCOL: /* HTTP/0.9: bytes without a status line */
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_BAD_CONTENT_ENCODING:
        return APPINT_INVALID_RESPONSE;
    case CURLE_FILESIZE_EXCEEDED:
        return APPINT_TOO_LARGE;
    case CURLE_WRITE_ERROR:
        return handle->transfer->too_large ? APPINT_TOO_LARGE
                                           : APPINT_OUT_OF_MEMORY;
    case CURLE_OUT_OF_MEMORY:
        return APPINT_OUT_OF_MEMORY;
    default:
        return classify_exchange(handle);
    }
}

/* The system's reason, else libcurl's words. Never for the proxy's sake:
 * libcurl quotes a malformed proxy with its password. */
static void reason(const struct appint_handle *handle, CURLcode code, char *out,
                   size_t size)
{
    char system_text[128];
    long number = 0;

    curl_easy_getinfo(handle->easy, CURLINFO_OS_ERRNO, &number);
    if (code == CURLE_COULDNT_CONNECT && number != 0) {
        snprintf(out, size, "%s",
                 strerror_r((int)number, system_text, sizeof system_text));
    } else if (handle->text[0] != '\0' && code != CURLE_COULDNT_CONNECT &&
               code != CURLE_COULDNT_RESOLVE_PROXY) {
        snprintf(out, size, "%s", handle->text);
    } else {
        snprintf(out, size, "%s", curl_easy_strerror(code));
    }
}

static void describe_connection(const struct appint_handle *handle,
                                CURLcode code, const char *place,
                                const char *why)
{
    struct appint_error *error = &handle->transfer->error;

    switch (code) {
    case CURLE_COULDNT_CONNECT:
        appint_fail(error, APPINT_OK,
                    "could not connect to %s: %s (is the endpoint right, and "
                    "the service listening?)",
                    place, why);
        break;
    case CURLE_GOT_NOTHING:
        appint_fail(error, APPINT_OK,
                    "%s closed the connection without an answer", place);
        break;
    case CURLE_PARTIAL_FILE:
        appint_fail(error, APPINT_OK,
                    "the answer of %s ended before it was complete: %s", place,
                    why);
        break;
    default:
        appint_fail(error, APPINT_OK, "the connection to %s failed: %s", place,
                    why);
        break;
    }
}

static void describe_proxy(const struct appint_handle *handle,
                           const char *place, const char *why)
{
    struct appint_error *error = &handle->transfer->error;
    const char *proxy = stored(&handle->transfer->settings->proxy_place, "?");
    long status = connect_status(handle);

    if (status == 407) {
        appint_fail(error, APPINT_OK,
                    "the proxy %s wants a user and password (HTTP 407), or "
                    "others than the proxy option has",
                    proxy);
    } else if (status != 0) {
        appint_fail(error, APPINT_OK,
                    "the proxy %s refused to connect to %s: HTTP %ld", proxy,
                    place, status);
    } else {
        appint_fail(error, APPINT_OK,
                    "could not reach %s through the proxy %s: %s", place, proxy,
                    why);
    }
}

static void describe_tls(const struct appint_handle *handle, CURLcode code,
                         const char *place, const char *why)
{
    appint_fail(&handle->transfer->error, APPINT_OK, "TLS with %s failed: %s%s",
                place, why,
                code == CURLE_PEER_FAILED_VERIFICATION
                    ? " (a private authority's certificates go into the "
                      "ca_bundle option)"
                    : "");
}

static void describe_config(const struct appint_handle *handle, CURLcode code,
                            const char *place)
{
    const struct appint_settings *settings = handle->transfer->settings;

    if (code == CURLE_SSL_CACERT_BADFILE) {
        appint_fail(&handle->transfer->error, APPINT_OK,
                    "the CA bundle %s holds no certificates that can be read",
                    stored(&settings->ca_bundle, "of the system"));
    } else {
        appint_fail(&handle->transfer->error, APPINT_OK,
                    "'%s' is no host and port", place);
    }
}

/* What happened, with whom, and what to look at: no header, path or query. */
static void describe(const struct appint_handle *handle, CURLcode code)
{
    struct appint_transfer *transfer = handle->transfer;
    struct appint_error *error = &transfer->error;
    double seconds = (double)transfer->moments[APPINT_TOTAL] / 1e6;
    char place[APPINT_ERROR_TEXT_SIZE / 2];
    char why[CURL_ERROR_SIZE];

    appint_transfer_place(transfer, place, sizeof place);
    reason(handle, code, why, sizeof why);
    switch (transfer->failure) {
    case APPINT_DNS_ERROR:
        appint_fail(error, APPINT_OK,
                    "could not resolve the host of %s (is the region or "
                    "endpoint right, and is there a network?)",
                    place);
        break;
    case APPINT_CONNECTION_ERROR:
        describe_connection(handle, code, place, why);
        break;
    case APPINT_TLS_ERROR:
        describe_tls(handle, code, place, why);
        break;
    case APPINT_PROXY_ERROR:
        describe_proxy(handle, place, why);
        break;
    case APPINT_CONNECT_TIMEOUT:
        appint_fail(error, APPINT_OK, "no connection to %s within %.3g s",
                    place, seconds);
        break;
    case APPINT_ATTEMPT_TIMEOUT:
        appint_fail(error, APPINT_OK, "no complete answer from %s in %.3g s",
                    place, seconds);
        break;
    case APPINT_TOO_LARGE:
        appint_fail(error, APPINT_OK,
                    "the answer of %s is larger than max_response_bytes (%zu) "
                    "or has too many headers",
                    place, transfer->max_response_bytes);
        break;
    case APPINT_INVALID_RESPONSE:
        appint_fail(error, APPINT_OK, "%s does not answer in HTTP: %s", place,
                    why);
        break;
    case APPINT_INVALID_CONFIG:
        describe_config(handle, code, place);
        break;
    case APPINT_NO_FAILURE:
    case APPINT_OUT_OF_MEMORY:
        break;
    }
}

void appint_handle_end(struct appint_handle *handle, CURLcode code)
{
    static const CURLINFO infos[APPINT_MOMENTS] = {
        [APPINT_NAME_LOOKUP] = CURLINFO_NAMELOOKUP_TIME_T,
        [APPINT_CONNECT] = CURLINFO_CONNECT_TIME_T,
        [APPINT_TLS] = CURLINFO_APPCONNECT_TIME_T,
        [APPINT_FIRST_BYTE] = CURLINFO_STARTTRANSFER_TIME_T,
        [APPINT_TOTAL] = CURLINFO_TOTAL_TIME_T,
    };
    struct appint_transfer *transfer = handle->transfer;

    for (int i = 0; i < APPINT_MOMENTS; i++) {
        curl_off_t microseconds = 0;

        curl_easy_getinfo(handle->easy, infos[i], &microseconds);
        transfer->moments[i] = microseconds;
    }
    curl_easy_getinfo(handle->easy, CURLINFO_RESPONSE_CODE, &transfer->status);
    transfer->failure = classify(handle, code);
    describe(handle, code);
    appint_handle_detach(handle);
}
