/* SPDX-License-Identifier: MIT */
#ifndef APPINT_ENDINGS_H
#define APPINT_ENDINGS_H

/*
 * Connections whose other side has ended what it sends. libmicrohttpd asks for
 * news, not for states: where the last bytes come together with the end, it
 * reads the bytes, waits for more, and is never told that there are none. So
 * each connection is watched for its end here, too.
 *
 * All is in one epoll descriptor, which the caller closes.
 */

#include <stdbool.h>

/*
 * A descriptor that is readable when OTHER is, or a connection has ended; -1
 * with errno.
 */
int appint_endings_open(int other);

/* Watches the connection FD, which OWNER (not NULL) stands for. */
void appint_endings_add(int endings, int fd, void *owner);

/* Watches it again: each end is told once. */
void appint_endings_add_again(int endings, int fd, void *owner);

/* The owners of up to ROOM connections that have ended; returns how many. */
int appint_endings_take(int endings, void **owners, int room);

/* Whether nothing comes from the connection FD any more: all has been read. */
bool appint_endings_is_over(int fd);

#endif
