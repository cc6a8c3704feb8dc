/* SPDX-License-Identifier: MIT */
#ifndef APPINT_HTTPD_H
#define APPINT_HTTPD_H

/*
 * A small HTTP/1.1 server for the emulator: libmicrohttpd without
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

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/status.h"
#include "emulator/watch.h"

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
    bool ended;                /* its client sends no more */
    long long id;              /* counts from 1 in order of completion */
    long long began;           /* monotonic milliseconds */
    struct appint_buf target;  /* as on the request line; zero-terminated */
    struct appint_buf method;  /* zero-terminated */
    struct appint_buf headers; /* name, 0, value, 0, name, … */
    struct appint_buf body;
    bool by_hand; /* the answer is ours to write, with this body: */
    struct appint_buf answer;
};

struct appint_httpd_limits {
    size_t body;              /* bytes; a larger one is answered with 413 */
    unsigned connections;     /* one more is answered with 503, and closed */
    unsigned idle_seconds;    /* without a byte, then a connection is closed */
    unsigned request_seconds; /* from a request's first line to its end */
};

/* Zeroed: closed. */
struct appint_httpd {
    struct MHD_Daemon *daemon;
    struct appint_exchange *exchanges;
    struct appint_httpd_limits limits;
    struct appint_watch watch;
    long long last_id;
    unsigned connections; /* that are open */
    unsigned excess;      /* how many beyond the limit are told so */
    int port;
    int endings; /* of connections; readable, too, when libmicrohttpd can go on
                  */
    bool closed; /* a connection, since the last look */
    bool closing;
};

enum appint_httpd_event {
    APPINT_HTTPD_NOTHING,      /* the time is over, or a wait was interrupted */
    APPINT_HTTPD_REQUEST,      /* a request is complete */
    APPINT_HTTPD_SIGNAL,       /* a caught signal has arrived */
    APPINT_HTTPD_INPUT_CLOSED, /* standard input has ended */
    APPINT_HTTPD_PROCESS_ENDED, /* the process that is watched */
    APPINT_HTTPD_FAILED         /* the server cannot go on */
};

/*
 * Listens on HOST (a name or an address) at PORT (0: any free one) and sets
 * `port`. What is to be watched is set in `watch` afterwards.
 */
enum appint_status appint_httpd_open(struct appint_httpd *server,
                                     const char *host, int port,
                                     const struct appint_httpd_limits *limits,
                                     struct appint_error *error);

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

/* Sends the answer that was begun. The exchange is gone with this call. To a
 * client that sends no more it is written at once, as appint_exchange_write
 * writes. */
void appint_exchange_send(struct appint_exchange *exchange, unsigned status);

/*
 * Writes raw bytes to the client, waiting up to a second for room, or until a
 * signal has arrived. Afterwards only appint_exchange_drop makes sense.
 */
bool appint_exchange_write(struct appint_exchange *exchange, const char *data,
                           size_t len);

/* Ends the connection: in order (FIN) or, with RESET, by RST. */
void appint_exchange_drop(struct appint_exchange *exchange, bool reset);

/* Drops what is held, closes every connection; harmless when closed. */
void appint_httpd_close(struct appint_httpd *server);

#endif
