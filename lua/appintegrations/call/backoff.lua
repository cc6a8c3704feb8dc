-- SPDX-License-Identifier: MIT
--- How long to wait before the next attempt. Pure policy: no state, no clock of its own.
-- @module appintegrations.call.backoff

local core = require "appintegrations.core"
local math = require("appintegrations.base.compat").math

local M = {}

-- Seconds.
local BASE, THROTTLING_BASE = 0.05, 1
local LONGEST_BACKOFF = 20
local SERVER_MAY_ADD = 5

--- The seconds that the service asks for, or nil where it says nothing readable.
local function asked_for(headers, now)
  local milliseconds = headers["x-amz-retry-after"]
  if milliseconds and milliseconds:find("^%d+$") then
    return tonumber(milliseconds) / 1000
  end
  local text = headers["retry-after"]
  if not text then
    return nil
  end
  if text:find("^%d+$") then
    return tonumber(text)
  end
  local date = core.parse_time(text)
  return date and date - now
end

--- How long to wait before the next attempt: exponential backoff with full
-- jitter; the service may ask for up to 5 s more than that, never for less. Not at
-- all after a kept connection that was dead.
---@param failures integer      attempts that have failed so far, 1 or more
---@param err appintegrations.Error  classified
---@param headers? table<string, string>  of the answer, where there was one
---@param random fun(): number  a number in [0, 1)
---@param now number            epoch seconds, for a Retry-After that is a date
---@return number seconds
function M.delay(failures, err, headers, random, now)
  if err.stale then
    return 0 -- says nothing about the service; the next attempt is over a new connection
  end
  local base = err.throttling and THROTTLING_BASE or BASE
  local delay = random() * math.min(base * 2 ^ (failures - 1), LONGEST_BACKOFF)
  local asked = headers and asked_for(headers, now)
  if asked then
    return math.max(delay, math.min(asked, delay + SERVER_MAY_ADD))
  end
  return delay
end

return M
