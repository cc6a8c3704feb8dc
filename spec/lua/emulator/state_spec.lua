local emulator = require "appintegrations.emulator"
local json = require "appintegrations.emulator.json"
local read = require("spec.support.files").find
local sqlite = require "appintegrations.sqlite"
local support = require "spec.support.service"
local workdir = require "spec.support.workdir"
local shell = require "spec.support.shell"

local function write(path, text)
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
end

describe("the emulator's state file", function()
  local directory, path, now, opened

  before_each(function()
    directory = workdir.new()
    path, now, opened = directory.path .. "/state", 1000, {}
  end)

  after_each(function()
    for _, service in ipairs(opened) do
      service:close()
    end
    directory:remove()
  end)

  local function open()
    local service = assert(emulator.new { verify_signatures = false, state = path,
      clock = function() return now end })
    opened[#opened + 1] = service
    return support.direct(service)
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

  local function answers(driver)
    local list = {}
    for i, target in ipairs(LISTS) do
      list[i] = driver:call("GET", target).text
    end
    return list
  end

  it("brings everything back", function()
    local driver = open()
    fill(driver)
    local before = answers(driver)
    driver = open()
    assert.same(before, answers(driver))
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

  it("serves two emulators at once: each sees what the other has changed", function()
    local one, other = open(), open()
    for i = 1, 40 do
      local driver = i % 2 == 0 and one or other
      assert.equal(200, driver:call("POST", "/dataIntegrations",
        { Name = "d" .. i, KmsKey = "k" }).status)
    end
    assert.equal(40, #one:call("GET", "/dataIntegrations").body.DataIntegrations)
    assert.equal(409, one:call("POST", "/dataIntegrations", { Name = "d1", KmsKey = "k" }).status)
    one:call("DELETE", "/dataIntegrations/d1")
    assert.equal(404, other:call("GET", "/dataIntegrations/d1").status)
  end)

  it("is one file after the end, of documented tables", function()
    local driver = open()
    fill(driver)
    table.remove(opened):close()
    assert.is_nil(read(path .. "-wal"))
    local database = assert(sqlite.open(path, 0))
    local rows = database:prepare("SELECT name, scope FROM resources WHERE kind = ? "
      .. "ORDER BY sequence"):rows("data_integrations")
    assert.same({ name = "d1", scope = "123456789012/us-east-1" }, rows[1])
    assert.equal(5, #rows)
    assert.equal(5, #database:prepare("SELECT token FROM tokens"):rows())
    database:close()
  end)

  it("is written in an order that a power cut cannot spoil", function()
    local database = open().service.store.database
    local function pragma(name) return database:prepare("PRAGMA " .. name):rows()[1][name] end
    assert.equal("wal", pragma "journal_mode")
    assert.equal(1, pragma "synchronous") -- NORMAL: whole after a power cut; 0 would be OFF
  end)

  -- ---- what cannot be written ------------------------------------------------------------------

  local function refused(driver)
    local told
    driver.service.on_error = function(text) told = text end
    local answer = driver:call("POST", "/dataIntegrations",
      { Name = "late", KmsKey = "k", Description = ("x"):rep(1000) })
    assert.same({ 500, "InternalServiceError" }, { answer.status, answer.code })
    assert.matches("^The state cannot be read or written: ", answer.body.Message)
    assert.matches("^The state cannot be read or written: ", told)
    return told
  end

  it("that has no more room makes changes fail, and no other call", function()
    local driver = open()
    fill(driver)
    driver.service.store.database:exec("PRAGMA max_page_count = 1")
    for i = 1, 1000 do
      if driver:call("POST", "/eventIntegrations", { Name = "e" .. i, EventBridgeBus = "b",
        EventFilter = { Source = "aws.cases" } }).status ~= 200 then
        break
      end
    end
    assert.matches("full", refused(driver))
    assert.equal(200, driver:call("GET", "/dataIntegrations/d1").status)
    assert.equal(404, driver:call("GET", "/dataIntegrations/late").status)
    driver.service.store.database:exec("PRAGMA max_page_count = 100000")
    assert.equal(200, driver:call("POST", "/dataIntegrations",
      { Name = "late", KmsKey = "k" }).status)
  end)

  it("that is no longer at its place makes changes fail", function()
    local driver = open()
    fill(driver)
    for _, ending in ipairs { "", "-wal", "-shm" } do
      os.remove(path .. ending)
    end
    assert.matches("no longer at its place", refused(driver))
  end)

  it("that another process holds makes changes fail for that time", function()
    local driver = open()
    fill(driver)
    local other = assert(sqlite.open(path, 0))
    other:exec("BEGIN IMMEDIATE")
    assert.matches("locked", refused(driver))
    assert.equal(200, driver:call("GET", "/dataIntegrations/d1").status)
    other:exec("ROLLBACK")
    other:close()
    assert.equal(200, driver:call("POST", "/dataIntegrations",
      { Name = "late", KmsKey = "k" }).status)
  end)

  -- ---- what an earlier version has left, and what nobody has -----------------------------------

  local OLD = [[{"format":1,"records":{"applications":[],"data_integrations":[
    {"arn":"arn:aws:app-integrations:eu-west-1:210987654321:data-integration/i","created":5,
    "fields":{"KmsKey":"k","Name":"old"},"id":"i","modified":6,"sequence":7,"tags":{"a":"1"}}],
    "data_integration_associations":[{"arn":
    "arn:aws:app-integrations:eu-west-1:210987654321:data-integration-association/i/a","created":5,
    "execution":{"started":5},"fields":{"ClientId":"c"},"id":"a","modified":5,"parent":"i",
    "sequence":8,"tags":{}}]},"secret":"s","sequence":9,"tokens":{}}]]

  local function open_elsewhere()
    local service = assert(emulator.new { verify_signatures = false, state = path,
      region = "eu-west-1", account_id = "210987654321" })
    opened[#opened + 1] = service
    return support.direct(service)
  end

  it("of an earlier version is imported, and kept beside", function()
    write(path, OLD)
    local driver = open_elsewhere()
    assert.equal("1", driver:call("GET", "/dataIntegrations/old").body.Tags.a)
    assert.equal("c", driver:call("GET", "/dataIntegrations/old/associations").body
      .DataIntegrationAssociations[1].ClientId)
    assert.equal(OLD, read(path .. ".old"))
    driver:call("DELETE", "/dataIntegrations/old/associations")
    driver = open_elsewhere()
    assert.equal(200, driver:call("GET", "/dataIntegrations/old").status)
  end)

  it("of an earlier version is imported though the first try was cut short", function()
    write(path .. ".old", OLD)
    write(path, "")
    assert.equal(200, open_elsewhere():call("GET", "/dataIntegrations/old").status)
  end)

  it("may be a link, and keeps its mode", function()
    local target = directory.path .. "/target"
    write(target, OLD)
    os.execute(("chmod 600 '%s'; ln -s '%s' '%s'"):format(target, target, path))
    open_elsewhere()
    table.remove(opened):close()
    assert.equal("600 regular file\n777 symbolic link\n",
      (shell.output(("stat -c '%%a %%F' '%s' '%s'"):format(target, path))))
    assert.equal("SQLite", read(target):sub(1, 6))
  end)

  --- What state files can be instead, by how they came about.
  local function damaged(database)
    local record = json.decode(OLD).records.data_integrations[1]
    local list = { half = OLD:sub(1, -20), array = "[]", object = "{}", text = '"x"', number = "1",
      null = "null", later = '{"format":3,"records":{}}', binary = ("\0\1\2\255"):rep(100),
      page = "<html></html>", records_null = '{"format":1,"records":null}',
      records_list = '{"format":1,"records":[1]}',
      kind_unknown = '{"format":1,"records":{"things":[]}}',
      kind_null = '{"format":1,"records":{"applications":null}}',
      kind_object = '{"format":1,"records":{"applications":{"a":1}}}',
      record_number = '{"format":1,"records":{"applications":[5]}}',
      database_cut = database:sub(1, 5000), database_head = database:sub(1, 100),
      database_zeroed = database:sub(1, 4096) .. ("\0"):rep(#database - 4096),
      database_shuffled = database:sub(1, 4096) .. database:sub(4097):reverse(),
      of_other_kind = (OLD:gsub('"applications":%[%]',
        '"event_integrations":[' .. OLD:match("({\"arn.-})%]") .. "]")),
      twins = (OLD:gsub('({"arn.-})%]', "%1,%1]", 1)) }
    for _, change in ipairs { { "sequence", json.null }, { "id", 5 }, { "arn", "arn:aws:s3:::x" },
      { "arn", (record.arn:gsub("data%-integration", "application")) },
      { "tags", { 1 } }, { "tags", { "a" } }, { "tags", json.null }, { "fields", { Name = 5 } },
      { "fields", { "a" } }, { "fields", { Name = "x", KmsKey = 5 } },
      { "fields", { Name = "x", FileConfiguration = { Folders = "all" } } },
      { "created", "today" }, { "created", 1e300 }, { "modified", -5 },
      { "execution", { failure = "x" } }, { "execution", { started = "x" } },
      { "execution", { started = 1, failure = 5 } } } do
      local name, value = change[1], change[2]
      local before = record[name]
      record[name] = value
      list[("%s_%s"):format(name, json.encode(value))] = json.encode { format = 1,
        records = { data_integrations = { record } } }
      record[name] = before
    end
    return list
  end

  it("that is damaged or another program's is refused and stays as it is", function()
    fill(open())
    table.remove(opened):close()
    local count = 0
    for name, text in pairs(damaged(read(path))) do
      write(path, text)
      local service, err = emulator.new { state = path }
      assert.is_nil(service, name)
      assert.equal("InvalidConfig", err.code)
      assert.truthy(err.message:find(path, 1, true), name)
      assert.equal(name == "twins", err.message:find("two records have the same", 1, true) ~= nil)
      assert.equal(text, read(path), name)
      assert.is_nil(read(path .. ".old"), name)
      count = count + 1
    end
    assert.is_true(count >= 20)
    os.remove(path)
    local database = assert(sqlite.open(path, 0))
    database:exec("CREATE TABLE t (a); PRAGMA user_version = 2")
    database:close()
    local _, err = emulator.new { state = path }
    assert.matches("another program", err.message)
  end)

  it("is of format 2; that of another is refused", function()
    fill(open())
    table.remove(opened):close()
    for version, message in pairs { [2] = false, [1] = "its format is not 2", [3] = "is not 2" } do
      local database = assert(sqlite.open(path, 0))
      database:exec("PRAGMA user_version = " .. version)
      database:close()
      local service, err = emulator.new { state = path }
      if message then
        assert.matches(message, err.message)
      else
        service:close()
      end
    end
  end)

  it("needs SQLite, as memory does, and says so", function()
    local name = "appintegrations.sqlite"
    local loaded, preload = package.loaded[name], package.preload[name]
    package.loaded[name], package.preload[name] = nil, function() error "absent" end
    local service, err = emulator.new {}
    package.loaded[name], package.preload[name] = loaded, preload
    assert.is_nil(service)
    assert.same({ "config", "InvalidConfig", "this build has no store for the emulator: install "
      .. "the headers of SQLite (Debian: libsqlite3-dev), then build again" },
      { err.kind, err.code, err.message })
  end)
end)
