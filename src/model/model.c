/* SPDX-License-Identifier: MIT */
/* Lookups in the tables of the service model: see model.h. */

#include "model/model.h"

#include <string.h>

const struct appint_operation *appint_operation_find(const char *method_name)
{
    size_t low = 0;
    size_t high = appint_operation_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(method_name, appint_operations[middle].method_name);

        if (order == 0) {
            return &appint_operations[middle];
        }
        if (order < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return NULL;
}

const struct appint_shape *appint_shape_find(const char *name)
{
    size_t low = 0;
    size_t high = appint_shape_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(name, appint_shapes[middle]->name);

        if (order == 0) {
            return appint_shapes[middle];
        }
        if (order < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return NULL;
}

/* Structures are small: comparing lengths first beats a binary search. */
const struct appint_member *appint_member_find(const struct appint_shape *shape,
                                               const char *name, size_t len)
{
    if (shape->type != APPINT_STRUCTURE) {
        return NULL;
    }
    for (size_t i = 0; i < shape->count; i++) {
        const struct appint_member *member = &shape->members[i];

        if (member->name_len == len && memcmp(member->name, name, len) == 0) {
            return member;
        }
    }
    return NULL;
}

bool appint_enum_has(const struct appint_shape *shape, const char *value,
                     size_t len)
{
    if (shape->values == NULL) {
        return false;
    }
    for (size_t i = 0; i < shape->count; i++) {
        if (strlen(shape->values[i]) == len &&
            memcmp(shape->values[i], value, len) == 0) {
            return true;
        }
    }
    return false;
}
