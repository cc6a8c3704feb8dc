-- SPDX-License-Identifier: MIT
--- The access token of IAM Identity Center that `aws sso login` has left in a file:
-- read, and refreshed through the OIDC service where it belongs to an sso-session.
-- @module appintegrations.credentials.sso_token

local address_of = require "appintegrations.credentials.address"
local endpoints = require "appintegrations.credentials.endpoints"
local exchange = require "appintegrations.credentials.exchange"
local json = require "appintegrations.base.json"
local times = require "appintegrations.base.times"
local token_file = require "appintegrations.credentials.token_file"

local M = {}

-- libcrypto comes with it: not before it is needed.
local signing = require("appintegrations.base.compat").lazy "appintegrations.signing"

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
    return nil, exchange.error(NAME, ('%s; run "%s"'):format(problem, config.login))
  end
  local missing = token_file.missing(token, { "accessToken", "expiresAt" })
  local expiration = exchange.time(token.expiresAt)
  if missing or not expiration or token.accessToken:find "[%c%s]" then
    return nil, exchange.error(NAME, ('the token file %s has no usable %s; run "%s"'):format(path,
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
  if not registered_until or registered_until <= context.time() then
    return "the registration of the client has expired"
  end
end

--- What the file says after a refresh; entries that are not ours stay.
local function updated(context, config, token, answer)
  local now, fields = context.time(), {}
  for name, value in pairs(token.fields) do
    fields[name] = value
  end
  local expiration = now + answer.expiresIn
  fields.startUrl, fields.region = config.start_url, config.region
  fields.accessToken = answer.accessToken
  fields.expiresAt = times.text(expiration)
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
  answer, err = exchange.call_service(context, {
    address = address, method = "POST", headers = { ["content-type"] = "application/json" },
    body = json.encode {
      grantType = "refresh_token", clientId = fields.clientId, clientSecret = fields.clientSecret,
      refreshToken = fields.refreshToken,
    },
    secrets = secrets, read = read_answer,
  }, deadline)
  if not answer then
    return nil, exchange.failure(NAME, address, err, { secrets = secrets })
  end
  return updated(context, config, token, answer)
end

---@class appintegrations.SsoTokenLoader
---@field context table
---@field config appintegrations.SsoConfig
---@field held? table        a token that was refreshed here, should its file not be written
---@field next_try? number   no refresh before that time
---@field failure? appintegrations.Error  of the last refresh, until something newer is known
local Loader = {}
Loader.__index = Loader

--- The newest token that there is.
function Loader:newest(path)
  local token, err = load(self.context, self.config, path)
  local held = self.held
  if held and (not token or held.expiration > token.expiration) then
    return held
  end
  return token, err
end

function Loader:is_due(token)
  return self.config.session ~= nil and token.expiration - self.context.time() <= REFRESH_WINDOW
end

--- What a refresh of TOKEN gives, which is kept; TOKEN and the error where it fails.
function Loader:exchange(token, path, deadline)
  local fresh, err = refresh(self.context, self.config, token, deadline)
  local other = not fresh and self:newest(path)
  if other and other.expiration > token.expiration then
    return other -- somebody else was first, where the file system has no locks
  elseif fresh then
    self.held, self.failure = fresh, nil
    token_file.write(self.context, NAME, path, fresh.fields)
    return fresh
  elseif not exchange.is_of_the_call(err) then
    self.failure, self.next_try = err, self.context.clock() + ATTEMPT_INTERVAL
    exchange.tell(self.context, NAME, "the token is not refreshed: " .. err.message)
  end
  return token, err
end

--- TOKEN or a newer one, and the error of a refresh that failed.
function Loader:refreshed(token, path, deadline)
  local context = self.context
  local is_valid = token.expiration > context.time()
  -- Another process may be at it: the refresh token is for one of them.
  local lock, is_busy, err = token_file.lock(context, path, not is_valid, deadline)
  if err or is_busy and is_valid then
    return token, err
  end
  token = self:newest(path) or token
  if self:is_due(token) then
    token, err = self:exchange(token, path, deadline)
  end
  token_file.unlock(lock)
  return token, err
end

--- TOKEN, or what became of it; and why it is not newer.
---@return table? token
---@return string? reason
---@return appintegrations.Error? err  that is no matter of the token
function Loader:current(token, path, deadline)
  local context = self.context
  if not self:is_due(token) then
    self.failure = nil
    return token
  end
  local reason = refusal(context, token)
  if not reason and not (self.next_try and context.clock() < self.next_try) then
    local err
    token, err = self:refreshed(token, path, deadline)
    if err and exchange.is_of_the_call(err) and token.expiration <= context.time() then
      return nil, nil, err
    end
  end
  return token, reason or self.failure and self.failure.message
end

--- What is wrong with an expired token that is not refreshed for REASON. A new login helps where
-- the old one is refused, not where the service is out of reach.
function Loader:expired(reason)
  local failure = self.failure
  local is_away = failure and not (failure.status and failure.status < 500)
  return exchange.error(NAME, ("the session has expired%s%s"):format(
    reason and " and cannot be refreshed (" .. reason .. ")" or "",
    is_away and "" or ('; run "%s"'):format(self.config.login)))
end

--- A function that gives the access token of CONFIG while it is valid; the third value is why it
-- could not be refreshed.
---@param context table
---@param config appintegrations.SsoConfig
---@return fun(deadline?: number): string?, appintegrations.Error?, string?
---@nodiscard
function M.loader(context, config)
  local loader = setmetatable({ context = context, config = config }, Loader)
  return function(deadline)
    local path, problem = path_of(context, config)
    if not path then
      return nil, exchange.error(NAME, problem)
    end
    local token, err = loader:newest(path)
    if not token then
      return nil, err
    end
    local reason
    token, reason, err = loader:current(token, path, deadline)
    if not token then
      return nil, err
    elseif token.expiration > context.time() then
      return token.fields.accessToken, nil, reason
    end
    return nil, loader:expired(reason)
  end
end

return M
