/* SPDX-License-Identifier: MIT */
/*
 * The emulator's HTTP server: see httpd.h. libmicrohttpd runs inside
 * appint_httpd_poll only; its callbacks collect bytes, set states and call
 * nothing of the host's.
 */

#include "emulator/httpd.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <microhttpd.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "emulator/endings.h"

enum {
    /* Header block of a request, and of its answer: tokens are long. */
    CONNECTION_MEMORY = 256 * 1024,
    WRITE_PATIENCE_MS = 1000,
    EXPIRY_MS = 1000, /* how often half-sent requests are looked at */
    /* Connections beyond the limit that are told so, and how long each may
     * take to listen. */
    EXCESS = 32,
    EXCESS_SECONDS = 2,
    SPARE = 32,   /* descriptors for all else: the state, a log, modules */
    ENDINGS = 64, /* that are looked at in one go */
    BACKLOG = 511
};

static long long monotonic_ms(void)
{
    return appint_clock_monotonic() / 1000;
}

/* ---- exchanges --------------------------------------------------------- */

static int connection_fd(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);

    return info != NULL ? info->connect_fd : -1;
}

static int exchange_fd(const struct appint_exchange *exchange)
{
    return connection_fd(exchange->connection);
}

static struct appint_exchange *exchange_new(struct appint_httpd *server)
{
    struct appint_exchange *exchange = calloc(1, sizeof *exchange);

    if (exchange == NULL) {
        return NULL;
    }
    exchange->server = server;
    exchange->began = monotonic_ms();
    exchange->next = server->exchanges;
    if (exchange->next != NULL) {
        exchange->next->previous = exchange;
    }
    server->exchanges = exchange;
    return exchange;
}

static void exchange_free(struct appint_exchange *exchange)
{
    if (exchange->previous != NULL) {
        exchange->previous->next = exchange->next;
    } else {
        exchange->server->exchanges = exchange->next;
    }
    if (exchange->next != NULL) {
        exchange->next->previous = exchange->previous;
    }
    if (exchange->response != NULL) {
        MHD_destroy_response(exchange->response);
    }
    appint_buf_free(&exchange->target);
    appint_buf_free(&exchange->method);
    appint_buf_free(&exchange->headers);
    appint_buf_free(&exchange->body);
    appint_buf_free(&exchange->answer);
    free(exchange);
}

static bool exchange_failed(const struct appint_exchange *exchange)
{
    return exchange->target.failed || exchange->method.failed ||
           exchange->headers.failed || exchange->body.failed;
}

static void append_terminated(struct appint_buf *buf, const char *string)
{
    appint_buf_append(buf, string, strlen(string) + 1);
}

/* ---- libmicrohttpd's callbacks ----------------------------------------- */

/* The only place where the target is seen before libmicrohttpd takes it
 * apart. The result is the request's own pointer in the other callbacks. */
static void *on_target(void *context, const char *target,
                       struct MHD_Connection *connection)
{
    struct appint_exchange *exchange = exchange_new(context);

    if (exchange != NULL) {
        exchange->connection = connection;
        append_terminated(&exchange->target, target);
    }
    return exchange;
}

/* Arguments of the query are left as they are; nobody asks for them. */
static size_t on_unescape(void *context, struct MHD_Connection *connection,
                          char *text)
{
    (void)context;
    (void)connection;
    return strlen(text);
}

static enum MHD_Result on_header(void *context, enum MHD_ValueKind kind,
                                 const char *name, const char *value)
{
    struct appint_exchange *exchange = context;

    (void)kind;
    append_terminated(&exchange->headers, name);
    append_terminated(&exchange->headers, value != NULL ? value : "");
    return MHD_YES;
}

static void on_completed(void *context, struct MHD_Connection *connection,
                         void **request, enum MHD_RequestTerminationCode how)
{
    struct appint_httpd *server = context;
    struct appint_exchange *exchange = *request;

    (void)how;
    if (exchange != NULL) {
        if (exchange->ended) { /* more requests may stand before that end */
            appint_endings_add_again(server->endings, exchange_fd(exchange),
                                     connection);
        }
        exchange_free(exchange);
        *request = NULL;
    }
}

/* Answers with STATUS and MESSAGE, a JSON text, and ends the connection. */
static enum MHD_Result refuse(struct MHD_Connection *connection,
                              unsigned status, const char *message)
{
    struct MHD_Response *response = MHD_create_response_from_buffer(
        strlen(message), (void *)(uintptr_t)message, MHD_RESPMEM_PERSISTENT);
    enum MHD_Result result = MHD_NO;

    if (response != NULL) {
        MHD_add_response_header(response, "content-type", "application/json");
        MHD_add_response_header(response, "connection", "close");
        if (status == MHD_HTTP_SERVICE_UNAVAILABLE) {
            MHD_add_response_header(response, "retry-after", "1");
        }
        result = MHD_queue_response(connection, status, response);
        MHD_destroy_response(response);
    }
    return result;
}

static enum MHD_Result refuse_body(struct MHD_Connection *connection)
{
    return refuse(connection, MHD_HTTP_CONTENT_TOO_LARGE,
                  "{\"Message\":\"The request is too large.\"}");
}

static bool is_excess(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

    return info != NULL && info->socket_context != NULL;
}

/* Counts connections, and marks those beyond the limit. */
static void on_connection(void *context, struct MHD_Connection *connection,
                          void **mark, enum MHD_ConnectionNotificationCode what)
{
    struct appint_httpd *server = context;

    if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
        server->connections--;
        server->closed = true;
        return;
    }
    server->connections++;
    appint_endings_add(server->endings, connection_fd(connection), connection);
    if (server->connections > server->limits.connections) {
        *mark = server;
        MHD_set_connection_option(connection, MHD_CONNECTION_OPTION_TIMEOUT,
                                  (unsigned)EXCESS_SECONDS);
    }
}

/* Answers a body that announces itself as too large before it is sent. */
static enum MHD_Result start(struct appint_exchange *exchange,
                             const char *method)
{
    const char *length = MHD_lookup_connection_value(
        exchange->connection, MHD_HEADER_KIND, "content-length");

    exchange->started = true;
    append_terminated(&exchange->method, method);
    MHD_get_connection_values(exchange->connection, MHD_HEADER_KIND, on_header,
                              exchange);
    if (is_excess(exchange->connection)) {
        exchange->too_large = true;
        return refuse(exchange->connection, MHD_HTTP_SERVICE_UNAVAILABLE,
                      "{\"Message\":\"Too many connections are open.\"}");
    }
    if (length != NULL &&
        strtoull(length, NULL, 10) > exchange->server->limits.body) {
        exchange->too_large = true;
        return refuse_body(exchange->connection);
    }
    return MHD_YES;
}

static void receive(struct appint_exchange *exchange, const char *data,
                    size_t len)
{
    if (exchange->too_large ||
        len > exchange->server->limits.body - exchange->body.len) {
        exchange->too_large = true;
        appint_buf_free(&exchange->body);
        return;
    }
    appint_buf_append(&exchange->body, data, len);
}

/* The request is complete, or its answer has been given meanwhile. */
static enum MHD_Result advance(struct appint_exchange *exchange)
{
    switch (exchange->state) {
    case APPINT_EXCHANGE_RECEIVING:
        if (exchange_failed(exchange)) {
            return MHD_NO;
        }
        if (exchange->too_large) {
            return refuse_body(exchange->connection);
        }
        exchange->state = APPINT_EXCHANGE_QUEUED;
        exchange->id = ++exchange->server->last_id;
        MHD_suspend_connection(exchange->connection);
        return MHD_YES;
    case APPINT_EXCHANGE_ENDED:
        return exchange->response != NULL
                   ? MHD_queue_response(exchange->connection, exchange->status,
                                        exchange->response)
                   : MHD_NO;
    case APPINT_EXCHANGE_QUEUED:
    case APPINT_EXCHANGE_TAKEN:
        break;
    }
    return MHD_YES;
}

/* Called once for the header block, for each piece of the body, and at the
 * end; again after a suspended connection is resumed. */
static enum MHD_Result on_request(void *context,
                                  struct MHD_Connection *connection,
                                  const char *url, const char *method,
                                  const char *version, const char *data,
                                  size_t *data_len, void **request)
{
    struct appint_httpd *server = context;
    struct appint_exchange *exchange = *request;

    (void)connection;
    (void)url;
    (void)version;
    if (exchange == NULL || server->closing) {
        return MHD_NO;
    }
    if (!exchange->started) {
        return start(exchange, method);
    }
    if (*data_len > 0) {
        receive(exchange, data, *data_len);
        *data_len = 0;
        return MHD_YES;
    }
    return advance(exchange);
}

/* ---- opening ----------------------------------------------------------- */

/* A socket that listens at ADDRESS, or -1 with errno. */
static int listen_at(const struct addrinfo *address)
{
    int yes = 1;
    int saved = 0;
    int fd = socket(address->ai_family,
                    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd >= 0 &&
        (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0 ||
         bind(fd, address->ai_addr, address->ai_addrlen) != 0 ||
         listen(fd, BACKLOG) != 0)) {
        saved = errno;
        close(fd);
        errno = saved;
        fd = -1;
    }
    return fd;
}

static int port_of(int fd)
{
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } address = {.v6 = {0}};
    socklen_t len = sizeof address;

    if (getsockname(fd, &address.any, &len) != 0) {
        return 0;
    }
    return ntohs(address.any.sa_family == AF_INET6 ? address.v6.sin6_port
                                                   : address.v4.sin_port);
}

/* A listening socket of our own, at the first address of HOST that can be
 * listened at: libmicrohttpd would not say why it failed. */
static int listen_on(const char *host, int port, struct appint_error *error)
{
    struct addrinfo hints = {0};
    struct addrinfo *addresses = NULL;
    char service[8];
    int fd = -1;
    int failure = 0;

    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
    snprintf(service, sizeof service, "%d", port);
    /* Not every system's files know what localhost is. */
    failure = getaddrinfo(strcmp(host, "localhost") == 0 ? "127.0.0.1" : host,
                          service, &hints, &addresses);
    for (struct addrinfo *at = addresses; at != NULL && fd < 0;
         at = at->ai_next) {
        fd = listen_at(at);
    }
    if (fd < 0) {
        appint_fail(error, APPINT_E_SYSTEM, "cannot listen on %s:%d: %s", host,
                    port,
                    failure != 0 ? gai_strerror(failure) : strerror(errno));
    }
    if (addresses != NULL) {
        freeaddrinfo(addresses);
    }
    return fd;
}

/* How many descriptors this process may have: WANTED if that can be. */
static rlim_t room_for(rlim_t wanted)
{
    struct rlimit limit = {0};
    struct rlimit raised = {0};

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return wanted;
    }
    raised.rlim_max = limit.rlim_max;
    raised.rlim_cur = wanted < limit.rlim_max ? wanted : limit.rlim_max;
    if (limit.rlim_cur < raised.rlim_cur &&
        setrlimit(RLIMIT_NOFILE, &raised) == 0) {
        return raised.rlim_cur;
    }
    return limit.rlim_cur;
}

/* Lowers the limits to what this process may open: without a descriptor left,
 * connections would wait unheard, and requests fail in the middle. */
static void fit_connections(struct appint_httpd *server)
{
    rlim_t wanted = (rlim_t)server->limits.connections + EXCESS + SPARE;
    rlim_t room = room_for(wanted);
    unsigned usable = 0;

    server->excess = EXCESS;
    if (room < wanted) {
        usable = room > SPARE + 4 ? (unsigned)room - SPARE : 4;
        server->excess = usable / 4 < EXCESS ? usable / 4 : EXCESS;
        server->limits.connections = usable - server->excess;
    }
}

static struct MHD_Daemon *start_daemon(struct appint_httpd *server, int fd)
{
    return MHD_start_daemon(
        MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, on_request,
        server, MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_URI_LOG_CALLBACK,
        on_target, server, MHD_OPTION_UNESCAPE_CALLBACK, on_unescape, NULL,
        MHD_OPTION_NOTIFY_COMPLETED, on_completed, server,
        MHD_OPTION_NOTIFY_CONNECTION, on_connection, server,
        MHD_OPTION_CONNECTION_LIMIT,
        server->limits.connections + server->excess,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
        MHD_OPTION_CONNECTION_TIMEOUT, server->limits.idle_seconds,
        MHD_OPTION_END);
}

enum appint_status appint_httpd_open(struct appint_httpd *server,
                                     const char *host, int port,
                                     const struct appint_httpd_limits *limits,
                                     struct appint_error *error)
{
    const union MHD_DaemonInfo *info = NULL;
    int fd = -1;

    memset(server, 0, sizeof *server);
    appint_watch_init(&server->watch);
    server->endings = -1;
    server->limits = *limits;
    fit_connections(server);
    fd = listen_on(host, port, error);
    if (fd < 0) {
        return APPINT_E_SYSTEM;
    }
    server->port = port_of(fd);
    server->daemon = start_daemon(server, fd); /* owns fd from here */
    if (server->daemon == NULL) {
        close(fd);
        return appint_fail(error, APPINT_E_SYSTEM,
                           "cannot start the HTTP server");
    }
    info = MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    if (info == NULL) {
        appint_httpd_close(server);
        return appint_fail(error, APPINT_E_SYSTEM,
                           "libmicrohttpd was built without epoll");
    }
    server->endings = appint_endings_open(info->epoll_fd);
    if (server->endings < 0) {
        appint_fail(error, APPINT_E_SYSTEM, "cannot wait for connections: %s",
                    strerror(errno));
        appint_httpd_close(server);
        return APPINT_E_SYSTEM;
    }
    return APPINT_OK;
}

/* ---- waiting ----------------------------------------------------------- */

/* The request that was completed first of those not yet handed out. */
static struct appint_exchange *next_queued(const struct appint_httpd *server)
{
    struct appint_exchange *first = NULL;

    for (struct appint_exchange *exchange = server->exchanges; exchange != NULL;
         exchange = exchange->next) {
        if (exchange->state == APPINT_EXCHANGE_QUEUED &&
            (first == NULL || exchange->id < first->id)) {
            first = exchange;
        }
    }
    return first;
}

/* The shorter of what is left and what libmicrohttpd wants. */
static int wait_time(const struct appint_httpd *server, long long left)
{
    MHD_UNSIGNED_LONG_LONG wanted = 0;

    if (MHD_get_timeout(server->daemon, &wanted) == MHD_YES &&
        (left < 0 || wanted < (unsigned long long)left)) {
        left = wanted > INT_MAX ? INT_MAX : (long long)wanted;
    }
    return left > INT_MAX ? INT_MAX : (int)left;
}

/* Ends the requests that take too long to arrive; whether any is arriving. */
static bool expire(const struct appint_httpd *server)
{
    static const char answer[] = "HTTP/1.1 408 Request Timeout\r\n"
                                 "content-length: 0\r\n"
                                 "connection: close\r\n\r\n";
    long long oldest =
        monotonic_ms() - (long long)server->limits.request_seconds * 1000;
    bool arriving = false;

    for (struct appint_exchange *exchange = server->exchanges; exchange != NULL;
         exchange = exchange->next) {
        if (exchange->state != APPINT_EXCHANGE_RECEIVING) {
            continue;
        }
        arriving = true;
        if (exchange->began <= oldest) {
            int fd = exchange_fd(exchange);

            (void)send(fd, answer, sizeof answer - 1,
                       MSG_NOSIGNAL | MSG_DONTWAIT);
            shutdown(fd, SHUT_RDWR); /* libmicrohttpd sees the end */
        }
    }
    return arriving;
}

/* The request of CONNECTION that has begun and not ended, or NULL. */
static struct appint_exchange *
exchange_on(const struct appint_httpd *server,
            const struct MHD_Connection *connection)
{
    struct appint_exchange *exchange = server->exchanges;

    while (exchange != NULL && exchange->connection != connection) {
        exchange = exchange->next;
    }
    return exchange;
}

/* Ends the connections whose clients send no more, unless that was a whole
 * request, which is answered. */
static void end_half_closed(const struct appint_httpd *server)
{
    void *ended[ENDINGS];
    int count = appint_endings_take(server->endings, ended, ENDINGS);

    for (int i = 0; i < count; i++) {
        struct appint_exchange *exchange = exchange_on(server, ended[i]);
        int fd = connection_fd(ended[i]);

        if (exchange != NULL && exchange->state != APPINT_EXCHANGE_RECEIVING) {
            exchange->ended = true;
        } else if (appint_endings_is_over(fd)) {
            shutdown(fd, SHUT_RDWR); /* libmicrohttpd sees that */
        } else {
            appint_endings_add_again(server->endings, fd, ended[i]);
        }
    }
}

/* What has been watched for, as an event of the server. */
static enum appint_httpd_event wait_for(struct appint_httpd *server,
                                        int milliseconds, int *signal_number)
{
    switch (appint_watch_wait(&server->watch, server->endings, milliseconds,
                              signal_number)) {
    case APPINT_WATCH_SIGNAL:
        return APPINT_HTTPD_SIGNAL;
    case APPINT_WATCH_INPUT_CLOSED:
        return APPINT_HTTPD_INPUT_CLOSED;
    case APPINT_WATCH_PROCESS_ENDED:
        return APPINT_HTTPD_PROCESS_ENDED;
    case APPINT_WATCH_FAILED:
        return APPINT_HTTPD_FAILED;
    case APPINT_WATCH_NOTHING:
        break;
    }
    return APPINT_HTTPD_NOTHING;
}

enum appint_httpd_event appint_httpd_poll(struct appint_httpd *server,
                                          int milliseconds,
                                          struct appint_exchange **exchange,
                                          int *signal_number)
{
    long long end = milliseconds < 0 ? -1 : monotonic_ms() + milliseconds;
    enum appint_httpd_event event = APPINT_HTTPD_NOTHING;
    long long left = -1;
    int wait = 0;

    do {
        /* At its limit libmicrohttpd listens again with the run that follows a
         * connection's end, which nothing else would bring about. */
        do {
            server->closed = false;
            if (MHD_run(server->daemon) != MHD_YES) {
                return APPINT_HTTPD_FAILED;
            }
        } while (server->closed);
        end_half_closed(server);
        *exchange = next_queued(server);
        if (*exchange != NULL) {
            (*exchange)->state = APPINT_EXCHANGE_TAKEN;
            return APPINT_HTTPD_REQUEST;
        }
        if (end >= 0) {
            left = end - monotonic_ms();
            left = left > 0 ? left : 0;
        }
        wait = wait_time(server, left);
        if (expire(server) && wait > EXPIRY_MS) {
            wait = EXPIRY_MS;
        }
        event = wait_for(server, wait, signal_number);
    } while (event == APPINT_HTTPD_NOTHING && left != 0);
    return event;
}

/* ---- answering --------------------------------------------------------- */

struct appint_exchange *appint_httpd_find(const struct appint_httpd *server,
                                          long long id)
{
    struct appint_exchange *exchange = server->exchanges;

    while (exchange != NULL &&
           (exchange->id != id || exchange->state != APPINT_EXCHANGE_TAKEN)) {
        exchange = exchange->next;
    }
    return exchange;
}

enum appint_status appint_exchange_begin(struct appint_exchange *exchange,
                                         const char *body, size_t len)
{
    if (exchange->response != NULL) {
        MHD_destroy_response(exchange->response);
    }
    exchange->response = MHD_create_response_from_buffer(
        len, (void *)(uintptr_t)body, MHD_RESPMEM_MUST_COPY);
    /* libmicrohttpd might look for more to read first, and find the end. */
    exchange->by_hand = appint_endings_is_over(exchange_fd(exchange));
    if (exchange->by_hand) {
        appint_buf_reset(&exchange->answer, SIZE_MAX);
        appint_buf_append(&exchange->answer, body, len);
    }
    return exchange->response != NULL && !exchange->answer.failed
               ? APPINT_OK
               : APPINT_E_NOMEM;
}

bool appint_exchange_header(struct appint_exchange *exchange, const char *name,
                            const char *value)
{
    return MHD_add_response_header(exchange->response, name, value) == MHD_YES;
}

bool appint_exchange_write(struct appint_exchange *exchange, const char *data,
                           size_t len)
{
    struct pollfd fds[] = {
        {exchange_fd(exchange), POLLOUT, 0},
        {exchange->server->watch.signal_fd, POLLIN, 0},
    };

    while (len > 0) {
        ssize_t sent = send(fds[0].fd, data, len, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent > 0) {
            data += sent;
            len -= (size_t)sent;
        } else if ((sent < 0 && errno != EAGAIN && errno != EINTR) ||
                   poll(fds, 2, WRITE_PATIENCE_MS) == 0 ||
                   fds[1].revents != 0) {
            return false;
        }
    }
    return true;
}

/* Connecting a connected socket to "nowhere" makes Linux send RST at once;
 * SO_LINGER would come too late, as libmicrohttpd sends FIN before it closes.
 */
static void reset_connection(int fd)
{
    struct sockaddr nowhere = {0};

    nowhere.sa_family = AF_UNSPEC;
    (void)connect(fd, &nowhere, sizeof nowhere);
}

void appint_exchange_drop(struct appint_exchange *exchange, bool reset)
{
    if (exchange->response != NULL) {
        MHD_destroy_response(exchange->response);
        exchange->response = NULL;
    }
    if (reset) {
        reset_connection(exchange_fd(exchange));
    }
    exchange->state = APPINT_EXCHANGE_ENDED;
    MHD_resume_connection(exchange->connection);
}

static enum MHD_Result append_header(void *context, enum MHD_ValueKind kind,
                                     const char *name, const char *value)
{
    struct appint_buf *text = context;

    (void)kind;
    appint_buf_append_string(text, name);
    appint_buf_append_string(text, ": ");
    appint_buf_append_string(text, value);
    appint_buf_append_string(text, "\r\n");
    return MHD_YES;
}

/* Writes the answer that was begun; it is the connection's last. */
static void send_by_hand(struct appint_exchange *exchange, unsigned status)
{
    struct appint_buf text = {0};

    appint_buf_append_string(&text, "HTTP/1.1 ");
    appint_buf_append_integer(&text, status);
    appint_buf_append_char(&text, ' ');
    appint_buf_append_string(&text, MHD_get_reason_phrase_for(status));
    appint_buf_append_string(&text, "\r\n");
    MHD_get_response_headers(exchange->response, append_header, &text);
    if (status != MHD_HTTP_NO_CONTENT) {
        appint_buf_append_string(&text, "Content-Length: ");
        appint_buf_append_integer(&text, (long long)exchange->answer.len);
        appint_buf_append_string(&text, "\r\n");
    }
    appint_buf_append_string(&text, "Connection: close\r\n\r\n");
    if (strcmp(exchange->method.data, MHD_HTTP_METHOD_HEAD) != 0) {
        appint_buf_append(&text, exchange->answer.data, exchange->answer.len);
    }
    if (!text.failed) {
        appint_exchange_write(exchange, text.data, text.len);
    }
    appint_buf_free(&text);
    appint_exchange_drop(exchange, false);
}

void appint_exchange_send(struct appint_exchange *exchange, unsigned status)
{
    if (exchange->by_hand) {
        send_by_hand(exchange, status);
        return;
    }
    exchange->status = status;
    exchange->state = APPINT_EXCHANGE_ENDED;
    MHD_resume_connection(exchange->connection);
}

/* ---- closing ----------------------------------------------------------- */

void appint_httpd_close(struct appint_httpd *server)
{
    if (server->daemon == NULL) {
        return;
    }
    server->closing = true;
    /* libmicrohttpd aborts the process if it is stopped while connections
     * are suspended. */
    for (struct appint_exchange *exchange = server->exchanges; exchange != NULL;
         exchange = exchange->next) {
        if (exchange->state == APPINT_EXCHANGE_QUEUED ||
            exchange->state == APPINT_EXCHANGE_TAKEN) {
            appint_exchange_drop(exchange, false);
        }
    }
    MHD_run(server->daemon);
    MHD_stop_daemon(server->daemon);
    server->daemon = NULL;
    for (struct appint_exchange *next, *exchange = server->exchanges;
         exchange != NULL; exchange = next) {
        next = exchange->next;
        exchange_free(exchange);
    }
    if (server->endings >= 0) {
        close(server->endings);
        server->endings = -1;
    }
    appint_watch_close(&server->watch);
}
