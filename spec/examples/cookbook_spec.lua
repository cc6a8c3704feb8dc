-- Every program of the cookbook, run as a reader would run it, against an emulator.
package.path = "src/docs/?.lua;" .. package.path
local appintegrations = require "appintegrations"
local cjson = require "cjson"
local cookbook = require "cookbook"
local emulator = require "spec.support.emulator"
local files = require "spec.support.files"
local shell = require "spec.support.shell"
local workdir = require "spec.support.workdir"

local LUA = os.getenv "LUA" or "lua"
local KEY = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"

local service, client, dir
local tried = {}

--- A spec of the program NAME.
local function program(name, does, body)
  tried[name] = true
  it(name .. " " .. does, body)
end

--- Runs the program NAME; its output with its errors, and its exit code. ENVIRONMENT is put before
-- the command.
local function run(name, arguments, environment)
  return shell.output(("AWS_ENDPOINT_URL_APPINTEGRATIONS=%s AWS_REGION=us-east-1 "
    .. "AWS_ACCESS_KEY_ID=%s AWS_SECRET_ACCESS_KEY=%s INTERVAL=0.02 %s "
    .. "%s examples/cookbook/%s.lua %s"):format(service.url,
    emulator.credentials.access_key_id, emulator.credentials.secret_access_key,
    environment or "", LUA, name, arguments or ""), 60)
end

local function create(name, members)
  local params = { Name = name, KmsKey = KEY }
  for member, value in pairs(members or {}) do
    params[member] = value
  end
  return assert(client:create_data_integration(params))
end

local function create_application(name, members)
  local params = { Name = name, Namespace = "example." .. name:gsub("%W", ""),
    ApplicationSourceConfig = { ExternalUrlConfig = { AccessUrl = "https://example.com" } } }
  for member, value in pairs(members or {}) do
    params[member] = value
  end
  return assert(client:create_application(params))
end

local function create_event_integration(name, members)
  local params = { Name = name, EventBridgeBus = "default",
    EventFilter = { Source = "aws.partner/x" } }
  for member, value in pairs(members or {}) do
    params[member] = value
  end
  return assert(client:create_event_integration(params))
end

local function associate(name, times)
  return assert(client:create_data_integration_association {
    DataIntegrationIdentifier = name, ClientId = "queue", DestinationURI = "s3://bucket/x",
    ExecutionConfiguration = { ExecutionMode = "ON_DEMAND", OnDemandConfiguration = times },
  }).DataIntegrationAssociationId
end

describe("the cookbook's program", function()
  setup(function()
    dir = workdir.new()
    service = emulator.start { "--execution-seconds", "0.05", "--region", "us-east-1",
      "--region", "eu-west-2", "--credentials",
      dir:write("keys.json", cjson.encode {
        [emulator.credentials.access_key_id] = emulator.credentials.secret_access_key,
        AKIDOTHER = { secret = "OTHERSECRET", account_id = "210987654321" },
      }) }
    client = assert(appintegrations.client { region = "us-east-1", endpoint_url = service.url,
      credentials = emulator.credentials })
  end)
  teardown(function()
    client:close()
    service:stop()
    dir:remove()
  end)
  before_each(function()
    service:control("POST", "reset")
  end)

  program("list_as_csv", "quotes what has to be quoted", function()
    create_application("Order desk")
    create_application("Cases")
    local output, status = run "list_as_csv"
    assert.equal(0, status, output)
    local lines = {}
    for line in output:gmatch("([^\r]*)\r\n") do
      lines[#lines + 1] = line
    end
    assert.equal("Name,Namespace,Id,Arn,ApplicationType,LastModifiedTime", lines[1])
    assert.equal(3, #lines)
    assert.truthy(output:find("\nOrder desk,example.Orderdesk,%x+%-", 1) , output)
    assert.truthy(lines[2]:find(",%d%d%d%d%-%d%d%-%d%dT%d%d:%d%d:%d%dZ$"), lines[2])
  end)

  program("run_on_demand", "shows each state of the run", function()
    create "crm"
    local output, status = run("run_on_demand", "crm queue-7 s3://bucket/cases")
    assert.equal(0, status, output)
    assert.truthy(output:find("^association %x+%-[%x-]+\n"), output)
    assert.truthy(output:find("COMPLETED\n$"), output)
    output, status = run("run_on_demand", "missing queue-7 s3://bucket/cases")
    assert.equal(1, status)
    assert.truthy(output:find("ResourceNotFoundException", 1, true), output)
    assert.equal(2, select(2, run("run_on_demand", "crm")))
  end)

  program("ensure", "creates once, and tells without doing", function()
    local output = run("ensure", "--dry-run")
    assert.equal("create  crm-cases\ncreate  case-events\ncreate  Case desk\n", output)
    assert.is_nil(client:find_data_integration "crm-cases")
    local first, status = run "ensure"
    assert.equal(output, first)
    assert.equal(0, status)
    assert(client:update_event_integration { Name = "case-events", Description = "by hand" })
    output = run "ensure"
    assert.equal("none    crm-cases\nupdate  case-events\n        Description: by hand -> "
      .. "Cases that have changed\nnone    Case desk\n", output)
    local desk = assert(client:find_application "Case desk")
    assert(client:update_application { Arn = desk.Arn, Permissions = { "a", "b" } })
    assert.truthy(run("ensure", "--dry-run"):find(
      'Permissions: ["a","b"] -> ["User.Details.View"]\n', 1, true))
    assert.equal(2, select(2, run("ensure", "--dryrun")))
  end)

  program("clean_up_by_tag", "deletes what has the tag and collects the errors", function()
    local tags = { Tags = { stage = "trial" } }
    create_application("Trial", tags)
    create_application "Kept"
    create("busy", tags)
    create("idle", tags)
    create_event_integration("events", tags)
    associate("busy", { StartTime = "1790812800000" })
    local listed, status = run("clean_up_by_tag", "stage trial")
    assert.equal(0, status, listed)
    assert.equal(4, select(2, listed:gsub("would delete ", "")))
    local output
    output, status = run("clean_up_by_tag", "stage trial --delete")
    assert.equal(1, status)
    assert.equal(3, select(2, ("\n" .. output):gsub("\ndeleted ", "")), output)
    assert.truthy(output:find("failed: busy: %w+: "), output)
    assert.is_nil(client:find_application "Trial")
    assert.is_table(client:find_application "Kept")
  end)

  program("get_many", "reads five hundred", function()
    local integrations = {}
    for i = 1, 500 do
      integrations[i] = { Name = ("crm-%03d"):format(i), KmsKey = KEY }
    end
    service:control("POST", "seed", cjson.encode { DataIntegrations = integrations })
    local output, status = run "get_many"
    assert.equal(0, status, output)
    assert.truthy(output:find("\r500 of 500\n", 1, true), output:sub(1, 200))
    assert.equal(500, select(2, output:gsub("crm%-%d%d%d\t", "")))
  end)

  program("resume_listing", "leaves nothing out", function()
    for i = 1, 7 do
      create("crm-" .. i)
    end
    local path = dir:file "token"
    service:control("POST", "faults", [[{ "code": "AccessDeniedException", "skip": 2,
      "operation": "list_data_integrations" }]])
    local before, status = run("resume_listing", path .. " 3")
    assert.is_true(status ~= 0)
    local after
    after, status = run("resume_listing", path .. " 3")
    assert.equal(0, status, after)
    assert.truthy(after:find("going on where the last run ended", 1, true))
    local seen, count = {}, 0
    for name in (before .. after):gmatch("crm%-%d") do
      count = count + (seen[name] and 0 or 1)
      seen[name] = true
    end
    assert.equal(7, count, before .. after)
    assert.is_nil(io.open(path))
    assert(workdir.shell(("ln -s /dev/full '%s.new'"):format(path)))
    before, status = run("resume_listing", path .. " 3")
    assert.is_true(status ~= 0, before)
    assert.is_nil(io.open(path)) -- rather than an empty one
  end)

  program("log_to_file", "writes one JSON object in a line", function()
    local path = dir:file "calls.jsonl"
    local output, status = run("log_to_file", path)
    assert.equal(0, status, output)
    assert.truthy(output:find("^3 calls, the slowest took %d+%.%d+ s"), output)
    local types = {}
    for line in io.lines(path) do
      local event = cjson.decode(line)
      types[event.type] = (types[event.type] or 0) + 1
    end
    assert.same({ credentials = 1, response = 3, error = 1 }, types)
  end)

  program("two_accounts", "tells what only one of them has", function()
    create_event_integration "both"
    create_event_integration "first"
    local filter = { Source = "aws.partner/x" }
    service:control("POST", "seed?account=210987654321", cjson.encode { EventIntegrations = {
      { Name = "both", EventBridgeBus = "default", EventFilter = filter },
      { Name = "second", EventBridgeBus = "default", EventFilter = filter } } })
    local file = dir:write("credentials", ("[one]\naws_access_key_id = %s\n"
      .. "aws_secret_access_key = %s\n[two]\naws_access_key_id = AKIDOTHER\n"
      .. "aws_secret_access_key = OTHERSECRET\n"):format(emulator.credentials.access_key_id,
      emulator.credentials.secret_access_key))
    local output, status = run("two_accounts", "one two", "AWS_SHARED_CREDENTIALS_FILE=" .. file)
    assert.equal("only in one: first\nonly in two: second\n", output)
    assert.equal(1, status)
    assert.equal(0, select(2, run("two_accounts", "one one",
      "AWS_SHARED_CREDENTIALS_FILE=" .. file)))
  end)

  program("promote", "carries integrations over to another region", function()
    create("crm", { Description = "cases" })
    create_event_integration "events"
    local plan, status = run("promote", "us-east-1 eu-west-2 alias/other")
    assert.equal(0, status, plan)
    assert.truthy(plan:find("create data integration crm", 1, true), plan)
    local output
    output, status = run("promote", "us-east-1 eu-west-2 alias/other --yes")
    assert.equal(0, status, output)
    local there = assert(appintegrations.client { region = "eu-west-2", endpoint_url = service.url,
      credentials = emulator.credentials })
    local copy = assert(there:get_data_integration { Identifier = "crm" })
    assert.same({ "cases", "alias/other" }, { copy.Description, copy.KmsKey })
    there:close()
    output = run("promote", "us-east-1 eu-west-2 alias/third --yes")
    assert.is_nil(output:find("create", 1, true), output)
  end)

  program("failed_runs", "finds the one that has failed", function()
    create "crm"
    associate("crm", { StartTime = "1790812800000" })
    assert.equal("2 associations, 0 failed\n", (run("failed_runs"):gsub("^1 ", "2 ")))
    associate("crm", { StartTime = "2026-11-25T00:00:00Z" })
    local output, status = run "failed_runs"
    assert.equal(1, status)
    assert.truthy(output:find("crm, queue: StartTime is no time", 1, true), output)
    assert.truthy(output:find("2 associations, 1 failed", 1, true), output)
  end)

  program("tag_all", "adds what is missing and keeps the rest", function()
    local arn = create("crm", { Tags = { team = "other", stage = "x" } }).Arn
    create("done", { Tags = { team = "support" } })
    create_application "Desk"
    local output, status = run("tag_all", "team=support")
    assert.equal(0, status, output)
    assert.equal("tagged Desk\ntagged crm\n", output)
    assert.same({ team = "support", stage = "x" },
      assert(client:list_tags_for_resource { resourceArn = arn }).tags)
    assert.equal("", run("tag_all", "team=support"))
    assert.equal(2, select(2, run("tag_all", "team")))
    assert.equal(2, select(2, run "tag_all"))
  end)

  program("find_untagged", "prints the ARNs of those without the key", function()
    create("crm", { Tags = { team = "support" } })
    local arn = create("nobody").Arn
    local output, status = run("find_untagged", "team")
    assert.equal(arn .. "\n", output)
    assert.equal(1, status)
    assert.equal(0, select(2, run("tag_all", "team=x")))
    assert.equal(0, select(2, run("find_untagged", "team")))
  end)

  program("register_application", "registers, updates, and leaves alone", function()
    local output, status = run("register_application", "https://desk.example.com")
    assert.equal(0, status, output)
    assert.truthy(output:find("^registered\narn:aws:app%-integrations:"), output)
    output = run("register_application", "https://new.example.com")
    assert.truthy(output:find("changed ApplicationSourceConfig", 1, true), output)
    assert.truthy(output:find("\nupdated\n", 1, true), output)
    output = run("register_application", "https://new.example.com")
    assert.truthy(output:find("^as it was\n"), output)
  end)

  program("watch_changes", "notices what is other than the document", function()
    create("crm", { Description = "as it should be" })
    local path = dir:write("account.json", appintegrations.json(assert(client:export())))
    local output, status = run("watch_changes", path)
    assert.same({ "", 0 }, { output, status })
    assert(client:update_data_integration { Identifier = "crm", Description = "by hand" })
    create "extra"
    output, status = run("watch_changes", path)
    assert.equal(1, status)
    assert.truthy(output:find("update data integration crm", 1, true), output)
    assert.truthy(output:find("delete data integration extra", 1, true), output)
    assert.is_table(client:find_data_integration "extra")
    assert(client:delete_data_integration { DataIntegrationIdentifier = "crm" })
    create("crm", { KmsKey = "alias/other" })
    output, status = run("watch_changes", path)
    assert.equal(1, status)
    assert.truthy(output:find("crm failed: ImmutableMember: KmsKey", 1, true),
      output)
    assert.truthy(output:find("delete data integration extra", 1, true), output)
  end)

  program("backfill", "runs month by month", function()
    create "crm"
    local id = associate("crm", { StartTime = "1790812800000" })
    local output, status = run("backfill", "crm " .. id .. " 2025-12 2026-02")
    assert.equal(0, status, output)
    assert.equal("2025-12 moved\n2026-01 moved\n2026-02 moved\n", output)
    local last = assert(client:list_data_integration_associations {
      DataIntegrationIdentifier = "crm" }).DataIntegrationAssociations[1]
    assert.same({ StartTime = "1769904000000", EndTime = "1772323200000" },
      last.ExecutionConfiguration.OnDemandConfiguration)
    output, status = run("backfill", "crm missing 2026-01 2026-02")
    assert.equal(1, status)
    assert.truthy(output:find("begin again with 2026-01", 1, true), output)
    for _, months in ipairs { "2026-00 2026-01", "2026-13 2027-01", "2026-03 2026-01" } do
      assert.equal(2, select(2, run("backfill", "crm missing " .. months)))
    end
  end)

  it("is on its page, and each one there has a spec", function()
    local listed = {}
    for _, name in ipairs(cookbook.PROGRAMS) do
      listed[name] = true
    end
    assert.same(listed, tried)
    for _, file in ipairs(files.lines_of "ls examples/cookbook") do
      assert.is_true(listed[file:match("^(.*)%.lua$")], file)
    end
  end)
end)
