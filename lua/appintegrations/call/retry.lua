-- SPDX-License-Identifier: MIT
--- Which failures pass if the request is sent again, and at what price.
-- Pure policy: no state; when to send again is in appintegrations.call.backoff. Sources: the
-- SDKs' retry specification in its revision of 2026, as botocore, the JavaScript and the C++
-- SDK implement it.
-- @module appintegrations.call.retry

local M = {}

local function set(names)
  local result = {}
  for name in names:gmatch("%S+") do
    result[name] = true
  end
  return result
end

-- ResourceQuotaExceededException is HTTP 429 too, but no later attempt helps. The status stands for
-- the code where there is none: then a gateway on the way has refused.
local THROTTLING = set [[
  429
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

--- What a retry after ERR takes from the token bucket.
---@param err appintegrations.Error
---@return integer tokens
function M.cost(err)
  return err.throttling and 5 or 14
end

return M
