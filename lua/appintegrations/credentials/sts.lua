-- SPDX-License-Identifier: MIT
--- The two calls of the Security Token Service that turn one identity into the
-- credentials of a role (STS API Reference, version 2011-06-15).
-- @module appintegrations.credentials.sts

local address_of = require "appintegrations.credentials.address"
local endpoints = require "appintegrations.credentials.endpoints"
local errors = require "appintegrations.base.errors"
local exchange = require "appintegrations.credentials.exchange"
local math = require("appintegrations.base.compat").math
local retry = require "appintegrations.call.retry"
local seconds_text = require("appintegrations.base.text").seconds
local xml = require "appintegrations.credentials.sts_xml"

local M = {}

-- libcrypto comes with it: not before it is needed.
local signing = require("appintegrations.base.compat").lazy "appintegrations.signing"

local API_VERSION = "2011-06-15"

--- PARAMETERS as the body of a form; in the order of their names, so that equal
-- parameters make equal bodies.
local function form(parameters)
  local names, fields = {}, {}
  for name in pairs(parameters) do
    names[#names + 1] = name
  end
  table.sort(names)
  for i, name in ipairs(names) do
    fields[i] = name .. "=" .. signing.uri_encode(parameters[name])
  end
  return table.concat(fields, "&")
end

--- Entry NAME of XML content, if it is of TYPE.
local function entry(content, name, expected)
  local value = type(content) == "table" and content[name]
  return type(value) == expected and value or nil
end

--- What an answer of 400 or more says is wrong.
local function service_error(response)
  local root, content = xml.parse(response.body)
  local detail = root == "ErrorResponse" and entry(content, "Error", "table")
  local code = entry(detail, "Code", "string")
  local message = entry(detail, "Message", "string")
  local err = errors.new {
    kind = "service", code = code and code ~= "" and code or tostring(response.status),
    message = message and message ~= "" and message or "no message",
    status = response.status,
    request_id = entry(content, "RequestId", "string") or response.headers["x-amzn-requestid"],
  }
  retry.classify(err)
  -- STS could not ask the identity provider.
  err.retryable = err.retryable or err.code == "IDPCommunicationError"
  return nil, err
end

--- The credentials in the answer to ACTION.
local function read(action, response)
  if response.status ~= 200 then
    return service_error(response)
  end
  local root, content = xml.parse(response.body)
  if root ~= action .. "Response" then
    return exchange.invalid(response, ("HTTP 200 with %d bytes that are no %sResponse"):format(
      #response.body, action))
  end
  local result = entry(content, action .. "Result", "table")
  local given = entry(result, "Credentials", "table") or {}
  local user = entry(result, "AssumedRoleUser", "table")
  local arn = entry(user, "Arn", "string")
  local expiration = exchange.time(given.Expiration)
  if not expiration then
    return exchange.invalid(response, "the Expiration is missing or no time")
  end
  if given.SessionToken == nil then
    return exchange.invalid(response, "the SessionToken is missing")
  end
  return exchange.checked_of(response, {
    access_key_id = given.AccessKeyId, secret_access_key = given.SecretAccessKey,
    session_token = given.SessionToken, expiration = expiration,
    account_id = arn and arn:match "^arn:[^:]+:[^:]*:[^:]*:(%d+):",
  })
end

---@class appintegrations.StsCall
---@field provider string       who asks, for errors
---@field action string         "AssumeRole" or "AssumeRoleWithWebIdentity"
---@field parameters table<string, string>
---@field credentials? table    who signs; nil: nobody
---@field secrets? string[]     among the parameters
---@field advice? string        what to do when STS refuses

-- With these STS refuses the signature, not the role.
local REFUSED_SIGNATURES = {
  SignatureDoesNotMatch = true, IncompleteSignature = true, InvalidSignatureException = true,
  InvalidClientTokenId = true, RequestExpired = true, ExpiredToken = true,
}

--- What to do about ERR, with which STS has answered CALL, or nil.
local function advice_of(context, call, err)
  if err.kind ~= "service" or err.retryable then
    return nil
  elseif not (call.credentials and REFUSED_SIGNATURES[err.code]) then
    return call.advice
  end
  local offset = context.skew():uncorrected()
  if offset then
    return ("the clock of this machine is off by %s s, and its correction is switched off")
      :format(seconds_text(math.abs(offset)))
  end
  return "check the access key that assumes the role"
end

--- Makes CALL.
---@param context table
---@param call appintegrations.StsCall
---@param deadline? number
---@return table? credentials
---@return appintegrations.Error? err
---@nodiscard
function M.call(context, call, deadline)
  local endpoint, err = endpoints.resolve(context, "sts", context.setting "region")
  if not endpoint then
    return nil, err
  end
  local address = address_of.at(endpoint, "/")
  local parameters = { Action = call.action, Version = API_VERSION }
  for name, value in pairs(call.parameters) do
    parameters[name] = value
  end
  local credentials
  credentials, err = exchange.call_service(context, {
    address = address, method = "POST", body = form(parameters),
    headers = { ["content-type"] = "application/x-www-form-urlencoded; charset=utf-8" },
    sign = call.credentials and function(request, time)
      signing.sign_request(request, call.credentials, endpoint.signing_region, "sts", time)
    end,
    secrets = call.secrets,
    read = function(response)
      return read(call.action, response)
    end,
  }, deadline)
  if not credentials then
    return nil, exchange.failure(call.provider, address, err, {
      advice = advice_of(context, call, err), secrets = call.secrets,
    })
  end
  return credentials
end

return M
