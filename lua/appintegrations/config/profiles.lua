-- SPDX-License-Identifier: MIT
--- The shared config and credentials files of a person: where they are, and what
-- they say together. Their grammar is in appintegrations.config.profile_file.
-- @module appintegrations.config.profiles

local errors = require "appintegrations.base.errors"
local lazy = require("appintegrations.base.compat").lazy
local profile_file = lazy "appintegrations.config.profile_file"

local M = {}

-- The two files: which variable names them, else where they are.
local FILES = {
  { kind = "config", variable = "AWS_CONFIG_FILE", default = "~/.aws/config" },
  { kind = "credentials", variable = "AWS_SHARED_CREDENTIALS_FILE",
    default = "~/.aws/credentials" },
}

--- PATH with the values of the variables in it, as botocore has it: crontabs and service managers
-- hand on `$HOME/…` as it is written. What is not set stays.
local function with_variables(path, getenv)
  return (path:gsub("%$({?)([A-Za-z0-9_]+)(}?)", function(opening, name, closing)
    return (opening == "{") == (closing == "}") and getenv(name) or nil
  end))
end

--- Reads one of the FILES; what became of it is in `status`.
local function load_file(which, files, getenv)
  local named = getenv(which.variable)
  local path = files.expand(named and with_variables(named, getenv) or which.default)
  local text, reason, absent, refused = files.read(path)
  local file = { kind = which.kind, path = path, status = text and "read" or reason,
    absent = absent, refused = refused, variable = named and which.variable, text = text }
  if not text then
    file.content = { profiles = {}, sso_sessions = {}, services = {}, near = {} }
    return file
  end
  local content, message = profile_file.parse(text, path, which.kind)
  if not content then
    return nil, errors.invalid_config(message)
  end
  file.content = content
  return file
end

--- Keys of profile NAME in the config file with those of the credentials file
-- over them, and which file each came from.
local function merged(config, credentials, name)
  local below, above = config.content.profiles[name], credentials.content.profiles[name]
  if not below and not above then
    return nil
  end
  local keys, origins = {}, {}
  for key, value in pairs(below or {}) do
    keys[key], origins[key] = value, config.path
  end
  for key, value in pairs(above or {}) do
    keys[key], origins[key] = value, credentials.path
  end
  return keys, origins
end

local function sorted_keys(...)
  local seen, names = {}, {}
  for i = 1, select("#", ...) do
    for name in pairs((select(i, ...))) do
      if not seen[name] then
        seen[name] = true
        names[#names + 1] = name
      end
    end
  end
  table.sort(names)
  return names
end

---@class appintegrations.ProfilesFile
---@field kind "config"|"credentials"
---@field path string
---@field status string       "read", or why it is not
---@field absent? boolean     there is no such file
---@field refused? boolean    there is one, but it is too long, or a pipe or a device
---@field variable? string    that names it; nil: it is where it usually is

---@class appintegrations.Profiles
---@field files appintegrations.ProfilesFile[]  config and credentials
---@field get fun(name: string): table?, table?  keys of a profile, and the file of each
---@field only fun(name: string, kind: string): table?  its keys in one of the two files
---@field sso_session fun(name: string): table?
---@field services fun(name: string): table?
---@field names fun(): string[]  of all profiles, sorted
---@field near fun(name: string): string?  the line that is nearly the section of a profile
---@field digest fun(): string  changes when a file does; tells nothing of its content

--- Loads both files; that they are missing is no error.
---@param files appintegrations.Files
---@param getenv fun(name: string): string?
---@return appintegrations.Profiles? profiles
---@return appintegrations.Error? err  InvalidConfig with file and line
---@nodiscard
function M.load(files, getenv)
  local loaded = {}
  for i, which in ipairs(FILES) do
    local file, err = load_file(which, files, getenv)
    if not file then
      return nil, err
    end
    loaded[i] = file
  end
  local config, credentials = loaded[1], loaded[2]
  -- Secrets live in closures only, where no dump of the client finds them.
  local contents = { config = config.content, credentials = credentials.content }
  local public = {}
  for i, file in ipairs(loaded) do
    public[i] = {
      kind = file.kind, path = file.path, status = file.status, absent = file.absent,
      refused = file.refused, variable = file.variable,
    }
  end
  return {
    files = public,
    get = function(name)
      return merged(config, credentials, name)
    end,
    only = function(name, kind)
      return contents[kind].profiles[name]
    end,
    sso_session = function(name)
      return contents.config.sso_sessions[name]
    end,
    services = function(name)
      return contents.config.services[name]
    end,
    near = function(name)
      return contents.config.near[name] or contents.credentials.near[name]
    end,
    names = function()
      return sorted_keys(contents.config.profiles, contents.credentials.profiles)
    end,
    digest = function() -- brings OpenSSL with it
      local signing = require "appintegrations.signing"
      return signing.sha256((config.text or "") .. "\0" .. (credentials.text or ""))
    end,
  }
end

return M
