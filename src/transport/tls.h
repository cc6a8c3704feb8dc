/* SPDX-License-Identifier: MIT */
#ifndef APPINT_TLS_H
#define APPINT_TLS_H

#include <curl/curl.h>

#include "transport/settings.h"

/* The TLS options of libcurl's easy handles: protocol versions, and trust. */

/* TLS 1.2 or later; never changes. */
void appint_tls_set_version(CURL *easy);

/* Which certificates are accepted, the proxy's too; false: out of memory. */
bool appint_tls_set_trust(CURL *easy, const struct appint_settings *settings);

#endif
