-- SPDX-License-Identifier: MIT
--- Serves a service object over HTTP: takes requests from the server, answers them, carries out
-- faults, keeps the state file fresh. Answers that a fault delays wait here, others overtake
-- them.
-- @module appintegrations.emulator.server

local core = require "appintegrations.core"

local M = {}

local Loop = {}
Loop.__index = Loop

local IDLE = 3600 -- seconds; the longest wait, when nothing is due

--- Saving may take this share of the time at most: after a save that took t, none for t / share.
-- Small states are thus saved with every change, before it is answered.
local SAVING_SHARE = 0.2

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

--- Saves a changed state if it is time; returns the seconds until it is time.
local function save_due(self)
  local service = self.service
  if not service.state or service.store.revision == service.saved_revision then
    return IDLE
  end
  local started = core.monotonic()
  if started < self.next_save then
    return self.next_save - started
  end
  local saved, message = service:save()
  local ended = core.monotonic()
  self.next_save = ended + (ended - started) / SAVING_SHARE
  if not saved then
    self.on_error("the state cannot be saved: " .. tostring(message))
    self.next_save = ended + 1
    return 1
  end
  return IDLE
end

--- A bug in the emulator must not end it: the caller gets an error, the operator the traceback.
local function handle_safely(self, request)
  local done, response = xpcall(function()
    return self.service:handle(request)
  end, debug.traceback)
  if done then
    return response
  end
  self.on_error(response)
  return { status = 500, headers = { ["content-type"] = "application/json",
    ["x-amzn-errortype"] = "InternalFailure" }, body = "{}", code = "InternalFailure" }
end

local function serve(self, request)
  local started = core.monotonic()
  local response = handle_safely(self, request)
  save_due(self)
  local latency = response.fault and response.fault.latency
  if latency then
    later(self, started + latency, function()
      deliver(self, request.id, response)
    end)
  else
    deliver(self, request.id, response)
  end
  self.on_request(request, response, core.monotonic() - started)
end

--- Waits for one request, at most for SECONDS, and answers it; also does what is due.
---@param seconds? number
---@return string? reason  why it is over: "SIGINT", "SIGTERM", "SIGHUP", "input closed", "failed"
function Loop:step(seconds)
  local wait = math.min(seconds or IDLE, deliver_due(self), save_due(self))
  local request, reason = self.server:poll(wait)
  if request then
    serve(self, request)
  end
  return reason
end

--- A loop that serves SERVICE through SERVER. The loop saves the state from now on.
---@param service table  of appintegrations.emulator
---@param server table   of appintegrations.httpd
---@param hooks table    on_request(request, response, seconds), on_error(text)
---@return table loop
function M.new(service, server, hooks)
  service.autosave = false
  return setmetatable({ service = service, server = server, delayed = {}, next_save = 0,
    on_request = hooks.on_request, on_error = hooks.on_error }, Loop)
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
