-- SPDX-License-Identifier: MIT
--- Credentials from environment variables.
-- @module appintegrations.credentials.environment

local errors = require "appintegrations.base.errors"
local exchange = require("appintegrations.base.compat").lazy "appintegrations.credentials.exchange"
local static = require "appintegrations.credentials.static"

local M = {}

--- For the specs and the reference page.
M.reads = {
  env = {
    "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN",
    "AWS_CREDENTIAL_EXPIRATION", "AWS_ACCOUNT_ID",
  },
}

local function unusable(problem)
  return nil, errors.provider_failed(
    "AWS_ACCESS_KEY_ID is set, but the environment's credentials cannot be used: " .. problem)
end

--- The credentials that GETENV has; or nil and a reason.
local function read(getenv)
  local id, secret = getenv "AWS_ACCESS_KEY_ID", getenv "AWS_SECRET_ACCESS_KEY"
  if not id then
    return nil, "AWS_ACCESS_KEY_ID is not set"
  elseif not secret then
    return unusable "AWS_SECRET_ACCESS_KEY is not set"
  end
  local expiry = getenv "AWS_CREDENTIAL_EXPIRATION"
  local expiration = expiry and exchange.time(expiry)
  if expiry and not expiration then
    return unusable "AWS_CREDENTIAL_EXPIRATION is no time like 2026-11-22T10:20:30Z"
  end
  local credentials = {
    access_key_id = id,
    secret_access_key = secret,
    -- The older name first, as botocore has it.
    session_token = getenv "AWS_SECURITY_TOKEN" or getenv "AWS_SESSION_TOKEN",
    expiration = expiration,
    account_id = getenv "AWS_ACCOUNT_ID",
  }
  local problem = static.problem(credentials)
  if problem then
    return unusable(problem)
  end
  return credentials
end

--- A provider that asks GETENV, whoever is asking.
---@param getenv fun(name: string): string?
---@return appintegrations.CredentialsProvider
---@nodiscard
function M.reader(getenv)
  return {
    name = "environment",
    retrieve = function()
      return read(getenv)
    end,
  }
end

--- The provider of the default chain: as in botocore, a profile that the program
-- itself names is meant to be used.
---@param context appintegrations.CredentialsContext
---@return appintegrations.CredentialsProvider
---@nodiscard
function M.new(context)
  return {
    name = "environment",
    retrieve = function()
      if context.explicit_profile then
        return nil, "not asked, as the option profile names a profile"
      end
      return read(context.getenv)
    end,
  }
end

return M
