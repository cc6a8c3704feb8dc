/* SPDX-License-Identifier: MIT */
/* Transfers by id and by state: see queue.h. */

#include "transport/queue.h"

#include <string.h>

/* An id is a place in `places` and, above that, how often it was used. */
enum { PLACE_BITS = 20 };

void appint_queue_init(struct appint_queue *queue,
                       const struct appint_allocator *allocator)
{
    appint_buf_init(&queue->places, allocator);
}

static struct appint_transfer_list *list_of(struct appint_queue *queue,
                                            enum appint_transfer_state state)
{
    switch (state) {
    case APPINT_TRANSFER_WAITING:
        return &queue->waiting;
    case APPINT_TRANSFER_RUNNING:
        return &queue->running;
    case APPINT_TRANSFER_FINISHED:
        return &queue->finished;
    case APPINT_TRANSFER_FREE:
    case APPINT_TRANSFER_TAKEN:
        break;
    }
    return &queue->free;
}

static void list_remove(struct appint_transfer_list *list,
                        struct appint_transfer *transfer)
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

static void list_append(struct appint_transfer_list *list,
                        struct appint_transfer *transfer)
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

void appint_queue_move(struct appint_queue *queue,
                       struct appint_transfer *transfer,
                       enum appint_transfer_state state)
{
    list_remove(list_of(queue, transfer->state), transfer);
    transfer->state = state;
    list_append(list_of(queue, state), transfer);
}

struct appint_transfer *appint_queue_at(const struct appint_queue *queue,
                                        size_t i)
{
    struct appint_transfer **all = (void *)queue->places.data;

    return i < queue->places.len / sizeof *all ? all[i] : NULL;
}

void appint_queue_free(struct appint_queue *queue)
{
    struct appint_allocator allocator = queue->places.allocator;
    struct appint_transfer *transfer = NULL;

    for (size_t i = 0; (transfer = appint_queue_at(queue, i)) != NULL; i++) {
        appint_transfer_free(transfer);
        appint_realloc(&allocator, transfer, sizeof *transfer, 0);
    }
    appint_buf_free(&queue->places);
}

/* A new transfer in a place of its own. It stays until the queue goes. */
static struct appint_transfer *add_transfer(struct appint_queue *queue)
{
    struct appint_transfer *transfer = NULL;
    size_t place = queue->places.len / sizeof transfer;

    if (place >> PLACE_BITS != 0 ||
        appint_buf_reserve(&queue->places, sizeof transfer) == NULL) {
        queue->places.failed = false;
        return NULL;
    }
    transfer =
        appint_realloc(&queue->places.allocator, NULL, 0, sizeof *transfer);
    if (transfer == NULL) {
        return NULL;
    }
    memset(transfer, 0, sizeof *transfer);
    appint_transfer_init(transfer, &queue->places.allocator);
    transfer->id = place;
    appint_buf_append(&queue->places, &transfer, sizeof transfer);
    return transfer;
}

struct appint_transfer *appint_queue_draft(struct appint_queue *queue,
                                           size_t keep)
{
    if (queue->draft == NULL) {
        queue->draft = queue->free.last;
        if (queue->draft != NULL) {
            list_remove(&queue->free, queue->draft);
        } else {
            queue->draft = add_transfer(queue);
        }
    }
    if (queue->draft != NULL) {
        appint_transfer_reset(queue->draft, keep);
    }
    return queue->draft;
}

uint64_t appint_queue_submit(struct appint_queue *queue)
{
    struct appint_transfer *transfer = queue->draft;

    queue->draft = NULL;
    transfer->id += UINT64_C(1) << PLACE_BITS;
    transfer->state = APPINT_TRANSFER_WAITING;
    list_append(&queue->waiting, transfer);
    return transfer->id;
}

struct appint_transfer *appint_queue_find(const struct appint_queue *queue,
                                          uint64_t id)
{
    size_t place = (size_t)(id & ((UINT64_C(1) << PLACE_BITS) - 1));
    struct appint_transfer *transfer = appint_queue_at(queue, place);

    if (transfer == NULL || transfer->id != id ||
        transfer->state == APPINT_TRANSFER_FREE ||
        transfer->state == APPINT_TRANSFER_TAKEN) {
        return NULL;
    }
    return transfer;
}

void appint_queue_finish(struct appint_queue *queue,
                         struct appint_transfer *transfer)
{
    appint_queue_move(queue, transfer, APPINT_TRANSFER_FINISHED);
    if (queue->unreported == NULL) {
        queue->unreported = transfer;
    }
}

void appint_queue_set_reported(struct appint_queue *queue,
                               const struct appint_transfer *transfer)
{
    if (transfer == queue->unreported) {
        queue->unreported = transfer->next;
    }
}

void appint_queue_take(struct appint_queue *queue,
                       struct appint_transfer *transfer)
{
    appint_queue_set_reported(queue, transfer);
    list_remove(&queue->finished, transfer);
    transfer->state = APPINT_TRANSFER_TAKEN;
}

void appint_queue_release(struct appint_queue *queue,
                          struct appint_transfer *transfer, size_t keep)
{
    if (transfer->state != APPINT_TRANSFER_TAKEN) {
        appint_queue_set_reported(queue, transfer);
        list_remove(list_of(queue, transfer->state), transfer);
    }
    transfer->state = APPINT_TRANSFER_FREE;
    list_append(&queue->free, transfer);
    appint_transfer_reset(transfer, keep);
}
