/* SPDX-License-Identifier: MIT */
#ifndef APPINT_SIGPIPE_H
#define APPINT_SIGPIPE_H

#include <signal.h>
#include <stdbool.h>

/*
 * libcurl before 7.87 leaves writing under TLS to OpenSSL, which raises SIGPIPE
 * when the other side has gone: by default, the end of the process. With those
 * versions the signal is blocked in this thread while libcurl is called. What
 * the host has set for the signal stays as it is.
 */

struct appint_sigpipe {
    bool blocked;     /* by us: it was not before */
    bool was_pending; /* already then */
};

/* Whether this libcurl is such a one. Not cheap: to be kept. */
bool appint_sigpipe_needed(void);

/* Blocks the signal in this thread if NEEDED. */
void appint_sigpipe_block(struct appint_sigpipe *guard, bool needed);

/* Takes back a signal that has come meanwhile, and lets others through. */
void appint_sigpipe_unblock(const struct appint_sigpipe *guard);

#endif
