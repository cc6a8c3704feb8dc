/* SPDX-License-Identifier: MIT */
/* Status names and error texts: see status.h. */

#include "status.h"

#include <stdarg.h>
#include <stdio.h>

const char *appint_status_text(enum appint_status status)
{
    switch (status) {
#define X(name, text)                                                          \
    case name:                                                                 \
        return text;
        APPINT_STATUS_LIST(X)
#undef X
    }
    return "unknown status";
}

enum appint_status appint_fail(struct appint_error *error,
                               enum appint_status status, const char *format,
                               ...)
{
    va_list arguments;

    if (error != NULL) {
        va_start(arguments, format);
        vsnprintf(error->text, sizeof error->text, format, arguments);
        va_end(arguments);
    }
    return status;
}
