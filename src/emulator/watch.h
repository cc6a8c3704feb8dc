/* SPDX-License-Identifier: MIT */
#ifndef APPINT_WATCH_H
#define APPINT_WATCH_H

/*
 * What the emulator waits for beside its sockets: signals, the end of standard
 * input, the end of another process. Each is a descriptor, so nothing is global
 * and there is no race between looking and waiting.
 *
 * The caller owns struct appint_watch, initialises and closes it.
 */

#include <signal.h>
#include <stdbool.h>

#include "base/status.h"

struct appint_watch {
    int signal_fd;  /* -1 unless signals are caught */
    int process_fd; /* -1 unless a process is watched */
    bool input;
    sigset_t old_signals;
};

enum appint_watch_event {
    APPINT_WATCH_NOTHING, /* the sockets, the end of the time, or no more */
    APPINT_WATCH_SIGNAL,
    APPINT_WATCH_INPUT_CLOSED,
    APPINT_WATCH_PROCESS_ENDED,
    APPINT_WATCH_FAILED
};

void appint_watch_init(struct appint_watch *watch);

/*
 * From now on SIGINT, SIGTERM and SIGHUP are events. SIGPIPE is none any more:
 * whoever writes to a pipe that nobody reads gets EPIPE.
 */
enum appint_status appint_watch_signals(struct appint_watch *watch,
                                        struct appint_error *error);

/* From now on the end of standard input is an event; what it has is read. */
void appint_watch_input(struct appint_watch *watch);

/* From now on the end of the process PID, which exists, is an event. */
enum appint_status appint_watch_process(struct appint_watch *watch, int pid,
                                        struct appint_error *error);

/*
 * Waits for FD to become readable or for what is watched, at most MILLISECONDS
 * (negative: no limit). SIGNAL_NUMBER is set for SIGNAL.
 */
enum appint_watch_event appint_watch_wait(struct appint_watch *watch, int fd,
                                          int milliseconds, int *signal_number);

/* Signals do again what they did before. Harmless when closed. */
void appint_watch_close(struct appint_watch *watch);

#endif
