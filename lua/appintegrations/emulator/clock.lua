-- SPDX-License-Identifier: MIT
--- The service's clock: another clock, moved by some seconds, or stopped.
-- @module appintegrations.emulator.clock

local names = require "appintegrations.base.names"

local M = {}

local Clock = {}
Clock.__index = Clock

--- The times that four digits of a year can tell, and how far a clock may be moved.
M.FIRST, M.LAST, M.FARTHEST = 0, 253402300799, 1e9

--- Epoch seconds.
---@return number
function Clock:now()
  return math.min(math.max(self.fixed or self.base() + self.offset, M.FIRST), M.LAST)
end

--- How it is: `now`, and `fixed` or `offset`.
---@return table
function Clock:describe()
  return { now = self:now(), fixed = self.fixed, offset = not self.fixed and self.offset or nil }
end

local CHANGES = {}

--- Stops at a time.
function CHANGES.fixed(self, time)
  self.fixed = time
end

--- Runs so many seconds ahead of the machine's clock.
function CHANGES.offset(self, seconds)
  self.fixed, self.offset = nil, seconds
end

--- Moves on, running or stopped.
function CHANGES.advance(self, seconds)
  if self.fixed then
    self.fixed = self.fixed + seconds
  else
    self.offset = self.offset + seconds
  end
end

--- Runs on from where it is.
function CHANGES.running(self)
  self.offset, self.fixed = self:now() - self.base(), nil
end

local LIMITS = { fixed = { M.FIRST, M.LAST }, offset = { -M.FARTHEST, M.FARTHEST },
  advance = { -M.FARTHEST, M.FARTHEST } }

--- What is wrong with the change NAME = VALUE, or nil.
local function wrong_change(name, value)
  local limits = LIMITS[name]
  if not CHANGES[name] then
    return ("a clock has no %s%s"):format(tostring(name), names.short_hint(name, CHANGES))
  elseif not limits then
    return value ~= true and name .. " of a clock must be true" or nil
  elseif type(value) ~= "number" or not (value >= limits[1] and value <= limits[2]) then
    return ("%s of a clock must be a number from %d to %d"):format(name, limits[1], limits[2])
  end
  return nil
end

--- Changes the clock: one of `fixed` (epoch seconds), `offset`, `advance` (seconds) and
-- `running` (true).
---@param change table
---@return boolean? done
---@return string? message
function Clock:set(change)
  local name, value = next(change)
  if name == nil or next(change, name) ~= nil then
    return nil, "a clock is set with one of fixed, offset, advance, running"
  end
  local wrong = wrong_change(name, value)
  if wrong then
    return nil, wrong
  end
  CHANGES[name](self, value)
  return true
end

---@param base fun(): number  the clock that it follows
---@return table
function M.new(base)
  return setmetatable({ base = base, offset = 0 }, Clock)
end

return M
