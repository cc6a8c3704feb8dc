local appintegrations = require "appintegrations"
local cjson = require "cjson"
local worlds = require "spec.support.world"

local KEY = "arn:aws:kms:us-east-1:111122223333:key/1"

local function new_world()
  return worlds.new({ retry_mode = "off", random = math.random }, { page_size = 2 })
end

--- Fills the account of CLIENT.
local function fill(client)
  for i = 1, 5 do
    assert(client:create_data_integration { Name = "crm-" .. i, KmsKey = KEY,
      Tags = { n = tostring(i) }, FileConfiguration = { Folders = { "a" } } })
  end
  assert(client:create_event_integration { Name = "ev", EventBridgeBus = "default",
    EventFilter = { Source = "aws.cases" } })
  assert(client:create_application { Name = "desk", Namespace = "ns", Permissions = { "p" },
    ApplicationSourceConfig = { ExternalUrlConfig = { AccessUrl = "https://a.example" } } })
end

local function changing(world)
  local count = 0
  for _, request in ipairs(world.wire) do
    count = count + (request.method == "GET" and 0 or 1)
  end
  world.wire = {}
  return count
end

--- "create data_integration crm", for each step that does something.
local function steps(report)
  local list = {}
  for _, step in ipairs(report) do
    if step.action ~= "none" then
      list[#list + 1] = ("%s %s %s"):format(step.action, step.kind, step.name)
    end
  end
  return list
end

describe("an export", function()
  it("has what would create each resource, sorted by name", function()
    local world = new_world()
    fill(world.client)
    local seen = 0
    local document = assert(world.client:export { on_progress = function() seen = seen + 1 end })
    assert.equal(7, seen)
    assert.same({ { Name = "ev", EventBridgeBus = "default", EventFilter = { Source = "aws.cases" },
      Tags = document.EventIntegrations[1].Tags } }, document.EventIntegrations)
    assert.equal(5, #document.DataIntegrations)
    assert.same({ Name = "crm-1", KmsKey = KEY, Tags = { n = "1" },
      FileConfiguration = { Folders = { "a" } } }, document.DataIntegrations[1])
    local application = document.Applications[1]
    assert.same({ "desk", "STANDARD" }, { application.Name, application.ApplicationType })
    assert.is_nil(application.IsService)
    assert.is_nil(application.Arn)
  end)

  it("is JSON with the lists in their order, and empty lists", function()
    local world = new_world()
    assert.equal('{"EventIntegrations":[],"DataIntegrations":[],"Applications":[]}',
      appintegrations.json(assert(world.client:export())))
    assert.matches("^{ EventIntegrations = {}, ", tostring(assert(world.client:export())))
  end)

  it("asks for several resources at once on a loop, from a task too", function()
    local world = new_world()
    fill(world.client)
    local expected = appintegrations.json(assert(world.client:export()))
    local loop = appintegrations.loop()
    local inner, active, most = world.service:transport(), 0, 0
    local client = assert(appintegrations.client {
      region = "us-east-1", env = {}, credentials = worlds.CREDENTIALS, loop = loop,
      clock = function() return world.now end,
      transport = {
        send = function(_, request)
          active = active + 1
          most = math.max(most, active)
          loop:sleep(0)
          active = active - 1
          return inner:send(request)
        end,
      },
    })
    assert.equal(expected, appintegrations.json(assert(client:export())))
    assert.equal(5, most)
    local task = loop:spawn(function() return client:export() end)
    loop:run()
    assert.equal(expected, appintegrations.json(assert(task:result())))
    world.service:inject { code = "AccessDeniedException", operation = "get_data_integration",
      skip = 2 }
    local document, err = client:export()
    assert.is_nil(document)
    assert.is_true(appintegrations.is_error(err, "AccessDeniedException"))
    assert.matches("document_spec%.lua:%d+$", err.where)
  end)

  it("begins no more calls on a loop once one has been cancelled", function()
    local world = new_world()
    local loop = appintegrations.loop()
    for i = 1, 60 do
      assert(world.client:create_data_integration { Name = "crm-" .. i, KmsKey = KEY })
    end
    local inner, gets, client = world.service:transport(), 0, nil
    client = assert(appintegrations.client {
      region = "us-east-1", env = {}, credentials = worlds.CREDENTIALS, loop = loop,
      clock = function() return world.now end,
      transport = {
        send = function(_, request)
          if request.operation == "get_data_integration" then
            gets = gets + 1
            loop:sleep(0)
            client:cancel()
          end
          return inner:send(request)
        end,
      },
    })
    assert.equal("Cancelled", select(2, client:export()).code)
    assert.is_true(gets < 40, gets)
  end)

  it("returns the error of any call", function()
    local world = new_world()
    fill(world.client)
    for _, operation in ipairs { "list_applications", "get_data_integration" } do
      world.service:inject { code = "AccessDeniedException", operation = operation }
      local document, err = world.client:export()
      assert.is_nil(document)
      assert.is_true(appintegrations.is_error(err, "AccessDeniedException"))
      assert.equal(operation, err.operation)
      world.service:clear_faults()
    end
  end)
end)

describe("a document that is applied", function()
  it("makes another account the same, through JSON, and once only", function()
    local world, other = new_world(), new_world()
    fill(world.client)
    local text = appintegrations.json(assert(world.client:export()))
    local report = assert(other.client:apply(cjson.decode(text)))
    assert.equal(7, #steps(report))
    assert.equal(0, report.failed)
    assert.equal(7, changing(other))
    assert.equal(text, appintegrations.json(assert(other.client:export())))
    report = assert(other.client:apply(cjson.decode(text)))
    assert.same({}, steps(report))
    assert.equal("nothing to do", tostring(report))
    assert.equal(0, changing(other))
  end)

  it("creates, updates and, when told so, deletes", function()
    local world = new_world()
    fill(world.client)
    local document = assert(world.client:export())
    table.remove(document.DataIntegrations, 2)
    document.DataIntegrations[1].Description = "new"
    document.DataIntegrations[5] = { Name = "sixth", KmsKey = KEY }
    document.Applications = nil -- of which nothing is deleted, then
    changing(world)
    local expected = { "update data_integration crm-1", "create data_integration sixth",
      "delete data_integration crm-2" }
    local report = assert(world.client:apply(document, { prune = true, dry_run = true }))
    assert.same(expected, steps(report))
    assert.equal("update data integration crm-1: Description\ncreate data integration sixth\n"
      .. "delete data integration crm-2", tostring(report))
    assert.equal(0, changing(world))
    local told = {}
    assert.same(expected, steps(assert(world.client:apply(document, {
      prune = true, on_progress = function(step) told[#told + 1] = step.name end }))))
    assert.equal(7, #told)
    assert.equal(3, changing(world))
    assert.same({}, steps(assert(world.client:apply(document, { prune = true }))))
    assert.is_not_nil(world.client:find_application "desk")
    assert.is_nil(world.client:find_data_integration "crm-2")
  end)

  it("goes on after an entry that fails, and says which did", function()
    local world = new_world()
    world.service:inject { code = "AccessDeniedException", operation = "create_event_integration" }
    local report, err = world.client:apply {
      EventIntegrations = { { Name = "ev", EventBridgeBus = "default",
        EventFilter = { Source = "aws.cases" } } },
      DataIntegrations = { { Name = "crm", KmsKey = KEY } },
    }
    assert.is_nil(report)
    assert.is_true(appintegrations.is_error(err, "AccessDeniedException"))
    assert.equal(1, err.report.failed)
    assert.equal(err, err.report[1].error)
    assert.is_nil(err.report[2].error)
    assert.matches("create event integration ev failed: AccessDeniedException",
      tostring(err.report))
    assert.is_not_nil(world.client:find_data_integration "crm")
    world.service:clear_faults()
  end)

  it("ends, and deletes nothing more, when it is cancelled", function()
    local world = new_world()
    fill(world.client)
    local document = {
      EventIntegrations = { { Name = "other", EventBridgeBus = "default",
        EventFilter = { Source = "aws.cases" } } },
      DataIntegrations = { { Name = "sixth", KmsKey = KEY }, { Name = "seventh", KmsKey = KEY } },
      Applications = {},
    }
    for _, operation in ipairs { "create_data_integration", "delete_data_integration" } do
      world.on_send = function(request)
        if request.operation == operation then world.client:cancel() end
      end
      world.service:inject { code = "AccessDeniedException",
        operation = "create_event_integration" }
      changing(world)
      local report, err = world.client:apply(document, { prune = true })
      assert.is_nil(report)
      assert.equal("Cancelled", err.code)
      assert.equal(2, err.report.failed)
      assert.equal(err, err.report[#err.report].error)
      assert.equal(3, changing(world)) -- of them two that come before
    end
    world.on_send = nil
    assert.is_not_nil(world.client:find_application "desk")
  end)

  it("is checked as a whole before anything is sent, wherever it comes from", function()
    local world = new_world()
    local function refused(document)
      local report, err = world.client:apply(document)
      assert.is_nil(report)
      assert.is_true(appintegrations.is_error(err, "ParamValidationError"), tostring(err))
      local found = {}
      for i, violation in ipairs(err.details) do
        found[i] = violation.path .. ": " .. violation.rule
      end
      return found
    end
    assert.same({ "DataIntegrations[1].KmsKey: required", "DataIntegrations[2].Name: unique",
      "DataIntegrations[3]: type", "DataIntegration: unknown_member" }, refused {
        DataIntegration = {},
        DataIntegrations = { { Name = "a" }, { Name = "a", KmsKey = KEY }, 5 },
      })
    assert.same({ "Applications: type" }, refused { Applications = "x" })
    assert.same({ "Applications: type" }, refused { Applications = { x = {} } })
    assert.same({ "DataIntegrations: type" }, refused { -- one in the place of a list
      DataIntegrations = { Name = "a", KmsKey = KEY } })
    assert.same({ "Applications: type" }, refused { Applications = cjson.null })
    assert.same({ "EventIntegrations[1].Name: type", "EventIntegrations[1].EventFilter: required",
      "EventIntegrations[1].EventBridgeBus: required" }, refused { EventIntegrations = {
        { Name = 0 / 0 } } })
    assert.same({ "1: unknown_member" }, refused { "x" })
    assert.equal(0, #world.wire)
  end)

  it("keeps a deadline as a whole", function()
    local world = new_world()
    fill(world.client)
    local document = assert(world.client:export())
    local report, err = world.client:apply(document, { deadline = 0.5 })
    assert.is_nil(report)
    assert.is_true(appintegrations.is_error(err, "DeadlineExceeded"))
  end)

  it("raises for misuse at the caller's line", function()
    local client = new_world().client
    for _, call in ipairs {
      function() client:apply() end, function() client:apply({}, { prun = true }) end,
      function() client:export { dry_run = true } end, function() client.export() end,
    } do
      local ok, message = pcall(call)
      assert.is_false(ok)
      assert.matches("document_spec%.lua:%d+: ", message)
    end
  end)
end)
