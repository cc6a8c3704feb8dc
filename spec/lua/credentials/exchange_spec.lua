local address = require "appintegrations.credentials.address"
local core = require "appintegrations.core"
local errors = require "appintegrations.base.errors"
local exchange = require "appintegrations.credentials.exchange"
local provider_context = require "spec.support.provider_context"
local server = require "spec.support.server"

local started = {}

local function start(script)
  local running = server.start(script)
  started[#started + 1] = running
  return running
end

local function call(context, url, fields, deadline)
  local one = {
    address = address.parse(url), method = "GET", timeout = 5, attempts = 3,
    read = exchange.read_json,
  }
  for name, value in pairs(fields or {}) do
    one[name] = value
  end
  return exchange.call(context, one, deadline)
end

describe("an exchange", function()
  after_each(function()
    while started[1] do
      table.remove(started):stop()
    end
  end)

  it("sends what it has been given, and who we are", function()
    local running = start { ["POST /a?b=c"] = { body = '{"x":1}' } }
    assert.same({ x = 1 }, call(provider_context.new(), running.url .. "/a?b=c", {
      method = "POST", body = "body", headers = { ["x-a"] = "1" },
    }))
    local request = running:requests()[1]
    assert.equal("body", request.body)
    assert.equal("1", request.headers["x-a"])
    assert.equal(running.host, request.headers.host)
    assert.matches("^appintegrations%-lua/", request.headers["user-agent"])
  end)

  it("with a service is repeated while that may help, with pauses", function()
    local running = start { ["GET /"] = {
      { status = 500, body = '{"code":"Internal"}' }, { body = ("x"):rep(100), cut = 80 },
      { body = "{}" },
    } }
    local context = provider_context.new()
    assert.same({}, exchange.call_service(context, {
      address = address.parse(running.url), method = "GET", read = exchange.read_json,
    }))
    assert.same({ 0.025, 0.05 }, context.slept)
    assert.equal(10, context.requests[1].timeout)
    assert.equal(3.1, context.requests[1].connect_timeout)
  end)

  it("with a service has no more patience than the client", function()
    local running = start { ["GET /"] = { body = "{}" } }
    local context = provider_context.new { settings = { timeout = 2, connect_timeout = 0.5 } }
    assert(exchange.call_service(context, {
      address = address.parse(running.url), method = "GET", read = exchange.read_json,
    }))
    assert.equal(2, context.requests[1].timeout)
    assert.equal(0.5, context.requests[1].connect_timeout)
  end)

  it("is signed anew for each attempt", function()
    local running = start { ["GET /"] = { { status = 503 }, { body = "{}" } } }
    local signed = 0
    call(provider_context.new(), running.url, { sign = function(request)
      signed = signed + 1
      request.headers["x-signed"] = tostring(signed)
    end })
    local requests = running:requests()
    assert.equal("1", requests[1].headers["x-signed"])
    assert.equal("2", requests[2].headers["x-signed"])
  end)

  it("is not repeated for what will not pass, nor more often than allowed", function()
    local running = start { ["GET /no"] = { status = 403 }, ["GET /down"] = { status = 502 } }
    local context = provider_context.new()
    local _, err = call(context, running.url .. "/no")
    assert.equal(403, err.status)
    assert.equal(1, #running:requests())
    _, err = call(context, running.url .. "/down")
    assert.equal(502, err.status)
    assert.equal(4, #running:requests())
  end)

  it("ends with its deadline: no attempt and no pause beyond", function()
    local running = start { ["GET /hang"] = { hang = true }, ["GET /down"] = { status = 503 } }
    local context = provider_context.new { clock = core.now }
    local from = core.monotonic()
    local _, err = call(context, running.url .. "/hang", nil, core.now() + 0.05)
    assert.equal("DeadlineExceeded", err.code)
    assert.is_true(core.monotonic() - from < 2)
    context = provider_context.new()
    _, err = call(context, running.url .. "/down", { pause = function() return 10 end },
      context.now + 5)
    assert.equal("DeadlineExceeded", err.code)
    assert.matches("HTTP status 503", err.message)
    assert.same({}, context.slept)
    _, err = call(context, running.url .. "/down", nil, context.now)
    assert.equal("DeadlineExceeded", err.code)
    assert.equal(2, #running:requests())
  end)

  it("is over when it is cancelled", function()
    local sent = 0
    local cancelled = errors.new { kind = "cancelled", code = "Cancelled", message = "cancelled" }
    local context = provider_context.new { http = function()
      sent = sent + 1
      return nil, cancelled
    end }
    local _, err = call(context, "http://localhost/", { retry_all = true })
    assert.equal(cancelled, err)
    assert.equal(1, sent)
    assert.equal(cancelled, exchange.failure("p", address.parse "http://localhost/", err))
  end)

  it("is over when its pause is cut short", function()
    local sent = 0
    local failure = errors.new { kind = "transport", code = "ConnectionError", message = "lost" }
    local cancelled = errors.new { kind = "cancelled", code = "Cancelled", message = "cancelled" }
    local context = provider_context.new { http = function()
      sent = sent + 1
      return nil, failure
    end }
    function context.sleep() return cancelled end
    local _, err = exchange.call_service(context, { address = address.parse "http://localhost/",
      method = "GET", read = exchange.read_json })
    assert.equal(cancelled, err)
    assert.equal(1, sent)
  end)

  it("yields where the transport does", function()
    local context = provider_context.new { http = function(request)
      return coroutine.yield(request.url)
    end }
    local task = coroutine.wrap(function()
      return call(context, "http://localhost/x")
    end)
    assert.equal("http://localhost/x", task())
    assert.same({ a = 1 }, task { status = 200, headers = {}, body = '{"a":1}' })
  end)
end)

describe("the error of an exchange", function()
  local host = address.parse "https://sts.us-east-1.amazonaws.com"

  it("names provider, host, status, code and message, and what to do", function()
    local err = exchange.failure("assume-role", host, errors.new {
      kind = "service", code = "AccessDenied", message = "Not you.", status = 403,
      request_id = "r-1",
    }, { advice = "check the role" })
    assert.equal("CredentialsProviderError: assume-role: sts.us-east-1.amazonaws.com answered "
      .. "HTTP 403, AccessDenied: Not you.; check the role [HTTP 403, request r-1]", tostring(err))
    assert.equal("credentials", err.kind)
  end)

  it("is one line without the secrets that were sent", function()
    local err = exchange.failure("p", host, errors.new {
      kind = "service", code = "Bad", status = 400,
      message = "the token\r\n\27[31mtop-secret is top-secret" .. ("x"):rep(500),
    }, { secrets = { "top-secret", "x" } })
    assert.is_nil(err.message:find("top-secret", 1, true))
    assert.truthy(err.message:find("the token [31m*** is ***xxx", 1, true))
    assert.is_nil(err.message:find "%c")
    assert.is_true(#err.message < 400)
  end)

  it("has OAuth's message, and the status where there is no code", function()
    local read_json = exchange.read_json
    local _, err = read_json { status = 400, headers = {},
      body = '{"error":"invalid_grant","error_description":"Invalid refresh token"}' }
    assert.equal("p: sts.us-east-1.amazonaws.com answered HTTP 400: Invalid refresh token",
      exchange.failure("p", host, err).message)
    _, err = read_json { status = 200, headers = {}, body = "<html>" }
    assert.equal("p: the answer of sts.us-east-1.amazonaws.com cannot be used: HTTP 200 with "
      .. "6 bytes that are no JSON object", exchange.failure("p", host, err).message)
  end)
end)

describe("times in files", function()
  it("are read in the forms that have been written", function()
    assert.equal(1790000000, exchange.time "2026-09-21T14:13:20Z")
    assert.equal(1790000000, exchange.time "2026-09-21T14:13:20UTC")
    for _, zone in ipairs { "Z", " UTC", "+0000", " +0000", " +00:00" } do
      assert.equal(1790000000, exchange.time("2026-09-21 14:13:20" .. zone), zone)
    end
    assert.equal(1790000000, exchange.time "2026-09-21 12:13:20 -0200")
    assert.is_nil(exchange.time "2026-09-21 14:13:20")
    assert.is_nil(exchange.time "tomorrow")
    assert.is_nil(exchange.time(nil))
    assert.is_nil(exchange.time(5))
  end)
end)
