-- SPDX-License-Identifier: MIT
--- The client: one method for each operation, and the path of a call.
-- parameters → request (checked and written by the core) → credentials →
-- signature → transport → output or error.
-- @module appintegrations.client

local core = require "appintegrations.core"
local credentials = require "appintegrations.credentials"
local errors = require "appintegrations.errors"
local options_of = require "appintegrations.options"
local paginate = require "appintegrations.paginate"
local response_of = require "appintegrations.response"
local retry = require "appintegrations.retry"
local version = require "appintegrations.version"

local M = {}

local SIGNING_NAME = "app-integrations"

---@class appintegrations.Client
local methods = {}
local mt = { __name = "appintegrations.Client", __index = methods }

function mt.__tostring(client)
  local endpoint = client.config.endpoint
  return ("appintegrations.Client: %s %s://%s%s"):format(client.config.region, endpoint.scheme,
    endpoint.host, endpoint.path)
end

local NOTHING = {}

--- A random UUID from the host's own source of random numbers.
local function uuid_from(random)
  return (("xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx"):gsub("[xy]", function(place)
    local digit = place == "x" and math.floor(random() * 16) or 8 + math.floor(random() * 4)
    return ("%x"):format(digit)
  end))
end

local function violation_error(violations)
  local count = #violations
  return errors.new {
    kind = "validation", code = "ParamValidationError", details = violations,
    message = count == 1 and "1 problem with the parameters, nothing was sent:"
      or ("%d problems with the parameters, nothing was sent:"):format(count),
  }
end

local function first_of(value, default)
  if value == nil then
    return default
  end
  return value
end

local function headers_of(client, body, options)
  local headers = {}
  for name, value in pairs(options.headers or NOTHING) do
    headers[name] = value
  end
  headers.host = client.config.endpoint.host
  headers["user-agent"] = headers["user-agent"] or client.user_agent
  if body then
    headers["content-type"] = "application/json"
  end
  return headers
end

--- Checks PARAMS and writes the request of OPERATION.
---@return table? request
---@return appintegrations.Error|appintegrations.Violation[]? advisories  or the error
local function new_request(client, operation, params, options)
  local config = client.config
  local method, path, query, body, advisories = core.build(operation, params,
    first_of(options.validate, config.validate), options.extra,
    client.random and uuid_from(client.random))
  if not method then
    return nil, violation_error(path)
  end
  local endpoint = config.endpoint
  path = endpoint.path .. path
  return {
    operation = operation,
    method = method,
    url = endpoint.scheme .. "://" .. endpoint.host .. path .. (query and "?" .. query or ""),
    path = path,
    query = query,
    body = body,
    headers = headers_of(client, body, options),
    connect_timeout = config.connect_timeout,
    max_response_bytes = config.max_response_bytes,
  }, advisories
end

local function deadline_exceeded(err)
  return errors.new {
    kind = "timeout", code = "DeadlineExceeded",
    message = "the deadline of the call has passed" .. (err and " (" .. err.message .. ")" or ""),
  }
end

--- Signs and sends REQUEST once, within DEADLINE (epoch seconds, or nil).
---@return table? output
---@return table? response_or_err
local function attempt(client, request, timeout, deadline)
  local signer, err = client.credentials()
  if not signer then
    return nil, err
  end
  local now = client.clock()
  request.timeout = timeout
  if deadline then
    request.timeout = math.min(timeout, deadline - now)
    if request.timeout <= 0 then
      return nil, deadline_exceeded()
    end
  end
  core.sign_request(request, signer, client.config.region, SIGNING_NAME, now)
  local response
  response, err = client.transport:send(request, deadline)
  if not response then
    if err.code == "AttemptTimeout" and deadline and client.clock() >= deadline then
      return nil, deadline_exceeded(err)
    end
    retry.classify(err)
    return nil, err
  end
  local output
  output, err = response_of.read(request.operation, response)
  return output, err or response
end

--- Adds what the call knows to an error.
local function complete_error(err, operation, attempts, advisories)
  err.operation = operation
  err.attempts = attempts
  if advisories and err.code == "InvalidRequestException" then
    err.details = advisories
  end
  return err
end

--- One call of OPERATION with checked options.
local function invoke(client, operation, params, options)
  local started = client.clock()
  local request, advisories = new_request(client, operation, params, options)
  if not request then
    return nil, complete_error(advisories, operation, 0)
  end
  local limit = first_of(options.deadline, client.config.deadline)
  local output, response = attempt(client, request, options.timeout or client.config.timeout,
    limit and started + limit)
  if not output then
    return nil, complete_error(response, operation, 1, advisories)
  end
  return output, {
    request_id = response_of.request_id(response.headers),
    status = response.status,
    headers = response.headers,
    attempts = 1,
    elapsed = client.clock() - started,
    advisories = advisories,
  }
end

--- Checks what a program passed to OPERATION; raises at LEVEL for misuse.
local function check_arguments(operation, params, options, rules, level)
  if params == nil then
    params = NOTHING
  elseif type(params) ~= "table" then
    error(("%s: expected a table of parameters, got %s"):format(operation, type(params)), level + 1)
  end
  if options == nil then
    return params, NOTHING
  end
  options_of.check(options, rules, operation, level + 1)
  return params, options
end

--- OPTIONS with header names in lower case, in a copy; the caller's stay.
local function with_headers(options, level)
  if not options.headers then
    return options
  end
  local copy = {}
  for name, value in pairs(options) do
    copy[name] = value
  end
  copy.headers = options_of.headers(options.headers, level + 1)
  return copy
end

for _, operation in ipairs(core.operations()) do
  methods[operation] = function(client, params, options)
    params, options = check_arguments(operation, params, options, options_of.CALL, 2)
    local output, meta = invoke(client, operation, params, with_headers(options, 2))
    return output, meta
  end
end

--- `each_application` from `list_applications`.
local function iterator_name(operation)
  return (operation:gsub("^list_", "each_"):gsub("s$", ""))
end

for _, operation in ipairs(core.operations()) do
  local pagination = core.pagination(operation)
  if pagination then
    methods[iterator_name(operation)] = function(client, params, options)
      params, options = check_arguments(operation, params, options, options_of.LISTING, 2)
      options = with_headers(options, 2)
      return paginate.new(operation, pagination, params, options, function(page_params)
        return invoke(client, operation, page_params, options)
      end)
    end
  end
end

--- Closes the connections. Garbage collection does the same.
function methods.close(client)
  if client.transport.close then
    client.transport:close()
  end
end

local function new_transport(config)
  return require("appintegrations.transport.curl").new {
    max_connections = config.max_connections,
    ca_bundle = config.ca_bundle,
    proxy = config.proxy_url(),
    no_proxy = config.no_proxy,
    verify_tls = config.verify_tls,
  }
end

--- A client of checked OPTIONS and the CONFIG resolved from them.
---@param options appintegrations.Options
---@param config appintegrations.Config
---@return appintegrations.Client? client
---@return appintegrations.Error? err
---@nodiscard
function M.new(options, config)
  local transport = options.transport
  if not transport then
    local err
    transport, err = new_transport(config)
    if not transport then
      return nil, err
    end
  end
  local clock = options.clock or core.now
  return setmetatable({
    config = config,
    clock = clock,
    random = options.random,
    transport = transport,
    credentials = credentials.source(options, config, clock),
    user_agent = "appintegrations-lua/" .. version,
  }, mt)
end

return M
