/* SPDX-License-Identifier: MIT */
/*
 * The engine: see transport.h. libcurl says through two callbacks which sockets
 * it waits for and when it wants to be called; both only write that down.
 */

#include "transport.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* What a free transfer keeps of each of its buffers for the next one. */
enum { KEPT_BYTES = 256 * 1024 };

/* An id is a place in `transfers` and, above that, how often it was used. */
enum { PLACE_BITS = 20 };

/* Times are microseconds of the monotonic clock. */
static const int64_t NEVER = INT64_MAX;

/* How long after a transfer's timeout we end it ourselves: see end_overdue. */
enum { GRACE = 20 * 1000 };

struct list {
    struct appint_transfer *first, *last;
    size_t count;
};

struct appint_engine {
    struct appint_allocator allocator;
    unsigned references;
    size_t max_connections;
    pid_t pid; /* the process that the connections belong to */
    CURLM *multi;
    struct appint_handle *idle;  /* handles that run nothing */
    struct appint_buf transfers; /* struct appint_transfer *, by place */
    struct appint_transfer *draft;
    struct list free, waiting, running, finished;
    struct appint_transfer *unreported; /* in finished; the rest of it is too */
    struct appint_buf polled;  /* struct pollfd: what libcurl waits for */
    struct appint_buf opened;  /* int: all sockets, idle connections' too */
    struct appint_buf watched; /* int: polled for the host, not for libcurl */
    bool watched_ready;        /* one of them was */
    int64_t timer;             /* when libcurl wants to be called, or NEVER */
    int64_t overdue; /* no running transfer is overdue before, or NEVER */
    bool broken;     /* account lost for want of memory: restart */
};

static int64_t now_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

double appint_monotonic(void)
{
    return (double)now_us() / 1e6;
}

/* ---- lists of transfers ------------------------------------------------ */

static struct list *list_of(struct appint_engine *engine,
                            enum appint_transfer_state state)
{
    switch (state) {
    case APPINT_TRANSFER_WAITING:
        return &engine->waiting;
    case APPINT_TRANSFER_RUNNING:
        return &engine->running;
    case APPINT_TRANSFER_FINISHED:
        return &engine->finished;
    case APPINT_TRANSFER_FREE:
        break;
    }
    return &engine->free;
}

static void list_remove(struct list *list, struct appint_transfer *transfer)
{
    if (transfer->previous != NULL) {
        transfer->previous->next = transfer->next;
    } else {
        list->first = transfer->next;
    }
    if (transfer->next != NULL) {
        transfer->next->previous = transfer->previous;
    } else {
        list->last = transfer->previous;
    }
    transfer->previous = NULL;
    transfer->next = NULL;
    list->count--;
}

static void list_append(struct list *list, struct appint_transfer *transfer)
{
    transfer->previous = list->last;
    transfer->next = NULL;
    if (list->last != NULL) {
        list->last->next = transfer;
    } else {
        list->first = transfer;
    }
    list->last = transfer;
    list->count++;
}

static void move_to(struct appint_engine *engine,
                    struct appint_transfer *transfer,
                    enum appint_transfer_state state)
{
    list_remove(list_of(engine, transfer->state), transfer);
    transfer->state = state;
    list_append(list_of(engine, state), transfer);
}

static struct appint_transfer **places(const struct appint_engine *engine,
                                       size_t *count)
{
    *count = engine->transfers.len / sizeof(struct appint_transfer *);
    return (void *)engine->transfers.data;
}

/* A new transfer in a place of its own. It stays until the engine goes. */
static struct appint_transfer *add_transfer(struct appint_engine *engine)
{
    size_t place = 0;
    struct appint_transfer *transfer = NULL;

    places(engine, &place);
    if (place >> PLACE_BITS != 0 ||
        appint_buf_reserve(&engine->transfers, sizeof transfer) == NULL) {
        engine->transfers.failed = false;
        return NULL;
    }
    transfer = appint_realloc(&engine->allocator, NULL, 0, sizeof *transfer);
    if (transfer == NULL) {
        return NULL;
    }
    memset(transfer, 0, sizeof *transfer);
    appint_transfer_init(transfer, &engine->allocator);
    transfer->id = place;
    appint_buf_append(&engine->transfers, &transfer, sizeof transfer);
    return transfer;
}

/* Frees for reuse. The last one freed is the next one used, its buffers warm
 * and large enough; beyond max_connections, buffers are given back. */
static void set_free(struct appint_engine *engine,
                     struct appint_transfer *transfer)
{
    bool keeps = engine->free.count < engine->max_connections;

    move_to(engine, transfer, APPINT_TRANSFER_FREE);
    appint_transfer_reset(transfer, keeps ? KEPT_BYTES : 0);
}

uint64_t appint_engine_submit(struct appint_engine *engine)
{
    struct appint_transfer *transfer = engine->draft;

    engine->draft = NULL;
    transfer->id += UINT64_C(1) << PLACE_BITS;
    transfer->state = APPINT_TRANSFER_WAITING;
    list_append(&engine->waiting, transfer);
    return transfer->id;
}

struct appint_transfer *appint_engine_finished(struct appint_engine *engine)
{
    return engine->finished.first;
}

struct appint_transfer *appint_engine_unreported(struct appint_engine *engine)
{
    return engine->unreported;
}

void appint_engine_set_reported(struct appint_engine *engine,
                                struct appint_transfer *transfer)
{
    if (transfer == engine->unreported) {
        engine->unreported = transfer->next;
    }
}

struct appint_transfer *appint_engine_find(struct appint_engine *engine,
                                           uint64_t id)
{
    size_t count = 0;
    struct appint_transfer **all = places(engine, &count);
    size_t place = (size_t)(id & ((UINT64_C(1) << PLACE_BITS) - 1));

    if (place >= count || all[place]->id != id ||
        all[place]->state == APPINT_TRANSFER_FREE) {
        return NULL;
    }
    return all[place];
}

struct appint_engine_counts
appint_engine_counts(const struct appint_engine *engine)
{
    return (struct appint_engine_counts){
        engine->waiting.count, engine->running.count, engine->finished.count};
}

/* ---- what libcurl tells us --------------------------------------------- */

static struct pollfd *polled(const struct appint_engine *engine, size_t *count)
{
    *count = engine->polled.len / sizeof(struct pollfd);
    return (void *)engine->polled.data;
}

/* The entry of FD, or the number of entries. A linear search: there are few
 * more sockets than running transfers. */
static size_t polled_index(const struct appint_engine *engine, int fd)
{
    size_t count = 0;
    const struct pollfd *entries = polled(engine, &count);
    size_t i = 0;

    while (i < count && entries[i].fd != fd) {
        i++;
    }
    return i;
}

/* The last entry takes the place of the one that goes: handle_sockets relies
 * on it. */
static void unpoll(struct appint_engine *engine, int fd)
{
    size_t count = 0;
    struct pollfd *entries = polled(engine, &count);
    size_t i = polled_index(engine, fd);

    if (i < count) {
        entries[i] = entries[count - 1];
        engine->polled.len -= sizeof *entries;
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

bool appint_engine_watch(struct appint_engine *engine, int fd, short events)
{
    struct pollfd entry = {.fd = fd, .events = events};

    appint_engine_unwatch(engine, fd);
    if (appint_buf_reserve(&engine->watched, sizeof fd) == NULL ||
        appint_buf_reserve(&engine->polled, sizeof entry) == NULL) {
        engine->watched.failed = false;
        engine->polled.failed = false;
        return false;
    }
    appint_buf_append(&engine->watched, &fd, sizeof fd);
    appint_buf_append(&engine->polled, &entry, sizeof entry);
    return true;
}

void appint_engine_unwatch(struct appint_engine *engine, int fd)
{
    if (remove_fd(&engine->watched, fd)) {
        unpoll(engine, fd);
    }
}

bool appint_engine_watched_ready(struct appint_engine *engine)
{
    bool ready = engine->watched_ready;

    engine->watched_ready = false;
    return ready;
}

/* CURLMOPT_SOCKETFUNCTION */
static int on_socket(CURL *easy, curl_socket_t fd, int what, void *owner,
                     void *ignored)
{
    struct appint_engine *engine = owner;
    struct pollfd entry = {.fd = fd};
    size_t i = polled_index(engine, fd);
    size_t count = 0;

    (void)easy;
    (void)ignored;
    if (what == CURL_POLL_REMOVE) {
        unpoll(engine, fd);
        return 0;
    }
    if (what == CURL_POLL_IN || what == CURL_POLL_INOUT) {
        entry.events |= POLLIN;
    }
    if (what == CURL_POLL_OUT || what == CURL_POLL_INOUT) {
        entry.events |= POLLOUT;
    }
    polled(engine, &count);
    if (i == count) {
        appint_buf_append(&engine->polled, &entry, sizeof entry);
        engine->broken = engine->broken || engine->polled.failed;
    } else {
        polled(engine, &count)[i].events = entry.events;
    }
    return 0;
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
            now_us() + (milliseconds > 0 ? (milliseconds + 1) * 1000 : 0);
    }
    return 0;
}

/* CURLOPT_OPENSOCKETFUNCTION. Close-on-exec, which libcurl leaves off: what
 * the host spawns must not inherit connections. */
static curl_socket_t on_open(void *owner, curlsocktype purpose,
                             struct curl_sockaddr *address)
{
    struct appint_engine *engine = owner;
    int fd = -1;

    (void)purpose;
    if (appint_buf_reserve(&engine->opened, sizeof fd) == NULL) {
        engine->broken = true;
        return CURL_SOCKET_BAD;
    }
    fd = socket(address->family, address->socktype | SOCK_CLOEXEC,
                address->protocol);
    if (fd >= 0) {
        appint_engine_unwatch(engine, fd); /* closed by who had it watched */
        appint_buf_append(&engine->opened, &fd, sizeof fd);
    }
    return fd;
}

/* CURLOPT_CLOSESOCKETFUNCTION */
static int on_close(void *owner, curl_socket_t fd)
{
    struct appint_engine *engine = owner;

    remove_fd(&engine->opened, fd);
    return close(fd);
}

/* ---- starting and ending transfers ------------------------------------- */

static void finish(struct appint_engine *engine,
                   struct appint_transfer *transfer,
                   enum appint_failure failure)
{
    transfer->failure = failure;
    move_to(engine, transfer, APPINT_TRANSFER_FINISHED);
    if (engine->unreported == NULL) {
        engine->unreported = transfer;
    }
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

/* When TRANSFER is overdue, having begun at BEGIN. */
static void set_dues(struct appint_engine *engine,
                     struct appint_transfer *transfer, int64_t begin)
{
    long connect = transfer->connect_timeout_ms;
    long whole = transfer->timeout_ms;

    transfer->connect_due =
        connect > 0 ? begin + (int64_t)connect * 1000 + GRACE : NEVER;
    transfer->due = whole > 0 ? begin + (int64_t)whole * 1000 + GRACE : NEVER;
    note_dues(engine, transfer);
}

/* The first waiting transfer becomes a running one, or a failed one. */
static void start_one(struct appint_engine *engine)
{
    struct appint_transfer *transfer = engine->waiting.first;
    struct appint_handle *handle =
        ensure_multi(engine) ? take_handle(engine) : NULL;

    if (handle == NULL) {
        finish(engine, transfer, APPINT_OUT_OF_MEMORY);
        return;
    }
    if (!appint_handle_begin(handle, transfer)) {
        give_handle(engine, handle);
        finish(engine, transfer, APPINT_OUT_OF_MEMORY);
        return;
    }
    if (curl_multi_add_handle(engine->multi, handle->easy) != CURLM_OK) {
        appint_handle_detach(handle);
        give_handle(engine, handle);
        finish(engine, transfer, APPINT_OUT_OF_MEMORY);
        return;
    }
    move_to(engine, transfer, APPINT_TRANSFER_RUNNING);
    set_dues(engine, transfer, now_us());
}

static void start_waiting(struct appint_engine *engine)
{
    while (engine->waiting.first != NULL &&
           engine->running.count < engine->max_connections) {
        start_one(engine);
    }
}

static void end_transfer(struct appint_engine *engine,
                         struct appint_handle *handle, CURLcode code)
{
    struct appint_transfer *transfer = handle->transfer;

    appint_handle_end(handle, code);
    curl_multi_remove_handle(engine->multi, handle->easy);
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
        end_transfer(engine, handle, code);
    }
}

/* Takes a running transfer from libcurl, which closes its connection. */
static void stop(struct appint_engine *engine, struct appint_transfer *transfer)
{
    struct appint_handle *handle = transfer->handle;

    curl_multi_remove_handle(engine->multi, handle->easy);
    appint_handle_detach(handle);
    give_handle(engine, handle);
}

/*
 * libcurl drops a timeout of a handle that lies less than a millisecond after
 * another timer of the same handle (add_next_timeout in its multi.c): such a
 * transfer would never end. So timeouts are kept here too, a little later.
 * `overdue` may be too early, as finished transfers leave it as it is.
 */
static void end_overdue(struct appint_engine *engine)
{
    int64_t now = 0;
    struct appint_transfer *transfer = engine->running.first;

    if (engine->overdue == NEVER || engine->overdue > (now = now_us())) {
        return;
    }
    engine->overdue = NEVER;
    while (transfer != NULL) {
        struct appint_transfer *next = transfer->next;
        struct appint_handle *handle = transfer->handle;

        if (transfer->connect_due <= now && appint_handle_connected(handle)) {
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
    while (engine->running.first != NULL) {
        struct appint_transfer *transfer = engine->running.first;

        stop(engine, transfer);
        finish(engine, transfer, APPINT_OUT_OF_MEMORY);
    }
    free_handles(engine);
    if (engine->multi != NULL) {
        curl_multi_cleanup(engine->multi);
        engine->multi = NULL;
    }
    appint_buf_reset(&engine->polled, KEPT_BYTES);
    appint_buf_reset(&engine->opened, KEPT_BYTES);
    engine->watched_ready = engine->watched_ready || engine->watched.len > 0;
    appint_buf_reset(&engine->watched, KEPT_BYTES);
    engine->timer = NEVER;
    engine->overdue = NEVER;
    engine->broken = false;
}

static void fail_forked(struct appint_engine *engine, struct list *list)
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
    const int *fds = (void *)engine->opened.data;
    pid_t pid = getpid();

    if (pid == engine->pid) {
        return;
    }
    engine->pid = pid;
    for (size_t i = 0; i < engine->opened.len / sizeof *fds; i++) {
        close(fds[i]);
    }
    for (struct appint_transfer *running = engine->running.first;
         running != NULL; running = running->next) {
        appint_handle_abandon(running->handle);
    }
    while (engine->idle != NULL) {
        struct appint_handle *handle = engine->idle;

        engine->idle = handle->next;
        appint_handle_abandon(handle);
    }
    fail_forked(engine, &engine->running);
    fail_forked(engine, &engine->waiting);
    engine->multi = NULL;
    shut_down(engine);
}

void appint_engine_close(struct appint_engine *engine)
{
    struct list *lists[] = {&engine->running, &engine->waiting,
                            &engine->finished};

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
    engine->timer = NEVER;
    engine->overdue = NEVER;
    appint_buf_init(&engine->transfers, allocator);
    appint_buf_init(&engine->polled, allocator);
    appint_buf_init(&engine->opened, allocator);
    appint_buf_init(&engine->watched, allocator);
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

void appint_engine_retain(struct appint_engine *engine)
{
    engine->references++;
}

void appint_engine_release(struct appint_engine *engine)
{
    struct appint_allocator allocator = engine->allocator;
    size_t count = 0;
    struct appint_transfer **all = NULL;

    if (--engine->references > 0) {
        return;
    }
    appint_engine_close(engine);
    all = places(engine, &count);
    for (size_t i = 0; i < count; i++) {
        appint_transfer_free(all[i]);
        appint_realloc(&allocator, all[i], sizeof *all[i], 0);
    }
    appint_buf_free(&engine->transfers);
    appint_buf_free(&engine->polled);
    appint_buf_free(&engine->opened);
    appint_buf_free(&engine->watched);
    appint_realloc(&allocator, engine, sizeof *engine, 0);
}

struct appint_transfer *appint_engine_draft(struct appint_engine *engine)
{
    survive_fork(engine);
    if (engine->draft == NULL) {
        engine->draft = engine->free.last;
        if (engine->draft != NULL) {
            list_remove(&engine->free, engine->draft);
        } else {
            engine->draft = add_transfer(engine);
        }
    }
    if (engine->draft != NULL) {
        appint_transfer_reset(engine->draft, KEPT_BYTES);
    }
    return engine->draft;
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
    appint_engine_set_reported(engine, transfer);
    set_free(engine, transfer);
}

void appint_engine_drop_all(struct appint_engine *engine,
                            const struct appint_settings *settings)
{
    size_t count = 0;
    struct appint_transfer **all = places(engine, &count);

    for (size_t i = 0; i < count; i++) {
        if (all[i]->state != APPINT_TRANSFER_FREE &&
            all[i]->settings == settings) {
            appint_engine_drop(engine, all[i]);
        }
    }
}

/* ---- stepping ---------------------------------------------------------- */

static void act(struct appint_engine *engine, curl_socket_t fd, int events)
{
    int running = 0;

    if (curl_multi_socket_action(engine->multi, fd, events, &running) !=
        CURLM_OK) {
        engine->broken = true;
    }
}

/* Starts what may start and lets libcurl do what is due. A transfer that has
 * begun makes its timer due at once, and sends in here. */
static void advance(struct appint_engine *engine)
{
    start_waiting(engine);
    if (engine->timer != NEVER && engine->timer <= now_us()) {
        engine->timer = NEVER;
        act(engine, CURL_SOCKET_TIMEOUT, 0);
    }
    if (engine->broken) {
        shut_down(engine);
    }
    collect_finished(engine);
    end_overdue(engine);
}

/* From the last entry down: a socket that goes meanwhile has its place taken
 * by the last one, which has had its turn; new ones come behind. An event that
 * no longer fits its socket is harmless, as all sockets are non-blocking. */
static void handle_sockets(struct appint_engine *engine)
{
    size_t count = 0;
    size_t i = 0;

    polled(engine, &i);
    while (i-- > 0) {
        struct pollfd *entries = polled(engine, &count);
        int seen = i < count ? entries[i].revents : 0;
        bool failed = (seen & (POLLERR | POLLHUP | POLLNVAL)) != 0;
        int events = 0;

        if (seen == 0) {
            continue;
        }
        entries[i].revents = 0;
        if (remove_fd(&engine->watched, entries[i].fd)) {
            unpoll(engine, entries[i].fd);
            engine->watched_ready = true;
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
    if (engine->running.first == NULL) {
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
        ms = fmin(ms, ceil(fmax((double)(due - now_us()), 0.0) / 1000.0));
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

    survive_fork(engine);
    finished = engine->finished.count;
    advance(engine);
    if (engine->finished.count > finished || engine->watched_ready) {
        return;
    }
    entries = polled(engine, &count);
    if (poll(entries, (nfds_t)count, poll_timeout(engine, seconds)) > 0) {
        handle_sockets(engine);
    }
    advance(engine);
}

const struct pollfd *appint_engine_sockets(struct appint_engine *engine,
                                           size_t *count)
{
    survive_fork(engine);
    return polled(engine, count);
}

double appint_engine_timeout(struct appint_engine *engine)
{
    int64_t due = 0;

    survive_fork(engine);
    if (engine->unreported != NULL || engine->watched_ready ||
        (engine->waiting.first != NULL &&
         engine->running.count < engine->max_connections)) {
        return 0.0;
    }
    due = next_due(engine);
    if (due == NEVER) {
        return -1.0;
    }
    return fmax((double)(due - now_us()), 0.0) / 1e6;
}
