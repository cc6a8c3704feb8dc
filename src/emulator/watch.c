/* SPDX-License-Identifier: MIT */
/* Signals, standard input and another process as descriptors: see watch.h. */

#include "emulator/watch.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

void appint_watch_init(struct appint_watch *watch)
{
    memset(watch, 0, sizeof *watch);
    watch->signal_fd = -1;
    watch->process_fd = -1;
}

enum appint_status appint_watch_signals(struct appint_watch *watch,
                                        struct appint_error *error)
{
    sigset_t signals;

    if (watch->signal_fd >= 0) {
        return APPINT_OK;
    }
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGHUP);
    sigaddset(&signals, SIGPIPE);
    watch->signal_fd = signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
    if (watch->signal_fd < 0) {
        return appint_fail(error, APPINT_E_SYSTEM, "cannot catch signals: %s",
                           strerror(errno));
    }
    pthread_sigmask(SIG_BLOCK, &signals, &watch->old_signals);
    return APPINT_OK;
}

void appint_watch_input(struct appint_watch *watch)
{
    watch->input = true;
}

enum appint_status appint_watch_process(struct appint_watch *watch, int pid,
                                        struct appint_error *error)
{
    /* Without a wrapper in older C libraries. */
    int fd = (int)syscall(SYS_pidfd_open, pid, 0);

    if (fd < 0) {
        return appint_fail(error, APPINT_E_SYSTEM,
                           "cannot watch the process %d: %s", pid,
                           strerror(errno));
    }
    if (watch->process_fd >= 0) {
        close(watch->process_fd);
    }
    watch->process_fd = fd;
    return APPINT_OK;
}

static bool input_closed(void)
{
    char ignored[4096];
    ssize_t got = read(STDIN_FILENO, ignored, sizeof ignored);

    return got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN);
}

/* The number of a signal that has arrived and matters, or 0. */
static int next_signal(const struct appint_watch *watch)
{
    struct signalfd_siginfo caught;

    while (read(watch->signal_fd, &caught, sizeof caught) == sizeof caught) {
        if (caught.ssi_signo != SIGPIPE) {
            return (int)caught.ssi_signo;
        }
    }
    return 0;
}

enum appint_watch_event appint_watch_wait(struct appint_watch *watch, int fd,
                                          int milliseconds, int *signal_number)
{
    struct pollfd fds[] = {
        {fd, POLLIN, 0},
        {watch->signal_fd, POLLIN, 0}, /* poll ignores negative ones */
        {watch->process_fd, POLLIN, 0},
        {watch->input ? STDIN_FILENO : -1, POLLIN, 0},
    };

    if (poll(fds, sizeof fds / sizeof fds[0], milliseconds) < 0) {
        return errno == EINTR ? APPINT_WATCH_NOTHING : APPINT_WATCH_FAILED;
    }
    if (fds[1].revents != 0) {
        *signal_number = next_signal(watch);
        if (*signal_number != 0) {
            return APPINT_WATCH_SIGNAL;
        }
    }
    if (fds[2].revents != 0) {
        return APPINT_WATCH_PROCESS_ENDED;
    }
    if (fds[3].revents != 0 && input_closed()) {
        watch->input = false;
        return APPINT_WATCH_INPUT_CLOSED;
    }
    return APPINT_WATCH_NOTHING;
}

void appint_watch_close(struct appint_watch *watch)
{
    if (watch->process_fd >= 0) {
        close(watch->process_fd);
        watch->process_fd = -1;
    }
    if (watch->signal_fd >= 0) {
        /* Those that wait would end us: a SIGPIPE, or what repeats the signal
         * that we end for. */
        while (next_signal(watch) != 0) {
        }
        close(watch->signal_fd);
        watch->signal_fd = -1;
        pthread_sigmask(SIG_SETMASK, &watch->old_signals, NULL);
    }
}
