local appintegrations = require "appintegrations"
local cjson = require "cjson"
local worlds = require "spec.support.world"

local KEY = "arn:aws:kms:us-east-1:111122223333:key/1"

local world, client

before_each(function()
  world = worlds.new({ retry_mode = "off", random = math.random }, { page_size = 2 })
  client = world.client
end)

--- The requests since the last look that change something: "POST /dataIntegrations".
local function changes()
  local list = {}
  for _, request in ipairs(world.wire) do
    if request.method ~= "GET" then
      list[#list + 1] = request.method .. " " .. request.path:match("^/%a+")
    end
  end
  world.wire = {}
  return list
end

--- The paths of the changes in OUTCOME.
local function paths(outcome)
  local list = {}
  for i, change in ipairs(outcome.changes) do
    list[i] = change.path
  end
  return list
end

local function data(more)
  local params = { Name = "crm", KmsKey = KEY, Description = "d", Tags = { team = "crm" },
    FileConfiguration = { Folders = { "a", "b" } },
    ScheduleConfig = { ScheduleExpression = "rate(1 hour)", Object = "Case" } }
  for name, value in pairs(more or {}) do
    params[name] = value
  end
  return params
end

local APPLICATION = { Name = "desk", Namespace = "ns", Permissions = { "b", "a" },
  ApplicationSourceConfig = { ExternalUrlConfig = { AccessUrl = "https://a.example" } } }

describe("a data integration that is ensured", function()
  it("is created where there is none", function()
    local integration, outcome = assert(client:ensure_data_integration(data()))
    assert.equal("crm", integration.Name)
    assert.matches("^arn:", integration.Arn)
    assert.same({ "create", "data_integration", "crm" },
      { outcome.action, outcome.kind, outcome.name })
    assert.equal(3, #world.wire) -- a listing, the creation, what has come of it
    assert.same({ "POST /dataIntegrations" }, changes())
  end)

  it("is left alone where it is so, whatever the order of texts", function()
    local created = assert(client:ensure_data_integration(data()))
    for i = 1, 5 do -- on a later page of the listing too
      assert(client:create_data_integration { Name = "other-" .. i, KmsKey = KEY })
    end
    changes()
    local integration, outcome = assert(client:ensure_data_integration(data {
      FileConfiguration = { Folders = { "b", "a" } } }))
    assert.same(created, integration)
    assert.equal("none", outcome.action)
    assert.same({}, outcome.changes)
    assert(client:ensure_data_integration { Name = "crm", KmsKey = KEY }) -- absent: as it is
    assert.same({}, changes())
  end)

  it("is left alone where the service shows nothing of what is to be empty", function()
    assert(client:create_data_integration { Name = "crm", KmsKey = KEY })
    local _, outcome = assert(client:ensure_data_integration { Name = "crm", KmsKey = KEY,
      Description = "", Tags = {} })
    assert.same({ "none", {} }, { outcome.action, paths(outcome) })
    local integration = assert(client:ensure_data_integration { Name = "crm", KmsKey = KEY,
      Tags = { flag = "" } })
    assert.same({ flag = "" }, integration.Tags)
  end)

  it("is left alone where tags of AWS are wanted that it has", function()
    local tags = { team = "crm", ["aws:cloudformation:stack-name"] = "crm" }
    local created = assert(client:create_data_integration { Name = "crm", KmsKey = KEY })
    world.service:inject { status = 200, operation = "get_data_integration",
      body = appintegrations.json { Arn = created.Arn, Name = "crm", KmsKey = KEY, Tags = tags } }
    local _, outcome = assert(client:ensure_data_integration { Name = "crm", KmsKey = KEY,
      Tags = tags })
    assert.same({ "none", {} }, { outcome.action, paths(outcome) })
  end)

  it("is updated where it is other, tags by their own operations", function()
    assert(client:ensure_data_integration(data()))
    changes()
    local integration, outcome = assert(client:ensure_data_integration(data {
      Description = "new", Tags = { owner = "me" } }))
    assert.same({ "update", { "Description", "Tags" } }, { outcome.action, paths(outcome) })
    assert.same({ path = "Description", from = "d", to = "new" }, outcome.changes[1])
    assert.same({ "new", { owner = "me" } }, { integration.Description, integration.Tags })
    assert.same({ "PATCH /dataIntegrations", "POST /tags", "DELETE /tags" }, changes())
    assert.equal("none", select(2, client:ensure_data_integration(data {
      Description = "new", Tags = { owner = "me" } })).action)
  end)

  it("is an error where what is other cannot be changed, and nothing is done", function()
    assert(client:ensure_data_integration(data()))
    changes()
    local result, err = client:ensure_data_integration(data {
      KmsKey = "other", Description = "new",
      ScheduleConfig = { ScheduleExpression = "rate(2 hours)", Object = "Case" } })
    assert.is_nil(result)
    assert.is_true(appintegrations.is_error(err, "ImmutableMember"), tostring(err))
    assert.equal("validation", err.kind)
    assert.same({ "KmsKey", "ScheduleConfig" }, { err.details[1].path, err.details[2].path })
    assert.matches("ensure_spec%.lua", err.where)
    assert.same({}, changes())
    local _, outcome = assert(client:ensure_data_integration(data {
      KmsKey = "other", Description = "new" }, { ignore = { "KmsKey" } }))
    assert.same({ "Description" }, paths(outcome))
  end)

  it("is not touched in a dry run", function()
    local result, outcome = client:ensure_data_integration(data(), { dry_run = true })
    assert.is_false(result)
    assert.equal("create", outcome.action)
    assert.equal('{ action = "create", kind = "data_integration", name = "crm", changes = {} }',
      tostring(outcome))
    assert.same({}, changes())
  end)

  it("may be created by somebody else in between", function()
    local sent = 0
    world.on_send = function(request)
      if request.method == "POST" and sent == 0 then
        sent = 1
        world.on_send = nil
        assert(client:create_data_integration(data { Description = "theirs" }))
      end
    end
    local integration, outcome = assert(client:ensure_data_integration(data()))
    assert.same({ "d", "update" }, { integration.Description, outcome.action })
  end)

  it("may be deleted by somebody else in between", function()
    local created = assert(client:ensure_data_integration(data()))
    world.on_send = function(request)
      if request.method == "PATCH" then
        world.on_send = nil
        assert(client:delete_data_integration { DataIntegrationIdentifier = created.Arn })
      end
    end
    local integration, outcome = assert(client:ensure_data_integration(data { Description = "e" }))
    assert.same({ "e", "create" }, { integration.Description, outcome.action })
  end)

  it("is an error where it has gone before it is looked at again", function()
    for _, verb in ipairs { "created", "updated" } do
      world.service:inject { code = "ResourceNotFoundException", operation = "get_data_integration",
        skip = verb == "updated" and 1 or 0 }
      local result, err = client:ensure_data_integration(data { Description = verb })
      assert.is_nil(result)
      assert.is_true(appintegrations.is_error(err, "ResourceNotFoundException"), tostring(err))
      assert.matches("the data integration crm was " .. verb, err.message)
    end
  end)

  it("returns what the service says against it", function()
    world.service:inject { code = "AccessDeniedException", operation = "create_data_integration" }
    local result, err = client:ensure_data_integration(data())
    assert.is_nil(result)
    assert.is_true(appintegrations.is_error(err, "AccessDeniedException"))
    result, err = client:ensure_data_integration { Nmae = "crm" }
    assert.is_nil(result)
    assert.is_true(appintegrations.is_error(err, "ParamValidationError"))
    result, err = client:ensure_data_integration({}, { validate = false })
    assert.is_nil(result)
    assert.is_true(appintegrations.is_error(err, "ParamValidationError"), tostring(err))
    assert(client:ensure_data_integration(data()))
    for _, tags in ipairs { cjson.null, "team=crm" } do
      result, err = client:ensure_data_integration(data { Tags = tags }, { validate = false })
      assert.is_nil(result)
      assert.same({ "ParamValidationError", "Tags" }, { err.code, err.details[1].path })
    end
    world.service:reset()
    result, err = client:ensure_data_integration(data(), { deadline = 0.15 })
    assert.is_nil(result)
    assert.is_true(appintegrations.is_error(err, "DeadlineExceeded"), tostring(err))
  end)
end)

describe("an event integration that is ensured", function()
  local EVENT = { Name = "ev", EventBridgeBus = "default", EventFilter = { Source = "aws.cases" } }

  it("is created, left alone, and updated", function()
    assert.equal("create", select(2, client:ensure_event_integration(EVENT)).action)
    assert.equal("none", select(2, client:ensure_event_integration(EVENT)).action)
    local integration, outcome = assert(client:ensure_event_integration {
      Name = "ev", EventBridgeBus = "default", EventFilter = { Source = "aws.cases" },
      Description = "new", Tags = { a = "b" } })
    assert.same({ "update", { "Description", "Tags" } }, { outcome.action, paths(outcome) })
    assert.same({ "new", { a = "b" } }, { integration.Description, integration.Tags })
    local _, err = client:ensure_event_integration { Name = "ev", EventBridgeBus = "other",
      EventFilter = { Source = "aws.cases" } }
    assert.is_true(appintegrations.is_error(err, "ImmutableMember"), tostring(err))
  end)
end)

describe("an application that is ensured", function()
  it("is created, left alone, and updated by whole members", function()
    assert.equal("create", select(2, client:ensure_application(APPLICATION)).action)
    assert.equal("none", select(2, client:ensure_application(APPLICATION)).action)
    local application, outcome = assert(client:ensure_application {
      Name = "desk", Namespace = "ns", Permissions = { "a" },
      ApplicationSourceConfig = { ExternalUrlConfig = { AccessUrl = "https://b.example" } } })
    assert.same({ "update", { "ApplicationSourceConfig", "Permissions" } },
      { outcome.action, paths(outcome) })
    assert.equal("https://b.example",
      application.ApplicationSourceConfig.ExternalUrlConfig.AccessUrl)
  end)

  it("may be changed by somebody else at the same time", function()
    assert(client:ensure_application(APPLICATION))
    world.service:inject { code = "ConflictException", operation = "update_application" }
    local application, outcome = assert(client:ensure_application { Name = "desk",
      Namespace = "ns", ApplicationSourceConfig = APPLICATION.ApplicationSourceConfig,
      Description = "new" })
    assert.same({ "new", "update" }, { application.Description, outcome.action })
  end)

  it("is an error where somebody else changes it each time", function()
    assert(client:ensure_application(APPLICATION))
    changes()
    world.service:inject { code = "ConflictException", operation = "update_application",
      times = 3 }
    local result, err = client:ensure_application { Name = "desk", Namespace = "ns",
      ApplicationSourceConfig = APPLICATION.ApplicationSourceConfig, Description = "new" }
    assert.is_nil(result)
    assert.is_true(appintegrations.is_error(err, "ConflictException"), tostring(err))
    assert.equal(2, #changes())
  end)

  it("is left alone where deprecated members say what it is", function()
    local wanted = { Name = "desk", Namespace = "ns", IsService = true,
      Permissions = { "a" }, Subscriptions = { { Event = "example.crm::CaseOpened" } },
      ApplicationSourceConfig = APPLICATION.ApplicationSourceConfig }
    assert(client:ensure_application(wanted))
    local _, outcome = assert(client:ensure_application(wanted))
    assert.same({ "none", {} }, { outcome.action, paths(outcome) })
    wanted.Subscriptions = {}
    _, outcome = assert(client:ensure_application(wanted))
    assert.same({ "Subscriptions" }, paths(outcome))
  end)

  it("keeps what a structure in the parameters leaves out", function()
    assert(client:create_application { Name = "desk", Namespace = "ns",
      IframeConfig = { Allow = { "camera" }, Sandbox = {} },
      ApplicationSourceConfig = { ExternalUrlConfig = { AccessUrl = "https://a.example",
        ApprovedOrigins = { "https://x.example" } } } })
    local application, outcome = assert(client:ensure_application {
      Name = "desk", Namespace = "ns", IframeConfig = { Allow = { "microphone" } },
      ApplicationSourceConfig = { ExternalUrlConfig = { AccessUrl = "https://b.example" } } })
    local url = { AccessUrl = "https://b.example", ApprovedOrigins = { "https://x.example" } }
    assert.same({ ExternalUrlConfig = url }, application.ApplicationSourceConfig)
    assert.same({ Allow = { "microphone" }, Sandbox = {} }, application.IframeConfig)
    assert.same({ ExternalUrlConfig = url }, outcome.changes[1].to)
  end)

  it("is not sent lists that the service shows empty and takes none of", function()
    local body
    world.on_send = function(request)
      body = request.method == "PATCH" and request.body or body
    end
    assert(client:ensure_application(APPLICATION))
    local shown = appintegrations.json { Arn = client:find_application("desk").Arn,
      Name = "desk", Namespace = "ns", ApplicationSourceConfig = { ExternalUrlConfig = {
        AccessUrl = "https://x.example", ApprovedOrigins = {} } } }
    world.service:inject { status = 200, operation = "get_application",
      body = shown:gsub("{}", "[]") }
    local _, outcome = assert(client:ensure_application { Name = "desk", Namespace = "ns",
      ApplicationSourceConfig = APPLICATION.ApplicationSourceConfig })
    assert.same({ "ApplicationSourceConfig" }, paths(outcome))
    assert.equal('{"ApplicationSourceConfig":{"ExternalUrlConfig":{"AccessUrl":'
      .. '"https://a.example"}}}', body)
  end)
end)

describe("misuse", function()
  it("raises at the caller's line", function()
    for pattern, call in pairs {
      ["expected a table, got nil"] = function() client:ensure_application() end,
      ['unknown option "dryrun"; did you mean "dry_run"'] = function()
        client:ensure_application(APPLICATION, { dryrun = true })
      end,
      ['"ignore": expected a list of members\' names'] = function()
        client:ensure_application(APPLICATION, { ignore = { 1 } })
      end,
      ["call it with a colon"] = function() client.ensure_application(APPLICATION) end,
    } do
      local ok, message = pcall(call)
      assert.is_false(ok)
      assert.matches("ensure_spec%.lua:%d+: ensure_application", message)
      assert.truthy(message:find(pattern, 1, true), message)
    end
  end)
end)
