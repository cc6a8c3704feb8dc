/* SPDX-License-Identifier: MIT */
#ifndef APPINT_URI_H
#define APPINT_URI_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/*
 * Percent-encoding (RFC 3986, section 2) for paths, queries and signatures:
 * everything but the unreserved characters is encoded, with upper-case digits,
 * which is what Signature Version 4 prescribes. All of it is independent of
 * the locale. The caller owns the buffers; a failure is in their flag.
 */

/* Appends TEXT encoded; '/' stays as it is with KEEP_SLASH. */
void appint_uri_encode(struct appint_buf *buf, const char *text, size_t len,
                       bool keep_slash);

/*
 * Appends TEXT, a part of a request line, as a receiver that decodes and
 * encodes it would see it: a valid %XX in upper case, or decoded where it
 * stands for an unreserved character; every other byte as in
 * appint_uri_encode, a stray '%' included. Appends at most 3 * LEN bytes.
 */
void appint_uri_canonicalize(struct appint_buf *buf, const char *text,
                             size_t len, bool keep_slash);

#endif
