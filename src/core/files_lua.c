/* SPDX-License-Identifier: MIT */
/*
 * Files and the home directory for Lua: see files.h. Failures come back as
 * `nil, text`; a text never has content of a file in it.
 */

#include "core/core.h"

#include <string.h>
#include <unistd.h>

#include "core/files.h"

#define LOCK_TYPE APPINT_TYPE("file_lock")

enum { MAX_FILE_BYTES = 4 * 1024 * 1024 };

/*
 * nil, text; true where the thing is just not there; and true where it is there
 * but is not what it should be. [-0, +4, m]
 */
static int push_failure(lua_State *L, enum appint_status status,
                        const struct appint_error *error)
{
    if (status == APPINT_E_NOMEM) {
        return luaL_error(L, "not enough memory");
    }
    lua_pushnil(L);
    lua_pushstring(L, error->text);
    lua_pushboolean(L, status == APPINT_E_ABSENT);
    lua_pushboolean(L, status == APPINT_E_LIMIT || status == APPINT_E_ARG);
    return 4;
}

/* A string without zero bytes, as the system wants it. [-0, +0, v] */
static const char *check_c_string(lua_State *L, int index)
{
    size_t len = 0;
    const char *text = luaL_checklstring(L, index, &len);

    luaL_argcheck(L, strlen(text) == len, index, "has a zero byte");
    return text;
}

/* Pushes what SCRATCH has, and forgets it. [-0, +1, e] */
static void push_secret(lua_State *L, struct appint_scratch *scratch)
{
    appint_push_buf(L, &scratch->text);
    appint_buf_wipe(&scratch->text);
    scratch->text.secret = false;
    appint_scratch_release(scratch);
}

/*
 * read_file(path) -> text; or nil, reason, whether there is no such file,
 * whether it is too long, or none to be read
 */
static int l_read_file(lua_State *L)
{
    const char *path = check_c_string(L, 1);
    struct appint_scratch *scratch = appint_scratch_take(L);
    struct appint_error error = {""};
    enum appint_status status = APPINT_OK;

    scratch->text.secret = true;
    status = appint_file_read(path, MAX_FILE_BYTES, &scratch->text, &error);
    if (status != APPINT_OK) {
        appint_buf_wipe(&scratch->text);
        scratch->text.secret = false;
        appint_scratch_release(scratch);
        return push_failure(L, status, &error);
    }
    push_secret(L, scratch);
    return 1;
}

/* write_private_file(path, text) -> true, or nil, reason */
static int l_write_private_file(lua_State *L)
{
    const char *path = check_c_string(L, 1);
    size_t len = 0;
    const char *text = luaL_checklstring(L, 2, &len);
    struct appint_error error = {""};
    enum appint_status status =
        appint_file_write_private(path, text, len, &error);

    if (status != APPINT_OK) {
        return push_failure(L, status, &error);
    }
    lua_pushboolean(L, 1);
    return 1;
}

struct lock {
    int descriptor; /* and one more: zeroed is no lock */
};

/* unlock_file(lock), also __gc: more than once is harmless. */
static int unlock(lua_State *L)
{
    struct lock *lock = luaL_checkudata(L, 1, LOCK_TYPE);

    if (lock->descriptor > 0) {
        (void)close(lock->descriptor - 1);
        lock->descriptor = 0;
    }
    return 0;
}

/*
 * lock_file(path) -> a lock, for unlock_file or the collector; or nil, and
 * whether somebody else has it
 */
static int l_lock_file(lua_State *L)
{
    const char *path = check_c_string(L, 1);
    struct lock *lock = appint_push_owner(L, sizeof *lock, LOCK_TYPE, unlock);
    struct appint_error error = {""};
    int descriptor = -1;
    enum appint_status status = appint_file_lock(path, &descriptor, &error);

    lock->descriptor = descriptor + 1;
    if (status != APPINT_OK) {
        lua_pushnil(L);
        lua_pushboolean(L, status == APPINT_E_LIMIT);
        return 2;
    }
    return 1;
}

/* home_directory() -> the user database's entry, or nil, reason */
static int l_home_directory(lua_State *L)
{
    struct appint_scratch *scratch = appint_scratch_take(L);
    struct appint_error error = {""};
    enum appint_status status = appint_home_directory(&scratch->text, &error);

    if (status != APPINT_OK) {
        appint_scratch_release(scratch);
        return push_failure(L, status, &error);
    }
    push_secret(L, scratch);
    return 1;
}

const luaL_Reg appint_files_functions[] = {
    {"read_file", l_read_file},
    {"write_private_file", l_write_private_file},
    {"lock_file", l_lock_file},
    {"unlock_file", unlock},
    {"home_directory", l_home_directory},
    {NULL, NULL},
};
