/* SPDX-License-Identifier: MIT */
#ifndef APPINT_FILES_H
#define APPINT_FILES_H

#include <stddef.h>

#include "base/buf.h"
#include "base/status.h"

/*
 * The few things that profiles and token caches need of the file system, so
 * that they work in a Lua state without `io` and `os`. Every descriptor but
 * that of a lock is closed before a function returns, and none is inherited by
 * child processes.
 */

/*
 * Appends the whole file PATH to INTO. APPINT_E_ABSENT where there is no such
 * file, APPINT_E_SYSTEM where it cannot be read, APPINT_E_LIMIT where it is
 * longer than MAX bytes, APPINT_E_ARG where it is a pipe or a device other than
 * /dev/null; the texts do not repeat PATH.
 */
enum appint_status appint_file_read(const char *path, size_t max,
                                    struct appint_buf *into,
                                    struct appint_error *error);

/*
 * Makes PATH a file of mode 0600 with the LEN bytes of DATA, atomically: a
 * reader sees the old file or the new one, after a power failure too. A link
 * at PATH is replaced by a file. The directory must exist.
 */
enum appint_status appint_file_write_private(const char *path, const void *data,
                                             size_t len,
                                             struct appint_error *error);

/*
 * Locks the file PATH for whoever else asks in this way, in this process or
 * another one, until *FD is closed, which is then the caller's. APPINT_E_LIMIT
 * where somebody else has it.
 */
enum appint_status appint_file_lock(const char *path, int *fd,
                                    struct appint_error *error);

/*
 * Appends the home directory that the user database has for this process's
 * user: what `~` is where the environment has no HOME.
 */
enum appint_status appint_home_directory(struct appint_buf *into,
                                         struct appint_error *error);

#endif
