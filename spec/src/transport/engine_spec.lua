-- The engine: queueing, reuse of connections, cancelling, what a host's loop needs, forks, leaks.
local cleanup = require "spec.support.cleanup"
local connections = require "spec.support.connections"
local core = require "appintegrations.core"
local descriptors = require "spec.support.descriptors"
local finalizers = require "spec.support.finalizers"
local servers = require "spec.support.server"
local shell = require "spec.support.shell"
local eventually = require "spec.support.eventually"

local lua = os.getenv("LUA") or "lua5.4"

local curl, settings

local function start(...)
  local server = servers.start(...)
  cleanup(function() server:stop() end)
  return server
end

--- Whether a descriptor that ENGINE watches has been ready since this was asked.
local function watched(engine)
  return (select(2, engine:finished {}))
end

local function finish_all(engine, count)
  local outcomes = {}
  eventually("the end of all transfers", function()
    engine:step(1)
    local id, response, kind, code, message, timings, stale = engine:take()
    while id do
      outcomes[#outcomes + 1] = { id = id, response = response, kind = kind, code = code,
        message = message, timings = timings, stale = stale }
      id, response, kind, code, message, timings, stale = engine:take()
    end
    return #outcomes >= count
  end)
  return outcomes
end

--- Steps until transfer ID has finished, or is unknown.
local function finish(engine, id)
  eventually("the transfer's end", function()
    if engine:done(id) == false then
      engine:step(1)
    end
    return engine:done(id) ~= false
  end)
end

local function run(engine, request)
  local id = assert(engine:submit(request, settings))
  finish(engine, id)
  return select(2, engine:take(id))
end

local function collect()
  collectgarbage()
  collectgarbage()
end

describe("the engine", function()
  local engine

  before_each(function()
    curl = require "appintegrations.curl"
    settings = assert(curl.settings {})
    engine = curl.engine(8)
  end)

  after_each(function()
    engine:close()
  end)

  it("reuses one connection for calls that follow each other", function()
    local server = start { { body = "x" } }
    for _ = 1, 10 do
      assert.equal("x", run(engine, server:request("/")).body)
    end
    assert.equal(10, #server:requests())
    assert.equal(1, server:connections())
  end)

  it("connects anew when the server has closed an idle connection", function()
    local server = start({ { body = "x" } }, { idle = 1 })
    for _ = 1, 3 do
      local request = server:request("/", { method = "POST", body = "{}" })
      local response = run(engine, request) or run(engine, request) -- it closes just now: stale
      assert.equal("x", response.body)
    end
    assert.equal(3, server:connections())
  end)

  it("sends each request once: a kept connection that was dead is a stale one", function()
    for _, ending in ipairs { { close = true }, { reset = true } } do
      for _, fields in ipairs { {}, { method = "DELETE" }, { method = "POST", body = "{}" } } do
        local server = servers.start { { body = "1" }, ending, { body = "2" } }
        assert.equal("1", run(engine, server:request("/")).body)
        local id = assert(engine:submit(server:request("/", fields), settings))
        local outcome = finish_all(engine, 1)[1]
        assert.same({ id, "ConnectionError", true }, { outcome.id, outcome.code, outcome.stale })
        assert.matches(server.host .. " closed the connection that was kept", outcome.message, 1,
          true)
        assert.equal(2, #server:requests())
        assert.equal(1, server:connections())
        assert.equal("2", run(engine, server:request("/", fields)).body)
        assert.equal(2, server:connections())
        server:stop()
      end
    end
  end)

  it("calls a connection stale only if it was kept, and nothing came", function()
    local server = start { { close = true }, { body = "1" }, { cut = 30, body = "2" },
      { reset = true } }
    local function outcome()
      assert(engine:submit(server:request("/"), settings))
      return finish_all(engine, 1)[1]
    end
    for _, code in ipairs { "ConnectionError", "none", "ConnectionError", "ConnectionError" } do
      local result = outcome()
      assert.same({ code, false }, { result.code or "none", result.stale or false })
    end
  end)

  it("connects anew after a stale connection, though others are kept", function()
    local server = start { { body = "1", requests = 3 }, { body = "2", requests = 3 },
      { body = "3", requests = 3 }, { close = true }, { body = "4" }, { body = "5" } }
    for _ = 1, 3 do
      assert(engine:submit(server:request("/"), settings))
    end
    finish_all(engine, 3)
    assert(engine:submit(server:request("/"), settings))
    assert.is_true(finish_all(engine, 1)[1].stale)
    assert.equal(4, #server:requests())
    assert.equal("4", run(engine, server:request("/")).body)
    assert.equal(4, server:connections())
    assert.equal("5", run(engine, server:request("/")).body)
    assert.equal(4, server:connections())
  end)

  it("runs max_connections transfers at once, the others in their order", function()
    local server = start { { body = "x", delay = 0.01 } }
    local ids = {}
    for i = 1, 200 do
      ids[i] = assert(engine:submit(server:request("/" .. i), settings))
    end
    assert.same({ 200, 0, 0 }, { engine:counts() })
    engine:step(0)
    assert.same({ 192, 8, 0 }, { engine:counts() })
    local outcomes = finish_all(engine, 200)
    local seen = {}
    for _, outcome in ipairs(outcomes) do
      assert.equal("x", outcome.response.body)
      seen[outcome.id] = true
    end
    for i = 1, 200 do
      assert.is_true(seen[ids[i]])
    end
    assert.same({ 0, 0, 0 }, { engine:counts() })
    assert.is_true(server:connections() <= 8)
    for i, request in ipairs(server:requests()) do
      assert.is_true(math.abs(tonumber(request.target:sub(2)) - i) <= 16, "out of order")
    end
  end)

  it("does not count the time of waiting as the transfer's", function()
    local one = curl.engine(1)
    local server = start { { body = "x", delay = 0.15 } }
    for _ = 1, 4 do
      assert(one:submit(server:request("/", { timeout = 0.4 }), settings))
    end
    for _, outcome in ipairs(finish_all(one, 4)) do
      assert.equal("x", outcome.response and outcome.response.body)
    end
    one:close()
  end)

  it("tells what it waits for: descriptors, events, seconds", function()
    local server = start { { hang = true } }
    assert.same({}, connections(engine:fds()))
    assert.is_nil(engine:timeout())
    local id = engine:submit(server:request("/", { timeout = 5 }), settings)
    assert.equal(0, engine:timeout())
    local fds
    eventually("one connection that waits for its answer", function()
      engine:step(0.01)
      fds = connections(engine:fds())
      return #server:requests() == 1 and #fds == 1 and fds[1].events == "r"
        and engine:timeout() > 0
    end)
    assert.is_number(fds[1].fd)
    assert.is_true(engine:timeout() <= 5)
    engine:cancel(id)
    assert.same({}, connections(engine:fds()))
  end)

  it("waits for weeks, where the call before was to wait for a moment", function()
    local server = start { ["GET /"] = { body = "x" },
      ["GET /slow"] = { body = "slow", delay = 0.1 } }
    local one = curl.engine(1)
    for _, seconds in ipairs { 3600, 365 * 86400 } do
      run(one, server:request("/", { timeout = 0.02 }))
      local response = run(one, server:request("/slow", { timeout = seconds }))
      assert.equal("slow", response and response.body)
    end
    one:close()
  end)

  it("can be driven by a host that polls by itself and steps without waiting", function()
    local server = start { { body = "x", delay = 0.02 } }
    local socket = require "socket"
    for _ = 1, 20 do
      assert(engine:submit(server:request("/"), settings))
    end
    local finished = 0
    eventually("the end of all transfers", function()
      local readers, writers = {}, {}
      for _, entry in ipairs(engine:fds()) do
        local handle = { getfd = function() return entry.fd end }
        readers[#readers + 1] = entry.events:find("r") and handle or nil
        writers[#writers + 1] = entry.events:find("w") and handle or nil
      end
      socket.select(readers, writers, engine:timeout())
      engine:step(0)
      while engine:take() do
        finished = finished + 1
      end
      return finished == 20
    end)
  end)

  it("takes finished transfers by id or in the order of finishing, each once", function()
    local server = start { ["GET /slow"] = { body = "slow", delay = 0.1 },
      ["GET /fast"] = { body = "fast" } }
    local slow = engine:submit(server:request("/slow"), settings)
    local fast = engine:submit(server:request("/fast"), settings)
    assert.is_nil((engine:take()))
    assert.is_nil((engine:take(slow)))
    assert.is_false(engine:done(slow))
    finish(engine, slow)
    local id, response = engine:take()
    assert.equal(fast, id)
    assert.equal("fast", response.body)
    assert.is_nil((engine:take(fast)))
    assert.is_nil(engine:done(fast))
    assert.equal("slow", select(2, engine:take(slow)).body)
    assert.is_nil((engine:take()))
  end)

  it("waits in a step only until something happens, and not past its seconds", function()
    local before = curl.monotonic()
    assert.equal(0, engine:step(0.02))
    assert.is_true(curl.monotonic() - before >= 0.02)
    local server = start { { body = "x" } }
    engine:submit(server:request("/"), settings)
    eventually("the transfer's end", function()
      return engine:step() > 0 -- without a limit
    end)
    assert.equal(1, engine:step(0))
  end)

  it("cancels what waits, runs or has finished, once", function()
    local server = start { ["GET /"] = { body = "x" }, ["GET /hang"] = { hang = true } }
    local one = curl.engine(1)
    local running = one:submit(server:request("/hang"), settings)
    local waiting = one:submit(server:request("/"), settings)
    one:step(0)
    assert.same({ 1, 1, 0 }, { one:counts() })
    assert.is_true(one:cancel(waiting))
    assert.is_false(one:cancel(waiting))
    local second = one:submit(server:request("/"), settings)
    assert.is_true(one:cancel(running))
    finish(one, second)
    assert.is_true(one:cancel(second))
    assert.is_nil((one:take(second)))
    assert.same({ 0, 0, 0 }, { one:counts() })
    one:close()
  end)

  it("closes with transfers in flight, and can be used again", function()
    local server = start { ["GET /hang"] = { hang = true }, ["GET /"] = { body = "x" } }
    local ids = {}
    for i = 1, 20 do
      ids[i] = engine:submit(server:request("/hang"), settings)
    end
    engine:step(0.01)
    engine:close()
    engine:close()
    assert.same({ 0, 0, 0 }, { engine:counts() })
    assert.is_nil(engine:done(ids[1]))
    assert.equal("x", run(engine, server:request("/")).body)
  end)

  it("cancels the transfer of a guard that is collected", function()
    local server = start { { hang = true } }
    local guard = engine:guard()
    guard:hold((assert(engine:submit(server:request("/"), settings))))
    local released = engine:guard()
    released:hold((assert(engine:submit(server:request("/"), settings))))
    released:hold()
    engine:step(0)
    guard, released = nil, nil -- luacheck: ignore 311
    collect()
    assert.same({ 0, 1, 0 }, { engine:counts() })
  end)

  it("leaves guards harmless when it goes first", function()
    local server = start { { hang = true } }
    local other = curl.engine(1)
    local guard = other:guard()
    guard:hold((assert(other:submit(server:request("/"), settings))))
    other:step(0)
    other = nil -- luacheck: ignore 311
    collect()
    guard = nil -- luacheck: ignore 311
    collect()
  end)

  it("leaks no descriptor: closed, collected, cancelled, timed out, failed", function()
    local server = start {
      ["GET /"] = { body = "x" }, ["GET /hang"] = { hang = true },
      ["GET /reset"] = { reset = true },
    }
    collect()
    local before = descriptors()
    for round = 1, 20 do
      local other = curl.engine(4)
      run(other, server:request("/"))
      run(other, server:request("/reset"))
      run(other, server:request("/hang", { timeout = 0.001 }))
      other:cancel((other:submit(server:request("/hang"), settings)))
      for _ = 1, 8 do
        other:submit(server:request("/hang"), settings)
      end
      other:step(0)
      if round % 2 == 0 then
        other:close()
      end
    end
    collect()
    assert.equal(before, descriptors())
  end)

  it("tells when no descriptor is left, and works again when there is one", function()
    local server = start { ["GET /"] = { body = "x" } }
    local printed = shell.output(([[ulimit -n 64; %s -e '
      local curl, settings, request = require "appintegrations.curl", nil,
        { method = "GET", url = "%s/", headers = {}, timeout = 60, connect_timeout = 60 }
      settings = curl.settings {}
      local function call()
        local engine = curl.engine(1)
        local id = engine:submit(request, settings)
        while not engine:done(id) do
          engine:step(1)
        end
        local _, response, kind, code, message = engine:take(id)
        engine:close()
        return response and response.status or kind .. " " .. code .. ": " .. message
      end
      print(call())
      local files = {}
      for i = 1, 64 do
        files[i] = io.open "/dev/null"
      end
      print(call())
      files = nil
      collectgarbage()
      collectgarbage()
      print(call())']]):format(lua, server.url))
    local first, without, last = printed:match "^(%C*)\n(%C*)\n(%C*)\n$"
    assert.equal("200", first, printed)
    assert.equal("200", last, printed)
    assert.matches("^transport ConnectionError: no ", without)
  end)

  it("keeps its memory flat from call to call", function()
    if (os.getenv("LD_PRELOAD") or ""):find("asan") then
      pending("AddressSanitizer holds freed memory back")
      return
    end
    local server = start { { body = ("x"):rep(50000) } }
    local program = ([[%s -e '
      local curl = require "appintegrations.curl"
      local engine, settings = curl.engine(8), curl.settings {}
      local function measure(rounds)
        for _ = 1, rounds do
          for _ = 1, 16 do
            engine:submit({ method = "GET", url = "%s", headers = {} }, settings)
          end
          local left = 16
          while left > 0 do
            engine:step(10)
            while engine:take() do left = left - 1 end
          end
        end
        collectgarbage()
        collectgarbage()
        return tonumber(io.open("/proc/self/status"):read("*a"):match("VmRSS:%%s*(%%d+)"))
      end
      local before = measure(15)
      io.write(measure(60) - before)']]):format(lua, server.url)
    local growth = shell.output(program)
    assert.is_true(tonumber(growth) < 1500, growth .. " KiB more")
  end)

  it("refuses arguments that make no sense, and goes on", function()
    local request = { method = "GET", url = "http://127.0.0.1:9/", headers = {} }
    local function with(name, value)
      local copy = { method = request.method, url = request.url, headers = request.headers }
      copy[name] = value
      return copy
    end
    for _, bad in ipairs {
      with("url", 1), with("headers", 1), with("headers", { x = 1 }), with("headers", { "x" }),
      with("timeout", -1), with("timeout", 0 / 0), with("timeout", "1"), with("body", {}),
      with("method", false), with("max_response_bytes", -1), {},
    } do
      assert.has_error(function() engine:submit(bad, settings) end)
    end
    assert.has_error(function() engine:submit(request) end)
    assert.has_error(function() engine:submit(request, {}) end)
    assert.has_error(function() engine:submit(nil, settings) end)
    assert.has_error(function() engine:step(-1) end)
    assert.has_error(function() engine:step("x") end)
    assert.has_error(function() engine:take(0) end)
    assert.has_error(function() engine:cancel() end)
    local guard = engine:guard()
    for _, other in ipairs { guard, settings, 1, "x", {}, io.stdout, false } do
      assert.has_error(function() engine.step(other) end)
      assert.has_error(function() engine.take(other) end)
      assert.has_error(function() guard.hold(other == guard and engine or other, 1) end)
    end
    assert.has_error(function() engine.step() end)
    assert.has_error(function() curl.engine(0) end)
    assert.has_error(function() curl.engine(1e9) end)
    assert.has_error(function() curl.settings { proxy = 1 } end)
    assert.is_false(engine:cancel(12345678))
    assert.is_nil(engine:done(2 ^ 40))
    assert.same({ 0, 0, 0 }, { engine:counts() })
  end)

  it("tells once which transfers have finished; then they make no step due", function()
    local server = start { { body = "x" } }
    local ids, list = {}, {}
    for i = 1, 3 do
      ids[i] = engine:submit(server:request("/"), settings)
    end
    for i = 1, 3 do
      finish(engine, ids[i])
    end
    assert.equal(0, engine:timeout())
    assert.equal(3, engine:finished(list))
    table.sort(list)
    assert.same(ids, list)
    assert.is_true((engine:timeout() or 1) > 0)
    assert.equal(3, engine:finished(list)) -- appended to: nothing more
    local response = select(2, engine:take(ids[2]))
    assert.equal("x", response.body)
    engine:cancel(ids[1])
    assert.equal(0, engine:finished({}))
    local late = engine:submit(server:request("/"), settings)
    finish(engine, late)
    list = {}
    assert.equal(1, engine:finished(list))
    assert.same({ late }, list)
    assert.is_true(engine:done(ids[3]))
  end)

  -- Each allocation in Lua may run a finalizer, and that may do anything.
  local meddling = {
    ["cancels the transfer"] = function(id) engine:cancel(id) end,
    ["cancels all"] = function() engine:cancel(settings) end,
    ["takes another"] = function() engine:take() end,
    ["steps"] = function() engine:step(0) end,
    ["submits and drops"] = function(_, server)
      engine:cancel((engine:submit(server:request("/"), settings)))
    end,
    ["closes the engine"] = function() engine:close() end,
  }

  for what, meddle in pairs(meddling) do
    it("gives an answer whole although a finalizer " .. what .. " while it is taken", function()
      local headers = { ["content-length"] = "50000" }
      for i = 1, 60 do
        headers["x-" .. i] = ("v"):rep(i)
      end
      local server = start { { headers = headers, body = ("x"):rep(50000) }, { reset = true } }
      for round = 1, 6 do
        local id = assert(engine:submit(server:request("/"), settings))
        local other = assert(engine:submit(server:request("/other"), settings))
        finish(engine, id)
        finish(engine, other)
        local taken, response, kind
        local calls = finalizers.throughout(function() meddle(id, server) end, function()
          taken, response, kind = engine:take(round % 2 == 0 and id or nil)
        end)
        assert.is_true(calls > 0)
        if response then
          assert.same(headers, core.headers(response.header_lines))
          assert.equal(50000, #response.body)
        else
          assert.is_true(taken == nil or kind == "transport") -- gone before, or the reset one
        end
        assert.same({ 0, 0, 0 }, (function() engine:close() return { engine:counts() } end)())
      end
    end)
  end

  it("lists its descriptors although finalizers change them meanwhile", function()
    local socket = require "socket"
    local listener = assert(socket.bind("127.0.0.1", 0, 64))
    local _, port = listener:getsockname()
    local server = start { { hang = true } }
    local peers, fds = {}, {}
    for i = 1, 40 do
      peers[i] = assert(socket.connect("127.0.0.1", port))
      fds[i] = { fd = peers[i]:getfd(), events = "r" }
    end
    local turn = 0
    local calls = finalizers.throughout(function()
      turn = turn + 1
      if turn % 2 == 0 then
        engine:close()
      else
        engine:watch(fds)
        engine:submit(server:request("/"), settings)
        engine:step(0)
      end
    end, function()
      for _ = 1, 10 do
        for _, entry in ipairs(engine:fds()) do
          assert.is_true(entry.fd >= 0 and entry.fd < 65536)
          assert.is_string(entry.events)
        end
      end
    end)
    assert.is_true(calls > 0)
    for _, peer in ipairs(peers) do
      peer:close()
    end
    listener:close()
  end)

  it("tells of each finished transfer although finalizers take some meanwhile", function()
    local server = start { { body = "x" } }
    local left = {}
    for _ = 1, 20 do
      left[assert(engine:submit(server:request("/"), settings))] = true
    end
    eventually("the end of all transfers", function()
      engine:step(1)
      return select(3, engine:counts()) == 20
    end)
    local list = {}
    finalizers.throughout(function()
      local id = engine:take()
      if id then
        left[id] = nil
      end
    end, function()
      engine:finished(list)
    end)
    for _, id in ipairs(list) do
      left[id] = nil
    end
    assert.same({}, left)
    assert.equal(0, engine:finished {})
  end)

  it("cancels all transfers that have certain settings", function()
    local server = start { { hang = true } }
    local mine, others = curl.settings {}, curl.settings {}
    local spared = engine:submit(server:request("/"), others)
    for _ = 1, 3 do
      engine:submit(server:request("/"), mine)
    end
    engine:step(0)
    engine:submit(server:request("/"), mine) -- this one waits
    engine:cancel(mine)
    assert.same({ 0, 1, 0 }, { engine:counts() })
    assert.is_false(engine:done(spared))
  end)

  it("runs as many transfers at once as its limit says, also when that changes", function()
    local server = start { { hang = true } }
    local small = curl.engine(1)
    for _ = 1, 5 do
      small:submit(server:request("/"), settings)
    end
    small:step(0)
    assert.same({ 4, 1, 0 }, { small:counts() })
    small:limit(3)
    small:step(0)
    assert.same({ 2, 3, 0 }, { small:counts() })
    small:limit(1)
    small:step(0)
    assert.same({ 2, 3, 0 }, { small:counts() }) -- what runs goes on
    assert.has_error(function() small:limit(0) end)
    small:close()
  end)

  it("turns without waiting while there is something to tell", function()
    local server = start { { body = "x" } }
    local id = engine:submit(server:request("/"), settings)
    eventually("the transfer's end", function()
      return engine:step(1) == 1 -- tells nothing
    end)
    local list, started = {}, curl.monotonic()
    assert.is_true(engine:turn(60))
    assert.is_true(curl.monotonic() - started < 30)
    assert.equal(1, (engine:finished(list)))
    assert.same({ id }, list)
    assert.is_false(engine:turn(0))
  end)

  it("polls descriptors of the host until they are ready once", function()
    local socket = require "socket"
    local listener = assert(socket.bind("127.0.0.1", 0))
    local _, port = listener:getsockname()
    local fds = { { fd = listener:getfd(), events = "r" } }
    engine:watch(fds)
    engine:watch(fds) -- the same as once
    assert.same(fds, connections(engine:fds()))
    engine:step(0)
    assert.is_false(watched(engine))
    local peer = assert(socket.connect("127.0.0.1", port))
    engine:step(10)
    assert.same({}, connections(engine:fds()))
    assert.equal(0, engine:timeout())
    assert.is_true(watched(engine))
    assert.is_false(watched(engine))
    assert.is_nil(engine:timeout())
    engine:watch(fds)
    engine:unwatch(fds)
    engine:unwatch(fds)
    engine:step(0)
    assert.is_false(watched(engine))
    engine:watch(fds)
    engine:close() -- whoever waits is told
    assert.is_true(watched(engine))
    assert.same({}, connections(engine:fds()))
    assert.has_error(function() engine:watch { { fd = 1 } } end)
    assert.has_error(function() engine:watch(1) end)
    peer:close()
    listener:close()
  end)

  it("goes on with transfers whose end is waited for, though a watched descriptor is ready",
    function()
      local socket = require "socket"
      local listener = assert(socket.bind("127.0.0.1", 0))
      local host, port = listener:getsockname()
      local peer = assert(socket.connect(host, port))
      engine:watch { { fd = listener:getfd(), events = "r" } }
      engine:step(10)
      local server = start { { body = "there" } }
      local id = assert(engine:submit(server:request("/"), settings))
      local steps = 0
      while engine:done(id) == false and steps < 100 do
        engine:step(10)
        steps = steps + 1
      end
      assert.is_true(engine:done(id))
      assert.is_true(watched(engine))
      peer:close()
      listener:close()
    end)

  it("hands out its parts' metatables to nobody", function()
    assert.is_string(getmetatable(engine))
    assert.is_string(getmetatable(settings))
  end)

  it("keeps the transfers of others when settings are cancelled that are gone", function()
    local server = start { { hang = true } }
    local gone = curl.settings {}
    assert.is_nil((engine:submit({ method = "GET", url = "malformed", headers = {} }, gone)))
    debug.getmetatable(gone).__gc(gone) -- as while a Lua state is closed
    engine:cancel(gone)
    local first = engine:submit(server:request("/"), settings)
    local second = engine:submit(server:request("/"), settings)
    assert.is_false(engine:done(first))
    assert.is_false(engine:done(second))
    assert.equal(2, (engine:counts()))
  end)

  it("is gone with its Lua state, transfers in flight and all", function()
    local server = start { { hang = true } }
    local program = ([[%s -e '
      local curl = require "appintegrations.curl"
      engine, settings = curl.engine(4), curl.settings {}
      guards = {}
      for i = 1, 8 do
        guards[i] = engine:guard()
        guards[i]:hold((engine:submit({ method = "GET", url = "%s", headers = {} }, settings)))
      end
      engine:submit({ method = "GET", url = "http://no-such-host.invalid", headers = {} }, settings)
      engine:step(0)
      io.write("end")']]):format(lua, server.url)
    assert.same({ "end", 0 }, { shell.output(program) })
  end)

  it("survives a fork: the child connects anew, the parent's connection lives on", function()
    local server = start { { body = "x" } }
    local program = ([[%s -e '
      local forking = require "forking"
      local curl = require "appintegrations.curl"
      local engine, settings = curl.engine(4), curl.settings {}
      local function get(path)
        local id = engine:submit({ method = "GET", url = "%s" .. path, headers = {} }, settings)
        while engine:done(id) == false do engine:step(10) end
        local _, response, _, code = engine:take(id)
        return response and response.body or code
      end
      get("/before")
      local flying = engine:submit({ method = "GET", url = "%s/flying", headers = {} }, settings)
      local pid = forking.fork()
      if pid == 0 then
        engine:step(0)
        io.write("child ", tostring(select(4, engine:take(flying))), " ",
          #require "spec.support.connections"(engine:fds()), " ",
          get("/child"), "\n")
        io.stdout:flush()
        engine:close()
        forking.exit(0)
      end
      forking.wait(pid)
      while engine:done(flying) == false do engine:step(10) end
      io.write("parent ", engine:take(flying) == flying and "flying" or "", " ")
      io.write(get("/after"), "\n")
      ']]):format(lua, server.url, server.url)
    assert.equal("child ConnectionError 0 x\nparent flying x\n", (shell.output(program)))
    local used = {}
    for _, request in ipairs(server:requests()) do
      used[#used + 1] = request.target .. request.connection
    end
    assert.equal("/before1 /child2 /flying1 /after1", table.concat(used, " "))
  end)

  it("tells the child of a fork that what runs and what waits is the parent's", function()
    local server = start { { body = "x", delay = 0.05 } }
    local program = ([[%s -e '
      local forking = require "forking"
      local curl = require "appintegrations.curl"
      local connections = require "spec.support.connections"
      local engine, settings = curl.engine(1), curl.settings {}
      local ids = {}
      for i = 1, 2 do
        ids[i] = engine:submit({ method = "GET", url = "%s", headers = {} }, settings)
      end
      while #connections(engine:fds()) == 0 do engine:step(0.001) end
      local pid = forking.fork()
      if pid == 0 then
        engine:step(0)
        for _, id in ipairs(ids) do
          local _, _, _, code, message = engine:take(id)
          io.write(code, ": ", message:match "the process has forked" or message, "\n")
        end
        io.stdout:flush()
        forking.exit(0)
      end
      forking.wait(pid)
      for _, id in ipairs(ids) do
        while engine:done(id) == false do engine:step(10) end
        io.write(select(2, engine:take(id)).body)
      end']]):format(lua, server.url)
    assert.equal("ConnectionError: the process has forked\n"
      .. "ConnectionError: the process has forked\nxx", (shell.output(program)))
  end)

  it("closes nothing of a daemon's, which has closed all that the fork left it", function()
    local server = start { { body = "x" } }
    local program = ([[%s -e '
      local forking = require "forking"
      local curl = require "appintegrations.curl"
      local engine, settings = curl.engine(4), curl.settings {}
      local id = engine:submit({ method = "GET", url = "%s/", headers = {} }, settings)
      while engine:done(id) == false do engine:step(10) end
      engine:take(id)
      local pid = forking.fork()
      if pid == 0 then
        local closed, own, lost = 0, {}, 0
        for fd = 3, 63 do
          closed = closed + (forking.close(fd) and 1 or 0)
        end
        for i = 1, closed do
          own[i] = assert(io.open "/dev/zero")
        end
        engine:close()
        for i = 1, closed do
          lost = lost + (own[i]:read(1) and 0 or 1)
        end
        io.write(closed > 0 and "closed" or "nothing to close", ", lost ", lost)
        io.stdout:flush()
        forking.exit(0)
      end
      forking.wait(pid)']]):format(lua, server.url)
    assert.equal("closed, lost 0", (shell.output(program)))
  end)

  it("costs the child of a fork two descriptors, whatever it does", function()
    local server = start { { body = "x" } }
    local program = ([[%s -e '
      local forking = require "forking"
      local count = require "spec.support.descriptors"
      local curl = require "appintegrations.curl"
      local engine, settings = curl.engine(4), curl.settings {}
      local function get()
        local id = engine:submit({ method = "GET", url = "%s/", headers = {} }, settings)
        while engine:done(id) == false do engine:step(1) end
        engine:take(id)
      end
      local before = count()
      get()
      local pid = forking.fork()
      if pid == 0 then
        for _ = 1, 5 do get() end
        engine:close()
        local once = count() - before
        for _ = 1, 5 do get() end
        engine:close()
        -- libcurl has two by itself, with which its threads wake it.
        io.write(once <= 2 and "few" or once, " ", count() - before == once and "steady" or "more")
        io.stdout:flush()
        forking.exit(0)
      end
      forking.wait(pid)']]):format(lua, server.url)
    assert.equal("few steady", (shell.output(program)))
  end)

  it("keeps SIGPIPE from the host where libcurl does not, and leaves it as it was", function()
    local server = start { { body = "x" } }
    local program = ([[LD_PRELOAD="$LD_PRELOAD %s/old_libcurl.so" \
      env --default-signal=PIPE %s -e '
      local curl = require "appintegrations.curl"
      local engine, settings = curl.engine(4), curl.settings {}
      local function blocked()
        local status = io.open "/proc/thread-self/status"
        local mask = status:read "*a":match "SigBlk:%%s*(%%x+)"
        status:close()
        return mask:sub(-4, -4) ~= "0" -- SIGPIPE is bit 12
      end
      local before = blocked()
      for _ = 1, 3 do
        local id = engine:submit({ method = "GET", url = "%s/", headers = {} }, settings)
        while engine:done(id) == false do engine:step(1) end
        io.write(select(2, engine:take(id)).body)
      end
      engine:close()
      io.write(" ", blocked() == before and "as before" or "changed")']])
      :format(os.getenv "BUILD" or "build/5.4", lua, server.url)
    assert.same({ "xxx as before", 0 }, { shell.output(program) })
  end)
end)
