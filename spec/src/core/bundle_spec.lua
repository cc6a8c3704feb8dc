-- What `make install` installs: Lua files as they are, and compiled within core.so.
local workdir = require "spec.support.workdir"
local shell = require "spec.support.shell"

local LUA, BUILD = os.getenv "LUA" or "lua5.4", os.getenv "BUILD" or "build/5.4"
local SANITIZE = BUILD:find("sanitize", 1, true) and "1" or "0"

describe("an installed copy", function()
  local dir, prefix, lmod, cmod

  setup(function()
    dir = workdir.new()
    prefix = dir.path
    lmod, cmod = prefix .. "/lua", prefix .. "/lib"
    local text, status = shell.output(("make install LUA=%s SANITIZE=%s PREFIX=%s INSTALL_LMOD=%s "
      .. "INSTALL_CMOD=%s"):format(LUA, SANITIZE, prefix, lmod, cmod))
    assert(status == 0, text)
  end)

  teardown(function()
    dir:remove()
  end)

  --- What SCRIPT prints with this copy alone.
  local function run(script)
    dir:write("script.lua", script)
    return (shell.output(("cd %s && LUA_PATH='%s/?.lua;%s/?/init.lua;;' LUA_CPATH='%s/?.so;;' "
      .. "%s script.lua"):format(prefix, lmod, lmod, cmod, LUA)))
  end

  local CALL = [[
    local appintegrations = require "appintegrations"
    local client = assert(appintegrations.client {
      region = "us-east-1", env = {},
      credentials = { access_key_id = "a", secret_access_key = "s" },
      transport = { send = function()
        return { status = 200, headers = {}, body = '{"Id":"7"}' }
      end },
    })
    print(assert(client:get_data_integration { Identifier = "x" }).Id)
  ]]

  it("has its Lua files in core.so, and runs without the others", function()
    assert.equal("7\n", run(CALL))
    os.rename(lmod .. "/appintegrations/client.lua", prefix .. "/client.lua")
    assert.equal("7\n", run(CALL))
    os.rename(prefix .. "/client.lua", lmod .. "/appintegrations/client.lua")
  end)

  it("loads nothing for a first call that only failures and other programs need", function()
    local loaded = run(CALL .. [[
      for _, name in ipairs {
        "base.names", "base.printing", "call.events", "call.next_attempt", "call.redact",
        "call.retry", "config.headers", "config.profile_file", "credentials.context",
        "credentials.default", "curl", "loop", "paginate",
      } do
        if package.loaded["appintegrations." .. name] then
          print(name)
        end
      end
      print(package.loaded["appintegrations.client"] and "client")
    ]])
    assert.equal("7\nclient\n", loaded)
  end)

  it("has loaders for all that the directory has, but for the commands and the types", function()
    local listed = run [[
      require "appintegrations.core"
      local names = {}
      for name in pairs(package.preload) do
        names[#names + 1] = name:match "^appintegrations.*"
      end
      table.sort(names)
      print(table.concat(names, "\n"))
    ]]
    local files = shell.output("cd " .. lmod .. " && find appintegrations -name '*.lua' "
      .. "-not -path '*/emulator/*' -not -path '*/command/*' "
      .. "-not -name types.lua -not -name strict_json.lua "
      .. "| sed 's,/init.lua$,,; s,.lua$,,; s,/,.,g' | LC_ALL=C sort")
    assert.equal(files, listed)
  end)

  it("goes on where the program takes `require` and libraries from its scripts", function()
    assert.equal("7\ntrue\ntable\n", run([[
      local print, require, type = print, require, type
    ]] .. CALL:gsub("\n", "\n_G.require, package, debug, io, os = nil\n", 1) .. [[
      print(#appintegrations.help() > 1000)
      local calm = assert(appintegrations.client { region = "us-east-1", env = {},
        files = false, process = false, imds = false })
      print(type(select(2, calm:list_applications {})))
    ]]))
  end)

  it("names the lines of the sources", function()
    local wrong = [[
      local cache = require "appintegrations.call.backoff"
      print(select(2, pcall(cache.delay)))
      local info = debug.getinfo(cache.delay, "S")
      print(info.linedefined, info.short_src)
    ]]
    local function lines(text)
      return text:match "backoff.lua:(%d+):", text:match "\n(%d+)\t"
    end
    local line, defined = lines(run("require 'appintegrations'\n" .. wrong))
    assert.is_truthy(line)
    assert.same({ lines(run(wrong)) }, { line, defined }) -- compiled from the file
  end)

  it("tells where the program called it", function()
    for _, first in ipairs { "", "require 'appintegrations.loop'\n" } do
      local text = run(first .. "local appintegrations = require 'appintegrations'\n"
        .. "local client = assert(appintegrations.client { region = 'us-east-1', env = {} })\n"
        .. "local _, err = client:get_data_integration { Nmae = 'x' }\nprint(err.where)\n")
      assert.equal(("script.lua:%d\n"):format(first == "" and 3 or 4), text)
    end
  end)

  it("tells so in a folder that has the module's name, too", function()
    local folder = prefix .. "/appintegrations"
    workdir.shell("mkdir " .. folder)
    dir:write("appintegrations/demo.lua", [[
      local appintegrations = require "appintegrations"
      local client = assert(appintegrations.client { region = "us-east-1", env = {} })
      local _, err = client:get_data_integration { Nmae = "x" }
      print(err.where:match "[^/]*$")
    ]])
    for _, name in ipairs { "appintegrations", "./appintegrations", folder } do
      assert.equal("demo.lua:3\n", run(("dofile '%s/demo.lua'\n"):format(name)))
    end
  end)
end)

describe("a checkout", function()
  it("runs from its sources", function()
    assert.is_nil(package.preload["appintegrations.client"])
    local client = require "appintegrations.client"
    assert.matches("lua/appintegrations/client%.lua$", debug.getinfo(client.new, "S").source)
  end)
end)
