/* SPDX-License-Identifier: MIT */
#ifndef APPINT_HTTPD_H
#define APPINT_HTTPD_H

/*
 * A small HTTP/1.1 server on loopback for the emulator: libmicrohttpd without
 * threads of its own. It hands out complete requests as they were received
 * (the target's bytes untouched, headers in their order) and holds each
 * connection until its answer is given, at any later time and in any order.
 *
 * Besides proper answers, raw bytes can be written and a connection cut or
 * reset: whatever a misbehaving server does can be put together from these.
 *
 * The caller owns struct appint_httpd, which must not move while it is open,
 * and closes it. Exchanges belong to the server; one is valid from
 * appint_httpd_poll until it is answered or the server is closed. Memory comes
 * from the C heap. One thread at a time.
 */

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "buf.h"
#include "status.h"

struct MHD_Connection;
struct MHD_Daemon;
struct MHD_Response;

enum appint_exchange_state {
    APPINT_EXCHANGE_RECEIVING,
    APPINT_EXCHANGE_QUEUED, /* complete, held, not yet handed out */
    APPINT_EXCHANGE_TAKEN,  /* handed out, held */
    APPINT_EXCHANGE_ENDED   /* answered or dropped, on its way */
};

/* One request and what becomes of it. */
struct appint_exchange {
    struct appint_exchange *previous, *next;
    struct appint_httpd *server;
    struct MHD_Connection *connection;
    struct MHD_Response *response; /* NULL when ended: cut the connection */
    enum appint_exchange_state state;
    unsigned status;
    bool started;              /* the header block has been seen */
    bool too_large;            /* the body exceeds the limit */
    long long id;              /* counts from 1 in order of completion */
    struct appint_buf target;  /* as on the request line; zero-terminated */
    struct appint_buf method;  /* zero-terminated, as is `version` */
    struct appint_buf version; /* "HTTP/1.1" */
    struct appint_buf headers; /* name, 0, value, 0, name, … */
    struct appint_buf body;
};

/* Zeroed: closed. */
struct appint_httpd {
    struct MHD_Daemon *daemon;
    struct appint_exchange *exchanges;
    size_t max_body;
    long long last_id;
    int port;
    int poll_fd;   /* libmicrohttpd's epoll descriptor */
    int signal_fd; /* -1 unless signals are caught */
    bool watches_input;
    bool closing;
    sigset_t old_signals;
};

enum appint_httpd_event {
    APPINT_HTTPD_NOTHING,      /* the time is over, or a wait was interrupted */
    APPINT_HTTPD_REQUEST,      /* a request is complete */
    APPINT_HTTPD_SIGNAL,       /* a caught signal has arrived */
    APPINT_HTTPD_INPUT_CLOSED, /* standard input has ended */
    APPINT_HTTPD_FAILED        /* the server cannot go on */
};

/*
 * Listens on 127.0.0.1:PORT (0: any free one) and sets `port`. A body of more
 * than MAX_BODY bytes is answered with 413 and never handed out.
 */
enum appint_status appint_httpd_open(struct appint_httpd *server, int port,
                                     size_t max_body,
                                     struct appint_error *error);

/* From now on SIGINT, SIGTERM and SIGHUP are events of this server. */
enum appint_status appint_httpd_catch_signals(struct appint_httpd *server,
                                              struct appint_error *error);

/* From now on the end of standard input is an event; what it has is read. */
void appint_httpd_watch_input(struct appint_httpd *server);

/*
 * Moves all connections on until something has happened or MILLISECONDS
 * (negative: no limit) are over. EXCHANGE is set for REQUEST, SIGNAL_NUMBER
 * for SIGNAL.
 */
enum appint_httpd_event appint_httpd_poll(struct appint_httpd *server,
                                          int milliseconds,
                                          struct appint_exchange **exchange,
                                          int *signal_number);

/* The exchange ID if it was handed out and not yet answered, or NULL. */
struct appint_exchange *appint_httpd_find(const struct appint_httpd *server,
                                          long long id);

/* Begins an answer (and forgets one begun before) with a copy of BODY. */
enum appint_status appint_exchange_begin(struct appint_exchange *exchange,
                                         const char *body, size_t len);

/* Adds to the answer; false if libmicrohttpd refuses the header. */
bool appint_exchange_header(struct appint_exchange *exchange, const char *name,
                            const char *value);

/* Sends the answer that was begun. The exchange is gone with this call. */
void appint_exchange_send(struct appint_exchange *exchange, unsigned status);

/*
 * Writes raw bytes to the client, waiting up to a second for room. Afterwards
 * only appint_exchange_drop makes sense.
 */
bool appint_exchange_write(struct appint_exchange *exchange, const char *data,
                           size_t len);

/* Ends the connection: in order (FIN) or, with RESET, by RST. */
void appint_exchange_drop(struct appint_exchange *exchange, bool reset);

/* Drops what is held, closes every connection; harmless when closed. */
void appint_httpd_close(struct appint_httpd *server);

#endif
