-- SPDX-License-Identifier: MIT
--- Credentials of a role that a profile names with `role_arn`: asked of STS with
-- the credentials of another profile (`source_profile`, which may itself assume a
-- role) or of a service of the machine (`credential_source`).
-- @module appintegrations.credentials.assume_role

local integer = require("appintegrations.base.text").integer
local lower = require("appintegrations.base.text").lower
local callback = require "appintegrations.credentials.callback"
local exchange = require "appintegrations.credentials.exchange"
local errors = require "appintegrations.base.errors"
local math = require("appintegrations.base.compat").math
local sts = require "appintegrations.credentials.sts"

local profile_error = exchange.profile_error

local M = {}

local NAME = "assume-role"

--- For the specs and the reference page.
M.reads = {
  keys = {
    "role_arn", "source_profile", "credential_source", "external_id", "role_session_name",
    "duration_seconds", "mfa_serial",
  },
}

-- STS gives credentials for no shorter time (seconds), and for none with more digits.
local MIN_DURATION, MAX_DIGITS = 900, 9

local function key(profile, name)
  local value = profile and profile[name]
  return type(value) == "string" and value ~= "" and value or nil
end

--- Whether PROFILE is one whose keys are taken, or refused: a secret alone is passed over.
local function has_static_keys(profile)
  return key(profile, "aws_access_key_id") ~= nil
end

--- Whether PROFILE assumes a role with other credentials; with a token file it
-- is the web identity provider's.
local function assumes_role(profile)
  return key(profile, "role_arn") ~= nil and not key(profile, "web_identity_token_file")
end

--- The credential sources by their names, which have no fixed case.
local SOURCES = {
  environment = function(context)
    return require("appintegrations.credentials.environment").reader(context.getenv)
  end,
  ecscontainer = function(context)
    return require("appintegrations.credentials.container").new(context)
  end,
  ec2instancemetadata = function(context)
    return require("appintegrations.credentials.imds").new(context)
  end,
}

--- A profile may name itself as its source if it has static keys; any other way
-- back to a profile on the path would not end.
local function check_loop(context, name, source, state)
  if not state.visited[name] or name == context.profile_name and has_static_keys(source) then
    return true
  end
  local path = table.concat(state.path, " -> ") .. " -> " .. name
  return profile_error(context, "source_profile leads back to itself: %s", path)
end

local function extended(state, name)
  local visited, path = {}, {}
  for i, one in ipairs(state.path) do
    visited[one], path[i] = true, one
  end
  visited[name], path[#path + 1] = true, name
  return { visited = visited, path = path }
end

--- The provider of what `source_profile` NAME has: its keys, or whatever else it
-- says; of a role, this provider again, with the way to here.
local function source_from_profile(context, name, state)
  local source = context.profiles.get(name)
  if not source then
    return profile_error(context, "the source_profile %q does not exist", name)
  end
  local ok, err = check_loop(context, name, source, state)
  if not ok then
    return nil, err
  end
  return context.provider_for_profile(name, extended(state, name))
end

local function find_source(context, state)
  local profile = context.profile
  local source_profile, source = key(profile, "source_profile"), key(profile, "credential_source")
  if source_profile and source then
    return profile_error(context, "has both source_profile and credential_source: leave out one")
  elseif source_profile then
    return source_from_profile(context, source_profile, state)
  elseif not source then
    return profile_error(context, "has role_arn, but neither source_profile nor credential_source "
      .. "to say who assumes the role")
  end
  local make = SOURCES[lower(source)]
  if not make then
    return profile_error(context, "credential_source %q is none of Environment, EcsContainer, "
      .. "Ec2InstanceMetadata", exchange.clean(source))
  end
  return make(context)
end

--- The code of the MFA device, asked of the program.
local function mfa_code(context, serial)
  local ask = context.options.mfa_code
  if not ask then
    return nil, exchange.error(NAME, ("profile %q needs a code of the MFA device %s: pass the "
      .. "option mfa_code, a function that returns it"):format(context.profile_name, serial))
  end
  local ok, code = callback.ask(NAME .. ": the function mfa_code", ask, serial)
  if not ok then
    return nil, code
  elseif type(code) ~= "string" or not code:find "^%d%d%d%d%d%d$" then
    return nil, exchange.error(NAME, ("the function mfa_code returned no code of 6 digits for the "
      .. "device %s (a string)"):format(serial))
  end
  return code
end

--- The profile's duration_seconds as STS takes it. A text that is no number is passed over,
-- as in botocore.
local function duration_of(context)
  local text = key(context.profile, "duration_seconds")
  local digits = text and text:match "^%+?0*(%d+)$"
  if not text then
    return nil
  elseif not digits and not text:find "^%-%d+$" then
    context.advise(("profile %q: duration_seconds is no whole number and does not count")
      :format(context.profile_name))
    return nil
  elseif not digits or #digits > MAX_DIGITS or tonumber(digits) < MIN_DURATION then
    return profile_error(context, "duration_seconds has to be from %d to what the role allows",
      MIN_DURATION)
  end
  return digits
end

--- What STS is asked for; the secrets among it stand in the second table.
local function parameters_of(context)
  local profile = context.profile
  local duration, err = duration_of(context)
  if err then
    return nil, err
  end
  local parameters = {
    RoleArn = key(profile, "role_arn"),
    RoleSessionName = key(profile, "role_session_name")
      or "appintegrations-lua-" .. integer(math.floor(context.clock())),
    ExternalId = key(profile, "external_id"),
    DurationSeconds = duration,
    SerialNumber = key(profile, "mfa_serial"),
  }
  if parameters.SerialNumber then
    parameters.TokenCode, err = mfa_code(context, parameters.SerialNumber)
    if not parameters.TokenCode then
      return nil, err
    end
  end
  return parameters
end

--- The credentials of SOURCE; that it has none is an error here.
local function source_credentials(context, source, deadline)
  local credentials, reason = source.retrieve(deadline)
  if credentials or errors.is_error(reason) then
    return credentials, reason
  end
  return nil, exchange.error(NAME, ("the source of the credentials for role_arn in profile %q has "
    .. "none: %s: %s"):format(context.profile_name, source.name, tostring(reason)))
end

--- What to do when STS refuses. Every further call asks for a code again.
local function advice_of(context, parameters)
  local advice = ("check role_arn in profile %q and the role's trust policy"):format(
    context.profile_name)
  if parameters.TokenCode then
    return ("make the call again with a new code of the MFA device %s; or %s"):format(
      parameters.SerialNumber, advice)
  end
  return advice
end

local function assume(context, source, deadline)
  local signer, err = source_credentials(context, source, deadline)
  if not signer then
    return nil, err
  end
  local parameters
  parameters, err = parameters_of(context)
  if not parameters then
    return nil, err
  end
  return sts.call(context, {
    provider = NAME, action = "AssumeRole", parameters = parameters, credentials = signer,
    secrets = { signer.secret_access_key, signer.session_token or "", parameters.TokenCode or "",
      parameters.ExternalId or "" },
    advice = advice_of(context, parameters),
  }, deadline)
end

--- A provider for the profile of CONTEXT, whose `chain_state` has the profiles on
-- the way here when another one has it as its source.
---@param context appintegrations.CredentialsContext
---@return appintegrations.CredentialsProvider
---@nodiscard
function M.new(context)
  local provider = { name = NAME }
  local source

  function provider.retrieve(deadline)
    if not assumes_role(context.profile) then
      return nil, "the profile has no role_arn"
        .. (key(context.profile, "web_identity_token_file") and " without web_identity_token_file"
          or "")
    end
    if not source then
      local err
      source, err = find_source(context, context.chain_state
        or extended({ path = {} }, context.profile_name))
      if not source then
        return nil, err
      end
    end
    local credentials, err = assume(context, source, deadline)
    provider.detail = ('role_arn of profile "%s" through %s'):format(context.profile_name,
      key(context.profile, "source_profile") or key(context.profile, "credential_source"))
    return credentials, err
  end

  return provider
end

return M
