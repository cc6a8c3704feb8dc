-- Validation and the writing of requests, straight at the core's build().
local core = require "appintegrations.core"
local finalizers = require "spec.support.finalizers"
local cjson = require "cjson"

local KEY = "arn:aws:kms:us-east-1:111122223333:key/1"

--- The parameters of a minimal create, with CHANGES.
local function create(changes)
  local params = { Name = "crm", KmsKey = KEY }
  for name, value in pairs(changes or {}) do
    params[name] = value
  end
  return params
end

--- The decoded body of a create with CHANGES.
local function body_of(changes, mode, extra)
  local method, path, query, body = core.build("create_data_integration", create(changes), mode,
    extra)
  assert.equal("POST", method, type(path) == "table" and path[1].path .. path[1].message or nil)
  assert.equal("/dataIntegrations", path)
  assert.is_nil(query)
  return cjson.decode(body), body
end

--- The violations of PARAMS as "path: rule", sorted.
local function findings(list)
  local result = {}
  for _, finding in ipairs(list or {}) do
    assert.is_string(finding.message)
    result[#result + 1] = finding.path .. ": " .. finding.rule
  end
  table.sort(result)
  return result
end

local function violations(operation, params, mode, extra)
  local method, list = core.build(operation, params, mode, extra)
  assert.is_nil(method, "expected violations")
  return findings(list), list
end

local function advisories(operation, params)
  local method, _, _, _, list = core.build(operation, params)
  assert.is_string(method)
  return findings(list)
end

describe("a request", function()
  it("has the members in the body, in the model's order", function()
    local _, _, _, body = core.build("create_data_integration", {
      KmsKey = "k", Name = "n", Description = "d",
      ScheduleConfig = { ScheduleExpression = "rate(1 hour)", Object = "Case" },
    }, "standard", nil, "token-1")
    assert.equal('{"Name":"n","Description":"d","KmsKey":"k","ScheduleConfig":'
      .. '{"Object":"Case","ScheduleExpression":"rate(1 hour)"},"ClientToken":"token-1"}', body)
  end)

  it("gets a fresh UUID as ClientToken, and leaves the caller's table alone", function()
    local params = create()
    local _, _, _, first = core.build("create_data_integration", params)
    local _, _, _, second = core.build("create_data_integration", params)
    local one, other = cjson.decode(first).ClientToken, cjson.decode(second).ClientToken
    assert.matches("^%x+%-%x%x%x%x%-4%x%x%x%-[89ab]%x%x%x%-%x+$", one)
    assert.equal(36, #one)
    assert.not_equal(one, other)
    assert.same({ Name = "crm", KmsKey = KEY }, params)
    assert.equal("mine", body_of({ ClientToken = "mine" }).ClientToken)
  end)

  it("writes an empty list as [] and an empty map as {}", function()
    local _, _, _, body = core.build("update_application", {
      Arn = "a", Permissions = {}, IframeConfig = { Allow = {} },
    })
    assert.equal('{"Permissions":[],"IframeConfig":{"Allow":[]}}', body)
  end)

  it("sends false, and integers exactly", function()
    local _, _, _, body = core.build("update_application", {
      Arn = "a", IsService = false, InitializationTimeout = 30.0,
    })
    assert.equal('{"IsService":false,"InitializationTimeout":30}', body)
  end)

  it("has an empty object where members may be in the body, else none", function()
    local _, _, _, body = core.build("update_data_integration", { Identifier = "x" })
    assert.equal("{}", body)
    local _, _, _, none = core.build("list_applications", {})
    assert.is_nil(none)
  end)

  it("encodes labels whole, slashes and colons included", function()
    local arn = "arn:aws:app-integrations:us-east-1:1:data-integration/a b"
    local method, path = core.build("get_data_integration", { Identifier = arn })
    assert.equal("GET", method)
    assert.equal("/dataIntegrations/arn%3Aaws%3Aapp-integrations%3Aus-east-1%3A1%3A"
      .. "data-integration%2Fa%20b", path)
    local _
    _, path = core.build("update_data_integration_association", {
      DataIntegrationIdentifier = "ä", DataIntegrationAssociationIdentifier = "100%",
      ExecutionConfiguration = { ExecutionMode = "ON_DEMAND" },
    })
    assert.equal("/dataIntegrations/%C3%A4/associations/100%25", path)
  end)

  it("takes labels from members of another name", function()
    for operation, params in pairs {
      delete_application = { Arn = "x" },
      list_application_associations = { ApplicationId = "x" },
      create_data_integration_association = { DataIntegrationIdentifier = "x" },
    } do
      local _, path = core.build(operation, params)
      assert.matches("^/%a+/x", path)
    end
  end)

  it("repeats tagKeys and writes booleans and numbers in the query", function()
    local _, _, query, body = core.build("untag_resource", {
      resourceArn = "arn:aws:x:y:z:w", tagKeys = { "a b", "c&d", "ä" },
    })
    assert.equal("tagKeys=a%20b&tagKeys=c%26d&tagKeys=%C3%A4", query)
    assert.is_nil(body)
    _, _, query = core.build("delete_application", { Arn = "x", Force = true })
    assert.equal("force=true", query)
    _, _, query = core.build("delete_application", { Arn = "x", Force = false })
    assert.equal("force=false", query)
    _, _, query = core.build("list_applications", {
      MaxResults = 7.0, NextToken = "a+/=", ApplicationType = "SERVICE",
    })
    assert.equal("nextToken=a%2B%2F%3D&maxResults=7&applicationType=SERVICE", query)
  end)

  it("escapes strings as RFC 8259 has it", function()
    local odd = 'a"b\\c/\b\f\n\r\t\0\1\31 ü€😀'
    local decoded, body = body_of { Description = odd }
    assert.equal(odd, decoded.Description)
    assert.truthy(body:find([["a\"b\\c/\b\f\n\r\t\u0000\u0001\u001f ü€😀"]], 1, true))
  end)
end)

describe("hard rules", function()
  it("list every violation with its path", function()
    assert.same({
      'FileConfiguration.Folders[2]: min_length',
      'FileConfiguration.Folders[3]: type',
      'KmsKey: required',
      'Name: required',
      'Nmae: unknown_member',
      'Tags["a\\"b"]: type',
    }, (violations("create_data_integration", {
      Nmae = "crm",
      FileConfiguration = { Folders = { "a", "", 7 } },
      Tags = { ['a"b'] = true },
    })))
  end)

  it("tell options that stand among the parameters", function()
    for _, option in ipairs { "timeout", "deadline", "max_attempts", "validate", "headers", "extra",
      "limit", "prefetch" } do
      local _, list = violations("list_applications", { [option] = 5 })
      assert.equal("is no member of ListApplicationsRequest; it is an option: options are a second "
        .. "table, after the parameters", list[1].message)
    end
    local _, list = violations("list_applications", { limited = 5 })
    assert.truthy(list[1].message:find("(options.extra sends", 1, true))
  end)

  it("suggest the name that was meant", function()
    local _, list = violations("create_data_integration", create { kmsKey = "x" })
    assert.equal('is no member of CreateDataIntegrationRequest; did you mean "KmsKey"?',
      list[1].message)
    _, list = violations("create_data_integration", create { Zebra = 1 })
    assert.matches("options.extra", list[1].message)
  end)

  it("hold for minimum lengths, sizes and numbers", function()
    assert.same({ "Name: min_length" },
      (violations("create_data_integration", create { Name = "" })))
    assert.same({ "ApplicationSourceConfig.ExternalUrlConfig.ApprovedOrigins: min_size" },
      (violations("create_application", {
        Name = "a", Namespace = "n", ApplicationSourceConfig = {
          ExternalUrlConfig = { AccessUrl = "https://a.example", ApprovedOrigins = {} },
        },
      })))
    for _, number in ipairs { 0, -1 } do
      assert.same({ "MaxResults: range" },
        (violations("list_applications", { MaxResults = number })))
    end
    for _, number in ipairs { 1.5, 0 / 0, 1 / 0, -1 / 0, 2^63 } do
      assert.same({ "MaxResults: type" },
        (violations("list_applications", { MaxResults = number })))
    end
    assert.same({ "MaxResults: type" }, (violations("list_applications", { MaxResults = "5" })))
  end)

  it("show numbers that are no integers as the program has them", function()
    for number, text in pairs { [1.1] = "1.1", [-2.5] = "-2.5", [1e300] = "1e+300", [1 / 0] = "inf",
      [-1 / 0] = "-inf" } do
      local _, list = violations("list_applications", { MaxResults = number })
      assert.equal("expected an integer of 64 bits, got " .. text, list[1].message)
    end
    local _, list = violations("list_applications", { MaxResults = 0 / 0 })
    assert.equal("expected an integer of 64 bits, got nan", list[1].message)
  end)

  it("say once that a structure is no list", function()
    assert.same({ ": unknown_member" },
      (violations("list_applications", { "a", "b", [2.5] = "c" })))
  end)

  it("say once that a map is no list", function()
    local _, list = violations("create_data_integration", create { Tags = { "a", "b", "c" } })
    assert.equal(1, #list)
    assert.equal("Tags", list[1].path)
    assert.equal('expected strings as keys, as in { key = "value" }, got a number',
      list[1].message)
  end)

  it("refuse invalid UTF-8 everywhere, and name the byte", function()
    for text, byte in pairs {
      ["a\255"] = 2, ["\192\128"] = 1, ["ab\237\160\128"] = 3, ["\244\144\128\128"] = 1,
      ["é\195"] = 3,
    } do
      local found, list = violations("create_data_integration", create { Description = text })
      assert.same({ "Description: utf8" }, found)
      assert.equal(("is no valid UTF-8 (byte %d)"):format(byte), list[1].message)
    end
    assert.same({ "Identifier: utf8" },
      (violations("get_data_integration", { Identifier = "\255" })))
    assert.same({ 'Tags["\255"]: utf8' },
      (violations("create_data_integration", create { Tags = { ["\255"] = "x" } })))
  end)

  it("refuse lists with holes, with other keys, and maps with numbers", function()
    for _, folders in ipairs {
      { "a", nil, "c" }, { [2] = "b" }, { "a", x = "b" }, { [0] = "a" }, { [1.5] = "a" },
    } do
      assert.same({ "FileConfiguration.Folders: sequence" },
        (violations("create_data_integration",
          create { FileConfiguration = { Folders = folders } })))
    end
    assert.same({ "Tags: type" },
      (violations("create_data_integration", create { Tags = { "x" } })))
  end)

  it("say what is wrong with a list", function()
    for message, folders in pairs {
      ["position 2 is nil"] = { "a", nil, "c", n = 3 },
      ["position 1 is nil"] = { [2] = "b" },
      ["one of its keys is no number"] = { "a", "b", n = 2 },
    } do
      local expected = "expected a list with the keys 1 to n; " .. message
      local _, list = violations("create_data_integration",
        create { FileConfiguration = { Folders = folders } })
      assert.equal(expected, list[1].message)
      local found
      found, list = violations("create_data_integration", create(), nil, { New = folders })
      assert.same({ "New: sequence" }, found)
      assert.equal(expected, list[1].message)
    end
  end)

  it("refuse null, functions and tables where text is expected", function()
    for _, value in ipairs { cjson.null, print, {}, true, 5 } do
      assert.same({ "Description: type" },
        (violations("create_data_integration", create { Description = value })))
    end
  end)

  it("refuse texts that no URL can hold, in every mode, and only there", function()
    local long = ("x"):rep(256 * 1024 + 1)
    for _, mode in ipairs { "standard", "strict", false } do
      assert.same({ "Identifier: max_bytes" },
        (violations("get_data_integration", { Identifier = long }, mode)))
      assert.same({ "tagKeys[1]: max_bytes" },
        (violations("untag_resource", { resourceArn = KEY, tagKeys = { long } }, mode)))
    end
    assert.same({ "Description: max_length" },
      advisories("create_data_integration", create { Description = long:rep(5) }))
  end)

  it("survive cyclic and deeply nested tables", function()
    local cycle = {}
    cycle.Folders = cycle
    assert.same({ "FileConfiguration.Folders: sequence" },
      (violations("create_data_integration", create { FileConfiguration = cycle })))
    local deep = {}
    for _ = 1, 10000 do
      deep = { deep }
    end
    local _, list = violations("create_data_integration", create(), nil, { New = deep })
    assert.equal("depth", list[1].rule)
    cycle = {}
    cycle.again = cycle
    _, list = violations("create_data_integration", create(), nil, { New = cycle })
    assert.equal("depth", list[1].rule)
  end)
end)

describe("labels", function()
  it("that would change the path are refused in every mode", function()
    for _, mode in ipairs { "standard", "strict", false } do
      for _, label in ipairs { ".", ".." } do
        assert.same({ "DataIntegrationIdentifier: label" },
          (violations("delete_data_integration", { DataIntegrationIdentifier = label }, mode)))
      end
      assert.same({ "DataIntegrationIdentifier: min_length" },
        (violations("delete_data_integration", { DataIntegrationIdentifier = "" }, mode)))
      assert.same({ "DataIntegrationIdentifier: required" },
        (violations("delete_data_integration", {}, mode)))
      assert.same({ "DataIntegrationIdentifier: type" },
        (violations("delete_data_integration", { DataIntegrationIdentifier = 5 }, mode)))
    end
  end)

  it("are sent as they were checked, whatever a finalizer does meanwhile", function()
    local params, calls = {}, 0
    local function meddle()
      calls = calls + 1
      params.Identifier = calls % 2 == 0 and ".." or nil
    end
    for _ = 1, 2000 do
      params.Identifier = "crm"
      finalizers.bury(meddle)
      local method, path = core.build("get_data_integration", params)
      if method then
        assert.equal("/dataIntegrations/crm", path)
      end
    end
    collectgarbage()
    assert.is_true(calls > 0)
  end)

  it("that only contain dots are sent", function()
    local _, path = core.build("get_data_integration", { Identifier = "..." })
    assert.equal("/dataIntegrations/...", path)
  end)
end)

describe("advisory rules", function()
  local stale = {
    Name = ("n"):rep(256), KmsKey = KEY, SourceURI = "no uri",
    FileConfiguration = { Folders = { "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11" } },
  }
  local expected = {
    "FileConfiguration.Folders: max_size", "Name: max_length", "SourceURI: pattern",
  }

  it("let the request go out, and are reported", function()
    assert.same(expected, advisories("create_data_integration", stale))
    assert.same({ "ApplicationType: enum" },
      advisories("list_applications", { ApplicationType = "NEW_TYPE" }))
  end)

  it("take what the public SDKs send: large numbers, empty maps", function()
    for _, number in ipairs { 51, 100, 2^40 } do
      assert.same({ "MaxResults: range" }, advisories("list_applications", { MaxResults = number }))
    end
    assert.same({ "InitializationTimeout: range" }, advisories("update_application",
      { Arn = "arn:aws:a:b:c:d", InitializationTimeout = 600001 }))
    assert.same({ "Tags: min_size" }, advisories("create_data_integration", create { Tags = {} }))
    assert.same("{}", (select(2, body_of { Tags = {} })):match '"Tags":(%b{})')
  end)

  it("never stop a call for a deprecated member", function()
    for _, mode in ipairs { "standard", "strict" } do
      local method, _, _, _, list = core.build("update_application",
        { Arn = "arn:aws:a:b:c:d", IsService = true }, mode)
      assert.is_string(method)
      assert.same({ "IsService: deprecated" }, findings(list))
    end
  end)

  it("are violations in strict mode", function()
    assert.same(expected, (violations("create_data_integration", stale, "strict")))
    assert.same({ "MaxResults: range" },
      (violations("list_applications", { MaxResults = 51 }, "strict")))
    assert.same({ "Tags: min_size" },
      (violations("create_data_integration", create { Tags = {} }, "strict")))
  end)

  it("are not looked at without validation", function()
    local method, _, _, _, list = core.build("create_data_integration", stale, false)
    assert.equal("POST", method)
    assert.is_nil(list)
  end)

  it("count code points, not bytes", function()
    assert.same({}, advisories("create_data_integration", create { Description = ("ü"):rep(1000) }))
    assert.same({ "Description: max_length" },
      advisories("create_data_integration", create { Description = ("ü"):rep(1001) }))
  end)

  it("take ARNs of every partition", function()
    for _, partition in ipairs { "aws", "aws-cn", "aws-us-gov", "aws-iso-b", "aws-eusc" } do
      assert.same({}, advisories("list_tags_for_resource", {
        resourceArn = "arn:" .. partition .. ":app-integrations:us-east-1:1:data-integration/x",
      }))
    end
    assert.same({ "resourceArn: pattern" },
      advisories("list_tags_for_resource", { resourceArn = "arn:gcp:a:b:c:d" }))
  end)
end)

describe("without validation", function()
  it("values are written as what they are", function()
    local body = body_of({
      Name = 5, Description = "\1", Tags = { 1, 2 }, FileConfiguration = { Folders = { x = 1 } },
      Brand = { new = true },
    }, false, { More = { 1, "two", { three = 3.25 } } })
    assert.equal(5, body.Name)
    assert.equal(1, body.FileConfiguration.Folders.x)
    assert.is_true(body.Brand.new)
    assert.same({ 1, "two", { three = 3.25 } }, body.More)
    local _, _, _, text = core.build("update_application", { Arn = "a",
      InitializationTimeout = 1.5 }, false)
    assert.equal('{"InitializationTimeout":1.5}', text)
    _, _, _, text = core.build("update_application", { Arn = "a", IframeConfig = { "x" } }, false)
    assert.equal('{"IframeConfig":["x"]}', text)
  end)

  it("values of the query are, too", function()
    local function query(params, operation)
      local method, path, text = core.build(operation or "list_applications", params, false)
      return method and text or path[1].path .. ": " .. path[1].message
    end
    assert.equal("maxResults=10", query { MaxResults = "10" })
    assert.equal("maxResults=1.5", query { MaxResults = 1.5 })
    assert.equal("maxResults=1e%2B300", query { MaxResults = 1e300 })
    assert.equal("maxResults=true", query { MaxResults = true })
    assert.equal("nextToken=5", query { NextToken = 5.0 })
    assert.equal("tagKeys=a%20b", query({ resourceArn = "a", tagKeys = "a b" }, "untag_resource"))
    assert.equal("tagKeys=1&tagKeys=false",
      query({ resourceArn = "a", tagKeys = { 1, false } }, "untag_resource"))
    -- What a query cannot say is still refused.
    assert.equal("NextToken: expected a finite number, got inf", query { NextToken = 1 / 0 })
    assert.equal("MaxResults: expected integer, got table", query { MaxResults = {} })
    assert.equal("MaxResults: expected integer, got null", query { MaxResults = cjson.null })
  end)

  it("required members may be absent", function()
    local method, _, _, body = core.build("create_data_integration", {}, false, nil, "t")
    assert.equal("POST", method)
    assert.equal('{"ClientToken":"t"}', body)
  end)

  it("what JSON cannot say is still refused", function()
    for _, value in ipairs { print, 0 / 0, 1 / 0, coroutine.create(function() end) } do
      assert.same({ "Description: type" },
        (violations("create_data_integration", create { Description = value }, false)))
    end
  end)
end)

describe("extra members", function()
  it("go into the body unvalidated", function()
    local body = body_of({}, "strict", {
      NewMember = "x", NewList = { 1, 2 }, NewObject = {}, NewNull = cjson.null, NewNumber = 0.1,
    })
    assert.equal("x", body.NewMember)
    assert.same({ 1, 2 }, body.NewList)
    assert.same({}, body.NewObject)
    assert.equal(cjson.null, body.NewNull)
    assert.equal(0.1, body.NewNumber)
  end)

  it("make a body where there was none", function()
    local _, _, _, body = core.build("list_applications", {}, "standard", { New = 1 })
    assert.equal(1, cjson.decode(body).New)
  end)

  it("are no second way to give known members, and no place for other values", function()
    assert.same({ "Name: extra" },
      (violations("create_data_integration", create(), nil, { Name = "x" })))
    assert.same({ "New.x: type" },
      (violations("create_data_integration", create(), nil, { New = { x = print } })))
    assert.same({ "New: type" }, -- once
      (violations("create_data_integration", create(), nil, { New = { [true] = 1, [print] = 2 } })))
    assert.same({ ": type" }, (violations("create_data_integration", create(), nil, { 1, 2 })))
  end)

  it("write integers of 64 bits exactly", function()
    if not math.type then
      pending "this Lua has no integers"
      return
    end
    local _, _, _, body = core.build("list_applications", {}, nil, { N = math.maxinteger })
    assert.equal('{"N":9223372036854775807}', body)
    _, _, _, body = core.build("list_applications", {}, nil, { N = math.mininteger })
    assert.equal('{"N":-9223372036854775808}', body)
  end)
end)

describe("build", function()
  it("raises for what only a bug can pass", function()
    assert.error_matches(function() core.build("no_such_operation", {}) end, "no_such_operation")
    assert.error(function() core.build("list_applications") end)
    assert.error(function() core.build("list_applications", {}, "loose") end)
  end)

  it("works when a finalizer calls it in the middle of another build", function()
    local ran = 0
    local function finalize()
      ran = ran + 1
      local _, path = core.build("get_data_integration", { Identifier = "inner" })
      assert(path == "/dataIntegrations/inner")
    end
    for i = 1, 2000 do
      finalizers.bury(finalize)
      local _, path, _, body = core.build("create_data_integration",
        create { Description = "outer " .. i }, "standard", nil, "t")
      assert.equal("/dataIntegrations", path)
      assert.equal('{"Name":"crm","Description":"outer ' .. i .. '","KmsKey":"' .. KEY
        .. '","ClientToken":"t"}', body)
    end
    collectgarbage()
    assert.is_true(ran > 0)
  end)
end)
