-- SPDX-License-Identifier: MIT
--- Checking the options that a program passes. An unknown option or one of the
-- wrong type is a bug in the program: it raises at the caller's line.
-- @module appintegrations.config.options

local lower = require("appintegrations.base.text").lower
local limits = require "appintegrations.base.limits"
local math = require("appintegrations.base.compat").math
local names = require("appintegrations.base.compat").lazy "appintegrations.base.names"

local M = {}

local huge = math.huge

--- The rule for one of some words: a mistyped one is shown, being no secret.
local function one_of(...)
  local allowed, shown = {}, {}
  for i = 1, select("#", ...) do
    local value = select(i, ...)
    allowed[value] = true
    shown[i] = type(value) == "string" and '"' .. value .. '"' or tostring(value)
  end
  local expected = table.concat(shown, ", ")
  return function(value)
    return allowed[value] or false, expected, ("%q"):format(tostring(value))
  end
end

--- The rule for values of the type EXPECTED.
---@param expected string
---@return fun(value: any): boolean, string
local function is_a(expected)
  return function(value)
    return type(value) == expected, "a " .. expected
  end
end

M.is_a = is_a

local function positive(value)
  return type(value) == "number" and value > 0 and value < huge, "a positive number"
end

local function count(value)
  return type(value) == "number" and value >= 1 and value < huge and value % 1 == 0,
    "a whole number from 1"
end

local function credentials(value)
  return type(value) == "table" or type(value) == "function", "a table or a function"
end

--- What the system can be given: it ends texts with a zero byte.
local function is_text(value)
  return type(value) == "string" and not value:find("%z")
end

local function path(value)
  return is_text(value), "a path"
end

--- A table in the place of the environment, in which false is as nil. What its metatable may have
-- behind it is not seen here.
local function environment(value)
  local ok = type(value) == "table"
  for name, text in pairs(ok and value or {}) do
    ok = ok and is_text(name) and (is_text(text) or text == false)
  end
  return ok, "a table of strings by names, without zero bytes"
end

--- An object whose metatable has the name NAME: of a kind that stands above this file.
local function named(name, expected)
  return function(value)
    local mt = type(value) == "table" and getmetatable(value)
    return type(mt) == "table" and mt.__name == name, expected
  end
end

local function with_method(method)
  return function(value)
    local ok = (type(value) == "table" or type(value) == "userdata")
      and type(value[method]) == "function"
    return ok, "an object with a method " .. method
  end
end

--- A URL, or false for none in spite of the environment.
local function proxy(value)
  return type(value) == "string" or value == false, "a string or false"
end

--- Options of `appintegrations.client`.
M.CLIENT = {
  region = is_a "string",
  profile = is_a "string",
  credentials = credentials,
  endpoint_url = is_a "string",
  use_fips_endpoint = is_a "boolean",
  use_dualstack_endpoint = is_a "boolean",
  defaults_mode = one_of("standard", "in-region", "cross-region", "mobile", "auto", "legacy"),
  retry_mode = one_of("standard", "adaptive", "off", "legacy"),
  max_attempts = count,
  connect_timeout = positive,
  timeout = positive,
  deadline = positive,
  validate = one_of("standard", "strict", false),
  ca_bundle = path,
  proxy = proxy,
  no_proxy = is_a "string",
  verify_tls = is_a "boolean",
  max_connections = count,
  max_response_bytes = count,
  app_id = is_a "string",
  logger = is_a "function",
  log_bodies = is_a "boolean",
  loop = named("appintegrations.Loop", "a loop of appintegrations.loop()"),
  transport = with_method "send",
  clock = is_a "function",
  random = is_a "function",
  sleep = is_a "function",
  disable_clock_skew_correction = is_a "boolean",
  env = environment,
  -- What a host may deny: reading and writing files, starting the credential
  -- process, asking the instance metadata service.
  files = is_a "boolean",
  process = is_a "boolean",
  imds = is_a "boolean",
  process_timeout = positive,
  mfa_code = is_a "function",
}

--- Options of one call.
M.CALL = {
  timeout = positive,
  deadline = positive,
  max_attempts = count,
  validate = M.CLIENT.validate,
  headers = is_a "table",
  extra = is_a "table",
}

--- Options of `appintegrations.json`.
M.JSON = { indent = is_a "boolean" }

--- Options of `appintegrations.loop`.
M.LOOP = {
  max_connections = function(value)
    return count(value) and value <= limits.LARGEST.max_connections,
      ("a whole number from 1 to %d"):format(limits.LARGEST.max_connections)
  end,
  clock = is_a "function",
}

--- Options of a listing: those of a call, and two of its own.
M.LISTING = {
  prefetch = is_a "boolean",
  limit = function(value)
    return type(value) == "number" and value >= 0 and value % 1 == 0, "a whole number from 0"
  end,
}
for name, rule in pairs(M.CALL) do
  M.LISTING[name] = rule
end

-- What other libraries have in the place of an option of ours.
local ELSEWHERE = {
  access_key_id = "credentials = { access_key_id = … }",
  secret_access_key = "credentials = { secret_access_key = … }",
  session_token = "credentials = { session_token = … }",
  retry = "max_attempts, which counts the first one too",
  retries = "max_attempts, which counts the first one too",
  max_retries = "max_attempts, which counts the first one too",
  max = "limit", max_items = "limit", max_results = "limit", count = "limit",
}

--- What to say of the unknown option NAME.
local function suggestion(name, rules)
  local folded = lower(tostring(name):gsub("[A-Z]", "_%0")):gsub("^_", "")
  for other, meant in pairs(ELSEWHERE) do
    local option = meant:match "^[A-Za-z0-9_]+"
    if (other == name or other == folded or "aws_" .. other == folded) and rules[option] then
      return "; that is " .. meant
    end
  end
  return names.hint(name, rules)
end

--- Raises at LEVEL unless OPTIONS is a table that obeys RULES.
---@param options table
---@param rules table<string, fun(value: any): boolean, string, string?>
---@param what string   what the options are of, for the message
---@param level integer as for `error`, seen from the caller of this function
function M.check(options, rules, what, level)
  level = level + 1
  if type(options) ~= "table" then
    error(("%s: expected a table of options, got %s"):format(what, type(options)), level)
  end
  for name, value in pairs(options) do
    local rule = rules[name]
    if not rule then
      error(('%s: unknown option "%s"%s'):format(what, tostring(name), suggestion(name, rules)),
        level)
    end
    local ok, expected, shown = rule(value)
    if not ok then
      local got = type(value)
      if got == "number" or got == "boolean" then
        got = tostring(value)
      elseif got == "string" and shown then
        got = shown
      end
      error(('%s: option "%s": expected %s, got %s'):format(what, name, expected, got), level)
    end
  end
end

return M
