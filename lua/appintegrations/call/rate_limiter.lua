-- SPDX-License-Identifier: MIT
--- The client-side rate limiter of the "adaptive" retry mode: off until the
-- service throttles for the first time; from then on requests are sent at a rate
-- that is cut at each throttling and grows back along a cubic curve, as CUBIC does
-- with TCP's window. The SDKs' constants. One limiter for each client.
-- @module appintegrations.call.rate_limiter

local math = require("appintegrations.base.compat").math

local M = {}

local BETA = 0.7                -- of the rate is left after a throttling
local SCALE = 0.4               -- how fast the curve grows
local MIN_RATE = 0.5            -- requests a second
local MAX_OVER_MEASURED = 2     -- the rate allowed, over the rate measured
local BUCKET_SECONDS = 0.5      -- over which the rate is measured
local SMOOTHING = 0.8           -- weight of the newest measurement
local ROUNDING = 1e-9           -- of a token, lost in adding up fractions
local SHORTEST_WAIT = 0.001     -- seconds: less may not move a clock of epoch seconds on

---@class appintegrations.RateLimiter
---@field enabled boolean
---@field rate number        requests a second that are let through
---@field measured number    requests a second that there have been
local Limiter = {}
Limiter.__index = Limiter

--- A limiter that reads the time from CLOCK.
---@param clock fun(): number  seconds
---@return appintegrations.RateLimiter
---@nodiscard
function M.new(clock)
  local now = clock()
  return setmetatable({
    clock = clock,
    enabled = false,
    tokens = 0, capacity = 1, rate = 1, filled_at = now,
    measured = 0, count = 0, bucket = math.floor(now),
    peak = 0, failed_at = now, -- of the curve: its plateau, and where it began
  }, Limiter)
end

local function fill(self, now)
  local elapsed = math.max(0, now - self.filled_at)
  self.tokens = math.min(self.capacity, self.tokens + elapsed * self.rate)
  self.filled_at = now
end

--- Takes the token for one request.
---@return number wait  0: send; else seconds after which to ask again
function Limiter:take()
  if not self.enabled then
    return 0
  end
  fill(self, self.clock())
  if self.tokens >= 1 - ROUNDING then
    self.tokens = self.tokens - 1
    return 0
  end
  return math.max((1 - self.tokens) / self.rate, SHORTEST_WAIT)
end

--- Counts a request that has ended, and measures the rate.
local function measure(self, now)
  self.count = self.count + 1
  local bucket = math.floor(now / BUCKET_SECONDS) * BUCKET_SECONDS
  if bucket > self.bucket then
    local current = self.count / (bucket - self.bucket)
    self.measured = current * SMOOTHING + self.measured * (1 - SMOOTHING)
    self.count, self.bucket = 0, bucket
  end
end

--- The rate after a throttling: the plateau of a new curve, cut.
local function cut(self, now)
  self.peak = self.enabled and math.min(self.measured, self.rate) or self.measured
  self.failed_at, self.enabled = now, true
  return self.peak * BETA
end

--- The rate where the curve stands now.
local function grown(self, now)
  local to_plateau = (self.peak * (1 - BETA) / SCALE) ^ (1 / 3)
  return SCALE * (now - self.failed_at - to_plateau) ^ 3 + self.peak
end

--- Learns from the end of one request.
---@param throttled boolean
function Limiter:record(throttled)
  local now = self.clock()
  measure(self, now)
  local rate = throttled and cut(self, now) or grown(self, now)
  rate = math.min(rate, MAX_OVER_MEASURED * self.measured)
  fill(self, now) -- what has passed, at the old rate
  self.rate = math.max(rate, MIN_RATE)
  self.capacity = math.max(rate, 1)
  self.tokens = math.min(self.tokens, self.capacity)
end

return M
