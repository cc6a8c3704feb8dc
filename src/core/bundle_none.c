/* SPDX-License-Identifier: MIT */
/* No compiled Lua files: see bundle.h. */

#include "core/bundle.h"

const struct appint_bundled appint_bundle[] = {
    {NULL, NULL, 0},
};

const size_t appint_bundle_count = 0;
