/* SPDX-License-Identifier: MIT */
/* The account of an engine's descriptors: see sockets.h. */

#include "transport/sockets.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/descriptor.h"

struct opened {
    int fd;
    ino_t inode; /* which socket that is; 0: not known */
    uint64_t transfer;
};

/* Which socket FD is, a number that no other has; 0: none, or not known. */
static ino_t inode_of(int fd)
{
    struct stat held;

    return fstat(fd, &held) == 0 && S_ISSOCK(held.st_mode) ? held.st_ino : 0;
}

void appint_sockets_init(struct appint_sockets *sockets,
                         const struct appint_allocator *allocator)
{
    appint_buf_init(&sockets->polled, allocator);
    appint_buf_init(&sockets->opened, allocator);
    appint_buf_init(&sockets->watched, allocator);
}

void appint_sockets_reset(struct appint_sockets *sockets, size_t keep)
{
    appint_buf_reset(&sockets->polled, keep);
    appint_buf_reset(&sockets->opened, keep);
    sockets->watched_ready = sockets->watched_ready || sockets->watched.len > 0;
    appint_buf_reset(&sockets->watched, keep);
}

struct pollfd *appint_sockets_polled(const struct appint_sockets *sockets,
                                     size_t *count)
{
    *count = sockets->polled.len / sizeof(struct pollfd);
    return (void *)sockets->polled.data;
}

/* The entry of FD, or the number of entries. A linear search: there are few
 * more sockets than running transfers. */
static size_t polled_index(const struct appint_sockets *sockets, int fd)
{
    size_t count = 0;
    const struct pollfd *entries = appint_sockets_polled(sockets, &count);
    size_t i = 0;

    while (i < count && entries[i].fd != fd) {
        i++;
    }
    return i;
}

bool appint_sockets_poll(struct appint_sockets *sockets, int fd, short events)
{
    struct pollfd entry = {.fd = fd, .events = events};
    size_t i = polled_index(sockets, fd);
    size_t count = 0;
    struct pollfd *entries = appint_sockets_polled(sockets, &count);

    if (i < count) {
        entries[i].events = events;
        return true;
    }
    appint_buf_append(&sockets->polled, &entry, sizeof entry);
    return !sockets->polled.failed;
}

void appint_sockets_unpoll(struct appint_sockets *sockets, int fd)
{
    size_t count = 0;
    struct pollfd *entries = appint_sockets_polled(sockets, &count);
    size_t i = polled_index(sockets, fd);

    if (i < count) {
        entries[i] = entries[count - 1];
        sockets->polled.len -= sizeof *entries;
    }
}

/* Takes FD out of a list of descriptors; false when it is not there. */
static bool remove_fd(struct appint_buf *list, int fd)
{
    size_t count = list->len / sizeof fd;
    int *fds = (void *)list->data;

    for (size_t i = 0; i < count; i++) {
        if (fds[i] == fd) {
            fds[i] = fds[count - 1];
            list->len -= sizeof fd;
            return true;
        }
    }
    return false;
}

static struct opened *opened_sockets(const struct appint_sockets *sockets,
                                     size_t *count)
{
    *count = sockets->opened.len / sizeof(struct opened);
    return (void *)sockets->opened.data;
}

int appint_sockets_open(struct appint_sockets *sockets,
                        const struct appint_socket_request *request)
{
    struct opened opened = {-1, 0, request->transfer};

    if (appint_buf_reserve(&sockets->opened, sizeof opened) == NULL) {
        errno = 0;
        return -1;
    }
    /* Close-on-exec, which libcurl leaves off: what the host spawns must not
     * inherit connections. */
    opened.fd = appint_descriptor_move_up(socket(
        request->family, request->type | SOCK_CLOEXEC, request->protocol));
    if (opened.fd >= 0) {
        /* A watched one of that number was closed by who had it watched. */
        appint_sockets_unwatch(sockets, opened.fd);
        opened.inode = inode_of(opened.fd);
        appint_buf_append(&sockets->opened, &opened, sizeof opened);
    }
    return opened.fd;
}

int appint_sockets_close(struct appint_sockets *sockets, int fd)
{
    size_t count = 0;
    struct opened *opened = opened_sockets(sockets, &count);

    for (size_t i = 0; i < count; i++) {
        if (opened[i].fd == fd) {
            opened[i] = opened[count - 1];
            sockets->opened.len -= sizeof *opened;
            break;
        }
    }
    return close(fd);
}

void appint_sockets_close_all(struct appint_sockets *sockets)
{
    size_t count = 0;
    const struct opened *opened = opened_sockets(sockets, &count);

    for (size_t i = 0; i < count; i++) {
        if (opened[i].inode != 0 && opened[i].inode == inode_of(opened[i].fd)) {
            close(opened[i].fd);
        }
    }
    sockets->opened.len = 0;
}

bool appint_sockets_connected(const struct appint_sockets *sockets,
                              uint64_t transfer)
{
    size_t count = 0;
    const struct opened *opened = opened_sockets(sockets, &count);

    for (size_t i = 0; i < count; i++) {
        struct sockaddr_storage peer;
        socklen_t len = sizeof peer;

        if (opened[i].transfer == transfer &&
            getpeername(opened[i].fd, (struct sockaddr *)&peer, &len) == 0) {
            return true;
        }
    }
    return false;
}

bool appint_sockets_watch(struct appint_sockets *sockets, int fd, short events)
{
    struct pollfd entry = {.fd = fd, .events = events};

    appint_sockets_unwatch(sockets, fd);
    if (appint_buf_reserve(&sockets->watched, sizeof fd) == NULL ||
        appint_buf_reserve(&sockets->polled, sizeof entry) == NULL) {
        sockets->watched.failed = false;
        sockets->polled.failed = false;
        return false;
    }
    appint_buf_append(&sockets->watched, &fd, sizeof fd);
    appint_buf_append(&sockets->polled, &entry, sizeof entry);
    return true;
}

void appint_sockets_unwatch(struct appint_sockets *sockets, int fd)
{
    if (remove_fd(&sockets->watched, fd)) {
        appint_sockets_unpoll(sockets, fd);
    }
}

bool appint_sockets_set_ready(struct appint_sockets *sockets, int fd)
{
    if (!remove_fd(&sockets->watched, fd)) {
        return false;
    }
    appint_sockets_unpoll(sockets, fd);
    sockets->watched_ready = true;
    return true;
}

bool appint_sockets_take_ready(struct appint_sockets *sockets)
{
    bool ready = sockets->watched_ready;

    sockets->watched_ready = false;
    return ready;
}
