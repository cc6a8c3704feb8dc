/* SPDX-License-Identifier: MIT */
#ifndef APPINT_PROCESS_H
#define APPINT_PROCESS_H

/*
 * One child process whose output is wanted, as a credential process: started
 * without a shell, watched without blocking, killed when it is given up.
 *
 * The child reads from /dev/null, has the signals' default actions, and
 * inherits no descriptor but its three. It stays in the terminal's foreground
 * group where this process is in it, so that it can ask a person on /dev/tty;
 * elsewhere it leads a group of its own, and its children are killed with it.
 *
 * A zeroed struct is a process that was never started. The caller owns it and
 * ends it with appint_process_end; the host's SIGCHLD handling is left alone.
 */

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/status.h"

/* One descriptor to read from, and what came; zeroed: closed. */
struct appint_process_pipe {
    bool open;
    bool truncated; /* more came than was kept */
    int fd;
    struct appint_buf text;
};

enum appint_process_outcome {
    APPINT_PROCESS_RUNS, /* or never started */
    APPINT_PROCESS_EXITED,
    APPINT_PROCESS_SIGNALLED,
    APPINT_PROCESS_UNKNOWN, /* the host has reaped it, or ignores SIGCHLD */
};

struct appint_process {
    pid_t pid;
    bool group; /* it leads a process group of its own */
    enum appint_process_outcome outcome;
    int number; /* exit code or signal */
    struct appint_process_pipe output;
    struct appint_process_pipe errors;
    struct appint_process_pipe exit; /* a pidfd, where the system has them */
};

enum {
    APPINT_PROCESS_MAX_TEXT = 256 * 1024, /* kept of each of the two outputs */
    APPINT_PROCESS_MAX_FDS = 3,
    APPINT_PROCESS_MAX_ABANDONED = 16, /* the oldest is left to the host */
};

/*
 * Starts ARGV (NULL-terminated; the program is looked up in PATH) in PROCESS,
 * which is zeroed but for the allocators of its buffers. ENVIRONMENT is like
 * environ, or NULL for the caller's own. APPINT_E_SYSTEM with a text where it
 * cannot be started.
 */
enum appint_status appint_process_start(struct appint_process *process,
                                        char *const argv[],
                                        char *const environment[],
                                        struct appint_error *error);

/*
 * Takes what there is and waits up to SECONDS for more. True when the process
 * has ended and its output is complete, or when there is more output than is
 * kept; `outcome`, `number`, `output.text` and `errors.text` say how then.
 */
bool appint_process_step(struct appint_process *process, double seconds);

/* What a loop can poll instead; returns how many were filled in. */
int appint_process_fds(const struct appint_process *process,
                       struct pollfd fds[APPINT_PROCESS_MAX_FDS]);

/* Killed children that had not ended when nobody could wait any longer: one
 * that runs as another user, say, or hangs in the system. Zeroed: none. */
struct appint_abandoned {
    pid_t pids[APPINT_PROCESS_MAX_ABANDONED];
    int count;
};

/*
 * Kills and reaps what still runs, releases everything. Waits for the child a
 * tenth of a second at most; goes into ABANDONED if it lives on. Idempotent.
 */
void appint_process_end(struct appint_process *process,
                        struct appint_abandoned *abandoned);

/* Reaps those that have ended by now, waiting for none. */
void appint_process_reap(struct appint_abandoned *abandoned);

#endif
