/* SPDX-License-Identifier: MIT */
/* JSON values: see json.h. */

#include "base/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The letter after the backslash, 'u' for a \u00XX, 0 for none. */
static const char escapes[256] = {
    'u', 'u', 'u', 'u', 'u', 'u',         'u',           'u', 'b',
    't', 'n', 'u', 'f', 'r', 'u',         'u',           'u', 'u',
    'u', 'u', 'u', 'u', 'u', 'u',         'u',           'u', 'u',
    'u', 'u', 'u', 'u', 'u', ['"'] = '"', ['\\'] = '\\',
};

static void append_escape(struct appint_buf *out, unsigned char c, char escape)
{
    static const char hex[] = "0123456789abcdef";
    char text[6] = {'\\', escape, '0', '0', 0, 0};

    text[4] = hex[c >> 4];
    text[5] = hex[c & 15];
    appint_buf_append(out, text, escape == 'u' ? 6 : 2);
}

void appint_json_string(struct appint_buf *out, const char *text, size_t len)
{
    size_t from = 0;

    appint_buf_append_char(out, '"');
    for (size_t i = 0; i < len; i++) {
        char escape = escapes[(unsigned char)text[i]];

        if (escape != 0) {
            appint_buf_append(out, text + from, i - from);
            append_escape(out, (unsigned char)text[i], escape);
            from = i + 1;
        }
    }
    appint_buf_append(out, text + from, len - from);
    appint_buf_append_char(out, '"');
}

/* The host's decimal point may be a comma, or the two bytes of an Arabic one:
 * whatever is no part of a number becomes a point. */
static void fix_decimal_point(char *digits)
{
    static const char others[] = "+-0123456789e";
    size_t at = strspn(digits, others);
    size_t after = at;

    while (digits[after] != '\0' && strchr(others, digits[after]) == NULL) {
        after++;
    }
    if (after > at) {
        digits[at] = '.';
        memmove(digits + at + 1, digits + after, strlen(digits + after) + 1);
    }
}

void appint_json_double(struct appint_buf *out, double value)
{
    char digits[40];

    for (int precision = 15; precision <= 17; precision++) {
        snprintf(digits, sizeof digits, "%.*g", precision, value);
        if (strtod(digits, NULL) == value) {
            break;
        }
    }
    fix_decimal_point(digits);
    appint_buf_append_string(out, digits);
}
