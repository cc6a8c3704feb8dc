/* SPDX-License-Identifier: MIT */
#ifndef APPINT_VERDICT_H
#define APPINT_VERDICT_H

#include <curl/curl.h>

#include "transport/transfer.h"

/*
 * The verdict of a transfer that has ended: which of the failures it is, and
 * the sentence for the person who reads it.
 */

/* What is known at the end of a transfer besides its answer: mostly what we
 * have seen ourselves. libcurl's codes differ in detail from version to
 * version, its words are for people alone. */
struct appint_evidence {
    CURLcode code;
    const char *text;    /* libcurl's own words on a failure, or "" */
    bool connecting;     /* a socket has been opened */
    bool reached;        /* one of them has a peer, now */
    bool proxy_answered; /* CONNECT, with a header that is complete */
    bool sending;      /* TLS and the proxy's tunnel stand, the request went */
    bool resending;    /* and would have gone once more */
    long proxy_status; /* of the answer to CONNECT; 0: none */
    long os_errno;     /* errno of a connection that failed; 0: unknown */
};

/* Sets failure, stale and error of TRANSFER. No header, path, query or password
 * stands in the text. */
void appint_verdict_reach(struct appint_transfer *transfer,
                          const struct appint_evidence *evidence);

#endif
