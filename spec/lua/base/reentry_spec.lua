-- Functions that must not be called by what they call.
local core = require "appintegrations.core"
local reentry = require "appintegrations.base.reentry"

describe("a function that is not to be called by what it calls", function()
  local monotonic = core.monotonic

  local function f() end

  after_each(function()
    core.monotonic = monotonic
    reentry.leave(f)
  end)

  it("may be called again once it has ended", function()
    assert.is_true(reentry.enter(f))
    assert.is_false(reentry.enter(f))
    reentry.leave(f)
    assert.is_true(reentry.enter(f))
  end)

  it("is told from others", function()
    local function other() end
    assert.is_true(reentry.enter(f))
    assert.is_true(reentry.enter(other))
    reentry.leave(other)
  end)

  it("is known in coroutines that run within it, not beside it", function()
    local first = coroutine.wrap(function()
      assert.is_true(reentry.enter(f))
      assert.is_false(coroutine.wrap(function() return reentry.enter(f) end)())
      coroutine.yield()
      reentry.leave(f)
    end)
    local second = coroutine.wrap(function()
      local entered = reentry.enter(f)
      reentry.leave(f)
      return entered
    end)
    first()
    assert.is_true(second())
    first()
  end)

  it("counts as ended after a while: an error may have kept it from saying so", function()
    local ahead = 0
    core.monotonic = function() return monotonic() + ahead end
    assert.is_true(reentry.enter(f))
    ahead = 299
    assert.is_false(reentry.enter(f))
    ahead = 301
    assert.is_true(reentry.enter(f))
  end)
end)
