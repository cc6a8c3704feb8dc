--- What COMMAND prints, both streams.
local function output_of(command)
  local pipe = assert(io.popen(command .. " 2>&1"))
  local output = pipe:read "*a"
  pipe:close()
  return output
end

describe("the examples", function()
  local lua = os.getenv "LUA" or "lua"

  it("show how a script is tested", function()
    assert.equal("with the stub: passed\nwith the emulator: passed\n",
      output_of(lua .. " examples/testing.lua"))
  end)
end)
