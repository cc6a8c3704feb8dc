-- SPDX-License-Identifier: MIT
--- Credentials of a role in IAM Identity Center (formerly AWS SSO), for someone who
-- has run `aws sso login`: with an `sso-session` section, or all keys in the profile.
-- @module appintegrations.credentials.sso

local address_of = require "appintegrations.credentials.address"
local endpoints = require "appintegrations.credentials.endpoints"
local exchange = require "appintegrations.credentials.exchange"
local sso_token = require "appintegrations.credentials.sso_token"

local profile_error = exchange.profile_error

local M = {}

-- libcrypto comes with it: not before it is needed.
local signing = require("appintegrations.base.compat").lazy "appintegrations.signing"

local NAME = "sso"

--- For the specs and the reference page.
M.reads = {
  keys = { "sso_session", "sso_start_url", "sso_region", "sso_account_id", "sso_role_name" },
}

--- The entries of SECTION that say something: empty is not set.
local function set_keys(section)
  local keys = {}
  for key, value in pairs(section) do
    keys[key] = value ~= "" and value or nil
  end
  return keys
end

--- The keys of the profile with those of its session. A key that both have must
-- say the same.
local function merged(context)
  local keys = set_keys(context.profile)
  local name = keys.sso_session
  if name == nil then
    return keys
  elseif type(name) ~= "string" then
    return profile_error(context, "sso_session is no name, but an indented block")
  end
  local session = context.profiles.sso_session(name)
  if not session then
    return profile_error(context, "there is no section [sso-session %s]", name)
  end
  for key, value in pairs(set_keys(session)) do
    if keys[key] ~= nil and keys[key] ~= value then
      return profile_error(context, "%s has one value here and another in [sso-session %s]", key,
        name)
    end
    keys[key] = value
  end
  return keys
end

---@return table? config  an appintegrations.SsoConfig with account and role
local function read_config(context)
  local keys, err = merged(context)
  if not keys then
    return nil, err
  end
  for _, name in ipairs { "sso_start_url", "sso_region", "sso_account_id", "sso_role_name" } do
    if type(keys[name]) ~= "string" or keys[name] == "" then
      return profile_error(context, "uses IAM Identity Center, but has no %s", name)
    end
  end
  return {
    start_url = keys.sso_start_url, region = keys.sso_region, session = keys.sso_session,
    account = keys.sso_account_id, role = keys.sso_role_name,
    login = exchange.sign_in("aws sso login", context.profile_name),
  }
end

--- The credentials in an answer; their expiration is in milliseconds.
local function read(config, response)
  local answer, err = exchange.read_json(response)
  if not answer then
    return nil, err
  end
  local given = type(answer.roleCredentials) == "table" and answer.roleCredentials or {}
  if type(given.expiration) ~= "number" then
    return exchange.invalid(response, "it has no roleCredentials with an expiration")
  end
  return exchange.checked_of(response, {
    access_key_id = given.accessKeyId, secret_access_key = given.secretAccessKey,
    session_token = given.sessionToken, expiration = given.expiration / 1000,
    account_id = config.account,
  })
end

local function get_role_credentials(context, config, token, deadline)
  local endpoint, err = endpoints.resolve(context, "sso", config.region)
  if not endpoint then
    return nil, err
  end
  local address = address_of.at(endpoint, "/federation/credentials", ("role_name=%s&account_id=%s")
    :format(signing.uri_encode(config.role), signing.uri_encode(config.account)))
  local credentials
  credentials, err = exchange.call_service(context, {
    address = address, method = "GET", headers = { ["x-amz-sso_bearer_token"] = token },
    secrets = { token },
    read = function(response)
      return read(config, response)
    end,
  }, deadline)
  if not credentials then
    local advice
    if err.status == 401 then
      advice = ('run "%s"'):format(config.login)
    elseif err.status == 403 or err.status == 404 then
      advice = "check sso_account_id and sso_role_name"
    end
    return nil, exchange.failure(NAME, address, err, { advice = advice, secrets = { token } })
  end
  return credentials
end

--- A provider for the profile of CONTEXT.
---@param context appintegrations.CredentialsContext
---@return appintegrations.CredentialsProvider
---@nodiscard
function M.new(context)
  local provider = { name = NAME }
  local config, load_token, role

  function provider.retrieve(deadline)
    local keys = set_keys(context.profile or {})
    if not (keys.sso_account_id or keys.sso_role_name) then
      return nil, "the profile has neither sso_account_id nor sso_role_name"
    end
    local err
    if not config then
      config, err = read_config(context)
      if not config then
        return nil, err
      end
      load_token = sso_token.loader(context, config)
      role = ('role %s in account %s, of profile "%s"'):format(config.role, config.account,
        context.profile_name)
    end
    local token, reason
    token, err, reason = load_token(deadline)
    provider.detail = role .. (reason and "; the session is not refreshed: " .. reason or "")
    if not token then
      return nil, err
    end
    local used = context.skew().correction
    local credentials
    credentials, err = get_role_credentials(context, config, token, deadline)
    if not credentials and err.status == 401 and context.skew():differs(used) then
      -- By the right time, which is known now, the token has expired.
      local other = load_token(deadline)
      if other and other ~= token then
        return get_role_credentials(context, config, other, deadline)
      end
    end
    return credentials, err
  end

  return provider
end

return M
