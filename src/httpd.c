/* SPDX-License-Identifier: MIT */
/*
 * The emulator's HTTP server: see httpd.h. libmicrohttpd runs inside
 * appint_httpd_poll only; its callbacks collect bytes, set states and call
 * nothing of the host's.
 */

#include "httpd.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    /* Header block of a request, and of its answer: tokens are long. */
    CONNECTION_MEMORY = 256 * 1024,
    IDLE_SECONDS = 120,
    WRITE_PATIENCE_MS = 1000,
    BACKLOG = 511
};

/* ---- exchanges --------------------------------------------------------- */

static struct appint_exchange *exchange_new(struct appint_httpd *server)
{
    struct appint_exchange *exchange = calloc(1, sizeof *exchange);

    if (exchange == NULL) {
        return NULL;
    }
    exchange->server = server;
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
    appint_buf_free(&exchange->version);
    appint_buf_free(&exchange->headers);
    appint_buf_free(&exchange->body);
    free(exchange);
}

static bool exchange_failed(const struct appint_exchange *exchange)
{
    return exchange->target.failed || exchange->method.failed ||
           exchange->version.failed || exchange->headers.failed ||
           exchange->body.failed;
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
    (void)context;
    (void)connection;
    (void)how;
    if (*request != NULL) {
        exchange_free(*request);
        *request = NULL;
    }
}

static enum MHD_Result refuse_body(struct MHD_Connection *connection)
{
    static const char text[] = "{\"Message\":\"The request is too large.\"}";
    struct MHD_Response *response = MHD_create_response_from_buffer(
        sizeof text - 1, (void *)(uintptr_t)text, MHD_RESPMEM_PERSISTENT);
    enum MHD_Result result = MHD_NO;

    if (response != NULL) {
        MHD_add_response_header(response, "content-type", "application/json");
        result = MHD_queue_response(connection, MHD_HTTP_CONTENT_TOO_LARGE,
                                    response);
        MHD_destroy_response(response);
    }
    return result;
}

/* Answers a body that announces itself as too large before it is sent. */
static enum MHD_Result start(struct appint_exchange *exchange,
                             const char *method, const char *version)
{
    const char *length = MHD_lookup_connection_value(
        exchange->connection, MHD_HEADER_KIND, "content-length");

    exchange->started = true;
    append_terminated(&exchange->method, method);
    append_terminated(&exchange->version, version);
    MHD_get_connection_values(exchange->connection, MHD_HEADER_KIND, on_header,
                              exchange);
    if (length != NULL &&
        strtoull(length, NULL, 10) > exchange->server->max_body) {
        exchange->too_large = true;
        return refuse_body(exchange->connection);
    }
    return MHD_YES;
}

static void receive(struct appint_exchange *exchange, const char *data,
                    size_t len)
{
    if (exchange->too_large ||
        len > exchange->server->max_body - exchange->body.len) {
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
    if (exchange == NULL || server->closing) {
        return MHD_NO;
    }
    if (!exchange->started) {
        return start(exchange, method, version);
    }
    if (*data_len > 0) {
        receive(exchange, data, *data_len);
        *data_len = 0;
        return MHD_YES;
    }
    return advance(exchange);
}

/* ---- opening ----------------------------------------------------------- */

/* A listening socket of our own: libmicrohttpd would not say why it failed. */
static int listen_on(int port, int *bound_port, struct appint_error *error)
{
    struct sockaddr_in address = {0};
    socklen_t len = sizeof address;
    int yes = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons((uint16_t)port);
    if (fd < 0 ||
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0 ||
        bind(fd, (struct sockaddr *)&address, sizeof address) != 0 ||
        listen(fd, BACKLOG) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &len) != 0) {
        appint_fail(error, APPINT_E_SYSTEM, "cannot listen on 127.0.0.1:%d: %s",
                    port, strerror(errno));
        if (fd >= 0) {
            close(fd);
        }
        return -1;
    }
    *bound_port = ntohs(address.sin_port);
    return fd;
}

static struct MHD_Daemon *start_daemon(struct appint_httpd *server, int fd)
{
    return MHD_start_daemon(
        MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, on_request,
        server, MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_URI_LOG_CALLBACK,
        on_target, server, MHD_OPTION_UNESCAPE_CALLBACK, on_unescape, NULL,
        MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_SECONDS, MHD_OPTION_END);
}

enum appint_status appint_httpd_open(struct appint_httpd *server, int port,
                                     size_t max_body,
                                     struct appint_error *error)
{
    const union MHD_DaemonInfo *info = NULL;
    int fd = -1;

    memset(server, 0, sizeof *server);
    server->signal_fd = -1;
    server->max_body = max_body;
    fd = listen_on(port, &server->port, error);
    if (fd < 0) {
        return APPINT_E_SYSTEM;
    }
    server->daemon = start_daemon(server, fd); /* owns fd from here */
    if (server->daemon == NULL) {
        return appint_fail(error, APPINT_E_SYSTEM,
                           "cannot start the HTTP server");
    }
    info = MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    if (info == NULL) {
        appint_httpd_close(server);
        return appint_fail(error, APPINT_E_SYSTEM,
                           "libmicrohttpd was built without epoll");
    }
    server->poll_fd = info->epoll_fd;
    return APPINT_OK;
}

/* A descriptor instead of a handler: nothing global, and no race between
 * looking for a signal and waiting. */
enum appint_status appint_httpd_catch_signals(struct appint_httpd *server,
                                              struct appint_error *error)
{
    sigset_t signals;

    if (server->signal_fd >= 0) {
        return APPINT_OK;
    }
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGHUP);
    server->signal_fd = signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
    if (server->signal_fd < 0) {
        return appint_fail(error, APPINT_E_SYSTEM, "cannot catch signals: %s",
                           strerror(errno));
    }
    pthread_sigmask(SIG_BLOCK, &signals, &server->old_signals);
    return APPINT_OK;
}

void appint_httpd_watch_input(struct appint_httpd *server)
{
    server->watches_input = true;
}

/* ---- waiting ----------------------------------------------------------- */

static long long monotonic_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

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

static bool input_closed(void)
{
    char ignored[4096];
    ssize_t got = read(STDIN_FILENO, ignored, sizeof ignored);

    return got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN);
}

/* Waits for the sockets and for what else is watched. */
static enum appint_httpd_event wait_for(struct appint_httpd *server,
                                        int milliseconds, int *signal_number)
{
    struct signalfd_siginfo caught;
    struct pollfd fds[] = {
        {server->poll_fd, POLLIN, 0},
        {server->signal_fd, POLLIN, 0}, /* poll ignores negative ones */
        {server->watches_input ? STDIN_FILENO : -1, POLLIN, 0},
    };

    if (poll(fds, sizeof fds / sizeof fds[0], milliseconds) < 0) {
        return errno == EINTR ? APPINT_HTTPD_NOTHING : APPINT_HTTPD_FAILED;
    }
    if (fds[1].revents != 0 &&
        read(server->signal_fd, &caught, sizeof caught) == sizeof caught) {
        *signal_number = (int)caught.ssi_signo;
        return APPINT_HTTPD_SIGNAL;
    }
    if (fds[2].revents != 0 && input_closed()) {
        server->watches_input = false;
        return APPINT_HTTPD_INPUT_CLOSED;
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

    do {
        if (MHD_run(server->daemon) != MHD_YES) {
            return APPINT_HTTPD_FAILED;
        }
        *exchange = next_queued(server);
        if (*exchange != NULL) {
            (*exchange)->state = APPINT_EXCHANGE_TAKEN;
            return APPINT_HTTPD_REQUEST;
        }
        if (end >= 0) {
            left = end - monotonic_ms();
            left = left > 0 ? left : 0;
        }
        event = wait_for(server, wait_time(server, left), signal_number);
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
    return exchange->response != NULL ? APPINT_OK : APPINT_E_NOMEM;
}

bool appint_exchange_header(struct appint_exchange *exchange, const char *name,
                            const char *value)
{
    return MHD_add_response_header(exchange->response, name, value) == MHD_YES;
}

void appint_exchange_send(struct appint_exchange *exchange, unsigned status)
{
    exchange->status = status;
    exchange->state = APPINT_EXCHANGE_ENDED;
    MHD_resume_connection(exchange->connection);
}

static int exchange_fd(const struct appint_exchange *exchange)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(
        exchange->connection, MHD_CONNECTION_INFO_CONNECTION_FD);

    return info != NULL ? info->connect_fd : -1;
}

bool appint_exchange_write(struct appint_exchange *exchange, const char *data,
                           size_t len)
{
    struct pollfd room = {exchange_fd(exchange), POLLOUT, 0};

    while (len > 0) {
        ssize_t sent = send(room.fd, data, len, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent > 0) {
            data += sent;
            len -= (size_t)sent;
        } else if ((sent < 0 && errno != EAGAIN && errno != EINTR) ||
                   poll(&room, 1, WRITE_PATIENCE_MS) == 0) {
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
    if (server->signal_fd >= 0) {
        close(server->signal_fd);
        server->signal_fd = -1;
        pthread_sigmask(SIG_SETMASK, &server->old_signals, NULL);
    }
}
