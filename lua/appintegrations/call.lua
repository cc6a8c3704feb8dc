-- SPDX-License-Identifier: MIT
--- One call from its parameters to its end: checked and written by the core, then
-- attempts (credentials, signature, transport, answer) with waiting in between,
-- until there is an output, an error that no further attempt can cure, no time
-- left, or a cancellation.
--
-- Sending, waiting and asking for credentials may yield inside a task: nothing on
-- this path stands under pcall or in a metamethod.
-- @module appintegrations.call

local core = require "appintegrations.core"
local errors = require "appintegrations.errors"
local events = require "appintegrations.events"
local math = require("appintegrations.compat").math
local response_of = require "appintegrations.response"
local retry = require "appintegrations.retry"

local M = {}

local SIGNING_NAME = "app-integrations"

-- Brings OpenSSL with it: loaded at the first signature.
local signing

--- What time a call, or all calls of a listing, went into. Seconds.
---@class appintegrations.Account
---@field started number      epoch seconds
---@field limit? number       the deadline as it was given
---@field deadline? number    epoch seconds
---@field attempts integer
---@field sending number
---@field waiting number
---@field credentials number

--- Opens the account of a call or of a listing that has LIMIT seconds, or any time.
---@param client appintegrations.Client
---@param limit? number
---@return appintegrations.Account
---@nodiscard
function M.open_account(client, limit)
  local started = client.clock()
  return {
    started = started, limit = limit, deadline = limit and started + limit,
    attempts = 0, sending = 0, waiting = 0, credentials = 0,
  }
end

--- A random UUID from the host's own source of random numbers.
local function uuid_from(random)
  return (("xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx"):gsub("[xy]", function(place)
    local digit = place == "x" and math.floor(random() * 16) or 8 + math.floor(random() * 4)
    return ("%x"):format(digit)
  end))
end

local function first_of(value, default)
  if value == nil then
    return default
  end
  return value
end

-- ---- errors ---------------------------------------------------------------------

local function violation_error(violations)
  local count = #violations
  return errors.new {
    kind = "validation", code = "ParamValidationError", details = violations,
    message = count == 1 and "1 problem with the parameters, nothing was sent:"
      or ("%d problems with the parameters, nothing was sent:"):format(count),
  }
end

local function cancelled()
  return errors.new { kind = "cancelled", code = "Cancelled", message = "the call was cancelled" }
end

--- "2 attempts took 4.10 s, waiting 0.30 s, credentials 0.02 s"
local function spent_text(account, now)
  local parts = {
    ("%d %s took %.2f s"):format(account.attempts,
      account.attempts == 1 and "attempt" or "attempts", account.sending),
    ("waiting %.2f s"):format(account.waiting),
    ("credentials %.2f s"):format(account.credentials),
  }
  local rest = now - account.started - account.sending - account.waiting - account.credentials
  if rest >= 0.01 then -- of a listing, mostly what the program did between pages
    parts[#parts + 1] = ("other work %.2f s"):format(rest)
  end
  return table.concat(parts, ", ")
end

--- CAUSE is the error of the last attempt, if there was one.
local function deadline_exceeded(call, cause)
  local account, now = call.account, call.client.clock()
  local left = account.deadline - now
  local message = left <= 0 and ("the deadline of %g s has passed"):format(account.limit)
    or ("no further attempt can end before the deadline of %g s (%.2f s are left)")
      :format(account.limit, left)
  message = message .. ": " .. spent_text(account, now)
  cause = cause or call.last_error
  if cause then
    message = message .. "; last failure: " .. cause.code .. ": " .. cause.message
  end
  return errors.new {
    kind = "timeout", code = "DeadlineExceeded", message = message,
    status = cause and cause.status, request_id = cause and cause.request_id, cause = cause,
  }
end

--- Services may quote the request that they refuse, headers and all.
local function hide_secrets(err, signer)
  for _, secret in ipairs { signer.secret_access_key, signer.session_token or nil } do
    local from, to = err.message:find(secret, 1, true)
    while from do
      err.message = err.message:sub(1, from - 1) .. "***" .. err.message:sub(to + 1)
      from, to = err.message:find(secret, from + 3, true)
    end
  end
end

-- ---- the request ----------------------------------------------------------------

--- All headers but those of the signature, which get their places already: a table
-- that is made in its full size costs a third of one that grows.
local function headers_of(call, body, options)
  local client = call.client
  local headers = {
    ["host"] = client.config.endpoint.host,
    ["user-agent"] = call.paging and client.paging_user_agent or client.user_agent,
    ["amz-sdk-invocation-id"] = client.random and uuid_from(client.random) or core.uuid(),
    ["amz-sdk-request"] = "",
    ["content-type"] = body and "application/json" or nil,
    ["x-amz-date"] = "",
    ["authorization"] = "",
  }
  if options.headers then
    for name, value in pairs(options.headers) do
      headers[name] = value
    end
  end
  return headers
end

--- Checks PARAMS and writes the request of CALL.
---@return table? request
---@return appintegrations.Violation[]? advisories  or violations
local function new_request(call, params, options)
  local client = call.client
  local config = client.config
  local method, path, query, body, advisories = core.build(call.operation, params,
    first_of(options.validate, config.validate), options.extra,
    client.random and uuid_from(client.random))
  if not method then
    return nil, path
  end
  local endpoint = config.endpoint
  return {
    operation = call.operation,
    method = method,
    url = query and endpoint.url .. path .. "?" .. query or endpoint.url .. path,
    path = endpoint.path .. path,
    query = query,
    body = body,
    headers = headers_of(call, body, options),
    connect_timeout = config.connect_timeout,
    timeout = call.timeout, -- at most: what is left of the deadline
    max_response_bytes = config.max_response_bytes,
  }, advisories
end

--- Tells the service which attempt this is and, once its clock is known, until
-- when the answer is waited for.
local function count_attempt(call, now)
  local attempt = call.attempts + 1
  call.attempts = attempt
  call.account.attempts = call.account.attempts + 1
  local request, offset = call.request, call.client.skew.offset
  request.headers["amz-sdk-request"] = core.attempt_text(attempt, call.max_attempts,
    offset and now + request.timeout + offset)
end

-- ---- one attempt ----------------------------------------------------------------

--- Waits. Returns an error if the call was cancelled meanwhile.
local function wait(call, seconds)
  local client = call.client
  local started = client.clock()
  local err = client.sleep(seconds, call)
  call.account.waiting = call.account.waiting + client.clock() - started
  return call.cancelled and cancelled() or err
end

--- Waits until the rate limiter lets the next request through.
local function await_rate(call)
  local limiter, deadline = call.client.limiter, call.account.deadline
  local seconds = limiter:take()
  while seconds > 0 do
    if deadline and call.client.clock() + seconds >= deadline then
      return deadline_exceeded(call)
    end
    local err = wait(call, seconds)
    if err then
      return err
    end
    seconds = limiter:take()
  end
end

--- Who signs. Says so when these credentials are new.
local function await_credentials(call)
  local client, account = call.client, call.account
  local started = client.clock()
  local signer, err, is_new = client.credentials(account.deadline)
  local elapsed = client.clock() - started
  account.credentials = account.credentials + elapsed
  if call.cancelled then
    return nil, cancelled()
  end
  if not signer then
    if account.deadline and client.clock() >= account.deadline then
      err = deadline_exceeded(call, err)
    end
    return nil, err
  end
  if is_new and client.logger then
    events.credentials(call, signer, elapsed)
  end
  return signer
end

--- Sets the time of this attempt and signs the request.
---@return appintegrations.Error? err  if there is no time
local function prepare(call, signer)
  local client, request, deadline = call.client, call.request, call.account.deadline
  local now = client.clock()
  request.timeout = call.timeout
  call.cut = deadline ~= nil and deadline - now < call.timeout
  if call.cut then
    request.timeout = deadline - now
    if request.timeout <= 0 then
      return deadline_exceeded(call)
    end
  end
  count_attempt(call, now)
  call.correction = client.skew.correction
  signing = signing or require "appintegrations.signing"
  signing.sign_request(request, signer, client.config.region, SIGNING_NAME, now + call.correction)
end

--- Sends the signed request and learns from what comes back.
---@return table? response
---@return appintegrations.Error? err
local function send(call)
  local client, account = call.client, call.account
  local started = client.clock()
  local response, err = client.transport:send(call.request, account.deadline)
  local now = client.clock()
  call.attempt_elapsed = now - started
  account.sending = account.sending + call.attempt_elapsed
  if response then
    client.skew:learn(response.headers, started, now)
    if client.logger then
      events.response(call, response, call.attempt_elapsed,
        response_of.request_id(response.headers))
    end
    return response
  end
  retry.classify(err)
  return nil, err
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

--- One attempt: output and response, or nil, an error and the response, if any.
---@return table? output
---@return table? response_or_err
---@return table? response
local function attempt(call)
  local client = call.client
  local err = client.limiter and await_rate(call)
  if err then
    return nil, err
  end
  local signer
  signer, err = await_credentials(call)
  if not signer then
    return nil, err
  end
  err = prepare(call, signer)
  if err then
    return nil, err
  end
  if client.logger then
    events.request(call)
  end
  if call.cancelled then -- by the logger: nothing has been sent
    call.attempts = call.attempts - 1
    return nil, cancelled()
  end
  local response
  response, err = send(call)
  if call.cancelled then
    return nil, cancelled()
  end
  return read_answer(call, signer, response, err)
end

-- ---- after a failure --------------------------------------------------------------

--- Whether the time is over, or nearly so that the attempt was cut short by it.
local function out_of_time(call, err)
  local deadline = call.account.deadline
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
---@return number? delay
---@return string|appintegrations.Error reason
local function next_step(call, err, response)
  local client, account = call.client, call.account
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
  local delay = retry.delay(call.attempts, err, response and response.headers,
    client.random or core.random, now + client.skew.correction)
  if account.deadline and now + delay >= account.deadline then
    return nil, deadline_exceeded(call, err)
  end
  local cost = retry.cost(err)
  if not client.bucket:take(cost) then
    return nil, err
  end
  call.cost = cost
  return delay, err.throttling and "throttling" or "transient"
end

--- Attempts until the call has ended.
---@return table? output
---@return table? response_or_err
local function run(call)
  local client = call.client
  while true do
    local sent = call.attempts
    local output, err, response = attempt(call)
    if output then
      client.bucket:put(call.cost or 1)
      return output, err
    end
    if call.attempts == sent then -- it did not come to an attempt
      return nil, err
    end
    local delay, reason = next_step(call, err, response)
    if not delay then
      return nil, reason
    end
    call.last_error = err
    if client.logger then
      events.retry(call, err, delay, reason)
    end
    local problem = call.cancelled and cancelled() or delay > 0 and wait(call, delay)
    if problem then
      return nil, problem
    end
  end
end

-- ---- the call ----------------------------------------------------------------------

--- Adds what the call knows to ERR, and tells of it.
local function fail(call, err)
  local client = call.client
  err.operation = call.operation
  err.attempts = call.attempts
  if call.advisories and err.code == "InvalidRequestException" then
    err.details = call.advisories
  end
  if client.logger then
    events.error(call, err, client.clock() - call.started)
  end
  return nil, err
end

local function new_call(client, operation, options, account)
  local config = client.config
  return {
    client = client, operation = operation,
    paging = account ~= nil,
    account = account or M.open_account(client, first_of(options.deadline, config.deadline)),
    started = client.clock(),
    timeout = options.timeout or config.timeout,
    max_attempts = config.retry_mode == "off" and 1
      or options.max_attempts or config.max_attempts,
    attempts = 0,
    correction = 0, -- of the clock, in the signature of the last attempt
    cut = false, -- whether the last attempt had less than its timeout
    cancelled = false,
    attempt_elapsed = 0,
    request = false, advisories = false,
  }
end

--- Calls OPERATION with checked OPTIONS.
---@param client appintegrations.Client
---@param operation string
---@param params table
---@param options table
---@param account? appintegrations.Account  of the listing that this is a page of
---@return table? output
---@return table meta_or_err
function M.invoke(client, operation, params, options, account)
  local call = new_call(client, operation, options, account)
  local request, advisories = new_request(call, params, options)
  if not request then
    return fail(call, violation_error(advisories))
  end
  call.request, call.advisories = request, advisories
  client.calls[call] = true
  -- A test may answer in the place of credentials, transport and retries.
  local output, response = (client.answerer or run)(call, params)
  client.calls[call] = nil
  if not output then
    return fail(call, response)
  end
  return output, {
    request_id = response_of.request_id(response.headers),
    status = response.status,
    headers = response.headers,
    attempts = call.attempts,
    elapsed = client.clock() - call.started,
    advisories = advisories,
  }
end

--- Ends all calls of CLIENT that are in flight; they return `Cancelled`.
---@param client appintegrations.Client
function M.cancel_all(client)
  local transport = client.transport
  for call in pairs(client.calls) do
    call.cancelled = true
    if transport.cancel then
      transport:cancel(call.request)
    end
  end
end

--- Waits between calls. Returns an error if the client's calls were cancelled meanwhile.
---@param client appintegrations.Client
---@param seconds number
---@return appintegrations.Error? err
function M.pause(client, seconds)
  local pause = { request = {} } -- to cancel_all, a call with a request that nobody sends
  client.calls[pause] = true
  local err = client.sleep(seconds, pause)
  client.calls[pause] = nil
  return pause.cancelled and cancelled() or err
end

-- The longest stretch of waiting after which a cancellation is noticed, seconds.
local LONGEST_WAIT = 0.5

--- How a client waits: by the program's function, by its loop or transport (which
-- goes on with other transfers and may yield), or by blocking the thread.
---@param sleep? fun(seconds: number)
---@param waiter table  the loop or the transport
---@return fun(seconds: number, call: table): appintegrations.Error?
function M.sleeper(sleep, waiter)
  if sleep then
    return function(seconds)
      sleep(seconds)
    end
  end
  return function(seconds, call)
    while seconds > 0 and not call.cancelled do
      local slice = math.min(seconds, LONGEST_WAIT)
      if waiter.wait then
        local _, err = waiter:wait(slice)
        if err then
          return err
        end
      else
        core.sleep(slice)
      end
      seconds = seconds - slice
    end
  end
end

return M
