-- SPDX-License-Identifier: MIT
--- What a logger is told: plain tables of its own to keep or change, without
-- secrets, and without bodies unless the client's option `log_bodies` asks for them.
-- Nothing here is called for a client without logger.
--
-- All events have `type`, `time` (epoch seconds), and but for some of credentials, `operation`,
-- `region` and `host`.
--
--   request      an attempt begins: attempt, max_attempts, method, url, headers, body_bytes, body,
--                invocation_id, provider (of the credentials); with the first also advisories,
--                where there are any
--   response     an answer has arrived, of whatever status: attempt, status,
--                request_id, elapsed, headers, body_bytes, body, timings
--   retry        an attempt has failed and there will be another: attempt (the failed
--                one), max_attempts, delay, reason ("throttling", "transient",
--                "clock skew" or "stale connection"), elapsed, and of the error kind,
--                code, message, status, request_id, timings
--   credentials  new ones are in use: provider, elapsed, expiration; or what a provider has to
--                tell: provider, message, level
--   error        the call has failed: attempts, elapsed (of the whole call), and of the
--                error kind, code, message, status, request_id, retryable, throttling,
--                details, timings, where (the program's file and line)
-- @module appintegrations.call.events

local headers_of = require("appintegrations.call.headers").all
local redact = require "appintegrations.call.redact"
local reentry = require "appintegrations.base.reentry"

local M = {}

local MASK = "***"

-- Headers that hold secrets, whoever set them: parts of their names.
local SECRET_NAMES = { "authorization", "token", "cookie", "secret", "password", "api%-?key",
  "credential" }

local function is_secret(name)
  for _, part in ipairs(SECRET_NAMES) do
    if name:find(part) then
      return true
    end
  end
  return false
end

--- A copy of HEADERS (names in lower case) in which no secret is left.
---@param headers table<string, string>
---@return table<string, string>
---@nodiscard
function M.mask(headers)
  local copy = {}
  for name, value in pairs(headers) do
    copy[name] = is_secret(name) and MASK or value
  end
  return copy
end

--- Tells LOGGER. What it raises is dropped: a log must not break the call. Only
-- here is foreign code called under pcall, so a logger cannot yield (where pcall
-- lets it, the call goes on when its task does). Of calls that it makes itself it is not told.
---@param logger fun(event: table)
---@param event table
function M.emit(logger, event)
  local call = reentry.enter(logger)
  if call then
    pcall(logger, event)
    reentry.leave(logger, call)
  end
end

local function new_event(call, kind)
  return {
    type = kind,
    time = call.client.clock(),
    operation = call.operation,
    region = call.client.region,
    host = call.client.config.endpoint.host,
  }
end

local function copy_of(list)
  local copy = {}
  for name, value in pairs(list or {}) do
    copy[name] = value
  end
  return list and copy
end

--- BODY without the secrets that signed CALL, where the client's logger wants bodies.
local function shown_body(call, body)
  if call.client.log_bodies and body and body ~= "" then
    return redact.without(body, redact.secrets_of(call.signer))
  end
end

--- Adds what an event tells of ERR.
local function add_error(event, err)
  event.kind, event.code, event.message = err.kind, err.code, err.message
  event.status, event.request_id = err.status, err.request_id
  event.timings = copy_of(err.timings)
  return event
end

---@param call table  the state of a call (appintegrations.call)
function M.request(call)
  local event, request = new_event(call, "request"), call.request
  event.attempt, event.max_attempts = call.attempts, call.max_attempts
  event.method, event.url = request.method, request.url
  event.headers = M.mask(request.headers)
  event.body_bytes, event.body = request.body and #request.body or 0, shown_body(call, request.body)
  event.provider = call.signer.provider
  event.invocation_id = request.headers["amz-sdk-invocation-id"]
  event.advisories = call.attempts == 1 and copy_of(call.advisories) or nil
  M.emit(call.client.logger, event)
end

---@param call table
---@param response table
---@param request_id? string
function M.response(call, response, request_id)
  local event = new_event(call, "response")
  local secrets = redact.secrets_of(call.signer) -- should the service repeat them
  event.attempt = call.attempts
  event.status, event.elapsed, event.request_id = response.status, call.attempt_elapsed,
    request_id and redact.without(request_id, secrets)
  event.headers = M.mask(headers_of(response))
  for name, value in pairs(event.headers) do
    event.headers[name] = redact.without(value, secrets)
  end
  event.body_bytes, event.body = #response.body, shown_body(call, response.body)
  event.timings = copy_of(response.timings)
  M.emit(call.client.logger, event)
end

---@param call table
---@param err appintegrations.Error
---@param delay number   seconds
---@param reason string
function M.retry(call, err, delay, reason)
  local event = add_error(new_event(call, "retry"), err)
  event.attempt, event.max_attempts = call.attempts, call.max_attempts
  event.delay, event.reason, event.elapsed = delay, reason, call.attempt_elapsed
  M.emit(call.client.logger, event)
end

---@param call table
---@param signer table   credentials; only their expiry is told
---@param elapsed number
function M.credentials(call, signer, elapsed)
  local event = new_event(call, "credentials")
  event.elapsed, event.expiration, event.provider = elapsed, signer.expiration, signer.provider
  M.emit(call.client.logger, event)
end

---@param call table
---@param err appintegrations.Error  complete
---@param elapsed number             seconds of the whole call
function M.error(call, err, elapsed)
  local event = add_error(new_event(call, "error"), err)
  event.attempts, event.elapsed = err.attempts, elapsed
  event.retryable, event.throttling = err.retryable, err.throttling
  event.details, event.where = copy_of(err.details), err.where
  M.emit(call.client.logger, event)
end

return M
