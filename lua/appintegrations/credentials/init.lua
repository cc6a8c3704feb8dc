-- SPDX-License-Identifier: MIT
--- Who signs: the credentials that the program gives, else the default chain (.default).
-- @module appintegrations.credentials

local lazy = require("appintegrations.base.compat").lazy
local cache = lazy "appintegrations.credentials.cache"
local chain_of = lazy "appintegrations.credentials.chain"
local default = lazy "appintegrations.credentials.default"
local math = require("appintegrations.base.compat").math
local running = require("appintegrations.base.compat").running
local yieldable = require("appintegrations.base.compat").yieldable
local waiting = require "appintegrations.call.waiting"

local M = {}

-- Seconds: where nothing tells that a process or a refresh has ended, it is looked at so often.
local LOOK_EVERY = 0.005

-- ---- sources ----------------------------------------------------------------------

--- What the program has chosen, whatever it does to its table later.
local function copy_of(options)
  local copy = {}
  for name, value in pairs(options) do
    copy[name] = value
  end
  return copy
end

local DETAIL = "option credentials"

--- Of CREDENTIALS that never expire: neither a chain nor a cache is needed, nor loaded.
---@return appintegrations.CredentialsSource
local function fixed_source(credentials)
  credentials.provider = "static"
  return {
    chain = { records = { { name = "static", status = "used", reason = DETAIL, elapsed = 0 } } },
    advisories = {},
    get = function()
      return credentials
    end,
  }
end

--- Of what the program has GIVEN, a table or a function.
local function given_source(given)
  local provider
  if type(given) == "table" then
    local static = require "appintegrations.credentials.static"
    if not given.expiration then
      return fixed_source(static.copy(given))
    end
    provider = static.new(given)
  else
    provider = require("appintegrations.credentials.func").new(given)
  end
  provider.detail = DETAIL
  return cache.source(chain_of.new { provider }, {})
end

-- ---- the client's side --------------------------------------------------------------

--- Whether what runs can let other coroutines run.
local function may_yield()
  local thread, is_main = running()
  return thread ~= nil and not is_main and yieldable()
end

--- Blocks until OBJECT has news, for SECONDS at most.
local function block(object, seconds)
  object:step(seconds)
end

--- Adds to HOST how a coroutine of the program's waits, where the TRANSPORT lets others run while
-- it waits, and says so.
local function add_polling(host, transport)
  function host.wait(object, seconds)
    if not may_yield() then
      return block(object, seconds)
    end
    local _, err = transport:wait(math.min(seconds, LOOK_EVERY))
    return err
  end

  function host.pause(seconds, gate)
    if not may_yield() then
      return false
    end
    local due = host.clock() + seconds
    while not gate.open and host.clock() < due do
      local _, err = transport:wait(LOOK_EVERY)
      if err then
        return false, err
      end
    end
    return true
  end

  function host.open(gate)
    gate.open = true
  end
end

--- Adds to HOST how tasks of LOOP wait.
local function add_loop(host, loop)
  function host.wait(object, seconds)
    if not loop:in_task() then
      return block(object, seconds)
    end
    local fds = object:fds()
    local _, err = loop:await_fds(fds, fds[1] and seconds or math.min(seconds, LOOK_EVERY))
    return err
  end

  function host.pause(seconds, gate)
    if not loop:in_task() then
      return false
    end
    local _, err = loop:await_gate(gate, seconds)
    return err == nil, err
  end

  function host.open(gate)
    loop:open_gate(gate)
  end

  -- A refresh is for all: it outlives the task that began it.
  function host.detached(f, ...)
    return loop:detached(f, ...)
  end
end

--- Has client:cancel end what HOST sends and waits for, as it ends calls.
local function add_cancelling(host, client)
  local calls, wait = client.calls, host.wait

  function host.send(request, deadline)
    local entry = calls:enter_stand_in(request)
    local response, err = client.transport:send(request, deadline)
    calls:leave(entry)
    if not response and entry.cancelled then
      err = waiting.cancelled()
    end
    return response, err
  end

  function host.wait(object, seconds)
    local entry = calls:enter_stand_in()
    local err = wait(object, seconds)
    calls:leave(entry)
    return entry.cancelled and waiting.cancelled() or err
  end

  function host.sleep(seconds)
    return waiting.pause(client, seconds)
  end
end

--- What refreshes for CLIENT run on.
local function host_of(client)
  local loop = client.loop
  local skew = client.skew
  local host = { clock = client.clock, skew = skew, wait = block }

  function host.time()
    return client.clock() + skew.correction
  end

  if loop then
    add_loop(host, loop)
  elseif client.transport.blocks == false then
    add_polling(host, client.transport)
  end
  add_cancelling(host, client)

  function host.emit(event)
    if client.logger then
      event.type, event.time = "credentials", client.clock()
      require("appintegrations.call.events").emit(client.logger, event)
    end
  end

  return host
end

--- Tells once that keys in the environment win over a profile that it names too.
local function warn_of_profile(config, host)
  if config.origins.profile:find("^environment") then
    host.emit {
      level = "warn", provider = "environment",
      message = ('the keys in the environment are used, not profile "%s" (%s)'):format(
        config.profile_name, config.origins.profile),
    }
  end
end

--- The source of credentials that OPTIONS and CONFIG ask for, for CLIENT (clock,
-- transport, sleep, logger).
---@param options appintegrations.Options
---@param config appintegrations.Config
---@param client table
---@return fun(deadline?: number, call?: table): table?, appintegrations.Error?, boolean?
---  valid ones, or why not, which may be that CALL is cancelled; and whether they are others than
---  before
---@return fun(): appintegrations.ProviderRecord[], table<string, boolean>
---  what the providers last said, and what they have passed over
function M.source(options, config, client)
  local source = options.credentials and given_source(options.credentials)
  local chosen = copy_of(options)
  local host = host_of(client)
  local last

  -- The chain is put together when it is first needed: its key brings OpenSSL with it.
  local function found()
    source = source or default.source(chosen, config)
    return source
  end

  local function get(deadline, call)
    local credentials, err = (source or found()).get(host, deadline, call)
    if credentials == last or not credentials then
      return credentials, err
    end
    if not last and credentials.provider == "environment" then
      warn_of_profile(config, host)
    end
    last = credentials
    return credentials, nil, true
  end

  return get, function()
    return found().chain.records, found().advisories
  end
end

return M
