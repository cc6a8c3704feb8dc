local account = require "spec.support.account"
local fake = require "spec.support.fake_transport"

local raises = account.raises_in "find_spec"

local world, client, service

before_each(function()
  world = account.new()
  client, service = world.client, world.service
end)

describe("finding by name", function()
  it("returns the summary of the first hit, and lists no further", function()
    for i = 1, 7 do
      world.create_data_integration("crm-" .. i)
    end
    world.take_sent()
    local summary = assert(client:find_data_integration "crm-3")
    assert.equal("crm-3", summary.Name)
    assert.matches("^arn:aws:app%-integrations:", summary.Arn)
    assert.same({ "GET /dataIntegrations", "GET /dataIntegrations" }, world.take_sent())
  end)

  it("returns nil alone where there is none", function()
    world.create_data_integration("crm")
    for _, method in ipairs { "find_data_integration", "find_event_integration",
      "find_application" } do
      local summary, err = client[method](client, "CRM")
      assert.is_nil(summary)
      assert.is_nil(err)
    end
  end)

  it("finds event integrations and applications", function()
    assert(client:create_event_integration { Name = "events", EventBridgeBus = "default",
      EventFilter = { Source = "aws.cases" } })
    assert(client:create_application { Name = "desk", Namespace = "desk",
      ApplicationSourceConfig = { ExternalUrlConfig = { AccessUrl = "https://example.com" } } })
    assert.equal("aws.cases", assert(client:find_event_integration "events").EventFilter.Source)
    assert.equal("desk", assert(client:find_application "desk").Namespace)
  end)

  it("returns nil and the error of a page that fails", function()
    service:fail_next { code = "ThrottlingException" }
    local summary, err = client:find_application "desk"
    assert.is_nil(summary)
    assert.equal("ThrottlingException", err.code)
  end)

  it("takes a call's options", function()
    local odd, transport = fake.client { fake.json(200, '{"Applications":[5,{"Name":"a"}]}') }
    local summary = assert(odd:find_application("a", { timeout = 2, headers = { ["X-A"] = "b" } }))
    assert.equal("a", summary.Name)
    assert.equal(2, transport.requests[1].timeout)
    assert.equal("b", transport.requests[1].headers["x-a"])
  end)

  it("raises for misuse at the caller's line", function()
    raises("find_application: expected a string, got nil", function() client:find_application() end)
    raises("find_data_integration: expected a string, got table", function()
      client:find_data_integration { Name = "crm" }
    end)
    raises('find_event_integration: unknown option "limit"', function()
      client:find_event_integration("a", { limit = 1 })
    end)
    raises("Host is set by the client", function()
      client:find_application("a", { headers = { Host = "b" } })
    end)
    assert.same({}, world.sent)
  end)
end)
