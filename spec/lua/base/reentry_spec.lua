-- Functions that must not be called by what they call.
local reentry = require "appintegrations.base.reentry"

describe("a function that is not to be called by what it calls", function()
  local f

  before_each(function()
    f = coroutine.wrap(function() end) -- a new one each time: 5.2 and 5.3 use closures again
  end)

  it("may be called again once it has ended", function()
    local call = assert(reentry.enter(f))
    assert.is_nil(reentry.enter(f))
    reentry.leave(f, call)
    call = assert(reentry.enter(f))
    reentry.leave(f, call)
  end)

  it("is told from others", function()
    local call = reentry.enter(f)
    assert.is_table(reentry.enter(function() return call end))
    reentry.leave(f, call)
  end)

  it("is known in coroutines that run within it, not beside it", function()
    local first = coroutine.wrap(function()
      local call = assert(reentry.enter(f))
      assert.is_nil(coroutine.wrap(function() return reentry.enter(f) end)())
      coroutine.yield()
      reentry.leave(f, call)
    end)
    local second = coroutine.wrap(function()
      local call = reentry.enter(f)
      reentry.leave(f, call)
      return call
    end)
    first()
    assert.is_table(second())
    first()
  end)

  it("counts as ended when what called it is gone: an error kept it from saying so", function()
    local function cut_off()
      assert(reentry.enter(f))
      error "oops"
    end
    assert.is_false((pcall(cut_off)))
    collectgarbage()
    collectgarbage()
    local call = reentry.enter(f)
    assert.is_table(call)
    reentry.leave(f, call)
  end)

  it("leaves what has begun since it was given up", function()
    local first = assert(reentry.enter(f))
    reentry.leave(f, first)
    local second = assert(reentry.enter(f))
    reentry.leave(f, first)
    assert.is_nil(reentry.enter(f))
    reentry.leave(f, second)
  end)
end)
