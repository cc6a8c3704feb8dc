/* SPDX-License-Identifier: MIT */
/* Status names and error texts: see status.h. */

#include "base/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

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

const char *appint_system_text(int number, char *buffer, size_t size)
{
#if defined(__GLIBC__) && defined(_GNU_SOURCE)
    return strerror_r(number, buffer, size); /* GNU's own: a text */
#else
    if (strerror_r(number, buffer, size) != 0) { /* that of POSIX */
        snprintf(buffer, size, "error %d", number);
    }
    return buffer;
#endif
}
