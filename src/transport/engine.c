/* SPDX-License-Identifier: MIT */
/*
 * The engine: see engine.h. libcurl says through two callbacks which sockets
 * it waits for and when it wants to be called; both only write that down.
 */

#include "transport/engine.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "transport/easy.h"
#include "transport/queue.h"
#include "transport/sigpipe.h"
#include "transport/sockets.h"

/* What a free transfer keeps of each of its buffers for the next one. */
enum { KEPT_BYTES = 256 * 1024 };

/* Times are microseconds of the monotonic clock. */
static const int64_t NEVER = INT64_MAX;

struct appint_engine {
    struct appint_allocator allocator;
    unsigned references;
    size_t max_connections;
    pid_t pid; /* the process that the connections belong to */
    CURLM *multi;
    bool shields;               /* needs appint_sigpipe_block */
    struct appint_handle *idle; /* handles that run nothing */
    struct appint_queue queue;
    struct appint_sockets sockets;
    size_t stale;    /* kept connections found dead: so many new ones */
    int64_t timer;   /* when libcurl wants to be called, or NEVER */
    int64_t overdue; /* no running transfer is overdue before, or NEVER */
    bool broken;     /* account lost for want of memory: restart */
};

double appint_monotonic(void)
{
    return (double)appint_clock_monotonic() / 1e6;
}

/* ---- what libcurl tells us --------------------------------------------- */

/* CURLMOPT_SOCKETFUNCTION */
static int on_socket(CURL *easy, curl_socket_t fd, int what, void *owner,
                     void *ignored)
{
    struct appint_engine *engine = owner;
    short events = 0;

    (void)easy;
    (void)ignored;
    if (what == CURL_POLL_REMOVE) {
        appint_sockets_unpoll(&engine->sockets, fd);
        return 0;
    }
    if (what == CURL_POLL_IN || what == CURL_POLL_INOUT) {
        events |= POLLIN;
    }
    if (what == CURL_POLL_OUT || what == CURL_POLL_INOUT) {
        events |= POLLOUT;
    }
    if (!appint_sockets_poll(&engine->sockets, fd, events)) {
        engine->broken = true;
    }
    return 0;
}

/* Whether errno says that the process, or the system, has as many open files as
 * it may have. */
static bool is_out_of_descriptors(void)
{
    return errno == EMFILE || errno == ENFILE;
}

/* CURLMOPT_TIMERFUNCTION. libcurl cuts fractions of a millisecond off, and
 * forgets a timeout whose call comes early by such a fraction: hence one more.
 */
static int on_timer(CURLM *multi, long milliseconds, void *owner)
{
    struct appint_engine *engine = owner;

    (void)multi;
    engine->timer = NEVER;
    if (milliseconds >= 0) {
        engine->timer =
            appint_clock_monotonic() +
            (milliseconds > 0 ? ((int64_t)milliseconds + 1) * 1000 : 0);
    }
    return 0;
}

static curl_socket_t on_open(void *owner, uint64_t transfer,
                             const struct curl_sockaddr *address)
{
    struct appint_engine *engine = owner;
    struct appint_socket_request request = {
        transfer, address->family, address->socktype, address->protocol};
    int fd = appint_sockets_open(&engine->sockets, &request);
    struct appint_transfer *owning = NULL;

    if (fd < 0 && is_out_of_descriptors()) {
        owning = appint_queue_find(&engine->queue, transfer);
    }
    if (owning != NULL) {
        owning->socket_errno = errno;
    }
    engine->broken = engine->broken || engine->sockets.opened.failed;
    return fd;
}

/* CURLOPT_CLOSESOCKETFUNCTION */
static int on_close(void *owner, curl_socket_t fd)
{
    struct appint_engine *engine = owner;

    return appint_sockets_close(&engine->sockets, fd);
}

/* ---- starting and ending transfers ------------------------------------- */

static void finish(struct appint_engine *engine,
                   struct appint_transfer *transfer,
                   enum appint_failure failure)
{
    transfer->failure = failure;
    appint_queue_finish(&engine->queue, transfer);
}

static bool ensure_multi(struct appint_engine *engine)
{
    CURLM *multi = engine->multi;

    if (multi != NULL) {
        return true;
    }
    multi = curl_multi_init();
    if (multi == NULL) {
        return false;
    }
    curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, engine);
    curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, on_timer);
    curl_multi_setopt(multi, CURLMOPT_TIMERDATA, engine);
    curl_multi_setopt(multi, CURLMOPT_PIPELINING, (long)CURLPIPE_NOTHING);
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS,
                      (long)engine->max_connections);
    engine->multi = multi;
    return true;
}

static struct appint_handle *take_handle(struct appint_engine *engine)
{
    struct appint_handle *handle = engine->idle;
    struct appint_socket_functions sockets = {on_open, on_close, engine};

    if (handle == NULL) {
        return appint_handle_new(&engine->allocator, &sockets);
    }
    engine->idle = handle->next;
    return handle;
}

static void give_handle(struct appint_engine *engine,
                        struct appint_handle *handle)
{
    handle->next = engine->idle;
    engine->idle = handle;
}

/* Takes a handle from libcurl, which may close its connection. */
static void remove_handle(struct appint_engine *engine,
                          struct appint_handle *handle)
{
    struct appint_sigpipe guard;

    appint_sigpipe_block(&guard, engine->shields);
    curl_multi_remove_handle(engine->multi, handle->easy);
    appint_sigpipe_unblock(&guard);
}

static void note_dues(struct appint_engine *engine,
                      const struct appint_transfer *transfer)
{
    if (transfer->connect_due < engine->overdue) {
        engine->overdue = transfer->connect_due;
    }
    if (transfer->due < engine->overdue) {
        engine->overdue = transfer->due;
    }
}

/* TRANSFER begins now: when it will be overdue. */
static void set_dues(struct appint_engine *engine,
                     struct appint_transfer *transfer)
{
    int64_t begin = appint_clock_monotonic();
    long connect = transfer->connect_timeout_ms;
    long whole = transfer->timeout_ms;

    transfer->begun = begin;
    transfer->connect_due =
        connect > 0 ? begin + (int64_t)connect * 1000 : NEVER;
    transfer->due = whole > 0 ? begin + (int64_t)whole * 1000 : NEVER;
    note_dues(engine, transfer);
}

/* Gives TRANSFER to libcurl; false: out of memory. */
static bool start(struct appint_engine *engine, struct appint_handle *handle,
                  struct appint_transfer *transfer, bool fresh)
{
    if (!appint_handle_begin(handle, transfer, fresh)) {
        return false;
    }
    if (curl_multi_add_handle(engine->multi, handle->easy) != CURLM_OK) {
        appint_handle_detach(handle);
        return false;
    }
    return true;
}

/* libcurl, whose multi handle has descriptors of its own, does not say why it
 * cannot begin: where it is not for want of those, it is for want of memory. */
static void fail_to_start(struct appint_engine *engine,
                          struct appint_transfer *transfer)
{
    if (is_out_of_descriptors()) {
        appint_fail(&transfer->error, APPINT_OK,
                    "no file descriptor is left for a connection");
        finish(engine, transfer, APPINT_CONNECTION_ERROR);
    } else {
        finish(engine, transfer, APPINT_OUT_OF_MEMORY);
    }
}

/* The first waiting transfer becomes a running one, or a failed one. */
static void start_one(struct appint_engine *engine)
{
    struct appint_transfer *transfer = engine->queue.waiting.first;
    struct appint_handle *handle = NULL;

    errno = 0;
    handle = ensure_multi(engine) ? take_handle(engine) : NULL;
    if (handle == NULL) {
        fail_to_start(engine, transfer);
        return;
    }
    if (!start(engine, handle, transfer, engine->stale > 0)) {
        give_handle(engine, handle);
        fail_to_start(engine, transfer);
        return;
    }
    engine->stale -= engine->stale > 0 ? 1 : 0;
    appint_queue_move(&engine->queue, transfer, APPINT_TRANSFER_RUNNING);
    set_dues(engine, transfer);
}

static void start_waiting(struct appint_engine *engine)
{
    while (engine->queue.waiting.first != NULL &&
           engine->queue.running.count < engine->max_connections) {
        start_one(engine);
    }
}

/* A kept connection was seen to be dead before anything was sent over it: the
 * same over a new one is no second attempt. */
static void restart(struct appint_engine *engine, struct appint_handle *handle)
{
    struct appint_transfer *transfer = handle->transfer;

    remove_handle(engine, handle);
    appint_handle_detach(handle);
    if (!start(engine, handle, transfer, true)) {
        give_handle(engine, handle);
        finish(engine, transfer, APPINT_OUT_OF_MEMORY);
    }
}

/* Where one kept connection was dead, others will be: as many transfers as have
 * failed so begin with a new one. Most are the same calls' next attempts. */
static void end_transfer(struct appint_engine *engine,
                         struct appint_handle *handle, CURLcode code)
{
    struct appint_transfer *transfer = handle->transfer;
    struct appint_ending ending = {
        .code = code,
        .elapsed = appint_clock_monotonic() - transfer->begun,
        .reached = code != CURLE_OK &&
                   appint_sockets_connected(&engine->sockets, transfer->id),
    };

    appint_handle_end(handle, &ending);
    engine->stale += transfer->stale ? 1 : 0;
    remove_handle(engine, handle);
    give_handle(engine, handle);
    finish(engine, transfer, transfer->failure);
}

static void collect_finished(struct appint_engine *engine)
{
    CURLMsg *message = NULL;
    int left = 0;

    while (engine->multi != NULL &&
           (message = curl_multi_info_read(engine->multi, &left)) != NULL) {
        CURLcode code = message->data.result;
        struct appint_handle *handle = NULL;

        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &handle);
        if (handle->dead && code == CURLE_ABORTED_BY_CALLBACK) {
            restart(engine, handle);
        } else {
            end_transfer(engine, handle, code);
        }
    }
}

/* Takes a running transfer from libcurl, which closes its connection. */
static void stop(struct appint_engine *engine, struct appint_transfer *transfer)
{
    struct appint_handle *handle = transfer->handle;

    remove_handle(engine, handle);
    appint_handle_detach(handle);
    give_handle(engine, handle);
}

/*
 * Timeouts are kept here: while the sockets are open, it can be said what stood
 * and what did not. (And libcurl drops a timeout of a handle that lies less
 * than a millisecond after another timer of the same handle, add_next_timeout
 * in its multi.c: such a transfer would never end.) `overdue` may be too early,
 * as finished transfers leave it as it is.
 */
static void end_overdue(struct appint_engine *engine)
{
    int64_t now = 0;
    struct appint_transfer *transfer = engine->queue.running.first;

    if (engine->overdue == NEVER ||
        engine->overdue > (now = appint_clock_monotonic())) {
        return;
    }
    engine->overdue = NEVER;
    while (transfer != NULL) {
        struct appint_transfer *next = transfer->next;
        struct appint_handle *handle = transfer->handle;

        if (transfer->connect_due <= now && handle->sending) {
            transfer->connect_due = NEVER;
        }
        if (transfer->connect_due <= now || transfer->due <= now) {
            end_transfer(engine, handle, CURLE_OPERATION_TIMEDOUT);
        } else {
            note_dues(engine, transfer);
        }
        transfer = next;
    }
}

/* ---- closing and forking ----------------------------------------------- */

static void free_handles(struct appint_engine *engine)
{
    while (engine->idle != NULL) {
        struct appint_handle *handle = engine->idle;

        engine->idle = handle->next;
        appint_handle_free(handle);
    }
}

/* All connections go; all that runs has failed for want of memory. */
static void shut_down(struct appint_engine *engine)
{
    struct appint_sigpipe guard;

    while (engine->queue.running.first != NULL) {
        struct appint_transfer *transfer = engine->queue.running.first;

        stop(engine, transfer);
        finish(engine, transfer, APPINT_OUT_OF_MEMORY);
    }
    appint_sigpipe_block(&guard, engine->shields);
    free_handles(engine);
    if (engine->multi != NULL) {
        curl_multi_cleanup(engine->multi);
        engine->multi = NULL;
    }
    appint_sigpipe_unblock(&guard);
    appint_sockets_reset(&engine->sockets, KEPT_BYTES);
    engine->timer = NEVER;
    engine->overdue = NEVER;
    engine->broken = false;
}

static void fail_forked(struct appint_engine *engine,
                        struct appint_transfer_list *list)
{
    while (list->first != NULL) {
        struct appint_transfer *transfer = list->first;

        transfer->handle = NULL;
        appint_fail(&transfer->error, APPINT_OK,
                    "the process has forked; this call is the parent's");
        finish(engine, transfer, APPINT_CONNECTION_ERROR);
    }
}

/*
 * In the child of a fork, libcurl's handles are neither used nor freed: a TLS
 * connection closed properly would be closed for the parent too, and threads
 * that look up names exist in the parent only. Closing our copies of the
 * sockets is invisible to the parent. The handles' memory is lost to the child.
 */
static void survive_fork(struct appint_engine *engine)
{
    pid_t pid = getpid();

    if (pid == engine->pid) {
        return;
    }
    engine->pid = pid;
    appint_sockets_close_all(&engine->sockets);
    for (struct appint_transfer *running = engine->queue.running.first;
         running != NULL; running = running->next) {
        appint_handle_abandon(running->handle);
    }
    while (engine->idle != NULL) {
        struct appint_handle *handle = engine->idle;

        engine->idle = handle->next;
        appint_handle_abandon(handle);
    }
    fail_forked(engine, &engine->queue.running);
    fail_forked(engine, &engine->queue.waiting);
    engine->multi = NULL;
    shut_down(engine);
}

void appint_engine_close(struct appint_engine *engine)
{
    struct appint_transfer_list *lists[] = {&engine->queue.running,
                                            &engine->queue.waiting,
                                            &engine->queue.finished};

    survive_fork(engine);
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        while (lists[i]->first != NULL) {
            appint_engine_drop(engine, lists[i]->first);
        }
    }
    shut_down(engine);
}

enum appint_status appint_engine_new(const struct appint_allocator *allocator,
                                     size_t max_connections,
                                     struct appint_engine **out)
{
    struct appint_engine *engine =
        appint_realloc(allocator, NULL, 0, sizeof *engine);

    if (engine == NULL) {
        return APPINT_E_NOMEM;
    }
    memset(engine, 0, sizeof *engine);
    engine->allocator = *allocator;
    engine->references = 1;
    engine->max_connections = max_connections;
    engine->pid = getpid();
    engine->shields = appint_sigpipe_needed();
    engine->timer = NEVER;
    engine->overdue = NEVER;
    appint_queue_init(&engine->queue, allocator);
    appint_sockets_init(&engine->sockets, allocator);
    *out = engine;
    return APPINT_OK;
}

void appint_engine_set_limit(struct appint_engine *engine,
                             size_t max_connections)
{
    engine->max_connections = max_connections;
    if (engine->multi != NULL) {
        curl_multi_setopt(engine->multi, CURLMOPT_MAXCONNECTS,
                          (long)max_connections);
    }
}

bool appint_engine_is_crowded(const struct appint_engine *engine)
{
    return engine->queue.waiting.count + engine->queue.running.count >
           engine->max_connections;
}

void appint_engine_retain(struct appint_engine *engine)
{
    engine->references++;
}

void appint_engine_release(struct appint_engine *engine)
{
    struct appint_allocator allocator = engine->allocator;

    if (--engine->references > 0) {
        return;
    }
    appint_engine_close(engine);
    appint_queue_free(&engine->queue);
    appint_sockets_reset(&engine->sockets, 0);
    appint_realloc(&allocator, engine, sizeof *engine, 0);
}

/* ---- transfers, from draft to drop ------------------------------------- */

struct appint_transfer *appint_engine_draft(struct appint_engine *engine)
{
    survive_fork(engine);
    return appint_queue_draft(&engine->queue, KEPT_BYTES);
}

uint64_t appint_engine_submit(struct appint_engine *engine)
{
    return appint_queue_submit(&engine->queue);
}

struct appint_transfer *appint_engine_finished(struct appint_engine *engine)
{
    return engine->queue.finished.first;
}

struct appint_transfer *appint_engine_unreported(struct appint_engine *engine)
{
    return engine->queue.unreported;
}

void appint_engine_set_reported(struct appint_engine *engine,
                                struct appint_transfer *transfer)
{
    appint_queue_set_reported(&engine->queue, transfer);
}

struct appint_transfer *appint_engine_find(struct appint_engine *engine,
                                           uint64_t id)
{
    return appint_queue_find(&engine->queue, id);
}

struct appint_engine_counts
appint_engine_counts(const struct appint_engine *engine)
{
    return (struct appint_engine_counts){engine->queue.waiting.count,
                                         engine->queue.running.count,
                                         engine->queue.finished.count};
}

/* Beyond max_connections, buffers are given back. */
static void release(struct appint_engine *engine,
                    struct appint_transfer *transfer)
{
    bool keeps = engine->queue.free.count < engine->max_connections;

    appint_queue_release(&engine->queue, transfer, keeps ? KEPT_BYTES : 0);
}

void appint_engine_take(struct appint_engine *engine,
                        struct appint_transfer *transfer)
{
    appint_queue_take(&engine->queue, transfer);
}

void appint_engine_drop(struct appint_engine *engine,
                        struct appint_transfer *transfer)
{
    if (transfer->state == APPINT_TRANSFER_RUNNING) {
        survive_fork(engine);
    }
    if (transfer->state == APPINT_TRANSFER_RUNNING) {
        stop(engine, transfer);
    }
    release(engine, transfer);
}

void appint_engine_drop_all(struct appint_engine *engine,
                            const struct appint_settings *settings)
{
    struct appint_transfer *transfer = NULL;

    for (size_t i = 0; (transfer = appint_queue_at(&engine->queue, i)) != NULL;
         i++) {
        bool is_out = transfer->state == APPINT_TRANSFER_FREE ||
                      transfer->state == APPINT_TRANSFER_TAKEN;

        if (transfer->settings == settings && !is_out) {
            appint_engine_drop(engine, transfer);
        }
    }
}

/* ---- watching ---------------------------------------------------------- */

bool appint_engine_watch(struct appint_engine *engine, int fd, short events)
{
    return appint_sockets_watch(&engine->sockets, fd, events);
}

void appint_engine_unwatch(struct appint_engine *engine, int fd)
{
    appint_sockets_unwatch(&engine->sockets, fd);
}

bool appint_engine_watched_ready(struct appint_engine *engine)
{
    return appint_sockets_take_ready(&engine->sockets);
}

bool appint_engine_has_news(const struct appint_engine *engine)
{
    return engine->queue.unreported != NULL || engine->sockets.watched_ready;
}

/* ---- stepping ---------------------------------------------------------- */

static void act(struct appint_engine *engine, curl_socket_t fd, int events)
{
    struct appint_sigpipe guard;
    int running = 0;

    appint_sigpipe_block(&guard, engine->shields);
    if (curl_multi_socket_action(engine->multi, fd, events, &running) !=
        CURLM_OK) {
        engine->broken = true;
    }
    appint_sigpipe_unblock(&guard);
}

/* Starts what may start and lets libcurl do what is due. A transfer that has
 * begun makes its timer due at once, and sends in here. */
static void advance(struct appint_engine *engine)
{
    start_waiting(engine);
    end_overdue(engine);
    if (engine->timer != NEVER && engine->timer <= appint_clock_monotonic()) {
        engine->timer = NEVER;
        act(engine, CURL_SOCKET_TIMEOUT, 0);
    }
    if (engine->broken) {
        shut_down(engine);
    }
    collect_finished(engine);
}

/* From the last entry down: a socket that goes meanwhile has its place taken
 * by the last one, which has had its turn; new ones come behind. An event that
 * no longer fits its socket is harmless, as all sockets are non-blocking. */
static void handle_sockets(struct appint_engine *engine)
{
    size_t count = 0;
    size_t i = 0;

    appint_sockets_polled(&engine->sockets, &i);
    while (i-- > 0) {
        struct pollfd *entries =
            appint_sockets_polled(&engine->sockets, &count);
        int seen = i < count ? entries[i].revents : 0;
        bool failed = (seen & (POLLERR | POLLHUP | POLLNVAL)) != 0;
        int events = 0;

        if (seen == 0) {
            continue;
        }
        entries[i].revents = 0;
        if (appint_sockets_set_ready(&engine->sockets, entries[i].fd)) {
            continue;
        }
        /* The failure itself is read from the socket, with its reason. */
        events |= (seen & POLLIN) != 0 || failed ? CURL_CSELECT_IN : 0;
        events |= (seen & POLLOUT) != 0 ||
                          (failed && (entries[i].events & POLLOUT) != 0)
                      ? CURL_CSELECT_OUT
                      : 0;
        act(engine, entries[i].fd, events);
    }
}

/* When a step is due without an event; NEVER without anything running. */
static int64_t next_due(const struct appint_engine *engine)
{
    if (engine->queue.running.first == NULL) {
        return engine->timer;
    }
    return engine->timer < engine->overdue ? engine->timer : engine->overdue;
}

/* The longest poll that misses neither SECONDS (< 0: no limit) nor what is due,
 * in milliseconds, rounded up; -1: no limit. */
static int poll_timeout(const struct appint_engine *engine, double seconds)
{
    int64_t due = next_due(engine);
    double ms = seconds < 0.0 ? HUGE_VAL : ceil(seconds * 1000.0);

    if (due != NEVER) {
        ms = fmin(ms, ceil(fmax((double)(due - appint_clock_monotonic()), 0.0) /
                           1000.0));
    }
    return ms == HUGE_VAL ? -1 : (int)fmin(ms, (double)INT_MAX);
}

/* A call on a kept connection takes two getpid, and libcurl's poll (is the
 * connection alive?), send, poll and recv; a slow answer one poll more. */
void appint_engine_step(struct appint_engine *engine, double seconds)
{
    size_t finished = 0;
    size_t count = 0;
    struct pollfd *entries = NULL;
    int timeout = 0;
    bool ready = false;

    survive_fork(engine);
    finished = engine->queue.finished.count;
    ready = engine->sockets.watched_ready;
    advance(engine);
    if (engine->queue.finished.count > finished ||
        engine->sockets.watched_ready != ready) {
        return;
    }
    entries = appint_sockets_polled(&engine->sockets, &count);
    timeout = poll_timeout(engine, seconds);
    if (count == 0 && timeout == 0) {
        return;
    }
    if (poll(entries, (nfds_t)count, timeout) > 0) {
        handle_sockets(engine);
    }
    advance(engine);
}

const struct pollfd *appint_engine_sockets(struct appint_engine *engine,
                                           size_t *count)
{
    survive_fork(engine);
    return appint_sockets_polled(&engine->sockets, count);
}

double appint_engine_timeout(struct appint_engine *engine)
{
    int64_t due = 0;

    survive_fork(engine);
    if (appint_engine_has_news(engine) ||
        (engine->queue.waiting.first != NULL &&
         engine->queue.running.count < engine->max_connections)) {
        return 0.0;
    }
    due = next_due(engine);
    if (due == NEVER) {
        return -1.0;
    }
    return fmax((double)(due - appint_clock_monotonic()), 0.0) / 1e6;
}
