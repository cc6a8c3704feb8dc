local emulator = require "appintegrations.emulator"
local support = require "spec.support.service"

for how, new_driver in pairs { directly = support.direct, ["over HTTP"] = support.over_http } do
  describe("the emulator's control, " .. how .. ",", function()
    local driver

    before_each(function()
      driver = new_driver(assert(emulator.new()))
      driver.service.verify_signatures = false
      driver:call("POST", "/applications",
        { Name = "a", Namespace = "a", ApplicationSourceConfig = {} })
      driver:call("POST", "/eventIntegrations", { Name = "e", EventBridgeBus = "b",
        EventFilter = { Source = "aws.cases" } })
      driver.service.verify_signatures = true
    end)

    after_each(function()
      driver:close()
    end)

    it("needs no signature, unlike the service", function()
      assert.equal(403, driver:call("GET", "/applications").status)
      assert.equal(200, driver:call("GET", "/_emulator/health").status)
    end)

    it("tells how the emulator is", function()
      local body = driver:call("GET", "/_emulator/health").body
      assert.equal("ok", body.status)
      assert.equal(1, body.resources.applications)
      assert.equal(0, body.resources.data_integrations)
    end)

    it("seeds associations", function()
      local id = driver.service.store:list("applications")[1].id
      local body = driver:call("POST", "/_emulator/seed", {
        ApplicationAssociations = { { ApplicationId = id, ClientId = "1" },
          { ApplicationId = id } },
        EventIntegrationAssociations = { { EventIntegrationName = "e", ClientId = "2" } },
      }).body
      assert.equal(3, #body.arns)
      driver.service.verify_signatures = false
      local list = driver:call("GET", "/applications/" .. id .. "/associations").body
      assert.equal(2, #list.ApplicationAssociations)
      assert.equal("1", list.ApplicationAssociations[1].ClientId)
      assert.equal("InvalidRequestException", driver:call("DELETE", "/applications/" .. id).code)
      assert.equal(200, driver:call("DELETE", "/applications/" .. id .. "?force=true").status)
      assert.equal(0, driver:call("GET", "/_emulator/health").body.resources
        .application_associations)
    end)

    it("refuses seeds for what does not exist, and nonsense", function()
      for _, body in ipairs {
        { ApplicationAssociations = { { ApplicationId = "none" } } },
        { EventIntegrationAssociations = { { EventIntegrationName = "none" } } },
        { ApplicationAssociations = { {} } },
        { ApplicationAssociations = { 5 } },
        { EventIntegrationAssociations = { { EventIntegrationName = "e", ClientId = 5 } } },
        { EventIntegrationAssociations = { { EventIntegrationName = "e", Client = "c" } } },
        { ApplicationAssociations = "x" },
        { Applications = {} },
        "{", "5",
      } do
        assert.equal(400, driver:call("POST", "/_emulator/seed", body).status)
      end
    end)

    it("takes faults, one or several, and forgets them", function()
      driver.service.verify_signatures = false
      driver:call("POST", "/_emulator/faults", { code = "ThrottlingException", times = 2 })
      driver:call("POST", "/_emulator/faults", { { status = 500 }, { status = 502 } })
      local statuses = {}
      for i = 1, 4 do
        statuses[i] = driver:call("GET", "/applications").status
      end
      assert.same({ 429, 429, 500, 502 }, statuses)
      driver:call("POST", "/_emulator/faults", { status = 500, times = 9 })
      assert.equal(0, driver:call("DELETE", "/_emulator/faults").body.pending_faults)
      assert.equal(200, driver:call("GET", "/applications").status)
      local answer = driver:call("POST", "/_emulator/faults", { stauts = 500 })
      assert.equal(400, answer.status)
      assert.equal("a fault has no field stauts", answer.body.Message)
    end)

    it("has nothing else", function()
      for _, request in ipairs { { "GET", "/_emulator/" }, { "GET", "/_emulator/seed" },
        { "PUT", "/_emulator/faults" }, { "GET", "/_emulator/health?x" } } do
        assert.equal(404, driver:call(request[1], request[2]).status)
      end
    end)
  end)
end
