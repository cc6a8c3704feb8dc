local emulator = require "appintegrations.emulator"
local json = require "appintegrations.emulator.json"
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
      local id = driver.service.store:page_of_all(0, 1)[1].id
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

    it("refuses seeds that no answer could show, and takes null for absent", function()
      for _, metadata in ipairs { '{"a":5}', '["a"]' } do
        local answer = driver:call("POST", "/_emulator/seed", '{"EventIntegrationAssociations":[{'
          .. '"EventIntegrationName":"e","ClientAssociationMetadata":' .. metadata .. "}]}")
        assert.equal("EventIntegrationAssociations[1]: ClientAssociationMetadata must have strings "
          .. "by name", answer.body.Message)
      end
      assert.equal("DataIntegrations[1]: 1 validation error detected: Value at 'Colour' failed to "
        .. "satisfy constraint: is no member of CreateDataIntegrationRequest",
        driver:call("POST", "/_emulator/seed",
          '{"DataIntegrations":[{"Name":"d","KmsKey":"k","Colour":"x"}]}').body.Message)
      assert.equal(200, driver:call("POST", "/_emulator/seed", '{"DataIntegrations":[{"Name":"d",'
        .. '"KmsKey":"k","Description":null}],"EventIntegrationAssociations":'
        .. '[{"EventIntegrationName":"e","ClientId":null}]}').status)
      driver.service.verify_signatures = false
      assert.equal(1, #driver:call("GET", "/eventIntegrations/e/associations").body
        .EventIntegrationAssociations)
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
        { Applications = { { Name = "a" } } },
        { DataIntegrations = { { Name = "d", KmsKey = "k" }, { Name = "d", KmsKey = "k" } } },
        "{", "5",
      } do
        assert.equal(400, driver:call("POST", "/_emulator/seed", body).status)
      end
      assert.equal(0, driver:call("GET", "/_emulator/health").body.resources.data_integrations)
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
      for _, nothing in ipairs { {}, "[]", "{}", '{"message":"x"}', '{"rate":0}', "[{}]", "[null]",
        "null", '{"code":"NoSuchError"}' } do
        assert.equal(400, driver:call("POST", "/_emulator/faults", nothing).status, nothing)
      end
      assert.equal(200, driver:call("GET", "/applications").status)
      answer = driver:call("POST", "/_emulator/faults", { stauts = 500 })
      assert.equal('a fault has no field stauts; did you mean "status"?', answer.body.Message)
    end)

    it("seeds resources of every kind, for whom it is asked", function()
      local seed = {
        Applications = { { Name = "s", Namespace = "s", ApplicationSourceConfig = {} } },
        DataIntegrations = { { Name = "d", KmsKey = "k", Tags = { a = "1" } } },
        DataIntegrationAssociations = { { DataIntegrationIdentifier = "d", ClientId = "c" } },
        EventIntegrations = { { Name = "f", EventBridgeBus = "b",
          EventFilter = { Source = "aws.cases" } } },
        EventIntegrationAssociations = { { EventIntegrationName = "f", ClientId = "c" } },
      }
      local arns = driver:call("POST", "/_emulator/seed?account=210987654321&region=eu-west-1",
        seed).body.arns
      assert.equal(5, #arns)
      for _, arn in ipairs(arns) do
        assert.matches("^arn:aws:app%-integrations:eu%-west%-1:210987654321:", arn)
      end
      driver.service.verify_signatures = false
      assert.equal(404, driver:call("GET", "/dataIntegrations/d").status)
      driver.service.account_id, driver.service.region = "210987654321", "eu-west-1"
      assert.same({ a = "1" }, driver:call("GET", "/dataIntegrations/d").body.Tags)
      assert.equal(400, driver:call("POST", "/_emulator/seed?region=no%20region", seed).status)
    end)

    it("tells what was received, and forgets it", function()
      driver.service.verify_signatures = false
      driver:call("DELETE", "/_emulator/requests")
      driver:call("POST", "/dataIntegrations", { Name = "d", KmsKey = "k" })
      driver:call("GET", "/dataIntegrations/none?x=secret")
      driver:call("POST", "/dataIntegrations", "{ half")
      local list = driver:call("GET", "/_emulator/requests").body.requests
      assert.equal(3, #list)
      assert.same({ Name = "d", KmsKey = "k" }, list[1].parameters)
      assert.same({ "CreateDataIntegration", "POST", "/dataIntegrations", 200, "us-east-1" },
        { list[1].operation, list[1].method, list[1].path, list[1].status, list[1].region })
      assert.matches('"Name":"d"', list[1].answer)
      assert.is_number(list[1].time)
      assert.same({ "/dataIntegrations/none", 404, "ResourceNotFoundException", "none" },
        { list[2].path, list[2].status, list[2].code, list[2].parameters.Identifier })
      assert.same({ "{ half", "SerializationException" }, { list[3].body, list[3].code })
      assert.equal(1, #driver:call("GET", "/_emulator/requests?limit=1").body.requests)
      list = driver:call("GET", "/_emulator/requests?limit=1&operation=CreateDataIntegration").body
        .requests
      assert.same({ 1, "SerializationException" }, { #list, list[1].code })
      assert.equal(400, driver:call("GET", "/_emulator/requests?limit=x").status)
      driver:call("DELETE", "/_emulator/requests")
      assert.equal('{"requests":[]}', driver:call("GET", "/_emulator/requests").text)
    end)

    it("tells empty lists and empty maps of what was received apart", function()
      driver.service.verify_signatures = false
      driver:call("POST", "/applications", '{"Name":"a","Namespace":"a","Permissions":[],'
        .. '"Tags":{},"ApplicationSourceConfig":{"ExternalUrlConfig":'
        .. '{"AccessUrl":"https://example.com","ApprovedOrigins":[]}}}')
      local text = driver:call("GET", "/_emulator/requests?limit=1").text
      for _, member in ipairs { '"Permissions":[]', '"Tags":{}', '"ApprovedOrigins":[]' } do
        assert.truthy(text:find(member, 1, true), member)
      end
    end)

    it("tells which faults are still to come", function()
      assert.equal('{"faults":[],"pending_faults":0}',
        driver:call("GET", "/_emulator/faults").text)
      driver:call("POST", "/_emulator/faults", { { fault = "throttle", times = 2 },
        { fault = "closed_keep_alive", rate = 0.5 } })
      local list = driver:call("GET", "/_emulator/faults").body.faults
      assert.same({ { fault = "throttle", code = "ThrottlingException", times = 2 },
        { fault = "closed_keep_alive", disconnect = "close", rate = 0.5 } }, list)
      driver:call("DELETE", "/_emulator/faults")
      assert.equal(200, driver:call("POST", "/_emulator/faults", list).status)
    end)

    it("stops, moves and starts the clock", function()
      local function set(change)
        return driver:call("POST", "/_emulator/clock", change)
      end
      assert.equal(1000, set({ fixed = 1000 }).body.now)
      assert.equal(1060.5, set({ advance = 60.5 }).body.now)
      assert.equal("Thu, 01 Jan 1970 00:17:40 GMT",
        driver:call("GET", "/_emulator/clock").headers.date)
      assert.is_true(set({ running = true }).body.now >= 1060.5)
      assert.is_true(math.abs(set({ offset = 0 }).body.now - os.time()) < 5)
      assert.is_true(math.abs(set({ advance = -3600 }).body.now + 3600 - os.time()) < 5)
      for _, change in ipairs { {}, { fixed = -1 }, { fixed = "now" }, { offset = 1e300 },
        { stopped = true }, { running = false }, { fixed = 1, offset = 2 }, { fixed = json.null },
        { 5 } } do
        assert.equal(400, set(change).status)
      end
      assert.matches('did you mean "fixed"', set({ fixd = 1 }).body.Message)
    end)

    it("makes ids predictable", function()
      driver.service.verify_signatures = false
      local ids = {}
      for i = 1, 2 do
        driver:call("POST", "/_emulator/reset")
        assert.equal(200, driver:call("POST", "/_emulator/ids", { seed = "a test" }).status)
        driver:call("GET", "/applications")
        ids[i] = driver:call("POST", "/dataIntegrations", { Name = "d", KmsKey = "k" }).body.Id
        assert.are_not.equal(ids[i], driver:call("POST", "/dataIntegrations",
          { Name = "e", KmsKey = "k" }).body.Id)
      end
      assert.equal(ids[1], ids[2])
      assert.matches("^%x+%-%x+%-4%x+%-[89ab]%x+%-%x+$", ids[1])
      driver:call("POST", "/_emulator/reset")
      driver:call("POST", "/_emulator/ids", '{"seed":null}')
      assert.are_not.equal(ids[1], driver:call("POST", "/dataIntegrations",
        { Name = "d", KmsKey = "k" }).body.Id)
      for _, body in ipairs { {}, { seed = 5 }, { sed = "x" }, { seed = "x", more = 1 } } do
        assert.equal(400, driver:call("POST", "/_emulator/ids", body).status)
      end
    end)

    it("gives the state away and takes it back", function()
      driver.service.verify_signatures = false
      local before = driver:call("GET", "/eventIntegrations").text
      local state = driver:call("GET", "/_emulator/state").text
      driver:call("POST", "/_emulator/reset")
      assert.equal('{"EventIntegrations":[]}', driver:call("GET", "/eventIntegrations").text)
      assert.equal(200, driver:call("PUT", "/_emulator/state", state).status)
      assert.equal(before, driver:call("GET", "/eventIntegrations").text)
      for _, text in ipairs { "", "{}", '{"format":1}', '{"format":1,"records":{"things":[]}}' } do
        assert.equal(400, driver:call("PUT", "/_emulator/state", text).status)
      end
      assert.equal(before, driver:call("GET", "/eventIntegrations").text)
    end)

    it("writes empty lists as lists, and refuses a state that contradicts itself", function()
      local state = driver:call("GET", "/_emulator/state").text
      assert.truthy(state:find('"data_integrations":[]', 1, true))
      local record = state:match('"event_integrations":%[(.-)%]')
      for _, twin in ipairs { record, (record:gsub('"sequence":%d+', '"sequence":99')) } do
        local answer = driver:call("PUT", "/_emulator/state",
          '{"format":1,"records":{"event_integrations":[' .. record .. "," .. twin .. "]}}")
        assert.equal(400, answer.status)
        assert.matches("^two records have the same [a-z]+$", answer.body.Message)
      end
      assert.equal(state, driver:call("GET", "/_emulator/state").text)
    end)

    it("forgets all", function()
      driver.service.verify_signatures = false
      driver:call("POST", "/_emulator/faults", { status = 500 })
      driver:call("POST", "/_emulator/clock", { fixed = 5 })
      local health = driver:call("POST", "/_emulator/reset").body
      assert.same({ 0, 0 }, { health.resources.applications, health.pending_faults })
      assert.equal(0, #driver.service:requests())
      assert.is_true(driver:call("GET", "/_emulator/clock").body.now > 5)
    end)

    it("takes either name of an operation, and tells a slip", function()
      driver.service.verify_signatures = false
      assert.equal("get_application", driver:call("POST", "/_emulator/faults",
        { fault = "throttle", operation = "GetApplication" }).body.faults[1].operation)
      assert.equal(200, driver:call("GET", "/applications").status)
      assert.equal(429, driver:call("GET", "/applications/none").status)
      for _, name in ipairs { "ListApplications", "list_applications" } do
        assert.equal(1, #driver:call("GET", "/_emulator/requests?operation=" .. name).body.requests)
      end
      assert.equal('there is no operation list_aplications; did you mean "list_applications"?',
        driver:call("GET", "/_emulator/requests?operation=list_aplications").body.Message)
    end)

    it("refuses queries and bodies that it would not have understood", function()
      for _, request in ipairs {
        { "POST", "seed?acount=210987654321", "{}",
          'POST of seed knows no query acount; did you mean "account"?' },
        { "POST", "seed?account=abc", "{}", "option account_id must be twelve digits" },
        { "GET", "requests?limt=5", nil,
          'GET of requests knows no query limt; did you mean "limit"?' },
        { "DELETE", "requests?limit=5", nil, "DELETE of requests knows no query limit" },
        { "POST", "reset", "5", "The body must be a JSON object." },
        { "POST", "reset", "null", "The body must be a JSON object." },
        { "POST", "ids", "seed=x", "The body is no JSON: unexpected character at byte 1" },
      } do
        local answer = driver:call(request[1], "/_emulator/" .. request[2], request[3])
        assert.same({ 400, request[4] }, { answer.status, answer.body.Message })
      end
    end)

    it("has nothing else", function()
      for _, request in ipairs { { "GET", "/_emulator/", 404 }, { "GET", "/_emulator/seed", 405 },
        { "PUT", "/_emulator/faults", 405 }, { "GET", "/_emulator/health?x", 200 },
        { "GET", "/_emulator", 404 }, { "OPTIONS", "/_emulator/health", 405 } } do
        assert.equal(request[3], driver:call(request[1], request[2]).status, request[2])
      end
      assert.matches('did you mean "health"',
        driver:call("GET", "/_emulator/helth").body.Message)
      assert.matches("; there are clock, faults, health, ids, requests, reset, seed, state$",
        driver:call("GET", "/_emulator").body.Message)
      assert.equal("DELETE, GET, POST, HEAD",
        driver:call("PUT", "/_emulator/faults").headers.allow)
      assert.same({}, driver.service:requests { operation = "GetApplication" })
    end)
  end)
end

describe("the emulator and a browser", function()
  local function ask(service, method, target, headers)
    return service:handle { method = method, target = target, headers = headers }
  end

  it("lets no other site's page change anything, unless it is asked to", function()
    local service = assert(emulator.new())
    local host = { "Host", "127.0.0.1:4570" }
    for origin, status in pairs { ["https://evil.example"] = 403, ["null"] = 403,
      ["http://127.0.0.1:4570"] = 200 } do
      assert.equal(status, ask(service, "POST", "/_emulator/reset",
        { host, { "Origin", origin } }).status)
    end
    local answer = ask(service, "OPTIONS", "/_emulator/reset", { host })
    assert.same({ 405, nil }, { answer.status, answer.headers["access-control-allow-origin"] })
    service = assert(emulator.new { cors = "https://app.example" })
    answer = ask(service, "OPTIONS", "/applications", { host,
      { "Access-Control-Request-Headers", "authorization, x-amz-date" } })
    assert.same({ 204, "https://app.example", "authorization, x-amz-date" }, { answer.status,
      answer.headers["access-control-allow-origin"],
      answer.headers["access-control-allow-headers"] })
    assert.equal(200, ask(service, "POST", "/_emulator/reset",
      { host, { "Origin", "https://app.example" } }).status)
    assert.equal("https://app.example", ask(service, "GET", "/applications", { host })
      .headers["access-control-allow-origin"])
    assert.is_false(pcall(emulator.new, { cors = "a\r\nb: c" }))
  end)
end)
