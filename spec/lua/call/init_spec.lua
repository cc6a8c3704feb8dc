local appintegrations = require "appintegrations"
local errors = require "appintegrations.base.errors"
local fake = require "spec.support.fake_transport"
local worlds = require "spec.support.world"

local KEY = "arn:aws:kms:us-east-1:111122223333:key/1"
local CREATE = { Name = "crm", KmsKey = KEY }

--- The seconds that CALL takes in WORLD, and what it returns.
local function timed(world, call)
  local started = world.now
  local output, result = call(world.client)
  return world.now - started, output, result
end

local function create(client)
  return client:create_data_integration(CREATE)
end

local function token_of(request)
  return request.body:match('"ClientToken":"([^"]+)"')
end

-- Faults, and what becomes of a create under them. `hits`: how many attempts the fault spoils
-- (default: all). By mode: attempts on the wire, level of the bucket afterwards, seconds slept
-- (random is 0.5), and the error's code; no code: success.
local FAULTS = {
  { "no fault", hits = 0,
    standard = { 1, 500, 0 }, off = { 1, 500, 0 } },
  { "throttling, once", fault = "throttle", hits = 1,
    standard = { 2, 500, 0.5 }, off = { 1, 500, 0, "ThrottlingException" } },
  { "throttling, twice", fault = "throttle", hits = 2,
    standard = { 3, 495, 1.5 }, off = { 1, 500, 0, "ThrottlingException" } },
  { "throttling without end", fault = "throttle",
    standard = { 3, 490, 1.5, "ThrottlingException" }, off = { 1, 500, 0, "ThrottlingException" } },
  { "an error of the service, twice", fault = "internal_error", hits = 2,
    standard = { 3, 486, 0.075 }, off = { 1, 500, 0, "InternalServiceError" } },
  { "a service that is unavailable", fault = "unavailable",
    standard = { 3, 472, 0.075, "ServiceUnavailableException" },
    off = { 1, 500, 0, "ServiceUnavailableException" } },
  { "a proxy's HTML page", fault = "html_502",
    standard = { 3, 472, 0.075, "502" }, off = { 1, 500, 0, "502" } },
  { "a reset after the work was done", fault = "reset", hits = 1,
    standard = { 2, 500, 0.025 }, off = { 1, 500, 0, "ConnectionError" } },
  { "a reset within the body", fault = "reset_in_body",
    standard = { 3, 472, 0.075, "ConnectionError" }, off = { 1, 500, 0, "ConnectionError" } },
  { "a truncated body", fault = "truncated", hits = 2,
    standard = { 3, 486, 0.075 }, off = { 1, 500, 0, "ConnectionError" } },
  { "latency beyond the timeout", fault = "latency", latency = 31, hits = 1, seconds = 30,
    standard = { 2, 500, 0.025 }, off = { 1, 500, 0, "AttemptTimeout" } },
  { "a dripping answer beyond the timeout", fault = "drip", drip_seconds = 60, hits = 1,
    seconds = 30, standard = { 2, 500, 0.025 }, off = { 1, 500, 0, "AttemptTimeout" } },
  { "latency within the timeout", fault = "latency", hits = 1,
    standard = { 1, 500, 0 }, off = { 1, 500, 0 } },
  { "invalid JSON", fault = "invalid_json",
    standard = { 1, 500, 0, "InvalidResponse" }, off = { 1, 500, 0, "InvalidResponse" } },
  { "compression that nobody asked for", fault = "gzip",
    standard = { 1, 500, 0, "InvalidResponse" }, off = { 1, 500, 0, "InvalidResponse" } },
  { "another content type", fault = "wrong_content_type",
    standard = { 1, 500, 0 }, off = { 1, 500, 0 } },
  { "a redirect", fault = "redirect",
    standard = { 1, 500, 0, "307" }, off = { 1, 500, 0, "307" } },
  { "a quota that is used up", code = "ResourceQuotaExceededException",
    standard = { 1, 500, 0, "ResourceQuotaExceededException" },
    off = { 1, 500, 0, "ResourceQuotaExceededException" } },
  { "a duplicate", code = "DuplicateResourceException",
    standard = { 1, 500, 0, "DuplicateResourceException" },
    off = { 1, 500, 0, "DuplicateResourceException" } },
  { "a Date that is an hour off", fault = "skewed_date",
    standard = { 1, 500, 0 }, off = { 1, 500, 0 } },
}

local CONTROL = { hits = true, seconds = true, standard = true, off = true }

local function inject(world, case)
  local rule = { times = case.hits or 1000 }
  for name, value in pairs(case) do
    if type(name) == "string" and not CONTROL[name] then
      rule[name] = value
    end
  end
  if rule.times > 0 then
    world.service:inject(rule)
  end
end

--- What does not depend on the fault: one token, one invocation, attempts counted, each signed
-- for its own time.
local function check_wire(wire, max)
  for n, request in ipairs(wire) do
    assert.equal(token_of(wire[1]), token_of(request))
    assert.equal(wire[1].body, request.body)
    assert.equal(wire[1].headers["amz-sdk-invocation-id"], request.headers["amz-sdk-invocation-id"])
    assert.matches(("attempt=%d; max=%d$"):format(n, max), request.headers["amz-sdk-request"])
    local seconds = math.floor(request.time) - worlds.STARTED
    assert.equal(("20261122T10%02d%02dZ"):format(20 + math.floor((30 + seconds) / 60),
      (30 + seconds) % 60), request.headers["x-amz-date"])
  end
end

local function count_resources(world)
  return world.service:health().resources.data_integrations
end

describe("a call under", function()
  for _, case in ipairs(FAULTS) do
    for _, mode in ipairs { "standard", "adaptive", "off" } do
      it(("%s ends as it should in mode %s"):format(case[1], mode), function()
        local world = worlds.new { retry_mode = mode }
        inject(world, case)
        local attempts, level, slept, code = (unpack or table.unpack)(
          case[mode] or case.standard, 1, 4)
        local seconds, output, result = timed(world, create)
        assert.equal(attempts, #world.wire)
        check_wire(world.wire, mode == "off" and 1 or 3)
        assert.equal(level, world.client.bucket.level)
        if code then
          assert.is_nil(output)
          assert.is_true(appintegrations.is_error(result, code), tostring(result))
          assert.equal("create_data_integration", result.operation)
        else
          assert.equal("crm", output.Name)
          assert.equal(token_of(world.wire[1]), output.ClientToken)
        end
        assert.equal(attempts, result.attempts)
        local expected = slept + (attempts * worlds.EXCHANGE)
          + (case.seconds and case.seconds - worlds.EXCHANGE or 0)
        if mode == "adaptive" then -- may wait for the rate on top
          assert.is_true(seconds >= expected - 1e-6)
        else
          assert.is_near(expected, seconds, 1e-6)
        end
        world.service:clear_faults()
        assert.is_true(count_resources(world) <= 1)
        if not code then
          assert.equal(1, count_resources(world))
        end
      end)
    end
  end
end)

describe("retries", function()
  it("number as the call's option says, else the client's", function()
    local world = worlds.new { max_attempts = 5 }
    world.service:inject { fault = "throttle", times = 1000 }
    create(world.client)
    assert.equal(5, #world.wire)
    local _, err = world.client:create_data_integration(CREATE, { max_attempts = 2 })
    assert.equal(7, #world.wire)
    assert.equal(2, err.attempts)
    world.client:create_data_integration(CREATE, { max_attempts = 1 })
    assert.equal(8, #world.wire)
  end)

  it("honour the delay that the service asks for", function()
    local world = worlds.new()
    world.service:inject { fault = "throttle", headers = { ["x-amz-retry-after"] = "2500" } }
    world.service:inject { fault = "unavailable", headers = { ["retry-after"] = "3600" } }
    assert(create(world.client))
    assert.same({ 2.5, 5.05 }, world.sleeps)
  end)

  it("stop when the client's bucket is empty, and go on when it has filled", function()
    local world = worlds.new()
    world.service:inject { fault = "unavailable", times = 1000 }
    for _ = 1, 40 do
      create(world.client)
    end
    assert.equal(500 - 35 * 14, world.client.bucket.level)
    assert.equal(40 + 35, #world.wire)
    world.service:clear_faults()
    for _ = 1, 4 do
      assert(world.client:list_applications())
    end
    world.service:inject { fault = "unavailable" }
    assert(world.client:list_applications())
    assert.equal(14, world.client.bucket.level)
  end)

  it("of one client take nothing from another's bucket", function()
    local first, second = worlds.new(), worlds.new()
    first.service:inject { fault = "unavailable", times = 3 }
    create(first.client)
    assert.equal(472, first.client.bucket.level)
    assert.equal(500, second.client.bucket.level)
  end)

  it("of adaptive mode slow down all calls of the client after a throttling", function()
    local world = worlds.new { retry_mode = "adaptive" }
    for _ = 1, 30 do
      assert(world.client:list_applications())
    end
    assert.same({}, world.sleeps)
    world.service:inject { fault = "throttle", times = 2 }
    assert(world.client:list_applications())
    local slept = #world.sleeps
    for _ = 1, 10 do
      assert(world.client:list_applications())
    end
    assert.is_true(#world.sleeps > slept)
    assert.equal(30 + 3 + 10, #world.wire)
  end)

  it("sign anew with the credentials that are valid then", function()
    local n = 0
    local world = worlds.new { credentials = function()
      n = n + 1
      return { access_key_id = worlds.CREDENTIALS.access_key_id,
        secret_access_key = worlds.CREDENTIALS.secret_access_key,
        expiration = worlds.STARTED + 0.8 * n }
    end }
    world.service:inject { fault = "throttle" }
    assert(create(world.client))
    assert.equal(2, n)
    assert.are_not.equal(world.wire[1].headers.authorization, world.wire[2].headers.authorization)
  end)

  it("say until when the answer is waited for, once the service's clock is known", function()
    local world = worlds.new { timeout = 20 }
    world.offset = 60
    world.service:inject { fault = "throttle" }
    assert(create(world.client))
    assert.equal("attempt=1; max=3", world.wire[1].headers["amz-sdk-request"])
    assert.equal("ttl=20261122T102150Z; attempt=2; max=3",
      world.wire[2].headers["amz-sdk-request"])
  end)

  it("are not made for what the credentials' source says", function()
    local asked = 0
    local world = worlds.new { credentials = function()
      asked = asked + 1
      return nil, errors.new { kind = "transport", code = "ConnectionError", message = "vault",
        retryable = true }
    end }
    local _, err = create(world.client)
    assert.equal("ConnectionError", err.code)
    assert.equal(0, err.attempts)
    assert.equal(1, asked)
    assert.same({}, world.wire)
  end)
end)

describe("a deadline", function()
  it("ends a call before a retry that could not end in time", function()
    local world = worlds.new()
    world.service:inject { fault = "throttle", times = 1000 }
    local seconds, _, err = timed(world, function(client)
      return client:create_data_integration(CREATE, { deadline = 1 })
    end)
    assert.equal("timeout", err.kind)
    assert.equal("DeadlineExceeded", err.code)
    assert.equal(2, err.attempts)
    assert.is_near(0.7, seconds, 1e-6)
    assert.equal("no further attempt can end before the deadline of 1 s (0.3 s are left): "
      .. "2 attempts took 0.2 s, waiting 0.5 s, credentials 0 s; last failure: "
      .. "ThrottlingException: Rate exceeded", err.message)
    assert.equal("ThrottlingException", err.cause.code)
    assert.equal(429, err.status)
    assert.equal(495, world.client.bucket.level) -- the retry that was not made costs nothing
  end)

  it("cuts the last attempt short", function()
    local world = worlds.new { timeout = 10 }
    world.service:inject { fault = "latency", latency = 100, times = 1000 }
    local seconds, _, err = timed(world, function(client)
      return client:create_data_integration(CREATE, { deadline = 12 })
    end)
    assert.equal("DeadlineExceeded", err.code)
    assert.is_near(12, seconds, 1e-6)
    assert.equal(10, world.wire[1].timeout)
    assert.is_near(12 - 10.025, world.wire[2].timeout, 1e-6)
    assert.matches("2 attempts took 1[12][.%d]* s, waiting 0[.%d]* s", err.message)
  end)

  it("is the client's where the call has none", function()
    local world = worlds.new { deadline = 5, timeout = 30 }
    world.service:inject { fault = "latency", latency = 100 }
    local seconds, _, err = timed(world, create)
    assert.equal("DeadlineExceeded", err.code)
    assert.is_near(5, seconds, 1e-6)
  end)

  it("bounds the search for credentials, and says what that took", function()
    local world
    world = worlds.new { credentials = function()
      world.now = world.now + 4
      return nil, "the vault is sealed"
    end }
    local _, err = world.client:list_applications({}, { deadline = 3 })
    assert.equal("DeadlineExceeded", err.code)
    assert.equal(0, err.attempts)
    assert.matches("0 attempts took 0 s, waiting 0 s, credentials 4 s", err.message)
    assert.matches("the vault is sealed", err.message)
    assert.same({}, world.wire)
  end)

  it("lets no attempt begin when credentials came too late", function()
    local world
    world = worlds.new { credentials = function()
      world.now = world.now + 4
      return worlds.CREDENTIALS
    end }
    local _, err = world.client:list_applications({}, { deadline = 3 })
    assert.equal("DeadlineExceeded", err.code)
    assert.same({}, world.wire)
  end)

  it("ends the wait of adaptive mode for its rate", function()
    local world = worlds.new { retry_mode = "adaptive" }
    world.service:inject { fault = "throttle" }
    world.client:list_applications({}, { max_attempts = 1 })
    local _, err = world.client:list_applications({}, { deadline = 0.01 })
    assert.equal("DeadlineExceeded", err.code)
    assert.equal(0, err.attempts)
    assert.equal(1, #world.wire)
  end)

  it("of an iterator is one for the whole listing", function()
    local world = worlds.new({}, { page_size = 1 })
    for i = 1, 5 do
      assert(world.client:create_data_integration { Name = "crm" .. i, KmsKey = KEY,
        ClientToken = "token-" .. i })
    end
    local sent = #world.wire
    local it = world.client:each_data_integration({}, { deadline = 0.55 })
    local names = {}
    local item, err = it:next()
    while item do
      names[#names + 1] = item.Name
      world.now = world.now + 0.1 -- the program's own work
      item, err = it:next()
    end
    assert.same({ "crm1", "crm2", "crm3" }, names)
    assert.equal(sent + 3, #world.wire)
    assert.equal("DeadlineExceeded", err.code)
    assert.matches("3 attempts took 0.3 s, waiting 0 s, credentials 0 s, "
      .. "other work 0.3 s", err.message)
    assert.is_string(it.next_token)
    local rest = {}
    for late in world.client:each_data_integration { NextToken = it.next_token } do
      rest[#rest + 1] = late.Name
    end
    assert.same({ "crm4", "crm5" }, rest)
  end)
end)

describe("a clock that is wrong", function()
  local function skewed(options)
    local world = worlds.new(options)
    world.offset = 3600
    return world
  end

  it("is corrected by one retry, at once and for nothing", function()
    local world = skewed()
    local seconds, output = timed(world, create)
    assert.equal("crm", output.Name)
    assert.is_near(0.2, seconds, 1e-6)
    assert.same({}, world.sleeps)
    assert.equal(2, #world.wire)
    assert.equal("20261122T102030Z", world.wire[1].headers["x-amz-date"])
    assert.equal("20261122T112030Z", world.wire[2].headers["x-amz-date"])
    assert.equal(500, world.client.bucket.level)
    assert(create(world.client))
    assert.equal(3, #world.wire)
  end)

  it("is corrected before the service refuses, where an answer has told the time", function()
    local world = worlds.new()
    assert(world.client:list_applications())
    world.now = world.now - 3600 -- our clock is set back
    world.offset = 3600
    assert(world.client:list_applications()) -- refused, corrected
    assert(world.client:list_applications())
    assert.equal(4, #world.wire)
  end)

  it("is corrected once only", function()
    local world = worlds.new()
    world.service:inject { code = "InvalidSignatureException", date_skew = 3600, times = 10 }
    world.service:inject { code = "InvalidSignatureException", date_skew = 7200, times = 10 }
    local _, err = create(world.client)
    assert.equal("InvalidSignatureException", err.code)
    assert.equal(2, #world.wire)
  end)

  it("is no matter of other clients", function()
    local world = skewed()
    assert(create(world.client))
    assert.equal(0, worlds.new().client.skew.correction)
  end)

  it("stays as it is where the correction is switched off", function()
    for _, options in ipairs {
      { disable_clock_skew_correction = true },
      { env = { AWS_DISABLE_CLOCK_SKEW_CORRECTION = "true" } },
    } do
      local world = skewed(options)
      local _, err = create(world.client)
      assert.equal("InvalidSignatureException", err.code)
      assert.equal(1, #world.wire)
    end
  end)

  it("is corrected by the next call where there are no retries", function()
    local world = skewed { retry_mode = "off" }
    local _, err = create(world.client)
    assert.equal("InvalidSignatureException", err.code)
    assert(create(world.client))
    assert.equal(2, #world.wire)
  end)
end)

describe("cancelling", function()
  --- The error of a call during whose event of TYPE the client is cancelled.
  local function cancel_at(kind, world_options, fault)
    local world
    local options = { logger = function(event)
      if event.type == kind then
        world.client:cancel()
      end
    end }
    for name, value in pairs(world_options or {}) do
      options[name] = value
    end
    world = worlds.new(options)
    if fault then
      world.service:inject(fault)
    end
    local output, err = create(world.client)
    assert.is_nil(output)
    return err, world
  end

  it("by the logger ends the call before anything is sent", function()
    local err, world = cancel_at "request"
    assert.is_true(appintegrations.is_error(err, "Cancelled"))
    assert.equal("cancelled", err.kind)
    assert.equal(0, err.attempts)
    assert.same({}, world.wire)
  end)

  it("by the logger ends the call before the next attempt", function()
    local err, world = cancel_at("retry", {}, { fault = "throttle", times = 10 })
    assert.equal("Cancelled", err.code)
    assert.equal(1, err.attempts)
    assert.equal(1, #world.wire)
    assert.same({}, world.sleeps)
  end)

  it("ends a call that is looking for credentials, or on its way, or waiting", function()
    local world
    world = worlds.new { credentials = function()
      world.client:cancel()
      return worlds.CREDENTIALS
    end }
    local _, err = create(world.client)
    assert.equal("Cancelled", err.code)
    assert.same({}, world.wire)

    world = worlds.new()
    world.on_send = function() world.client:cancel() end
    local _, on_its_way = create(world.client)
    assert.equal("Cancelled", on_its_way.code)
    assert.equal(1, #world.wire)

    world = worlds.new { sleep = function() world.client:cancel() end }
    world.service:inject { fault = "throttle" }
    local _, waiting = create(world.client)
    assert.equal("Cancelled", waiting.code)
    assert.equal(1, #world.wire)
  end)

  it("does nothing to later calls, nor to those of other clients", function()
    local world = worlds.new()
    world.client:cancel()
    assert(create(world.client))
    local other = fake.client { fake.json(200, "{}") }
    world.on_send = function() other:cancel() end
    assert(world.client:list_applications())
  end)

  it("tells the transport which request it is", function()
    local cancelled
    local client
    local transport = {
      send = function(_, request)
        client:cancel()
        assert.equal(request, cancelled)
        return nil, errors.new { kind = "cancelled", code = "Cancelled", message = "by request" }
      end,
      cancel = function(_, request) cancelled = request end,
    }
    client = assert(appintegrations.client { region = "us-east-1", env = {},
      credentials = fake.CREDENTIALS, transport = transport })
    local _, err = client:list_applications()
    assert.equal("Cancelled", err.code)
    assert.equal(1, err.attempts)
  end)

  it("is noticed while a transport waits, and while nobody can", function()
    for _, has_wait in ipairs { true, false } do
      local client
      local waited = 0
      local transport = {
        send = function()
          return fake.json(503, "{}", { ["retry-after"] = "5" })
        end,
        wait = has_wait and function(_, seconds)
          waited = waited + seconds
          client:cancel()
        end or nil,
      }
      client = assert(appintegrations.client { region = "us-east-1", env = {},
        credentials = fake.CREDENTIALS, transport = transport,
        logger = function(event)
          if event.type == "retry" and not has_wait then
            client:cancel()
          end
        end })
      local _, err = client:list_applications()
      assert.equal("Cancelled", err.code)
      assert.is_true(waited <= 0.5)
    end
  end)

  it("keeps no call that has raised", function()
    local client = fake.client(function() error "the transport has a bug" end)
    for _ = 1, 10 do
      assert.is_false(pcall(client.list_applications, client))
    end
    collectgarbage()
    collectgarbage()
    assert.same({}, client.calls:all())
  end)
end)

describe("secrets", function()
  it("that a service quotes are hidden", function()
    local client = fake.client({ fake.json(403,
      '{"Message":"The canonical string should have been x-amz-security-token:tok-123+/= and '
        .. 'x-amz-security-token:tok-123+/= and very-secret"}',
      { ["x-amzn-errortype"] = "InvalidSignatureException" }) }, {
        credentials = { access_key_id = "AKID", secret_access_key = "very-secret",
          session_token = "tok-123+/=" } })
    local _, err = client:list_applications()
    assert.equal("The canonical string should have been x-amz-security-token:*** and "
      .. "x-amz-security-token:*** and ***", err.message)
  end)
end)

describe("a call inside a coroutine", function()
  it("may yield while it sends, waits and looks for credentials", function()
    local world
    world = worlds.new {
      credentials = function()
        coroutine.yield "credentials"
        return worlds.CREDENTIALS
      end,
      sleep = function(seconds) coroutine.yield(seconds) end,
    }
    world.on_send = function() coroutine.yield "send" end
    world.service:inject { fault = "throttle" }
    local seen, output = {}, nil
    local task = coroutine.wrap(function()
      output = assert(create(world.client))
      return "end"
    end)
    for i = 1, 5 do
      seen[i] = task()
    end
    assert.same({ "credentials", "send", 0.5, "send", "end" }, seen)
    assert.equal("crm", output.Name)
  end)
end)
