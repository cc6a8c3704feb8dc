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
  homepage = "https://github.com/appintegrations/appintegrations-lua",
  issues_url = "https://github.com/appintegrations/appintegrations-lua/issues",
  maintainer = "The appintegrations authors",
  labels = { "aws", "amazon-connect", "http", "client" },
  license = "MIT",
}
supported_platforms = { "unix" }
dependencies = {
  "lua >= 5.1, < 5.6",
  "lua-cjson >= 2.1.0",
  "argparse >= 0.7", -- of the command
}
-- Libraries, not headers: LuaRocks' search misses the multiarch directory in which Debian
-- has those of libcurl. CURL_DIR=… and CRYPTO_DIR=… name others than the system's.
external_dependencies = {
  CURL = { library = "curl" },
  CRYPTO = { library = "crypto" },
}
build = {
  type = "make",
  build_target = "all",
  install_target = "install-module",
  variables = {
    CC = "$(CC)",
    CFLAGS = "$(CFLAGS)",
    LUA = "$(LUA)",
    LUA_INCDIR = "$(LUA_INCDIR)",
    CURL_INCDIR = "$(CURL_INCDIR)",
    CURL_LIBDIR = "$(CURL_LIBDIR)",
    CRYPTO_INCDIR = "$(CRYPTO_INCDIR)",
    CRYPTO_LIBDIR = "$(CRYPTO_LIBDIR)",
    INSTALL_LMOD = "$(LUADIR)",
    INSTALL_CMOD = "$(LIBDIR)",
    INSTALL_BIN = "$(BINDIR)",
    INSTALL_MAN = "$(PREFIX)/man/man1",
    INSTALL_COMPLETION = "$(PREFIX)/completions",
    INSTALL_DOC = "$(PREFIX)/doc",
  },
}
test = {
  type = "command",
  command = "make spec",
}
