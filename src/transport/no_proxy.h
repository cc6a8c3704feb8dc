/* SPDX-License-Identifier: MIT */
#ifndef APPINT_NO_PROXY_H
#define APPINT_NO_PROXY_H

#include <stdbool.h>

#include "base/slice.h"

/*
 * Which hosts are reached without the proxy. libcurl has rules of its own that
 * differ from version to version, and does not say what it has decided; the
 * verdict on a failure has to know.
 */

/*
 * Whether LIST, as NO_PROXY has it, names the host of AUTHORITY ("host",
 * "host:port", "[address]:port", without a port DEFAULT_PORT). Its entries
 * stand between commas or white space: a name, which stands for all names below
 * it too; an address; a block of addresses ("10.0.0.0/8"); each may end in
 * ":port"; "*" is every host.
 */
bool appint_no_proxy_names(struct appint_slice list,
                           struct appint_slice authority,
                           struct appint_slice default_port);

#endif
