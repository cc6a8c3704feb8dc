-- SPDX-License-Identifier: MIT
--- From options and environment to one resolved configuration.
-- Every setting has a table entry that says where it may come from; the first
-- source that has it wins. What a person's surroundings can get wrong is
-- returned as `nil, err`; nothing here raises.
-- @module appintegrations.config

local core = require "appintegrations.core"
local errors = require "appintegrations.errors"

local M = {}

local function invalid(message, ...)
  return nil, errors.new {
    kind = "config", code = "InvalidConfig", message = message:format(...),
  }
end

--- Texts that stand for a value of another type.
local parse = {}

function parse.string(text)
  return text
end

function parse.boolean(text)
  local lower = text:lower()
  if lower == "true" or lower == "false" then
    return lower == "true"
  end
  return nil, '"true" or "false"'
end

function parse.count(text)
  local number = tonumber(text)
  if number and number >= 1 and number % 1 == 0 and number < math.huge then
    return number
  end
  return nil, "a whole number from 1"
end

function parse.retry_mode(text)
  local lower = text:lower()
  if lower == "standard" or lower == "adaptive" or lower == "off" then
    return lower
  end
  if lower == "legacy" then -- botocore's old default; its successor is what we have
    return "standard"
  end
  return nil, '"standard", "adaptive" or "off"'
end

--- The settings: option name, environment variables in order, type of the text,
-- default. Sources of the rule: the AWS SDKs and Tools Reference Guide; of the
-- connect timeout: the SDKs' "standard" defaults mode.
local SETTINGS = {
  { name = "region", env = { "AWS_REGION", "AWS_DEFAULT_REGION" }, parse = parse.string },
  { name = "endpoint_url", parse = parse.string,
    env = { "AWS_ENDPOINT_URL_APPINTEGRATIONS", "AWS_ENDPOINT_URL" } },
  { name = "use_fips_endpoint", env = { "AWS_USE_FIPS_ENDPOINT" }, parse = parse.boolean,
    default = false },
  { name = "use_dualstack_endpoint", env = { "AWS_USE_DUALSTACK_ENDPOINT" },
    parse = parse.boolean, default = false },
  { name = "retry_mode", env = { "AWS_RETRY_MODE" }, parse = parse.retry_mode,
    default = "standard" },
  { name = "max_attempts", env = { "AWS_MAX_ATTEMPTS" }, parse = parse.count, default = 3 },
  { name = "ca_bundle", env = { "AWS_CA_BUNDLE" }, parse = parse.string },
  { name = "app_id", env = { "AWS_SDK_UA_APP_ID" }, parse = parse.string },
  { name = "disable_clock_skew_correction", env = { "AWS_DISABLE_CLOCK_SKEW_CORRECTION" },
    parse = parse.boolean, default = false },
  { name = "connect_timeout", default = 3.1 },
  { name = "timeout", default = 30 },
  { name = "deadline" },
  { name = "validate", default = "standard" },
  { name = "proxy" },
  { name = "verify_tls", default = true },
  { name = "max_connections", default = 64 },
  { name = "max_response_bytes", default = 16 * 1024 * 1024 },
}

--- A reader of environment variables: a variable that is empty is not set.
---@param env? table<string, string>  instead of the process environment
---@return fun(name: string): string?
function M.environment(env)
  return function(name)
    local value
    if env then
      value = env[name]
    else
      value = core.getenv(name)
    end
    if value ~= "" then
      return value
    end
  end
end

--- The value of one SETTING, and where it came from.
local function lookup(setting, options, getenv)
  local value = options[setting.name]
  if value ~= nil then
    return value, "option " .. setting.name
  end
  for _, variable in ipairs(setting.env or {}) do
    local text = getenv(variable)
    if text then
      local parsed, expected = setting.parse(text)
      if parsed == nil then
        return invalid("the environment variable %s is %q; expected %s", variable, text, expected)
      end
      return parsed, "environment variable " .. variable
    end
  end
  return setting.default, "default"
end

--- Splits an endpoint URL into what requests are made of.
local function parse_endpoint_url(url, origin)
  local scheme, authority, path = url:match("^(https?)://([^/?#]+)(/?[^?#]*)$")
  if not scheme then
    return invalid("the endpoint URL (%s) is not of the form http[s]://host[:port][/path]", origin)
  end
  local host, port = authority:match("^(%[[%x:.]+%])(.*)$")
  if not host then
    host, port = authority:match("^([%w._-]+)(.*)$")
  end
  if not host or not (port == "" or port:find("^:%d+$")) then
    return invalid("the endpoint URL (%s) has no valid host and port", origin)
  end
  if path:find("[^%w%-._~!$&'()*+,;=:@%%/]") then
    return invalid("the endpoint URL (%s) has a path with characters to be encoded", origin)
  end
  -- The default port does not stand in the Host header.
  if port == (scheme == "https" and ":443" or ":80") then
    port = ""
  end
  return { scheme = scheme, host = host:lower() .. port, path = (path:gsub("/+$", "")) }
end

--- Where requests go: `{ scheme, host, path }`, host with its port.
local function resolve_endpoint(config, origins)
  if config.endpoint_url then
    if config.use_fips_endpoint or config.use_dualstack_endpoint then
      return invalid("a custom endpoint (%s) cannot be combined with use_fips_endpoint or "
        .. "use_dualstack_endpoint: leave out one of them", origins.endpoint_url)
    end
    return parse_endpoint_url(config.endpoint_url, origins.endpoint_url)
  end
  local host, problem = core.endpoint(config.region, config.use_fips_endpoint,
    config.use_dualstack_endpoint)
  if not host then
    return invalid("%s (region from %s)", problem, origins.region)
  end
  return { scheme = "https", host = host, path = "" }
end

---@class appintegrations.Config
---@field region string
---@field endpoint { scheme: string, host: string, path: string }
---@field getenv fun(name: string): string?
---@field origins table<string, string>  where each setting came from

--- Resolves checked OPTIONS.
---@param options appintegrations.Options
---@return appintegrations.Config? config
---@return appintegrations.Error? err
---@nodiscard
function M.resolve(options)
  local getenv = M.environment(options.env)
  local config, origins = { getenv = getenv }, {}
  for _, setting in ipairs(SETTINGS) do
    local value, origin = lookup(setting, options, getenv)
    if value == nil and errors.is_error(origin) then
      return nil, origin
    end
    config[setting.name], origins[setting.name] = value, origin
  end
  config.origins = origins
  if not config.region then
    return nil, errors.new {
      kind = "config", code = "NoRegion",
      message = 'no region: pass region = "us-east-1" or set AWS_REGION',
    }
  end
  local endpoint, err = resolve_endpoint(config, origins)
  if not endpoint then
    return nil, err
  end
  config.endpoint = endpoint
  return config
end

return M
