-- SPDX-License-Identifier: MIT
--- Which failures pass if the request is sent again, when, and at what price.
-- Pure policy: no state, no clock of its own. Sources: the SDKs' retry
-- specification in its revision of 2026, as botocore, the JavaScript and the C++
-- SDK implement it.
-- @module appintegrations.retry

local core = require "appintegrations.core"
local math = require("appintegrations.compat").math

local M = {}

local function set(names)
  local result = {}
  for name in names:gmatch("%S+") do
    result[name] = true
  end
  return result
end

-- ResourceQuotaExceededException is HTTP 429 too, but no later attempt helps.
local THROTTLING = set [[
  Throttling ThrottlingException ThrottledException RequestThrottledException
  TooManyRequestsException ProvisionedThroughputExceededException
  TransactionInProgressException RequestLimitExceeded BandwidthLimitExceeded
  LimitExceededException RequestThrottled SlowDown PriorRequestNotComplete
  EC2ThrottledException
]]

local TRANSIENT = set "RequestTimeout RequestTimeoutException PriorRequestNotComplete"

local TRANSIENT_STATUS = { [500] = true, [502] = true, [503] = true, [504] = true }

local TRANSPORT = set "ConnectionError DNSError TLSError ProxyError ConnectTimeout AttemptTimeout"

--- Sets `retryable` and `throttling` of ERR from its code and status.
---@param err appintegrations.Error
function M.classify(err)
  if err.kind == "service" then
    err.throttling = THROTTLING[err.code] or false
    err.retryable = err.throttling or TRANSIENT[err.code] or TRANSIENT_STATUS[err.status] or false
  elseif err.kind == "transport" or err.kind == "timeout" then
    err.retryable = TRANSPORT[err.code] or false
  end
end

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
-- jitter; the service may ask for up to 5 s more than that, never for less.
---@param failures integer      attempts that have failed so far, 1 or more
---@param err appintegrations.Error  classified
---@param headers? table<string, string>  of the answer, where there was one
---@param random fun(): number  a number in [0, 1)
---@param now number            epoch seconds, for a Retry-After that is a date
---@return number seconds
function M.delay(failures, err, headers, random, now)
  local base = err.throttling and THROTTLING_BASE or BASE
  local delay = random() * math.min(base * 2 ^ (failures - 1), LONGEST_BACKOFF)
  local asked = headers and asked_for(headers, now)
  if asked then
    return math.max(delay, math.min(asked, delay + SERVER_MAY_ADD))
  end
  return delay
end

--- What a retry after ERR takes from the token bucket.
---@param err appintegrations.Error
---@return integer tokens
function M.cost(err)
  return err.throttling and 5 or 14
end

return M
