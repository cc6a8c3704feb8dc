/* SPDX-License-Identifier: MIT */
/* SIGPIPE kept from the host: see sigpipe.h. */

#include "transport/sigpipe.h"

#include <curl/curl.h>
#include <stddef.h>
#include <time.h>

/* From 7.87 on TLS writes through libcurl's own sockets, without the signal. */
enum { WRITES_QUIETLY = 0x075700 };

static bool is_pending(void)
{
    sigset_t pending;

    sigpending(&pending);
    return sigismember(&pending, SIGPIPE) == 1;
}

static sigset_t sigpipe_alone(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGPIPE);
    return set;
}

bool appint_sigpipe_needed(void)
{
    return curl_version_info(CURLVERSION_NOW)->version_num < WRITES_QUIETLY;
}

void appint_sigpipe_block(struct appint_sigpipe *guard, bool needed)
{
    sigset_t set = sigpipe_alone();
    sigset_t before;

    guard->blocked = false;
    guard->was_pending = false;
    if (!needed) {
        return;
    }
    guard->was_pending = is_pending();
    pthread_sigmask(SIG_BLOCK, &set, &before);
    guard->blocked = sigismember(&before, SIGPIPE) == 0;
}

void appint_sigpipe_unblock(const struct appint_sigpipe *guard)
{
    sigset_t set = sigpipe_alone();
    struct timespec now = {0, 0};

    if (!guard->blocked) {
        return;
    }
    if (!guard->was_pending && is_pending()) {
        sigtimedwait(&set, NULL, &now);
    }
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}
