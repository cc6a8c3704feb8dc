/* SPDX-License-Identifier: MIT */
/* The member that was meant: see suggest.h. */

#include "model/suggest.h"

#include "base/nearest.h"
#include "model/model.h"

const char *appint_suggest_member(const struct appint_shape *shape,
                                  const char *name, size_t len)
{
    struct appint_nearest nearest;

    appint_nearest_init(&nearest, name, len);
    for (size_t i = 0; i < shape->count; i++) {
        appint_nearest_offer(&nearest, shape->members[i].name,
                             shape->members[i].name_len);
    }
    return nearest.name;
}
