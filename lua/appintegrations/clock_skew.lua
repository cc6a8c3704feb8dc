-- SPDX-License-Identifier: MIT
--- How far this machine's clock is from the service's, learned from the Date of
-- its answers: signatures are valid for 15 minutes only. The SDKs' rules; the
-- offset belongs to one client.
-- @module appintegrations.clock_skew

local core = require "appintegrations.core"
local math = require("appintegrations.compat").math

local M = {}

-- Seconds: a smaller offset is left alone, and an answer that took longer says
-- nothing.
local TOLERANCE = 4 * 60
local LONGEST_EXCHANGE = 15 * 60

---@class appintegrations.ClockSkew
---@field offset? number     service's clock minus ours, once known
---@field correction number  what to add to our time when signing
local Skew = {}
Skew.__index = Skew

--- Nothing known yet. Not ENABLED: never corrects.
---@param enabled boolean
---@return appintegrations.ClockSkew
---@nodiscard
function M.new(enabled)
  return setmetatable({ enabled = enabled, correction = 0 }, Skew)
end

--- Learns from the HEADERS of an answer. With Age it came from a cache, and its
-- Date is old.
---@param headers table<string, string>
---@param sent number      epoch seconds by our clock
---@param received number
function Skew:learn(headers, sent, received)
  local text = headers.date
  if not text or headers.age or received - sent > LONGEST_EXCHANGE then
    return
  end
  if text ~= self.text then -- most answers of one second have the same
    self.text, self.date = text, core.parse_time(text)
  end
  if not self.date then
    return
  end
  self.offset = self.date - received
  if self.enabled then
    self.correction = math.abs(self.offset) >= TOLERANCE and self.offset or 0
  end
end

-- With these a service refuses a signature whose time is off (and others).
local REFUSALS = {
  AccessDeniedException = true, AuthFailure = true, InvalidSignatureException = true,
  RequestExpired = true, RequestInTheFuture = true, RequestTimeTooSkewed = true,
  SignatureDoesNotMatch = true,
}

--- Whether the answer ERR to a request signed with correction USED would be
-- another one with what is known now.
---@param err appintegrations.Error
---@param used number
---@return boolean
function Skew:explains(err, used)
  return err.kind == "service" and REFUSALS[err.code] ~= nil
    and math.abs(self.correction - used) >= TOLERANCE
end

return M
