/* SPDX-License-Identifier: MIT */
#ifndef APPINT_LIBCURL_H
#define APPINT_LIBCURL_H

#include "base/status.h"

/* libcurl's initialisation: the only state that a process has of it. */

/* Runs curl_global_init once in the process, whichever thread comes first. */
enum appint_status appint_curl_init(struct appint_error *error);

/* The host runs curl_global_init by itself, before the first transfer and
 * before it starts threads: appint_curl_init is not to. No effect once that has
 * been called. */
void appint_curl_leave_to_host(void);

#endif
