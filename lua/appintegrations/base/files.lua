-- SPDX-License-Identifier: MIT
--- The files that configuration is made of, through the core: it works without
-- `io` and `os`, and a host can switch it off.
-- @module appintegrations.base.files

local core = require "appintegrations.core"

local M = {}

local OFF = "files are switched off (option files = false)"
local HOMELESS = "the home directory is unknown: set HOME"

---@class appintegrations.Files
---@field read fun(path: string): string?, string?, boolean?, boolean?
---  the text; or nil, why, whether there is just no such file, and whether there is one that is
---  too long or no file to read, but a pipe or a device
---@field write_private fun(path: string, text: string): true?, string?
---  replaces the file atomically, mode 0600
---@field lock fun(path: string): userdata?, boolean?
---  the lock of a file, for core.unlock_file; or nil, and whether somebody else has it
---@field home fun(): string?      the directory that `~` stands for
---@field expand fun(path: string): string  a path without its leading `~`
---@field enabled boolean

local function refuse()
  return nil, OFF, true
end

local function no_lock()
  return nil, false
end

--- What `~` stands for: HOME, else what the user database says. The result is
-- kept: the database may be behind a network.
local function home_finder(getenv)
  local home
  return function()
    home = getenv "HOME" or getenv "USERPROFILE" or home or core.home_directory()
    return home
  end
end

--- A reader of files. A path that still begins with `~`, as nobody knows a directory for that,
-- would be one below the working directory.
local function reader(home)
  return function(path)
    if path:find("^~/") and not home() then
      return nil, HOMELESS, true
    end
    return core.read_file(path)
  end
end

--- File access for one configuration.
---@param getenv fun(name: string): string?
---@param enabled boolean  false: nothing is read or written
---@return appintegrations.Files
---@nodiscard
function M.new(getenv, enabled)
  local home = home_finder(getenv)
  return {
    enabled = enabled,
    read = enabled and reader(home) or refuse,
    write_private = enabled and core.write_private_file or refuse,
    lock = enabled and core.lock_file or no_lock,
    home = home,
    -- Only one's own home directory: `~other/…` stays as it is, as in the SDKs.
    expand = function(path)
      if path == "~" or path:find("^~/") then
        return (home() or "~") .. path:sub(2)
      end
      return path
    end,
  }
end

return M
