-- SPDX-License-Identifier: MIT
--- One attempt of a call: the rate, credentials, signature, transport, and what the answer means.
--
-- Sending, waiting and asking for credentials may yield inside a task: nothing here stands under
-- pcall or in a metamethod.
-- @module appintegrations.call.attempt

local account_of = require "appintegrations.call.account"
local core = require "appintegrations.core"
local errors = require "appintegrations.base.errors"
local events = require("appintegrations.base.compat").lazy "appintegrations.call.events"
local redact = require("appintegrations.base.compat").lazy "appintegrations.call.redact"
local response_of = require "appintegrations.call.response"
local retry = require("appintegrations.base.compat").lazy "appintegrations.call.retry"
local waiting = require "appintegrations.call.waiting"

local M = {}

local deadline_exceeded = account_of.deadline_exceeded

local SIGNING_NAME = core.signing_name

-- Brings OpenSSL with it: loaded at the first signature.
local signing

--- Has the keys forgotten that were derived from credentials, of all clients: they are made anew
-- when they are needed.
function M.forget_keys()
  if signing then
    signing.forget()
  end
end

--- Waits until the rate limiter lets the next request through.
local function await_rate(call)
  local limiter, deadline = call.client.limiter, call.deadline
  local seconds = limiter:take()
  while seconds > 0 do
    if deadline and call.client.clock() + seconds >= deadline then
      return deadline_exceeded(call)
    end
    local err = waiting.wait(call, seconds)
    if err then
      return err
    end
    seconds = limiter:take()
  end
end

--- Who signs, and the time when that was known. Says so when these credentials are new.
local function await_credentials(call)
  local client, account, deadline = call.client, call.account, call.deadline
  local started = (account or client.logger) and client.clock()
  local signer, err, is_new = client.credentials(deadline, call)
  local now = client.clock()
  if account then
    account.credentials = account.credentials + now - started
  end
  if call.cancelled then
    return nil, waiting.cancelled()
  end
  if not signer then
    if deadline and now >= deadline then
      return nil, deadline_exceeded(call, err)
    end
    return nil, errors.copy(err)
  end
  if is_new and client.logger then
    events.credentials(call, signer, now - started)
    now = client.clock()
  end
  return signer, now
end

--- Counts an attempt. What the service is told of it: its number and, once its clock is known,
-- until when the answer is waited for.
local function count_attempt(call, now)
  local attempt, account = call.attempts + 1, call.account
  call.attempts = attempt
  if account then
    account.attempts = account.attempts + 1
  end
  local offset = call.client.skew.offset
  return core.attempt_text(attempt, call.max_attempts,
    offset and now + call.request.timeout + offset)
end

--- Sets the time of this attempt, NOW, and signs the request.
---@return appintegrations.Error? err  if there is no time
local function sign(call, signer, now)
  local client, request, deadline = call.client, call.request, call.deadline
  request.timeout = call.timeout
  if deadline then
    local left = deadline - now
    if left <= 0 then
      return deadline_exceeded(call)
    end
    request.time_left, call.cut = left, left < call.timeout
    request.timeout = call.cut and left or call.timeout
  end
  call.correction = client.skew.correction
  signing = signing or require "appintegrations.signing"
  local lines = signing.header_lines(request, signer, client.config.region, SIGNING_NAME,
    now + call.correction, call.head, count_attempt(call, now))
  if client.shows_requests then
    request.headers = core.headers(lines)
  else
    request.header_lines = lines
  end
end

--- Makes the request of CALL ready to be sent.
---@param call table
---@return table? signer
---@return number|appintegrations.Error now_or_err
function M.prepare(call)
  local signer, now = await_credentials(call)
  if not signer then
    return nil, now
  end
  local err = sign(call, signer, now)
  if err then
    return nil, err
  end
  call.signer = signer
  return signer, now
end

--- Sends the request, signed at STARTED, and learns from what comes back.
---@return table? response
---@return appintegrations.Error? err
local function send(call, started)
  local client, account = call.client, call.account
  local response, err = client.transport:send(call.request, call.deadline)
  local now = client.clock()
  call.attempt_elapsed = now - started
  if account then
    account.sending = account.sending + call.attempt_elapsed
  end
  if response then
    client.skew:learn(response, started, now)
    if client.logger then
      events.response(call, response, response_of.request_id(response))
    end
    return response
  end
  retry.classify(err)
  return nil, err
end

--- Services may quote the request that they refuse, headers and all.
local function hide_secrets(err, signer)
  local secrets = redact.secrets_of(signer)
  err.message = redact.without(err.message, secrets)
  err.code = redact.without(err.code, secrets)
  err.request_id = err.request_id and redact.without(err.request_id, secrets)
end

--- What the answer, or the error that stands in its place, means.
local function read_answer(call, signer, response, err)
  local limiter, output = call.client.limiter, nil
  if response then
    output, err = response_of.read(call.operation, response)
  end
  if limiter then
    limiter:record(err ~= nil and err.throttling)
  end
  if output then
    return output, response
  end
  hide_secrets(err, signer)
  return nil, err, response
end

--- One attempt of CALL: output and response, or nil, an error and the response, if any.
---@param call table
---@return table? output
---@return table? response_or_err
---@return table? response
function M.make(call)
  local client = call.client
  local err = client.limiter and await_rate(call)
  if err then
    return nil, err
  end
  local signer, now = M.prepare(call)
  if not signer then
    return nil, now
  end
  if client.logger then
    events.request(call)
    now = client.clock()
  end
  if call.cancelled then -- by the logger: nothing has been sent
    call.attempts = call.attempts - 1
    return nil, waiting.cancelled()
  end
  local response
  response, err = send(call, now)
  if call.cancelled then
    return nil, waiting.cancelled()
  end
  return read_answer(call, signer, response, err)
end

return M
