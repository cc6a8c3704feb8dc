-- SPDX-License-Identifier: MIT
--- How far this machine's clock is from the service's, learned from the Date of
-- its answers: signatures are valid for 15 minutes only. The SDKs' rules; the
-- offset belongs to one client.
-- @module appintegrations.call.clock_skew

local core = require "appintegrations.core"
local get_headers = require("appintegrations.call.headers").get
local math = require("appintegrations.base.compat").math

local M = {}

-- Seconds: a smaller offset is left alone, and an answer that took longer says
-- nothing.
local TOLERANCE = 4 * 60
local LONGEST_EXCHANGE = 15 * 60
-- No clock is off by more and still in use; a Date that says so is itself wrong, and believing it
-- would spoil every signature from then on.
local LARGEST_OFFSET = 2 * 24 * 3600

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

--- Learns from the headers of RESPONSE. With Age it came from a cache, and its
-- Date is old.
---@param response table
---@param sent number      epoch seconds by our clock
---@param received number
function Skew:learn(response, sent, received)
  local text, age = get_headers(response, "date", "age")
  if not text or age or received - sent > LONGEST_EXCHANGE then
    return
  end
  if text ~= self.text then -- most answers of one second have the same
    self.text, self.date = text, core.parse_time(text)
  end
  local offset = self.date and self.date - received
  if not offset or math.abs(offset) > LARGEST_OFFSET then
    return
  end
  self.offset = offset
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

--- Seconds by which this machine's clock is off and that no signature is corrected by, as far as
-- known; nil where it is right or corrected.
---@return number?
function Skew:uncorrected()
  local offset = self.offset
  return offset and math.abs(offset - self.correction) >= TOLERANCE and offset or nil
end

--- Whether what is known now differs from the correction USED enough to matter.
---@param used number
---@return boolean
function Skew:differs(used)
  return math.abs(self.correction - used) >= TOLERANCE
end

--- Whether the answer ERR to a request signed with correction USED would be
-- another one with what is known now.
---@param err appintegrations.Error
---@param used number
---@return boolean
function Skew:explains(err, used)
  return err.kind == "service" and REFUSALS[err.code] ~= nil and self:differs(used)
end

return M
