/* SPDX-License-Identifier: MIT */
#ifndef APPINT_SOCKETS_H
#define APPINT_SOCKETS_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

/*
 * The descriptors of an engine: those that libcurl waits for, with the events
 * awaited, those that it has open, and those that a host has given to be polled
 * along. libcurl's callbacks keep the account (engine.c); nothing here knows
 * it.
 */

struct appint_sockets {
    struct appint_buf polled;  /* struct pollfd */
    struct appint_buf opened;  /* all sockets, idle connections' too */
    struct appint_buf watched; /* int: polled for the host, not for libcurl */
    bool watched_ready;        /* one of them was */
};

void appint_sockets_init(struct appint_sockets *sockets,
                         const struct appint_allocator *allocator);

/* Forgets all, keeping up to KEEP bytes of memory for each list; whoever waits
 * for a watched one is told. */
void appint_sockets_reset(struct appint_sockets *sockets, size_t keep);

/* What to poll; valid until any other call. */
struct pollfd *appint_sockets_polled(const struct appint_sockets *sockets,
                                     size_t *count);

/* Polls FD for EVENTS from now on; false: out of memory. */
bool appint_sockets_poll(struct appint_sockets *sockets, int fd, short events);

/* The last entry takes the place of the one that goes. */
void appint_sockets_unpoll(struct appint_sockets *sockets, int fd);

/* What socket() takes, and the transfer that the socket is for. */
struct appint_socket_request {
    uint64_t transfer;
    int family, type, protocol;
};

/* A new socket, closed on exec; -1: none, or out of memory (then errno 0). */
int appint_sockets_open(struct appint_sockets *sockets,
                        const struct appint_socket_request *request);
int appint_sockets_close(struct appint_sockets *sockets, int fd);

/* For the child of a fork. A daemon closes every descriptor that it has been
 * left; what has the number of one of ours then is its own, and stays open. */
void appint_sockets_close_all(struct appint_sockets *sockets);

/* Whether one of those opened for a transfer is connected. */
bool appint_sockets_connected(const struct appint_sockets *sockets,
                              uint64_t transfer);

/* Polls FD too, once, until it is ready. False: out of memory. */
bool appint_sockets_watch(struct appint_sockets *sockets, int fd, short events);
void appint_sockets_unwatch(struct appint_sockets *sockets, int fd);

/* FD is ready: whether it was a watched one, which it then is no longer. */
bool appint_sockets_set_ready(struct appint_sockets *sockets, int fd);

/* Whether a watched one has been ready since the last time this was asked. */
bool appint_sockets_take_ready(struct appint_sockets *sockets);

#endif
