/* SPDX-License-Identifier: MIT */
/* The system's clocks, one of which may fail to be read: see clock.h. */

#include "base/clock.h"

#include <stdio.h>
#include <time.h>

enum { MICROSECONDS = 1000000 }; /* in a second */

int64_t appint_clock_monotonic(void)
{
    struct timespec now = {0, 0};

    if (clock_gettime(CLOCK_MONOTONIC, &now) != 0) {
        return 0;
    }
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

double appint_clock_now(void)
{
    struct timespec now = {0, 0};

    if (clock_gettime(CLOCK_REALTIME, &now) != 0) {
        return (double)time(NULL); /* which cannot fail */
    }
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

const char *appint_clock_text(double seconds, char text[APPINT_SECONDS_SIZE])
{
    long long unit = 1; /* so many of the last digit are a second */
    long long count = 0;
    int length = 0;

    while (unit < MICROSECONDS && seconds * (double)unit < 99.95) {
        unit *= 10;
    }
    count = (long long)(seconds * (double)unit + 0.5);
    length = snprintf(text, APPINT_SECONDS_SIZE, "%lld.%06lld", count / unit,
                      count % unit * (MICROSECONDS / unit));
    while (text[length - 1] == '0') {
        length--;
    }
    if (text[length - 1] == '.') {
        length--;
    }
    text[length] = '\0';
    return text;
}
