-- SPDX-License-Identifier: MIT
--- Serves a service object over HTTP: takes requests from the server, answers them, carries out
-- faults. Answers that a fault delays wait here, others overtake them.
-- @module appintegrations.emulator.server

local core = require "appintegrations.core"

local M = {}

local Loop = {}
Loop.__index = Loop

local IDLE = 3600 -- seconds; the longest wait, when nothing is due

--- RESPONSE as its fault wants it on the wire, written by hand.
local function bytes_of(response, fault)
  local version = fault.http_1_0 and "1.0" or "1.1"
  local lines = { ("HTTP/%s %d Fault"):format(version, response.status) }
  for name, value in pairs(response.headers) do
    lines[#lines + 1] = name .. ": " .. value
  end
  if not fault.http_1_0 then -- which ends with the connection
    lines[#lines + 1] = "content-length: " .. #response.body
  end
  return table.concat(lines, "\r\n") .. "\r\n\r\n"
    .. response.body:sub(1, math.min(fault.after or math.huge, #response.body))
    .. (fault.excess or "")
end

local function later(self, due, run)
  table.insert(self.delayed, { due = due, run = run })
end

--- Writes TEXT in the pieces that FAULT wants, then ends the connection.
local function write_pieces(self, id, text, fault)
  local size = fault.drip_bytes or #text
  local written = self.server:write(id, text:sub(1, size))
  if not written or #text <= size then
    self.server:drop(id, fault.disconnect == "reset")
    return
  end
  later(self, core.monotonic() + fault.drip_seconds, function()
    write_pieces(self, id, text:sub(size + 1), fault)
  end)
end

local CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n"

--- Sends RESPONSE, or what its fault makes of it.
local function deliver(self, id, response)
  local fault = response.fault or {}
  if fault.continue then
    self.server:write(id, CONTINUE)
  end
  if fault.disconnect and not fault.after then
    self.server:drop(id, fault.disconnect == "reset")
  elseif fault.disconnect or fault.excess or fault.drip_bytes or fault.http_1_0 then
    write_pieces(self, id, bytes_of(response, fault), fault)
  else
    self.server:respond(id, response.status, response.headers, response.body)
  end
end

--- Does what is due; returns the seconds until there is more to do.
local function deliver_due(self)
  local now, waiting, due = core.monotonic(), {}, {}
  for _, entry in ipairs(self.delayed) do
    table.insert(entry.due <= now and due or waiting, entry)
  end
  if #due > 0 then
    self.delayed = waiting
    for _, entry in ipairs(due) do
      entry.run() -- may add to those that wait
    end
  end
  local nearest = IDLE
  for _, entry in ipairs(self.delayed) do
    nearest = math.min(nearest, math.max(0, entry.due - now))
  end
  return nearest
end

--- Sends RESPONSE, whatever it is made of: what cannot be delivered is told on stderr, and the
-- caller gets an error instead.
local function deliver_safely(self, id, response)
  local done, problem = xpcall(function()
    deliver(self, id, response)
  end, debug.traceback)
  if done then
    return
  end
  self.on_error(problem)
  self.server:respond(id, 500, { ["content-type"] = "application/json",
    ["x-amzn-errortype"] = "InternalServiceError",
    ["x-amzn-requestid"] = response.headers["x-amzn-requestid"] }, "{}")
end

local function serve(self, request)
  local started = core.monotonic()
  local response = self.service:handle(request)
  local latency = response.fault and response.fault.latency
  if latency then
    later(self, started + latency, function()
      deliver_safely(self, request.id, response)
    end)
  else
    deliver_safely(self, request.id, response)
  end
  self.on_request(request, response, core.monotonic() - started)
end

--- Waits for one request, at most for SECONDS, and answers it; also does what is due.
---@param seconds? number
---@return string? reason  why it is over: "SIGINT", "SIGTERM", "SIGHUP", "input closed", "failed"
function Loop:step(seconds)
  local wait = math.min(seconds or IDLE, deliver_due(self))
  local request, reason = self.server:poll(wait)
  if request then
    serve(self, request)
  end
  return reason
end

--- A loop that serves SERVICE through SERVER.
---@param service table  of appintegrations.emulator
---@param server table   of appintegrations.httpd
---@param hooks table    on_request(request, response, seconds), on_error(text)
---@return table loop
function M.new(service, server, hooks)
  service.on_error = hooks.on_error or service.on_error
  return setmetatable({ service = service, server = server, delayed = {},
    on_request = hooks.on_request,
    on_error = service.on_error }, Loop)
end

--- Serves until the server says that it is over; returns the reason.
---@return string reason
function M.run(service, server, hooks)
  local loop = M.new(service, server, hooks)
  local reason
  repeat
    reason = loop:step()
  until reason
  return reason
end

return M
