local log = require "appintegrations.log"
local worlds = require "spec.support.world"

local KEY = "arn:aws:kms:us-east-1:111122223333:key/1"

--- The lines that a call with one throttling and a final refusal makes at LEVEL, without what
-- differs from run to run.
local function lines_at(level)
  local lines = {}
  local world = worlds.new { logger = log.to(function(line)
    lines[#lines + 1] = line:gsub("%x+%-%x+%-%x+%-%x+%-%x+", "ID"):gsub("%d+ bytes", "N bytes")
  end, level) }
  world.service:inject { fault = "throttle" }
  world.service:inject { code = "AccessDeniedException", message = "no\n\27[31mway" }
  world.client:create_data_integration { Name = "a b", KmsKey = KEY }
  return lines
end

describe("a logger for people", function()
  it("tells errors, retries, answers or all, one on a line", function()
    local failed = "2026-11-22T10:20:31.199Z error create_data_integration: failed after "
      .. "2 attempts and 700.0 ms: AccessDeniedException: no  [31mway (request ID)"
    local again = "2026-11-22T10:20:30.099Z warn  create_data_integration: attempt 1 of 3 failed, "
      .. "again in 500.0 ms (throttling): ThrottlingException: Rate exceeded (request ID)"
    local advice = "2026-11-22T10:20:30.000Z warn  create_data_integration: Name: "
    local function same(expected, lines)
      assert.equal(#expected, #lines, table.concat(lines, "\n"))
      for i, line in ipairs(lines) do
        -- Tenths have no exact form: the last digit of a millisecond may differ.
        local function blur(text)
          return (text:gsub("%.%d%d%dZ", "Z"):gsub("30Z", "3?Z"):gsub("31Z", "3?Z"))
        end
        assert.equal(blur(expected[i]), blur(line:sub(1, #expected[i])))
      end
    end
    same({ failed }, lines_at "error")
    same({ advice, again, failed }, lines_at "warn")
    same({
      "2026-11-22T10:20:30.000Z info  create_data_integration: new credentials from static after "
        .. "0.0 ms",
      advice,
      "2026-11-22T10:20:30.100Z info  create_data_integration: HTTP 429 after 100.0 ms, attempt 1, "
        .. "N bytes, request ID",
      again,
      "2026-11-22T10:20:30.700Z info  create_data_integration: HTTP 403 after 100.0 ms, attempt 2, "
        .. "N bytes, request ID",
      failed,
    }, lines_at())
  end)

  it("shows masked headers and timings at debug", function()
    local text = table.concat(lines_at "debug", "\n")
    assert.truthy(text:find("debug create_data_integration: POST https://app-integrations."
      .. "us-east-1.amazonaws.com/dataIntegrations, attempt 1 of 3, N bytes", 1, true))
    assert.truthy(text:find("headers: amz-sdk-invocation-id=", 1, true))
    assert.truthy(text:find(" authorization=*** ", 1, true))
    assert.truthy(text:find("timings: connect=0.0 ms first_byte=0.0 ms", 1, true))
  end)

  it("tells when credentials end, and what else is said of them", function()
    local lines = {}
    local logger = log.to(function(line) lines[#lines + 1] = line end)
    logger { type = "credentials", time = 0, expiration = 1795342830 }
    logger { type = "credentials", time = 0, expiration = 253402300799 }
    logger { type = "credentials", time = 0, expiration = 253402300800 }
    logger { type = "credentials", time = 0, expiration = 1 / 0 }
    logger { type = "credentials", time = 0, message = "from the environment" }
    logger { type = "credentials", time = 0, message = "the vault is slow", provider = "process",
      level = "warn" }
    logger { type = "credentials", time = 0, message = "a\n\27[2Jb\194\1552Jc \195\188" }
    logger { type = "of the future" }
    logger { type = "of the future", level = "warn" }
    assert.same({
      "1970-01-01T00:00:00.000Z info  new credentials, valid until 2026-11-22T10:20:30.000Z",
      "1970-01-01T00:00:00.000Z info  new credentials, valid until 9999-12-31T23:59:59.000Z",
      "1970-01-01T00:00:00.000Z info  new credentials, valid beyond the year 9999",
      "1970-01-01T00:00:00.000Z info  new credentials, valid beyond the year 9999",
      "1970-01-01T00:00:00.000Z info  credentials: from the environment",
      "1970-01-01T00:00:00.000Z warn  credentials from process: the vault is slow",
      "1970-01-01T00:00:00.000Z info  credentials: a  [2Jb 2Jc \195\188",
    }, lines)
  end)

  it("writes to standard error when asked to", function()
    local written = {}
    local real = io.stderr
    io.stderr = { write = function(_, ...) written[#written + 1] = table.concat { ... } end } -- luacheck: ignore
    local logger = log.stderr "warn"
    log.stderr { type = "credentials", time = 0 } -- as `logger = log.stderr`
    io.stderr = real -- luacheck: ignore
    logger { type = "retry", time = 0, attempt = 1, max_attempts = 2, delay = 1, reason = "r",
      code = "C", message = "m" }
    logger { type = "response", time = 0, status = 200, elapsed = 0, attempt = 1, body_bytes = 0 }
    assert.same({ "1970-01-01T00:00:00.000Z info  new credentials\n",
      "1970-01-01T00:00:00.000Z warn  attempt 1 of 2 failed, again in 1000.0 ms (r): "
      .. "C: m\n" }, written)
  end)

  it("refuses unknown levels and what cannot be called, at the caller's line", function()
    local function raises(pattern, f, ...)
      local ok, message = pcall(function(...)
        local logger = f(...)
        return logger
      end, ...)
      assert.is_false(ok)
      assert.matches("log_spec%.lua:%d+: .*" .. pattern, message)
    end
    raises("got verbose", log.stderr, "verbose")
    raises("got 3", log.to, print, 3)
    raises("expected a function, got string", log.to, "stderr")
  end)
end)

describe("a logger for machines", function()
  local cjson = require "cjson"

  --- The events of a call that is throttled once, decoded.
  local function events_of(options, level)
    local lines = {}
    options.logger = log.jsonl(function(line) lines[#lines + 1] = line end, level)
    local world = worlds.new(options)
    world.service:inject { fault = "throttle" }
    world.client:create_data_integration { Name = "a b", KmsKey = KEY }
    local events = {}
    for i, line in ipairs(lines) do
      assert.is_nil(line:find "[%c]")
      events[i] = cjson.decode(line)
    end
    return events, lines
  end

  it("writes each event as one JSON object, the same members first", function()
    local events, lines = events_of {}
    local types = {}
    for i, event in ipairs(events) do
      types[i] = event.type
      assert.equal("create_data_integration", event.operation)
      assert.equal("us-east-1", event.region)
      assert.matches("^2026%-11%-22T10:20:3[01]%.%d%d%dZ$", event.time)
    end
    assert.equal("credentials request response retry request response",
      table.concat(types, " "):gsub(" error$", ""))
    assert.matches('^{"time":"2026[^"]*","level":"info","type":"credentials",'
      .. '"operation":"create_data_integration","region":"us%-east%-1","host":"app', lines[1])
    assert.equal("static", events[1].provider)
    assert.equal("static", events[2].provider)
    assert.equal("***", events[2].headers.authorization)
    assert.same({ "Name" }, { events[2].advisories[1].path })
    assert.is_nil(events[2].body)
  end)

  it("leaves out what is below a level", function()
    local events = events_of({}, "warn")
    assert.equal("retry", events[1].type)
  end)

  it("has bodies where the client is to log them, without secrets", function()
    local secret = worlds.CREDENTIALS.secret_access_key
    local seen = {}
    local world = worlds.new { log_bodies = true, logger = function(event)
      seen[event.type] = event.body
    end }
    assert(world.client:create_data_integration { Name = "crm", KmsKey = KEY,
      Description = "it is " .. secret })
    assert.matches('"Description":"it is %*%*%*"', seen.request)
    assert.matches('"Description":"it is %*%*%*"', seen.response)
  end)

  it("writes to a file, lines of valid UTF-8 whatever a server sends", function()
    local text = {}
    local file = { write = function(_, ...) text[#text + 1] = table.concat { ... } end }
    log.jsonl(file) { type = "response", time = 0, headers = { ["x-a"] = "\255é\n\200" } }
    assert.equal('{"time":"1970-01-01T00:00:00.000Z","level":"info","type":"response",'
      .. '"headers":{"x-a":"?é\\n?"}}\n', table.concat(text))
    log.jsonl(io.stderr, "error") { type = "request" } -- not written
  end)

  it("is made of a file or a function, and of a level", function()
    for _, target in ipairs { 5, "x", {}, true } do
      assert.has_error(function() log.jsonl(target) end,
        "log.jsonl: expected a file, as io.open gives it, or a function, got " .. type(target))
    end
    assert.has_error(function() log.jsonl(print, "loud") end)
  end)
end)
