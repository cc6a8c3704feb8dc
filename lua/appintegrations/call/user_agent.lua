-- SPDX-License-Identifier: MIT
--- The User-Agent header, in the form that the AWS SDKs share:
-- `appintegrations-lua/1.0.0 ua/2.1 os/linux#6.1.0 md/arch#x86_64 lang/lua#5.4
-- m/E cfg/retry-mode#standard app/desk`.
-- @module appintegrations.call.user_agent

local lower = require("appintegrations.base.text").lower
local core = require "appintegrations.core"
local version = require "appintegrations.base.version"

local M = {}

local OS_NAMES = { linux = "linux", darwin = "macos" }

-- The SDKs' identifiers of features in use.
local PAGINATOR, ENDPOINT_OVERRIDE, CREDENTIALS_IN_CODE = "C", "N", "e"
local RETRY_MODES = { standard = "E", adaptive = "F" }

--- TEXT with what is not allowed in a component replaced.
local function clean(text)
  return (tostring(text):gsub("[^A-Za-z0-9!$%%&'*+%-.^_`|~,]", "-"))
end

local function component(prefix, name, value)
  local text = prefix .. "/" .. clean(name)
  if value ~= nil and value ~= "" then
    text = text .. "#" .. clean(value)
  end
  return text
end

--- The operating system and the machine.
local function add_platform(parts)
  local system, release, machine = core.uname()
  system = lower(system or "other")
  local name = OS_NAMES[system]
  parts[#parts + 1] = component("os", name or "other", name and release)
  if not name and system ~= "other" then
    parts[#parts + 1] = component("md", system, release)
  end
  if machine then
    parts[#parts + 1] = component("md", "arch", machine)
  end
end

local function add_language(parts)
  parts[#parts + 1] = component("lang", "lua", (_VERSION:gsub("^Lua ", "")))
  local jit = require("appintegrations.base.compat").global "jit"
  if type(jit) == "table" and jit.version then
    parts[#parts + 1] = component("md", "luajit", (tostring(jit.version):gsub("^LuaJIT ", "")))
  end
end

--- What a client is like: letters of the SDKs' list, most general first.
local function features_of(config, options)
  local features = {}
  features[#features + 1] = RETRY_MODES[config.retry_mode]
  features[#features + 1] = config.endpoint_url and ENDPOINT_OVERRIDE or nil
  features[#features + 1] = type(options.credentials) == "table" and CREDENTIALS_IN_CODE or nil
  return features
end

local function assemble(before, features, after)
  local m = #features > 0 and " m/" .. table.concat(features, ",") or ""
  return before .. m .. after
end

--- The headers of a client: for its calls, and for those that an iterator makes.
---@param config appintegrations.Config
---@param options appintegrations.Options
---@return string plain
---@return string paging
---@nodiscard
function M.new(config, options)
  local parts = { "appintegrations-lua/" .. clean(version), "ua/2.1" }
  add_platform(parts)
  add_language(parts)
  local environment = config.getenv "AWS_EXECUTION_ENV"
  if environment then
    parts[#parts + 1] = component("exec-env", environment)
  end
  local after = " " .. component("cfg", "retry-mode", config.retry_mode)
  if config.app_id then
    after = after .. " " .. component("app", config.app_id)
  end
  local before, features = table.concat(parts, " "), features_of(config, options)
  local plain = assemble(before, features, after)
  table.insert(features, 1, PAGINATOR)
  return plain, assemble(before, features, after)
end

return M
