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

--- The status line and headers of RESPONSE, written by hand for answers that will be cut.
local function head_of(response)
  local lines = { ("HTTP/1.1 %d Fault"):format(response.status) }
  for name, value in pairs(response.headers) do
    lines[#lines + 1] = name .. ": " .. value
  end
  lines[#lines + 1] = "content-length: " .. #response.body
  return table.concat(lines, "\r\n") .. "\r\n\r\n"
end

--- Sends RESPONSE, or what its fault leaves of it.
local function deliver(self, id, response)
  local fault = response.fault or {}
  if not fault.disconnect then
    self.server:respond(id, response.status, response.headers, response.body)
    return
  end
  if fault.after then
    self.server:write(id, head_of(response) .. response.body:sub(1, fault.after))
  end
  self.server:drop(id, fault.disconnect == "reset")
end

--- Delivers what is due; returns the seconds until the next answer is.
local function deliver_due(self)
  local now, nearest = core.monotonic(), IDLE
  for i = #self.delayed, 1, -1 do
    local entry = self.delayed[i]
    if entry.due <= now then
      table.remove(self.delayed, i)
      deliver(self, entry.id, entry.response)
    else
      nearest = math.min(nearest, entry.due - now)
    end
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
    table.insert(self.delayed, { due = started + latency, id = request.id, response = response })
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
