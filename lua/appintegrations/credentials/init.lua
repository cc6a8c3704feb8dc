-- SPDX-License-Identifier: MIT
--- Who signs: the credentials that the program gives, else the default chain. The
-- chain's answer is shared by all clients of a Lua state that would get the same.
-- @module appintegrations.credentials

local cache = require "appintegrations.credentials.cache"
local chain_of = require "appintegrations.credentials.chain"
local context_of = require "appintegrations.credentials.context"
local errors = require "appintegrations.errors"

local M = {}

-- ---- which clients share ----------------------------------------------------------

-- Sources by key, as long as a client has them.
local shared = setmetatable({}, { __mode = "v" })

-- Numbers for the functions and tables that a key speaks of; never used twice.
local numbers = setmetatable({}, { __mode = "k" })
local last_number = 0

local function number_of(object)
  if object == nil then
    return "none"
  end
  if not numbers[object] then
    last_number = last_number + 1
    numbers[object] = last_number
  end
  return numbers[object]
end

-- What the environment says of credentials. A program that changes it gets a
-- source of its own for its next client.
local VARIABLES = {
  "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN",
  "AWS_CREDENTIAL_EXPIRATION", "AWS_ACCOUNT_ID", "AWS_PROFILE", "AWS_DEFAULT_PROFILE",
  "AWS_ROLE_ARN", "AWS_ROLE_SESSION_NAME", "AWS_WEB_IDENTITY_TOKEN_FILE",
  "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI",
  "AWS_CONTAINER_AUTHORIZATION_TOKEN", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
  "AWS_LOGIN_CACHE_DIRECTORY", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_STS",
  "AWS_ENDPOINT_URL_SSO", "AWS_ENDPOINT_URL_SSO_OIDC", "AWS_ENDPOINT_URL_SIGNIN", "HOME",
  "USERPROFILE",
}

local SETTINGS = {
  "profile_name", "explicit_profile", "region", "use_fips_endpoint", "use_dualstack_endpoint",
  "ignore_configured_endpoint_urls", "sts_regional_endpoints", "metadata_service_timeout",
  "metadata_service_num_attempts", "ec2_metadata_disabled", "ec2_metadata_v1_disabled",
  "ec2_metadata_service_endpoint", "ec2_metadata_service_endpoint_mode", "imds_use_ipv6",
  "process_timeout", "connect_timeout", "timeout", "ca_bundle", "verify_tls", "no_proxy",
}

--- A digest of all that decides which credentials the chain finds, and how it
-- reaches them. Secrets go into it, none can be read from it.
local function key_of(options, config)
  local parts = {
    config.profiles.digest(), config.proxy_url() or "", tostring(options.files),
    tostring(options.process), tostring(options.imds),
  }
  for _, name in ipairs { "env", "transport", "clock", "random", "sleep", "mfa_code", "loop" } do
    parts[#parts + 1] = number_of(options[name])
  end
  for _, name in ipairs(SETTINGS) do
    parts[#parts + 1] = tostring(config[name])
  end
  for _, name in ipairs(VARIABLES) do
    parts[#parts + 1] = config.getenv(name) or ""
  end
  for _, file in ipairs(config.profiles.files) do
    parts[#parts + 1] = file.path
  end
  return require("appintegrations.signing").sha256(table.concat(parts, "\0"))
end

-- ---- sources ----------------------------------------------------------------------

---@class appintegrations.CredentialsSource
---@field get fun(host: table, deadline?: number): table?, appintegrations.Error?
---@field chain appintegrations.CredentialsChain

--- A source that goes through CHAIN; SESSION is where its providers find the host.
local function new_source(chain, session)
  return {
    chain = chain,
    get = cache.new(function(host, deadline)
      session.host, session.deadline = host, deadline
      return chain.retrieve(deadline)
    end),
  }
end

local function missing_profile(name)
  return {
    name = "profile " .. name,
    retrieve = function()
      return nil, errors.new {
        kind = "config", code = "InvalidConfig",
        message = ('there is no profile "%s", which another profile names as its source')
          :format(name),
      }
    end,
  }
end

--- The provider for the profile of CONTEXT as the source of another one.
local function provider_of(context)
  local name = context.profile_name
  if not context.profile then
    return missing_profile(name)
  end
  return chain_of.new(chain_of.load(chain_of.OF_PROFILE, context), ('profile "%s"'):format(name))
end

--- What the program has chosen, whatever it does to its table later.
local function copy_of(options)
  local copy = {}
  for name, value in pairs(options) do
    copy[name] = value
  end
  return copy
end

--- The default chain of OPTIONS and CONFIG, shared.
local function default_source(options, config)
  local key = key_of(options, config)
  local source = shared[key]
  if not source then
    -- Weak: the source outlives the client that last refreshed it.
    local session = setmetatable({}, { __mode = "v" })
    local context = context_of.new(options, config, session, provider_of)
    source = new_source(chain_of.new(chain_of.load(chain_of.DEFAULT, context)), session)
    shared[key] = source
  end
  return source
end

local function given_source(given)
  local kind = type(given) == "table" and "static" or "func"
  local provider = require("appintegrations.credentials." .. kind).new(given)
  provider.detail = "option credentials"
  return new_source(chain_of.new { provider }, {})
end

-- ---- the client's side --------------------------------------------------------------

--- What refreshes for CLIENT run on.
local function host_of(client)
  local loop = client.loop
  local host = { clock = client.clock, transport = client.transport }

  if loop then
    function host.pause(seconds, gate)
      if not loop:in_task() then
        return false
      end
      local _, err = loop:await_gate(gate, seconds)
      return err == nil, err
    end

    function host.open(gate)
      loop:open_gate(gate)
    end

    -- A refresh is for all: it outlives the task that began it.
    function host.detached(f, ...)
      return loop:detached(f, ...)
    end
  end

  function host.sleep(seconds)
    return client.sleep(seconds, {})
  end

  function host.wait(object, seconds)
    if not (loop and loop:in_task()) then
      object:step(seconds)
      return nil
    end
    local _, err = loop:await_fds(object:fds(), seconds)
    return err
  end

  function host.emit(event)
    if client.logger then
      event.type, event.time = "credentials", client.clock()
      require("appintegrations.events").emit(client.logger, event)
    end
  end

  return host
end

--- Tells once that keys in the environment win over a profile that it names too.
local function warn_of_profile(config, host)
  if config.origins.profile:find("^environment") then
    host.emit {
      level = "warn", provider = "environment",
      message = ('the keys in the environment are used, not profile "%s" (%s)'):format(
        config.profile_name, config.origins.profile),
    }
  end
end

--- The source of credentials that OPTIONS and CONFIG ask for, for CLIENT (clock,
-- transport, sleep, logger).
---@param options appintegrations.Options
---@param config appintegrations.Config
---@param client table
---@return fun(deadline?: number): table?, appintegrations.Error?  valid ones, or why not
---@return fun(): appintegrations.ProviderRecord[]  what the providers last said
function M.source(options, config, client)
  local source = options.credentials and given_source(options.credentials)
  local chosen = copy_of(options)
  local host = host_of(client)
  local warned = false

  -- The chain is put together when it is first needed: its key brings OpenSSL with it.
  local function found()
    source = source or default_source(chosen, config)
    return source
  end

  local function get(deadline)
    local credentials, err = found().get(host, deadline)
    if credentials and not warned then
      warned = true
      if credentials.provider == "environment" then
        warn_of_profile(config, host)
      end
    end
    return credentials, err
  end

  return get, function()
    return found().chain.records
  end
end

return M
