-- Every allocation fails once, in states of which libraries are missing, too:
-- see spec/support/memory.c.
local emulator = require "spec.support.emulator"

local BUILD = os.getenv "BUILD" or "build/5.4"

-- The long ones are sampled, but for CI, where all is tried in the fast build.
local STEP = os.getenv "CI" and not BUILD:find("sanitize", 1, true) and 1 or 29

describe("when memory runs out", function()
  local service

  setup(function()
    service = emulator.start()
  end)

  teardown(function()
    service:stop()
  end)

  --- Runs SCENARIO of spec/support/memory_scenarios.lua.
  local function survives(scenario, argument, step)
    local pipe = assert(io.popen(("%s/bin/memory spec/support/memory_scenarios.lua %s '%s' %d 2>&1")
      :format(BUILD, scenario, argument or "", step or 1)))
    local text = pipe:read("*a")
    pipe:close()
    assert.matches("^%d+ and %d+ failures survived\n$", text)
    return tonumber(text:match("^%d+"))
  end

  it("loading the module raises, leaks nothing and works the next time", function()
    assert.is_true(survives("load", nil, STEP) > 3000 / STEP)
  end)

  it("making a client raises, leaks nothing and works the next time", function()
    assert.is_true(survives "client" > 50)
  end)

  it("describing operations raises and leaks nothing", function()
    survives("describe", nil, STEP)
  end)

  it("the first call raises, leaks nothing and leaves the client usable", function()
    assert.is_true(survives "call" > 50)
  end)

  it("a further call raises, leaks nothing and leaves the client usable", function()
    assert.is_true(survives "further_call" > 20)
  end)

  it("writing a large request raises, leaks nothing and leaves the client usable", function()
    assert.is_true(survives "create" > 50)
  end)

  it("reporting violations raises, leaks nothing and leaves the client usable", function()
    assert.is_true(survives "violations" > 20)
  end)

  it("reading an error raises, leaks nothing and leaves the client usable", function()
    assert.is_true(survives "failure" > 50)
  end)

  it("a listing raises, leaks nothing and leaves the client usable", function()
    assert.is_true(survives "listing" > 50)
  end)

  it("tasks of a loop raise or fail, leak nothing and leave the client usable", function()
    assert.is_true(survives("loop", service.url) > 50)
  end)

  it("the first transfer raises, leaks nothing and leaves the client usable", function()
    assert.is_true(survives("network", service.url) > 50)
  end)

  it("a further transfer raises, leaks nothing and leaves the client usable", function()
    assert.is_true(survives("further_network_call", service.url) > 10)
  end)
end)
