-- SPDX-License-Identifier: MIT
--- Credentials of a container's role, from the service beside it: ECS (a relative
-- URI) and EKS Pod Identity or others (a full URI).
-- @module appintegrations.credentials.container

local address_of = require "appintegrations.credentials.address"
local errors = require "appintegrations.base.errors"
local exchange = require "appintegrations.credentials.exchange"
local token_file = require "appintegrations.credentials.token_file"

local M = {}

local NAME = "container"

local RELATIVE, FULL = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
  "AWS_CONTAINER_CREDENTIALS_FULL_URI"
local TOKEN, TOKEN_FILE = "AWS_CONTAINER_AUTHORIZATION_TOKEN",
  "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"

--- For the specs and the reference page.
M.reads = { env = { RELATIVE, FULL, TOKEN_FILE, TOKEN } }

local ECS_HOST = "http://169.254.170.2"

-- Beside loopback, who may be asked without TLS: ECS, EKS in IPv4 and IPv6.
local HOSTS = { "169.254.170.2", "169.254.170.23", "fd00:ec2::23" }

-- Seconds, and tries: those of botocore.
local TIMEOUT, ATTEMPTS, PAUSE = 2, 3, 1

local function is_allowed(address)
  if address.scheme == "https" or address_of.is_loopback(address.host) then
    return true
  end
  for _, host in ipairs(HOSTS) do
    if address_of.same(host, address.host) then
      return true
    end
  end
  return false
end

--- Whom the environment says to ask; nil and a string: nobody.
local function find_address(context)
  local relative, full = context.getenv(RELATIVE), context.getenv(FULL)
  if not relative and not full then
    return nil, ("neither %s nor %s is set"):format(RELATIVE, FULL)
  end
  local variable = relative and RELATIVE or FULL
  local address
  if not relative then
    address = address_of.parse(full)
  elseif relative:find "^/" then
    address = address_of.parse(ECS_HOST .. relative)
  end
  if not address then
    return nil, exchange.error(NAME, ("%s is not of the form %s"):format(variable,
      relative and "/path" or "http[s]://host[:port]/path"))
  elseif not is_allowed(address) then
    return nil, exchange.error(NAME, ("%s names the host %s; without TLS only loopback, %s are "
      .. "allowed"):format(variable, address.authority, table.concat(HOSTS, ", ")))
  end
  return address
end

--- The authorization token and where it stood; nothing where none is configured.
local function find_token(context)
  local path = context.getenv(TOKEN_FILE)
  if not path then
    return context.getenv(TOKEN), TOKEN
  end
  local text, err, read = token_file.named(context, NAME, path, TOKEN_FILE)
  return text, err or read .. " (" .. TOKEN_FILE .. ")"
end

--- Headers with the token in it.
---@return table<string, string>? headers
---@return appintegrations.Error? err
local function authorization(context)
  local token, origin = find_token(context)
  if not token then
    if errors.is_error(origin) then
      return nil, origin
    end
    return {}
  elseif token:find "[\r\n]" then
    return nil, exchange.error(NAME, ("the authorization token in %s has a line break in it, which "
      .. "no HTTP header may have: write it without one, also at the end"):format(origin))
  elseif token == "" or token:find "[%z\1-\31\127]" then
    return nil, exchange.error(NAME, ("the authorization token in %s is empty or has control "
      .. "characters in it"):format(origin))
  end
  return { authorization = token }
end

local function read(response)
  local answer, err = exchange.read_json(response)
  if not answer then
    return nil, err
  end
  local _, failure = exchange.stated_failure(response, answer)
  if failure then
    return nil, failure
  end
  local expiration = exchange.time(answer.Expiration)
  if exchange.given(answer.Expiration) ~= nil and not expiration then
    return exchange.invalid(response, "the Expiration is no time")
  end
  return exchange.checked_of(response, {
    access_key_id = answer.AccessKeyId, secret_access_key = answer.SecretAccessKey,
    session_token = exchange.given(answer.Token), expiration = expiration,
    account_id = exchange.given(answer.AccountId),
  })
end

--- A provider for the environment of CONTEXT.
---@param context appintegrations.CredentialsContext
---@return appintegrations.CredentialsProvider
---@nodiscard
function M.new(context)
  local provider = { name = NAME }

  function provider.retrieve(deadline)
    local address, reason = find_address(context)
    if not address then
      return nil, reason
    end
    provider.detail = address.authority -- the path of ECS is a secret of the task
    -- The token is read anew each time: it is replaced every few hours.
    local headers, err = authorization(context)
    if not headers then
      return nil, err
    end
    headers.accept = "application/json"
    local secrets = { headers.authorization }
    local credentials
    credentials, err = exchange.call(context, {
      address = address, method = "GET", headers = headers, secrets = secrets,
      direct = address_of.is_near(address.host), timeout = TIMEOUT, attempts = ATTEMPTS,
      retry_all = true, read = read,
      pause = function()
        return PAUSE
      end,
    }, deadline)
    if not credentials then
      return nil, exchange.failure(NAME, address, err, { secrets = secrets })
    end
    return credentials
  end

  return provider
end

return M
