-- SPDX-License-Identifier: MIT
--- How the providers talk to credential services: one request with few and short
-- retries within the deadline of the call that waits for it; and the errors that
-- come of it, which name the provider, the host and what to do, and no secret.
-- @module appintegrations.credentials.exchange

local core = require "appintegrations.core"
local errors = require "appintegrations.base.errors"
local json = require "appintegrations.base.json"
local math = require("appintegrations.base.compat").math
local backoff = require "appintegrations.call.backoff"
local redact = require "appintegrations.call.redact"
local response_of = require "appintegrations.call.response"
local retry = require "appintegrations.call.retry"
local shell_word = require("appintegrations.base.text").shell_word
local static = require "appintegrations.credentials.static"
local version = require "appintegrations.base.version"

local M = {}

local USER_AGENT = "appintegrations-lua/" .. version

-- What a service says is cut here: an error page is no message.
local LONGEST_TEXT = 300

-- Of one attempt at a regional service, in seconds, unless the client has less patience; and how
-- many there are.
local SERVICE_TIMEOUT, SERVICE_CONNECT_TIMEOUT, SERVICE_ATTEMPTS = 10, 3.1, 3

-- Answers of these services have a few kilobytes.
local MAX_RESPONSE_BYTES = 256 * 1024

--- The one kind of error of a provider that has failed; the chain ends with it.
---@param provider string  its name
---@param message string
---@param fields? table    status, request_id
---@return appintegrations.Error
function M.error(provider, message, fields)
  local err = errors.provider_failed(provider .. ": " .. message)
  err.status, err.request_id = fields and fields.status, fields and fields.request_id
  return err
end

--- nil, and the error for what is wrong in the profile of CONTEXT.
---@param context table
---@param message string  a format
---@return nil
---@return appintegrations.Error
function M.profile_error(context, message, ...)
  return nil, errors.invalid_config(("profile %q: "):format(context.profile_name)
    .. message:format(...))
end

--- The line for a shell that signs in to PROFILE with COMMAND, as "aws login".
---@param command string
---@param profile string  its name, whatever it is made of
---@return string
function M.sign_in(command, profile)
  -- What begins like an option would be taken for one.
  local joint = profile:find "^-" and "=" or " "
  return command .. " --profile" .. joint .. shell_word(profile)
end

--- TEXT of a service or of a file, fit for an error: one line, not too long, with
-- none of SECRETS in it, should a service repeat what it was sent.
---@param text string
---@param secrets? string[]
---@return string
function M.clean(text, secrets)
  text = redact.without(text, secrets or {})
  text = text:gsub("[%z\1-\32\127]+", " ") -- not %c, nor %s: a locale may have more of them
  return #text > LONGEST_TEXT and text:sub(1, LONGEST_TEXT) .. "…" or text
end

--- Tells the logger what PROVIDER did.
---@param context table
---@param provider string
---@param message string  without secrets
function M.tell(context, provider, message)
  context.emit { level = "warn", provider = provider, message = message }
end

--- Whether ERR says something of the call that met with it, which was cancelled or has run out of
-- time, and nothing of the service.
---@param err appintegrations.Error
---@return boolean
function M.is_of_the_call(err)
  return err.kind == "cancelled" or err.code == "DeadlineExceeded"
end

--- The error for ERR of an exchange with the host of ADDRESS. A call that was
-- cancelled or has run out of time ends as that.
---@param provider string
---@param address appintegrations.Address
---@param err appintegrations.Error
---@param more? { advice: string?, secrets: string[]? }
---@return appintegrations.Error
function M.failure(provider, address, err, more)
  if M.is_of_the_call(err) then
    return err
  end
  more = more or {}
  local text = M.clean(err.message, more.secrets)
  if err.kind == "service" then
    local code = err.code ~= tostring(err.status) and ", " .. M.clean(err.code, more.secrets) or ""
    text = ("%s answered HTTP %d%s: %s"):format(address.authority, err.status, code, text)
  elseif err.kind == "response" then
    text = ("the answer of %s cannot be used: %s"):format(address.authority, text)
  end
  return M.error(provider, text .. (more.advice and "; " .. more.advice or ""), {
    status = err.status, request_id = err.request_id and M.clean(err.request_id, more.secrets),
  })
end

local function deadline_exceeded(exchange, err)
  local cause = err and " (" .. M.clean(err.message, exchange.secrets) .. ")" or ""
  return errors.deadline_exceeded(("the deadline passed while %s gave no credentials%s"):format(
    exchange.address.authority, cause))
end

--- An answer that is complete, but not what it should be.
---@param response table
---@param message string
---@param is_retryable? boolean
---@return nil
---@return appintegrations.Error
function M.invalid(response, message, is_retryable)
  return nil, errors.new {
    kind = "response", code = "InvalidResponse", message = message, status = response.status,
    request_id = response_of.request_id(response), retryable = is_retryable,
  }
end

--- Reads an answer in JSON: the object; or nil and what the service says is wrong.
---@param response table
---@return table? object
---@return appintegrations.Error? err  classified
function M.read_json(response)
  if response.status ~= 200 then
    local err = response_of.service_error(response)
    local body = json.decode_object(response.body)
    if body and type(body.error_description) == "string" then -- OAuth's message: RFC 6749, 5.2
      err.message = body.error_description
    end
    retry.classify(err)
    return nil, err
  end
  local object = json.decode_object(response.body)
  if not object then
    return M.invalid(response, ("HTTP 200 with %d bytes that are no JSON object"):format(
      #response.body))
  end
  return object
end

--- VALUE of an answer in JSON, but nil for what says that there is none: an empty text, and null.
---@param value any
---@return any
function M.given(value)
  if value == "" or type(value) == "userdata" then
    return nil
  end
  return value
end

--- The failure that ANSWER, which is RESPONSE with HTTP 200, states in one of two spellings: nil
-- and an error; or nothing.
---@param response table
---@param answer table
---@return nil
---@return appintegrations.Error? err
function M.stated_failure(response, answer)
  local code = M.given(answer.code) or M.given(answer.Code)
  local message = M.given(answer.message) or M.given(answer.Message)
  if type(code) == "string" and code ~= "Success" then
    return M.invalid(response, ("%s: %s"):format(code,
      type(message) == "string" and message or "no message"))
  end
end

--- CREDENTIALS if they can be used; else nil and what is wrong, without a value.
---@param credentials table
---@return table? credentials
---@return string? problem
function M.checked(credentials)
  local problem = static.problem(credentials)
  if problem then
    return nil, problem
  end
  return credentials
end

--- The same for those that stand in RESPONSE, where null says that there is none.
---@param response table
---@param credentials table
---@return table? credentials
---@return appintegrations.Error? err
function M.checked_of(response, credentials)
  for name, value in pairs(credentials) do
    if type(value) == "userdata" then
      credentials[name] = nil
    end
  end
  local checked, problem = M.checked(credentials)
  if not checked then
    return M.invalid(response, problem)
  end
  return checked
end

--- Epoch seconds of a time as AWS writes it, in one of its older files with "UTC" for the zone,
-- or as programs print it for whom Python and JavaScript read it: with a space before the hour or
-- the zone (Ruby: "2026-11-22 10:20:30 UTC"), and no colon in the zone. Nil for anything else.
---@param text any
---@return number? seconds
function M.time(text)
  if type(text) ~= "string" then
    return nil
  end
  text = text:gsub(" ?UTC$", "Z"):gsub("^(%d%d%d%d%-%d%d%-%d%d) ", "%1T")
  return core.parse_time((text:gsub(" ?([+-]%d%d):?(%d%d)$", "%1:%2")))
end

---@class appintegrations.Exchange
---@field address appintegrations.Address
---@field method string
---@field headers? table<string, string>  beside host and user agent
---@field body? string
---@field sign? fun(request: table, time: number)  for each attempt, by the services' clock
---@field timeout number                  of one attempt, seconds
---@field connect_timeout? number
---@field direct? boolean                 not through a proxy
---@field attempts integer
---@field pause? fun(failures: integer, err: appintegrations.Error): number  seconds
---@field retry_all? boolean              whatever the failure is
---@field has_clock? boolean              whose time is right: to be learned from its answers
---@field secrets? string[]               that stand in the request
---@field read fun(response: table): any, appintegrations.Error?

local function new_request(exchange, timeout)
  local address = exchange.address
  local request = {
    method = exchange.method, url = address.url, path = address.path, query = address.query,
    headers = { host = address.authority, ["user-agent"] = USER_AGENT }, body = exchange.body,
    connect_timeout = math.min(exchange.connect_timeout or timeout, timeout), timeout = timeout,
    max_response_bytes = MAX_RESPONSE_BYTES, direct = exchange.direct,
  }
  for name, value in pairs(exchange.headers or {}) do
    request.headers[name] = value
  end
  return request
end

--- Sends a request of EXCHANGE, and reads its answer.
local function send(context, exchange, deadline)
  local timeout = exchange.timeout
  if deadline then
    timeout = math.min(timeout, deadline - context.clock())
    if timeout <= 0 then
      return nil, deadline_exceeded(exchange)
    end
  end
  local request = new_request(exchange, timeout)
  if exchange.sign then
    exchange.sign(request, context.time())
  end
  local started = context.clock()
  local response, err = context.http(request)
  if not response then
    retry.classify(err)
    return nil, err
  end
  if exchange.has_clock then
    context.skew():learn(response, started, context.clock())
  end
  return exchange.read(response)
end

--- One attempt; and another at once, where the first was signed at a wrong time and the right one
-- is known now.
local function attempt(context, exchange, deadline)
  local skew = exchange.has_clock and exchange.sign and context.skew()
  local used = skew and skew.correction
  local value, err = send(context, exchange, deadline)
  local is_refused = value == nil and err.kind == "service" and err.status < 500
  if is_refused and skew and skew:differs(used) then
    return send(context, exchange, deadline)
  end
  return value, err
end

local function is_final(exchange, err, failures)
  -- A kept connection that was dead is no attempt of theirs: the next one is new.
  if err.stale and failures <= exchange.attempts then
    return false
  end
  return failures >= exchange.attempts or M.is_of_the_call(err)
    or not (err.retryable or exchange.retry_all)
end

--- Carries out EXCHANGE. What its `read` makes of the answer; or nil and an error
-- that says whether another attempt could help.
---@param context table
---@param exchange appintegrations.Exchange
---@param deadline? number  epoch seconds
---@return any value
---@return appintegrations.Error? err
function M.call(context, exchange, deadline)
  local failures = 0
  while true do
    local value, err = attempt(context, exchange, deadline)
    if value ~= nil then
      return value
    end
    failures = failures + 1
    if deadline and context.clock() >= deadline and err.kind ~= "cancelled" then
      return nil, err.code == "DeadlineExceeded" and err or deadline_exceeded(exchange, err)
    elseif is_final(exchange, err, failures) then
      return nil, err
    end
    local pause = exchange.pause and exchange.pause(failures, err) or 0
    if deadline and context.clock() + pause >= deadline then
      return nil, deadline_exceeded(exchange, err)
    end
    local cancelled = pause > 0 and context.sleep(pause) or nil
    if cancelled then
      return nil, cancelled
    end
  end
end

--- Carries out EXCHANGE with one of the regional services: its times are set here, and pauses
-- between attempts are as between those of a call.
---@param context table
---@param exchange appintegrations.Exchange
---@param deadline? number  epoch seconds
---@return any value
---@return appintegrations.Error? err
function M.call_service(context, exchange, deadline)
  exchange.timeout = math.min(SERVICE_TIMEOUT, context.setting "timeout")
  exchange.connect_timeout = math.min(SERVICE_CONNECT_TIMEOUT, context.setting "connect_timeout")
  exchange.attempts, exchange.has_clock = SERVICE_ATTEMPTS, true
  function exchange.pause(failures, err)
    return backoff.delay(failures, err, nil, context.random, 0)
  end
  return M.call(context, exchange, deadline)
end

return M
