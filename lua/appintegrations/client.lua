-- SPDX-License-Identifier: MIT
--- The client: one method for each operation, one iterator for each listing. What
-- a call does is in appintegrations.call.
-- @module appintegrations.client

local call = require "appintegrations.call"
local clock_skew = require "appintegrations.clock_skew"
local core = require "appintegrations.core"
local credentials = require "appintegrations.credentials"
local options_of = require "appintegrations.options"
local paginate = require "appintegrations.paginate"
local rate_limiter = require "appintegrations.rate_limiter"
local token_bucket = require "appintegrations.token_bucket"
local user_agent = require "appintegrations.user_agent"

local M = {}

---@class appintegrations.Client
local methods = {}
local mt = { __name = "appintegrations.Client", __index = methods }

function mt.__tostring(client)
  local endpoint = client.config.endpoint
  return ("appintegrations.Client: %s %s://%s%s"):format(client.config.region, endpoint.scheme,
    endpoint.host, endpoint.path)
end

local NOTHING = {}

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
    local output, meta = call.invoke(client, operation, params, with_headers(options, 2))
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
      -- One deadline for the whole listing, from here on.
      local account = call.open_account(client, options.deadline or client.config.deadline)
      local it = paginate.new(operation, pagination, params, options, function(page_params)
        return call.invoke(client, operation, page_params, options, account)
      end, client.loop)
      if it.ahead then
        return it, nil, nil, it -- 5.4 closes the fourth value at a break
      end
      return it
    end
  end
end

for _, name in ipairs { "find_application", "find_data_integration", "find_event_integration",
  "sync_tags", "wait_for_execution" } do
  methods[name] = function(client, ...)
    local result, more = require("appintegrations.helpers")[name](client, ...)
    return result, more
  end
end

--- Ends the calls of this client that are in flight: each returns the error
-- `Cancelled`. For a logger, a debug hook or another task; calls begun later are not
-- affected.
function methods.cancel(client)
  call.cancel_all(client)
end

--- Where region, endpoint, retry settings and credentials come from, and which
-- sources were looked at. Asks for credentials if there are none yet. The result is
-- for people as a text, for programs as a table; it has no secrets.
---@return appintegrations.Explanation
---@nodiscard
function methods.explain(client)
  return require("appintegrations.explain").of(client)
end

--- Closes the connections. Garbage collection does the same.
function methods.close(client)
  if client.transport.close then
    client.transport:close()
  end
end

local function new_transport(config, loop)
  return require("appintegrations.transport.curl").new({
    max_connections = config.max_connections,
    ca_bundle = config.ca_bundle,
    proxy = config.proxy_url(),
    no_proxy = config.no_proxy,
    verify_tls = config.verify_tls,
  }, loop)
end

--- SOURCE with a third result: whether these credentials are others than before.
local function observed(source)
  local last
  return function(deadline)
    local signer, err = source(deadline)
    local is_new = signer ~= nil and signer ~= last
    last = signer or last
    return signer, err, is_new
  end
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
    transport, err = new_transport(config, options.loop)
    if not transport then
      return nil, err
    end
  end
  local clock = options.clock or core.now
  local plain, paging = user_agent.new(config, options)
  local client = setmetatable({
    config = config,
    clock = clock,
    random = options.random,
    sleep = call.sleeper(options.sleep, options.loop or transport),
    logger = options.logger,
    transport = transport,
    loop = options.loop,
    skew = clock_skew.new(not config.disable_clock_skew_correction),
    bucket = token_bucket.new(),
    -- Rates are measured by a clock that nobody sets, unless one is injected.
    limiter = config.retry_mode == "adaptive"
      and rate_limiter.new(options.clock or core.monotonic) or nil,
    calls = setmetatable({}, { __mode = "k" }), -- in flight; an error may leave one behind
    user_agent = plain,
    paging_user_agent = paging,
  }, mt)
  local source, records = credentials.source(options, config, client)
  client.credentials, client.provider_records = observed(source), records
  return client
end

return M
