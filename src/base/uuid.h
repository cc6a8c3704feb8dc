/* SPDX-License-Identifier: MIT */
#ifndef APPINT_UUID_H
#define APPINT_UUID_H

#include <stdbool.h>

/*
 * Random UUIDs (RFC 9562, version 4) from the kernel's random bytes: safe
 * after fork, with no state in the process.
 */

enum { APPINT_UUID_LEN = 36 };

/* Writes 36 characters, not terminated; false if there are no random bytes. */
bool appint_uuid(char text[APPINT_UUID_LEN]);

#endif
