local emulator = require "appintegrations.emulator"
local httpd = require "appintegrations.httpd"
local server_loop = require "appintegrations.emulator.server"
local support = require "spec.support.service"

describe("the emulator's server loop", function()
  it("reports each request", function()
    local driver = support.over_http(assert(emulator.new { verify_signatures = false }))
    driver:call("GET", "/applications?maxResults=1")
    assert.equal("/applications?maxResults=1", driver.requests[1].target)
    driver:close()
  end)

  it("answers and serves on when a handler or a delivery raises", function()
    local service = assert(emulator.new { verify_signatures = false })
    local driver = support.over_http(service)
    service.handlers.list_applications = function() error("a bug") end
    local answer = driver:call("GET", "/applications")
    assert.same({ 500, "InternalServiceError" }, { answer.status, answer.code })
    assert.is_string(answer.headers["x-amzn-requestid"])
    assert.matches("a bug.*stack traceback", driver.errors[1])
    -- A rule that nobody has checked.
    service.faults[1] = { times = 1, skip = 0, headers = { ["content-length"] = "5", [""] = "" } }
    answer = driver:call("GET", "/dataIntegrations")
    assert.equal(500, answer.status)
    assert.is_string(answer.headers["x-amzn-requestid"])
    assert.equal(2, #driver.errors)
    assert.equal(200, driver:call("GET", "/dataIntegrations").status)
    driver:close()
  end)

  it("ends with the reason that the server gives", function()
    local service = assert(emulator.new())
    local server = { poll = function() return nil, "SIGTERM" end }
    assert.equal("SIGTERM", server_loop.run(service, server, {}))
    server = assert(httpd.listen {})
    assert.is_nil(server_loop.new(service, server, {}):step(0))
    server:close()
  end)
end)
