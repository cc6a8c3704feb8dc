local emulator = require "appintegrations.emulator"
local errors = require "appintegrations.base.errors"
local events = require "appintegrations.call.events"
local fake = require "spec.support.fake_transport"
local worlds = require "spec.support.world"

local KEY = "arn:aws:kms:us-east-1:111122223333:key/1"
local TOKEN = "session-token/with+signs=="

--- A world whose events are collected.
local function observed(options, service_options)
  local list = {}
  local all = { logger = function(event) list[#list + 1] = event end }
  for name, value in pairs(options or {}) do
    all[name] = value
  end
  return worlds.new(all, service_options), list
end

local function types_of(list)
  local names = {}
  for i, event in ipairs(list) do
    names[i] = event.type
  end
  return table.concat(names, " ")
end

describe("the events of a call", function()
  it("tell of each attempt, of waiting, of credentials and of the end", function()
    local world, list = observed()
    world.service:inject { fault = "throttle" }
    local _, meta = assert(world.client:list_applications())
    assert.equal("credentials request response retry request response", types_of(list))
    local request, response, retry = list[2], list[3], list[4]
    for _, event in ipairs(list) do
      assert.equal("list_applications", event.operation)
      assert.equal("app-integrations.us-east-1.amazonaws.com", event.host)
      assert.is_number(event.time)
    end
    assert.equal(1, request.attempt)
    assert.equal(3, request.max_attempts)
    assert.equal("GET", request.method)
    assert.equal("https://app-integrations.us-east-1.amazonaws.com/applications", request.url)
    assert.equal(0, request.body_bytes)
    assert.equal(world.wire[1].headers["amz-sdk-invocation-id"], request.invocation_id)
    assert.equal(429, response.status)
    assert.is_near(0.1, response.elapsed, 1e-6)
    assert.equal(0, response.timings.total)
    assert.is_string(response.request_id)
    assert.equal(1, retry.attempt)
    assert.equal("throttling", retry.reason)
    assert.equal(0.5, retry.delay)
    assert.equal("ThrottlingException", retry.code)
    assert.equal(response.request_id, retry.request_id)
    assert.equal(2, list[5].attempt)
    assert.equal(meta.request_id, list[6].request_id)
  end)

  it("end with an error where the call does", function()
    local world, list = observed()
    world.service:inject { fault = "reset" }
    world.service:inject { code = "AccessDeniedException" }
    local _, err = world.client:list_applications()
    assert.equal("credentials request retry request response error", types_of(list))
    assert.equal("transient", list[3].reason)
    assert.equal("ConnectionError", list[3].code)
    local last = list[6]
    assert.equal("service", last.kind)
    assert.equal("AccessDeniedException", last.code)
    assert.equal(err.message, last.message)
    assert.equal(403, last.status)
    assert.equal(2, last.attempts)
    assert.is_near(0.225, last.elapsed, 1e-6)
    assert.matches("events_spec%.lua:%d+$", last.where)
  end)

  it("say why where nothing was sent", function()
    local world, list = observed()
    world.client:create_data_integration {}
    assert.equal("error", types_of(list))
    assert.equal("ParamValidationError", list[1].code)
    assert.equal(0, list[1].attempts)
    assert.equal("Name", list[1].details[1].path)
  end)

  it("hold advisories with the first request", function()
    local world, list = observed()
    world.service:inject { fault = "throttle" }
    world.client:create_data_integration { Name = "no spaces please", KmsKey = KEY }
    assert.equal("Name", list[2].advisories[1].path)
    assert.equal("pattern", list[2].advisories[1].rule)
    assert.is_nil(list[5].advisories)
  end)

  it("tell of credentials when they are new, and of their expiry", function()
    local n = 0
    local world, list = observed { credentials = function()
      n = n + 1
      return { access_key_id = worlds.CREDENTIALS.access_key_id,
        secret_access_key = worlds.CREDENTIALS.secret_access_key,
        expiration = worlds.STARTED + 1000 * n }
    end }
    assert(world.client:list_applications())
    assert(world.client:list_applications())
    world.now = world.now + 600
    assert(world.client:list_applications())
    assert.equal("credentials request response request response credentials request response",
      types_of(list))
    assert.equal(worlds.STARTED + 1000, list[1].expiration)
    assert.equal(worlds.STARTED + 2000, list[6].expiration)
  end)

  it("name the reason of a retry with the right time", function()
    local world, list = observed()
    world.offset = 3600
    assert(world.client:list_applications())
    assert.equal("clock skew", list[4].reason)
    assert.equal(0, list[4].delay)
  end)

  it("hold the timings of attempts without an answer", function()
    local seen
    local client = fake.client(function()
      return nil, errors.new { kind = "timeout", code = "ConnectTimeout", message = "m",
        timings = { name_lookup = 0.5, total = 3 } }
    end, { logger = function(event) seen = event end })
    client:list_applications()
    assert.equal("error", seen.type)
    assert.same({ name_lookup = 0.5, total = 3 }, seen.timings)
  end)

  it("are the logger's own to change", function()
    local world = worlds.new { logger = function(event)
      for _, value in pairs(event) do
        if type(value) == "table" then
          for name in pairs(value) do
            value[name] = "changed"
          end
        end
      end
    end }
    local output, meta = world.client:list_applications()
    assert.same({ Applications = {} }, output)
    assert.equal("application/json", meta.headers["content-type"])
    assert.matches("^AWS4", world.wire[1].headers.authorization)
  end)
end)

describe("a logger", function()
  it("that raises does not break the call", function()
    for _, raised in ipairs { "a text", 42, {} } do
      local world = worlds.new { logger = function() error(raised) end }
      world.service:inject { fault = "throttle" }
      assert(world.client:list_applications())
    end
  end)

  it("may call the client", function()
    local world, nested
    world = worlds.new { logger = function(event)
      if event.type == "response" and not nested then
        nested = true
        nested = world.client:list_event_integrations()
      end
    end }
    assert(world.client:list_applications())
    assert.same({ EventIntegrations = {} }, nested)
  end)
end)

describe("secrets", function()
  --- Fails when TEXT or a table with it holds one of SECRETS.
  local function scan(value, secrets, path, seen)
    if type(value) == "string" then
      for _, secret in ipairs(secrets) do
        assert.is_nil(value:find(secret, 1, true), path .. ": " .. value)
      end
    elseif type(value) == "table" and not seen[value] then
      seen[value] = true
      for k, v in pairs(value) do
        scan(k, secrets, path, seen)
        scan(v, secrets, path .. "." .. tostring(k), seen)
      end
    end
  end

  it("are masked by the name of their header", function()
    assert.same({
      authorization = "***", ["x-amz-security-token"] = "***", cookie = "***",
      ["set-cookie"] = "***", ["proxy-authorization"] = "***", ["x-api-key"] = "***",
      ["x-client-secret"] = "***", ["x-amz-date"] = "d", ["x-amzn-requestid"] = "r",
    }, events.mask {
      authorization = "a", ["x-amz-security-token"] = "t", cookie = "c", ["set-cookie"] = "c",
      ["proxy-authorization"] = "p", ["x-api-key"] = "k", ["x-client-secret"] = "s",
      ["x-amz-date"] = "d", ["x-amzn-requestid"] = "r",
    })
  end)

  it("stand in no event and no error, whatever goes wrong", function()
    local secret = emulator.SECRET_ACCESS_KEY
    local lines = {}
    local to_lines = require("appintegrations.log").to(function(line)
      lines[#lines + 1] = line
    end, "debug")
    local list = {}
    local world = worlds.new({
      credentials = { access_key_id = emulator.ACCESS_KEY_ID, secret_access_key = secret,
        session_token = TOKEN },
      logger = function(event)
        list[#list + 1] = event
        to_lines(event)
      end,
    }, { credentials = { [emulator.ACCESS_KEY_ID] = { secret = secret, session_token = TOKEN } } })
    local names = {}
    for name in pairs(require("appintegrations.emulator.faults").NAMED) do
      names[#names + 1] = name
    end
    local found = {}
    local function call(...)
      local output, result = world.client:create_data_integration({ Name = "crm", KmsKey = KEY },
        ...)
      found[#found + 1] = output or result
      found[#found + 1] = tostring(result)
    end
    for _, name in ipairs(names) do
      world.service:inject { fault = name, times = 2 }
      call()
      call { deadline = 0.2, headers = { ["x-custom-token"] = TOKEN } }
      world.service:clear_faults()
    end
    for _, code in ipairs { "AccessDeniedException", "InvalidSignatureException",
      "ExpiredTokenException" } do
      world.service:inject { code = code, message = "refused " .. secret .. " " .. TOKEN }
      call()
    end
    assert.is_true(#list > 100)
    assert.is_true(#lines > 100)
    assert.truthy(table.concat(lines, "\n"):find("authorization=***", 1, true))
    scan({ list, lines, found, tostring(world.client) }, { secret, TOKEN }, "", {})
  end)
end)
