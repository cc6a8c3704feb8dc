-- SPDX-License-Identifier: MIT
--- A transport for nginx with its Lua module (OpenResty or libnginx-mod-http-lua):
-- calls go over nginx's cosockets, so they yield to nginx while they wait, and libcurl is
-- never loaded.
--
--     local resty = require "appintegrations.transport.resty"
--     client = assert(appintegrations.client { region = "us-east-1", transport = resty.new() })
--
-- Works where cosockets do: in the rewrite, access, content and ssl_certificate phases, in
-- timers and light threads; not in the init, balancer, filter and log phases. Names are looked up
-- by nginx's `resolver`, certificates verified against `lua_ssl_trusted_certificate`; both
-- are directives. There is no proxy.
-- @module appintegrations.transport.resty

local errors = require "appintegrations.base.errors"
local http1 = require "appintegrations.transport.http1"
local math = require("appintegrations.base.compat").math

local M = {}

---@class appintegrations.RestyOptions
---@field verify_tls? boolean  false accepts any certificate (true)
---@field keepalive? number    seconds that a connection may be idle before it is closed (60)
---@field pool_size? integer   idle connections kept for each host, in each worker (30)

local option_types = { verify_tls = "boolean", keepalive = "number", pool_size = "number" }

-- What one receive asks for at most.
local PIECE_BYTES = 64 * 1024

-- Without limits in the request: a day.
local NO_LIMIT = 86400

local KINDS = {
  DNSError = "transport", ConnectionError = "transport", TLSError = "transport",
  ConnectTimeout = "timeout", AttemptTimeout = "timeout",
  InvalidResponse = "response", ResponseTooLarge = "response", InvalidConfig = "config",
}

---@class appintegrations.RestyTransport
---@field options appintegrations.RestyOptions
---@field blocks boolean  false: its wait lets other requests go on
---@field dead integer   pooled connections found dead: so many exchanges begin with a new one
local Transport = { blocks = false }
Transport.__index = Transport

--- Makes a transport. It holds no sockets: one serves all requests of a worker.
---@param options? appintegrations.RestyOptions
---@return appintegrations.RestyTransport
---@nodiscard
function M.new(options)
  local copy = { verify_tls = true, keepalive = 60, pool_size = 30 }
  for name, value in pairs(options or {}) do
    if type(value) ~= option_types[name] then
      error(("transport: option '%s': %s"):format(tostring(name), option_types[name]
        and "expected " .. option_types[name] .. ", got " .. type(value) or "unknown"), 2)
    end
    copy[name] = value
  end
  return setmetatable({ options = copy, dead = 0 }, Transport)
end

--- Seconds of a clock that the time spent in this turn of nginx's loop counts for, too.
local function now()
  ngx.update_time()
  return ngx.now()
end

---@class appintegrations.RestyExchange  one attempt
---@field request appintegrations.TransportRequest
---@field place { scheme: string, host: string, port: integer, authority: string }
---@field started number
---@field finish number   when the attempt's time is over
---@field timings appintegrations.Timings

local function failure(exchange, code, message)
  exchange.timings.total = now() - exchange.started
  return errors.new {
    kind = KINDS[code], code = code, timings = exchange.timings,
    message = ("%s (%s)"):format(message, exchange.place.authority),
  }
end

--- Milliseconds that are left, at least one: 0 would mean nginx's default.
local function left_ms(exchange, limit)
  return math.max(1, math.floor(1000 * math.min(exchange.finish - now(), limit or NO_LIMIT)))
end

--- Gives SOCKET the time that is left until the connection has to stand, TLS included.
local function set_connect_timeout(socket, exchange)
  local seconds = exchange.request.connect_timeout
  local left = seconds and exchange.started + seconds - now()
  socket:settimeouts(left_ms(exchange, left), left_ms(exchange), left_ms(exchange))
end

local function parse_url(url)
  local scheme, authority = url:match("^(https?)://([^/?]+)")
  if not scheme then
    return nil
  end
  local host, port = authority:match("^(.-):?(%d*)$")
  if authority:find("^%[") then
    host, port = authority:match("^(%[[^%]]*%]):?(%d*)$")
  end
  return {
    scheme = scheme, host = host, authority = authority,
    port = tonumber(port) or (scheme == "https" and 443 or 80),
  }
end

--- What nginx's text for a connection that has failed means.
local function connect_error(exchange, reason)
  if reason == "timeout" then
    return failure(exchange, "ConnectTimeout", "the connection was not made in time")
  end
  if reason:find("resolve", 1, true) then -- "could not be resolved", "no resolver defined to …"
    return failure(exchange, "DNSError", reason)
  end
  return failure(exchange, "ConnectionError", reason)
end

--- What a failure while sending or receiving means.
local function transfer_error(exchange, reason)
  if reason == "timeout" then
    return failure(exchange, "AttemptTimeout", "the answer did not come in time")
  end
  return failure(exchange, "ConnectionError", "the connection broke: " .. tostring(reason))
end

--- A connected socket, from the pool or new; or nil and nginx's reason.
local function open(self, exchange)
  local place, options = exchange.place, self.options
  local socket = ngx.socket.tcp()
  set_connect_timeout(socket, exchange)
  local ok, reason = socket:connect(place.host, place.port, {
    -- A connection that was made without verification must not serve one who wants it.
    pool = ("appintegrations %s://%s:%d %s"):format(place.scheme, place.host, place.port,
      tostring(options.verify_tls)),
    pool_size = options.pool_size,
  })
  return ok and socket, reason
end

--- A socket ready for the request, and whether it is from the pool.
local function connect(self, exchange)
  local place, options = exchange.place, self.options
  local socket, reason = open(self, exchange)
  while socket and self.dead > 0 and socket:getreusedtimes() > 0 do
    socket:close() -- where one was dead, others will be
    socket, reason = open(self, exchange)
  end
  if not socket then
    return nil, connect_error(exchange, reason)
  end
  self.dead = math.max(self.dead - 1, 0)
  local ok
  local reused = socket:getreusedtimes() > 0
  exchange.timings.connect = reused and 0 or now() - exchange.started
  if place.scheme == "https" and not reused then
    set_connect_timeout(socket, exchange) -- what connecting has left of it
    ok, reason = socket:sslhandshake(false, place.host, options.verify_tls)
    if not ok then
      socket:close()
      return nil, reason == "timeout" and connect_error(exchange, reason)
        or failure(exchange, "TLSError", tostring(reason))
    end
    exchange.timings.tls = now() - exchange.started
  end
  return socket, reused
end

--- Receives from SOCKET for http1.read, within what time is left.
local function receiver(socket, exchange)
  return function()
    if exchange.finish - now() <= 0 then
      return nil, "timeout"
    end
    socket:settimeouts(1, 1, left_ms(exchange))
    local bytes, reason = socket:receiveany(PIECE_BYTES)
    if bytes and exchange.timings.first_byte == 0 then
      exchange.timings.first_byte = now() - exchange.started
    end
    return bytes, reason
  end
end

--- A pooled connection had been closed by the other side; nothing of an answer came. The retry
-- rules decide what follows.
local function stale(self, exchange)
  self.dead = self.dead + 1
  local err = failure(exchange, "ConnectionError",
    "the server closed the connection that was kept since an earlier call")
  err.stale = true
  return err
end

--- Sends the request and reads the answer.
local function exchange_over(self, exchange, socket, reused)
  local request = exchange.request
  socket:settimeouts(1, left_ms(exchange), 1)
  local _, reason = socket:send { http1.head(request), request.body or "" }
  local response, problem
  if reason then
    problem = { code = "ConnectionError", source = reason, got_any = false }
  else
    response, problem = http1.read(receiver(socket, exchange), request.max_response_bytes)
  end
  if not response then
    socket:close()
    local broken = problem.source and problem.source ~= "timeout"
    if reused and broken and not problem.got_any then
      return nil, stale(self, exchange)
    end
    if broken and problem.closed then
      return nil, failure(exchange, "ConnectionError", problem.message)
    end
    return nil, problem.source and transfer_error(exchange, problem.source)
      or failure(exchange, problem.code, problem.message)
  end
  if response.keep_alive then
    socket:setkeepalive(self.options.keepalive * 1000, self.options.pool_size)
  else
    socket:close()
  end
  return response
end

--- Sends REQUEST and waits for the answer, yielding to nginx.
---@param request appintegrations.TransportRequest
---@param _deadline? number  for information; the request's timeout has been cut to it already
---@return appintegrations.TransportResponse? response
---@return appintegrations.Error? err
---@nodiscard
function Transport:send(request, _deadline)
  local place = parse_url(request.url)
  if not place then
    return nil, errors.invalid_config "the request's URL is malformed"
  end
  local started = now()
  local exchange = {
    request = request, place = place, started = started,
    finish = started + (request.timeout or NO_LIMIT),
    timings = { name_lookup = 0, connect = 0, tls = 0, first_byte = 0, total = 0 },
  }
  local socket, reused = connect(self, exchange)
  if not socket then
    return nil, reused
  end
  local response, err = exchange_over(self, exchange, socket, reused)
  if not response then
    return nil, err
  end
  exchange.timings.total = now() - started
  return {
    status = response.status, headers = response.headers, body = response.body,
    timings = exchange.timings,
  }
end

--- Sleeps, yielding to nginx.
---@param seconds number
---@return boolean
function Transport.wait(_, seconds)
  ngx.sleep(seconds)
  return true
end

return M
