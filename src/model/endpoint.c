/* SPDX-License-Identifier: MIT */
/* Region to host name: see endpoint.h. */

#include "model/endpoint.h"

#include <stdio.h>
#include <string.h>

#include "model/model.h"

enum { LABEL_MAX = 63 }; /* RFC 1035, section 2.3.4 */

static bool is_label_character(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || c == '-';
}

/*
 * Nothing else may reach a URL: a region like "evil.example/#" would send
 * signed requests to another host.
 */
static bool is_label(const char *region, size_t len)
{
    if (len == 0 || len > LABEL_MAX || region[0] == '-' ||
        region[len - 1] == '-') {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        if (!is_label_character(region[i])) {
            return false;
        }
    }
    return true;
}

static bool names_region(const struct appint_partition *partition,
                         const char *region, size_t len)
{
    for (const char *const *name = partition->also; *name != NULL; name++) {
        if (strlen(*name) == len && memcmp(*name, region, len) == 0) {
            return true;
        }
    }
    return false;
}

static const struct appint_partition *partition_of(const char *region,
                                                   size_t len)
{
    for (size_t i = 0; i < appint_partition_count; i++) {
        if (names_region(&appint_partitions[i], region, len)) {
            return &appint_partitions[i];
        }
    }
    for (size_t i = 0; i < appint_partition_count; i++) {
        if (appint_pattern_match(appint_partitions[i].regions, region, len)) {
            return &appint_partitions[i];
        }
    }
    return &appint_partitions[0];
}

const struct appint_partition *appint_partition_find(const char *region,
                                                     size_t len,
                                                     struct appint_error *error)
{
    if (!is_label(region, len)) {
        appint_fail(error, APPINT_E_ARG,
                    "a region consists of 1 to %d letters, digits and "
                    "hyphens, as us-east-1",
                    LABEL_MAX);
        return NULL;
    }
    return partition_of(region, len);
}

static enum appint_status check(const struct appint_partition *partition,
                                unsigned variants, struct appint_error *error)
{
    if ((variants & APPINT_ENDPOINT_FIPS) != 0 && !partition->fips) {
        return appint_fail(error, APPINT_E_ARG,
                           "partition %s has no FIPS endpoints", partition->id);
    }
    if ((variants & APPINT_ENDPOINT_DUALSTACK) != 0 && !partition->dualstack) {
        return appint_fail(error, APPINT_E_ARG,
                           "partition %s has no dual-stack endpoints",
                           partition->id);
    }
    return APPINT_OK;
}

enum appint_status appint_endpoint_resolve(struct appint_endpoint *endpoint,
                                           const char *region, size_t len,
                                           unsigned variants,
                                           struct appint_error *error)
{
    const struct appint_partition *partition =
        appint_partition_find(region, len, error);
    enum appint_status status;

    if (partition == NULL) {
        return APPINT_E_ARG;
    }
    status = check(partition, variants, error);
    if (status != APPINT_OK) {
        return status;
    }
    endpoint->partition = partition;
    snprintf(endpoint->host, sizeof endpoint->host, "%s%s.%.*s.%s",
             appint_endpoint_prefix,
             (variants & APPINT_ENDPOINT_FIPS) != 0 ? "-fips" : "", (int)len,
             region,
             (variants & APPINT_ENDPOINT_DUALSTACK) != 0
                 ? partition->dualstack_suffix
                 : partition->suffix);
    return APPINT_OK;
}
