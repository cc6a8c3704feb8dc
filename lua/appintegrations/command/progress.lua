-- SPDX-License-Identifier: MIT
--- A line on standard error that tells how far something has come, where that is a terminal that
-- can take it away: it does before anything else is printed.
-- @module appintegrations.command.progress

local M = {}

local Line = {}
Line.__index = Line

--- Shows LAYOUT with what follows, in the place of what the line said before.
---@param layout string
function Line:show(layout, ...)
  if self.stream then
    self.stream:write("\r\27[K", layout:format(...))
    self.stream:flush()
    self.shown = true
  end
end

--- Takes the line away.
function Line:clear()
  if self.shown then
    self.stream:write("\r\27[K")
    self.stream:flush()
    self.shown = false
  end
end

---@param host table
---@return table line
function M.new(host)
  local stream = host.is_terminal.err and not host.is_dumb and host.err or nil
  return setmetatable({ stream = stream, shown = false }, Line)
end

return M
