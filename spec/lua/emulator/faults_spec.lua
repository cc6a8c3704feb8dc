local appintegrations = require "appintegrations"
local emulator = require "appintegrations.emulator"
local support = require "spec.support.service"

describe("the emulator's faults", function()
  local service, direct

  before_each(function()
    service = assert(emulator.new { verify_signatures = false })
    direct = support.direct(service)
  end)

  it("hit the operation that is named, as often as is said, after those that may pass", function()
    service:fail_next { operation = "list_applications", code = "ThrottlingException", times = 2,
      skip = 1 }
    local statuses = {}
    for i = 1, 5 do
      assert.equal(200, direct:call("GET", "/dataIntegrations").status)
      statuses[i] = direct:call("GET", "/applications").status
    end
    assert.same({ 200, 429, 429, 200, 200 }, statuses)
  end)

  it("without an operation hit whatever comes, one rule after the other", function()
    service:fail_next { code = "ThrottlingException" }
    service:fail_next { status = 503 }
    service:fail_next { code = "InternalServiceError", message = "Out of luck." }
    assert.equal("ThrottlingException", direct:call("GET", "/applications").code)
    local answer = direct:call("GET", "/eventIntegrations")
    assert.same({ 503, "ServiceUnavailableException" }, { answer.status, answer.code })
    assert.equal("Out of luck.", direct:call("GET", "/applications").body.Message)
    assert.equal(200, direct:call("GET", "/applications").status)
  end)

  it("answer a status alone with the code that has it", function()
    for status, code in pairs { [400] = "InvalidRequestException", [403] = "AccessDeniedException",
      [404] = "ResourceNotFoundException", [409] = "DuplicateResourceException",
      [418] = "ServiceUnavailableException", [429] = "ThrottlingException",
      [500] = "InternalServiceError", [504] = "ServiceUnavailableException" } do
      service:fail_next { status = status }
      local answer = direct:call("GET", "/applications")
      assert.same({ status, code }, { answer.status, answer.code })
    end
  end)

  it("answer with any body, status and headers", function()
    service:fail_next { status = 502, body = "<html>Bad Gateway</html>",
      headers = { ["Content-Type"] = "text/html" } }
    local answer = service:handle { method = "GET", target = "/applications", headers = {} }
    assert.same({ 502, "<html>Bad Gateway</html>", "text/html" },
      { answer.status, answer.body, answer.headers["content-type"] })
    assert.is_nil(answer.headers["x-amzn-errortype"])
    service:fail_next { code = "ThrottlingException", body = "", status = 400 }
    answer = direct:call("GET", "/applications")
    assert.same({ 400, "ThrottlingException", "" }, { answer.status, answer.code, answer.text })
  end)

  it("do not carry out what they refuse, and carry out what they only spoil", function()
    service:fail_next { code = "ThrottlingException" }
    direct:call("POST", "/dataIntegrations", { Name = "n", KmsKey = "k" })
    assert.equal(404, direct:call("GET", "/dataIntegrations/n").status)
    service:fail_next { disconnect = "reset" }
    direct:call("POST", "/dataIntegrations", { Name = "n", KmsKey = "k" })
    assert.equal(200, direct:call("GET", "/dataIntegrations/n").status)
  end)

  it("can be forgotten", function()
    service:fail_next { code = "ThrottlingException", times = 100 }
    service:clear_faults()
    assert.equal(200, direct:call("GET", "/applications").status)
  end)

  it("that make no sense are refused where they are asked for", function()
    for message, rule in pairs {
      ["no field cod"] = { cod = "x" },
      ["no operation nothing"] = { operation = "nothing" },
      ["times of a fault must be an integer"] = { times = "2" },
      ["disconnect cannot be"] = { disconnect = "softly" },
      ["status of a fault must be"] = { status = 99 },
      ["must be a table"] = "x",
    } do
      local done, text = pcall(service.fail_next, service, rule)
      assert.is_false(done)
      assert.matches(message, text)
    end
  end)

  -- ---- in process ------------------------------------------------------------------------------

  describe("in process", function()
    local client

    before_each(function()
      client = assert(appintegrations.client {
        region = "us-east-1", transport = service:transport(), retry_mode = "off",
        credentials = { access_key_id = "any", secret_access_key = "any" }, timeout = 10,
      })
    end)

    local function failure()
      local output, err = client:list_applications {}
      assert.is_nil(output)
      return err
    end

    it("become the errors that a socket would show", function()
      service:fail_next { disconnect = "close" }
      assert.equal("ConnectionError", failure().code)
      service:fail_next { disconnect = "reset", after = 3 }
      assert.equal("ConnectionError", failure().code)
      service:fail_next { latency = 10 }
      assert.equal("AttemptTimeout", failure().code)
      service:fail_next { code = "ThrottlingException" }
      assert.equal("ThrottlingException", failure().code)
      service:fail_next { body = "{ half", status = 200 }
      assert.equal("InvalidResponse", failure().code)
    end)

    it("below the timeout, or behind the whole answer, do no harm", function()
      service:fail_next { latency = 9.9 }
      assert.is_table((client:list_applications {}))
      service:fail_next { disconnect = "close", after = 1000000 }
      assert.is_table((client:list_applications {}))
    end)

    it("take the time of a test that says how it passes", function()
      local now = 1790812800
      local function sleep(seconds)
        now = now + seconds
      end
      local function clock()
        return now
      end
      service = assert(emulator.new { verify_signatures = false, clock = clock, sleep = sleep })
      client = assert(appintegrations.client { region = "us-east-1", timeout = 10,
        transport = service:transport(), clock = clock, sleep = sleep,
        random = function() return 0 end,
        credentials = { access_key_id = "any", secret_access_key = "any" } })
      for seconds, fault in pairs { [0.5] = { latency = 0.5 }, [0] = { latency = 0 },
        [1.9] = { drip_bytes = 10, drip_seconds = 1 } } do -- 19 bytes
        local started = now
        service:fail_next(fault)
        assert.is_table((client:list_applications()))
        assert.is_near(seconds, now - started, 1e-6)
      end
      local started = now
      service:fail_next { latency = 100, times = 2 }
      local _, err = client:list_applications({}, { deadline = 12 })
      assert.equal("DeadlineExceeded", err.code)
      assert.is_near(12, now - started, 1e-6)
      assert.same({}, service:pending_faults())
    end)
  end)

  -- ---- over a socket ---------------------------------------------------------------------------

  describe("over a socket", function()
    local driver

    before_each(function()
      driver = support.over_http(service)
    end)

    after_each(function()
      driver:close()
    end)

    it("end a connection without an answer", function()
      service:fail_next { disconnect = "close" }
      assert.is_nil((driver:call("GET", "/applications")))
      service:fail_next { disconnect = "reset" }
      assert.is_nil((driver:call("GET", "/applications")))
      assert.equal(200, driver:call("GET", "/applications").status)
    end)

    it("cut an answer in its body", function()
      service:fail_next { disconnect = "close", after = 5 }
      local _, headers, text, problem =
        driver:exchange("GET /applications HTTP/1.1\r\nHost: h\r\n\r\n")
      assert.equal("closed", problem)
      assert.equal('{"App', text)
      assert.equal("19", headers["content-length"])
    end)

    it("delay an answer while others overtake it", function()
      service:fail_next { operation = "list_applications", latency = 0.05 }
      local other = support.over_http(service)
      local slow = require("socket").connect("127.0.0.1", driver.server:port())
      slow:send("GET /applications HTTP/1.1\r\nHost: h\r\n\r\n")
      driver.loop:step(1)
      assert.equal(200, driver:call("GET", "/dataIntegrations").status)
      slow:settimeout(0)
      local line
      for _ = 1, 200 do
        driver.loop:step(0.01)
        line = slow:receive("*l")
        if line then
          break
        end
      end
      assert.equal("HTTP/1.1 200 OK", line)
      slow:close()
      other:close()
    end)
  end)
end)
