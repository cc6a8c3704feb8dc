local errors = require "appintegrations.base.errors"
local retry = require "appintegrations.call.retry"

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

  it("is HTTP 429 without a code, as gateways answer it", function()
    assert.is_true(service_error("429", 429).retryable)
    assert.is_true(service_error("429", 429).throttling)
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

describe("a retry", function()
  local throttled = service_error("ThrottlingException", 429)
  local transient = service_error("503", 503)

  it("costs 5 tokens after throttling and 14 otherwise", function()
    assert.equal(5, retry.cost(throttled))
    assert.equal(14, retry.cost(transient))
    assert.equal(14, retry.cost(transport_error("AttemptTimeout", "timeout")))
  end)
end)
