local emulator = require "appintegrations.emulator"
local json = require "appintegrations.emulator.json"
local support = require "spec.support.service"

describe("the emulator's state file", function()
  local path, now

  before_each(function()
    path = os.tmpname()
    os.remove(path)
    now = 1000
  end)

  after_each(function()
    os.remove(path)
  end)

  local function open()
    return support.direct(assert(emulator.new { verify_signatures = false, state = path,
      clock = function() return now end }))
  end

  local function fill(driver)
    driver:call("POST", "/applications", { Name = "app", Namespace = "s",
      ApplicationSourceConfig = { ExternalUrlConfig = { AccessUrl = "https://e.com" } },
      Permissions = support.EMPTY_LIST, Subscriptions = support.EMPTY_LIST,
      InitializationTimeout = 600000, IsService = false, Tags = { a = "1" } })
    for i = 1, 5 do
      driver:call("POST", "/dataIntegrations", { Name = "d" .. i, KmsKey = "k",
        ClientToken = "t" .. i, Description = "line\nend\127" })
      driver:call("POST", "/dataIntegrations/d1/associations",
        { ExecutionConfiguration = { ExecutionMode = "ON_DEMAND" } })
    end
    driver:call("POST", "/eventIntegrations", { Name = "e", EventBridgeBus = "b",
      EventFilter = { Source = "aws.cases" } })
    driver.service:seed_event_integration_association { EventIntegrationName = "e" }
  end

  local LISTS = { "/applications", "/dataIntegrations", "/dataIntegrations/d1/associations",
    "/eventIntegrations", "/eventIntegrations/e/associations", "/dataIntegrations/d3" }

  it("brings everything back", function()
    local driver, before = open(), {}
    fill(driver)
    for i, target in ipairs(LISTS) do
      before[i] = driver:call("GET", target).text
    end
    driver = open()
    for i, target in ipairs(LISTS) do
      assert.equal(before[i], driver:call("GET", target).text)
    end
    local application = driver:call("GET", "/applications").body.Applications[1]
    assert.equal("app", application.Name)
    local text = driver:call("GET", "/applications/" .. application.Id).text
    assert.matches('"Permissions":%[%]', text)
    assert.matches('"InitializationTimeout":600000[,}]', text)
  end)

  it("lets names, tokens, tags and jobs go on where they were", function()
    local driver = open()
    fill(driver)
    driver = open()
    assert.equal("DuplicateResourceException",
      driver:call("POST", "/dataIntegrations", { Name = "d1", KmsKey = "k" }).code)
    assert.equal(200, driver:call("POST", "/dataIntegrations", { Name = "d1", KmsKey = "k",
      ClientToken = "t1", Description = "line\nend\127" }).status)
    now = now + 10
    assert.equal("COMPLETED", driver:call("GET", "/dataIntegrations/d1/associations").body
      .DataIntegrationAssociations[5].LastExecutionStatus.ExecutionStatus)
    assert.equal("InvalidRequestException", driver:call("DELETE", "/eventIntegrations/e").code)
  end)

  it("lets a listing go on in its middle", function()
    local driver = open()
    fill(driver)
    local page = driver:call("GET", "/dataIntegrations?maxResults=2").body
    driver = open()
    local rest = driver:call("GET", "/dataIntegrations?nextToken="
      .. page.NextToken:gsub("[+/=]", function(c) return ("%%%02X"):format(c:byte()) end)).body
    assert.equal(3, #rest.DataIntegrations)
    assert.equal("d3", rest.DataIntegrations[1].Name)
    driver:call("POST", "/dataIntegrations", { Name = "d6", KmsKey = "k" })
    assert.equal(6, #driver:call("GET", "/dataIntegrations").body.DataIntegrations)
  end)

  it("is written after changes only, whole, with nothing left beside it", function()
    local driver = open()
    driver:call("GET", "/dataIntegrations")
    assert.is_nil(io.open(path))
    fill(driver)
    local file = assert(io.open(path))
    assert.is_table((json.decode(file:read("*a"))))
    file:close()
    assert.is_nil(io.open(path .. ".new"))
  end)

  it("is refused when it is damaged or of another kind", function()
    for _, text in ipairs { "", "{", "[]", "{}", '{"format":2,"records":{}}', '"x"', "1" } do
      local file = io.open(path, "w")
      file:write(text)
      file:close()
      local service, err = emulator.new { state = path }
      assert.is_nil(service, text)
      assert.equal("InvalidConfig", err.code)
    end
  end)

  it("that cannot be written makes calls fail with the reason", function()
    local service = assert(emulator.new { verify_signatures = false })
    service.state = "/nowhere/at/all"
    local answer = support.direct(service):call("POST", "/dataIntegrations",
      { Name = "n", KmsKey = "k" })
    assert.equal("InternalServiceError", answer.code)
    assert.matches("/nowhere/at/all", answer.body.Message)
  end)
end)
