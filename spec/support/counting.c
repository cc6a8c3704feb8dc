/* SPDX-License-Identifier: MIT */
/*
 * Counts what C does, for spec/support/cost.lua: the basic blocks that run in
 * sources compiled with -fsanitize-coverage=trace-pc, and the bytes that the C
 * library goes over for them (linked with --wrap for each function below). The
 * same input has the same count, on a busy machine too.
 *
 * Has readers of a transport besides, which no Lua function reaches without a
 * connection.
 */

#include <stdlib.h>
#include <string.h>

#include <lauxlib.h>
#include <lua.h>

#include "transport/answer.h"
#include "transport/no_proxy.h"

#define EXPORT __attribute__((visibility("default")))

enum { LIMIT = 1 << 26 };

static unsigned long long blocks, bytes;

/* The compiler has it called at each basic block. */
EXPORT void __sanitizer_cov_trace_pc(void);
void __sanitizer_cov_trace_pc(void)
{
    blocks++;
}

#define COUNTED(type, name, parameters, arguments, length)                     \
    type __real_##name parameters;                                             \
    EXPORT type __wrap_##name parameters;                                      \
    type __wrap_##name parameters                                              \
    {                                                                          \
        type result = __real_##name arguments;                                 \
        bytes += (unsigned long long)(length);                                 \
        return result;                                                         \
    }

#define UP_TO(result, from, n)                                                 \
    ((result) != NULL                                                          \
         ? (size_t)((const char *)(result) - (const char *)(from))             \
         : (n))

COUNTED(void *, memchr, (const void *s, int c, size_t n), (s, c, n),
        UP_TO(result, s, n))
COUNTED(void *, memrchr, (const void *s, int c, size_t n), (s, c, n), n)
COUNTED(void *, memcpy, (void *to, const void *from, size_t n), (to, from, n),
        n)
COUNTED(void *, memmove, (void *to, const void *from, size_t n), (to, from, n),
        n)
COUNTED(void *, memset, (void *s, int c, size_t n), (s, c, n), n)
COUNTED(void *, realloc, (void *s, size_t n), (s, n), n)
COUNTED(int, memcmp, (const void *a, const void *b, size_t n), (a, b, n), n)
COUNTED(int, strncasecmp, (const char *a, const char *b, size_t n), (a, b, n),
        n)
COUNTED(size_t, strlen, (const char *s), (s), result)
COUNTED(size_t, strspn, (const char *s, const char *set), (s, set), result)
COUNTED(size_t, strcspn, (const char *s, const char *set), (s, set), result)
COUNTED(char *, strchr, (const char *s, int c), (s, c),
        UP_TO(result, s, __real_strlen(s)))

/* counted() -> how many blocks and bytes so far */
static int l_counted(lua_State *L)
{
    lua_pushnumber(L, (lua_Number)(blocks + bytes));
    return 1;
}

/* The lines of an answer's header, as libcurl hands them over. */
static const char *feed_lines(struct appint_answer *answer, const char *at,
                              const char *end)
{
    while (at < end && !answer->headers_ended) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        size_t len = (size_t)((stop != NULL ? stop + 1 : end) - at);

        if (!appint_answer_header_line(answer, at, len)) {
            return end;
        }
        at += len;
    }
    return at;
}

/* answer(text): header and body of TEXT; how long the headers are that are
 * kept. The text is all that is held when memory runs out: nothing here calls
 * Lua in between. */
static int l_answer(lua_State *L)
{
    const struct appint_allocator allocator = {NULL, NULL};
    struct appint_answer answer = {.max_bytes = LIMIT};
    size_t len;
    const char *text = luaL_checklstring(L, 1, &len), *at;

    appint_answer_init(&answer, &allocator);
    at = feed_lines(&answer, text, text + len);
    (void)appint_answer_receive(&answer, at, (size_t)(text + len - at));
    lua_pushnumber(L, (lua_Number)answer.headers.len);
    appint_answer_reset(&answer, 0);
    return 1;
}

static struct appint_slice slice_argument(lua_State *L, int i)
{
    struct appint_slice slice = {NULL, 0};

    slice.data = luaL_checklstring(L, i, &slice.len);
    return slice;
}

/* no_proxy(list, authority) */
static int l_no_proxy(lua_State *L)
{
    static const struct appint_slice port = {"443", 3};

    lua_pushboolean(L, appint_no_proxy_names(slice_argument(L, 1),
                                             slice_argument(L, 2), port));
    return 1;
}

EXPORT int luaopen_counting(lua_State *L);
int luaopen_counting(lua_State *L)
{
    lua_newtable(L);
    lua_pushcfunction(L, l_counted);
    lua_setfield(L, -2, "counted");
    lua_pushcfunction(L, l_answer);
    lua_setfield(L, -2, "answer");
    lua_pushcfunction(L, l_no_proxy);
    lua_setfield(L, -2, "no_proxy");
    return 1;
}
