/* SPDX-License-Identifier: MIT */
/* A log that does not block, and words for a parent process: see output.h. */

#include "emulator/output.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"

enum { FILE_MODE = 0644 };

enum appint_status appint_log_open(struct appint_log *log, const char *path,
                                   struct appint_error *error)
{
    const char *name = path != NULL ? path : "/proc/self/fd/2";

    log->fd = open(name,
                   O_WRONLY | O_APPEND | O_NONBLOCK | O_CLOEXEC | O_NOCTTY |
                       (path != NULL ? O_CREAT : 0),
                   FILE_MODE);
    log->owned = log->fd >= 0;
    if (log->fd < 0 && path != NULL) {
        return appint_fail(error, APPINT_E_SYSTEM, "cannot write to %s: %s",
                           path, strerror(errno));
    }
    if (log->fd < 0) { /* a socket cannot be opened anew, nor another user's */
        log->fd = STDERR_FILENO;
    }
    return APPINT_OK;
}

/* Writes to what others write to, too: it must go on blocking for them. */
static ssize_t write_shared(int fd, const char *text, size_t len)
{
    struct pollfd room = {fd, POLLOUT, 0};
    ssize_t sent = send(fd, text, len, MSG_DONTWAIT | MSG_NOSIGNAL);

    if (sent >= 0 || errno != ENOTSOCK) {
        return sent;
    }
    if (poll(&room, 1, 0) == 0) {
        errno = EAGAIN;
        return -1;
    }
    return write(fd, text, len); /* a pipe has room for LEN, if for anything */
}

static ssize_t write_now(const struct appint_log *log, const char *text,
                         size_t len)
{
    return log->owned ? write(log->fd, text, len)
                      : write_shared(log->fd, text, len);
}

enum appint_log_result appint_log_write(struct appint_log *log,
                                        const char *text, size_t len,
                                        struct appint_error *error)
{
    ssize_t written = write_now(log, text, len < PIPE_BUF ? len : PIPE_BUF);

    if (written > 0) {
        return APPINT_LOG_WRITTEN;
    }
    if (written < 0 && errno != EAGAIN && errno != EINTR) {
        appint_fail(error, APPINT_E_SYSTEM, "%s", strerror(errno));
        return APPINT_LOG_BROKEN;
    }
    return APPINT_LOG_LOST;
}

void appint_log_close(struct appint_log *log)
{
    if (log->fd >= 0 && log->owned) {
        close(log->fd);
    }
    log->fd = -1;
}

enum appint_status appint_output_tell(int fd, const char *text, size_t len,
                                      struct appint_error *error)
{
    if (write(fd, text, len) != (ssize_t)len) {
        return appint_fail(error, APPINT_E_SYSTEM,
                           "cannot write to the descriptor %d: %s", fd,
                           strerror(errno));
    }
    close(fd);
    return APPINT_OK;
}

static enum appint_status write_file(const char *path, int flags,
                                     const char *text, size_t len,
                                     struct appint_error *error)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY | flags, FILE_MODE);
    bool written = fd >= 0 && write(fd, text, len) == (ssize_t)len;
    int reason = errno;

    if (fd >= 0 && close(fd) != 0 && written) {
        written = false;
        reason = errno;
    }
    return written
               ? APPINT_OK
               : appint_fail(error, APPINT_E_SYSTEM, "cannot write to %s: %s",
                             path, strerror(reason));
}

/* Whether something stands at PATH that is no plain file. */
static bool is_special(const char *path)
{
    struct stat found;

    return lstat(path, &found) == 0 && !S_ISREG(found.st_mode);
}

enum appint_status appint_output_publish(const char *path, const char *text,
                                         size_t len, struct appint_error *error)
{
    struct appint_buf beside = {0};
    enum appint_status status = APPINT_OK;

    if (is_special(path)) {
        return write_file(path, 0, text, len, error);
    }
    appint_buf_append_string(&beside, path);
    appint_buf_append(&beside, ".new", sizeof ".new");
    if (beside.failed) {
        status = appint_fail(error, APPINT_E_NOMEM, "not enough memory");
        goto cleanup;
    }
    status = write_file(beside.data, O_CREAT | O_TRUNC, text, len, error);
    if (status == APPINT_OK && rename(beside.data, path) != 0) {
        status = appint_fail(error, APPINT_E_SYSTEM, "cannot write to %s: %s",
                             path, strerror(errno));
    }
    if (status != APPINT_OK) {
        unlink(beside.data);
    }
cleanup:
    appint_buf_free(&beside);
    return status;
}

void appint_output_withdraw(const char *path)
{
    if (!is_special(path)) {
        unlink(path);
    }
}

void appint_output_end(void)
{
    int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);

    if (nowhere >= 0) {
        dup2(nowhere, STDOUT_FILENO);
        close(nowhere);
    }
}
