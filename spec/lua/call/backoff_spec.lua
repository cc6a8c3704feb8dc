local backoff = require "appintegrations.call.backoff"
local errors = require "appintegrations.base.errors"
local retry = require "appintegrations.call.retry"

local function service_error(code, status)
  local err = errors.new { kind = "service", code = code, status = status, message = "m" }
  retry.classify(err)
  return err
end

describe("the delay", function()
  local throttled = service_error("ThrottlingException", 429)
  local transient = service_error("503", 503)

  local function delay(failures, err, headers, random, now)
    return backoff.delay(failures, err, headers, function() return random or 0.5 end, now or 0)
  end

  it("doubles from 50 ms, or 1 s after throttling, up to 20 s, times a random number", function()
    local function delays(err)
      local list = {}
      for failures = 1, 12 do
        list[failures] = delay(failures, err)
      end
      return list
    end
    assert.same({ 0.5, 1, 2, 4, 8, 10, 10, 10, 10, 10, 10, 10 }, delays(throttled))
    assert.same({ 0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 10, 10, 10 }, delays(transient))
    assert.equal(0, delay(1, throttled, nil, 0))
    assert.equal(10, delay(5000, transient)) -- 2^4999 is no number
  end)

  it("is none after a kept connection that was dead, and only then", function()
    local err = errors.new { kind = "transport", code = "ConnectionError", message = "m" }
    assert.equal(0.025, delay(1, err))
    err.stale = true
    assert.equal(0, delay(1, err))
  end)

  it("is raised by what the service asks for, by 5 s at most", function()
    for text, expected in pairs {
      ["0"] = 0.5, ["100"] = 0.5, ["2000"] = 2, ["5500"] = 5.5, ["60000"] = 5.5,
      ["99999999999999999999999999"] = 5.5, ["-1"] = 0.5, ["1.5"] = 0.5, ["soon"] = 0.5,
      [""] = 0.5,
    } do
      assert.equal(expected, delay(1, throttled, { ["x-amz-retry-after"] = text }), text)
    end
    for text, expected in pairs {
      ["0"] = 0.5, ["2"] = 2, ["3600"] = 5.5, ["-2"] = 0.5, ["2 s"] = 0.5,
      ["Sun, 22 Nov 2026 10:20:33 GMT"] = 3, ["Sun, 22 Nov 2026 10:00:00 GMT"] = 0.5,
      ["Mon, 23 Nov 2026 10:00:00 GMT"] = 5.5, ["Sun, 22 Nov"] = 0.5,
    } do
      assert.equal(expected, delay(1, throttled, { ["retry-after"] = text }, 0.5, 1795342830), text)
    end
  end)

  it("takes AWS's own header before the general one", function()
    assert.equal(1.5, delay(1, throttled,
      { ["x-amz-retry-after"] = "1500", ["retry-after"] = "4" }))
    assert.equal(4, delay(1, throttled,
      { ["x-amz-retry-after"] = "garbage", ["retry-after"] = "4" }))
  end)
end)
