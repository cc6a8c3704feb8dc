-- SPDX-License-Identifier: MIT
--- appintegrations.curl, loaded. libcurl brings thirty libraries, and Lua would have all their
-- functions looked up at once: opened like this before, they are looked up as they are called.
-- @module appintegrations.base.libcurl

local core = require "appintegrations.core"

local NAME = "appintegrations.curl"

-- A program that has the module linked in needs no file, and may have no package library.
local package = require("appintegrations.base.compat").global "package"
if package and package.searchpath and not package.preload[NAME] then
  local path = package.searchpath(NAME, package.cpath)
  if path then
    core.open_lazily(path)
  end
end

return require(NAME)
