-- SPDX-License-Identifier: MIT
--- Access keys that stand in one of the two profile files. The files are asked
-- one by one, not merged: a key of one file never goes with a secret of the other.
-- @module appintegrations.credentials.profile_keys

local errors = require "appintegrations.base.errors"
local static = require "appintegrations.credentials.static"

local M = {}

M.reads = {
  keys = {
    "aws_access_key_id", "aws_secret_access_key", "aws_session_token", "aws_security_token",
    "aws_account_id",
  },
}

--- The value of the key NAME; empty is not set, as in the environment.
local function value_of(keys, name)
  local value = keys[name]
  return value ~= "" and value or nil
end

--- KEYS, which stand in the file at WHERE, as credentials.
local function credentials_of(keys, where)
  local credentials = {
    access_key_id = keys.aws_access_key_id,
    secret_access_key = value_of(keys, "aws_secret_access_key"),
    session_token = value_of(keys, "aws_security_token") or value_of(keys, "aws_session_token"),
    account_id = value_of(keys, "aws_account_id"),
  }
  local problem = not credentials.secret_access_key and "aws_secret_access_key is missing"
    or static.problem(credentials)
  if problem then
    return nil, errors.provider_failed(("the keys of %s cannot be used: %s"):format(where, problem))
  end
  return credentials
end

--- A provider called NAME for one of the two files.
---@param context appintegrations.CredentialsContext
---@param name string
---@param kind "config"|"credentials"
---@return appintegrations.CredentialsProvider
---@nodiscard
function M.new(context, name, kind)
  local provider = { name = name }

  function provider.retrieve()
    local profiles, profile = context.profiles, context.profile_name
    local file = profiles.files[kind == "config" and 1 or 2]
    local keys = profiles.only(profile, kind)
    if not keys then
      return nil, file.status == "read" and ('%s has no profile "%s"'):format(file.path, profile)
        or ("%s: %s"):format(file.path, file.status)
    end
    local where = ('profile "%s" in %s'):format(profile, file.path)
    if not value_of(keys, "aws_access_key_id") then
      return nil, where .. " has no aws_access_key_id"
    end
    provider.detail = where
    return credentials_of(keys, where)
  end

  return provider
end

return M
