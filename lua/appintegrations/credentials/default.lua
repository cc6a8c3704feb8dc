-- SPDX-License-Identifier: MIT
--- The default chain, for programs that give no credentials: its answer is shared by all clients
-- of a Lua state that would get the same.
-- @module appintegrations.credentials.default

local cache = require "appintegrations.credentials.cache"
local chain_of = require "appintegrations.credentials.chain"
local context_of = require "appintegrations.credentials.context"
local errors = require "appintegrations.base.errors"

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
    config.profiles.digest(), config.proxy_url "https" or "", config.proxy_url "http" or "",
    tostring(options.files), tostring(options.process), tostring(options.imds),
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

-- ---- the chain --------------------------------------------------------------------

local function missing_profile(name)
  return {
    name = "profile " .. name,
    retrieve = function()
      return nil, errors.invalid_config(
        ('there is no profile "%s", which another profile names as its source'):format(name))
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

--- The default chain of OPTIONS and CONFIG, shared.
---@param options appintegrations.Options
---@param config appintegrations.Config
---@return appintegrations.CredentialsSource
---@nodiscard
function M.source(options, config)
  local key = key_of(options, config)
  local source = shared[key]
  if not source then
    local session = {}
    local context = context_of.new(options, config, session, provider_of)
    source = cache.source(chain_of.new(chain_of.load(chain_of.DEFAULT, context)), session,
      context.advisories)
    shared[key] = source
  end
  return source
end

return M
