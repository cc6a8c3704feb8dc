-- What many clients, and many Lua states in a process, hold. `make bench` measures more of them.
local emulator = require "spec.support.emulator"
local shell = require "spec.support.shell"

local LUA = os.getenv "LUA" or "lua5.4"
local SANITIZED = (os.getenv "LD_PRELOAD" or ""):find "asan" ~= nil -- holds freed memory back

-- A client's own tables, and those of a state with the whole module in it.
local MOST_OF_CLIENT, MOST_OF_STATE = 64 * 1024, 1024 * 1024
-- A connection, and the two with which libcurl wakes itself.
local DESCRIPTORS_OF_STATE = 3

describe("in one process", function()
  local service

  before_each(function()
    service = emulator.start { "--quiet" }
  end)

  after_each(function()
    service:stop()
  end)

  --- Bytes and descriptors of each.
  local function cost_of(what, count, limits)
    local text = shell.output(("%s %s spec/support/scale.lua %s %d %s 2>&1"):format(limits or "",
      LUA, what, count, service.url))
    local bytes, descriptors = text:match "^(%S+)%s+(%S+)\n$"
    assert(bytes, text)
    return tonumber(bytes), tonumber(descriptors)
  end

  it("a thousand clients in a state share connections: 40 descriptors are enough", function()
    local bytes, descriptors = cost_of("clients", 1000, "ulimit -n 40;")
    assert.equal(0, descriptors)
    assert.is_true(SANITIZED or bytes < MOST_OF_CLIENT, bytes .. " bytes")
  end)

  it("each Lua state has an engine of its own: three descriptors", function()
    local bytes, descriptors = cost_of("states", 50)
    assert.is_true(descriptors <= DESCRIPTORS_OF_STATE, descriptors .. " descriptors")
    assert.is_true(SANITIZED or bytes < MOST_OF_STATE, bytes .. " bytes")
  end)
end)
