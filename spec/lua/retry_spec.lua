local errors = require "appintegrations.errors"
local retry = require "appintegrations.retry"

local function service_error(code, status)
  local err = errors.new { kind = "service", code = code, status = status, message = "m" }
  retry.classify(err)
  return err
end

local function transport_error(code, kind)
  local err = errors.new { kind = kind or "transport", code = code, message = "m" }
  retry.classify(err)
  return err
end

describe("what is worth a retry", function()
  it("are throttling, transient codes and statuses, and failures of the transport", function()
    for code, throttling in pairs {
      ThrottlingException = true, SlowDown = true, TooManyRequestsException = true,
      PriorRequestNotComplete = true, RequestTimeout = false, RequestTimeoutException = false,
    } do
      local err = service_error(code, 400)
      assert.is_true(err.retryable, code)
      assert.equal(throttling, err.throttling, code)
    end
    for _, status in ipairs { 500, 502, 503, 504 } do
      assert.is_true(service_error(tostring(status), status).retryable)
      assert.is_false(service_error(tostring(status), status).throttling)
    end
    for _, code in ipairs { "ConnectionError", "DNSError", "TLSError", "ProxyError" } do
      assert.is_true(transport_error(code).retryable)
    end
    assert.is_true(transport_error("AttemptTimeout", "timeout").retryable)
    assert.is_true(transport_error("ConnectTimeout", "timeout").retryable)
  end)

  it("is no quota that is used up, although it is HTTP 429 too", function()
    assert.is_false(service_error("ResourceQuotaExceededException", 429).retryable)
  end)

  it("is nothing else", function()
    for code, status in pairs {
      AccessDeniedException = 403, ResourceNotFoundException = 404, InvalidRequestException = 400,
      DuplicateResourceException = 409, ["501"] = 501, ["505"] = 505, ["307"] = 307,
    } do
      assert.is_false(service_error(code, status).retryable, code)
    end
    assert.is_false(transport_error("DeadlineExceeded", "timeout").retryable)
    assert.is_false(transport_error("Cancelled", "cancelled").retryable)
    assert.is_false(transport_error("ResponseTooLarge", "response").retryable)
  end)
end)

describe("the delay", function()
  local throttled = service_error("ThrottlingException", 429)
  local transient = service_error("503", 503)

  local function delay(failures, err, headers, random, now)
    return retry.delay(failures, err, headers, function() return random or 0.5 end, now or 0)
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

  it("costs 5 tokens after throttling and 14 otherwise", function()
    assert.equal(5, retry.cost(throttled))
    assert.equal(14, retry.cost(transient))
    assert.equal(14, retry.cost(transport_error("AttemptTimeout", "timeout")))
  end)
end)
