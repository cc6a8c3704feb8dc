/* SPDX-License-Identifier: MIT */
/* Reading files, writing private ones, the home directory: see files.h. */

#include "core/files.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

enum { READ_CHUNK = 4096, ENTRY_MIN = 1024, ENTRY_MAX = 1024 * 1024 };

/* What the system's error NUMBER means, for ERROR. */
static enum appint_status system_error(struct appint_error *error, int number)
{
    char text[128];

    return appint_fail(error,
                       number == ENOENT || number == ENOTDIR ? APPINT_E_ABSENT
                                                             : APPINT_E_SYSTEM,
                       "%s", appint_system_text(number, text, sizeof text));
}

static enum appint_status out_of_memory(struct appint_error *error)
{
    return appint_fail(error, APPINT_E_NOMEM, "not enough memory");
}

/* One read at the end of INTO; how many bytes came, or -1 with errno. */
static ssize_t read_chunk(int fd, struct appint_buf *into)
{
    char *room = appint_buf_reserve(into, READ_CHUNK);
    ssize_t got = -1;

    if (room == NULL) {
        errno = ENOMEM;
        return -1;
    }
    do {
        got = read(fd, room, READ_CHUNK);
    } while (got < 0 && errno == EINTR);
    if (got > 0) {
        into->len += (size_t)got;
    }
    return got;
}

/*
 * Whether FD is a file to read, or /dev/null, which is an empty one. Pipes and
 * terminals have no end, other devices may do things when they are read.
 */
static enum appint_status check_kind(int fd, struct appint_error *error)
{
    struct stat file;
    struct stat null;

    if (fstat(fd, &file) != 0) {
        return system_error(error, errno);
    }
    if (S_ISDIR(file.st_mode)) {
        return system_error(error, EISDIR);
    }
    if (S_ISREG(file.st_mode) ||
        (S_ISCHR(file.st_mode) && stat("/dev/null", &null) == 0 &&
         S_ISCHR(null.st_mode) && file.st_rdev == null.st_rdev)) {
        return APPINT_OK;
    }
    return appint_fail(error, APPINT_E_ARG, "%s",
                       S_ISFIFO(file.st_mode)
                           ? "it is a pipe, which is not read: no file"
                           : "it is a device or a socket, which is not read");
}

/* Appends all that FD has. */
static enum appint_status read_all(int fd, size_t max, struct appint_buf *into,
                                   struct appint_error *error)
{
    size_t before = into->len;
    ssize_t got = 0;

    do {
        got = read_chunk(fd, into);
    } while (got > 0 && into->len - before <= max);
    if (into->failed) {
        return out_of_memory(error);
    }
    if (got < 0) {
        return system_error(error, errno);
    }
    return got == 0 ? APPINT_OK
                    : appint_fail(error, APPINT_E_LIMIT,
                                  "the file is longer than %zu bytes", max);
}

enum appint_status appint_file_read(const char *path, size_t max,
                                    struct appint_buf *into,
                                    struct appint_error *error)
{
    enum appint_status status;
    /* Not to wait for who might write to a pipe. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

    if (fd < 0) {
        return system_error(error, errno);
    }
    status = check_kind(fd, error);
    if (status == APPINT_OK) {
        status = read_all(fd, max, into, error);
    }
    close(fd);
    return status;
}

/* Writes all of DATA; false with errno. */
static bool write_all(int fd, const char *data, size_t len)
{
    while (len > 0) {
        ssize_t put = write(fd, data, len);

        if (put < 0 && errno != EINTR) {
            return false;
        }
        if (put > 0) {
            data += put;
            len -= (size_t)put;
        }
    }
    return true;
}

/* After a rename in it: the directory of PATH (changed for the moment). */
static void sync_directory(char *path)
{
    char *slash = strrchr(path, '/');
    int fd = -1;

    if (slash == NULL) {
        fd = open(".", O_RDONLY | O_CLOEXEC | O_DIRECTORY);
    } else {
        char after = slash[1];

        slash[1] = '\0';
        fd = open(path, O_RDONLY | O_CLOEXEC | O_DIRECTORY);
        slash[1] = after;
    }
    /* The new content is in place already: a failure changes nothing. */
    if (fd >= 0) {
        (void)fsync(fd);
        close(fd);
    }
}

/* Makes TEMPLATE (which ends in XXXXXX) a file with DATA; false with errno. */
static bool write_temporary(char *template, const void *data, size_t len)
{
    int fd = mkostemp(template, O_CLOEXEC); /* mode 0600 */
    bool ok = false;
    int number = 0;

    if (fd < 0) {
        return false;
    }
    ok = write_all(fd, data, len) && fsync(fd) == 0;
    number = errno;
    if (close(fd) != 0 && ok) {
        number = errno;
        ok = false;
    }
    if (!ok) {
        (void)unlink(template);
        errno = number;
    }
    return ok;
}

enum appint_status appint_file_write_private(const char *path, const void *data,
                                             size_t len,
                                             struct appint_error *error)
{
    enum appint_status status = APPINT_OK;
    struct appint_buf template = {0};

    appint_buf_append_string(&template, path);
    appint_buf_append(&template, ".XXXXXX", sizeof ".XXXXXX");
    if (template.failed) {
        status = out_of_memory(error);
    } else if (!write_temporary(template.data, data, len)) {
        status = system_error(error, errno);
    } else if (rename(template.data, path) != 0) {
        status = system_error(error, errno);
        (void)unlink(template.data);
    } else {
        sync_directory(template.data);
    }
    appint_buf_free(&template);
    return status;
}

/* Whether FD is the file that is at PATH now: it may have been replaced. */
static bool is_at(int fd, const char *path)
{
    struct stat held;
    struct stat named;

    return fstat(fd, &held) == 0 && stat(path, &named) == 0 &&
           held.st_dev == named.st_dev && held.st_ino == named.st_ino;
}

enum appint_status appint_file_lock(const char *path, int *fd,
                                    struct appint_error *error)
{
    int opened = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    enum appint_status status = APPINT_OK;

    if (opened < 0) {
        return system_error(error, errno);
    }
    if (flock(opened, LOCK_EX | LOCK_NB) != 0) {
        status = errno == EWOULDBLOCK
                     ? appint_fail(error, APPINT_E_LIMIT, "it is locked")
                     : system_error(error, errno);
    } else if (!is_at(opened, path)) {
        status = appint_fail(error, APPINT_E_LIMIT, "it has been replaced");
    }
    if (status != APPINT_OK) {
        close(opened);
        return status;
    }
    *fd = opened;
    return APPINT_OK;
}

enum appint_status appint_home_directory(struct appint_buf *into,
                                         struct appint_error *error)
{
    struct appint_buf entry = {0};
    struct passwd record;
    struct passwd *found = NULL;
    size_t size = ENTRY_MIN;
    int number = ERANGE;

    for (; number == ERANGE && size <= ENTRY_MAX; size *= 2) {
        char *room = appint_buf_reserve(&entry, size);

        number = room == NULL
                     ? ENOMEM
                     : getpwuid_r(getuid(), &record, room, size, &found);
    }
    if (found != NULL && found->pw_dir != NULL && found->pw_dir[0] != '\0') {
        appint_buf_append_string(into, found->pw_dir);
    }
    appint_buf_free(&entry);
    if (number != 0) {
        return system_error(error, number);
    }
    if (found == NULL) {
        return appint_fail(error, APPINT_E_ABSENT,
                           "the user database has no entry for this user");
    }
    return into->failed ? out_of_memory(error) : APPINT_OK;
}
