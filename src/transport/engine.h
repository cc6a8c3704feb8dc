/* SPDX-License-Identifier: MIT */
#ifndef APPINT_ENGINE_H
#define APPINT_ENGINE_H

#include <poll.h>

#include "transport/transfer.h"

/*
 * The engine: many HTTP transfers at once in one thread, over libcurl's multi
 * interface and poll(). A blocking call is one transfer that is stepped until
 * it has finished. For the Lua binding (curl.c); an engine belongs to the
 * thread of its Lua state.
 *
 * At most max_connections transfers run; others wait in order, and their
 * timeouts begin when they start. Connections are kept alive and reused.
 *
 * After fork() the child's engine leaves the parent's connections alone: what
 * was in flight has failed there, and new transfers connect anew. Each engine
 * costs the child the memory that libcurl had, and two descriptors of its own.
 */

struct appint_engine;

/* *OUT has one reference, the caller's. */
enum appint_status appint_engine_new(const struct appint_allocator *allocator,
                                     size_t max_connections,
                                     struct appint_engine **out);

/* Changes how many transfers run at once; those that run go on. */
void appint_engine_set_limit(struct appint_engine *engine,
                             size_t max_connections);

/* Whether more transfers are in flight than may run at once. */
bool appint_engine_is_crowded(const struct appint_engine *engine);

void appint_engine_retain(struct appint_engine *engine);
void appint_engine_release(struct appint_engine *engine);

/* Ends all transfers, none of which can be taken any more, and closes all
 * connections. An engine closed can be used again; closing twice is no error.
 */
void appint_engine_close(struct appint_engine *engine);

/* An empty transfer to be filled (appint_transfer_add_header, _prepare) and
 * submitted. Until then there is only one, emptied by each call: nothing leaks
 * when a caller gives up. NULL: out of memory. */
struct appint_transfer *appint_engine_draft(struct appint_engine *engine);

/* Queues the draft, which must be prepared; returns its id, never 0 and never
 * used twice. It starts in the next step. */
uint64_t appint_engine_submit(struct appint_engine *engine);

/* Runs what is due. If no transfer finishes by that, waits up to SECONDS
 * (negative: no limit) for a socket and handles what has come. Returns early
 * on a signal, so call it in a loop. */
void appint_engine_step(struct appint_engine *engine, double seconds);

/* The oldest finished transfer not dropped yet; NULL: none. */
struct appint_transfer *appint_engine_finished(struct appint_engine *engine);

/* For a host that waits for many: the oldest finished transfer that it has not
 * noted yet, and noting that one. A transfer noted makes no step due any more.
 */
struct appint_transfer *appint_engine_unreported(struct appint_engine *engine);
void appint_engine_set_reported(struct appint_engine *engine,
                                struct appint_transfer *transfer);

/* The transfer of that id; NULL when it was dropped or never existed. */
struct appint_transfer *appint_engine_find(struct appint_engine *engine,
                                           uint64_t id);

/* Takes a finished transfer out of the engine for its reader: whatever happens
 * to the engine meanwhile, it stays as it is until appint_engine_drop. The
 * reader keeps a reference to the engine. */
void appint_engine_take(struct appint_engine *engine,
                        struct appint_transfer *transfer);

/* Ends a transfer of any state, closing its connection if it is running. */
void appint_engine_drop(struct appint_engine *engine,
                        struct appint_transfer *transfer);

/* Drops all transfers with these settings. */
void appint_engine_drop_all(struct appint_engine *engine,
                            const struct appint_settings *settings);

/* Polls a descriptor of the host's too, in steps and in
 * appint_engine_sockets: once, until it is ready. It must stay open till then,
 * or be unwatched before. False: out of memory. */
bool appint_engine_watch(struct appint_engine *engine, int fd, short events);
void appint_engine_unwatch(struct appint_engine *engine, int fd);

/* Whether any of them has been ready since the last time this was asked. */
bool appint_engine_watched_ready(struct appint_engine *engine);

/* Whether there is an unreported transfer, or a watched descriptor was ready.
 */
bool appint_engine_has_news(const struct appint_engine *engine);

struct appint_engine_counts {
    size_t waiting, running, finished;
};
struct appint_engine_counts
appint_engine_counts(const struct appint_engine *engine);

/* What a host that polls by itself needs: sockets with the events awaited,
 * valid until the next call, and the seconds after which a step is due even
 * without an event (negative: none). */
const struct pollfd *appint_engine_sockets(struct appint_engine *engine,
                                           size_t *count);
double appint_engine_timeout(struct appint_engine *engine);

/* Seconds of a clock that never goes back. */
double appint_monotonic(void);

#endif
