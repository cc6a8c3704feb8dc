local certificates = require "spec.support.certificates"
local cleanup = require "spec.support.cleanup"
local descriptors = require "spec.support.descriptors"
local errors = require "appintegrations.base.errors"
local servers = require "spec.support.server"
local workdir = require "spec.support.workdir"
local transport = require "appintegrations.transport.curl"
local shell = require "spec.support.shell"
local eventually = require "spec.support.eventually"

local function start(...)
  local server = servers.start(...)
  cleanup(function() server:stop() end)
  return server
end

--- A scheduler with METHODS and an engine of its own.
local function scheduler(methods)
  function methods.shared_engine(self, curl, limit)
    self.engine = self.engine or curl.engine(limit)
    return self.engine
  end
  methods.transfers_cancelled = methods.transfers_cancelled or function() end
  return methods
end

describe("transport.curl", function()
  it("does not load libcurl before something is sent", function()
    local program = (os.getenv("LUA") or "lua5.4") .. [[ -e '
      local client = require("appintegrations.transport.curl").new { proxy = "http://x:1" }
      client:cancel()
      client:close()
      local maps = io.open("/proc/self/maps"):read("*a")
      io.write(maps:find("libcurl") and "loaded" or "not loaded")']]
    assert.equal("not loaded", (shell.output(program)))
  end)

  it("works for a program that has no io and os", function()
    local server = start { { body = "x" } }
    local program = ([[%s -e '
      local write = io.write
      require("appintegrations.transport.curl")
      io, os, debug = nil, nil, nil
      local curl = require "appintegrations.transport.curl"
      local _, err = curl.new { ca_bundle = "/none" }
      local response = curl.new():send { method = "GET", url = "%s", headers = {} }
      write(tostring(err), " ", response.body)']]):format(os.getenv("LUA") or "lua5.4", server.url)
    assert.equal("InvalidConfig: the CA bundle cannot be read: /none: "
      .. "No such file or directory x", (shell.output(program)))
  end)

  it("returns an error for a CA bundle that cannot be read, with its path", function()
    local dir = workdir.new()
    cleanup(function() dir:remove() end)
    for _, bad in ipairs { "/no/such/bundle.pem", dir.path, dir:write("empty", "") } do
      local client, err = transport.new { ca_bundle = bad }
      assert.is_nil(client)
      assert.is_true(errors.is_error(err, "InvalidConfig"))
      assert.equal("config", err.kind)
      assert.matches(bad, err.message, 1, true)
    end
  end)

  it("raises at the caller's line for options that it does not know or like", function()
    for _, case in ipairs {
      { { prox = "x" }, "unknown option 'prox'" },
      { { "x" }, "unknown option '1'" },
      { { verify_tls = "no" }, "option 'verify_tls': expected boolean, got string" },
      { { max_connections = 0 }, "option 'max_connections'" },
      { { max_connections = 1.5 }, "option 'max_connections'" },
      { { max_connections = "8" }, "option 'max_connections': expected number" },
    } do
      local ok, message = pcall(function()
        local client = transport.new(case[1])
        return client
      end)
      assert.is_false(ok)
      assert.matches(case[2], message, 1, true)
      assert.matches("transport/curl_spec.lua:", message, 1, true)
    end
  end)

  it("keeps the options as they were when it was made", function()
    local server = start { { body = "x" } }
    local options = { max_connections = 2 }
    local client = assert(transport.new(options))
    options.proxy = "http://127.0.0.1:1"
    assert.equal("x", assert(client:send(server:request("/"))).body)
  end)

  it("gives errors their kind, code, message and timings", function()
    local server = start { { close = true } }
    local response, err = assert(transport.new()):send(server:request("/"))
    assert.is_nil(response)
    assert.is_true(errors.is_error(err, "ConnectionError"))
    assert.equal("transport", err.kind)
    assert.is_false(err.retryable)
    assert.is_true(err.timings.connect > 0)
  end)

  it("waits for a time, while transfers go on", function()
    local server = start { { body = "x" } }
    local client = assert(transport.new())
    local id = assert(client:submit(server:request("/")))
    client:wait(0)
    local monotonic = require("appintegrations.curl").monotonic
    local before = monotonic()
    eventually("the transfer's end", function()
      client:wait(0.02)
      return client.engine:done(id)
    end)
    assert.is_true(monotonic() - before >= 0.02)
    assert.equal("x", client:take(id).body)
  end)

  it("sends while transfers of others are in flight or wait to be taken", function()
    local server = start { ["GET /x"] = { body = "x" }, ["GET /y"] = { body = "y" },
      ["GET /hang"] = { hang = true } }
    local client = assert(transport.new())
    local first = assert(client:submit(server:request("/x")))
    assert(client:submit(server:request("/hang")))
    assert.equal("y", assert(client:send(server:request("/y"))).body)
    eventually("the transfer's end", function()
      client:wait(0.01)
      return client.engine:done(first)
    end)
    assert.equal("y", assert(client:send(server:request("/y"))).body)
    assert.equal("x", client:take(first).body)
    client:close()
  end)

  it("ends a call that a debug hook cancels, as cancelled", function()
    local server = start { { hang = true } }
    local client = assert(transport.new())
    debug.sethook(function()
      if client.engine and select(2, client.engine:counts()) > 0 then
        client:cancel()
      end
    end, "", 1)
    local response, err = client:send(server:request("/"))
    debug.sethook()
    assert.is_nil(response)
    assert.is_true(errors.is_error(err, "Cancelled"))
    assert.equal("cancelled", err.kind)
  end)

  it("leaves nothing behind when an error ends a call from outside", function()
    local server = start { { hang = true } }
    local client = assert(transport.new())
    local reached
    local ok = pcall(function()
      debug.sethook(function(_, line)
        local name = debug.getinfo(2, "n").name
        if name == "step" or (name == "block" and line) then
          reached = true
          debug.sethook()
          error("stop")
        end
      end, "cl")
      return client:send(server:request("/"))
    end)
    debug.sethook()
    assert.is_false(ok)
    assert.is_true(reached)
    collectgarbage()
    collectgarbage()
    assert.same({ 0, 0, 0 }, { client.engine:counts() })
  end)

  it("leaves nothing behind when a coroutine that waits is dropped", function()
    local server = start { { hang = true } }
    local client = assert(transport.new())
    client.scheduler = scheduler { await = function() coroutine.yield() return true end }
    coroutine.wrap(function() return client:send(server:request("/")) end)()
    client.engine:step(0)
    assert.same({ 0, 1, 0 }, { client.engine:counts() })
    collectgarbage()
    collectgarbage()
    assert.same({ 0, 0, 0 }, { client.engine:counts() })
  end)

  it("lets a scheduler wait for transfers and times in its tasks", function()
    local server = start { { body = "x", delay = 0.01 } }
    local client = assert(transport.new())
    local waiting, slept = {}, {}
    client.scheduler = scheduler {
      await = function(_, id)
        waiting[id] = true
        coroutine.yield()
        return true
      end,
      sleep = function(_, seconds)
        slept[#slept + 1] = seconds
        return true
      end,
    }
    local bodies, tasks = {}, {}
    for i = 1, 3 do
      tasks[i] = coroutine.create(function()
        bodies[i] = assert(client:send(server:request("/"))).body
      end)
      assert(coroutine.resume(tasks[i]))
    end
    assert.is_nil(next(bodies))
    for id in pairs(waiting) do
      eventually("the transfer's end", function()
        client.engine:step(1)
        return client.engine:done(id)
      end)
    end
    for i = 1, 3 do
      assert(coroutine.resume(tasks[i]))
    end
    assert.same({ "x", "x", "x" }, bodies)
    assert.is_true(client:wait(1000))
    assert.same({ 1000 }, slept)
  end)

  it("blocks where the scheduler says that this is no task", function()
    local server = start { { body = "x" } }
    local client = assert(transport.new())
    client.scheduler = scheduler { await = function() return false end }
    assert.equal("x", assert(client:send(server:request("/"))).body)
  end)

  it("ends its own transfers only on an engine that it shares, and says so", function()
    local server = start { { hang = true } }
    local told = 0
    local shared = scheduler { transfers_cancelled = function() told = told + 1 end }
    local one, other = assert(transport.new({}, shared)), assert(transport.new({}, shared))
    local direct = server:request("/")
    direct.direct = true
    assert(one:submit(server:request("/")))
    assert(one:submit(direct))
    local spared = assert(other:submit(server:request("/")))
    one:cancel()
    assert.equal(1, told)
    assert.is_false(shared.engine:done(spared))
    assert.same({ 1, 0, 0 }, { shared.engine:counts() })
    one:close()
    assert.is_nil((one:submit(server:request("/"))))
    assert.is_number((other:submit(server:request("/"))))
  end)

  it("is closed once and for all, calls in flight being cancelled", function()
    local server = start { { hang = true } }
    local client = assert(transport.new())
    local id = assert(client:submit(server:request("/")))
    client:wait(0.001)
    client:close()
    client:close()
    local response, err = client:take(id)
    assert.is_nil(response)
    assert.is_true(errors.is_error(err, "Cancelled"))
    response, err = client:send(server:request("/"))
    assert.is_nil(response)
    assert.is_true(errors.is_error(err, "Cancelled"))
  end)

  it("cancels one call by its id, and none by a request that it has not been given", function()
    local server = start { { hang = true } }
    local client = assert(transport.new())
    local first = assert(client:submit(server:request("/")))
    local second = assert(client:submit(server:request("/")))
    client:cancel(server:request("/"))
    assert.is_false(client.engine:done(first))
    client:cancel(first)
    assert.is_nil(client.engine:done(first))
    assert.is_false(client.engine:done(second))
    client:close()
  end)
end)

-- Transports without a scheduler.
describe("the engine that the transports of a state share", function()
  before_each(function()
    collectgarbage() -- what earlier specs have dropped
    collectgarbage()
  end)

  local function get(client, server)
    local response, err = client:send(server:request("/"))
    return response and response.body or err.code
  end

  it("keeps few descriptors and one connection, however many there are", function()
    local server = start { { body = "x" } }
    local before, clients = descriptors(), {}
    for i = 1, 50 do
      clients[i] = assert(transport.new { max_connections = i })
      assert.equal("x", get(clients[i], server))
    end
    assert.equal(1, server:connections())
    local most = before + 5
    assert.is_true(descriptors() <= most)
    for _, client in ipairs(clients) do
      client:close()
    end
    assert.is_true(descriptors() <= before + 2) -- libcurl's own
    assert.equal("x", get(assert(transport.new()), server)) -- it can be used again
  end)

  it("never takes a connection that was made with other settings", function()
    local files = certificates.make()
    cleanup(function() files:remove() end)
    local server = start({ { body = "x" } }, { tls = files })
    local trusting = assert(transport.new { verify_tls = false })
    assert.equal("x", get(trusting, server))
    assert.equal("TLSError", get(assert(transport.new()), server))
    assert.equal("x", get(assert(transport.new { ca_bundle = files.authority }), server))
    local plain = start { { body = "direct" } }
    assert.equal("direct", get(assert(transport.new()), plain))
    local proxy = start { { body = "proxied" } }
    assert.equal("proxied", get(assert(transport.new { proxy = proxy.url }), plain))
    assert.equal("direct", get(assert(transport.new()), plain))
  end)

  it("cancels and closes what is one's own", function()
    local server = start { { hang = true } }
    local one, other = assert(transport.new()), assert(transport.new())
    local mine = assert(one:submit(server:request("/")))
    local theirs = assert(other:submit(server:request("/")))
    one:wait(0)
    assert.equal(one.engine, other.engine)
    one:cancel()
    assert.is_nil(one.engine:done(mine))
    mine = assert(one:submit(server:request("/")))
    one:close()
    assert.is_nil(one.engine:done(mine))
    assert.is_false(other.engine:done(theirs))
    other:close()
    assert.is_nil(other.engine:done(theirs))
  end)

  it("goes with the last of them, collected or closed, and comes again", function()
    local server = start { { body = "x" } }
    for _ = 1, 3 do
      local held = setmetatable({}, { __mode = "v" })
      do
        local client = assert(transport.new())
        assert.equal("x", get(client, server))
        held[1] = client.engine
      end
      if jit then
        jit.flush() -- what it has compiled holds transports, of other specs too
      end
      collectgarbage()
      collectgarbage()
      assert.is_nil(held[1])
    end
    assert.equal(3, server:connections())
  end)

  it("serves finalizers of other clients, and the end of the state at any point", function()
    local server = start { { body = "x" } }
    local program = ([[%s -e '
      local transport = require "appintegrations.transport.curl"
      local finalizers = require "spec.support.finalizers"
      local request = { method = "GET", url = "%s", headers = {} }
      for i = 1, 4 do
        local client = assert(transport.new())
        assert(client:send(request))
        if i %% 2 == 0 then client:submit(request) end
        finalizers.bury(function()
          pcall(client.send, client, request)
          pcall(client.close, client)
        end)
      end
      io.write "end"']]):format(os.getenv("LUA") or "lua5.4", server.url)
    assert.same({ "end", 0 }, { shell.output(program) })
  end)

  it("connects anew in the child of a fork, and leaves the parent's connection alone", function()
    local server = start { { body = "x" } }
    local program = ([[%s -e '
      local forking = require "forking"
      local transport = require "appintegrations.transport.curl"
      local one, other = transport.new(), transport.new()
      local function get(client)
        return assert(client:send { method = "GET", url = "%s", headers = {} }).body
      end
      get(one)
      local pid = forking.fork()
      if pid == 0 then
        io.write(get(other), get(one))
        io.stdout:flush()
        one:close()
        other:close()
        forking.exit(0)
      end
      forking.wait(pid)
      io.write(get(other), get(one))']]):format(os.getenv("LUA") or "lua5.4", server.url)
    assert.equal("xxxx", (shell.output(program)))
    assert.equal(2, server:connections())
  end)
end)
