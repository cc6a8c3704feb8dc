rockspec_format = "3.0"
package = "appintegrations"
version = "scm-1"
source = {
  url = "git+https://github.com/appintegrations/appintegrations-lua.git",
}
description = {
  summary = "A client for the Amazon AppIntegrations API, and a local stand-in for the service",
  detailed = [[
    Applications, data integrations and their associations, event integrations and tags of
    Amazon Connect as Lua tables: signed, validated, retried, listed through iterators.
    A C core on libcurl and OpenSSL that never blocks where it should not, with an emulator
    of the service for tests.
  ]],
  license = "MIT",
}
supported_platforms = { "unix" }
dependencies = {
  "lua >= 5.1, < 5.5",
  "lua-cjson >= 2.1.0",
}
-- libcurl and OpenSSL are found by pkg-config: LuaRocks' own search misses the
-- multiarch directories of Debian.
build = {
  type = "make",
  build_target = "all",
  install_target = "install",
  build_variables = {
    CC = "$(CC)",
    CFLAGS = "$(CFLAGS)",
    LUA = "$(LUA)",
    LUA_INCDIR = "$(LUA_INCDIR)",
  },
  install_variables = {
    LUA = "$(LUA)",
    LUA_INCDIR = "$(LUA_INCDIR)",
    INSTALL_LMOD = "$(LUADIR)",
    INSTALL_CMOD = "$(LIBDIR)",
    INSTALL_BIN = "$(BINDIR)",
  },
}
test = {
  type = "command",
  command = "make spec",
}
