local shell = require "spec.support.shell"

describe("the examples", function()
  local lua = os.getenv "LUA" or "lua"

  it("show how a script is tested", function()
    assert.equal("with the stub: passed\nwith the emulator: passed\n",
      (shell.output(lua .. " examples/testing.lua")))
  end)
end)
