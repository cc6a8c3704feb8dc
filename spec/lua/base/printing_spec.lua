-- Outputs, meta and descriptions as text and as JSON.
local appintegrations = require "appintegrations"
local cjson = require "cjson"
local fake = require "spec.support.fake_transport"
local worlds = require "spec.support.world"

--- The output, and the meta, of OPERATION where the service answers BODY.
local function answer(operation, body)
  local client = fake.client { fake.json(200, body) }
  return client[operation](client, { Identifier = "x", Arn = "x", DataIntegrationIdentifier = "x" },
    { validate = false })
end

describe("printing", function()
  it("shows an output's members in the model's order, indented", function()
    local output = answer("get_data_integration", [[{"Tags":{"team":"crm","a b":"c"},"Name":"crm",
      "FileConfiguration":{"Filters":{"Extension":["csv","tsv"]},"Folders":[]},"Arn":"arn",
      "ScheduleConfiguration":{"Object":"Case","FirstExecutionFrom":"2026-11-22T10:20:30Z",
      "ScheduleExpression":"rate(1 hour)"},"New":{"z":1,"b":[true]},"Description":"a \"b\"\n"}]])
    assert.equal([[
{
  Arn = "arn",
  Name = "crm",
  Description = "a \"b\"\n",
  ScheduleConfiguration = {
    FirstExecutionFrom = "2026-11-22T10:20:30Z",
    Object = "Case",
    ScheduleExpression = "rate(1 hour)",
  },
  Tags = { ["a b"] = "c", team = "crm" },
  FileConfiguration = { Folders = {}, Filters = { Extension = { "csv", "tsv" } } },
  New = { b = { true }, z = 1 },
}]], tostring(output))
  end)

  it("shows what is within an output, and times as dates", function()
    local output = answer("list_data_integration_associations", [[{"DataIntegrationAssociations":[
      {"ClientId":"c"}]}]])
    assert.equal('{ { ClientId = "c" } }', tostring(output.DataIntegrationAssociations))
    assert.equal('{ ClientId = "c" }', tostring(output.DataIntegrationAssociations[1]))
    output = answer("get_application", '{"CreatedTime":1795342830.5,"LastModifiedTime":1e300}')
    assert.matches("LastModifiedTime = %-1 ", tostring((answer("get_application",
      '{"LastModifiedTime":-1}'))))
    assert.equal("{\n  CreatedTime = 1795342830.5 --[[2026-11-22 10:20:30 UTC]],\n"
      .. "  LastModifiedTime = 1e+300,\n}", tostring(output))
  end)

  it("cuts long lists, maps and strings, and counts what is left out", function()
    local many = {}
    for i = 1, 50 do
      many[i] = ('{"Name":"%d"}'):format(i)
    end
    local text = tostring((answer("list_applications",
      ('{"Applications":[%s]}'):format(table.concat(many, ",")))))
    assert.truthy(text:find('{ Name = "10" },\n    … 40 more,\n  }', 1, true), text)
    text = tostring((answer("get_application", ('{"Description":"%s"}'):format(("ü"):rep(500)))))
    assert.truthy(text:find('"' .. ("ü"):rep(150) .. '"… (1000 bytes)', 1, true), text)
  end)

  it("cuts a long string between characters, never within one", function()
    for _, character in ipairs { "a", "ü", "€", "😀" } do
      for before = 0, 3 do
        local whole = ("x"):rep(before) .. character:rep(400)
        local text = tostring((answer("get_application", ('{"Description":"%s"}'):format(whole))))
        local kept = math.floor((300 - before) / #character)
        assert.equal(('{\n  Description = "%s"… (%d bytes),\n}'):format(("x"):rep(before)
          .. character:rep(kept), #whole), text)
      end
    end
  end)

  it("shows meta and descriptions", function()
    local _, meta = answer("get_application", "{}")
    assert.matches('^{\n  request_id = "request%-1",\n  status = 200,\n  attempts = 1,',
      tostring(meta))
    local text = tostring(appintegrations.describe "delete_application")
    assert.matches('^{\n  name = "DeleteApplication",\n  method = "DELETE",', text)
    assert.truthy(text:find('order = { "Arn", "Force" }', 1, true))
    assert.truthy(text:find('    members = {\n      Arn = {\n        shape = "ArnOrUUID"', 1, true))
  end)

  it("changes nothing else of a table", function()
    local body = '{"Applications":[{"Name":"a"}],"NextToken":"t"}'
    local output = answer("list_applications", body)
    local keys = {}
    for key in pairs(output) do
      keys[#keys + 1] = key
    end
    table.sort(keys)
    assert.same({ "Applications", "NextToken" }, keys)
    assert.equal(1, #output.Applications)
    assert.same(cjson.decode(body), cjson.decode(cjson.encode(output)))
    assert.is_nil(output.next)
    assert.is_nil(output.Applications[1].Arn)
  end)

  it("takes linear time, however deep a server nests #native", function()
    local linear = require "spec.support.linear"
    local texts = { deep = function(n)
      local depth = math.min(190, n / 8)
      return '{"a":' .. ("[{\"a\":"):rep(depth / 2) .. "[" .. ("1,"):rep(n / 2) .. "1]"
        .. ("}]"):rep(depth / 2) .. "}"
    end, wide = function(n) return '{"a":[' .. ("[1],"):rep(n / 4) .. "[1]]}" end }
    linear.all(function(body)
      local output = assert(require("appintegrations.core").decode("get_application", body,
        require("appintegrations.base.metatables").by_number()))
      assert.is_true(#tostring(output) < 20000)
      assert.is_true(#appintegrations.json(output) >= #body - 1)
    end, texts)
  end)

  it("works in tables that a program has changed, cycles included", function()
    local output = answer("get_application", '{"Name":"a","Permissions":["p"]}')
    output.Permissions.x = print
    output.self = output
    assert.truthy(tostring(output):find("self = { … }", 1, true))
    assert.truthy(tostring(output):find("x = function", 1, true))
  end)
end)

describe("JSON", function()
  it("has members in the model's order, and empty lists as []", function()
    local output, meta = answer("get_application", [[{"Permissions":[],"Name":"a\u0001/é",
      "ApplicationSourceConfig":{"ExternalUrlConfig":{"ApprovedOrigins":[],"AccessUrl":"u"}},
      "Tags":{},"InitializationTimeout":9007199254740991,"CreatedTime":0.1,"Zed":[],"IsService":true
      }]])
    assert.equal('{"Name":"a\\u0001/é","ApplicationSourceConfig":{"ExternalUrlConfig":'
      .. '{"AccessUrl":"u","ApprovedOrigins":[]}},"CreatedTime":0.1,"Tags":{},"Permissions":[],'
      .. '"IsService":true,"InitializationTimeout":9007199254740991,"Zed":{}}',
      appintegrations.json(output))
    assert.equal("[]", appintegrations.json(output.Permissions))
    assert.equal("{}", appintegrations.json(output.Tags))
    assert.equal(200, cjson.decode(appintegrations.json(meta)).status)
  end)

  it("is made of a call as it stands, and of a failed one says why there is none", function()
    local client = fake.client { fake.json(200, '{"Applications":[]}'),
      fake.json(403, '{"Message":"no"}', { ["x-amzn-errortype"] = "AccessDeniedException" }) }
    assert.equal('{"Applications":[]}', appintegrations.json(client:list_applications()))
    local ok, message = pcall(function()
      local text = appintegrations.json(client:list_applications())
      return text
    end)
    assert.is_false(ok)
    assert.truthy(message:find("printing_spec.lua:%d+: json: expected a table, got an error: "
      .. "AccessDeniedException: no"), message)
  end)

  it("is indented where that is asked for", function()
    local output = answer("get_application", '{"Name":"a","Permissions":["p","q"],"Tags":{}}')
    assert.equal('{\n  "Name": "a",\n  "Tags": {},\n  "Permissions": [\n    "p",\n    "q"\n  ]\n}',
      appintegrations.json(output, { indent = true }))
  end)

  it("of a description is one that reads back", function()
    for _, operation in ipairs(appintegrations.operations()) do
      local text = appintegrations.json(appintegrations.describe(operation))
      assert.is_nil(text:find('"order":{', 1, true))
      assert.is_nil(text:find('"required_members":{', 1, true))
      assert.same(appintegrations.describe(operation), cjson.decode(text))
    end
  end)

  it("of what the service answers reads back as the output", function()
    local world = worlds.new()
    local created = assert(world.client:create_data_integration {
      Name = "crm", KmsKey = "arn:aws:kms:us-east-1:111122223333:key/1", Tags = { team = "crm" },
      FileConfiguration = { Folders = { "a" } },
    })
    assert.same(created, cjson.decode(appintegrations.json(created)))
  end)

  it("has a question mark for each byte that is no UTF-8, and all characters", function()
    for text, written in pairs {
      ["Z\195\188rich \255"] = "Z\195\188rich ?",
      ["\195\188\255\195\188"] = "\195\188?\195\188",
      ["\226\130\172\226\130"] = "\226\130\172??",
      ["\240\159\152\128\240\159\152 \195"] = "\240\159\152\128??? ?",
      ["\237\160\128\192\128\128"] = "??????",
    } do
      assert.equal('{"a":"' .. written .. '"}', appintegrations.json { a = text })
    end
  end)

  it("takes tables alone", function()
    assert.has_error(function() local _ = appintegrations.json "x" end,
      "json: expected a table, got string")
    assert.has_error(function() local _ = appintegrations.json({}, { ident = true }) end,
      'json: unknown option "ident"; did you mean "indent"?')
  end)
end)
