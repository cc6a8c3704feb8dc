/* SPDX-License-Identifier: MIT */
/*
 * The emulator's HTTP server with a client that sends any bytes over a socket,
 * in two pieces, ends its side, and soon resets. The first byte says where the
 * pieces are cut, the second what becomes of complete requests: an answer, raw
 * bytes, an end or a reset. Each request that is handed out is whole, no
 * connection stays, and the server goes on.
 */

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "check.h"
#include "emulator/httpd.h"

enum { ROUNDS = 20, WAIT_MS = 100, BODY = 2000 };

static struct appint_httpd *open_server(void)
{
    static struct appint_httpd server;
    const struct appint_httpd_limits limits = {BODY, 8, 5, 5};
    struct appint_error error;

    signal(SIGPIPE, SIG_IGN);
    CHECK(appint_httpd_open(&server, "127.0.0.1", 0, &limits, &error) ==
          APPINT_OK);
    return &server;
}

static int connect_to(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port)};
    struct linger at_once = {1, 0}; /* leaves no port waiting */
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK(fd >= 0);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        CHECK(errno == EADDRNOTAVAIL); /* no port is left for the moment */
        close(fd);
        return -1;
    }
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    return fd;
}

/* Every text is terminated; headers are names and values in turn. */
static void check_exchange(const struct appint_exchange *exchange)
{
    const struct appint_buf *headers = &exchange->headers;
    size_t texts = 0;

    CHECK(exchange->id > 0 && exchange->state == APPINT_EXCHANGE_TAKEN);
    CHECK(exchange->target.data[exchange->target.len - 1] == '\0');
    CHECK(exchange->method.data[exchange->method.len - 1] == '\0');
    CHECK(exchange->body.len <= BODY);
    for (size_t i = 0; i < headers->len; i++) {
        texts += headers->data[i] == '\0';
    }
    CHECK(texts % 2 == 0);
    CHECK(headers->len == 0 || headers->data[headers->len - 1] == '\0');
}

static void answer(struct appint_exchange *exchange, unsigned how)
{
    static const char raw[] =
        "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf";

    switch (how % 4) {
    case 0:
        CHECK(appint_exchange_begin(exchange, "{}", 2) == APPINT_OK);
        CHECK(appint_exchange_header(exchange, "content-type", "text/plain"));
        appint_exchange_send(exchange, 200 + how % 100);
        break;
    case 1:
        (void)appint_exchange_write(exchange, raw, sizeof raw - 1);
        appint_exchange_drop(exchange, false);
        break;
    default:
        appint_exchange_drop(exchange, how % 4 == 3);
    }
}

/* Moves the server on; takes what it sends. False when nothing is left. */
static bool turn(struct appint_httpd *server, int fd, unsigned how,
                 int milliseconds)
{
    struct appint_exchange *exchange = NULL;
    char received[4096];
    int number;
    enum appint_httpd_event event =
        appint_httpd_poll(server, milliseconds, &exchange, &number);

    CHECK(event == APPINT_HTTPD_NOTHING || event == APPINT_HTTPD_REQUEST);
    if (event == APPINT_HTTPD_REQUEST) {
        check_exchange(exchange);
        CHECK(appint_httpd_find(server, exchange->id) == exchange);
        answer(exchange, how);
    }
    while (fd >= 0 && recv(fd, received, sizeof received, MSG_DONTWAIT) > 0) {
    }
    return server->connections > 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct appint_httpd *server;
    size_t first;
    int rounds = 0, fd;

    if (size < 3 || size > 8192) {
        return 0;
    }
    if (server == NULL) {
        server = open_server();
    }
    fd = connect_to(server->port);
    if (fd < 0) {
        return 0;
    }
    while (!turn(server, fd, data[1], 1)) { /* until it is accepted */
        CHECK(++rounds < ROUNDS);
    }
    first = 2 + data[0] % (size - 2);
    (void)!send(fd, data + 2, first - 2, MSG_NOSIGNAL);
    turn(server, fd, data[1], 0);
    (void)!send(fd, data + first, size - first, MSG_NOSIGNAL);
    turn(server, fd, data[1], 0);
    shutdown(fd, SHUT_WR);
    rounds = 0;
    while (turn(server, fd, data[1], 0) && rounds < ROUNDS) {
        rounds++;
    }
    close(fd);
    for (rounds = 0; turn(server, -1, data[1], rounds > 0 ? WAIT_MS : 0);) {
        CHECK(++rounds < ROUNDS);
    }
    return 0;
}
