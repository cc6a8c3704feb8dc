-- appintegrations.transport.haproxy outside HAProxy, which spec/hosts has: what HAProxy offers of
-- its own is a function that yields.
local apart = require "spec.support.apart"
local cleanup = require "spec.support.cleanup"
local eventually = require "spec.support.eventually"
local start = require("spec.support.server").start

if _VERSION < "Lua 5.3" then
  return -- Lua 5.3 and later: HAProxy is linked with no other
end

describe("calls under HAProxy", function()
  it("need no file of a library that was there when the client was made", function()
    assert.equal("true\ttrue\ttrue\n", apart [[
      local transport = assert(require "appintegrations.transport.haproxy".new())
      assert(require "appintegrations".client { region = "us-east-1", transport = transport })
      local loaded = package.loaded
      print(loaded["appintegrations.signing"] ~= nil, loaded["appintegrations.curl"] ~= nil,
        loaded.cjson ~= nil)
    ]])
  end)

  it("end with their time while others have all connections", function()
    local before = rawget(_G, "core")
    rawset(_G, "core", { msleep = function() coroutine.yield() end })
    local server = start { { hang = true } }
    local transport = assert(require("appintegrations.transport.haproxy").new {
      max_connections = 1,
    })
    cleanup(function()
      transport:close()
      server:stop()
      rawset(_G, "core", before)
    end)

    local function sending(time_left)
      local request = server:request "/"
      request.time_left = time_left
      return coroutine.create(function() return transport:send(request) end)
    end

    local first, second = sending(), sending(0.01)
    local outcome
    eventually("the end of the second", function()
      assert(coroutine.resume(first))
      outcome = { coroutine.resume(second) }
      return coroutine.status(second) == "dead"
    end)
    assert.equal("AttemptTimeout", outcome[3].code)
    assert.equal("suspended", coroutine.status(first))
  end)
end)
