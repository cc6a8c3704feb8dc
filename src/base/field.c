/* SPDX-License-Identifier: MIT */
/* Names and values of header fields: see field.h. */

#include "base/field.h"

#include <stdint.h>

/* RFC 9110, 5.6.2 */
/* clang-format off */
const char appint_token_lower[256] = {
    0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0,
    0, '!', 0, '#', '$', '%', '&', '\'',
    0, 0, '*', '+', 0, '-', '.', 0,
    '0', '1', '2', '3', '4', '5', '6', '7',
    '8', '9', 0, 0, 0, 0, 0, 0,
    0, 'a', 'b', 'c', 'd', 'e', 'f', 'g',
    'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o',
    'p', 'q', 'r', 's', 't', 'u', 'v', 'w',
    'x', 'y', 'z', 0, 0, 0, '^', '_',
    '`', 'a', 'b', 'c', 'd', 'e', 'f', 'g',
    'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o',
    'p', 'q', 'r', 's', 't', 'u', 'v', 'w',
    'x', 'y', 'z', 0, '|', 0, '~', 0,
};
/* clang-format on */

bool appint_is_token(struct appint_slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (appint_token_lower[(unsigned char)text.data[i]] == 0) {
            return false;
        }
    }
    return text.len > 0;
}

/* The control characters are those below the space, and 0x7f. */
static bool has_control(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (((unsigned char)text[i] < 0x20 && text[i] != '\t') ||
            text[i] == 0x7f) {
            return true;
        }
    }
    return false;
}

/* Whether one of the eight bytes at TEXT is a control character, or a tab: what
 * is below 0x20 borrows from the bit above when 0x20 is taken from it, and 0x7f
 * is the only byte that is zero once its bits are turned. */
static bool may_have_control(const char *text)
{
    const uint64_t each = UINT64_MAX / 0xff;
    uint64_t bytes = 0;
    uint64_t turned = 0;

    memcpy(&bytes, text, sizeof bytes);
    turned = bytes ^ (each * 0x7f);
    return ((((bytes - each * 0x20) & ~bytes) | ((turned - each) & ~turned)) &
            (each * 0x80)) != 0;
}

/* Most of a request are values. The last eight bytes may overlap others. */
bool appint_is_field_value(struct appint_slice text)
{
    const size_t step = sizeof(uint64_t);

    if (text.len < step) {
        return !has_control(text.data, text.len);
    }
    for (size_t i = 0; i < text.len; i += step) {
        size_t at = text.len - i < step ? text.len - step : i;

        if (may_have_control(text.data + at) &&
            has_control(text.data + at, step)) {
            return false;
        }
    }
    return true;
}
