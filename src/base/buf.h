/* SPDX-License-Identifier: MIT */
#ifndef APPINT_BUF_H
#define APPINT_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/*
 * Growable bytes. Append freely and look at `failed` once at the end: after
 * the first allocation that fails, appends do nothing and the flag stays set
 * until appint_buf_reset. A zeroed struct is an empty buffer that allocates
 * from the C heap; one set up with appint_buf_init uses the given allocator
 * (in a Lua state: the state's own, so that its memory limits hold).
 *
 * The owner releases with appint_buf_free; `data` is not zero-terminated.
 */

/* The contract of lua_Alloc: frees when NEW_SIZE is 0, else reallocates. */
typedef void *(*appint_alloc_fn)(void *ud, void *ptr, size_t old_size,
                                 size_t new_size);

struct appint_allocator {
    appint_alloc_fn fn; /* NULL: realloc and free */
    void *ud;
};

struct appint_buf {
    char *data; /* NULL while capacity is 0 */
    size_t len;
    size_t capacity;
    struct appint_allocator allocator;
    bool failed;
    bool secret; /* the owner says so: what is given up is overwritten */
};

/* Reallocates PTR; NULL when out of memory (PTR is then untouched). */
void *appint_realloc(const struct appint_allocator *allocator, void *ptr,
                     size_t old_size, size_t new_size);

/* Overwrites LEN bytes with zeros in a way that no compiler removes. */
void appint_wipe(void *data, size_t len);

void appint_buf_init(struct appint_buf *buf,
                     const struct appint_allocator *allocator);

/* Releases the memory; the buffer is empty and usable again. */
void appint_buf_free(struct appint_buf *buf);

/* Overwrites what was ever stored, then releases: for secrets. */
void appint_buf_wipe(struct appint_buf *buf);

/* Empties and keeps the memory, unless it is larger than KEEP bytes. */
void appint_buf_reset(struct appint_buf *buf, size_t keep);

/* Room for EXTRA more bytes; returns where to write, or NULL (failed). */
char *appint_buf_reserve(struct appint_buf *buf, size_t extra);

/* In the header, because most appends are short and find room. */
static inline void appint_buf_append(struct appint_buf *buf, const void *data,
                                     size_t len)
{
    bool fits = buf->capacity - buf->len >= len && !buf->failed;

    if (len > 0 && data != NULL &&
        (fits || appint_buf_reserve(buf, len) != NULL)) {
        memcpy(buf->data + buf->len, data, len);
        buf->len += len;
    }
}

static inline void appint_buf_append_char(struct appint_buf *buf, char c)
{
    appint_buf_append(buf, &c, 1);
}

/* The same, where the buffer will never hold more than MOST bytes (0: any
 * number): its memory does not grow beyond them. */
void appint_buf_append_within(struct appint_buf *buf, const void *data,
                              size_t len, size_t most);

void appint_buf_append_string(struct appint_buf *buf, const char *string);

/* Decimal digits of VALUE. */
void appint_buf_append_integer(struct appint_buf *buf, long long value);

#endif
