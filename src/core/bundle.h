/* SPDX-License-Identifier: MIT */
#ifndef APPINT_BUNDLE_H
#define APPINT_BUNDLE_H

#include <stddef.h>

#include "lua/compat.h"

/*
 * The module's Lua files as the Lua of the build has compiled them: they stand
 * in the core.so that `make install` installs (bundle.lua writes them), where
 * loading takes a fraction of what compiling does. The core.so of a checkout is
 * linked with bundle_none.c: a checkout runs from its sources.
 */

struct appint_bundled {
    const char *module; /* "appintegrations.client" */
    const unsigned char *code;
    size_t len;
};

/* Sorted by module, in the order of strcmp. */
extern const struct appint_bundled appint_bundle[];
extern const size_t appint_bundle_count;

/*
 * Puts a loader for each of them into package.preload. Does nothing where this
 * Lua cannot read them: then the installed sources serve. [-0, +0, m]
 */
void appint_bundle_preload(lua_State *L);

#endif
