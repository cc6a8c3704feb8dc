-- What stands in where a sandbox has opened no library but base, table and string.
local apart = require "spec.support.apart"
local shell = require "spec.support.shell"
local workdir = require "spec.support.workdir"

--- The module compat as it is in a state without the library math.
local function without_math()
  local name, library = "appintegrations.base.compat", math
  local loaded = package.loaded[name]
  package.loaded[name] = nil
  _G.math = nil -- luacheck: ignore 122
  local ok, compat = pcall(require, name)
  _G.math = library -- luacheck: ignore 122
  package.loaded[name] = loaded
  assert(ok, compat)
  return compat
end

describe("without the library math", function()
  it("numbers are rounded and compared as that does", function()
    local stand_in = without_math().math
    assert.are_not.equal(math, stand_in)
    local numbers = { -2 ^ 40 - 0.25, -1.5, -1, -0.25, 0, 0.25, 0.75, 1, 1.5, 7, 2 ^ 40 + 0.25 }
    for _, a in ipairs(numbers) do
      assert.equal(math.floor(a), stand_in.floor(a))
      assert.equal(math.abs(a), stand_in.abs(a))
      for _, b in ipairs(numbers) do
        assert.equal(math.min(a, b), stand_in.min(a, b))
        assert.equal(math.max(a, b), stand_in.max(a, b))
      end
    end
    assert.equal(math.huge, stand_in.huge)
  end)

  it("a call has its token and is tried again after the usual time", function()
    local output = apart [[
      math = nil
      local appintegrations = require "appintegrations"
      local slept, tokens = {}, {}
      local transport = { send = function(_, request)
        tokens[#tokens + 1] = request.body:match '"ClientToken":"(.-)"'
        return { status = #tokens == 1 and 503 or 200, headers = {}, body = "{}" }
      end }
      local client = assert(appintegrations.client { region = "us-east-1", transport = transport,
        credentials = { access_key_id = "A", secret_access_key = "S" }, env = {}, files = false,
        random = function() return 0.75 end,
        sleep = function(seconds) slept[#slept + 1] = seconds end })
      assert(client:create_data_integration { Name = "crm", KmsKey = "k" })
      print(tokens[1], tokens[1] == tokens[2], ("%.4f"):format(slept[1]))
    ]]
    assert.equal("cccccccc-cccc-4ccc-bccc-cccccccccccc\ttrue\t0.0375\n", output)
  end)
end)

describe("without the library coroutine", function()
  it("calls are made, and credentials asked for anew, as appintegrations.h has it", function()
    local output = apart [[
      coroutine = nil
      local appintegrations = require "appintegrations"
      local asked, now = 0, 1e9
      local client = assert(appintegrations.client { region = "us-east-1", env = {}, files = false,
        credentials = function()
          asked = asked + 1
          return { access_key_id = "A", secret_access_key = "S", expiration = now + 3600 }
        end,
        clock = function() return now end, logger = function() end,
        transport = { send = function() return { status = 200, headers = {},
          body = '{"Applications":[{"Name":"desk"}]}' } end } })
      for application in client:each_application() do
        now = now + 3600
        print(application.Name, (assert(client:find_application "desk")).Name, asked)
      end
    ]]
    assert.equal("desk\tdesk\t2\n", output)
  end)
end)

describe("where it is an error to ask for a global that is absent", function()
  it("libraries may be absent", function()
    local output = apart [[
      math, coroutine, debug, os, io, package.loaded.math = nil
      setmetatable(_G, { __index = function(_, name) error("no global " .. name, 2) end })
      local appintegrations = require "appintegrations"
      local client = assert(appintegrations.client { region = "us-east-1", env = {}, files = false,
        credentials = { access_key_id = "A", secret_access_key = "S" },
        transport = { send = function() return { status = 200, body = '{"Name":"desk"}' } end } })
      print((assert(client:get_application { Arn = "a" })).Name)
      print(select(2, pcall(require("appintegrations.log").stderr)))
    ]]
    assert.equal("desk\nlog.stderr: this Lua state has no io library; use log.to\n", output)
  end)
end)

if _VERSION == "Lua 5.1" and not rawget(_G, "jit") then
  describe("what is compiled for Lua 5.1", function()
    it("yields through pcall where LuaJIT runs it", function()
      if not workdir.shell "command -v luajit >/dev/null" then
        return pending "there is no LuaJIT"
      end
      local dir = workdir.new()
      local output = shell.output("luajit " .. dir:write("program.lua", [[
        local loop = require("appintegrations").loop()
        local order = {}
        for _, name in ipairs { "a", "b" } do
          loop:spawn(function()
            order[#order + 1] = name .. 1
            pcall(loop.sleep, loop, 0)
            order[#order + 1] = name .. 2
          end)
        end
        loop:run()
        print(table.concat(order, " "))
      ]]))
      dir:remove()
      assert.equal("a1 b1 a2 b2\n", output)
    end)
  end)
end
