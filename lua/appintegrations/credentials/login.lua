-- SPDX-License-Identifier: MIT
--- Credentials of someone who has run `aws login`: they stand in a file that every
-- program of that person shares, and are refreshed through AWS Sign-In, bound to
-- the key in that file.
-- @module appintegrations.credentials.login

local address_of = require "appintegrations.credentials.address"
local dpop = require "appintegrations.credentials.dpop"
local endpoints = require "appintegrations.credentials.endpoints"
local exchange = require "appintegrations.credentials.exchange"
local json = require "appintegrations.base.json"
local text_of = require "appintegrations.base.text"
local times = require "appintegrations.base.times"
local token_file = require "appintegrations.credentials.token_file"

local M = {}

-- libcrypto comes with it: not before it is needed.
local signing = require("appintegrations.base.compat").lazy "appintegrations.signing"

local NAME = "login"

--- For the specs and the reference page.
M.reads = { env = { "AWS_LOGIN_CACHE_DIRECTORY" }, keys = { "login_session" } }

-- Credentials of a login live 15 minutes; they are refreshed when so many seconds
-- are left.
local REFRESH_WINDOW = 5 * 60

-- What AWS Sign-In says when a refresh is over for good, in words.
local REFUSALS = {
  TOKEN_EXPIRED = "the session has expired",
  AUTHCODE_EXPIRED = "the session has expired",
  USER_CREDENTIALS_CHANGED = "the password has been changed",
  INSUFFICIENT_PERMISSIONS = "the permission signin:CreateOAuth2Token is missing",
}

local function advice(context)
  return ('run "%s"'):format(exchange.sign_in("aws login", context.profile_name))
end

local function path_of(context, session)
  local directory = context.getenv "AWS_LOGIN_CACHE_DIRECTORY"
  if not directory and not context.home() then
    return nil, exchange.error(NAME, "the home directory is unknown: set HOME or "
      .. "AWS_LOGIN_CACHE_DIRECTORY")
  end
  directory = context.expand(directory or "~/.aws/login/cache")
  return text_of.without_end_slashes(directory) .. "/" .. signing.hex(signing.sha256(session))
    .. ".json"
end

--- The credentials in LOGIN.
local function credentials_of(login)
  local token = login.accessToken
  local expiration = exchange.time(token.expiresAt)
  if not expiration then
    return nil, "expiresAt is no time"
  end
  return exchange.checked {
    access_key_id = token.accessKeyId, secret_access_key = token.secretAccessKey,
    session_token = token.sessionToken, expiration = expiration, account_id = token.accountId,
  }
end

--- The login in the file at PATH, and the credentials in it.
---@return table? login
---@return table credentials_or_err
local function load(context, path)
  local login, problem = token_file.read(context, path)
  if not login then
    return nil, exchange.error(NAME, problem .. "; " .. advice(context))
  end
  local missing = token_file.missing(login, { "refreshToken", "dpopKey", "clientId" })
    or token_file.missing(login.accessToken,
      { "accessKeyId", "secretAccessKey", "sessionToken", "accountId", "expiresAt" })
  if missing then
    return nil, exchange.error(NAME, ("%s has no %s; %s"):format(path, missing, advice(context)))
  end
  local credentials
  credentials, problem = credentials_of(login)
  if not credentials then
    return nil, exchange.error(NAME, ("%s cannot be used: %s; %s"):format(path, problem,
      advice(context)))
  end
  return login, credentials
end

--- What AWS Sign-In answers, with `refusal` in the error where it is final.
local function read(response)
  local answer, err = exchange.read_json(response)
  if not answer then
    local body = json.decode_object(response.body)
    err.refusal = body and type(body.error) == "string" and REFUSALS[body.error] or nil
    return nil, err
  end
  local missing = token_file.missing(answer, { "refreshToken" })
    or token_file.missing(answer.accessToken, { "accessKeyId", "secretAccessKey", "sessionToken" })
    or not token_file.seconds(answer.expiresIn) and "expiresIn"
  if missing then
    return exchange.invalid(response, "it has no usable " .. missing)
  end
  return answer
end

local function secrets_of(login)
  local token = login.accessToken
  return { login.refreshToken, login.dpopKey, token.secretAccessKey, token.sessionToken }
end

--- Sends the refresh token, with a proof for each attempt.
local function request_token(context, login, address, deadline)
  return exchange.call_service(context, {
    address = address, method = "POST", secrets = secrets_of(login),
    headers = { ["content-type"] = "application/json" },
    body = json.encode {
      clientId = login.clientId, refreshToken = login.refreshToken, grantType = "refresh_token",
    },
    sign = function(request, time)
      request.headers.dpop = dpop.proof(login.dpopKey, "POST", address.url, time)
    end,
    read = read,
  }, deadline)
end

--- LOGIN with what ANSWER brings; the rest of the file stays.
local function updated(context, login, answer)
  local copy = {}
  for name, value in pairs(login) do
    copy[name] = value
  end
  local token = answer.accessToken
  copy.refreshToken = answer.refreshToken
  copy.accessToken = {
    accessKeyId = token.accessKeyId, secretAccessKey = token.secretAccessKey,
    sessionToken = token.sessionToken, accountId = login.accessToken.accountId,
    expiresAt = times.text(context.time() + answer.expiresIn),
  }
  return copy
end

--- Exchanges the refresh token of LOGIN.
---@return table? login
---@return appintegrations.Error? err
---@return boolean? is_final  nothing but a new login, or other settings, can help
local function refresh(context, login, deadline)
  local region = type(context.profile.region) == "string" and context.profile.region
    or context.setting "region"
  local endpoint, err = endpoints.resolve(context, "signin", region)
  if not endpoint then
    return nil, err, true
  end
  local address = address_of.at(endpoint, "/v1/token")
  local point, problem = signing.es256_public(login.dpopKey)
  if not point then
    return nil, exchange.error(NAME, ("the dpopKey of the login is %s; %s"):format(problem,
      advice(context))), true
  end
  local answer
  answer, err = request_token(context, login, address, deadline)
  if answer then
    return updated(context, login, answer)
  elseif err.refusal then
    return nil, exchange.error(NAME, ("the login cannot be refreshed: %s; %s"):format(err.refusal,
      advice(context)), err), true
  end
  local is_refused = err.kind == "service" and not err.retryable
  return nil, exchange.failure(NAME, address, err, {
    advice = is_refused and advice(context) or nil, secrets = secrets_of(login),
  }), is_refused
end

--- New credentials in place of OLD, those of LOGIN, or OLD while they are valid and the service
-- merely out of reach.
local function exchanged(context, path, login, old, deadline)
  local fresh, err, is_final = refresh(context, login, deadline)
  if not fresh then
    local _, others = load(context, path)
    if others.expiration and others.expiration > old.expiration then
      return others -- somebody else was first, where the file system has no locks
    elseif not is_final and err.kind ~= "cancelled" and old.expiration > context.time() then
      exchange.tell(context, NAME, "the login is not refreshed: " .. err.message)
      return old
    end
    return nil, err
  end
  token_file.write(context, NAME, path, fresh)
  local credentials, problem = credentials_of(fresh)
  if not credentials then
    return nil, exchange.error(NAME, "AWS Sign-In gave unusable credentials: " .. problem)
  end
  return credentials
end

local function is_due(context, credentials)
  return credentials.expiration - context.time() <= REFRESH_WINDOW
end

--- What comes in the place of OLD, the credentials in the file at PATH.
local function refreshed(context, path, old, deadline)
  local is_valid = old.expiration > context.time()
  -- Another process may be at it: the refresh token is for one of them.
  local lock, is_busy, err = token_file.lock(context, path, not is_valid, deadline)
  if err then
    return nil, err
  elseif is_busy and is_valid then
    return old
  end
  local login, credentials = load(context, path)
  if not login then
    credentials, err = nil, credentials
  elseif is_due(context, credentials) then
    credentials, err = exchanged(context, path, login, credentials, deadline)
  end
  token_file.unlock(lock)
  return credentials, err
end

--- A provider for the profile of CONTEXT.
---@param context appintegrations.CredentialsContext
---@return appintegrations.CredentialsProvider
---@nodiscard
function M.new(context)
  local provider = { name = NAME }

  function provider.retrieve(deadline)
    local session = context.profile and context.profile.login_session
    if type(session) ~= "string" or session == "" then
      return nil, "the profile has no login_session"
    end
    local path, err = path_of(context, session)
    if not path then
      return nil, err
    end
    provider.detail = path
    -- Read each time: another program may have refreshed it.
    local login, credentials = load(context, path)
    if not login then
      return nil, credentials
    elseif is_due(context, credentials) then
      return refreshed(context, path, credentials, deadline)
    end
    return credentials
  end

  return provider
end

return M
