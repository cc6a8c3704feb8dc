-- SPDX-License-Identifier: MIT
--- Credentials of a role for the bearer of a token from an identity provider (on
-- EKS: IAM roles for service accounts). The token stands in a file that something
-- else keeps fresh: it is read again for each refresh.
-- @module appintegrations.credentials.web_identity

local errors = require "appintegrations.base.errors"
local exchange = require "appintegrations.credentials.exchange"
local math = require("appintegrations.base.compat").math
local sts = require "appintegrations.credentials.sts"
local token_file = require "appintegrations.credentials.token_file"

local integer = require("appintegrations.base.text").integer
local trim = require("appintegrations.base.text").trim

local M = {}

local NAME = "web-identity"

local VARIABLES = {
  web_identity_token_file = "AWS_WEB_IDENTITY_TOKEN_FILE", role_arn = "AWS_ROLE_ARN",
  role_session_name = "AWS_ROLE_SESSION_NAME",
}

--- For the specs and the reference page.
M.reads = {
  env = { VARIABLES.web_identity_token_file, VARIABLES.role_arn, VARIABLES.role_session_name },
  keys = { "web_identity_token_file", "role_arn", "role_session_name" },
}

--- A key: from the environment, unless a profile was named by the program, else
-- from the profile. Each on its own, as botocore has it.
local function lookup(context, name)
  local value = not context.explicit_profile and context.getenv(VARIABLES[name]) or nil
  if value then
    return value, VARIABLES[name]
  end
  value = context.profile and context.profile[name]
  if type(value) == "string" and value ~= "" then
    return value, ("%s of %s"):format(name, context.place_of(name))
  end
end

--- The token in the file at PATH, which ORIGIN names.
local function read_token(context, path, origin)
  local text, err
  text, err, path = token_file.named(context, NAME, path, origin)
  if not text then
    return nil, err
  end
  local token = trim(text)
  if token == "" or token:find "[%c%s]" then
    return nil, exchange.error(NAME, ("the token file %s (%s) %s"):format(path, origin,
      token == "" and "is empty" or "holds more than a token"))
  end
  return token
end

--- A provider for the environment and the profile of CONTEXT.
---@param context appintegrations.CredentialsContext
---@return appintegrations.CredentialsProvider
---@nodiscard
function M.new(context)
  local provider = { name = NAME }

  function provider.retrieve(deadline)
    local path, origin = lookup(context, "web_identity_token_file")
    if not path then
      return nil, (context.explicit_profile and "" or VARIABLES.web_identity_token_file
        .. " is not set, and ") .. "the profile has no web_identity_token_file"
    end
    local role = lookup(context, "role_arn")
    if not role then
      return nil, errors.invalid_config(("a token file is named (%s), but no role: set "
        .. "AWS_ROLE_ARN, or role_arn in the profile"):format(origin))
    end
    local token, err = read_token(context, path, origin)
    if not token then
      return nil, err
    end
    provider.detail = ("token file %s (%s)"):format(path, origin)
    return sts.call(context, {
      provider = NAME, action = "AssumeRoleWithWebIdentity",
      parameters = {
        RoleArn = role, WebIdentityToken = token,
        RoleSessionName = lookup(context, "role_session_name")
          or "appintegrations-lua-" .. integer(math.floor(context.clock())),
      },
      secrets = { token },
      advice = "check the role's trust policy and that the token in the file is current",
    }, deadline)
  end

  return provider
end

return M
