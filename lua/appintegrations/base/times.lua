-- SPDX-License-Identifier: MIT
--- Times as text, in ISO 8601's extended form and UTC.
-- @module appintegrations.base.times

local core = require "appintegrations.core"

local M = {}

--- The first second that no year of four digits has, in epoch seconds.
M.END = 253402300800

--- "2026-11-22T10:20:30Z", fractions cut off; nil for what is not from 1970 to the year 9999.
---@param seconds number  epoch seconds
---@return string?
---@nodiscard
function M.text(seconds)
  if seconds >= 0 and seconds < M.END then
    return (core.format_time(seconds):gsub("^(....)(..)(..T..)(..)(..Z)$", "%1-%2-%3:%4:%5"))
  end
end

return M
