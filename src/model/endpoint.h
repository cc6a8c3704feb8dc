/* SPDX-License-Identifier: MIT */
#ifndef APPINT_ENDPOINT_H
#define APPINT_ENDPOINT_H

#include <stdbool.h>
#include <stddef.h>

#include "model/pattern.h"
#include "base/status.h"

/*
 * From a region to the host that serves it, by the partitions of the service
 * description (constant tables in src/model/tables.c). Allocates nothing; all
 * strings of a partition are constants.
 */

struct appint_partition {
    const char *id;                       /* "aws", "aws-cn", … */
    const char *suffix;                   /* "amazonaws.com" */
    const char *dualstack_suffix;         /* "api.aws" */
    const struct appint_pattern *regions; /* what its regions look like */
    const char *const *also; /* regions that do not; NULL-terminated */
    bool fips;
    bool dualstack;
};

/* In the order in which they are tried; the first one is the default. */
extern const struct appint_partition appint_partitions[];
extern const size_t appint_partition_count;

enum { APPINT_HOST_SIZE = 256 };

struct appint_endpoint {
    const struct appint_partition *partition;
    char host[APPINT_HOST_SIZE];
};

/*
 * The partition of REGION: the one that names it, else the first whose pattern
 * it matches, else the default: a region that is newer than this version works
 * if it is one of the default partition's. NULL and a text where REGION cannot
 * be a part of a host name.
 */
const struct appint_partition *
appint_partition_find(const char *region, size_t len,
                      struct appint_error *error);

/*
 * Fills ENDPOINT. APPINT_E_ARG with a text where REGION cannot be a part of a
 * host name, or where the partition lacks what is asked for.
 */
enum appint_status appint_endpoint_resolve(struct appint_endpoint *endpoint,
                                           const char *region, size_t len,
                                           unsigned variants,
                                           struct appint_error *error);

/* For VARIANTS above. */
enum { APPINT_ENDPOINT_FIPS = 1, APPINT_ENDPOINT_DUALSTACK = 2 };

#endif
