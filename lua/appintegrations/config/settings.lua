-- SPDX-License-Identifier: MIT
--- The settings: what each is called as an option, in the environment and in the
-- shared config file, how its text is read, and what holds without one.
-- One table, which resolving, explaining and the reference page agree with.
-- Sources: the AWS SDKs and Tools Reference Guide; botocore where it is silent.
-- @module appintegrations.config.settings

local M = {}

local text_of = require "appintegrations.base.text"
local math = require("appintegrations.base.compat").math
local huge = math.huge

--- Readers of texts: the value, or nil and what was expected.
local parse = {}

function parse.string(text)
  return text
end

function parse.boolean(text)
  local folded = text_of.lower(text)
  if folded == "true" or folded == "false" then
    return folded == "true"
  end
  return nil, '"true" or "false"'
end

--- A switch of which only "true" turns it on, whatever else stands there.
function parse.flag(text)
  return text_of.lower(text) == "true"
end

function parse.count(text)
  local number = text_of.number(text)
  if number and number >= 1 and number % 1 == 0 and number < huge then
    return number
  end
  return nil, "a whole number from 1"
end

function parse.seconds(text)
  local number = text_of.number(text)
  if number and number > 0 and number < huge then
    return number
  end
  return nil, "a positive number of seconds"
end

function parse.retry_mode(text)
  local folded = text_of.lower(text)
  if folded == "standard" or folded == "adaptive" or folded == "off" then
    return folded
  end
  if folded == "legacy" then -- botocore's old default; its successor is what we have
    return "standard"
  end
  return nil, '"standard", "adaptive" or "off"'
end

--- One of the words of a LIST, in any case.
local function word(list)
  local expected = list:gsub("%S+", '"%0"'):gsub(" ", ", ")
  return function(text)
    local folded = text_of.lower(text)
    if (" " .. list .. " "):find(" " .. folded .. " ", 1, true) then
      return folded
    end
    return nil, "one of " .. expected
  end
end

--- botocore's switch for validation as a whole.
local function validation(text)
  local on = parse.boolean(text)
  if on == nil then
    return nil, '"true" or "false"'
  end
  return on and "standard"
end

-- Connect timeouts of the SDKs' defaults modes (sdk-default-configuration.json);
-- every mode implies standard retries, which is the default here anyway. "auto"
-- would ask the instance metadata service: it is taken for "standard".
M.CONNECT_TIMEOUTS = {
  legacy = 3.1, standard = 3.1, auto = 3.1,
  ["in-region"] = 1.1, ["cross-region"] = 3.1, mobile = 30,
}

---@class appintegrations.Setting
---@field name string           the option, where there is one, and the field of the configuration
---@field env? string[]         environment variables in order
---@field key? string           of a profile
---@field service? string       the block of a `services` section that may have it
---@field path? boolean         a path, whose `~` is replaced
---@field late_env? string[]    variables that come after the profile
---@field parse? fun(text: string): any, string?
---@field option? fun(value: any): any  what a checked option means
---@field default? any

---@type appintegrations.Setting[]
M.LIST = {
  { name = "region", env = { "AWS_REGION", "AWS_DEFAULT_REGION" }, key = "region",
    parse = parse.string },
  { name = "ignore_configured_endpoint_urls", env = { "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS" },
    key = "ignore_configured_endpoint_urls", parse = parse.boolean, default = false },
  -- Between the environment and the profile's own key stands its `services` section.
  { name = "endpoint_url", env = { "AWS_ENDPOINT_URL_APPINTEGRATIONS", "AWS_ENDPOINT_URL" },
    key = "endpoint_url", parse = parse.string, service = "appintegrations" },
  { name = "use_fips_endpoint", env = { "AWS_USE_FIPS_ENDPOINT" }, key = "use_fips_endpoint",
    parse = parse.boolean, default = false },
  { name = "use_dualstack_endpoint", env = { "AWS_USE_DUALSTACK_ENDPOINT" },
    key = "use_dualstack_endpoint", parse = parse.boolean, default = false },
  { name = "defaults_mode", env = { "AWS_DEFAULTS_MODE" }, key = "defaults_mode",
    parse = word "legacy standard in-region cross-region mobile auto", default = "standard" },
  { name = "retry_mode", env = { "AWS_RETRY_MODE" }, key = "retry_mode",
    parse = parse.retry_mode, option = parse.retry_mode, default = "standard" },
  { name = "max_attempts", env = { "AWS_MAX_ATTEMPTS" }, key = "max_attempts",
    parse = parse.count, default = 3 },
  { name = "disable_clock_skew_correction", env = { "AWS_DISABLE_CLOCK_SKEW_CORRECTION" },
    key = "disable_clock_skew_correction", parse = parse.flag, default = false },
  -- Its default comes from the defaults mode.
  { name = "connect_timeout" },
  { name = "timeout", default = 30 },
  { name = "deadline" },
  { name = "validate", key = "parameter_validation", parse = validation, default = "standard" },
  { name = "app_id", env = { "AWS_SDK_UA_APP_ID" }, key = "sdk_ua_app_id",
    parse = parse.string },
  { name = "ca_bundle", env = { "AWS_CA_BUNDLE" }, key = "ca_bundle",
    late_env = { "REQUESTS_CA_BUNDLE" }, parse = parse.string, path = true },
  { name = "verify_tls", default = true },
  { name = "max_connections", default = 64 },
  { name = "max_response_bytes", default = 16 * 1024 * 1024 },
  { name = "process_timeout", default = 60 },
  { name = "sts_regional_endpoints", env = { "AWS_STS_REGIONAL_ENDPOINTS" },
    key = "sts_regional_endpoints", parse = word "regional legacy", default = "regional" },
  { name = "metadata_service_timeout", env = { "AWS_METADATA_SERVICE_TIMEOUT" },
    key = "metadata_service_timeout", parse = parse.seconds, default = 1 },
  { name = "metadata_service_num_attempts", env = { "AWS_METADATA_SERVICE_NUM_ATTEMPTS" },
    key = "metadata_service_num_attempts", parse = parse.count, default = 1 },
  { name = "ec2_metadata_disabled", env = { "AWS_EC2_METADATA_DISABLED" }, parse = parse.flag,
    default = false },
  { name = "ec2_metadata_v1_disabled", env = { "AWS_EC2_METADATA_V1_DISABLED" },
    key = "ec2_metadata_v1_disabled", parse = parse.flag, default = false },
  { name = "ec2_metadata_service_endpoint", env = { "AWS_EC2_METADATA_SERVICE_ENDPOINT" },
    key = "ec2_metadata_service_endpoint", parse = parse.string },
  { name = "ec2_metadata_service_endpoint_mode",
    env = { "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE" },
    key = "ec2_metadata_service_endpoint_mode", parse = word "ipv4 ipv6" },
  { name = "imds_use_ipv6", env = { "AWS_IMDS_USE_IPV6" }, key = "imds_use_ipv6",
    parse = parse.flag, default = false },
}

-- What is resolved in code of its own (init.lua): profile, files, proxies.
M.OTHER_ENV = {
  "AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE",
  "HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY", "HOME", "USERPROFILE",
}
M.OTHER_KEYS = { "services" }

return M
