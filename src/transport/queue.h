/* SPDX-License-Identifier: MIT */
#ifndef APPINT_QUEUE_H
#define APPINT_QUEUE_H

#include "transport/transfer.h"

/*
 * The transfers of an engine, by id and by state: those that are free, wait,
 * run or have finished, each list in the order in which they came to it. A
 * transfer is reused, an id never.
 */

struct appint_transfer_list {
    struct appint_transfer *first, *last;
    size_t count;
};

struct appint_queue {
    struct appint_buf places; /* struct appint_transfer *, by the id's place */
    struct appint_transfer *draft;
    struct appint_transfer_list free, waiting, running, finished;
    struct appint_transfer *unreported; /* in finished; the rest of it is too */
};

void appint_queue_init(struct appint_queue *queue,
                       const struct appint_allocator *allocator);
void appint_queue_free(struct appint_queue *queue);

/* An empty transfer, the same one until it is submitted, whose buffers keep up
 * to KEEP bytes of memory; NULL: out of memory. */
struct appint_transfer *appint_queue_draft(struct appint_queue *queue,
                                           size_t keep);

/* Makes the draft a waiting transfer; returns its id. */
uint64_t appint_queue_submit(struct appint_queue *queue);

/* The transfer of that id, unless it is free; or NULL. */
struct appint_transfer *appint_queue_find(const struct appint_queue *queue,
                                          uint64_t id);

/* The transfer in place I, free ones too; NULL behind the last. */
struct appint_transfer *appint_queue_at(const struct appint_queue *queue,
                                        size_t i);

/* Moves TRANSFER to the end of the list of STATE. */
void appint_queue_move(struct appint_queue *queue,
                       struct appint_transfer *transfer,
                       enum appint_transfer_state state);

/* Makes TRANSFER a finished one, which nobody has been told of. */
void appint_queue_finish(struct appint_queue *queue,
                         struct appint_transfer *transfer);
void appint_queue_set_reported(struct appint_queue *queue,
                               const struct appint_transfer *transfer);

/* Takes TRANSFER, a finished one, out of its list: its id is nobody's any more,
 * and only who has taken it may release it. */
void appint_queue_take(struct appint_queue *queue,
                       struct appint_transfer *transfer);

/* Empties TRANSFER for reuse. The last one freed is the next one used, its
 * buffers, of up to KEEP bytes, warm and large enough. */
void appint_queue_release(struct appint_queue *queue,
                          struct appint_transfer *transfer, size_t keep);

#endif
