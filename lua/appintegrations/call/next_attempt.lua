-- SPDX-License-Identifier: MIT
--- After a failed attempt: whether the call has another one, and when.
-- @module appintegrations.call.next_attempt

local backoff = require "appintegrations.call.backoff"
local core = require "appintegrations.core"
local deadline_exceeded = require("appintegrations.call.account").deadline_exceeded
local headers_of = require("appintegrations.call.headers").all
local retry = require "appintegrations.call.retry"

local M = {}

--- Whether the time is over, or nearly so that the attempt was cut short by it.
local function out_of_time(call, err)
  local deadline = call.deadline
  return deadline and err.kind == "timeout"
    and (call.client.clock() >= deadline or (call.cut and (err.code == "AttemptTimeout"
      or call.request.connect_timeout >= call.request.timeout)))
end

--- A signature refused for its time is worth one more attempt once the service's
-- clock is known, whatever the bucket has left.
local function clock_corrected(call, err)
  if call.clock_retried or not call.client.skew:explains(err, call.correction) then
    return false
  end
  call.clock_retried = true
  return true
end

--- What to do after ERR: the seconds after which to try again and why, or nil and
-- the error that the call ends with.
---@param call table
---@param err appintegrations.Error
---@param response? table
---@return number? delay
---@return string|appintegrations.Error reason
function M.after(call, err, response)
  local client, deadline = call.client, call.deadline
  if out_of_time(call, err) then
    return nil, deadline_exceeded(call, err)
  end
  if call.attempts >= call.max_attempts then
    return nil, err
  end
  if clock_corrected(call, err) then
    return 0, "clock skew"
  end
  if not err.retryable then
    return nil, err
  end
  local now = client.clock()
  local delay = backoff.delay(call.attempts, err, response and headers_of(response),
    client.random or core.random, now + client.skew.correction)
  if deadline and now + delay >= deadline then
    return nil, deadline_exceeded(call, err)
  end
  local cost = retry.cost(err)
  if not client.bucket:take(cost) then
    return nil, err
  end
  call.cost = cost
  return delay, err.throttling and "throttling" or err.stale and "stale connection" or "transient"
end

return M
