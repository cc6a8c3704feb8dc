/* SPDX-License-Identifier: MIT */
/*
 * The smallest program with Lua and the module inside: prints the names of the
 * account's applications. It needs what `make install` has installed, nothing
 * of the checkout:
 *
 *     cc minimal.c $(pkg-config --cflags --libs appintegrations) -o minimal
 *     ./minimal
 *
 * (PKG_CONFIG_PATH=PREFIX/lib/pkgconfig, if PREFIX is not the system's.)
 */

#include <stdio.h>
#include <stdlib.h>

#include <appintegrations.h>
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

/* An error is an object; `tostring` makes a text of it, which C can print. */
static const char script[] =
    "local client, err = require('appintegrations').client {}\n"
    "if not client then error(tostring(err), 0) end\n"
    "local applications = client:each_application()\n"
    "while true do\n"
    "  local application, problem = applications:next()\n"
    "  if problem and not application then error(tostring(problem), 0) end\n"
    "  if not application then break end\n"
    "  print(application.Name)\n"
    "end\n"
    "client:close()\n";

int main(void)
{
    lua_State *L = luaL_newstate();
    int failed;

    if (L == NULL) {
        fputs("minimal: out of memory\n", stderr);
        return EXIT_FAILURE;
    }
    luaL_openlibs(L);
    appintegrations_preload(L);
    failed = luaL_loadstring(L, script) != 0 || lua_pcall(L, 0, 0, 0) != 0;
    if (failed) {
        fprintf(stderr, "minimal: %s\n", lua_tostring(L, -1));
    }
    lua_close(L);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
