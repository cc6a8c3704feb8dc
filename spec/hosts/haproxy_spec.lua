-- The example for HAProxy in the HAProxy that Debian packages.
local daemon = require "spec.support.daemon"
local example_host = require "spec.support.example_host"
local shell = require "spec.support.shell"
local start = require("spec.support.server").start

local function absent()
  if not daemon.has "haproxy" then
    return "haproxy is absent"
  end
  local version = shell.output("haproxy -vv"):match "Lua version : Lua (%d%.%d)"
  local build = io.open(("build/%s/appintegrations/core.so"):format(version))
  if not build then
    return ("the build for Lua %s is absent"):format(version)
  end
  build:close()
end

describe("the example for HAProxy", function()
  local reason = absent()
  if reason then
    return pending(reason)
  end

  --- Starts it with one thread, so that nothing but yielding lets two requests go on.
  local function start_example(url, changes)
    changes = changes or {}
    changes["global\n"] = "global\n    nbthread 1\n"
    return example_host.start("examples/haproxy/haproxy.cfg", "haproxy -db -f %s", url, changes)
  end

  it("lists what the emulator has, in a service", function()
    local status, body, output = example_host.listing(start_example, 60)
    assert.equal(200, status, output)
    assert.truthy(body:find('"count":60', 1, true), body)
  end)

  it("asks the service about a request that passes, in an action", function()
    local service = example_host.emulator_with(3)
    local host = start_example(service.url, { ["lua.application crm"] = "lua.application app-3" })
    local status, _, answer = host:get("/anything")
    host:stop()
    service:stop()
    assert.equal(200, status)
    assert.matches("x%-application: %x+%-%x+", answer)
  end)

  it("lists none as an empty list", function()
    local _, body = example_host.listing(start_example, 0)
    assert.equal('{"count":0,"applications":[]}', body)
  end)

  it("answers with the error when the service is down", function()
    local host = start_example("http://127.0.0.1:" .. daemon.free_port())
    local status, body = host:get("/applications")
    host:stop()
    assert.equal(502, status)
    assert.truthy(body:find('"ConnectionError"', 1, true), body)
  end)

  it("serves other requests while a call waits", function()
    local server = start { { hang = true } }
    local host = start_example(server.url)
    local pinged, waiting = example_host.serves_while_waiting(host, "/applications", server)
    host:stop()
    server:stop()
    assert.is_true(pinged)
    assert.is_true(waiting)
  end)

  it("works in a state that all threads share, too", function()
    local service = example_host.emulator_with(1)
    local host = example_host.start("examples/haproxy/haproxy.cfg", "haproxy -db -f %s",
      service.url, { ["lua-load-per-thread"] = "lua-load" })
    for _ = 1, 20 do
      local status, body = host:get("/applications")
      assert.equal(200, status)
      assert.truthy(body:find('"count":1', 1, true), body)
    end
    host:stop()
    service:stop()
  end)
end)
