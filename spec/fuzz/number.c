/* SPDX-License-Identifier: MIT */
/*
 * What src/base reads and writes of numbers and characters, beside the C
 * library: numbers as JSON has them beside strtoll and strtod, doubles of any
 * bits written and read again, strings written as JSON, UTF-8 beside a reader
 * that goes by the tables of RFC 3629.
 */

#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/json.h"
#include "base/number.h"
#include "base/utf8.h"
#include "check.h"

enum { MAX_TEXT = 4096 };

/* The length of the number that TEXT, zero-terminated, begins with, or 0. */
static size_t number_length(const char *text)
{
    const char *at = text;

    at += *at == '-';
    if (*at == '0') {
        at++;
    } else {
        at += strspn(at, "0123456789");
    }
    if (at == text || at[-1] == '-' || strspn(at, "0123456789") > 0) {
        return 0;
    }
    if (*at == '.') {
        size_t digits = strspn(++at, "0123456789");

        if (digits == 0) {
            return 0;
        }
        at += digits;
    }
    if (*at == 'e' || *at == 'E') {
        size_t digits;

        at++;
        at += *at == '+' || *at == '-';
        digits = strspn(at, "0123456789");
        if (digits == 0) {
            return 0;
        }
        at += digits;
    }
    return (size_t)(at - text);
}

static void check_number(const char *text, size_t size)
{
    struct appint_number number;
    const char *stop = appint_number_read(text, text + size, &number);
    size_t len = number_length(text);
    char copy[MAX_TEXT + 1];

    if (stop == NULL) {
        CHECK(len == 0);
        return;
    }
    CHECK((size_t)(stop - text) == len);
    memcpy(copy, text, len);
    copy[len] = '\0';
    if (number.is_integer) {
        errno = 0;
        CHECK(strtoll(copy, NULL, 10) == number.integer && errno == 0);
        CHECK(strpbrk(copy, ".eE") == NULL);
    } else {
        CHECK(strtod(copy, NULL) == number.real);
        if (strpbrk(copy, ".eE") == NULL) {
            errno = 0;
            (void)strtoll(copy, NULL, 10);
            CHECK(errno == ERANGE);
        }
    }
}

static void check_double(const uint8_t *data)
{
    struct appint_buf out = {0};
    struct appint_number number;
    double value, read;
    int64_t whole;

    memcpy(&value, data, sizeof value);
    if (!isfinite(value)) {
        return;
    }
    appint_json_double(&out, value);
    CHECK(appint_number_read(out.data, out.data + out.len, &number) ==
          out.data + out.len);
    read = number.is_integer ? (double)number.integer : number.real;
    CHECK(read == value);
    if (appint_number_is_whole(value, &whole)) {
        CHECK((double)whole == value);
    } else {
        CHECK(trunc(value) != value || value >= 0x1p63 || value < -0x1p63);
    }
    appint_buf_free(&out);
}

/* RFC 3629, section 4: the length of the character at TEXT, or 0. */
static size_t character_length(const unsigned char *text, size_t left)
{
    static const struct {
        unsigned char first, last, low, high, length;
    } rows[] = {
        {0x00, 0x7F, 0, 0, 1},       {0xC2, 0xDF, 0x80, 0xBF, 2},
        {0xE0, 0xE0, 0xA0, 0xBF, 3}, {0xE1, 0xEC, 0x80, 0xBF, 3},
        {0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3},
        {0xF0, 0xF0, 0x90, 0xBF, 4}, {0xF1, 0xF3, 0x80, 0xBF, 4},
        {0xF4, 0xF4, 0x80, 0x8F, 4},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t length = rows[i].length;

        if (text[0] < rows[i].first || text[0] > rows[i].last) {
            continue;
        }
        if (left < length ||
            (length > 1 && (text[1] < rows[i].low || text[1] > rows[i].high))) {
            return 0;
        }
        for (size_t j = 2; j < length; j++) {
            if ((text[j] & 0xC0) != 0x80) {
                return 0;
            }
        }
        return length;
    }
    return 0;
}

static void check_utf8(const char *text, size_t size)
{
    ptrdiff_t count = 0;
    size_t at = 0, bad = SIZE_MAX;

    while (at < size) {
        size_t length =
            character_length((const unsigned char *)text + at, size - at);

        if (length == 0) {
            break;
        }
        at += length;
        count++;
    }
    if (at < size) {
        CHECK(appint_utf8_count(text, size, &bad) == -1);
        CHECK(bad >= at && bad < at + 4 && bad < size);
    } else {
        CHECK(appint_utf8_count(text, size, &bad) == count);
    }
}

/* No control characters, and quotation marks only where they are escaped. */
static void check_string(const char *text, size_t size)
{
    struct appint_buf out = {0};

    appint_json_string(&out, text, size);
    CHECK(out.len >= 2 && out.data[0] == '"' && out.data[out.len - 1] == '"');
    for (size_t i = 1; i < out.len - 1; i++) {
        CHECK((unsigned char)out.data[i] >= 0x20 && out.data[i] != '"');
        i += out.data[i] == '\\';
    }
    appint_buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char text[MAX_TEXT + 1];

    if (size > MAX_TEXT) {
        return 0;
    }
    memcpy(text, data, size);
    text[size] = '\0';
    check_number(text, size);
    check_utf8(text, size);
    check_string(text, size);
    if (size >= sizeof(double)) {
        check_double(data);
    }
    return 0;
}
