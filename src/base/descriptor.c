/* SPDX-License-Identifier: MIT */
/* Numbers of file descriptors: see descriptor.h. */

#include "base/descriptor.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

int appint_descriptor_move_up(int fd)
{
    int moved = -1;
    int number = 0;

    if (fd < 0 || fd > STDERR_FILENO) {
        return fd;
    }
    moved = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    number = errno;
    close(fd);
    errno = number;
    return moved;
}
