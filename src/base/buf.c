/* SPDX-License-Identifier: MIT */
/* Growable bytes with a sticky failure flag: see buf.h. */

#include "base/buf.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Secrets seldom grow: copies go through vector registers, which lazy binding
 * saves on the stack, where nobody overwrites them. */
enum { FIRST_CAPACITY = 256, FIRST_SECRET = 2048 };

/* No secret is longer, and to have both copies for a while would cost much. */
enum { MOST_SECRET = 1024 * 1024 };

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
    /* Who reads a volatile pointer cannot know which function it is. */
    static void *(*const volatile set)(void *, int, size_t) = memset;

    set(data, 0, len);
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
        if (buf->secret) {
            appint_wipe(buf->data, buf->capacity);
        }
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
    } else if (buf->secret && buf->len > 0) {
        appint_wipe(buf->data, buf->len);
    }
    buf->len = 0;
    buf->failed = false;
}

/* Reallocates to CAPACITY bytes; of what is secret nothing is left behind. */
static char *resize(struct appint_buf *buf, size_t capacity)
{
    char *data = NULL;

    if (!buf->secret || buf->data == NULL || buf->len > MOST_SECRET) {
        return appint_realloc(&buf->allocator, buf->data, buf->capacity,
                              capacity);
    }
    data = appint_realloc(&buf->allocator, NULL, 0, capacity);
    if (data != NULL) {
        memcpy(data, buf->data, buf->len);
        appint_wipe(buf->data, buf->len);
        appint_realloc(&buf->allocator, buf->data, buf->capacity, 0);
    }
    return data;
}

/* Doubles until EXTRA fits, to MOST bytes at most if they are enough; false
 * when that overflows or memory is out. */
static bool grow(struct appint_buf *buf, size_t extra, size_t most)
{
    size_t first = buf->secret ? FIRST_SECRET : FIRST_CAPACITY;
    size_t capacity = buf->capacity > 0 ? buf->capacity : first;
    char *data;

    if (extra > SIZE_MAX / 2 - buf->len) {
        return false;
    }
    while (capacity - buf->len < extra) {
        capacity *= 2;
    }
    if (capacity > most && most >= buf->len + extra) {
        capacity = most;
    }
    data = resize(buf, capacity);
    if (data == NULL) {
        return false;
    }
    buf->data = data;
    buf->capacity = capacity;
    return true;
}

static char *reserve(struct appint_buf *buf, size_t extra, size_t most)
{
    if (buf->failed) {
        return NULL;
    }
    if ((buf->data == NULL || buf->capacity - buf->len < extra) &&
        !grow(buf, extra, most)) {
        buf->failed = true;
        return NULL;
    }
    return buf->data + buf->len;
}

char *appint_buf_reserve(struct appint_buf *buf, size_t extra)
{
    return reserve(buf, extra, SIZE_MAX);
}

void appint_buf_append_within(struct appint_buf *buf, const void *data,
                              size_t len, size_t most)
{
    if (len > 0 && reserve(buf, len, most > 0 ? most : SIZE_MAX) != NULL) {
        appint_buf_append(buf, data, len);
    }
}

void appint_buf_append_string(struct appint_buf *buf, const char *string)
{
    appint_buf_append(buf, string, strlen(string));
}

void appint_buf_append_integer(struct appint_buf *buf, long long value)
{
    char digits[24];
    size_t at = sizeof digits;
    unsigned long long rest = value < 0 ? 0ULL - (unsigned long long)value
                                        : (unsigned long long)value;

    do {
        digits[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (value < 0) {
        digits[--at] = '-';
    }
    appint_buf_append(buf, digits + at, sizeof digits - at);
}
