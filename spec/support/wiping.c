/* SPDX-License-Identifier: MIT */
/*
 * A host that overwrites what Lua and libcurl give back, so that their own
 * copies leave nothing in memory:
 *
 *     wiping FILE PROGRESS
 *
 * Runs FILE in such a state and closes it, overwrites what calls have left of
 * the stack, creates the file PROGRESS with a "1" behind its name, and waits
 * for a line of standard input: see spec/support/held_memory.lua. What secrets
 * are in its memory then, others have left.
 */

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>
#include <lualib.h>
#include <openssl/crypto.h>

#include "embed/appintegrations.h"
#include "lua/compat.h"

enum { STACK = 512 * 1024, PATH = 4096 };

/* A block knows its size, which libcurl does not. */
union block {
    size_t size;
    max_align_t alignment;
};

static void *new_block(size_t size)
{
    union block *block =
        size <= SIZE_MAX / 2 ? malloc(sizeof *block + size) : NULL;

    if (block == NULL) {
        return NULL;
    }
    block->size = size;
    return block + 1;
}

static void wipe(void *memory)
{
    union block *block = memory;

    if (block != NULL) {
        OPENSSL_cleanse(block, block[-1].size);
        free(block - 1);
    }
}

static void *move(void *memory, size_t size)
{
    union block *block = memory;
    void *moved = new_block(size);

    if (moved != NULL && block != NULL) {
        memcpy(moved, block, block[-1].size < size ? block[-1].size : size);
        wipe(block);
    }
    return moved;
}

static char *duplicate(const char *text)
{
    char *copy = new_block(strlen(text) + 1);

    return copy != NULL ? strcpy(copy, text) : NULL;
}

static void *new_zeros(size_t count, size_t size)
{
    void *memory = new_block(count * size);

    return memory != NULL ? memset(memory, 0, count * size) : NULL;
}

static void *allocate(void *data, void *memory, size_t old_size, size_t size)
{
    (void)data;
    (void)old_size;
    if (size == 0) {
        wipe(memory);
        return NULL;
    }
    return move(memory, size);
}

/* Where the C functions of Lua's libraries have had their buffers. */
static __attribute__((noinline)) void overwrite_stack(void)
{
    char room[STACK];

    OPENSSL_cleanse(room, sizeof room);
}

static int run(const char *file)
{
    lua_State *L = appint_newstate(allocate, NULL);
    int failed;

    if (L == NULL) {
        fprintf(stderr, "this Lua takes no allocator\n");
        return EXIT_FAILURE;
    }
    luaL_openlibs(L);
    appintegrations_preload(L);
    failed =
        luaL_loadfile(L, file) != LUA_OK || lua_pcall(L, 0, 0, 0) != LUA_OK;
    if (failed) {
        fprintf(stderr, "%s\n", lua_tostring(L, -1));
    }
    lua_close(L);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    char path[PATH];
    FILE *progress;
    int code;

    if (argc != 3) {
        fprintf(stderr, "usage: %s FILE PROGRESS\n", argv[0]);
        return EXIT_FAILURE;
    }
    curl_global_init_mem(CURL_GLOBAL_DEFAULT, new_block, wipe, move, duplicate,
                         new_zeros);
    appintegrations_host_initializes_libcurl();
    code = run(argv[1]);
    curl_global_cleanup();
    overwrite_stack();
    snprintf(path, sizeof path, "%s1", argv[2]);
    progress = code == EXIT_SUCCESS ? fopen(path, "w") : NULL;
    if (progress == NULL) {
        return EXIT_FAILURE;
    }
    fclose(progress);
    (void)getchar();
    return EXIT_SUCCESS;
}
