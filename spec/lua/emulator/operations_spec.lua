local core = require "appintegrations.core"
local emulator = require "appintegrations.emulator"
local json = require "appintegrations.emulator.json"
local support = require "spec.support.service"

-- Every operation, directly and over a socket: valid input, a missing member, a wrong type, an
-- unknown member, and each of its modelled errors. What an operation needs to exist first is made
-- by `prepare`; its result is what %s in `target` stands for.

local CREDENTIALS = { access_key_id = "AKIDSPEC", secret_access_key = "a secret" }
local NO_SUCH_ID = "00000000-0000-4000-8000-000000000000"

local function escape(text)
  return (text:gsub("[^%w%-._~]", function(character)
    return ("%%%02X"):format(character:byte())
  end))
end

local function application_body(name)
  return { Name = name or "Agent desk", Namespace = "ns." .. (name or "desk"),
    ApplicationSourceConfig = { ExternalUrlConfig = { AccessUrl = "https://example.com",
      ApprovedOrigins = { "https://a.example.com" } } } }
end

local function make(driver, target, body)
  local answer = driver:call("POST", target, body)
  assert.equal(200, answer.status, answer.text)
  return answer.body
end

local function make_application(driver, name)
  return make(driver, "/applications", application_body(name)).Arn
end

local function make_data_integration(driver)
  return make(driver, "/dataIntegrations", { Name = "orders", KmsKey = "key" }).Arn
end

local function make_event_integration(driver)
  make(driver, "/eventIntegrations", { Name = "events/one", EventBridgeBus = "default",
    EventFilter = { Source = "aws.cases" } })
  return "events/one"
end

local function make_association(driver)
  local arn = make_data_integration(driver)
  local id = make(driver, "/dataIntegrations/" .. escape(arn) .. "/associations", {
    ExecutionConfiguration = { ExecutionMode = "ON_DEMAND" },
  }).DataIntegrationAssociationId
  return arn, id
end

local function with_application_association(driver)
  local arn = make_application(driver)
  assert(driver.service:seed_application_association { ApplicationId = arn, ClientId = "c" })
  return arn
end

local function with_event_association(driver)
  local name = make_event_integration(driver)
  assert(driver.service:seed_event_integration_association {
    EventIntegrationName = name, ClientId = "c", EventBridgeRuleName = "rule",
    ClientAssociationMetadata = { k = "v" },
  })
  return name
end

local EVERYTHING = {
  Name = "orders", Description = "d", KmsKey = "key", SourceURI = "s3://bucket/prefix",
  ScheduleConfig = { ScheduleExpression = "rate(1 hour)", Object = "o", FirstExecutionFrom = "1" },
  Tags = { team = "a" }, ClientToken = "token", FileConfiguration = { Folders = { "f" },
    Filters = { k = { "v" } } }, ObjectConfiguration = { obj = { fields = { "a", "b" } } },
}

local OPERATIONS = {
  create_application = {
    "POST", "/applications", body = application_body(), missing = "Namespace",
    wrong = { Name = 5 }, check = function(body)
      assert.matches("^arn:aws:app%-integrations:us%-east%-1:123456789012:application/" .. body.Id
        :gsub("%-", "%%-") .. "$", body.Arn)
    end,
    errors = {
      DuplicateResourceException = function(driver) make_application(driver) end,
      UnsupportedOperationException = function(_, case)
        case.body.IsService, case.body.ApplicationType = true, "MCP_SERVER"
      end,
    },
  },
  get_application = {
    "GET", "/applications/%s", prepare = make_application, check = function(body)
      assert.equal("Agent desk", body.Name)
      assert.equal("STANDARD", body.ApplicationType)
      assert.is_false(body.IsService)
      assert.equal(1700000000.25, body.CreatedTime)
      assert.same({ "https://a.example.com" },
        body.ApplicationSourceConfig.ExternalUrlConfig.ApprovedOrigins)
    end,
  },
  update_application = {
    "PATCH", "/applications/%s", prepare = make_application, body = { Description = "new" },
    wrong = { Permissions = {} }, check = function(body, driver, arn)
      assert.same({}, body)
      assert.equal("new", driver:call("GET", "/applications/" .. escape(arn)).body.Description)
    end,
    errors = {
      UnsupportedOperationException = function(_, case) case.body.ApplicationType = "SERVICE" end,
      ConflictException = function(driver, case)
        make_application(driver, "Other")
        case.body.Name = "Other"
      end,
    },
  },
  delete_application = {
    "DELETE", "/applications/%s", prepare = make_application, query = { force = "maybe" },
    check = function(_, driver, arn)
      assert.equal("ResourceNotFoundException",
        driver:call("GET", "/applications/" .. escape(arn)).code)
    end,
    errors = {
      InvalidRequestException = function(driver, _, arguments)
        assert(driver.service:seed_application_association { ApplicationId = arguments[1] })
      end,
    },
  },
  list_applications = {
    "GET", "/applications", query = { maxResults = "many" }, prepare = make_application,
    check = function(body)
      assert.equal(1, #body.Applications)
      assert.equal("Agent desk", body.Applications[1].Name)
      assert.is_nil(body.NextToken)
    end,
  },
  list_application_associations = {
    "GET", "/applications/%s/associations", prepare = with_application_association,
    query = { maxResults = "1.5" }, check = function(body, _, arn)
      assert.equal(arn, body.ApplicationAssociations[1].ApplicationArn)
      assert.equal("c", body.ApplicationAssociations[1].ClientId)
    end,
  },
  create_data_integration = {
    "POST", "/dataIntegrations", body = EVERYTHING, missing = "KmsKey",
    wrong = { Tags = { "a" } }, check = function(body)
      assert.equal("rate(1 hour)", body.ScheduleConfiguration.ScheduleExpression)
      assert.is_nil(body.ScheduleConfig)
      for _, name in ipairs { "Name", "Description", "KmsKey", "SourceURI", "Tags", "ClientToken",
        "FileConfiguration", "ObjectConfiguration" } do
        assert.same(EVERYTHING[name], body[name])
      end
    end,
    errors = { DuplicateResourceException = make_data_integration },
  },
  get_data_integration = {
    "GET", "/dataIntegrations/%s", prepare = make_data_integration, check = function(body, _, arn)
      assert.equal(arn, body.Arn)
      assert.same({}, body.Tags)
      assert.is_nil(body.ClientToken)
    end,
  },
  update_data_integration = {
    "PATCH", "/dataIntegrations/%s", prepare = make_data_integration, body = { Name = "renamed" },
    wrong = { Name = true }, check = function(_, driver)
      assert.equal(200, driver:call("GET", "/dataIntegrations/renamed").status)
      assert.equal(404, driver:call("GET", "/dataIntegrations/orders").status)
    end,
  },
  delete_data_integration = {
    "DELETE", "/dataIntegrations/%s", prepare = make_data_integration,
    check = function(_, driver)
      assert.equal(404, driver:call("GET", "/dataIntegrations/orders").status)
    end,
    errors = {
      InvalidRequestException = function(driver, _, arguments)
        make(driver, "/dataIntegrations/" .. escape(arguments[1]) .. "/associations", {})
      end,
    },
  },
  list_data_integrations = {
    "GET", "/dataIntegrations", prepare = make_data_integration, query = { maxResults = "" },
    check = function(body, _, arn)
      assert.same({ DataIntegrations = { { Arn = arn, Name = "orders" } } }, body)
    end,
  },
  create_data_integration_association = {
    "POST", "/dataIntegrations/%s/associations", prepare = make_data_integration,
    body = { ClientId = "c", DestinationURI = "s3://bucket/out", ClientAssociationMetadata = {
      k = "v" }, ExecutionConfiguration = { ExecutionMode = "ON_DEMAND",
      OnDemandConfiguration = { StartTime = "1700000000000" } } },
    wrong = { ExecutionConfiguration = "ON_DEMAND" }, check = function(body, _, arn)
      assert.equal(arn, body.DataIntegrationArn)
      assert.matches("^%x+%-%x+%-4%x+%-[89ab]%x+%-%x+$", body.DataIntegrationAssociationId)
    end,
  },
  update_data_integration_association = {
    "PATCH", "/dataIntegrations/%s/associations/%s", prepare = make_association,
    body = { ExecutionConfiguration = { ExecutionMode = "SCHEDULED",
      ScheduleConfiguration = { ScheduleExpression = "rate(1 day)" } } },
    missing = "ExecutionConfiguration",
    wrong = { ExecutionConfiguration = { ExecutionMode = {} } }, check = function(_, driver)
      local item = driver:call("GET", "/dataIntegrations/orders/associations").body
        .DataIntegrationAssociations[1]
      assert.equal("SCHEDULED", item.ExecutionConfiguration.ExecutionMode)
      assert.equal("IN_PROGRESS", item.LastExecutionStatus.ExecutionStatus)
    end,
  },
  list_data_integration_associations = {
    "GET", "/dataIntegrations/%s/associations", prepare = make_association,
    query = { maxResults = "x" }, check = function(body, _, arn, id)
      local item = body.DataIntegrationAssociations[1]
      assert.equal(arn, item.DataIntegrationArn)
      assert.equal(arn:gsub(":data%-integration/", ":data-integration-association/") .. "/" .. id,
        item.DataIntegrationAssociationArn)
    end,
  },
  create_event_integration = {
    "POST", "/eventIntegrations", body = { Name = "events/one", EventBridgeBus = "default",
      EventFilter = { Source = "aws.partner/example.com" }, Tags = { a = "" } },
    missing = "EventFilter", wrong = { EventFilter = { Source = 1 } }, check = function(body)
      assert.equal("arn:aws:app-integrations:us-east-1:123456789012:event-integration/events/one",
        body.EventIntegrationArn)
    end,
    errors = { DuplicateResourceException = make_event_integration },
  },
  get_event_integration = {
    "GET", "/eventIntegrations/%s", prepare = make_event_integration, check = function(body)
      assert.equal("events/one", body.Name)
      assert.equal("aws.cases", body.EventFilter.Source)
    end,
  },
  update_event_integration = {
    "PATCH", "/eventIntegrations/%s", prepare = make_event_integration,
    body = { Description = "" }, wrong = { Description = {} }, check = function(_, driver)
      assert.equal("", driver:call("GET", "/eventIntegrations/events%2Fone").body.Description)
    end,
  },
  delete_event_integration = {
    "DELETE", "/eventIntegrations/%s", prepare = make_event_integration,
    check = function(_, driver)
      assert.equal(404, driver:call("GET", "/eventIntegrations/events%2Fone").status)
    end,
    errors = {
      InvalidRequestException = function(driver, _, arguments)
        assert(driver.service:seed_event_integration_association {
          EventIntegrationName = arguments[1],
        })
      end,
    },
  },
  list_event_integrations = {
    "GET", "/eventIntegrations", prepare = make_event_integration, query = { maxResults = "-" },
    check = function(body) assert.equal("events/one", body.EventIntegrations[1].Name) end,
  },
  list_event_integration_associations = {
    "GET", "/eventIntegrations/%s/associations", prepare = with_event_association,
    query = { maxResults = "0x1" }, check = function(body)
      local item = body.EventIntegrationAssociations[1]
      assert.equal("events/one", item.EventIntegrationName)
      assert.equal("rule", item.EventBridgeRuleName)
      assert.same({ k = "v" }, item.ClientAssociationMetadata)
      assert.truthy(item.EventIntegrationAssociationArn:find(item.EventIntegrationAssociationId, 1,
        true))
    end,
  },
  tag_resource = {
    "POST", "/tags/%s", prepare = make_data_integration, body = { tags = { a = "1" } },
    missing = "tags", wrong = { tags = { a = 1 } }, check = function(_, driver)
      assert.same({ a = "1" }, driver:call("GET", "/dataIntegrations/orders").body.Tags)
    end,
  },
  untag_resource = {
    "DELETE", "/tags/%s", prepare = make_data_integration, required_query = "tagKeys=a&tagKeys=b",
    check = function(_, driver, arn)
      driver:call("POST", "/tags/" .. escape(arn), { tags = { a = "1", b = "2", c = "3" } })
      driver:call("DELETE", "/tags/" .. escape(arn) .. "?tagKeys=a&tagKeys=c&tagKeys=x")
      assert.same({ b = "2" }, driver:call("GET", "/tags/" .. escape(arn)).body.tags)
    end,
  },
  list_tags_for_resource = {
    "GET", "/tags/%s", prepare = function(driver)
      return make(driver, "/dataIntegrations", EVERYTHING).Arn
    end,
    check = function(body) assert.same({ tags = { team = "a" } }, body) end,
  },
}

local function copy(value)
  if type(value) ~= "table" then
    return value
  end
  local result = {}
  for key, item in pairs(value) do
    result[key] = copy(item)
  end
  return result
end

--- TARGET with its %s replaced by the encoded ARGUMENTS.
local function fill(target, arguments)
  local position = 0
  return (target:gsub("%%s", function()
    position = position + 1
    return escape(arguments[position])
  end))
end

--- The target of CASE for the resource made by prepare, or for one that does not exist.
local function target_of(case, arguments)
  local query = case.required_query and "?" .. case.required_query or ""
  return fill(case[2], arguments) .. query
end

local NOWHERE = {
  ["/applications"] = { NO_SUCH_ID },
  ["/dataIntegrations"] = { NO_SUCH_ID, NO_SUCH_ID },
  ["/eventIntegrations"] = { "none" },
  ["/tags"] = { "arn:aws:app-integrations:us-east-1:123456789012:data-integration/" .. NO_SUCH_ID },
}

--- How each error can be had from any operation that has it: changes service, case or arguments.
local PROVOKE = {
  InternalServiceError = function(driver, _, name)
    driver.service:fail_next { operation = name, code = "InternalServiceError" }
  end,
  ThrottlingException = function(driver, _, name)
    driver.service:fail_next { operation = name, code = "ThrottlingException" }
  end,
  AccessDeniedException = function(driver, _, name)
    driver.service.verifier.credentials[CREDENTIALS.access_key_id].deny = { name }
  end,
  ResourceNotFoundException = function(_, case, _, arguments)
    for i, value in ipairs(NOWHERE[case[2]:match("^/%w+")]) do
      arguments[i] = value
    end
  end,
  InvalidRequestException = function(_, case, _, arguments)
    if case.missing then
      case.body[case.missing] = nil
    elseif case.required_query then
      case.required_query = nil
    elseif #arguments > 0 and case[2]:find("%%s") then
      arguments[1] = case[2]:find("^/dataI") and " " or "not valid!"
    elseif case.query then
      case.required_query = "nextToken=made-up"
    end
  end,
  ResourceQuotaExceededException = function(driver)
    for kind in pairs(emulator.QUOTAS) do
      driver.service.quotas[kind] = 0
    end
  end,
}

local DRIVERS = { directly = support.direct, ["over HTTP"] = support.over_http }

for how, new_driver in pairs(DRIVERS) do
  describe("the emulator, " .. how .. ",", function()
    local driver

    before_each(function()
      driver = new_driver(assert(emulator.new {
        credentials = { [CREDENTIALS.access_key_id] = { secret = CREDENTIALS.secret_access_key } },
        clock = function() return 1700000000.25 end,
      }), CREDENTIALS)
    end)

    after_each(function()
      assert.same({}, driver.errors or {})
      driver:close()
    end)

    --- Calls CASE with its prepared resources; CHANGE may spoil it just before.
    local function call(name, change)
      local case = copy(OPERATIONS[name])
      local arguments = { (case.prepare or function() end)(driver) }
      if change then
        change(case, arguments)
      end
      return driver:call(case[1], target_of(case, arguments), case.body), arguments
    end

    for _, name in ipairs(core.operations()) do
      local case = OPERATIONS[name]
      local description = core.describe(name)

      it("carries out " .. name, function()
        local answer, arguments = call(name)
        assert.equal(200, answer.status, answer.text)
        assert.equal("application/json", answer.headers["content-type"])
        assert.matches("^%x+%-%x+%-4%x+%-%x+%-%x+$", answer.headers["x-amzn-requestid"])
        assert.equal("Tue, 14 Nov 2023 22:13:20 GMT", answer.headers.date)
        case.check(answer.body, driver, arguments[1], arguments[2])
      end)

      if case.body then
        it("refuses " .. name .. " with a member of the wrong JSON type", function()
          local answer = call(name, function(spoiled)
            for member, value in pairs(case.wrong) do
              spoiled.body[member] = value
            end
          end)
          assert.same({ 400, "SerializationException" }, { answer.status, answer.code })
        end)

        it("ignores a member that " .. name .. " does not know, and null", function()
          local answer = call(name, function(changed)
            changed.body.NoSuchMember = { 1, 2 }
            changed.body.ClientToken = json.null
          end)
          assert.equal(200, answer.status, answer.text)
        end)
      elseif case.query then
        it("refuses " .. name .. " with a query parameter of the wrong type", function()
          local answer = call(name, function(spoiled)
            local parameter, value = next(case.query)
            spoiled.required_query = parameter .. "=" .. value
          end)
          assert.same({ 400, "SerializationException" }, { answer.status, answer.code })
        end)

        it("ignores a query parameter that " .. name .. " does not know", function()
          local answer = call(name, function(changed) changed.required_query = "x=1&y&=&&" end)
          assert.equal(200, answer.status, answer.text)
        end)
      end

      for _, err in ipairs(description.errors) do
        it("answers " .. name .. " with " .. err.name, function()
          local provoke = case.errors and case.errors[err.name]
          local answer = call(name, function(spoiled, arguments)
            if provoke then
              provoke(driver, spoiled, arguments)
            else
              assert(PROVOKE[err.name], err.name)(driver, spoiled, name, arguments)
            end
          end)
          assert.same({ err.status, err.name }, { answer.status, answer.code }, answer.text)
          assert.is_string(answer.body.Message)
        end)
      end
    end

    it("answers what is no operation with UnknownOperationException", function()
      for _, request in ipairs { { "POST", "/" }, { "GET", "/application" }, { "PUT",
        "/applications" }, { "GET", "/applications/" }, { "GET", "/applications/a/b" },
        { "GET", "//applications" }, { "GET", "/applications/%zz" }, { "DELETE", "/tags" } } do
        local answer = driver:call(request[1], request[2])
        assert.same({ 404, "UnknownOperationException" }, { answer.status, answer.code })
      end
    end)
  end)
end

it("has a case for each operation", function()
  for _, name in ipairs(core.operations()) do
    assert.is_table(OPERATIONS[name], name)
  end
end)
