/* SPDX-License-Identifier: MIT */
/* Checking and counting UTF-8: see utf8.h. */

#include "base/utf8.h"

#include <stdint.h>
#include <string.h>

/* How many of the bytes at TEXT are ASCII, eight at a time. */
static size_t ascii_run(const char *text, size_t len)
{
    size_t n = 0;

    while (len - n >= sizeof(uint64_t)) {
        uint64_t word;

        memcpy(&word, text + n, sizeof word);
        if ((word & UINT64_C(0x8080808080808080)) != 0) {
            break;
        }
        n += sizeof word;
    }
    while (n < len && (unsigned char)text[n] < 0x80) {
        n++;
    }
    return n;
}

/*
 * The length of the multi-byte sequence at S, or 0. The second byte has a
 * narrower range after E0, ED, F0 and F4 (RFC 3629, section 4).
 */
static size_t sequence(const unsigned char *s, size_t len)
{
    unsigned char low = 0x80, high = 0xBF;
    size_t size = s[0] >= 0xF0 ? 4 : s[0] >= 0xE0 ? 3 : 2;

    if (s[0] < 0xC2 || s[0] > 0xF4 || len < size) {
        return 0;
    }
    switch (s[0]) {
    case 0xE0:
        low = 0xA0;
        break;
    case 0xED:
        high = 0x9F;
        break;
    case 0xF0:
        low = 0x90;
        break;
    case 0xF4:
        high = 0x8F;
        break;
    default:
        break;
    }
    if (s[1] < low || s[1] > high) {
        return 0;
    }
    for (size_t i = 2; i < size; i++) {
        if ((s[i] & 0xC0) != 0x80) {
            return 0;
        }
    }
    return size;
}

ptrdiff_t appint_utf8_count(const char *text, size_t len, size_t *bad)
{
    ptrdiff_t count = 0;
    size_t at = 0;

    for (;;) {
        size_t size = ascii_run(text + at, len - at);

        at += size;
        count += (ptrdiff_t)size;
        if (at == len) {
            return count;
        }
        size = sequence((const unsigned char *)text + at, len - at);
        if (size == 0) {
            if (bad != NULL) {
                *bad = at;
            }
            return -1;
        }
        at += size;
        count++;
    }
}

size_t appint_utf8_encode(char to[4], uint32_t code_point)
{
    static const uint32_t limits[] = {0x80, 0x800, 0x10000};
    static const unsigned char leads[] = {0, 0xC0, 0xE0, 0xF0};
    size_t more = 0; /* bytes behind the first one */

    while (more < 3 && code_point >= limits[more]) {
        more++;
    }
    for (size_t i = more; i > 0; i--) {
        to[i] = (char)(0x80 | (code_point & 0x3F));
        code_point >>= 6;
    }
    to[0] = (char)(leads[more] | code_point);
    return more + 1;
}
