/* SPDX-License-Identifier: MIT */
#ifndef APPINT_OUTPUT_H
#define APPINT_OUTPUT_H

/*
 * Where the emulator writes lines: a log that never makes it wait, and what a
 * parent process is told once. The caller owns struct appint_log and closes it.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"

struct appint_log {
    int fd; /* -1: closed */
    bool owned;
};

enum appint_log_result {
    APPINT_LOG_WRITTEN,
    APPINT_LOG_LOST,  /* nobody reads; later lines may get through */
    APPINT_LOG_BROKEN /* no line will ever get through */
};

/*
 * Opens PATH for appending, or, when it is NULL, standard error. A pipe is
 * opened anew, so that it does not block here and goes on blocking elsewhere.
 */
enum appint_status appint_log_open(struct appint_log *log, const char *path,
                                   struct appint_error *error);

/* Writes LEN bytes, which end with a line end, at once or not at all; what
 * exceeds a pipe's atomic write is cut off. ERROR is set for BROKEN. */
enum appint_log_result appint_log_write(struct appint_log *log,
                                        const char *text, size_t len,
                                        struct appint_error *error);

/* Harmless when closed. */
void appint_log_close(struct appint_log *log);

/* Writes TEXT to the descriptor FD that the parent has opened, and closes it.
 */
enum appint_status appint_output_tell(int fd, const char *text, size_t len,
                                      struct appint_error *error);

/*
 * Makes PATH a file with the LEN bytes of TEXT, of which nobody reads half; a
 * link, a pipe or a device that stands there is written to and stays.
 */
enum appint_status appint_output_publish(const char *path, const char *text,
                                         size_t len,
                                         struct appint_error *error);

/* Removes the file PATH, but no link, pipe or device. */
void appint_output_withdraw(const char *path);

/* From now on standard output goes nowhere; whoever reads it sees its end. */
void appint_output_end(void);

#endif
