-- SPDX-License-Identifier: MIT
--- From a response to the output table or the error object (rest-json).
-- @module appintegrations.call.response

local core = require "appintegrations.core"
local errors = require "appintegrations.base.errors"
local get = require("appintegrations.call.headers").get
local metatables = require "appintegrations.base.metatables"
local retry = require("appintegrations.base.compat").lazy "appintegrations.call.retry"
local trim = require("appintegrations.base.text").trim

local M = {}

-- Longer codes and ids are none: what a server sends is cut before anything is done with it.
local LONGEST_NAME = 256

local function request_id(response)
  local id = get(response, "x-amzn-requestid") or get(response, "x-amz-request-id")
    or get(response, "x-amzn-request-id")
  return id and #id > LONGEST_NAME and id:sub(1, LONGEST_NAME) or id
end

--- "ns#ThrottlingException:http://…" → "ThrottlingException"; so does a header that came twice.
local function short_code(text)
  if type(text) ~= "string" then
    return nil
  end
  local code = trim(text:sub(1, LONGEST_NAME):match("^[^:,]*"):gsub("^.*#", ""))
  return code ~= "" and code or nil
end

local function text_of(value)
  return type(value) == "string" and value ~= "" and value or nil
end

--- What to say of RESPONSE where it does not say anything itself. Of where it redirects to only the
-- host is told: the rest may hold secrets.
local function status_text(response)
  local text = ("HTTP status %d without a message"):format(response.status)
  local place = response.status >= 300 and response.status < 400 and get(response, "location")
  place = place and place:sub(1, LONGEST_NAME):match "^[A-Za-z]+://[A-Za-z0-9._:%[%]-]+%f[/?#%z]"
  return place and text .. (" (a redirection to %s, which is not followed)"):format(place) or text
end

--- The service's error in RESPONSE: the code from the header, else from the
-- body, else the HTTP status.
---@return appintegrations.Error
local function service_error(response)
  local body = core.decode(nil, response.body) or {}
  local code = short_code(get(response, "x-amzn-errortype"))
    or short_code(body.code) or short_code(body.Code) or short_code(body.__type)
  return errors.new {
    kind = "service",
    code = code or tostring(response.status),
    message = text_of(body.message) or text_of(body.Message) or status_text(response),
    status = response.status,
    request_id = request_id(response),
  }
end

local function invalid_response(response, message)
  return errors.new {
    kind = "response", code = "InvalidResponse", message = message,
    status = response.status, request_id = request_id(response),
  }
end

-- The metatables of the outputs' tables, asked for with the first.
local by_number

--- What a successful RESPONSE of OPERATION says.
local function read_output(operation, response)
  local body = response.body
  if body == "" then
    body = "{}"
  end
  by_number = by_number or metatables.by_number()
  local output, problem, position = core.decode(operation, body, by_number)
  if not output then
    return nil, invalid_response(response, ("the body of %d bytes (content-type %s) is no JSON "
      .. "object: %s at byte %d"):format(#body,
      (get(response, "content-type") or "absent"):sub(1, LONGEST_NAME), problem, position))
  end
  return output
end

--- Reads the RESPONSE to OPERATION.
---@param operation string  a method name
---@param response { status: integer, body: string, headers?: table, header_lines?: string }
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
