/* SPDX-License-Identifier: MIT */
#ifndef APPINT_FILES_H
#define APPINT_FILES_H

#include <stddef.h>

#include "buf.h"
#include "status.h"

/*
 * The few things that profiles and token caches need of the file system, so
 * that they work in a Lua state without `io` and `os`. Every descriptor is
 * closed before a function returns, and none is inherited by child processes.
 */

/*
 * Appends the whole file PATH to INTO. APPINT_E_ABSENT where there is no such
 * file, APPINT_E_SYSTEM where it cannot be read, APPINT_E_LIMIT where it is
 * longer than MAX bytes; the texts do not repeat PATH. Blocks while PATH is a
 * pipe that something still writes to.
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
 * Appends the home directory that the user database has for this process's
 * user: what `~` is where the environment has no HOME.
 */
enum appint_status appint_home_directory(struct appint_buf *into,
                                         struct appint_error *error);

#endif
