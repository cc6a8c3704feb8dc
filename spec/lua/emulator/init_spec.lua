local core = require "appintegrations.core"
local emulator = require "appintegrations.emulator"
local support = require "spec.support.service"

describe("appintegrations.emulator", function()
  local function escape(text)
    return (text:gsub("[:/]", { [":"] = "%3A", ["/"] = "%2F" }))
  end

  it("refuses wrong options where they are written", function()
    for message, options in pairs {
      ["unknown option regoin"] = { regoin = "x" },
      ["option region must be a string, not a number"] = { region = 1 },
      ["option quotas must be a table"] = { quotas = 5 },
      ["options must be a table, not a number"] = 5,
      ["there is no quota of tags; there are applications, "] = { quotas = { tags = 5 } },
      ["the quota of applications must be a whole number"] = { quotas = { applications = "5" } },
      ["option region must be a string, not a boolean"] = { regions = { true } },
      ["option cors must be an origin, as http://localhost:3000, or *"] =
        { cors = "localhost:3000" },
      ["credentials of AKID must be a secret"] = { credentials = { AKID = {} } },
      ["credentials of AKID have no number expiration"] =
        { credentials = { AKID = { secret = "s", expiration = "soon" } } },
    } do
      local done, text = pcall(function()
        local service = emulator.new(options) -- no tail call: it would hide the caller
        return service
      end)
      assert.is_false(done)
      assert.matches("init_spec.lua:%d+: " .. message, text)
    end
  end)

  it("raises on misuse of a method where it is called", function()
    local service = assert(emulator.new())
    for message, misuse in pairs {
      ["resources must be a table, not a nil"] = function() return (service:seed()) end,
      ["the realm must be a table, not a string"] = function() return (service:seed({}, "r")) end,
      ["the change must be a table, not a number"] = function() return (service:set_clock(5)) end,
      ["the state must be a string, not a nil"] = function() return (service:import()) end,
      ["ids must be a string, not a number"] = function() return (service:set_ids(5)) end,
      ["limit must be a number, not a string"] = function()
        return (service:requests { limit = "x" })
      end,
      ['the filter has no limits; did you mean "limit"%?'] = function()
        return (service:requests { limits = 1 })
      end,
      ["there is no operation list_things"] = function()
        return (service:requests { operation = "list_things" })
      end,
    } do
      local done, text = pcall(misuse)
      assert.is_false(done)
      assert.matches("init_spec.lua:%d+: " .. message, text)
    end
  end)

  it("seeds whole lists, for a realm that there can be, or nothing", function()
    local service = assert(emulator.new())
    local one = { Name = "d", KmsKey = "k" }
    for message, arguments in pairs {
      ["DataIntegrations must be a list"] = { { DataIntegrations = { one, [3] = one } } },
      ['a realm has no regoin; did you mean "region"?'] =
        { { DataIntegrations = { one } }, { regoin = "eu-west-1" } },
      ["option account_id must be twelve digits"] =
        { { DataIntegrations = { one } }, { account_id = "1" } },
      ["option region must be a string, not a number"] =
        { { DataIntegrations = { one } }, { region = 5 } },
    } do
      assert.same({ nil, message }, { service:seed(arguments[1], arguments[2]) })
    end
    assert.equal(0, service:health().resources.data_integrations)
  end)

  it("says that a region is none", function()
    local service, err = emulator.new { region = "not a region" }
    assert.is_nil(service)
    assert.equal("InvalidConfig", err.code)
  end)

  it("has a handler for each operation and no other", function()
    local names = {}
    for name in pairs(assert(emulator.new()).handlers) do
      names[#names + 1] = name
    end
    table.sort(names)
    assert.same(core.operations(), names)
  end)

  it("keeps two services apart", function()
    local one = support.direct(assert(emulator.new { verify_signatures = false }))
    local two = support.direct(assert(emulator.new { verify_signatures = false }))
    one:call("POST", "/dataIntegrations", { Name = "n", KmsKey = "k" })
    assert.equal(404, two:call("GET", "/dataIntegrations/n").status)
  end)

  it("makes ARNs of its region's partition and of its account", function()
    for region, partition in pairs { ["eu-west-1"] = "aws", ["cn-north-1"] = "aws-cn",
      ["us-gov-west-1"] = "aws-us-gov" } do
      local driver = support.direct(assert(emulator.new { verify_signatures = false,
        region = region, account_id = "000000000001" }))
      local arn = driver:call("POST", "/dataIntegrations", { Name = "n", KmsKey = "k" }).body.Arn
      assert.equal(("arn:%s:app-integrations:%s:000000000001:data-integration/"):format(partition,
        region), arn:match("^(.-/)"))
      assert.equal(200, driver:call("GET", "/dataIntegrations/" .. escape(arn)).status)
      assert.equal(200, driver:call("POST", "/tags/" .. escape(arn), { tags = { a = "b" } }).status)
    end
  end)

  it("gives ids from the random function that it is given", function()
    local function ids()
      local state = 1
      local driver = support.direct(assert(emulator.new { verify_signatures = false,
        random = function()
          state = state * 16807 % 2147483647
          return state / 2147483647
        end }))
      local body = driver:call("POST", "/dataIntegrations", { Name = "n", KmsKey = "k" }).body
      return body.Id
    end
    local id = ids()
    assert.matches("^%x%x%x%x%x%x%x%x%-%x%x%x%x%-4%x%x%x%-[89ab]%x%x%x%-%x+$", id)
    assert.equal(id, ids())
  end)

  describe("with resources", function()
    local driver, now

    before_each(function()
      now = 1000
      driver = support.direct(assert(emulator.new { verify_signatures = false,
        clock = function() return now end, quotas = { data_integration_associations = 2 } }))
      driver:call("POST", "/dataIntegrations", { Name = "n", KmsKey = "k", Tags = { a = "1" } })
    end)

    it("finds a data integration by name, id and ARN", function()
      local body = driver:call("GET", "/dataIntegrations/n").body
      for _, identifier in ipairs { "n", body.Id, escape(body.Arn) } do
        assert.equal(body.Id, driver:call("GET", "/dataIntegrations/" .. identifier).body.Id)
      end
      for _, identifier in ipairs { "N", body.Id:upper(), escape(body.Arn) .. "x", "n%00" } do
        assert.is_not.equal(200, driver:call("GET", "/dataIntegrations/" .. identifier).status)
      end
    end)

    it("finds an application by id and ARN, with or without a version, not by name", function()
      local body = driver:call("POST", "/applications",
        { Name = "app", Namespace = "s", ApplicationSourceConfig = {} }).body
      for _, identifier in ipairs { body.Id, escape(body.Arn), body.Id .. "%3A%24LATEST",
        escape(body.Arn) .. "%3A1" } do
        assert.equal(body.Id, driver:call("GET", "/applications/" .. identifier).body.Id)
      end
      assert.equal("InvalidRequestException", driver:call("GET", "/applications/app").code)
    end)

    it("keeps the type of an application", function()
      local body = { Name = "app", Namespace = "s", ApplicationSourceConfig = {}, IsService = true }
      local target = "/applications/" .. driver:call("POST", "/applications", body).body.Id
      assert.equal("SERVICE", driver:call("GET", target).body.ApplicationType)
      assert.equal(200, driver:call("PATCH", target, { IsService = true }).status)
      assert.equal(200, driver:call("PATCH", target, { ApplicationType = "SERVICE" }).status)
      for _, change in ipairs { { IsService = false }, { ApplicationType = "STANDARD" } } do
        assert.equal("UnsupportedOperationException", driver:call("PATCH", target, change).code)
      end
    end)

    it("changes what an update names, nothing else, and the time", function()
      local target = "/applications/" .. driver:call("POST", "/applications", { Name = "app",
        Namespace = "s", ApplicationSourceConfig = {}, Permissions = { "a", "b" },
        Description = "d" }).body.Id
      now = 2000.5
      driver:call("PATCH", target, { Permissions = support.EMPTY_LIST, Name = "new" })
      local body = driver:call("GET", target).body
      assert.same({ "new", "d", 1000, 2000.5 },
        { body.Name, body.Description, body.CreatedTime, body.LastModifiedTime })
      assert.same({}, body.Permissions)
      assert.equal(200, driver:call("POST", "/applications", { Name = "app", Namespace = "t",
        ApplicationSourceConfig = {} }).status) -- the old name is free again
      assert.equal("DuplicateResourceException", driver:call("POST", "/applications",
        { Name = "third", Namespace = "s", ApplicationSourceConfig = {} }).code)
    end)

    it("limits the associations of one data integration", function()
      driver:call("POST", "/dataIntegrations", { Name = "m", KmsKey = "k" })
      local statuses = {}
      for i, name in ipairs { "n", "n", "n", "m" } do
        statuses[i] = driver:call("POST", "/dataIntegrations/" .. name .. "/associations",
          {}).status
      end
      assert.same({ 200, 200, 429, 200 }, statuses)
    end)

    it("merges tags, shows them everywhere, and holds 200 at most", function()
      local arn = driver:call("GET", "/dataIntegrations/n").body.Arn
      local target = "/tags/" .. escape(arn)
      driver:call("POST", target, { tags = { a = "2", b = "" } })
      assert.same({ a = "2", b = "" }, driver:call("GET", "/dataIntegrations/n").body.Tags)
      local tags = {}
      for i = 0, 197 do
        tags["k" .. string.char(65 + i % 26, 65 + math.floor(i / 26))] = "v"
      end
      assert.equal(200, driver:call("POST", target, { tags = tags }).status)
      assert.equal(200, driver:call("POST", target, { tags = { a = "3" } }).status)
      assert.equal("InvalidRequestException",
        driver:call("POST", target, { tags = { a = "4", z = "" } }).code)
      assert.equal("3", driver:call("GET", target).body.tags.a)
    end)

    it("tags associations by their ARN", function()
      driver:call("POST", "/dataIntegrations/n/associations", {})
      local arn = driver:call("GET", "/dataIntegrations/n/associations").body
        .DataIntegrationAssociations[1].DataIntegrationAssociationArn
      assert.equal(200, driver:call("POST", "/tags/" .. escape(arn), { tags = { a = "b" } }).status)
      assert.same({ a = "b" }, driver:call("GET", "/tags/" .. escape(arn)).body.tags)
    end)

    it("tells the first findings of many and their number", function()
      local answer = driver:call("POST", "/dataIntegrations", { Name = "", Description =
        ("x"):rep(1001), SourceURI = "no uri", ScheduleConfig = {}, FileConfiguration = {} })
      assert.equal("InvalidRequestException", answer.code)
      assert.matches("^%d validation errors detected: Value at 'Name' failed to satisfy "
        .. "constraint: ", answer.body.Message)
      assert.matches("Value at 'KmsKey' failed to satisfy constraint: is required",
        answer.body.Message)
    end)

    it("refuses a body that is no JSON object", function()
      for _, body in ipairs { "{", "[]", "5", "null", '"x"', "{} {}", "[null]" } do
        assert.equal("SerializationException",
          driver:call("POST", "/dataIntegrations", body).code, body)
      end
    end)

    it("refuses null in a list and arrays for objects", function()
      for _, body in ipairs {
        '{"Name":"x","KmsKey":"k","FileConfiguration":{"Folders":[null]}}',
        '{"Name":"x","KmsKey":"k","FileConfiguration":{"Folders":{}}}',
        '{"Name":"x","KmsKey":"k","FileConfiguration":[]}',
        '{"Name":"x","KmsKey":"k","Tags":[]}', '{"Name":"x","KmsKey":"k","Tags":{"a":null}}',
      } do
        assert.equal("SerializationException",
          driver:call("POST", "/dataIntegrations", body).code, body)
      end
    end)

    it("refuses invalid UTF-8 and labels that would change the path", function()
      assert.equal("InvalidRequestException", driver:call("POST", "/dataIntegrations",
        '{"Name":"x","KmsKey":"\255"}').code)
      for _, label in ipairs { "..", ".", "%2E%2E", "%FF", "%20" } do
        assert.equal("InvalidRequestException",
          driver:call("DELETE", "/dataIntegrations/" .. label).code, label)
      end
    end)
  end)
end)
