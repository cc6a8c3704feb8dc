-- SPDX-License-Identifier: MIT
--- The access token of IAM Identity Center that `aws sso login` has left in a file:
-- read, and refreshed through the OIDC service where it belongs to an sso-session.
-- @module appintegrations.credentials.sso_token

local address_of = require "appintegrations.credentials.address"
local endpoints = require "appintegrations.credentials.endpoints"
local exchange = require "appintegrations.credentials.exchange"
local json = require "appintegrations.json"
local token_file = require "appintegrations.credentials.token_file"

local M = {}

-- libcrypto comes with it: not before it is needed.
local signing = require("appintegrations.compat").lazy "appintegrations.signing"

local NAME = "sso"

-- Seconds: a token is refreshed when so little is left of it, and a refresh that
-- has failed is not tried again for a while.
local REFRESH_WINDOW, ATTEMPT_INTERVAL = 15 * 60, 60

---@class appintegrations.SsoConfig
---@field start_url string
---@field region string
---@field session? string  name of the sso-session; nil: the legacy way, without refresh
---@field login string     the command that a person has to run

--- Where the token of CONFIG stands.
local function path_of(context, config)
  local home = context.home()
  if not home then
    return nil, "the home directory is unknown: set HOME"
  end
  local name = signing.sha1_hex(config.session or config.start_url)
  return home .. "/.aws/sso/cache/" .. name .. ".json"
end

--- The token in the file, with `expiration`.
local function load(context, config, path)
  local token, problem = token_file.read(context, path)
  if not token then
    return nil, exchange.error(NAME, ("%s; run %q"):format(problem, config.login))
  end
  local missing = token_file.missing(token, { "accessToken", "expiresAt" })
  local expiration = exchange.time(token.expiresAt)
  if missing or not expiration or token.accessToken:find "[%c%s]" then
    return nil, exchange.error(NAME, ("the token file %s has no usable %s; run %q"):format(path,
      missing or expiration and "accessToken" or "expiresAt", config.login))
  end
  return { fields = token, expiration = expiration }
end

--- Why TOKEN cannot be refreshed, or nil.
local function refusal(context, token)
  local missing = token_file.missing(token.fields,
    { "refreshToken", "clientId", "clientSecret", "registrationExpiresAt" })
  if missing then
    return "the token file has no " .. missing
  end
  local registered_until = exchange.time(token.fields.registrationExpiresAt)
  if not registered_until or registered_until <= context.clock() then
    return "the registration of the client has expired"
  end
end

--- What the file says after a refresh; entries that are not ours stay.
local function updated(context, config, token, answer)
  local now, fields = context.clock(), {}
  for name, value in pairs(token.fields) do
    fields[name] = value
  end
  local expiration = now + answer.expiresIn
  fields.startUrl, fields.region = config.start_url, config.region
  fields.accessToken = answer.accessToken
  fields.expiresAt = token_file.time_text(expiration)
  if not token_file.missing(answer, { "refreshToken" }) then
    fields.refreshToken = answer.refreshToken
  end
  return { fields = fields, expiration = expiration }
end

local function read_answer(response)
  local answer, err = exchange.read_json(response)
  if not answer then
    return nil, err
  end
  local missing = token_file.missing(answer, { "accessToken" })
    or not token_file.seconds(answer.expiresIn) and "expiresIn"
  if missing then
    return exchange.invalid(response, "it has no usable " .. missing)
  end
  return answer
end

--- Asks OIDC for a new token in place of TOKEN.
local function refresh(context, config, token, deadline)
  local fields = token.fields
  local endpoint, err = endpoints.resolve(context, "sso_oidc", config.region)
  if not endpoint then
    return nil, err
  end
  local address = address_of.at(endpoint, "/token")
  local secrets = { fields.refreshToken, fields.clientSecret, fields.clientId, fields.accessToken }
  local answer
  answer, err = exchange.call(context, {
    address = address, method = "POST", headers = { ["content-type"] = "application/json" },
    body = json.encode {
      grantType = "refresh_token", clientId = fields.clientId, clientSecret = fields.clientSecret,
      refreshToken = fields.refreshToken,
    },
    timeout = exchange.SERVICE_TIMEOUT, connect_timeout = exchange.SERVICE_CONNECT_TIMEOUT,
    attempts = exchange.SERVICE_ATTEMPTS, pause = exchange.backoff(context.random),
    secrets = secrets, read = read_answer,
  }, deadline)
  if not answer then
    return nil, exchange.failure(NAME, address, err, { secrets = secrets })
  end
  return updated(context, config, token, answer)
end

--- A function that gives the access token of CONFIG while it is valid.
---@param context table
---@param config appintegrations.SsoConfig
---@return fun(deadline?: number): string?, appintegrations.Error?
---@nodiscard
function M.loader(context, config)
  local held       -- a token that was refreshed here, should its file not be written
  local next_try   -- no refresh before that time

  local function newest(path)
    local token, err = load(context, config, path)
    if held and (not token or held.expiration > token.expiration) then
      return held
    end
    return token, err
  end

  --- TOKEN or a newer one; the reason where that could not be had.
  local function refreshed(token, path, deadline)
    local now = context.clock()
    if not config.session or token.expiration - now > REFRESH_WINDOW
      or next_try and now < next_try then
      return token
    end
    local reason = refusal(context, token)
    if reason then
      return token, reason
    end
    next_try = now + ATTEMPT_INTERVAL
    local fresh, err = refresh(context, config, token, deadline)
    if not fresh then
      return token, err.message, err
    end
    held = fresh
    token_file.write(context, NAME, path, fresh.fields)
    return fresh
  end

  return function(deadline)
    local path, problem = path_of(context, config)
    if not path then
      return nil, exchange.error(NAME, problem)
    end
    local token, err = newest(path)
    if not token then
      return nil, err
    end
    local reason
    token, reason, err = refreshed(token, path, deadline)
    if token.expiration > context.clock() then
      if reason then
        exchange.tell(context, NAME, "the token is not refreshed: " .. reason)
      end
      return token.fields.accessToken
    elseif err and (err.kind == "cancelled" or err.code == "DeadlineExceeded") then
      return nil, err
    end
    return nil, exchange.error(NAME, ("the session has expired%s; run %q"):format(
      reason and " and cannot be refreshed (" .. reason .. ")" or "", config.login))
  end
end

return M
