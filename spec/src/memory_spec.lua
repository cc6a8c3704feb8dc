-- Every allocation fails once, in states of which libraries are missing, too:
-- see spec/support/memory.c.
local emulator = require "spec.support.emulator"
local shell = require "spec.support.shell"

local BUILD = os.getenv "BUILD" or "build/5.4"

-- Every n-th allocation of the long ones, unless all shall be tried: what these do beyond their
-- first is tried by the others in full.
local EVERY = os.getenv "EVERY_FAULT" == "1" or os.getenv "EVERY_FAULT" == "memory"
local STEP, STEP_OF_FIRST_CALLS = EVERY and 1 or 29, EVERY and 1 or 7

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
    local text = shell.output(("%s/bin/memory spec/support/memory_scenarios.lua %s '%s' %d")
      :format(BUILD, scenario, argument or "", step or 1))
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
    assert.is_true(survives("create", nil, STEP_OF_FIRST_CALLS) > 50 / STEP_OF_FIRST_CALLS)
  end)

  it("reporting violations raises, leaks nothing and leaves the client usable", function()
    assert.is_true(survives "violations" > 20)
  end)

  it("reading an error raises, leaks nothing and leaves the client usable", function()
    assert.is_true(survives "failure" > 50)
  end)

  it("printing raises, leaks nothing and works the next time", function()
    assert.is_true(survives("printing", nil, 29) > 100) -- sampled: it is nearly all Lua
  end)

  it("wrong names and requests that are not sent raise and leak nothing", function()
    assert.is_true(survives("names", nil, STEP) > 200 / STEP)
  end)

  it("a listing raises, leaks nothing and leaves the client usable", function()
    assert.is_true(survives("listing", nil, STEP_OF_FIRST_CALLS) > 50 / STEP_OF_FIRST_CALLS)
  end)

  it("the items of loop:map raise or fail, leak nothing and leave the loop usable", function()
    assert.is_true(survives("map", nil, STEP_OF_FIRST_CALLS) > 50 / STEP_OF_FIRST_CALLS)
  end)

  it("tasks of a loop raise or fail, leak nothing and leave the client usable", function()
    assert.is_true(survives("loop", service.url, STEP_OF_FIRST_CALLS) > 50 / STEP_OF_FIRST_CALLS)
  end)

  it("the first transfer raises, leaks nothing and leaves the client usable", function()
    assert.is_true(survives("network", service.url, STEP_OF_FIRST_CALLS) > 50 / STEP_OF_FIRST_CALLS)
  end)

  it("a further transfer raises, leaks nothing and leaves the client usable", function()
    assert.is_true(survives("further_network_call", service.url) > 10)
  end)

  it("finalizers that send while the state is closed leave nothing", function()
    survives("closing", service.url)
  end)
end)
