/* SPDX-License-Identifier: MIT */
/* Growable bytes with a sticky failure flag: see buf.h. */

#include "buf.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 256 };

void *appint_realloc(const struct appint_allocator *allocator, void *ptr,
                     size_t old_size, size_t new_size)
{
    if (allocator->fn != NULL) {
        return allocator->fn(allocator->ud, ptr, old_size, new_size);
    }
    if (new_size == 0) {
        free(ptr);
        return NULL;
    }
    return realloc(ptr, new_size);
}

void appint_wipe(void *data, size_t len)
{
    volatile unsigned char *byte = data;

    while (len-- > 0) {
        *byte++ = 0;
    }
}

void appint_buf_init(struct appint_buf *buf,
                     const struct appint_allocator *allocator)
{
    memset(buf, 0, sizeof *buf);
    buf->allocator = *allocator;
}

void appint_buf_free(struct appint_buf *buf)
{
    if (buf->data != NULL) {
        appint_realloc(&buf->allocator, buf->data, buf->capacity, 0);
    }
    buf->data = NULL;
    buf->len = 0;
    buf->capacity = 0;
    buf->failed = false;
}

void appint_buf_wipe(struct appint_buf *buf)
{
    if (buf->data != NULL) {
        appint_wipe(buf->data, buf->capacity);
    }
    appint_buf_free(buf);
}

void appint_buf_reset(struct appint_buf *buf, size_t keep)
{
    if (buf->capacity > keep) {
        appint_buf_free(buf);
    }
    buf->len = 0;
    buf->failed = false;
}

/* Doubles until EXTRA fits; false when that overflows or memory is out. */
static bool grow(struct appint_buf *buf, size_t extra)
{
    size_t capacity = buf->capacity > 0 ? buf->capacity : FIRST_CAPACITY;
    char *data;

    if (extra > SIZE_MAX / 2 - buf->len) {
        return false;
    }
    while (capacity - buf->len < extra) {
        capacity *= 2;
    }
    data = appint_realloc(&buf->allocator, buf->data, buf->capacity, capacity);
    if (data == NULL) {
        return false;
    }
    buf->data = data;
    buf->capacity = capacity;
    return true;
}

char *appint_buf_reserve(struct appint_buf *buf, size_t extra)
{
    if (buf->failed) {
        return NULL;
    }
    if (buf->capacity - buf->len < extra && !grow(buf, extra)) {
        buf->failed = true;
        return NULL;
    }
    return buf->data + buf->len;
}

void appint_buf_append_string(struct appint_buf *buf, const char *string)
{
    appint_buf_append(buf, string, strlen(string));
}

void appint_buf_append_integer(struct appint_buf *buf, long long value)
{
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%lld", value);

    appint_buf_append(buf, digits, (size_t)len);
}
