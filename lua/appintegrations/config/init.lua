-- SPDX-License-Identifier: MIT
--- From options, environment and profile to one resolved configuration.
-- Every setting (settings.lua) takes its value from the first source that has
-- one, and remembers which that was. What a person's surroundings can get wrong
-- is returned as `nil, err`; nothing here raises.
-- @module appintegrations.config

local text_of = require "appintegrations.base.text"
local core = require "appintegrations.core"
local errors = require "appintegrations.base.errors"
local files_of = require "appintegrations.base.files"
local profiles_of = require "appintegrations.config.profiles"
local proxy_of = require "appintegrations.config.proxy"
local settings = require "appintegrations.config.settings"

local limits = require "appintegrations.base.limits"

local M = {}

-- Of a text in a message: what is longer is no region.
local LONGEST_SHOWN = 80

local function invalid(message, ...)
  return nil, errors.invalid_config(message:format(...))
end

--- A reader of environment variables: a variable that is blank is not set.
---@param env? table<string, string>  instead of the process environment
---@param blank? table<string, boolean>  gets the names of those that were asked for
---@return fun(name: string): string?
function M.environment(env, blank)
  blank = blank or {}
  return function(name)
    local value
    if env then
      value = env[name]
    else
      value = core.getenv(name)
    end
    if type(value) == "string" and value:find "%S" then
      return value
    end
    blank[name] = value and true or nil
  end
end

--- Where values come from, for one resolution.
---@class appintegrations.Sources
---@field options appintegrations.Options
---@field getenv fun(name: string): string?
---@field files appintegrations.Files
---@field profiles appintegrations.Profiles
---@field profile { name: string, origin: string, explicit: boolean, keys: table, origins: table }

--- TEXT from ORIGIN as a value of SETTING.
local function read_text(sources, setting, text, origin)
  if type(text) ~= "string" then
    return invalid("%s: %s: expected a value, got an indented block", origin, setting.key)
  end
  local value, expected = setting.parse(text)
  if value == nil then
    return invalid("%s: %s is %q; expected %s", origin, setting.name, text, expected)
  end
  if setting.path then
    value = sources.files.expand(value)
  end
  return value, origin
end

local function from_environment(sources, setting, variables)
  for _, variable in ipairs(variables or {}) do
    local text = sources.getenv(variable)
    if text then
      return read_text(sources, setting, text, "environment variable " .. variable)
    end
  end
end

--- The block of the profile's `services` section that belongs to SETTING.
local function from_services(sources, setting)
  local name = sources.profile.keys.services
  if not name or name == "" or not setting.service then
    return nil
  elseif type(name) ~= "string" then
    return invalid('profile "%s" in %s: services: expected a name, got an indented block',
      sources.profile.name, sources.profile.origins.services)
  end
  local section = sources.profiles.services(name)
  if not section then
    return invalid('profile "%s" asks for the section [services %s], which %s does not have',
      sources.profile.name, name, sources.profiles.files[1].path)
  end
  local block = section[setting.service]
  local text = type(block) == "table" and block[setting.key]
  if text and text ~= "" then
    return read_text(sources, setting, text, ("section [services %s] in %s"):format(name,
      sources.profiles.files[1].path))
  end
end

local function from_profile(sources, setting)
  local profile = sources.profile
  local text = setting.key and profile.keys[setting.key]
  if text and text ~= "" then
    return read_text(sources, setting, text, ('profile "%s" in %s'):format(profile.name,
      profile.origins[setting.key]))
  end
end

--- The value of SETTING and its origin; or nil and an error, or nothing.
local function lookup(sources, setting, config)
  local value = sources.options[setting.name]
  if value ~= nil then
    return setting.option and setting.option(value) or value, "option " .. setting.name
  end
  if setting.name == "endpoint_url" and config.ignore_configured_endpoint_urls then
    return nil
  end
  local origin
  value, origin = from_environment(sources, setting, setting.env)
  if origin == nil then
    value, origin = from_services(sources, setting)
  end
  if origin == nil then
    value, origin = from_profile(sources, setting)
  end
  if origin == nil then
    value, origin = from_environment(sources, setting, setting.late_env)
  end
  return value, origin
end

--- Fills CONFIG with every setting; an error, or nil.
local function resolve_settings(sources, config)
  for _, setting in ipairs(settings.LIST) do
    local value, origin = lookup(sources, setting, config)
    if errors.is_error(origin) then
      return origin
    end
    local problem = limits.problem(setting.name, value)
    if problem then
      return select(2, invalid("%s (from %s)", problem, origin))
    end
    if origin == nil then
      value, origin = setting.default, "default"
    end
    config[setting.name], config.origins[setting.name] = value, origin
  end
  if config.connect_timeout == nil then
    config.connect_timeout = settings.CONNECT_TIMEOUTS[config.defaults_mode]
    config.origins.connect_timeout = config.origins.defaults_mode == "default" and "default"
      or "defaults mode " .. config.defaults_mode
  end
end

local function endpoint_of(scheme, host, path)
  return { scheme = scheme, host = host, path = path, url = scheme .. "://" .. host .. path }
end

-- Of a domain name, by RFC 1035, section 2.3.4: 255 bytes on the wire.
local LONGEST_HOST = 253

--- Splits an endpoint URL into what requests are made of.
local function parse_endpoint_url(url, origin)
  local scheme, authority, path = url:match("^(https?)://([^/?#]+)(.*)$")
  if not scheme or path:find("[?#]") then
    return invalid("the endpoint URL (%s) is not of the form http[s]://host[:port][/path]", origin)
  end
  local host, port = authority:match("^(%[[%x:.]+%])(.*)$")
  if not host then
    host, port = authority:match("^([A-Za-z0-9._-]+)(.*)$")
  end
  if not host or not limits.is_port(port) then
    return invalid("the endpoint URL (%s) has no valid host and port", origin)
  end
  if #host > LONGEST_HOST then
    return invalid("the endpoint URL (%s) has a host of more than %d characters", origin,
      LONGEST_HOST)
  end
  if path:find("[^A-Za-z0-9%-._~!$&'()*+,;=:@%%/]") then
    return invalid("the endpoint URL (%s) has a path with characters to be encoded", origin)
  end
  -- The default port does not stand in the Host header.
  if port == (scheme == "https" and ":443" or ":80") then
    port = ""
  end
  return endpoint_of(scheme, text_of.lower(host) .. port, text_of.without_end_slashes(path))
end

--- Where requests go: `{ scheme, host, path, url }`, host with its port, url without a query.
local function resolve_endpoint(config, origins)
  if config.endpoint_url then
    if config.use_fips_endpoint or config.use_dualstack_endpoint then
      local variant = config.use_fips_endpoint and "use_fips_endpoint" or "use_dualstack_endpoint"
      return invalid("a custom endpoint (%s) cannot be combined with use_fips_endpoint or "
        .. "use_dualstack_endpoint (%s): leave out one of them", origins.endpoint_url,
        origins[variant])
    end
    return parse_endpoint_url(config.endpoint_url, origins.endpoint_url)
  end
  local host, problem = core.endpoint(config.region, config.use_fips_endpoint,
    config.use_dualstack_endpoint)
  if not host then
    return invalid("%s (region from %s)", problem, origins.region)
  end
  return endpoint_of("https", host, "")
end

--- Which profile is asked for, and by whom.
local function profile_name(options, getenv)
  if options.profile then
    return options.profile, "option profile"
  end
  -- The second name is older, and botocore's own.
  for _, variable in ipairs { "AWS_PROFILE", "AWS_DEFAULT_PROFILE" } do
    local name = getenv(variable)
    if name then
      return name, "environment variable " .. variable
    end
  end
  return "default", "default"
end

local function profile_not_found(name, origin, profiles)
  local where = ("neither in %s (%s) nor in %s (%s)"):format(profiles.files[1].path,
    profiles.files[1].status, profiles.files[2].path, profiles.files[2].status)
  local names = profiles.names()
  local near = profiles.near(name)
  local known = near and "; " .. near
    or #names > 0 and "; the profiles there are " .. table.concat(names, ", ") or ""
  return nil, errors.new {
    kind = "config", code = "ProfileNotFound",
    message = ('there is no profile "%s" (from %s): %s%s'):format(name, origin, where, known),
  }
end

--- The error for a file that someone has asked for, by its name or by that of a profile, and that
-- is none to be read; or nil. One that is only missing is none.
local function refused_file(profiles, name, origin, is_named)
  for _, file in ipairs(profiles.files) do
    if file.refused and (file.variable or is_named) then
      return select(2, invalid("%s (%s) is not read: %s", file.path, file.variable
        or ('looked into for profile "%s", from %s'):format(name, origin), file.status))
    end
  end
end

--- The profile that counts: `{ name, origin, explicit, keys, origins }`.
local function resolve_profile(options, getenv, profiles, files)
  local name, origin = profile_name(options, getenv)
  local keys, origins = profiles.get(name)
  local named = origin ~= "default" and (files.enabled or options.profile)
  local refusal = refused_file(profiles, name, origin, named)
  if refusal then
    return nil, refusal
  elseif not keys and named then
    return profile_not_found(name, origin, profiles)
  end
  return {
    name = name, origin = origin, explicit = options.profile ~= nil,
    keys = keys or {}, origins = origins or {}, exists = keys ~= nil,
  }
end

local function no_region(config)
  return nil, errors.new {
    kind = "config", code = "NoRegion",
    message = ('no region: pass region = "us-east-1", set AWS_REGION, or give profile "%s" a '
      .. "region in %s (%s)"):format(config.profile_name, config.profiles.files[1].path,
      config.profiles.files[1].status),
  }
end

--- The SDKs' older way to ask for FIPS endpoints: "fips-us-east-1" and "us-east-1-fips" are
-- us-east-1 with use_fips_endpoint.
local function split_fips_region(config)
  local origins = config.origins
  local region = config.region:match "^fips%-(.+)$" or config.region:match "^(.+)%-fips$"
  if region then
    origins.use_fips_endpoint = ('the region "%s", %s'):format(config.region, origins.region)
    config.region, config.use_fips_endpoint = region, true
  end
end

--- The error for a region that cannot be signed with, or nil. Also where no host name is
-- made of it: the signature names it.
local function check_region(config)
  local partition, problem = core.partition(config.region)
  if partition then
    return nil
  end
  local shown = config.region:sub(1, LONGEST_SHOWN):gsub("[%c\128-\255]", "?")
  local _, err = invalid('the region is "%s" (from %s): %s', shown, config.origins.region, problem)
  return err
end

--- Adds endpoint and proxy to CONFIG; an error, or nil.
local function resolve_routes(options, config)
  local origins = config.origins
  local endpoint, err = resolve_endpoint(config, origins)
  if not endpoint then
    return err
  end
  config.endpoint = endpoint
  local proxy, message = proxy_of.resolve(options, endpoint.scheme, config.getenv)
  if not proxy then
    local _, failure = invalid("%s", message)
    return failure
  end
  config.proxy, origins.proxy = proxy.shown, proxy.origin
  config.no_proxy, origins.no_proxy = proxy.no_proxy, proxy.no_proxy_origin
  config.proxy_url = proxy.url
end

---@class appintegrations.Config
---@field region string
---@field endpoint { scheme: string, host: string, path: string, url: string }
---@field getenv fun(name: string): string?
---@field blank table<string, boolean>  the variables that are set, but to nothing
---@field files appintegrations.Files
---@field profiles appintegrations.Profiles
---@field profile_name string
---@field explicit_profile boolean  whether the program asked for it, by option
---@field proxy? string             for people: without user and password
---@field proxy_url fun(scheme: "http"|"https"): string?  the URL itself, for what is sent by SCHEME
---@field origins table<string, string>  where each setting came from

--- Resolves checked OPTIONS.
---@param options appintegrations.Options
---@return appintegrations.Config? config
---@return appintegrations.Error? err
---@nodiscard
function M.resolve(options)
  local blank = {}
  local getenv = M.environment(options.env, blank)
  local files = files_of.new(getenv, options.files ~= false)
  local profiles, err = profiles_of.load(files, getenv)
  if not profiles then
    return nil, err
  end
  local profile
  profile, err = resolve_profile(options, getenv, profiles, files)
  if not profile then
    return nil, err
  end
  local config = {
    getenv = getenv, blank = blank, files = files, profiles = profiles,
    profile_name = profile.name, explicit_profile = profile.explicit,
    origins = { profile = profile.origin },
  }
  local sources = {
    options = options, getenv = getenv, files = files, profiles = profiles, profile = profile,
  }
  err = resolve_settings(sources, config)
  if err then
    return nil, err
  elseif not config.region then
    return no_region(config)
  end
  split_fips_region(config)
  err = check_region(config) or resolve_routes(options, config)
  if err then
    return nil, err
  end
  return config
end

return M
