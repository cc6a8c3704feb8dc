local appintegrations = require "appintegrations"
local emulator = require "appintegrations.emulator"
local fake = require "spec.support.fake_transport"

--- F raises a message with this file in it, and PATTERN.
local function raises(pattern, f)
  local ok, message = pcall(f)
  assert.is_false(ok)
  assert.matches("helpers_spec", message) -- the caller's file and line
  assert.matches(pattern, message)
end

local service, client, now, sent

--- How many requests have gone to the service, as "GET /tags/…" without the identifier.
local function take_sent()
  local requests = sent
  sent = {}
  return requests
end

before_each(function()
  now, sent = 1790000000, {}
  service = assert(emulator.new { clock = function() return now end, page_size = 2,
    execution_seconds = 12 })
  local inner = service:transport()
  client = assert(appintegrations.client {
    region = "us-east-1", env = {}, retry_mode = "off",
    credentials = { access_key_id = emulator.ACCESS_KEY_ID,
      secret_access_key = emulator.SECRET_ACCESS_KEY },
    clock = function() return now end,
    sleep = function(seconds) now = now + seconds end,
    transport = {
      send = function(_, request, deadline)
        sent[#sent + 1] = request.method .. " " .. request.path:match("^/%a+")
        return inner:send(request, deadline)
      end,
    },
  })
end)

local function create_data_integration(name)
  return assert(client:create_data_integration { Name = name, KmsKey = "key",
    Tags = { name = name } })
end

describe("finding by name", function()
  it("returns the summary of the first hit, and lists no further", function()
    for i = 1, 7 do
      create_data_integration("crm-" .. i)
    end
    take_sent()
    local summary = assert(client:find_data_integration "crm-3")
    assert.equal("crm-3", summary.Name)
    assert.matches("^arn:aws:app%-integrations:", summary.Arn)
    assert.same({ "GET /dataIntegrations", "GET /dataIntegrations" }, take_sent())
  end)

  it("returns nil alone where there is none", function()
    create_data_integration("crm")
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
    assert.same({}, sent)
  end)
end)

describe("waiting for an execution", function()
  local params

  local function associate(range)
    local association = assert(client:create_data_integration_association {
      DataIntegrationIdentifier = "crm", ExecutionConfiguration = range and {
        ExecutionMode = "ON_DEMAND", OnDemandConfiguration = range } or nil,
    })
    return { DataIntegrationIdentifier = "crm",
      DataIntegrationAssociationIdentifier = association.DataIntegrationAssociationId }
  end

  before_each(function()
    create_data_integration("crm")
    params = associate { StartTime = "1790000000000" }
    take_sent()
  end)

  it("returns the association once it has completed, and tells of progress", function()
    local seen = {}
    local association, meta = assert(client:wait_for_execution(params, {
      on_progress = function(status, item)
        seen[#seen + 1] = status
        assert.equal(status, item.LastExecutionStatus.ExecutionStatus)
      end,
    }))
    assert.equal("COMPLETED", association.LastExecutionStatus.ExecutionStatus)
    assert.matches(params.DataIntegrationAssociationIdentifier:gsub("%-", "%%-") .. "$",
      association.DataIntegrationAssociationArn)
    assert.same({ "IN_PROGRESS", "IN_PROGRESS", "IN_PROGRESS", "COMPLETED" }, seen)
    assert.equal(15, meta.elapsed)
    assert.equal(4, meta.polls)
    assert.equal(200, meta.status)
    assert.is_string(meta.request_id)
  end)

  it("takes the association's ARN too", function()
    local association = assert(client:wait_for_execution(params))
    assert(client:wait_for_execution { DataIntegrationIdentifier = "crm",
      DataIntegrationAssociationIdentifier = association.DataIntegrationAssociationArn })
  end)

  it("returns ExecutionFailed with the service's reason", function()
    local failing = associate { StartTime = "2", EndTime = "1" }
    local association, err = client:wait_for_execution(failing)
    assert.is_nil(association)
    assert.is_true(appintegrations.is_error(err, "ExecutionFailed"))
    assert.equal("service", err.kind)
    assert.equal("EndTime is not after StartTime.", err.message)
    assert.equal("FAILED", err.association.LastExecutionStatus.ExecutionStatus)
    assert.equal("wait_for_execution", err.operation)
    assert.is_false(err.retryable)
  end)

  it("returns DeadlineExceeded before it would wait past the deadline", function()
    local started = now
    local association, err = client:wait_for_execution(params, { deadline = 9, interval = 4 })
    assert.is_nil(association)
    assert.equal("DeadlineExceeded", err.code)
    assert.equal("timeout", err.kind)
    assert.matches("the execution is IN_PROGRESS after 8.0 s; .* deadline of 9 s", err.message)
    assert.equal(8, now - started)
    assert.equal(3, #take_sent())
  end)

  it("gives each call what is left of the deadline", function()
    local rest = {}
    local send = client.transport.send
    function client.transport.send(self, request, deadline)
      rest[#rest + 1] = deadline - now
      return send(self, request, deadline)
    end
    client:wait_for_execution(params, { deadline = 9, interval = 4 })
    assert.same({ 9, 5, 1 }, rest)
  end)

  it("waits for a status that is not there yet", function()
    local without = associate(nil)
    local seen = 0
    local _, err = client:wait_for_execution(without, { deadline = 11,
      on_progress = function(status)
        assert.is_nil(status)
        seen = seen + 1
      end })
    assert.equal(3, seen)
    assert.matches("the execution is without a status after 10.0 s", err.message)
  end)

  it("asks for the page again on which it found the association", function()
    for _ = 1, 4 do
      params = associate { StartTime = "1790000000000" }
    end
    take_sent()
    local _, meta = assert(client:wait_for_execution(params))
    assert.equal(4, meta.polls)
    assert.equal(3 + 3, #take_sent()) -- three pages first, then the third
  end)

  it("begins anew when the page's token has become invalid", function()
    for _ = 1, 3 do
      params = associate { StartTime = "1790000000000" }
    end
    take_sent()
    service:fail_next { operation = "list_data_integration_associations", skip = 2,
      code = "InvalidRequestException" }
    local _, meta = assert(client:wait_for_execution(params))
    assert.equal(4, meta.polls)
    assert.equal(2 + (1 + 2) + 2, #take_sent())
  end)

  it("says when there is no such association, or no such data integration", function()
    local association, err = client:wait_for_execution { DataIntegrationIdentifier = "crm",
      DataIntegrationAssociationIdentifier = "none" }
    assert.is_nil(association)
    assert.equal("ResourceNotFoundException", err.code)
    assert.equal("the data integration crm has no association none", err.message)
    association, err = client:wait_for_execution { DataIntegrationIdentifier = "nothing",
      DataIntegrationAssociationIdentifier = "none" }
    assert.is_nil(association)
    assert.same({ "ResourceNotFoundException", 404 }, { err.code, err.status })
  end)

  it("ends with the error of a call that fails", function()
    service:fail_next { skip = 1, code = "AccessDeniedException" }
    local association, err = client:wait_for_execution(params)
    assert.is_nil(association)
    assert.equal("AccessDeniedException", err.code)
  end)

  it("is ended by client:cancel while it waits", function()
    local sleeps = 0
    client.sleep = function()
      sleeps = sleeps + 1
      client:cancel()
    end
    local association, err = client:wait_for_execution(params)
    assert.is_nil(association)
    assert.equal("Cancelled", err.code)
    assert.equal(1, sleeps)
    assert(client:list_applications())
  end)

  it("yields where the client's sleep does", function()
    client.sleep = coroutine.yield
    local waiting = coroutine.wrap(function() return client:wait_for_execution(params) end)
    assert.equal(5, (waiting()))
    now = now + 20
    assert.equal("COMPLETED", waiting().LastExecutionStatus.ExecutionStatus)
  end)

  it("raises for misuse at the caller's line", function()
    raises("wait_for_execution: expected a table, got string", function()
      client:wait_for_execution "crm"
    end)
    raises("wait_for_execution: DataIntegrationAssociationIdentifier: expected a string, got nil",
      function() client:wait_for_execution { DataIntegrationIdentifier = "crm" } end)
    raises("wait_for_execution: unknown parameter Identifier", function()
      client:wait_for_execution { Identifier = "crm" }
    end)
    raises('option "interval": expected a positive number, got 0', function()
      client:wait_for_execution(params, { interval = 0 })
    end)
    raises('option "on_progress": expected a function, got true', function()
      client:wait_for_execution(params, { on_progress = true })
    end)
    assert.same({}, sent)
  end)
end)

describe("bringing tags into line", function()
  local arn

  before_each(function()
    arn = create_data_integration("crm").Arn
    take_sent()
  end)

  local function tags()
    return assert(client:list_tags_for_resource { resourceArn = arn }).tags
  end

  it("adds, changes and removes what differs, and says so", function()
    assert(client:tag_resource { resourceArn = arn, tags = { old = "1", stays = "2", team = "a" } })
    take_sent()
    local changes = assert(client:sync_tags(arn, { team = "b", stays = "2", new = "3" }))
    assert.same({ added = { team = "b", new = "3" }, removed = { "name", "old" } }, changes)
    assert.same({ "GET /tags", "POST /tags", "DELETE /tags" }, take_sent())
    assert.same({ team = "b", stays = "2", new = "3" }, tags())
  end)

  it("calls for nothing more than the list where nothing differs", function()
    assert.same({ added = {}, removed = {} }, (assert(client:sync_tags(arn, { name = "crm" }))))
    assert.same({ "GET /tags" }, take_sent())
  end)

  it("removes all tags where none is wanted, in one call", function()
    assert.same({ added = {}, removed = { "name" } }, (assert(client:sync_tags(arn, {}))))
    assert.same({ "GET /tags", "DELETE /tags" }, take_sent())
    assert.same({}, tags())
  end)

  it("removes first where the resource cannot hold all at once", function()
    local old, new = {}, {}
    for i = 1, 200 do
      old["old" .. i], new["new" .. i] = "1", "1"
    end
    assert(client:sync_tags(arn, old))
    take_sent()
    assert(client:sync_tags(arn, new))
    assert.same({ "GET /tags", "DELETE /tags", "POST /tags" }, take_sent())
    assert.same(new, tags())
  end)

  it("sends more tags than a call takes in several calls, which the service may refuse", function()
    local many = {}
    for i = 1, 201 do
      many["key" .. i] = "1"
    end
    local changes, err = client:sync_tags(arn, many)
    assert.is_nil(changes)
    assert.equal("InvalidRequestException", err.code)
    assert.matches("at most 200 tags, not 201", err.message)
    assert.same({ "GET /tags", "DELETE /tags", "POST /tags", "POST /tags" }, take_sent())
  end)

  it("leaves AWS's own tags alone", function()
    local odd, transport = fake.client {
      fake.json(200, '{"tags":{"aws:cloudformation:stack-name":"s","awsome":"x"}}'),
      fake.json(200, "{}"),
    }
    assert.same({ added = {}, removed = { "awsome" } }, (assert(odd:sync_tags("arn", {}))))
    assert.equal("tagKeys=awsome", transport.requests[2].query)
  end)

  it("keeps one deadline for all of its calls", function()
    local slow, transport = fake.client(function(request)
      now = now + 2
      return fake.json(200, request.method == "GET" and '{"tags":{"a":"b"}}' or "{}")
    end, { clock = function() return now end })
    assert(slow:sync_tags("arn", { c = "d" }, { deadline = 10 }))
    local timeouts = {}
    for i, request in ipairs(transport.requests) do
      timeouts[i] = request.timeout
    end
    assert.same({ 10, 8, 6 }, timeouts)
    local changes, err = slow:sync_tags("arn", { c = "d" }, { deadline = 3 })
    assert.is_nil(changes)
    assert.same({ "DeadlineExceeded", "sync_tags" }, { err.code, err.operation })
    assert.equal(3 + 2, #transport.requests)
  end)

  it("returns the error of the call that fails", function()
    local changes, err = client:sync_tags(arn .. "x", {})
    assert.is_nil(changes)
    assert.same({ "ResourceNotFoundException", "list_tags_for_resource" }, { err.code,
      err.operation })
    service:fail_next { operation = "tag_resource", code = "ThrottlingException" }
    changes, err = client:sync_tags(arn, { a = "b" })
    assert.is_nil(changes)
    assert.equal("tag_resource", err.operation)
    assert.same({ name = "crm" }, tags())
  end)

  it("raises for misuse at the caller's line", function()
    raises("sync_tags: the ARN: expected a string, got nil", function() client:sync_tags() end)
    raises("sync_tags: the tags: expected a table, got string", function()
      client:sync_tags(arn, "team=a")
    end)
    raises("sync_tags: team: expected a string, got number", function()
      client:sync_tags(arn, { team = 1 })
    end)
    raises("sync_tags: a tag's key: expected a string, got number", function()
      client:sync_tags(arn, { "team" })
    end)
    raises('sync_tags: unknown option "extra"', function()
      client:sync_tags(arn, {}, { extra = {} })
    end)
    assert.same({}, sent)
  end)
end)
