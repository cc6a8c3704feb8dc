-- SPDX-License-Identifier: MIT
--- Checking the options that a program passes. An unknown option or one of the
-- wrong type is a bug in the program: it raises at the caller's line.
-- @module appintegrations.options

local math = require("appintegrations.compat").math

local M = {}

local huge = math.huge

local function one_of(...)
  local allowed, names = {}, {}
  for i = 1, select("#", ...) do
    local value = select(i, ...)
    allowed[value] = true
    names[i] = type(value) == "string" and '"' .. value .. '"' or tostring(value)
  end
  local expected = table.concat(names, ", ")
  return function(value)
    return allowed[value] or false, expected
  end
end

local function is_a(expected)
  return function(value)
    return type(value) == expected, "a " .. expected
  end
end

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
  retry_mode = one_of("standard", "adaptive", "off"),
  max_attempts = count,
  connect_timeout = positive,
  timeout = positive,
  deadline = positive,
  validate = one_of("standard", "strict", false),
  ca_bundle = is_a "string",
  proxy = proxy,
  no_proxy = is_a "string",
  verify_tls = is_a "boolean",
  max_connections = count,
  max_response_bytes = count,
  app_id = is_a "string",
  logger = is_a "function",
  loop = function(value)
    return require("appintegrations.loop").is_loop(value), "a loop of appintegrations.loop()"
  end,
  transport = with_method "send",
  clock = is_a "function",
  random = is_a "function",
  sleep = is_a "function",
  disable_clock_skew_correction = is_a "boolean",
  env = is_a "table",
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

--- Options of `appintegrations.loop`.
M.LOOP = {
  max_connections = count,
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

--- The known option that NAME is nearest to: the same letters in another case or
-- without underscores, or the same beginning.
local function suggestion(name, rules)
  local folded = tostring(name):lower():gsub("[_-]", "")
  for known in pairs(rules) do
    local other = known:gsub("_", "")
    if other == folded or (#folded >= 4 and (other:find(folded, 1, true) == 1
        or folded:find(other, 1, true) == 1)) then
      return ('; did you mean "%s"?'):format(known)
    end
  end
  return ""
end

--- Raises at LEVEL unless OPTIONS is a table that obeys RULES.
---@param options table
---@param rules table<string, fun(value: any): boolean, string>
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
    local ok, expected = rule(value)
    if not ok then
      local got = type(value)
      if got == "number" or got == "boolean" then
        got = tostring(value)
      end
      error(('%s: option "%s": expected %s, got %s'):format(what, name, expected, got), level)
    end
  end
end

-- What the client itself decides, or what would break the message.
local RESERVED_HEADERS = {
  ["amz-sdk-invocation-id"] = true, ["amz-sdk-request"] = true,
  ["authorization"] = true, ["connection"] = true, ["content-length"] = true,
  ["content-type"] = true, ["expect"] = true, ["host"] = true, ["transfer-encoding"] = true,
  ["x-amz-date"] = true, ["x-amz-security-token"] = true, ["x-amz-content-sha256"] = true,
}

--- The names in HEADERS in lower case; raises at LEVEL for one that cannot be sent.
---@param headers table<string, string>
---@param level integer as for `error`, seen from the caller of this function
---@return table<string, string>
function M.headers(headers, level)
  level = level + 1
  local result = {}
  for name, value in pairs(headers) do
    if type(name) ~= "string" or not name:find("^[%w!#$%%&'*+.^_`|~-]+$") then
      error("options.headers: a name that is no HTTP header name", level)
    end
    local lower = name:lower()
    if RESERVED_HEADERS[lower] then
      error(("options.headers: %s is set by the client"):format(name), level)
    end
    if type(value) ~= "string" or value:find("[%z\r\n]") then
      error(("options.headers: %s: expected a string without line breaks"):format(name), level)
    end
    result[lower] = value
  end
  return result
end

return M
