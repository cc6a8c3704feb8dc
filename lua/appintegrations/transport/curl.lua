-- SPDX-License-Identifier: MIT
--- The transport that clients use unless they are given another: libcurl, connections kept alive
-- between calls. The transports of a Lua state share one engine, those on a loop that of the loop:
-- connections too, where their settings are the same (which libcurl sees to).
--
-- Any object with `send(self, request, deadline) -> response`, or `nil, err`, can
-- stand in for it. libcurl is loaded at the first send, not before.
-- @module appintegrations.transport.curl

local core = require "appintegrations.core"
local errors = require "appintegrations.base.errors"
local math = require("appintegrations.base.compat").math

local M = {}

---@class appintegrations.TransportOptions
---@field max_connections? integer  transfers that run at once; others wait (64)
---@field ca_bundle? string    file with the certificates to trust; else the system's
---@field verify_tls? boolean  false accepts any certificate (true)
---@field proxy? string        as `http://user:password@host:3128`; the environment is not looked at
---@field proxy_of? fun(scheme: string): string?  in its place: the proxy for URLs of a scheme
---@field no_proxy? string     hosts to reach directly, as in NO_PROXY

---@class appintegrations.TransportRequest
---@field method string
---@field url string                    absolute, path and query encoded; sent exactly so
---@field headers? table<string, string> all that is to be sent, `host` included; the transport
---                                     adds content-length only
---@field header_lines? string          in their place: lines "name: value\n"; the response has its
---                                     headers so, too, and no `timings`
---@field body? string
---@field connect_timeout? number       seconds until the connection stands, TLS included
---@field timeout? number               seconds for the whole attempt, from when it starts
---@field time_left? number              seconds, from now on, after which nobody wants an answer
---@field max_response_bytes? number
---@field direct? boolean               true: not through the proxy (metadata services)
---@field transfer? integer             set by the transport: for cancelling it

---@class appintegrations.TransportResponse
---@field status integer
---@field headers? table<string, string> names in lower case; repeated ones joined by ", "
---@field header_lines? string          what core.headers makes them of
---@field body string
---@field timings? appintegrations.Timings

--- Seconds since the attempt began; 0 for what a connection that is reused makes unnecessary.
---@class appintegrations.Timings
---@field name_lookup number  until the address of the host was known
---@field connect number  until the connection stood
---@field tls number  until TLS was agreed upon
---@field first_byte number  until the answer began
---@field total number  until it was there

---@class appintegrations.CurlTransport
---@field scheduler? appintegrations.Scheduler  the loop whose tasks are to yield
---@field blocks boolean  whether nothing else runs while it waits
local Transport = {}
Transport.__index = Transport

---@class appintegrations.Scheduler what a loop gives the transports on it
---@field closed boolean
---@field shared_engine fun(self, curl: table, limit: integer): userdata  one for all of them
---@field await fun(self, id: integer, seconds?: number): boolean, boolean?
---  inside a task: yields until the transfer is no longer in flight; true, and true where it has
---  cancelled it after so many seconds; outside: false at once
---@field sleep fun(self, seconds: number): boolean?, appintegrations.Error?
---@field transfers_cancelled fun(self, id?: integer)  that one, or some, are no longer in flight

-- So long at most no Lua code runs: a debug hook of the host, which a signal handler may have
-- set in another thread, has its turn at least once a second.
local LONGEST_STEP = 1

local option_types = {
  max_connections = "number", ca_bundle = "string", verify_tls = "boolean",
  proxy = "string", proxy_of = "function", no_proxy = "string",
}

local function cancelled(message)
  return errors.new { kind = "cancelled", code = "Cancelled", message = message }
end

--- Why the file at PATH cannot serve, or nil. OpenSSL would wait for who writes to a pipe.
local function unreadable(path)
  local text, why = core.read_file(path)
  if not text or text == "" then
    return path .. ": " .. (why or "empty file")
  end
end

local function check_options(options, level)
  for name, value in pairs(options) do
    if option_types[name] == nil then
      error("transport: unknown option '" .. tostring(name) .. "'", level + 1)
    end
    if type(value) ~= option_types[name] then
      error(("transport: option '%s': expected %s, got %s")
        :format(name, option_types[name], type(value)), level + 1)
    end
  end
  local max = options.max_connections or 1
  if max < 1 or max > 65536 or max % 1 ~= 0 then
    error("transport: option 'max_connections': expected 1 to 65536", level + 1)
  end
end

--- Makes a transport. Nothing is connected yet, nor libcurl loaded.
---@param options? appintegrations.TransportOptions
---@param scheduler? appintegrations.Scheduler
---@return appintegrations.CurlTransport? transport
---@return appintegrations.Error? err  InvalidConfig for an unreadable CA bundle
---@nodiscard
function M.new(options, scheduler)
  options = options or {}
  check_options(options, 2)
  local why = options.ca_bundle and unreadable(options.ca_bundle)
  if why then
    return nil, errors.invalid_config("the CA bundle cannot be read: " .. why)
  end
  local copy = {}
  for name, value in pairs(options) do
    copy[name] = value
  end
  local proxy_of = copy.proxy_of
  return setmetatable({
    options = function() -- a closure: the proxy URL may hold a password
      return copy
    end,
    scheduler = scheduler,
    blocks = scheduler == nil, -- its wait lets no coroutine run
    guards = {},
    one_proxy = not proxy_of or proxy_of "http" == proxy_of "https", -- or none
    settings = {}, -- of the engine, by route
  }, Transport)
end

--- Tells that the host program runs `curl_global_init` itself, once and before it starts threads,
-- so that the module does not. For the whole process; no effect after the first transfer.
function M.host_initializes_libcurl()
  require("appintegrations.curl").host_initializes()
end

-- The engine of the transports without a scheduler, while there are any, and those that have it and
-- are not closed. Held weakly: it goes with the last of them.
local shared = setmetatable({}, { __mode = "v" })
local sharing = setmetatable({}, { __mode = "k" })
local shared_limit = 0

--- The shared engine, which lets as many transfers run as the one that wants most.
local function join_shared(self, limit)
  local engine = shared.engine
  if not engine then
    engine = self.curl.engine(limit)
    shared.engine, shared_limit = engine, limit
  elseif limit > shared_limit then
    engine:limit(limit)
    shared_limit = limit
  end
  sharing[self] = true
  return engine
end

--- SELF is closed: with the last one, the connections are.
local function leave_shared(self)
  sharing[self] = nil
  if next(sharing) == nil then
    self.engine:close()
  end
end

--- The engine, made at first use; libcurl comes with it.
local function engine_of(self)
  if not self.engine then
    local scheduler, limit = self.scheduler, self.options().max_connections or 64
    self.curl = require "appintegrations.base.libcurl"
    self.engine = scheduler and scheduler:shared_engine(self.curl, limit)
      or join_shared(self, limit)
  end
  return self.engine
end

local function scheme_of(url)
  return url:find "^https:" and "https" or "http"
end

--- The proxy on ROUTE.
local function proxy_on(route, options)
  if route == "direct" then
    return nil
  end
  return options.proxy_of and options.proxy_of(route == "http" and route or "https")
    or options.proxy
end

--- The engine's settings for REQUEST, by its way: past any proxy, or by its scheme, if that makes a
--- difference.
---@return userdata? settings
---@return appintegrations.Error? err
local function settings_of(self, request)
  local route = request.direct and "direct" or self.one_proxy and "proxy" or scheme_of(request.url)
  local settings = self.settings[route]
  if settings then
    return settings
  end
  local options = self.options()
  local message
  settings, message = self.curl.settings {
    ca_bundle = options.ca_bundle, verify_tls = options.verify_tls,
    proxy = proxy_on(route, options), no_proxy = options.no_proxy,
  }
  if not settings then
    return nil, errors.invalid_config(message)
  end
  self.settings[route] = settings
  return settings
end

--- Queues REQUEST; the engine sends it in its next step.
---@param request appintegrations.TransportRequest
---@return integer? id
---@return appintegrations.Error? err  InvalidConfig for a malformed URL or header
function Transport:submit(request)
  if self.closed or self.scheduler and self.scheduler.closed then
    return nil, cancelled("the transport is closed")
  end
  local engine = engine_of(self)
  local settings, err = settings_of(self, request)
  if not settings then
    return nil, err
  end
  local id, message = engine:submit(request, settings)
  if not id then
    return nil, errors.invalid_config(message)
  end
  request.transfer = id
  return id
end

--- What became of transfer ID: its response, or nil and an error. Takes it from the engine.
-- `stale` in the error: a connection kept since an earlier call was dead when it was used.
---@param id integer
---@param header_lines? string  as in the request
---@return appintegrations.TransportResponse? response
---@return appintegrations.Error? err
function Transport:take(id, header_lines)
  local known, response, kind, code, message, timings, stale = self.engine:take(id,
    not header_lines)
  if response then
    if not header_lines then
      response.headers, response.header_lines = core.headers(response.header_lines), nil
    end
    return response
  end
  if not known then
    return nil, cancelled("the call was cancelled")
  end
  return nil, errors.new {
    kind = kind, code = code, message = message, timings = timings, stale = stale or nil,
  }
end

--- Steps until ID is no longer in flight, or cancels it after so many SECONDS and returns true: the
--- blocking call. In Lua, so that debug hooks run in between and may cancel it.
local function block(engine, id, seconds)
  local due = seconds and core.monotonic() + seconds
  local left = LONGEST_STEP
  while engine:done(id) == false do
    left = due and due - core.monotonic() or left
    if left <= 0 then
      engine:cancel(id)
      return true
    end
    engine:step(math.min(left, LONGEST_STEP))
  end
end

--- The seconds after which the transfer of REQUEST, which has been submitted, is to be ended here,
--- if so: the engine begins to count when it has a connection for it, and there may be none left.
local function patience(engine, request)
  return engine:is_crowded() and request.time_left
end

local function too_late(request)
  return errors.new {
    kind = "timeout", code = "AttemptTimeout",
    message = ("no answer in the %s s that were left, all connections being taken at first"):format(
      require("appintegrations.base.text").seconds(request.time_left)),
  }
end

--- Sends REQUEST and waits for the answer: inside a task of the scheduler by yielding, elsewhere
--- by blocking. A status of 400 or more is an answer like any other.
---@param request appintegrations.TransportRequest
---@param _deadline? number  for information; the request's timeout has been cut to it already
---@return appintegrations.TransportResponse? response
---@return appintegrations.Error? err
---@nodiscard
function Transport:send(request, _deadline)
  local id, err = self:submit(request)
  if not id then
    return nil, err
  end
  -- An error from a debug hook, or a coroutine that is dropped, leaves this function without
  -- returning: the collector then finds the guard, and cancels. Used guards are kept for reuse.
  local guards = self.guards
  local count = #guards
  local guard = guards[count] or self.engine:guard()
  guards[count] = nil
  guard:hold(id)
  local scheduler, seconds = self.scheduler, request.time_left and patience(self.engine, request)
  local yielded, late
  if scheduler then
    yielded, late = scheduler:await(id, seconds)
  end
  if not yielded then
    late = block(self.engine, id, seconds)
  end
  local response, failure = self:take(id, request.header_lines)
  guards[#guards + 1] = guard -- it holds an id that no other transfer gets
  return response, late and too_late(request) or failure
end

--- Sleeps, while transfers in flight go on; inside a task, others do too.
---@param seconds number
---@return boolean? waited
---@return appintegrations.Error? err  the task was cancelled
function Transport:wait(seconds)
  if self.scheduler then
    return self.scheduler:sleep(seconds)
  end
  local engine = engine_of(self)
  local monotonic = self.curl.monotonic
  local finish = monotonic() + seconds
  local left = seconds
  while left > 0 do
    engine:step(math.min(left, LONGEST_STEP))
    left = finish - monotonic()
  end
  return true
end

--- Ends all transfers of this transport on the engine that it shares with others.
local function cancel_own(self)
  for _, settings in pairs(self.settings) do
    self.engine:cancel(settings)
  end
end

--- Ends one transfer, or all in flight; whoever waits for one gets `Cancelled`.
---@param transfer? integer|appintegrations.TransportRequest  its id, or the request as it was
---                                                           given to send
function Transport:cancel(transfer)
  if not self.engine then
    return
  end
  local id = transfer
  if type(transfer) == "table" then
    id = transfer.transfer
    if not id then
      return
    end
  end
  if id then
    self.engine:cancel(id)
  else
    cancel_own(self)
  end
  if self.scheduler then
    self.scheduler:transfers_cancelled(id)
  end
end

--- Ends all transfers, for good. The collector does it otherwise. Connections that are idle may
-- serve others: they are closed with the last transport of this Lua state, or with the loop.
function Transport:close()
  self.closed = true
  self:cancel()
  self.guards = {}
  if self.engine and not self.scheduler then
    leave_shared(self)
  end
end

return M
