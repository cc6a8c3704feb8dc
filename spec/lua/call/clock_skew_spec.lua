local clock_skew = require "appintegrations.call.clock_skew"
local errors = require "appintegrations.base.errors"

local DATE, NOW = "Sun, 22 Nov 2026 10:20:30 GMT", 1795342830

local function refusal(code)
  return errors.new { kind = "service", code = code or "InvalidSignatureException", message = "m" }
end

describe("the clock's skew", function()
  it("is learned from the Date of an answer, and corrected from 4 minutes on", function()
    for offset, correction in pairs {
      [0] = 0, [239] = 0, [-239] = 0, [240] = 240, [-240] = -240, [86400] = 86400,
      [172800] = 172800,
    } do
      local skew = clock_skew.new(true)
      skew:learn({ headers = { date = DATE } }, NOW - offset, NOW - offset)
      assert.equal(offset, skew.offset)
      assert.equal(correction, skew.correction)
    end
  end)

  it("is not learned from a cache, a slow exchange or an unreadable Date", function()
    local skew = clock_skew.new(true)
    local past = NOW - 3600
    skew:learn({ headers = { date = DATE, age = "1" } }, past, past)
    skew:learn({ headers = { date = DATE } }, past, past + 901)
    skew:learn({ headers = { date = "yesterday" } }, past, past)
    skew:learn({ headers = {} }, past, past)
    assert.is_nil(skew.offset)
    assert.equal(0, skew.correction)
    skew:learn({ headers = { date = DATE } }, past, past + 900)
    assert.equal(2700, skew.offset)
  end)

  it("is not learned from a Date that is days off", function()
    local skew = clock_skew.new(true)
    for _, date in ipairs { "Fri, 31 Dec 9999 23:59:59 GMT", "Thu, 01 Jan 1970 00:00:00 GMT",
      "Tue, 24 Nov 2026 10:20:31 GMT", "Fri, 20 Nov 2026 10:20:29 GMT" } do
      skew:learn({ headers = { date = date } }, NOW, NOW)
      assert.is_nil(skew.offset, date)
    end
    skew:learn({ headers = { date = DATE } }, NOW - 600, NOW - 600)
    skew:learn({ headers = { date = "Fri, 31 Dec 9999 23:59:59 GMT" } }, NOW, NOW)
    assert.same({ 600, 600 }, { skew.offset, skew.correction })
  end)

  it("goes when the clock is set", function()
    local skew = clock_skew.new(true)
    skew:learn({ headers = { date = DATE } }, NOW - 3600, NOW - 3600)
    skew:learn({ headers = { date = DATE } }, NOW, NOW)
    assert.equal(0, skew.correction)
  end)

  it("explains the refusal of a signature made without it", function()
    local skew = clock_skew.new(true)
    assert.is_false(skew:explains(refusal(), 0))
    skew:learn({ headers = { date = DATE } }, NOW - 3600, NOW - 3600)
    assert.is_true(skew:explains(refusal(), 0))
    assert.is_true(skew:explains(refusal "RequestTimeTooSkewed", 0))
    assert.is_false(skew:explains(refusal(), 3600))
    assert.is_false(skew:explains(refusal(), 3500))
    assert.is_false(skew:explains(refusal "ResourceNotFoundException", 0))
  end)

  it("is not corrected where that is switched off", function()
    local skew = clock_skew.new(false)
    skew:learn({ headers = { date = DATE } }, NOW - 3600, NOW - 3600)
    assert.equal(3600, skew.offset)
    assert.equal(0, skew.correction)
    assert.is_false(skew:explains(refusal(), 0))
  end)
end)
