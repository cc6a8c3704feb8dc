/* SPDX-License-Identifier: MIT */
/*
 * Options of libcurl's easy handles, and what is read from them at the end: see
 * easy.h. Callbacks only collect bytes.
 */

#include "transport/easy.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "transport/tls.h"
#include "transport/verdict.h"

#if LIBCURL_VERSION_NUM < 0x075000
#error "libcurl 7.80 or later is needed"
#endif

/* Timeouts are the engine's; libcurl, which shares them out among a host's
 * addresses, has them a little later. In milliseconds. */
enum { GRACE = 20 };

/* ---- options ----------------------------------------------------------- */

/* As much of a proxy's header as of a service's. */
enum { MAX_PROXY_BYTES = 256 * 1024 };

/* The answer to CONNECT: nothing of it is kept. */
static bool read_proxy_line(struct appint_handle *handle, const char *line,
                            size_t len)
{
    handle->proxy_bytes += len;
    handle->proxy_answered = line[0] == '\r' || line[0] == '\n';
    return handle->proxy_bytes <= MAX_PROXY_BYTES;
}

/*
 * libcurl aborts the transfer when fewer bytes are taken than it gave. When a
 * transfer is taken from it, newer versions still hand over what they have kept
 * back: then nobody wants it any more.
 */
static size_t on_header(char *data, size_t size, size_t count, void *owner)
{
    struct appint_handle *handle = owner;
    struct appint_transfer *transfer = handle->transfer;
    size_t len = size * count;
    bool taken = false;

    if (transfer != NULL && handle->sending) {
        taken = appint_answer_header_line(&transfer->answer, data, len);
    } else if (transfer != NULL) {
        taken = read_proxy_line(handle, data, len);
    }
    return taken ? len : 0;
}

static size_t on_body(char *data, size_t size, size_t count, void *owner)
{
    struct appint_handle *handle = owner;
    struct appint_transfer *transfer = handle->transfer;
    size_t len = size * count;

    return transfer != NULL &&
                   appint_answer_receive(&transfer->answer, data, len)
               ? len
               : 0;
}

/* A kept connection that has died makes libcurl open another one and send the
 * request again. How often a request is sent is for who counts and pays for it
 * to decide: the second sending is refused, here or before it begins. */
static curl_socket_t on_open(void *owner, curlsocktype purpose,
                             struct curl_sockaddr *address)
{
    struct appint_handle *handle = owner;

    (void)purpose;
    if (handle->sending || handle->transfer == NULL) {
        handle->resending = true;
        return CURL_SOCKET_BAD;
    }
    handle->connecting = true;
    return handle->sockets.open(handle->sockets.owner, handle->transfer->id,
                                address);
}

/* Since 8.22 libcurl looks once a second at most whether a connection that it
 * keeps is alive. */
enum { SELDOM_LOOKS = 0x081600 };

/* Whether the other side has closed the connection that is about to be used.
 * (Bytes may be there that TLS has not read: new session tickets.) */
static bool is_dead(const struct appint_handle *handle)
{
    curl_socket_t fd = CURL_SOCKET_BAD;
    char byte;

    curl_easy_getinfo(handle->easy, CURLINFO_ACTIVESOCKET, &fd);
    if (fd == CURL_SOCKET_BAD) {
        return false;
    }
    for (;;) {
        ssize_t got = recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);

        if (got >= 0 || errno != EINTR) {
            return got == 0 || (got < 0 && errno != EAGAIN);
        }
    }
}

/* CURLOPT_PREREQFUNCTION: name resolution, connection, tunnel and handshake
 * are done. */
static int on_request(void *owner, char *peer, char *local, int peer_port,
                      int local_port)
{
    struct appint_handle *handle = owner;

    (void)peer;
    (void)local;
    (void)peer_port;
    (void)local_port;
    if (handle->sending) {
        handle->resending = true;
        return CURL_PREREQFUNC_ABORT;
    }
    handle->dead = handle->looks && !handle->connecting && is_dead(handle);
    handle->sending = !handle->dead;
    return handle->dead ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
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
    curl_easy_setopt(easy, CURLOPT_HTTP_TRANSFER_DECODING, 0L); /* chunks.h */
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
    curl_easy_setopt(easy, CURLOPT_NOPROXY, ""); /* no_proxy.h */
    /* Probes notice a peer that has gone while a slow answer is awaited. */
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPIDLE, 60L);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPINTVL, 30L);
    appint_tls_set_version(easy);
#if LIBCURL_VERSION_NUM >= 0x075700
    /* A name lookup that hangs in its thread is left to end by itself:
     * cancelling must not wait for it. The thread frees what it holds. */
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
#endif
}

static void set_callbacks(struct appint_handle *handle)
{
    CURL *easy = handle->easy;

    curl_easy_setopt(easy, CURLOPT_PRIVATE, handle);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, handle->text);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, handle);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, handle);
    curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_request);
    curl_easy_setopt(easy, CURLOPT_PREREQDATA, handle);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, handle);
    /* A connection may outlive the handle that has made it. */
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, handle->sockets.close);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, handle->sockets.owner);
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
    handle->sockets = *sockets;
    appint_buf_init(&handle->origin, allocator);
    handle->url = curl_url();
    handle->easy = handle->url != NULL ? curl_easy_init() : NULL;
    if (handle->easy == NULL) {
        appint_handle_abandon(handle);
        return NULL;
    }
    handle->looks =
        curl_version_info(CURLVERSION_NOW)->version_num >= SELDOM_LOOKS;
    set_http(handle->easy);
    set_connection(handle->easy);
    set_callbacks(handle);
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
    appint_buf_free(&handle->origin);
    curl_url_cleanup(handle->url);
    appint_realloc(&allocator, handle, sizeof *handle, 0);
}

static bool apply_settings(struct appint_handle *handle,
                           const struct appint_transfer *transfer)
{
    struct appint_settings *settings = transfer->settings;
    /* An empty string, not NULL: that would mean the environment's proxies. */
    const char *proxy = transfer->proxied ? settings->proxy.data : "";

    if (handle->applied == settings && handle->proxied == transfer->proxied) {
        return true;
    }
    appint_settings_release(handle->applied);
    handle->applied = NULL;
    if (!appint_tls_set_trust(handle->easy, settings) ||
        curl_easy_setopt(handle->easy, CURLOPT_PROXY, proxy) != CURLE_OK) {
        return false;
    }
    appint_settings_retain(settings);
    handle->applied = settings;
    handle->proxied = transfer->proxied;
    return true;
}

/* For each transfer libcurl parses CURLOPT_URL and writes it anew, but copies
 * what is parsed already. Older ones forget the zone of an IPv6 address then,
 * and what is wrong with a URL it only says where it has parsed it itself. */
static bool set_origin(struct appint_handle *handle, struct appint_slice origin)
{
    CURL *easy = handle->easy;

    appint_buf_reset(&handle->origin, SIZE_MAX);
    curl_easy_setopt(easy, CURLOPT_CURLU, NULL);
    if (curl_easy_setopt(easy, CURLOPT_URL, origin.data) != CURLE_OK) {
        return false;
    }
    if (memchr(origin.data, '[', origin.len) == NULL &&
        curl_url_set(handle->url, CURLUPART_URL, origin.data,
                     CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK) {
        curl_easy_setopt(easy, CURLOPT_CURLU, handle->url);
    }
    appint_buf_append_slice(&handle->origin, origin);
    return true;
}

/* The URL of a handle is the origin alone, which seldom changes; the rest of
 * the request's is CURLOPT_REQUEST_TARGET. */
static bool set_url(struct appint_handle *handle,
                    const struct appint_transfer *transfer)
{
    const char *text = transfer->text.data;
    struct appint_slice origin = {text + transfer->origin_at,
                                  transfer->origin_len};

    if (!appint_slice_equal(appint_buf_slice(&handle->origin), origin) &&
        !set_origin(handle, origin)) {
        return false;
    }
    return curl_easy_setopt(handle->easy, CURLOPT_REQUEST_TARGET,
                            text + transfer->target_at) == CURLE_OK;
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
        curl_easy_setopt(easy, CURLOPT_POST, 1L); /* and no CURLOPT_NOBODY */
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

static void set_limits(CURL *easy, const struct appint_transfer *transfer)
{
    long whole = transfer->timeout_ms;
    long connect = transfer->connect_timeout_ms;

    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, whole > 0 ? whole + GRACE : 0);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                     connect > 0 ? connect + GRACE : 0);
}

bool appint_handle_begin(struct appint_handle *handle,
                         struct appint_transfer *transfer, bool fresh)
{
    CURL *easy = handle->easy;

    if (!apply_settings(handle, transfer) || !set_method(easy, transfer) ||
        !set_url(handle, transfer)) {
        return false;
    }
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER,
                     (struct curl_slist *)(void *)transfer->nodes.data);
    set_limits(easy, transfer);
    if (fresh != handle->fresh) {
        curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, fresh ? 1L : 0L);
        handle->fresh = fresh;
    }
    handle->connecting = false;
    handle->proxy_bytes = 0;
    handle->proxy_answered = false;
    handle->sending = false;
    handle->dead = false;
    handle->resending = false;
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

static long long_info(const struct appint_handle *handle, CURLINFO info)
{
    long value = 0;

    curl_easy_getinfo(handle->easy, info, &value);
    return value;
}

void appint_handle_end(struct appint_handle *handle,
                       const struct appint_ending *ending)
{
    static const CURLINFO infos[APPINT_TOTAL] = {
        [APPINT_NAME_LOOKUP] = CURLINFO_NAMELOOKUP_TIME_T,
        [APPINT_CONNECT] = CURLINFO_CONNECT_TIME_T,
        [APPINT_TLS] = CURLINFO_APPCONNECT_TIME_T,
        [APPINT_FIRST_BYTE] = CURLINFO_STARTTRANSFER_TIME_T,
    };
    struct appint_transfer *transfer = handle->transfer;
    struct appint_evidence evidence = {
        .code = ending->code,
        .text = handle->text,
        .connecting = handle->connecting,
        .reached = ending->reached,
        .proxy_answered = handle->proxy_answered,
        .sending = handle->sending,
        .resending = handle->resending,
    };

    transfer->answer.moments[APPINT_TOTAL] = ending->elapsed;
    for (int i = 0; i < APPINT_TOTAL; i++) {
        curl_off_t microseconds = 0;

        curl_easy_getinfo(handle->easy, infos[i], &microseconds);
        transfer->answer.moments[i] = microseconds;
    }
    if (ending->code != CURLE_OK) {
        evidence.proxy_status = long_info(handle, CURLINFO_HTTP_CONNECTCODE);
        evidence.os_errno = transfer->socket_errno != 0
                                ? transfer->socket_errno
                                : long_info(handle, CURLINFO_OS_ERRNO);
    }
    appint_verdict_reach(transfer, &evidence);
    appint_handle_detach(handle);
}
