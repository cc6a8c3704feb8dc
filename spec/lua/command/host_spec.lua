local apart = require "spec.support.apart"
local host = require "appintegrations.command.host"

local ENDS = { interrupted = 130, unwritable = 5 }

--- A stream that keeps what it is given; with MESSAGE, one that takes nothing more.
local function stream(message)
  local written = {}
  return {
    write = function(self, ...)
      if message then
        return nil, message
      end
      written[#written + 1] = table.concat { ... }
      return self
    end,
    flush = function(self) return not message and self or nil, message end,
    text = function() return table.concat(written) end,
  }
end

local function new(message)
  return { out = stream(message), err = stream() }
end

describe("a command's process", function()
  it("ends with what the command returns, and has its output", function()
    local process = new()
    assert.equal(4, host.run(process, ENDS, function(self)
      self.out:write("one ", "two"):flush()
      return 4
    end))
    assert.equal("one two", process.out.text())
    assert.equal("", process.err.text())
  end)

  it("takes a terminal for dumb that is called so, or has no name", function()
    local program = 'print(require("appintegrations.command.host").of_process().is_dumb)'
    for before, dumb in pairs { ["export TERM=xterm"] = "false", ["export TERM=dumb"] = "true",
      ["unset TERM"] = "true" } do
      assert.equal(dumb .. "\n", apart(program, before), before)
    end
  end)

  it("ends quietly when it is interrupted", function()
    local process = new()
    assert.equal(130, host.run(process, ENDS, function() error "interrupted!" end))
    assert.equal("\n", process.err.text())
  end)

  it("says what its output cannot take, when that is written or at the end", function()
    for _, what in ipairs { function(self) self.out:write "x" end, function() return 0 end } do
      local process = new "No space left on device"
      assert.equal(5, host.run(process, ENDS, what))
      assert.equal("appintegrations: standard output: No space left on device\n",
        process.err.text())
    end
  end)

  it("shows where a slip of its own was raised", function()
    local ok, message = pcall(host.run, new(), ENDS, function() error "a slip" end)
    assert.is_false(ok)
    assert.matches("host_spec.lua:%d+: a slip\nstack traceback:\n", message)
    local object = {}
    ok, message = pcall(host.run, new(), ENDS, function() error(object) end)
    assert.is_false(ok)
    assert.equal(object, message)
  end)
end)
