local rate_limiter = require "appintegrations.call.rate_limiter"
local eventually = require "spec.support.eventually"

-- What botocore's ClientRateLimiter says for a request every 0.2 s from 1000.2 on, of which the
-- 20th, 21st and 40th are throttled and none waits: request, rate, measured rate, tokens left
-- after it, and the wait that it was told.
local BOTOCORE = {
  { 5, 0.500000, 4.160000, 0.600000, 0.000000 },
  { 10, 3.200000, 4.326400, 1.852000, 0.000000 },
  { 15, 8.666112, 4.333056, 7.612000, 0.000000 },
  { 20, 3.033326, 4.333322, 3.033326, 0.000000 },
  { 21, 2.123328, 4.333322, 2.033326, 0.000000 },
  { 25, 2.978624, 4.333333, 0.741773, 0.089445 },
  { 30, 3.078901, 4.333333, 0.763427, 0.077754 },
  { 35, 4.342687, 4.333333, 0.158762, 0.000000 },
  { 40, 3.033333, 4.333333, 1.051286, 0.000000 },
  { 45, 4.288751, 4.333333, 0.775186, 0.000000 },
  { 50, 4.389173, 4.333333, 0.100505, 0.000000 },
  { 55, 5.734599, 4.333333, 0.832248, 0.000000 },
  { 60, 8.666667, 4.333333, 3.175419, 0.000000 },
}

local THROTTLED = { [20] = true, [21] = true, [40] = true }

describe("the rate limiter", function()
  it("lets everything through until the first throttling", function()
    local limiter = rate_limiter.new(function() return 0 end)
    for _ = 1, 1000 do
      assert.equal(0, limiter:take())
      limiter:record(false)
    end
    assert.is_false(limiter.enabled)
  end)

  it("follows botocore's to the sixth decimal", function()
    local now = 1000
    local limiter = rate_limiter.new(function() return now end)
    local expected = {}
    for _, row in ipairs(BOTOCORE) do
      expected[row[1]] = row
    end
    for i = 1, 60 do
      now = 1000 + i * 0.2
      local wait = limiter:take()
      limiter:record(THROTTLED[i] or false)
      if expected[i] then
        local seen = { i, limiter.rate, limiter.measured, limiter.tokens, wait }
        for column, value in ipairs(expected[i]) do
          assert.is_near(value, seen[column], 1e-6, ("request %d, column %d"):format(i, column))
        end
      end
    end
  end)

  it("is never slower than one request in two seconds", function()
    local now = 0
    local limiter = rate_limiter.new(function() return now end)
    for _ = 1, 50 do
      now = now + 10
      limiter:record(true)
    end
    assert.equal(0.5, limiter.rate)
    local wait = eventually("a wait", function()
      local seconds = limiter:take()
      return seconds > 0 and seconds
    end)
    assert.is_true(wait > 0 and wait <= 2)
    now = now + wait
    assert.equal(0, limiter:take())
  end)

  it("survives a clock that goes back", function()
    local now = 1000
    local limiter = rate_limiter.new(function() return now end)
    limiter:record(true)
    now = 10
    limiter:record(false)
    assert.is_true(limiter.rate >= 0.5)
    assert.is_true(limiter:take() <= 2)
  end)
end)
