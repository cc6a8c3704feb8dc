-- SPDX-License-Identifier: MIT
--- From a response to the output table or the error object (rest-json).
-- @module appintegrations.response

local core = require "appintegrations.core"
local errors = require "appintegrations.errors"
local json = require "appintegrations.json"
local retry = require "appintegrations.retry"

local M = {}

local function request_id(headers)
  return headers["x-amzn-requestid"] or headers["x-amz-request-id"]
    or headers["x-amzn-request-id"]
end

--- "ns#ThrottlingException:http://…" → "ThrottlingException".
local function short_code(text)
  if type(text) ~= "string" then
    return nil
  end
  local code = text:match("^[^:]*"):match("[^#]*$"):match("^%s*(.-)%s*$")
  return code ~= "" and code or nil
end

local function text_of(value)
  return type(value) == "string" and value ~= "" and value or nil
end

--- The service's error in RESPONSE: the code from the header, else from the
-- body, else the HTTP status.
---@return appintegrations.Error
local function service_error(response)
  local body = json.decode_object(response.body) or {}
  local code = short_code(response.headers["x-amzn-errortype"])
    or short_code(body.code) or short_code(body.Code) or short_code(body.__type)
  return errors.new {
    kind = "service",
    code = code or tostring(response.status),
    message = text_of(body.message) or text_of(body.Message)
      or ("HTTP status %d without a message"):format(response.status),
    status = response.status,
    request_id = request_id(response.headers),
  }
end

local function invalid_response(response, message)
  return errors.new {
    kind = "response", code = "InvalidResponse", message = message,
    status = response.status, request_id = request_id(response.headers),
  }
end

--- What a successful RESPONSE of OPERATION says.
local function read_output(operation, response)
  local body = response.body
  if body == "" then
    return {}
  end
  local output = json.decode_object(body)
  if not output then
    return nil, invalid_response(response, ("the body of %d bytes (content-type %s) is no JSON "
      .. "object"):format(#body, response.headers["content-type"] or "absent"))
  end
  return core.reshape(operation, output, body:find("null", 1, true) ~= nil)
end

--- Reads the RESPONSE to OPERATION.
---@param operation string  a method name
---@param response { status: integer, headers: table<string, string>, body: string }
---@return table? output
---@return appintegrations.Error? err
---@nodiscard
function M.read(operation, response)
  local output, err
  if response.status >= 200 and response.status < 300 then
    output, err = read_output(operation, response)
  else
    err = service_error(response)
  end
  if err then
    retry.classify(err)
    return nil, err
  end
  return output
end

M.request_id = request_id
M.service_error = service_error

return M
