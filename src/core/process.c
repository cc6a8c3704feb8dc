/* SPDX-License-Identifier: MIT */
/* Starting, watching and ending a child process: see process.h. */

#include "core/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/descriptor.h"

#ifdef __GLIBC__
#if __GLIBC_PREREQ(2, 34)
#define HAS_CLOSEFROM 1
#endif
#endif

extern char **environ;

enum {
    READ_CHUNK = 4096,
    /* How long the end of a process may go unnoticed where nothing tells it:
     * milliseconds, while it writes, and after it has closed its outputs. */
    SLICE_OPEN = 50,
    SLICE_CLOSED = 5,
};

static enum appint_status system_error(struct appint_error *error,
                                       const char *what, int number)
{
    char text[128];

    return appint_fail(error, APPINT_E_SYSTEM, "%s%s", what,
                       appint_system_text(number, text, sizeof text));
}

static double monotonic(void)
{
    return (double)appint_clock_monotonic() / 1e6;
}

/* --- Starting ------------------------------------------------------------ */

static void pipe_close(struct appint_process_pipe *end)
{
    if (end->open) {
        close(end->fd);
        end->open = false;
    }
}

/* A pipe that END reads from without blocking; the other end, or -1. */
static int open_pipe(struct appint_process_pipe *end)
{
    int fds[2] = {-1, -1};

    if (pipe2(fds, O_CLOEXEC) != 0) {
        return -1;
    }
    /* The child's redirections would overwrite one of the standard three. */
    fds[0] = appint_descriptor_move_up(fds[0]);
    fds[1] = appint_descriptor_move_up(fds[1]);
    if (fds[0] < 0 || fds[1] < 0 || fcntl(fds[0], F_SETFL, O_NONBLOCK) != 0) {
        int number = errno;

        for (int i = 0; i < 2; i++) {
            if (fds[i] >= 0) {
                close(fds[i]);
            }
        }
        errno = number;
        return -1;
    }
    end->fd = fds[0];
    end->open = true;
    return fds[1];
}

/* Whether this process may read from its terminal. */
static bool in_foreground(void)
{
    int tty = open("/dev/tty", O_RDONLY | O_NOCTTY | O_CLOEXEC);
    bool foreground = false;

    if (tty >= 0) {
        foreground = tcgetpgrp(tty) == getpgrp();
        close(tty);
    }
    return foreground;
}

/* Signals as a program expects them, whatever the host has done to its own. */
static int set_attributes(posix_spawnattr_t *attributes, bool group)
{
    static const int defaults[] = {SIGPIPE, SIGCHLD, SIGHUP,  SIGINT,  SIGQUIT,
                                   SIGTERM, SIGALRM, SIGTSTP, SIGTTIN, SIGTTOU};
    short flags = POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK;
    sigset_t set;
    int number = 0;

    sigemptyset(&set);
    number = posix_spawnattr_setsigmask(attributes, &set);
    for (size_t i = 0; i < sizeof defaults / sizeof defaults[0]; i++) {
        sigaddset(&set, defaults[i]);
    }
    if (number == 0) {
        number = posix_spawnattr_setsigdefault(attributes, &set);
    }
    if (group) {
        flags = (short)(flags | POSIX_SPAWN_SETPGROUP);
    }
    return number != 0 ? number : posix_spawnattr_setflags(attributes, flags);
}

/* The child's three descriptors, and no other. */
static int set_actions(posix_spawn_file_actions_t *actions, int output,
                       int errors)
{
    int number = posix_spawn_file_actions_addopen(actions, STDIN_FILENO,
                                                  "/dev/null", O_RDONLY, 0);

    if (number == 0) {
        number =
            posix_spawn_file_actions_adddup2(actions, output, STDOUT_FILENO);
    }
    if (number == 0) {
        number =
            posix_spawn_file_actions_adddup2(actions, errors, STDERR_FILENO);
    }
#ifdef HAS_CLOSEFROM
    /* Elsewhere only what the host has opened without O_CLOEXEC stays open. */
    if (number == 0) {
        number = posix_spawn_file_actions_addclosefrom_np(actions,
                                                          STDERR_FILENO + 1);
    }
#endif
    return number;
}

/* posix_spawnp with OUTPUT and ERRORS as its outputs; an error number. */
static int spawn(struct appint_process *process, const int outputs[2],
                 char *const argv[], char *const environment[])
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    pid_t pid = 0;
    int number = posix_spawn_file_actions_init(&actions);

    if (number != 0) {
        return number;
    }
    number = posix_spawnattr_init(&attributes);
    if (number == 0) {
        process->group = !in_foreground();
        number = set_attributes(&attributes, process->group);
        if (number == 0) {
            number = set_actions(&actions, outputs[0], outputs[1]);
        }
        if (number == 0) {
            number = posix_spawnp(&pid, argv[0], &actions, &attributes, argv,
                                  environment != NULL ? environment : environ);
        }
        posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&actions);
    process->pid = number == 0 ? pid : 0;
    return number;
}

/* A descriptor that tells the end, if the system has such things. */
static void watch_exit(struct appint_process *process)
{
#ifdef SYS_pidfd_open
    long fd = syscall(SYS_pidfd_open, process->pid, 0);

    if (fd >= 0) {
        process->exit.fd = (int)fd;
        process->exit.open = true;
    }
#else
    (void)process;
#endif
}

/* Closes what is open, and forgets what was read. */
static void release(struct appint_process *process)
{
    pipe_close(&process->output);
    pipe_close(&process->errors);
    pipe_close(&process->exit);
    appint_buf_wipe(&process->output.text);
    appint_buf_wipe(&process->errors.text);
}

enum appint_status appint_process_start(struct appint_process *process,
                                        char *const argv[],
                                        char *const environment[],
                                        struct appint_error *error)
{
    int outputs[2] = {-1, -1};
    int number = 0;

    outputs[0] = open_pipe(&process->output);
    if (outputs[0] >= 0) {
        outputs[1] = open_pipe(&process->errors);
    }
    if (outputs[1] < 0) {
        number = errno;
    } else {
        number = spawn(process, outputs, argv, environment);
    }
    for (int i = 0; i < 2; i++) {
        if (outputs[i] >= 0) {
            close(outputs[i]);
        }
    }
    if (number != 0) {
        release(process);
        return system_error(error, "", number);
    }
    watch_exit(process);
    return APPINT_OK;
}

/* --- Watching ------------------------------------------------------------ */

/* Keeps the LEN bytes of DATA as far as they fit. */
static void pipe_keep(struct appint_process_pipe *end, const char *data,
                      size_t len)
{
    size_t room = APPINT_PROCESS_MAX_TEXT - end->text.len;

    if (len > room) {
        len = room;
        end->truncated = true;
    }
    appint_buf_append(&end->text, data, len);
}

/* Reads what there is; closes at the end. Past the bound, a child that writes
 * for ever is cut off after one more bound's worth, so that a step ends. */
static void pipe_drain(struct appint_process_pipe *end)
{
    char chunk[READ_CHUNK];
    size_t budget = APPINT_PROCESS_MAX_TEXT;

    while (end->open && budget >= sizeof chunk) {
        ssize_t got = read(end->fd, chunk, sizeof chunk);

        if (got > 0) {
            pipe_keep(end, chunk, (size_t)got);
            budget -= (size_t)got;
        } else if (got < 0 && errno == EAGAIN) {
            break;
        } else if (got == 0 || errno != EINTR) {
            pipe_close(end);
        }
    }
    appint_wipe(chunk, sizeof chunk);
}

/* Notes how the process ended, if it has. */
static void check_end(struct appint_process *process)
{
    int status = 0;
    pid_t got = waitpid(process->pid, &status, WNOHANG);

    if (got == 0 || (got < 0 && errno == EINTR)) {
        return;
    }
    if (got < 0) {
        process->outcome = APPINT_PROCESS_UNKNOWN;
    } else if (WIFSIGNALED(status)) {
        process->outcome = APPINT_PROCESS_SIGNALLED;
        process->number = WTERMSIG(status);
    } else {
        process->outcome = APPINT_PROCESS_EXITED;
        process->number = WEXITSTATUS(status);
    }
}

int appint_process_fds(const struct appint_process *process,
                       struct pollfd fds[APPINT_PROCESS_MAX_FDS])
{
    const struct appint_process_pipe *const ends[] = {
        &process->output, &process->errors, &process->exit};
    int count = 0;

    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        if (ends[i]->open) {
            fds[count] = (struct pollfd){.fd = ends[i]->fd, .events = POLLIN};
            count++;
        }
    }
    return count;
}

/* Sleeps until something may have happened, at most LEFT seconds. */
static void wait_for_news(const struct appint_process *process, double left)
{
    struct pollfd fds[APPINT_PROCESS_MAX_FDS];
    int count = appint_process_fds(process, fds);
    int milliseconds = left < 3600 ? (int)(left * 1000) + 1 : 3600 * 1000;
    int slice = count > 0 ? SLICE_OPEN : SLICE_CLOSED;

    if (!process->exit.open && milliseconds > slice) {
        milliseconds = slice;
    }
    (void)poll(fds, (nfds_t)count, milliseconds);
}

bool appint_process_step(struct appint_process *process, double seconds)
{
    double finish = monotonic() + seconds;
    double left = seconds;

    if (process->pid == 0) {
        return true;
    }
    while (process->outcome == APPINT_PROCESS_RUNS) {
        /* Asked first, drained then: what it wrote before its end is there. */
        check_end(process);
        pipe_drain(&process->output);
        pipe_drain(&process->errors);
        if (process->outcome != APPINT_PROCESS_RUNS ||
            process->output.truncated) {
            break;
        }
        left = finish - monotonic();
        if (left <= 0) {
            return false;
        }
        wait_for_news(process, left);
    }
    /* A child of its own may still hold the pipes: they are not waited for. */
    pipe_close(&process->output);
    pipe_close(&process->errors);
    pipe_close(&process->exit);
    return true;
}

/* --- Ending -------------------------------------------------------------- */

/* Whether PID, a child, has ended and is reaped; or is none of ours. */
static bool reaped(pid_t pid)
{
    int status = 0;
    pid_t which = 0;

    do {
        which = waitpid(pid, &status, WNOHANG);
    } while (which < 0 && errno == EINTR);
    return which != 0;
}

/* Seconds: far more than a killed process needs, and little to a caller. */
#define LONGEST_END 0.1

/*
 * Kills and reaps; false if the child lives on. A process that the host has
 * reaped is not touched: its number may belong to another by now. So is, after
 * a fork of the host, the parent's child. The child is killed besides its
 * group, which it may have left.
 */
static bool kill_and_reap(struct appint_process *process)
{
    double finish = monotonic() + LONGEST_END;
    siginfo_t info;

    memset(&info, 0, sizeof info);
    if (waitid(P_PID, (id_t)process->pid, &info, WEXITED | WNOHANG | WNOWAIT) !=
        0) {
        return true;
    }
    if (info.si_pid == 0) {
        if (process->group) {
            (void)kill(-process->pid, SIGKILL);
        }
        (void)kill(process->pid, SIGKILL);
    }
    while (!reaped(process->pid)) {
        if (monotonic() >= finish) {
            return false;
        }
        (void)poll(NULL, 0, 1);
    }
    return true;
}

static void abandon(struct appint_abandoned *abandoned, pid_t pid)
{
    if (abandoned->count == APPINT_PROCESS_MAX_ABANDONED) {
        abandoned->count--;
        memmove(abandoned->pids, abandoned->pids + 1,
                (size_t)abandoned->count * sizeof abandoned->pids[0]);
    }
    abandoned->pids[abandoned->count++] = pid;
}

void appint_process_reap(struct appint_abandoned *abandoned)
{
    int kept = 0;

    for (int i = 0; i < abandoned->count; i++) {
        if (!reaped(abandoned->pids[i])) {
            abandoned->pids[kept++] = abandoned->pids[i];
        }
    }
    abandoned->count = kept;
}

void appint_process_end(struct appint_process *process,
                        struct appint_abandoned *abandoned)
{
    if (process->pid != 0 && process->outcome == APPINT_PROCESS_RUNS) {
        if (!kill_and_reap(process)) {
            abandon(abandoned, process->pid);
        }
        process->outcome = APPINT_PROCESS_UNKNOWN;
    }
    process->pid = 0;
    release(process);
}
