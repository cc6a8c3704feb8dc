local clock_skew = require "appintegrations.clock_skew"
local errors = require "appintegrations.errors"

local DATE, NOW = "Sun, 22 Nov 2026 10:20:30 GMT", 1795342830

local function refusal(code)
  return errors.new { kind = "service", code = code or "InvalidSignatureException", message = "m" }
end

describe("the clock's skew", function()
  it("is learned from the Date of an answer, and corrected from 4 minutes on", function()
    for offset, correction in pairs {
      [0] = 0, [239] = 0, [-239] = 0, [240] = 240, [-240] = -240, [86400] = 86400,
    } do
      local skew = clock_skew.new(true)
      skew:learn({ date = DATE }, NOW - offset, NOW - offset)
      assert.equal(offset, skew.offset)
      assert.equal(correction, skew.correction)
    end
  end)

  it("is not learned from a cache, a slow exchange or an unreadable Date", function()
    local skew = clock_skew.new(true)
    skew:learn({ date = DATE, age = "1" }, 0, 0)
    skew:learn({ date = DATE }, 0, 901)
    skew:learn({ date = "yesterday" }, 0, 0)
    skew:learn({}, 0, 0)
    assert.is_nil(skew.offset)
    assert.equal(0, skew.correction)
    skew:learn({ date = DATE }, 0, 900)
    assert.equal(NOW - 900, skew.offset)
  end)

  it("goes when the clock is set", function()
    local skew = clock_skew.new(true)
    skew:learn({ date = DATE }, NOW - 3600, NOW - 3600)
    skew:learn({ date = DATE }, NOW, NOW)
    assert.equal(0, skew.correction)
  end)

  it("explains the refusal of a signature made without it", function()
    local skew = clock_skew.new(true)
    assert.is_false(skew:explains(refusal(), 0))
    skew:learn({ date = DATE }, NOW - 3600, NOW - 3600)
    assert.is_true(skew:explains(refusal(), 0))
    assert.is_true(skew:explains(refusal "RequestTimeTooSkewed", 0))
    assert.is_false(skew:explains(refusal(), 3600))
    assert.is_false(skew:explains(refusal(), 3500))
    assert.is_false(skew:explains(refusal "ResourceNotFoundException", 0))
  end)

  it("is not corrected where that is switched off", function()
    local skew = clock_skew.new(false)
    skew:learn({ date = DATE }, 0, 0)
    assert.equal(NOW, skew.offset)
    assert.equal(0, skew.correction)
    assert.is_false(skew:explains(refusal(), 0))
  end)
end)
