/* SPDX-License-Identifier: MIT */
#ifndef APPINT_TOKENS_H
#define APPINT_TOKENS_H

/*
 * What the credential providers need for token files and for proofs of
 * possession: the names of the files, and the parts of a JSON Web Token. Part
 * of the signing module, since it needs libcrypto.
 */

#include "lua/compat.h"

extern const luaL_Reg appint_tokens_functions[]; /* without upvalues */

#endif
