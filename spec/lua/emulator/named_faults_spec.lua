local appintegrations = require "appintegrations"
local core = require "appintegrations.core"
local emulator = require "appintegrations.emulator"
local faults = require "appintegrations.emulator.faults"
local http = require "socket.http"
local read = require("spec.support.files").read
local json = require "appintegrations.emulator.json"
local processes = require "spec.support.emulator"

local KEY = "arn:aws:kms:us-east-1:111122223333:key/1"

describe("a fault", function()
  local operations = { list_applications = true }

  it("is refused when it cannot be carried out", function()
    for message, rule in pairs {
      ["a fault must be a table"] = 3,
      ["a fault has no field color; there are after, body, code, continue, date_skew, "
        .. "disconnect, drip_bytes, drip_seconds, excess, fault, headers, http_1_0, latency, "
        .. "message, operation, rate, skip, status, times"] = { color = "red" },
      ['a fault has no field stauts; did you mean "status"?'] = { stauts = 500 },
      ["no fault is called plague; there are close, closed_keep_alive, continue, drip, gzip, "
        .. "html_502, http_1_0, internal_error, invalid_json, latency, overlong, redirect, reset, "
        .. "reset_in_body, skewed_date, throttle, truncated, unavailable, wrong_content_type"] =
        { fault = "plague" },
      ['no fault is called throtle; did you mean "throttle"?'] = { fault = "throtle" },
      ["times of a fault must be an integer of 1 or more"] = { fault = "reset", times = "3" },
      ["rate of a fault must be a number above 0 and up to 1"] = { fault = "reset", rate = 0 },
      ["latency of a fault must be a number from 0 to 86400"] = { latency = -1 },
      ["drip_bytes of a fault must be an integer of 1 or more"] = { drip_bytes = 1.5 },
      ["status of a fault must be an integer from 200 to 599"] = { status = 200.5 },
      ["skip of a fault must be an integer of 0 or more"] = { fault = "reset", skip = 0 / 0 },
      ["after of a fault must be an integer of 0 or more"] = { disconnect = "close", after = 0.5 },
      ["headers of a fault must be strings by name"] = { headers = { a = 1 } },
      ["headers of a fault must be a table of headers"] = { headers = "a: b" },
      ['headers of a fault: "" is no name'] = { headers = { [""] = "x" } },
      ['headers of a fault: "a b" is no name'] = { headers = { ["a b"] = "x" } },
      ["headers of a fault: the value of a cannot be sent"] = { headers = { a = "x\r\nb: y" } },
      ["headers of a fault: the value of b cannot be sent"] = { headers = { b = "" } },
      ["the header Content-Length is the server's own; see after, excess and http_1_0"] =
        { headers = { ["Content-Length"] = "5" } },
      ['code cannot be "TrottlingException"; did you mean "ThrottlingException"?'] =
        { code = "TrottlingException" },
      ['there is no operation list_aplications; did you mean "list_applications"?'] =
        { fault = "reset", operation = "list_aplications" },
      ['disconnect cannot be "later"; it may be "close", "reset"'] = { disconnect = "later" },
      ["a fault must say what is to happen: fault, code, status, body, …"] = {},
      ["message of a fault means nothing without code or status"] = { message = "x" },
      ["drip_seconds of a fault means nothing without drip_bytes"] = { drip_seconds = 1 },
      ["after of a fault means nothing without disconnect"] = { code = "ThrottlingException",
        after = 1 },
    } do
      assert.equal(message, faults.check(rule, operations))
    end
    for _, rule in ipairs {
      { fault = "reset", rate = 0.5, operation = "list_applications" }, { status = 200 },
      { fault = "throttle", message = "Slow down.", times = 2 ^ 40 }, { latency = 0 },
      { fault = "drip", drip_seconds = 0.001 }, { fault = "close", after = 0 },
      { headers = { ["x-Y_z"] = "a\tb \195\164" } },
    } do
      assert.is_nil(faults.check(rule, operations))
    end
    for _, effectless in ipairs { { rate = 0.5 }, { times = 3 }, { continue = false },
      { headers = {} }, { operation = "list_applications" } } do
      assert.matches("must say what is to happen", faults.check(effectless, operations))
    end
  end)

  it("is read from a text", function()
    assert.same({ fault = "throttle" }, faults.parse "throttle")
    assert.same({ fault = "drip", times = 3, drip_seconds = 0.5, operation = "get_application",
      http_1_0 = true },
      (faults.parse "drip:times=3,drip_seconds=0.5,operation=get_application,http_1_0=true"))
    assert.same({ fault = "reset", times = "x" }, faults.parse "reset:times=x")
    assert.is_nil((faults.parse "reset:often"))
    assert.is_nil((faults.parse ":times=3"))
  end)

  it("hits the calls that it is meant for", function()
    local rules = {}
    faults.add(rules, { fault = "throttle", operation = "a", skip = 1, times = 2 })
    local function hit(name)
      local rule = faults.take(rules, name)
      return rule and rule.code
    end
    assert.is_nil(hit "a")
    assert.is_nil(hit "b")
    assert.equal("ThrottlingException", hit "a")
    assert.equal("ThrottlingException", hit "a")
    assert.is_nil(hit "a")
    assert.same({}, rules)
  end)

  it("hits at a rate, without end", function()
    local rules, numbers, n = {}, { 0.1, 0.5, 0.29, 0.3 }, 0
    faults.add(rules, { fault = "reset", rate = 0.3 })
    local hits = 0
    for _ = 1, 400 do
      hits = hits + (faults.take(rules, "any", function()
        n = n % 4 + 1
        return numbers[n]
      end) and 1 or 0)
    end
    assert.equal(200, hits)
  end)

  it("may be a service's from the start", function()
    local service = assert(emulator.new { faults = { { fault = "throttle" } } })
    local client = assert(appintegrations.client { region = "us-east-1", env = {},
      transport = service:transport(), retry_mode = "off", credentials = {
        access_key_id = emulator.ACCESS_KEY_ID, secret_access_key = emulator.SECRET_ACCESS_KEY } })
    local _, err = client:list_applications()
    assert.equal("ThrottlingException", err.code)
    assert(client:list_applications())
    assert.is_false(pcall(emulator.new, { faults = { { fault = "plague" } } }))
  end)
end)

-- What a client without retries sees of each; true: the answer as it should be.
local SEEN = {
  throttle = "ThrottlingException",
  internal_error = "InternalServiceError",
  unavailable = "ServiceUnavailableException",
  html_502 = "502",
  latency = "AttemptTimeout",
  drip = "AttemptTimeout",
  close = "ConnectionError",
  reset = "ConnectionError",
  reset_in_body = "ConnectionError",
  truncated = "ConnectionError",
  closed_keep_alive = true,
  overlong = true,
  invalid_json = "InvalidResponse",
  wrong_content_type = true,
  gzip = "InvalidResponse",
  redirect = "307",
  continue = true,
  http_1_0 = true,
  skewed_date = true,
}

describe("over a socket", function()
  local child, client

  local function new_client(options)
    local all = {
      endpoint_url = child.url, region = "us-east-1", credentials = processes.credentials,
      max_attempts = 1, timeout = 10, sleep = function() end, env = {},
      disable_clock_skew_correction = true,
    }
    for name, value in pairs(options or {}) do
      all[name] = value
    end
    return assert(appintegrations.client(all))
  end

  local function control(rule)
    local body, status = http.request(child.url .. "/_emulator/faults", json.encode(rule))
    assert.equal(200, status, body)
    return json.decode(body)
  end

  setup(function()
    child = processes.start { "--quiet" }
    client = new_client()
    assert(client:create_event_integration { Name = "kept", EventBridgeBus = "default",
      EventFilter = { Source = "aws.cases" } })
  end)

  teardown(function()
    client:close()
    child:stop()
  end)

  for name, expected in pairs(SEEN) do
    it(name .. " is seen as it should be, and the next call works", function()
      -- A new connection: libcurl itself sends again, on another one, what a kept connection
      -- has not answered with a single byte.
      local fresh = new_client { timeout = expected == "AttemptTimeout" and 0.3 or 10 }
      control { fault = name }
      local output, err = fresh:list_event_integrations()
      if expected == true then
        assert.equal("kept", assert(output, tostring(err)).EventIntegrations[1].Name)
      else
        assert.is_nil(output)
        assert.equal(expected, err.code, tostring(err))
      end
      -- The end of the kept connection may come while this one is on its way.
      output = assert(fresh:list_event_integrations({}, { max_attempts = 2, timeout = 10 }))
      assert.equal("kept", output.EventIntegrations[1].Name)
      fresh:close()
    end)
  end

  it("has every fault that has a name", function()
    local page = read "src/docs/pages/emulator.md"
    for name in pairs(faults.NAMED) do
      assert.is_not_nil(SEEN[name], name)
      assert.truthy(page:find("`" .. name .. "`", 1, true), name .. " is not on the page")
    end
  end)

  it("a dripping answer within the timeout is an answer", function()
    control { fault = "drip", drip_bytes = 64, drip_seconds = 0.002 }
    assert(client:list_event_integrations())
  end)

  it("an answer that is late holds up no other", function()
    control { fault = "latency", latency = 5, operation = "list_applications" }
    local started = core.monotonic()
    local _, err = client:list_applications({}, { timeout = 0.05 })
    assert.equal("AttemptTimeout", err.code)
    assert(client:list_event_integrations())
    assert.is_true(core.monotonic() - started < 5)
  end)

  it("a create is retried with its ClientToken and done once", function()
    local retrying = new_client { max_attempts = 8, timeout = 0.3 }
    for n, name in ipairs { "reset", "reset_in_body", "truncated", "close", "latency" } do
      control { fault = name, times = 2 }
      local output, meta = assert(retrying:create_data_integration { Name = name, KmsKey = KEY })
      assert.is_true(meta.attempts >= 2)
      assert.equal(name, output.Name)
      local listed = assert(retrying:list_data_integrations())
      assert.equal(n, #listed.DataIntegrations)
    end
    retrying:close()
  end)

  it("faults that are forgotten do not come up", function()
    assert.equal(1, control({ fault = "throttle", operation = "get_application" }).pending_faults)
    local _, status = http.request { url = child.url .. "/_emulator/faults", method = "DELETE" }
    assert.equal(200, status)
    local _, err = client:get_application { Arn = "no-such" }
    assert.are_not.equal("ThrottlingException", err.code)
  end)

  it("the endpoint refuses what is no fault", function()
    local body, status = http.request(child.url .. "/_emulator/faults", '{"fault":"plague"}')
    assert.equal(400, status)
    assert.matches("no fault is called plague", body)
  end)

  it("the command takes faults and a clock that is off", function()
    local other = processes.start { "--quiet", "--fault", "throttle:times=2", "--clock-offset",
      "7200" }
    local retrying = new_client { endpoint_url = other.url, max_attempts = 4,
      disable_clock_skew_correction = false }
    local _, meta = assert(retrying:list_applications())
    assert.equal(4, meta.attempts) -- the clock, twice throttling, success
    retrying:close()
    other:stop()
    local cli = require "appintegrations.emulator.cli"
    for _, text in ipairs { "plague", "reset:times=x", "reset:rate=2", "reset:operation=fly" } do
      local written = {}
      assert.equal(2, cli.main({ "--fault", text }, { err = {
        write = function(_, ...) written[#written + 1] = table.concat { ... } end } }))
      assert.matches("%-%-fault: bad value " .. text, table.concat(written))
    end
  end)
end)
