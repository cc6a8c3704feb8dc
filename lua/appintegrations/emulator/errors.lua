-- SPDX-License-Identifier: MIT
--- What the service refuses and how it says so: a problem is `{ code, status, message }`, and
-- becomes an answer in the form of the real front end: the code in x-amzn-errortype behind
-- which an address follows, the message in the body.
-- @module appintegrations.emulator.errors

local json = require "appintegrations.emulator.json"

local M = {}

---@class appintegrations.emulator.Problem
---@field code string
---@field status integer
---@field message string

--- The modelled errors, then those of the front end that every AWS service has
-- (https://docs.aws.amazon.com/appintegrations/latest/APIReference/CommonErrors.html).
local STATUS = {
  AccessDeniedException = 403,
  ConflictException = 409,
  DuplicateResourceException = 409,
  InternalServiceError = 500,
  InvalidRequestException = 400,
  ResourceNotFoundException = 404,
  ResourceQuotaExceededException = 429,
  ThrottlingException = 429,
  UnsupportedOperationException = 400,

  ExpiredTokenException = 403,
  IncompleteSignatureException = 403,
  InvalidSignatureException = 403,
  MissingAuthenticationTokenException = 403,
  SerializationException = 400,
  ServiceUnavailableException = 503,
  UnknownOperationException = 404,
  UnrecognizedClientException = 403,
}

local DEFAULT_MESSAGES = {
  AccessDeniedException = "You do not have sufficient access to perform this action.",
  ConflictException = "The application is being changed by another request.",
  DuplicateResourceException = "A resource with this name exists.",
  InternalServiceError = "Request processing failed due to an error or failure with the service.",
  InvalidRequestException = "The request is not valid.",
  ResourceNotFoundException = "The resource does not exist.",
  ResourceQuotaExceededException = "The quota is exceeded.",
  ServiceUnavailableException = "The service is unavailable.",
  ThrottlingException = "Rate exceeded",
}

--- What real answers have behind the code; a client must cut it off.
local TYPE_SUFFIX = ":http://internal.amazon.com/coral/com.amazonaws.appintegrations/"

--- The HTTP status by code.
M.STATUS = STATUS

--- The HTTP status of CODE; nil for a code that the service does not have.
---@param code string
---@return integer?
function M.status(code)
  return STATUS[code]
end

--- A problem; MESSAGE is a format when arguments follow.
---@param code string
---@param message? string
---@return appintegrations.emulator.Problem
function M.new(code, message, ...)
  if select("#", ...) > 0 then
    message = message:format(...)
  end
  return { code = code, status = STATUS[code] or 400,
    message = message or DEFAULT_MESSAGES[code] or "The request failed." }
end

---@return appintegrations.emulator.Problem
function M.invalid(message, ...)
  return M.new("InvalidRequestException", message, ...)
end

---@return appintegrations.emulator.Problem
function M.not_found(message, ...)
  return M.new("ResourceNotFoundException", message, ...)
end

--- The answer that tells PROBLEM.
---@param problem appintegrations.emulator.Problem
---@return table response  status, headers, body
function M.response(problem)
  return {
    status = problem.status,
    headers = {
      ["content-type"] = "application/json",
      ["x-amzn-errortype"] = problem.code .. TYPE_SUFFIX,
    },
    body = json.encode { Message = problem.message },
    code = problem.code,
  }
end

return M
