local emulator = require "appintegrations.emulator"
local json = require "appintegrations.emulator.json"
local support = require "spec.support.service"

describe("the emulator and ClientToken", function()
  local driver

  before_each(function()
    driver = support.direct(assert(emulator.new { verify_signatures = false }))
    driver:call("POST", "/dataIntegrations", { Name = "parent", KmsKey = "k" })
  end)

  local CREATES = {
    { "/applications", "Applications",
      { Name = "n", Namespace = "s", ApplicationSourceConfig = {}, IsService = false } },
    { "/dataIntegrations", "DataIntegrations", { Name = "n", KmsKey = "k", Tags = { a = "b" } } },
    { "/eventIntegrations", "EventIntegrations",
      { Name = "n", EventBridgeBus = "b", EventFilter = { Source = "aws.cases" } } },
    { "/dataIntegrations/parent/associations", "DataIntegrationAssociations",
      { ClientId = "c", ExecutionConfiguration = { ExecutionMode = "ON_DEMAND" } } },
  }

  --- BODY with TOKEN, as a text of its own.
  local function with_token(body, token, changes)
    local result = { ClientToken = token }
    for name, value in pairs(body) do
      result[name] = value
    end
    for name, value in pairs(changes or {}) do
      result[name] = value
    end
    return result
  end

  for _, case in ipairs(CREATES) do
    local target, list, body = case[1], case[2], case[3]

    it("creates once and answers alike for the same input at " .. target, function()
      local before = #driver:call("GET", target).body[list]
      local first = driver:call("POST", target, with_token(body, "t"))
      assert.equal(200, first.status, first.text)
      for _ = 1, 3 do
        assert.equal(first.text, driver:call("POST", target, with_token(body, "t")).text)
      end
      assert.equal(before + 1, #driver:call("GET", target).body[list])
    end)

    it("refuses the same token with other input at " .. target, function()
      driver:call("POST", target, with_token(body, "t"))
      local changes = list == "DataIntegrationAssociations" and { ClientId = "d" }
        or { Description = "d" }
      local answer = driver:call("POST", target, with_token(body, "t", changes))
      assert.same({ 400, "InvalidRequestException" }, { answer.status, answer.code })
      assert.matches("ClientToken", answer.body.Message)
    end)
  end

  it("tells false from absent", function()
    local body = CREATES[1][3]
    driver:call("POST", "/applications", with_token(body, "t"))
    local changed = with_token(body, "t")
    changed.IsService = nil
    assert.equal("InvalidRequestException", driver:call("POST", "/applications", changed).code)
  end)

  it("does not care for the order of members", function()
    local first = driver:call("POST", "/dataIntegrations",
      '{"Name":"o","KmsKey":"k","ClientToken":"t","Tags":{"a":"1","b":"2"}}')
    local second = driver:call("POST", "/dataIntegrations",
      ' {"Tags":{"b":"2","a":"1"}, "ClientToken":"t", "KmsKey":"k","Name":"o","Unknown":1}')
    assert.equal(first.text, second.text)
  end)

  it("keeps operations and parents apart", function()
    assert.equal(200, driver:call("POST", "/dataIntegrations",
      { Name = "one", KmsKey = "k", ClientToken = "t" }).status)
    assert.equal(200, driver:call("POST", "/eventIntegrations", { Name = "one", ClientToken = "t",
      EventBridgeBus = "b", EventFilter = { Source = "aws.cases" } }).status)
    local target = "/dataIntegrations/%s/associations"
    assert.equal(200, driver:call("POST", target:format("one"), { ClientToken = "t" }).status)
    assert.equal("InvalidRequestException",
      driver:call("POST", target:format("parent"), { ClientToken = "t" }).code)
  end)

  it("forgets failures", function()
    driver.service.quotas.data_integrations = 1
    local body = { Name = "late", KmsKey = "k", ClientToken = "t" }
    local refused = driver:call("POST", "/dataIntegrations", body)
    assert.same({ "ResourceQuotaExceededException",
      { Message = "The quota of 1 data integrations is exceeded." } },
      { refused.code, refused.body })
    driver.service.quotas.data_integrations = 2
    assert.equal(200, driver:call("POST", "/dataIntegrations", body).status)
    assert.equal(200, driver:call("POST", "/dataIntegrations", body).status)
  end)

  it("creates twice without a token, and with null", function()
    local target = "/dataIntegrations/parent/associations"
    driver:call("POST", target, {})
    driver:call("POST", target, { ClientToken = json.null })
    driver:call("POST", target, { ClientToken = json.null })
    assert.equal(3, #driver:call("GET", target).body.DataIntegrationAssociations)
  end)
end)

describe("an answer to a ClientToken", function()
  it("is forgotten after its time, and leaves nothing", function()
    local now = 1000
    local service = assert(emulator.new { verify_signatures = false, token_seconds = 60,
      clock = function() return now end })
    local driver = support.direct(service)
    local function create()
      return driver:call("POST", "/dataIntegrations/d/associations", { ClientToken = "t" }).body
        .DataIntegrationAssociationId
    end
    local function stored()
      return service.store.database:prepare("SELECT count(*) AS n FROM tokens"):rows()[1].n
    end
    driver:call("POST", "/dataIntegrations", { Name = "d", KmsKey = "k" })
    local first = create()
    now = 1059
    assert.equal(first, create())
    now = 1060
    assert.are_not.equal(first, create())
    -- 100 that have expired go with those that follow.
    for i = 1, 100 do
      driver:call("POST", "/dataIntegrations", { Name = "x" .. i, KmsKey = "k",
        ClientToken = "x" .. i })
    end
    assert.equal(101, stored())
    now = 2000
    for i = 1, 20 do
      driver:call("POST", "/dataIntegrations", { Name = "y" .. i, KmsKey = "k",
        ClientToken = "y" .. i })
    end
    assert.equal(20, stored())
  end)
end)
