local emulator = require "appintegrations.emulator"
local httpd = require "appintegrations.httpd"
local server_loop = require "appintegrations.emulator.server"
local support = require "spec.support.service"

describe("the emulator's server loop", function()
  it("survives a bug in the service: the caller gets 500, the operator a traceback", function()
    local service = assert(emulator.new { verify_signatures = false })
    local driver = support.over_http(service)
    service.handlers.list_applications = function() error("a bug") end
    local answer = driver:call("GET", "/applications")
    assert.same({ 500, "InternalFailure" }, { answer.status, answer.code })
    assert.matches("a bug\nstack traceback:", driver.errors[1])
    assert.equal(200, driver:call("GET", "/dataIntegrations").status)
    driver:close()
  end)

  it("reports each request", function()
    local driver = support.over_http(assert(emulator.new { verify_signatures = false }))
    driver:call("GET", "/applications?maxResults=1")
    assert.equal("/applications?maxResults=1", driver.requests[1].target)
    driver:close()
  end)

  it("says that the state cannot be saved, and serves on", function()
    local path = os.tmpname()
    os.remove(path)
    local service = assert(emulator.new { verify_signatures = false, state = path })
    service.state = "/nowhere/at/all"
    local driver = support.over_http(service)
    assert.equal(200, driver:call("POST", "/dataIntegrations", { Name = "n", KmsKey = "k" }).status)
    assert.matches("/nowhere/at/all", driver.errors[1])
    assert.equal(200, driver:call("GET", "/dataIntegrations/n").status)
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
