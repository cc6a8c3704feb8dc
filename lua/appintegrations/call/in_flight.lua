-- SPDX-License-Identifier: MIT
--- The calls of a client that are in flight.
--
-- A table whose keys are new at each insertion is rehashed nearly every time once it is full. So
-- each call gets a place, which is a key, and places are used again.
-- @module appintegrations.call.in_flight

local M = {}

---@class appintegrations.InFlight
---@field calls table<table, table|false>  by place; what an error has cut off goes with its call
---@field spare table[]                    places that no call has
local InFlight = {}
InFlight.__index = InFlight

---@return appintegrations.InFlight
---@nodiscard
function M.new()
  return setmetatable({ calls = setmetatable({}, { __mode = "kv" }), spare = {} }, InFlight)
end

--- Adds CALL, which keeps its place itself.
---@param call table
function InFlight:enter(call)
  local spare = self.spare
  local count = #spare
  local place = spare[count] or {}
  spare[count] = nil
  call.place = place
  self.calls[place] = call
end

--- Adds what is no call, but ends like one where the calls are cancelled: then it is `cancelled`.
---@param request? table  that it sends; nobody sends anything without one
---@return table stand_in  to be taken out as a call is
function InFlight:enter_stand_in(request)
  local stand_in = { request = request or {} }
  self:enter(stand_in)
  return stand_in
end

--- Takes CALL out again.
---@param call table
function InFlight:leave(call)
  local spare = self.spare
  self.calls[call.place] = false
  spare[#spare + 1] = call.place
end

--- All of them, as they are now.
---@return table[] calls
---@nodiscard
function InFlight:all()
  local list = {}
  for _, call in pairs(self.calls) do
    list[#list + 1] = call or nil
  end
  return list
end

return M
