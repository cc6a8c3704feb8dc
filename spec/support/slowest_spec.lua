-- A short search for texts that readers of foreign bytes are slow with; `make slowest` has more
-- time for it. All of it is counted: the same seed finds the same on each machine.
local cleanup = require "spec.support.cleanup"
local shell = require "spec.support.shell"
local workdir = require "spec.support.workdir"

local LUA, BUILD = os.getenv "LUA" or "lua5.4", os.getenv "BUILD" or "build/5.4"

-- In a process of its own: there the string library counts its steps.
local PRELUDE = [[
  package.path = "./?.lua;" .. package.path
  local cost = require "spec.support.cost"
  cost.load "]] .. BUILD .. [[/counted"
  local slowest = require "spec.support.slowest"
  local function search(read, size)
    local reader = { name = "x", read = read }
    local found = slowest.search(reader, { tries = 300, seed = 1, size = size or 32 })
    print(found and (found.raised and tostring(found.raised) or "slow") or "linear")
  end
]]

local function run(code)
  local dir = workdir.new()
  cleanup(function() dir:remove() end)
  local output, status = shell.output(LUA .. " " .. dir:write("search.lua", PRELUDE .. code))
  assert.equal(0, status, output)
  return output
end

describe("the search for slow texts", function()
  it("finds what patterns, joining, removing and plain search have quadratic", function()
    assert.equal(("slow\n"):rep(5), run [[
      search(function(text) return text:gsub("%s+$", ""), text:gsub("[^ ]+$", "") end)
      search(function(text) return text:match "^([^/]+)(/?[^?]*)$" end)
      search(function(text)
        local joined = ""
        for c in text:gmatch "." do joined = joined .. c end
      end, 128)
      search(function(text) return text:find(text:sub(2, #text / 2) .. "\1", 1, true) end)
      search(function(text)
        for i = 1, #text do require("appintegrations.core").parse_time(text:sub(i)) end
      end)]])
  end)

  it("leaves alone what is linear, or slow up to a limit only", function()
    assert.equal(("linear\n"):rep(3), run [[
      search(function(text) return text:match "^.*%S" end)
      search(function(text) return (text:sub(1, 300):gsub("%s+$", "")) end)
      search(require("appintegrations.core").parse_time)]])
  end)

  it("finds what raises", function()
    assert.matches("^no number", run [[
      search(function(text) if text:find "%d" then error("no number", 0) end end)]])
  end)

  it("finds nothing in the module's readers", function()
    assert.equal("", run [[
      for _, reader in ipairs(slowest.readers {}) do
        local found = slowest.search(reader, { tries = 8, seed = 1, size = 128 })
        if found then
          print(slowest.told(found))
        end
      end]])
  end)
end)
