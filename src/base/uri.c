/* SPDX-License-Identifier: MIT */
/* Percent-encoding: see uri.h. */

#include "base/uri.h"

#include <stdint.h>

/* Letters, digits, '-', '.', '_' and '~'. */
static bool is_unreserved(unsigned char c)
{
    /* One bit for each byte value, lowest first. */
    static const uint32_t unreserved[8] = {
        0, 0x03FF6000u, 0x87FFFFFEu, 0x47FFFFFEu, 0, 0, 0, 0,
    };

    return (unreserved[c >> 5] >> (c & 31) & 1) != 0;
}

/* The value of a hexadecimal digit, or -1. */
static int digit_value(unsigned char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The byte that "%XX" at TEXT stands for, or -1 where there is none. */
static int escape_value(const char *text, size_t len)
{
    int high;
    int low;

    if (len < 3 || text[0] != '%') {
        return -1;
    }
    high = digit_value((unsigned char)text[1]);
    low = digit_value((unsigned char)text[2]);
    return high < 0 || low < 0 ? -1 : high << 4 | low;
}

/* Writes C, encoded where it must be; returns the place after it. */
static char *put(char *to, unsigned char c, bool keep_slash)
{
    static const char digits[] = "0123456789ABCDEF";

    if (is_unreserved(c) || (keep_slash && c == '/')) {
        *to++ = (char)c;
        return to;
    }
    *to++ = '%';
    *to++ = digits[c >> 4];
    *to++ = digits[c & 15];
    return to;
}

/* Room for LEN bytes all encoded; a product that overflows is refused. */
static char *reserve_encoded(struct appint_buf *buf, size_t len)
{
    return appint_buf_reserve(buf, len > SIZE_MAX / 3 ? SIZE_MAX : 3 * len);
}

void appint_uri_encode(struct appint_buf *buf, const char *text, size_t len,
                       bool keep_slash)
{
    char *to = reserve_encoded(buf, len);

    if (to == NULL) {
        return;
    }
    for (size_t i = 0; i < len; i++) {
        to = put(to, (unsigned char)text[i], keep_slash);
    }
    buf->len = (size_t)(to - buf->data);
}

void appint_uri_canonicalize(struct appint_buf *buf, const char *text,
                             size_t len, bool keep_slash)
{
    char *to = reserve_encoded(buf, len);

    if (to == NULL) {
        return;
    }
    for (size_t i = 0; i < len; i++) {
        int value = escape_value(text + i, len - i);

        if (value < 0) {
            to = put(to, (unsigned char)text[i], keep_slash);
        } else {
            /* An encoded slash is data, not a separator: it stays encoded. */
            to = put(to, (unsigned char)value, false);
            i += 2;
        }
    }
    buf->len = (size_t)(to - buf->data);
}
