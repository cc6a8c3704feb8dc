-- SPDX-License-Identifier: MIT
--- A transport that carries a client's requests to a service in the same process: the same bytes
-- as over a socket, no socket. Faults become the errors that a socket would show. Where the
-- service has no `sleep`, nothing waits: a latency that exceeds the attempt's timeout is a timeout
-- at once, a shorter one is none.
-- @module appintegrations.emulator.transport

local errors = require "appintegrations.base.errors"
local seconds_text = require("appintegrations.base.text").seconds

local M = {}

local Transport = {}
Transport.__index = Transport

local function lost(message)
  return errors.new { kind = "transport", code = "ConnectionError", message = message,
    retryable = true }
end

--- A request as a server receives it.
local function received(request)
  local headers = {}
  for name, value in pairs(request.headers) do
    headers[#headers + 1] = { name, value }
  end
  return { method = request.method, target = request.url:match("^[A-Za-z]+://[^/?]*(.*)$"),
    headers = headers, body = request.body or "" }
end

--- The seconds that an answer takes under FAULT, about.
local function duration(response, fault)
  local dripping = fault.drip_bytes and #response.body / fault.drip_bytes * fault.drip_seconds or 0
  return (fault.latency or 0) + dripping
end

--- The error that the fault on RESPONSE, which takes so many SECONDS, causes, or nil.
local function failure(response, request, seconds)
  local fault = response.fault or {}
  local after = fault.after or (fault.disconnect and -1) or math.huge
  if request.timeout and seconds >= request.timeout then
    return errors.new { kind = "timeout", code = "AttemptTimeout", retryable = true,
      message = ("no answer within %s s"):format(seconds_text(request.timeout)) }
  elseif after < #response.body then
    return lost(fault.disconnect == "reset" and "the connection was reset by the peer"
      or "the connection was closed before the answer was complete")
  elseif request.max_response_bytes and #response.body > request.max_response_bytes then
    return errors.new { kind = "response", code = "ResponseTooLarge",
      message = ("the answer exceeds %d bytes"):format(request.max_response_bytes) }
  end
  return nil
end

--- Sends one request: the interface of every transport.
---@param request table  method, url, headers (by lower-case name), body, timeout, …
---@return table? response
---@return appintegrations.Error? err
function Transport:send(request)
  local answer = self.service:handle(received(request))
  local seconds = duration(answer, answer.fault or {})
  if self.service.sleep and seconds > 0 then
    self.service.sleep(math.min(seconds, request.timeout or seconds))
  end
  local err = failure(answer, request, seconds)
  if err then
    return nil, err
  end
  return {
    status = answer.status, headers = answer.headers, body = answer.body,
    timings = { name_lookup = 0, connect = 0, tls = 0, first_byte = 0, total = 0 },
  }
end

---@param service table
---@return table transport
function M.new(service)
  return setmetatable({ service = service }, Transport)
end

return M
