/* SPDX-License-Identifier: MIT */
/* Half-closed connections: see endings.h. */

#include "emulator/endings.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MOST_AT_ONCE = 64 };

static int control(int endings, int what, int fd, unsigned events, void *owner)
{
    struct epoll_event event = {.events = events, .data = {.ptr = owner}};

    return epoll_ctl(endings, what, fd, &event);
}

int appint_endings_open(int other)
{
    int endings = epoll_create1(EPOLL_CLOEXEC);
    int saved = 0;

    if (endings >= 0 &&
        control(endings, EPOLL_CTL_ADD, other, EPOLLIN, NULL) != 0) {
        saved = errno;
        close(endings);
        errno = saved;
        endings = -1;
    }
    return endings;
}

/* One that cannot be watched is closed when it has been idle, as before. */
void appint_endings_add(int endings, int fd, void *owner)
{
    (void)control(endings, EPOLL_CTL_ADD, fd, EPOLLRDHUP | EPOLLONESHOT, owner);
}

void appint_endings_add_again(int endings, int fd, void *owner)
{
    (void)control(endings, EPOLL_CTL_MOD, fd, EPOLLRDHUP | EPOLLONESHOT, owner);
}

int appint_endings_take(int endings, void **owners, int room)
{
    struct epoll_event events[MOST_AT_ONCE];
    int found = epoll_wait(endings, events,
                           room < MOST_AT_ONCE ? room : MOST_AT_ONCE, 0);
    int count = 0;

    for (int i = 0; i < found; i++) {
        if (events[i].data.ptr != NULL) {
            owners[count++] = events[i].data.ptr;
        }
    }
    return count;
}

bool appint_endings_is_over(int fd)
{
    char byte = 0;

    return recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}
