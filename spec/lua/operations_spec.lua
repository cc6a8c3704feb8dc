-- Every operation over a socket against the emulator in a process of its own: valid input, each
-- required member missing, each member of a wrong type, an unknown member, and each of its
-- modelled errors. What is tried follows from the model; CASES says how valid input looks and
-- what must come back, so an operation without a case fails here.

local appintegrations = require "appintegrations"
local emulator = require "spec.support.emulator"
local shape = require "appintegrations.base.shape"

local NO_SUCH_ID = "00000000-0000-4000-8000-000000000000"
local DENIED = { access_key_id = "AKIDDENIED", secret_access_key = "denied" }

--- The emulator's usual pair, and one that may do nothing.
local WITH_DENIED = [[
  local emulator = require "appintegrations.emulator"
  local new = emulator.new
  function emulator.new(options)
    options.credentials = { [emulator.ACCESS_KEY_ID] = emulator.SECRET_ACCESS_KEY,
      AKIDDENIED = { secret = "denied", deny = "*" } }
    return new(options)
  end
]]

local child, client, denied

local function new_client(url, credentials)
  return assert(appintegrations.client { region = "us-east-1", env = {}, endpoint_url = url,
    credentials = credentials or emulator.credentials, retry_mode = "off" })
end

setup(function()
  child = emulator.start { prelude = WITH_DENIED }
  client = new_client(child.url)
  denied = new_client(child.url, DENIED)
end)

teardown(function()
  client:close()
  denied:close()
  child:stop()
end)

-- ---- resources to work with ------------------------------------------------------------------

local serial = 0

--- A name that nothing has yet.
local function fresh(word)
  serial = serial + 1
  return ("%s-%d"):format(word, serial)
end

local function application()
  local name = fresh "desk"
  return { Name = name, Namespace = name, Description = "d", ClientToken = fresh "token",
    ApplicationSourceConfig = { ExternalUrlConfig = { AccessUrl = "https://example.com",
      ApprovedOrigins = { "https://a.example.com" } } },
    Permissions = { "User.Details.View" }, Tags = { team = "a" }, InitializationTimeout = 5000 }
end

local function data_integration()
  return { Name = fresh "crm", KmsKey = "key", SourceURI = "Salesforce://AppFlow/crm",
    ScheduleConfig = { ScheduleExpression = "rate(1 hour)", Object = "Case" },
    Tags = { team = "a" }, FileConfiguration = { Folders = { "f" }, Filters = { k = { "v" } } },
    ObjectConfiguration = { obj = { fields = { "a", "b" } } } }
end

local function event_integration()
  return { Name = fresh "events/one", EventBridgeBus = "default", Tags = { team = "a" },
    EventFilter = { Source = "aws.partner/example.com" } }
end

local function make_application()
  return assert(client:create_application(application())).Arn
end

local function make_data_integration()
  return assert(client:create_data_integration(data_integration())).Arn
end

local function make_event_integration()
  local params = event_integration()
  assert(client:create_event_integration(params))
  return params.Name
end

local function make_association()
  local arn = make_data_integration()
  return arn, assert(client:create_data_integration_association {
    DataIntegrationIdentifier = arn, ExecutionConfiguration = { ExecutionMode = "ON_DEMAND" },
  }).DataIntegrationAssociationId
end

--- Has the emulator add what no operation can.
local function seed(kind, member, value)
  child:control("POST", "seed",
    ('{"%s":[{"%s":"%s","ClientId":"c"}]}'):format(kind, member, value))
end

local function application_with_association()
  local arn = make_application()
  seed("ApplicationAssociations", "ApplicationId", arn)
  return arn
end

local function event_integration_with_association()
  local name = make_event_integration()
  seed("EventIntegrationAssociations", "EventIntegrationName", name)
  return name
end

local function schedule()
  return { ExecutionMode = "SCHEDULED",
    ScheduleConfiguration = { ScheduleExpression = "rate(1 day)" } }
end

-- ---- the cases ---------------------------------------------------------------------------------

--- For each operation: valid parameters, made anew; what must be true of the output; and how an
-- error comes about where that differs from operation to operation: changes the parameters.
local CASES = {
  create_application = {
    valid = application,
    check = function(output)
      assert.matches("^arn:aws:app%-integrations:us%-east%-1:123456789012:application/", output.Arn)
      assert.is_string(output.Id)
    end,
    DuplicateResourceException = function(params)
      assert(client:create_application(params))
      params.ClientToken = nil
    end,
    UnsupportedOperationException = function(params)
      params.IsService, params.ApplicationType = true, "MCP_SERVER"
    end,
  },
  get_application = {
    valid = function() return { Arn = make_application() } end,
    check = function(output, params)
      assert.equal(params.Arn, output.Arn)
      assert.same({ AccessUrl = "https://example.com",
        ApprovedOrigins = { "https://a.example.com" } },
        output.ApplicationSourceConfig.ExternalUrlConfig)
      assert.same({ "User.Details.View" }, output.Permissions)
      assert.equal(5000, output.InitializationTimeout)
      assert.is_number(output.CreatedTime)
      assert.is_false(output.IsService)
    end,
  },
  update_application = {
    valid = function() return { Arn = make_application(), Description = "new" } end,
    check = function(output, params)
      assert.same({}, output)
      assert.equal("new", assert(client:get_application { Arn = params.Arn }).Description)
    end,
    UnsupportedOperationException = function(params) params.ApplicationType = "SERVICE" end,
    ConflictException = function(params)
      params.Name = assert(client:get_application { Arn = make_application() }).Name
    end,
  },
  delete_application = {
    valid = function() return { Arn = application_with_association(), Force = true } end,
    check = function(output, params)
      assert.same({}, output)
      local _, err = client:get_application { Arn = params.Arn }
      assert.equal("ResourceNotFoundException", err.code)
    end,
    InvalidRequestException = function(params) params.Force = false end,
  },
  list_applications = {
    valid = function()
      make_application()
      make_application()
      return { MaxResults = 1, ApplicationType = "STANDARD" }
    end,
    check = function(output)
      assert.equal(1, #output.Applications)
      assert.equal("STANDARD", output.Applications[1].ApplicationType)
      assert(client:list_applications { NextToken = assert(output.NextToken),
        ApplicationType = "STANDARD" })
    end,
  },
  list_application_associations = {
    valid = function() return { ApplicationId = application_with_association() } end,
    check = function(output, params)
      assert.equal(params.ApplicationId, output.ApplicationAssociations[1].ApplicationArn)
      assert.equal("c", output.ApplicationAssociations[1].ClientId)
    end,
  },
  create_data_integration = {
    valid = data_integration,
    check = function(output, params)
      for _, name in ipairs { "Name", "KmsKey", "SourceURI", "Tags", "FileConfiguration",
        "ObjectConfiguration" } do
        assert.same(params[name], output[name])
      end
      assert.same(params.ScheduleConfig, output.ScheduleConfiguration)
      assert.matches("^%x+%-%x+%-4%x+%-[89ab]%x+%-%x+$", output.ClientToken) -- filled in
      assert.is_nil(params.ClientToken)
    end,
    DuplicateResourceException = function(params)
      assert(client:create_data_integration(params))
    end,
  },
  get_data_integration = {
    valid = function() return { Identifier = make_data_integration() } end,
    check = function(output, params)
      assert.equal(params.Identifier, output.Arn)
      assert.same({ fields = { "a", "b" } }, output.ObjectConfiguration.obj)
    end,
  },
  update_data_integration = {
    valid = function() return { Identifier = make_data_integration(), Name = fresh "renamed" } end,
    check = function(output, params)
      assert.same({}, output)
      assert(client:get_data_integration { Identifier = params.Name })
    end,
  },
  delete_data_integration = {
    valid = function() return { DataIntegrationIdentifier = make_data_integration() } end,
    check = function(output, params)
      assert.same({}, output)
      local _, err = client:get_data_integration { Identifier = params.DataIntegrationIdentifier }
      assert.equal("ResourceNotFoundException", err.code)
    end,
    InvalidRequestException = function(params)
      params.DataIntegrationIdentifier = make_association()
    end,
  },
  list_data_integrations = {
    valid = function()
      make_data_integration()
      return { MaxResults = 50 }
    end,
    check = function(output) assert.matches("^crm", output.DataIntegrations[1].Name) end,
  },
  create_data_integration_association = {
    valid = function()
      return { DataIntegrationIdentifier = make_data_integration(), ClientId = "c",
        DestinationURI = "s3://bucket/out", ClientAssociationMetadata = { k = "v" },
        ObjectConfiguration = { obj = { fields = { "a" } } }, ExecutionConfiguration = schedule() }
    end,
    check = function(output, params)
      assert.equal(params.DataIntegrationIdentifier, output.DataIntegrationArn)
      assert.is_string(output.DataIntegrationAssociationId)
    end,
  },
  update_data_integration_association = {
    valid = function()
      local arn, id = make_association()
      return { DataIntegrationIdentifier = arn, DataIntegrationAssociationIdentifier = id,
        ExecutionConfiguration = schedule() }
    end,
    check = function(output, params)
      assert.same({}, output)
      local associations = assert(client:list_data_integration_associations {
        DataIntegrationIdentifier = params.DataIntegrationIdentifier }).DataIntegrationAssociations
      assert.same(schedule(), associations[1].ExecutionConfiguration)
    end,
  },
  list_data_integration_associations = {
    valid = function() return { DataIntegrationIdentifier = (make_association()) } end,
    check = function(output, params)
      local association = output.DataIntegrationAssociations[1]
      assert.equal(params.DataIntegrationIdentifier, association.DataIntegrationArn)
      assert.equal("IN_PROGRESS", association.LastExecutionStatus.ExecutionStatus)
    end,
  },
  create_event_integration = {
    valid = event_integration,
    check = function(output, params)
      assert.equal("arn:aws:app-integrations:us-east-1:123456789012:event-integration/"
        .. params.Name, output.EventIntegrationArn)
    end,
    DuplicateResourceException = function(params)
      assert(client:create_event_integration(params))
    end,
  },
  get_event_integration = {
    valid = function() return { Name = make_event_integration() } end,
    check = function(output, params)
      assert.equal(params.Name, output.Name)
      assert.same({ Source = "aws.partner/example.com" }, output.EventFilter)
    end,
  },
  update_event_integration = {
    valid = function() return { Name = make_event_integration(), Description = "new" } end,
    check = function(output, params)
      assert.same({}, output)
      assert.equal("new", assert(client:get_event_integration { Name = params.Name }).Description)
    end,
  },
  delete_event_integration = {
    valid = function() return { Name = make_event_integration() } end,
    check = function(output, params)
      assert.same({}, output)
      local _, err = client:get_event_integration { Name = params.Name }
      assert.equal("ResourceNotFoundException", err.code)
    end,
    InvalidRequestException = function(params)
      params.Name = event_integration_with_association()
    end,
  },
  list_event_integrations = {
    valid = function()
      make_event_integration()
      return {}
    end,
    check = function(output)
      assert.equal("default", output.EventIntegrations[1].EventBridgeBus)
    end,
  },
  list_event_integration_associations = {
    valid = function() return { EventIntegrationName = event_integration_with_association() } end,
    check = function(output, params)
      assert.equal(params.EventIntegrationName,
        output.EventIntegrationAssociations[1].EventIntegrationName)
      assert.equal("c", output.EventIntegrationAssociations[1].ClientId)
    end,
  },
  tag_resource = {
    valid = function()
      return { resourceArn = make_application(), tags = { size = "1", a = "" } }
    end,
    check = function(output, params)
      assert.same({}, output)
      assert.same({ team = "a", size = "1", a = "" },
        assert(client:list_tags_for_resource { resourceArn = params.resourceArn }).tags)
    end,
  },
  untag_resource = {
    valid = function()
      return { resourceArn = make_data_integration(), tagKeys = { "team", "none" } }
    end,
    check = function(output, params)
      assert.same({}, output)
      assert.same({},
        assert(client:list_tags_for_resource { resourceArn = params.resourceArn }).tags)
    end,
  },
  list_tags_for_resource = {
    valid = function() return { resourceArn = make_data_integration() } end,
    check = function(output) assert.same({ tags = { team = "a" } }, output) end,
  },
}

-- ---- what the model says to try ----------------------------------------------------------------

local WRONG = { string = {}, structure = "text", list = "text", map = "text", integer = "five",
  boolean = "true", float = "half", timestamp = "now" }

--- The members of DESCRIPTION's input in which those for which ACCEPTS is true.
local function members_of(description, accepts)
  local names = {}
  for _, name in ipairs(description.input.order) do
    if accepts(description.input.members[name]) then
      names[#names + 1] = name
    end
  end
  return names
end

local function is_required(member) return member.required end
local function is_anything() return true end
local function is_label(member) return member.location == "label" end

--- ERR is a ParamValidationError of OPERATION for the member PATH, with RULE.
local function assert_violation(operation, err, path, rule)
  assert.equal("ParamValidationError", err and err.code)
  assert.equal("validation", err.kind)
  assert.equal(operation, err.operation)
  for _, violation in ipairs(err.details) do
    if violation.path == path and violation.rule == rule then
      return
    end
  end
  error(("no violation %s of %s in: %s"):format(rule, path, tostring(err)))
end

--- Values that break the model's rules for identifiers, or that no listing has given.
local function make_invalid(params, description)
  local labels = members_of(description, is_label)
  if #labels == 0 then
    params.NextToken = "made-up"
  else
    -- Every identifier's pattern refuses one of the two.
    params[labels[1]] = description.path:find("^/dataIntegrations") and " " or "not valid!"
  end
end

local function make_unknown(params, description)
  local arn = "arn:aws:app-integrations:us-east-1:123456789012:data-integration/" .. NO_SUCH_ID
  for _, name in ipairs(members_of(description, is_label)) do
    params[name] = description.path:find("^/tags") and arn
      or description.path:find("^/event") and "none" or NO_SUCH_ID
  end
end

--- How every operation can be brought to an error that its case does not know a special way to:
-- changes PARAMS, or returns the client or options that the call is to be made with.
local PROVOKE = {
  InternalServiceError = function(_, _, operation)
    child:control("POST", "faults",
      ('{"operation":"%s","code":"InternalServiceError"}'):format(operation))
  end,
  ThrottlingException = function(_, _, operation)
    child:control("POST", "faults",
      ('{"operation":"%s","code":"ThrottlingException"}'):format(operation))
  end,
  AccessDeniedException = function() return denied end,
  ResourceNotFoundException = make_unknown,
  InvalidRequestException = function(params, description)
    local missing = members_of(description, function(member)
      return member.required and not is_label(member)
    end)[1]
    if missing then
      params[missing] = nil
      return client, { validate = false }
    end
    make_invalid(params, description)
  end,
}

local function provoke(operation, name, params)
  local how = CASES[operation][name] or assert(PROVOKE[name], "no way to provoke " .. name)
  local caller, options = how(params, appintegrations.describe(operation), operation)
  caller = caller or client
  return caller[operation](caller, params, options)
end

-- ---- the specs ---------------------------------------------------------------------------------

for _, operation in ipairs(appintegrations.operations()) do
  local description = appintegrations.describe(operation)

  describe(operation, function()
    local case = CASES[operation]

    it("has a case", function()
      assert.is_table(case)
    end)

    if not case then
      return
    end

    --- Valid parameters with the member NAME set to VALUE.
    local function changed(name, value)
      local params = case.valid()
      params[name] = value
      return params
    end

    local function assert_refused(params, options, path, rule)
      local before = child:requests()
      local output, err = client[operation](client, params, options)
      assert.is_nil(output)
      assert_violation(operation, err, path, rule)
      assert.equal(0, err.attempts)
      assert.equal(before, child:requests())
    end

    it("returns what its valid input leads to", function()
      local params = case.valid()
      local output, meta = assert(client[operation](client, params))
      assert.is_nil(shape.problem(description.output, output))
      assert.equal(200, meta.status)
      assert.equal(1, meta.attempts)
      assert.is_string(meta.request_id)
      assert.is_nil(meta.advisories)
      case.check(output, params)
    end)

    local required = members_of(description, is_required)
    if #required == 0 then
      it("needs no parameters", function()
        assert(client[operation](client))
      end)
    end
    for _, name in ipairs(required) do
      it("is not sent without " .. name, function()
        assert_refused(changed(name, nil), nil, name, "required")
      end)

      if description.input.members[name].location == "label" then
        it("is not sent without " .. name .. " even if nothing is validated", function()
          assert_refused(changed(name, nil), { validate = false }, name, "required")
        end)
      else
        it("is refused by the service without " .. name, function()
          local output, err = client[operation](client, changed(name, nil), { validate = false })
          assert.is_nil(output)
          assert.same({ "service", "InvalidRequestException", 400 },
            { err.kind, err.code, err.status })
          assert.truthy(err.message:find(name, 1, true))
        end)
      end
    end

    it("is not sent with a member of a wrong type", function()
      for _, name in ipairs(members_of(description, is_anything)) do
        local member = description.input.members[name]
        assert_refused(changed(name, WRONG[member.type]), nil, name, "type")
        local is_table = type(WRONG[member.type]) == "table"
        if member.location == "label" or (member.location == "query" and is_table) then
          -- There is no other form to write it in.
          assert_refused(changed(name, WRONG[member.type]), { validate = false }, name, "type")
        elseif member.location == "query" then -- the service decides
          local params = changed(name, WRONG[member.type]) -- which may be made by calls
          local before = child:requests()
          local output, err = client[operation](client, params, { validate = false })
          assert.is_true(output ~= nil or err.kind == "service", tostring(err))
          assert.equal(before + 1, child:requests())
        end
      end
    end)

    for _, name in ipairs(members_of(description, function(m) return m.location == "body" end)) do
      it("is refused by the service with a " .. name .. " of a wrong type", function()
        local wrong = WRONG[description.input.members[name].type]
        local output, err = client[operation](client, changed(name, wrong), { validate = false })
        assert.is_nil(output)
        assert.same({ "service", "SerializationException", 400 },
          { err.kind, err.code, err.status })
      end)
    end

    it("is not sent with an unknown member", function()
      assert_refused(changed("NoSuchMember", { 1 }), nil, "NoSuchMember", "unknown_member")
    end)

    it("may be sent with an unknown member, which the service ignores", function()
      local _, meta = assert(client[operation](client, changed("NoSuchMember", { 1 }),
        { validate = false }))
      assert.equal(200, meta.status)
    end)

    for _, modelled in ipairs(description.errors) do
      if modelled.name ~= "ResourceQuotaExceededException" then -- below
        it("can fail with " .. modelled.name, function()
          local output, err = provoke(operation, modelled.name, case.valid())
          assert.is_nil(output)
          assert.same({ "service", modelled.name, modelled.status, operation, 1 },
            { err.kind, err.code, err.status, err.operation, err.attempts }, tostring(err))
          assert.is_string(err.request_id)
          assert.is_true(#err.message > 0)
          assert.equal(modelled.name == "ThrottlingException", err.throttling)
          assert.equal(modelled.name == "ThrottlingException" or modelled.status >= 500,
            err.retryable)
        end)
      end
    end
  end)
end

describe("quotas", function()
  local strict, usual, usual_child

  setup(function()
    usual, usual_child = client, child
    child = emulator.start { "--quota", "applications=0", "--quota", "event_integrations=0",
      "--quota", "data_integrations=1", "--quota", "data_integration_associations=0" }
    strict = new_client(child.url)
    client = strict
  end)

  teardown(function()
    strict:close()
    child:stop()
    client, child = usual, usual_child
  end)

  it("end in ResourceQuotaExceededException, which no retry can cure", function()
    local association = CASES.create_data_integration_association.valid() -- uses up the quota of 1
    for _, operation in ipairs(appintegrations.operations()) do
      for _, modelled in ipairs(appintegrations.describe(operation).errors) do
        if modelled.name == "ResourceQuotaExceededException" then
          local params = operation == "create_data_integration_association" and association
            or CASES[operation].valid()
          local output, err = strict[operation](strict, params)
          assert.is_nil(output)
          assert.same({ modelled.name, modelled.status, false, false },
            { err.code, err.status, err.retryable, err.throttling })
        end
      end
    end
  end)
end)
