/* SPDX-License-Identifier: MIT */
/* Names of failures: see failure.h. */

#include "transport/failure.h"

const char *appint_failure_kind(enum appint_failure failure)
{
    static const char *const kinds[] = {
#define X(name, kind, code) kind,
        APPINT_FAILURE_LIST(X)
#undef X
    };
    return kinds[failure];
}

const char *appint_failure_code(enum appint_failure failure)
{
    static const char *const codes[] = {
#define X(name, kind, code) code,
        APPINT_FAILURE_LIST(X)
#undef X
    };
    return codes[failure];
}
