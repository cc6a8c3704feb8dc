-- SPDX-License-Identifier: MIT
--- What a provider sees of the world: settings, profiles, files, HTTP, time. All
-- of it can be denied or replaced by options of the client.
--
-- A source of credentials is shared by clients and outlives them; its HTTP runs
-- over the transport of the client whose call refreshes it (`host`).
-- @module appintegrations.credentials.context

local core = require "appintegrations.core"
local errors = require "appintegrations.base.errors"

local M = {}

-- A provider's answer is small, whatever its server says.
local MAX_RESPONSE_BYTES = 1024 * 1024

---@class appintegrations.CredentialsContext
---@field getenv fun(name: string): string?
---@field profile table|false    keys of the profile; values are strings, or tables for blocks
---@field profile_name string
---@field explicit_profile boolean  the program names it, by option
---@field profiles appintegrations.Profiles
---@field place_of fun(key: string): string  the profile with the file that KEY of it stands in
---@field read_file fun(path: string): string?, string?
---@field write_private_file fun(path: string, text: string): true?, string?
---@field lock_file fun(path: string): userdata?, boolean?  nil and whether somebody else has it
---@field home fun(): string?
---@field expand fun(path: string): string   with `~` replaced
---@field http fun(request: table): table?, appintegrations.Error?
---@field clock fun(): number      the client's, which deadlines go by
---@field time fun(): number       the services', as far as it is known: for expirations, signatures
---@field skew fun(): appintegrations.ClockSkew  between the two
---@field random fun(): number
---@field sleep fun(seconds: number): appintegrations.Error?  the error that cuts it short
---@field wait fun(object: table, seconds: number)  until an object with fds() and step() has news;
---                                                  returns an error if it is cut short
---@field emit fun(event: table)
---@field advise fun(text: string)  for explain(): what is passed over
---@field advisories table<string, boolean>  those texts
---@field setting fun(name: string): any
---@field options { env?: table, files?: boolean, process?: boolean, imds?: boolean,
---                 mfa_code?: function }
---@field chain_state? any       what assume-role passed to provider_for_profile
---@field provider_for_profile fun(name: string, state: any): appintegrations.CredentialsProvider

---@class appintegrations.CredentialsSession
---@field refresh? { host: appintegrations.CredentialsHost, deadline?: number }  the one under way

--- Sends REQUEST for a provider within the deadline of REFRESH.
local function send(refresh, request)
  local host, deadline = refresh.host, refresh.deadline
  if deadline then
    local left = deadline - host.clock()
    if left <= 0 then
      return nil, errors.deadline_exceeded(
        "the deadline of the call has passed while credentials were fetched")
    end
    request.timeout = request.timeout and request.timeout < left and request.timeout or left
    request.time_left = left
  end
  request.max_response_bytes = request.max_response_bytes or MAX_RESPONSE_BYTES
  return host.send(request, deadline)
end

--- Sets the profile NAME of CONTEXT, which has profiles.
---@param context table
---@param name string
---@return table context
function M.set_profile(context, name)
  local keys, origins = context.profiles.get(name)
  context.profile, context.profile_name = keys or false, name -- nil would be the base's
  function context.place_of(key)
    return ('profile "%s" in %s'):format(name, origins[key])
  end
  return context
end

--- A context that differs from BASE in the profile.
local function for_profile(base, name, chain_state)
  local context = setmetatable({ explicit_profile = true, chain_state = chain_state },
    { __index = base })
  return M.set_profile(context, name)
end

--- The context of CONFIG and OPTIONS.
---@param options appintegrations.Options
---@param config appintegrations.Config
---@param session appintegrations.CredentialsSession
---@param provider_of fun(context: appintegrations.CredentialsContext): table
---  the provider for a profile that another one names as its source
---@return appintegrations.CredentialsContext
---@nodiscard
function M.new(options, config, session, provider_of)
  local files = config.files
  local context = {
    getenv = config.getenv,
    explicit_profile = config.explicit_profile,
    profiles = config.profiles,
    read_file = files.read,
    write_private_file = files.write_private,
    lock_file = files.lock,
    home = files.home,
    expand = files.expand,
    options = {
      env = options.env, files = options.files, process = options.process, imds = options.imds,
      mfa_code = options.mfa_code,
    },
    random = options.random or core.random,
    advisories = {},
  }
  M.set_profile(context, config.profile_name)
  function context.advise(text)
    context.advisories[text] = true
  end
  function context.http(request)
    return send(session.refresh, request)
  end
  function context.clock()
    return session.refresh.host.clock()
  end
  function context.time()
    return session.refresh.host.time()
  end
  function context.skew()
    return session.refresh.host.skew
  end
  function context.sleep(seconds)
    return session.refresh.host.sleep(seconds)
  end
  function context.wait(object, seconds)
    return session.refresh.host.wait(object, seconds)
  end
  function context.emit(event)
    return session.refresh.host.emit(event)
  end
  function context.setting(name)
    return config[name]
  end
  function context.provider_for_profile(name, chain_state)
    return provider_of(for_profile(context, name, chain_state))
  end
  return context
end

return M
