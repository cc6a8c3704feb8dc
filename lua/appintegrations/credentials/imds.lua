-- SPDX-License-Identifier: MIT
--- Credentials of an EC2 instance's role, from the instance metadata service:
-- version 2, whose requests carry a token, and version 1 where there is no other.
-- @module appintegrations.credentials.imds

local address_of = require "appintegrations.credentials.address"
local errors = require "appintegrations.base.errors"
local exchange = require "appintegrations.credentials.exchange"
local math = require("appintegrations.base.compat").math
local retry = require "appintegrations.call.retry"

local M = {}

local NAME = "imds"

local IPV4, IPV6 = "http://169.254.169.254", "http://[fd00:ec2::254]"
local TOKEN_PATH, ROLE_PATH = "/latest/api/token", "/latest/meta-data/iam/security-credentials/"
local TOKEN_TTL = "21600" -- seconds: the longest that the service allows

-- Static stability: credentials that expire within the first time (plus a jitter
-- between the other two, all in seconds) are held valid for as long again, since
-- AWS goes on to accept them while it cannot issue newer ones.
local WINDOW, JITTER_MIN, JITTER_MAX = 15 * 60, 2 * 60, 10 * 60

--- Reasons to say without any request that this is not for us.
local function switched_off(context)
  if context.options.imds == false then
    return "switched off by the option imds = false"
  elseif context.setting "ec2_metadata_disabled" then
    return "switched off by AWS_EC2_METADATA_DISABLED"
  end
end

local function find_address(context)
  local custom = context.setting "ec2_metadata_service_endpoint"
  if custom then
    local address = address_of.parse(custom)
    if not address or address.query then
      return nil, errors.invalid_config(("the metadata service endpoint (%s) is not of the form "
        .. "http[s]://host[:port]"):format("AWS_EC2_METADATA_SERVICE_ENDPOINT or the profile"))
    end
    return address
  end
  local mode = context.setting "ec2_metadata_service_endpoint_mode"
  local is_ipv6 = mode == "ipv6" or not mode and context.setting "imds_use_ipv6"
  return address_of.parse(is_ipv6 and IPV6 or IPV4)
end

local function status_error(response, message)
  local err = errors.new {
    kind = "service", code = tostring(response.status), message = message,
    status = response.status,
  }
  retry.classify(err)
  return nil, err
end

--- One of the three requests. The service is on the machine or its host: never
-- through a proxy, and no pause between attempts.
local function request(self, method, path, headers, read)
  local timeout = self.context.setting "metadata_service_timeout" * (self.is_mute and 0.5 or 1)
  return exchange.call(self.context, {
    address = address_of.at(self.address, path), method = method, headers = headers,
    direct = true, timeout = timeout, read = read, secrets = { self.token },
    attempts = self.context.setting "metadata_service_num_attempts", retry_all = true,
  }, self.deadline)
end

--- For answers that no further attempt changes: they are values to request, and
-- become errors here.
local function settle(value, err)
  if errors.is_error(value) then
    return nil, value
  end
  return value, err
end

local function read_token(response)
  local status = response.status
  if status == 200 then
    local token = response.body:match "^([^%c%s]+)%s*$"
    if not token then
      return exchange.invalid(response, "the token is empty or has white space in it")
    end
    return token
  end
  local _, err = status_error(response, "no token")
  if status == 400 or status == 403 or status == 404 or status == 405 then
    return err
  end
  return nil, err
end

--- Whether ERR, of a request for a token, leaves version 1: an answer without one does, as in other
-- SDKs, unless it says that the request was wrong. So does no answer although there is someone: its
-- answers to PUT do not reach through the hops to a container.
local function leaves_version_1(err)
  return err.kind == "service" and err.status ~= 400 or err.code == "AttemptTimeout"
end

--- Gets a token into `self.token`, or finds that version 1 is to be used.
---@return boolean? ok
---@return string|appintegrations.Error? reason
local function take_token(self)
  local token, err = settle(request(self, "PUT", TOKEN_PATH,
    { ["x-aws-ec2-metadata-token-ttl-seconds"] = TOKEN_TTL }, read_token))
  if token then
    self.token = token
    return true
  end
  if leaves_version_1(err) then
    if self.context.setting "ec2_metadata_v1_disabled" then
      return nil, exchange.error(NAME, ("%s gives no token (%s), and version 1 of the service is "
        .. "switched off"):format(self.address.authority, err.code))
    end
    -- Where nobody answers at all, the whole search is to stay below two seconds.
    self.is_mute = err.code == "AttemptTimeout"
    return true
  elseif err.code ~= "TLSError" and err.kind == "transport" or err.code == "ConnectTimeout" then
    return nil, ("no metadata service at %s (%s)"):format(self.address.authority, err.code)
  end
  return nil, exchange.failure(NAME, self.address, err)
end

local function read_role(response)
  if response.status == 404 then
    return select(2, status_error(response, "no role"))
  elseif response.status ~= 200 then
    return status_error(response, "no role")
  end
  local role = response.body:match "^([A-Za-z0-9+=,.@_-]+)%s*$"
  if not role then
    return exchange.invalid(response, "it is no name of a role")
  end
  return role
end

local function read_credentials(response)
  if response.status ~= 200 then
    return status_error(response, "no credentials")
  end
  local answer, err = exchange.read_json(response)
  if not answer then
    return nil, err
  end
  local _, failure = exchange.stated_failure(response, answer)
  if failure then
    return nil, failure
  end
  local expiration = exchange.time(answer.Expiration)
  if not expiration then
    return exchange.invalid(response, "the Expiration is missing or no time")
  end
  if exchange.given(answer.Token) == nil then
    return exchange.invalid(response, "the Token is missing")
  end
  return exchange.checked_of(response, {
    access_key_id = answer.AccessKeyId, secret_access_key = answer.SecretAccessKey,
    session_token = answer.Token, expiration = expiration,
    account_id = exchange.given(answer.AccountId),
  })
end

--- The credentials of the instance's role.
local function fetch(self)
  local ok, reason = take_token(self)
  if not ok then
    return nil, reason
  end
  local headers = { ["x-aws-ec2-metadata-token"] = self.token }
  local role, err = settle(request(self, "GET", ROLE_PATH, headers, read_role))
  local credentials
  if role then
    credentials, err = request(self, "GET", ROLE_PATH .. role, headers, read_credentials)
  elseif err.status == 404 then
    return nil, "the instance has no role"
  elseif err.status == 403 and not self.token then
    -- Something that refuses whatever it is asked, as a host's firewall: no service.
    return nil, ("%s answers HTTP 403 to everything"):format(self.address.authority)
  elseif err.code == "AttemptTimeout" then
    return nil, ("no answer from %s"):format(self.address.authority)
  end
  if not credentials then
    return nil, exchange.failure(NAME, self.address, err, { secrets = { self.token } })
  end
  return credentials
end

--- CREDENTIALS with a later expiration, where they are at its end.
local function stable(context, credentials, why)
  local now = context.time()
  local extension = WINDOW + JITTER_MIN + context.random() * (JITTER_MAX - JITTER_MIN)
  if credentials.expiration - extension > now then
    return credentials
  end
  exchange.tell(context, NAME, ("%s: the credentials are used for another %d minutes"):format(why,
    math.floor(extension / 60)))
  local copy = {}
  for name, value in pairs(credentials) do
    copy[name] = value
  end
  copy.expiration = now + extension
  return copy
end

--- Whether ERR says something of the call rather than of the service.
local function is_ours(err)
  return errors.is_error(err) and (err.kind == "config" or exchange.is_of_the_call(err))
end

--- A provider for the machine.
---@param context appintegrations.CredentialsContext
---@return appintegrations.CredentialsProvider
---@nodiscard
function M.new(context)
  local provider = { name = NAME }
  local held -- the last that the service gave

  function provider.retrieve(deadline)
    local reason = switched_off(context)
    if reason then
      return nil, reason
    end
    local address, err = find_address(context)
    if not address then
      return nil, err
    end
    provider.detail = address.authority
    local fresh
    fresh, reason = fetch { context = context, address = address, deadline = deadline }
    if fresh then
      held = fresh
      return stable(context, fresh, "the metadata service has no newer credentials")
    elseif held and not is_ours(reason) then
      return stable(context, held, "the metadata service does not answer as it should")
    end
    return nil, reason
  end

  return provider
end

return M
