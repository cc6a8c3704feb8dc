-- SPDX-License-Identifier: MIT
--- The client: one method for each operation, one iterator for each listing. What
-- a call does is in appintegrations.call.
-- @module appintegrations.client

local account_of = require "appintegrations.call.account"
local attempt = require "appintegrations.call.attempt"
local call = require "appintegrations.call"
local clock_skew = require "appintegrations.call.clock_skew"
local core = require "appintegrations.core"
local in_flight = require "appintegrations.call.in_flight"
local credentials = require "appintegrations.credentials"
local errors = require "appintegrations.base.errors"
local lazy = require("appintegrations.base.compat").lazy
local headers_of = lazy "appintegrations.config.headers"
local limits = require "appintegrations.base.limits"
local names = lazy "appintegrations.base.names"
local options_of = require "appintegrations.config.options"
local paginate = lazy "appintegrations.paginate"
local rate_limiter = lazy "appintegrations.call.rate_limiter"
local token_bucket = require "appintegrations.call.token_bucket"
local user_agent = require "appintegrations.call.user_agent"
local waiting = require "appintegrations.call.waiting"

local M = {}

---@class appintegrations.Client
---@field region string
---@field endpoint string  the URL that requests go to
local methods = {}
local mt = { __name = "appintegrations.Client", __index = methods }

--- What has the name of no method or field: mostly another spelling of one. Anything else is nil,
-- as of any table, and so is what libraries look for to learn what a table is (`__close`).
setmetatable(methods, { __index = function(_, name)
  local is_written = type(name) == "string" and name:sub(1, 1) ~= "_"
  local meant = is_written and names.meant(name, names.sorted(methods))
  if meant then
    error(('a client has no method "%s"%s'):format(name, meant), 2)
  end
end })

--- An option is no field: what a client was made with, it keeps. A field that has no other meaning
-- is the program's own.
function mt.__newindex(client, name, value)
  if options_of.CLIENT[name] then
    error(("a client keeps its options: make another one, appintegrations.client { %s = … }")
      :format(name), 2)
  end
  rawset(client, name, value)
end

--- What people may use, for completion at a prompt.
function mt.__pairs(client)
  local public = { region = client.region, endpoint = client.endpoint }
  for name, method in next, methods do
    public[name] = method
  end
  return next, public
end

function mt.__tostring(client)
  local endpoint = client.config.endpoint
  return ("appintegrations.Client: %s %s://%s%s"):format(client.config.region, endpoint.scheme,
    endpoint.host, endpoint.path)
end

local NOTHING = {}

--- Raises at LEVEL unless CLIENT is one: it is none where the method was called with a dot.
local function check_client(client, method, level)
  if getmetatable(client) ~= mt then
    error(("%s: call it with a colon, as in client:%s(…)"):format(method, method), level + 1)
  end
end

--- The same for a METHOD that asks the service, which a client whose region was set to another one
-- would do in the old one.
local function check_caller(client, method, level)
  check_client(client, method, level + 1)
  local config = client.config
  if client.region ~= config.region or client.endpoint ~= config.endpoint.url then
    error(method .. ": a client keeps its region and its endpoint: make another one", level + 1)
  end
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

--- OPTIONS with header names in lower case, in a copy where there are any; the caller's stay.
local function with_headers(options, level)
  if not options.headers then
    return options
  end
  local copy = {}
  for name, value in pairs(options) do
    copy[name] = value
  end
  copy.headers = headers_of.check(options.headers, level + 1)
  return copy
end

--- The error of OPERATION for numbers in OPTIONS that are too large; they may come from a file.
local function over_limit(operation, options)
  local err = limits.error(options)
  if err then
    err.operation = operation
    return errors.locate(err)
  end
end

for _, operation in ipairs(core.operations()) do
  methods[operation] = function(client, params, options)
    check_caller(client, operation, 2)
    params, options = check_arguments(operation, params, options, options_of.CALL, 2)
    if options ~= NOTHING then
      local err = over_limit(operation, options)
      if err then
        return nil, err
      end
      options = with_headers(options, 2)
    end
    local output, meta = call.invoke(client, operation, params, options)
    return output, meta
  end
end

--- `each_application` from `list_applications`.
local function iterator_name(operation)
  return (operation:gsub("^list_", "each_"):gsub("s$", ""))
end

for _, operation in ipairs(core.operations()) do
  if core.pagination(operation) then
    local name = iterator_name(operation)
    methods[name] = function(client, params, options)
      check_caller(client, name, 2)
      params, options = check_arguments(name, params, options, options_of.LISTING, 2)
      options = with_headers(options, 2)
      -- One deadline for the whole listing, from here on.
      local account = account_of.open(client.clock(),
        options.deadline or client.config.deadline) or false
      local it, to_close = paginate.new(client, name, operation, params, options,
        function(page_params)
          local err = over_limit(operation, options)
          if err then
            return nil, err
          end
          return call.invoke(client, operation, page_params, options, account)
        end)
      if to_close then
        return it, nil, nil, to_close -- 5.4 closes the fourth value at a break
      end
      return it
    end
  end
end

-- Methods on top of the operations, and the file below helpers/ that each is in.
local HELPERS = {
  find_application = "find", find_data_integration = "find", find_event_integration = "find",
  wait_for_execution = "execution", sync_tags = "tags",
  ensure_application = "ensure", ensure_data_integration = "ensure",
  ensure_event_integration = "ensure",
  export = "document", apply = "document",
}

for name, file in pairs(HELPERS) do
  methods[name] = function(client, ...)
    check_caller(client, name, 2)
    local result, more = require("appintegrations.helpers." .. file)[name](client, ...)
    if result == nil and more then
      errors.locate(more)
    end
    return result, more
  end
end

--- The request of OPERATION as it would be sent now, signed: to look at, or to send by other means
-- within the five minutes or so for which a signature is taken. Nothing is sent but what
-- credentials may need. Printing shows it without secrets.
---@param operation string  a method name, as "create_data_integration"
---@param params? table
---@param options? appintegrations.CallOptions
---@return appintegrations.PreparedRequest? request
---@return appintegrations.Error? err
function methods.prepare(client, operation, params, options)
  check_caller(client, "prepare", 2)
  local problem = names.operation_problem(operation)
  if problem then
    error("prepare: " .. problem, 2)
  end
  params, options = check_arguments(operation, params, options, options_of.CALL, 2)
  local request
  local err = over_limit(operation, options)
  if err then
    return nil, err
  end
  request, err = call.prepare(client, operation, params, with_headers(options, 2))
  return request and require("appintegrations.prepared").new(request), err
end

--- Ends the calls of this client that are in flight: each returns the error
-- `Cancelled`. For a logger, a debug hook or another task; calls begun later are not
-- affected.
function methods.cancel(client)
  check_client(client, "cancel", 2)
  call.cancel_all(client)
end

--- Where region, endpoint, retry settings and credentials come from, and which
-- sources were looked at. Asks for credentials if there are none yet. The result is
-- for people as a text, for programs as a table; it has no secrets.
---@return appintegrations.Explanation
---@nodiscard
function methods.explain(client)
  check_client(client, "explain", 2)
  return require("appintegrations.explain").of(client)
end

--- What this version knows, as a text to print: see appintegrations.help.
---@param name? string  as "create_data_integration"
---@return string text
---@nodiscard
function methods.help(_, name)
  local text = require("appintegrations.help").text(name, 2)
  return text
end

--- Ends what is in flight, for good, and overwrites the keys that signatures were made with. Idle
--- connections are closed with the last client of this Lua state, or with the loop. Garbage
--- collection closes them, too.
function methods.close(client)
  check_client(client, "close", 2)
  call.cancel_all(client) -- those between two attempts, too
  if client.transport.close then
    client.transport:close()
  end
  attempt.forget_keys()
end

local function new_transport(config, loop)
  return require("appintegrations.transport.curl").new({
    max_connections = config.max_connections,
    ca_bundle = config.ca_bundle,
    proxy_of = config.proxy_url,
    no_proxy = config.no_proxy,
    verify_tls = config.verify_tls,
  }, loop)
end

--- A client of checked OPTIONS and the CONFIG resolved from them.
---@param options appintegrations.Options
---@param config appintegrations.Config
---@return appintegrations.Client? client
---@return appintegrations.Error? err
---@nodiscard
function M.new(options, config)
  local transport = options.transport
  if transport then
    transport = require("appintegrations.transport.foreign").wrap(transport)
    if transport.loads_early then
      require "appintegrations.signing"
    end
  else
    local err
    transport, err = new_transport(config, options.loop)
    if not transport then
      return nil, err
    end
  end
  local clock = options.clock or core.now
  local plain, paging = user_agent.new(config, options)
  local client = setmetatable({
    region = config.region,
    endpoint = config.endpoint.url,
    config = config,
    clock = clock,
    -- What is absent is false: nil would be looked up among the methods.
    random = options.random or false,
    sleep = waiting.sleeper(options.sleep, options.loop or transport),
    logger = options.logger or false,
    log_bodies = options.log_bodies or false,
    transport = transport,
    -- Whether requests and answers have their headers in tables, and not as a text: nobody looks at
    -- them but a logger, or the program's own transport.
    shows_requests = (options.transport or options.logger) ~= nil,
    loop = options.loop or false,
    skew = clock_skew.new(not config.disable_clock_skew_correction),
    bucket = token_bucket.new(),
    -- Rates are measured by a clock that nobody sets, unless one is injected.
    limiter = config.retry_mode == "adaptive"
      and rate_limiter.new(options.clock or core.monotonic) or false,
    told_of_loop = options.transport ~= nil, -- a host's own transport may yield
    answerer = false, -- of a stub, in the place of attempts
    calls = in_flight.new(),
    user_agent = plain,
    paging_user_agent = paging,
    credentials = false, -- known when there is a client
    provider_records = false,
  }, mt)
  client.credentials, client.provider_records = credentials.source(options, config, client)
  return client
end

return M
