-- SPDX-License-Identifier: MIT
--- One call from its parameters to its end: checked and written by the core
-- (appintegrations.call.request), then attempts (.attempt) with decisions (.next_attempt) and
-- waiting (.waiting) in between, until there is an output, an error that no further attempt can
-- cure, no time left, or a cancellation.
--
-- Sending, waiting and asking for credentials may yield inside a task: nothing on
-- this path stands under pcall or in a metamethod.
-- @module appintegrations.call

local account_of = require "appintegrations.call.account"
local attempt = require "appintegrations.call.attempt"
local errors = require "appintegrations.base.errors"
local events = require("appintegrations.base.compat").lazy "appintegrations.call.events"
local next_attempt = require("appintegrations.base.compat").lazy "appintegrations.call.next_attempt"
local metatables = require "appintegrations.base.metatables"
local request_of = require "appintegrations.call.request"
local response_of = require "appintegrations.call.response"
local tasks = require "appintegrations.base.tasks"
local waiting = require "appintegrations.call.waiting"

local M = {}

--- Attempts until the call has ended.
---@return table? output
---@return table? response_or_err
local function run(call)
  local client = call.client
  while true do
    local sent = call.attempts
    local output, err, response = attempt.make(call)
    if output then
      client.bucket:put(call.cost or 1)
      return output, err
    end
    if call.attempts == sent then -- it did not come to an attempt
      return nil, err
    end
    local delay, reason = next_attempt.after(call, err, response)
    if not delay then
      return nil, reason
    end
    call.last_error = err
    if client.logger then
      events.retry(call, err, delay, reason)
    end
    local problem = call.cancelled and waiting.cancelled()
      or delay > 0 and waiting.wait(call, delay)
    if problem then
      return nil, problem
    end
  end
end

--- ADVISORIES with one more, once for each CLIENT without a loop that is called in a task: that
-- works, but everything there waits for it, and nobody would see why.
local function with_loop_advisory(client, advisories)
  client.told_of_loop = true
  advisories = advisories or {}
  advisories[#advisories + 1] = {
    path = "options.loop", rule = "loop",
    message = "this client has no loop: its calls in a task block all other tasks, and run one "
      .. "after another; make it with appintegrations.client { loop = … }",
  }
  return advisories
end

--- Adds what the call knows to ERR, and tells of it.
local function fail(call, err)
  local client = call.client
  err.operation = call.operation
  err.attempts = call.attempts
  errors.locate(err)
  if call.advisories and err.code == "InvalidRequestException" then
    err.details = call.advisories
  end
  if client.logger then
    events.error(call, err, client.clock() - call.started)
  end
  return nil, err
end

--- What a call knows of itself. It comes to have, beside what stands here: `request`, `head` (the
-- headers of all attempts), `advisories` and a `place` among those in flight; of the last attempt
-- the `signer`, `cut` (whether it had less than its timeout) and `attempt_elapsed`; and
-- `cancelled`. (The table is made for sixteen.)
local function new_call(client, operation, options, account)
  local config, started = client.config, client.clock()
  local paging = account ~= nil
  if not paging then
    account = account_of.open(started, options.deadline or config.deadline)
  end
  return {
    client = client, operation = operation,
    paging = paging,
    account = account,
    deadline = account and account.deadline or nil,
    started = started,
    timeout = options.timeout or config.timeout,
    max_attempts = config.retry_mode == "off" and 1
      or options.max_attempts or config.max_attempts,
    attempts = 0,
    correction = 0, -- of the clock, in the signature of the last attempt
  }
end

--- Calls OPERATION with checked OPTIONS.
---@param client appintegrations.Client
---@param operation string
---@param params table
---@param options table
---@param account? appintegrations.Account|false  of the listing that this is a page of
---@return table? output
---@return table meta_or_err
function M.invoke(client, operation, params, options, account)
  local call = new_call(client, operation, options, account)
  local request, advisories = request_of.new(call, params, options)
  if not request then
    return fail(call, advisories)
  end
  if not client.loop and not client.told_of_loop and tasks.is_inside() then
    advisories = with_loop_advisory(client, advisories)
  end
  call.request, call.advisories = request, advisories
  client.calls:enter(call)
  -- A test may answer in the place of credentials, transport and retries.
  local output, response = (client.answerer or run)(call, params)
  client.calls:leave(call)
  if not output then
    return fail(call, response)
  end
  return output, setmetatable({
    request_id = response_of.request_id(response),
    status = response.status,
    headers = response.headers, header_lines = response.header_lines, -- one of them
    attempts = call.attempts,
    elapsed = client.clock() - call.started,
    advisories = advisories,
  }, metatables.META)
end

--- The request of OPERATION as it would be sent now, signed: nothing is sent.
---@param client appintegrations.Client
---@param operation string
---@param params table
---@param options table  checked
---@return table? request  as a transport gets it
---@return appintegrations.Error? err
function M.prepare(client, operation, params, options)
  local call = new_call(client, operation, options)
  local request, advisories = request_of.new(call, params, options)
  if not request then
    return fail(call, advisories)
  end
  call.request, call.advisories = request, advisories
  client.calls:enter(call)
  local signer, err = attempt.prepare(call)
  client.calls:leave(call)
  if not signer then
    return fail(call, err)
  end
  return request
end

--- Ends all calls of CLIENT that are in flight; they return `Cancelled`.
---@param client appintegrations.Client
function M.cancel_all(client)
  local transport = client.transport
  for _, call in ipairs(client.calls:all()) do
    call.cancelled = true
    if transport.cancel then
      transport:cancel(call.request)
    end
  end
end

return M
